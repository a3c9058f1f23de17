"""The words behind a short message: a traceback of somebody's code, what it printed, torch's own text."""

from __future__ import annotations

from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QDialogButtonBox, QWidget

from ckpt_studio.gui.dialogs.ask_dialog import AskDialog


class DetailsDialog(AskDialog):
    """Shows the details in full, to be read and copied."""

    def __init__(self, sentence: str, details: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.ask(self.tr("Details"), self.tr("What happened"), sentence)
        self.show_details(details)
        self.details_button.setChecked(True)
        self.details_button.hide()
        self.cancel_button.hide()
        copy = self.buttons.addButton(self.tr("&Copy"), QDialogButtonBox.ButtonRole.ActionRole)
        copy.setAutoDefault(False)
        copy.clicked.connect(lambda: QGuiApplication.clipboard().setText(f"{sentence}\n\n{details}"))
        self.set_primary(self.tr("Close"), True)
        self.resize(680, 420)
