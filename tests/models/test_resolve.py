"""From a reference to something to compare with; and what torch says about written files."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from ckpt_studio.errors import Cancelled, ModelError
from ckpt_studio.models.host import worker
from ckpt_studio.models.host.client import HostClient
from ckpt_studio.models.reference import FileReference, parse_reference
from ckpt_studio.models.resolve import Hosts, resolve
from ckpt_studio.models.trust import CodeRequest
from ckpt_studio.wording import templates

NET = "from torch import nn\ndef net(width=2): return nn.Sequential(nn.Linear(3, width), nn.BatchNorm1d(width))\n"


def test_torchvision_comes_from_the_catalog_without_a_host() -> None:
    model = resolve(parse_reference("torchvision:resnet34(num_classes=10)"))
    assert model.host_model is None
    assert model.skeleton.by_name["fc.weight"].shape == (10, 512)
    assert model.skeleton.reference == "torchvision:resnet34(num_classes=10)"


def test_code_runs_only_when_allowed(tmp_path: Path) -> None:
    pytest.importorskip("torch")
    path = tmp_path / "net.py"
    path.write_text(NET + f"open({str(tmp_path / 'ran')!r}, 'w')\n")
    asked: list[CodeRequest] = []

    def answer(yes: bool) -> Any:
        return lambda request: asked.append(request) or yes

    with Hosts() as hosts:
        reference = FileReference(str(path), "net", (4,))
        with pytest.raises(Cancelled):
            resolve(reference, allow_code=answer(False), hosts=hosts)
        assert not (tmp_path / "ran").exists()
        (tmp_path / "importable.py").write_text(NET)
        with pytest.raises(Cancelled):
            resolve(parse_reference("importable:net", tmp_path), allow_code=answer(False), hosts=hosts)
        model = resolve(reference, allow_code=answer(True), hosts=hosts)
        assert (tmp_path / "ran").exists()
        assert model.skeleton.by_name["0.weight"].shape == (4, 3)
        assert [request.path for request in asked] == [str(path), str(tmp_path / "importable.py"), str(path)]
        assert len({request.digest for request in asked}) == 2
        assert asked[0].interpreter == hosts.client().interpreter


def test_the_hosts_own_end_with_the_model(tmp_path: Path) -> None:
    pytest.importorskip("torch")
    (tmp_path / "net.py").write_text(NET)
    model = resolve(FileReference(str(tmp_path / "net.py"), "net"))
    assert model.host_model is not None
    assert model.host_model.client.pid is not None
    model.close()
    assert model.host_model.client.pid is None


def test_a_missing_file_is_said_before_anything_starts() -> None:
    with pytest.raises(ModelError) as caught:
        resolve(FileReference("/no/such/net.py", "Net"))
    assert caught.value.code == "model-file-missing"


def test_another_checkpoint(tmp_path: Path) -> None:
    torch = pytest.importorskip("torch")
    weight = torch.zeros(3, 4)
    torch.save({"model": {"a.weight": weight, "b.weight": weight}, "ema": {"c": torch.zeros(2)}}, tmp_path / "w.pth")
    model = resolve(parse_reference(str(tmp_path / "w.pth")))
    assert [(entry.name, entry.shape, entry.tied_to) for entry in model.skeleton.entries] == [
        ("a.weight", (3, 4), None), ("b.weight", (3, 4), "a.weight")
    ]  # fmt: skip
    assert [e.name for e in resolve(parse_reference(f"{tmp_path / 'w.pth'}::ema")).skeleton.entries] == ["c"]


def test_the_models_own_fresh_values(host: HostClient, tmp_path: Path) -> None:
    torch = pytest.importorskip("torch")
    from safetensors.torch import load_file

    model = host.build(parse_reference("torchvision:shufflenet_v2_x0_5(num_classes=3)"))
    names = ["fc.weight", "fc.bias", "conv1.1.running_var", "conv1.1.num_batches_tracked"]
    count = host.initial_values(model, names, 7, str(tmp_path / "fill"))
    values = load_file(tmp_path / "fill")
    assert list(values) == names or set(values) == set(names)
    assert count == sum(value.numel() * value.element_size() for value in values.values())
    from torchvision.models import shufflenet_v2_x0_5

    torch.manual_seed(7)
    fresh = shufflenet_v2_x0_5(weights=None, num_classes=3).state_dict()
    assert all(torch.equal(values[name], fresh[name]) for name in names)
    with pytest.raises(ModelError) as caught:
        host.initial_values(model, ["odd"], 7, str(tmp_path / "fill"))
    assert caught.value.code == "model-lacks-names"


def test_the_load_test_gives_torchs_own_words(host: HostClient, tmp_path: Path) -> None:
    torch = pytest.importorskip("torch")
    from safetensors.torch import save_file
    from torchvision.models import resnet18

    weights = resnet18(weights=None, num_classes=3).state_dict()
    torch.save({"state_dict": weights}, tmp_path / "whole.pth")
    save_file(weights, tmp_path / "plain.safetensors")
    reference = parse_reference("torchvision:resnet18(num_classes=3)")
    for path, inner, how in (
        ("whole.pth", ("state_dict",), "torch.load(weights_only=True)"),
        ("plain.safetensors", (), "safetensors.torch.load_file"),
    ):
        result = host.load_test(str(tmp_path / path), reference, inner=inner, forward=True)
        assert (result.read, result.loads_strict, result.how) == (True, True, how)
        assert result.text == "<All keys matched successfully>"
        assert result.forward == {"ok": True, "input": "1×3×224×224", "output": "1×3"}
    other = parse_reference("torchvision:resnet18(num_classes=4)")
    result = host.load_test(str(tmp_path / "plain.safetensors"), other, forward=True)
    assert (result.read, result.loads_strict, result.forward) == (True, False, None)
    assert "size mismatch for fc.weight" in result.text
    result = host.load_test(str(tmp_path / "plain.safetensors"), reference, forward=True, inputs=[[2, 5, 8, 8]])
    assert result.forward is not None
    assert "expected input" in result.forward["error"]
    (tmp_path / "text.pth").write_text("not a checkpoint at all")
    result = host.load_test(str(tmp_path / "text.pth"))
    assert not result.read
    assert result.text


@pytest.mark.slow
@pytest.mark.parametrize("name", ["maskrcnn_resnet50_fpn", "raft_small", "r3d_18", "lraspp_mobilenet_v3_large"])
def test_one_pass_through_models_of_other_kinds(host: HostClient, tmp_path: Path, name: str) -> None:
    pytest.importorskip("torch")
    model = host.build(parse_reference(f"torchvision:{name}"))
    path = str(tmp_path / "fresh.safetensors")
    host.initial_values(model, [entry.name for entry in model.skeleton.entries], 0, path)
    result = host.load_test(path, model.reference, forward=True)
    assert result.loads_strict
    assert result.forward is not None
    assert result.forward["ok"], result.forward


def test_every_refusal_of_the_worker_has_words() -> None:
    text = Path(worker.__file__).read_text(encoding="utf-8")
    codes = set(re.findall(r'(?:Refusal|user_code)\(\s*"([a-z-]+)"', text))
    assert len(codes) > 10
    assert codes <= set(templates())
