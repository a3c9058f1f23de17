"""Edits of big files: computed in a job, in order, with nothing lost when one is quicker than the job."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import pytest
from PySide6.QtCore import Qt

from ckpt_studio.core.checkpoint import Checkpoint
from ckpt_studio.core.edits import AddPrefix, Edit, KeepNames, Pop, StripPrefix
from ckpt_studio.gui import edit_queue
from ckpt_studio.gui.actions import Actions
from ckpt_studio.gui.document import Document, change_between
from ckpt_studio.gui.document_page import DocumentPage
from ckpt_studio.gui.edit_queue import EditQueue
from ckpt_studio.gui.tensor_tree_view import TensorTreeView
from ckpt_studio.gui.tree_nodes import Tables
from tests.gui.checkpoints import active_rows, plain_rows, wrapped_document


@pytest.fixture
def document(monkeypatch: pytest.MonkeyPatch) -> Document:
    monkeypatch.setattr(edit_queue, "BIG", 3)
    return wrapped_document()


@pytest.fixture
def queue(qtbot: Any, document: Document) -> EditQueue:
    view = TensorTreeView(document)
    qtbot.addWidget(view)
    return EditQueue(document, view, document)


def test_small_files_need_no_queue(queue: EditQueue, monkeypatch: pytest.MonkeyPatch) -> None:
    assert queue.is_needed
    monkeypatch.setattr(edit_queue, "BIG", 10_000)
    assert not queue.is_needed


def test_edits_are_made_in_order(qtbot: Any, document: Document, queue: EditQueue) -> None:
    for edit in (StripPrefix("module."), Pop(("fc.bias",)), AddPrefix("net.")):
        assert document.request(edit)
    qtbot.waitUntil(lambda: document.history.index == 3)
    assert [edit.kind for edit in document.history.applied] == ["strip-prefix", "pop", "add-prefix"]
    assert "net.fc.bias" not in document.checkpoint.active_state_dict.entries
    assert "net.fc.weight" in document.checkpoint.active_state_dict.entries


def test_what_was_done_meanwhile_stays(qtbot: Any, document: Document, queue: EditQueue) -> None:
    document.request(StripPrefix("module."))
    document.apply(Pop(("module.fc.bias",)))
    qtbot.waitUntil(lambda: document.history.index == 2)
    assert [edit.kind for edit in document.history.applied] == ["pop", "strip-prefix"]


def test_refusal_is_told_and_those_behind_are_dropped(qtbot: Any, document: Document, queue: EditQueue) -> None:
    with qtbot.waitSignal(document.refused) as refused:
        document.request(StripPrefix("nobody."))
        document.request(StripPrefix("module."))
    assert "nobody." in str(refused.args[0].message.fields)
    qtbot.waitUntil(lambda: queue._task is None)
    assert not document.is_dirty


def test_stopped_queue_changes_nothing(document: Document, queue: EditQueue) -> None:
    document.request(StripPrefix("module."))
    document.request(AddPrefix("x."))
    queue.stop()
    assert not document.is_dirty


def test_tree_shows_the_result_and_keeps_what_is_open(qtbot: Any, document: Document) -> None:
    tables = Tables()
    view = TensorTreeView(document, tables=tables)
    qtbot.addWidget(view)
    view.expand_below(view.model().index(0, 0))
    names = view.shown_names()
    assert "module.layer1.0.conv.weight" in names
    EditQueue(document, view, document)
    document.request(StripPrefix("module."))
    qtbot.waitUntil(lambda: document.is_dirty)
    assert active_rows(view.tensors) == plain_rows(document.checkpoint.active_state_dict.entries)
    assert len(view.shown_names()) >= len(names) - 1


EDITS: list[Callable[[], Edit]] = [
    lambda: StripPrefix("module."),
    lambda: Pop(("module.conv1.weight", "module.fc.bias")),
    lambda: KeepNames(("module.fc.weight",)),
]


@pytest.mark.parametrize("edit", EDITS)
def test_undo_and_redo_tell_what_comparing_would_find(document: Document, edit: Callable[[], Edit]) -> None:
    told: list[Any] = []
    document.changed.connect(told.append)
    before = document.checkpoint
    document.apply(edit())
    after = document.checkpoint
    document.undo()
    document.redo()
    document.activate(("ema",))
    document.undo()
    assert told[1] == change_between(after, before, "undo")
    assert told[2] == change_between(before, after, "redo")
    assert told[-1].kind == "undo"
    assert document.checkpoint.active == ("state_dict",)


def test_long_work_says_so_and_can_be_stopped(qtbot: Any, document: Document, monkeypatch: pytest.MonkeyPatch) -> None:
    page = DocumentPage(document, Actions(document), Tables())
    qtbot.addWidget(page)
    page.show()
    page._patience.setInterval(0)
    going_on = threading.Event()

    def slow(edit: StripPrefix, checkpoint: Checkpoint) -> Checkpoint:
        going_on.wait(20)
        return checkpoint

    monkeypatch.setattr(StripPrefix, "apply", slow)
    page.apply(StripPrefix("module."))
    qtbot.waitUntil(page.notice.isVisible)
    assert "Working" in page.notice.banner.label.text()
    qtbot.mouseClick(page.notice._buttons[0], Qt.MouseButton.LeftButton)
    assert not page.edits.is_busy
    assert not page.notice.isVisible()
    assert not document.is_dirty
    going_on.set()
    page.close_document()
