"""The tensors that a mapping left over because their shapes differ, but that can only belong together."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import TypeAlias

from ckpt_studio.compare.align import Alignment

Shape: TypeAlias = Sequence[int]


def leftovers(
    alignment: Alignment, ours: Mapping[str, Shape], theirs: Mapping[str, Shape]
) -> tuple[tuple[str, str], ...]:
    """(source, target) of tensors without a partner that take the model's name, so that they can be resized there.

    Args:
        ours, theirs: the shapes of the file and of the model.
    """
    found = _by_prefix(alignment)
    taken = {name for pair in found for name in pair}
    rest = replace(
        alignment,
        unmatched_source=tuple(name for name in alignment.unmatched_source if name not in taken),
        unmatched_target=tuple(name for name in alignment.unmatched_target if name not in taken),
    )
    return (*found, *_by_module(rest, ours, theirs))


def _by_module(
    alignment: Alignment, ours: Mapping[str, Shape], theirs: Mapping[str, Shape]
) -> tuple[tuple[str, str], ...]:
    """Modules of the same tensors, each of which differs in the size of one axis at most: a head with other classes,
    a first layer for other channels. Only where neither side has another that could be meant.
    """
    sources = _modules(name for name in alignment.unmatched_source if name in ours)
    targets = _modules(name for name in alignment.unmatched_target if name in theirs)

    def fits(old: dict[str, str], new: dict[str, str]) -> bool:
        # One of them may go without a bias.
        if not (old.keys() <= new.keys() or new.keys() <= old.keys()):
            return False
        sides = [(tuple(ours[old[end]]), tuple(theirs[new[end]])) for end in old if end in new]
        return all(len(a) == len(b) and sum(x != y for x, y in zip(a, b, strict=True)) <= 1 for a, b in sides) and any(
            a != b for a, b in sides
        )

    likely = {old: [new for new in targets if fits(sources[old], targets[new])] for old in sources}
    meant = Counter(new for found in likely.values() for new in found)
    # A tensor whose own name is needed is dropped by the mapping.
    needed = {pair.target for pair in alignment.pairs}
    return tuple(
        (name, targets[found[0]][end])
        for old, found in likely.items()
        if len(found) == 1 and meant[found[0]] == 1
        for end, name in sources[old].items()
        if end in targets[found[0]] and name not in needed and targets[found[0]][end] not in alignment.unmatched_source
    )


def _modules(names: Iterable[str]) -> dict[str, dict[str, str]]:
    """The names by what stands before their last component, and by that."""
    found: dict[str, dict[str, str]] = {}
    for name in names:
        head, _, end = name.rpartition(".")
        found.setdefault(head, {})[end] = name
    return found


def _by_prefix(alignment: Alignment) -> tuple[tuple[str, str], ...]:
    """(source, target) of tensors without a partner that have the model's name once the usual prefix is changed.

    A head for another number of classes has no partner of its shape. Where most pairs only differ in a prefix
    (`module.fc.weight`, `fc.weight`), it is renamed with the rest, so that it can be dropped or resized there.
    """
    changes = Counter(_prefixes(pair.source, pair.target) for pair in alignment.pairs)
    if not changes:
        return ()
    (old, new), count = changes.most_common(1)[0]
    if old == new or 2 * count <= len(alignment.pairs):
        return ()
    # A name that another tensor keeps is not free, and a tensor whose own name is needed is dropped by the mapping.
    free = set(alignment.unmatched_target) - set(alignment.unmatched_source)
    needed = {pair.target for pair in alignment.pairs}
    named = ((name, new + name[len(old) :]) for name in alignment.unmatched_source if name.startswith(old))
    return tuple((name, target) for name, target in named if target in free and name not in needed)


def _prefixes(source: str, target: str) -> tuple[str, str]:
    """What stands before the longest common dotted ending, each with its dot."""
    ours, theirs = source.split("."), target.split(".")
    common = 0
    while common < min(len(ours), len(theirs)) and ours[-1 - common] == theirs[-1 - common]:
        common += 1
    before = (ours[: len(ours) - common], theirs[: len(theirs) - common])
    return "".join(f"{part}." for part in before[0]), "".join(f"{part}." for part in before[1])
