"""The window: one tab per file, opening and closing them, and what happens to all of them at once."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, get_args

from PySide6.QtCore import QFileSystemWatcher, QSize, Qt, QTimer
from PySide6.QtGui import (
    QCloseEvent,
    QDragEnterEvent,
    QDragLeaveEvent,
    QDropEvent,
    QGuiApplication,
    QKeySequence,
    QShortcut,
    QShowEvent,
)
from PySide6.QtWidgets import (
    QApplication,
    QFileDialog,
    QHBoxLayout,
    QMainWindow,
    QMenuBar,
    QStackedWidget,
    QStatusBar,
    QTabWidget,
    QToolBar,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from ckpt_studio.gui.actions import TOOLBAR, Actions, Situation, plain_words
from ckpt_studio.gui.crash_journal import CrashJournal
from ckpt_studio.gui.dialogs.ask_dialog import AskDialog
from ckpt_studio.gui.document import Document
from ckpt_studio.gui.document_page import DocumentPage, Kept
from ckpt_studio.gui.drag import is_outgoing
from ckpt_studio.gui.file_page import FilePage
from ckpt_studio.gui.file_summary import architecture_parts
from ckpt_studio.gui.filter_box import FilterBox
from ckpt_studio.gui.fitting import resize_within_screen
from ckpt_studio.gui.help import show_guide
from ckpt_studio.gui.languages import change_language
from ckpt_studio.gui.menus import Menus, add_drop_downs
from ckpt_studio.gui.name_filter import NameFilter
from ckpt_studio.gui.recent_facts import RecentFacts, recent_facts, remember_exported, remember_facts
from ckpt_studio.gui.recipe_windows import RecipeWindows
from ckpt_studio.gui.restoring import Found, RestoreBar, restore
from ckpt_studio.gui.settings import (
    recent_files,
    remember_recent,
    remember_session,
    reopens_files,
    set_reopens_files,
    settings,
    text_setting,
)
from ckpt_studio.gui.status_line import StatusLine
from ckpt_studio.gui.tab_bar import TabBar
from ckpt_studio.gui.text_size import scale_icons, set_text_size, stepped
from ckpt_studio.gui.theme import ThemeName, app_icon, apply_theme, icon, theme_name
from ckpt_studio.gui.welcome_page import WelcomePage
from ckpt_studio.resources import resource_path

if TYPE_CHECKING:
    from ckpt_studio.gui.tour import Tour

_DOCUMENT_ACTIONS = (
    "split", "join",
    "export", "save-tensors", "undo", "redo", "copy-as-python", "rename-here", "rename", "strip-prefix", "add-prefix",
    "pattern-rename", "regex-rename", "metadata", "go-to-name", "bookmark", "next-bookmark", "previous-bookmark", "pop",
    "next-odd", "previous-odd",
    "pop-matching", "keep-only", "cast", "device", "cut", "copy", "paste", "activate", "expand-below",
    "collapse-all", "compare", "compare-torchvision", "compare-python", "compare-module", "compare-checkpoint",
    "compare-nothing",
    "file-order", "name-order",
)  # fmt: skip
_FILTER_WIDTH = 330
_SIZE = QSize(1320, 840)
# A program that writes a file touches it many times: the question is asked when it is quiet.
_QUIET_MS = 400


class MainWindow(QMainWindow):
    """Owns the tabs; each `FilePage` owns its document."""

    def __init__(self, journal: CrashJournal | None = None) -> None:
        super().__init__()
        self._journal = journal
        self._closing = False
        self._tour: Tour | None = None
        self._recipes = RecipeWindows(self)
        self._recipes.folder_wanted.connect(self._choose_folder_for)
        self.setWindowIcon(app_icon())
        self.setAcceptDrops(True)
        self.setUnifiedTitleAndToolBarOnMac(True)
        self._watcher = QFileSystemWatcher(self)
        self._watcher.fileChanged.connect(self._on_file_touched)
        self._touched: set[str] = set()
        self._quiet = QTimer(self)
        self._quiet.setSingleShot(True)
        self._quiet.setInterval(_QUIET_MS)
        self._quiet.timeout.connect(self._on_quiet)
        if journal is not None:
            journal.found.connect(self._on_leftovers_found)
        QGuiApplication.styleHints().colorSchemeChanged.connect(self._on_scheme_changed)
        self._build()
        self._restore_geometry()

    # Building

    def _build(self) -> None:
        """Makes everything that has words on it; once more for another language."""
        self.actions_ = Actions(self)
        self.welcome = WelcomePage(self.actions_)
        self.tabs = QTabWidget()
        self.tabs.setTabBar(TabBar())
        self.tabs.setDocumentMode(True)
        self.tabs.setTabsClosable(True)
        self.tabs.setMovable(True)
        self.tabs.setElideMode(Qt.TextElideMode.ElideMiddle)
        self.tabs.setAccessibleName(self.tr("Open files"))
        self.tabs.tabBar().setAccessibleName(self.tr("Open files"))
        self.tabs.tabBar().setExpanding(False)
        self.pages = QStackedWidget()
        self.pages.addWidget(self.welcome)
        self.pages.addWidget(self.tabs)
        self.filter_box = FilterBox()
        self.restore_bar = RestoreBar()
        bar = QMenuBar()
        bar.setAccessibleName(self.tr("Menus"))
        self.setMenuBar(bar)
        self.menus = Menus(bar, self.actions_, lambda: self.current_page)
        self._build_toolbar()
        self.setStatusBar(QStatusBar())
        self.status_line = StatusLine(self.statusBar())
        self._connect()
        self.actions_["open-sample"].setVisible(resource_path("sample.pth").is_file())
        self.actions_["tour"].setVisible(resource_path("sample.pth").is_file())
        self.welcome.refresh()
        self._show_situation()

    def _build_toolbar(self) -> None:
        bar = QToolBar(self.tr("Tools"))
        bar.setObjectName("tools")
        bar.setMovable(False)
        scale_icons(bar, 18)
        bar.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        bar.setContextMenuPolicy(Qt.ContextMenuPolicy.PreventContextMenu)
        bar.setAccessibleName(self.tr("Tools"))
        for name in TOOLBAR:
            if not name:
                bar.addSeparator()
                continue
            bar.addAction(self.actions_[name])
            button = bar.widgetForAction(self.actions_[name])
            if isinstance(button, QToolButton):
                button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
                button.setAccessibleName(plain_words(self.actions_[name]))
                if name in ("undo", "redo"):
                    button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonIconOnly)
        add_drop_downs(bar, self.actions_)
        self.tool_bar = bar
        self._show_overflow()
        # Not Qt's tool bar areas: there the filter would be the first to vanish from a narrow window.
        row = QHBoxLayout()
        row.setContentsMargins(0, 0, 12, 0)
        row.setSpacing(0)
        row.addWidget(bar, 1)
        self.filter_box.setFixedWidth(_FILTER_WIDTH)
        row.addWidget(self.filter_box)
        column = QVBoxLayout()
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(row)
        column.addWidget(self.restore_bar)
        column.addWidget(self.pages, 1)
        middle = QWidget()
        middle.setLayout(column)
        self.setCentralWidget(middle)
        self.setMinimumSize(1000, 600)

    def _show_overflow(self) -> None:
        """Qt's own arrow for tools without room has no name, and in the dark no colour."""
        overflow = self.tool_bar.findChild(QToolButton, "qt_toolbar_ext_button")
        if overflow is not None:
            overflow.setAccessibleName(self.tr("More tools"))
            overflow.setToolTip(self.tr("More tools"))
            overflow.setIcon(icon("more"))

    def _connect(self) -> None:
        actions = self.actions_
        actions["open"].triggered.connect(self.choose_files)
        actions["open-folder"].triggered.connect(self.choose_folder)
        actions["open-sample"].triggered.connect(lambda: self.open_path(str(resource_path("sample.pth"))))
        actions["close"].triggered.connect(lambda: self.close_tab(self.tabs.currentIndex()))
        actions["reload"].triggered.connect(self.reload)
        actions["quit"].triggered.connect(self.close)
        actions["tour"].triggered.connect(self.start_tour)
        actions["find"].triggered.connect(self._on_find)
        actions["update-from"].triggered.connect(self._on_update_from)
        actions["differences"].triggered.connect(self._on_differences)
        actions["edit-recipe"].triggered.connect(lambda: self.edit_recipe())
        actions["preferences"].triggered.connect(self._on_preferences)
        actions["about"].triggered.connect(self._on_about)
        actions["guide"].triggered.connect(self._on_guide)
        actions["shortcuts"].triggered.connect(self._on_shortcuts)
        actions["diagnostics"].triggered.connect(self._on_diagnostics)
        actions["reopen-files"].setChecked(reopens_files())
        actions["reopen-files"].toggled.connect(set_reopens_files)
        for name, steps in (("larger-text", 1), ("smaller-text", -1), ("normal-text", 0)):
            actions[name].triggered.connect(lambda _=False, steps=steps: self.change_text_size(steps))
        for name in _DOCUMENT_ACTIONS:
            actions[name].triggered.connect(lambda _=False, name=name: self._run(name))
        for name in ("rename-here", "rename", "pop", "cut", "copy", "paste"):
            actions[name].setShortcutContext(Qt.ShortcutContext.WidgetShortcut)
        for keys, step in (("Ctrl+Tab", 1), ("Ctrl+Shift+Tab", -1)):
            # The tabs' own keys act only while the focus is in them: not in the tool bar, not in the filter.
            QShortcut(QKeySequence(keys), self, lambda step=step: self._turn_tab(step))
        self.welcome.open_wanted.connect(self.open_path)
        self.tabs.currentChanged.connect(self._on_tab_changed)
        self.tabs.tabCloseRequested.connect(self.close_tab)
        self.filter_box.filter_changed.connect(self._on_filter_changed)
        self.filter_box.left.connect(self._on_filter_left)
        self.restore_bar.restore_wanted.connect(self._on_restore_wanted)
        self.restore_bar.closed.connect(lambda: self.welcome.refresh(self.restore_bar.pending))
        self.menus.open_wanted.connect(self.open_path)
        self.menus.recent_forgotten.connect(self.welcome.refresh)
        self.menus.theme_chosen.connect(self._on_theme_chosen)
        self.menus.language_chosen.connect(self.set_language)

    # What others ask

    @property
    def current_file(self) -> FilePage | None:
        """The tab in front."""
        page = self.tabs.currentWidget()
        return page if isinstance(page, FilePage) else None

    @property
    def current_page(self) -> DocumentPage | None:
        """The document in front, if the tab in front has one."""
        return self.current_file.page if self.current_file is not None else None

    @property
    def file_pages(self) -> list[FilePage]:
        """All tabs, from left to right."""
        pages = (self.tabs.widget(i) for i in range(self.tabs.count()))
        return [page for page in pages if isinstance(page, FilePage)]

    @property
    def documents(self) -> list[Document]:
        """All open documents."""
        return [file.page.document for file in self.file_pages if file.page is not None]

    def choose_files(self) -> None:
        """Asks for files and opens them."""
        dialog = QFileDialog(self, self.tr("Open checkpoints"), text_setting("open/folder", ""))
        dialog.setFileMode(QFileDialog.FileMode.ExistingFiles)
        dialog.setNameFilters(
            [
                self.tr("Checkpoints ({patterns})").format(
                    patterns="*.pth *.pt *.ckpt *.bin *.safetensors *.tar *.th *.pkl *.pickle *.pt2 *.json *.model *.gz"
                ),
                self.tr("All files (*)"),
            ]
        )
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.filesSelected.connect(self.open_paths)
        dialog.open()

    def choose_folder(self) -> None:
        """Asks for a folder and lists its checkpoints."""
        start = text_setting("folder/path", text_setting("open/folder", ""))
        dialog = QFileDialog(self, self.tr("Open a folder of checkpoints"), start)
        dialog.setFileMode(QFileDialog.FileMode.Directory)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.fileSelected.connect(lambda folder: self.open_folder(folder))
        dialog.open()

    def open_folder(self, folder: str, recipe: str = "") -> None:
        """Lists the checkpoints of a folder in a window of its own; `recipe` is offered for converting them."""
        from ckpt_studio.gui.folder_window import FolderWindow

        shown = FolderWindow(folder, self, recipe)
        shown.open_wanted.connect(self.open_path)
        shown.show()

    def edit_recipe(self) -> None:
        """Opens the changes of the file in front, or an empty recipe, in a window of its own."""
        self._recipes.open(self.current_page)

    def _choose_folder_for(self, recipe: str) -> None:
        """Asks for the folder whose files a recipe is to be applied to."""
        start = text_setting("folder/path", text_setting("open/folder", ""))
        dialog = QFileDialog(self, self.tr("Apply the recipe to the checkpoints of a folder"), start)
        dialog.setFileMode(QFileDialog.FileMode.Directory)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.fileSelected.connect(lambda folder: self.open_folder(folder, recipe))
        dialog.open()

    def open_paths(self, paths: Iterable[str]) -> None:
        """Opens files, each in a tab; the last one is in front."""
        for path in paths:
            self.open_path(path)

    def open_received(self, paths: Sequence[str]) -> None:
        """Opens files that another start of the program, or the system, hands over, and comes to the front."""
        self.open_paths(paths)
        self.setWindowState(self.windowState() & ~Qt.WindowState.WindowMinimized)
        self.show()
        self.raise_()
        self.activateWindow()
        # Where windows may not push themselves to the front, the task bar calls.
        QApplication.alert(self)

    def open_path(self, path: str) -> FilePage:
        """Opens a file in a new tab, or brings the tab to the front that has it."""
        path = os.path.abspath(path)
        for file in self.file_pages:
            if _same_file(file.path, path):
                self.tabs.setCurrentWidget(file)
                return file
        file = self._add_tab(path)
        self.tabs.setCurrentWidget(file)
        file.start()
        self._show_situation()
        return file

    def _add_tab(self, path: str) -> FilePage:
        file = FilePage(path, self.actions_)
        file.opened.connect(self._on_opened)
        file.failed.connect(self._show_situation)
        file.close_wanted.connect(lambda: self._remove(file))
        index = self.tabs.addTab(file, os.path.basename(path) or path)
        self.tabs.setTabToolTip(index, path)
        self.pages.setCurrentWidget(self.tabs)
        return file

    def close_tab(self, index: int) -> None:
        """Closes a tab; asks first when it has changes that were not exported."""
        file = self.tabs.widget(index)
        if not isinstance(file, FilePage):
            return
        if file.page is None or not file.page.document.is_dirty:
            self._remove(file)
            return
        from ckpt_studio.gui.dialogs.close_prompt import ClosePrompt

        # What is asked about is seen behind the question.
        self.tabs.setCurrentWidget(file)
        prompt = ClosePrompt([file.page.document], self)
        prompt.discard_chosen.connect(lambda: self._remove(file))
        prompt.export_requested.connect(self._on_export_requested)
        prompt.open()

    def reload(self) -> None:
        """Reads the current file again; changes that were not exported are asked about first."""
        file = self.current_file
        if file is None:
            return
        if file.page is None or not file.page.document.is_dirty:
            self._reload(file)
            return
        from ckpt_studio.gui.dialogs.close_prompt import ClosePrompt

        prompt = ClosePrompt([file.page.document], self, reloading=True)
        prompt.discard_chosen.connect(lambda: self._reload(file))
        prompt.export_requested.connect(self._on_export_requested)
        prompt.open()

    def set_theme(self, name: ThemeName) -> None:
        """Puts a theme on and remembers it."""
        settings().setValue("view/theme", name)
        self._restyle(name)

    def set_language(self, code: str) -> None:
        """Speaks another language from now on ("": the system's); files, changes and models stay as they are."""
        settings().setValue("view/language", code)
        # Not from within the menu that is about to go.
        QTimer.singleShot(0, self._rebuild)

    def start_tour(self) -> None:
        """Opens the sample and leads through it."""
        if self._tour is not None:
            self._tour.end()
        file = self.open_path(str(resource_path("sample.pth")))
        if file.page is not None:
            self._begin_tour(file.page)
        else:
            file.opened.connect(self._begin_tour)

    def change_text_size(self, steps: int) -> None:
        """Makes all text larger or smaller by steps; 0: the system's size."""
        self.set_text_size(stepped(steps))

    def set_text_size(self, percent: int) -> None:
        """Gives all text this size, in percent of the system's."""
        app = QApplication.instance()
        if isinstance(app, QApplication):
            set_text_size(app, percent, lambda: self._restyle(theme_name()))

    # What happens

    def _run(self, name: str) -> None:
        if self.current_page is not None:
            self.current_page.run(name)

    def _rebuild(self) -> None:
        app = QApplication.instance()
        files = self.file_pages
        if app is None or any(file.page is not None and file.page.edits.is_busy for file in files):
            # A moment later: the edit belongs to the page that would go.
            QTimer.singleShot(_QUIET_MS, self._rebuild)
            return
        if self._tour is not None:
            self._tour.end()
        front, restoring = self.tabs.currentIndex(), self.restore_bar.isVisible()
        recipes = self._recipes.give_up()
        kept: list[tuple[str, Kept | None]] = []
        for file in files:
            kept.append((file.path, file.page.give_up() if file.page is not None else None))
            if file.page is None:
                file.close_file()
        for action in self.actions_:
            # Two actions with one key would both be silent.
            action.setShortcuts([])
            action.deleteLater()
        self.actions_.deleteLater()
        change_language(app)
        self._build()
        for path, one in kept:
            file = self._add_tab(path)
            if one is None:
                file.start()
            else:
                file.show_kept(one)
                assert file.page is not None
                self._follow(file.page)
        self.tabs.setCurrentIndex(front)
        self._recipes.open_again(recipes, [file.page for file in self.file_pages if file.page is not None])
        if restoring:
            self._on_leftovers_found()
        self._on_tab_changed()
        if self.current_page is not None:
            self.current_page.tree.setFocus()

    def _begin_tour(self, page: DocumentPage) -> None:
        from ckpt_studio.gui.tour import Tour

        self._tour = Tour(self, page)
        self._tour.ended.connect(self._on_tour_ended)
        self._tour.start()

    def _on_tour_ended(self) -> None:
        self._tour = None

    def _follow(self, page: DocumentPage) -> None:
        page.history.editor_wanted.connect(self.edit_recipe)
        page.situation_changed.connect(self._show_situation)
        page.filtered.connect(self._on_filtered)
        page.name_wanted.connect(lambda name: self._on_name_wanted(page, name))
        page.everything_wanted.connect(lambda: self.filter_box.search(""))
        page.reload_wanted.connect(lambda: self._reload_page(page))
        page.open_wanted.connect(self.open_path)
        page.exported.connect(lambda target: remember_exported(page.document.path, target))
        page.header.summarized.connect(lambda: _remember_summary(page))

    def _on_opened(self, page: DocumentPage) -> None:
        document = page.document
        self._follow(page)
        self._recipes.on_file_opened(page)
        document.dirty_changed.connect(self._show_titles)
        if self._journal is not None:
            self._journal.watch(document)
        path = document.path
        if str(resource_path("sample.pth")) != path:
            remember_recent(path)
        settings().setValue("open/folder", os.path.dirname(path))
        if os.path.isfile(path):
            self._watcher.addPath(path)
        if page is self.current_page:
            page.tree.setFocus()
            page.set_filter(self.filter_box.filter)
        self._show_situation()

    def _remove(self, file: FilePage) -> None:
        index = self.tabs.indexOf(file)
        if index < 0:
            return
        if self._tour is not None and self._tour.page is file.page:
            self._tour.end()
        if file.page is not None:
            self._recipes.on_file_closes(file.page)
        file.close_file()
        if file.page is not None:
            file.page.save_layout()
            if self._journal is not None:
                self._journal.forget(file.page.document)
        if file.path in self._watcher.files():
            self._watcher.removePath(file.path)
        self.tabs.removeTab(index)
        file.hide()
        file.deleteLater()
        if self.tabs.count() == 0:
            self.welcome.refresh(self.restore_bar.pending)
            self.pages.setCurrentWidget(self.welcome)
            self.welcome.open_button.setFocus()
        elif self.current_page is not None:
            self.current_page.tree.setFocus()
        self._show_situation()

    def _reload(self, file: FilePage) -> None:
        index, path = self.tabs.indexOf(file), file.path
        self._remove(file)
        again = self.open_path(path)
        self.tabs.tabBar().moveTab(self.tabs.indexOf(again), max(index, 0))

    def _reload_page(self, page: DocumentPage) -> None:
        for file in self.file_pages:
            if file.page is page:
                self._reload(file)

    def _on_export_requested(self, document: Document) -> None:
        self._bring_to_front(document)
        if self.current_page is not None:
            self.current_page.export()

    def _bring_to_front(self, document: Document) -> None:
        for file in self.file_pages:
            if file.page is not None and file.page.document is document:
                self.tabs.setCurrentWidget(file)

    def _on_leftovers_found(self) -> None:
        if self._journal is not None:
            self.restore_bar.offer(self._journal)
            self.welcome.refresh(self.restore_bar.pending)

    def _on_restore_wanted(self, found: list[Found]) -> None:
        if self._journal is not None:
            for one in found:
                restore(one, self.open_path(one.pending.path), self._journal)
            self.restore_bar.found = []

    def _on_tab_changed(self) -> None:
        page = self.current_page
        if self._tour is not None:
            self._tour.show_for(page)
        self.filter_box.show_filter(page.filter if page is not None else NameFilter())
        self._show_situation()

    def _on_filter_changed(self, wanted: NameFilter) -> None:
        if self.current_page is not None:
            self.current_page.set_filter(wanted)

    def _on_filtered(self, found: int, total: int) -> None:
        page = self.current_page
        if page is not None and page.filter:
            self.filter_box.say_found(found, total)
        self.status_line.show_page(page)

    def _turn_tab(self, step: int) -> None:
        if self.tabs.count():
            self.tabs.setCurrentIndex((self.tabs.currentIndex() + step) % self.tabs.count())

    def _on_filter_left(self) -> None:
        if self.current_page is not None:
            self.current_page.tree.enter()

    def _on_name_wanted(self, page: DocumentPage, name: str) -> None:
        if not page.tree.go_to(name):
            self.filter_box.search("")
            page.tree.go_to(name)
        page.tree.setFocus()

    def _on_find(self) -> None:
        self.filter_box.field.setFocus()
        self.filter_box.field.selectAll()

    def _on_file_touched(self, path: str) -> None:
        self._touched.add(path)
        self._quiet.start()

    def _on_quiet(self) -> None:
        touched, self._touched = self._touched, set()
        for document in self.documents:
            sources = document.history.opened.source.files
            if document.path in touched and any(source.changed() for source in sources):
                document.source_changed.emit()
        for path in touched:
            # Replaced files fall out of the watch.
            if os.path.isfile(path) and path not in self._watcher.files():
                self._watcher.addPath(path)

    def _on_theme_chosen(self, name: str) -> None:
        self.set_theme(next((theme for theme in get_args(ThemeName) if theme == name), "system"))

    def _on_scheme_changed(self) -> None:
        if text_setting("view/theme", "system") == "system":
            self._restyle("system")

    def _restyle(self, name: ThemeName) -> None:
        app = QApplication.instance()
        if isinstance(app, QApplication):
            apply_theme(app, name)
        self.actions_.restyle()
        self.menus.restyle()
        self._show_overflow()
        self.welcome.refresh()
        self.filter_box.restyle()
        for file in self.file_pages:
            if file.page is not None:
                file.page.restyle()

    def _others(self, page: DocumentPage) -> list[Document]:
        return [document for document in self.documents if document is not page.document]

    def _on_update_from(self) -> None:
        from ckpt_studio.gui.dialogs.update_dialog import UpdateDialog

        page = self.current_page
        if page is not None:
            UpdateDialog(page.document, self._others(page), parent=self).open()

    def _on_differences(self) -> None:
        from ckpt_studio.gui.dialogs.difference_dialog import DifferenceDialog

        page = self.current_page
        if page is not None:
            DifferenceDialog(page.document, self._others(page), self).show()

    def _on_preferences(self) -> None:
        from ckpt_studio.gui.dialogs.preferences_dialog import PreferencesDialog

        dialog = PreferencesDialog(self)
        dialog.language_chosen.connect(self.set_language)
        dialog.theme_chosen.connect(self._on_theme_chosen)
        dialog.text_size_chosen.connect(self.set_text_size)
        dialog.reopening_chosen.connect(lambda wanted: self.actions_["reopen-files"].setChecked(wanted))
        dialog.recent_changed.connect(lambda: self.welcome.refresh())
        dialog.open()

    def _on_about(self) -> None:
        from ckpt_studio.gui.about_dialogs import AboutDialog

        AboutDialog(self).open()

    def _on_guide(self) -> None:
        show_guide(self, QApplication.focusWidget())

    def _on_diagnostics(self) -> None:
        from ckpt_studio.gui.diagnostics import diagnostic_report

        QGuiApplication.clipboard().setText(diagnostic_report())
        self.statusBar().showMessage(
            self.tr("The report is on the clipboard. It holds no names and no values from your files."), 8000
        )

    def _on_shortcuts(self) -> None:
        from ckpt_studio.gui.about_dialogs import ShortcutsDialog

        ShortcutsDialog(list(self.actions_), self).open()

    # Showing where we are

    def _show_situation(self) -> None:
        page, file = self.current_page, self.current_file
        self.actions_.update(page.situation if page is not None else Situation(tabs=file is not None))
        self.filter_box.setEnabled(page is not None)
        self._show_titles()
        self.status_line.show_page(page)
        if page is not None:
            order = page.tree.tensors.order.column
            self.actions_["file-order"].setChecked(order == "file")
            self.actions_["name-order"].setChecked(order == "name")

    def _show_titles(self) -> None:
        names = [os.path.basename(file.path) or file.path for file in self.file_pages]
        for index, file in enumerate(self.file_pages):
            dirty = file.page is not None and file.page.document.is_dirty
            text = names[index]
            if names.count(text) > 1:
                text = f"{os.path.basename(os.path.dirname(file.path))}/{text}"
            self.tabs.setTabText(index, (f"{text} •" if dirty else text).replace("&", "&&"))
        current = self.current_file
        if current is None:
            self.setWindowTitle(self.tr("Ckpt Studio"))
            self.setWindowModified(False)
            return
        name = os.path.basename(current.path)
        saved = current.page.document.saved_as if current.page is not None else ""
        self.setWindowTitle(
            self.tr("{file}, saved as {saved}[*] — Ckpt Studio").format(file=name, saved=saved)
            if saved
            else self.tr("{file}[*] — Ckpt Studio").format(file=name)
        )
        self.setWindowModified(current.page is not None and current.page.document.is_dirty)

    def _restore_geometry(self) -> None:
        resize_within_screen(self, _SIZE)
        geometry = settings().value("window/geometry")
        if geometry is not None:
            self.restoreGeometry(geometry)

    # Qt's side

    def focusNextPrevChild(self, forwards: bool) -> bool:
        # Qt asks also when what has the focus was hidden or disabled: the next in its order is the tool bar.
        left, page = self.focusWidget(), self.current_page
        if page is not None and left is not None and not (left.isVisible() and left.isEnabled()):
            page.tree.setFocus()
            return True
        return super().focusNextPrevChild(forwards)

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.actions_.draw_soon()

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if _dropped_paths(event):
            event.acceptProposedAction()
            self.welcome.show_drop(True)

    def dragLeaveEvent(self, event: QDragLeaveEvent) -> None:
        self.welcome.show_drop(False)

    def dropEvent(self, event: QDropEvent) -> None:
        self.welcome.show_drop(False)
        paths = _dropped_paths(event)
        if paths:
            event.acceptProposedAction()
            self.open_paths(paths)

    def closeEvent(self, event: QCloseEvent) -> None:
        writing = self._writing_dialog()
        if writing is not None:
            event.ignore()
            writing.warn_of_quitting()
            return
        if self._recipes.ask(self.close):
            event.ignore()
            return
        dirty = [document for document in self.documents if document.is_dirty]
        if dirty and not self._closing:
            from ckpt_studio.gui.dialogs.close_prompt import ClosePrompt

            event.ignore()
            self._bring_to_front(dirty[0])
            prompt = ClosePrompt(dirty, self)
            prompt.discard_chosen.connect(self._on_discard_all)
            prompt.export_requested.connect(self._on_export_requested)
            prompt.open()
            return
        settings().setValue("window/geometry", self.saveGeometry())
        remember_session([file.path for file in self.file_pages if file.page is not None])
        for file in self.file_pages:
            self._remove(file)
        if self._journal is not None:
            self._journal.close()
        event.accept()

    def _writing_dialog(self) -> AskDialog | None:
        return next((dialog for dialog in self.findChildren(AskDialog) if dialog.is_writing), None)

    def _on_discard_all(self) -> None:
        self._closing = True
        self.close()


def _remember_summary(page: DocumentPage) -> None:
    """Keeps what the header says of the file as it was opened, for the list of recent files."""
    summary, candidate, path = page.header.summary, page.header.candidate, page.document.path
    if summary is None or page.document.history.index or path not in recent_files():
        return
    name = architecture_parts(candidate.reference)[0] if candidate is not None else summary.architecture
    before = recent_facts(path).exported
    files = page.document.checkpoint.source.files
    nbytes = sum(file.nbytes for file in files) if len(files) > 1 else 0
    remember_facts(path, RecentFacts(name, summary.parameters, summary.dtypes, summary.parts, before, nbytes))


def _dropped_paths(event: QDragEnterEvent | QDropEvent) -> Sequence[str]:
    data = event.mimeData()
    if is_outgoing(data):
        # Tensors of our own: a drop here must not write them to a file first.
        return []
    return [url.toLocalFile() for url in data.urls() if url.isLocalFile()] if data.hasUrls() else []


def _same_file(one: str, other: str) -> bool:
    if one == other:
        return True
    try:
        return os.path.samefile(one, other)
    except OSError:
        return False
