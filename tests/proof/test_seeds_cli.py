"""The seeds of the product through the command line, judged by real torch."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

torch = pytest.importorskip("torch")
pytest.importorskip("torchvision")

from ckpt_studio.cli.main import main  # noqa: E402
from tests.proof import seeds  # noqa: E402


def run(capsys: pytest.CaptureFixture[str], *words: object) -> tuple[int, Any]:
    """Exit status and parsed JSON of one command."""
    status = main([str(word) for word in words])
    out = capsys.readouterr().out
    return status, json.loads(out)


def test_resnet34_of_old_torch_against_a_class_with_an_added_block(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file, net, out = tmp_path / "r34.pth.tar", tmp_path / "net.py", tmp_path / "fixed.pth"
    plain = seeds.old_data_parallel_resnet34(file)
    net.write_text(seeds.SE_RESNET)
    model = f"{net}:SEResNet34(num_classes=10)"

    status, listing = run(capsys, "inspect", file, "--json")
    assert status == 0
    assert listing["format"] == "torch-legacy"
    assert [(sd["path"], sd["tensors"], sd["active"]) for sd in listing["state_dicts"]] == [
        ("state_dict", len(plain), True)
    ]

    status, report = run(capsys, "compare", file, "--with", model, "--json")
    assert status == 1
    assert not report["loads_strict"]
    assert len(report["unexpected"]) == len(plain)
    best = report["suggestions"][0]
    assert best["edit"]["edit"] == "strip-prefix"
    assert best["matched_after"] == len(plain) - 2

    status, saved = run(capsys, "export", file, out, "--strip-prefix", "module.", "--pop", "fc.*", "--json")
    assert status == 0
    assert saved["verified"] is True
    status, report = run(capsys, "compare", out, "--with", model, "--json")
    assert status == 1
    assert report["unexpected"] == report["mismatched"] == []
    assert {row["name"].split(".")[0] for row in report["missing"]} == {"se", "fc"}
    assert len(report["matched"]) == len(plain) - 2

    loaded = torch.load(out, weights_only=True)
    assert list(loaded) == [name for name in plain if not name.startswith("fc.")]
    assert all(torch.equal(loaded[name], plain[name]) for name in loaded)


def test_resnet50_with_a_hundred_classes_against_ten(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    from torchvision.models import resnet50

    file, out = tmp_path / "r50.pth", tmp_path / "popped.safetensors"
    torch.save(resnet50(weights=None, num_classes=100).state_dict(), file)
    status, report = run(capsys, "compare", file, "--with", "torchvision:resnet50(num_classes=10)", "--json")
    assert status == 1
    assert {row["name"]: (row["checkpoint_shape"], row["model_shape"]) for row in report["mismatched"]} == {
        "fc.weight": ([100, 2048], [10, 2048]),
        "fc.bias": ([100], [10]),
    }
    assert any(s["edit"]["edit"] in ("pop", "pop-matching") for s in report["suggestions"])
    status, _ = run(
        capsys, "export", file, out, "--with", "torchvision:resnet50(num_classes=10)", "--drop-mismatched", "--json"
    )
    assert status == 0
    from safetensors.torch import load_file

    answer = resnet50(weights=None, num_classes=10).load_state_dict(load_file(out), strict=False)
    assert sorted(answer.missing_keys) == ["fc.bias", "fc.weight"]
    assert answer.unexpected_keys == []


def test_densenet_of_2017_by_regex_then_strictly(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    from torchvision.models import densenet121

    file, out = tmp_path / "densenet.pth", tmp_path / "renamed.pth"
    weights = seeds.densenet_of_2017(file)
    rule = r"(denselayer\d+\.(?:norm|conv))\.(\d)\.=>\1\2."
    status, _ = run(capsys, "export", file, out, "--regex", rule, "--json")
    assert status == 0
    loaded = torch.load(out, weights_only=True)
    densenet121(weights=None, num_classes=10).load_state_dict(loaded, strict=True)
    assert list(loaded) == list(weights)
    status, report = run(capsys, "compare", out, "--with", "torchvision:densenet121(num_classes=10)", "--json")
    assert (status, report["loads_strict"]) == (0, True)


def test_a_file_saved_on_another_gpu(corpus: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = corpus / "3ddfa_v2" / "mb05_120x120.pth"
    status, listing = run(capsys, "inspect", file, "--json")
    assert status == 0
    assert {row["device"] for row in listing["tensors"]} == {"cuda:2"}
    out = tmp_path / "cpu.pth"
    status, _ = run(capsys, "export", file, out, "--device", "cpu", "--json")
    assert status == 0
    original = torch.load(file, map_location="cpu", weights_only=True)
    original = original.get("state_dict", original)
    loaded = torch.load(out, weights_only=True)
    assert list(loaded) == list(original)
    assert all(torch.equal(loaded[name], original[name]) for name in loaded)


def test_a_whole_model_whose_class_is_not_here(
    corpus: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = corpus / "pytorch-vdsr" / "vdsr_model_epoch_50.pth"
    status, listing = run(capsys, "inspect", file, "--json")
    assert status == 0
    active = next(sd for sd in listing["state_dicts"] if sd["active"])
    assert active["tensors"] == 20
    out = tmp_path / "weights.safetensors"
    status, saved = run(capsys, "export", file, out, "--json")
    assert (status, saved["tensors"]) == (0, 20)
    from safetensors.torch import load_file

    assert sorted(load_file(out)) == sorted(row["name"] for row in listing["tensors"])


def test_safetensors_metadata_survives(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    from safetensors import safe_open
    from safetensors.torch import save_file

    file, out = tmp_path / "a.safetensors", tmp_path / "b.safetensors"
    metadata = {"format": "pt", "title": "ünï 中文", "json": '{"a": [1, 2]}'}
    save_file({"model.w": torch.arange(6.0).reshape(2, 3)}, file, metadata=metadata)
    status, listing = run(capsys, "inspect", file, "--json")
    assert (status, listing["metadata"]) == (0, metadata)
    status, _ = run(capsys, "export", file, out, "--strip-prefix", "model.", "--metadata", "step=5", "--json")
    assert status == 0
    with safe_open(out, "pt") as opened:
        assert opened.metadata() == {**metadata, "step": "5"}
        assert list(opened.keys()) == ["w"]


def test_bad_input_is_one_message_and_leaves_everything_alone(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    good, target = tmp_path / "good.pth", tmp_path / "out.pth"
    torch.save({"w": torch.ones(3)}, good)
    whole = good.read_bytes()
    target.write_bytes(b"precious")
    (tmp_path / "empty.pth").write_bytes(b"")
    (tmp_path / "text.pth").write_text("hello, I am a note, not a checkpoint\n")
    (tmp_path / "cut.pth").write_bytes(whole[: len(whole) // 2])
    (tmp_path / "wrong.safetensors").write_bytes(whole[: len(whole) // 3])
    net = tmp_path / "net.py"
    net.write_text(
        "import torch\n"
        "class Net(torch.nn.Module):\n"
        "    def __init__(self):\n"
        "        raise ValueError('no data set here')\n"
    )
    for words in (
        ["inspect", tmp_path / "empty.pth"],
        ["inspect", tmp_path / "text.pth"],
        ["inspect", tmp_path / "cut.pth"],
        ["inspect", tmp_path / "wrong.safetensors"],
        ["inspect", tmp_path],
        ["inspect", tmp_path / "missing.pth"],
        ["compare", good, "--with", "torchvision:resnet3000()"],
        ["compare", good, "--with", f"{net}:Net()"],
        ["compare", good, "--with", f"{net}:Absent()"],
        ["export", good, target],
        ["export", good, tmp_path / "nowhere" / "out.pth"],
        ["export", good, tmp_path / "out.xyz"],
        ["export", good, tmp_path / "out2.pth", "--strip-prefix", "module."],
        ["export", good, tmp_path / "out2.pth", "--regex", "("],
        ["inspect", good, "--state-dict", "nope"],
    ):
        status = main([str(word) for word in words])
        captured = capsys.readouterr()
        lines = captured.err.strip().splitlines()
        assert status == 2, words
        assert lines[0].startswith("ckpt-studio: error: "), captured.err
        assert "Traceback" not in captured.err + captured.out
        assert captured.out == "", words
        status = main([*(str(word) for word in words), "--json"])
        body = json.loads(capsys.readouterr().out)
        assert status == 2
        assert body["error"]["code"]
        assert body["error"]["message"]
    assert good.read_bytes() == whole
    assert target.read_bytes() == b"precious"
    assert sorted(path.name for path in tmp_path.iterdir() if path.suffix not in {".py", ""} ) == [
        "cut.pth", "empty.pth", "good.pth", "out.pth", "text.pth", "wrong.safetensors",
    ]  # fmt: skip
