"""Cleaning up, finding, and other comforts of the window, by keys and clicks."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtWidgets import QDialog

from ckpt_studio.gui.document_page import DocumentPage
from ckpt_studio.gui.main_window import MainWindow
from ckpt_studio.resources import resource_path

SAMPLE = resource_path("sample.pth")
pytestmark = pytest.mark.skipif(not SAMPLE.is_file(), reason="the sample is not built")

Open = Callable[[], DocumentPage]


@pytest.fixture
def window(qtbot: Any) -> Iterator[MainWindow]:
    window = MainWindow()
    window.show()
    qtbot.waitExposed(window)
    yield window
    window._closing = True
    for dialog in window.findChildren(QDialog):
        dialog.reject()
    window.close()
    window.deleteLater()


@pytest.fixture
def opened(window: MainWindow, qtbot: Any, tmp_path: Path) -> Open:
    def opened() -> DocumentPage:
        file = window.open_path(shutil.copy(SAMPLE, tmp_path / "r34.pth"))
        qtbot.waitUntil(lambda: file.page is not None, timeout=10_000)
        assert file.page is not None
        return file.page

    return opened


def dialog_of(window: MainWindow, kind: str) -> Any:
    return next((d for d in window.findChildren(QDialog) if type(d).__name__ == kind and d.isVisible()), None)


def test_cleaning_menu_without_a_file(window: MainWindow) -> None:
    window.cleaning_menu.fill()
    assert [action.isEnabled() for action in window.cleaning_menu.actions()] == [False]


def test_cleaning_menu_offers_what_applies_and_does_it_as_one_edit(window: MainWindow, opened: Open) -> None:
    page = opened()
    menu = window.cleaning_menu
    menu.fill()
    texts = [action.text() for action in menu.actions()]
    assert texts[0] == "Strip “module.” (DataParallel)  ·  68 names"
    assert any("training state" in text for text in texts)
    menu.actions()[0].trigger()
    assert page.document.history.index == 1
    assert "conv1.weight" in page.document.state_dict.entries
    menu.fill()
    assert not any("DataParallel" in action.text() for action in menu.actions())
    next(action for action in menu.actions() if "training state" in action.text()).trigger()
    assert page.document.history.index == 2
    menu.fill()
    assert not any("training state" in action.text() for action in menu.actions())
    page.document.undo()
    page.document.undo()
    assert not page.document.is_dirty


def test_half_the_size_asks_with_the_type_chosen(window: MainWindow, opened: Open) -> None:
    opened()
    menu = window.cleaning_menu
    menu.fill()
    half = next(action for action in menu.actions() if "bfloat16" in action.text())
    assert half.isEnabled()
    half.trigger()
    dialog = dialog_of(window, "CastDialog")
    assert dialog.types.currentText() == "bfloat16"
    dialog.reject()
