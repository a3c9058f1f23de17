"""The tree of a proposed mapping: rules, their pairs, and a drop of one tensor on another one's place."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from PySide6.QtCore import QPoint, Qt, Signal
from PySide6.QtGui import (
    QDrag,
    QDragEnterEvent,
    QDragLeaveEvent,
    QDragMoveEvent,
    QDropEvent,
    QKeyEvent,
)
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QTreeWidget, QTreeWidgetItem, QWidget

from ckpt_studio.gui.drag import DraggedNames, DropHint

SOURCE_ROLE = int(Qt.ItemDataRole.UserRole) + 1
TARGET_ROLE = int(Qt.ItemDataRole.UserRole) + 2


@dataclass(frozen=True)
class Swap:
    """What putting a tensor at a name of the model does, in words; refused when it does not fit."""

    text: str
    fits: bool


class MappingTree(QTreeWidget):
    """Rows of pairs; a row with a tensor can be dragged onto one with a name of the model.

    Signals:
        placed(str, str): this tensor was dropped on this name of the model.
        choice_wanted(str): Return or F2 on a row with this name of the model.
    """

    placed = Signal(str, str)
    choice_wanted = Signal(str)

    def __init__(self, document_id: str, swap: Callable[[str, str], Swap], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._document_id = document_id
        self._swap = swap
        self._hint: DropHint | None = None
        self.setObjectName("mappingRules")
        self.setAccessibleName(self.tr("Rules and their pairs of names"))
        self.setHeaderLabels([self.tr("Name in the file"), self.tr("Name in the model"), self.tr("Why")])
        self.setUniformRowHeights(True)
        self.setAlternatingRowColors(True)
        self.setTextElideMode(Qt.TextElideMode.ElideMiddle)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setDragDropMode(QAbstractItemView.DragDropMode.DragDrop)
        self.setDropIndicatorShown(False)
        # Why they belong together is a sentence: it gets the room that the names leave.
        self.header().setSectionResizeMode(QHeaderView.ResizeMode.Interactive)
        self.header().setStretchLastSection(True)
        self.header().setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)

    def fit_columns(self) -> None:
        """Gives the rules and their names the width they need, as far as the reasons leave it."""
        width = self.viewport().width()
        room = width - min(self.sizeHintForColumn(2) + 12, round(0.55 * width))
        needs = [max(self.sizeHintForColumn(column), self.header().sectionSizeHint(column)) + 12 for column in (0, 1)]
        # The one that needs less than half of it leaves the rest to the other.
        most = max(room // 2, room - min(needs))
        for column, need in enumerate(needs):
            self.setColumnWidth(column, min(need, most))

    def hint_text(self) -> str:
        """What the label beside the pointer says."""
        return self._hint.text() if self._hint is not None else ""

    def make_drag(self) -> QDrag | None:
        """The drag of the current row's tensor, or None when it has none."""
        item = self.currentItem()
        source = item.data(0, SOURCE_ROLE) if item is not None else None
        if not source:
            return None
        drag = QDrag(self)
        drag.setMimeData(DraggedNames(self._document_id, (source,)).to_mime())
        return drag

    def _placement(self, carried: DraggedNames | None, place: QPoint) -> tuple[str, str, Swap] | None:
        item = self.itemAt(place)
        target = item.data(0, TARGET_ROLE) if item is not None else None
        if carried is None or carried.document != self._document_id or len(carried.names) != 1 or not target:
            return None
        return carried.names[0], target, self._swap(carried.names[0], target)

    def _end_drag(self) -> None:
        if self._hint is not None:
            self._hint.hide()

    # Qt's side

    def startDrag(self, actions: Qt.DropAction) -> None:
        drag = self.make_drag()
        if drag is not None:
            drag.exec(Qt.DropAction.MoveAction)
        self._end_drag()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        item = self.currentItem()
        target = item.data(0, TARGET_ROLE) if item is not None else None
        if target and event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_F2):
            self.choice_wanted.emit(target)
            return
        super().keyPressEvent(event)

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        carried = DraggedNames.from_mime(event.mimeData())
        event.setAccepted(carried is not None and carried.document == self._document_id)

    def dragMoveEvent(self, event: QDragMoveEvent) -> None:
        # Qt's own scrolls at the edges.
        super().dragMoveEvent(event)
        place = event.position().toPoint()
        found = self._placement(DraggedNames.from_mime(event.mimeData()), place)
        if found is None:
            self._end_drag()
            event.ignore()
            return
        if self._hint is None:
            self._hint = DropHint(self)
        self._hint.say(found[2].text, self.viewport().mapToGlobal(place), found[2].fits)
        event.setAccepted(found[2].fits)

    def dragLeaveEvent(self, event: QDragLeaveEvent) -> None:
        super().dragLeaveEvent(event)
        self._end_drag()

    def dropEvent(self, event: QDropEvent) -> None:
        found = self._placement(DraggedNames.from_mime(event.mimeData()), event.position().toPoint())
        self._end_drag()
        self.setState(self.State.NoState)
        if found is None or not found[2].fits:
            event.ignore()
            return
        # Qt must not remove the dragged row afterwards.
        event.setDropAction(Qt.DropAction.CopyAction)
        event.accept()
        self.placed.emit(found[0], found[1])


def row_of(source: str, target: str, note: str, shown: str = "") -> QTreeWidgetItem:
    """A row for a pair, or for one side that has no partner (""); `shown` stands for several sources."""
    item = QTreeWidgetItem()
    show_pair(item, source, target, note, shown)
    return item


def show_pair(item: QTreeWidgetItem, source: str, target: str, note: str, shown: str = "") -> None:
    """Shows another pair in a row."""
    for column, name in enumerate((shown or source, target)):
        item.setText(column, name or "—")
        item.setToolTip(column, name)
    item.setText(2, note)
    item.setToolTip(2, note)
    item.setData(0, SOURCE_ROLE, source)
    item.setData(0, TARGET_ROLE, target)
