"""Checkpoints made of names, for tests of edits."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

import pytest

from ckpt_studio.core.checkpoint import Checkpoint, Source, StateDict
from ckpt_studio.core.dtypes import dtype
from ckpt_studio.core.storage import MemoryBytes, Storage
from ckpt_studio.core.tensor import Tensor, contiguous

Make = Callable[..., Checkpoint]


def checkpoint_of(
    names: Iterable[str],
    versions: Mapping[str, Mapping[str, int]] | None = None,
    tensors: Mapping[str, Tensor] | None = None,
) -> Checkpoint:
    """A checkpoint with one state dict at the root; every name gets a tensor of its own."""
    entries = {
        name: contiguous(dtype("float32"), (2,), Storage(MemoryBytes(bytes(8)), str(index)))
        for index, name in enumerate(names)
    }
    entries.update(tensors or {})
    state_dict = StateDict((), entries, versions=versions)
    return Checkpoint(Source("made.pth", "pickle", 0), None, (state_dict,), ())


@pytest.fixture
def make() -> Make:
    """`checkpoint_of`, as a fixture."""
    return checkpoint_of
