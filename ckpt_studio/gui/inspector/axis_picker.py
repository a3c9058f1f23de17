"""Which two axes of a tensor are shown as rows and columns, and at which index the others stand."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QLabel, QSpinBox, QWidget

from ckpt_studio.gui.figures import exact_text
from ckpt_studio.gui.inspector.flow_layout import FlowLayout
from ckpt_studio.gui.inspector.reading import Slice


class AxisPicker(QWidget):
    """Hidden where there is nothing to choose: tensors of up to two axes. Everything in it is reached by Tab.

    Signals:
        changed(): another slice was chosen.
    """

    changed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.rows, self.columns = QComboBox(), QComboBox()
        self.rows.setAccessibleName(self.tr("Axis shown as rows"))
        self.columns.setAccessibleName(self.tr("Axis shown as columns"))
        self.rows.setToolTip(self.tr("The axis whose indices run downwards"))
        self.columns.setToolTip(self.tr("The axis whose indices run to the right"))
        self.places: list[QSpinBox] = []
        self._shape: tuple[int, ...] | None = None
        self._flow = FlowLayout(self, gap=8)
        self._flow.setContentsMargins(8, 4, 8, 4)
        for words, box in ((self.tr("Rows"), self.rows), (self.tr("Columns"), self.columns)):
            box.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToContents)
            self._flow.addWidget(_labelled(words, box))
        self.rows.activated.connect(lambda: self._on_axis(self.rows, self.columns))
        self.columns.activated.connect(lambda: self._on_axis(self.columns, self.rows))
        self._below: list[QWidget] = []

    def show_shape(self, shape: tuple[int, ...], rows: int, columns: int) -> None:
        """Offers the axes of this shape, these two chosen at first."""
        if shape == self._shape:
            return
        self._shape = shape
        for box, chosen in ((self.rows, rows), (self.columns, columns)):
            box.clear()
            for axis, size in enumerate(shape):
                box.addItem(self.tr("axis {axis} ({size})").format(axis=axis, size=exact_text(size)))
            box.setCurrentIndex(chosen)
        self._offer_places()
        self.setVisible(self.is_needed)

    @property
    def is_needed(self) -> bool:
        """Whether there is anything to choose."""
        return len(self._shape or ()) > 2

    @property
    def slice(self) -> Slice:
        """What is chosen."""
        axes = len(self._shape or ())
        if axes < 2:
            return Slice(0 if axes else None, None, (0,) * axes)
        others = tuple(box.value() for box in self.places)
        return Slice(self.rows.currentIndex(), self.columns.currentIndex(), others)

    def show_index(self, index: Sequence[int]) -> tuple[int, int]:
        """Chooses the slice that a value of the shape lies in, and says at which row and column of it."""
        if len(index) < 2:
            return (index[0] if index else 0), 0
        for box, place in zip(self.places, index, strict=True):
            box.blockSignals(True)
            box.setValue(place)
            box.blockSignals(False)
        return index[self.rows.currentIndex()], index[self.columns.currentIndex()]

    def _offer_places(self) -> None:
        for widget in self._below:
            self._flow.removeWidget(widget)
            widget.deleteLater()
        self._below.clear()
        self.places = []
        before: QWidget = self.columns
        for axis, size in enumerate(self._shape or ()):
            box = QSpinBox()
            box.setRange(0, max(min(size, 2**31) - 1, 0))
            box.setAccessibleName(self.tr("Index of axis {axis}").format(axis=axis))
            box.setToolTip(
                self.tr("Which of the {size} slices along axis {axis}").format(size=exact_text(size), axis=axis)
            )
            box.valueChanged.connect(self.changed)
            self.places.append(box)
            pair = _labelled(self.tr("Axis {axis}").format(axis=axis), box)
            self._below.append(pair)
            self._flow.addWidget(pair)
            pair.setVisible(axis not in (self.rows.currentIndex(), self.columns.currentIndex()))
            self.setTabOrder(before, box)
            before = box

    def _on_axis(self, chosen: QComboBox, other: QComboBox) -> None:
        if chosen.currentIndex() == other.currentIndex():
            # The other axis takes any that is free.
            other.setCurrentIndex(next(i for i in range(other.count()) if i != chosen.currentIndex()))
        self._offer_places()
        self.changed.emit()


def _labelled(words: str, box: QWidget) -> QWidget:
    """A field with its name before it, which stay together."""
    pair = QWidget()
    row = QHBoxLayout(pair)
    row.setContentsMargins(0, 0, 0, 0)
    row.setSpacing(6)
    label = QLabel(words)
    label.setBuddy(box)
    row.addWidget(label)
    row.addWidget(box)
    return pair
