"""Siblings of one shape that could be exchanged: what their names tell decides, all blocks agree, and it is asked."""

from __future__ import annotations

import random

from ckpt_studio.compare.align import UNSURE, Alignment, align
from ckpt_studio.models.skeleton import Entry, Skeleton

Shapes = dict[str, tuple[int, ...]]


def skeleton_of(shapes: Shapes) -> Skeleton:
    return Skeleton("x", "x", tuple(Entry(name, shape, "float32") for name, shape in shapes.items()))


def found(source: Shapes, target: Shapes) -> tuple[Alignment, dict[str, str]]:
    alignment = align(source, skeleton_of(target))
    return alignment, {pair.source: pair.target for pair in alignment.pairs}


def albert(theirs: bool) -> Shapes:
    """A shared transformer block, as TensorFlow's ALBERT and the library call it, the block's norm first."""
    if theirs:
        block = {
            "full_layer_layer_norm.weight": (8,), "attention.query.weight": (8, 8), "attention.key.weight": (8, 8),
            "attention.value.weight": (8, 8), "attention.dense.weight": (8, 8), "attention.LayerNorm.weight": (8,),
            "ffn.weight": (32, 8), "ffn_output.weight": (8, 32),
        }  # fmt: skip
        return {f"encoder.layers.0.{name}": shape for name, shape in block.items()}
    block = {
        "attention_1/self/query/weight": (8, 8), "attention_1/self/key/weight": (8, 8),
        "attention_1/self/value/weight": (8, 8), "attention_1/output/dense/weight": (8, 8),
        "LayerNorm/gamma": (8,), "ffn_1/intermediate/dense/weight": (32, 8),
        "ffn_1/intermediate/output/dense/weight": (8, 32), "LayerNorm_1/gamma": (8,),
    }  # fmt: skip
    return {f"encoder/group_0/{name}": shape for name, shape in block.items()}


def test_norms_that_only_registration_tells_apart_are_asked_about() -> None:
    alignment, pairs = found(dict(sorted(albert(False).items())), albert(True))
    norms = [pair for pair in alignment.pairs if "orm" in pair.target]
    assert len(norms) == 2
    assert all(pair.confidence < UNSURE for pair in norms)
    # The first of two is that of the attention, whatever the module registers first.
    assert pairs["encoder/group_0/LayerNorm/gamma"] == "encoder.layers.0.attention.LayerNorm.weight"


def test_all_blocks_of_a_stack_agree_about_siblings() -> None:
    rng = random.Random(5)
    source: Shapes = {}
    target: Shapes = {}
    for block in range(9):
        ours = ["attn_layer.0", "attn_layer.1", "mlp_layer.0", "mlp_layer.1"]
        theirs = ["norm1", "attn", "norm2", "mlp"]
        rng.shuffle(theirs)
        source |= {f"blocks.{block}.{name}.weight": (8,) if name.endswith("0") else (8, 8) for name in ours}
        target |= {f"stages.{block}.{name}.weight": (8,) if "norm" in name else (8, 8) for name in theirs}
    _, pairs = found(source, target)
    kinds = {(old.split(".", 2)[2], new.split(".", 2)[2]) for old, new in pairs.items() if target[new] == (8,)}
    assert kinds == {("attn_layer.0.weight", "norm1.weight"), ("mlp_layer.0.weight", "norm2.weight")}
    assert all(old.split(".")[1] == new.split(".")[1] for old, new in pairs.items())


def test_names_that_say_it_are_not_asked_about() -> None:
    source = {f"h.{n}.{name}.weight": (8,) for n in range(4) for name in ("ln_1", "ln_2")}
    target = {f"layers.{n}.{name}.weight": (8,) for n in range(4) for name in ("norm1", "norm2")}
    alignment, pairs = found(dict(sorted(source.items())), target)
    assert pairs == dict(zip(source, target, strict=True))
    assert alignment.unsure == ()
