"""Renames by a pattern with placeholders, for people who do not write regular expressions."""

from __future__ import annotations

from PySide6.QtWidgets import QWidget

from ckpt_studio.core.edits import Edit, PatternRename
from ckpt_studio.gui.dialogs.replace_dialog import FieldWords, ReplaceDialog
from ckpt_studio.gui.document import Document


class PatternRenameDialog(ReplaceDialog):
    """Asks for the old and the new form of names; the list below shows what becomes what while it is typed."""

    def __init__(self, document: Document, start: str = "", parent: QWidget | None = None) -> None:
        super().__init__(document, parent)
        self.ask(
            self.tr("Rename by pattern"),
            self.tr("What shall the names be called?"),
            self.tr("One line for all layers: write {n} where a number stands. Only whole parts between dots change."),
        )
        self.build_fields(
            FieldWords(self.tr("&Old"), self.tr("Old form"), "layers.{n}.attn"),
            FieldWords(self.tr("&New"), self.tr("New form"), "blocks.{n}.attention"),
            (
                (self.tr("Another word for every layer"), "layers.{n}", "blocks.{n}"),
                (self.tr("A dot between the word and the number"), "layer{n}", "layer.{n}"),
                (self.tr("Numbers that begin one lower"), "layer{n}", "blocks.{n-1}"),
                (self.tr("Another last part"), "gamma", "weight"),
                (self.tr("Take a beginning off"), "model.*", "*"),
                (self.tr("Swap two parts"), "{first}.{second}.weight", "{second}.{first}.weight"),
            ),
            self.tr(
                "{n}  a number      {word}  any one part      *  any text, dots too\n"
                "{n+1}  in the new form: the number counted on, {n-1} back\n"
                "Leave “New” empty to take the part out."
            ),
            start,
        )

    def edit(self) -> Edit | str:
        pattern, replacement = self.pattern.text().strip(), self.replacement.text().strip()
        if not pattern:
            return self.tr("Type the part of the names that is to change.")
        if pattern == replacement:
            return self.tr("Change the new form.")
        return PatternRename(pattern, replacement)


def pattern_of(name: str) -> str:
    """The name with {n} in the place of each number that is a part of its own: a pattern to begin with."""
    return ".".join(_numbered(name.split(".")))


def _numbered(parts: list[str]) -> list[str]:
    words = iter(("{n}", "{m}", "{i}", "{j}", "{k}"))
    return [next(words, part) if part.isascii() and part.isdigit() else part for part in parts]
