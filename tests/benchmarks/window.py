"""How quick the window is: its start against `import torch`, and a scene on many tensors with an event-loop probe.

    python -m tests.benchmarks.window [--tensors 100000] [--rounds 3]

Prints a table: measured, limit, and how far from it. Runs without a screen unless QT_QPA_PLATFORM is set.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import struct
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
KEYSTROKES = ("b", "bl", "blo", "bloc", "block1", "weight", "")

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


def write_many(path: Path, count: int) -> None:
    """A safetensors file of `count` tiny tensors, grouped like a big model's."""
    names = [f"module.layers.{i // 20}.block{i % 20 // 4}.{'abcd'[i % 4]}.weight" for i in range(count)]
    header = {name: {"dtype": "F32", "shape": [2], "data_offsets": [8 * i, 8 * i + 8]} for i, name in enumerate(names)}
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    path.write_bytes(struct.pack("<Q", len(text)) + text + bytes(8 * count))


def seconds_of(command: list[str]) -> float:
    """Wall time of a whole process."""
    begun = time.perf_counter()
    subprocess.run(command, check=True, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    return time.perf_counter() - begun


def compare_starts(rounds: int) -> None:
    """The window's start and `import torch`, by turns."""
    ours, theirs = [], []
    for _ in range(rounds):
        theirs.append(seconds_of([sys.executable, "-c", "import torch"]))
        ours.append(seconds_of([sys.executable, "-c", START]))
    ratio = statistics.median(a / b for a, b in zip(ours, theirs, strict=True))
    line("start / import torch", ratio, 0.5, "×")
    print(f"    window {statistics.median(ours):.2f} s, import torch {statistics.median(theirs):.2f} s")


def line(what: str, measured: float, limit: float, unit: str) -> None:
    """One row of the table."""
    print(f"{what:38s}{measured:10.2f} {unit:3s} limit {limit:8.2f}   {measured / limit:6.2f} of it")


def play(path: str) -> None:
    """The scene, in this process: open, filter, strip, undo, compare; each with the longest block of the loop."""
    begun = float(os.environ["SCENE_BEGUN"])
    from ckpt_studio.gui.main import set_up

    app = set_up(["window"])
    from PySide6.QtCore import QEventLoop, QTimer

    from ckpt_studio.core.edits import StripPrefix
    from ckpt_studio.gui.main_window import MainWindow
    from ckpt_studio.gui.name_filter import NameFilter
    from ckpt_studio.gui.tasks import running_tasks
    from ckpt_studio.models.reference import parse_reference
    from ckpt_studio.models.resolve import ResolvedModel
    from ckpt_studio.models.skeleton import Entry, Skeleton

    blocks: list[float] = []
    # The same in processor time of the window's thread: other programs on the machine do not count.
    worked: list[float] = []
    ticked = [time.perf_counter(), time.thread_time()]

    def tick() -> None:
        now, used = time.perf_counter(), time.thread_time()
        blocks.append(now - ticked[0] - 0.005)
        worked.append(used - ticked[1])
        ticked[:] = now, used

    probe = QTimer()
    probe.timeout.connect(tick)
    probe.start(5)

    def until(reached: Callable[[], bool]) -> None:
        while not reached():
            app.processEvents(QEventLoop.ProcessEventsFlag.WaitForMoreEvents)

    def timed(what: str, act: Callable[[], object], limit: float, done: Callable[[], bool] = lambda: True) -> None:
        until(lambda: not running_tasks())
        begun = time.perf_counter()
        act()
        app.processEvents()
        until(done)
        app.processEvents()
        line(what, 1000 * (time.perf_counter() - begun), limit, "ms")

    window = MainWindow()
    window.show()
    app.processEvents()
    file = window.open_path(path)
    until(lambda: file.page is not None)
    app.processEvents()
    line("rows visible, from process start", time.time() - begun, 1.5, "s")
    page = file.page
    assert page is not None
    page.tree.expand_below(page.tree.currentIndex())
    for text in KEYSTROKES:
        timed(f"filter “{text}”", lambda text=text: page.set_filter(NameFilter(text)), 50)
    timed("strip prefix", lambda: page.apply(StripPrefix("module.")), 300, lambda: page.document.is_dirty)
    timed("undo", page.document.undo, 100)
    timed("redo", page.document.redo, 100)
    state_dict = page.document.state_dict
    assert state_dict is not None
    skeleton = Skeleton("same", "same", tuple(Entry(name, (2,), "float32") for name in state_dict.entries))
    model = ResolvedModel(parse_reference("torchvision:resnet18"), skeleton)
    timed("compare", lambda: page.document.set_model(model), 500, lambda: page.document.report is not None)
    until(lambda: not running_tasks())
    line("longest block of the event loop", 1000 * max(blocks), 100, "ms")
    line("  in processor time", 1000 * max(worked), 100, "ms")
    os._exit(0)


def main() -> None:
    """Runs both parts."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--tensors", type=int, default=100_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--play", help=argparse.SUPPRESS)
    options = parser.parse_args()
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    if options.play:
        play(options.play)
    with tempfile.TemporaryDirectory() as folder:
        os.environ["XDG_CONFIG_HOME"] = os.environ["XDG_CACHE_HOME"] = folder
        compare_starts(options.rounds)
        path = Path(folder) / "many.safetensors"
        write_many(path, options.tensors)
        os.environ["SCENE_BEGUN"] = str(time.time())
        subprocess.run([sys.executable, "-m", "tests.benchmarks.window", "--play", str(path)], check=True, cwd=ROOT)


if __name__ == "__main__":
    main()
