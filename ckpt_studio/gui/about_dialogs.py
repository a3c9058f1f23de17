"""Two pages of help: about the program, and its keys."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QHeaderView, QTreeWidget, QTreeWidgetItem, QWidget

from ckpt_studio import __version__
from ckpt_studio.gui.actions import plain_words
from ckpt_studio.gui.dialogs.ask_dialog import AskDialog


class AboutDialog(AskDialog):
    """Name, version, licence."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.ask(
            self.tr("About Ckpt Studio"),
            self.tr("Ckpt Studio {version}").format(version=__version__),
            self.tr(
                "Look into PyTorch checkpoints, repair their names and shapes against a model, and save the result.\n\n"
                "Opening a file never runs code from it. Nothing is written until you export or save.\n\n"
                "Free software under the MIT licence. Made with Qt (PySide6, LGPL)."
            ),
        )
        self.cancel_button.hide()
        self.set_primary(self.tr("Close"), True)
        self.resize(460, 220)


class ShortcutsDialog(AskDialog):
    """All keys on one page."""

    def __init__(self, actions: Sequence[QAction], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.ask(self.tr("Keyboard shortcuts"), self.tr("Keyboard shortcuts"))
        rows = [
            (plain_words(action), ", ".join(map(_text, action.shortcuts()))) for action in actions if action.shortcuts()
        ]
        rows += [
            (self.tr("Open or close a group"), "→  ←"),
            (self.tr("Open everything below a group"), "*"),
            (self.tr("Next or previous tab"), "Ctrl+Tab, Ctrl+Shift+Tab"),
            (self.tr("Menu of the current row"), self.tr("Menu key, Shift+F10")),
            (self.tr("Clear the filter, close a dialog, cancel a drag"), "Esc"),
        ]
        # Not a table: there End goes to the last column, not to the last line.
        self.list = QTreeWidget()
        self.list.setAccessibleName(self.tr("Keyboard shortcuts"))
        self.list.setHeaderLabels([self.tr("What"), self.tr("Keys")])
        self.list.setRootIsDecorated(False)
        self.list.setUniformRowHeights(True)
        self.list.addTopLevelItems([QTreeWidgetItem(row) for row in rows])
        self.list.setCurrentIndex(self.list.model().index(0, 0))
        header = self.list.header()
        header.setStretchLastSection(False)
        header.setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        header.resizeSection(1, 210)
        self.body.addWidget(self.list)
        self.cancel_button.hide()
        self.set_primary(self.tr("Close"), True)
        self.resize(560, 560)
        # It is there to be read through.
        self.list.setFocus()


def _text(keys: QKeySequence) -> str:
    return keys.toString(QKeySequence.SequenceFormat.NativeText)
