"""By which prefix the names of two state dicts differ: of one that was saved from a wrapper, say."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from itertools import islice

from ckpt_studio.core.edits import AddPrefix, StripPrefix

# The first of the names tell as much as all of a million.
_SAMPLE = 2000


def prefix_change(theirs: Collection[str], ours: Collection[str]) -> StripPrefix | AddPrefix | None:
    """What gives at least half of `theirs` names that `ours` has too; None where they have them, or nothing does.

    Both are looked up in: mappings or sets of names.
    """
    some = list(islice(theirs, _SAMPLE))
    if not some or 2 * sum(name in ours for name in some) >= len(some):
        return None
    head, count = _extra_head(some, ours)
    if 2 * count >= len(some):
        return StripPrefix(head)
    here = list(islice(ours, _SAMPLE))
    head, count = _extra_head(here, theirs)
    return AddPrefix(head) if here and 2 * count >= min(len(here), len(some)) else None


def _extra_head(longer: Sequence[str], shorter: Collection[str]) -> tuple[str, int]:
    """What most names of one side carry before a name of the other, and how many do."""
    counts: Counter[str] = Counter()
    for name in longer:
        head = next((head for head, tail in tails(name) if tail in shorter), "")
        if head:
            counts[head] += 1
    return counts.most_common(1)[0] if counts else ("", 0)


def tails(name: str) -> Iterator[tuple[str, str]]:
    """(head with its dot, tail) at every dot, the longest tail first."""
    start = name.find(".") + 1
    while start:
        yield name[:start], name[start:]
        start = name.find(".", start) + 1
