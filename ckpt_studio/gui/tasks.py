"""Work off the window's thread: one class that turns the outcome of a job into signals."""

from __future__ import annotations

import _thread
import sys
import threading
import time
from collections.abc import Callable
from typing import Any

from PySide6.QtCore import QObject, Qt, QTimer, Signal
from shiboken6 import isValid

from ckpt_studio.core.jobs import Progress, Step
from ckpt_studio.errors import Cancelled, StudioError

_POLL_MS = 100
# Whoever waits longer does something else meanwhile.
_LONG_SECONDS = 5.0

_running: set[Task] = set()
_busy: set[threading.Event] = set()


class Task(QObject):
    """One job in a thread of its own. Lives on the window's thread; exactly one outcome is told there.

    Signals:
        succeeded(object): what the job returned.
        failed(object): the StudioError it raised.
        cancelled(): `cancel` was called; nothing else follows, whatever the job still does.
        progressed(object): the latest `Step`, about ten times a second while it changes.
        finished(): after any outcome, also after an unexpected exception (which goes to `sys.excepthook`).
    """

    succeeded = Signal(object)
    failed = Signal(object)
    cancelled = Signal()
    progressed = Signal(object)
    finished = Signal()
    _ended = Signal(object, object)

    def __init__(self, owner: QObject | None, job: Callable[[Progress], Any], label: str = "") -> None:
        super().__init__()
        self.label = label
        self.progress = Progress()
        self.is_running = False
        self._owner = owner
        self._job = job
        self._step = self.progress.current
        self._begun = 0.0
        self._timer = QTimer(self)
        self._timer.setInterval(_POLL_MS)
        self._timer.timeout.connect(self._on_poll)
        self._ended.connect(self._on_ended, Qt.ConnectionType.QueuedConnection)

    def start(self) -> None:
        """Starts the thread. The task keeps itself alive until its outcome is told."""
        self.is_running = True
        self._begun = time.monotonic()
        _running.add(self)
        self._timer.start()
        ended = threading.Event()
        _busy.add(ended)
        # `Thread.start` waits until the new thread has begun: 50 ms of a frozen window on a busy machine.
        _thread.start_new_thread(self._run, (ended,))

    def cancel(self) -> None:
        """Stops the job at its next poll and tells `cancelled` at once; later outcomes are dropped."""
        self.progress.cancel()
        if self.is_running:
            self._end()
            self.cancelled.emit()
            self.finished.emit()

    @property
    def step(self) -> Step:
        """How far the job is."""
        return self.progress.current

    def _run(self, ended: threading.Event) -> None:
        result: Any = None
        error: BaseException | None = None
        try:
            result = self._job(self.progress)
        except BaseException as raised:
            error = raised
        if isValid(self):
            self._ended.emit(result, error)
        _busy.discard(ended)
        ended.set()

    def _end(self) -> None:
        self.is_running = False
        self._timer.stop()
        _running.discard(self)

    def _on_poll(self) -> None:
        step = self.progress.current
        if step is not self._step:
            self._step = step
            self.progressed.emit(step)

    def _on_ended(self, result: Any, error: BaseException | None) -> None:
        if not self.is_running:
            return
        self._end()
        if self._owner is not None and not isValid(self._owner):
            return
        if time.monotonic() - self._begun > _LONG_SECONDS:
            _call_the_user(self._owner)
        if error is None:
            self.succeeded.emit(result)
        elif isinstance(error, Cancelled):
            self.cancelled.emit()
        elif isinstance(error, StudioError):
            self.failed.emit(error)
        else:
            sys.excepthook(type(error), error, error.__traceback__)
        self.finished.emit()


def _call_the_user(owner: QObject | None) -> None:
    """Lets the task bar say that a long job has ended, when its window is not in front."""
    from PySide6.QtWidgets import QApplication, QWidget

    if isinstance(owner, QWidget):
        QApplication.alert(owner.window())


def run_task(owner: QObject | None, job: Callable[[Progress], Any], *, label: str = "") -> Task:
    """A started task. Connect its signals before returning to the event loop: none comes earlier.

    Args:
        owner: when it is deleted before the job ends, the outcome is dropped.
        job: Qt-free; it polls the Progress it is given.
        label: for people: what is being done.
    """
    task = Task(owner, job, label)
    task.start()
    return task


def running_tasks() -> tuple[Task, ...]:
    """The tasks whose outcome was not told yet."""
    return tuple(_running)


def stop_all(timeout: float = 3.0) -> bool:
    """Cancels every task and waits up to `timeout` seconds for the threads; False when some still run."""
    for task in tuple(_running):
        task.cancel()
    deadline = time.monotonic() + timeout
    return all(ended.wait(max(0.0, deadline - time.monotonic())) for ended in tuple(_busy))
