"""What the tree of a document shows: its rows as filtered and sorted, made by a job where the file is big."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from ckpt_studio.compare.report import Status
from ckpt_studio.core.checkpoint import Checkpoint
from ckpt_studio.core.jobs import SILENT, Progress
from ckpt_studio.core.tree import Path
from ckpt_studio.gui.name_filter import NameFilter
from ckpt_studio.gui.tree_nodes import Node, Order, Tables, TensorTree

# What a filter or "expand all" may open by itself: Qt asks Python about every row that is laid out.
ROWS_OPENED = 400


@dataclass(frozen=True)
class Look:
    """How a tree is looked at.

    Attributes:
        filter: which names are shown.
        order: of the rows of every level.
        statuses: of the active state dict's names, as the comparison found them; compared by identity.
    """

    filter: NameFilter
    order: Order
    statuses: Mapping[str, Status]

    def is_same(self, other: Look) -> bool:
        """Whether the same rows are shown in the same order."""
        if self.filter != other.filter or self.order != other.order:
            return False
        needed = self.filter.needs_statuses or self.order.column == "status"
        return self.statuses is other.statuses or not needed


@dataclass(frozen=True)
class Shown:
    """The rows of one snapshot, looked at in one way.

    Attributes:
        checkpoint: the snapshot.
        look: the way.
        whole: the tree of all rows in the order of the file.
        tree: the tree that is shown; `whole` itself where nothing is filtered or sorted.
        found: positions of the names that the filter found, for each state dict; None without a filter.
    """

    checkpoint: Checkpoint
    look: Look
    whole: TensorTree
    tree: TensorTree
    found: Mapping[Path, Sequence[int]] | None

    @property
    def count(self) -> int:
        """How many names the filter found."""
        return sum(map(len, self.found.values())) if self.found is not None else 0


def shown(
    tables: Tables,
    checkpoint: Checkpoint,
    look: Look,
    narrowed: Mapping[Path, Sequence[int]] | None = None,
    progress: Progress = SILENT,
) -> Shown:
    """The rows of a snapshot; only the first level is made. Polls `progress`.

    Args:
        tables: of the document.
        checkpoint: the snapshot.
        look: the filter, the order, and what the comparison says.
        narrowed: positions among which the filter need look only.
        progress: of the job, where there is one.
    """
    whole = tables.tree(checkpoint)
    found: dict[Path, Sequence[int]] | None = None
    if look.filter:
        found = {}
        for state_dict in checkpoint.state_dicts:
            progress.check()
            among = narrowed.get(state_dict.path) if narrowed is not None else None
            statuses = look.statuses if state_dict.path == checkpoint.active else {}
            found[state_dict.path] = look.filter.find(tables.of(state_dict), among, statuses)
    progress.check()
    everything = found is None or all(len(found[sd.path]) == len(sd.entries) for sd in checkpoint.state_dicts)
    if everything and look.order.column == "file":
        return Shown(checkpoint, look, whole, whole, found)
    tree = TensorTree(checkpoint, tables, matches=found, order=look.order, statuses=look.statuses)
    return Shown(checkpoint, look, whole, tree, found)


def opened_below(tree: TensorTree, node: Node, rows: int = ROWS_OPENED) -> Iterator[Node]:
    """The rows to open below one, from the top, until about `rows` rows are shown; makes their levels."""
    pending = [node]
    count = 0
    while pending:
        following: list[Node] = []
        for item in pending:
            children = tree.children(item)
            if count + len(children) > rows and count:
                return
            count += len(children)
            if item is not tree.root:
                yield item
            following += [child for child in children if child.has_children and child.is_named]
        pending = following


def make_levels(made: Shown, names: Iterable[str], progress: Progress) -> None:
    """Makes the levels that a view will show: those around these names, or those a filter opens. Polls `progress`."""
    tree, active = made.tree, made.checkpoint.active
    if made.look.filter:
        for _ in opened_below(tree, tree.root):
            progress.check()
        return
    if active is None:
        return
    for name in names:
        progress.check()
        tree.find("tensor", active, name)
