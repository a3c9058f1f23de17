"""What the summary above the tree says of one file, as facts without words; computed off the window's thread."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ckpt_studio.core.checkpoint import Checkpoint, StateDict
from ckpt_studio.core.cleanings import Cleaning, averaged_paths, averages
from ckpt_studio.core.discovery import ARCHITECTURE_KEYS, walk
from ckpt_studio.core.edits.contents import value_at
from ckpt_studio.core.jobs import Progress, gradually
from ckpt_studio.core.tensor import Tensor
from ckpt_studio.core.tree import ABSENT, Dict, Object, Path, Value
from ckpt_studio.gui.tree_nodes import tensors_nbytes

if TYPE_CHECKING:
    from ckpt_studio.compare.families import Family
    from ckpt_studio.compare.identify import Candidate
    from ckpt_studio.core.prefixes import PrefixCount

# From here on an architecture is named, and named without "nearly".
_LIKELY, CERTAIN = 0.8, 0.97
_MOST_TEXT = 32
_MOST_PARTS = 8
# A file of a million loose values is no training checkpoint.
_MOST_BESIDE = 2000
# Of the largest state dict's parameters; what has less is not called weights.
_LEAST_SHARE = 1000


@dataclass(frozen=True)
class Beside:
    """Something at the top of the file that is not the active state dict.

    Attributes:
        name: its key.
        text: the value, when it is a number or a short text; else "".
        nbytes: of the tensors in it.
        is_averaged: it holds a running average of weights (EMA).
    """

    name: str
    text: str = ""
    nbytes: int = 0
    is_averaged: bool = False


@dataclass(frozen=True)
class WeightSet:
    """One of several state dicts of the file.

    Attributes:
        path, label: where it is, and that as text ("" for the file itself).
        tensors, nbytes: how many it holds, and of which size.
        is_averaged: it holds a running average of weights (EMA).
        is_active: it is the one that the rest of the summary is about.
    """

    path: Path
    label: str
    tensors: int
    nbytes: int
    is_averaged: bool
    is_active: bool


@dataclass(frozen=True)
class Summary:
    """What the header says of one snapshot.

    Attributes:
        parameters, nbytes, dtypes, devices, prefixes: of the active state dict, with what quantised layers keep packed;
            the commonest first.
        other_nbytes: of the tensors that are no weights, such as an optimizer's.
        beside: what else is at the top of the file: the largest first, then values, then the rest.
        architecture: what the file calls its model ("" when it does not say).
        whole_model: the class, when the file is a pickled model.
        parts: bytes of the largest modules of the active state dict, the largest first.
        sets: the state dicts, when there is more than one worth speaking of; in file order.
        averages: what takes averages (EMA) in the file over into the active state dict.
        family: what the active state dict is a kind of, by its names.
        is_optimizer: the file is what an optimizer saved by itself.
    """

    parameters: int
    nbytes: int
    dtypes: tuple[str, ...]
    devices: tuple[str, ...]
    prefixes: tuple[PrefixCount, ...]
    other_nbytes: int
    beside: tuple[Beside, ...] = ()
    architecture: str = ""
    whole_model: str = ""
    parts: tuple[int, ...] = ()
    sets: tuple[WeightSet, ...] = ()
    averages: tuple[Cleaning, ...] = ()
    family: Family | None = None
    is_optimizer: bool = False


def summarize(checkpoint: Checkpoint, state_dict: StateDict | None, progress: Progress) -> Summary:
    """The header's facts. Polls `progress`."""
    from ckpt_studio.compare.families import family
    from ckpt_studio.core.prefixes import detected_prefixes

    progress.check()
    inside = {sd.path for sd in checkpoint.state_dicts}
    skipped = _weights_and_removed(checkpoint)
    others = tensors_nbytes(checkpoint.root, without=skipped) if inside != {()} else 0
    progress.check()
    averaged = averaged_paths(checkpoint)
    progress.check()
    beside = _beside(checkpoint, skipped, averaged)
    progress.check()
    said = next((b.text for key in ARCHITECTURE_KEYS for b in beside if b.name == key and b.text), "")
    whole = str(checkpoint.root.cls) if isinstance(checkpoint.root, Object) else ""
    if state_dict is None:
        # torch/optim/optimizer.py, Optimizer.state_dict
        top = {key for key, _ in checkpoint.root.items} if type(checkpoint.root) is Dict else set()
        return Summary(0, 0, (), (), (), others, beside, said, whole, is_optimizer=top == {"state", "param_groups"})
    # The weights of quantised layers lie packed in tuples among the tensors.
    packed = [
        leaf
        for value in gradually(state_dict.entries.values())
        if type(value) is not Tensor
        for _, leaf in walk(value)
        if type(leaf) is Tensor
    ]
    tensors = [*state_dict.tensors.values(), *packed]
    dtypes = tuple(name for name, _ in Counter(tensor.dtype.name for tensor in gradually(tensors)).most_common())
    progress.check()
    devices = tuple(name for name, _ in Counter(tensor.device for tensor in gradually(tensors)).most_common() if name)
    progress.check()
    prefixes = tuple(p for p in detected_prefixes(state_dict) if not p.collisions)
    progress.check()
    kind = family({name: tensor.shape for name, tensor in gradually(state_dict.tensors.items())})
    progress.check()
    return Summary(
        state_dict.parameters + sum(tensor.numel for tensor in packed),
        state_dict.nbytes + sum(tensor.nbytes for tensor in packed),
        dtypes, devices, prefixes, others, beside, said, whole,
        _parts(state_dict), _sets(checkpoint, averaged), tuple(averages(checkpoint)), kind,
    )  # fmt: skip


def identified(state_dict: StateDict, progress: Progress) -> Candidate | None:
    """The architecture these names and shapes are of, when one fits well."""
    from ckpt_studio.compare.identify import identify

    progress.check()
    candidates = identify(state_dict, top=1)
    best: Candidate | None = candidates[0] if candidates else None
    return best if best is not None and best.score >= _LIKELY else None


def architecture_parts(reference: str) -> tuple[str, str, str]:
    """A candidate's name with what is special about it, its source, and its classes ("" for the usual number).

    "torchvision:resnet34(num_classes=100)" gives ("resnet34", "torchvision", "100").
    """
    source, _, name = reference.partition(":")
    if not name:
        return source, "", ""
    found = re.search(r"num_classes=(\d+)(?:, )?", name)
    if found is None:
        return name.replace("()", ""), source, ""
    return name.replace(found.group(0), "").replace("()", "").replace(", )", ")"), source, found.group(1)


def _parts(state_dict: StateDict) -> tuple[int, ...]:
    """Bytes by module: by the first part of the names in which they differ."""
    tensors = state_dict.tensors
    first, last = min(tensors, default=""), max(tensors, default="")
    level = 0
    for one, other in zip(first.split(".")[:-1], last.split(".")[:-1], strict=False):
        if one != other:
            break
        level += 1
    sizes: Counter[str] = Counter()
    for name, tensor in gradually(tensors.items()):
        sizes[".".join(name.split(".", level + 1)[: level + 1])] += tensor.nbytes
    return tuple(size for _, size in sizes.most_common(_MOST_PARTS) if size)


def _sets(checkpoint: Checkpoint, averaged: frozenset[Path]) -> tuple[WeightSet, ...]:
    # A mean and a deviation of the inputs are no other weights.
    least = max((sd.parameters for sd in checkpoint.state_dicts), default=0) / _LEAST_SHARE
    found = tuple(
        WeightSet(sd.path, sd.label, len(sd.entries), sd.nbytes, sd.path in averaged, sd.path == checkpoint.active)
        for sd in checkpoint.state_dicts
        if sd.parameters >= least or sd.path == checkpoint.active
    )
    return found if len(found) > 1 else ()


def _beside(checkpoint: Checkpoint, skipped: set[int], averaged: frozenset[Path]) -> tuple[Beside, ...]:
    weights = {sd.path: sd for sd in checkpoint.state_dicts}
    items: Iterable[tuple[Value, Value]] = checkpoint.root.items if isinstance(checkpoint.root, Dict) else ()
    if () in weights or not isinstance(items, list) or len(items) > _MOST_BESIDE:
        return ()
    found: list[Beside] = []
    for key, old in items:
        if type(key) is not str:
            continue
        value = checkpoint.patches.get((key,), old)
        if value is ABSENT or (key,) == checkpoint.active:
            continue
        other = weights.get((key,))
        if other is not None:
            found.append(Beside(key, nbytes=other.nbytes, is_averaged=other.path in averaged))
        elif isinstance(value, bool | int | float | str):
            text = f"{value:g}" if isinstance(value, float) else str(value)
            found.append(Beside(key, text if len(text) <= _MOST_TEXT and text.isprintable() else ""))
        elif value is not None:
            nbytes = tensors_nbytes(value, without=skipped)
            if nbytes or not any(path[:1] == (key,) for path in weights):
                found.append(Beside(key, nbytes=nbytes))
    return tuple(sorted(found, key=lambda beside: (-beside.nbytes, not beside.text)))


def _weights_and_removed(checkpoint: Checkpoint) -> set[int]:
    """The `id`s of what the file holds as weights, whatever edits made of them, and of the contents left out."""
    found: set[int] = set()
    for state_dict in checkpoint.state_dicts:
        if isinstance(state_dict.node, Dict):
            found.update(id(value) for _, value in gradually(state_dict.node.items) if type(value) is Tensor)
        elif state_dict.node is not None:
            found.add(id(state_dict.node))
    found.update(id(value_at(checkpoint.root, path)) for path, value in checkpoint.patches.items() if value is ABSENT)
    return found
