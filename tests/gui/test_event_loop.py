"""Jobs give way to a window that is at work: its event loop has to tell when it is."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from PySide6.QtCore import QLibraryInfo

from ckpt_studio.gui.event_loop import telling_event_loop

LOOP = """
import os
from ckpt_studio.gui.main import set_up
from ckpt_studio.gui import tasks
at_work = []
seen = tasks._Precedence
tasks._Precedence = lambda: at_work.append(seen()) or at_work[-1]
app = set_up(["window"])
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QWidget
painted, idle = [], []
class Shown(QWidget):
    def paintEvent(self, event):
        painted.append(at_work[0]._at_work)
shown = Shown()
shown.show()
import threading
def look():
    for _ in range(2000):
        idle.append(at_work[0]._at_work)
        if len(painted) > 3 and idle[-50:].count(False) > 40:
            break
        threading.Event().wait(0.001)
looking = threading.Thread(target=look)
looking.start()
ending = QTimer()
# The first painting belongs to the showing, which the screen asks for.
ending.timeout.connect(lambda: shown.update() if looking.is_alive() else app.quit())
ending.start(50)
app.exec()
looking.join()
from PySide6.QtCore import QAbstractEventDispatcher
loop = QAbstractEventDispatcher.instance().metaObject().className()
print(len(painted) > 3 and all(painted[1:]), idle[-50:].count(False) > 40, "QT_NO_GLIB" in os.environ, "Glib" in loop)
"""


@pytest.mark.parametrize("desktop", ["", "GNOME"])
@pytest.mark.skipif(sys.platform != "linux", reason="the event loops that Qt has on Linux")
def test_the_window_is_at_work_while_it_paints_and_not_while_it_waits(desktop: str) -> None:
    root = Path(__file__).resolve().parents[2]
    environment = {key: value for key, value in os.environ.items() if key != "QT_NO_GLIB"}
    environment["XDG_CURRENT_DESKTOP"] = desktop
    done = subprocess.run(
        [sys.executable, "-c", LOOP], cwd=root, env=environment, capture_output=True, text=True, check=True, timeout=60
    )
    assert done.stderr == ""
    assert done.stdout.split() == ["True", "True", "False", str(desktop == "GNOME")]


def test_the_dialogs_of_gtk_keep_the_loop_they_need(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(sys, "platform", "linux")
    monkeypatch.delenv("QT_NO_GLIB", raising=False)
    monkeypatch.delenv("QT_QPA_PLATFORMTHEME", raising=False)
    monkeypatch.setattr(QLibraryInfo, "path", lambda _: str(tmp_path))
    monkeypatch.setenv("XDG_CURRENT_DESKTOP", "ubuntu:GNOME")
    for there, without in ((False, True), (True, False)):
        if there:
            (tmp_path / "platformthemes").mkdir()
            (tmp_path / "platformthemes" / "libqgtk3.so").touch()
        with telling_event_loop():
            assert ("QT_NO_GLIB" in os.environ) is without
        assert "QT_NO_GLIB" not in os.environ
    monkeypatch.setenv("XDG_CURRENT_DESKTOP", "KDE")
    with telling_event_loop():
        assert "QT_NO_GLIB" in os.environ
