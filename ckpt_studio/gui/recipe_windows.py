"""The recipes' own windows: they belong to an open file, and outlive it while something in them is not saved."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QRect, Qt, Signal
from PySide6.QtWidgets import QWidget

if TYPE_CHECKING:
    from ckpt_studio.gui.dialogs.recipe_dialog import RecipeDialog, Written
    from ckpt_studio.gui.document_page import DocumentPage


@dataclass(frozen=True)
class KeptRecipe:
    """A recipe without its window.

    Attributes:
        written: what was in it.
        place: of the window on the screen.
        file: the path of the file it belonged to; "" for none.
        is_minimized: the window was put away.
    """

    written: Written
    place: QRect
    file: str
    is_minimized: bool = False


class RecipeWindows(QObject):
    """All of one main window, which is the parent of those that belong to no file.

    Signals:
        folder_wanted(str): the recipe saved at this path is to be applied to a folder of files.
    """

    folder_wanted = Signal(str)

    def __init__(self, window: QWidget) -> None:
        super().__init__(window)
        self._window = window
        # The page of each, and the path of its file: also of one that was closed.
        self._shown: dict[RecipeDialog, tuple[DocumentPage | None, str]] = {}

    def open(self, page: DocumentPage | None) -> RecipeDialog:
        """Shows a window with the changes of a page's file, or without one with an empty recipe."""
        editor = self._made(page)
        editor.show()
        return editor

    def _made(self, page: DocumentPage | None) -> RecipeDialog:
        from ckpt_studio.gui.dialogs.recipe_dialog import RecipeDialog

        editor = RecipeDialog(page.document if page is not None else None, page or self._window)
        self._shown[editor] = page, page.document.path if page is not None else ""
        if page is not None:
            _join(editor, page)
        editor.folder_wanted.connect(self.folder_wanted)
        editor.closed.connect(lambda: self._shown.pop(editor, None))
        return editor

    def on_file_opened(self, page: DocumentPage) -> None:
        """Gives a file that is open again the recipes back that outlived it."""
        path = page.document.path
        for editor, (owner, file) in list(self._shown.items()):
            if owner is None and file == path:
                self._shown[editor] = page, path
                editor.take_document(page.document)
                _join(editor, page)

    def on_file_closes(self, page: DocumentPage) -> None:
        """Closes the windows of a page that is about to go, but keeps those in which something is not saved."""
        for editor, (owner, file) in list(self._shown.items()):
            if owner is not page:
                continue
            if not editor.is_changed:
                editor.close()
                continue
            self._shown[editor] = None, file
            editor.apply_wanted.disconnect()
            place = editor.geometry()
            # A window on the screen is hidden by another parent.
            editor.setParent(self._window, editor.windowFlags())
            editor.setGeometry(place)
            editor.let_document_go()
            editor.show()

    def ask(self, then: Callable[[], object]) -> bool:
        """Asks in the first window in which something is not saved, closes it and goes on; whether there is one."""
        editor = next((editor for editor in self._shown if editor.is_changed), None)
        if editor is None:
            return False

        def go_on() -> None:
            editor.close()
            then()

        editor.ask_about_changes(go_on)
        return True

    def give_up(self) -> list[KeptRecipe]:
        """Closes all windows without a question; what is in them is returned."""
        kept = [
            KeptRecipe(editor.written, editor.geometry(), file, editor.isMinimized())
            for editor, (_, file) in self._shown.items()
        ]
        for editor in list(self._shown):
            editor.drop()
        return kept

    def open_again(self, kept: Iterable[KeptRecipe], pages: Iterable[DocumentPage]) -> None:
        """Opens what `give_up` returned, in the language of now: behind the main window, in which it was chosen."""
        by_path = {page.document.path: page for page in pages}
        kept = list(kept)
        for recipe in kept:
            editor = self._made(by_path.get(recipe.file))
            self._shown[editor] = self._shown[editor][0], recipe.file
            editor.setGeometry(recipe.place)
            editor.take_written(recipe.written)
            editor.setAttribute(Qt.WidgetAttribute.WA_ShowWithoutActivating)
            if recipe.is_minimized:
                editor.showMinimized()
            else:
                editor.show()
        if kept:
            # A window that is new stands in front of all, also one that had been left behind long ago.
            self._window.raise_()
            self._window.activateWindow()


def _join(editor: RecipeDialog, page: DocumentPage) -> None:
    """Lets a recipe be applied to a page's file, and says in its window how that goes."""
    editor.apply_wanted.connect(page.apply_recipe)
    page.history.recipe_told.connect(editor.show_told)
