"""Another language while one works: everything is said in it at once, and nothing that was done is lost."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import Qt

from ckpt_studio.core.edits import RenameTensor
from ckpt_studio.gui.inspector.inspector_pane import InspectorPane
from ckpt_studio.gui.inspector.views import BytesPage
from ckpt_studio.gui.main_window import MainWindow
from ckpt_studio.gui.settings import text_setting
from ckpt_studio.gui.tensor_tree_model import STATUS
from tests.gui import samples
from tests.gui.desks import SAMPLE, open_file, sample_copy

pytestmark = [
    pytest.mark.skipif(not SAMPLE.is_file(), reason="the sample is not built"),
    pytest.mark.usefixtures("language_put_back"),
]


def speak(window: MainWindow, code: str, qtbot: Any) -> None:
    language = next(menu for menu in window.menus._below["language"].actions() if menu.data() == code)
    before = window.actions_
    language.trigger()
    qtbot.waitUntil(lambda: window.actions_ is not before and window.tool_bar.isVisible())


def test_everything_changes_and_nothing_is_lost(window: MainWindow, qtbot: Any, tmp_path: Path) -> None:
    page = open_file(window, qtbot, sample_copy(tmp_path))
    document = page.document
    page.header.strip_button.click()
    document.set_model(samples.Resolved(samples.skeleton(samples.MODEL)))
    qtbot.waitUntil(lambda: document.report is not None)
    page.tree.go_to("layer1.0.conv1.weight")
    page.panels.setCurrentWidget(page.history)
    document.bookmarks.toggle(("state_dict",), "fc.bias")
    speak(window, "zh_CN", qtbot)
    again = window.current_page
    assert again is not None
    assert again is not page
    assert again.document is document
    assert text_setting("view/language", "") == "zh_CN"
    assert window.actions_["open"].text().startswith("打开")
    assert window.menuBar().actions()[0].text().startswith("文件")
    assert window.status_line.totals.text() == "68 个张量"
    assert document.history.index == 1
    assert document.report is not None
    assert again.tree.selected_names == ("layer1.0.conv1.weight",)
    assert again.panels.currentWidget() is again.history
    assert document.bookmarks.is_marked(("state_dict",), "fc.bias")
    # The keys act once, on the new page, and the old one hears nothing any more.
    qtbot.keyClick(again.tree, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert document.history.index == 0
    document.redo()
    document.apply(RenameTensor("fc.bias", "fc.offset"))
    document.undo()
    speak(window, "en", qtbot)
    assert window.actions_["open"].text() == "&Open…"
    assert window.current_page is not None
    assert window.current_page.document is document
    assert window.status_line.totals.text() == "68 tensors"


def test_filters_tabs_and_their_order_stay(window: MainWindow, qtbot: Any, tmp_path: Path) -> None:
    first = open_file(window, qtbot, sample_copy(tmp_path))
    broken = window.open_path(str(tmp_path / "absent.pth"))
    qtbot.waitUntil(lambda: broken.error is not None)
    window.tabs.setCurrentIndex(0)
    window.filter_box.search("conv2")
    assert first.filter
    speak(window, "zh_CN", qtbot)
    assert [Path(file.path).name for file in window.file_pages] == ["r34.pth", "absent.pth"]
    assert window.tabs.currentIndex() == 0
    assert window.filter_box.field.text() == "conv2"
    page = window.current_page
    assert page is not None
    assert page.filter.text == "conv2"
    qtbot.waitUntil(lambda: window.file_pages[1].error is not None)
    # What is not exported is still asked about.
    page.document.apply(RenameTensor("module.fc.bias", "module.fc.offset"))
    window.close_tab(0)
    assert len(window.file_pages) == 2


def test_the_welcome_page_changes_too(window: MainWindow, qtbot: Any) -> None:
    speak(window, "zh_CN", qtbot)
    assert window.pages.currentWidget() is window.welcome
    assert window.welcome.sample_button.text() == "试用示例"
    speak(window, "", qtbot)
    assert window.pages.currentWidget() is window.welcome


def test_it_waits_for_an_edit_that_is_being_computed(
    window: MainWindow, qtbot: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from ckpt_studio.gui import edit_queue

    page = open_file(window, qtbot, sample_copy(tmp_path))
    monkeypatch.setattr(edit_queue, "BIG", 3)
    page.header.strip_button.click()
    assert page.edits.is_busy
    window.set_language("zh_CN")
    qtbot.waitUntil(lambda: window.current_page is not page)
    assert window.current_page is not None
    assert window.current_page.document.history.index == 1


def test_what_was_compared_and_checked_is_still_known(window: MainWindow, qtbot: Any, tmp_path: Path) -> None:
    page = open_file(window, qtbot, sample_copy(tmp_path))
    document = page.document
    shapes = {name: tensor.shape for name, tensor in document.checkpoint.active_state_dict.tensors.items()}
    document.set_model(samples.Resolved(samples.skeleton(shapes)))
    qtbot.waitUntil(lambda: document.report is not None and not document.is_comparing)
    qtbot.mouseClick(page.header.health, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: page.panels.checked[0] is not None and not page.panels.checked[1])
    readers = len(document.readers)
    speak(window, "zh_CN", qtbot)
    again = window.current_page
    assert again is not None
    index = again.tree.tensors.find_tensor(next(iter(shapes)))
    assert index.siblingAtColumn(STATUS).data() == "匹配"
    assert not again.tree.isColumnHidden(STATUS)
    outcome, is_checking = again.panels.checked
    assert outcome is not None
    assert not is_checking
    assert again.header.health.text() not in ("", "数值尚未检查")
    assert again._health is outcome[1]
    assert len(document.readers) == readers


def test_the_view_of_the_values_and_its_room_stay(window: MainWindow, qtbot: Any, tmp_path: Path) -> None:
    page = open_file(window, qtbot, sample_copy(tmp_path))
    page.tree.go_to("module.layer1.0.conv1.weight")
    pane = page.panels.inspector.built()
    assert isinstance(pane, InspectorPane)
    qtbot.waitUntil(lambda: pane.view is not None)
    pane.choose_view("bytes")
    page.room.give_tabs()
    sizes = page.right.sizes()
    assert page.room.tabs_are_large
    speak(window, "zh_CN", qtbot)
    again = window.current_page
    assert again is not None
    pane = again.panels.inspector.built()
    assert isinstance(pane, InspectorPane)
    qtbot.waitUntil(lambda: isinstance(pane.view, BytesPage))
    qtbot.waitUntil(lambda: again.room.tabs_are_large)
    qtbot.waitUntil(lambda: abs(again.right.sizes()[1] - sizes[1]) <= 40)
