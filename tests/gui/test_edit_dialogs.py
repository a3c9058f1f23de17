"""The dialogs that ask for one edit: live preview, a button that says what it does, problems in place."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QFontMetrics
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from ckpt_studio.core.edits import (
    AddPrefix,
    Cast,
    Keep,
    PatternRename,
    Pop,
    RegexRename,
    RenameGroup,
    RenameTensor,
    SetDevice,
    StripPrefix,
)
from ckpt_studio.gui.dialogs.add_prefix_dialog import AddPrefixDialog
from ckpt_studio.gui.dialogs.cast_dialog import CastDialog
from ckpt_studio.gui.dialogs.change_preview import differing_part, elided_around
from ckpt_studio.gui.dialogs.close_prompt import ClosePrompt
from ckpt_studio.gui.dialogs.device_dialog import DeviceDialog
from ckpt_studio.gui.dialogs.edit_dialog import EditDialog
from ckpt_studio.gui.dialogs.metadata_dialog import MetadataDialog
from ckpt_studio.gui.dialogs.pattern_rename_dialog import PatternRenameDialog, pattern_of
from ckpt_studio.gui.dialogs.pop_dialog import PopMatchingDialog
from ckpt_studio.gui.dialogs.regex_rename_dialog import RegexRenameDialog
from ckpt_studio.gui.dialogs.rename_dialog import RenameDialog
from ckpt_studio.gui.dialogs.strip_prefix_dialog import StripPrefixDialog
from ckpt_studio.gui.document import Document
from tests.gui import samples

LEFT = Qt.MouseButton.LeftButton


def opened(qtbot: QtBot, dialog: EditDialog) -> EditDialog:
    qtbot.addWidget(dialog)
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose, False)
    dialog.open()
    return dialog


def ready(qtbot: QtBot, dialog: EditDialog) -> str:
    """Waits until the answer was tried and fits; what the button says."""
    qtbot.waitUntil(dialog.primary.isEnabled)
    return dialog.primary.text()


def refused(qtbot: QtBot, dialog: EditDialog, part: str) -> None:
    """Waits until the dialog says, in place, why its answer does not fit."""
    qtbot.waitUntil(lambda: part in dialog.message.label.text() and dialog.message.isVisible())
    assert not dialog.primary.isEnabled()
    assert part in dialog.primary.toolTip()


def preview(dialog: EditDialog) -> list[tuple[str, str | None]]:
    model = dialog.preview.pairs
    return [model.pair(row) for row in range(model.rowCount())]


def test_rename_a_tensor(qtbot: QtBot, document: Document) -> None:
    dialog = RenameDialog(document, "module.fc.weight")
    opened(qtbot, dialog)
    assert not dialog.primary.isEnabled()
    assert dialog.field.selectedText() == "module.fc.weight"
    qtbot.keyClicks(dialog.field, "head.weight")
    assert ready(qtbot, dialog) == "Rename 1 tensor"
    assert preview(dialog) == [("module.fc.weight", "head.weight")]
    qtbot.keyClick(dialog.field, Qt.Key.Key_Return)
    assert document.history.applied == (RenameTensor("module.fc.weight", "head.weight"),)
    assert not dialog.isVisible()


def test_rename_onto_another_name_is_refused_in_place(qtbot: QtBot, document: Document) -> None:
    dialog = RenameDialog(document, "module.fc.weight")
    opened(qtbot, dialog)
    dialog.field.setText("module.fc.bias")
    refused(qtbot, dialog, "module.fc.bias")
    qtbot.keyClick(dialog.field, Qt.Key.Key_Return)
    assert dialog.isVisible()
    assert document.history.applied == ()
    dialog.field.setText("")
    refused(qtbot, dialog, "A tensor needs a name.")


def test_rename_a_group(qtbot: QtBot, document: Document) -> None:
    dialog = RenameDialog(document, "module.fc", True)
    opened(qtbot, dialog)
    dialog.field.setText("module.head")
    assert ready(qtbot, dialog) == "Rename 2 tensors"
    qtbot.mouseClick(dialog.primary, LEFT)
    assert document.history.applied == (RenameGroup("module.fc", "module.head"),)


def test_escape_changes_nothing(qtbot: QtBot, document: Document) -> None:
    dialog = RenameDialog(document, "module.fc", True)
    opened(qtbot, dialog)
    dialog.field.setText("module.head")
    ready(qtbot, dialog)
    qtbot.keyClick(dialog, Qt.Key.Key_Escape)
    assert not dialog.isVisible()
    assert not document.is_dirty


def test_strip_offers_what_the_file_has(qtbot: QtBot, document: Document) -> None:
    dialog = StripPrefixDialog(document)
    opened(qtbot, dialog)
    assert dialog.found.item(0).text().startswith("module.")
    assert "7 of 7" in dialog.found.item(0).text()
    assert ready(qtbot, dialog) == "Strip “module.” from 7 names"
    assert preview(dialog)[0] == ("module.conv1.weight", "conv1.weight")
    assert dialog.summary.text() == "7 of 7 names change."
    qtbot.mouseClick(dialog.primary, LEFT)
    assert document.history.applied == (StripPrefix("module."),)


def test_strip_a_prefix_nothing_has(qtbot: QtBot, document: Document) -> None:
    dialog = StripPrefixDialog(document, "modul.")
    opened(qtbot, dialog)
    refused(qtbot, dialog, "modul.")
    assert preview(dialog) == []


def test_add_a_prefix_to_some(qtbot: QtBot, document: Document) -> None:
    dialog = AddPrefixDialog(document, ("module.fc.bias",))
    opened(qtbot, dialog)
    qtbot.keyClicks(dialog.field, "net.")
    assert ready(qtbot, dialog) == "Add “net.” to 1 name"
    qtbot.mouseClick(dialog.primary, LEFT)
    assert document.history.applied == (AddPrefix("net.", ("module.fc.bias",)),)


def test_regex_previews_while_typing(qtbot: QtBot, document: Document) -> None:
    dialog = RegexRenameDialog(document)
    opened(qtbot, dialog)
    qtbot.keyClicks(dialog.pattern, r"layer(\d+)\.")
    qtbot.keyClicks(dialog.replacement, r"stage\1.")
    assert ready(qtbot, dialog) == "Rename 2 tensors"
    assert preview(dialog)[0] == ("module.layer1.0.conv.weight", "module.stage1.0.conv.weight")
    qtbot.mouseClick(dialog.primary, LEFT)
    assert document.history.applied == (RegexRename(r"layer(\d+)\.", r"stage\1."),)


def test_one_line_renames_every_layer(qtbot: QtBot, document: Document) -> None:
    dialog = PatternRenameDialog(document)
    opened(qtbot, dialog)
    qtbot.keyClicks(dialog.pattern, "layer{n}")
    qtbot.keyClicks(dialog.replacement, "stage.{n}")
    assert ready(qtbot, dialog) == "Rename 2 tensors"
    assert preview(dialog)[0] == ("module.layer1.0.conv.weight", "module.stage.1.0.conv.weight")
    qtbot.keyClick(dialog.replacement, Qt.Key.Key_Return)
    assert document.history.applied == (PatternRename("layer{n}", "stage.{n}"),)


def test_unknown_placeholders_are_told_in_place(qtbot: QtBot, document: Document) -> None:
    dialog = PatternRenameDialog(document)
    opened(qtbot, dialog)
    dialog.pattern.setText("layer{n}")
    dialog.replacement.setText("stage.{m}")
    refused(qtbot, dialog, "{m}")
    dialog.examples.activated.emit(1)
    assert dialog.pattern.text() == "layers.{n}"
    refused(qtbot, dialog, "layers.{n}")


def test_a_pattern_starts_from_the_name_one_stands_on() -> None:
    assert pattern_of("module.layers.3.sub.12.weight") == "module.layers.{n}.sub.{m}.weight"


@pytest.mark.parametrize("pattern", ["layer(", "[", "(?P<a>x)(?P<a>y)"])
def test_a_broken_pattern_is_told_in_place(qtbot: QtBot, document: Document, pattern: str) -> None:
    dialog = RegexRenameDialog(document)
    opened(qtbot, dialog)
    dialog.pattern.setText(pattern)
    refused(qtbot, dialog, pattern)


def test_a_pattern_that_runs_away_is_stopped(qtbot: QtBot) -> None:
    document = samples.document({"a" * 60 + ".weight": (1,)})
    dialog = RegexRenameDialog(document)
    opened(qtbot, dialog)
    dialog.pattern.setText(r"(a+)+$")
    qtbot.waitUntil(lambda: "(a+)+$" in dialog.message.label.text(), timeout=10_000)
    assert not dialog.primary.isEnabled()


def test_an_answer_for_an_older_pattern_is_dropped(qtbot: QtBot, document: Document) -> None:
    dialog = RegexRenameDialog(document)
    opened(qtbot, dialog)
    dialog.replacement.setText("x")
    dialog.pattern.setText("fc")
    dialog._on_pause_over()
    dialog.pattern.setText("bn1")
    assert ready(qtbot, dialog) == "Rename 2 tensors"
    assert {before for before, _ in preview(dialog)} == {"module.bn1.weight", "module.bn1.bias"}


def test_pop_and_keep_by_pattern(qtbot: QtBot, document: Document) -> None:
    dialog = PopMatchingDialog(document)
    opened(qtbot, dialog)
    qtbot.keyClicks(dialog.field, "*.fc.*")
    assert ready(qtbot, dialog) == "Pop 2 tensors"
    assert preview(dialog) == [("module.fc.weight", None), ("module.fc.bias", None)]
    dialog.keep.click()
    qtbot.waitUntil(lambda: dialog.primary.isEnabled() and dialog.primary.text() == "Pop 5 tensors")
    qtbot.mouseClick(dialog.primary, LEFT)
    assert document.history.applied == (Keep("*.fc.*"),)


def test_device(qtbot: QtBot, document: Document) -> None:
    dialog = DeviceDialog(document)
    opened(qtbot, dialog)
    assert "cpu (7)" in dialog.explanation.text()
    refused(qtbot, dialog, "cpu")
    dialog.field.setEditText("gpu 1")
    refused(qtbot, dialog, "cuda:0")
    dialog.field.setEditText("cuda:1")
    assert ready(qtbot, dialog) == "Set 7 tensors to cuda:1"
    qtbot.mouseClick(dialog.primary, LEFT)
    assert document.history.applied == (SetDevice("cuda:1"),)


def test_cast_says_that_all_fits(qtbot: QtBot, document: Document) -> None:
    dialog = CastDialog(document, dtype="float16")
    opened(qtbot, dialog)
    assert ready(qtbot, dialog) == "Convert 7 tensors to float16"
    assert dialog.message.label.text() == "Every value fits into this type."
    assert "instead of" in dialog.new_size.text()
    qtbot.mouseClick(dialog.primary, LEFT)
    assert document.history.applied == (Cast("float16"),)


def test_cast_counts_what_would_become_infinite(qtbot: QtBot) -> None:
    document = samples.document({"small": (4,), "big": (5,)})
    state_dict = document.checkpoint.active_state_dict
    # 1e6 as float32, little-endian.
    entries = {**state_dict.entries, "big": samples.tensor(5, fill=b"\x00\x24\x74\x49")}
    document = Document(document.checkpoint.with_state_dict(state_dict.with_entries(entries)))
    dialog = CastDialog(document, dtype="float16")
    opened(qtbot, dialog)
    ready(qtbot, dialog)
    assert "“big”: 5 values" in dialog.message.label.text()
    assert dialog.message.tone == "caution"
    dialog.types.setCurrentText("bfloat16")
    qtbot.waitUntil(lambda: dialog.message.tone == "good")
    assert ready(qtbot, dialog) == "Convert 2 tensors to bfloat16"
    dialog.reject()


def test_cast_to_what_it_is_already(qtbot: QtBot, document: Document) -> None:
    dialog = CastDialog(document, dtype="float32")
    opened(qtbot, dialog)
    refused(qtbot, dialog, "float32")


def test_an_edit_elsewhere_is_taken_into_account(qtbot: QtBot, document: Document) -> None:
    dialog = StripPrefixDialog(document, "module.")
    opened(qtbot, dialog)
    ready(qtbot, dialog)
    document.apply(Pop(("module.fc.weight", "module.fc.bias")))
    assert not dialog.primary.isEnabled()
    assert ready(qtbot, dialog) == "Strip “module.” from 5 names"
    qtbot.mouseClick(dialog.primary, LEFT)
    assert len(document.history.applied) == 2


def test_the_close_prompt_lists_what_is_pending(qtbot: QtBot, document: Document) -> None:
    clean = samples.document(samples.WRAPPED, "clean.pth")
    document.apply(StripPrefix("module."))
    document.apply(Pop(("fc.weight",)))
    prompt = ClosePrompt([clean, document])
    qtbot.addWidget(prompt)
    prompt.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose, False)
    prompt.open()
    assert "sample.pth" in prompt.heading.text()
    lines = [prompt.pending.item(row).text() for row in range(prompt.pending.count())]
    assert len(lines) == 2
    assert "module." in lines[0]
    with qtbot.waitSignal(prompt.discard_chosen):
        qtbot.mouseClick(prompt.discard, LEFT)
    again = ClosePrompt([document])
    qtbot.addWidget(again)
    again.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose, False)
    again.open()
    with qtbot.waitSignal(again.export_requested) as asked:
        qtbot.keyClick(again, Qt.Key.Key_Return)
    assert asked.args == [document]
    document.undo()
    document.undo()
    assert not document.is_dirty


def test_only_the_differing_part_is_marked() -> None:
    assert differing_part("module.conv1.weight", "conv1.weight") == ((0, 7), (0, 0))
    assert differing_part("a.x.b", "a.yy.b") == ((2, 1), (2, 2))
    assert differing_part("aa", "aaa") == ((2, 0), (2, 1))


@pytest.mark.parametrize("width", [1000, 130, 110, 60])
@pytest.mark.parametrize(
    ("before", "after", "part"),
    [
        ("module.layer1.1.conv.weight", "module.layer1.qkv.conv.weight", "1"),
        ("module.conv1.weight.of.a.long.name", "conv1.weight.of.a.long.name", "module."),
        ("layer2.0.downsample.1.num_batches_tracked", "layer2.0.shortcut.1.num_batches_tracked", "downsample"),
        ("layer2.0.stem.longer.name.of.gamma", "layer2.0.stem.longer.name.of.weight", "gamma"),
    ],
)
def test_the_differing_part_is_marked_where_it_is(
    qapp: QApplication, width: int, before: str, after: str, part: str
) -> None:
    (start, length), _ = differing_part(before, after)
    metrics = QFontMetrics(qapp.font())
    shown, shift = elided_around(before, start, length, width, metrics)
    assert metrics.horizontalAdvance(shown) <= width
    marked = shown[shift : shift + length]
    # What differs is what is cut last.
    room = metrics.horizontalAdvance(f"…{part}…") < width * 0.9
    assert marked == part if room else part.startswith(marked.rstrip("…"))
    assert shown == before or "…" in shown


def test_metadata_is_added_and_changed(qtbot: QtBot, document: Document) -> None:
    dialog = MetadataDialog(document)
    opened(qtbot, dialog)
    qtbot.keyClicks(dialog.key.lineEdit(), "author")
    qtbot.keyClicks(dialog.value, "me")
    assert ready(qtbot, dialog) == "Add"
    qtbot.mouseClick(dialog.primary, LEFT)
    assert document.checkpoint.metadata["author"] == "me"
    again = MetadataDialog(document, "author")
    opened(qtbot, again)
    assert again.value.toPlainText() == "me"
    assert not again.primary.isEnabled()
    again.value.setPlainText("you")
    assert ready(qtbot, again) == "Change"
    qtbot.mouseClick(again.primary, LEFT)
    assert document.checkpoint.metadata["author"] == "you"


def test_many_collisions_are_told_in_few_lines(qtbot: QtBot) -> None:
    shapes = {f"layers.{n}.weight": (2,) for n in range(30)} | {f"blocks.{n}.weight": (2,) for n in range(30)}
    dialog = opened(qtbot, PatternRenameDialog(samples.document(shapes)))
    assert isinstance(dialog, PatternRenameDialog)
    height = dialog.height()
    dialog.pattern.setText("layers.{n}")
    dialog.replacement.setText("blocks.{n}")
    qtbot.waitUntil(lambda: "27 more" in dialog.message.label.text())
    assert len(dialog.message.label.text().splitlines()) == 5
    assert dialog.height() < height + 9 * dialog.fontMetrics().lineSpacing()
    qtbot.mouseClick(dialog.details_button, LEFT)
    assert len(dialog.details.toPlainText().splitlines()) == 31
    dialog.replacement.setText("stages.{n}")
    ready(qtbot, dialog)
    assert not dialog.details_button.isVisible()
