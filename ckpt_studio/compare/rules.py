"""The verdict of `load_state_dict(strict=True)` without torch, for models whose loading code is known.

Follows `torch.nn.Module._load_from_state_dict` (torch 2.14, `torch/nn/modules/module.py`): names and shapes
must agree; a one-element vector may fill a scalar; a child registered as None swallows every name under it.
Known loading code of single modules is applied as it stands in torch and torchvision:
BatchNorm and InstanceNorm (`torch/nn/modules/{batchnorm,instancenorm}.py`), `FrozenBatchNorm2d`
(`torchvision/ops/misc.py`), `FeaturePyramidNetwork`, and the heads and `MLPBlock` whose old names torchvision renames.
"""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from ckpt_studio.compare.report import LoadReport, Row
from ckpt_studio.core.checkpoint import StateDict
from ckpt_studio.core.jobs import gradually
from ckpt_studio.core.tensor import Tensor
from ckpt_studio.errors import Message, message
from ckpt_studio.models.skeleton import Module, Skeleton

_NORM = "torch.nn.modules.batchnorm._NormBase"
_INSTANCE_NORM = "torch.nn.modules.instancenorm._InstanceNorm"
_MNASNET = "torchvision.models.mnasnet.MNASNet"
NONE_CHILD = "builtins.NoneType"

# Classes whose loading code is an ancestor's; skeletons that do not say `loads_like` are read through this.
_LOADS_LIKE: dict[str, str] = {
    **{
        f"torch.nn.modules.batchnorm.{name}": _NORM
        for name in ("_BatchNorm", "BatchNorm1d", "BatchNorm2d", "BatchNorm3d", "SyncBatchNorm")
    },
    **{f"torch.nn.modules.instancenorm.InstanceNorm{axes}d": _INSTANCE_NORM for axes in (1, 2, 3)},
}


@dataclass
class _Loading:
    """A state dict while the modules' own loading code changes it; the checkpoint itself stays as it is.

    Attributes:
        present: name -> tensor or value, in the checkpoint's order.
        modules: prefixes of all modules, for the rules that count children.
        names: the model's entries.
        source: new name -> the checkpoint's, for renamed ones.
        filled: names that the model fills in itself.
        errors: torch's further complaints.
    """

    present: dict[str, Any]
    modules: frozenset[str]
    names: Mapping[str, Any]
    source: dict[str, str] = field(default_factory=dict)
    filled: set[str] = field(default_factory=set)
    errors: list[str] = field(default_factory=list)

    def rename(self, old: str, new: str) -> None:
        if old in self.present:
            self.present[new] = self.present.pop(old)
            self.source[new] = self.source.pop(old, old)


_Rule = Callable[[_Loading, str, "int | None"], None]


def _load_norm(loading: _Loading, prefix: str, version: int | None) -> None:
    key = f"{prefix}num_batches_tracked"
    if (version is None or version < 2) and key in loading.names and key not in loading.present:
        loading.filled.add(key)


def _load_instance_norm(loading: _Loading, prefix: str, version: int | None) -> None:
    if f"{prefix}running_mean" in loading.names:
        _load_norm(loading, prefix, version)
    elif version is None:
        old = [name for name in ("running_mean", "running_var") if prefix + name in loading.present]
        if old:
            names = " and ".join(f'"{prefix}{name}"' for name in old)
            loading.errors.append(f"Unexpected running stats buffer(s) {names} with track_running_stats=False.")
        for name in old:
            del loading.present[prefix + name]


def _load_frozen_norm(loading: _Loading, prefix: str, version: int | None) -> None:
    loading.present.pop(f"{prefix}num_batches_tracked", None)


def _renaming(pairs: Callable[[_Loading, str], Iterator[tuple[str, str]]]) -> _Rule:
    """The rule that renames modules of a version below 2; both `weight` and `bias` of each pair."""

    def rule(loading: _Loading, prefix: str, version: int | None) -> None:
        if version is None or version < 2:
            for old, new in pairs(loading, prefix):
                for kind in ("weight", "bias"):
                    loading.rename(f"{prefix}{old}.{kind}", f"{prefix}{new}.{kind}")

    return rule


def _children(loading: _Loading, prefix: str) -> Iterator[int]:
    index = 0
    while f"{prefix}{index}" in loading.modules:
        yield index
        index += 1


def _pyramid_pairs(loading: _Loading, prefix: str) -> Iterator[tuple[str, str]]:
    for block in ("inner_blocks", "layer_blocks"):
        for index in _children(loading, f"{prefix}inner_blocks."):
            yield f"{block}.{index}", f"{block}.{index}.0"


def _load_mnasnet(loading: _Loading, prefix: str, version: int | None) -> None:
    if version not in (1, 2):
        loading.errors.append(f"version should be set to 1 or 2 instead of {version}")


_RULES: dict[str, _Rule] = {
    _NORM: _load_norm,
    _INSTANCE_NORM: _load_instance_norm,
    "torchvision.ops.misc.FrozenBatchNorm2d": _load_frozen_norm,
    "torchvision.ops.feature_pyramid_network.FeaturePyramidNetwork": _renaming(_pyramid_pairs),
    "torchvision.models.vision_transformer.MLPBlock": _renaming(
        lambda loading, prefix: iter((("linear_1", "0"), ("linear_2", "3")))
    ),
    "torchvision.models.detection.mask_rcnn.MaskRCNNHeads": _renaming(
        lambda loading, prefix: ((f"mask_fcn{i + 1}", f"{i}.0") for i in _children(loading, prefix))
    ),
    "torchvision.models.detection.rpn.RPNHead": _renaming(lambda loading, prefix: iter((("conv", "conv.0.0"),))),
    **{
        f"torchvision.models.detection.retinanet.RetinaNet{kind}Head": _renaming(
            lambda loading, prefix: ((f"conv.{2 * i}", f"conv.{i}.0") for i in range(4))
        )
        for kind in ("Classification", "Regression")
    },
    _MNASNET: _load_mnasnet,
    # Adds observers' values, but only to a model that was prepared for quantisation.
    "torchvision.models.quantization.mobilenetv3.QuantizableSqueezeExcitation": lambda loading, prefix, version: None,
}
KNOWN_LOADING = frozenset(_RULES)


def can_decide(state_dict: StateDict, skeleton: Skeleton) -> bool:
    """Whether `report_by_rules` gives torch's own verdict for this pair."""
    for module in skeleton.modules:
        # The catalog marks every loading code as custom without naming it: there the class itself must be known.
        if module.custom_loading and (module.loads_like or module.cls not in _RULES):
            return False
        # MNASNet rebuilds its stem for files of version 1, depending on an argument the skeleton lacks.
        if module.cls == _MNASNET and _version(state_dict, module.prefix) == 1:
            return False
    return True


def report_by_rules(state_dict: StateDict, skeleton: Skeleton) -> LoadReport:
    """What `load_state_dict(strict=True)` says about `state_dict`; O(names), reads no tensor bytes.

    Modules with loading code of their own (`can_decide` is False) are treated as plain ones.
    """
    loading, swallowed = _load(state_dict, skeleton)
    # 100,000 new rows make the garbage collector sweep all the program holds, which takes longer than the report.
    sweeping = gc.isenabled()
    gc.disable()
    try:
        return _assemble(skeleton, loading, swallowed)
    finally:
        if sweeping:
            gc.enable()


def outcome_by_rules(state_dict: StateDict, skeleton: Skeleton) -> tuple[int, int]:
    """(tensors of the file that fit, tensors that would keep strict loading from succeeding), without making rows."""
    loading, swallowed = _load(state_dict, skeleton)
    matched = failing = 0
    for entry in gradually(skeleton.entries):
        tensor = loading.present.get(entry.name)
        if tensor is None:
            failing += entry.name not in loading.filled
            continue
        scalar = not entry.shape and type(tensor) is Tensor and tensor.shape == (1,)
        good = scalar or (type(tensor) is Tensor and tensor.shape == entry.shape)
        matched += good
        failing += not good
    for name in loading.present.keys() - skeleton.by_name.keys():
        failing += not (swallowed and name.startswith(swallowed))
    return matched, failing


def _load(state_dict: StateDict, skeleton: Skeleton) -> tuple[_Loading, tuple[str, ...]]:
    """What the modules' loading code makes of the state dict, and the prefixes whose names are ignored."""
    loading = _Loading(dict(state_dict.entries), frozenset(), skeleton.by_name)
    swallowed: list[str] = []
    if skeleton.modules:
        _run_modules(loading, state_dict, skeleton, swallowed)
    else:
        _run_inferred(loading, state_dict)
    return loading, tuple(swallowed)


def _version(state_dict: StateDict, prefix: str) -> int | None:
    recorded = None if state_dict.versions is None else state_dict.versions.get(prefix)
    version = recorded.get("version") if isinstance(recorded, Mapping) else None
    return version if isinstance(version, int) else None


def _run_modules(loading: _Loading, state_dict: StateDict, skeleton: Skeleton, swallowed: list[str]) -> None:
    special: list[tuple[Module, _Rule]] = []
    by_class: dict[tuple[str, str], _Rule | None] = {}
    for module in skeleton.modules:
        key = (module.cls, module.loads_like)
        if key in by_class:
            rule = by_class[key]
        else:
            rule = by_class[key] = _RULES.get(module.loads_like or _LOADS_LIKE.get(module.cls, module.cls))
        if module.cls == NONE_CHILD:
            swallowed.append(module.prefix + ".")
        if rule is not None:
            special.append((module, rule))
    if special:
        loading.modules = frozenset(module.prefix for module in skeleton.modules)
    for module, rule in special:
        rule(loading, module.prefix + "." if module.prefix else "", _version(state_dict, module.prefix))


def _run_inferred(loading: _Loading, state_dict: StateDict) -> None:
    """A checkpoint as model names no modules; running statistics and a counter side by side are BatchNorm's."""
    for name in gradually(loading.names):
        if name.endswith("num_batches_tracked"):
            prefix = name[: -len("num_batches_tracked")]
            if prefix + "running_mean" in loading.names and (not prefix or prefix.endswith(".")):
                _load_norm(loading, prefix, _version(state_dict, prefix[:-1]))


def _assemble(skeleton: Skeleton, loading: _Loading, swallowed: tuple[str, ...]) -> LoadReport:
    rows: list[Row] = []
    append, new = rows.append, tuple.__new__
    present, source, filled, errors = loading.present, loading.source, loading.filled, loading.errors
    filled_note, scalar_note, renamed_note = message("row-filled"), message("row-scalar"), message("row-renamed")
    failed = bool(errors)
    scalars = 0
    casts: dict[tuple[str, str], int] = {}
    for entry in gradually(skeleton.entries):
        name, shape, dtype = entry.name, entry.shape, entry.dtype
        if name not in present:
            if name in filled:
                append(Row("matched", name, None, None, shape, None, dtype, filled_note))
            else:
                failed = True
                append(Row("missing", name, None, None, shape, None, dtype))
            continue
        tensor = present[name]
        origin = source.get(name, name) if source else name
        if type(tensor) is not Tensor:
            failed = True
            errors.append(f'While copying the parameter named "{name}", a tensor was expected from the checkpoint.')
            append(Row("mismatched", name, origin, None, shape, None, dtype))
            continue
        note = renamed_note if origin != name else None
        has, has_dtype = tensor.shape, tensor.dtype.name
        if has != shape:
            if shape or has != (1,):
                failed = True
                append(Row("mismatched", name, origin, has, shape, has_dtype, dtype, note))
                continue
            scalars += 1
            note = scalar_note
        if has_dtype != dtype:
            casts[has_dtype, dtype] = casts.get((has_dtype, dtype), 0) + 1
        # The same as Row(…), which costs a call in Python for each of 100,000 rows.
        append(new(Row, ("matched", name, origin, has, shape, has_dtype, dtype, note)))
    expected = skeleton.by_name
    ignored = 0
    if len(present) + len(filled) != len(expected) or present.keys() != expected.keys():
        for name, tensor in gradually(present.items()):
            if name in expected:
                continue
            if swallowed and name.startswith(swallowed):
                ignored += 1
                continue
            failed = True
            origin = source.get(name, name)
            if type(tensor) is Tensor:
                append(Row("unexpected", origin, origin, tensor.shape, None, tensor.dtype.name, None))
            else:
                append(Row("unexpected", origin, origin))
    notes = summary_notes(casts, len(filled), len(source), scalars, ignored)
    return LoadReport(not failed, tuple(rows), "rules", notes, tuple(errors))


def summary_notes(
    casts: Mapping[tuple[str, str], int], filled: int, renamed: int, scalars: int, ignored: int
) -> tuple[Message, ...]:
    """The report's notes: what was forgiven and what differs without failing (counts of tensors)."""
    notes: list[Message] = []
    if filled:
        notes.append(message("note-filled", count=filled))
    if renamed:
        notes.append(message("note-renamed", count=renamed))
    if scalars:
        notes.append(message("note-scalars", count=scalars))
    if ignored:
        notes.append(message("note-ignored", count=ignored))
    for (has, wants), count in casts.items():
        notes.append(message("note-cast", count=count, has=has, wants=wants))
    return tuple(notes)
