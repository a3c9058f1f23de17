"""The dialogs of the compare pane that repair: fill, resize, match names."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QDragMoveEvent, QDropEvent
from pytestqt.qtbot import QtBot

from ckpt_studio.compare.align import Alignment, align
from ckpt_studio.core.edits import AddConstant, ApplyMapping, FillMissing, NameRule, SelectRows, UpdateFrom
from ckpt_studio.formats.opening import open_checkpoint
from ckpt_studio.gui.compare_pane import ComparePane
from ckpt_studio.gui.dialogs import align_dialog
from ckpt_studio.gui.dialogs.align_dialog import AlignDialog
from ckpt_studio.gui.dialogs.choose_partner_dialog import ChoosePartnerDialog
from ckpt_studio.gui.dialogs.fill_dialog import FillDialog
from ckpt_studio.gui.dialogs.resize_dialog import ResizeDialog, parsed_rows
from ckpt_studio.gui.document import Document
from ckpt_studio.gui.history_pane import HistoryPane
from ckpt_studio.models.catalog import Catalog
from ckpt_studio.models.reference import CheckpointReference, Reference, TorchvisionReference
from ckpt_studio.models.resolve import ResolvedModel
from ckpt_studio.models.skeleton import Skeleton, skeleton_of
from ckpt_studio.resources import resource_path
from tests.gui import samples

LEFT = Qt.MouseButton.LeftButton


def compared(qtbot: QtBot, document: Document, skeleton: Skeleton, reference: Reference) -> Document:
    document.set_model(ResolvedModel(reference, skeleton))
    qtbot.waitUntil(lambda: document.report is not None)
    return document


def opened(qtbot: QtBot, dialog: FillDialog | ResizeDialog | AlignDialog) -> None:
    qtbot.addWidget(dialog)
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose, False)
    dialog.open()


@pytest.fixture
def document(qtbot: QtBot) -> Document:
    return compared(
        qtbot, samples.document(samples.FILE), samples.skeleton(samples.MODEL), TorchvisionReference("tiny")
    )


def test_a_head_keeps_its_first_rows(qtbot: QtBot, document: Document) -> None:
    assert document.report is not None
    row = next(row for row in document.report.rows if row.name == "fc.weight")
    dialog = ResizeDialog(document, row)
    opened(qtbot, dialog)
    qtbot.waitUntil(dialog.primary.isEnabled)
    assert dialog.primary.text() == "Resize 2 tensors"
    assert "first 10 rows" in dialog.choices[0].accessibleName()
    qtbot.mouseClick(dialog.primary, LEFT)
    assert document.history.applied == (SelectRows(("fc.weight", "fc.bias"), tuple(range(10))),)
    qtbot.waitUntil(lambda: not document.is_comparing)
    assert document.report is not None
    assert not document.report.with_status("mismatched")


def test_a_head_keeps_chosen_rows(qtbot: QtBot, document: Document) -> None:
    assert document.report is not None
    row = next(row for row in document.report.rows if row.name == "fc.bias")
    dialog = ResizeDialog(document, row)
    opened(qtbot, dialog)
    qtbot.keyClicks(dialog.rows_field, "5, 90-97")
    assert dialog.by_number.isChecked()
    assert "needs 10 rows; these are 9" in dialog.message.label.text()
    assert not dialog.primary.isEnabled()
    qtbot.keyClicks(dialog.rows_field, ", 1")
    qtbot.waitUntil(dialog.primary.isEnabled)
    qtbot.mouseClick(dialog.primary, LEFT)
    (edit,) = document.history.applied
    assert isinstance(edit, SelectRows)
    assert edit.rows == (5, *range(90, 98), 1)


@pytest.mark.parametrize(
    ("text", "rows"),
    [("1", (1,)), ("0, 3,7-9", (0, 3, 7, 8, 9)), ("", None), ("a", None), ("5-", None), ("9-7", None), ("-1", None)],
)
def test_row_numbers(text: str, rows: tuple[int, ...] | None) -> None:
    assert parsed_rows(text) == rows


def test_counters_are_filled_without_a_model(qtbot: QtBot) -> None:
    shapes = {"bn.weight": (4,), "bn.num_batches_tracked": ()}
    document = samples.document({"bn.weight": (4,)})
    compared(qtbot, document, samples.skeleton(shapes), TorchvisionReference("tiny"))
    dialog = FillDialog(document)
    opened(qtbot, dialog)
    assert "zero" in dialog.explanation.text()
    assert dialog.primary.text() == "Fill 1 tensor"
    qtbot.mouseClick(dialog.primary, LEFT)
    qtbot.waitUntil(lambda: bool(document.history.applied))
    assert document.history.applied == (AddConstant(("bn.num_batches_tracked",)),)
    assert not dialog.isVisible()


def test_another_checkpoint_gives_its_own_tensors(qtbot: QtBot) -> None:
    path = str(resource_path("sample.pth"))
    other = open_checkpoint(path).active_state_dict
    some = dict(list(other.tensors.items())[:10])
    document = samples.document({name: tensor.shape for name, tensor in some.items()})
    compared(qtbot, document, skeleton_of(other, "sample.pth", path), CheckpointReference(path))
    dialog = FillDialog(document)
    opened(qtbot, dialog)
    assert "checkpoint" in dialog.explanation.text()
    qtbot.mouseClick(dialog.primary, LEFT)
    qtbot.waitUntil(lambda: not dialog.isVisible())
    assert isinstance(document.history.applied[-1], UpdateFrom)
    qtbot.waitUntil(lambda: not document.is_comparing)
    assert document.report is not None
    assert document.report.loads_strict


@pytest.mark.slow
def test_missing_tensors_get_the_models_own_start(qtbot: QtBot) -> None:
    pytest.importorskip("torchvision")
    skeleton = Catalog.load().skeleton("resnet18", (), {})
    assert skeleton is not None
    shapes = {entry.name: entry.shape for entry in skeleton.entries if not entry.name.startswith("fc.")}
    document = samples.document(shapes)
    compared(qtbot, document, skeleton, TorchvisionReference("resnet18"))
    dialog = FillDialog(document)
    opened(qtbot, dialog)
    dialog.seed.setValue(7)
    qtbot.mouseClick(dialog.primary, LEFT)
    assert dialog.bar.isVisible()
    qtbot.waitUntil(lambda: bool(document.history.applied), timeout=120_000)
    (edit,) = document.history.applied
    assert isinstance(edit, FillMissing)
    assert edit.names == ("fc.weight", "fc.bias")
    assert edit.seed == 7
    qtbot.waitUntil(lambda: document.report is not None and document.report.loads_strict)


def test_what_is_untrained_is_said_with_the_verdict(qtbot: QtBot, tmp_path: Path) -> None:
    safetensors = pytest.importorskip("safetensors.numpy")
    fresh = tmp_path / "fresh.safetensors"
    safetensors.save_file({"fc.bias": np.zeros(4, np.float32)}, fresh)
    document = samples.document({"fc.weight": (4, 2)})
    compared(qtbot, document, samples.skeleton({"fc.weight": (4, 2), "fc.bias": (4,)}), TorchvisionReference("tiny"))
    dialog = FillDialog(document)
    opened(qtbot, dialog)
    # Of one it is said as of one.
    assert dialog.heading.text() == "Fill in the missing tensor?"
    assert dialog.explanation.text().startswith("It gets the values")
    dialog.reject()
    pane = ComparePane(document)
    qtbot.addWidget(pane)
    document.apply(FillMissing(str(fresh), ("fc.bias",), "torchvision:tiny"))
    qtbot.waitUntil(lambda: "untrained" in pane.verdict.label.text())
    assert pane.verdict.label.text() == (
        "With your 1 change, this file loads into the model. 1 tensor in it is untrained: it was filled in with start"
        " values."
    )
    assert pane.verdict.tone == "good"
    history = HistoryPane(document)
    qtbot.addWidget(history)
    with qtbot.waitSignal(history.copied):
        history.copy_as_python()
    assert str(fresh) in history.message.label.text()


def test_names_are_matched_side_by_side(qtbot: QtBot, document: Document) -> None:
    dialog = AlignDialog(document)
    opened(qtbot, dialog)
    qtbot.waitUntil(lambda: dialog.alignment is not None)
    qtbot.waitUntil(dialog.primary.isEnabled)
    assert dialog.primary.text() == "Map 2 tensors"
    assert [(pair.source, pair.target) for pair in dialog.chosen()] == [
        ("old.layer1.0.conv.weight", "layer1.0.conv.weight"),
        ("old.layer1.0.conv.bias", "layer1.0.conv.bias"),
    ]
    # Once, in the list itself.
    free = dialog._free_sources
    assert free is not None
    assert "fc.weight" in [free.child(row).text(0) for row in range(free.childCount())]
    rule = dialog.rules.topLevelItem(0)
    assert rule is not None
    assert "tensors" in rule.text(2)
    # What stands for what is shown by one of its tensors.
    assert "For example: old.layer1.0.conv.weight becomes layer1.0.conv.weight" in rule.toolTip(0)
    assert rule.toolTip(0).startswith("{n} and other letters")
    rule.setExpanded(True)
    dialog.rules.setCurrentItem(rule.child(1))
    qtbot.keyClick(dialog.rules, Qt.Key.Key_Space)
    assert rule.checkState(0) == Qt.CheckState.PartiallyChecked
    qtbot.waitUntil(lambda: dialog.primary.isEnabled() and dialog.primary.text() == "Map 1 tensor")
    qtbot.mouseClick(dialog.primary, LEFT)
    assert document.history.applied == (ApplyMapping((("old.layer1.0.conv.weight", "layer1.0.conv.weight"),)),)


def test_rules_can_be_left_out_whole(qtbot: QtBot) -> None:
    catalog = Catalog.load()
    skeleton = catalog.skeleton("resnet18", (), {})
    assert skeleton is not None
    shapes = {
        entry.name.replace("layer", "stage_").replace("downsample", "shortcut"): entry.shape
        for entry in skeleton.entries
    }
    document = compared(qtbot, samples.document(shapes), skeleton, TorchvisionReference("resnet18"))
    dialog = AlignDialog(document)
    opened(qtbot, dialog)
    qtbot.waitUntil(dialog.primary.isEnabled)
    count = len(dialog.chosen())
    rule = dialog.rules.topLevelItem(0)
    assert rule is not None
    rule.setCheckState(0, Qt.CheckState.Unchecked)
    assert len(dialog.chosen()) == count - rule.childCount()
    rule.setCheckState(0, Qt.CheckState.Checked)
    qtbot.waitUntil(dialog.primary.isEnabled)
    qtbot.mouseClick(dialog.primary, LEFT)
    assert len(document.history.applied) == 1
    qtbot.waitUntil(lambda: document.report is not None and not document.is_comparing)
    assert document.report is not None
    assert document.report.loads_strict


def twin_document(qtbot: QtBot) -> Document:
    """Two layers of equal shape under other names, one name of the model and one tensor without a partner."""
    shapes = {"a.weight": (4, 4), "b.weight": (4, 4), "spare": (7,)}
    expected = {"enc.one.weight": (4, 4), "enc.two.weight": (4, 4), "head.weight": (9, 9)}
    document = samples.document(shapes)
    return compared(qtbot, document, samples.skeleton(expected), TorchvisionReference("tiny"))


def mapped(dialog: AlignDialog) -> dict[str, str]:
    return {pair.target: pair.source for pair in dialog.chosen()}


def settled(qtbot: QtBot, dialog: AlignDialog) -> None:
    """Answers what is asked."""
    qtbot.waitUntil(lambda: dialog.alignment is not None)
    if dialog.asked.isVisible():
        qtbot.mouseClick(dialog.confirm, LEFT)
    qtbot.waitUntil(dialog.primary.isEnabled)


def test_a_head_of_another_shape_goes_along_with_the_prefix(qtbot: QtBot) -> None:
    shapes = {"module.a.weight": (4, 4), "module.b.weight": (5, 4), "module.head.weight": (7, 5)}
    expected = {"a.weight": (4, 4), "b.weight": (5, 4), "head.weight": (9, 5)}
    document = compared(qtbot, samples.document(shapes), samples.skeleton(expected), TorchvisionReference("tiny"))
    dialog = AlignDialog(document)
    opened(qtbot, dialog)
    settled(qtbot, dialog)
    qtbot.mouseClick(dialog.primary, LEFT)
    (edit,) = document.history.applied
    assert isinstance(edit, ApplyMapping)
    assert edit == ApplyMapping(rules=(NameRule("module.*", "*"),))
    qtbot.waitUntil(lambda: not document.is_comparing)
    assert document.report is not None
    assert [row.name for row in document.report.rows if row.status == "mismatched"] == ["head.weight"]


def test_a_pair_is_corrected_by_a_drop(qtbot: QtBot) -> None:
    document = twin_document(qtbot)
    dialog = AlignDialog(document)
    opened(qtbot, dialog)
    settled(qtbot, dialog)
    assert mapped(dialog) == {"enc.one.weight": "a.weight", "enc.two.weight": "b.weight"}
    one, two = dialog._rows["enc.one.weight"], dialog._rows["enc.two.weight"]
    dialog.rules.expandAll()
    dialog.rules.setCurrentItem(one)
    drag = dialog.rules.make_drag()
    assert drag is not None
    place = QPointF(dialog.rules.visualItemRect(two).center())
    none = Qt.KeyboardModifier.NoModifier
    moved = QDragMoveEvent(place, Qt.DropAction.MoveAction, drag.mimeData(), LEFT, none)
    dialog.rules.dragMoveEvent(moved)
    assert dialog.rules.hint_text() == "a.weight → enc.two.weight"
    dropped = QDropEvent(place, Qt.DropAction.MoveAction, drag.mimeData(), LEFT, none)
    dialog.rules.dropEvent(dropped)
    assert dropped.isAccepted()
    assert mapped(dialog) == {"enc.one.weight": "b.weight", "enc.two.weight": "a.weight"}
    head = dialog._rows["head.weight"]
    dialog.rules.setCurrentItem(two)
    drag = dialog.rules.make_drag()
    assert drag is not None
    place = QPointF(dialog.rules.visualItemRect(head).center())
    refused = QDropEvent(place, Qt.DropAction.MoveAction, drag.mimeData(), LEFT, none)
    dialog.rules.dropEvent(refused)
    assert not refused.isAccepted()
    assert "needs 9×9" in dialog.swap("a.weight", "head.weight").text
    qtbot.waitUntil(dialog.primary.isEnabled)
    qtbot.mouseClick(dialog.primary, LEFT)
    (edit,) = document.history.applied
    assert isinstance(edit, ApplyMapping)
    settled_edit = edit.settled({"a.weight": (4, 4), "b.weight": (4, 4)})
    assert set(settled_edit.pairs) == {("b.weight", "enc.one.weight"), ("a.weight", "enc.two.weight")}
    qtbot.waitUntil(lambda: not document.is_comparing)


def test_a_pair_is_corrected_by_the_keyboard(qtbot: QtBot) -> None:
    dialog = AlignDialog(twin_document(qtbot))
    opened(qtbot, dialog)
    settled(qtbot, dialog)
    dialog.rules.setCurrentItem(dialog._rows["enc.one.weight"])
    assert dialog.other_button.isEnabled()
    qtbot.keyClick(dialog.rules, Qt.Key.Key_Return)
    chooser = dialog.findChild(ChoosePartnerDialog)
    assert chooser is not None
    assert chooser.tensors.count() == 2
    qtbot.keyClicks(chooser.filter, "b.")
    assert chooser.tensors.count() == 1
    qtbot.keyClick(chooser.filter, Qt.Key.Key_Return)
    assert mapped(dialog) == {"enc.one.weight": "b.weight", "enc.two.weight": "a.weight"}
    qtbot.waitUntil(dialog.primary.isEnabled)
    dialog.reject()


def test_doubtful_rules_are_asked_about(qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> None:
    def doubtful(*args: object) -> Alignment:
        found = align(*args)  # type: ignore[arg-type]
        return replace(found, rules=tuple(replace(rule, confidence=0.3) for rule in found.rules))

    monkeypatch.setattr(align_dialog, "align", doubtful)
    dialog = AlignDialog(twin_document(qtbot))
    opened(qtbot, dialog)
    qtbot.waitUntil(dialog.asked.isVisible)
    assert "doubtful" in dialog.asked.label.text()
    assert not dialog.primary.isEnabled()
    dialog.only_unsure.setChecked(True)
    assert not dialog.only_unsure.text().endswith("(0)")
    qtbot.mouseClick(dialog.leave_out, LEFT)
    assert not dialog.asked.isVisible()
    # None is left to be shown alone.
    assert dialog.only_unsure.text().endswith("(0)")
    assert not dialog.only_unsure.isEnabled()
    assert not dialog.only_unsure.isChecked()
    assert mapped(dialog) == {}
    rule = dialog.rules.topLevelItem(0)
    assert rule is not None
    rule.setCheckState(0, Qt.CheckState.Checked)
    qtbot.waitUntil(dialog.primary.isEnabled)
    assert mapped(dialog)
    dialog.reject()


def siblings(qtbot: QtBot) -> Document:
    """Four blocks of two norms of one shape: which is which only their names tell."""
    shapes = {f"layers.{n}.{name}.weight": (8,) for n in range(4) for name in ("one_norm", "two_norm")}
    expected = {f"h.{n}.{name}.weight": (8,) for n in range(4) for name in ("in_norm", "out_norm")}
    document = samples.document(shapes)
    return compared(qtbot, document, samples.skeleton(expected), TorchvisionReference("tiny"))


@pytest.mark.parametrize("whole", [True, False])
def test_one_corrected_pair_does_not_settle_its_rule(
    qtbot: QtBot, monkeypatch: pytest.MonkeyPatch, whole: bool
) -> None:
    def doubtful(*args: object) -> Alignment:
        found = align(*args)  # type: ignore[arg-type]
        by = {
            end: tuple(pair for pair in found.pairs if pair.target.endswith(f".{end}.weight"))
            for end in ("in_norm", "out_norm")
        }
        rules = tuple(
            replace(
                found.rules[0], source=f"layers.{{n}}.{end}s.*", target=f"h.{{n}}.{end}.*", pairs=pairs, confidence=0.3
            )
            for end, pairs in by.items()
        )
        return replace(found, rules=rules)

    monkeypatch.setattr(align_dialog, "align", doubtful)
    dialog = AlignDialog(siblings(qtbot))
    opened(qtbot, dialog)
    qtbot.waitUntil(dialog.asked.isVisible)
    before = mapped(dialog)
    dialog.assign(before["h.0.out_norm.weight"], "h.0.in_norm.weight")
    assert len(dialog._questions) == 2
    assert "3 other pairs" in dialog.asked.label.text()
    assert not dialog.confirm.isVisible()
    qtbot.mouseClick(dialog.swap_all if whole else dialog.only_one, LEFT)
    now = mapped(dialog)
    for n in range(4):
        exchanged = whole or n == 0
        there = f"h.{n}.{'out' if exchanged else 'in'}_norm.weight"
        assert now[f"h.{n}.in_norm.weight"] == before[there]
    if whole:
        assert not dialog.asked.isVisible()
        first = dialog.rules.topLevelItem(0)
        assert first is not None
        assert (first.text(0), first.text(2)) == ("layers.{n}.out_norms.*", "corrected by you")
        qtbot.waitUntil(dialog.primary.isEnabled)
    else:
        assert "2 rules are doubtful" in dialog.asked.label.text()
        qtbot.mouseClick(dialog.confirm, LEFT)
        assert dialog.rules.topLevelItem(1).text(2) == "looked at and found right"  # type: ignore[union-attr]
    dialog.reject()


def test_the_reasons_are_read_whole(qtbot: QtBot) -> None:
    dialog = AlignDialog(siblings(qtbot))
    opened(qtbot, dialog)
    qtbot.waitUntil(lambda: dialog.alignment is not None)
    # As wide as on a usual screen.
    dialog.rules.resize(1200, 400)
    dialog.rules.fit_columns()
    assert dialog.rules.columnWidth(2) >= dialog.rules.sizeHintForColumn(2)
    dialog.reject()


def test_a_long_name_has_what_a_short_one_leaves(qtbot: QtBot) -> None:
    long = "bert.encoder.layer.attention.output.LayerNorm.gamma_of_a_long_name"
    document = samples.document({long: (7,), "old.other.weight": (8, 2)})
    skeleton = samples.skeleton({"ln.weight": (7,), "x.weight": (8, 2)})
    compared(qtbot, document, skeleton, TorchvisionReference("tiny"))
    dialog = AlignDialog(document)
    opened(qtbot, dialog)
    qtbot.waitUntil(lambda: dialog.alignment is not None)
    # Room for the names in full beside a shortened reason, whatever the letters.
    needs = dialog.rules.sizeHintForColumn(0) + max(
        dialog.rules.sizeHintForColumn(1), dialog.rules.header().sectionSizeHint(1)
    )
    dialog.rules.resize(round((needs + 60) / 0.45), 400)
    dialog.rules.fit_columns()
    assert dialog.rules.columnWidth(0) >= dialog.rules.sizeHintForColumn(0)
    assert dialog.rules.columnWidth(1) < dialog.rules.columnWidth(0)


def test_parts_of_a_fused_tensor_go_together(qtbot: QtBot) -> None:
    shapes, expected = {}, {}
    for layer in range(2):
        shapes |= {f"h.{layer}.qkv.weight": (12, 4), f"h.{layer}.proj.weight": (4, 4), f"h.{layer}.mlp.weight": (9, 4)}
        expected |= {f"layer.{layer}.attn.{part}.weight": (4, 4) for part in ("query", "key", "value", "output")}
        expected[f"layer.{layer}.mlp.weight"] = (9, 4)
    document = compared(qtbot, samples.document(shapes), samples.skeleton(expected), TorchvisionReference("tiny"))
    dialog = AlignDialog(document)
    opened(qtbot, dialog)
    settled(qtbot, dialog)
    assert len(dialog.chosen()) == len(expected)
    rows = [dialog.rules.topLevelItem(place) for place in range(dialog.rules.topLevelItemCount())]
    (query,) = [row for row in rows if row is not None and "query" in row.text(1)]
    assert query.child(1).text(2) == "split: rows 1 to 4"
    query.setCheckState(0, Qt.CheckState.Unchecked)
    assert not any(pair.pieces for pair in dialog.chosen())
    query.setCheckState(0, Qt.CheckState.Checked)
    qtbot.waitUntil(dialog.primary.isEnabled)
    qtbot.mouseClick(dialog.primary, LEFT)
    assert len(document.history.applied) == 1
    qtbot.waitUntil(lambda: document.report is not None and not document.is_comparing)
    assert document.report is not None
    assert document.report.loads_strict
    document.undo()
    assert document.state_dict is not None
    assert set(document.state_dict.tensors) == set(shapes)


def test_another_tensor_in_the_place_of_a_part_frees_the_others(qtbot: QtBot) -> None:
    shapes = {"h.qkv.weight": (12, 4), "h.proj.weight": (4, 4), "spare.weight": (4, 4)}
    expected = {f"attn.{part}.weight": (4, 4) for part in ("query", "key", "value", "output")}
    document = compared(qtbot, samples.document(shapes), samples.skeleton(expected), TorchvisionReference("tiny"))
    dialog = AlignDialog(document)
    opened(qtbot, dialog)
    settled(qtbot, dialog)
    dialog.assign("spare.weight", "attn.key.weight")
    assert mapped(dialog)["attn.key.weight"] == "spare.weight"
    assert not any(pair.pieces for pair in dialog.chosen())
    dialog.reject()
