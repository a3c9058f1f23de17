"""torch.distributed.checkpoint folders: `.metadata` (a pickle) and `*.distcp` (a `torch.save` per chunk, back to back).

Source: `torch/distributed/checkpoint/metadata.py`, `filesystem.py` and `planner_helpers.py`.
"""

from __future__ import annotations

import os
import threading
from dataclasses import dataclass

from ckpt_studio.core.data import read_elements
from ckpt_studio.core.discovery import attributes, class_of
from ckpt_studio.core.dtypes import DType
from ckpt_studio.core.jobs import Progress
from ckpt_studio.core.storage import AbsentBytes, ByteSource, Extent, SourceFile, Storage
from ckpt_studio.core.tensor import Tensor, contiguous
from ckpt_studio.core.tree import Dict, Global, Object, Persistent, Value
from ckpt_studio.errors import FormatError, StudioError
from ckpt_studio.formats.blob import Blob
from ckpt_studio.formats.plain_pickle import read_plain_pickle
from ckpt_studio.formats.reading import Reading, absorb
from ckpt_studio.formats.rebuild import int_tuple, named_dtype

# Values that are no tensors (step counts, schedulers) are read at once, as long as they are few and small.
_MAX_VALUES = 5_000
_MAX_VALUE_BYTES = 1 << 20


@dataclass(frozen=True, slots=True)
class Place:
    """Where a chunk's `torch.save` bytes lie."""

    file: str
    offset: int
    length: int


class SavedChunk(ByteSource):
    """The elements of one chunk, row-major; the archive around them is opened when they are first read."""

    __slots__ = ("_blob", "_dtype", "_lock", "_shape", "_tensor", "nbytes")

    def __init__(self, blob: Blob, dtype: DType, shape: tuple[int, ...]) -> None:
        self._blob = blob
        self._dtype = dtype
        self._shape = shape
        self._tensor: Tensor | None = None
        self._lock = threading.Lock()
        self.nbytes = dtype.itemsize
        for size in shape:
            self.nbytes *= size

    def _opened(self) -> Tensor:
        from ckpt_studio.formats.opening import read_archive

        with self._lock:
            if self._tensor is None:
                value = read_archive(self._blob, 1).root
                if (
                    type(value) is not Tensor
                    or value.dtype != self._dtype
                    or value.numel * value.dtype.itemsize != self.nbytes
                ):
                    raise FormatError("chunk-differs", path=self._blob.name)
                self._tensor = value
            return self._tensor

    def read(self, start: int, length: int) -> bytes:
        tensor = self._opened()
        width = tensor.dtype.itemsize
        first = start // width
        count = -(-(start + length) // width) - first
        raw = read_elements(tensor, first, count)
        return raw[start - first * width : start - first * width + length]

    def extent(self) -> Extent | None:
        tensor = self._opened()
        outer = tensor.storage.source.extent()
        if outer is None or not tensor.is_contiguous or not tensor.is_plain or tensor.storage.byteorder != "little":
            return None
        return Extent(outer.file, outer.offset + tensor.offset * tensor.dtype.itemsize, self.nbytes)


class AssembledBytes(ByteSource):
    """A tensor that was saved in chunks (one per rank), put together row by row as it is read."""

    __slots__ = ("_chunks", "_shape", "_width", "nbytes")

    def __init__(
        self, width: int, shape: tuple[int, ...], chunks: list[tuple[tuple[int, ...], tuple[int, ...], ByteSource]]
    ) -> None:
        """Args:
        width: bytes per element.
        shape: of the whole tensor.
        chunks: (offsets, sizes, bytes) of each chunk, in elements per axis.
        """
        self._width = width
        self._shape = shape
        self._chunks = chunks
        self.nbytes = width
        for size in shape:
            self.nbytes *= size

    def read(self, start: int, length: int) -> bytes:
        out = bytearray(length)
        filled = 0
        for offsets, sizes, source in self._chunks:
            filled += self._copy(out, start, length, offsets, sizes, source)
        if filled < length:
            raise StudioError("chunk-missing")
        return bytes(out)

    def _copy(
        self,
        out: bytearray,
        start: int,
        length: int,
        offsets: tuple[int, ...],
        sizes: tuple[int, ...],
        source: ByteSource,
    ) -> int:
        """Copies what a chunk has of the range into `out`; how many bytes that were."""
        shape = self._shape
        # Trailing axes that the chunk spans whole make its rows longer runs.
        axis = len(shape)
        run = self._width
        while axis > 0:
            axis -= 1
            run *= sizes[axis]
            if sizes[axis] != shape[axis]:
                break
        if run == 0:
            return 0
        # Bytes from one index to the next along each outer axis, in the whole tensor.
        steps = [self._width] * len(shape)
        for i in range(len(shape) - 2, -1, -1):
            steps[i] = steps[i + 1] * shape[i + 1]
        base = sum(offset * step for offset, step in zip(offsets, steps, strict=True))
        rows = source.nbytes // run
        copied = 0
        for row in range(rows):
            position = base
            rest = row
            for i in range(axis - 1, -1, -1):
                rest, index = divmod(rest, sizes[i])
                position += index * steps[i]
            begin, end = max(position, start), min(position + run, start + length)
            if begin < end:
                piece = source.read(row * run + begin - position, end - begin)
                out[begin - start : end - start] = piece
                copied += end - begin
            elif position >= start + length:
                break
        return copied


def read_distributed(folder: str, progress: Progress) -> tuple[Reading, list[SourceFile]]:
    """The tree of a checkpoint folder, and the files its tensors lie in.

    Raises:
        FormatError: "dcp-metadata" when `.metadata` is not what torch writes.
    """
    from ckpt_studio.formats.opening import open_source

    metadata_file = open_source(os.path.join(folder, ".metadata"))
    inner = read_plain_pickle(Blob.of_file(metadata_file))
    metadata_file.close()
    reading = Reading(record=".metadata", format="dcp")
    absorb(reading, inner)
    own = attributes(inner.root) if type(inner.root) is Object else None
    entries = own.get("state_dict_metadata") if own is not None else None
    storage = own.get("storage_data") if own is not None else None
    if type(entries) is not Dict or type(storage) is not Dict or own is None:
        raise FormatError("dcp-metadata", path=metadata_file.path)
    places = _places(storage)
    folder_files = _Files(folder)
    items: list[tuple[Value, Value]] = []
    values = 0
    for done, (name, entry) in enumerate(entries.items):
        if done % 1000 == 0:
            progress.report(done, len(entries.items))
        if type(name) is not str or type(entry) is not Object:
            continue
        try:
            if _is_tensor_entry(entry):
                items.append((name, _tensor(folder_files, name, entry, places.get(name, {}))))
            else:
                values += 1
                items.append((name, _value(reading, folder_files, name, places.get(name, {}), values)))
        except (TypeError, ValueError, KeyError, AttributeError, IndexError) as error:
            raise FormatError("dcp-metadata", path=metadata_file.path, details=str(error)[:200]) from None
    paths = own.get("planner_data")
    reading.root = _unflattened(items, paths if type(paths) is Dict else None)
    for file in folder_files.missing:
        reading.find("missing-shard", "warning", "finding-file-missing", where=file, file=file)
    return reading, [metadata_file, *folder_files.opened.values()]


class _Files:
    """The `.distcp` files of a folder, each opened once."""

    def __init__(self, folder: str) -> None:
        self._folder = folder
        self.opened: dict[str, SourceFile] = {}
        self.missing: list[str] = []

    def blob(self, place: Place) -> Blob | None:
        """The bytes of a chunk; None when its file is missing or too short."""
        from ckpt_studio.formats.opening import open_source

        name = place.file
        file = self.opened.get(name)
        if file is None:
            if name in self.missing:
                return None
            try:
                if os.path.isabs(name) or os.path.normpath(name).startswith("..") or "\0" in name:
                    raise FormatError("shard-outside", path=name)
                file = self.opened[name] = open_source(os.path.join(self._folder, name))
            except StudioError:
                self.missing.append(name)
                return None
        if min(place.offset, place.length) < 0 or place.offset + place.length > file.nbytes:
            return None
        return Blob.of_file(file).part(place.offset, place.length)


def _places(storage: Dict) -> dict[str, dict[tuple[int, ...], Place]]:
    """Name -> chunk offsets -> place, from `storage_data`."""
    places: dict[str, dict[tuple[int, ...], Place]] = {}
    for key, info in storage.items:
        index, where = attributes(key), attributes(info)
        if index is None or where is None or type(index.get("fqn")) is not str:
            continue
        file, offset, length = where.get("relative_path"), where.get("offset"), where.get("length")
        if type(file) is not str or type(offset) is not int or type(length) is not int:
            continue
        chunk = index.get("offset")
        try:
            offsets = () if chunk is None else int_tuple(chunk)
        except TypeError:
            continue
        places.setdefault(index.get("fqn"), {})[offsets] = Place(file, offset, length)
    return places


def _is_tensor_entry(entry: Object) -> bool:
    cls = class_of(entry)
    return type(cls) is Global and cls.name == "TensorStorageMetadata"


def _properties(entry: Object) -> tuple[DType, bool]:
    """(dtype, requires_grad) of the entry's TensorProperties."""
    own = attributes(entry)
    properties = own.get("properties") if own is not None else None
    state = properties.state if type(properties) is Object else None
    if type(state) is Dict:
        return named_dtype(state.get("dtype")), state.get("requires_grad") is True
    if type(state) is tuple and len(state) >= 3:
        return named_dtype(state[0]), state[2] is True
    raise TypeError("no dtype")


def _tensor(files: _Files, name: str, entry: Object, places: dict[tuple[int, ...], Place]) -> Tensor:
    own = attributes(entry)
    if own is None:
        raise TypeError("an entry without attributes")
    dtype, grad = _properties(entry)
    shape = int_tuple(own.get("size"))
    chunks: list[tuple[tuple[int, ...], tuple[int, ...], ByteSource]] = []
    for chunk in own.get("chunks") or ():
        part = attributes(chunk)
        if part is None:
            raise TypeError("a chunk without attributes")
        offsets, sizes = int_tuple(part.get("offsets")), int_tuple(part.get("sizes"))
        if len(offsets) != len(shape) or len(sizes) != len(shape) or min((0, *offsets, *sizes, *shape)) < 0:
            raise ValueError("a chunk of another rank")
        if any(offset + size > whole for offset, size, whole in zip(offsets, sizes, shape, strict=True)):
            raise ValueError("a chunk outside its tensor")
        place = places.get(offsets)
        blob = files.blob(place) if place is not None else None
        count = dtype.itemsize
        for size in sizes:
            count *= size
        source: ByteSource = AbsentBytes(count, "chunk-missing") if blob is None else SavedChunk(blob, dtype, sizes)
        chunks.append((offsets, sizes, source))
    if len(chunks) == 1 and chunks[0][1] == shape:
        whole = chunks[0][2]
    else:
        whole = AssembledBytes(dtype.itemsize, shape, chunks)
    return contiguous(dtype, shape, Storage(whole, name), "").with_changes(requires_grad=grad)


def _value(reading: Reading, files: _Files, name: str, places: dict[tuple[int, ...], Place], number: int) -> Value:
    """A value that is no tensor: the `torch.save` bytes of anything."""
    from ckpt_studio.formats.opening import read_archive

    place = next(iter(places.values()), None)
    blob = files.blob(place) if place is not None else None
    if blob is None or number > _MAX_VALUES or blob.nbytes > _MAX_VALUE_BYTES:
        return Persistent(name)
    try:
        inner = read_archive(blob, 1)
    except FormatError as error:
        reading.find("corrupt", "warning", "finding-value-damaged", where=name, reason=error.message)
        return Persistent(name)
    absorb(reading, inner)
    return inner.root


def _unflattened(items: list[tuple[Value, Value]], paths: Dict | None) -> Dict:
    """The tree that the saving side had flattened: `planner_data` gives each name its path of keys."""
    if paths is None:
        return Dict(items)
    known = {name: path for name, path in paths.items if type(name) is str and type(path) is tuple and path}
    root = Dict([])
    below: dict[tuple[int, Value], Dict] = {}
    for name, value in items:
        node = root
        path = known.get(name, (name,))
        if not all(type(key) in (str, int) for key in path) or len(path) > 100:
            path = (name,)
        for key in path[:-1]:
            inner = below.get((id(node), key))
            if inner is None:
                inner = below[(id(node), key)] = Dict([])
                node.items.append((key, inner))
            node = inner
        node.items.append((path[-1], value))
    return root
