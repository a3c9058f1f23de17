"""Blocks that two files have in common, on file systems that can share them (Btrfs, XFS, bcachefs, OCFS2).

A shared range costs neither time nor room. Whether two ranges are the same blocks of the disk can be read from
the file system's own map of the files, which proves them equal without reading a byte
(`linux/fs.h`: FICLONERANGE; `linux/fiemap.h`). Linux only: elsewhere nothing is shared.
"""

from __future__ import annotations

import contextlib
import errno
import os
import struct
import sys

from ckpt_studio.core.storage import Extent, SourceFile
from ckpt_studio.errors import StudioError

PAGE = 4096
"""File systems share whole blocks of this size."""

_FICLONERANGE = 0x4020940D
_FIEMAP = 0xC020660B
_CLONE = struct.Struct("=qQQQ")
_MAP = struct.Struct("=QQIIII")
_EXTENT = struct.Struct("=QQQ16xI12x")
_BATCH = 128
_SYNC_FIRST = 0x1
_LAST = 0x1
_UNWRITTEN = 0x800
# The place is not (yet) one on the disk, or what lies there is not the bytes themselves: unknown, delayed,
# compressed, encrypted, not aligned, inside the file system's own structures, at the end of a block.
_UNTOLD = 0x2 | 0x4 | 0x8 | 0x80 | 0x100 | 0x200 | 0x400


def share(fd: int, position: int, source: Extent) -> bool:
    """Makes the blocks of `source` those of the file at `position` as well; whether that was possible.

    Args:
        fd: open for writing; another file than the source.
        position: where the range is to begin (bytes, a multiple of `PAGE`, as the source's).

    Raises:
        OSError: the disk is full, or fails.
    """
    if sys.platform != "linux":
        return False
    import fcntl

    arguments = _CLONE.pack(source.file.fileno(), source.offset, source.length, position)
    try:
        fcntl.ioctl(fd, _FICLONERANGE, arguments)
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise
        return False
    return True


def can_share(fd: int, source: SourceFile) -> bool:
    """Whether an empty file that is open for writing can share blocks with the source; it is empty afterwards."""
    try:
        return source.nbytes >= PAGE and share(fd, 0, Extent(source, 0, PAGE))
    except (OSError, StudioError):
        return False
    finally:
        os.ftruncate(fd, 0)


def same_blocks(written: Extent, source: Extent) -> bool:
    """Whether the file system says that both ranges are the very same blocks; False where it cannot say."""
    with contextlib.suppress(OSError):
        first = _blocks(written)
        return first is not None and first == _blocks(source)
    return False


def _blocks(extent: Extent) -> list[tuple[int, int, int, bool]] | None:
    """(place in the range, place on the disk, length, reads as zeros) of each run of blocks; None if untold."""
    if sys.platform != "linux":
        return None
    import fcntl

    found: list[tuple[int, int, int, bool]] = []
    start, end = extent.offset, extent.offset + extent.length
    while start < end:
        buffer = bytearray(_MAP.size + _BATCH * _EXTENT.size)
        _MAP.pack_into(buffer, 0, start, end - start, _SYNC_FIRST, 0, _BATCH, 0)
        fcntl.ioctl(extent.file.fileno(), _FIEMAP, buffer)
        count = _MAP.unpack_from(buffer)[3]
        flags = 0
        for index in range(count):
            logical, physical, length, flags = _EXTENT.unpack_from(buffer, _MAP.size + index * _EXTENT.size)
            if flags & _UNTOLD or length <= 0:
                return None
            skip = max(start - logical, 0)
            begin, stop = logical + skip, min(logical + length, end)
            _append(found, (begin - extent.offset, physical + skip, stop - begin, bool(flags & _UNWRITTEN)))
            start = stop
        if not count or flags & _LAST:
            break
    return found


def _append(runs: list[tuple[int, int, int, bool]], run: tuple[int, int, int, bool]) -> None:
    """Adds a run, joined to the last one where it goes on: two files' maps may be cut differently."""
    if runs:
        place, disk, length, empty = runs[-1]
        if (place + length, disk + length, empty) == (run[0], run[1], run[3]):
            runs[-1] = (place, disk, length + run[2], empty)
            return
    runs.append(run)
