"""The menu of the bookmarks of the file in front: mark, go round, jump to one, take all away."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtWidgets import QMenu, QWidget

from ckpt_studio.gui.actions import Actions
from ckpt_studio.gui.document_page import DocumentPage
from ckpt_studio.gui.theme import icon

_MOST_SHOWN = 30


class BookmarksMenu(QMenu):
    """Filled when it opens; says how to mark a name while none is."""

    def __init__(
        self, actions: Actions, current_page: Callable[[], DocumentPage | None], parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._current_page = current_page
        self.setTitle(self.tr("&Bookmarks"))
        self.setToolTipsVisible(True)
        for name in ("bookmark", "next-bookmark", "previous-bookmark"):
            self.addAction(actions[name])
        self.addSeparator()
        self._lasting = len(self.actions())
        self.aboutToShow.connect(self.fill)

    def fill(self) -> None:
        """Lists the bookmarks of now."""
        for action in self.actions()[self._lasting :]:
            self.removeAction(action)
            action.deleteLater()
        page = self._current_page()
        marks = page.document.bookmarks.in_order() if page is not None else []
        for mark in marks[:_MOST_SHOWN]:
            text = self.tr("{group}, a group").format(group=mark.name) if mark.is_group else mark.name
            action = self.addAction(icon("group" if mark.is_group else "tensor"), text.replace("&", "&&"))
            action.triggered.connect(lambda _=False, mark=mark: self._go_to(mark.path, mark.name, mark.is_group))
        if not marks:
            self.addAction(self.tr("No bookmarks yet: select a name and press Ctrl+D")).setEnabled(False)
            return
        if len(marks) > _MOST_SHOWN:
            self.addAction(self.tr("and {count} more").format(count=len(marks) - _MOST_SHOWN)).setEnabled(False)
        self.addSeparator()
        self.addAction(icon("stop"), self.tr("&Remove all bookmarks")).triggered.connect(self._on_remove_all)

    def _go_to(self, path: tuple[str | int, ...], name: str, is_group: bool) -> None:
        page = self._current_page()
        if page is not None:
            page.show_named(path, name, is_group)

    def _on_remove_all(self) -> None:
        page = self._current_page()
        if page is not None:
            page.document.bookmarks.clear()
