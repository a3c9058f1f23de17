"""Tables of any size: only what is on the screen is read, off the window's thread, piece by piece."""

from __future__ import annotations

from collections import OrderedDict
from typing import Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt, QTimer, Signal

from ckpt_studio.core.jobs import Progress
from ckpt_studio.core.tensor import Tensor
from ckpt_studio.errors import StudioError
from ckpt_studio.gui.figures import exact_text
from ckpt_studio.gui.inspector.reading import Slice, block, readable
from ckpt_studio.gui.tasks import Task, run_task
from ckpt_studio.gui.theme import muted_color

Index = QModelIndex | QPersistentModelIndex
Tile = tuple[int, int]

# Qt keeps a record for each row and column of a table; beyond this one turns pages.
PAGE = 1_000_000
_TILE_ROWS, _TILE_COLUMNS = 64, 32
_MOST_TILES = 400
BYTES_A_ROW = 16


class TileModel(QAbstractTableModel):
    """A table whose cells are read in tiles when they are first shown; until then they are empty.

    Signals:
        failed(object): the StudioError that a read met.
        loaded(): wanted tiles have arrived.
    """

    failed = Signal(object)
    loaded = Signal()

    tile_rows, tile_columns = _TILE_ROWS, _TILE_COLUMNS

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._tiles: OrderedDict[Tile, list[list[Any]]] = OrderedDict()
        self._wanted: list[Tile] = []
        self._task: Task | None = None
        # Collects what one painting asks for into one task.
        self._soon = QTimer(self)
        self._soon.setSingleShot(True)
        self._soon.setInterval(0)
        self._soon.timeout.connect(self._load)
        self.first_row = self.first_column = 0
        self.rows = self.columns = 0
        self.has_failed = False

    def read_tile(self, rows: range, columns: range) -> list[list[Any]]:
        """What is in these cells; called in a task. Raises StudioError."""
        raise NotImplementedError

    def text_of(self, value: Any) -> str:
        """How a cell's content is written."""
        return str(value)

    def show_size(self, rows: int, columns: int, first_row: int = 0, first_column: int = 0) -> None:
        """Begins anew with a table of this size, from this place on."""
        self.beginResetModel()
        self.stop()
        self.has_failed = False
        self._tiles.clear()
        self.rows, self.columns = rows, columns
        self.first_row, self.first_column = first_row, first_column
        self.endResetModel()

    def stop(self) -> None:
        """Drops what is being read."""
        self._wanted.clear()
        task, self._task = self._task, None
        if task is not None:
            task.cancel()

    def _load(self) -> None:
        if self._task is not None or not self._wanted:
            return
        # The latest first: what was scrolled past long ago can wait.
        wanted = self._wanted[-12:]
        self._wanted.clear()
        last_row, last_column = self._ends()

        def read(progress: Progress) -> dict[Tile, list[list[Any]]]:
            found = {}
            for tile in wanted:
                progress.check()
                top, left = tile[0] * self.tile_rows, tile[1] * self.tile_columns
                rows = range(top, min(top + self.tile_rows, last_row))
                found[tile] = self.read_tile(rows, range(left, min(left + self.tile_columns, last_column)))
            return found

        task = run_task(self, readable(read), label=self.tr("Reading values"))
        self._task = task
        task.succeeded.connect(lambda found: self._on_read(task, found))
        task.failed.connect(lambda error: self._on_failed(task, error))
        task.finished.connect(lambda: self._on_finished(task))

    def _ends(self) -> tuple[int, int]:
        return self.rows, self.columns

    def _on_read(self, task: Task, found: dict[Tile, list[list[Any]]]) -> None:
        if task is not self._task:
            return
        for tile, texts in found.items():
            self._tiles[tile] = texts
            top = max(tile[0] * self.tile_rows - self.first_row, 0)
            left = max(tile[1] * self.tile_columns - self.first_column, 0)
            bottom = min((tile[0] + 1) * self.tile_rows - self.first_row, self.rowCount()) - 1
            right = min((tile[1] + 1) * self.tile_columns - self.first_column, self.columnCount()) - 1
            if bottom >= top and right >= left:
                self.dataChanged.emit(self.index(top, left), self.index(bottom, right))
        while len(self._tiles) > _MOST_TILES:
            self._tiles.popitem(last=False)

    def _on_failed(self, task: Task, error: StudioError) -> None:
        if task is self._task:
            self._wanted.clear()
            self.has_failed = True
            self.failed.emit(error)

    def _on_finished(self, task: Task) -> None:
        if task is self._task:
            self._task = None
            self.loaded.emit()
            if self._wanted:
                self._soon.start()

    def cell(self, row: int, column: int) -> str | None:
        """The text of a cell, or None while it is not read; then it is asked for."""
        value = self.value(row, column)
        return None if value is None else self.text_of(value)

    def value(self, row: int, column: int) -> Any:
        """What is in a cell, or None while it is not read; then it is asked for."""
        row, column = row + self.first_row, column + self.first_column
        if row >= self.rows or column >= self.columns:
            return None
        tile = (row // self.tile_rows, column // self.tile_columns)
        texts = self._tiles.get(tile)
        if texts is None:
            if tile not in self._wanted:
                self._wanted.append(tile)
                self._soon.start()
            return None
        return texts[row % self.tile_rows][column % self.tile_columns]

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() else min(self.rows - self.first_row, PAGE)

    def columnCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() else min(self.columns - self.first_column, PAGE)

    def data(self, index: Index, role: int = 0) -> Any:
        if not index.isValid():
            return None
        if role == Qt.ItemDataRole.DisplayRole:
            return self.cell(index.row(), index.column()) or ""
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return int(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        return None


class ValuesModel(TileModel):
    """The values of a two-dimensional slice of a tensor."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._tensor: Tensor | None = None
        self._slice = Slice(None, None, ())

    def show_slice(self, tensor: Tensor, part: Slice, first_row: int = 0, first_column: int = 0) -> None:
        """Shows this slice from a row and a column on."""
        self._tensor, self._slice = tensor, part
        rows, columns = part.size(tensor.shape)
        self.show_size(rows, columns, first_row, first_column)

    def read_tile(self, rows: range, columns: range) -> list[list[Any]]:
        assert self._tensor is not None
        values = block(self._tensor, self._slice, rows, columns)
        # float64 keeps what the narrow types of ml_dtypes hold.
        wide = values if values.dtype.kind in "iubc" else values.astype("f8")
        found: list[list[Any]] = wide.tolist()
        return found

    def text_of(self, value: Any) -> str:
        return f"{value:.6g}" if isinstance(value, float | complex) else str(value)

    def place(self, row: int, column: int) -> tuple[int, ...]:
        """The index in the tensor of a cell."""
        found = self._slice.where(range(1), range(1))
        for axis, number in ((self._slice.rows, row + self.first_row), (self._slice.columns, column + self.first_column)):  # fmt: skip # noqa: E501
            if axis is not None:
                found[axis] = number
        return tuple(index for index in found if isinstance(index, int))

    def _exact(self, row: int, column: int) -> str | None:
        value = self.value(row, column)
        if value is None or self._tensor is None:
            return None
        digits = 17 if self._tensor.dtype.name in ("float64", "complex128") else 9
        text = f"{value:.{digits}g}" if isinstance(value, float | complex) else str(value)
        return self.tr("{index}: {value}").format(index=list(self.place(row, column)), value=text)

    def data(self, index: Index, role: int = 0) -> Any:
        if role == Qt.ItemDataRole.ToolTipRole and index.isValid():
            return self._exact(index.row(), index.column())
        return super().data(index, role)

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = 0) -> Any:
        if role == Qt.ItemDataRole.DisplayRole:
            first = self.first_column if orientation == Qt.Orientation.Horizontal else self.first_row
            return exact_text(section + first)
        if role == Qt.ItemDataRole.ForegroundRole:
            return muted_color()
        return None


class BytesModel(TileModel):
    """The stored bytes of a tensor, sixteen a row, and as letters."""

    tile_rows, tile_columns = 256, 2

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._tensor: Tensor | None = None
        self._start = self._length = 0

    def show_tensor(self, tensor: Tensor, first_row: int = 0) -> None:
        """Shows the bytes from the tensor's first to its last in the storage."""
        self._tensor = tensor
        start, length = tensor.span()
        self._start, self._length = start, max(min(length, tensor.storage.nbytes - start), 0)
        self.show_size(-(-self._length // BYTES_A_ROW), 2, first_row)

    def read_tile(self, rows: range, columns: range) -> list[list[str]]:
        assert self._tensor is not None
        first = rows.start * BYTES_A_ROW
        wanted = min(len(rows) * BYTES_A_ROW, self._length - first)
        storage = self._tensor.storage
        if self._start < 0:
            end = sum(self._tensor.span())
            raise StudioError("beyond-storage", name=storage.key, held=storage.nbytes, wanted=end - self._start)
        raw = storage.source.read(self._start + first, wanted)
        lines = []
        for place in range(0, len(raw), BYTES_A_ROW):
            line = raw[place : place + BYTES_A_ROW]
            letters = "".join(chr(byte) if 32 <= byte < 127 else "·" for byte in line)
            lines.append([line[:8].hex(" ") + "   " + line[8:].hex(" "), letters])
        return lines

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = 0) -> Any:
        if role == Qt.ItemDataRole.DisplayRole:
            if orientation == Qt.Orientation.Horizontal:
                return self.tr("Bytes") if section == 0 else self.tr("As letters")
            return f"{self._start + (section + self.first_row) * BYTES_A_ROW:08x}"
        if role == Qt.ItemDataRole.ForegroundRole:
            return muted_color()
        if role == Qt.ItemDataRole.TextAlignmentRole and orientation == Qt.Orientation.Horizontal:
            return int(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        return None

    def data(self, index: Index, role: int = 0) -> Any:
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return int(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        return super().data(index, role)
