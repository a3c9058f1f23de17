"""Splitting a fused tensor and joining its parts again, by keys."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from ckpt_studio.core.edits import Join, Split
from ckpt_studio.gui.dialogs.split_dialog import JoinDialog, SplitDialog, alike, joined_name, part_names
from ckpt_studio.gui.document import Document
from tests.gui import samples

LEFT = Qt.MouseButton.LeftButton
APART = ("attn.q.weight", "attn.k.weight", "attn.v.weight")


def opened(qtbot: QtBot, dialog: SplitDialog | JoinDialog) -> None:
    qtbot.addWidget(dialog)
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose, False)
    dialog.open()


@pytest.fixture
def document() -> Document:
    return samples.document({"attn.qkv.weight": (12, 4), "attn.proj.weight": (4, 4)})


def test_a_fused_tensor_is_split(qtbot: QtBot, document: Document) -> None:
    dialog = SplitDialog(document, ("attn.qkv.weight",))
    opened(qtbot, dialog)
    qtbot.waitUntil(dialog.primary.isEnabled)
    assert dialog.primary.text() == "Split into 3 tensors"
    assert "4×4, 4×4, 4×4" in dialog.summary.text()
    qtbot.keyClicks(dialog.sizes, "6, 3, 4")
    qtbot.waitUntil(lambda: "12" in dialog.message.label.text())
    assert not dialog.primary.isEnabled()
    dialog.sizes.clear()
    qtbot.keyClicks(dialog.sizes, "6, 3, 3")
    qtbot.waitUntil(dialog.primary.isEnabled)
    qtbot.mouseClick(dialog.primary, LEFT)
    assert document.history.applied == (Split("attn.qkv.weight", APART, (6, 3, 3)),)
    assert document.state_dict is not None
    assert [document.state_dict.tensors[name].shape for name in APART] == [(6, 4), (3, 4), (3, 4)]


def test_parts_are_joined_in_the_chosen_order(qtbot: QtBot) -> None:
    document = samples.document(dict.fromkeys(APART, (4, 4)))
    dialog = JoinDialog(document, APART)
    opened(qtbot, dialog)
    assert dialog.into.text() == "attn.qkv.weight"
    qtbot.waitUntil(dialog.primary.isEnabled)
    assert "12×4" in dialog.summary.text()
    dialog.order.setCurrentRow(0)
    qtbot.keyClick(dialog.order, Qt.Key.Key_Down, Qt.KeyboardModifier.AltModifier)
    swapped = (APART[1], APART[0], APART[2])
    assert dialog.names() == swapped
    qtbot.waitUntil(dialog.primary.isEnabled)
    assert dialog.primary.text() == "Join 3 tensors"
    qtbot.mouseClick(dialog.primary, LEFT)
    assert document.history.applied == (Join(swapped, "attn.qkv.weight"),)


def test_names_are_guessed() -> None:
    assert part_names("h.0.attn.c_attn.weight")[1] == "h.0.attn.k.weight"
    assert part_names("attn.in_proj_weight")[2] == "attn.v_proj_weight"
    assert part_names("fused.weight")[0] == "fused.q.weight"
    assert joined_name(("a.query.bias", "a.key.bias")) == "a.qkv.bias"
    assert joined_name(("a", "b.c")) == ""


def test_the_blocks_of_a_network_are_split_in_one_step(qtbot: QtBot) -> None:
    names = tuple(f"blocks.{n}.attn.qkv.weight" for n in range(12))
    document = samples.document({**dict.fromkeys(names, (12, 4)), "norm.weight": (4,)})
    assert alike(names)
    assert not alike((*names, "norm.weight"))
    dialog = SplitDialog(document, names)
    opened(qtbot, dialog)
    assert dialog.parts.text().startswith("blocks.{n}.attn.q.weight, ")
    qtbot.waitUntil(dialog.primary.isEnabled)
    assert dialog.primary.text() == "Split into 36 tensors"
    assert "4×4, 4×4, 4×4" in dialog.summary.text()
    dialog.parts.setText("a, b, c")
    assert "write {n}" in dialog.message.label.text()
    dialog.parts.setText("blocks.{n}.q, blocks.{n}.k, blocks.{n}.v")
    qtbot.keyClicks(dialog.sizes, "6, 3, 4")
    assert "12 long" in dialog.message.label.text()
    dialog.sizes.setText("6, 3, 3")
    qtbot.waitUntil(dialog.primary.isEnabled)
    qtbot.mouseClick(dialog.primary, LEFT)
    assert len(document.history.applied) == 1
    assert document.state_dict is not None
    tensors = document.state_dict.tensors
    assert len(tensors) == 37
    assert [tensors[f"blocks.11.{part}"].shape for part in "qkv"] == [(6, 4), (3, 4), (3, 4)]
    document.undo()
    assert document.state_dict is not None
    assert set(document.state_dict.tensors) == {*names, "norm.weight"}
