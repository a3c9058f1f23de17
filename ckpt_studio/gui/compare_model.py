"""The rows of a load report as a Qt table: flat, filtered by status and text, quick at 100,000 rows."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from operator import attrgetter
from typing import Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt
from PySide6.QtGui import QFont, QGuiApplication, QPalette

from ckpt_studio.compare.report import LoadReport, Row, Status
from ckpt_studio.gui.compare_rows import ArrangedRows, seen_at
from ckpt_studio.gui.figures import shape_text
from ckpt_studio.gui.statuses import STATUSES, is_dark, status_color, status_explained, status_icon, status_word
from ckpt_studio.gui.wording import worded

Index = QModelIndex | QPersistentModelIndex

STATUS, NAME, FILE_SHAPE, MODEL_SHAPE, ACTION = range(5)

ROW_ROLE = int(Qt.ItemDataRole.UserRole)

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
        self.arranged = ArrangedRows(None)
        self._visible: Sequence[int] = range(0)
        self._statuses: frozenset[Status] = frozenset()
        self._text = ""

    @property
    def counts(self) -> dict[Status, int]:
        """Rows per status, filtered out or not."""
        return {status: self.arranged.counts[status] for status in STATUSES}

    @property
    def statuses(self) -> frozenset[Status]:
        """The statuses shown; empty means all of them."""
        return self._statuses

    def set_report(self, report: LoadReport | None, arranged: ArrangedRows | None = None) -> None:
        """Shows another report, whose rows a job may have `arranged`; the filters stay."""
        self.beginResetModel()
        self.arranged = arranged if arranged is not None and arranged.report is report else ArrangedRows(report)
        self._visible = self.arranged.visible(self._statuses, self._text)
        self.endResetModel()

    def set_filter(self, statuses: Iterable[Status] = (), text: str = "") -> None:
        """Shows only rows of these statuses (none given: all) whose names contain the text."""
        wanted, needle = frozenset(statuses), text.strip().lower()
        if (wanted, needle) == (self._statuses, self._text):
            return
        self.beginResetModel()
        self._statuses, self._text = wanted, needle
        self._visible = self.arranged.visible(wanted, needle)
        self.endResetModel()

    def row_at(self, position: int) -> Row:
        """The report row shown at this table row."""
        return self.arranged.rows[self._visible[position]]

    def rows_between(self, first: int, stop: int) -> Iterable[Row]:
        """The report rows of the table rows from `first` up to `stop`, without a call for each."""
        places = self._visible[first:stop]
        if type(places) is range:
            return self.arranged.rows[places.start : places.stop]
        return map(self.arranged.rows.__getitem__, places)

    def position_of(self, name: str) -> int:
        """The table row of this report row name, or -1 when it is not shown."""
        return next(iter(self.positions_of((name,))), -1)

    def positions_of(self, names: Collection[str]) -> Sequence[int]:
        """The table rows of these report row names, in order."""
        places = sorted(place for place in map(self.arranged.place_of, names) if place >= 0)
        return seen_at(places, self._visible)

    def positions_of_checkpoint(self, names: Collection[str]) -> Sequence[int]:
        """The table rows that show these tensors of the checkpoint, in order."""
        return self.positions_at(self.arranged.of_checkpoint(names))

    def positions_at(self, places: Sequence[int]) -> Sequence[int]:
        """The table rows of these places among the arranged rows, in order."""
        return seen_at(places, self._visible)

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
        return self._data(self.row_at(index.row()), index.column(), role) if index.isValid() else None

    def multiData(self, index: Index, wanted: Any) -> None:
        # All that painting asks of a cell, in one call in place of seven.
        row, column = self.row_at(index.row()), index.column()
        for place in range(len(wanted)):
            one = wanted[place]
            value = self._data(row, column, one.role())
            if value is None:
                one.clearData()
            else:
                one.setData(value)

    def _data(self, row: Row, column: int, role: int) -> Any:
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
