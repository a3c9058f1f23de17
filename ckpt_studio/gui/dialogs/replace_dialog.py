"""What the two dialogs that replace parts of names share: two fields, examples that fill them, a hint, a preview."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from PySide6.QtWidgets import QComboBox, QFormLayout, QLabel, QLineEdit

from ckpt_studio.gui.dialogs.ask_dialog import muted
from ckpt_studio.gui.dialogs.edit_dialog import EditDialog
from ckpt_studio.gui.document import ChangeSet
from ckpt_studio.gui.text_size import fixed_font


class FieldWords(NamedTuple):
    """A field's words: the label with its access key, the name for screen readers, the text while it is empty."""

    label: str
    name: str
    placeholder: str


class ReplaceDialog(EditDialog):
    """Asks what to find in the names and what to put there; the list below shows what becomes what while one types."""

    def build_fields(
        self,
        find: FieldWords,
        replace: FieldWords,
        examples: Iterable[tuple[str, str, str]],
        hint: str,
        start: str = "",
    ) -> QLabel:
        """Lays out the fields, both beginning with `start`; examples are words, what to find, what to put there.

        Returns the hint's label.
        """
        self.pattern, self.replacement = self._field(find, start), self._field(replace, start)
        self.examples = QComboBox()
        self.examples.setAccessibleName(self.tr("Examples"))
        self.examples.addItem(self.tr("Choose an example…"), None)
        for words, pattern, replacement in examples:
            self.examples.addItem(words, (pattern, replacement))
        self.examples.activated.connect(self._on_example)
        form = QFormLayout()
        form.addRow(find.label, self.pattern)
        form.addRow(replace.label, self.replacement)
        form.addRow(self.tr("&Examples"), self.examples)
        below = muted(QLabel(hint))
        form.addRow("", below)
        self.body.addLayout(form)
        self.finish_layout()
        self.pattern.setFocus()
        return below

    def button_text(self, change: ChangeSet | None) -> str:
        return self.renamed_words(change)

    def _field(self, words: FieldWords, start: str) -> QLineEdit:
        field = QLineEdit(start)
        field.setFont(fixed_font())
        field.setPlaceholderText(words.placeholder)
        field.setAccessibleName(words.name)
        field.textChanged.connect(self.refresh)
        return field

    def _on_example(self, position: int) -> None:
        example = self.examples.itemData(position)
        if example is not None:
            self.pattern.setText(example[0])
            self.replacement.setText(example[1])
