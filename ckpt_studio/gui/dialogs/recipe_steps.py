"""The steps of a recipe as a list: what each does in words, a tick for whether it is on, moved by keys and by drag."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QBrush, QDropEvent, QKeyEvent
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QTreeWidget, QTreeWidgetItem, QWidget

from ckpt_studio.gui.dialogs.ask_dialog import tone_color

_NUMBER = int(Qt.ItemDataRole.UserRole) + 1


@dataclass(frozen=True)
class StepLine:
    """One line: the step in words, whether it is on, what it does to the open file, and in which tone that is said."""

    words: str
    on: bool
    outcome: str = ""
    tone: str = ""


class StepList(QTreeWidget):
    """The list.

    Signals:
        moved(list): the steps' former places in their new order, after a drag.
        switched(int, bool): this step was switched on or off.
        removal_wanted(): Delete was pressed.
        move_wanted(int): Alt+Up (-1) or Alt+Down (1) was pressed.
    """

    moved = Signal(list)
    switched = Signal(int, bool)
    removal_wanted = Signal()
    move_wanted = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("recipeSteps")
        self.setAccessibleName(self.tr("Steps of the recipe"))
        self.setColumnCount(2)
        self.setHeaderLabels([self.tr("Step"), self.tr("On this file")])
        self.setRootIsDecorated(False)
        self.setUniformRowHeights(True)
        self.setAlternatingRowColors(True)
        self.setTextElideMode(Qt.TextElideMode.ElideRight)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setDragDropMode(QAbstractItemView.DragDropMode.InternalMove)
        self.header().setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        self.header().setSectionResizeMode(1, QHeaderView.ResizeMode.Interactive)
        self.header().setStretchLastSection(False)
        self.header().resizeSection(1, self.fontMetrics().averageCharWidth() * 30)
        self.header().setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        self.itemChanged.connect(self._on_changed)

    @property
    def current(self) -> int:
        """The chosen step's place; -1 when there is none."""
        item = self.currentItem()
        return self.indexOfTopLevelItem(item) if item is not None else -1

    def show_lines(self, lines: Sequence[StepLine]) -> None:
        """Shows these steps; the chosen place stays."""
        self.blockSignals(True)
        while self.topLevelItemCount() > len(lines):
            self.takeTopLevelItem(self.topLevelItemCount() - 1)
        while self.topLevelItemCount() < len(lines):
            fresh = QTreeWidgetItem()
            fresh.setFlags((fresh.flags() | Qt.ItemFlag.ItemIsUserCheckable) & ~Qt.ItemFlag.ItemIsDropEnabled)
            fresh.setSizeHint(0, QSize(0, self.fontMetrics().height() + 12))
            self.addTopLevelItem(fresh)
        for place, line in enumerate(lines):
            item = self.topLevelItem(place)
            assert item is not None
            item.setData(0, _NUMBER, place)
            words = f"{place + 1}.  {line.words}"
            item.setText(0, words)
            item.setToolTip(0, line.words)
            item.setText(1, line.outcome)
            item.setToolTip(1, line.outcome)
            item.setCheckState(0, Qt.CheckState.Checked if line.on else Qt.CheckState.Unchecked)
            font = self.font()
            font.setItalic(not line.on)
            item.setFont(0, font)
            item.setForeground(1, tone_color(line.tone) if line.tone else QBrush())
            item.setData(0, Qt.ItemDataRole.AccessibleTextRole, f"{words}. {line.outcome}" if line.outcome else words)
        self.blockSignals(False)

    def choose(self, place: int) -> None:
        """Chooses a step."""
        item = self.topLevelItem(place)
        if item is not None:
            self.setCurrentItem(item)

    def _on_changed(self, item: QTreeWidgetItem, column: int) -> None:
        if column == 0:
            self.switched.emit(self.indexOfTopLevelItem(item), item.checkState(0) == Qt.CheckState.Checked)

    # Qt's side

    def dropEvent(self, event: QDropEvent) -> None:
        super().dropEvent(event)
        items = [self.topLevelItem(place) for place in range(self.topLevelItemCount())]
        order = [item.data(0, _NUMBER) for item in items if item is not None]
        if order != sorted(order):
            self.moved.emit(order)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Delete, Qt.Key.Key_Backspace):
            self.removal_wanted.emit()
            return
        if event.modifiers() & Qt.KeyboardModifier.AltModifier and event.key() in (Qt.Key.Key_Up, Qt.Key.Key_Down):
            self.move_wanted.emit(-1 if event.key() == Qt.Key.Key_Up else 1)
            return
        super().keyPressEvent(event)
