"""Limits of time that hold on a busy machine too: scaled by how slow this very process runs right now."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")

# A collection of garbage, a page from the disk, a neighbour: what befalls one try rarely befalls them all.
_TRIES = 5

# Processor seconds of `_work` on the machine where the tests' limits were set, with nothing else running.
_NOMINAL = 0.015
# Under coverage every line of the program pays for the tracer, the reference work below does not.
_TRACED = 2.5


def _work() -> int:
    """What the program does with names: dictionaries, splitting, joining."""
    names = {f"module.layers.{i // 10}.part{i % 10}.weight": i for i in range(20_000)}
    cut = {".".join(name.split(".")[1:]): value for name, value in names.items()}
    return sum(value for name, value in sorted(cut.items()) if name.startswith("layers.1"))


def patience() -> float:
    """The factor, at least 1, by which a limit in processor seconds is to be multiplied here and now.

    Neighbours on the same cores and slower processors raise it, and so does coverage.
    """
    best = float("inf")
    for _ in range(5):
        begun = time.thread_time()
        _work()
        best = min(best, time.thread_time() - begun)
    traced = sys.gettrace() is not None or (hasattr(sys, "monitoring") and sys.monitoring.get_tool(1) is not None)
    return max(1.0, best / _NOMINAL) * (_TRACED if traced else 1.0)


def quick(seconds: float, action: Callable[[], T], what: str = "", clock: Callable[[], float] = time.process_time) -> T:
    """What `action` returns when one of a few tries takes less than `seconds`, where need be times `patience()`.

    Raises AssertionError with the best time otherwise.
    """
    best = float("inf")
    for _ in range(_TRIES):
        begun = clock()
        result = action()
        best = min(best, clock() - begun)
        if best < seconds or best < seconds * patience():
            return result
    raise AssertionError(f"{what}: {best:.3f} s at best, the limit is {seconds} s".removeprefix(": "))
