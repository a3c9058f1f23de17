"""Which names a filter text finds: substring, glob or regular expression; quick at 100,000 names."""

from __future__ import annotations

import re
import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from fnmatch import translate
from typing import Literal

from ckpt_studio.core.edits.regex import cannot_run_away
from ckpt_studio.gui.tree_nodes import NameTable

_PIECES = re.compile(r"[*?]|\[.*?\]|\[")

FilterMode = Literal["text", "glob", "regex"]


@dataclass(frozen=True)
class NameFilter:
    """A filter as typed. Upper and lower case are the same; an empty text finds everything."""

    text: str = ""
    mode: FilterMode = "text"

    def __bool__(self) -> bool:
        return bool(self.text)

    def problem(self) -> Literal["", "invalid", "slow"]:
        """Why the text cannot be searched for: no valid expression, or one that might never end."""
        pattern = self._pattern()
        if pattern is None:
            return "invalid"
        return "slow" if self.mode == "regex" and not cannot_run_away(pattern.pattern) else ""

    def narrows(self, other: NameFilter) -> bool:
        """Whether everything this filter finds was found by `other` too (typing on)."""
        return self.mode == other.mode == "text" and bool(other.text) and other.text.lower() in self.text.lower()

    def find(self, table: NameTable, among: Sequence[int] | None = None) -> list[int]:
        """Positions of the names it finds, in order; only `among` these when given."""
        if self.mode == "text":
            needle, lowered = self.text.lower(), table.lowered
            if among is not None:
                return [i for i in among if needle in lowered[i]]
            return [i for i, name in enumerate(lowered) if needle in name]
        pattern = self._pattern()
        if pattern is None or self.problem():
            return []
        names = table.names
        if self.mode == "regex":
            return [i for i, match in enumerate(map(pattern.search, names)) if match]
        # The longest plain piece of the pattern leaves few names to match.
        needle, lowered = max(_PIECES.split(self.text), key=len).lower(), table.lowered
        some = [i for i, name in enumerate(lowered) if needle in name]
        return [i for i in some if pattern.match(names[i])]

    def _pattern(self) -> re.Pattern[str] | None:
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                return re.compile(translate(self.text) if self.mode == "glob" else self.text, re.IGNORECASE)
        except (re.error, RecursionError, OverflowError):
            return None
