"""Tensors dragged to a file manager or another program: they arrive there as a file.

The file is written by a task, and only when it is needed: when the pointer has left the program's windows, or at the
latest when the program below the pointer asks for it. What is dragged within the program writes nothing. The files lie
in a folder of this session, which is removed when the program ends; what a crash left behind, at the next start.
"""

from __future__ import annotations

import contextlib
import os
import secrets
import shutil
from collections.abc import Callable, Sequence
from typing import Any

from PySide6.QtCore import (
    QCoreApplication,
    QEvent,
    QEventLoop,
    QLockFile,
    QMetaType,
    QMimeData,
    QObject,
    QTimer,
    QUrl,
    Signal,
)

from ckpt_studio.core.checkpoint import Checkpoint
from ckpt_studio.core.jobs import Progress
from ckpt_studio.errors import ExportError, StudioError
from ckpt_studio.formats.atomic import state_folder
from ckpt_studio.gui.drag import OUTGOING_MIME, NamesData
from ckpt_studio.gui.figures import size_text
from ckpt_studio.gui.inspector.measuring import Subject
from ckpt_studio.gui.inspector.reading import readable
from ckpt_studio.gui.inspector.saving import file_name, save_checkpoint, save_npy
from ckpt_studio.gui.inspector.viewers import shown_part
from ckpt_studio.gui.tasks import Task, run_task

URLS_MIME = "text/uri-list"

# More bytes take longer to write than the program that waits for them is patient.
MOST_DRAGGED = 250_000_000
# The pointer is outside when it has not come back for this long: from window to window of ours is no way out.
_AWAY_MS = 150
_PATIENCE_MS = 20_000
_LOCK = "in-use.lock"


def dragged_folder() -> str:
    """Where the sessions' folders are."""
    return os.path.join(state_folder(), "dragged")


class Session:
    """The folder of this run's dragged files: made when it is first needed, marked as in use as long as it lives."""

    def __init__(self) -> None:
        self._path = ""
        self._lock: QLockFile | None = None

    def new_folder(self) -> str:
        """A new empty folder in it, so that every file can have the name that suits it. Raises OSError."""
        if not self._path:
            path = os.path.join(dragged_folder(), f"{os.getpid()}-{secrets.token_hex(4)}")
            os.makedirs(path, mode=0o700)
            lock = QLockFile(os.path.join(path, _LOCK))
            lock.setStaleLockTime(0)
            lock.tryLock(0)
            self._path, self._lock = path, lock
        folder = os.path.join(self._path, secrets.token_hex(3))
        os.mkdir(folder)
        return folder

    def remove(self) -> None:
        """Removes the folder with all its files; for the program's end."""
        if self._lock is not None:
            self._lock.unlock()
        if self._path:
            shutil.rmtree(self._path, ignore_errors=True)
        self._path, self._lock = "", None


SESSION = Session()


def sweep_dragged() -> int:
    """Removes what sessions that are no more have left; the number of folders. Never raises; for a task."""
    removed = 0
    with contextlib.suppress(OSError), os.scandir(dragged_folder()) as entries:
        for entry in entries:
            lock = QLockFile(os.path.join(entry.path, _LOCK))
            lock.setStaleLockTime(0)
            if lock.tryLock(0):
                lock.unlock()
                shutil.rmtree(entry.path, ignore_errors=True)
                removed += 1
    return removed


def write_dragged(
    checkpoint: Checkpoint, subjects: Sequence[Subject], name: str, folder: str, progress: Progress
) -> str:
    """Writes tensors as the file that a drop gives: one as `.npy`, several as `.safetensors`; its path.

    What these formats cannot hold becomes a `.pth`.

    Raises:
        StudioError: they cannot be read or written.
    """
    base = os.path.join(folder, file_name(name))
    single = shown_part(subjects[0].tensor) if len(subjects) == 1 else None
    if single is not None:
        save_npy(single, f"{base}.npy", progress)
        return f"{base}.npy"
    try:
        save_checkpoint(checkpoint, subjects, f"{base}.safetensors", progress)
    except ExportError:
        save_checkpoint(checkpoint, subjects, f"{base}.pth", progress)
        return f"{base}.pth"
    return f"{base}.safetensors"


class Outgoing(QObject):
    """The file of one drag. Lives on the window's thread, as long as the drag.

    Args:
        checkpoint: what the tensors belong to.
        subjects: lists them; called in the task.
        name: what the file is named after.
        nbytes: about how many bytes of values there are.

    Signals:
        refused(object): the StudioError that says why there is no file.
    """

    refused = Signal(object)

    def __init__(
        self,
        checkpoint: Checkpoint,
        subjects: Callable[[Progress], list[Subject]],
        name: str,
        nbytes: int,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self.is_inside = False
        self.path = ""
        self._checkpoint, self._subjects, self._name = checkpoint, subjects, name
        self._nbytes = nbytes
        self._task: Task | None = None
        self._has_failed = False
        self._away = QTimer(self)
        self._away.setSingleShot(True)
        self._away.setInterval(_AWAY_MS)
        self._away.timeout.connect(self._on_away)

    @property
    def is_too_large(self) -> bool:
        """Whether no other program would wait for it."""
        return self._nbytes > MOST_DRAGGED

    def watch(self) -> None:
        """Follows where the pointer is, until the drag ends."""
        app = QCoreApplication.instance()
        if app is not None:
            app.installEventFilter(self)

    def end(self) -> None:
        """The drag is over: what is still being written is dropped."""
        app = QCoreApplication.instance()
        if app is not None:
            app.removeEventFilter(self)
        self._away.stop()
        self._stop()

    def addresses(self) -> list[QUrl]:
        """The file, waited for; nothing while the pointer is over a window of ours, or on failure."""
        if self.is_inside or self.is_too_large:
            return []
        self.start()
        if self._task is not None:
            self._wait(self._task)
        return [QUrl.fromLocalFile(self.path)] if self.path else []

    def start(self) -> None:
        """Begins to write the file, once."""
        if self._task is not None or self.path or self._has_failed or self.is_too_large:
            return
        checkpoint, listed, name = self._checkpoint, self._subjects, self._name

        def write(progress: Progress) -> str:
            return write_dragged(checkpoint, listed(progress), name, SESSION.new_folder(), progress)

        task = run_task(self, readable(write), label=self.tr("Writing what is dragged"))
        self._task = task
        task.succeeded.connect(lambda path: self._on_written(task, path))
        task.failed.connect(lambda error: self._on_failed(task, error))
        task.finished.connect(lambda: self._on_finished(task))

    def _wait(self, task: Task) -> None:
        # The window goes on painting meanwhile; Qt must have the bytes before this returns.
        loop, patience = QEventLoop(), QTimer()
        patience.setSingleShot(True)
        patience.timeout.connect(loop.quit)
        task.finished.connect(loop.quit)
        if task.is_running:
            patience.start(_PATIENCE_MS)
            loop.exec(QEventLoop.ProcessEventsFlag.ExcludeUserInputEvents)
            patience.stop()

    def _stop(self) -> None:
        task, self._task = self._task, None
        if task is not None:
            task.cancel()

    def _on_away(self) -> None:
        if self.is_inside:
            return
        if self.is_too_large:
            self.refused.emit(
                StudioError("too-large-to-drag", size=size_text(self._nbytes), most=size_text(MOST_DRAGGED))
            )
        self.start()

    def _on_written(self, task: Task, path: str) -> None:
        if task is self._task:
            self.path = path

    def _on_failed(self, task: Task, error: StudioError) -> None:
        if task is self._task:
            self._has_failed = True
            self.refused.emit(error)

    def _on_finished(self, task: Task) -> None:
        if task is self._task:
            self._task = None

    # Qt's side

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        kind = event.type()
        if kind in (QEvent.Type.DragEnter, QEvent.Type.DragMove):
            self.is_inside = True
            self._away.stop()
        elif kind == QEvent.Type.DragLeave:
            self.is_inside = False
            self._away.start()
        return False


class OutgoingData(NamesData):
    """The data of a drag that can become a file: its address is worked out when somebody asks for it."""

    def __init__(self, outgoing: Outgoing, names: QMimeData | None, text: str) -> None:
        super().__init__()
        self.outgoing = outgoing
        self.setText(text)
        if names is not None:
            for kind in names.formats():
                self.setData(kind, names.data(kind))
        self.setData(OUTGOING_MIME, b"1")

    def formats(self) -> list[str]:
        known = super().formats()
        return known if self.outgoing.is_too_large else [*known, URLS_MIME]

    def retrieveData(self, mimetype: str, preferredType: QMetaType | QMetaType.Type) -> Any:  # noqa: N803
        if mimetype == URLS_MIME:
            return self.outgoing.addresses()
        return super().retrieveData(mimetype, preferredType)
