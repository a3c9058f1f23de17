"""Pairs that could as well be the other way round: nothing but the order of files speaks for them, or not even that."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from ckpt_studio.compare.alignment.names import Token
from ckpt_studio.compare.alignment.ordering import chain_order, extension_order
from ckpt_studio.compare.alignment.sides import Side

# How much more alike the names have to be this way than the other, for two layers that could be exchanged.
_EVIDENCE = 0.12
# How much more alike they have to be the other way to be exchanged, whatever the order.
_AGAINST = 0.3
# Bits that a structure must save to count.
_REGULARITY = 1.5
# Siblings that are compared with each other; more are a stack of their own.
_MOST_SIBLINGS = 24

Pairs = Sequence[tuple[int, int]]
# What two names share, and what each has behind that; of both sides.
_Apart = tuple[tuple[Token, ...], tuple[Token, ...], tuple[Token, ...]]
_Key = tuple[_Apart, _Apart]


@dataclass(frozen=True)
class _Swap:
    """Two pairs of a block that could be exchanged: places in the list of pairs."""

    first: int
    second: int


def exchangeable(
    source: Side,
    target: Side,
    pairs: Pairs,
    alike: Callable[[int, int], float],
    bits: Callable[[Pairs], float],
) -> tuple[list[tuple[int, int]], set[int], set[int]]:
    """Pairs whose partners could as well be exchanged with a sibling's.

    Args:
        source, target: both sides.
        pairs: what was found: units of both.
        alike: how alike the names of two units are.
        bits: how irregular pairs are, in bits.

    Returns:
        Places of two pairs each that are better exchanged, for their names are more alike so, or the order that
        names tell says so, and nothing speaks against it; the places of all that are in doubt; and of those that
        names alone have settled.
    """
    exchanges: list[tuple[int, int]] = []
    now = None
    doubtful: set[int] = set()
    settled: set[int] = set()
    found = _candidates(source, target, pairs)
    partner = dict(pairs)
    for swaps in (*_whole_parts(found), *found.values()):
        gain = sum(_gain(pairs, swap, alike) for swap in swaps) / len(swaps)
        order = _order(source, target, pairs, swaps[0])
        if order > 0 and _registered_crosswise(source, target, pairs, swaps[0], partner):
            order = 0
        against = gain < -_AGAINST
        places = {place for swap in swaps for place in (swap.first, swap.second)}
        if gain > _EVIDENCE or (order > 0 and not against) or not settled.isdisjoint(places):
            continue
        if now is None:
            now = bits(pairs)
        if bits(_swapped(pairs, swaps)) - now > _REGULARITY:
            continue
        if (against or order < 0) and doubtful.isdisjoint(places):
            exchanges += [(swap.first, swap.second) for swap in swaps]
        if against and doubtful.isdisjoint(places):
            settled |= places
        else:
            doubtful |= places
    return exchanges, doubtful, settled


def _whole_parts(found: Mapping[_Key, list[_Swap]]) -> list[list[_Swap]]:
    """Exchanges of parts of several layers: all layers of the one against those of the other."""
    parts: dict[_Key, list[list[_Swap]]] = {}
    for (ours, theirs), swaps in found.items():
        left, right = _without_end(ours), _without_end(theirs)
        if repr(left[1]) > repr(left[2]):
            left, right = (left[0], left[2], left[1]), (right[0], right[2], right[1])
            swaps = [_Swap(swap.second, swap.first) for swap in swaps]
        parts.setdefault((left, right), []).append(swaps)
    return [[swap for swaps in several for swap in swaps] for several in parts.values() if len(several) > 1]


def _without_end(apart: _Apart) -> _Apart:
    """What tells two names apart, without what both have behind that ("w.1" of "feed.w.1" and "feed.macaron.w.1")."""
    shared, first, second = apart
    same = 0
    while same < min(len(first), len(second)) and first[-1 - same] == second[-1 - same]:
        same += 1
    return shared, first[: len(first) - same], second[: len(second) - same]


def out_of_line(
    source: Side, target: Side, pairs: Pairs, alike: Callable[[int, int], float]
) -> tuple[list[tuple[int, int]], set[int]]:
    """Pairs that are the other way round than in most blocks of the stack, though the names in them are the same.

    Returns:
        Places of two pairs each whose partners are to be exchanged, so that all blocks agree; and the places of
        those pairs where as many blocks say the one as the other.
    """
    exchanges: list[tuple[int, int]] = []
    doubtful: set[int] = set()
    taken: set[int] = set()
    found = _candidates(source, target, pairs)
    for (ours, theirs), swaps in found.items():
        shared, first, second = theirs
        others = found.get((ours, (shared, second, first)), [])
        if not others or len(swaps) > len(others):
            continue
        places = {place for swap in swaps for place in (swap.first, swap.second)}
        if len(swaps) == len(others):
            doubtful |= places
        elif taken.isdisjoint(places) and sum(_gain(pairs, swap, alike) for swap in swaps) <= _EVIDENCE * len(swaps):
            taken |= places
            exchanges += [(swap.first, swap.second) for swap in swaps]
    return exchanges, doubtful


def _candidates(source: Side, target: Side, pairs: Pairs) -> dict[_Key, list[_Swap]]:
    """Pairs of siblings of one shape, those of all blocks of a stack together."""
    groups: dict[tuple[object, ...], list[int]] = {}
    for place, (unit, _) in enumerate(pairs):
        parents = {int(number) for number in source.inside[unit] if number >= 0}
        for number in parents:
            groups.setdefault((number, source.signature[unit]), []).append(place)
    found: dict[_Key, list[_Swap]] = {}
    seen: set[tuple[int, int]] = set()
    for places in groups.values():
        if not 1 < len(places) <= _MOST_SIBLINGS:
            continue
        for index, first in enumerate(places):
            for second in places[index + 1 :]:
                if (first, second) in seen or not _like(source, target, pairs, first, second):
                    continue
                seen.add((first, second))
                ours = _told_apart(source.units[pairs[first][0]].tokens, source.units[pairs[second][0]].tokens)
                theirs = _told_apart(target.units[pairs[first][1]].tokens, target.units[pairs[second][1]].tokens)
                if repr(ours[1]) > repr(ours[2]):
                    ours, theirs = (ours[0], ours[2], ours[1]), (theirs[0], theirs[2], theirs[1])
                    found.setdefault((ours, theirs), []).append(_Swap(second, first))
                else:
                    found.setdefault((ours, theirs), []).append(_Swap(first, second))
    return found


def _like(source: Side, target: Side, pairs: Pairs, first: int, second: int) -> bool:
    """Whether both pairs have the same tensors on either side."""
    (a, x), (b, y) = pairs[first], pairs[second]
    same = source.units[a].leaves.keys() == source.units[b].leaves.keys()
    return same and target.units[x].leaves.keys() == target.units[y].leaves.keys()


def _told_apart(first: Sequence[Token], second: Sequence[Token]) -> _Apart:
    """What two names share, without its numbers, and what each has behind that."""
    common = _common(first, second)
    shared = tuple("#" if isinstance(token, int) else token for token in first[:common])
    return shared, tuple(first[common:]), tuple(second[common:])


def _common(first: Sequence[Token], second: Sequence[Token]) -> int:
    shared = 0
    while shared < min(len(first), len(second)) and first[shared] == second[shared]:
        shared += 1
    return shared


def _gain(pairs: Pairs, swap: _Swap, alike: Callable[[int, int], float]) -> float:
    (a, x), (b, y) = pairs[swap.first], pairs[swap.second]
    return alike(a, x) + alike(b, y) - alike(a, y) - alike(b, x)


def _order(source: Side, target: Side, pairs: Pairs, swap: _Swap) -> int:
    """1 where names or files in the order of registration put both sides in the same order, -1 where names object.

    0: nothing is known, or files and names say different things.
    """
    (a, x), (b, y) = pairs[swap.first], pairs[swap.second]
    ours = _by_name(source.units[a].tokens, source.units[b].tokens)
    theirs = _by_name(target.units[x].tokens, target.units[y].tokens)
    if ours and theirs:
        if (ours > 0) == (theirs > 0):
            # Where files say the opposite, names may number something else.
            return int(not _contradicted(source, a, b, ours) and not _contradicted(target, x, y, theirs))
        # Registration may say more than numbers do, but not more than "pre" and "final" that are added to a name.
        added = extension_order(source.units[a].tokens, source.units[b].tokens)
        added = added or extension_order(target.units[x].tokens, target.units[y].tokens)
        return 0 if not added and source.ordered and (a > b) == (x > y) else -1
    if _extends(source, a, b, ours) or _extends(target, x, y, theirs):
        return 0
    here = ours or ((a > b) - (a < b) if source.ordered else 0)
    there = theirs or ((x > y) - (x < y) if target.ordered else 0)
    return int(bool(here and there) and (here > 0) == (there > 0))


def _registered_crosswise(source: Side, target: Side, pairs: Pairs, swap: _Swap, partner: Mapping[int, int]) -> bool:
    """Whether each of two layers is registered behind what stands before the other's partner.

    Of numbers on both sides that says nothing: some register a norm before the part that it serves, some behind it.
    """
    (a, x), (b, y) = pairs[swap.first], pairs[swap.second]
    if not (source.ordered and target.ordered) or (_is_numbered(source, a, b) and _is_numbered(target, x, y)):
        return False
    before = partner.get(a - 1), partner.get(b - 1)
    return before == (y - 1, x - 1)


def _is_numbered(side: Side, first: int, second: int) -> bool:
    """Whether two names go apart in a number."""
    tokens = side.units[first].tokens, side.units[second].tokens
    place = _common(*tokens)
    return any(isinstance(token, int) for path in tokens for token in path[place : place + 1])


def _extends(side: Side, first: int, second: int, told: int) -> bool:
    """Whether one name is the other with more before it, which tells nothing: where it is registered tells no more."""
    short, long = sorted((side.units[first].tokens, side.units[second].tokens), key=len)
    rest = short[_common(short, long) :]
    return not told and 0 < len(rest) < len(long) and long[-len(rest) :] == rest and len(short) < len(long)


def _contradicted(side: Side, first: int, second: int, told: int) -> bool:
    """Whether a file in the order of registration has two layers the other way round than their words say."""
    return side.ordered and not _is_numbered(side, first, second) and (told > 0) != (first > second)


def _by_name(first: Sequence[Token], second: Sequence[Token]) -> int:
    """Which of two names comes first by what they say: negative the first, 0 where nothing is known."""
    common = _common(first, second)
    if told := extension_order(first[common:], second[common:]) or extension_order(first, second):
        return told
    if common == len(first) or common == len(second):
        # "norm" before "norm.1".
        rest = (*first[common:], *second[common:])
        return (len(first) - len(second)) if rest and isinstance(rest[0], int) else 0
    a, b = first[common], second[common]
    if isinstance(a, int) and isinstance(b, int):
        return a - b
    return chain_order(first[common:], second[common:])


def _swapped(pairs: Pairs, swaps: Sequence[_Swap]) -> list[tuple[int, int]]:
    result = list(pairs)
    for swap in swaps:
        (a, x), (b, y) = pairs[swap.first], pairs[swap.second]
        result[swap.first], result[swap.second] = (a, y), (b, x)
    return result
