"""What people save besides tensors: never called dangerous, and its harmful neighbours always."""

from __future__ import annotations

import argparse
import collections
import datetime
import decimal
import enum
import fractions
import functools
import pathlib
import random
import types
import uuid
import zoneinfo
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

torch = pytest.importorskip("torch")

import numpy as np  # noqa: E402

from ckpt_studio.core.checkpoint import Finding  # noqa: E402
from ckpt_studio.formats.opening import open_checkpoint  # noqa: E402


class Choice(enum.Enum):
    ONE = 1


def marked() -> Any:
    """A tensor with the marks of `torch.compile`'s users."""
    tensor = torch.ones(4, 4)
    torch._dynamo.mark_dynamic(tensor, 0, min=2, max=8)
    torch._dynamo.mark_static(tensor, 1)
    return tensor


def stepped(name: str) -> Any:
    layer = torch.nn.Linear(2, 2)
    optimizer = getattr(torch.optim, name)(layer.parameters(), lr=0.1)
    layer(torch.ones(1, 2)).sum().backward()
    optimizer.step()
    return optimizer


def schedulers() -> list[Any]:
    kinds = torch.optim.lr_scheduler
    optimizer = torch.optim.SGD(torch.nn.Linear(2, 2).parameters(), lr=0.1)
    return [
        kinds.StepLR(optimizer, 2),
        kinds.CosineAnnealingLR(optimizer, 3),
        kinds.ReduceLROnPlateau(optimizer),
        kinds.OneCycleLR(optimizer, 0.1, 10),
        kinds.ExponentialLR(optimizer, 0.9),
    ]


PLAIN: dict[str, Callable[[], Any]] = {
    "dtypes": lambda: [torch.float32, torch.bfloat16, torch.uint16, torch.float8_e4m3fn, torch.complex32, torch.qint8],
    "size": lambda: torch.ones(2, 3).shape,
    "devices": lambda: [torch.device("cuda:1"), torch.device("cpu")],
    "layouts": lambda: [torch.strided, torch.sparse_coo, torch.sparse_csr],
    "quantization schemes": lambda: [torch.per_tensor_affine, torch.per_channel_symmetric],
    "paths": lambda: [pathlib.Path("a"), pathlib.PurePosixPath("b"), pathlib.PureWindowsPath("c")],
    "times": lambda: [datetime.datetime(2024, 1, 1, tzinfo=datetime.timezone.utc), datetime.timedelta(1)],
    "numbers": lambda: [decimal.Decimal("1.5"), fractions.Fraction(1, 3), complex(1, 2)],
    "collections": lambda: [
        collections.OrderedDict(a=1),
        collections.defaultdict(list, a=[1]),
        collections.defaultdict(collections.OrderedDict),
        collections.Counter("aab"),
        collections.deque([1]),
        collections.UserDict(a=1),
    ],
    "numpy scalars": lambda: [np.float32(1), np.bool_(1), np.datetime64("2020-01-01"), np.complex64(1), np.str_("a")],
    "numpy dtypes": lambda: [np.dtype("f4"), np.dtype("M8[ns]"), np.dtype([("a", "f4"), ("b", "O")])],
    "numpy arrays": lambda: [
        np.ones(3),
        np.array(["a"]),
        np.array([1, "x", None], dtype=object),
        np.ma.array([1, 2], mask=[0, 1]),
        np.rec.array([(1, 2.0)], dtype=[("a", "i4"), ("b", "f4")]),
    ],
    "random states": lambda: [np.random.get_state(), random.getstate(), torch.get_rng_state()],
    "namespaces": lambda: [argparse.Namespace(a=1), types.SimpleNamespace(a=1), uuid.UUID(int=1)],
    "exceptions": lambda: [ValueError("x"), FileNotFoundError(2, "x"), StopIteration()],
    "types": lambda: [int, float, str, dict, list, torch.Tensor, np.ndarray],
    "tensors": lambda: [
        torch.ones(2).to_sparse(),
        torch.ones(2, 2).to_sparse_csr(),
        torch.quantize_per_tensor(torch.ones(2), 0.1, 0, torch.qint8),
        torch.nn.Parameter(torch.ones(2)),
        torch.nn.Buffer(torch.ones(2)),
        torch.ones(2, device="meta"),
        torch.ones(2).untyped_storage(),
    ],
    "gradient scaler": lambda: torch.amp.GradScaler("cpu").state_dict(),
}
# torch's own classes, other libraries, and functions kept for later: named, but no danger.
NAMED: dict[str, Callable[[], Any]] = {
    "marked tensor": marked,
    "jagged": lambda: torch.nested.nested_tensor([torch.ones(2, 3), torch.ones(1, 3)], layout=torch.jagged),
    "schedulers": schedulers,
    "zones": lambda: datetime.datetime(2024, 1, 1, tzinfo=zoneinfo.ZoneInfo("UTC")),
    "generators": lambda: [np.random.default_rng(1), np.random.RandomState(1), np.random.SeedSequence(1)],
    "enum": lambda: Choice.ONE,
    "partial": lambda: functools.partial(torch.add, alpha=2),
    "functions": lambda: [torch.relu, torch.nn.functional.gelu, torch.nn.init.xavier_uniform_, len, max],
    "scaler": lambda: torch.amp.GradScaler("cpu"),
    "losses": lambda: [torch.nn.CrossEntropyLoss(), torch.nn.MSELoss()],
    "data": lambda: torch.utils.data.DataLoader(torch.utils.data.TensorDataset(torch.ones(2)), batch_size=1),
    "distributions": lambda: torch.distributions.Normal(0.0, 1.0),
    "modules": lambda: [
        torch.nn.LSTM(2, 3),
        torch.nn.MultiheadAttention(4, 2),
        torch.nn.Sequential(torch.nn.Conv2d(1, 1, 1), torch.nn.ReLU()),
        torch.nn.ModuleDict({"a": torch.nn.Linear(2, 2)}),
        torch.nn.LazyLinear(3),
        torch.nn.utils.parametrizations.weight_norm(torch.nn.Linear(2, 2)).state_dict(),
    ],
    "compiled": lambda: torch.compile(torch.nn.Linear(2, 2)),
    **{f"optimizer {name}": functools.partial(stepped, name) for name in ("SGD", "AdamW", "Adagrad", "RMSprop")},
}


def warned(folder: Path, value: Any, protocol: int) -> list[Finding]:
    path = folder / "file.pth"
    torch.save({"value": value, "weight": torch.ones(2)}, path, pickle_protocol=protocol)
    return [finding for finding in open_checkpoint(path).warnings if finding.severity != "note"]


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("protocol", [2, 4])
@pytest.mark.parametrize("name", sorted(PLAIN))
def test_plain_values_are_no_code(tmp_path: Path, name: str, protocol: int) -> None:
    assert [str(finding.message) for finding in warned(tmp_path, PLAIN[name](), protocol)] == []


@pytest.mark.parametrize("name", ["contiguous_format", "channels_last", "preserve_format"])
def test_memory_formats_are_named_through_another_module(tmp_path: Path, name: str) -> None:
    path = tmp_path / "file.pkl"
    path.write_bytes(b"\x80\x02]ctorch._utils\ntorch." + name.encode() + b"\na.")
    assert open_checkpoint(path).warnings == ()


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("protocol", [2, 4])
@pytest.mark.parametrize("name", sorted(NAMED))
def test_what_people_keep_is_no_danger(tmp_path: Path, name: str, protocol: int) -> None:
    found = warned(tmp_path, NAMED[name](), protocol)
    assert [str(finding.message) for finding in found if finding.severity == "danger"] == []


FAMILIES = [
    "alexnet",
    "vgg11_bn",
    "resnet18",
    "squeezenet1_0",
    "densenet121",
    "shufflenet_v2_x0_5",
    "mobilenet_v2",
    "mobilenet_v3_small",
    "mnasnet0_5",
    "efficientnet_b0",
    "vit_b_16",
    "convnext_tiny",
    "swin_t",
    "maxvit_t",
    "fcn_resnet50",
    "deeplabv3_resnet50",
    "fasterrcnn_resnet50_fpn",
    "retinanet_resnet50_fpn",
    "ssd300_vgg16",
    "maskrcnn_resnet50_fpn",
    "fcos_resnet50_fpn",
    "raft_small",
    "s3d",
    "r3d_18",
    "mvit_v1_b",
]


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("name", FAMILIES)
def test_whole_models_of_torchvision_are_no_danger(tmp_path: Path, name: str) -> None:
    models = pytest.importorskip("torchvision").models
    extra = (
        {"weights_backbone": None} if any(word in name for word in ("rcnn", "retina", "ssd", "fc", "deeplab")) else {}
    )
    with torch.device("meta"):
        model = models.get_model(name, weights=None, **extra)
    found = warned(tmp_path, model, 2)
    assert [str(finding.message) for finding in found if finding.severity == "danger"] == []


def looked_up_and_called(owner: object, attribute: str, *arguments: object) -> bytes:
    """getattr(owner, attribute)(*arguments), by hand: no pickler looks up that much."""
    module, name = owner.__module__, owner.__name__  # type: ignore[attr-defined]
    data = b"\x80\x02cbuiltins\ngetattr\n" + f"c{module}\n{name}\n".encode()
    data += b"X" + len(attribute).to_bytes(4, "little") + attribute.encode() + b"\x86R("
    for argument in arguments:
        text = str(argument).encode()
        data += b"X" + len(text).to_bytes(4, "little") + text
    return data + b"tR."


def test_the_way_of_a_time_zone_is_open_to_nothing_else(tmp_path: Path) -> None:
    def severities(data: bytes) -> set[str]:
        path = tmp_path / "file.pkl"
        path.write_bytes(data)
        return {finding.severity for finding in open_checkpoint(path).warnings}

    good = looked_up_and_called(zoneinfo.ZoneInfo, "_unpickle", "UTC", "1")
    assert "danger" not in severities(good)
    assert "danger" in severities(looked_up_and_called(zoneinfo.ZoneInfo, "__init_subclass__", "x"))
    assert "danger" in severities(looked_up_and_called(collections.OrderedDict, "fromkeys", "x"))
    # The harmless call beside one that reaches further.
    other = looked_up_and_called(collections.OrderedDict, "__reduce__", "x")
    assert "danger" in severities(good[:-1] + b"0" + other[2:])
    partial = b"cfunctools\npartial\ncbuiltins\ngetattr\n\x85R)R."
    assert "danger" in severities(good[:-1] + b"0" + partial)


@pytest.mark.parametrize(
    "name",
    ["torch._dynamo.guards GuardBuilder.get", "torch._dynamo.eval_frame optimize", "torch._dynamo.hooks Hooks.exec"],
)
def test_other_parts_of_the_compiler_stay_dangerous(tmp_path: Path, name: str) -> None:
    module, attribute = name.split()
    path = tmp_path / "file.pkl"
    path.write_bytes(f"\x80\x02c{module}\n{attribute}\n)R.".encode("latin-1"))
    assert any(finding.severity == "danger" for finding in open_checkpoint(path).warnings)
