"""Pairs the layers of two sides: evidence is gathered, spread between neighbours, and settled in a few rounds.

Only layers of equal signature (shape) can be paired, so the work is done per signature, on small matrices. The
evidence of a pair is

- how alike the names are in words;
- sequences: two roles (or two kinds of block) whose members have the same shapes in the same order;
- containers: how far the pairs found so far send the container of one into the container of the other;
- roles: how far they send the role of one to the role of the other;
- order: the same place among equals, in containers that correspond, as far as either order can be believed.

Every round pairs, weighs each pair by how clearly it wins, and lets the winners vote for containers and roles.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ckpt_studio.compare.alignment.assignment import greedy, hungarian
from ckpt_studio.compare.alignment.doubts import exchangeable, out_of_line
from ckpt_studio.compare.alignment.evidence import Class, Votes, classes, structure
from ckpt_studio.compare.alignment.names import Token, squeezed
from ckpt_studio.compare.alignment.regular import by_roles
from ckpt_studio.compare.alignment.sameness import Sameness
from ckpt_studio.compare.alignment.sides import Side, Signature
from ckpt_studio.compare.alignment.words import phrase_likeness
from ckpt_studio.core.jobs import SILENT, Progress

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Matrix = NDArray[np.float32]

HUNGARIAN_LIMIT = 60
# How much names that are written alike add to their words' likeness.
SAME = 0.5
# How clear a pair is at most when it could as well be the other way round.
EITHER_WAY = 0.55
# How clear a pair is at least that was exchanged because the names say so.
NAMED = 0.85
# Bits per layer up to which a mapping counts as regular.
REGULAR = 0.15
# Above so many possible pairs in all, time allows for a single attempt, or for one that is short.
MANY = 200_000
LARGE = 1_000_000


@dataclass(frozen=True)
class Belief:
    """How much each kind of evidence weighs.

    `early_order` is order's share in the first rounds; `modesty` is how much of its own vote a pair leaves out when
    it asks what others say about it.
    """

    words: float = 1.0
    same: float = 0.8
    sequence: float = 1.4
    container: float = 1.6
    role: float = 1.4
    order: float = 1.0
    leaves: float = 0.8
    numbers: float = 0.3
    early_order: float = 1.0
    modesty: float = 0.0
    rounds: int = 10


# Networks differ in which evidence misleads: each belief is tried, and the most regular outcome is kept.
# The first three differ most: where they agree, nothing more is tried.
BELIEFS = (
    Belief(),
    Belief(order=0.3, words=1.5),
    Belief(sequence=2.2, role=2.0, early_order=0.3, rounds=14),
    Belief(early_order=0.15),
    Belief(words=0.5, order=1.3),
    Belief(modesty=1.0, early_order=0.4),
)


@dataclass
class Match:
    """One pair of layers: numbers on both sides, its evidence, and how clearly it wins (0 to 1)."""

    source: int
    target: int
    score: float
    clarity: float
    words: float
    order: float = 0.5


class Matcher:
    """Two sides and everything about them that no belief changes."""

    def __init__(self, source: Side, target: Side) -> None:
        import numpy as np

        self.source, self.target = source, target
        self._likeness = phrase_likeness(
            source.phrases, target.phrases,
            np.bincount(source.phrase_of, minlength=len(source.phrases)).tolist(),
            np.bincount(target.phrase_of, minlength=len(target.phrases)).tolist(),
        )  # fmt: skip
        self._same = Sameness(source.units, target.units)
        self._sequence = _sequence_votes(source, target)
        self.classes = self._classes(_grouped(source), _grouped(target))
        self._container_start = _container_votes(source, target)

    @property
    def possible(self) -> int:
        """How many pairs the shapes allow."""
        return sum(one.words.size for one in self.classes)

    def likeness(self, source: int, target: int) -> float:
        """How alike the names of two layers are, in words and in how they are written."""
        words = float(self._likeness[self.source.phrase_of[source], self.target.phrase_of[target]])
        return words + SAME * self._same.of(source, target)

    def _classes(self, ours: dict[Signature, list[int]], theirs: dict[Signature, list[int]]) -> list[Class]:
        return classes(self.source, self.target, self._likeness, self._same, self._sequence, ours, theirs)

    def settle(self, belief: Belief, progress: Progress = SILENT) -> list[Match]:
        """The pairs that one belief leads to."""

        source, target = self.source, self.target
        containers, roles = _votes(source, target, [], self._container_start, 1.0)
        for one in self.classes:
            one.chosen = [], [], []
        before: list[tuple[int, int]] = []
        for number in range(belief.rounds):
            progress.check()
            done = number / (belief.rounds - 1)
            order = belief.order * (belief.early_order + (1 - belief.early_order) * done)
            for one in self.classes:
                self._score(one, belief, order, containers, roles)
            chosen = [pair for one in self.classes for pair in _best(one, 0.5 - 0.36 * done)]
            containers, roles = _votes(source, target, chosen, self._container_start, 1.0 - done)
            now = [(pair.source, pair.target) for pair in chosen]
            if now == before and done >= 0.5 and belief.early_order == 1:
                break
            before = now
        pairs = [pair for one in self.classes for pair in _assign(one)]
        ours = _left_over(source, {pair.source for pair in pairs})
        theirs = _left_over(target, {pair.target for pair in pairs})
        for one in self._classes(ours, theirs):
            self._score(one, belief, belief.order, containers, roles)
            pairs += [pair for pair in _assign(one) if _flattens(source, target, pair)]
        return pairs

    def _score(self, one: Class, belief: Belief, order: float, containers: Votes, roles: Votes) -> None:
        if one.words.size == 1:
            return
        support, played, one.order = structure(self.source, self.target, one, containers, roles, belief.modesty)
        one.score = (
            belief.words * one.words
            + belief.same * one.same
            + belief.sequence * one.sequence * (0.6 + 0.4 * one.words)
            + belief.leaves * one.leaves
            + belief.numbers * one.numbers
            + belief.container * support
            + belief.role * played
            + order * one.order
        )


def match(source: Side, target: Side, progress: Progress = SILENT) -> list[Match]:
    """The best pairs of layers; layers without a partner of equal signature stay alone.

    Each pair's `clarity` becomes its confidence: certain where a shape stands once on both sides, else how clearly
    it won and how many of the beliefs came to it.
    """
    if not source.units or not target.units:
        return []
    matcher = Matcher(source, target)
    outcomes: list[list[Match]] = []
    beliefs = BELIEFS if matcher.possible <= MANY else (Belief(rounds=6 if matcher.possible <= LARGE else 4),)
    for number, belief in enumerate(beliefs):
        progress.report(number, len(beliefs))
        outcomes.append(matcher.settle(belief, progress))
        unanimous = len({frozenset(_pairs(outcome)) for outcome in outcomes}) == 1
        if unanimous and (number == 2 or (number == 1 and _bits(source, target, _listed(outcomes[0])) < REGULAR)):
            break
    best = min(outcomes, key=lambda pairs: irregularity(source, target, pairs))
    agreeing = Counter((pair.source, pair.target) for pairs in outcomes for pair in pairs)
    ours, theirs = Counter(source.signature), Counter(target.signature)
    for pair in best:
        signature = source.signature[pair.source]
        if ours[signature] == theirs[signature] == 1:
            continue
        agreed = agreeing[pair.source, pair.target] / len(outcomes)
        pair.clarity *= 0.4 + 0.6 * agreed
    _made_regular(matcher, best)
    exchanges, either = out_of_line(source, target, _listed(best), matcher.likeness)
    _exchange(best, exchanges)
    exchanges, doubtful, named = exchangeable(source, target, _listed(best), matcher.likeness, _bits_of(source, target))
    _exchange(best, exchanges)
    for place in named:
        best[place].clarity = max(best[place].clarity, NAMED)
    for place in either | doubtful:
        best[place].clarity = min(best[place].clarity, EITHER_WAY)
    return best


def _made_regular(matcher: Matcher, best: Sequence[Match]) -> None:
    """Pairs whole roles of one shape where that takes fewer rules and no more bits, and no name objects."""
    source, target = matcher.source, matcher.target
    partner = {pair.source: pair for pair in best}
    now = None
    for one in matcher.classes:
        present = {a: partner[a].target for a in one.ours.tolist() if a in partner}
        if len(present) < len(one.ours):
            continue
        roles = source.playing[one.ours], target.playing[one.theirs]
        for found in by_roles(
            one.ours.tolist(), one.theirs.tolist(), *roles, one.words + one.order, hungarian, present
        ):
            now = _bits(source, target, _listed(best)) * len(best) if now is None else now
            changed = [(pair.source, found.get(pair.source, pair.target)) for pair in best]
            bits = _bits(source, target, changed) * len(best)
            before = sum(matcher.likeness(a, b) for a, b in present.items())
            after = sum(matcher.likeness(a, b) for a, b in found.items())
            if bits > now + 0.5 or after < before - EITHER_WAY:
                continue
            now = bits
            for a, b in found.items():
                if partner[a].target != b:
                    partner[a].target, partner[a].clarity = b, min(partner[a].clarity, EITHER_WAY)
            break


def _exchange(matches: Sequence[Match], exchanges: Sequence[tuple[int, int]]) -> None:
    for first, second in exchanges:
        a, b = matches[first], matches[second]
        a.target, b.target = b.target, a.target


def _listed(matches: Sequence[Match]) -> list[tuple[int, int]]:
    return [(pair.source, pair.target) for pair in matches]


def _bits_of(source: Side, target: Side) -> Callable[[Sequence[tuple[int, int]]], float]:
    return lambda pairs: _bits(source, target, pairs) * len(pairs)


def _pairs(matches: Sequence[Match]) -> set[tuple[int, int]]:
    return {(pair.source, pair.target) for pair in matches}


def irregularity(source: Side, target: Side, pairs: Sequence[Match]) -> float:
    """How far a mapping is from a few rules: less is better.

    The bits needed to tell each layer's target role and container when the source's are known and the other way
    round, less the agreement in words and order, per layer.
    """
    if not pairs:
        return math.inf
    agreement = sum(0.8 * pair.words + 0.4 * pair.order for pair in pairs) / len(pairs)
    return _bits(source, target, _listed(pairs)) - agreement - len(pairs) / max(len(source.units), len(target.units))


def _bits(source: Side, target: Side, pairs: Sequence[tuple[int, int]]) -> float:
    """Bits per layer to tell its role and its containers (the nearest, and the widest) on the other side, both ways."""
    bits = 0.0
    for ours, theirs in (
        ([_deepest(source.playing[a]) for a, _ in pairs], [_deepest(target.playing[b]) for _, b in pairs]),
        ([_deepest(source.inside[a]) for a, _ in pairs], [_deepest(target.inside[b]) for _, b in pairs]),
        (source.inside[[a for a, _ in pairs], 1].tolist(), target.inside[[b for _, b in pairs], 1].tolist()),
    ):
        bits += _conditional_bits(ours, theirs) + _conditional_bits(theirs, ours)
    return bits / max(len(pairs), 1)


def _deepest(row: NDArray[np.int32]) -> int:
    known = row[row >= 0]
    return int(known[-1]) if len(known) else -1


def _conditional_bits(given: Sequence[int], told: Sequence[int]) -> float:
    """Bits over all items to tell `told` when `given` is known."""
    both = Counter(zip(given, told, strict=True))
    alone = Counter(given)
    return -sum(count * math.log2(count / alone[a]) for (a, _), count in both.items())


def _left_over(side: Side, taken: set[int]) -> dict[Signature, list[int]]:
    """Layers without a partner by number of elements: one may be the other, flattened."""
    groups: dict[Signature, list[int]] = {}
    for place, unit in enumerate(side.units):
        if place not in taken:
            groups.setdefault((math.prod(unit.shapes[unit.main]),), []).append(place)
    return groups


def _flattens(source: Side, target: Side, pair: Match) -> bool:
    """Whether one shape is the other with neighbouring axes merged."""
    a, b = source.units[pair.source], target.units[pair.target]
    long, short = sorted((squeezed(a.shapes[a.main]), squeezed(b.shapes[b.main])), key=len, reverse=True)
    sizes = list(long)
    for size in short:
        product = 1
        while sizes and product < size:
            product *= sizes.pop(0)
        if product != size:
            return False
    return not sizes and len(short) < len(long)


def _grouped(side: Side) -> dict[Signature, list[int]]:
    groups: dict[Signature, list[int]] = {}
    for place, signature in enumerate(side.signature):
        groups.setdefault(signature, []).append(place)
    return groups


def _sequence_votes(source: Side, target: Side) -> dict[tuple[int, int], float]:
    """Pairs of layers at the same place of two roles whose members have the same signatures in the same order.

    Equals may stand in either order: the other roles of their rows tell whether they are counted backwards.
    """
    votes: dict[tuple[int, int], float] = {}
    theirs: dict[tuple[Hashable, ...], list[int]] = {}
    for number, players in enumerate(target.players):
        theirs.setdefault(tuple(target.signature[p] for p in players), []).append(number)
    kinds = [tuple(source.signature[p] for p in players) for players in source.players]
    alike = Counter(kinds)
    turned_rows: Counter[tuple[Hashable, Hashable]] = Counter()
    for number, values in sorted(enumerate(kinds), key=lambda item: item[1] == item[1][::-1]):
        same = values == values[::-1]
        row = _row_of(source.roles[number])
        for backwards in (False,) if same else (False, True):
            rivals = theirs.get(values[::-1] if backwards else values, [])
            for rival in rivals:
                rows = row, _row_of(target.roles[rival])
                if not same:
                    turned_rows[rows] += 1 if backwards else -1
                turns = backwards or (same and turned_rows[rows] > 0)
                vote = (0.7 if backwards else 1.0) / (len(rivals) * alike[values]) ** 0.5
                players = source.players[number]
                for a, b in zip(reversed(players) if turns else players, target.players[rival], strict=True):
                    votes[a, b] = max(votes.get((a, b), 0.0), vote)
    return votes


def _row_of(role: Sequence[Token]) -> tuple[Token, ...]:
    """The beginning of a role, up to its first number: all roles of a row share it."""
    return tuple(role[: role.index("#") + 1]) if "#" in role else tuple(role)


def _container_votes(source: Side, target: Side) -> Matrix:
    """Which containers correspond by what is in them: kinds of block with the same contents in the same order."""
    import numpy as np

    result = np.zeros((len(source.containers) + 1, len(target.containers) + 1), np.float32)
    ours, theirs = _container_groups(source), _container_groups(target)
    by_contents: dict[tuple[Hashable, ...], list[list[int]]] = {}
    for contents, members in theirs:
        by_contents.setdefault(contents, []).append(members)
    for contents, members in ours:
        for backwards in (False, True):
            wanted = contents[::-1] if backwards else contents
            if backwards and wanted == contents:
                continue
            rivals = by_contents.get(wanted, [])
            for rival in rivals:
                vote = (0.7 if backwards else 1.0) / len(rivals)
                for a, b in zip(reversed(members) if backwards else members, rival, strict=True):
                    result[a, b] = max(result[a, b], vote)
    result[0, 0] = 1.0
    return result


def turned(source: Side, target: Side) -> list[tuple[Token, ...]]:
    """Rows of blocks in the source (the path before their number) that the target numbers the other way round.

    Their blocks hold the same in opposite order, and no row of the target has them in this one.
    """
    theirs = Counter(contents for contents, members in _container_groups(target) if _row(target, members) is not None)
    result = []
    for contents, members in _container_groups(source):
        before = _row(source, members)
        if before is not None and contents != contents[::-1] and theirs[contents[::-1]] and not theirs[contents]:
            result.append(before)
    return result


def _row(side: Side, members: Sequence[int]) -> tuple[Token, ...] | None:
    """The path before the number in which all of these containers differ, and nothing else."""
    prefixes = [side.containers[number] for number in members]
    before = prefixes[0][:-1]
    alike = all(len(prefix) > 0 and prefix[:-1] == before and isinstance(prefix[-1], int) for prefix in prefixes)
    return before if alike and len(prefixes) > 1 else None


def _container_groups(side: Side) -> list[tuple[tuple[Hashable, ...], list[int]]]:
    """Kinds of block: containers whose prefixes differ in numbers only, with what each contains."""
    contents = [hash(tuple(sorted(map(repr, (side.signature[p] for p in places))))) for places in side.members]
    kinds: dict[tuple[Hashable, ...], list[int]] = {}
    for number, prefix in enumerate(side.containers):
        places = [place for place, token in enumerate(prefix) if isinstance(token, int)]
        for kept in range(len(places) + 1):
            hidden = set(places[: len(places) - kept])
            kind = tuple("#" if place in hidden else token for place, token in enumerate(prefix))
            kinds.setdefault(kind, []).append(number)
    groups: dict[tuple[int, ...], tuple[tuple[Hashable, ...], list[int]]] = {}
    for members in kinds.values():
        members.sort(key=lambda number: [t for t in side.containers[number] if isinstance(t, int)])
        groups[tuple(members)] = (tuple(contents[number] for number in members), members)
    return list(groups.values())


def _shares(one: Class, temperature: float) -> Matrix:
    """Scores as soft assignments: how much of each row and of each column a pair takes."""
    import numpy as np

    temperature = max(temperature, 0.12)
    power = np.exp((one.score - one.score.max()) / temperature).astype(np.float64) + 1e-30
    for _ in range(4):
        power /= power.sum(1, keepdims=True)
        power /= power.sum(0, keepdims=True)
    power /= np.maximum(power.sum(1, keepdims=True), 1.0)
    result: Matrix = power.astype(np.float32)
    return result


def _best(one: Class, temperature: float) -> list[Match]:
    """Each row's winner, with its share as clarity."""
    import numpy as np

    shares = _shares(one, temperature)
    if len(one.ours) > len(one.theirs):
        rows, columns = shares.argmax(0), np.arange(len(one.theirs))
    else:
        rows, columns = np.arange(len(one.ours)), shares.argmax(1)
    return [_matched(one, r, c, float(shares[r, c])) for r, c in zip(rows.tolist(), columns.tolist(), strict=True)]


def _votes(
    source: Side, target: Side, chosen: Sequence[Match], container_start: Matrix, fading: float
) -> tuple[Votes, Votes]:
    """Which containers and roles correspond, by the pairs chosen so far: cosine of the votes, 0 to 1."""
    import numpy as np

    def gathered(shape: tuple[int, ...], ours: NDArray[np.int32], theirs: NDArray[np.int32]) -> Votes:
        table = np.zeros(shape, np.float32)
        scale_a, scale_b = np.zeros(shape[0], np.float32), np.zeros(shape[1], np.float32)
        for column in ours.T:
            np.add.at(scale_a, column, 1.0)
        for column in theirs.T:
            np.add.at(scale_b, column, 1.0)
        for x in ours.T:
            for y in theirs.T:
                valid = (x >= 0) & (y >= 0)
                np.add.at(table, (x[valid], y[valid]), weight[valid])
        scale_a, scale_b = np.sqrt(np.maximum(scale_a, 1)), np.sqrt(np.maximum(scale_b, 1))
        table /= scale_a[:, None]
        table /= scale_b[None, :]
        table[-1, :] = 0
        table[:, -1] = 0
        return Votes(table, scale_a, scale_b)

    a = np.array([pair.source for pair in chosen], np.int64)
    b = np.array([pair.target for pair in chosen], np.int64)
    weight = np.array([pair.clarity for pair in chosen], np.float32)
    containers = gathered(container_start.shape, source.inside[a], target.inside[b])
    roles = gathered((len(source.roles) + 1, len(target.roles) + 1), source.playing[a], target.playing[b])
    trusted = container_start * (0.6 * fading) if chosen else container_start
    containers.share = np.maximum(containers.share, trusted)
    containers.share[0, 0] = 1.0
    return containers, roles


def _assign(one: Class) -> list[Match]:
    """The final one-to-one pairs of one signature."""
    import numpy as np

    shares = _shares(one, 0.12)
    if min(one.score.shape) <= HUNGARIAN_LIMIT:
        rows_columns = hungarian(-one.score)
    else:
        rows_columns = greedy(one.score)
    result = []
    for r, c in rows_columns:
        rivals = np.concatenate([np.delete(one.score[r], c), np.delete(one.score[:, c], r)])
        margin = float(one.score[r, c] - rivals.max()) if len(rivals) else 1.0
        clarity = max(float(shares[r, c]), 1.0 if margin > 0.5 else 0.0)
        result.append(_matched(one, r, c, clarity))
    return result


def _matched(one: Class, row: int, column: int, clarity: float) -> Match:
    return Match(
        int(one.ours[row]), int(one.theirs[column]), float(one.score[row, column]), clarity,
        float(one.words[row, column]), float(one.order[row, column]),
    )  # fmt: skip
