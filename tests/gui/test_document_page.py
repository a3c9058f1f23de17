"""The page of one document: what it does when its parts have to work together."""

from __future__ import annotations

from typing import Any

import pytest

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
