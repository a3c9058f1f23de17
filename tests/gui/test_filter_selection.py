"""What a filter does to the selection and the status bar."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import QModelIndex, Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from ckpt_studio.gui.document_page import DocumentPage
from ckpt_studio.gui.main_window import MainWindow
from tests.gui.desks import dialog_of, open_file, sample_copy, shown_window


@pytest.fixture
def window(qtbot: QtBot) -> Iterator[MainWindow]:
    for window in shown_window(qtbot):
        window.resize(1366, 768)
        yield window


def typed(window: MainWindow, qtbot: QtBot, text: str) -> None:
    window.filter_box.field.setFocus()
    qtbot.keyClicks(window.filter_box.field, text)
    page = window.current_page
    assert page is not None
    qtbot.waitUntil(lambda: page.tree.tensors.shown_filter.text == text)


def test_the_selection_comes_back_when_the_filter_goes(window: MainWindow, qtbot: QtBot, tmp_path: Path) -> None:
    page = open_file(window, qtbot, sample_copy(tmp_path))
    assert page.document.state_dict is not None
    name = next(iter(page.document.state_dict.tensors))
    page.tree.go_to(name)
    qtbot.waitUntil(lambda: page.document.selection.names == {name})
    assert name in window.status_line.place.text()
    typed(window, qtbot, "no such name")
    qtbot.waitUntil(lambda: window.status_line.place.text() == "")
    assert page.document.selection.names == frozenset()
    qtbot.keyClick(window.filter_box.field, Qt.Key.Key_Escape)
    qtbot.waitUntil(lambda: page.document.selection.names == {name})
    assert name in window.status_line.place.text()


def test_nothing_is_shown_as_chosen_that_nobody_chose(window: MainWindow, qtbot: QtBot, tmp_path: Path) -> None:
    page = open_file(window, qtbot, sample_copy(tmp_path))
    assert page.document.state_dict is not None
    names = list(page.document.state_dict.tensors)
    page.tree.go_to(names[0])
    # Of several words each must be in the name.
    words = f"{names[-1][-4:]} {names[-1][:-5]}"
    typed(window, qtbot, words)
    qtbot.waitUntil(lambda: page.document.selection.names == frozenset())
    pane = page.panels.inspector.built()
    assert pane is not None
    assert pane.empty.isVisible()
    assert window.status_line.place.text() == ""
    qtbot.keyClick(window.filter_box.field, Qt.Key.Key_Down)
    assert page.tree.hasFocus()
    qtbot.waitUntil(lambda: page.document.selection.names == {names[-1]})
    qtbot.keyClick(page.tree, Qt.Key.Key_Escape)
    qtbot.waitUntil(lambda: not page.tree.tensors.shown_filter)
    assert window.filter_box.field.text() == ""


def test_sums_of_a_row_follow_the_filter(window: MainWindow, qtbot: QtBot, tmp_path: Path) -> None:
    page = open_file(window, qtbot, sample_copy(tmp_path))
    assert page.document.state_dict is not None
    total = len(page.document.state_dict.tensors)
    pane = page.panels.inspector.built()
    assert pane is not None
    page.tree.setCurrentIndex(page.tree.tensors.index(0, 0))
    qtbot.waitUntil(lambda: f"{total} tensors" in pane.title.text())
    typed(window, qtbot, "conv1")
    qtbot.waitUntil(lambda: f"{total} tensors" not in pane.title.text())
    qtbot.keyClick(window.filter_box.field, Qt.Key.Key_Escape)
    qtbot.waitUntil(lambda: f"{total} tensors" in pane.title.text())


def test_closing_a_group_leaves_nothing_selected_that_is_not_seen(
    window: MainWindow, qtbot: QtBot, tmp_path: Path
) -> None:
    page = open_file(window, qtbot, sample_copy(tmp_path))
    assert page.document.state_dict is not None
    names = list(page.document.state_dict.tensors)
    tree = page.tree
    tree.go_to(names[5])
    group = tree.currentIndex().parent()
    while group.parent().isValid() and group.parent().parent().isValid():
        group = group.parent()
    tree.collapse(group)
    assert [node.name for node in tree.selected_nodes] == [tree.tensors.node(group).name]
    assert tree.selectionModel().isSelected(group)


def test_tabs_are_turned_from_everywhere(window: MainWindow, qtbot: QtBot, tmp_path: Path) -> None:
    open_file(window, qtbot, sample_copy(tmp_path))
    (tmp_path / "two").mkdir()
    open_file(window, qtbot, sample_copy(tmp_path / "two"))
    control, shift = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.ShiftModifier
    window.filter_box.field.setFocus()
    assert window.tabs.currentIndex() == 1
    QTest.keyClick(window.filter_box.field, Qt.Key.Key_Tab, control)
    assert window.tabs.currentIndex() == 0
    QTest.keyClick(window.tabs, Qt.Key.Key_Backtab, control | shift)
    assert window.tabs.currentIndex() == 1


def test_what_was_selected_among_the_found_stays(window: MainWindow, qtbot: QtBot, tmp_path: Path) -> None:
    page = open_file(window, qtbot, sample_copy(tmp_path))
    assert page.document.state_dict is not None
    names = list(page.document.state_dict.tensors)
    page.tree.go_to(names[0])
    typed(window, qtbot, names[-1])
    page.tree.go_to(names[-1])
    qtbot.keyClick(window.filter_box.field, Qt.Key.Key_Escape)
    qtbot.waitUntil(lambda: not page.tree.tensors.shown_filter)
    assert page.document.selection.names == {names[-1]}


def test_a_typed_shape_finds_tensors(window: MainWindow, qtbot: QtBot, tmp_path: Path) -> None:
    page = open_file(window, qtbot, sample_copy(tmp_path))
    assert page.document.state_dict is not None
    tensors = page.document.state_dict.tensors.values()
    shape = next(tensor.shape for tensor in tensors if len(tensor.shape) == 4)
    fits = [tensor for tensor in tensors if tensor.shape == shape]
    typed(window, qtbot, "x".join(map(str, shape)))
    qtbot.waitUntil(lambda: window.filter_box.count.text().startswith(f"{len(fits)} of"))


def test_very_many_names_are_filtered_by_a_job(
    window: MainWindow, qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ckpt_studio.gui.tensor_tree_model._MOST_AT_ONCE", 1)
    page = open_file(window, qtbot, sample_copy(tmp_path))
    assert page.document.state_dict is not None
    names = list(page.document.state_dict.tensors)
    page.tree.go_to(names[0])
    typed(window, qtbot, names[-1])
    (weights,) = (node for node in page.tree.tensors.tree.top if node.kind == "weights")
    assert list(weights.names) == [names[-1]]
    qtbot.keyClick(window.filter_box.field, Qt.Key.Key_Escape)
    qtbot.waitUntil(lambda: not page.tree.tensors.shown_filter)
    assert page.document.selection.names == {names[0]}


def names_of(page: DocumentPage) -> list[str]:
    return list(page.document.checkpoint.active_state_dict.entries)


def group_row(page: DocumentPage, name: str) -> QModelIndex:
    active = page.document.checkpoint.active
    assert active is not None
    index = page.tree.tensors.find(("group", active, name))
    assert index.isValid()
    return index


def test_all_that_is_found_is_selected_and_popped_by_keys(window: MainWindow, qtbot: QtBot, tmp_path: Path) -> None:
    page = open_file(window, qtbot, sample_copy(tmp_path))
    before = names_of(page)
    found = [name for name in before if "conv1.weight" in name]
    assert 1 < len(found) < len(before)
    typed(window, qtbot, "conv1.weight")
    page.tree.setFocus()
    qtbot.keyClick(page.tree, Qt.Key.Key_A, Qt.KeyboardModifier.ControlModifier)
    qtbot.waitUntil(lambda: page.document.selection.names == frozenset(found))
    assert window.status_line.place.text().startswith(f"{len(found)} tensors selected")
    assert all(window.actions_[name].isEnabled() for name in ("pop", "keep-only"))
    qtbot.keyClick(page.tree, Qt.Key.Key_Delete)
    assert names_of(page) == [name for name in before if name not in found]


def test_select_all_without_a_filter_leaves_the_state_dict_itself_alone(
    window: MainWindow, qtbot: QtBot, tmp_path: Path
) -> None:
    page = open_file(window, qtbot, sample_copy(tmp_path))
    page.tree.setFocus()
    qtbot.keyClick(page.tree, Qt.Key.Key_A, Qt.KeyboardModifier.ControlModifier)
    assert page.document.selection.names == frozenset(names_of(page))
    assert all(node.kind != "weights" for node in page.tree.selected_nodes)
    assert window.actions_["pop"].isEnabled()


def test_popping_and_renaming_a_group_change_only_what_is_shown_of_it(
    window: MainWindow, qtbot: QtBot, tmp_path: Path
) -> None:
    page = open_file(window, qtbot, sample_copy(tmp_path))
    before = names_of(page)
    group = "module.layer1"
    inside = [name for name in before if name.startswith(f"{group}.")]
    found = [name for name in inside if "conv1.weight" in name]
    rest = len(inside) - len(found)
    assert found
    assert rest > 1
    typed(window, qtbot, "conv1.weight")
    index = group_row(page, group)
    page.tree.setCurrentIndex(index)
    page.tree.setFocus()
    page.tree.tensors.setData(index, "foo")
    renamed = [name.replace(group, "module.foo") for name in found]
    assert set(names_of(page)) == set(before) - set(found) | set(renamed)
    assert f"{rest} more, hidden by the filter" in page.notice.banner.label.text()
    inspector: Any = page.panels.inspector.built()
    qtbot.waitUntil(lambda: inspector.title.text().startswith("module.foo: "))
    window.actions_["undo"].trigger()
    assert names_of(page) == before
    page.tree.setCurrentIndex(group_row(page, group))
    qtbot.keyClick(page.tree, Qt.Key.Key_Delete)
    assert names_of(page) == [name for name in before if name not in found]
    assert f"{rest} more, hidden by the filter" in page.notice.banner.label.text()
    window.actions_["undo"].trigger()
    assert not page.notice.isVisible()
    page.tree.setCurrentIndex(group_row(page, group))
    window.actions_["rename"].trigger()
    dialog = dialog_of(window, "RenameDialog")
    assert f"{len(found)} of the {len(inside)} tensors" in dialog.explanation.text()
    dialog.field.setText("top")
    qtbot.waitUntil(dialog.primary.isEnabled)
    dialog.accept()
    assert set(names_of(page)) == set(before) - set(found) | {name.replace(group, "top") for name in found}
