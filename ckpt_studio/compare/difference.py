"""Two state dicts, value by value: what changed, and how much. Streamed, memory bounded."""

from __future__ import annotations

import math
import threading
from collections import deque
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING, Any

from ckpt_studio.core.checkpoint import StateDict
from ckpt_studio.core.data import as_values, chunks, real_chunks
from ckpt_studio.core.jobs import SILENT, Progress
from ckpt_studio.core.tensor import Tensor
from ckpt_studio.errors import Cancelled, StudioError, message

if TYPE_CHECKING:
    import numpy as np

    Array = np.ndarray[Any, Any]

_ELEMENTS = 1 << 20
# Elements calculated at a time: float64 copies of them stay in the processor's cache.
_BLOCK = 1 << 16
# Pairs that are worth a thread (bytes of both), how many threads there are, and how many pairs may be under way.
_LARGE_BYTES = 1 << 21
_THREADS = 2
_AT_A_TIME = 4
_POLL_SECONDS = 0.1


@dataclass(frozen=True)
class Change:
    """One tensor that both have and that is not the same in both.

    Attributes:
        name: its name.
        max_abs: largest absolute difference; None where it cannot be computed (shapes differ, NaN only).
        rel_l2: norm of the difference divided by the norm of the first; inf when the first is all zero.
        cosine: of the angle between the two as vectors; None when one of them is all zero.
        first, second: the tensors.
    """

    name: str
    max_abs: float | None
    rel_l2: float | None
    cosine: float | None
    first: Tensor
    second: Tensor


@dataclass(frozen=True)
class Difference:
    """How two state dicts differ.

    Attributes:
        only_in_first, only_in_second: names, in order.
        changed: what differs, by relative change, the largest first (other shapes and dtypes before all).
        equal: how many tensors are the same in both.
    """

    only_in_first: tuple[str, ...]
    only_in_second: tuple[str, ...]
    changed: tuple[Change, ...]
    equal: int

    @property
    def identical(self) -> bool:
        """Whether nothing differs."""
        return not (self.only_in_first or self.only_in_second or self.changed)


def difference(first: StateDict, second: StateDict, progress: Progress = SILENT) -> Difference:
    """What differs between two state dicts, by name.

    Tensors are the same when dtype, shape and every value are (NaN equals NaN of the same bits). Bytes
    are compared first; only where they differ is anything calculated.

    Raises:
        StudioError: values cannot be read.
        Cancelled: through `progress`.
    """
    ours, theirs = first.tensors, second.tensors
    common = [name for name in ours if name in theirs]
    work = _Work(progress, sum(ours[name].nbytes + theirs[name].nbytes for name in common))
    found = _changes(((name, ours[name], theirs[name]) for name in common), work)
    changed = sorted(found, key=lambda item: math.inf if item.rel_l2 is None else item.rel_l2, reverse=True)
    return Difference(
        tuple(name for name in ours if name not in theirs),
        tuple(name for name in theirs if name not in ours),
        tuple(changed),
        len(common) - len(changed),
    )


class _Work:
    """How far the comparison is, told by whichever thread gets on; raises Cancelled in all of them."""

    def __init__(self, progress: Progress, total: int) -> None:
        self._progress = progress
        self._total = total
        self._done = 0
        self._guard = threading.Lock()
        self.stopped = False

    def add(self, name: str, nbytes: int) -> None:
        """So many bytes more of both sides of a tensor were read."""
        if self.stopped:
            raise Cancelled
        with self._guard:
            self._done += nbytes
        self._progress.report(min(self._done, self._total), self._total, message("step-comparing", name=name))

    def check(self) -> None:
        """Raises Cancelled where the job is to stop."""
        self._progress.check()


def _changes(pairs: Iterator[tuple[str, Tensor, Tensor]], work: _Work) -> Iterator[Change]:
    """What changed in the pairs, in their order: the values of large ones are compared on two threads."""
    waiting: deque[Future[Change | None]] = deque()
    with ThreadPoolExecutor(_THREADS, thread_name_prefix="difference") as pool:
        try:
            for name, a, b in pairs:
                if a.nbytes + b.nbytes < _LARGE_BYTES:
                    future: Future[Change | None] = Future()
                    future.set_result(_change(name, a, b, work))
                else:
                    future = pool.submit(_change, name, a, b, work)
                waiting.append(future)
                while waiting and (waiting[0].done() or len(waiting) > _AT_A_TIME):
                    yield from _result(waiting.popleft(), work)
            while waiting:
                yield from _result(waiting.popleft(), work)
        finally:
            # Where one pair cannot be read, nobody waits for the others.
            work.stopped = True
            pool.shutdown(cancel_futures=True)


def _result(future: Future[Change | None], work: _Work) -> Iterator[Change]:
    while not wait((future,), _POLL_SECONDS).done:
        work.check()
    change = future.result()
    if change is not None:
        yield change


def _change(name: str, first: Tensor, second: Tensor, work: _Work) -> Change | None:
    work.add(name, 0)
    if first.shape != second.shape:
        return Change(name, None, None, None, first, second)
    same_kind = first.dtype is second.dtype
    if same_kind and _same_place(first, second):
        return None
    parts, others = _parts(first), _parts(second)
    if len(parts) != len(others) or any(a.shape != b.shape for a, b in zip(parts, others, strict=True)):
        return Change(name, None, None, None, first, second)
    sums = _Sums()
    for a, b in zip(parts, others, strict=True):
        _compare(name, a, b, sums, work)
    if same_kind and not sums.differs:
        return None
    return Change(name, *sums.result(), first, second)


def _same_place(first: Tensor, second: Tensor) -> bool:
    return (
        first.storage is second.storage
        and (first.offset, first.stride) == (second.offset, second.stride)
        and first.form is second.form
    )


def _parts(tensor: Tensor) -> list[Tensor]:
    if tensor.form is not None and tensor.form.parts:
        return [part for _, part in tensor.form.parts]
    return [tensor]


def _compare(name: str, first: Tensor, second: Tensor, sums: _Sums, work: _Work) -> None:
    raw = first.dtype is second.dtype and (first.form is None or first.form.quantizer is None)
    raw = raw and (second.form is None or second.form.quantizer is None)
    if raw:
        _compare_raw(name, first, second, sums, work)
        return
    try:
        pairs = zip(
            real_chunks(first, _ELEMENTS * first.dtype.itemsize),
            real_chunks(second, _ELEMENTS * second.dtype.itemsize),
            strict=True,
        )
        for x, y in pairs:
            work.add(name, len(x) * (first.dtype.itemsize + second.dtype.itemsize))
            sums.add(x, y)
    except StudioError as error:
        if error.code != "no-dense-values":
            raise
        sums.differs = True


def _compare_raw(name: str, first: Tensor, second: Tensor, sums: _Sums, work: _Work) -> None:
    """Byte by byte; nothing is calculated before the first piece that differs."""
    size = _ELEMENTS * first.dtype.itemsize
    alike: set[int] = set()
    for place, (a, b) in enumerate(zip(chunks(first, size), chunks(second, size), strict=True)):
        work.add(name, len(a) + len(b))
        if a == b and not sums.differs:
            alike.add(place)
            continue
        try:
            values = as_values(first.dtype, a)
        except TypeError:
            sums.differs = True
            return
        if a == b:
            sums.add_equal(values)
        else:
            sums.add(values, as_values(first.dtype, b))
    if not sums.differs:
        return
    # What was alike before counts in the norms.
    for place, a in enumerate(islice(chunks(first, size), max(alike, default=-1) + 1)):
        work.check()
        if place in alike:
            sums.add_equal(as_values(first.dtype, a))


class _Sums:
    """Running sums over two tensors; values that are not finite on both sides are left out of them.

    einsum instead of the dot product of BLAS, which starts threads for every block of more than 10,000 elements.
    """

    def __init__(self) -> None:
        import numpy as np

        self.differs = False
        self._some = False
        self._max_abs = 0.0
        self._delta_squares = self._first_squares = self._second_squares = 0.0
        self._buffers = tuple(np.empty(2 * _BLOCK) for _ in range(3))

    def add_equal(self, values: Array) -> None:
        """A stretch that is the same on both sides."""
        import numpy as np

        for start in range(0, len(values), _BLOCK):
            a = _flat(values[start : start + _BLOCK], self._buffers[0])
            square = float(np.einsum("i,i", a, a))
            if not math.isfinite(square):
                a = a[np.isfinite(a)]
                square = float(np.einsum("i,i", a, a))
            self._some = self._some or a.size > 0
            self._first_squares += square
            self._second_squares += square

    def add(self, first: Array, second: Array) -> None:
        """A stretch that may differ."""
        import numpy as np

        is_complex = first.dtype.kind == "c" or second.dtype.kind == "c"
        with np.errstate(all="ignore"):
            for start in range(0, len(first), _BLOCK):
                a = _flat(first[start : start + _BLOCK], self._buffers[0])
                b = _flat(second[start : start + _BLOCK], self._buffers[1])
                self._add_block(a, b, is_complex)

    def _add_block(self, a: Array, b: Array, is_complex: bool) -> None:
        import numpy as np

        delta = np.subtract(a, b, out=self._buffers[2][: len(a)])
        squares = float(np.einsum("i,i", delta, delta))
        if not math.isfinite(squares):
            finite = np.isfinite(a) & np.isfinite(b)
            same = (a == b) | (np.isnan(a) & np.isnan(b))
            self.differs = self.differs or not bool(same[~finite].all())
            if is_complex:
                finite = np.repeat(finite[::2] & finite[1::2], 2)
            a, b = a[finite], b[finite]
            delta = a - b
            squares = float(np.einsum("i,i", delta, delta))
        if not a.size:
            return
        self._some = True
        self._first_squares += float(np.einsum("i,i", a, a))
        self._second_squares += float(np.einsum("i,i", b, b))
        self._delta_squares += squares
        if is_complex:
            high = float(np.hypot(delta[::2], delta[1::2]).max())
        else:
            high = max(float(delta.max()), -float(delta.min()))
        self._max_abs = max(self._max_abs, high)
        self.differs = self.differs or high > 0

    def result(self) -> tuple[float | None, float | None, float | None]:
        """max_abs, rel_l2 and cosine."""
        if not self._some:
            return (None, None, None) if self.differs else (0.0, 0.0, 1.0)
        first, second, delta = self._first_squares, self._second_squares, self._delta_squares
        relative = math.sqrt(delta / first) if first > 0 else math.inf if delta > 0 else 0.0
        norms = math.sqrt(first) * math.sqrt(second)
        # a·b follows from the three norms.
        cosine = max(-1.0, min(1.0, (first + second - delta) / 2 / norms)) if norms > 0 else None
        return self._max_abs, relative, cosine


def _flat(values: Array, buffer: Array) -> Array:
    """The values as real float64 numbers in the buffer; a complex one becomes two."""
    import numpy as np

    if values.dtype.kind == "c":
        out = buffer[: 2 * len(values)]
        out.view(np.complex128)[...] = values
        return out
    out = buffer[: len(values)]
    out[...] = values
    return out
