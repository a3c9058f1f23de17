"""Edits that take tensors out of the active state dict: by name, by glob, or all but some."""

from __future__ import annotations

import fnmatch
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import ClassVar

from ckpt_studio.core.checkpoint import Checkpoint
from ckpt_studio.core.edits.base import Edit, register
from ckpt_studio.core.edits.problems import fail, no_such_tensors
from ckpt_studio.core.edits.versions import remaining_versions
from ckpt_studio.errors import EditError, Message, message


def glob_matcher(glob: str) -> Callable[[str], object]:
    """A test for names: `*` and `?` match any characters, dots included; `[abc]` one of some. Case counts."""
    return re.compile(fnmatch.translate(glob)).match


def matching_names(glob: str, names: Iterable[str]) -> list[str]:
    """The names that a glob matches, in order.

    Raises:
        EditError: "glob-matches-nothing".
    """
    matches = glob_matcher(glob)
    found = [name for name in names if matches(name)]
    if not found:
        raise EditError("glob-matches-nothing", glob=glob)
    return found


def without(checkpoint: Checkpoint, removed: Iterable[str]) -> Checkpoint:
    """The checkpoint with some entries (all of them present) taken out of the active state dict.

    Raises:
        EditError: "nothing-removed", or "nothing-left" when it would be empty.
    """
    state_dict = checkpoint.active_state_dict
    gone = set(removed)
    entries = {name: value for name, value in state_dict.entries.items() if name not in gone}
    if not entries:
        raise EditError("nothing-left")
    if len(entries) == len(state_dict.entries):
        raise EditError("nothing-removed")
    if state_dict.versions is None:
        return checkpoint.with_state_dict(state_dict.with_entries(entries))
    versions = remaining_versions(state_dict.versions, gone, entries)
    return checkpoint.with_state_dict(state_dict.with_entries(entries, versions))


@register
@dataclass(frozen=True)
class Pop(Edit):
    """Named tensors are taken out."""

    kind: ClassVar[str] = "pop"
    names: tuple[str, ...]

    def apply(self, checkpoint: Checkpoint) -> Checkpoint:
        fail(no_such_tensors(self.names, checkpoint.active_state_dict.entries))
        return without(checkpoint, self.names)

    def describe(self) -> Message:
        if len(self.names) == 1:
            return message("pop-one", name=self.names[0])
        return message("pop", count=len(self.names))


@register
@dataclass(frozen=True)
class PopMatching(Edit):
    """Tensors whose names a glob matches are taken out."""

    kind: ClassVar[str] = "pop-matching"
    glob: str

    def apply(self, checkpoint: Checkpoint) -> Checkpoint:
        return without(checkpoint, matching_names(self.glob, checkpoint.active_state_dict.entries))

    def describe(self) -> Message:
        return message("pop-matching", glob=self.glob)


@register
@dataclass(frozen=True)
class Keep(Edit):
    """Only tensors whose names a glob matches stay."""

    kind: ClassVar[str] = "keep"
    glob: str

    def apply(self, checkpoint: Checkpoint) -> Checkpoint:
        names = checkpoint.active_state_dict.entries
        kept = set(matching_names(self.glob, names))
        return without(checkpoint, (name for name in names if name not in kept))

    def describe(self) -> Message:
        return message("keep", glob=self.glob)


@register
@dataclass(frozen=True)
class KeepNames(Edit):
    """Only named tensors stay."""

    kind: ClassVar[str] = "keep-names"
    names: tuple[str, ...]

    def apply(self, checkpoint: Checkpoint) -> Checkpoint:
        names = checkpoint.active_state_dict.entries
        fail(no_such_tensors(self.names, names))
        kept = set(self.names)
        return without(checkpoint, (name for name in names if name not in kept))

    def describe(self) -> Message:
        return message("keep-names", count=len(self.names))
