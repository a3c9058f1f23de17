"""How names divide at their next dot: the rows of one level of the tree, quickly at a million names."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from ckpt_studio.core.jobs import give_way, gradually

# Names that are looked at between two chances for the window's thread to go first.
_AT_ONCE = 4096


class Level(NamedTuple):
    """The runs of names that go on with the same part.

    Attributes:
        parts: what each run's names go on with: up to their next dot and with it, or to their end.
        begins: at which of the names each run begins.
    """

    parts: list[str]
    begins: list[int]


def level_of(names: Sequence[str], offset: int) -> Level:
    """The runs of some names, which are all alike up to `offset`. Names of one group mostly follow one another."""
    if not names:
        return Level([], [])
    first, last = (name[offset : name.find(".", offset) + 1 or None] for name in (names[0], names[-1]))
    if first == last and first.endswith(".") and all(_begin(names, names[0][:offset] + first)):
        # One common part is frequent at the top ("model.").
        return Level([first], [0])
    parts: list[str] = []
    begins: list[int] = []
    part = None
    for i, name in enumerate(gradually(names)):
        if part is None or not name.startswith(part, offset):
            dot = name.find(".", offset)
            begins.append(i)
            parts.append(name[offset : dot + 1 or None])
            part = parts[-1] if dot >= 0 else None
    return Level(parts, begins)


def divided(level: Level, indices: Sequence[int]) -> dict[str, Sequence[int]]:
    """Parts -> positions of their names, in order of appearance; `level` is that of the names at `indices`."""
    ends = [*level.begins[1:], len(indices)] if indices else []
    return _together(
        (part, indices[begin:end]) for part, begin, end in zip(level.parts, level.begins, ends, strict=True)
    )


def divided_among(level: Level, first: int, indices: Sequence[int]) -> dict[str, Sequence[int]]:
    """As `divided`, for some of the names only: `level` is that of all names from position `first` on."""
    return _together(_runs_among(level, first, indices))


def _runs_among(level: Level, first: int, indices: Sequence[int]) -> Iterator[tuple[str, Sequence[int]]]:
    parts, begins = level
    place = 0
    while place < len(indices):
        run = bisect_right(begins, indices[place] - first) - 1
        end = len(indices)
        if run + 1 < len(begins):
            end = bisect_left(indices, begins[run + 1] + first, place)
        yield parts[run], indices[place:end]
        place = end


def _together(runs: Iterable[tuple[str, Sequence[int]]]) -> dict[str, Sequence[int]]:
    """What comes again later is put to where it came first."""
    found: dict[str, Sequence[int]] = {}
    again: dict[str, list[int]] = {}
    for part, run in gradually(runs):
        if part not in found:
            found[part] = run
        else:
            if part not in again:
                again[part] = list(found[part])
                found[part] = again[part]
            again[part] += run
    return found


def _begin(names: Sequence[str], prefix: str) -> Iterator[bool]:
    """For some thousand names at a time, whether all begin with the prefix."""
    for start in range(0, len(names), _AT_ONCE):
        some = names[start : start + _AT_ONCE]
        # What lies between the least and the greatest begins as both do.
        yield min(some).startswith(prefix) and max(some).startswith(prefix)
        give_way()
