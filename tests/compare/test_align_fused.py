"""Fused projections and transposed matrices: proposed, doubted where only custom tells, applied exactly."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pytest

from ckpt_studio.compare.align import Alignment, align, alignment_edit
from ckpt_studio.core.checkpoint import Checkpoint, Source, StateDict
from ckpt_studio.core.data import to_numpy
from ckpt_studio.core.dtypes import FLOAT32
from ckpt_studio.core.edits import ApplyMapping, Piece, edit_from_json, edit_to_json
from ckpt_studio.core.storage import MemoryBytes, Storage
from ckpt_studio.core.tensor import contiguous
from ckpt_studio.errors import EditError
from ckpt_studio.models.skeleton import Entry, Skeleton

Shapes = dict[str, tuple[int, ...]]
Array = np.ndarray[Any, Any]


def skeleton_of(shapes: Mapping[str, tuple[int, ...]]) -> Skeleton:
    return Skeleton("x", "x", tuple(Entry(name, shape, "float32") for name, shape in shapes.items()))


def checkpoint_of(values: Mapping[str, Array]) -> Checkpoint:
    tensors = {
        name: contiguous(FLOAT32, value.shape, Storage(MemoryBytes(value.astype("f4").tobytes()), name))
        for name, value in values.items()
    }
    return Checkpoint(Source("x.pth", "torch-zip", (), 0), None, (StateDict((), tensors),), ())


def network(layers: int, attention: Mapping[str, tuple[int, ...]], mlp: Mapping[str, tuple[int, ...]]) -> Shapes:
    result: Shapes = {"embed.weight": (50, 8)}
    for layer in range(layers):
        for name, shape in {**attention, **mlp}.items():
            result[f"layers.{layer}.{name}"] = shape
    return {**result, "norm.weight": (8,), "head.weight": (50, 8)}


MLP: Shapes = {"mlp.fc1.weight": (16, 8), "mlp.fc1.bias": (16,), "mlp.fc2.weight": (8, 16), "mlp.fc2.bias": (8,)}
OUT: Shapes = {"attn.proj.weight": (8, 8), "attn.proj.bias": (8,)}
FUSED: Shapes = {"attn.qkv.weight": (24, 8), "attn.qkv.bias": (24,), **OUT}
APART: Shapes = {
    "attention.query.weight": (8, 8), "attention.query.bias": (8,), "attention.key.weight": (8, 8),
    "attention.key.bias": (8,), "attention.value.weight": (8, 8), "attention.value.bias": (8,),
    "attention.output.weight": (8, 8), "attention.output.bias": (8,),
}  # fmt: skip


def values_of(shapes: Shapes) -> dict[str, Array]:
    rng = np.random.default_rng(1)
    return {name: rng.standard_normal(shape).astype("f4") for name, shape in shapes.items()}


def applied(source: Shapes, target: Shapes) -> tuple[Alignment, dict[str, Array], dict[str, Array]]:
    """The alignment, the values before, and those of every tensor after the edit."""
    found = align(source, skeleton_of(target))
    edit = alignment_edit(found, source)
    assert edit is not None
    assert edit_from_json(edit_to_json(edit)) == edit
    values = values_of(source)
    result = edit.apply(checkpoint_of(values)).active_state_dict.tensors
    assert {name: tensor.shape for name, tensor in result.items()} == target
    return found, values, {name: to_numpy(tensor) for name, tensor in result.items()}


def test_a_fused_projection_is_split() -> None:
    found, before, after = applied(network(3, FUSED, MLP), network(3, APART, MLP))
    for layer in range(3):
        for place, part in enumerate(("query", "key", "value")):
            for leaf in ("weight", "bias"):
                fused = before[f"layers.{layer}.attn.qkv.{leaf}"]
                made = after[f"layers.{layer}.attention.{part}.{leaf}"]
                assert (made == fused[8 * place : 8 * place + 8]).all()
    rules = {(rule.source, rule.target): rule for rule in found.rules}
    rule = rules["layers.{n}.attn.qkv.* [2/3]", "layers.{n}.attention.key.*"]
    assert rule.evidence.code == "rule-split"
    assert not rule.is_unsure
    assert found.unmatched_source == found.unmatched_target == ()


def test_parts_are_joined() -> None:
    found, before, after = applied(network(3, APART, MLP), network(3, FUSED, MLP))
    parts = [before[f"layers.1.attention.{part}.weight"] for part in ("query", "key", "value")]
    assert (after["layers.1.attn.qkv.weight"] == np.concatenate(parts)).all()
    rule = next(rule for rule in found.rules if rule.evidence.code == "rule-join")
    assert (rule.source, rule.target) == ("layers.{n}.attention.(query + key + value).*", "layers.{n}.attn.qkv.*")


def test_keys_and_values_fused_beside_the_query() -> None:
    kv: Shapes = {"attn.q.weight": (8, 8), "attn.kv.weight": (16, 8), "attn.kv.bias": (16,), **OUT}
    apart = {name: shape for name, shape in APART.items() if name != "attention.query.bias"}
    _, before, after = applied(network(2, kv, MLP), network(2, apart, MLP))
    assert (after["layers.0.attention.value.weight"] == before["layers.0.attn.kv.weight"][8:]).all()


def test_grouped_queries_and_gates() -> None:
    fused = {"attn.qkv_proj.weight": (16, 8), "attn.o_proj.weight": (8, 8), "mlp.gate_up_proj.weight": (40, 8)}
    apart = {
        "attn.q_proj.weight": (8, 8), "attn.k_proj.weight": (4, 8), "attn.v_proj.weight": (4, 8),
        "attn.o_proj.weight": (8, 8), "mlp.gate_proj.weight": (20, 8), "mlp.up_proj.weight": (20, 8),
    }  # fmt: skip
    down: Shapes = {"mlp.down_proj.weight": (8, 20)}
    _, before, after = applied(network(2, fused, down), network(2, apart, down))
    assert (after["layers.1.attn.v_proj.weight"] == before["layers.1.attn.qkv_proj.weight"][12:]).all()
    assert (after["layers.1.mlp.up_proj.weight"] == before["layers.1.mlp.gate_up_proj.weight"][20:]).all()
    _, before, after = applied(network(2, apart, down), network(2, fused, down))
    assert (after["layers.0.mlp.gate_up_proj.weight"][:20] == before["layers.0.mlp.gate_proj.weight"]).all()


def test_matrices_kept_the_other_way_round() -> None:
    lying = {
        "attn.c_attn.weight": (8, 24), "attn.c_attn.bias": (24,), "attn.c_proj.weight": (8, 8),
        "attn.c_proj.bias": (8,),
    }  # fmt: skip
    mlp = {name: shape[::-1] for name, shape in MLP.items()}
    found, before, after = applied(network(3, lying, mlp), network(3, APART, MLP))
    assert (after["layers.2.attention.key.weight"] == before["layers.2.attn.c_attn.weight"][:, 8:16].T).all()
    # Square ones follow the others of their stack.
    assert (after["layers.2.attention.output.weight"] == before["layers.2.attn.c_proj.weight"].T).all()
    assert (after["layers.2.mlp.fc1.weight"] == before["layers.2.mlp.fc1.weight"].T).all()
    assert {rule.evidence.code for rule in found.rules} >= {"rule-transpose", "rule-split"}
    _, before, after = applied(network(3, APART, MLP), network(3, lying, mlp))
    assert (after["layers.2.attn.c_attn.weight"][:, 8:16] == before["layers.2.attention.key.weight"].T).all()
    both, _, _ = applied({f"x.{name}": shape for name, shape in network(3, lying, mlp).items()}, network(3, lying, mlp))
    assert all(pair.transform is None for pair in both.pairs)


@pytest.mark.parametrize("name", ["self_attention.query_key_value", "attention.query_key_value"])
def test_what_may_be_mixed_by_heads_is_asked_about(name: str) -> None:
    fused = {f"{name}.weight": (24, 8), f"{name}.bias": (24,), **OUT}
    found, _, _ = applied(network(3, fused, MLP), network(3, APART, MLP))
    split = [pair for pair in found.pairs if pair.pieces]
    assert len(split) == 18
    assert set(split) <= set(found.unsure)
    assert {rule.evidence.code for rule in found.rules if rule.is_unsure} == {"rule-split-unsure"}


def test_numbered_projections_are_asked_about() -> None:
    numbered = {f"attn.linears.{n}.weight": (8, 8) for n in range(4)}
    fused = {"attn.in_proj_weight": (24, 8), "attn.out_proj.weight": (8, 8)}
    found, before, after = applied(network(3, fused, MLP), network(3, numbered, MLP))
    assert (after["layers.0.attn.linears.1.weight"] == before["layers.0.attn.in_proj_weight"][8:16]).all()
    assert all(pair.confidence < 0.8 for pair in found.pairs if pair.pieces)


def test_both_fused_stay_fused() -> None:
    other = {name.replace("attn.qkv.", "self_attention.in_proj_"): shape for name, shape in FUSED.items()}
    found, _, _ = applied(network(3, FUSED, MLP), network(3, other, MLP))
    assert all(not pair.pieces for pair in found.pairs)


def test_the_bias_of_keys_may_be_lacking() -> None:
    apart = {name: shape for name, shape in APART.items() if name != "attention.key.bias"}
    _, before, after = applied(network(2, FUSED, MLP), network(2, apart, MLP))
    assert (after["layers.0.attention.value.bias"] == before["layers.0.attn.qkv.bias"][16:]).all()


def test_a_projection_without_a_layer_is_transposed() -> None:
    source: Shapes = {**network(2, APART, MLP), "proj": (8, 5)}
    target: Shapes = {**network(2, APART, MLP), "visual_projection.weight": (5, 8)}
    _, before, after = applied(source, target)
    assert (after["visual_projection.weight"] == before["proj"].T).all()


def test_a_square_projection_is_asked_about() -> None:
    target = network(2, APART, MLP)
    entries = [
        *skeleton_of(target).entries,
        Entry("text.weight", (9, 9), "float32", owner="torch.nn.modules.linear.Linear"),
    ]
    found = align({**target, "text_projection": (9, 9)}, Skeleton("x", "x", tuple(entries)))
    (pair,) = found.unsure
    assert (pair.source, pair.target, pair.transposed) == ("text_projection", "text.weight", True)
    (rule,) = [rule for rule in found.rules if rule.is_unsure]
    assert rule.evidence.code == "rule-transpose-unsure"


def test_what_does_not_fit_changes_nothing() -> None:
    checkpoint = checkpoint_of({"a": np.zeros((4, 2)), "b": np.zeros((4, 3)), "c": np.zeros(4)})

    def refused(*parts: tuple[str, tuple[Piece, ...], int], transposed: tuple[str, ...] = ()) -> str:
        with pytest.raises(EditError) as caught:
            ApplyMapping((), parts=parts, transposed=transposed).apply(checkpoint)
        return caught.value.problems[0].code if caught.value.problems else caught.value.code

    assert refused(("x", (Piece("a", 2, 3),), 0)) == "bad-split"
    assert refused(("x", (Piece("a", 0, 1),), 2)) == "no-such-axis"
    assert refused(("x", (Piece("a", 0, 4), Piece("b", 0, 4)), 0)) == "join-shape"
    assert refused(("x", (Piece("q", 0, 4),), 0)) == "no-such-tensor"
    assert refused(("x", (), 0)) == "bad-join"
    assert refused(("b", (Piece("a", 0, 4),), 0)) == "names-collide"
    assert refused(transposed=("c",)) == "no-such-axis"
    edit = ApplyMapping(
        (("b", "d"),), (("e", (4,)),), ("c",),
        (("b", (Piece("a", 0, 2),), 0), ("e", (Piece("a", 2, 2),), 0)), ("b",),
    )  # fmt: skip
    after = edit.apply(checkpoint).active_state_dict
    assert {name: tensor.shape for name, tensor in after.tensors.items()} == {"b": (2, 2), "e": (4,), "d": (4, 3)}
    assert "2 are parts" in str(edit.describe())
