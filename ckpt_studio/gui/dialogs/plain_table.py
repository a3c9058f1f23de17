"""A table of rows in a dialog: one name that stretches, and columns as wide as their words."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QAbstractItemModel, Qt
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QTableView


def plain_table(model: QAbstractItemModel, name: str, stretching: int, widths: Sequence[tuple[int, int]]) -> QTableView:
    """A view of `model` called `name`.

    Args:
        model: shown by the view; it lives on elsewhere.
        name: for screen readers.
        stretching: the column that takes the room that is left.
        widths: (column, width in letters) of others.
    """
    table = QTableView()
    table.setModel(model)
    table.setAccessibleName(name)
    table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
    table.setShowGrid(False)
    table.setAlternatingRowColors(True)
    table.setWordWrap(False)
    table.setTabKeyNavigation(False)
    table.setTextElideMode(Qt.TextElideMode.ElideMiddle)
    table.verticalHeader().hide()
    table.verticalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
    table.verticalHeader().setDefaultSectionSize(table.fontMetrics().height() + 8)
    header = table.horizontalHeader()
    header.setHighlightSections(False)
    header.setSectionResizeMode(stretching, QHeaderView.ResizeMode.Stretch)
    digit = table.fontMetrics().horizontalAdvance("x")
    for column, width in widths:
        header.resizeSection(column, digit * width)
    return table
