"""Fixtures that every room's tests share: real files, a private home, and guards against what a test leaves behind."""

from __future__ import annotations

import errno
import gc
import logging
import multiprocessing
import os
import sys
import threading
import time
import weakref
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings

# Every run tries the same cases, so that a change is judged by what it did and not by the dice.
settings.register_profile("repeatable", derandomize=True)
settings.load_profile("repeatable")

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

CORPUS = Path(__file__).resolve().parents[2] / "shared" / "corpus"

# Threads that libraries keep for the life of the process: they belong to no test.
LASTING_THREADS = ("ThreadPoolExecutor", "QThread", "Dummy", "pydevd", "execnet", "tqdm", "OpenBLAS")


def pytest_addoption(parser: pytest.Parser, pluginmanager: pytest.PytestPluginManager) -> None:
    """Knows pytest-qt's settings also in the run without Qt, where the plugin is switched off."""
    if not pluginmanager.hasplugin("pytest-qt"):
        for name in ("qt_log_level_fail", "qt_log_ignore"):
            parser.addini(name, "read by pytest-qt alone")


@pytest.fixture(scope="session")
def corpus() -> Path:
    """The folder of real files; tests that need it skip where it is absent."""
    if not CORPUS.is_dir():
        pytest.skip("the corpus of real files is not beside the project")
    return CORPUS


@pytest.fixture(autouse=True)
def private_home(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home of its own for each test: no setting, cache or consent of this machine's user is read or written."""
    home = tmp_path_factory.mktemp("home")
    for variable in ("HOME", "USERPROFILE"):
        monkeypatch.setenv(variable, str(home))
    for variable, folder in {
        "XDG_CONFIG_HOME": ".config",
        "XDG_DATA_HOME": ".local/share",
        "XDG_STATE_HOME": ".local/state",
        "XDG_CACHE_HOME": ".cache",
        "APPDATA": "AppData/Roaming",
        "LOCALAPPDATA": "AppData/Local",
    }.items():
        monkeypatch.setenv(variable, str(home / folder))
    runtime = home / "run"
    runtime.mkdir(mode=0o700)
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(runtime))
    return home


@pytest.fixture(autouse=True)
def private_settings(request: pytest.FixtureRequest, private_home: Path) -> None:
    """Qt's settings inside the private home, as plain files, for tests of the window."""
    if "qtbot" in request.fixturenames or "qapp" in request.fixturenames:
        from PySide6.QtCore import QSettings

        for form in (QSettings.Format.IniFormat, QSettings.Format.NativeFormat):
            QSettings.setPath(form, QSettings.Scope.UserScope, str(private_home / ".config"))
            QSettings.setPath(form, QSettings.Scope.SystemScope, str(private_home / "etc"))
        QSettings.setDefaultFormat(QSettings.Format.IniFormat)


@pytest.fixture(autouse=True)
def no_unexpected_warning(caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    """Fails a test in which our code logged a WARNING or worse that the test did not ask for.

    A test that expects one calls `caplog.clear()` after looking at it.
    """
    yield
    unexpected = [
        record.getMessage()
        for record in caplog.get_records("call")
        if record.levelno >= logging.WARNING and record.name.startswith("ckpt_studio")
    ]
    if unexpected:
        pytest.fail(f"unexpected warnings were logged: {unexpected}")


def _ends_soon(still_there: object, seconds: float = 3.0) -> bool:
    """Whether the callable `still_there` becomes false in time: what is ending is not left over."""
    assert callable(still_there)
    deadline = time.monotonic() + seconds
    while still_there():
        if time.monotonic() > deadline:
            return False
        threading.Event().wait(0.02)
    return True


def _threads() -> set[threading.Thread]:
    return {thread for thread in threading.enumerate() if not thread.name.startswith(LASTING_THREADS)}


@pytest.fixture(autouse=True)
def no_leftover_threads() -> Iterator[None]:
    """Fails a test that leaves a thread of its own running."""
    before = _threads()
    yield
    if not _ends_soon(lambda: [thread for thread in _threads() - before if thread.is_alive()]):
        pytest.fail(f"threads left running: {sorted(thread.name for thread in _threads() - before)}")


def _children() -> dict[int, str]:
    """The running children of this process by id (Linux only; elsewhere those of multiprocessing)."""
    if not sys.platform.startswith("linux"):
        return {child.pid or 0: child.name for child in multiprocessing.active_children()}
    found: dict[int, str] = {}
    for task in Path("/proc/self/task").iterdir():
        try:
            pids = (task / "children").read_text().split()
        except OSError:
            continue
        for pid in pids:
            try:
                state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
                if state != "Z":
                    command = Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ")
                    found[int(pid)] = command.decode(errors="replace").strip()[:200]
            except OSError:
                continue
    return found


@pytest.fixture(autouse=True)
def no_leftover_children(request: pytest.FixtureRequest) -> Iterator[None]:
    """Fails a test that leaves a child process running; a host shared by a module is started by its fixture before."""
    before = _children()
    yield
    if not _ends_soon(lambda: _children().keys() - before.keys()):
        left = {pid: command for pid, command in _children().items() if pid not in before}
        pytest.fail(f"child processes left running: {left}")


def _uses_qt(request: pytest.FixtureRequest) -> bool:
    return "qtbot" in request.fixturenames or "qapp" in request.fixturenames


@pytest.fixture(autouse=True)
def garbage_on_this_thread(request: pytest.FixtureRequest) -> Iterator[None]:
    """Collects garbage on the main thread only, from the first test of the window on, as the program does.

    Otherwise the interpreter destroys a forgotten widget in whichever thread happens to make an object: Qt then waits
    for a lock which the main thread holds, that waits for the interpreter's.
    """
    if not _uses_qt(request) and gc.isenabled():
        yield
        return
    if gc.isenabled():
        gc.collect()
        gc.freeze()
        gc.disable()
    yield
    gc.collect(2 if _uses_qt(request) else 1)
    gc.disable()


def _end_deletions() -> None:
    """Lets Qt destroy what was handed to `deleteLater`: without an event loop it would wait for the next test's."""
    from PySide6.QtCore import QCoreApplication, QEvent

    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)


@pytest.fixture(scope="session")
def timers() -> Iterator[weakref.WeakSet[Any]]:
    """Every QTimer that Python makes from now on and Qt still has; Qt itself cannot be asked for them."""
    from PySide6.QtCore import QTimer

    made: weakref.WeakSet[Any] = weakref.WeakSet()
    make = QTimer.__init__

    def noted(timer: Any, *args: Any, **options: Any) -> None:
        make(timer, *args, **options)
        made.add(timer)

    QTimer.__init__ = noted  # type: ignore[method-assign]
    yield made
    QTimer.__init__ = make  # type: ignore[method-assign]


def _running(timers: weakref.WeakSet[Any]) -> set[Any]:
    from shiboken6 import isValid

    return {timer for timer in timers if isValid(timer) and timer.isActive()}


@pytest.fixture(autouse=True)
def no_leftover_timers(request: pytest.FixtureRequest) -> Iterator[None]:
    """Fails a test that leaves a timer running: it would go off in the middle of another test."""
    if not _uses_qt(request):
        yield
        return
    timers = request.getfixturevalue("timers")
    before = _running(timers)
    yield
    _end_deletions()
    if left := _running(timers) - before:
        told = [f"{type(timer.parent()).__name__} every {timer.interval()} ms" for timer in left]
        for timer in left:
            timer.stop()
        pytest.fail(f"timers left running: {sorted(told)}")


@pytest.fixture(autouse=True)
def no_leftover_windows(request: pytest.FixtureRequest) -> Iterator[None]:
    """Fails a test that leaves a visible top-level widget behind; qtbot closes what it was given."""
    yield
    if not _uses_qt(request):
        return
    from PySide6.QtWidgets import QApplication

    left = [widget for widget in QApplication.topLevelWidgets() if widget.isVisible()]
    for widget in left:
        widget.close()
    if left:
        pytest.fail(f"windows left open: {[(type(w).__name__, w.windowTitle()) for w in left]}")


def _refuse_open(path: Any, **options: Any) -> None:
    """Raises what Windows raises for a file of which this process has a descriptor or a map (Linux only)."""
    folder = options.get("src_dir_fd", options.get("dir_fd"))
    if folder is not None:
        return
    name = os.path.realpath(path)
    descriptors = (f"/proc/self/fd/{number}" for number in os.listdir("/proc/self/fd"))
    opened = any(os.path.lexists(link) and os.path.realpath(link) == name for link in descriptors)
    if opened or f" {name}\n" in Path("/proc/self/maps").read_text(errors="surrogateescape"):
        raise PermissionError(errno.EACCES, "The process cannot access the file because it is being used", str(path))


@pytest.fixture
def windows_files(monkeypatch: pytest.MonkeyPatch) -> None:
    """Files as on Windows: none that is open or mapped can be renamed, replaced or removed; no reads at a position."""
    if not sys.platform.startswith("linux"):
        pytest.skip("Windows is played on Linux")
    from ckpt_studio.formats import atomic

    for name in ("rename", "replace", "unlink", "remove"):
        real = getattr(os, name)

        def careful(*paths: Any, real: Any = real, **options: Any) -> None:
            for path in paths:
                _refuse_open(path, **options)
            real(*paths, **options)

        monkeypatch.setattr(os, name, careful)
    for name in ("pread", "preadv", "copy_file_range", "sendfile", "posix_fadvise"):
        monkeypatch.delattr(os, name, raising=False)
    monkeypatch.setattr(atomic, "REPLACES_OPEN_FILES", False)
    monkeypatch.setattr(atomic, "_PATIENCE_SECONDS", 0.3)
