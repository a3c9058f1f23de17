"""What `dtype:`, `shape:`, `device:`, `size:` and `status:` find, and how quickly."""

from __future__ import annotations

import pytest

from ckpt_studio.core.checkpoint import Checkpoint, Finding, Source, StateDict
from ckpt_studio.core.dtypes import dtype
from ckpt_studio.core.storage import MemoryBytes, Storage
from ckpt_studio.core.tensor import contiguous
from ckpt_studio.errors import message
from ckpt_studio.gui.dialogs.jump_dialog import best_names
from ckpt_studio.gui.filter_terms import offers, shape_test, split_terms
from ckpt_studio.gui.health import health_of
from ckpt_studio.gui.name_filter import NameFilter
from ckpt_studio.gui.tree_nodes import NameTable
from tests.clock import quick

STORAGE = Storage(MemoryBytes(b""), "s")
ENTRIES = {
    "conv1.weight": contiguous(dtype("float32"), (64, 3, 7, 7), STORAGE, "cuda:0"),
    "conv2.weight": contiguous(dtype("float16"), (64, 64, 3, 3), STORAGE, "cpu"),
    "fc.weight": contiguous(dtype("float32"), (1000, 512), STORAGE, "cuda:1"),
    "count": contiguous(dtype("int64"), (), STORAGE, "cpu"),
    "_extra_state": "not a tensor",
}
TABLE = NameTable(StateDict((), ENTRIES))


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("dtype:float32", ["conv1.weight", "fc.weight"]),
        ("dtype:float", ["conv1.weight", "conv2.weight", "fc.weight"]),
        ("dtype:fp16", ["conv2.weight"]),
        ("DTYPE:Float16", ["conv2.weight"]),
        ("dtype:*64", ["count"]),
        ("conv dtype:float32", ["conv1.weight"]),
        ("dtype:float32 conv", ["conv1.weight"]),
        ("shape:[*,3,7,7]", ["conv1.weight"]),
        ("shape:*x*x*x*", ["conv1.weight", "conv2.weight"]),
        ("shape:[..., 512]", ["fc.weight"]),
        ("shape:[64,...]", ["conv1.weight", "conv2.weight"]),
        ("shape:[]", ["count"]),
        ("shape:[*, 3, 7, 7] dtype:int64", []),
        ("device:cuda", ["conv1.weight", "fc.weight"]),
        ("device:cuda:1", ["fc.weight"]),
        ("size:>1MB", ["fc.weight"]),
        ("size:<100", ["count", "_extra_state"]),
        ("size:=8b", ["count"]),
        ("status:unexpected", ["fc.weight"]),
        ("status:m", ["conv1.weight"]),
        ("dtype:", list(ENTRIES)),
    ],
)
def test_finds(text: str, names: list[str]) -> None:
    wanted = NameFilter(text)
    assert wanted.problem() == ""
    found = wanted.find(TABLE, None, {"conv1.weight": "matched", "fc.weight": "unexpected"})
    assert [TABLE.names[i] for i in found] == names


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("1000x512", ["fc.weight"]),
        ("1000×512", ["fc.weight"]),
        ("[64,*,3,3]", ["conv2.weight"]),
        ("[64, ..., 3]", ["conv2.weight"]),
        ("(64, 3, 7, 7)", ["conv1.weight"]),
        ("[]", ["count"]),
        ("64x64x3x3 dtype:float32", []),
        ("1000", []),
        ("v1.w", ["conv1.weight"]),
    ],
)
def test_a_shape_needs_no_word_before_it(text: str, names: list[str]) -> None:
    wanted = NameFilter(text)
    assert [TABLE.names[i] for i in wanted.find(TABLE)] == names
    assert not NameFilter("64x64x3x3").narrows(NameFilter("64x6"))


def test_names_with_sizes_in_them_are_found_beside_shapes() -> None:
    entries = {
        "branch3x3.weight": contiguous(dtype("float32"), (8, 8), STORAGE, "cpu"),
        "square": contiguous(dtype("float32"), (3, 3), STORAGE, "cpu"),
        "other": contiguous(dtype("float32"), (3, 3, 1), STORAGE, "cpu"),
    }
    table = NameTable(StateDict((), entries))
    assert [table.names[i] for i in NameFilter("3x3").find(table)] == ["branch3x3.weight", "square"]
    assert [table.names[i] for i in NameFilter("[3x]", "regex").find(table)] == ["branch3x3.weight"]


def test_terms_stand_beside_wildcards() -> None:
    assert NameFilter("conv*.weight dtype:float16", "glob").find(TABLE) == [1]
    assert NameFilter(r"^conv\d dtype:float32", "regex").find(TABLE) == [0]


@pytest.mark.parametrize("text", ["size:>", "size:big", "shape:[64,", "shape:[a]", "shape:[...,...]"])
def test_half_a_term_is_told(text: str) -> None:
    assert NameFilter(text).problem() == "term"


def test_health_finds_what_a_check_found() -> None:
    state_dict = StateDict((), {name: value for name, value in ENTRIES.items() if name != "count"})
    checkpoint = Checkpoint(Source("a.pth", "torch-zip", 0), None, (state_dict,), ())
    nan = Finding("nan", "warning", message("unsafe-command", call=""), "conv1.weight")
    zero = Finding("all-zero", "note", message("unsafe-command", call=""), "fc.weight")
    health = health_of(checkpoint, [nan, zero])
    found = {
        word: [TABLE.names[i] for i in NameFilter(f"health:{word}", health=health).find(TABLE)]
        for word in ("bad", "good", "nan", "zeros", "in")
    }
    assert found == {
        "bad": ["conv1.weight"],
        # A tensor that nobody checked is neither.
        "good": ["conv2.weight", "fc.weight"],
        "nan": ["conv1.weight"],
        "zeros": ["fc.weight"],
        "in": [],
    }
    assert NameFilter("health:bad").find(TABLE) == []
    assert not NameFilter("w health:bad", health=health).narrows(NameFilter("w health:bad"))


def test_typing_on_narrows_only_with_the_same_terms() -> None:
    assert NameFilter("conv1 dtype:float32").narrows(NameFilter("conv dtype:float32"))
    assert not NameFilter("conv1 dtype:float32").narrows(NameFilter("conv"))
    assert not NameFilter("dtype:float32").narrows(NameFilter("dtype:float16"))
    assert NameFilter("conv").find(TABLE, []) == []


def test_completion() -> None:
    assert offers("layer dt") == ["layer dtype:"]
    assert offers("dtype:b") == ["dtype:bfloat16", "dtype:bool"]
    assert offers("d") == []
    assert offers("layer") == []
    assert split_terms("a.b c") == ("a.b c", ())
    assert shape_test("[") is None


def test_best_names_first() -> None:
    names = ["model.layer10.conv1.weight", "layer1.0.conv1.weight", "layer1.0.conv1.bias", "fc"]
    lowered = [name.lower() for name in names]
    assert best_names(names, lowered, "Layer1 conv1") == (
        ["layer1.0.conv1.bias", "layer1.0.conv1.weight", "model.layer10.conv1.weight"],
        3,
    )
    assert best_names(names, lowered, "", 2) == (names[:2], 4)


def test_quick_at_100_000_tensors() -> None:
    tensors = [contiguous(dtype("float32"), (64, 3, k % 7 + 1, 3), STORAGE, f"cuda:{k % 4}") for k in range(100)]
    table = NameTable(StateDict((), {f"layers.{k}.conv.weight": tensors[k % 100] for k in range(100_000)}))
    assert table.lowered
    for text in ("shape:[*,3,7,3]", "device:cuda:1", "size:>3kB dtype:float32", "conv shape:[...,3] device:cuda"):
        assert quick(0.2, lambda text=text: NameFilter(text).find(table), text)
