"""One line of text that is cut, with an ellipsis, where its room ends."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QPaintEvent, QPalette
from PySide6.QtWidgets import QLabel, QSizePolicy, QStylePainter, QWidget


class ElidedLabel(QLabel):
    """Its `text()` and tooltip have all of it.

    Args:
        elide: where it is cut: of names the middle, so that both ends are seen.
    """

    def __init__(self, elide: Qt.TextElideMode = Qt.TextElideMode.ElideRight, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._elide = elide
        self._shorter = ""
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self.setTextFormat(Qt.TextFormat.PlainText)

    def say(self, text: str, tip: str = "", shorter: str = "") -> None:
        """Shows a text; `tip` is the tooltip where that says more, `shorter` is shown where the text does not fit."""
        self._shorter = shorter
        self.setText(text)
        self.setToolTip(tip or text)
        self.setAccessibleName(text)

    def minimumSizeHint(self) -> QSize:
        return QSize(60, self.fontMetrics().height() + 4)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QStylePainter(self)
        room = self.contentsRect()
        metrics, text = self.fontMetrics(), self.text()
        if self._shorter and metrics.horizontalAdvance(text) > room.width():
            text = self._shorter
        text = metrics.elidedText(text, self._elide, room.width())
        painter.drawItemText(
            room, int(self.alignment()), self.palette(), self.isEnabled(), text, QPalette.ColorRole.WindowText
        )
