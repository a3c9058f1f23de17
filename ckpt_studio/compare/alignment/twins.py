"""Networks that one side holds twice (student and teacher, weights and their average) and the other side once.

Aligned together they would be mixed: only one of the twins takes part, and the others stay without a partner.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from ckpt_studio.compare.alignment.names import Shape, squeezed, tokens

# Fewer tensors are a layer that a block has twice.
_FEWEST = 8
# Prefixes of so many parts are looked at.
_DEPTH = 3
# With so much of a second network the other side has twins as well.
_SECOND = 0.75
# What the twin is called that follows the other one.
_FOLLOWING = frozenset(
    {"teacher", "momentum", "ema", "target", "k", "key", "shadow", "average", "averaged", "avg", "swa"}
)

Kind = frozenset[tuple[str, Shape]]


@dataclass(frozen=True)
class Single:
    """One side with a single network of each kind.

    Attributes:
        shapes: name -> shape, without what the other twins hold.
        doubtful: prefixes of networks that nothing but their place made the chosen ones.
    """

    shapes: Mapping[str, Shape]
    doubtful: tuple[str, ...] = ()


def single(ours: Mapping[str, Shape], theirs: Mapping[str, Shape]) -> tuple[Single, Single]:
    """Both sides (name -> shape), each with one of the twins that the other side has once."""
    return _without_twins(ours, theirs), _without_twins(theirs, ours)


def _without_twins(shapes: Mapping[str, Shape], others: Mapping[str, Shape]) -> Single:
    dropped: list[str] = []
    doubtful: list[str] = []
    settled: list[str] = []
    words = {word for name in others for word in tokens(name)}
    counts = Counter(squeezed(shape) for shape in others.values())
    for kind, prefixes in sorted(_kinds(shapes).items(), key=lambda item: min(map(len, item[1]))):
        free = [prefix for prefix in prefixes if not prefix.startswith(tuple(settled))]
        if len(free) < 2 or not _is_single(kind, counts):
            continue
        chosen, is_told = _chosen(free, words)
        settled += free
        dropped += [prefix for prefix in free if prefix != chosen]
        if not is_told:
            doubtful.append(chosen)
    if not dropped:
        return Single(shapes)
    gone = tuple(dropped)
    return Single({name: shape for name, shape in shapes.items() if not name.startswith(gone)}, tuple(doubtful))


def _kinds(shapes: Mapping[str, Shape]) -> dict[Kind, list[str]]:
    """Networks with the same names and shapes below -> their prefixes ("encoder_q."), in the file's order."""
    below: dict[str, list[tuple[str, Shape]]] = {}
    for name, shape in shapes.items():
        parts = name.split(".")
        for depth in range(1, min(_DEPTH, len(parts) - 1) + 1):
            # Numbered ones are blocks of one network.
            if parts[depth - 1][-1:].isdigit():
                break
            prefix = ".".join(parts[:depth]) + "."
            below.setdefault(prefix, []).append((name[len(prefix) :], shape))
    kinds: dict[Kind, list[str]] = {}
    for prefix, held in below.items():
        if len(held) >= _FEWEST:
            kinds.setdefault(frozenset(held), []).append(prefix)
    return {kind: prefixes for kind, prefixes in kinds.items() if len(prefixes) > 1}


def _is_single(kind: Kind, others: Counter[Shape]) -> bool:
    """Whether the other side has most of one such network, but not of two."""
    wanted = Counter(squeezed(shape) for _, shape in kind)
    once = (wanted & others).total()
    twice = (Counter({shape: 2 * count for shape, count in wanted.items()}) & others).total()
    return 2 * once >= wanted.total() and twice < _SECOND * 2 * wanted.total()


def _chosen(prefixes: Sequence[str], words: set[str | int]) -> tuple[str, bool]:
    """The prefix of the network that takes part, and whether names say so."""
    said = [set(tokens(prefix)) for prefix in prefixes]
    shared = said[0].intersection(*said[1:])
    own = [some - shared for some in said]
    known = [bool(some) and some <= words for some in own]
    if sum(known) == 1:
        return prefixes[known.index(True)], True
    leading = [not some & _FOLLOWING for some in own]
    if sum(leading) == 1:
        return prefixes[leading.index(True)], True
    return prefixes[0], False
