"""One open document in its tab: summary above, the tree at the left, the model and the history at the right."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from typing import TYPE_CHECKING

from PySide6.QtCore import QPoint, Qt, QTimer, QUrl, Signal
from PySide6.QtGui import QDesktopServices, QShowEvent
from PySide6.QtWidgets import QMenu, QSplitter, QVBoxLayout, QWidget

from ckpt_studio.core.edits import Edit, KeepNames, Pop, PopEntry, SetMetadata, StripPrefix
from ckpt_studio.core.tree import Path
from ckpt_studio.errors import StudioError
from ckpt_studio.formats import atomic
from ckpt_studio.gui.actions import Actions, Situation
from ckpt_studio.gui.compare_pane import ComparePane
from ckpt_studio.gui.dialogs.ask_dialog import counted
from ckpt_studio.gui.document import ChangeSet, Document
from ckpt_studio.gui.edit_queue import EditQueue
from ckpt_studio.gui.health import Health
from ckpt_studio.gui.history_pane import HistoryPane
from ckpt_studio.gui.name_filter import NameFilter
from ckpt_studio.gui.notice_bar import NoticeBar
from ckpt_studio.gui.panels import Panels
from ckpt_studio.gui.settings import settings, text_setting
from ckpt_studio.gui.shared_room import SharedRoom
from ckpt_studio.gui.summary_header import SummaryHeader
from ckpt_studio.gui.tensor_tree_model import NAME
from ckpt_studio.gui.tensor_tree_view import TensorTreeView, TreeState
from ckpt_studio.gui.tree_nodes import Tables
from ckpt_studio.gui.wording import worded_error

if TYPE_CHECKING:
    from ckpt_studio.compare.identify import Candidate
    from ckpt_studio.gui.checks_pane import Outcome

_TREE_MENU = (
    "activate", "rename-here", "rename", "cut", "copy", "paste", "", "pop", "keep-only", "save-tensors", "",
    "strip-prefix", "add-prefix", "pattern-rename", "regex-rename", "cast", "device", "metadata", "",
    "split", "join", "", "bookmark", "expand-below", "collapse-all",
)  # fmt: skip


@dataclass(frozen=True)
class Kept:
    """A document without its page, and how the page looked: another page can take its place."""

    document: Document
    tables: Tables
    tree: TreeState
    sorted_by: tuple[int, Qt.SortOrder]
    filter: NameFilter
    panel: int
    has_room: bool
    views: Mapping[int, str]
    checked: tuple[Outcome | None, bool]


# A change of a million names is worked on so long that one wants to know.
_PATIENCE_MS = 400
# Whose new names are looked at for slips; more are no slip of the fingers.
_MOST_LOOKED_AT = 1000
# More are selected by mistake.
_MOST_JOINED = 64


class DocumentPage(QWidget):
    """The views of one document and what the actions do to it.

    Signals:
        situation_changed(): the selection, the history or the model changed: actions and status bar follow.
        filtered(int, int): names found, of how many.
        name_wanted(str): a name was chosen to jump to; a filter that hides it has to go.
        everything_wanted(): the filter has to go: it hides what was jumped to, or Escape was pressed in the tree.
        exported(str): the result was written to this file.
        open_wanted(str): this file shall be opened too.
        reload_wanted(): the file was exported over itself, on a system where the old bytes cannot be read any more.
    """

    situation_changed = Signal()
    filtered = Signal(int, int)
    reload_wanted = Signal()
    name_wanted = Signal(str)
    everything_wanted = Signal()
    exported = Signal(str)
    open_wanted = Signal(str)

    def __init__(
        self, document: Document, actions: Actions, tables: Tables, parent: QWidget | None = None,
        *, compare: ComparePane | None = None,
    ) -> None:  # fmt: skip
        """Makes the views; `compare`, which takes as long as all others, may have been made before."""
        super().__init__(parent)
        self.document = document
        self._actions = actions
        self._tables = tables
        document.setParent(self)
        self.filter = NameFilter()
        self._health: Health | None = None
        self._overwritten = False
        # Somebody else changed the file; said until it is loaded again.
        self._is_outdated = False
        self.header = SummaryHeader(document)
        self.notice = NoticeBar()
        self.tree = TensorTreeView(document, tables=tables)
        self.edits = EditQueue(document, self.tree, self)
        # To the tabs, as soon as there is any.
        self._gives_room = False
        self._says_working = False
        # How many tensors the edit on its way leaves out because the filter hides them.
        self._left_out = 0
        self._patience = QTimer(self)
        self._patience.setSingleShot(True)
        self._patience.setInterval(_PATIENCE_MS)
        self._patience.timeout.connect(self._on_working_long)
        self.compare = compare or ComparePane(document)
        self.history = HistoryPane(document)
        self.panels = Panels(document, self.tree, self.history)
        self.right = QSplitter(Qt.Orientation.Vertical)
        self.right.setHandleWidth(1)
        self.right.addWidget(self.compare)
        self.right.addWidget(self.panels)
        self.right.setStretchFactor(0, 3)
        self.right.setStretchFactor(1, 1)
        self.right.setSizes([370, 280])
        # Dragged as low as it goes, what a comparison says can still be read; nothing would bring it back.
        self.right.setChildrenCollapsible(False)
        self.room = SharedRoom(self.right, self.compare, self.panels)
        self.splitter = QSplitter(Qt.Orientation.Horizontal)
        self.splitter.setHandleWidth(1)
        self.splitter.setChildrenCollapsible(False)
        self.splitter.addWidget(self.tree)
        self.splitter.addWidget(self.right)
        self.splitter.setStretchFactor(0, 1)
        self.splitter.setStretchFactor(1, 1)
        self.splitter.setSizes([690, 590])
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self.header)
        layout.addWidget(self.notice)
        layout.addWidget(self.splitter, 1)
        self._connect()
        self._restore_layout()
        self._show_history_title()
        self._offer_whole_set()

    def _connect(self) -> None:
        document, tree, header = self.document, self.tree, self.header
        document.changed.connect(self._on_changed)
        document.dirty_changed.connect(self._on_situation)
        document.model_changed.connect(self._on_situation)
        document.source_changed.connect(self._on_source_changed)
        document.selection.names_changed.connect(self._on_situation)
        document.selection.current_changed.connect(self._on_situation)
        tree.selectionModel().currentChanged.connect(self._on_situation)
        tree.selectionModel().selectionChanged.connect(self._on_situation)
        document.refused.connect(self._on_refused)
        self.edits.busy_changed.connect(self._on_busy)
        tree.refused.connect(self.refuse)
        tree.part_changed.connect(self._on_part_changed)
        tree.activation_wanted.connect(self.activate)
        tree.everything_wanted.connect(self.everything_wanted)
        tree.customContextMenuRequested.connect(self._on_menu_wanted)
        tree.tensors.filtered.connect(self.filtered)
        self.compare.candidate_wanted.connect(self._on_compare_wanted)
        header.summarized.connect(lambda: self.compare.recognise(header.candidate))
        header.strip_wanted.connect(lambda prefix, anywhere: self.apply(StripPrefix(prefix, anywhere)))
        header.compare_wanted.connect(self._on_compare_wanted)
        header.export_wanted.connect(self.export)
        header.findings_wanted.connect(self.show_findings)
        header.check_wanted.connect(self.panels.show_checks)
        self.panels.judged.connect(header.show_health)
        self.panels.tensors_saved.connect(self._on_tensors_saved)
        self.panels.health_known.connect(self._on_health_known)
        document.bookmarks.changed.connect(self._on_situation)
        # Keys that mean something else in other lists act only while the tree has the focus.
        for name in ("rename-here", "rename", "pop", "cut", "copy", "paste"):
            tree.addAction(self._actions[name])

    # What the window asks

    @property
    def situation(self) -> Situation:
        """What the actions depend on."""
        document = self.document
        nodes = [n for n in self.tree.selected_nodes if n.kind != "weights" and self.tree.tensors.is_active(n)]
        nodes = [node for node in nodes if node.kind in ("group", "tensor", "bucket")]
        current = self.tree.current_node
        return Situation(
            document=True,
            tabs=True,
            weights=document.state_dict is not None,
            names=bool(nodes),
            removable=bool(nodes) or bool(self._removals()),
            one_name=len(nodes) == 1 and nodes[0].kind != "bucket",
            inactive=current is not None and current.kind == "weights" and not self.tree.tensors.is_active(current),
            rows=bool(self.tree.selected_nodes),
            undo=document.history.index > 0,
            redo=document.history.index < len(document.history.revisions),
            model=document.resolved is not None,
            markable=current is not None and current.kind in ("tensor", "group"),
            marks=bool(document.bookmarks),
            editable=bool(self.tree.currentIndex().siblingAtColumn(NAME).flags() & Qt.ItemFlag.ItemIsEditable),
        )

    def apply(self, edit: Edit) -> bool:
        """Applies an edit, that of a big file soon; a refusal is said in the bar above the tree.

        Returns False when it was refused at once.
        """
        return self.document.request(edit)

    def refuse(self, text: str) -> None:
        """Says why something was not done; it stays until the next change or until it is closed."""
        self._says_working = False
        self._left_out = 0
        self.notice.say(text, "caution")

    def activate(self, path: Path) -> None:
        """Makes a state dict the active one."""
        try:
            self.document.activate(path)
        except StudioError as error:
            self.refuse(worded_error(error))

    def set_filter(self, wanted: NameFilter) -> None:
        """Filters the tree; asked for health, the values are checked first."""
        if wanted.needs_health:
            if self._health is None:
                self.panels.show_checks()
            wanted = replace(wanted, health=self._health)
        before, self.filter = self.filter, wanted
        self.tree.set_filter(wanted)
        if wanted.asks_for_missing != before.asks_for_missing:
            # No row of the tree is missing: the comparison lists those names.
            self.room.give_comparison()
            self.compare.show_only(("missing",) if wanted.asks_for_missing else ())

    def close_document(self) -> None:
        """Stops the work for this document; the page is about to go."""
        self.header.stop()
        self.edits.stop()
        self.document.close()

    def give_up(self) -> Kept:
        """Lets go of the document, with its changes and its model; this page is about to be deleted."""
        has_room = self.room.tabs_are_large
        self.save_layout()
        header = self.tree.header()
        kept = Kept(
            self.document, self._tables.for_another_view(), self.tree.shown_state,
            (header.sortIndicatorSection(), header.sortIndicatorOrder()), self.filter, self.panels.currentIndex(),
            has_room, self.panels.views, self.panels.checked,
        )  # fmt: skip
        self.header.stop()
        self.document.setParent(None)
        self.document.readers.clear()
        return kept

    def look_like(self, kept: Kept) -> None:
        """Shows the document as the page did that gave it up."""
        self.tree.header().setSortIndicator(*kept.sorted_by)
        self.panels.take_checked(*kept.checked)
        self.set_filter(kept.filter)
        self.tree.restore(kept.tree)
        self.panels.setCurrentIndex(kept.panel)
        self.panels.views = kept.views
        self._gives_room = kept.has_room

    def save_layout(self) -> None:
        """Remembers columns and splitters for the next document."""
        self.room.give_comparison()
        store = settings()
        store.setValue("layout/columns", self.tree.header().saveState())
        store.setValue("layout/digit", str(self.tree.digit_width))
        store.setValue("layout/splitter", self.splitter.saveState())
        store.setValue("layout/right", self.right.saveState())

    def restyle(self) -> None:
        """Takes the colours and icons of the present theme."""
        self.header.restyle()
        self.panels.restyle()
        self.tree.tensors.restyle()

    # What the actions do

    def run(self, name: str) -> None:
        """Carries out an action that concerns this document."""
        slots: dict[str, Callable[[], object]] = {
            "export": self.export,
            "save-tensors": self.panels.save_tensors,
            "undo": self.document.undo,
            "redo": self.document.redo,
            "copy-as-python": self._copy_as_python,
            "rename-here": lambda: self.tree.edit(self.tree.currentIndex().siblingAtColumn(NAME)),
            "rename": self._rename,
            "split": self._split,
            "join": self._join,
            "strip-prefix": self._strip_prefix,
            "add-prefix": self._add_prefix,
            "pattern-rename": self._pattern_rename,
            "regex-rename": self._regex_rename,
            "pop": self._pop,
            "pop-matching": self._pop_matching,
            "keep-only": lambda: self.apply(KeepNames(self.tree.selected_names)),
            "cast": self._cast,
            "device": self._device,
            "metadata": self._metadata,
            "go-to-name": self._go_to_name,
            "cut": self.tree.cut_names,
            "copy": self.tree.copy_names,
            "paste": self.tree.paste_names,
            "activate": self._activate_current,
            "bookmark": self._toggle_bookmark,
            "next-bookmark": lambda: self._go_round(1),
            "previous-bookmark": lambda: self._go_round(-1),
            "next-odd": lambda: self.panels.show_odd_value(1),
            "previous-odd": lambda: self.panels.show_odd_value(-1),
            "expand-below": lambda: self.tree.expand_below(self.tree.currentIndex().siblingAtColumn(NAME)),
            "collapse-all": self.tree.collapse_all,
            "compare": self.compare.choose_model,
            "compare-torchvision": lambda: self.compare.choose_model("torchvision"),
            "compare-python": lambda: self.compare.choose_model("file"),
            "compare-module": lambda: self.compare.choose_model("module"),
            "compare-checkpoint": lambda: self.compare.choose_model("checkpoint"),
            "compare-nothing": lambda: self.document.set_model(None),
            "file-order": lambda: self.tree.header().setSortIndicator(-1, Qt.SortOrder.AscendingOrder),
            "name-order": lambda: self.tree.header().setSortIndicator(NAME, Qt.SortOrder.AscendingOrder),
        }
        slots[name]()

    def export(self) -> None:
        """Opens the export dialog."""
        from ckpt_studio.gui.export_dialog import ExportDialog

        dialog = ExportDialog(self.document, self.window())
        dialog.exported.connect(self._on_exported)
        dialog.finished.connect(self._on_export_closed)
        dialog.open()

    def show_findings(self) -> None:
        """Shows what the reader noticed."""
        from ckpt_studio.gui.findings_dialog import FindingsDialog

        FindingsDialog(self.document.checkpoint, self.window()).open()

    def _activate_current(self) -> None:
        node = self.tree.current_node
        if node is not None and node.kind == "weights":
            self.activate(node.path)

    def _removals(self) -> list[Edit]:
        # Parts of lists cannot be left out: the others would change their numbers.
        edits: list[Edit] = []
        for node in self.tree.selected_nodes:
            if node.kind in ("box", "leaf") and node.path and isinstance(node.path[-1], str):
                edits.append(PopEntry(node.path))
            elif node.kind == "meta":
                edits.append(SetMetadata(node.key, None))
        return edits

    def _pop(self) -> None:
        names = self.tree.selected_names
        edits = self._removals()
        if names:
            edits.insert(0, Pop(names))
            self._left_out = sum(map(self.tree.tensors.hidden_in, self.tree.selected_nodes))
        for edit in edits:
            if not self.apply(edit):
                return

    def _copy_as_python(self) -> None:
        self.panels.setCurrentWidget(self.history)
        self.history.copy_as_python()

    def apply_recipe(self, edits: Sequence[Edit], name: str, instead: bool = False) -> None:
        """Applies a recipe's edits, shown in the history; `instead`: in the place of those made so far."""
        self.panels.setCurrentWidget(self.history)
        self.history.apply_edits(edits, name, instead)

    def _split(self) -> None:
        from ckpt_studio.gui.dialogs.split_dialog import SplitDialog, alike

        names = self.tree.selected_names
        if not names or not self._has_axes(names) or not alike(names):
            self.refuse(
                self.tr(
                    "Select one tensor with at least one axis to split, or several whose names differ in numbers only."
                )
            )
            return
        SplitDialog(self.document, names, self.window()).open()

    def _join(self) -> None:
        from ckpt_studio.gui.dialogs.split_dialog import JoinDialog

        names = self.tree.selected_names
        if not 2 <= len(names) <= _MOST_JOINED or not self._has_axes(names):
            self.refuse(self.tr("Select two or more tensors with at least one axis to join, such as q, k and v."))
            return
        JoinDialog(self.document, names, self.window()).open()

    def _has_axes(self, names: tuple[str, ...]) -> bool:
        state_dict = self.document.state_dict
        return state_dict is not None and all(
            name in state_dict.tensors and state_dict.tensors[name].shape for name in names
        )

    def _rename(self) -> None:
        from ckpt_studio.gui.dialogs.rename_dialog import RenameDialog

        node = self.tree.selected_nodes[0]
        shown = node.names if self.tree.tensors.hidden_in(node) else None
        RenameDialog(self.document, node.name, node.kind == "group", self.window(), shown).open()

    def _strip_prefix(self) -> None:
        from ckpt_studio.gui.dialogs.strip_prefix_dialog import StripPrefixDialog

        node = self.tree.current_node
        is_top = (
            node is not None and node.kind == "group" and self.tree.tensors.is_active(node) and "." not in node.name
        )
        StripPrefixDialog(self.document, f"{node.name}." if node is not None and is_top else "", self.window()).open()

    def _add_prefix(self) -> None:
        from ckpt_studio.gui.dialogs.add_prefix_dialog import AddPrefixDialog

        AddPrefixDialog(self.document, self.tree.selected_names or None, parent=self.window()).open()

    def _pattern_rename(self) -> None:
        from ckpt_studio.gui.dialogs.pattern_rename_dialog import PatternRenameDialog, pattern_of

        node = self.tree.current_node
        is_named = node is not None and node.kind in ("group", "tensor") and self.tree.tensors.is_active(node)
        PatternRenameDialog(self.document, pattern_of(node.name) if node and is_named else "", self.window()).open()

    def _regex_rename(self) -> None:
        from ckpt_studio.gui.dialogs.regex_rename_dialog import RegexRenameDialog

        RegexRenameDialog(self.document, self.window()).open()

    def _pop_matching(self) -> None:
        from ckpt_studio.gui.dialogs.pop_dialog import PopMatchingDialog

        PopMatchingDialog(self.document, self.window()).open()

    def _cast(self) -> None:
        from ckpt_studio.gui.dialogs.cast_dialog import CastDialog

        CastDialog(self.document, self.tree.selected_names or None, parent=self.window()).open()

    def cast_all(self, dtype: str) -> None:
        """Asks before all tensors are converted; the dialog looks for values that would not fit."""
        from ckpt_studio.gui.dialogs.cast_dialog import CastDialog

        CastDialog(self.document, None, dtype, self.window()).open()

    def _go_to_name(self) -> None:
        from ckpt_studio.gui.dialogs.jump_dialog import JumpDialog

        state_dict = self.document.state_dict
        dialog = JumpDialog(list(state_dict.entries) if state_dict is not None else [], self.window())
        dialog.chosen.connect(self.name_wanted)
        dialog.open()

    def show_named(self, path: Path, name: str, is_group: bool) -> None:
        """Selects a tensor or group of any state dict in the tree; a filter that hides it goes."""
        key = ("group" if is_group else "tensor", path, name)
        if not self.tree.show_row(key):
            self.everything_wanted.emit()
            self.tree.show_row(key)
        self.tree.setFocus()

    def _toggle_bookmark(self) -> None:
        node = self.tree.current_node
        if node is not None and node.kind in ("tensor", "group"):
            self.document.bookmarks.toggle(node.path, node.name)

    def _go_round(self, step: int) -> None:
        """To the next bookmark below the current row (step 1) or above it (-1), from the last one to the first."""
        rows = [("group" if mark.is_group else "tensor", mark.path, mark.name)
                for mark in self.document.bookmarks.in_order()]  # fmt: skip
        if not rows:
            return
        node = self.tree.current_node
        here = node.identity if node is not None else None
        if here in rows:
            place = rows.index(here) + step
        else:
            place = self.tree.rows_above(rows) - (step < 0)
        kind, path, name = rows[place % len(rows)]
        self.show_named(path, name, kind == "group")

    def _metadata(self) -> None:
        from ckpt_studio.gui.dialogs.metadata_dialog import MetadataDialog

        node = self.tree.current_node
        key = node.key if node is not None and node.kind == "meta" else ""
        MetadataDialog(self.document, key, self.window()).open()

    def _device(self) -> None:
        from ckpt_studio.gui.dialogs.device_dialog import DeviceDialog

        DeviceDialog(self.document, self.tree.selected_names or None, parent=self.window()).open()

    # What happens

    def _on_part_changed(self, hidden: int) -> None:
        self._left_out = hidden

    def _on_changed(self, change: ChangeSet) -> None:
        self.notice.clear()
        if self._is_outdated:
            self._say_outdated()
        if self._left_out and change.kind == "edit":
            text = counted(
                self._left_out,
                self.tr("Only what is shown was changed: 1 more, hidden by the filter, stays as it is."),
                self.tr("Only what is shown was changed: {count} more, hidden by the filter, stay as they are."),
            )
            self.notice.say(text, "calm")
        elif change.kind == "edit" and not self._is_outdated:
            self._tell_empty_parts(change)
        self._left_out = 0
        self._show_history_title()
        self.situation_changed.emit()

    def _tell_empty_parts(self, change: ChangeSet) -> None:
        """Says of a new name such as “x..y” that it is likely a slip."""
        pairs = islice(change.renamed.items(), _MOST_LOOKED_AT)
        slip = next((new for old, new in pairs if _has_empty_part(new) and not _has_empty_part(old)), None)
        if slip is not None:
            words = self.tr("“{name}” has a dot too many: nothing in a PyTorch model is called that.")
            self.notice.say(words.format(name=slip), "calm", (self.tr("Undo"), self.document.undo))

    def _on_busy(self, busy: bool) -> None:
        if busy:
            if not self._patience.isActive():
                self._patience.start()
            return
        self._patience.stop()
        if self._says_working:
            self._says_working = False
            self.notice.clear()

    def _on_working_long(self) -> None:
        self._says_working = True
        self.notice.say(self.tr("Working on the change…"), "calm", (self.tr("Cancel"), self.edits.stop))

    def _on_refused(self, error: StudioError) -> None:
        self.refuse(worded_error(error))

    def _on_health_known(self, health: Health) -> None:
        self._health = health
        self.tree.tensors.show_health(health)
        if self.filter.needs_health:
            self.set_filter(self.filter)

    def _on_situation(self, *_: object) -> None:
        self.situation_changed.emit()

    def _on_compare_wanted(self, candidate: Candidate | None) -> None:
        if candidate is None:
            self.compare.choose_model()
            return
        from ckpt_studio.gui.model_resolving import remember_model, resolve_in_task
        from ckpt_studio.models.reference import parse_reference

        task = resolve_in_task(self, parse_reference(candidate.reference), label=self.tr("Comparing"))
        task.succeeded.connect(remember_model)
        task.succeeded.connect(self.document.set_model)
        task.failed.connect(lambda error: self.refuse(worded_error(error)))

    def _on_exported(self, path: str) -> None:
        self.document.bookmarks.remember_for(path)
        self.exported.emit(path)
        # Where that is possible, the document goes on reading the old bytes, and undo goes on working.
        self._overwritten = (
            not atomic.REPLACES_OPEN_FILES
            and os.path.exists(self.document.path)
            and os.path.samefile(path, self.document.path)
        )

    def _on_tensors_saved(self, path: str) -> None:
        folder = path if os.path.isdir(path) else os.path.dirname(path)

        def show() -> None:
            QDesktopServices.openUrl(QUrl.fromLocalFile(folder))

        self.notice.say(self.tr("Saved: {path}").format(path=path), "good", (self.tr("Show in folder"), show))

    def _on_export_closed(self) -> None:
        if self._overwritten:
            self.reload_wanted.emit()

    def _offer_whole_set(self) -> None:
        """Says of one shard that it is not the whole model."""
        index = self.document.checkpoint.source.details.get("index")
        if index is not None:
            self.notice.say(
                self.tr("This is only one part of a model that lies in several files."),
                "caution",
                (self.tr("Open the whole model"), lambda: self.open_wanted.emit(index)),
            )

    def _on_source_changed(self) -> None:
        self._is_outdated = True
        self._say_outdated()

    def _say_outdated(self) -> None:
        self.notice.say(
            self.tr(
                "This file was changed, moved or deleted outside Ckpt Studio. What you see is the old file;"
                " its values can no longer be read."
            ),
            "caution",
            (self.tr("Reload"), self._actions["reload"].trigger),
        )

    def _show_history_title(self) -> None:
        self.panels.show_pending(self.document.history.index)

    def _on_menu_wanted(self, place: QPoint) -> None:
        menu = self.context_menu()
        menu.popup(self.tree.viewport().mapToGlobal(place))

    def context_menu(self) -> QMenu:
        """The menu of the tree's rows; it deletes itself when closed."""
        menu = QMenu(self.tree)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.setToolTipsVisible(True)
        self._actions.draw(_TREE_MENU)
        for name in _TREE_MENU:
            if not name:
                menu.addSeparator()
            elif name != "activate" or self._actions[name].isEnabled():
                menu.addAction(self._actions[name])
        return menu

    def _restore_layout(self) -> None:
        store = settings()
        for key, restore in (
            ("layout/columns", self.tree.header().restoreState),
            ("layout/splitter", self.splitter.restoreState),
            ("layout/right", self.right.restoreState),
        ):
            value = store.value(key)
            if value is not None:
                restore(value)
        digit = text_setting("layout/digit", "") if store.contains("layout/columns") else ""
        self.tree.scale_columns(int(digit) if digit.isdigit() else self.tree.digit_width)
        self.tree.header().setSortIndicator(-1, Qt.SortOrder.AscendingOrder)

    # Qt's side

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        if self._gives_room:
            self._gives_room = False
            QTimer.singleShot(0, self.room, self.room.give_tabs)


def _has_empty_part(name: str) -> bool:
    return ".." in name or name.startswith(".") or name.endswith(".")
