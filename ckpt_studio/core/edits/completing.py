"""Edits that add tensors: constants, a model's fresh values, tensors of another checkpoint."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import ClassVar

from ckpt_studio.core.checkpoint import Checkpoint, StateDict
from ckpt_studio.core.derived import ConstantBytes, convert
from ckpt_studio.core.dtypes import DType, dtype
from ckpt_studio.core.edits.base import Edit, register
from ckpt_studio.core.edits.problems import fail, no_such_tensors
from ckpt_studio.core.other_files import open_other
from ckpt_studio.core.storage import Storage
from ckpt_studio.core.tensor import Tensor, contiguous
from ckpt_studio.core.tree import Value
from ckpt_studio.errors import EditError, Message, message


def with_added(state_dict: StateDict, added: Mapping[str, Tensor]) -> StateDict:
    """The state dict with new tensors, each after the last one of the same module, or at the end.

    Raises:
        EditError: a name is taken or empty (all cases in `problems`), or there is nothing to add.
    """
    problems = [message("name-taken", name=name) for name in added if name in state_dict.entries]
    problems += [message("empty-name", name="…") for name in added if not name]
    fail(problems)
    if not added:
        raise EditError("nothing-added")
    by_module: dict[str, list[str]] = {}
    for name in added:
        by_module.setdefault(name.rpartition(".")[0], []).append(name)
    last = {name.rpartition(".")[0]: name for name in state_dict.entries}
    entries: dict[str, Tensor | Value] = {}
    for name, value in state_dict.entries.items():
        entries[name] = value
        module = name.rpartition(".")[0]
        if module in by_module and last[module] == name:
            entries.update((new, added[new]) for new in by_module[module])
    entries.update((name, tensor) for name, tensor in added.items() if name not in entries)
    return state_dict.with_entries(entries)


@register
@dataclass(frozen=True)
class AddConstant(Edit):
    """Tensors of one value are added: what BatchNorm counts, zeros.

    Attributes:
        names: of the new tensors.
        dtype: torch's name.
        shape: of each.
        value: of every element.
    """

    kind: ClassVar[str] = "add-constant"
    names: tuple[str, ...]
    dtype: str = "int64"
    shape: tuple[int, ...] = ()
    value: int | float = 0

    def apply(self, checkpoint: Checkpoint) -> Checkpoint:
        element, kind = self._element()
        if any(size < 0 for size in self.shape):
            raise EditError("bad-shape", shape=str(list(self.shape)))
        count = math.prod(self.shape)
        added = {
            name: contiguous(kind, self.shape, Storage(ConstantBytes(element, count), name)) for name in self.names
        }
        state_dict = checkpoint.active_state_dict
        return checkpoint.with_state_dict(with_added(state_dict, added))

    def _element(self) -> tuple[bytes, DType]:
        import numpy as np

        try:
            kind = dtype(self.dtype)
        except KeyError:
            raise EditError("cannot-cast-to", dtype=self.dtype) from None
        wide = dtype("float64" if isinstance(self.value, float) else "int64")
        try:
            raw = np.array([self.value], wide.numpy).view(np.uint8)
            return (raw if kind is wide else convert(raw, wide, kind)).tobytes(), kind
        except (TypeError, OverflowError):
            raise EditError("cannot-cast-to", dtype=self.dtype) from None

    def describe(self) -> Message:
        if len(self.names) == 1:
            return message("add-constant-one", name=self.names[0], value=self.value)
        return message("add-constant", count=len(self.names), value=self.value)


@register
@dataclass(frozen=True)
class TieTensors(Edit):
    """Tensors are added that are others of the state dict under a second name (an embedding that is the head, too).

    Attributes:
        pairs: (name of a tensor, the new name for it).
    """

    kind: ClassVar[str] = "tie-tensors"
    pairs: tuple[tuple[str, str], ...]

    def apply(self, checkpoint: Checkpoint) -> Checkpoint:
        state_dict = checkpoint.active_state_dict
        fail(no_such_tensors([old for old, _ in self.pairs], state_dict.tensors))
        added = {new: state_dict.tensors[old] for old, new in self.pairs}
        return checkpoint.with_state_dict(with_added(state_dict, added))

    def describe(self) -> Message:
        if len(self.pairs) == 1:
            return message("tie-tensor", old=self.pairs[0][0], new=self.pairs[0][1])
        return message("tie-tensors", count=len(self.pairs))


@register
@dataclass(frozen=True)
class FillMissing(Edit):
    """Tensors that a model needs are added from its own initialisation.

    Attributes:
        path: the file that holds the values (the host wrote it).
        names: what to add.
        reference: the model, as the command line writes it.
        seed: of the initialisation; with `reference` it makes the same values again.
    """

    kind: ClassVar[str] = "fill-missing"
    path: str
    names: tuple[str, ...]
    reference: str = ""
    seed: int = 0

    def apply(self, checkpoint: Checkpoint) -> Checkpoint:
        found = open_other(self.path).active_state_dict.tensors
        fail(no_such_tensors(self.names, found))
        state_dict = checkpoint.active_state_dict
        device = _usual_device(state_dict)
        added = {name: found[name].with_changes(device=device) for name in self.names}
        return checkpoint.with_state_dict(with_added(state_dict, added))

    def describe(self) -> Message:
        return message("fill-missing", count=len(self.names), reference=_short(self.reference), seed=self.seed)


@register
@dataclass(frozen=True)
class UpdateFrom(Edit):
    """Tensors of another checkpoint are taken over, as `d1.update(d2)` does.

    Attributes:
        path: the other file.
        state_dict: dotted path of a state dict inside; None: the likeliest.
        names: only these; None: all.
        add: take what is not here yet.
        replace: take what is here already.
        edits: made on the other file first: its tab had changes that were not exported.
    """

    kind: ClassVar[str] = "update-from"
    path: str
    state_dict: str | None = None
    names: tuple[str, ...] | None = None
    add: bool = True
    replace: bool = True
    edits: tuple[Edit, ...] = ()

    def other(self) -> Checkpoint:
        """The other checkpoint, edited. Raises StudioError as `taken`."""
        other = open_other(self.path)
        for edit in self.edits:
            other = edit.apply(other)
        return other

    def taken(self, checkpoint: Checkpoint) -> tuple[dict[str, Tensor], dict[str, Tensor]]:
        """What would be added and what would be replaced: name -> the other file's tensor.

        Raises:
            EditError: names that the other file lacks, or an edit that no longer fits it.
            StudioError: the other file cannot be opened.
        """
        other = self.other()
        source = other.active_state_dict if self.state_dict is None else other.state_dict(self.state_dict)
        tensors: Mapping[str, Tensor] = source.tensors
        if self.names is not None:
            fail(no_such_tensors(self.names, tensors))
            tensors = {name: tensors[name] for name in self.names}
        here = checkpoint.active_state_dict.entries
        return (
            {name: tensor for name, tensor in tensors.items() if self.add and name not in here},
            {name: tensor for name, tensor in tensors.items() if self.replace and name in here},
        )

    def apply(self, checkpoint: Checkpoint) -> Checkpoint:
        added, replaced = self.taken(checkpoint)
        if not added and not replaced:
            raise EditError("nothing-added")
        state_dict = checkpoint.active_state_dict
        entries = {name: replaced.get(name, value) for name, value in state_dict.entries.items()}
        result = state_dict.with_entries(entries)
        return checkpoint.with_state_dict(with_added(result, added) if added else result)

    def describe(self) -> Message:
        if self.edits:
            fields = {"path": self.path, "edits": len(self.edits)}
            if self.names is None:
                return message("update-from-edited", **fields)
            return message("update-from-edited-some", count=len(self.names), **fields)
        if self.names is None:
            return message("update-from", path=self.path)
        return message("update-from-some", path=self.path, count=len(self.names))


def _usual_device(state_dict: StateDict) -> str:
    counts: dict[str, int] = {}
    for tensor in state_dict.tensors.values():
        counts[tensor.device] = counts.get(tensor.device, 0) + 1
    return max(counts, key=lambda device: counts[device], default="cpu")


def missing_counters(names: Iterable[str]) -> tuple[str, ...]:
    """Those of some missing names that are BatchNorm's counters, which start at zero whatever the model."""
    return tuple(name for name in names if name.rpartition(".")[2] == "num_batches_tracked")


def _short(reference: str) -> str:
    """The reference as people name it: a file of code without its folders."""
    head, dot, call = reference.partition(".py:")
    return head.replace("\\", "/").rpartition("/")[2] + dot + call if dot else reference
