"""One side of an alignment as arrays: layers, the containers they stand in, and the roles they play.

A *container* is a prefix of layer names with several layers under it ("layer1.0"); a *role* is a layer name
with numbers replaced ("layer{}.{}.conv1"). Containers say where a layer is, roles say what it does there; together
they name it. Both are compared between the sides, never letter by letter.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ckpt_studio.compare.alignment.names import Shape, Token, Unit, order_tells, phrase, squeezed, units_of
from ckpt_studio.compare.alignment.ordering import arranged, attention_slot, doubtful

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

# How far the order of siblings that differ in words may be believed when the file is sorted by name.
ALPHABET = 0.1
MAX_DEPTH = 8
# Up to so many layers of one shape in a container, their names are asked for their order.
_NAMED = 64
# From so many layers on, what a number ends is a row.
ROW = 3

Signature = tuple[Hashable, ...]


@dataclass
class Side:
    """The layers of one side and their surroundings.

    Attributes:
        units: in natural order (the file's, or by numbers when the file is sorted by name).
        ordered: whether that order is the order of registration.
        signature: per layer, what it can be compared by: the main tensor's shape without axes of size 1, and
            whether it has running statistics.
        phrases, phrase_of: distinct word sequences, and each layer's.
        containers: prefixes; number 0 is the root.
        inside: layers × depth: container numbers from the root inwards, -1 for none.
        rank, count, trust, slack: layers × depth: place among the layers of equal signature in that container, how
            many there are, how far the order can be believed, and by how many places it may be wrong.
        told: layers × depth: the place that the names tell (norm1 before norm2, q before k), whatever the file's
            order; -1 where they do not.
        roles: role patterns; `playing`: layers × level: role numbers, -1 for none.
    """

    units: list[Unit]
    ordered: bool
    signature: list[Signature]
    phrases: list[tuple[str, ...]]
    phrase_of: NDArray[np.int32]
    containers: list[tuple[Token, ...]]
    members: list[list[int]]
    inside: NDArray[np.int32]
    rank: NDArray[np.float32]
    count: NDArray[np.float32]
    trust: NDArray[np.float32]
    slack: NDArray[np.float32]
    told: NDArray[np.float32]
    roles: list[tuple[Token, ...]]
    players: list[list[int]]
    playing: NDArray[np.int32]


def signature_of(unit: Unit) -> Signature:
    """What two layers must share to be compared."""
    main = unit.main
    return (squeezed(unit.shapes[main]), "mean" in unit.leaves)


def leaves_of(unit: Unit) -> frozenset[str]:
    """The layer's tensors, a parameter of its own counting as a weight, BatchNorm's counter left out."""
    return frozenset(leaf or "weight" for leaf in unit.leaves if leaf != "count")


def side_of(named: Iterable[tuple[str, Shape]], turned: Sequence[tuple[Token, ...]] = ()) -> Side:
    """Builds a side from (name, shape) pairs in file order; O(tensors · depth).

    The rows of blocks below the paths `turned` are taken as numbered, and registered, from their end.
    """
    import numpy as np

    items = list(named)
    units = units_of(items)
    for before in turned:
        _turn(units, before)
    ordered = order_tells([name for name, _ in items], units)
    if not ordered:
        units = [units[place] for place in arranged([unit.tokens for unit in units])]
    signature = [signature_of(unit) for unit in units]
    words: dict[tuple[str, ...], int] = {}
    phrase_of = np.array([words.setdefault(phrase(unit.tokens), len(words)) for unit in units], np.int32)
    containers, members, inside = _containers(units)
    rank, count, trust, slack, told = _ranks(units, signature, members, inside, ordered)
    roles, players, playing = _roles(units)
    return Side(
        units, ordered, signature, list(words), phrase_of, containers, members, inside, rank, count, trust, slack, told,
        roles, players, playing,
    )  # fmt: skip


def _turn(units: list[Unit], before: tuple[Token, ...]) -> None:
    """Gives the blocks of a row their numbers and places in opposite order."""
    depth = len(before)
    blocks: dict[int, list[int]] = {}
    for place, unit in enumerate(units):
        token = unit.tokens[depth] if len(unit.tokens) > depth and unit.tokens[:depth] == before else None
        if isinstance(token, int):
            blocks.setdefault(token, []).append(place)
    numbers = sorted(blocks)
    moved: list[Unit] = []
    for number, other in zip(numbers, reversed(numbers), strict=True):
        for place in blocks[other]:
            unit = units[place]
            unit.tokens = (*before, number, *unit.tokens[depth + 1 :])
            moved.append(unit)
    for place, unit in zip(sorted(place for places in blocks.values() for place in places), moved, strict=True):
        units[place] = unit


def _containers(units: Sequence[Unit]) -> tuple[list[tuple[Token, ...]], list[list[int]], NDArray[np.int32]]:
    import numpy as np

    under: dict[tuple[Token, ...], list[int]] = {(): list(range(len(units)))}
    for place, unit in enumerate(units):
        for end in range(1, len(unit.tokens)):
            under.setdefault(unit.tokens[:end], []).append(place)
    for place, unit in enumerate(units):
        # A layer stands together with what is kept below it ("conv2" and "conv2.gain").
        if unit.tokens in under and place not in under[unit.tokens]:
            under[unit.tokens].append(place)
    numbers: dict[tuple[Token, ...], int] = {}
    members: list[list[int]] = []
    for prefix, places in under.items():
        # A prefix with the same layers as the one before it adds nothing ("encoder" of "encoder.layers").
        if prefix and (len(places) < 2 or len(places) == len(under[prefix[:-1]])):
            continue
        numbers[prefix] = len(members)
        members.append(places)
    inside = np.full((len(units), MAX_DEPTH), -1, np.int32)
    for place, unit in enumerate(units):
        ends = range(len(unit.tokens) + 1)
        chain = [numbers[unit.tokens[:end]] for end in ends if unit.tokens[:end] in numbers]
        chain = chain if len(chain) <= MAX_DEPTH else [chain[0], *chain[-(MAX_DEPTH - 1) :]]
        inside[place, : len(chain)] = chain
    return list(numbers), members, inside


def _ranks(
    units: Sequence[Unit],
    signature: Sequence[Signature],
    members: Sequence[Sequence[int]],
    inside: NDArray[np.int32],
    ordered: bool,
) -> tuple[NDArray[np.float32], NDArray[np.float32], NDArray[np.float32], NDArray[np.float32], NDArray[np.float32]]:
    import numpy as np

    rank = np.zeros(inside.shape, np.float32)
    count = np.ones(inside.shape, np.float32)
    trust = np.zeros(inside.shape, np.float32)
    slack = np.zeros(inside.shape, np.float32)
    told = np.full(inside.shape, -1, np.float32)
    level_of = {(place, number): level for place, row in enumerate(inside.tolist()) for level, number in enumerate(row)}
    for container, places in enumerate(members):
        groups: dict[Signature, list[int]] = {}
        for place in places:
            groups.setdefault((signature[place], leaves_of(units[place])), []).append(place)
        for group in groups.values():
            if ordered:
                _by_attention(group, units)
            elif 1 < len(group) <= _NAMED:
                # What is beside each other tells more than all that is in the container.
                group[:] = [group[index] for index in arranged([units[place].tokens for place in group])]
            doubts = [0] * len(group) if ordered else doubtful([units[place].tokens for place in group])
            by_name = _told(group, units, ordered, doubts)
            others = len(group) - 1
            for index, place in enumerate(group):
                level = level_of.get((place, container))
                if level is None:
                    continue
                told[place, level] = by_name.get(place, -1)
                rank[place, level] = index
                count[place, level] = len(group)
                if doubts[index] < others:
                    slack[place, level] = doubts[index]
                    trust[place, level] = 1 - (1 - ALPHABET) * doubts[index] / others
                elif others:
                    trust[place, level] = ALPHABET
    return rank, count, trust, slack, told


def _told(group: Sequence[int], units: Sequence[Unit], ordered: bool, doubts: Sequence[int]) -> dict[int, int]:
    """The places that the names of a group tell, if they tell all of them.

    Names that count against the file's order, as some decoders do, tell nothing.
    """
    if not 1 < len(group) <= _NAMED:
        return {}
    if not ordered:
        return {} if any(doubts) else {place: index for index, place in enumerate(group)}
    paths = [units[place].tokens for place in group]
    order = arranged(paths)
    if any(doubtful([paths[index] for index in order])) or (len(group) > 2 and order == list(range(len(group)))[::-1]):
        return {}
    return {group[index]: rank for rank, index in enumerate(order)}


def _by_attention(group: list[int], units: Sequence[Unit]) -> None:
    """Puts the projections of each attention layer into the order q, k, v, o, whatever the file's."""
    slots = {place: slot for place in group if (slot := attention_slot(units[place].tokens)) is not None}
    by_layer: dict[tuple[Token, ...], list[int]] = {}
    for place, (layer, _) in slots.items():
        by_layer.setdefault(layer, []).append(place)
    for places in by_layer.values():
        if len({slots[place][1] for place in places} & {0, 1, 2}) < 2:
            continue
        where = sorted(group.index(place) for place in places)
        for index, place in zip(where, sorted(places, key=lambda place: slots[place][1]), strict=True):
            group[index] = place


def _roles(units: Sequence[Unit]) -> tuple[list[tuple[Token, ...]], list[list[int]], NDArray[np.int32]]:
    import numpy as np

    patterns: list[list[tuple[Token, ...]]] = []
    for unit in units:
        places = [place for place, token in enumerate(unit.tokens) if isinstance(token, int)]
        of_unit: list[tuple[Token, ...]] = []
        for kept in range(len(places)):
            hidden = set(places[: len(places) - kept])
            of_unit.append(tuple("#" if place in hidden else token for place, token in enumerate(unit.tokens)))
        of_unit = of_unit[: MAX_DEPTH // 2 - 1]
        if len(places) > 1 and places[-1] == len(unit.tokens) - 1:
            # A row of layers of one role, beside other rows: "norms_1.0", "norms_1.1", "norms_2.0".
            of_unit.append((*unit.tokens[:-1], "#"))
        patterns.append(of_unit)
    sizes = Counter(pattern for of_unit in patterns for pattern in of_unit)
    numbers: dict[tuple[Token, ...], int] = {}
    players: list[list[int]] = []
    playing = np.full((len(units), MAX_DEPTH // 2), -1, np.int32)
    for place, of_unit in enumerate(patterns):
        level = 0
        for pattern in of_unit:
            if sizes[pattern] < (2 if pattern[-1] != "#" or level == 0 else ROW):
                continue
            number = numbers.setdefault(pattern, len(numbers))
            if number == len(players):
                players.append([])
            players[number].append(place)
            playing[place, level] = number
            level += 1
    for of_role in players:
        of_role.sort(key=lambda place: [t for t in units[place].tokens if isinstance(t, int)])
    return list(numbers), players, playing


def sequences(
    groups: Iterable[tuple[int, Sequence[int]]], value: Callable[[int], Hashable]
) -> dict[tuple[Hashable, ...], list[tuple[int, Sequence[int]]]]:
    """Groups (number, ordered members) by the sequence of their members' values."""
    found: dict[tuple[Hashable, ...], list[tuple[int, Sequence[int]]]] = {}
    for number, places in groups:
        found.setdefault(tuple(value(place) for place in places), []).append((number, places))
    return found
