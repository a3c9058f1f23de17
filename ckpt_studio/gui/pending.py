"""How many changes were not exported, in the same words wherever it is said."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication

from ckpt_studio.gui.dialogs.ask_dialog import counted
from ckpt_studio.gui.document import Document


def pending_words(document: Document) -> str:
    """The count of changes since the file was opened or exported last, or where they are; "" when there are none."""
    if not document.is_dirty:
        saved = document.saved_as
        return QCoreApplication.translate("Pending", "Saved as {name}").format(name=saved) if saved else ""
    if document.was_exported:
        return counted(
            document.pending,
            QCoreApplication.translate("Pending", "1 change since the export"),
            QCoreApplication.translate("Pending", "{count} changes since the export"),
        )
    return counted(
        document.pending,
        QCoreApplication.translate("Pending", "1 change not exported"),
        QCoreApplication.translate("Pending", "{count} changes not exported"),
    )
