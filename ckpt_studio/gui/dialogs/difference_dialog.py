"""The differences between this checkpoint and another one, value by value."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QAbstractItemView,
    QCheckBox,
    QHBoxLayout,
    QLineEdit,
    QProgressBar,
    QPushButton,
    QTableView,
    QWidget,
)

from ckpt_studio.compare.difference import Difference, difference
from ckpt_studio.core.checkpoint import StateDict
from ckpt_studio.core.jobs import Progress, Step
from ckpt_studio.errors import StudioError
from ckpt_studio.gui.dialogs.ask_dialog import AskDialog, Banner, counted
from ckpt_studio.gui.dialogs.other_checkpoint import OtherCheckpoint
from ckpt_studio.gui.dialogs.plain_table import PlainTable
from ckpt_studio.gui.difference_model import (
    COSINE,
    KIND,
    LARGEST,
    NAME,
    RELATIVE,
    SHAPE,
    Compared,
    DifferenceModel,
    compared_rows,
    layer_changes,
)
from ckpt_studio.gui.document import Document
from ckpt_studio.gui.fields import make_clearable
from ckpt_studio.gui.figures import exact_text, in_a_row, size_text
from ckpt_studio.gui.layer_bars import LayerBars, LayerChange
from ckpt_studio.gui.tasks import Task, run_task
from ckpt_studio.gui.wording import worded_error


@dataclass(frozen=True)
class _Answer:
    """What the job found, ready to be shown."""

    found: Difference
    rows: list[Compared]
    layers: list[LayerChange]


def _compared(first: StateDict, second: StateDict, progress: Progress) -> _Answer:
    found = difference(first, second, progress)
    return _Answer(found, compared_rows(first, second, found), layer_changes(first, second, found))


class DifferenceDialog(AskDialog):
    """Stays open beside the window; Return, or a double click, shows a tensor in the tree."""

    def __init__(self, document: Document, others: Sequence[Document] = (), parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.document = document
        self._task: Task | None = None
        self._compared_with: StateDict | None = None
        self.setModal(False)
        self.ask(
            self.tr("Differences"),
            self.tr("What differs between this checkpoint and another one?"),
            self.tr("Tensors of the same name are compared value by value, as they are now in this window."),
        )
        self.other = OtherCheckpoint(others, document.state_dict)
        self.other.changed.connect(self.compare)
        self.bar = QProgressBar()
        self.bar.setTextVisible(True)
        self.bar.setAccessibleName(self.tr("Comparing"))
        self.stop_button = QPushButton(self.tr("&Stop"))
        self.stop_button.setAutoDefault(False)
        self.stop_button.clicked.connect(self._on_stopped)
        self.working = QWidget()
        working = QHBoxLayout(self.working)
        working.setContentsMargins(0, 0, 0, 0)
        working.addWidget(self.bar, 1)
        working.addWidget(self.stop_button)
        self.working.hide()
        self.outcome = Banner()
        self.outcome.label.setAccessibleName(self.tr("Outcome"))
        self.outcome.hide()
        self.layers = LayerBars()
        self.layers.chosen.connect(self._on_filter)
        self.layers.hide()
        self.filter = QLineEdit()
        self.filter.setPlaceholderText(self.tr("Filter names"))
        self.filter.setAccessibleName(self.tr("Filter the compared names"))
        make_clearable(self.filter)
        self.filter.textChanged.connect(self._on_filter)
        self.with_equal = QCheckBox(self.tr("Show the &equal ones too"))
        self.with_equal.toggled.connect(self._on_filter)
        filters = QHBoxLayout()
        filters.addWidget(self.filter, 1)
        filters.addWidget(self.with_equal)
        self.rows = DifferenceModel(self)
        self.table = self._build_table()
        self._layer = ""
        self.body.addWidget(self.other)
        self.body.addWidget(self.working)
        self.body.addWidget(self.outcome)
        self.body.addWidget(self.layers)
        self.body.addLayout(filters)
        self.body.addWidget(self.table, 1)
        self.cancel_button.setText(self.tr("Close"))
        self._on_row()
        document.changed.connect(self._on_document_changed)
        document.destroyed.connect(self.close)
        self.finished.connect(self._stop)
        self.resize(900, 720)
        self.compare()

    def _build_table(self) -> QTableView:
        widths = ((KIND, 20), (RELATIVE, 13), (LARGEST, 13), (COSINE, 13), (SHAPE, 22))
        table = PlainTable(self.rows, NAME, widths)
        # Beside other words, not behind a column of numbers.
        table.horizontalHeader().moveSection(SHAPE, RELATIVE)
        table.setAccessibleName(self.tr("Differences"))
        table.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        table.horizontalHeader().setSortIndicator(-1, Qt.SortOrder.DescendingOrder)
        table.setSortingEnabled(True)
        table.doubleClicked.connect(lambda _: self.show_in_tree())
        table.selectionModel().currentRowChanged.connect(self._on_row)
        self.rows.modelReset.connect(self._on_row)
        return table

    # Comparing.

    def compare(self) -> None:
        """Compares with what is chosen, from the beginning."""
        self._stop_comparing()
        self.rows.set_rows(())
        self.layers.hide()
        self.outcome.hide()
        chosen, here = self.other.chosen(), self.document.state_dict
        if chosen is None or here is None:
            text = self.other.problem if here is not None else self.tr("This file holds no weights.")
            self.message.say(text, "calm")
            return
        self.message.say("", "calm")
        there = chosen.state_dict
        self.bar.setRange(0, 0)
        self.working.show()
        task = run_task(self, lambda progress: _compared(here, there, progress), label=self.tr("Comparing"))
        self._task = task
        task.progressed.connect(lambda step: self._on_progress(task, step))
        task.succeeded.connect(lambda answer: self._on_compared(task, answer))
        task.failed.connect(lambda error: self._on_failed(task, error))

    def _on_progress(self, task: Task, step: Step) -> None:
        if task is self._task and step.total:
            self.bar.setRange(0, 1000)
            self.bar.setValue(min(1000 * step.done // step.total, 1000))
            self.bar.setFormat(
                self.tr("{done} of {total}").format(done=size_text(step.done), total=size_text(step.total))
            )

    def _on_compared(self, task: Task, answer: _Answer) -> None:
        if task is not self._task:
            return
        self._task = None
        self.working.hide()
        found = answer.found
        self.rows.set_rows(answer.rows)
        self.layers.set_layers(answer.layers)
        self.layers.setVisible(bool(found.changed))
        self._layer = ""
        if found.identical:
            self.outcome.say(self.tr("Both hold the same tensors with the same values."), "good")
        else:
            common = len(found.changed) + found.equal
            parts = [
                self.tr("{count} of {total} common tensors differ.").format(
                    count=exact_text(len(found.changed)), total=exact_text(common)
                )
            ]
            if found.only_in_first:
                count = len(found.only_in_first)
                parts.append(counted(count, self.tr("1 is only here."), self.tr("{count} are only here.")))
            if found.only_in_second:
                count = len(found.only_in_second)
                parts.append(
                    counted(count, self.tr("1 is only in the other."), self.tr("{count} are only in the other."))
                )
            self.outcome.say(in_a_row(parts), "calm")
        if self.rows.rowCount():
            self.table.selectRow(0)

    def _on_failed(self, task: Task, error: StudioError) -> None:
        if task is self._task:
            self._task = None
            self.working.hide()
            self.message.say(worded_error(error), "bad")

    def _on_stopped(self) -> None:
        self._stop_comparing()
        self.message.say(self.tr("Stopped before everything was compared."), "calm")
        self.set_primary(self.tr("Compare again"), True)

    def _on_document_changed(self, *_: object) -> None:
        self._stop_comparing()
        self.message.say(self.tr("The weights were changed: what stands here may no longer be so."), "caution")
        self.set_primary(self.tr("Compare again"), True)

    def _stop_comparing(self) -> None:
        if self._task is not None:
            self._task.cancel()
            self._task = None
        self.working.hide()

    # Looking.

    def _on_filter(self, layer: object = None) -> None:
        if self.sender() is self.layers:
            self._layer = str(layer)
        self.rows.set_filter(self.filter.text(), self._layer, self.with_equal.isChecked())

    def _row(self) -> Compared | None:
        index = self.table.currentIndex()
        return self.rows.row_at(index.row()) if index.isValid() else None

    def _on_row(self, *_: object) -> None:
        row = self._row()
        if self.message.isVisible():
            # The button compares again.
            return
        self.set_primary(self.tr("Show in the tree"), row is not None and row.kind != "only-there")

    def show_in_tree(self) -> None:
        """Selects the current row's tensor in the tree of the window."""
        row, state_dict = self._row(), self.document.state_dict
        if row is not None and state_dict is not None and row.name in state_dict.entries:
            self.document.selection.select((row.name,), self)

    def accept(self) -> None:
        if self.message.isVisible():
            self.compare()
        else:
            self.show_in_tree()

    def _stop(self) -> None:
        self._stop_comparing()
        self.other.stop()
