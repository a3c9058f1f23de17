"""A folder in a table, and many files converted, by keys and clicks."""

from __future__ import annotations

import json
import os
import struct
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import QLocale, Qt
from PySide6.QtGui import QGuiApplication

from ckpt_studio.core.data import to_numpy
from ckpt_studio.core.edits import FillMissing, Recipe, StripPrefix
from ckpt_studio.formats.opening import open_checkpoint
from ckpt_studio.gui.dialogs.batch_dialog import BatchDialog
from ckpt_studio.gui.dialogs.consent_dialog import ConsentDialog
from ckpt_studio.gui.folder_model import ARCHITECTURE, DATE, EPOCH, NAME, SIZE, FolderModel
from ckpt_studio.gui.folder_window import FolderWindow

LEFT = Qt.MouseButton.LeftButton


def write(path: Path, names: list[str], metadata: dict[str, str] | None = None) -> None:
    header: dict[str, object] = {"__metadata__": metadata} if metadata else {}
    for k, name in enumerate(names):
        header[name] = {"dtype": "F32", "shape": [2], "data_offsets": [8 * k, 8 * k + 8]}
    text = json.dumps(header).encode()
    path.write_bytes(struct.pack("<Q", len(text)) + text + bytes(8 * len(names)))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "files"
    folder.mkdir()
    write(folder / "run10.safetensors", ["module.w"], {"epoch": "10"})
    write(folder / "run9.safetensors", ["module.w", "module.b"], {"epoch": "9"})
    (folder / "broken.pth").write_bytes(b"nothing of the kind" * 30)
    (folder / "below").mkdir()
    write(folder / "below" / "x.safetensors", ["x"])
    return folder


@pytest.fixture
def window(qtbot: Any, folder: Path) -> Iterator[FolderWindow]:
    window = FolderWindow(str(folder))
    window.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose, False)
    qtbot.addWidget(window)
    window.show()
    qtbot.waitUntil(lambda: window._task is None)
    yield window
    window.close()


def column(window: FolderWindow, number: int) -> list[str]:
    return [window.order.index(row, number).data() for row in range(window.order.rowCount())]


def test_table_says_what_each_file_is(window: FolderWindow, qtmodeltester: Any) -> None:
    assert column(window, NAME) == ["broken.pth", "run9.safetensors", "run10.safetensors"]
    assert column(window, EPOCH) == ["", "9", "10"]
    assert column(window, ARCHITECTURE)[0] == "cannot be read"
    assert "3 files" in window.state.text()
    qtmodeltester.check(window.model)


def test_every_column_and_every_gap_is_explained(window: FolderWindow) -> None:
    model, tip = window.model, Qt.ItemDataRole.ToolTipRole
    meanings = [model.headerData(n, Qt.Orientation.Horizontal, tip) for n in range(model.columnCount())]
    assert len({*meanings, ""}) == model.columnCount() + 1
    shown = {window.order.index(row, ARCHITECTURE).data(): window.order.index(row, ARCHITECTURE) for row in range(3)}
    assert "has these names and shapes" in shown["–"].data(tip)
    assert window.order.index(1, DATE).data(tip) is None


def test_the_date_is_seen_in_a_small_window_too(window: FolderWindow, qtbot: Any) -> None:
    for width in (1080, 860):
        window.resize(width, 400)
        qtbot.waitUntil(lambda: window.table.horizontalScrollBar().maximum() == 0)
        table, header = window.table, window.table.horizontalHeader()
        assert header.length() == table.viewport().width()
        shown = table.fontMetrics().horizontalAdvance(window.order.index(0, DATE).data())
        assert table.columnWidth(DATE) > shown
        for column in range(window.model.columnCount()):
            title = window.model.headerData(column, Qt.Orientation.Horizontal)
            assert table.columnWidth(column) > table.fontMetrics().horizontalAdvance(title)


def test_the_date_is_written_as_files_are_sorted_everywhere(window: FolderWindow, folder: Path) -> None:
    """Year first, in every language: 2026-03-04 is read in one way only."""
    path = folder / "run9.safetensors"
    os.utime(path, (1_772_600_000, 1_772_600_000))
    for locale in ("en_US", "de_DE", "zh_CN", "C"):
        QLocale.setDefault(QLocale(locale))
        window.model.facts[1] = replace(window.model.facts[1], modified=1_772_600_000.0)
        shown = window.model.index(1, DATE).data()
        assert shown == datetime.fromtimestamp(1_772_600_000).strftime("%Y-%m-%d %H:%M")


def test_sorting_goes_by_value(window: FolderWindow, qtbot: Any) -> None:
    window.table.sortByColumn(EPOCH, Qt.SortOrder.DescendingOrder)
    assert column(window, EPOCH) == ["10", "9", ""]
    window.table.sortByColumn(SIZE, Qt.SortOrder.AscendingOrder)
    sizes = [window.model.facts[window.order.mapToSource(window.order.index(r, 0)).row()].nbytes for r in range(3)]
    assert sizes == sorted(sizes)


def test_folders_inside_on_request(window: FolderWindow, qtbot: Any) -> None:
    window.below.click()
    qtbot.waitUntil(lambda: window._task is None)
    assert os.path.join("below", "x.safetensors") in column(window, NAME)


def test_opening_from_the_table(window: FolderWindow, qtbot: Any, folder: Path) -> None:
    assert not window.open_button.isEnabled()
    window.select_row(1)
    with qtbot.waitSignal(window.open_wanted) as opened:
        qtbot.mouseClick(window.open_button, LEFT)
    assert opened.args == [str(folder / "run9.safetensors")]


def test_conversion_of_all_with_a_recipe_ends_in_a_report(window: FolderWindow, qtbot: Any, tmp_path: Path) -> None:
    assert window.convert_button.text() == "Con&vert all…"
    qtbot.mouseClick(window.convert_button, LEFT)
    dialog = window.findChild(BatchDialog)
    assert dialog is not None
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose, False)
    # What cannot be read is in the report, too.
    assert dialog.primary.text() == "Convert 3 files"
    recipe = tmp_path / "strip.json"
    recipe.write_text(Recipe((StripPrefix("module."),)).to_json(), encoding="utf-8")
    dialog.recipe.setText(str(recipe))
    dialog.format.setCurrentIndex(2)
    qtbot.mouseClick(dialog.primary, LEFT)
    qtbot.waitUntil(lambda: dialog.primary.text() == "Close", timeout=10_000)
    assert dialog.message.label.text() == "2 files were written. 1 could not be."
    assert dialog.report.rowCount() == 3
    result = next(result for result in dialog.results if result.outcome is not None)
    assert list(open_checkpoint(result.target).active_state_dict.entries) == ["w", "b"]
    qtbot.mouseClick(dialog.copy_button, LEFT)
    assert "run9.safetensors" in QGuiApplication.clipboard().text()
    qtbot.mouseClick(dialog.primary, LEFT)
    assert not dialog.isVisible()


def test_nothing_is_replaced_unless_told(qtbot: Any, folder: Path) -> None:
    before = (folder / "run9.safetensors").read_bytes()
    dialog = BatchDialog([str(folder / "run9.safetensors")], str(folder))
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose, False)
    qtbot.addWidget(dialog)
    dialog.show()
    assert not dialog.overwrite.isChecked()
    dialog.dtype.setCurrentText("float16")
    qtbot.mouseClick(dialog.primary, LEFT)
    qtbot.waitUntil(lambda: dialog.primary.text() == "Close", timeout=10_000)
    assert "1 could not be" in dialog.message.label.text()
    assert "exists already" in dialog.report.item(0, 1).text()
    assert (folder / "run9.safetensors").read_bytes() == before


def test_fresh_values_of_a_model_are_made_for_all_files_after_one_question(
    qtbot: Any, folder: Path, tmp_path: Path
) -> None:
    pytest.importorskip("torch")
    code = tmp_path / "net.py"
    code.write_text(
        "import torch.nn as nn\nclass Net(nn.Module):\n    def __init__(self):\n        super().__init__()\n"
        "        self.head = nn.Linear(4, 2)\n"
    )
    fill = FillMissing(str(tmp_path / "gone.safetensors"), ("head.weight",), f"{code}:Net()", 5)
    recipe = tmp_path / "fill.json"
    recipe.write_text(Recipe((fill,)).to_json(), encoding="utf-8")
    paths = [str(folder / name) for name in ("run9.safetensors", "run10.safetensors")]

    def run(answer: str) -> BatchDialog:
        dialog = BatchDialog(paths, str(tmp_path / answer))
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose, False)
        qtbot.addWidget(dialog)
        dialog.show()
        dialog.recipe.setText(str(recipe))
        qtbot.mouseClick(dialog.primary, LEFT)
        asked: list[ConsentDialog] = []

        def question() -> bool:
            asked[:] = [one for one in dialog.findChildren(ConsentDialog) if one.isVisible()]
            return bool(asked)

        qtbot.waitUntil(question, timeout=30_000)
        assert asked[0].request.path == str(code)
        qtbot.mouseClick(getattr(asked[0], answer), LEFT)
        qtbot.waitUntil(lambda: dialog.primary.text() == "Close", timeout=120_000)
        return dialog

    refused = run("cancel_button")
    assert not any(result.outcome for result in refused.results)
    allowed = run("primary")
    assert "2 files were written" in allowed.message.label.text()
    made = [open_checkpoint(result.target).active_state_dict.tensors["head.weight"] for result in allowed.results]
    assert to_numpy(made[0]).shape == (2, 4)
    assert (to_numpy(made[0]) == to_numpy(made[1])).all()


def test_a_file_that_is_no_recipe_is_told_in_place(qtbot: Any, folder: Path) -> None:
    dialog = BatchDialog([str(folder / "run9.safetensors")], str(folder))
    qtbot.addWidget(dialog)
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose, False)
    dialog.show()
    dialog.recipe.setText(str(folder / "run9.safetensors"))
    qtbot.mouseClick(dialog.primary, LEFT)
    assert dialog.message.isVisible()
    assert not dialog.is_running


def test_return_does_what_the_blue_button_says(window: FolderWindow, qtbot: Any) -> None:
    assert window.focusWidget() is window.table

    def asked() -> BatchDialog | None:
        return next((one for one in window.findChildren(BatchDialog) if one.isVisible()), None)

    qtbot.keyClick(window.table, Qt.Key.Key_Return)
    dialog = asked()
    assert dialog is not None
    assert len(dialog.paths) == 3
    dialog.reject()
    # A file that is chosen is opened.
    window.table.selectRow(1)
    with qtbot.waitSignal(window.open_wanted):
        qtbot.keyClick(window.table, Qt.Key.Key_Return)
    assert asked() is None
    window.close_button.setFocus()
    qtbot.keyClick(window.close_button, Qt.Key.Key_Return)
    assert not window.isVisible()


def test_empty_model(qtmodeltester: Any) -> None:
    qtmodeltester.check(FolderModel())
