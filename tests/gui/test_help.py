"""F1 opens the guide at the chapter about what one is at, in the window and in every dialog."""

from __future__ import annotations

import importlib
import pkgutil
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

import ckpt_studio.gui
from ckpt_studio.gui.guide_dialog import CHAPTERS, GuideDialog
from ckpt_studio.gui.help import CHAPTER_OF, chapter_about
from ckpt_studio.gui.main_window import MainWindow
from tests.gui.desks import open_file, sample_copy
from tests.gui.test_languages import DIALOGS, Desk


def shown_chapter(window: QWidget) -> str:
    (guide,) = (found for found in window.findChildren(GuideDialog) if found.isVisible())
    return CHAPTERS[guide.contents.currentRow()]


def test_every_chapter_is_there_and_every_name_is_a_widget(qtbot: QtBot) -> None:
    guide = GuideDialog()
    qtbot.addWidget(guide)
    guide.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose, False)
    assert guide.contents.count() == len(CHAPTERS)
    assert set(CHAPTER_OF.values()) <= set(CHAPTERS)
    for module in pkgutil.walk_packages(ckpt_studio.gui.__path__, "ckpt_studio.gui."):
        importlib.import_module(module.name)
    known, todo = set(), [QWidget]
    while todo:
        for kind in todo.pop().__subclasses__():
            todo.append(kind)
            known.add(kind.__name__)
    assert set(CHAPTER_OF) - known == set()


def test_it_opens_where_one_is(window: MainWindow, qtbot: QtBot, tmp_path: Path) -> None:
    page = open_file(window, qtbot, sample_copy(tmp_path))
    places = (
        (page.tree, "looking"),
        (window.filter_box.field, "finding"),
        (page.compare.empty_buttons["torchvision"], "comparing"),
        (page.history.list, "recipes"),
    )
    page.panels.setCurrentWidget(page.history)
    for widget, chapter in places:
        widget.setFocus()
        window.actions_["guide"].trigger()
        assert shown_chapter(window) == chapter
    # Asked again, the same window comes to the front.
    assert len(window.findChildren(GuideDialog)) == 1


@pytest.mark.parametrize("name", sorted(set(DIALOGS) - {"guide", "about", "details", "folder"}))
def test_every_dialog_has_its_chapter(qtbot: QtBot, name: str) -> None:
    dialog = DIALOGS[name](Desk(qtbot))
    qtbot.addWidget(dialog)
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose, False)
    assert chapter_about(dialog) in CHAPTERS


def test_keys_open_it_in_a_dialog(qtbot: QtBot) -> None:
    dialog = DIALOGS["export"](Desk(qtbot))
    qtbot.addWidget(dialog)
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose, False)
    with qtbot.waitActive(dialog):
        dialog.show()
        dialog.activateWindow()
    qtbot.keyClick(dialog.focusWidget() or dialog, Qt.Key.Key_F1)
    assert shown_chapter(dialog) == "exporting"
    dialog.findChildren(GuideDialog)[0].close()
