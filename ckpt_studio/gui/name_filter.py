"""Which tensors a filter text finds: by name (substring, glob, regular expression) and by terms; quick at 100,000."""

from __future__ import annotations

import re
import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fnmatch import translate
from typing import Literal

from ckpt_studio.compare.report import Status
from ckpt_studio.core.edits.regex import longest_safe
from ckpt_studio.gui.filter_terms import Term, bare_shape, split_terms
from ckpt_studio.gui.health import Health
from ckpt_studio.gui.tree_nodes import NameTable

# Characters: an expression that would take long on a name of this length is not searched for. Real names are shorter.
_LONG_NAME = 64
# Of longer names, which only a broken or hostile file has, an expression sees so much.
_SEEN_OF_NAME = 400
_PIECES = re.compile(r"[*?]|\[.*?\]|\[")

FilterMode = Literal["text", "glob", "regex"]


@dataclass(frozen=True)
class NameFilter:
    """A filter as typed: terms such as `dtype:float16`, and what is left of the text for the names.

    Upper and lower case are the same; of several words each must be in the name; an empty text finds everything.
    `health` is what the values were found to be, for `health:`; None while nobody checked them.
    """

    text: str = ""
    mode: FilterMode = "text"
    health: Health | None = None

    def __bool__(self) -> bool:
        return bool(self.text)

    @property
    def words(self) -> str:
        """The part of the text that names are searched for."""
        return split_terms(self.text)[0]

    @property
    def terms(self) -> tuple[Term, ...]:
        """The conditions beside it."""
        return split_terms(self.text)[1]

    @property
    def shape(self) -> str:
        """The shape that the words are, without a `shape:` before it; "" when they are none."""
        return bare_shape(self.words) if self.mode != "regex" else ""

    @property
    def needs_statuses(self) -> bool:
        """Whether what it finds depends on the comparison."""
        return any(term.word == "status" for term in self.terms)

    @property
    def needs_health(self) -> bool:
        """Whether what it finds depends on a check of the values."""
        return any(term.word == "health" for term in self.terms)

    @property
    def asks_for_missing(self) -> bool:
        """Whether it looks for names that the model has and the file has not: no row of the tree is one of them."""
        return any(term.word == "status" and len(term.value) > 2 and "missing".startswith(term.value)
                   for term in self.terms)  # fmt: skip

    def problem(self) -> Literal["", "invalid", "slow", "term"]:
        """Why the text cannot be searched for: no valid expression, one that might never end, half a term."""
        if not all(term.is_complete() for term in self.terms):
            return "term"
        pattern = self._pattern()
        if pattern is None:
            return "invalid"
        return "slow" if self.mode == "regex" and longest_safe(pattern.pattern) < _LONG_NAME else ""

    def narrows(self, other: NameFilter) -> bool:
        """Whether everything this filter finds was found by `other` too (typing on)."""
        return (
            self.mode == other.mode == "text"
            and bool(other.words)
            and other.words.lower() in self.words.lower()
            and self.terms == other.terms
            and not self.needs_statuses
            and not (self.shape or other.shape)
            and self.health is other.health
        )

    def find(
        self, table: NameTable, among: Sequence[int] | None = None, statuses: Mapping[str, Status] | None = None
    ) -> list[int]:
        """Positions of what it finds, in order; only `among` these when given.

        Args:
            table: the names and facts to search in.
            among: positions that are left to search.
            statuses: what the comparison says of the names, for `status:`.
        """
        everything = range(len(table.names)) if among is None else among
        found: Sequence[int] = self._named(table, among) if self.words else everything
        if self.shape:
            # Names may have “3x3” in them, too.
            shaped = Term("shape", self.shape).keep(table, everything, {}, None)
            found = sorted({*found, *shaped})
        for term in self.terms:
            found = term.keep(table, found, statuses or {}, self.health)
        return list(found)

    def _named(self, table: NameTable, among: Sequence[int] | None) -> list[int]:
        if self.mode == "text":
            # A name that has one of the words rarely lacks the others: the longest leaves few to look at again.
            needle, *others = sorted(self.words.lower().split(), key=len, reverse=True) or [self.words.lower()]
            lowered = table.lowered
            if among is not None and len(among) < len(lowered):
                some = [i for i in among if needle in lowered[i]]
            else:
                some = [i for i, name in enumerate(lowered) if needle in name]
            return [i for i in some if all(other in lowered[i] for other in others)] if others else some
        pattern = self._pattern()
        if pattern is None or self.problem():
            return []
        names = table.names
        if self.mode == "regex":
            seen = max(longest_safe(pattern.pattern), _SEEN_OF_NAME)
            return [i for i, name in enumerate(names) if pattern.search(name, 0, seen)]
        # The longest plain piece of the pattern leaves few names to match.
        needle, lowered = max(_PIECES.split(self.words), key=len).lower(), table.lowered
        some = [i for i, name in enumerate(lowered) if needle in name]
        return [i for i in some if pattern.match(names[i])]

    def _pattern(self) -> re.Pattern[str] | None:
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                return re.compile(translate(self.words) if self.mode == "glob" else self.words, re.IGNORECASE)
        except (re.error, RecursionError, OverflowError):
            return None
