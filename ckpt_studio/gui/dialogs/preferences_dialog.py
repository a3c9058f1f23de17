"""The preferences: what the window looks like, what it remembers, and which Python builds models."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QTimer, Signal
from PySide6.QtWidgets import QTabWidget, QWidget

from ckpt_studio.gui.dialogs.ask_dialog import AskDialog
from ckpt_studio.gui.dialogs.general_page import GeneralPage
from ckpt_studio.gui.dialogs.pythons_page import PythonsPage
from ckpt_studio.gui.settings import trim_recent

# Of the letter "x", which grows with the text.
_WIDTH, _HEIGHT = 128, 68


class PreferencesDialog(AskDialog):
    """Every change takes effect at once; the one button closes.

    Signals:
        language_chosen(str): a language's code, "" for the system's.
        theme_chosen(str): one of theme.ThemeName.
        text_size_chosen(int): in percent of the system's.
        reopening_chosen(bool): whether the next start opens the files again that are open at the end.
        recent_changed(): other files, or fewer, are remembered.
    """

    language_chosen = Signal(str)
    theme_chosen = Signal(str)
    text_size_chosen = Signal(int)
    reopening_chosen = Signal(bool)
    recent_changed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.cancel_button.hide()
        self.tabs = QTabWidget()
        self.body.addWidget(self.tabs, 1)
        # A change of language is told more than once.
        self._anew = QTimer(self)
        self._anew.setSingleShot(True)
        self._anew.timeout.connect(self._say_anew)
        self._fill(PythonsPage())
        digit = self.fontMetrics().horizontalAdvance("x")
        self.resize(digit * _WIDTH, digit * _HEIGHT)
        self.general.language.setFocus()
        self.finished.connect(self._on_finished)

    def _fill(self, pythons: PythonsPage) -> None:
        self.ask(self.tr("Preferences"), self.tr("As you like it"), self.tr("Every change takes effect at once."))
        self.set_primary(self.tr("Close"), True)
        self.tabs.setAccessibleName(self.tr("Preferences"))
        self.tabs.tabBar().setAccessibleName(self.tabs.accessibleName())
        self.general = GeneralPage()
        self.general.language_chosen.connect(self.language_chosen)
        self.general.theme_chosen.connect(self.theme_chosen)
        self.general.text_size_chosen.connect(self.text_size_chosen)
        self.general.reopening_chosen.connect(self.reopening_chosen)
        self.general.recent_changed.connect(self.recent_changed)
        self.pythons = pythons
        self.pythons.told.connect(self.message.say)
        self.tabs.addTab(self.general, self.tr("&General"))
        self.tabs.addTab(self.pythons, self.tr("&Your models"))

    def _say_anew(self) -> None:
        """Says everything in the language that was chosen here; the Pythons are not looked for once more."""
        front, was_language = self.tabs.currentIndex(), self.general.language.hasFocus()
        old = [self.general, self.pythons]
        self.tabs.clear()
        self._fill(self.pythons.again())
        for page in old:
            page.deleteLater()
        self.message.say("", "calm")
        self.tabs.setCurrentIndex(front)
        if was_language or front == 0:
            self.general.language.setFocus()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.LanguageChange:
            self._anew.start(0)

    def _on_finished(self) -> None:
        self.pythons.stop()
        trim_recent()
