"""Gives the checkpoint the tensors that the model misses, from the model's own start."""

from __future__ import annotations

from PySide6.QtWidgets import QFormLayout, QListWidget, QProgressBar, QSpinBox, QWidget

from ckpt_studio.compare.filling import fill_missing
from ckpt_studio.core.checkpoint import Checkpoint
from ckpt_studio.core.edits import Edit
from ckpt_studio.core.edits.completing import missing_counters
from ckpt_studio.core.jobs import Progress, Step
from ckpt_studio.errors import StudioError
from ckpt_studio.gui.dialogs.ask_dialog import AskDialog, counted, roomy
from ckpt_studio.gui.document import Document
from ckpt_studio.gui.fresh_values import values_file
from ckpt_studio.gui.tasks import Task, run_task
from ckpt_studio.gui.wording import worded, worded_error
from ckpt_studio.models.reference import CheckpointReference

_MOST_LISTED = 500
_LARGEST_SEED = 2**31 - 1


class FillDialog(AskDialog):
    """Asks whether to fill in what is missing; the values are made by the model's own code, in the host."""

    def __init__(self, document: Document, names: tuple[str, ...] | None = None, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.document = document
        self._task: Task | None = None
        report, resolved = document.report, document.resolved
        assert report is not None
        assert resolved is not None
        missing = tuple(row.name for row in report.with_status("missing"))
        self.names = missing if names is None else tuple(name for name in missing if name in set(names))
        self._report, self._resolved = report, resolved
        only_counters = len(missing_counters(self.names)) == len(self.names)
        from_file = isinstance(resolved.reference, CheckpointReference)
        if from_file:
            explanation = self.tr("They are taken from the checkpoint that this file is compared with.")
        elif only_counters:
            explanation = self.tr("They only count training steps; zero is what PyTorch itself begins with.")
        else:
            explanation = self.tr(
                "They get the values that the model has when it is freshly built. These layers have learned nothing"
                " yet: the model loads, but has to be trained before they are of use."
            )
        self.ask(
            self.tr("Fill missing"),
            counted(
                len(self.names), self.tr("Fill in the missing tensor?"), self.tr("Fill in the {count} missing tensors?")
            ),
            explanation,
        )
        self.listed = QListWidget()
        roomy(self.listed)
        self.listed.setAccessibleName(self.tr("Missing tensors"))
        for name in self.names[:_MOST_LISTED]:
            shape = "×".join(map(str, resolved.skeleton.by_name[name].shape))
            self.listed.addItem(f"{name}    {shape}")
        if len(self.names) > _MOST_LISTED:
            self.listed.addItem(self.tr("… and {count} more").format(count=f"{len(self.names) - _MOST_LISTED:,}"))
        self.body.addWidget(self.listed, 1)
        self.seed = QSpinBox()
        self.seed.setRange(0, _LARGEST_SEED)
        self.seed.setAccessibleName(self.tr("Seed"))
        self.seed.setToolTip(self.tr("The same number gives the same random values again."))
        if not (only_counters or from_file):
            form = QFormLayout()
            form.addRow(self.tr("&Random seed"), self.seed)
            self.body.addLayout(form)
        self.bar = QProgressBar()
        self.bar.setRange(0, 0)
        self.bar.setTextVisible(False)
        self.bar.setAccessibleName(self.tr("Building the model"))
        self.bar.hide()
        self.body.addWidget(self.bar)
        self.set_primary(
            counted(len(self.names), self.tr("Fill 1 tensor"), self.tr("Fill {count} tensors")), bool(self.names)
        )
        self.finished.connect(self._stop)
        self.resize(560, 420)

    def accept(self) -> None:
        if self._task is not None:
            return
        self.hide_details()
        self.bar.show()
        self.primary.setEnabled(False)
        self.seed.setEnabled(False)
        start, names, seed = self.document.checkpoint, self.names, self.seed.value()
        report, resolved = self._report, self._resolved
        path = str(values_file(str(resolved.reference), names, seed))

        def fill(progress: Progress) -> list[tuple[Edit, Checkpoint]]:
            steps: list[tuple[Edit, Checkpoint]] = []
            checkpoint = start
            for edit in fill_missing(report, resolved, path, seed=seed, names=names, progress=progress):
                checkpoint = edit.apply(checkpoint)
                steps.append((edit, checkpoint))
            return steps

        task = run_task(self, fill, label=self.tr("Filling in"))
        self._task = task
        task.progressed.connect(self._on_progress)
        task.succeeded.connect(lambda steps: self._on_filled(task, start, steps))
        task.failed.connect(lambda error: self._on_failed(task, error))
        task.finished.connect(lambda: self._on_over(task))

    def _on_progress(self, step: Step) -> None:
        if self._task is not None and step.label is not None:
            self.message.say(worded(step.label), "calm")

    def _on_filled(self, task: Task, start: Checkpoint, steps: list[tuple[Edit, Checkpoint]]) -> None:
        if task is not self._task or start is not self.document.checkpoint:
            return
        self._task = None
        self.document.restore(steps, len(steps), None)
        super().accept()

    def _on_failed(self, task: Task, error: StudioError) -> None:
        if task is self._task:
            self._end()
            self.message.say(worded_error(error), "bad")
            self.show_details(error.details)

    def _on_over(self, task: Task) -> None:
        if task is self._task:
            self._end()

    def _end(self) -> None:
        self._task = None
        self.bar.hide()
        self.message.say("", "calm")
        self.seed.setEnabled(True)
        self.primary.setEnabled(True)

    def reject(self) -> None:
        if self._task is not None:
            self._task.cancel()
            return
        super().reject()

    def _stop(self) -> None:
        if self._task is not None:
            task, self._task = self._task, None
            task.cancel()
