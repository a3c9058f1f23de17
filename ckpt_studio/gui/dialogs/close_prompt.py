"""Before a file with pending changes is closed: what is pending, and what to do with it."""

from __future__ import annotations

import os
from collections.abc import Sequence

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QAbstractItemView, QDialogButtonBox, QListWidget, QListWidgetItem, QPushButton, QWidget

from ckpt_studio.gui.dialogs.ask_dialog import AskDialog, counted
from ckpt_studio.gui.document import Document
from ckpt_studio.gui.wording import worded


class ClosePrompt(AskDialog):
    """Lists the changes that were not exported. Cancel (or Escape) leaves everything open.

    Args:
        documents: what is to be closed.
        reloading: the one document is not closed, but read again.

    Signals:
        export_requested(Document): the first document with pending changes is to be exported.
        discard_chosen(): close, or read again, without exporting.
    """

    export_requested = Signal(object)
    discard_chosen = Signal()

    def __init__(
        self, documents: Sequence[Document], parent: QWidget | None = None, *, reloading: bool = False
    ) -> None:
        super().__init__(parent)
        self.documents = [document for document in documents if document.is_dirty]
        names = [os.path.basename(document.path) for document in self.documents]
        explanation = self.tr("The changes are only in this window: the files on disk are as they were.")
        if reloading:
            question = self.tr("Read “{name}” again and give up its changes?")
            explanation = self.tr(
                "The changes are only in this window. Saved as a recipe (History), they can be made again afterwards."
            )
        elif len(names) == 1:
            question = self.tr("Close “{name}” without exporting its changes?")
        else:
            question = counted(
                len(names), "", self.tr("{count} files have changes that were not exported. Close them all the same?")
            )
        self.ask(self.tr("Changes not exported"), question.format(name=names[0]), explanation)
        self.pending = QListWidget()
        self.pending.setSpacing(2)
        self.pending.setAccessibleName(self.tr("Pending changes"))
        self.pending.setSelectionMode(QAbstractItemView.SelectionMode.NoSelection)
        self.pending.setWordWrap(True)
        for document, name in zip(self.documents, names, strict=True):
            if len(names) > 1:
                heading = QListWidgetItem(name)
                font = heading.font()
                font.setBold(True)
                heading.setFont(font)
                self.pending.addItem(heading)
            history = document.history
            exported = history.shared_index
            for number, edit in enumerate(history.applied[exported:], exported + 1):
                self.pending.addItem(f"{number}.  {worded(edit.describe())}")
            if exported >= history.index:
                self.pending.addItem(
                    counted(
                        document.pending,
                        self.tr("1 change was undone after the last export."),
                        self.tr("{count} changes were undone after the last export."),
                    )
                )
        self.body.addWidget(self.pending)
        self.discard: QPushButton = self.buttons.addButton(
            self.tr("&Discard changes"), QDialogButtonBox.ButtonRole.DestructiveRole
        )
        self.discard.clicked.connect(self._on_discard)
        self.set_primary(self.tr("&Export…"), True)
        self.resize(520, 340)

    def _on_discard(self) -> None:
        super().accept()
        self.discard_chosen.emit()

    def accept(self) -> None:
        super().accept()
        self.export_requested.emit(self.documents[0])
