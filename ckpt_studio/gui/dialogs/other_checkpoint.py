"""The fields that choose a second checkpoint: an open tab or a file, and which weights inside it."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QCheckBox, QComboBox, QFileDialog, QFormLayout, QHBoxLayout, QLabel, QPushButton, QWidget

from ckpt_studio.compare.prefix_change import prefix_change
from ckpt_studio.core.checkpoint import Checkpoint, StateDict
from ckpt_studio.core.edits import Activate, AddPrefix, Edit, StripPrefix
from ckpt_studio.core.jobs import Progress
from ckpt_studio.errors import StudioError
from ckpt_studio.gui.dialogs.ask_dialog import counted
from ckpt_studio.gui.document import Document
from ckpt_studio.gui.tasks import Task, run_task
from ckpt_studio.gui.wording import worded_error

# All at once on the window's thread.
_MOST_RENAMED = 50_000


@dataclass(frozen=True)
class Chosen:
    """A state dict of another file.

    Attributes:
        path: of the file.
        label: of its weights.
        state_dict: those, as they are on disk or, for an open tab, as edited; under the names that are asked for.
        edits: what makes them of the file: the changes in that tab, and the change of names.
        is_edited: there are changes in that tab.
    """

    path: str
    label: str
    state_dict: StateDict
    edits: tuple[Edit, ...] = ()
    is_edited: bool = False


class OtherCheckpoint(QWidget):
    """Chooses between the other open files and any file on disk.

    Signals:
        changed(): another answer, or why there is none yet (`problem`).
    """

    changed = Signal()

    def __init__(
        self, documents: Sequence[Document], here: StateDict | None = None, parent: QWidget | None = None
    ) -> None:
        """Offers `documents` as they are edited, under the names that those `here` have but for a prefix."""
        super().__init__(parent)
        self._here = here
        self._change: StripPrefix | AddPrefix | None = None
        self._documents = list(documents)
        self._task: Task | None = None
        self._opened: dict[str, Checkpoint] = {}
        self._checkpoint: Checkpoint | None = None
        self.problem = ""
        self.files = QComboBox()
        self.files.setAccessibleName(self.tr("Other file"))
        self.files.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        for document in self._documents:
            self.files.addItem(os.path.basename(document.path), document.path)
            self.files.setItemData(self.files.count() - 1, document.path, Qt.ItemDataRole.ToolTipRole)
        self.files.setPlaceholderText(self.tr("Choose a file"))
        self.files.setEnabled(bool(self._documents))
        self.files.currentIndexChanged.connect(self._on_file)
        self.browse = QPushButton(self.tr("&Browse…"))
        self.browse.setAutoDefault(False)
        self.browse.clicked.connect(self._on_browse)
        self.weights = QComboBox()
        self.weights.setAccessibleName(self.tr("Weights inside the file"))
        self.weights.currentIndexChanged.connect(self._on_weights)
        row = QHBoxLayout()
        row.addWidget(self.files, 1)
        row.addWidget(self.browse)
        self.form = QFormLayout(self)
        self.form.setContentsMargins(0, 0, 0, 0)
        file_label = QLabel(self.tr("&File"))
        file_label.setBuddy(self.files)
        self.form.addRow(file_label, row)
        self.form.addRow(self.tr("&Weights"), self.weights)
        self.form.setRowVisible(self.weights, False)
        self.names = QCheckBox()
        self.names.setChecked(True)
        self.names.toggled.connect(self.changed)
        self.form.addRow(self.tr("Names"), self.names)
        self._on_file()

    def choose(self, path: str) -> None:
        """Takes this file, adding it to the list when it is new."""
        path = os.path.abspath(os.path.expanduser(path))
        place = self.files.findData(path)
        if place < 0:
            self.files.addItem(os.path.basename(path), path)
            place = self.files.count() - 1
            self.files.setItemData(place, path, Qt.ItemDataRole.ToolTipRole)
            self.files.setEnabled(True)
        self.files.setCurrentIndex(place)

    def chosen(self) -> Chosen | None:
        """The answer, or None while there is none; `problem` says why."""
        place = self.weights.currentIndex()
        if self._checkpoint is None or not 0 <= place < len(self._checkpoint.state_dicts):
            return None
        document, found = self._document(), self._checkpoint.state_dicts[place]
        edits = document.history.recipe().edits if document is not None else ()
        path, is_edited = self.files.currentData(), bool(edits)
        if self._change is None or not self.names.isChecked():
            return Chosen(path, found.label, found, edits, is_edited)
        renamed = zip(self._change.new_names(list(found.entries)), found.entries.values(), strict=True)
        active = () if found.path == self._checkpoint.active else (Activate(found.path),)
        return Chosen(path, found.label, found.with_entries(dict(renamed)), (*edits, *active, self._change), is_edited)

    def _find_change(self) -> None:
        """Looks whether the names differ from those here by a prefix alone."""
        place = self.weights.currentIndex()
        there = self._checkpoint.state_dicts[place] if self._checkpoint is not None and place >= 0 else None
        change = None
        if there is not None and self._here is not None and len(there.entries) <= _MOST_RENAMED:
            change = prefix_change(there.entries, self._here.entries)
            if change is not None and len(set(change.new_names(list(there.entries)))) < len(there.entries):
                # Two would have one name.
                change = None
        self._change = change
        self.form.setRowVisible(self.names, change is not None)
        if isinstance(change, StripPrefix):
            self.names.setText(self.tr("Without “{prefix}” at the beginning, as here").format(prefix=change.prefix))
        elif change is not None:
            self.names.setText(self.tr("With “{prefix}” at the beginning, as here").format(prefix=change.prefix))

    def stop(self) -> None:
        """Stops reading and gives the files back that were opened here."""
        if self._task is not None:
            self._task.cancel()
            self._task = None
        for checkpoint in self._opened.values():
            for source in checkpoint.source.files:
                source.close()
        self._opened.clear()

    def _document(self) -> Document | None:
        path = self.files.currentData()
        return next((document for document in self._documents if document.path == path), None)

    def _on_browse(self) -> None:
        dialog = QFileDialog(self, self.tr("Choose a checkpoint"))
        dialog.setFileMode(QFileDialog.FileMode.ExistingFile)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.fileSelected.connect(self.choose)
        dialog.open()

    def _on_file(self, *_: object) -> None:
        if self._task is not None:
            self._task.cancel()
            self._task = None
        path = self.files.currentData()
        document = self._document()
        if path is None:
            self._show(None, self.tr("Choose the other file."))
        elif document is not None:
            self._show(document.checkpoint, "", document)
        elif path in self._opened:
            self._show(self._opened[path], "")
        else:
            self._show(None, self.tr("Reading the file…"))
            self._read(path)

    def _read(self, path: str) -> None:
        def read(progress: Progress) -> Checkpoint:
            from ckpt_studio.formats.opening import open_checkpoint

            return open_checkpoint(path, progress)

        task = run_task(self, read, label=self.tr("Reading the file"))
        self._task = task

        def show(checkpoint: Checkpoint) -> None:
            if task is self._task:
                self._task = None
                self._opened[path] = checkpoint
                self._show(checkpoint, "")

        def refuse(error: StudioError) -> None:
            if task is self._task:
                self._task = None
                self._show(None, worded_error(error))

        task.succeeded.connect(show)
        task.failed.connect(refuse)

    def _show(self, checkpoint: Checkpoint | None, problem: str, document: Document | None = None) -> None:
        self._checkpoint = checkpoint
        self.problem = problem
        state_dicts = checkpoint.state_dicts if checkpoint is not None else ()
        if checkpoint is not None and not state_dicts:
            self.problem = self.tr("This file holds no weights.")
        active = document.checkpoint.active if document is not None else checkpoint.active if checkpoint else None
        self.weights.blockSignals(True)
        self.weights.clear()
        for state_dict in state_dicts:
            words = counted(len(state_dict.tensors), self.tr("1 tensor"), self.tr("{count} tensors"))
            label = state_dict.label or self.tr("the whole file")
            self.weights.addItem(f"{label}    {words}")
            if state_dict.path == active:
                self.weights.setCurrentIndex(self.weights.count() - 1)
        self.weights.blockSignals(False)
        self.form.setRowVisible(self.weights, len(state_dicts) > 1)
        self._on_weights()

    def _on_weights(self, *_: object) -> None:
        self._find_change()
        self.changed.emit()
