"""The tree on the screen: keeps what is open and selected through every change; renames and moves by hand."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from PySide6.QtCore import (
    QEvent,
    QItemSelection,
    QItemSelectionModel,
    QModelIndex,
    QPersistentModelIndex,
    QPoint,
    QSize,
    Qt,
    Signal,
)
from PySide6.QtGui import (
    QDrag,
    QDragEnterEvent,
    QDragLeaveEvent,
    QDragMoveEvent,
    QDropEvent,
    QGuiApplication,
    QKeyEvent,
    QPainter,
    QPaintEvent,
    QPixmap,
    QResizeEvent,
)
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHeaderView,
    QLineEdit,
    QMenu,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTreeView,
    QWidget,
)

from ckpt_studio.core.checkpoint import Checkpoint
from ckpt_studio.core.edits import Edit, RenameGroup, RenameTensors, UpdateFrom
from ckpt_studio.core.jobs import Progress
from ckpt_studio.errors import EditError, StudioError
from ckpt_studio.gui.dialogs.ask_dialog import counted
from ckpt_studio.gui.dialogs.edit_dialog import try_edit
from ckpt_studio.gui.document import ChangeSet, Document, Trial
from ckpt_studio.gui.drag import NAMES_MIME, DraggedNames, DropHint
from ckpt_studio.gui.drag_out import Outgoing, OutgoingData
from ckpt_studio.gui.name_filter import NameFilter
from ckpt_studio.gui.settings import settings
from ckpt_studio.gui.statuses import status_count
from ckpt_studio.gui.taking import is_foreign, taking, with_origin
from ckpt_studio.gui.tasks import Task, run_task
from ckpt_studio.gui.tensor_tree_model import (
    DEVICE,
    DTYPE,
    NAME,
    SHAPE,
    SIZE,
    STATUS,
    TensorTreeModel,
    dragged,
    shown_renamed,
    topmost,
)
from ckpt_studio.gui.text_size import scale_icons
from ckpt_studio.gui.theme import colors, muted_color
from ckpt_studio.gui.tree_nodes import Node, NodeKey, Tables
from ckpt_studio.gui.tree_shown import ROWS_OPENED, opened_below
from ckpt_studio.gui.wording import worded, worded_error

_MOST_SELECTED = 5000
# The names of more selected tensors are listed by a job.
_MOST_TOLD_AT_ONCE = 20_000
_AT_ONCE = 4096
# As many open rows have their levels prepared by the job that computes an edit.
_MOST_PREPARED = 2000
# With more names, whether a drop fits is found out only when it is dropped.
_MOST_TRIED = 150_000


@dataclass(frozen=True)
class DropPlan:
    """What dropping here would do: the edit, or the reason why not; `text` says either."""

    text: str
    edit: Edit | None = None


@dataclass(frozen=True)
class TreeState:
    """What is open, selected and scrolled to, for another view of the same document."""

    open: frozenset[NodeKey]
    selected: tuple[NodeKey, ...]
    current: tuple[NodeKey, ...]
    scrolled: int


class _RowDelegate(QStyledItemDelegate):
    """Room above and below the text, and a field with a name for renaming in place."""

    def sizeHint(self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex) -> QSize:
        return QSize(0, option.fontMetrics.height() + 10)

    def createEditor(
        self, parent: QWidget, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> QWidget:
        editor = QLineEdit(parent)
        editor.setObjectName("renameField")
        editor.setAccessibleName(self.tr("New name"))
        editor.setTextMargins(-3, -4, 0, -4)
        return editor


class TensorTreeView(QTreeView):
    """The rows of one document.

    Signals:
        refused(str): why a rename, move or paste does not fit.
        part_changed(int): a group is being changed, without so many tensors that the filter hides.
        activation_wanted(object): path of the state dict that was double-clicked.
        everything_wanted(): Escape was pressed; a filter has to go.
    """

    refused = Signal(str)
    part_changed = Signal(int)
    activation_wanted = Signal(object)
    everything_wanted = Signal()

    # The names keep at least this much room, in widths of a digit; before they have less, columns go.
    _NAME_EMS = 30

    def __init__(self, document: Document, parent: QWidget | None = None, tables: Tables | None = None) -> None:
        super().__init__(parent)
        self.document = document
        self.tensors = TensorTreeModel(document, self, tables)
        self.tensors.shown_names = self.shown_names
        self.tensors.seen_nodes = self._seen_nodes
        self._nodes: list[Node] | None = None
        # The rows that were told last, and their names.
        self._told: tuple[list[Node], frozenset[str]] = ([], frozenset())
        self._telling: Task | None = None
        self._open: set[NodeKey] = set()
        self._restoring = False
        self._selected: list[NodeKey] = []
        self._current: list[NodeKey] = []
        # What was selected and current when a filter was set: selected again when it goes.
        self._before_filter: tuple[list[NodeKey], list[NodeKey]] | None = None
        self._top: tuple[NodeKey, int] | None = None
        self._scrolled = 0
        self._hint: DropHint | None = None
        self._plan: tuple[object, DropPlan] | None = None
        self._drop_node: Node | None = None
        self.setObjectName("tensorTree")
        self.setAccessibleName(self.tr("Contents of the file"))
        self.setUniformRowHeights(True)
        self.setItemDelegate(_RowDelegate(self))
        # Before Qt's own connection, which forgets where the rows are.
        self.tensors.modelAboutToBeReset.connect(self._on_about_to_reset)
        self.setModel(self.tensors)
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setEditTriggers(QAbstractItemView.EditTrigger.EditKeyPressed)
        self.setExpandsOnDoubleClick(True)
        scale_icons(self, 16)
        self.setIndentation(18)
        self.setTextElideMode(Qt.TextElideMode.ElideMiddle)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.setDragEnabled(True)
        self.setAcceptDrops(True)
        self.setDragDropMode(QAbstractItemView.DragDropMode.DragDrop)
        self.setDropIndicatorShown(False)
        self.setAutoExpandDelay(700)
        self._set_up_columns()
        self.tensors.modelReset.connect(self._on_reset)
        self.tensors.refused.connect(self.refused)
        self.tensors.part_changed.connect(self.part_changed)
        self.expanded.connect(self._on_expanded)
        self.collapsed.connect(self._on_collapsed)
        self.doubleClicked.connect(self._on_double_clicked)
        document.selection.names_changed.connect(self._on_names_changed)
        document.report_changed.connect(self._on_report_changed)
        self._open_first()

    def _set_up_columns(self) -> None:
        header = self.header()
        header.setAccessibleName(self.tr("Columns"))
        header.setStretchLastSection(False)
        header.setSectionsMovable(True)
        header.setSortIndicatorClearable(True)
        header.setSortIndicator(-1, Qt.SortOrder.AscendingOrder)
        self.setSortingEnabled(True)
        em = self._em = self.fontMetrics().horizontalAdvance("0")
        header.setSectionResizeMode(NAME, QHeaderView.ResizeMode.Stretch)
        # The commonest of the long texts.
        status = self.fontMetrics().horizontalAdvance(status_count("mismatched", 88))
        for column, width in ((SHAPE, 12 * em), (DTYPE, 12 * em), (DEVICE, 7 * em), (SIZE, 8 * em), (STATUS, status)):
            self.setColumnWidth(column, width + (12 if column != STATUS else 2 * em + 16))
        self._fit_least()
        header.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        header.customContextMenuRequested.connect(self._on_columns_wanted)
        self.fit_columns()

    def _fit_least(self) -> None:
        self.header().setMinimumSectionSize(5 * self._em)
        self.setMinimumWidth(self._NAME_EMS * self._em + 100)

    @property
    def digit_width(self) -> int:
        """Of the text, in pixels: what the widths of the columns go by."""
        return self._em

    def scale_columns(self, before: int) -> None:
        """Makes widths that were right when a digit had `before` pixels right for the present text."""
        em = self._em = self.fontMetrics().horizontalAdvance("0")
        self._fit_least()
        if before > 0 and em != before:
            for column in range(SHAPE, STATUS + 1):
                self.setColumnWidth(column, round(self._column_width(column) * em / before))
        self.fit_columns()

    def fit_columns(self) -> None:
        """Shows the columns that were chosen, without those for which a narrow tree has no room."""
        without = settings().value("tree/columns-off", "")
        unwanted = {int(part) for part in str(without).split(",") if part.isdigit()} - {NAME}
        if self.document.resolved is None:
            unwanted.add(STATUS)
        shown = [column for column in range(STATUS + 1) if column not in unwanted]
        # As if the scroll bar were there: no column comes or goes with it.
        room = self.width() - self.verticalScrollBar().sizeHint().width()
        room -= self._NAME_EMS * self.fontMetrics().horizontalAdvance("0")
        room -= sum(self._column_width(column) for column in shown if column != NAME)
        for column in (DEVICE, DTYPE, SIZE, SHAPE):
            if room < 0 and column in shown:
                shown.remove(column)
                room += self._column_width(column)
        for column in range(STATUS + 1):
            self.setColumnHidden(column, column not in shown)

    def _column_width(self, column: int) -> int:
        # A hidden column has no width; what it had is asked for by showing it.
        if self.isColumnHidden(column):
            self.setColumnHidden(column, False)
        return self.columnWidth(column)

    def _on_columns_wanted(self, place: QPoint) -> None:
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.add_column_choices(menu)
        menu.popup(self.header().mapToGlobal(place))

    def add_column_choices(self, menu: QMenu) -> None:
        """Fills a menu with the columns, those checked that are shown."""
        for column in range(SHAPE, STATUS + 1):
            title = self.tensors.headerData(column, Qt.Orientation.Horizontal)
            action = menu.addAction(title)
            action.setCheckable(True)
            action.setChecked(not self.isColumnHidden(column))
            action.setEnabled(column != STATUS or self.document.resolved is not None)
            action.toggled.connect(lambda shown, column=column: self.choose_column(column, shown))

    def choose_column(self, column: int, shown: bool) -> None:
        """Shows or hides a column from now on."""
        without = {part for part in str(settings().value("tree/columns-off", "")).split(",") if part}
        without = without - {str(column)} if shown else without | {str(column)}
        settings().setValue("tree/columns-off", ",".join(sorted(without)))
        self.fit_columns()

    # What the window asks

    @property
    def selected_nodes(self) -> list[Node]:
        """The selected rows, without those that lie in another selected one, from top to bottom."""
        if self._nodes is None:
            # Every pane asks; for some hundred rows each answer takes its time.
            self._nodes = topmost(sorted(self._selected_rows(), key=_position))
        return list(self._nodes)

    def _selected_rows(self) -> list[Node]:
        # Qt's own list of them asks every row of every range for its parent, again for every other range.
        tree, selection = self.tensors.tree, self.selectionModel().selection()
        found: dict[int, Node] = {}
        for number in range(selection.count()):
            rows = selection.at(number)
            for node in tree.children(self.tensors.node(rows.parent()))[rows.top() : rows.bottom() + 1]:
                found[id(node)] = node
        return list(found.values())

    @property
    def current_node(self) -> Node | None:
        """The row with the focus."""
        index = self.currentIndex()
        return self.tensors.node(index) if index.isValid() else None

    @property
    def selected_names(self) -> tuple[str, ...]:
        """The tensors of the active state dict in the selected rows (not when a whole state dict is selected)."""
        return tuple(itertools.chain.from_iterable(node.names for node in self._named_nodes()))

    def _named_nodes(self) -> list[Node]:
        # None lies in another, and no name in two.
        return [n for n in self.selected_nodes if self.tensors.is_active(n) and n.kind != "weights"]

    @property
    def shown_state(self) -> TreeState:
        """What is open, selected and scrolled to."""
        node = self.current_node
        return TreeState(
            frozenset(self._open),
            tuple(node.identity for node in self._selected_rows()[:_MOST_SELECTED]),
            (node.identity,) if node is not None else (),
            self.verticalScrollBar().value(),
        )

    def restore(self, state: TreeState) -> None:
        """Opens, selects and scrolls to what another view of this document showed."""
        self._open, self._selected, self._current = set(state.open), list(state.selected), list(state.current)
        self._scrolled, self._top = state.scrolled, None
        self._restoring = True
        self._on_reset()

    def set_filter(self, wanted: NameFilter) -> None:
        """Shows only what the filter finds, opened as far as one screen or so."""
        if wanted and not self.tensors.filter:
            state = self.shown_state
            self._before_filter = (list(state.selected), list(state.current))
        self.tensors.set_filter(wanted)

    def expand_below(self, index: QModelIndex, rows: int = ROWS_OPENED) -> None:
        """Opens the levels below a row, from the top, until about `rows` rows are shown."""
        for node in opened_below(self.tensors.tree, self.tensors.node(index), rows):
            self.setExpanded(self.tensors.index_of(node), True)

    def collapse_all(self) -> None:
        """Closes everything but the state dicts."""
        self._open.clear()
        self.collapseAll()
        for node in self.tensors.tree.top:
            if node.kind == "weights":
                self.setExpanded(self.tensors.index_of(node), True)

    def enter(self) -> None:
        """Takes the focus; where no row is selected, the current one is, or the first that a filter found."""
        self.setFocus()
        if self.selectionModel().hasSelection():
            return
        index = self.currentIndex().siblingAtColumn(NAME)
        if self.tensors.filter:
            # As far as it is open: about one screen.
            while index.isValid() and self.tensors.node(index).has_children:
                index = self.indexBelow(index)
        self._show_index(index if index.isValid() else self.currentIndex())

    def go_to(self, name: str) -> bool:
        """Selects and shows a tensor of the active state dict; False when it is filtered out or absent."""
        return self._show_index(self.tensors.find_tensor(name))

    def show_row(self, key: NodeKey) -> bool:
        """Selects and shows what `Node.identity` names; False when it is filtered out or absent."""
        return self._show_index(self.tensors.find(key))

    def _show_index(self, index: QModelIndex) -> bool:
        if index.isValid():
            # With a key such as Ctrl still held down, as in Ctrl+G, the view's own would leave the selection alone.
            flag = QItemSelectionModel.SelectionFlag
            self.selectionModel().setCurrentIndex(index, flag.ClearAndSelect | flag.Rows)
            self.scrollTo(index)
        return index.isValid()

    def rows_above(self, keys: Sequence[NodeKey]) -> int:
        """How many of these rows, given from top to bottom, lie above the current one."""
        node = self.current_node
        here = _position(node) if node is not None else []
        found = [self.tensors.tree.find(*key) for key in keys]  # type: ignore[arg-type]
        return sum(other is not None and _position(other) < here for other in found)

    def cut_names(self) -> bool:
        """Puts the selected names on the clipboard, to be pasted under another group."""
        nodes = [node for node in self.selected_nodes if self.tensors.is_active(node) and node.kind != "weights"]
        if not nodes:
            return False
        carried = with_origin(dragged(self.document.id, nodes), self.document)
        QGuiApplication.clipboard().setMimeData(carried.to_mime())
        self.tensors.set_cut(frozenset(carried.names))
        return True

    def copy_names(self) -> bool:
        """Puts the selected rows' names on the clipboard as text, one a line."""
        nodes = self.selected_nodes
        names = [name for node in nodes for name in (node.names if node.is_named else [node.name])]
        if names:
            QGuiApplication.clipboard().setText("\n".join(names))
        return bool(names)

    def paste_names(self) -> bool:
        """Moves the names that were cut under the current group."""
        carried = DraggedNames.from_mime(QGuiApplication.clipboard().mimeData())
        node = self.current_node
        if carried is None or node is None:
            return False
        plan = self.plan_drop(carried, node)
        self.tensors.set_cut(frozenset())
        if plan.edit is None:
            self.refused.emit(plan.text)
            return False
        self._tell_hidden(carried)
        return self._carry_out(plan.edit)

    def _tell_hidden(self, carried: DraggedNames | None) -> None:
        if carried is not None and not is_foreign(carried, self.document) and (hidden := self._hidden_of(carried)) > 0:
            self.part_changed.emit(hidden)

    def plan_drop(self, carried: DraggedNames, target: Node) -> DropPlan:
        """What dropping these names on a row would do; computed by trying it on a copy."""
        if is_foreign(carried, self.document):
            taken = taking(carried, self.document)
            return DropPlan(taken.text, taken.edit)
        if not self.tensors.is_active(target):
            return DropPlan(self.tr("Drop it on a group of the active state dict."))
        prefix = self._prefix(target)
        if carried.group is not None:
            if prefix == carried.group or prefix.startswith(carried.group + "."):
                return DropPlan(self.tr("A group cannot be moved into itself."))
            new = _joined(prefix, carried.group.rpartition(".")[2])
            edit: Edit = RenameGroup(carried.group, new)
            if self._hidden_of(carried):
                edit = shown_renamed(carried.names, carried.group, new)
            old, same = carried.group, new == carried.group
            before, after = old + ".…", new + ".…"
        else:
            active = self.document.checkpoint.active
            pairs: list[tuple[str, str]] = []
            for name in carried.names:
                node = self.tensors.whole.find("tensor", active, name) if active is not None else None
                key = node.key if node is not None else name.rpartition(".")[2]
                pairs.append((name, _joined(prefix, key)))
            pairs = [pair for pair in pairs if pair[0] != pair[1]]
            edit, same = RenameTensors(tuple(pairs)), not pairs
            before, after = (pairs[0] if len(pairs) == 1 else ("", _joined(prefix, "…"))) if pairs else ("", "")
        if same:
            return DropPlan(self.tr("It is there already."))
        try:
            checkpoint = self.document.checkpoint
            if len(checkpoint.active_state_dict.entries) <= _MOST_TRIED:
                edit.apply(checkpoint)
        except EditError as error:
            return DropPlan(worded(error.problems[0]) if error.problems else worded_error(error))
        outcome = f"{before} → {after}" if before else f"→ {after}"
        count = counted(len(carried.names), self.tr("1 tensor"), self.tr("{count} tensors"))
        return DropPlan(self.tr("{count}: {outcome}").format(count=count, outcome=outcome), edit)

    def _hidden_of(self, carried: DraggedNames) -> int:
        """How many tensors of a carried group the filter hides."""
        active = self.document.checkpoint.active
        if carried.group is None or active is None:
            return 0
        whole = self.tensors.whole.find("group", active, carried.group)
        return len(whole.indices) - len(carried.names) if whole is not None else 0

    def _prefix(self, node: Node) -> str:
        while node.kind in ("tensor", "bucket") and node.parent is not None:
            node = node.parent
        return node.name if node.kind == "group" else ""

    def _carry_out(self, edit: Edit) -> bool:
        if not isinstance(edit, UpdateFrom):
            return self.document.request(edit, self._refuse)
        # It opens another file.
        start = self.document.checkpoint
        task = run_task(self, lambda progress: try_edit(edit, start), label=self.tr("Taking tensors over"))

        def enter(trial: Trial) -> None:
            if start is self.document.checkpoint and self.document.request(edit, self._refuse, trial):
                self.document.selection.select((edit.names or ())[:_MOST_SELECTED])

        task.succeeded.connect(enter)
        task.failed.connect(self._refuse)
        return True

    def _refuse(self, error: StudioError) -> None:
        self.refused.emit(worded_error(error))

    # Keeping what is open and selected

    def _open_first(self) -> None:
        active = self.document.checkpoint.active
        for node in self.tensors.tree.top:
            if node.kind == "weights" and node.path == active:
                index = self.tensors.index_of(node)
                self.setExpanded(index, True)
                self.setCurrentIndex(index)
                children = self.tensors.tree.children(node)
                # A single group ("module") hides everything that one wants to see.
                while len(children) == 1 and children[0].has_children:
                    self.setExpanded(self.tensors.index_of(children[0]), True)
                    children = self.tensors.tree.children(children[0])

    def _on_expanded(self, index: QModelIndex) -> None:
        if not self._restoring and not self.tensors.filter:
            self._open.add(self.tensors.node(index).identity)

    def _on_collapsed(self, index: QModelIndex) -> None:
        if not self._restoring and not self.tensors.filter:
            self._open.discard(self.tensors.node(index).identity)
        if not self._restoring:
            self._select_instead(self.tensors.node(index))

    def _select_instead(self, closed: Node) -> None:
        """Where selected rows lie in one that was closed, that one is selected: no key acts on what cannot be seen."""
        rows = self._selected_rows()
        seen = [node for node in rows if not _lies_in(node, closed)]
        if len(seen) < len(rows):
            flag = QItemSelectionModel.SelectionFlag
            chosen = _selection(self.tensors, [*seen, closed] if closed not in seen else seen)
            self.selectionModel().select(chosen, flag.ClearAndSelect | flag.Rows)

    def _on_about_to_reset(self) -> None:
        tensors = self.tensors
        self._restoring = True
        self._told = ([], frozenset())
        carried = tensors.carried
        self._open = {carried(key) for key in self._open}
        self._selected = [carried(node.identity) for node in self._selected_rows()[:_MOST_SELECTED]]
        if self._before_filter is not None:
            selected, current = self._before_filter
            self._before_filter = (list(map(carried, selected)), list(map(carried, current)))
        removed = tensors.change.removed
        # When the current row goes, the next one that stays takes the focus; of the last weights, the one before.
        self._nodes = None
        index = self.currentIndex().siblingAtColumn(NAME)
        below = self._near(index, self.indexBelow, removed)
        weights = list(itertools.takewhile(tensors.is_active, below))
        if len(weights) < len(below) and tensors.is_active(tensors.node(index)):
            weights += filter(tensors.is_active, self._near(index, self.indexAbove, removed))
        self._current = [carried(node.identity) for node in (*weights, *below)]
        self._scrolled = self.verticalScrollBar().value()
        top = self.indexAt(QPoint(1, 1))
        self._top = (
            (carried(tensors.node(top).identity), self.visualRect(top).top())
            if top.isValid() and self._scrolled > 0
            else None
        )

    def _near(
        self, index: QModelIndex, step: Callable[[QModelIndex], QModelIndex], removed: frozenset[str]
    ) -> list[Node]:
        """Some rows from this one on, without the tensors that go."""
        found: list[Node] = []
        for _ in range(60):
            if not index.isValid():
                break
            node = self.tensors.node(index)
            if not (node.kind == "tensor" and node.name in removed):
                found.append(node)
            index = step(index)
        return found

    def _seen_nodes(self) -> list[Node]:
        """Of the rows on the screen."""
        found: list[Node] = []
        index, height = self.indexAt(QPoint(1, 1)), self.viewport().height()
        while index.isValid() and self.visualRect(index).top() < height:
            found.append(self.tensors.node(index))
            index = self.indexBelow(index)
        return found

    def shown_names(self) -> list[str]:
        """A name of the active state dict below each row that is open: their levels are shown again after an edit."""
        found: list[str] = []
        for key in itertools.islice(self._open, _MOST_PREPARED):
            node = self.tensors.tree.find(*key)  # type: ignore[arg-type]
            if node is not None and node.table is not None and len(node.indices) and self.tensors.is_active(node):
                found.append(node.table.names[node.indices[0]])
        return found

    def has_rows_of(self, checkpoint: Checkpoint) -> bool:
        """Whether showing this state takes no time worth a job."""
        return self.tensors.has_rows_of(checkpoint)

    def row_maker(self) -> Callable[[Checkpoint, ChangeSet, Progress], None]:
        """A function for jobs, which makes the rows of another state as they will be shown."""
        names, make = self.shown_names(), self.tensors.row_maker()
        return lambda checkpoint, change, progress: make(
            checkpoint, [change.renamed.get(name, name) for name in names], progress
        )

    def _on_reset(self) -> None:
        tensors, before = self.tensors, self._before_filter
        if before is not None and not tensors.filter:
            self._before_filter = None
            if not self._selected:
                # Nothing was selected among what the filter found.
                self._selected, self._current = before
        self.setUpdatesEnabled(False)
        try:
            if tensors.filter:
                self.expand_below(QModelIndex())
            else:
                for key in sorted(self._open, key=lambda key: key[2].count(".")):
                    index = tensors.find(key)
                    if index.isValid():
                        self.setExpanded(index, True)
            self._restore_selection()
            self._restore_scrolling()
        finally:
            self.setUpdatesEnabled(True)
            self._restoring = False
        # What a filter shows of a group may be as many names as before, and others.
        self._publish(followed=not tensors.filter)

    def _restore_selection(self) -> None:
        tensors, model = self.tensors, self.selectionModel()
        self._nodes = None
        current = next((i for i in map(tensors.find, self._current) if i.isValid()), QModelIndex())
        if not current.isValid() and tensors.tree.top:
            current = tensors.index_of(tensors.tree.top[0])
        model.setCurrentIndex(current, QItemSelectionModel.SelectionFlag.NoUpdate)
        found = [tensors.tree.find(*key) for key in self._selected]  # type: ignore[arg-type]
        rows = [node for node in found if node is not None]
        came_back = self._came_back()
        if came_back:
            rows = came_back
            model.setCurrentIndex(tensors.index_of(rows[0]), QItemSelectionModel.SelectionFlag.NoUpdate)
        gone = tensors.change.removed or tensors.change.others
        if self._selected and not rows and gone and current.isValid():
            # What was selected is gone: what the keys act on next is seen to be selected.
            rows = [tensors.node(current)]
        model.select(
            _selection(tensors, rows),
            QItemSelectionModel.SelectionFlag.ClearAndSelect | QItemSelectionModel.SelectionFlag.Rows,
        )

    def _came_back(self) -> list[Node]:
        """What undo has brought back, where it is seen: the tensors that were popped, or the groups of all of them."""
        change, tree, active = self.tensors.change, self.tensors.tree, self.document.checkpoint.active
        if change.kind != "undo" or active is None or not 0 < len(change.added) <= _MOST_SELECTED:
            return []
        found: dict[int, Node] = {}
        for name in change.added:
            node = tree.find("tensor", active, name)
            while node is not None and node.parent is not None and node.parent.kind == "group":
                if not change.added.issuperset(node.parent.names):
                    break
                node = node.parent
            if node is not None:
                found[id(node)] = node
        rows = [node for node in found.values() if self.visualRect(self.tensors.index_of(node)).isValid()]
        return sorted(rows, key=lambda node: self.visualRect(self.tensors.index_of(node)).top())

    def _restore_scrolling(self) -> None:
        self.executeDelayedItemsLayout()
        bar = self.verticalScrollBar()
        bar.setValue(self._scrolled)
        if self._top is not None:
            index = self.tensors.find(self._top[0])
            if index.isValid():
                bar.setValue(bar.value() + self.visualRect(index).top() - self._top[1])

    def _publish(self, followed: bool = False) -> None:
        """Tells the panes what is selected; the names of very many rows soon."""
        self._nodes = None
        if self._telling is not None:
            self._telling.cancel()
            self._telling = None
        selection, nodes = self.document.selection, self._named_nodes()
        count = sum(len(node.indices) for node in nodes)
        # Where the rows of an edit's outcome are selected again, the selection has followed the names already.
        if followed and count == len(selection.names):
            self._told = (nodes, selection.names)
        if nodes == self._told[0]:
            self._tell(self._told[1])
        elif count <= _MOST_TOLD_AT_ONCE:
            self._told = (nodes, frozenset(self.selected_names))
            self._tell(self._told[1])
        else:
            task = self._telling = run_task(self, lambda progress: _names_of(nodes, progress))

            def tell(names: frozenset[str]) -> None:
                if task is self._telling:
                    self._telling = None
                    self._told = (nodes, names)
                    self._tell(names)

            task.succeeded.connect(tell)

    def _tell(self, names: frozenset[str]) -> None:
        node = self.current_node
        current = node.name if node is not None and node.kind == "tensor" and self.tensors.is_active(node) else ""
        self.document.selection.select(names, origin=self, current=current)

    def _on_names_changed(self, names: frozenset[str]) -> None:
        selection = self.document.selection
        # Edits carry the selection themselves (`follow`), and so does this view.
        if selection.origin is self or selection.origin is selection:
            return
        active = self.document.checkpoint.active
        if active is None:
            return
        some = sorted(names)[:_MOST_SELECTED]
        nodes = [node for name in some if (node := self.tensors.tree.find("tensor", active, name)) is not None]
        self._restoring = True
        try:
            self.selectionModel().select(
                _selection(self.tensors, nodes),
                QItemSelectionModel.SelectionFlag.ClearAndSelect | QItemSelectionModel.SelectionFlag.Rows,
            )
            if nodes:
                first = self.tensors.index_of(min(nodes, key=_position))
                self.selectionModel().setCurrentIndex(first, QItemSelectionModel.SelectionFlag.NoUpdate)
        finally:
            self._restoring = False
        if nodes:
            self.scrollTo(self.currentIndex(), QAbstractItemView.ScrollHint.EnsureVisible)

    def _on_report_changed(self) -> None:
        self.fit_columns()

    def _on_double_clicked(self, index: QModelIndex) -> None:
        node = self.tensors.node(index)
        if node.kind == "weights" and not self.tensors.is_active(node):
            self.activation_wanted.emit(node.path)

    # Dragging

    def _hint_label(self) -> DropHint:
        if self._hint is None:
            self._hint = DropHint(self)
        return self._hint

    def _planned(self, carried: DraggedNames, position: QPoint) -> DropPlan:
        if is_foreign(carried, self.document):
            taken = taking(carried, self.document)
            return DropPlan(taken.text, taken.edit)
        index = self.indexAt(position)
        if not index.isValid():
            return DropPlan(self.tr("Drop it on a group."))
        node = self.tensors.node(index)
        key = (carried, self._prefix(node), node.path, id(self.document.checkpoint))
        if self._plan is None or self._plan[0] != key:
            self._plan = (key, self.plan_drop(carried, node))
        self._drop_node = node
        return self._plan[1]

    def _end_drag(self) -> None:
        self._plan = self._drop_node = None
        if self._hint is not None:
            self._hint.hide()
        self.viewport().update()

    # Qt's side

    def selectAll(self) -> None:
        """Selects the tensors of the active state dict, as far as they are shown, and not the state dict itself."""
        tree = self.tensors.tree
        weights = next((node for node in tree.top if node.kind == "weights" and self.tensors.is_active(node)), None)
        if weights is None:
            super().selectAll()
            return
        selection = QItemSelection()
        pending = [weights]
        while pending:
            children = tree.children(pending.pop())
            if children:
                first, last = self.tensors.index_of(children[0]), self.tensors.index_of(children[-1], STATUS)
                selection.select(first, last)
                pending += [child for child in children if child.children and self._is_open(child)]
        self.selectionModel().select(selection, QItemSelectionModel.SelectionFlag.ClearAndSelect)

    def _is_open(self, node: Node) -> bool:
        return self.isExpanded(self.tensors.index_of(node))

    def selectionChanged(self, selected: QItemSelection, deselected: QItemSelection) -> None:
        self._nodes = None
        super().selectionChanged(selected, deselected)
        if not self._restoring:
            self._publish()

    def currentChanged(
        self, current: QModelIndex | QPersistentModelIndex, previous: QModelIndex | QPersistentModelIndex
    ) -> None:
        self._nodes = None
        super().currentChanged(current, previous)
        if not self._restoring:
            self._publish()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Asterisk:
            # Qt's own would open everything below, and ask about a million rows.
            self.expand_below(self.currentIndex())
            return
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and self.state() != self.State.EditingState:
            node = self.current_node
            if node is not None and node.kind == "weights" and not self.tensors.is_active(node):
                self.activation_wanted.emit(node.path)
                return
            if node is not None and node.has_children:
                self.setExpanded(self.currentIndex(), not self.isExpanded(self.currentIndex()))
                return
        if event.key() == Qt.Key.Key_Escape and self.tensors.filter and self.state() != self.State.EditingState:
            self.everything_wanted.emit()
            return
        super().keyPressEvent(event)

    def startDrag(self, actions: Qt.DropAction) -> None:
        drag = self.make_drag()
        if drag is not None:
            data = drag.mimeData()
            outgoing = data.outgoing if isinstance(data, OutgoingData) else None
            if outgoing is not None:
                outgoing.watch()
            # Only names are moved: other programs get a copy of the file.
            actions = Qt.DropAction.CopyAction
            if data.hasFormat(NAMES_MIME):
                actions |= Qt.DropAction.MoveAction
            drag.exec(actions, actions & Qt.DropAction.MoveAction or Qt.DropAction.CopyAction)
            if outgoing is not None:
                outgoing.end()
        self._end_drag()

    def make_drag(self) -> QDrag | None:
        """The drag of the selected rows that hold tensors, or None when there are none.

        Those of the active state dict carry their names, which windows of ours take; other programs get a file.
        """
        from ckpt_studio.gui.inspector.choosing import subjects_of

        selected = [node for node in self.selected_nodes if node.is_named or node.nbytes]
        if not selected:
            return None
        named = [node for node in selected if self.tensors.is_active(node) and node.kind != "weights"]
        carried = with_origin(dragged(self.document.id, named), self.document) if named else None
        checkpoint, first = self.document.checkpoint, selected[0]
        label = _short_label(carried) if carried is not None else first.name or first.key or self.tr("Weights")
        outgoing = Outgoing(
            checkpoint,
            lambda progress: subjects_of(checkpoint, selected, progress),
            (first.name or first.key or "weights") if len(selected) == 1 else "tensors",
            sum(node.nbytes for node in selected),
        )
        outgoing.refused.connect(self._on_outgoing_refused)
        drag = QDrag(self)
        drag.setMimeData(OutgoingData(outgoing, carried.to_mime() if carried is not None else None, label))
        drag.setPixmap(_label_picture(self, label))
        drag.setHotSpot(QPoint(-10, -8))
        return drag

    def _on_outgoing_refused(self, error: StudioError) -> None:
        self.refused.emit(worded_error(error))

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if DraggedNames.from_mime(event.mimeData()) is None:
            event.ignore()
        else:
            event.acceptProposedAction()

    def dragMoveEvent(self, event: QDragMoveEvent) -> None:
        carried = DraggedNames.from_mime(event.mimeData())
        if carried is None:
            event.ignore()
            return
        super().dragMoveEvent(event)
        position = event.position().toPoint()
        plan = self._planned(carried, position)
        self._hint_label().say(plan.text, self.viewport().mapToGlobal(position), plan.edit is not None)
        self.viewport().update()
        if plan.edit is None:
            event.ignore()
        else:
            event.setDropAction(Qt.DropAction.MoveAction)
            event.accept()

    def dragLeaveEvent(self, event: QDragLeaveEvent) -> None:
        super().dragLeaveEvent(event)
        self._end_drag()

    def dropEvent(self, event: QDropEvent) -> None:
        carried = DraggedNames.from_mime(event.mimeData())
        plan = self._planned(carried, event.position().toPoint()) if carried is not None else None
        self._end_drag()
        self.setState(self.State.NoState)
        if plan is None or plan.edit is None:
            event.ignore()
            return
        # The rows are moved by the edit: Qt must not remove the dragged ones afterwards.
        event.setDropAction(Qt.DropAction.CopyAction)
        event.accept()
        self._tell_hidden(carried)
        self._carry_out(plan.edit)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if event.size().width() != event.oldSize().width():
            self.fit_columns()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() in (QEvent.Type.FontChange, QEvent.Type.StyleChange):
            # Qt tells of the first style while the base class is being made.
            before = getattr(self, "_em", 0)
            if before and self.fontMetrics().horizontalAdvance("0") != before:
                self.scale_columns(before)

    def _nothing_found(self) -> str:
        wanted = self.tensors.filter
        if not wanted.asks_for_missing:
            return self.tr("No name fits “{text}”.\nPress Escape to see everything again.").format(text=wanted.text)
        if self.document.resolved is None:
            return self.tr("What is missing shows when this file is compared with a model.\nChoose one with Ctrl+M.")
        return self.tr(
            "What is missing is not in this file: the comparison beside this lists it.\n"
            "Press Escape to see everything again."
        )

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        painter = QPainter(self.viewport())
        if self.tensors.filter and not self.tensors.tree.top:
            painter.setPen(muted_color())
            text = self._nothing_found()
            painter.drawText(self.viewport().rect().adjusted(20, 40, -20, -20), _TOP_CENTER, text)
        current = self.currentIndex()
        if self.hasFocus() and current.isValid() and not self.selectionModel().isSelected(current):
            rect = self.visualRect(current)
            painter.setPen(colors().accent)
            painter.drawRoundedRect(2, rect.top(), self.viewport().width() - 5, rect.height() - 1, 4, 4)
        if self._drop_node is not None and self._plan is not None:
            rect = self.visualRect(self.tensors.index_of(self._drop_node))
            rect.setLeft(2)
            rect.setRight(self.viewport().width() - 3)
            theme = colors()
            painter.setPen(theme.accent if self._plan[1].edit is not None else theme.danger)
            painter.drawRoundedRect(rect.adjusted(0, 0, 0, -1), 5, 5)
        painter.end()


_TOP_CENTER = int(Qt.AlignmentFlag.AlignHCenter | Qt.AlignmentFlag.AlignTop | Qt.TextFlag.TextWordWrap)


def _joined(prefix: str, name: str) -> str:
    return f"{prefix}.{name}" if prefix else name


def _lies_in(node: Node, other: Node) -> bool:
    above = node.parent
    while above is not None and above is not other:
        above = above.parent
    return above is not None


def _position(node: Node) -> list[int]:
    rows: list[int] = []
    item: Node | None = node
    while item is not None and item.parent is not None:
        rows.append(item.row)
        item = item.parent
    return rows[::-1]


def _selection(model: TensorTreeModel, nodes: Sequence[Node]) -> QItemSelection:
    # Neighbours become one range: a selection of thousands of ranges is slow in Qt.
    selection = QItemSelection()
    groups: dict[int, list[Node]] = {}
    for node in nodes:
        groups.setdefault(id(node.parent), []).append(node)
    for siblings in groups.values():
        siblings.sort(key=lambda node: node.row)
        start = previous = siblings[0]
        for node in siblings[1:]:
            if node.row > previous.row + 1:
                selection.select(model.index_of(start), model.index_of(previous, STATUS))
                start = node
            previous = node
        selection.select(model.index_of(start), model.index_of(previous, STATUS))
    return selection


def _names_of(nodes: Sequence[Node], progress: Progress) -> frozenset[str]:
    """All names in some rows. Polls `progress`; one call for a million names would hold up the window's thread."""
    found: set[str] = set()
    for node in nodes:
        names = node.names
        for start in range(0, len(names), _AT_ONCE):
            progress.check()
            found.update(names[start : start + _AT_ONCE])
    return frozenset(found)


def _short_label(carried: DraggedNames) -> str:
    if carried.group is not None:
        return f"{carried.group}.…"
    return carried.names[0] if len(carried.names) == 1 else f"{carried.names[0]} …"


def _label_picture(widget: QWidget, text: str) -> QPixmap:
    metrics = widget.fontMetrics()
    text = metrics.elidedText(text, Qt.TextElideMode.ElideMiddle, 320)
    ratio = widget.devicePixelRatioF()
    size = QSize(metrics.horizontalAdvance(text) + 20, metrics.height() + 10)
    picture = QPixmap(size * ratio)
    picture.setDevicePixelRatio(ratio)
    picture.fill(Qt.GlobalColor.transparent)
    theme = colors()
    painter = QPainter(picture)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setBrush(widget.palette().highlight())
    painter.setPen(theme.accent)
    painter.drawRoundedRect(0, 0, size.width() - 1, size.height() - 1, 5, 5)
    painter.setPen(theme.on_selection)
    painter.drawText(10, 5 + metrics.ascent(), text)
    painter.end()
    return picture
