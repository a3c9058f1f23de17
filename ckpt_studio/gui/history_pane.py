"""The pending edits in words: where one is, what redo would bring back, and what was exported."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from typing import Any

from PySide6.QtCore import QAbstractListModel, QModelIndex, QObject, QPersistentModelIndex, Qt, Signal
from PySide6.QtGui import QAction, QColor, QFont, QGuiApplication, QIcon, QPainter, QPalette, QPixmap
from PySide6.QtWidgets import (
    QAbstractItemView,
    QFileDialog,
    QHBoxLayout,
    QLabel,
    QListView,
    QMenu,
    QPushButton,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from ckpt_studio.core.checkpoint import Checkpoint
from ckpt_studio.core.edits import Activate, ApplyMapping, Edit, FillMissing, Recipe
from ckpt_studio.core.jobs import Progress, Step
from ckpt_studio.errors import EditError, Message, StudioError
from ckpt_studio.gui.dialogs.ask_dialog import Banner, counted, muted, roomy, tone_color
from ckpt_studio.gui.document import Document
from ckpt_studio.gui.export_target import RECIPE_FOLDER, suggested_recipe
from ckpt_studio.gui.figures import exact_text, listed
from ckpt_studio.gui.fresh_values import kept_values
from ckpt_studio.gui.model_resolving import Consent
from ckpt_studio.gui.pending import pending_words
from ckpt_studio.gui.settings import settings
from ckpt_studio.gui.tasks import Task, run_task
from ckpt_studio.gui.text_size import embolden
from ckpt_studio.gui.wording import worded, worded_error

Index = QModelIndex | QPersistentModelIndex

# A recipe with a rename for each of a million tensors is smaller; something larger is no recipe.
_MOST_RECIPE_CHARACTERS = 1 << 28
_MOST_NOTES = 3
_MOST_RULES = 24


class HistoryModel(QAbstractListModel):
    """Row 0 is the file as opened, row n the state after n edits."""

    def __init__(self, document: Document, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._document = document
        self._length = len(document.history.revisions) + 1
        document.changed.connect(self._on_changed)
        document.dirty_changed.connect(self._on_changed)

    def _on_changed(self, *_: object) -> None:
        length = len(self._document.history.revisions) + 1
        if length > self._length:
            self.beginInsertRows(QModelIndex(), self._length, length - 1)
            self._length = length
            self.endInsertRows()
        elif length < self._length:
            self.beginRemoveRows(QModelIndex(), length, self._length - 1)
            self._length = length
            self.endRemoveRows()
        self.dataChanged.emit(self.index(0), self.index(self._length - 1))

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() else self._length

    def _words(self, row: int) -> str:
        if row == 0:
            return self.tr("{name} as opened").format(name=os.path.basename(self._document.path))
        return worded(self._document.history.revisions[row - 1].edit.describe())

    def data(self, index: Index, role: int = 0) -> Any:
        if not index.isValid():
            return None
        row, history = index.row(), self._document.history
        undone = row > history.index
        if role == Qt.ItemDataRole.DisplayRole:
            number = "" if row == 0 else f"{row}.  "
            saved = os.path.basename(self._document.exported_path)
            mark = self.tr("   (exported to {name})").format(name=saved) if saved else self.tr("   (exported)")
            mark = mark if row == history.saved_index and row > 0 else ""
            return f"{number}{self._words(row)}{mark}"
        if role == Qt.ItemDataRole.FontRole:
            font = QFont()
            font.setBold(row == history.index)
            font.setItalic(undone)
            return font
        if role == Qt.ItemDataRole.ForegroundRole and undone:
            return _undone_color()
        if role == Qt.ItemDataRole.DecorationRole:
            return _marker(row == history.index)
        if role in (Qt.ItemDataRole.ToolTipRole, Qt.ItemDataRole.AccessibleTextRole):
            words = self._words(row)
            if role == Qt.ItemDataRole.ToolTipRole and row > 0:
                words = "\n".join([words, *_rules(history.revisions[row - 1].edit)])
            if row == history.index:
                return self.tr("{step}: you are here").format(step=words)
            if undone:
                return self.tr("{step}: undone; click to do it again").format(step=words)
            return self.tr("{step}: click to go back to here").format(step=words)
        return None


def _rules(edit: Edit) -> list[str]:
    """The rules of a mapping, one a line, as far as a tooltip has room for them."""
    rules = edit.rules if isinstance(edit, ApplyMapping) else ()
    told = [f"    {rule.source}  →  {rule.target}" for rule in rules[:_MOST_RULES]]
    return told + (["    …"] if len(rules) > _MOST_RULES else [])


def _undone_color() -> QColor:
    return QGuiApplication.palette().color(QPalette.ColorRole.PlaceholderText)


def _marker(current: bool) -> QIcon:
    icon = QIcon()
    for scale in (1, 2, 3):
        pixmap = QPixmap(12 * scale, 12 * scale)
        pixmap.fill(Qt.GlobalColor.transparent)
        if current:
            painter = QPainter(pixmap)
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(tone_color("calm"))
            painter.drawEllipse(2 * scale, 2 * scale, 8 * scale, 8 * scale)
            painter.end()
        pixmap.setDevicePixelRatio(scale)
        icon.addPixmap(pixmap)
    return icon


class HistoryPane(QWidget):
    """The list of edits of one document. A click (or Return) goes to the state after that edit.

    Signals:
        recipe_saved(str): the edits were written to this file.
        copied(str): this script is on the clipboard now.
        editor_wanted(): the changes are to be edited as a recipe.
        recipe_told(str, str, bool): how applying a recipe goes, its tone, and whether it has now been applied.
    """

    recipe_saved = Signal(str)
    copied = Signal(str)
    editor_wanted = Signal()
    recipe_told = Signal(str, str, bool)

    def __init__(self, document: Document, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.document = document
        self._task: Task | None = None
        self.title = QLabel()
        embolden(self.title)
        self.hint = muted(
            QLabel(
                self.tr(
                    "Every change you make is listed here. Click a line to go back to that state or forward again;"
                    " the file on disk stays as it is until you export."
                )
            )
        )
        self.list = QListView()
        roomy(self.list)
        self.list.setAccessibleName(self.tr("Changes"))
        self.list.setModel(HistoryModel(document, self.list))
        self.list.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.list.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.list.setTextElideMode(Qt.TextElideMode.ElideMiddle)
        self.list.clicked.connect(self._go_to)
        self.list.activated.connect(self._go_to)
        self.undo_button = QPushButton(self.tr("Undo"))
        self.undo_button.clicked.connect(document.undo)
        self.redo_button = QPushButton(self.tr("Redo"))
        self.redo_button.clicked.connect(document.redo)
        self.recipe_menu = QMenu(self)
        self.recipe_menu.setToolTipsVisible(True)
        self.edit_action = self._in_menu(
            self.tr("Ed&it…"),
            self.tr("Opens these changes as a recipe: change a step in words, move it, leave it out, save it."),
            self.editor_wanted.emit,
        )
        self.save_action = self._in_menu(
            self.tr("&Save as recipe…"),
            self.tr("Writes these changes to a small file, so that they can be applied to another checkpoint."),
            self.choose_recipe_target,
        )
        self.copy_action = self._in_menu(
            self.tr("&Copy as Python"),
            self.tr("Copies a short script of plain PyTorch that makes the same changes, without Ckpt Studio."),
            self.copy_as_python,
        )
        self.recipe_menu.addSeparator()
        self.open_action = self._in_menu(
            self.tr("&Apply recipe…"),
            self.tr("Applies changes that were saved as a recipe to this file."),
            self.choose_recipe,
        )
        self.recipe_button = QPushButton(self.tr("Recipe"))
        self.recipe_button.setToolTip(self.tr("These changes as a list that can be edited, saved and applied again"))
        self.recipe_button.setMenu(self.recipe_menu)
        self.message = Banner()
        self.message.hide()
        # One row for the title and the buttons: a low window has room for little more.
        self.title.setWordWrap(True)
        top = QHBoxLayout()
        top.addWidget(self.title, 1)
        top.addWidget(self.undo_button)
        top.addWidget(self.redo_button)
        top.addWidget(self.recipe_button)
        inside = QWidget()
        layout = QVBoxLayout(inside)
        layout.setContentsMargins(10, 8, 10, 8)
        layout.setSpacing(8)
        layout.addLayout(top)
        layout.addWidget(self.message)
        layout.addWidget(self.hint)
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        # Two steps are seen whole; what does not fit beside them is scrolled to.
        self.list.setMinimumHeight(round(4.2 * self.fontMetrics().lineSpacing()))
        layout.addWidget(self.list, 1)
        self.area = QScrollArea()
        self.area.setWidgetResizable(True)
        self.area.setFrameShape(QScrollArea.Shape.NoFrame)
        self.area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.area.setWidget(inside)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(self.area)
        document.changed.connect(self._on_changed)
        document.dirty_changed.connect(self._show_state)
        self._show_state()

    def _in_menu(self, text: str, tip: str, slot: Callable[[], object]) -> QAction:
        action = self.recipe_menu.addAction(text)
        action.setToolTip(tip)
        action.triggered.connect(lambda _=False: slot())
        return action

    def _say(self, text: str, tone: str) -> None:
        """A message that is seen: it stands above the steps, and the pane is scrolled to it."""
        self.message.say(text, tone)
        self.area.verticalScrollBar().setValue(0)

    def _tell(self, text: str, tone: str, applied: bool = False) -> None:
        """Says how applying a recipe goes, here and where it was asked for."""
        self._say(text, tone)
        self.recipe_told.emit(text, tone, applied)

    def _on_changed(self, *_: object) -> None:
        self.message.hide()
        self._show_state()
        self.list.scrollTo(self.list.model().index(self.document.history.index, 0))

    def _show_state(self, *_: object) -> None:
        history = self.document.history
        self.undo_button.setEnabled(history.index > 0)
        self.redo_button.setEnabled(history.index < len(history.revisions))
        for action in (self.save_action, self.copy_action, self.edit_action):
            action.setEnabled(history.index > 0)
        self.hint.setVisible(not history.revisions)
        if not history.is_dirty:
            self.title.setText(pending_words(self.document) or self.tr("No changes to export"))
        elif history.index == 0:
            self.title.setText(self.tr("Back at the file as opened"))
        else:
            self.title.setText(pending_words(self.document))

    def _go_to(self, index: QModelIndex) -> None:
        self.document.go_to(index.row())

    def choose_recipe_target(self) -> None:
        """Asks where to save the recipe."""
        target = suggested_recipe(self.document)
        dialog = QFileDialog(self, self.tr("Save as recipe"), target, self.tr("Recipes (*.json)"))
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.setDefaultSuffix("json")
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.fileSelected.connect(self.save_recipe)
        dialog.open()

    def choose_recipe(self) -> None:
        """Asks which recipe to apply."""
        folder = os.path.dirname(suggested_recipe(self.document))
        dialog = QFileDialog(self, self.tr("Apply recipe"), folder, self.tr("Recipes (*.json)"))
        dialog.setFileMode(QFileDialog.FileMode.ExistingFile)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.fileSelected.connect(self.apply_recipe)
        dialog.open()

    def save_recipe(self, path: str) -> None:
        """Writes the applied edits to `path`; a failure is told in the pane."""
        text = self.document.history.recipe().to_json()
        temporary = f"{path}.partial"
        try:
            with open(temporary, "w", encoding="utf-8") as file:
                file.write(text)
            os.replace(temporary, path)
        except OSError as error:
            self._say(
                self.tr("The recipe could not be written: {reason}").format(reason=error.strerror or str(error)), "bad"
            )
            return
        settings().setValue(RECIPE_FOLDER, os.path.dirname(path))
        self._say(self.tr("Recipe saved: {path}").format(path=path), "good")
        self.recipe_saved.emit(path)

    def copy_as_python(self) -> None:
        """Puts a script of plain PyTorch on the clipboard that makes the applied edits."""
        history = self.document.history
        edits, start, count = history.recipe().edits, history.opened, history.index
        if not edits:
            self._say(self.tr("There is no change to copy yet."), "calm")
            return
        if start.active is None:
            self._say(self.tr("This file holds no weights that a script could change."), "caution")
            return
        if self._task is not None:
            self._task.cancel()

        def write(progress: Progress) -> str:
            from ckpt_studio.core.edits.as_python import as_python

            return as_python(edits, start)

        task = run_task(self, write, label=self.tr("Writing the script"))
        self._task = task
        values = [edit.path for edit in edits if isinstance(edit, FillMissing)]
        task.succeeded.connect(lambda script: self._on_script(count, script, values))
        task.failed.connect(lambda error: self._say(worded_error(error), "bad"))

    def _on_script(self, count: int, script: str, values: Sequence[str]) -> None:
        QGuiApplication.clipboard().setText(script)
        told = counted(
            count,
            self.tr("Copied: a script of plain PyTorch that makes this change. Paste it where you like."),
            self.tr("Copied: a script of plain PyTorch that makes these {count} changes. Paste it where you like."),
        )
        if values:
            words = self.tr("It reads the values that were filled in from {paths}; on another machine it needs a copy.")
            told = f"{told}\n{words.format(paths=listed(values))}"
        self._say(told, "good")
        self.copied.emit(script)

    def apply_recipe(self, path: str) -> None:
        """Reads a recipe and applies its edits; all of them, or none."""
        try:
            with open(path, encoding="utf-8") as file:
                text = file.read(_MOST_RECIPE_CHARACTERS)
        except (OSError, UnicodeDecodeError) as error:
            self._tell(self.tr("The recipe could not be read: {reason}").format(reason=error), "bad")
            return
        settings().setValue(RECIPE_FOLDER, os.path.dirname(path))
        self._apply(lambda: Recipe.from_json(text).edits, os.path.basename(path), False)

    def apply_edits(self, edits: Sequence[Edit], name: str, instead: bool = False) -> None:
        """Applies edits, all or none; `instead`: in the place of those that were made to the file."""
        self._apply(lambda: edits, name, instead)

    def _apply(self, read: Callable[[], Sequence[Edit]], name: str, instead: bool) -> None:
        """Applies edits one by one in a task."""
        now = self.document.checkpoint
        start = self.document.history.opened if instead else now
        consent = Consent(self)
        # Rules that find nothing in this file; written by the task, read when it is over.
        idle: list[Message] = []

        def try_all(progress: Progress) -> list[tuple[Edit, Checkpoint]]:
            fresh = kept_values(consent.asking(progress))
            steps: list[tuple[Edit, Checkpoint]] = []
            idle.clear()
            checkpoint = start
            for number, edit in enumerate(read(), 1):
                progress.check()
                edit = fresh.present(edit, progress)
                try:
                    idle.extend(edit.remarks(checkpoint))
                    checkpoint = edit.apply(checkpoint)
                except StudioError as error:
                    raise EditError(
                        "recipe-step-refused",
                        problems=() if error.problems == (error.message,) else error.problems,
                        number=number,
                        step=edit.describe(),
                        reason=error.message,
                    ) from error
                # The history knows from the checkpoints which state dict was edited.
                if not isinstance(edit, Activate):
                    steps.append((edit, checkpoint))
            return steps

        if self._task is not None:
            self._task.cancel()
        task = run_task(self, try_all, label=self.tr("Applying the recipe"))
        consent.ends_with(task)
        self._task = task
        task.progressed.connect(lambda step: self._on_step(task, step))
        task.cancelled.connect(lambda: self._on_refused(task))
        task.succeeded.connect(lambda steps: self._on_recipe_tried(now, name, steps, idle, instead))
        task.failed.connect(lambda error: self._tell(worded_error(error), "bad"))

    def _on_step(self, task: Task, step: Step) -> None:
        if task is self._task and step.label is not None:
            self._tell(worded(step.label), "calm")

    def _on_refused(self, task: Task) -> None:
        if task is self._task:
            self._tell(self.tr("Nothing was changed: the model's code was not to run."), "caution")

    def _on_recipe_tried(
        self,
        start: Checkpoint,
        name: str,
        steps: list[tuple[Edit, Checkpoint]],
        idle: list[Message],
        instead: bool,
    ) -> None:
        if start is not self.document.checkpoint:
            self._tell(self.tr("The file changed meanwhile; apply the recipe again."), "caution")
            return
        if instead:
            self.document.history.go_to(0)
        self.document.restore(steps, len(steps), None)
        told = [
            counted(
                len(steps),
                self.tr("1 change applied from {path}"),
                self.tr("{count} changes applied from {path}"),
                path=name,
            ),
            *(worded(note) for note in idle[:_MOST_NOTES]),
        ]
        if len(idle) > _MOST_NOTES:
            told.append(self.tr("… and {count} more").format(count=exact_text(len(idle) - _MOST_NOTES)))
        self._tell("\n".join(told), "caution" if idle else "good", True)
