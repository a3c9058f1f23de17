"""Rules of a mapping: patterns with numbers, parts of tensors, changes of axes; applied, told, kept in recipes."""

from __future__ import annotations

import pytest

from ckpt_studio.core.checkpoint import Checkpoint
from ckpt_studio.core.edits import ApplyMapping, NameRule, Recipe, edit_from_json, edit_to_json
from ckpt_studio.core.edits.as_python import as_python
from ckpt_studio.core.edits.forms import form_between
from ckpt_studio.core.edits.forms import parsed as parsed_form
from ckpt_studio.core.edits.rules import expanded
from ckpt_studio.errors import EditError
from tests.compare.making import checkpoint_with, state_dict_of

Shape = tuple[int, ...]


def renamed(rules: list[tuple[str, ...]], *names: str) -> dict[str, str]:
    found = expanded([NameRule(*rule) for rule in rules], dict.fromkeys(names, (4, 4)))
    return dict(found.pairs)


def test_numbers_words_and_stars() -> None:
    assert renamed([("layer{n}.{m}.conv{k}.*", "s{n-1}.{m}.l.{k-1}.c.*")], "layer2.0.conv1.weight", "fc.weight") == {
        "layer2.0.conv1.weight": "s1.0.l.0.c.weight"
    }
    assert renamed([("features.{2n+1}.*", "layers.{n}.*")], "features.1.a", "features.2.a", "features.13.b.c") == {
        "features.1.a": "layers.0.a",
        "features.13.b.c": "layers.6.b.c",
    }
    assert renamed([("n.{weight,bias}", "n.{gamma,beta}")], "n.weight", "n.bias", "n.mean") == {
        "n.weight": "n.gamma",
        "n.bias": "n.beta",
    }
    # 3n+m+1 has one reading: m stays below 3.
    assert renamed([("in.{3n+m+1}.*", "down.{n}.{m}.*")], "in.1.x", "in.5.x", "in.9.x") == {
        "in.1.x": "down.0.0.x",
        "in.5.x": "down.1.1.x",
        "in.9.x": "down.2.2.x",
    }


def test_running_numbers_count_the_layers_of_the_checkpoint() -> None:
    names = ["b.0.0.x", "b.0.1.x", "b.1.0.x", "b.1.0.y", "b.10.0.x", "b.2.0.x"]
    assert renamed([("b.{n}.{m}.*", "all.{#n.m}.*")], *names) == {
        "b.0.0.x": "all.0.x", "b.0.1.x": "all.1.x", "b.1.0.x": "all.2.x", "b.1.0.y": "all.2.y", "b.2.0.x": "all.3.x",
        "b.10.0.x": "all.4.x",
    }  # fmt: skip
    assert renamed([("b.{n=0}.{m}.x", "first.{#n.m+1}")], *names) == {"b.0.0.x": "first.1", "b.0.1.x": "first.2"}


def test_the_first_rule_that_finds_a_tensor_has_it() -> None:
    assert renamed([("a.0.*", "special.*"), ("a.{n}.*", "rest.{n}.*")], "a.0.w", "a.1.w") == {
        "a.0.w": "special.w",
        "a.1.w": "rest.1.w",
    }


def checkpoint(shapes: dict[str, Shape]) -> Checkpoint:
    return checkpoint_with(state_dict_of(shapes))


def test_parts_joins_and_changes_of_axes() -> None:
    opened = checkpoint(
        {"h.0.qkv.weight": (8, 12), "h.0.qkv.bias": (12,), "h.0.k.weight": (4, 8, 1, 1), "q": (2, 8), "v": (3, 8)}
    )
    edit = ApplyMapping(
        rules=(
            NameRule("h.{n}.qkv.* [2/3]", "l.{n}.key.*", "columns, a b -> b a"),
            NameRule("h.{n}.qkv.* [1/3]", "l.{n}.query.*", "columns, a b -> b a"),
            NameRule("h.{n}.qkv.* [3/3]", "l.{n}.value.*", "columns, a b -> b a"),
            NameRule("h.{n}.k.*", "l.{n}.k.*", "a b 1 1 -> a b"),
            NameRule("q + v", "qv"),
        )
    )
    result = edit.apply(opened).active_state_dict.tensors
    assert {name: tensor.shape for name, tensor in result.items()} == {
        "l.0.key.weight": (4, 8), "l.0.query.weight": (4, 8), "l.0.value.weight": (4, 8),
        "l.0.key.bias": (4,), "l.0.query.bias": (4,), "l.0.value.bias": (4,), "l.0.k.weight": (4, 8), "qv": (5, 8),
    }  # fmt: skip
    assert edit.remarks(opened) == ()
    assert "l.0.key.weight" in as_python([edit], opened)


def test_unequal_parts_keep_their_proportions_where_the_whole_grows() -> None:
    rule = NameRule("qkv [64:96/128x64]", "k")
    assert expanded([rule], {"qkv": (128, 64)}).parts[0][1][0][1:] == (64, 32)
    assert expanded([rule], {"qkv": (256, 128)}).parts[0][1][0][1:] == (128, 64)
    # Other proportions mean other numbers of heads: the cut would go through the wrong place.
    found = expanded([rule], {"qkv": (256, 64)})
    assert (found.parts, found.misfits) == ([], [1])


def test_idle_rules_and_lacking_names_are_told_and_nothing_at_all_is_an_error() -> None:
    edit = ApplyMapping((("gone", "x"),), rules=(NameRule("a.{n}.*", "b.{n}.*"), NameRule("c.*", "d.*")))
    told = [note.code for note in edit.remarks(checkpoint({"a.0.w": (2,)}))]
    assert told == ["rule-finds-nothing", "pairs-find-nothing"]
    with pytest.raises(EditError) as raised:
        edit.apply(checkpoint({"other": (2,)}))
    assert raised.value.code == "mapping-fits-nothing"


def test_collisions_are_all_told() -> None:
    edit = ApplyMapping(rules=(NameRule("a.{n}", "x.{n}"), NameRule("b.{n}", "x.{n}")))
    with pytest.raises(EditError) as raised:
        edit.apply(checkpoint({"a.0": (1,), "a.1": (1,), "b.0": (1,), "b.1": (1,)}))
    assert [problem.code for problem in raised.value.problems] == ["names-collide", "names-collide"]


def test_rules_are_kept_in_recipes_and_older_recipes_still_open() -> None:
    edit = ApplyMapping((("x", "y"),), rules=(NameRule("a.{n}", "b.{n}"), NameRule("c [1/2]", "d", "columns")))
    data = edit_to_json(edit)
    assert data["rules"] == [["a.{n}", "b.{n}", ""], ["c [1/2]", "d", "columns"]]
    assert edit_from_json(data) == edit == Recipe.from_json(Recipe((edit,)).to_json()).edits[0]
    # Two texts are enough, as people write them.
    assert edit_from_json({"edit": "apply-mapping", "rules": [["a", "b"]]}) == ApplyMapping(rules=(NameRule("a", "b"),))
    assert edit_from_json({"edit": "apply-mapping", "pairs": [["a", "b"]]}) == ApplyMapping((("a", "b"),))
    with pytest.raises(EditError):
        edit_from_json({"edit": "apply-mapping", "rules": [["a"]]})


@pytest.mark.parametrize(
    ("rule", "code"),
    [
        (("a.{no}", "b"), "bad-rule-placeholder"),
        (("a.{n}", "b.{m}"), "unknown-rule-placeholder"),
        (("a.{n}", "b.*"), "unknown-rule-placeholder"),
        (("a.{n}", "b.{#m}"), "bad-running-number"),
        (("a.{n} [4/3]", "b"), "bad-rule-part"),
        (("a.{n}", "b", "sideways"), "bad-form"),
        (("a.{n}", "b", "a b c -> c b a"), "bad-form"),
        (("", "b"), "empty-pattern"),
    ],
)
def test_what_cannot_be_read_is_said(rule: tuple[str, ...], code: str) -> None:
    with pytest.raises(EditError) as raised:
        ApplyMapping(rules=(NameRule(*rule),)).apply(checkpoint({"a.0": (4, 4)}))
    assert raised.value.code == code


@pytest.mark.parametrize(
    ("shape", "result", "turned", "text"),
    [
        ((64, 32, 1, 1), (64, 32), False, "a b 1 1 -> a b"),
        ((64, 32), (64, 32, 1, 1), False, "a b -> a b 1 1"),
        ((64, 3, 8, 8), (64, 192), False, "a b c d -> a (b c d)"),
        ((64, 192), (64, 3, 8, 8), False, "a (b 8 8) -> a b 8 8"),
        ((64, 32), (32, 64), True, "a b -> b a"),
        ((64, 32), (32, 64, 1), True, "a b -> b a 1"),
        ((5,), (1, 1, 5), False, "a -> 1 1 a"),
        ((6, 4), (3, 8), False, "6 4 -> 3 8"),
    ],
)
def test_forms_are_written_and_read(shape: Shape, result: Shape, turned: bool, text: str) -> None:
    assert form_between(shape, result, turned) == text
    form = parsed_form(text)
    assert form.shape_of(shape) == result
    assert form.transposes == turned
