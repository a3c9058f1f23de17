"""The evidence for pairs of layers of one shape, as matrices: what never changes, and what the pairs so far say."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from ckpt_studio.compare.alignment.sameness import Sameness
from ckpt_studio.compare.alignment.sides import Side, Signature, leaves_of

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Matrix = NDArray[np.float32]

# Of matrices up to this many pairs, what every round needs again is kept.
REMEMBERED = 40_000
# So many numbers are worked on at once: what stays near the processor.
AT_ONCE = 400_000
# So many places apart, agreement in order has fallen to a third.
_NEAR = 0.9


@dataclass
class Votes:
    """How far the chosen pairs send one thing into another: `share` is the votes over the scales of both sides."""

    share: Matrix
    ours: Matrix
    theirs: Matrix


@dataclass
class Levels:
    """What the layers of one signature stand in (or play) on both sides.

    Attributes:
        ours, theirs: level × layer: numbers, -1 for none; only levels that any layer has.
        our_weight, their_weight: layer × level: the level's share in what is heard of the layer.
    """

    ours: NDArray[np.int32]
    theirs: NDArray[np.int32]
    our_weight: Matrix
    their_weight: Matrix


@dataclass
class Order:
    """How far order is believed, per pair of levels and of layers; how far it agrees, times that; the most believed."""

    trust: NDArray[np.float32]
    agreeing: NDArray[np.float32]
    most: Matrix


@dataclass
class Class:
    """The layers of one signature on both sides, the evidence that never changes, and the current scores."""

    ours: NDArray[np.int32]
    theirs: NDArray[np.int32]
    words: Matrix
    same: Matrix
    sequence: Matrix
    leaves: Matrix
    numbers: Matrix
    score: Matrix
    order: Matrix
    # The containers and the roles of both sides' layers, and how much each level of them counts.
    inside: Levels
    playing: Levels
    chosen: tuple[list[int], list[int], list[float]] = field(default_factory=lambda: ([], [], []))
    # Per part of the rows, where order is believed and how far it agrees: the same in every round.
    orders: dict[int, Order] = field(default_factory=dict)

    def parts(self) -> list[slice]:
        """The rows in parts that are worked on at once: all together where they are few."""
        depth = max(len(self.inside.ours) * len(self.inside.theirs), len(self.playing.ours) * len(self.playing.theirs))
        count = max(1, AT_ONCE // max(1, depth * len(self.theirs)))
        return [slice(start, start + count) for start in range(0, len(self.ours), count)]


def classes(
    source: Side,
    target: Side,
    likeness: Matrix,
    same: Sameness,
    sequence: dict[tuple[int, int], float],
    ours: dict[Signature, list[int]],
    theirs: dict[Signature, list[int]],
) -> list[Class]:
    import numpy as np

    by_source: dict[int, list[tuple[int, float]]] = {}
    for (a, b), vote in sequence.items():
        by_source.setdefault(a, []).append((b, vote))
    result: list[Class] = []
    for signature, left in ours.items():
        right = theirs.get(signature)
        if not right:
            continue
        rows, columns = np.array(left, np.int32), np.array(right, np.int32)
        words = likeness[source.phrase_of[rows]][:, target.phrase_of[columns]]
        column = {place: index for index, place in enumerate(right)}
        voted = np.zeros((len(left), len(right)), np.float32)
        for row, place in enumerate(left):
            for other, vote in by_source.get(place, ()):
                if other in column:
                    voted[row, column[other]] = vote
        leaves = _leaf_likeness(source, target, left, right)
        exact = _number_likeness(source, target, left, right)
        alike = same.among(left, right)
        # Deeper containers say more; the root says nothing.
        inside = _levels(source.inside[rows], target.inside[columns], lambda level: float(level))
        playing = _levels(source.playing[rows], target.playing[columns], lambda level: 1.0)
        result.append(Class(rows, columns, words, alike, voted, leaves, exact, words, words, inside, playing))
    return result


def _levels(ours: NDArray[np.int32], theirs: NDArray[np.int32], importance: Callable[[int], float]) -> Levels:
    import numpy as np

    def side(table: NDArray[np.int32]) -> tuple[NDArray[np.int32], Matrix]:
        depth = int((table >= 0).any(0).sum())
        table = table[:, :depth]
        weight = (table >= 0) * np.array([importance(level) for level in range(depth)], np.float32)
        shares: Matrix = (weight / np.maximum(weight.sum(1, keepdims=True), 1.0)).astype(np.float32)
        return np.ascontiguousarray(table.T), shares

    left, left_weight = side(ours)
    right, right_weight = side(theirs)
    return Levels(left, right, left_weight, right_weight)


def _leaf_likeness(source: Side, target: Side, left: Sequence[int], right: Sequence[int]) -> Matrix:
    """How many of their tensors two layers share, per pair."""
    import numpy as np

    def kind(side: Side, place: int) -> tuple[frozenset[str], bool]:
        unit = side.units[place]
        return leaves_of(unit), "" in unit.leaves

    ours: dict[tuple[frozenset[str], bool], int] = {}
    theirs: dict[tuple[frozenset[str], bool], int] = {}
    rows = np.array([ours.setdefault(kind(source, place), len(ours)) for place in left])
    columns = np.array([theirs.setdefault(kind(target, place), len(theirs)) for place in right])
    table = np.zeros((len(ours), len(theirs)), np.float32)
    for a, row in ours.items():
        for b, column in theirs.items():
            table[row, column] = len(a[0] & b[0]) / len(a[0] | b[0]) - (0.15 if a[1] != b[1] else 0.0)
    result: Matrix = table[rows][:, columns]
    return result


def _number_likeness(source: Side, target: Side, left: Sequence[int], right: Sequence[int]) -> Matrix:
    """The share of equal numbers in names with equally many; a weak hint."""
    import numpy as np

    def numbers(side: Side, places: Sequence[int]) -> NDArray[np.int64]:
        rows = [[t for t in side.units[place].tokens if isinstance(t, int)] for place in places]
        table = np.full((len(rows), 6), -1, np.int64)
        for row, values in enumerate(rows):
            table[row, : min(len(values), 6)] = [min(value, 1 << 40) for value in values[:6]]
        return table

    a, b = numbers(source, left), numbers(target, right)
    lengths_a, lengths_b = (a >= 0).sum(1), (b >= 0).sum(1)
    equal = ((a[:, None] == b[None]) & (a[:, None] >= 0)).sum(2)
    same_length = (lengths_a[:, None] == lengths_b[None]) & (lengths_a[:, None] > 0)
    result: Matrix = np.where(same_length, equal / np.maximum(lengths_a[:, None], 1), 0).astype(np.float32)
    return result


def structure(
    source: Side, target: Side, one: Class, containers: Votes, roles: Votes, modesty: float
) -> tuple[Matrix, Matrix, Matrix]:
    """The evidence of containers, roles and order for all pairs of one signature, each 0 to 1."""
    import numpy as np

    support, played, order = (np.zeros(one.words.shape, np.float32) for _ in range(3))
    for rows in one.parts():
        linked = _linked(one, containers, one.inside, rows, modesty)
        told = _ordered(source, target, one, rows)
        squared = linked * linked
        compared = np.einsum("ijab,ijab->ab", squared, told.trust) + np.float32(1e-6)
        agreed = np.einsum("ijab,ijab->ab", squared, told.agreeing)
        # Many levels that are hardly believed are no more to be believed than one.
        believed = np.minimum(np.minimum(compared, told.most), 1.0)
        order[rows] = np.where(compared > 1e-3, agreed / compared, 0.5) * believed
        support[rows] = _heard(linked, one.inside, rows)
        if len(one.playing.ours) and len(one.playing.theirs):
            played[rows] = _heard(_linked(one, roles, one.playing, rows, modesty), one.playing, rows)
    return support, played, order


def _ordered(source: Side, target: Side, one: Class, rows: slice) -> Order:
    """How far order is believed and how far it agrees, for these rows."""
    import numpy as np

    if rows.start in one.orders:
        return one.orders[rows.start]
    depth, their_depth = len(one.inside.ours), len(one.inside.theirs)

    def ours(table: NDArray[np.float32]) -> NDArray[np.float32]:
        return table[one.ours[rows], :depth].T[:, None, :, None]

    def theirs(table: NDArray[np.float32]) -> NDArray[np.float32]:
        return table[one.theirs, :their_depth].T[None, :, None, :]

    deeper = np.arange(1.0, depth + 1.0, dtype=np.float32)[:, None, None, None]
    trust = ours(source.trust) * theirs(target.trust)
    agreement = _agreement(
        ours(source.rank), ours(source.count), theirs(target.rank), theirs(target.count),
        ours(source.slack) + theirs(target.slack),
    )  # fmt: skip
    # Where the names of both sides tell the order, files are not asked.
    first, second = ours(source.told), theirs(target.told)
    named = (first >= 0) & (second >= 0) & (ours(source.count) == theirs(target.count))
    agreement = np.where(named, np.exp(-np.abs(first - second) / _NEAR), agreement)
    trust = np.where(named, np.float32(1.0), trust) * deeper
    told = Order(trust, trust * agreement, trust.max((0, 1)))
    # Large ones take more memory than time.
    if one.words.size <= REMEMBERED:
        one.orders[rows.start] = told
    return told


def _linked(one: Class, votes: Votes, levels: Levels, rows: slice, modesty: float) -> NDArray[np.float32]:
    """The votes that link the things of all pairs of these rows, a chosen pair's own vote left out.

    Our level × their level × our layer × their layer.
    """
    import numpy as np

    ours = levels.ours[:, rows]
    result: NDArray[np.float32] = votes.share[ours[:, None, :, None], levels.theirs[None, :, None, :]]
    chosen, columns, weights = one.chosen
    if modesty and chosen:
        places = [k for k, row in enumerate(chosen) if rows.start <= row < rows.stop]
        here, there = [chosen[k] - rows.start for k in places], [columns[k] for k in places]
        a, b = ours[:, None, here], levels.theirs[None][:, :, there]
        weight = modesty * np.array([weights[k] for k in places])
        own = np.where((a >= 0) & (b >= 0), weight / (votes.ours[a] * votes.theirs[b]), 0)
        result[:, :, here, there] = np.maximum(result[:, :, here, there] - own, 0)
    return result


def _heard(linked: NDArray[np.float32], levels: Levels, rows: slice) -> Matrix:
    """Per pair, how well each thing of one layer is linked to some thing of the other; both ways, averaged."""
    import numpy as np

    forwards = np.einsum("iab,ai->ab", linked.max(1), levels.our_weight[rows])
    backwards = np.einsum("jab,bj->ab", linked.max(0), levels.their_weight)
    result: Matrix = 0.5 * (forwards + backwards)
    return result


def _agreement(
    rank_a: NDArray[np.float32],
    count_a: NDArray[np.float32],
    rank_b: NDArray[np.float32],
    count_b: NDArray[np.float32],
    slack: NDArray[np.float32],
) -> NDArray[np.float32]:
    """1 for the same place among equals, less the further apart the places are."""
    import numpy as np

    most = np.maximum(count_a, count_b) - 1
    apart = np.abs(rank_a - rank_b)
    scaled = np.abs(rank_a / np.maximum(count_a - 1, 1) - rank_b / np.maximum(count_b - 1, 1)) * most
    distance = np.where(count_a == count_b, apart, np.minimum(scaled, apart) + 0.5)
    result: NDArray[np.float32] = np.exp(-np.maximum(distance - slack, 0) / _NEAR).astype(np.float32)
    return result
