"""Rows of equal layers that the other side keeps as one tensor: attention heads or experts one by one.

Where the counts of shapes say so, each row is gathered into a layer that is not really there, so that both sides can
be aligned; afterwards what was found for it is told for its members, as parts of the other side's tensor.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from ckpt_studio.compare.alignment.fusing import Part, TakenApart
from ckpt_studio.compare.alignment.names import Shape, Unit, squeezed, units_of

# Rows of more members than this are blocks of a network.
_MOST = 512


@dataclass(frozen=True)
class _Row:
    """Layers that differ in their last number, and the shape that the other side's tensor has."""

    members: tuple[Unit, ...]
    whole: Shape
    is_stacked: bool


@dataclass
class Gathered:
    """One side with its rows gathered.

    Attributes:
        shapes: name -> shape, rows under names that are not really there.
        members: such a name -> the names of its members, in order.
        sizes: such a name -> how long a member is along the first axis of the whole.
        stacked: such names whose members lie along an axis of their own; which way round each is kept there is asked.
    """

    shapes: Mapping[str, Shape]
    members: dict[str, tuple[str, ...]] = field(default_factory=dict)
    sizes: dict[str, int] = field(default_factory=dict)
    stacked: set[str] = field(default_factory=set)


def gathered(ours: Mapping[str, Shape], theirs: Mapping[str, Shape]) -> tuple[Gathered, Gathered]:
    """Both sides (name -> shape, outputs first), rows gathered where only the other side has them whole."""
    our_units, their_units = units_of(ours.items()), units_of(theirs.items())
    return _with_rows(ours, our_units, their_units), _with_rows(theirs, their_units, our_units)


def scattered(
    partner: dict[str, str], left: Gathered, right: Gathered, ours: TakenApart, theirs: TakenApart
) -> dict[str, str]:
    """Tells what was found for gathered rows (their name -> ours) for their members, as parts of what is there.

    Returns:
        Their names that are new in `partner` -> the names that they were found by.
    """
    told: dict[str, str] = {}
    for new, old in list(partner.items()):
        if (new in right.members) == (old in left.members):
            continue
        del partner[new]
        row, name, side = (right, new, ours) if new in right.members else (left, old, theirs)
        whole = old if row is right else new
        # What JAX stacks are matrices [in, out], whose shapes would mislead.
        if whole in side.parts or (name in row.stacked and whole.endswith("kernel")):
            continue
        members, size = row.members[name], row.sizes[name]
        for place, member in enumerate(members):
            part = f"{whole}\0{place}"
            side.parts[part] = Part(whole, place, len(members), place * size, size)
            if name in row.stacked:
                side.doubtful.add(part)
            one, another = (member, part) if row is right else (part, member)
            partner[one] = another
            told[one] = new
    return told


def _with_rows(shapes: Mapping[str, Shape], units: Sequence[Unit], others: Sequence[Unit]) -> Gathered:
    own, other = (Counter(squeezed(unit.shapes[unit.main]) for unit in side) for side in (units, others))
    rows = [row for members in _rows(units) if (row := _row(members, own, other)) is not None]
    counts = Counter(row.whole for row in rows)
    rows = [row for row in rows if other[row.whole] - own[row.whole] == counts[row.whole]]
    result = Gathered(shapes)
    instead: dict[str, str] = {}
    gone: set[str] = set()
    for row in rows:
        for leaf, first in row.members[0].leaves.items():
            names = tuple(unit.leaves[leaf] for unit in row.members)
            shape = row.members[0].shapes[leaf]
            name = _without_number(names)
            if not shape or name in shapes or name in result.members:
                continue
            result.members[name] = names
            result.sizes[name] = 1 if row.is_stacked else shape[0]
            if row.is_stacked:
                result.stacked.add(name)
            instead[first] = name
            gone |= set(names)
    if instead:
        result.shapes = dict(_replaced(shapes, instead, gone, result))
    return result


def _replaced(
    shapes: Mapping[str, Shape], instead: Mapping[str, str], gone: set[str], row: Gathered
) -> list[tuple[str, Shape]]:
    items: list[tuple[str, Shape]] = []
    for name, shape in shapes.items():
        if name in instead:
            count = len(row.members[instead[name]])
            whole = (count, *shape) if instead[name] in row.stacked else (count * shape[0], *shape[1:])
            items.append((instead[name], whole))
        elif name not in gone:
            items.append((name, shape))
    return items


def _rows(units: Sequence[Unit]) -> list[list[Unit]]:
    """Layers that differ in their last number only, by that number."""
    rows: dict[tuple[object, ...], list[tuple[int, Unit]]] = {}
    for unit in units:
        places = [place for place, token in enumerate(unit.tokens) if isinstance(token, int)]
        if places:
            number = unit.tokens[places[-1]]
            kind = (*unit.tokens[: places[-1]], None, *unit.tokens[places[-1] + 1 :])
            rows.setdefault(kind, []).append((int(number), unit))
    return [[unit for _, unit in sorted(row, key=lambda item: item[0])] for row in rows.values() if len(row) > 1]


def _row(members: Sequence[Unit], own: Counter[Shape], other: Counter[Shape]) -> _Row | None:
    """The row, if the other side has none of its members and something as large as all of them."""
    first = members[0]
    alike = all(unit.shapes == first.shapes for unit in members)
    shape = first.shapes[first.main]
    if not alike or len(members) > _MOST or len(squeezed(shape)) < 2 or other[squeezed(shape)]:
        return None
    for whole, is_stacked in (
        ((len(members) * shape[0], *shape[1:]), False),
        ((len(members), *shape), True),
    ):
        if other[squeezed(whole)] > own[squeezed(whole)]:
            return _Row(tuple(members), squeezed(whole), is_stacked)
    return None


def _without_number(names: Sequence[str]) -> str:
    """What the names share, without the number in which they differ."""
    first, second = (re.split(r"(\d+)", name) for name in names[:2])
    place = next(k for k, (a, b) in enumerate(zip(first, second, strict=False)) if a != b)
    before, behind = "".join(first[:place]), "".join(first[place + 1 :])
    return before + (behind.removeprefix(".") if before.endswith(".") or not before else behind)
