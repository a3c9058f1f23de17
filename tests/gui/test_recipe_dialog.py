"""The recipe's own window: steps in words, fields, moving, switching off, what each does to the open file."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QCheckBox, QComboBox, QLineEdit, QPlainTextEdit
from pytestqt.qtbot import QtBot

from ckpt_studio.core.edits import (
    ApplyMapping,
    Cast,
    FillMissing,
    NameRule,
    PopMatching,
    Recipe,
    RenameTensor,
    StripPrefix,
    edit_to_json,
)
from ckpt_studio.core.edits.base import edit_types
from ckpt_studio.core.edits.draft import Draft, edit_of, unknown_fields
from ckpt_studio.errors import EditError
from ckpt_studio.gui.dialogs.recipe_dialog import RecipeDialog
from ckpt_studio.gui.dialogs.recipe_fields import KINDS, RecipeFields, RowsTable, empty_step
from ckpt_studio.gui.document import Document
from ckpt_studio.gui.history_pane import HistoryPane
from ckpt_studio.gui.main_window import MainWindow
from ckpt_studio.resources import resource_path

LEFT = Qt.MouseButton.LeftButton


def shown(qtbot: QtBot, document: Document | None, path: str = "") -> RecipeDialog:
    dialog = RecipeDialog(document)
    qtbot.addWidget(dialog, before_close_func=lambda one: setattr(one, "_kept", one.draft))
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose, False)
    dialog.show()
    if path:
        dialog.open_recipe(path)
    return dialog


def written(tmp_path: Path, *steps: object, **rest: object) -> str:
    path = tmp_path / "r.json"
    body = [edit_to_json(step) if not isinstance(step, dict) else step for step in steps]  # type: ignore[arg-type]
    path.write_text(json.dumps({"ckpt-studio-recipe": 1, **rest, "edits": body}))
    return str(path)


def outcomes(qtbot: QtBot, dialog: RecipeDialog) -> list[str]:
    qtbot.waitUntil(lambda: len(dialog._tried) == len(dialog.draft.steps) and dialog._task is None)
    items = [dialog.steps.topLevelItem(row) for row in range(dialog.steps.topLevelItemCount())]
    return [item.text(1) for item in items if item is not None]


def words(dialog: RecipeDialog) -> list[str]:
    items = [dialog.steps.topLevelItem(row) for row in range(dialog.steps.topLevelItemCount())]
    return [item.text(0) for item in items if item is not None]


def test_each_step_is_told_with_what_it_does_to_the_open_file(qtbot: QtBot, document: Document, tmp_path: Path) -> None:
    recipe = written(tmp_path, StripPrefix("module."), PopMatching("head.*"), Cast("float16"))
    dialog = shown(qtbot, document, recipe)
    assert outcomes(qtbot, dialog) == [
        "7 renamed",
        dialog._tried[1].error and str(dialog._tried[1].error.message),
        "7 converted",
    ]
    assert words(dialog)[0] == "1.  Strip the prefix “module.”"
    assert "head.*" in outcomes(qtbot, dialog)[1]
    assert dialog.preview.pairs.rowCount() == 7
    dialog.steps.choose(1)
    assert dialog.outcome.tone == "bad"
    assert not dialog.preview.isVisible()
    # With a step that fails the whole recipe would be refused: nobody is led there.
    assert dialog.apply_button.property("primary") is False
    qtbot.keyClick(dialog.steps, Qt.Key.Key_Space)
    outcomes(qtbot, dialog)
    assert dialog.apply_button.property("primary") is True
    qtbot.keyClick(dialog.steps, Qt.Key.Key_Space)
    outcomes(qtbot, dialog)
    dialog.undo()
    dialog.undo()
    assert not dialog.is_changed


def test_a_field_is_changed_in_words_and_tried_at_once(qtbot: QtBot, document: Document, tmp_path: Path) -> None:
    dialog = shown(qtbot, document, written(tmp_path, StripPrefix("model.")))
    assert "model." in outcomes(qtbot, dialog)[0]
    prefix = dialog.fields.control("prefix")
    assert isinstance(prefix, QLineEdit)
    assert prefix.accessibleName() == "Prefix"
    prefix.selectAll()
    qtbot.keyClicks(prefix, "module.")
    qtbot.waitUntil(lambda: outcomes(qtbot, dialog) == ["7 renamed"])
    assert dialog.is_changed
    tick = dialog.fields.control("anywhere")
    assert isinstance(tick, QCheckBox)
    qtbot.mouseClick(tick, LEFT)
    assert edit_of(dialog.draft.steps[0]) == StripPrefix("module.", True)
    qtbot.keyClick(dialog, Qt.Key.Key_S, Qt.KeyboardModifier.ControlModifier)
    assert Recipe.from_json(Path(dialog.path).read_text()).edits == (StripPrefix("module.", True),)
    assert not dialog.is_changed


def test_steps_are_moved_switched_off_removed_and_added(qtbot: QtBot, document: Document, tmp_path: Path) -> None:
    dialog = shown(qtbot, document, written(tmp_path, StripPrefix("module."), PopMatching("fc.*")))
    dialog.steps.choose(1)
    qtbot.mouseClick(dialog.up_button, LEFT)
    assert [step["edit"] for step in dialog.draft.steps] == ["pop-matching", "strip-prefix"]
    assert dialog.steps.current == 0
    qtbot.keyClick(dialog.steps, Qt.Key.Key_Down, Qt.KeyboardModifier.AltModifier)
    assert [step["edit"] for step in dialog.draft.steps] == ["strip-prefix", "pop-matching"]
    qtbot.keyClick(dialog.steps, Qt.Key.Key_Space)
    assert dialog.draft.steps[1]["off"] is True
    assert outcomes(qtbot, dialog)[1] == "switched off"
    assert dialog.draft.recipe().edits == (StripPrefix("module."),)
    dialog.steps.moved.emit([1, 0])
    assert [step["edit"] for step in dialog.draft.steps] == ["pop-matching", "strip-prefix"]
    dialog.undo()
    qtbot.keyClick(dialog.steps, Qt.Key.Key_Delete)
    assert len(dialog.draft.steps) == 1
    dialog.add_step("cast")
    box = dialog.fields.control("dtype")
    assert isinstance(box, QComboBox)
    box.setCurrentText("bfloat16")
    assert edit_of(dialog.draft.steps[-1]) == Cast("bfloat16")
    assert outcomes(qtbot, dialog)[-1] == "7 converted"


def test_rules_are_rows_from_and_to(qtbot: QtBot, document: Document, tmp_path: Path) -> None:
    edit = ApplyMapping(rules=(NameRule("module.layer{n}.*", "stage.{n}.*"), NameRule("gone.*", "x.*")))
    dialog = shown(qtbot, document, written(tmp_path, edit))
    assert outcomes(qtbot, dialog) == ["2 renamed"]
    assert "gone.*" in dialog.outcome.label.text()
    table = dialog.fields.control("rules")
    assert isinstance(table, RowsTable)
    assert table.rows() == [["module.layer{n}.*", "stage.{n}.*", ""], ["gone.*", "x.*", ""]]
    table.table.selectRow(1)
    qtbot.mouseClick(table.remove_button, LEFT)
    first = table.table.item(0, 1)
    assert first is not None
    first.setText("block.{n+1}.*")
    qtbot.waitUntil(lambda: outcomes(qtbot, dialog) == ["2 renamed"] and dialog.outcome.tone == "good")
    assert edit_of(dialog.draft.steps[0]) == ApplyMapping(rules=(NameRule("module.layer{n}.*", "block.{n+1}.*"),))
    assert dialog.preview.pairs.pair(0)[1] == "block.2.0.conv.weight"


def test_what_is_not_understood_is_kept(qtbot: QtBot, document: Document, tmp_path: Path) -> None:
    strange = {"edit": "of-tomorrow", "what": [1, {"a": None}]}
    known = {"edit": "strip-prefix", "prefix": "module.", "note": "why"}
    path = written(tmp_path, strange, known, name="Mine", author={"x": 1})
    dialog = shown(qtbot, document, path)
    assert "of-tomorrow" in words(dialog)[0]
    assert unknown_fields(known) == ("note",)
    dialog.steps.choose(1)
    prefix = dialog.fields.control("prefix")
    assert isinstance(prefix, QLineEdit)
    prefix.setText("module")
    assert dialog.save()
    data = json.loads(Path(path).read_text())
    assert data == {
        "ckpt-studio-recipe": 1, "name": "Mine", "author": {"x": 1}, "edits": [strange, {**known, "prefix": "module"}],
    }  # fmt: skip
    # Such a recipe is not applied in part.
    qtbot.mouseClick(dialog.apply_button, LEFT)
    assert dialog.message.tone == "bad"
    with pytest.raises(EditError):
        Recipe.from_json(Path(path).read_text())


def test_switched_off_steps_are_left_out_everywhere() -> None:
    steps = '[{"edit": "of-tomorrow", "off": true}, {"edit": "cast", "dtype": "float16"}]'
    text = f'{{"ckpt-studio-recipe": 1, "edits": {steps}}}'
    assert Recipe.from_json(text).edits == (Cast("float16"),)
    assert Draft.from_json(text).to_json() == json.dumps(json.loads(text), indent=2) + "\n"


def test_the_recipe_is_applied_to_the_open_file(qtbot: QtBot, document: Document, tmp_path: Path) -> None:
    pane = HistoryPane(document)
    qtbot.addWidget(pane)
    dialog = shown(qtbot, document, written(tmp_path, StripPrefix("module.")))
    dialog.apply_wanted.connect(pane.apply_edits)
    assert dialog.apply_button.text() == "A&pply to this file"
    qtbot.mouseClick(dialog.apply_button, LEFT)
    qtbot.waitUntil(lambda: document.history.applied == (StripPrefix("module."),))
    assert "r.json" in pane.message.label.text()


def told(qtbot: QtBot, document: Document, dialog: RecipeDialog) -> HistoryPane:
    pane = HistoryPane(document)
    qtbot.addWidget(pane)
    dialog.apply_wanted.connect(pane.apply_edits)
    pane.recipe_told.connect(dialog.show_told)
    return pane


def test_a_step_that_fails_is_told_in_the_window(qtbot: QtBot, document: Document, tmp_path: Path) -> None:
    dialog = shown(qtbot, document, written(tmp_path, StripPrefix("module."), RenameTensor("nobody", "x")))
    told(qtbot, document, dialog)
    outcomes(qtbot, dialog)
    qtbot.mouseClick(dialog.apply_button, LEFT)
    qtbot.waitUntil(dialog.message.isVisible)
    assert dialog.message.tone == "bad"
    assert dialog.message.label.text().startswith("Step 2 (")
    assert "nobody" in dialog.message.label.text()
    assert not document.is_dirty


def test_after_applying_the_outcome_stays(qtbot: QtBot, document: Document, tmp_path: Path) -> None:
    dialog = shown(qtbot, document, written(tmp_path, StripPrefix("module."), Cast("float16")))
    told(qtbot, document, dialog)
    before = outcomes(qtbot, dialog)
    qtbot.mouseClick(dialog.apply_button, LEFT)
    qtbot.waitUntil(dialog.message.isVisible)
    assert dialog.message.label.text() == "2 changes applied from r.json"
    assert dialog.message.tone == "good"
    assert not dialog._pause.isActive()
    assert outcomes(qtbot, dialog) == before
    assert dialog.explanation.text().endswith("applied to sample.pth")
    assert not dialog.apply_button.isEnabled()
    document.undo()
    document.undo()
    assert dialog.apply_button.isEnabled()
    assert dialog.explanation.text().endswith("tried on sample.pth")
    assert outcomes(qtbot, dialog) == before


def test_an_empty_recipe_was_not_tried(qtbot: QtBot, document: Document) -> None:
    assert shown(qtbot, document).explanation.text() == "0 steps"


def test_the_changes_of_the_open_file_are_edited(qtbot: QtBot, document: Document) -> None:
    document.apply(StripPrefix("module."))
    document.apply(RenameTensor("fc.bias", "wrong"))
    pane = HistoryPane(document)
    qtbot.addWidget(pane)
    dialog = shown(qtbot, document)
    dialog.apply_wanted.connect(pane.apply_edits)
    assert outcomes(qtbot, dialog) == ["7 renamed", "1 renamed"]
    dialog.steps.choose(1)
    new = dialog.fields.control("new")
    assert isinstance(new, QLineEdit)
    new.setText("right")
    assert dialog.apply_button.text() == "Re&place the changes"
    qtbot.mouseClick(dialog.apply_button, LEFT)
    qtbot.waitUntil(lambda: document.history.applied == (StripPrefix("module."), RenameTensor("fc.bias", "right")))
    assert document.state_dict is not None
    assert "right" in document.state_dict.tensors


def test_changes_are_asked_about_before_they_are_lost(qtbot: QtBot, document: Document, tmp_path: Path) -> None:
    path = written(tmp_path, StripPrefix("module."))
    dialog = shown(qtbot, document, path)
    dialog.add_step("keep")
    qtbot.keyClick(dialog, Qt.Key.Key_Escape)
    assert dialog.isVisible()
    assert dialog.asked.isVisible()
    dialog._stay()
    assert not dialog.asked.isVisible()
    dialog.close()
    dialog._save_and_go_on()
    assert not dialog.isVisible()
    assert len(Draft.from_json(Path(path).read_text()).steps) == 2


def test_a_folder_wants_a_saved_recipe(qtbot: QtBot, document: Document, tmp_path: Path) -> None:
    path = written(tmp_path, StripPrefix("module."))
    dialog = shown(qtbot, document, path)
    with qtbot.waitSignal(dialog.folder_wanted) as asked:
        qtbot.mouseClick(dialog.folder_button, LEFT)
    assert asked.args == [path]
    dialog.steps.choose(0)
    prefix = dialog.fields.control("prefix")
    assert isinstance(prefix, QLineEdit)
    prefix.setText("model.")
    qtbot.mouseClick(dialog.folder_button, LEFT)
    assert dialog.asked.isVisible()
    with qtbot.waitSignal(dialog.folder_wanted):
        dialog._save_and_go_on()


def test_a_models_code_does_not_run_to_try_a_recipe(qtbot: QtBot, document: Document, tmp_path: Path) -> None:
    fill = FillMissing(str(tmp_path / "gone.safetensors"), ("a", "b"), "/lab/net.py:Net()", 3)
    dialog = shown(qtbot, document, written(tmp_path, fill, StripPrefix("module.")))
    assert outcomes(qtbot, dialog) == ["2 tensors are made by the model's code when it is applied", "7 renamed"]


def test_without_a_file_steps_are_still_read(qtbot: QtBot, tmp_path: Path) -> None:
    dialog = shown(qtbot, None, written(tmp_path, StripPrefix("module."), {"edit": "cast"}))
    found = outcomes(qtbot, dialog)
    assert found[0] == ""
    assert "dtype" in found[1]
    assert not dialog.apply_button.isEnabled()
    assert "open a checkpoint" in dialog.explanation.text()


def test_what_cannot_be_read_is_said_and_nothing_lost(qtbot: QtBot, tmp_path: Path, document: Document) -> None:
    dialog = shown(qtbot, document, written(tmp_path, StripPrefix("module.")))
    bad = tmp_path / "bad.json"
    bad.write_text("{}")
    dialog.open_recipe(str(bad))
    assert dialog.message.tone == "bad"
    dialog.open_recipe(str(tmp_path / "none.json"))
    assert dialog.message.tone == "bad"
    assert len(dialog.draft.steps) == 1
    assert not dialog.save_to(str(tmp_path / "no" / "folder.json"))


def test_every_kind_of_step_has_words_and_fields(qtbot: QtBot) -> None:
    assert set(KINDS) == set(edit_types())
    fields = RecipeFields()
    qtbot.addWidget(fields)
    for kind in KINDS:
        step = empty_step(kind)
        fields.show_step(step)
        assert fields.step == step
        for name in fields._controls:
            assert fields.control(name).property("field") == name
        # Nothing that was only looked at is changed.
        fields._on_edited()
        assert {key: value for key, value in fields.step.items() if value not in ([], [["", "", ""]])} == {
            key: value for key, value in step.items() if value not in ([], [["", "", ""]])
        }


def test_odd_values_are_fields_of_json(qtbot: QtBot) -> None:
    fields = RecipeFields()
    qtbot.addWidget(fields)
    fields.show_step({"edit": "reshape", "name": "a", "shape": [2, 3]})
    shape = fields.control("shape")
    assert isinstance(shape, QLineEdit)
    shape.setText("[3, 2")
    assert "Shape" in fields.problem
    assert fields.step["shape"] == [2, 3]
    shape.setText("[3, 2]")
    assert fields.problem == ""
    assert fields.step["shape"] == [3, 2]
    fields.show_step({"edit": "pop", "names": ["a", "b"]})
    lines = fields.control("names")
    assert isinstance(lines, QPlainTextEdit)
    lines.setPlainText("a\nb\nc\n")
    assert fields.step["names"] == ["a", "b", "c"]


def test_menu_and_keys_open_it(qtbot: QtBot) -> None:
    window = MainWindow()
    qtbot.addWidget(window)
    window.show()
    window.open_path(str(resource_path("sample.pth")))
    qtbot.waitUntil(lambda: window.current_page is not None)
    window.actions_["edit-recipe"].trigger()
    page = window.current_page
    assert page is not None
    (editor,) = page.findChildren(RecipeDialog)
    assert editor.document is page.document
    assert editor.explanation.text() == "0 steps"
    editor.close()


def test_a_question_goes_when_it_is_answered_otherwise(qtbot: QtBot, document: Document, tmp_path: Path) -> None:
    saved = written(tmp_path, StripPrefix("module."))
    dialog = shown(qtbot, document)
    wanted: list[str] = []
    dialog.folder_wanted.connect(wanted.append)
    dialog.add_step("strip-prefix")
    dialog.set_steps(Draft.of([StripPrefix("module.")]).steps, 0)
    qtbot.mouseClick(dialog.folder_button, LEFT)
    assert dialog.asked.label.text() == "To change the files of a folder, the recipe must be saved first."
    # There is nothing that could be done without saving.
    assert not dialog.leave_button.isVisible()
    dialog.open_recipe(saved)
    assert not dialog.asked.isVisible()
    dialog.add_step("cast")
    qtbot.mouseClick(dialog.close_button, LEFT)
    assert dialog.asked.isVisible()
    assert dialog.leave_button.isVisible()
    # Undone, it is as it was saved.
    dialog.undo()
    assert not dialog.is_changed
    assert not dialog.asked.isVisible()
    # Saved by the button beside it, it goes on to what was wanted.
    dialog.set_steps(Draft.of([StripPrefix("module"), Cast("float16")]).steps, 0)
    qtbot.mouseClick(dialog.folder_button, LEFT)
    assert not wanted
    qtbot.mouseClick(dialog.save_button, LEFT)
    assert wanted == [saved]
    assert not dialog.asked.isVisible()
