"""Renames by patterns with placeholders, for people who do not write regular expressions."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from ckpt_studio.core.edits.base import register
from ckpt_studio.core.edits.names import NameEdit
from ckpt_studio.core.edits.problems import fail
from ckpt_studio.core.edits.regex import substituted
from ckpt_studio.errors import EditError, Message, message

NUMBERS = ("n", "m", "i", "j", "k")
"""Placeholders that stand for a number, also with digits behind ("n2"); every other word stands for one part."""

COUNTED = r"\0([0-9]+)([+-][0-9]+)\0"
"""What `as_regex` writes for `{n+1}`: the number and what is added to it, between zero bytes."""

_SHIFTED = re.compile(r"([^\W\d]\w*)([+-][0-9]{1,9})")
_PLACE = re.compile(r"\{([^{}]*)\}|\*|[{}]")
_WORD = re.compile(r"[^\W\d]\w*")
_NUMBER = re.compile(rf"[{''.join(NUMBERS)}]\d*")


@register
@dataclass(frozen=True)
class PatternRename(NameEdit):
    """Parts of names are written anew: `layers.{n}.attn` becomes `blocks.{n}.attention`.

    The pattern stands for whole parts between dots, wherever in a name they are; the rest of the name stays.
    `{n}` is a number (`{m}`, `{i}`, `{j}`, `{k}`, `{n2}` … too), `{word}` any text without a dot, `*` any text.
    A placeholder that comes twice stands for the same text both times. In the replacement a number may be counted
    on: `{n+1}`, `{n-1}`.

    Attributes:
        pattern: what to look for.
        replacement: what to write instead, with placeholders of the pattern; the first `*` stands for
            the pattern's first one. Empty: the parts go away, with the dot between them and the rest.
    """

    kind: ClassVar[str] = "pattern"
    pattern: str
    replacement: str

    def as_regex(self) -> tuple[str, str]:
        """The same substitution for Python's `re.sub`: pattern and replacement; numbers are counted on by `COUNTED`.

        Raises:
            EditError: "empty-pattern", "bad-placeholder", "unknown-placeholder", "too-many-stars".
        """
        if not self.pattern:
            raise EditError("empty-pattern")
        problems: list[Message] = []
        body, groups = _regex(self.pattern, 0, problems)
        replacement = _substitute(self.replacement, self.pattern, groups, problems)
        fail(problems)
        if self.replacement:
            return rf"(?<![^.]){body}(?![^.])", replacement
        # Nothing is written instead: one of the dots beside it must go too.
        second, _ = _regex(self.pattern, len(set(groups.values())), [])
        return rf"\.{body}(?![^.])|^{second}(?:\.|$)", ""

    @property
    def is_counted(self) -> bool:
        """Whether the replacement counts a number on."""
        return any(_SHIFTED.fullmatch(found.group(1) or "") for found in _PLACE.finditer(self.replacement))

    def new_names(self, names: Sequence[str]) -> list[str]:
        result = substituted(*self.as_regex(), names)
        if self.is_counted:
            result = [_counted(name, self.replacement) for name in result]
        if result == list(names):
            raise EditError("pattern-matches-nothing", pattern=self.pattern)
        return result

    def describe(self) -> Message:
        if not self.replacement:
            return message("pattern-remove", pattern=self.pattern)
        return message("pattern-rename", pattern=self.pattern, replacement=self.replacement)


def _regex(pattern: str, offset: int, problems: list[Message]) -> tuple[str, dict[str, int]]:
    """The pattern as a regular expression, and the group number of each placeholder ("*1" for the first star)."""
    groups: dict[str, int] = {}
    parts: list[str] = []
    end = stars = 0
    for found in _PLACE.finditer(pattern):
        parts.append(re.escape(pattern[end : found.start()]))
        end = found.end()
        if found.group() == "*":
            stars += 1
            groups[f"*{stars}"] = offset + len(groups) + 1
            parts.append("(.*)")
            continue
        word = found.group(1)
        if word is None or not _WORD.fullmatch(word):
            problems.append(message("bad-placeholder", text=found.group()))
        elif word in groups:
            parts.append(rf"(?:\{groups[word]})")
        else:
            groups[word] = offset + len(groups) + 1
            parts.append(r"([0-9]+)" if _NUMBER.fullmatch(word) else r"([^.]+)")
    parts.append(re.escape(pattern[end:]))
    return "".join(parts), groups


def _counted(name: str, replacement: str) -> str:
    def added(found: re.Match[str]) -> str:
        number = int(found[1]) + int(found[2])
        if number < 0:
            raise EditError("number-below-zero", number=found[1], replacement=replacement)
        return str(number)

    return re.sub(COUNTED, added, name)


def _substitute(replacement: str, pattern: str, groups: dict[str, int], problems: list[Message]) -> str:
    parts: list[str] = []
    end = stars = 0
    for found in _PLACE.finditer(replacement):
        parts.append(replacement[end : found.start()].replace("\\", r"\\"))
        end = found.end()
        word = found.group(1)
        shift = _SHIFTED.fullmatch(word or "")
        if shift is not None and _NUMBER.fullmatch(shift[1]):
            word = shift[1]
        if found.group() == "*":
            stars += 1
            word = f"*{stars}"
        elif word is None or not _WORD.fullmatch(word):
            problems.append(message("bad-placeholder", text=found.group()))
            continue
        if word in groups:
            text = rf"\g<{groups[word]}>"
            parts.append(text if shift is None else f"\0{text}{shift[2]}\0")
        elif word.startswith("*"):
            problems.append(message("too-many-stars", pattern=pattern))
        else:
            problems.append(message("unknown-placeholder", placeholder="{" + word + "}", pattern=pattern))
    parts.append(replacement[end:].replace("\\", r"\\"))
    return "".join(parts)
