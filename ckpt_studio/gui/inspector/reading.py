"""The jobs that read what the views show: parts of a tensor, never more than a screen can show."""

from __future__ import annotations

import math
import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar

from ckpt_studio.core.data import real_chunks, to_numpy
from ckpt_studio.core.jobs import Progress
from ckpt_studio.core.tensor import Tensor
from ckpt_studio.core.windows import sliced
from ckpt_studio.errors import StudioError
from ckpt_studio.gui.inspector.color_maps import Scale, as_real, scale_of

if TYPE_CHECKING:
    import numpy as np

    Array = np.ndarray[Any, Any]

T = TypeVar("T")

# A picture larger than this has more cells than a screen has room for.
_MOST_ROWS, _MOST_COLUMNS = 480, 720
_MOST_KERNELS = 1024
# Longer vectors are looked at here and there instead of being read whole.
_MOST_READ = 1 << 25


def readable(job: Callable[[Progress], T]) -> Callable[[Progress], T]:
    """The job with the failures of disks and memory as errors that are said in words.

    A medium that is pulled out or a network that drops fails in the middle of a read; what a file claims may be
    larger than any memory.
    """

    def careful(progress: Progress) -> T:
        try:
            return job(progress)
        except OSError as error:
            reason = os.strerror(error.errno) if error.errno else str(error)
            raise StudioError("unreadable", path=error.filename or "?", reason=reason) from error
        except (MemoryError, OverflowError) as error:
            raise StudioError("out-of-memory", details=str(error)) from error

    return careful


@dataclass(frozen=True)
class Slice:
    """Which two axes of a tensor are rows and columns (None: there is only one), and where the others stand."""

    rows: int | None
    columns: int | None
    others: tuple[int, ...]

    def where(self, rows: range, columns: range) -> list[int | range]:
        """Indices for `sliced`."""
        indices: list[int | range] = list(self.others)
        if self.rows is not None:
            indices[self.rows] = rows
        if self.columns is not None:
            indices[self.columns] = columns
        return indices

    def size(self, shape: Sequence[int]) -> tuple[int, int]:
        """Rows and columns it has."""
        return (
            1 if self.rows is None else shape[self.rows],
            1 if self.columns is None else shape[self.columns],
        )


def block(tensor: Tensor, part: Slice, rows: range, columns: range) -> Array:
    """The values of a block, as rows × columns. Raises StudioError."""
    values = to_numpy(sliced(tensor, part.where(rows, columns)))
    if part.rows is not None and part.columns is not None and part.rows > part.columns:
        values = values.T
    return values.reshape(len(rows), len(columns))


@dataclass(frozen=True)
class HeatMap:
    """A matrix as colours: `levels` row by row; every `row_step`-th row and `column_step`-th column of `part`."""

    levels: bytes
    values: Array
    scale: Scale
    row_step: int
    column_step: int
    part: Slice

    def place(self, row: int, column: int) -> tuple[int, ...]:
        """The index in the tensor of a cell of the picture."""
        found = self.part.where(range(1), range(1))
        if self.part.rows is not None:
            found[self.part.rows] = row * self.row_step
        if self.part.columns is not None:
            found[self.part.columns] = column * self.column_step
        return tuple(index for index in found if isinstance(index, int))


def heat_map(tensor: Tensor, part: Slice, progress: Progress, centered: bool = False) -> HeatMap:
    """Reads a matrix, or of a large one every n-th row and column; `centered` as for `scale_of`. Raises StudioError."""
    height, width = part.size(tensor.shape)
    row_step, column_step = -(-height // _MOST_ROWS), -(-width // _MOST_COLUMNS)
    pieces = []
    rows = range(0, height, row_step)
    for start in range(0, len(rows), 32):
        progress.check()
        pieces.append(as_real(block(tensor, part, rows[start : start + 32], range(0, width, column_step))))
    import numpy as np

    values = np.concatenate(pieces)
    scale = scale_of(values, centered)
    return HeatMap(scale.levels(values).tobytes(), values, scale, row_step, column_step, part)


@dataclass(frozen=True)
class Kernels:
    """The kernels of a convolution, one below the other: levels, or red-green-blue when `is_color`.

    Attributes:
        pixels: count × height × width levels (× 3 colours).
        values: count × height × width (× 3) numbers.
        channel: the input channel they are of; -1 for three as colours.
        count, total: kernels shown, and all there are.
    """

    pixels: bytes
    values: Array
    channel: int
    count: int
    total: int
    height: int
    width: int
    scale: Scale

    @property
    def is_color(self) -> bool:
        """Whether three input channels are shown as red, green and blue."""
        return self.channel < 0


def kernels(tensor: Tensor, channel: int, progress: Progress, centered: bool = False) -> Kernels:
    """The kernels of a weight of shape outputs × inputs × height × width, for one input channel (-1: as colours).

    Raises:
        StudioError: they cannot be read.
    """
    import numpy as np

    total, inputs, height, width = tensor.shape
    count = min(total, _MOST_KERNELS)
    progress.check()
    picked: list[int | range] = [range(count), range(inputs) if channel < 0 else channel, range(height), range(width)]
    values = as_real(to_numpy(sliced(tensor, picked)))
    progress.check()
    if channel < 0:
        values = np.ascontiguousarray(values.transpose(0, 2, 3, 1))
    scale = scale_of(values, centered)
    return Kernels(scale.levels(values).tobytes(), values, channel, count, total, height, width, scale)


@dataclass(frozen=True)
class Curve:
    """The lowest and highest value of each step of a vector (NaN where none is finite)."""

    lows: list[float]
    highs: list[float]
    count: int
    is_sampled: bool


def curve(tensor: Tensor, steps: int, progress: Progress) -> Curve:
    """A vector of any length in at most `steps` steps, held in memory piece by piece. Raises StudioError."""
    import numpy as np

    count = tensor.numel
    steps = min(steps, count)
    if count > _MOST_READ:
        return _sampled(tensor, steps, progress)
    lows, highs = np.full(steps, np.inf), np.full(steps, -np.inf)
    edges = np.array([k * count // steps for k in range(steps + 1)], np.int64)
    done = 0
    for piece in real_chunks(tensor):
        progress.check()
        values = as_real(piece)
        finite = np.isfinite(values)
        first = int(np.searchsorted(edges, done, "right")) - 1
        last = int(np.searchsorted(edges, done + len(values), "left"))
        begins = np.maximum(edges[first:last] - done, 0)
        low = np.minimum.reduceat(np.where(finite, values, np.inf), begins)
        high = np.maximum.reduceat(np.where(finite, values, -np.inf), begins)
        lows[first:last] = np.minimum(lows[first:last], low)
        highs[first:last] = np.maximum(highs[first:last], high)
        done += len(values)
    nothing = ~np.isfinite(lows)
    lows[nothing] = highs[nothing] = np.nan
    return Curve(lows.tolist(), highs.tolist(), count, False)


def _sampled(tensor: Tensor, steps: int, progress: Progress) -> Curve:
    """One value of each stretch."""
    count = tensor.numel
    flat = tensor.with_changes(shape=(count,), stride=(_step(tensor),))
    picked: list[float] = []
    for number in range(steps):
        if number % 64 == 0:
            progress.check()
        place = number * count // steps
        value = float(as_real(to_numpy(sliced(flat, [range(place, place + 1)])))[0])
        picked.append(value if math.isfinite(value) else math.nan)
    return Curve(picked, picked, count, True)


def _step(tensor: Tensor) -> int:
    return next((step for size, step in zip(tensor.shape, tensor.stride, strict=True) if size > 1), 1)
