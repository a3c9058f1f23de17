"""The treemap: areas equal shares, small parts together, linked to the tree by mouse and keys."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from ckpt_studio.core.checkpoint import Checkpoint, Source, StateDict
from ckpt_studio.core.edits import Pop
from ckpt_studio.core.jobs import SILENT
from ckpt_studio.core.tree import Dict
from ckpt_studio.gui.document import Document
from ckpt_studio.gui.tensor_tree_view import TensorTreeView
from ckpt_studio.gui.treemap import SizesPane, Tile, Treemap, modules, squarified, tiles
from tests.clock import quick
from tests.gui import checkpoints, samples
from tests.gui.inspecting import beside_tree

AREA = QRectF(0, 0, 600, 300)


def test_rectangles_fill_the_area_by_their_sizes() -> None:
    sizes = [60, 30, 30, 20, 10, 5, 5]
    found = list(squarified(sizes, AREA))
    unit = AREA.width() * AREA.height() / sum(sizes)
    for size, rect in zip(sizes, found, strict=True):
        assert rect.width() * rect.height() == pytest.approx(size * unit)
        assert AREA.adjusted(-0.01, -0.01, 0.01, 0.01).contains(rect)
        assert max(rect.width(), rect.height()) < 4 * min(rect.width(), rect.height())
    for number, rect in enumerate(found):
        assert not any(rect.adjusted(0.01, 0.01, -0.01, -0.01).intersects(other) for other in found[number + 1 :])


def test_modules_of_a_training_checkpoint() -> None:
    root = modules(checkpoints.wrapped(), SILENT)
    assert {part.key: part.count for part in root.parts} == {"state_dict": 10, "ema": 10, "optimizer": 1}
    state_dict = next(part for part in root.parts if part.key == "state_dict")
    assert state_dict.nbytes == sum(4 * _numel(shape) for shape in checkpoints.SHAPES.values())
    module = state_dict.parts[0]
    assert (module.key, module.parts[0].name) == ("module", "module.layer1")


def test_tied_tensors_count_once() -> None:
    shared = samples.tensor(10)
    state_dict = StateDict((), {"a.weight": shared, "b.weight": shared, "c.weight": samples.tensor(10)})
    checkpoint = Checkpoint(Source("x.pth", "torch-zip", 1), None, (state_dict,), ())
    assert modules(checkpoint, SILENT).nbytes == 80


def test_a_hundred_thousand_tensors_are_few_rectangles() -> None:
    root = modules(samples.document(samples.many(100_000)).checkpoint, SILENT)
    found = quick(0.2, lambda: tiles(root, AREA, 16))
    assert 100 < len(found) < 2000
    assert sum(tile.rest for tile in found) == 100_000
    assert found[0].module.key.startswith("0 … ")


def _numel(shape: tuple[int, ...]) -> int:
    count = 1
    for size in shape:
        count *= size
    return count


def shown(qtbot: QtBot, document: Document) -> tuple[QWidget, SizesPane, TensorTreeView]:
    window, panels, tree = beside_tree(qtbot, document, 700, 400)
    panels.setCurrentWidget(panels.sizes)
    pane = panels.sizes.built()
    assert isinstance(pane, SizesPane)
    qtbot.waitUntil(lambda: not pane.is_measuring and pane.map.root is not None)
    return window, pane, tree


def place_of(treemap: Treemap, name: str) -> QPointF:
    return next(tile.rect.center() for tile in treemap.tiles if tile.module.name == name and not tile.rest)


def test_a_click_selects_in_the_tree(qtbot: QtBot) -> None:
    document = samples.document(samples.FILE)
    window, pane, tree = shown(qtbot, document)
    place = place_of(pane.map, "fc.weight").toPoint()
    qtbot.mouseMove(pane.map, place)
    qtbot.waitUntil(lambda: "fc.weight: 3.2 kB" in pane.line.text())
    qtbot.mouseClick(pane.map, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, place)
    assert document.selection.names == {"fc.weight"}
    assert tree.current_node is not None
    assert pane.map.selected == {"fc.weight"}
    assert window.isVisible()
    header = next(tile for tile in pane.map.tiles if tile.module.name == "fc")
    top = QPointF(header.rect.left() + 4, header.rect.top() + 4).toPoint()
    qtbot.mouseClick(pane.map, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, top)
    assert document.selection.names == {"fc.weight", "fc.bias"}


def test_arrow_keys_walk_and_enter_selects(qtbot: QtBot) -> None:
    document = samples.document(samples.FILE)
    window, pane, _ = shown(qtbot, document)
    window.activateWindow()
    pane.map.setFocus()
    qtbot.keyClick(pane.map, Qt.Key.Key_Right)
    first = pane.map.accessibleDescription()
    assert "%" in first
    qtbot.keyClick(pane.map, Qt.Key.Key_Right)
    assert pane.map.accessibleDescription() != first
    qtbot.keyClick(pane.map, Qt.Key.Key_Return)
    (name,) = document.selection.names
    assert pane.map.accessibleDescription().startswith(name)


def leaf_of(treemap: Treemap, path: tuple[str, ...] | None, part: str) -> Tile:
    """A drawn tensor by its state dict (None: other contents) and the end of its name."""
    return next(
        tile
        for tile in treemap.tiles
        if tile.module.is_tensor and tile.module.path == path and (tile.module.name or tile.module.key).endswith(part)
    )


def test_the_tree_marks_what_it_selects_and_nothing_of_the_same_name(qtbot: QtBot) -> None:
    _, pane, tree = shown(qtbot, checkpoints.wrapped_document())
    model, ema = ("state_dict",), ("ema",)
    tree.setCurrentIndex(tree.tensors.find(("tensor", model, "module.fc.weight")))
    assert pane.map.is_selected(leaf_of(pane.map, model, "fc.weight"))
    assert not pane.map.is_selected(leaf_of(pane.map, ema, "fc.weight"))
    tree.setCurrentIndex(tree.tensors.find(("tensor", ema, "module.fc.weight")))
    assert pane.map.is_selected(leaf_of(pane.map, ema, "fc.weight"))
    assert not pane.map.is_selected(leaf_of(pane.map, model, "fc.weight"))
    tree.setCurrentIndex(tree.tensors.find(("group", ema, "module.layer1")))
    marked = [tile.module.name for tile in pane.map.tiles if pane.map.is_selected(tile)]
    assert marked
    assert all(name.startswith("module.layer1.") for name in marked)
    tree.setCurrentIndex(tree.tensors.find(("weights", ema, "")))
    assert all(pane.map.is_selected(t) for t in pane.map.tiles if t.module.path == ema and t.module.is_tensor)
    assert not pane.map.grab().isNull()


def test_what_is_no_weights_is_linked_both_ways(qtbot: QtBot) -> None:
    weights = {"weight": samples.tensor(20, 20)}
    optimizer = Dict([("state", Dict([(0, Dict([("exp_avg", samples.tensor(20, 20))]))]))])
    inner = Dict(list(weights.items()))
    root = Dict([("state_dict", inner), ("optimizer", optimizer)])
    found = (StateDict(("state_dict",), weights, inner),)
    document = Document(Checkpoint(Source("x.pth", "torch-zip", 1), root, found, ("state_dict",)))
    _, pane, tree = shown(qtbot, document)
    tile = leaf_of(pane.map, None, "exp_avg")
    place = tile.rect.center().toPoint()
    qtbot.mouseClick(pane.map, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, place)
    node = tree.current_node
    assert node is not None
    assert node.path == ("optimizer", "state", 0, "exp_avg")
    assert pane.map.is_selected(tile)
    tree.setCurrentIndex(tree.tensors.find(("box", ("optimizer",), "")))
    assert pane.map.is_selected(tile)
    tree.setCurrentIndex(tree.tensors.find(("weights", ("state_dict",), "")))
    assert not pane.map.is_selected(tile)


def test_keys_begin_at_the_selected_tensor(qtbot: QtBot) -> None:
    window, pane, tree = shown(qtbot, checkpoints.wrapped_document())
    tree.setCurrentIndex(tree.tensors.find(("tensor", ("ema",), "module.fc.weight")))
    window.activateWindow()
    pane.map.setFocus(Qt.FocusReason.TabFocusReason)
    assert pane.map.accessibleDescription().startswith("module.fc.weight: ")
    assert pane.map.accessibleName()
    assert pane.line.text()


def test_an_edit_redraws(qtbot: QtBot) -> None:
    document = samples.document(samples.FILE)
    window, pane, _ = shown(qtbot, document)
    root = pane.map.root
    document.apply(Pop(("fc.weight",)))
    qtbot.waitUntil(lambda: pane.map.root is not root)
    assert not any(tile.module.name == "fc.weight" for tile in pane.map.tiles)
    assert not window.grab().isNull()


def test_a_file_without_tensors_says_so(qtbot: QtBot) -> None:
    window, pane, _ = shown(qtbot, samples.document({}))
    assert pane.line.text() == "There are no tensors in this file."
    assert not window.grab().isNull()
