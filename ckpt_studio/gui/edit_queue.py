"""Changes of big files, made off the window's thread one after the other, with the rows that show the result."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from PySide6.QtCore import QObject, Signal

from ckpt_studio.core.checkpoint import Checkpoint
from ckpt_studio.core.edits import Edit
from ckpt_studio.core.jobs import Progress
from ckpt_studio.errors import StudioError
from ckpt_studio.gui.document import ChangeSet, Document, Trial, Way, change_between
from ckpt_studio.gui.tasks import Task, run_task

# An edit and its consequences take some microseconds a name: below this they are done before anybody notices.
BIG = 20_000


class Rows(Protocol):
    """The view whose rows follow the document."""

    def has_rows_of(self, checkpoint: Checkpoint) -> bool:
        """Whether showing this state takes no time worth a job."""

    def row_maker(self) -> Callable[[Checkpoint, ChangeSet, Progress], None]:
        """A function for jobs, which makes the rows of another state as they will be shown."""


@dataclass(frozen=True)
class _Asked:
    """An edit that waits for its turn."""

    edit: Edit
    refused: Callable[[StudioError], object]
    tried: Trial | None


class EditQueue(QObject):
    """Owned by the window's thread; the `Editor` of its document.

    Signals:
        busy_changed(bool): something is being made, or nothing any more.
    """

    busy_changed = Signal(bool)

    def __init__(self, document: Document, rows: Rows, parent: QObject) -> None:
        super().__init__(parent)
        self._document = document
        self._rows = rows
        self._waiting: deque[_Asked | Callable[[], Way | None]] = deque()
        self._task: Task | None = None
        document.editor = self

    @property
    def is_needed(self) -> bool:
        """Whether a change of this document could hold up the window."""
        return self._task is not None or any(len(sd.entries) > BIG for sd in self._document.checkpoint.state_dicts)

    @property
    def is_busy(self) -> bool:
        """Whether a change is being made."""
        return self._task is not None

    def add(self, edit: Edit, refused: Callable[[StudioError], object], tried: Trial | None = None) -> None:
        """Makes an edit as soon as what was asked before is done."""
        self._waiting.append(_Asked(edit, refused, tried))
        self._begin()

    def go(self, find: Callable[[], Way | None]) -> None:
        """Undo, redo and the like, as soon as what was asked before is done; at once where nothing has to be made."""
        self._waiting.append(find)
        self._begin()

    def stop(self) -> None:
        """Drops what is not done yet."""
        self._waiting.clear()
        if self._task is not None:
            self._task.cancel()

    def _begin(self) -> None:
        while self._task is None and self._waiting:
            wanted = self._waiting.popleft()
            if isinstance(wanted, _Asked):
                self._make(wanted)
            else:
                way = wanted()
                if way is not None:
                    self._follow(way, wanted)

    def _make(self, asked: _Asked) -> None:
        start, tried, make_rows = self._document.checkpoint, asked.tried, self._rows.row_maker()
        prepare_selection = self._document.selection.preparation()

        def job(progress: Progress) -> tuple[Checkpoint, ChangeSet]:
            if tried is not None and tried.tried_on is start:
                result, change = tried.result, tried.change
            else:
                result = asked.edit.apply(start)
                progress.check()
                change = change_between(start, result, "edit")
            # For undo; on the window's thread it would take its time.
            _ = change.inverted
            prepare_selection(change.renamed, change.removed)
            make_rows(result, change, progress)
            return result, change

        def enter(result: Checkpoint, change: ChangeSet) -> None:
            if self._document.checkpoint is start:
                self._document.record(asked.edit, result, change)
            else:
                # Changed meanwhile: the edit is made on what there is now.
                self._waiting.appendleft(asked)

        def refuse(error: StudioError) -> None:
            self._waiting.clear()
            asked.refused(error)

        self._run(job, enter, refuse)

    def _follow(self, way: Way, find: Callable[[], Way | None]) -> None:
        few = len(self._document.selection.names) <= BIG
        if way.change is not None and few and self._rows.has_rows_of(way.checkpoint):
            self._document.take(way)
            return
        start, make_rows = self._document.checkpoint, self._rows.row_maker()
        prepare_selection = self._document.selection.preparation()

        def job(progress: Progress) -> tuple[Checkpoint, ChangeSet]:
            change = way.change or change_between(start, way.checkpoint, way.kind)
            prepare_selection(change.renamed, change.removed)
            make_rows(way.checkpoint, change, progress)
            return way.checkpoint, change

        def enter(result: Checkpoint, change: ChangeSet) -> None:
            if self._document.checkpoint is start:
                self._document.take(way, change)
            else:
                self._waiting.appendleft(find)

        self._run(job, enter, lambda _: self._waiting.clear())

    def _run(
        self,
        job: Callable[[Progress], tuple[Checkpoint, ChangeSet]],
        enter: Callable[[Checkpoint, ChangeSet], None],
        refuse: Callable[[StudioError], None],
    ) -> None:
        task = run_task(self, job)
        self._task = task
        task.succeeded.connect(lambda found: enter(*found))
        task.failed.connect(refuse)
        task.finished.connect(self._on_finished)
        self.busy_changed.emit(True)

    def _on_finished(self) -> None:
        self._task = None
        self._begin()
        if self._task is None:
            self.busy_changed.emit(False)
