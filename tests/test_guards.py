"""The guards of conftest.py: a test that leaves something behind fails, and says what."""

from __future__ import annotations

import shutil
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

pytest.importorskip("PySide6")

ROOT = Path(__file__).resolve().parents[1]

IMPORTS = """import ckpt_studio.gui, logging, subprocess, threading
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QWidget
"""
LEAVES = {
    "a timer": (
        """
        def test_it(qapp):
            global timer
            timer = QTimer()
            timer.start(60_000)
        """,
        "timers left running",
    ),
    "a window": (
        """
        def test_it(qapp):
            global window
            window = QWidget()
            window.show()
        """,
        "windows left open",
    ),
    "a thread": (
        """
        def test_it():
            threading.Thread(target=threading.Event().wait, args=(8,)).start()
        """,
        "threads left running",
    ),
    "a child": (
        """
        def test_it():
            global child
            child = subprocess.Popen(["sleep", "8"])
        """,
        "child processes left running",
    ),
    "a warning": (
        """
        def test_it():
            logging.getLogger("ckpt_studio.gui").warning("what is this")
        """,
        "unexpected warnings were logged",
    ),
    "nothing": (
        """
        def test_it(qtbot):
            window = QWidget()
            qtbot.addWidget(window)
            window.timer = QTimer(window)
            window.timer.start(60_000)
            window.show()
        """,
        "1 passed",
    ),
}


@pytest.mark.slow
@pytest.mark.parametrize("what", LEAVES)
def test_what_is_left_behind_fails_the_test(what: str, tmp_path: Path) -> None:
    body, told = LEAVES[what]
    (tmp_path / "test_it.py").write_text(IMPORTS + textwrap.dedent(body), encoding="utf-8")
    shutil.copy(ROOT / "tests" / "conftest.py", tmp_path)
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", str(tmp_path)],
        cwd=ROOT, capture_output=True, text=True, check=False, timeout=120,
    )  # fmt: skip
    assert told in done.stdout, done.stdout + done.stderr
    assert done.returncode == (0 if what == "nothing" else 1)
