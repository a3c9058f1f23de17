"""One open checkpoint: its history, what it is compared with, and what changed, said once to all views."""

from __future__ import annotations

import itertools
import logging
import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from itertools import compress
from operator import is_, ne
from types import MappingProxyType
from typing import TYPE_CHECKING, Literal, Protocol
from weakref import WeakKeyDictionary

from PySide6.QtCore import QObject, Signal

# Edits that take tensors from another file open it with what this registers.
import ckpt_studio.formats.opening  # noqa: F401
from ckpt_studio.core.checkpoint import Checkpoint, StateDict
from ckpt_studio.core.edits import Edit
from ckpt_studio.core.history import History
from ckpt_studio.core.jobs import Progress, gradually
from ckpt_studio.core.tree import Path
from ckpt_studio.errors import EditError, StudioError
from ckpt_studio.gui.bookmarks import Bookmarks
from ckpt_studio.gui.selection import SelectionModel
from ckpt_studio.gui.tasks import Task, run_task

if TYPE_CHECKING:
    from ckpt_studio.compare.report import LoadReport
    from ckpt_studio.models.resolve import ResolvedModel

_log = logging.getLogger(__name__)
_ids = itertools.count(1)
# Each may hold every name of the file twice; beyond, undo compares the names anew.
_CHANGES_KEPT = 12


@dataclass(frozen=True)
class ChangeSet:
    """What an edit, undo, redo or another active state dict changed.

    Attributes:
        kind: what happened.
        renamed: old -> new name, for the tensors that kept their identity but not their name.
        removed, added: names without a counterpart on the other side.
        revised: names (as they are now) whose tensor is another one (cast, device …).
        others: whether anything outside the active state dict's entries changed (epoch, metadata …).
    """

    kind: Literal["edit", "undo", "redo", "goto", "activate"]
    renamed: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    removed: frozenset[str] = frozenset()
    added: frozenset[str] = frozenset()
    revised: frozenset[str] = frozenset()
    others: bool = False

    @cached_property
    def inverted(self) -> ChangeSet:
        """What going back over this change changes."""
        renamed = MappingProxyType(dict(zip(gradually(self.renamed.values()), self.renamed, strict=True)))
        return ChangeSet("undo", renamed, self.added, self.removed, self.revised, self.others)

    @property
    def touches_names(self) -> bool:
        """Whether any name came, went or changed."""
        return bool(self.renamed or self.removed or self.added)


@dataclass(frozen=True)
class Way:
    """A way to another state of the document that is known already.

    Attributes:
        kind: how it is gone.
        index: of the history, where it ends.
        checkpoint: the state there.
        change: what differs there; None where nobody has compared.
    """

    kind: Literal["undo", "redo", "goto", "activate"]
    index: int
    checkpoint: Checkpoint
    change: ChangeSet | None = None


class Editor(Protocol):
    """Changes a big document off the window's thread, in the order in which it is asked."""

    @property
    def is_needed(self) -> bool:
        """Whether a change of this document could hold up the window."""

    def add(self, edit: Edit, refused: Callable[[StudioError], object], tried: Trial | None) -> None:
        """Makes an edit; `tried` saves computing it anew when the document is still what it was tried on."""

    def go(self, find: Callable[[], Way | None]) -> None:
        """Goes where `find` says when its turn comes."""


@dataclass(frozen=True)
class Trial:
    """An edit tried on a checkpoint: what it gives and what it changes."""

    edit: Edit
    tried_on: Checkpoint
    result: Checkpoint
    change: ChangeSet


class Document(QObject):
    """An open checkpoint. Owned by the window's thread; views read it and listen to its signals.

    Signals:
        changed(ChangeSet): the checkpoint is another one now.
        dirty_changed(bool): there are (no longer) changes that were not exported.
        model_changed(): another model to compare with, or none.
        report_changed(): a new comparison, its failure, or its beginning (`is_comparing`).
        source_changed(): the file on disk is no longer the one that was opened.
        refused(StudioError): an edit did not fit, and who asked for it did not want to know.
    """

    changed = Signal(object)
    dirty_changed = Signal(bool)
    model_changed = Signal()
    report_changed = Signal()
    source_changed = Signal()
    refused = Signal(object)

    def __init__(self, checkpoint: Checkpoint, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.id = f"document-{next(_ids)}"
        self.history = History(checkpoint)
        self.selection = SelectionModel(self)
        self.resolved: ResolvedModel | None = None
        self.report: LoadReport | None = None
        self.report_error: StudioError | None = None
        self.export_folder = ""
        self.exported_path = ""
        # After how many edits the opened file was replaced by the result, and whether by the whole of it.
        self.replaced: tuple[int, bool] | None = None
        # The page of a document brings one; without it every change is made at once.
        self.editor: Editor | None = None
        # They read a report in the thread that compared, before it is told.
        self.readers: list[Callable[[StateDict, LoadReport], None]] = []
        self._checkpoint = checkpoint
        self._was_dirty = False
        self._changes: WeakKeyDictionary[Checkpoint, ChangeSet] = WeakKeyDictionary()
        self._comparison: Task | None = None
        # Before any view listens: what a view shows of a change carries its marks already.
        self.bookmarks = Bookmarks(self)

    @property
    def checkpoint(self) -> Checkpoint:
        """The checkpoint as edited so far, with the state dict active that the user chose."""
        return self._checkpoint

    @property
    def path(self) -> str:
        """Of the file that was opened."""
        return self.history.opened.source.path

    @property
    def state_dict(self) -> StateDict | None:
        """The active state dict, or None when the file has none."""
        for state_dict in self._checkpoint.state_dicts:
            if state_dict.path == self._checkpoint.active:
                return state_dict
        return None

    @property
    def is_dirty(self) -> bool:
        """Whether there are changes that were not exported."""
        return self.history.is_dirty

    @property
    def pending(self) -> int:
        """How many changes are not in what was exported last (or the opened file), or are no longer made."""
        history = self.history
        return abs(history.index - history.shared_index) or int(history.is_dirty)

    @property
    def was_exported(self) -> bool:
        """Whether `pending` counts from an export and not from the opened file."""
        return self.history.saved_index != 0

    @property
    def saved_as(self) -> str:
        """The name of the file that holds the present state: another one than the opened file; "" for none."""
        if self.is_dirty or not self.was_exported or self.exported_path in ("", self.path):
            return ""
        return os.path.basename(self.exported_path)

    @property
    def is_comparing(self) -> bool:
        """Whether a comparison is being computed."""
        return self._comparison is not None

    def request(
        self, edit: Edit, refused: Callable[[StudioError], object] | None = None, tried: Trial | None = None
    ) -> bool:
        """Applies an edit to the active state dict; that of a big file soon, off the window's thread.

        Args:
            edit: to apply.
            refused: is told why it does not fit (None: the signal tells); nothing has changed then.
            tried: the same edit as tried before, perhaps on this very state.

        Returns:
            False when it was refused at once.
        """
        refused = refused or self.refused.emit
        if self.editor is not None and self.editor.is_needed:
            self.editor.add(edit, refused, tried)
            return True
        try:
            if tried is not None and tried.tried_on is self._checkpoint:
                self.record(edit, tried.result, tried.change)
            else:
                self.apply(edit)
        except EditError as error:
            refused(error)
            return False
        return True

    def apply(self, edit: Edit) -> None:
        """Applies an edit to the active state dict now. Raises EditError; nothing has changed then."""
        self.record(edit, edit.apply(self._checkpoint))

    def record(self, edit: Edit, result: Checkpoint, change: ChangeSet | None = None) -> None:
        """Enters an edit whose result (and, to save the window's thread the time, `change`) a job computed."""
        before = self._checkpoint
        change = change or change_between(before, result, "edit")
        self.history.record(edit, result)
        # Comparing 100,000 names anew for every undo would hold up the window's thread.
        if before.active == result.active:
            self._changes[result] = change
            while len(self._changes) > _CHANGES_KEPT:
                self._changes.pop(next(iter(self._changes)))
        _log.info("edit: %s", edit.kind)
        self._show(result, "edit", change)

    def restore(
        self, results: Sequence[tuple[Edit, Checkpoint]], index: int, active: Path | None, exported: int = 0
    ) -> None:
        """Enters edits whose results a job computed from the present state, and shows the one after `index` of them.

        `exported`: after so many of them the state was exported, before the program ended.
        """
        if not results:
            return
        start = self.history.index
        for edit, result in results:
            self.history.record(edit, result)
        if exported and start == 0 and exported <= len(results):
            self.history.recall_export(exported)
        checkpoint = self.history.state(start + index)
        if any(state_dict.path == active for state_dict in checkpoint.state_dicts):
            checkpoint = _activated(checkpoint, active)
        self.history.go_to(start)
        self._go(lambda: Way("goto", start + index, checkpoint))

    def undo(self) -> None:
        """One edit back, if there is one; the state dict that it had changed becomes active."""
        self._go(self._backward)

    def redo(self) -> None:
        """One edit forward, if there is one."""
        self._go(self._forward)

    def go_to(self, index: int) -> None:
        """To the state after `index` edits. Raises IndexError outside the history."""
        if not 0 <= index <= len(self.history.revisions):
            raise IndexError(index)
        self._go(lambda: self._way_to(index))

    def activate(self, path: Path) -> None:
        """Makes another state dict the one that edits and comparison act on; not an edit. Raises StudioError."""
        self._checkpoint.activate(path)
        self._go(lambda: self._way_into(path))

    def take(self, way: Way, change: ChangeSet | None = None) -> None:
        """Goes a way at once; `change`: what a job found to differ there."""
        self.history.go_to(way.index)
        self._show(way.checkpoint, way.kind, change or way.change)

    def _go(self, find: Callable[[], Way | None]) -> None:
        if self.editor is not None and self.editor.is_needed:
            self.editor.go(find)
            return
        way = find()
        if way is not None:
            self.take(way)

    def _backward(self) -> Way | None:
        history, index = self.history, self.history.index
        if not index:
            return None
        undone = history.revisions[index - 1].checkpoint
        known = self._changes.get(undone) if undone.active == self._checkpoint.active else None
        earlier = _activated(history.state(index - 1), undone.active)
        return Way("undo", index - 1, earlier, known.inverted if known is not None else None)

    def _forward(self) -> Way | None:
        history, index = self.history, self.history.index
        if index == len(history.revisions):
            return None
        again = history.state(index + 1)
        known = self._changes.get(again) if again.active == self._checkpoint.active else None
        return Way("redo", index + 1, again, replace(known, kind="redo") if known is not None else None)

    def _way_to(self, index: int) -> Way | None:
        if index == self.history.index or index > len(self.history.revisions):
            return None
        return Way("goto", index, self.history.state(index))

    def _way_into(self, path: Path) -> Way | None:
        if path == self._checkpoint.active:
            return None
        return Way("activate", self.history.index, self._checkpoint.activate(path))

    def mark_saved(self, path: str = "", whole: bool = True) -> None:
        """The current state was exported, to this file; `whole`: with what stands beside the weights."""
        self.exported_path = path
        if path and os.path.realpath(path) == os.path.realpath(self.path):
            self.replaced = self.history.index, whole
        self.history.mark_saved()
        self._tell_dirty()

    def set_model(self, resolved: ResolvedModel | None) -> None:
        """Compares with this model from now on, after every change (None: with nothing)."""
        if self.resolved is not None and self.resolved is not resolved:
            self.resolved.close()
        self.resolved = resolved
        self.report = None
        self.report_error = None
        self.model_changed.emit()
        self.compare_again()

    def compare_again(self) -> None:
        """Starts the comparison for the current state; an answer for an older state is dropped."""
        if self._comparison is not None:
            self._comparison.cancel()
            self._comparison = None
        resolved, state_dict, readers = self.resolved, self.state_dict, tuple(self.readers)
        if resolved is None or state_dict is None:
            self.report = None
            self.report_changed.emit()
            return

        def compare_now(progress: Progress) -> LoadReport:
            from ckpt_studio.compare.verdict import compare

            report = compare(state_dict, resolved, progress)
            # Worked out here, for the window's thread must not wait for it.
            _ = report.statuses, report.matched
            for read in readers:
                read(state_dict, report)
            return report

        task = run_task(self, compare_now, label=self.tr("Comparing"))
        self._comparison = task
        task.succeeded.connect(lambda report: self._on_compared(task, report, None))
        task.failed.connect(lambda error: self._on_compared(task, None, error))
        task.finished.connect(lambda: self._on_compare_finished(task))
        self.report_changed.emit()

    def close(self) -> None:
        """Stops what still runs for this document and gives its files back."""
        if self._comparison is not None:
            self._comparison.cancel()
        if self.resolved is not None:
            self.resolved.close()
        for source in self.history.opened.source.files:
            source.close()

    def _show(
        self,
        checkpoint: Checkpoint,
        kind: Literal["edit", "undo", "redo", "goto", "activate"],
        change: ChangeSet | None = None,
    ) -> None:
        before, self._checkpoint = self._checkpoint, checkpoint
        change = change or change_between(before, checkpoint, kind)
        self.selection.follow(change.renamed, change.removed)
        self.changed.emit(change)
        self._tell_dirty()
        if self.resolved is not None:
            self.compare_again()

    def _tell_dirty(self) -> None:
        if self.is_dirty != self._was_dirty:
            self._was_dirty = self.is_dirty
            self.dirty_changed.emit(self._was_dirty)

    def _on_compared(self, task: Task, report: LoadReport | None, error: StudioError | None) -> None:
        if task is self._comparison:
            self._comparison = None
            self.report, self.report_error = report, error
            self.report_changed.emit()

    def _on_compare_finished(self, task: Task) -> None:
        # Only an unexpected exception arrives here with the task still current.
        if task is self._comparison:
            self._comparison = None
            self.report_changed.emit()


def _activated(checkpoint: Checkpoint, path: Path | None) -> Checkpoint:
    return checkpoint if path is None or path == checkpoint.active else checkpoint.activate(path)


def change_between(
    before: Checkpoint, after: Checkpoint, kind: Literal["edit", "undo", "redo", "goto", "activate"]
) -> ChangeSet:
    """What differs between two snapshots of one file, found by the identity of the tensors, in O(keys)."""
    others = before.metadata is not after.metadata or before.patches is not after.patches
    if before.active != after.active:
        return ChangeSet(kind, others=True)
    old = next((sd for sd in before.state_dicts if sd.path == before.active), None)
    new = next((sd for sd in after.state_dicts if sd.path == after.active), None)
    if old is None or new is None or old is new or old.entries is new.entries:
        return ChangeSet(kind, others=others)
    renamed: dict[str, str] = {}
    revised: set[str] = set()
    if len(old.entries) == len(new.entries) and _same_order(old, new, renamed, revised):
        return ChangeSet(kind, MappingProxyType(renamed), revised=frozenset(revised), others=others)
    renamed.clear()
    revised.clear()
    places: dict[int, list[str]] = {}
    left: dict[str, object] = {}
    for name, value in gradually(new.entries.items()):
        if old.entries.get(name) is not value:
            places.setdefault(id(value), []).append(name)
            left[name] = value
    removed: list[str] = []
    for name, value in gradually(old.entries.items()):
        if new.entries.get(name) is value and name not in left:
            continue
        candidates = places.get(id(value))
        if candidates:
            target = candidates.pop(0)
            del left[target]
            renamed[name] = target
        else:
            removed.append(name)
    revised.update(name for name in removed if name in left)
    return ChangeSet(
        kind,
        MappingProxyType(renamed),
        frozenset(name for name in removed if name not in revised),
        frozenset(name for name in left if name not in revised),
        frozenset(revised),
        others,
    )


def _same_order(old: StateDict, new: StateDict, renamed: dict[str, str], revised: set[str]) -> bool:
    # Renames and casts keep every place, so that comparing place by place decides nearly every edit.
    if all(map(is_, old.entries.values(), new.entries.values())):
        pairs = zip(gradually(old.entries), new.entries, strict=True)
        renamed.update(compress(pairs, map(ne, old.entries, new.entries)))
        return True
    both = zip(old.entries.items(), new.entries.items(), strict=True)
    for (old_name, old_value), (new_name, new_value) in gradually(both):
        if old_value is new_value:
            if old_name != new_name:
                renamed[old_name] = new_name
        elif old_name == new_name:
            revised.add(new_name)
        else:
            return False
    return True
