"""The pictures of the guide and the README: every one is shown somewhere, and a changed window is noticed."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("PySide6")

from PySide6.QtCore import QRect
from PySide6.QtGui import QColor, QImage, QPainter

ROOT = Path(__file__).resolve().parents[2]
RESOURCES = ROOT / "resources"


def test_every_picture_is_shown_and_every_shown_picture_is_there() -> None:
    pages = [ROOT / "README.md", *(RESOURCES / "guide").glob("*.html")]
    shown = {name for page in pages for name in re.findall(r"screenshots/([\w-]+\.png)", page.read_text("utf-8"))}
    assert shown == {path.name for path in (RESOURCES / "screenshots").iterdir()}


def test_each_language_shows_its_own_pictures() -> None:
    for page in (RESOURCES / "guide").glob("guide.*.html"):
        language = page.suffixes[0][1:]
        names = re.findall(r"screenshots/([\w-]+)\.png", page.read_text("utf-8"))
        assert names
        assert all(name.endswith(f"-{language}") for name in names)


@pytest.fixture
def screenshots(script: Callable[[str], Any], monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.setenv("QT_SCALE_FACTOR", "1")
    monkeypatch.setenv("QT_QPA_PLATFORM", "offscreen")
    return script("make_screenshots")


def picture(path: Path, *boxes: tuple[int, int, int, int]) -> Path:
    """A window of a light colour with dark boxes (x, y, width, height)."""
    image = QImage(1200, 800, QImage.Format.Format_RGB32)
    image.fill(QColor("#f3f4f6"))
    painter = QPainter(image)
    for box in boxes:
        painter.fillRect(QRect(*box), QColor("#1d4ed8"))
    painter.end()
    assert image.save(str(path))
    return path


def test_a_changed_window_is_noticed(qapp: Any, screenshots: Any, tmp_path: Path) -> None:
    one = picture(tmp_path / "one.png", (100, 100, 200, 40))
    assert screenshots.difference(one, one) == 0
    # A letter that lies elsewhere by a pixel is no change, a pane more is one.
    assert screenshots.difference(one, picture(tmp_path / "moved.png", (101, 100, 200, 40))) < screenshots.PERCENT
    more = picture(tmp_path / "more.png", (100, 100, 200, 40), (600, 400, 400, 200))
    assert screenshots.difference(one, more) > screenshots.PERCENT
    assert screenshots.difference(one, tmp_path / "absent.png") == 100


def test_pictures_that_are_not_made_or_not_there_are_named(qapp: Any, screenshots: Any, tmp_path: Path) -> None:
    old, new = tmp_path / "old", tmp_path / "new"
    for folder, names in ((old, ("same", "gone")), (new, ("same", "added"))):
        folder.mkdir()
        for name in names:
            picture(folder / f"{name}.png", (100, 100, 200, 40))
    assert screenshots.stale(old, new) == ["added.png", "gone.png"]


@pytest.mark.slow
def test_the_session_can_be_run(tmp_path: Path) -> None:
    """The scripted session still finds its way through the window; whether its pictures differ is for the release."""
    pytest.importorskip("torch")
    done = subprocess.run(
        [sys.executable, ROOT / "packaging" / "make_screenshots.py", "--check", "--language", "en"],
        cwd=ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert "% different" in done.stdout, done.stdout + done.stderr
