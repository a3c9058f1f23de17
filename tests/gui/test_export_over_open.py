"""The result takes the place of the very file that is open, in the window."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import pytest

from ckpt_studio.core.edits import StripPrefix
from ckpt_studio.formats.opening import open_checkpoint
from ckpt_studio.gui.main_window import MainWindow
from tests.gui.desks import dialog_of, open_file, sample_copy


@pytest.mark.skipif(sys.platform == "win32", reason="an open file cannot be replaced there")
def test_file_exported_over_itself_keeps_its_history(window: MainWindow, tmp_path: Path, qtbot: Any) -> None:
    copy = sample_copy(tmp_path)
    page = open_file(window, qtbot, copy)
    page.apply(StripPrefix("module."))
    page.export()
    dialog = dialog_of(window, "ExportDialog")
    dialog.form.target.setText(str(copy))
    qtbot.waitUntil(dialog.form.replace.isVisible)
    dialog.form.replace.click()
    qtbot.waitUntil(dialog.primary.isEnabled)
    assert dialog.form.whole.isChecked()
    with qtbot.waitSignal(dialog.exported, timeout=20_000):
        dialog.primary.click()
    assert "Undo still brings back" in dialog.outcome_page.done_notices.text()
    dialog.accept()
    assert window.current_page is page
    assert not page.document.is_dirty
    written = open_checkpoint(str(copy))
    assert "conv1.weight" in written.active_state_dict.tensors
    assert written.root.get("epoch") is not None  # type: ignore[union-attr]
    page.document.undo()
    tensor = page.document.checkpoint.active_state_dict.tensors["module.conv1.weight"]
    new = written.active_state_dict.tensors["conv1.weight"]
    assert tensor.storage.source.read(0, 64) == new.storage.source.read(0, 64)
    assert page.document.is_dirty
