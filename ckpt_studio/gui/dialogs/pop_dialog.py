"""Drops the tensors whose names fit a pattern, or everything else."""

from __future__ import annotations

from PySide6.QtWidgets import QButtonGroup, QFormLayout, QHBoxLayout, QLineEdit, QRadioButton, QWidget

from ckpt_studio.core.edits import Edit, Keep, PopMatching
from ckpt_studio.gui.dialogs.ask_dialog import counted
from ckpt_studio.gui.dialogs.edit_dialog import EditDialog
from ckpt_studio.gui.document import ChangeSet, Document


class PopMatchingDialog(EditDialog):
    """Asks for a wildcard pattern and whether to pop or to keep what fits it."""

    def __init__(self, document: Document, parent: QWidget | None = None) -> None:
        super().__init__(document, parent)
        self.ask(
            self.tr("Pop by pattern"),
            self.tr("Which tensors should go?"),
            self.tr(
                "* stands for any text: “fc.*” is everything in “fc”. The file on disk stays as it is until you export."
            ),
        )
        self.pop = QRadioButton(self.tr("&Pop the names that fit"))
        self.keep = QRadioButton(self.tr("&Keep only the names that fit"))
        self.pop.setChecked(True)
        group = QButtonGroup(self)
        group.addButton(self.pop)
        group.addButton(self.keep)
        self.pop.toggled.connect(self.refresh)
        self.field = QLineEdit()
        self.field.setPlaceholderText("fc.*")
        self.field.setAccessibleName(self.tr("Pattern with wildcards"))
        self.field.textChanged.connect(self.refresh)
        choice = QHBoxLayout()
        choice.addWidget(self.pop)
        choice.addWidget(self.keep)
        choice.addStretch()
        form = QFormLayout()
        form.addRow(self.tr("Pa&ttern"), self.field)
        form.addRow("", choice)
        self.body.addLayout(form)
        self.finish_layout()
        self.field.setFocus()

    def edit(self) -> Edit | str:
        pattern = self.field.text().strip()
        if not pattern:
            return self.tr("Type a pattern.")
        return PopMatching(pattern) if self.pop.isChecked() else Keep(pattern)

    def button_text(self, change: ChangeSet | None) -> str:
        if change is None or not change.removed:
            return self.tr("Pop")
        return counted(len(change.removed), self.tr("Pop 1 tensor"), self.tr("Pop {count} tensors"))
