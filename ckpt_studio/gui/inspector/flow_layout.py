"""A layout that goes on in the next line where the room ends, as words do."""

from __future__ import annotations

from PySide6.QtCore import QMargins, QRect, QSize, Qt
from PySide6.QtWidgets import QLayout, QLayoutItem, QWidget


class FlowLayout(QLayout):
    """Its items from left to right (in languages written that way), line by line, each in its own size."""

    def __init__(self, parent: QWidget | None = None, gap: int = 6) -> None:
        super().__init__(parent)
        self._items: list[QLayoutItem] = []
        self._gap = gap

    def _arranged(self, width: int) -> list[QRect]:
        """Where each shown item belongs in a room of this width, and as the last what they take together."""
        margins = self.contentsMargins()
        left, right = margins.left(), width - margins.right()
        places = [QRect() for _ in self._items]
        x, y = left, margins.top()
        line: list[QRect] = []
        height = 0
        for number, item in enumerate(self._items):
            if item.isEmpty():
                continue
            size = item.sizeHint()
            if x > left and x + size.width() > right:
                y += self._centered(line, height) + self._gap
                x, line, height = left, [], 0
            places[number].setRect(x, y, min(size.width(), right - left), size.height())
            line.append(places[number])
            x += size.width() + self._gap
            height = max(height, size.height())
        y += self._centered(line, height)
        return [*places, QRect(0, 0, width, y + margins.bottom())]

    def _centered(self, line: list[QRect], height: int) -> int:
        """Brings what stands in one line to the same middle; the line's height."""
        for place in line:
            place.translate(0, (height - place.height()) // 2)
        return height

    # Qt's side

    def addItem(self, item: QLayoutItem) -> None:
        self._items.append(item)

    def count(self) -> int:
        return len(self._items)

    def itemAt(self, index: int) -> QLayoutItem | None:
        return self._items[index] if 0 <= index < len(self._items) else None

    def takeAt(self, index: int) -> QLayoutItem | None:
        return self._items.pop(index) if 0 <= index < len(self._items) else None

    def expandingDirections(self) -> Qt.Orientation:
        return Qt.Orientation(0)

    def hasHeightForWidth(self) -> bool:
        return True

    def heightForWidth(self, width: int) -> int:
        return self._arranged(width)[-1].height()

    def setGeometry(self, rect: QRect) -> None:
        super().setGeometry(rect)
        widget = self.parentWidget()
        is_mirrored = widget is not None and widget.isRightToLeft()
        for item, place in zip(self._items, self._arranged(rect.width()), strict=False):
            if not item.isEmpty():
                moved = place.translated(rect.topLeft())
                if is_mirrored:
                    moved.moveRight(rect.right() - place.left())
                item.setGeometry(moved)

    def sizeHint(self) -> QSize:
        return self.minimumSize()

    def minimumSize(self) -> QSize:
        margins: QMargins = self.contentsMargins()
        widest = max((item.minimumSize().width() for item in self._items if not item.isEmpty()), default=0)
        tallest = max((item.sizeHint().height() for item in self._items if not item.isEmpty()), default=0)
        return QSize(widest + margins.left() + margins.right(), tallest + margins.top() + margins.bottom())
