"""The health scan of a real file that has every fault: each is listed, each leads to its tensor, as `check` says it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from ckpt_studio.core.jobs import Step
from ckpt_studio.formats.opening import open_checkpoint
from ckpt_studio.gui.checks_pane import ChecksPane
from ckpt_studio.gui.document import Document
from ckpt_studio.gui.tensor_tree_view import TensorTreeView
from tests.gui.inspecting import beside_tree

torch = pytest.importorskip("torch")

# Code -> the tensor that the finding is about.
FAULTS = {
    "nan": "nan.weight",
    "inf": "inf.weight",
    "all-zero": "zero.weight",
    "constant": "constant.weight",
    "exploding": "exploding.weight",
    "float16-overflow": "overflow.weight",
    "duplicate-content": "copy.weight",
    "shared-storage": "embed.weight",
    "oversized-storage": "slice.weight",
    "corrupt": "damaged.weight",
}


@pytest.fixture(scope="module")
def faulty(tmp_path_factory: pytest.TempPathFactory) -> str:
    """A file of torch's with a tensor for each fault, and one byte of it turned over."""
    generator = torch.Generator().manual_seed(3)

    def normal(*shape: int) -> torch.Tensor:
        return torch.randn(*shape, generator=generator)

    tensors = {f"sound.{n}.weight": normal(8, 8) for n in range(4)}
    for name in ("nan", "inf", "exploding", "overflow", "copy", "embed", "damaged"):
        tensors[f"{name}.weight"] = normal(16, 16)
    tensors["nan.weight"][3, 4] = float("nan")
    tensors["inf.weight"][0, 0] = float("-inf")
    tensors["exploding.weight"][1, 1] = 3e7
    tensors["overflow.weight"][2, 2] = 70_000.0
    tensors["zero.weight"] = torch.zeros(8, 8)
    tensors["constant.weight"] = torch.full((8, 8), 0.25)
    tensors["copied.weight"] = tensors["copy.weight"].clone()
    tensors["head.weight"] = tensors["embed.weight"]
    tensors["slice.weight"] = normal(700, 700)[:2]
    path = tmp_path_factory.mktemp("faulty") / "faulty.pth"
    torch.save({"epoch": 3, "state_dict": tensors}, path)
    data = bytearray(path.read_bytes())
    place = data.find(tensors["damaged.weight"].numpy().tobytes())
    assert place > 0
    data[place + 5] ^= 1
    path.write_bytes(data)
    return str(path)


@pytest.fixture
def scanned(qtbot: QtBot, faulty: str) -> tuple[ChecksPane, TensorTreeView, QWidget]:
    opened = Document(open_checkpoint(faulty))
    window, panels, tree = beside_tree(qtbot, opened, 700, 400)
    panels.setCurrentWidget(panels.checks)
    pane = panels.checks.built()
    assert isinstance(pane, ChecksPane)
    qtbot.mouseClick(pane.check_button, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: not pane.is_checking)
    return pane, tree, window


def test_every_fault_is_listed(scanned: tuple[ChecksPane, TensorTreeView, QWidget]) -> None:
    found = {finding.code for finding in scanned[0].model.findings}
    assert set(FAULTS) <= found
    assert not any("sound" in finding.where for finding in scanned[0].model.findings)


@pytest.mark.parametrize("code", FAULTS)
def test_each_finding_leads_to_its_tensor(
    qtbot: QtBot, scanned: tuple[ChecksPane, TensorTreeView, QWidget], code: str
) -> None:
    pane, tree, _ = scanned
    row = next(n for n, row in enumerate(pane.model.rows) if row.findings[0].code == code)
    pane.list.setCurrentIndex(pane.model.index(row, 1))
    qtbot.keyClick(pane.list, Qt.Key.Key_Return)
    assert pane.document.selection.names == {FAULTS[code]}
    node = tree.current_node
    assert node is not None
    assert node.name == FAULTS[code]
    assert tree.viewport().rect().intersects(tree.visualRect(tree.currentIndex()))


def test_the_command_line_says_the_same(
    scanned: tuple[ChecksPane, TensorTreeView, QWidget], faulty: str, capsys: pytest.CaptureFixture[str]
) -> None:
    from ckpt_studio.cli.main import main

    main(["check", faulty, "--json"])
    said = json.loads(capsys.readouterr().out)
    body = said.get("result", said)
    told = sorted((finding["code"], finding["severity"]) for finding in body["findings"])
    assert told == sorted((finding.code, finding.severity) for finding in scanned[0].model.findings)


def test_the_scan_tells_how_far_it_is(faulty: str) -> None:
    from ckpt_studio.core.checks import check_health
    from ckpt_studio.core.jobs import Progress

    steps: list[Step] = []
    check_health(open_checkpoint(faulty), Progress(steps.append))
    assert len(steps) > 10
    assert steps[-1].done == steps[-1].total
    assert all(before.done <= after.done for before, after in zip(steps, steps[1:], strict=False))
    assert all(step.label is not None for step in steps)


def test_one_large_tensor_moves_the_bar() -> None:
    from ckpt_studio.core.checks import check_health
    from ckpt_studio.core.jobs import Progress
    from tests.gui.inspecting import document_of, tensor_of

    steps: list[Step] = []
    large = tensor_of([0.0] * 64).with_changes(shape=(64, 1_500_000), stride=(1, 0))
    check_health(document_of({"large": large}).checkpoint, Progress(steps.append))
    assert len({step.done for step in steps}) > 4


def test_a_sound_file_is_called_healthy(qtbot: QtBot, tmp_path: Path) -> None:
    path = tmp_path / "sound.pth"
    torch.save({"weight": torch.randn(8, 8)}, path)
    pane = ChecksPane(Document(open_checkpoint(str(path))))
    qtbot.addWidget(pane)
    pane.show()
    pane.start()
    qtbot.waitUntil(lambda: not pane.is_checking)
    assert pane.title.text() == "All values look healthy"
