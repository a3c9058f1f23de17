"""Bytes into a file at the speed of the disk: shared, from file to file inside the kernel, or streamed and summed.

Nothing here holds more than a few megabytes, whatever the size of the tensors.
"""

from __future__ import annotations

import errno
import os
import sys
import threading
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Protocol

from ckpt_studio.core.data import ahead
from ckpt_studio.core.jobs import Progress
from ckpt_studio.core.storage import Extent
from ckpt_studio.errors import ExportError, StudioError
from ckpt_studio.formats.disk import reserve, write_soon
from ckpt_studio.formats.sharing import PAGE, share

# From here on it pays to place bytes as they lie in their source, modulo a page.
LARGE = 1 << 20
BLOCK_BYTES = 1 << 20
# What is streamed in one piece: it stays in the processor's cache from being computed to being written,
# and from there to being compared.
STREAM_BYTES = 512 << 10
# What is copied in one call: small enough that cancelling answers at once and comparing follows soon.
_KERNEL_BYTES = 16 << 20
_SHARED_BYTES = 1 << 30
# Shorter streams are not worth a thread.
_AHEAD = 8 << 20
# How much is handed to the system before the disk is told to begin with it.
_BEHIND = 32 << 20
# Below this a copy inside the kernel costs more than reading and writing with the neighbours.
_SMALL = 256 << 10

Buffer = bytes | bytearray | memoryview

# The kernel's ways between two files that turned out not to work there; another file system may differ.
_UNSUPPORTED = frozenset(
    getattr(errno, name)
    for name in ("EXDEV", "EINVAL", "EOPNOTSUPP", "ENOTSUP", "ENOSYS", "EPERM", "EBADF", "ETXTBSY", "EIO")
    if hasattr(errno, name)
)


@dataclass(frozen=True, slots=True)
class Streamed:
    """Where computed bytes were written, and the CRC-32 of them as they were computed."""

    start: int
    crc32: int


class Listener(Protocol):
    """Who is told of every large piece that reached the file."""

    def copied(self, position: int, source: Extent) -> None:
        """A copy of `source` lies at `position`."""

    def shared(self, position: int, source: Extent) -> None:
        """The blocks of `source` are also those at `position`."""

    def streamed(self, position: int, data: Buffer) -> None:
        """`data` was written at `position`."""


class Sink:
    """A file written from its beginning to its end, with a buffer for what is small.

    Attributes:
        position: bytes written so far, the buffered ones included.
        listener: told of what is written, or None.
    """

    def __init__(self, fd: int, progress: Progress, total: int, before: int = 0) -> None:
        """Args:
        fd: open for writing at random; an empty file.
        progress: told how many bytes of `total` are done, the first `before` of which lie in other files.
        """
        self._fd = fd
        self._progress = progress
        self._total = total
        self._before = before
        self._buffer = bytearray()
        self._flushed = 0
        self._patches: list[tuple[int, bytes]] = []
        # Streams behind a file system's back are not worth trying twice: see `_between`.
        self._in_kernel = hasattr(os, "copy_file_range")
        self._behind = _WriteBehind(fd)
        self._reserved = 0
        self.listener: Listener | None = None

    @property
    def position(self) -> int:
        return self._flushed + len(self._buffer)

    def reserve(self, nbytes: int) -> None:
        """Asks for room for about `nbytes` bytes; not for files whose blocks are shared with others."""
        if nbytes >= _BEHIND:
            reserve(self._fd, nbytes)
            self._reserved = nbytes

    def write(self, data: Buffer) -> None:
        """Appends bytes.

        Raises:
            OSError: the target's own failure.
        """
        if len(data) >= STREAM_BYTES:
            self.flush()
            self._put(data)
            return
        self._buffer += data
        if len(self._buffer) >= BLOCK_BYTES:
            self.flush()

    def patch(self, offset: int, data: bytes) -> None:
        """Overwrites bytes that were written before, when the file is finished."""
        self._patches.append((offset, data))

    def stream(self, pieces: Iterable[Buffer], nbytes: int, source: str) -> Streamed:
        """Appends pieces of `nbytes` bytes in all, which come from `source` (for messages).

        Raises:
            ExportError: "wrong-length", if they are more or fewer.
            StudioError: the source cannot be read.
        """
        crc = 0
        start = self.position
        coming = ahead(pieces) if nbytes >= _AHEAD else pieces
        for piece in _said(coming, source):
            crc = zlib.crc32(piece, crc)
            place = self.position
            self.write(piece)
            if nbytes >= STREAM_BYTES and self.listener is not None:
                self.flush()
                self.listener.streamed(place, piece)
            self._report()
        if self.position - start != nbytes:
            raise ExportError("wrong-length", expected=nbytes, written=self.position - start)
        return Streamed(start, crc)

    def copy(self, extent: Extent) -> None:
        """Appends bytes of another file as they are, by reference where the file system can share them.

        Raises:
            StudioError: the source is cut short or was changed.
            OSError: the target's own failure.
        """
        if extent.length < _SMALL:
            self.write(reading(extent, 0, extent.length))
            self._report()
            return
        done = self._begin(extent)
        while done < extent.length:
            start = self._flushed
            copied = self._between(extent, done, min(_KERNEL_BYTES, extent.length - done))
            if self.listener is not None:
                self.listener.copied(start, Extent(extent.file, extent.offset + done, copied))
            done += copied
            self._report()

    def copy_summed(self, extent: Extent) -> int:
        """As `copy`; the CRC-32 of the bytes, which therefore pass through this process."""
        if extent.length < _SMALL:
            piece = reading(extent, 0, extent.length)
            self.write(piece)
            self._report()
            return zlib.crc32(piece)
        crc = 0
        shared = self._begin(extent)
        pieces: Iterable[Buffer] = _blocks(extent)
        if extent.length >= _AHEAD:
            pieces = ahead(pieces)
        done = 0
        for data in pieces:
            crc = zlib.crc32(data, crc)
            if done + len(data) > shared:
                rest = memoryview(data)[max(shared - done, 0) :]
                start = self._flushed
                self._put(rest)
                if self.listener is not None:
                    place = extent.offset + done + len(data) - len(rest)
                    self.listener.copied(start, Extent(extent.file, place, len(rest)))
            done += len(data)
            self._report()
        return crc

    def _begin(self, extent: Extent) -> int:
        """Copies up to the first whole block and shares as many as can be shared; how many bytes are done."""
        done = -extent.offset % PAGE if (extent.offset - self.position) % PAGE == 0 else 0
        self.write(reading(extent, 0, done))
        self.flush()
        if done and self.listener is not None:
            self.listener.copied(self._flushed - done, Extent(extent.file, extent.offset, done))
        end = done + (extent.length - done) // PAGE * PAGE
        while done < end and self._flushed % PAGE == (extent.offset + done) % PAGE == 0:
            piece = Extent(extent.file, extent.offset + done, min(_SHARED_BYTES, end - done))
            if not share(self._fd, self._flushed, piece):
                break
            if self.listener is not None:
                self.listener.shared(self._flushed, piece)
            self._flushed += piece.length
            done += piece.length
            self._report()
        return done

    def flush(self) -> None:
        """Hands the buffer to the system."""
        if self._buffer:
            data, self._buffer = self._buffer, bytearray()
            self._put(data)

    def finish(self) -> int:
        """Flushes, applies the patches, and returns the size of the file."""
        self.flush()
        for offset, data in self._patches:
            _write_at(self._fd, data, offset)
        self._patches.clear()
        self._behind.finish()
        if self._reserved > self._flushed:
            os.ftruncate(self._fd, self._flushed)
        return self._flushed

    def abandon(self) -> None:
        """Ends the work behind the writing without waiting; safe to call after `finish`."""
        self._behind.stop()

    def _put(self, data: Buffer) -> None:
        _write_at(self._fd, data, self._flushed)
        self._flushed += len(data)
        self._report()

    def _report(self) -> None:
        self._behind.wrote(self._flushed)
        self._progress.report(min(self._before + self._flushed, self._total), self._total)

    def _between(self, extent: Extent, done: int, length: int) -> int:
        """Copies some bytes of the extent to the end of the file; how many."""
        source = extent.file.fileno()
        if self._in_kernel and sys.platform == "linux":
            try:
                copied = os.copy_file_range(source, self._fd, length, extent.offset + done, self._flushed)
            except OSError as error:
                # EIO may be the source's: reading it ourselves tells.
                if error.errno not in _UNSUPPORTED:
                    raise
                self._in_kernel = error.errno == errno.EIO
                copied = 0
            if copied:
                self._flushed += copied
                return copied
        piece = reading(extent, done, min(length, BLOCK_BYTES))
        _write_at(self._fd, piece, self._flushed)
        self._flushed += len(piece)
        return len(piece)


class _WriteBehind:
    """Has the disk begin with what is written while more is being written, so that the last sync is short."""

    def __init__(self, fd: int) -> None:
        self._fd = fd
        self._asked = 0
        self._written = 0
        self._wake = threading.Event()
        self._stopped = False
        self._thread: threading.Thread | None = None

    def wrote(self, position: int) -> None:
        """Says how far the file is written."""
        self._written = position
        if position - self._asked < _BEHIND or sys.platform != "linux":
            return
        if self._thread is None:
            self._thread = threading.Thread(
                target=self._work, args=(os.dup(self._fd),), name="write-behind", daemon=True
            )
            self._thread.start()
        self._wake.set()

    def finish(self) -> None:
        """Ends the thread; the disk goes on with what it was told."""
        self.stop()
        if self._thread is not None:
            self._thread.join()

    def stop(self) -> None:
        """Tells the thread to end when it can."""
        self._stopped = True
        self._wake.set()

    def _work(self, fd: int) -> None:
        try:
            while True:
                self._wake.wait()
                self._wake.clear()
                if self._stopped:
                    return
                start, self._asked = self._asked, self._written
                if not write_soon(fd, start, self._asked - start):
                    return
        finally:
            os.close(fd)


def fill(buffer: bytearray, extent: Extent, start: int) -> None:
    """Fills a buffer with bytes of an extent; raises as `reading`."""
    try:
        extent.file.read_into(extent.offset + start, buffer)
    except OSError as error:
        raise _unreadable(extent.file.path, error) from error


def reading(extent: Extent, start: int, length: int) -> bytes:
    """Bytes of an extent.

    Raises:
        StudioError: "source-unreadable" for the disk's own failure, "truncated", "source-changed".
    """
    try:
        return extent.file.read(extent.offset + start, length)
    except OSError as error:
        raise _unreadable(extent.file.path, error) from error


def _said(pieces: Iterable[Buffer], source: str) -> Iterator[Buffer]:
    """The pieces; a failure of the disk they come from is told from one of the disk they go to."""
    following = iter(pieces)
    while True:
        try:
            piece = next(following, None)
        except OSError as error:
            raise _unreadable(source, error) from error
        if piece is None:
            return
        yield piece


def _unreadable(path: str, error: OSError) -> StudioError:
    return StudioError("source-unreadable", path=path, reason=os.strerror(error.errno or 0), details=str(error))


def _blocks(extent: Extent) -> Iterable[bytes]:
    for start in range(0, extent.length, STREAM_BYTES):
        yield reading(extent, start, min(STREAM_BYTES, extent.length - start))


def _write_at(fd: int, data: Buffer, offset: int) -> None:
    view = memoryview(data).cast("B")
    while len(view):
        if hasattr(os, "pwrite"):
            written = os.pwrite(fd, view[: 1 << 30], offset)
        else:
            os.lseek(fd, offset, os.SEEK_SET)
            written = os.write(fd, view[: 1 << 30])
        view = view[written:]
        offset += written
