"""Is a checkpoint whole and healthy: sums that do not match, NaN, infinities, dead and doubled tensors, wasted bytes.

What a loader would execute is found while opening (`formats.safety`); here the values are read.
"""

from __future__ import annotations

import contextlib
import os
import zlib
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor, wait
from dataclasses import dataclass

from ckpt_studio.core.checkpoint import Checkpoint, Finding, Severity, StateDict
from ckpt_studio.core.data import chunks, dense_part
from ckpt_studio.core.discovery import walk
from ckpt_studio.core.jobs import SILENT, Progress
from ckpt_studio.core.nonfinite import index_at
from ckpt_studio.core.statistics import READ_BYTES, Statistics, statistics
from ckpt_studio.core.storage import AbsentBytes, Storage
from ckpt_studio.core.tensor import Tensor
from ckpt_studio.core.tree import dotted
from ckpt_studio.errors import Cancelled, Message, StudioError, message

# Beyond this a float32 weight is no weight any more; running variances stay below it too.
_EXPLODING = 1e6
_FLOAT16_LIMIT = 65504.0
# Tensors below this many elements are equal by chance (biases of ones and zeros) too often to be worth a word.
_LEAST_DUPLICATE = 64
# Unused bytes of a storage that are worth a word.
_LEAST_WASTE = 1 << 20
# How far the disk is read ahead of the values that are looked at, and what is summed in one piece.
_LEAD_BYTES = 64 << 20
_SUMMED_BYTES = 512 << 10
# Storages that are worth asking the thread for; smaller ones are read where they are reached.
_AHEAD_BYTES = 64 << 10
# Tensors that are worth a thread, and how many may be under way.
_LARGE_BYTES = 1 << 20
_AT_A_TIME = 4
_POLL_SECONDS = 0.1


@dataclass(frozen=True)
class _Named:
    state_dict: StateDict | None
    name: str
    tensor: Tensor


def check_health(checkpoint: Checkpoint, progress: Progress = SILENT) -> list[Finding]:
    """What is wrong or remarkable about the values of a file, in the order of its tensors.

    Codes: "corrupt", "truncated" (bytes cannot be read, or do not match their checksum); "nan", "inf",
    "all-zero", "constant", "exploding", "float16-overflow"; "duplicate-content", "shared-storage",
    "oversized-storage". Reads every tensor once, storages that record a checksum twice (the second time from the
    system's cache), ahead on a thread; reports bytes.

    Raises:
        Cancelled: through `progress`.
    """
    everything = list(_tensors(checkpoint))
    distinct = {id(item.tensor): item.tensor for item in everything}
    storages = {id(part.storage): part.storage for tensor in distinct.values() for part in _leaves(tensor)}
    summed = [storage for storage in storages.values() if storage.crc32 is not None]
    work = _Work(progress, sum(t.nbytes for t in distinct.values()) + sum(s.nbytes for s in summed))
    broken: set[int] = set()
    measured: dict[int, Statistics | None] = {}
    found: list[list[Finding]] = []
    with _Measuring(work) as measuring, _ReadAhead(list(storages.values()), progress) as reading:
        for item in everything:
            tensor = item.tensor
            if id(tensor) in measured:
                continue
            measured[id(tensor)] = None
            found.append([])
            for part in _leaves(tensor):
                finding, nbytes = reading.reach(part.storage)
                if finding is not None:
                    found[-1].append(finding)
                    broken.add(id(part.storage))
                work.add(nbytes)
            if any(id(part.storage) in broken for part in _leaves(tensor)):
                work.add(tensor.nbytes)
                continue
            if any(isinstance(part.storage.source, AbsentBytes) for part in _leaves(tensor)):
                # Opening the file has said so already (or it is a meta tensor, which has no values by nature).
                work.add(tensor.nbytes)
                continue
            measuring.measure(item, measured, found[-1])
    findings = [finding for some in found for finding in some]
    for state_dict in checkpoint:
        findings += _duplicates(state_dict, measured, progress)
        findings += _shared(state_dict)
    findings += _oversized(everything)
    return findings


class _Measuring:
    """The statistics of one tensor after the other; those of large ones on two threads, a few of them at a time."""

    def __init__(self, work: _Work) -> None:
        self._work = work
        self._waiting: deque[Callable[[], None]] = deque()

    def __enter__(self) -> _Measuring:
        self._pool = ThreadPoolExecutor(2, thread_name_prefix="statistics")
        return self

    def __exit__(self, kind: type[BaseException] | None, *raised: object) -> None:
        try:
            while self._waiting and kind is None:
                self._waiting.popleft()()
        finally:
            self._work.stopped = True
            self._pool.shutdown(cancel_futures=True)

    def measure(self, item: _Named, measured: dict[int, Statistics | None], found: list[Finding]) -> None:
        """Has the statistics of a tensor put into `measured`, and what they say into `found`, soon."""
        within = _Within(self._work, item.tensor.nbytes)

        def note(values: Callable[[], Statistics]) -> None:
            try:
                result = measured[id(item.tensor)] = values()
            except StudioError as error:
                if error.code != "no-dense-values":
                    found.append(_unreadable(item.name, error))
                return
            finally:
                within.end()
                self._work.add(item.tensor.nbytes)
            found.extend(_value_findings(item, result))

        if item.tensor.nbytes < _LARGE_BYTES:
            note(lambda: statistics(item.tensor, within))
            return
        future = self._pool.submit(statistics, item.tensor, within)
        self._waiting.append(lambda: note(lambda: self._result(future)))
        while len(self._waiting) > _AT_A_TIME:
            self._waiting.popleft()()

    def _result(self, future: Future[Statistics]) -> Statistics:
        while not wait((future,), _POLL_SECONDS).done:
            self._work.add(0)
        return future.result()


class _Work:
    """How far the check is. Written to by the thread that checks; the others say how far they are inside a tensor.

    Attributes:
        inside: bytes that are read of each tensor that is being measured.
        stopped: nobody waits for the others any more.
    """

    def __init__(self, progress: Progress, total: int) -> None:
        self.progress = progress
        self.inside: dict[int, int] = {}
        self.stopped = False
        self._total = total
        self._done = 0

    def add(self, nbytes: int) -> None:
        """So many bytes more are done; raises Cancelled."""
        self._done += nbytes
        done = self._done + sum(list(self.inside.values()))
        self.progress.report(min(done, self._total), self._total, message("step-checking"))


class _Within(Progress):
    """For the statistics of a tensor of so many bytes: one may be most of a file, and take minutes."""

    def __init__(self, work: _Work, nbytes: int) -> None:
        super().__init__()
        self._work, self._nbytes = work, nbytes
        self._read = 0

    def check(self) -> None:
        # `statistics` polls before each piece that it reads.
        if self._work.stopped:
            raise Cancelled
        self._work.progress.check()
        self._work.inside[id(self)] = min(self._read, self._nbytes)
        self._read += READ_BYTES

    def end(self) -> None:
        """Its bytes count as done from now on."""
        self._work.inside.pop(id(self), None)


class _ReadAhead:
    """Storages one after the other on a thread, ahead of who looks at their values: those with a checksum are summed.

    What was summed is still in the system's cache when its values are looked at, so that the disk reads it once.
    """

    def __init__(self, storages: list[Storage], progress: Progress) -> None:
        """`storages` in the order in which they will be reached."""
        self._waiting = deque(storage for storage in storages if storage.nbytes >= _AHEAD_BYTES)
        self._progress = progress
        self._running: dict[int, Future[Finding | None]] = {}
        self._reached: set[int] = set()
        self._lead = 0

    def __enter__(self) -> _ReadAhead:
        self._pool = ThreadPoolExecutor(1, thread_name_prefix="read-ahead")
        self._stopped = False
        return self

    def __exit__(self, *raised: object) -> None:
        self._stopped = True
        self._pool.shutdown(cancel_futures=True)

    def reach(self, storage: Storage) -> tuple[Finding | None, int]:
        """What is wrong with a storage, and how many bytes were summed to know it; (None, 0) when asked again."""
        if id(storage) in self._reached:
            return None, 0
        self._reached.add(id(storage))
        summed = storage.nbytes if storage.crc32 is not None else 0
        if storage.nbytes < _AHEAD_BYTES:
            return self._sum(storage) if summed else None, summed
        while self._waiting and (self._lead < _LEAD_BYTES or id(storage) not in self._running):
            following = self._waiting.popleft()
            self._running[id(following)] = self._pool.submit(self._read, following)
            self._lead += following.nbytes
        self._lead -= storage.nbytes
        return self._running.pop(id(storage)).result(), summed

    def _read(self, storage: Storage) -> Finding | None:
        if storage.crc32 is not None:
            return self._sum(storage)
        # The disk may begin; not everywhere, and what cannot be read is told when it is read.
        with contextlib.suppress(StudioError, OSError, AttributeError):
            extent = storage.source.extent()
            if extent is not None:
                os.posix_fadvise(extent.file.fileno(), extent.offset, extent.length, os.POSIX_FADV_WILLNEED)
        return None

    def _sum(self, storage: Storage) -> Finding | None:
        total, crc = storage.nbytes, 0
        try:
            for start in range(0, total, _SUMMED_BYTES):
                self._progress.check()
                if self._stopped:
                    return None
                crc = zlib.crc32(storage.source.read(start, min(_SUMMED_BYTES, total - start)), crc)
        except StudioError as error:
            return _unreadable(storage.key, error)
        if crc == storage.crc32:
            return None
        return Finding("corrupt", "warning", message("health-checksum", key=storage.key), storage.key)


def _tensors(checkpoint: Checkpoint) -> Iterator[_Named]:
    """Every tensor: those of the state dicts as edited, then the others of the tree."""
    known: set[int] = set()
    for state_dict in checkpoint:
        for name, tensor in state_dict.tensors.items():
            known.add(id(tensor))
            yield _Named(state_dict, _full_name(checkpoint, state_dict, name), tensor)
    paths = tuple(sd.path for sd in checkpoint)
    for path, value in walk(checkpoint.root):
        if type(value) is not Tensor or id(value) in known:
            continue
        if not any(path[: len(inside)] == inside and len(path) == len(inside) + 1 for inside in paths):
            yield _Named(None, dotted(path), value)


def _full_name(checkpoint: Checkpoint, state_dict: StateDict, name: str) -> str:
    """The name alone in the active state dict, with the path before it in others."""
    return name if state_dict.path == checkpoint.active else dotted((*state_dict.path, name))


def _leaves(tensor: Tensor) -> tuple[Tensor, ...]:
    if tensor.form is not None and tensor.form.parts:
        return tuple(part for _, part in tensor.form.parts)
    return (tensor,)


def _unreadable(where: str, error: StudioError) -> Finding:
    code = "truncated" if error.code == "truncated" else "corrupt"
    return Finding(code, "warning", message("health-unreadable", name=where, reason=error.message), where)


def _value_findings(item: _Named, values: Statistics) -> Iterator[Finding]:
    name = item.name

    def found(code: str, severity: Severity, words: Message) -> Finding:
        return Finding(code, severity, words, name)

    infinite = values.positive_inf + values.negative_inf
    for code, count, first, told in (
        ("nan", values.nan, values.first_nan, "health-nan"),
        ("inf", infinite, values.first_inf, "health-inf"),
    ):
        if count:
            index = index_at(first or 0, dense_part(item.tensor).shape)
            words = message(told, name=name, count=count, total=values.count, place=str(list(index)))
            yield Finding(code, "warning", words, name, index)
    if item.state_dict is None or item.tensor.dtype.kind not in ("float", "complex") or values.minimum is None:
        return
    largest = max(abs(values.minimum), abs(values.maximum or 0))
    dead = values.zeros == values.count
    if dead and values.count > 1:
        # A matrix of zeros is a layer that does nothing; zero biases and shifts are how layers begin.
        yield found("all-zero", "warning" if len(item.tensor.shape) > 1 else "note", message("health-zero", name=name))
    elif (
        values.minimum == values.maximum
        and len(item.tensor.shape) > 1
        and values.count > 1
        and not infinite + values.nan
    ):
        yield found("constant", "note", message("health-constant", name=name, value=f"{values.minimum:g}"))
    if largest > _EXPLODING:
        yield found("exploding", "warning", message("health-exploding", name=name, value=f"{largest:g}"))
    elif largest > _FLOAT16_LIMIT:
        yield found("float16-overflow", "note", message("health-float16", name=name, value=f"{largest:g}"))


def _duplicates(state_dict: StateDict, measured: dict[int, Statistics | None], progress: Progress) -> Iterator[Finding]:
    """Tensors of equal content that do not share their bytes: found by their statistics, proven by their bytes."""
    groups: dict[tuple[object, ...], list[str]] = {}
    for name, tensor in state_dict.tensors.items():
        values = measured.get(id(tensor))
        if values is None or values.count < _LEAST_DUPLICATE or values.minimum == values.maximum:
            continue
        alike = (tensor.dtype.name, tensor.shape, values.minimum, values.maximum, values.mean, values.norm)
        groups.setdefault(alike, []).append(name)
    for names in groups.values():
        while len(names) > 1:
            first = state_dict.tensors[names[0]]
            same = [
                name
                for name in names[1:]
                if state_dict.tensors[name].storage is not first.storage
                and _equal(first, state_dict.tensors[name], progress)
            ]
            if same:
                yield Finding(
                    "duplicate-content",
                    "note",
                    message("health-duplicate", name=names[0], others=_listed(same), nbytes=first.nbytes * len(same)),
                    names[0],
                )
            names = [name for name in names[1:] if name not in same]


def _equal(first: Tensor, second: Tensor, progress: Progress) -> bool:
    try:
        for a, b in zip(chunks(first), chunks(second), strict=True):
            progress.check()
            if a != b:
                return False
    except StudioError:
        return False
    return True


def _shared(state_dict: StateDict) -> Iterator[Finding]:
    groups: dict[int, list[str]] = {}
    for name, tensor in state_dict.tensors.items():
        if not isinstance(tensor.storage.source, AbsentBytes) and tensor.numel:
            groups.setdefault(id(tensor.storage), []).append(name)
    for names in groups.values():
        if len(names) > 1:
            words = message("health-shared", name=names[0], others=_listed(names[1:]))
            yield Finding("shared-storage", "note", words, names[0])


def _oversized(everything: list[_Named]) -> Iterator[Finding]:
    spans: dict[int, list[tuple[int, int]]] = {}
    first: dict[int, _Named] = {}
    for item in everything:
        for part in _leaves(item.tensor):
            if not isinstance(part.storage.source, AbsentBytes):
                spans.setdefault(id(part.storage), []).append(part.span())
                first.setdefault(id(part.storage), item)
    for key, ranges in spans.items():
        item = first[key]
        storage = next(part.storage for part in _leaves(item.tensor) if id(part.storage) == key)
        used, end = 0, 0
        for start, length in sorted(ranges):
            used += max(start + length - max(start, end), 0)
            end = max(end, start + length)
        if storage.nbytes - used >= _LEAST_WASTE and storage.nbytes > 2 * used:
            words = message("health-oversized", name=item.name, used=used, held=storage.nbytes)
            yield Finding("oversized-storage", "note", words, item.name)


def _listed(names: list[str]) -> str:
    text = ", ".join(f"“{name}”" for name in names[:3])
    return text if len(names) <= 3 else f"{text} … (+{len(names) - 3})"
