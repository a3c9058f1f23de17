"""A recipe in a window of its own: its steps in words, each to be changed, moved, left out, tried on the open file."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from PySide6.QtCore import QSize, Qt, QTimer, Signal
from PySide6.QtGui import QCloseEvent, QKeySequence, QShortcut
from PySide6.QtWidgets import (
    QDialog,
    QFileDialog,
    QHBoxLayout,
    QLabel,
    QMenu,
    QPushButton,
    QScrollArea,
    QSizePolicy,
    QSplitter,
    QVBoxLayout,
    QWidget,
)

from ckpt_studio.core.checkpoint import Checkpoint
from ckpt_studio.core.edits import Recipe
from ckpt_studio.core.edits.draft import Draft, Step, edit_of, is_on, switched
from ckpt_studio.core.jobs import Progress
from ckpt_studio.errors import EditError
from ckpt_studio.gui.dialogs.ask_dialog import Banner, counted, muted
from ckpt_studio.gui.dialogs.change_preview import ChangePreview
from ckpt_studio.gui.dialogs.recipe_fields import KINDS, RecipeFields, empty_step, words_of
from ckpt_studio.gui.dialogs.recipe_steps import StepLine, StepList
from ckpt_studio.gui.dialogs.recipe_trial import Tried, tried
from ckpt_studio.gui.document import Document
from ckpt_studio.gui.export_target import RECIPE_FOLDER, suggested_recipe
from ckpt_studio.gui.fitting import resize_within_screen
from ckpt_studio.gui.settings import settings
from ckpt_studio.gui.tasks import Task, run_task
from ckpt_studio.gui.text_size import embolden, enlarge
from ckpt_studio.gui.wording import worded, worded_error

_TYPING_PAUSE_MS = 150
# The kinds that make up most recipes come first in the menu; the others are one step further.
_USUAL = 15
# A recipe with a rename for each of a million tensors is smaller; something larger is no recipe.
_MOST_CHARACTERS = 1 << 28


@dataclass(frozen=True)
class Written:
    """What is in a recipe's window.

    Attributes:
        draft: the recipe as it is now.
        saved: as it was saved or opened.
        before: the drafts that undo goes back to, the last one at the end.
        path: the file it came from; "" for none.
        is_own: the changes of the open file rather than a recipe that was opened.
        current: the place of the chosen step.
    """

    draft: Draft
    saved: Draft
    before: tuple[Draft, ...]
    path: str
    is_own: bool
    current: int


class RecipeDialog(QDialog):
    """Opens, shows, changes and saves a recipe; applies it to the open file or to a folder.

    Signals:
        apply_wanted(object, str, bool): these edits are to be applied to the open file; what the recipe is called; and
            whether they take the place of the changes that were made to the file.
        folder_wanted(str): the recipe saved at this path is to be applied to a folder of files.
        saved(str): it was written to this path.
        closed(): the window is closed.
    """

    apply_wanted = Signal(object, str, bool)
    folder_wanted = Signal(str)
    saved = Signal(str)
    closed = Signal()

    def __init__(self, document: Document | None, parent: QWidget | None = None) -> None:
        super().__init__(parent, Qt.WindowType.Window)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.document = document
        self.path = ""
        # The changes of the open file rather than a recipe that was opened.
        self.is_own = False
        self.draft = Draft()
        self._kept = self.draft
        self._before: list[Draft] = []
        self._tried: list[Tried] = []
        # What the steps are being applied to, and what it gave: its outcome is shown until something else is changed.
        self._asked: Checkpoint | None = None
        self._applied: Checkpoint | None = None
        self._task: Task | None = None
        self._leaving: Callable[[], object] | None = None
        self._pause = QTimer(self)
        self._pause.setSingleShot(True)
        self._pause.setInterval(_TYPING_PAUSE_MS)
        self._pause.timeout.connect(self._try)
        self._build()
        if document is not None:
            document.changed.connect(self._on_document_changed)
            self.is_own = document.history.index > 0
            self.show_draft(Draft.of(document.history.recipe().edits), "")
        else:
            self.show_draft(Draft(), "")

    def _build(self) -> None:
        self.heading = QLabel()
        self.heading.setTextFormat(Qt.TextFormat.PlainText)
        embolden(self.heading)
        enlarge(self.heading, 1.2)
        self.explanation = muted(QLabel())
        self.steps = StepList()
        self.steps.currentItemChanged.connect(lambda *_: self._show_step())
        self.steps.moved.connect(self._on_moved)
        self.steps.switched.connect(self._on_switched)
        self.steps.removal_wanted.connect(self.remove_step)
        self.steps.move_wanted.connect(self.move_step)
        self.add_button = self._button(self.tr("&Add a step"))
        self.add_menu = QMenu(self.add_button)
        self._fill_menu()
        self.add_button.setMenu(self.add_menu)
        self.remove_button = self._button(self.tr("&Remove"), self.remove_step)
        self.up_button = self._button(self.tr("&Up"), lambda: self.move_step(-1))
        self.up_button.setToolTip(self.tr("Earlier (Alt+Up); steps can be dragged, too"))
        self.down_button = self._button(self.tr("&Down"), lambda: self.move_step(1))
        self.down_button.setToolTip(self.tr("Later (Alt+Down); steps can be dragged, too"))
        row = QHBoxLayout()
        for button in (self.add_button, self.remove_button, self.up_button, self.down_button):
            row.addWidget(button)
        row.addStretch()
        left = QWidget()
        left_layout = QVBoxLayout(left)
        left_layout.setContentsMargins(0, 0, 0, 0)
        left_layout.addWidget(self.steps, 1)
        left_layout.addLayout(row)
        self.step_title = QLabel()
        self.step_title.setWordWrap(True)
        embolden(self.step_title)
        self.fields = RecipeFields()
        self.fields.edited.connect(self._on_edited)
        # What is left over goes below: fields, hint and outcome stay together.
        self.fields.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Maximum)
        self.outcome = Banner()
        self.outcome.label.setAccessibleName(self.tr("What the step does to the open file"))
        self.preview = ChangePreview()
        inside = QWidget()
        inside_layout = QVBoxLayout(inside)
        inside_layout.setContentsMargins(12, 0, 4, 0)
        inside_layout.setSpacing(10)
        inside_layout.addWidget(self.step_title)
        inside_layout.addWidget(self.fields)
        inside_layout.addWidget(self.outcome)
        inside_layout.addWidget(self.preview, 1)
        inside_layout.addStretch()
        self.area = QScrollArea()
        self.area.setWidgetResizable(True)
        self.area.setFrameShape(QScrollArea.Shape.NoFrame)
        # The fields in it are what takes the focus; it follows them.
        self.area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.area.setWidget(inside)
        self.splitter = QSplitter(Qt.Orientation.Horizontal)
        self.splitter.setChildrenCollapsible(False)
        self.splitter.addWidget(left)
        self.splitter.addWidget(self.area)
        self.splitter.setSizes([480, 600])
        self.message = Banner()
        self.message.hide()
        self.asked = Banner()
        self.asked.hide()
        self.leave_button = self._button(self.tr("Do &not save"), self._leave)
        for button in (
            self._button(self.tr("Sa&ve it"), self._save_and_go_on),
            self.leave_button,
            self._button(self.tr("Stay here"), self._stay),
        ):
            self.asked.row.addWidget(button)
        self.open_button = self._button(self.tr("&Open…"), self.choose_recipe)
        self.save_button = self._button(self.tr("&Save"), self._save_and_go_on)
        self.save_as_button = self._button(self.tr("Save as…"), self.choose_target)
        self.folder_button = self._button(self.tr("Apply to a &folder…"), self._on_folder)
        self.apply_button = self._button(self.tr("A&pply to this file"), self._on_apply)
        self.apply_button.setProperty("primary", True)
        self.close_button = self._button(self.tr("&Close"), self.close)
        bottom = QHBoxLayout()
        for button in (self.open_button, self.save_button, self.save_as_button):
            bottom.addWidget(button)
        bottom.addStretch()
        for button in (self.close_button, self.folder_button, self.apply_button):
            bottom.addWidget(button)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(16, 14, 16, 14)
        layout.setSpacing(10)
        layout.addWidget(self.heading)
        layout.addWidget(self.explanation)
        layout.addWidget(self.splitter, 1)
        layout.addWidget(self.message)
        layout.addWidget(self.asked)
        layout.addLayout(bottom)
        shortcuts: tuple[tuple[QKeySequence.StandardKey, Callable[[], object]], ...] = (
            (QKeySequence.StandardKey.Save, self._save_and_go_on),
            (QKeySequence.StandardKey.SaveAs, self.choose_target),
            (QKeySequence.StandardKey.Open, self.choose_recipe),
            (QKeySequence.StandardKey.Undo, self.undo),
        )
        for keys, action in shortcuts:
            QShortcut(QKeySequence(keys), self).activated.connect(action)
        resize_within_screen(self, QSize(1120, 680))

    def _button(self, text: str, slot: Callable[[], object] | None = None) -> QPushButton:
        button = QPushButton(text)
        button.setAutoDefault(False)
        if slot is not None:
            button.clicked.connect(lambda _=False: slot())
        return button

    def _fill_menu(self) -> None:
        more = QMenu(self.tr("&More"), self.add_menu)
        for number, (kind, text) in enumerate(KINDS.items()):
            menu = self.add_menu if number < _USUAL else more
            action = menu.addAction(words_of(text))
            action.setData(kind)
            action.triggered.connect(lambda _=False, kind=kind: self.add_step(kind))
        self.add_menu.addMenu(more)

    # The recipe.

    @property
    def is_changed(self) -> bool:
        """Whether there is something that is not saved."""
        return self.draft != self._kept

    def show_draft(self, draft: Draft, path: str) -> None:
        """Shows another recipe, which is what `path` holds ("" for none)."""
        self.path = path
        self.draft = self._kept = draft
        self._before.clear()
        self._tried = []
        self._show_all(0)

    @property
    def written(self) -> Written:
        """What another window needs to show the same."""
        return Written(self.draft, self._kept, tuple(self._before), self.path, self.is_own, self.steps.current)

    def take_written(self, written: Written) -> None:
        """Shows what another window showed."""
        self.path, self.is_own = written.path, written.is_own and self.document is not None
        self.draft, self._kept, self._before = written.draft, written.saved, [*written.before]
        self._show_all(written.current)

    def let_document_go(self) -> None:
        """The file is being closed: the recipe stays as it is, and is tried on nothing."""
        if self.document is None:
            return
        name = os.path.basename(self.document.path)
        self._stop()
        self.document.changed.disconnect(self._on_document_changed)
        self.document = self._asked = self._applied = None
        self.is_own = False
        self.message.say(
            self.tr("“{name}” was closed. The recipe has changes that are not saved, so it stays here.").format(
                name=name
            ),
            "calm",
        )
        self._show_all(self.steps.current)

    def take_document(self, document: Document) -> None:
        """Tries the recipe on this file from now on."""
        self.document = document
        document.changed.connect(self._on_document_changed)
        self.message.say("", "calm")
        self._show_all(self.steps.current)

    def open_recipe(self, path: str) -> None:
        """Opens a recipe; a failure is told in place."""
        try:
            with open(path, encoding="utf-8") as file:
                draft = Draft.from_json(file.read(_MOST_CHARACTERS))
        except (OSError, UnicodeDecodeError) as error:
            self.message.say(self.tr("The recipe could not be read: {reason}").format(reason=error), "bad")
            return
        except EditError as error:
            self.message.say(worded_error(error), "bad")
            return
        settings().setValue(RECIPE_FOLDER, os.path.dirname(path))
        self.message.say("", "calm")
        self.is_own = False
        self.show_draft(draft, path)

    def choose_recipe(self) -> None:
        """Asks which recipe to open, and before that what becomes of the present one."""

        def ask() -> None:
            folder = os.path.dirname(self._place())
            dialog = QFileDialog(self, self.tr("Open a recipe"), folder, self.tr("Recipes (*.json)"))
            dialog.setFileMode(QFileDialog.FileMode.ExistingFile)
            dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
            dialog.fileSelected.connect(self.open_recipe)
            dialog.open()

        self._when_settled(ask)

    def save(self) -> bool:
        """Writes the recipe where it came from, or asks where to; whether it was written."""
        if not self.path:
            self.choose_target()
            return False
        return self.save_to(self.path)

    def choose_target(self) -> None:
        """Asks where to save."""
        dialog = QFileDialog(self, self.tr("Save the recipe"), self._place(), self.tr("Recipes (*.json)"))
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.setDefaultSuffix("json")
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.fileSelected.connect(self._on_target)
        dialog.open()

    def _on_target(self, path: str) -> None:
        if self.save_to(path):
            self._go_on()

    def save_to(self, path: str) -> bool:
        """Writes the recipe to `path`, whole or not at all; a failure is told in place."""
        temporary = f"{path}.partial"
        try:
            with open(temporary, "w", encoding="utf-8", errors="backslashreplace") as file:
                file.write(self.draft.to_json())
            os.replace(temporary, path)
        except OSError as error:
            words = self.tr("The recipe could not be written: {reason}")
            self.message.say(words.format(reason=error.strerror or str(error)), "bad")
            return False
        self.path = path
        self._kept = self.draft
        settings().setValue(RECIPE_FOLDER, os.path.dirname(path))
        self.message.say(self.tr("Recipe saved: {path}").format(path=path), "good")
        self._show_title()
        self.saved.emit(path)
        return True

    def _place(self) -> str:
        return self.path or suggested_recipe(self.document)

    # Changing it.

    def set_steps(self, steps: Sequence[Step], current: int) -> None:
        """Makes these the steps, as one change that can be undone, and chooses one of them."""
        self._change(steps)
        self._show_all(current)

    def _change(self, steps: Sequence[Step]) -> None:
        self._before.append(self.draft)
        self.draft = Draft(tuple(steps), self.draft.rest)

    def undo(self) -> None:
        """Takes the last change of the recipe back."""
        if self._before:
            self.draft = self._before.pop()
            self._show_all(self.steps.current)

    def add_step(self, kind: str) -> None:
        """Adds a step of this kind after the chosen one."""
        place = self.steps.current + 1
        steps = [*self.draft.steps]
        steps.insert(place, empty_step(kind))
        self.set_steps(steps, place)
        self.fields.begin()

    def remove_step(self) -> None:
        """Takes the chosen step out."""
        place = self.steps.current
        if place >= 0:
            steps = [step for number, step in enumerate(self.draft.steps) if number != place]
            self.set_steps(steps, min(place, len(steps) - 1))

    def move_step(self, by: int) -> None:
        """Moves the chosen step up (-1) or down (1)."""
        place = self.steps.current
        if place >= 0 and 0 <= place + by < len(self.draft.steps):
            steps = [*self.draft.steps]
            steps[place], steps[place + by] = steps[place + by], steps[place]
            self.set_steps(steps, place + by)

    def _on_moved(self, order: list[int]) -> None:
        chosen = self.steps.current
        self.set_steps([self.draft.steps[number] for number in order], chosen)

    def _on_switched(self, place: int, on: bool) -> None:
        steps = [*self.draft.steps]
        steps[place] = switched(steps[place], on)
        self.set_steps(steps, place)

    def _on_edited(self) -> None:
        place = self.steps.current
        if place < 0:
            return
        steps = [*self.draft.steps]
        if steps[place] != self.fields.step:
            steps[place] = self.fields.step
            self._change(steps)
        self._drop_answered()
        self._show_lines()
        self._show_title()
        self._try_soon()

    # Showing it.

    def _show_all(self, current: int) -> None:
        self._tried = []
        self._drop_answered()
        self._show_lines()
        self.steps.blockSignals(True)
        self.steps.choose(current)
        self.steps.blockSignals(False)
        self._show_step()
        self._show_title()
        self._try_soon()

    def _show_title(self) -> None:
        name = os.path.basename(self.path) if self.path else self.tr("New recipe")
        if self.is_own and not self.path and self.document is not None:
            name = self.tr("Changes of {name}").format(name=os.path.basename(self.document.path))
        self.setWindowTitle(self.tr("{name}[*] – Recipe").format(name=name))
        self.setWindowModified(self.is_changed)
        self.heading.setText(name)
        count = len(self.draft.steps)
        off = sum(not is_on(step) for step in self.draft.steps)
        words = [counted(count, self.tr("1 step"), self.tr("{count} steps"))]
        if off:
            words.append(counted(off, self.tr("1 switched off"), self.tr("{count} switched off")))
        if self._applied is not None and self.document is not None:
            words.append(self.tr("applied to {name}").format(name=os.path.basename(self.document.path)))
        elif self.document is not None and count:
            words.append(self.tr("tried on {name}").format(name=os.path.basename(self.document.path)))
        elif self.document is None:
            words.append(self.tr("open a checkpoint to see what each step does to it"))
        self.explanation.setText(" · ".join(words))
        self.apply_button.setText(self.tr("Re&place the changes") if self.is_own else self.tr("A&pply to this file"))
        self.apply_button.setToolTip(
            self.tr("These steps take the place of the changes made to the open file.") if self.is_own else ""
        )
        if self._applied is not None:
            self.apply_button.setToolTip(self.tr("These steps are applied. Undo takes them back."))
        self.apply_button.setEnabled(self.document is not None and bool(count) and self._applied is None)
        self.folder_button.setEnabled(bool(count))
        self.save_button.setEnabled(self.is_changed or not self.path)

    def _show_readiness(self) -> None:
        """Recommends applying the steps, unless one of them was seen to fail: then none of them is made."""
        ready = not any(found.error is not None for found in self._tried)
        if self.apply_button.property("primary") != ready:
            self.apply_button.setProperty("primary", ready)
            self.apply_button.style().unpolish(self.apply_button)
            self.apply_button.style().polish(self.apply_button)

    def _show_lines(self) -> None:
        self._show_readiness()
        lines = []
        for number, step in enumerate(self.draft.steps):
            outcome, tone = self._outcome(number)
            lines.append(StepLine(self._words(step), is_on(step), outcome.split("\n")[0], tone))
        self.steps.show_lines(lines)

    def _words(self, step: Step) -> str:
        kind = str(step.get("edit", ""))
        try:
            return worded(edit_of(step).describe())
        except EditError:
            if kind in KINDS:
                return self.tr("{step} (not complete)").format(step=words_of(KINDS[kind]))
            return self.tr("Unknown step “{kind}”").format(kind=kind)

    def _outcome(self, place: int) -> tuple[str, str]:
        """What a step does to the open file, and the tone of that."""
        if place >= len(self._tried):
            return "", ""
        found = self._tried[place]
        if found.is_off:
            return self.tr("switched off"), ""
        if found.error is not None:
            return worded_error(found.error), "bad"
        if found.waits:
            one = self.tr("1 tensor is made by the model's code when it is applied")
            many = self.tr("{count} tensors are made by the model's code when it is applied")
            return counted(found.waits, one, many), "calm"
        if found.change is None:
            return "", ""
        change, told = found.change, []
        for count, one, many in (
            (len(change.renamed), self.tr("1 renamed"), self.tr("{count} renamed")),
            (len(change.removed), self.tr("1 removed"), self.tr("{count} removed")),
            (len(change.added), self.tr("1 added"), self.tr("{count} added")),
            (len(change.revised), self.tr("1 converted"), self.tr("{count} converted")),
        ):
            if count:
                told.append(counted(count, one, many))
        if change.others and not told:
            told.append(self.tr("changes what is not weights"))
        text = ", ".join(told) or self.tr("changes nothing")
        if not found.remarks:
            return text, "good" if told else "caution"
        return "\n".join([text, *map(worded, found.remarks)]), "caution"

    def _show_step(self) -> None:
        place = self.steps.current
        chosen = 0 <= place < len(self.draft.steps)
        self.remove_button.setEnabled(chosen)
        self.up_button.setEnabled(chosen and place > 0)
        self.down_button.setEnabled(chosen and place < len(self.draft.steps) - 1)
        if chosen:
            kind = str(self.draft.steps[place].get("edit", ""))
            self.step_title.setText(words_of(KINDS[kind]) if kind in KINDS else kind)
            self.fields.show_step(self.draft.steps[place])
        else:
            self.step_title.setText(self.tr("A recipe is a list of changes that can be made to many checkpoints."))
            self.fields.show_step(None)
        self._show_outcome()

    def _show_outcome(self) -> None:
        place = self.steps.current
        text, tone = self._outcome(place) if place >= 0 else ("", "")
        if self.fields.problem:
            text, tone = self.fields.problem, "bad"
        self.outcome.say(text, tone or "calm")
        pairs = self._tried[place].pairs if 0 <= place < len(self._tried) else ()
        self.preview.set_pairs(pairs)
        self.preview.setVisible(bool(pairs))

    # Trying it.

    def _on_document_changed(self, *_: object) -> None:
        # While they are applied, what the steps do is what they did.
        if self.document is None or self._asked is not None or self.document.checkpoint is self._applied:
            return
        self._try_soon()

    def _try_soon(self) -> None:
        if self._applied is not None:
            self._applied = None
            self._show_title()
        if self._task is not None:
            self._task.cancel()
            self._task = None
        self._pause.start()

    def _try(self) -> None:
        steps = self.draft.steps
        checkpoint = self.document.checkpoint if self.document is not None else None
        if self.document is not None and self.is_own:
            # They are made already: what they do is seen on the file as it was opened.
            checkpoint = self.document.history.opened

        def work(progress: Progress) -> list[Tried]:
            return tried(steps, checkpoint, progress)

        task = run_task(self, work, label=self.tr("Trying the recipe"))
        self._task = task
        task.succeeded.connect(lambda found: self._on_tried(task, found))

    def _on_tried(self, task: Task, found: list[Tried]) -> None:
        if task is not self._task:
            return
        self._task = None
        self._tried = found
        self._show_lines()
        self._show_outcome()

    # Using it.

    def _recipe(self) -> Recipe | None:
        try:
            return self.draft.recipe()
        except EditError as error:
            self.message.say(worded_error(error), "bad")
            return None

    def _on_apply(self) -> None:
        recipe = self._recipe()
        if recipe is None:
            return
        self.message.say("", "calm")
        if self.document is not None:
            self._asked = self.document.checkpoint
        name = os.path.basename(self.path) if self.path else self.tr("the recipe")
        self.apply_wanted.emit(recipe.edits, name, self.is_own)

    def show_told(self, text: str, tone: str, applied: bool) -> None:
        """Shows how applying goes; `applied`: it is done, and what the steps did stays shown."""
        if self._asked is None or self.document is None:
            return
        self.message.say(text, tone)
        if tone == "calm" and not applied:
            # It goes on.
            return
        self._asked = None
        if applied:
            self._stop()
            history = self.document.history
            self._applied = history.revisions[-1].checkpoint if history.revisions else None
        else:
            self._try_soon()
        self._show_title()

    def _on_folder(self) -> None:
        if self._recipe() is None:
            return
        if self.is_changed or not self.path:
            self._ask(self.tr("To change the files of a folder, the recipe must be saved first."), self._on_folder)
            return
        self.folder_wanted.emit(self.path)

    # Leaving it.

    def ask_about_changes(self, then: Callable[[], object]) -> None:
        """Comes to the front and asks what becomes of the changes, then goes on; at once when there are none."""
        if self.is_changed:
            self.setWindowState(self.windowState() & ~Qt.WindowState.WindowMinimized)
            self.raise_()
            self.activateWindow()
        self._when_settled(then)

    def drop(self) -> None:
        """Closes without a question."""
        self._kept = self.draft
        self.close()

    def _when_settled(self, act: Callable[[], object]) -> None:
        """Acts at once, or once it is said what becomes of the changes."""
        if not self.is_changed:
            self._stay()
            act()
            return
        self._ask(self.tr("The recipe has changes that are not saved."), act)

    def _ask(self, question: str, act: Callable[[], object]) -> None:
        """Asks before acting; a question that was not answered gives way."""
        self._leaving = act
        needs_file = act == self._on_folder
        self.leave_button.setHidden(needs_file)
        self.asked.say(question, "calm" if needs_file else "caution")

    def _drop_answered(self) -> None:
        """Takes a question away that the recipe of now no longer asks: it is as it was saved."""
        if not self.is_changed and (self.path or self._leaving != self._on_folder):
            self._stay()

    def _save_and_go_on(self) -> None:
        if self.save():
            self._go_on()

    def _go_on(self) -> None:
        act, self._leaving = self._leaving, None
        self.asked.hide()
        if act is not None:
            act()

    def _leave(self) -> None:
        self._kept = self.draft
        self._go_on()

    def _stay(self) -> None:
        self._leaving = None
        self.asked.hide()

    def _stop(self) -> None:
        self._pause.stop()
        if self._task is not None:
            self._task.cancel()
            self._task = None

    # Qt's side

    def reject(self) -> None:
        # Escape closes as the button does.
        self.close()

    def closeEvent(self, event: QCloseEvent) -> None:
        if self.is_changed:
            event.ignore()
            self._when_settled(self.close)
            return
        self._stop()
        # Not QDialog's own, which would ask `reject` again.
        event.accept()
        self.closed.emit()
