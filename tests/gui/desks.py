"""A window with the sample open in it, as several tests of the window need it."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from PySide6.QtWidgets import QDialog

from ckpt_studio.gui.document_page import DocumentPage
from ckpt_studio.gui.main_window import MainWindow
from ckpt_studio.resources import resource_path

SAMPLE = resource_path("sample.pth")


def shown_window(qtbot: Any) -> Iterator[MainWindow]:
    """A window on the screen; without questions it is gone afterwards."""
    window = MainWindow()
    window.resize(1280, 800)
    window.show()
    qtbot.waitExposed(window)
    yield window
    window._closing = True
    for dialog in window.findChildren(QDialog):
        dialog.reject()
    window.close()
    window.deleteLater()


def sample_copy(folder: Path) -> Path:
    """The sample, as a file of one's own."""
    return Path(shutil.copy(SAMPLE, folder / "r34.pth"))


def open_file(window: MainWindow, qtbot: Any, path: Path) -> DocumentPage:
    """The page of a file that was just opened, its summary shown."""
    file = window.open_path(str(path))
    qtbot.waitUntil(lambda: file.page is not None, timeout=10_000)
    page = file.page
    assert page is not None
    qtbot.waitUntil(lambda: page.header.summary is not None)
    return page


def dialog_of(window: MainWindow, kind: str) -> Any:
    """The open dialog of a class, or None."""
    return next((d for d in window.findChildren(QDialog) if type(d).__name__ == kind and d.isVisible()), None)
