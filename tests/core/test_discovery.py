"""Which mappings of a file are state dicts, which one is active, and what a walk over the tree shows."""

from __future__ import annotations

from typing import Any

import pytest

from ckpt_studio.core.discovery import children, describe_value, find_state_dicts, likeliest, value_type, walk
from ckpt_studio.core.dtypes import dtype
from ckpt_studio.core.storage import MemoryBytes, Storage
from ckpt_studio.core.tensor import Tensor, contiguous
from ckpt_studio.core.tree import Dict, Global, Object, Path, Value, dotted


def tensor(size: int = 2) -> Tensor:
    return contiguous(dtype("float32"), (size,), Storage(MemoryBytes(bytes(4 * size))))


def scalar() -> Tensor:
    return contiguous(dtype("float32"), (), Storage(MemoryBytes(bytes(4))))


def tree(value: Any) -> Value:
    """Plain dicts as the reader makes them."""
    if isinstance(value, dict):
        return Dict([(key, tree(item)) for key, item in value.items()])
    if isinstance(value, list):
        return [tree(item) for item in value]
    return tuple(tree(item) for item in value) if isinstance(value, tuple) else value


def weights(size: int = 2) -> dict[str, Tensor]:
    return {"a.weight": tensor(size), "a.bias": tensor(size)}


def module(parameters: dict[str, Value], modules: dict[str, Value], buffers: dict[str, Value], hidden: Value) -> Object:
    state = {
        "_parameters": parameters,
        "_buffers": buffers,
        "_modules": modules,
        "_non_persistent_buffers_set": hidden,
    }
    return Object(Global("nets", "Net"), "newobj", state=tree(state))


def labels(root: Value) -> list[str]:
    return [state_dict.label for state_dict in find_state_dicts(tree(root))]


def active(root: Value) -> str | None:
    path = likeliest(find_state_dicts(tree(root)))
    return None if path is None else dotted(path)


OPTIMIZER = {"state": {0: {"exp_avg": tensor(9), "step": tensor(1)}}, "param_groups": [{"lr": 0.1}]}


@pytest.mark.parametrize(
    ("root", "found", "chosen"),
    [
        (weights(), [""], ""),
        ({"state_dict": weights(), "epoch": 3, "optimizer": OPTIMIZER}, ["state_dict"], "state_dict"),
        ({"model": weights(), "model_ema": weights()}, ["model", "model_ema"], "model"),
        ({"ema": weights(), "net": weights()}, ["ema", "net"], "net"),
        ({"G": weights(), "D": weights()}, ["G", "D"], "G"),
        ({"gen": {"weights": weights(3)}, "disc": {"weights": weights()}}, ["gen.weights", "disc.weights"], None),
        ([weights(), weights(5)], ["0", "1"], "1"),
        ((weights(), {"epoch": 1}), ["0"], "0"),
        ({"head": weights(1), "big": weights(100)}, ["head", "big"], "big"),
        # Values among tensors do not spoil a state dict; a tensor among the values does not make a wrapper one.
        ({**weights(), "classes": 10}, [""], ""),
        ({"model": weights(), "a": 1, "b": 2, "c": 3, "best": tensor(1)}, ["model"], "model"),
        (
            {"state_dict": weights(), "callbacks": {"EarlyStopping": {"wait": 1, "best": scalar(), "patience": 3}}},
            ["state_dict"],
            "state_dict",
        ),
        ({"only": tensor(), "a": 1, "b": 2, "c": 3}, [""], ""),
        # What belongs to training is not weights, at whatever depth and without a usual name of its own.
        (OPTIMIZER, [], None),
        ({"anything": OPTIMIZER, "x": weights()}, ["x"], "x"),
        ({"optimizer": {"moments": weights(50)}, "x": weights()}, ["x"], "x"),
        ({"rng_state": {"cpu": tensor(50)}, "x": weights()}, ["x"], "x"),
        # Tensors under keys that are no names.
        ({0: tensor(), 1: tensor()}, [], None),
        ({0: tensor(), "a": tensor()}, [], None),
        ({}, [], None),
        ([tensor(), tensor()], [], None),
    ],
)
def test_state_dicts_and_the_likeliest(root: Value, found: list[str], chosen: str | None) -> None:
    assert labels(root) == found
    if chosen is not None or not found:
        assert active(root) == chosen


def test_extra_state_and_packed_weights_belong_to_the_state_dict() -> None:
    packed = (tensor(9), None)
    root = tree(
        {
            "q.scale": tensor(1),
            "q._packed_params.dtype": Global("torch", "qint8"),
            "q._packed_params._packed_params": packed,
            "rnn._all_weight_values.0.param": Object(Global("torch", "ScriptObject"), "newobj"),
            "e._extra_state": {"calls": 3},
            "note": "no part of it",
        }
    )
    (found,) = find_state_dicts(root)
    assert list(found.entries) == [
        "q.scale",
        "q._packed_params.dtype",
        "q._packed_params._packed_params",
        "rnn._all_weight_values.0.param",
        "e._extra_state",
    ]
    assert list(found.tensors) == ["q.scale"]


def test_versions_come_from_metadata() -> None:
    root = tree(weights())
    root.state = tree({"_metadata": {"": {"version": 1}, "a": {"version": 2, 7: "no name"}, 5: {"version": 1}}})
    (found,) = find_state_dicts(root)
    assert found.versions == {"": {"version": 1}, "a": {"version": 2}}


def test_a_module_gives_its_own_state_dict() -> None:
    shared = tensor()
    inner = module({"weight": shared, "bias": None}, {}, {"mean": tensor(), "seen": tensor()}, {"seen"})
    root = module({"scale": tensor()}, {"first": inner, "second": inner, "none": None}, {}, set())
    (found,) = find_state_dicts(root)
    assert found.kind == "module"
    assert list(found.entries) == ["scale", "first.weight", "first.mean", "second.weight", "second.mean"]
    assert found.entries["first.weight"] is found.entries["second.weight"] is shared


def test_a_module_that_holds_itself_ends() -> None:
    root = module({"w": tensor()}, {}, {}, set())
    root.state.get("_modules").items.append(("me", root))
    (found,) = find_state_dicts(root)
    assert list(found.entries) == ["w"]


def test_a_tree_that_holds_itself_is_found_once() -> None:
    root = tree({"net": weights(), "inner": {}})
    root.items.append(("me", root))
    root.get("inner").items.append(("up", root))
    assert [state_dict.label for state_dict in find_state_dicts(root)] == ["net"]
    assert [dotted(path) for path, value in walk(root) if type(value) is Tensor] == ["net.a.weight", "net.a.bias"]


def test_a_state_dict_under_two_names_is_found_under_both() -> None:
    shared = tree(weights())
    assert [found.label for found in find_state_dicts(Dict([("a", shared), ("b", shared)]))] == ["a", "b"]


def test_depth_and_repetition_are_bounded() -> None:
    deep: Value = tensor()
    for _ in range(50_000):
        deep = [deep]
    assert find_state_dicts(deep) == ()
    assert len(list(walk(deep))) == 1
    # 2 ** 60 leaves in sixty lists.
    wide: Value = [tensor()]
    for _ in range(60):
        wide = [wide, wide]
    assert sum(1 for _ in walk(wide)) < 200_000
    assert find_state_dicts(wide) == ()


def test_walk_gives_every_leaf_in_file_order() -> None:
    first, second = tensor(), tensor()
    space = Object(Global("argparse", "Namespace"), "reduce", state=tree({"lr": 0.1, "sizes": [1, 2]}))
    root = tree({"b": first, "a": {"x": second, "empty": {}, "none": None}, "args": space, ("k", 1): 5})
    found: list[tuple[Path, Value]] = list(walk(root))
    assert [path for path, _ in found] == [
        ("b",),
        ("a", "x"),
        ("a", "empty"),
        ("a", "none"),
        ("args", "lr"),
        ("args", "sizes", 0),
        ("args", "sizes", 1),
        ("('k', 1)",),
    ]
    assert found[0][1] is first
    assert found[1][1] is second


def test_the_root_may_be_a_leaf() -> None:
    assert list(walk(5)) == [((), 5)]
    assert children(5) == []


@pytest.mark.parametrize(
    ("value", "kind", "text"),
    [
        (3, "int", "3"),
        (None, "None", "None"),
        (True, "bool", "True"),
        ("x" * 500, "str", "x" * 199 + "…"),
        (b"ab", "bytes", "b'ab'"),
        (bytes(100), "bytes", "100 bytes"),
        (1 << 600, "int", "601-bit integer"),
        ([1, (2,), {3}], "list", "[1, (2,), {3}]"),
        (list(range(17)), "list", "[17 items]"),
        (Dict([("a", 1)]), "dict", "{'a': 1}"),
        (Dict([], Global("collections", "OrderedDict")), "OrderedDict", "{}"),
        (Global("os", "getcwd"), "class or function", "os.getcwd"),
        (Global("torch", "float16"), "torch", "torch.float16"),
        (Object(Global("torch", "Size"), "reduce", ((2, 3),)), "torch.Size", "(2, 3)"),
        (Object(Global("torch", "device"), "reduce", ("cuda", 1)), "torch.device", "cuda:1"),
        (
            Object(Global("pathlib", "PosixPath"), "reduce", ("/", "x")),
            "pathlib.PosixPath",
            "pathlib.PosixPath('/', 'x')",
        ),
        (
            Object(
                Global("numpy._core.multiarray", "scalar"),
                "reduce",
                (Object(Global("numpy", "dtype"), "reduce", ("f8", False, True)), b"\0\0\0\0\0\0\xf8?"),
            ),
            "numpy.float64",
            "1.5",
        ),
    ],
)
def test_words_for_values(value: Value, kind: str, text: str) -> None:
    assert value_type(value) == kind
    assert describe_value(value) == text
