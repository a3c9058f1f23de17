"""The checkpoints of a folder as rows of a table, filled in while they are read."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import (
    QAbstractTableModel,
    QDateTime,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    QSortFilterProxyModel,
    Qt,
)

from ckpt_studio.compare.folder import FileFacts
from ckpt_studio.gui.figures import count_text, exact_text, size_text
from ckpt_studio.gui.theme import muted_color
from ckpt_studio.gui.tree_nodes import natural_key
from ckpt_studio.gui.wording import worded_error

Index = QModelIndex | QPersistentModelIndex
NAME, ARCHITECTURE, TENSORS, PARAMETERS, SIZE, EPOCH, DTYPE, DATE = range(8)
_NUMBERS = (TENSORS, PARAMETERS, SIZE)


class FolderModel(QAbstractTableModel):
    """One row for each file; what is not read yet is empty."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.folder = ""
        self.facts: list[FileFacts] = []
        self._headers = (
            self.tr("Name"), self.tr("Architecture"), self.tr("Tensors"), self.tr("Parameters"), self.tr("Size"),
            self.tr("Epoch"), self.tr("Dtype"), self.tr("Date"),
        )  # fmt: skip
        self._meanings = {
            NAME: self.tr("The file, from this folder on"),
            ARCHITECTURE: self.tr("The model that the weights are of: by their names and shapes, or as the file says"),
            TENSORS: self.tr("How many tensors the weights are"),
            PARAMETERS: self.tr("How many numbers the weights are together: k thousands, M millions, G billions"),
            SIZE: self.tr("How much room the file takes"),
            EPOCH: self.tr("How many times training had gone through its data, as the file says"),
            DTYPE: self.tr("The kind of number that most of the weights are"),
            DATE: self.tr("When the file was written last"),
        }

    def start(self, folder: str) -> None:
        """Empties the table for another folder."""
        self.beginResetModel()
        self.folder = folder
        self.facts = []
        self.endResetModel()

    def add(self, facts: Sequence[FileFacts]) -> None:
        """Appends files."""
        if facts:
            self.beginInsertRows(QModelIndex(), len(self.facts), len(self.facts) + len(facts) - 1)
            self.facts += facts
            self.endInsertRows()

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() else len(self.facts)

    def columnCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() else len(self._headers)

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if orientation != Qt.Orientation.Horizontal or not 0 <= section < len(self._headers):
            return None
        if role == Qt.ItemDataRole.DisplayRole:
            return self._headers[section]
        if role == Qt.ItemDataRole.ToolTipRole:
            return self._meanings[section]
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return _alignment(section)
        return None

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if not index.isValid():
            return None
        one, column = self.facts[index.row()], index.column()
        if role == Qt.ItemDataRole.DisplayRole:
            return self._text(one, column)
        if role == Qt.ItemDataRole.ToolTipRole:
            if one.error is not None:
                return worded_error(one.error)
            if column == ARCHITECTURE and not one.architecture:
                if one.tensors:
                    return self.tr("No architecture that is known here has these names and shapes")
                return self.tr("Nothing in this file maps names to tensors")
            if column in (EPOCH, DTYPE):
                return self._text(one, column) or None
            exact = {TENSORS: one.tensors, PARAMETERS: one.parameters, SIZE: one.nbytes}
            return exact_text(exact[column]) if column in exact else one.path if column == NAME else None
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return _alignment(column)
        if role == Qt.ItemDataRole.ForegroundRole and one.error is not None:
            return muted_color()
        return None

    def _text(self, one: FileFacts, column: int) -> str:
        if column == NAME:
            return os.path.relpath(one.path, self.folder)
        if column == SIZE:
            return size_text(one.nbytes)
        if column == DATE:
            return _date(one).toString("yyyy-MM-dd HH:mm")
        if one.error is not None:
            return self.tr("cannot be read") if column == ARCHITECTURE else ""
        if column == ARCHITECTURE:
            return one.architecture or ("–" if one.tensors else self.tr("no weights"))
        texts = {
            TENSORS: exact_text(one.tensors) if one.tensors else "",
            PARAMETERS: count_text(one.parameters) if one.tensors else "",
            EPOCH: one.epoch,
            DTYPE: one.dtype,
        }
        return texts[column]


class FolderOrder(QSortFilterProxyModel):
    """The table in the order of a column, numbers by value and names as people count."""

    def lessThan(self, left: Index, right: Index) -> bool:
        model = self.sourceModel()
        assert isinstance(model, FolderModel)
        one, other = model.facts[left.row()], model.facts[right.row()]
        return bool(_sort_key(one, left.column()) < _sort_key(other, left.column()))


def _sort_key(one: FileFacts, column: int) -> Any:
    if column in _NUMBERS:
        return {TENSORS: one.tensors, PARAMETERS: one.parameters, SIZE: one.nbytes}[column]
    if column == DATE:
        return one.modified
    # A pair keeps words and numbers comparable: natural keys of different texts may mix both.
    text = {NAME: one.path, ARCHITECTURE: one.architecture, EPOCH: one.epoch, DTYPE: one.dtype}[column]
    return [(1, "", part) if isinstance(part, int) else (0, part, 0) for part in natural_key(text)]


def _date(one: FileFacts) -> QDateTime:
    return QDateTime.fromSecsSinceEpoch(int(one.modified))


def _alignment(column: int) -> int:
    # Between the sizes at its left and the words at its right, only the middle leaves room on both sides.
    middle = Qt.AlignmentFlag.AlignHCenter if column == EPOCH else Qt.AlignmentFlag.AlignLeft
    side = Qt.AlignmentFlag.AlignRight if column in _NUMBERS else middle
    return int(side | Qt.AlignmentFlag.AlignVCenter)
