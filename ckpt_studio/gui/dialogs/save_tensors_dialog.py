"""Several tensors into one file, or into a folder with a file for each."""

from __future__ import annotations

import os
from collections.abc import Callable

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QFileDialog,
    QFormLayout,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QProgressBar,
    QPushButton,
    QWidget,
)

from ckpt_studio.core.jobs import Progress, Step
from ckpt_studio.errors import StudioError
from ckpt_studio.gui.dialogs.ask_dialog import AskDialog, counted, muted
from ckpt_studio.gui.document import Document
from ckpt_studio.gui.export_target import remember_folder, suggested_folder
from ckpt_studio.gui.figures import size_text
from ckpt_studio.gui.inspector.measuring import Subject
from ckpt_studio.gui.inspector.reading import readable
from ckpt_studio.gui.inspector.saving import SaveFormat, file_name, save_tensors, without_values
from ckpt_studio.gui.tasks import Task, run_task
from ckpt_studio.gui.wording import worded, worded_error

_FORMATS: tuple[SaveFormat, ...] = ("npz", "npy-folder", "csv-folder", "safetensors", "pth")
_SUFFIXES: dict[SaveFormat, str] = {"npz": ".npz", "safetensors": ".safetensors", "pth": ".pth"}


class SaveTensorsDialog(AskDialog):
    """Asks in which form the selected tensors are to be written, and writes them.

    Args:
        document: what they belong to.
        subjects: lists them; called in a task, for there may be a million.
        name: what the selection is called; the target is named after it.

    Signals:
        saved(str): the file or folder that was written; the dialog closes.
    """

    saved = Signal(str)

    def __init__(
        self, document: Document, subjects: Callable[[], list[Subject]], name: str, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._document = document
        self._name = file_name(name)
        self._subjects: list[Subject] = []
        self._left_out = 0
        self._task: Task | None = None
        self.ask(self.tr("Save tensors"), self.tr("In which form are the selected tensors to be saved?"))
        self.formats = QComboBox()
        for format in _FORMATS:
            self.formats.addItem(self._title(format), format)
        self.formats.currentIndexChanged.connect(self._on_format_chosen)
        self.meaning = muted(QLabel())
        self.meaning.setMinimumHeight(self.fontMetrics().lineSpacing() * 2 + 2)
        self.target = QLineEdit()
        self.target.textChanged.connect(self._show_ready)
        self.browse = QPushButton(self.tr("&Browse…"))
        self.browse.setAutoDefault(False)
        self.browse.clicked.connect(self._on_browse)
        where = QHBoxLayout()
        where.addWidget(self.target, 1)
        where.addWidget(self.browse)
        self.replace = QCheckBox(self.tr("&Replace the file that is there"))
        self.replace.toggled.connect(self._show_ready)
        self.replace.hide()
        form = QFormLayout()
        form.addRow(self.tr("&Form"), self.formats)
        form.addRow("", self.meaning)
        label = QLabel(self.tr("&To"))
        label.setBuddy(self.target)
        # WORKAROUND(Qt 6): words with an underlined letter are drawn without kerning, and wider than was asked for.
        label.setContentsMargins(0, 0, 4, 0)
        form.addRow(label, where)
        form.addRow("", self.replace)
        self.body.addLayout(form)
        self.summary = QLabel()
        self.summary.setWordWrap(True)
        self.body.addWidget(self.summary)
        self.bar = QProgressBar()
        self.bar.setTextVisible(False)
        self.bar.setAccessibleName(self.tr("Progress of saving"))
        self.bar.hide()
        self.body.addWidget(self.bar)
        self.resize(560, 320)
        folder = suggested_folder(document)
        self.target.setText(os.path.join(folder, self._name))
        self._on_format_chosen()
        self._look(subjects)

    @property
    def format(self) -> SaveFormat:
        """The chosen form."""
        return _FORMATS[max(self.formats.currentIndex(), 0)]

    @property
    def is_writing(self) -> bool:
        """Whether the file is being written."""
        return self._task is not None and bool(self._subjects)

    def _title(self, format: SaveFormat) -> str:
        titles: dict[SaveFormat, str] = {
            "npz": self.tr("One NumPy archive (.npz)"),
            "npy-folder": self.tr("A folder of NumPy arrays (.npy)"),
            "csv-folder": self.tr("A folder of tables (.csv)"),
            "safetensors": self.tr("A safetensors file"),
            "pth": self.tr("A PyTorch file (.pth)"),
        }
        return titles[format]

    def _explained(self) -> str:
        meanings: dict[SaveFormat, str] = {
            "npz": self.tr(
                "numpy.load reads it; each tensor has its name. Types that NumPy does not know, such as bfloat16,"
                " become float32."
            ),
            "npy-folder": self.tr(
                "A file for each tensor, named after it. Types that NumPy does not know, such as bfloat16, become"
                " float32."
            ),
            "csv-folder": self.tr("A file of text for each tensor, for spreadsheets: large, and slow for many values."),
            "safetensors": self.tr("A checkpoint with these tensors alone, bit by bit as they are."),
            "pth": self.tr(
                "A checkpoint with these tensors alone, bit by bit as they are; torch.load reads it with"
                " weights_only=True."
            ),
        }
        return meanings[self.format]

    def _look(self, subjects: Callable[[], list[Subject]]) -> None:
        self.summary.setText(self.tr("Looking at the selection…"))

        def look(progress: Progress) -> tuple[list[Subject], int]:
            found = subjects()
            return found, len(without_values(found))

        task = run_task(self, look, label=self.tr("Looking at the selection…"))
        self._task = task
        task.succeeded.connect(self._on_looked)
        task.failed.connect(self._on_failed)
        self._show_ready()

    def _on_looked(self, outcome: tuple[list[Subject], int]) -> None:
        self._task = None
        self._subjects, self._left_out = outcome
        self._show_summary()
        self._show_ready()

    def _show_summary(self) -> None:
        nbytes = sum(subject.tensor.nbytes for subject in self._subjects)
        text = counted(
            len(self._subjects), self.tr("1 tensor, {size}"), self.tr("{count} tensors, {size}"), size=size_text(nbytes)
        )
        if self._left_out and self.format not in ("safetensors", "pth"):
            left_out = counted(
                self._left_out,
                self.tr("1 of them has no values and is left out."),
                self.tr("{count} of them have no values and are left out."),
            )
            text = f"{text}\n{left_out}"
        self.summary.setText(text)

    def _on_format_chosen(self, *_: object) -> None:
        self.meaning.setText(self._explained())
        base = self.target.text()
        stem, suffix = os.path.splitext(base)
        if suffix in _SUFFIXES.values():
            base = stem
        self.target.setText(base + _SUFFIXES.get(self.format, ""))
        if self._subjects:
            self._show_summary()
        self._show_ready()

    def _on_browse(self) -> None:
        dialog = QFileDialog(self, self.tr("Save to"), self.target.text())
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        if self.format in _SUFFIXES:
            dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
            dialog.setOption(QFileDialog.Option.DontConfirmOverwrite)
            dialog.setNameFilter(f"*{_SUFFIXES[self.format]}")
            dialog.setDefaultSuffix(_SUFFIXES[self.format].lstrip("."))
            dialog.selectFile(self.target.text())
        else:
            dialog.setFileMode(QFileDialog.FileMode.Directory)
        dialog.fileSelected.connect(self.target.setText)
        dialog.open()

    def _refusal(self) -> str:
        path = self.target.text().strip()
        if not path:
            return self.tr("Say where to save them.")
        if not os.path.isdir(os.path.dirname(os.path.abspath(path))):
            return self.tr("The folder does not exist.")
        return ""

    def _show_ready(self, *_: object) -> None:
        path = self.target.text().strip()
        exists = self.format in _SUFFIXES and os.path.isfile(path)
        self.replace.setVisible(exists)
        reason = self._refusal()
        if not reason and exists and not self.replace.isChecked():
            reason = self.tr("A file with this name exists.")
        count = len(self._subjects)
        if self._task is None and not count:
            reason = self.tr("There are no tensors in the selection.")
        text = counted(count, self.tr("Save 1 tensor"), self.tr("Save {count} tensors")) if count else self.tr("Save")
        self.set_primary(text, self._task is None and count > 0 and not reason, reason)

    def accept(self) -> None:
        """Writes them; the dialog closes when they are written."""
        if self._task is not None or not self.primary.isEnabled():
            return
        checkpoint, subjects, format = self._document.checkpoint, self._subjects, self.format
        path = os.path.abspath(self.target.text().strip())

        def write(progress: Progress) -> None:
            save_tensors(checkpoint, subjects, format, path, progress)

        self.message.hide()
        self.bar.setRange(0, 0)
        self.bar.show()
        for widget in (self.formats, self.target, self.browse, self.replace):
            widget.setEnabled(False)
        task = run_task(self, readable(write), label=self.tr("Saving tensors"))
        self._task = task
        task.progressed.connect(self._on_progressed)
        task.succeeded.connect(lambda _: self._on_written(path))
        task.failed.connect(self._on_failed)
        task.finished.connect(lambda: self._on_finished(task))
        self._show_ready()
        self.cancel_button.setFocus()

    def _on_progressed(self, step: Step) -> None:
        self.bar.setRange(0, 1000 if step.total else 0)
        if step.total:
            self.bar.setValue(int(1000 * step.done / step.total))
        if step.label is not None:
            self.summary.setText(worded(step.label))

    def _on_written(self, path: str) -> None:
        self._task = None
        remember_folder(self._document, path)
        self.saved.emit(path)
        super().accept()

    def _on_failed(self, error: StudioError) -> None:
        self._back()
        self.message.say(worded_error(error), "bad")

    def _on_finished(self, task: Task) -> None:
        # Only an unexpected exception arrives here with the task still current.
        if task is self._task:
            self._back()

    def _back(self) -> None:
        self._task = None
        self.bar.hide()
        for widget in (self.formats, self.target, self.browse, self.replace):
            widget.setEnabled(True)
        self._show_summary()
        self._show_ready()

    def reject(self) -> None:
        """Stops the writing and asks again; where nothing is written, closes."""
        task = self._task
        if task is not None:
            was_writing = self.is_writing
            task.cancel()
            self._back()
            if was_writing:
                self.message.say(self.tr("Stopped: nothing was saved."), "calm")
                return
        super().reject()
