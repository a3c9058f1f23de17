"""torch's first container (2016 and 2017): a tar of `sys_info`, `pickle`, `tensors` and `storages`.

Source: `torch/serialization.py` (`_legacy_load.legacy_load`) and the tar format of POSIX.1-1988 (ustar).
"""

from __future__ import annotations

import struct

from ckpt_studio.core.storage import AbsentBytes, Storage
from ckpt_studio.core.tree import BareStorage, Global, Persistent, Value
from ckpt_studio.errors import FormatError
from ckpt_studio.formats.blob import Blob
from ckpt_studio.formats.pickle_machine import PickleMachine
from ckpt_studio.formats.pickle_opcodes import PickleDamage
from ckpt_studio.formats.reading import Reading, run_pickle
from ckpt_studio.formats.rebuild import TorchBuilder, is_storage_class, storage_dtype
from ckpt_studio.formats.torch_legacy import SliceBytes

_BLOCK = 512
_MAX_MEMBERS = 100_000
# A storage's or tensor's own little pickle: three values.
_RECORD_PICKLE = 4096
_MAX_AXES = 1000


def tar_members(blob: Blob) -> dict[str, tuple[int, int]]:
    """Name -> (offset, size in bytes) of a tar's plain files.

    Raises:
        FormatError: "truncated" when a member reaches beyond the file.
    """
    members: dict[str, tuple[int, int]] = {}
    position = 0
    for _ in range(_MAX_MEMBERS):
        header = blob.read(position, _BLOCK)
        if len(header) < _BLOCK or not any(header[:100]):
            break
        name = header[:100].split(b"\0", 1)[0].decode("utf-8", "replace").removeprefix("./")
        size = _number(header[124:136])
        if size is None:
            break
        position += _BLOCK
        if position + size > blob.nbytes:
            raise FormatError("truncated", path=blob.name, missing=position + size - blob.nbytes)
        if header[156:157] in (b"0", b"\0", b"7") and name not in members:
            members[name] = (position, size)
        position += -(-size // _BLOCK) * _BLOCK
    return members


def _number(field: bytes) -> int | None:
    """A tar header's number: octal text, or base 256 when the top bit is set."""
    if field[0] & 0x80:
        return int.from_bytes(bytes([field[0] & 0x7F]) + field[1:], "big")
    try:
        return int(field.strip(b" \0") or b"0", 8)
    except ValueError:
        return None


class TarContents:
    """The storages and tensors of the archive by their ids."""

    def __init__(self) -> None:
        self.storages: dict[str, BareStorage] = {}
        self.tensors: dict[str, Value] = {}

    def persistent(self, pid: Value) -> Value:
        """An id of a tensor or storage, a class with its source text, or (other writers) the later storage tuple."""
        if type(pid) is tuple and pid:
            if type(pid[0]) is Global:
                return pid[0]
            if pid[0] == "storage" and len(pid) >= 5 and is_storage_class(pid[1]):
                return self.storages.get(str(pid[2]), Persistent(pid))
        if type(pid) in (int, str):
            key = str(pid)
            return self.tensors.get(key, self.storages.get(key, Persistent(pid)))
        return Persistent(pid)


def read_torch_tar(blob: Blob, depth: int = 0) -> Reading:
    """The tree of a tar container.

    Raises:
        FormatError: "archive-of-files" when it is some other tar; damaged or cut short.
    """
    members = tar_members(blob)
    if "pickle" not in members or "storages" not in members:
        names = ", ".join(list(members)[:4]) or "-"
        raise FormatError("archive-of-files", path=blob.name, names=names)
    reading = Reading(record="pickle", format="torch-tar")
    contents = TarContents()
    builder = TorchBuilder(1 << 20)
    try:
        _read_storages(blob.part(*members["storages"]), contents, builder)
        if "tensors" in members:
            _read_tensors(blob.part(*members["tensors"]), contents, builder)
    except PickleDamage as damage:
        raise FormatError(
            damage.code, path=blob.name, record="storages", position=damage.position, details=damage.reason
        ) from None
    except (TypeError, ValueError, struct.error) as error:
        raise FormatError("tar-damaged", path=blob.name, details=str(error)) from None
    data = blob.read(*members["pickle"])
    run_pickle(reading, data, blob, contents.persistent, None, depth)
    for problem in builder.problems:
        reading.find("corrupt", "warning", problem.code, where="tensors", **problem.fields)
    return reading


def _small_pickle(blob: Blob, position: int) -> tuple[Value, int]:
    """The pickle at `position`, and where it ends."""
    machine = PickleMachine(blob.read(position, _RECORD_PICKLE), TorchBuilder(_RECORD_PICKLE))
    value = machine.load(0)
    return value, position + machine.position


def _read_storages(blob: Blob, contents: TarContents, builder: TorchBuilder) -> None:
    count, position = _small_pickle(blob, 0)
    if type(count) is not int:
        raise TypeError("no count of storages")
    for _ in range(count):
        record, position = _small_pickle(blob, position)
        key, location, cls = record
        dtype = storage_dtype(cls)
        if dtype is None or type(location) is not str:
            raise TypeError("a storage of an unknown class")
        numel = int.from_bytes(blob.read(position, 8), "little", signed=True)
        position += 8
        nbytes = max(numel, 0) * dtype.itemsize
        if numel < 0 or position + nbytes > blob.nbytes:
            raise FormatError("truncated", path=blob.name, missing=max(nbytes - (blob.nbytes - position), 1))
        storage = Storage(blob.source(position, nbytes), str(key))
        contents.storages[str(key)] = BareStorage(storage, dtype, numel, location)
        position += nbytes
    if position < blob.nbytes:
        views, _ = _small_pickle(blob, position) if blob.nbytes - position <= _RECORD_PICKLE else _views(blob, position)
        for view in views if type(views) is list else ():
            _add_view(contents, view)


def _views(blob: Blob, position: int) -> tuple[Value, int]:
    machine = PickleMachine(blob.read(position, blob.nbytes - position), TorchBuilder(1 << 20))
    return machine.load(0), position + machine.position


def _add_view(contents: TarContents, view: Value) -> None:
    target, root, offset, numel = view
    bare = contents.storages.get(str(root))
    if bare is None or bare.dtype is None or type(offset) is not int or type(numel) is not int:
        raise TypeError("a view of no storage")
    start, nbytes = offset * bare.dtype.itemsize, numel * bare.dtype.itemsize
    if min(start, nbytes) < 0 or start + nbytes > bare.storage.nbytes:
        source = AbsentBytes(max(nbytes, 0), "record-missing", record=str(target))
        contents.storages[str(target)] = BareStorage(Storage(source), bare.dtype, max(numel, 0), bare.device)
        return
    slice_source = SliceBytes(bare.storage, start, nbytes)
    contents.storages[str(target)] = BareStorage(Storage(slice_source, str(target)), bare.dtype, numel, bare.device)


def _read_tensors(blob: Blob, contents: TarContents, builder: TorchBuilder) -> None:
    count, position = _small_pickle(blob, 0)
    if type(count) is not int:
        raise TypeError("no count of tensors")
    for _ in range(count):
        record, position = _small_pickle(blob, position)
        key, storage_id, _cls = record
        axes = int.from_bytes(blob.read(position, 4), "little")
        if axes > _MAX_AXES:
            raise ValueError("too many axes")
        length = 8 * (2 * axes + 1)
        raw = blob.read(position + 8, length)
        position += 8 + length
        numbers = struct.unpack(f"<{2 * axes + 1}q", raw)
        bare = contents.storages.get(str(storage_id))
        if bare is None:
            raise TypeError("a tensor without a storage")
        contents.tensors[str(key)] = builder.strided(bare, numbers[-1], numbers[:axes], numbers[axes:-1])
