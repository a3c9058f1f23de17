"""The menu of ready-made cleanings: those that apply to the open file, each one edit."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QMenu, QWidget

from ckpt_studio.core.checkpoint import Checkpoint
from ckpt_studio.core.cleanings import Cleaning, cleanings
from ckpt_studio.core.edits import Edit
from ckpt_studio.gui.dialogs.ask_dialog import counted
from ckpt_studio.gui.document import Document
from ckpt_studio.gui.tasks import run_task
from ckpt_studio.gui.wording import worded

if TYPE_CHECKING:
    from ckpt_studio.gui.document_page import DocumentPage

_NARROW = ("float16", "bfloat16")
_MOST_AT_ONCE = 5000


class CleaningMenu(QMenu):
    """Filled when it opens; says so when there is nothing to clean."""

    def __init__(self, current_page: Callable[[], DocumentPage | None], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._current_page = current_page
        self._known: tuple[Checkpoint, list[Cleaning]] | None = None
        self.setTitle(self.tr("Cl&ean up"))
        self.setToolTipsVisible(True)
        self.aboutToShow.connect(self.fill)

    def fill(self) -> None:
        """Offers what applies to the file in front."""
        self.clear()
        page = self._current_page()
        if page is None:
            self.addAction(self.tr("Open a file first")).setEnabled(False)
            return
        found = self._found(page.document)
        if found is None:
            self.addAction(self.tr("Looking…")).setEnabled(False)
            return
        for cleaning in found:
            offer(self, cleaning, page.apply)
        if not found:
            self.addAction(self.tr("Nothing left over from training was found")).setEnabled(False)
        state_dict = page.document.state_dict
        tensors = state_dict.tensors.values() if state_dict is not None else ()
        is_wide = any(tensor.dtype.name in ("float32", "float64") for tensor in tensors)
        self.addSeparator()
        for dtype in _NARROW:
            action = self.addAction(self.tr("Half the size: {dtype}…").format(dtype=dtype))
            action.setToolTip(self.tr("For running the model. Looks for values that would not fit before it converts."))
            action.setEnabled(is_wide)
            action.triggered.connect(lambda _=False, dtype=dtype: page.cast_all(dtype))

    def _found(self, document: Document) -> list[Cleaning] | None:
        """The cleanings of a file; None while a long list of names is looked through."""
        checkpoint = document.checkpoint
        if self._known is not None and self._known[0] is checkpoint:
            return self._known[1]
        if document.state_dict is None or len(document.state_dict.entries) <= _MOST_AT_ONCE:
            return cleanings(checkpoint)
        task = run_task(self, lambda progress: cleanings(checkpoint), label=self.tr("Looking for left-overs"))
        task.succeeded.connect(lambda found: self._on_found(checkpoint, found))
        return None

    def _on_found(self, checkpoint: Checkpoint, found: list[Cleaning]) -> None:
        self._known = (checkpoint, found)
        if self.isVisible():
            self.fill()


def offer(menu: QMenu, cleaning: Cleaning, apply: Callable[[Edit], object]) -> QAction:
    """Puts a cleaning at the end of a menu, with what it changes and what for; chosen, its edit is applied."""
    title = worded(cleaning.title)
    action = menu.addAction(f"{title}  ·  {_effect(cleaning)}".replace("&", "&&"))
    action.setData(cleaning)
    action.setToolTip(_meaning(cleaning))
    action.triggered.connect(lambda: apply(cleaning.edit))
    return action


def _effect(cleaning: Cleaning) -> str:
    if cleaning.kind == "ema":
        return counted(
            cleaning.count,
            QCoreApplication.translate("CleaningMenu", "1 tensor"),
            QCoreApplication.translate("CleaningMenu", "{count} tensors"),
        )
    if cleaning.kind == "training":
        return counted(
            cleaning.count,
            QCoreApplication.translate("CleaningMenu", "1 entry"),
            QCoreApplication.translate("CleaningMenu", "{count} entries"),
        )
    return counted(
        cleaning.count,
        QCoreApplication.translate("CleaningMenu", "1 name"),
        QCoreApplication.translate("CleaningMenu", "{count} names"),
    )


def _meaning(cleaning: Cleaning) -> str:
    meanings = {
        "strip": QCoreApplication.translate(
            "CleaningMenu", "The wrapper put this before every name; the model itself does not know it."
        ),
        "densenet": QCoreApplication.translate(
            "CleaningMenu", "torchvision renamed these parts; its models of today expect the new names."
        ),
        "gamma": QCoreApplication.translate(
            "CleaningMenu", "Old files say gamma and beta where PyTorch says weight and bias."
        ),
        "ema": QCoreApplication.translate(
            "CleaningMenu", "The running average of the weights usually gives the better model."
        ),
        "training": QCoreApplication.translate(
            "CleaningMenu", "Only needed to go on training. Counts when the whole content is exported."
        ),
    }
    return meanings[cleaning.kind]
