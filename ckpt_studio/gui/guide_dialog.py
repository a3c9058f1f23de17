"""The user guide that comes with the program, in the language of the window; it needs no internet."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from PySide6.QtCore import QByteArray, QLocale, QSize, Qt, QUrl, Signal
from PySide6.QtGui import (
    QDesktopServices,
    QImage,
    QKeySequence,
    QResizeEvent,
    QShortcut,
    QTextBlockFormat,
    QTextCursor,
    QTextDocument,
)
from PySide6.QtWidgets import (
    QDialog,
    QFrame,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QListWidget,
    QListWidgetItem,
    QPushButton,
    QTextBrowser,
    QVBoxLayout,
    QWidget,
)

from ckpt_studio.gui.dialogs.ask_dialog import roomy
from ckpt_studio.gui.fields import make_clearable
from ckpt_studio.gui.fitting import resize_within_screen
from ckpt_studio.resources import resource_path

_SIZE = QSize(1080, 760)
_CONTENTS_WIDTH = 220
_SECTION_LEVEL = 2
_ABOVE_HEADING = 12
# What stands for a picture in the text.
_PICTURE = "\N{OBJECT REPLACEMENT CHARACTER}"
CHAPTERS = (
    "first-steps", "looking", "finding", "repairing", "recipes", "many-files", "comparing", "exporting", "safety",
    "command-line", "comfort", "words", "trouble", "removing",
)  # fmt: skip
"""The sections of the guide in every language, in order."""


def guide_path(locale: QLocale) -> Path:
    """The guide's file in a language, or else in English."""
    translated = resource_path(f"guide/guide.{locale.name()}.html")
    return translated if translated.exists() else resource_path("guide/guide.html")


class _Page(QTextBrowser):
    """Draws each picture as wide as the guide says, or as the page is; Qt's own scaling would break their letters.

    Signals:
        fitted(): pictures have other heights, so that what is below them has moved.
    """

    fitted = Signal()

    def __init__(self, path: Path, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._pictures: dict[str, QImage] = {}
        self._widths: dict[str, int] = {}
        self._drawn: dict[str, tuple[int, float]] = {}
        self.setSource(QUrl.fromLocalFile(str(path)))
        self._fit_pictures()

    def _fit_pictures(self) -> None:
        is_moved = False
        room = self.viewport().width() - 2 * round(self.document().documentMargin())
        for cursor in self._places():
            form = cursor.charFormat().toImageFormat()
            width = min(self._widths.get(form.name(), 0), room)
            picture = self._pictures.get(form.name())
            ratio = self.devicePixelRatioF()
            if picture is None or width <= 0 or self._drawn.get(form.name()) == (width, ratio):
                continue
            self._drawn[form.name()] = (width, ratio)
            shown = picture.scaledToWidth(round(width * ratio), Qt.TransformationMode.SmoothTransformation)
            shown.setDevicePixelRatio(ratio)
            kind = QTextDocument.ResourceType.ImageResource
            self.document().addResource(int(kind.value), self.source().resolved(QUrl(form.name())), shown)
            form.setWidth(width)
            # Of its own accord Qt leaves room for the height that the picture has in its file.
            form.setHeight(width * picture.height() / picture.width())
            cursor.setCharFormat(form)
            # The lines of text are 1.4 times as high as their letters; those of pictures are not.
            lines = cursor.blockFormat()
            lines.setLineHeight(100, QTextBlockFormat.LineHeightTypes.ProportionalHeight.value)
            cursor.setBlockFormat(lines)
            is_moved = True
        if is_moved:
            self.fitted.emit()

    def _places(self) -> list[QTextCursor]:
        """A selection of each picture's character."""
        found = []
        place = self.document().find(_PICTURE)
        while not place.isNull():
            found.append(place)
            place = self.document().find(_PICTURE, place)
        return found

    # Qt's

    def loadResource(self, kind: int, name: QUrl | str) -> Any:
        found = super().loadResource(kind, name)
        written = name if isinstance(name, str) else name.toString()
        if not isinstance(found, QByteArray | bytes):
            return found
        if kind == QTextDocument.ResourceType.HtmlResource:
            text = bytes(found.data() if isinstance(found, QByteArray) else found).decode()
            self._widths = {source: int(width) for source, width in re.findall(r'src="([^"]+)" width="(\d+)"', text)}
            # What is said of the page and of the width of pictures is for browsers.
            return re.sub(r"^(?:body|img) \{.*\}$", "p, li, td { line-height: 140%; }", text, flags=re.MULTILINE)
        source = next((source for source in self._widths if written.endswith(source.lstrip("./"))), None)
        if kind == QTextDocument.ResourceType.ImageResource and source is not None:
            picture = self._pictures[source] = QImage.fromData(found)
            return picture
        return found

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit_pictures()


class GuideDialog(QDialog):
    """A page to read beside the work, with its contents and a search: it does not block the window."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(self.tr("User guide"))
        self.browser = _Page(guide_path(QLocale()))
        self.browser.setAccessibleName(self.tr("User guide"))
        self.browser.setFrameShape(QFrame.Shape.NoFrame)
        self.browser.setOpenLinks(False)
        self.browser.anchorClicked.connect(QDesktopServices.openUrl)
        self.browser.document().setDocumentMargin(20)
        self.search = QLineEdit()
        self.search.setPlaceholderText(self.tr("Search the guide"))
        self.search.setAccessibleName(self.tr("Search the guide"))
        make_clearable(self.search)
        self.search.textChanged.connect(self._on_typed)
        self.search.returnPressed.connect(lambda: self.find_next())
        self.next_button = QPushButton(self.tr("&Next"))
        self.next_button.setAutoDefault(False)
        self.next_button.setEnabled(False)
        self.next_button.clicked.connect(lambda: self.find_next())
        self.found = QLabel()
        self.found.setProperty("muted", True)
        self.contents = QListWidget()
        self.contents.setAccessibleName(self.tr("Contents"))
        self.contents.setFrameShape(QFrame.Shape.NoFrame)
        roomy(self.contents)
        self._list_sections()
        self.contents.currentItemChanged.connect(self._on_section_chosen)
        # Where the page was put; the reader may have scrolled since.
        self._put = -1
        self.browser.fitted.connect(self._on_fitted)
        top = QHBoxLayout()
        top.setContentsMargins(12, 10, 12, 0)
        top.addWidget(self.search, 1)
        top.addWidget(self.next_button)
        top.addWidget(self.found)
        row = QHBoxLayout()
        row.setSpacing(0)
        self.contents.setFixedWidth(_CONTENTS_WIDTH)
        row.addWidget(self.contents)
        row.addWidget(self.browser, 1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addLayout(top)
        layout.addLayout(row, 1)
        QShortcut(QKeySequence.StandardKey.Close, self, self.close)
        QShortcut(QKeySequence.StandardKey.Find, self, self.search.setFocus)
        QShortcut(QKeySequence.StandardKey.FindNext, self, self.find_next)
        resize_within_screen(self, _SIZE)
        self.browser.setFocus()

    def turn_to(self, chapter: str) -> None:
        """Shows one of `CHAPTERS`; "" leaves the page where it is."""
        if chapter:
            self.contents.setCurrentRow(CHAPTERS.index(chapter))

    def find_next(self) -> bool:
        """Shows the next place of what is searched for, from the top again after the last; False for none."""
        text = self.search.text()
        if not text:
            return False
        if self.browser.find(text):
            return True
        self.browser.moveCursor(QTextCursor.MoveOperation.Start)
        return self.browser.find(text)

    def _list_sections(self) -> None:
        block = self.browser.document().begin()
        while block.isValid():
            if block.blockFormat().headingLevel() == _SECTION_LEVEL:
                item = QListWidgetItem(block.text())
                item.setData(Qt.ItemDataRole.UserRole, block.position())
                self.contents.addItem(item)
            block = block.next()

    def _on_section_chosen(self, item: QListWidgetItem | None) -> None:
        if item is None:
            return
        document, bar = self.browser.document(), self.browser.verticalScrollBar()
        cursor = self.browser.textCursor()
        cursor.setPosition(item.data(Qt.ItemDataRole.UserRole))
        self.browser.setTextCursor(cursor)
        bar.setValue(round(document.documentLayout().blockBoundingRect(cursor.block()).top()) - _ABOVE_HEADING)
        self._put = bar.value()

    def _on_fitted(self) -> None:
        if self._put == self.browser.verticalScrollBar().value():
            self._on_section_chosen(self.contents.currentItem())

    def _on_typed(self, text: str) -> None:
        count = self._count(text) if text else 0
        self.next_button.setEnabled(count > 1)
        self.found.setText(
            "" if not text else self.tr("not found") if not count else self.tr("{count} found").format(count=count)
        )
        cursor = self.browser.textCursor()
        cursor.setPosition(cursor.selectionStart())
        self.browser.setTextCursor(cursor)
        if count:
            self.find_next()

    def _count(self, text: str) -> int:
        document: QTextDocument = self.browser.document()
        count = 0
        cursor = document.find(text)
        while not cursor.isNull():
            count += 1
            cursor = document.find(text, cursor)
        return count
