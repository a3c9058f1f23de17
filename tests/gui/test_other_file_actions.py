"""The window's actions that bring two files together, or tensors: from the menu to the dialog."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QDialog

from ckpt_studio.core.edits import StripPrefix
from ckpt_studio.gui.dialogs.difference_dialog import DifferenceDialog
from ckpt_studio.gui.dialogs.preferences_dialog import PreferencesDialog
from ckpt_studio.gui.dialogs.split_dialog import JoinDialog, SplitDialog
from ckpt_studio.gui.dialogs.update_dialog import UpdateDialog
from ckpt_studio.gui.document_page import DocumentPage
from ckpt_studio.gui.main_window import MainWindow
from ckpt_studio.resources import resource_path

SAMPLE = resource_path("sample.pth")
pytestmark = pytest.mark.skipif(not SAMPLE.is_file(), reason="the sample is not built")


@pytest.fixture
def window(qtbot: Any, tmp_path: Path) -> Iterator[MainWindow]:
    """A window with two tabs, the first one in front."""
    window = MainWindow()
    window.resize(1280, 800)
    window.show()
    qtbot.waitExposed(window)
    files = [window.open_path(shutil.copy(SAMPLE, tmp_path / name)) for name in ("one.pth", "two.pth")]
    qtbot.waitUntil(lambda: all(file.page is not None for file in files), timeout=10_000)
    window.tabs.setCurrentIndex(0)
    yield window
    window._closing = True
    for dialog in window.findChildren(QDialog):
        dialog.reject()
    window.close()
    window.deleteLater()


def page_of(window: MainWindow) -> DocumentPage:
    page = window.current_page
    assert page is not None
    return page


def test_another_tab_is_offered(qtbot: Any, window: MainWindow) -> None:
    window.actions_["update-from"].trigger()
    update = window.findChild(UpdateDialog)
    assert update is not None
    assert update.other.files.currentText() == "two.pth"
    qtbot.waitUntil(lambda: update.taken.counts["equal"] == 68)
    assert not update.primary.isEnabled()
    update.reject()
    window.actions_["differences"].trigger()
    found = window.findChild(DifferenceDialog)
    assert found is not None
    qtbot.waitUntil(found.outcome.isVisible)
    assert found.outcome.tone == "good"
    window.close_tab(0)
    qtbot.waitUntil(lambda: window.findChild(DifferenceDialog) is None)
    assert len(window.file_pages) == 1


def test_tensors_are_split_and_joined_from_the_menu(qtbot: Any, window: MainWindow) -> None:
    page = page_of(window)
    page.tree.go_to("module.fc.weight")
    assert window.actions_["split"] in page.context_menu().actions()
    window.actions_["split"].trigger()
    split = window.findChild(SplitDialog)
    assert split is not None
    split.reject()
    window.actions_["join"].trigger()
    assert "two or more" in page.notice.banner.label.text()
    page.document.selection.select(("module.bn1.weight", "module.bn1.bias"))
    window.actions_["join"].trigger()
    join = window.findChild(JoinDialog)
    assert join is not None
    qtbot.waitUntil(join.primary.isEnabled)
    join.reject()


def test_changes_are_copied_from_the_menu(qtbot: Any, window: MainWindow) -> None:
    page = page_of(window)
    assert not window.actions_["copy-as-python"].isEnabled()
    page.apply(StripPrefix("module."))
    with qtbot.waitSignal(page.history.copied):
        window.actions_["copy-as-python"].trigger()
    assert "torch" in QGuiApplication.clipboard().text()
    assert page.panels.currentWidget() is page.history


def test_preferences_are_in_the_menu(qtbot: Any, window: MainWindow) -> None:
    window.actions_["preferences"].trigger()
    dialog = window.findChild(PreferencesDialog)
    assert dialog is not None
    qtbot.keyClick(dialog, Qt.Key.Key_Escape)
