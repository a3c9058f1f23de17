"""The window on a screen of 1366×768, of which title and task bar take some: what is looked at is seen."""

from __future__ import annotations

import struct
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, QRect, Qt
from PySide6.QtWidgets import QPushButton, QWidget
from pytestqt.qtbot import QtBot

from ckpt_studio.core.edits import StripPrefix
from ckpt_studio.gui.checks_pane import ChecksPane
from ckpt_studio.gui.inspector.inspector_pane import InspectorPane
from ckpt_studio.gui.inspector.views import TablePage
from ckpt_studio.gui.main_window import MainWindow
from tests.gui.desks import dialog_of, open_file, sample_copy
from tests.gui.inspecting import settle

pytestmark = pytest.mark.usefixtures("on_a_laptop")


def with_nan(folder: Path) -> tuple[Path, str]:
    """A safetensors file of kernels with a NaN as their last value; their name."""
    header = b'{"conv.weight":{"dtype":"F32","shape":[8,4,3,3],"data_offsets":[0,1152]}}'
    values = struct.pack("<288f", *[n / 288 for n in range(287)], float("nan"))
    path = folder / "nan.safetensors"
    path.write_bytes(struct.pack("<Q", len(header)) + header + values)
    return path, "conv.weight"


def is_whole(widget: QWidget) -> bool:
    """Whether nothing of a widget is cut off."""
    whole = QRect(QPoint(), widget.size())
    return widget.isVisible() and widget.visibleRegion().boundingRect() == whole


def test_all_four_buttons_of_the_model_panel_are_whole(window: MainWindow, qtbot: QtBot, tmp_path: Path) -> None:
    page = open_file(window, qtbot, sample_copy(tmp_path))
    buttons = [b for b in page.compare.findChildren(QPushButton) if b.isVisible() and b.text().endswith("…")]
    assert len(buttons) >= 4
    qtbot.waitUntil(lambda: all(is_whole(button) for button in buttons))


def test_the_value_that_a_finding_is_about_is_seen(window: MainWindow, qtbot: QtBot, tmp_path: Path) -> None:
    path, name = with_nan(tmp_path)
    page = open_file(window, qtbot, path)
    page.panels.show_checks()
    pane = page.panels.checks.built()
    assert isinstance(pane, ChecksPane)
    qtbot.waitUntil(lambda: not pane.is_checking)
    row = next(n for n, row in enumerate(pane.model.rows) if row.findings[0].code == "nan")
    pane.list.setCurrentIndex(pane.model.index(row, 1))
    qtbot.keyClick(pane.list, Qt.Key.Key_Return)
    inspector = page.panels.inspector.built()
    assert isinstance(inspector, InspectorPane)
    settle(qtbot, inspector)
    assert inspector.title.text() == name
    view = inspector.view
    assert isinstance(view, TablePage)
    table = view.table
    assert table.viewport().rect().contains(table.visualRect(table.currentIndex()))
    qtbot.waitUntil(lambda: table.currentIndex().data() == "nan")
    assert window.focusWidget() is table


def test_the_close_prompt_stands_before_the_file_it_is_about(window: MainWindow, qtbot: QtBot, tmp_path: Path) -> None:
    first = open_file(window, qtbot, sample_copy(tmp_path))
    (tmp_path / "other").mkdir()
    second = open_file(window, qtbot, sample_copy(tmp_path / "other"))
    assert first.apply(StripPrefix("module."))
    assert window.current_page is second
    window.close_tab(0)
    assert window.current_page is first
    dialog_of(window, "ClosePrompt").reject()
    window.tabs.setCurrentIndex(1)
    window.close()
    assert window.current_page is first
