"""Edits of names: rename one, a group, many; strip and add prefixes; regular expressions.

Each says what every name becomes; one function then checks the whole (collisions, empty names) and
lays the new names over the same values in the same order.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import repeat
from typing import ClassVar

from ckpt_studio.core.checkpoint import Checkpoint, StateDict
from ckpt_studio.core.edits.base import Edit, register
from ckpt_studio.core.edits.problems import fail, no_such_tensors
from ckpt_studio.core.edits.regex import substituted
from ckpt_studio.core.edits.versions import moved_versions
from ckpt_studio.core.jobs import give_way, gradually
from ckpt_studio.core.tensor import Tensor
from ckpt_studio.core.tree import Value
from ckpt_studio.errors import EditError, Message, message

# One call for all of a million names would hold up every other thread: a window's, for half a second.
_AT_ONCE = 4096


@dataclass(frozen=True)
class NameEdit(Edit):
    """An edit that only renames; order, values and everything else stay."""

    def new_names(self, names: Sequence[str]) -> list[str]:
        """What each name becomes, in order; collisions are not looked for here.

        Raises:
            EditError: the edit makes no sense for these names (nothing matches, a bad pattern).
        """
        raise NotImplementedError

    def apply(self, checkpoint: Checkpoint) -> Checkpoint:
        state_dict = checkpoint.active_state_dict
        names = list(state_dict.entries)
        return checkpoint.with_state_dict(renamed(state_dict, names, self.new_names(names)))


def renamed(state_dict: StateDict, names: Sequence[str], new_names: Sequence[str]) -> StateDict:
    """The state dict with the n-th of `names` (all of them, in order) called the n-th of `new_names`.

    Raises:
        EditError: names would collide or be empty (every case is in `problems`), or nothing would change.
    """
    values = list(state_dict.entries.values())
    entries: dict[str, Tensor | Value] = {}
    for start in range(0, len(values), _AT_ONCE):
        entries.update(zip(new_names[start : start + _AT_ONCE], values[start : start + _AT_ONCE], strict=True))
        give_way()
    if len(entries) != len(names) or "" in entries:
        fail(_name_problems(names, new_names))
    if list(entries) == list(names):
        raise EditError("renames-nothing")
    if state_dict.versions is None:
        return state_dict.with_entries(entries)
    return state_dict.with_entries(entries, moved_versions(state_dict.versions, names, new_names))


def preview_renames(edit: Edit, checkpoint: Checkpoint) -> list[tuple[str, str]]:
    """The (old, new) pairs an edit would give in the active state dict, collisions included, unchanged names left out.

    Empty for edits that rename nothing by nature.

    Raises:
        EditError: as `NameEdit.new_names`.
    """
    if not isinstance(edit, NameEdit):
        return []
    names = list(checkpoint.active_state_dict.entries)
    return [(old, new) for old, new in zip(names, edit.new_names(names), strict=True) if old != new]


def _name_problems(names: Sequence[str], new_names: Sequence[str]) -> list[Message]:
    problems: list[Message] = []
    owner: dict[str, str] = {}
    for old, new in gradually(zip(names, new_names, strict=True)):
        if not new:
            problems.append(message("empty-name", name=old))
        elif new in owner:
            problems.append(message("names-collide", name=new, first=owner[new], second=old))
        else:
            owner[new] = old
    return problems


@register
@dataclass(frozen=True)
class RenameTensor(NameEdit):
    """One tensor gets another name."""

    kind: ClassVar[str] = "rename-tensor"
    old: str
    new: str

    def new_names(self, names: Sequence[str]) -> list[str]:
        if self.old not in names:
            raise EditError("no-such-tensor", name=self.old)
        return [self.new if name == self.old else name for name in names]

    def describe(self) -> Message:
        return message("rename-tensor", old=self.old, new=self.new)


@register
@dataclass(frozen=True)
class RenameGroup(NameEdit):
    """All tensors below a module prefix move below another (`new` "": to the root)."""

    kind: ClassVar[str] = "rename-group"
    old: str
    new: str

    def new_names(self, names: Sequence[str]) -> list[str]:
        old = self.old.rstrip(".") + "."
        new = self.new.rstrip(".") + "." if self.new.rstrip(".") else ""
        if not any(name.startswith(old) for name in names):
            raise EditError("no-such-group", name=self.old)
        return [new + name[len(old) :] if name.startswith(old) else name for name in gradually(names)]

    def describe(self) -> Message:
        if not self.new.rstrip("."):
            return message("rename-group-to-root", old=self.old)
        return message("rename-group", old=self.old, new=self.new)


@register
@dataclass(frozen=True)
class RenameTensors(NameEdit):
    """Many tensors get other names at once; names may be swapped."""

    kind: ClassVar[str] = "rename-tensors"
    pairs: tuple[tuple[str, str], ...]

    def new_names(self, names: Sequence[str]) -> list[str]:
        mapping = dict(self.pairs)
        problems: list[Message] = []
        if len(mapping) != len(self.pairs):
            counts: dict[str, int] = {}
            for old, _ in self.pairs:
                counts[old] = counts.get(old, 0) + 1
            problems += [message("renamed-twice", name=old) for old, count in counts.items() if count > 1]
        problems += no_such_tensors(mapping, names)
        fail(problems)
        return [mapping.get(name, name) for name in gradually(names)]

    def describe(self) -> Message:
        if len(self.pairs) == 1:
            return message("rename-tensor", old=self.pairs[0][0], new=self.pairs[0][1])
        return message("rename-tensors", count=len(self.pairs))


@register
@dataclass(frozen=True)
class StripPrefix(NameEdit):
    """A prefix is taken off every name that has it.

    A prefix without a trailing dot means that whole component where there is one ("module" takes
    "module." off), and the bare text otherwise ("bert_").

    Attributes:
        prefix: what to take off.
        anywhere: wherever a component begins, not only at the start ("features.module.0" -> "features.0").
    """

    kind: ClassVar[str] = "strip-prefix"
    prefix: str
    anywhere: bool = False

    def new_names(self, names: Sequence[str]) -> list[str]:
        prefix = self.prefix
        if not prefix:
            raise EditError("empty-prefix")
        if not prefix.endswith("."):
            component = prefix + "."
            if self.anywhere or any(name.startswith(component) for name in names):
                prefix = component
        if self.anywhere:
            inside = "." + prefix
            result = [_without(name, prefix, inside) for name in gradually(names)]
        else:
            result = list(map(str.removeprefix, gradually(names), repeat(prefix)))
        if result == list(names):
            raise EditError("no-such-prefix", prefix=self.prefix)
        return result

    def describe(self) -> Message:
        return message("strip-prefix-anywhere" if self.anywhere else "strip-prefix", prefix=self.prefix)


def _without(name: str, prefix: str, inside: str) -> str:
    while name.startswith(prefix):
        name = name[len(prefix) :]
    while inside in name:
        name = name.replace(inside, ".")
    return name


@register
@dataclass(frozen=True)
class AddPrefix(NameEdit):
    """A text is put before every name, or before some (`names`)."""

    kind: ClassVar[str] = "add-prefix"
    prefix: str
    names: tuple[str, ...] | None = None

    def new_names(self, names: Sequence[str]) -> list[str]:
        if not self.prefix:
            raise EditError("empty-prefix")
        if self.names is None:
            return [self.prefix + name for name in gradually(names)]
        fail(no_such_tensors(self.names, names))
        chosen = set(self.names)
        return [self.prefix + name if name in chosen else name for name in names]

    def describe(self) -> Message:
        if self.names is None:
            return message("add-prefix", prefix=self.prefix)
        return message("add-prefix-to", prefix=self.prefix, count=len(self.names))


# What `compare.suggest` writes for numbers joined differently: words, and what stands before their numbers.
_NUMBERED = re.compile(r"\(\?<!\[\^\.\]\)\(([\w|\\-]+)\)(|_|\\\.)\(\\d\+\)\(\?=\\\.\|\$\)")
_JOINED = re.compile(r"\\1(|_|\.)\\2")


@register
@dataclass(frozen=True)
class RegexRename(NameEdit):
    """Every match of a pattern in every name is replaced, as Python's `re.sub` does it.

    Attributes:
        pattern: Python `re` syntax.
        replacement: with `\\1` and `\\g<name>`.
    """

    kind: ClassVar[str] = "regex"
    pattern: str
    replacement: str

    def new_names(self, names: Sequence[str]) -> list[str]:
        result = substituted(self.pattern, self.replacement, names)
        if result == list(names):
            raise EditError("pattern-matches-nothing", pattern=self.pattern)
        return result

    def describe(self) -> Message:
        numbered = _NUMBERED.fullmatch(self.pattern)
        joined = _JOINED.fullmatch(self.replacement)
        if numbered is not None and joined is not None:
            # A suggestion's pattern, which few could read; the whole of it is in the recipe.
            word = numbered[1].split("|")[0].replace("\\", "")
            old, new = (f"{word}{between}1" for between in (numbered[2].removeprefix("\\"), joined[1]))
            return message("renumber", old=old, new=new)
        return message("regex-rename", pattern=self.pattern, replacement=self.replacement)
