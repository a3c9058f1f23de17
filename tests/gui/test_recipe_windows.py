"""A recipe's window and the file it was opened from: what is not saved is never lost without a question."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QPushButton
from pytestqt.qtbot import QtBot
from shiboken6 import isValid

from ckpt_studio.core.edits import StripPrefix
from ckpt_studio.core.edits.draft import Draft
from ckpt_studio.gui.dialogs.recipe_dialog import RecipeDialog
from ckpt_studio.gui.main_window import MainWindow
from tests.gui.desks import SAMPLE, dialog_of, open_file, sample_copy, shown_window

pytestmark = pytest.mark.skipif(not SAMPLE.is_file(), reason="the sample is not built")

LEFT = Qt.MouseButton.LeftButton


@pytest.fixture
def window(qtbot: QtBot, language_put_back: None) -> Iterator[MainWindow]:
    for window in shown_window(qtbot):
        yield window
        for editor in list(window._recipes._shown):
            editor.drop()


def editor_of(window: MainWindow) -> RecipeDialog:
    """The recipe's window that the menu opens."""
    window.actions_["edit-recipe"].trigger()
    editor = dialog_of(window, "RecipeDialog")
    assert isinstance(editor, RecipeDialog)
    return editor


def change(editor: RecipeDialog) -> None:
    """A step that is saved nowhere."""
    editor.add_step("strip-prefix")
    assert editor.is_changed


def answer(qtbot: QtBot, editor: RecipeDialog, words: str) -> None:
    button = next(b for b in editor.asked.findChildren(QPushButton) if b.text().replace("&", "") == words)
    qtbot.mouseClick(button, LEFT)


def close_tab(window: MainWindow) -> None:
    window.actions_["close"].trigger()


def test_a_recipe_that_is_not_saved_outlives_its_file(window: MainWindow, qtbot: QtBot, tmp_path: Path) -> None:
    path = sample_copy(tmp_path)
    page = open_file(window, qtbot, path)
    editor = editor_of(window)
    change(editor)
    qtbot.waitUntil(lambda: len(editor._tried) == 1)
    close_tab(window)
    qtbot.waitUntil(lambda: not isValid(page))
    assert editor.isVisible()
    assert editor.document is None
    assert [step["edit"] for step in editor.draft.steps] == ["strip-prefix"]
    assert "“r34.pth” was closed" in editor.message.label.text()
    assert not editor.apply_button.isEnabled()
    # The file is open again: the recipe is tried on it, and can be applied to it.
    again = open_file(window, qtbot, path)
    assert editor.document is again.document
    assert not editor.message.isVisible()
    qtbot.waitUntil(lambda: len(editor._tried) == 1 and editor.apply_button.isEnabled())
    editor.set_steps(Draft.of([StripPrefix("module.")]).steps, 0)
    qtbot.mouseClick(editor.apply_button, LEFT)
    qtbot.waitUntil(lambda: again.document.history.index == 1)
    again.document.undo()


def test_a_recipe_without_changes_goes_with_its_file(window: MainWindow, qtbot: QtBot, tmp_path: Path) -> None:
    open_file(window, qtbot, sample_copy(tmp_path))
    editor = editor_of(window)
    close_tab(window)
    qtbot.waitUntil(lambda: not isValid(editor))
    assert not window._recipes._shown


def test_reading_the_file_again_keeps_the_recipe_with_it(window: MainWindow, qtbot: QtBot, tmp_path: Path) -> None:
    page = open_file(window, qtbot, sample_copy(tmp_path))
    editor = editor_of(window)
    change(editor)
    place = editor.geometry()
    window.actions_["reload"].trigger()
    qtbot.waitUntil(lambda: not isValid(page))
    qtbot.waitUntil(lambda: window.current_page is not None)
    again = window.current_page
    assert again is not None
    assert editor.document is again.document
    assert editor.isVisible()
    assert editor.is_changed
    assert editor.geometry().size() == place.size()


def test_quitting_asks_about_every_recipe(window: MainWindow, qtbot: QtBot, tmp_path: Path) -> None:
    open_file(window, qtbot, sample_copy(tmp_path))
    first = editor_of(window)
    change(first)
    close_tab(window)
    editor_of(window)
    second = next(editor for editor in window._recipes._shown if editor is not first)
    change(second)
    window.close()
    assert window.isVisible()
    assert first.asked.label.text() == "The recipe has changes that are not saved."
    answer(qtbot, first, "Stay here")
    assert window.isVisible()
    assert first.is_changed
    window.close()
    answer(qtbot, first, "Do not save")
    assert not first.isVisible()
    assert window.isVisible()
    assert second.asked.isVisible()
    second.path = str(tmp_path / "kept.json")
    answer(qtbot, second, "Save it")
    assert not window.isVisible()
    assert "strip-prefix" in (tmp_path / "kept.json").read_text()


def test_a_recipe_that_is_open_is_spoken_in_the_new_language(window: MainWindow, qtbot: QtBot, tmp_path: Path) -> None:
    page = open_file(window, qtbot, sample_copy(tmp_path))
    document = page.document
    editor = editor_of(window)
    change(editor)
    change(editor)
    actions = window.actions_
    window.set_language("zh_CN")
    qtbot.waitUntil(lambda: window.actions_ is not actions)
    (again,) = window._recipes._shown
    assert again is not editor
    assert again.isVisible()
    assert again.document is document
    assert again.close_button.text().startswith("关闭")
    assert len(again.draft.steps) == 2
    assert again.is_changed
    again.undo()
    assert len(again.draft.steps) == 1
    # It belongs to the page of now.
    again.set_steps(Draft.of([StripPrefix("module.")]).steps, 0)
    qtbot.waitUntil(again.apply_button.isEnabled)
    qtbot.mouseClick(again.apply_button, LEFT)
    qtbot.waitUntil(lambda: document.history.index == 1)
    document.undo()


def test_a_new_language_brings_no_recipe_to_the_front(window: MainWindow, qtbot: QtBot, tmp_path: Path) -> None:
    open_file(window, qtbot, sample_copy(tmp_path))
    behind = editor_of(window)
    behind.path = "behind.json"
    editor_of(window)
    put_away = next(editor for editor in window._recipes._shown if editor is not behind)
    put_away.path = "put-away.json"
    put_away.showMinimized()
    window.activateWindow()
    actions = window.actions_
    window.set_language("zh_CN")
    qtbot.waitUntil(lambda: window.actions_ is not actions)
    again = {editor.path: editor for editor in window._recipes._shown}
    assert again["put-away.json"].isMinimized()
    assert again["behind.json"].isVisible()
    assert not again["behind.json"].isMinimized()
    qtbot.waitUntil(lambda: QApplication.activeWindow() is window)
    # What was closed stays closed.
    for editor in again.values():
        editor.close()
    actions = window.actions_
    window.set_language("en")
    qtbot.waitUntil(lambda: window.actions_ is not actions)
    assert not window._recipes._shown
