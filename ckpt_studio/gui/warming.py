"""Loads, while nothing else is to be done, the parts of the program that the next click would have to load first."""

from __future__ import annotations

import importlib
import sys
from collections import deque
from collections.abc import Callable, Sequence

from PySide6.QtCore import QObject, QTimer

from ckpt_studio.core.jobs import Progress, give_way
from ckpt_studio.gui.tasks import run_task, running_tasks
from ckpt_studio.wording import TABLES

_INTERVAL_MS = 150
# Those without Qt; the libraries among them take a tenth of a second.
_BELOW = (
    "numpy", "ml_dtypes", *(f"ckpt_studio.wording.{name}" for name in TABLES), "ckpt_studio.core.statistics",
    "ckpt_studio.core.cleanings", "ckpt_studio.core.checks", "ckpt_studio.formats.export",
    "ckpt_studio.compare.verdict", "ckpt_studio.compare.suggest", "ckpt_studio.compare.identify",
)  # fmt: skip
# Those of the window; what is opened most comes first.
_WINDOW = (
    "inspector.inspector_pane", "dialogs.regex_rename_dialog", "export_dialog", "dialogs.choose_model_dialog",
    "dialogs.cast_dialog", "dialogs.pattern_rename_dialog", "dialogs.rename_dialog", "checks_pane", "treemap",
    "dialogs.mapping_tree", "dialogs.align_dialog", "dialogs.strip_prefix_dialog", "dialogs.add_prefix_dialog",
    "dialogs.pop_dialog", "dialogs.fill_dialog", "dialogs.jump_dialog", "dialogs.device_dialog",
    "dialogs.metadata_dialog",
)  # fmt: skip


class Warmer(QObject):
    """Has jobs load a part each until all is loaded. It begins after a file was opened, never before: the window is
    there as early as can be, and one that stays empty needs none of this.
    """

    def __init__(self, has_begun: Callable[[], bool], parent: QObject | None = None) -> None:
        """`has_begun` tells whether a file is shown."""
        super().__init__(parent)
        self._has_begun = has_begun
        self._rest = deque((_BELOW, *((f"{__package__}.{name}",) for name in _WINDOW)))
        self._timer = QTimer(self)
        self._timer.setInterval(_INTERVAL_MS)
        self._timer.timeout.connect(self._on_rest)
        self._timer.start()

    def stop(self) -> None:
        """Loads nothing more."""
        self._timer.stop()

    def _on_rest(self) -> None:
        if running_tasks() or not self._has_begun():
            return
        if self._rest:
            names = self._rest.popleft()
            run_task(self, lambda progress: _load(names, progress), label="warming")
        else:
            self.stop()


class _Courteous:
    """Asked by the interpreter for every module, before those who know where it is: a library has a hundred of them."""

    def find_spec(self, name: str, path: object = None, target: object = None) -> None:
        """Gives way to the window, and knows nothing."""
        del name, path, target
        give_way()


def _load(names: Sequence[str], progress: Progress) -> None:
    courteous = _Courteous()
    sys.meta_path.insert(0, courteous)
    try:
        for name in names:
            progress.check()
            importlib.import_module(name)
    finally:
        sys.meta_path.remove(courteous)
