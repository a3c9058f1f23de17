"""The tensors that a mapping left over because their shapes differ, but whose names say where they belong."""

from __future__ import annotations

from collections import Counter

from ckpt_studio.compare.align import Alignment


def leftovers_by_prefix(alignment: Alignment) -> tuple[tuple[str, str], ...]:
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
