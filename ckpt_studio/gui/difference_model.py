"""Two checkpoints tensor by tensor, as a table that sorts by how much changed."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from PySide6.QtCore import QAbstractTableModel, QLocale, QModelIndex, QObject, QPersistentModelIndex, Qt

from ckpt_studio.compare.difference import Difference
from ckpt_studio.core.checkpoint import StateDict
from ckpt_studio.gui.dialogs.ask_dialog import tone_color
from ckpt_studio.gui.figures import shape_text
from ckpt_studio.gui.layer_bars import LayerChange, layer_of
from ckpt_studio.gui.theme import muted_color

Index = QModelIndex | QPersistentModelIndex
Kind = Literal["changed", "reshaped", "retyped", "only-here", "only-there", "equal"]

NAME, KIND, RELATIVE, LARGEST, COSINE, SHAPE = range(6)
_TONES = {"changed": "calm", "reshaped": "caution", "retyped": "calm", "only-here": "caution", "only-there": "caution"}


@dataclass(frozen=True)
class Compared:
    """One name; the numbers are None where they cannot be computed."""

    name: str
    kind: Kind
    shape: str
    relative: float | None = None
    largest: float | None = None
    cosine: float | None = None

    @property
    def weight(self) -> float:
        """How far up it stands: what has no number before what moved most."""
        if self.kind == "equal":
            return -1.0
        return math.inf if self.relative is None else self.relative


def compared_rows(first: StateDict, second: StateDict, found: Difference) -> list[Compared]:
    """Every name of both sides, what changed most first."""
    rows = []
    for change in found.changed:
        here, there = change.first, change.second
        if here.shape != there.shape:
            shape = f"{shape_text(here.shape)} → {shape_text(there.shape)}"
            rows.append(Compared(change.name, "reshaped", shape))
            continue
        kind: Kind = "changed" if here.dtype is there.dtype else "retyped"
        shape = shape_text(here.shape)
        rows.append(Compared(change.name, kind, shape, change.rel_l2, change.max_abs, change.cosine))
    rows += [Compared(name, "only-here", shape_text(first.tensors[name].shape)) for name in found.only_in_first]
    rows += [Compared(name, "only-there", shape_text(second.tensors[name].shape)) for name in found.only_in_second]
    told = {row.name for row in rows}
    rows.sort(key=lambda row: row.weight, reverse=True)
    rows += [
        Compared(name, "equal", shape_text(tensor.shape), 0.0, 0.0, 1.0)
        for name, tensor in first.tensors.items()
        if name not in told
    ]
    return rows


def layer_changes(first: StateDict, second: StateDict, found: Difference) -> list[LayerChange]:
    """The layers that both sides have, in the first one's order."""
    moved = {change.name: change.rel_l2 for change in found.changed}
    members: dict[str, list[str]] = {}
    for name in first.tensors:
        if name in second.tensors:
            members.setdefault(layer_of(name), []).append(name)
    layers = []
    for layer, names in members.items():
        changed = [moved[name] for name in names if name in moved]
        known = [size for size in changed if size is not None]
        size = max(known, default=0.0) if known or not changed else None
        layers.append(LayerChange(layer, size, len(names), len(changed)))
    return layers


class DifferenceModel(QAbstractTableModel):
    """The rows, filtered by text, layer and whether equal ones are wanted; sorted by any column."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._rows: Sequence[Compared] = ()
        self._visible: list[Compared] = []
        self._text, self._layer, self._with_equal = "", "", False
        self._sorting: tuple[int, Qt.SortOrder] | None = None

    def set_rows(self, rows: Sequence[Compared]) -> None:
        """Shows another comparison."""
        self._rows = rows
        self._show()

    def set_filter(self, text: str, layer: str, with_equal: bool) -> None:
        """Shows only names with this text, in this layer ("" for all)."""
        self._text, self._layer, self._with_equal = text.strip().lower(), layer, with_equal
        self._show()

    def row_at(self, position: int) -> Compared:
        """The row shown there."""
        return self._visible[position]

    def sort(self, column: int, order: Qt.SortOrder = Qt.SortOrder.AscendingOrder) -> None:
        self._sorting = None if column < 0 else (column, order)
        self._show()

    def _show(self) -> None:
        self.beginResetModel()
        self._visible = [
            row
            for row in self._rows
            if (self._with_equal or row.kind != "equal")
            and (not self._layer or layer_of(row.name) == self._layer)
            and self._text in row.name.lower()
        ]
        if self._sorting is not None:
            column, order = self._sorting
            keys: dict[int, Callable[[Compared], Any]] = {
                NAME: lambda row: row.name,
                KIND: lambda row: row.kind,
                RELATIVE: lambda row: row.weight,
                LARGEST: lambda row: math.inf if row.largest is None else row.largest,
                COSINE: lambda row: -2.0 if row.cosine is None else row.cosine,
                SHAPE: lambda row: row.shape,
            }
            self._visible.sort(key=keys[column], reverse=order == Qt.SortOrder.DescendingOrder)
        self.endResetModel()

    def _word(self, kind: Kind) -> str:
        return {
            "changed": self.tr("changed"),
            "reshaped": self.tr("other shape"),
            "retyped": self.tr("other number type"),
            "only-here": self.tr("only here"),
            "only-there": self.tr("only in the other"),
            "equal": self.tr("equal"),
        }[kind]

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() else len(self._visible)

    def columnCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() else 6

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = 0) -> Any:
        if orientation != Qt.Orientation.Horizontal:
            return None
        if role == Qt.ItemDataRole.DisplayRole:
            return (
                self.tr("Name"),
                self.tr("Difference"),
                self.tr("Relative"),
                self.tr("Largest"),
                self.tr("Cosine"),
                self.tr("Shape"),
            )[section]
        if role == Qt.ItemDataRole.ToolTipRole:
            return (
                self.tr("The name, the same in both files"),
                self.tr("What differs"),
                self.tr("Length of the difference, divided by the length of the tensor here: 0 is equal"),
                self.tr("The largest difference of a single value"),
                self.tr("1: both point in the same direction; 0: they have nothing in common"),
                self.tr("Here, and in the other file where it is another one"),
            )[section]
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return int(self._alignment(section))
        return None

    def _alignment(self, column: int) -> Qt.AlignmentFlag:
        side = Qt.AlignmentFlag.AlignRight if column in (RELATIVE, LARGEST, COSINE) else Qt.AlignmentFlag.AlignLeft
        return side | Qt.AlignmentFlag.AlignVCenter

    def data(self, index: Index, role: int = 0) -> Any:
        if not index.isValid():
            return None
        row, column = self._visible[index.row()], index.column()
        if role == Qt.ItemDataRole.DisplayRole:
            return (
                row.name,
                self._word(row.kind),
                _number(row.relative, 3),
                _number(row.largest, 3),
                _number(row.cosine, 5),
                row.shape,
            )[column]
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return int(self._alignment(column))
        if role == Qt.ItemDataRole.ForegroundRole:
            if row.kind == "equal":
                return muted_color()
            return tone_color(_TONES[row.kind]) if column == KIND else None
        if role == Qt.ItemDataRole.ToolTipRole:
            exact: Iterable[tuple[str, float | None]] = (
                (self.tr("Relative"), row.relative), (self.tr("Largest"), row.largest), (self.tr("Cosine"), row.cosine),
            )  # fmt: skip
            return "\n".join([row.name, *(f"{words}: {value!r}" for words, value in exact if value is not None)])
        return None


def _number(value: float | None, digits: int) -> str:
    if value is None:
        return "—"
    return "∞" if math.isinf(value) else QLocale().toString(value, "g", digits)
