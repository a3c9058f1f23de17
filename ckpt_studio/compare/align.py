"""Automatic mapping: which tensor of a checkpoint is which tensor of a model whose names differ."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from ckpt_studio.compare.alignment.matching import Match, match
from ckpt_studio.compare.alignment.names import Shape, Unit
from ckpt_studio.compare.alignment.sides import side_of
from ckpt_studio.core.checkpoint import StateDict
from ckpt_studio.core.jobs import SILENT, Progress
from ckpt_studio.models.skeleton import Skeleton

Transform = Literal["reshape"]


@dataclass(frozen=True, slots=True)
class Pair:
    """One tensor and the name it gets.

    Attributes:
        source: the checkpoint's name.
        target: the model's name.
        confidence: 0 to 1; below `UNSURE` the pair is worth a look.
        transform: "reshape" when the elements are the same but the axes are not ([o, i, 1, 1] and [o, i]).
    """

    source: str
    target: str
    confidence: float
    transform: Transform | None = None


@dataclass(frozen=True)
class Alignment:
    """A proposed mapping.

    Attributes:
        pairs: in the model's order.
        unmatched_source: the checkpoint's names that got no partner, in its order.
        unmatched_target: the model's names that got none, in its order.
    """

    pairs: tuple[Pair, ...]
    unmatched_source: tuple[str, ...]
    unmatched_target: tuple[str, ...]


def align(source: StateDict | Mapping[str, Shape], skeleton: Skeleton, progress: Progress = SILENT) -> Alignment:
    """The renaming that most likely makes the checkpoint fit the model."""
    shapes: Mapping[str, Shape]
    if isinstance(source, StateDict):
        shapes = {name: tensor.shape for name, tensor in source.tensors.items()}
    else:
        shapes = source
    ours = side_of(shapes.items())
    theirs = side_of((entry.name, entry.shape) for entry in skeleton.entries)
    pairs: dict[str, Pair] = {}
    used: set[str] = set()
    for found in match(ours, theirs, progress):
        for old, new in _tensor_pairs(ours.units[found.source], theirs.units[found.target]):
            wanted = skeleton.by_name[new].shape
            transform: Transform | None = None if shapes[old] == wanted else "reshape"
            pairs[new] = Pair(old, new, round(found.clarity, 3), transform)
            used.add(old)
    return Alignment(
        tuple(pairs[entry.name] for entry in skeleton.entries if entry.name in pairs),
        tuple(name for name in shapes if name not in used),
        tuple(entry.name for entry in skeleton.entries if entry.name not in pairs),
    )


def _tensor_pairs(ours: Unit, theirs: Unit) -> list[tuple[str, str]]:
    """The tensors of two paired layers, leaf by leaf."""
    result = []
    for leaf, name in ours.leaves.items():
        for other in (leaf, "weight" if leaf == "" else "" if leaf == "weight" else leaf):
            if other in theirs.leaves and math.prod(ours.shapes[leaf]) == math.prod(theirs.shapes[other]):
                result.append((name, theirs.leaves[other]))
                break
    return result


__all__ = ["Alignment", "Match", "Pair", "align"]
