"""The zip container of torch ≥ 1.6, laid out as `torch.save` does it.

One root folder, `data.pkl` first, every storage stored and aligned to 64 bytes by padding in the extra
field (`torch/csrc/…/caffe2/serialize/inline_container.cc`), so that `torch.load(mmap=True)` works.
`.format_version` is left out on purpose: with it torch may compute offsets from the exact layout of its own
zip writer, data descriptors included, instead of reading them.
"""

from __future__ import annotations

import struct
import zlib
from dataclasses import dataclass

from ckpt_studio.core.data import chunks
from ckpt_studio.core.storage import Extent
from ckpt_studio.formats.copying import LARGE, STREAM_BYTES, Sink, Streamed
from ckpt_studio.formats.sharing import PAGE
from ckpt_studio.formats.storage_plan import Slot, StoragePlan

ROOT = "archive"
ALIGNMENT = 64
_LIMIT32 = 0xFFFFFFFF
_LIMIT16 = 0xFFFF
# 1980-01-01 00:00, the zero of DOS: the same checkpoint gives the same file.
_DATE, _TIME = 0x0021, 0
_UTF8 = 0x0800


@dataclass(slots=True)
class _Record:
    name: bytes
    offset: int
    size: int
    crc: int


class ZipWriter:
    """Writes the records of one archive to a sink, one after the other."""

    def __init__(self, sink: Sink) -> None:
        self._sink = sink
        self._records: list[_Record] = []

    def add(self, name: str, data: bytes) -> None:
        """A small record."""
        record = self._begin(name, len(data), zlib.crc32(data))
        self._sink.write(data)
        self._records.append(record)

    def add_slot(self, slot: Slot) -> Streamed | None:
        """A storage: copied from file to file where it lies in one, else streamed.

        Returns:
            Where it was written and its sum if it had to be computed.

        Raises:
            StudioError: the source cannot be read.
            OSError: the target's own failure.
        """
        header = self._sink.position
        extent = slot.extent()
        record = self._begin(f"data/{slot.key}", slot.nbytes, slot.crc32 or 0, extent)
        streamed: Streamed | None = None
        if extent is None:
            streamed = self._sink.stream(chunks(slot.data, STREAM_BYTES), slot.nbytes, slot.label)
            record.crc = streamed.crc32
        elif slot.crc32 is None:
            record.crc = self._sink.copy_summed(extent)
        else:
            self._sink.copy(extent)
        if slot.crc32 is None:
            self._sink.patch(header + 14, struct.pack("<I", record.crc))
        self._records.append(record)
        return streamed

    def names(self) -> list[bytes]:
        """The records so far."""
        return [record.name for record in self._records]

    def close(self) -> None:
        """Writes the central directory."""
        start = self._sink.position
        for record in self._records:
            self._sink.write(_central_header(record))
        self._sink.write(_end(start, self._sink.position - start, len(self._records)))

    def _begin(self, name: str, size: int, crc: int, like: Extent | None = None) -> _Record:
        """Writes a local header whose data will begin at a multiple of 64 bytes.

        Large data that is at such a multiple in its source, too, comes to lie alike within a page, so that the
        file system can share it or at least copy whole pages.
        """
        encoded = f"{ROOT}/{name}".encode()
        offset = self._sink.position
        extra = b""
        shown = size
        if size >= _LIMIT32:
            extra = struct.pack("<HHQQ", 1, 16, size, size)
            shown = _LIMIT32
        start = offset + 30 + len(encoded) + len(extra) + 4
        padding = -start % ALIGNMENT
        if like is not None and like.length >= LARGE and like.offset % ALIGNMENT == 0:
            padding = (like.offset - start) % PAGE
        extra += b"FB" + struct.pack("<H", padding) + b"Z" * padding
        self._sink.write(
            struct.pack(
                "<IHHHHHIIIHH",
                0x04034B50,
                45 if size >= _LIMIT32 else 20,
                _UTF8,
                0,
                _TIME,
                _DATE,
                crc,
                shown,
                shown,
                len(encoded),
                len(extra),
            )
            + encoded
            + extra
        )
        return _Record(encoded, offset, size, crc)


def write_zip(sink: Sink, pickled: bytes, storages: StoragePlan) -> dict[str, Streamed]:
    """Writes a whole archive: the pickle, then every slot.

    Returns:
        Where they lie and their sums, by slot key, of the slots that were computed on the way.

    Raises:
        StudioError: the source cannot be read.
        OSError: the target's own failure.
    """
    archive = ZipWriter(sink)
    archive.add("data.pkl", pickled)
    archive.add("byteorder", b"little")
    computed: dict[str, Streamed] = {}
    for slot in storages.slots:
        streamed = archive.add_slot(slot)
        if streamed is not None:
            computed[slot.key] = streamed
    archive.add("version", b"3\n")
    # torch writes hashes of the names and of the contents here, twenty digits each; nothing reads them but statistics.
    identity = b"".join(b"%020d" % zlib.crc32(part) for part in (b"".join(sorted(archive.names())), pickled))
    archive.add(".data/serialization_id", identity)
    archive.close()
    return computed


def _central_header(record: _Record) -> bytes:
    size, offset = record.size, record.offset
    wide = b""
    if size >= _LIMIT32:
        wide += struct.pack("<QQ", size, size)
    if offset >= _LIMIT32:
        wide += struct.pack("<Q", offset)
    extra = struct.pack("<HH", 1, len(wide)) + wide if wide else b""
    version = 45 if wide else 20
    shown = min(size, _LIMIT32)
    return (
        struct.pack(
            "<IHHHHHHIIIHHHHHII",
            0x02014B50,
            version,
            45 if size >= _LIMIT32 else 20,
            _UTF8,
            0,
            _TIME,
            _DATE,
            record.crc,
            shown,
            shown,
            len(record.name),
            len(extra),
            0,
            0,
            0,
            0,
            min(offset, _LIMIT32),
        )
        + record.name
        + extra
    )


def _end(start: int, size: int, count: int) -> bytes:
    """The end of the central directory, with the 64-bit form where a number needs it."""
    result = b""
    if count >= _LIMIT16 or start >= _LIMIT32 or size >= _LIMIT32:
        result += struct.pack("<IQHHIIQQQQ", 0x06064B50, 44, 45, 45, 0, 0, count, count, size, start)
        result += struct.pack("<IIQI", 0x07064B50, 0, start + size, 1)
    return result + struct.pack(
        "<IHHHHIIH",
        0x06054B50,
        0,
        0,
        min(count, _LIMIT16),
        min(count, _LIMIT16),
        min(size, _LIMIT32),
        min(start, _LIMIT32),
        0,
    )
