"""Chooses the model to compare with: torchvision's by name, the user's own from code, or another checkpoint."""

from __future__ import annotations

import os

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import (
    QHBoxLayout,
    QListWidget,
    QListWidgetItem,
    QProgressBar,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from ckpt_studio.core.checkpoint import Checkpoint
from ckpt_studio.core.jobs import Progress, Step
from ckpt_studio.errors import ModelError, StudioError
from ckpt_studio.gui.dialogs.ask_dialog import AskDialog, roomy
from ckpt_studio.gui.dialogs.model_pages import CheckpointPage, FilePage, InstalledPage, ModelPage, TorchvisionPage
from ckpt_studio.gui.document import Document
from ckpt_studio.gui.model_resolving import fitting_model, recent_models, remember_model, resolve_in_task
from ckpt_studio.gui.tasks import Task
from ckpt_studio.gui.wording import worded, worded_error
from ckpt_studio.models.reference import (
    CheckpointReference,
    FileReference,
    ImportReference,
    Reference,
    TorchvisionReference,
    parse_reference,
)
from ckpt_studio.models.resolve import Hosts, ResolvedModel
from ckpt_studio.models.trust import Trust

_KEY = int(Qt.ItemDataRole.UserRole)


def _open(path: str, progress: Progress) -> Checkpoint:
    from ckpt_studio.formats.opening import open_checkpoint

    return open_checkpoint(path, progress)


class RecentPage(ModelPage):
    """The models compared with last."""

    def __init__(self, references: list[str], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.models = QListWidget()
        self.models.setAccessibleName(self.tr("Models used last"))
        self.models.setTextElideMode(Qt.TextElideMode.ElideMiddle)
        roomy(self.models)
        for text in references:
            item = QListWidgetItem(_readable(text))
            item.setData(_KEY, text)
            item.setToolTip(text)
            self.models.addItem(item)
        self.models.itemSelectionChanged.connect(self.edited)
        self.models.itemDoubleClicked.connect(lambda _: self.chosen.emit())
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.models)

    def choose(self, text: str) -> None:
        """Chooses the model of a reference."""
        for row in range(self.models.count()):
            if self.models.item(row).data(_KEY) == text:
                self.models.setCurrentRow(row)

    def entered(self) -> None:
        self.models.setFocus()

    def reference(self) -> Reference | str:
        # The focus makes a row the current one, which nobody has chosen by that.
        chosen = self.models.selectedItems()
        if not chosen:
            return self.tr("Choose a model from the list.")
        try:
            return parse_reference(chosen[0].data(_KEY))
        except ModelError as error:
            return worded_error(error)


class ChooseModelDialog(AskDialog):
    """Asks for a model, builds it while one can still cancel, and gives it to the document.

    Signals:
        chosen(ResolvedModel): the document compares with it now.
    """

    chosen = Signal(object)

    def __init__(
        self,
        document: Document,
        page: str = "",
        parent: QWidget | None = None,
        *,
        hosts: Hosts | None = None,
        trusted: Trust | None = None,
        recognised: str = "",
    ) -> None:
        """Begins at the likeliest model.

        Args:
            document: whose model it will be.
            page: to begin at: "torchvision", "file", "module", "checkpoint"; "" for the likeliest.
            parent: the window.
            hosts: where worker processes live on.
            trusted: what code may run; None: the user's own list.
            recognised: the reference of the architecture that the file was recognised as.
        """
        super().__init__(parent)
        self.document = document
        self._hosts = hosts
        self._trusted = trusted
        self._task: Task | None = None
        self.ask(
            self.tr("Compare with a model"),
            self.tr("Which model should this file load into?"),
            self.tr("No weights are downloaded and none are kept in memory: only names and shapes are looked at."),
        )
        self.kinds = QListWidget()
        self.kinds.setAccessibleName(self.tr("Where the model comes from"))
        roomy(self.kinds)
        self.stack = QStackedWidget()
        self.pages: dict[str, ModelPage] = {}
        state_dict = document.state_dict
        recent = recent_models()
        fitting = fitting_model(state_dict.entries) if recent and state_dict is not None else ""
        if recent:
            used = RecentPage(recent)
            used.choose(fitting or recognised)
            self._add("recent", self.tr("Used last"), used)
        self._add("torchvision", self.tr("torchvision"), TorchvisionPage(state_dict))
        self._add("file", self.tr("From a Python file"), FilePage(state_dict))
        self._add("module", self.tr("Installed module"), InstalledPage())
        self._add("checkpoint", self.tr("Another checkpoint"), CheckpointPage(_open))
        width = max(
            self.fontMetrics().horizontalAdvance(self.kinds.item(row).text()) for row in range(self.kinds.count())
        )
        self.kinds.setFixedWidth(width + 36)
        columns = QHBoxLayout()
        columns.setSpacing(16)
        columns.addWidget(self.kinds)
        columns.addWidget(self.stack, 1)
        self.body.addLayout(columns, 1)
        self.bar = QProgressBar()
        self.bar.setRange(0, 0)
        self.bar.setTextVisible(False)
        self.bar.setAccessibleName(self.tr("Building the model"))
        self.bar.hide()
        self.body.addWidget(self.bar)
        self.kinds.currentRowChanged.connect(self._on_kind)
        self.finished.connect(self._stop)
        self.resize(780, 560)
        self._folder(os.path.dirname(os.path.abspath(document.path)))
        likely = self._fill(parse_reference(recognised)) if recognised else ""
        present = self._fill(document.resolved.reference) if document.resolved is not None else ""
        usual = "recent" if recent else "torchvision"
        self.turn_to(page or present or ("recent" if fitting else likely or usual))

    def _add(self, key: str, words: str, page: ModelPage) -> None:
        item = QListWidgetItem(words)
        item.setData(_KEY, key)
        self.kinds.addItem(item)
        self.stack.addWidget(page)
        self.pages[key] = page
        page.edited.connect(lambda: self._refresh() if page is self.page else None)
        page.chosen.connect(self.accept)

    def turn_to(self, key: str) -> None:
        """Shows one of the pages."""
        for row in range(self.kinds.count()):
            if self.kinds.item(row).data(_KEY) == key:
                self.kinds.setCurrentRow(row)

    def _folder(self, folder: str) -> None:
        """Where looking for files begins."""
        for page in self.pages.values():
            page.folder = folder

    def _fill(self, reference: Reference) -> str:
        """Answers one page with this model; which one, or "" when none can."""
        if isinstance(reference, TorchvisionReference):
            page = self.pages["torchvision"]
            assert isinstance(page, TorchvisionPage)
            page.choose(reference.name)
            page.arguments.fill(reference.args, reference.kwargs)
            return "torchvision"
        if isinstance(reference, FileReference):
            file_page = self.pages["file"]
            assert isinstance(file_page, FilePage)
            file_page.path.setText(reference.path)
            file_page.choose(reference.qualname)
            file_page.arguments.fill(reference.args, reference.kwargs)
            return "file"
        if isinstance(reference, ImportReference):
            installed = self.pages["module"]
            assert isinstance(installed, InstalledPage)
            installed.call.setText(str(reference))
            return "module"
        if isinstance(reference, CheckpointReference):
            other = self.pages["checkpoint"]
            assert isinstance(other, CheckpointPage)
            other.path.setText(reference.path)
            return "checkpoint"
        return ""

    def look_at(self, path: str) -> None:
        """Shows the classes of a Python file."""
        page = self.pages["file"]
        assert isinstance(page, FilePage)
        self.turn_to("file")
        page.path.setText(path)

    @property
    def page(self) -> ModelPage:
        """The page that is shown."""
        page = self.stack.currentWidget()
        assert isinstance(page, ModelPage)
        return page

    def _on_kind(self, row: int) -> None:
        by_keys = self.kinds.hasFocus() and not QGuiApplication.mouseButtons()
        self.stack.setCurrentIndex(row)
        self.page.entered()
        if by_keys:
            # The next press goes on in the list.
            self.kinds.setFocus()
        self._refresh()

    def _refresh(self) -> None:
        if self._task is not None:
            return
        reference = self.page.reference()
        self.hide_details()
        if isinstance(reference, str):
            self.message.say(reference, "calm")
            self.set_primary(self.tr("Compare"), False, reference)
            return
        self.message.say("", "calm")
        self.set_primary(self.tr("Compare with {model}").format(model=_short(reference)), True)

    def accept(self) -> None:
        reference = self.page.reference()
        if self._task is not None or isinstance(reference, str):
            return
        self._building(True)
        self.message.say(self.tr("Building the model…"), "calm")
        task = resolve_in_task(
            self,
            reference,
            self.page.interpreter(),
            hosts=self._hosts,
            trusted=self._trusted,
            label=self.tr("Building the model"),
            waiting=self._on_waiting,
        )
        self._task = task
        task.progressed.connect(self._on_progress)
        task.succeeded.connect(lambda resolved: self._on_resolved(task, resolved))
        task.failed.connect(lambda error: self._on_failed(task, error))
        task.cancelled.connect(lambda: self._on_cancelled(task))
        task.finished.connect(lambda: self._on_over(task))

    def _building(self, on: bool) -> None:
        self.bar.setVisible(on)
        self.kinds.setEnabled(not on)
        self.stack.setEnabled(not on)
        if on:
            self.set_primary(self.primary.text(), False, self.tr("Building the model…"))

    def _on_waiting(self, asked: bool) -> None:
        """Nothing is built, and nothing moves, while the question is open."""
        self.bar.setRange(0, 1 if asked else 0)
        if asked:
            self.message.say(self.tr("Nothing runs before you answer."), "calm")
        elif self._task is not None:
            self.message.say(self.tr("Building the model…"), "calm")

    def _on_progress(self, step: Step) -> None:
        if self._task is not None and step.label is not None:
            self.message.say(worded(step.label), "calm")

    def _on_resolved(self, task: Task, resolved: ResolvedModel) -> None:
        if task is not self._task:
            resolved.close()
            return
        self._task = None
        remember_model(resolved)
        self.document.set_model(resolved)
        self.chosen.emit(resolved)
        super().accept()

    def _on_failed(self, task: Task, error: StudioError) -> None:
        if task is self._task:
            self._task = None
            self._building(False)
            self._refresh()
            self.message.say(worded_error(error), "bad")
            self.show_details(error.details)

    def _on_cancelled(self, task: Task) -> None:
        if task is self._task:
            self._task = None
            self._building(False)
            self._refresh()

    def _on_over(self, task: Task) -> None:
        # Still current only after an unexpected exception, which has its own window.
        self._on_cancelled(task)

    def reject(self) -> None:
        if self._task is not None:
            self._task.cancel()
            return
        super().reject()

    def _stop(self) -> None:
        for page in self.pages.values():
            page.stop()
        if self._task is not None:
            task, self._task = self._task, None
            task.cancel()


def _short(reference: Reference) -> str:
    text = str(reference).removeprefix("torchvision:")
    if isinstance(reference, CheckpointReference):
        text = reference.path.replace("\\", "/").rpartition("/")[2]
    elif ".py:" in text:
        text = text.rpartition(".py:")[2]
    return text if len(text) <= 48 else text[:47] + "…"


def _readable(text: str) -> str:
    """A reference as people say it: the model, then where it is from."""
    try:
        reference = parse_reference(text)
    except ModelError:
        return text
    if isinstance(reference, CheckpointReference):
        return "  ·  ".join(part for part in (os.path.basename(reference.path), reference.state_dict) if part)
    if isinstance(reference, TorchvisionReference):
        return f"{text.removeprefix('torchvision:').removesuffix('()')}  ·  torchvision"
    if isinstance(reference, FileReference):
        return f"{text.removeprefix(reference.path + ':')}  ·  {os.path.basename(reference.path)}"
    return f"{text.removeprefix(reference.module + ':')}  ·  {reference.module}"


__all__ = ["ChooseModelDialog", "RecentPage"]
