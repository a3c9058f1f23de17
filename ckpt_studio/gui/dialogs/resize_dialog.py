"""Gives a tensor the shape the model expects, in one of the ways that make sense for it."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QMouseEvent
from PySide6.QtWidgets import QButtonGroup, QHBoxLayout, QLabel, QLineEdit, QRadioButton, QVBoxLayout, QWidget

from ckpt_studio.compare.report import Row
from ckpt_studio.compare.resizing import Resizing, resizings
from ckpt_studio.core.edits import Edit, SelectRows
from ckpt_studio.gui.compare_model import side_text
from ckpt_studio.gui.dialogs.ask_dialog import counted
from ckpt_studio.gui.dialogs.edit_dialog import EditDialog
from ckpt_studio.gui.document import ChangeSet, Document
from ckpt_studio.gui.wording import worded

_MOST_ROWS = 1_000_000


def ways_of(row: Row) -> list[Resizing]:
    """How the row's tensor can get the model's shape; [] when nothing sensible does it."""
    if row.status != "mismatched" or row.checkpoint_name is None:
        return []
    if row.checkpoint_shape is None or row.model_shape is None:
        return []
    return resizings(row.checkpoint_name, tuple(row.checkpoint_shape), tuple(row.model_shape))


def parsed_rows(text: str) -> tuple[int, ...] | None:
    """Row numbers like "0, 3, 7-9"; None when it is something else."""
    rows: list[int] = []
    for part in text.replace(";", ",").split(","):
        first, dash, last = part.strip().partition("-")
        if not first.isdecimal() or (dash and not last.strip().isdecimal()):
            return None
        end = int(last) if dash else int(first)
        if not 0 <= end - int(first) < _MOST_ROWS:
            return None
        rows.extend(range(int(first), end + 1))
    return tuple(rows) or None


class ResizeDialog(EditDialog):
    """Asks how to get from one shape to the other, and says what each way means for the network.

    Weight and bias of one layer are resized together.
    """

    shows_preview = False

    def __init__(self, document: Document, row: Row, parent: QWidget | None = None) -> None:
        super().__init__(document, parent)
        self.row = row
        self.ways = ways_of(row)
        self.ask(
            self.tr("Resize"),
            self.tr("How should “{name}” get the shape of the model?").format(name=row.checkpoint_name),
            self.tr("In the file it is {file}, in the model {model}.").format(
                file=side_text(row.checkpoint_shape), model=side_text(row.model_shape)
            ),
        )
        self.choices: list[QRadioButton] = []
        group = QButtonGroup(self)
        column = QVBoxLayout()
        for way in self.ways:
            choice = QRadioButton()
            group.addButton(choice)
            column.addLayout(_with_long_text(choice, worded(way.meaning)))
            self.choices.append(choice)
            choice.toggled.connect(self.refresh)
        self.by_number = QRadioButton(self.tr("Keep these rows (classes), in this order:"))
        self.rows_field = QLineEdit()
        self.rows_field.setPlaceholderText("0, 3, 7-9")
        self.rows_field.setAccessibleName(self.tr("Row numbers, beginning with 0"))
        self.rows_field.textChanged.connect(self._on_rows_typed)
        is_head = any(isinstance(way.edit, SelectRows) for way in self.ways)
        if is_head:
            group.addButton(self.by_number)
            self.by_number.toggled.connect(self.refresh)
            column.addWidget(self.by_number)
            column.addWidget(self.rows_field)
        else:
            self.by_number.setParent(self)
            self.rows_field.setParent(self)
            self.by_number.hide()
            self.rows_field.hide()
        column.addStretch()
        self.body.addLayout(column)
        if self.choices:
            self.choices[0].setChecked(True)
        self.resize(580, self.sizeHint().height())
        self.finish_layout()

    def _on_rows_typed(self) -> None:
        self.by_number.setChecked(True)
        self.refresh()

    def _together(self) -> tuple[str, ...]:
        """The tensor and those of the same layer, or tied to it, that differ by the same rows."""
        assert self.row.checkpoint_name is not None
        layer = self.row.checkpoint_name.rpartition(".")[0]
        report = self.document.report
        others = report.with_status("mismatched") if report is not None else ()
        sizes = _rows_of(self.row)
        state_dict = self.document.state_dict
        tensors = state_dict.tensors if state_dict is not None else {}
        own = tensors.get(self.row.checkpoint_name)

        def belongs(name: str) -> bool:
            other = tensors.get(name)
            tied = own is not None and other is not None and other.storage is own.storage
            return tied or name.rpartition(".")[0] == layer

        return tuple(
            row.checkpoint_name
            for row in others
            if row.checkpoint_name is not None and belongs(row.checkpoint_name) and _rows_of(row) == sizes
        ) or (self.row.checkpoint_name,)

    def edit(self) -> Edit | str:
        if self.by_number.isChecked():
            rows = parsed_rows(self.rows_field.text())
            wanted = self.row.model_shape[0] if self.row.model_shape else 0
            if rows is None:
                return self.tr("Type row numbers, for example: 0, 3, 7-9")
            if len(rows) != wanted:
                return self.tr("The model needs {wanted} rows; these are {count}.").format(
                    wanted=f"{wanted:,}", count=f"{len(rows):,}"
                )
            return SelectRows(self._together(), rows)
        for choice, way in zip(self.choices, self.ways, strict=True):
            if choice.isChecked():
                if isinstance(way.edit, SelectRows):
                    return SelectRows(self._together(), way.edit.rows, way.edit.fresh)
                return way.edit
        return self.tr("There is no sensible way from one shape to the other. Pop the tensor instead.")

    def button_text(self, change: ChangeSet | None) -> str:
        if change is None or not change.revised:
            return self.tr("Resize")
        return counted(len(change.revised), self.tr("Resize 1 tensor"), self.tr("Resize {count} tensors"))


class _Sentence(QLabel):
    """A wrapped text that chooses its radio button when it is clicked; the button itself cannot wrap."""

    def __init__(self, choice: QRadioButton, text: str) -> None:
        super().__init__(text)
        self._choice = choice
        self.setWordWrap(True)
        self.setAlignment(Qt.AlignmentFlag.AlignTop | Qt.AlignmentFlag.AlignLeft)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self._choice.setChecked(True)
        self._choice.setFocus()


def _with_long_text(choice: QRadioButton, text: str) -> QHBoxLayout:
    choice.setAccessibleName(text)
    row = QHBoxLayout()
    row.addWidget(choice, 0, Qt.AlignmentFlag.AlignTop)
    row.addWidget(_Sentence(choice, text), 1)
    return row


def _rows_of(row: Row) -> tuple[int, int] | None:
    """(rows here, rows wanted) when only these differ."""
    here, wanted = row.checkpoint_shape, row.model_shape
    if not here or not wanted or tuple(here[1:]) != tuple(wanted[1:]):
        return None
    return (here[0], wanted[0])
