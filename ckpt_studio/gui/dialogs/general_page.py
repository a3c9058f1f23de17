"""The preferences of a desktop program: language, colours, size of the text, what is remembered between starts."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QCheckBox, QComboBox, QFormLayout, QHBoxLayout, QLabel, QPushButton, QSpinBox, QWidget

from ckpt_studio.gui.dialogs.ask_dialog import counted
from ckpt_studio.gui.languages import LANGUAGES
from ckpt_studio.gui.settings import (
    MOST_RECENT,
    forget_recent,
    recent_files,
    recent_kept,
    reopens_files,
    set_recent_kept,
    text_setting,
)
from ckpt_studio.gui.text_size import LARGEST, SMALLEST, STEP, text_size


class GeneralPage(QWidget):
    """Shows what is chosen, and tells what is chosen anew. The signals are those of PreferencesDialog."""

    language_chosen = Signal(str)
    theme_chosen = Signal(str)
    text_size_chosen = Signal(int)
    reopening_chosen = Signal(bool)
    recent_changed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.language = QComboBox()
        for code, name in (("", self.tr("As the system")), *LANGUAGES.items()):
            self.language.addItem(name, code)
        _choose(self.language, text_setting("view/language", ""))
        self.language.setToolTip(self.tr("Open files, changes and models stay as they are"))
        self.language.activated.connect(lambda _: self.language_chosen.emit(self.language.currentData()))
        self.theme = QComboBox()
        for theme, name in (
            ("system", self.tr("As the system")), ("light", self.tr("Light")), ("dark", self.tr("Dark")),
        ):  # fmt: skip
            self.theme.addItem(name, theme)
        _choose(self.theme, text_setting("view/theme", "system"))
        self.theme.activated.connect(lambda _: self.theme_chosen.emit(self.theme.currentData()))
        self.text_size = QSpinBox()
        self.text_size.setRange(SMALLEST, LARGEST)
        self.text_size.setSingleStep(STEP)
        self.text_size.setSuffix(self.tr(" %"))
        self.text_size.setValue(text_size())
        self.text_size.setToolTip(self.tr("100 % is the size that the system asks for. Ctrl++ and Ctrl+- do the same."))
        self.text_size.valueChanged.connect(self.text_size_chosen)
        self.reopen = QCheckBox(self.tr("&Open the files again that were open at the end"))
        self.reopen.setChecked(reopens_files())
        self.reopen.toggled.connect(self.reopening_chosen)
        self.kept = QSpinBox()
        self.kept.setRange(0, MOST_RECENT)
        self.kept.setSpecialValueText(self.tr("none"))
        self.kept.setValue(recent_kept())
        self.kept.setToolTip(self.tr("So many are listed on the start page and in the menu File, Open recent"))
        self.kept.valueChanged.connect(self._on_kept)
        self.forget = QPushButton()
        self.forget.setAutoDefault(False)
        self.forget.setToolTip(self.tr("Empties the list; the files themselves stay where they are"))
        self.forget.clicked.connect(self._on_forget)
        form = QFormLayout(self)
        form.setContentsMargins(16, 16, 16, 16)
        form.setHorizontalSpacing(16)
        form.setVerticalSpacing(12)
        form.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.FieldsStayAtSizeHint)
        for words, field in (
            (self.tr("&Language"), self.language),
            (self.tr("&Colours"), self.theme),
            (self.tr("&Size of the text"), self.text_size),
        ):
            form.addRow(_label(words, field), field)
        form.addRow(self.tr("At the start"), self.reopen)
        recent = QHBoxLayout()
        recent.setSpacing(10)
        recent.addWidget(self.kept)
        recent.addWidget(self.forget)
        recent.addStretch()
        form.addRow(_label(self.tr("&Recent files"), self.kept), recent)
        self._show_recent()

    def _show_recent(self) -> None:
        count = len(recent_files())
        self.forget.setText(counted(count, self.tr("&Forget 1 file"), self.tr("&Forget {count} files")))
        self.forget.setEnabled(count > 0)

    def _on_kept(self, count: int) -> None:
        set_recent_kept(count)
        self._show_recent()
        self.recent_changed.emit()

    def _on_forget(self) -> None:
        forget_recent()
        self._show_recent()
        self.kept.setFocus()
        self.recent_changed.emit()


def _label(words: str, field: QWidget) -> QLabel:
    label = QLabel(words)
    label.setBuddy(field)
    return label


def _choose(box: QComboBox, data: str) -> None:
    box.setCurrentIndex(max(box.findData(data), 0))
