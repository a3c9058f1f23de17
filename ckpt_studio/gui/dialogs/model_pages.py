"""The ways to say which model to compare with, one page each."""

from __future__ import annotations

import os
from collections.abc import Callable

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import (
    QComboBox,
    QFileDialog,
    QFormLayout,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QListWidget,
    QListWidgetItem,
    QPushButton,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from ckpt_studio.core.checkpoint import Checkpoint, StateDict
from ckpt_studio.core.jobs import Progress
from ckpt_studio.errors import ModelError, StudioError
from ckpt_studio.gui.dialogs.arguments_form import ArgumentsForm, parameters_of
from ckpt_studio.gui.dialogs.ask_dialog import counted, muted, roomy
from ckpt_studio.gui.fields import make_clearable
from ckpt_studio.gui.figures import exact_text
from ckpt_studio.gui.tasks import Task, run_task
from ckpt_studio.gui.wording import worded_error
from ckpt_studio.models.catalog import Catalog
from ckpt_studio.models.interpreters import Interpreter, Interpreters
from ckpt_studio.models.nearby import likeliest_class
from ckpt_studio.models.reference import (
    CheckpointReference,
    FileReference,
    ImportReference,
    Reference,
    TorchvisionReference,
    parse_reference,
)
from ckpt_studio.models.source_scan import Candidate, scan

_DATA = int(Qt.ItemDataRole.UserRole)


def head_outputs(state_dict: StateDict | None) -> int | None:
    """How many outputs the last layer has, when the file ends as a classifier does: a matrix and its bias."""
    if state_dict is None:
        return None
    tensors = state_dict.tensors
    for name in reversed(tensors):
        shape = tensors[name].shape
        if len(shape) == 2 and name.endswith(".weight"):
            bias = tensors.get(name.removesuffix("weight") + "bias")
            return shape[0] if bias is not None and bias.shape == shape[:1] else None
    return None


class ModelPage(QWidget):
    """One way to name a model. Emits `edited` when the answer changes, `chosen` when it is final (double click)."""

    edited = Signal()
    chosen = Signal()
    # Where looking for files begins: the folder of the checkpoint.
    folder = ""

    def reference(self) -> Reference | str:
        """The model, or in words what is still to be answered."""
        raise NotImplementedError

    def interpreter(self) -> str | None:
        """The Python that its code is to run in; None for the usual one."""
        return None

    def entered(self) -> None:
        """The page was turned to: puts the focus where one begins, starts what it needs."""

    def stop(self) -> None:
        """The dialog closes: ends what runs."""


class TorchvisionPage(ModelPage):
    """A searchable list of torchvision's models beside the form of the chosen one's arguments."""

    def __init__(self, state_dict: StateDict | None, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._classes = head_outputs(state_dict)
        self._catalog = Catalog.load()
        self.search = QLineEdit()
        self.search.setPlaceholderText(self.tr("Search, for example: resnet"))
        self.search.setAccessibleName(self.tr("Search models"))
        make_clearable(self.search)
        self.search.textChanged.connect(self._on_search)
        self.search.installEventFilter(self)
        self.models = QListWidget()
        self.models.setAccessibleName(self.tr("torchvision models"))
        roomy(self.models)
        for name in self._catalog.names():
            self.models.addItem(name)
        self.models.currentItemChanged.connect(self._on_model)
        self.models.itemDoubleClicked.connect(lambda _: self.chosen.emit())
        self.arguments = ArgumentsForm()
        self.arguments.comes_after = self.models
        self.arguments.edited.connect(self.edited)
        left = QVBoxLayout()
        left.addWidget(self.search)
        left.addWidget(self.models, 1)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(16)
        layout.addLayout(left, 1)
        layout.addWidget(_scrolled(self.arguments), 1)
        self.models.setCurrentRow(-1)

    def choose(self, name: str) -> None:
        """Chooses a model."""
        found = self.models.findItems(name, Qt.MatchFlag.MatchExactly)
        if found:
            self.search.clear()
            self.models.setCurrentItem(found[0])
            self.models.scrollToItem(found[0])

    def _on_search(self, text: str) -> None:
        words = text.lower().replace("-", "_").split()
        current = self.models.currentItem()
        kept = current.text() if current is not None else ""
        names = [name for name in self._catalog.names() if all(word in name for word in words)]
        self.models.blockSignals(True)
        self.models.clear()
        self.models.addItems(names)
        self.models.blockSignals(False)
        exact = "_".join(words)
        wanted = exact if exact in names else kept if kept in names else names[0] if names and words else ""
        if wanted:
            self.models.setCurrentRow(names.index(wanted))
        if wanted != kept:
            self._on_model(self.models.currentItem())

    def _on_model(self, item: QListWidgetItem | None) -> None:
        parameters = parameters_of(self._catalog.signature(item.text())) if item is not None else ()
        self.arguments.set_parameters(parameters, self._classes)
        self.edited.emit()

    def entered(self) -> None:
        self.search.setFocus()

    def reference(self) -> Reference | str:
        item = self.models.currentItem()
        if item is None:
            return self.tr("Choose a model from the list.")
        arguments = self.arguments.arguments()
        if isinstance(arguments, str):
            return arguments
        return TorchvisionReference(item.text(), *arguments)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        # The arrow keys walk the list while one types.
        if watched is self.search and isinstance(event, QKeyEvent) and event.type() == QEvent.Type.KeyPress:
            step = {Qt.Key.Key_Down: 1, Qt.Key.Key_Up: -1}.get(Qt.Key(event.key()))
            if step is not None:
                row = self.models.currentRow() + step
                if 0 <= row < self.models.count():
                    self.models.setCurrentRow(row)
                return True
        return super().eventFilter(watched, event)


class InterpreterChoice(QWidget):
    """Which Python runs the model's code: the usual one, one that was found, or any other."""

    edited = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._task: Task | None = None
        self._asked = False
        self.box = QComboBox()
        self.box.setAccessibleName(self.tr("Python that runs the code"))
        self.box.addItem(self.tr("Automatic: the first Python with PyTorch"), None)
        self.box.currentIndexChanged.connect(self.edited)
        self.browse = QPushButton(self.tr("O&ther…"))
        self.browse.setToolTip(self.tr("Choose the python program of an environment that has your packages"))
        self.browse.setAutoDefault(False)
        self.browse.clicked.connect(self._on_browse)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.box, 1)
        layout.addWidget(self.browse)

    def look_around(self, near: str = "") -> None:
        """Finds the Pythons of this computer, once; the list fills when they have answered."""
        if self._asked:
            return
        self._asked = True

        def find(progress: Progress) -> tuple[Interpreter, ...]:
            return Interpreters().find([near] if near else [], progress)

        self._task = run_task(self, find, label=self.tr("Looking for Pythons"))
        self._task.succeeded.connect(self._on_found)

    def _on_found(self, found: tuple[Interpreter, ...]) -> None:
        self._task = None
        for interpreter in found:
            version = ".".join(map(str, interpreter.version))
            if interpreter.can_host:
                packages = ", ".join(f"{name} {number}" for name, number in interpreter.packages.items())
                text = self.tr("Python {version} with {packages}").format(version=version, packages=packages)
            else:
                text = self.tr("Python {version}, without PyTorch").format(version=version)
            self.box.addItem(text, interpreter.path)
            self.box.setItemData(self.box.count() - 1, interpreter.path, Qt.ItemDataRole.ToolTipRole)

    def _on_browse(self) -> None:
        dialog = QFileDialog(self, self.tr("Choose a Python"))
        dialog.setFileMode(QFileDialog.FileMode.ExistingFile)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.fileSelected.connect(self.choose)
        dialog.open()

    def choose(self, path: str) -> None:
        """Adds a Python and chooses it."""
        self.box.addItem(path, path)
        self.box.setCurrentIndex(self.box.count() - 1)

    def path(self) -> str | None:
        """Of the chosen Python; None for automatic."""
        data = self.box.currentData()
        return data if isinstance(data, str) else None

    def stop(self) -> None:
        """Ends the search."""
        if self._task is not None:
            self._task.cancel()
            self._task = None


class FilePage(ModelPage):
    """A Python file; its classes and factories are listed by reading the file, not by running it."""

    def __init__(self, state_dict: StateDict | None, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._classes = head_outputs(state_dict)
        self._names = tuple(state_dict.tensors) if state_dict is not None else ()
        self._problem = ""
        self.path = QLineEdit()
        self.path.setAccessibleName(self.tr("Python file"))
        self.path.setPlaceholderText(self.tr("the .py file that defines the model"))
        self.path.textChanged.connect(self._on_path)
        self.browse = QPushButton(self.tr("&Browse…"))
        self.browse.setAutoDefault(False)
        self.browse.clicked.connect(self._on_browse)
        self.candidates = QListWidget()
        self.candidates.setAccessibleName(self.tr("Classes and functions in the file"))
        roomy(self.candidates)
        self.candidates.currentItemChanged.connect(self._on_candidate)
        self.candidates.itemDoubleClicked.connect(lambda _: self.chosen.emit())
        self.arguments = ArgumentsForm()
        self.arguments.comes_after = self.candidates
        self.arguments.edited.connect(self.edited)
        self.python = InterpreterChoice()
        row = QHBoxLayout()
        row.addWidget(self.path, 1)
        row.addWidget(self.browse)
        middle = QHBoxLayout()
        middle.setSpacing(16)
        middle.addWidget(self.candidates, 1)
        middle.addWidget(_scrolled(self.arguments), 1)
        form = QFormLayout()
        form.addRow(self.tr("Run with"), self.python)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addLayout(row)
        layout.addLayout(middle, 1)
        layout.addLayout(form)

    def _on_browse(self) -> None:
        dialog = QFileDialog(
            self, self.tr("Choose a Python file"), _begin(self.path, self.folder), self.tr("Python files (*.py)")
        )
        dialog.setFileMode(QFileDialog.FileMode.ExistingFile)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.fileSelected.connect(self.path.setText)
        dialog.open()

    def _on_path(self, text: str) -> None:
        self.candidates.clear()
        self.arguments.set_parameters(())
        self._problem = ""
        path = os.path.expanduser(text.strip())
        if os.path.isfile(path):
            try:
                found = scan(path)
            except ModelError as error:
                found = []
                self._problem = worded_error(error)
            else:
                if not found:
                    self._problem = self.tr("No class or function of this file looks like a model.")
            for candidate in found:
                sort = self.tr("class") if candidate.kind == "class" else self.tr("function")
                item = QListWidgetItem(f"{candidate.qualname}{candidate.signature}")
                item.setToolTip(
                    self.tr("{sort} {name}, line {line}").format(
                        sort=sort, name=candidate.qualname, line=exact_text(candidate.line)
                    )
                    + (f"\n{candidate.summary}" if candidate.summary else "")
                )
                item.setData(_DATA, candidate)
                self.candidates.addItem(item)
            if found:
                _, likeliest = likeliest_class(path, found, self._names)
                self.candidates.setCurrentRow(found.index(likeliest) if likeliest is not None else 0)
            self.python.look_around(path)
        elif path:
            self._problem = self.tr("There is no file “{path}”.").format(path=path)
        self.edited.emit()

    def choose(self, qualname: str) -> None:
        """Chooses a class or function of the file."""
        for row in range(self.candidates.count()):
            if self.candidates.item(row).data(_DATA).qualname == qualname:
                self.candidates.setCurrentRow(row)

    def _on_candidate(self, item: QListWidgetItem | None) -> None:
        if item is not None:
            candidate: Candidate = item.data(_DATA)
            self.arguments.set_parameters(candidate.parameters, self._classes)
        self.edited.emit()

    def entered(self) -> None:
        self.path.setFocus()
        self.python.look_around()

    def interpreter(self) -> str | None:
        return self.python.path()

    def reference(self) -> Reference | str:
        item = self.candidates.currentItem()
        if self._problem:
            return self._problem
        if item is None:
            return self.tr("Choose the Python file that defines the model. Its code is read, not run, for the list.")
        arguments = self.arguments.arguments()
        if isinstance(arguments, str):
            return arguments
        candidate: Candidate = item.data(_DATA)
        return FileReference(
            os.path.abspath(os.path.expanduser(self.path.text().strip())), candidate.qualname, *arguments
        )

    def stop(self) -> None:
        self.python.stop()


class InstalledPage(ModelPage):
    """A class or function of an installed package, written as Python would call it."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.call = QLineEdit()
        self.call.setAccessibleName(self.tr("Model of an installed package"))
        self.call.setPlaceholderText("timm:create_model('resnet34', num_classes=10)")
        self.call.textChanged.connect(self.edited)
        self.python = InterpreterChoice()
        form = QFormLayout()
        form.addRow(self.tr("Model"), self.call)
        form.addRow(
            "",
            muted(
                QLabel(
                    self.tr(
                        "The package, a colon, then the class or function with its arguments. Examples:\n"
                        "timm:create_model('vit_base_patch16_224', num_classes=10)\n"
                        "torchvision.models.video:r3d_18()\n"
                        "mypackage.models:Net(depth=3)"
                    )
                )
            ),
        )
        form.addRow(self.tr("Run with"), self.python)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addLayout(form)
        layout.addStretch()

    def entered(self) -> None:
        self.call.setFocus()
        self.python.look_around()

    def interpreter(self) -> str | None:
        return self.python.path()

    def reference(self) -> Reference | str:
        text = self.call.text().strip()
        if not text:
            return self.tr("Type the model as Python would call it.")
        try:
            reference = parse_reference(text)
        except ModelError as error:
            return worded_error(error)
        if not isinstance(reference, ImportReference | TorchvisionReference):
            return self.tr("Write it as package:Class(arguments), for example timm:create_model('resnet34').")
        return reference

    def stop(self) -> None:
        self.python.stop()


class CheckpointPage(ModelPage):
    """Another checkpoint whose names are the right ones; which state dict, when it holds several."""

    def __init__(self, opener: Callable[[str, Progress], Checkpoint], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._opener = opener
        self._task: Task | None = None
        self._problem = self.tr("Choose the file to compare with.")
        self.path = QLineEdit()
        self.path.setAccessibleName(self.tr("Checkpoint file"))
        self.path.setPlaceholderText(self.tr("a file that is known to load into the model"))
        self.path.textChanged.connect(self._on_path)
        self.browse = QPushButton(self.tr("&Browse…"))
        self.browse.setAutoDefault(False)
        self.browse.clicked.connect(self._on_browse)
        self.state_dicts = QComboBox()
        self.state_dicts.setAccessibleName(self.tr("Weights inside the file"))
        self.state_dicts.setEnabled(False)
        self.state_dicts.currentIndexChanged.connect(self.edited)
        row = QHBoxLayout()
        row.addWidget(self.path, 1)
        row.addWidget(self.browse)
        form = QFormLayout()
        form.addRow(self.tr("File"), row)
        form.addRow(self.tr("Weights"), self.state_dicts)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addLayout(form)
        layout.addWidget(
            muted(
                QLabel(
                    self.tr(
                        "The other file plays the model: its names and shapes are the expected ones."
                        " Nothing is taken from it and no code of it is run."
                    )
                )
            )
        )
        layout.addStretch()

    def _on_browse(self) -> None:
        dialog = QFileDialog(self, self.tr("Choose a checkpoint"), _begin(self.path, self.folder))
        dialog.setFileMode(QFileDialog.FileMode.ExistingFile)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.fileSelected.connect(self.path.setText)
        dialog.open()

    def _on_path(self, text: str) -> None:
        self.stop()
        self.state_dicts.clear()
        self.state_dicts.setEnabled(False)
        path = os.path.expanduser(text.strip())
        if not os.path.exists(path):
            self._problem = (
                self.tr("There is no file “{path}”.").format(path=path)
                if path
                else self.tr("Choose the file to compare with.")
            )
            self.edited.emit()
            return
        self._problem = self.tr("Reading the file…")
        task = run_task(self, lambda progress: self._opener(path, progress), label=self.tr("Reading the file"))
        self._task = task
        task.succeeded.connect(lambda checkpoint: self._on_opened(task, checkpoint))
        task.failed.connect(lambda error: self._on_unreadable(task, error))
        self.edited.emit()

    def _on_opened(self, task: Task, checkpoint: Checkpoint) -> None:
        if task is not self._task:
            return
        self._task = None
        for source in checkpoint.source.files:
            source.close()
        self._problem = "" if checkpoint.state_dicts else self.tr("This file holds no weights.")
        for state_dict in checkpoint.state_dicts:
            words = counted(len(state_dict.tensors), self.tr("1 tensor"), self.tr("{count} tensors"))
            label = state_dict.label or self.tr("the whole file")
            self.state_dicts.addItem(f"{label}    {words}", state_dict.label)
            if state_dict.path == checkpoint.active:
                self.state_dicts.setCurrentIndex(self.state_dicts.count() - 1)
        self.state_dicts.setEnabled(len(checkpoint.state_dicts) > 1)
        self.edited.emit()

    def _on_unreadable(self, task: Task, error: StudioError) -> None:
        if task is self._task:
            self._task = None
            self._problem = worded_error(error)
            self.edited.emit()

    def entered(self) -> None:
        self.path.setFocus()

    def reference(self) -> Reference | str:
        if self._problem:
            return self._problem
        return CheckpointReference(
            os.path.abspath(os.path.expanduser(self.path.text().strip())), self.state_dicts.currentData()
        )

    def stop(self) -> None:
        if self._task is not None:
            self._task.cancel()
            self._task = None


def _begin(field: QLineEdit, folder: str) -> str:
    """The folder of what the field names, if there is one; else `folder`."""
    named = os.path.dirname(os.path.abspath(os.path.expanduser(field.text().strip()))) if field.text().strip() else ""
    return named if os.path.isdir(named) else folder


def _scrolled(widget: QWidget) -> QScrollArea:
    area = QScrollArea()
    area.setWidget(widget)
    area.setWidgetResizable(True)
    area.setFrameShape(QScrollArea.Shape.NoFrame)
    # Its fields are what takes the focus; it follows them.
    area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
    area.viewport().setAutoFillBackground(False)
    widget.setAutoFillBackground(False)
    return area
