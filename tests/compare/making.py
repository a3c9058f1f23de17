"""State dicts made of shapes, as a reader would give them, for tests of comparing."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ckpt_studio.core.checkpoint import Checkpoint, Source, StateDict
from ckpt_studio.core.dtypes import dtype
from ckpt_studio.core.storage import AbsentBytes, Storage
from ckpt_studio.core.tensor import Tensor, contiguous


def tensor_of(shape: tuple[int, ...], kind: str = "float32") -> Tensor:
    """A tensor without values: comparing never reads any."""
    found = dtype(kind)
    numel = 1
    for size in shape:
        numel *= size
    return contiguous(found, shape, Storage(AbsentBytes(numel * found.itemsize, "read-in-a-test")))


def state_dict_of(contents: Mapping[str, Any], versions: Mapping[str, Mapping[str, Any]] | None = None) -> StateDict:
    """name -> shape, or (shape, dtype name), or any value that is no tensor (in a list: `["value"]`)."""
    entries: dict[str, Any] = {}
    for name, what in contents.items():
        if isinstance(what, list):
            entries[name] = what[0]
        elif what and isinstance(what[0], tuple):
            entries[name] = tensor_of(what[0], what[1])
        else:
            entries[name] = tensor_of(what)
    return StateDict((), entries, versions=versions)


def checkpoint_with(state_dict: StateDict) -> Checkpoint:
    """A checkpoint whose only and active state dict is this."""
    return Checkpoint(Source("made.pth", "torch-zip", 0), None, (state_dict,), state_dict.path)
