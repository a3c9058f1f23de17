"""What was written, and what can be done with it: show it, let PyTorch load it, copy the code that does."""

from __future__ import annotations

import os

from PySide6.QtCore import QCoreApplication, QLocale, QUrl, Signal
from PySide6.QtGui import QDesktopServices, QGuiApplication
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPlainTextEdit, QPushButton, QVBoxLayout, QWidget

from ckpt_studio.core.jobs import Progress
from ckpt_studio.errors import StudioError
from ckpt_studio.formats import atomic
from ckpt_studio.formats.export import ExportPlan, SaveOutcome
from ckpt_studio.gui.dialogs.ask_dialog import Banner, counted, muted
from ckpt_studio.gui.document import Document
from ckpt_studio.gui.figures import exact_text, size_text
from ckpt_studio.gui.loading_code import loading_code
from ckpt_studio.gui.refusal import refusal_words
from ckpt_studio.gui.tasks import Task, run_task
from ckpt_studio.gui.text_size import fixed_font
from ckpt_studio.gui.wording import worded, worded_error
from ckpt_studio.models.host.client import HostClient, LoadTest
from ckpt_studio.models.interpreters import default_interpreter
from ckpt_studio.models.reference import CheckpointReference
from ckpt_studio.models.resolve import ResolvedModel

# Longer words of torch's are behind the details button.
_MOST_WORDS = 220


def load_test(
    path: str, resolved: ResolvedModel | None, inner: tuple[str, ...], progress: Progress, forward: bool = False
) -> LoadTest:
    """What torch says about the file, in the model's own host where it has one."""
    host_model = resolved.host_model if resolved is not None else None
    reference = resolved.reference if resolved is not None else None
    if isinstance(reference, CheckpointReference):
        reference = None
    if host_model is not None:
        return host_model.client.load_test(path, reference, inner=inner, forward=forward, progress=progress)
    with HostClient(default_interpreter()) as client:
        return client.load_test(path, reference, inner=inner, forward=forward, progress=progress)


def said_by_torch(test: LoadTest, model: str) -> tuple[str, str]:
    """Torch's verdict in a sentence, and its tone; `model` is "" when none was loaded."""
    translate = QCoreApplication.translate
    if not test.read:
        text = translate("ExportOutcome", "PyTorch {version} does not read it with weights_only=True: {reason}")
    elif not model:
        text = translate("ExportOutcome", "PyTorch {version} reads it.")
    elif test.loads_strict:
        text = translate("ExportOutcome", "PyTorch {version} loads it into {model}: all names and shapes match.")
    else:
        text = translate("ExportOutcome", "PyTorch {version} reads it, but {model} refuses it: {reason}")
    # torch's first line only says that there are errors; the first of them stands in the second.
    lines = [line.strip() for line in test.text.strip().splitlines()] or [""]
    reason = lines[1] if len(lines) > 1 and lines[0].endswith(":") else lines[0]
    reason = reason if len(reason) <= _MOST_WORDS else reason[:_MOST_WORDS] + "…"
    good = test.read and (test.loads_strict or not model)
    return text.format(version=test.torch, model=model, reason=reason), "good" if good else "bad"


class ExportOutcome(QWidget):
    """The last page of the export.

    Signals:
        details_told(str): the text behind what PyTorch said, "" for none.
    """

    details_told = Signal(str)

    def __init__(self, document: Document, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.document = document
        self.outcome: SaveOutcome | None = None
        self.plan: ExportPlan | None = None
        self._testing: Task | None = None
        self.verified = Banner()
        self.verified.label.setAccessibleName(self.tr("Outcome"))
        self.refused = Banner()
        self.refused.label.setAccessibleName(self.tr("What PyTorch would say"))
        self.refused.hide()
        self.done_notices = muted(QLabel())
        self.show_button = QPushButton(self.tr("&Show in folder"))
        self.show_button.clicked.connect(self.show_in_folder)
        self.copy_button = QPushButton(self.tr("&Copy PyTorch loading code"))
        self.copy_button.setToolTip(self.tr("A few lines of Python that load this file, for pasting into your script."))
        self.copy_button.clicked.connect(self.copy_loading_code)
        self.test_button = QPushButton(self.tr("&Load it with PyTorch"))
        self.test_button.setToolTip(
            self.tr("Lets PyTorch itself read the file and, when a model was chosen, load it strictly.")
        )
        self.test_button.clicked.connect(self.test_with_torch)
        self.tested = Banner()
        self.tested.label.setAccessibleName(self.tr("What PyTorch said"))
        # It has its place from the beginning, so that nothing moves when PyTorch has answered in a line.
        self.tested.say(self.tr("PyTorch itself has not loaded it yet."), "calm")
        self.code = QPlainTextEdit()
        self.code.setReadOnly(True)
        self.code.setTabChangesFocus(True)
        self.code.setLineWrapMode(QPlainTextEdit.LineWrapMode.NoWrap)
        self.code.setFont(fixed_font())
        self.code.setAccessibleName(self.tr("Python that loads this file"))
        self.code.setMinimumHeight(self.fontMetrics().lineSpacing() * 7)
        for button in (self.show_button, self.copy_button, self.test_button):
            button.setAutoDefault(False)
        self.copied = muted(QLabel())
        row = QHBoxLayout()
        row.addWidget(self.show_button)
        row.addWidget(self.test_button)
        row.addWidget(self.copy_button)
        row.addWidget(self.copied, 1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(12)
        layout.addWidget(self.verified)
        layout.addWidget(self.refused)
        layout.addWidget(self.done_notices)
        layout.addLayout(row)
        layout.addWidget(self.tested)
        layout.addWidget(self.code, 1)

    def show_outcome(self, outcome: SaveOutcome, plan: ExportPlan) -> None:
        """Shows what an export gave."""
        self.outcome, self.plan = outcome, plan
        words = counted(
            outcome.tensors,
            self.tr("Verified: 1 tensor, {size}. It was read back and compared byte for byte."),
            self.tr("Verified: {count} tensors, {size}. They were read back and compared byte for byte."),
            size=size_text(outcome.nbytes),
        )
        if outcome.seconds >= 1:
            seconds = QLocale().toString(outcome.seconds, "f", 0)
            words += "\n" + self.tr("It took {seconds} s.").format(seconds=seconds)
        self.verified.say(
            words,
            "good",
        )
        self.verified.setToolTip(self.tr("{count} bytes").format(count=exact_text(outcome.nbytes)))
        self.refused.say(refusal_words(self.document), "caution")
        told = [worded(notice) for notice in outcome.notices]
        if any(notice.code == "source-replaced" for notice in outcome.notices):
            told.append(
                self.tr("You can go on here; Undo still brings back what was in it before, until you close it.")
                if atomic.REPLACES_OPEN_FILES
                else self.tr("It is read again when you close this window; the list of changes begins anew.")
            )
        self.done_notices.setText("\n".join(f"• {words}" for words in told))
        self.done_notices.setVisible(bool(told))
        self.code.setPlainText(self._loading_code())

    def stop(self) -> None:
        """The dialog closes: ends what runs."""
        if self._testing is not None:
            self._testing.cancel()
            self._testing = None

    def show_in_folder(self) -> None:
        """Opens the folder of the written file in the desktop's file browser."""
        assert self.outcome is not None
        QDesktopServices.openUrl(QUrl.fromLocalFile(os.path.dirname(self.outcome.path)))

    def test_with_torch(self) -> None:
        """Lets real torch load the written file, in the host."""
        assert self.outcome is not None
        assert self.plan is not None
        if self._testing is not None:
            return
        path, document = self.outcome.path, self.document
        inner = tuple(map(str, document.state_dict.path)) if self.plan.options.whole and document.state_dict else ()
        resolved = document.resolved
        self.details_told.emit("")
        self.test_button.setEnabled(False)
        self.tested.say(self.tr("PyTorch is loading it…"), "calm")
        task = run_task(
            self, lambda progress: load_test(path, resolved, inner, progress), label=self.tr("Loading with PyTorch")
        )
        self._testing = task
        task.succeeded.connect(self._on_tested)
        task.failed.connect(self._on_test_failed)
        task.finished.connect(self._on_test_over)

    def _on_tested(self, test: LoadTest) -> None:
        resolved = self.document.resolved
        is_model = resolved is not None and not isinstance(resolved.reference, CheckpointReference)
        text, tone = said_by_torch(test, resolved.skeleton.title if resolved is not None and is_model else "")
        self.tested.say(text, tone)
        self.details_told.emit("" if tone == "good" else f"{test.text}\n\n{test.details}".strip())

    def _on_test_failed(self, error: StudioError) -> None:
        self.tested.say(worded_error(error), "caution")
        self.details_told.emit(error.details)

    def _on_test_over(self) -> None:
        self._testing = None
        self.test_button.setEnabled(True)

    def copy_loading_code(self) -> None:
        """Puts Python that loads the file on the clipboard."""
        QGuiApplication.clipboard().setText(self._loading_code())
        self.copied.setText(self.tr("✓ Copied"))

    def _loading_code(self) -> str:
        assert self.outcome is not None
        assert self.plan is not None
        state_dict, resolved = self.document.state_dict, self.document.resolved
        inner = state_dict.path if self.plan.options.whole and state_dict is not None else None
        code = loading_code(
            self.outcome.path,
            self.plan.format,
            inner,
            resolved.reference if resolved is not None else None,
            weights_only=self.plan.weights_only,
        )
        # It is pasted elsewhere, where nobody sees the notice above it.
        refusal = " ".join(refusal_words(self.document).splitlines())
        return f"# {refusal}\n{code}" if refusal else code
