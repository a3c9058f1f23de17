"""Puts a prefix before names."""

from __future__ import annotations

from PySide6.QtWidgets import QFormLayout, QLineEdit, QWidget

from ckpt_studio.core.edits import AddPrefix, Edit
from ckpt_studio.gui.dialogs.ask_dialog import counted
from ckpt_studio.gui.dialogs.edit_dialog import EditDialog
from ckpt_studio.gui.document import ChangeSet, Document


class AddPrefixDialog(EditDialog):
    """Asks what to write before the selected names (or before all of them)."""

    def __init__(self, document: Document, names: tuple[str, ...] | None = None, parent: QWidget | None = None) -> None:
        self.names = tuple(names) if names else None
        super().__init__(document, parent)
        self.ask(
            self.tr("Add prefix"),
            self.tr("What should all names begin with?")
            if self.names is None
            else counted(
                len(self.names),
                self.tr("What should the selected name begin with?"),
                self.tr("What should the {count} selected names begin with?"),
            ),
            self.tr(
                "For example “module.” for a model wrapped in DataParallel, or “backbone.” for part of a bigger model."
            ),
        )
        self.field = QLineEdit()
        self.field.setPlaceholderText("module.")
        self.field.setAccessibleName(self.tr("Prefix"))
        self.field.textChanged.connect(self.refresh)
        form = QFormLayout()
        form.addRow(self.tr("&Prefix"), self.field)
        self.body.addLayout(form)
        self.finish_layout()

    def edit(self) -> Edit | str:
        prefix = self.field.text().strip()
        if not prefix:
            return self.tr("Type the prefix, with its dot.")
        return AddPrefix(prefix, self.names)

    def button_text(self, change: ChangeSet | None) -> str:
        if change is None or not change.renamed:
            return self.tr("Add prefix")
        return counted(
            len(change.renamed),
            self.tr("Add “{prefix}” to 1 name"),
            self.tr("Add “{prefix}” to {count} names"),
            prefix=self.field.text().strip(),
        )
