"""Putting names onto a row: what it would do, and why it is refused."""

from __future__ import annotations

from ckpt_studio.compare.report import Row
from ckpt_studio.core.edits import RenameGroup, RenameTensor
from ckpt_studio.gui.compare_drop import Placement, placement, target_group
from ckpt_studio.gui.drag import DraggedNames
from tests.gui import samples

ENTRIES = {name: samples.tensor(*shape) for name, shape in samples.FILE.items()}


def row(name: str) -> Row:
    report = samples.report_of(samples.FILE, samples.MODEL)
    return next(row for row in report.rows if row.name == name)


def drop(dragged: DraggedNames, onto: str) -> Placement:
    return placement(dragged, row(onto), "d", ENTRIES, samples.MODEL)


def test_a_tensor_takes_the_name() -> None:
    result = drop(DraggedNames("d", ("old.layer1.0.conv.bias",)), "layer1.0.conv.bias")
    assert result.edit == RenameTensor("old.layer1.0.conv.bias", "layer1.0.conv.bias")
    assert result.text == "1 tensor: old.layer1.0.conv.bias → layer1.0.conv.bias"


def test_another_shape_is_allowed_and_said() -> None:
    result = drop(DraggedNames("d", ("old.layer1.0.conv.weight",)), "layer1.0.conv.bias")
    assert result.edit is not None
    assert "8×8×3×3" in result.text


def test_a_group_maps_onto_the_group_where_most_names_match() -> None:
    members = ("old.layer1.0.conv.weight", "old.layer1.0.conv.bias")
    for group, target in (("old", ""), ("old.layer1", "layer1"), ("old.layer1.0", "layer1.0")):
        result = drop(DraggedNames("d", members, group), "layer1.0.conv.bias")
        assert result.edit == RenameGroup(group, target)
        assert "2 tensors" in result.text
        assert "2 of them" in result.text


def test_without_any_match_the_group_of_that_name_is_taken() -> None:
    model = {"net.layer4.0.w": (1,), "net.layer4.1.w": (1,)}
    assert target_group("old.layer4", ["old.layer4.0.kernel"], "net.layer4.0.w", model) == "net.layer4"


def test_refusals_say_why() -> None:
    taken = drop(DraggedNames("d", ("old.layer1.0.conv.bias",)), "fc.bias")
    assert taken.edit is None
    assert "already has a tensor named “fc.bias”" in taken.text
    assert drop(DraggedNames("d", ("fc.bias",)), "fc.bias").text == "It already has this name."
    assert "not a name of the model" in drop(DraggedNames("d", ("fc.bias",)), "old.layer1.0.conv.bias").text
    assert "another file" in drop(DraggedNames("x", ("fc.bias",)), "fc.bias").text
    assert "one tensor, or one whole group" in drop(DraggedNames("d", ("fc.bias", "fc.weight")), "fc.bias").text
    blocked = placement(
        DraggedNames("d", ("old.fc.bias",), "old"),
        row("fc.bias"),
        "d",
        {**ENTRIES, "old.fc.bias": samples.tensor(10)},
        samples.MODEL,
    )
    assert blocked.edit is None
    assert "fc.bias" in blocked.text


def test_a_group_without_any_name_of_the_model_is_refused() -> None:
    entries = {"bn.a": samples.tensor(2), "bn.b": samples.tensor(2)}
    result = placement(DraggedNames("d", ("bn.a", "bn.b"), "bn"), row("fc.bias"), "d", entries, samples.MODEL)
    assert result.edit is None
    assert "none of these 2 names would be a name of the model" in result.text
    single = placement(DraggedNames("d", ("bn.a",)), row("layer1.0.conv.bias"), "d", entries, samples.MODEL)
    assert single.edit is not None
