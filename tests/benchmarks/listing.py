"""Compares listing a checkpoint with what torch does to load it, whole processes both; prints a table.

`python tests/benchmarks/listing.py [--tensors N] [--size MB] [--folder DIR]` makes the files first (in a temporary
folder unless told otherwise). Needs torch. A ratio under its limit passes; the exit status is 1 when one fails.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
# torch comes with its bytecode; where this is set, ours would be compiled anew in every process.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
LIST = "from ckpt_studio.formats.opening import open_checkpoint; open_checkpoint(r'{path}')"
LOAD = "import torch; torch.load(r'{path}', map_location='cpu')"
MAP = "import torch; torch.load(r'{path}', map_location='cpu', mmap=True)"
IMPORT = "import torch"


def seconds(code: str, repeats: int) -> float:
    """The best whole-process time of running `code`."""
    best = float("inf")
    for _ in range(repeats):
        before = time.perf_counter()
        subprocess.run([sys.executable, "-c", code], check=True, cwd=ROOT, stdout=subprocess.DEVNULL)
        best = min(best, time.perf_counter() - before)
    return best


def make_many(path: Path, count: int) -> None:
    """A file of `count` small tensors."""
    import torch

    torch.save(
        {"state_dict": {f"model.layers.{i // 4}.part{i % 4}.weight": torch.zeros(2, 3) for i in range(count)}}, path
    )


def make_big(path: Path, megabytes: int) -> None:
    """A file of `megabytes` MB in tensors of 8 MB."""
    import torch

    torch.save({f"layer.{i}.weight": torch.zeros(2 << 20) for i in range(megabytes // 8)}, path)


def inspect_code(path: Path) -> str:
    return f"import sys; from ckpt_studio.cli.main import main; sys.exit(main(['inspect', r'{path}', '--quiet']))"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--tensors", type=int, default=100_000)
    parser.add_argument("--size", type=int, default=1500, help="MB of the big file")
    parser.add_argument("--folder", type=Path)
    parser.add_argument("--repeats", type=int, default=3)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(dir=options.folder) as folder:
        many, big, small = Path(folder, "many.pth"), Path(folder, "big.pth"), Path(folder, "small.pth")
        make_many(many, options.tensors)
        make_big(big, options.size)
        make_many(small, 20)
        rows = [
            (f"list {options.tensors} tensors / torch.load", LIST.format(path=many), LOAD.format(path=many), 0.15),
            (f"list {options.size} MB / torch.load", LIST.format(path=big), LOAD.format(path=big), 0.1),
            (f"list {options.size} MB / torch.load(mmap)", LIST.format(path=big), MAP.format(path=big), 0.2),
            ("inspect a small file / import torch", inspect_code(small), IMPORT, 0.15),
        ]
        failed = False
        print(f"{'what':48} {'ours':>8} {'theirs':>8} {'ratio':>7} {'limit':>6}")
        for what, ours, theirs, limit in rows:
            mine, other = seconds(ours, options.repeats), seconds(theirs, options.repeats)
            ratio = mine / other
            failed = failed or ratio > limit
            verdict = "" if ratio <= limit else "  over the limit"
            print(f"{what:48} {mine:7.3f}s {other:7.3f}s {ratio:7.3f} {limit:6.2f}{verdict}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
