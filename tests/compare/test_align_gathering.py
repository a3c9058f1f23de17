"""Rows of equal layers on one side (heads, experts) that the other side keeps as one tensor."""

from __future__ import annotations

import pytest

from ckpt_studio.compare.align import UNSURE, align, alignment_edit
from ckpt_studio.compare.alignment.gathering import gathered
from ckpt_studio.core.edits import Piece
from ckpt_studio.models.skeleton import Entry, Skeleton

Shapes = dict[str, tuple[int, ...]]


def skeleton_of(shapes: Shapes) -> Skeleton:
    return Skeleton("x", "x", tuple(Entry(name, shape, "float32") for name, shape in shapes.items()))


def heads() -> tuple[Shapes, Shapes]:
    """A lecture's GPT, with one layer for every head, and the same with all heads in one."""
    apart: Shapes = {}
    whole: Shapes = {}
    for n in range(3):
        for head in range(4):
            for part in ("key", "query", "value"):
                apart[f"blocks.{n}.sa.heads.{head}.{part}.weight"] = (6, 24)
                apart[f"blocks.{n}.sa.heads.{head}.{part}.bias"] = (6,)
        apart |= {f"blocks.{n}.sa.proj.weight": (24, 24), f"blocks.{n}.sa.proj.bias": (24,)}
        for part in ("query", "key", "value", "out"):
            whole |= {f"layers.{n}.attn.{part}.weight": (24, 24), f"layers.{n}.attn.{part}.bias": (24,)}
    return apart, whole


@pytest.mark.parametrize("ordered", [True, False], ids=["file order", "sorted"])
def test_heads_one_by_one_are_put_together(ordered: bool) -> None:
    apart, whole = heads()
    found = align(apart if ordered else dict(sorted(apart.items())), skeleton_of(whole))
    pairs = {pair.target: pair for pair in found.pairs}
    assert pairs.keys() == whole.keys()
    for name, pair in pairs.items():
        _, n, _, part, leaf = name.split(".")
        if part == "out":
            assert (pair.source, pair.pieces) == (f"blocks.{n}.sa.proj.{leaf}", ())
        else:
            expected = tuple(Piece(f"blocks.{n}.sa.heads.{head}.{part}.{leaf}", 0, 6) for head in range(4))
            assert (pair.transform, pair.pieces) == ("join", expected)
    assert found.unsure == found.unmatched_source == ()


@pytest.mark.parametrize("ordered", [True, False], ids=["file order", "sorted"])
def test_all_heads_in_one_are_cut_apart(ordered: bool) -> None:
    apart, whole = heads()
    found = align(whole if ordered else dict(sorted(whole.items())), skeleton_of(apart))
    pairs = {pair.target: pair for pair in found.pairs}
    assert pairs.keys() == apart.keys()
    assert pairs["blocks.1.sa.heads.2.key.weight"].pieces == (Piece("layers.1.attn.key.weight", 12, 6),)
    edit = alignment_edit(found, whole)
    assert edit is not None
    assert {name for name, _, _ in edit.settled(whole).parts} == {name for name in apart if "heads" in name}


def test_experts_one_by_one_are_stacked() -> None:
    apart = {f"layers.{n}.experts.{k}.{w}.weight": (5, 8) for n in range(2) for k in range(4) for w in ("up", "gate")}
    whole = {f"layers.{n}.mlp.{w}_proj": (4, 5, 8) for n in range(2) for w in ("up", "gate")}
    pairs = {pair.target: pair for pair in align(apart, skeleton_of(whole)).pairs}
    pair = pairs["layers.1.mlp.gate_proj"]
    assert [piece.name for piece in pair.pieces] == [f"layers.1.experts.{k}.gate.weight" for k in range(4)]
    assert pair.shape == (4, 5, 8)
    assert all(pair.confidence < UNSURE for pair in pairs.values())
    back = {pair.target: pair for pair in align(whole, skeleton_of(apart)).pairs}
    assert back["layers.0.experts.3.up.weight"].pieces == (Piece("layers.0.mlp.up_proj", 3, 1),)


def test_layers_that_jax_stacks_are_left_alone() -> None:
    whole = {f"layers.{name}.kernel": (3, *shape) for name, shape in (("wi", (4, 8)), ("wo", (8, 4)))}
    apart = {f"h.{n}.{name}.weight": shape for n in range(3) for name, shape in (("up", (8, 4)), ("down", (4, 8)))}
    assert align(whole, skeleton_of(apart)).pairs == ()


def test_blocks_of_equal_layers_are_no_row() -> None:
    source = {f"blocks.{n}.fc.weight": (4, 8) for n in range(3)} | {"head.weight": (12, 8)}
    target = {f"layers.{n}.fc.weight": (4, 8) for n in range(3)} | {"out.weight": (12, 8), "other.weight": (12, 8)}
    rows, others = gathered(source, target)
    assert (rows.members, others.members) == ({}, {})
