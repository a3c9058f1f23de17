"""Rules of a mapping: exact where they were made, and right for deeper models of the family."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import pytest

from ckpt_studio.compare.align import align, alignment_edit
from ckpt_studio.compare.alignment.rules import Told, rules_of
from ckpt_studio.core.edits import ApplyMapping, NameRule, Recipe
from tests.compare.test_align import CATALOG, Shapes, detectron, llama, skeleton_of


def recorded(source: Shapes, target: Shapes) -> ApplyMapping:
    """The edit as a recipe keeps it."""
    edit = alignment_edit(align(source, skeleton_of(target)), source)
    assert edit is not None
    (kept,) = Recipe.from_json(Recipe((edit,)).to_json()).edits
    assert isinstance(kept, ApplyMapping)
    return kept


def replayed(edit: ApplyMapping, source: Shapes) -> dict[str, str]:
    return dict(edit.settled(source).pairs)


@pytest.mark.parametrize("from_meta", [True, False])
def test_two_layers_tell_the_names_of_eighty(from_meta: bool) -> None:
    edit = recorded(llama(2, from_meta), llama(2, not from_meta))
    assert len(edit.rules) <= 12
    assert edit.pairs == ()
    for layers in (2, 1, 8, 80):
        source, target = llama(layers, from_meta), llama(layers, not from_meta)
        assert replayed(edit, source) == dict(zip(source, target, strict=True))


@pytest.mark.parametrize(
    ("first", "others", "rename"),
    [
        ("resnet50", ("resnet101", "resnet152", "wide_resnet50_2"), detectron),
        ("densenet121", ("densenet201",), lambda name: name.replace("denseblock", "stage").replace("dense", "cell_")),
        ("vit_b_16", ("vit_l_16",), lambda name: name.replace("encoder_layer_", "h.").replace("ln_", "norm")),
        ("swin_t", ("swin_b",), lambda name: "backbone." + name.replace("features", "stages").replace("attn", "att")),
    ],
)  # fmt: skip
def test_a_recipe_serves_the_larger_models(first: str, others: tuple[str, ...], rename: Callable[[str], str]) -> None:
    def shapes_of(name: str) -> Shapes:
        skeleton = CATALOG.skeleton(name)
        assert skeleton is not None
        return {entry.name: entry.shape for entry in skeleton.entries}

    small = shapes_of(first)
    edit = recorded({rename(name): shape for name, shape in small.items()}, small)
    for other in (first, *others):
        target = shapes_of(other)
        source = {rename(name): shape for name, shape in target.items()}
        assert replayed(edit, source) == {rename(name): name for name in target if rename(name) != name}


def rules(pairs: Mapping[str, str], *beside: str) -> list[NameRule | None]:
    shapes: Shapes = dict.fromkeys((*pairs, *beside), (4, 4))
    return [rule.rule for rule in rules_of([Told(old, new) for old, new in pairs.items()], shapes)]


def test_a_prefix_is_one_rule_unless_others_begin_so() -> None:
    pairs = {"module.a.w": "a.w", "module.b.w": "b.w"}
    assert rules(pairs, "other") == [NameRule("module.*", "*")]
    assert NameRule("module.*", "*") not in rules(pairs, "module.extra")


def test_rules_find_nothing_beside_what_they_were_made_from() -> None:
    pairs = {f"h.{n}.ln.{leaf}": f"l.{n}.norm.{leaf}" for n in range(3) for leaf in ("weight", "bias")}
    assert rules(pairs) == [NameRule("h.{n}.ln.*", "l.{n}.norm.*")]
    assert rules(pairs, "h.0.ln.mean") == [NameRule("h.{n}.ln.{weight,bias}", "l.{n}.norm.{weight,bias}")]
    # One more block that has no partner: nothing general is right, so that names are told one by one.
    assert rules(pairs, "h.7.ln.weight") in ([None], [None, None]) or all(
        rule is None or "{n}" not in rule.source for rule in rules(pairs, "h.7.ln.weight")
    )


def test_blocks_counted_through() -> None:
    depths = (1, 2, 3)
    blocks = [(stage, place) for stage, depth in enumerate(depths) for place in range(depth)]
    pairs = {f"b.{stage}.{place}.w": f"all.{number}.w" for number, (stage, place) in enumerate(blocks)}
    assert rules(pairs) == [NameRule("b.{n}.{m}.*", "all.{#n.m}.*")]
    unet = {f"down.{n}.res.{m}.w": f"in.{3 * n + m + 1}.w" for n in range(4) for m in range(2)}
    assert rules(unet) == [NameRule("down.{n}.res.{m}.*", "in.{3n+m+1}.*")]
    assert rules({new: old for old, new in unet.items()}) == [NameRule("in.{3n+m+1}.*", "down.{n}.res.{m}.*")]


def test_names_with_signs_of_patterns_stay_pairs() -> None:
    assert rules({"a{n}.w": "b.w", "c*.w": "d.w", "e [1/2]": "f", "x.007.w": "y.7.w"}) == [None, None, None, None]
