"""A dialog whose answer is one edit: tried off the window's thread while the user types, applied on accept."""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QLabel, QWidget

from ckpt_studio.core.checkpoint import Checkpoint
from ckpt_studio.core.edits import Edit
from ckpt_studio.core.jobs import Progress
from ckpt_studio.errors import EditError, StudioError
from ckpt_studio.gui.dialogs.ask_dialog import AskDialog, counted, muted
from ckpt_studio.gui.dialogs.change_preview import ChangePreview, Pair
from ckpt_studio.gui.document import ChangeSet, Document, Trial, change_between
from ckpt_studio.gui.tasks import Task, run_task
from ckpt_studio.gui.wording import worded_error

_TYPING_PAUSE_MS = 80
# So many problems are told in place; more of them behind the details button, where they can be scrolled.
_MOST_PROBLEMS = 3
_MOST_DETAILS = 500


def try_edit(edit: Edit, checkpoint: Checkpoint) -> Trial:
    """The edit applied to a copy, and the difference. Raises EditError."""
    result = edit.apply(checkpoint)
    return Trial(edit, checkpoint, result, change_between(checkpoint, result, "edit"))


class EditDialog(AskDialog):
    """Asks for an edit. Subclasses build the fields, call `refresh` when one changes, and say what it is.

    The button is enabled only for an edit that was tried and fits; accepting enters the tried result
    into the document, so that nothing is computed twice and nothing can fail afterwards.
    """

    shows_preview: ClassVar[bool] = True

    def __init__(self, document: Document, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.document = document
        self.trial: Trial | None = None
        self._task: Task | None = None
        self._pause = QTimer(self)
        self._pause.setSingleShot(True)
        self._pause.setInterval(_TYPING_PAUSE_MS)
        self._pause.timeout.connect(self._on_pause_over)
        self.summary = muted(QLabel(self))
        self.preview = ChangePreview(self)
        self.summary.hide()
        self.preview.hide()
        self.document.changed.connect(self.refresh)
        self.finished.connect(self.stop)

    def finish_layout(self) -> None:
        """Puts the preview below the fields and tries the first answer; subclasses call it last."""
        if self.shows_preview:
            self.body.addWidget(self.summary)
            self.body.addWidget(self.preview, 1)
            self.preview.show()
            self.resize(max(self.sizeHint().width(), 640), max(self.sizeHint().height(), 480))
        self.refresh()

    def edit(self) -> Edit | str:
        """The edit the fields describe, or, in words, what is still to be filled in ("" for nothing to say)."""
        raise NotImplementedError

    def in_full(self) -> Callable[[Edit], Edit]:
        """What makes of `edit`'s answer the edit that is tried and applied, where that takes long; run by the task."""
        return lambda edit: edit

    def button_text(self, change: ChangeSet | None) -> str:
        """What the button does, with counts when the change is known."""
        raise NotImplementedError

    def renamed_words(self, change: ChangeSet | None) -> str:
        """ "Rename 24 tensors", for the dialogs that rename."""
        if change is None or not change.renamed:
            return self.tr("Rename")
        return counted(len(change.renamed), self.tr("Rename 1 tensor"), self.tr("Rename {count} tensors"))

    def outcome(self, change: ChangeSet) -> str:
        """One line above the preview: what changes and what stays."""
        state_dict = self.document.state_dict
        total = len(state_dict.entries) if state_dict is not None else 0
        touched = len(change.renamed) + len(change.removed) + len(change.revised)
        return self.tr("{touched} of {total} names change.").format(touched=f"{touched:,}", total=f"{total:,}")

    def pairs(self, change: ChangeSet) -> list[Pair]:
        """The rows of the preview."""
        gone: list[Pair] = [(name, None) for name in change.removed]
        if gone and self.document.state_dict is not None:
            gone = [(name, None) for name in self.document.state_dict.entries if name in change.removed]
        return gone + list(change.renamed.items())

    def refresh(self, *_: object) -> None:
        """Tries the answer again, after a short pause in typing."""
        self.trial = None
        self.hide_details()
        if self._task is not None:
            self._task.cancel()
            self._task = None
        edit = self.edit()
        if isinstance(edit, str):
            self._pause.stop()
            self._show_problem(edit, "calm")
            return
        self.set_primary(self.button_text(None), False, self.tr("Trying it…"))
        self._pause.start()

    def _on_pause_over(self) -> None:
        edit = self.edit()
        if isinstance(edit, str):
            return
        checkpoint, in_full = self.document.checkpoint, self.in_full()

        def trial(progress: Progress) -> Trial:
            return try_edit(in_full(edit), checkpoint)

        task = run_task(self, trial, label=self.tr("Trying the edit"))
        self._task = task
        task.succeeded.connect(lambda result: self._on_tried(task, result))
        task.failed.connect(lambda error: self._on_refused(task, error))

    def _on_tried(self, task: Task, trial: Trial) -> None:
        if task is not self._task:
            return
        self._task = None
        change = trial.change
        if self.shows_preview:
            self.preview.set_pairs(self.pairs(change))
            self.summary.setText(self.outcome(change))
            self.summary.show()
        if not (change.touches_names or change.revised or change.others):
            self._show_problem(self.tr("Nothing would change."), "calm", keep_preview=True)
            return
        self.message.say("", "calm")
        self.offer(trial)

    def offer(self, trial: Trial) -> None:
        """Enables the button for an edit that fits; subclasses may look further first."""
        self.trial = trial
        self.set_primary(self.button_text(trial.change), True)

    def _on_refused(self, task: Task, error: StudioError) -> None:
        if task is not self._task:
            return
        self._task = None
        self._show_problem(worded_error(error, _MOST_PROBLEMS), "caution" if isinstance(error, EditError) else "bad")
        if len(error.problems) > _MOST_PROBLEMS:
            self.show_details(worded_error(error, _MOST_DETAILS))

    def _show_problem(self, text: str, tone: str, keep_preview: bool = False) -> None:
        if not keep_preview:
            self.preview.set_pairs(())
            self.summary.hide()
        self.message.say(text, tone)
        self.set_primary(self.button_text(None), False, text)

    def stop(self) -> None:
        """Ends what still runs; the dialog is closing."""
        self._pause.stop()
        if self._task is not None:
            self._task.cancel()
            self._task = None

    def accept(self) -> None:
        trial = self.trial
        if trial is None or trial.tried_on is not self.document.checkpoint:
            return
        self.document.changed.disconnect(self.refresh)
        self.document.request(trial.edit, tried=trial)
        super().accept()
