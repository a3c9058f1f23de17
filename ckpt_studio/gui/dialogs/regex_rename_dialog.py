"""Renames by a regular expression, with the result shown while it is typed."""

from __future__ import annotations

from PySide6.QtWidgets import QWidget

from ckpt_studio.core.edits import Edit, RegexRename
from ckpt_studio.gui.dialogs.replace_dialog import FieldWords, ReplaceDialog
from ckpt_studio.gui.document import Document
from ckpt_studio.gui.text_size import fixed_font


class RegexRenameDialog(ReplaceDialog):
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
        hint = self.build_fields(
            FieldWords(self.tr("&Find"), self.tr("Pattern"), r"layers\.(\d+)\."),
            FieldWords(self.tr("&Replace by"), self.tr("Replacement"), r"blocks.\1."),
            (
                (self.tr("norm.1 → norm1 (DenseNet of 2017)"), r"\b(norm|conv|relu)\.(\d+)\.", r"\1\2."),
                (self.tr("layers.N → blocks.N"), r"\blayers\.(\d+)\.", r"blocks.\1."),
                (self.tr("gamma → weight (old LayerNorm)"), r"\bgamma$", r"weight"),
                (self.tr("Drop everything before the last “model.”"), r"^.*\bmodel\.", r""),
            ),
            self.tr("\\. a dot   \\d+ a number   [^.]+ one part between dots\n^ the start   $ the end   ( … ) keep it"),
        )
        hint.setFont(fixed_font())

    def edit(self) -> Edit | str:
        pattern = self.pattern.text()
        if not pattern:
            return self.tr("Type the pattern to find.")
        return RegexRename(pattern, self.replacement.text())
