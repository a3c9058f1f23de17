"""A state dict as several safetensors files with an index, in the layout that Hugging Face's libraries read.

`NAME-00001-of-0000N.safetensors` beside `NAME.safetensors.index.json`, whose `weight_map` says which file holds
which tensor (`huggingface_hub/serialization/_base.py`). The set appears as a whole: see `atomic.DraftSet`.
"""

from __future__ import annotations

import json
import os
from collections.abc import Collection, Mapping
from dataclasses import dataclass

from ckpt_studio.core.data import value_nbytes
from ckpt_studio.core.storage import SourceFile
from ckpt_studio.core.tensor import Tensor
from ckpt_studio.errors import StudioError
from ckpt_studio.formats.blob import Blob
from ckpt_studio.formats.safetensors_writer import Layout, lay_out
from ckpt_studio.formats.sharded import SHARD_NAME, parse_index

INDEX_SUFFIX = ".safetensors.index.json"


@dataclass(frozen=True)
class ShardSet:
    """The files of a sharded export.

    Attributes:
        index: path of the index file.
        shards: path and layout of every shard, in order.
        index_text: the content of the index file.
    """

    index: str
    shards: tuple[tuple[str, Layout], ...]
    index_text: bytes


def stem_of(target: str) -> str:
    """The path without the suffix that a sharded export replaces: of the index, or of a single file."""
    for suffix in (INDEX_SUFFIX, ".safetensors"):
        if target.lower().endswith(suffix):
            return target[: -len(suffix)]
    return target


def old_shards(index: str, stay: Collection[str]) -> list[str]:
    """The shards that an existing index names and that are no part of the set that replaces it.

    Only files beside the index that are called as shards of this very set are: an index can name anything.

    Args:
        index: path of the index, which may not exist.
        stay: paths of the new set.
    """
    if not os.path.isfile(index):
        return []
    folder = os.path.dirname(index)
    stem = os.path.basename(stem_of(index))
    try:
        weight_map, _ = parse_index(Blob.of_file(SourceFile(index)))
    except (StudioError, OSError):
        return []
    kept = {os.path.basename(path) for path in stay}
    found: list[str] = []
    for name in dict.fromkeys(weight_map.values()):
        match = SHARD_NAME.match(name)
        if match is None or match[1] != stem or match[4] != ".safetensors" or name in kept:
            continue
        path = os.path.join(folder, name)
        if os.path.isfile(path) and not os.path.islink(path):
            found.append(path)
    return found


def lay_out_shards(
    tensors: Mapping[str, Tensor], metadata: Mapping[str, str], target: str, max_shard_size: int
) -> ShardSet | None:
    """The shards: names in order, each file filled up to `max_shard_size` bytes of values (a larger tensor alone).

    Returns:
        None when everything fits into one file.
    """
    groups: list[dict[str, Tensor]] = [{}]
    filled = 0
    for name, tensor in tensors.items():
        nbytes = value_nbytes(tensor)
        if groups[-1] and filled + nbytes > max_shard_size:
            groups.append({})
            filled = 0
        groups[-1][name] = tensor
        filled += nbytes
    if len(groups) == 1:
        return None
    stem = stem_of(target)
    shards = tuple(
        (f"{stem}-{number:05d}-of-{len(groups):05d}.safetensors", lay_out(group, metadata))
        for number, group in enumerate(groups, 1)
    )
    total = sum(item.nbytes for _, layout in shards for item in layout.placed)
    weight_map = {item.name: os.path.basename(path) for path, layout in shards for item in layout.placed}
    index = {"metadata": {"total_size": total}, "weight_map": {name: weight_map[name] for name in tensors}}
    text = json.dumps(index, indent=2, ensure_ascii=False) + "\n"
    return ShardSet(stem + INDEX_SUFFIX, shards, text.encode("utf-8"))
