"""Writes the edited checkpoint to a file: what, where and how, what it will be, and then that it is right."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import QDateTime, QLocale, QStandardPaths, Qt, QTimer, Signal
from PySide6.QtWidgets import (
    QButtonGroup,
    QCheckBox,
    QComboBox,
    QDoubleSpinBox,
    QFileDialog,
    QFormLayout,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QProgressBar,
    QPushButton,
    QRadioButton,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from ckpt_studio.core.checkpoint import Checkpoint
from ckpt_studio.core.edits import Cast, SetMetadata
from ckpt_studio.core.edits.overflow import cast_overflow
from ckpt_studio.core.jobs import Step
from ckpt_studio.core.tree import Dict
from ckpt_studio.errors import ExportError, Message, StudioError
from ckpt_studio.formats.export import SUFFIXES, ExportOptions, ExportPlan, SaveOutcome, export, plan_export
from ckpt_studio.gui.dialogs.ask_dialog import AskDialog, Banner, counted, muted
from ckpt_studio.gui.dialogs.metadata_table import MetadataTable
from ckpt_studio.gui.document import Document
from ckpt_studio.gui.export_outcome import ExportOutcome
from ckpt_studio.gui.figures import size_text
from ckpt_studio.gui.settings import settings, text_setting
from ckpt_studio.gui.tasks import Task, run_task
from ckpt_studio.gui.wording import worded, worded_error
from ckpt_studio.resources import resource_path

_LAST_FOLDER = "export/folder"
_TYPING_PAUSE_MS = 150
_MOST_NOTICES = 5
_GIGABYTE = 1_000_000_000
# What Hugging Face's libraries write.
_USUAL_PART = 5.0
# Bytes that names, sizes and alignment take for each tensor, measured on files with hundreds of them.
_BESIDE_VALUES = {"pth": 230, "pth-legacy": 120, "safetensors": 94}
_DOUBLE_SUFFIXES = (".pth.tar", ".pt.tar", ".index.json")


@dataclass(frozen=True)
class _Request:
    """The answers of the form, as a job needs them."""

    checkpoint: Checkpoint
    target: str
    options: ExportOptions
    dtype: str
    metadata: dict[str, str] | None


def prepared(request: _Request) -> ExportPlan:
    """The plan for the answers: conversion and metadata are laid over the checkpoint, its history stays."""
    checkpoint = request.checkpoint
    if request.dtype:
        checkpoint = Cast(request.dtype).apply(checkpoint)
    if request.metadata is not None:
        for key in checkpoint.metadata:
            if key not in request.metadata:
                checkpoint = SetMetadata(key, None).apply(checkpoint)
    return plan_export(checkpoint, request.target, request.options)


def expected_nbytes(plan: ExportPlan) -> int:
    """About how large the file will be, in bytes: its values and what stands beside them."""
    return plan.nbytes + plan.tensors * _BESIDE_VALUES[plan.format]


def _is_own(path: str) -> bool:
    """Whether the path lies among the program's own files, where an update would take it away."""
    return Path(path).resolve().is_relative_to(resource_path("").resolve())


def suggested_folder(document: Document) -> str:
    """Where to write: where this document went last, else beside the opened file.

    For the program's own sample: where anything went last, else the documents or the home folder.
    """
    if os.path.isdir(document.export_folder):
        return document.export_folder
    beside = os.path.dirname(os.path.abspath(document.path))
    if not _is_own(beside):
        return beside
    documents = QStandardPaths.writableLocation(QStandardPaths.StandardLocation.DocumentsLocation)
    for folder in (text_setting(_LAST_FOLDER, ""), documents):
        if folder and os.path.isdir(folder) and not _is_own(folder):
            return folder
    return os.path.expanduser("~")


def suggested_target(path: str, suffix: str, folder: str = "") -> str:
    """A name that is not taken, beside the opened file or in the folder: "r34.pth.tar" gives "r34-edited.pth"."""
    beside, name = os.path.split(os.path.abspath(path))
    folder = folder or beside
    stem = name
    for ending in (*_DOUBLE_SUFFIXES, os.path.splitext(name)[1]):
        if ending and name.lower().endswith(ending):
            stem = name[: -len(ending)]
            break
    target = os.path.join(folder, f"{stem}-edited{suffix}")
    number = 2
    while os.path.exists(target):
        target = os.path.join(folder, f"{stem}-edited-{number}{suffix}")
        number += 1
    return target


class _Gigabytes(QDoubleSpinBox):
    """A size from a megabyte on, shown without zeros at the end."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setDecimals(3)
        self.setRange(0.001, 100_000)
        self.setStepType(QDoubleSpinBox.StepType.AdaptiveDecimalStepType)
        self.setSuffix(self.tr(" GB"))
        self.setValue(_USUAL_PART)

    def textFromValue(self, value: float) -> str:
        return QLocale().toString(value, "g", 9)


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
        self._has_others = False
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
        self.pages.addWidget(self.outcome_page)
        self.body.addWidget(self.pages, 1)
        self.finished.connect(self._stop)
        self.resize(640, 560)
        self._fill()
        self._changed()
        self.target.setFocus()

    # Building.

    def _build_form(self) -> QWidget:
        page = QWidget()
        self.target = QLineEdit()
        self.target.setAccessibleName(self.tr("File to write"))
        self.target.textChanged.connect(self._on_target_changed)
        self.browse = QPushButton(self.tr("&Browse…"))
        self.browse.setAutoDefault(False)
        self.browse.clicked.connect(self._on_browse)
        where = QHBoxLayout()
        where.addWidget(self.target, 1)
        where.addWidget(self.browse)
        self.replace = QCheckBox()
        self.replace.toggled.connect(self._show_ready)
        self.replace.hide()

        self.as_pth = QRadioButton(self.tr("&PyTorch file (.pth)"))
        self.as_pth.setToolTip(self.tr("What torch.load reads, from version 1.6 on."))
        self.as_safetensors = QRadioButton(self.tr("&safetensors"))
        self.as_safetensors.setToolTip(
            self.tr("Holds tensors only, can never run code, loads fast; Hugging Face and many others read it.")
        )
        formats = QButtonGroup(self)
        formats.addButton(self.as_pth)
        formats.addButton(self.as_safetensors)
        self.as_safetensors.toggled.connect(self._on_format_chosen)
        format_row = QHBoxLayout()
        format_row.addWidget(self.as_pth)
        format_row.addSpacing(18)
        format_row.addWidget(self.as_safetensors)
        format_row.addStretch()

        self.legacy = QCheckBox(self.tr("For PyTorch before 1.&6 (the older container)"))
        self.legacy.setToolTip(
            self.tr("PyTorch 1.5 and older cannot read today's container. Every version reads the older one.")
        )
        self.legacy.toggled.connect(self._changed)
        self.split = QCheckBox(self.tr("Spli&t into parts of at most"))
        self.split.setToolTip(
            self.tr(
                "Writes several files and an index, as Hugging Face's libraries do with large models."
                " Open the index to load them all."
            )
        )
        self.part_size = _Gigabytes()
        self.part_size.setAccessibleName(self.tr("Largest size of a part, in gigabytes"))
        self.part_size.setEnabled(False)
        self.split.toggled.connect(self.part_size.setEnabled)
        self.split.toggled.connect(self._on_parts_changed)
        self.part_size.valueChanged.connect(self._on_parts_changed)
        self.split_row = QWidget()
        split_layout = QHBoxLayout(self.split_row)
        split_layout.setContentsMargins(0, 0, 0, 0)
        split_layout.addWidget(self.split)
        split_layout.addWidget(self.part_size)
        split_layout.addStretch()

        self.weights_only = QRadioButton()
        self.whole = QRadioButton(self.tr("The &whole checkpoint"))
        contents = QButtonGroup(self)
        contents.addButton(self.weights_only)
        contents.addButton(self.whole)
        self.weights_only.setChecked(True)
        self.weights_only.toggled.connect(self._changed)
        self.others = muted(QLabel())
        self.others.setIndent(24)

        self.dtype = QComboBox()
        self.dtype.setAccessibleName(self.tr("Number type"))
        self.dtype.addItem(self.tr("Keep as it is"), "")
        self.dtype.addItem(self.tr("float16: half the size, for running on graphics cards"), "float16")
        self.dtype.addItem(self.tr("bfloat16: half the size, the range of float32"), "bfloat16")
        self.dtype.addItem(self.tr("float32: full precision"), "float32")
        self.dtype.currentIndexChanged.connect(self._changed)

        self.metadata_label = QLabel(self.tr("&Metadata"))
        self.metadata = MetadataTable()
        self.metadata_label.setBuddy(self.metadata.table)
        self.metadata.edited.connect(self._changed)

        outer = QVBoxLayout(page)
        outer.setContentsMargins(0, 0, 0, 0)
        form = QFormLayout()
        outer.addLayout(form)
        outer.addStretch()
        form.setContentsMargins(0, 0, 0, 0)
        form.setVerticalSpacing(10)
        form.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.AllNonFixedFieldsGrow)
        file_label = QLabel(self.tr("F&ile"))
        file_label.setBuddy(self.target)
        form.addRow(file_label, where)
        form.addRow("", self.replace)
        form.addRow(self.tr("Format"), format_row)
        form.addRow("", self.legacy)
        form.addRow("", self.split_row)
        form.addRow(self.tr("Content"), self.weights_only)
        form.addRow("", self.whole)
        form.addRow("", self.others)
        numbers = QLabel(self.tr("&Numbers"))
        numbers.setBuddy(self.dtype)
        form.addRow(numbers, self.dtype)
        form.addRow(self.metadata_label, self.metadata)
        self.form = form

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

    def _fill(self) -> None:
        """The likeliest answers for this document."""
        checkpoint = self.document.checkpoint
        state_dict = self.document.state_dict
        count = len(state_dict.tensors) if state_dict is not None else 0
        label = state_dict.label if state_dict is not None else ""
        self.weights_only.setText(
            counted(count, self.tr("&Only the weights: 1 tensor"), self.tr("&Only the weights: {count} tensors"))
            + (self.tr(" of “{label}”").format(label=label) if label else "")
        )
        others = self._other_contents()
        self._has_others = bool(others)
        self.others.setText(others or self.tr("This file holds nothing but the weights."))
        if state_dict is None:
            self.whole.setChecked(True)
            self.weights_only.setEnabled(False)
            self.as_safetensors.setEnabled(False)
        self.metadata.set_entries(dict(checkpoint.metadata) or {"format": "pt"})
        opened = checkpoint.source.format
        suffix = ".safetensors" if opened == "safetensors" else ".pth"
        self.target.setText(suggested_target(self.document.path, suffix, suggested_folder(self.document)))

    def _other_contents(self) -> str:
        """What the whole checkpoint holds beside the weights, in one line; "" when it is nothing."""
        opened = self.document.history.opened
        root, active = opened.root, self.document.state_dict
        if active is None:
            return self.tr("This file holds no weights, but other things.")
        if active.kind == "module":
            return self.tr("Also inside: the module object itself, with the names of its classes.")
        if not isinstance(root, Dict):
            return "" if active.path == () else self.tr("Also inside: what surrounds these weights.")
        if active.path:
            keys = [str(key) for key, _ in root.items if key != active.path[0]]
        else:
            weights = opened.state_dict("").entries
            keys = [str(key) for key, _ in root.items if key not in weights]
        if not keys:
            return "" if len(active.path) < 2 else self.tr("Also inside: what surrounds these weights.")
        more = self.tr("Also inside: {keys}").format(keys=", ".join(keys[:6]) + (" …" if len(keys) > 6 else ""))
        count = len(opened.state_dicts)
        return more if count < 2 else more + self.tr(" ({count} sets of weights)").format(count=count)

    # The form's answers.

    def _on_target_changed(self, text: str) -> None:
        suffix = os.path.splitext(text)[1].lower()
        known = SUFFIXES.get(suffix)
        if known is not None:
            wanted = self.as_safetensors if known == "safetensors" else self.as_pth
            self.as_safetensors.blockSignals(True)
            wanted.setChecked(True)
            self.as_safetensors.blockSignals(False)
        self.replace.setChecked(False)
        self._changed()

    def _on_format_chosen(self, safetensors: bool) -> None:
        path = self.target.text()
        stem, suffix = os.path.splitext(path)
        if stem.lower().endswith((".pth", ".pt")) and suffix.lower() == ".tar":
            stem = os.path.splitext(stem)[0]
        self.target.setText(stem + (".safetensors" if safetensors else ".pth"))

    def _on_browse(self) -> None:
        dialog = QFileDialog(self, self.tr("Export to"), self.target.text())
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        # The form itself asks about replacing, with what stands there now.
        dialog.setOption(QFileDialog.Option.DontConfirmOverwrite)
        dialog.setNameFilters(
            [
                self.tr("PyTorch file (*.pth *.pt *.bin *.ckpt)"),
                self.tr("safetensors (*.safetensors)"),
                self.tr("All files (*)"),
            ]
        )
        dialog.selectFile(self.target.text())
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.fileSelected.connect(self.target.setText)
        dialog.open()

    def _changed(self, *_: object) -> None:
        """Something was answered differently: plans again after a short pause."""
        safetensors = self.as_safetensors.isChecked()
        if safetensors and self.whole.isChecked():
            self.weights_only.setChecked(True)
        self.whole.setEnabled(self._has_others and not safetensors)
        self.whole.setToolTip(self.tr("safetensors holds tensors only.") if safetensors else "")
        self.form.setRowVisible(self.metadata, safetensors)
        self.form.setRowVisible(self.legacy, not safetensors)
        self.form.setRowVisible(self.split_row, safetensors)
        self.plan = None
        self._cancel_planning()
        self._show_replace()
        self.set_primary(self.tr("Export"), False, self.tr("Working out what will be written…"))
        self._pause.start()

    def _on_parts_changed(self, *_: object) -> None:
        self.replace.setChecked(False)
        self._changed()

    def _show_replace(self) -> None:
        path = os.path.expanduser(self.target.text().strip())
        in_parts = self.as_safetensors.isChecked() and self.split.isChecked()
        if in_parts and self.plan is None:
            # Which files there will be is not known before the plan.
            return
        files = self.plan.files if in_parts and self.plan is not None else (path,)
        present = [file for file in files if file and os.path.isfile(file)]
        exists = bool(present)
        if len(present) > 1:
            self.replace.setText(
                self.tr("&Replace {count} existing files, among them “{name}”").format(
                    count=len(present), name=os.path.basename(present[0])
                )
            )
        elif exists:
            path = present[0]
            stamp = os.stat(path)
            day = QDateTime.fromSecsSinceEpoch(int(stamp.st_mtime)).date().toString(Qt.DateFormat.ISODate)
            same = os.path.realpath(path) == os.path.realpath(self.document.path)
            words = (
                self.tr("&Replace the file that is open now ({size}, of {day})")
                if same
                else self.tr("&Replace the existing file ({size}, of {day})")
            )
            self.replace.setText(words.format(size=size_text(stamp.st_size), day=day))
        self.form.setRowVisible(self.replace, exists)
        self.replace.setVisible(exists)

    def _answers(self) -> _Request | str:
        """The form as a request, or what is wrong with it."""
        path = os.path.expanduser(self.target.text().strip())
        if not path:
            return self.tr("Say which file to write.")
        safetensors = self.as_safetensors.isChecked()
        metadata: dict[str, str] | None = None
        if safetensors:
            entries = self.metadata.entries()
            if entries is None:
                return self.tr("Two lines of the metadata have the same key.")
            metadata = entries
        return _Request(
            self.document.checkpoint,
            path,
            ExportOptions(
                format="safetensors" if safetensors else "pth-legacy" if self.legacy.isChecked() else "pth",
                whole=self.whole.isChecked(),
                metadata=metadata,
                overwrite=True,
                max_shard_size=round(self.part_size.value() * _GIGABYTE)
                if safetensors and self.split.isChecked()
                else None,
            ),
            self.dtype.currentData(),
            metadata,
        )

    def _plan(self) -> None:
        request = self._answers()
        if isinstance(request, str):
            self._show_refusal(request)
            return
        task = run_task(self, lambda progress: prepared(request), label=self.tr("Planning the export"))
        self._planning = task
        task.succeeded.connect(lambda plan: self._on_planned(task, request, plan))
        task.failed.connect(lambda error: self._on_plan_failed(task, error))

    def _on_planned(self, task: Task, request: _Request, plan: ExportPlan) -> None:
        if task is not self._planning:
            return
        self._planning = None
        self.plan = plan
        self._notices, self._caution = plan.notices, False
        self._show_replace()
        self._show_ready()
        if request.dtype:
            self._look_for_overflow(request)

    def _look_for_overflow(self, request: _Request) -> None:
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
                    self.tr("The numbers are already {dtype}: choose “Keep as it is”.").format(
                        dtype=self.dtype.currentData()
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
        lines += [f"• {worded(notice)}" for notice in notices[:_MOST_NOTICES]]
        if len(notices) > _MOST_NOTICES:
            lines.append(self.tr("… and {count} more notices").format(count=len(notices) - _MOST_NOTICES))
        self.summary.say("\n".join(lines), "caution" if self._caution else "calm")

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
        if self.replace.isVisibleTo(self) and not self.replace.isChecked():
            reason = self.tr("The file exists already: tick “Replace” above, or choose another name.")
            self.summary.say(reason, "caution")
            self.set_primary(words, False, reason)
            return
        self._show_summary()
        self.set_primary(words, True)

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
        self.document.mark_saved()
        self.document.export_folder = os.path.dirname(os.path.abspath(outcome.path))
        settings().setValue(_LAST_FOLDER, self.document.export_folder)
        self.pages.setCurrentIndex(2)
        self.heading.setText(self.tr("“{name}” is written").format(name=os.path.basename(outcome.path)))
        self.explanation.setText(outcome.path)
        self.explanation.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        assert self.plan is not None
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
