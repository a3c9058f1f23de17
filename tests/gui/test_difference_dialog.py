"""Differences to another checkpoint: the table, the bars, jumping to a tensor, stopping."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from pytestqt.modeltest import ModelTester
from pytestqt.qtbot import QtBot

from ckpt_studio.core.edits import Pop
from ckpt_studio.core.jobs import Progress
from ckpt_studio.gui.dialogs import difference_dialog
from ckpt_studio.gui.dialogs.difference_dialog import DifferenceDialog
from ckpt_studio.gui.difference_model import KIND, LARGEST, NAME, DifferenceModel
from ckpt_studio.gui.document import Document
from ckpt_studio.gui.layer_bars import layer_of
from tests.gui import samples

LEFT = Qt.MouseButton.LeftButton
ONE, TWO, FOUR = b"\0\0\x80\x3f", b"\0\0\0\x40", b"\0\0\x80\x40"


def made(values: dict[str, tuple[tuple[int, ...], bytes]], path: str) -> Document:
    document = samples.document({name: shape for name, (shape, _) in values.items()}, path)
    for name, (shape, fill) in values.items():
        document.checkpoint.active_state_dict.entries[name] = samples.tensor(*shape, fill=fill)  # type: ignore[index]
    return document


@pytest.fixture
def first() -> Document:
    return made(
        {
            "stem.weight": ((3,), ONE),
            "layers.0.weight": ((4,), ONE),
            "layers.1.weight": ((4,), ONE),
            "head.weight": ((10, 2), ONE),
            "gone.bias": ((1,), ONE),
        },
        "/files/first.pth",
    )


@pytest.fixture
def second() -> Document:
    return made(
        {
            "stem.weight": ((3,), ONE),
            "layers.0.weight": ((4,), TWO),
            "layers.1.weight": ((4,), FOUR),
            "head.weight": ((7, 2), ONE),
            "new.bias": ((1,), ONE),
        },
        "/files/second.pth",
    )


def opened(qtbot: QtBot, dialog: DifferenceDialog) -> DifferenceDialog:
    qtbot.addWidget(dialog)
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose, False)
    dialog.show()
    return dialog


def names(dialog: DifferenceDialog) -> list[str]:
    return [dialog.rows.row_at(row).name for row in range(dialog.rows.rowCount())]


def test_what_changed_most_stands_first(
    qtbot: QtBot, first: Document, second: Document, qtmodeltester: ModelTester
) -> None:
    dialog = opened(qtbot, DifferenceDialog(first, [second]))
    qtbot.waitUntil(dialog.outcome.isVisible)
    text = dialog.outcome.label.text()
    assert text == "3 of 4 common tensors differ. 1 is only here. 1 is only in the other."
    assert names(dialog) == ["head.weight", "gone.bias", "new.bias", "layers.1.weight", "layers.0.weight"]
    row = 3
    assert dialog.rows.index(row, KIND).data() == "changed"
    assert dialog.rows.index(row, LARGEST).data() == "3"
    assert dialog.rows.index(0, KIND).data() == "other shape"
    dialog.with_equal.click()
    assert "stem.weight" in names(dialog)
    qtbot.keyClicks(dialog.filter, "layers")
    assert names(dialog) == ["layers.1.weight", "layers.0.weight"]
    dialog.table.sortByColumn(NAME, Qt.SortOrder.AscendingOrder)
    assert names(dialog) == ["layers.0.weight", "layers.1.weight"]
    qtmodeltester.check(dialog.rows)
    assert DifferenceModel().rowCount() == 0


def test_bars_choose_a_layer(qtbot: QtBot, first: Document, second: Document) -> None:
    dialog = opened(qtbot, DifferenceDialog(first, [second]))
    qtbot.waitUntil(dialog.layers.isVisible)
    bars = dialog.layers
    assert [layer.name for layer in bars.layers] == ["stem", "layers.0", "layers.1", "head"]
    assert [layer.change for layer in bars.layers] == [0.0, 1.0, 3.0, None]
    qtbot.mouseClick(bars, LEFT, pos=bars.rect_of(1).center().toPoint())
    assert names(dialog) == ["layers.0.weight"]
    qtbot.keyClick(bars, Qt.Key.Key_Right)
    assert names(dialog) == ["layers.1.weight"]
    assert "moved by 3 of its size" in bars.text_at(2)
    qtbot.keyClick(bars, Qt.Key.Key_Escape)
    assert len(names(dialog)) == 5
    assert dialog.isVisible()


@pytest.mark.parametrize(
    ("name", "layer"),
    [
        ("layer1.0.conv1.weight", "layer1.0"),
        ("conv1.weight", "conv1"),
        ("transformer.h.11.attn.0.bias", "transformer.h.11"),
        ("features.block1.dense.norm.weight", "features.block1"),
        ("weight", "weight"),
    ],
)
def test_layers_of_names(name: str, layer: str) -> None:
    assert layer_of(name) == layer


def test_a_row_is_shown_in_the_tree(qtbot: QtBot, first: Document, second: Document) -> None:
    dialog = opened(qtbot, DifferenceDialog(first, [second]))
    qtbot.waitUntil(dialog.outcome.isVisible)
    dialog.table.selectRow(2)
    assert not dialog.primary.isEnabled()
    dialog.table.selectRow(3)
    qtbot.mouseClick(dialog.primary, LEFT)
    assert first.selection.current == "layers.1.weight"
    assert dialog.isVisible()


def test_an_edit_asks_to_compare_again(qtbot: QtBot, first: Document, second: Document) -> None:
    dialog = opened(qtbot, DifferenceDialog(first, [second]))
    qtbot.waitUntil(dialog.outcome.isVisible)
    first.apply(Pop(("gone.bias", "head.weight")))
    assert dialog.primary.text() == "Compare again"
    qtbot.mouseClick(dialog.primary, LEFT)
    qtbot.waitUntil(lambda: "2 of 3" in dialog.outcome.label.text())
    assert dialog.primary.text() == "Show in the tree"


def test_it_can_be_stopped(qtbot: QtBot, first: Document, second: Document, monkeypatch: pytest.MonkeyPatch) -> None:
    def endless(one: object, other: object, progress: Progress) -> object:
        while True:
            progress.check()

    monkeypatch.setattr(difference_dialog, "_compared", endless)
    dialog = opened(qtbot, DifferenceDialog(first, [second]))
    qtbot.waitUntil(dialog.working.isVisible)
    qtbot.mouseClick(dialog.stop_button, LEFT)
    assert not dialog.working.isVisible()
    assert "Stopped" in dialog.message.label.text()
    monkeypatch.undo()
    qtbot.mouseClick(dialog.primary, LEFT)
    qtbot.waitUntil(dialog.outcome.isVisible)


def test_without_another_file_it_asks_for_one(qtbot: QtBot, first: Document) -> None:
    dialog = opened(qtbot, DifferenceDialog(first))
    assert "Choose" in dialog.message.label.text()
    qtbot.keyClick(dialog, Qt.Key.Key_Escape)
    assert not dialog.isVisible()
