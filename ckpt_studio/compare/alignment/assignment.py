"""One-to-one assignments: the cheapest of all, and one that is found quickly."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Matrix = NDArray[np.float32]


def greedy(score: Matrix) -> list[tuple[int, int]]:
    """The best pair first, then the best of what is left."""
    import numpy as np

    free_rows, free_columns = [True] * score.shape[0], [True] * score.shape[1]
    left = min(score.shape)
    result: list[tuple[int, int]] = []
    for flat in np.argsort(-score, axis=None, kind="stable").tolist():
        r, c = divmod(flat, score.shape[1])
        if free_rows[r] and free_columns[c]:
            free_rows[r] = free_columns[c] = False
            result.append((r, c))
            left -= 1
            if not left:
                break
    return result


def hungarian(cost: Matrix) -> list[tuple[int, int]]:
    """The assignment of least total cost (shortest augmenting paths, O(n²·m)); (row, column) pairs."""
    import numpy as np

    if cost.shape[0] > cost.shape[1]:
        return [(r, c) for c, r in hungarian(cost.T)]
    rows, columns = cost.shape
    padded = np.zeros((rows + 1, columns + 1))
    padded[1:, 1:] = cost
    u, v = np.zeros(rows + 1), np.zeros(columns + 1)
    owner = np.zeros(columns + 1, np.int64)
    way = np.zeros(columns + 1, np.int64)
    for row in range(1, rows + 1):
        owner[0] = row
        column = 0
        least = np.full(columns + 1, np.inf)
        used = np.zeros(columns + 1, bool)
        while True:
            used[column] = True
            reduced = padded[owner[column]] - u[owner[column]] - v
            better = ~used & (reduced < least)
            least[better] = reduced[better]
            way[better] = column
            open_ = np.where(used, np.inf, least)
            open_[0] = np.inf
            following = int(open_.argmin())
            delta = open_[following]
            u[owner[used]] += delta
            v[used] -= delta
            least[~used] -= delta
            column = following
            if owner[column] == 0:
                break
        while column:
            before = int(way[column])
            owner[column] = owner[before]
            column = before
    return [(int(owner[c]) - 1, c - 1) for c in range(1, columns + 1) if owner[c]]
