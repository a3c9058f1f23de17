"""A few tensors of a checkpoint as a checkpoint of their own, so that they are written by the one export path."""

from __future__ import annotations

from collections.abc import Mapping

from ckpt_studio.core.checkpoint import Checkpoint, StateDict
from ckpt_studio.core.tensor import Tensor
from ckpt_studio.core.tree import Dict
from ckpt_studio.formats.pickle_writer import ORDERED_DICT


def subset(checkpoint: Checkpoint, tensors: Mapping[str, Tensor]) -> Checkpoint:
    """A checkpoint that holds these tensors alone, as its active state dict at the root.

    Args:
        checkpoint: what they belong to; its files are those that are read.
        tensors: by the names they are to have, in order; from any part of the checkpoint.
    """
    root = Dict(list(tensors.items()), ORDERED_DICT)
    return Checkpoint(checkpoint.source, root, (StateDict((), dict(tensors), root),), ())
