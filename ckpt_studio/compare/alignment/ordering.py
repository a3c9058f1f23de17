"""The order of layers where files do not tell: by numbers, and by words that have an order of their own."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

from ckpt_studio.compare.alignment.names import Token

# Each series lists words for the steps of a computation, first to last.
SERIES: tuple[tuple[str, ...], ...] = (
    (
        "q query wq queries qlin",
        "k key wk keys klin",
        "v value wv values val vlin",
        "o out output wo proj dense linear c",
    ),
    (
        "pre before input in first initial stem inc embed embeddings patch start",
        "self attn attention sa msa layers blocks body",
        "cross src enc encoder memory context encdec multihead",
        "post after second ffn ff mlp feed forward intermediate ffw",
        "final last output out outc head classifier end full",
    ),
    ("encoder enc src source down downs contracting", "mid middle bottleneck center bridge",
     "decoder dec tgt target up ups expanding", "hr head final last out output outc generator"),
    ("pre before", "attention attn", "output"),
    ("reduce squeeze", "expand excite"),
    ("gate", "up", "down"),
    ("mu mean", "var logvar std logstd sigma"),
    ("left", "right"),
    ("first", "second", "third", "fourth"),
    ("a", "b", "c", "d", "e", "f"),
    ("ih", "hh"),
    ("in", "out"),
    ("row", "col"),
    ("height h", "width w"),
)  # fmt: skip

ATTENTION = ("q", "k", "v")


@cache
def _table() -> dict[str, dict[int, int]]:
    table: dict[str, dict[int, int]] = {}
    for number, steps in enumerate(SERIES):
        for step, words in enumerate(steps):
            for word in words.split():
                table.setdefault(word, {}).setdefault(number, step)
    return table


@cache
def word_order(a: str, b: str) -> int:
    """Negative when `a` conventionally comes first, positive when `b` does, 0 when no convention is known."""
    table = _table()
    ours, theirs = table.get(a), table.get(b)
    if ours is None or theirs is None:
        return 0
    for number in sorted(ours.keys() & theirs.keys()):
        if ours[number] != theirs[number]:
            return ours[number] - theirs[number]
    return 0


def arranged(paths: Sequence[Sequence[Token]]) -> list[int]:
    """The places of names in their natural order: numbers as numbers, words by convention, the rest by the alphabet."""
    result: list[int] = []
    # A stack of its own: names may be nested deeper than Python calls.
    waiting: list[tuple[list[int], int]] = [(list(range(len(paths))), 0)]
    while waiting:
        places, depth = waiting.pop()
        if len(places) < 2:
            result += places
            continue
        groups: dict[Token | None, list[int]] = {}
        for place in places:
            path = paths[place]
            groups.setdefault(path[depth] if depth < len(path) else None, []).append(place)
        ended = groups.pop(None, [])
        result += ended
        numbers = sorted(token for token in groups if isinstance(token, int))
        words = _by_convention(sorted(token for token in groups if isinstance(token, str)))
        following: list[Token] = [*numbers, *words]
        waiting += [(groups[token], depth + 1) for token in reversed(following)]
    return result


def _by_convention(words: list[str]) -> list[str]:
    """Words in alphabetical order, those moved before others that convention puts before them."""
    result: list[str] = []
    for word in words:
        place = next((k for k, other in enumerate(result) if word_order(word, other) < 0), len(result))
        result.insert(place, word)
    return result


def doubtful(paths: Sequence[Sequence[Token]], depth: int = 0) -> list[int]:
    """Per name of a list in the order of `arranged`: before or after how many others it stands for no known reason."""
    doubts = [0] * len(paths)
    if len(paths) < 2:
        return doubts
    shortest = min(len(path) for path in paths)
    while depth < shortest and all(path[depth] == paths[0][depth] for path in paths):
        depth += 1
    runs: list[tuple[Token | None, int, int]] = []
    for place, path in enumerate(paths):
        token = path[depth] if depth < len(path) else None
        if runs and runs[-1][0] == token:
            runs[-1] = (token, runs[-1][1], place + 1)
        else:
            runs.append((token, place, place + 1))
    if len(runs) == len(paths) and all(isinstance(token, int) for token, _, _ in runs):
        return doubts
    for x, (token, start, end) in enumerate(runs):
        if depth < shortest and end - start > 1:
            doubts[start:end] = doubtful(paths[start:end], depth + 1)
        for y, (other, from_, to) in enumerate(runs):
            if x != y and not _told(token, other):
                for place in range(start, end):
                    doubts[place] += to - from_
    return doubts


def _told(a: Token | None, b: Token | None) -> bool:
    """Whether the order of two tokens means something."""
    if isinstance(a, int) and isinstance(b, int):
        return True
    return isinstance(a, str) and isinstance(b, str) and word_order(a, b) != 0


def attention_slot(path: Sequence[Token]) -> tuple[tuple[Token, ...], int] | None:
    """The attention layer a projection belongs to and its place in q, k, v, o; None for other layers.

    Libraries register q, k and v in any order; numbered projections stand in this one.
    """
    table = _table()
    for place in range(len(path) - 1, max(len(path) - 4, -1), -1):
        token = path[place]
        if isinstance(token, str) and 0 in table.get(token, ()):
            before = tuple(path[:place])
            if token in ("linear", "c", "dense", "proj") and place > 0:
                continue
            return before, table[token][0]
    return None
