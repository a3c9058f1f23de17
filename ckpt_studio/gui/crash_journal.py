"""Keeps the pending edits of all open documents on disk, and finds those of a program that was killed."""

from __future__ import annotations

import logging
import os

from PySide6.QtCore import QObject, QTimer, Signal

from ckpt_studio.core.jobs import Progress
from ckpt_studio.core.journal import Compared, Leftover, Pending, Session, claim_leftovers
from ckpt_studio.gui.document import Document
from ckpt_studio.gui.tasks import Task, run_task
from ckpt_studio.models.reference import ImportReference

_log = logging.getLogger(__name__)

# Several changes in a row are written once.
_COALESCE_MS = 150


def compared(document: Document) -> Compared | None:
    """What a document is compared with, in words that outlive the program."""
    resolved = document.resolved
    if resolved is None:
        return None
    reference, host_model = resolved.reference, resolved.host_model
    base = reference.base if isinstance(reference, ImportReference) else ""
    interpreter = host_model.client.interpreter if host_model is not None else ""
    return Compared(str(reference), base or os.getcwd(), interpreter)


class CrashJournal(QObject):
    """Owned by the window's thread; it writes in tasks.

    Signals:
        found(): pending edits of killed programs were found: `leftovers`.
        written(str): the pending edits of the document with this id are on disk as they are now.
    """

    found = Signal()
    written = Signal(str)

    def __init__(self, folder: str, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.leftovers: tuple[Leftover, ...] = ()
        self._folder = folder
        self._session: Session | None = None
        self._documents: dict[str, Document] = {}
        self._changed: set[str] = set()
        self._writing: dict[str, Task] = {}
        self._closed = False
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(_COALESCE_MS)
        self._timer.timeout.connect(self._write_changed)
        try:
            self._session = Session(folder)
        except OSError as error:
            # A home that cannot be written: the program works, without a net.
            _log.info("pending edits are not journalled: %s", error)

    def look_back(self) -> None:
        """Looks in a task for what killed programs left; `found` tells when there is something."""
        folder = self._folder
        task = run_task(self, lambda _: claim_leftovers(folder))
        task.succeeded.connect(self._on_claimed)

    def watch(self, document: Document) -> None:
        """From now on the document's pending edits are kept on disk."""
        self._documents[document.id] = document
        document.changed.connect(lambda _: self._mark(document.id))
        document.dirty_changed.connect(lambda _: self._mark(document.id))
        document.model_changed.connect(lambda: self._mark(document.id))
        if document.is_dirty:
            self._mark(document.id)

    def forget(self, document: Document) -> None:
        """The document is closed; what was pending is not wanted any more."""
        if self._documents.pop(document.id, None) is not None:
            self._remove(document.id)

    def close(self) -> None:
        """The program ends as it should: nothing of its own stays; what was not answered is offered next time."""
        self._closed = True
        self._timer.stop()
        for task in tuple(self._writing.values()):
            task.cancel()
        if self._session is not None:
            self._session.close()
        for leftover in self.leftovers:
            leftover.release()

    def _mark(self, key: str) -> None:
        if key in self._documents and self._session is not None and not self._closed:
            self._changed.add(key)
            if not self._timer.isActive():
                self._timer.start()

    def _write_changed(self) -> None:
        for key in sorted(self._changed - self._writing.keys()):
            self._changed.discard(key)
            document = self._documents.get(key)
            if document is None:
                continue
            replaced, history = document.replaced, document.history
            if document.is_dirty and history.index and (replaced is None or history.index >= replaced[0]):
                pending = Pending.of(history, document.checkpoint.active, compared(document))
                self._write(key, pending if replaced is None else pending.after(*replaced))
            else:
                self._remove(key)

    def _write(self, key: str, pending: Pending) -> None:
        session = self._session
        assert session is not None

        def write(progress: Progress) -> OSError | None:
            try:
                session.write(key, pending)
            except OSError as error:
                return error
            return None

        task = run_task(self, write)
        self._writing[key] = task
        task.succeeded.connect(lambda error: self._on_written(key, error))
        task.finished.connect(lambda: self._on_write_ended(key))

    def _remove(self, key: str) -> None:
        if self._session is not None and key not in self._writing:
            self._session.remove(key)

    def _on_written(self, key: str, error: OSError | None) -> None:
        if error is not None:
            _log.info("pending edits could not be journalled: %s", error)
        elif key not in self._changed:
            self.written.emit(key)

    def _on_write_ended(self, key: str) -> None:
        self._writing.pop(key, None)
        if self._closed:
            return
        if key not in self._documents:
            self._remove(key)
        elif key in self._changed:
            self._timer.start()

    def _on_claimed(self, leftovers: tuple[Leftover, ...]) -> None:
        if self._closed:
            for leftover in leftovers:
                leftover.release()
            return
        self.leftovers = leftovers
        if leftovers:
            self.found.emit()
