"""Filling what is missing and fitting what has another shape, judged by strict loading."""

from __future__ import annotations

from pathlib import Path

import pytest

from ckpt_studio.compare.filling import FreshValues, fill_missing
from ckpt_studio.compare.report import LoadReport, Row
from ckpt_studio.compare.resizing import resize_mismatched, resizings
from ckpt_studio.compare.verdict import compare
from ckpt_studio.core import edits
from ckpt_studio.core.checkpoint import Checkpoint, Source, StateDict
from ckpt_studio.core.data import to_numpy
from ckpt_studio.core.dtypes import dtype
from ckpt_studio.core.edits import Recipe
from ckpt_studio.core.history import History
from ckpt_studio.core.storage import MemoryBytes, Storage
from ckpt_studio.core.tensor import contiguous
from ckpt_studio.formats.opening import open_checkpoint
from ckpt_studio.models.reference import parse_reference
from ckpt_studio.models.resolve import resolve


def checkpoint_of(shapes: dict[str, tuple[int, ...]]) -> Checkpoint:
    float32 = dtype("float32")
    tensors = {}
    for name, shape in shapes.items():
        tensor = contiguous(float32, shape, Storage(MemoryBytes(b"")))
        tensors[name] = tensor.with_changes(storage=Storage(MemoryBytes(bytes(tensor.nbytes)), name))
    return Checkpoint(Source("x.pth", "pickle", 0), None, (StateDict((), tensors),), ())


@pytest.mark.parametrize(
    ("name", "here", "wanted", "first"),
    [
        ("fc.weight", (100, 512), (10, 512), edits.SelectRows(("fc.weight",), tuple(range(10)))),
        ("fc.bias", (2,), (4,), edits.SelectRows(("fc.bias",), (0, 1, -1, -1))),
        ("conv.weight", (64, 3, 7, 7), (64, 1, 7, 7), edits.AdaptChannels("conv.weight", 1, "sum")),
        ("conv.weight", (64, 3, 7, 7), (64, 4, 7, 7), edits.AdaptChannels("conv.weight", 4, "repeat")),
        ("fc.weight", (10, 512, 1, 1), (10, 512), edits.Reshape("fc.weight", (10, 512))),
        ("pos_embed", (1, 197, 768), (1, 577, 768), edits.InterpolatePositions("pos_embed", (14, 14), (24, 24), 1)),
        (
            "a.relative_position_bias_table", (169, 6), (529, 6),
            edits.InterpolatePositions("a.relative_position_bias_table", (13, 13), (23, 23)),
        ),
    ],
)  # fmt: skip
def test_the_first_offer_is_the_sensible_one(
    name: str, here: tuple[int, ...], wanted: tuple[int, ...], first: edits.Edit
) -> None:
    ways = resizings(name, here, wanted)
    assert ways[0].edit == first
    checkpoint = checkpoint_of({name: here})
    for way in ways:
        assert str(way.meaning)
        assert way.edit.apply(checkpoint).active_state_dict.tensors[name].shape == wanted


@pytest.mark.parametrize(
    ("here", "wanted"),
    [((3, 4), (5, 6)), ((3,), (3, 4)), ((0, 4), (2, 4)), ((3, 4), (3, 5)), ((2, 3), (3, 2)), ((3,), (3,))],
)
def test_what_does_not_fit_is_not_offered(here: tuple[int, ...], wanted: tuple[int, ...]) -> None:
    assert resizings("w", here, wanted) == []


def test_weight_and_bias_of_a_head_are_one_edit() -> None:
    rows = (
        Row("mismatched", "fc.weight", "fc.weight", (5, 2), (3, 2)),
        Row("mismatched", "fc.bias", "fc.bias", (5,), (3,)),
        Row("mismatched", "odd", "odd", (2, 2), (7, 7)),
    )
    found, left = resize_mismatched(LoadReport(False, rows))
    assert found == [edits.SelectRows(("fc.weight", "fc.bias"), (0, 1, 2))]
    assert left == ["odd"]


def test_counters_need_no_model(tmp_path: Path) -> None:
    model = resolve(parse_reference("torchvision:resnet18(num_classes=3)"))
    entries = {entry.name: entry.shape for entry in model.skeleton.entries}
    missing = tuple(Row("missing", name) for name in entries if name.endswith("num_batches_tracked"))
    values = tmp_path / "values.safetensors"
    (edit,) = fill_missing(LoadReport(False, missing), model, str(values))
    assert edit == edits.AddConstant(tuple(row.name for row in missing))
    assert not values.exists()


def test_the_models_own_start_fills_the_rest(tmp_path: Path) -> None:
    torch = pytest.importorskip("torch")
    torchvision = pytest.importorskip("torchvision")
    model = resolve(parse_reference("torchvision:squeezenet1_1(num_classes=3)"))
    shapes = {entry.name: entry.shape for entry in model.skeleton.entries if not entry.name.startswith("classifier")}
    checkpoint = checkpoint_of(shapes)
    report = compare(checkpoint.active_state_dict, model)
    values = tmp_path / "values.safetensors"
    (edit,) = fill_missing(report, model, str(values), seed=11)
    assert isinstance(edit, edits.FillMissing)
    assert set(open_checkpoint(values).active_state_dict.tensors) == set(edit.names)
    filled = edit.apply(checkpoint)
    assert compare(filled.active_state_dict, model).loads_strict
    torch.manual_seed(11)
    fresh = torchvision.models.squeezenet1_1(weights=None, num_classes=3).state_dict()
    for name in edit.names:
        assert (to_numpy(filled.active_state_dict.tensors[name]) == fresh[name].numpy()).all()
    values.unlink()
    asked: list[edits.FillMissing] = []

    def place(wanted: edits.FillMissing) -> str:
        asked.append(wanted)
        return str(tmp_path / "again.safetensors")

    renewing = FreshValues(place)
    name = edit.names[0]
    inside = edits.UpdateFrom(str(values), names=edit.names, edits=(edit,))
    for again in (renewing.present(edit), *renewing.present(inside).edits):
        assert (to_numpy(again.apply(checkpoint).active_state_dict.tensors[name]) == fresh[name].numpy()).all()
    assert asked == [edit]


def test_what_the_model_ties_is_not_started_afresh(tmp_path: Path) -> None:
    torch = pytest.importorskip("torch")
    (tmp_path / "net.py").write_text(
        "import torch.nn as nn\n"
        "class Net(nn.Module):\n"
        "    def __init__(self):\n"
        "        super().__init__()\n"
        "        self.first = nn.Embedding(5, 3)\n"
        "        self.norm = nn.LayerNorm(3)\n"
        "        self.last = nn.Linear(3, 5, bias=False)\n"
        "        self.last.weight = self.first.weight\n"
    )
    model = resolve(parse_reference(str(tmp_path / "net.py") + ":Net()"))
    try:
        for there, other in (("first.weight", "last.weight"), ("last.weight", "first.weight")):
            trained = torch.full((5, 3), 7.0)
            torch.save({there: trained, "norm.bias": torch.ones(3)}, tmp_path / "in.pth")
            history = History(open_checkpoint(tmp_path / "in.pth"))
            report = compare(history.current.active_state_dict, model)
            for edit in fill_missing(report, model, str(tmp_path / f"{there}.safetensors")):
                history.apply(edit)
            assert history.applied[0] == edits.TieTensors(((there, other),))
            assert isinstance(history.applied[1], edits.FillMissing)
            assert history.applied[1].names == ("norm.weight",)
            assert compare(history.current.active_state_dict, model).loads_strict
            filled = history.current.active_state_dict.tensors
            assert filled[other] is filled[there]
            assert Recipe.from_json(Recipe.of(history.applied).to_json()).edits == history.applied
    finally:
        model.close()
