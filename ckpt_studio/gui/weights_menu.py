"""The menu of a file's several sets of weights: which one is looked at, and taking averages (EMA) over."""

from __future__ import annotations

from PySide6.QtGui import QActionGroup
from PySide6.QtWidgets import QMenu, QWidget

from ckpt_studio.core.tree import Path
from ckpt_studio.errors import StudioError
from ckpt_studio.gui.cleaning_menu import offer
from ckpt_studio.gui.dialogs.ask_dialog import counted
from ckpt_studio.gui.document import Document
from ckpt_studio.gui.figures import size_text
from ckpt_studio.gui.file_summary import Summary, WeightSet

# The tree shows all of them.
_MOST = 16


class WeightsMenu(QMenu):
    """Filled with what the summary found."""

    def __init__(self, document: Document, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._document = document
        self._shown: tuple[object, ...] = ()
        self.setToolTipsVisible(True)

    def show_sets(self, summary: Summary) -> None:
        """Offers the sets of this summary."""
        # An open menu does not change under the pointer when nothing did.
        if self._shown == (summary.sets, summary.averages):
            return
        self._shown = (summary.sets, summary.averages)
        self.clear()
        group = QActionGroup(self)
        for found in summary.sets[:_MOST]:
            action = self.addAction(self._words(found).replace("&", "&&"))
            action.setData(found)
            action.setCheckable(True)
            action.setChecked(found.is_active)
            action.setToolTip(self.tr("Look at these weights: summary, comparison and edits are then about them"))
            action.triggered.connect(lambda _=False, path=found.path: self._activate(path))
            group.addAction(action)
        if len(summary.sets) > _MOST:
            self.addAction(self.tr("The tree shows the others")).setEnabled(False)
        if summary.averages and summary.sets:
            self.addSeparator()
        for cleaning in summary.averages:
            offer(self, cleaning, self._document.request)

    def _words(self, found: WeightSet) -> str:
        parts = [found.label or self.tr("the file itself")]
        if found.is_averaged:
            parts.append(self.tr("averaged weights (EMA)"))
        parts.append(counted(found.tensors, self.tr("1 tensor"), self.tr("{count} tensors")))
        parts.append(size_text(found.nbytes))
        return "  ·  ".join(parts)

    def _activate(self, path: Path) -> None:
        try:
            self._document.activate(path)
        except StudioError as error:
            self._document.refused.emit(error)
