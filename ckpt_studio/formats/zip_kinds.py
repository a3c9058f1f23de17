"""Which of the ZIP-based kinds an archive is: torch's own, TorchScript, torch.package, .pt2, or none of them."""

from __future__ import annotations

import re

from ckpt_studio.core.dtypes import DType
from ckpt_studio.core.storage import AbsentBytes, Storage
from ckpt_studio.core.tree import BareStorage, Dict, Persistent, Value
from ckpt_studio.errors import FormatError
from ckpt_studio.formats.blob import Blob
from ckpt_studio.formats.pickle_machine import PickleMachine
from ckpt_studio.formats.pickle_opcodes import PickleDamage
from ckpt_studio.formats.reading import Reading, absorb, run_pickle, scan_pickle
from ckpt_studio.formats.rebuild import TorchBuilder, is_storage_class, storage_dtype
from ckpt_studio.formats.torch_zip import ZipStorages, find_root, read_byteorder, read_torch_zip, report_storages
from ckpt_studio.formats.zip_directory import ENCRYPTED_FLAGS, STORED, ZipDirectory

_PICKLE_SUFFIXES = (".pkl", ".pickle", ".joblib", ".dat", ".data", ".npy")
_MAX_SCANNED = 64 << 20
_MAX_MEMBERS = 1_000_000
_CLASS = re.compile(
    r"^class (\w+)\(.*?\):\n\s+__parameters__ = \[(.*?)\]\n(?:\s+__buffers__ = \[(.*?)\]\n)?", re.M | re.S
)
_NAME = re.compile(r'"((?:[^"\\]|\\.)*)"')


def read_zip(blob: Blob, depth: int = 0) -> Reading:
    """The tree of a ZIP archive that torch wrote.

    Raises:
        FormatError: damaged, encrypted, or some other kind of archive.
    """
    try:
        directory = ZipDirectory(blob)
    except FormatError as error:
        if error.code == "zip-cut-short":
            raise _cut_short(blob) from None
        raise
    root = find_root(directory)
    if root is not None:
        reading = read_torch_zip(blob, directory, root, depth)
        script = root + "constants.pkl" in directory.members
        reading.format = "torchscript" if script else "torch-zip"
        if script:
            _read_script(reading, directory, root)
            reading.find("own-program", "note", "program-torchscript", where=root + "code/")
        _scan_others(reading, directory, {root + "data.pkl"})
    else:
        reading = _read_rootless(blob, directory, depth)
    for name in directory.duplicates:
        reading.find("corrupt", "warning", "finding-shadowed-record", where=name, record=name)
    if directory.trailing:
        reading.find("trailing-data", "warning", "finding-trailing-zip", nbytes=directory.trailing)
    return reading


def _cut_short(blob: Blob) -> FormatError:
    """How much is missing at least: what the last member's local header says, or the storages that the pickle names."""
    position = 0
    needed = 0
    for _ in range(_MAX_MEMBERS):
        header = blob.read(position, 30)
        if len(header) < 30 or header[:4] != b"PK\3\4":
            break
        start = position + 30 + int.from_bytes(header[26:28], "little") + int.from_bytes(header[28:30], "little")
        packed = int.from_bytes(header[18:22], "little")
        if int.from_bytes(header[6:8], "little") & 8:
            # torch writes sizes after the data; but its pickle comes first and says how long the storages are.
            needed = max(needed, _storages_end(blob, start)) if header[8:10] == b"\0\0" else needed
            break
        position = start + packed
        needed = max(needed, position)
    if needed > blob.nbytes:
        return FormatError("zip-cut-short-by", path=blob.name, missing=needed - blob.nbytes)
    return FormatError("zip-cut-short", path=blob.name)


def _storages_end(blob: Blob, start: int) -> int:
    """Where the storages that the pickle at `start` names would end at the earliest; 0 when it cannot be read."""
    sizes: dict[str, int] = {}

    def note(dtype: DType | None, key: str, location: str, numel: int) -> BareStorage:
        sizes[key] = max(numel, 0) * (1 if dtype is None else dtype.itemsize)
        return BareStorage(Storage(AbsentBytes(sizes[key], "record-missing", record=key)), dtype, numel, location)

    def persistent(pid: Value) -> Value:
        if type(pid) is tuple and len(pid) == 5 and is_storage_class(pid[1]) and type(pid[4]) is int:
            return note(storage_dtype(pid[1]), str(pid[2]), "", pid[4])
        return Persistent(pid)

    data = blob.read(start, min(blob.nbytes - start, _MAX_SCANNED))
    machine = PickleMachine(data, TorchBuilder(len(data)), persistent, note, storage_dtype)
    try:
        machine.load(0)
    except PickleDamage:
        return 0
    return start + machine.position + sum(sizes.values())


def _read_script(reading: Reading, directory: ZipDirectory, root: str) -> None:
    """Notes which tensors of each TorchScript class are parameters and buffers, from the archive's code."""
    prefix = root + "code/"
    for name in directory.members:
        if name.startswith(prefix) and name.endswith(".py"):
            module = name[len(prefix) : -3].replace("/", ".")
            try:
                text = directory.read(name, 16 << 20).decode("utf-8", "replace")
            except FormatError:
                continue
            for cls, parameters, buffers in _CLASS.findall(text):
                reading.script_members[f"{module}.{cls}"] = tuple(_NAME.findall(parameters) + _NAME.findall(buffers))


def _read_rootless(blob: Blob, directory: ZipDirectory, depth: int) -> Reading:
    """Archives without `data.pkl`."""
    names = list(directory.members)
    if any(name.endswith("archive_format") for name in names) or any("/data/weights/" in f"/{name}" for name in names):
        from ckpt_studio.formats.exported_program import read_exported_program

        return read_exported_program(blob, directory, depth)
    if "serialized_exported_program.json" in names or "serialized_state_dict.pt" in names:
        from ckpt_studio.formats.exported_program import read_early_exported_program

        return read_early_exported_program(blob, directory, depth)
    for name in names:
        if name.endswith("/.data/extern_modules") or name == ".data/extern_modules":
            return _read_package(blob, directory, name.removesuffix(".data/extern_modules"), depth)
    # Not torch's. What a loader of such files would run is said all the same.
    reading = Reading(record="", format="zip")
    _scan_others(reading, directory, set())
    if any(finding.severity == "danger" for finding in reading.findings):
        return reading
    raise FormatError(_foreign_zip(directory), path=blob.name, names=", ".join(names[:4]) or "-")


def _foreign_zip(directory: ZipDirectory) -> str:
    """The code that names an archive torch did not write."""
    members = directory.members
    if not members:
        return "empty-zip"
    if any(member.flags & ENCRYPTED_FLAGS for member in members.values()):
        return "zip-encrypted"
    if all(name.endswith(".npy") for name in members):
        return "numpy-archive"
    if "model.weights.h5" in members or "keras_metadata.pb" in members:
        return "keras-file"
    if any(name.startswith("MAR-INF/") for name in members):
        return "mar-file"
    suffixes = (".pt", ".pth", ".bin", ".ckpt", ".safetensors", ".th", ".tar", ".model")
    if any(name.endswith(suffixes) for name in members):
        return "archive-of-files"
    return "zip-without-checkpoint"


def _scan_others(reading: Reading, directory: ZipDirectory, known: set[str]) -> None:
    """Findings for pickles that lie in the archive beside the one that was read."""
    for name, member in list(directory.members.items()):
        if not name.endswith(_PICKLE_SUFFIXES) or name in known or member.nbytes > _MAX_SCANNED:
            continue
        if reading.format == "torchscript" and name.endswith((".pkl", ".debug_pkl")) and "code/" in name:
            continue
        try:
            data = directory.read(name, _MAX_SCANNED, even_flagged=True)
        except FormatError:
            continue
        scan_pickle(reading, data, name)


def _read_package(blob: Blob, directory: ZipDirectory, root: str, depth: int) -> Reading:
    """A torch.package: every pickle in it under its path; storages are `.data/KEY.storage`.

    Source: `torch/package/package_exporter.py` (`save_pickle`, `_persistent_id`).
    """
    package = Reading(record="", format="torch-package")
    storages = ZipStorages(directory, root + ".data/", read_byteorder(directory, root), ".storage")
    items: list[tuple[Value, Value]] = []
    for name in directory.members:
        if name.startswith(root) and name.endswith(".pkl") and not name.startswith(root + ".data/"):
            reading = Reading(record=name)
            run_pickle(reading, directory.read(name), blob, storages.persistent, storages.storage_for, depth)
            items.append((name[len(root) :].removesuffix(".pkl"), reading.root))
            absorb(package, reading)
    report_storages(package, storages)
    package.root = items[0][1] if len(items) == 1 else Dict(items)
    package.details["root"] = root.rstrip("/")
    return package


def nested_blob(directory: ZipDirectory, name: str) -> Blob:
    """A member as a run of bytes: in place when it is stored, in memory when it is compressed."""
    member = directory.members[name]
    if member.method == STORED:
        return directory.blob.part(directory.data_offset(member), member.nbytes)
    return Blob.of_bytes(directory.read(name), directory.blob.name)
