"""A mapping told as few readable rules, which do the same to the next checkpoint of the family.

`blocks.{n}.attn.qkv.* → layers.{n}.self_attention.in_proj_*`. Rules are exact: applied to the checkpoint they were
made from, they give the very pairs; what none covers stays a pair of names.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from ckpt_studio.compare.alignment.formulas import VARIABLES, Formula, Rank, Row, Term, formulas
from ckpt_studio.compare.alignment.making import joined_names
from ckpt_studio.core.edits.forms import Shape, form_between
from ckpt_studio.core.edits.patterns import (
    Fixed,
    Linear,
    Names,
    Part,
    Running,
    Star,
    Words,
    made,
    without_numbers,
    written,
)
from ckpt_studio.core.edits.rules import COLUMNS, NameRule, Piece, expanded
from ckpt_studio.errors import EditError

_NUMBER = re.compile(r"\d+")
# Signs that mean something in a pattern; names with them stay pairs. A leading zero is lost in a number.
_ODD = re.compile(r"[{}*\[\]()]| \+ |(?<!\d)0\d")

# A number with more values than these counts layers: a rule for each would be none.
_FEW_VALUES = 4
# Of more pairs than these, a rule has to say something about numbers.
_MANY = 3000


@dataclass(frozen=True)
class Told:
    """One tensor of the model and what it is made of, to be told by a rule.

    Attributes:
        pieces: of the checkpoint's tensors (elements along `axis`); () when it is one whole tensor.
        source: the checkpoint's name, of several the first.
        target: the model's.
        confidence: 0 to 1.
        axis: along which pieces lie.
        transposed: whether the two axes of a matrix change places.
        shape: to be reshaped to (elements), or None.
    """

    source: str
    target: str
    confidence: float = 1.0
    pieces: tuple[Piece, ...] = ()
    axis: int = 0
    transposed: bool = False
    shape: Shape | None = None

    @property
    def sources(self) -> tuple[str, ...]:
        """The names of everything it is made of."""
        return tuple(piece.name for piece in self.pieces) or (self.source,)


@dataclass(frozen=True)
class Rule:
    """One regularity of a mapping.

    Attributes:
        source, target: patterns; in those that only tell (`rule` None) `{…}` is a number that follows no formula.
        places: which pairs it covers, as places in the list it was made from.
        confidence: of the least certain pair (0 to 1).
        rule: the same to be applied; None when the pairs go by their names.
    """

    source: str
    target: str
    places: tuple[int, ...]
    confidence: float
    rule: NameRule | None


@dataclass(frozen=True)
class _Found:
    """A rule in the making: patterns, what it covers, and the words for what it does."""

    sources: tuple[tuple[Part, ...], ...]
    target: tuple[Part, ...]
    cuts: tuple[str, ...]
    how: str
    places: tuple[int, ...]
    is_greedy: bool = False
    """Whether it finds tensors of others, and so has to come after them."""

    @property
    def rule(self) -> NameRule:
        texts = list(map(written, self.sources))
        if any(self.cuts):
            source = " + ".join(f"{text} {cut}" if cut else text for text, cut in zip(texts, self.cuts, strict=True))
        else:
            source = joined_names(texts)
        return NameRule(source, written(self.target), self.how)


def rules_of(told: Sequence[Told], shapes: Mapping[str, Shape]) -> list[Rule]:
    """Few rules that together say everything told, in the order in which they are to be applied.

    Args:
        told: what becomes of which tensor.
        shapes: of all tensors of the checkpoint (elements).
    """
    whole = _by_prefix(told, shapes)
    if whole is not None:
        return [whole]
    names = Names(list(shapes))
    found, single = _found(told, shapes, names)
    found = _generalised(found, told, names)
    found, lost = _proven(found, told, shapes, single)
    rules = [_as_rule(item, told) for item in found]
    return rules + [_plain(group, told) for group in _alike(sorted((*single, *lost)), told)]


def _as_rule(found: _Found, told: Sequence[Told]) -> Rule:
    rule = found.rule
    return Rule(rule.source, rule.target, found.places, min(told[k].confidence for k in found.places), rule)


def _by_prefix(told: Sequence[Told], shapes: Mapping[str, Shape]) -> Rule | None:
    """The one rule of a mapping that only changes what all names begin with."""
    if len(told) < 2 or any(item.pieces or item.transposed or item.shape is not None for item in told):
        return None
    first = told[0]
    ours, theirs = first.source.split("."), first.target.split(".")
    common = 0
    while common < min(len(ours), len(theirs)) and ours[-1 - common] == theirs[-1 - common]:
        common += 1
    # The longest ending that is equal; shorter ones where others share less.
    for length in range(common, 0, -1):
        old = "".join(f"{part}." for part in ours[: len(ours) - length])
        new = "".join(f"{part}." for part in theirs[: len(theirs) - length])
        if _ODD.search(old + new):
            return None
        if not all(item.source.startswith(old) and item.target == new + item.source[len(old) :] for item in told):
            continue
        if sum(name.startswith(old) for name in shapes) == len(told):
            rule = NameRule(old + "*", new + "*")
            confidence = min(item.confidence for item in told)
            return Rule(rule.source, rule.target, tuple(range(len(told))), confidence, rule)
    return None


# Groups of pairs whose names differ in numbers only.


def _found(told: Sequence[Told], shapes: Mapping[str, Shape], names: Names) -> tuple[list[_Found], list[int]]:
    sizes: dict[str, set[int]] = {}
    for item in told:
        for piece in item.pieces:
            sizes.setdefault(piece.name, set()).add(piece.size)
    groups: dict[tuple[object, ...], list[int]] = {}
    single: list[int] = []
    for place, item in enumerate(told):
        if any(_ODD.search(name) for name in (*item.sources, item.target)):
            single.append(place)
            continue
        ours, theirs, _ = _heads(item)
        cuts = tuple(_cut(piece, item.axis, shapes, sizes) for piece in item.pieces)
        key = (tuple(map(without_numbers, ours)), without_numbers(theirs), cuts, _leaf_kind(item))
        groups.setdefault(key, []).append(place)
    found: list[_Found] = []
    for group in groups.values():
        for how, places in _by_how(group, told, shapes):
            some, lost = _group_rules(places, told, how, shapes, sizes, names)
            found += some
            single += lost
    return found, single


def _leaf_kind(item: Told) -> tuple[str, str] | None:
    """What stands before the last part's common ending on both sides ("", "in_proj_"); None without a common one."""
    leaves = {name.rpartition(".")[2] for name in item.sources}
    theirs = item.target.rpartition(".")[2]
    if len(leaves) > 1:
        return None
    ours = leaves.pop()
    if ours == theirs:
        return "", ""
    if theirs.endswith("_" + ours):
        return "", theirs[: -len(ours)]
    if ours.endswith("_" + theirs):
        return ours[: -len(theirs)], ""
    return None


def _heads(item: Told) -> tuple[list[str], str, str]:
    """The names without the ending that both sides share, and that ending ("" where there is none)."""
    kind = _leaf_kind(item)
    if kind is None:
        return list(item.sources), item.target, ""
    leaf = item.sources[0].rpartition(".")[2][len(kind[0]) :]
    cut = -len(leaf)
    return [name[:cut] for name in item.sources], item.target[:cut], leaf


def _cut(piece: Piece, axis: int, shapes: Mapping[str, Shape], sizes: Mapping[str, set[int]]) -> str:
    """The part of a tensor that is meant, as rules write it, but for the other axes' size."""
    length = shapes[piece.name][axis]
    if piece.size == length:
        return ""
    if len(sizes[piece.name]) == 1 and length % piece.size == 0 and piece.start % piece.size == 0:
        return f"[{piece.start // piece.size + 1}/{length // piece.size}]"
    return f"[{piece.start}:{piece.start + piece.size}/{length}]"


def _by_how(group: Sequence[int], told: Sequence[Told], shapes: Mapping[str, Shape]) -> Iterator[tuple[str, list[int]]]:
    """The group by what happens to axes; vectors go with whatever matrices of theirs do."""
    kinds: dict[str, list[int]] = {}
    axes: dict[str, set[int]] = {}
    for place in group:
        item = told[place]
        shape = shapes[item.source]
        words = [COLUMNS] if item.pieces and len(shape) > 1 and item.axis == len(shape) - 1 else []
        if item.pieces:
            length = sum(piece.size for piece in item.pieces)
            shape = (*shape[: item.axis], length, *shape[item.axis + 1 :])
        turned = shape[::-1] if item.transposed else shape
        form = form_between(shape, item.shape if item.shape is not None else turned, item.transposed)
        how = ", ".join([*words, *([form] if form else [])])
        kinds.setdefault(how, []).append(place)
        axes.setdefault(how, set()).add(len(shape))
    told_ways = [how for how in kinds if how]
    if len(told_ways) == 1 and "" in kinds and axes[""].isdisjoint(axes[told_ways[0]]) and axes[""] <= {0, 1}:
        yield told_ways[0], sorted((*kinds[""], *kinds[told_ways[0]]))
        return
    yield from kinds.items()


def _group_rules(
    places: Sequence[int],
    told: Sequence[Told],
    how: str,
    shapes: Mapping[str, Shape],
    sizes: Mapping[str, set[int]],
    names: Names,
) -> tuple[list[_Found], list[int]]:
    """The rules of pairs that differ in numbers (and in the shared ending) only, and the pairs that none explains."""
    split = [_heads(told[place]) for place in places]
    first, target = split[0][0], split[0][1]
    rows: list[Row] = []
    for ours, theirs, _ in split:
        rest = [number for text in (*ours[1:], theirs) for number in _numbers(text)]
        rows.append((tuple(_numbers(ours[0])), tuple(rest)))
    if len(told) > _MANY and len(set(rows)) == 1 and not how and not told[places[0]].pieces:
        # Thousands of names with nothing in common make no rules, only time.
        return [], list(places)
    head = without_numbers(first[0])

    def rank(numbers: tuple[int, ...], chosen: tuple[int, ...]) -> int | None:
        parts = _parts(head, [Linear(((1, VARIABLES[k]),)) if k in chosen else n for k, n in enumerate(numbers)])
        variables = tuple(VARIABLES[k] for k in chosen)
        try:
            return names.running(parts, Running(variables), {VARIABLES[k]: numbers[k] for k in chosen})
        except (EditError, KeyError):
            return None

    def rule_of(formula: Formula) -> _Found:
        members = [places[k] for k in formula.places]
        leaves = list(dict.fromkeys(split[k][2] for k in formula.places))
        item = told[members[0]]
        cuts = tuple(_whole_cut(piece, members, told, shapes, sizes) for piece in item.pieces) or ("",)
        sources, goal = _patterns(first, target, formula)
        ending: tuple[Part, ...] = (Star(),) if leaves != [""] else ()
        rule = _Found(tuple(parts + ending for parts in sources), goal + ending, cuts, how, tuple(members))
        wanted = {told[place].sources[0] for place in members}
        if ending and any(name not in wanted for name, _ in names.matches(rule.sources[0])):
            ending = (Words(tuple(leaves)),) if len(leaves) > 1 else (leaves[0],)
            rule = replace(rule, sources=tuple(p + ending for p in sources), target=goal + ending)
        return replace(rule, is_greedy=any(name not in wanted for name, _ in names.matches(rule.sources[0])))

    solved, lost = formulas(rows, rank)
    found = []
    for formula in solved:
        rule = rule_of(formula)
        found += (rule.is_greedy and _by_value(rows, formula, rank, rule_of)) or [rule]
    return found, [places[k] for k in lost]


def _by_value(rows: Sequence[Row], formula: Formula, rank: Rank, rule_of: Callable[[Formula], _Found]) -> list[_Found]:
    """A rule that finds too much as a few, one for each value of a number, if those find no more than they should."""
    for column in range(len(rows[0][0])):
        values = sorted({rows[k][0][column] for k in formula.places})
        if not 1 < len(values) <= _FEW_VALUES:
            continue
        result: list[_Found] = []
        for value in values:
            some = [k for k in formula.places if rows[k][0][column] == value]
            solved, lost = formulas([rows[k] for k in some], rank)
            result += [rule_of(replace(item, places=tuple(some[k] for k in item.places))) for item in solved]
            if lost or len(solved) > 1:
                break
        else:
            if not any(item.is_greedy for item in result):
                return result
    return []


def _whole_cut(
    piece: Piece,
    members: Sequence[int],
    told: Sequence[Told],
    shapes: Mapping[str, Shape],
    sizes: Mapping[str, set[int]],
) -> str:
    """The part of a tensor, with the size of the other axes where it is not one of equal parts."""
    cut = _cut(piece, told[members[0]].axis, shapes, sizes)
    if ":" not in cut:
        return cut
    number = told[members[0]].pieces.index(piece)
    for place in members:
        item = told[place]
        shape = shapes[item.pieces[number].name]
        if len(shape) > 1:
            beside = 1
            for axis, size in enumerate(shape):
                beside *= 1 if axis == item.axis else size
            return f"{cut[:-1]}x{beside}]"
    return cut


def _numbers(text: str) -> list[int]:
    return [int(number) for number in _NUMBER.findall(text)]


def _parts(text: str, numbers: Sequence[Term]) -> tuple[Part, ...]:
    """A text with `#` for its numbers as a pattern."""
    pieces = text.split("#")
    parts: list[Part] = [pieces[0]]
    for number, piece in zip(numbers, pieces[1:], strict=True):
        for part in (str(number) if isinstance(number, int) else number, piece):
            if isinstance(part, str) and isinstance(parts[-1], str):
                parts[-1] += part
            else:
                parts.append(part)
    return tuple(part for part in parts if part != "")


def _patterns(
    sources: Sequence[str], target: str, formula: Formula
) -> tuple[tuple[tuple[Part, ...], ...], tuple[Part, ...]]:
    result = [_parts(without_numbers(sources[0]), formula.left)]
    rest = iter(formula.right)
    for text in (*sources[1:], target):
        form = without_numbers(text)
        result.append(_parts(form, list(itertools.islice(rest, form.count("#")))))
    return tuple(result[:-1]), result[-1]


# What one layer shows, told as all others are.


def _generalised(found: list[_Found], told: Sequence[Told], names: Names) -> list[_Found]:
    """Rules with given numbers where others have variables, told with these where that finds nothing more here."""
    heads: dict[tuple[str, str], tuple[tuple[Part, ...], tuple[Part, ...]]] = {}
    for item in sorted(found, key=lambda item: -len(item.places)):
        for source, target in _frames(item):
            heads.setdefault((_form(source), _form(target)), (source, target))
    return [_as_others(item, heads, told, names) for item in found]


def _frames(item: _Found) -> Iterator[tuple[tuple[Part, ...], tuple[Part, ...]]]:
    """Beginnings of source and target that end with a variable each, which share all variables."""
    source, target = item.sources[0], item.target
    ours = [k for k, part in enumerate(source) if isinstance(part, Linear)]
    theirs = [k for k, part in enumerate(target) if isinstance(part, Linear | Running)]
    for last in reversed(ours):
        head = source[: last + 1]
        if any(isinstance(part, Star | Words | Fixed) for part in head):
            continue
        known = {name for part in head if isinstance(part, Linear) for _, name in part.terms}
        for end in reversed(theirs):
            goal = target[: end + 1]
            used = {name for part in goal for name in _variables(part)}
            if used == known and not any(isinstance(part, Star | Words) for part in goal):
                yield head, goal
                break


def _variables(part: Part) -> tuple[str, ...]:
    if isinstance(part, Linear):
        return tuple(name for _, name in part.terms)
    return part.names if isinstance(part, Running) else ()


def _form(parts: Sequence[Part]) -> str:
    return "".join(without_numbers(part) if isinstance(part, str) else "#" for part in parts)


def _as_others(
    item: _Found,
    heads: Mapping[tuple[str, str], tuple[tuple[Part, ...], tuple[Part, ...]]],
    told: Sequence[Told],
    names: Names,
) -> _Found:
    wanted = {told[place].sources[0]: told[place].target for place in item.places}
    own = {name for part in (*item.sources[0], *item.target) for name in _variables(part)}
    forms = [_form(parts) for parts in (*item.sources, item.target)]
    for (ours, theirs), (source, target) in heads.items():
        if not (forms[0].startswith(ours) and forms[-1].startswith(theirs)):
            continue
        tail, their_tail = _after(item.sources[0], ours.count("#")), _after(item.target, theirs.count("#"))
        if tail is None or their_tail is None:
            continue
        if source == item.sources[0][: len(source)]:
            return item
        used = {name for part in (*tail, *their_tail) for name in _variables(part)}
        theirs_too = {name for part in source for name in _variables(part)}
        if used & theirs_too:
            spare = [letter for letter in VARIABLES if letter not in own | used | theirs_too]
            renames = dict(zip(sorted(used), spare, strict=False))
            tail, their_tail = _renamed(tail, renames), _renamed(their_tail, renames)
        for fixed in range(sum(isinstance(part, Linear) for part in source)):
            head = _with_fixed(source, item.sources[0], fixed)
            if head is None:
                continue
            others = [_behind(head, parts, ours) for parts in item.sources[1:]]
            if any(parts is None for parts in others):
                break
            candidate = replace(
                item,
                sources=(_merged((*head, *tail)), *(parts for parts in others if parts is not None)),
                target=_merged((*target, *their_tail)),
            )
            if _finds(candidate, names) == wanted:
                return candidate
    return item


def _after(parts: Sequence[Part], count: int) -> tuple[Part, ...] | None:
    """What follows the first `count` numbers of a pattern."""
    seen = 0
    for k, part in enumerate(parts):
        if not isinstance(part, str):
            seen += 1
            if seen == count:
                return tuple(parts[k + 1 :])
            continue
        for number in _NUMBER.finditer(part):
            seen += 1
            if seen == count:
                rest = part[number.end() :]
                return (*([rest] if rest else []), *parts[k + 1 :])
    return None


def _behind(head: tuple[Part, ...], parts: tuple[Part, ...], form: str) -> tuple[Part, ...] | None:
    tail = _after(parts, form.count("#")) if _form(parts).startswith(form) else None
    return None if tail is None else _merged((*head, *tail))


def _with_fixed(head: tuple[Part, ...], own: Sequence[Part], count: int) -> tuple[Part, ...] | None:
    """The head with its first `count` variables fixed to the numbers that the rule's own pattern gives."""
    if not count:
        return head
    numbers: list[int | None] = []
    for part in own:
        numbers += [*map(int, _NUMBER.findall(part))] if isinstance(part, str) else [None]
    result: list[Part] = []
    place = fixed = 0
    for part in head:
        if isinstance(part, str):
            place += len(_NUMBER.findall(part))
        elif isinstance(part, Linear):
            value = numbers[place]
            place += 1
            if fixed < count:
                if value is None or len(part.terms) > 1 or part.terms[0][0] != 1 or part.constant:
                    return None
                part = Fixed(part.terms[0][1], value)
                fixed += 1
        result.append(part)
    return tuple(result)


def _renamed(parts: Iterable[Part], names: Mapping[str, str]) -> tuple[Part, ...]:
    return tuple(
        Linear(tuple((factor, names.get(name, name)) for factor, name in part.terms), part.constant)
        if isinstance(part, Linear)
        else part
        for part in parts
    )


def _merged(parts: Iterable[Part]) -> tuple[Part, ...]:
    result: list[Part] = []
    for part in parts:
        if isinstance(part, str) and result and isinstance(result[-1], str):
            result[-1] += part
        else:
            result.append(part)
    return tuple(result)


def _finds(item: _Found, names: Names) -> dict[str, str]:
    try:
        return {
            name: made(item.target, binding, names, item.sources[0]) for name, binding in names.matches(item.sources[0])
        }
    except EditError:
        return {}


# Proof.


def _proven(
    found: list[_Found], told: Sequence[Told], shapes: Mapping[str, Shape], single: Sequence[int]
) -> tuple[list[_Found], list[int]]:
    """The rules that give the very pairs together, in the model's order if that serves, and the pairs of the others."""
    in_order = sorted(found, key=lambda item: item.places[0])
    wrong = _tested(in_order, told, shapes, single)
    kept = in_order if not wrong else sorted(found, key=lambda item: item.is_greedy)
    lost: list[int] = []
    while kept:
        wrong = _tested(kept, told, shapes, (*single, *lost))
        if not wrong:
            break
        lost += [place for item in wrong for place in item.places]
        kept = [item for item in kept if item not in wrong]
    return kept, lost


def _tested(
    found: Sequence[_Found], told: Sequence[Told], shapes: Mapping[str, Shape], single: Iterable[int]
) -> list[_Found]:
    """The rules that give other tensors than those they were made from."""
    settled = {name for place in single for name in told[place].sources}
    try:
        result = expanded([item.rule for item in found], shapes, settled)
    except EditError:
        return [item for item in found if not _is_readable(item)] or list(found)
    renamed = {new: old for old, new in result.pairs}
    parts = {new: (pieces, axis) for new, pieces, axis in result.parts}
    turned, reshaped = set(result.transposed), dict(result.shapes)
    wrong = []
    for item, targets, misfits in zip(found, result.made, result.misfits, strict=True):
        good = not misfits and targets.keys() == {told[place].target for place in item.places}
        for place in item.places if good else ():
            pair = told[place]
            made_of = (pair.pieces, pair.axis) if pair.pieces else None
            good = good and parts.get(pair.target) == made_of and reshaped.get(pair.target) == pair.shape
            good = good and (pair.target in turned) == pair.transposed
            good = good and (bool(pair.pieces) or renamed.get(pair.target) == pair.source)
        if not good:
            wrong.append(item)
    return wrong


def _is_readable(item: _Found) -> bool:
    try:
        expanded([item.rule], {})
    except EditError:
        return False
    return True


# What no rule covers, told all the same.


def _alike(places: Sequence[int], told: Sequence[Told]) -> list[list[int]]:
    groups: dict[tuple[object, ...], list[int]] = {}
    for place in places:
        item = told[place]
        ours, theirs, _ = _heads(item)
        cut = len(item.pieces)
        groups.setdefault((*map(without_numbers, ours), without_numbers(theirs), _leaf_kind(item), cut), []).append(
            place
        )
    return list(groups.values())


def _plain(places: Sequence[int], told: Sequence[Told]) -> Rule:
    """Pairs alike in all but numbers as one line; numbers that vary are `{…}`."""
    texts = []
    for side in ("ours", "theirs"):
        names = [joined_names(told[k].sources) if side == "ours" else told[k].target for k in places]
        leaves = {name.rpartition(".")[2] for name in names}
        if len(leaves) > 1:
            names = [name.rpartition(".")[0] + ".*" for name in names]
        columns = list(zip(*map(_numbers, names), strict=False))
        numbers = [str(column[0]) if len(set(column)) == 1 else "{…}" for column in columns]
        pieces = without_numbers(names[0]).split("#")
        told_name = pieces[0] + "".join(n + piece for n, piece in zip(numbers, pieces[1:], strict=False))
        texts.append(told_name if len(places) > 1 else names[0])
    return Rule(texts[0], texts[1], tuple(places), min(told[k].confidence for k in places), None)
