"""What else people put into checkpoints: opened as torch opens it, no benign value a danger, written back equal."""

from __future__ import annotations

import argparse
import collections
import dataclasses
import datetime
import decimal
import enum
import fractions
import functools
import io
import math
import pathlib
import random
import re
import types
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

torch = pytest.importorskip("torch")
np = pytest.importorskip("numpy")

from ckpt_studio.core.discovery import describe_value, walk  # noqa: E402
from ckpt_studio.formats.export import ExportOptions, export, plan_export  # noqa: E402
from ckpt_studio.formats.opening import open_checkpoint  # noqa: E402
from tests.formats.torch_oracle import our_leaves, require_same, torch_leaves  # noqa: E402

pytestmark = pytest.mark.filterwarnings("ignore")


@dataclasses.dataclass
class Plain:
    weight: Any
    size: int = 1


@dataclasses.dataclass(frozen=True, slots=True)
class Frozen:
    weight: Any
    size: int = 1


class Slots:
    __slots__ = ("__dict__", "size", "weight")

    def __init__(self) -> None:
        self.size, self.weight, self.more = 1, weights(2), "in the dict"


class Restored:
    """Has a state of its own making."""

    def __init__(self) -> None:
        self.weight = weights(3)

    def __getstate__(self) -> dict[str, Any]:
        return {"kept": self.weight}

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.weight = state["kept"]


class Rebuilt:
    """Is made by a call with a tensor."""

    def __init__(self, weight: Any) -> None:
        self.weight = weight

    def __reduce__(self) -> Any:
        return Rebuilt, (self.weight,)


class Colour(enum.Enum):
    RED = 1
    BLUE = "b"


class Switch(enum.Flag):
    A = 1
    B = 2


Pair = collections.namedtuple("Pair", "weight bias")


class Ordered(collections.OrderedDict[str, Any]):
    pass


class Attributes(dict[str, Any]):
    def __getattr__(self, name: str) -> Any:
        return self[name]


def weights(*shape: int) -> Any:
    return torch.arange(1.0, 1 + math.prod(shape)).reshape(shape)


def arrays() -> Any:
    codes = ("bool", "i1", "i2", "i4", "i8", "u1", "u2", "u4", "u8", "f2", "f4", "f8", "c8", "c16")
    found = {code: np.array([1, 0, 1], code) for code in codes}
    found |= {f"big {code}": np.array([1, 2, 3], f">{code}") for code in ("i2", "i8", "f4", "c8")}
    base = np.arange(6.0)
    shapes = {"turned": base[::-1], "T": base.reshape(2, 3).T, "F": np.asfortranarray(base.reshape(2, 3))}
    return found | shapes | {"none": np.zeros((0, 3)), "one": np.array(3.5), "wide": np.broadcast_to(base, (2, 6))}


def arrays_torch_has_no_name_for() -> Any:
    return {
        "text": np.array(["ab", "c"]), "bytes": np.array([b"ab"]), "objects": np.array([1, "x", None], object),
        "days": np.array(["2020-01-01"], "datetime64[D]"), "span": np.array([3], "timedelta64[s]"),
        "record": np.array([(1, 2.0)], [("a", "i4"), ("b", "f8")]), "mask": np.ma.array([1.0, 2.0], mask=[0, 1]),
        "scalars": [np.float16(1), np.int8(2), np.bool_(True), np.complex64(1), np.datetime64("2020-01-01")],
        "dtype": np.dtype("f4"), "weight": weights(2),
    }  # fmt: skip


def containers() -> Any:
    return {
        "defaults": collections.defaultdict(list, {"a": [weights(2)]}), "queue": collections.deque([weights(2), 1], 5),
        "counts": collections.Counter("aab"), "pair": Pair(weights(2), weights(1)), "ordered": Ordered(a=weights(2)),
        "chain": collections.ChainMap({"a": weights(1)}), "user": collections.UserDict(a=weights(1)),
        "sets": [{1.5, "a", (1, 2)}, frozenset("ab")], "space": types.SimpleNamespace(weight=weights(2)),
        "attributes": Attributes(weight=weights(2)), "weight": weights(2),
    }  # fmt: skip


def standard_library() -> Any:
    zone = datetime.timezone(datetime.timedelta(hours=2))
    return {
        "path": pathlib.PurePosixPath("/a/b"), "date": datetime.datetime(2020, 1, 1, tzinfo=zone),
        "span": datetime.timedelta(3), "decimal": decimal.Decimal("1.5"), "part": fractions.Fraction(1, 3),
        "id": uuid.UUID(int=7), "range": range(3), "slice": slice(1, 2, 3), "dots": ..., "complex": 1 + 2j,
        "bytes": bytearray(b"x"), "partial": functools.partial(int, base=2), "pattern": re.compile("a+"),
        "options": argparse.Namespace(lr=1, weight=weights(2)), "type": int, "long": 1 << 4000, "negative": -(1 << 70),
        "nan": math.nan, "inf": -math.inf, "colour": [Colour.RED, Colour.BLUE], "switch": Switch.A | Switch.B,
        "random": random.Random(1).getstate(), "weight": weights(2),
    }  # fmt: skip


def classes() -> Any:
    return {"plain": Plain(weights(2)), "frozen": Frozen(weights(2)), "slots": Slots(), "restored": Restored(),
            "rebuilt": Rebuilt(weights(3)), "weight": weights(2)}  # fmt: skip


def of_torch() -> Any:
    return {
        "device": torch.device("cuda:1"), "dtype": torch.float8_e4m3fn, "size": torch.Size([2, 3]),
        "layout": torch.strided, "storage": torch.FloatStorage([1, 2]), "random": torch.get_rng_state(),
        "loss": torch.nn.CrossEntropyLoss(weight=weights(3)), "class": torch.nn.ReLU,
        "packed": torch.nn.utils.rnn.pack_sequence([weights(3, 1), weights(2, 1)]),
        "largest": torch.max(weights(2, 3), 1),
        "lists": [torch.nn.ParameterList([weights(2)]), torch.nn.ParameterDict({"a": weights(2)})],
        "average": torch.optim.swa_utils.AveragedModel(torch.nn.Linear(2, 2)), "weight": weights(2),
    }  # fmt: skip


def odd_keys() -> Any:
    keys = (1, 2.5, (1, 2), None, True, b"x", "", "a.b", "日本", "\ud800", Colour.RED, torch.float32, 1 + 2j)
    return {key: weights(index) for index, key in enumerate(keys, 1) if key is not True}


def training() -> Any:
    layer = torch.nn.Linear(2, 3)
    optimizer = torch.optim.AdamW([{"params": [layer.weight], "lr": 0.1}, {"params": [layer.bias]}])
    layer(weights(1, 2)).sum().backward()
    optimizer.step()
    inner = io.BytesIO()
    torch.save({"deep": weights(3)}, inner)
    return {
        "epoch": 1, "pytorch-lightning_version": "2.0", "state_dict": layer.state_dict(), "inner": inner.getvalue(),
        "optimizer_states": [optimizer.state_dict()],
        "scheduler": torch.optim.lr_scheduler.StepLR(optimizer, 3).state_dict(),
        "callbacks": {"ModelCheckpoint{'monitor': 'x'}": {"best": torch.tensor(0.5)}}, "scaler": {"scale": 65536.0},
        "hyper_parameters": Attributes(lr=0.1, opt=functools.partial(torch.optim.Adam, lr=0.1)), "args": None,
    }  # fmt: skip


def views() -> Any:
    base, other = weights(12), torch.complex(weights(2, 3), weights(2, 3))
    return {
        "slice": base[2:5], "turned": base.reshape(4, 3).t(), "spread": base[:1].expand(5), "scalar": base[3],
        "overlap": base.as_strided((2, 2), (1, 1)), "none": base[:0], "step": base.reshape(2, 6)[:, ::2], "whole": base,
        "conj": other.conj().t(), "negative": torch.complex(base, base).conj().imag,
        "empty": torch.zeros(3, 0, 2).transpose(0, 2),
    }  # fmt: skip


def deep() -> Any:
    value: Any = weights(2)
    for _ in range(70):
        value = {"x": [value]}
    return value


MAKERS: list[Callable[[], Any]] = [
    arrays, arrays_torch_has_no_name_for, containers, standard_library, classes, of_torch, odd_keys, training, views,
    deep,
]  # fmt: skip


def same(first: Any, second: Any) -> bool:
    """Whether two loaded values are of the same classes and hold the same."""
    if type(first) is not type(second):
        return False
    if isinstance(first, torch.Tensor):
        facts = [(t.dtype, t.shape, t.stride(), t.requires_grad, t.is_conj(), t.is_neg()) for t in (first, second)]
        return facts[0] == facts[1] and torch.equal(first, second)
    if isinstance(first, np.ndarray):
        described = (first.dtype, first.shape) == (second.dtype, second.shape)
        return described and (first.dtype.hasobject or first.tobytes() == second.tobytes())
    if isinstance(first, torch.storage.TypedStorage | torch.UntypedStorage):
        return list(first) == list(second)
    if isinstance(first, float) and math.isnan(first):
        return math.isnan(second)
    if isinstance(first, dict):
        pairs = zip(first.items(), second.items(), strict=True)
        return len(first) == len(second) and all(same(a, c) and same(b, d) for (a, b), (c, d) in pairs)
    if isinstance(first, list | tuple | collections.deque):
        return len(first) == len(second) and all(map(same, first, second))
    slots = [name for name in getattr(type(first), "__slots__", ()) if name != "__dict__" and type(first) in _OURS]
    if slots and not all(same(getattr(first, name), getattr(second, name)) for name in slots):
        return False
    if type(first).__eq__ is object.__eq__ or type(first) in _OURS or isinstance(first, types.SimpleNamespace):
        state = getattr(first, "__dict__", None)
        return state is None or same(state, second.__dict__)
    return bool(first == second) or repr(first) == repr(second)


_OURS = (Plain, Frozen, Slots, Restored, Rebuilt, argparse.Namespace)


@pytest.mark.parametrize("container", [{}, {"_use_new_zipfile_serialization": False}, {"pickle_protocol": 4}])
@pytest.mark.parametrize("maker", MAKERS)
def test_odd_contents(tmp_path: Path, maker: Callable[[], Any], container: dict[str, Any]) -> None:
    path = tmp_path / "odd.pt"
    torch.save(maker(), path, **container)
    wanted = torch.load(path, weights_only=False)
    opened = open_checkpoint(path)
    assert not [str(finding.message) for finding in opened.warnings if finding.severity == "danger"]
    for _, value in walk(opened.root):
        describe_value(value)
    ours = our_leaves(opened.root)
    for where, tensor in torch_leaves(wanted).items():
        if where in ours:
            require_same(ours[where], tensor, where)
    plan = plan_export(opened, tmp_path / "whole.pt", ExportOptions(whole=True))
    assert export(plan).verified
    assert same(wanted, torch.load(tmp_path / "whole.pt", weights_only=False))
    assert _loads_plainly(tmp_path / "whole.pt") or not _loads_plainly(path)
    if opened.state_dicts:
        export(plan_export(opened, tmp_path / "weights.pt"))
        assert _loads_plainly(tmp_path / "weights.pt")


def _loads_plainly(path: Path) -> bool:
    try:
        torch.load(path, weights_only=True)
    except Exception:
        return False
    return True
