"""What the user sees when the program itself has a fault: a report to copy; everything stays open."""

from __future__ import annotations

import platform
import sys
import traceback
from types import TracebackType

from PySide6.QtCore import Qt, qVersion
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QApplication, QPlainTextEdit, QPushButton, QWidget

from ckpt_studio import __version__
from ckpt_studio.gui.dialogs.ask_dialog import AskDialog
from ckpt_studio.gui.logs import log_fault
from ckpt_studio.gui.text_size import fixed_font


class CrashDialog(AskDialog):
    """Says that something went wrong in the program, with the report to copy."""

    def __init__(self, report: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.ask(
            self.tr("Ckpt Studio has a fault"),
            self.tr("Something went wrong inside Ckpt Studio."),
            self.tr(
                "Your files on disk are untouched, and what you have open stays open: you can go on or export."
                " Please send this report to the makers, so that it can be mended."
            ),
        )
        self.setModal(False)
        self.report = QPlainTextEdit(report)
        self.report.setReadOnly(True)
        self.report.setAccessibleName(self.tr("Report"))
        self.report.setFont(fixed_font())
        self.report.setLineWrapMode(QPlainTextEdit.LineWrapMode.NoWrap)
        self.body.addWidget(self.report)
        self.cancel_button.setText(self.tr("Go on"))
        self.set_primary(self.tr("Copy report"), True)
        self.resize(680, 420)

    def add(self, report: str) -> None:
        """Appends a further fault that came while the dialog was open."""
        if len(self.report.toPlainText()) < 200_000:
            self.report.appendPlainText("\n" + report)

    def accept(self) -> None:
        """Copies; the dialog stays so that one sees that nothing was lost."""
        QGuiApplication.clipboard().setText(self.report.toPlainText())
        button: QPushButton = self.primary
        button.setText(self.tr("Copied"))


class CrashHandler:
    """Takes over `sys.excepthook`: an exception in a slot or a task opens the crash dialog, once at a time."""

    def __init__(self) -> None:
        self.dialog: CrashDialog | None = None
        self._handling = False

    def install(self) -> None:
        """From now on unexpected exceptions come here."""
        sys.excepthook = self.handle

    def handle(self, kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        """Prints the traceback and shows it; never raises itself."""
        if issubclass(kind, KeyboardInterrupt):
            QApplication.quit()
            return
        traceback.print_exception(kind, error, trace)
        log_fault(kind, trace)
        if self._handling or QApplication.instance() is None:
            return
        self._handling = True
        try:
            report = report_of(kind, error, trace)
            if self.dialog is not None:
                self.dialog.add(report)
                return
            self.dialog = CrashDialog(report, QApplication.activeWindow())
            self.dialog.setWindowModality(Qt.WindowModality.NonModal)
            self.dialog.finished.connect(self._on_closed)
            self.dialog.show()
        finally:
            self._handling = False

    def _on_closed(self) -> None:
        self.dialog = None


def report_of(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> str:
    """Version, system and traceback as text; the home folder is left out of paths."""
    from pathlib import Path

    lines = [
        f"Ckpt Studio {__version__}, Python {platform.python_version()}, Qt {qVersion()}, {platform.platform()}",
        "",
        *traceback.format_exception(kind, error, trace),
    ]
    return "\n".join(line.rstrip("\n") for line in lines).replace(str(Path.home()), "~")
