"""The jobs that read what the views show: parts of a tensor, never more than a screen can show."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ckpt_studio.core.data import real_chunks, to_numpy
from ckpt_studio.core.jobs import Progress
from ckpt_studio.core.tensor import Tensor
from ckpt_studio.core.windows import sliced
from ckpt_studio.gui.inspector.color_maps import Scale, as_real, scale_of

if TYPE_CHECKING:
    import numpy as np

    Array = np.ndarray[Any, Any]

# A picture larger than this has more cells than a screen has room for.
_MOST_ROWS, _MOST_COLUMNS = 480, 720
_MOST_KERNELS = 1024
# Longer vectors are looked at here and there instead of being read whole.
_MOST_READ = 1 << 25


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
    """A matrix as colours: `levels` row by row; every `row_step`-th row and `column_step`-th column of it."""

    levels: bytes
    values: Array
    scale: Scale
    row_step: int
    column_step: int


def heat_map(tensor: Tensor, part: Slice, progress: Progress) -> HeatMap:
    """Reads a matrix, or of a large one every n-th row and column. Raises StudioError."""
    height, width = part.size(tensor.shape)
    row_step, column_step = -(-height // _MOST_ROWS), -(-width // _MOST_COLUMNS)
    pieces = []
    rows = range(0, height, row_step)
    for start in range(0, len(rows), 32):
        progress.check()
        pieces.append(as_real(block(tensor, part, rows[start : start + 32], range(0, width, column_step))))
    import numpy as np

    values = np.concatenate(pieces)
    scale = scale_of(values)
    return HeatMap(scale.levels(values).tobytes(), values, scale, row_step, column_step)


@dataclass(frozen=True)
class Kernels:
    """The kernels of a convolution, one below the other: levels, or red-green-blue when `is_color`.

    Attributes:
        pixels: count × height × width levels (× 3 colours).
        count, total: kernels shown, and all there are.
    """

    pixels: bytes
    count: int
    total: int
    height: int
    width: int
    scale: Scale
    is_color: bool


def kernels(tensor: Tensor, channel: int, progress: Progress) -> Kernels:
    """The kernels of a weight of shape outputs × inputs × height × width, for one input channel (-1: as colours)."""
    import numpy as np

    total, inputs, height, width = tensor.shape
    count = min(total, _MOST_KERNELS)
    progress.check()
    picked: list[int | range] = [range(count), range(inputs) if channel < 0 else channel, range(height), range(width)]
    values = as_real(to_numpy(sliced(tensor, picked)))
    progress.check()
    scale = scale_of(values)
    levels = scale.levels(values)
    if channel < 0:
        levels = np.ascontiguousarray(levels.transpose(0, 2, 3, 1))
    return Kernels(levels.tobytes(), count, total, height, width, scale, channel < 0)


@dataclass(frozen=True)
class Curve:
    """The lowest and highest value of each step of a vector (NaN where none is finite)."""

    lows: list[float]
    highs: list[float]
    count: int
    is_sampled: bool


def curve(tensor: Tensor, steps: int, progress: Progress) -> Curve:
    """A vector of any length in at most `steps` steps. Raises StudioError."""
    import numpy as np

    count = tensor.numel
    steps = min(steps, count)
    if count > _MOST_READ:
        flat = tensor.with_changes(shape=(count,), stride=(_step(tensor),))
        places = [k * count // steps for k in range(steps)]
        picked: list[float] = []
        for number, place in enumerate(places):
            if number % 64 == 0:
                progress.check()
            picked.append(float(as_real(to_numpy(sliced(flat, [range(place, place + 1)])))[0]))
        picked = [x if math.isfinite(x) else math.nan for x in picked]
        return Curve(picked, picked, count, True)
    pieces = []
    for piece in real_chunks(tensor):
        progress.check()
        pieces.append(as_real(piece))
    values = np.concatenate(pieces) if pieces else np.zeros(0, np.float32)
    edges = np.arange(steps) * count // steps
    finite = np.isfinite(values)
    lows = np.minimum.reduceat(np.where(finite, values, np.inf), edges) if steps else values
    highs = np.maximum.reduceat(np.where(finite, values, -np.inf), edges) if steps else values
    lows = np.where(np.isfinite(lows), lows, np.nan)
    return Curve([float(x) for x in lows], [float(x) for x in highs], count, False)


def _step(tensor: Tensor) -> int:
    return next((step for size, step in zip(tensor.shape, tensor.stride, strict=True) if size > 1), 1)
