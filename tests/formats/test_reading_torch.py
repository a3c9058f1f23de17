"""Files that real torch writes, of every kind, are read as real torch reads them."""

from __future__ import annotations

import collections
import io
import pickle
import warnings
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

torch = pytest.importorskip("torch")

from ckpt_studio.core.checkpoint import Checkpoint  # noqa: E402
from ckpt_studio.core.data import to_numpy  # noqa: E402
from ckpt_studio.core.discovery import describe_value, walk  # noqa: E402
from ckpt_studio.core.dtypes import BY_NAME  # noqa: E402
from ckpt_studio.core.tree import BareStorage  # noqa: E402
from ckpt_studio.errors import StudioError  # noqa: E402
from ckpt_studio.formats import pickle_opcodes  # noqa: E402
from ckpt_studio.formats.export import export, plan_export  # noqa: E402
from ckpt_studio.formats.opening import open_checkpoint  # noqa: E402
from tests.formats.torch_oracle import our_leaves, raw, require_same, torch_leaves  # noqa: E402


def save(path: Path, value: Any, **options: Any) -> Path:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        torch.save(value, path, **options)
    return path


def require_read_as_torch(path: Path) -> Checkpoint:
    """Opens a file twice, here and in torch, and compares every tensor."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        theirs = torch_leaves(torch.load(path, map_location="cpu", weights_only=False))
    opened = open_checkpoint(path)
    ours = our_leaves(opened.root)
    assert set(ours) == set(theirs)
    for name, tensor in theirs.items():
        require_same(ours[name], tensor, name)
    assert not [finding for finding in opened.warnings if finding.severity != "note"]
    return opened


CONTAINERS: dict[str, dict[str, Any]] = {
    "zip": {},
    "legacy": {"_use_new_zipfile_serialization": False},
    "zip-protocol-4": {"pickle_protocol": 4},
    "legacy-protocol-5": {"_use_new_zipfile_serialization": False, "pickle_protocol": 5},
    "zip-protocol-3": {"pickle_protocol": 3},
}


@pytest.fixture(params=sorted(CONTAINERS))
def container(request: pytest.FixtureRequest) -> dict[str, Any]:
    """Options of `torch.save` for one of the containers."""
    return CONTAINERS[request.param]


SUB_BYTE = {f"{sign}int{bits}" for sign in ("", "u") for bits in range(1, 8)}


def every_dtype() -> dict[str, Any]:
    tensors: dict[str, Any] = {}
    for name in BY_NAME:
        dtype = getattr(torch, name, None)
        # torch has sub-byte dtypes and cannot save them.
        if dtype is None or name.startswith(("q", "bits")) or name in SUB_BYTE:
            continue
        width = BY_NAME[name].itemsize
        data = torch.arange(12 * width, dtype=torch.uint8)
        if name == "bool":
            data = data % 2
        tensors[name] = data.view(dtype).reshape(3, 4)
    return tensors


def odd_views() -> dict[str, Any]:
    base = torch.arange(24.0).reshape(2, 3, 4)
    return {
        "base": base,
        "slice": base[1:],
        "transposed": base.permute(2, 0, 1),
        "stepped": base[:, ::2, 1],
        "scalar": base[1, 2, 3],
        "expanded": torch.zeros(1).expand(1000, 7),
        "empty": torch.empty(0, 5),
        "empty slice": base[2:],
        "channels last": torch.zeros(1, 3, 4, 4).contiguous(memory_format=torch.channels_last),
        "five axes": torch.zeros(1, 2, 3, 4, 5),
        "nothing": torch.tensor(3),
    }


def odd_kinds() -> dict[str, Any]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        coo = torch.sparse_coo_tensor(torch.tensor([[0, 1], [1, 0]]), torch.tensor([1.0, 2.0]), (2, 2))
        dense = torch.tensor([[0.0, 1.0, 0.0, 0.0], [2.0, 0.0, 0.0, 3.0]])
        return {
            "parameter": torch.nn.Parameter(torch.ones(2)),
            "frozen": torch.nn.Parameter(torch.ones(2), requires_grad=False),
            "buffer": torch.nn.Buffer(torch.ones(2)),
            "grad": torch.ones(2, requires_grad=True),
            "meta": torch.empty(3, 4, device="meta"),
            "conj": torch.view_as_complex(torch.randn(3, 2)).conj(),
            "neg": torch._neg_view(torch.ones(3)),
            "coo": coo,
            "coalesced": coo.coalesce(),
            "csr": dense.to_sparse_csr(),
            "csc": dense.to_sparse_csc(),
            "bsr": dense.to_sparse_bsr((2, 2)),
            "bsc": dense.to_sparse_bsc((2, 2)),
        }


def quantised() -> dict[str, Any]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        scales, points = torch.tensor([0.1, 0.2]), torch.tensor([1, 2])
        values = torch.randn(2, 3)
        return {
            "tensor": torch.quantize_per_tensor(values, 0.1, 3, torch.quint8),
            "channel": torch.quantize_per_channel(values, scales, points, 0, torch.qint8),
            "wide": torch.quantize_per_tensor(values, 0.1, 0, torch.qint32),
        }


MAKERS: dict[str, Callable[[], dict[str, Any]]] = {
    "dtypes": every_dtype,
    "views": odd_views,
    "kinds": odd_kinds,
    "quantised": quantised,
}


@pytest.mark.parametrize("maker", sorted(MAKERS))
def test_every_kind_of_tensor(tmp_path: Path, container: dict[str, Any], maker: str) -> None:
    tensors = MAKERS[maker]()
    if "_use_new_zipfile_serialization" in container:
        # torch cannot load newer dtypes from the legacy container that it saves them into.
        tensors = {name: t for name, t in tensors.items() if name not in BY_NAME or BY_NAME[name].storage_class}
    path = save(tmp_path / "file.pt", tensors, **container)
    opened = require_read_as_torch(path)
    assert list(opened.active_state_dict.tensors) == list(tensors)


def test_many_tensors(tmp_path: Path, container: dict[str, Any]) -> None:
    """Past 256 memo entries tensors are read in one step; the result is the same."""
    shared = torch.arange(10.0)
    tensors: dict[str, Any] = {f"layer.{i}.weight": torch.full((i % 4 + 1, 3), float(i)) for i in range(150)}
    tensors.update({f"tied.{i}": shared[i % 5 :] for i in range(50)})
    tensors.update({f"half.{i}": torch.zeros(3, i % 3, dtype=torch.bfloat16) for i in range(50)})
    tensors.update({f"count.{i}": torch.tensor(i) for i in range(50)})
    tensors.update({f"grad.{i}": torch.nn.Parameter(torch.zeros(1, 2, 3, 4, 5)) for i in range(50)})
    again = [tensors["tied.3"], tensors["layer.149.weight"], {"x": tensors["count.49"]}]
    path = save(tmp_path / "file.pt", {"model": tensors, "again": again, "epoch": 70_000}, **container)
    opened = require_read_as_torch(path)
    assert opened.active == ("model",)
    ours = our_leaves(opened.root)
    assert ours[("again", 0)] is ours[("model", "tied.3")]
    assert len({id(ours[("model", f"tied.{i}")].storage) for i in range(50)}) == 1


def test_nested_tensors_show_their_parts(tmp_path: Path) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        nested = torch.nested.nested_tensor([torch.ones(2, 3), torch.zeros(1, 3)])
    opened = require_read_as_torch(save(tmp_path / "file.pt", {"nested": nested}))
    form = opened.active_state_dict.tensors["nested"].form
    assert form is not None
    assert form.layout == "nested"
    assert dict(form.parts)["values"].numel == 9


class Tagged(torch.Tensor):
    """A tensor subclass that only this test knows."""


def test_a_tensor_subclass_is_read_without_its_class(tmp_path: Path) -> None:
    tagged = torch.ones(2, 2).as_subclass(Tagged)
    tagged.origin = "here"
    opened = open_checkpoint(save(tmp_path / "file.pt", {"t": tagged}))
    tensor = opened.active_state_dict.tensors["t"]
    assert tensor.form is not None
    assert str(tensor.form.subclass).endswith("Tagged")
    assert tensor.shape == (2, 2)
    assert {finding.severity for finding in opened.warnings} == {"warning"}


def test_bare_storages_and_odd_roots(tmp_path: Path, container: dict[str, Any]) -> None:
    for number, root in enumerate([torch.ones(3), [torch.ones(2), (torch.zeros(1), "x")], (1, 2), "text", None]):
        require_read_as_torch(save(tmp_path / f"{number}.pt", root, **container))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        storages = {"typed": torch.FloatStorage([1.0, 2.0]), "untyped": torch.ones(2).untyped_storage()}
        opened = open_checkpoint(save(tmp_path / "storages.pt", storages, **container))
    found = {path[0]: value for path, value in walk(opened.root) if type(value) is BareStorage}
    assert found["typed"].numel == 2
    assert found["typed"].dtype is BY_NAME["float32"]
    assert found["untyped"].storage.nbytes == 8


def test_keys_of_any_kind(tmp_path: Path, container: dict[str, Any]) -> None:
    root = {1: torch.ones(1), "1": 2, (3, "x"): torch.zeros(1), 2.5: "y", None: 4, False: 5}
    opened = open_checkpoint(save(tmp_path / "file.pt", root, **container))
    assert [key for key, _ in opened.root.items] == list(root)
    assert opened.state_dicts == ()


def test_values_are_described(tmp_path: Path) -> None:
    numpy = pytest.importorskip("numpy")
    root = {
        "epoch": 12, "name": "näme", "big": 1 << 70, "float": 0.5, "complex": 1 + 2j, "bytes": b"\0\xff", "none": None,
        "np": numpy.float64(0.25), "np32": numpy.float32(1.5), "size": torch.Size([1, 2]),
        "device": torch.device("cuda:1"), "dtype": torch.bfloat16, "set": {1}, "empty": [],
    }  # fmt: skip
    opened = open_checkpoint(save(tmp_path / "file.pt", root))
    words = {path[0]: describe_value(value) for path, value in walk(opened.root)}
    assert words == {
        "epoch": "12", "name": "näme", "big": str(1 << 70), "float": "0.5", "complex": "(1+2j)",
        "bytes": "b'\\x00\\xff'", "none": "None", "np": "0.25", "np32": "1.5", "size": "(1, 2)",
        "device": "cuda:1", "dtype": "torch.bfloat16",
        "set": "{1}", "empty": "[]",
    }  # fmt: skip


def test_metadata_becomes_versions(tmp_path: Path, container: dict[str, Any]) -> None:
    network = torch.nn.Sequential(torch.nn.Linear(2, 2), torch.nn.BatchNorm1d(2))
    opened = require_read_as_torch(save(tmp_path / "file.pt", network.state_dict(), **container))
    assert opened.active_state_dict.versions == {
        key: dict(item) for key, item in network.state_dict()._metadata.items()
    }


class Network(torch.nn.Module):
    """A module with everything a state dict may or may not hold."""

    def __init__(self) -> None:
        super().__init__()
        self.inner = torch.nn.Sequential(torch.nn.Linear(2, 3), torch.nn.BatchNorm1d(3))
        self.tied = self.inner[0]
        self.register_buffer("hidden", torch.ones(1), persistent=False)
        self.register_buffer("shown", torch.ones(1))
        self.register_parameter("nothing", None)
        self.attribute = torch.ones(5)


def test_a_whole_module_has_its_state_dict(tmp_path: Path, container: dict[str, Any]) -> None:
    network = Network()
    path = save(tmp_path / "file.pt", {"model": torch.nn.DataParallel(network), "epoch": 3}, **container)
    opened = open_checkpoint(path)
    expected = torch.nn.DataParallel(network).state_dict()
    assert [found.label for found in opened.state_dicts] == ["model"]
    assert opened.state_dicts[0].kind == "module"
    ours = opened.active_state_dict.tensors
    assert list(ours) == list(expected)
    for name, tensor in expected.items():
        assert b"".join(map(bytes, [ours[name].storage.source.read(*ours[name].span())])) == raw(tensor)


def test_an_optimizer_is_not_weights(tmp_path: Path) -> None:
    network = torch.nn.Linear(2, 2)
    optimizer = torch.optim.AdamW(network.parameters())
    network(torch.ones(1, 2)).sum().backward()
    optimizer.step()
    state = {"epoch": 1, "optimizer": optimizer.state_dict(), "net": network.state_dict(), "loss": torch.tensor(0.5)}
    opened = require_read_as_torch(save(tmp_path / "file.pt", state))
    assert [found.label for found in opened.state_dicts] == ["net"]
    assert opened.active == ("net",)


def test_mixed_mappings(tmp_path: Path) -> None:
    state = {"weight": torch.ones(2, 2), "bias": torch.ones(2), "epoch": 5, "config": {"depth": 3}, "seed": 4, "x": 1}
    opened = open_checkpoint(save(tmp_path / "file.pt", state))
    assert [list(found.entries) for found in opened.state_dicts] == [["weight", "bias"]]


def test_the_likeliest_state_dict_is_active(tmp_path: Path) -> None:
    weights = {"a": torch.ones(100)}
    for names, active in ((("ema", "model"), "model"), (("other", "state_dict"), "state_dict"), (("D", "net"), "net")):
        state = {name: {"a": torch.ones(100)} for name in names} | {"small": {"model": torch.ones(1)}}
        assert open_checkpoint(save(tmp_path / "file.pt", state)).active == (active,)
    assert weights


def test_deflated_storages(tmp_path: Path) -> None:
    tensors = {"a": torch.arange(3_000_000, dtype=torch.float32), "b": torch.ones(4)}
    path = save(tmp_path / "file.pt", tensors)
    packed = tmp_path / "packed.pt"
    with zipfile.ZipFile(path) as source, zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as target:
        for item in source.infolist():
            target.writestr(item.filename, source.read(item))
    opened = require_read_as_torch(packed)
    source_bytes = opened.active_state_dict.tensors["a"].storage.source
    data = raw(tensors["a"])
    for start in (11_000_000, 0, 5_000_001, 11_999_990, 4_999_999):
        assert source_bytes.read(start, 10) == data[start : start + 10]


def test_plain_pickles_with_arrays(tmp_path: Path) -> None:
    numpy = pytest.importorskip("numpy")
    arrays = {
        "c": numpy.arange(6, dtype=numpy.float32).reshape(2, 3),
        "f": numpy.asfortranarray(numpy.arange(6, dtype=numpy.int16).reshape(2, 3)),
        "big": numpy.arange(3, dtype=">f8"),
        "empty": numpy.empty((0, 2), numpy.uint8),
    }
    for protocol in range(6):
        path = tmp_path / f"{protocol}.pkl"
        path.write_bytes(pickle.dumps({"model": arrays, "author": "me"}, protocol))
        opened = open_checkpoint(path)
        assert opened.source.format == "pickle"
        assert not opened.warnings
        from ckpt_studio.core.data import to_numpy

        ours = opened.active_state_dict.tensors
        assert opened.active == ("model",)
        for name, array in arrays.items():
            assert ours[name].shape == array.shape
            assert numpy.array_equal(to_numpy(ours[name]), array), (protocol, name)


def test_plain_pickles_with_tensors(tmp_path: Path) -> None:
    path = tmp_path / "file.pkl"
    state = {"a": torch.arange(5.0), "b": torch.ones(2, 3, dtype=torch.bfloat16)}
    path.write_bytes(pickle.dumps(state))
    opened = open_checkpoint(path)
    ours = opened.active_state_dict.tensors
    for name, tensor in state.items():
        require_same(ours[name], tensor)


def test_big_endian(tmp_path: Path) -> None:
    path = save(tmp_path / "file.pt", {"a": torch.tensor([1.0, -2.0]), "b": torch.tensor([[258]], dtype=torch.int16)})
    swapped = tmp_path / "swapped.pt"
    with zipfile.ZipFile(path) as source, zipfile.ZipFile(swapped, "w") as target:
        for item in source.infolist():
            data = source.read(item)
            if item.filename.endswith("byteorder"):
                data = b"big"
            elif item.filename.endswith("data/0"):
                data = data[3::-1] + data[7:3:-1]
            elif item.filename.endswith("data/1"):
                data = data[::-1]
            target.writestr(item.filename, data)
    require_read_as_torch(swapped)


def test_big_endian_legacy(tmp_path: Path) -> None:
    path = save(tmp_path / "file.pt", {"a": torch.tensor([1.0, -2.0])}, _use_new_zipfile_serialization=False)
    data = path.read_bytes()
    count, first, second = data[-16:-8], data[-8:-4], data[-4:]
    # As torch before 0.2 wrote it on such a machine: the number of elements, then the elements, turned round.
    path.write_bytes(data[:-16] + count[::-1] + first[::-1] + second[::-1])
    tensor = open_checkpoint(path).active_state_dict.tensors["a"]
    assert to_numpy(tensor).tolist() == [1.0, -2.0]
    export(plan_export(open_checkpoint(path), tmp_path / "out.pt"))
    assert torch.load(tmp_path / "out.pt", weights_only=True)["a"].tolist() == [1.0, -2.0]


@pytest.mark.parametrize("protocol", [2, 4])
@pytest.mark.parametrize("made", [torch.nn.Parameter, lambda view: view])
def test_tensors_by_the_million(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, protocol: int, made: Any) -> None:
    """The bound on containers is for files that are shorter than what they describe."""
    monkeypatch.setattr(pickle_opcodes, "MAX_CONTAINERS", 100)
    shared = torch.arange(300.0)
    state = {f"layer.{k}.weight": made(shared[k : k + 1]) for k in range(300)}
    opened = open_checkpoint(save(tmp_path / "many.pth", state, pickle_protocol=protocol))
    assert len(opened.active_state_dict.tensors) == 300
    (tmp_path / "hostile.pkl").write_bytes(b"\x80\x02(" + b"}" * 300 + b"l.")
    with pytest.raises(StudioError):
        open_checkpoint(tmp_path / "hostile.pkl")


def test_torchscript_package_and_exported_program(tmp_path: Path) -> None:
    network = torch.nn.Sequential(torch.nn.Linear(3, 4), torch.nn.BatchNorm1d(4)).eval()
    expected = network.state_dict()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        torch.jit.save(torch.jit.script(network), tmp_path / "script.pt")
        torch.jit.save(torch.jit.trace(network, torch.zeros(2, 3)), tmp_path / "trace.pt")
        with torch.package.PackageExporter(tmp_path / "package.pt") as exporter:
            exporter.extern("torch.**")
            exporter.save_pickle("model", "model.pkl", expected)
        torch.export.save(torch.export.export(network, (torch.zeros(2, 3),)), tmp_path / "program.pt2")
    formats = {
        "script.pt": "torchscript",
        "trace.pt": "torchscript",
        "package.pt": "torch-package",
        "program.pt2": "pt2",
    }
    for name, kind in formats.items():
        opened = open_checkpoint(tmp_path / name)
        assert opened.source.format == kind
        ours = opened.active_state_dict.tensors
        assert list(ours) == list(expected), name
        for key, tensor in expected.items():
            assert ours[key].shape == tuple(tensor.shape)
            assert ours[key].storage.source.read(*ours[key].span()) == raw(tensor)


def test_distributed_checkpoint(tmp_path: Path) -> None:
    checkpoints = pytest.importorskip("torch.distributed.checkpoint")
    state = {"model": {"a.weight": torch.arange(12.0).reshape(3, 4), "a.bias": torch.ones(3)}, "epoch": 7}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        checkpoints.save(state, checkpoint_id=tmp_path / "dcp", no_dist=True)
    opened = open_checkpoint(tmp_path / "dcp")
    assert opened.source.format == "dcp"
    ours = opened.active_state_dict.tensors
    assert opened.active == ("model",)
    for name, tensor in state["model"].items():
        require_same(ours[name], tensor)
    assert ("epoch", 7) in [(path[-1], value) for path, value in walk(opened.root)]
    next((tmp_path / "dcp").glob("*.distcp")).unlink()
    broken = open_checkpoint(tmp_path / "dcp")
    assert list(broken.active_state_dict.tensors) == list(ours)
    assert "missing-shard" in {finding.code for finding in broken.warnings}
    with pytest.raises(StudioError):
        broken.active_state_dict.tensors["a.bias"].storage.source.read(0, 4)


def test_sharded_bins(tmp_path: Path) -> None:
    save(tmp_path / "pytorch_model-00001-of-00002.bin", {"a": torch.ones(2)})
    save(tmp_path / "pytorch_model-00002-of-00002.bin", {"b": torch.zeros(3)})
    index = tmp_path / "pytorch_model.bin.index.json"
    names = {"a": "pytorch_model-00001-of-00002.bin", "b": "pytorch_model-00002-of-00002.bin"}
    import json

    index.write_text(json.dumps({"metadata": {"total_size": 20}, "weight_map": names}))
    opened = open_checkpoint(index)
    assert opened.source.format == "sharded"
    assert list(opened.active_state_dict.tensors) == ["a", "b"]
    one = open_checkpoint(tmp_path / "pytorch_model-00001-of-00002.bin")
    assert [finding.code for finding in one.warnings] == ["part-of-set"]
    (tmp_path / "pytorch_model-00002-of-00002.bin").unlink()
    partial = open_checkpoint(index)
    assert list(partial.active_state_dict.tensors) == ["a", "b"]
    assert partial.active_state_dict.tensors["a"].storage.source.read(0, 4) == raw(torch.ones(1))
    with pytest.raises(StudioError) as failure:
        partial.active_state_dict.tensors["b"].storage.source.read(0, 1)
    assert failure.value.code == "shard-missing"


def test_ordered_and_default_dicts(tmp_path: Path, container: dict[str, Any]) -> None:
    inner = collections.OrderedDict([("a", torch.ones(1)), ("b", torch.ones(2))])
    default = collections.defaultdict(list, {"x": [1]})
    buffer = io.BytesIO()
    torch.save(inner, buffer)
    opened = require_read_as_torch(save(tmp_path / "file.pt", {"sd": inner, "d": default}, **container))
    assert opened.root.get("sd").cls.name == "OrderedDict"
    assert opened.root.get("d").cls.name == "defaultdict"
