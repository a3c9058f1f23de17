"""Ready-made cleanings: offered when they apply, and what each does."""

from __future__ import annotations

from dataclasses import replace

import pytest

from ckpt_studio.core.checkpoint import Checkpoint, Source, StateDict
from ckpt_studio.core.cleanings import averaged_paths, averages, cleanings
from ckpt_studio.core.discovery import likeliest
from ckpt_studio.core.dtypes import dtype
from ckpt_studio.core.edits import UseStateDict, edit_from_json, edit_to_json
from ckpt_studio.core.edits.as_python import as_python
from ckpt_studio.core.storage import MemoryBytes, Storage
from ckpt_studio.core.tensor import Tensor, contiguous
from ckpt_studio.core.tree import Dict
from ckpt_studio.errors import EditError
from tests.core.conftest import checkpoint_of


def tensor(size: int = 2) -> Tensor:
    return contiguous(dtype("float32"), (size,), Storage(MemoryBytes(bytes(4 * size)), "s"))


def training_file() -> Checkpoint:
    """A file as training scripts write it: weights, their average, an optimizer, an epoch."""
    weights = {"module.a.weight": tensor(), "module.a.bias": tensor(3), "module.count": tensor(1)}
    average = {"a.weight": tensor(), "a.bias": tensor(3), "n_averaged": tensor(1)}
    nodes = {"model": Dict(list(weights.items())), "model_ema": Dict(list(average.items()))}
    root = Dict([*nodes.items(), ("optimizer", Dict([("lr", 0.1)])), ("lr_scheduler", Dict([])), ("epoch", 3)])
    state_dicts = (
        StateDict(("model",), weights, nodes["model"]),
        StateDict(("model_ema",), average, nodes["model_ema"]),
    )
    return Checkpoint(Source("made.pth", "torch-zip", 0), root, state_dicts, ("model",))


@pytest.mark.parametrize(
    ("before", "title", "count", "after"),
    [
        (["module.a.w", "module.b"], "DataParallel", 2, ["a.w", "b"]),
        (["_orig_mod.module.a.w", "_orig_mod.module.b"], "torch.compile + DataParallel", 2, ["a.w", "b"]),
        (["model.a.w", "model.b.w"], "Lightning", 2, ["a.w", "b.w"]),
        (["features.module.0.w", "fc.w"], "DataParallel", 1, ["features.0.w", "fc.w"]),
        (["x.denselayer1.norm.1.weight", "y"], "DenseNet", 1, ["x.denselayer1.norm1.weight", "y"]),
        (["ln.gamma", "ln.beta", "gammas.w"], "gamma", 2, ["ln.weight", "ln.bias", "gammas.w"]),
    ],
)
def test_names(before: list[str], title: str, count: int, after: list[str]) -> None:
    checkpoint = checkpoint_of(before)
    offered = [item for item in cleanings(checkpoint) if title in str(item.title)]
    assert [item.count for item in offered] == [count]
    assert edit_from_json(edit_to_json(offered[0].edit)) == offered[0].edit
    assert list(offered[0].edit.apply(checkpoint).active_state_dict.entries) == after


def test_a_clean_file_is_offered_nothing() -> None:
    assert cleanings(checkpoint_of(["conv1.weight", "layer1.0.bn.bias", "fc.weight"])) == []


def test_average_becomes_the_weights_once() -> None:
    checkpoint = training_file()
    (offered,) = [item for item in cleanings(checkpoint) if item.kind == "ema"]
    assert offered.count == 2
    result = offered.edit.apply(checkpoint)
    average = checkpoint.state_dict("model_ema").tensors
    taken = result.active_state_dict.tensors
    assert taken["module.a.weight"] is average["a.weight"]
    assert taken["module.a.bias"] is average["a.bias"]
    assert taken["module.count"] is checkpoint.active_state_dict.tensors["module.count"]
    assert not [item for item in cleanings(result) if item.kind == "ema"]
    assert "averages = checkpoint['model_ema']" in as_python([offered.edit], checkpoint)


def test_average_of_another_file_is_refused() -> None:
    with pytest.raises(EditError, match="no other state dict"):
        UseStateDict(("ema",)).apply(training_file())
    with pytest.raises(EditError, match="no other state dict"):
        UseStateDict(("model",)).apply(training_file())


@pytest.mark.parametrize("form", ["model_ema.a.weight", "model_ema.aweight"])
def test_averages_beside_the_weights(form: str) -> None:
    checkpoint = checkpoint_of(["model.a.weight", "model.b.bias", form, "model_ema.bbias", "model_ema.decay"])
    (offered,) = [item for item in cleanings(checkpoint) if item.kind == "ema"]
    result = offered.edit.apply(checkpoint).active_state_dict
    assert list(result.entries) == ["model.a.weight", "model.b.bias"]
    assert result.tensors["model.a.weight"] is checkpoint.active_state_dict.tensors[form]
    assert "del state_dict[name]" in as_python([offered.edit], checkpoint)


def test_training_state_goes_and_the_rest_stays() -> None:
    checkpoint = training_file()
    (offered,) = [item for item in cleanings(checkpoint) if item.kind == "training"]
    assert offered.count == 2
    assert edit_from_json(edit_to_json(offered.edit)) == offered.edit
    result = offered.edit.apply(checkpoint)
    assert set(result.patches) == {("optimizer",), ("lr_scheduler",)}
    assert not [item for item in cleanings(result) if item.kind == "training"]
    assert "del checkpoint['optimizer']" in as_python([offered.edit], checkpoint)


def test_weights_called_like_training_state_stay() -> None:
    weights = {"optimizer.weight": tensor()}
    root = Dict([("optimizer", Dict(list(weights.items())))])
    checkpoint = replace(
        training_file(), root=root, state_dicts=(StateDict(("optimizer",), weights),), active=("optimizer",)
    )
    assert not [item for item in cleanings(checkpoint) if item.kind == "training"]


def together(sets: dict[str, dict[str, Tensor]]) -> Checkpoint:
    """A file of several state dicts; the first is the active one."""
    nodes = {key: Dict(list(entries.items())) for key, entries in sets.items()}
    state_dicts = tuple(StateDict((key,), entries, nodes[key]) for key, entries in sets.items())
    return Checkpoint(Source("made.pth", "torch-zip", 0), Dict(list(nodes.items())), state_dicts, state_dicts[0].path)


@pytest.mark.parametrize(
    "key", ["ema", "model_ema", "state_dict_ema", "ema_state_dict", "params_ema", "g_ema", "swa", "teacher", "EMA"]
)
def test_averages_are_known_by_their_usual_names(key: str) -> None:
    weights = {"a.weight": tensor(), "a.bias": tensor(3)}
    checkpoint = together({"student": weights, key: {name: tensor(t.shape[0]) for name, t in weights.items()}})
    assert averaged_paths(checkpoint) == {(key,)}
    (offered,) = averages(checkpoint)
    assert (offered.kind, offered.count) == ("ema", 2)
    assert likeliest(checkpoint.state_dicts) == ((key,) if key == "teacher" else ("student",))


def test_another_model_that_teaches_is_no_average() -> None:
    large = {f"blocks.{i}.weight": tensor() for i in range(12)}
    checkpoint = together({"student": {"blocks.0.weight": tensor(), "fc.weight": tensor()}, "teacher": large})
    assert not averaged_paths(checkpoint)
    assert not averages(checkpoint)


@pytest.mark.parametrize("key", ["schema", "demand", "emails", "discriminator", "netD"])
def test_what_is_no_average_is_not_called_so(key: str) -> None:
    weights = {"a.weight": tensor(), "a.bias": tensor(3)}
    assert not averaged_paths(together({"model": weights, key: dict(weights)}))
