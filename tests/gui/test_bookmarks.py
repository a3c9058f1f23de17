"""Bookmarks follow renames, undo and removal, are there again at the next start, and show in the tree."""

from __future__ import annotations

from typing import Any

import pytest
from PySide6.QtCore import Qt

from ckpt_studio.core.edits import Pop, RegexRename, RenameGroup, RenameTensor, StripPrefix
from ckpt_studio.gui.bookmarks import Bookmarks
from ckpt_studio.gui.document import Document
from ckpt_studio.gui.tensor_tree_model import TensorTreeModel
from tests.gui.checkpoints import wrapped_document

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
