"""Which tensors of an edited checkpoint have learned nothing: they came from a model's start."""

from __future__ import annotations

from collections.abc import Iterable

from ckpt_studio.core.checkpoint import Checkpoint
from ckpt_studio.core.edits.base import Edit
from ckpt_studio.core.edits.cleaning import UseAverages, UseStateDict
from ckpt_studio.core.edits.completing import FillMissing, UpdateFrom
from ckpt_studio.core.tensor import Tensor

# What they put in the place of a tensor was learned elsewhere.
_REPLACING = (UpdateFrom, UseStateDict, UseAverages)


def untrained_names(steps: Iterable[tuple[Edit, Checkpoint]]) -> frozenset[str]:
    """The names of the tensors that `FillMissing` brought and that are still in the state dict active at the end.

    They are followed when they are renamed and when they are converted, but not when a later edit puts others in
    their place. O(tensors) for each step after the first that fills.

    Args:
        steps: each edit with the checkpoint that it gave, in order.
    """
    found: dict[str, Tensor] = {}
    for edit, checkpoint in steps:
        if not found and not isinstance(edit, FillMissing):
            continue
        active = next((one for one in checkpoint.state_dicts if one.path == checkpoint.active), None)
        tensors = active.tensors if active is not None else {}
        if any(tensors.get(name) is not tensor for name, tensor in found.items()):
            here = {id(tensor): name for name, tensor in tensors.items()}
            followed: dict[str, Tensor] = {}
            for name, tensor in found.items():
                now = here.get(id(tensor))
                if now is None and name in tensors and not isinstance(edit, _REPLACING):
                    now = name
                if now is not None:
                    followed[now] = tensors[now]
            found = followed
        if isinstance(edit, FillMissing):
            found.update((name, tensors[name]) for name in edit.names if name in tensors)
    return frozenset(found)
