"""Splits one tensor into several, and joins several into one (q, k and v, and the fused qkv)."""

from __future__ import annotations

import re

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QAbstractItemView, QFormLayout, QLineEdit, QListWidget, QSpinBox, QWidget

from ckpt_studio.core.edits import Edit, Join, Split
from ckpt_studio.gui.dialogs.ask_dialog import roomy
from ckpt_studio.gui.dialogs.change_preview import Pair
from ckpt_studio.gui.dialogs.edit_dialog import EditDialog
from ckpt_studio.gui.document import ChangeSet, Document
from ckpt_studio.gui.figures import shape_text

# What libraries call the three parts of an attention layer, fused and apart.
_FUSED = re.compile(r"(in_proj|qkv|c_attn|query_key_value)(?=[._]|$)")


def part_names(name: str) -> tuple[str, str, str]:
    """Likely names of a fused tensor's three parts: "attn.qkv.weight" gives "attn.q.weight" and so on."""
    found = _FUSED.search(name)
    if found is not None:
        ending = "_proj" if found.group() == "in_proj" else ""
        query, key, value = (_FUSED.sub(part + ending, name, count=1) for part in ("q", "k", "v"))
    else:
        head, dot, leaf = name.rpartition(".")
        query, key, value = (f"{head}{dot}{part}.{leaf}" for part in ("q", "k", "v"))
    return query, key, value


def joined_name(names: tuple[str, ...]) -> str:
    """A likely name of what these give together: their common parts, "qkv" where they differ."""
    parts = [name.split(".") for name in names]
    if len({len(items) for items in parts}) != 1:
        return ""
    return ".".join(items[0] if len(set(items)) == 1 else "qkv" for items in zip(*parts, strict=True))


class SplitDialog(EditDialog):
    """Asks into which parts, and along which axis."""

    def __init__(self, document: Document, name: str, parent: QWidget | None = None) -> None:
        super().__init__(document, parent)
        self.name = name
        state_dict = document.state_dict
        assert state_dict is not None
        self.shape = tuple(state_dict.tensors[name].shape)
        self.ask(
            self.tr("Split"),
            self.tr("Into which parts is “{name}” to be split?").format(name=name),
            self.tr(
                "Its shape is {shape}. Give the names of the parts in order, separated by commas; no value changes."
            ).format(shape=shape_text(self.shape)),
        )
        self.parts = QLineEdit(", ".join(part_names(name)))
        self.parts.setAccessibleName(self.tr("Names of the parts"))
        self.parts.textChanged.connect(self.refresh)
        self.axis = QSpinBox()
        self.axis.setRange(0, max(len(self.shape) - 1, 0))
        self.axis.setAccessibleName(self.tr("Axis"))
        self.axis.valueChanged.connect(self.refresh)
        self.sizes = QLineEdit()
        self.sizes.setPlaceholderText(self.tr("equal parts"))
        self.sizes.setAccessibleName(self.tr("Sizes of the parts"))
        self.sizes.textChanged.connect(self.refresh)
        form = QFormLayout()
        form.addRow(self.tr("&Names"), self.parts)
        form.addRow(self.tr("&Axis"), self.axis)
        form.addRow(self.tr("Si&zes"), self.sizes)
        self.body.addLayout(form)
        self.finish_layout()

    def edit(self) -> Edit | str:
        names = tuple(part.strip() for part in self.parts.text().split(",") if part.strip())
        if len(names) < 2:
            return self.tr("Give at least two names, separated by commas.")
        sizes: tuple[int, ...] = ()
        text = self.sizes.text().strip()
        if text:
            numbers = [part.strip() for part in text.split(",")]
            if not all(part.isdecimal() for part in numbers):
                return self.tr("Sizes are whole numbers, separated by commas.")
            sizes = tuple(map(int, numbers))
        return Split(self.name, names, sizes, self.axis.value())

    def pairs(self, change: ChangeSet) -> list[Pair]:
        edit = self.edit()
        return [(self.name, part) for part in edit.into] if isinstance(edit, Split) else []

    def outcome(self, change: ChangeSet) -> str:
        edit = self.edit()
        if not isinstance(edit, Split):
            return ""
        count = len(edit.into)
        sizes = edit.sizes or (self.shape[edit.axis] // count,) * count
        shapes = [shape_text((*self.shape[: edit.axis], size, *self.shape[edit.axis + 1 :])) for size in sizes]
        return self.tr("Their shapes: {shapes}").format(shapes=", ".join(shapes))

    def button_text(self, change: ChangeSet | None) -> str:
        edit = self.edit()
        count = len(edit.into) if isinstance(edit, Split) else 0
        return self.tr("Split into {count} tensors").format(count=count) if count else self.tr("Split")


class JoinDialog(EditDialog):
    """Asks in which order the chosen tensors become one, along which axis, and what it is called."""

    def __init__(self, document: Document, names: tuple[str, ...], parent: QWidget | None = None) -> None:
        super().__init__(document, parent)
        self.ask(
            self.tr("Join"),
            self.tr("Join these {count} tensors into one?").format(count=len(names)),
            self.tr("They are put one behind the other in this order; drag a line, or press Alt+Up and Alt+Down."),
        )
        state_dict = document.state_dict
        assert state_dict is not None
        dimensions = min((len(state_dict.tensors[name].shape) for name in names), default=1)
        self.order = _OrderList()
        self.order.addItems(list(names))
        self.order.setMaximumHeight(self.fontMetrics().height() * 8)
        self.order.model().rowsMoved.connect(self.refresh)
        self.into = QLineEdit(joined_name(names))
        self.into.setAccessibleName(self.tr("Name of the result"))
        self.into.textChanged.connect(self.refresh)
        self.axis = QSpinBox()
        self.axis.setRange(0, max(dimensions - 1, 0))
        self.axis.setAccessibleName(self.tr("Axis"))
        self.axis.valueChanged.connect(self.refresh)
        form = QFormLayout()
        form.addRow(self.tr("&Name"), self.into)
        form.addRow(self.tr("&Axis"), self.axis)
        self.body.addWidget(self.order)
        self.body.addLayout(form)
        self.finish_layout()
        self.into.setFocus()

    def names(self) -> tuple[str, ...]:
        """The tensors in the chosen order."""
        return tuple(self.order.item(row).text() for row in range(self.order.count()))

    def edit(self) -> Edit | str:
        into = self.into.text().strip()
        return Join(self.names(), into, self.axis.value()) if into else self.tr("Give the result a name.")

    def pairs(self, change: ChangeSet) -> list[Pair]:
        return [(name, self.into.text().strip()) for name in self.names()]

    def outcome(self, change: ChangeSet) -> str:
        result = self.document.state_dict
        assert result is not None
        axis = self.axis.value()
        shapes = [result.tensors[name].shape for name in self.names()]
        whole = (*shapes[0][:axis], sum(shape[axis] for shape in shapes), *shapes[0][axis + 1 :])
        return self.tr("Its shape: {shape}").format(shape=shape_text(whole))

    def button_text(self, change: ChangeSet | None) -> str:
        return self.tr("Join {count} tensors").format(count=self.order.count())


class _OrderList(QListWidget):
    """Names that are put in order by dragging or by Alt and the arrow keys."""

    def __init__(self) -> None:
        super().__init__()
        roomy(self)
        self.setAccessibleName(self.tr("Tensors in order"))
        self.setDragDropMode(QAbstractItemView.DragDropMode.InternalMove)
        self.setTextElideMode(Qt.TextElideMode.ElideMiddle)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        step = 0
        if event.key() in (Qt.Key.Key_Up, Qt.Key.Key_Down):
            step = -1 if event.key() == Qt.Key.Key_Up else 1
        row = self.currentRow()
        if step and event.modifiers() & Qt.KeyboardModifier.AltModifier and 0 <= row + step < self.count():
            parent = self.rootIndex()
            self.model().moveRow(parent, row, parent, row + step + (step > 0))
            self.setCurrentRow(row + step)
            return
        super().keyPressEvent(event)
