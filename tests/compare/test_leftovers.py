"""What has another shape keeps its place among the renamed."""

from __future__ import annotations

import pytest

from ckpt_studio.compare.align import Alignment, Pair
from ckpt_studio.compare.leftovers import leftovers


def alignment(pairs: list[tuple[str, str]], source: tuple[str, ...], target: tuple[str, ...]) -> Alignment:
    return Alignment(tuple(Pair(old, new, 1.0, None, None) for old, new in pairs), source, target)


@pytest.mark.parametrize(
    ("pairs", "source", "target", "found"),
    [
        # The head goes with the rest; what the model does not have stays.
        (
            [("module.a.w", "a.w"), ("module.b.w", "b.w")],
            ("module.fc.w", "module.x", "other"),
            ("fc.w", "y"),
            (("module.fc.w", "fc.w"),),
        ),
        ([("a.w", "net.a.w"), ("b.w", "net.b.w")], ("fc.w",), ("net.fc.w",), (("fc.w", "net.fc.w"),)),
        ([("p.a.w", "q.a.w")], ("p.fc.w", "r.fc.w"), ("q.fc.w",), (("p.fc.w", "q.fc.w"),)),
        # No prefix that most pairs share, or nothing to change.
        ([("p.a.w", "q.a.w"), ("p.b.w", "r.b.w")], ("p.fc.w",), ("q.fc.w",), ()),
        ([("a.w", "a.w")], ("fc.w",), ("fc.w",), ()),
        ([], ("fc.w",), ("net.fc.w",), ()),
        # Names that are taken.
        ([("m.a.w", "a.w"), ("m.b.w", "b.w")], ("m.fc.w", "fc.w"), ("fc.w",), ()),
        ([("m.a.w", "a.w"), ("m.b.w", "m.m.w")], ("m.m.w",), ("m.w",), ()),
    ],
)
def test_leftovers(
    pairs: list[tuple[str, str]], source: tuple[str, ...], target: tuple[str, ...], found: tuple[tuple[str, str], ...]
) -> None:
    assert leftovers(alignment(pairs, source, target), {}, {}) == found


Shapes = dict[str, tuple[int, ...]]
OURS = {"first.conv.weight": (16, 1, 3, 3), "last.conv.weight": (5, 16, 1, 1), "last.conv.bias": (5,)}
THEIRS = {"inc.0.weight": (16, 3, 3, 3), "outc.weight": (2, 16, 1, 1), "outc.bias": (2,)}


def test_modules_that_differ_in_one_axis_only_belong_together() -> None:
    left = alignment([("a.w", "b.w")], tuple(OURS), tuple(THEIRS))
    assert dict(leftovers(left, OURS, THEIRS)) == {
        "first.conv.weight": "inc.0.weight",
        "last.conv.weight": "outc.weight",
        "last.conv.bias": "outc.bias",
    }


@pytest.mark.parametrize(
    ("more", "wanted"),
    [
        # Two heads that could be meant.
        ({"aux.conv.weight": (7, 16, 1, 1), "aux.conv.bias": (7,)}, {}),
        ({}, {"aux.weight": (4, 16, 1, 1), "aux.bias": (4,)}),
    ],
)
def test_what_could_be_meant_for_two_stays(
    more: dict[str, tuple[int, ...]], wanted: dict[str, tuple[int, ...]]
) -> None:
    ours, theirs = OURS | more, THEIRS | wanted
    left = alignment([("a.w", "b.w")], tuple(ours), tuple(theirs))
    assert dict(leftovers(left, ours, theirs)) == {"first.conv.weight": "inc.0.weight"}


def test_a_head_without_a_bias_belongs_to_one_with() -> None:
    ours, theirs = {"head.weight": (5, 16, 1, 1)}, {"outc.weight": (2, 16, 1, 1), "outc.bias": (2,)}
    pairs = (("head.weight", "outc.weight"),)
    assert leftovers(alignment([("x", "y")], tuple(ours), tuple(theirs)), ours, theirs) == pairs


def test_another_network_is_not_forced_into_place() -> None:
    ours, theirs = {"a.weight": (16, 3, 3, 3)}, {"b.weight": (32, 6, 3, 3)}
    assert leftovers(alignment([("x", "y")], tuple(ours), tuple(theirs)), ours, theirs) == ()
