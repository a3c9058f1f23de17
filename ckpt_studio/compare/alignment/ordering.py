"""The order of layers where files do not tell: by numbers, and by words that have an order of their own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache

from ckpt_studio.compare.alignment.names import Token, full_forms

# Each series lists words for the steps of a computation, first to last.
SERIES: tuple[tuple[str, ...], ...] = (
    (
        "q query wq queries qlin",
        "k key wk keys klin",
        "v value wv values val vlin",
        "o out output wo proj projection dense linear c",
    ),
    (
        "pre before input in first initial stem inc embed embeddings patch start",
        "self attn attention sa msa mha mhsa layers blocks body",
        "cross src enc encoder memory context encdec multihead",
        "post after second ffn ff mlp feed forward intermediate ffw",
        "final last output out outc head classifier regressor end full",
    ),
    ("encoder enc src source down downs contracting", "mid middle bottleneck center bridge body trunk",
     "decoder dec tgt trg target up ups expanding", "hr head final last out output outc generator"),
    ("pre before", "attention attn", "output"),
    ("reduce squeeze", "expand excite"),
    ("gate g wg", "up x wu", "down"),
    ("token tokens", "channel channels"),
    ("expand expansion exp", "depthwise dw dwconv", "project projection proj pwl"),
    ("mu mean", "var logvar std logstd sigma"),
    ("left l", "right r"),
    ("src source", "dst dest destination"),
    ("first", "second", "third", "fourth"),
    ("a", "b", "c", "d", "e", "f"),
    ("ih", "hh"),
    ("in", "out"),
    ("row", "col"),
)  # fmt: skip

# Elsewhere the way down comes before the way up.
_FEED_FORWARD = {("up", "proj"), ("down", "proj")}

# What a word says of the part it is added to: "norm_pre" comes before "norm", a macaron's first half before the other.
BEFORE = frozenset({"pre", "before", "first", "macaron"})
AFTER = frozenset({"post", "after", "second", "final", "last"})
# A block's only norm that is not named after a part is between that of the attention and that of the feed-forward.
_NORMS = frozenset({"norm", "ln", "layernorm", "rmsnorm", "bn"})
_FIRST_PARTS = frozenset({"attn", "attention", "sa", "mha", "msa"})
_SECOND_PARTS = frozenset({"ffn", "ff", "ffw", "mlp", "feed"})


@cache
def _table() -> dict[str, dict[int, int]]:
    table: dict[str, dict[int, int]] = {}
    for number, steps in enumerate(SERIES):
        for step, words in enumerate(steps):
            for word in words.split():
                table.setdefault(word, {}).setdefault(number, step)
    return table


def steps(word: str) -> dict[int, int]:
    """The series a word (or its singular, or what it abbreviates) stands in, and its place there."""
    table = _table()
    return table.get(word) or table.get(word.removesuffix("s")) or table.get(_full_forms().get(word, ""), {})


@cache
def _full_forms() -> dict[str, str]:
    return full_forms(_table())


@cache
def word_order(a: str, b: str) -> int:
    """Negative when `a` conventionally comes first, positive when `b` does, 0 when no convention is known."""
    ours, theirs = steps(a), steps(b)
    for number in sorted(ours.keys() & theirs.keys()):
        if ours[number] != theirs[number]:
            return ours[number] - theirs[number]
    return 0


def chain_order(a: Sequence[Token], b: Sequence[Token]) -> int:
    """As `word_order`, of the first words of two chains that tell: "slf.attn" comes before "pos.ffn".

    Or one chain is the other with words added that tell.
    """
    if {tuple(a[:2]), tuple(b[:2])} == _FEED_FORWARD:
        return 1 if a[0] == "down" else -1
    if told := extension_order(a, b):
        return told
    for ours, theirs in zip(a, b, strict=False):
        if ours == theirs or not (isinstance(ours, str) and isinstance(theirs, str)):
            return 0
        if told := word_order(ours, theirs):
            return told
    return 0


def extension_order(a: Sequence[Token], b: Sequence[Token]) -> int:
    """Which of two names comes first when one is the other with words added that tell; 0 when not.

    "norm_pre" comes before "norm", "feed_forward_macaron.w" before "feed_forward.w", "norm_final" after it, and
    "feed_forward.norm" after it, too.
    """
    short, long = sorted((a, b), key=len)
    place = next((k for k, (x, y) in enumerate(zip(short, long, strict=False)) if x != y), len(short))
    more = len(long) - len(short)
    if not more or tuple(short[place:]) != tuple(long[place + more :]):
        return 0
    added = set(long[place : place + more])
    later = 0
    if more == 1 and added & (BEFORE | AFTER):
        later = 1 if added & AFTER else -1
    elif short and short[-1] in _NORMS and not added & (BEFORE | AFTER):
        later = bool(added & _SECOND_PARTS) - bool(added & _FIRST_PARTS)
    return later if long is a else -later


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
        chains = {token: _chain([paths[k] for k in groups[token]], depth) for token in groups if isinstance(token, str)}
        words = _by_convention(chains)
        following: list[Token] = [*numbers, *words]
        waiting += [(groups[token], depth + 1) for token in reversed(following)]
    return result


def _chain(paths: Sequence[Sequence[Token]], depth: int) -> tuple[Token, ...]:
    """What all of these names share from `depth` on."""
    first = paths[0]
    end = min(len(path) for path in paths)
    for path in paths:
        while end > depth and path[depth:end] != first[depth:end]:
            end -= 1
    return tuple(first[depth:end])


def _by_convention(chains: Mapping[str, Sequence[Token]]) -> list[str]:
    """Words in alphabetical order, those moved before others that convention (also of what follows) puts later."""
    result: list[str] = []
    for word in sorted(chains):
        place = next((k for k, other in enumerate(result) if chain_order(chains[word], chains[other]) < 0), len(result))
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
    chains = [_chain(paths[start:end], depth) for _, start, end in runs]
    for x, (token, start, end) in enumerate(runs):
        if depth < shortest and end - start > 1:
            doubts[start:end] = doubtful(paths[start:end], depth + 1)
        numbered = isinstance(token, int)
        untold = sum(
            to - from_
            for y, (other, from_, to) in enumerate(runs)
            if x != y and not (numbered and isinstance(other, int)) and not chain_order(chains[x], chains[y])
        )
        for place in range(start, end):
            doubts[place] += untold
    return doubts


def attention_slot(path: Sequence[Token]) -> tuple[tuple[Token, ...], int] | None:
    """The attention layer a projection belongs to and its place in q, k, v, o; None for other layers.

    Libraries register q, k and v in any order; numbered projections stand in this one.
    """
    for place in range(len(path) - 1, max(len(path) - 4, -1), -1):
        token = path[place]
        if isinstance(token, str) and 0 in steps(token):
            before = tuple(path[:place])
            if token in ("linear", "c", "dense", "proj", "projection") and place > 0:
                continue
            return before, steps(token)[0]
    return None
