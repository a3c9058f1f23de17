"""Numbers of names explained by numbers of other names: `layer{n}` and `stages.{n-1}`, blocks counted through."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import lcm

from ckpt_studio.core.edits.patterns import Fixed, Linear, Running

Row = tuple[tuple[int, ...], tuple[int, ...]]
"""The numbers of one pair: those of the checkpoint's name, and those that are to be explained by them."""
Term = int | Linear | Running | Fixed
Rank = Callable[[tuple[int, ...], tuple[int, ...]], "int | None"]
"""The running number of a checkpoint's numbers at some places, counted over all its names of this form."""

VARIABLES = "nmkjpqrstuvwxyz"
# Of so many rows at least, and such a share, a formula is worth a rule when the others are exceptions.
_FEW = 3
_MOST = 0.6
# A number with more values than these is no name of a part but counts layers.
_VALUES = 3
_FACTORS = range(1, 13)


@dataclass(frozen=True)
class Formula:
    """What the numbers of a name are: literal, variable, or reckoned.

    Attributes:
        left: the checkpoint's.
        right: the others.
        places: the rows that it holds for.
    """

    left: tuple[Term, ...]
    right: tuple[Term, ...]
    places: tuple[int, ...]


def formulas(rows: Sequence[Row], rank: Rank) -> tuple[list[Formula], list[int]]:
    """Few formulas that hold for the rows, the special ones first, and the rows that none explains."""
    return _solved(rows, list(range(len(rows))), rank, 3)


def _solved(rows: Sequence[Row], places: list[int], rank: Rank, depth: int) -> tuple[list[Formula], list[int]]:
    found = _fitted([rows[place] for place in places], rank)
    if found is not None:
        return [Formula(*found, tuple(places))], []
    if depth == 0:
        return [], places
    kept = _majority(rows, places, rank)
    if kept is not None:
        chosen = set(kept)
        special, lost = _solved(rows, [place for place in places if place not in chosen], rank, depth - 1)
        general, more = _solved(rows, kept, rank, 0)
        return [*special, *general], [*lost, *more]
    for column in _few_valued(rows, places):
        classes: dict[int, list[int]] = {}
        for place in places:
            classes.setdefault(rows[place][0][column], []).append(place)
        parts = [_solved(rows, some, rank, depth - 1) for some in classes.values()]
        if not any(lost for _, lost in parts):
            return [formula for found, _ in parts for formula in found], []
    return [], places


def _few_valued(rows: Sequence[Row], places: Sequence[int]) -> list[int]:
    """The checkpoint's number columns with two or three values, those with fewest first."""
    counts = [(len({rows[place][0][k] for place in places}), k) for k in range(len(rows[places[0]][0]))]
    return [column for count, column in sorted(counts) if 1 < count <= _VALUES and count < len(places)]


def _majority(rows: Sequence[Row], places: Sequence[int], rank: Rank) -> list[int] | None:
    """The rows that share the commonest differences, when they are most but not all."""
    kept = list(places)
    width = len(rows[places[0]][0])
    for column in range(len(rows[places[0]][1])):
        if _fitted([(rows[place][0], (rows[place][1][column],)) for place in places], rank) is not None:
            continue
        votes: Counter[tuple[int, int]] = Counter()
        for place in kept:
            left, right = rows[place]
            votes.update((source, right[column] - left[source]) for source in range(width))
        if not votes:
            return None
        (source, difference), _ = votes.most_common(1)[0]
        kept = [place for place in kept if rows[place][1][column] - rows[place][0][source] == difference]
    return kept if max(_FEW, _MOST * len(places)) <= len(kept) < len(places) else None


def _fitted(rows: Sequence[Row], rank: Rank) -> tuple[tuple[Term, ...], tuple[Term, ...]] | None:
    """Terms for both sides that hold for all rows, or None."""
    left = list(zip(*(row[0] for row in rows), strict=True)) if rows[0][0] else []
    right = list(zip(*(row[1] for row in rows), strict=True)) if rows[0][1] else []
    same: list[int] = []
    for place, column in enumerate(left):
        same.append(next((k for k in range(place) if left[k] == column), place))
    varying = [k for k, column in enumerate(left) if same[k] == k and len(set(column)) > 1]
    slopes: dict[int, tuple[int, Fraction]] = {}
    sums: dict[int, Linear] = {}
    names = dict(zip(varying, VARIABLES, strict=False))
    if len(names) < len(varying):
        return None
    open_places: list[int] = []
    for place, column in enumerate(right):
        if len(set(column)) == 1:
            continue
        line = _line(column, left, varying)
        if line is not None:
            slopes[place] = line
            continue
        combined = _sum(column, left, varying, names)
        if combined is not None:
            sums[place] = combined
            continue
        open_places.append(place)
    steps = {k: lcm(*(slope.denominator for source, slope in slopes.values() if source == k), 1) for k in varying}
    if any(steps[k] > 1 for k in varying if any(names[k] in (n for _, n in term.terms) for term in sums.values())):
        return None
    terms: dict[int, Term] = {k: Linear(((steps[k], names[k]),), min(left[k]) % steps[k]) for k in varying}
    told: list[Term | None] = [column[0] if len(set(column)) == 1 else None for column in right]
    for place, (source, slope) in slopes.items():
        step = steps[source]
        offset = right[place][0] - slope * (left[source][0] - min(left[source]) % step)
        told[place] = Linear(((int(slope * step), names[source]),), int(offset))
    for place, total in sums.items():
        told[place] = total
    if len(open_places) == 2:
        found = _taken_apart(left, right, varying, open_places, slopes, sums, names)
        if found is not None:
            source, term, first, second = found
            terms[source] = term
            told[open_places[0]], told[open_places[1]] = first, second
            open_places = []
    shown: list[Term] = [terms[same[k]] if same[k] in terms else column[0] for k, column in enumerate(left)]
    for place in open_places:
        running = _running(rows, place, varying, names, shown, rank)
        if running is None:
            return None
        shown, told[place] = running
    return tuple(shown), tuple(term for term in told if term is not None)


def _line(column: Sequence[int], left: Sequence[Sequence[int]], varying: Sequence[int]) -> tuple[int, Fraction] | None:
    """The column that this one goes along with, and how fast."""
    for source in varying:
        if len({value - other for value, other in zip(column, left[source], strict=True)}) == 1:
            return source, Fraction(1)
    for source in varying:
        values = sorted(set(zip(left[source], column, strict=True)))
        if len(values) != len(set(left[source])) or len(values) < 2:
            continue
        (first, low), (last, high) = values[0], values[-1]
        slope = Fraction(high - low, last - first)
        # Two values lie on a line whatever they are: that of a count of layers is a plain one.
        whole = slope if slope >= 1 else 1 / slope if slope > 0 else Fraction(0)
        plain = whole.denominator == 1 and (whole == 2 or (len(values) > 2 and 2 <= whole <= 4))
        if plain and all(other == low + slope * (value - first) for value, other in values):
            return source, slope
    return None


def _sum(
    column: Sequence[int], left: Sequence[Sequence[int]], varying: Sequence[int], names: dict[int, str]
) -> Linear | None:
    """The column as a multiple of one column plus another: 3n+m."""
    for first in varying:
        for second in varying:
            if first == second:
                continue
            for factor in _FACTORS[1:]:
                rest = {value - factor * a - b for value, a, b in zip(column, left[first], left[second], strict=True)}
                if len(rest) == 1:
                    return Linear(((factor, names[first]), (1, names[second])), rest.pop())
    return None


def _taken_apart(
    left: Sequence[Sequence[int]],
    right: Sequence[Sequence[int]],
    varying: Sequence[int],
    open_places: Sequence[int],
    slopes: dict[int, tuple[int, Fraction]],
    sums: dict[int, Linear],
    names: dict[int, str],
) -> tuple[int, Linear, Linear, Linear] | None:
    """One number that says two: input_blocks.7 is down_blocks.2, resnets.0, as 3n+m+1."""
    used = {source for source, _ in slopes.values()}
    outer, inner = (right[place] for place in open_places)
    for source in varying:
        if source in used or any(names[source] in (n for _, n in term.terms) for term in sums.values()):
            continue
        for factor in _FACTORS[1:]:
            rest = {value - factor * a - b for value, a, b in zip(left[source], outer, inner, strict=True)}
            if len(rest) == 1 and max(inner) < factor:
                others = {name for place, name in names.items() if place != source}
                first, second = [letter for letter in VARIABLES if letter not in others][:2]
                term = Linear(((factor, first), (1, second)), rest.pop())
                return source, term, Linear(((1, first),)), Linear(((1, second),))
    return None


def _running(
    rows: Sequence[Row], place: int, varying: Sequence[int], names: dict[int, str], shown: Sequence[Term], rank: Rank
) -> tuple[list[Term], Running] | None:
    """The place as a running number of two neighbouring numbers of the checkpoint's name."""
    for pair in _neighbours(len(rows[0][0]), varying):
        differences = set()
        for left, right in rows:
            number = rank(left, pair)
            if number is None:
                return None
            differences.add(right[place] - number)
        if len(differences) != 1:
            continue
        terms = list(shown)
        letters = iter(letter for letter in VARIABLES if letter not in names.values())
        called = []
        for k in pair:
            if isinstance(terms[k], int):
                terms[k] = Fixed(next(letters), rows[0][0][k])
            called.append(_name_of(terms[k]))
        if any(name is None for name in called):
            return None
        return terms, Running(tuple(name for name in called if name is not None), differences.pop())
    return None


def _name_of(term: Term) -> str | None:
    if isinstance(term, Fixed):
        return term.name
    return term.terms[0][1] if isinstance(term, Linear) and term.terms[0][0] == len(term.terms) == 1 else None


def _neighbours(width: int, varying: Sequence[int]) -> Iterator[tuple[int, ...]]:
    for k in range(width - 1):
        if k in varying or k + 1 in varying:
            yield k, k + 1
