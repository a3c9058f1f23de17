"""Rows against blocks: one side keeps all first norms in one list and all second ones in another, the other side both
in each block. Where order misleads there, the assignment of whole roles to whole roles is the regular one."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Matrix = NDArray[np.float32]

# From so many layers on, roles of one shape are looked at; and up to so many.
_FEW, _MANY = 6, 400


def by_roles(
    ours: Sequence[int],
    theirs: Sequence[int],
    our_roles: NDArray[np.int32],
    their_roles: NDArray[np.int32],
    likeness: Matrix,
    assigned: Callable[[Matrix], list[tuple[int, int]]],
    present: Mapping[int, int],
) -> list[dict[int, int]]:
    """Assignments of the layers of one shape that pair whole roles, place by place, where the present one mixes them.

    Args:
        ours, theirs: the layers, in order; equally many.
        our_roles, their_roles: layer × level: numbers of roles, -1 for none (of these layers).
        likeness: how well each of ours goes with each of theirs.
        assigned: the best one-to-one pairs (row, column) of a matrix of costs.
        present: the partners of ours now.
    """
    import numpy as np

    if len(ours) != len(theirs) or not _FEW <= len(ours) <= _MANY:
        return []
    left, right = _partitions(our_roles), _partitions(their_roles)
    views = [(rows, columns) for rows in left for columns in right if rows.shape == columns.shape]
    # Seen in one way, the present assignment may pair whole roles already.
    if any(_kinds(ours, theirs, rows, columns, present) <= len(rows) for rows, columns in views):
        return []
    result: list[dict[int, int]] = []
    for rows, columns in views:
        gains = np.array([[likeness[row, column].sum() for column in columns] for row in rows], np.float32)
        found = {
            int(ours[r]): int(theirs[c])
            for a, b in assigned(-gains)
            for r, c in zip(rows[a].tolist(), columns[b].tolist(), strict=True)
        }
        if found not in result:
            result.append(found)
    return result


def _kinds(
    ours: Sequence[int],
    theirs: Sequence[int],
    rows: NDArray[np.int64],
    columns: NDArray[np.int64],
    present: Mapping[int, int],
) -> int:
    """How many kinds of pair (of one role with one role) there are now."""
    our_role = {ours[place]: number for number, row in enumerate(rows.tolist()) for place in row}
    their_role = {theirs[place]: number for number, column in enumerate(columns.tolist()) for place in column}
    return len({(our_role[a], their_role.get(b)) for a, b in present.items() if a in our_role})


def _partitions(roles: NDArray[np.int32]) -> list[NDArray[np.int64]]:
    """Per way to see it, the layers by role: role × place; only where at least two roles have equally many layers."""
    import numpy as np

    result: list[NDArray[np.int64]] = []
    for level in range(roles.shape[1]):
        groups: dict[int, list[int]] = {}
        for place, role in enumerate(roles[:, level].tolist()):
            groups.setdefault(role, []).append(place)
        sizes = {len(group) for group in groups.values()}
        if -1 not in groups and len(groups) > 1 and len(sizes) == 1 and sizes != {1}:
            found = np.array(list(groups.values()), np.int64)
            if not any(found.shape == other.shape and (found == other).all() for other in result):
                result.append(found)
    return result
