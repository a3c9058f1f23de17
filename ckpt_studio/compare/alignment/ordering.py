"""The order of layers where files do not tell: by numbers, and by words that have an order of their own."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache, cmp_to_key
from typing import Any

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
        "final last output out outc head classifier end",
    ),
    ("encoder enc src source down downs contracting", "mid middle bottleneck center bridge",
     "decoder dec tgt target up ups expanding", "head final last out output outc generator"),
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


def first_difference(a: Sequence[Token], b: Sequence[Token]) -> tuple[Token, Token] | None:
    """The first tokens in which two names differ."""
    return next(((x, y) for x, y in zip(a, b, strict=False) if x != y), None)


def compare(a: Sequence[Token], b: Sequence[Token]) -> int:
    """Numbers as numbers, known words by convention, the rest by the alphabet."""
    differing = first_difference(a, b)
    if differing is None:
        return len(a) - len(b)
    x, y = differing
    if isinstance(x, int) and isinstance(y, int):
        return x - y
    if isinstance(x, int) or isinstance(y, int):
        return -1 if isinstance(x, int) else 1
    return word_order(x, y) or (-1 if x < y else 1)


order_key: Callable[[Sequence[Token]], Any] = cmp_to_key(compare)


def doubtful(paths: Sequence[Sequence[Token]], depth: int = 0) -> list[int]:
    """Per name of a list sorted by `compare`: before or after how many others it stands for no known reason."""
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
