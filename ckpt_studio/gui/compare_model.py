"""The rows of a load report as a Qt table: flat, filtered by status and text, quick at 100,000 rows."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Sequence
from itertools import compress
from operator import attrgetter, not_
from typing import Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt
from PySide6.QtGui import QFont, QGuiApplication, QPalette

from ckpt_studio.compare.report import LoadReport, Row, Status
from ckpt_studio.gui.figures import shape_text
from ckpt_studio.gui.statuses import STATUSES, is_dark, status_color, status_explained, status_icon, status_word
from ckpt_studio.gui.wording import worded

Index = QModelIndex | QPersistentModelIndex

STATUS, NAME, FILE_SHAPE, MODEL_SHAPE, ACTION = range(5)

ROW_ROLE = int(Qt.ItemDataRole.UserRole)

_STATUS_OF = attrgetter("status")
NAME_OF = attrgetter("name")
CHECKPOINT_NAME_OF = attrgetter("checkpoint_name")


def side_text(shape: Sequence[int] | None) -> str:
    """The shape on one side of a row; a dash where that side lacks the tensor."""
    return "—" if shape is None else shape_text(shape)


def _is_made_by_model(row: Row) -> bool:
    return row.status == "matched" and row.checkpoint_name is None


class CompareModel(QAbstractTableModel):
    """The report's rows: what needs something first, then what matches, both in the model's order. Holds no data."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._rows: tuple[Row, ...] = ()
        self._visible: Sequence[int] = range(0)
        self._counts: Counter[Status] = Counter()
        self._statuses: frozenset[Status] = frozenset()
        self._text = ""

    @property
    def counts(self) -> dict[Status, int]:
        """Rows per status, filtered out or not."""
        return {status: self._counts.get(status, 0) for status in STATUSES}

    @property
    def statuses(self) -> frozenset[Status]:
        """The statuses shown; empty means all of them."""
        return self._statuses

    def set_report(self, report: LoadReport | None) -> None:
        """Shows another report; the filters stay."""
        self.beginResetModel()
        self._rows = report.rows if report is not None else ()
        self._counts = Counter(map(_STATUS_OF, self._rows))
        # What a module fills itself is shown among the matched, but no tensor of the file matches it.
        self._counts["matched"] = len(report.matched) if report is not None else 0
        self._refilter()
        self.endResetModel()

    def set_filter(self, statuses: Iterable[Status] = (), text: str = "") -> None:
        """Shows only rows of these statuses (none given: all) whose names contain the text."""
        wanted, needle = frozenset(statuses), text.strip().lower()
        if (wanted, needle) == (self._statuses, self._text):
            return
        self.beginResetModel()
        self._statuses, self._text = wanted, needle
        self._refilter()
        self.endResetModel()

    def _refilter(self) -> None:
        rows, statuses, needle = self._rows, self._statuses, self._text
        visible: Sequence[int] = range(len(rows))
        fine = [status == "matched" for status in map(_STATUS_OF, rows)]
        if any(fine) and not all(fine):
            visible = [*compress(visible, map(not_, fine)), *compress(visible, fine)]
        if statuses:
            visible = [i for i in visible if rows[i].status in statuses]
        if needle:
            visible = [
                i
                for i in visible
                if needle in rows[i].name.lower() or needle in (rows[i].checkpoint_name or "").lower()
            ]
        self._visible = visible

    def row_at(self, position: int) -> Row:
        """The report row shown at this table row."""
        return self._rows[self._visible[position]]

    def rows_between(self, first: int, stop: int) -> Iterable[Row]:
        """The report rows of the table rows from `first` up to `stop`, without a call for each."""
        if isinstance(self._visible, range):
            return self._rows[first:stop]
        return map(self._rows.__getitem__, self._visible[first:stop])

    def position_of(self, name: str) -> int:
        """The table row of this report row name, or -1 when it is not shown."""
        rows = self._rows
        return next((position for position, i in enumerate(self._visible) if rows[i].name == name), -1)

    def positions_of(self, names: Collection[str]) -> list[int]:
        """The table rows of these report row names, in order. A scan: quicker than keeping a table of every name."""
        return self._positions(NAME_OF, names)

    def positions_of_checkpoint(self, names: Collection[str]) -> list[int]:
        """The table rows that show these tensors of the checkpoint, in order."""
        return self._positions(CHECKPOINT_NAME_OF, names)

    def _positions(self, name_of: Callable[[Row], str | None], names: Collection[str]) -> list[int]:
        wanted, rows = frozenset(names), self._rows
        if not wanted:
            return []
        return [position for position, i in enumerate(self._visible) if name_of(rows[i]) in wanted]

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() else len(self._visible)

    def columnCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() else 5

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = 0) -> Any:
        if orientation != Qt.Orientation.Horizontal:
            return None
        if role == Qt.ItemDataRole.DisplayRole:
            return (
                self.tr("Status"),
                self.tr("Name in the model"),
                self.tr("File"),
                self.tr("Model"),
                "",
            )[section]
        if role == Qt.ItemDataRole.ToolTipRole:
            return (
                self.tr("What PyTorch would say about this name"),
                self.tr("The name the model expects; for unexpected rows, the name in the file"),
                self.tr("The shape of the tensor in the file"),
                self.tr("The shape the model expects"),
                self.tr("What you can do about this row"),
            )[section]
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return int(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        return None

    def data(self, index: Index, role: int = 0) -> Any:
        if not index.isValid():
            return None
        row = self._rows[self._visible[index.row()]]
        column = index.column()
        if role == Qt.ItemDataRole.DisplayRole:
            if column == STATUS:
                return status_word(row.status)
            if column == NAME:
                return row.name
            if column == FILE_SHAPE:
                return self.tr("made by the model") if _is_made_by_model(row) else side_text(row.checkpoint_shape)
            if column == MODEL_SHAPE:
                return side_text(row.model_shape)
            return None
        if role == ROW_ROLE:
            return row
        if role == Qt.ItemDataRole.DecorationRole and column == STATUS:
            return status_icon(row.status, is_dark())
        if role == Qt.ItemDataRole.ForegroundRole:
            if column == STATUS or (row.status == "mismatched" and column in (FILE_SHAPE, MODEL_SHAPE)):
                return status_color(row.status, is_dark())
            if column == FILE_SHAPE and _is_made_by_model(row):
                return QGuiApplication.palette().color(QPalette.ColorRole.PlaceholderText)
            return None
        if role == Qt.ItemDataRole.FontRole and row.status == "mismatched" and column in (FILE_SHAPE, MODEL_SHAPE):
            font = QFont()
            font.setBold(True)
            return font
        if role == Qt.ItemDataRole.ToolTipRole:
            return self._tool_tip(row)
        if role == Qt.ItemDataRole.AccessibleTextRole:
            if column == NAME:
                return self.tr("{name}: {status}").format(name=row.name, status=status_word(row.status))
            if column == ACTION:
                return "" if row.status == "matched" else self.tr("Ways to repair {name}").format(name=row.name)
        return None

    def _tool_tip(self, row: Row) -> str:
        lines = [row.name, status_explained(row.status)]
        if row.checkpoint_name is not None and row.checkpoint_name != row.name:
            lines.append(
                self.tr("In the file it is called “{name}”; the model's own loading code renames it.").format(
                    name=row.checkpoint_name
                )
            )
        if row.status == "mismatched":
            lines.append(
                self.tr("File: {file}; model: {model}.").format(
                    file=side_text(row.checkpoint_shape), model=side_text(row.model_shape)
                )
            )
        if row.checkpoint_dtype and row.model_dtype and row.checkpoint_dtype != row.model_dtype:
            lines.append(
                self.tr(
                    "The file holds {file} numbers, the model {model}: PyTorch converts them while loading."
                ).format(file=row.checkpoint_dtype, model=row.model_dtype)
            )
        if _is_made_by_model(row):
            lines.append(
                self.tr(
                    "The file does not hold this tensor and need not: it counts how many batches BatchNorm has seen."
                    " Files from before PyTorch 0.4.1 lack it; the model then starts counting at 0."
                    " The count does not change what the model computes."
                )
            )
        elif row.note is not None:
            lines.append(worded(row.note))
        return "\n".join(lines)
