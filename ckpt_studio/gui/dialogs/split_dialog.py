"""Splits one tensor into several, and joins several into one (q, k and v, and the fused qkv)."""

from __future__ import annotations

import re

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QAbstractItemView, QFormLayout, QLineEdit, QListWidget, QSpinBox, QWidget

from ckpt_studio.core.edits import ApplyMapping, Edit, Join, Piece, Split
from ckpt_studio.gui.dialogs.ask_dialog import roomy
from ckpt_studio.gui.dialogs.change_preview import Pair
from ckpt_studio.gui.dialogs.edit_dialog import EditDialog
from ckpt_studio.gui.dialogs.pattern_rename_dialog import pattern_of
from ckpt_studio.gui.document import ChangeSet, Document
from ckpt_studio.gui.figures import exact_text, shape_text

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


def alike(names: tuple[str, ...]) -> bool:
    """Whether the names differ in numbers that are parts of their own only: one per block of a network."""
    return len({pattern_of(name) for name in names}) == 1


def _filled(part: str, name: str) -> str:
    """The part's name with the numbers of the tensor's name in the places of {n}, {m} and so on."""
    numbers = [word for word in name.split(".") if word.isascii() and word.isdigit()]
    for place, number in zip(re.findall(r"\{\w\}", pattern_of(name)), numbers, strict=False):
        part = part.replace(place, number)
    return part


def joined_name(names: tuple[str, ...]) -> str:
    """A likely name of what these give together: their common parts, "qkv" where they differ."""
    parts = [name.split(".") for name in names]
    if len({len(items) for items in parts}) != 1:
        return ""
    return ".".join(items[0] if len(set(items)) == 1 else "qkv" for items in zip(*parts, strict=True))


class SplitDialog(EditDialog):
    """Asks into which parts, and along which axis; tensors of one pattern are split alike, in one step.

    Args:
        names: one tensor, or several whose names differ in numbers only (`alike`).
    """

    def __init__(self, document: Document, names: tuple[str, ...], parent: QWidget | None = None) -> None:
        super().__init__(document, parent)
        self.names = names
        state_dict = document.state_dict
        assert state_dict is not None
        self.shapes = {name: tuple(state_dict.tensors[name].shape) for name in names}
        self.shape = self.shapes[names[0]]
        pattern = pattern_of(names[0]) if len(names) > 1 else names[0]
        if len(names) > 1:
            self.ask(
                self.tr("Split"),
                self.tr("Into which parts are the {count} tensors “{pattern}” to be split?").format(
                    count=len(names), pattern=pattern
                ),
                self.tr(
                    "Give the names of the parts in order, separated by commas; {n} and the like stand for the numbers"
                    " of each tensor. No value changes."
                ),
            )
        else:
            self.ask(
                self.tr("Split"),
                self.tr("Into which parts is “{name}” to be split?").format(name=names[0]),
                self.tr(
                    "Its shape is {shape}. Give the names of the parts in order, separated by commas; no value changes."
                ).format(shape=shape_text(self.shape)),
            )
        self.parts = QLineEdit(", ".join(part_names(pattern)))
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
        if len(self.names) == 1:
            return Split(self.names[0], names, sizes, self.axis.value())
        return self._together(names, sizes, self.axis.value())

    def _together(self, parts: tuple[str, ...], sizes: tuple[int, ...], axis: int) -> Edit | str:
        """Every tensor split alike, as one edit."""
        made: list[tuple[str, tuple[Piece, ...], int]] = []
        for name in self.names:
            whole = self.shapes[name][axis]
            own = sizes or (whole // len(parts),) * len(parts)
            if len(own) != len(parts) or sum(own) != whole or min(own) < 1:
                return self.tr("“{name}” is {size} long along this axis: the parts do not come to that.").format(
                    name=name, size=exact_text(whole)
                )
            start = 0
            for part, size in zip(parts, own, strict=True):
                made.append((_filled(part, name), (Piece(name, start, size),), axis))
                start += size
        if len({new for new, _, _ in made}) < len(made):
            return self.tr("Every part needs a name of its own: write {n} where the number stands.")
        return ApplyMapping(parts=tuple(made))

    def _parts_of(self, edit: Edit | str) -> list[tuple[str, str, tuple[int, ...]]]:
        """(whole, part, shape of the part) of every part that an answer makes."""
        if isinstance(edit, ApplyMapping):
            made = [(pieces[0].name, new, pieces[0].size, axis) for new, pieces, axis in edit.parts]
        elif isinstance(edit, Split):
            count = len(edit.into)
            sizes = edit.sizes or (self.shape[edit.axis] // count,) * count
            made = [(edit.name, new, size, edit.axis) for new, size in zip(edit.into, sizes, strict=False)]
        else:
            return []
        shapes = self.shapes
        return [(old, new, (*shapes[old][:axis], size, *shapes[old][axis + 1 :])) for old, new, size, axis in made]

    def pairs(self, change: ChangeSet) -> list[Pair]:
        return [(old, new) for old, new, _ in self._parts_of(self.edit())]

    def outcome(self, change: ChangeSet) -> str:
        shapes = [shape_text(shape) for old, _, shape in self._parts_of(self.edit()) if old == self.names[0]]
        return self.tr("Their shapes: {shapes}").format(shapes=", ".join(shapes)) if shapes else ""

    def button_text(self, change: ChangeSet | None) -> str:
        count = len(self._parts_of(self.edit()))
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
