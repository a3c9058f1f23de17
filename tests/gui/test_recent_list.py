"""The list of recent files: what each one is, what became of it, and its picture."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor

from ckpt_studio.gui.main_window import MainWindow
from ckpt_studio.gui.recent_facts import RecentFacts, recent_facts, remember_exported, remember_facts
from ckpt_studio.gui.recent_list import RecentList
from ckpt_studio.gui.settings import forget_recent, remember_recent, settings
from ckpt_studio.gui.theme import LIGHT
from tests.gui.desks import SAMPLE, open_file, sample_copy

pytestmark = pytest.mark.usefixtures("qapp")


@pytest.fixture
def files(tmp_path: Path) -> list[str]:
    """Four recent files, the last one the newest: untouched, exported, changed and gone."""
    paths = [str(tmp_path / f"{name}.pth") for name in ("same", "exported", "changed", "gone")]
    for path in paths:
        Path(path).write_bytes(bytes(2000))
        remember_recent(path)
        remember_facts(path, RecentFacts("resnet18", 11_700_000, ("float32",), (600, 300, 100)))
    remember_exported(paths[1], "/lab/clean.safetensors")
    Path(paths[2]).write_bytes(bytes(3000))
    os.unlink(paths[3])
    return paths


def test_a_set_of_files_has_the_size_of_all(qtbot: Any, files: list[str]) -> None:
    remember_facts(files[0], RecentFacts("resnet18", 1, nbytes=102_000_000))
    shown = RecentList()
    qtbot.addWidget(shown)
    shown.fill({})
    assert "102 MB" in shown.item(3).text()


def test_rows_say_what_files_are_and_what_became_of_them(qtbot: Any, files: list[str]) -> None:
    shown = RecentList()
    qtbot.addWidget(shown)
    shown.fill({files[0]: 3})
    gone, changed, exported, same = (shown.item(row).text() for row in range(4))
    assert same.startswith("same.pth, resnet18  ·  11.7 M parameters  ·  2 kB  ·  float32")
    assert same.endswith("3 changes not exported")
    assert exported.endswith("exported to clean.safetensors")
    assert changed.endswith("changed since it was opened here")
    assert gone.endswith("not there any more")
    assert not shown.item(0).flags() & Qt.ItemFlag.ItemIsEnabled
    shown.resize(640, 300)
    shown.show()
    picture = shown.grab().toImage()
    painted = {picture.pixelColor(x, y).name() for x in range(8, 60) for y in range(60, 280)}
    # The picture of the parts is drawn in the theme's accent.
    assert any(abs(QColor(color).hue() - QColor(LIGHT.accent).hue()) < 12 for color in painted)


def test_facts_of_a_file_that_is_open_are_kept(window: MainWindow, qtbot: Any, tmp_path: Path) -> None:
    if not SAMPLE.is_file():
        pytest.skip("the sample is not built")
    path = sample_copy(tmp_path)
    page = open_file(window, qtbot, path)
    qtbot.waitUntil(lambda: recent_facts(str(path)).parameters > 0)
    facts = recent_facts(str(path))
    assert facts.architecture == "small_resnet"
    assert facts.dtypes == ("float32", "int64")
    assert len(facts.parts) >= 5
    assert list(facts.parts) == sorted(facts.parts, reverse=True)
    # Changes that are not exported are none of the file's.
    page.header.strip_button.click()
    qtbot.waitUntil(lambda: not page.header.strip_button.isVisible())
    assert recent_facts(str(path)) == facts
    page.exported.emit("/lab/clean.pth")
    assert recent_facts(str(path)).exported == "/lab/clean.pth"
    page.document.mark_saved()
    window.close_tab(0)
    assert "exported to clean.pth" in window.welcome.recent.item(0).text()


def test_forgotten_and_damaged_facts_do_no_harm(files: list[str]) -> None:
    forget_recent()
    assert recent_facts(files[0]) == RecentFacts()
    for text in ("[]", "{", '{"/a": 3}', '{"/a": {"parameters": "many"}}'):
        settings().setValue("recent/facts", text)
        assert recent_facts("/a") == RecentFacts()


def test_the_lines_come_before_empty_room(qtbot: Any, window: MainWindow, files: list[str]) -> None:
    window.welcome.refresh({})
    recent = window.welcome.recent
    qtbot.waitUntil(lambda: recent.height() == recent.whole_height)
    assert not recent.verticalScrollBar().isVisible()
