"""The tinted strip with a sentence: its sign stands beside the words, with and without buttons in the row."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QRect, Qt
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QPushButton, QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from ckpt_studio.gui.dialogs.ask_dialog import Banner, tone_color

LONG = "The file was changed since then; the changes are made again as far as they fit. " * 3


def colored_rows(banner: Banner, room: QRect) -> tuple[int, int]:
    """The first and the last line of pixels in this part of the banner that have the tone's strong colour."""
    picture, wanted = banner.grab().toImage(), tone_color(banner.tone)

    def is_strong(x: int, y: int) -> bool:
        found = QColor(picture.pixel(x, y))
        return abs(found.red() - wanted.red()) + abs(found.blue() - wanted.blue()) < 90

    rows = [
        y for y in range(room.top() + 2, room.bottom() - 1)
        if any(is_strong(x, y) for x in range(room.left(), room.right()))
    ]  # fmt: skip
    return rows[0], rows[-1]


@pytest.mark.parametrize("tall", [False, True])
def test_the_sign_of_one_line_stands_in_its_middle(qtbot: QtBot, tall: bool) -> None:
    banner = Banner()
    qtbot.addWidget(banner)
    if tall:
        button = QPushButton("Save it")
        button.setMinimumHeight(44)
        banner.row.addWidget(button)
    banner.say("One line.", "bad")
    banner.resize(500, banner.sizeHint().height())
    banner.show()
    banner.grab()
    first, last = colored_rows(banner, banner._sign.geometry())
    assert abs((first + last) / 2 - banner.height() / 2) <= 3
    assert banner.label.alignment() & Qt.AlignmentFlag.AlignVCenter


def test_the_sign_of_several_lines_stands_beside_the_first(qtbot: QtBot) -> None:
    banner = Banner()
    qtbot.addWidget(banner)
    banner.say(LONG, "bad")
    banner.resize(300, banner.heightForWidth(300))
    banner.show()
    banner.grab()
    _, last = colored_rows(banner, banner._sign.geometry())
    assert last < banner.label.geometry().top() + 1.5 * banner.fontMetrics().lineSpacing()
    # Other words, in the same place.
    banner.say("One line.", "bad")
    banner.grab()
    first, last = colored_rows(banner, banner._sign.geometry())
    assert abs((first + last) / 2 - banner.height() / 2) <= 3


@pytest.mark.parametrize("text", ["One line.", LONG])
def test_it_is_painted_once_and_not_for_ever(qtbot: QtBot, text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    painted = []
    paint = Banner.paintEvent
    monkeypatch.setattr(Banner, "paintEvent", lambda self, event: (painted.append(1), paint(self, event)))
    window = QWidget()
    qtbot.addWidget(window)
    column = QVBoxLayout(window)
    banner = Banner()
    column.addWidget(banner)
    banner.say(text, "caution")
    window.resize(400, 200)
    window.show()
    qtbot.waitExposed(window)
    qtbot.wait(300)
    assert 1 <= len(painted) <= 6
