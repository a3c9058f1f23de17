"""Bookmarks follow renames, undo and removal, are there again at the next start, and show in the tree."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import Qt

from ckpt_studio.core.edits import Pop, RegexRename, RenameGroup, RenameTensor, StripPrefix
from ckpt_studio.gui.bookmarks import Bookmarks
from ckpt_studio.gui.document import Document
from ckpt_studio.gui.tensor_tree_model import DEVICE, TensorTreeModel
from tests.gui.checkpoints import wrapped_document
from tests.gui.desks import open_file, sample_copy, shown_window

pytestmark = pytest.mark.usefixtures("qapp")

WEIGHTS = ("state_dict",)
CONV, GROUP = "module.layer1.0.conv.weight", "module.layer1"


def names(bookmarks: Bookmarks) -> list[str]:
    return [mark.name for mark in bookmarks.in_order()]


@pytest.fixture
def document() -> Document:
    document = wrapped_document()
    document.bookmarks.toggle(WEIGHTS, CONV)
    document.bookmarks.toggle(WEIGHTS, GROUP)
    return document


def test_a_name_is_marked_and_unmarked(document: Document) -> None:
    marks = document.bookmarks
    assert marks.is_marked(WEIGHTS, CONV)
    assert names(marks) == [GROUP, CONV]
    assert not marks.toggle(WEIGHTS, CONV)
    assert names(marks) == [GROUP]
    assert not marks.toggle(WEIGHTS, "not.there")
    assert not marks.toggle(("nowhere",), CONV)
    marks.clear()
    assert len(marks) == 0


def test_marks_follow_renames_and_undo(document: Document) -> None:
    document.apply(StripPrefix("module."))
    assert names(document.bookmarks) == ["layer1", "layer1.0.conv.weight"]
    document.apply(RenameGroup("layer1", "stage1"))
    assert names(document.bookmarks) == ["stage1", "stage1.0.conv.weight"]
    # The tensor that the group is found by goes elsewhere; the group stays.
    document.apply(RenameTensor("stage1.0.conv.weight", "stem.weight"))
    assert sorted(names(document.bookmarks)) == ["stage1", "stem.weight"]
    for _ in range(3):
        document.undo()
    assert sorted(names(document.bookmarks)) == [GROUP, CONV]
    document.go_to(3)
    assert sorted(names(document.bookmarks)) == ["stage1", "stem.weight"]


def test_what_is_taken_out_comes_back_with_its_mark(document: Document) -> None:
    document.apply(Pop((CONV,)))
    assert names(document.bookmarks) == [GROUP]
    document.apply(RegexRename("layer1", "stage1"))
    document.undo()
    document.undo()
    assert sorted(names(document.bookmarks)) == [GROUP, CONV]
    members = tuple(name for name in document.state_dict.entries if name.startswith(GROUP))
    document.apply(Pop(members))
    assert names(document.bookmarks) == []
    document.undo()
    assert sorted(names(document.bookmarks)) == [GROUP, CONV]


def test_marks_of_another_state_dict_stay_apart(document: Document) -> None:
    document.bookmarks.toggle(("ema",), CONV)
    document.apply(StripPrefix("module."))
    document.activate(("ema",))
    assert [(mark.path, mark.name) for mark in document.bookmarks.in_order()] == [
        (WEIGHTS, "layer1"),
        (WEIGHTS, "layer1.0.conv.weight"),
        (("ema",), CONV),
    ]
    # Undo goes back to the state dict that was changed.
    document.undo()
    assert document.bookmarks.is_marked(WEIGHTS, CONV)


def test_marks_are_there_again_under_the_names_of_the_file(document: Document, qtbot: Any) -> None:
    assert names(wrapped_document().bookmarks) == [GROUP, CONV]
    document.apply(StripPrefix("module."))
    document.bookmarks.toggle(WEIGHTS, "fc.bias")
    qtbot.waitUntil(lambda: len(wrapped_document().bookmarks) == 3)
    assert names(wrapped_document().bookmarks) == [GROUP, CONV, "module.fc.bias"]
    document.bookmarks.remember_for("/files/clean.pth")
    document.bookmarks.clear()
    assert names(wrapped_document().bookmarks) == []


def test_the_tree_shows_marks(document: Document) -> None:
    tree = TensorTreeModel(document)
    marked, plain = tree.find_tensor(CONV), tree.find_tensor("module.fc.bias")
    assert "bookmarked" in marked.data(Qt.ItemDataRole.AccessibleTextRole)
    assert "bookmarked" not in plain.data(Qt.ItemDataRole.AccessibleTextRole)
    pictures = [index.data(Qt.ItemDataRole.DecorationRole).pixmap(16).toImage() for index in (marked, plain)]
    assert pictures[0] != pictures[1]
    document.bookmarks.toggle(WEIGHTS, CONV)
    assert marked.data(Qt.ItemDataRole.DecorationRole).pixmap(16).toImage() == pictures[1]


def test_bookmarks_by_keys_and_from_the_menu(qtbot: Any, tmp_path: Path) -> None:
    for window in shown_window(qtbot):
        page = open_file(window, qtbot, sample_copy(tmp_path))
        menu = window.menus.bookmarks
        menu.fill()
        assert not menu.actions()[-1].isEnabled()
        for name in ("module.fc.weight", "module.bn1.bias"):
            page.tree.go_to(name)
            qtbot.keyClick(page.tree, Qt.Key.Key_D, Qt.KeyboardModifier.ControlModifier)
        page.tree.go_to("module.layer1.0.conv1.weight")
        for expected in ("module.fc.weight", "module.bn1.bias", "module.fc.weight"):
            qtbot.keyClick(page.tree, Qt.Key.Key_F8)
            assert page.tree.selected_names == (expected,)
        qtbot.keyClick(page.tree, Qt.Key.Key_F8, Qt.KeyboardModifier.ShiftModifier)
        assert page.tree.selected_names == ("module.bn1.bias",)
        # What the filter hides is shown again.
        window.filter_box.search("layer2")
        menu.fill()
        entries = {action.text(): action for action in menu.actions()}
        entries["module.fc.weight"].trigger()
        assert not page.filter
        assert page.tree.selected_names == ("module.fc.weight",)
        entries["&Remove all bookmarks"].trigger()
        assert not page.document.bookmarks
        assert not window.actions_["next-bookmark"].isEnabled()


def test_columns_are_chosen_from_the_menu(qtbot: Any, tmp_path: Path) -> None:
    for window in shown_window(qtbot):
        menu = window.menus.columns
        menu.fill()
        assert [action.isEnabled() for action in menu.actions()] == [False]
        page = open_file(window, qtbot, sample_copy(tmp_path))
        menu.fill()
        device = next(action for action in menu.actions() if action.text() == "Device")
        assert device.isChecked()
        device.trigger()
        assert page.tree.isColumnHidden(DEVICE)
