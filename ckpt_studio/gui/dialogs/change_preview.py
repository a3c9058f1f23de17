"""Before → after as a table: what an edit would rename, drop or alter, with the differing part marked."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import (
    QAbstractTableModel,
    QItemSelectionModel,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    QPointF,
    Qt,
)
from PySide6.QtGui import QColor, QFont, QFontMetrics, QPainter, QPalette, QTextCharFormat, QTextLayout
from PySide6.QtWidgets import (
    QAbstractItemView,
    QApplication,
    QHeaderView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QWidget,
)

from ckpt_studio.gui.dialogs.ask_dialog import tone_color
from ckpt_studio.gui.dialogs.plain_table import PlainTable

Index = QModelIndex | QPersistentModelIndex

Pair = tuple[str, str | None]
"""Name before and after; None after: the tensor is dropped."""


def differing_part(before: str, after: str) -> tuple[tuple[int, int], tuple[int, int]]:
    """(start, length) of the part of each name that the other one does not share at its ends."""
    shorter = min(len(before), len(after))
    head = 0
    while head < shorter and before[head] == after[head]:
        head += 1
    tail = 0
    while tail < shorter - head and before[-1 - tail] == after[-1 - tail]:
        tail += 1
    return (head, len(before) - head - tail), (head, len(after) - head - tail)


class PairsModel(QAbstractTableModel):
    """Pairs of names; shows any number of them, since a row is worded only when it is looked at."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._pairs: Sequence[Pair] = ()
        self._headers = (self.tr("Before"), self.tr("After"))

    def set_pairs(self, pairs: Sequence[Pair]) -> None:
        """Shows other pairs."""
        self.beginResetModel()
        self._pairs = pairs
        self.endResetModel()

    def pair(self, position: int) -> Pair:
        """The pair in this row."""
        return self._pairs[position]

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() else len(self._pairs)

    def columnCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() else 2

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = 0) -> Any:
        if orientation == Qt.Orientation.Horizontal and role == Qt.ItemDataRole.DisplayRole:
            return self._headers[section]
        if orientation == Qt.Orientation.Horizontal and role == Qt.ItemDataRole.TextAlignmentRole:
            return int(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        return None

    def data(self, index: Index, role: int = 0) -> Any:
        if not index.isValid():
            return None
        before, after = self._pairs[index.row()]
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.ToolTipRole):
            if index.column() == 0:
                return before
            return self.tr("(removed)") if after is None else after
        return None


class _DifferenceDelegate(QStyledItemDelegate):
    """Paints names with the differing part bold: struck through before, in green after."""

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        pair_model = index.model()
        assert isinstance(pair_model, PairsModel)
        before, after = pair_model.pair(index.row())
        style = option.widget.style() if option.widget else QApplication.style()
        blank = QStyleOptionViewItem(option)
        self.initStyleOption(blank, index)
        text = blank.text
        blank.text = ""
        style.drawControl(QStyle.ControlElement.CE_ItemViewItem, blank, painter, option.widget)
        is_after = index.column() == 1
        start, length = (0, len(text))
        if after is not None:
            start, length = differing_part(before, after)[1 if is_after else 0]
        selected = bool(option.state & QStyle.StateFlag.State_Selected)
        role = QPalette.ColorRole.HighlightedText if selected else QPalette.ColorRole.Text
        color = option.palette.color(role)
        space = option.rect.adjusted(6, 0, -6, 0)
        shown, shift = elided_around(text, start, length, space.width(), option.fontMetrics)
        layout = QTextLayout(shown, option.font)
        formats = []
        if length:
            mark = QTextCharFormat()
            mark.setFontWeight(QFont.Weight.DemiBold)
            if not selected:
                mark.setForeground(QColor(tone_color("good" if is_after and after is not None else "bad")))
            if not is_after and after is None:
                mark.setFontStrikeOut(True)
            span = QTextLayout.FormatRange()
            span.start, span.length, span.format = shift, length, mark
            formats.append(span)
        layout.setFormats(formats)
        layout.beginLayout()
        line = layout.createLine()
        line.setLineWidth(100_000)
        layout.endLayout()
        painter.save()
        painter.setClipRect(option.rect)
        painter.setPen(color)
        layout.draw(painter, QPointF(space.x(), space.y() + (space.height() - line.height()) / 2))
        painter.restore()


def elided_around(text: str, start: int, length: int, width: int, metrics: QFontMetrics) -> tuple[str, int]:
    """The text cut to the width where it does not differ, and where the differing part begins in it.

    Cut is the longer of its equal ends, and the other one too where that is not enough; the part itself is only cut
    at its end.
    """
    room = int(width * 0.94)
    if metrics.horizontalAdvance(text) <= room:
        return text, start
    end = start + length
    right = metrics.elidedText(text, Qt.TextElideMode.ElideRight, room)
    left = metrics.elidedText(text, Qt.TextElideMode.ElideLeft, room)
    shift = start - len(text) + len(left)
    fits_right, fits_left = len(right) > end, shift > 0
    if fits_right and (len(text) - end >= start or not fits_left):
        return right, start
    if fits_left:
        return left, shift
    if not start:
        return right, start
    return metrics.elidedText("…" + text[start:], Qt.TextElideMode.ElideRight, room), 1


class ChangePreview(PlainTable):
    """The table of before and after."""

    def __init__(self, parent: QWidget | None = None) -> None:
        self.pairs = PairsModel()
        super().__init__(self.pairs, parent=parent)
        self.pairs.setParent(self)
        self.setItemDelegate(_DifferenceDelegate(self))
        self.setAccessibleName(self.tr("Names before and after"))
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.horizontalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Stretch)
        # Always empty: with every row selected Qt's header would take seconds to find that its columns are.
        self.horizontalHeader().setSelectionModel(QItemSelectionModel(self.pairs, self.horizontalHeader()))
        self.setMinimumHeight(self.fontMetrics().height() * 9)

    def set_pairs(self, pairs: Sequence[Pair]) -> None:
        """Shows these pairs, from the top."""
        self.pairs.set_pairs(pairs)
        self.scrollToTop()
