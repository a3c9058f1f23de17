"""What torch and safetensors read from our files, bit for bit."""

from __future__ import annotations

import json
import os
import struct
from collections import OrderedDict
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from ckpt_studio.core.checkpoint import Checkpoint, Source, StateDict
from ckpt_studio.core.dtypes import BY_NAME
from ckpt_studio.core.edits import AddPrefix, Cast, Pop, PopEntry, RenameTensor, SetDevice, SetMetadata, StripPrefix
from ckpt_studio.core.storage import AbsentBytes, MemoryBytes, Storage
from ckpt_studio.core.tensor import contiguous
from ckpt_studio.errors import ExportError
from ckpt_studio.formats.export import ExportOptions, SaveOutcome, export, plan_export
from ckpt_studio.formats.opening import open_checkpoint

torch = pytest.importorskip("torch")
safetensors = pytest.importorskip("safetensors")
safetensors_torch = pytest.importorskip("safetensors.torch")

# torch warns that some of its own forms are young.
pytestmark = [
    pytest.mark.filterwarnings("ignore:ComplexHalf support"),
    pytest.mark.filterwarnings("ignore:torch.quantize_per_tensor"),
    pytest.mark.filterwarnings("ignore:TypedStorage is deprecated"),
    pytest.mark.filterwarnings("ignore:Validating sparse tensor invariants"),
    pytest.mark.filterwarnings("ignore:Sparse"),
    pytest.mark.filterwarnings("ignore:The PyTorch API of nested tensors"),
]

OVERWRITE = ExportOptions(overwrite=True)


def opened(folder: Path, value: Any, name: str = "in.pth", **save: Any) -> Checkpoint:
    torch.save(value, folder / name, **save)
    return open_checkpoint(folder / name)


def written(checkpoint: Checkpoint, target: Path, options: ExportOptions = OVERWRITE) -> SaveOutcome:
    outcome = export(plan_export(checkpoint, target, options))
    assert outcome.verified
    assert outcome.nbytes == target.stat().st_size
    assert [p.name for p in target.parent.iterdir() if p.name.startswith(".")] == []
    return outcome


def loaded(path: Path, weights_only: bool = True) -> Any:
    plain = torch.load(path, weights_only=weights_only)
    mapped = torch.load(path, weights_only=weights_only, mmap=True)
    assert_same(plain, mapped)
    return plain


def bits(tensor: Any) -> Any:
    if tensor.is_quantized:
        tensor = tensor.int_repr()
    return tensor.detach().resolve_conj().resolve_neg().contiguous().reshape(-1).view(torch.uint8)


def assert_same_tensor(a: Any, b: Any) -> None:
    assert type(a) is type(b)
    assert (a.dtype, a.layout, a.device, a.requires_grad) == (b.dtype, b.layout, b.device, b.requires_grad)
    assert a.is_nested == b.is_nested
    assert a.is_nested or a.shape == b.shape
    if a.device.type == "meta":
        return
    if a.is_nested:
        for x, y in zip(a.unbind(), b.unbind(), strict=True):
            assert_same_tensor(x, y)
    elif a.layout == torch.sparse_coo:
        assert a.is_coalesced() == b.is_coalesced()
        assert_same_tensor(a._indices(), b._indices())
        assert_same_tensor(a._values(), b._values())
    elif a.layout != torch.strided:
        assert torch.equal(a.to_dense(), b.to_dense())
    else:
        assert a.stride() == b.stride()
        assert a.is_conj() == b.is_conj()
        assert a.is_neg() == b.is_neg()
        assert torch.equal(bits(a), bits(b))
        if a.is_quantized:
            assert a.qscheme() == b.qscheme()
            assert torch.equal(a.dequantize(), b.dequantize())


def assert_same(a: Any, b: Any) -> None:
    if isinstance(a, torch.Tensor):
        assert_same_tensor(a, b)
    elif isinstance(a, dict):
        assert type(a) is type(b)
        assert list(a) == list(b)
        assert getattr(a, "_metadata", None) == getattr(b, "_metadata", None)
        for key in a:
            assert_same(a[key], b[key])
    elif isinstance(a, list | tuple):
        assert type(a) is type(b)
        assert len(a) == len(b)
        for x, y in zip(a, b, strict=True):
            assert_same(x, y)
    else:
        assert type(a) is type(b)
        assert a == b


def small_model() -> Any:
    torch.manual_seed(1)
    return torch.nn.Sequential(torch.nn.Conv2d(3, 8, 3), torch.nn.BatchNorm2d(8), torch.nn.Linear(8, 4))


# ---- .pth


def test_state_dict_keeps_order_metadata_and_values(tmp_path: Path) -> None:
    state = small_model().state_dict()
    outcome = written(opened(tmp_path, state), tmp_path / "out.pth")
    assert outcome.tensors == len(state)
    assert_same(loaded(tmp_path / "out.pth"), state)


@pytest.mark.parametrize("legacy", [False, True])
def test_strip_rename_pop(tmp_path: Path, legacy: bool) -> None:
    state = small_model().state_dict(prefix="module.")
    checkpoint = opened(tmp_path, {"epoch": 3, "state_dict": state}, _use_new_zipfile_serialization=not legacy)
    checkpoint = StripPrefix("module.").apply(checkpoint)
    checkpoint = Pop(("2.bias",)).apply(checkpoint)
    checkpoint = RenameTensor("2.weight", "head.weight").apply(checkpoint)
    written(checkpoint, tmp_path / "out.pth")
    result = loaded(tmp_path / "out.pth")
    expected = small_model().state_dict()
    assert list(result) == [k if k != "2.weight" else "head.weight" for k in expected if k != "2.bias"]
    for key, value in result.items():
        assert torch.equal(value, expected["2.weight" if key == "head.weight" else key])
    model = small_model()
    model.load_state_dict({**expected, **{k: v for k, v in result.items() if k in expected}}, strict=True)
    assert result._metadata["1"] == {"version": 2}


@pytest.mark.parametrize("name", [n for n, d in BY_NAME.items() if d.kind not in ("bits", "quantized")])
def test_every_dtype(tmp_path: Path, name: str) -> None:
    dtype = getattr(torch, name, None)
    if dtype is None:
        pytest.skip("this torch has no such dtype")
    raw = torch.randint(0, 2 if name == "bool" else 120, (48,), dtype=torch.uint8)
    tensor = raw.view(dtype)
    checkpoint = opened(tmp_path, OrderedDict(a=tensor, b=tensor[1:2]))
    written(checkpoint, tmp_path / "out.pth")
    result = loaded(tmp_path / "out.pth")
    assert_same(result, OrderedDict(a=tensor, b=tensor[1:2]))
    assert result["a"].untyped_storage()._cdata == result["b"].untyped_storage()._cdata
    if BY_NAME[name].safetensors:
        written(checkpoint, tmp_path / "out.safetensors")
        assert_same(safetensors_torch.load_file(tmp_path / "out.safetensors")["b"], tensor[1:2].clone())


def test_unusual_forms_are_written_as_they_came(tmp_path: Path) -> None:
    dense = torch.arange(12.0).reshape(3, 4)
    eye = torch.eye(3)
    complex_ = torch.randn(3, dtype=torch.complex64)
    value = OrderedDict(
        parameter=torch.nn.Parameter(dense.clone()),
        frozen=torch.nn.Parameter(dense.clone(), requires_grad=False),
        buffer=torch.nn.Buffer(dense.clone()),
        grad=torch.ones(2, requires_grad=True),
        conj=complex_.conj(),
        neg=torch.randn(3, dtype=torch.complex64).conj().imag,
        per_tensor=torch.quantize_per_tensor(dense, 0.5, 3, torch.quint8),
        per_channel=torch.quantize_per_channel(
            dense, torch.tensor([0.5, 0.25, 1.0]).double(), torch.tensor([0, 1, 2]), 0, torch.qint8
        ),
        coo=eye.to_sparse(),
        uncoalesced=torch.sparse_coo_tensor(torch.tensor([[0, 0]]), torch.tensor([1.0, 2.0]), (3,)),
        csr=eye.to_sparse_csr(),
        csc=eye.to_sparse_csc(),
        bsr=torch.eye(4).to_sparse_bsr((2, 2)),
        meta=torch.empty(3, 4, device="meta"),
        nested=torch.nested.nested_tensor([torch.ones(2, 3), torch.zeros(1, 3)]),
        empty=torch.empty(0, 5),
        scalar=torch.tensor(3.5),
        transposed=dense.t(),
        strided=dense[:, ::2],
        expanded=torch.ones(1, 3).expand(4, 3),
    )
    value["parameter"].note = "kept"
    written(opened(tmp_path, value), tmp_path / "out.pth")
    # Since torch 2.15 nested tensors must be allowed by whoever loads them with weights_only.
    with torch.serialization.safe_globals([torch._utils._rebuild_nested_tensor]):
        result = torch.load(tmp_path / "out.pth", weights_only=True)
    assert_same(result, value)
    assert result["parameter"].note == "kept"
    assert result["buffer"].persistent
    assert isinstance(result["buffer"], torch.nn.Buffer)


def test_ties_stay_tied_and_slices_stay_slices(tmp_path: Path) -> None:
    big = torch.arange(100_000.0)
    value = OrderedDict(
        whole=torch.ones(10, 10),
        slice=big[100:200],
        overlapping=big[150:250],
        apart=big[50_000:50_010],
        row=big[60_000:60_100].reshape(10, 10).t(),
    )
    value["tied"] = value["whole"].t()
    plan = plan_export(opened(tmp_path, value), tmp_path / "out.pth")
    assert plan.nbytes == 400 + 600 + 40 + 400
    assert [notice.code for notice in plan.notices] == ["slices-saved"]
    export(plan)
    result = loaded(tmp_path / "out.pth")
    assert_same(result, value)
    where = {name: tensor.untyped_storage()._cdata for name, tensor in result.items()}
    assert where["whole"] == where["tied"]
    assert where["slice"] == where["overlapping"]
    assert len({where["whole"], where["slice"], where["apart"], where["row"]}) == 4
    assert result["overlapping"].storage_offset() == 50
    assert (tmp_path / "out.pth").stat().st_size < 5000


def test_views_of_several_dtypes_stay_tied(tmp_path: Path) -> None:
    base = torch.arange(16).to(torch.uint16)
    checkpoint = opened(tmp_path, OrderedDict(a=base, b=base.view(torch.float8_e5m2)[5:]))
    written(checkpoint, tmp_path / "out.pth")
    result = loaded(tmp_path / "out.pth")
    assert torch.equal(result["a"], base)
    assert torch.equal(bits(result["b"]), bits(base.view(torch.float8_e5m2)[5:]))
    assert result["a"].untyped_storage()._cdata == result["b"].untyped_storage()._cdata


def test_device_tags(tmp_path: Path) -> None:
    checkpoint = SetDevice("cuda:3", ("0.weight",)).apply(opened(tmp_path, small_model().state_dict()))
    written(checkpoint, tmp_path / "out.pth")
    devices = {name: t.device for name, t in open_checkpoint(tmp_path / "out.pth").active_state_dict.tensors.items()}
    assert devices["0.weight"] == "cuda:3"
    assert devices["0.bias"] == "cpu"
    assert_same(torch.load(tmp_path / "out.pth", map_location="cpu", weights_only=True), small_model().state_dict())


def test_a_whole_module_gives_its_state_dict(tmp_path: Path) -> None:
    model = small_model()
    written(opened(tmp_path, model), tmp_path / "out.pth")
    result = loaded(tmp_path / "out.pth")
    assert list(result) == list(model.state_dict())
    for key, value in model.state_dict().items():
        assert_same_tensor(result[key], value)


def test_many_tensors_and_names_of_any_kind(tmp_path: Path) -> None:
    # More members than a zip archive without its 64-bit extension can count.
    names = ["", *(f"层{i}.重 “x” \U0001f600{i}" for i in range(66_000))]
    values = np.arange(66_001 * 4, dtype="<f4").reshape(-1, 4)
    tensors = {
        name: contiguous(BY_NAME["float32"], (i % 5,), Storage(MemoryBytes(values[i].tobytes()[: i % 5 * 4])))
        for i, name in enumerate(names)
    }
    made = Checkpoint(Source("made by hand", "torch-zip", 0), None, (StateDict((), tensors),), ())
    written(made, tmp_path / "out.pth")
    result = torch.load(tmp_path / "out.pth", weights_only=True)
    assert list(result) == names
    for i in range(0, len(names), 997):
        assert result[names[i]].tolist() == values[i, : i % 5].tolist()


def test_cast_is_torchs_cast(tmp_path: Path) -> None:
    state = {"a": torch.randn(100, 100), "n": torch.arange(5)}
    state["b"] = state["a"].t()
    checkpoint = Cast("bfloat16", names=("a", "b")).apply(opened(tmp_path, state))
    written(checkpoint, tmp_path / "out.pth")
    result = loaded(tmp_path / "out.pth")
    assert torch.equal(result["b"], state["b"].bfloat16())
    assert result["a"].untyped_storage()._cdata == result["b"].untyped_storage()._cdata
    written(checkpoint, tmp_path / "out.safetensors")
    assert torch.equal(safetensors_torch.load_file(tmp_path / "out.safetensors")["b"], state["b"].bfloat16())


# ---- safetensors


def test_safetensors_roundtrip_keeps_order_and_metadata(tmp_path: Path) -> None:
    tensors = {
        "z": torch.randn(3, 4),
        "a": torch.tensor([True, False, True]),
        "m": torch.randn(5).half(),
        "b": torch.tensor(7),
    }
    metadata = {"format": "pt", "note": '“naïve”\n\t\0\\"', "json": json.dumps({"a": [1]})}
    safetensors_torch.save_file(tensors, tmp_path / "in.safetensors", metadata)
    checkpoint = open_checkpoint(tmp_path / "in.safetensors")
    checkpoint = AddPrefix("model.").apply(checkpoint)
    checkpoint = SetMetadata("new", "yes").apply(checkpoint)
    written(checkpoint, tmp_path / "out.safetensors", replace(OVERWRITE, metadata={"more": "1"}))
    with safetensors.safe_open(tmp_path / "out.safetensors", "pt") as reader:
        assert reader.metadata() == {**metadata, "new": "yes", "more": "1"}
        for name, tensor in tensors.items():
            assert_same_tensor(reader.get_tensor(f"model.{name}"), tensor)
    raw = (tmp_path / "out.safetensors").read_bytes()
    length = struct.unpack("<Q", raw[:8])[0]
    assert (8 + length) % 8 == 0
    names = [name for name in json.loads(raw[8 : 8 + length]) if name != "__metadata__"]
    assert names == list(checkpoint.active_state_dict.entries)


def test_pth_to_safetensors_says_what_it_costs(tmp_path: Path) -> None:
    weight = torch.randn(100, 10)
    checkpoint = opened(tmp_path, {"a": weight, "tied": weight, "t": weight.t(), "x": torch.ones(50)[:5]})
    plan = plan_export(checkpoint, tmp_path / "out.safetensors")
    notices = {notice.code: notice.fields for notice in plan.notices}
    assert notices["ties-copied"]["count"] == 3
    assert notices["ties-copied"]["extra"] == 8000
    assert notices["made-contiguous"]["count"] == 1
    assert notices["slices-saved"]["saved"] == 180
    assert all(str(notice) for notice in plan.notices)
    export(plan)
    result = safetensors_torch.load_file(tmp_path / "out.safetensors")
    assert torch.equal(result["tied"], weight)
    assert torch.equal(result["t"], weight.t())
    with safetensors.safe_open(tmp_path / "out.safetensors", "pt") as reader:
        assert reader.metadata() == {"format": "pt"}


def test_safetensors_names_what_it_cannot_hold(tmp_path: Path) -> None:
    value = {
        "good": torch.ones(2),
        "q": torch.quantize_per_tensor(torch.ones(2), 0.5, 0, torch.qint8),
        "s": torch.eye(2).to_sparse(),
        "c": torch.ones(2, dtype=torch.complex128),
        "m": torch.empty(2, device="meta"),
        "__metadata__": torch.ones(1),
    }
    with pytest.raises(ExportError) as caught:
        plan_export(opened(tmp_path, value), tmp_path / "out.safetensors")
    assert caught.value.code == "cannot-hold"
    assert {problem.fields["name"] for problem in caught.value.problems} == {"q", "s", "c", "m", "__metadata__"}
    assert all(str(problem) for problem in caught.value.problems)
    assert not (tmp_path / "out.safetensors").exists()


def test_lazy_bits_are_resolved_in_safetensors(tmp_path: Path) -> None:
    value = {"c": torch.randn(4, dtype=torch.complex64).conj(), "n": torch.randn(4, dtype=torch.complex64).conj().imag}
    written(opened(tmp_path, value), tmp_path / "out.safetensors")
    result = safetensors_torch.load_file(tmp_path / "out.safetensors")
    assert torch.equal(result["c"], value["c"].resolve_conj())
    assert torch.equal(result["n"], value["n"].resolve_neg())


def test_float4_counts_as_the_library_counts(tmp_path: Path) -> None:
    tensor = torch.arange(6, dtype=torch.uint8).reshape(2, 3).view(torch.float4_e2m1fn_x2)
    safetensors_torch.save_file({"a": tensor}, tmp_path / "in.safetensors")
    written(open_checkpoint(tmp_path / "in.safetensors"), tmp_path / "out.safetensors")
    result = safetensors_torch.load_file(tmp_path / "out.safetensors")["a"]
    assert result.shape == tensor.shape
    assert torch.equal(result.view(torch.uint8), tensor.view(torch.uint8))


# ---- what is refused


def test_targets_that_cannot_be(tmp_path: Path) -> None:
    checkpoint = opened(tmp_path, {"a": torch.ones(2)})
    for name, options, code in [
        ("out.xyz", ExportOptions(), "unknown-export-suffix"),
        ("in.pth", ExportOptions(), "target-exists"),
        ("out.safetensors", ExportOptions(whole=True), "whole-needs-pth"),
    ]:
        with pytest.raises(ExportError) as caught:
            plan_export(checkpoint, tmp_path / name, options)
        assert caught.value.code == code
    (tmp_path / "folder.pth").mkdir()
    for target, code in [("missing/out.pth", "folder-missing"), ("folder.pth", "target-is-directory")]:
        with pytest.raises(ExportError) as caught:
            export(plan_export(checkpoint, tmp_path / target))
        assert caught.value.code == code


def test_absent_values_are_named(tmp_path: Path) -> None:
    checkpoint = opened(tmp_path, {"a": torch.ones(2)})
    absent = contiguous(BY_NAME["float32"], (4,), Storage(AbsentBytes(16, "meta-tensor")))
    changed: StateDict = checkpoint.active_state_dict.with_entries(
        {**checkpoint.active_state_dict.entries, "gone": absent}
    )
    for target in ("out.pth", "out.safetensors"):
        with pytest.raises(ExportError) as caught:
            plan_export(checkpoint.with_state_dict(changed), tmp_path / target)
        assert caught.value.code == "tensors-absent"
        assert caught.value.message.fields["first"] == "gone"


def test_the_corpus_round_trips(corpus: Path, tmp_path: Path) -> None:
    checked = 0
    for path in sorted(corpus.rglob("*")):
        if not path.is_file() or "hostile" in path.parts or os.path.getsize(path) > 10_000_000:
            continue
        try:
            original = torch.load(path, weights_only=True, map_location="cpu")
        except Exception:
            continue
        checkpoint = open_checkpoint(path)
        if checkpoint.active is None or checkpoint.active_state_dict.kind != "mapping":
            continue
        for key in checkpoint.active:
            original = original[key]
        original = {k: v for k, v in original.items() if isinstance(v, torch.Tensor) or k.endswith("_extra_state")}
        written(checkpoint, tmp_path / "out.pth")
        result = torch.load(tmp_path / "out.pth", weights_only=True, map_location="cpu")
        assert list(result) == list(original), path
        for name, tensor in original.items():
            assert_same(result[name], tensor)
        checked += 1
    assert checked > 20


@pytest.mark.parametrize("target", ["out.pth", "out.safetensors"])
def test_values_beside_the_tensors_are_not_left_out_in_silence(tmp_path: Path, target: str) -> None:
    value = {"w": torch.ones(2), "num_classes": 10, "arch": "tiny", "head._extra_state": b"x"}
    checkpoint = opened(tmp_path, value)
    notices = plan_export(checkpoint, tmp_path / target).notices
    (notice,) = [notice for notice in notices if notice.code == "entries-dropped"]
    assert notice.fields == {"count": 2, "first": "num_classes"}
    # What the user took out himself is no news, and neither is what lies elsewhere.
    popped = PopEntry(("num_classes",)).apply(PopEntry(("arch",)).apply(checkpoint))
    assert "entries-dropped" not in [notice.code for notice in plan_export(popped, tmp_path / target).notices]
    usual = opened(tmp_path, {"epoch": 3, "state_dict": {"w": torch.ones(2)}})
    assert plan_export(usual, tmp_path / target).notices == ()
    whole = plan_export(checkpoint, tmp_path / "whole.pth", ExportOptions(whole=True))
    assert whole.notices == ()


class Tagged(torch.Tensor):  # type: ignore[misc, name-defined]
    """A tensor of a class that `weights_only` does not know."""


@pytest.mark.parametrize("container", ["pth", "pth-legacy"])
def test_tensors_of_own_classes_are_plain_in_a_state_dict_and_themselves_in_the_whole(
    tmp_path: Path, container: Any
) -> None:
    tagged = torch.arange(6.0).as_subclass(Tagged)
    tagged.label = "mine"
    value = {
        "a": tagged, "again": tagged, "view": tagged[2:4], "p": torch.nn.Parameter(torch.ones(2)),
        "sub": torch.nn.Parameter(torch.ones(3).as_subclass(Tagged)),
    }  # fmt: skip
    checkpoint = opened(tmp_path, value)
    plan = plan_export(checkpoint, tmp_path / "out.pth", ExportOptions(format=container))
    (notice,) = plan.notices
    assert (notice.code, notice.fields) == ("classes-dropped", {"count": 4, "first": "a"})
    assert export(plan).verified
    result = torch.load(tmp_path / "out.pth", weights_only=True)
    assert {name: type(item) for name, item in result.items()} == {
        **dict.fromkeys(("a", "again", "view", "sub"), torch.Tensor), "p": torch.nn.Parameter
    }  # fmt: skip
    assert all(torch.equal(result[name], item.as_subclass(torch.Tensor)) for name, item in value.items())
    assert result["a"] is result["again"]
    assert result["view"].data_ptr() == result["a"].data_ptr() + 8
    assert result["sub"].requires_grad
    whole = plan_export(checkpoint, tmp_path / "whole.pth", ExportOptions(format=container, whole=True))
    assert whole.notices == ()
    export(whole)
    kept = torch.load(tmp_path / "whole.pth", weights_only=False)
    assert type(kept["a"]) is Tagged
    assert kept["a"].label == "mine"


def test_wrapped_tensors_keep_their_class_and_it_is_said(tmp_path: Path) -> None:
    from torch.testing._internal.two_tensor import TwoTensor

    pair = TwoTensor(torch.arange(6.0).reshape(2, 3), torch.ones(2, 3))
    checkpoint = opened(tmp_path, {"pair": pair, "plain": torch.ones(2)})
    plan = plan_export(checkpoint, tmp_path / "out.pth")
    (notice,) = plan.notices
    cls = "torch.testing._internal.two_tensor.TwoTensor"
    assert (notice.code, notice.fields) == ("classes-kept", {"count": 1, "first": "pair", "cls": cls})
    assert "add_safe_globals" in str(notice)
    export(plan)
    with torch.serialization.safe_globals([TwoTensor]):
        found = torch.load(tmp_path / "out.pth", weights_only=True)
    assert type(found["pair"]) is TwoTensor
    assert torch.equal(found["pair"].a, pair.a)
    assert torch.equal(found["pair"].b, pair.b)
