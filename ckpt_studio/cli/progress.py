"""A progress bar on stderr, when it is a terminal and the work takes long enough to need one."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

from ckpt_studio.core.jobs import Progress, Step

_DELAY = 0.5
_INTERVAL = 0.1
_CELLS = 24


class _Bar:
    def __init__(self) -> None:
        self._began = time.monotonic()
        self._next = self._began + _DELAY
        self._drawn = 0

    def step(self, step: Step) -> None:
        now = time.monotonic()
        if now < self._next:
            return
        self._next = now + _INTERVAL
        from ckpt_studio.cli.output import printable, width

        label = printable(str(step.label)) if step.label is not None else ""
        if step.total > 0:
            part = min(max(step.done / step.total, 0.0), 1.0)
            filled = round(part * _CELLS)
            line = f"[{'#' * filled}{'.' * (_CELLS - filled)}] {part * 100:3.0f}% {label}"
        else:
            line = f"{'|/-'[int(now * 8) % 3]} {label}"
        self._draw(line, width(line))

    def _draw(self, line: str, columns: int) -> None:
        import shutil

        room = shutil.get_terminal_size().columns - 1
        if columns > room:
            line, columns = line[:room], room
        encoding = sys.stderr.encoding or "ascii"
        text = line.encode(encoding, "replace").decode(encoding)
        sys.stderr.write("\r" + text + " " * max(self._drawn - columns, 0))
        sys.stderr.flush()
        self._drawn = max(columns, 0)

    def clear(self) -> None:
        if self._drawn:
            sys.stderr.write("\r" + " " * self._drawn + "\r")
            sys.stderr.flush()


@contextmanager
def watching(*, quiet: bool) -> Iterator[Progress]:
    """A `Progress` that draws a bar where somebody can see it; the bar is gone afterwards."""
    if quiet or sys.stderr is None or not sys.stderr.isatty():
        yield Progress()
        return
    bar = _Bar()
    try:
        yield Progress(bar.step)
    finally:
        bar.clear()
