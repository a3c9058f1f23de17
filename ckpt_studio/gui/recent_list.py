"""The list of recent files: a small picture of where each one's bytes are, what it is, and what became of it."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Mapping

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter
from PySide6.QtWidgets import (
    QFrame,
    QListWidget,
    QListWidgetItem,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QWidget,
)

from ckpt_studio.gui.dialogs.ask_dialog import counted
from ckpt_studio.gui.figures import count_text, size_text
from ckpt_studio.gui.recent_facts import RecentFacts, recent_facts
from ckpt_studio.gui.recent_menu import STATE_ICONS
from ckpt_studio.gui.settings import RecentState, recent_files, recent_state
from ckpt_studio.gui.theme import colors, icon
from ckpt_studio.gui.treemap import squarified

PATH_ROLE = int(Qt.ItemDataRole.UserRole)
_NAME, _FACTS, _NEWS, _SIGN, _STATE, _PARTS = range(PATH_ROLE + 1, PATH_ROLE + 7)
_MARGIN = 8


class RecentList(QListWidget):
    """The files opened last, the newest first."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName(self.tr("Recent files"))
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setItemDelegate(_RowPainter(self))
        self.setMouseTracking(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)

    @property
    def whole_height(self) -> int:
        """Pixels in which all lines are seen without scrolling."""
        lines = sum(self.sizeHintForRow(row) + 2 * self.spacing() for row in range(self.count()))
        return lines + 2 * self.frameWidth() + 2 * self.spacing()

    def fill(self, pending: Mapping[str, int]) -> None:
        """Shows the files as they are now; `pending` counts the changes that wait to be restored, by path."""
        self.clear()
        for path in recent_files():
            self.addItem(self._row(path, pending.get(path, 0)))

    def _row(self, path: str, pending: int) -> QListWidgetItem:
        state, facts = recent_state(path), recent_facts(path)
        name, told = os.path.basename(path), self._facts(path, facts)
        news, sign = self._news(state, facts, pending)
        # What is painted, for screen readers and for finding a row by typing.
        item = QListWidgetItem(", ".join(part for part in (name, told, news) if part))
        item.setToolTip("\n".join(part for part in (path, news) if part))
        if state == "missing":
            item.setFlags(item.flags() & ~Qt.ItemFlag.ItemIsEnabled)
        for role, value in ((PATH_ROLE, path), (_NAME, name), (_FACTS, told), (_NEWS, news), (_SIGN, sign),
                            (_STATE, state), (_PARTS, facts.parts)):  # fmt: skip
            item.setData(role, value)
        return item

    def _facts(self, path: str, facts: RecentFacts) -> str:
        home = os.path.expanduser("~")
        folder = os.path.dirname(path)
        shown = "~" + folder[len(home) :] if folder == home or folder.startswith(home + os.sep) else folder
        parts = [facts.architecture]
        if facts.parameters:
            parts.append(self.tr("{count} parameters").format(count=count_text(facts.parameters)))
        with contextlib.suppress(OSError):
            parts.append(size_text(facts.nbytes or os.path.getsize(path)))
        parts += [", ".join(facts.dtypes[:2]), shown]
        return "  ·  ".join(part for part in parts if part)

    def _news(self, state: RecentState, facts: RecentFacts, pending: int) -> tuple[str, str]:
        """What became of a file, and the icon for it."""
        if state == "missing":
            return self.tr("not there any more"), STATE_ICONS[state]
        if pending:
            words = counted(pending, self.tr("1 change not exported"), self.tr("{count} changes not exported"))
            return words, "rename"
        if state == "changed":
            return self.tr("changed since it was opened here"), STATE_ICONS[state]
        if facts.exported:
            return self.tr("exported to {name}").format(name=os.path.basename(facts.exported)), "check"
        return "", ""


class _RowPainter(QStyledItemDelegate):
    """Two lines beside a picture; news of the file at the right, with a shape and not by colour alone."""

    def sizeHint(self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex) -> QSize:
        return QSize(0, 2 * option.fontMetrics.height() + 18)

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        theme, state = colors(), option.state
        usable = bool(state & QStyle.StateFlag.State_Enabled)
        selected = usable and bool(state & QStyle.StateFlag.State_Selected)
        over = usable and bool(state & QStyle.StateFlag.State_MouseOver)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        box = QRectF(option.rect).adjusted(1, 1, -1, -1)
        if selected or over:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(theme.selection if selected else theme.hover))
            painter.drawRoundedRect(box, 8, 8)
        inner = option.rect.adjusted(_MARGIN, 6, -_MARGIN, -6)
        picture = QRect(inner.left(), inner.top(), round(inner.height() * 1.4), inner.height())
        parts = index.data(_PARTS)
        if parts and usable:
            _paint_parts(painter, QRectF(picture), parts)
        else:
            icon(STATE_ICONS[index.data(_STATE)]).paint(painter, picture)
        self._paint_words(painter, option, index, QRect(inner).adjusted(picture.width() + 12, 0, 0, 0), usable)
        painter.restore()

    def _paint_words(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex,
        room: QRect, usable: bool,
    ) -> None:  # fmt: skip
        theme, height = colors(), room.height() // 2
        upper, lower = room.adjusted(0, 0, 0, -height), room.adjusted(0, height, 0, 0)
        news = index.data(_NEWS)
        if news:
            width = min(option.fontMetrics.horizontalAdvance(news) + 22, upper.width() // 2)
            chip = QRect(upper.right() - width, upper.top(), width, upper.height())
            icon(index.data(_SIGN)).paint(painter, chip.adjusted(0, 1, -chip.width() + 16, -1))
            painter.setFont(option.font)
            painter.setPen(QColor(theme.muted))
            _write(painter, chip.adjusted(21, 0, 0, 0), news)
            upper = upper.adjusted(0, 0, -width - 10, 0)
        bold = option.font
        bold.setBold(True)
        painter.setFont(bold)
        painter.setPen(QColor(theme.text if usable else theme.muted))
        _write(painter, upper, index.data(_NAME))
        bold.setBold(False)
        painter.setFont(bold)
        painter.setPen(QColor(theme.muted))
        _write(painter, lower, index.data(_FACTS))


def _write(painter: QPainter, room: QRect, text: str) -> None:
    cut = painter.fontMetrics().elidedText(text, Qt.TextElideMode.ElideRight, room.width())
    painter.drawText(room, int(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter), cut)


def _paint_parts(painter: QPainter, area: QRectF, parts: tuple[int, ...]) -> None:
    """The largest modules as rectangles of their size: a small picture of the pane “Sizes”."""
    painter.setPen(Qt.PenStyle.NoPen)
    color = QColor(colors().accent)
    for number, tile in enumerate(squarified(parts, area)):
        color.setAlphaF(max(0.2, 0.85 - 0.11 * number))
        painter.setBrush(color)
        painter.drawRoundedRect(tile.adjusted(0.5, 0.5, -0.5, -0.5), 2, 2)
