"""Edits of big files, computed off the window's thread one after the other, with the tree that shows the result."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence

from PySide6.QtCore import QObject, Signal

from ckpt_studio.core.checkpoint import Checkpoint
from ckpt_studio.core.edits import Edit
from ckpt_studio.core.jobs import Progress
from ckpt_studio.core.tree import Path
from ckpt_studio.errors import StudioError
from ckpt_studio.gui.document import ChangeSet, Document, change_between
from ckpt_studio.gui.tasks import Task, run_task
from ckpt_studio.gui.tree_nodes import Tables
from ckpt_studio.gui.wording import worded_error

# An edit and its consequences take some microseconds a name: below this they are done before anybody notices.
BIG = 20_000


class EditQueue(QObject):
    """Owned by the window's thread.

    Signals:
        refused(str): an edit did not fit, in words; those that waited behind it are dropped.
    """

    refused = Signal(str)

    def __init__(
        self, document: Document, tables: Tables, shown_names: Callable[[], Sequence[str]], parent: QObject
    ) -> None:
        """A queue for one document; `shown_names` are some names on every level that is open in its tree."""
        super().__init__(parent)
        self._document = document
        self._tables = tables
        self._shown_names = shown_names
        self._waiting: deque[Edit] = deque()
        self._task: Task | None = None

    @property
    def is_needed(self) -> bool:
        """Whether an edit of this document could hold up the window."""
        state_dict = self._document.state_dict
        return self._task is not None or (state_dict is not None and len(state_dict.entries) > BIG)

    @property
    def is_busy(self) -> bool:
        """Whether an edit is being computed."""
        return self._task is not None

    def add(self, edit: Edit) -> None:
        """Applies an edit as soon as those before it are done."""
        self._waiting.append(edit)
        self._begin()

    def stop(self) -> None:
        """Drops what is not done yet."""
        self._waiting.clear()
        if self._task is not None:
            self._task.cancel()

    def _begin(self) -> None:
        if self._task is not None or not self._waiting:
            return
        edit, start, tables = self._waiting.popleft(), self._document.checkpoint, self._tables
        names = tuple(self._shown_names())
        task = run_task(self, lambda progress: _computed(edit, start, tables, names, progress))
        self._task = task
        task.succeeded.connect(lambda found: self._on_computed(edit, start, *found))
        task.failed.connect(self._on_failed)
        task.finished.connect(self._on_finished)

    def _on_computed(self, edit: Edit, start: Checkpoint, result: Checkpoint, change: ChangeSet) -> None:
        if self._document.checkpoint is start:
            self._document.record(edit, result, change)
        else:
            # Undone or changed meanwhile: the edit is made on what there is now.
            self._waiting.appendleft(edit)

    def _on_failed(self, error: StudioError) -> None:
        self._waiting.clear()
        self.refused.emit(worded_error(error))

    def _on_finished(self) -> None:
        self._task = None
        self._begin()


def _computed(
    edit: Edit, start: Checkpoint, tables: Tables, names: Sequence[str], progress: Progress
) -> tuple[Checkpoint, ChangeSet]:
    result = edit.apply(start)
    progress.check()
    change = change_between(start, result, "edit")
    tree = tables.tree(result)
    path: Path | None = result.active
    for name in names:
        progress.check()
        if path is not None:
            # Finding a name makes the levels above it, which the view opens again.
            tree.find("tensor", path, change.renamed.get(name, name))
    return result, change
