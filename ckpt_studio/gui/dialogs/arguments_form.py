"""The arguments of a model's constructor as a form; what is left at its default is not passed."""

from __future__ import annotations

import ast
from collections.abc import Mapping, Sequence
from typing import Any

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QCheckBox, QFormLayout, QLabel, QLineEdit, QSpinBox, QWidget

from ckpt_studio.errors import ModelError
from ckpt_studio.gui.dialogs.ask_dialog import counted, muted
from ckpt_studio.gui.wording import worded_error
from ckpt_studio.models.reference import literal_text, parse_arguments
from ckpt_studio.models.source_scan import Parameter

_LARGEST = 2**31 - 1
_CLASS_COUNTS = ("num_classes", "n_classes", "nclasses", "classes", "num_class", "num_labels", "n_class", "nb_classes")

Arguments = tuple[tuple[Any, ...], Mapping[str, Any]]


def parameters_of(signature: str) -> tuple[Parameter, ...]:
    """The parameters of a signature's text, like "(num_classes=1000, *, aux=None)"; none when it cannot be read."""
    try:
        node = ast.parse(f"def f{signature}: pass").body[0]
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return ()
    assert isinstance(node, ast.FunctionDef)
    given = [*node.args.posonlyargs, *node.args.args]
    defaults: list[ast.expr | None] = [None] * (len(given) - len(node.args.defaults))
    defaults += node.args.defaults
    pairs = [*zip(given, defaults, strict=True), *zip(node.args.kwonlyargs, node.args.kw_defaults, strict=True)]
    return tuple(
        Parameter(arg.arg, None if default is None else ast.unparse(default), "", default is None)
        for arg, default in pairs
    )


class ArgumentsForm(QWidget):
    """One typed field per parameter, and a line for further ones. Emits `edited` when an answer changes."""

    edited = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._layout = QFormLayout(self)
        self._layout.setContentsMargins(0, 0, 0, 0)
        self._layout.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.AllNonFixedFieldsGrow)
        self.fields: dict[str, QWidget] = {}
        # What Tab leaves for the first field.
        self.comes_after: QWidget | None = None
        self._parameters: tuple[Parameter, ...] = ()
        self.more = QLineEdit()
        self.set_parameters(())

    def set_parameters(self, parameters: Sequence[Parameter], classes: int | None = None) -> None:
        """Asks for these parameters; `classes` prefills the one that is the number of classes."""
        # Prefilling is not answering, and half a form has no answer: told once, when all fields are there.
        self.blockSignals(True)
        while self._layout.rowCount():
            self._layout.removeRow(0)
        self.fields = {}
        self._parameters = tuple(p for p in parameters if not p.name.startswith("*"))
        hint = ""
        for parameter in self._parameters:
            field = self._field(parameter)
            field.setAccessibleName(parameter.name)
            if parameter.annotation:
                field.setToolTip(f"{parameter.name}: {parameter.annotation}")
            self.fields[parameter.name] = field
            self._layout.addRow(parameter.name, field)
            if classes is not None and parameter.name in _CLASS_COUNTS:
                if isinstance(field, QSpinBox):
                    field.setValue(classes)
                elif isinstance(field, QLineEdit):
                    field.setText(str(classes))
                hint = counted(
                    classes,
                    self.tr("The last layer of this file has 1 output."),
                    self.tr("The last layer of this file has {count} outputs."),
                )
        self.more = QLineEdit()
        self.more.setAccessibleName(self.tr("More arguments"))
        self.more.setPlaceholderText(self.tr("for example: width=2, act='gelu'"))
        self.more.textChanged.connect(self.edited)
        self._layout.addRow(self.tr("more"), self.more)
        if hint:
            self._layout.addRow("", muted(QLabel(hint)))
        self.blockSignals(False)
        self._put_in_order()
        self.edited.emit()

    def _put_in_order(self) -> None:
        """Lets Tab come to the fields where they stand: new ones come after all else of the window."""
        before = self.comes_after
        if before is None or before.window() is not self.window():
            return
        for field in (*self.fields.values(), self.more):
            QWidget.setTabOrder(before, field)
            before = field

    def fill(self, args: Sequence[Any], kwargs: Mapping[str, Any]) -> None:
        """Answers with these arguments; what has no field of its own goes into the line for further ones."""
        self.set_parameters(self._parameters)
        named = dict(zip((p.name for p in self._parameters), args, strict=False)) | dict(kwargs)
        more = [literal_text(value) for value in args[len(self._parameters) :]]
        for name, value in named.items():
            field = self.fields.get(name)
            if isinstance(field, QCheckBox) and isinstance(value, bool):
                field.setChecked(value)
            elif isinstance(field, QSpinBox) and isinstance(value, int) and abs(value) <= _LARGEST:
                field.setValue(value)
            elif isinstance(field, QLineEdit):
                field.setText(literal_text(value))
            else:
                more.append(f"{name}={literal_text(value)}")
        self.more.setText(", ".join(more))

    def _field(self, parameter: Parameter) -> QWidget:
        default = _literal(parameter.default)
        if isinstance(default, bool):
            box = QCheckBox()
            box.setChecked(default)
            box.toggled.connect(self.edited)
            return box
        if isinstance(default, int) and abs(default) <= _LARGEST:
            spin = QSpinBox()
            spin.setRange(-_LARGEST, _LARGEST)
            spin.setValue(default)
            spin.valueChanged.connect(self.edited)
            return spin
        line = QLineEdit()
        if parameter.default is not None:
            line.setPlaceholderText(parameter.default)
        elif parameter.required:
            line.setPlaceholderText(self.tr("must be given: a number, 'text', True, None, (1, 2) …"))
        line.textChanged.connect(self.edited)
        return line

    def arguments(self) -> Arguments | str:
        """What differs from the defaults, as positional and keyword arguments; or, in words, what is wrong."""
        parts: list[str] = []
        for parameter in self._parameters:
            field = self.fields[parameter.name]
            if isinstance(field, QCheckBox):
                text = str(field.isChecked())
            elif isinstance(field, QSpinBox):
                text = str(field.value())
            else:
                assert isinstance(field, QLineEdit)
                text = field.text().strip()
                if not text and parameter.required:
                    return self.tr("“{name}” must be given.").format(name=parameter.name)
                if not text:
                    continue
            if text != parameter.default:
                parts.append(f"{parameter.name}={text}")
        if self.more.text().strip():
            parts.insert(0, self.more.text().strip()) if "=" not in self.more.text() else parts.append(
                self.more.text().strip()
            )
        try:
            return parse_arguments(", ".join(parts))
        except ModelError as error:
            return worded_error(error)


def _literal(text: str | None) -> Any:
    try:
        return ast.literal_eval(text) if text is not None else None
    except (ValueError, SyntaxError, RecursionError, MemoryError):
        return None
