"""Edits that make new values: lazy, undoable, in the recipe, and what torch computes."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from ckpt_studio.core import data, edits
from ckpt_studio.core.checkpoint import Checkpoint
from ckpt_studio.core.dtypes import dtype
from ckpt_studio.core.storage import ByteSource, MemoryBytes, Storage
from ckpt_studio.core.tensor import Tensor, contiguous
from ckpt_studio.errors import EditError
from tests.core.conftest import checkpoint_of

RNG = np.random.default_rng(3)


def tensor_of(values: np.ndarray, kind: str = "float32") -> Tensor:
    wide = np.asarray(values)
    stored = np.ascontiguousarray(wide.astype(dtype(kind).numpy))
    return contiguous(dtype(kind), stored.shape, Storage(MemoryBytes(stored.tobytes())))


def one(name: str, values: np.ndarray, kind: str = "float32", **more: Tensor) -> Checkpoint:
    return checkpoint_of([], tensors={name: tensor_of(values, kind), **more})


def result(edit: edits.Edit, checkpoint: Checkpoint, name: str) -> np.ndarray:
    """The named tensor after the edit; read as a whole, in pieces and at odd bytes alike."""
    assert edits.edit_from_json(edits.edit_to_json(edit)) == edit
    assert str(edit.describe())
    tensor = edit.apply(checkpoint).active_state_dict.tensors[name]
    whole = b"".join(data.chunks(tensor))
    assert b"".join(data.chunks(tensor, 12)) == whole
    base = tensor.offset * tensor.dtype.itemsize
    if tensor.is_contiguous:
        for start, length in ((0, 1), (1, 5), (len(whole) // 2, len(whole) // 3), (len(whole) - 1, 1)):
            assert tensor.storage.source.read(base + start, length) == whole[start : start + length]
    return data.to_numpy(tensor)


def refused(edit: edits.Edit, checkpoint: Checkpoint) -> str:
    with pytest.raises(EditError) as caught:
        edit.apply(checkpoint)
    assert str(caught.value)
    return caught.value.code


def test_nothing_is_read_before_somebody_looks() -> None:
    class Untouchable(ByteSource):
        nbytes = 4 * 12 * 3 * 4 * 4

        def read(self, start: int, length: int) -> bytes:
            raise AssertionError("read too early")

    tensor = contiguous(dtype("float32"), (12, 3, 4, 4), Storage(Untouchable()))
    checkpoint = checkpoint_of([], tensors={"w": tensor, "v": tensor})
    for edit in (
        edits.SelectRows(("w",), (0, 1)),
        edits.AdaptChannels("w", 1, "sum"),
        edits.Reshape("w", (12, 48)),
        edits.Split("w", ("a", "b", "c")),
        edits.Join(("w", "v"), "wv", 1),
        edits.Cast("float16"),
    ):
        edit.apply(checkpoint)


def test_rows_are_chosen_as_torch_indexes() -> None:
    weight, bias = RNG.standard_normal((5, 3)), RNG.standard_normal(5)
    checkpoint = one("w", weight, b=tensor_of(bias))
    for rows in ((0, 1, 2), (4, 4, 0), (1, 2, 3, 0), tuple(range(5)) * 3):
        edit = edits.SelectRows(("w", "b"), rows)
        np.testing.assert_array_equal(result(edit, checkpoint, "w"), weight.astype("f4")[list(rows)])
        np.testing.assert_array_equal(result(edit, checkpoint, "b"), bias.astype("f4")[list(rows)])
    grown = result(edits.SelectRows(("w",), (0, 1, 2, 3, 4, -1)), checkpoint, "w")
    np.testing.assert_allclose(grown[5], weight.astype("f4").mean(0), rtol=1e-6)
    zero = result(edits.SelectRows(("b",), (-1, 2), "zero"), checkpoint, "b")
    np.testing.assert_array_equal(zero, [0, bias.astype("f4")[2]])


@pytest.mark.parametrize("kind", ["float32", "float16", "bfloat16", "float64"])
@pytest.mark.parametrize(
    ("channels", "how"), [(1, "sum"), (1, "average"), (4, "repeat"), (6, "repeat"), (4, "add-average"), (5, "add-zero")]
)
def test_channels(kind: str, channels: int, how: str) -> None:
    weight = RNG.standard_normal((4, 3, 2, 2))
    checkpoint = one("conv.weight", weight, kind)
    stored = weight.astype(dtype(kind).numpy).astype("f8")
    got = result(edits.AdaptChannels("conv.weight", channels, how), checkpoint, "conv.weight")
    assert got.shape == (4, channels, 2, 2)
    if how == "sum":
        expected = stored.sum(1, keepdims=True)
    elif how == "average":
        expected = stored.mean(1, keepdims=True)
    elif how == "repeat":
        expected = np.concatenate([stored] * 2, 1)[:, :channels] * (3 / channels)
        inputs = RNG.standard_normal((1, 2, 2))
        # The same picture on every channel gets the same answer as before.
        if channels % 3 == 0:
            np.testing.assert_allclose((expected * inputs).sum((1, 2, 3)), (stored * inputs).sum((1, 2, 3)))
    else:
        extra = stored.mean(1, keepdims=True) if how == "add-average" else np.zeros((4, 1, 2, 2))
        expected = np.concatenate([stored] + [extra] * (channels - 3), 1)
    np.testing.assert_array_equal(
        got, expected.astype(np.float32 if dtype(kind).itemsize < 8 else "f8").astype(dtype(kind).numpy)
    )


@pytest.mark.parametrize("mode", ["bicubic", "bilinear"])
@pytest.mark.parametrize(
    ("old", "new", "extra", "lead"),
    [
        ((14, 14), (24, 24), 1, True),
        ((7, 7), (12, 12), 0, False),
        ((24, 24), (14, 14), 2, True),
        ((3, 5), (4, 9), 0, True),
        ((1, 4), (3, 2), 1, True),
    ],
)
def test_positions_are_torchs_interpolation(
    mode: str, old: tuple[int, int], new: tuple[int, int], extra: int, lead: bool
) -> None:
    torch = pytest.importorskip("torch")
    dim = 6
    values = RNG.standard_normal((extra + old[0] * old[1], dim)).astype("f4")
    table = values[None] if lead else values
    checkpoint = one("pos_embed", table)
    got = result(edits.InterpolatePositions("pos_embed", old, new, extra, mode), checkpoint, "pos_embed")
    grid = torch.from_numpy(values[extra:]).reshape(1, *old, dim).permute(0, 3, 1, 2)
    resized = torch.nn.functional.interpolate(grid, size=new, mode=mode, align_corners=False)
    expected = torch.cat([torch.from_numpy(values[:extra]), resized.permute(0, 2, 3, 1).reshape(-1, dim)]).numpy()
    np.testing.assert_allclose(got.reshape(-1, dim), expected, rtol=1e-4, atol=1e-5)
    assert got.ndim == table.ndim


@pytest.mark.parametrize("axis", [0, 1, 2])
def test_split_and_join_are_each_others_inverse(axis: int) -> None:
    values = RNG.standard_normal((6, 6, 6)).astype("f4")
    checkpoint = checkpoint_of(["first"], tensors={"attn.qkv": tensor_of(values), "last": tensor_of(values)})
    names = ("attn.q", "attn.k", "attn.v")
    split = edits.Split("attn.qkv", names, (1, 2, 3), axis)
    parts = split.apply(checkpoint)
    assert list(parts.active_state_dict.entries) == ["first", *names, "last"]
    for name, part in zip(names, np.split(values, [1, 3], axis), strict=True):
        np.testing.assert_array_equal(result(split, checkpoint, name), part)
    join = edits.Join(names, "attn.qkv", axis)
    np.testing.assert_array_equal(result(join, parts, "attn.qkv"), values)
    assert list(join.apply(parts).active_state_dict.entries) == ["first", "attn.qkv", "last"]
    swapped = edits.Join(("attn.v", "attn.q"), "attn.vq", axis)
    expected = np.concatenate([np.split(values, [1, 3], axis)[2], np.split(values, [1, 3], axis)[0]], axis)
    np.testing.assert_array_equal(result(swapped, parts, "attn.vq"), expected)


def test_reshape_of_contiguous_and_of_permuted_tensors() -> None:
    values = RNG.standard_normal((4, 3, 1, 1)).astype("f4")
    checkpoint = one("w", values)
    np.testing.assert_array_equal(result(edits.Reshape("w", (4, 3)), checkpoint, "w"), values.reshape(4, 3))
    flat = tensor_of(np.arange(12.0).reshape(3, 4))
    turned = flat.with_changes(shape=(4, 3), stride=(1, 4))
    checkpoint = checkpoint_of([], tensors={"t": turned})
    expected = np.arange(12.0, dtype="f4").reshape(3, 4).T.reshape(2, 6)
    np.testing.assert_array_equal(result(edits.Reshape("t", (2, 6)), checkpoint, "t"), expected)


def test_shapes_that_do_not_fit_are_refused() -> None:
    checkpoint = one("w", np.zeros((4, 3, 2, 2)), b=tensor_of(np.zeros(4)), i=tensor_of(np.zeros((4, 3)), "int32"))
    many = {
        edits.SelectRows(("w", "x"), (0,)): "no-such-tensor",
        edits.SelectRows(("w", "b"), (0, 4, -2)): "several-problems",
        edits.SelectRows(("w",), (0, 1, 2, 3)): "rows-unchanged",
        edits.SelectRows(("w",), ()): "rows-unchanged",
        edits.SelectRows(("w",), (0,), "magic"): "bad-choice",
        edits.AdaptChannels("w", 3): "bad-channels",
        edits.AdaptChannels("w", 0): "bad-channels",
        edits.AdaptChannels("w", 2, "sum"): "bad-channels",
        edits.AdaptChannels("w", 2, "add-zero"): "bad-channels",
        edits.AdaptChannels("w", 2, "x"): "bad-choice",
        edits.AdaptChannels("b", 2): "no-channels",
        edits.AdaptChannels("i", 2): "no-channels",
        edits.InterpolatePositions("i", (2, 2), (3, 3)): "grid-does-not-fit",
        edits.InterpolatePositions("w", (2, 2), (3, 3)): "grid-does-not-fit",
        edits.InterpolatePositions("w", (2,), (3, 3)): "bad-grid",
        edits.InterpolatePositions("w", (2, 2), (3, 3), mode="nearest"): "bad-choice",
        edits.Reshape("w", (5, 5)): "cannot-reshape",
        edits.Reshape("w", (-1, 48)): "cannot-reshape",
        edits.Reshape("w", (4, 3, 2, 2)): "shape-unchanged",
        edits.Split("w", ("a", "b", "c")): "bad-split",
        edits.Split("w", ("a", "b"), (1, 2)): "bad-split",
        edits.Split("w", ("a",)): "bad-split",
        edits.Split("w", ("a", "b"), axis=4): "no-such-axis",
        edits.Split("w", ("b", "b")): "several-problems",
        edits.Join(("w",), "x"): "bad-join",
        edits.Join(("w", "w"), "x"): "bad-join",
        edits.Join(("w", "i"), "x"): "join-dtype",
        edits.Join(("w", "b"), "x"): "join-shape",
        edits.Join(("w", "b"), "i"): "several-problems",
        edits.AddConstant(("w",)): "name-taken",
        edits.AddConstant(()): "nothing-added",
        edits.TieTensors((("w", "b"),)): "name-taken",
        edits.TieTensors((("nope", "n"),)): "no-such-tensor",
        edits.AddConstant(("n",), "quint8"): "cannot-cast-to",
        edits.AddConstant(("n",), "float32", (-1,)): "bad-shape",
    }
    for edit, code in many.items():
        assert refused(edit, checkpoint) == code, edit


def test_constants_join_their_module() -> None:
    checkpoint = checkpoint_of(["bn.weight", "bn.bias", "fc.weight"])
    edit = edits.AddConstant(("bn.num_batches_tracked", "new.x"))
    after = edit.apply(checkpoint).active_state_dict
    assert list(after.entries) == ["bn.weight", "bn.bias", "bn.num_batches_tracked", "fc.weight", "new.x"]
    assert data.to_numpy(after.tensors["new.x"]) == 0
    ones = edits.AddConstant(("o",), "bfloat16", (2, 2), 1.5)
    np.testing.assert_array_equal(result(ones, checkpoint, "o").astype("f4"), np.full((2, 2), 1.5))


def _saved(path: Path, values: dict[str, Any]) -> Path:
    numpy_io = pytest.importorskip("safetensors.numpy")
    numpy_io.save_file(values, path)
    return path


def test_tensors_of_another_file_are_taken_over(tmp_path: Path) -> None:
    pytest.importorskip("ckpt_studio.formats.opening")
    other = _saved(tmp_path / "other.safetensors", {"a.w": np.full(3, 7, "f4"), "a.new": np.ones(2, "f4")})
    checkpoint = checkpoint_of(["a.w", "b.w"])
    edit = edits.UpdateFrom(str(other))
    added, replaced = edit.taken(checkpoint)
    assert (list(added), list(replaced)) == (["a.new"], ["a.w"])
    assert list(edit.apply(checkpoint).active_state_dict.entries) == ["a.w", "a.new", "b.w"]
    np.testing.assert_array_equal(result(edit, checkpoint, "a.w"), [7, 7, 7])
    only = edits.UpdateFrom(str(other), names=("a.new",)).apply(checkpoint).active_state_dict
    assert only.entries["a.w"] is checkpoint.active_state_dict.entries["a.w"]
    assert refused(edits.UpdateFrom(str(other), names=("q",)), checkpoint) == "no-such-tensor"
    edited = edits.UpdateFrom(str(other), edits=(edits.AddPrefix("x."), edits.RenameTensor("x.a.w", "b.w")))
    assert edits.edit_from_json(json.loads(json.dumps(edits.edit_to_json(edited)))) == edited
    added, replaced = edited.taken(checkpoint)
    assert (list(added), list(replaced)) == (["x.a.new"], ["b.w"])
    assert edited.describe().fields["edits"] == 2
    assert refused(edits.UpdateFrom(str(other), names=("a.w",), replace=False), checkpoint) == "nothing-added"


def test_missing_tensors_are_filled(tmp_path: Path) -> None:
    pytest.importorskip("ckpt_studio.formats.opening")
    values = _saved(tmp_path / "init.safetensors", {"fc.bias": np.arange(3, dtype="f4"), "z": np.ones(1, "f4")})
    checkpoint = checkpoint_of(["fc.weight", "x"])
    edit = edits.FillMissing(str(values), ("fc.bias",), "torchvision:resnet18()", 5)
    assert list(edit.apply(checkpoint).active_state_dict.entries) == ["fc.weight", "fc.bias", "x"]
    np.testing.assert_array_equal(result(edit, checkpoint, "fc.bias"), [0, 1, 2])
    assert refused(edits.FillMissing(str(values), ("x",)), checkpoint) == "no-such-tensor"
