"""A table of rows in a dialog: one name that stretches, and columns as wide as their words."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QAbstractItemModel, Qt
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QTableView, QWidget


class PlainTable(QTableView):
    """A view of `model`, row by row.

    Args:
        model: shown by the view; it lives on elsewhere.
        stretching: the column that takes the room that is left; None for none.
        widths: (column, width in letters) of others.
    """

    def __init__(
        self,
        model: QAbstractItemModel,
        stretching: int | None = None,
        widths: Sequence[tuple[int, int]] = (),
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.setModel(model)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setShowGrid(False)
        self.setAlternatingRowColors(True)
        self.setWordWrap(False)
        self.setTabKeyNavigation(False)
        self.setTextElideMode(Qt.TextElideMode.ElideMiddle)
        self.verticalHeader().hide()
        self.verticalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        self.verticalHeader().setDefaultSectionSize(self.fontMetrics().height() + 8)
        header = self.horizontalHeader()
        header.setHighlightSections(False)
        if stretching is not None:
            header.setSectionResizeMode(stretching, QHeaderView.ResizeMode.Stretch)
        letter = self.fontMetrics().horizontalAdvance("x")
        for column, width in widths:
            header.resizeSection(column, letter * width)
