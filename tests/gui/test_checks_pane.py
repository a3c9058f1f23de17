"""The checks pane: findings of opening and of the values, and the way from a finding to its tensor."""

from __future__ import annotations

import struct

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QWidget
from pytestqt.modeltest import ModelTester
from pytestqt.qtbot import QtBot

from ckpt_studio.core.checkpoint import Checkpoint, Finding, Source, StateDict
from ckpt_studio.core.edits import Pop
from ckpt_studio.errors import message
from ckpt_studio.gui.checks_pane import ChecksPane, FindingsModel
from ckpt_studio.gui.document import Document
from ckpt_studio.gui.history_pane import HistoryPane
from ckpt_studio.gui.panels import Panels
from ckpt_studio.gui.tensor_tree_view import TensorTreeView
from ckpt_studio.gui.tree_nodes import Tables
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
    assert any("“layer.bias” holds 8 NaN values of 8" in line for line in found)
    assert any("“head.weight” is all zeros" in line for line in found)
    assert pane.title.text() == "3 warnings"
    assert pane.check_button.text() == "Check again"


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
    window = QWidget()
    qtbot.addWidget(window)
    tree = TensorTreeView(opened, window, Tables())
    panels = Panels(opened, tree, HistoryPane(opened))
    panels.setParent(window)
    window.show()
    panels.setCurrentWidget(panels.checks)
    pane = panels.checks.built()
    assert isinstance(pane, ChecksPane)
    checked(qtbot, pane)
    row = next(row for row, line in enumerate(lines(pane)) if "layer.bias" in line)
    pane.list.setCurrentIndex(pane.model.index(row, 1))
    qtbot.keyClick(pane.list, Qt.Key.Key_Return)
    assert opened.selection.names == {"layer.bias"}
    row = next(row for row, line in enumerate(lines(pane)) if "ema.weight" in line)
    place = pane.list.visualRect(pane.model.index(row, 1)).center()
    qtbot.mouseClick(pane.list.viewport(), LEFT, Qt.KeyboardModifier.NoModifier, place)
    qtbot.mouseDClick(pane.list.viewport(), LEFT, Qt.KeyboardModifier.NoModifier, place)
    node = tree.current_node
    assert node is not None
    assert (node.path, node.name) == (("shadow",), "ema.weight")


def test_many_findings_are_not_measured_line_by_line(qtbot: QtBot) -> None:
    findings = [Finding("nan", "warning", message("health-zero", name=f"n{n}"), f"n{n}") for n in range(5000)]
    pane = shown(qtbot, document(*findings))
    assert pane.model.rowCount() == 5000
    assert not pane.list.wordWrap()
    assert FindingsModel().rowCount() == 0
