"""The preferences: which Python builds models, out of those found on this computer."""

from __future__ import annotations

import os

from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import (
    QFileDialog,
    QHBoxLayout,
    QHeaderView,
    QProgressBar,
    QPushButton,
    QTreeWidget,
    QTreeWidgetItem,
    QWidget,
)

from ckpt_studio.core.jobs import Progress
from ckpt_studio.gui.dialogs.ask_dialog import AskDialog
from ckpt_studio.gui.python_preference import preferred_python, set_preferred_python
from ckpt_studio.gui.tasks import Task, run_task
from ckpt_studio.gui.theme import muted_color
from ckpt_studio.models.interpreters import Interpreter, Interpreters

_PATH_ROLE = int(Qt.ItemDataRole.UserRole)
_PACKAGES = ("torch", "torchvision", "timm", "transformers")


class PreferencesDialog(AskDialog):
    """Lists the Pythons with their packages; the chosen one builds models from now on."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._pythons = Interpreters()
        self._chosen = preferred_python()
        self.ask(
            self.tr("Preferences"),
            self.tr("Which Python is to build your models?"),
            self.tr(
                "Your own model classes, and tests with PyTorch, run in a process of this Python. Choose the"
                " environment that has your packages. For a single model another one can be chosen where the model is"
                " chosen."
            ),
        )
        self.list = QTreeWidget()
        self.list.setAccessibleName(self.tr("Pythons on this computer"))
        self.list.setRootIsDecorated(False)
        self.list.setAlternatingRowColors(True)
        self.list.setUniformRowHeights(True)
        self.list.setTextElideMode(Qt.TextElideMode.ElideMiddle)
        self.list.setHeaderLabels([self.tr("Python"), *_PACKAGES, self.tr("Where")])
        header = self.list.header()
        digit = self.fontMetrics().horizontalAdvance("x")
        for column, width in enumerate((16, 14, 16, 12, 19)):
            header.resizeSection(column, digit * width)
        header.setSectionResizeMode(len(_PACKAGES) + 1, QHeaderView.ResizeMode.Stretch)
        self.list.currentItemChanged.connect(self._on_current)
        self.list.itemDoubleClicked.connect(lambda _: self.accept())
        self.bar = QProgressBar()
        self.bar.setRange(0, 0)
        self.bar.setTextVisible(False)
        self.bar.setAccessibleName(self.tr("Looking for Pythons"))
        self.other = QPushButton(self.tr("&Other Python…"))
        self.other.setToolTip(self.tr("Choose the python program of an environment that has your packages"))
        self.other.setAutoDefault(False)
        self.other.clicked.connect(self._on_other)
        below = QHBoxLayout()
        below.addWidget(self.bar, 1)
        below.addStretch()
        below.addWidget(self.other)
        self.body.addWidget(self.list, 1)
        self.body.addLayout(below)
        automatic = QTreeWidgetItem([self.tr("Automatic"), "", "", "", "", self.tr("the first one with PyTorch")])
        automatic.setData(0, _PATH_ROLE, "")
        self._row = QSize(0, self.fontMetrics().height() + 10)
        automatic.setSizeHint(0, self._row)
        self.list.addTopLevelItem(automatic)
        self.list.setCurrentItem(automatic)
        self.finished.connect(self._stop)
        self.resize(900, 420)
        self.list.setFocus()
        self._task: Task | None = run_task(self, self._find, label=self.tr("Looking for Pythons"))
        self._task.succeeded.connect(self._on_found)
        self._task.finished.connect(self.bar.hide)

    def _find(self, progress: Progress) -> tuple[Interpreter, ...]:
        found = self._pythons.find((), progress)
        if self._chosen and all(python.path != self._chosen for python in found):
            chosen = self._pythons.ask(self._chosen)
            found = found if chosen is None else (*found, chosen)
        return found

    def _on_found(self, found: tuple[Interpreter, ...]) -> None:
        for python in found:
            self._add(python)

    def _add(self, python: Interpreter) -> QTreeWidgetItem:
        version = ".".join(map(str, python.version))
        packages = [python.packages.get(name, "—") for name in _PACKAGES]
        item = QTreeWidgetItem([version, *packages, python.path])
        item.setData(0, _PATH_ROLE, python.path)
        item.setSizeHint(0, self._row)
        item.setToolTip(len(_PACKAGES) + 1, python.path)
        if not python.can_host:
            reason = self.tr("It cannot build models: PyTorch is not installed in it, or it is older than Python 3.9.")
            for column in range(item.columnCount()):
                item.setForeground(column, muted_color())
                item.setToolTip(column, reason)
            item.setFlags(item.flags() & ~Qt.ItemFlag.ItemIsSelectable)
        self.list.addTopLevelItem(item)
        if python.path == self._chosen:
            self.list.setCurrentItem(item)
        return item

    def _on_other(self) -> None:
        dialog = QFileDialog(self, self.tr("Choose a Python"))
        dialog.setFileMode(QFileDialog.FileMode.ExistingFile)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.fileSelected.connect(self.choose)
        dialog.open()

    def choose(self, path: str) -> None:
        """Asks this Python for its packages, adds it to the list and selects it."""
        task = run_task(self, lambda progress: self._pythons.ask(path), label=self.tr("Asking the Python"))

        def show(python: Interpreter | None) -> None:
            if python is None:
                name = os.path.basename(path)
                self.message.say(self.tr("“{name}” did not answer as a Python does.").format(name=name), "caution")
                return
            self.message.say("", "calm")
            self.list.setCurrentItem(self._add(python))

        task.succeeded.connect(show)

    def _on_current(self, *_: object) -> None:
        item = self.list.currentItem()
        usable = item is not None and bool(item.flags() & Qt.ItemFlag.ItemIsSelectable)
        self.set_primary(self.tr("Use this Python"), usable)

    def accept(self) -> None:
        item = self.list.currentItem()
        if item is None or not self.primary.isEnabled():
            return
        set_preferred_python(item.data(0, _PATH_ROLE))
        super().accept()

    def _stop(self) -> None:
        if self._task is not None:
            self._task.cancel()
            self._task = None
