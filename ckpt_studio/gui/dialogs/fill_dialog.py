"""Gives the checkpoint the tensors that the model misses, from the model's own start."""

from __future__ import annotations

from PySide6.QtWidgets import QFormLayout, QListWidget, QSpinBox, QWidget

from ckpt_studio.compare.filling import fill_missing
from ckpt_studio.core.checkpoint import Checkpoint
from ckpt_studio.core.edits import Edit
from ckpt_studio.core.edits.completing import missing_counters
from ckpt_studio.core.jobs import Progress
from ckpt_studio.errors import StudioError
from ckpt_studio.gui.dialogs.ask_dialog import counted, roomy
from ckpt_studio.gui.dialogs.work_dialog import WorkDialog
from ckpt_studio.gui.document import Document
from ckpt_studio.gui.fresh_values import values_file
from ckpt_studio.gui.wording import worded_error
from ckpt_studio.models.reference import CheckpointReference

_MOST_LISTED = 500
_LARGEST_SEED = 2**31 - 1


class FillDialog(WorkDialog):
    """Asks whether to fill in what is missing; the values are made by the model's own code, in the host."""

    def __init__(self, document: Document, names: tuple[str, ...] | None = None, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.document = document
        report, resolved = document.report, document.resolved
        assert report is not None
        assert resolved is not None
        missing = tuple(row.name for row in report.with_status("missing"))
        self.names = missing if names is None else tuple(name for name in missing if name in set(names))
        self._report, self._resolved = report, resolved
        only_counters = len(missing_counters(self.names)) == len(self.names)
        from_file = isinstance(resolved.reference, CheckpointReference)
        if from_file:
            explanation = counted(
                len(self.names),
                self.tr("It is taken from the checkpoint that this file is compared with."),
                self.tr("They are taken from the checkpoint that this file is compared with."),
            )
        elif only_counters:
            explanation = counted(
                len(self.names),
                self.tr("It only counts training steps; zero is what PyTorch itself begins with."),
                self.tr("They only count training steps; zero is what PyTorch itself begins with."),
            )
        else:
            explanation = counted(
                len(self.names),
                self.tr(
                    "It gets the values that the model has when it is freshly built. This layer has learned nothing"
                    " yet: the model loads, but has to be trained before it is of use."
                ),
                self.tr(
                    "They get the values that the model has when it is freshly built. These layers have learned nothing"
                    " yet: the model loads, but has to be trained before they are of use."
                ),
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
        self.listed.setAccessibleName(counted(len(self.names), self.tr("Missing tensor"), self.tr("Missing tensors")))
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
        self.bar.setAccessibleName(self.tr("Building the model"))
        self.body.addWidget(self.bar)
        self.set_primary(
            counted(len(self.names), self.tr("Fill 1 tensor"), self.tr("Fill {count} tensors")), bool(self.names)
        )
        self.resize(560, 420)

    def accept(self) -> None:
        if self.is_working:
            return
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

        self.work(fill, self.tr("Filling in"), lambda steps: self._on_filled(start, steps), self._on_failed)

    def ended(self) -> None:
        self.seed.setEnabled(True)
        self.primary.setEnabled(True)

    def _on_filled(self, start: Checkpoint, steps: list[tuple[Edit, Checkpoint]]) -> None:
        if start is self.document.checkpoint:
            for edit, result in steps:
                self.document.record(edit, result)
        super().accept()

    def _on_failed(self, error: StudioError) -> None:
        self.message.say(worded_error(error), "bad")
        self.show_details(error.details)
