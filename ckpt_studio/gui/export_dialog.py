"""Writes the edited checkpoint to a file: what, where and how, what it will be, and then that it is right."""

from __future__ import annotations

import os

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtWidgets import (
    QLabel,
    QProgressBar,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from ckpt_studio.core.edits import Cast, SetDevice, SetMetadata
from ckpt_studio.core.edits.overflow import cast_overflow
from ckpt_studio.core.jobs import Step
from ckpt_studio.errors import ExportError, Message, StudioError
from ckpt_studio.formats import atomic
from ckpt_studio.formats.export import ExportPlan, SaveOutcome, export, plan_export
from ckpt_studio.gui.dialogs.ask_dialog import AskDialog, Banner, counted, muted
from ckpt_studio.gui.document import Document
from ckpt_studio.gui.export_form import ExportForm, Request
from ckpt_studio.gui.export_outcome import ExportOutcome
from ckpt_studio.gui.export_target import remember_folder
from ckpt_studio.gui.figures import size_text
from ckpt_studio.gui.refusal import refusal_words
from ckpt_studio.gui.tasks import Task, run_task
from ckpt_studio.gui.wording import worded, worded_error

_TYPING_PAUSE_MS = 150
_MOST_NOTICES = 5
# Bytes that names, sizes and alignment take for each tensor, measured on files with hundreds of them.
_BESIDE_VALUES = {"pth": 230, "pth-legacy": 120, "safetensors": 94}


def prepared(request: Request) -> ExportPlan:
    """The plan for the answers: conversion and metadata are laid over the checkpoint, its history stays."""
    checkpoint = request.checkpoint
    if request.dtype:
        checkpoint = Cast(request.dtype).apply(checkpoint)
    if request.device:
        checkpoint = SetDevice(request.device).apply(checkpoint)
    if request.metadata is not None:
        for key in checkpoint.metadata:
            if key not in request.metadata:
                checkpoint = SetMetadata(key, None).apply(checkpoint)
    return plan_export(checkpoint, request.target, request.options)


def expected_nbytes(plan: ExportPlan) -> int:
    """About how large the file will be, in bytes: its values and what stands beside them."""
    return plan.nbytes + plan.tensors * _BESIDE_VALUES[plan.format]


class ExportDialog(AskDialog):
    """Form, progress and outcome of one export, in one window.

    Signals:
        exported(str): the file was written and verified; the document counts as saved.
    """

    exported = Signal(str)

    def __init__(self, document: Document, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.document = document
        self.plan: ExportPlan | None = None
        self.outcome: SaveOutcome | None = None
        self._notices: tuple[Message, ...] = ()
        self._caution = False
        self._planning: Task | None = None
        self._looking: Task | None = None
        self._writing: Task | None = None
        self._pause = QTimer(self)
        self._pause.setSingleShot(True)
        self._pause.setInterval(_TYPING_PAUSE_MS)
        self._pause.timeout.connect(self._plan)
        self.ask(
            self.tr("Export"),
            self.tr("Where and how should it be written?"),
            self.tr("The file you opened is not touched, unless you choose it as the target."),
        )
        self.pages = QStackedWidget()
        self.pages.addWidget(self._build_form())
        self.pages.addWidget(self._build_progress())
        self.outcome_page = ExportOutcome(document)
        self.outcome_page.details_told.connect(self._on_details_told)
        # Among the pages only when there is an outcome: it would take room from the first on.
        self.outcome_page.setParent(self)
        self.outcome_page.hide()
        self.body.addWidget(self.pages, 1)
        self.finished.connect(self._stop)
        document.report_changed.connect(self._on_compared)
        # As high as its words need; a taller one had a hole in the middle.
        self.resize(640, 0)
        self._changed()
        self.form.target.setFocus()

    # Building.

    def _build_form(self) -> QWidget:
        page = QWidget()
        self.form = ExportForm(self.document)
        self.form.changed.connect(self._changed)
        self.form.replace_ticked.connect(self._show_ready)
        self.form.as_safetensors.toggled.connect(self.fit_anew)
        outer = QVBoxLayout(page)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(self.form)
        outer.addSpacing(10)
        outer.addStretch()
        self.summary = Banner()
        self.summary.label.setAccessibleName(self.tr("What will be written"))
        # Kept as tall as it usually gets, so that the window does not jump while one types.
        self.summary.setMinimumHeight(self.fontMetrics().lineSpacing() * 3)
        outer.addWidget(self.summary)
        return page

    def _build_progress(self) -> QWidget:
        page = QWidget()
        self.step_label = QLabel()
        self.step_label.setWordWrap(True)
        self.bar = QProgressBar()
        self.bar.setTextVisible(False)
        self.bar.setAccessibleName(self.tr("Progress"))
        self.amount = muted(QLabel())
        layout = QVBoxLayout(page)
        layout.addStretch()
        layout.addWidget(self.step_label)
        layout.addWidget(self.bar)
        layout.addWidget(self.amount)
        layout.addStretch()
        return page

    # Planning.

    def _changed(self) -> None:
        """Something was answered differently: plans again after a short pause."""
        self.plan = None
        self._cancel_planning()
        # What was said of another try.
        self.message.hide()
        self.form.show_replace(None)
        self.set_primary(self.tr("Export"), False, self.tr("Working out what will be written…"))
        self._pause.start()

    def _plan(self) -> None:
        request = self.form.answers()
        if isinstance(request, str):
            self._show_refusal(request)
            return
        task = run_task(self, lambda progress: prepared(request), label=self.tr("Planning the export"))
        self._planning = task
        task.succeeded.connect(lambda plan: self._on_planned(task, request, plan))
        task.failed.connect(lambda error: self._on_plan_failed(task, error))

    def _on_planned(self, task: Task, request: Request, plan: ExportPlan) -> None:
        if task is not self._planning:
            return
        self._planning = None
        self.plan = plan
        self._notices, self._caution = plan.notices, False
        self.form.show_replace(plan)
        self._show_ready()
        if request.dtype:
            self._look_for_overflow(request)

    def _look_for_overflow(self, request: Request) -> None:
        edit = Cast(request.dtype)
        task = run_task(self, lambda progress: cast_overflow(request.checkpoint, edit, progress))
        self._looking = task

        def show(found: tuple[object, ...]) -> None:
            if task is self._looking and self.plan is not None:
                self._looking = None
                warnings = tuple(item.message for item in found)  # type: ignore[attr-defined]
                self._notices, self._caution = (*warnings[:3], *self.plan.notices), bool(warnings)
                self._show_ready()

        task.succeeded.connect(show)

    def _on_plan_failed(self, task: Task, error: StudioError) -> None:
        if task is self._planning:
            self._planning = None
            if error.code == "cast-changes-nothing":
                self._show_refusal(
                    self.tr("The numbers are already {dtype}: choose “Keep as they are”.").format(
                        dtype=self.form.dtype.currentData()
                    )
                )
            else:
                self._show_refusal(worded_error(error))

    def _show_refusal(self, text: str) -> None:
        self.summary.say(text, "caution")
        self.set_primary(self.tr("Export"), False, text)

    def _show_summary(self) -> None:
        assert self.plan is not None
        notices = self._notices
        lines = [
            counted(
                self.plan.tensors,
                self.tr("1 tensor will be written as {format}: about {size}"),
                self.tr("{count} tensors will be written as {format}: about {size}"),
                size=size_text(expected_nbytes(self.plan)),
                format="safetensors" if self.plan.format == "safetensors" else ".pth",
            )
        ]
        lines += self._file_lines(self.plan)
        lines += filter(None, [refusal_words(self.document)])
        replacing = self._replacing_lines()
        lines += replacing
        lines += [f"• {worded(notice)}" for notice in notices[:_MOST_NOTICES]]
        if len(notices) > _MOST_NOTICES:
            more = len(notices) - _MOST_NOTICES
            lines.append(counted(more, self.tr("… and 1 more notice"), self.tr("… and {count} more notices")))
        self.summary.say("\n".join(lines), "caution" if self._caution or replacing else "calm")

    def _replacing_lines(self) -> list[str]:
        """What goes with the open file when the new one takes its place; nothing for another target."""
        form = self.form
        if not form.replaces_opened:
            return []
        lines = []
        if form.leaves_out:
            lines.append(
                self.tr("! Only the weights will stay in this file; all else in it goes. {others}").format(
                    others=form.leaves_out
                )
            )
        if not atomic.REPLACES_OPEN_FILES:
            lines.append(self.tr("! It is then read again: undo and the list of changes begin anew."))
        return lines

    def _file_lines(self, plan: ExportPlan) -> list[str]:
        """Which files there will be, where the target's name alone does not say it."""
        if plan.options.max_shard_size is None:
            return []
        index, *parts = map(os.path.basename, plan.files)
        if not parts:
            return [self.tr("Everything fits into one file: {name}").format(name=index)]
        return [
            self.tr("{count} parts: {first} … {last}").format(count=len(parts), first=parts[0], last=parts[-1]),
            self.tr("and their index, which is the file to open: {name}").format(name=index),
        ]

    def _show_ready(self, *_: object) -> None:
        plan = self.plan
        if plan is None:
            return
        words = counted(plan.tensors, self.tr("Export 1 tensor"), self.tr("Export {count} tensors"))
        if plan.tensors == 0:
            words = self.tr("Export")
        if self.form.must_tick_replace:
            reason = self.tr("The file exists already: tick “Replace” above, or choose another name.")
            self.summary.say(reason, "caution")
            self.set_primary(words, False, reason)
            return
        self._show_summary()
        self.set_primary(words, True)

    def _on_compared(self) -> None:
        if self.pages.currentIndex() == 0:
            self._show_ready()

    # Writing.

    def accept(self) -> None:
        if self.outcome is not None:
            super().accept()
            return
        if self.plan is None or self._writing is not None or not self.primary.isEnabled():
            return
        plan = self.plan
        self._cancel_planning()
        self.message.hide()
        self.pages.setCurrentIndex(1)
        self.heading.setText(self.tr("Writing “{name}”").format(name=os.path.basename(plan.target)))
        self.explanation.setText(self.tr("The new file takes its place only when it is complete and has been checked."))
        self.primary.hide()
        self.step_label.setText(self.tr("Beginning…"))
        self.amount.setText("")
        self.bar.setRange(0, 0)
        task = run_task(self, lambda progress: export(plan, progress), label=self.tr("Exporting"))
        self._writing = task
        task.progressed.connect(self._on_progress)
        task.succeeded.connect(self._on_written)
        task.failed.connect(self._on_failed)
        task.finished.connect(self._on_writing_over)

    def _on_progress(self, step: Step) -> None:
        if step.label is not None:
            self.step_label.setText(worded(step.label))
        if step.total:
            self.bar.setRange(0, 1000)
            self.bar.setValue(min(1000 * step.done // step.total, 1000))
            self.amount.setText(
                self.tr("{done} of {total}").format(done=size_text(step.done), total=size_text(step.total))
            )

    def _on_writing_over(self) -> None:
        self._writing = None
        if self.outcome is None and self.pages.currentIndex() == 1:
            self._back_to_form()

    def _on_written(self, outcome: SaveOutcome) -> None:
        self._writing = None
        self.outcome = outcome
        assert self.plan is not None
        self.document.mark_saved(outcome.path, self.plan.options.whole)
        remember_folder(self.document, outcome.path)
        self.pages.setCurrentIndex(self.pages.addWidget(self.outcome_page))
        self.heading.setText(self.tr("“{name}” is written").format(name=os.path.basename(outcome.path)))
        self.explanation.setText(outcome.path)
        self.explanation.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.outcome_page.show_outcome(outcome, self.plan)
        self.cancel_button.hide()
        self.primary.show()
        self.set_primary(self.tr("Close"), True)
        self.primary.setFocus()
        self.exported.emit(outcome.path)

    def _on_details_told(self, text: str) -> None:
        self.hide_details()
        self.show_details(text)

    def _on_failed(self, error: StudioError) -> None:
        self._back_to_form()
        tone = "bad" if isinstance(error, ExportError) else "caution"
        self.message.say(worded_error(error), tone)

    def _back_to_form(self) -> None:
        self.pages.setCurrentIndex(0)
        self.heading.setText(self.tr("Where and how should it be written?"))
        self.explanation.setText(self.tr("The file you opened is not touched, unless you choose it as the target."))
        self.primary.show()
        self._changed()

    @property
    def is_writing(self) -> bool:
        """Whether the file is being written now."""
        return self._writing is not None

    def reject(self) -> None:
        if self._writing is not None:
            self._writing.cancel()
            self._back_to_form()
            self.message.say(self.tr("Cancelled: nothing was written."), "calm")
            return
        super().reject()

    def _cancel_planning(self) -> None:
        self._pause.stop()
        for task in (self._planning, self._looking):
            if task is not None:
                task.cancel()
        self._planning = self._looking = None

    def _stop(self) -> None:
        self._cancel_planning()
        if self._writing is not None:
            self._writing.cancel()
            self._writing = None
        self.outcome_page.stop()
