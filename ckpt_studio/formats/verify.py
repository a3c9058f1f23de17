"""The written file, read back: what was meant to be in it is compared with what is.

The reading here shares nothing with the writing: the file is opened anew, its structure is read by other
code (our own reader; for safetensors the published library as well), and every byte is compared with the
source's, or with the sum taken while it was computed. It goes through the operating system's cache, so that
it proves what was handed to the disk, not the disk.
"""

from __future__ import annotations

import contextlib
import os
import queue
import subprocess
import sys
import threading
import zlib
from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from ckpt_studio.core.jobs import SILENT, Progress
from ckpt_studio.core.storage import Extent, SourceFile, Storage
from ckpt_studio.core.tensor import Tensor
from ckpt_studio.core.tree import BareStorage, Dict, Value
from ckpt_studio.errors import Cancelled, ExportError, StudioError
from ckpt_studio.formats import library_judge
from ckpt_studio.formats.copying import Buffer, Streamed, fill
from ckpt_studio.formats.opening import open_checkpoint
from ckpt_studio.formats.pickle_writer import leaves
from ckpt_studio.formats.safetensors_writer import Layout, header_shape
from ckpt_studio.formats.sharing import same_blocks
from ckpt_studio.formats.storage_plan import Slot, StoragePlan, plain_extent

_POLL_EVERY = 64
# Two buffers of this size stay in the processor's own cache.
_COMPARED = 256 << 10
# What one thread takes at a time.
_SPLIT = 16 << 20
# How many computed pieces may wait in memory to be compared.
_BEHIND = 8
# The library holds the interpreter's lock for some 12 ms while it reads a header of this size.
LARGE_HEADER = 1 << 20
_POLL_SECONDS = 0.05


@dataclass(frozen=True, slots=True)
class _Check:
    """Bytes in the file that must be those of the source, or of what was computed."""

    label: str
    written: Extent
    source: Extent | None
    computed: Streamed | None


class Follower:
    """Compares what reaches a growing file with what it was to be, on a thread behind the writing.

    A copy is compared with the source, read once more; what was computed with the result of the computing; of
    shared blocks the file system is asked whether they are the same. What was compared is not compared again when
    the finished file is read: only that the tensors found there lie exactly where these bytes are. A file is
    written from its beginning to its end, so that nothing is written over what was compared.

    The writer helps when it is ahead with what was computed, which must not pile up in memory. A `Listener` of a
    `Sink`.
    """

    def __init__(self, path: str) -> None:
        self._written = SourceFile(path, is_growing=True)
        self._written.hold()
        self._queue: queue.SimpleQueue[tuple[int, Extent | Buffer] | None] = queue.SimpleQueue()
        # (position, length, of what it is a copy; None of what was computed)
        self._pieces: list[tuple[int, int, Extent | None]] = []
        self._wrong = False
        self._failure: Exception | None = None
        self._stopped = False
        self._thread: threading.Thread | None = None
        self._found = bytearray(_COMPARED)
        self._wanted = bytearray(_COMPARED)

    def copied(self, position: int, source: Extent) -> None:
        """Takes note of a copy."""
        self._note(position, source.length, source)
        self._compare_soon(position, source)

    def streamed(self, position: int, data: Buffer) -> None:
        """Takes note of what was computed."""
        self._note(position, len(data), None)
        self._compare_soon(position, data)

    def shared(self, position: int, source: Extent) -> None:
        """Takes note of blocks that are the source's own."""
        self._note(position, source.length, source)
        if not same_blocks(Extent(self._written, position, source.length), source):
            self._compare_soon(position, source)

    def finish(self, progress: Progress) -> bool:
        """Waits until all is compared, and helps; whether every piece was right.

        Raises:
            StudioError: the source cannot be read any more.
        """
        if self._thread is not None:
            self._queue.put(None)
            self._work(self._found, self._wanted, progress)
            self._thread.join()
            if self._failure is not None:
                raise self._failure
        return not self._wrong

    def covers(self, written: Extent, source: Extent | None) -> bool:
        """Whether these bytes of the file were compared with exactly these of the source (None: with the computed)."""
        position, end = written.offset, written.offset + written.length
        index = bisect_right(self._pieces, position, key=lambda piece: piece[0]) - 1
        while position < end:
            if not 0 <= index < len(self._pieces):
                return False
            start, length, origin = self._pieces[index]
            if position >= start + length or (origin is None) != (source is None):
                return False
            if source is not None and origin is not None:
                shift = source.offset - written.offset
                if origin.file is not source.file or origin.offset - start != shift:
                    return False
            position = start + length
            index += 1
        return True

    def stop(self) -> None:
        """Ends the work; safe to call at any time."""
        self._stopped = True
        self._queue.put(None)
        if self._thread is not None:
            self._thread.join()
        self._written.close()

    def _note(self, position: int, length: int, source: Extent | None) -> None:
        """Keeps the piece, as one with the last where it goes on: a file may have a million."""
        if self._pieces:
            start, before, last = self._pieces[-1]
            if last is None or source is None:
                joins = last is source
            else:
                joins = last.file is source.file and last.offset + before == source.offset
            if joins and start + before == position:
                self._pieces[-1] = (start, before + length, last)
                return
        self._pieces.append((position, length, source))

    def _compare_soon(self, position: int, wanted: Extent | Buffer) -> None:
        """Leaves a piece to the thread, or compares it here when too much of what was computed is waiting."""
        if not isinstance(wanted, Extent) and self._queue.qsize() >= _BEHIND:
            if not (self._stopped or self._wrong):
                self._compare(position, wanted, self._found, self._wanted, SILENT)
            return
        self._queue.put((position, wanted))
        if self._thread is None:
            buffers = bytearray(_COMPARED), bytearray(_COMPARED)
            self._thread = threading.Thread(target=self._work, args=buffers, name="compare-behind", daemon=True)
            self._thread.start()

    def _work(self, found: bytearray, wanted: bytearray, progress: Progress = SILENT) -> None:
        try:
            while (piece := self._queue.get()) is not None:
                self._compare(*piece, found, wanted, progress)
                if self._stopped or self._wrong:
                    return
        except (StudioError, Cancelled) as error:
            self._failure = error
            self._stopped = True
        finally:
            # The other thread, if there is one, is to end as well.
            self._queue.put(None)

    def _compare(
        self, start: int, piece: Extent | Buffer, found: bytearray, wanted: bytearray, progress: Progress
    ) -> None:
        """Compares one piece; the buffers are the calling thread's."""
        length = piece.length if isinstance(piece, Extent) else len(piece)
        written = Extent(self._written, start, length)
        for done in range(0, length, _COMPARED):
            size = min(_COMPARED, length - done)
            have = found if size == len(found) else bytearray(size)
            fill(have, written, done)
            if isinstance(piece, Extent):
                read = wanted if size == len(wanted) else bytearray(size)
                fill(read, piece, done)
                expected: Buffer = read
            else:
                expected = memoryview(piece)[done : done + size]
            if have != expected:
                self._wrong = True
            progress.check()
            if self._stopped or self._wrong:
                return


class Verifier:
    """Compares a written file with what it was to hold.

    Args:
        path: the file as it lies on the disk now (the draft).
        target: its name for people.
        follower: what compared most of the bytes already, if there was one.
        progress: polled; not reported to.
    """

    def __init__(self, path: str, target: str, follower: Follower | None, progress: Progress) -> None:
        self._follower = follower
        self._path = path
        self._target = target
        self._progress = progress
        self._polls = 0
        self._given_up = False

    def pickled(
        self,
        root: Value,
        expected: Sequence[Tensor | BareStorage],
        storages: StoragePlan,
        computed: Mapping[str, Streamed],
    ) -> None:
        """Checks a `.pth`: names at the top, every tensor's description, ties, and the bytes of every storage.

        Args:
            root: the tree that was written.
            expected: its tensors and bare storages, in the order of `leaves`.
            storages: where they were put.
            computed: by slot key, where those slots lie that were computed on the way, and their sums.

        Raises:
            ExportError: "verification-failed".
        """
        checkpoint = open_checkpoint(self._path, self._progress)
        if type(root) is Dict and type(checkpoint.root) is Dict:
            names = [key for key, _ in root.items if type(key) is str]
            if names != [key for key, _ in checkpoint.root.items if type(key) is str]:
                raise self._failed("-", "names")
        found = leaves(checkpoint.root)
        if len(found) != len(expected):
            raise self._failed("-", f"{len(found)} tensors instead of {len(expected)}")
        labels = {id(value): key for key, value in root.items if type(key) is str} if type(root) is Dict else {}
        pairs: dict[str, Storage] = {}
        owners: dict[int, str] = {}
        for wanted, have in zip(expected, found, strict=True):
            slot = storages.slot(wanted)
            label = labels.get(id(wanted), slot.key)
            if type(wanted) is Tensor:
                self._same_tensor(label, wanted, have, storages.offset(wanted))
            elif type(have) is not BareStorage or have.storage.nbytes != slot.nbytes:
                raise self._failed(label, "storage")
            # Tied before, tied now; apart before, apart now.
            if pairs.setdefault(slot.key, have.storage) is not have.storage:
                raise self._failed(label, "shared storage")
            if slot.nbytes and owners.setdefault(id(have.storage), slot.key) != slot.key:
                raise self._failed(label, "shared storage")
            if slot.device != have.device:
                raise self._failed(label, "device")
        self._compare(
            [self._check(slot, pairs[slot.key], computed.get(slot.key)) for slot in storages.slots if slot.nbytes]
        )
        for file in checkpoint.source.files:
            file.close()

    def safetensors(self, layout: Layout, computed: Mapping[str, Streamed]) -> None:
        """Checks a safetensors file: the library accepts it, names, shapes, dtypes and the bytes are right.

        Raises:
            ExportError: "verification-failed".
        """
        with self._asking_library(layout):
            self._same_as_planned(layout, computed)

    def _same_as_planned(self, layout: Layout, computed: Mapping[str, Streamed]) -> None:
        checkpoint = open_checkpoint(self._path, self._progress)
        root = checkpoint.root
        have: dict[Value, Value] = dict(root.items) if type(root) is Dict else {}
        if have.keys() != {item.name for item in layout.placed}:
            raise self._failed("-", "names")
        if dict(checkpoint.metadata) != dict(layout.metadata):
            raise self._failed("-", "metadata")
        checks: list[_Check] = []
        for item in layout.placed:
            tensor = have[item.name]
            if tensor.dtype != item.tensor.dtype or tensor.shape != item.tensor.shape:
                raise self._failed(item.name, "dtype or shape")
            extent = plain_extent(tensor)
            if extent is None or extent.length != item.nbytes:
                raise self._failed(item.name, "place")
            checks.append(_Check(item.name, extent, plain_extent(item.tensor), computed.get(item.name)))
        self._compare(checks)
        for file in checkpoint.source.files:
            file.close()

    @contextlib.contextmanager
    def _asking_library(self, layout: Layout) -> Iterator[None]:
        """Has the published library look at the file, too: while the body runs, if that takes long."""
        if len(layout.header) <= LARGE_HEADER:
            self._ask_library(layout)
            yield
            return
        with contextlib.ExitStack() as stack:
            judge = None
            with contextlib.suppress(OSError):
                judge = started = stack.enter_context(_judge(self._path))
                stack.callback(started.kill)
            yield
            if judge is None or not self._answered(judge, layout):
                self._ask_library(layout)

    def _ask_library(self, layout: Layout) -> None:
        try:
            self._same_sum(layout, library_judge.look(self._path))
        except library_judge.Refused as error:
            raise self._failed("-", str(error)) from None

    def _answered(self, judge: subprocess.Popen[bytes], layout: Layout) -> bool:
        """Waits for the judge's word; False if it could not give one."""
        while True:
            with contextlib.suppress(subprocess.TimeoutExpired):
                answer = judge.communicate(timeout=_POLL_SECONDS)[0].decode("utf-8", "replace").strip()
                break
            self._progress.check()
        if judge.returncode == library_judge.REFUSED:
            raise self._failed("-", answer)
        if judge.returncode != library_judge.ACCEPTED:
            return False
        self._same_sum(layout, answer)
        return True

    def _same_sum(self, layout: Layout, found: str) -> None:
        planned = ((item.name, item.tensor.dtype.safetensors, header_shape(item.tensor)) for item in layout.placed)
        if found != library_judge.summed(planned):
            raise self._failed("-", "names, dtypes or shapes")

    def _same_tensor(self, label: str, wanted: Tensor, have: Value, offset: int) -> None:
        if type(have) is not Tensor:
            raise self._failed(label, "not a tensor")
        for what in ("dtype", "shape", "stride", "kind", "requires_grad"):
            if getattr(wanted, what) != getattr(have, what):
                raise self._failed(label, what)
        if wanted.numel and have.offset != offset:
            raise self._failed(label, "offset")
        if wanted.is_plain != have.is_plain:
            raise self._failed(label, "form")
        self._poll()

    def _check(self, slot: Slot, have: Storage, computed: Streamed | None) -> _Check:
        extent = have.source.extent()
        if have.nbytes != slot.nbytes or extent is None:
            raise self._failed(slot.label, "storage size")
        expected = slot.crc32 if computed is None else computed.crc32
        if None not in (expected, have.crc32) and expected != have.crc32:
            raise self._failed(slot.label, "checksum")
        return _Check(slot.label, extent, slot.extent(), computed)

    def _compare(self, checks: list[_Check]) -> None:
        """Compares all bytes that were not compared before, on two threads when there are many."""
        follower = self._follower
        if follower is not None and not follower.finish(self._progress):
            raise self._failed("-", "bytes")
        rest: list[_Check] = []
        for check in checks:
            if check.computed is not None and check.computed.start != check.written.offset:
                raise self._failed(check.label, "place")
            source = None if check.computed is not None else check.source
            if follower is None or not follower.covers(check.written, source):
                rest.append(check)
        checks = rest
        pieces: list[tuple[int, _Check]] = []
        for check in checks:
            # Sums run from the first byte to the last; what is compared with the source can be split.
            whole = check.computed is not None or check.written.length <= _SPLIT
            for start in range(0, check.written.length, check.written.length if whole else _SPLIT):
                pieces.append((start, check))
        total = sum(check.written.length for check in checks)
        if total < _SPLIT:
            self._compare_some(iter(pieces))
            return
        with ThreadPoolExecutor(2, thread_name_prefix="verify") as pool:
            queue = iter(pieces)
            lock = threading.Lock()

            def following() -> Iterator[tuple[int, _Check]]:
                while not self._given_up:
                    with lock:
                        piece = next(queue, None)
                    if piece is None:
                        return
                    yield piece

            try:
                for worker in [pool.submit(self._compare_some, following()) for _ in range(2)]:
                    worker.result()
            finally:
                self._given_up = True

    def _compare_some(self, pieces: Iterator[tuple[int, _Check]]) -> None:
        found, wanted = bytearray(_COMPARED), bytearray(_COMPARED)
        for start, check in pieces:
            if check.computed is not None:
                self._compare_sum(check, check.computed.crc32)
                continue
            end = min(start + _SPLIT, check.written.length)
            for position in range(start, end, _COMPARED):
                length = min(_COMPARED, end - position)
                if length != len(found):
                    found, wanted = bytearray(length), bytearray(length)
                fill(found, check.written, position)
                if check.source is None:
                    raise self._failed(check.label, "bytes")
                fill(wanted, check.source, position)
                if found != wanted:
                    raise self._failed(check.label, "bytes")
                self._progress.check()

    def _compare_sum(self, check: _Check, expected: int) -> None:
        total = 0
        buffer = bytearray(min(_COMPARED, check.written.length))
        for position in range(0, check.written.length, _COMPARED):
            length = min(_COMPARED, check.written.length - position)
            if length != len(buffer):
                buffer = bytearray(length)
            fill(buffer, check.written, position)
            total = zlib.crc32(buffer, total)
            self._progress.check()
        if total != expected:
            raise self._failed(check.label, "checksum")

    def _poll(self) -> None:
        self._polls += 1
        if self._polls % _POLL_EVERY == 0:
            self._progress.check()

    def _failed(self, name: str, what: str) -> ExportError:
        return ExportError("verification-failed", name=name, what=what, path=os.path.basename(self._target))


_JUDGE = """
import sys
path, *sys.path[:] = sys.argv[1:]
from ckpt_studio.formats import library_judge
sys.exit(library_judge.main(path))
"""


def _judge(path: str) -> subprocess.Popen[bytes]:
    """The process in which the published library looks at a file. Raises OSError where none can be started."""
    if getattr(sys, "frozen", False):
        # An installed bundle has no interpreter beside it: its own program answers to this word (cli.main).
        command = [sys.executable, "--safetensors-judge", path]
    else:
        # -I: nothing is imported from wherever the user happens to be.
        command = [sys.executable, "-I", "-c", _JUDGE, path, *filter(None, sys.path)]
    return subprocess.Popen(
        command,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
    )
