"""The tree as Qt sees it equals the plain tree, after every change."""

from __future__ import annotations

from typing import Any

import pytest
from PySide6.QtCore import QModelIndex, Qt

from ckpt_studio.core.checkpoint import Checkpoint, Source, StateDict
from ckpt_studio.core.edits import Cast, Pop, PopEntry, RegexRename, RenameGroup, RenameTensors, StripPrefix
from ckpt_studio.core.tree import Dict
from ckpt_studio.gui.document import Document
from ckpt_studio.gui.name_filter import NameFilter
from ckpt_studio.gui.tensor_tree_model import DTYPE, NAME, SHAPE, SIZE, STATUS, TensorTreeModel
from ckpt_studio.gui.tree_nodes import Order, Tables, TensorTree, natural_key
from tests.gui.checkpoints import SHAPES, active_rows, plain_rows, qt_rows, wrapped, wrapped_document
from tests.gui.samples import document, report_of, tensor

pytestmark = pytest.mark.usefixtures("qapp")


def names_of(document: Document) -> list[str]:
    assert document.state_dict is not None
    return list(document.state_dict.entries)


def test_model_keeps_qts_rules(qtmodeltester: Any) -> None:
    model = TensorTreeModel(wrapped_document())
    qtmodeltester.check(model)


def test_model_keeps_qts_rules_while_edits_and_filters_come_and_go(qtmodeltester: Any) -> None:
    opened = wrapped_document()
    model = TensorTreeModel(opened)
    qtmodeltester.check(model)
    opened.apply(StripPrefix("module."))
    model.set_filter(NameFilter("conv"))
    opened.apply(Pop(("fc.weight",)))
    model.set_order(Order("size", True))
    model.set_filter(NameFilter(""))
    opened.undo()
    opened.activate(("ema",))
    qtmodeltester.check(model)


def test_qt_tree_equals_plain_tree_after_every_edit() -> None:
    opened = wrapped_document()
    model = TensorTreeModel(opened)
    assert active_rows(model) == plain_rows(SHAPES)
    for edit in (
        StripPrefix("module."),
        RenameGroup("layer1", "backbone.stage"),
        RenameTensors((("fc.weight", "fc.bias"), ("fc.bias", "fc.weight"))),
        RegexRename(r"^bn1\.", "norm.0."),
        Pop(("conv1.weight", "layer2.0.conv.weight")),
        Cast("float16"),
    ):
        opened.apply(edit)
        assert active_rows(model) == plain_rows(names_of(opened)), edit
    while opened.history.index:
        opened.undo()
        assert active_rows(model) == plain_rows(names_of(opened))
    opened.go_to(4)
    assert active_rows(model) == plain_rows(names_of(opened))


def test_other_contents_are_in_the_tree_and_said_not_to_be_weights() -> None:
    opened = wrapped_document()
    model = TensorTreeModel(opened)
    texts = [model.index(row, NAME).data() for row in range(model.rowCount())]
    assert texts == [
        "state_dict  (active)",
        "ema",
        "epoch = 90",
        "optimizer  (not weights)",
        "args  (not weights)",
    ]
    optimizer = model.find(("box", ("optimizer",), "optimizer"))
    assert optimizer.siblingAtColumn(SIZE).data() == "96 B"
    assert qt_rows(model, optimizer) == [["state", [["0", [["exp_avg"]]]]], ["lr"]]
    opened.apply(PopEntry(("optimizer",)))
    assert not model.find(("box", ("optimizer",), "optimizer")).isValid()
    opened.undo()
    assert model.find(("box", ("optimizer",), "optimizer")).isValid()


def test_values_beside_tensors_in_a_root_state_dict_are_other_contents() -> None:
    weights = {"a.weight": tensor(2), "a.bias": tensor(2)}
    root = Dict([*weights.items(), ("epoch", 3)])
    opened = Document(Checkpoint(Source("x.pth", "torch-zip", 1), root, (StateDict((), weights, root),), ()))
    model = TensorTreeModel(opened)
    assert [model.index(row, NAME).data() for row in range(model.rowCount())] == ["Weights  (active)", "epoch = 3"]


def test_file_of_a_single_value_shows_it() -> None:
    for root, text in ((tensor(3), "value  (not weights)"), (12.5, "value = 12.5")):
        model = TensorTreeModel(Document(Checkpoint(Source("x.pth", "torch-zip", 1), root)))
        assert [model.index(row, NAME).data() for row in range(model.rowCount())] == [text]


def test_columns_are_for_people_and_tooltips_exact() -> None:
    model = TensorTreeModel(document({"fc.weight": (1000, 512), "fc.bias": (1000,), "scale": ()}))
    weight, scale = model.find_tensor("fc.weight"), model.find_tensor("scale")
    assert weight.siblingAtColumn(SHAPE).data() == "1000×512"
    assert weight.siblingAtColumn(DTYPE).data() == "float32"
    assert weight.siblingAtColumn(SIZE).data() == "2 MB"
    assert "512,000 values" in weight.data(Qt.ItemDataRole.ToolTipRole)
    assert scale.siblingAtColumn(SHAPE).data() == "one number"
    group = weight.parent()
    assert group.siblingAtColumn(SHAPE).data() == "2 tensors"
    assert group.siblingAtColumn(SIZE).data() == "2.1 MB"


def test_filter_shows_only_what_it_finds() -> None:
    opened = wrapped_document()
    model = TensorTreeModel(opened)
    for wanted in (
        NameFilter("CONV"),
        NameFilter("*.bias", "glob"),
        NameFilter(r"layer\d\.0", "regex"),
        NameFilter("nothing has this"),
    ):
        model.set_filter(wanted)
        table = Tables().of(opened.checkpoint.state_dicts[0])
        found = [table.names[i] for i in wanted.find(table)]
        shown = model.find(("weights", ("state_dict",), ""))
        assert (qt_rows(model, shown) if shown.isValid() else []) == plain_rows(found), wanted
    model.set_filter(NameFilter("bias"))
    opened.apply(StripPrefix("module."))
    assert active_rows(model) == plain_rows(name for name in names_of(opened) if "bias" in name)


def test_typing_on_narrows_what_was_found() -> None:
    table = Tables().of(wrapped().state_dicts[0])
    wide, narrow = NameFilter("co"), NameFilter("conv1")
    assert narrow.narrows(wide)
    assert narrow.find(table, wide.find(table)) == narrow.find(table)
    assert not NameFilter("conv", "regex").narrows(NameFilter("co", "regex"))


def test_regular_expression_that_is_wrong_or_may_never_end_finds_nothing() -> None:
    table = Tables().of(wrapped().state_dicts[0])
    assert NameFilter("layer(", "regex").problem() == "invalid"
    assert NameFilter("(a+)+$", "regex").problem() == "slow"
    assert NameFilter("(a+)+$", "regex").find(table) == []
    assert NameFilter("layer*.weight", "glob").problem() == ""


def test_numbers_are_sorted_as_numbers() -> None:
    assert sorted(["layer10", "layer9", "Layer1"], key=natural_key) == ["Layer1", "layer9", "layer10"]
    opened = document({f"blocks.{i}.w": (1,) for i in (0, 1, 10, 2)} | {f"blocks.{i}.b": (1,) for i in (0, 1, 10, 2)})
    model = TensorTreeModel(opened)
    blocks = model.find(("group", (), "blocks"))
    assert [row[0] for row in qt_rows(model, blocks)] == ["0", "1", "2", "10"]


def test_sorting_by_columns_and_back() -> None:
    opened = document({"b.x": (5,), "b.y": (1,), "a": (3,)})
    model = TensorTreeModel(opened)
    top = lambda: [row[0] for row in active_rows(model)]  # noqa: E731
    assert top() == ["b", "a"]
    model.sort(NAME)
    assert top() == ["a", "b"]
    model.sort(SIZE, Qt.SortOrder.DescendingOrder)
    assert top() == ["b", "a"]
    model.sort(-1)
    assert top() == ["b", "a"]
    assert model.order == Order()


def test_very_long_levels_are_shown_in_ranges(qtmodeltester: Any) -> None:
    names = [f"t{i}" for i in range(4500)]
    opened = document(dict.fromkeys(names, (1,)))
    model = TensorTreeModel(opened)
    weights = model.find(("weights", (), ""))
    assert [row[0] for row in qt_rows(model, weights)][:2] == ["t0 … t249", "t250 … t499"]
    assert [row[0] for part in qt_rows(model, weights) for row in part[1]] == names
    assert model.find_tensor("t4321").data() == "t4321"
    model.sort(NAME, Qt.SortOrder.DescendingOrder)
    assert model.find_tensor("t4321").data() == "t4321"


def test_status_column_follows_the_report() -> None:
    shapes = {"conv.weight": (8, 3), "conv.bias": (8,), "fc.weight": (100, 8), "old": (1,)}
    opened = document(shapes)
    model = TensorTreeModel(opened)
    opened.report = report_of(shapes, {"conv.weight": (8, 3), "conv.bias": (8,), "fc.weight": (10, 8)})
    opened.report_changed.emit()
    status = lambda name: model.find_tensor(name).siblingAtColumn(STATUS).data()  # noqa: E731
    assert [status(name) for name in shapes] == ["Matched", "Matched", "Size mismatch", "Unexpected"]
    group = model.find(("group", (), "conv")).siblingAtColumn(STATUS)
    assert group.data() == "all matched"
    weights = model.find(("weights", (), "")).siblingAtColumn(STATUS)
    assert weights.data() == "1 size mismatch"
    assert "2 matched, 1 size mismatch, 1 unexpected" in weights.data(Qt.ItemDataRole.ToolTipRole)


def test_outdated_index_is_harmless() -> None:
    opened = wrapped_document()
    model = TensorTreeModel(opened)
    old = model.find_tensor("module.fc.bias")
    opened.apply(StripPrefix("module."))
    assert model.node(old) is model.tree.root
    assert not model.parent(old).isValid()


def test_groups_keep_their_counts_and_sizes() -> None:
    tree = TensorTree(wrapped(), Tables())
    for node in tree.walk():
        children = tree.children(node)
        if node.kind in ("weights", "group"):
            assert node.nbytes == sum(child.nbytes for child in children)
            assert sorted(node.indices) == sorted(i for child in children for i in child.indices)
        if node.is_named:
            assert tree.find(*node.identity) is node


def test_names_with_odd_dots_are_shown_and_found() -> None:
    names = ["", ".", "a", "a.", "a.b", "a..b", "..", "x.y.z", "x.y"]
    opened = document(dict.fromkeys(names, (1,)))
    model = TensorTreeModel(opened)
    assert active_rows(model) == plain_rows(names)
    for name in names:
        assert model.node(model.find_tensor(name)).name == name


def test_invalid_parent_columns_have_no_rows() -> None:
    model = TensorTreeModel(wrapped_document())
    assert model.rowCount(model.index(0, SHAPE)) == 0
    assert model.index(0, 0, QModelIndex()).isValid()


def test_names_of_a_group_need_not_follow_one_another() -> None:
    names = [f"{group}.{i}.w" for i in range(40) for group in ("a", "b")] + ["a", "a.40"]
    tree = TensorTree(document(dict.fromkeys(names, (1,))).checkpoint, Tables())
    (weights,) = tree.top
    held = [list(node.names) for node in tree.children(weights)]
    assert held == [[n for n in names if n.startswith("a.")], [n for n in names if n.startswith("b.")], ["a"]]
    assert [node.kind for node in tree.children(weights)] == ["group", "group", "tensor"]
    assert all(tree.find("tensor", (), name) is not None for name in names)
