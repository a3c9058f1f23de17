"""The same changes and conversion for many files, with a line for each about what became of it."""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import (
    QAbstractItemView,
    QCheckBox,
    QComboBox,
    QFileDialog,
    QFormLayout,
    QHBoxLayout,
    QHeaderView,
    QLineEdit,
    QProgressBar,
    QPushButton,
    QTableWidget,
    QTableWidgetItem,
    QWidget,
)

from ckpt_studio.compare.batch import BatchOptions, BatchResult, run_batch
from ckpt_studio.core.edits import Recipe
from ckpt_studio.core.jobs import Progress, Step
from ckpt_studio.errors import StudioError
from ckpt_studio.gui.dialogs.ask_dialog import AskDialog, counted, tone_color
from ckpt_studio.gui.figures import in_a_row, size_text
from ckpt_studio.gui.model_resolving import Consent
from ckpt_studio.gui.tasks import Task, run_task
from ckpt_studio.gui.wording import worded, worded_error


class BatchDialog(AskDialog):
    """Asks what to do with the files, does it, and stays with the report."""

    def __init__(self, paths: Sequence[str], folder: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.paths = tuple(paths)
        self.results: list[BatchResult] = []
        self._done: deque[BatchResult] = deque()
        self._task: Task | None = None
        self._is_over = False
        self.ask(
            self.tr("Convert many files"),
            counted(
                len(self.paths),
                self.tr("What shall be done with this file?"),
                self.tr("What shall be done with these {count} files?"),
            ),
            self.tr("The files themselves stay as they are; the results are new files in the folder below."),
        )
        self.folder = QLineEdit(folder)
        self.folder.setAccessibleName(self.tr("Folder for the results"))
        self.recipe = QLineEdit()
        self.recipe.setPlaceholderText(self.tr("none; recipes are saved in the History pane"))
        self.recipe.setAccessibleName(self.tr("Recipe"))
        self.format = QComboBox()
        self.format.setAccessibleName(self.tr("Format"))
        for words, value in (
            (self.tr("As each file is"), None),
            (self.tr("Safetensors (.safetensors)"), "safetensors"),
            (self.tr("PyTorch (.pth)"), "pth"),
            (self.tr("PyTorch before 1.6 (.pth)"), "pth-legacy"),
        ):
            self.format.addItem(words, value)
        self.dtype = QComboBox()
        self.dtype.setAccessibleName(self.tr("Number type"))
        self.dtype.addItem(self.tr("As they are"), "")
        for name in ("float16", "bfloat16", "float32"):
            self.dtype.addItem(name, name)
        self.weights_only = QCheckBox(self.tr("&Weights only, without optimizer, epoch and the like"))
        self.weights_only.setChecked(True)
        self.lenient = QCheckBox(self.tr("Leave out changes of the recipe that do not &fit a file"))
        self.overwrite = QCheckBox(self.tr("&Replace files that are in the folder already"))
        self.form = QWidget()
        form = QFormLayout(self.form)
        form.setContentsMargins(0, 0, 0, 0)
        form.addRow(self.tr("Write &into"), self._with_button(self.folder, self._on_choose_folder))
        form.addRow(self.tr("Re&cipe"), self._with_button(self.recipe, self._on_choose_recipe))
        form.addRow(self.tr("F&ormat"), self.format)
        form.addRow(self.tr("&Numbers"), self.dtype)
        for box in (self.weights_only, self.lenient, self.overwrite):
            form.addRow("", box)
        self.body.addWidget(self.form)
        self.bar = QProgressBar()
        self.bar.setAccessibleName(self.tr("Progress"))
        self.bar.hide()
        self.body.addWidget(self.bar)
        self.report = QTableWidget(0, 2)
        self.report.setAccessibleName(self.tr("What became of each file"))
        self.report.setHorizontalHeaderLabels([self.tr("File"), self.tr("Result")])
        self.report.verticalHeader().hide()
        self.report.setShowGrid(False)
        self.report.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.report.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.report.setTabKeyNavigation(False)
        self.report.horizontalHeader().setSectionResizeMode(1, QHeaderView.ResizeMode.Stretch)
        self.report.horizontalHeader().setDefaultAlignment(Qt.AlignmentFlag.AlignLeft)
        self.report.horizontalHeader().setHighlightSections(False)
        self.report.setColumnWidth(0, 220)
        self.report.setMinimumHeight(self.fontMetrics().height() * 10)
        self.report.hide()
        self.body.addWidget(self.report, 1)
        self.copy_button = QPushButton(self.tr("Copy the &report"))
        self.copy_button.setAutoDefault(False)
        self.copy_button.clicked.connect(self._on_copy)
        self.copy_button.hide()
        self.body.addWidget(self.copy_button, 0, Qt.AlignmentFlag.AlignLeft)
        self.folder.textChanged.connect(self._show_answer)
        self.recipe.textChanged.connect(self._show_answer)
        self.format.currentIndexChanged.connect(self._show_answer)
        self.resize(700, 400)
        self._show_answer()

    @property
    def is_running(self) -> bool:
        """Whether files are being written."""
        return self._task is not None

    def _with_button(self, field: QLineEdit, slot: object) -> QWidget:
        button = QPushButton(self.tr("Choose…"))
        button.setAutoDefault(False)
        button.clicked.connect(slot)
        row = QWidget()
        layout = QHBoxLayout(row)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(field, 1)
        layout.addWidget(button)
        return row

    def _show_answer(self, *_: object) -> None:
        self.weights_only.setEnabled(self.format.currentData() != "safetensors")
        self.lenient.setEnabled(bool(self.recipe.text().strip()))
        self.message.say("", "calm")
        text = counted(len(self.paths), self.tr("Convert 1 file"), self.tr("Convert {count} files"))
        self.set_primary(text, bool(self.folder.text().strip()), "")

    def options(self) -> BatchOptions:
        """What the form says. Raises StudioError when the recipe cannot be read."""
        recipe_path = self.recipe.text().strip()
        recipe: Recipe | None = None
        if recipe_path:
            try:
                recipe = Recipe.from_json(Path(recipe_path).read_text(encoding="utf-8"))
            except (OSError, UnicodeDecodeError) as error:
                reason = getattr(error, "strerror", None) or str(error)
                raise StudioError("recipe-unreadable", path=recipe_path, reason=reason) from None
        return BatchOptions(
            folder=os.path.abspath(os.path.expanduser(self.folder.text().strip())),
            recipe=recipe,
            format=self.format.currentData(),
            dtype=self.dtype.currentData(),
            whole=not self.weights_only.isChecked(),
            overwrite=self.overwrite.isChecked(),
            lenient=self.lenient.isChecked(),
        )

    def accept(self) -> None:
        if self._is_over:
            super().accept()
            return
        if self.is_running:
            return
        try:
            options = self.options()
        except StudioError as error:
            self.message.say(worded_error(error), "bad")
            return
        paths, done = self.paths, self._done
        self.form.setEnabled(False)
        self.bar.setRange(0, 0)
        self.bar.show()
        self.report.show()
        self.resize(self.width(), max(self.height(), 620))
        self.set_primary(self.primary.text(), False, self.tr("The files are being written."))
        self.cancel_button.setText(self.tr("Stop"))
        consent = Consent(self)

        def work(progress: Progress) -> list[BatchResult]:
            return run_batch(paths, options, progress, done.append, consent.asking(progress))

        task = run_task(self, work, label=self.tr("Converting"))
        consent.ends_with(task)
        self._task = task
        task.progressed.connect(self._on_progressed)
        task.succeeded.connect(lambda _: self._end(""))
        task.failed.connect(lambda error: self._end(worded_error(error)))
        task.cancelled.connect(lambda: self._end(self.tr("Stopped. The files below are done; the others are not.")))

    def _on_progressed(self, step: Step) -> None:
        self.bar.setRange(0, step.total)
        self.bar.setValue(step.done)
        if step.label is not None:
            self.bar.setFormat(worded(step.label))
        self._take()

    def _take(self) -> None:
        while self._done:
            result = self._done.popleft()
            self.results.append(result)
            row = self.report.rowCount()
            self.report.setRowCount(row + 1)
            name = QTableWidgetItem(os.path.basename(result.path))
            name.setToolTip(result.path)
            text, tone = self._words(result)
            said = QTableWidgetItem(text.replace("\n", "  "))
            said.setToolTip(text)
            said.setForeground(tone_color(tone))
            self.report.setItem(row, 0, name)
            self.report.setItem(row, 1, said)
            self.report.resizeRowToContents(row)

    def _words(self, result: BatchResult) -> tuple[str, str]:
        if result.outcome is None:
            assert result.error is not None
            return f"✕ {worded_error(result.error)}", "bad"
        lines = [
            self.tr("{name}, {size}").format(
                name=os.path.basename(result.target), size=size_text(result.outcome.nbytes)
            )
        ]
        lines += [worded(notice) for notice in result.notices]
        return ("! " if result.notices else "✓ ") + "\n".join(lines), "caution" if result.notices else "good"

    def _end(self, words: str) -> None:
        self._task = None
        self._take()
        self._is_over = True
        self.bar.hide()
        self.form.hide()
        self.explanation.hide()
        self.heading.setText(self.tr("What became of the files"))
        failed = sum(1 for result in self.results if result.outcome is None)
        written = len(self.results) - failed
        total = [counted(written, self.tr("1 file was written."), self.tr("{count} files were written."))]
        if failed:
            total.append(counted(failed, self.tr("1 could not be."), self.tr("{count} could not be.")))
        self.message.say(in_a_row([words, *total]), "bad" if failed or words else "good")
        self.copy_button.setVisible(bool(self.results))
        self.cancel_button.hide()
        self.set_primary(self.tr("Close"), True)
        self.primary.setFocus()

    def _on_copy(self) -> None:
        lines = [f"{result.path}\t{self._words(result)[0]}" for result in self.results]
        QGuiApplication.clipboard().setText("\n".join(lines))

    def _on_choose_folder(self) -> None:
        dialog = QFileDialog(self, self.tr("Folder for the results"), os.path.dirname(self.folder.text()))
        dialog.setFileMode(QFileDialog.FileMode.Directory)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.fileSelected.connect(self.folder.setText)
        dialog.open()

    def _on_choose_recipe(self) -> None:
        dialog = QFileDialog(self, self.tr("Choose a recipe"), self.recipe.text() or os.path.dirname(self.paths[0]))
        dialog.setFileMode(QFileDialog.FileMode.ExistingFile)
        dialog.setNameFilters([self.tr("Recipes (*.json)"), self.tr("All files (*)")])
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.fileSelected.connect(self.recipe.setText)
        dialog.open()

    @property
    def is_writing(self) -> bool:
        """Whether files are being converted."""
        return self._task is not None

    def reject(self) -> None:
        if self._task is not None:
            # The report of what is done already is wanted then; closing comes after it.
            self._task.cancel()
            return
        super().reject()
