"""Edits: what they do, that they do nothing else, and that they tell every reason when they refuse."""

from __future__ import annotations

import json
import re
import time
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ckpt_studio.core import data, edits
from ckpt_studio.core.checkpoint import Checkpoint, Source, StateDict
from ckpt_studio.core.dtypes import dtype
from ckpt_studio.core.edits.overflow import cast_overflow
from ckpt_studio.core.edits.regex import longest_safe, substituted
from ckpt_studio.core.history import History
from ckpt_studio.core.storage import AbsentBytes, MemoryBytes, Storage
from ckpt_studio.core.tensor import Form, Tensor, contiguous
from ckpt_studio.core.tree import ABSENT, Dict
from ckpt_studio.errors import EditError
from tests.clock import quick
from tests.core.conftest import checkpoint_of

RESNET = ["conv1.weight", "bn1.weight", "bn1.bias", "layer1.0.conv1.weight", "layer1.0.conv2.weight", "fc.weight"]


def names(checkpoint: Checkpoint) -> list[str]:
    return list(checkpoint.active_state_dict.entries)


def refused(edit: edits.Edit, checkpoint: Checkpoint) -> EditError:
    with pytest.raises(EditError) as caught:
        edit.apply(checkpoint)
    assert str(caught.value)
    assert all(str(problem) for problem in caught.value.problems)
    return caught.value


@pytest.mark.parametrize(
    ("edit", "before", "after"),
    [
        (edits.RenameTensor("b", "c.d"), ["a", "b", "x"], ["a", "c.d", "x"]),
        (edits.RenameGroup("a", "q.r"), ["a.w", "ab.w", "a.x.y"], ["q.r.w", "ab.w", "q.r.x.y"]),
        (edits.RenameGroup("a.b", ""), ["a.b.w", "a.c"], ["w", "a.c"]),
        (edits.RenameGroup("a", "a.b"), ["a.w", "a.b.w"], ["a.b.w", "a.b.b.w"]),
        (edits.RenameTensors((("a", "b"), ("b", "a"))), ["a", "b", "c"], ["b", "a", "c"]),
        (edits.StripPrefix("module."), ["module.a", "b", "module.module.c"], ["a", "b", "module.c"]),
        (edits.StripPrefix("module"), ["module.a", "module_x.b"], ["a", "module_x.b"]),
        (edits.StripPrefix("bert_"), ["bert_a.w", "c"], ["a.w", "c"]),
        (
            edits.StripPrefix("module", anywhere=True),
            ["module.a", "f.module.0.module.w", "module.module.x", "f.amodule.b", "f.module"],
            ["a", "f.0.w", "x", "f.amodule.b", "f.module"],
        ),
        (edits.AddPrefix("module."), ["a", "b.c"], ["module.a", "module.b.c"]),
        (edits.AddPrefix("x_", ("b",)), ["a", "b"], ["a", "x_b"]),
        (edits.RegexRename(r"norm\.(\d)\.", r"norm\1."), ["l.norm.1.w", "norm.2.b"], ["l.norm1.w", "norm2.b"]),
        (edits.RegexRename(r"(?P<k>conv\d)\.", r"\g<k>_"), ["conv1.w", "x.conv2.b"], ["conv1_w", "x.conv2_b"]),
        (edits.Pop(("a", "c")), ["a", "b", "c"], ["b"]),
        (edits.PopMatching("fc.*"), RESNET, RESNET[:-1]),
        (edits.Keep("layer1.*"), RESNET, ["layer1.0.conv1.weight", "layer1.0.conv2.weight"]),
        (edits.KeepNames(("bn1.bias", "conv1.weight")), RESNET, ["conv1.weight", "bn1.bias"]),
    ],
)
def test_names_change_in_place(edit: edits.Edit, before: list[str], after: list[str]) -> None:
    checkpoint = checkpoint_of(before)
    result = edit.apply(checkpoint)
    assert names(result) == after
    values = list(checkpoint.active_state_dict.entries.values())
    if len(after) == len(before):
        assert all(a is b for a, b in zip(values, result.active_state_dict.entries.values(), strict=True))
    assert names(checkpoint) == before
    assert edits.edit_from_json(json.loads(json.dumps(edits.edit_to_json(edit)))) == edit
    assert str(edit.describe())


@pytest.mark.parametrize(
    ("edit", "before", "codes"),
    [
        (edits.RenameTensor("x", "y"), ["a"], ["no-such-tensor"]),
        (edits.RenameTensor("a", "b"), ["a", "b"], ["names-collide"]),
        (edits.RenameTensor("a", ""), ["a", "b"], ["empty-name"]),
        (edits.RenameTensor("a", "a"), ["a", "b"], ["renames-nothing"]),
        (edits.RenameGroup("x", "y"), ["a", "x"], ["no-such-group"]),
        (
            edits.RenameTensors((("x", "y"), ("z", "y"), ("a", "q"), ("a", "r"))),
            ["a"],
            ["renamed-twice", "no-such-tensor", "no-such-tensor"],
        ),
        (edits.StripPrefix(""), ["a"], ["empty-prefix"]),
        (edits.StripPrefix("module."), ["a"], ["no-such-prefix"]),
        (
            edits.StripPrefix("module."),
            ["module.a", "a", "module.", "b", "module.b"],
            ["names-collide", "empty-name", "names-collide"],
        ),
        (edits.AddPrefix(""), ["a"], ["empty-prefix"]),
        (edits.AddPrefix("x", ("p", "q")), ["a"], ["no-such-tensor", "no-such-tensor"]),
        (edits.RegexRename("(", ""), ["a"], ["bad-pattern"]),
        (edits.RegexRename("a", r"\1"), ["a"], ["bad-pattern"]),
        (edits.RegexRename("a", r"\g<no>"), ["a"], ["bad-pattern"]),
        (edits.RegexRename("z", ""), ["a"], ["pattern-matches-nothing"]),
        (edits.RegexRename(r"\d", ""), ["a1", "a2", "a3"], ["names-collide", "names-collide"]),
        (edits.Pop(("a", "x", "y")), ["a", "b"], ["no-such-tensor", "no-such-tensor"]),
        (edits.PopMatching("x*"), ["a"], ["glob-matches-nothing"]),
        (edits.PopMatching("*"), ["a"], ["nothing-left"]),
        (edits.Keep("*"), ["a"], ["nothing-removed"]),
        (edits.KeepNames(("q",)), ["a"], ["no-such-tensor"]),
        (edits.Cast("float99"), ["a"], ["unknown-dtype"]),
        (edits.Cast("quint8"), ["a"], ["cannot-cast-to"]),
        (edits.Cast("float32"), ["a"], ["cast-changes-nothing"]),
        (edits.Cast("half", names=("q",)), ["a"], ["no-such-tensor"]),
        (edits.SetDevice("gpu"), ["a"], ["bad-device"]),
        (edits.SetDevice("meta"), ["a"], ["bad-device"]),
        (edits.SetDevice("cpu"), ["a"], ["device-changes-nothing"]),
        (edits.SetMetadata("k", None), ["a"], ["no-such-metadata"]),
    ],
)
def test_all_reasons_are_told(edit: edits.Edit, before: list[str], codes: list[str]) -> None:
    checkpoint = checkpoint_of(before)
    history = History(checkpoint)
    error = refused(edit, checkpoint)
    assert [problem.code for problem in error.problems] == codes or (error.code,) == tuple(codes)
    with pytest.raises(EditError):
        history.apply(edit)
    assert history.current is checkpoint
    assert not history.is_dirty


def test_a_collision_names_both_sources() -> None:
    error = refused(edits.StripPrefix("module."), checkpoint_of(["module.fc.weight", "x", "fc.weight"]))
    assert dict(error.message.fields) == {"name": "fc.weight", "first": "module.fc.weight", "second": "fc.weight"}
    assert "“module.fc.weight” and “fc.weight”" in str(error)


def test_preview_shows_what_would_collide_too() -> None:
    checkpoint = checkpoint_of(["a1", "a2", "b"])
    assert edits.preview_renames(edits.RegexRename(r"\d", ""), checkpoint) == [("a1", "a"), ("a2", "a")]
    assert edits.preview_renames(edits.Pop(("b",)), checkpoint) == []


# --- torch's `_metadata` ---

V1, V2 = {"version": 1}, {"version": 2}


@pytest.mark.parametrize(
    ("edit", "before", "versions", "after"),
    [
        (
            edits.StripPrefix("module."),
            ["module.bn.weight", "module.l.0.w"],
            {"": V1, "module": V1, "module.bn": V2, "module.relu": V1, "module.l": V1, "module.l.0": V1},
            {"": V1, "bn": V2, "relu": V1, "l": V1, "l.0": V1},
        ),
        (
            edits.AddPrefix("net."),
            ["bn.weight", "w"],
            {"": V1, "bn": V2, "relu": V1},
            {"net": V1, "net.bn": V2, "net.relu": V1},
        ),
        (
            edits.RegexRename(r"norm\.(\d)", r"norm\1"),
            ["a.norm.1.weight", "b.norm.2.weight", "a.c.weight"],
            {"": V1, "a": V1, "a.norm": V1, "a.norm.1": V2, "b": V1, "b.norm": V1, "b.norm.2": V2, "a.c": V1},
            {"": V1, "a": V1, "a.norm1": V2, "b.norm2": V2, "a.c": V1},
        ),
        (
            edits.RenameTensor("fc.weight", "head.weight"),
            ["fc.weight", "fc.bias"],
            {"": V1, "fc": V2},
            {"": V1, "fc": V2, "head": V2},
        ),
        (edits.RenameTensor("bn.gamma", "bn.weight"), ["bn.gamma", "x"], {"": V1, "bn": V2}, {"": V1, "bn": V2}),
        (edits.RenameGroup("a", "b"), ["a.w", "b.x"], {"": V1, "a": V2, "b": V1}, {"": V1, "b": V1}),
        (edits.RenameTensors((("a.w", "b.w"), ("b.w", "a.w"))), ["a.w", "b.w"], {"a": V1, "b": V2}, {"a": V2, "b": V1}),
        (
            edits.Pop(("fc.weight",)),
            ["fc.weight", "a.w"],
            {"": V1, "fc": V2, "fc.drop": V1, "a": V1},
            {"": V1, "a": V1},
        ),
        (edits.Pop(("fc.weight",)), ["fc.weight", "fc.bias"], {"": V1, "fc": V2}, {"": V1, "fc": V2}),
        (edits.Keep("a.*"), ["b.c.w", "a.w"], {"": V1, "b": V1, "b.c": V2, "a": V2}, {"": V1, "a": V2}),
    ],
)
def test_versions_move_with_the_names(
    edit: edits.Edit, before: list[str], versions: dict[str, Any], after: dict[str, Any]
) -> None:
    result = edit.apply(checkpoint_of(before, versions))
    assert result.active_state_dict.versions == after


def test_torch_still_forgives_and_still_complains_after_a_rename() -> None:
    torch = pytest.importorskip("torch")
    net = torch.nn.Sequential(torch.nn.Conv2d(3, 4, 1), torch.nn.BatchNorm2d(4), torch.nn.ReLU())
    wrapped = torch.nn.ModuleDict({"module": net})
    state = wrapped.state_dict()
    checkpoint = checkpoint_of(list(state), versions=dict(state._metadata))
    result = edits.StripPrefix("module.").apply(checkpoint).active_state_dict
    assert dict(result.versions or {}) == dict(net.state_dict()._metadata)


# --- regular expressions ---

HARMLESS = [r"layer(\d+)\.(\w+)\.", r"^module\.", r"(a|b)c?\.", r"(?P<x>[a-z]+)_(?P=x)", r"\.(?=w)", r"x{2,5}"]
DANGEROUS = [r"(a+)+$", r"(a|a)*b", r"(a|aa)+$", r"(\w+\s?)*!", r"(.*)*x", r"((ab)*)*c"]


@pytest.mark.parametrize("pattern", HARMLESS + DANGEROUS)
def test_substitution_is_re_sub(pattern: str) -> None:
    some = ["layer1.conv.weight", "module.a", "ac.bc.", "ab_ab", "xxxx.w", "\ud800é", ""]
    replacement = r"<\g<0>>"
    assert substituted(pattern, replacement, some) == [re.sub(pattern, replacement, name) for name in some]


@pytest.mark.parametrize("pattern", [r"(a+)+$", r"(a|a)*$", r"(a|aa)+$", r"(.*)*b.*c"])
def test_a_runaway_pattern_is_stopped(pattern: str) -> None:
    start = time.monotonic()
    with pytest.raises(EditError) as caught:
        substituted(pattern, "", ["a" * 60 + "!"], limit=0.3)
    assert caught.value.code == "pattern-too-slow"
    assert time.monotonic() - start < 5


def test_slow_polynomial_patterns_are_stopped_between_names() -> None:
    # Either side of the longest name that is matched in this process.
    for length in (longest_safe(r"a*a*a*b"), 190):
        start = time.process_time()
        with pytest.raises(EditError, match="stopped"):
            substituted(r"a*a*a*b", "", ["a" * length] * 5000, limit=0.3)
        assert time.process_time() - start < 1


@pytest.mark.parametrize(
    ("pattern", "safe"),
    [("conv1", True), (r"^module\.", True), (r".*\.(\d+)\.weight", True), (r"a*a*b", True), (r"(a+)+b", False),
     (r"(a|b)*c", False), (r"a*a*a*a*a*a*b", False), ("(a?){25}a{25}", False), ("(", False)],
)  # fmt: skip
def test_the_longest_safe_name(pattern: str, safe: bool) -> None:
    assert (longest_safe(pattern) >= 100) is safe
    if safe:
        worst = "a" * min(longest_safe(pattern), 20_000)
        quick(0.1, lambda: re.sub(pattern, "", worst), pattern)


# --- values ---


def tied() -> Checkpoint:
    values = np.array([1.5, -2.25, 70000, 1e-9], np.float32)
    storage = Storage(MemoryBytes(values.tobytes()), "w")
    float32 = dtype("float32")
    tensors = {
        "a": contiguous(float32, (2, 2), storage, "cuda:0"),
        "b": contiguous(float32, (4,), storage),
        "t": Tensor(float32, (2, 2), (1, 2), 0, storage, kind="parameter", requires_grad=True),
        "steps": contiguous(dtype("int64"), (), Storage(MemoryBytes(bytes(8)))),
    }
    return checkpoint_of([], tensors=tensors)


def test_tied_tensors_stay_tied_after_a_cast() -> None:
    result = edits.Cast("half").apply(tied()).active_state_dict.tensors
    assert result["a"].storage is result["b"].storage is result["t"].storage
    assert [tensor.dtype.name for tensor in result.values()] == ["float16", "float16", "float16", "int64"]
    assert (result["a"].device, result["t"].stride, result["t"].requires_grad) == ("cuda:0", (1, 2), True)
    np.testing.assert_array_equal(data.to_numpy(result["t"]), np.array([[1.5, np.inf], [-2.25, 0]], np.float16))


@pytest.mark.parametrize(
    ("edit", "changed"),
    [
        (edits.Cast("bf16", glob="?"), {"a", "b", "t"}),
        (edits.Cast("torch.bfloat16", names=("a", "steps")), {"a"}),
        (edits.Cast("int32"), {"steps"}),
        (edits.Cast("float32", glob="steps"), {"steps"}),
        (edits.Cast("float8_e4m3fn"), {"a", "b", "t"}),
    ],
)
def test_a_cast_touches_its_own_kind(edit: edits.Cast, changed: set[str]) -> None:
    before = tied()
    after = edit.apply(before).active_state_dict.entries
    assert {name for name, value in before.active_state_dict.entries.items() if after[name] is not value} == changed


def test_casts_reach_into_sparse_values_and_leave_quantised_and_absent_bytes_alone() -> None:
    float32 = dtype("float32")
    parts = (
        ("indices", contiguous(dtype("int64"), (1, 2), Storage(MemoryBytes(bytes(16))))),
        ("values", contiguous(float32, (2,), Storage(MemoryBytes(np.ones(2, np.float32).tobytes())))),
    )
    sparse = contiguous(float32, (5,), Storage(MemoryBytes(b""))).with_changes(form=Form("sparse_coo", parts))
    meta = contiguous(float32, (5,), Storage(AbsentBytes(20, "beyond-storage"))).with_changes(form=Form(is_meta=True))
    quantised = contiguous(dtype("qint8"), (1,), Storage(MemoryBytes(b"1"))).with_changes(form=Form(quantizer=(1,)))
    checkpoint = checkpoint_of([], tensors={"s": sparse, "m": meta, "q": quantised})
    result = edits.Cast("float16").apply(checkpoint).active_state_dict.tensors
    values = dict(result["s"].form.parts)["values"]  # type: ignore[union-attr]
    np.testing.assert_array_equal(data.to_numpy(values), np.ones(2, np.float16))
    assert isinstance(result["m"].storage.source, AbsentBytes)
    assert result["m"].storage.nbytes == 10
    assert result["q"] is quantised


def test_overflow_is_counted_beforehand() -> None:
    found = cast_overflow(tied(), edits.Cast("float16"))
    assert [(item.name, item.count, item.largest) for item in found] == [
        ("a", 1, 70000),
        ("b", 1, 70000),
        ("t", 1, 70000),
    ]
    assert "70000" in str(found[0].message)
    assert cast_overflow(tied(), edits.Cast("bfloat16")) == ()
    eight = cast_overflow(tied(), edits.Cast("float8_e4m3fn", names=("a",)))
    assert eight[0].message.code == "cast-saturates"


def test_devices_change_only_what_is_recorded() -> None:
    before = tied()
    after = edits.SetDevice("cuda:1", ("a", "steps")).apply(before).active_state_dict.tensors
    assert [tensor.device for tensor in after.values()] == ["cuda:1", "cpu", "cpu", "cuda:1"]
    assert after["a"].storage is before.active_state_dict.tensors["a"].storage
    assert edits.SetDevice("cpu").apply(before).active_state_dict.tensors["a"].device == "cpu"


# --- the other contents ---


def wrapped() -> Checkpoint:
    tensor = contiguous(dtype("float32"), (2,), Storage(MemoryBytes(bytes(8))))
    inner, ema = Dict([("w", tensor)]), Dict([("w", tensor)])
    optimizer = Dict([("lr", 0.1), ("betas", (0.9, 0.99))])
    root = Dict([("epoch", 3), ("state_dict", inner), ("ema", ema), ("optimizer", optimizer)])
    found = tuple(StateDict((path,), {"w": tensor}, node) for path, node in (("state_dict", inner), ("ema", ema)))
    return Checkpoint(Source("x", "pickle", 0), root, found, ("state_dict",))


def test_other_contents_are_patched() -> None:
    checkpoint = edits.SetValue(("epoch",), 7).apply(wrapped())
    checkpoint = edits.PopEntry(("optimizer", "betas", 1)).apply(checkpoint)
    checkpoint = edits.PopEntry(("ema",)).apply(checkpoint)
    assert dict(checkpoint.patches) == {("epoch",): 7, ("optimizer", "betas", 1): ABSENT, ("ema",): ABSENT}
    assert [sd.label for sd in checkpoint] == ["state_dict"]
    checkpoint = edits.SetMetadata("format", "pt").apply(checkpoint)
    assert dict(edits.SetMetadata("format", None).apply(checkpoint).metadata) == {}
    assert refused(edits.SetMetadata("format", "pt"), checkpoint).code == "metadata-unchanged"


@pytest.mark.parametrize(
    ("path", "code"),
    [
        (("nothing",), "no-such-entry"),
        (("optimizer", "lr", "x"), "no-such-entry"),
        (("state_dict",), "entry-holds-weights"),
        ((), "entry-holds-weights"),
        (("state_dict", "w"), "entry-is-weights"),
    ],
)
def test_weights_are_no_other_contents(path: tuple[str, ...], code: str) -> None:
    assert refused(edits.PopEntry(path), wrapped()).code == code
    assert refused(edits.SetValue(path, 1), wrapped()).code == code


def test_what_was_left_out_is_gone() -> None:
    checkpoint = edits.PopEntry(("optimizer",)).apply(wrapped())
    assert refused(edits.PopEntry(("optimizer",)), checkpoint).code == "no-such-entry"
    assert refused(edits.PopEntry(("optimizer", "lr")), checkpoint).code == "no-such-entry"


# --- recipes and history, whatever the edits ---

NAME = st.text(st.sampled_from("ab.1_"), max_size=5)
NAMES = st.lists(NAME.filter(bool), min_size=1, max_size=8, unique=True)


def edit_strategy() -> st.SearchStrategy[edits.Edit]:
    builders: list[st.SearchStrategy[edits.Edit]] = [
        st.builds(edits.RenameTensor, NAME, NAME),
        st.builds(edits.RenameGroup, NAME, NAME),
        st.builds(edits.RenameTensors, st.lists(st.tuples(NAME, NAME), max_size=4).map(tuple)),
        st.builds(edits.StripPrefix, NAME, st.booleans()),
        st.builds(edits.AddPrefix, NAME, st.none() | st.lists(NAME, max_size=3).map(tuple)),
        st.builds(
            edits.RegexRename,
            st.sampled_from(["a", r"\.", r"(\d)", "^b", "(", "a+?"]),
            st.sampled_from(["", "x", r"\1"]),
        ),
        st.builds(edits.Pop, st.lists(NAME, max_size=3).map(tuple)),
        st.builds(edits.PopMatching, st.sampled_from(["*", "a*", "*.1", "?", "[ab]*"])),
        st.builds(edits.Keep, st.sampled_from(["*", "a*", "*.1", "?"])),
        st.builds(edits.KeepNames, st.lists(NAME, max_size=3).map(tuple)),
        st.builds(edits.Cast, st.sampled_from(["float16", "int8", "x"]), st.none() | st.just("a*")),
        st.builds(edits.SetDevice, st.sampled_from(["cuda:0", "x"]), st.none() | st.lists(NAME, max_size=2).map(tuple)),
        st.builds(edits.SetMetadata, NAME, st.none() | NAME),
    ]
    return st.one_of(builders)


@given(NAMES, st.lists(edit_strategy(), max_size=8))
@settings(max_examples=400, deadline=None)
def test_undo_gives_the_very_same_checkpoints_and_recipes_come_back(start: list[str], steps: list[edits.Edit]) -> None:
    versions = {"": V1, **{name.rpartition(".")[0]: V2 for name in start}}
    history = History(checkpoint_of(start, versions))
    seen = [history.current]
    for step in steps:
        before = history.current
        try:
            after = history.apply(step)
        except EditError:
            assert history.current is before
            continue
        seen.append(after)
        old, new = before.active_state_dict.entries, after.active_state_dict.entries
        assert names(after), "an edit emptied the state dict"
        assert all(names(after))
        if isinstance(step, edits.NameEdit):
            assert len(old) == len(new)
            assert all(a is b for a, b in zip(old.values(), new.values(), strict=True))
        else:
            order = list(old)
            assert [order.index(name) for name in new] == sorted(order.index(name) for name in new)
    for index in range(len(seen) - 1, -1, -1):
        assert history.go_to(index) is seen[index]
    history.go_to(len(seen) - 1)
    recipe = edits.Recipe.of(history.applied)
    again = edits.Recipe.from_json(recipe.to_json())
    assert again == recipe
    replayed = again.apply(history.opened).active_state_dict
    final = history.current.active_state_dict
    assert list(replayed.entries) == list(final.entries)
    assert replayed.versions == final.versions


@pytest.mark.parametrize(
    "body",
    [
        "",
        "[]",
        "{}",
        '{"ckpt-studio-recipe": 2, "edits": []}',
        '{"ckpt-studio-recipe": 1, "edits": {}}',
        '{"ckpt-studio-recipe": 1, "edits": [3]}',
        '{"ckpt-studio-recipe": 1, "edits": [{"edit": "no-such"}]}',
        '{"ckpt-studio-recipe": 1, "edits": [{"edit": "strip-prefix"}]}',
        '{"ckpt-studio-recipe": 1, "edits": [{"edit": "strip-prefix", "prefix": 5}]}',
        '{"ckpt-studio-recipe": 1, "edits": [{"edit": "strip-prefix", "prefix": "a", "anywhere": "yes"}]}',
        '{"ckpt-studio-recipe": 1, "edits": [{"edit": "pop", "names": "abc"}]}',
        '{"ckpt-studio-recipe": 1, "edits": [{"edit": "rename-tensors", "pairs": [["a"]]}]}',
        '{"ckpt-studio-recipe": 1, "edits": [{"edit": "pop-entry", "path": [1.5]}]}',
        "[" * 100000,
    ],
)
def test_what_is_no_recipe_is_refused(body: str) -> None:
    with pytest.raises(EditError) as caught:
        edits.Recipe.from_json(body)
    assert caught.value.code == "bad-recipe"


def test_a_branch_of_history_is_dropped_and_saved_state_is_remembered() -> None:
    history = History(checkpoint_of(["a", "b"]))
    history.apply(edits.RenameTensor("a", "c"))
    history.mark_saved()
    history.apply(edits.RenameTensor("b", "d"))
    assert history.is_dirty
    history.undo()
    assert not history.is_dirty
    history.undo()
    history.apply(edits.AddPrefix("x."))
    assert history.is_dirty
    assert len(history.revisions) == 1
    history.undo()
    assert history.is_dirty, "the saved state was on the dropped branch"
    with pytest.raises(IndexError):
        history.undo()


def test_a_hundred_thousand_names_are_quick() -> None:
    many = [f"module.layers.{i // 10}.part{i % 10}.weight" for i in range(100_000)]
    checkpoint = checkpoint_of(many)
    result = quick(0.5, lambda: edits.StripPrefix("module.").apply(checkpoint))
    assert names(result)[-1] == "layers.9999.part9.weight"
