"""Painted pictures of values: the heat map of a matrix and the grid of a convolution's kernels, with their scale."""

from __future__ import annotations

import math

from PySide6.QtCore import QPointF, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QImage, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen, QResizeEvent
from PySide6.QtWidgets import QAbstractScrollArea, QFrame, QToolTip, QWidget

from ckpt_studio.gui.figures import exact_text
from ckpt_studio.gui.inspector.color_maps import LEVELS, Scale, color_table, colored, picture
from ckpt_studio.gui.inspector.facts import number_text
from ckpt_studio.gui.inspector.reading import HeatMap, Kernels
from ckpt_studio.gui.theme import colors

_BAR = 12
_GAP = 10


def scale_width(widget: QWidget, scale: Scale) -> int:
    """Room that `draw_scale` needs."""
    metrics = widget.fontMetrics()
    return _BAR + 8 + max(metrics.horizontalAdvance(number_text(v, 3)) for v in (scale.low, scale.high, 0))


def draw_scale(painter: QPainter, scale: Scale, area: QRectF) -> None:
    """A bar of the colours, with the values of its ends (and zero)."""
    table = color_table(scale.diverging)
    strip = QImage(1, LEVELS, QImage.Format.Format_ARGB32)
    for level in range(LEVELS):
        strip.setPixel(0, LEVELS - 1 - level, table[level])
    bar = QRectF(area.left(), area.top(), _BAR, area.height())
    painter.drawImage(bar, strip)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.setPen(QPen(QColor(colors().line), 1))
    painter.drawRect(bar)
    metrics = painter.fontMetrics()
    painter.setPen(QColor(colors().muted))
    left = bar.right() + 5
    painter.drawText(QPointF(left, bar.top() + metrics.ascent() - 1), number_text(scale.high, 3))
    painter.drawText(QPointF(left, bar.bottom() - 1), number_text(scale.low, 3))
    if scale.diverging and bar.height() > 4 * metrics.height():
        painter.drawText(QPointF(left, bar.center().y() + metrics.ascent() / 2 - 1), "0")


def value_text(value: float) -> str:
    """A single value with the digits that float32 has; NaN and infinities by their names."""
    return number_text(value, 7) if math.isfinite(value) else str(value)


def _scale_words(scale: Scale) -> dict[str, str]:
    return {"low": number_text(scale.low, 3), "high": number_text(scale.high, 3)}


class HeatMapCanvas(QWidget):
    """A matrix as a picture that fills its room; the pointer, or a mark moved by arrow keys, tells a value."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.map: HeatMap | None = None
        self._image = QImage()
        self._cell: tuple[int, int] | None = None
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMinimumSize(160, 80)
        self.setAccessibleName(self.tr("Heat map"))

    def show_map(self, found: HeatMap | None) -> None:
        """Shows this picture, or nothing."""
        self.map = found
        self._cell = None
        if found is not None:
            height, width = found.values.shape
            self._image = picture(found.levels, width, height, found.scale.diverging)
            self.setAccessibleDescription(
                self.tr(
                    "{rows} rows and {columns} columns; colours from {low} to {high}. Arrow keys read values."
                ).format(rows=exact_text(height), columns=exact_text(width), **_scale_words(found.scale))
            )
        self.update()

    @property
    def image(self) -> QImage:
        """The picture, one pixel a value."""
        return self._image

    def _area(self) -> QRectF:
        assert self.map is not None
        room = QRectF(10, 8, self.width() - scale_width(self, self.map.scale) - 32, self.height() - 16)
        height, width = self.map.values.shape
        # A cell may be up to four times as wide as high, so that narrow matrices can be seen.
        cell_width, cell_height = room.width() / width, room.height() / height
        cell_width = min(cell_width, 4 * cell_height, 48)
        cell_height = min(cell_height, 4 * cell_width, 48)
        return QRectF(room.left(), room.top(), cell_width * width, cell_height * height)

    def text_at(self, place: QPointF) -> str:
        """Row, column and value at a place, or nothing."""
        if self.map is None or not self._area().contains(place):
            return ""
        area, (height, width) = self._area(), self.map.values.shape
        row = min(int((place.y() - area.top()) / area.height() * height), height - 1)
        column = min(int((place.x() - area.left()) / area.width() * width), width - 1)
        return self._cell_text(row, column)

    def _cell_text(self, row: int, column: int) -> str:
        assert self.map is not None
        value = value_text(float(self.map.values[row, column]))
        place = self.map.place(row, column)
        if len(place) > 2:
            return self.tr("{index}: {value}").format(index=list(place), value=value)
        return self.tr("row {row}, column {column}: {value}").format(
            row=exact_text(row * self.map.row_step), column=exact_text(column * self.map.column_step), value=value
        )

    # Qt's side

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        QToolTip.showText(event.globalPosition().toPoint(), self.text_at(event.position()), self)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        steps = {
            Qt.Key.Key_Left: (0, -1), Qt.Key.Key_Right: (0, 1), Qt.Key.Key_Up: (-1, 0), Qt.Key.Key_Down: (1, 0),
        }  # fmt: skip
        if self.map is None or event.key() not in steps:
            super().keyPressEvent(event)
            return
        height, width = self.map.values.shape
        down, right = steps[Qt.Key(event.key())] if self._cell is not None else (0, 0)
        row, column = self._cell or (0, 0)
        self._cell = min(max(row + down, 0), height - 1), min(max(column + right, 0), width - 1)
        text = self._cell_text(*self._cell)
        self.setAccessibleDescription(text)
        QToolTip.showText(self.mapToGlobal(self._marked().bottomRight().toPoint()), text, self)
        self.update()

    def _marked(self) -> QRectF:
        assert self.map is not None
        area, (height, width) = self._area(), self.map.values.shape
        row, column = self._cell or (0, 0)
        cell_width, cell_height = area.width() / width, area.height() / height
        place = QRectF(area.left() + column * cell_width, area.top() + row * cell_height, cell_width, cell_height)
        # A cell of a large matrix is smaller than a pixel.
        grow = max(0.0, (6 - min(cell_width, cell_height)) / 2)
        return place.adjusted(-grow, -grow, grow, grow)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.fillRect(self.rect(), QColor(colors().base))
        if self.map is not None and not self._image.isNull():
            area = self._area()
            shrinks = area.width() * self.devicePixelRatioF() < self._image.width()
            painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, shrinks)
            painter.drawImage(area, self._image)
            bar = QRectF(area.right() + _GAP, area.top(), _BAR, max(area.height(), min(90.0, self.height() - 16.0)))
            draw_scale(painter, self.map.scale, bar)
            if self._cell is not None and self.hasFocus():
                painter.setBrush(Qt.BrushStyle.NoBrush)
                for color, width in ((colors().base, 4.0), (colors().text, 2.0)):
                    painter.setPen(QPen(QColor(color), width))
                    painter.drawRect(self._marked())
        painter.end()


class KernelCanvas(QAbstractScrollArea):
    """Kernels side by side, as large as their room allows; it scrolls when there are many.

    The pointer tells the value below it; arrow keys go from kernel to kernel.
    """

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.kernels: Kernels | None = None
        self._image = QImage()
        self._current = -1
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setMinimumSize(160, 80)
        self.viewport().setMouseTracking(True)
        self.setAccessibleName(self.tr("Kernels"))

    def show_kernels(self, found: Kernels | None) -> None:
        """Shows these, or nothing."""
        self.kernels = found
        self._current = -1
        if found is not None:
            rows = found.count * found.height
            if found.is_color:
                self._image = colored(found.pixels, found.width, rows)
            else:
                self._image = picture(found.pixels, found.width, rows, found.scale.diverging)
            self.setAccessibleDescription(
                self.tr("{count} kernels; values from {low} to {high}. Arrow keys go from one to the next.").format(
                    count=exact_text(found.count), **_scale_words(found.scale)
                )
            )
        self.verticalScrollBar().setValue(0)
        self._fit()
        self.viewport().update()

    @property
    def image(self) -> QImage:
        """All kernels in one picture, several pixels a value."""
        found = self.kernels
        if found is None:
            return QImage()
        columns = math.ceil(math.sqrt(found.count))
        zoom = max(1, 48 // max(found.width, found.height))
        cell = QSize(found.width * zoom + 4, found.height * zoom + 4)
        result = QImage(columns * cell.width(), -(-found.count // columns) * cell.height(), QImage.Format.Format_ARGB32)
        result.fill(Qt.GlobalColor.transparent)
        painter = QPainter(result)
        for number in range(found.count):
            left, top = number % columns * cell.width() + 2, number // columns * cell.height() + 2
            painter.drawImage(QRect(left, top, cell.width() - 4, cell.height() - 4), self._image, self._source(number))
        painter.end()
        return result

    def _source(self, number: int) -> QRect:
        assert self.kernels is not None
        return QRect(0, number * self.kernels.height, self.kernels.width, self.kernels.height)

    def _cell(self) -> tuple[int, int, int, int]:
        """Width and height of a cell, columns, and the gap between them."""
        found = self.kernels
        assert found is not None
        room = QSize(self.viewport().width() - 20, self.viewport().height() - 16)
        bar = 0 if found.is_color else scale_width(self, found.scale) + _GAP
        width = max(room.width() - bar, 40)
        gap = 3
        ratio = found.height / found.width
        # The largest cells of which all fit, at least large enough to be looked at.
        best = 18
        for size in range(72, 18, -1):
            columns = max(width // (size + gap), 1)
            if -(-found.count // columns) * (size * ratio + gap) <= room.height():
                best = size
                break
        return best, max(round(best * ratio), 2), max(width // (best + gap), 1), gap

    def _fit(self) -> None:
        if self.kernels is None:
            self.verticalScrollBar().setRange(0, 0)
            return
        _, height, columns, gap = self._cell()
        whole = -(-self.kernels.count // columns) * (height + gap) + 16
        bar = self.verticalScrollBar()
        bar.setRange(0, max(whole - self.viewport().height(), 0))
        bar.setPageStep(self.viewport().height())
        bar.setSingleStep(height + gap)

    def kernel_at(self, place: QPointF) -> int:
        """The number of the kernel below a place, -1 for none."""
        if self.kernels is None:
            return -1
        width, height, columns, gap = self._cell()
        column = int((place.x() - 10) // (width + gap))
        row = int((place.y() - 8 + self.verticalScrollBar().value()) // (height + gap))
        number = row * columns + column
        return number if 0 <= column < columns and row >= 0 and number < self.kernels.count else -1

    def text_at(self, place: QPointF) -> str:
        """Which kernel is below a place, and the index and value (of colours: the three values) there."""
        found, number = self.kernels, self.kernel_at(place)
        if found is None or number < 0:
            return ""
        text = self.tr("Output channel {number}").format(number=exact_text(number))
        target = self._target(number)
        row = int((place.y() - target.top()) / target.height() * found.height)
        column = int((place.x() - target.left()) / target.width() * found.width)
        if not (0 <= row < found.height and 0 <= column < found.width):
            return text
        values = found.values[number, row, column]
        index = [number, ":" if found.is_color else found.channel, row, column]
        words = ", ".join(value_text(float(value)) for value in (values if found.is_color else (values,)))
        line = self.tr("[{index}]: {value}").format(index=", ".join(map(str, index)), value=words)
        return f"{text}\n{line}"

    def kernel_text(self, number: int) -> str:
        """A kernel in words: its number and the range of its values."""
        assert self.kernels is not None
        values = self.kernels.values[number]
        return self.tr("Output channel {number}: {low} to {high}").format(
            number=exact_text(number), low=value_text(float(values.min())), high=value_text(float(values.max()))
        )

    def _target(self, number: int) -> QRect:
        width, height, columns, gap = self._cell()
        top = 8 + number // columns * (height + gap) - self.verticalScrollBar().value()
        return QRect(10 + number % columns * (width + gap), top, width, height)

    def _move_to(self, number: int) -> None:
        assert self.kernels is not None
        self._current = min(max(number, 0), self.kernels.count - 1)
        text = self.kernel_text(self._current)
        self.setAccessibleDescription(text)
        target, bar = self._target(self._current), self.verticalScrollBar()
        if target.top() < 0:
            bar.setValue(bar.value() + target.top() - 8)
        elif target.bottom() > self.viewport().height():
            bar.setValue(bar.value() + target.bottom() - self.viewport().height() + 8)
        corner = self._target(self._current).bottomRight()
        QToolTip.showText(self.viewport().mapToGlobal(corner), text, self)
        self.viewport().update()

    # Qt's side

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        QToolTip.showText(event.globalPosition().toPoint(), self.text_at(event.position()), self)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        columns = self._cell()[2] if self.kernels is not None else 1
        last = self.kernels.count - 1 if self.kernels is not None else 0
        moves = {
            Qt.Key.Key_Left: self._current - 1, Qt.Key.Key_Right: self._current + 1,
            Qt.Key.Key_Up: self._current - columns, Qt.Key.Key_Down: self._current + columns,
            Qt.Key.Key_Home: 0, Qt.Key.Key_End: last,
        }  # fmt: skip
        if self.kernels is None or event.key() not in moves:
            super().keyPressEvent(event)
            return
        self._move_to(moves[Qt.Key(event.key())] if self._current >= 0 else 0)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self.viewport())
        painter.fillRect(self.viewport().rect(), QColor(colors().base))
        found = self.kernels
        if found is None:
            painter.end()
            return
        width, height, columns, gap = self._cell()
        scrolled = self.verticalScrollBar().value()
        first = max((scrolled - 8) // (height + gap), 0) * columns
        for number in range(first, found.count):
            top = 8 + number // columns * (height + gap) - scrolled
            if top > self.viewport().height():
                break
            painter.drawImage(self._target(number), self._image, self._source(number))
        if self._current >= 0 and self.hasFocus():
            painter.setBrush(Qt.BrushStyle.NoBrush)
            for color, thick in ((colors().base, 4.0), (colors().text, 2.0)):
                painter.setPen(QPen(QColor(color), thick))
                painter.drawRect(self._target(self._current))
        if not found.is_color:
            left = 10 + min(columns, found.count) * (width + gap) + _GAP
            draw_scale(painter, found.scale, QRectF(left, 8, _BAR, min(self.viewport().height() - 16.0, 160.0)))
        painter.end()
