"""A sentence above the contents it is about; it stays until it is read or out of date."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QWidget

from ckpt_studio.gui.dialogs.ask_dialog import Banner
from ckpt_studio.gui.themed import ThemedButton


class NoticeBar(QWidget):
    """One notice at a time, with buttons for what can be done. Signals: closed()."""

    closed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.banner = Banner()
        self.banner.label.setAccessibleName(self.tr("Notice"))
        self._buttons: list[QPushButton] = []
        self.close_button = ThemedButton("close", self.tr("Close the notice"))
        self.close_button.clicked.connect(self.clear)
        self.banner.row.addWidget(self.close_button)
        # Beside buttons, which are higher than a line.
        for part in self.banner.findChildren(QWidget):
            self.banner.row.setAlignment(part, Qt.AlignmentFlag.AlignVCenter)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(10, 6, 10, 6)
        layout.addWidget(self.banner)
        self.hide()

    def say(self, text: str, tone: str, *actions: tuple[str, Callable[[], None]]) -> None:
        """Shows a sentence; `tone` is Banner's; each action is a button's text and what it does."""
        self._drop_buttons()
        self.banner.say(text, tone)
        for words, slot in actions:
            button = QPushButton(words)
            button.clicked.connect(lambda _=False, slot=slot: self._act(slot))
            self.banner.row.insertWidget(self.banner.row.count() - 1, button)
            self._buttons.append(button)
        self.show()

    def clear(self) -> None:
        """Nothing to say any more."""
        self._drop_buttons()
        self.hide()
        self.closed.emit()

    def _act(self, slot: Callable[[], None]) -> None:
        self.clear()
        slot()

    def _drop_buttons(self) -> None:
        for button in self._buttons:
            self.banner.row.removeWidget(button)
            button.hide()
            button.deleteLater()
        self._buttons.clear()
