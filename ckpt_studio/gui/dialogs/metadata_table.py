"""safetensors' metadata as an editable table of keys and values."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHBoxLayout,
    QHeaderView,
    QLabel,
    QPushButton,
    QTableWidget,
    QTableWidgetItem,
    QVBoxLayout,
    QWidget,
)

from ckpt_studio.gui.dialogs.ask_dialog import muted


class MetadataTable(QWidget):
    """Keys and values, both text. Emits `edited` after every change by the user or by `set_entries`."""

    edited = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.table = QTableWidget(0, 2)
        self.table.setAccessibleName(self.tr("Metadata"))
        self.table.setHorizontalHeaderLabels([self.tr("Key"), self.tr("Value")])
        self.table.verticalHeader().hide()
        self.table.horizontalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Stretch)
        self.table.horizontalHeader().setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        self.table.horizontalHeader().setHighlightSections(False)
        self.table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.table.setTabKeyNavigation(False)
        self.table.setFixedHeight(self.fontMetrics().height() * 7)
        self.table.itemChanged.connect(lambda _: self.edited.emit())
        self.add_button = QPushButton(self.tr("&Add"))
        self.add_button.setAutoDefault(False)
        self.add_button.clicked.connect(self._on_add)
        self.remove_button = QPushButton(self.tr("Re&move"))
        self.remove_button.setAutoDefault(False)
        self.remove_button.clicked.connect(self._on_remove)
        hint = muted(QLabel(self.tr("Many programs want “format: pt”.")))
        row = QHBoxLayout()
        row.addWidget(hint, 1)
        row.addWidget(self.add_button)
        row.addWidget(self.remove_button)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.table)
        layout.addLayout(row)

    def set_entries(self, entries: Mapping[str, str]) -> None:
        """Shows these entries."""
        self.table.blockSignals(True)
        self.table.setRowCount(0)
        for key, value in entries.items():
            self._append(key, value)
        self.table.blockSignals(False)
        self.edited.emit()

    def entries(self) -> dict[str, str] | None:
        """The entries, lines without a key left out; None when a key stands twice."""
        result: dict[str, str] = {}
        for row in range(self.table.rowCount()):
            key_item, value_item = self.table.item(row, 0), self.table.item(row, 1)
            key = key_item.text() if key_item is not None else ""
            if not key:
                continue
            if key in result:
                return None
            result[key] = value_item.text() if value_item is not None else ""
        return result

    def _append(self, key: str, value: str) -> QTableWidgetItem:
        row = self.table.rowCount()
        self.table.insertRow(row)
        key_item = QTableWidgetItem(key)
        self.table.setItem(row, 0, key_item)
        self.table.setItem(row, 1, QTableWidgetItem(value))
        return key_item

    def _on_add(self) -> None:
        key_item = self._append("", "")
        self.table.setCurrentItem(key_item)
        self.table.editItem(key_item)

    def _on_remove(self) -> None:
        rows = {index.row() for index in self.table.selectedIndexes()}
        for row in sorted(rows, reverse=True):
            self.table.removeRow(row)
        self.edited.emit()
