"""The offer, after the program was killed, to make the pending edits of then anew; and the making."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QWidget

from ckpt_studio.core.checkpoint import Checkpoint
from ckpt_studio.core.journal import Compared, Leftover, Pending, Replayed, replay
from ckpt_studio.errors import ModelError, StudioError
from ckpt_studio.gui.crash_journal import CrashJournal
from ckpt_studio.gui.dialogs.ask_dialog import counted
from ckpt_studio.gui.document_page import DocumentPage
from ckpt_studio.gui.figures import in_a_row
from ckpt_studio.gui.file_page import FilePage
from ckpt_studio.gui.model_resolving import resolve_in_task
from ckpt_studio.gui.notice_bar import NoticeBar
from ckpt_studio.gui.tasks import run_task
from ckpt_studio.gui.wording import worded, worded_error
from ckpt_studio.models.reference import parse_reference
from ckpt_studio.models.resolve import ResolvedModel


@dataclass(frozen=True)
class Found:
    """Pending edits of a program that was killed, and what its file is like now ("same", "changed", "missing")."""

    leftover: Leftover
    name: str
    pending: Pending
    file_state: str


class RestoreBar(NoticeBar):
    """Says which changes were not exported when the program was killed, with buttons to restore or discard them.

    Signals:
        restore_wanted(list): of Found.
    """

    restore_wanted = Signal(list)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.found: list[Found] = []

    def offer(self, journal: CrashJournal) -> None:
        """Shows what the journal found; nothing when that is nothing."""
        self.found = [
            Found(leftover, name, pending, pending.file_state())
            for leftover in journal.leftovers
            for name, pending in leftover.entries.items()
        ]
        self._ask()

    def _ask(self) -> None:
        if self.found:
            self.say(
                self._words(), "caution",
                (self.tr("Restore"), lambda: self.restore_wanted.emit(self.found)),
                (self.tr("Discard…"), self._ask_again),
            )  # fmt: skip

    def _ask_again(self) -> None:
        """One click does not throw work away."""
        words = counted(
            sum(found.pending.unsaved for found in self.found),
            self.tr("Discard 1 change for good? It cannot be brought back afterwards."),
            self.tr("Discard {count} changes for good? They cannot be brought back afterwards."),
        )
        self.say(words, "bad", (self.tr("Keep them"), self._ask), (self.tr("Discard for good"), self.discard))

    @property
    def pending(self) -> dict[str, int]:
        """How many changes wait for each file, by its path."""
        return {found.pending.path: found.pending.unsaved for found in self.found}

    def discard(self) -> None:
        """Removes what was found: it is not offered again."""
        for found in self.found:
            found.leftover.forget(found.name)
        self.found = []
        self.closed.emit()

    def _words(self) -> str:
        first = self.found[0]
        changes = sum(found.pending.unsaved for found in self.found)
        sentences = [self.tr("Ckpt Studio was closed unexpectedly.")]
        if len(self.found) == 1:
            sentences.append(
                counted(
                    changes,
                    self.tr("1 change to “{name}” was not exported."),
                    self.tr("{count} changes to “{name}” were not exported."),
                    name=os.path.basename(first.pending.path),
                )
            )
            if first.file_state == "changed":
                sentences.append(
                    self.tr("The file was changed since then; the changes are made again as far as they fit.")
                )
            elif first.file_state == "missing":
                sentences.append(self.tr("The file is not where it was: {path}").format(path=first.pending.path))
            return in_a_row(sentences)
        names = ", ".join(os.path.basename(found.pending.path) for found in self.found)
        sentences.append(
            self.tr("{count} changes to {files} files were not exported: {names}.").format(
                count=f"{changes:,}", files=len(self.found), names=names
            )
        )
        changed = [os.path.basename(found.pending.path) for found in self.found if found.file_state == "changed"]
        missing = [os.path.basename(found.pending.path) for found in self.found if found.file_state == "missing"]
        if changed:
            sentences.append(self.tr("Changed since then: {names}.").format(names=", ".join(changed)))
        if missing:
            sentences.append(self.tr("Not where they were: {names}.").format(names=", ".join(missing)))
        return in_a_row(sentences)


class Restoring(QObject):
    """Makes one file's pending edits anew, as soon as the file is open. Owned by its page.

    Signals:
        restored(bool): it is done; whether every change fitted.
    """

    restored = Signal(bool)

    def __init__(self, file: FilePage, pending: Pending) -> None:
        super().__init__(file)
        self._file = file
        self._pending = pending
        if file.page is not None:
            self._begin(file.page)
        else:
            file.opened.connect(self._begin)

    def _begin(self, page: DocumentPage) -> None:
        start, pending = page.document.checkpoint, self._pending
        task = run_task(page, lambda progress: replay(pending, start, progress), label=self.tr("Restoring changes"))
        task.succeeded.connect(lambda replayed: self._on_replayed(page, start, replayed))

    def _on_replayed(self, page: DocumentPage, start: Checkpoint, replayed: Replayed) -> None:
        document, pending = page.document, self._pending
        if document.checkpoint is not start:
            # Somebody was quicker than the task: what was done meanwhile stays, and these come after it.
            self._begin(page)
            return
        done = len(replayed.results)
        document.restore(replayed.results, min(done, pending.index), pending.active, pending.exported)
        if replayed.error is None:
            if not pending.is_for(document.history.opened.source):
                page.notice.say(
                    self.tr(
                        "This file was changed after you had made these changes. They fit the new file too and were"
                        " made again; please look through them."
                    ),
                    "caution",
                )
        else:
            words = self.tr(
                "{done} of {count} changes were made again. This one does not fit the file any more: {step}. {reason}"
            ).format(
                done=done,
                count=len(pending.steps),
                step=worded(pending.steps[done].edit.describe()),
                reason=worded_error(replayed.error),
            )
            page.notice.say(words, "caution")
        if pending.compared is not None and document.resolved is None:
            self._compare(page, pending.compared)
        self.restored.emit(replayed.error is None)
        self.deleteLater()

    def _compare(self, page: DocumentPage, compared: Compared) -> None:
        """Compares with the model of then; before anybody's code runs for that, its user is asked as always."""
        document, words = page.document, self.tr("The comparison is not restored: {reason}")
        waiting = self.tr("Building the model of then, to compare with it again…")

        def over() -> None:
            if page.notice.banner.label.text() == waiting:
                page.notice.clear()

        def failed(error: StudioError) -> None:
            over()
            said = page.notice.banner.label.text() if page.notice.isVisible() else ""
            page.notice.say(in_a_row([*filter(None, [said]), words.format(reason=worded_error(error))]), "caution")

        def show(resolved: ResolvedModel) -> None:
            # What was chosen meanwhile stays.
            if document.resolved is None:
                document.set_model(resolved)
            else:
                resolved.close()

        try:
            reference = parse_reference(compared.reference, compared.base or None)
        except ModelError as error:
            failed(error)
            return
        interpreter = compared.interpreter if os.path.isfile(compared.interpreter) else None
        if not page.notice.isVisible():
            page.notice.say(waiting, "calm")
        task = resolve_in_task(page, reference, interpreter, label=self.tr("Comparing"))
        task.succeeded.connect(show)
        task.failed.connect(failed)
        task.finished.connect(over)


def restore(found: Found, file: FilePage, journal: CrashJournal) -> None:
    """Makes what was found anew on an opened (or opening) file; it is forgotten once it is journalled again."""
    restoring = Restoring(file, found.pending)
    restoring.restored.connect(_forgetting(found, file, journal))


def _forgetting(found: Found, file: FilePage, journal: CrashJournal) -> Callable[[bool], None]:
    def on_restored(whole: bool) -> None:
        # What did not fit stays in the old entry, to be offered again: the right file may come back.
        if not whole or file.page is None:
            return
        document = file.page.document
        if not document.is_dirty:
            found.leftover.forget(found.name)
            return

        def on_written(key: str) -> None:
            if key == document.id:
                journal.written.disconnect(on_written)
                found.leftover.forget(found.name)

        journal.written.connect(on_written)

    return on_restored
