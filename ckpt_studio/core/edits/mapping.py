"""The edit that applies an automatic mapping: renames, parts, joins, transpositions and reshapes as one step."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import ClassVar, NamedTuple

from ckpt_studio.core.checkpoint import Checkpoint, StateDict
from ckpt_studio.core.edits.base import Edit, register
from ckpt_studio.core.edits.names import RenameTensors
from ckpt_studio.core.edits.problems import fail, no_such_tensors
from ckpt_studio.core.edits.removing import Pop
from ckpt_studio.core.edits.shaping import dense, joined, reshaped, stretch
from ckpt_studio.core.edits.versions import remaining_versions
from ckpt_studio.core.tensor import Tensor
from ckpt_studio.core.tree import Value
from ckpt_studio.errors import EditError, Message, message


class Piece(NamedTuple):
    """A stretch of a tensor along an axis: from `start`, `size` long (elements of that axis)."""

    name: str
    start: int
    size: int


@register
@dataclass(frozen=True)
class ApplyMapping(Edit):
    """Tensors get the names of a model and, where it keeps them otherwise, its shapes.

    Attributes:
        pairs: (old name, new name); equal ones are allowed.
        shapes: (new name, shape in elements) of those whose axes change.
        drop: tensors without a partner whose names are needed for others.
        parts: (new name, pieces of old tensors, axis they lie along): a fused qkv's q, or q, k and v in one. The old
            tensors go.
        transposed: new names of matrices whose axes change places, before they are reshaped.
    """

    kind: ClassVar[str] = "apply-mapping"
    pairs: tuple[tuple[str, str], ...]
    shapes: tuple[tuple[str, tuple[int, ...]], ...] = ()
    drop: tuple[str, ...] = ()
    parts: tuple[tuple[str, tuple[Piece, ...], int], ...] = ()
    transposed: tuple[str, ...] = ()

    def apply(self, checkpoint: Checkpoint) -> Checkpoint:
        changed = tuple((old, new) for old, new in self.pairs if old != new)
        if not changed and not self.shapes and not self.parts and not self.transposed:
            raise EditError("renames-nothing")
        if self.drop:
            checkpoint = Pop(self.drop).apply(checkpoint)
        if self.parts:
            checkpoint, made = self._with_parts(checkpoint)
            changed += made
        if changed:
            checkpoint = RenameTensors(changed).apply(checkpoint)
        if self.shapes or self.transposed:
            checkpoint = self._with_shapes(checkpoint)
        return checkpoint

    def groups(self) -> dict[str, list[int]]:
        """The tensor in whose place parts come -> places in `parts`, in order."""
        result: dict[str, list[int]] = {}
        for number, (_, pieces, _) in enumerate(self.parts):
            result.setdefault(pieces[0].name if pieces else "", []).append(number)
        return result

    def _with_parts(self, checkpoint: Checkpoint) -> tuple[Checkpoint, tuple[tuple[str, str], ...]]:
        """The parts in the place of what they come from, under names that nothing else has; and (name, new name)."""
        state_dict = checkpoint.active_state_dict
        pieces = [Piece(*piece) for _, some, _ in self.parts for piece in some]
        fail(no_such_tensors({piece.name: None for piece in pieces}, state_dict.tensors))
        if any(not some for _, some, _ in self.parts):
            raise EditError("bad-join")
        made = [_made(state_dict, [Piece(*piece) for piece in some], axis) for _, some, axis in self.parts]
        going = {piece.name for piece in pieces}
        places = self.groups()
        entries: dict[str, Tensor | Value] = {}
        for name, value in state_dict.entries.items():
            if name not in going:
                entries[name] = value
            for number in places.get(name, ()):
                entries[f"{name}\0{number}"] = made[number]
        renames = tuple((f"{some[0][0]}\0{number}", new) for number, (new, some, _) in enumerate(self.parts))
        if state_dict.versions is None:
            result = state_dict.with_entries(entries)
        else:
            result = state_dict.with_entries(entries, remaining_versions(state_dict.versions, going, entries))
        return checkpoint.with_state_dict(result), renames

    def _with_shapes(self, checkpoint: Checkpoint) -> Checkpoint:
        state_dict = checkpoint.active_state_dict
        shapes = dict(self.shapes)
        fail(no_such_tensors({**dict.fromkeys(self.transposed), **dict.fromkeys(shapes)}, state_dict.tensors))
        changed: dict[str, Tensor] = {}
        for name in self.transposed:
            tensor = dense(state_dict, name)
            if len(tensor.shape) != 2:
                raise EditError("no-such-axis", name=name, axis=1)
            changed[name] = tensor.with_changes(shape=tensor.shape[::-1], stride=tensor.stride[::-1])
        for name, shape in shapes.items():
            changed[name] = reshaped(changed.get(name) or dense(state_dict, name), name, shape)
        entries = {name: changed.get(name, value) for name, value in state_dict.entries.items()}
        return checkpoint.with_state_dict(state_dict.with_entries(entries))

    def describe(self) -> Message:
        split = sum(len(pieces) == 1 for _, pieces, _ in self.parts)
        count = sum(old != new for old, new in self.pairs) + len(self.parts)
        told = message("apply-mapping", count=count)
        for code, number in (
            ("apply-mapping-split", split),
            ("apply-mapping-join", len(self.parts) - split),
            ("apply-mapping-transpose", len(self.transposed)),
            ("apply-mapping-reshape", len(self.shapes)),
            ("apply-mapping-drop", len(self.drop)),
        ):
            if number:
                told = message("apply-mapping-and", first=told, more=message(code, count=number))
        return told


def _made(state_dict: StateDict, pieces: Iterable[Piece], axis: int) -> Tensor:
    stretches = [(piece.name, stretch(dense(state_dict, piece.name), piece, axis)) for piece in pieces]
    return stretches[0][1] if len(stretches) == 1 else joined(stretches, axis)
