"""Saving over the open file from the window, where files that are open cannot be replaced (`windows_files`)."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from ckpt_studio.core.edits import StripPrefix
from ckpt_studio.formats.opening import open_checkpoint
from ckpt_studio.gui.export_dialog import ExportDialog
from ckpt_studio.gui.main_window import MainWindow
from ckpt_studio.resources import resource_path

pytestmark = pytest.mark.usefixtures("windows_files")


def test_the_window_replaces_the_file_it_shows(qtbot: QtBot, tmp_path: Path) -> None:
    path = tmp_path / "sample 样本.pth"
    path.write_bytes(resource_path("sample.pth").read_bytes())
    window = MainWindow()
    qtbot.addWidget(window)
    window.show()
    window.open_path(str(path))
    qtbot.waitUntil(lambda: window.current_page is not None)
    page = window.current_page
    assert page is not None
    # The inspector reads the values of a tensor, and so the file is open when it is to be replaced.
    page.tree.go_to("module.fc.weight")
    source = page.document.checkpoint.source.files[0]
    source.hold()
    page.apply(StripPrefix("module."))
    qtbot.waitUntil(lambda: page.document.is_dirty)
    dialog = ExportDialog(page.document, window)
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose, False)
    qtbot.addWidget(dialog)
    dialog.open()
    dialog.form.target.setText(str(path))
    qtbot.waitUntil(lambda: dialog.plan is not None)
    dialog.form.replace.click()
    qtbot.waitUntil(dialog.primary.isEnabled)
    with qtbot.waitSignal(dialog.exported):
        qtbot.mouseClick(dialog.primary, Qt.MouseButton.LeftButton)
    assert not page.document.is_dirty
    assert "fc.weight" in open_checkpoint(path).active_state_dict.tensors
    assert [name for name in os.listdir(tmp_path) if name.startswith(".")] == []
    qtbot.mouseClick(dialog.primary, Qt.MouseButton.LeftButton)
