"""Whether `check` and `diff` read cold files at half the disk's speed at least, both sides in one run.

    python -m tests.benchmarks.reading [--gigabytes 1.5] [--rounds 3] [--folder DIR]

Each line is the median over the rounds of (ours / `cat` of the same files), whole processes on both sides, with the
limit; the files are dropped from the system's cache before each. Exits with 1 when a limit is missed. Linux only.
"""

from __future__ import annotations

import argparse
import os
import shutil
import statistics
import sys
import tempfile
from pathlib import Path

from tests.benchmarks.export import MAKE, Run, run

LIMIT = 2.0

TRAIN = """
import sys, torch
from safetensors.torch import load_file, save_file
save_file({name: tensor * 1.001 for name, tensor in load_file(sys.argv[1]).items()}, sys.argv[2], {"format": "pt"})
"""

OURS = """
import os, sys
from ckpt_studio.cli.main import main
sys.stdout = open(os.devnull, "w")
code = main(sys.argv[1:])
sys.exit(0 if code in (0, 1) else code)
"""


def drop(files: list[Path]) -> None:
    """Takes the files out of the system's cache."""
    os.sync()
    for file in files:
        with file.open("rb") as opened:
            os.posix_fadvise(opened.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)


def cold(command: list[str], files: list[Path]) -> Run:
    """A process that finds its files on the disk alone."""
    drop(files)
    return run(command)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--gigabytes", type=float, default=1.5)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--folder", help="where to work (default: a temporary folder)")
    arguments = parser.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="ckpt-studio-bench-", dir=arguments.folder))
    missed = 0
    try:
        run([sys.executable, "-c", MAKE, str(folder), str(int(arguments.gigabytes * 1e9))])
        pth, tensors, trained = folder / "in.pth", folder / "in.safetensors", folder / "trained.safetensors"
        run([sys.executable, "-c", TRAIN, str(tensors), str(trained)])
        print(f"{'':40} {'ours':>8} {'cat':>8} {'ratio':>6} {'limit':>6} {'processors':>14}")
        for verb, files in (
            ("check", [pth]),
            ("check", [tensors]),
            ("diff", [pth, tensors]),
            ("diff", [tensors, trained]),
        ):
            names = [str(file) for file in files]
            ours = [sys.executable, "-c", OURS, verb, "--quiet", *names]
            theirs = ["sh", "-c", 'cat "$@" > /dev/null', "sh", *names]
            pairs = [(cold(ours, files), cold(theirs, files)) for _ in range(arguments.rounds)]
            ratio = statistics.median(o.seconds / t.seconds for o, t in pairs)
            missed += ratio > LIMIT
            seconds = [statistics.median(pair[side].seconds for pair in pairs) for side in (0, 1)]
            busy = statistics.median(o.processor for o, _ in pairs), statistics.median(t.processor for _, t in pairs)
            name = f"{verb} {' '.join(file.name for file in files)}"
            print(
                f"{name:40} {seconds[0]:7.2f}s {seconds[1]:7.2f}s {ratio:6.2f} {LIMIT:6.2f}"
                f" {busy[0]:6.2f} / {busy[1]:.2f}s{'  MISSED' if ratio > LIMIT else ''}",
                flush=True,
            )
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    return 1 if missed else 0


if __name__ == "__main__":
    raise SystemExit(main())
