"""The window as a person uses it: opening, tabs, keys, buttons, errors, closing."""

from __future__ import annotations

import json
import os
import shutil
import threading
from collections.abc import Callable
from dataclasses import fields
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QAction, QDropEvent
from PySide6.QtWidgets import QAbstractButton, QApplication, QDialog, QLabel, QLineEdit, QPushButton, QWidget

from ckpt_studio.core.edits import StripPrefix
from ckpt_studio.gui.actions import SPECS, Situation
from ckpt_studio.gui.dialogs.batch_dialog import BatchDialog
from ckpt_studio.gui.document_page import DocumentPage
from ckpt_studio.gui.main_window import MainWindow
from ckpt_studio.gui.settings import recent_files
from ckpt_studio.resources import resource_path
from tests.gui.desks import SAMPLE, dialog_of, open_file, sample_copy

pytestmark = pytest.mark.skipif(not SAMPLE.is_file(), reason="the sample is not built")


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    return sample_copy(tmp_path)


Open = Callable[..., DocumentPage]


@pytest.fixture
def opened(window: MainWindow, qtbot: Any, copy: Path) -> Open:
    return lambda path=copy: open_file(window, qtbot, path)


def test_window_welcomes_without_a_file(window: MainWindow, qtbot: Any) -> None:
    assert window.pages.currentWidget() is window.welcome
    assert not window.actions_["export"].isEnabled()
    assert not window.filter_box.isEnabled()
    qtbot.mouseClick(window.welcome.sample_button, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: window.current_page is not None)
    assert recent_files() == []


def test_opened_file_says_what_it_is(window: MainWindow, opened: Open) -> None:
    page = opened()
    text = page.header.facts.text()
    assert "parameters" in text
    assert "float32" in text
    assert "All names start with “module.”." in page.header.advice.text()
    assert page.header.strip_button.isVisible()
    assert window.windowTitle().startswith("r34.pth")
    assert window.status_line.totals.text() == "68 tensors"
    assert page.tree.hasFocus() or window.isActiveWindow() is False


def test_strip_undo_redo_by_button_and_keys(window: MainWindow, opened: Open, qtbot: Any) -> None:
    page = opened()
    qtbot.mouseClick(page.header.strip_button, Qt.MouseButton.LeftButton)
    assert "conv1.weight" in page.document.state_dict.entries
    assert window.tabs.tabText(0) == "r34.pth •"
    assert window.status_line.pending.text() == "1 change not exported"
    assert page.panels.tabText(page.panels.indexOf(page.history)) == "History (1)"
    window.actions_["undo"].trigger()
    assert not page.document.is_dirty
    assert window.status_line.pending.text() == ""
    window.actions_["redo"].trigger()
    assert page.document.is_dirty
    qtbot.waitUntil(lambda: not page.header.strip_button.isVisible())


def test_same_file_twice_is_one_tab(window: MainWindow, opened: Open, copy: Path, tmp_path: Path) -> None:
    opened()
    os.symlink(copy, tmp_path / "link.pth")
    window.open_path(str(SAMPLE))
    assert window.tabs.count() == 2
    window.open_path(str(tmp_path / "link.pth"))
    assert window.tabs.count() == 2
    assert window.tabs.currentIndex() == 0


def test_file_that_cannot_be_opened_says_why_in_its_tab(window: MainWindow, tmp_path: Path, qtbot: Any) -> None:
    (tmp_path / "notes.pth").write_text("Dear diary, this is no checkpoint.\n" * 20)
    file = window.open_path(str(tmp_path / "notes.pth"))
    qtbot.waitUntil(lambda: file.error is not None)
    assert file.failure_text.text()
    assert file.again_button.isVisible()
    assert not window.findChildren(QDialog)
    shutil.copy(SAMPLE, tmp_path / "notes.pth")
    qtbot.mouseClick(file.again_button, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: file.page is not None)


@pytest.mark.parametrize("name", ["missing.pth", "folder", "empty.pth"])
def test_bad_paths_are_said_in_the_tab_and_closed_by_its_button(
    window: MainWindow, tmp_path: Path, qtbot: Any, name: str
) -> None:
    (tmp_path / "folder").mkdir()
    (tmp_path / "empty.pth").touch()
    file = window.open_path(str(tmp_path / name))
    qtbot.waitUntil(lambda: file.error is not None)
    qtbot.mouseClick(file.close_button, Qt.MouseButton.LeftButton)
    assert window.tabs.count() == 0
    assert window.pages.currentWidget() is window.welcome


def test_opening_can_be_cancelled(window: MainWindow, copy: Path) -> None:
    file = window.open_path(str(copy))
    assert file.is_opening
    file.cancel()
    assert window.tabs.count() == 0


def test_file_dropped_anywhere_is_opened(window: MainWindow, copy: Path, qtbot: Any) -> None:
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(copy))])
    left, none = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    window.dropEvent(QDropEvent(QPointF(50, 50), Qt.DropAction.CopyAction, data, left, none))
    qtbot.waitUntil(lambda: window.current_page is not None)
    assert recent_files() == [str(copy)]


def test_recent_files_are_offered_and_forgotten(window: MainWindow, opened: Open, copy: Path, qtbot: Any) -> None:
    opened()
    window.close_tab(0)
    assert window.welcome.recent.count() == 1
    window.menus.recent.fill()
    assert next(a.toolTip() for a in window.menus.recent.actions()) == str(copy)
    window.menus.recent.actions()[-1].trigger()
    assert window.welcome.recent.count() == 0


def test_filter_by_keys(window: MainWindow, opened: Open, qtbot: Any) -> None:
    page = opened()
    window.actions_["find"].trigger()
    field = window.filter_box.field
    qtbot.keyClicks(field, "conv1")
    qtbot.waitUntil(lambda: bool(page.filter))
    assert window.filter_box.count.text().endswith("of 68")
    found = int(window.filter_box.count.text().split()[0])
    assert found == sum("conv1" in name for name in page.document.state_dict.entries)
    qtbot.keyClick(field, Qt.Key.Key_Escape)
    assert not page.filter
    assert window.filter_box.count.text() == ""


def test_filter_belongs_to_its_tab(window: MainWindow, opened: Open, qtbot: Any) -> None:
    first = opened()
    qtbot.keyClicks(window.filter_box.field, "bn")
    qtbot.waitUntil(lambda: bool(first.filter))
    second = opened(SAMPLE)
    assert window.filter_box.field.text() == ""
    assert not second.filter
    window.tabs.setCurrentIndex(0)
    assert window.filter_box.field.text() == "bn"


def test_wrong_expression_is_marked_and_keeps_the_rows(window: MainWindow, opened: Open, qtbot: Any) -> None:
    page = opened()
    window.filter_box._modes["regex"].trigger()
    qtbot.keyClicks(window.filter_box.field, "layer(")
    qtbot.waitUntil(lambda: window.filter_box.field.property("wrong") is True)
    assert not page.filter
    qtbot.keyClicks(window.filter_box.field, "1|2)")
    qtbot.waitUntil(lambda: bool(page.filter))
    assert window.filter_box.field.property("wrong") is False


def test_delete_pops_the_selected_rows(window: MainWindow, opened: Open, qtbot: Any) -> None:
    page = opened()
    assert page.tree.go_to("module.conv1.weight")
    assert window.actions_["pop"].isEnabled()
    window.actions_["pop"].trigger()
    assert "module.conv1.weight" not in page.document.state_dict.entries
    window.actions_["undo"].trigger()
    assert next(iter(page.document.state_dict.entries)) == "module.conv1.weight"


def test_keys_act_on_the_tree_that_has_the_focus(window: MainWindow, opened: Open, qtbot: Any) -> None:
    page = opened()
    window.activateWindow()
    qtbot.waitUntil(window.isActiveWindow)
    page.tree.go_to("module.conv1.weight")
    page.tree.setFocus()
    qtbot.keyClick(page.tree, Qt.Key.Key_Delete)
    assert "module.conv1.weight" not in page.document.state_dict.entries
    qtbot.keyClick(page.tree, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert "module.conv1.weight" in page.document.state_dict.entries
    page.tree.go_to("module.conv1.weight")
    qtbot.keyClick(page.tree, Qt.Key.Key_X, Qt.KeyboardModifier.ControlModifier)
    page.tree.setCurrentIndex(page.tree.tensors.find(("group", ("state_dict",), "module.fc")))
    qtbot.keyClick(page.tree, Qt.Key.Key_V, Qt.KeyboardModifier.ControlModifier)
    assert "module.fc.conv1.weight" in page.document.state_dict.entries
    qtbot.keyClick(page.tree, Qt.Key.Key_F, Qt.KeyboardModifier.ControlModifier)
    assert window.filter_box.field.hasFocus()
    qtbot.keyClicks(window.filter_box.field, "fc")
    qtbot.keyClick(window.filter_box.field, Qt.Key.Key_Delete)
    qtbot.keyClick(window.filter_box.field, Qt.Key.Key_Down)
    assert page.tree.hasFocus()
    assert len(page.document.history.applied) == 1


def test_other_contents_are_edited_and_left_out(window: MainWindow, opened: Open, qtbot: Any) -> None:
    page = opened()
    tree = page.tree
    epoch = tree.tensors.find(("leaf", ("epoch",), "epoch"))
    tree.setCurrentIndex(epoch)
    assert window.actions_["rename-here"].isEnabled()
    assert tree.tensors.setData(epoch, "91")
    assert tree.tensors.find(("leaf", ("epoch",), "epoch")).data() == "epoch = 91"
    with qtbot.waitSignal(tree.refused):
        tree.tensors.setData(tree.tensors.find(("leaf", ("epoch",), "epoch")), "ninety")
    tree.setCurrentIndex(tree.tensors.find(("box", ("optimizer",), "optimizer")))
    assert not window.actions_["rename-here"].isEnabled()
    window.actions_["pop"].trigger()
    assert not tree.tensors.find(("box", ("optimizer",), "optimizer")).isValid()
    assert len(page.document.history.applied) == 2


def test_architecture_is_named_and_compared_with_at_once(
    window: MainWindow, opened: Open, qtbot: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    from ckpt_studio.compare.identify import Candidate
    from ckpt_studio.errors import message

    if not resource_path("torchvision.catalog").is_file():
        pytest.skip("the catalog is not built")
    page = opened()
    reason = message("identified-whole", matched=68)
    page.header._on_identified(Candidate("torchvision:resnet18(num_classes=10)", 0.99, 68, 0, 0, 0, (), reason))
    assert page.header.facts.text().startswith("resnet18 (torchvision), 10 classes")
    assert page.header.compare_button.text() == "Compare with resnet18"
    page.header.compare_button.click()
    qtbot.waitUntil(lambda: page.document.report is not None, timeout=20_000)
    assert not page.header.compare_button.isVisible()
    window.actions_["compare-nothing"].trigger()
    assert page.document.resolved is None


def test_refused_edit_is_said_above_the_tree_until_the_next_change(opened: Open) -> None:
    page = opened()
    assert not page.apply(StripPrefix("nobody."))
    assert page.notice.isVisible()
    assert "nobody." in page.notice.banner.label.text()
    page.apply(StripPrefix("module."))
    assert not page.notice.isVisible()


def test_file_changed_outside_is_noticed(window: MainWindow, opened: Open, copy: Path, qtbot: Any) -> None:
    page = opened()
    with qtbot.waitSignal(page.document.source_changed, timeout=5000):
        copy.write_bytes(copy.read_bytes() + b"x")
    assert page.notice.isVisible()
    # An edit does not make it good.
    page.apply(StripPrefix("module."))
    assert page.notice.isVisible()
    button = next(b for b in page.notice.findChildren(QAbstractButton) if b.text() == "Reload")
    button.click()
    prompt = dialog_of(window, "ClosePrompt")
    assert any(label.text().startswith("Read “") for label in prompt.findChildren(QLabel))
    prompt.discard.click()
    qtbot.waitUntil(lambda: window.current_page is not None and window.current_page is not page)


def test_file_exported_over_itself_is_read_again_on_windows(
    window: MainWindow, opened: Open, copy: Path, qtbot: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ckpt_studio.formats.atomic.REPLACES_OPEN_FILES", False)
    page = opened()
    page.apply(StripPrefix("module."))
    page.export()
    dialog = dialog_of(window, "ExportDialog")
    dialog.exported.emit(str(copy))
    page.document.mark_saved()
    dialog.reject()
    qtbot.waitUntil(lambda: window.current_page is not None and window.current_page is not page)
    assert window.tabs.count() == 1


def test_close_asks_when_changes_are_pending(window: MainWindow, opened: Open, qtbot: Any) -> None:
    page = opened()
    page.apply(StripPrefix("module."))
    window.actions_["close"].trigger()
    prompt = dialog_of(window, "ClosePrompt")
    assert prompt is not None
    prompt.reject()
    assert window.tabs.count() == 1
    window.actions_["close"].trigger()
    dialog_of(window, "ClosePrompt").discard.click()
    assert window.tabs.count() == 0


def test_window_does_not_close_over_pending_changes(window: MainWindow, opened: Open) -> None:
    page = opened()
    page.apply(StripPrefix("module."))
    window.close()
    assert window.isVisible()
    dialog_of(window, "ClosePrompt").discard.click()
    assert not window.isVisible()


def test_place_of_the_current_row_is_in_the_status_bar(window: MainWindow, opened: Open) -> None:
    page = opened()
    page.tree.go_to("module.conv1.weight")
    text = window.status_line.place.text()
    assert text.startswith("state_dict.module.conv1.weight")
    assert "values" in text
    page.tree.selectAll()
    assert "tensors selected" in window.status_line.place.text()


@pytest.mark.parametrize(
    ("action", "dialog"),
    [
        ("rename", "RenameDialog"),
        ("strip-prefix", "StripPrefixDialog"),
        ("add-prefix", "AddPrefixDialog"),
        ("pattern-rename", "PatternRenameDialog"),
        ("regex-rename", "RegexRenameDialog"),
        ("pop-matching", "PopMatchingDialog"),
        ("cast", "CastDialog"),
        ("device", "DeviceDialog"),
        ("metadata", "MetadataDialog"),
        ("export", "ExportDialog"),
        ("about", "AboutDialog"),
        ("guide", "GuideDialog"),
        ("shortcuts", "ShortcutsDialog"),
    ],
)
def test_every_dialog_opens_from_its_action(
    window: MainWindow, opened: Open, qtbot: Any, action: str, dialog: str
) -> None:
    page = opened()
    page.tree.go_to("module.conv1.weight")
    window.actions_[action].trigger()
    shown = dialog_of(window, dialog)
    assert shown is not None
    shown.reject()


def test_the_list_of_keys_is_read_by_keys(window: MainWindow, qtbot: Any) -> None:
    window.actions_["shortcuts"].trigger()
    shown = dialog_of(window, "ShortcutsDialog")
    assert shown.focusWidget() is shown.list
    last = shown.list.topLevelItem(shown.list.topLevelItemCount() - 1)
    qtbot.keyClick(shown.list, Qt.Key.Key_End)
    assert shown.list.currentItem() is last
    assert shown.list.viewport().rect().contains(shown.list.visualItemRect(last).center())
    qtbot.keyClick(shown.list, Qt.Key.Key_Return)
    assert not shown.isVisible()


def test_context_menu_offers_what_the_row_can(window: MainWindow, opened: Open, qtbot: Any) -> None:
    page = opened()
    page.tree.go_to("module.conv1.weight")
    menu = page.context_menu()
    names = [action.objectName() for action in menu.actions() if not action.isSeparator()]
    assert "rename-here" in names
    assert "activate" not in names
    menu.close()
    menu.deleteLater()


def test_theme_is_remembered_and_put_on(window: MainWindow, opened: Open) -> None:
    from ckpt_studio.gui.settings import text_setting
    from ckpt_studio.gui.theme import DARK, LIGHT, colors

    opened()
    try:
        window.set_theme("dark")
        assert colors() is DARK
        assert text_setting("view/theme", "") == "dark"
    finally:
        window.set_theme("light")
    assert colors() is LIGHT


def test_geometry_is_kept(window: MainWindow, qtbot: Any) -> None:
    # Without a minimum: the screen of the tests is smaller than what a person has.
    window.setMinimumSize(0, 0)
    window.resize(780, 620)
    window.close()
    other = MainWindow()
    qtbot.addWidget(other)
    assert other.height() == 620
    other._closing = True


def test_actions_have_words_tips_and_own_keys(window: MainWindow, qtbot: Any) -> None:
    keys: dict[str, str] = {}
    # Those of the menus are drawn a little later.
    qtbot.waitUntil(lambda: all(not window.actions_[spec.id].icon().isNull() for spec in SPECS if spec.icon))
    for spec in SPECS:
        action: QAction = window.actions_[spec.id]
        assert action.text()
        assert action.toolTip()
        for shortcut in action.shortcuts():
            text = shortcut.toString()
            # Twice in one action is as ambiguous to Qt as in two.
            assert text not in keys, (text, spec.id, keys[text])
            keys[text] = spec.id
    everything = Situation(*[True] * len(fields(Situation)))
    assert all(spec.enabled(everything) for spec in SPECS)


def test_every_control_can_be_reached_and_has_a_name(window: MainWindow, opened: Open) -> None:
    page = opened()
    page.document.apply(StripPrefix("module."))
    nameless = []
    for widget in window.findChildren(QWidget):
        if not widget.isVisible() or not widget.isEnabled():
            continue
        if isinstance(widget, QAbstractButton):
            named = widget.text() or widget.accessibleName() or widget.toolTip()
        elif isinstance(widget, QLineEdit) or type(widget).__name__ in ("TensorTreeView", "QListView", "QTableView"):
            named = widget.accessibleName()
        else:
            continue
        if not named and widget.objectName() not in ("qt_toolbar_ext_button",):
            nameless.append((type(widget).__name__, widget.objectName(), type(widget.parent()).__name__))
    assert not nameless


def test_tab_key_goes_round_the_whole_window(window: MainWindow, opened: Open, qtbot: Any) -> None:
    page = opened()
    window.activateWindow()
    start: QWidget = page.tree
    wanted = {page.tree, window.filter_box.field, page.header.strip_button, page.header.safety}
    seen: set[QWidget] = set()
    widget = start
    for _ in range(500):
        widget = widget.nextInFocusChain()
        if widget.isVisible() and widget.focusPolicy() & Qt.FocusPolicy.TabFocus:
            seen.add(widget)
        if widget is start:
            break
    assert wanted <= seen


def test_tooltip_of_a_cut_line_has_all_of_it(window: MainWindow, opened: Open) -> None:
    page = opened()
    window.resize(700, 600)
    QApplication.processEvents()
    assert page.header.facts.accessibleName() == page.header.facts.text()
    assert page.mapTo(window, QPoint(0, 0)).x() == 0


def stays_open_while_writing(window: MainWindow, dialog: Any) -> None:
    """Closing is refused in words while a dialog writes; then the writing is stopped there."""
    assert dialog.is_writing
    window.close()
    assert window.isVisible()
    assert "still being written" in dialog.message.label.text()
    dialog.reject()
    assert not dialog.is_writing


def test_program_is_not_quit_in_the_middle_of_an_export(
    window: MainWindow, opened: Open, qtbot: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened().export()
    dialog = dialog_of(window, "ExportDialog")
    dialog.form.target.setText(str(tmp_path / "out.pth"))
    qtbot.waitUntil(dialog.primary.isEnabled)
    go_on = threading.Event()

    def slow(plan: Any, progress: Any) -> None:
        while not go_on.is_set():
            progress.check()

    monkeypatch.setattr("ckpt_studio.gui.export_dialog.export", slow)
    dialog.accept()
    stays_open_while_writing(window, dialog)
    dialog.reject()
    window.close()
    assert not window.isVisible()
    go_on.set()


def test_program_is_not_quit_in_the_middle_of_a_conversion(
    window: MainWindow, qtbot: Any, copy: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    go_on = threading.Event()

    def slow(paths: Any, options: Any, progress: Any, *_: Any) -> None:
        while not go_on.is_set():
            progress.check()

    monkeypatch.setattr("ckpt_studio.gui.dialogs.batch_dialog.run_batch", slow)
    dialog = BatchDialog([str(copy)], str(copy.parent / "out"), window)
    dialog.open()
    qtbot.waitUntil(dialog.primary.isEnabled)
    dialog.primary.click()
    stays_open_while_writing(window, dialog)
    go_on.set()
    dialog.reject()
    window.close()
    assert not window.isVisible()


@pytest.mark.parametrize(
    ("pickled", "words"),
    [
        (b"ctorch.nn.modules.linear\nLinear\n)\x81.", "Code of known libraries only"),
        (b"cmylab.nets\nNet\n)\x81.", "PyTorch would run unknown code"),
        (b"cos\nsystem\nX\x04\x00\x00\x00true\x85R.", "Contains code that PyTorch would run"),
    ],
)
def test_what_pytorch_would_run_is_said_in_a_line(
    window: MainWindow, opened: Open, qtbot: Any, tmp_path: Path, pickled: bytes, words: str
) -> None:
    (tmp_path / "some.pkl").write_bytes(b"\x80\x02" + pickled)
    header = opened(tmp_path / "some.pkl").header
    assert header.safety.text() == words
    qtbot.mouseClick(header.safety, Qt.MouseButton.LeftButton)
    dialog = dialog_of(window, "FindingsDialog")
    assert dialog is not None
    # The headline does not contradict the list below it.
    said = " ".join(label.text() for label in dialog.findChildren(QLabel))
    assert "Nothing in this file would be run" not in said


def test_one_file_of_a_set_leads_to_the_set(window: MainWindow, opened: Open, qtbot: Any, tmp_path: Path) -> None:
    safetensors = pytest.importorskip("safetensors.numpy")
    names = {"a": "model-00001-of-00002.safetensors", "b": "model-00002-of-00002.safetensors"}
    for name, file in names.items():
        safetensors.save_file({name: np.zeros(2, "f4")}, tmp_path / file)
    index = tmp_path / "model.safetensors.index.json"
    index.write_text(json.dumps({"metadata": {}, "weight_map": names}))
    page = opened(tmp_path / names["a"])
    (button,) = [b for b in page.notice.findChildren(QPushButton) if b.text() == "Open the whole model"]
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: window.current_page not in (None, page))
    assert window.current_page is not None
    assert window.current_page.document.path == str(index)
