"""The checks pane: findings of opening and of the values, and the way from a finding to its tensor."""

from __future__ import annotations

import struct
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from pytestqt.modeltest import ModelTester
from pytestqt.qtbot import QtBot

from ckpt_studio.core.checkpoint import Checkpoint, Finding, Severity, Source, StateDict
from ckpt_studio.core.edits import Pop
from ckpt_studio.core.storage import MemoryBytes, Storage
from ckpt_studio.errors import message
from ckpt_studio.gui.checks_pane import ChecksPane, FindingsModel
from ckpt_studio.gui.document import Document
from ckpt_studio.gui.inspector.inspector_pane import InspectorPane
from ckpt_studio.gui.inspector.views import TablePage
from ckpt_studio.gui.main_window import MainWindow
from tests.gui.desks import open_file
from tests.gui.inspecting import beside_tree, settle
from tests.gui.samples import tensor

LEFT = Qt.MouseButton.LeftButton
NAN = struct.pack("<f", float("nan"))
ONE = struct.pack("<f", 1.0)


def document(*warnings: Finding) -> Document:
    entries = {
        "layer.weight": tensor(8, 8, fill=ONE),
        "layer.bias": tensor(8, fill=NAN),
        "head.weight": tensor(4, 8),
    }
    averaged = {"ema.weight": tensor(2, 2, fill=NAN)}
    found = (StateDict(("model",), entries), StateDict(("shadow",), averaged))
    return Document(Checkpoint(Source("/files/x.pth", "torch-zip", 1000), None, found, ("model",), warnings=warnings))


def shown(qtbot: QtBot, opened: Document) -> ChecksPane:
    pane = ChecksPane(opened)
    qtbot.addWidget(pane)
    pane.resize(600, 300)
    pane.show()
    return pane


def checked(qtbot: QtBot, pane: ChecksPane) -> None:
    qtbot.mouseClick(pane.check_button, LEFT)
    qtbot.waitUntil(lambda: not pane.is_checking)


def lines(pane: ChecksPane) -> list[str]:
    model = pane.model
    return [f"{model.index(row, 0).data()}: {model.index(row, 1).data()}" for row in range(model.rowCount())]


def test_it_says_what_the_check_would_do(qtbot: QtBot) -> None:
    pane = shown(qtbot, document())
    assert pane.title.text() == "The values were not checked yet"
    assert "1 kB" in pane.hint.text()
    assert not pane.list.isVisible()


def test_what_opening_found_is_listed_at_once(qtbot: QtBot, qtmodeltester: ModelTester) -> None:
    finding = Finding("unsafe-command", "danger", message("unsafe-command", call="os.system"), "root")
    pane = shown(qtbot, document(finding))
    qtmodeltester.check(pane.model)
    assert lines(pane) == [
        "Danger: Loading this file with torch.load would run system commands or programs: os.system."
    ]
    assert pane.title.text() == "1 warning"


def test_the_check_lists_the_gravest_first(qtbot: QtBot, qtmodeltester: ModelTester) -> None:
    pane = shown(qtbot, document())
    checked(qtbot, pane)
    qtmodeltester.check(pane.model)
    found = lines(pane)
    assert [line.partition(":")[0] for line in found] == ["Warning"] * 3 + ["Note"]
    assert any("“layer.bias” holds 8 NaN values of 8, first at [0]" in line for line in found)
    assert any("“head.weight” is all zeros" in line for line in found)
    assert pane.title.text() == "3 warnings"
    assert pane.check_button.text() == "Check again"


def test_without_findings_nothing_is_said_of_lines(qtbot: QtBot) -> None:
    values = Storage(MemoryBytes(b"".join(struct.pack("<f", number / 9) for number in range(64))))
    entries = {"layer.weight": tensor(8, 8).with_changes(storage=values)}
    healthy = Document(Checkpoint(Source("/files/x.pth", "torch-zip", 1000), None, (StateDict((), entries),), ()))
    pane = shown(qtbot, healthy)
    checked(qtbot, pane)
    assert pane.title.text() == "All values look healthy"
    assert not pane.hint.isVisible()


def test_a_check_can_be_stopped(qtbot: QtBot) -> None:
    pane = shown(qtbot, document())
    pane.start()
    assert pane.cancel_button.isVisible()
    qtbot.mouseClick(pane.cancel_button, LEFT)
    assert not pane.is_checking
    assert pane.check_button.isVisible()
    assert pane.title.text() == "The values were not checked yet"


def test_an_edit_makes_the_check_old(qtbot: QtBot) -> None:
    pane = shown(qtbot, document())
    checked(qtbot, pane)
    pane.document.apply(Pop(("layer.bias",)))
    assert "changed since" in pane.hint.text()
    checked(qtbot, pane)
    assert not any("layer.bias" in line for line in lines(pane))
    assert "changed since" not in pane.hint.text()


def test_enter_and_double_click_go_to_the_tensor(qtbot: QtBot) -> None:
    opened = document()
    _window, panels, tree = beside_tree(qtbot, opened)
    panels.setCurrentWidget(panels.checks)
    pane = panels.checks.built()
    assert isinstance(pane, ChecksPane)
    checked(qtbot, pane)
    row = next(row for row, line in enumerate(lines(pane)) if "layer.bias" in line)
    pane.list.setCurrentIndex(pane.model.index(row, 1))
    qtbot.keyClick(pane.list, Qt.Key.Key_Return)
    assert opened.selection.names == {"layer.bias"}
    assert panels.currentWidget() is panels.inspector
    panels.setCurrentWidget(panels.checks)
    row = next(row for row, line in enumerate(lines(pane)) if "ema.weight" in line)
    place = pane.list.visualRect(pane.model.index(row, 1)).center()
    qtbot.mouseClick(pane.list.viewport(), LEFT, Qt.KeyboardModifier.NoModifier, place)
    qtbot.mouseDClick(pane.list.viewport(), LEFT, Qt.KeyboardModifier.NoModifier, place)
    node = tree.current_node
    assert node is not None
    assert (node.path, node.name) == (("shadow",), "ema.weight")


def zeros_and_a_fault() -> Document:
    entries = {f"norm{n}.bias": tensor(4) for n in range(28)}
    place = ((1 * 3 + 2) * 2 + 1) * 2
    values = bytearray(ONE * 24)
    values[4 * place : 4 * place + 4] = NAN
    storage = Storage(MemoryBytes(bytes(values)))
    entries["conv.weight"] = tensor(2, 3, 2, 2).with_changes(storage=storage)
    return Document(Checkpoint(Source("/files/x.pth", "torch-zip", 1000), None, (StateDict((), entries),), ()))


def test_many_equal_notes_are_one_line_that_opens(qtbot: QtBot, qtmodeltester: ModelTester) -> None:
    pane = shown(qtbot, zeros_and_a_fault())
    checked(qtbot, pane)
    assert lines(pane) == [
        "Warning: “conv.weight” holds 1 NaN value of 24, at [1, 2, 1, 0]. A network with it computes nothing but NaN.",
        "Note: ▸  28 tensors are all zeros",
    ]
    place = pane.list.visualRect(pane.model.index(1, 1)).center()
    qtbot.mouseClick(pane.list.viewport(), LEFT, Qt.KeyboardModifier.NoModifier, place)
    assert pane.model.rowCount() == 30
    assert "norm0.bias" in lines(pane)[2]
    qtmodeltester.check(pane.model)
    qtbot.keyClick(pane.list, Qt.Key.Key_Left)
    assert pane.model.rowCount() == 2
    qtbot.keyClick(pane.list, Qt.Key.Key_Return)
    assert pane.model.rowCount() == 30
    assert pane.model.index(1, 1).data(Qt.ItemDataRole.AccessibleTextRole) == "28 tensors are all zeros"


def test_many_equal_warnings_are_one_line_before_the_notes(qtbot: QtBot) -> None:
    def found(code: str, severity: Severity, count: int) -> list[Finding]:
        return [Finding(code, severity, message("health-zero", name=f"{code}{n}"), f"{code}{n}") for n in range(count)]

    pane = shown(
        qtbot, document(*found("all-zero", "note", 5), *found("all-zero", "warning", 9), *found("nan", "warning", 3))
    )
    assert [line.partition(":")[0] for line in lines(pane)] == ["Warning"] * 4 + ["Note"]
    assert lines(pane)[3:] == ["Warning: ▸  9 tensors are all zeros", "Note: ▸  5 tensors are all zeros"]
    assert pane.title.text() == "12 warnings"
    pane.list.setCurrentIndex(pane.model.index(3, 1))
    qtbot.keyClick(pane.list, Qt.Key.Key_Return)
    assert pane.model.rowCount() == 5 + 9
    assert not pane.model.is_open(pane.model.rowCount() - 1)


def test_a_finding_leads_to_the_very_value(qtbot: QtBot) -> None:
    opened = zeros_and_a_fault()
    _window, panels, _tree = beside_tree(qtbot, opened, 700, 400)
    panels.setCurrentWidget(panels.checks)
    pane = panels.checks.built()
    assert isinstance(pane, ChecksPane)
    checked(qtbot, pane)
    pane.list.setCurrentIndex(pane.model.index(0, 1))
    qtbot.keyClick(pane.list, Qt.Key.Key_Return)
    assert panels.currentWidget() is panels.inspector
    inspector = panels.inspector.built()
    assert isinstance(inspector, InspectorPane)
    settle(qtbot, inspector)
    page = inspector.view
    assert isinstance(page, TablePage)
    cell = page.table.currentIndex()
    assert page.model.place(cell.row(), cell.column()) == (1, 2, 1, 0)
    qtbot.waitUntil(lambda: page.table.currentIndex().data() == "nan")
    # The next tensor is shown as one had chosen.
    opened.selection.select(("norm0.bias",))
    settle(qtbot, inspector)
    assert not isinstance(inspector.view, TablePage)


def test_the_next_nan_is_found_from_wherever_one_is(window: MainWindow, qtbot: QtBot, tmp_path: Path) -> None:
    safetensors = pytest.importorskip("safetensors.numpy")
    values = np.ones((3, 4), np.float32)
    values[1, 2] = np.nan
    file = tmp_path / "odd.safetensors"
    blocks = {f"layer.{n}.weight": values if n in (2, 5) else np.ones((3, 4), np.float32) for n in range(7)}
    safetensors.save_file(blocks, file)
    page = open_file(window, qtbot, file)
    page.tree.setCurrentIndex(page.tree.model().index(0, 0))

    def press(modifier: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier) -> None:
        qtbot.keyClick(page.tree, Qt.Key.Key_F3, modifier)

    def at(wanted: str) -> None:
        inspector = page.panels.inspector.built()
        assert isinstance(inspector, InspectorPane)
        qtbot.waitUntil(lambda: page.document.selection.names == {wanted})
        qtbot.waitUntil(lambda: isinstance(inspector.view, TablePage))
        assert isinstance(inspector.view, TablePage)
        table = inspector.view.table
        qtbot.waitUntil(lambda: table.currentIndex().row() == 1)

    press()
    inspector = page.panels.inspector.built()
    assert isinstance(inspector, InspectorPane)
    assert "check all values first" in inspector.message.label.text()
    # As far from the edges as every other message.
    left = inspector.message.mapTo(inspector, QPoint(0, 0)).x()
    assert (left, inspector.width() - left - inspector.message.width()) == (10, 10)
    page.panels.show_checks()
    pane = page.panels.checks.built()
    assert isinstance(pane, ChecksPane)
    qtbot.waitUntil(lambda: not pane.is_checking)
    # The tree marks what was warned of, also where its group is closed.
    tensors = page.tree.tensors
    warned = [
        tensors.index_of(tensors.node(tensors.find((kind, (), name))))
        for kind, name in (("tensor", "layer.2.weight"), ("group", "layer"), ("tensor", "layer.3.weight"))
    ]
    spoken = [index.data(Qt.ItemDataRole.AccessibleTextRole) for index in warned]
    assert ["warning in the values" in words for words in spoken] == [True, True, False]
    assert warned[0].data(Qt.ItemDataRole.ToolTipRole).endswith("The check of the values warns of it.")
    press()
    at("layer.2.weight")
    # From a tensor without any it goes on to the next that has one.
    page.panels.go_to("layer.3.weight")
    press()
    at("layer.5.weight")
    page.panels.go_to("layer.3.weight")
    press(Qt.KeyboardModifier.ShiftModifier)
    at("layer.2.weight")


def test_many_findings_are_not_measured_line_by_line(qtbot: QtBot) -> None:
    findings = [Finding("other", "warning", message("health-zero", name=f"n{n}"), f"n{n}") for n in range(5000)]
    pane = shown(qtbot, document(*findings))
    assert pane.model.rowCount() == 5000
    assert not pane.list.wordWrap()
    assert FindingsModel().rowCount() == 0
