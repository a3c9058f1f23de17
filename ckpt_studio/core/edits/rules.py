"""Rules of a mapping: each renames, cuts, joins or turns whatever tensors of a checkpoint its pattern finds."""

from __future__ import annotations

import math
import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import NamedTuple

from ckpt_studio.core.edits.forms import Form, Shape
from ckpt_studio.core.edits.forms import parsed as parsed_form
from ckpt_studio.core.edits.patterns import Binding, Names, Part, made
from ckpt_studio.core.edits.patterns import parsed as parsed_pattern
from ckpt_studio.errors import EditError

COLUMNS = "columns"
"""The word for parts that lie along the last axis."""

# What several sources differ in: "layers.{n}.(q + k + v).*".
_SEVERAL = re.compile(r"(.*)\(([^()]* \+ [^()]*)\)(.*)", re.DOTALL)
_STRETCH = re.compile(r"(.*\S)\s+\[(\d+)(?::(\d+))?/(\d+)(?:x(\d+))?\]", re.DOTALL)


class Piece(NamedTuple):
    """A stretch of a tensor along an axis: from `start`, `size` long (elements of that axis)."""

    name: str
    start: int
    size: int


class NameRule(NamedTuple):
    """One rule of a mapping, as people write it.

    Attributes:
        source: a pattern for the checkpoint's names (see `patterns`). Several joined by " + ", in parentheses if they
            differ in one place only (`layer.{n}.(q + k + v).*`), are put together;
            `[2/3]` behind one is the second of three equal parts, `[64:96/128x64]` the elements 64 to 95 of 128
            (or as many of others in proportion, where the other axis, 64 here, grows alike).
        target: what they are called then.
        how: "columns" when the parts lie along the last axis, and a form (`a b 1 1 -> a b`; see `forms`) for
            those tensors that have as many axes as it; both with a comma between.
    """

    source: str
    target: str
    how: str = ""

    @property
    def is_plain(self) -> bool:
        """Whether it only gives one tensor, named in full, another name."""
        return not self.how and not any(sign in self.source for sign in ("{", "*", "[", " + "))


@dataclass(frozen=True)
class Stretch:
    """A pattern and which part of its tensors is meant: `size` from `start` of `whole`; all of it when whole is 1."""

    pattern: tuple[Part, ...]
    start: int = 0
    size: int = 1
    whole: int = 1
    beside: int = 0

    def within(self, shape: Shape, axis: int) -> tuple[int, int] | None:
        """Start and size in elements of a tensor's axis, or None where the proportions differ."""
        length = shape[axis]
        if self.start * length % self.whole or self.size * length % self.whole:
            return None
        others = math.prod(shape) // max(length, 1)
        if self.beside and len(shape) > 1 and length * self.beside != self.whole * others and length != self.whole:
            return None
        return self.start * length // self.whole, self.size * length // self.whole


@dataclass(frozen=True)
class ParsedRule:
    """A rule taken apart."""

    stretches: tuple[Stretch, ...]
    target: tuple[Part, ...]
    columns: bool
    form: Form | None

    @property
    def is_cut(self) -> bool:
        """Whether it makes tensors of parts, rather than renaming whole ones."""
        return len(self.stretches) > 1 or self.stretches[0].whole > 1


@lru_cache(maxsize=4096)
def parsed(rule: NameRule) -> ParsedRule:
    """The rule taken apart.

    Raises:
        EditError: a pattern, a part or the form cannot be read.
    """
    stretches = []
    several = _SEVERAL.fullmatch(rule.source)
    sources = [f"{several[1]}{text}{several[3]}" for text in several[2].split(" + ")] if several else []
    for text in sources or rule.source.split(" + "):
        found = _STRETCH.fullmatch(text.strip())
        if found is None:
            stretches.append(Stretch(parsed_pattern(text.strip())))
            continue
        first, last, whole, beside = (int(number or 0) for number in found.groups()[1:])
        start, size = (first, last - first) if found[3] is not None else (first - 1, 1)
        if not 0 <= start < start + size <= whole:
            raise EditError("bad-rule-part", text=text.strip())
        stretches.append(Stretch(parsed_pattern(found[1]), start, size, whole, beside))
    columns, form = False, None
    for word in filter(None, (part.strip() for part in rule.how.split(","))):
        if word == COLUMNS:
            columns = True
        else:
            form = parsed_form(word)
    return ParsedRule(tuple(stretches), parsed_pattern(rule.target.strip()), columns, form)


@dataclass
class Expansion:
    """What rules come to for one checkpoint; the fields are those of `ApplyMapping`.

    Attributes:
        counts: how many tensors each rule makes.
        misfits: how many it should make but cannot: a part is missing, or the proportions differ.
    """

    pairs: list[tuple[str, str]] = field(default_factory=list)
    shapes: list[tuple[str, Shape]] = field(default_factory=list)
    parts: list[tuple[str, tuple[Piece, ...], int]] = field(default_factory=list)
    transposed: list[str] = field(default_factory=list)
    counts: list[int] = field(default_factory=list)
    misfits: list[int] = field(default_factory=list)
    made: list[dict[str, str]] = field(default_factory=list)
    """For each rule the names it makes, each with the first tensor it is made of."""


def expanded(rules: Sequence[NameRule], shapes: Mapping[str, Shape], settled: Collection[str] = ()) -> Expansion:
    """What the rules do to tensors of these names and shapes.

    A tensor goes by the first rule that finds it; parts of one may be taken by several rules with the same pattern.

    Args:
        rules: in order.
        shapes: of all tensors of the checkpoint (elements).
        settled: names that no rule may touch.

    Raises:
        EditError: a rule cannot be read.
    """
    names = Names(list(shapes))
    result = Expansion()
    # Who takes a tensor: the rule's pattern for it and whether it takes it whole.
    owner: dict[str, tuple[tuple[Part, ...], int]] = dict.fromkeys(settled, ((), -1))
    for number, rule in enumerate(rules):
        taken = parsed(rule)
        found: dict[str, str] = {}
        misfits = 0
        for name, binding in names.matches(taken.stretches[0].pattern):
            pieces = _pieces(taken, name, binding, names)
            claims = [_claim(stretch.pattern, number, taken.is_cut) for stretch in taken.stretches]
            if any(owner.get(old, claim) != claim for old, claim in zip(pieces, claims, strict=True)):
                continue
            if any(old not in shapes for old in pieces):
                misfits += 1
                continue
            target = made(taken.target, binding, names, taken.stretches[0].pattern)
            if not target or not _enter(result, taken, pieces, target, shapes):
                misfits += 1
                continue
            owner.update(zip(pieces, claims, strict=True))
            found[target] = name
        result.counts.append(len(found))
        result.misfits.append(misfits)
        result.made.append(found)
    order = names.places
    result.pairs.sort(key=lambda pair: order[pair[0]])
    return result


def _claim(pattern: tuple[Part, ...], number: int, is_cut: bool) -> tuple[tuple[Part, ...], int]:
    return (pattern, -2) if is_cut else (pattern, number)


def _pieces(rule: ParsedRule, name: str, binding: Binding, names: Names) -> list[str]:
    first = rule.stretches[0].pattern
    return [name, *(made(stretch.pattern, binding, names, first) for stretch in rule.stretches[1:])]


def _enter(result: Expansion, rule: ParsedRule, names: Sequence[str], target: str, shapes: Mapping[str, Shape]) -> bool:
    """Enters one tensor that a rule makes; False when its parts or its form do not fit."""
    shape: Shape = shapes[names[0]]
    pieces: list[Piece] = []
    axis = len(shape) - 1 if rule.columns else 0
    if rule.is_cut:
        if not shape:
            return False
        for name, stretch in zip(names, rule.stretches, strict=True):
            other = shapes[name]
            within = stretch.within(other, axis) if len(other) == len(shape) else None
            if within is None or _without(other, axis) != _without(shape, axis):
                return False
            pieces.append(Piece(name, *within))
        shape = (*shape[:axis], sum(piece.size for piece in pieces), *shape[axis + 1 :])
    form = rule.form if rule.form is not None and len(rule.form.left) == len(shape) else None
    if form is not None:
        wanted = form.shape_of(shape)
        if wanted is None:
            return False
        if form.transposes:
            result.transposed.append(target)
            shape = shape[::-1]
        if wanted != shape:
            result.shapes.append((target, wanted))
    if pieces:
        result.parts.append((target, tuple(pieces), axis))
    else:
        result.pairs.append((names[0], target))
    return True


def _without(shape: Shape, axis: int) -> Shape:
    return (*shape[:axis], *shape[axis + 1 :])


def as_rules(rules: Iterable[Sequence[str]]) -> tuple[NameRule, ...]:
    """The rules of two or three texts each, as JSON keeps them. Raises TypeError for anything else."""
    return tuple(NameRule(*rule) for rule in rules)
