"""A mapping told as few readable rules: `blocks.{n}.attn.qkv.* → layers.{n}.self_attention.in_proj_*`."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

_NUMBER = re.compile(r"\d+")
_VARIABLES = "nmkjpq"


@dataclass(frozen=True)
class Rule:
    """One regularity of a mapping.

    Attributes:
        source, target: patterns; `{n}` stands for a number, `{n+1}` for one that is one more, `*` for any of
            the layer's tensors, `{…}` for a number that follows no formula (the order decides).
        places: which pairs it covers, as places in the list it was made from.
        confidence: of the least certain pair (0 to 1).
    """

    source: str
    target: str
    places: tuple[int, ...]
    confidence: float


def rules_of(pairs: Sequence[tuple[str, str, float, str]]) -> list[Rule]:
    """Few rules that together say all (source, target, confidence, kind) pairs, in the order of their first pair.

    Pairs of different kinds ("split", "" …) go by different rules.
    """
    groups: dict[tuple[str, str, str, str, str], list[int]] = {}
    for place, (source, target, _, kind) in enumerate(pairs):
        ours, our_leaf = _split(source)
        theirs, their_leaf = _split(target)
        if our_leaf == their_leaf:
            our_leaf = their_leaf = "*"
        key = (_NUMBER.sub("#", ours), _NUMBER.sub("#", theirs), our_leaf, their_leaf, kind)
        groups.setdefault(key, []).append(place)
    rules = []
    for (ours, theirs, our_leaf, their_leaf, _), places in groups.items():
        # Numbers of the layer's name; the leaf's own are part of its text.
        left = [_numbers(_split(pairs[place][0])[0]) for place in places]
        right = [_numbers(_split(pairs[place][1])[0]) for place in places]
        source, target = _patterns(ours, theirs, left, right)
        rules.append(
            Rule(
                _joined(source, our_leaf),
                _joined(target, their_leaf),
                tuple(places),
                min(pairs[place][2] for place in places),
            )
        )
    return rules


def _split(name: str) -> tuple[str, str]:
    layer, _, leaf = name.rpartition(".")
    return layer, leaf


def _joined(layer: str, leaf: str) -> str:
    return f"{layer}.{leaf}" if layer else leaf


def _numbers(text: str) -> list[int]:
    return [int(number) for number in _NUMBER.findall(text)]


def _patterns(ours: str, theirs: str, left: Sequence[list[int]], right: Sequence[list[int]]) -> tuple[str, str]:
    """The two patterns with numbers where they are constant and variables where they vary."""
    variables: dict[int, str] = {}
    shown: list[str] = []
    for place in range(len(left[0])):
        values = [row[place] for row in left]
        if len(set(values)) == 1:
            shown.append(str(values[0]))
            continue
        same = next((p for p in variables if all(row[p] == row[place] for row in left)), None)
        name = variables[same] if same is not None else _VARIABLES[len(variables) % len(_VARIABLES)]
        variables[place] = name
        shown.append(f"{{{name}}}")
    told: list[str] = []
    for place in range(len(right[0])):
        values = [row[place] for row in right]
        if len(set(values)) == 1:
            told.append(str(values[0]))
            continue
        told.append(_formula(values, left, variables))
    return _filled(ours, shown), _filled(theirs, told)


def _formula(values: Sequence[int], left: Sequence[list[int]], variables: dict[int, str]) -> str:
    for place, name in variables.items():
        differences = {value - row[place] for value, row in zip(values, left, strict=True)}
        if len(differences) == 1:
            difference = differences.pop()
            return f"{{{name}{difference:+d}}}" if difference else f"{{{name}}}"
    return "{…}"


def _filled(pattern: str, numbers: Sequence[str]) -> str:
    parts = pattern.split("#")
    return parts[0] + "".join(number + part for number, part in zip(numbers, parts[1:], strict=True))
