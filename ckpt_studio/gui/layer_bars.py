"""A bar per layer: how far it moved between two checkpoints."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QHelpEvent, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from ckpt_studio.gui.theme import colors, muted_color

_MARGIN = 6
_WIDEST = 48.0


@dataclass(frozen=True)
class LayerChange:
    """One layer.

    Attributes:
        name: what its tensors' names begin with.
        change: its tensors' largest relative change; inf where the first side is all zero; None where it
            cannot be computed (other shapes).
        tensors, changed: how many there are on both sides, and how many of them differ.
    """

    name: str
    change: float | None
    tensors: int
    changed: int


def layer_of(name: str) -> str:
    """The layer a tensor belongs to: up to the first number among its name's parts, else its module's first two."""
    module = name.split(".")[:-1]
    for place, part in enumerate(module):
        if part.isdecimal():
            return ".".join(module[: place + 1])
    return ".".join(module[:2]) or name


class LayerBars(QWidget):
    """Bars from left to right in the order of the file; a click, or Return, chooses a layer.

    Signals:
        chosen(str): this layer; "" for none.
    """

    chosen = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._layers: Sequence[LayerChange] = ()
        self._current = -1
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAccessibleName(self.tr("Change of every layer"))

    def set_layers(self, layers: Sequence[LayerChange]) -> None:
        """Shows other layers; none is chosen."""
        self._layers, self._current = layers, -1
        self.update()

    @property
    def layers(self) -> Sequence[LayerChange]:
        """The layers shown."""
        return self._layers

    def text_at(self, place: int) -> str:
        """A layer's change in words."""
        layer = self._layers[place]
        if not layer.changed:
            return self.tr("{name}: unchanged").format(name=layer.name)
        if layer.change is None:
            return self.tr("{name}: other shapes").format(name=layer.name)
        size = "∞" if math.isinf(layer.change) else self.locale().toString(layer.change, "g", 3)
        return self.tr("{name}: moved by {size} of its size; {changed} of {tensors} tensors differ").format(
            name=layer.name, size=size, changed=layer.changed, tensors=layer.tensors
        )

    def _area(self) -> QRectF:
        line = self.fontMetrics().lineSpacing()
        return QRectF(self.rect()).adjusted(_MARGIN, line + 6, -_MARGIN, -_MARGIN)

    def _step(self) -> float:
        return min(self._area().width() / max(len(self._layers), 1), _WIDEST)

    def place_at(self, position: QPointF) -> int:
        """The layer under a position, or -1."""
        place = int((position.x() - self._area().left()) / self._step())
        return place if 0 <= place < len(self._layers) and position.x() >= self._area().left() else -1

    def rect_of(self, place: int) -> QRectF:
        """The column of a layer."""
        area, step = self._area(), self._step()
        return QRectF(area.left() + place * step, area.top(), step, area.height())

    def _choose(self, place: int) -> None:
        self._current = place
        self.chosen.emit(self._layers[place].name if place >= 0 else "")
        self.update()

    # Qt's side

    def sizeHint(self) -> QSize:
        return QSize(400, self.fontMetrics().lineSpacing() * 7)

    def event(self, event: QEvent) -> bool:
        if isinstance(event, QHelpEvent):
            place = self.place_at(QPointF(event.pos()))
            QToolTip.showText(event.globalPos(), self.text_at(place) if place >= 0 else "", self)
            return True
        return super().event(event)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        place = self.place_at(event.position())
        self._choose(-1 if place == self._current else place)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        last = len(self._layers) - 1
        steps = {Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 1}
        if event.key() in steps and last >= 0:
            self._choose(max(0, min(last, self._current + steps[Qt.Key(event.key())])))
        elif event.key() == Qt.Key.Key_Escape and self._current >= 0:
            self._choose(-1)
        else:
            super().keyPressEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        theme, area, step = colors(), self._area(), self._step()
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(theme.base))
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), 6, 6)
        sizes = [layer.change for layer in self._layers if layer.change is not None and math.isfinite(layer.change)]
        highest = max(sizes, default=0.0) or 1.0
        gap = min(step * 0.2, 3.0)
        for place, layer in enumerate(self._layers):
            column = self.rect_of(place)
            if place == self._current:
                painter.setBrush(QColor(theme.hover))
                painter.drawRect(column)
            full = layer.change is None or math.isinf(layer.change)
            share = 1.0 if full else (layer.change or 0.0) / highest
            height = max(share * area.height(), 1.0)
            painter.setBrush(QColor(theme.accent) if layer.changed and not full else muted_color())
            painter.drawRect(QRectF(column.left() + gap / 2, area.bottom() - height, max(step - gap, 0.5), height))
        painter.setPen(QPen(muted_color()))
        text = self.text_at(self._current) if self._current >= 0 else self.tr("Change of every layer, in file order")
        start = QPointF(area.left(), _MARGIN + painter.fontMetrics().ascent())
        painter.drawText(start, painter.fontMetrics().elidedText(text, Qt.TextElideMode.ElideMiddle, int(area.width())))
        if self.hasFocus():
            painter.setPen(QPen(QColor(theme.accent)))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), 6, 6)
        painter.end()
