"""The preferences about models: which Python builds them, and whose code may run without asking."""

from __future__ import annotations

import os

from PySide6.QtCore import QEvent, QModelIndex, QSize, Qt, Signal
from PySide6.QtGui import QIcon, QPixmap
from PySide6.QtWidgets import (
    QFileDialog,
    QHBoxLayout,
    QHeaderView,
    QLabel,
    QProgressBar,
    QPushButton,
    QTreeWidget,
    QTreeWidgetItem,
    QVBoxLayout,
    QWidget,
)

from ckpt_studio.core.jobs import Progress
from ckpt_studio.gui.dialogs.ask_dialog import counted, muted
from ckpt_studio.gui.model_resolving import trust
from ckpt_studio.gui.python_preference import preferred_python, set_preferred_python
from ckpt_studio.gui.tasks import Task, run_task
from ckpt_studio.gui.text_size import embolden
from ckpt_studio.gui.theme import icon, muted_color
from ckpt_studio.models.interpreters import Interpreter, Interpreters

_PATH_ROLE = int(Qt.ItemDataRole.UserRole)
_PACKAGES = ("torch", "torchvision", "timm", "transformers")
# Of the letter "x".
_WIDTHS = (19, 13, 15, 11, 17)


class PythonsPage(QWidget):
    """Lists the Pythons with their packages; the one that is selected builds models from now on.

    Signals:
        told(str, str): a sentence to show, and in which of Banner's tones.
    """

    told = Signal(str, str)

    def __init__(self, found: tuple[Interpreter, ...] | None = None, parent: QWidget | None = None) -> None:
        """`found`: what is known to be on this computer; None: it is looked for."""
        super().__init__(parent)
        self._pythons = Interpreters()
        self._found = found
        self._task: Task | None = None
        # While it is filled, nothing is chosen.
        self._is_filling = True
        question = QLabel(self.tr("Which Python is to build your models?"))
        question.setWordWrap(True)
        embolden(question)
        explanation = muted(
            QLabel(
                self.tr(
                    "Your own model classes, and tests with PyTorch, run in a process of this Python. Choose the"
                    " environment that has your packages. For a single model another one can be chosen where the model"
                    " is chosen."
                )
            )
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
        for column, width in enumerate(_WIDTHS):
            header.resizeSection(column, digit * width)
        header.setSectionResizeMode(len(_PACKAGES) + 1, QHeaderView.ResizeMode.Stretch)
        self._row = QSize(0, self.fontMetrics().height() + 10)
        self.list.setMinimumHeight(self._row.height() * 4)
        self.bar = QProgressBar()
        self.bar.setRange(0, 0)
        self.bar.setTextVisible(False)
        self.bar.setAccessibleName(self.tr("Looking for Pythons"))
        self.other = QPushButton(self.tr("Other &Python…"))
        self.other.setToolTip(self.tr("Choose the python program of an environment that has your packages"))
        self.other.setAutoDefault(False)
        self.other.clicked.connect(self._on_other)
        below = QHBoxLayout()
        below.addWidget(self.bar, 1)
        below.addStretch()
        below.addWidget(self.other)
        self.allowed = QLabel()
        self.allowed.setWordWrap(True)
        self.ask_again = QPushButton(self.tr("&Ask again"))
        self.ask_again.setAutoDefault(False)
        self.ask_again.setToolTip(self.tr("Before code of these files runs the next time, you are asked as at first"))
        self.ask_again.clicked.connect(self._on_ask_again)
        code = QHBoxLayout()
        code.setSpacing(10)
        code.addWidget(self.allowed, 1)
        code.addWidget(self.ask_again)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(16, 16, 16, 16)
        layout.setSpacing(10)
        layout.addWidget(question)
        layout.addWidget(explanation)
        layout.addWidget(self.list, 1)
        layout.addLayout(below)
        layout.addLayout(code)
        automatic = QTreeWidgetItem([self.tr("Automatic"), "", "", "", "", self.tr("the first one with PyTorch")])
        automatic.setData(0, _PATH_ROLE, "")
        automatic.setSizeHint(0, self._row)
        self.list.addTopLevelItem(automatic)
        self.list.setCurrentItem(automatic)
        self._show_allowed()
        self.list.currentItemChanged.connect(self._on_current)
        if found is not None:
            self._show(found)
            return
        self._task = run_task(self, self._find, label=self.tr("Looking for Pythons"))
        self._task.succeeded.connect(self._show)
        self._task.finished.connect(self._on_looked)

    def again(self) -> PythonsPage:
        """The same page in the language of now; what was found is not looked for once more."""
        self.stop()
        return PythonsPage(self._found)

    def stop(self) -> None:
        """Stops looking."""
        if self._task is not None:
            self._task.cancel()
            self._task = None

    def _find(self, progress: Progress) -> tuple[Interpreter, ...]:
        found, chosen = self._pythons.find((), progress), preferred_python()
        if chosen and all(python.path != chosen for python in found):
            known = self._pythons.ask(chosen)
            found = found if known is None else (*found, known)
        return found

    def _show(self, found: tuple[Interpreter, ...]) -> None:
        self._found = found
        for python in found:
            item = self._add(python)
            if python.path == preferred_python():
                self.list.setCurrentItem(item)
        self._on_looked()

    def _on_looked(self) -> None:
        self.bar.hide()
        is_there = self._show_used()
        if not is_there:
            # So that any row can be chosen by one click.
            self.list.setCurrentIndex(QModelIndex())
        self._is_filling = False
        if not is_there:
            words = self.tr("The Python that was chosen is not there any more: {path}")
            self.told.emit(words.format(path=preferred_python()), "caution")

    def _add(self, python: Interpreter) -> QTreeWidgetItem:
        version = ".".join(map(str, python.version))
        packages = [python.packages.get(name, "—") for name in _PACKAGES]
        item = QTreeWidgetItem([version, *packages, python.path])
        item.setData(0, _PATH_ROLE, python.path)
        item.setSizeHint(0, self._row)
        item.setToolTip(len(_PACKAGES) + 1, python.path)
        if not python.can_host:
            for column in range(item.columnCount()):
                item.setForeground(column, muted_color())
                item.setToolTip(column, self._why_not())
            item.setFlags(item.flags() & ~Qt.ItemFlag.ItemIsSelectable)
        self.list.addTopLevelItem(item)
        return item

    def _why_not(self) -> str:
        return self.tr("It cannot build models: PyTorch is not installed in it, or it is older than Python 3.9.")

    def _on_other(self) -> None:
        dialog = QFileDialog(self, self.tr("Choose a Python"))
        dialog.setFileMode(QFileDialog.FileMode.ExistingFile)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.fileSelected.connect(self.choose)
        dialog.open()

    def choose(self, path: str) -> None:
        """Asks this Python for its packages, adds it to the list and uses it."""
        task = run_task(self, lambda progress: self._pythons.ask(path), label=self.tr("Asking the Python"))

        def show(python: Interpreter | None) -> None:
            if python is None:
                name = os.path.basename(path)
                self.told.emit(self.tr("“{name}” did not answer as a Python does.").format(name=name), "caution")
                return
            self._found = (*(self._found or ()), python)
            self.list.setCurrentItem(self._add(python))

        task.succeeded.connect(show)

    def _on_current(self) -> None:
        item = self.list.currentItem()
        if self._is_filling or item is None:
            return
        if not item.flags() & Qt.ItemFlag.ItemIsSelectable:
            self.told.emit(self._why_not(), "caution")
            return
        self.told.emit("", "calm")
        set_preferred_python(item.data(0, _PATH_ROLE))
        self._show_used()

    def _show_used(self) -> bool:
        """Marks the row of the Python in use; whether there is one."""
        used, mark, found = preferred_python(), icon("check"), False
        # So that the words of all rows stand below each other.
        room = QPixmap(self.list.iconSize() if self.list.iconSize().isValid() else QSize(16, 16))
        room.fill(Qt.GlobalColor.transparent)
        for row in range(self.list.topLevelItemCount()):
            item = self.list.topLevelItem(row)
            assert item is not None
            is_used = item.data(0, _PATH_ROLE) == used
            item.setIcon(0, mark if is_used else QIcon(room))
            words = self.tr("{python}, in use").format(python=item.text(0)) if is_used else item.text(0)
            item.setData(0, Qt.ItemDataRole.AccessibleTextRole, words)
            found = found or is_used
        return found

    def _show_allowed(self) -> None:
        paths = trust().remembered
        self.allowed.setText(
            counted(
                len(paths),
                self.tr("The code of 1 file may run without asking."),
                self.tr("The code of {count} files may run without asking."),
            )
            if paths
            else self.tr("You are asked before the code of any model runs.")
        )
        self.allowed.setToolTip("\n".join(paths))
        self.ask_again.setVisible(bool(paths))

    def _on_ask_again(self) -> None:
        try:
            trust().forget_all()
        except OSError as error:
            self.told.emit(self.tr("This could not be written down: {reason}").format(reason=error), "bad")
        self._show_allowed()
        self.other.setFocus()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        # The mark has the colour of the text.
        if event.type() == QEvent.Type.PaletteChange and not self._is_filling:
            self._show_used()
