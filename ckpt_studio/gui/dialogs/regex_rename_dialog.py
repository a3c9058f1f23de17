"""Renames by a regular expression, with the result shown while it is typed."""

from __future__ import annotations

from PySide6.QtWidgets import QComboBox, QFormLayout, QLabel, QLineEdit, QWidget

from ckpt_studio.core.edits import Edit, RegexRename
from ckpt_studio.gui.dialogs.ask_dialog import muted
from ckpt_studio.gui.dialogs.edit_dialog import EditDialog
from ckpt_studio.gui.document import ChangeSet, Document
from ckpt_studio.gui.text_size import fixed_font


class RegexRenameDialog(EditDialog):
    """Asks for a pattern and what to write instead; a pattern that never ends is stopped by the edit itself."""

    def __init__(self, document: Document, parent: QWidget | None = None) -> None:
        super().__init__(document, parent)
        self.ask(
            self.tr("Rename by pattern"),
            self.tr("Which part of the names should become what?"),
            self.tr(
                "A regular expression finds the part; \\1 in the replacement stands for what the first ( … ) found."
            ),
        )
        fixed = fixed_font()
        self.examples = QComboBox()
        self.examples.setAccessibleName(self.tr("Example patterns"))
        self.examples.addItem(self.tr("Choose an example…"), None)
        for words, pattern, replacement in (
            (self.tr("norm.1 → norm1 (DenseNet of 2017)"), r"\b(norm|conv|relu)\.(\d+)\.", r"\1\2."),
            (self.tr("layers.N → blocks.N"), r"\blayers\.(\d+)\.", r"blocks.\1."),
            (self.tr("gamma → weight (old LayerNorm)"), r"\bgamma$", r"weight"),
            (self.tr("Drop everything before the last “model.”"), r"^.*\bmodel\.", r""),
        ):
            self.examples.addItem(words, (pattern, replacement))
        self.examples.activated.connect(self._on_example)
        self.pattern = QLineEdit()
        self.pattern.setFont(fixed)
        self.pattern.setPlaceholderText(r"layers\.(\d+)\.")
        self.pattern.setAccessibleName(self.tr("Pattern"))
        self.replacement = QLineEdit()
        self.replacement.setFont(fixed)
        self.replacement.setPlaceholderText(r"blocks.\1.")
        self.replacement.setAccessibleName(self.tr("Replacement"))
        self.pattern.textChanged.connect(self.refresh)
        self.replacement.textChanged.connect(self.refresh)
        form = QFormLayout()
        form.addRow(self.tr("&Find"), self.pattern)
        form.addRow(self.tr("&Replace by"), self.replacement)
        form.addRow(self.tr("&Examples"), self.examples)
        hint = muted(
            QLabel(
                self.tr(
                    "\\. a dot   \\d+ a number   [^.]+ one part between dots\n^ the start   $ the end   ( … ) keep it"
                )
            )
        )
        hint.setFont(fixed)
        form.addRow("", hint)
        self.body.addLayout(form)
        self.finish_layout()
        self.pattern.setFocus()

    def _on_example(self, position: int) -> None:
        example = self.examples.itemData(position)
        if example is not None:
            self.pattern.setText(example[0])
            self.replacement.setText(example[1])

    def edit(self) -> Edit | str:
        pattern = self.pattern.text()
        if not pattern:
            return self.tr("Type the pattern to find.")
        return RegexRename(pattern, self.replacement.text())

    def button_text(self, change: ChangeSet | None) -> str:
        return self.renamed_words(change)
