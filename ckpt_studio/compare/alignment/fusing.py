"""Fused layers: q, k and v (or k and v, or gate and up) in one tensor on one side, apart on the other.

Where the sides differ in that, the fused tensors are taken apart by name, so that both sides can be aligned part by
part; `align` then says how the parts make up the tensors that are really there.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from ckpt_studio.compare.alignment.names import Shape, Token, Unit, squeezed, units_of
from ckpt_studio.compare.alignment.ordering import attention_slot

_FUSED: tuple[tuple[str, re.Pattern[str]], ...] = (
    ("qkv", re.compile(r"(w?qkv|qvk|kqv|vqk|(?<![a-z])in_?proj|c_attn|query_key_value)(_?(proj|projection|linear))?$")),
    ("kv", re.compile(r"(w?kv|key_value)(_?(proj|projection|linear))?$")),
    ("gate_up", re.compile(r"(gate_up|w12|wi_fused|w1_?w3|gate_and_up)(_?(proj|projection|linear))?$")),
)
# Some write the rows of one head of q, k and v beside each other under these names; the others one after another.
_INTERLEAVED = re.compile(r"query_key_value")
_PARTS = {"qkv": ("q", "k", "v"), "kv": ("k", "v"), "gate_up": ("gate", "up")}
_GATE = frozenset({"gate", "g", "wg"})
_UP = frozenset({"up", "x", "wu"})


@dataclass(frozen=True, slots=True)
class Part:
    """A stretch of a fused tensor.

    Attributes:
        whole: the name of the tensor it is part of.
        place, count: the n-th of how many parts.
        start, size: along the axis of outputs.
    """

    whole: str
    place: int
    count: int
    start: int
    size: int


@dataclass
class TakenApart:
    """One side, with its fused tensors taken apart where the other side has the parts.

    Attributes:
        shapes: name -> shape, the parts under names of their own.
        parts: the name of a part -> what it is part of.
        doubtful: names of parts whose order is only likely.
        made: the name of a whole -> its parts' names and shapes.
    """

    shapes: dict[str, Shape]
    parts: dict[str, Part] = field(default_factory=dict)
    doubtful: set[str] = field(default_factory=set)
    made: dict[str, dict[str, Shape]] = field(default_factory=dict)

    def put_in_place(self) -> None:
        """Lets the parts stand where their wholes stood."""
        if self.made:
            shapes: dict[str, Shape] = {}
            for name, shape in self.shapes.items():
                shapes.update(self.made.get(name, {name: shape}))
            self.shapes = shapes


@dataclass(frozen=True)
class _Candidate:
    """A layer whose name says that it is fused."""

    kind: str
    unit: Unit
    base: str
    order: tuple[str, ...]
    interleaved: bool

    @property
    def shape(self) -> Shape:
        return squeezed(self.unit.shapes[self.unit.main])


@dataclass(frozen=True)
class _Group:
    """Layers that another implementation fuses: their sizes by part, and what they are like beyond the first axis."""

    kind: str
    sizes: tuple[int, ...]
    rest: Shape
    doubtful: bool

    @property
    def shape(self) -> Shape:
        return (sum(self.sizes), *self.rest)


def taken_apart(ours: Mapping[str, Shape], theirs: Mapping[str, Shape]) -> tuple[TakenApart, TakenApart]:
    """Both sides (name -> shape, outputs first), fused tensors taken apart where only one side has them fused."""
    left, right = TakenApart(dict(ours)), TakenApart(dict(theirs))
    our_units, their_units = units_of(ours.items()), units_of(theirs.items())
    our_fused, their_fused = _candidates(our_units), _candidates(their_units)
    if not our_fused and not their_fused:
        return left, right
    our_groups, their_groups = _groups(our_units), _groups(their_units)
    our_counts = Counter((c.kind, c.shape) for c in our_fused)
    their_counts = Counter((c.kind, c.shape) for c in their_fused)
    for key in sorted({*our_counts, *their_counts}):
        if our_counts[key] == their_counts[key]:
            continue
        for side, fused, groups in ((left, our_fused, their_groups), (right, their_fused, our_groups)):
            like = Counter(group for group in groups if (group.kind, group.shape) == key)
            if not like and our_counts[key] and their_counts[key]:
                # Both fuse, in different numbers: the parts are as large on this side as on the other.
                like = Counter(group for group in (*our_groups, *their_groups) if (group.kind, group.shape) == key)
            if not like:
                continue
            group = like.most_common(1)[0][0]
            for candidate in fused:
                if (candidate.kind, candidate.shape) == key:
                    _take_apart(side, candidate, group, len(like) > 1)
    left.put_in_place()
    right.put_in_place()
    return left, right


def _candidates(units: Sequence[Unit]) -> list[_Candidate]:
    result: list[_Candidate] = []
    for unit in units:
        if unit.main not in ("weight", ""):
            continue
        name = unit.leaves[unit.main]
        layer = _layer(name, unit.main)
        before, dot, last = layer.rpartition(".")
        for kind, pattern in _FUSED:
            found = pattern.search(last.lower())
            if found is not None:
                word = found[1]
                order = tuple(word) if kind == "qkv" and set(word) == {"q", "k", "v"} else _PARTS[kind]
                # What openai's guided diffusion and latent diffusion call so is a convolution over a row of pixels.
                interleaved = bool(_INTERLEAVED.match(word)) or (kind == "qkv" and len(unit.shapes[unit.main]) == 3)
                result.append(_Candidate(kind, unit, before + dot + last[: found.start()], order, interleaved))
                break
    return result


def _layer(name: str, leaf: str) -> str:
    """The name without its last part, be it written as a part of its own or into the word ("in_proj_weight")."""
    if not leaf:
        return name
    layer, _, last = name.replace("/", ".").rpartition(".")
    cut = re.sub(r"(^|_)(weight|kernel)(_|$)", "", last)
    return f"{layer}.{cut}" if cut and cut != last else layer


def _groups(units: Sequence[Unit]) -> list[_Group]:
    by_layer: dict[tuple[Token, ...], dict[str, Unit]] = {}
    numbered: dict[tuple[Token, ...], dict[int, Unit]] = {}
    for unit in units:
        slot = attention_slot(unit.tokens)
        if slot is not None and slot[1] < 3:
            by_layer.setdefault(slot[0], {}).setdefault("qkv"[slot[1]], unit)
            continue
        gate = _gate_slot(unit.tokens)
        if gate is not None:
            by_layer.setdefault(gate[0], {}).setdefault(gate[1], unit)
        elif unit.tokens and isinstance(unit.tokens[-1], int):
            numbered.setdefault(unit.tokens[:-1], {})[unit.tokens[-1]] = unit
    result: list[_Group] = []
    for members in by_layer.values():
        for kind, names in _PARTS.items():
            if all(name in members for name in names):
                result += _group(kind, [members[name] for name in names], False)
    if not any(group.kind == "qkv" for group in result):
        for row in numbered.values():
            if {0, 1, 2} <= row.keys() and len(row) <= 4:
                result += _group("qkv", [row[number] for number in (0, 1, 2)], True)
    return result


def _gate_slot(tokens: Sequence[Token]) -> tuple[tuple[Token, ...], str] | None:
    """The gated layer a projection belongs to, and whether it is its gate or its values."""
    for place in range(len(tokens) - 1, max(len(tokens) - 3, -1), -1):
        token = tokens[place]
        if isinstance(token, str) and token in _GATE | _UP:
            return tuple(tokens[:place]), "gate" if token in _GATE else "up"
    if len(tokens) >= 2 and tokens[-2] == "w" and tokens[-1] in (1, 3):
        return tuple(tokens[:-2]), "gate" if tokens[-1] == 1 else "up"
    return None


def _group(kind: str, members: Sequence[Unit], doubtful: bool) -> list[_Group]:
    shapes = [squeezed(unit.shapes[unit.main]) for unit in members]
    if any(len(shape) < 2 or shape[1:] != shapes[0][1:] for shape in shapes):
        return []
    return [_Group(kind, tuple(shape[0] for shape in shapes), shapes[0][1:], doubtful)]


def _take_apart(side: TakenApart, candidate: _Candidate, group: _Group, sizes_differ: bool) -> None:
    size_of = dict(zip(_PARTS[candidate.kind], group.sizes, strict=True))
    total = sum(group.sizes)
    doubtful = candidate.interleaved or group.doubtful or sizes_differ
    for leaf, name in candidate.unit.leaves.items():
        shape = candidate.unit.shapes[leaf]
        if not shape or shape[0] != total:
            continue
        made_parts = side.made.setdefault(name, {})
        start = 0
        for place, part in enumerate(candidate.order):
            size = size_of[part]
            made = f"{candidate.base}{part}.{leaf or 'weight'}"
            while made in side.shapes or made in side.parts:
                made = made.replace(f".{leaf or 'weight'}", f".part.{leaf or 'weight'}")
            made_parts[made] = (size, *shape[1:])
            side.parts[made] = Part(name, place, len(candidate.order), start, size)
            if doubtful:
                side.doubtful.add(made)
            start += size
