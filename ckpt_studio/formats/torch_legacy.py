"""torch's first own container (torch < 1.6): five pickles, then per storage an int64 count and the raw bytes.

Source: `torch/serialization.py` (`_legacy_save`, `_legacy_load`).
"""

from __future__ import annotations

from typing import Literal

from ckpt_studio.core.dtypes import UINT8, DType
from ckpt_studio.core.storage import AbsentBytes, ByteSource, Storage
from ckpt_studio.core.tree import BareStorage, Dict, Global, Persistent, Value
from ckpt_studio.errors import FormatError
from ckpt_studio.formats.blob import Blob
from ckpt_studio.formats.pickle_machine import PickleMachine
from ckpt_studio.formats.pickle_opcodes import PickleDamage
from ckpt_studio.formats.reading import Reading, run_pickle
from ckpt_studio.formats.rebuild import TorchBuilder, is_storage_class, storage_dtype

MAGIC = 0x1950A86A20F9469CFC6C
PROTOCOL = 1001
# How the magic number is pickled in protocols 2 and up, and in 0 and 1.
MAGIC_BYTES = b"\x8a\nl\xfc\x9cF\xf9 j\xa8P\x19."
_FIRST_READ = 4 << 20


class SliceBytes(ByteSource):
    """A range of another source that is known only later (a legacy storage view)."""

    __slots__ = ("base", "nbytes", "start")

    def __init__(self, base: Storage, start: int, nbytes: int) -> None:
        self.base = base
        self.start = start
        self.nbytes = nbytes

    def read(self, start: int, length: int) -> bytes:
        return self.base.source.read(self.start + start, length)


class LegacyStorages:
    """The storages the pickle names; their places are known only after the list of keys has been read."""

    def __init__(self) -> None:
        self.by_key: dict[str, BareStorage] = {}
        self.widths: dict[str, int] = {}
        self._views: dict[tuple[str, str, int, int], BareStorage] = {}

    def storage_for(self, dtype: DType | None, key: str, location: str, numel: int) -> BareStorage:
        """The storage with that key: `numel` elements of `dtype` (None: bytes), recorded on `location`."""
        bare = self.by_key.get(key)
        if bare is not None and bare.dtype is dtype and bare.numel == numel and bare.device == location:
            return bare
        width = 1 if dtype is None else dtype.itemsize
        numel = max(numel, 0)
        if bare is not None:
            return BareStorage(bare.storage, dtype, min(numel, bare.storage.nbytes // width), location)
        storage = Storage(AbsentBytes(numel * width, "record-missing", record=key), key)
        self.widths[key] = width
        made = self.by_key[key] = BareStorage(storage, dtype, numel, location)
        return made

    def persistent(self, pid: Value) -> Value:
        """`('storage', class, key, location, numel, view)` and `('module', class, source file, source)`."""
        if type(pid) is not tuple or not pid or type(pid[0]) is not str:
            return Persistent(pid)
        if pid[0] == "module" and len(pid) >= 2 and type(pid[1]) is Global:
            return pid[1]
        if pid[0] != "storage" or len(pid) < 5 or not is_storage_class(pid[1]):
            return Persistent(pid)
        key, location, numel = pid[2], pid[3], pid[4]
        if type(key) is int:
            key = str(key)
        if type(key) is not str or type(location) is not str or type(numel) is not int:
            return Persistent(pid)
        bare = self.storage_for(storage_dtype(pid[1]), key, location, numel)
        view = pid[5] if len(pid) > 5 else None
        if type(view) is tuple and len(view) == 3 and type(view[1]) is int and type(view[2]) is int:
            return self._view(bare, str(view[0]), view[1], view[2])
        return bare

    def _view(self, bare: BareStorage, key: str, offset: int, numel: int) -> BareStorage:
        place = (bare.storage.key, key, offset, numel)
        found = self._views.get(place)
        if found is None:
            width = (bare.dtype or UINT8).itemsize
            if offset == 0 and numel == bare.numel:
                found = bare
            elif offset < 0 or numel < 0 or (offset + numel) * width > bare.storage.nbytes:
                source: ByteSource = AbsentBytes(max(numel, 0) * width, "record-missing", record=key)
                found = BareStorage(Storage(source, key), bare.dtype, max(numel, 0), bare.device)
            else:
                source = SliceBytes(bare.storage, offset * width, numel * width)
                found = BareStorage(Storage(source, key), bare.dtype, numel, bare.device)
            self._views[place] = found
        return found


def is_legacy(head: bytes) -> bool:
    """Whether a file that begins so is a legacy container."""
    for magic in (MAGIC_BYTES, b"L119547037146038801333356L\n.", b"I119547037146038801333356\n."):
        if head.startswith(magic) or (head[:1] == b"\x80" and head[2:].startswith(magic)):
            return True
    return head[:1] == b"\x80" and head[2:3] == b"\x95" and head[11:].startswith(MAGIC_BYTES)


def read_torch_legacy(blob: Blob, depth: int = 0) -> Reading:
    """The tree of a legacy container with its storages.

    Raises:
        FormatError: damaged, or cut short (with how many bytes are missing).
    """
    # The pickles come first and are small beside the storages; more is read only when they turn out longer.
    length = min(blob.nbytes, _FIRST_READ)
    while True:
        try:
            return _read(blob, blob.read(0, length), depth, complete=length == blob.nbytes)
        except _MoreBytes:
            length = min(blob.nbytes, length * 16)


class _MoreBytes(Exception):
    """The pickles reach beyond what was read."""


def _read(blob: Blob, data: bytes, depth: int, *, complete: bool) -> Reading:
    head = PickleMachine(data, TorchBuilder(1 << 16))
    try:
        magic, protocol, sys_info = head.load(0), head.load(), head.load()
    except PickleDamage as damage:
        raise _damaged(blob, damage, complete) from None
    if magic != MAGIC or type(protocol) is not int or protocol != PROTOCOL:
        raise FormatError("legacy-header", path=blob.name)
    storages = LegacyStorages()
    reading = Reading(record="pickle")
    if type(sys_info) is Dict and sys_info.get("little_endian") is False:
        reading.details["saved on"] = "big-endian"
    try:
        machine = run_pickle(
            reading,
            data,
            blob,
            storages.persistent,
            storages.storage_for,
            depth,
            head.position,
            trailing_is_wrong=False,
        )
        if reading.root is None and any(finding.code == "corrupt" for finding in reading.findings):
            return reading
    except FormatError as error:
        if error.code == "pickle-cut-short" and not complete:
            raise _MoreBytes from None
        raise
    keys_machine = PickleMachine(data, TorchBuilder(1 << 16))
    try:
        keys = keys_machine.load(machine.position)
    except PickleDamage as damage:
        raise _damaged(blob, damage, complete) from None
    if type(keys) is not list:
        raise FormatError("legacy-header", path=blob.name)
    _place_storages(reading, blob, storages, keys, keys_machine.position)
    return reading


def _damaged(blob: Blob, damage: PickleDamage, complete: bool) -> Exception:
    if damage.code == "pickle-cut-short" and not complete:
        return _MoreBytes()
    return FormatError(damage.code, path=blob.name, record="pickle", position=damage.position, details=damage.reason)


def _place_storages(reading: Reading, blob: Blob, storages: LegacyStorages, keys: list[Value], position: int) -> None:
    """Gives every storage its bytes: an int64 element count and the elements, in the order of the keys.

    Both are little-endian whatever the machine (torch/csrc/serialization.cpp since 0.2); before that they were
    the machine's own, which the first count shows.
    """
    order: Literal["little", "big"] = "little"
    placed: set[str] = set()
    for value in keys:
        key = str(value) if type(value) is int else value
        bare = storages.by_key.get(key) if type(key) is str else None
        if bare is None or key in placed:
            # The count alone does not say how wide an element is, so that nothing after it can be found.
            raise FormatError("legacy-keys", path=blob.name)
        placed.add(key)
        raw = blob.read(position, 8)
        needed = bare.storage.nbytes
        expected = needed // storages.widths[key]
        if len(placed) == 1 and expected and int.from_bytes(raw, "big") == expected:
            order = "big"
        if len(raw) == 8 and int.from_bytes(raw, order) != expected:
            raise FormatError("legacy-count", path=blob.name, key=key)
        position += 8
        if position + needed > blob.nbytes:
            rest = sum(
                storages.by_key[k].storage.nbytes + 8
                for k in map(str, keys)
                if k in storages.by_key and k not in placed
            )
            raise FormatError("truncated", path=blob.name, missing=position + needed + rest - blob.nbytes)
        bare.storage.source = blob.source(position, needed)
        bare.storage.byteorder = order
        position += needed
    for key in storages.by_key:
        if key not in placed:
            reading.find("corrupt", "warning", "finding-record-missing", where=reading.record, key=key)
    if position < blob.nbytes:
        reading.find("trailing-data", "warning", "finding-trailing-bytes", nbytes=blob.nbytes - position)
