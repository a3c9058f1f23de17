"""A ZIP archive's directory, read once without touching the members, and the members as byte sources.

Python's `zipfile` makes an object of some hundred bytes per member and checks no header against another;
torch's files have one member per tensor. Facts: PKWARE APPNOTE.TXT (4.3.7 local header, 4.3.12 central
header, 4.3.14 zip64, 4.3.16 end record) and torch's `caffe2/serialize/inline_container.cc`.
"""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING

from ckpt_studio.core.storage import AbsentBytes, ByteSource, Extent
from ckpt_studio.errors import FormatError, StudioError
from ckpt_studio.formats.blob import Blob

if TYPE_CHECKING:
    import zlib

STORED = 0
DEFLATED = 8
ENCRYPTED_FLAGS = 0x0001 | 0x0040
_END = struct.Struct("<4s4H2IH")
_END64 = struct.Struct("<4sQ2H2I4Q")
_CENTRAL = struct.Struct("<4s4xHH4xIIIHHH8xI")
_LOCAL = struct.Struct("<4s2xHH4xIIIHH")
_MAX_DIRECTORY = 1 << 30
# A record that is read whole (a pickle, code, a list). Stored ones are as long as the file; of compressed ones, whose
# size is only claimed, no real pickle comes near this, and zlib could make 1032 bytes out of each.
_MAX_READ = 1 << 32
_MAX_INFLATED = 256 << 20
_MAX_RATIO = 200
_SMALL = 16 << 20
_CHECKPOINT_EVERY = 4 << 20


class Member:
    """One entry of the directory.

    Attributes:
        name: as the directory has it.
        method: STORED, DEFLATED or another compression method's number.
        flags: general purpose bits.
        crc32: of the uncompressed bytes, as recorded.
        packed, nbytes: compressed and uncompressed size in bytes, as recorded.
        header: offset of the local header.
    """

    __slots__ = ("crc32", "flags", "header", "method", "name", "nbytes", "packed")

    def __init__(self, name: str, flags: int, method: int, crc32: int, packed: int, nbytes: int, header: int) -> None:
        self.name = name
        self.flags = flags
        self.method = method
        self.crc32 = crc32
        self.packed = packed
        self.nbytes = nbytes
        self.header = header


class ZipDirectory:
    """The members of an archive by name.

    Attributes:
        blob: the archive's bytes.
        members: name -> Member, in the directory's order; of equal names the first one counts, as in torch's reader.
        duplicates: names that occur again.
        start: where the directory begins.
        trailing: bytes after the end record and its comment.
    """

    def __init__(self, blob: Blob) -> None:
        """Reads the directory of `blob`.

        Raises:
            FormatError: "zip-cut-short" (no end record), "zip-damaged".
        """
        self.blob = blob
        self.members: dict[str, Member] = {}
        self.duplicates: list[str] = []
        self.start = 0
        self.trailing = 0
        self._base = 0
        self._read()

    def _damaged(self, reason: str) -> FormatError:
        return FormatError("zip-damaged", path=self.blob.name, details=reason)

    def _read(self) -> None:
        blob = self.blob
        tail_start = max(0, blob.nbytes - 65_557)
        tail = blob.read(tail_start, blob.nbytes - tail_start)
        at = tail.rfind(b"PK\5\6")
        while at >= 0 and (
            len(tail) - at < _END.size or at + 22 + int.from_bytes(tail[at + 20 : at + 22], "little") > len(tail)
        ):
            at = tail.rfind(b"PK\5\6", 0, at)
        if at < 0:
            raise FormatError("zip-cut-short", path=blob.name)
        _, disk, first_disk, _, count, size, offset, comment = _END.unpack_from(tail, at)
        end = tail_start + at
        self.trailing = blob.nbytes - end - _END.size - comment
        directory_end = end
        locator = tail[at - 20 : at] if at >= 20 else blob.read(max(0, end - 20), min(20, end))
        if locator[:4] == b"PK\6\7":
            position = int.from_bytes(locator[8:16], "little")
            record = blob.read(position, _END64.size) if position < blob.nbytes else b""
            if len(record) < _END64.size or record[:4] != b"PK\6\6":
                raise self._damaged("the zip64 end record is not where its locator says")
            _, _, _, _, disk, first_disk, _, count, size, offset = _END64.unpack(record)
            directory_end = position
        if disk or first_disk:
            raise self._damaged("an archive in several volumes")
        if size > _MAX_DIRECTORY or offset + size > directory_end:
            raise self._damaged("the directory does not lie inside the file")
        # Bytes before the archive (self-extracting stubs) shift every offset by the same amount.
        self._base = directory_end - size - offset
        self.start = offset + self._base
        data = blob.read(self.start, size)
        self._parse(data, count)

    def _parse(self, data: bytes, count: int) -> None:
        members = self.members
        unpack = _CENTRAL.unpack_from
        position = 0
        end = len(data)
        limit = self.blob.nbytes
        base = self._base
        for _ in range(count):
            if position + 46 > end:
                raise self._damaged(f"the directory ends after {len(members)} of {count} entries")
            magic, flags, method, crc, packed, nbytes, name_length, extra_length, comment_length, header = unpack(
                data, position
            )
            if magic != b"PK\1\2":
                raise self._damaged("an entry of the directory does not begin as one")
            position += 46
            raw = data[position : position + name_length]
            position += name_length
            if nbytes == 0xFFFFFFFF or packed == 0xFFFFFFFF or header == 0xFFFFFFFF:
                nbytes, packed, header = _zip64(data[position : position + extra_length], nbytes, packed, header)
            position += extra_length + comment_length
            try:
                name = raw.decode("utf-8")
            except UnicodeDecodeError:
                name = raw.decode("cp437")
            header += base
            if header + 30 + name_length + packed > limit:
                raise self._damaged(f"the member “{name[:80]}” does not lie inside the file")
            if name in members:
                if len(self.duplicates) < 100:
                    self.duplicates.append(name)
                continue
            members[name] = Member(name, flags, method, crc, packed, nbytes, header)
        if position > end:
            raise self._damaged("the last entry of the directory is cut off")

    def data_offset(self, member: Member) -> int:
        """Where the member's bytes begin, from its local header, which must agree with the directory.

        Raises:
            FormatError: "zip-headers-disagree", "zip-damaged".
        """
        raw = self.blob.read(member.header, _LOCAL.size)
        if len(raw) < _LOCAL.size:
            raise self._damaged("a local header lies outside the file")
        magic, flags, method, crc, packed, nbytes, name_length, extra_length = _LOCAL.unpack(raw)
        if magic != b"PK\3\4":
            raise self._damaged("a local header does not begin as one")
        rest = self.blob.read(member.header + 30, name_length + extra_length)
        name = rest[:name_length]
        # Bit 3: sizes and sum follow the data, and the local header has zeros.
        streamed = flags & 8 or member.flags & 8
        if 0xFFFFFFFF in (packed, nbytes):
            nbytes, packed, _ = _zip64(rest[name_length:], nbytes, packed, 0)
        recorded = (packed, nbytes, crc)
        same = recorded == (member.packed, member.nbytes, member.crc32) or (streamed and not any(recorded))
        if method != member.method or not same or not _same_name(name, member.name):
            raise FormatError("zip-headers-disagree", path=self.blob.name, record=member.name)
        start: int = member.header + 30 + name_length + extra_length
        if start + member.packed > self.blob.nbytes:
            raise self._damaged(f"the member “{member.name[:80]}” does not lie inside the file")
        return start

    def read(self, name: str, limit: int = _MAX_READ, *, even_flagged: bool = False) -> bytes:
        """A member's bytes, whole; `even_flagged`: also when it is marked as encrypted (some loaders ignore that).

        Raises:
            FormatError: it is missing, encrypted, damaged, or longer than `limit` bytes.
        """
        member = self.members.get(name)
        if member is None:
            raise self._damaged(f"“{name[:80]}” is missing")
        if member.flags & ENCRYPTED_FLAGS and not even_flagged:
            raise FormatError("zip-encrypted", path=self.blob.name)
        if member.method != STORED:
            limit = min(limit, _MAX_INFLATED, max(_SMALL, member.packed * _MAX_RATIO))
        if member.nbytes > limit or member.packed > limit:
            raise FormatError("record-too-large", path=self.blob.name, record=name, nbytes=member.nbytes)
        start = self.data_offset(member)
        if member.method == STORED:
            if member.packed != member.nbytes:
                raise self._damaged("a stored member with two sizes")
            return self.blob.read(start, member.nbytes)
        if member.method != DEFLATED:
            raise FormatError("zip-method", path=self.blob.name, record=name, method=member.method)
        import zlib

        engine = zlib.decompressobj(-15)
        try:
            data = engine.decompress(self.blob.read(start, member.packed), member.nbytes + 1)
        except zlib.error as error:
            raise self._damaged(f"“{name[:80]}” cannot be inflated: {error}") from None
        if len(data) != member.nbytes:
            raise self._damaged(f"“{name[:80]}” inflates to another size than the directory says")
        return data

    def source(self, member: Member, nbytes: int) -> ByteSource:
        """The first `nbytes` bytes of a member as a byte source; nothing is read yet."""
        if member.flags & ENCRYPTED_FLAGS:
            return AbsentBytes(nbytes, "zip-encrypted", path=self.blob.name)
        if nbytes > member.nbytes:
            return AbsentBytes(nbytes, "record-too-short", record=member.name, needed=nbytes, there=member.nbytes)
        if member.method == STORED:
            return StoredBytes(self, member, nbytes)
        if member.method == DEFLATED:
            return DeflatedBytes(self, member, nbytes)
        return AbsentBytes(nbytes, "zip-method", path=self.blob.name, record=member.name, method=member.method)


def _zip64(extra: bytes, nbytes: int, packed: int, header: int) -> tuple[int, int, int]:
    """The sizes and offset that the zip64 extra field gives in place of 0xFFFFFFFF, in this order."""
    position = 0
    while position + 4 <= len(extra):
        kind, length = struct.unpack_from("<HH", extra, position)
        if kind == 1:
            body = extra[position + 4 : position + 4 + length]
            values = [nbytes, packed, header]
            at = 0
            for index, value in enumerate(values):
                if value == 0xFFFFFFFF and at + 8 <= len(body):
                    values[index] = int.from_bytes(body[at : at + 8], "little")
                    at += 8
            return values[0], values[1], values[2]
        position += 4 + length
    return nbytes, packed, header


def _same_name(raw: bytes, name: str) -> bool:
    return raw == name.encode("utf-8") or raw.decode("cp437") == name


class StoredBytes(ByteSource):
    """A member stored as it is; its place is read from the local header when first needed."""

    __slots__ = ("_member", "_start", "_zip", "nbytes")

    def __init__(self, directory: ZipDirectory, member: Member, nbytes: int) -> None:
        self._zip = directory
        self._member = member
        self._start = -1
        self.nbytes = nbytes

    def _begin(self) -> int:
        if self._start < 0:
            self._start = self._zip.data_offset(self._member)
        return self._start

    def read(self, start: int, length: int) -> bytes:
        return self._zip.blob.read(self._begin() + start, length)

    def extent(self) -> Extent | None:
        blob = self._zip.blob
        return None if blob.file is None else Extent(blob.file, blob.offset + self._begin(), self.nbytes)


class DeflatedBytes(ByteSource):
    """A compressed member, inflated on the way and never further than `nbytes`.

    Reading forwards continues where the last read ended; every few MB the inflater's state is kept, so that
    going back costs no more than that. Safe to use from several threads.
    """

    __slots__ = (
        "_checkpoints",
        "_engine",
        "_input",
        "_lock",
        "_member",
        "_output",
        "_pending",
        "_start",
        "_zip",
        "nbytes",
    )

    def __init__(self, directory: ZipDirectory, member: Member, nbytes: int) -> None:
        import threading

        self._zip = directory
        self._member = member
        self.nbytes = nbytes
        self._lock = threading.Lock()
        self._start = -1
        self._engine: zlib._Decompress | None = None
        self._checkpoints: list[tuple[int, int, zlib._Decompress]] = []
        self._input = 0
        self._output = 0
        self._pending = b""

    def _damaged(self, reason: str) -> StudioError:
        return StudioError("record-damaged", record=self._member.name, details=reason)

    def _rewind(self, target: int) -> None:
        """Puts the inflater at the last kept state that is not after `target`."""
        import zlib

        if self._start < 0:
            self._start = self._zip.data_offset(self._member)
        kept = [entry for entry in self._checkpoints if entry[0] <= target]
        if kept:
            self._output, self._input, engine = kept[-1]
            self._engine = engine.copy()
        else:
            self._output, self._input, self._engine = 0, 0, zlib.decompressobj(-15)
        self._pending = b""

    def _next(self) -> bytes:
        """The next piece of output; b"" at the end."""
        import zlib

        engine = self._engine
        assert engine is not None
        while True:
            data = engine.unconsumed_tail
            if not data:
                length = min(1 << 16, self._member.packed - self._input)
                if engine.eof or length <= 0:
                    return b""
                data = self._zip.blob.read(self._start + self._input, length)
                self._input += length
            try:
                piece = engine.decompress(data, 1 << 18)
            except zlib.error as error:
                raise self._damaged(str(error)) from None
            if piece:
                return piece

    def read(self, start: int, length: int) -> bytes:
        with self._lock:
            if self._engine is None or start < self._output - len(self._pending):
                self._rewind(start)
            pieces: list[bytes] = []
            while length > 0:
                if not self._pending:
                    self._keep()
                    self._pending = self._next()
                    if not self._pending:
                        raise self._damaged("the compressed data end too early")
                    self._output += len(self._pending)
                begin = self._output - len(self._pending)
                if start >= self._output:
                    self._pending = b""
                    continue
                piece = self._pending[start - begin : start - begin + length]
                self._pending = self._pending[start - begin + len(piece) :]
                pieces.append(piece)
                start += len(piece)
                length -= len(piece)
            return b"".join(pieces)

    def _keep(self) -> None:
        """Keeps the inflater's state now and then (each some 40 kB)."""
        engine = self._engine
        last = self._checkpoints[-1][0] if self._checkpoints else 0
        due = self._output - last >= max(_CHECKPOINT_EVERY, self.nbytes // 256)
        if due and engine is not None and not engine.unconsumed_tail:
            self._checkpoints.append((self._output, self._input, engine.copy()))
