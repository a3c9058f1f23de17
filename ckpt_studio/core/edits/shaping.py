"""Edits of shapes: rows of heads, input channels, position grids, splitting, joining, reshaping. All lazy."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from ckpt_studio.core.checkpoint import Checkpoint, StateDict
from ckpt_studio.core.derived import ComputedBytes, JoinedBytes, RowBytes
from ckpt_studio.core.edits.base import Edit, register
from ckpt_studio.core.edits.problems import fail, no_such_tensors
from ckpt_studio.core.edits.resampling import adapted_channels, interpolated_positions
from ckpt_studio.core.edits.versions import remaining_versions
from ckpt_studio.core.storage import ByteSource, Storage
from ckpt_studio.core.tensor import Tensor, contiguous_strides
from ckpt_studio.core.tree import Value
from ckpt_studio.errors import EditError, Message, message

CHANNEL_MODES = ("sum", "average", "repeat", "add-average", "add-zero")
POSITION_MODES = ("bicubic", "bilinear")


def dense(state_dict: StateDict, name: str) -> Tensor:
    """A tensor whose elements can be moved. Raises EditError for sparse, quantised and the like."""
    tensor = state_dict.tensors[name]
    if not tensor.is_plain or tensor.dtype.kind in ("bits", "quantized"):
        raise EditError("cannot-reshape-kind", name=name)
    return tensor


def _chosen(checkpoint: Checkpoint, names: Sequence[str]) -> dict[str, Tensor]:
    state_dict = checkpoint.active_state_dict
    fail(no_such_tensors(names, state_dict.tensors))
    return {name: dense(state_dict, name) for name in names}


def _made(tensor: Tensor, shape: Sequence[int], source: ByteSource) -> Tensor:
    """A contiguous tensor over computed bytes, in everything else like `tensor`."""
    size = tuple(shape)
    storage = Storage(source, tensor.storage.key)
    return tensor.with_changes(shape=size, stride=contiguous_strides(size), offset=0, storage=storage)


def _replaced(checkpoint: Checkpoint, changed: dict[str, Tensor]) -> Checkpoint:
    state_dict = checkpoint.active_state_dict
    entries = {name: changed.get(name, value) for name, value in state_dict.entries.items()}
    return checkpoint.with_state_dict(state_dict.with_entries(entries))


@register
@dataclass(frozen=True)
class SelectRows(Edit):
    """A head (weight and bias alike) gets other rows: some of its own, in any order, and new ones.

    Of names that are one tensor (an embedding that is the head, too), those resized together stay one.

    Attributes:
        names: tensors with the same number of rows.
        rows: for each new row the old one's index; -1 for a new one.
        fresh: what new rows are: the "average" of all old ones, or "zero".
    """

    kind: ClassVar[str] = "select-rows"
    names: tuple[str, ...]
    rows: tuple[int, ...]
    fresh: str = "average"

    def apply(self, checkpoint: Checkpoint) -> Checkpoint:
        chosen = _chosen(checkpoint, self.names)
        problems: list[Message] = []
        if self.fresh not in ("average", "zero"):
            problems.append(message("bad-choice", value=self.fresh, known="average, zero"))
        for name, tensor in chosen.items():
            if not tensor.shape or math.prod(tensor.shape) == 0:
                problems.append(message("no-rows", name=name))
            elif any(not -1 <= row < tensor.shape[0] for row in self.rows):
                problems.append(message("row-outside", name=name, rows=tensor.shape[0]))
        fail(problems)
        if not self.rows or all(self.rows == tuple(range(tensor.shape[0])) for tensor in chosen.values()):
            raise EditError("rows-unchanged")
        made: dict[tuple[object, ...], Tensor] = {}
        changed: dict[str, Tensor] = {}
        for name, tensor in chosen.items():
            view = (id(tensor.storage), tensor.offset, tensor.shape, tensor.stride, tensor.dtype.name)
            if view not in made:
                rows = RowBytes(tensor, self.rows, self.fresh)
                made[view] = _made(tensor, (len(self.rows), *tensor.shape[1:]), rows)
            # Another device or gradient may stand beside each name: only the bytes are shared.
            changed[name] = made[view].with_changes(device=tensor.device)
        return _replaced(checkpoint, changed)

    def describe(self) -> Message:
        fresh = sum(1 for row in self.rows if row < 0)
        name = self.names[0] if self.names else ""
        if fresh:
            return message("select-rows-fresh", name=name, count=len(self.rows), fresh=fresh)
        return message("select-rows", name=name, count=len(self.rows))


@register
@dataclass(frozen=True)
class AdaptChannels(Edit):
    """A convolution's weight [out, in, …] gets another number of input channels.

    Attributes:
        name: the weight.
        channels: how many inputs it is to take.
        how: "sum" or "average" of all inputs (to 1); "repeat" them in turn, scaled by old / new so that the
            response keeps its size; "add-average" or "add-zero" (keep the old ones, add channels).
    """

    kind: ClassVar[str] = "adapt-channels"
    name: str
    channels: int
    how: str = "repeat"

    def apply(self, checkpoint: Checkpoint) -> Checkpoint:
        tensor = _chosen(checkpoint, (self.name,))[self.name]
        if self.how not in CHANNEL_MODES:
            raise EditError("bad-choice", value=self.how, known=", ".join(CHANNEL_MODES))
        if len(tensor.shape) < 2 or not tensor.dtype.is_float or tensor.numel == 0:
            raise EditError("no-channels", name=self.name)
        old = tensor.shape[1]
        fits = self.channels == 1 if self.how in ("sum", "average") else self.channels > 0
        fits = fits and (not self.how.startswith("add-") or self.channels > old)
        if not fits or self.channels == old:
            raise EditError("bad-channels", name=self.name, old=old, new=self.channels, how=self.how)
        shape = (tensor.shape[0], self.channels, *tensor.shape[2:])
        channels, how = self.channels, self.how
        source = ComputedBytes(
            tensor, math.prod(shape) * tensor.dtype.itemsize, lambda base: adapted_channels(base, channels, how)
        )
        return _replaced(checkpoint, {self.name: _made(tensor, shape, source)})

    def describe(self) -> Message:
        return message("adapt-channels", name=self.name, channels=self.channels, how=self.how)


@register
@dataclass(frozen=True)
class InterpolatePositions(Edit):
    """Position embeddings are resampled to another grid, as `torch.nn.functional.interpolate` does it.

    Attributes:
        name: a tensor of shape […, extra + rows × columns, dim], or of Swin's tables [rows × columns, heads].
        old: rows and columns of its grid.
        new: rows and columns to have.
        extra: leading tokens (class, register) that are kept as they are.
        mode: "bicubic" or "bilinear" (align_corners=False, antialias=False).
    """

    kind: ClassVar[str] = "interpolate-positions"
    name: str
    old: tuple[int, ...]
    new: tuple[int, ...]
    extra: int = 0
    mode: str = "bicubic"

    def apply(self, checkpoint: Checkpoint) -> Checkpoint:
        tensor = _chosen(checkpoint, (self.name,))[self.name]
        if self.mode not in POSITION_MODES:
            raise EditError("bad-choice", value=self.mode, known=", ".join(POSITION_MODES))
        if len(self.old) != 2 or len(self.new) != 2 or min(*self.old, *self.new, self.extra + 1) < 1:
            raise EditError("bad-grid", name=self.name)
        shape = tensor.shape
        fits = len(shape) >= 2 and tensor.dtype.is_float and math.prod(shape[:-2]) == 1
        if not fits or shape[-2] != self.extra + math.prod(self.old):
            raise EditError("grid-does-not-fit", name=self.name, shape=str(list(shape)), tokens=math.prod(self.old))
        if self.old == self.new:
            raise EditError("grid-unchanged", name=self.name)
        target = (*shape[:-2], self.extra + math.prod(self.new), shape[-1])
        old, new, extra, mode = self.old, self.new, self.extra, self.mode
        source = ComputedBytes(
            tensor,
            math.prod(target) * tensor.dtype.itemsize,
            lambda base: interpolated_positions(base, (old[0], old[1]), (new[0], new[1]), extra, mode),
        )
        return _replaced(checkpoint, {self.name: _made(tensor, target, source)})

    def describe(self) -> Message:
        old, new = ("×".join(map(str, grid)) for grid in (self.old, self.new))
        return message("interpolate-positions", name=self.name, old=old, new=new, mode=self.mode)


def reshaped(tensor: Tensor, name: str, shape: tuple[int, ...]) -> Tensor:
    """The same elements under another shape; over the same bytes where they lie in order.

    Raises:
        EditError: "cannot-reshape": another number of elements.
    """
    if any(size < 0 for size in shape) or math.prod(shape) != tensor.numel:
        raise EditError("cannot-reshape", name=name, old=str(list(tensor.shape)), new=str(list(shape)))
    if tensor.is_contiguous:
        return tensor.with_changes(shape=shape, stride=contiguous_strides(shape))
    return _made(tensor, shape, JoinedBytes((tensor,), 0))


def stretch(tensor: Tensor, piece: tuple[str, int, int], axis: int) -> Tensor:
    """A piece (name, start, size) of a tensor along an axis, over the same bytes.

    Raises:
        EditError: "no-such-axis", or "bad-split" when it does not lie within the tensor.
    """
    name, start, size = piece
    if not 0 <= axis < len(tensor.shape):
        raise EditError("no-such-axis", name=name, axis=axis)
    if start < 0 or size < 1 or start + size > tensor.shape[axis]:
        raise EditError("bad-split", name=name, size=tensor.shape[axis], sizes=str([start, size]))
    shape = (*tensor.shape[:axis], size, *tensor.shape[axis + 1 :])
    return tensor.with_changes(shape=shape, offset=tensor.offset + start * tensor.stride[axis])


def joined(named: Sequence[tuple[str, Tensor]], axis: int, problems: Sequence[Message] = ()) -> Tensor:
    """Tensors put together along an axis; in everything else like the first.

    Raises:
        EditError: their dtypes or shapes differ (each case told), or what `problems` says.
    """
    first_name, first = named[0]
    if not 0 <= axis < len(first.shape):
        raise EditError("no-such-axis", name=first_name, axis=axis)
    found = list(problems)
    rest = _without_axis(first.shape, axis)
    for name, tensor in named:
        if tensor.dtype is not first.dtype:
            found.append(message("join-dtype", name=name, dtype=tensor.dtype.name, first=first.dtype.name))
        elif len(tensor.shape) != len(first.shape) or _without_axis(tensor.shape, axis) != rest:
            shapes = {"shape": str(list(tensor.shape)), "first": str(list(first.shape))}
            found.append(message("join-shape", name=name, **shapes))
    fail(found)
    shape = list(first.shape)
    shape[axis] = sum(tensor.shape[axis] for _, tensor in named)
    return _made(first, shape, JoinedBytes([tensor for _, tensor in named], axis))


@register
@dataclass(frozen=True)
class Reshape(Edit):
    """The same elements under another shape ([o, i, 1, 1] and [o, i])."""

    kind: ClassVar[str] = "reshape"
    name: str
    shape: tuple[int, ...]

    def apply(self, checkpoint: Checkpoint) -> Checkpoint:
        tensor = _chosen(checkpoint, (self.name,))[self.name]
        if self.shape == tensor.shape:
            raise EditError("shape-unchanged", name=self.name)
        return _replaced(checkpoint, {self.name: reshaped(tensor, self.name, self.shape)})

    def describe(self) -> Message:
        return message("reshape", name=self.name, shape=str(list(self.shape)))


@register
@dataclass(frozen=True)
class Split(Edit):
    """One tensor becomes several along an axis (a fused qkv into q, k and v); they go on sharing its bytes.

    Attributes:
        name: the tensor.
        into: names of the parts, in order.
        sizes: along the axis; empty: equal ones.
        axis: which.
    """

    kind: ClassVar[str] = "split"
    name: str
    into: tuple[str, ...]
    sizes: tuple[int, ...] = ()
    axis: int = 0

    def apply(self, checkpoint: Checkpoint) -> Checkpoint:
        state_dict = checkpoint.active_state_dict
        tensor = _chosen(checkpoint, (self.name,))[self.name]
        if not 0 <= self.axis < len(tensor.shape):
            raise EditError("no-such-axis", name=self.name, axis=self.axis)
        whole, count = tensor.shape[self.axis], len(self.into)
        sizes = self.sizes or ((whole // count,) * count if count else ())
        if count < 2 or len(sizes) != count or sum(sizes) != whole or min(sizes) < 1:
            raise EditError("bad-split", name=self.name, size=whole, sizes=str(list(sizes)))
        fail(_taken(state_dict, self.into, {self.name}))
        parts: dict[str, Tensor] = {}
        start = 0
        for name, size in zip(self.into, sizes, strict=True):
            parts[name] = stretch(tensor, (self.name, start, size), self.axis)
            start += size
        return _exchanged(checkpoint, {self.name}, self.name, parts)

    def describe(self) -> Message:
        return message("split", name=self.name, count=len(self.into))


@register
@dataclass(frozen=True)
class Join(Edit):
    """Several tensors become one along an axis (q, k and v into a fused qkv).

    Attributes:
        names: in the order they are put together.
        into: the name of the result, which takes the first one's place.
        axis: which.
    """

    kind: ClassVar[str] = "join"
    names: tuple[str, ...]
    into: str
    axis: int = 0

    def apply(self, checkpoint: Checkpoint) -> Checkpoint:
        state_dict = checkpoint.active_state_dict
        chosen = _chosen(checkpoint, self.names)
        if len(self.names) < 2 or len(chosen) != len(self.names):
            raise EditError("bad-join")
        made = joined(list(chosen.items()), self.axis, _taken(state_dict, (self.into,), set(self.names)))
        return _exchanged(checkpoint, set(self.names), self.names[0], {self.into: made})

    def describe(self) -> Message:
        return message("join", name=self.into, count=len(self.names))


def _without_axis(shape: tuple[int, ...], axis: int) -> tuple[int, ...]:
    return (*shape[:axis], *shape[axis + 1 :])


def _taken(state_dict: StateDict, names: Sequence[str], going: set[str]) -> list[Message]:
    problems: list[Message] = []
    for k, name in enumerate(names):
        if not name:
            problems.append(message("empty-name", name="…"))
        elif name in names[:k] or (name in state_dict.entries and name not in going):
            problems.append(message("name-taken", name=name))
    return problems


def _exchanged(checkpoint: Checkpoint, going: set[str], place: str, coming: dict[str, Tensor]) -> Checkpoint:
    state_dict = checkpoint.active_state_dict
    entries: dict[str, Tensor | Value] = {}
    for name, value in state_dict.entries.items():
        if name == place:
            entries.update(coming)
        elif name not in going:
            entries[name] = value
    if state_dict.versions is None:
        return checkpoint.with_state_dict(state_dict.with_entries(entries))
    versions = remaining_versions(state_dict.versions, going, entries)
    return checkpoint.with_state_dict(state_dict.with_entries(entries, versions))
