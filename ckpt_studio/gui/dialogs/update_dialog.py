"""Takes tensors over from another checkpoint: what is added, what is replaced, what is equal anyway."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from dataclasses import replace

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QCheckBox,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QProgressBar,
    QWidget,
)

from ckpt_studio.core.edits import Edit, UpdateFrom
from ckpt_studio.core.jobs import Progress, Step
from ckpt_studio.errors import StudioError
from ckpt_studio.gui.dialogs.ask_dialog import counted, muted
from ckpt_studio.gui.dialogs.edit_dialog import EditDialog
from ckpt_studio.gui.dialogs.other_checkpoint import OtherCheckpoint
from ckpt_studio.gui.dialogs.plain_table import PlainTable
from ckpt_studio.gui.dialogs.taken_model import FATE, HERE, NAME, THERE, Fate, TakenModel
from ckpt_studio.gui.document import ChangeSet, Document
from ckpt_studio.gui.fields import make_clearable
from ckpt_studio.gui.tasks import Task, run_task
from ckpt_studio.gui.wording import worded_error

_ADDED: tuple[Fate, ...] = ("added",)
_REPLACED: tuple[Fate, ...] = ("replaced", "reshaped")


class UpdateDialog(EditDialog):
    """Asks which tensors of another file are to be taken over; one undoable edit."""

    shows_preview = False

    def __init__(
        self,
        document: Document,
        others: Sequence[Document] = (),
        names: Iterable[str] | None = None,
        parent: QWidget | None = None,
    ) -> None:
        """Offers the other open documents; `names` are ticked in the first one, None ticks all."""
        super().__init__(document, parent)
        self._wanted = tuple(names) if names is not None else None
        self._looking: Task | None = None
        self.ask(
            self.tr("Update from another checkpoint"),
            self.tr("Which tensors are to be taken over?"),
            self.tr(
                "A name that is not here yet is added; the tensor of a name that is here is replaced. What you do not"
                " tick stays as it is."
            ),
        )
        self.other = OtherCheckpoint(others, document.state_dict)
        self.other.changed.connect(self._on_other)
        self.taken = TakenModel(self)
        self.add = QCheckBox()
        self.add.setTristate(True)
        self.add.clicked.connect(lambda: self._on_group(self.add, _ADDED))
        self.replace = QCheckBox()
        self.replace.setTristate(True)
        self.replace.clicked.connect(lambda: self._on_group(self.replace, _REPLACED))
        self.equal = muted(QLabel())
        self.equal.setWordWrap(False)
        self.filter = QLineEdit()
        self.filter.setPlaceholderText(self.tr("Filter names"))
        self.filter.setAccessibleName(self.tr("Filter the tensors"))
        make_clearable(self.filter)
        self.filter.textChanged.connect(self.taken.set_filter)
        groups = QHBoxLayout()
        groups.setSpacing(16)
        groups.addWidget(self.add)
        groups.addWidget(self.replace)
        groups.addWidget(self.equal)
        groups.addStretch()
        groups.addWidget(self.filter)
        self.table = PlainTable(self.taken, NAME, ((FATE, 24), (HERE, 18), (THERE, 18)))
        self.table.setAccessibleName(self.tr("Tensors of the other file"))
        self.bar = QProgressBar()
        self.bar.setTextVisible(False)
        self.bar.setAccessibleName(self.tr("Looking for equal values"))
        self.bar.hide()
        self.body.addWidget(self.other)
        self.body.addLayout(groups)
        self.body.addWidget(self.table, 1)
        self.body.addWidget(self.bar)
        self.taken.ticked.connect(self._on_ticked)
        self.resize(820, 600)
        self._on_other()
        self.finish_layout()
        self.other.files.setFocus()

    # The answers.

    def edit(self) -> Edit | str:
        chosen = self.other.chosen()
        if chosen is None:
            return self.other.problem
        names = self.taken.names
        if not names:
            return self.tr("Tick what is to be taken over.")
        edit = UpdateFrom(chosen.path, chosen.label, edits=chosen.edits)
        return edit if self.taken.takes_all else replace(edit, names=names)

    def button_text(self, change: ChangeSet | None) -> str:
        count = len(self.taken.names)
        return counted(count, self.tr("Take over 1 tensor"), self.tr("Take over {count} tensors"))

    def offer(self, trial: object) -> None:
        super().offer(trial)  # type: ignore[arg-type]
        chosen = self.other.chosen()
        if chosen is not None and chosen.is_edited:
            self.message.say(
                self.tr("The tensors of “{name}” are taken as you changed them there.").format(
                    name=os.path.basename(chosen.path)
                ),
                "calm",
            )

    # What happens.

    def _on_other(self) -> None:
        self._stop_looking()
        chosen, here = self.other.chosen(), self.document.state_dict
        there = chosen.state_dict.tensors if chosen is not None else {}
        self.taken.set_offered(here.entries if here is not None else {}, there)
        if self._wanted is not None and chosen is not None:
            self.taken.tick_only(self._wanted)
        if chosen is None or here is None:
            return
        known = chosen.state_dict
        common = [name for name in known.tensors if name in here.tensors]

        def look(progress: Progress) -> frozenset[str]:
            from ckpt_studio.compare.difference import difference

            ours = here.with_entries({name: here.tensors[name] for name in common})
            theirs = known.with_entries({name: known.tensors[name] for name in common})
            differing = {change.name for change in difference(ours, theirs, progress).changed}
            return frozenset(common) - differing

        if common:
            task = run_task(self, look, label=self.tr("Looking for equal values"))
            self._looking = task
            self.bar.setRange(0, 0)
            self.bar.show()
            self.equal.setText(self.tr("Looking for equal values…"))
            task.progressed.connect(lambda step: self._on_progress(task, step))
            task.succeeded.connect(lambda equal: self._on_equal(task, equal))
            task.failed.connect(lambda error: self._on_unread(task, error))

    def _on_progress(self, task: Task, step: Step) -> None:
        if task is self._looking and step.total:
            self.bar.setRange(0, 1000)
            self.bar.setValue(min(1000 * step.done // step.total, 1000))

    def _on_equal(self, task: Task, equal: frozenset[str]) -> None:
        if task is self._looking:
            self._looking = None
            self.bar.hide()
            self.taken.set_equal(equal)

    def _on_unread(self, task: Task, error: StudioError) -> None:
        if task is self._looking:
            self._looking = None
            self.bar.hide()
            self.equal.setText("")
            self.message.say(worded_error(error), "caution")

    def _on_group(self, box: QCheckBox, fates: tuple[Fate, ...]) -> None:
        # A partial tick is shown, not chosen.
        self.taken.tick(fates, box.checkState() != Qt.CheckState.Unchecked)

    def _on_ticked(self) -> None:
        counts, names = self.taken.counts, frozenset(self.taken.names)
        ticked = self.taken.ticked_counts(names)
        for box, fates, words in (
            (self.add, _ADDED, self.tr("&Add {count}")),
            (self.replace, _REPLACED, self.tr("&Replace {count}")),
        ):
            total = sum(counts[fate] for fate in fates)
            taken = sum(ticked[fate] for fate in fates)
            box.setText(words.format(count=f"{total:,}"))
            box.setEnabled(total > 0)
            state = Qt.CheckState.Unchecked if not taken else Qt.CheckState.PartiallyChecked
            box.setCheckState(Qt.CheckState.Checked if taken == total and total else state)
        if self._looking is None:
            equal = counts["equal"]
            self.equal.setText(counted(equal, self.tr("1 is equal"), self.tr("{count} are equal")) if equal else "")
        self.refresh()

    def _stop_looking(self) -> None:
        if self._looking is not None:
            self._looking.cancel()
            self._looking = None
        self.bar.hide()

    def stop(self) -> None:
        self._stop_looking()
        self.other.stop()
        super().stop()
