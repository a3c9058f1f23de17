"""Asks before a file's code is run."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QCheckBox, QFormLayout, QLabel, QWidget

from ckpt_studio.gui.dialogs.ask_dialog import AskDialog
from ckpt_studio.models.trust import CodeRequest


class ConsentDialog(AskDialog):
    """Names the file and the Python that would run it.

    Signals:
        answered(bool, bool): whether it may run, and whether to remember that for this very content.
    """

    answered = Signal(bool, bool)

    def __init__(self, request: CodeRequest, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.request = request
        self.ask(
            self.tr("Run code?"),
            self.tr("May this file's code run?"),
            self.tr(
                "To learn which names and shapes the model expects, its Python code has to be run. It runs in a process"
                " of its own, with your rights: it could do anything a program of yours can. Allow it only for code"
                " you trust."
            ),
        )
        form = QFormLayout()
        for caption, text in (
            (self.tr("File"), request.path or self.tr("not known before it is imported")),
            (self.tr("Model"), request.reference),
            (self.tr("Python"), request.interpreter),
        ):
            label = QLabel(text)
            label.setTextFormat(Qt.TextFormat.PlainText)
            label.setWordWrap(True)
            label.setTextInteractionFlags(
                Qt.TextInteractionFlag.TextSelectableByMouse | Qt.TextInteractionFlag.TextSelectableByKeyboard
            )
            form.addRow(caption, label)
        self.body.addLayout(form)
        self.remember = QCheckBox(self.tr("&Remember for this very content of the file (asks again when it changes)"))
        self.remember.setVisible(bool(request.digest))
        self.body.addWidget(self.remember)
        self.set_primary(self.tr("R&un it"), True)
        self.primary.setDefault(False)
        self.primary.setProperty("primary", False)
        self.primary.setAutoDefault(False)
        # The safe answer is the prominent one.
        self.cancel_button.setText(self.tr("&Do not run it"))
        self.cancel_button.setProperty("primary", True)
        for button in (self.primary, self.cancel_button):
            # Qt looks at properties once, when it first styles the button.
            button.style().unpolish(button)
            button.style().polish(button)
        self.cancel_button.setAutoDefault(True)
        self.cancel_button.setDefault(True)
        self.cancel_button.setFocus()
        self.resize(560, self.sizeHint().height())
        self.finished.connect(self._on_finished)

    def _on_finished(self, result: int) -> None:
        self.answered.emit(bool(result), self.remember.isChecked())
