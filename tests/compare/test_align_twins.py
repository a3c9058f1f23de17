"""A checkpoint with a network and its twin (student and teacher, weights and their average), for a model with one."""

from __future__ import annotations

import pytest

from ckpt_studio.compare.align import UNSURE, align
from ckpt_studio.compare.alignment.twins import Single, single
from ckpt_studio.models.skeleton import Entry, Skeleton

Shapes = dict[str, tuple[int, ...]]


def skeleton_of(shapes: Shapes) -> Skeleton:
    return Skeleton("x", "x", tuple(Entry(name, shape, "float32") for name, shape in shapes.items()))


def network(prefix: str) -> Shapes:
    shapes: Shapes = {}
    for n in range(4):
        shapes |= {f"{prefix}layers.{n}.conv{k}.weight": (8, 8, 3, 3) for k in (1, 2)}
        shapes |= {f"{prefix}layers.{n}.bn{k}.{leaf}": (8,) for k in (1, 2) for leaf in ("weight", "bias")}
    return shapes | {f"{prefix}fc.weight": (3, 8)}


@pytest.mark.parametrize("ordered", [True, False], ids=["file order", "sorted"])
@pytest.mark.parametrize(
    ("first", "second", "chosen"),
    [
        ("encoder_k.", "encoder_q.", "encoder_q."),
        ("module.student.", "module.teacher.", "module.student."),
        ("model.", "model_ema.module.", "model."),
    ],
)
def test_one_of_twins_takes_part(first: str, second: str, chosen: str, ordered: bool) -> None:
    source = network(first) | network(second)
    target = {name.replace("layers", "blocks").replace("bn", "norm"): shape for name, shape in network("").items()}
    found = align(source if ordered else dict(sorted(source.items())), skeleton_of(target))
    assert len(found.pairs) == len(target)
    assert all(pair.source.startswith(chosen) for pair in found.pairs)
    assert set(found.unmatched_source) == {name for name in source if not name.startswith(chosen)}


def test_a_twin_that_the_model_names_is_the_one() -> None:
    found = align(network("student.") | network("teacher."), skeleton_of(network("teacher.")))
    assert all(pair.source.startswith("teacher.") for pair in found.pairs)
    assert found.unsure == ()


def test_twins_that_nothing_tells_apart_are_asked_about() -> None:
    found = align(network("netX.") | network("netY."), skeleton_of(network("backbone.")))
    assert {pair.source.partition(".")[0] for pair in found.pairs} == {"netX"}
    assert all(pair.confidence < UNSURE for pair in found.pairs)


def test_towers_that_both_sides_have_are_no_twins() -> None:
    target = {name.replace("layers", "blocks"): shape for name, shape in (network("one.") | network("two.")).items()}
    found = align(network("left.") | network("right."), skeleton_of(target))
    assert len(found.pairs) == len(target)
    assert {(pair.source[0], pair.target[0]) for pair in found.pairs} == {("l", "o"), ("r", "t")}


def test_parts_of_blocks_are_no_twins() -> None:
    layers = [f"layers.{n}.attn.{part}.{leaf}" for n in range(3) for part in "qkvo" for leaf in ("weight", "bias")]
    shapes = {name: (8, 8) if name.endswith("weight") else (8,) for name in layers}
    assert single(shapes, {"weight": (8, 8), "bias": (8,)}) == (
        Single(shapes),
        Single({"weight": (8, 8), "bias": (8,)}),
    )
