"""Every real file opens, and is what real torch (or the safetensors library) says it is."""

from __future__ import annotations

import csv
import warnings
from pathlib import Path

import pytest

from ckpt_studio.core.tensor import Tensor
from ckpt_studio.errors import StudioError
from ckpt_studio.formats.opening import open_checkpoint

# Files of the benign corpus that are no checkpoints by themselves.
NOT_CHECKPOINTS = {"allennlp/simple_tagger_model.tar.gz": "gzip-file"}


def manifest(corpus: Path) -> list[dict[str, str]]:
    with open(corpus / "MANIFEST.tsv", newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file, delimiter="\t"))


def benign(corpus: Path) -> list[tuple[dict[str, str], Path]]:
    return [(row, corpus / row["path"]) for row in manifest(corpus) if not row["path"].startswith("hostile/")]


def test_every_benign_file_opens(corpus: Path) -> None:
    for row, path in benign(corpus):
        expected = NOT_CHECKPOINTS.get(row["path"])
        if expected is not None:
            with pytest.raises(StudioError) as failure:
                open_checkpoint(path)
            assert failure.value.code == expected
            continue
        opened = open_checkpoint(path)
        assert not [f for f in opened.warnings if f.severity == "danger"], row["path"]
        assert not [f for f in opened.warnings if f.code in ("corrupt", "truncated", "trailing-data")], row["path"]


def test_containers_are_named(corpus: Path) -> None:
    words = {"zip": "torch-zip", "legacy-pickle": "torch-legacy", "tar": "torch-tar", "torchscript": "torchscript",
             "plain-pickle": "pickle", "safetensors": "safetensors", "json": "sharded", "distcp": "dcp"}  # fmt: skip
    for row, path in benign(corpus):
        container = row["container"].split(":")[0].split("(")[0]
        if container not in words or path.name == ".metadata":
            continue
        assert open_checkpoint(path).source.format == words[container], row["path"]


def test_same_as_torch(corpus: Path) -> None:
    torch = pytest.importorskip("torch")
    from tests.formats.torch_oracle import our_leaves, require_same, torch_leaves

    compared = 0
    for row, path in benign(corpus):
        if row["container"].split(":")[0] not in ("zip", "legacy-pickle"):
            continue
        devices: dict[int, str] = {}

        def note_device(storage: object, location: str, devices: dict[int, str] = devices) -> object:
            devices[storage._cdata] = location  # type: ignore[attr-defined]
            return storage

        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            try:
                loaded = torch.load(path, map_location=note_device, weights_only=True)
            except Exception:
                # torch's safe loader refuses what it does not know; opening such files is tested above.
                continue
        theirs = torch_leaves(loaded)
        ours = our_leaves(open_checkpoint(path).root)
        assert set(ours) == set(theirs), row["path"]
        for name, tensor in theirs.items():
            require_same(ours[name], tensor, (row["path"], name))
            if tensor.layout is torch.strided and not tensor.is_quantized and tensor.numel():
                location = devices.get(tensor.untyped_storage()._cdata)
                assert location in (None, ours[name].device), (row["path"], name)
        compared += 1
    assert compared >= 60


def test_same_as_torchscript(corpus: Path) -> None:
    torch = pytest.importorskip("torch")
    from tests.formats.torch_oracle import require_same

    compared = 0
    for row, path in benign(corpus):
        if not row["container"].startswith("torchscript"):
            continue
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            try:
                theirs = torch.jit.load(path, map_location="cpu").state_dict()
            except RuntimeError:
                continue
        found = open_checkpoint(path)
        ours = found.active_state_dict.tensors if found.state_dicts else {}
        assert list(ours) == list(theirs), row["path"]
        for name, tensor in theirs.items():
            same = ours[name].with_changes(requires_grad=tensor.requires_grad)
            require_same(same, tensor, (row["path"], name))
        compared += 1
    assert compared >= 4


def test_same_as_safetensors(corpus: Path) -> None:
    torch = pytest.importorskip("torch")
    safetensors = pytest.importorskip("safetensors")
    from tests.formats.torch_oracle import raw

    for path in sorted(corpus.rglob("*.safetensors")):
        try:
            with safetensors.safe_open(path, "pt") as theirs:
                metadata = theirs.metadata()
                tensors = {name: theirs.get_tensor(name) for name in theirs.keys()}  # noqa: SIM118 - no mapping
        except safetensors.SafetensorError:
            with pytest.raises(StudioError):
                open_checkpoint(path)
            continue
        opened = open_checkpoint(path)
        assert dict(opened.metadata) == (metadata or {})
        ours = opened.active_state_dict.tensors if opened.state_dicts else {}
        assert set(ours) == set(tensors)
        for name, tensor in tensors.items():
            assert ours[name].shape == tuple(tensor.shape)
            assert f"torch.{ours[name].dtype}" == str(tensor.dtype)
            source = ours[name].storage.source
            assert source.read(0, source.nbytes) == raw(tensor)
    assert torch is not None


def test_every_tensor_of_the_corpus_reads(corpus: Path) -> None:
    from ckpt_studio.core.data import chunks

    for row, path in benign(corpus):
        if row["path"] in NOT_CHECKPOINTS:
            continue
        for state_dict in open_checkpoint(path).state_dicts:
            for name, tensor in state_dict.tensors.items():
                if tensor.form is None:
                    total = sum(len(piece) for piece in chunks(tensor))
                    assert total == tensor.nbytes, (row["path"], name)


def test_known_findings(corpus: Path) -> None:
    found = {
        "torchtune/tiny_fair_checkpoint.pt": set(),
        "generated-gaps/whole_model.pt": {("note", "needs-torch-classes")},
        "pytorch-vdsr/vdsr_model_epoch_50.pth": {("warning", "unsafe-unknown"), ("note", "needs-torch-classes")},
    }
    for name, expected in found.items():
        opened = open_checkpoint(corpus / name)
        assert {(f.severity, f.message.code) for f in opened.warnings} == expected, name


def test_state_dicts_are_found(corpus: Path) -> None:
    expected = {
        "3ddfa_v2/mb05_120x120.pth": ["state_dict"],
        "chgnet/chgnet_0.3.0_e29f68s314m37.pth.tar": ["model.state_dict"],
        "generated-gaps/train_state.pt": ["model"],
        "generated-gaps/whole_model.pt": [""],
        "pytorch-vdsr/vdsr_model_epoch_50.pth": ["model"],
        "pytorch-a2c-ppo-acktr-gail/ppo-HalfCheetah-v2.pt": ["0"],
        "allennlp/training_state_e1_b0.th": [],
        "practical-pytorch/char-rnn-classification.pt": [""],
        "generated-gaps/dcp/.metadata": ["model"],
    }
    for name, labels in expected.items():
        assert [found.label for found in open_checkpoint(corpus / name).state_dicts] == labels, name


def test_a_shared_storage_is_one_object(corpus: Path) -> None:
    tensors = open_checkpoint(corpus / "generated-gaps" / "bf16_tied.pt").active_state_dict.tensors
    assert len(tensors) == 4
    assert len({id(tensor.storage) for tensor in tensors.values()}) == 1
    assert all(type(tensor) is Tensor for tensor in tensors.values())
