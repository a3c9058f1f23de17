"""Renaming by placeholders: what each stands for, what is refused, and that it equals its regular expression."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ckpt_studio.core.edits import PatternRename, edit_from_json, edit_to_json
from ckpt_studio.core.edits.as_python import as_python
from ckpt_studio.errors import EditError
from tests.core.conftest import checkpoint_of


def renamed(pattern: str, replacement: str, *names: str) -> list[str]:
    edit = PatternRename(pattern, replacement)
    assert edit_from_json(edit_to_json(edit)) == edit
    assert str(edit.describe())
    return list(edit.apply(checkpoint_of(list(names))).active_state_dict.entries)


@pytest.mark.parametrize(
    ("pattern", "replacement", "before", "after"),
    [
        (
            "layers.{n}.attn",
            "blocks.{n}.attention",
            ["layers.0.attn.w", "x.layers.12.attn.w", "layers.0.attn2.w", "mylayers.0.attn.w", "layers.a.attn.w"],
            ["blocks.0.attention.w", "x.blocks.12.attention.w", "layers.0.attn2.w", "mylayers.0.attn.w",
             "layers.a.attn.w"],
        ),
        ("layer{n}", "stage.{n}", ["layer1.w", "layer10.w", "layerx.w"], ["stage.1.w", "stage.10.w", "layerx.w"]),
        ("{a}.{b}", "{b}.{a}", ["one.two", "three"], ["two.one", "three"]),
        ("model.*", "*", ["model.a.b", "c"], ["a.b", "c"]),
        ("*.gamma", "*.weight", ["ln.gamma", "a.b.gamma", "gammas"], ["ln.weight", "a.b.weight", "gammas"]),
        ("*.q.*", "*.k.*", ["a.b.q.w"], ["a.b.k.w"]),
        ("{n}.{n}", "{n}", ["a.1.1.w", "a.1.2.w"], ["a.1.w", "a.1.2.w"]),
        ("module", "", ["module.a", "b.module.c", "d.module", "modules.e"], ["a", "b.c", "d", "modules.e"]),
        ("wrap{n}", "", ["wrap1.a", "b.wrap22.c"], ["a", "b.c"]),
        ("a+b", "a\\1b", ["x.a+b"], ["x.a\\1b"]),
        ("layer{n}.{m}", "blocks.{n-1}.{m+10}", ["layer1.0.w", "layer4.12.w", "fc.1.w"],
         ["blocks.0.10.w", "blocks.3.22.w", "fc.1.w"]),
    ],
)  # fmt: skip
def test_renames(pattern: str, replacement: str, before: list[str], after: list[str]) -> None:
    assert renamed(pattern, replacement, *before) == after


@pytest.mark.parametrize(
    ("pattern", "replacement", "codes"),
    [
        ("", "x", ["empty-pattern"]),
        ("a.{n", "x", ["bad-placeholder"]),
        ("a.{}", "x", ["bad-placeholder"]),
        ("a.{n}", "b.{m}", ["unknown-placeholder"]),
        ("a", "*", ["too-many-stars"]),
        ("b", "b.{n+1}", ["unknown-placeholder"]),
        ("{word}", "{word+1}", ["bad-placeholder"]),
        ("a{n}", "b{n+}", ["bad-placeholder"]),
        ("a.{1}", "{q}*", ["bad-placeholder", "unknown-placeholder", "too-many-stars"]),
        ("nowhere.{n}", "x", ["pattern-matches-nothing"]),
        ("a", "b", ["names-collide"]),
        ("b", "", ["empty-name"]),
    ],
)
def test_tells_every_reason(pattern: str, replacement: str, codes: list[str]) -> None:
    with pytest.raises(EditError) as caught:
        PatternRename(pattern, replacement).apply(checkpoint_of(["a", "b", "c.w"]))
    problems = caught.value.problems or (caught.value.message,)
    assert [problem.code for problem in problems] == codes
    assert all(str(problem) for problem in problems)


PARTS = st.lists(st.sampled_from(["layers", "0", "12", "attn", "w", "a_b", "x3"]), min_size=1, max_size=6)


@given(st.lists(PARTS.map(".".join), min_size=1, max_size=20, unique=True))
def test_a_number_is_carried_along_and_back(names: list[str]) -> None:
    there, back = PatternRename("layers.{n}", "blocks.{n}"), PatternRename("blocks.{n}", "layers.{n}")
    if not any(re.search(r"(^|\.)layers\.\d+(\.|$)", name) for name in names):
        return
    assert back.new_names(there.new_names(names)) == names


def test_no_number_is_counted_below_zero() -> None:
    with pytest.raises(EditError) as caught:
        PatternRename("layer{n}", "blocks.{n-1}").apply(checkpoint_of(["layer1.w", "layer0.w"]))
    assert caught.value.code == "number-below-zero"
    assert "{n-1}" in str(caught.value)


def test_a_script_counts_too() -> None:
    checkpoint = checkpoint_of(["layer1.w", "layer10.w", "fc.1.w"])
    script = as_python([PatternRename("layer{n}", "blocks.{n-1}")], checkpoint)
    line = next(line for line in script.splitlines() if line.startswith("state_dict = rename("))
    names = {"re": re, "state_dict": dict.fromkeys(["layer1.w", "layer10.w", "fc.1.w"])}
    names["rename"] = lambda state_dict, new_name: [new_name(name) for name in state_dict]
    exec(line, names)
    assert names["state_dict"] == ["blocks.0.w", "blocks.9.w", "fc.1.w"]


def test_script_says_the_same() -> None:
    edit = PatternRename("layers.{n}.attn", "blocks.{n}.attention")
    script = as_python([edit], checkpoint_of(["layers.0.attn.w"]))
    pattern, replacement = edit.as_regex()
    assert f"re.sub({pattern!r}, {replacement!r}, name)" in script
    assert re.sub(pattern, replacement, "layers.0.attn.w") == "blocks.0.attention.w"
