"""What would be taken from another checkpoint, as a table with a tick for each name."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt, Signal
from PySide6.QtGui import QGuiApplication, QPalette

from ckpt_studio.core.tensor import Tensor
from ckpt_studio.gui.dialogs.ask_dialog import tone_color
from ckpt_studio.gui.figures import shape_text

Index = QModelIndex | QPersistentModelIndex
Fate = Literal["added", "replaced", "reshaped", "equal"]

NAME, FATE, HERE, THERE = range(4)


@dataclass(frozen=True)
class Offered:
    """A tensor of the other file; `here` is the one of the same name in this file."""

    name: str
    there: Tensor
    here: Tensor | None


class TakenModel(QAbstractTableModel):
    """The other file's tensors in its order; those that are equal here cannot be ticked.

    Signals:
        ticked(): another choice.
    """

    ticked = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._rows: Sequence[Offered] = ()
        self._visible: Sequence[int] = range(0)
        self._off: set[str] = set()
        self._equal: frozenset[str] = frozenset()
        self._text = ""

    def set_offered(self, here: Mapping[str, Any], there: Mapping[str, Tensor]) -> None:
        """Shows what another file offers; everything is ticked."""
        self.beginResetModel()
        found = {name: value if isinstance(value, Tensor) else None for name, value in here.items() if name in there}
        self._rows = [Offered(name, tensor, found.get(name)) for name, tensor in there.items()]
        self._off, self._equal = set(), frozenset()
        self._refilter()
        self.endResetModel()
        self.ticked.emit()

    def set_equal(self, names: Iterable[str]) -> None:
        """Says which ones hold the same values on both sides: there is nothing to take."""
        self._equal = frozenset(names)
        self._tell()

    def set_filter(self, text: str) -> None:
        """Shows only the names with this text."""
        self.beginResetModel()
        self._text = text.strip().lower()
        self._refilter()
        self.endResetModel()

    def tick(self, fates: Iterable[Fate], on: bool) -> None:
        """Ticks every name of these fates, or takes the ticks away."""
        wanted = frozenset(fates)
        names = {row.name for row in self._rows if self.fate(row) in wanted}
        self._off = self._off - names if on else self._off | names
        self._tell()

    def tick_only(self, names: Iterable[str]) -> None:
        """Ticks exactly these names."""
        kept = frozenset(names)
        self._off = {row.name for row in self._rows if row.name not in kept}
        self._tell()

    def _tell(self) -> None:
        if self._visible:
            self.dataChanged.emit(self.index(0, NAME), self.index(len(self._visible) - 1, THERE))
        self.ticked.emit()

    def _refilter(self) -> None:
        rows, needle = self._rows, self._text
        if not needle:
            self._visible = range(len(rows))
        else:
            self._visible = [place for place, row in enumerate(rows) if needle in row.name.lower()]

    def fate(self, row: Offered) -> Fate:
        """What taking it over does."""
        if row.name in self._equal:
            return "equal"
        if row.here is None:
            return "added"
        return "replaced" if row.here.shape == row.there.shape else "reshaped"

    @property
    def counts(self) -> Counter[Fate]:
        """How many names have which fate, ticked or not."""
        return Counter(map(self.fate, self._rows))

    def ticked_counts(self, names: frozenset[str]) -> Counter[Fate]:
        """How many of these names have which fate."""
        return Counter(self.fate(row) for row in self._rows if row.name in names)

    @property
    def names(self) -> tuple[str, ...]:
        """The ticked names, in order."""
        off, equal = self._off, self._equal
        return tuple(row.name for row in self._rows if row.name not in off and row.name not in equal)

    @property
    def takes_all(self) -> bool:
        """Whether every name is taken, without exception."""
        return bool(self._rows) and not self._off and not self._equal

    def _word(self, fate: Fate) -> str:
        return {
            "added": self.tr("added"),
            "replaced": self.tr("replaced"),
            "reshaped": self.tr("replaced, other shape"),
            "equal": self.tr("equal"),
        }[fate]

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() else len(self._visible)

    def columnCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() else 4

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = 0) -> Any:
        if orientation != Qt.Orientation.Horizontal:
            return None
        if role == Qt.ItemDataRole.DisplayRole:
            return (self.tr("Name"), self.tr("What happens"), self.tr("Here"), self.tr("In the other file"))[section]
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return int(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        return None

    def flags(self, index: Index) -> Qt.ItemFlag:
        flags = super().flags(index)
        if index.isValid() and index.column() == NAME and self._row(index).name not in self._equal:
            flags |= Qt.ItemFlag.ItemIsUserCheckable
        return flags

    def _row(self, index: Index) -> Offered:
        return self._rows[self._visible[index.row()]]

    def data(self, index: Index, role: int = 0) -> Any:
        if not index.isValid():
            return None
        row, column = self._row(index), index.column()
        fate = self.fate(row)
        if role == Qt.ItemDataRole.DisplayRole:
            if column == NAME:
                return row.name
            if column == FATE:
                return self._word(fate)
            tensor = row.here if column == HERE else row.there
            return "—" if tensor is None else shape_text(tensor.shape)
        if role == Qt.ItemDataRole.CheckStateRole and column == NAME and fate != "equal":
            return Qt.CheckState.Unchecked if row.name in self._off else Qt.CheckState.Checked
        if role == Qt.ItemDataRole.ForegroundRole:
            if fate == "equal":
                return QGuiApplication.palette().color(QPalette.ColorRole.PlaceholderText)
            if column == FATE:
                return tone_color({"added": "good", "replaced": "calm", "reshaped": "caution"}[fate])
        if role == Qt.ItemDataRole.ToolTipRole:
            return f"{row.name}\n{row.there.dtype.name} {shape_text(row.there.shape)}"
        return None

    def setData(self, index: Index, value: Any, role: int = 0) -> bool:
        if role != Qt.ItemDataRole.CheckStateRole or index.column() != NAME:
            return False
        name = self._row(index).name
        if Qt.CheckState(value) == Qt.CheckState.Checked:
            self._off.discard(name)
        else:
            self._off.add(name)
        self.dataChanged.emit(index, index)
        self.ticked.emit()
        return True
