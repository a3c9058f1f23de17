"""Our rules against torch's own `load_state_dict`, on models and state dicts made at random."""

from __future__ import annotations

import random
import re
import warnings
from collections import OrderedDict
from typing import Any

import pytest

from ckpt_studio.compare.rules import KNOWN_LOADING, can_decide, outcome_by_rules, report_by_rules
from ckpt_studio.compare.verdict import report_of
from ckpt_studio.core.checkpoint import StateDict
from ckpt_studio.models.host import worker
from ckpt_studio.models.skeleton import Entry, Module, Skeleton
from tests.clock import quick
from tests.compare.making import state_dict_of

torch = pytest.importorskip("torch")
torchvision = pytest.importorskip("torchvision")
nn = torch.nn

Contents = dict[str, tuple[tuple[int, ...], str]]


def skeleton_from(model: Any) -> Skeleton:
    described = worker.describe(model)
    return Skeleton(
        "test",
        "test",
        tuple(Entry(row[0], tuple(row[1]), *row[2:]) for row in described["entries"]),
        tuple(Module(*row) for row in described["modules"]),
    )


class Own(nn.BatchNorm2d):  # type: ignore[misc,name-defined]
    """A user's subclass, loading as its ancestor does."""


class Local(nn.Module):  # type: ignore[misc,name-defined]
    """A bit of everything that torch's plain loading treats in a special way."""

    def __init__(self) -> None:
        super().__init__()
        self.scale = nn.Parameter(torch.ones(()))
        self.register_buffer("table", torch.zeros(3, 4), persistent=False)
        self.register_buffer("steps", torch.zeros((), dtype=torch.int64))
        self.register_buffer("nothing", None)
        self.own = Own(4)
        self.untracked = nn.BatchNorm1d(4, track_running_stats=False)
        self.plain = nn.InstanceNorm2d(4, affine=True)
        self.tracked = nn.InstanceNorm2d(4, affine=True, track_running_stats=True)
        self.frozen = torchvision.ops.misc.FrozenBatchNorm2d(4)
        self.off = nn.Linear(2, 2)
        self.off = None
        self.shared = nn.Sequential(nn.Conv2d(3, 4, 1, bias=False), nn.BatchNorm2d(4))
        self.again = self.shared
        self.tied = nn.Linear(4, 4, bias=False)
        self.tied.weight = nn.Parameter(torch.zeros(4, 4))
        self.other = nn.Linear(4, 4)
        self.other.weight = self.tied.weight
        self.attention = nn.MultiheadAttention(4, 2)
        self.rnn = nn.LSTM(4, 4, bidirectional=True)


MODELS = [
    "resnet18", "resnext50_32x4d", "densenet121", "vgg11_bn", "mobilenet_v2", "mobilenet_v3_small", "efficientnet_b0",
    "googlenet", "inception_v3", "shufflenet_v2_x0_5", "squeezenet1_0", "convnext_tiny", "regnet_y_400mf", "vit_b_16",
    "swin_t", "maxvit_t", "mnasnet0_5", "mnasnet1_0", "fasterrcnn_resnet50_fpn", "maskrcnn_resnet50_fpn_v2",
    "maskrcnn_resnet50_fpn", "retinanet_resnet50_fpn", "retinanet_resnet50_fpn_v2", "ssd300_vgg16", "fcos_resnet50_fpn",
    "keypointrcnn_resnet50_fpn", "deeplabv3_resnet50", "lraspp_mobilenet_v3_large", "r3d_18", "mvit_v1_b", "raft_small",
    "quantized_mobilenet_v3_large", "quantized_resnet18",
]  # fmt: skip


def built(name: str) -> Any:
    if name == "local":
        return Local().to("meta")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        model = worker.call_builder({"kind": "torchvision", "name": name, "call": "f()", "title": name})[0]
    worker.to_meta(model)
    return model


# Names that torchvision's own loading code turns into today's.
OLD_NAMES = [
    (r"(mlp.*)\.0\.(weight|bias)$", r"\1.linear_1.\2"),
    (r"(mlp.*)\.3\.(weight|bias)$", r"\1.linear_2.\2"),
    (r"(inner_blocks|layer_blocks)\.(\d)\.0\.", r"\1.\2."),
    (r"(rpn\.head)\.conv\.0\.0\.", r"\1.conv."),
    (r"mask_head\.0\.0\.", "mask_head.mask_fcn1."),
    (r"mask_head\.2\.0\.", "mask_head.mask_fcn3."),
    (r"(classification_head|regression_head)\.conv\.(\d)\.0\.", lambda m: f"{m[1]}.conv.{2 * int(m[2])}."),
]


def perturbed(rng: random.Random, contents: Contents, versions: dict[str, Any]) -> tuple[Contents, Any]:
    """The contents with a few things wrong, and a `_metadata` or none."""
    result = dict(contents)
    names = list(result)

    def some(limit: int) -> list[str]:
        return rng.sample(list(result), min(len(result), rng.randint(1, limit)))

    for _ in range(rng.randint(0, 4)):
        change = rng.randrange(9)
        if change == 0:
            for name in some(5):
                del result[name]
        elif change == 1:
            result = {name: what for name, what in result.items() if not name.endswith("num_batches_tracked")}
        elif change == 2:
            for name in some(3):
                result[rng.choice(["module.", "x", "features."]) + name] = result.pop(name)
        elif change == 3:
            for name in some(4):
                shape, kind = result[name]
                result[name] = rng.choice([(*shape, 1), shape[:-1], (*shape[:-1], 17), (1,), (2,), ()]), kind
        elif change == 4:
            for name in some(5):
                result[name] = (result[name][0], rng.choice(["float16", "float64", "int32", "bool", "bfloat16"]))
        elif change == 5:
            for name in rng.sample(names, 2):
                head = name.rpartition(".")[0]
                for odd in rng.sample([f"{head}.odd", f"{name}.deeper", head, f"{head}._extra_state", "epoch", "."], 3):
                    result.setdefault(odd or "root", ((3,), "float32"))
        elif change == 6:
            pattern, new = rng.choice(OLD_NAMES)
            result = {re.sub(pattern, new, name): what for name, what in result.items()}
        elif change == 7:
            for odd in ("off.weight", "nothing", "table", "untracked.running_mean", "plain.running_var"):
                result[odd] = ((3,), "float32")
        else:
            result["frozen.num_batches_tracked"] = ((), "int64")
    recorded: Any = {prefix: dict(facts) for prefix, facts in versions.items()}
    kind = rng.randrange(5)
    if kind == 0:
        recorded = None
    elif kind == 1:
        recorded = {prefix: facts for prefix, facts in recorded.items() if rng.random() < 0.7}
    elif kind == 2:
        recorded = {prefix: {"version": rng.choice([1, 1, 2])} for prefix in recorded}
    return result, recorded


def torchs_own_words(model: Any, contents: Contents, versions: Any) -> tuple[bool, set[str], set[str], set[str]] | None:
    """(ok, missing, unexpected, mismatched) read from the text torch raises; None when it does not get that far."""
    state: Any = OrderedDict(
        (name, torch.empty(shape, dtype=getattr(torch, kind), device="meta"))
        for name, (shape, kind) in contents.items()
    )
    if versions is not None:
        state._metadata = OrderedDict((prefix, dict(facts)) for prefix, facts in versions.items())
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            model.load_state_dict(state, strict=True)
        except ValueError:
            return None
        except RuntimeError as error:
            text = str(error)
        else:
            return True, set(), set(), set()
    listed = {
        word: set(re.findall('"([^"]*)"', "".join(re.findall(rf"^\t{word} key\(s\) in state_dict: (.*)$", text, re.M))))
        for word in ("Missing", "Unexpected")
    }
    return False, listed["Missing"], listed["Unexpected"], set(re.findall(r"size mismatch for (\S+):", text))


@pytest.mark.parametrize("name", ["local", *MODELS])
def test_rules_say_what_torch_says(name: str) -> None:
    model = built(name)
    skeleton = skeleton_from(model)
    assert not skeleton.needs_torch_verdict
    reference = {"kind": "test", "call": "f()", "title": name}
    kept = worker.Built(reference, model, "meta", worker.describe(model), {})
    state = model.state_dict()
    contents = {key: (tuple(value.shape), str(value.dtype)[6:]) for key, value in state.items()}
    versions = {prefix: dict(facts) for prefix, facts in state._metadata.items()}
    rng = random.Random(name)
    judged = 0
    for _ in range(120 if name == "local" else 10):
        changed, recorded = perturbed(rng, contents, versions)
        state_dict = state_dict_of(changed, recorded)
        if not can_decide(state_dict, skeleton):
            assert name.startswith("mnasnet")
            continue
        judged += 1
        report = report_by_rules(state_dict, skeleton)
        missing, mismatched = ({row.name for row in report.with_status(s)} for s in ("missing", "mismatched"))
        unexpected = {row.name for row in report.with_status("unexpected")}
        said = torchs_own_words(model, changed, recorded)
        if said is None:
            # MNASNet refuses a version it does not know before it looks at any name.
            assert report.errors
            assert not report.loads_strict
            continue
        renamed = {row.checkpoint_name: row.name for row in report.rows if row.checkpoint_name != row.name}
        assert (report.loads_strict, missing, mismatched) == (said[0], said[1], said[3])
        # torch names what it does not expect after the module's own renaming.
        assert unexpected == {old for old in changed if renamed.get(old, old) in said[2]} | (said[2] & unexpected)
        assert set(said[2]) - unexpected <= {new for _, new in _old_pairs(changed)}
        matched, failing = outcome_by_rules(state_dict, skeleton)
        assert matched == len(report.matched)
        assert failing == len(report.rows) - len(report.with_status("matched"))
        assert by_host(kept, state_dict, skeleton) == by_status(report)
    assert judged > 3


def _old_pairs(contents: Contents) -> set[tuple[str, str]]:
    """(old name, what torchvision's loading code may make of it)."""
    found = set()
    for name in contents:
        for new in (
            name.replace("linear_1.", "0.").replace("linear_2.", "3."),
            re.sub(r"(inner_blocks|layer_blocks)\.(\d)\.", r"\1.\2.0.", name),
            name.replace("rpn.head.conv.", "rpn.head.conv.0.0."),
            re.sub(r"mask_fcn(\d)\.", lambda m: f"{int(m[1]) - 1}.0.", name),
            re.sub(r"_head\.conv\.(\d)\.", lambda m: f"_head.conv.{int(m[1]) // 2}.0.", name),
        ):
            if new != name:
                found.add((name, new))
    return found


def by_status(report: Any) -> dict[str, set[str]]:
    return {
        "matched": {(row.name, row.checkpoint_name) for row in report.with_status("matched")},
        **{kind: {row.name for row in report.with_status(kind)} for kind in ("missing", "mismatched", "unexpected")},
    }  # type: ignore[dict-item]


def by_host(kept: Any, state_dict: StateDict, skeleton: Skeleton) -> dict[str, set[str]]:
    """The same through the worker's verdict, in this process."""
    from ckpt_studio.models.host.client import _contents

    worker.MODELS.get = lambda reference: kept  # type: ignore[method-assign,assignment]
    try:
        verdict = worker.do_verdict({"reference": kept.reference, **_contents(state_dict)})
    finally:
        del worker.MODELS.get  # type: ignore[method-assign]
    return by_status(report_of(verdict, state_dict, skeleton))


def test_the_worker_and_the_rules_know_the_same_loading_code() -> None:
    assert worker.KNOWN_LOADING == KNOWN_LOADING


def test_batchnorm_forgives_only_old_files() -> None:
    skeleton = skeleton_from(nn.Sequential(nn.BatchNorm2d(2)))
    contents = {f"0.{name}": (2,) for name in ("weight", "bias", "running_mean", "running_var")}
    for versions, forgiven in ((None, True), ({}, True), ({"0": {"version": 1}}, True), ({"0": {"version": 2}}, False)):
        report = report_by_rules(state_dict_of(contents, versions), skeleton)
        assert report.loads_strict is forgiven
        assert [row.note is not None for row in report.rows] == [False] * 4 + [forgiven]
    assert any("BatchNorm itself" in str(note) for note in report_by_rules(state_dict_of(contents), skeleton).notes)


def test_another_checkpoint_forgives_as_the_model_behind_it_would() -> None:
    names = ("bn.weight", "bn.bias", "bn.running_mean", "bn.running_var", "bn.num_batches_tracked", "steps")
    entries = tuple(Entry(name, () if "num" in name or name == "steps" else (2,), "float32") for name in names)
    old = {name: entry.shape for name, entry in zip(names, entries, strict=True) if name != "bn.num_batches_tracked"}
    assert report_by_rules(state_dict_of(old), Skeleton("", "", entries)).loads_strict
    del old["steps"]
    assert not report_by_rules(state_dict_of(old), Skeleton("", "", entries)).loads_strict


def test_notes_say_what_differs_without_failing() -> None:
    skeleton = Skeleton("", "", (Entry("a", (2,), "float32"), Entry("b", (), "float32"), Entry("c", (3,), "int64")))
    report = report_by_rules(state_dict_of({"a": ((2,), "float16"), "b": (1,), "c": ((3,), "int64")}), skeleton)
    assert report.loads_strict
    assert [note.code for note in report.notes] == ["note-scalars", "note-cast"]
    assert all(str(note) for note in report.notes)
    report = report_by_rules(state_dict_of({"a": ["text"], "b": (), "c": (3,)}), skeleton)
    assert not report.loads_strict
    assert report.errors


def test_a_hundred_thousand_names_take_a_fifth_of_a_second() -> None:
    names = [f"model.layers.{i // 10}.block{i % 10}.weight" for i in range(100_000)]
    modules = tuple(Module(f"model.layers.{i}", "torch.nn.modules.batchnorm.BatchNorm2d", 2) for i in range(10_000))
    skeleton = Skeleton("", "", tuple(Entry(name, (64, 64), "float32") for name in names), modules)
    state_dict = StateDict((), dict.fromkeys(names, state_dict_of({"x": (64, 64)}).entries["x"]))
    assert quick(0.2, lambda: report_by_rules(state_dict, skeleton)).loads_strict
