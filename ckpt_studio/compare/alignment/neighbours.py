"""Tensors that one side keeps in the layer and the other beside it: "conv1.bias", and "conv1.activate.bias"."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ckpt_studio.compare.alignment.names import Shape, Token, Unit, squeezed, units_of

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

# More leftovers of one shape than this are another network, not tensors that moved.
_MOST = 400
# So many paired layers near a leftover are looked at.
_NEAREST = 16
# Names are nested so deep that what lies deeper tells nothing more.
_DEPTH = 12


@dataclass(frozen=True)
class _Left:
    """A tensor without a partner: its name, where it stands, and whether its layer has a partner."""

    name: str
    path: tuple[Token, ...]
    is_housed: bool


def moved(
    ours: Mapping[str, Shape], theirs: Mapping[str, Shape], partner: Mapping[str, str]
) -> list[tuple[str, str, bool]]:
    """Pairs (ours, theirs) of tensors left over that stand nearest to layers that are paired, and whether no other
    is as near.

    Only tensors whose layer is paired, or that are layers of their own, can have moved; and one of the two layers
    must be paired. O(leftovers · (leftovers + pairs)), per shape.

    Args:
        ours, theirs: name -> shape (elements).
        partner: what is paired: their name -> ours.
    """
    import numpy as np

    our_units, their_units = units_of(ours.items()), units_of(theirs.items())
    left = _leftovers(our_units, set(partner.values()))
    right = _leftovers(their_units, set(partner))
    places = {name: unit for unit in our_units for name in unit.leaves.values()}
    their_places = {name: unit for unit in their_units for name in unit.leaves.values()}
    seen: dict[tuple[int, int], tuple[Unit, Unit]] = {}
    for new, old in partner.items():
        if old in places and new in their_places:
            a, b = places[old], their_places[new]
            seen.setdefault((id(a), id(b)), (a, b))
    result: list[tuple[str, str, bool]] = []
    for shape, some in left.items():
        others = right.get(shape, [])
        if not others or not seen or max(len(some), len(others)) > _MOST:
            continue
        near = _distances([one.path for one in some], [a.tokens for a, _ in seen.values()])
        their_near = _distances([one.path for one in others], [b.tokens for _, b in seen.values()])
        apart = np.minimum(_by_way_of_pairs(near, their_near), _by_way_of_pairs(their_near, near).T)
        for r, one in enumerate(some):
            for c, other in enumerate(others):
                if not (one.is_housed or other.is_housed):
                    apart[r, c] = np.inf
        result += [(some[r].name, others[c].name, alone) for r, c, alone in _nearest(apart)]
    return result


def _leftovers(units: list[Unit], used: set[str]) -> dict[Shape, list[_Left]]:
    result: dict[Shape, list[_Left]] = {}
    for unit in units:
        is_housed = any(name in used for name in unit.leaves.values())
        for leaf, name in unit.leaves.items():
            if name not in used and leaf != "count" and (is_housed or len(unit.leaves) == 1):
                left = _Left(name, unit.tokens, is_housed)
                result.setdefault(squeezed(unit.shapes[leaf]), []).append(left)
    return result


def _distances(paths: list[tuple[Token, ...]], others: list[tuple[Token, ...]]) -> NDArray[np.int32]:
    """How many steps lead from each path to each other: up to what they share, and down."""
    import numpy as np

    numbers: dict[Token, int] = {}

    def table(rows: list[tuple[Token, ...]]) -> NDArray[np.int32]:
        # Numbers from 1; 0 is where a path has ended.
        filled = np.zeros((len(rows), _DEPTH), np.int32)
        for row, path in enumerate(rows):
            for column, token in enumerate(path[:_DEPTH]):
                filled[row, column] = numbers.setdefault(token, len(numbers) + 1)
        return filled

    ours, theirs = table(paths), table(others)
    shared = np.zeros((len(paths), len(others)), np.int32)
    alike = np.ones(shared.shape, bool)
    for column in range(_DEPTH):
        alike &= (ours[:, column][:, None] == theirs[:, column][None]) & (ours[:, column] > 0)[:, None]
        shared += alike
    lengths = (ours > 0).sum(1)[:, None] + (theirs > 0).sum(1)[None]
    result: NDArray[np.int32] = (lengths - 2 * shared).astype(np.int32)
    return result


def _by_way_of_pairs(near: NDArray[np.int32], their_near: NDArray[np.int32]) -> NDArray[np.float64]:
    """How many steps lead from each leftover to each of the other side, over the pairs nearest to the first."""
    import numpy as np

    count = min(_NEAREST, near.shape[1])
    result = np.empty((len(near), len(their_near)), np.float64)
    for row, distances in enumerate(near):
        nearest = np.argpartition(distances, count - 1)[:count]
        result[row] = (distances[nearest][None] + their_near[:, nearest]).min(1)
    return result


def _nearest(apart: NDArray[np.float64]) -> list[tuple[int, int, bool]]:
    """The nearest pairs first, each thing once; whether either has another partner as near."""
    import numpy as np

    result: list[tuple[int, int, bool]] = []
    rows, columns = set(range(apart.shape[0])), set(range(apart.shape[1]))
    for flat in np.argsort(apart, axis=None, kind="stable").tolist():
        r, c = divmod(flat, apart.shape[1])
        if r in rows and c in columns and np.isfinite(apart[r, c]):
            rivals = np.count_nonzero(apart[r] == apart[r, c]) + np.count_nonzero(apart[:, c] == apart[r, c])
            result.append((r, c, bool(rivals == 2)))
            rows.remove(r)
            columns.remove(c)
    return result
