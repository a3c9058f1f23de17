"""Long work without Qt: a job is a function that is given a `Progress`, reports to it and polls it."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import chain, islice
from typing import TypeVar

from ckpt_studio.errors import Cancelled, Message

_Item = TypeVar("_Item")
# A millisecond or two of what is done for each.
_PORTION = 1024

_courtesy: Callable[[], object] | None = None


@dataclass(frozen=True)
class Step:
    """How far a job is: `done` of `total` units (bytes or items; total 0 means unknown), and what it is at."""

    done: int
    total: int
    label: Message | None = None


class Progress:
    """The line between a job and whoever waits for it. Thread-safe: one writes, others read.

    The job calls `report` and `check` about ten times a second; the waiting side reads `current`
    (or gets `on_step` called, in the job's thread) and may call `cancel`.
    """

    def __init__(self, on_step: Callable[[Step], None] | None = None) -> None:
        self._cancelled = threading.Event()
        self._on_step = on_step
        self.current = Step(0, 0)

    def report(self, done: int, total: int, label: Message | None = None) -> None:
        """Says how far the job is and raises Cancelled if it is to stop."""
        self.check()
        self.current = Step(done, total, label if label is not None else self.current.label)
        if self._on_step is not None:
            self._on_step(self.current)

    def check(self) -> None:
        """Raises Cancelled if the job is to stop; lets go first who has to."""
        if self._cancelled.is_set():
            raise Cancelled
        give_way()

    def cancel(self) -> None:
        """Asks the job to stop; returns at once."""
        self._cancelled.set()

    @property
    def cancelled(self) -> bool:
        """Whether `cancel` was called."""
        return self._cancelled.is_set()


SILENT = Progress()
"""For callers that neither watch nor stop a short job."""


def be_courteous(wait: Callable[[], object] | None) -> None:
    """From now on jobs call `wait` every few milliseconds; it returns when they may go on. None: no more.

    Only one thread at a time runs Python: a job that never stops to ask makes a window's thread late.
    """
    global _courtesy
    _courtesy = wait


def give_way() -> None:
    """Lets go first who has to; for jobs, between pieces of work of a few milliseconds."""
    if _courtesy is not None:
        _courtesy()


def gradually(items: Iterable[_Item]) -> Iterator[_Item]:
    """The same items, for the long loops of jobs: between some thousand of them it gives way.

    They are taken some thousand at a time, before the loop sees the first: not for what grows meanwhile.
    """
    return chain.from_iterable(_portions(iter(items)))


def _portions(items: Iterator[_Item]) -> Iterator[tuple[_Item, ...]]:
    while some := tuple(islice(items, _PORTION)):
        yield some
        give_way()
