"""Small parts of text fields that Qt leaves without a name."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication
from PySide6.QtWidgets import QLineEdit, QToolButton


def make_clearable(field: QLineEdit) -> None:
    """Gives a field the button that empties it, with a name for screen readers and a tip for the others."""
    field.setClearButtonEnabled(True)
    for button in field.findChildren(QToolButton):
        if not button.accessibleName():
            button.setAccessibleName(QCoreApplication.translate("Fields", "Clear the field"))
            button.setToolTip(QCoreApplication.translate("Fields", "Clear the field"))
