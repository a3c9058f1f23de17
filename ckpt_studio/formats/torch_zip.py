"""torch's ZIP container (torch ≥ 1.6): `ROOT/data.pkl`, `ROOT/data/KEY` per storage, `ROOT/version`.

Source: `torch/serialization.py` (`_save`, `_load`) and `caffe2/serialize/inline_container.cc`.
"""

from __future__ import annotations

from typing import Literal

from ckpt_studio.core.dtypes import DType
from ckpt_studio.core.storage import AbsentBytes, Storage
from ckpt_studio.core.tree import BareStorage, Persistent, Value
from ckpt_studio.formats.blob import Blob
from ckpt_studio.formats.reading import Reading, run_pickle
from ckpt_studio.formats.rebuild import is_storage_class, storage_dtype
from ckpt_studio.formats.zip_directory import Member, ZipDirectory


class ZipStorages:
    """The storages of one archive, made when the pickle first refers to them.

    Attributes:
        missing: keys the pickle names and the archive does not hold.
        short: keys whose record holds fewer bytes than the pickle says.
        long: keys whose record holds more.
    """

    def __init__(
        self, directory: ZipDirectory, prefix: str, byteorder: Literal["little", "big"], suffix: str = ""
    ) -> None:
        """`prefix` and `suffix` are what stands around a key in the member's name ("archive/data/")."""
        self._directory = directory
        self._prefix = prefix
        self._suffix = suffix
        self._byteorder = byteorder
        self._storages: dict[str, BareStorage] = {}
        self.missing: list[str] = []
        self.short: list[str] = []
        self.long: list[str] = []

    def storage_for(self, dtype: DType | None, key: str, location: str, numel: int) -> BareStorage:
        """The storage with that key: `numel` elements of `dtype` (None: bytes), recorded on `location`."""
        bare = self._storages.get(key)
        if bare is not None and bare.dtype is dtype and bare.numel == numel and bare.device == location:
            return bare
        width = 1 if dtype is None else dtype.itemsize
        numel = max(numel, 0)
        if bare is not None:
            # Later references may type the same bytes otherwise, but not reach beyond them.
            return BareStorage(bare.storage, dtype, min(numel, bare.storage.nbytes // width), location)
        name = self._prefix + key + self._suffix
        member = self._directory.members.get(name)
        if member is None:
            self.missing.append(key)
            storage = Storage(AbsentBytes(numel * width, "record-missing", record=name), key)
        else:
            storage = self._storage(member, key, numel * width)
        made = self._storages[key] = BareStorage(storage, dtype, numel, location)
        return made

    def _storage(self, member: Member, key: str, nbytes: int) -> Storage:
        if nbytes > member.nbytes:
            self.short.append(key)
        elif nbytes < member.nbytes:
            self.long.append(key)
        crc32 = member.crc32 if member.nbytes == nbytes else None
        return Storage(self._directory.source(member, nbytes), key, self._byteorder, crc32)

    def persistent(self, pid: Value) -> Value:
        """What a persistent id means: `('storage', class, key, location, numel)`."""
        if type(pid) is tuple and len(pid) >= 5 and type(pid[0]) is str and pid[0] == "storage":
            key, location, numel = pid[2], pid[3], pid[4]
            if type(key) is int:
                key = str(key)
            if type(key) is str:
                # torch.package names the record with its suffix already.
                key = key.removesuffix(".storage") if self._suffix else key
            if is_storage_class(pid[1]) and type(key) is str and type(location) is str and type(numel) is int:
                return self.storage_for(storage_dtype(pid[1]), key, location, numel)
        return Persistent(pid)


def find_root(directory: ZipDirectory) -> str | None:
    """The archive's root folder with its slash ("archive/"), where its `data.pkl` lies; None when there is none.

    torch's own reader takes the folder of the first member; archives made by hand may have no folder at all.
    """
    for name in directory.members:
        root = name[: name.find("/") + 1]
        if root + "data.pkl" in directory.members:
            return root
        break
    for name in directory.members:
        if name == "data.pkl" or name.endswith("/data.pkl"):
            return name.removesuffix("data.pkl")
    return None


def read_byteorder(directory: ZipDirectory, root: str) -> Literal["little", "big"]:
    """What the record `byteorder` says; torch wrote none before 2.1 and then assumed little."""
    name = root + "byteorder"
    if name in directory.members and directory.read(name, 64).strip() == b"big":
        return "big"
    return "little"


def read_torch_zip(blob: Blob, directory: ZipDirectory, root: str, depth: int = 0) -> Reading:
    """The tree of `ROOT/data.pkl` with its storages.

    Raises:
        FormatError: the directory or the pickle is damaged.
    """
    reading = Reading(record=root + "data.pkl")
    storages = ZipStorages(directory, root + "data/", read_byteorder(directory, root))
    data = directory.read(root + "data.pkl")
    run_pickle(reading, data, blob, storages.persistent, storages.storage_for, depth)
    report_storages(reading, storages)
    reading.details["root"] = root.rstrip("/")
    version = root + "version"
    if version in directory.members:
        reading.details["version"] = directory.read(version, 64).decode("ascii", "replace").strip()
    return reading


def report_storages(reading: Reading, storages: ZipStorages) -> None:
    """Findings for records that are missing or of another size than the pickle says."""
    for keys, code in ((storages.missing, "finding-record-missing"), (storages.short, "finding-record-short")):
        for key in keys[:20]:
            reading.find("corrupt", "warning", code, where=reading.record, key=key)
    for key in storages.long[:20]:
        reading.find("oversized-storage", "note", "finding-record-long", where=reading.record, key=key)
