"""The tree of a document for Qt: an adapter over `TensorTree` whose levels are made when Qt asks."""

from __future__ import annotations

import ast
import itertools
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import (
    QAbstractItemModel,
    QMimeData,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    Qt,
    Signal,
)
from PySide6.QtGui import QColor, QFont, QIcon

from ckpt_studio.compare.report import Status
from ckpt_studio.core.checkpoint import Checkpoint, StateDict
from ckpt_studio.core.jobs import Progress
from ckpt_studio.core.tensor import Tensor
from ckpt_studio.core.tree import Path, Value
from ckpt_studio.gui.dialogs.ask_dialog import counted
from ckpt_studio.gui.document import ChangeSet, Document
from ckpt_studio.gui.drag import DraggedNames
from ckpt_studio.gui.figures import exact_text, listed, shape_text, size_text, values_text
from ckpt_studio.gui.name_filter import NameFilter
from ckpt_studio.gui.statuses import (
    STATUSES,
    is_dark,
    status_color,
    status_count,
    status_explained,
    status_icon,
    status_word,
)
from ckpt_studio.gui.tasks import Task, run_task
from ckpt_studio.gui.theme import icon, muted_color
from ckpt_studio.gui.tree_nodes import Node, NodeKey, Order, SortColumn, Tables
from ckpt_studio.gui.tree_shown import Look, Shown, make_levels, shown
from ckpt_studio.gui.wording import worded_error

if TYPE_CHECKING:
    from ckpt_studio.compare.report import LoadReport
    from ckpt_studio.core.edits import Edit
    from ckpt_studio.gui.health import Health

Index = QModelIndex | QPersistentModelIndex

NAME, SHAPE, DTYPE, DEVICE, SIZE, STATUS = range(6)
_SORT_COLUMNS: tuple[SortColumn, ...] = ("name", "shape", "dtype", "device", "size", "status")
_MOST_TEXT = 120
_PLAIN = (type(None), bool, int, float, str)
# With more names, filtering and sorting would hold up the window's thread: a job does it.
_MOST_AT_ONCE = 20_000
# In a bigger group only the first names are looked at to see what it is called now.
_MOST_CARRIED = 5_000

KEY_ROLE = int(Qt.ItemDataRole.UserRole)
_ICONS = {
    "weights": "weights", "group": "group", "bucket": "group", "tensor": "tensor",
    "box": "box", "metadata": "box", "leaf": "value", "meta": "value",
}  # fmt: skip

# With more names, looking up which of them were warned of would hold up every change.
_MOST_WARNED = 100_000
# Put together once: combining flags in Python costs more than all else that Qt asks of a row.
_SHOWN_GROUP = Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable
_DROP_GROUP = _SHOWN_GROUP | Qt.ItemFlag.ItemIsDropEnabled
_MOVED_GROUP = _DROP_GROUP | Qt.ItemFlag.ItemIsDragEnabled
_RENAMED_GROUP = _MOVED_GROUP | Qt.ItemFlag.ItemIsEditable
_VALUE = _SHOWN_GROUP | Qt.ItemFlag.ItemIsEditable | Qt.ItemFlag.ItemNeverHasChildren
_SHOWN, _MOVED, _RENAMED = (
    flags | Qt.ItemFlag.ItemNeverHasChildren for flags in (_SHOWN_GROUP, _MOVED_GROUP, _RENAMED_GROUP)
)


class TensorTreeModel(QAbstractItemModel):
    """Rows of the document's current checkpoint. Every change is a reset; the view keeps its state by identity.

    Signals:
        refused(str): why a rename typed into the tree does not fit.
        filtered(int, int): how many names the filter found, of how many.
    """

    refused = Signal(str)
    part_changed = Signal(int)
    filtered = Signal(int, int)

    def __init__(self, document: Document, parent: QObject | None = None, tables: Tables | None = None) -> None:
        super().__init__(parent)
        self.document = document
        self.filter = NameFilter()
        self.order = Order()
        self.change = ChangeSet("edit")
        # A name of the active state dict on every level that is open; the view says it.
        self.shown_names: Callable[[], Sequence[str]] = tuple
        # Of the rows that are seen; None where no view says it: all that were asked for.
        self.seen_nodes: Callable[[], Sequence[Node]] | None = None
        self._tables = tables or Tables()
        self._report: LoadReport | None = None
        self._statuses: Mapping[str, Status] = {}
        # How many names of the model no row stands for.
        self._missing = 0
        self._cut: frozenset[str] = frozenset()
        self._health: Health | None = None
        # Names of tensors and groups that it warns of, and for which checkpoint they were looked up.
        self._warned: tuple[Checkpoint | None, frozenset[tuple[Path, str]]] = None, frozenset()
        self._nodes: dict[int, Node] = {}
        # Of the rows that have others below them; Qt asks for the parent of each row again and again.
        self._above: dict[int, QModelIndex] = {}
        self._ids = itertools.count(1)
        self._made: list[Shown] = []
        self._making: Task | None = None
        self._shown = shown(self._tables, document.checkpoint, self._look)
        self.whole, self.tree = self._shown.whole, self._shown.tree
        document.readers.append(self._report_reader())
        document.changed.connect(self._on_changed)
        document.report_changed.connect(self._on_report_changed)
        document.bookmarks.changed.connect(self._on_bookmarks_changed)
        # Another view of the document may have had it compared.
        self._on_report_changed()
        if self._count() > _MOST_AT_ONCE:
            # The first letter typed into the filter finds it done.
            run_task(self, lambda progress: self._prepare_search(progress))

    # What the view and the window ask

    def node(self, index: Index) -> Node:
        """The node of an index; the invisible root for an invalid or outdated one."""
        # No node has the number of an invalid index, 0.
        return self._nodes.get(index.internalId(), self.tree.root)

    def index_of(self, node: Node | None, column: int = NAME) -> QModelIndex:
        """The index that shows a node of the present tree; invalid for None and the root."""
        if node is None or node is self.tree.root:
            return QModelIndex()
        if self._nodes.get(node.ident) is not node:
            node.ident = next(self._ids)
            self._nodes[node.ident] = node
        return self.createIndex(node.row, column, node.ident)

    def find(self, key: NodeKey) -> QModelIndex:
        """The index of what `Node.identity` named, invalid when it is not shown."""
        return self.index_of(self.tree.find(key[0], key[1], key[2]))  # type: ignore[arg-type]

    def find_tensor(self, name: str) -> QModelIndex:
        """The row of a tensor of the active state dict."""
        active = self.document.checkpoint.active
        return self.find(("tensor", active, name)) if active is not None else QModelIndex()

    def carried(self, key: NodeKey) -> NodeKey:
        """What a row of the state before `change` is called after it."""
        kind, path, name = key
        if path != self.document.checkpoint.active or not self.change.renamed:
            return key
        renamed = self.change.renamed
        if kind in ("tensor", "bucket"):
            return (kind, path, renamed.get(name, name))
        if kind == "group":
            node = self.whole.find("group", path, name)
            if node is not None and node.table is not None:
                first = self._first_renamed(node)
                if first is not None and renamed[first].endswith(first[len(name) :]):
                    return (kind, path, renamed[first][: len(renamed[first]) - len(first) + len(name)])
        return key

    def _first_renamed(self, group: Node) -> str | None:
        renamed, table = self.change.renamed, group.table
        assert table is not None
        if len(renamed) < len(group.indices):
            inside = group.name + "."
            return next((name for name in renamed if name.startswith(inside)), None)
        names = map(table.names.__getitem__, group.indices[:_MOST_CARRIED])
        return next((name for name in names if name in renamed), None)

    def hidden_in(self, node: Node) -> int:
        """How many tensors of a group the filter hides: what is done to the group leaves them as they are."""
        if node.kind != "group" or not self.filter or self.tree is self.whole:
            return 0
        whole = self.whole.find("group", node.path, node.name)
        return len(whole.indices) - len(node.indices) if whole is not None else 0

    def rename_edit(self, node: Node, new: str) -> Edit:
        """The edit that gives a tensor, or what is shown of a group, another full name."""
        from ckpt_studio.core.edits import RenameGroup, RenameTensor

        if node.kind != "group":
            return RenameTensor(node.name, new)
        return shown_renamed(node.names, node.name, new) if self.hidden_in(node) else RenameGroup(node.name, new)

    def is_active(self, node: Node) -> bool:
        """Whether it belongs to the state dict that edits act on."""
        return node.is_named and node.path == self.document.checkpoint.active

    @property
    def shown_filter(self) -> NameFilter:
        """The filter by which the present rows were found; `filter` itself unless a job is still looking."""
        return self._shown.look.filter

    def set_filter(self, wanted: NameFilter) -> None:
        """Shows only the names that the filter finds."""
        if wanted == self.filter:
            return
        narrowed = self._shown.found if wanted.narrows(self.filter) and self._shown.look.filter == self.filter else None
        self.filter = wanted
        self._look_again(narrowed)

    def has_rows_of(self, checkpoint: Checkpoint) -> bool:
        """Whether this snapshot was shown lately, and as plainly as now."""
        if self.filter or self.order.column != "file" or not self._tables.has_tree(checkpoint):
            return False
        active = next((sd for sd in checkpoint.state_dicts if sd.path == checkpoint.active), None)
        return not self._statuses or active is None or self._tables.of(active).has_verdicts(self._statuses)

    def row_maker(self) -> Callable[[Checkpoint, Sequence[str], Progress], None]:
        """A function for jobs: makes the rows of another snapshot (as far as around some names), to be shown later."""
        tables, look, place = self._tables, self._look, self._made

        def make(checkpoint: Checkpoint, names: Sequence[str], progress: Progress) -> None:
            made = shown(tables, checkpoint, look, None, progress)
            make_levels(made, names, progress)
            for state_dict in checkpoint.state_dicts:
                if state_dict.path == checkpoint.active:
                    # Kept by the state dict; the panes ask for it.
                    _ = state_dict.tensors
                    if look.statuses:
                        tables.of(state_dict).prepare_verdicts(look.statuses)
            place[:] = [made]

        return make

    def set_cut(self, names: frozenset[str]) -> None:
        """Shows these names as cut (they wait to be pasted)."""
        self._cut = names
        self._tell_all_changed(NAME, NAME)

    def restyle(self) -> None:
        """Shows the colours of another theme."""
        self._tell_all_changed(NAME, STATUS)

    # What happens to the document

    @property
    def _look(self) -> Look:
        return Look(self.filter, self.order, self._statuses)

    def _on_changed(self, change: ChangeSet) -> None:
        self.change = change
        self._cut = frozenset(change.renamed.get(name, name) for name in self._cut) - change.removed
        checkpoint, look = self.document.checkpoint, self._look
        made = next((made for made in self._made if made.checkpoint is checkpoint and made.look.is_same(look)), None)
        self._made.clear()
        self._show(made or shown(self._tables, checkpoint, look))

    def _report_reader(self) -> Callable[[StateDict, LoadReport], None]:
        tables = self._tables
        return lambda state_dict, report: tables.of(state_dict).prepare_verdicts(report.statuses)

    def _on_report_changed(self) -> None:
        report = self.document.report
        if report is None and self.document.is_comparing:
            return
        if report is self._report:
            return
        self._report = report
        self._statuses = report.statuses if report is not None else {}
        self._missing = len(report.with_status("missing")) if report is not None and not report.loads_strict else 0
        if self.filter.needs_statuses:
            self._look_again()
        self.tree.statuses = self._statuses
        self._tell_all_changed(STATUS, STATUS)

    def show_health(self, health: Health) -> None:
        """Marks the tensors that a check of the values warns of."""
        self._health, self._warned = health, (None, frozenset())
        self._tell_all_changed(NAME, NAME)

    def _on_bookmarks_changed(self) -> None:
        self._tell_all_changed(NAME, NAME)

    def _prepare_search(self, progress: Progress) -> None:
        for state_dict in self.document.checkpoint.state_dicts:
            progress.check()
            _ = self._tables.of(state_dict).lowered

    def _look_again(self, narrowed: Mapping[Path, Sequence[int]] | None = None) -> None:
        """Shows the same snapshot as it is looked at now; where there are very many names, soon."""
        checkpoint, look, tables = self.document.checkpoint, self._look, self._tables
        if self._making is not None:
            self._making.cancel()
            self._making = None
        self.change = ChangeSet("edit")
        if self._count() <= _MOST_AT_ONCE:
            self._show(shown(tables, checkpoint, look, narrowed))
            return
        names = tuple(self.shown_names())

        def job(progress: Progress) -> Shown:
            made = shown(tables, checkpoint, look, narrowed, progress)
            make_levels(made, names, progress)
            return made

        task = self._making = run_task(self, job)
        task.succeeded.connect(self._on_made)

    def _on_made(self, made: Shown) -> None:
        if made.checkpoint is self.document.checkpoint and made.look.is_same(self._look):
            self._making = None
            self.change = ChangeSet("edit")
            self._show(made)

    def _show(self, made: Shown) -> None:
        before = self.tree
        self.beginResetModel()
        self._nodes.clear()
        self._above.clear()
        self._shown = made
        self.whole, self.tree = made.whole, made.tree
        self.tree.statuses = self._statuses
        self.endResetModel()
        if before is not made.tree and not self._tables.keeps(before):
            before.close()
        if self.filter:
            self.filtered.emit(made.count, self._count())

    def _count(self) -> int:
        return sum(len(state_dict.entries) for state_dict in self.document.checkpoint.state_dicts)

    def _tell_all_changed(self, first: int, last: int) -> None:
        nodes = self._nodes.values() if self.seen_nodes is None else self.seen_nodes()
        parents = {id(node.parent): node.parent for node in nodes if node.parent is not None}
        for parent in parents.values():
            children = parent.children or []
            if children:
                self.dataChanged.emit(self.index_of(children[0], first), self.index_of(children[-1], last))

    # Texts

    def _name_text(self, node: Node) -> str:
        if node.kind == "weights":
            label = node.key or self.tr("Weights")
            return self.tr("{label}  (active)").format(label=label) if self.is_active(node) else label
        if node.kind in ("leaf", "meta") and type(node.value) is not Tensor:
            return f"{node.key} = {self._value_text(node.value)}"
        key = node.key if node.key else self.tr("(empty name)")
        if node.parent is self.tree.root:
            return self.tr("{name}  (not weights)").format(name=key)
        return key

    def _value_text(self, value: Value) -> str:
        if isinstance(value, str):
            text = value
        else:
            from ckpt_studio.core.discovery import describe_value

            text = describe_value(value)
        text = " ".join(text[: _MOST_TEXT * 2].split())
        return text if len(text) <= _MOST_TEXT else text[: _MOST_TEXT - 1] + "…"

    def _shape_text(self, node: Node) -> str:
        value = node.value
        if type(value) is Tensor:
            return shape_text(value.shape)
        if node.is_named:
            count = len(node.indices)
            if not node.has_children:
                return self.tr("extra state")
            return counted(count, self.tr("1 tensor"), self.tr("{count} tensors"))
        if node.kind in ("box", "metadata"):
            return counted(len(self.tree.children(node)), self.tr("1 entry"), self.tr("{count} entries"))
        return ""

    def _status_text(self, node: Node) -> str:
        if not self._statuses or not self.is_active(node):
            return ""
        counts = node.statuses(self._statuses)
        if not node.has_children:
            status = next(iter(counts))
            return status_word(status) if status is not None else ""
        if counts["matched"] == len(node.indices):
            missing = self._missing if node.kind == "weights" else 0
            # The file's own names fit, and yet it does not load: the green word alone would contradict the verdict.
            return status_count("missing", missing) if missing else self.tr("all matched")
        status = self._worst_status(node)
        return status_count(status, counts[status]) if status is not None else ""

    def _status_counts(self, node: Node) -> str:
        counts = node.statuses(self._statuses)
        return listed(status_count(s, counts[s]) for s in STATUSES if counts[s])

    def _worst_status(self, node: Node) -> Status | None:
        if not self._statuses or not self.is_active(node):
            return None
        counts = node.statuses(self._statuses)
        if node.kind == "weights" and self._missing and counts["matched"] == len(node.indices):
            return "missing"
        statuses: tuple[Status, ...] = ("mismatched", "unexpected", "matched")
        return next((status for status in statuses if counts[status]), None)

    def _varied(self, names: Sequence[str], several: str) -> str:
        return ", ".join(names) if len(names) <= 2 else several.format(count=len(names))

    def _text(self, node: Node, column: int) -> str:
        if column == NAME:
            return self._name_text(node)
        if column == SHAPE:
            return self._shape_text(node)
        if column == DTYPE:
            return self._varied(node.dtypes, self.tr("{count} dtypes"))
        if column == DEVICE:
            return self._varied(node.devices, self.tr("{count} devices"))
        if column == SIZE:
            return size_text(node.nbytes) if node.nbytes or type(node.value) is Tensor else ""
        return self._status_text(node)

    def _tool_tip(self, node: Node, column: int) -> str | None:
        if column == STATUS:
            status = self._worst_status(node)
            if status is None:
                return None
            meaning = status_explained(status)
            return f"{self._status_counts(node)}\n{meaning}" if node.has_children else meaning
        if column == DTYPE and len(node.dtypes) > 1:
            return ", ".join(node.dtypes)
        if column == DEVICE and node.devices:
            return self.tr("Saved on: {devices}").format(devices=", ".join(node.devices) or "—")
        if column == SIZE and node.nbytes:
            return self.tr("{count} bytes").format(count=exact_text(node.nbytes))
        value = node.value
        if type(value) is Tensor:
            return self.tr("{name}\n{shape} · {values} · {dtype} · {bytes} bytes").format(
                name=node.name,
                shape=shape_text(value.shape),
                values=values_text(value.numel),
                dtype=value.dtype.name,
                bytes=exact_text(value.nbytes),
            )
        if node.kind == "weights":
            return self.tr(
                "A state dict: the names and tensors that a model loads. Renaming, stripping, popping and"
                " comparing act on the active one; double-click another to make it active."
            )
        if node.is_named:
            return self.tr("{name}\n{count} tensors, {size}").format(
                name=node.name, count=exact_text(len(node.indices)), size=size_text(node.nbytes)
            )
        if node.kind in ("leaf", "meta"):
            return f"{node.name} = {self._value_text(value)}"
        return self.tr("{name}\nNot part of the weights: a model does not load this.").format(name=node.name)

    # Qt's side

    def set_order(self, order: Order) -> None:
        """Sorts the rows of every level."""
        if order != self.order:
            self.order = order
            self._look_again()

    def index(self, row: int, column: int, parent: Index = QModelIndex()) -> QModelIndex:  # noqa: B008
        if column < 0 or column > STATUS or row < 0 or (parent.isValid() and parent.column() != NAME):
            return QModelIndex()
        children = self.tree.children(self.node(parent))
        return self.index_of(children[row], column) if row < len(children) else QModelIndex()

    def parent(self, child: Index = QModelIndex()) -> Any:  # noqa: B008
        node = self._nodes.get(child.internalId())
        above = node.parent if node is not None else None
        if above is None or above is self.tree.root:
            return QModelIndex()
        if self._nodes.get(above.ident) is not above or above.ident not in self._above:
            index = self.index_of(above)
            self._above[above.ident] = index
        return self._above[above.ident]

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008
        if parent.isValid() and parent.column() != NAME:
            return 0
        return len(self.tree.children(self.node(parent)))

    def columnCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008
        return STATUS + 1

    def hasChildren(self, parent: Index = QModelIndex()) -> bool:  # noqa: B008
        if not parent.isValid():
            return bool(self.tree.top)
        return parent.column() == NAME and self.node(parent).has_children

    def flags(self, index: Index) -> Qt.ItemFlag:
        # Asked more often than anything else, of every row that is laid out.
        node = self._nodes.get(index.internalId())
        if node is None:
            return Qt.ItemFlag.NoItemFlags
        if node.flags is None:
            node.flags = self._flags_of(node)
        return node.flags[index.column() != NAME]

    def _flags_of(self, node: Node) -> tuple[Qt.ItemFlag, Qt.ItemFlag]:
        """Of the name, and of the other columns. They stay: with another active state dict there is another tree."""
        group = node.has_children
        if not self.is_active(node):
            # What holds tensors can be dragged out as a file.
            carried = Qt.ItemFlag.ItemIsDragEnabled if node.nbytes else Qt.ItemFlag.NoItemFlags
            others = (_SHOWN_GROUP if group else _SHOWN) | carried
            return (_VALUE if _is_plain_value(node) else others, others)
        others = _MOVED_GROUP if group else _MOVED
        if node.kind in ("weights", "bucket"):
            return (others, others)
        return (_RENAMED_GROUP if group else _RENAMED, others)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        return self._data(self.node(index), index.column(), role) if index.isValid() else None

    def multiData(self, index: Index, wanted: Any) -> None:
        # All that painting asks of a cell, in one call in place of seven.
        node, column = self.node(index), index.column()
        for place in range(len(wanted)):
            one = wanted[place]
            value = self._data(node, column, one.role())
            if value is None:
                one.clearData()
            else:
                one.setData(value)

    def _data(self, node: Node, column: int, role: int) -> Any:
        if role == Qt.ItemDataRole.DisplayRole:
            return self._text(node, column)
        if role == Qt.ItemDataRole.EditRole:
            if _is_plain_value(node):
                return node.value if isinstance(node.value, str) else repr(node.value)
            return node.key
        if role == KEY_ROLE:
            return node.key
        if role == Qt.ItemDataRole.ToolTipRole:
            tip = self._tool_tip(node, column)
            if column == NAME and self._is_warned(node):
                words = self.tr("The check of the values warns of it.")
                if node.has_children:
                    words = self.tr("The check of the values warns of a tensor in it.")
                return f"{tip}\n{words}"
            return tip
        if role == Qt.ItemDataRole.DecorationRole:
            return self._icon(node, column)
        if role == Qt.ItemDataRole.ForegroundRole:
            return self._color(node, column)
        if role == Qt.ItemDataRole.FontRole and column == NAME and node.kind == "weights" and self.is_active(node):
            font = QFont()
            font.setBold(True)
            return font
        if role == Qt.ItemDataRole.TextAlignmentRole and column == SIZE:
            return int(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        if role == Qt.ItemDataRole.AccessibleTextRole and column == NAME:
            marked = self.tr("bookmarked") if self._is_marked(node) else ""
            warned = self.tr("warning in the values") if self._is_warned(node) else ""
            return ", ".join(part for part in (self._name_text(node), self._shape_text(node), marked, warned) if part)
        return None

    def _icon(self, node: Node, column: int) -> QIcon | None:
        if column == NAME:
            if self._is_warned(node):
                return icon(f"{node.kind}-warned")
            return icon(f"{node.kind}-marked" if self._is_marked(node) else _ICONS[node.kind])
        if column == STATUS:
            status = self._worst_status(node)
            return status_icon(status, is_dark()) if status is not None else None
        return None

    def _is_warned(self, node: Node) -> bool:
        """Whether the check of the values warns of a tensor, or of one in a group."""
        if self._health is None or node.kind not in ("tensor", "group"):
            return False
        checkpoint, found = self._warned
        if checkpoint is not self.document.checkpoint:
            checkpoint = self.document.checkpoint
            few = sum(len(state_dict.entries) for state_dict in checkpoint.state_dicts) <= _MOST_WARNED
            found = self._health.warned(checkpoint) if few else frozenset()
            self._warned = checkpoint, found
        return (node.path, node.name) in found

    def _is_marked(self, node: Node) -> bool:
        return node.kind in ("tensor", "group") and self.document.bookmarks.is_marked(node.path, node.name)

    def _color(self, node: Node, column: int) -> QColor | None:
        if column == STATUS:
            status = self._worst_status(node)
            return status_color(status, is_dark()) if status is not None else None
        if not self.is_active(node):
            return muted_color()
        if column == NAME:
            return muted_color() if node.kind == "tensor" and node.name in self._cut else None
        return muted_color() if column in (DTYPE, DEVICE) or node.has_children else None

    def setData(self, index: Index, value: Any, role: int = Qt.ItemDataRole.EditRole) -> bool:
        node = self.node(index)
        if role != Qt.ItemDataRole.EditRole or str(value) == index.data(role):
            return False
        edit: Edit | None = None
        if _is_plain_value(node):
            edit = value_edit(node, str(value))
            if edit is None:
                self.refused.emit(self.tr("“{text}” is no number, True, False or None.").format(text=value))
        elif self.is_active(node):
            edit = self.rename_edit(node, node.name[: len(node.name) - len(node.key)] + str(value).strip())
        if edit is None:
            return False
        if (hidden := self.hidden_in(node)) > 0:
            self.part_changed.emit(hidden)
        return self.document.request(edit, lambda error: self.refused.emit(worded_error(error)))

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if orientation != Qt.Orientation.Horizontal or not 0 <= section <= STATUS:
            return None
        if role == Qt.ItemDataRole.DisplayRole:
            titles = (
                self.tr("Name"), self.tr("Shape"), self.tr("Dtype"), self.tr("Device"), self.tr("Size"),
                self.tr("In the model"),
            )  # fmt: skip
            return titles[section]
        if role == Qt.ItemDataRole.ToolTipRole:
            tips = (
                self.tr("The names, grouped at their dots"),
                self.tr("Sizes of the tensor along its axes; for groups, how many tensors are in it"),
                self.tr("What kind of number each value is, for example float32 (4 bytes)"),
                self.tr("The device the tensor was on when the file was saved"),
                self.tr("Bytes of the values"),
                self.tr("Whether the model you compare with has this name with this shape"),
            )
            return tips[section]
        if role == Qt.ItemDataRole.TextAlignmentRole:
            side = Qt.AlignmentFlag.AlignRight if section == SIZE else Qt.AlignmentFlag.AlignLeft
            return int(side | Qt.AlignmentFlag.AlignVCenter)
        return None

    def sort(self, column: int, order: Qt.SortOrder = Qt.SortOrder.AscendingOrder) -> None:
        """By a column; -1 for the order of the file."""
        name: SortColumn = _SORT_COLUMNS[column] if 0 <= column <= STATUS else "file"
        self.set_order(Order(name, order == Qt.SortOrder.DescendingOrder and name != "file"))

    def mimeTypes(self) -> list[str]:
        from ckpt_studio.gui.drag import NAMES_MIME

        return [NAMES_MIME]

    def mimeData(self, indexes: Sequence[QModelIndex]) -> QMimeData:
        nodes = topmost([self.node(index) for index in indexes if index.column() == NAME])
        return dragged(self.document.id, nodes).to_mime()

    def supportedDropActions(self) -> Qt.DropAction:
        return Qt.DropAction.MoveAction | Qt.DropAction.CopyAction


def shown_renamed(names: Sequence[str], old: str, new: str) -> Edit:
    """The edit that gives these tensors of the group `old` the group name `new` ("" for none)."""
    from ckpt_studio.core.edits import RenameTensors

    start = len(old) + 1
    return RenameTensors(tuple((name, f"{new}.{name[start:]}" if new else name[start:]) for name in names))


def value_edit(node: Node, text: str) -> Edit | None:
    """The edit that gives a value beside the weights what was typed; None when a number cannot be read from it."""
    from ckpt_studio.core.edits import SetMetadata, SetValue

    if node.kind == "meta":
        return SetMetadata(node.key, text)
    if isinstance(node.value, str):
        return SetValue(node.path, text)
    try:
        value = ast.literal_eval(text.strip())
    except (ValueError, SyntaxError, MemoryError, RecursionError):
        return None
    return SetValue(node.path, value) if type(value) in _PLAIN else None


def _is_plain_value(node: Node) -> bool:
    return node.kind == "meta" or (node.kind == "leaf" and bool(node.path) and type(node.value) in _PLAIN)


def topmost(nodes: Sequence[Node]) -> list[Node]:
    """The nodes without those that lie in another of them, in the given order."""
    chosen = {id(node) for node in nodes}
    result: list[Node] = []
    for node in nodes:
        above = node.parent
        while above is not None and id(above) not in chosen:
            above = above.parent
        if above is None:
            result.append(node)
    return result


def dragged(document_id: str, nodes: Sequence[Node]) -> DraggedNames:
    """What dragging these rows carries."""
    names = tuple(dict.fromkeys(name for node in nodes for name in node.names))
    group = nodes[0].name if len(nodes) == 1 and nodes[0].kind == "group" else None
    return DraggedNames(document_id, names, group)
