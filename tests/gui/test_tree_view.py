"""The tree by hand: keys, clicks, drags; what is open and selected survives every change."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt
from PySide6.QtGui import QDragMoveEvent, QDropEvent, QGuiApplication
from PySide6.QtWidgets import QLineEdit

from ckpt_studio.core.edits import AddPrefix, Pop, PopEntry, RegexRename, RenameTensor, StripPrefix
from ckpt_studio.gui.document import Document
from ckpt_studio.gui.drag import DraggedNames
from ckpt_studio.gui.name_filter import NameFilter
from ckpt_studio.gui.tensor_tree_view import TensorTreeView
from ckpt_studio.gui.tree_nodes import NodeKey
from tests.gui.checkpoints import wrapped_document
from tests.gui.samples import document, many

SD = ("state_dict",)


@pytest.fixture
def view(qtbot: Any) -> TensorTreeView:
    opened = wrapped_document()
    view = TensorTreeView(opened)
    opened.setParent(view)
    view.resize(800, 600)
    qtbot.addWidget(view)
    view.show()
    qtbot.waitExposed(view)
    return view


def open_keys(view: TensorTreeView) -> set[NodeKey]:
    tree = view.tensors.tree
    return {node.identity for node in tree.walk() if view.isExpanded(view.tensors.index_of(node))}


def place_of(view: TensorTreeView, key: NodeKey) -> QPoint:
    index = view.tensors.find(key)
    assert index.isValid()
    view.scrollTo(index)
    return view.visualRect(index).center()


def names(view: TensorTreeView) -> list[str]:
    assert view.document.state_dict is not None
    return list(view.document.state_dict.entries)


def test_active_state_dict_is_open_down_to_its_first_branching(view: TensorTreeView) -> None:
    assert open_keys(view) == {("weights", SD, ""), ("group", SD, "module")}


def test_expansion_selection_and_place_survive_edits_and_undo(view: TensorTreeView) -> None:
    for group in ("module.layer1", "module.layer1.1", "module.fc"):
        view.setExpanded(view.tensors.find(("group", SD, group)), True)
    view.go_to("module.layer1.1.conv.bias")
    before = open_keys(view)
    for edit in (StripPrefix("module."), AddPrefix("net."), RegexRename(r"layer(\d)", r"stage.\1")):
        view.document.apply(edit)
    assert ("group", SD, "net.stage.1.1") in open_keys(view)
    assert view.selected_names == ("net.stage.1.1.conv.bias",)
    assert view.document.selection.names == {"net.stage.1.1.conv.bias"}
    for _ in range(3):
        view.document.undo()
    assert open_keys(view) == before
    assert view.selected_names == ("module.layer1.1.conv.bias",)


def test_scroll_position_stays_on_the_same_row(qtbot: Any) -> None:
    opened = document(many(400, "module."))
    view = TensorTreeView(opened)
    opened.setParent(view)
    view.resize(500, 300)
    qtbot.addWidget(view)
    view.show()
    qtbot.waitExposed(view)
    view.expand_below(view.currentIndex(), 2000)
    view.verticalScrollBar().setValue(1234)
    top = view.tensors.node(view.indexAt(QPoint(1, 1))).name
    offset = view.visualRect(view.indexAt(QPoint(1, 1))).top()
    opened.apply(StripPrefix("module."))
    assert view.tensors.node(view.indexAt(QPoint(1, 1))).name == top.removeprefix("module.")
    assert view.visualRect(view.indexAt(QPoint(1, 1))).top() == offset


def test_filter_opens_what_it_finds_and_gives_the_old_state_back(view: TensorTreeView) -> None:
    before = open_keys(view)
    view.set_filter(NameFilter("layer1.0"))
    assert ("group", SD, "module.layer1.0.conv") in open_keys(view) or ("group", SD, "module.layer1") in open_keys(view)
    view.document.apply(StripPrefix("module."))
    view.document.undo()
    view.set_filter(NameFilter(""))
    assert open_keys(view) == before


def test_what_undo_brings_back_is_selected(view: TensorTreeView) -> None:
    inside = tuple(name for name in names(view) if name.startswith("module.layer1."))
    view.go_to("module.fc.bias")
    view.document.apply(Pop(inside))
    view.document.undo()
    assert [node.identity for node in view.selected_nodes] == [("group", SD, "module.layer1")]
    view.go_to("module.fc.bias")
    view.document.apply(Pop(("module.fc.bias",)))
    view.go_to(inside[0])
    view.document.undo()
    assert view.selected_names == ("module.fc.bias",)
    # Renaming brings nothing back.
    view.go_to(inside[0])
    view.document.apply(RenameTensor("module.fc.bias", "module.fc.offset"))
    view.document.undo()
    assert view.selected_names == (inside[0],)


def test_after_a_value_is_popped_the_next_row_is_selected(view: TensorTreeView) -> None:
    view.setCurrentIndex(view.tensors.find(("leaf", ("epoch",), "")))
    assert view.currentIndex().isValid()
    below = view.tensors.node(view.indexBelow(view.currentIndex())).identity
    view.document.apply(PopEntry(("epoch",)))
    assert [node.identity for node in view.selected_nodes] == [below]


def test_f2_renames_a_tensor_in_place(view: TensorTreeView, qtbot: Any) -> None:
    view.go_to("module.fc.bias")
    view.setFocus()
    qtbot.keyClick(view, Qt.Key.Key_F2)
    editor = view.findChild(QLineEdit, "renameField")
    assert editor.text() == "bias"
    assert editor.accessibleName()
    qtbot.keyClicks(editor, "offset")
    qtbot.keyClick(editor, Qt.Key.Key_Return)
    # Qt commits after the editor has seen the key.
    qtbot.waitUntil(lambda: "module.fc.offset" in names(view))
    assert "module.fc.bias" not in names(view)
    assert view.selected_names == ("module.fc.offset",)


def test_f2_renames_a_group_and_keeps_it_open(view: TensorTreeView, qtbot: Any) -> None:
    index = view.tensors.find(("group", SD, "module.layer1"))
    view.setExpanded(index, True)
    view.setCurrentIndex(index)
    view.edit(index)
    editor = view.findChild(QLineEdit, "renameField")
    editor.selectAll()
    qtbot.keyClicks(editor, "stage1")
    qtbot.keyClick(editor, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: view.document.is_dirty)
    assert "module.stage1.0.conv.weight" in names(view)
    assert ("group", SD, "module.stage1") in open_keys(view)


def test_rename_onto_a_taken_name_is_refused_with_the_reason(view: TensorTreeView, qtbot: Any) -> None:
    before = view.document.checkpoint
    with qtbot.waitSignal(view.refused) as refusal:
        view.tensors.setData(view.tensors.find_tensor("module.fc.bias"), "weight")
    assert "module.fc.weight" in refusal.args[0]
    assert view.document.checkpoint is before


def test_the_next_row_is_current_and_selected_when_what_was_selected_is_popped(view: TensorTreeView) -> None:
    view.setExpanded(view.tensors.find(("group", SD, "module.bn1")), True)
    view.go_to("module.bn1.weight")
    view.document.apply(Pop(("module.bn1.weight",)))
    assert view.selected_names == ("module.bn1.bias",)
    assert view.document.selection.names == {"module.bn1.bias"}
    assert view.current_node is not None
    assert view.current_node.name == "module.bn1.bias"


def test_what_stays_of_a_selection_stays_alone_selected(view: TensorTreeView) -> None:
    view.document.selection.select(["module.bn1.weight", "module.fc.bias"])
    view.document.apply(Pop(("module.bn1.weight",)))
    assert view.selected_names == ("module.fc.bias",)


def test_the_current_row_stays_among_the_weights_when_the_last_of_them_go(view: TensorTreeView) -> None:
    last = view.tensors.find(("group", SD, "module.fc"))
    below = view.indexBelow(last)
    assert below.isValid()
    assert not view.tensors.is_active(view.tensors.node(below))
    view.setCurrentIndex(last)
    view.document.apply(Pop(("module.fc.weight", "module.fc.bias")))
    assert view.current_node is not None
    assert view.tensors.is_active(view.current_node)


def test_selection_is_shared_both_ways(view: TensorTreeView) -> None:
    view.setCurrentIndex(view.tensors.find(("group", SD, "module.fc")))
    assert view.document.selection.names == {"module.fc.weight", "module.fc.bias"}
    view.document.selection.select(["module.layer1.0.conv.bias"], origin="compare")
    assert view.selected_names == ("module.layer1.0.conv.bias",)
    assert view.isExpanded(view.tensors.find(("group", SD, "module.layer1")))


def test_names_of_very_many_selected_rows_are_told_by_a_job(
    view: TensorTreeView, qtbot: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ckpt_studio.gui.tensor_tree_view._MOST_TOLD_AT_ONCE", 1)
    selection = view.document.selection
    with qtbot.waitSignal(selection.names_changed):
        view.show_row(("group", SD, "module.fc"))
    assert selection.names == {"module.fc.weight", "module.fc.bias"}
    with qtbot.waitSignal(selection.names_changed):
        view.show_row(("group", SD, "module"))
        view.go_to("module.fc.bias")
    assert selection.names == {"module.fc.bias"}


def test_double_click_on_another_state_dict_asks_to_make_it_active(view: TensorTreeView, qtbot: Any) -> None:
    place = place_of(view, ("weights", ("ema",), ""))
    with qtbot.waitSignal(view.activation_wanted) as asked:
        qtbot.mouseClick(view.viewport(), Qt.MouseButton.LeftButton, pos=place)
        qtbot.mouseDClick(view.viewport(), Qt.MouseButton.LeftButton, pos=place)
    assert asked.args == [("ema",)]


Deliver = Callable[[DraggedNames, QPoint], tuple[QDragMoveEvent, QDropEvent]]


@pytest.fixture
def deliver(view: TensorTreeView) -> Deliver:
    """Moves a drag over a place of the view and drops it there, as Qt would."""

    def deliver(carried: DraggedNames, place: QPoint) -> tuple[QDragMoveEvent, QDropEvent]:
        data: QMimeData = carried.to_mime()
        actions = Qt.DropAction.MoveAction | Qt.DropAction.CopyAction
        left, none = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
        moved = QDragMoveEvent(QPointF(place), actions, data, left, none)
        view.dragMoveEvent(moved)
        view.last_hint = view._hint.text() if view._hint is not None else ""
        dropped = QDropEvent(QPointF(place), actions, data, left, none)
        view.dropEvent(dropped)
        return moved, dropped

    return deliver


def test_drag_starts_with_the_selected_group(view: TensorTreeView) -> None:
    view.setCurrentIndex(view.tensors.find(("group", SD, "module.layer1")))
    drag = view.make_drag()
    assert drag is not None
    carried = DraggedNames.from_mime(drag.mimeData())
    assert carried is not None
    assert carried.group == "module.layer1"
    assert len(carried.names) == 4
    assert drag.mimeData().text().splitlines() == list(carried.names)
    view.setCurrentIndex(view.tensors.find(("weights", SD, "")))
    drag = view.make_drag()
    assert drag is not None
    assert DraggedNames.from_mime(drag.mimeData()) is None, "a whole state dict goes to other programs only"


def test_group_dropped_on_a_group_moves_under_it(view: TensorTreeView, deliver: Deliver) -> None:
    view.setCurrentIndex(view.tensors.find(("group", SD, "module.layer1")))
    carried = DraggedNames.from_mime(view.make_drag().mimeData())
    moved, dropped = deliver(carried, place_of(view, ("group", SD, "module.fc")))
    assert moved.isAccepted()
    assert dropped.isAccepted()
    assert view.last_hint == "4 tensors: module.layer1.… → module.fc.layer1.…"
    assert not view._hint.isVisible()
    assert "module.fc.layer1.0.conv.weight" in names(view)


def test_tensor_dropped_on_the_state_dict_moves_to_the_top(view: TensorTreeView, deliver: Deliver) -> None:
    carried = DraggedNames(view.document.id, ("module.conv1.weight",))
    deliver(carried, place_of(view, ("weights", SD, "")))
    assert view.last_hint == "1 tensor: module.conv1.weight → conv1.weight"
    assert names(view)[0] == "conv1.weight"


def test_drop_that_would_collide_is_refused_with_the_reason(view: TensorTreeView, deliver: Deliver) -> None:
    before = names(view)
    carried = DraggedNames(view.document.id, ("module.fc.weight",))
    moved, dropped = deliver(carried, place_of(view, ("group", SD, "module.bn1")))
    assert not moved.isAccepted()
    assert not dropped.isAccepted()
    assert view.last_hint.startswith("⊘")
    assert "module.bn1.weight" in view.last_hint
    assert names(view) == before


@pytest.mark.parametrize(
    ("carried", "target"),
    [
        (DraggedNames("", ("module.layer1.0.conv.bias",), "module.layer1"), ("group", SD, "module.layer1")),
        (DraggedNames("", ("module.fc.bias",)), ("group", SD, "module.fc")),
        (DraggedNames("other", ("module.fc.bias",)), ("group", SD, "module.bn1")),
        (DraggedNames("", ("module.fc.bias",)), ("weights", ("ema",), "")),
        (DraggedNames("", ("module.fc.bias",)), ("leaf", ("epoch",), "epoch")),
    ],
)
def test_drops_without_sense_are_refused(
    view: TensorTreeView, deliver: Deliver, carried: DraggedNames, target: NodeKey
) -> None:
    before = view.document.checkpoint
    carried = DraggedNames(carried.document or view.document.id, carried.names, carried.group)
    moved, dropped = deliver(carried, place_of(view, target))
    assert not moved.isAccepted()
    assert not dropped.isAccepted()
    assert view.last_hint.startswith("⊘")
    assert view.document.checkpoint is before


def test_cut_and_paste_is_the_keyboards_drag(view: TensorTreeView) -> None:
    view.go_to("module.conv1.weight")
    assert view.cut_names()
    view.setCurrentIndex(view.tensors.find(("group", SD, "module.fc")))
    assert view.paste_names()
    assert "module.fc.conv1.weight" in names(view)
    assert view.copy_names()
    assert "module.fc.conv1.weight" in QGuiApplication.clipboard().text().splitlines()


def test_asterisk_opens_what_is_below_but_not_without_end(qtbot: Any) -> None:
    opened = document(many(8000))
    view = TensorTreeView(opened)
    opened.setParent(view)
    qtbot.addWidget(view)
    qtbot.keyClick(view, Qt.Key.Key_Asterisk)
    assert 0 < len(view._open) < 1500


def test_columns_give_way_to_the_names_in_a_narrow_tree(view: TensorTreeView) -> None:
    from ckpt_studio.gui.tensor_tree_model import DEVICE, NAME, STATUS

    assert not view.isColumnHidden(DEVICE)
    assert view.isColumnHidden(STATUS)
    view.resize(420, 600)
    assert view.isColumnHidden(DEVICE)
    assert view.columnWidth(NAME) >= 20 * view.fontMetrics().horizontalAdvance("0")
    view.resize(900, 600)
    assert not view.isColumnHidden(DEVICE)
    view.choose_column(DEVICE, False)
    assert view.isColumnHidden(DEVICE)


def test_document_of_two_views_is_shown_by_both(qtbot: Any) -> None:
    opened: Document = wrapped_document()
    one, two = TensorTreeView(opened), TensorTreeView(opened)
    for view in (one, two):
        qtbot.addWidget(view)
    opened.apply(StripPrefix("module."))
    assert one.tensors.find_tensor("fc.bias").isValid()
    assert two.tensors.find_tensor("fc.bias").isValid()
