"""How quick the window is: its start against `import torch`, and scenes in a real window with an event-loop probe.

    python -m tests.benchmarks.window [start|many|big|big-pth|million|million-pth …] [--tensors 100000] [--gigabytes 10]

Without names of scenes: start, many, big and big-pth. Prints a table: measured, limit, and how far from it, and for each step
how long it blocked the window's thread; ends with status 1 when a limit was missed. Runs without a screen unless
QT_QPA_PLATFORM is set. `--generosity 3` is for busy machines: it multiplies the limits, and blocks count in processor
time. `--explain 50` says what blocks of more than 50 ms were made of (and makes everything slower).
"""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
# torch comes with its bytecode; where this is set, ours would be compiled anew in every process.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)

START = """
from ckpt_studio.gui.main import set_up
app = set_up(["window"])
from ckpt_studio.gui.main_window import MainWindow
window = MainWindow()
window.show()
app.processEvents()
import os
os._exit(0)
"""


def seconds_of(command: list[str]) -> float:
    """Wall time of a whole process."""
    begun = time.perf_counter()
    subprocess.run(command, check=True, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    return time.perf_counter() - begun


def compare_starts(rounds: int) -> bool:
    """The window's start and `import torch`, by turns; whether the limit is kept."""
    ours, theirs = [], []
    for _ in range(rounds):
        theirs.append(seconds_of([sys.executable, "-c", "import torch"]))
        ours.append(seconds_of([sys.executable, "-c", START]))
    ratio = statistics.median(a / b for a, b in zip(ours, theirs, strict=True))
    print(f"start / import torch   {ratio:.2f} ×   limit 0.50   {'MISSED' if ratio > 0.5 else ''}")
    print(f"    window {statistics.median(ours):.2f} s, import torch {statistics.median(theirs):.2f} s")
    return ratio <= 0.5


def play(scene: str, path: str, generosity: float, explain: float) -> None:
    """Plays a scene in this process and ends it: with 1 when a limit was missed."""
    from tests.benchmarks.window_scenes import SCENES, Session

    session = Session(path, generosity=generosity, explain=explain)
    SCENES[scene](session)
    missed = [row.what for row in session.stage.rows if row.is_missed]
    if missed:
        print(f"MISSED: {', '.join(missed)}", flush=True)
    sys.stdout.flush()
    os._exit(1 if missed else 0)


def prepare(scene: str, folder: Path, options: argparse.Namespace) -> Path:
    """The file that a scene opens."""
    from tests.benchmarks.window_scenes import write_big, write_big_pth, write_many, write_many_pth

    if scene == "big":
        write_big(path := folder / "big.safetensors", options.gigabytes)
    elif scene == "big-pth":
        write_big_pth(path := folder / "big.pth", options.gigabytes)
    elif scene == "million-pth":
        write_many_pth(path := folder / "million.pth", 10 * options.tensors)
    else:
        count = options.tensors if scene == "many" else 10 * options.tensors
        write_many(path := folder / f"{scene}.safetensors", count)
    return path


def main() -> int:
    """Runs the scenes that were asked for; 1 when a limit was missed."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("scenes", nargs="*", help="start, many, big, big-pth, million, million-pth")
    parser.add_argument("--tensors", type=int, default=100_000)
    parser.add_argument("--gigabytes", type=float, default=10.0)
    parser.add_argument("--rounds", type=int, default=3, help="starts to take the median of")
    parser.add_argument("--folder", help="where the files are made (a temporary folder)")
    parser.add_argument("--generosity", type=float, default=1.0, help="multiply the limits, on a busy machine")
    parser.add_argument("--explain", type=float, default=0.0, help="say what longer blocks (ms) were made of")
    parser.add_argument("--play", nargs=2, help=argparse.SUPPRESS)
    options = parser.parse_args()
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    if options.play:
        play(*options.play, options.generosity, options.explain)
    kept = True
    with tempfile.TemporaryDirectory(dir=options.folder) as folder:
        os.environ["XDG_CONFIG_HOME"] = os.environ["XDG_CACHE_HOME"] = os.environ["XDG_STATE_HOME"] = folder
        for scene in options.scenes or ("start", "many", "big", "big-pth"):
            if scene == "start":
                kept = compare_starts(options.rounds) and kept
                continue
            path = prepare(scene, Path(folder), options)
            print(f"— {scene}: {path.name}, {path.stat().st_size / 1e9:.2f} GB", flush=True)
            os.environ["SCENE_BEGUN"] = str(time.time())
            command = [sys.executable, "-m", "tests.benchmarks.window", "--generosity", str(options.generosity)]
            command += ["--explain", str(options.explain)]
            ended = subprocess.run([*command, "--play", scene.removesuffix("-pth"), str(path)], check=False, cwd=ROOT)
            kept = ended.returncode == 0 and kept
            path.unlink()
    return 0 if kept else 1


if __name__ == "__main__":
    sys.exit(main())
