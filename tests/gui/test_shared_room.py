"""The comparison and the tabs below it: a click into one gives it the room, and nothing else moves the border."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QToolButton, QWidget
from pytestqt.qtbot import QtBot

from ckpt_studio.gui.actions import Actions
from ckpt_studio.gui.document_page import DocumentPage
from ckpt_studio.gui.inspector.inspector_pane import InspectorPane
from ckpt_studio.gui.name_filter import NameFilter
from ckpt_studio.gui.tasks import running_tasks
from ckpt_studio.gui.tree_nodes import Tables
from tests.gui import samples

SHAPES = {f"features.block{i}.norm.1.weight": (i + 1,) for i in range(40)} | {"conv.weight": (8, 4, 3, 3)}
MODEL = {f"features.block{i}.norm1.weight": (i + 1,) for i in range(40)} | {"fc.weight": (9, 9)}
# Seen without scrolling: the name, the views, and a picture or a dozen rows.
USABLE = 260


def page_of(qtbot: QtBot, height: int) -> DocumentPage:
    document = samples.document(SHAPES)
    page = DocumentPage(document, Actions(document), Tables())
    qtbot.addWidget(page)
    page.resize(1366, height)
    page.show()
    page.activateWindow()
    qtbot.waitActive(page)
    document.set_model(samples.Resolved(samples.skeleton(MODEL)))  # type: ignore[arg-type]
    qtbot.waitUntil(lambda: bool(page.compare.suggestions.buttons) and not page.compare._asks_room)
    page.tree.go_to("conv.weight")
    qtbot.waitUntil(lambda: isinstance(page.panels.inspector.pane, InspectorPane))
    # The summary and the suggestions come later, and with them a line more or less.
    qtbot.waitUntil(lambda: not running_tasks(), timeout=20_000)
    seen: list[list[int]] = []

    def is_steady() -> bool:
        seen.append(page.right.sizes())
        return len(seen) > 20 and all(sizes == seen[-1] for sizes in seen[-20:])

    qtbot.waitUntil(is_steady)
    return page


@pytest.fixture
def page(qtbot: QtBot) -> Iterator[DocumentPage]:
    """A page with faults as it is in a window on a screen of 768 lines."""
    page = page_of(qtbot, 530)
    assert page.panels.height() < 200
    yield page
    page.close_document()


def press(widget: QWidget, place: QPoint | None = None, *, held: bool = False) -> None:
    """A click that goes through the window, as the mouse's do: it moves the focus and is known to be pressed."""
    window = widget.window()
    at = widget.mapTo(window, place or widget.rect().center())
    act = QTest.mousePress if held else QTest.mouseClick
    act(window.windowHandle(), Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, at)


def inspector(page: DocumentPage) -> InspectorPane:
    pane = page.panels.inspector.built()
    assert isinstance(pane, InspectorPane)
    return pane


def is_large(page: DocumentPage) -> bool:
    return page.panels.height() >= USABLE and page.room.tabs_are_large


def is_usual(page: DocumentPage, before: list[int]) -> bool:
    return page.right.sizes() == before and not page.room.tabs_are_large and not page.compare.is_folded


def test_a_click_on_the_tab_gives_it_room_and_the_comparison_takes_it_back(qtbot: QtBot, page: DocumentPage) -> None:
    before = page.right.sizes()
    bar = page.panels.tabBar()
    press(bar, bar.tabRect(0).center())
    qtbot.waitUntil(lambda: is_large(page))
    # Which model, and what is wrong, is still said.
    assert page.compare.is_folded
    assert page.compare.verdict.isVisible()
    assert page.compare.model_label.isVisible()
    assert page.compare.verdict.toolTip() == "Click to see the compared names again"
    press(page.compare.verdict)
    qtbot.waitUntil(lambda: is_usual(page, before))
    assert page.compare.table.isVisible()
    assert page.compare.verdict.toolTip() == ""


def test_a_click_into_the_values_gives_them_room(qtbot: QtBot, page: DocumentPage) -> None:
    before = page.right.sizes()
    qtbot.waitUntil(lambda: inspector(page).view is not None)
    press(inspector(page).facts.viewport())
    qtbot.waitUntil(lambda: is_large(page))
    press(page.compare, QPoint(3, 3))
    qtbot.waitUntil(lambda: is_usual(page, before))
    # Once more: the focus is there already.
    assert inspector(page).facts.hasFocus()
    press(inspector(page).facts.viewport())
    qtbot.waitUntil(lambda: is_large(page))
    press(page.compare.verdict.label)
    qtbot.waitUntil(lambda: is_usual(page, before))
    page.room.give_tabs()
    press(page.compare.verdict.label)
    qtbot.waitUntil(lambda: is_usual(page, before))


def test_a_view_that_is_picked_has_room(qtbot: QtBot, page: DocumentPage) -> None:
    pane = inspector(page)
    qtbot.waitUntil(lambda: bool(pane.tools.findChildren(QToolButton)))
    buttons = pane.tools.findChildren(QToolButton)
    table = next(button for button in buttons if button.text() == "Table")
    press(table)
    qtbot.waitUntil(lambda: is_large(page))
    assert table.isChecked()


def test_nothing_slips_away_below_a_pressed_button(qtbot: QtBot, page: DocumentPage) -> None:
    before = page.right.sizes()
    facts = inspector(page).facts.viewport()
    press(facts, held=True)
    qtbot.waitUntil(lambda: page.room._held.isActive())
    page.room._on_held()
    assert page.right.sizes() == before
    window = page.window().windowHandle()
    QTest.mouseRelease(
        window, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, facts.mapTo(page, QPoint(9, 9))
    )
    qtbot.waitUntil(lambda: is_large(page))


def test_the_button_beside_the_tabs_goes_both_ways(qtbot: QtBot, page: DocumentPage) -> None:
    before, button = page.right.sizes(), page.panels.room_button
    assert button.accessibleName() == "More room for what is shown here"
    assert button.focusPolicy() & Qt.FocusPolicy.TabFocus
    # By keys too.
    button.setFocus()
    qtbot.keyClick(button, Qt.Key.Key_Space)
    assert is_large(page)
    assert button.accessibleName() == "Give the comparison its room back"
    press(button)
    qtbot.waitUntil(lambda: is_usual(page, before))


def test_nothing_moves_for_a_row_a_key_or_the_tree(qtbot: QtBot, page: DocumentPage) -> None:
    before = page.right.sizes()
    press(page.compare.table.viewport(), QPoint(30, 8))
    press(page.tree.viewport(), QPoint(60, 40))
    inspector(page).facts.setFocus()
    page.compare.filter.setFocus()
    assert not page.room._held.isActive()
    assert page.right.sizes() == before
    page.room.give_tabs()
    press(page.tree.viewport(), QPoint(60, 60))
    page.compare.change_button.setFocus()
    assert not page.room._held.isActive()
    assert is_large(page)


def test_where_there_is_room_for_both_rows_are_walked_through_below_a_large_inspector(qtbot: QtBot) -> None:
    page = page_of(qtbot, 760)
    page.right.setSizes([590, 170])
    bar = page.panels.tabBar()
    press(bar, bar.tabRect(0).center())
    qtbot.waitUntil(lambda: is_large(page))
    assert not page.compare.is_folded
    sizes = page.right.sizes()
    table = page.compare.table
    for row in range(2):
        press(table.viewport(), QPoint(30, table.rowViewportPosition(row) + 5))
    assert not page.room._held.isActive()
    assert page.right.sizes() == sizes
    chip = page.compare.chips.chips["missing"]
    press(chip)
    qtbot.waitUntil(lambda: not page.room.tabs_are_large)
    assert chip.isChecked()
    page.close_document()


def test_another_model_and_missing_names_are_seen(qtbot: QtBot, page: DocumentPage) -> None:
    page.room.give_tabs()
    assert page.compare.is_folded
    page.document.set_model(samples.Resolved(samples.skeleton(SHAPES)))  # type: ignore[arg-type]
    assert not page.compare.is_folded
    qtbot.waitUntil(lambda: page.document.report is not None)
    page.room.give_tabs()
    page.set_filter(NameFilter("status:missing"))
    assert not page.room.tabs_are_large


def test_a_dragged_border_stays_where_it_was_put(qtbot: QtBot, page: DocumentPage) -> None:
    page.room.give_tabs()
    page.right.moveSplitter(300, 1)
    assert not page.room.tabs_are_large
    assert not page.compare.is_folded
    sizes = page.right.sizes()
    assert sizes[1] >= page.room.least_panel
    page.room.give_comparison()
    assert page.right.sizes() == sizes


def test_what_is_remembered_is_the_usual_room(qtbot: QtBot, page: DocumentPage) -> None:
    before = page.right.sizes()
    page.room.give_tabs()
    page.save_layout()
    assert page.right.sizes() == before


def test_the_question_for_a_model_is_folded_too(qtbot: QtBot, page: DocumentPage) -> None:
    page.document.set_model(None)
    qtbot.waitUntil(lambda: page.compare.pages.currentIndex() == 0)
    page.window().resize(1366, 560)
    before = page.right.sizes()
    press(inspector(page).facts.viewport())
    qtbot.waitUntil(lambda: is_large(page))
    assert page.compare.is_folded
    assert page.compare.empty_title.isVisible()
    # What it asks can still be answered.
    assert page.compare.choose_button.isVisible()
    assert not page.compare.empty_buttons["torchvision"].isVisible()
    press(page.compare.empty_title)
    qtbot.waitUntil(lambda: is_usual(page, before))
    assert page.compare.empty_buttons["torchvision"].isVisible()
    # Dragged: no page that is hidden behind it keeps the tabs from growing.
    page.right.setSizes([0, 600])
    assert page.right.sizes()[0] < 120
