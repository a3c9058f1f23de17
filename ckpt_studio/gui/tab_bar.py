"""The row of tabs: while names are dragged over it, the tab under the pointer comes to the front."""

from __future__ import annotations

from PySide6.QtCore import QEvent
from PySide6.QtGui import QDragEnterEvent
from PySide6.QtWidgets import QTabBar, QWidget

from ckpt_studio.gui.drag import DraggedNames


class TabBar(QTabBar):
    """Switches tabs for names only: files that are dropped here are the window's to open."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAcceptDrops(True)
        self.setChangeCurrentOnDrag(True)

    def event(self, event: QEvent) -> bool:
        if isinstance(event, QDragEnterEvent) and DraggedNames.from_mime(event.mimeData()) is None:
            event.ignore()
            return False
        return super().event(event)
