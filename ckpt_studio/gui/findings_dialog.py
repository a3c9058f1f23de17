"""What was noticed while a file was read: code that PyTorch would run, damage, oddities."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QTextBlockFormat, QTextOption
from PySide6.QtWidgets import QTextEdit, QWidget

from ckpt_studio.core.checkpoint import Checkpoint, Severity, code_inside
from ckpt_studio.gui.dialogs.ask_dialog import AskDialog
from ckpt_studio.gui.theme import icon
from ckpt_studio.gui.wording import worded

_ORDER: tuple[Severity, ...] = ("danger", "warning", "note")


class FindingsDialog(AskDialog):
    """The findings of a file, the gravest first."""

    def __init__(self, checkpoint: Checkpoint, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        findings = sorted(checkpoint.warnings, key=lambda finding: _ORDER.index(finding.severity))
        answers = {
            "none": self.tr("Nothing in this file would be run by loading it."),
            "known": self.tr("To load this file, PyTorch runs code of well-known libraries, and no other."),
            "program": self.tr(
                "This file is a program as well as weights. PyTorch runs it when the model is used; use it only where"
                " you trust its origin."
            ),
            "unknown": self.tr(
                "To load this file, PyTorch would run code that nobody here can judge. That is usual for a model that"
                " was saved whole; load it only where you trust its origin."
            ),
            "harmful": self.tr("This file would run code when PyTorch loads it without weights_only."),
        }
        self.ask(
            self.tr("What was found in this file"),
            answers[code_inside(findings)],
            self.tr("Ckpt Studio reads files without running anything from them, so that opening it here was safe."),
        )
        words = {"danger": self.tr("Danger"), "warning": self.tr("Warning"), "note": self.tr("Note")}
        pictures = {"danger": "warning", "warning": "warning", "note": "info"}
        # Not a list: its rows are cut where a style sheet pads them, and long names have no place to wrap at.
        self.found = QTextEdit()
        self.found.setReadOnly(True)
        self.found.setTextInteractionFlags(
            Qt.TextInteractionFlag.TextSelectableByMouse | Qt.TextInteractionFlag.TextSelectableByKeyboard
        )
        self.found.setWordWrapMode(QTextOption.WrapMode.WrapAtWordBoundaryOrAnywhere)
        self.found.setAccessibleName(self.tr("Findings"))
        self.found.setTabChangesFocus(True)
        cursor = self.found.textCursor()
        for number, finding in enumerate(findings):
            form = QTextBlockFormat()
            form.setBottomMargin(8)
            if number:
                cursor.insertBlock(form)
            else:
                cursor.setBlockFormat(form)
            cursor.insertImage(icon(pictures[finding.severity]).pixmap(QSize(16, 16)).toImage())
            text = self.tr("{severity}: {sentence}").format(
                severity=words[finding.severity], sentence=worded(finding.message)
            )
            # Within one paragraph, so that the place stays with its sentence.
            # "pickle" and "array" are all there is in such a file, and no place.
            where = "" if finding.where in ("pickle", "array") else finding.where
            cursor.insertText(f" {text}" + (f"\u2028{where}" if where else ""))
        if not findings:
            cursor.insertText(self.tr("Nothing to report."))
        self.body.addWidget(self.found)
        self.cancel_button.hide()
        self.set_primary(self.tr("Close"), True)
        self.resize(620, 380)
