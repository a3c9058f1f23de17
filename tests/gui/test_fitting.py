"""Windows fit on the screen they are on, also on a small one."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import QSize
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from ckpt_studio.gui import fitting
from ckpt_studio.gui.dialogs.ask_dialog import AskDialog
from ckpt_studio.gui.folder_window import FolderWindow
from ckpt_studio.gui.guide_dialog import GuideDialog
from ckpt_studio.gui.main_window import MainWindow

ROOM = QSize(1362, 700)


@pytest.fixture
def small_screen(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is left of 1366×768 beside a task bar and a title bar."""
    monkeypatch.setattr(fitting, "room_on_screen", lambda window: ROOM)


def test_the_room_is_the_screen_without_the_frame(qtbot: QtBot) -> None:
    widget = QWidget()
    qtbot.addWidget(widget)
    available = widget.screen().availableGeometry().size()
    room = fitting.room_on_screen(widget)
    assert room.width() < available.width()
    assert room.height() <= available.height() - 36
    fitting.resize_within_screen(widget, QSize(9000, 300))
    assert widget.size() == QSize(room.width(), 300)


def test_the_first_start_shows_the_whole_window(qtbot: QtBot, small_screen: None) -> None:
    window = MainWindow()
    qtbot.addWidget(window)
    window.show()
    qtbot.waitExposed(window)
    assert window.size() == QSize(1320, 700)
    assert window.rect().contains(window.statusBar().geometry())


def test_guide_folder_and_long_dialogs_fit(qtbot: QtBot, small_screen: None, tmp_path: Path) -> None:
    guide, folder, dialog = GuideDialog(), FolderWindow(str(tmp_path)), AskDialog()
    dialog.resize(640, 900)
    for window in (guide, folder, dialog):
        qtbot.addWidget(window)
        window.show()
        qtbot.waitExposed(window)
        assert window.width() <= ROOM.width()
        assert window.height() <= ROOM.height()
