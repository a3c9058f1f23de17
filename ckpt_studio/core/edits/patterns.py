"""Patterns that name many tensors at once: `blocks.{n}.{m}.norm1.*`, with numbers that can be reckoned with.

In a pattern, `{n}` is a number (any letter), `{n+1}`, `{2n}`, `{3n+m+1}` numbers that follow from it, `{n=0}` the
number 0, which others go on calling n, `{weight,bias}` one of some words, and `*` any text, dots included. Where names
are made, `{#n.m}` is the running number of the layer that n and m name, counted from 0 over the whole checkpoint.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache

from ckpt_studio.core.edits.problems import fail
from ckpt_studio.errors import EditError, Message, message

_TOKEN = re.compile(r"\{([^{}]*)\}|\*|[{}]")
_TERM = re.compile(r"(\d*)([a-z])")
_LINEAR = re.compile(r"\d*[a-z](?:\+\d*[a-z])*([+-]\d+)?")
_RUNNING = re.compile(r"#([a-z](?:\.[a-z])*)([+-]\d+)?")
_FIXED = re.compile(r"([a-z])=(\d+)")
_WORDS = re.compile(r"[^{}*,]*(?:,[^{}*,]*)+")
_NUMBER = re.compile(r"\d+")

Numbers = Mapping[str, int]


@dataclass(frozen=True)
class Linear:
    """A number reckoned from others: `{3n+m+1}` is terms ((3, "n"), (1, "m")) and constant 1."""

    terms: tuple[tuple[int, str], ...]
    constant: int = 0

    def value(self, numbers: Numbers) -> int:
        """The number for these variables. Raises KeyError for one that is not known."""
        return sum(factor * numbers[name] for factor, name in self.terms) + self.constant

    def solve(self, value: int, numbers: dict[str, int]) -> bool:
        """Enters the variables that give `value`; False when none do or known ones disagree."""
        rest = value - self.constant
        for place, (factor, name) in enumerate(self.terms):
            # Of 3n+m, m stays below 3: otherwise nothing would say which is which.
            found = rest // factor
            if place == len(self.terms) - 1 and rest % factor:
                return False
            rest -= found * factor
            if found < 0 or numbers.setdefault(name, found) != found:
                return False
        return True

    def __str__(self) -> str:
        text = "+".join(f"{factor if factor != 1 else ''}{name}" for factor, name in self.terms)
        return text + (f"{self.constant:+d}" if self.constant else "")


@dataclass(frozen=True)
class Running:
    """The place of some variables' values among all that the checkpoint has, in order."""

    names: tuple[str, ...]
    constant: int = 0

    def __str__(self) -> str:
        return "#" + ".".join(self.names) + (f"{self.constant:+d}" if self.constant else "")


@dataclass(frozen=True)
class Fixed:
    """A number that is given, under a name."""

    name: str
    value: int

    def __str__(self) -> str:
        return f"{self.name}={self.value}"


@dataclass(frozen=True)
class Words:
    """One of some words."""

    words: tuple[str, ...]

    def __str__(self) -> str:
        return ",".join(self.words)


@dataclass(frozen=True)
class Star:
    """Any text."""


Part = str | Linear | Running | Fixed | Words | Star


@dataclass
class Binding:
    """What a name gave to a pattern: its numbers, the words chosen (by place), the texts of stars."""

    numbers: dict[str, int] = field(default_factory=dict)
    words: list[int] = field(default_factory=list)
    texts: list[str] = field(default_factory=list)


def written(parts: Sequence[Part]) -> str:
    """The pattern as people write it."""
    shown = ("*" if isinstance(part, Star) else part if isinstance(part, str) else f"{{{part}}}" for part in parts)
    return "".join(shown)


@lru_cache(maxsize=4096)
def parsed(text: str) -> tuple[Part, ...]:
    """The parts of a pattern.

    Raises:
        EditError: "empty-pattern", or what is no placeholder ("bad-rule-placeholder").
    """
    if not text:
        raise EditError("empty-pattern")
    parts: list[Part] = []
    problems: list[Message] = []
    end = 0
    for found in _TOKEN.finditer(text):
        if found.start() > end:
            parts.append(text[end : found.start()])
        end = found.end()
        part = Star() if found.group() == "*" else _placeholder(found.group(1))
        if part is None:
            problems.append(message("bad-rule-placeholder", text=found.group()))
        else:
            parts.append(part)
    if end < len(text):
        parts.append(text[end:])
    fail(problems)
    return tuple(parts)


def _placeholder(text: str | None) -> Part | None:
    if text is None:
        return None
    if found := _LINEAR.fullmatch(text):
        terms = [(int(factor or 1), name) for factor, name in _TERM.findall(text)]
        names = {name for _, name in terms}
        if len(names) < len(terms) or any(factor == 0 for factor, _ in terms):
            return None
        return Linear(tuple(sorted(terms, reverse=True)), int(found[1] or 0))
    if found := _RUNNING.fullmatch(text):
        return Running(tuple(found[1].split(".")), int(found[2] or 0))
    if found := _FIXED.fullmatch(text):
        return Fixed(found[1], int(found[2]))
    if _WORDS.fullmatch(text):
        return Words(tuple(text.split(",")))
    return None


def without_numbers(name: str) -> str:
    """The name with `#` for every number: equal for the same tensor of all layers."""
    return _NUMBER.sub("#", name)


class Names:
    """The names of a checkpoint, so kept that a pattern finds its own without looking at all."""

    def __init__(self, names: Sequence[str]) -> None:
        self.places = {name: place for place, name in enumerate(names)}
        self._by_form: dict[str, list[str]] = {}
        for name in names:
            self._by_form.setdefault(without_numbers(name), []).append(name)
        self._forms = sorted(self._by_form)
        self._orders: dict[tuple[Part, ...], dict[tuple[int, ...], int]] = {}

    def matches(self, pattern: Sequence[Part], is_head: bool = False) -> Iterator[tuple[str, Binding]]:
        """The names (or, of a head, those that begin so) that fit, in the order of their forms."""
        form, exact = _regexes(tuple(pattern), is_head)
        beginning = _beginning(pattern)
        for place in range(bisect_left(self._forms, beginning), len(self._forms)):
            key = self._forms[place]
            if not key.startswith(beginning):
                break
            if form.match(key) is None:
                continue
            for name in self._by_form[key]:
                found = exact.match(name)
                if found is None:
                    continue
                binding = _bound(pattern, found)
                if binding is not None:
                    yield name, binding

    def running(self, pattern: Sequence[Part], part: Running, numbers: Numbers) -> int:
        """The running number that `part` stands for, counted over all names with the pattern's head.

        Raises:
            EditError: "bad-running-number": the pattern does not have these variables.
        """
        head = _head_of(tuple(pattern), part.names)
        if head is None or any(name not in numbers for name in part.names):
            raise EditError("bad-running-number", text=f"{{{part}}}", pattern=written(pattern))
        order = self._orders.get(head)
        if order is None:
            found = {tuple(b.numbers[name] for name in part.names) for _, b in self.matches(head, is_head=True)}
            order = self._orders[head] = {values: place for place, values in enumerate(sorted(found))}
        return order[tuple(numbers[name] for name in part.names)] + part.constant


def _beginning(pattern: Sequence[Part]) -> str:
    """What the forms of all names that fit begin with."""
    result = ""
    for part in pattern:
        if isinstance(part, Star | Words):
            break
        result += part if isinstance(part, str) else "#"
    return without_numbers(result)


def _head_of(pattern: tuple[Part, ...], names: tuple[str, ...]) -> tuple[Part, ...] | None:
    """The pattern up to the last of the variables, its fixed numbers set free."""
    wanted, head = set(names), []
    for part in pattern:
        if isinstance(part, Star | Words | Running):
            return None
        if isinstance(part, Fixed):
            part = Linear(((1, part.name),))
        head.append(part)
        if isinstance(part, Linear):
            wanted -= {name for _, name in part.terms}
        if not wanted:
            return tuple(head)
    return None


@lru_cache(maxsize=4096)
def _regexes(pattern: tuple[Part, ...], is_head: bool) -> tuple[re.Pattern[str], re.Pattern[str]]:
    form: list[str] = []
    exact: list[str] = []
    for part in pattern:
        if isinstance(part, str):
            form.append(re.escape(without_numbers(part)))
            exact.append(re.escape(part))
        elif isinstance(part, Words):
            form.append("(?:" + "|".join(re.escape(without_numbers(word)) for word in part.words) + ")")
            exact.append("(" + "|".join(map(re.escape, part.words)) + ")")
        elif isinstance(part, Star):
            form.append(".+")
            exact.append("(.+)")
        else:
            form.append("#")
            exact.append("(0|[1-9][0-9]*)(?![0-9])" if not isinstance(part, Fixed) else f"({part.value})(?![0-9])")
    # A head ends where a number does, and what follows begins with no digit.
    end = "" if is_head else r"\Z"
    return re.compile("".join(form) + end, re.DOTALL), re.compile("".join(exact) + end, re.DOTALL)


def _bound(pattern: Sequence[Part], found: re.Match[str]) -> Binding | None:
    binding = Binding()
    place = 0
    for part in pattern:
        if isinstance(part, str):
            continue
        place += 1
        text = found[place]
        if isinstance(part, Words):
            binding.words.append(part.words.index(text))
        elif isinstance(part, Star):
            binding.texts.append(text)
        elif isinstance(part, Fixed):
            if binding.numbers.setdefault(part.name, part.value) != part.value:
                return None
        elif not isinstance(part, Linear) or not part.solve(int(text), binding.numbers):
            return None
    return binding


def made(pattern: Sequence[Part], binding: Binding, names: Names, source: Sequence[Part]) -> str:
    """The name a pattern stands for, once another one's has been found.

    Raises:
        EditError: it has a placeholder that `source` lacks ("unknown-rule-placeholder").
    """
    result: list[str] = []
    words = iter(binding.words)
    texts = iter(binding.texts)
    for part in pattern:
        try:
            if isinstance(part, str):
                result.append(part)
            elif isinstance(part, Words):
                result.append(part.words[next(words)])
            elif isinstance(part, Star):
                result.append(next(texts))
            elif isinstance(part, Fixed):
                result.append(str(part.value))
            else:
                value = (
                    part.value(binding.numbers)
                    if isinstance(part, Linear)
                    else names.running(source, part, binding.numbers)
                )
                if value < 0:
                    return ""
                result.append(str(value))
        except (KeyError, StopIteration, IndexError):
            shown = "*" if isinstance(part, Star) else f"{{{part}}}"
            raise EditError("unknown-rule-placeholder", placeholder=shown, pattern=written(source)) from None
    return "".join(result)
