"""The history pane: edits in words, going to any state by a click, recipes."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QFileDialog
from pytestqt.modeltest import ModelTester
from pytestqt.qtbot import QtBot

from ckpt_studio.core.edits import FillMissing, Pop, Recipe, RenameTensor, StripPrefix
from ckpt_studio.gui.dialogs.consent_dialog import ConsentDialog
from ckpt_studio.gui.document import Document
from ckpt_studio.gui.history_pane import HistoryModel, HistoryPane
from tests.gui import samples
from tests.gui.checkpoints import wrapped_document

LEFT = Qt.MouseButton.LeftButton


def shown(qtbot: QtBot, document: Document) -> HistoryPane:
    pane = HistoryPane(document)
    qtbot.addWidget(pane)
    pane.resize(500, 400)
    pane.show()
    return pane


def lines(pane: HistoryPane) -> list[str]:
    model = pane.list.model()
    return [model.index(row, 0).data() for row in range(model.rowCount())]


def click(qtbot: QtBot, pane: HistoryPane, row: int) -> None:
    place = pane.list.visualRect(pane.list.model().index(row, 0)).center()
    qtbot.mouseClick(pane.list.viewport(), LEFT, Qt.KeyboardModifier.NoModifier, place)


def test_edits_are_listed_in_words(qtbot: QtBot, document: Document, qtmodeltester: ModelTester) -> None:
    model = HistoryModel(document)
    qtmodeltester.check(model)
    pane = shown(qtbot, document)
    assert lines(pane) == ["sample.pth as opened"]
    assert pane.title.text() == "No changes to export"
    assert pane.hint.isVisible()
    document.apply(StripPrefix("module."))
    document.apply(Pop(("fc.weight",)))
    assert len(lines(pane)) == model.rowCount() == 3
    assert "module." in lines(pane)[1]
    assert pane.title.text() == "2 changes not exported"
    document.mark_saved()
    assert pane.title.text() == "No changes to export"
    assert lines(pane)[2].endswith("(exported)")


def test_a_click_goes_to_that_state_and_back(qtbot: QtBot, document: Document) -> None:
    pane = shown(qtbot, document)
    document.apply(StripPrefix("module."))
    stripped = document.checkpoint
    document.apply(Pop(("fc.weight",)))
    click(qtbot, pane, 1)
    assert document.checkpoint is stripped
    assert pane.list.model().index(1, 0).data(Qt.ItemDataRole.FontRole).bold()
    assert pane.list.model().index(2, 0).data(Qt.ItemDataRole.FontRole).italic()
    click(qtbot, pane, 0)
    assert document.checkpoint is document.history.opened
    assert len(lines(pane)) == 3
    qtbot.keyClick(pane.list, Qt.Key.Key_Down)
    qtbot.keyClick(pane.list, Qt.Key.Key_Return)
    assert document.checkpoint is stripped


def test_undo_and_redo_buttons(qtbot: QtBot, document: Document) -> None:
    pane = shown(qtbot, document)
    assert not pane.undo_button.isEnabled()
    document.apply(StripPrefix("module."))
    qtbot.mouseClick(pane.undo_button, LEFT)
    assert document.history.index == 0
    assert not pane.undo_button.isEnabled()
    qtbot.mouseClick(pane.redo_button, LEFT)
    assert document.history.index == 1


def test_an_edit_after_undo_drops_what_redo_held(qtbot: QtBot, document: Document) -> None:
    pane = shown(qtbot, document)
    document.apply(StripPrefix("module."))
    document.apply(Pop(("fc.weight",)))
    document.go_to(0)
    document.apply(RenameTensor("module.fc.weight", "x"))
    assert len(lines(pane)) == 2


def test_a_recipe_is_saved_and_applied_to_another_file(qtbot: QtBot, document: Document, tmp_path: Path) -> None:
    pane = shown(qtbot, document)
    document.apply(StripPrefix("module."))
    document.apply(Pop(("fc.weight", "fc.bias")))
    target = tmp_path / "recipe.json"
    with qtbot.waitSignal(pane.recipe_saved):
        pane.save_recipe(str(target))
    assert Recipe.from_json(target.read_text(encoding="utf-8")).edits == document.history.applied
    assert [p.name for p in tmp_path.glob("recipe*")] == ["recipe.json"]
    other = samples.document(samples.WRAPPED)
    other_pane = shown(qtbot, other)
    other_pane.apply_recipe(str(target))
    qtbot.waitUntil(lambda: len(other.history.applied) == 2)
    assert list(other.checkpoint.active_state_dict.entries) == list(document.checkpoint.active_state_dict.entries)
    assert "2 changes applied" in other_pane.message.label.text()


def test_a_recipe_that_does_not_fit_changes_nothing(qtbot: QtBot, tmp_path: Path) -> None:
    other = samples.document(samples.MODEL)
    pane = shown(qtbot, other)
    recipe = tmp_path / "recipe.json"
    recipe.write_text(Recipe((Pop(("fc.weight",)), StripPrefix("module."))).to_json(), encoding="utf-8")
    pane.apply_recipe(str(recipe))
    qtbot.waitUntil(pane.message.isVisible)
    assert pane.message.label.text().startswith("Step 2 (Strip the prefix “module.”): ")
    assert not other.is_dirty


@pytest.mark.parametrize("content", [b"", b"not json", b'{"edits": []}', b"\xff\xfe\x00"])
def test_what_is_no_recipe_is_told(qtbot: QtBot, document: Document, tmp_path: Path, content: bytes) -> None:
    pane = shown(qtbot, document)
    path = tmp_path / "x.json"
    path.write_bytes(content)
    pane.apply_recipe(str(path))
    qtbot.waitUntil(pane.message.isVisible)
    assert pane.message.tone == "bad"
    assert not document.is_dirty


def test_a_recipe_that_cannot_be_written_is_told(qtbot: QtBot, document: Document, tmp_path: Path) -> None:
    pane = shown(qtbot, document)
    document.apply(StripPrefix("module."))
    pane.save_recipe(str(tmp_path / "no such folder" / "recipe.json"))
    assert "could not be written" in pane.message.label.text()


def test_the_changes_are_copied_as_python(qtbot: QtBot, document: Document) -> None:
    pane = shown(qtbot, document)
    assert not pane.copy_action.isEnabled()
    document.apply(StripPrefix("module."))
    document.apply(Pop(("fc.weight",)))
    document.undo()
    with qtbot.waitSignal(pane.copied):
        pane.copy_action.trigger()
    script = QGuiApplication.clipboard().text()
    compile(script, "script", "exec")
    assert "module." in script
    assert "fc.weight" not in script
    assert "Copied" in pane.message.label.text()
    assert pane.message.tone == "good"


def test_a_recipe_of_edits_on_two_state_dicts_does_the_same_elsewhere(qtbot: QtBot, tmp_path: Path) -> None:
    document, other = wrapped_document(), wrapped_document()
    document.apply(StripPrefix("module."))
    document.activate(("ema",))
    document.apply(Pop(("module.fc.weight",)))
    target = tmp_path / "recipe.json"
    shown(qtbot, document).save_recipe(str(target))
    pane = shown(qtbot, other)
    pane.apply_recipe(str(target))
    qtbot.waitUntil(lambda: len(other.history.applied) == 2)
    assert other.checkpoint.active == ("ema",)
    for mine, theirs in zip(document.checkpoint.state_dicts, other.checkpoint.state_dicts, strict=True):
        assert list(mine.entries) == list(theirs.entries)
    other.undo()
    other.undo()
    assert other.checkpoint.active == ("state_dict",)


@pytest.mark.slow
def test_fresh_values_of_a_recipe_are_made_again_once_the_code_may_run(qtbot: QtBot, tmp_path: Path) -> None:
    pytest.importorskip("torch")
    code = tmp_path / "net.py"
    code.write_text(
        "import torch.nn as nn\nclass Net(nn.Module):\n    def __init__(self):\n        super().__init__()\n"
        "        self.head = nn.Linear(4, 2)\n"
    )
    fill = FillMissing(str(tmp_path / "gone.safetensors"), ("head.weight", "head.bias"), f"{code}:Net()", 5)
    recipe = tmp_path / "recipe.json"
    recipe.write_text(Recipe((fill,)).to_json(), encoding="utf-8")
    document = samples.document(samples.MODEL)
    pane = shown(qtbot, document)

    def question() -> ConsentDialog:
        found: list[ConsentDialog] = []

        def asked() -> bool:
            found[:] = [dialog for dialog in pane.findChildren(ConsentDialog) if dialog.isVisible()]
            return bool(found)

        qtbot.waitUntil(asked, timeout=30_000)
        return found[0]

    pane.apply_recipe(str(recipe))
    qtbot.mouseClick(question().cancel_button, LEFT)
    qtbot.waitUntil(lambda: "was not to run" in pane.message.label.text())
    assert not document.is_dirty
    pane.apply_recipe(str(recipe))
    qtbot.mouseClick(question().primary, LEFT)
    qtbot.waitUntil(lambda: document.is_dirty, timeout=60_000)
    state_dict = document.state_dict
    assert state_dict is not None
    assert state_dict.tensors["head.weight"].shape == (2, 4)
    (edit,) = document.history.applied
    assert isinstance(edit, FillMissing)
    assert Path(edit.path).exists()
    assert (edit.reference, edit.seed) == (fill.reference, 5)


def test_in_a_low_pane_nothing_is_crushed(qtbot: QtBot, document: Document, tmp_path: Path) -> None:
    pane = shown(qtbot, document)
    document.apply(StripPrefix("module."))
    pane.resize(360, 110)
    pane.apply_recipe(str(tmp_path / "no such recipe with a name that is long enough for two lines.json"))
    QGuiApplication.processEvents()
    for button in (pane.undo_button, pane.redo_button, pane.recipe_button):
        assert button.height() >= button.sizeHint().height()
        assert button.width() >= button.minimumSizeHint().width()
    label = pane.message.label
    assert label.height() >= label.heightForWidth(label.width())
    assert pane.list.height() >= 2 * pane.list.visualRect(pane.list.model().index(0, 0)).height()
    # The message is in sight.
    assert pane.message.mapTo(pane, pane.message.rect().topLeft()).y() >= 0
    assert not pane.list.horizontalScrollBar().isVisible()


def test_recipes_have_a_name_and_are_looked_for_where_the_last_one_is(
    qtbot: QtBot, document: Document, tmp_path: Path
) -> None:
    pane = shown(qtbot, document)
    document.apply(StripPrefix("module."))
    pane.save_recipe(str(tmp_path / "mine.json"))
    pane.choose_recipe()
    pane.choose_recipe_target()
    asked, target = pane.findChildren(QFileDialog)
    assert Path(asked.directory().absolutePath()) == tmp_path
    assert Path(target.selectedFiles()[0]) == tmp_path / "sample-recipe.json"
    for dialog in (asked, target):
        dialog.reject()
