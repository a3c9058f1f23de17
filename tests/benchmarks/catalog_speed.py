"""How long comparing with, and identifying, every torchvision model of the catalog takes.

    python -m tests.benchmarks.catalog_speed

Compare: from the reference's text to the report, with the catalog loaded anew each time ("cold") and again ("warm");
the checkpoint has all tensors, or half of them under other names. Identify: with the names as they are and all of
them renamed, cold and warm. In process, of the processor. Limits: 100 ms to compare, 200 ms to identify.
"""

from __future__ import annotations

import re
import sys
import time
from collections.abc import Callable
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from ckpt_studio.compare.identify import identify
from ckpt_studio.compare.verdict import compare
from ckpt_studio.core.checkpoint import StateDict
from ckpt_studio.models.catalog import Catalog
from ckpt_studio.models.reference import parse_reference
from ckpt_studio.models.resolve import resolve
from tests.compare.making import state_dict_of

COMPARE_SECONDS = 0.1
IDENTIFY_SECONDS = 0.2
Shapes = dict[str, tuple[int, ...]]


def renamed(shapes: Shapes) -> Shapes:
    """Every word another one."""
    return {re.sub(r"[a-z_]+(?=[\w.]*\.)", lambda word: f"{word[0]}x", name): shape for name, shape in shapes.items()}


def spoiled(shapes: Shapes) -> Shapes:
    """Every second name another one, so that the report has rows of every kind."""
    return {name if place % 2 else f"old.{name}": shape for place, (name, shape) in enumerate(shapes.items())}


def seconds(what: Callable[[], object], cold: bool) -> float:
    """The best of three."""
    best = float("inf")
    for _ in range(3):
        if cold:
            Catalog.load.cache_clear()
        start = time.process_time()
        what()
        best = min(best, time.process_time() - start)
    return best


def compared(state_dict: StateDict, reference: str) -> Callable[[], object]:
    return lambda: compare(state_dict, resolve(parse_reference(reference)))


def main() -> int:
    table: dict[str, list[tuple[float, str]]] = {}
    for name in Catalog.load().names():
        skeleton = Catalog.load().skeleton(name)
        assert skeleton is not None
        shapes = {entry.name: entry.shape for entry in skeleton.entries}
        whole, half, other = state_dict_of(shapes), state_dict_of(spoiled(shapes)), renamed(shapes)
        reference = f"torchvision:{name}"
        for title, what in (
            ("compare", compared(whole, reference)),
            ("compare, half renamed", compared(half, reference)),
            ("identify", lambda shapes=shapes: identify(shapes)),
            ("identify, all renamed", lambda shapes=other: identify(shapes)),
        ):
            for cold in (True, False):
                row = table.setdefault(f"{title}, {'cold' if cold else 'warm'}", [])
                row.append((seconds(what, cold), name))
    missed = 0
    for title, times in table.items():
        times.sort(reverse=True)
        limit = COMPARE_SECONDS if title.startswith("compare") else IDENTIFY_SECONDS
        over = sum(taken > limit for taken, _ in times)
        missed += over
        slowest = ", ".join(f"{name} {1000 * taken:.0f} ms" for taken, name in times[:3])
        middle = 1000 * times[len(times) // 2][0]
        print(f"{'SLOW' if over else 'ok  '} {title:<30} half under {middle:.0f} ms; {slowest}; {over} over {limit} s")
    return 1 if missed else 0


if __name__ == "__main__":
    raise SystemExit(main())
