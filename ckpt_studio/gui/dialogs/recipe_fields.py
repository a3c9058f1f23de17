"""The fields of one step of a recipe, in words: what its kind asks for, each with the control that fits its type."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from typing import Any

from PySide6.QtCore import QCoreApplication, Qt, Signal
from PySide6.QtWidgets import (
    QAbstractItemView,
    QCheckBox,
    QComboBox,
    QFormLayout,
    QHBoxLayout,
    QHeaderView,
    QLabel,
    QLineEdit,
    QPlainTextEdit,
    QPushButton,
    QSpinBox,
    QTableWidget,
    QTableWidgetItem,
    QVBoxLayout,
    QWidget,
)

from ckpt_studio.core.edits import CAST_TARGETS
from ckpt_studio.core.edits.draft import FieldSpec, Step, fields_of, unknown_fields
from ckpt_studio.gui.dialogs.ask_dialog import muted
from ckpt_studio.gui.text_size import fixed_font
from ckpt_studio.wording.marking import QT_TRANSLATE_NOOP

KINDS: dict[str, str] = {
    "strip-prefix": QT_TRANSLATE_NOOP("RecipeFields", "Strip a prefix"),
    "add-prefix": QT_TRANSLATE_NOOP("RecipeFields", "Add a prefix"),
    "rename-tensor": QT_TRANSLATE_NOOP("RecipeFields", "Rename a tensor"),
    "rename-group": QT_TRANSLATE_NOOP("RecipeFields", "Rename a group"),
    "pattern": QT_TRANSLATE_NOOP("RecipeFields", "Rename by a pattern"),
    "regex": QT_TRANSLATE_NOOP("RecipeFields", "Rename by a regular expression"),
    "rename-tensors": QT_TRANSLATE_NOOP("RecipeFields", "Rename some tensors"),
    "rename-last-parts": QT_TRANSLATE_NOOP("RecipeFields", "Rename last parts (gamma → weight)"),
    "apply-mapping": QT_TRANSLATE_NOOP("RecipeFields", "Map names by rules"),
    "pop-matching": QT_TRANSLATE_NOOP("RecipeFields", "Remove tensors that match"),
    "pop": QT_TRANSLATE_NOOP("RecipeFields", "Remove some tensors"),
    "keep": QT_TRANSLATE_NOOP("RecipeFields", "Keep only tensors that match"),
    "keep-names": QT_TRANSLATE_NOOP("RecipeFields", "Keep only some tensors"),
    "cast": QT_TRANSLATE_NOOP("RecipeFields", "Convert numbers"),
    "set-device": QT_TRANSLATE_NOOP("RecipeFields", "Record a device"),
    "reshape": QT_TRANSLATE_NOOP("RecipeFields", "Reshape a tensor"),
    "split": QT_TRANSLATE_NOOP("RecipeFields", "Split a tensor"),
    "join": QT_TRANSLATE_NOOP("RecipeFields", "Join tensors"),
    "select-rows": QT_TRANSLATE_NOOP("RecipeFields", "Choose rows"),
    "adapt-channels": QT_TRANSLATE_NOOP("RecipeFields", "Change input channels"),
    "interpolate-positions": QT_TRANSLATE_NOOP("RecipeFields", "Resample position embeddings"),
    "add-constant": QT_TRANSLATE_NOOP("RecipeFields", "Add tensors of one value"),
    "tie-tensors": QT_TRANSLATE_NOOP("RecipeFields", "Give tensors a second name"),
    "fill-missing": QT_TRANSLATE_NOOP("RecipeFields", "Fill from a model's initialisation"),
    "update-from": QT_TRANSLATE_NOOP("RecipeFields", "Take tensors of another file"),
    "use-state-dict": QT_TRANSLATE_NOOP("RecipeFields", "Use the values of another state dict"),
    "use-averages": QT_TRANSLATE_NOOP("RecipeFields", "Use averages (EMA)"),
    "activate-state-dict": QT_TRANSLATE_NOOP("RecipeFields", "Work on another state dict"),
    "set-metadata": QT_TRANSLATE_NOOP("RecipeFields", "Set metadata"),
    "set-value": QT_TRANSLATE_NOOP("RecipeFields", "Set a value"),
    "pop-entry": QT_TRANSLATE_NOOP("RecipeFields", "Leave out an entry"),
    "pop-entries": QT_TRANSLATE_NOOP("RecipeFields", "Leave out entries"),
}
"""What each kind of step is called where one is added, the usual ones first."""

_LABELS: dict[str, str] = {
    "prefix": QT_TRANSLATE_NOOP("RecipeFields", "Prefix"),
    "anywhere": QT_TRANSLATE_NOOP("RecipeFields", "Wherever a part of a name begins, not only at the start"),
    "names": QT_TRANSLATE_NOOP("RecipeFields", "Tensors, one a line"),
    "old": QT_TRANSLATE_NOOP("RecipeFields", "From"),
    "new": QT_TRANSLATE_NOOP("RecipeFields", "To"),
    "pattern": QT_TRANSLATE_NOOP("RecipeFields", "Look for"),
    "replacement": QT_TRANSLATE_NOOP("RecipeFields", "Write instead"),
    "pairs": QT_TRANSLATE_NOOP("RecipeFields", "Single names"),
    "rules": QT_TRANSLATE_NOOP("RecipeFields", "Rules"),
    "drop": QT_TRANSLATE_NOOP("RecipeFields", "Removed for others, one a line"),
    "parts": QT_TRANSLATE_NOOP("RecipeFields", "Parts"),
    "shapes": QT_TRANSLATE_NOOP("RecipeFields", "New shapes"),
    "transposed": QT_TRANSLATE_NOOP("RecipeFields", "Transposed, one a line"),
    "glob": QT_TRANSLATE_NOOP("RecipeFields", "Names that match"),
    "dtype": QT_TRANSLATE_NOOP("RecipeFields", "Number type"),
    "device": QT_TRANSLATE_NOOP("RecipeFields", "Device"),
    "name": QT_TRANSLATE_NOOP("RecipeFields", "Tensor"),
    "shape": QT_TRANSLATE_NOOP("RecipeFields", "Shape"),
    "into": QT_TRANSLATE_NOOP("RecipeFields", "Into"),
    "sizes": QT_TRANSLATE_NOOP("RecipeFields", "Sizes (none: equal parts)"),
    "axis": QT_TRANSLATE_NOOP("RecipeFields", "Axis"),
    "rows": QT_TRANSLATE_NOOP("RecipeFields", "Rows (-1: a new one)"),
    "fresh": QT_TRANSLATE_NOOP("RecipeFields", "New rows are"),
    "channels": QT_TRANSLATE_NOOP("RecipeFields", "Input channels"),
    "how": QT_TRANSLATE_NOOP("RecipeFields", "How"),
    "extra": QT_TRANSLATE_NOOP("RecipeFields", "Leading tokens that stay"),
    "mode": QT_TRANSLATE_NOOP("RecipeFields", "Method"),
    "value": QT_TRANSLATE_NOOP("RecipeFields", "Value"),
    "key": QT_TRANSLATE_NOOP("RecipeFields", "Key"),
    "path": QT_TRANSLATE_NOOP("RecipeFields", "Place"),
    "paths": QT_TRANSLATE_NOOP("RecipeFields", "Places"),
    "reference": QT_TRANSLATE_NOOP("RecipeFields", "Model"),
    "seed": QT_TRANSLATE_NOOP("RecipeFields", "Seed"),
    "state_dict": QT_TRANSLATE_NOOP("RecipeFields", "State dict in it"),
    "add": QT_TRANSLATE_NOOP("RecipeFields", "Add what is not here"),
    "replace": QT_TRANSLATE_NOOP("RecipeFields", "Replace what is here"),
    "edits": QT_TRANSLATE_NOOP("RecipeFields", "Changes made to it first"),
}
_SPECIAL: dict[tuple[str, str], str] = {
    ("fill-missing", "path"): QT_TRANSLATE_NOOP("RecipeFields", "File with the values"),
    ("update-from", "path"): QT_TRANSLATE_NOOP("RecipeFields", "File"),
    ("interpolate-positions", "old"): QT_TRANSLATE_NOOP("RecipeFields", "From rows, columns"),
    ("interpolate-positions", "new"): QT_TRANSLATE_NOOP("RecipeFields", "To rows, columns"),
}
_HINTS: dict[str, str] = {
    "rules": QT_TRANSLATE_NOOP(
        "RecipeFields",
        "{n} is a number, {n+1} the next one, {weight,bias} one of some words, * any text. [1/3] behind a name is the"
        " first third of it; (q + k + v) puts several together.",
    ),
    "pattern": QT_TRANSLATE_NOOP("RecipeFields", "{n} is a number, {word} any text without a dot, * any text."),
    "regex": QT_TRANSLATE_NOOP("RecipeFields", "Python's syntax; \\1 stands for the first group."),
    "glob": QT_TRANSLATE_NOOP("RecipeFields", "* stands for any text, dots included."),
}
_CHOICES: dict[tuple[str, str], Sequence[str]] = {
    ("cast", "dtype"): CAST_TARGETS,
    ("set-device", "device"): ("cpu", "cuda:0", "mps"),
    ("select-rows", "fresh"): ("average", "zero"),
    ("adapt-channels", "how"): ("sum", "average", "repeat", "add-average", "add-zero"),
    ("interpolate-positions", "mode"): ("bicubic", "bilinear"),
}
_TEXTS = ("tuple[str, ...]", "tuple[str, ...] | None")
_PAIRS = "tuple[tuple[str, str], ...]"
_RULES = "tuple[NameRule, ...]"


def words_of(text: str) -> str:
    """One of the texts above in the window's language."""
    return QCoreApplication.translate("RecipeFields", text)


def label_of(kind: str, name: str) -> str:
    """What a field is called."""
    text = _SPECIAL.get((kind, name)) or _LABELS.get(name)
    return words_of(text) if text else name


def empty_step(kind: str) -> dict[str, Any]:
    """A step whose fields are still to be filled in."""
    step: dict[str, Any] = {"edit": kind}
    for spec in fields_of(kind):
        if spec.default is None and "None" not in spec.kind:
            step[spec.name] = _blank(kind, spec)
    if kind == "apply-mapping":
        step["rules"] = [["", "", ""]]
    return step


def _blank(kind: str, spec: FieldSpec) -> Any:
    if (kind, spec.name) in _CHOICES:
        return _CHOICES[kind, spec.name][0]
    if spec.kind.startswith("tuple") or spec.kind == "Path":
        return []
    return {"bool": False, "int": 0, "int | float": 0}.get(spec.kind, "")


class RowsTable(QWidget):
    """Rows of texts with buttons to add and remove; emits `edited` after every change by the user."""

    edited = Signal()

    def __init__(self, headers: Sequence[str], name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.table = QTableWidget(0, len(headers))
        self.table.setAccessibleName(name)
        self.table.setHorizontalHeaderLabels(list(headers))
        self.table.verticalHeader().hide()
        self.table.verticalHeader().setDefaultSectionSize(self.fontMetrics().height() + 10)
        header = self.table.horizontalHeader()
        header.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        header.setHighlightSections(False)
        for column in range(len(headers)):
            header.setSectionResizeMode(column, QHeaderView.ResizeMode.Stretch)
        if len(headers) == 3:
            header.setSectionResizeMode(2, QHeaderView.ResizeMode.Interactive)
            self.table.setColumnWidth(2, self.fontMetrics().averageCharWidth() * 16)
        self.table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.table.setTabKeyNavigation(False)
        self.table.setShowGrid(False)
        self.table.setAlternatingRowColors(True)
        self.table.setWordWrap(False)
        self.table.setMinimumHeight(self.fontMetrics().height() * 12)
        self.table.itemChanged.connect(self._on_changed)
        self.add_button = QPushButton(self.tr("Add a &row"))
        self.remove_button = QPushButton(self.tr("Remove the ro&ws"))
        for button, slot in ((self.add_button, self.add_row), (self.remove_button, self.remove_rows)):
            button.setAutoDefault(False)
            button.clicked.connect(slot)
        below = QHBoxLayout()
        below.addStretch()
        below.addWidget(self.remove_button)
        below.addWidget(self.add_button)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.table, 1)
        layout.addLayout(below)

    def set_rows(self, rows: Sequence[Sequence[Any]]) -> None:
        """Shows these rows."""
        self.table.blockSignals(True)
        self.table.setRowCount(len(rows))
        for number, row in enumerate(rows):
            self._fill(number, row)
        self.table.blockSignals(False)

    def rows(self) -> list[list[str]]:
        """The rows that hold anything."""
        result = []
        for number in range(self.table.rowCount()):
            cells = [self.table.item(number, column) for column in range(self.table.columnCount())]
            texts = [cell.text().strip() if cell is not None else "" for cell in cells]
            if any(texts):
                result.append(texts)
        return result

    def add_row(self) -> None:
        """Adds an empty row and begins to type in it."""
        number = self.table.rowCount()
        self.table.blockSignals(True)
        self.table.insertRow(number)
        self._fill(number, ())
        self.table.blockSignals(False)
        self.table.setCurrentCell(number, 0)
        first = self.table.item(number, 0)
        if first is not None:
            self.table.editItem(first)

    def remove_rows(self) -> None:
        """Takes out the selected rows."""
        for number in sorted({index.row() for index in self.table.selectedIndexes()}, reverse=True):
            self.table.removeRow(number)
        self.edited.emit()

    def _fill(self, number: int, row: Sequence[Any]) -> None:
        for column in range(self.table.columnCount()):
            text = str(row[column]) if column < len(row) else ""
            item = QTableWidgetItem(text)
            item.setToolTip(text)
            self.table.setItem(number, column, item)

    def _on_changed(self, item: QTableWidgetItem) -> None:
        item.setToolTip(item.text())
        self.edited.emit()


class RecipeFields(QWidget):
    """The form of one step. What it does not understand it shows, and keeps.

    Signals:
        edited(): a field was changed by the user; `step` is the step as it is now.
        problem_changed(): a text stopped or began to be readable (`problem`).
    """

    edited = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._step: dict[str, Any] = {}
        self._readers: dict[str, Callable[[], Any]] = {}
        self._controls: dict[str, QWidget] = {}
        self._is_filling = False
        self.problem = ""
        self._layout = QVBoxLayout(self)
        self._layout.setContentsMargins(0, 0, 0, 0)
        self._inside: QWidget | None = None

    @property
    def step(self) -> dict[str, Any]:
        """The step as it is now."""
        return self._step

    def control(self, name: str) -> QWidget:
        """The control of a field."""
        return self._controls[name]

    def begin(self) -> None:
        """Puts the cursor into the first field."""
        for control in self._controls.values():
            if not isinstance(control, RowsTable):
                control.setFocus()
                return

    def show_step(self, step: Step | None) -> None:
        """Shows another step; None shows nothing."""
        self._is_filling = True
        if self._inside is not None:
            self._layout.removeWidget(self._inside)
            self._inside.hide()
            self._inside.deleteLater()
        self._step = dict(step or {})
        self._readers, self._controls, self.problem = {}, {}, ""
        self._inside = QWidget()
        form = QFormLayout(self._inside)
        form.setContentsMargins(0, 0, 0, 0)
        form.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.AllNonFixedFieldsGrow)
        form.setRowWrapPolicy(QFormLayout.RowWrapPolicy.WrapLongRows)
        kind = str(self._step.get("edit", ""))
        specs = fields_of(kind)
        # Rules are what a mapping is about; single names come after them.
        for spec in sorted(specs, key=lambda spec: spec.kind != _RULES):
            self._add_field(form, kind, spec)
        hint = _HINTS.get("rules" if kind == "apply-mapping" else "glob" if "glob" in self._readers else kind)
        if hint:
            form.addRow(muted(QLabel(words_of(hint))))
        foreign = unknown_fields(self._step) if specs else ()
        if step is not None and not specs:
            form.addRow(muted(QLabel(self.tr("This version does not know such a step. It is kept as it is."))))
            self._add_raw(form)
        elif foreign:
            words = self.tr("Kept as they are, for this version does not know them: {names}")
            form.addRow(muted(QLabel(words.format(names=", ".join(foreign)))))
        self._layout.addWidget(self._inside)
        self._is_filling = False

    def _add_raw(self, form: QFormLayout) -> None:
        text = QPlainTextEdit(json.dumps(self._step, indent=2, ensure_ascii=False))
        text.setReadOnly(True)
        text.setFont(fixed_font())
        text.setAccessibleName(self.tr("The step as it stands in the file"))
        form.addRow(text)

    def _add_field(self, form: QFormLayout, kind: str, spec: FieldSpec) -> None:
        value = self._step.get(spec.name, spec.default)
        if kind == "apply-mapping" and spec.kind != _RULES and not value:
            # What most mappings do not have; a rule without any placeholder says the same of one tensor.
            return
        control, read = self._control(kind, spec, value)
        label = label_of(kind, spec.name)
        control.setProperty("field", spec.name)
        self._controls[spec.name] = control
        self._readers[spec.name] = read
        if isinstance(control, QCheckBox):
            control.setText(label)
            form.addRow(control)
            return
        if not isinstance(control, RowsTable):
            control.setAccessibleName(label)
            form.addRow(label, control)
            return
        form.addRow(QLabel(label))
        form.addRow(control)

    def _control(self, kind: str, spec: FieldSpec, value: Any) -> tuple[QWidget, Callable[[], Any]]:
        optional = "None" in spec.kind
        if (kind, spec.name) in _CHOICES:
            box = QComboBox()
            box.setEditable(True)
            box.addItems(list(_CHOICES[kind, spec.name]))
            box.setCurrentText(str(value))
            box.currentTextChanged.connect(self._on_edited)
            return box, box.currentText
        if spec.kind == "bool":
            tick = QCheckBox()
            tick.setChecked(bool(value))
            tick.toggled.connect(self._on_edited)
            return tick, tick.isChecked
        if spec.kind == "int" and isinstance(value, int) and abs(value) < 1 << 31:
            spin = QSpinBox()
            spin.setRange(-(1 << 31), (1 << 31) - 1)
            spin.setValue(value)
            spin.valueChanged.connect(self._on_edited)
            return spin, spin.value
        if spec.kind in ("str", "str | None") and (value is None or isinstance(value, str)):
            line = QLineEdit(value or "")
            line.textChanged.connect(self._on_edited)
            return line, lambda: line.text() if line.text() or not optional else None
        if spec.kind in _TEXTS and (value is None or _are_texts(value)):
            lines = self._text("\n".join(value or ()), 6)
            if optional:
                lines.setPlaceholderText(self.tr("all"))
            return (
                lines,
                lambda: [text for text in lines.toPlainText().split("\n") if text] or (None if optional else []),
            )
        if spec.kind in (_PAIRS, _RULES) and isinstance(value, list | tuple):
            headers = [self.tr("From"), self.tr("To")] + ([self.tr("How")] if spec.kind == _RULES else [])
            table = RowsTable(headers, label_of(kind, spec.name))
            table.set_rows(value)
            table.edited.connect(self._on_edited)
            return table, table.rows
        return self._json_field(value)

    def _json_field(self, value: Any) -> tuple[QWidget, Callable[[], Any]]:
        """A field for what has no control of its own: paths, shapes, numbers, written as JSON."""
        text = json.dumps(value, ensure_ascii=False)
        if len(text) > 200:
            area = self._text(text, 6)
            area.setFont(fixed_font())
            return area, lambda: json.loads(area.toPlainText())
        line = QLineEdit(text)
        line.setFont(fixed_font())
        line.textChanged.connect(self._on_edited)
        return line, lambda: json.loads(line.text())

    def _text(self, text: str, lines: int) -> QPlainTextEdit:
        area = QPlainTextEdit(text)
        area.setTabChangesFocus(True)
        area.setLineWrapMode(QPlainTextEdit.LineWrapMode.NoWrap)
        area.setFixedHeight(self.fontMetrics().height() * lines)
        area.textChanged.connect(self._on_edited)
        return area

    def _on_edited(self, *_: object) -> None:
        if self._is_filling:
            return
        kind = str(self._step.get("edit", ""))
        step: dict[str, Any] = dict(self._step)
        self.problem = ""
        for spec in fields_of(kind):
            read = self._readers.get(spec.name)
            if read is None:
                continue
            try:
                value = read()
            except ValueError:
                self.problem = self.tr("“{field}” cannot be read.").format(field=label_of(kind, spec.name))
                continue
            if spec.name in step or not _same(value, spec.default):
                step[spec.name] = value
        self._step = step
        self.edited.emit()


def _are_texts(value: Any) -> bool:
    return isinstance(value, list | tuple) and all(isinstance(item, str) and "\n" not in item for item in value)


def _same(value: Any, default: Any) -> bool:
    return bool(value == (list(default) if isinstance(default, tuple) else default))
