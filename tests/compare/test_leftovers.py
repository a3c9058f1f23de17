"""What has another shape keeps its place among the renamed."""

from __future__ import annotations

import pytest

from ckpt_studio.compare.align import Alignment, Pair
from ckpt_studio.compare.leftovers import leftovers_by_prefix


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
    assert leftovers_by_prefix(alignment(pairs, source, target)) == found
