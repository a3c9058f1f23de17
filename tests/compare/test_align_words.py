"""What names say in other words: abbreviations, steps, words added, and what spectral norm and pruning keep beside."""

from __future__ import annotations

import pytest

from ckpt_studio.compare.align import align
from ckpt_studio.compare.alignment.names import split_leaf, tokens
from ckpt_studio.compare.alignment.ordering import arranged, chain_order, extension_order
from ckpt_studio.compare.alignment.words import likeness
from ckpt_studio.models.skeleton import Entry, Skeleton

Shapes = dict[str, tuple[int, ...]]


def skeleton_of(shapes: Shapes) -> Skeleton:
    return Skeleton("x", "x", tuple(Entry(name, shape, "float32") for name, shape in shapes.items()))


@pytest.mark.parametrize(
    ("name", "siblings", "expected"),
    [
        ("c.parametrizations.weight.original", (), ("c", "weight")),
        ("c.parametrizations.weight.0._u", (), ("c", "u")),
        ("c.parametrizations.weight.original1", (), ("c", "weight_v")),
        ("c.parametrizations.bias.original", (), ("c", "bias")),
        ("c.weight_orig", ("weight_orig", "weight_u", "weight_v"), ("c", "weight")),
        ("c.weight_v", ("weight_orig", "weight_u", "weight_v"), ("c", "v")),
        ("c.weight_mask", ("weight_orig", "weight_mask"), ("c", "mask")),
        ("c.weight_v", ("weight_g", "weight_v"), ("c", "weight_v")),
        ("c.bn1_running_mean", ("bn1_weight",), ("c.bn1", "mean")),
        ("c.ln_gamma", ("ln_gamma", "ln_beta"), ("c.ln", "weight")),
        ("c.ls_gamma", ("ls_gamma",), ("c.ls_gamma", "")),
        ("c.fc_w", ("fc_w", "fc_b"), ("c.fc", "weight")),
        ("c.bn._mean", ("weight", "bias", "_mean", "_variance"), ("c.bn", "mean")),
        ("c.bn._variance", ("weight", "bias", "_mean", "_variance"), ("c.bn", "var")),
        ("c.mean", ("scale",), ("c.mean", "")),
    ],
)
def test_what_stands_beside_a_weight(name: str, siblings: tuple[str, ...], expected: tuple[str, str]) -> None:
    assert split_leaf(name, frozenset(siblings)) == expected


def test_spectral_norm_of_old_and_of_new() -> None:
    old: Shapes = {}
    new: Shapes = {}
    for k in range(3):
        sizes = {"bias": (8,), "weight_orig": (8, 8, 3, 3), "weight_u": (8,), "weight_v": (72,)}
        old |= {f"convs.{k}.{leaf}": shape for leaf, shape in sizes.items()}
        leaves = ("bias", "original", "0._u", "0._v")
        for leaf, shape in zip(leaves, sizes.values(), strict=True):
            new[f"body.{k}.{leaf}" if leaf == "bias" else f"body.{k}.parametrizations.weight.{leaf}"] = shape
    expected = dict(zip(old, new, strict=True))
    for source in (old, dict(sorted(old.items()))):
        assert {pair.source: pair.target for pair in align(source, skeleton_of(new)).pairs} == expected


def test_plurals_and_words_without_vowels_mean_the_same() -> None:
    assert likeness("qs", "query") > 0.7
    assert likeness("slf", "self") > 0.7
    assert likeness("nrm", "norm") > 0.7
    assert likeness("qs", "key") == 0


def test_what_follows_tells_the_order_where_the_first_words_do_not() -> None:
    assert chain_order(("slf", "attn"), ("pos", "ffn")) < 0
    assert chain_order(("unknown", "ffn"), ("strange", "attn")) > 0
    assert chain_order(("unknown", 1), ("strange", 2)) == 0
    paths = [("pos", "ffn", "norm"), ("slf", "attn", "norm")]
    assert arranged(paths) == [1, 0]


@pytest.mark.parametrize(
    ("first", "second"),
    [
        (("norm", "pre"), ("norm",)),
        (("norm",), ("norm", "final")),
        (("feed", "forward", "macaron", "w", 1), ("feed", "forward", "w", 1)),
        (("layer", "norm"), ("feed", "forward", "layer", "norm")),
        (("attention", "output", "norm"), ("norm",)),
    ],
)
def test_a_word_that_is_added_tells_the_order(first: tuple[str | int, ...], second: tuple[str | int, ...]) -> None:
    assert extension_order(first, second) < 0
    assert extension_order(second, first) > 0
    assert extension_order(first, first) == 0
    assert extension_order(("norm",), ("norm", "other")) == 0


@pytest.mark.parametrize("ordered", [True, False], ids=["file order", "sorted"])
@pytest.mark.parametrize("backwards", [True, False])
def test_halves_of_several_layers_are_exchanged_together(ordered: bool, backwards: bool) -> None:
    # The file's order says the opposite: ESPnet registers the macaron's half last.
    sizes = {"up": (32, 8), "down": (8, 32)}
    espnet, nemo = {}, {}
    for layer in range(4):
        for half in ("ff", "ff_macaron"):
            espnet |= {f"encoders.{layer}.{half}.{part}.weight": shape for part, shape in sizes.items()}
        for half in ("ff1", "ff2"):
            nemo |= {f"layers.{layer}.{half}.{part}.weight": shape for part, shape in sizes.items()}
    source, target = (nemo, espnet) if backwards else (espnet, nemo)
    source = source if ordered else dict(sorted(source.items()))
    for pair in align(source, skeleton_of(target)).pairs:
        ours, theirs = (pair.target, pair.source) if backwards else (pair.source, pair.target)
        assert ("macaron" in ours) == ("ff1" in theirs)


@pytest.mark.parametrize("ordered", [True, False], ids=["file order", "sorted"])
def test_a_bias_that_the_other_side_keeps_beside_the_layer(ordered: bool) -> None:
    ours: Shapes = {}
    theirs: Shapes = {}
    for k in range(3):
        ours |= {f"convs.{k}.conv.weight": (8, 8, 3, 3), f"convs.{k}.activate.bias": (8,)}
        theirs |= {f"layers.{k}.weight": (8, 8, 3, 3), f"layers.{k}.bias": (8,)}
    for source, target in ((ours, theirs), (theirs, ours)):
        expected = dict(zip(source, target, strict=True))
        found = align(source if ordered else dict(sorted(source.items())), skeleton_of(target))
        assert {pair.source: pair.target for pair in found.pairs} == expected


def test_a_table_whose_name_ends_like_a_bias() -> None:
    source = {f"blocks.{n}.attn.relative_position_bias_table": (9, 4) for n in range(3)}
    target = {f"layers.{n}.mha.relative_bias": (9, 4) for n in range(3)}
    found = align(source, skeleton_of(target))
    assert {pair.source: pair.target for pair in found.pairs} == dict(zip(source, target, strict=True))


def test_what_no_paired_layer_stands_near_is_left_over() -> None:
    source = {"conv.weight": (4, 4, 3, 3), "aux.weight": (5, 4), "aux.bias": (5,)}
    target = {"stem.weight": (4, 4, 3, 3), "head.weight": (5, 9), "head.bias": (5,)}
    found = align(source, skeleton_of(target))
    assert [(pair.source, pair.target) for pair in found.pairs] == [("conv.weight", "stem.weight")]
    assert found.unmatched_source == ("aux.weight", "aux.bias")


def test_a_hump_of_two_letters_is_a_part_and_its_step() -> None:
    assert tokens("convPa") == ("conv", "p", "a")
    assert tokens("layers.Wq") == ("layers", "wq")
    assert tokens("inProj") == ("in", "proj")


@pytest.mark.parametrize("ordered", [True, False], ids=["file order", "sorted"])
def test_rows_of_one_role_against_blocks_of_all(ordered: bool) -> None:
    rows: Shapes = {}
    blocks: Shapes = {}
    for n in range(5):
        rows |= {f"enc.attn_layers.{n}.{part}.weight": (8, 8) for part in ("q", "k", "v", "o")}
        blocks |= {f"layers.{n}.attention.{part}_proj.weight": (8, 8) for part in ("q", "k", "v", "o")}
    for row in (1, 2):
        rows |= {f"enc.norm_layers_{row}.{n}.{leaf}": (8,) for n in range(5) for leaf in ("gamma", "beta")}
    for n in range(5):
        for name in ("layer_norm", "final_layer_norm"):
            blocks |= {f"layers.{n}.{name}.weight": (8,), f"layers.{n}.{name}.bias": (8,)}
    for source, target in ((rows, blocks), (blocks, rows)):
        found = align(source if ordered else dict(sorted(source.items())), skeleton_of(target))
        for pair in found.pairs:
            ours, theirs = (pair.source, pair.target) if source is rows else (pair.target, pair.source)
            if "norm" in ours:
                assert ("layers_2" in ours) == ("final" in theirs)
                assert ours.split(".")[2] == theirs.split(".")[1]
