"""`.pt2` archives of torch.export: the weights they carry; the graph is left alone.

Source: `torch/export/pt2_archive/_package.py` and `_package_weights.py` (2.8 and later), before that
`torch/export/__init__.py`.
"""

from __future__ import annotations

import json
from typing import Any

from ckpt_studio.core.dtypes import BY_NAME
from ckpt_studio.core.storage import AbsentBytes, Storage
from ckpt_studio.core.tree import BareStorage, Dict, Value
from ckpt_studio.errors import FormatError
from ckpt_studio.formats.blob import Blob
from ckpt_studio.formats.reading import Reading, absorb
from ckpt_studio.formats.rebuild import TorchBuilder
from ckpt_studio.formats.torch_zip import read_byteorder
from ckpt_studio.formats.zip_directory import ZipDirectory

# torch/_export/serde/schema.py `ScalarType`.
_DTYPES = {
    1: "uint8", 2: "int8", 3: "int16", 4: "int32", 5: "int64", 6: "float16", 7: "float32", 8: "float64", 9: "complex32",
    10: "complex64", 11: "complex128", 12: "bool", 13: "bfloat16", 28: "uint16", 29: "float8_e4m3fn", 30: "float8_e5m2",
    31: "float8_e4m3fnuz", 32: "float8_e5m2fnuz", 33: "float8_e8m0fnu", 34: "uint32", 35: "uint64",
}  # fmt: skip
_MAX_CONFIG = 256 << 20


def read_exported_program(blob: Blob, directory: ZipDirectory, depth: int) -> Reading:
    """The weights and constants of every model in the archive.

    Raises:
        FormatError: "exported-program-damaged", or what a nested file's reader raises.
    """
    reading = Reading(record="", format="pt2")
    reading.find("own-program", "note", "program-exported")
    items: list[tuple[Value, Value]] = []
    for name in directory.members:
        folder, _, file = name.rpartition("/")
        in_weights, in_constants = folder.endswith("data/weights"), folder.endswith("data/constants")
        if not in_weights and not in_constants:
            continue
        kind = "weights" if in_weights else "constants"
        key = "state_dict" if in_weights else "constants"
        if file.endswith(f"_{kind}_config.json"):
            model = file.removesuffix(f"_{kind}_config.json")
            tensors = _configured(reading, directory, name, folder, depth)
        elif file.endswith(".pt") and not any(
            other.startswith(f"{folder}/") and other.endswith(".json") for other in directory.members
        ):
            model = file.removesuffix(".pt")
            tensors = _nested(reading, directory, name, depth)
        else:
            continue
        items.append(((model, key), tensors))
    models = {model for (model, _), _ in items}
    if len(models) <= 1:
        reading.root = Dict([(key, tensors) for (_, key), tensors in items])
    else:
        reading.root = Dict(
            [(model, Dict([(k, tensors) for (m, k), tensors in items if m == model])) for model in sorted(models)]
        )
    return reading


def read_early_exported_program(blob: Blob, directory: ZipDirectory, depth: int) -> Reading:
    """The weights of an archive of torch 2.1 to 2.7: `torch.save` bytes as members."""
    reading = Reading(record="", format="pt2")
    reading.find("own-program", "note", "program-exported")
    items: list[tuple[Value, Value]] = []
    for name, key in (
        ("serialized_state_dict.pt", "state_dict"),
        ("serialized_state_dict.json", "state_dict"),
        ("serialized_constants.pt", "constants"),
        ("serialized_constants.json", "constants"),
    ):
        if name in directory.members and directory.members[name].nbytes:
            items.append((key, _nested(reading, directory, name, depth)))
    reading.root = Dict(items)
    return reading


def _nested(outer: Reading, directory: ZipDirectory, name: str, depth: int) -> Value:
    from ckpt_studio.formats.opening import read_archive
    from ckpt_studio.formats.reading import MAX_NESTING
    from ckpt_studio.formats.zip_kinds import nested_blob

    if depth >= MAX_NESTING:
        raise FormatError("nested-too-deep", path=directory.blob.name)
    inner = read_archive(nested_blob(directory, name), depth + 1)
    absorb(outer, inner)
    return inner.root


def _configured(reading: Reading, directory: ZipDirectory, name: str, folder: str, depth: int) -> Value:
    """The tensors that a `…_config.json` describes, each in a file of its own (tied ones share it)."""
    try:
        config = json.loads(directory.read(name, _MAX_CONFIG))["config"]
        builder = TorchBuilder(1 << 20)
        storages: dict[str, Storage] = {}
        order = read_byteorder(directory, folder.removesuffix("data/weights").removesuffix("data/constants"))
        items: list[tuple[Value, Value]] = []
        for key, entry in config.items():
            file = f"{folder}/{entry['path_name']}"
            if entry.get("use_pickle"):
                items.append((key, _nested(reading, directory, file, depth)))
            elif entry.get("tensor_meta"):
                items.append((key, _tensor(builder, directory, storages, file, entry, order)))
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise FormatError("exported-program-damaged", path=directory.blob.name, details=str(error)[:200]) from None
    for problem in builder.problems:
        reading.find("corrupt", "warning", problem.code, where=name, **problem.fields)
    return Dict(items)


def _tensor(
    builder: TorchBuilder, directory: ZipDirectory, storages: dict[str, Storage], file: str, entry: Any, order: Any
) -> Value:
    meta = entry["tensor_meta"]
    dtype = BY_NAME[_DTYPES[meta["dtype"]]]
    shape = tuple(size["as_int"] for size in meta["sizes"])
    stride = tuple(step["as_int"] for step in meta["strides"])
    device = meta["device"]["type"]
    if meta["device"].get("index") is not None:
        device += f":{meta['device']['index']}"
    storage = storages.get(file)
    if storage is None:
        member = directory.members.get(file)
        if member is None:
            storage = Storage(AbsentBytes(0, "record-missing", record=file), file, order)
        else:
            storage = Storage(directory.source(member, member.nbytes), file, order, member.crc32)
        storages[file] = storage
    bare = BareStorage(storage, dtype, storage.nbytes // dtype.itemsize, device)
    tensor = builder.strided(bare, meta["storage_offset"]["as_int"], shape, stride, None, bool(meta["requires_grad"]))
    return tensor.with_changes(kind="parameter") if entry.get("is_param") else tensor
