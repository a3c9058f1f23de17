"""What is offered to repair a checkpoint, on names alone."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import pytest

from ckpt_studio.compare.suggest import Suggestion, is_another_model, suggest
from ckpt_studio.compare.verdict import compare
from ckpt_studio.core.checkpoint import Checkpoint
from ckpt_studio.core.edits import (
    AddPrefix,
    Pop,
    RegexRename,
    RenameGroup,
    RenameTensor,
    RenameTensors,
    StripPrefix,
    edit_from_json,
    edit_to_json,
)
from ckpt_studio.models.reference import CheckpointReference
from ckpt_studio.models.resolve import ResolvedModel
from ckpt_studio.models.skeleton import Entry, Skeleton
from tests.clock import quick
from tests.compare.making import checkpoint_with, state_dict_of

Shapes = Mapping[str, tuple[int, ...]]

NET: dict[str, tuple[int, ...]] = {
    f"layer{i}.{name}": (i, 2) for i in range(1, 4) for name in ("conv1.weight", "conv1.bias", "norm.weight")
} | {"fc.weight": (10, 4), "fc.bias": (10,)}


def model_of(shapes: Shapes) -> ResolvedModel:
    skeleton = Skeleton("a model", "model.pth", tuple(Entry(n, s, "float32") for n, s in shapes.items()))
    return ResolvedModel(CheckpointReference("model.pth"), skeleton)


def offered(file: Shapes, model: Shapes) -> tuple[Checkpoint, ResolvedModel, list[Suggestion]]:
    checkpoint, resolved = checkpoint_with(state_dict_of(file)), model_of(model)
    report = compare(checkpoint.active_state_dict, resolved)
    suggestions = suggest(checkpoint, resolved, report)
    for suggestion in suggestions:
        assert str(suggestion.title)
        assert edit_from_json(edit_to_json(suggestion.edit)) == suggestion.edit
        after = suggestion.edit.apply(checkpoint).active_state_dict
        assert suggestion.matched_after == len(compare(after, resolved).with_status("matched"))
    renaming = [s.matched_after for s in suggestions if not isinstance(s.edit, Pop)]
    assert renaming == sorted(renaming, reverse=True)
    return checkpoint, resolved, suggestions


def repaired(file: Shapes, model: Shapes, most: int = 5) -> list[object]:
    """The edits that taking the first suggestion over and over applies, until it loads strictly."""
    checkpoint, resolved, suggestions = offered(file, model)
    taken: list[object] = []
    while suggestions and len(taken) < most:
        taken.append(suggestions[0].edit)
        checkpoint = suggestions[0].edit.apply(checkpoint)
        suggestions = suggest(checkpoint, resolved, compare(checkpoint.active_state_dict, resolved))
    assert compare(checkpoint.active_state_dict, resolved).loads_strict
    return taken


def prefixed(prefix: str, shapes: Shapes = NET, names: Iterable[str] | None = None) -> dict[str, tuple[int, ...]]:
    chosen = set(shapes) if names is None else set(names)
    return {(prefix + name if name in chosen else name): shape for name, shape in shapes.items()}


def test_nothing_is_offered_when_it_loads() -> None:
    assert offered(NET, NET)[2] == []


@pytest.mark.parametrize("prefix", ["module.", "_orig_mod.module.", "my_odd_wrapper.", "model.backbone.", "bert_net."])
def test_a_prefix_of_the_file_is_stripped(prefix: str) -> None:
    (edit,) = repaired(prefixed(prefix), NET)
    assert isinstance(edit, StripPrefix)
    assert edit.prefix == prefix


def test_what_stripping_brings_is_said() -> None:
    suggestion = offered(prefixed("module."), NET)[2][0]
    assert str(suggestion.title) == "Strip the prefix “module.”: 11 of 11 tensors then match"


def test_a_prefix_inside_names_is_stripped() -> None:
    wrapped = {name.replace(".", ".module.", 1): shape for name, shape in NET.items()}
    (edit,) = repaired(wrapped, NET)
    assert edit == StripPrefix("module.", anywhere=True)


def test_a_prefix_of_the_model_is_added() -> None:
    assert repaired(NET, prefixed("model.")) == [AddPrefix("model.")]
    assert repaired(NET, prefixed("a.b.c.")) == [AddPrefix("a.b.c.")]


def test_a_prefix_is_added_to_what_lacks_it() -> None:
    body = [name for name in NET if name.startswith("layer")]
    (edit,) = repaired(NET, prefixed("backbone.", names=body))
    assert isinstance(edit, AddPrefix)
    assert edit.names is not None
    assert set(edit.names) == set(body)


def test_a_group_under_another_name_moves() -> None:
    assert repaired(prefixed("encoder."), prefixed("backbone.body.")) == [RenameGroup("encoder", "backbone.body")]


@pytest.mark.parametrize(
    ("old", "new", "pattern_part"),
    [
        ("norm.1.weight", "norm1.weight", "norm"),
        ("norm1.weight", "norm.1.weight", "norm"),
        ("conv_1.weight", "conv1.weight", "conv"),
        ("block.3.conv.2.bias", "block.3.conv2.bias", "conv"),
        ("layers.0.weight", "layers_0.weight", "layers"),
    ],
)
def test_numbers_joined_differently_are_a_pattern(old: str, new: str, pattern_part: str) -> None:
    numbers = range(1, 4)
    file: dict[str, tuple[int, ...]] = {"fc.weight": (3, 3), "features.conv0.weight": (1,)}
    model = dict(file)
    for i in numbers:
        file[f"denseblock1.denselayer{i}.{old}"] = (i,)
        model[f"denseblock1.denselayer{i}.{new}"] = (i,)
    (edit,) = repaired(file, model)
    assert isinstance(edit, RegexRename)
    assert pattern_part in edit.pattern
    # The history says it without the pattern.
    said = str(edit.describe())
    assert said.startswith(f"Rename all like “{pattern_part}")
    assert "(" not in said


def test_two_joined_numbers_in_one_name() -> None:
    file = {f"block_{i}.conv_{j}.weight": (i, j) for i in range(3) for j in range(2)}
    model = {f"block{i}.conv{j}.weight": (i, j) for i in range(3) for j in range(2)}
    (edit,) = repaired(file, model)
    assert isinstance(edit, RegexRename)


def test_old_words_for_weights() -> None:
    file = {f"layer.{i}.LayerNorm.{end}": (i,) for i in range(3) for end in ("gamma", "beta")}
    model = {f"layer.{i}.LayerNorm.{end}": (i,) for i in range(3) for end in ("weight", "bias")}
    (edit,) = repaired(file, model)
    assert isinstance(edit, RenameTensors)
    assert len(edit.pairs) == 6


def test_two_steps_show_one_after_the_other() -> None:
    file = prefixed("module.", NET) | {"module.extra.weight": (3,), "module.extra.bias": (3,)}
    edits = repaired(file, NET)
    assert edits == [StripPrefix("module."), Pop(("extra.weight", "extra.bias"))]


def test_a_tensor_under_another_name_is_renamed_not_popped() -> None:
    file = {name.replace("layer2.conv1.weight", "stem.conv.weight"): shape for name, shape in NET.items()}
    _, _, suggestions = offered(file, NET)
    assert [suggestion.edit for suggestion in suggestions] == [RenameTensor("stem.conv.weight", "layer2.conv1.weight")]
    assert str(suggestions[0].title) == (
        "Rename “stem.conv.weight” to “layer2.conv1.weight”, which has the same shape: 11 of 11 tensors then match"
    )


def test_the_only_ones_of_their_shapes_are_paired() -> None:
    names = {"fc.weight": "head.out.weight", "fc.bias": "head.out.beta", "layer1.conv1.weight": "stem.w0"}
    file = {names.get(name, name): shape for name, shape in NET.items()}
    (edit,) = repaired(file, NET)
    assert isinstance(edit, RenameTensors)
    # Which of the two matrices of layer 1 it is, only its name could tell; all others are there already.
    assert set(edit.pairs) == {(new, old) for old, new in names.items()}


def test_what_may_be_missing_is_not_popped() -> None:
    unlike = {"layer1.conv1.weight": "a.x", "layer1.norm.weight": "b.y"}
    file = {unlike.get(name, name): shape for name, shape in NET.items()} | {"extra": (3, 3, 3)}
    _, _, suggestions = offered(file, NET)
    assert [suggestion.edit for suggestion in suggestions] == [Pop(("extra",))]
    assert str(suggestions[0].title) == "Pop “extra”, which the model does not have: 9 of 11 match"


def test_mismatched_heads_are_popped() -> None:
    file = dict(NET) | {"fc.weight": (100, 4), "fc.bias": (100,)}
    _, _, suggestions = offered(file, NET)
    assert [s.edit for s in suggestions] == [Pop(("fc.weight", "fc.bias"))]
    assert suggestions[0].matched_after == 9


def test_popping_everything_is_not_offered() -> None:
    _, _, suggestions = offered({f"other.{i}": (3,) for i in range(50)} | {"fc.bias": (10,)}, NET)
    assert suggestions == []


def test_what_collides_is_not_offered() -> None:
    file = prefixed("module.") | NET
    _, _, suggestions = offered(file, NET)
    assert all(not isinstance(suggestion.edit, StripPrefix) for suggestion in suggestions)


def test_a_large_model_is_answered_soon() -> None:
    shapes = {f"model.layers.{i // 10}.part{i % 10}.weight": (2,) for i in range(20_000)}
    resolved = model_of(shapes)
    checkpoint = checkpoint_with(state_dict_of(prefixed("module.", shapes)))
    report = compare(checkpoint.active_state_dict, resolved)
    suggestions = quick(2, lambda: suggest(checkpoint, resolved, report))
    assert suggestions[0].edit == StripPrefix("module.")


def test_another_model_is_recognised() -> None:
    other = {f"features.{i}.weight": (i + 20, 7) for i in range(12)} | {"fc.bias": (10,)}
    checkpoint, resolved, suggestions = offered(other, NET)
    report = compare(checkpoint.active_state_dict, resolved)
    assert is_another_model(report, suggestions)
    # Other names alone are no other model.
    renamed = {f"x{i}.w{i}": shape for i, shape in enumerate(NET.values())}
    checkpoint, resolved, suggestions = offered(renamed, NET)
    assert not is_another_model(compare(checkpoint.active_state_dict, resolved), suggestions)
    checkpoint, resolved, suggestions = offered(prefixed("module."), NET)
    assert not is_another_model(compare(checkpoint.active_state_dict, resolved), suggestions)
