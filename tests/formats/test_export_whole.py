"""Whole checkpoints: stand-ins go back as they came, and the original classes load again where they exist."""

from __future__ import annotations

import argparse
import enum
import functools
import pathlib
import pickle
from collections import Counter, OrderedDict, defaultdict
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from ckpt_studio.core.edits import Cast, Pop, PopEntry, RenameTensor, SetDevice, SetValue, StripPrefix
from ckpt_studio.core.tree import Dict, Global, Object
from ckpt_studio.errors import ExportError, StudioError
from ckpt_studio.formats.export import ExportOptions, SaveOutcome, export, plan_export
from ckpt_studio.formats.opening import open_checkpoint
from ckpt_studio.formats.pickle_writer import dumps
from ckpt_studio.formats.storage_plan import StoragePlan

torch = pytest.importorskip("torch")
np = pytest.importorskip("numpy")

WHOLE = ExportOptions(whole=True, overwrite=True)


class Colour(enum.Enum):
    RED = 1
    BLUE = "blue"


class Flags(enum.IntFlag):
    A = 1
    B = 2


@dataclass
class Config:
    depth: int
    names: list[str] = field(default_factory=list)


class Point(NamedTuple):
    x: int
    y: Any


class Slotted:
    __slots__ = ("a", "b")

    def __init__(self) -> None:
        self.a = 1
        self.b = [2]


class AttributeDict(dict[str, Any]):
    """What Lightning's is: a dict whose keys are attributes too."""

    def __getattr__(self, key: str) -> Any:
        try:
            return self[key]
        except KeyError:
            raise AttributeError(key) from None


class Listing(list[Any]):
    note = ""


class Keyword:
    def __new__(cls, *, size: int) -> Keyword:
        self = super().__new__(cls)
        self.size = size
        return self

    def __getnewargs_ex__(self) -> tuple[tuple[()], dict[str, int]]:
        return (), {"size": self.size}


class Outer:
    class Inner:
        def __init__(self) -> None:
            self.value = 5


class Net(torch.nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.body = torch.nn.Sequential(torch.nn.Conv2d(3, 4, 3), torch.nn.BatchNorm2d(4))
        self.again = self.body
        self.head = torch.nn.Linear(4, 2)
        self.register_buffer("scratch", torch.ones(3), persistent=False)
        self.callback = functools.partial(sorted, reverse=True)

    def forward(self, x: Any) -> Any:
        return self.head(self.body(x).mean((2, 3)))


@pytest.fixture(autouse=True)
def importable(monkeypatch: pytest.MonkeyPatch) -> None:
    """Tests are imported by path: pickle needs the module under its name."""
    import sys

    monkeypatch.setitem(sys.modules, __name__, sys.modules.get(__name__) or __import__(__name__))


def written(checkpoint: Any, target: Path) -> SaveOutcome:
    outcome = export(plan_export(checkpoint, target, WHOLE))
    assert outcome.verified
    return outcome


def again(value: Any, folder: Path, **save: Any) -> Any:
    """The value saved by torch, exported whole by us, and loaded by torch."""
    torch.save(value, folder / "in.pth", **save)
    written(open_checkpoint(folder / "in.pth"), folder / "out.pth")
    return torch.load(folder / "out.pth", weights_only=False)


PLAIN: list[Any] = [
    None,
    True,
    0,
    255,
    256,
    -1,
    65_536,
    -(2**31),
    2**31,
    2**63,
    -(2**3000),
    0.1,
    float("inf"),
    1 + 2j,
    "",
    "ü\0\n",
    "x" * 300,
    b"",
    b"\0\xff" * 200,
    bytearray(b"abc"),
    [],
    (),
    {},
    set(),
    frozenset({1}),
    {1, "a"},
    [1, [2, [3]]],
    (1,),
    (1, 2),
    (1, 2, 3),
    (1, 2, 3, 4),
    {1: 2, (1, 2): 3, 0.5: 4, None: 5, "a": {}},
    list(range(2500)),
    {i: i for i in range(2500)},
    OrderedDict(a=1, b=2),
    Counter("hello"),
    defaultdict(list, a=[1]),
    argparse.Namespace(a=1, b=[None]),
    Colour.RED,
    Colour.BLUE,
    Flags.A | Flags.B,
    Config(3, ["a"]),
    Point(1, [2]),
    AttributeDict(a=1, b=AttributeDict(c=2)),
    pathlib.PurePosixPath("/a/b"),
    range(5),
    slice(1, 2),
    int,
    Colour,
    functools.partial(sorted, reverse=True),
    np.float64(0.5),
    np.int32(7),
    np.bool_(True),
    np.arange(6.0).reshape(2, 3),
    np.asfortranarray(np.eye(3, 2)),
    np.array(["a", "bc"]),
    np.array([1, "a", None], dtype=object),
    np.dtype("<f4"),
    np.zeros(0),
    torch.float16,
    torch.Size([1, 2]),
    torch.device("cuda", 1),
]


def equal(a: Any, b: Any) -> bool:
    if type(a) is not type(b):
        return False
    if isinstance(a, np.ndarray):
        return a.dtype == b.dtype and (a.strides == b.strides or a.size == 0) and bool(np.array_equal(a, b))
    if isinstance(a, torch.Tensor):
        return bool(torch.equal(a, b)) and a.stride() == b.stride()
    if isinstance(a, functools.partial):
        return (a.func, a.args, a.keywords) == (b.func, b.args, b.keywords)
    if isinstance(a, dict):
        return list(a) == list(b) and all(equal(a[k], b[k]) for k in a)
    if isinstance(a, list | tuple):
        return len(a) == len(b) and all(equal(x, y) for x, y in zip(a, b, strict=True))
    return bool(a == b)


@pytest.mark.parametrize("protocol", [2, 3, 4, 5])
def test_values_of_every_kind_come_back(tmp_path: Path, protocol: int) -> None:
    result = again({"values": PLAIN, "w": torch.ones(2)}, tmp_path, pickle_protocol=protocol)
    for original, found in zip(PLAIN, result["values"], strict=True):
        assert equal(original, found), repr(original)[:80]
    assert equal(result["w"], torch.ones(2))


@pytest.mark.parametrize("protocol", [2, 4])
def test_objects_with_slots_keywords_and_nested_classes(tmp_path: Path, protocol: int) -> None:
    listing = Listing([1, 2])
    listing.note = "x"
    value = [Slotted(), Keyword(size=4), Outer.Inner(), listing, Outer.Inner]
    result = again(value, tmp_path, pickle_protocol=protocol)
    assert (result[0].a, result[0].b) == (1, [2])
    assert result[1].size == 4
    assert type(result[2]) is Outer.Inner
    assert result[2].value == 5
    assert (list(result[3]), result[3].note, type(result[3])) == ([1, 2], "x", Listing)
    assert result[4] is Outer.Inner


def test_sharing_and_cycles(tmp_path: Path) -> None:
    shared = [1]
    cycle: list[Any] = []
    cycle.append(cycle)
    mapping: dict[str, Any] = {}
    mapping["self"] = mapping
    through: tuple[Any, ...] = ([], 1)
    through[0].append(through)
    long: tuple[Any, ...] = ([], 1, 2, 3)
    long[0].append(long)
    space = argparse.Namespace()
    space.me = space
    key = (1, 2)
    value = {
        "a": shared,
        "b": shared,
        "c": cycle,
        "m": mapping,
        "t": through,
        "l": long,
        "n": space,
        "k1": key,
        "k2": key,
    }
    result = again(value, tmp_path)
    assert result["a"] is result["b"]
    assert result["c"][0] is result["c"]
    assert result["m"]["self"] is result["m"]
    assert result["t"][0][0] is result["t"]
    assert result["l"][0][0] is result["l"]
    assert result["n"].me is result["n"]
    assert result["k1"] is result["k2"]


def test_depth_costs_no_stack() -> None:
    value: Any = []
    for _ in range(100_000):
        value = [value]
    data = dumps(value, StoragePlan([]))
    assert data.count(b"]") >= 100_000


def test_a_training_checkpoint_with_its_state_dict_edited(tmp_path: Path) -> None:
    model = Net()
    optimizer = torch.optim.AdamW(model.parameters(), lr=0.1)
    model(torch.randn(2, 3, 8, 8)).sum().backward()
    optimizer.step()
    value = {
        "epoch": 7,
        "args": argparse.Namespace(lr=0.1, tags=["a"]),
        "before": [torch.ones(2)],
        "state_dict": OrderedDict((f"module.{k}", v) for k, v in model.state_dict().items()),
        "optimizer": optimizer.state_dict(),
        "optimizer_object": optimizer,
        "best": np.float64(0.75),
        "scheduler": Counter(a=1),
    }
    value["state_dict"]._metadata = model.state_dict()._metadata
    torch.save(value, tmp_path / "in.pth")
    checkpoint = open_checkpoint(tmp_path / "in.pth")
    assert checkpoint.active == ("state_dict",)
    checkpoint = StripPrefix("module.").apply(checkpoint)
    checkpoint = Pop(("head.weight", "head.bias")).apply(checkpoint)
    checkpoint = RenameTensor("body.0.weight", "stem.weight").apply(checkpoint)
    checkpoint = SetValue(("epoch",), 8).apply(checkpoint)
    checkpoint = PopEntry(("scheduler",)).apply(checkpoint)
    written(checkpoint, tmp_path / "out.pth")
    result = torch.load(tmp_path / "out.pth", weights_only=False)
    assert list(result) == ["epoch", "args", "before", "state_dict", "optimizer", "optimizer_object", "best"]
    assert result["epoch"] == 8
    assert result["args"] == value["args"]
    assert result["best"] == 0.75
    assert type(result["best"]) is np.float64
    expected = ["stem.weight" if k == "body.0.weight" else k for k in model.state_dict() if not k.startswith("head")]
    assert list(result["state_dict"]) == expected
    assert type(result["state_dict"]) is OrderedDict
    assert result["state_dict"]._metadata["body.1"] == {"version": 2}
    assert torch.equal(result["state_dict"]["stem.weight"], model.body[0].weight)
    old, new = optimizer.state_dict(), result["optimizer"]
    assert old["param_groups"] == new["param_groups"]
    for index, entries in old["state"].items():
        for name, tensor in entries.items():
            assert torch.equal(tensor, new["state"][index][name])
    assert type(result["optimizer_object"]) is torch.optim.AdamW
    result["optimizer_object"].step()


@pytest.mark.parametrize("legacy", [False, True])
@pytest.mark.filterwarnings("ignore:Couldn't retrieve source code")
def test_a_whole_module_comes_back_and_runs(tmp_path: Path, legacy: bool) -> None:
    model = Net().eval()
    result = again(model, tmp_path, _use_new_zipfile_serialization=not legacy)
    assert type(result) is Net
    x = torch.randn(1, 3, 8, 8)
    assert torch.equal(result(x), model(x))
    assert result.again is result.body
    assert isinstance(result.head.weight, torch.nn.Parameter)
    assert result.head.weight.requires_grad
    assert torch.equal(result.scratch, model.scratch)
    assert result.callback([1, 2]) == [2, 1]


class Traced(torch.nn.Module):  # type: ignore[misc]
    """What torch.fx can trace."""

    def __init__(self) -> None:
        super().__init__()
        self.stem = torch.nn.Sequential(torch.nn.Linear(3, 4), torch.nn.BatchNorm1d(4))
        self.head = torch.nn.Linear(4, 2)

    def forward(self, x: Any) -> Any:
        return self.head(self.stem(x).relu())


def test_a_traced_module_has_its_names_takes_edits_and_runs(tmp_path: Path) -> None:
    model = torch.fx.symbolic_trace(Traced().eval())
    result = again(model, tmp_path)
    x = torch.randn(5, 3)
    assert torch.equal(result(x), model(x))
    checkpoint = open_checkpoint(tmp_path / "in.pth")
    (found,) = checkpoint
    assert found.kind == "module"
    assert list(found.tensors) == list(model.state_dict())
    written(Cast("float64").apply(checkpoint), tmp_path / "out.pth")
    changed = torch.load(tmp_path / "out.pth", weights_only=False)
    assert changed.head.weight.dtype == torch.float64
    assert torch.allclose(changed(x.double()), model(x).double(), atol=1e-5)


def test_edits_inside_a_whole_module(tmp_path: Path) -> None:
    torch.save(Net(), tmp_path / "in.pth")
    checkpoint = open_checkpoint(tmp_path / "in.pth")
    changed = Cast("float16", names=("head.weight",)).apply(checkpoint)
    changed = Pop(("head.bias",)).apply(changed)
    written(changed, tmp_path / "out.pth")
    result = torch.load(tmp_path / "out.pth", weights_only=False)
    assert result.head.weight.dtype == torch.float16
    assert isinstance(result.head.weight, torch.nn.Parameter)
    assert "bias" not in result.head._parameters
    for edit, code in [
        (RenameTensor("head.weight", "fc.weight"), "whole-module-renamed"),
        (Pop(("body.0.weight",)), "whole-module-conflict"),
    ]:
        with pytest.raises(ExportError) as caught:
            plan_export(edit.apply(checkpoint), tmp_path / "no.pth", WHOLE)
        assert caught.value.code == code
        assert str(caught.value)


def test_roots_of_every_kind(tmp_path: Path) -> None:
    shared = torch.arange(4.0)
    for value in (
        torch.eye(3),
        [torch.ones(2), 1],
        (shared, shared[1:]),
        torch.nn.Parameter(torch.ones(2)),
        {1: torch.ones(1)},
    ):
        assert equal(again(value, tmp_path), value)


@pytest.mark.filterwarnings("ignore:TypedStorage is deprecated")
def test_bare_storages(tmp_path: Path) -> None:
    tensor = torch.arange(10.0)
    value = {"s": torch.arange(3.0).storage(), "u": torch.ones(3).untyped_storage(), "t": tensor}
    result = again(value, tmp_path)
    assert list(result["s"]) == [0.0, 1.0, 2.0]
    assert bytes(result["u"].tolist()) == bytes(value["u"].tolist())


def test_a_safetensors_file_as_a_whole_pth(tmp_path: Path) -> None:
    save_file = pytest.importorskip("safetensors.torch").save_file
    save_file({"a": torch.ones(2), "b": torch.zeros(3, 1)}, tmp_path / "in.safetensors")
    checkpoint = SetDevice("cuda:0").apply(open_checkpoint(tmp_path / "in.safetensors"))
    written(checkpoint, tmp_path / "out.pth")
    result = torch.load(tmp_path / "out.pth", weights_only=True, map_location="cpu")
    assert sorted(result) == ["a", "b"]
    assert torch.equal(result["b"], torch.zeros(3, 1))


def test_a_set_inside_itself_is_said() -> None:
    stand_in = Object(Global("a", "B"), "newobj")
    around = frozenset({stand_in})
    stand_in.state = Dict([("me", around)])
    with pytest.raises(ExportError) as caught:
        dumps(around, StoragePlan([]))
    assert caught.value.code == "cannot-write-value"


def test_omegaconf_and_lightning(tmp_path: Path) -> None:
    omegaconf = pytest.importorskip("omegaconf")
    config = omegaconf.OmegaConf.create({"model": {"depth": 3, "names": ["a", "${model.depth}"]}, "missing": "???"})
    result = again({"hyper_parameters": config, "w": torch.ones(1)}, tmp_path)
    assert result["hyper_parameters"] == config
    assert result["hyper_parameters"].model.names[1] == 3


@pytest.mark.filterwarnings("ignore")
def test_lightnings_own_attribute_dict(tmp_path: Path) -> None:
    data = pytest.importorskip("lightning_fabric.utilities.data")
    value = {"hyper_parameters": data.AttributeDict(a=1, b=data.AttributeDict(c=[2])), "w": torch.ones(1)}
    result = again(value, tmp_path)
    assert type(result["hyper_parameters"]) is data.AttributeDict
    assert result["hyper_parameters"].b.c == [2]


def test_the_corpus_round_trips_whole(corpus: Path, tmp_path: Path) -> None:
    checked = 0
    for path in sorted(corpus.rglob("*")):
        if not path.is_file() or "hostile" in path.parts or path.stat().st_size > 10_000_000:
            continue
        try:
            original = torch.load(path, weights_only=True, map_location="cpu")
        except Exception:
            continue
        written(open_checkpoint(path), tmp_path / "out.pth")
        result = torch.load(tmp_path / "out.pth", weights_only=True, map_location="cpu")
        assert deep_equal(original, result), path
        checked += 1
    assert checked > 20


@pytest.mark.filterwarnings("ignore:Validating sparse tensor invariants")
@pytest.mark.filterwarnings("ignore:The PyTorch API of nested tensors")
def test_the_plan_knows_whether_torch_reads_it_without_code(corpus: Path, tmp_path: Path) -> None:
    seen = {True: 0, False: 0}
    for path in sorted(corpus.rglob("*")):
        if not path.is_file() or "hostile" in path.parts or path.stat().st_size > 10_000_000:
            continue
        try:
            plan = plan_export(open_checkpoint(path), tmp_path / "out.pth", ExportOptions(whole=True, overwrite=True))
            export(plan)
        except StudioError:
            continue
        try:
            torch.load(tmp_path / "out.pth", weights_only=True, map_location="cpu")
            loads = True
        except pickle.UnpicklingError:
            loads = False
        except RuntimeError:  # damaged before
            continue
        assert plan.weights_only is loads, path
        seen[loads] += 1
    assert min(seen.values()) > 5


def deep_equal(a: Any, b: Any) -> bool:
    if isinstance(a, torch.Tensor):
        if type(a) is not type(b) or a.is_quantized or a.layout != torch.strided or a.is_meta:
            return type(a) is type(b)
        raw = lambda t: t.detach().resolve_conj().resolve_neg().contiguous().reshape(-1).view(torch.uint8)  # noqa: E731
        return a.dtype == b.dtype and a.shape == b.shape and a.stride() == b.stride() and torch.equal(raw(a), raw(b))
    if isinstance(a, dict):
        return type(a) is type(b) and list(a) == list(b) and all(deep_equal(a[k], b[k]) for k in a)
    if isinstance(a, list | tuple):
        return type(a) is type(b) and len(a) == len(b) and all(deep_equal(x, y) for x, y in zip(a, b, strict=True))
    return type(a) is type(b) and bool(a == b or a != a)
