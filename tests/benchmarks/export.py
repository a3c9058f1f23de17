"""How fast and how lean exporting is, against the plain tools, both sides in one run.

    python -m tests.benchmarks.export [--gigabytes 1.5] [--rounds 5] [--folder DIR]

Each line is the median over the rounds of (ours / theirs), whole processes on both sides, with the limit and
the distance from it. The seconds of the processors are shown beside, because a busy machine hurts the side that
also verifies: exporting reads every byte back, cp does not. The files lie in a temporary folder that is removed afterwards.
"""

from __future__ import annotations

import argparse
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
# torch comes with its bytecode; where this is set, ours would be compiled anew in every process.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
MEMORY_LIMIT = 150 << 20

MAKE = """
import sys, torch
from collections import OrderedDict
folder, nbytes = sys.argv[1], int(sys.argv[2])
torch.manual_seed(0)
block = torch.randn(2048, 2048)
state = OrderedDict()
for index in range(max(nbytes // block.nbytes, 1)):
    state[f"module.layer{index}.weight"] = block + index
    state[f"module.layer{index}.bias"] = torch.randn(2048)
torch.save({"epoch": 1, "state_dict": state}, folder + "/in.pth")
from safetensors.torch import save_file
save_file(dict(state), folder + "/in.safetensors", {"format": "pt"})
"""

USUAL = """
import sys, torch
checkpoint = torch.load(sys.argv[1], map_location="cpu", weights_only=True)
state = {name.removeprefix("module."): tensor for name, tensor in checkpoint["state_dict"].items()}
torch.save(state, sys.argv[2])
"""

OURS = """
import sys
from ckpt_studio.core.edits import Cast, StripPrefix
from ckpt_studio.formats.export import ExportOptions, export, plan_export
from ckpt_studio.formats.opening import open_checkpoint
checkpoint = StripPrefix("module.").apply(open_checkpoint(sys.argv[1]))
if len(sys.argv) > 3:
    checkpoint = Cast(sys.argv[3]).apply(checkpoint)
outcome = export(plan_export(checkpoint, sys.argv[2], ExportOptions(overwrite=True)))
assert outcome.verified
"""


@dataclass
class Run:
    """One process: seconds, those of the processors, and the most anonymous memory it was seen to hold (bytes)."""

    seconds: float
    processor: float
    memory: int


@dataclass
class Case:
    name: str
    limit: float
    ours: Callable[[], Run]
    theirs: Callable[[], Run]


def run(command: list[str]) -> Run:
    """Runs a process to its end, watching its anonymous memory."""
    started = time.perf_counter()
    process = subprocess.Popen(command, cwd=ROOT)
    peak = 0
    ended = threading.Event()

    def watch() -> None:
        nonlocal peak
        while not ended.wait(0.02):
            try:
                status = Path(f"/proc/{process.pid}/status").read_text()
            except OSError:
                return
            for line in status.splitlines():
                if line.startswith("RssAnon:"):
                    peak = max(peak, int(line.split()[1]) << 10)

    watcher = threading.Thread(target=watch)
    watcher.start()
    _, code, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(code)
    seconds = time.perf_counter() - started
    ended.set()
    watcher.join()
    if code:
        raise SystemExit(f"{command[:3]} ended with {code}")
    return Run(seconds, usage.ru_utime + usage.ru_stime, peak)


def cases(folder: Path) -> list[Case]:
    pth, tensors, out = folder / "in.pth", folder / "in.safetensors", folder / "out"

    def fresh(suffix: str) -> str:
        for old in folder.glob("out*"):
            old.unlink()
        os.sync()
        return f"{out}{suffix}"

    def ours(source: Path, suffix: str, *cast: str) -> Run:
        return run([sys.executable, "-c", OURS, str(source), fresh(suffix), *cast])

    def copy(source: Path, suffix: str) -> Run:
        target = fresh(suffix)
        return run(["sh", "-c", 'cp "$1" "$2" && sync "$2"', "sh", str(source), target])

    def usual() -> Run:
        return run([sys.executable, "-c", USUAL, str(pth), fresh(".pth")])

    return [
        Case("rename zip → zip, against cp + sync", 1.15, lambda: ours(pth, ".pth"), lambda: copy(pth, ".pth")),
        Case(
            "rename safetensors → safetensors, against cp + sync", 1.15,
            lambda: ours(tensors, ".safetensors"), lambda: copy(tensors, ".safetensors"),
        ),
        Case(
            "rename zip → safetensors, against cp + sync", 1.25,
            lambda: ours(pth, ".safetensors"), lambda: copy(pth, ".pth"),
        ),
        Case(
            "cast float32 → bfloat16, against cp + sync", 2.0,
            lambda: ours(pth, ".pth", "bfloat16"), lambda: copy(pth, ".pth"),
        ),
        Case("strip and save, against torch.load + torch.save", 0.5, lambda: ours(pth, ".pth"), usual),
    ]  # fmt: skip


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--gigabytes", type=float, default=1.5)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--folder", help="where to work (default: a temporary folder)")
    arguments = parser.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="ckpt-studio-bench-", dir=arguments.folder))
    missed = 0
    try:
        run([sys.executable, "-c", MAKE, str(folder), str(int(arguments.gigabytes * 1e9))])
        size = (folder / "in.pth").stat().st_size
        print(f"{size / 1e9:.2f} GB, {arguments.rounds} rounds, medians\n")
        print(
            f"{'':52} {'ours':>8} {'theirs':>8} {'ratio':>6} {'limit':>6} {'of limit':>9} {'memory':>8} {'processors':>14}"
        )
        for case in cases(folder):
            pairs = [(case.theirs(), case.ours()) for _ in range(arguments.rounds)]
            ratio = statistics.median(ours.seconds / theirs.seconds for theirs, ours in pairs)
            memory = max(ours.memory for _, ours in pairs)
            busy = statistics.median(o.processor for _, o in pairs), statistics.median(t.processor for t, _ in pairs)
            fits = ratio <= case.limit and memory <= MEMORY_LIMIT
            missed += not fits
            print(
                f"{case.name:52} {statistics.median(o.seconds for _, o in pairs):7.2f}s"
                f" {statistics.median(t.seconds for t, _ in pairs):7.2f}s {ratio:6.2f} {case.limit:6.2f}"
                f" {ratio / case.limit:8.0%} {memory >> 20:5d} MB {busy[0]:6.2f} / {busy[1]:.2f}s{'' if fits else '  MISSED'}",
                flush=True,
            )
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    return 1 if missed else 0


if __name__ == "__main__":
    raise SystemExit(main())
