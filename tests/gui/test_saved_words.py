"""The window says what was saved and where to, and its menus fit on a small screen."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QMenu
from pytestqt.qtbot import QtBot

from ckpt_studio.core.edits import StripPrefix
from ckpt_studio.gui.main_window import MainWindow
from tests.gui.desks import dialog_of, open_file, sample_copy

LEFT = Qt.MouseButton.LeftButton

pytestmark = pytest.mark.usefixtures("on_a_laptop")


def test_after_an_export_it_says_which_file_holds_the_changes(window: MainWindow, qtbot: QtBot, tmp_path: Path) -> None:
    page = open_file(window, qtbot, sample_copy(tmp_path))
    assert page.apply(StripPrefix("module."))
    assert window.isWindowModified()
    window.actions_["export"].trigger()
    dialog = dialog_of(window, "ExportDialog")
    dialog.form.target.setText(str(tmp_path / "r34-fixed.pth"))
    qtbot.waitUntil(lambda: dialog.primary.isEnabled())
    qtbot.mouseClick(dialog.primary, LEFT)
    qtbot.waitUntil(lambda: dialog.outcome is not None, timeout=20_000)
    dialog.accept()
    assert window.windowTitle() == "r34.pth, saved as r34-fixed.pth[*] — Ckpt Studio"
    assert window.status_line.pending.text() == "Saved as r34-fixed.pth"
    assert page.history.title.text() == "Saved as r34-fixed.pth"
    assert str(page.history.list.model().index(1, 0).data()).endswith("(exported to r34-fixed.pth)")
    window.actions_["undo"].trigger()
    assert window.windowTitle() == "r34.pth[*] — Ckpt Studio"
    assert window.status_line.pending.text() == "1 change since the export"
    window.actions_["redo"].trigger()
    assert window.windowTitle().startswith("r34.pth, saved as")


def test_saved_tensors_are_confirmed_whatever_is_shown(window: MainWindow, qtbot: QtBot, tmp_path: Path) -> None:
    page = open_file(window, qtbot, sample_copy(tmp_path))
    assert page.document.state_dict is not None
    page.tree.go_to(next(iter(page.document.state_dict.tensors)))
    page.panels.setCurrentWidget(page.history)
    window.actions_["save-tensors"].trigger()
    dialog = dialog_of(window, "SaveTensorsDialog")
    target = dialog.target.text()
    assert Path(target).parent == tmp_path
    qtbot.waitUntil(lambda: dialog.primary.isEnabled())
    qtbot.mouseClick(dialog.primary, LEFT)
    qtbot.waitUntil(lambda: page.notice.isVisible())
    assert page.notice.banner.label.text() == f"Saved: {target}"
    assert page.notice.banner.tone == "good"
    assert Path(target).is_file()


def test_every_menu_fits_on_a_small_screen(window: MainWindow) -> None:
    for title in window.menuBar().actions():
        menu = title.menu()
        assert isinstance(menu, QMenu)
        assert menu.sizeHint().height() < 768 - 60, title.text()
        keys = [action.text().partition("&")[2][:1].lower() for action in menu.actions() if "&" in action.text()]
        assert len(keys) == len(set(keys)), title.text()


def test_all_four_kinds_of_models_are_in_the_menu(window: MainWindow, qtbot: QtBot, tmp_path: Path) -> None:
    open_file(window, qtbot, sample_copy(tmp_path))
    window.actions_["compare-module"].trigger()
    qtbot.waitUntil(lambda: dialog_of(window, "ChooseModelDialog") is not None)
