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


def test_names_that_tell_the_order_are_believed_more_than_registration() -> None:
    _, pairs = found(dict(sorted(albert(False).items())), albert(True))
    # The first of two is that of the attention, whatever the module registers first.
    assert pairs["encoder/group_0/LayerNorm/gamma"] == "encoder.layers.0.attention.LayerNorm.weight"
    assert pairs["encoder/group_0/LayerNorm_1/gamma"] == "encoder.layers.0.full_layer_layer_norm.weight"


def test_norms_that_no_name_tells_apart_are_asked_about() -> None:
    source = {f"layers.{n}.{name}.weight": (8,) for n in range(3) for name in ("lower", "upper")}
    target = {f"blocks.{n}.{name}.weight": (8,) for n in range(3) for name in ("inner", "outer")}
    alignment, pairs = found(dict(sorted(source.items())), target)
    assert len(pairs) == 6
    assert all(pair.confidence < UNSURE for pair in alignment.pairs)


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


def test_what_both_sides_spell_alike_is_the_same_though_the_order_differs() -> None:
    gates = ("convr", "convq", "convz")
    source = {f"gru{n}.{gate}.weight": (8, 8, 3, 3) for n in (1, 2) for gate in sorted(gates)}
    target = {f"update.gru{n}.{gate}.weight": (8, 8, 3, 3) for n in (1, 2) for gate in gates}
    towers = ("cross_attn_token_to_image", "cross_attn_image_to_token")
    source |= {f"blocks.{n}.{tower}.{part}.weight": (6, 6) for n in range(3) for tower in towers for part in "qkv"}
    target |= {
        f"layers.{n}.{tower}.{part}_proj.weight": (6, 6) for n in range(3) for tower in towers[::-1] for part in "qkv"
    }
    alignment, pairs = found(source, target)
    for old, new in pairs.items():
        word = old.split(".")[1 if old.startswith("gru") else 2]
        assert word in new
    assert alignment.unsure == ()


def test_numbers_and_steps_that_both_names_tell_go_before_registration() -> None:
    norms = ("norm1", "norm3", "norm2")
    source = {f"blocks.{n}.{norm}.weight": (8,) for n in range(4) for norm in norms}
    target = {f"units.{n}.bn{place}.weight": (8,) for n in range(4) for place in (2, 1, 3)}
    _, pairs = found(dict(sorted(source.items())), target)
    assert all(old.split(".")[2][-1] == new.split(".")[2][-1] for old, new in pairs.items())
    source = {f"layers.{n}.{name}.weight": (8,) for n in range(4) for name in ("sa_norm", "ff_norm")}
    target = {
        f"h.{n}.{name}.weight": (8,) for n in range(4) for name in ("post_attention_layernorm", "input_layernorm")
    }
    _, pairs = found(source, target)
    assert all(("sa_norm" in old) == ("input" in new) for old, new in pairs.items())


def decoder(names: tuple[str, ...], path: str) -> Shapes:
    """Blocks of two attentions and three norms, in the order of these names."""
    return {f"{path}.{n}.{name}.weight": (8,) if "norm" in name else (8, 8) for n in range(3) for name in names}


def test_norms_registered_behind_the_other_attention_are_asked_about() -> None:
    source = decoder(("cross_attn", "norm1", "self_attn", "norm2"), "transformer.layers")
    target = decoder(("self_attn", "self_attn_layer_norm", "encoder_attn", "encoder_attn_layer_norm"), "layers")
    alignment, pairs = found(source, target)
    assert pairs["transformer.layers.0.cross_attn.weight"] == "layers.0.encoder_attn.weight"
    assert all(pair.confidence < UNSURE for pair in alignment.pairs if "norm" in pair.target)
    assert all(pair.confidence >= UNSURE for pair in alignment.pairs if "norm" not in pair.target)


def test_the_norm_in_the_feed_forward_is_the_last_wherever_it_is_registered() -> None:
    ours = ("feed_forward.layer_norm", "layer_norm_1", "layer_norm_2")
    theirs = ("self_attn_layer_norm", "encoder_attn_layer_norm", "final_layer_norm")
    source, target = decoder(ours, "decoder"), decoder(theirs, "layers")
    expected = dict(zip((*ours[1:], ours[0]), theirs, strict=True))
    for one, other in ((source, target), (target, source)):
        for some in (one, dict(sorted(one.items()))):
            _, pairs = found(some, other)
            if one is target:
                pairs = {new: old for old, new in pairs.items()}
            kinds = {(old.split(".", 2)[2], new.split(".", 2)[2]) for old, new in pairs.items()}
            assert kinds == {(f"{old}.weight", f"{new}.weight") for old, new in expected.items()}


def test_rows_of_equals_follow_what_is_around_them() -> None:
    # The decoder counts backwards; its gates are of one shape everywhere.
    source: Shapes = {}
    target: Shapes = {}
    for n in range(4):
        width = 8 << n
        source |= {f"Up{n + 2}.conv.weight": (width, width, 3, 3), f"Up{n + 2}.psi.weight": (1, 1, 1, 1)}
        place = 3 - n
        target |= {f"decoder.{place}.fuse.weight": (width, width, 3, 3), f"decoder.{place}.score.weight": (1, 1, 1, 1)}
    target = dict(sorted(target.items()))
    for some in (source, dict(sorted(source.items()))):
        _, pairs = found(some, target)
        assert all(int(old[2]) - 2 == 3 - int(new.split(".")[1]) for old, new in pairs.items())
