"""Finds, from any place of a tensor on, the next value that is NaN or infinite."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from ckpt_studio.core.data import real_chunks
from ckpt_studio.core.jobs import SILENT, Progress
from ckpt_studio.core.statistics import READ_BYTES
from ckpt_studio.core.tensor import Tensor
from ckpt_studio.core.windows import sliced


def index_at(place: int, shape: Sequence[int]) -> tuple[int, ...]:
    """The index, one number per axis, of the value at this place (row-major from 0)."""
    index: list[int] = []
    for size in reversed(shape):
        place, along = divmod(place, size)
        index.insert(0, along)
    return tuple(index)


def place_of(index: Sequence[int], shape: Sequence[int]) -> int:
    """The place, row-major from 0, of the value at this index."""
    place = 0
    for along, size in zip(index, shape, strict=True):
        place = place * size + along
    return place


def next_nonfinite(tensor: Tensor, place: int, progress: Progress = SILENT, *, backwards: bool = False) -> int | None:
    """The place (row-major from 0) of the next value that is NaN or infinite; after the last one comes the first.

    Read are the rows from there on, up to the value that is found.

    Args:
        tensor: strided, of numbers.
        place: where the search begins; the value there itself is the last that is looked at. -1 begins before the
            first value, `tensor.numel` (backwards) behind the last.
        progress: polled.
        backwards: searches towards the first value.

    Returns:
        None when every value is finite, or the values are integers.

    Raises:
        StudioError: the values cannot be read.
        Cancelled: through `progress`.
    """
    if not tensor.numel or tensor.dtype.kind not in ("float", "complex"):
        return None
    if backwards:
        middle = min(max(place, 0), tensor.numel)
        found = _last(tensor, 0, middle, progress)
        return found if found is not None else _last(tensor, middle, tensor.numel, progress)
    middle = min(max(place + 1, 0), tensor.numel)
    found = _first(tensor, middle, tensor.numel, progress)
    return found if found is not None else _first(tensor, 0, middle, progress)


def _first(tensor: Tensor, low: int, high: int, progress: Progress) -> int | None:
    for rows in _blocks(tensor, low, high):
        for place in _places(tensor, rows, progress):
            if low <= place < high:
                return place
    return None


def _last(tensor: Tensor, low: int, high: int, progress: Progress) -> int | None:
    for rows in reversed(_blocks(tensor, low, high)):
        found = [place for place in _places(tensor, rows, progress) if low <= place < high]
        if found:
            return found[-1]
    return None


def _blocks(tensor: Tensor, low: int, high: int) -> list[range]:
    """The rows that these places lie in, as many at a time as are read at once."""
    row = tensor.numel // (tensor.shape[0] if tensor.shape else 1)
    step = max(READ_BYTES // (row * tensor.dtype.itemsize), 1)
    end = -(-high // row)
    return [range(start, min(start + step, end)) for start in range(low // row, end, step)]


def _places(tensor: Tensor, rows: range, progress: Progress) -> Iterator[int]:
    """The places of what is not finite in some rows, in order."""
    import numpy as np

    others = [range(size) for size in tensor.shape[1:]]
    part = sliced(tensor, [rows, *others]) if tensor.shape else tensor
    before = rows.start * (tensor.numel // (tensor.shape[0] if tensor.shape else 1))
    for values in real_chunks(part, READ_BYTES):
        progress.check()
        with np.errstate(all="ignore"):
            plain = values if values.dtype.kind in "fc" else values.astype(np.float64)
            odd = np.flatnonzero(~np.isfinite(plain))
        yield from (before + odd).tolist()
        before += len(values)
