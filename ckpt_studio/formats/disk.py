"""What Linux can be asked to do for a file that is about to be large; elsewhere nothing is asked, and nothing is lost.

Python has no names for these calls, so they go to the C library directly.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from functools import cache
from typing import Any

# `linux/falloc.h`, `linux/fs.h`
_KEEP_SIZE = 0x01
_WRITE = 0x02


def reserve(fd: int, nbytes: int) -> None:
    """Asks for room for a file of `nbytes` bytes in one piece; its size stays what it is.

    A file system that knows where the bytes will go need not look for room between them: the disk writes what is
    there already while more is coming. Best effort: where there is too little room, or the file system cannot
    reserve, writing tells. Unlike `os.posix_fallocate`, which then writes a byte into every block.
    """
    call = _function("fallocate")
    if call is not None and nbytes > 0:
        from ctypes import c_int64

        call(fd, _KEEP_SIZE, c_int64(0), c_int64(nbytes))


def write_soon(fd: int, start: int, nbytes: int) -> bool:
    """Has the disk begin with a range of a file; whether it could be asked. Waits for nothing but a full queue.

    A failure of the disk is not told here, but by the next `fsync`.
    """
    call = _function("sync_file_range")
    if call is None:
        return False
    from ctypes import c_int64

    return bool(call(fd, c_int64(start), c_int64(nbytes), _WRITE) == 0)


@cache
def _function(name: str) -> Callable[..., Any] | None:
    """A function of the C library, or None where there is none of that name."""
    if sys.platform != "linux":
        return None
    try:
        import ctypes

        found: Callable[..., Any] = getattr(ctypes.CDLL(None), name)
    except (ImportError, OSError, AttributeError):
        return None
    return found
