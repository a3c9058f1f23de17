"""Sharded sets: an `*.index.json` whose `weight_map` says which file of the folder holds which tensor.

Source: `transformers/utils/hub.py` (`get_checkpoint_shard_files`) and huggingface_hub's `serialization/_base.py`.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterable
from typing import Any

from ckpt_studio.core.discovery import find_state_dicts, likeliest
from ckpt_studio.core.dtypes import UINT8
from ckpt_studio.core.jobs import Progress
from ckpt_studio.core.storage import AbsentBytes, SourceFile, Storage
from ckpt_studio.core.tensor import Tensor
from ckpt_studio.core.tree import Dict, Value
from ckpt_studio.errors import FormatError, StudioError
from ckpt_studio.formats.blob import Blob
from ckpt_studio.formats.reading import Reading, absorb

_MAX_INDEX = 1 << 30
# "model-00001-of-00004.safetensors", "pytorch_model-00001-of-00002.bin"
SHARD_NAME = re.compile(r"^(.*)-(\d{3,6})-of-(\d{3,6})(\.[a-z]+)$")


def parse_index(blob: Blob) -> tuple[dict[str, str], dict[str, Any]]:
    """(tensor name -> file name, the index's own metadata).

    Raises:
        FormatError: "json-file" when the text is some other JSON; "index-damaged".
    """
    if blob.nbytes > _MAX_INDEX:
        raise FormatError("index-damaged", path=blob.name)
    try:
        index = json.loads(blob.read(0, blob.nbytes).decode("utf-8-sig"))
    except (ValueError, RecursionError) as error:
        raise FormatError("text-file", path=blob.name, details=str(error)[:200]) from None
    weight_map = index.get("weight_map") if type(index) is dict else None
    if type(weight_map) is not dict:
        raise FormatError("json-file", path=blob.name)
    if not all(type(file) is str for file in weight_map.values()):
        raise FormatError("index-damaged", path=blob.name)
    metadata = index.get("metadata")
    return weight_map, metadata if type(metadata) is dict else {}


def read_index(blob: Blob, progress: Progress) -> tuple[Reading, list[SourceFile]]:
    """The whole set as one mapping, and the files it lies in; what a missing shard would hold has no values.

    Raises:
        FormatError: the index is no index.
    """
    weight_map, metadata = parse_index(blob)
    return read_set(os.path.dirname(blob.name), weight_map, metadata, progress)


def read_set(
    folder: str, weight_map: dict[str, str], metadata: dict[str, Any], progress: Progress, shards: Iterable[str] = ()
) -> tuple[Reading, list[SourceFile]]:
    """Reads the shards that `weight_map` names, and `shards` besides; see `read_index`."""
    reading = Reading(record="", format="sharded")
    expected: dict[str, list[str]] = {shard: [] for shard in shards}
    for name, file in weight_map.items():
        expected.setdefault(file, []).append(name)
    root = Dict([])
    files: list[SourceFile] = []
    seen: set[str] = set()
    reading.details["shards"] = str(len(expected))
    for done, shard in enumerate(sorted(expected)):
        progress.report(done, len(expected))
        names = expected[shard]
        try:
            opened, inner = _read_shard(folder, shard)
        except StudioError as error:
            missing = error.code in ("file-not-found", "shard-outside")
            code = "finding-shard-missing" if missing else "finding-shard-unreadable"
            reading.find(
                "missing-shard" if missing else "corrupt", "warning", code, where=shard, file=shard, count=len(names),
                reason=error.message,
            )  # fmt: skip
            root.items.extend((name, _absent(shard)) for name in names if name not in seen)
            seen.update(names)
            continue
        files.append(opened)
        absorb(reading, inner)
        for key, text in inner.metadata.items():
            reading.metadata.setdefault(key, text)
        tensors = _tensors(inner)
        for name, tensor in tensors.items():
            if name not in seen:
                seen.add(name)
                root.items.append((name, tensor))
        lost = [name for name in names if name not in seen]
        if lost:
            reading.find(
                "corrupt", "warning", "finding-shard-lacks", where=shard, file=shard, count=len(lost), name=lost[0]
            )
            root.items.extend((name, _absent(shard)) for name in lost)
            seen.update(lost)
    for key, value in metadata.items():
        if type(value) in (str, int, float, bool):
            reading.details.setdefault(f"index {key}", str(value))
    reading.root = root
    return reading, files


def _read_shard(folder: str, shard: str) -> tuple[SourceFile, Reading]:
    from ckpt_studio.formats.opening import open_source, read_archive

    path = os.path.join(folder, shard)
    # An index from elsewhere must not make the program read files outside its own folder.
    if os.path.isabs(shard) or os.path.normpath(shard).startswith("..") or "\0" in shard:
        raise FormatError("shard-outside", path=path)
    file = open_source(path)
    try:
        inner = read_archive(Blob.of_file(file))
    except OSError as error:
        raise StudioError("unreadable", path=path, reason=error.strerror or str(error)) from None
    finally:
        # Hundreds of shards would use up the descriptors a process may have; reading opens a file again.
        file.close()
    return file, inner


def _tensors(inner: Reading) -> dict[str, Value]:
    """A shard's entries: its root when that is a state dict, else its likeliest state dict."""
    found = find_state_dicts(inner.root)
    active = likeliest(found)
    for state_dict in found:
        if state_dict.path == active:
            return dict(state_dict.entries)
    return {}


def _absent(shard: str) -> Tensor:
    # Neither dtype nor shape is known; one unreadable byte keeps anybody from taking it for an empty tensor.
    return Tensor(UINT8, (1,), (1,), 0, Storage(AbsentBytes(1, "shard-missing", file=shard), shard), "")


def index_of(path: str) -> str | None:
    """The index beside a file that is one shard of a set, when there is one that names it."""
    folder, name = os.path.split(path)
    match = SHARD_NAME.match(name)
    if match is None:
        return None
    candidate = os.path.join(folder, f"{match[1]}{match[4]}.index.json")
    return candidate if os.path.isfile(candidate) else None


def set_in_folder(folder: str, names: list[str]) -> dict[str, list[str]]:
    """Shard files of a folder by their set ("model.safetensors" -> its numbered files), complete or not."""
    sets: dict[str, list[str]] = {}
    for name in sorted(names):
        match = SHARD_NAME.match(name)
        if match is not None:
            sets.setdefault(match[1] + match[4], []).append(name)
    return sets
