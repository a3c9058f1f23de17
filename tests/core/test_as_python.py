"""The script of plain PyTorch gives the same file, bit for bit."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

torch = pytest.importorskip("torch")

from ckpt_studio.core import edits  # noqa: E402
from ckpt_studio.core.edits import Edit, Recipe  # noqa: E402
from ckpt_studio.core.edits.as_python import as_python  # noqa: E402
from ckpt_studio.core.edits.base import _KINDS  # noqa: E402
from ckpt_studio.formats.export import export, plan_export  # noqa: E402
from ckpt_studio.formats.opening import open_checkpoint  # noqa: E402


def recipe(other: Path) -> tuple[Edit, ...]:
    """Every kind of edit at least once."""
    return (
        edits.SetMetadata("k", "v"),
        edits.Activate(("state_dict",)),
        edits.SetValue(("epoch",), 4),
        edits.PopEntry(("optimizer",)),
        edits.PopEntries((("scaler",), ("args",))),
        edits.UseStateDict(("model_ema",)),
        edits.StripPrefix("module"),
        edits.UseAverages("ema"),
        edits.RenameLastParts((("gamma", "scale"),)),
        edits.PatternRename("layers.{n}.*", "blocks.{n}.inner.*"),
        edits.StripPrefix("_orig_mod", anywhere=True),
        edits.AddPrefix("x."),
        edits.RenameGroup("x", ""),
        edits.AddPrefix("y_", ("odd",)),
        edits.RenameTensor("y_odd", "odd"),
        edits.RenameTensors((("fc.weight", "head.weight"), ("fc.bias", "head.bias"))),
        edits.RegexRename(r"norm\.(\d)\.", r"norm\1."),
        edits.Pop(("drop.me",)),
        edits.PopMatching("aux.*"),
        edits.Keep("[!q]*"),
        edits.SelectRows(("head.weight", "head.bias"), (2, 0, 0, -1)),
        edits.AdaptChannels("conv.weight", 1, "sum"),
        edits.AdaptChannels("conv2.weight", 4, "repeat"),
        edits.InterpolatePositions("pos_embed", (4, 4), (6, 7), 1),
        edits.Split("attn.qkv.weight", ("attn.q.weight", "attn.k.weight", "attn.v.weight")),
        edits.Join(("attn.k.weight", "attn.q.weight"), "attn.kq.weight", 1),
        edits.Reshape("point.weight", (5, 1, 3)),
        edits.ApplyMapping((("odd", "swap"), ("keep_not", "odd"), ("swapped", "gone")), (("swap", (1, 2)),), ("odd2",)),
        edits.ApplyMapping((("swap", "odd"), ("odd", "keep_not")), (("point.weight", (5, 3)), ("odd", (2,)))),
        edits.ApplyMapping(
            (), (("whole", (8, 1)),), (),
            (
                ("kq1", (edits.Piece("attn.kq.weight", 3, 4),), 1),
                ("kq0", (edits.Piece("attn.kq.weight", 0, 3), edits.Piece("attn.kq.weight", 7, 1)), 1),
                ("whole", (edits.Piece("head.bias", 0, 4), edits.Piece("norm1.weight", 0, 4)), 0),
            ),
            ("kq0", "head.weight"),
        ),
        edits.ApplyMapping(
            (), (("head.bias", (4,)), ("norm1.weight", (4,))), (),
            (
                ("head.bias", (edits.Piece("whole", 0, 4),), 0), ("norm1.weight", (edits.Piece("whole", 4, 4),), 0),
                ("attn.kq.weight", (edits.Piece("kq1", 0, 4), edits.Piece("kq0", 0, 4)), 1),
            ),
        ),
        edits.AddConstant(("norm1.num_batches_tracked",)),
        edits.TieTensors((("odd", "tied.odd"),)),
        edits.UpdateFrom(str(other), names=("new.weight", "odd")),
        edits.UpdateFrom(
            str(other), "", ("taken.weight", "odd"),
            edits=(edits.RenameTensor("new.weight", "taken.weight"), edits.Cast("float64")),
        ),
        edits.Pop(("taken.weight",)),
        edits.FillMissing(str(other), ("fresh.bias",), "net.py:Net()", 3),
        edits.Cast("float16", glob="head.*"),
        edits.Cast("bfloat16", names=("attn.v.weight", "count")),
        edits.Cast("int32"),
        edits.KeepNames(
            (
                "conv.weight", "conv2.weight", "norm1.weight", "norm1.num_batches_tracked", "attn.kq.weight",
                "attn.v.weight", "head.weight", "head.bias", "pos_embed", "point.weight", "odd", "count",
                "new.weight", "fresh.bias", "blocks.3.inner.scale",
            )
        ),
    )  # fmt: skip


def test_every_edit_as_plain_torch(tmp_path: Path) -> None:
    torch.manual_seed(0)
    shapes = {
        "conv.weight": (4, 3, 2, 2), "conv2._orig_mod.weight": (4, 3, 2, 2), "norm.1.weight": (4,),
        "attn._orig_mod.qkv.weight": (12, 4), "fc.weight": (3, 4), "fc.bias": (3,), "pos_embed": (1, 17, 6),
        "point.weight": (5, 3, 1, 1), "odd": (2,), "drop.me": (1,), "aux.a": (1,), "aux.b": (2,), "quit": (1,),
        "keep_not": (1,), "odd2": (1,), "swapped": (1,), "layers.3.gamma": (2,), "ema.convweight": (4, 3, 2, 2),
    }  # fmt: skip
    state = {"module." + name: torch.randn(shape) for name, shape in shapes.items()}
    state["module.count"] = torch.tensor([5, 6])
    for name in state:
        if state[name].dtype == torch.float32 and name.endswith("odd"):
            state[name] = state[name].to(torch.float64)
    source, other = tmp_path / "in.pth", tmp_path / "other.pth"
    average = {"layers.3.gamma": torch.randn(2), "point.weight": torch.randn(5, 3, 1, 1), "n_averaged": torch.ones(1)}
    rest = {"epoch": 3, "optimizer": {"lr": 0.1}, "scaler": {"scale": 2.0}, "args": {"lr": 1}}
    torch.save({"state_dict": state, "model_ema": average, **rest}, source)
    torch.save({"new.weight": torch.randn(3, 3), "odd": torch.randn(2), "fresh.bias": torch.ones(2)}, other)
    some = recipe(other)
    # A device other than the CPU's cannot be tried everywhere.
    covered = {*(type(edit) for edit in some), edits.SetDevice}
    assert covered == {kind for kind in _KINDS.values() if kind.__module__.startswith("ckpt_studio.core.edits")}

    opened = open_checkpoint(source)
    ours = tmp_path / "ours.pth"
    export(plan_export(Recipe(some).apply(opened), ours))
    theirs = tmp_path / "theirs.pth"
    script = tmp_path / "script.py"
    script.write_text(as_python(some, opened, str(theirs)), encoding="utf-8")
    done = subprocess.run([sys.executable, str(script)], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    first, second = torch.load(ours), torch.load(theirs)
    assert list(first) == list(second)
    for name, value in first.items():
        assert value.dtype == second[name].dtype, name
        assert torch.equal(value, second[name]), name


def test_rules_of_a_mapping_and_tied_rows_are_the_same_in_plain_torch(tmp_path: Path) -> None:
    torch.manual_seed(0)
    state = {
        "wte.weight": torch.randn(9, 8), "h.0.c_attn.weight": torch.randn(8, 24), "h.0.c_attn.bias": torch.randn(24),
        "h.1.c_attn.weight": torch.randn(8, 24), "h.1.c_attn.bias": torch.randn(24), "h.0.sq.w": torch.randn(1, 8, 4),
        "h.1.sq.w": torch.randn(1, 8, 4), "one.weight": torch.randn(6, 4, 1, 1), "a.q": torch.randn(3, 4),
        "a.k": torch.randn(2, 4), "alone": torch.randn(2),
    }  # fmt: skip
    state["lm_head.weight"] = state["wte.weight"]
    columns = "columns, a b -> b a"
    mapping = edits.ApplyMapping(
        (("alone", "single"),),
        rules=(
            edits.NameRule("h.{n}.c_attn.* [1/3]", "layers.{n+1}.q.*", columns),
            edits.NameRule("h.{n}.c_attn.* [2/3]", "layers.{n+1}.k.*", columns),
            edits.NameRule("h.{n}.c_attn.* [3/3]", "layers.{n+1}.v.*", columns),
            edits.NameRule("h.{n}.sq.w", "layers.{n+1}.sq.weight", "1 a b -> b a"),
            edits.NameRule("one.*", "two.*", "a b 1 1 -> a b"),
            edits.NameRule("a.(q + k)", "a.qk"),
        ),
    )
    some = (mapping, edits.SelectRows(("wte.weight", "lm_head.weight"), (*range(9), -1, -1)))
    source, ours, theirs = (tmp_path / f"{name}.pth" for name in ("in", "ours", "theirs"))
    torch.save(state, source)
    opened = open_checkpoint(source)
    export(plan_export(Recipe.from_json(Recipe(some).to_json()).apply(opened), ours))
    script = tmp_path / "script.py"
    script.write_text(as_python(some, opened, str(theirs)), encoding="utf-8")
    done = subprocess.run([sys.executable, str(script)], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    first, second = torch.load(ours), torch.load(theirs)
    assert list(first) == list(second)
    assert first["layers.2.v.weight"].equal(state["h.1.c_attn.weight"].T[16:])
    for name, value in first.items():
        assert torch.equal(value, second[name]), name
    # As torch's `resize_token_embeddings`: what was one tensor stays one.
    for result in (first, second):
        assert result["wte.weight"].shape == (11, 8)
        assert result["wte.weight"].data_ptr() == result["lm_head.weight"].data_ptr()


def test_safetensors_and_hostile_names_are_only_text(tmp_path: Path) -> None:
    from safetensors.torch import load_file, save_file

    evil = "a'+exit(3)+'\"\\\n{x}"
    source, target = tmp_path / "in.safetensors", tmp_path / "out.safetensors"
    save_file({evil: torch.ones(2), "b": torch.zeros(1)}, source)
    some = (edits.RenameTensor(evil, evil + "#"), edits.Pop(("b",)), edits.SetMetadata("k", evil))
    script = tmp_path / "script.py"
    script.write_text(as_python(some, open_checkpoint(source), str(target)), encoding="utf-8")
    done = subprocess.run([sys.executable, str(script)], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert list(load_file(target)) == [evil + "#"]


def test_devices_are_moved_to(tmp_path: Path) -> None:
    source = tmp_path / "in.pth"
    torch.save({"a": torch.ones(2), "b": torch.ones(1)}, source)
    text = as_python([edits.SetDevice("cuda:1", ("a",))], open_checkpoint(source))
    assert "value.to('cuda:1') if torch.is_tensor(value) and name in {'a'}" in text
    compile(text, "script.py", "exec")


def test_edits_on_two_state_dicts_come_back_to_the_first(tmp_path: Path) -> None:
    source, target = tmp_path / "in.pth", tmp_path / "out.pth"
    torch.save({"model": {"module.a": torch.ones(2)}, "ema": {"module.a": torch.zeros(2)}}, source)
    some = (
        edits.StripPrefix("module."),
        edits.Activate(("ema",)),
        edits.AddPrefix("x."),
        edits.Activate(("model",)),
        edits.AddPrefix("y."),
    )
    script = tmp_path / "edit.py"
    script.write_text(as_python(some, open_checkpoint(str(source)), str(target)), encoding="utf-8")
    subprocess.run([sys.executable, script], check=True)
    found = torch.load(target, weights_only=True)
    assert list(found) == ["y.a"]
    assert found["y.a"].tolist() == [1, 1]


def test_a_script_brings_only_what_it_uses(tmp_path: Path) -> None:
    source, fresh = tmp_path / "in.pth", tmp_path / "fresh.safetensors"
    torch.save({"module.a": torch.ones(2), "b": torch.ones(1)}, source)
    opened = open_checkpoint(source)
    assert as_python([edits.Pop(("b",))], opened, "out.pth") == (
        '"""Edits made with Ckpt Studio, as plain PyTorch."""\n\nimport torch\n\n\n'
        'def load(path):\n    """The content of a checkpoint file, on the CPU."""\n'
        '    return torch.load(path, map_location="cpu", weights_only=True)\n\n\n'
        f"checkpoint = load({str(source)!r})\nstate_dict = checkpoint\n\n# Pop “b”\n"
        "for name in ['b']:\n    del state_dict[name]\n\ntorch.save(state_dict, 'out.pth')\n"
    )
    from safetensors.torch import save_file

    save_file({"c": torch.zeros(1)}, fresh)
    fill = edits.FillMissing(str(fresh), ("c",), "net.py:Net()", 3)
    text = as_python([edits.RegexRename("^module[.]", ""), fill], opened, str(tmp_path / "out.pth"))
    assert "keep it with the script" in text
    found = [line for line in text.splitlines() if line.lstrip().startswith(("import ", "from ", "def "))]
    assert [line.split("(")[0].strip() for line in found] == [
        "import re", "import torch", "def load", "from safetensors.torch import load_file", "def rename", "def add",
    ]  # fmt: skip
    script = tmp_path / "edit.py"
    script.write_text(text, encoding="utf-8")
    subprocess.run([sys.executable, script], check=True)
    assert list(torch.load(tmp_path / "out.pth")) == ["a", "b", "c"]
