"""The guide is there in both languages, with its pictures, and opens from the menu."""

from __future__ import annotations

import re

import pytest
from PySide6.QtCore import QLocale, Qt, QUrl
from PySide6.QtGui import QTextDocument
from pytestqt.qtbot import QtBot

from ckpt_studio.gui.guide_dialog import GuideDialog, guide_path
from ckpt_studio.resources import resource_path


@pytest.mark.parametrize("code", ["en", "zh_CN", "fr"])
def test_each_language_has_a_guide_with_all_pictures(code: str) -> None:
    path = guide_path(QLocale(code))
    assert path.name == ("guide.zh_CN.html" if code == "zh_CN" else "guide.html")
    text = path.read_text(encoding="utf-8")
    pictures = re.findall(r'src="(.+?)"', text)
    assert pictures
    assert [name for name in pictures if not (path.parent / name).exists()] == []


def test_it_shows_text_and_pictures(qtbot: QtBot) -> None:
    dialog = GuideDialog()
    qtbot.addWidget(dialog)
    dialog.show()
    assert "user guide" in dialog.browser.toPlainText()
    picture = dialog.browser.document().resource(
        QTextDocument.ResourceType.ImageResource, dialog.browser.source().resolved("../screenshots/main.png")
    )
    assert picture is not None


def test_both_guides_have_the_same_sections() -> None:
    counts = [
        len(re.findall(r"<(?:h2|tr|li|p|img)\b", resource_path(f"guide/{name}").read_text(encoding="utf-8")))
        for name in ("guide.html", "guide.zh_CN.html")
    ]
    assert counts[0] == counts[1]


def test_contents_lead_to_their_section(qtbot: QtBot) -> None:
    dialog = GuideDialog()
    qtbot.addWidget(dialog)
    dialog.show()
    titles = [dialog.contents.item(row).text() for row in range(dialog.contents.count())]
    assert titles[0] == "The main job in five steps"
    assert {"Finding", "Many files", "Recipes", "Safety"} <= set(titles)
    dialog.contents.setCurrentRow(titles.index("Many files"))
    assert dialog.browser.textCursor().block().text() == "Many files"
    assert dialog.browser.cursorRect().top() < 40


@pytest.mark.parametrize("chapter", ["looking", "exporting", "command-line"])
def test_it_opens_at_the_chapter_below_its_pictures(qtbot: QtBot, chapter: str) -> None:
    dialog = GuideDialog()
    qtbot.addWidget(dialog)
    # Before it is shown: the pictures have no height yet.
    dialog.turn_to(chapter)
    dialog.show()
    qtbot.waitExposed(dialog)
    heading = dialog.contents.currentItem().text()
    assert dialog.browser.textCursor().block().text() == heading
    qtbot.waitUntil(lambda: 0 <= dialog.browser.cursorRect().top() < 40)


def test_below_a_picture_the_text_goes_on(qtbot: QtBot) -> None:
    dialog = GuideDialog()
    qtbot.addWidget(dialog)
    dialog.show()
    layout = dialog.browser.document().documentLayout()
    for place in dialog.browser._places():
        height = place.charFormat().toImageFormat().height()
        assert height > 100
        assert layout.blockBoundingRect(place.block()).height() < height * 1.1 + 30


def test_search_goes_round(qtbot: QtBot) -> None:
    dialog = GuideDialog()
    qtbot.addWidget(dialog)
    dialog.show()
    qtbot.keyClicks(dialog.search, "Ctrl+G")
    assert dialog.found.text() == "1 found"
    assert dialog.browser.textCursor().selectedText() == "Ctrl+G"
    first = dialog.browser.textCursor().position()
    qtbot.keyClick(dialog.search, Qt.Key.Key_Return)
    assert dialog.browser.textCursor().position() == first
    dialog.search.setText("recipe")
    assert dialog.next_button.isEnabled()
    place = dialog.browser.textCursor().position()
    qtbot.mouseClick(dialog.next_button, Qt.MouseButton.LeftButton)
    assert dialog.browser.textCursor().position() != place
    dialog.search.setText("surely nowhere")
    assert dialog.found.text() == "not found"
    assert not dialog.find_next()


@pytest.mark.parametrize("width", [620, 1080])
def test_pictures_are_as_wide_as_said_or_as_the_page(qtbot: QtBot, width: int) -> None:
    dialog = GuideDialog()
    qtbot.addWidget(dialog)
    dialog.show()
    dialog.resize(width, 700)
    page = dialog.browser
    qtbot.waitUntil(lambda: page.viewport().width() <= width - 200)
    room = page.viewport().width() - 40
    pictures = [cursor.charFormat().toImageFormat() for cursor in page._places()]
    assert [form.width() for form in pictures] == [min(said, room) for said in (720, 720, 480)]
    for form in pictures:
        drawn = page.document().resource(QTextDocument.ResourceType.ImageResource, QUrl(form.name()))
        assert drawn.width() == round(form.width() * page.devicePixelRatioF())
        # No gap below, nothing squeezed.
        assert form.height() == pytest.approx(form.width() * drawn.height() / drawn.width(), abs=1)
    assert page.horizontalScrollBar().maximum() == 0
