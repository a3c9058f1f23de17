"""What each tensor of the model is made of: one tensor of the checkpoint, a part of one, or several put together."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from ckpt_studio.compare.alignment.fusing import Part, TakenApart
from ckpt_studio.compare.alignment.names import Shape
from ckpt_studio.core.edits import Piece


@dataclass(frozen=True)
class Made:
    """One tensor of the model.

    Attributes:
        target: its name.
        targets: the names of its parts in the alignment (its own when it has none).
        pieces: of the checkpoint's tensors, in order.
        is_cut: whether it is anything but one whole tensor.
        axis: along which the pieces lie.
        transposed: whether its two axes change places in the end.
        shape: to be reshaped to; None.
        doubtful: whether only custom tells the order of the parts.
    """

    target: str
    targets: tuple[str, ...]
    pieces: tuple[Piece, ...]
    is_cut: bool
    axis: int
    transposed: bool
    shape: Shape | None
    doubtful: bool

    @property
    def transform(self) -> Literal["reshape", "transpose", "split", "join"] | None:
        """The one word for what happens."""
        if self.is_cut:
            return "split" if len(self.pieces) == 1 else "join"
        return "transpose" if self.transposed else "reshape" if self.shape is not None else None


@dataclass(frozen=True)
class Making:
    """Both sides of an alignment: as they are, taken apart, and which of their matrices are [in, out]."""

    shapes: Mapping[str, Shape]
    wanted: Mapping[str, Shape]
    left: TakenApart
    right: TakenApart
    ours: frozenset[str]
    theirs: frozenset[str]

    def all_of(self, partner: Mapping[str, str]) -> Iterator[Made]:
        """The tensors of the model that a mapping of (parts of) its names to (parts of) the checkpoint's gives.

        What would leave a part of a fused tensor over, or miss one, is left out; but for the bias of keys, which
        some implementations lack: attention is the same without it.
        """
        wholes: dict[str, dict[int, str]] = {}
        for target in partner:
            part = self.right.parts.get(target)
            if part is not None:
                wholes.setdefault(part.whole, {})[part.place] = target
        used: dict[str, set[int]] = {}
        for source in partner.values():
            part = self.left.parts.get(source)
            if part is not None:
                used.setdefault(part.whole, set()).add(part.place)
        for target, source in partner.items():
            part = self.right.parts.get(target)
            if part is None:
                targets: tuple[str, ...] = (target,)
                made = self._made(target, targets, [source], used)
            elif part.place == 0 and len(wholes[part.whole]) == part.count:
                targets = tuple(wholes[part.whole][place] for place in range(part.count))
                made = self._made(part.whole, targets, [partner[name] for name in targets], used)
            else:
                continue
            if made is not None:
                yield made

    def _made(
        self, target: str, targets: tuple[str, ...], sources: Sequence[str], used: Mapping[str, set[int]]
    ) -> Made | None:
        parts = [self.left.parts.get(source) for source in sources]
        if any(part is not None and not self._complete(part, used[part.whole]) for part in parts):
            return None
        whole = _same_whole(parts)
        names = [part.whole if part is not None else source for part, source in zip(parts, sources, strict=True)]
        lying = {name in self.ours for name in names}
        if len(lying) > 1:
            return None
        lies = lying.pop()
        axis = len(self.shapes[names[0]]) - 1 if lies and len(self.shapes[names[0]]) > 1 else 0
        wanted = self.wanted[target]
        if whole is not None or (len(sources) == 1 and parts[0] is None):
            pieces: tuple[Piece, ...] = (Piece(names[0], 0, 0),)
            is_cut, axis = False, 0
            shape = self.shapes[names[0]]
        else:
            pieces = tuple(
                Piece(name, part.start, part.size) if part is not None else Piece(name, 0, self.shapes[name][axis])
                for part, name in zip(parts, names, strict=True)
            )
            is_cut = True
            first = self.shapes[names[0]]
            shape = (*first[:axis], sum(piece.size for piece in pieces), *first[axis + 1 :])
            if any(_without(self.shapes[name], axis) != _without(first, axis) for name in names):
                return None
        transposed = lies != (target in self.theirs)
        if transposed:
            shape = shape[::-1]
        if math.prod(shape) != math.prod(wanted):
            return None
        doubtful = is_cut and not (self.left.doubtful.isdisjoint(sources) and self.right.doubtful.isdisjoint(targets))
        reshaped = wanted if shape != wanted else None
        return Made(target, targets, pieces, is_cut, axis, transposed, reshaped, doubtful)

    def _complete(self, part: Part, places: set[int]) -> bool:
        return len(places) == part.count or (part.count == 3 and places == {0, 2} and len(self.shapes[part.whole]) == 1)


def _same_whole(parts: Sequence[Part | None]) -> str | None:
    """The fused tensor whose parts these are, all of them and in order."""
    first = parts[0]
    if first is None or len(parts) != first.count:
        return None
    for place, part in enumerate(parts):
        if part is None or part.whole != first.whole or part.place != place:
            return None
    return first.whole


def _without(shape: Shape, axis: int) -> Shape:
    return (*shape[:axis], *shape[axis + 1 :])


def joined_names(names: Sequence[str]) -> str:
    """Names that differ in a middle part only, as one: "layer.0.attn.(q + k + v).weight"."""
    if len(set(names)) == 1:
        return names[0]
    split = [name.split(".") for name in names]
    shortest = min(map(len, split))
    head = next((k for k in range(shortest) if len({parts[k] for parts in split}) > 1), shortest - 1)
    tail = next((k for k in range(shortest - head) if len({parts[-1 - k] for parts in split}) > 1), shortest - head - 1)
    middle = " + ".join(".".join(parts[head : len(parts) - tail]) for parts in split)
    return ".".join([*split[0][:head], f"({middle})", *(split[0][len(split[0]) - tail :] if tail else ())])
