"""The user guide that comes with the program, in the language of the window; it needs no internet."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QLocale, QSize, QUrl
from PySide6.QtGui import QDesktopServices, QKeySequence, QShortcut
from PySide6.QtWidgets import QDialog, QTextBrowser, QVBoxLayout, QWidget

from ckpt_studio.resources import resource_path

_SIZE = QSize(780, 760)


def guide_path(locale: QLocale) -> Path:
    """The guide's file in a language, or else in English."""
    translated = resource_path(f"guide/guide.{locale.name()}.html")
    return translated if translated.exists() else resource_path("guide/guide.html")


class GuideDialog(QDialog):
    """A page to read beside the work: it does not block the window."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(self.tr("User guide"))
        self.browser = QTextBrowser()
        self.browser.setAccessibleName(self.tr("User guide"))
        self.browser.setOpenLinks(False)
        self.browser.anchorClicked.connect(QDesktopServices.openUrl)
        self.browser.document().setDocumentMargin(20)
        self.browser.setSource(QUrl.fromLocalFile(str(guide_path(QLocale()))))
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.browser)
        QShortcut(QKeySequence.StandardKey.Close, self, self.close)
        self.resize(_SIZE)
