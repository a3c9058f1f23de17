"""The written file, read back: what was meant to be in it is compared with what is.

The reading here shares nothing with the writing: the file is opened anew, its structure is read by other
code (the published safetensors library; our own reader for `.pth`), and the bytes are compared with the
source's, or with the sums taken while they were computed. It goes through the operating system's cache, so
that it proves what was handed to the disk, not the disk.
"""

from __future__ import annotations

import os
import zlib
from collections.abc import Iterable
from dataclasses import dataclass

from ckpt_studio.core.jobs import Progress
from ckpt_studio.core.storage import Extent
from ckpt_studio.errors import ExportError
from ckpt_studio.formats.copying import BLOCK_BYTES, reading


@dataclass(frozen=True, slots=True)
class Expected:
    """Bytes that must be in the file: either those of an extent of the source, or those with a CRC-32."""

    name: str
    offset: int
    nbytes: int
    extent: Extent | None
    crc32: int | None


def verify_bytes(path: str, target: str, expected: Iterable[Expected], progress: Progress) -> None:
    """Reads every byte back and compares.

    Args:
        path: the file as it lies on the disk now (the draft).
        target: its name for people.
        expected: what must be where.
        progress: polled; not reported to.

    Raises:
        ExportError: "verification-failed", naming the tensor.
        StudioError: the source cannot be read any more.
    """
    fd = os.open(path, os.O_RDONLY | getattr(os, "O_BINARY", 0))
    try:
        for item in expected:
            crc = 0
            for start in range(0, item.nbytes, BLOCK_BYTES):
                length = min(BLOCK_BYTES, item.nbytes - start)
                found = _read_at(fd, length, item.offset + start)
                if item.extent is not None:
                    if found != reading(item.extent, start, length):
                        raise failed(item.name, "bytes", target)
                else:
                    crc = zlib.crc32(found, crc)
                progress.check()
            if item.crc32 is not None and item.extent is None and crc != item.crc32:
                raise failed(item.name, "checksum", target)
    finally:
        os.close(fd)


def failed(name: str, what: str, target: str) -> ExportError:
    """The error that says which tensor did not read back, and in which respect."""
    return ExportError("verification-failed", name=name, what=what, path=target)


def _read_at(fd: int, length: int, offset: int) -> bytes:
    if hasattr(os, "pread"):
        return os.pread(fd, length, offset)
    os.lseek(fd, offset, os.SEEK_SET)
    return os.read(fd, length)
