"""Work on the window's thread in several turns of the event loop: each is short, all of it would not be."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable

from PySide6.QtCore import QObject, QTimer

from ckpt_studio.gui.tasks import claim_the_turn

# A timer of 0 ms would go off in the turn that starts it.
_INTERVAL_MS = 1


class Turns(QObject):
    """Steps, each in a turn of its own; between them the window paints and hears keys."""

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._steps: deque[Callable[[], object]] = deque()
        self._timer = QTimer(self)
        self._timer.setInterval(_INTERVAL_MS)
        self._timer.timeout.connect(self._on_turn)

    def add(self, *steps: Callable[[], object]) -> None:
        """Does the steps after those that wait already."""
        self._steps.extend(steps)
        self._timer.start()

    def stop(self) -> None:
        """Forgets the steps that were not done."""
        self._steps.clear()
        self._timer.stop()

    @property
    def is_waiting(self) -> bool:
        """Whether steps are left."""
        return bool(self._steps)

    def _on_turn(self) -> None:
        step = self._steps.popleft()
        if not self._steps:
            self._timer.stop()
        claim_the_turn()
        step()
