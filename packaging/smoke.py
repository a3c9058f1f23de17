"""Tries a built bundle as a user would, on a real X window, and holds it to its size and start time.

    python3 packaging/smoke.py PROGRAM [--torch-python INTERPRETER] [--screenshot FILE.png] …

Standard library only; the window needs Xvfb and xdotool (Linux). Each step prints a line; the first that fails ends it.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

RESOURCES = Path(__file__).resolve().parents[1] / "resources"
WINDOW_SECONDS = 1.0
READ_BACK = """
import sys, torch
from safetensors.torch import load_file
weights = torch.load(sys.argv[1], weights_only=True)
tensors = load_file(sys.argv[2])
assert list(weights) and sorted(weights) == sorted(tensors), (len(weights), len(tensors))
assert all(torch.equal(weights[name], tensors[name]) for name in weights)
assert not any(name.startswith("module.") for name in weights)
"""


class SmokeError(Exception):
    """A step went wrong; the text says how."""


def clean_environment(home: Path) -> dict[str, str]:
    """A user's environment: a home of its own, nothing of this project's Python."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "VIRTUAL_ENV", "QT_"))}
    for name in ("XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_CACHE_HOME", "XDG_STATE_HOME"):
        kept.pop(name, None)
    runtime = home / "run"
    runtime.mkdir(mode=0o700, exist_ok=True)
    return {**kept, "HOME": str(home), "XDG_RUNTIME_DIR": str(runtime), "LC_ALL": "C.UTF-8"}


class Bundle:
    """A built program under trial."""

    def __init__(self, program: Path, home: Path, *, without_python: bool = False) -> None:
        self.program = program
        self.home = home
        self.environment = clean_environment(home)
        if without_python:
            # A machine without any Python: the program has nothing to find but itself.
            self.environment["PATH"] = str(home / "bin")

    def ask(self, *words: object, status: int = 0) -> str:
        """What a command prints; its exit status must be `status` and its stderr silent."""
        done = subprocess.run(
            [str(self.program), *map(str, words)],
            env=self.environment, cwd=self.home, stdin=subprocess.DEVNULL, capture_output=True, text=True,
            timeout=300, check=False,
        )  # fmt: skip
        if done.returncode != status or done.stderr:
            raise SmokeError(
                f"{' '.join(map(str, words))}: exit status {done.returncode} (not {status})\n{done.stdout}{done.stderr}"
            )
        return done.stdout

    def host(self, **request: object) -> Any:
        """What the host says that the program itself plays for models, where torch is inside."""
        worker = self.program.resolve().parent / "_internal" / "ckpt_studio" / "models" / "host" / "worker.py"
        process = subprocess.Popen(
            [str(self.program), "-u", str(worker)], env=self.environment, cwd=self.home,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        )  # fmt: skip
        assert process.stdin is not None
        assert process.stdout is not None
        try:
            print(json.dumps({"id": 1, **request}), file=process.stdin, flush=True)
            hello, line = process.stdout.readline(), process.stdout.readline()
        finally:
            _, noise = process.communicate()  # the end of its input ends it
        if not line or noise:
            raise SmokeError(f"the host said {hello!r}, {line!r} and {noise!r}")
        return json.loads(line)

    def answer(self, *words: object, status: int = 0) -> Any:
        """The parsed JSON of a command."""
        return json.loads(self.ask(*words, "--json", status=status))


@contextlib.contextmanager
def screen(width: int = 1280, height: int = 800) -> Iterator[str]:
    """A virtual X screen; yields its DISPLAY. High numbers, since low ones are everybody's first choice."""
    # Without -noreset the server starts anew whenever its last client leaves, and refuses the next one meanwhile.
    for number in range(100 + os.getpid() % 400, 600):
        server = subprocess.Popen(
            ["Xvfb", f":{number}", "-screen", "0", f"{width}x{height}x24", "-nolisten", "tcp", "-noreset"],
            stderr=subprocess.DEVNULL,
        )
        try:
            display = f":{number}"
            ask = ["xdotool", "getdisplaygeometry"]
            while server.poll() is None:  # it ends at once when the number is taken
                if _quiet(ask, display) == 0:
                    break
            if server.poll() is None:
                yield display
                return
        finally:
            server.terminate()
            server.wait()
    raise SmokeError("Xvfb does not start")


def _quiet(command: list[str], display: str) -> int:
    """The exit status of an X program; it prints nothing."""
    done = subprocess.run(command, env={**os.environ, "DISPLAY": display}, capture_output=True, check=False)
    return done.returncode


def _visible(display: str, pid: int) -> str | None:
    """The id of a visible window of the process, if it has one."""
    done = subprocess.run(
        ["xdotool", "search", "--onlyvisible", "--pid", str(pid), "--name", "."],
        env={**os.environ, "DISPLAY": display}, capture_output=True, text=True, check=False,
    )  # fmt: skip
    return done.stdout.split()[0] if done.stdout.split() else None


def open_window(bundle: Bundle, file: Path, screenshot: Path | None) -> float:
    """Opens a file in a real window, photographs it and closes it; the least seconds until the window was there."""
    with screen() as display:
        best = 60.0
        for attempt in range(4):  # the first start reads everything from disk; other work disturbs single ones
            started = time.monotonic()
            process = subprocess.Popen(
                [str(bundle.program), str(file)],
                env={**bundle.environment, "DISPLAY": display}, cwd=bundle.home, stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
            )  # fmt: skip
            try:
                window = None
                while window is None:
                    if process.poll() is not None or time.monotonic() - started > 60:
                        ended = process.poll()
                        process.kill()
                        raise SmokeError(f"no window appeared (status {ended})\n{''.join(process.communicate())}")
                    window = _visible(display, process.pid)
                best = min(best, time.monotonic() - started)
                if attempt == 3 and screenshot is not None and shutil.which("import"):
                    time.sleep(2)  # a person looks at a window that has settled
                    subprocess.run(["import", "-display", display, "-window", "root", str(screenshot)], check=True)
                xdotool = {**os.environ, "DISPLAY": display}
                deadline = time.monotonic() + 20
                while process.poll() is None and time.monotonic() < deadline:
                    subprocess.run(
                        ["xdotool", "windowfocus", "--sync", window, "key", "--window", window, "ctrl+q"],
                        env=xdotool, stderr=subprocess.DEVNULL, timeout=10, check=False,
                    )  # fmt: skip
                    with contextlib.suppress(subprocess.TimeoutExpired):
                        process.wait(1)
                if process.poll() is None:
                    raise SmokeError("the window did not close on Ctrl+Q")
            finally:
                process.kill()
                process.wait()
            out, told = process.communicate()
            if process.returncode != 0 or told or out:
                raise SmokeError(f"the window ended with status {process.returncode} and said:\n{out}{told}")
        return best


def folder_megabytes(folder: Path) -> float:
    """The size of all files below a folder in MB (10⁶ bytes), links not followed."""
    return sum(path.lstat().st_size for path in folder.rglob("*") if not path.is_dir()) / 1e6


def hold(what: str, value: float, limit: float, unit: str) -> None:
    """Prints a measure and fails when it is over its limit."""
    print(f"  {what}: {value:.2f} {unit} (at most {limit:g})", flush=True)
    if value > limit:
        raise SmokeError(f"{what}: {value:.2f} {unit} is over {limit:g}")


def try_bundle(bundle: Bundle, arguments: argparse.Namespace) -> None:
    """Every step, in the order a person would meet them."""
    sample = bundle.home / "sample 样本.pth"
    shutil.copy(RESOURCES / "sample.pth", sample)
    model = bundle.home / "net.py"
    shutil.copy(RESOURCES / "sample_model.py", model)

    def step(text: str) -> None:
        print(f"  {text}", flush=True)

    if arguments.max_megabytes:
        hold("size unpacked", folder_megabytes(bundle.program.resolve().parent), arguments.max_megabytes, "MB")
    told = bundle.ask("--version")
    step(f"--version: {told.strip()}")
    if arguments.version and arguments.version not in told:
        raise SmokeError(f"--version says {told!r}, not {arguments.version}")
    listing = bundle.answer("inspect", sample)
    assert listing["format"] == "torch-legacy", listing["format"]
    step(f"inspect: {len(listing['tensors'])} tensors")

    report = bundle.answer("compare", sample, "--with", "torchvision:resnet18(num_classes=10)", status=1)
    assert report["missing"], "the catalog gave nothing to compare with"
    step("compare by catalog")

    pth, safetensors = bundle.home / "out.pth", bundle.home / "out.safetensors"
    for target in (pth, safetensors):
        # Nested repeats could run away, so the pattern goes to a child process of its own.
        saved = bundle.answer(
            "export", sample, target, "--strip-prefix", "module.", "--regex", r"((?:\w+\.)*)downsample\.=>\1shortcut."
        )
        assert saved["verified"] is True, saved
    step("export: .pth and .safetensors, verified")

    reference = f"{model}:SmallResNet()"
    if arguments.torch_python:
        done = subprocess.run(
            [arguments.torch_python, "-c", READ_BACK, str(pth), str(safetensors)],
            env=bundle.environment, capture_output=True, text=True, check=False,
        )  # fmt: skip
        if done.returncode != 0:
            raise SmokeError(f"torch does not read what was exported:\n{done.stderr}")
        step("torch reads both")
        report = bundle.answer("compare", pth, "--with", reference, "--python", arguments.torch_python, status=1)
        assert {row["name"].split(".")[0] for row in report["missing"]} == {"attention"}, report
        step("user class by an outside interpreter")
    if arguments.with_torch:
        try_torch_inside(bundle, pth, model)
        step("torch inside, no other Python: user class and its values, torchvision, load test, forward pass")
    if sys.platform.startswith("linux") and not arguments.no_window:
        seconds = open_window(bundle, sample, arguments.screenshot)
        hold("window", seconds, arguments.max_seconds, "s")
        step("closed with Ctrl+Q, exit status 0, nothing said")


# A model that cannot even be built without torchvision's compiled operators.
WITH_OPERATORS = """
import torch, torchvision
class Detector(torch.nn.Module):
    def __init__(self):
        super().__init__()
        with torch.device("cpu"):
            boxes, scores = torch.tensor([[0.0, 0.0, 1.0, 1.0]]), torch.ones(1)
        kept = torchvision.ops.nms(boxes, scores, 0.5)
        self.head = torch.nn.Linear(len(kept), 2)
"""


def try_torch_inside(bundle: Bundle, pth: Path, model: Path) -> None:
    """The user's class and the load test where there is no other Python than the one inside."""
    reference = f"{model}:SmallResNet()"
    report = bundle.answer("compare", pth, "--with", reference, status=1)
    assert {row["name"].split(".")[0] for row in report["missing"]} == {"attention"}, report
    repaired = bundle.home / "repaired.safetensors"
    bundle.answer("export", pth, repaired, "--with", reference, "--fill-missing", "--resize-mismatched")
    bundle.ask("compare", repaired, "--with", reference)
    bundle.ask("compare", pth, "--with", "torchvision:resnet18(num_classes=10)", "--python", bundle.program, status=1)
    named = {"kind": "file", "path": str(model), "name": "SmallResNet", "call": "f()", "title": "SmallResNet"}
    told = bundle.host(do="load_test", path=str(repaired), reference=named, forward=True)
    if not (told.get("ok", {}).get("strict") and told["ok"]["forward"]["ok"]):
        raise SmokeError(f"the load test said {told}")
    detector = bundle.home / "detector.py"
    detector.write_text(WITH_OPERATORS, encoding="utf-8")
    assert bundle.answer("compare", pth, "--with", f"{detector}:Detector()", status=1)["missing"]


def main() -> int:
    """Tries the program named on the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("program", type=Path)
    parser.add_argument("--version", help="what --version must say")
    parser.add_argument("--torch-python", help="an outside interpreter with torch and safetensors")
    parser.add_argument("--with-torch", action="store_true", help="the bundle has torch inside")
    parser.add_argument("--screenshot", type=Path)
    parser.add_argument("--max-megabytes", type=float)
    parser.add_argument("--max-seconds", type=float, default=WINDOW_SECONDS)
    parser.add_argument("--no-window", action="store_true")
    arguments = parser.parse_args()
    if arguments.torch_python:
        arguments.torch_python = os.path.abspath(arguments.torch_python)
    program = shutil.which(arguments.program) or str(arguments.program)
    with tempfile.TemporaryDirectory(prefix="ckpt-smoke-") as home:
        try:
            try_bundle(Bundle(Path(program).absolute(), Path(home), without_python=arguments.with_torch), arguments)
        except (SmokeError, AssertionError, subprocess.SubprocessError, ValueError) as error:
            print(f"FAILED: {error}", file=sys.stderr)
            return 1
    print("  the bundle works")
    return 0


if __name__ == "__main__":
    sys.exit(main())
