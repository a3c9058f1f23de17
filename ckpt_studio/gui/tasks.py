"""Work off the window's thread: one class that turns the outcome of a job into signals."""

from __future__ import annotations

import _thread
import itertools
import sys
import threading
import time
from collections.abc import Callable
from functools import cache
from typing import Any

from PySide6.QtCore import QObject, Qt, QTimer, Signal
from shiboken6 import isValid

from ckpt_studio.core.jobs import Progress, Step, be_courteous
from ckpt_studio.errors import Cancelled, StudioError
from ckpt_studio.gui.event_loop import tell_of_work

_POLL_MS = 100
# Whoever waits longer does something else meanwhile.
_LONG_SECONDS = 5.0

# A job waits so long for the window's thread before each portion of its work, and not at all for a thread that has not
# come round for longer than the second: it waits for something itself.
_COURTESY_SECONDS = 0.05
_STANDING_SECONDS = 0.3
_NAP_SECONDS = 0.001
# Also to a window that is idle as far as anybody knows, a job leaves the interpreter so long, every so often.
_PAUSE_SECONDS = 0.00005
_PAUSES_EVERY = 0.003

_numbers = itertools.count(1)
# Tasks whose outcome was not told yet, and the jobs whose threads have not reported yet. Only the window's thread
# touches them, and they keep what the threads work on: a thread that held the last reference to a Qt object would
# destroy it under the window's feet.
_running: dict[int, Task] = {}
_jobs: dict[int, Callable[[Progress], Any]] = {}
_busy: set[threading.Event] = set()
# Of the event loop that runs, where it tells.
_precedence: _Precedence | None = None


class _Mailbox(QObject):
    """Where threads leave their outcomes; opened on the window's thread, there as long as the program."""

    arrived = Signal(int, object, object)

    def __init__(self) -> None:
        super().__init__()
        self.arrived.connect(self._on_arrived, Qt.ConnectionType.QueuedConnection)

    def _on_arrived(self, number: int, result: Any, error: BaseException | None) -> None:
        _jobs.pop(number, None)
        task = _running.get(number)
        if task is not None:
            task.end(result, error)


@cache
def _mailbox() -> _Mailbox:
    return _Mailbox()


def _work(
    number: int, holder: list[Callable[[Progress], Any]], progress: Progress, mailbox: _Mailbox, ended: threading.Event
) -> None:
    """Runs a job in its thread and leaves the outcome in the mailbox."""
    result: Any = None
    error: BaseException | None = None
    job = holder.pop()
    if _precedence is not None:
        _precedence.let_begin()
    try:
        result = job(progress)
    except BaseException as raised:
        error = raised
    del job
    if isValid(mailbox):
        mailbox.arrived.emit(number, result, error)
    _busy.discard(ended)
    ended.set()


class _Precedence:
    """Whether the window's thread is at work; jobs wait in `give_way` until it is idle again.

    With one interpreter for all threads, each job at work makes everything in the window take so much longer.
    """

    def __init__(self) -> None:
        self._window = threading.get_ident()
        # Not a lock: a job that had it for a moment could lose its turn with it, and keep the window's thread from it.
        self._at_work = False
        self._since = 0.0
        self._paused = threading.local()

    def begin(self) -> None:
        """The event loop has something to do."""
        if not self._at_work:
            self._since = time.monotonic()
            self._at_work = True

    def end(self) -> None:
        """It waits for events."""
        self._at_work = False

    def give_way(self) -> None:
        """Returns when the window's thread is idle, or has been at work for long."""
        if threading.get_ident() == self._window:
            return
        now = time.monotonic()
        if not self._at_work and now - getattr(self._paused, "at", 0.0) > _PAUSES_EVERY:
            # It may wait for the interpreter to say that it has something to do. Who lets go of it for a moment only,
            # as a job does that reads many small pieces, has it again before the other is awake, time after time:
            # CPython makes nobody let go who does so by himself (take_gil in ceval_gil.c).
            time.sleep(_PAUSE_SECONDS)
            self._paused.at = time.monotonic()
        if self._at_work:
            self._wait(self._since + _STANDING_SECONDS, now + _COURTESY_SECONDS)

    def let_begin(self) -> None:
        """Returns when the thread that started the calling job is idle: what it shows meanwhile comes first."""
        self._wait(time.monotonic() + _STANDING_SECONDS)

    def _wait(self, *lasts: float) -> None:
        now, last = time.monotonic(), min(lasts)
        while self._at_work and now < last:
            time.sleep(_NAP_SECONDS)
            now = time.monotonic()


def let_the_window_go_first() -> None:
    """Makes jobs give way to the thread that calls this, which runs the event loop."""
    global _precedence
    precedence = _Precedence()
    if tell_of_work(precedence.begin, precedence.end):
        _precedence = precedence
        be_courteous(precedence.give_way)


def claim_the_turn() -> None:
    """Makes jobs give way for the rest of this turn of the event loop; for slots of timers that take their time.

    WORKAROUND(Qt 6): the event loop calls those after `aboutToBlock` and before `awake` (qeventdispatcher_unix.cpp).
    """
    if _precedence is not None:
        _precedence.begin()


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
        self._number = next(_numbers)

    def start(self) -> None:
        """Starts the thread. The task keeps itself alive until its outcome is told."""
        self.is_running = True
        self._begun = time.monotonic()
        _running[self._number] = self
        _jobs[self._number] = self._job
        self._timer.start()
        ended = threading.Event()
        _busy.add(ended)
        # `Thread.start` waits until the new thread has begun: 50 ms of a frozen window on a busy machine.
        _thread.start_new_thread(_work, (self._number, [self._job], self.progress, _mailbox(), ended))

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

    def _end(self) -> None:
        self.is_running = False
        self._timer.stop()
        _running.pop(self._number, None)

    def _on_poll(self) -> None:
        step = self.progress.current
        if step is not self._step:
            self._step = step
            self.progressed.emit(step)

    def end(self, result: Any, error: BaseException | None) -> None:
        """Tells the outcome that the thread left in the mailbox."""
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
    return tuple(_running.values())


def stop_all(timeout: float = 3.0) -> bool:
    """Cancels every task and waits up to `timeout` seconds for the threads; False when some still run."""
    for task in running_tasks():
        task.cancel()
    deadline = time.monotonic() + timeout
    return all(ended.wait(max(0.0, deadline - time.monotonic())) for ended in tuple(_busy))
