"""Thousands of layers of one shape: too many to weigh each against each, they are paired by name or by place."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from ckpt_studio.compare.alignment.names import Shape, Unit, order_tells, units_of
from ckpt_studio.compare.alignment.ordering import arranged
from ckpt_studio.compare.alignment.sides import Signature, signature_of

# Possible pairs of one shape from which on it is a crowd.
CROWD = 3_000_000
# How far a pair is believed that only its place in the files tells; such pairs are asked about.
BY_PLACE = 0.5


@dataclass(frozen=True)
class Crowds:
    """Pairs of layers of crowded shapes, each with its confidence (0 to 1)."""

    pairs: tuple[tuple[Unit, Unit, float], ...] = ()
    ours: frozenset[str] = frozenset()
    theirs: frozenset[str] = frozenset()

    def others(
        self, source: Mapping[str, Shape], target: Mapping[str, Shape]
    ) -> tuple[dict[str, Shape], dict[str, Shape]]:
        """Both sides without the tensors of crowded layers."""
        return (
            {name: shape for name, shape in source.items() if name not in self.ours},
            {name: shape for name, shape in target.items() if name not in self.theirs},
        )


def crowded(source: Mapping[str, Shape], target: Mapping[str, Shape]) -> Crowds:
    """The layers of shapes that both sides have by the thousand, paired; O(tensors)."""
    if len(source) * len(target) < CROWD:
        return Crowds()
    ours, theirs = _by_signature(source), _by_signature(target)
    pairs: list[tuple[Unit, Unit, float]] = []
    names: tuple[set[str], set[str]] = set(), set()
    for signature, left in ours.items():
        right = theirs.get(signature, [])
        if len(left) * len(right) < CROWD:
            continue
        pairs += _paired(left, right)
        for units, some in ((left, names[0]), (right, names[1])):
            some.update(name for unit in units for name in unit.leaves.values())
    return Crowds(tuple(pairs), frozenset(names[0]), frozenset(names[1]))


def _by_signature(shapes: Mapping[str, Shape]) -> dict[Signature, list[Unit]]:
    units = units_of(shapes.items())
    if not order_tells(list(shapes), units):
        units = [units[place] for place in arranged([unit.tokens for unit in units])]
    result: dict[Signature, list[Unit]] = {}
    for unit in units:
        result.setdefault(signature_of(unit), []).append(unit)
    return result


def _paired(left: list[Unit], right: list[Unit]) -> list[tuple[Unit, Unit, float]]:
    named = {unit.tokens: unit for unit in right}
    same = [(unit, named[unit.tokens]) for unit in left if unit.tokens in named]
    result = [(a, b, 1.0) for a, b in same]
    taken_left, taken_right = {id(a) for a, _ in same}, {id(b) for _, b in same}
    rest_left = [unit for unit in left if id(unit) not in taken_left]
    rest_right = [unit for unit in right if id(unit) not in taken_right]
    return result + [(a, b, BY_PLACE) for a, b in zip(rest_left, rest_right, strict=False)]
