"""Nested tensors of layout jagged: tensors of a state dict, whole in every file that can hold them."""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import Any

import pytest

torch = pytest.importorskip("torch")

from ckpt_studio.core.data import chunks  # noqa: E402
from ckpt_studio.core.edits import RenameTensor, SetDevice  # noqa: E402
from ckpt_studio.errors import ExportError  # noqa: E402
from ckpt_studio.formats.export import ExportOptions, export, plan_export  # noqa: E402
from ckpt_studio.formats.opening import open_checkpoint  # noqa: E402


@pytest.fixture(scope="module")
def tensors() -> dict[str, Any]:
    """Jagged tensors of several kinds, one of them twice, beside an ordinary one."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        made = torch.nested.nested_tensor([torch.randn(2, 4), torch.randn(3, 4)], layout=torch.jagged)
        gaps = torch.nested.nested_tensor_from_jagged(
            torch.randn(6, 2), torch.tensor([0, 3, 6]), lengths=torch.tensor([2, 3])
        )
    return {
        "made": made,
        "again": made,
        "learnt": torch.nn.Parameter(made.clone()),
        "turned": made.transpose(1, 2),
        "gaps": gaps,
        "plain": torch.ones(2),
    }


@pytest.fixture(params=["zip", "legacy"])
def path(request: pytest.FixtureRequest, tmp_path: Path, tensors: dict[str, Any]) -> Path:
    file = tmp_path / "jagged.pt"
    torch.save(tensors, file, _use_new_zipfile_serialization=request.param == "zip")
    return file


def require_same(found: dict[str, Any], wanted: dict[str, Any]) -> None:
    assert list(found) == list(wanted)
    for name, tensor in wanted.items():
        assert type(found[name]) is type(tensor), name
        assert found[name].requires_grad == tensor.requires_grad, name
        if tensor.is_nested:
            assert found[name].layout == torch.jagged
            assert all(torch.equal(a, b) for a, b in zip(found[name].unbind(), tensor.unbind(), strict=True)), name
        else:
            assert torch.equal(found[name], tensor)


def test_they_are_tensors_with_parts(path: Path, tensors: dict[str, Any]) -> None:
    opened = open_checkpoint(path).active_state_dict.tensors
    assert list(opened) == list(tensors)
    form = opened["made"].form
    assert form is not None
    assert form.layout == "nested"
    parts = dict(form.parts)
    assert (parts["values"].shape, parts["offsets"].shape) == ((5, 4), (3,))
    assert b"".join(map(bytes, chunks(parts["values"]))) == tensors["made"].values().numpy().tobytes()
    assert opened["learnt"].kind == "parameter"
    assert opened["learnt"].requires_grad
    gaps = opened["gaps"].form
    assert gaps is not None
    assert [name for name, _ in gaps.parts] == ["values", "offsets", "lengths"]
    assert opened["made"].nbytes == 5 * 4 * 4 + 3 * 8


@pytest.mark.parametrize("whole", [False, True])
def test_they_are_written_as_they_came(path: Path, tmp_path: Path, tensors: dict[str, Any], whole: bool) -> None:
    target = tmp_path / "out.pth"
    outcome = export(plan_export(open_checkpoint(path), target, ExportOptions(whole=whole)))
    assert outcome.verified
    kept = [notice.fields for notice in outcome.notices if notice.code == "classes-kept"]
    name = "torch.nested._internal.nested_tensor.NestedTensor"
    assert kept == ([] if whole else [{"count": 5, "first": "made", "cls": name}])
    found = torch.load(target, weights_only=True)
    require_same(found, tensors)
    assert found["made"] is found["again"]


def test_they_go_through_edits(path: Path, tmp_path: Path, tensors: dict[str, Any]) -> None:
    edited = SetDevice("cuda:1").apply(RenameTensor("made", "renamed").apply(open_checkpoint(path)))
    export(plan_export(edited, tmp_path / "out.pth"))
    form = open_checkpoint(tmp_path / "out.pth").active_state_dict.tensors["renamed"].form
    assert form is not None
    assert {part.device for _, part in form.parts} == {"cuda:1"}
    found = torch.load(tmp_path / "out.pth", weights_only=True, map_location="cpu")
    require_same(found, {("renamed" if name == "made" else name): tensor for name, tensor in tensors.items()})


def test_safetensors_names_what_it_cannot_hold(path: Path, tmp_path: Path) -> None:
    with pytest.raises(ExportError) as caught:
        plan_export(open_checkpoint(path), tmp_path / "out.safetensors")
    assert caught.value.code == "cannot-hold"
    assert [problem.fields["what"] for problem in caught.value.problems] == ["nested"] * 5
