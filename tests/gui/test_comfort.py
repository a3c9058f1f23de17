"""Cleaning up, finding, and other comforts of the window, by keys and clicks."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import Qt

from ckpt_studio.core.edits import RenameTensor, StripPrefix
from ckpt_studio.gui import cleaning_menu
from ckpt_studio.gui.document_page import DocumentPage
from ckpt_studio.gui.main_window import MainWindow
from tests.gui.desks import SAMPLE, dialog_of, open_file, sample_copy

pytestmark = pytest.mark.skipif(not SAMPLE.is_file(), reason="the sample is not built")

Open = Callable[[], DocumentPage]


@pytest.fixture
def opened(window: MainWindow, qtbot: Any, tmp_path: Path) -> Open:
    return lambda: open_file(window, qtbot, sample_copy(tmp_path))


def test_cleaning_menu_without_a_file(window: MainWindow) -> None:
    window.menus.cleaning.fill()
    assert [action.isEnabled() for action in window.menus.cleaning.actions()] == [False]


def test_cleaning_menu_offers_what_applies_and_does_it_as_one_edit(window: MainWindow, opened: Open) -> None:
    page = opened()
    menu = window.menus.cleaning
    menu.fill()
    texts = [action.text() for action in menu.actions()]
    assert texts[0] == "Strip “module.” (DataParallel)  ·  68 names"
    assert any("training state" in text for text in texts)
    menu.actions()[0].trigger()
    assert page.document.history.index == 1
    assert "conv1.weight" in page.document.state_dict.entries
    menu.fill()
    assert not any("DataParallel" in action.text() for action in menu.actions())
    next(action for action in menu.actions() if "training state" in action.text()).trigger()
    assert page.document.history.index == 2
    menu.fill()
    assert not any("training state" in action.text() for action in menu.actions())
    page.document.undo()
    page.document.undo()
    assert not page.document.is_dirty


def test_a_long_list_of_names_is_looked_through_in_the_background(
    window: MainWindow, opened: Open, qtbot: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened()
    monkeypatch.setattr(cleaning_menu, "_MOST_AT_ONCE", 3)
    menu = window.menus.cleaning
    menu.fill()
    assert [action.text() for action in menu.actions()] == ["Looking…"]
    qtbot.waitUntil(lambda: menu._known is not None)
    menu.fill()
    assert "DataParallel" in menu.actions()[0].text()


def test_half_the_size_asks_with_the_type_chosen(window: MainWindow, opened: Open) -> None:
    opened()
    menu = window.menus.cleaning
    menu.fill()
    half = next(action for action in menu.actions() if "bfloat16" in action.text())
    assert half.isEnabled()
    half.trigger()
    dialog = dialog_of(window, "CastDialog")
    assert dialog.types.currentText() == "bfloat16"
    dialog.reject()


def test_go_to_name_by_keys(window: MainWindow, opened: Open, qtbot: Any) -> None:
    page = opened()
    window.filter_box.field.setText("fc.")
    window.filter_box._tell()
    assert page.filter
    window.actions_["go-to-name"].trigger()
    dialog = dialog_of(window, "JumpDialog")
    qtbot.keyClicks(dialog.field, "layer1 conv2")
    first = dialog.current
    assert "layer1" in first
    assert "conv2" in first
    qtbot.keyClick(dialog.field, Qt.Key.Key_Down)
    assert dialog.current != first
    chosen = dialog.current
    qtbot.keyClick(dialog.field, Qt.Key.Key_Return)
    assert page.tree.selected_names == (chosen,)
    assert window.filter_box.field.text() == ""
    assert page.tree.hasFocus() or not window.isActiveWindow()


def test_no_such_name_is_said(window: MainWindow, opened: Open, qtbot: Any) -> None:
    opened()
    window.actions_["go-to-name"].trigger()
    dialog = dialog_of(window, "JumpDialog")
    qtbot.keyClicks(dialog.field, "nowhere")
    assert not dialog.primary.isEnabled()
    assert "No name" in dialog.message.label.text()


def test_filter_terms_narrow_the_tree(window: MainWindow, opened: Open, qtbot: Any) -> None:
    page = opened()
    box = window.filter_box
    box.field.setText("layer1 shape:[*,*,3,3]")
    box.field.textEdited.emit(box.field.text())
    qtbot.waitUntil(lambda: page.filter.text == "layer1 shape:[*,*,3,3]")
    names = page.tree.tensors.tree.top[0].names
    assert names
    assert all("layer1" in name and len(page.document.state_dict.tensors[name].shape) == 4 for name in names)
    box.field.setText("size:>")
    box._tell()
    assert box.count.text() == "incomplete"
    qtbot.keyClick(box.field, Qt.Key.Key_Escape)
    assert not page.filter


def test_searches_come_back_with_the_up_arrow(window: MainWindow, opened: Open, qtbot: Any) -> None:
    page = opened()
    box = window.filter_box
    for text in ("fc", "conv2"):
        box.field.setText(text)
        qtbot.keyClick(box.field, Qt.Key.Key_Return)
    box.field.clear()
    qtbot.keyClick(box.field, Qt.Key.Key_Up)
    assert box.field.text() == "conv2"
    qtbot.keyClick(box.field, Qt.Key.Key_Up)
    assert box.field.text() == "fc"
    assert page.filter.text == "fc"
    qtbot.keyClick(box.field, Qt.Key.Key_Down)
    assert box.field.text() == "conv2"
    box._fill_before()
    assert [action.text() for action in box._before_actions] == ["conv2", "fc"]


def test_asking_for_health_checks_the_values_first(window: MainWindow, opened: Open, qtbot: Any) -> None:
    page = opened()
    box = window.filter_box
    qtbot.keyClicks(box.field, "health:good")
    qtbot.waitUntil(lambda: page.filter.health is not None)
    qtbot.waitUntil(lambda: bool(page.tree.tensors.tree.top))
    assert len(page.tree.tensors.tree.top[0].names) > 50
    assert page.header.health.text() in ("All values look healthy", "1 warning in the values")
    box.search("health:nan")
    assert page.filter.text == "health:nan"
    qtbot.waitUntil(lambda: not page.tree.tensors.tree.top)
    box.search("")
    # The line at the top leads to what was found.
    page.panels.setCurrentWidget(page.history)
    qtbot.mouseClick(page.header.health, Qt.MouseButton.LeftButton)
    assert page.panels.currentWidget() is page.panels.checks


def test_the_summary_says_what_else_is_inside(window: MainWindow, opened: Open) -> None:
    header = opened().header
    assert header.facts.text().startswith("small_resnet, says the file")
    inside = header.inside.text()
    assert inside.startswith("Also inside: optimizer 354 kB (49 % of the file)")
    for words in ("epoch = 90", "best_acc1 = 71.35", "args"):
        assert words in inside
    assert header.health.text() == "Values not checked yet"
    assert header.safety.text() == "No code in this file"


def test_exported_changes_are_not_counted_again(window: MainWindow, opened: Open) -> None:
    page = opened()
    document, line = page.document, window.status_line.pending
    document.apply(StripPrefix("module."))
    assert line.text() == page.history.title.text() == "1 change not exported"
    document.mark_saved()
    assert line.text() == ""
    document.apply(RenameTensor("fc.bias", "fc.offset"))
    assert line.text() == "1 change since the export"
    document.undo()
    document.undo()
    assert line.text() == "1 change since the export"
    window.close_tab(0)
    prompt = dialog_of(window, "ClosePrompt")
    assert prompt.pending.item(0).text() == "1 change was undone after the last export."
    prompt.reject()
    # What was exported is lost to redo, and yet is in the file that was written.
    document.redo()
    document.redo()
    document.mark_saved()
    document.undo()
    document.apply(RenameTensor("fc.bias", "fc.shift"))
    assert document.history.saved_index is None
    assert line.text() == "1 change since the export"
    window.close_tab(0)
    prompt = dialog_of(window, "ClosePrompt")
    assert [prompt.pending.item(row).text()[:2] for row in range(prompt.pending.count())] == ["2."]
    prompt.reject()
    document.undo()
    assert line.text() == "1 change since the export"
