"""The command line as a script sees it: exact JSON, exit statuses, one-line errors; and as a person sees it."""

from __future__ import annotations

import io
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from ckpt_studio.cli import main as cli
from ckpt_studio.cli.arguments import parse_size
from ckpt_studio.cli.main import main
from ckpt_studio.cli.output import count, grouped, printable, shape_text, table, width
from ckpt_studio.wording.sizes import size

safetensors_numpy = pytest.importorskip("safetensors.numpy")


def save(path: Path, names: Iterable[str] = ("module.a.weight", "module.a.bias", "module.fc.weight")) -> Path:
    rng = np.random.default_rng(7)
    safetensors_numpy.save_file({name: rng.standard_normal((2, 3)).astype("f4") for name in names}, path)
    return path


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return save(tmp_path / "in.safetensors")


def run(capsys: pytest.CaptureFixture[str], *words: object) -> tuple[int, Any]:
    status = main([str(word) for word in [*words, "--json"]])
    captured = capsys.readouterr()
    assert captured.err == "" or status == 2
    return status, json.loads(captured.out)


def text(capsys: pytest.CaptureFixture[str], *words: object) -> tuple[int, str]:
    status = main([str(word) for word in words])
    captured = capsys.readouterr()
    return status, captured.out


def failed(capsys: pytest.CaptureFixture[str], *words: object) -> tuple[str, str]:
    """Code and message; the same line goes to stderr, and no traceback anywhere."""
    status = main([str(word) for word in [*words, "--json"]])
    captured = capsys.readouterr()
    assert status == 2
    (line,) = captured.err.splitlines()
    error = json.loads(captured.out)["error"]
    assert set(error) == {"code", "message"}
    assert line == f"ckpt-studio: error: {error['message']}"
    assert main([str(word) for word in words]) == 2
    plain = capsys.readouterr()
    assert (plain.out, plain.err) == ("", captured.err)
    return error["code"], error["message"]


def names_of(capsys: pytest.CaptureFixture[str], path: Path) -> list[str]:
    return [row["name"] for row in run(capsys, "inspect", path)[1]["tensors"]]


def test_inspect_json_is_the_contract(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    status, body = run(capsys, "inspect", file)
    assert status == 0
    assert list(body) == ["file", "format", "bytes", "state_dicts", "tensors", "values", "metadata", "warnings"]
    assert (body["file"], body["format"], body["bytes"]) == (str(file), "safetensors", file.stat().st_size)
    assert body["state_dicts"] == [{"path": "", "tensors": 3, "parameters": 18, "bytes": 72, "active": True}]
    assert body["tensors"][0] == {
        "state_dict": "", "name": "module.a.bias", "shape": [2, 3], "dtype": "float32", "device": "",
        "bytes": 24, "shared_with": [],
    }  # fmt: skip


def test_inspect_statistics(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    _, body = run(capsys, "inspect", file, "--stats")
    values = safetensors_numpy.load_file(file)
    for row in body["tensors"]:
        assert row["stats"]["max"] == values[row["name"]].max()
        assert row["stats"]["nan"] == 0
    status, listing = text(capsys, "inspect", file, "--stats")
    assert status == 0
    assert "module.fc.weight" in listing
    assert "mean" in listing


@pytest.mark.parametrize(
    ("words", "names"),
    [
        (["--strip-prefix", "module."], ["a.bias", "a.weight", "fc.weight"]),
        (["--strip-prefix", "module", "--pop", "fc.*"], ["a.bias", "a.weight"]),
        (["--pop", "module.fc.*", "--strip-prefix", "module.", "--add-prefix", "net."], ["net.a.bias", "net.a.weight"]),
        (["--rename", "module.a=b.c"], ["b.c.bias", "b.c.weight", "module.fc.weight"]),
        (["--rename", "module.a.bias=x"], ["module.a.weight", "module.fc.weight", "x"]),
        (["--regex", r"module\.(\w+)\.=>\1_"], ["a_bias", "a_weight", "fc_weight"]),
        (["--keep", "*.weight", "--cast", "bf16:*.a.*"], ["module.a.weight", "module.fc.weight"]),
    ],
)
def test_export_edits_in_order(
    words: list[str], names: list[str], file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out, recipe = tmp_path / "out.safetensors", tmp_path / "recipe.json"
    status, body = run(capsys, "export", file, out, *words, "--save-recipe", recipe)
    assert status == 0
    assert list(body) == ["output", "tensors", "bytes", "edits", "verified", "seconds"]
    assert (body["output"], body["tensors"], body["edits"]) == (str(out), len(names), len(words) // 2)
    assert body["verified"] is True
    assert body["bytes"] == out.stat().st_size
    assert sorted(names_of(capsys, out)) == names
    again = tmp_path / "again.safetensors"
    assert run(capsys, "export", file, again, "--recipe", recipe)[0] == 0
    assert again.read_bytes() == out.read_bytes()


def test_export_options(file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "out.weights"
    assert (
        run(capsys, "export", file, out, "--format", "safetensors", "--metadata", "a=b=c", "--metadata", "k=")[0] == 0
    )
    _, listing = run(capsys, "inspect", out)
    assert listing["metadata"]["a"] == "b=c"
    assert listing["metadata"]["k"] == ""
    code, said = failed(capsys, "export", file, out, "--format", "safetensors")
    assert code == "target-exists"
    assert "--force" in said
    assert run(capsys, "export", file, out, "--format", "safetensors", "--force", "--quiet")[0] == 0
    status, said = text(capsys, "export", file, tmp_path / "b.pth", "--cast", "half", "--device", "cuda:0")
    assert (status, "verified" in said) == (0, True)
    rows = run(capsys, "inspect", tmp_path / "b.pth")[1]["tensors"]
    assert {(row["dtype"], row["device"]) for row in rows} == {("float16", "cuda:0")}
    assert text(capsys, "export", file, tmp_path / "c.pth", "--quiet") == (0, "")


def test_a_recipe_that_cannot_be_written_is_found_out_first(
    file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "out.safetensors"
    for place in (tmp_path / "absent" / "recipe.json", tmp_path):
        code, said = failed(capsys, "export", file, out, "--strip-prefix", "module.", "--save-recipe", place)
        assert code == "recipe-unwritable"
        assert str(place) in said
        assert not out.exists()
    # And an export that fails leaves no recipe.
    recipe = tmp_path / "recipe.json"
    failed(capsys, "export", file, tmp_path / "absent" / "out.pth", "--save-recipe", recipe)
    assert not recipe.exists()


@pytest.mark.filterwarnings("ignore:.*nested tensors")
def test_what_a_cast_cuts_and_leaves_is_said(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    torch = pytest.importorskip("torch")
    shared = torch.ones(4, 3)
    torch.save({"a.weight": shared, "b.weight": shared}, tmp_path / "tied.pth")
    _, said = text(capsys, "export", tmp_path / "tied.pth", tmp_path / "1.pth", "--cast", "float16")
    assert "two names" not in said
    loaded = torch.load(tmp_path / "1.pth", weights_only=True)
    assert loaded["a.weight"].data_ptr() == loaded["b.weight"].data_ptr()
    _, said = text(capsys, "export", tmp_path / "tied.pth", tmp_path / "2.pth", "--cast", "float16:a.*")
    assert "“a.weight” and “b.weight” were one tensor" in said
    nested = torch.nested.nested_tensor([torch.ones(2), torch.ones(3)])
    torch.save({"plain": torch.ones(2), "ragged": nested}, tmp_path / "nested.pth")
    _, said = text(capsys, "export", tmp_path / "nested.pth", tmp_path / "3.pth", "--cast", "float16")
    assert "“ragged”, is not converted" in said


def test_compare_with_another_checkpoint(file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    model = save(tmp_path / "model.safetensors", ("a.weight", "a.bias", "head.weight"))
    status, body = run(capsys, "compare", file, "--with", model)
    assert status == 1
    assert list(body) == ["loads_strict", "matched", "missing", "unexpected", "mismatched", "suggestions"]
    assert body["loads_strict"] is False
    assert {"name": "head.weight", "shape": [2, 3], "dtype": "float32"} in body["missing"]
    best = body["suggestions"][0]
    assert (best["edit"], best["matched_after"]) == ({"edit": "strip-prefix", "prefix": "module."}, 2)
    status, said = text(capsys, "compare", file, "--with", model)
    assert status == 1
    assert "module.{a,fc}.weight" in said or "module.a.{bias,weight}" in said or "module.a.{weight,bias}" in said
    fixed = tmp_path / "fixed.safetensors"
    words = ["--strip-prefix", "module.", "--drop-unexpected", "--fill-missing", "--with", model]
    assert run(capsys, "export", file, fixed, *words)[0] == 0
    status, body = run(capsys, "compare", fixed, "--with", model)
    assert (status, body["loads_strict"], body["suggestions"]) == (0, True, [])


def test_mismatched_shapes_are_dropped_or_resized(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    here, model = tmp_path / "a.safetensors", tmp_path / "m.safetensors"
    shapes = {
        "fc.weight": ((5, 4), (3, 4)),
        "fc.bias": ((5,), (3,)),
        "odd": ((2, 2), (7,)),
        "c": ((4, 3, 1, 1), (4, 3)),
    }
    for path, side in ((here, 0), (model, 1)):
        safetensors_numpy.save_file({n: np.ones(s[side], "f4") for n, s in shapes.items()}, path)
    out = tmp_path / "o.safetensors"
    status, said = text(capsys, "export", here, out, "--with", model, "--resize-mismatched")
    assert (status, "odd" in said) == (0, True)
    found = {row["name"]: row["shape"] for row in run(capsys, "inspect", out)[1]["tensors"]}
    assert found == {"fc.weight": [3, 4], "fc.bias": [3], "odd": [2, 2], "c": [4, 3]}
    assert run(capsys, "export", here, out, "--with", model, "--drop-mismatched", "--keep", "*", "--force")[0] == 2
    capsys.readouterr()


def test_diff(file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(capsys, "diff", file, file) == (
        0,
        {"identical": True, "only_in_first": [], "only_in_second": [], "changed": [], "equal": 3},
    )
    half = tmp_path / "half.safetensors"
    run(capsys, "export", file, half, "--cast", "float16:*fc*", "--pop", "*bias")
    status, body = run(capsys, "diff", file, half)
    assert status == 1
    assert body["only_in_first"] == ["module.a.bias"]
    (changed,) = body["changed"]
    assert list(changed) == [
        "name", "max_abs", "rel_l2", "cosine", "shape_first", "shape_second", "dtype_first", "dtype_second",
    ]  # fmt: skip
    assert 0 < changed["max_abs"] < 1e-2
    assert (changed["dtype_first"], changed["dtype_second"], body["equal"]) == ("float32", "float16", 1)
    assert "module.fc.weight" in text(capsys, "diff", file, half)[1]


def test_check(file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(capsys, "check", file) == (0, {"safe": True, "findings": [], "tensors": 3})
    sick = tmp_path / "sick.safetensors"
    safetensors_numpy.save_file({"w": np.array([1, np.nan, np.inf], "f4"), "b": np.zeros(3, "f4")}, sick)
    status, body = run(capsys, "check", sick)
    assert (status, body["safe"], body["tensors"]) == (1, True, 2)
    assert [set(finding) for finding in body["findings"]] == [{"code", "severity", "message", "where"}] * 3
    assert [(f["code"], f["severity"]) for f in body["findings"]] == [
        ("all-zero", "note"), ("nan", "warning"), ("inf", "warning"),
    ]  # fmt: skip
    notes = tmp_path / "notes.safetensors"
    safetensors_numpy.save_file({"b": np.zeros(3, "f4")}, notes)
    assert run(capsys, "check", notes)[0] == 0
    cut = tmp_path / "cut.pth"
    run(capsys, "export", file, tmp_path / "whole.pth")
    whole = (tmp_path / "whole.pth").read_bytes()
    cut.write_bytes(whole[: len(whole) // 2])
    status, body = run(capsys, "check", cut)
    assert (status, body["findings"][0]["code"], body["safe"]) == (1, "truncated", False)
    # Damaged is not dangerous: it is said apart.
    assert "damaged: " in text(capsys, "check", cut)[1]
    assert "SAFE" not in text(capsys, "check", cut)[1]


@pytest.mark.parametrize(
    ("pickled", "line", "safe"),
    [
        (b"}.", "safe: no code in this file", True),
        (b"ctorch.nn.modules.linear\nLinear\n)\x81.", "safe: torch.load would run code of well-known libraries", True),
        (b"cmylab.nets\nNet\n)\x81.", "not known to be safe: ", True),
        (b"cos\nsystem\nX\x04\x00\x00\x00true\x85R.", "NOT SAFE: ", False),
    ],
)
def test_check_says_what_torch_would_run(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], pickled: bytes, line: str, safe: bool
) -> None:
    (tmp_path / "some.pkl").write_bytes(b"\x80\x02" + pickled)
    assert text(capsys, "check", tmp_path / "some.pkl")[1].splitlines()[1].startswith(f"  {line}")
    assert run(capsys, "check", tmp_path / "some.pkl")[1]["safe"] is safe


def test_bad_usage(file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "o.pth"
    (tmp_path / "bad.json").write_text("{}")
    for words, code in (
        (["inspect"], "usage"),
        (["inspect", file, "--wat"], "usage"),
        (["inspect", file, "more"], "usage"),
        (["compare", file], "usage"),
        (["identify", file, "--top", "0"], "usage"),
        (["export", file, out, "--max-shard-size", "x"], "usage"),
        (["export", file, out, "--metadata", "x"], "usage"),
        (["export", file, out, "--metadata", "x=y"], "metadata-needs-safetensors"),
        (["export", file, out, "--regex", "x"], "bad-regex-option"),
        (["export", file, out, "--rename", "x"], "bad-rename-option"),
        (["export", file, out, "--rename", "x=y"], "no-such-tensor"),
        (["export", file, out, "--fill-missing"], "needs-model"),
        (["export", file, out, "--recipe", tmp_path / "none.json"], "recipe-unreadable"),
        (["export", file, out, "--recipe", tmp_path / "bad.json"], "bad-recipe"),
        (["export", file, out, "--cast", "int3000"], "unknown-dtype"),
        (["export", file, out, "--strip-prefix", "nope."], "no-such-prefix"),
        (["inspect", tmp_path / "missing.pth"], "file-not-found"),
        (["inspect", ""], "file-not-found"),
        (["inspect", file, "--state-dict", "nope"], "unknown-state-dict"),
        (["diff", file, tmp_path / "missing.pth"], "file-not-found"),
    ):
        assert failed(capsys, *words)[0] == code, words
    assert not out.exists()


def test_what_cannot_open_a_window(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert failed(capsys, "inspct", "x.pth", "--nope")[0] == "unknown-option"
    assert main(["inspct", "x.pth"]) == 2
    assert "“inspct”" in capsys.readouterr().err
    for name in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(sys, "platform", "linux")
    assert main([str(tmp_path / "x.pth")]) == 2
    assert "no display" in capsys.readouterr().err


def test_every_reason_is_on_the_one_line(file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    _, said = failed(capsys, "export", file, tmp_path / "o.pth", "--regex", r"module.*=>x")
    assert said.count("would both be called “x”") == 2


def test_a_mistake_of_ours_is_one_line_and_a_log(
    file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr("tempfile.tempdir", None)

    def explode(words: list[str]) -> None:
        raise RuntimeError("secret detail")

    monkeypatch.setattr(cli, "_run", explode)
    assert main(["inspect", str(file)]) == 2
    captured = capsys.readouterr()
    assert "Traceback" not in captured.err
    assert len(captured.err.splitlines()) == 1
    (log,) = tmp_path.glob("ckpt-studio-*.log")
    assert str(log) in captured.err
    assert "secret detail" in log.read_text()


def test_interrupted(file: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    def interrupted(words: list[str]) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(cli, "_run", interrupted)
    assert main(["inspect", str(file)]) == 130
    assert capsys.readouterr() == ("", "")


@pytest.mark.parametrize("words", [["--help"], ["export", "--help"], ["compare", "-h"], ["--version"]])
def test_help(words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    status, said = text(capsys, *words)
    assert status == 0
    assert "ckpt-studio" in said


def test_names_cannot_steer_the_terminal(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    evil = save(tmp_path / "evil.safetensors", ("\x1b[2Jgone.weight", "中文.weight", "tab\there"))
    status, said = text(capsys, "inspect", evil)
    assert status == 0
    assert "\x1b" not in said
    assert "\\x1b[2Jgone.weight" in said
    assert "中文.weight" in said


def start(*words: object, **more: Any) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "ckpt_studio", *(str(word) for word in words)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, **more)


def test_an_ascii_terminal_and_a_closed_pipe(tmp_path: Path) -> None:
    big = save(tmp_path / "big.safetensors", [f"层.{k}.weight" for k in range(5000)])
    child = start("inspect", big, env={**os.environ, "PYTHONIOENCODING": "ascii", "PYTHONUTF8": "0"})
    out, err = child.communicate()
    assert (child.returncode, err) == (0, b"")
    assert b"\\u5c42.4999.weight" in out
    child = start("inspect", big)
    assert child.stdout is not None
    assert child.stderr is not None
    child.stdout.read(10)
    child.stdout.close()
    assert child.stderr.read() == b""
    child.stderr.close()
    assert child.wait() == 0


@pytest.mark.skipif(os.name != "posix", reason="a POSIX shell")
def test_closed_streams(file: Path) -> None:
    def status(words: str) -> tuple[int, bytes]:
        command = f'"$0" -m ckpt_studio {words}'
        done = subprocess.run(["sh", "-c", command, sys.executable, str(file)], capture_output=True)
        return done.returncode, done.stdout + done.stderr

    assert status('inspect "$1" --json >&-') == (0, b"")
    assert status('inspect "$1" 2>&- >/dev/null') == (0, b"")
    assert status("inspect nowhere.pth 2>&-") == (2, b"")
    assert status("inspect nowhere.pth --json >&- 2>&-") == (2, b"")


@pytest.mark.skipif(os.name != "posix", reason="pipes with names")
def test_pipes_and_devices_are_no_files(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    os.mkfifo(tmp_path / "pipe.pth")
    for path in (tmp_path / "pipe.pth", "/dev/zero", "/dev/null"):
        for words in (["inspect", path], ["check", path], ["export", path, tmp_path / "out.pth"]):
            assert failed(capsys, *words)[0] == "not-a-regular-file", path


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="needs a device that is always full")
@pytest.mark.parametrize("more", [[], ["--json"]])
def test_an_answer_that_cannot_be_written(file: Path, more: list[str]) -> None:
    with open("/dev/full", "wb") as full:
        done = subprocess.run(
            [sys.executable, "-m", "ckpt_studio", "inspect", str(file), *more], stdout=full, stderr=subprocess.PIPE
        )
    assert done.returncode == 2
    assert done.stderr.startswith(b"ckpt-studio: error: ")
    assert len(done.stderr.splitlines()) == 1


@pytest.mark.skipif(os.name != "posix", reason="signals")
def test_control_c(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe.json"
    os.mkfifo(pipe)
    file = save(tmp_path / "in.safetensors")
    # Whoever runs the tests in the background may have told it not to listen to Ctrl+C, and children inherit that.
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    child = start("export", file, tmp_path / "out.pth", "--recipe", pipe)
    signal.signal(signal.SIGINT, before)
    with open(pipe, "w"):
        # The child reads from the pipe until somebody closes it; a signal just before would be heard only after that.
        while sys.platform == "linux" and "pipe" not in Path(f"/proc/{child.pid}/wchan").read_text():
            time.sleep(0.01)
        child.send_signal(signal.SIGINT)
        out, err = child.communicate(timeout=30)
    assert (child.returncode, out, err) == (130, b"", b"")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["in.safetensors", "pipe.json"]


def test_inspect_imports_little(file: Path) -> None:
    code = (
        "import sys; from ckpt_studio.cli.main import main; status = main(['inspect', sys.argv[1], '--json'])\n"
        "heavy = {'numpy', 'torch', 'PySide6', 'safetensors', 'multiprocessing', 'asyncio', 'ml_dtypes'}\n"
        "print(sorted(heavy & set(sys.modules)), file=sys.stderr); sys.exit(status)"
    )
    done = subprocess.run([sys.executable, "-c", code, str(file)], capture_output=True, text=True, check=True)
    assert done.stderr.strip() == "[]"


class Terminal(io.StringIO):
    """A stderr that says it is a terminal."""

    def isatty(self) -> bool:
        return True


def test_a_bar_appears_only_when_it_takes_long(monkeypatch: pytest.MonkeyPatch) -> None:
    from ckpt_studio.cli.progress import watching
    from ckpt_studio.errors import message

    clock = [0.0]
    monkeypatch.setattr(time, "monotonic", lambda: clock[0])
    terminal = Terminal()
    monkeypatch.setattr(sys, "stderr", terminal)
    with watching(quiet=False) as progress:
        progress.report(1, 10, message("step-checking"))
        assert terminal.getvalue() == ""
        clock[0] = 1.0
        progress.report(5, 10)
        assert "50%" in terminal.getvalue()
        clock[0] = 2.0
        progress.report(5, 0)
    assert terminal.getvalue().endswith("\r")
    with watching(quiet=True) as progress:
        clock[0] = 9.0
        progress.report(1, 1)
    assert terminal.getvalue().count("%") == 1


# --- words and tables ---


@pytest.mark.parametrize(
    ("names", "folded"),
    [
        (["a.weight"], ["a.weight"]),
        (["bn1.weight", "bn1.bias"], ["bn1.{weight,bias}"]),
        (["l.0.conv1.weight", "l.0.conv2.weight"], ["l.0.{conv1,conv2}.weight"]),
        ([f"b.{k}.{p}.w" for k in range(4) for p in "qk"], ["b.{0-3}.{q,k}.w"]),
        (["x.1.w", "x.3.w", "x.4.w", "y"], ["x.{1,3-4}.w", "y"]),
        (["a.w", "a.b.w"], ["a.w", "a.b.w"]),
    ],
)
def test_grouping(names: list[str], folded: list[str]) -> None:
    found = grouped(names)
    assert [line for line, _ in found] == folded
    assert sorted(name for _, some in found for name in some) == sorted(names)


def test_likely_pairs_have_the_longest_common_ending() -> None:
    from ckpt_studio.cli.compare import likely_pairs
    from ckpt_studio.compare.report import LoadReport, Row

    shape = (2, 2)
    rows = [
        *(Row("missing", name, model_shape=shape) for name in ("a.0.w", "a.1.w", "fc.w", "lone.w")),
        Row("missing", "z.0.b", model_shape=(9,)),
        *(Row("unexpected", name, name, shape) for name in ("m.a.0.w", "m.a.1.w", "m.head.fc.w", "q.z.0.b", "w")),
    ]
    assert likely_pairs(LoadReport(False, tuple(rows))) == [("m.*", "*", 2), ("m.head.*", "*", 1)]


def test_small_words() -> None:
    assert [size(n) for n in (0, 999, 1000, 87_190_688, 999_999, 10**13)] == [
        "0 B", "999 B", "1.0 kB", "87.2 MB", "1.0 MB", "10.0 TB",
    ]  # fmt: skip
    assert (count(21797672), shape_text((64, 3)), shape_text(()), shape_text(None)) == (
        "21,797,672",
        "64×3",
        "scalar",
        "-",
    )
    assert (width("ab"), width("中文"), width("e\u0301")) == (2, 4, 1)
    assert printable("a\nb\x9b\u202e") == "a\\nb\\x9b\\u202e"
    assert table([("a", "1"), ("bbb", "22")], ("<", ">"), "") == ["a     1", "bbb  22"]


@pytest.mark.parametrize(("said", "nbytes"), [("5GB", 5 * 10**9), ("1.5 MiB", 3 << 19), ("200", 200), ("7kb", 7000)])
def test_sizes(said: str, nbytes: int) -> None:
    assert parse_size(said) == nbytes


def test_what_is_split_stands_with_what_is_left_over_in_the_mapping(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rng = np.random.default_rng(3)
    values = {name: rng.standard_normal((4, 4)).astype("f4") for name in "qkv"}
    parts = {f"block.attn.{name}.weight": value for name, value in values.items()}
    fused = {"block.attn.qkv.weight": np.concatenate([values[name] for name in "qkv"])}
    both = {"block.attn.proj.weight": rng.standard_normal((4, 4)).astype("f4")}
    source, model = tmp_path / "fused.safetensors", tmp_path / "parts.safetensors"
    safetensors_numpy.save_file(fused | both, source)
    safetensors_numpy.save_file(parts | both, model)
    _, answer = run(capsys, "align", source, "--with", model)
    assert [(pair["source"], pair["target"], pair["transform"]) for pair in answer["mapping"]] == [
        ("block.attn.proj.weight", "block.attn.proj.weight", None)
    ]
    assert answer["unmatched_source"] == ["block.attn.qkv.weight"]
    assert sorted(answer["unmatched_target"]) == sorted(parts)
    assert set(answer) == {"mapping", "unmatched_source", "unmatched_target"}
    assert set(answer["mapping"][0]) == {"source", "target", "confidence", "transform"}
    # The edit does it all.
    out = tmp_path / "out.safetensors"
    run(capsys, "export", source, out, "--with", model, "--align")
    written = safetensors_numpy.load_file(out)
    assert all(np.array_equal(written[name], value) for name, value in (parts | both).items())


def test_align_takes_a_head_of_another_shape_along(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    def saved(name: str, prefix: str, classes: int) -> Path:
        values = {f"{prefix}{layer}.weight": np.ones((3, 3 + k), "f4") for k, layer in enumerate(("a", "b", "c"))}
        path = tmp_path / name
        safetensors_numpy.save_file({**values, f"{prefix}fc.weight": np.ones((classes, 2), "f4")}, path)
        return path

    source, model = saved("in.safetensors", "module.", 5), saved("model.safetensors", "", 4)
    out = tmp_path / "out.safetensors"
    status, _ = run(capsys, "export", source, out, "--with", model, "--align", "--resize-mismatched")
    assert status == 0
    assert run(capsys, "compare", out, "--with", model)[1]["loads_strict"]


def test_a_model_of_torchvision_without_its_source_is_recognised(
    file: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(file.parent)
    code, said = failed(capsys, "compare", file, "--with", "resnet18(num_classes=3)")
    assert code == "reference-torchvision"
    assert "“torchvision:resnet18(num_classes=3)”" in said
    assert failed(capsys, "compare", file, "--with", "resnet19")[0] == "file-not-found"
