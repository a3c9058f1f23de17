"""Tasks: what threads leave is told on the window's thread, and nothing of Qt dies in a thread."""

from __future__ import annotations

import gc
import threading
import weakref

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from ckpt_studio.core.jobs import Progress
from ckpt_studio.gui.tasks import Task, run_task, running_tasks, stop_all


def test_the_outcome_is_told_on_the_windows_thread(qtbot: QtBot) -> None:
    told: list[tuple[object, int]] = []
    task = run_task(None, lambda progress: threading.get_ident())
    task.succeeded.connect(lambda result: told.append((result, threading.get_ident())))
    qtbot.waitSignal(task.finished).wait()
    assert told[0][0] != threading.get_ident()
    assert told[0][1] == threading.get_ident()


def test_a_thread_never_destroys_what_it_worked_on(qtbot: QtBot) -> None:
    """Cancelled tasks, whose job alone still holds an object of Qt when its thread ends."""
    died_in: list[int] = []
    go_on = threading.Event()

    def begin() -> weakref.ref[Task]:
        held = QObject()
        weakref.finalize(held, lambda: died_in.append(threading.get_ident()))

        def job(progress: Progress) -> bool:
            return go_on.wait(10) and held.signalsBlocked()

        task = run_task(None, job)
        task.cancel()
        return weakref.ref(task)

    tasks = [begin() for _ in range(50)]
    gc.collect()
    assert not running_tasks()
    assert all(task() is None for task in tasks)
    assert died_in == []
    go_on.set()
    assert stop_all()
    qtbot.waitUntil(lambda: len(died_in) == 50)
    QApplication.processEvents()
    assert set(died_in) == {threading.get_ident()}
