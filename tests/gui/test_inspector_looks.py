"""What the inspector tells: differences as pictures, other contents in words, values under the pointer and by keys."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QGuiApplication, QImage
from PySide6.QtWidgets import QComboBox, QSpinBox, QToolButton, QWidget
from pytestqt.qtbot import QtBot

from ckpt_studio.core.checkpoint import Checkpoint, Source, StateDict
from ckpt_studio.core.jobs import SILENT
from ckpt_studio.core.tree import Dict, Global, Object, Value
from ckpt_studio.gui.document import Document
from ckpt_studio.gui.figures import values_text
from ckpt_studio.gui.inspector.color_maps import scale_of
from ckpt_studio.gui.inspector.contents import Content, explanation, type_text, written
from ckpt_studio.gui.inspector.inspector_pane import InspectorPane
from ckpt_studio.gui.inspector.views import HeatMapPage, HistogramPage, KernelPage, TablePage
from ckpt_studio.gui.tensor_tree_view import TensorTreeView
from ckpt_studio.gui.tree_nodes import NodeKey
from tests.gui.inspecting import beside_tree, buttons, choose, click, document_of, fact, settle, shown, tensor_of

np = pytest.importorskip("numpy")

RANDOM = np.random.default_rng(6)
MATRIX = RANDOM.normal(size=(10, 20)).astype(np.float32)
CONV = RANDOM.normal(size=(16, 3, 5, 5)).astype(np.float32)


@pytest.fixture
def pane(qtbot: QtBot) -> InspectorPane:
    moved = MATRIX.copy()
    moved[3, 4] += 0.5
    return shown(
        qtbot,
        document_of(
            {
                "a.weight": tensor_of(MATRIX),
                "b.weight": tensor_of(moved),
                "same.weight": tensor_of(MATRIX),
                "conv.weight": tensor_of(CONV),
                "conv.old": tensor_of(CONV * 1.1),
                "bias": tensor_of(MATRIX[0]),
                "deep": tensor_of(RANDOM.normal(size=(4, 5, 6, 7))),
            }
        ),
    )


# Two tensors


def test_a_difference_is_a_picture_with_zero_in_the_middle(qtbot: QtBot, pane: InspectorPane) -> None:
    choose(qtbot, pane, "a.weight", "b.weight")
    assert buttons(pane) == ["Both", "Heat map", "Histogram", "Table"]
    click(qtbot, pane, "Heat map")
    page = pane.view
    assert isinstance(page, HeatMapPage)
    found = page.canvas.map
    assert found is not None
    assert found.scale.diverging
    assert found.scale.low == -found.scale.high
    assert found.values[3, 4] == pytest.approx(-0.5, abs=1e-6)
    assert np.count_nonzero(found.values) == 1
    middle, changed = page.canvas.image.pixelColor(0, 0), page.canvas.image.pixelColor(4, 3)
    assert min(middle.red(), middle.green(), middle.blue()) > 230
    assert changed.blue() > changed.red() + 60
    assert fact(pane, "Max. difference") == "0.5"


def test_equal_tensors_have_an_empty_difference(qtbot: QtBot, pane: InspectorPane) -> None:
    choose(qtbot, pane, "a.weight", "same.weight")
    click(qtbot, pane, "Heat map")
    assert isinstance(pane.view, HeatMapPage)
    assert fact(pane, "Verdict") == "the same values"
    click(qtbot, pane, "Histogram")
    assert isinstance(pane.view, HistogramPage)
    assert sum(pane.view.plot.series[0][1].histogram) == MATRIX.size


def test_kernels_and_values_of_a_difference(qtbot: QtBot, pane: InspectorPane) -> None:
    choose(qtbot, pane, "conv.weight", "conv.old")
    click(qtbot, pane, "Kernels")
    page = pane.view
    assert isinstance(page, KernelPage)
    assert page.canvas.kernels is not None
    click(qtbot, pane, "Table")
    assert isinstance(pane.view, TablePage)
    pane.view.model.cell(4, 4)
    qtbot.waitUntil(lambda: pane.view.model.cell(4, 4) is not None)
    expected = float(CONV[0, 0, 4, 4] - np.float32(CONV[0, 0, 4, 4] * np.float32(1.1)))
    assert float(pane.view.model.cell(4, 4)) == pytest.approx(expected, rel=1e-3)


def test_other_shapes_have_both_histograms_only(qtbot: QtBot, pane: InspectorPane) -> None:
    choose(qtbot, pane, "a.weight", "bias")
    assert buttons(pane) == ["Both"]
    assert isinstance(pane.view, HistogramPage)
    assert fact(pane, "Verdict") == "other shapes: not comparable"
    assert fact(pane, "Mean", 0) != fact(pane, "Mean", 1)


def test_the_choice_for_pairs_is_remembered_apart(qtbot: QtBot, pane: InspectorPane) -> None:
    choose(qtbot, pane, "a.weight", "b.weight")
    click(qtbot, pane, "Heat map")
    choose(qtbot, pane, "bias")
    choose(qtbot, pane, "a.weight", "same.weight")
    assert isinstance(pane.view, HeatMapPage)
    choose(qtbot, pane, "a.weight")
    assert isinstance(pane.view, HeatMapPage)
    assert not pane.view.is_difference


def test_a_picture_of_the_difference_is_saved_and_copied(qtbot: QtBot, pane: InspectorPane, tmp_path: Path) -> None:
    choose(qtbot, pane, "a.weight", "b.weight")
    click(qtbot, pane, "Heat map")
    pane.save_to(str(tmp_path / "difference.png"))
    qtbot.waitUntil(lambda: not pane.saver.is_busy)
    assert QImage(str(tmp_path / "difference.png")).width() >= 512
    pane.copy_picture_action.trigger()
    assert not QGuiApplication.clipboard().image().isNull()


# Under the pointer, by keys, for screen readers


def test_heat_map_tells_index_and_value(qtbot: QtBot, pane: InspectorPane) -> None:
    choose(qtbot, pane, "deep")
    click(qtbot, pane, "Heat map")
    page = pane.view
    assert isinstance(page, HeatMapPage)
    page.picker.places[0].setValue(2)
    settle(qtbot, pane)
    area = page.canvas._area()
    text = page.canvas.text_at(area.topLeft() + QPointF(1, 1))
    assert text.startswith("[2, 0, 0, 0]: ")
    assert "6 rows and 7 columns" in page.canvas.accessibleDescription()
    qtbot.keyClick(page.canvas, Qt.Key.Key_Right)
    qtbot.keyClick(page.canvas, Qt.Key.Key_Down)
    assert page.canvas.accessibleDescription().startswith("[2, 0, 1, 0]: ")


def test_kernels_tell_index_and_value(qtbot: QtBot, pane: InspectorPane) -> None:
    choose(qtbot, pane, "conv.weight")
    page = pane.view
    assert isinstance(page, KernelPage)
    canvas = page.canvas
    assert page.as_color.isChecked()
    target = canvas._target(2)
    place = QPointF(target.left() + target.width() * 0.9, target.top() + target.height() * 0.1)
    lines = canvas.text_at(place).splitlines()
    assert lines[0] == "Output channel 2"
    assert lines[1].startswith("[2, :, 0, 4]: ")
    assert len(lines[1].split(": ", 2)[-1].split(", ")) == 3
    page.as_color.click()
    settle(qtbot, pane)
    place = canvas._target(1).center().toPointF()
    assert canvas.text_at(place).splitlines()[1].startswith("[1, 0, 2, 2]: ")
    qtbot.keyClick(canvas, Qt.Key.Key_Right)
    qtbot.keyClick(canvas, Qt.Key.Key_Right)
    assert canvas.accessibleDescription().startswith("Output channel 1: ")
    qtbot.keyClick(canvas, Qt.Key.Key_End)
    assert canvas.accessibleDescription().startswith("Output channel 15: ")
    assert not canvas.grab().isNull()


def test_histogram_is_read_by_keys(qtbot: QtBot, pane: InspectorPane) -> None:
    choose(qtbot, pane, "a.weight")
    click(qtbot, pane, "Histogram")
    page = pane.view
    assert isinstance(page, HistogramPage)
    values = page.plot.series[0][1]
    qtbot.keyClick(page.plot, Qt.Key.Key_Home)
    assert page.plot.accessibleDescription().startswith(f"{values_text(values.histogram[0])} from ")
    qtbot.keyClick(page.plot, Qt.Key.Key_Right)
    assert page.plot.accessibleDescription().startswith(f"{values_text(values.histogram[1])} from ")
    qtbot.keyClick(page.plot, Qt.Key.Key_End)
    assert page.plot.accessibleDescription().startswith(f"{values_text(values.histogram[-1])} from ")


def test_a_cell_tells_its_index_and_all_digits(qtbot: QtBot, pane: InspectorPane) -> None:
    choose(qtbot, pane, "a.weight")
    click(qtbot, pane, "Table")
    page = pane.view
    assert isinstance(page, TablePage)
    tip = page.model.index(3, 4).data(Qt.ItemDataRole.ToolTipRole)
    assert tip == f"[3, 4]: {float(MATRIX[3, 4]):.9g}"


def test_everything_is_reached_by_tab_and_named(qtbot: QtBot, pane: InspectorPane) -> None:
    choose(qtbot, pane, "deep")
    click(qtbot, pane, "Heat map")
    page = pane.view
    assert isinstance(page, HeatMapPage)
    reached: list[QWidget] = []
    widget = pane.save_button.nextInFocusChain()
    while widget is not None and widget not in reached:
        reached.append(widget)
        widget = widget.nextInFocusChain()
    for wanted in (page.picker.rows, page.picker.columns, page.canvas, *page.picker.places[:2]):
        assert wanted in reached
        assert wanted.focusPolicy() & Qt.FocusPolicy.TabFocus
        assert wanted.accessibleName()
    fields = [*page.picker.findChildren(QComboBox), *page.picker.findChildren(QSpinBox)]
    assert all(field.accessibleName() for field in fields)
    assert all(button.focusPolicy() & Qt.FocusPolicy.TabFocus for button in pane.tools.findChildren(QToolButton))


def test_all_buttons_stay_visible_in_a_narrow_pane(qtbot: QtBot, pane: InspectorPane) -> None:
    choose(qtbot, pane, "conv.weight")
    pane.resize(480, 420)
    room = pane.tools.rect()
    shown_buttons = [b for b in pane.tools.findChildren(QToolButton) if not b.isHidden()]
    assert len(shown_buttons) == 5
    qtbot.waitUntil(lambda: all(pane.tools.rect().contains(button.geometry()) for button in shown_buttons))
    assert room.width() > 0


# Other contents


def checkpoint() -> Checkpoint:
    arguments = Object(Global("argparse", "Namespace"), "newobj", state=Dict([("lr", 0.1), ("betas", (0.9, 0.999))]))
    adam = Dict([("step", 3), ("exp_avg", tensor_of(MATRIX)), ("exp_avg_sq", tensor_of(MATRIX))])
    optimizer = Dict([("state", Dict([(0, adam)])), ("param_groups", [Dict([("lr", 3e-4), ("params", [0])])])])
    weights = {"layer.weight": tensor_of(MATRIX), "layer.bias": tensor_of(MATRIX[0]), "layer.scale": tensor_of(1.0)}
    weights |= {"head.weight": tensor_of(CONV), "head._extra_state": "kept"}
    inner = Dict(list(weights.items()))
    loop: list[Value] = [1]
    loop.append(loop)
    root = Dict(
        [
            ("epoch", 90), ("best_acc1", 76.13), ("args", arguments), ("optimizer", optimizer), ("state_dict", inner),
            ("note", "first line\nsecond line"), ("loop", loop), ("nothing", None), ("done", True),
        ]
    )  # fmt: skip
    found = (StateDict(("state_dict",), weights, inner),)
    return Checkpoint(Source("/files/x.pth", "torch-zip", 10_000), root, found, ("state_dict",), {"format": "pt"})


@pytest.fixture
def both(qtbot: QtBot) -> tuple[InspectorPane, TensorTreeView]:
    """The pane of a training checkpoint beside its tree."""
    opened = Document(checkpoint())
    window, panels, tree = beside_tree(qtbot, opened, 800, 380)
    found = panels.inspector.built()
    assert isinstance(found, InspectorPane)
    # Kept alive with the pane.
    found.window_of_test = window  # type: ignore[attr-defined]
    return found, tree


def go(qtbot: QtBot, both: tuple[InspectorPane, TensorTreeView], key: NodeKey) -> InspectorPane:
    pane, tree = both
    tree.setCurrentIndex(tree.tensors.find(key))
    settle(qtbot, pane)
    return pane


@pytest.mark.parametrize(
    ("key", "kind", "value", "words"),
    [
        (("leaf", ("epoch",), ""), "whole number (int)", "90", "gone through its data"),
        (("leaf", ("best_acc1",), ""), "number (float)", "76.13", "result of the training"),
        (("leaf", ("note",), ""), "text of 22 characters (str)", "first line second line", ""),
        (("leaf", ("nothing",), ""), "nothing (None)", "None", ""),
        (("leaf", ("done",), ""), "yes or no (bool)", "True", ""),
        (("meta", (), "format"), "text of 2 characters (str)", "pt", "“pt” is PyTorch"),
    ],
)
def test_a_value_is_shown_with_its_type_and_meaning(
    qtbot: QtBot, both: tuple[InspectorPane, TensorTreeView], key: NodeKey, kind: str, value: str, words: str
) -> None:
    pane = go(qtbot, both, key)
    assert (fact(pane, "Type"), fact(pane, "Value")) == (kind, value)
    assert words in pane.explanation.text()
    assert not pane.empty.isVisible()


def test_a_text_is_shown_whole(qtbot: QtBot, both: tuple[InspectorPane, TensorTreeView]) -> None:
    pane = go(qtbot, both, ("leaf", ("note",), ""))
    assert pane.text_page.isVisible()
    assert pane.text_page.toPlainText() == "first line\nsecond line"


def test_settings_are_written_out(qtbot: QtBot, both: tuple[InspectorPane, TensorTreeView]) -> None:
    pane = go(qtbot, both, ("box", ("args",), ""))
    assert pane.text_page.toPlainText().splitlines() == ["lr: 0.1", "betas: (0.9, 0.999)"]
    assert "settings the training was started with" in pane.explanation.text()


def test_an_optimizer_is_summed_up(qtbot: QtBot, both: tuple[InspectorPane, TensorTreeView]) -> None:
    pane = go(qtbot, both, ("box", ("optimizer",), ""))
    assert "optimizer remembers" in pane.explanation.text()
    assert fact(pane, "Optimizer") == "Adam, AdamW"
    assert fact(pane, "Learning rate") == "0.0003"
    assert fact(pane, "Tensors") == "2"
    assert fact(pane, "Share of the file") == "16 %"
    assert "exp_avg: float32 10×20" in pane.text_page.toPlainText()
    assert pane.several_action.isEnabled() or not pane.chosen.count


def test_a_group_and_a_state_dict_are_named_and_summed_up(
    qtbot: QtBot, both: tuple[InspectorPane, TensorTreeView]
) -> None:
    pane = go(qtbot, both, ("group", ("state_dict",), "layer"))
    assert pane.title.text() == "layer: 3 tensors"
    assert fact(pane, "Tensors") == "3"
    assert fact(pane, "layer.weight") == "800 B · 10×20"
    pane = go(qtbot, both, ("weights", ("state_dict",), ""))
    assert pane.title.text() == "state_dict: 4 tensors"
    assert fact(pane, "head.weight") == "4.8 kB · 16×3×5×5"


def test_the_metadata_and_what_a_module_keeps(qtbot: QtBot, both: tuple[InspectorPane, TensorTreeView]) -> None:
    pane = go(qtbot, both, ("metadata", (), ""))
    assert pane.text_page.toPlainText() == "format: 'pt'"
    pane = go(qtbot, both, ("tensor", ("state_dict",), "head._extra_state"))
    assert fact(pane, "Value") == "kept"
    assert "beside tensors" in pane.explanation.text()


def test_contents_that_hold_themselves_and_giants_end() -> None:
    loop: list[Value] = [1]
    loop.append(loop)
    assert written(loop, SILENT).splitlines() == ["0: 1", "1: …"]
    giant = Dict([(str(n), [n, n]) for n in range(100_000)])
    lines = written(giant, SILENT).splitlines()
    assert len(lines) < 4000
    assert "more" in lines[-1]
    assert len(written("x" * 10_000_000, SILENT)) < 300_000
    assert written(b"\x00\xff", SILENT) == "00 ff"
    assert type_text(2**100) == "whole number (int)"


@pytest.mark.parametrize(
    ("name", "word"),
    [("lr_schedulers", "learning rate"), ("class_to_idx", "outputs"), ("hyper_parameters", "settings"),
     ("pytorch-lightning_version", "Lightning"), ("global_step", "updates"), ("arch", "network"), ("zzz", "")],
)  # fmt: skip
def test_names_that_people_use_are_explained(name: str, word: str) -> None:
    text = explanation(Content("leaf", name, (name,), 1))
    assert word in text
    assert bool(text) == bool(word)


def test_a_colour_scale_ends_at_values_that_occur() -> None:
    few = np.arange(1.0, 25.0)
    assert (scale_of(few).low, scale_of(few).high) == (1.0, 24.0)
    # One far away among thousands does not take all the colours.
    many = np.concatenate([np.linspace(1.0, 2.0, 10_000), [1e9]])
    assert scale_of(many).high < 2.1
