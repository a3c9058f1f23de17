"""Tasks: what threads leave is told on the window's thread, and nothing of Qt dies in a thread."""

from __future__ import annotations

import gc
import threading
import weakref
from types import SimpleNamespace

import pytest
from PySide6.QtCore import QObject
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from ckpt_studio.core.jobs import Progress
from ckpt_studio.gui import tasks
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

    begun = [begin() for _ in range(50)]
    gc.collect()
    assert not running_tasks()
    assert all(task() is None for task in begun)
    assert died_in == []
    go_on.set()
    assert stop_all()
    qtbot.waitUntil(lambda: len(died_in) == 50)
    QApplication.processEvents()
    assert set(died_in) == {threading.get_ident()}


def test_jobs_wait_while_the_window_is_at_work(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tasks, "_COURTESY_SECONDS", 30.0)
    monkeypatch.setattr(tasks, "_STANDING_SECONDS", 30.0)
    precedence = tasks._Precedence()
    gone_on = threading.Event()

    def job() -> None:
        precedence.give_way()
        gone_on.set()

    precedence.begin()
    # The window's own thread never waits for itself.
    precedence.give_way()
    thread = threading.Thread(target=job)
    thread.start()
    assert not gone_on.wait(0.05)
    precedence.end()
    assert gone_on.wait(10)
    thread.join()
    precedence.give_way()


def test_jobs_do_not_wait_for_a_window_that_stands_still(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tasks, "_COURTESY_SECONDS", 30.0)
    monkeypatch.setattr(tasks, "_STANDING_SECONDS", 0.0)
    precedence = tasks._Precedence()
    precedence.begin()
    thread = threading.Thread(target=precedence.give_way)
    thread.start()
    thread.join(10)
    assert not thread.is_alive()
    precedence.end()


def test_a_job_leaves_the_interpreter_now_and_then_and_waits_for_a_claimed_turn(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    now, naps = [0.0], []

    def sleep(seconds: float) -> None:
        naps.append(seconds)
        now[0] += seconds

    monkeypatch.setattr(tasks, "time", SimpleNamespace(monotonic=lambda: now[0], sleep=sleep))
    precedence = tasks._Precedence()
    monkeypatch.setattr(tasks, "_precedence", precedence)
    precedence.give_way()
    assert naps == []  # the window's own thread waits for nobody

    def job() -> None:
        for _ in range(1000):
            now[0] += 0.00002
            precedence.give_way()

    def run() -> None:
        thread = threading.Thread(target=job)
        thread.start()
        thread.join()

    run()
    # 20 ms of work: a pause every 3 ms, and never at each of the small steps.
    assert 5 <= len(naps) <= 8
    assert set(naps) == {tasks._PAUSE_SECONDS}
    naps.clear()
    tasks.claim_the_turn()
    run()
    assert tasks._NAP_SECONDS in naps
