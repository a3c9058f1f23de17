"""The keyboard's focus stays where one works, also when what had it goes away."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QAbstractSpinBox, QComboBox, QDialogButtonBox, QPushButton, QWidget
from pytestqt.qtbot import QtBot

from ckpt_studio.gui.checks_pane import ChecksPane
from ckpt_studio.gui.compare_pane import ComparePane
from ckpt_studio.gui.main_window import MainWindow
from tests.gui.desks import open_file, sample_copy
from tests.gui.test_languages import DIALOGS, Desk

LEFT = Qt.MouseButton.LeftButton

pytestmark = pytest.mark.usefixtures("on_a_laptop")


def test_a_check_leaves_the_focus_in_its_list(window: MainWindow, qtbot: QtBot, tmp_path: Path) -> None:
    page = open_file(window, qtbot, sample_copy(tmp_path))
    page.header.check_wanted.emit()
    pane = page.panels.checks.built()
    assert isinstance(pane, ChecksPane)
    qtbot.waitUntil(lambda: not pane.is_checking)
    assert window.focusWidget() in (pane.list, pane.check_button)


@pytest.mark.parametrize("disable", [False, True])
def test_what_goes_away_gives_the_focus_to_the_tree(
    window: MainWindow, qtbot: QtBot, tmp_path: Path, disable: bool
) -> None:
    page = open_file(window, qtbot, sample_copy(tmp_path))
    button = QPushButton("Apply", page.compare)
    button.show()
    button.setFocus()
    assert window.focusWidget() is button
    button.setEnabled(False) if disable else button.hide()
    assert window.focusWidget() is page.tree
    qtbot.keyClick(page.tree, Qt.Key.Key_Tab)
    assert window.focusWidget() is not page.tree


def test_closing_a_tab_leads_to_the_next_tree_and_then_to_open(
    window: MainWindow, qtbot: QtBot, tmp_path: Path
) -> None:
    first = open_file(window, qtbot, sample_copy(tmp_path))
    (tmp_path / "b").mkdir()
    open_file(window, qtbot, sample_copy(tmp_path / "b"))
    window.close_tab(1)
    assert window.focusWidget() is first.tree
    window.close_tab(0)
    assert window.focusWidget() is window.welcome.open_button


FIELDS = {
    "add-prefix": "Prefix",
    "rename": "New name",
    "split": "Names of the parts",
    "pattern": "Old form",
    "regex": "Pattern",
    "device": "Device",
    "export": "File to write",
}


@pytest.mark.parametrize("name", list(FIELDS))
def test_typing_begins_in_the_first_field_and_tab_goes_on_below_it(qtbot: QtBot, name: str) -> None:
    dialog = DIALOGS[name](Desk(qtbot))
    qtbot.addWidget(dialog)
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose, False)
    dialog.show()
    first = dialog.focusWidget()
    assert first is not None
    assert first.accessibleName() == FIELDS[name]
    body = [w for w in dialog.findChildren(QWidget) if w.isVisible() and w.focusPolicy() & Qt.FocusPolicy.TabFocus]
    order, widget = [], first.nextInFocusChain()
    while widget is not first:
        if widget in body and not isinstance(widget.parent(), QDialogButtonBox | QComboBox | QAbstractSpinBox):
            order.append(widget)
        widget = widget.nextInFocusChain()
    places = [widget.mapTo(dialog, QPoint()).y() for widget in order]
    # What stands beside something may be a little higher.
    assert all(after > before - 12 for before, after in pairwise(places))


def test_tab_goes_through_a_comparison_from_top_to_bottom(qtbot: QtBot) -> None:
    desk = Desk(qtbot)
    pane = ComparePane(desk.compared)
    qtbot.addWidget(pane)
    pane.resize(640, 600)
    pane.show()
    qtbot.waitUntil(lambda: bool(pane.suggestions.buttons))
    wanted = [
        pane.test_button, pane.change_button, pane.stop_button, *pane.suggestions.buttons, *pane.chips.chips.values(),
        pane.filter, pane.table,
    ]  # fmt: skip
    found, widget = [], pane.test_button
    for _ in range(200):
        if widget in wanted and widget not in found:
            found.append(widget)
        widget = widget.nextInFocusChain()
    assert found == wanted
