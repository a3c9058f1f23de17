"""The tree of a checkpoint as plain Python nodes, without Qt: names grouped by their dots, then everything else.

Children are made when somebody asks for them, from positions in a table of names, so that a file of
a million tensors costs what is looked at. The Qt model and the tests read this same tree.
"""

from __future__ import annotations

import re
import threading
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain, islice, pairwise
from math import prod
from operator import is_
from typing import Any, Literal, TypeAlias, TypeVar, cast
from weakref import WeakValueDictionary

from ckpt_studio.compare.report import Status
from ckpt_studio.core.checkpoint import Checkpoint, StateDict
from ckpt_studio.core.discovery import children as children_of
from ckpt_studio.core.jobs import give_way, gradually
from ckpt_studio.core.tensor import Tensor
from ckpt_studio.core.tree import ABSENT, Dict, Object, Path, PathKey, Value, dotted
from ckpt_studio.gui.name_levels import Level, divided, divided_among, level_of

Kind = Literal["weights", "group", "tensor", "bucket", "box", "leaf", "metadata", "meta"]
SortColumn = Literal["file", "name", "shape", "dtype", "device", "size", "status"]
NodeKey: TypeAlias = tuple[str, Path, str]

# A level with more rows than this is shown in ranges: Qt asks Python about every row of an open level.
_MOST_ROWS = 1000
_BUCKET = 250
_TREES_KEPT = 6
# One call that goes through all of a million names would hold up the window's thread, which waits for its turn.
_AT_ONCE = 4096
# Sizes of nested other contents are summed up to this many values; beyond, the sum is a lower bound.
_MOST_WALKED = 20_000

_DIGITS = re.compile(r"(\d+)")


def natural_key(text: str) -> tuple[Any, ...]:
    """A sort key in which "layer10" comes after "layer9"."""
    return tuple(int(part) if part.isdigit() else part.lower() for part in _DIGITS.split(text))


Fact: TypeAlias = tuple[int, int, str, str]
"""Bytes, elements, dtype and device of an entry; a plain tuple, for a million of them are made."""

_NO_TENSOR: Fact = (0, 0, "", "")


def fact_of(value: Tensor | Value) -> Fact:
    """The facts of an entry. To keep them by tensor would take more memory than is worth the while."""
    if type(value) is not Tensor:
        return _NO_TENSOR
    count = prod(value.shape)
    nbytes = count * value.dtype.itemsize if value.form is None else value.nbytes
    return (nbytes, count, value.dtype.name, value.device)


class Columns:
    """Facts of many entries, one list for each."""

    def __init__(self, facts: Sequence[Fact]) -> None:
        self.nbytes: list[int] = []
        self.numel: list[int] = []
        self.dtypes: list[str] = []
        self.devices: list[str] = []
        for start in range(0, len(facts), _AT_ONCE):
            nbytes, numel, dtypes, devices = zip(*facts[start : start + _AT_ONCE], strict=True)
            self.nbytes += nbytes
            self.numel += numel
            self.dtypes += dtypes
            self.devices += devices
            give_way()
        self.one_dtype = len(set(self.dtypes)) == 1
        self.one_device = len(set(self.devices)) == 1


_Verdicts: TypeAlias = tuple[Mapping[str, Status], list[Status | None], Counter[Status | None]]
"""What a comparison said, the status of each name (None: not compared), and how many have which."""


class NameTable:
    """The names of one state dict and their facts as arrays, in file order."""

    def __init__(self, state_dict: StateDict, before: NameTable | None = None) -> None:
        self.names: list[str] = list(state_dict.entries)
        self.values: list[Tensor | Value] = list(state_dict.entries.values())
        # Groups that were shown whole, by name and its length with the dot: position of the first name, and the level.
        self.levels: dict[tuple[str, int], tuple[int, Level]] = {}
        self._lowered: list[str] | None = None
        self._verdicts: tuple[_Verdicts, ...] = ()
        if before is not None and len(before.values) == len(self.values) and all(map(is_, before.values, self.values)):
            # A rename changes no tensor.
            columns = before.facts
        else:
            columns = Columns([fact_of(value) for value in gradually(self.values)])
        self.facts: Columns = columns
        self.nbytes, self.numel = self.facts.nbytes, self.facts.numel
        self.dtypes, self.devices = self.facts.dtypes, self.facts.devices

    @property
    def lowered(self) -> list[str]:
        """The names in lower case, for searching."""
        if self._lowered is None:
            lowered: list[str] = []
            for start in range(0, len(self.names), _AT_ONCE):
                some = self.names[start : start + _AT_ONCE]
                made = list(map(str.lower, some))
                # Most files have no capitals: their names are not kept twice.
                lowered += some if made == some else made
                give_way()
            self._lowered = lowered
        return self._lowered

    def verdicts(self, known: Mapping[str, Status]) -> list[Status | None]:
        """The status of each name, in order (None: not compared); kept until another report comes."""
        return self._judged(known)[1]

    def verdict_counts(self, known: Mapping[str, Status]) -> Counter[Status | None]:
        """How many of all names have which status."""
        return self._judged(known)[2]

    def has_verdicts(self, known: Mapping[str, Status]) -> bool:
        """Whether they were worked out."""
        return any(one[0] is known for one in self._verdicts)

    def prepare_verdicts(self, known: Mapping[str, Status]) -> None:
        """Works out in a job what the rows will ask for."""
        self._judged(known)

    def _judged(self, known: Mapping[str, Status]) -> _Verdicts:
        judged = next((one for one in self._verdicts if one[0] is known), None)
        if judged is None:
            verdicts: list[Status | None] = []
            counts: Counter[Status | None] = Counter()
            for start in range(0, len(self.names), _AT_ONCE):
                some = list(map(known.get, self.names[start : start + _AT_ONCE]))
                verdicts += some
                counts.update(some)
                give_way()
            judged = (known, verdicts, counts)
            # A job prepares those of a new report while the rows still show the one before.
            self._verdicts = (judged, *self._verdicts[:1])
        return judged


class Tables:
    """The name tables of one document's snapshots; a snapshot seen before costs nothing."""

    def __init__(self) -> None:
        # As long as a tree shows them; the history has many states more.
        self._tables: WeakValueDictionary[StateDict, NameTable] = WeakValueDictionary()
        self._latest: dict[Path, NameTable] = {}
        self._beside: dict[Path, list[tuple[PathKey, Value]]] = {}
        self._trees: dict[Checkpoint, TensorTree] = {}
        # A job that computes an edit makes the tree that the window's thread will show.
        self._guard = threading.Lock()

    def tree(self, checkpoint: Checkpoint) -> TensorTree:
        """The whole tree of a snapshot in file order; undo and redo find it with its levels made."""
        with self._guard:
            tree = self._trees.pop(checkpoint, None)
        if tree is None:
            tree = TensorTree(checkpoint, self)
        with self._guard:
            self._trees[checkpoint] = tree
            if len(self._trees) > _TREES_KEPT:
                oldest = next(iter(self._trees))
                self._trees.pop(oldest).close()
        return tree

    def has_tree(self, checkpoint: Checkpoint) -> bool:
        """Whether this snapshot was shown lately."""
        return checkpoint in self._trees

    def keeps(self, tree: TensorTree) -> bool:
        """Whether this tree may be asked for again."""
        return self._trees.get(tree.checkpoint) is tree

    def for_another_view(self) -> Tables:
        """The same tables, but trees of their own: rows are numbered by the view that shows them."""
        other = Tables()
        other._tables, other._latest = self._tables, self._latest
        return other

    def beside(self, state_dict: StateDict) -> list[tuple[PathKey, Value]]:
        """What shared the mapping with the tensors when the file was read: other contents, not weights."""
        found = self._beside.get(state_dict.path)
        if found is None:
            found = []
            node, entries = state_dict.node, state_dict.entries
            if isinstance(node, Dict) and (
                node.state is not ABSENT or any(type(item) is not Tensor for _, item in node.items)
            ):
                found = [
                    (key, part) for key, part in children_of(node) if type(part) is not Tensor and key not in entries
                ]
            self._beside[state_dict.path] = found
        return found

    def of(self, state_dict: StateDict) -> NameTable:
        """The table of a state dict."""
        table = self._tables.get(state_dict)
        if table is None:
            table = NameTable(state_dict, self._latest.get(state_dict.path))
            self._tables[state_dict] = self._latest[state_dict.path] = table
        return table


class Node:
    """One row.

    Attributes:
        kind: "weights" (a state dict), "group", "tensor", "bucket" (a range of a very long level),
            "box" and "leaf" (other contents), "metadata" and "meta" (safetensors' header).
        key: what the row is called below its parent.
        name: full tensor name or group prefix (without a trailing dot); dotted path of other contents.
        path: path of the state dict it belongs to, or of the other content itself.
        value: the tensor or value of a leaf.
        indices: positions in the name table, of the tensors in it; a `range` where they follow one another.
        row: position among its siblings.
        ident: by which a model knows it; kept from one showing to the next.
        flags: what a model allows to do with it; None until it was asked.
    """

    __slots__ = (
        "_devices", "_dtypes", "_known", "_lookup", "_ranges", "_statuses", "children", "flags", "ident", "indices",
        "key", "kind", "name", "nbytes", "parent", "path", "row", "table", "value",
    )  # fmt: skip

    def __init__(
        self,
        kind: Kind,
        key: str,
        name: str,
        path: Path,
        parent: Node | None,
        *,
        value: Value = None,
        indices: Sequence[int] = (),
        table: NameTable | None = None,
        nbytes: int = 0,
    ) -> None:
        self.kind: Kind = kind
        self.key = key
        self.name = name
        self.path = path
        self.parent = parent
        self.value = value
        self.indices = indices
        self.table = table
        self.nbytes = nbytes
        self.children: list[Node] | None = None
        self.row = 0
        self.ident = 0
        self.flags: tuple[Any, Any] | None = None
        self._lookup: dict[str, Node] | None = None
        # Where the children are ranges: which one each next part of the names is in.
        self._ranges: dict[str, Node] | None = None
        self._statuses: Counter[Status | None] | None = None
        self._known: Mapping[str, Status] | None = None
        self._dtypes: tuple[str, ...] | None = None
        self._devices: tuple[str, ...] | None = None

    @property
    def dtypes(self) -> tuple[str, ...]:
        """Names of the dtypes in it, the most frequent first."""
        if self._dtypes is None:
            table = self.table
            if table is None:
                self._dtypes = (self.value.dtype.name,) if type(self.value) is Tensor else ()
            else:
                self._dtypes = self._most_common(table.dtypes, table.facts.one_dtype)
        return self._dtypes

    @property
    def devices(self) -> tuple[str, ...]:
        """The recorded devices in it, the most frequent first; nothing where none is recorded."""
        if self._devices is None:
            table = self.table
            if table is None:
                self._devices = (self.value.device,) if type(self.value) is Tensor else ()
            else:
                self._devices = self._most_common(table.devices, table.facts.one_device)
        return self._devices

    def _most_common(self, values: Sequence[str], is_one: bool) -> tuple[str, ...]:
        if is_one or len(self.indices) == 1:
            found = [values[i] for i in self.indices[:1]]
        else:
            found = [value for value, _ in Counter(_picked(values, self.indices)).most_common()]
        return tuple(value for value in found if value)

    @property
    def has_children(self) -> bool:
        """Whether the row can be opened; answers without making the children."""
        if self.kind in ("tensor", "leaf", "meta"):
            return False
        if self.kind in ("weights", "group"):
            return bool(self.indices)
        return True

    @property
    def is_named(self) -> bool:
        """Whether it stands for tensors of a state dict."""
        return self.table is not None

    @property
    def names(self) -> Sequence[str]:
        """All tensor names in it, in file order."""
        if self.table is None:
            return []
        return _picked(self.table.names, self.indices)

    @property
    def identity(self) -> NodeKey:
        """What the row is, for finding it again in another snapshot's tree (a range: by its first tensor)."""
        if self.kind == "bucket" and self.table is not None:
            return ("bucket", self.path, self.table.names[self.indices[0]])
        return (self.kind, self.path, self.name)

    def statuses(self, known: Mapping[str, Status]) -> Counter[Status | None]:
        """How many of its tensors have which status (None: not compared)."""
        if self._statuses is None or self._known is not known:
            parent = self.parent
            if parent is not None and parent._known is known and len(parent.indices) == len(self.indices):
                self._statuses = parent._statuses
            elif self.table is not None and len(self.indices) == len(self.table.names):
                self._statuses = self.table.verdict_counts(known)
            else:
                verdicts = self.table.verdicts(known) if self.table is not None else []
                self._statuses = Counter(_picked(verdicts, self.indices))
            self._known = known
            assert self._statuses is not None
        return self._statuses


@dataclass(frozen=True)
class Order:
    """How siblings are sorted: by file order ("file"), or by a column."""

    column: SortColumn = "file"
    descending: bool = False


class TensorTree:
    """The rows of one snapshot, possibly filtered and sorted; immutable once a level was made."""

    def __init__(
        self,
        checkpoint: Checkpoint,
        tables: Tables,
        *,
        matches: Mapping[Path, Sequence[int]] | None = None,
        order: Order = Order(),
        statuses: Mapping[str, Status] | None = None,
    ) -> None:
        self.checkpoint = checkpoint
        self.order = order
        self.statuses = statuses or {}
        self._matches = matches
        self._tables = tables
        self._state_dicts = {sd.path for sd in checkpoint.state_dicts}
        self.root = Node("box", "", "", (), None)
        self.root.children = []
        for state_dict in checkpoint.state_dicts:
            table = tables.of(state_dict)
            chosen: Sequence[int] = range(len(table.names)) if matches is None else matches.get(state_dict.path, ())
            if matches is not None and not chosen:
                continue
            node = Node("weights", state_dict.label, "", state_dict.path, self.root, indices=chosen, table=table)
            node.nbytes = self._sum(node)
            self.root.children.append(node)
        if matches is None:
            self.root.children += self._others()
        _number(self.root.children)

    @property
    def top(self) -> list[Node]:
        """The first level: the state dicts, then the other contents."""
        return self.children(self.root)

    def children(self, node: Node) -> list[Node]:
        """The rows below a node, made now if nobody asked before."""
        if node.children is None:
            if node.kind in ("weights", "group") or (node.kind == "bucket" and node.is_named):
                node.children = self._split(node)
            elif node.kind == "box":
                node.children = self._parts(node)
            elif node.kind == "metadata":
                node.children = [
                    Node("meta", key, key, (), node, value=text) for key, text in self.checkpoint.metadata.items()
                ]
            else:
                node.children = []
            _number(node.children)
        return node.children

    def find(self, kind: Kind, path: Path, name: str) -> Node | None:
        """The row that shows this, or None when it is not shown; makes the levels on the way."""
        if kind in ("weights", "group", "tensor", "bucket"):
            weights = next((n for n in self.top if n.kind == "weights" and n.path == path), None)
            if weights is None or kind == "weights":
                return weights
            found = self._find_name(weights, "group" if kind == "group" else "tensor", name)
            while kind == "bucket" and found is not None and found.kind != "bucket":
                found = found.parent
            return found
        node = self.root
        if kind in ("metadata", "meta"):
            found = next((n for n in self.top if n.kind == "metadata"), None)
            if kind == "metadata" or found is None:
                return found
            return next((n for n in self.children(found) if n.name == name), None)
        for length in range(1, len(path) + 1):
            part = path[:length]
            below = next((n for n in self.children(node) if n.kind in ("box", "leaf") and n.path == part), None)
            if below is not None:
                node = below
        return node if node.path == path and node is not self.root else None

    def walk(self) -> Iterator[Node]:
        """Every row, depth first; makes all levels."""
        pending = list(reversed(self.top))
        while pending:
            node = pending.pop()
            yield node
            pending.extend(reversed(self.children(node)))

    def made(self) -> Iterator[Node]:
        """The rows that were made so far."""
        pending = list(self.root.children or ())
        while pending:
            node = pending.pop()
            yield node
            pending.extend(node.children or ())

    def close(self) -> None:
        """Nobody will ask this tree again: without the ways upwards its rows end at once, not by a collector."""
        for node in self.made():
            node.parent = None

    def _find_name(self, node: Node, kind: Kind, name: str) -> Node | None:
        offset = 0
        while True:
            self.children(node)
            dot = name.find(".", offset)
            if node._ranges is not None:
                # The rows of one range of a very long level, not those of all.
                part = name[offset : dot + 1] if dot >= 0 else name[offset:] + ("." if kind == "group" else "")
                within = node._ranges.get(part)
                if within is None:
                    return None
                node = within
            lookup = self._lookup(node)
            if kind == "tensor":
                found = lookup.get(name[offset:])
                if found is not None and found.kind == "tensor":
                    return found
            if kind == "group" and dot < 0:
                return lookup.get(name[offset:] + ".")
            if dot < 0:
                return None
            found = lookup.get(name[offset : dot + 1])
            if found is None:
                return None
            node, offset = found, dot + 1

    def _lookup(self, node: Node) -> dict[str, Node]:
        # Tensors under the rest of their name (no collision: it never ends in a dot below a dot), groups with the dot.
        if node._lookup is None:
            lookup: dict[str, Node] = {}
            for child in self.children(node):
                below = self.children(child) if child.kind == "bucket" else (child,)
                for item in below:
                    lookup[item.key + "." if item.kind == "group" else item.key] = item
            node._lookup = lookup
        return node._lookup

    def _sum(self, node: Node) -> int:
        table, parent = node.table, node.parent
        assert table is not None
        if parent is not None and parent.table is table and len(parent.indices) == len(node.indices):
            return parent.nbytes
        if len(node.indices) == len(table.names):
            return sum(table.nbytes)
        return sum(_picked(table.nbytes, node.indices))

    def _split(self, node: Node) -> list[Node]:
        table = node.table
        assert table is not None
        names = table.names
        above = node.parent if node.kind == "bucket" else node
        offset = len(node.name) + 1 if above is not None and above.kind == "group" else 0
        prefix = names[node.indices[0]][:offset] if node.indices else ""
        parts = self._parts_of(node, names, offset)
        if len(parts) > _MOST_ROWS and self.order.column == "file":
            return self._in_ranges(node, parts)
        children = [self._named(node, indices, offset, prefix + part[:-1]) for part, indices in parts.items()]
        self._sort(children)
        return _bucketed(children, node) if len(children) > _MOST_ROWS else children

    def _parts_of(self, node: Node, names: Sequence[str], offset: int) -> Mapping[str, Sequence[int]]:
        """Next part of the names after `offset` -> positions, in order of appearance."""
        table, indices = node.table, node.indices
        assert table is not None
        known = table.levels.get((node.name, offset))
        if known is not None:
            # Some of the names of a group that was shown whole: a filter's.
            return divided_among(known[1], known[0], indices)
        level = level_of(names if len(indices) == len(names) else _picked(names, indices), offset)
        is_whole = node.kind != "bucket" and self._matches is None and type(indices) is range and indices.step == 1
        if is_whole and 0 < 2 * len(level.parts) <= len(indices):
            table.levels[node.name, offset] = (indices[0], level)
        return divided(level, indices)

    def _named(self, parent: Node, indices: Sequence[int], offset: int, group: str) -> Node:
        table = parent.table
        assert table is not None
        if len(indices) == 1:
            # A group of one tensor is one row: "conv1.weight".
            i = indices[0]
            name = table.names[i]
            return Node(
                "tensor", name[offset:], name, parent.path, parent,
                value=table.values[i], indices=indices, table=table, nbytes=table.nbytes[i],
            )  # fmt: skip
        node = Node("group", group[offset:], group, parent.path, parent, indices=indices, table=table)
        node.nbytes = self._sum(node)
        return node

    def _in_ranges(self, parent: Node, parts: Mapping[str, Sequence[int]]) -> list[Node]:
        # A very long level in file order: the rows of a range are made when it is opened.
        table = parent.table
        assert table is not None
        offset = len(parent.name) + 1 if parent.kind == "group" else 0
        ranges: list[Node] = []
        parent._ranges = {}
        pairs, length = iter(parts.items()), _bucket_length(len(parts))
        while some := dict(islice(pairs, length)):
            held = list(some.values())
            first, last = (table.names[part[0]][offset:] for part in (held[0], held[-1]))
            node = Node(
                "bucket", f"{first} … {last}", parent.name, parent.path, parent, indices=_chained(held), table=table
            )
            node.nbytes = self._sum(node)
            ranges.append(node)
            parent._ranges.update(dict.fromkeys(some, node))
        return ranges

    def _sort(self, nodes: list[Node]) -> None:
        column, down = self.order.column, self.order.descending
        if column == "file":
            # Blocks numbered 0, 1, 10, 2 (safetensors sorts its header as text) are nobody's order.
            numbers = [node.key.partition(".")[0] for node in nodes]
            if all(map(str.isdecimal, numbers)):
                nodes.sort(key=lambda node: int(node.key.partition(".")[0]))
        elif column == "name":
            nodes.sort(key=lambda node: natural_key(node.key), reverse=down)
        elif column == "size":
            nodes.sort(key=lambda node: node.nbytes, reverse=down)
        elif column == "shape":
            nodes.sort(key=_elements, reverse=down)
        elif column == "status":
            nodes.sort(key=lambda node: _worst(node.statuses(self.statuses)), reverse=down)
        else:
            nodes.sort(key=lambda node: _attribute(node, column), reverse=down)

    def _others(self) -> list[Node]:
        checkpoint = self.checkpoint
        nodes: list[Node] = []
        if () not in self._state_dicts or isinstance(checkpoint.root, Dict):
            nodes = self._parts(self.root)
        if not nodes and not self._state_dicts:
            # A file may hold one tensor, or one object without parts.
            nodes.append(self._other("value", (), checkpoint.root, self.root))
        if checkpoint.metadata:
            nodes.append(Node("metadata", "metadata", "metadata", (), self.root))
        return nodes

    def _parts(self, node: Node) -> list[Node]:
        # State dicts have rows of their own at the top, and so have the tensors in them.
        held = next((sd for sd in self.checkpoint.state_dicts if sd.path == node.path), None)
        value = self.checkpoint.root if node is self.root else node.value
        nodes: list[Node] = []
        for key, part in children_of(value) if held is None else self._tables.beside(held):
            path = (*node.path, key)
            if path not in self._state_dicts:
                part = self.checkpoint.patches.get(path, part)
                if part is not ABSENT:
                    nodes.append(self._other(str(key), path, part, node))
        known = {n.path for n in nodes}
        for path, part in self.checkpoint.patches.items():
            if path and path[:-1] == node.path and path not in known and part is not ABSENT:
                nodes.append(self._other(str(path[-1]), path, part, node))
        return _bucketed(nodes, node) if len(nodes) > _MOST_ROWS else nodes

    def _other(self, key: str, path: Path, value: Value, parent: Node) -> Node:
        below = type(value) is not Tensor and bool(children_of(value))
        kind: Kind = "box" if below else "leaf"
        if type(value) is Tensor:
            nbytes = fact_of(value)[0]
        else:
            # Where nothing was found in the whole, nothing is in its parts.
            empty = parent.kind == "box" and parent is not self.root and not parent.nbytes
            nbytes = tensors_nbytes(value) if below and not empty else 0
        return Node(kind, key, dotted(path), path, parent, value=value, nbytes=nbytes)


_Item = TypeVar("_Item")


def _picked(values: Sequence[_Item], indices: Sequence[int]) -> Sequence[_Item]:
    """The values at some positions, in their order."""
    if type(indices) is range and indices.step == 1:
        return values[indices.start : indices.stop]
    return [values[i] for i in indices]


def _chained(parts: Sequence[Sequence[int]]) -> Sequence[int]:
    """The positions of all parts, in their order; a `range` where they follow one another."""
    if all(type(part) is range and part.step == 1 for part in parts):
        runs = cast(Sequence[range], parts)
        if all(one.stop == other.start for one, other in pairwise(runs)):
            return range(runs[0].start, runs[-1].stop)
    return list(chain.from_iterable(parts))


def tensors_nbytes(value: Value, most: int = _MOST_WALKED, without: Iterable[int] = ()) -> int:
    """Bytes of the tensors below a value (a lower bound beyond `most` values); safe on cycles.

    `without` are the `id`s of values that are passed over with all below them.
    """
    total = 0
    seen = set(without)
    most += len(seen)
    pending: list[Value] = [value]
    while pending and len(seen) < most:
        item = pending.pop()
        if id(item) in seen:
            continue
        if type(item) is Tensor:
            seen.add(id(item))
            total += item.nbytes
        elif isinstance(item, Dict | Object | list | tuple):
            seen.add(id(item))
            pending.extend(part for _, part in children_of(item))
    return total


def _number(nodes: Iterable[Node]) -> None:
    for row, node in enumerate(nodes):
        node.row = row


def _bucketed(children: list[Node], parent: Node) -> list[Node]:
    buckets: list[Node] = []
    length = _bucket_length(len(children))
    for start in range(0, len(children), length):
        some = children[start : start + length]
        key = f"{some[0].key} … {some[-1].key}"
        bucket = Node("bucket", key, parent.name, parent.path, parent, table=parent.table)
        bucket.indices = _chained([node.indices for node in some])
        bucket.nbytes = sum(node.nbytes for node in some)
        bucket.children = some
        for row, node in enumerate(some):
            node.parent, node.row = bucket, row
        buckets.append(bucket)
    return buckets


def _bucket_length(count: int) -> int:
    """How many of so many rows are in one range; the ranges themselves are not too many either."""
    return max(_BUCKET, -(-count // (2 * _BUCKET)))


def _elements(node: Node) -> int:
    table = node.table
    return sum(_picked(table.numel, node.indices)) if table is not None else 0


def _attribute(node: Node, column: str) -> str:
    found = node.dtypes if column == "dtype" else node.devices
    return found[0] if found else ""


def _worst(statuses: Counter[Status | None]) -> int:
    if statuses["mismatched"]:
        return 0
    if statuses["unexpected"]:
        return 1
    return 2 if statuses["matched"] else 3
