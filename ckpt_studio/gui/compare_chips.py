"""The counts of a load report as buttons that filter its rows."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPalette, QPen
from PySide6.QtWidgets import QAbstractButton, QHBoxLayout, QWidget

from ckpt_studio.compare.report import Status
from ckpt_studio.gui.statuses import STATUSES, is_dark, paint_status, status_color, status_count, status_meaning
from ckpt_studio.gui.theme import colors


class StatusChip(QAbstractButton):
    """A pill with the status's shape, its count and its word; checked: only such rows are shown."""

    def __init__(self, status: Status, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.status: Status = status
        self._count = 0
        self.setCheckable(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        self.set_count(0)

    @property
    def count(self) -> int:
        """How many rows have the status."""
        return self._count

    def set_count(self, count: int) -> None:
        """Shows another count."""
        self._count = count
        self.setText(status_count(self.status, count))
        self.setAccessibleName(self.text())
        self.setToolTip(
            status_meaning(self.status) + "\n\n" + self.tr("Click to show only these; click again to show all.")
        )
        self.setAccessibleDescription(self.toolTip())
        self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:
        metrics = self.fontMetrics()
        return QSize(metrics.horizontalAdvance(self.text()) + metrics.height() + 24, metrics.height() + 10)

    def minimumSizeHint(self) -> QSize:
        # Where there is little room the word is cut before the count; the tooltip has both.
        metrics = self.fontMetrics()
        return QSize(metrics.horizontalAdvance(f"{self._count:,}…") + metrics.height() + 24, metrics.height() + 10)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        color = status_color(self.status, is_dark())
        rect = QRectF(self.rect()).adjusted(1, 1, -1, -1)
        fill, edge = QColor(color), QColor(color)
        strength = 0.24 if self.isChecked() else 0.12 if self.underMouse() else 0.0
        fill.setAlphaF(strength)
        edge.setAlphaF(1.0 if self.isChecked() else 0.4)
        painter.setBrush(fill)
        painter.setPen(QPen(edge, 1))
        painter.drawRoundedRect(rect, rect.height() / 2, rect.height() / 2)
        if self.hasFocus():
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(QPen(QColor(colors().accent), 2))
            painter.drawRoundedRect(rect, rect.height() / 2, rect.height() / 2)
        side = self.fontMetrics().height() * 0.72
        sign = QRectF(rect.left() + 9, rect.center().y() - side / 2, side, side)
        faint = self._count == 0
        if faint:
            color = self.palette().color(QPalette.ColorRole.PlaceholderText)
        paint_status(painter, sign, self.status, color)
        role = QPalette.ColorRole.PlaceholderText if faint else QPalette.ColorRole.WindowText
        painter.setPen(self.palette().color(role))
        painter.drawText(
            rect.adjusted(9 + side + 6, 0, -6, 0),
            int(Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft),
            self.fontMetrics().elidedText(self.text(), Qt.TextElideMode.ElideRight, int(rect.width() - 19 - side)),
        )
        painter.end()


class StatusChips(QWidget):
    """The four chips in a row."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName(self.tr("Show only"))
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(6)
        self.chips: dict[Status, StatusChip] = {}
        for status in STATUSES:
            chip = StatusChip(status, self)
            self.chips[status] = chip
            row.addWidget(chip)

    def chosen(self) -> frozenset[Status]:
        """The statuses whose chips are checked; empty: no filter."""
        return frozenset(status for status, chip in self.chips.items() if chip.isChecked())
