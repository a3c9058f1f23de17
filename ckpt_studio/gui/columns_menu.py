"""The menu that chooses the columns of the tree, by keyboard too (the columns' own menu needs a mouse)."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtWidgets import QMenu, QWidget

from ckpt_studio.gui.document_page import DocumentPage


class ColumnsMenu(QMenu):
    """Filled when it opens with the columns of the file in front."""

    def __init__(self, current_page: Callable[[], DocumentPage | None], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._current_page = current_page
        self.setTitle(self.tr("Colum&ns"))
        self.aboutToShow.connect(self.fill)

    def fill(self) -> None:
        """Offers what can be shown now."""
        self.clear()
        page = self._current_page()
        if page is None:
            self.addAction(self.tr("Open a file first")).setEnabled(False)
        else:
            page.tree.add_column_choices(self)
