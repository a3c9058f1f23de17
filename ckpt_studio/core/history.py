"""Undo and redo as a list of applied edits with their snapshots; a recipe is that list as JSON."""

from __future__ import annotations

from dataclasses import dataclass

from ckpt_studio.core.checkpoint import Checkpoint
from ckpt_studio.core.edits import Activate, Edit, Recipe
from ckpt_studio.core.tree import Path


@dataclass(frozen=True)
class Revision:
    """One applied edit and the checkpoint it gave."""

    edit: Edit
    checkpoint: Checkpoint


class History:
    """The edits applied to one opened file. Undo and redo move an index; undo needs no inverse code.

    Owned by the window's thread (or by the command line); snapshots share everything that an edit left alone.
    """

    def __init__(self, opened: Checkpoint) -> None:
        self.opened = opened
        self._revisions: list[Revision] = []
        self._index = 0
        self._saved_index: int | None = 0
        self._shared_index = 0

    @property
    def current(self) -> Checkpoint:
        """The checkpoint after the edits up to the index."""
        return self.state(self._index)

    @property
    def index(self) -> int:
        """How many edits are applied now."""
        return self._index

    @property
    def revisions(self) -> tuple[Revision, ...]:
        """All edits, also those that redo would apply again."""
        return tuple(self._revisions)

    @property
    def saved_index(self) -> int | None:
        """After how many edits the state was exported last (0: as opened); None when redo lost that state."""
        return self._saved_index

    @property
    def shared_index(self) -> int:
        """How many of the edits, from the first on, are in the state that was exported last."""
        return self._shared_index

    @property
    def applied(self) -> tuple[Edit, ...]:
        """The edits up to the index, in order."""
        return tuple(revision.edit for revision in self._revisions[: self._index])

    def recipe(self, start: Path | None = None) -> Recipe:
        """What leads from the file to the current state; where edits act on different state dicts, it says on which.

        Args:
            start: the state dict that is active where the recipe begins; None: the one of the opened checkpoint.
        """
        active = self.opened.active if start is None else start
        edits: list[Edit] = []
        for revision in self._revisions[: self._index]:
            # An edit leaves active what it acted on.
            acted_on = revision.checkpoint.active
            if acted_on is not None and acted_on != active and not isinstance(revision.edit, Activate):
                edits.append(Activate(acted_on))
            edits.append(revision.edit)
            active = acted_on
        return Recipe(tuple(edits))

    @property
    def is_dirty(self) -> bool:
        """Whether the current state was not exported (or opened) as it is."""
        return self._index != self._saved_index

    def apply(self, edit: Edit) -> Checkpoint:
        """Applies an edit; what redo held is dropped. Raises EditError and changes nothing if it does not fit."""
        return self.record(edit, edit.apply(self.current))

    def record(self, edit: Edit, result: Checkpoint) -> Checkpoint:
        """Enters an edit whose result was computed elsewhere (a job) from `current`."""
        del self._revisions[self._index :]
        if self._saved_index is not None and self._saved_index > self._index:
            self._saved_index = None
        self._shared_index = min(self._shared_index, self._index)
        self._revisions.append(Revision(edit, result))
        self._index += 1
        return result

    def state(self, index: int) -> Checkpoint:
        """The checkpoint after `index` edits (0: as opened). Raises IndexError outside the list."""
        if not 0 <= index <= len(self._revisions):
            raise IndexError(index)
        return self._revisions[index - 1].checkpoint if index else self.opened

    def go_to(self, index: int) -> Checkpoint:
        """Moves to after `index` edits (0: as opened). Raises IndexError outside the list."""
        checkpoint = self.state(index)
        self._index = index
        return checkpoint

    def undo(self) -> Checkpoint:
        """One edit back. Raises IndexError at the beginning."""
        return self.go_to(self._index - 1)

    def redo(self) -> Checkpoint:
        """One edit forward. Raises IndexError at the end."""
        return self.go_to(self._index + 1)

    def recall_export(self, index: int) -> None:
        """The state after `index` of the edits was exported in an earlier run of the program."""
        self._saved_index = self._shared_index = index

    def mark_saved(self) -> None:
        """The current state is on disk now."""
        self._saved_index = self._shared_index = self._index
