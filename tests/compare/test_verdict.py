"""The verdict by the host: classes with loading code of their own, and the troubles this product began with."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from ckpt_studio.compare.report import LoadReport
from ckpt_studio.compare.rules import can_decide, report_by_rules
from ckpt_studio.compare.suggest import suggest
from ckpt_studio.compare.verdict import compare
from ckpt_studio.core.checkpoint import Checkpoint, StateDict
from ckpt_studio.core.edits import Pop, RegexRename, StripPrefix
from ckpt_studio.formats.export import export, plan_export
from ckpt_studio.formats.opening import open_checkpoint
from ckpt_studio.models.host.client import HostClient
from ckpt_studio.models.reference import FileReference, Reference, parse_reference
from ckpt_studio.models.resolve import ResolvedModel
from tests.compare.making import checkpoint_with, state_dict_of

torch = pytest.importorskip("torch")

HEAD = "import torch\nfrom torch import nn\n"

QKV = (
    HEAD
    + '''
class Attention(nn.Module):
    """Once three layers, now one; and a norm that was called otherwise."""
    def __init__(self, width=4):
        super().__init__()
        self.qkv = nn.Linear(width, 3 * width)
        self.norm = nn.LayerNorm(width)
        self._register_load_state_dict_pre_hook(self._join)

    def _join(self, state, prefix, *rest):
        for kind in ("weight", "bias"):
            parts = [state.pop(f"{prefix}{name}.{kind}", None) for name in "qkv"]
            if all(part is not None for part in parts):
                state[f"{prefix}qkv.{kind}"] = torch.cat(parts)
            if f"{prefix}ln.{kind}" in state:
                state[f"{prefix}norm.{kind}"] = state.pop(f"{prefix}ln.{kind}")
'''
)


@pytest.fixture
def resolved(host: HostClient, tmp_path: Path) -> Callable[..., ResolvedModel]:
    """Builds a class of source text in the host."""

    def resolved(text: str, qualname: str) -> ResolvedModel:
        path = tmp_path / "net.py"
        path.write_text(text, encoding="utf-8")
        return built(host, FileReference(str(path), qualname))

    return resolved


def built(host: HostClient, reference: Reference | str) -> ResolvedModel:
    found = parse_reference(reference) if isinstance(reference, str) else reference
    model = host.build(found)
    return ResolvedModel(found, model.skeleton, model)


def names(report: LoadReport, status: Any) -> list[str]:
    return [row.name for row in report.with_status(status)]


def test_hooks_that_rename_and_join(resolved: Callable[..., ResolvedModel]) -> None:
    model = resolved(QKV, "Attention")
    assert model.skeleton.needs_torch_verdict
    old = {f"{name}.{kind}": (4, 4) if kind == "weight" else (4,) for name in "qkv" for kind in ("weight", "bias")}
    old |= {"ln.weight": (4,), "ln.bias": (4,)}
    report = compare(state_dict_of(old), model)
    assert (report.loads_strict, report.judge) == (True, "torch")
    assert names(report, "matched") == ["qkv.weight", "qkv.bias", "norm.weight", "norm.bias"]
    rows = {row.name: row for row in report.rows}
    assert rows["norm.weight"].checkpoint_name == "ln.weight"
    assert rows["norm.weight"].note is not None
    assert rows["qkv.weight"].checkpoint_name is None
    assert [note.code for note in report.notes] == ["note-renamed", "note-swallowed"]
    del old["ln.bias"]
    report = compare(state_dict_of(old | {"odd": (3,), "ln.weight": (5,)}), model)
    assert (names(report, "missing"), names(report, "unexpected")) == (["norm.bias"], ["odd"])
    (row,) = report.with_status("mismatched")
    assert (row.name, row.checkpoint_name, row.checkpoint_shape, row.model_shape) == (
        "norm.weight", "ln.weight", (5,), (4,)
    )  # fmt: skip
    assert 'Missing key(s) in state_dict: "norm.bias"' in report.details["text"]


def test_many_verdicts_do_not_change_the_model(resolved: Callable[..., ResolvedModel]) -> None:
    """Lazy modules take their shapes from the first file: the next question must find them as they were."""
    model = resolved(
        HEAD + "def net(): return nn.Sequential(nn.LazyLinear(3), nn.ReLU(), nn.LazyBatchNorm1d())\n", "net"
    )
    assert model.skeleton.needs_torch_verdict
    for width in (5, 6):
        contents: dict[str, Any] = {"0.weight": (3, width), "0.bias": (3,), "2.num_batches_tracked": ((), "int64")}
        contents |= {f"2.{name}": (3,) for name in ("weight", "bias", "running_mean", "running_var")}
        assert compare(state_dict_of(contents), model).loads_strict
    assert not compare(state_dict_of({"0.weight": (3, 5)}), model).loads_strict


@pytest.mark.parametrize("parametrized", ["weight_norm(nn.Linear(3, 4))", "spectral_norm(nn.Linear(3, 4))"])
def test_parametrizations(resolved: Callable[..., ResolvedModel], parametrized: str) -> None:
    model = resolved(HEAD + f"def net(): return torch.nn.utils.parametrizations.{parametrized}\n", "net")
    contents = {entry.name: entry.shape for entry in model.skeleton.entries}
    assert compare(state_dict_of(contents), model).loads_strict
    if "weight_norm" in parametrized:
        old = {"weight_g": (4, 1), "weight_v": (4, 3), "bias": (4,)}
        assert compare(state_dict_of(old), model).loads_strict
    contents["bias"] = (5,)
    assert names(compare(state_dict_of(contents), model), "mismatched") == ["bias"]


def test_extra_state(resolved: Callable[..., ResolvedModel]) -> None:
    text = HEAD + (
        "class Net(nn.Module):\n    def __init__(self):\n        super().__init__()\n        self.l = nn.Linear(1, 1)\n"
        "    def get_extra_state(self): return {'steps': 3}\n"
        "    def set_extra_state(self, state): self.steps = state['steps']\n"
    )
    model = resolved(text, "Net")
    weights: dict[str, Any] = {"l.weight": (1, 1), "l.bias": (1,)}
    assert compare(state_dict_of({**weights, "_extra_state": [{"steps": 3}]}), model).loads_strict
    assert names(compare(state_dict_of(weights), model), "missing") == ["_extra_state"]
    broken = compare(state_dict_of({**weights, "_extra_state": [{"epochs": 3}]}), model)
    assert not broken.loads_strict
    assert broken.errors == ("KeyError: 'steps'",)
    assert "set_extra_state" in broken.details["details"]


def test_loading_code_that_looks_at_values(resolved: Callable[..., ResolvedModel]) -> None:
    text = HEAD + (
        "class Net(nn.Linear):\n    def _load_from_state_dict(self, state, prefix, *rest):\n"
        "        if float(state[prefix + 'weight'].abs().sum()) < 0: raise ValueError\n"
        "        return super()._load_from_state_dict(state, prefix, *rest)\n"
        "def net(): return Net(3, 2)\n"
    )
    assert compare(state_dict_of({"weight": (2, 3), "bias": (2,)}), resolved(text, "net")).loads_strict


def test_a_model_that_loads_in_its_own_way(resolved: Callable[..., ResolvedModel]) -> None:
    text = HEAD + (
        "class Net(nn.Linear):\n    def __init__(self): super().__init__(3, 2)\n"
        "    def load_state_dict(self, state):\n"
        "        return super().load_state_dict({k[7:]: v for k, v in state.items()}, strict=False)\n"
    )
    model = resolved(text, "Net")
    report = compare(state_dict_of({"module.weight": (2, 3), "module.odd": (1,)}), model)
    assert report.loads_strict
    rows = {row.name: row for row in report.rows}
    assert rows["weight"].checkpoint_name == "module.weight"
    assert (rows["bias"].status, rows["bias"].note is not None) == ("missing", True)
    assert (rows["module.odd"].status, rows["module.odd"].note is not None) == ("unexpected", True)


def test_swapping_and_keyword_arguments_of_overrides(resolved: Callable[..., ResolvedModel]) -> None:
    text = HEAD + (
        "class Net(nn.Linear):\n    def __init__(self): super().__init__(3, 2)\n"
        "    def _load_from_state_dict(self, state_dict, prefix, local_metadata, strict, missing_keys,\n"
        "                              unexpected_keys, error_msgs):\n"
        "        super()._load_from_state_dict(state_dict, prefix, local_metadata, strict=strict,\n"
        "            missing_keys=missing_keys, unexpected_keys=unexpected_keys, error_msgs=error_msgs)\n"
        "        error_msgs.append('this class is never content')\n"
    )
    report = compare(state_dict_of({"weight": (2, 3), "bias": (2,)}), resolved(text, "Net"))
    assert not report.loads_strict
    assert report.errors == ("this class is never content",)
    assert len(report.with_status("matched")) == 2


def test_a_restarted_host_answers_for_the_same_model(tmp_path: Path) -> None:
    path = tmp_path / "net.py"
    path.write_text(QKV)
    with HostClient() as client:
        model = built(client, FileReference(str(path), "Attention"))
        contents = {entry.name: entry.shape for entry in model.skeleton.entries}
        client.close()
        assert compare(state_dict_of(contents), model).loads_strict


def test_old_names_of_vision_transformers(host: HostClient) -> None:
    """torchvision's MLPBlock renames `linear_1`; by rules and by torch itself the same rows come out."""
    model = built(host, "torchvision:vit_b_16(num_classes=3)")
    contents = {
        re.sub(r"\.mlp\.([03])\.", lambda m: f".mlp.linear_{1 + int(m[1]) // 3}.", entry.name): entry.shape
        for entry in model.skeleton.entries
    }
    assert model.host_model is not None
    assert can_decide(state_dict_of(contents), model.skeleton)
    for versions, loads in ((None, True), ({"encoder.layers.encoder_layer_0.mlp": {"version": 2}}, False)):
        state_dict = state_dict_of(contents, versions)
        from ckpt_studio.compare.verdict import report_of

        by_torch = report_of(model.host_model.verdict(state_dict), state_dict, model.skeleton)
        by_rules = report_by_rules(state_dict, model.skeleton)
        assert by_torch.loads_strict is by_rules.loads_strict is loads
        assert by_torch.rows == by_rules.rows
        assert [note.code for note in by_rules.notes] == ["note-renamed"]


def open_active(path: Path) -> tuple[Checkpoint, StateDict]:
    checkpoint = open_checkpoint(path)
    return checkpoint, checkpoint.active_state_dict


def test_the_resnet34_of_an_old_torch_against_a_class_with_a_new_block(host: HostClient, tmp_path: Path) -> None:
    from tests.proof.seeds import SE_RESNET, old_data_parallel_resnet34

    old_data_parallel_resnet34(tmp_path / "old.pth.tar")
    (tmp_path / "net.py").write_text(SE_RESNET)
    checkpoint, state_dict = open_active(tmp_path / "old.pth.tar")
    model = built(host, FileReference(str(tmp_path / "net.py"), "SEResNet34"))
    report = compare(state_dict, model)
    assert len(report.with_status("unexpected")) == 182
    first = suggest(checkpoint, model, report)[0]
    assert first.edit == StripPrefix("module.")
    stripped = first.edit.apply(checkpoint)
    report = compare(stripped.active_state_dict, model)
    assert len(report.matched) == first.matched_after == 182
    assert len(report.with_status("matched")) == 218
    assert names(report, "missing") == ["se.fc.0.weight", "se.fc.0.bias", "se.fc.2.weight", "se.fc.2.bias"]
    assert not report.with_status("unexpected")
    assert [str(note) for note in report.notes] == [
        "Missing but forgiven: 36 × num_batches_tracked, filled by BatchNorm itself."
    ]
    assert not suggest(stripped, model, report)


def test_resnet50_with_a_hundred_classes_against_ten(host: HostClient) -> None:
    model = built(host, "torchvision:resnet50(num_classes=10)")
    contents: dict[str, Any] = {entry.name: (entry.shape, entry.dtype) for entry in model.skeleton.entries}
    contents |= {"fc.weight": (100, 2048), "fc.bias": (100,)}
    checkpoint = checkpoint_with(state_dict_of(contents))
    report = compare(checkpoint.active_state_dict, model)
    assert [(row.checkpoint_shape, row.model_shape) for row in report.with_status("mismatched")] == [
        ((100, 2048), (10, 2048)), ((100,), (10,))
    ]  # fmt: skip
    (pop,) = suggest(checkpoint, model, report)
    assert pop.edit == Pop(("fc.weight", "fc.bias"))
    report = compare(pop.edit.apply(checkpoint).active_state_dict, model)
    assert names(report, "missing") == ["fc.weight", "fc.bias"]
    assert not report.with_status("mismatched")


def test_the_densenet_of_2017_is_renamed_by_a_pattern_and_loads(host: HostClient, tmp_path: Path) -> None:
    from tests.proof.seeds import densenet_of_2017

    densenet_of_2017(tmp_path / "densenet.pth")
    checkpoint, state_dict = open_active(tmp_path / "densenet.pth")
    model = built(host, "torchvision:densenet121(num_classes=10)")
    report = compare(state_dict, model)
    assert not report.loads_strict
    best = suggest(checkpoint, model, report)[0]
    assert isinstance(best.edit, RegexRename)
    assert best.matched_after == len(model.skeleton.entries)
    after = best.edit.apply(checkpoint).active_state_dict
    assert compare(after, model).loads_strict
    assert model.host_model is not None
    assert model.host_model.verdict(after)["ok"]


def test_suggestions_for_a_class_with_loading_code_ask_torch(resolved: Callable[..., ResolvedModel]) -> None:
    model = resolved(QKV, "Attention")
    old = {f"module.{name}.{kind}": (4, 4) for name in "qkv" for kind in ("weight", "bias")}
    old = {name: (4,) if name.endswith("bias") else shape for name, shape in old.items()}
    checkpoint = checkpoint_with(state_dict_of(old | {"module.ln.weight": (4,), "module.norm.bias": (4,)}))
    best = suggest(checkpoint, model, compare(checkpoint.active_state_dict, model))[0]
    assert (best.edit, best.matched_after) == (StripPrefix("module."), 4)


@pytest.mark.parametrize(
    "name",
    ["resnet18", "vit_b_16", "maskrcnn_resnet50_fpn", "retinanet_resnet50_fpn", "mobilenet_v3_small", "mnasnet1_0"],
)
def test_the_catalog_gives_torchs_verdict_without_torch(host: HostClient, name: str) -> None:
    from ckpt_studio.models.resolve import resolve

    reference = parse_reference(f"torchvision:{name}(num_classes=3)")
    from_catalog, from_host = resolve(reference), built(host, reference)
    assert from_catalog.host_model is None
    entries = [entry for entry in from_host.skeleton.entries if not entry.name.endswith("num_batches_tracked")]
    contents: dict[str, Any] = {entry.name: (entry.shape, entry.dtype) for entry in entries}
    contents |= {"odd.weight": (3,), entries[0].name: (7,)}
    for versions in (
        None,
        {"": {"version": 2}},
        {module.prefix: {"version": 2} for module in from_host.skeleton.modules},
    ):
        state_dict = state_dict_of(contents, versions)
        assert can_decide(state_dict, from_catalog.skeleton)
        assert from_host.host_model is not None
        verdict = from_host.host_model.verdict(state_dict)
        report = compare(state_dict, from_catalog)
        assert (report.judge, report.loads_strict) == ("rules", verdict["ok"])
        if verdict["completed"]:
            assert set(names(report, "missing")) == set(verdict["missing"])
            assert set(names(report, "mismatched")) == set(verdict["mismatched"])
            assert names(report, "unexpected") == [origin for _, origin in verdict["unexpected"]]
        else:
            assert report.errors == tuple(error.partition(": ")[2] for error in verdict["errors"])


QUANTISED = (
    HEAD
    + """
import warnings
class Net(nn.Module):
    def __init__(self, width=4):
        super().__init__()
        self.fc = nn.Linear(width, 3)
        self.rnn = nn.LSTM(3, 3)
def dynamic(width=4):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return torch.ao.quantization.quantize_dynamic(Net(width), {nn.Linear, nn.LSTM})
def static():
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        model = nn.Sequential(torch.ao.quantization.QuantStub(), nn.Conv2d(3, 4, 3), nn.ReLU()).eval()
        model.qconfig = torch.ao.quantization.get_default_qconfig(torch.backends.quantized.engine)
        torch.ao.quantization.prepare(model, inplace=True)
        model(torch.ones(1, 3, 8, 8))
        return torch.ao.quantization.convert(model)
"""
)


@pytest.mark.filterwarnings("ignore:.*TypedStorage", "ignore:.*[Qq]uantiz")
@pytest.mark.parametrize("name", ["dynamic", "static"])
def test_packed_weights_of_quantised_layers(resolved: Callable[..., ResolvedModel], tmp_path: Path, name: str) -> None:
    model = resolved(QUANTISED, name)
    scope: dict[str, Any] = {}
    exec(QUANTISED, scope)
    state = scope[name]().state_dict()
    torch.save(state, tmp_path / "quantised.pth")
    checkpoint = open_checkpoint(tmp_path / "quantised.pth")
    assert list(checkpoint.active_state_dict.entries) == list(state)
    report = compare(checkpoint.active_state_dict, model)
    assert (report.loads_strict, report.judge, report.errors) == (True, "torch", ())
    assert not names(report, "missing")
    assert not names(report, "unexpected")
    fewer = Pop((next(iter(state)),)).apply(checkpoint).active_state_dict
    assert not compare(fewer, model).loads_strict
    export(plan_export(checkpoint, tmp_path / "out.pth"))
    again = torch.load(tmp_path / "out.pth", weights_only=False)
    assert list(again) == list(state)
    scope[name]().load_state_dict(again)
