"""The edit that applies an automatic mapping: renames, parts, joins, transpositions and reshapes as one step."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import ClassVar

from ckpt_studio.core.checkpoint import Checkpoint, StateDict
from ckpt_studio.core.edits.base import Edit, register
from ckpt_studio.core.edits.forms import Shape
from ckpt_studio.core.edits.names import RenameTensors
from ckpt_studio.core.edits.problems import fail, no_such_tensors
from ckpt_studio.core.edits.removing import Pop
from ckpt_studio.core.edits.rules import Expansion, NameRule, Piece, as_rules, expanded, parsed
from ckpt_studio.core.edits.shaping import dense, joined, reshaped, stretch
from ckpt_studio.core.edits.versions import remaining_versions
from ckpt_studio.core.tensor import Tensor
from ckpt_studio.core.tree import Value
from ckpt_studio.errors import EditError, Message, message


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
        transposed: new names of matrices whose axes change places, before they are reshaped; axes of size 1 beside
            the two go along.
        rules: what is done to whatever tensors they find, so that a deeper model of the family is mapped as well.
            What the other fields name comes first; with rules, names there that a checkpoint lacks are passed over.
    """

    kind: ClassVar[str] = "apply-mapping"
    pairs: tuple[tuple[str, str], ...] = ()
    shapes: tuple[tuple[str, tuple[int, ...]], ...] = ()
    drop: tuple[str, ...] = ()
    parts: tuple[tuple[str, tuple[Piece, ...], int], ...] = ()
    transposed: tuple[str, ...] = ()
    rules: tuple[NameRule, ...] = ()

    def __post_init__(self) -> None:
        object.__setattr__(self, "rules", as_rules(self.rules))

    def apply(self, checkpoint: Checkpoint) -> Checkpoint:
        if self.rules:
            return self.settled(_shapes(checkpoint)).apply(checkpoint)
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

    def settled(self, shapes: Mapping[str, Shape]) -> ApplyMapping:
        """The same mapping without rules: what they come to for these tensors.

        Args:
            shapes: of all tensors of the state dict (elements).

        Raises:
            EditError: a rule cannot be read, or nothing of the mapping fits ("mapping-fits-nothing").
        """
        if not self.rules:
            return self
        own, found = self._present(shapes), self.expansion(shapes)
        if not any(found.counts) and not (own.pairs or own.parts or own.shapes or own.transposed):
            raise EditError("mapping-fits-nothing", count=len(self.rules))
        return ApplyMapping(
            (*own.pairs, *found.pairs), (*own.shapes, *found.shapes), own.drop, (*own.parts, *found.parts),
            (*own.transposed, *found.transposed),
        )  # fmt: skip

    def expansion(self, shapes: Mapping[str, Shape]) -> Expansion:
        """What each rule does to tensors of these names and shapes. Raises EditError when one cannot be read."""
        pieces = {piece[0] for _, some, _ in self.parts for piece in some}
        return expanded(self.rules, shapes, {old for old, _ in self.pairs} | pieces | set(self.drop))

    def remarks(self, checkpoint: Checkpoint) -> tuple[Message, ...]:
        if not self.rules:
            return ()
        shapes = _shapes(checkpoint)
        found = self.expansion(shapes)
        told = [
            message("rule-misfits", source=rule.source, target=rule.target, count=misfits)
            for rule, misfits in zip(self.rules, found.misfits, strict=True)
            if misfits
        ]
        told += [
            message("rule-finds-nothing", source=rule.source, target=rule.target)
            for rule, count, misfits in zip(self.rules, found.counts, found.misfits, strict=True)
            if not count and not misfits
        ]
        gone = [old for old, _ in self.pairs if old not in shapes]
        if gone:
            told.append(message("pairs-find-nothing", count=len(gone), name=gone[0]))
        return tuple(told)

    def _present(self, here: Mapping[str, Shape]) -> ApplyMapping:
        """What is named one by one, as far as it is there."""
        pairs = tuple((old, new) for old, new in self.pairs if old in here)
        parts = tuple(part for part in self.parts if all(piece[0] in here for piece in part[1]))
        named = {new for _, new in pairs} | {new for new, _, _ in parts}
        listed = {new for _, new in self.pairs} | {new for new, _, _ in self.parts}
        named |= here.keys() - listed
        return ApplyMapping(
            pairs,
            tuple((name, shape) for name, shape in self.shapes if name in named),
            tuple(name for name in self.drop if name in here),
            parts,
            tuple(name for name in self.transposed if name in named),
        )

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
            if sum(size != 1 for size in tensor.shape) > 2 or len(tensor.shape) < 2:
                raise EditError("no-such-axis", name=name, axis=1)
            changed[name] = tensor.with_changes(shape=tensor.shape[::-1], stride=tensor.stride[::-1])
        for name, shape in shapes.items():
            changed[name] = reshaped(changed.get(name) or dense(state_dict, name), name, shape)
        entries = {name: changed.get(name, value) for name, value in state_dict.entries.items()}
        return checkpoint.with_state_dict(state_dict.with_entries(entries))

    def describe(self) -> Message:
        if self.rules:
            return self._described_by_rules()
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

    def _described_by_rules(self) -> Message:
        first = message("apply-rule", source=self.rules[0].source, target=self.rules[0].target)
        if len(self.rules) == 1:
            told = message("apply-rules-one", first=first)
        else:
            last = message("apply-rule", source=self.rules[-1].source, target=self.rules[-1].target)
            told = message("apply-rules", count=len(self.rules), first=first, last=last)
        single = len(self.pairs) + len(self.parts)
        if single:
            told = message("apply-mapping-and", first=told, more=message("apply-rules-single", count=single))
        cut = sum(parsed(rule).is_cut for rule in self.rules)
        if cut:
            told = message("apply-mapping-and", first=told, more=message("apply-rules-cut", count=cut))
        return told


def _shapes(checkpoint: Checkpoint) -> dict[str, Shape]:
    return {name: tensor.shape for name, tensor in checkpoint.active_state_dict.tensors.items()}


def _made(state_dict: StateDict, pieces: Iterable[Piece], axis: int) -> Tensor:
    stretches = [(piece.name, stretch(dense(state_dict, piece.name), piece, axis)) for piece in pieces]
    return stretches[0][1] if len(stretches) == 1 else joined(stretches, axis)
