"""The inspector: follows the selection, measures off the window's thread, shows values by the view that fits."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest
from PySide6.QtCore import QItemSelectionModel, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QToolButton, QWidget
from pytestqt.modeltest import ModelTester
from pytestqt.qtbot import QtBot

from ckpt_studio.core.dtypes import BY_NAME
from ckpt_studio.core.edits import Pop, RenameTensor
from ckpt_studio.core.jobs import Progress
from ckpt_studio.core.storage import AbsentBytes, MemoryBytes, Storage
from ckpt_studio.core.tensor import Tensor, contiguous
from ckpt_studio.gui.document import Document
from ckpt_studio.gui.inspector.inspector_pane import InspectorPane
from ckpt_studio.gui.inspector.tables import BytesModel, ValuesModel
from ckpt_studio.gui.inspector.viewers import shown_part, viewers_for
from ckpt_studio.gui.inspector.views import BytesPage, CurvePage, HeatMapPage, HistogramPage, KernelPage, TablePage
from tests.gui import checkpoints, samples
from tests.gui.inspecting import beside_tree, buttons, choose, click, document_of, fact, settle, shown, tensor_of

np = pytest.importorskip("numpy")

Array = np.ndarray


RANDOM = np.random.default_rng(3)
CONV = RANDOM.normal(size=(16, 3, 3, 3)).astype(np.float32)
MATRIX = RANDOM.normal(size=(10, 20)).astype(np.float32)
VECTOR = np.array([0.0, 1.0, -2.0, np.nan, np.inf, 0.0], np.float32)


@pytest.fixture
def document() -> Document:
    embedded = tensor_of(MATRIX)
    return document_of(
        {
            "conv.weight": tensor_of(CONV),
            "fc.weight": embedded,
            "fc.bias": tensor_of(VECTOR),
            "half.weight": tensor_of(MATRIX, "bfloat16"),
            "tied.weight": embedded.with_changes(kind="parameter"),
            "count": tensor_of(np.array(7), "int64"),
            "lost": contiguous(BY_NAME["float32"], (4,), Storage(AbsentBytes(16, "shard-missing", file="two.bin"))),
        }
    )


def test_it_says_what_to_do_while_nothing_is_selected(qtbot: QtBot, document: Document) -> None:
    pane = shown(qtbot, document)
    assert pane.empty.isVisible()
    assert "Select a tensor" in pane.empty.text()


def test_facts_and_statistics_of_one_tensor(qtbot: QtBot, document: Document, qtmodeltester: ModelTester) -> None:
    pane = shown(qtbot, document)
    choose(qtbot, pane, "fc.bias")
    qtmodeltester.check(pane.model)
    assert pane.title.text() == "fc.bias"
    assert fact(pane, "Shape") == "6"
    assert fact(pane, "Dtype") == "float32"
    assert fact(pane, "Layout") == "row by row, no gaps"
    assert (fact(pane, "Smallest"), fact(pane, "Largest")) == ("-2", "1")
    assert fact(pane, "Zeros") == "2 (33.3 %)"
    assert fact(pane, "NaN") == "1 (16.7 %)"
    assert fact(pane, "Infinite") == "1 (16.7 %)"
    assert all(
        pane.model.index(row, 0).data(Qt.ItemDataRole.ToolTipRole) for row, f in enumerate(pane.model.facts) if f.values
    )


def test_the_largest_tensors_are_told_by_their_whole_names(qtbot: QtBot) -> None:
    names = [f"blocks.{number}.mlp.weight" for number in range(4)]
    document = document_of({**{name: tensor_of(CONV) for name in names}, "head.bias": tensor_of(VECTOR)})
    pane = shown(qtbot, document)
    document.selection.select([*names, "head.bias"])
    qtbot.waitUntil(lambda: any(fact.label == "Largest tensors" for fact in pane.model.facts))
    labels = [fact.label for fact in pane.model.facts]
    assert set(names) <= set(labels)
    row = labels.index(names[0])
    assert names[0] in pane.model.index(row, 0).data(Qt.ItemDataRole.ToolTipRole)


def test_a_note_never_stands_over_the_picture(qtbot: QtBot) -> None:
    around = QWidget()
    qtbot.addWidget(around)
    page = HeatMapPage(around)
    around.resize(320, 420)
    around.show()
    page.resize(300, 400)
    page._say("Too large to show whole: one of 5 rows and one of 2 columns is shown.")
    assert page.note.isVisible()
    page.resize(300, 80)
    assert not page.note.isVisible()
    assert page.toolTip() == page.note.text()
    page.resize(300, 400)
    assert page.note.isVisible()


def test_ties_and_parameters_are_named(qtbot: QtBot, document: Document) -> None:
    pane = shown(qtbot, document)
    choose(qtbot, pane, "tied.weight")
    assert fact(pane, "Tied with") == "fc.weight"
    assert fact(pane, "Kind") == "parameter"


def test_a_slice_tells_its_storage(qtbot: QtBot) -> None:
    large = tensor_of(np.zeros((100, 100), np.float32))
    part = large.with_changes(shape=(10, 10), stride=(100, 1))
    pane = shown(qtbot, document_of({"part": part}))
    choose(qtbot, pane, "part")
    assert fact(pane, "Storage") == "a part of 40 kB"
    assert fact(pane, "Layout") == "with gaps: a slice of something larger"
    assert fact(pane, "Zeros") == "100 (100 %)"


def test_the_best_view_is_shown_first(qtbot: QtBot, document: Document) -> None:
    pane = shown(qtbot, document)
    for name, view, words in (
        ("conv.weight", KernelPage, ["Kernels", "Heat map", "Histogram", "Table", "Bytes"]),
        ("fc.weight", HeatMapPage, ["Heat map", "Histogram", "Table", "Bytes"]),
        ("fc.bias", CurvePage, ["Curve", "Histogram", "Table", "Bytes"]),
        ("count", TablePage, ["Table", "Bytes"]),
    ):
        choose(qtbot, pane, name)
        assert isinstance(pane.view, view)
        assert buttons(pane) == words


def test_a_chosen_view_stays_for_the_next_tensor(qtbot: QtBot, document: Document) -> None:
    pane = shown(qtbot, document)
    choose(qtbot, pane, "conv.weight")
    click(qtbot, pane, "Histogram")
    assert isinstance(pane.view, HistogramPage)
    choose(qtbot, pane, "fc.weight")
    assert isinstance(pane.view, HistogramPage)
    assert sum(pane.view.plot.series[0][1].histogram) == MATRIX.size
    choose(qtbot, pane, "count")
    assert isinstance(pane.view, TablePage)


def test_what_was_measured_is_not_read_again(qtbot: QtBot, document: Document, monkeypatch: pytest.MonkeyPatch) -> None:
    pane = shown(qtbot, document)
    choose(qtbot, pane, "fc.weight")
    choose(qtbot, pane, "count")

    def refuse(*_: object) -> None:
        raise AssertionError("read again")

    monkeypatch.setattr("ckpt_studio.gui.inspector.inspector_pane.measured", refuse)
    choose(qtbot, pane, "fc.weight")
    assert float(fact(pane, "Largest")) == pytest.approx(float(MATRIX.max()), rel=1e-3)


def test_a_selection_that_moves_on_stops_the_reading(
    qtbot: QtBot, document: Document, monkeypatch: pytest.MonkeyPatch
) -> None:
    pane = shown(qtbot, document)

    def endless(tensor: Tensor, progress: Progress) -> None:
        while tensor is document.checkpoint.active_state_dict.tensors["conv.weight"]:
            progress.check()
            threading.Event().wait(0.005)

    monkeypatch.setattr("ckpt_studio.gui.inspector.inspector_pane.measured", endless)
    document.selection.select(["conv.weight"])
    qtbot.waitUntil(lambda: pane._task is not None)
    task = pane._task
    assert task is not None
    monkeypatch.undo()
    document.selection.select(["fc.weight"])
    assert task.progress.cancelled
    qtbot.waitUntil(lambda: not pane.is_measuring)
    assert fact(pane, "Largest") != "…"
    assert pane.title.text() == "fc.weight"


def test_a_hidden_pane_reads_nothing(qtbot: QtBot, document: Document) -> None:
    pane = InspectorPane(document)
    qtbot.addWidget(pane)
    document.selection.select(["fc.weight"])
    assert not pane.is_measuring
    assert pane.subjects == []


def test_renaming_keeps_the_tensor_in_view(qtbot: QtBot, document: Document) -> None:
    pane = shown(qtbot, document)
    choose(qtbot, pane, "fc.weight")
    document.apply(RenameTensor("fc.weight", "head.weight"))
    assert pane.title.text() == "head.weight"
    assert fact(pane, "Largest") != "…"


def test_a_group_of_two_has_its_sums_as_any_other(qtbot: QtBot, document: Document) -> None:
    heading = ["fc"]
    pane = InspectorPane(document, heading=lambda: heading[0])
    qtbot.addWidget(pane)
    pane.show()
    choose(qtbot, pane, "half.weight", "fc.weight")
    assert pane.title.text() == "fc: 2 tensors"
    assert pane.view is None
    assert fact(pane, "Tensors") == "2"
    # The same two, selected one by one.
    heading[0] = ""
    pane.refresh()
    settle(qtbot, pane)
    assert pane.title.text() == "Two tensors"
    assert isinstance(pane.view, HistogramPage)


def test_two_tensors_side_by_side_with_their_difference(qtbot: QtBot, document: Document) -> None:
    pane = shown(qtbot, document)
    choose(qtbot, pane, "half.weight", "fc.weight")
    assert pane.model.titles == ("fc.weight", "half.weight")
    assert (fact(pane, "Dtype", 0), fact(pane, "Dtype", 1)) == ("float32", "bfloat16")
    rounded = MATRIX.astype(BY_NAME["bfloat16"].numpy).astype(np.float64)
    exact = float(np.abs(MATRIX - rounded).max())
    assert float(fact(pane, "Max. difference")) == pytest.approx(exact, rel=1e-3)
    assert fact(pane, "Verdict") == "they differ"
    assert isinstance(pane.view, HistogramPage)
    assert [name for name, _ in pane.view.plot.series] == ["fc.weight", "half.weight"]
    choose(qtbot, pane, "tied.weight", "fc.weight")
    assert fact(pane, "Verdict") == "the same values"


def test_several_tensors_are_summed(qtbot: QtBot, document: Document) -> None:
    pane = shown(qtbot, document)
    choose(qtbot, pane, "conv.weight", "fc.weight", "tied.weight")
    assert fact(pane, "Tensors") == "3"
    assert fact(pane, "Values") == "632"
    assert fact(pane, "Without ties") == "2.5 kB"
    assert fact(pane, "conv.weight") == "1.7 kB · 16×3×3×3"
    assert fact(pane, "10×20") == "2"
    assert not pane.right.isVisible()


def test_many_tensors_are_summed_in_a_task(qtbot: QtBot) -> None:
    shapes = samples.many(4000)
    pane = shown(qtbot, samples.document(shapes))
    choose(qtbot, pane, *shapes)
    assert pane.title.text() == "4,000 tensors"
    assert (fact(pane, "Tensors"), fact(pane, "Values")) == ("4,000", "16 k")


def test_tensors_outside_the_active_state_dict(qtbot: QtBot) -> None:
    opened = checkpoints.wrapped_document()
    _window, panels, tree = beside_tree(qtbot, opened)
    pane = panels.inspector.built()
    assert isinstance(pane, InspectorPane)
    qtbot.waitUntil(lambda: pane.title.text() == "state_dict: 10 tensors")
    tree.setCurrentIndex(tree.tensors.find(("tensor", ("ema",), "module.fc.weight")))
    assert pane.title.text() == "ema.module.fc.weight"
    qtbot.waitUntil(lambda: not pane.is_measuring)
    assert fact(pane, "Zeros") == "800 (100 %)"
    tree.setCurrentIndex(tree.tensors.find(("leaf", ("optimizer", "state", 0, "exp_avg"), "")))
    assert pane.title.text() == "optimizer.state.0.exp_avg"
    tree.setCurrentIndex(tree.tensors.find(("leaf", ("epoch",), "")))
    assert pane.title.text() == "epoch"
    qtbot.waitUntil(lambda: not pane.is_measuring)
    assert (fact(pane, "Type"), fact(pane, "Value")) == ("whole number (int)", "90")
    assert "gone through its data" in pane.explanation.text()


def test_after_a_pop_the_next_row_is_shown_and_without_a_selection_the_one_with_the_focus(qtbot: QtBot) -> None:
    opened = checkpoints.wrapped_document()
    _window, panels, tree = beside_tree(qtbot, opened)
    pane = panels.inspector.built()
    assert isinstance(pane, InspectorPane)
    qtbot.waitUntil(lambda: pane.title.text() != "")
    tree.go_to("module.bn1.weight")
    assert pane.title.text() == "module.bn1.weight"
    opened.apply(Pop(("module.bn1.weight",)))
    node = tree.current_node
    assert node is not None
    assert tree.selected_nodes == [node]
    assert pane.title.text() == node.name == "module.bn1.bias"
    # The focus alone goes on; nothing is selected by that.
    tree.clearSelection()
    below = tree.indexBelow(tree.currentIndex())
    tree.selectionModel().setCurrentIndex(below, QItemSelectionModel.SelectionFlag.NoUpdate)
    node = tree.current_node
    assert node is not None
    assert pane.title.text().startswith(node.name)
    assert not opened.selection.names


def test_values_that_are_not_there_are_not_read(qtbot: QtBot, document: Document) -> None:
    pane = shown(qtbot, document)
    choose(qtbot, pane, "lost")
    assert "two.bin" in pane.message.label.text()
    assert not pane.right.isVisible()
    assert not pane.npy_action.isEnabled()


def test_the_table_shows_any_two_axes(qtbot: QtBot, document: Document, qtmodeltester: ModelTester) -> None:
    pane = shown(qtbot, document)
    choose(qtbot, pane, "conv.weight")
    pane.choose_view("table")
    page = pane.view
    assert isinstance(page, TablePage)
    qtmodeltester.check(page.model)
    page.picker.places[0].setValue(5)
    page.picker.places[1].setValue(2)
    page.model.cell(0, 0)
    with qtbot.waitSignal(page.model.loaded):
        pass
    texts = [[page.model.cell(row, column) for column in range(3)] for row in range(3)]
    assert texts == [[f"{value:.6g}" for value in row] for row in CONV[5, 2].tolist()]
    page.picker.rows.setCurrentIndex(0)
    page.picker.rows.activated.emit(0)
    page.picker.columns.setCurrentIndex(1)
    page.picker.columns.activated.emit(1)
    assert (page.model.rowCount(), page.model.columnCount()) == (16, 3)
    qtbot.waitUntil(lambda: page.model.cell(15, 2) is not None)
    assert page.model.cell(15, 2) == f"{CONV[15, 2, 0, 0]:.6g}"


def test_a_low_table_shows_values_rather_than_what_stands_around_it(qtbot: QtBot) -> None:
    # In a window of its own it could not be as low as in the pane.
    window = QWidget()
    qtbot.addWidget(window)
    window.resize(400, 400)
    page = TablePage(window)
    values = CONV.copy()
    values[1, 1, 1, 1] = np.nan
    page.show_tensor(tensor_of(values))
    page.tell_odd(1)
    page.resize(380, 75)
    window.show()

    def is_whole() -> bool:
        """Nothing is squeezed below what it needs."""
        rows = [row for row in (page.picker, page.odd) if row.isVisible()]
        needs = [row.heightForWidth(row.width()) if row is page.picker else row.sizeHint().height() for row in rows]
        return [row.height() for row in rows] == needs

    def lines() -> int:
        return page.table.viewport().height() // page.table.verticalHeader().defaultSectionSize()

    assert not page.picker.isVisible()
    assert not page.odd.isVisible()
    for height in range(80, 320, 10):
        page.resize(380, height)
        qtbot.waitUntil(lambda: is_whole() and lines() >= 2)
    assert page.picker.isVisible()
    assert page.odd.isVisible()


def test_no_button_above_the_values_is_cut(qtbot: QtBot, document: Document) -> None:
    pane = shown(qtbot, document)
    choose(qtbot, pane, "conv.weight")
    found = [button for button in pane.tools.findChildren(QToolButton) if not button.isHidden()]
    for width, height in ((500, 360), (380, 170), (600, 150)):
        # As in a window with large text: the buttons go on in a second line.
        window = QWidget()
        qtbot.addWidget(window)
        window.resize(700, 400)
        pane.setParent(window)
        pane.resize(width, height)
        window.show()
        pane.show()
        qtbot.waitUntil(lambda: pane.tools.height() == pane.tools.heightForWidth(pane.tools.width()))
        assert all(pane.tools.rect().contains(button.geometry()) for button in found)
        pane.setParent(None)


class _Counting(MemoryBytes):
    """Gigabytes that nobody has, and how many of them were asked for."""

    def __init__(self, nbytes: int) -> None:
        super().__init__(b"")
        self.nbytes = nbytes
        self.asked = 0

    def read(self, start: int, length: int) -> bytes:
        self.asked += length
        return bytes(length)


def test_a_large_table_reads_only_what_is_seen(qtbot: QtBot) -> None:
    source = _Counting(250_000 * 4096 * 4)
    tensor = contiguous(BY_NAME["float32"], (250_000, 4096), Storage(source))
    page = TablePage()
    qtbot.addWidget(page)
    page.resize(500, 300)
    page.show_tensor(tensor)
    page.show()
    qtbot.waitUntil(lambda: page.model.cell(0, 0) == "0")
    page.table.scrollToBottom()
    qtbot.waitUntil(lambda: page.model.cell(249_999, 0) == "0")
    page.show_tensor(None)
    page.stop()
    assert source.asked < 200_000_000


def test_very_long_tables_have_pages(qtbot: QtBot) -> None:
    tensor = contiguous(BY_NAME["int8"], (3_000_000,), Storage(_Counting(3_000_000)))
    page = TablePage()
    qtbot.addWidget(page)
    page.show_tensor(tensor)
    assert page.model.rowCount() == 1_000_000
    page.pages.first.setValue(2_500_000)
    assert page.model.rowCount() == 500_000
    assert page.model.headerData(0, Qt.Orientation.Vertical) == "2,500,000"


def test_bytes_are_shown_in_hexadecimal(qtbot: QtBot, document: Document) -> None:
    model = BytesModel()
    model.show_tensor(tensor_of(np.frombuffer(b"PyTorch!\0\1\2\3abcd ~", np.uint8), "uint8"))
    assert (model.rowCount(), model.columnCount()) == (2, 2)
    qtbot.waitUntil(lambda: model.cell(0, 0) is not None)
    assert model.cell(0, 0) == "50 79 54 6f 72 63 68 21   00 01 02 03 61 62 63 64"
    assert model.cell(0, 1) == "PyTorch!····abcd"
    assert model.headerData(1, Qt.Orientation.Vertical) == "00000010"
    pane = shown(qtbot, document)
    choose(qtbot, pane, "fc.bias")
    pane.choose_view("bytes")
    assert isinstance(pane.view, BytesPage)


def test_a_click_on_the_curve_shows_the_value_in_the_table(qtbot: QtBot, document: Document) -> None:
    pane = shown(qtbot, document)
    choose(qtbot, pane, "fc.bias")
    page = pane.view
    assert isinstance(page, CurvePage)
    qtbot.waitUntil(lambda: page.plot.count == 6)
    page.plot.setFocus()
    for key in (Qt.Key.Key_Home, Qt.Key.Key_Right, Qt.Key.Key_Right):
        qtbot.keyClick(page.plot, key)
    assert page.plot.accessibleDescription() == "Value 2: -2"
    qtbot.keyClick(page.plot, Qt.Key.Key_Return)
    assert isinstance(pane.view, TablePage)
    assert pane.view.table.currentIndex().row() == 2


def test_pictures_hold_every_value(qtbot: QtBot, document: Document) -> None:
    pane = shown(qtbot, document)
    choose(qtbot, pane, "fc.weight")
    page = pane.view
    assert isinstance(page, HeatMapPage)
    assert (page.canvas.image.width(), page.canvas.image.height()) == (20, 10)
    found = page.canvas.map
    assert found is not None
    assert found.scale.diverging
    low = np.unravel_index(MATRIX.argmin(), MATRIX.shape)
    color = page.canvas.image.pixelColor(int(low[1]), int(low[0]))
    assert color.blue() > color.red()
    text = page.canvas.text_at(page.canvas._area().topLeft())
    assert text.startswith("row 0, column 0: ")
    page.canvas.setFocus()
    for key in (Qt.Key.Key_Right, Qt.Key.Key_Right, Qt.Key.Key_Down):
        qtbot.keyClick(page.canvas, key)
    described = page.canvas.accessibleDescription()
    assert described.startswith("row 1, column 1: ")
    assert float(described.rpartition(" ")[2]) == pytest.approx(float(MATRIX[1, 1]), rel=1e-3)
    assert not page.canvas.grab().isNull()
    choose(qtbot, pane, "conv.weight")
    kernels = pane.view
    assert isinstance(kernels, KernelPage)
    assert kernels.as_color.isChecked()
    kernels.as_color.setChecked(False)
    kernels.channel.setValue(2)
    qtbot.waitUntil(lambda: not kernels.is_reading)
    assert kernels.canvas.kernels is not None
    assert kernels.canvas.kernels.count == 16


def test_values_are_saved_and_copied(qtbot: QtBot, document: Document, tmp_path: Path) -> None:
    pane = shown(qtbot, document)
    choose(qtbot, pane, "half.weight")
    for name in ("values.npy", "values.csv", "values.png"):
        pane.save_to(str(tmp_path / name))
        qtbot.waitUntil(lambda: not pane.saver.is_busy)
        assert pane.message.label.text() == f"Saved: {tmp_path / name}"
    rounded = MATRIX.astype(BY_NAME["bfloat16"].numpy).astype(np.float32)
    assert np.array_equal(np.load(tmp_path / "values.npy"), rounded)
    assert np.allclose(np.loadtxt(tmp_path / "values.csv", delimiter=","), rounded, rtol=1e-2)
    assert (tmp_path / "values.png").read_bytes().startswith(b"\x89PNG")
    pane.copy_values()
    qtbot.waitUntil(lambda: not pane.saver.is_busy)
    lines = QGuiApplication.clipboard().text().splitlines()
    assert (len(lines), len(lines[0].split("\t"))) == (10, 20)


def test_views_stand_by_what_a_tensor_is() -> None:
    one_by_one = contiguous(BY_NAME["float32"], (64, 32, 1, 1), Storage(_Counting(64 * 32 * 4)))
    assert viewers_for(one_by_one)[0].id == "heat-map"
    packed = contiguous(BY_NAME["quint4x2"], (8,), Storage(_Counting(4)))
    numbers = shown_part(packed)
    assert numbers is not None
    assert [viewer.id for viewer in viewers_for(numbers)] == ["curve", "histogram", "table", "bytes"]
    empty = contiguous(BY_NAME["float32"], (0, 4), Storage(_Counting(0)))
    assert viewers_for(empty) == []
    assert ValuesModel().rowCount() == 0


def test_from_one_nan_to_the_next(qtbot: QtBot) -> None:
    values = np.zeros((3, 4, 5), np.float32)
    places = [(0, 1, 2), (1, 3, 4), (2, 0, 0)]
    for place, odd in zip(places, (np.nan, np.inf, np.nan), strict=True):
        values[place] = odd
    pane = shown(qtbot, document_of({"odd": tensor_of(values), "fine": tensor_of(np.ones(3))}))
    choose(qtbot, pane, "odd")

    def at() -> tuple[int, ...]:
        page = pane.view
        assert isinstance(page, TablePage)
        cell = page.table.currentIndex()
        return page.model.place(cell.row(), cell.column())

    pane.show_odd_value(1)
    qtbot.waitUntil(lambda: isinstance(pane.view, TablePage) and pane.view.table.currentIndex().isValid())
    page = pane.view
    assert isinstance(page, TablePage)
    assert at() == places[0]
    assert page.odd_label.text() == "3 values are NaN or infinite"
    for wanted in (places[1], places[2], places[0]):
        qtbot.mouseClick(page.odd_buttons[1], Qt.MouseButton.LeftButton)
        qtbot.waitUntil(lambda wanted=wanted: at() == wanted)
    qtbot.mouseClick(page.odd_buttons[-1], Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: at() == places[2])
    choose(qtbot, pane, "fine")
    pane.choose_view("table")
    assert not page.odd.isVisible()
    pane.show_odd_value(1)
    assert "All values of this tensor are finite" in pane.message.label.text()
    pane.document.selection.select(())
    pane.show_odd_value(1)
    assert "Select one tensor" in pane.message.label.text()
