"""The menu of the files opened last, each with a picture of what became of it."""

from __future__ import annotations

import os

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QMenu, QWidget

from ckpt_studio.gui.settings import RecentState, forget_recent, recent_files, recent_state
from ckpt_studio.gui.theme import icon

# Shapes, not colours, say it.
STATE_ICONS: dict[RecentState, str] = {"same": "recent", "changed": "reload", "missing": "warning"}


class RecentMenu(QMenu):
    """Filled when it opens.

    Signals:
        open_wanted(str): the path of the chosen file.
        forgotten(): the list was emptied.
    """

    open_wanted = Signal(str)
    forgotten = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setTitle(self.tr("Open &recent"))
        self.setToolTipsVisible(True)
        self.aboutToShow.connect(self.fill)

    def fill(self) -> None:
        """Shows the files as they are now."""
        self.clear()
        for number, path in enumerate(recent_files(), 1):
            name = os.path.basename(path).replace("&", "&&")
            action = self.addAction(f"&{number}  {name}" if number < 10 else name)
            state = recent_state(path)
            action.setIcon(icon(STATE_ICONS[state]))
            action.setToolTip(f"{path}\n{self.state_words(state)}" if state != "same" else path)
            action.setEnabled(state != "missing")
            action.triggered.connect(lambda _=False, path=path: self.open_wanted.emit(path))
        if self.isEmpty():
            self.addAction(self.tr("No files yet")).setEnabled(False)
            return
        self.addSeparator()
        self.addAction(self.tr("Forget these files")).triggered.connect(self._on_forget)

    def state_words(self, state: RecentState) -> str:
        """What a state means; "" for a file that is as it was."""
        if state == "changed":
            return self.tr("changed since it was opened here")
        return self.tr("not there any more") if state == "missing" else ""

    def _on_forget(self) -> None:
        forget_recent()
        self.forgotten.emit()
