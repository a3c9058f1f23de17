"""What a filter does to the selection and the status bar."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from ckpt_studio.gui.main_window import MainWindow
from tests.gui.desks import open_file, sample_copy, shown_window


@pytest.fixture
def window(qtbot: QtBot) -> Iterator[MainWindow]:
    for window in shown_window(qtbot):
        window.resize(1366, 768)
        yield window


def typed(window: MainWindow, qtbot: QtBot, text: str) -> None:
    window.filter_box.field.setFocus()
    qtbot.keyClicks(window.filter_box.field, text)
    page = window.current_page
    assert page is not None
    qtbot.waitUntil(lambda: page.tree.tensors.shown_filter.text == text)


def test_the_selection_comes_back_when_the_filter_goes(window: MainWindow, qtbot: QtBot, tmp_path: Path) -> None:
    page = open_file(window, qtbot, sample_copy(tmp_path))
    assert page.document.state_dict is not None
    name = next(iter(page.document.state_dict.tensors))
    page.tree.go_to(name)
    qtbot.waitUntil(lambda: page.document.selection.names == {name})
    assert name in window.status_line.place.text()
    typed(window, qtbot, "no such name")
    qtbot.waitUntil(lambda: window.status_line.place.text() == "")
    assert page.document.selection.names == frozenset()
    qtbot.keyClick(window.filter_box.field, Qt.Key.Key_Escape)
    qtbot.waitUntil(lambda: page.document.selection.names == {name})
    assert name in window.status_line.place.text()


def test_what_was_selected_among_the_found_stays(window: MainWindow, qtbot: QtBot, tmp_path: Path) -> None:
    page = open_file(window, qtbot, sample_copy(tmp_path))
    assert page.document.state_dict is not None
    names = list(page.document.state_dict.tensors)
    page.tree.go_to(names[0])
    typed(window, qtbot, names[-1])
    page.tree.go_to(names[-1])
    qtbot.keyClick(window.filter_box.field, Qt.Key.Key_Escape)
    qtbot.waitUntil(lambda: not page.tree.tensors.shown_filter)
    assert page.document.selection.names == {names[-1]}


def test_a_typed_shape_finds_tensors(window: MainWindow, qtbot: QtBot, tmp_path: Path) -> None:
    page = open_file(window, qtbot, sample_copy(tmp_path))
    assert page.document.state_dict is not None
    tensors = page.document.state_dict.tensors.values()
    shape = next(tensor.shape for tensor in tensors if len(tensor.shape) == 4)
    fits = [tensor for tensor in tensors if tensor.shape == shape]
    typed(window, qtbot, "x".join(map(str, shape)))
    qtbot.waitUntil(lambda: window.filter_box.count.text().startswith(f"{len(fits)} of"))


def test_very_many_names_are_filtered_by_a_job(
    window: MainWindow, qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ckpt_studio.gui.tensor_tree_model._MOST_AT_ONCE", 1)
    page = open_file(window, qtbot, sample_copy(tmp_path))
    assert page.document.state_dict is not None
    names = list(page.document.state_dict.tensors)
    page.tree.go_to(names[0])
    typed(window, qtbot, names[-1])
    (weights,) = (node for node in page.tree.tensors.tree.top if node.kind == "weights")
    assert list(weights.names) == [names[-1]]
    qtbot.keyClick(window.filter_box.field, Qt.Key.Key_Escape)
    qtbot.waitUntil(lambda: not page.tree.tensors.shown_filter)
    assert page.document.selection.names == {names[0]}
