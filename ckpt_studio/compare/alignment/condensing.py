"""Very deep networks, condensed: of many equal blocks a few are aligned, and the rest follows their example.

A *stack* is a row of sibling blocks ("layers.0", "layers.1", …) that hold the same layers. Where both sides have
stacks, the first `KEPT` blocks of each are enough to find the rule, by which the others are
paired in order. Stacks may stand in stacks (experts in layers).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from ckpt_studio.compare.alignment.names import Shape, Token, Unit, units_of

KEPT = 6
TALL = 16

Path = tuple[Token, ...]


@dataclass
class Condensed:
    """One side without the upper blocks of its stacks.

    Attributes:
        names: the tensor names that are kept.
        units: all layers by path.
        stacks: the path before a block's number -> the numbers of its blocks, in order.
    """

    names: set[str]
    units: dict[Path, Unit]
    stacks: dict[Path, list[int]]

    def fits(self, other: Condensed) -> bool:
        """Whether both sides have stacks."""
        return bool(self.stacks) and bool(other.stacks)


def condensed(shapes: Mapping[str, Shape]) -> Condensed:
    """The side without the upper blocks of tall stacks; everything when there are none."""
    listed = units_of(shapes.items())
    units = {unit.tokens: unit for unit in listed}
    # Names that read the same cannot be told apart by path: nothing is condensed then.
    stacks = _stacks(units) if len(units) == len(listed) else {}
    if not stacks:
        return Condensed(set(shapes), units, {})
    names = {name for path, unit in units.items() if not _is_upper(path, stacks) for name in unit.leaves.values()}
    return Condensed(names, units, stacks)


def _stacks(units: Mapping[Path, Unit]) -> dict[Path, list[int]]:
    """Rows of at least `TALL` sibling blocks that hold the same layers."""
    contents: dict[Path, dict[int, list[object]]] = {}
    for path, unit in units.items():
        for place, token in enumerate(path[:-1]):
            if isinstance(token, int):
                said = (path[place + 1 :], tuple(sorted(unit.shapes.items())))
                contents.setdefault(path[:place], {}).setdefault(token, []).append(said)
    stacks: dict[Path, list[int]] = {}
    for before, blocks in contents.items():
        if len(blocks) < TALL:
            continue
        kinds = {tuple(sorted(map(repr, block))) for block in blocks.values()}
        if len(kinds) == 1:
            stacks[before] = sorted(blocks)
    return stacks


def _is_upper(path: Path, stacks: Mapping[Path, Sequence[int]]) -> bool:
    for place, token in enumerate(path):
        numbers = stacks.get(path[:place])
        if numbers is not None and isinstance(token, int) and token > numbers[KEPT - 1]:
            return True
    return False


def expanded(ours: Condensed, theirs: Condensed, pairs: Mapping[Path, Path]) -> dict[Path, tuple[Path, Path]] | None:
    """Path -> (partner, the example it follows) for the upper blocks; None when they do not follow one rule."""
    result: dict[Path, tuple[Path, Path]] = {}
    taken = set(pairs.values())
    for path, unit in ours.units.items():
        if not _is_upper(path, ours.stacks):
            continue
        found = _by_example(path, ours, theirs, pairs)
        if found is None:
            continue
        other = theirs.units.get(found[0])
        if other is None or found[0] in taken or len(other.shapes) != len(unit.shapes):
            return None
        taken.add(found[0])
        result[path] = found
    return result


def _by_example(path: Path, ours: Condensed, theirs: Condensed, pairs: Mapping[Path, Path]) -> tuple[Path, Path] | None:
    """The partner that the last two kept blocks of each stack tell, and the example followed."""
    example = list(path)
    moved: list[int] = []
    for place, token in enumerate(path):
        numbers = ours.stacks.get(path[:place])
        if numbers is not None and isinstance(token, int) and token > numbers[KEPT - 1]:
            example[place] = numbers[KEPT - 1]
            moved.append(place)
    known = pairs.get(tuple(example))
    if known is None:
        return None
    target = list(known)
    for place in moved:
        numbers = ours.stacks[path[:place]]
        below = list(example)
        below[place] = numbers[KEPT - 2]
        other = pairs.get(tuple(below))
        if other is None or len(other) != len(known):
            return None
        differing = [p for p, (a, b) in enumerate(zip(known, other, strict=True)) if a != b]
        if len(differing) != 1:
            return None
        spot = differing[0]
        their_numbers = theirs.stacks.get(known[:spot])
        token = path[place]
        if their_numbers is None or not isinstance(token, int):
            return None
        rank = numbers.index(token)
        if rank >= len(their_numbers):
            return None
        target[spot] = their_numbers[rank]
    return tuple(target), tuple(example)
