"""Small widgets with a picture of the theme, which follow it when it changes."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QSize
from PySide6.QtWidgets import QLabel, QToolButton, QWidget

from ckpt_studio.gui.theme import icon

_RESTYLED = (QEvent.Type.PaletteChange, QEvent.Type.StyleChange)


class ThemedButton(QToolButton):
    """A flat button that is a picture only; `words` are its tooltip and what a screen reader says."""

    def __init__(self, picture: str, words: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._picture = picture
        self.setAutoRaise(True)
        self.setAccessibleName(words)
        self.setToolTip(words)
        self.setIcon(icon(picture))

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() in _RESTYLED:
            self.setIcon(icon(self._picture))


class ThemedPicture(QLabel):
    """A picture of so many pixels beside words that say the same."""

    def __init__(self, picture: str, size: int, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._picture, self._size = picture, QSize(size, size)
        self.setFixedSize(self._size)
        self._draw()

    def _draw(self) -> None:
        self.setPixmap(icon(self._picture).pixmap(self._size, self.devicePixelRatioF()))

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() in _RESTYLED:
            self._draw()
