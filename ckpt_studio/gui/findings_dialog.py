"""What was noticed while a file was read: code that PyTorch would run, damage, oddities."""

from __future__ import annotations

from PySide6.QtCore import QSize
from PySide6.QtWidgets import QAbstractItemView, QListWidget, QListWidgetItem, QWidget

from ckpt_studio.core.checkpoint import Checkpoint, Severity
from ckpt_studio.gui.dialogs.ask_dialog import AskDialog
from ckpt_studio.gui.theme import icon
from ckpt_studio.gui.wording import worded

_ORDER: tuple[Severity, ...] = ("danger", "warning", "note")


class FindingsDialog(AskDialog):
    """The findings of a file, the gravest first."""

    def __init__(self, checkpoint: Checkpoint, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        findings = sorted(checkpoint.warnings, key=lambda finding: _ORDER.index(finding.severity))
        dangerous = any(finding.severity == "danger" for finding in findings)
        self.ask(
            self.tr("What was found in this file"),
            self.tr("This file would run code when PyTorch loads it without weights_only.")
            if dangerous
            else self.tr("Nothing in this file would be run by loading it."),
            self.tr("Ckpt Studio reads files without running anything from them, so that opening it here was safe."),
        )
        words = {"danger": self.tr("Danger"), "warning": self.tr("Warning"), "note": self.tr("Note")}
        pictures = {"danger": "warning", "warning": "warning", "note": "info"}
        self.found = QListWidget()
        self.found.setAccessibleName(self.tr("Findings"))
        self.found.setWordWrap(True)
        self.found.setSpacing(3)
        self.found.setIconSize(QSize(16, 16))
        self.found.setSelectionMode(QAbstractItemView.SelectionMode.NoSelection)
        for finding in findings:
            text = self.tr("{severity}: {sentence}").format(
                severity=words[finding.severity], sentence=worded(finding.message)
            )
            if finding.where:
                text += "\n" + finding.where
            self.found.addItem(QListWidgetItem(icon(pictures[finding.severity]), text))
        if not findings:
            self.found.addItem(self.tr("Nothing to report."))
        self.body.addWidget(self.found)
        self.cancel_button.hide()
        self.set_primary(self.tr("Close"), True)
        self.resize(620, 380)
