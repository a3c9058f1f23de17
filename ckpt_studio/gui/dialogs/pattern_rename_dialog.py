"""Renames by a pattern with placeholders, for people who do not write regular expressions."""

from __future__ import annotations

from PySide6.QtWidgets import QComboBox, QFormLayout, QLabel, QLineEdit, QWidget

from ckpt_studio.core.edits import Edit, PatternRename
from ckpt_studio.gui.dialogs.ask_dialog import muted
from ckpt_studio.gui.dialogs.edit_dialog import EditDialog
from ckpt_studio.gui.document import ChangeSet, Document
from ckpt_studio.gui.text_size import fixed_font


class PatternRenameDialog(EditDialog):
    """Asks for the old and the new form of names; the list below shows what becomes what while it is typed."""

    def __init__(self, document: Document, start: str = "", parent: QWidget | None = None) -> None:
        super().__init__(document, parent)
        self.ask(
            self.tr("Rename by pattern"),
            self.tr("What shall the names be called?"),
            self.tr("One line for all layers: write {n} where a number stands. Only whole parts between dots change."),
        )
        fixed = fixed_font()
        self.pattern = QLineEdit(start)
        self.pattern.setFont(fixed)
        self.pattern.setPlaceholderText("layers.{n}.attn")
        self.pattern.setAccessibleName(self.tr("Old form"))
        self.replacement = QLineEdit(start)
        self.replacement.setFont(fixed)
        self.replacement.setPlaceholderText("blocks.{n}.attention")
        self.replacement.setAccessibleName(self.tr("New form"))
        self.examples = QComboBox()
        self.examples.setAccessibleName(self.tr("Examples"))
        self.examples.addItem(self.tr("Choose an example…"), None)
        for words, pattern, replacement in (
            (self.tr("Another word for every layer"), "layers.{n}", "blocks.{n}"),
            (self.tr("A dot between the word and the number"), "layer{n}", "layer.{n}"),
            (self.tr("Another last part"), "gamma", "weight"),
            (self.tr("Take a beginning off"), "model.*", "*"),
            (self.tr("Swap two parts"), "{first}.{second}.weight", "{second}.{first}.weight"),
        ):
            self.examples.addItem(words, (pattern, replacement))
        self.examples.activated.connect(self._on_example)
        self.pattern.textChanged.connect(self.refresh)
        self.replacement.textChanged.connect(self.refresh)
        form = QFormLayout()
        form.addRow(self.tr("&Old"), self.pattern)
        form.addRow(self.tr("&New"), self.replacement)
        form.addRow(self.tr("&Examples"), self.examples)
        hint = muted(
            QLabel(
                self.tr(
                    "{n}  a number      {word}  any one part      *  any text, dots too\n"
                    "Leave “New” empty to take the part out."
                )
            )
        )
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
        pattern, replacement = self.pattern.text().strip(), self.replacement.text().strip()
        if not pattern:
            return self.tr("Type the part of the names that is to change.")
        if pattern == replacement:
            return self.tr("Change the new form.")
        return PatternRename(pattern, replacement)

    def button_text(self, change: ChangeSet | None) -> str:
        return self.renamed_words(change)


def pattern_of(name: str) -> str:
    """The name with {n} in the place of each number that is a part of its own: a pattern to begin with."""
    return ".".join(_numbered(name.split(".")))


def _numbered(parts: list[str]) -> list[str]:
    words = iter(("{n}", "{m}", "{i}", "{j}", "{k}"))
    return [next(words, part) if part.isascii() and part.isdigit() else part for part in parts]
