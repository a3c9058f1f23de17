"""Parts of names that both sides spell alike: where conventions share a word, it most likely means the same."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from ckpt_studio.compare.alignment.names import Unit, spelled

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Matrix = NDArray[np.float32]

# Matrices of more numbers than this cost more time than they are worth.
_MOST = 4_000_000


class Sameness:
    """How far two layers' names share parts, among the parts that both sides have; rare ones count more."""

    def __init__(self, ours: Sequence[Unit], theirs: Sequence[Unit]) -> None:
        self._ours, self._theirs = ([spelled(unit.layer) for unit in units] for units in (ours, theirs))
        left, right = (Counter(part for parts in side for part in parts) for side in (self._ours, self._theirs))
        total = len(ours) + len(theirs)
        # "norm" beside "norm1" is the first of a row and says no more than its place; nor do rows that are counted
        # differently ("norm0" and "norm1", "norm1" and "norm2").
        ours_rows, theirs_rows = _rows(left), _rows(right)
        shared = (left.keys() & right.keys()) - (ours_rows.keys() | theirs_rows.keys())
        shared = {part for part in shared if ours_rows.get(_stem(part)) == theirs_rows.get(_stem(part))}
        self._weight = {part: math.log((total + 1) / (left[part] + right[part])) for part in shared}

    def of(self, ours: int, theirs: int) -> float:
        """0 (no part in common) to 1 (all that both sides know)."""
        a, b = self._ours[ours], self._theirs[theirs]
        shared = sum(self._weight.get(part, 0.0) for part in a & b)
        every = sum(self._weight.get(part, 0.0) for part in a | b)
        return shared / every if every > 0 else 0.0

    def among(self, ours: Sequence[int], theirs: Sequence[int]) -> Matrix:
        """The same of all pairs: len(ours) × len(theirs)."""
        import numpy as np

        left, right = ([self._known(side[place]) for place in places] for side, places in (
            (self._ours, ours), (self._theirs, theirs)
        ))  # fmt: skip
        number = {part: place for place, part in enumerate(sorted({p for some in (*left, *right) for p in some}))}
        if not number or (len(ours) + len(theirs)) * len(number) > _MOST:
            return np.zeros((len(ours), len(theirs)), np.float32)
        weight = np.array([self._weight[part] for part in number], np.float32)
        tables = []
        for some in (left, right):
            table = np.zeros((len(some), len(number)), np.float32)
            for row, parts in enumerate(some):
                table[row, [number[part] for part in parts]] = 1
            tables.append(table)
        a, b = tables
        shared = (a * weight) @ b.T
        every = (a @ weight)[:, None] + (b @ weight)[None] - shared
        return np.where(every > 0, shared / np.maximum(every, 1e-9), 0).astype(np.float32)

    def _known(self, parts: frozenset[str]) -> list[str]:
        return [part for part in parts if part in self._weight]


def _stem(part: str) -> str:
    return part.rstrip("0123456789")


def _rows(parts: Iterable[str]) -> dict[str, set[str]]:
    """What is numbered, and the names in each row."""
    rows: dict[str, set[str]] = {}
    for part in parts:
        if part[-1:].isdigit():
            rows.setdefault(_stem(part), set()).add(part)
    return rows
