"""The page of one document: what it does when its parts have to work together."""

from __future__ import annotations

from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLineEdit

from ckpt_studio.gui.actions import Actions
from ckpt_studio.gui.compare_model import NAME
from ckpt_studio.gui.document_page import DocumentPage
from ckpt_studio.gui.name_filter import NameFilter
from ckpt_studio.gui.tree_nodes import Tables
from tests.gui import samples


@pytest.fixture
def page(qtbot: Any) -> DocumentPage:
    document = samples.document(samples.FILE)
    page = DocumentPage(document, Actions(document), Tables())
    qtbot.addWidget(page)
    page.show()
    return page


def test_missing_names_are_shown_where_they_are_listed(qtbot: Any, page: DocumentPage) -> None:
    page.set_filter(NameFilter("status:missing"))
    assert "compared with a model" in page.tree._nothing_found()
    page.document.set_model(samples.Resolved(samples.skeleton(samples.MODEL)))  # type: ignore[arg-type]
    qtbot.waitUntil(lambda: page.document.report is not None)
    rows = page.compare.rows
    missing = {name for name in samples.MODEL if name not in samples.FILE}
    assert {rows.index(row, NAME).data() for row in range(rows.rowCount())} == missing
    assert "the comparison beside this lists it" in page.tree._nothing_found()
    page.set_filter(NameFilter(""))
    assert rows.rowCount() > len(missing)
    page.close_document()


@pytest.fixture
def low_page(qtbot: Any) -> DocumentPage:
    """The page as it is in a window on a screen of 768 lines, with names that need long suggestions."""
    file = {f"features.denseblock{i}.denselayer1.norm.1.weight": (i + 1,) for i in range(40)} | {"extra": (3, 3, 3)}
    document = samples.document(file)
    page = DocumentPage(document, Actions(document), Tables())
    qtbot.addWidget(page)
    page.resize(1366, 602)
    page.show()
    model = {f"features.denseblock{i}.denselayer1.norm1.weight": (i + 1,) for i in range(40)} | {"fc.weight": (9, 9)}
    document.set_model(samples.Resolved(samples.skeleton(model)))  # type: ignore[arg-type]
    qtbot.waitUntil(lambda: bool(page.compare.suggestions.buttons))
    return page


def test_suggestions_are_not_squeezed_in_a_low_window(qtbot: Any, low_page: DocumentPage) -> None:
    page = low_page
    bar, table = page.compare.suggestions, page.compare.table

    def roomy() -> None:
        for button in bar.buttons:
            label = button.parentWidget().childAt(2, button.geometry().center().y())
            assert label.height() >= label.heightForWidth(label.width())
            assert button.height() >= button.sizeHint().height()

    qtbot.waitUntil(roomy)
    # The tabs below gave the rows room, and keep some.
    assert table.viewport().height() >= 4 * table.verticalHeader().defaultSectionSize()
    assert page.panels.height() >= 100
    page.close_document()


def test_the_tabs_keep_room_for_values_where_the_comparison_has_enough(qtbot: Any) -> None:
    page = DocumentPage(document := samples.document(samples.MODEL), Actions(document), Tables())
    qtbot.addWidget(page)
    page.resize(1366, 602)
    page.show()
    document.set_model(samples.Resolved(samples.skeleton(samples.MODEL)))  # type: ignore[arg-type]
    qtbot.waitUntil(lambda: document.report is not None and not page.compare._asks_room)
    assert page.panels.height() >= 200
    rows = page.compare.table
    assert rows.viewport().height() >= 2 * rows.verticalHeader().defaultSectionSize()
    page.close_document()


def test_a_comparison_cannot_be_dragged_away(qtbot: Any, low_page: DocumentPage) -> None:
    page = low_page
    page.right.setSizes([0, 2000])
    bar = page.compare.suggestions
    first = bar.buttons[0]
    assert page.compare.height() > 150
    # What there is no room for is scrolled to, not squeezed.
    assert first.height() >= first.sizeHint().height()
    page.document.set_model(None)
    page.document.set_model(samples.Resolved(samples.skeleton(samples.MODEL)))  # type: ignore[arg-type]
    qtbot.waitUntil(lambda: page.document.report is not None and page.compare._suggesting is None)
    rows = page.compare.table
    qtbot.waitUntil(lambda: rows.viewport().height() >= 4 * rows.verticalHeader().defaultSectionSize())
    page.close_document()


def test_the_root_does_not_say_all_is_well_while_names_are_missing(qtbot: Any) -> None:
    document = samples.document({"conv.weight": (3, 3)})
    page = DocumentPage(document, Actions(document), Tables())
    qtbot.addWidget(page)
    page.show()
    model = samples.skeleton({"conv.weight": (3, 3), "fc.weight": (2, 2), "fc.bias": (2,)})
    document.set_model(samples.Resolved(model))  # type: ignore[arg-type]
    qtbot.waitUntil(lambda: document.report is not None)
    tree = page.tree.tensors
    root = tree.index(0, 5)
    qtbot.waitUntil(lambda: root.data() == "2 missing")
    page.close_document()


def test_a_name_with_a_dot_too_many_is_told_and_taken_back(qtbot: Any, page: DocumentPage) -> None:
    def rename(name: str, last: str) -> None:
        page.tree.go_to(name)
        page.run("rename-here")
        editor = page.tree.findChildren(QLineEdit, "renameField")[-1]
        editor.selectAll()
        qtbot.keyClicks(editor, last)
        qtbot.keyClick(editor, Qt.Key.Key_Return)

    history = page.document.history
    rename("fc.bias", "off.set")
    qtbot.waitUntil(lambda: history.index == 1)
    assert not page.notice.isVisible()
    rename("fc.weight", "the..weight")
    qtbot.waitUntil(page.notice.isVisible)
    assert "“fc.the..weight” has a dot too many" in page.notice.banner.label.text()
    assert page.notice.banner.tone == "calm"
    (button,) = page.notice._buttons
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
    assert history.index == 1
    assert not page.notice.isVisible()
    page.close_document()
