"""The compare pane, used as a person does: clicks, keys, drops."""

from __future__ import annotations

import time
import warnings
from collections.abc import Mapping
from pathlib import Path

import pytest
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt
from PySide6.QtGui import QColor, QContextMenuEvent, QDragEnterEvent, QDragMoveEvent, QDropEvent, QGuiApplication
from PySide6.QtWidgets import QApplication, QPushButton, QWidget
from pytestqt.qtbot import QtBot

from ckpt_studio.compare.identify import Candidate
from ckpt_studio.compare.report import LoadReport
from ckpt_studio.core.checkpoint import Checkpoint, Source
from ckpt_studio.core.edits import Cast, Pop, RenameTensor, StripPrefix
from ckpt_studio.errors import ModelError, message
from ckpt_studio.gui import edit_queue
from ckpt_studio.gui.compare_model import ACTION, FILE_SHAPE, NAME
from ckpt_studio.gui.compare_pane import ComparePane
from ckpt_studio.gui.compare_rows import ArrangedRows
from ckpt_studio.gui.dialogs.align_dialog import AlignDialog
from ckpt_studio.gui.dialogs.choose_model_dialog import ChooseModelDialog
from ckpt_studio.gui.dialogs.details_dialog import DetailsDialog
from ckpt_studio.gui.dialogs.fill_dialog import FillDialog
from ckpt_studio.gui.dialogs.rename_dialog import RenameDialog
from ckpt_studio.gui.dialogs.take_name_dialog import TakeNameDialog
from ckpt_studio.gui.document import Document
from ckpt_studio.gui.drag import DraggedNames
from ckpt_studio.gui.edit_queue import EditQueue
from ckpt_studio.gui.elided_names import elided_name
from ckpt_studio.gui.tensor_tree_view import TensorTreeView
from ckpt_studio.gui.text_size import set_text_size
from ckpt_studio.gui.theme import apply_theme, colors
from ckpt_studio.models.catalog import Catalog
from ckpt_studio.models.reference import TorchvisionReference
from ckpt_studio.models.resolve import ResolvedModel
from tests.clock import quick
from tests.gui import samples

LEFT = Qt.MouseButton.LeftButton
NO_KEYS = Qt.KeyboardModifier.NoModifier


def compared(
    qtbot: QtBot,
    file: Mapping[str, tuple[int, ...]] = samples.FILE,
    model: Mapping[str, tuple[int, ...]] = samples.MODEL,
) -> ComparePane:
    """A shown pane whose document has been compared with the model."""
    document = samples.document(file)
    pane = ComparePane(document)
    document.setParent(pane)
    qtbot.addWidget(pane)
    pane.resize(640, 700)
    pane.show()
    document.set_model(ResolvedModel(TorchvisionReference("tiny"), samples.skeleton(model)))
    settled(qtbot, pane)
    return pane


def settled(qtbot: QtBot, pane: ComparePane) -> LoadReport:
    """Waits for the comparison and its suggestions."""
    qtbot.waitUntil(lambda: pane.document.report is not None and not pane.document.is_comparing)
    qtbot.waitUntil(lambda: pane._suggesting is None)
    report = pane.document.report
    assert report is not None
    return report


def shown(pane: ComparePane) -> list[str]:
    return [pane.rows.row_at(position).name for position in range(pane.rows.rowCount())]


def place_of(pane: ComparePane, name: str, column: int = NAME) -> QPoint:
    """The middle of a cell, scrolled into view."""
    index = pane.rows.index(pane.rows.position_of(name), column)
    pane.table.scrollTo(index)
    return pane.table.visualRect(index).center()


def click_row(qtbot: QtBot, pane: ComparePane, name: str, column: int = NAME, dx: int = 0) -> None:
    qtbot.mouseClick(pane.table.viewport(), LEFT, NO_KEYS, place_of(pane, name, column) + QPoint(dx, 0))


def drag(pane: ComparePane, dragged: DraggedNames | QMimeData, name: str, let_go: bool = True) -> QDragMoveEvent:
    """Drags over a row (and drops); the move event tells whether it was welcome."""
    data = dragged if isinstance(dragged, QMimeData) else dragged.to_mime()
    place = place_of(pane, name)
    viewport = pane.table.viewport()
    with warnings.catch_warnings():
        # PySide6 6.12 calls the only constructors that 6.7 has deprecated.
        warnings.simplefilter("ignore", DeprecationWarning)
        enter = QDragEnterEvent(place, Qt.DropAction.MoveAction, data, LEFT, NO_KEYS)
        move = QDragMoveEvent(place, Qt.DropAction.MoveAction, data, LEFT, NO_KEYS)
    QApplication.sendEvent(viewport, enter)
    QApplication.sendEvent(viewport, move)
    if let_go:
        drop = QDropEvent(QPointF(place), Qt.DropAction.MoveAction, data, LEFT, NO_KEYS)
        QApplication.sendEvent(viewport, drop)
    return move


def names(document: Document) -> list[str]:
    return list(document.checkpoint.active_state_dict.entries)


def test_without_a_model_it_says_what_it_is_for(qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> None:
    document = samples.document(samples.FILE)
    pane = ComparePane(document)
    qtbot.addWidget(pane)
    pane.show()
    asked: list[str] = []
    monkeypatch.setattr(pane, "choose_model", asked.append)
    for button in pane.empty_buttons.values():
        assert button.isVisible()
        qtbot.mouseClick(button, LEFT)
    assert asked == ["torchvision", "file", "module", "checkpoint"]


def test_a_file_without_weights_says_so_and_offers_no_model(qtbot: QtBot) -> None:
    document = Document(Checkpoint(Source("plain.pkl", "pickle", 10), None, (), ()))
    pane = ComparePane(document)
    qtbot.addWidget(pane)
    pane.show()
    assert pane.empty_title.text() == "This file holds no weights to compare."
    assert "is in the tree" in pane.empty_text.text()
    assert not any(button.isVisible() for button in pane.empty_buttons.values())


def test_the_report_is_told_in_words_counts_and_rows(qtbot: QtBot) -> None:
    pane = compared(qtbot)
    assert pane.model_label.text() == "torchvision tiny(num_classes=10)"
    assert pane.verdict.label.text() == "PyTorch would refuse: 2 missing, 2 size mismatches, 2 unexpected."
    assert pane.verdict.tone == "bad"
    assert "rules" in pane.verdict.toolTip()
    assert [chip.count for chip in pane.chips.chips.values()] == [3, 2, 2, 2]
    assert [chip.text() for chip in pane.chips.chips.values()] == [
        "3 matched",
        "2 size mismatches",
        "2 missing",
        "2 unexpected",
    ]
    report = pane.document.report
    assert report is not None
    matched = [row.name for row in report.matched]
    assert shown(pane) == [row.name for row in report.rows if row.status != "matched"] + matched


def test_a_file_that_fits_is_said_to_load(qtbot: QtBot) -> None:
    pane = compared(qtbot, samples.MODEL)
    assert pane.verdict.label.text() == "This file loads into the model."
    assert pane.verdict.tone == "good"
    pane.apply(Cast("float16"))
    qtbot.waitUntil(lambda: pane.verdict.label.text() == "With your 1 change, this file loads into the model.")
    assert not pane.suggestions.isVisible()


def test_chips_filter_by_click_and_by_key(qtbot: QtBot) -> None:
    pane = compared(qtbot)
    qtbot.mouseClick(pane.chips.chips["missing"], LEFT)
    assert shown(pane) == ["layer1.0.conv.weight", "layer1.0.conv.bias"]
    pane.chips.chips["unexpected"].setFocus()
    qtbot.keyClick(pane.chips.chips["unexpected"], Qt.Key.Key_Space)
    assert len(shown(pane)) == 4
    qtbot.keyClicks(pane.filter, "bias")
    assert shown(pane) == ["layer1.0.conv.bias", "old.layer1.0.conv.bias"]


def test_a_filter_begins_at_the_top_and_says_when_nothing_is_left(qtbot: QtBot) -> None:
    model = {f"layer{number:03}.weight": (4,) for number in range(300)}
    pane = compared(qtbot, dict.fromkeys(list(model)[:150], (4,)), model)
    bar = pane.table.verticalScrollBar()
    bar.setValue(bar.maximum())
    qtbot.mouseClick(pane.chips.chips["missing"], LEFT)
    assert bar.value() == 0
    qtbot.mouseClick(pane.chips.chips["missing"], LEFT)
    pane.table.select_positions([50])
    qtbot.mouseClick(pane.chips.chips["missing"], LEFT)
    assert pane.table.rowAt(0) <= 50 <= pane.table.rowAt(pane.table.viewport().height() - 1)
    qtbot.mouseClick(pane.chips.chips["missing"], LEFT)
    qtbot.mouseClick(pane.chips.chips["unexpected"], LEFT)
    assert shown(pane) == []
    assert pane.table.nothing == "Nothing is unexpected."
    assert pane.table.accessibleDescription() == "Nothing is unexpected."
    qtbot.keyClicks(pane.filter, "bias")
    assert pane.table.nothing == "No name here contains “bias”."


def test_a_suggestion_is_one_undoable_edit_and_the_pane_turns_green(qtbot: QtBot) -> None:
    file = {f"module.{name}": shape for name, shape in samples.MODEL.items()}
    pane = compared(qtbot, file)
    button = pane.suggestions.buttons[0]
    assert "module." in button.accessibleName()
    qtbot.mouseClick(button, LEFT)
    assert pane.document.history.applied == (StripPrefix("module."),)
    assert settled(qtbot, pane).loads_strict
    assert pane.verdict.tone == "good"
    assert pane.chips.chips["matched"].count == len(samples.MODEL)
    pane.document.undo()
    settled(qtbot, pane)
    assert pane.chips.chips["matched"].count == 0


def test_the_focus_stays_in_the_pane_when_the_pressed_remedy_goes(qtbot: QtBot) -> None:
    pane = compared(qtbot)
    button = pane.suggestions.buttons[0]
    button.setFocus()
    pane.document.apply(StripPrefix("old."))
    settled(qtbot, pane)
    focused = pane.window().focusWidget()
    assert focused is pane.table or focused in pane.suggestions.buttons


def test_the_row_button_pops_and_its_other_part_opens_the_menu(qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> None:
    pane = compared(qtbot)
    opened: list[str] = []
    monkeypatch.setattr(pane, "_open_menu", lambda row, place: opened.append(row.name))
    pane.table.menu_requested.disconnect()
    pane.table.menu_requested.connect(pane._open_menu)
    width = pane.table.columnWidth(ACTION)
    click_row(qtbot, pane, "fc.weight", ACTION, width // 2 - 14)
    assert opened == ["fc.weight"]
    click_row(qtbot, pane, "fc.weight", ACTION, -10)
    assert pane.document.history.applied == (Pop(("fc.weight",)),)
    settled(qtbot, pane)
    assert pane.rows.row_at(pane.rows.position_of("fc.weight")).status == "missing"


def test_delete_pops_the_selected_rows(qtbot: QtBot) -> None:
    pane = compared(qtbot)
    click_row(qtbot, pane, "old.layer1.0.conv.weight")
    qtbot.keyClick(pane.table, Qt.Key.Key_Down, Qt.KeyboardModifier.ShiftModifier)
    qtbot.keyClick(pane.table, Qt.Key.Key_Delete)
    assert pane.document.history.applied == (Pop(("old.layer1.0.conv.weight", "old.layer1.0.conv.bias")),)


def test_the_menu_offers_what_fits_the_row(qtbot: QtBot) -> None:
    pane = compared(qtbot)
    pane.document.selection.select(["old.layer1.0.conv.bias"])

    def offers(name: str) -> list[str]:
        row = pane.rows.row_at(pane.rows.position_of(name))
        menu = pane.remedies(row)
        texts = [action.text() for action in menu.actions() if action.text()]
        menu.deleteLater()
        return texts

    assert offers("fc.weight") == [
        "Resize to 10×8…",
        "Pop “fc.weight”",
        "Pop all 2 tensors of another size",
        "Rename “fc.weight”…",
        "Copy name",
    ]
    assert offers("layer1.0.conv.bias")[:2] == [
        "Use this name for a tensor of the file…",
        "Use this name for “old.layer1.0.conv.bias”",
    ]
    menu = pane.remedies(pane.rows.row_at(pane.rows.position_of("layer1.0.conv.bias")))
    menu.actions()[1].trigger()
    menu.deleteLater()
    assert pane.document.history.applied == (RenameTensor("old.layer1.0.conv.bias", "layer1.0.conv.bias"),)
    settled(qtbot, pane)
    menu = pane.remedies(pane.rows.row_at(pane.rows.position_of("fc.bias")))
    menu.actions()[2].trigger()
    menu.deleteLater()
    assert "fc.bias" not in names(pane.document)


def test_the_menu_opens_by_mouse_and_by_key(qtbot: QtBot) -> None:
    pane = compared(qtbot)
    asked: list[str] = []
    pane.table.menu_requested.disconnect()
    pane.table.menu_requested.connect(lambda row, place: asked.append(row.name))
    place = place_of(pane, "fc.bias")
    viewport = pane.table.viewport()
    mouse = QContextMenuEvent(QContextMenuEvent.Reason.Mouse, place, viewport.mapToGlobal(place))
    QApplication.sendEvent(viewport, mouse)
    click_row(qtbot, pane, "bn1.bias")
    QApplication.sendEvent(viewport, QContextMenuEvent(QContextMenuEvent.Reason.Keyboard, QPoint(), QPoint()))
    assert asked == ["fc.bias", "bn1.bias"]


def test_a_failed_comparison_is_told_with_its_details(qtbot: QtBot) -> None:
    pane = compared(qtbot)
    pane.document.report = None
    pane.document.report_error = ModelError("reference-empty", details="Traceback: in line 3")
    pane.document.report_changed.emit()
    assert pane.verdict.tone == "bad"
    assert "No model is named" in pane.verdict.label.text()
    qtbot.mouseClick(pane.details_button, LEFT)
    details = pane.findChild(DetailsDialog)
    assert details is not None
    assert "line 3" in details.details.toPlainText()
    details.reject()
    pane.document.compare_again()
    settled(qtbot, pane)
    assert not pane.details_button.isVisible()


def test_selection_goes_both_ways(qtbot: QtBot) -> None:
    pane = compared(qtbot)
    pane.document.selection.select(["fc.bias", "old.layer1.0.conv.bias"])
    assert [row.name for row in pane.table.selected_rows()] == ["fc.bias", "old.layer1.0.conv.bias"]
    click_row(qtbot, pane, "bn1.weight")
    assert pane.document.selection.names == {"bn1.weight"}
    assert pane.document.selection.current == "bn1.weight"
    # A missing row has no tensor: the tree's selection stays, so that it can be given the name.
    click_row(qtbot, pane, "layer1.0.conv.bias")
    assert pane.document.selection.names == {"bn1.weight"}
    assert "Missing" in pane.explained.text()


def test_rows_of_very_many_selected_names_are_found_by_a_job(qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ckpt_studio.gui.compare_pane._MOST_LOOKED_UP", 1)
    pane = compared(qtbot)
    pane.document.selection.select(["fc.bias", "old.layer1.0.conv.bias"])
    chosen = lambda: {row.checkpoint_name for row in pane.table.selected_rows()}  # noqa: E731
    qtbot.waitUntil(lambda: chosen() == {"fc.bias", "old.layer1.0.conv.bias"})
    qtbot.keyClicks(pane.filter, "old")
    qtbot.waitUntil(lambda: chosen() == {"old.layer1.0.conv.bias"})


def test_dropping_a_tensor_gives_it_the_name(qtbot: QtBot) -> None:
    pane = compared(qtbot)
    dragged = DraggedNames(pane.document.id, ("old.layer1.0.conv.bias",))
    assert drag(pane, dragged, "layer1.0.conv.bias").isAccepted()
    assert "layer1.0.conv.bias" in names(pane.document)
    settled(qtbot, pane)
    assert pane.chips.chips["matched"].count == 4


def test_dropping_a_group_maps_it(qtbot: QtBot) -> None:
    pane = compared(qtbot)
    group = DraggedNames(pane.document.id, ("old.layer1.0.conv.weight", "old.layer1.0.conv.bias"), "old.layer1")
    drag(pane, group, "layer1.0.conv.weight")
    settled(qtbot, pane)
    assert pane.chips.chips["missing"].count == pane.chips.chips["unexpected"].count == 0


def test_while_hovering_the_outcome_or_the_reason_is_shown(qtbot: QtBot) -> None:
    pane = compared(qtbot)
    dragged = DraggedNames(pane.document.id, ("old.layer1.0.conv.bias",))
    move = drag(pane, dragged, "layer1.0.conv.bias", let_go=False)
    hint = pane.table._hint
    assert move.isAccepted()
    assert hint is not None
    assert hint.isVisible()
    assert hint.text() == "1 tensor: old.layer1.0.conv.bias → layer1.0.conv.bias"
    move = drag(pane, dragged, "fc.bias", let_go=False)
    assert not move.isAccepted()
    assert "already has a tensor named" in hint.text()
    drag(pane, dragged, "fc.bias")
    assert not hint.isVisible()
    assert pane.document.history.applied == ()
    assert "already has a tensor named" in pane.message.label.text()
    text = QMimeData()
    text.setText("something else")
    assert not drag(pane, text, "fc.bias").isAccepted()


def test_control_v_is_the_keyboards_drop(qtbot: QtBot) -> None:
    pane = compared(qtbot)
    clipboard = QGuiApplication.clipboard()
    clipboard.setText("not from the tree")
    click_row(qtbot, pane, "layer1.0.conv.bias")
    qtbot.keyClick(pane.table, Qt.Key.Key_V, Qt.KeyboardModifier.ControlModifier)
    assert "Copy or cut" in pane.message.label.text()
    clipboard.setMimeData(DraggedNames(pane.document.id, ("old.layer1.0.conv.bias",)).to_mime())
    qtbot.keyClick(pane.table, Qt.Key.Key_V, Qt.KeyboardModifier.ControlModifier)
    assert pane.document.history.applied == (RenameTensor("old.layer1.0.conv.bias", "layer1.0.conv.bias"),)
    assert not pane.message.isVisible()


def test_return_on_a_missing_row_asks_for_the_tensor(qtbot: QtBot) -> None:
    pane = compared(qtbot)
    click_row(qtbot, pane, "layer1.0.conv.weight")
    qtbot.keyClick(pane.table, Qt.Key.Key_Return)
    dialog = pane.findChild(TakeNameDialog)
    assert dialog is not None
    # The tensor of the right shape that the model does not know stands first and is chosen.
    assert dialog.tensors.currentItem().text().startswith("old.layer1.0.conv.weight")
    assert "Tensors with this shape" in dialog.explanation.text()
    assert dialog.primary.text() == "Use this tensor"
    qtbot.waitUntil(dialog.primary.isEnabled)
    qtbot.keyClick(dialog.tensors, Qt.Key.Key_Return)
    assert pane.document.history.applied == (RenameTensor("old.layer1.0.conv.weight", "layer1.0.conv.weight"),)


def test_where_no_tensor_has_the_shape_it_is_said(qtbot: QtBot) -> None:
    document = samples.document({"old.weight": (3, 4)})
    document.set_model(samples.Resolved(samples.skeleton({"new.weight": (5, 4)})))  # type: ignore[arg-type]
    qtbot.waitUntil(lambda: document.report is not None)
    assert document.report is not None
    dialog = TakeNameDialog(document, document.report.with_status("missing")[0])
    qtbot.addWidget(dialog)
    assert "which no tensor of this file has" in dialog.explanation.text()


def test_rename_from_the_menu_completes_missing_names(qtbot: QtBot) -> None:
    pane = compared(qtbot)
    pane._rename("old.layer1.0.conv.bias")
    dialog = pane.findChild(RenameDialog)
    assert dialog is not None
    assert dialog.field.completer().model().rowCount() == 2
    dialog.reject()


def test_selection_and_place_survive_an_edit(qtbot: QtBot) -> None:
    file = samples.many(200, "module.")
    pane = compared(qtbot, file, samples.many(200))
    pane.table.verticalScrollBar().setValue(1500)
    before = pane.table.verticalScrollBar().value()
    top = pane.rows.row_at(pane.table.rowAt(0)).name
    pane.document.selection.select(["module.blocks.20.part1.weight"])
    pane.table.verticalScrollBar().setValue(before)
    pane.apply(StripPrefix("module."))
    settled(qtbot, pane)
    assert [row.name for row in pane.table.selected_rows()] == ["blocks.20.part1.weight"]
    assert pane.document.selection.names == {"blocks.20.part1.weight"}
    assert pane.rows.row_at(pane.table.rowAt(0)).name == top


def test_an_edit_that_does_not_fit_is_refused_in_place(qtbot: QtBot) -> None:
    pane = compared(qtbot)
    pane.apply(RenameTensor("fc.weight", "fc.bias"))
    assert "fc.bias" in pane.message.label.text()
    assert pane.message.isVisible()
    pane.document.apply(Pop(("fc.bias",)))
    assert not pane.message.isVisible()


def test_a_late_refusal_is_told_in_place(qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(edit_queue, "BIG", 3)
    pane = compared(qtbot)
    view = TensorTreeView(pane.document)
    qtbot.addWidget(view)
    EditQueue(pane.document, view, pane)
    pane.apply(Pop(("fc.bias",)))
    assert not pane.document.is_dirty
    qtbot.waitUntil(lambda: pane.document.is_dirty)
    assert pane.document.history.applied == (Pop(("fc.bias",)),)
    pane.apply(Pop(("fc.bias",)))
    qtbot.waitUntil(pane.message.isVisible)
    assert "fc.bias" in pane.message.label.text()


def test_notes_are_folded_away(qtbot: QtBot) -> None:
    skeleton = Catalog.load().skeleton("resnet18", (), {})
    assert skeleton is not None
    shapes = {e.name: e.shape for e in skeleton.entries if not e.name.endswith("num_batches_tracked")}
    document = samples.document(shapes)
    pane = ComparePane(document)
    document.setParent(pane)
    qtbot.addWidget(pane)
    pane.show()
    document.set_model(ResolvedModel(TorchvisionReference("resnet18"), skeleton))
    assert settled(qtbot, pane).loads_strict
    assert pane.notes_button.isVisible()
    assert not pane.notes.isVisible()
    qtbot.mouseClick(pane.notes_button, LEFT)
    assert pane.notes.isVisible()
    assert "BatchNorm" in "".join(pane.notes.item(row).text() for row in range(pane.notes.count()))


def framed(widget: QWidget) -> bool:
    """Whether a frame in the accent's colour is drawn all around a widget, inside its own edges."""
    picture, wanted = widget.grab().toImage(), QColor(colors().accent).getRgb()

    def is_accent(x: int, y: int) -> bool:
        found = picture.pixelColor(x, y).getRgb()
        return max(abs(a - b) for a, b in zip(found, wanted, strict=True)) < 60

    middle, across = picture.height() // 2, picture.width() // 2
    ends = [(0, middle), (picture.width() - 1, middle), (across, 0), (across, picture.height() - 1)]
    return all(is_accent(x, y) for x, y in ends)


@pytest.mark.parametrize("percent", [100, 150])
def test_the_button_of_the_notes_has_a_frame_for_the_focus(qtbot: QtBot, qapp: QApplication, percent: int) -> None:
    set_text_size(qapp, percent)
    before = qapp.styleSheet()
    apply_theme(qapp, "light")
    try:
        pane = compared(qtbot, {**samples.MODEL, "extra.weight": (2,)})
        pane.notes.addItem("a note")
        pane.notes_button.setText("1 note")
        pane.notes_button.show()
        pane.activateWindow()
        pane.filter.setFocus()
        height = pane.verdict.height()
        assert not framed(pane.notes_button)
        pane.notes_button.setFocus()
        qtbot.waitUntil(pane.notes_button.hasFocus)
        assert framed(pane.notes_button)
        assert pane.verdict.rect().adjusted(2, 2, -2, -2).contains(pane.notes_button.geometry())
        assert pane.notes_button.height() >= pane.notes_button.fontMetrics().height() + 2
        # Opened, it stays where it is, and so does the verdict.
        place = pane.notes_button.geometry()
        qtbot.keyClick(pane.notes_button, Qt.Key.Key_Space)
        assert pane.notes.isVisible()
        assert pane.notes_button.geometry() == place
        assert pane.verdict.height() == height
    finally:
        qapp.setStyleSheet(before)
        set_text_size(qapp, 100)


def offered(pane: ComparePane, part: str) -> QPushButton:
    return next(button for button in pane.suggestions.buttons if part in button.accessibleName())


def test_dialogs_are_offered_where_they_help(qtbot: QtBot) -> None:
    pane = compared(qtbot)
    qtbot.mouseClick(offered(pane, "automatically"), LEFT)
    mapping = pane.findChild(AlignDialog)
    assert mapping is not None
    mapping.reject()
    lacking = compared(qtbot, {name: shape for name, shape in samples.MODEL.items() if name != "bn1.bias"})
    qtbot.mouseClick(offered(lacking, "Fill"), LEFT)
    fill = lacking.findChild(FillDialog)
    assert fill is not None
    assert fill.names == ("bn1.bias",)
    fill.reject()
    menu = lacking.remedies(lacking.rows.row_at(lacking.rows.position_of("bn1.bias")))
    next(action for action in menu.actions() if action.text().startswith("Fill")).trigger()
    menu.deleteLater()
    assert lacking.findChildren(FillDialog)[-1].names == ("bn1.bias",)
    lacking.findChildren(FillDialog)[-1].reject()


def test_stopping_leads_back_to_the_choice(qtbot: QtBot) -> None:
    pane = compared(qtbot)
    qtbot.mouseClick(pane.stop_button, LEFT)
    assert pane.document.resolved is None
    assert pane.empty_buttons["torchvision"].isVisible()


def test_every_control_has_a_name(qtbot: QtBot) -> None:
    pane = compared(qtbot)
    controls = [pane.table, pane.filter, pane.stop_button, pane.notes, pane.change_button, *pane.suggestions.buttons]
    assert all(c.accessibleName() or getattr(c, "text", str)() for c in [*controls, *pane.chips.chips.values()])


def test_a_hundred_thousand_rows_do_not_block(qtbot: QtBot) -> None:
    file, model = samples.many(100_000, "module."), samples.many(100_000)
    pane = compared(qtbot, {"x": (1,)}, {"x": (1,)})
    report = samples.report_of(file, model)
    pane._suggest = lambda report: None  # type: ignore[method-assign]
    # By the job that compares.
    arranged = ArrangedRows(report)

    def show() -> None:
        pane._arranged[:] = [arranged]
        pane._show_report(report)
        pane.table.viewport().repaint()

    quick(0.15, show, clock=time.thread_time)
    assert pane.rows.rowCount() == 200_000


def test_a_model_beside_the_file_is_offered(qtbot: QtBot, tmp_path: Path) -> None:
    (tmp_path / "net.py").write_text(
        "import torch.nn as nn\nclass Net(nn.Module):\n    def __init__(self):\n        super().__init__()\n"
        + "".join(f"        self.{name} = None\n" for name in sorted({key.split(".")[0] for key in samples.MODEL}))
    )
    document = samples.document(samples.MODEL, path=str(tmp_path / "net.pth"))
    pane = ComparePane(document)
    qtbot.addWidget(pane)
    pane.show()
    qtbot.waitUntil(pane.nearby_button.isVisible)
    assert pane.nearby_button.text() == "“Net” of net.py, beside this file…"
    qtbot.mouseClick(pane.nearby_button, LEFT)
    (dialog,) = pane.window().findChildren(ChooseModelDialog)
    assert dialog.primary.isEnabled()
    assert dialog.primary.text() == "Compare with Net"
    dialog.close()
    qtbot.waitUntil(lambda: not pane.window().findChildren(ChooseModelDialog))
    # The key that compares begins there, too.
    pane.choose_model()
    (dialog,) = pane.window().findChildren(ChooseModelDialog)
    assert dialog.primary.text() == "Compare with Net"
    dialog.close()
    qtbot.waitUntil(lambda: not pane.window().findChildren(ChooseModelDialog))


def test_another_model_is_said_and_the_recognised_one_offered(qtbot: QtBot) -> None:
    file = {f"features.{i}.weight": (i + 20, 7) for i in range(12)}
    model = {f"layer{i}.weight": (i + 3, 5) for i in range(9)}
    pane = compared(qtbot, file, model)
    candidate = Candidate("torchvision:resnet18()", 1.0, 12, 0, 0, 0, (), message("identified-whole", matched=12))
    assert [button.text() for button in pane.suggestions.buttons] == ["&Choose…"]
    assert "none of its 9 names fits" in pane.suggestions.buttons[0].accessibleName()
    qtbot.mouseClick(pane.suggestions.buttons[0], LEFT)
    (dialog,) = pane.window().findChildren(ChooseModelDialog)
    dialog.reject()
    pane.recognise(candidate)
    assert len(pane.suggestions.buttons) == 2
    assert "recognised as resnet18()" in pane.suggestions.buttons[1].accessibleName()
    with qtbot.waitSignal(pane.candidate_wanted) as caught:
        qtbot.mouseClick(pane.suggestions.buttons[1], LEFT)
    assert caught.args == [candidate]


def test_a_selected_group_begins_at_the_top(qtbot: QtBot) -> None:
    shapes = {f"layer{k // 30}.w{k}": (k + 1,) for k in range(150)}
    pane = compared(qtbot, shapes, shapes)
    pane.document.selection.select([f"layer3.w{k}" for k in range(90, 120)], None)
    first = pane.rows.index(pane.rows.position_of("layer3.w90"), 0)
    qtbot.waitUntil(lambda: pane.table.visualRect(first).top() == 0)
    # With nothing to do, the names have the room of the buttons.
    assert pane.table.columnWidth(ACTION) < 50


def test_what_is_left_to_do_is_at_the_top_after_an_edit(qtbot: QtBot) -> None:
    names = [f"layer{i}.weight" for i in range(60)]
    pane = compared(qtbot, {f"module.{name}": (4,) for name in names}, {**dict.fromkeys(names, (4,)), "new.bias": (2,)})
    pane.resize(640, 420)
    assert pane.table.rowAt(0) == 0
    pane.apply(StripPrefix("module."))
    qtbot.waitUntil(lambda: pane.rows.counts["matched"] == 60)
    assert pane.table.rowAt(0) == 0
    assert pane.rows.row_at(0).name == "new.bias"


def one_missing(qtbot: QtBot) -> ComparePane:
    """A long list with one missing name at its top, and its tensor at the end of the file under another name."""
    names = [f"layer{i}.weight" for i in range(80)]
    file = {**dict.fromkeys(names, (4,)), "old.bias": (2,)}
    pane = compared(qtbot, file, {"new.bias": (2,), **dict.fromkeys(names, (4,))})
    pane.resize(640, 420)
    return pane


def test_a_missing_name_in_view_stays_there_while_one_selects_what_shall_fill_it(qtbot: QtBot) -> None:
    pane = one_missing(qtbot)
    assert pane.rows.row_at(0).name == "new.bias"
    pane.selection.select(["layer79.weight"], None)
    assert [row.name for row in pane.table.selected_rows()] == ["layer79.weight"]
    assert pane.table.rowAt(0) == 0
    # Where nothing can be dropped on, the list follows the tree.
    pane.table.verticalScrollBar().setValue(pane.table.verticalScrollBar().maximum())
    pane.selection.select(["layer5.weight"], None)
    place = pane.rows.position_of("layer5.weight")
    qtbot.waitUntil(lambda: pane.table.rowAt(0) <= place <= pane.table.rowAt(pane.table.viewport().height() - 1))


def test_the_list_stays_where_it_is_after_a_drop(qtbot: QtBot) -> None:
    pane = one_missing(qtbot)
    pane.selection.select(["old.bias"], None)
    drag(pane, DraggedNames(pane.document.id, ("old.bias",)), "new.bias")
    qtbot.waitUntil(lambda: pane.rows.counts["missing"] == 0)
    assert "new.bias" in names(pane.document)
    assert pane.table.rowAt(0) == 0
    pane.table.verticalScrollBar().setValue(300)
    pane.apply(RenameTensor("layer0.weight", "layer0.kernel"))
    qtbot.waitUntil(lambda: pane.rows.counts["missing"] == 1)
    assert pane.table.rowAt(0) == 0, "what has come to be wrong is seen"
    pane.table.verticalScrollBar().setValue(300)
    top = pane.rows.row_at(pane.table.rowAt(0)).name
    pane.apply(RenameTensor("layer1.weight", "layer1.kernel"))
    qtbot.waitUntil(lambda: pane.rows.counts["missing"] == 2)
    assert pane.rows.row_at(pane.table.rowAt(0)).name == top


def test_tab_goes_from_the_notes_to_the_remedies(qtbot: QtBot) -> None:
    pane = compared(qtbot)
    pane.notes_button.show()
    pane.activateWindow()
    pane.notes_button.setFocus()
    qtbot.waitUntil(pane.notes_button.hasFocus)
    qtbot.keyClick(pane.notes_button, Qt.Key.Key_Tab)
    assert QApplication.focusWidget() is pane.suggestions.buttons[0]


def test_the_chip_with_the_focus_is_framed_in_the_accent_colour(qtbot: QtBot) -> None:
    pane = compared(qtbot)
    pane.activateWindow()
    chip = pane.chips.chips["missing"]
    qtbot.waitUntil(chip.isVisible)

    def accented() -> int:
        picture, wanted = chip.grab().toImage(), QColor(colors().accent).getRgb()
        column = [picture.pixelColor(picture.width() // 2, y).getRgb() for y in range(picture.height())]
        return sum(max(abs(a - b) for a, b in zip(found, wanted, strict=True)) < 12 for found in column)

    pane.filter.setFocus()
    assert accented() == 0
    chip.setFocus()
    qtbot.waitUntil(chip.hasFocus)
    assert accented() >= 4


def test_names_in_too_little_room_keep_the_number_of_the_block_and_their_end(qtbot: QtBot) -> None:
    pane = compared(qtbot)
    metrics = pane.fontMetrics()
    name = "features.denseblock1.denselayer1.norm1.num_batches_tracked"
    assert elided_name(name, metrics, 2000) == name
    narrow = metrics.horizontalAdvance("…denseblock1…num_batches_tracked") + 2
    assert elided_name(name, metrics, narrow) == "…denseblock1…num_batches_tracked"
    weight = "features.denseblock1.denselayer2.norm1.weight"
    narrow = metrics.horizontalAdvance("…1.denselayer2.norm1.weight") + 2
    assert elided_name(weight, metrics, narrow) == "…1.denselayer2.norm1.weight"
    other = "blocks.3.attn.qkv.weight"
    assert elided_name(other, metrics, metrics.horizontalAdvance("…3…qkv.weight") + 4).endswith("3…qkv.weight")
    assert elided_name("a_name_without_numbers.weight", metrics, 90).startswith("…")
    for width in range(40, 400, 20):
        assert metrics.horizontalAdvance(elided_name(name, metrics, width)) <= width


def test_narrow_tables_cut_long_shapes_before_names(qtbot: QtBot) -> None:
    shape = (1024, 1024, 16, 16)
    pane = compared(qtbot, {"encoder.block.weight": shape}, {"encoder.block.weight": shape, "other.weight": shape})
    pane.resize(620, 420)
    pane.show()
    qtbot.waitUntil(lambda: pane.table.viewport().width() > 500)
    assert pane.table.columnWidth(NAME) > pane.table.columnWidth(FILE_SHAPE)
    wide = pane.table.columnWidth(FILE_SHAPE)
    pane.resize(1200, 420)
    qtbot.waitUntil(lambda: pane.table.columnWidth(FILE_SHAPE) > wide)
