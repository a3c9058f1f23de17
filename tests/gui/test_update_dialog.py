"""Taking tensors over from another checkpoint: by the dialog, by dropping them on another tab's tree, by pasting."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QDragEnterEvent, QDragMoveEvent, QDropEvent
from PySide6.QtWidgets import QTabWidget, QWidget
from pytestqt.modeltest import ModelTester
from pytestqt.qtbot import QtBot

from ckpt_studio.core.edits import Cast, Pop, StripPrefix, UpdateFrom
from ckpt_studio.formats.export import ExportOptions, export, plan_export
from ckpt_studio.formats.opening import open_checkpoint
from ckpt_studio.gui.dialogs.difference_dialog import DifferenceDialog
from ckpt_studio.gui.dialogs.taken_model import FATE, NAME, TakenModel
from ckpt_studio.gui.dialogs.update_dialog import UpdateDialog
from ckpt_studio.gui.document import Document
from ckpt_studio.gui.drag import DraggedNames
from ckpt_studio.gui.tab_bar import TabBar
from ckpt_studio.gui.taking import taking, with_origin
from ckpt_studio.gui.tensor_tree_view import TensorTreeView
from tests.gui import samples

LEFT = Qt.MouseButton.LeftButton
HERE = {"conv.weight": (4, 3), "bn.bias": (4,), "fc.weight": (10, 4)}
THERE = {"conv.weight": (4, 3), "bn.bias": (4,), "fc.weight": (7, 4), "se.weight": (4, 4), "se.bias": (4,)}


@pytest.fixture
def other(tmp_path: Path) -> Iterator[Document]:
    """A file on disk: conv.weight has other values than in `document`, bn.bias the same."""
    checkpoint = samples.document(THERE).checkpoint
    state_dict = checkpoint.active_state_dict
    entries = {**state_dict.entries, "conv.weight": samples.tensor(4, 3, fill=b"\0\0\x80\x3f")}
    path = str(tmp_path / "other.safetensors")
    export(plan_export(checkpoint.with_state_dict(state_dict.with_entries(entries)), path, ExportOptions()))
    document = Document(open_checkpoint(path))
    yield document
    document.close()


@pytest.fixture
def document(tmp_path: Path) -> Document:
    return samples.document(HERE, str(tmp_path / "here.pth"))


def opened(qtbot: QtBot, dialog: UpdateDialog) -> UpdateDialog:
    qtbot.addWidget(dialog)
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose, False)
    dialog.open()
    return dialog


def fates(dialog: UpdateDialog) -> dict[str, str]:
    model = dialog.taken
    return {model.index(row, NAME).data(): model.index(row, FATE).data() for row in range(model.rowCount())}


def test_the_preview_says_what_happens_to_each_name(
    qtbot: QtBot, document: Document, other: Document, qtmodeltester: ModelTester
) -> None:
    dialog = opened(qtbot, UpdateDialog(document, [other]))
    qtbot.waitUntil(lambda: dialog.equal.text() == "1 is equal")
    assert fates(dialog) == {
        "conv.weight": "replaced",
        "bn.bias": "equal",
        "fc.weight": "replaced, other shape",
        "se.weight": "added",
        "se.bias": "added",
    }
    assert dialog.add.text() == "&Add 2"
    assert dialog.replace.text() == "&Replace 2"
    qtbot.waitUntil(dialog.primary.isEnabled)
    assert dialog.primary.text() == "Take over 4 tensors"
    qtbot.mouseClick(dialog.primary, LEFT)
    (edit,) = document.history.applied
    assert edit == UpdateFrom(other.path, "", ("conv.weight", "fc.weight", "se.weight", "se.bias"))
    assert document.checkpoint.active_state_dict.tensors["fc.weight"].shape == (7, 4)
    document.undo()
    assert document.checkpoint is document.history.opened
    model = TakenModel()
    model.set_offered({}, other.checkpoint.active_state_dict.tensors)
    qtmodeltester.check(model)


def test_only_what_is_missing(qtbot: QtBot, document: Document, other: Document) -> None:
    dialog = opened(qtbot, UpdateDialog(document, [other]))
    qtbot.waitUntil(lambda: dialog.equal.text() == "1 is equal")
    qtbot.keyClick(dialog.replace, Qt.Key.Key_Space)
    assert dialog.replace.checkState() == Qt.CheckState.Unchecked
    index = dialog.taken.index(4, NAME)
    assert dialog.taken.setData(index, Qt.CheckState.Unchecked.value, Qt.ItemDataRole.CheckStateRole)
    assert dialog.add.checkState() == Qt.CheckState.PartiallyChecked
    qtbot.waitUntil(dialog.primary.isEnabled)
    assert dialog.primary.text() == "Take over 1 tensor"
    qtbot.mouseClick(dialog.primary, LEFT)
    assert document.history.applied == (UpdateFrom(other.path, "", ("se.weight",)),)


def test_a_file_from_disk(qtbot: QtBot, document: Document, other: Document) -> None:
    dialog = opened(qtbot, UpdateDialog(document))
    assert "Choose" in dialog.message.label.text()
    assert not dialog.primary.isEnabled()
    dialog.other.choose(other.path)
    qtbot.waitUntil(dialog.primary.isEnabled)
    dialog.other.choose(str(Path(other.path).with_name("absent.pth")))
    qtbot.waitUntil(lambda: "absent.pth" in dialog.message.label.text())
    assert not dialog.primary.isEnabled()
    dialog.reject()


def test_the_other_tab_is_taken_as_edited(qtbot: QtBot, document: Document, other: Document) -> None:
    other.apply(Pop(("se.bias",)))
    dialog = opened(qtbot, UpdateDialog(document, [other]))
    qtbot.waitUntil(dialog.primary.isEnabled)
    assert "as you changed them" in dialog.message.label.text()
    assert "se.bias" not in fates(dialog)
    qtbot.mouseClick(dialog.primary, LEFT)
    (edit,) = document.history.applied
    assert isinstance(edit, UpdateFrom)
    assert edit.edits == (Pop(("se.bias",)),)
    state_dict = document.state_dict
    assert state_dict is not None
    assert "se.weight" in state_dict.tensors
    assert "se.bias" not in state_dict.tensors


def drop(view: TensorTreeView, carried: DraggedNames) -> tuple[str, bool]:
    """Hovers and drops; what the label said, and whether the drop was taken."""
    data = carried.to_mime()
    place = QPointF(20, view.viewport().height() - 5)
    actions, none = Qt.DropAction.MoveAction | Qt.DropAction.CopyAction, Qt.KeyboardModifier.NoModifier
    view.dragMoveEvent(QDragMoveEvent(place, actions, data, LEFT, none))
    said = view._hint.text() if view._hint is not None else ""
    event = QDropEvent(place, actions, data, LEFT, none)
    view.dropEvent(event)
    return said, event.isAccepted()


@pytest.fixture
def tree(qtbot: QtBot, document: Document) -> TensorTreeView:
    view = TensorTreeView(document)
    qtbot.addWidget(view)
    view.resize(600, 400)
    view.show()
    return view


def test_tensors_are_dropped_from_one_tree_on_another(
    qtbot: QtBot, tree: TensorTreeView, document: Document, other: Document
) -> None:
    source = TensorTreeView(other)
    qtbot.addWidget(source)
    source.show()
    source.setCurrentIndex(source.tensors.find(("group", (), "se")))
    drag = source.make_drag()
    assert drag is not None
    carried = DraggedNames.from_mime(drag.mimeData())
    assert carried is not None
    said, taken = drop(tree, carried)
    assert said == "Take over from “other.safetensors”: 2 added, 0 replaced"
    assert taken
    qtbot.waitUntil(lambda: document.is_dirty)
    assert document.history.applied == (UpdateFrom(other.path, "", ("se.weight", "se.bias")),)
    assert document.selection.names == {"se.weight", "se.bias"}
    assert not other.is_dirty


def test_cut_names_are_pasted_into_another_file(
    qtbot: QtBot, tree: TensorTreeView, document: Document, other: Document
) -> None:
    source = TensorTreeView(other)
    qtbot.addWidget(source)
    source.setCurrentIndex(source.tensors.find_tensor("conv.weight"))
    assert source.cut_names()
    tree.setCurrentIndex(tree.tensors.find_tensor("bn.bias"))
    assert tree.paste_names()
    qtbot.waitUntil(lambda: document.is_dirty)
    assert document.history.applied == (UpdateFrom(other.path, "", ("conv.weight",)),)


def test_tensors_that_were_edited_come_as_edited(
    qtbot: QtBot, document: Document, tree: TensorTreeView, other: Document
) -> None:
    other.apply(Cast("float16", names=("se.bias",)))
    carried = with_origin(DraggedNames(other.id, ("se.weight",)), other)
    assert taking(carried, document).edit == UpdateFrom(other.path, "", ("se.weight",))
    carried = with_origin(DraggedNames(other.id, ("se.bias",)), other)
    _, taken = drop(tree, carried)
    assert taken
    qtbot.waitUntil(lambda: document.is_dirty)
    edit = UpdateFrom(other.path, "", ("se.bias",), edits=(Cast("float16", names=("se.bias",)),))
    assert document.history.applied == (edit,)
    state_dict = document.state_dict
    assert state_dict is not None
    assert state_dict.tensors["se.bias"].dtype.name == "float16"


def test_hovering_over_a_tab_brings_it_to_the_front(qtbot: QtBot) -> None:
    tabs = QTabWidget()
    tabs.setTabBar(TabBar())
    qtbot.addWidget(tabs)
    for name in ("one.pth", "two.pth"):
        tabs.addTab(QWidget(), name)
    tabs.show()
    bar = tabs.tabBar()
    names, files = DraggedNames("document-1", ("a",)).to_mime(), DraggedNames("", ()).to_mime()
    files.clear()
    place = QPointF(bar.tabRect(1).center())
    left, none = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    refused = QDragEnterEvent(place, Qt.DropAction.CopyAction, files, left, none)
    bar.event(refused)
    assert not refused.isAccepted()
    entered = QDragEnterEvent(place, Qt.DropAction.CopyAction, names, left, none)
    bar.event(entered)
    assert entered.isAccepted()
    bar.event(QDragMoveEvent(place, Qt.DropAction.CopyAction, names, left, none))
    qtbot.waitUntil(lambda: tabs.currentIndex() == 1)


def test_a_prefix_that_one_of_the_files_has_is_left_out_on_the_way(qtbot: QtBot, document: Document) -> None:
    wrapped = samples.document({f"module.{name}": shape for name, shape in THERE.items()})
    dialog = opened(qtbot, UpdateDialog(document, [wrapped]))
    assert dialog.other.names.isVisible()
    assert dialog.other.names.text() == "Without “module.” at the beginning, as here"
    assert fates(dialog).keys() == THERE.keys()
    # On request they come as they are.
    qtbot.mouseClick(dialog.other.names, LEFT, pos=QPoint(8, dialog.other.names.height() // 2))
    assert fates(dialog).keys() == {f"module.{name}" for name in THERE}
    qtbot.mouseClick(dialog.other.names, LEFT, pos=QPoint(8, dialog.other.names.height() // 2))
    edit = dialog.edit()
    assert isinstance(edit, UpdateFrom)
    assert edit.edits == (StripPrefix("module."),)
    dialog.close()


def test_files_that_differ_by_a_prefix_are_compared(qtbot: QtBot, document: Document) -> None:
    wrapped = samples.document({f"module.{name}": shape for name, shape in HERE.items()})
    dialog = DifferenceDialog(document, [wrapped])
    qtbot.addWidget(dialog)
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose, False)
    dialog.show()
    qtbot.waitUntil(lambda: dialog.outcome.label.text() == "Both hold the same tensors with the same values.")
    dialog.close()
