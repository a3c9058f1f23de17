"""The checkpoints of a folder in a table: look, sort, open, convert many at once."""

from __future__ import annotations

import os
from collections import deque

from PySide6.QtCore import QItemSelectionModel, QSize, Qt, Signal
from PySide6.QtGui import QCloseEvent, QKeyEvent, QKeySequence, QShortcut
from PySide6.QtWidgets import (
    QAbstractItemView,
    QCheckBox,
    QDialog,
    QFileDialog,
    QHBoxLayout,
    QHeaderView,
    QLabel,
    QPushButton,
    QTableView,
    QVBoxLayout,
    QWidget,
)

from ckpt_studio.compare.folder import FileFacts, checkpoint_files, facts_of
from ckpt_studio.core.jobs import Progress
from ckpt_studio.errors import StudioError
from ckpt_studio.gui.dialogs.ask_dialog import Banner, counted
from ckpt_studio.gui.elided_label import ElidedLabel
from ckpt_studio.gui.figures import size_text
from ckpt_studio.gui.fitting import resize_within_screen
from ckpt_studio.gui.folder_model import (
    ARCHITECTURE,
    DATE,
    DTYPE,
    EPOCH,
    NAME,
    PARAMETERS,
    SIZE,
    TENSORS,
    FolderModel,
    FolderOrder,
)
from ckpt_studio.gui.help import show_guide
from ckpt_studio.gui.settings import settings, text_setting
from ckpt_studio.gui.tasks import Task, run_task
from ckpt_studio.gui.text_size import embolden, enlarge
from ckpt_studio.gui.wording import worded_error

# What a column beside those of the names is wide enough for, and the pixels around it.
_SAMPLES = {
    TENSORS: "00,000", PARAMETERS: "000.0 M", SIZE: "000.0 GB", EPOCH: "iter 100000", DTYPE: "bfloat16",
    DATE: "0000-00-00 00:00",
}  # fmt: skip
_AROUND, _SORT_MARK = 22, 18


class FolderWindow(QDialog):
    """Lists a folder; the files are read one after the other in the background.

    Signals:
        open_wanted(str): a file is to be opened in the main window.
    """

    open_wanted = Signal(str)

    def __init__(self, folder: str, parent: QWidget | None = None, recipe: str = "") -> None:
        super().__init__(parent, Qt.WindowType.Window)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(self.tr("Checkpoints of a folder"))
        QShortcut(QKeySequence("F1"), self, lambda: show_guide(self, self))
        self._recipe = recipe
        self._task: Task | None = None
        self._read: deque[FileFacts] = deque()
        self.folder_label = ElidedLabel()
        embolden(self.folder_label)
        enlarge(self.folder_label, 1.1)
        self.choose_button = QPushButton(self.tr("&Another folder…"))
        self.choose_button.clicked.connect(self._on_choose)
        self.below = QCheckBox(self.tr("&Folders inside too"))
        self.below.setChecked(text_setting("folder/below", "") == "yes")
        self.below.toggled.connect(self._on_below)
        top = QHBoxLayout()
        top.addWidget(self.folder_label, 1)
        top.addWidget(self.below)
        top.addWidget(self.choose_button)
        self.model = FolderModel(self)
        self.order = FolderOrder(self)
        self.order.setSourceModel(self.model)
        self.table = QTableView()
        self.table.setModel(self.order)
        self.table.setAccessibleName(self.tr("Checkpoints of the folder"))
        self.table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.table.setSortingEnabled(True)
        self.table.sortByColumn(NAME, Qt.SortOrder.AscendingOrder)
        self.table.setShowGrid(False)
        self.table.setAlternatingRowColors(True)
        self.table.setWordWrap(False)
        self.table.setTabKeyNavigation(False)
        self.table.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.table.verticalHeader().hide()
        self.table.verticalHeader().setDefaultSectionSize(self.fontMetrics().height() + 10)
        self.table.horizontalHeader().setHighlightSections(False)
        self._fit_columns()
        self.table.activated.connect(lambda _: self._on_open())
        self.table.selectionModel().selectionChanged.connect(self._show_state)
        self.problem = Banner()
        self.problem.hide()
        self.state = QLabel()
        self.state.setProperty("muted", True)
        self.open_button = QPushButton(self.tr("&Open"))
        self.open_button.clicked.connect(self._on_open)
        self.convert_button = QPushButton()
        self.convert_button.setProperty("primary", True)
        self.convert_button.clicked.connect(self._on_convert)
        self.close_button = QPushButton(self.tr("Close"))
        self.close_button.clicked.connect(self.close)
        for button in (self.open_button, self.convert_button, self.close_button, self.choose_button):
            button.setAutoDefault(False)
        bottom = QHBoxLayout()
        bottom.addWidget(self.state, 1)
        bottom.addWidget(self.close_button)
        bottom.addWidget(self.open_button)
        bottom.addWidget(self.convert_button)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(16, 14, 16, 14)
        layout.setSpacing(10)
        layout.addLayout(top)
        layout.addWidget(self.problem)
        layout.addWidget(self.table, 1)
        layout.addLayout(bottom)
        resize_within_screen(self, QSize(1080, 620))
        self.table.setFocus()
        self.show_folder(folder)

    def _fit_columns(self) -> None:
        """Gives the names what the others leave, so that the date is seen in a small window too."""
        header, letters = self.table.horizontalHeader(), self.fontMetrics()
        for column, sample in _SAMPLES.items():
            title = self.model.headerData(column, Qt.Orientation.Horizontal)
            width = max(letters.horizontalAdvance(sample), letters.horizontalAdvance(title) + _SORT_MARK)
            header.setSectionResizeMode(column, QHeaderView.ResizeMode.Interactive)
            header.resizeSection(column, width + _AROUND)
        for column in (NAME, ARCHITECTURE):
            header.setSectionResizeMode(column, QHeaderView.ResizeMode.Stretch)

    @property
    def folder(self) -> str:
        """The folder that is shown."""
        return self.model.folder

    @property
    def chosen(self) -> list[FileFacts]:
        """The selected files, in the order of the table; without a selection all with weights and all that are damaged.

        What cannot be read is in the report then, rather than left out in silence.
        """
        rows = sorted(index.row() for index in self.table.selectionModel().selectedRows())
        every = rows or range(self.order.rowCount())
        facts = [self.model.facts[self.order.mapToSource(self.order.index(row, 0)).row()] for row in every]
        return facts if rows else [one for one in facts if one.tensors or one.error is not None]

    def show_folder(self, folder: str) -> None:
        """Lists another folder."""
        self._stop()
        folder = os.path.abspath(folder)
        settings().setValue("folder/path", folder)
        self.model.start(folder)
        self.folder_label.say(folder)
        self.problem.say("", "calm")
        below, read = self.below.isChecked(), self._read

        def look(progress: Progress) -> None:
            for path in checkpoint_files(folder, below=below, progress=progress):
                read.append(facts_of(path, progress))
                progress.report(len(read), 0)

        task = run_task(self, look, label=self.tr("Reading the files"))
        self._task = task
        task.progressed.connect(self._take)
        task.failed.connect(self._on_failed)
        task.finished.connect(lambda: self._on_finished(task))
        self._show_state()

    def _take(self, *_: object) -> None:
        fresh: list[FileFacts] = []
        while self._read:
            fresh.append(self._read.popleft())
        self.model.add(fresh)
        self._show_state()

    def _on_failed(self, error: StudioError) -> None:
        self.problem.say(worded_error(error), "bad")

    def _on_finished(self, task: Task) -> None:
        if task is self._task:
            self._task = None
            self._take()

    def _show_state(self, *_: object) -> None:
        count = len(self.model.facts)
        words = counted(count, self.tr("1 file"), self.tr("{count} files"))
        total = size_text(sum(one.nbytes for one in self.model.facts))
        if self._task is not None:
            self.state.setText(self.tr("{files} so far, reading…").format(files=words))
        elif count:
            self.state.setText(f"{words}  ·  {total}")
        else:
            self.state.setText(self.tr("No checkpoints here. Their names end in .pth, .pt, .ckpt, .safetensors …"))
        selected = self.table.selectionModel().hasSelection()
        chosen = self.chosen
        self.open_button.setEnabled(selected and len(chosen) <= 12)
        self.convert_button.setEnabled(bool(chosen))
        self.convert_button.setText(
            counted(len(chosen), self.tr("Con&vert 1 file…"), self.tr("Con&vert {count} files…"))
            if selected
            else self.tr("Con&vert all…")
        )

    def _on_choose(self) -> None:
        dialog = QFileDialog(self, self.tr("Choose a folder"), self.folder)
        dialog.setFileMode(QFileDialog.FileMode.Directory)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.fileSelected.connect(self.show_folder)
        dialog.open()

    def _on_below(self, wanted: bool) -> None:
        settings().setValue("folder/below", "yes" if wanted else "")
        self.show_folder(self.folder)

    def _on_open(self) -> None:
        if self.table.selectionModel().hasSelection():
            for one in self.chosen:
                self.open_wanted.emit(one.path)

    def _on_convert(self) -> None:
        from ckpt_studio.gui.dialogs.batch_dialog import BatchDialog

        paths = [one.path for one in self.chosen]
        if paths:
            dialog = BatchDialog(paths, os.path.join(self.folder, "converted"), self)
            dialog.recipe.setText(self._recipe)
            dialog.open()

    def select_row(self, row: int) -> None:
        """Selects one more row of the table as it is sorted."""
        self.table.selectionModel().select(
            self.order.index(row, 0),
            QItemSelectionModel.SelectionFlag.Select | QItemSelectionModel.SelectionFlag.Rows,
        )

    def _stop(self) -> None:
        task, self._task = self._task, None
        if task is not None:
            task.cancel()
        # The job that was stopped may still append to the list it was given.
        self._read = deque()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        # Not by a default button: the table, which opens what is selected in it, lets its Return through to that.
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            focused = self.focusWidget()
            if isinstance(focused, QPushButton):
                focused.click()
            elif not self.table.selectionModel().hasSelection():
                self.convert_button.click()
            return
        super().keyPressEvent(event)

    def done(self, result: int) -> None:
        self._stop()
        super().done(result)

    def closeEvent(self, event: QCloseEvent) -> None:
        self._stop()
        super().closeEvent(event)
