"""The views of one tensor's values; each reads what it shows in a task of its own."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from PySide6.QtCore import QItemSelectionModel, Signal
from PySide6.QtGui import QGuiApplication, QImage, QKeyEvent, QKeySequence, QResizeEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QCheckBox,
    QHBoxLayout,
    QHeaderView,
    QLabel,
    QPushButton,
    QSpinBox,
    QVBoxLayout,
    QWidget,
)

from ckpt_studio.core.jobs import Progress
from ckpt_studio.core.nonfinite import place_of
from ckpt_studio.core.statistics import Statistics
from ckpt_studio.core.tensor import Tensor
from ckpt_studio.errors import StudioError
from ckpt_studio.gui.dialogs.ask_dialog import Banner, counted, muted
from ckpt_studio.gui.figures import exact_text
from ckpt_studio.gui.inspector.axis_picker import AxisPicker
from ckpt_studio.gui.inspector.flow_layout import FlowLayout
from ckpt_studio.gui.inspector.measuring import Measurements, measured
from ckpt_studio.gui.inspector.pictures import HeatMapCanvas, KernelCanvas
from ckpt_studio.gui.inspector.plots import CurveView, HistogramView
from ckpt_studio.gui.inspector.reading import Curve, HeatMap, Kernels, curve, heat_map, kernels, readable
from ckpt_studio.gui.inspector.tables import PAGE, BytesModel, TileModel, ValuesModel
from ckpt_studio.gui.steady_table import SteadyTable
from ckpt_studio.gui.tasks import Task, run_task
from ckpt_studio.gui.text_size import fixed_font
from ckpt_studio.gui.wording import worded_error

_CURVE_STEPS = 1200
# Of a pane with less, a note would take what is worth looking at.
_LINES_WITH_NOTE = 9
# Of less, nothing can be made out.
_LEAST_LINES = 3


class ValueView(QWidget):
    """One way to look at a tensor. What is read for an earlier tensor is dropped."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.tensor: Tensor | None = None
        self.is_difference = False
        self.message = Banner()
        self.message.hide()
        self.note = muted(QLabel())
        self.note.setContentsMargins(8, 0, 8, 4)
        self.note.hide()
        self.column = QVBoxLayout(self)
        self.column.setContentsMargins(0, 0, 0, 0)
        self.column.setSpacing(2)
        self.column.addWidget(self.message)
        self._task: Task | None = None

    def show_tensor(self, tensor: Tensor | None) -> None:
        """Shows another tensor, or stops (None); while `is_difference` is set, zero has the colour in the middle."""
        self.stop()
        self.tensor = tensor
        self.message.hide()
        self.note.clear()
        self._fit_note()

    def picture(self) -> QImage:
        """What to save as a picture; null when there is none."""
        return self.grab().toImage()

    @property
    def is_reading(self) -> bool:
        """Whether something is still being read."""
        return self._task is not None

    def stop(self) -> None:
        """Drops what is being read."""
        task, self._task = self._task, None
        if task is not None:
            task.cancel()

    def _read(self, job: Callable[[Progress], Any], arrived: Callable[[Any], None]) -> None:
        self.stop()
        task = run_task(self, readable(job), label=self.tr("Reading values"))
        self._task = task

        def on_succeeded(result: Any) -> None:
            if task is self._task:
                self._task = None
                arrived(result)

        def on_failed(error: StudioError) -> None:
            if task is self._task:
                self._task = None
                self._say_failed(error)

        task.succeeded.connect(on_succeeded)
        task.failed.connect(on_failed)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit_note()
        self._fit_rows()

    @property
    def _least_height(self) -> int:
        """What the values need to be worth looking at."""
        return _LEAST_LINES * self.fontMetrics().lineSpacing()

    def _around(self) -> list[tuple[QWidget, bool]]:
        """What a low pane leaves out, the dearest first, and whether it has anything to say."""
        return []

    def _fit_rows(self) -> None:
        """Leaves out what stands around the values where the pane is too low for both."""
        gap = self.column.spacing()
        room = self.height() - self._least_height - (0 if self.note.isHidden() else self.note.sizeHint().height() + gap)
        for row, is_wanted in self._around():
            height = (row.heightForWidth(self.width()) if row.hasHeightForWidth() else row.sizeHint().height()) + gap
            fits = is_wanted and height <= room
            row.setVisible(fits)
            room -= height if fits else 0

    def _fit_note(self) -> None:
        """In a low pane the values have the room of the note, whose words are then their tooltip."""
        text, lines = self.note.text(), self.height() // max(self.fontMetrics().lineSpacing(), 1)
        self.note.setVisible(bool(text) and lines >= _LINES_WITH_NOTE)
        self.setToolTip(text)

    def _say_failed(self, error: StudioError) -> None:
        self.message.say(worded_error(error), "bad")

    def _say(self, text: str) -> None:
        self.note.setText(text)
        self._fit_note()


class HistogramPage(ValueView):
    """How often which values occur; the pane measures, this shows."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.plot = HistogramView()
        self.column.addWidget(self.plot, 1)

    def show_difference(self, tensor: Tensor, measurements: Measurements) -> None:
        """Measures a difference, which nobody else asks for, and shows it."""
        known = measurements.get(tensor)

        def on_measured(values: Statistics) -> None:
            measurements.keep(tensor, values)
            self.plot.show_series([("", values)])

        self.plot.show_series([])
        if known is not None:
            on_measured(known)
        else:
            self._read(lambda progress: measured(tensor, progress), on_measured)


class HeatMapPage(ValueView):
    """A matrix, or any two axes of a larger tensor, as colours."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.picker = AxisPicker()
        self.picker.changed.connect(self._begin)
        self.canvas = HeatMapCanvas()
        self.column.addWidget(self.picker)
        self.column.addWidget(self.canvas, 1)
        self.column.addWidget(self.note)

    def show_tensor(self, tensor: Tensor | None) -> None:
        super().show_tensor(tensor)
        self.canvas.show_map(None)
        if tensor is not None:
            by_size = sorted(range(len(tensor.shape)), key=lambda axis: tensor.shape[axis])
            rows, columns = sorted(by_size[-2:])
            self.picker.show_shape(tensor.shape, rows, columns)
            self._fit_rows()
            self._begin()

    def _around(self) -> list[tuple[QWidget, bool]]:
        return [(self.picker, self.picker.is_needed)]

    def picture(self) -> QImage:
        return self.canvas.image

    def _begin(self) -> None:
        tensor, part = self.tensor, self.picker.slice
        if tensor is not None:
            centered = self.is_difference
            self._read(lambda progress: heat_map(tensor, part, progress, centered), self._on_read)

    def _on_read(self, found: HeatMap) -> None:
        self.canvas.show_map(found)
        rows, columns = exact_text(found.row_step), exact_text(found.column_step)
        if found.row_step > 1 and found.column_step > 1:
            text = self.tr("Too large to show whole: one of {rows} rows and one of {columns} columns is shown.")
        elif found.row_step > 1:
            text = self.tr("Too many rows to show all: one of {rows} is shown.")
        elif found.column_step > 1:
            text = self.tr("Too many columns to show all: one of {columns} is shown.")
        else:
            text = ""
        self._say(text.format(rows=rows, columns=columns))


class KernelPage(ValueView):
    """The kernels of a convolution: of one input channel, or as colour pictures where there are three."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.channel = QSpinBox()
        self.channel.setAccessibleName(self.tr("Input channel"))
        self.channel.valueChanged.connect(self._begin)
        self.channel_label = QLabel(self.tr("Input channel"))
        self.channel_label.setBuddy(self.channel)
        self.as_color = QCheckBox(self.tr("In colours"))
        self.as_color.setToolTip(self.tr("Shows the three input channels together, as red, green and blue"))
        self.as_color.toggled.connect(self._on_color)
        self.choices = QWidget()
        row = FlowLayout(self.choices)
        row.setContentsMargins(8, 4, 8, 4)
        row.addWidget(self.channel_label)
        row.addWidget(self.channel)
        row.addWidget(self.as_color)
        self.canvas = KernelCanvas()
        self.column.addWidget(self.choices)
        self.column.addWidget(self.canvas, 1)
        self.column.addWidget(self.note)

    def show_tensor(self, tensor: Tensor | None) -> None:
        super().show_tensor(tensor)
        self.canvas.show_kernels(None)
        if tensor is None:
            return
        inputs = tensor.shape[1]
        for widget in (self.channel, self.as_color):
            widget.blockSignals(True)
        self.channel.setRange(0, inputs - 1)
        self.channel.setValue(0)
        self.as_color.setChecked(inputs == 3)
        for widget in (self.channel, self.as_color):
            widget.blockSignals(False)
        self.as_color.setVisible(inputs == 3)
        self.channel.setVisible(inputs > 1)
        self.channel_label.setVisible(inputs > 1)
        self._fit_rows()
        self._on_color(inputs == 3)

    def _around(self) -> list[tuple[QWidget, bool]]:
        return [(self.choices, not self.channel.isHidden())]

    def picture(self) -> QImage:
        return self.canvas.image

    def _on_color(self, is_color: bool) -> None:
        self.channel.setEnabled(not is_color)
        self._begin()

    def _begin(self) -> None:
        tensor, channel = self.tensor, -1 if self.as_color.isChecked() else self.channel.value()
        if tensor is not None:
            centered = self.is_difference
            self._read(lambda progress: kernels(tensor, channel, progress, centered), self._on_read)

    def _on_read(self, found: Kernels) -> None:
        self.canvas.show_kernels(found)
        shown, total = exact_text(found.count), exact_text(found.total)
        self._say(
            self.tr("The first {count} of {total} kernels").format(count=shown, total=total)
            if found.count < found.total
            else ""
        )


class CurvePage(ValueView):
    """A vector as a curve."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.plot = CurveView()
        self.column.addWidget(self.plot, 1)
        self.column.addWidget(self.note)

    def show_tensor(self, tensor: Tensor | None) -> None:
        super().show_tensor(tensor)
        self.plot.show_values((), (), 0)
        if tensor is not None:
            self._read(lambda progress: curve(tensor, _CURVE_STEPS, progress), self._on_read)

    def _on_read(self, found: Curve) -> None:
        self.plot.show_values(found.lows, found.highs, found.count)
        self._say(self.tr("A long vector: one value of each stretch is shown.") if found.is_sampled else "")


class CellsView(SteadyTable):
    """A table whose cells are copied as tab-separated text."""

    def __init__(self, model: TileModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setModel(model)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerItem)
        self.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setCornerButtonEnabled(False)
        self.setStyleSheet("QTableCornerButton::section { background: palette(base); border: 0; }")
        self.setWordWrap(False)
        for header in (self.horizontalHeader(), self.verticalHeader()):
            header.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
            header.setHighlightSections(False)
        self.verticalHeader().setDefaultSectionSize(self.fontMetrics().height() + 7)
        # The window's style gives headers room that rows this low do not have.
        self.verticalHeader().setStyleSheet("QHeaderView::section { padding: 0 7px; border-bottom: 0; }")

    def copy_cells(self) -> None:
        """Puts the selected cells on the clipboard as far as they have been read."""
        selected = sorted((index.row(), index.column()) for index in self.selectedIndexes())
        lines: dict[int, list[str]] = {}
        for row, column in selected:
            lines.setdefault(row, []).append(self.model().index(row, column).data() or "")
        if lines:
            QGuiApplication.clipboard().setText("\n".join("\t".join(cells) for cells in lines.values()))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.matches(QKeySequence.StandardKey.Copy):
            self.copy_cells()
            return
        super().keyPressEvent(event)


class _Pages(QWidget):
    """From which row on a very long table is shown; hidden for others."""

    def __init__(self, turned: Callable[[], None], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.first = QSpinBox()
        self.first.setAccessibleName(self.tr("First row shown"))
        self.first.setSingleStep(PAGE)
        self.first.setGroupSeparatorShown(True)
        self.first.setKeyboardTracking(False)
        self.first.valueChanged.connect(turned)
        row = QHBoxLayout(self)
        row.setContentsMargins(8, 4, 8, 0)
        row.addWidget(QLabel(self.tr("A million rows from row")))
        row.addWidget(self.first)
        row.addStretch(1)

    def show_rows(self, rows: int) -> None:
        """Offers pages of this many rows."""
        self.first.blockSignals(True)
        self.first.setRange(0, max(min(rows, 2**31 - 1) - 1, 0))
        self.first.setValue(0)
        self.first.blockSignals(False)
        self.setVisible(rows > PAGE)


class TablePage(ValueView):
    """The values themselves, of any two axes; only what is on the screen is read.

    Signals:
        odd_wanted(int): the next (1) or previous (-1) value that is NaN or infinite is wanted.
    """

    odd_wanted = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.picker = AxisPicker()
        self.picker.changed.connect(self._show_slice)
        self.pages = _Pages(self._show_page)
        self.model = ValuesModel(self)
        self.model.failed.connect(self._say_failed)
        self.table = CellsView(self.model)
        self.model.loaded.connect(self._fit_columns)
        self.table.setAccessibleName(self.tr("Table of values"))
        self.stored = QCheckBox(self.tr("Integers as stored"))
        self.stored.setToolTip(
            self.tr("A quantised tensor stores integers; its scale and zero point make real numbers of them")
        )
        self.stored.toggled.connect(self._show_slice)
        self.stored.setStyleSheet("margin-left: 8px")
        self.stored.hide()
        self._integers: Tensor | None = None
        self._is_fitted = False
        self._has_odd = False
        self.column.addWidget(self.picker)
        self.column.addWidget(self.stored)
        self.column.addWidget(self.pages)
        self.column.addWidget(self.table, 1)
        self.column.addWidget(self._build_odd())
        self.column.addWidget(self.note)

    def _build_odd(self) -> QWidget:
        # Below the table: what is looked at stays where it is when the row comes.
        self.odd = QWidget()
        self.odd_label = QLabel()
        self.odd_label.setToolTip(
            self.tr(
                "NaN means “not a number”: what 0/0 gives. A network computes nothing but NaN from it. Infinite values"
                " are too large for the number type."
            )
        )
        row = QHBoxLayout(self.odd)
        row.setContentsMargins(8, 2, 8, 4)
        row.addWidget(self.odd_label)
        self.odd_buttons: dict[int, QPushButton] = {}
        for step, words, tip in (
            (-1, self.tr("Previou&s"), self.tr("To the NaN or infinite value before this one (Shift+F3)")),
            (1, self.tr("Ne&xt"), self.tr("To the next NaN or infinite value (F3)")),
        ):
            button = QPushButton(words)
            button.setToolTip(tip)
            button.setAccessibleDescription(tip)
            button.clicked.connect(lambda _=False, step=step: self.odd_wanted.emit(step))
            self.odd_buttons[step] = button
            row.addWidget(button)
        row.addStretch(1)
        self.odd.hide()
        return self.odd

    def tell_odd(self, count: int) -> None:
        """Says how many values are NaN or infinite, with buttons that go from one to the next; 0: nothing."""
        self.odd_label.setText(
            counted(count, self.tr("1 value is NaN or infinite"), self.tr("{count} values are NaN or infinite"))
        )
        self._has_odd = count > 0
        self._fit_rows()

    @property
    def place(self) -> int | None:
        """Where the cursor is in the tensor, row-major from 0; None without a cursor."""
        cell = self.table.currentIndex()
        if not cell.isValid() or self.tensor is None:
            return None
        return place_of(self.model.place(cell.row(), cell.column()), self.tensor.shape)

    def offer_integers(self, integers: Tensor | None) -> None:
        """The integers behind the numbers that are shown next; None where there are none."""
        self._integers = integers
        self.stored.setVisible(integers is not None)

    @property
    def _source(self) -> Tensor | None:
        return self._integers if self._integers is not None and self.stored.isChecked() else self.tensor

    def show_tensor(self, tensor: Tensor | None) -> None:
        super().show_tensor(tensor)
        if tensor is not None:
            axes = len(tensor.shape)
            self.picker.show_shape(tensor.shape, max(axes - 2, 0), max(axes - 1, 0))
            self._show_slice()
            self._fit_rows()

    def stop(self) -> None:
        super().stop()
        self.model.stop()

    @property
    def is_reading(self) -> bool:
        model = self.model
        return not model.has_failed and model.rows > 0 and model.columns > 0 and model.cell(0, 0) is None

    def _around(self) -> list[tuple[QWidget, bool]]:
        return [(self.picker, self.picker.is_needed), (self.odd, self._has_odd)]

    @property
    def _least_height(self) -> int:
        """Of the table with two lines of values, and of what is always shown beside it."""
        table = self.table
        lines = table.horizontalHeader().sizeHint().height() + 2 * table.verticalHeader().defaultSectionSize()
        lines += table.horizontalScrollBar().sizeHint().height() + 2 * table.frameWidth()
        beside = [row.sizeHint().height() for row in (self.stored, self.pages) if not row.isHidden()]
        return max(lines, table.minimumSizeHint().height()) + sum(beside) + len(beside) * self.column.spacing()

    def go_to(self, place: int) -> None:
        """Shows the value at this place of a vector."""
        if place >= self.model.first_row + PAGE:
            self.pages.first.setValue(place)
        index = self.model.index(place - self.model.first_row, 0)
        self.table.selectionModel().setCurrentIndex(index, QItemSelectionModel.SelectionFlag.ClearAndSelect)
        self.table.scrollTo(index, QAbstractItemView.ScrollHint.PositionAtCenter)

    def show_index(self, index: Sequence[int]) -> None:
        """Shows the value at this index of the tensor, and puts the cursor on it."""
        if self.tensor is None or len(index) != len(self.tensor.shape):
            return
        row, column = self.picker.show_index(index)
        self._show_slice()
        if row >= PAGE:
            self.pages.first.setValue(row)
        cell = self.model.index(row - self.model.first_row, column)
        self.table.selectionModel().setCurrentIndex(cell, QItemSelectionModel.SelectionFlag.ClearAndSelect)
        self.table.scrollTo(cell, QAbstractItemView.ScrollHint.PositionAtCenter)

    def _fit_columns(self) -> None:
        """Gives long integers and complex numbers more room, once, when the first values are there."""
        if self._is_fitted:
            return
        self._is_fitted = True
        rows, columns = min(self.model.rowCount(), 16), min(self.model.columnCount(), 8)
        texts = (self.model.cell(row, column) or "" for row in range(rows) for column in range(columns))
        longest = max((self.table.fontMetrics().horizontalAdvance(text) for text in texts), default=0) + 16
        header = self.table.horizontalHeader()
        header.setDefaultSectionSize(max(longest, header.defaultSectionSize()))

    def _show_slice(self) -> None:
        self._is_fitted = False
        self.table.horizontalHeader().setDefaultSectionSize(12 * self.fontMetrics().horizontalAdvance("0"))
        if self.tensor is not None:
            self.pages.show_rows(self.picker.slice.size(self.tensor.shape)[0])
            self._show_page()

    def _show_page(self) -> None:
        if self._source is not None:
            self.message.hide()
            self.model.show_slice(self._source, self.picker.slice, self.pages.first.value())


class BytesPage(ValueView):
    """The bytes as they are stored."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.pages = _Pages(self._show_page)
        self.model = BytesModel(self)
        self.model.failed.connect(self._say_failed)
        self.table = CellsView(self.model)
        self.table.setAccessibleName(self.tr("Stored bytes"))
        font = fixed_font()
        self.table.setFont(font)
        self.table.setShowGrid(False)
        self.model.modelReset.connect(self._fit)
        self.column.addWidget(self.pages)
        self.column.addWidget(self.table, 1)
        self.column.addWidget(self.note)

    def show_tensor(self, tensor: Tensor | None) -> None:
        super().show_tensor(tensor)
        if tensor is not None:
            self.model.show_tensor(tensor)
            self.pages.show_rows(self.model.rows)
            if not tensor.is_contiguous:
                self._say(self.tr("The tensor's values lie scattered in this stretch of its storage."))

    def stop(self) -> None:
        super().stop()
        self.model.stop()

    def _show_page(self) -> None:
        if self.tensor is not None:
            self.model.show_tensor(self.tensor, self.pages.first.value())

    def _fit(self) -> None:
        digit = self.table.fontMetrics().horizontalAdvance("0")
        self.table.setColumnWidth(0, 51 * digit)
        self.table.setColumnWidth(1, 19 * digit)
