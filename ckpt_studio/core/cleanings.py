"""Ready-made cleanings: which of the usual left-overs of training a checkpoint carries, and the edit for each."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from ckpt_studio.core.checkpoint import Checkpoint, StateDict
from ckpt_studio.core.discovery import children, is_averaged
from ckpt_studio.core.edits import (
    Edit,
    PopEntries,
    RegexRename,
    RenameLastParts,
    StripPrefix,
    UseAverages,
    UseStateDict,
)
from ckpt_studio.core.edits.cleaning import partners_among
from ckpt_studio.core.prefixes import WRAPPERS, detected_prefixes
from ckpt_studio.core.tree import ABSENT, Path
from ckpt_studio.errors import EditError, Message, message

# What wraps a model under which name; said beside the prefix.
_WRITERS = {
    "module": "DataParallel", "_orig_mod": "torch.compile", "model": "Lightning", "_fsdp_wrapped_module": "FSDP",
    "_forward_module": "Fabric", "_checkpoint_wrapped_module": "activation checkpointing",
}  # fmt: skip

# torchvision's own pattern for its DenseNet files of 2017 (torchvision/models/densenet.py, `_load_state_dict`).
_DENSENET = r"(denselayer\d+\.(?:norm|relu|conv))\.([12])\."

# A teacher of the very form of its student follows it as its average (mean teacher, DINO); any other is another model.
_TEACHER = re.compile(r"(^|[_.])teacher([_.]|$)", re.IGNORECASE)
_VERY_FORM = 0.9
_AVERAGES_BESIDE = ("model_ema", "ema_model", "ema", "_ema_model")
_TRAINING = re.compile(
    r"optim|sched|scaler|^amp$|^callbacks$|^loops$|rng_state|random_state|^grad|^hparams_scheduler", re.IGNORECASE
)


@dataclass(frozen=True)
class Cleaning:
    """One cleaning that applies.

    Attributes:
        kind: "strip", "densenet", "gamma", "ema" or "training".
        title: what it does, in words.
        edit: the edit, to be applied as it is.
        count: how many names or tensors change, or entries go.
    """

    kind: str
    title: Message
    edit: Edit
    count: int


def cleanings(checkpoint: Checkpoint) -> list[Cleaning]:
    """The cleanings that apply to a checkpoint and its active state dict; O(keys), reads no tensor."""
    active = next((sd for sd in checkpoint.state_dicts if sd.path == checkpoint.active), None)
    found: list[Cleaning] = []
    if active is not None:
        found += _prefixes(active)
        found += _old_names(active)
        found += _averages(checkpoint, active)
    paths = training_state(checkpoint)
    if paths:
        names = ", ".join(str(path[-1]) for path in paths[:4]) + (" …" if len(paths) > 4 else "")
        found.append(Cleaning("training", message("clean-training", names=names), PopEntries(paths), len(paths)))
    return found


def averages(checkpoint: Checkpoint) -> list[Cleaning]:
    """Of the cleanings those that take averaged weights (EMA) over."""
    active = next((sd for sd in checkpoint.state_dicts if sd.path == checkpoint.active), None)
    return list(_averages(checkpoint, active)) if active is not None else []


def averaged_paths(checkpoint: Checkpoint) -> frozenset[Path]:
    """Where the state dicts are that hold running averages of weights (EMA, SWA, the teacher of a student)."""
    return frozenset(sd.path for sd in checkpoint.state_dicts if is_averaged(sd.path) or _teaches(sd, checkpoint))


def _teaches(state_dict: StateDict, checkpoint: Checkpoint) -> bool:
    if not any(_TEACHER.search(str(key)) for key in state_dict.path):
        return False
    for other in checkpoint.state_dicts:
        if other is not state_dict and not is_averaged(other.path) and len(other.tensors) > 1:
            least = _VERY_FORM * max(len(state_dict.tensors), len(other.tensors))
            if len(partners_among(other.tensors, state_dict.tensors)) >= least:
                return True
    return False


def training_state(checkpoint: Checkpoint) -> tuple[Path, ...]:
    """The top-level entries that only training needs: optimizer, scheduler, scaler, random state and the like."""
    active = checkpoint.active
    return tuple(
        (key,)
        for key, value in children(checkpoint.root)
        if isinstance(key, str)
        and _TRAINING.search(key)
        and (active is None or active[:1] != (key,))
        and not (active == () and key in checkpoint.active_state_dict.entries)
        and checkpoint.patches.get((key,), value) is not ABSENT
    )


def _prefixes(state_dict: StateDict) -> Iterator[Cleaning]:
    found = [
        item
        for item in detected_prefixes(state_dict)
        if not item.collisions and all(part in WRAPPERS for part in item.prefix.rstrip(".").split("."))
    ]
    for item in found:
        # Of a stack that always stands together only the whole is offered.
        if any(
            other is not item and other.prefix.startswith(item.prefix) and other.matching >= item.matching
            for other in found
        ):
            continue
        writers = [_WRITERS[part] for part in item.prefix.rstrip(".").split(".") if part in _WRITERS]
        title = (
            message("clean-strip-by", prefix=item.prefix, writer=" + ".join(dict.fromkeys(writers)))
            if writers
            else message("clean-strip", prefix=item.prefix)
        )
        yield Cleaning("strip", title, StripPrefix(item.prefix, item.anywhere), item.matching)


def _old_names(state_dict: StateDict) -> Iterator[Cleaning]:
    names = state_dict.entries
    dense = re.compile(_DENSENET)
    count = sum(1 for name in names if "denselayer" in name and dense.search(name))
    if count:
        yield Cleaning("densenet", message("clean-densenet"), RegexRename(_DENSENET, r"\1\2."), count)
    count = sum(
        1 for name in names if name.endswith(("gamma", "beta")) and name.rpartition(".")[2] in ("gamma", "beta")
    )
    if count:
        edit = RenameLastParts((("gamma", "weight"), ("beta", "bias")))
        yield Cleaning("gamma", message("clean-gamma"), edit, count)


def _averages(checkpoint: Checkpoint, active: StateDict) -> Iterator[Cleaning]:
    averaged = averaged_paths(checkpoint)
    for state_dict in checkpoint.state_dicts:
        if state_dict.path == active.path or state_dict.path not in averaged:
            continue
        edit = UseStateDict(state_dict.path)
        try:
            partners = edit.partners(checkpoint)
        except EditError:
            continue
        # Taken over already: nothing would change.
        if any(active.tensors[name] is not state_dict.tensors[other] for name, other in partners.items()):
            yield Cleaning("ema", message("clean-ema", path=state_dict.label), edit, len(partners))
    for prefix in _AVERAGES_BESIDE:
        head = prefix + "."
        count = sum(1 for name in active.tensors if name.startswith(head))
        if not count or count == len(active.tensors):
            continue
        beside = UseAverages(prefix)
        partners = beside.partners(active.tensors)
        if len(partners) * 2 >= count:
            yield Cleaning("ema", message("clean-ema-beside", prefix=head), beside, len(partners))
