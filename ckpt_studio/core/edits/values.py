"""Edits of what tensors are, not of what they are called: dtype and recorded device."""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass, replace
from typing import ClassVar

from ckpt_studio.core.checkpoint import Checkpoint, StateDict
from ckpt_studio.core.derived import CastBytes, convertible
from ckpt_studio.core.dtypes import DType, dtype
from ckpt_studio.core.edits.base import Edit, register
from ckpt_studio.core.edits.problems import fail, no_such_tensors
from ckpt_studio.core.edits.removing import matching_names
from ckpt_studio.core.storage import AbsentBytes, Storage
from ckpt_studio.core.tensor import Tensor
from ckpt_studio.errors import EditError, Message, message

CAST_TARGETS = (
    "float32", "float16", "bfloat16", "float64",
    "float8_e4m3fn", "float8_e5m2", "float8_e4m3fnuz", "float8_e5m2fnuz", "float8_e8m0fnu",
    "int64", "int32", "int16", "int8", "uint8", "uint16", "uint32", "uint64", "bool", "complex64", "complex128",
)  # fmt: skip
"""dtypes that `Cast` offers, the usual ones first."""

# Device types a checkpoint can record (c10/core/DeviceType.h); "meta" would say that there are no values.
_DEVICE = re.compile(
    r"(cpu|cuda|mps|xpu|xla|hpu|mtia|maia|privateuseone|npu|mlu|ipu|vulkan|lazy|hip|opengl|opencl|ideep|fpga|ort|ve)"
    r"(:\d{1,4})?"
)


@register
@dataclass(frozen=True)
class Cast(Edit):
    """Tensors get another dtype, converted as torch's `.to(dtype)` does when they are read.

    A floating dtype touches floating tensors only (as `module.half()` does), an integer dtype integer
    ones, so that counters keep theirs; unless what `glob` or `names` choose holds none of the kind: then
    all of it. Tied tensors stay tied.

    Attributes:
        dtype: torch's name, with or without `torch.`; the usual short names work.
        glob: only names that match.
        names: only these.
    """

    kind: ClassVar[str] = "cast"
    dtype: str
    glob: str | None = None
    names: tuple[str, ...] | None = None

    def targets(self, state_dict: StateDict) -> tuple[DType, dict[str, Tensor]]:
        """The dtype, and the tensors that would change (name -> tensor as it is).

        Raises:
            EditError: unknown dtype, names that are not there, or nothing to convert.
        """
        try:
            target = dtype(self.dtype)
        except KeyError:
            raise EditError("unknown-dtype", dtype=self.dtype, known=", ".join(CAST_TARGETS)) from None
        if target.name not in CAST_TARGETS:
            raise EditError("cannot-cast-to", dtype=target.name)
        chosen = dict(state_dict.tensors)
        if self.names is not None:
            fail(no_such_tensors(self.names, chosen))
            wanted = set(self.names)
            chosen = {name: tensor for name, tensor in chosen.items() if name in wanted}
        if self.glob is not None:
            chosen = {name: chosen[name] for name in matching_names(self.glob, chosen)}
        family = _family(target)
        of_family = {name: tensor for name, tensor in chosen.items() if tensor.dtype.kind in family}
        explicit = self.glob is not None or self.names is not None
        candidates = chosen if explicit and not of_family else of_family
        result = {
            name: tensor
            for name, tensor in candidates.items()
            if tensor.dtype is not target and _can_cast(tensor, target)
        }
        if not result:
            raise EditError("cast-changes-nothing", dtype=target.name)
        return target, result

    def apply(self, checkpoint: Checkpoint) -> Checkpoint:
        state_dict = checkpoint.active_state_dict
        target, touched = self.targets(state_dict)
        storages: dict[tuple[int, str], Storage] = {}
        entries = {
            name: _cast(value, target, storages) if name in touched else value
            for name, value in state_dict.entries.items()
        }
        return checkpoint.with_state_dict(state_dict.with_entries(entries))

    def describe(self) -> Message:
        if self.glob is not None:
            return message("cast-matching", dtype=self.dtype, glob=self.glob)
        if self.names is not None:
            return message("cast-some", dtype=self.dtype, count=len(self.names))
        return message("cast", dtype=self.dtype)


def _family(target: DType) -> tuple[str, ...]:
    if target.is_float:
        return ("float",)
    if target.kind == "complex":
        return ("complex",)
    return ("int", "bool")


def _can_cast(tensor: Tensor, target: DType) -> bool:
    form = tensor.form
    if form is not None and (form.quantizer is not None or form.layout in ("wrapper", "nested")):
        return False
    return convertible(tensor.dtype, target)


def _cast(tensor: Tensor, target: DType, storages: dict[tuple[int, str], Storage]) -> Tensor:
    """The tensor over a derived storage, one for each storage and source dtype, so that ties survive."""
    form = tensor.form
    if form is not None and form.parts:
        parts = tuple((role, _cast(part, target, storages) if role == "values" else part) for role, part in form.parts)
        return replace(tensor, dtype=target, form=replace(form, parts=parts))
    base = tensor.storage
    key = (id(base), tensor.dtype.name)
    storage = storages.get(key)
    if storage is None:
        if isinstance(base.source, AbsentBytes):
            nbytes = base.nbytes // tensor.dtype.itemsize * target.itemsize
            storage = Storage(AbsentBytes(nbytes, base.source.code, **base.source.fields), base.key)
        else:
            storage = Storage(CastBytes(base, tensor.dtype, target), base.key)
        storages[key] = storage
    differentiable = target.kind in ("float", "complex")
    # Spelled out: `replace` is several times slower, and there may be 100,000 of them.
    return Tensor(
        target, tensor.shape, tensor.stride, tensor.offset, storage,
        tensor.device, tensor.kind, tensor.requires_grad and differentiable, form,
    )  # fmt: skip


@register
@dataclass(frozen=True)
class SetDevice(Edit):
    """The device that tensors are recorded on changes ("cpu", "cuda:1"); values stay.

    Attributes:
        device: as torch writes it.
        names: only these tensors; None: all.
    """

    kind: ClassVar[str] = "set-device"
    device: str
    names: tuple[str, ...] | None = None

    def apply(self, checkpoint: Checkpoint) -> Checkpoint:
        if _DEVICE.fullmatch(self.device) is None:
            raise EditError("bad-device", device=self.device)
        state_dict = checkpoint.active_state_dict
        names: Collection[str] = state_dict.tensors
        if self.names is not None:
            fail(no_such_tensors(self.names, names))
            names = set(self.names)
        changed = False
        entries = dict(state_dict.entries)
        for name in names:
            tensor = entries[name]
            if tensor.device != self.device and not (tensor.form is not None and tensor.form.is_meta):
                entries[name] = _on_device(tensor, self.device)
                changed = True
        if not changed:
            raise EditError("device-changes-nothing", device=self.device)
        return checkpoint.with_state_dict(state_dict.with_entries(entries))

    def describe(self) -> Message:
        if self.names is None:
            return message("set-device", device=self.device)
        return message("set-device-some", device=self.device, count=len(self.names))


def _on_device(tensor: Tensor, device: str) -> Tensor:
    form = tensor.form
    if form is not None and form.parts:
        form = replace(form, parts=tuple((role, _on_device(part, device)) for role, part in form.parts))
    return Tensor(
        tensor.dtype, tensor.shape, tensor.stride, tensor.offset, tensor.storage,
        device, tensor.kind, tensor.requires_grad, form,
    )  # fmt: skip
