"""Where the bytes of tensors are: files, compressed members, memory, or nowhere; never read before somebody asks."""

from __future__ import annotations

import contextlib
import os
import threading
import weakref
from abc import ABC, abstractmethod
from dataclasses import dataclass, field
from typing import Any, Literal

from ckpt_studio.errors import StudioError

# The stamp of a file that this program itself has removed.
_REMOVED = (-1, 0, 0)
# Every source of this process that may have its file open.
_OPENED: weakref.WeakSet[SourceFile] = weakref.WeakSet()


class SourceFile:
    """One file that tensors lie in: opened when first read, never for writing, and noticed when it changes.

    The identity (size, modification time, inode) is taken when the object is made; a read after the
    file has changed raises instead of mixing two versions. Safe to use from several threads.

    Args:
        is_growing: this program itself is writing it; only what is there already is read, and may be at once.
    """

    def __init__(self, path: str | os.PathLike[str], *, is_growing: bool = False) -> None:
        self._is_growing = is_growing
        self.path = os.path.abspath(os.fspath(path))
        self.stamp = self._stat()
        self._own_stamp: tuple[int, int, int] | None = None
        self._fd = -1
        self._held = (0, 0)
        self._lock = threading.Lock()

    @property
    def nbytes(self) -> int:
        """The file's size in bytes when it was opened."""
        return self.stamp[0]

    def _stat(self) -> tuple[int, int, int]:
        status = os.stat(self.path)
        return (status.st_size, status.st_mtime_ns, status.st_ino)

    def changed(self) -> bool:
        """Whether somebody else removed, replaced or changed the file since it was opened."""
        try:
            if self._own_stamp is not None:
                held = os.fstat(self._fd)
                if (held.st_size, held.st_mtime_ns, held.st_ino) != self.stamp:
                    return True
            return self._stat() not in (self.stamp, self._own_stamp)
        except FileNotFoundError:
            return self._own_stamp is not _REMOVED
        except OSError:
            return True

    def hold(self) -> None:
        """Opens the file now, so that its bytes stay readable although this program is about to replace it.

        Raises:
            StudioError: "source-changed": it is no longer the one that was opened.
        """
        self.fileno()

    def replaced(self) -> None:
        """Says that this program itself has put another file in this one's place.

        Where `hold` was called (POSIX), the old bytes go on being read, and the new file is no reason to call the
        source changed. Elsewhere the next read raises "source-changed". Also for a file that this program removed.
        """
        if self._fd >= 0:
            self._own_stamp = self._stat() if os.path.exists(self.path) else _REMOVED

    def require_unchanged(self) -> None:
        """Raises StudioError("source-changed") when the file is no longer the one that was opened."""
        if self.changed():
            raise StudioError("source-changed", path=self.path)

    def fileno(self) -> int:
        """A descriptor open for reading; it belongs to this object."""
        with self._lock:
            return self._opened()

    def _opened(self) -> int:
        """The descriptor; the lock is held."""
        if self._fd < 0:
            if self._own_stamp is not None:
                # The bytes that were held are gone; those at the path are others.
                raise StudioError("source-changed", path=self.path)
            self.require_unchanged()
            self._fd = os.open(self.path, os.O_RDONLY | getattr(os, "O_BINARY", 0))
            # Some network file systems tell other times of an open file than of its name.
            self._held = _version(self._fd)
            _OPENED.add(self)
        return self._fd

    def read(self, start: int, length: int) -> bytes:
        """Exactly `length` bytes from `start`.

        Raises:
            StudioError: "source-changed", or "truncated" when the file ends before that.
            OSError: the disk's own failure.
        """
        fd = self.fileno()
        pieces: list[bytes] = []
        while length > 0:
            if hasattr(os, "pread"):
                piece = os.pread(fd, min(length, 1 << 30), start)
            else:
                with self._lock:
                    fd = self._opened()  # another thread may have closed it for a replace
                    os.lseek(fd, start, os.SEEK_SET)
                    piece = os.read(fd, min(length, 1 << 30))
            if not piece:
                self._require_held(fd)
                raise StudioError("truncated", path=self.path, missing=length)
            pieces.append(piece)
            start += len(piece)
            length -= len(piece)
        self._require_held(fd)
        return pieces[0] if len(pieces) == 1 else b"".join(pieces)

    def _require_held(self, fd: int) -> None:
        """Raises "source-changed" when what was just read may be of another version: the file was written in place."""
        if self._is_growing:
            return
        try:
            version = _version(fd)
        except OSError:
            return  # another thread closed it for a replace; the next read opens the file again, and looks
        if version != self._held:
            raise StudioError("source-changed", path=self.path)

    def read_into(self, start: int, buffer: bytearray) -> None:
        """Fills the whole buffer with the bytes from `start`: for loops that compare or sum without keeping.

        Raises:
            StudioError, OSError: as `read`.
        """
        if not hasattr(os, "preadv"):
            buffer[:] = self.read(start, len(buffer))
            return
        fd = self.fileno()
        if os.preadv(fd, [buffer], start) != len(buffer):
            buffer[:] = self.read(start, len(buffer))
        self._require_held(fd)

    def close(self) -> None:
        """Gives the descriptor back; the next read opens again (Windows: needed before a replace)."""
        with self._lock:
            if self._fd >= 0:
                os.close(self._fd)
                self._fd = -1

    def __del__(self) -> None:
        fd = getattr(self, "_fd", -1)
        if fd >= 0:
            with contextlib.suppress(OSError):
                os.close(fd)


def _version(fd: int) -> tuple[int, int]:
    """Size and time of change of an open file: what writing into it changes."""
    status = os.fstat(fd)
    return status.st_size, status.st_mtime_ns


def close_everywhere(path: str) -> None:
    """Closes every source of this process whose file is at `path`: Windows replaces no file that is open.

    Their next read opens again, and raises "source-changed" when it is another file by then.
    """
    for source in list(_OPENED):
        with contextlib.suppress(OSError):
            if os.path.samefile(source.path, path):
                source.close()


@dataclass(frozen=True, slots=True)
class Extent:
    """A run of bytes that lies in a file exactly as it is: what can be copied from file to file."""

    file: SourceFile
    offset: int
    length: int


class ByteSource(ABC):
    """`nbytes` bytes that can be read at random; derived sources compute them on the way."""

    # A file may hold a million: those that have slots do without a dict.
    __slots__ = ()

    nbytes: int

    @abstractmethod
    def read(self, start: int, length: int) -> bytes:
        """Exactly `length` bytes from `start` (both in bytes, inside `nbytes`).

        Raises:
            StudioError: they cannot be had (file changed, damaged, absent shard).
        """

    def extent(self) -> Extent | None:
        """Where the bytes lie unchanged in a file, or None when they must be computed or inflated."""
        return None


class FileBytes(ByteSource):
    """Bytes stored as they are in a file."""

    __slots__ = ("file", "nbytes", "offset")

    def __init__(self, file: SourceFile, offset: int, nbytes: int) -> None:
        self.file = file
        self.offset = offset
        self.nbytes = nbytes

    def read(self, start: int, length: int) -> bytes:
        return self.file.read(self.offset + start, length)

    def extent(self) -> Extent | None:
        return Extent(self.file, self.offset, self.nbytes)


class MemoryBytes(ByteSource):
    """Bytes that came inside the pickle itself, or were made by an edit; small."""

    __slots__ = ("data", "nbytes")

    def __init__(self, data: bytes) -> None:
        self.data = data
        self.nbytes = len(data)

    def read(self, start: int, length: int) -> bytes:
        return self.data[start : start + length]


class AbsentBytes(ByteSource):
    """Bytes that are not there: a meta tensor, a shard that is missing, a damaged record.

    `code` and `fields` are the error every read raises.
    """

    __slots__ = ("code", "fields", "nbytes")

    def __init__(self, nbytes: int, code: str, **fields: Any) -> None:
        self.nbytes = nbytes
        self.code = code
        self.fields = fields

    def read(self, start: int, length: int) -> bytes:
        raise StudioError(self.code, **self.fields)


@dataclass(eq=False, slots=True)
class Storage:
    """A block of bytes that one or many tensors view. Compared by identity: two tensors are tied when they share it.

    Attributes:
        source: the bytes, in the order of `byteorder`.
        key: its name inside the container ("0", "model.layer1.weight"), for messages.
        byteorder: of the elements; writers turn big-endian ones round.
        crc32: the CRC the container records for the whole storage, or None.
    """

    source: ByteSource
    key: str = ""
    byteorder: Literal["little", "big"] = "little"
    crc32: int | None = field(default=None)

    @property
    def nbytes(self) -> int:
        """Size in bytes."""
        return self.source.nbytes
