"""The row of tabs: while names are dragged over it, the tab under the pointer comes to the front."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QSize
from PySide6.QtGui import QDragEnterEvent
from PySide6.QtWidgets import QTabBar, QWidget

from ckpt_studio.gui.drag import DraggedNames

# Of a title that is shortened, and of the longest that is not; the path is in the tooltip.
_LEAST_LETTERS, _MOST_LETTERS = 13, 30
# Pixels of the margins and the close button.
_AROUND = 46


class TabBar(QTabBar):
    """Switches tabs for names only: files that are dropped here are the window's to open."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAcceptDrops(True)
        self.setChangeCurrentOnDrag(True)
        # Where titles are as short as they may get.
        self.setUsesScrollButtons(True)

    def _width_of(self, letters: int) -> int:
        """What a tab needs for so many letters and its close button."""
        return self.fontMetrics().horizontalAdvance("0") * letters + _AROUND

    # Qt's side

    def tabSizeHint(self, index: int) -> QSize:
        hint = super().tabSizeHint(index)
        return QSize(min(hint.width(), self._width_of(_MOST_LETTERS)), hint.height())

    def minimumTabSizeHint(self, index: int) -> QSize:
        # Qt's own would shorten some of many titles to nothing but "…", and leave others their length.
        hint = self.tabSizeHint(index)
        return QSize(min(hint.width(), self._width_of(_LEAST_LETTERS)), hint.height())

    def event(self, event: QEvent) -> bool:
        if isinstance(event, QDragEnterEvent) and DraggedNames.from_mime(event.mimeData()) is None:
            event.ignore()
            return False
        return super().event(event)
