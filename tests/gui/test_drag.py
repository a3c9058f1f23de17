"""Names as MIME data: there and back, and at the program's end."""

from __future__ import annotations

import subprocess
import sys

from ckpt_studio.gui.drag import DraggedNames

COPY_AND_QUIT = """
from ckpt_studio.gui.main import set_up
app = set_up(["ckpt-studio"])
from PySide6.QtCore import QTimer
from PySide6.QtGui import QGuiApplication
from ckpt_studio.gui.drag import DraggedNames, leave_clipboard_as_text
app.aboutToQuit.connect(leave_clipboard_as_text)
QGuiApplication.clipboard().setMimeData(DraggedNames("document-1", ("a.b", "a.c")).to_mime())
app.aboutToQuit.connect(lambda: print(QGuiApplication.clipboard().text().split()))
QTimer.singleShot(0, app.quit)
app.exec()
"""


def test_names_come_back_from_their_mime_form() -> None:
    names = DraggedNames("document-1", ("layer4.0.weight", "größe.重量"), "layer4")
    assert DraggedNames.from_mime(names.to_mime()) == names


def test_quitting_with_copied_names_leaves_their_text_and_does_not_crash() -> None:
    ended = subprocess.run(
        [sys.executable, "-c", COPY_AND_QUIT], capture_output=True, text=True, timeout=60, check=False
    )
    assert (ended.returncode, ended.stdout.strip()) == (0, "['a.b', 'a.c']"), ended.stderr
