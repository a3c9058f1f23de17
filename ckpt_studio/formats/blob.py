"""A run of bytes to parse: a whole file, a part of one (an archive inside an archive), or bytes in memory."""

from __future__ import annotations

from ckpt_studio.core.storage import ByteSource, FileBytes, MemoryBytes, SourceFile


class Blob:
    """`nbytes` bytes at `offset` of a file, or in memory; readers take their slices from it.

    Attributes:
        name: the path for messages (of the file that holds the bytes).
        file: the file, or None for bytes in memory.
        offset: where the run begins in the file.
        nbytes: its length.
    """

    def __init__(self, name: str, file: SourceFile | None, data: bytes, offset: int, nbytes: int) -> None:
        self.name = name
        self.file = file
        self.offset = offset
        self.nbytes = nbytes
        self._data = data

    @classmethod
    def of_file(cls, file: SourceFile) -> Blob:
        """A whole file."""
        return cls(file.path, file, b"", 0, file.nbytes)

    @classmethod
    def of_bytes(cls, data: bytes, name: str) -> Blob:
        """Bytes that came out of the file `name`."""
        return cls(name, None, data, 0, len(data))

    def part(self, start: int, length: int) -> Blob:
        """The run of `length` bytes at `start` (both in bytes; cut at the end)."""
        start = min(max(start, 0), self.nbytes)
        length = max(0, min(length, self.nbytes - start))
        return Blob(self.name, self.file, self._data, self.offset + start, length)

    def read(self, start: int, length: int) -> bytes:
        """At most `length` bytes from `start`; fewer only where the run ends."""
        length = max(0, min(length, self.nbytes - start))
        if length == 0:
            return b""
        if self.file is not None:
            return self.file.read(self.offset + start, length)
        return self._data[self.offset + start : self.offset + start + length]

    def source(self, start: int, length: int) -> ByteSource:
        """The bytes of a storage; the caller has checked that they lie inside."""
        if self.file is not None:
            return FileBytes(self.file, self.offset + start, length)
        return MemoryBytes(self._data[self.offset + start : self.offset + start + length])
