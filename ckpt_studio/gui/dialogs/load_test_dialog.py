"""Lets PyTorch itself load the weights, as they are now, into the chosen model."""

from __future__ import annotations

import os
import tempfile

from PySide6.QtWidgets import QCheckBox, QPushButton, QWidget

from ckpt_studio.core.checkpoint import Checkpoint
from ckpt_studio.core.jobs import Progress
from ckpt_studio.errors import StudioError
from ckpt_studio.formats.export import ExportOptions, export, plan_export
from ckpt_studio.gui.dialogs.ask_dialog import Banner
from ckpt_studio.gui.dialogs.work_dialog import WorkDialog, keep_width
from ckpt_studio.gui.document import Document
from ckpt_studio.gui.export_outcome import load_test, said_by_torch
from ckpt_studio.gui.wording import worded_error
from ckpt_studio.models.host.client import LoadTest
from ckpt_studio.models.resolve import ResolvedModel


def tested_now(
    checkpoint: Checkpoint, edited: bool, resolved: ResolvedModel | None, forward: bool, progress: Progress
) -> LoadTest:
    """What torch says about the active weights: of the file itself where it holds just them, else of a copy."""
    if not edited and checkpoint.source.format == "safetensors":
        return load_test(checkpoint.source.path, resolved, (), progress, forward)
    with tempfile.TemporaryDirectory(prefix="ckpt-studio-") as folder:
        path = os.path.join(folder, "weights.pth")
        export(plan_export(checkpoint, path, ExportOptions(format="pth")), progress)
        return load_test(path, resolved, (), progress, forward)


class LoadTestDialog(WorkDialog):
    """Runs the test, on request with one pass of random input, and shows torch's own words."""

    def __init__(self, document: Document, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.document = document
        self.test: LoadTest | None = None
        resolved = document.resolved
        self._title = resolved.skeleton.title if resolved is not None else ""
        self.ask(
            self.tr("Test with PyTorch"),
            self.tr("Let PyTorch load these weights into {model}?").format(model=self._title),
            self.tr(
                "The real model is built in a process of its own, and load_state_dict(strict=True) is called on it"
                " with the weights as they are now. Your file is not touched."
            ),
        )
        self.forward = QCheckBox(self.tr("&Run the model once on random input afterwards"))
        self.forward.setToolTip(self.tr("Shows whether the shapes agree from the first layer to the last."))
        self.forward.setChecked(True)
        self.bar.setAccessibleName(self.tr("Progress"))
        self.verdict = Banner()
        self.verdict.label.setAccessibleName(self.tr("What PyTorch said"))
        self.verdict.hide()
        self.ran = Banner()
        self.ran.label.setAccessibleName(self.tr("What the model gave"))
        self.ran.hide()
        for widget in (self.forward, self.bar, self.verdict, self.ran):
            self.body.addWidget(widget)
        self.body.addStretch()
        self.cancel_button.setText(self.tr("Close"))
        self.set_primary(self.tr("Test"), True)
        keep_width(self.primary, self.tr("Test"), self.tr("Testing…"), self.tr("Test again"))
        keep_width(self.cancel_button, self.tr("Close"), self.tr("Cancel"))
        # High enough for both answers: the buttons stay where they are.
        self.resize(600, 320 + 6 * self.fontMetrics().lineSpacing())

    def accept(self) -> None:
        if self.is_working:
            return
        checkpoint, resolved = self.document.checkpoint, self.document.resolved
        # A file that was replaced holds something else than what was opened.
        edited = self.document.history.index > 0 or self.document.replaced is not None
        forward = self.forward.isChecked()
        self.verdict.hide()
        self.ran.hide()
        self.forward.setEnabled(False)
        self.cancel_button.setText(self.tr("Cancel"))
        self.set_primary(self.tr("Testing…"), False)
        self.work(
            lambda progress: tested_now(checkpoint, edited, resolved, forward, progress),
            self.tr("Loading with PyTorch"),
            self._on_tested,
            self._on_failed,
        )

    def _prefer(self, button: QPushButton) -> None:
        """Makes this button the one that Enter presses and that stands out."""
        for one in (self.primary, self.cancel_button):
            one.setProperty("primary", one is button)
            one.setDefault(one is button)
            one.style().unpolish(one)
            one.style().polish(one)

    def ended(self) -> None:
        self.forward.setEnabled(True)
        self.cancel_button.setText(self.tr("Close"))
        self.set_primary(self.tr("Test again"), True)

    def _on_tested(self, test: LoadTest) -> None:
        self.test = test
        text, tone = said_by_torch(test, self._title)
        # Nothing is left to do where it loads.
        self._prefer(self.cancel_button if tone == "good" else self.primary)
        self.verdict.say(text, tone)
        outcome = test.forward
        if outcome is not None and outcome["ok"]:
            self.ran.say(
                self.tr("It runs: input {input}, output {output}.").format(
                    input=outcome["input"], output=outcome["output"]
                ),
                "good",
            )
        elif outcome is not None:
            self.ran.say(
                self.tr("No likely input suited the model; this says nothing about the weights: {reason}").format(
                    reason=outcome["error"]
                ),
                "caution",
            )
        self.show_details(f"{test.text}\n\n{test.details}".strip())

    def _on_failed(self, error: StudioError) -> None:
        self.verdict.say(worded_error(error), "caution")
        self.show_details(error.details)
