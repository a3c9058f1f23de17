"""Painted plots: a histogram of one or two tensors, the curve of a vector. Colours follow the theme as they paint."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QPointF, QRectF, Qt, Signal
from PySide6.QtGui import QColor, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QToolTip, QWidget

from ckpt_studio.core.statistics import Statistics
from ckpt_studio.gui.figures import exact_text, values_text
from ckpt_studio.gui.inspector.facts import number_text
from ckpt_studio.gui.statuses import is_dark
from ckpt_studio.gui.theme import colors

# The first and the second tensor: blue and orange differ for every kind of eye.
_SECOND = ("#b45309", "#f0a35e")


def series_color(place: int) -> QColor:
    """The colour of the first (0) or second (1) of two tensors."""
    return QColor(colors().accent if place == 0 else _SECOND[1 if is_dark() else 0])


def ticks(low: float, high: float, most: int) -> list[float]:
    """Round numbers between two limits, at most `most` of them."""
    span = high - low
    if span == math.inf:
        # Ends that float64 can hold, but not their distance.
        return [low, 0.0, high]
    if span <= 0 or most < 1:
        return [low]
    raw = span / most
    if raw < 1e-300:
        # So close that there are no round numbers between them.
        return [low, high]
    power = 10.0 ** math.floor(math.log10(raw))
    step = next(power * factor for factor in (1, 2, 5, 10, 20) if power * factor >= raw)
    first = math.ceil(low / step)
    return [k * step for k in range(first, first + most + 1) if k * step <= high + step * 1e-9]


def _part(value: float, low: float, high: float) -> float:
    """How far a value is on the way from one limit to the other; their distance may be beyond float64."""
    if math.isfinite(high - low):
        return (value - low) / ((high - low) or 1.0)
    return (value / 2 - low / 2) / (high / 2 - low / 2)


@dataclass
class _Axes:
    """Maps values to places in a rectangle, and draws the lines and numbers around it."""

    area: QRectF
    low: float
    high: float
    bottom: float
    top: float

    def x(self, value: float) -> float:
        return self.area.left() + _part(value, self.low, self.high) * self.area.width()

    def y(self, value: float) -> float:
        return self.area.bottom() - _part(value, self.bottom, self.top) * self.area.height()

    def draw(self, painter: QPainter, with_y: bool) -> None:
        theme, metrics = colors(), painter.fontMetrics()
        line, text = QPen(QColor(theme.line), 1), QPen(QColor(theme.muted))
        right = self.area.left() - 4.0
        painter.setPen(line)
        painter.drawLine(self.area.bottomLeft(), self.area.bottomRight())
        for value in ticks(self.low, self.high, max(2, int(self.area.width() // 90))):
            words = number_text(value, 4)
            width = metrics.horizontalAdvance(words)
            place = self.x(value)
            painter.setPen(line)
            painter.drawLine(QPointF(place, self.area.bottom()), QPointF(place, self.area.bottom() + 4))
            painter.setPen(text)
            left = min(max(place - width / 2, self.area.left() - 30), self.area.right() - width + 8)
            painter.drawText(QPointF(left, self.area.bottom() + 5 + metrics.ascent()), words)
        if not with_y:
            return
        for value in ticks(self.bottom, self.top, max(2, int(self.area.height() // 34))):
            words = number_text(value, 4)
            painter.setPen(line)
            painter.drawLine(QPointF(self.area.left(), self.y(value)), QPointF(self.area.right(), self.y(value)))
            painter.setPen(text)
            width = metrics.horizontalAdvance(words)
            painter.drawText(QPointF(right - width, self.y(value) + metrics.ascent() / 2 - 1), words)


class HistogramView(QWidget):
    """How often which values occur; of two tensors one over the other, each as a share of its own values.

    The pointer, or a mark moved by arrow keys, tells what a bar counts.
    """

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.series: list[tuple[str, Statistics]] = []
        self.setMinimumSize(160, 90)
        self._mark: float | None = None
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAccessibleName(self.tr("Histogram"))

    def show_series(self, series: Sequence[tuple[str, Statistics]]) -> None:
        """Shows the histograms of these statistics, by name."""
        self.series = [item for item in series if item[1].histogram]
        self._mark = None
        if self.series:
            low, high = self._limits()
            self.setAccessibleDescription(
                self.tr("Values from {low} to {high}").format(low=number_text(low), high=number_text(high))
            )
        self.update()

    def _limits(self) -> tuple[float, float]:
        edges = [_edges(values) for _, values in self.series]
        return min(low for low, _ in edges), max(high for _, high in edges)

    def _axes(self) -> _Axes:
        room = self.fontMetrics().height()
        top = room + 6 if len(self.series) > 1 else 8
        area = QRectF(12, top, self.width() - 24, self.height() - top - room - 10)
        low, high = self._limits()
        tallest = max(_heights(values)[1] for _, values in self.series)
        return _Axes(area, low, high, 0.0, tallest)

    def text_at(self, place: QPointF) -> str:
        """What the bar below the pointer counts."""
        if not self.series:
            return ""
        axes = self._axes()
        part = (place.x() - axes.area.left()) / axes.area.width()
        return self._text_of(axes.low * (1 - part) + axes.high * part)

    def _text_of(self, value: float) -> str:
        lines = []
        for name, values in self.series:
            low = _edges(values)[0]
            width = _width(values)
            number = math.floor(value / width - low / width) if width else -1
            if 0 <= number < len(values.histogram):
                line = self.tr("{values} from {low} to {high}").format(
                    values=values_text(values.histogram[number]),
                    low=number_text(low + number * width),
                    high=number_text(low + (number + 1) * width),
                )
                lines.append(f"{name}: {line}" if len(self.series) > 1 else line)
        return "\n".join(lines)

    # Qt's side

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        QToolTip.showText(event.globalPosition().toPoint(), self.text_at(event.position()), self)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        keys = (Qt.Key.Key_Left, Qt.Key.Key_Right, Qt.Key.Key_Home, Qt.Key.Key_End)
        if not self.series or event.key() not in keys:
            super().keyPressEvent(event)
            return
        low, high = self._limits()
        step = min(_width(values) for _, values in self.series)
        first, last = low + step / 2, high - step / 2
        before = first - step if self._mark is None else self._mark
        places = dict(zip(keys, (before - step, before + step, first, last), strict=True))
        self._mark = min(max(places[Qt.Key(event.key())], first), last)
        text = self._text_of(self._mark)
        self.setAccessibleDescription(text)
        axes = self._axes()
        QToolTip.showText(self.mapToGlobal(QPointF(axes.x(self._mark), axes.area.center().y()).toPoint()), text, self)
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.fillRect(self.rect(), QColor(colors().base))
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if not self.series:
            painter.end()
            return
        axes = self._axes()
        axes.draw(painter, with_y=False)
        for place, (name, values) in enumerate(self.series):
            self._draw(painter, axes, values, place)
            if len(self.series) > 1:
                self._draw_key(painter, name, place)
        if self._mark is not None and self.hasFocus():
            painter.setPen(QPen(QColor(colors().text), 1, Qt.PenStyle.DotLine))
            here = axes.x(self._mark)
            painter.drawLine(QPointF(here, axes.area.top()), QPointF(here, axes.area.bottom()))
        painter.end()

    def _draw(self, painter: QPainter, axes: _Axes, values: Statistics, place: int) -> None:
        low, high = _edges(values)
        heights, _ = _heights(values)
        width = _width(values)
        outline = QPolygonF([QPointF(axes.x(low), axes.area.bottom())])
        for number, height in enumerate(heights):
            outline.append(QPointF(axes.x(low + number * width), axes.y(height)))
            outline.append(QPointF(axes.x(low + (number + 1) * width), axes.y(height)))
        outline.append(QPointF(axes.x(high), axes.area.bottom()))
        color = series_color(place)
        fill = QColor(color)
        fill.setAlphaF(0.28)
        painter.setPen(QPen(color, 1.2, Qt.PenStyle.SolidLine if place == 0 else Qt.PenStyle.DashLine))
        painter.setBrush(fill)
        painter.drawPolygon(outline)

    def _draw_key(self, painter: QPainter, name: str, place: int) -> None:
        metrics = painter.fontMetrics()
        half = self.width() // 2 - 12
        left = 10 + place * (half + 8)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(series_color(place))
        painter.drawRect(QRectF(left, 6, 9, 9))
        painter.setPen(QColor(colors().text))
        words = metrics.elidedText(name, Qt.TextElideMode.ElideMiddle, half - 18)
        painter.drawText(QPointF(left + 14, 2 + metrics.ascent()), words)


def _edges(values: Statistics) -> tuple[float, float]:
    low, high = float(values.minimum or 0), float(values.maximum or 0)
    return (low, high) if low < high else (low - 0.5, low + 0.5)


def _width(values: Statistics) -> float:
    """How wide each bin is."""
    low, high = _edges(values)
    return high / len(values.histogram) - low / len(values.histogram)


def _heights(values: Statistics) -> tuple[list[float], float]:
    # By area: bins of two tensors may be of different widths.
    width = _width(values) or 1.0
    total = sum(values.histogram) or 1
    heights = [count / total / width for count in values.histogram]
    return heights, max(heights) or 1.0


class CurveView(QWidget):
    """A vector as a curve; of long ones each step shows the lowest and the highest of its values.

    Signals:
        place_wanted(int): a place in the vector was clicked.
    """

    place_wanted = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.lows: list[float] = []
        self.highs: list[float] = []
        self.count = 0
        self._cursor = -1
        self.setMinimumSize(160, 90)
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAccessibleName(self.tr("Curve of the values"))

    def show_values(self, lows: Sequence[float], highs: Sequence[float], count: int) -> None:
        """Shows `count` values by the lowest and highest of each of the steps they are divided into."""
        self.lows, self.highs, self.count = list(lows), list(highs), count
        self._cursor = -1
        self.update()

    def text_at(self, step: int) -> str:
        """What is at a step."""
        first, last = self._range(step)
        low, high = self.lows[step], self.highs[step]
        if last == first and not math.isfinite(low):
            return self.tr("Value {place}: not a number or infinite").format(place=exact_text(first))
        if last == first:
            return self.tr("Value {place}: {value}").format(place=exact_text(first), value=number_text(low, 7))
        return self.tr("Values {first} to {last}: {low} to {high}").format(
            first=exact_text(first), last=exact_text(last), low=number_text(low), high=number_text(high)
        )

    def _range(self, step: int) -> tuple[int, int]:
        steps = len(self.lows)
        return step * self.count // steps, max((step + 1) * self.count // steps - 1, step * self.count // steps)

    def _axes(self) -> _Axes:
        metrics = self.fontMetrics()
        finite = [value for value in (*self.lows, *self.highs) if math.isfinite(value)]
        low, high = (min(finite), max(finite)) if finite else (0.0, 1.0)
        if low == high:
            low, high = low - 0.5, high + 0.5
        left = 10 + max(metrics.horizontalAdvance(number_text(value, 4)) for value in ticks(low, high, 4))
        area = QRectF(left + 6, 8, self.width() - left - 18, self.height() - 8 - metrics.height() - 10)
        return _Axes(area, 0, max(self.count - 1, 1), low, high)

    def _move(self, step: int) -> None:
        if self.lows:
            self._cursor = min(max(step, 0), len(self.lows) - 1)
            self.setAccessibleDescription(self.text_at(self._cursor))
            self.update()

    # Qt's side

    def keyPressEvent(self, event: QKeyEvent) -> None:
        page = max(len(self.lows) // 10, 1)
        moves = {
            Qt.Key.Key_Left: self._cursor - 1, Qt.Key.Key_Right: self._cursor + 1, Qt.Key.Key_Home: 0,
            Qt.Key.Key_End: len(self.lows), Qt.Key.Key_PageUp: self._cursor - page,
            Qt.Key.Key_PageDown: self._cursor + page,
        }  # fmt: skip
        if event.key() in moves:
            self._move(moves[Qt.Key(event.key())])
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and self._cursor >= 0:
            self.place_wanted.emit(self._range(self._cursor)[0])
        else:
            super().keyPressEvent(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if self.lows:
            area = self._axes().area
            self._move(int((event.position().x() - area.left()) / area.width() * len(self.lows)))
            QToolTip.showText(event.globalPosition().toPoint(), self.text_at(self._cursor), self)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        super().mousePressEvent(event)
        if self._cursor >= 0:
            self.place_wanted.emit(self._range(self._cursor)[0])

    def paintEvent(self, event: QPaintEvent) -> None:
        theme = colors()
        painter = QPainter(self)
        painter.fillRect(self.rect(), QColor(theme.base))
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if not self.lows:
            painter.end()
            return
        axes = self._axes()
        axes.draw(painter, with_y=True)
        painter.setPen(QPen(QColor(theme.accent), 1.3))
        before: QPointF | None = None
        for step, (low, high) in enumerate(zip(self.lows, self.highs, strict=True)):
            if not math.isfinite(low):
                before = None
                continue
            first, last = self._range(step)
            here = axes.x((first + last) / 2)
            if before is not None:
                painter.drawLine(before, QPointF(here, axes.y(low)))
            elif len(self.lows) == 1:
                painter.drawEllipse(QPointF(here, axes.y(low)), 3, 3)
            if high > low:
                painter.drawLine(QPointF(here, axes.y(low)), QPointF(here, axes.y(high)))
            before = QPointF(here, axes.y(high))
        if self._cursor >= 0:
            first, last = self._range(self._cursor)
            here = axes.x((first + last) / 2)
            painter.setPen(QPen(QColor(theme.muted), 1, Qt.PenStyle.DotLine))
            painter.drawLine(QPointF(here, axes.area.top()), QPointF(here, axes.area.bottom()))
            if self.hasFocus():
                painter.setPen(QColor(theme.text))
                painter.drawText(
                    QPointF(axes.area.left() + 6, 8 + painter.fontMetrics().ascent()), self.text_at(self._cursor)
                )
        painter.end()
