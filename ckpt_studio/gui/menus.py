"""What hangs in the menu bar and below the toolbar's buttons: the actions in their order, and the menus that change."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QActionGroup
from PySide6.QtWidgets import QMenu, QMenuBar, QToolBar, QToolButton

from ckpt_studio.gui.actions import Actions
from ckpt_studio.gui.bookmarks_menu import BookmarksMenu
from ckpt_studio.gui.cleaning_menu import CleaningMenu
from ckpt_studio.gui.columns_menu import ColumnsMenu
from ckpt_studio.gui.document_page import DocumentPage
from ckpt_studio.gui.languages import LANGUAGES
from ckpt_studio.gui.recent_menu import RecentMenu
from ckpt_studio.gui.settings import text_setting
from ckpt_studio.gui.theme import ThemeName, icon

_FILE = (
    "open", "open-folder", "open-sample", "recent", "", "export", "save-tensors", "", "reload", "close", "",
    "reopen-files", "quit",
)  # fmt: skip
_EDIT = (
    "undo", "redo", "copy-as-python", "edit-recipe", "", "rename-here", "names", "clean-up", "numbers", "update-from",
    "", "pop", "pop-matching", "keep-only", "metadata", "", "cut", "copy", "paste", "", "find", "go-to-name", "",
    "preferences",
)  # fmt: skip
_NAMES = ("rename", "pattern-rename", "regex-rename", "", "strip-prefix", "add-prefix")
_NUMBERS = ("cast", "device", "", "split", "join")
_MODEL = (
    "compare", "", "compare-torchvision", "compare-python", "compare-module", "compare-checkpoint", "",
    "differences", "", "compare-nothing", "", "activate",
)  # fmt: skip
_VIEW = (
    "expand-below", "collapse-all", "", "file-order", "name-order", "columns", "", "bookmarks",
    "next-odd", "previous-odd", "", "larger-text", "smaller-text", "normal-text", "", "theme", "language",
)  # fmt: skip
_HELP = ("guide", "tour", "shortcuts", "open-sample", "", "diagnostics", "about")

_BELOW_BUTTONS = {
    "strip-prefix": ("strip-prefix", "add-prefix"),
    "rename": ("rename-here", "rename", "pattern-rename", "regex-rename"),
    "pop": ("pop", "pop-matching", "keep-only"),
    "cast": ("cast", "device"),
    "compare": ("compare-torchvision", "compare-python", "compare-module", "compare-checkpoint", "compare-nothing"),
}


class Menus(QObject):
    """The menus of one menu bar, which owns them.

    Signals:
        open_wanted(str): the path of a recent file.
        recent_forgotten(): the list of recent files was emptied.
        theme_chosen(str): one of theme.ThemeName.
        language_chosen(str): a language's code, "" for the system's.
    """

    open_wanted = Signal(str)
    recent_forgotten = Signal()
    theme_chosen = Signal(str)
    language_chosen = Signal(str)

    def __init__(self, bar: QMenuBar, actions: Actions, current_page: Callable[[], DocumentPage | None]) -> None:
        super().__init__(bar)
        self._actions = actions
        self.recent = RecentMenu(bar)
        self.recent.open_wanted.connect(self.open_wanted)
        self.recent.forgotten.connect(self.recent_forgotten)
        self.cleaning = CleaningMenu(current_page, bar)
        self.bookmarks = BookmarksMenu(actions, current_page, bar)
        self.columns = ColumnsMenu(current_page, bar)
        self._below: dict[str, QMenu] = {
            "recent": self.recent,
            "clean-up": self.cleaning,
            "bookmarks": self.bookmarks,
            "columns": self.columns,
            "theme": self._theme_menu(bar),
            "language": self._language_menu(bar),
        }
        # Menus of their own, so that the Edit menu fits on a small screen.
        for key, title, names in (
            ("names", self.tr("Ch&ange names"), _NAMES),
            ("numbers", self.tr("&Change numbers"), _NUMBERS),
        ):
            self._below[key] = QMenu(title, bar)
            self._fill(self._below[key], names)
        self._fill(bar.addMenu(self.tr("&File")), _FILE)
        self._fill(bar.addMenu(self.tr("&Edit")), _EDIT)
        self._fill(bar.addMenu(self.tr("&Model")), _MODEL)
        self._fill(bar.addMenu(self.tr("&View")), _VIEW)
        self._fill(bar.addMenu(self.tr("&Help")), _HELP)
        self.restyle()

    def restyle(self) -> None:
        """Takes the icons of the present theme, and marks it, wherever it was chosen."""
        for action in self._below["theme"].actions():
            action.setChecked(action.data() == text_setting("view/theme", "system"))
        for name, picture in (("recent", "recent"), ("clean-up", "clean-up"), ("bookmarks", "bookmarks"),
                              ("columns", "columns"), ("theme", "sun"), ("language", "language"),
                              ("names", "rename"), ("numbers", "cast")):  # fmt: skip
            self._below[name].setIcon(icon(picture))

    def _fill(self, menu: QMenu, names: tuple[str, ...]) -> None:
        menu.setToolTipsVisible(True)
        menu.aboutToShow.connect(lambda: self._actions.draw(names))
        for name in names:
            if not name:
                menu.addSeparator()
            elif name in self._below:
                menu.addMenu(self._below[name])
            else:
                menu.addAction(self._actions[name])

    def _theme_menu(self, bar: QMenuBar) -> QMenu:
        menu = QMenu(self.tr("&Colours"), bar)
        group = QActionGroup(menu)
        themes: tuple[tuple[ThemeName, str], ...] = (
            ("system", self.tr("As the &system")), ("light", self.tr("&Light")), ("dark", self.tr("&Dark")),
        )  # fmt: skip
        for name, text in themes:
            action = menu.addAction(text)
            action.setData(name)
            action.setCheckable(True)
            action.triggered.connect(lambda _=False, name=name: self.theme_chosen.emit(name))
            group.addAction(action)
        return menu

    def _language_menu(self, bar: QMenuBar) -> QMenu:
        menu = QMenu(self.tr("Lan&guage"), bar)
        group = QActionGroup(menu)
        chosen = text_setting("view/language", "")
        for code, text in (("", self.tr("As the &system")), *LANGUAGES.items()):
            action = menu.addAction(text)
            action.setData(code)
            action.setCheckable(True)
            action.setChecked(code == chosen)
            action.triggered.connect(lambda _=False, code=code: self.language_chosen.emit(code))
            group.addAction(action)
        return menu


def add_drop_downs(bar: QToolBar, actions: Actions) -> None:
    """Gives the toolbar's buttons the menus of what is like them."""
    for name, entries in _BELOW_BUTTONS.items():
        button = bar.widgetForAction(actions[name])
        if isinstance(button, QToolButton):
            menu = QMenu(button)
            menu.setToolTipsVisible(True)
            menu.aboutToShow.connect(partial(actions.draw, entries))
            for entry in entries:
                menu.addAction(actions[entry])
            button.setMenu(menu)
            button.setPopupMode(QToolButton.ToolButtonPopupMode.MenuButtonPopup)
