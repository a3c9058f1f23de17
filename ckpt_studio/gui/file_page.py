"""One tab: the file while it is being opened, why it could not be, or the document."""

from __future__ import annotations

import importlib
import logging
import os
from dataclasses import dataclass

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtWidgets import (
    QHBoxLayout,
    QLabel,
    QPlainTextEdit,
    QProgressBar,
    QPushButton,
    QStackedLayout,
    QVBoxLayout,
    QWidget,
)

from ckpt_studio.core.checkpoint import Checkpoint
from ckpt_studio.core.jobs import Progress, Step
from ckpt_studio.errors import StudioError
from ckpt_studio.gui.actions import Actions
from ckpt_studio.gui.compare_pane import ComparePane
from ckpt_studio.gui.document import Document
from ckpt_studio.gui.document_page import DocumentPage, Kept
from ckpt_studio.gui.tasks import Task, run_task
from ckpt_studio.gui.text_size import fixed_font
from ckpt_studio.gui.themed import ThemedPicture
from ckpt_studio.gui.tree_nodes import Tables
from ckpt_studio.gui.turns import Turns
from ckpt_studio.gui.wording import worded, worded_error

_log = logging.getLogger(__name__)

# A file that opens faster shows no progress at all: nothing flickers.
_PATIENCE_MS = 300


@dataclass(frozen=True)
class Opened:
    """A file that was read, and the tables its tree is made from."""

    checkpoint: Checkpoint
    tables: Tables


def open_file(path: str, progress: Progress) -> Opened:
    """Reads a file and prepares the first rows of its tree. Raises StudioError; polls `progress`."""
    from ckpt_studio.formats.opening import open_checkpoint

    # The page of the first document shows it: loading it there would hold up the window's thread.
    importlib.import_module("ckpt_studio.gui.inspector.inspector_pane")
    checkpoint = open_checkpoint(path, progress)
    progress.check()
    tables = Tables()
    tree = tables.tree(checkpoint)
    for node in tree.top:
        progress.check()
        if node.kind == "weights" and node.path == checkpoint.active:
            # As far as the view will open it.
            children = tree.children(node)
            while len(children) == 1 and children[0].has_children:
                progress.check()
                children = tree.children(children[0])
    return Opened(checkpoint, tables)


class FilePage(QWidget):
    """Signals:
    opened(DocumentPage): the document is there.
    failed(): the file could not be opened; the page says why.
    close_wanted(): the user gave up on this file.
    """

    opened = Signal(object)
    failed = Signal()
    close_wanted = Signal()

    def __init__(self, path: str, actions: Actions, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.path = path
        self.page: DocumentPage | None = None
        # What was read, until its page is shown.
        self._document: Document | None = None
        self.error: StudioError | None = None
        self._actions = actions
        self._task: Task | None = None
        self._patience = QTimer(self)
        self._patience.setSingleShot(True)
        self._patience.setInterval(_PATIENCE_MS)
        self._patience.timeout.connect(self._on_waiting_long)
        self._turns = Turns(self)
        self._stack = QStackedLayout(self)
        self._stack.setContentsMargins(0, 0, 0, 0)
        self._stack.addWidget(self._build_waiting())
        self._stack.addWidget(self._build_failure())

    @property
    def is_opening(self) -> bool:
        """Whether the file is still being read."""
        return self._task is not None

    def start(self) -> None:
        """Begins to read the file."""
        path = self.path
        self.error = None
        self._waiting_box.hide()
        self._stack.setCurrentIndex(0)
        self._task = run_task(self, lambda progress: open_file(path, progress), label=path)
        self._task.succeeded.connect(self._on_read)
        self._task.failed.connect(self._on_failed)
        self._task.progressed.connect(self._on_progressed)
        self._task.cancelled.connect(self.close_wanted)
        self._task.finished.connect(self._on_finished)
        self._patience.start()

    def show_kept(self, kept: Kept) -> None:
        """Shows a document that another page gave up."""
        self._show_page(DocumentPage(kept.document, self._actions, kept.tables)).look_like(kept)

    def cancel(self) -> None:
        """Stops reading; the tab closes."""
        if self._task is not None:
            self._task.cancel()

    def close_file(self) -> None:
        """The tab is about to go."""
        task, self._task = self._task, None
        if task is not None:
            task.cancelled.disconnect(self.close_wanted)
            task.cancel()
        self._turns.stop()
        if self.page is not None:
            self.page.close_document()
        elif self._document is not None:
            self._document.close()

    def _build_waiting(self) -> QWidget:
        outer = QWidget()
        self._waiting_box = QWidget()
        self._waiting_box.setMaximumWidth(460)
        title = QLabel(self.tr("Opening {name}…").format(name=os.path.basename(self.path)))
        title.setProperty("role", "heading")
        title.setWordWrap(True)
        self.step_label = QLabel(self.tr("Reading the list of tensors"))
        self.step_label.setProperty("muted", True)
        self.bar = QProgressBar()
        self.bar.setRange(0, 0)
        self.bar.setTextVisible(False)
        self.bar.setAccessibleName(self.tr("Progress of opening"))
        self.cancel_button = QPushButton(self.tr("Cancel"))
        self.cancel_button.clicked.connect(self.cancel)
        row = QHBoxLayout()
        row.addWidget(self.bar, 1)
        row.addWidget(self.cancel_button)
        column = QVBoxLayout(self._waiting_box)
        column.setSpacing(10)
        column.addWidget(title)
        column.addWidget(self.step_label)
        column.addLayout(row)
        layout = QVBoxLayout(outer)
        layout.addStretch(2)
        layout.addWidget(self._waiting_box, 0, Qt.AlignmentFlag.AlignHCenter)
        layout.addStretch(3)
        return outer

    def _build_failure(self) -> QWidget:
        outer = QWidget()
        box = QWidget()
        box.setMaximumWidth(620)
        box.setMinimumWidth(360)
        picture = ThemedPicture("warning", 32)
        self.failure_title = QLabel(self.tr("{name} could not be opened").format(name=os.path.basename(self.path)))
        self.failure_title.setProperty("role", "heading")
        self.failure_title.setWordWrap(True)
        self.failure_text = QLabel()
        self.failure_text.setWordWrap(True)
        self.failure_text.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.failure_text.setTextFormat(Qt.TextFormat.PlainText)
        self.details = QPlainTextEdit()
        self.details.setReadOnly(True)
        self.details.setAccessibleName(self.tr("Details"))
        self.details.setFont(fixed_font())
        self.details.hide()
        self.again_button = QPushButton(self.tr("Try again"))
        self.again_button.clicked.connect(self.start)
        self.details_button = QPushButton(self.tr("Details"))
        self.details_button.setCheckable(True)
        self.details_button.toggled.connect(self.details.setVisible)
        self.close_button = QPushButton(self.tr("Close tab"))
        self.close_button.clicked.connect(self.close_wanted)
        buttons = QHBoxLayout()
        buttons.addWidget(self.again_button)
        buttons.addWidget(self.close_button)
        buttons.addWidget(self.details_button)
        buttons.addStretch(1)
        column = QVBoxLayout(box)
        column.setSpacing(12)
        column.addWidget(picture)
        column.addWidget(self.failure_title)
        column.addWidget(self.failure_text)
        column.addLayout(buttons)
        column.addWidget(self.details, 1)
        row = QHBoxLayout()
        row.addStretch(1)
        row.addWidget(box, 6)
        row.addStretch(1)
        layout = QVBoxLayout(outer)
        layout.addStretch(2)
        layout.addLayout(row)
        layout.addStretch(3)
        return outer

    def _on_waiting_long(self) -> None:
        if self._task is not None:
            self._waiting_box.show()

    def _on_progressed(self, step: Step) -> None:
        self.bar.setRange(0, 1000 if step.total else 0)
        if step.total:
            self.bar.setValue(int(1000 * step.done / step.total))
        if step.label is not None:
            self.step_label.setText(worded(step.label))

    def _on_read(self, opened: Opened) -> None:
        source = opened.checkpoint.source
        _log.info(
            "opened: %s, %d bytes, %d state dicts", source.format, source.nbytes, len(opened.checkpoint.state_dicts)
        )
        document = self._document = Document(opened.checkpoint)

        def make_compare() -> None:
            compare = ComparePane(document, parent=self)
            self._turns.add(lambda: make_page(compare))

        def make_page(compare: ComparePane) -> None:
            page = DocumentPage(document, self._actions, opened.tables, self, compare=compare)
            self._turns.add(lambda: self.opened.emit(self._show_page(page)))

        # All in one turn of the event loop would hold up the window.
        self._turns.add(make_compare)

    def _show_page(self, page: DocumentPage) -> DocumentPage:
        self.page, self._document = page, None
        self._stack.addWidget(page)
        self._stack.setCurrentWidget(page)
        return page

    def _on_failed(self, error: StudioError) -> None:
        self.error = error
        _log.info("not opened: %s", error.code)
        self.failure_text.setText(worded_error(error))
        self.details.setPlainText(error.details)
        self.details_button.setVisible(bool(error.details))
        self.details_button.setChecked(False)
        self._stack.setCurrentIndex(1)
        if self.isVisible():
            # The next step by keys, too.
            self.again_button.setFocus()
        self.failed.emit()

    def _on_finished(self) -> None:
        self._patience.stop()
        self._task = None
        if self.page is None and self._document is None and self.error is None:
            # An unexpected exception: the crash dialog says it, and nothing is left to show here.
            self.close_wanted.emit()
