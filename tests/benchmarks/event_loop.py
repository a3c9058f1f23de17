"""A stage on which a session is played in a real window, and a probe that sees how long its event loop stands still."""

from __future__ import annotations

import faulthandler
import re
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass

from PySide6.QtCore import QEventLoop, QTimer
from PySide6.QtWidgets import QApplication

from ckpt_studio.gui.tasks import running_tasks

_TICK = 0.004
_PATIENCE = 120.0
# Milliseconds that the event loop may stand still.
_LONGEST = 100.0


@dataclass(frozen=True)
class Block:
    """How long the event loop did not come round.

    Attributes:
        wall: seconds.
        worked: seconds of processor time of the window's thread; what other programs and threads took is not in it.
    """

    wall: float
    worked: float


@dataclass(frozen=True)
class Measured:
    """One row of the table.

    Attributes:
        what: for people.
        value: in `unit`.
        limit: 0 for none.
    """

    what: str
    value: float
    limit: float
    unit: str

    @property
    def is_missed(self) -> bool:
        """Whether it is over its limit."""
        return bool(self.limit) and self.value > self.limit


class Probe:
    """A timer whose lateness is the length of a block. Lives on the window's thread."""

    def __init__(self) -> None:
        self.blocks: list[Block] = []
        self._last = (time.perf_counter(), time.thread_time())
        self._timer = QTimer()
        self._timer.timeout.connect(self._tick)
        self._timer.start(round(1000 * _TICK))

    def longest(self, first: int = 0) -> Block:
        """The longest block among those from the `first` on; wall and processor time each at their worst."""
        some = self.blocks[first:]
        return Block(max((b.wall for b in some), default=0.0), max((b.worked for b in some), default=0.0))

    def stop(self) -> None:
        """Looks no longer."""
        self._timer.stop()

    def _tick(self) -> None:
        now, worked = time.perf_counter(), time.thread_time()
        self.blocks.append(Block(now - self._last[0] - _TICK, worked - self._last[1]))
        self._last = (now, worked)


class Witness:
    """Looks some hundred times a second where the threads are, to say afterwards what a block was made of.

    `sys._current_frames` would not do: whoever holds a frame holds its objects, and ends them in the wrong thread.
    """

    def __init__(self) -> None:
        self._window = f"0x{threading.get_ident():016x}"
        self._seen: list[tuple[float, bytes]] = []
        threading.Thread(target=self._look, daemon=True).start()

    def explain(self, begun: float, ended: float) -> list[str]:
        """The most frequent places between two moments of `time.perf_counter`."""
        here: Counter[str] = Counter()
        beside: Counter[str] = Counter()
        for moment, text in self._seen:
            if begun <= moment <= ended:
                for thread in text.decode().split("\n\n"):
                    head, *places = thread.splitlines()
                    known = [_PLACE.sub(r"\1:\2 \3", place.strip()) for place in places[:5]]
                    if self._window in head:
                        here[" < ".join(known)] += 1
                    elif "_look" not in thread:
                        beside[" < ".join(known[:3])] += 1
        lines = [f"{count:5d} × {place}" for place, count in here.most_common(8)]
        return lines + [f"{count:5d} × beside it: {place}" for place, count in beside.most_common(6)]

    def _look(self) -> None:
        with tempfile.TemporaryFile() as file:
            while True:
                file.seek(0)
                file.truncate()
                faulthandler.dump_traceback(file)
                file.seek(0)
                self._seen.append((time.perf_counter(), file.read()))
                time.sleep(0.003)


_PLACE = re.compile(r'File ".*?([^/]+)", line (\d+) in (\S+)')


def anonymous_megabytes() -> float:
    """Memory of this process that is not a file's pages; 0 where the system does not say."""
    try:
        with open("/proc/self/status", encoding="ascii") as status:
            return next((int(line.split()[1]) / 1000 for line in status if line.startswith("RssAnon")), 0.0)
    except OSError:
        return 0.0


class Stage:
    """Plays steps one after the other and notes for each how long it took and how long it blocked the window."""

    def __init__(self, app: QApplication, *, generosity: float = 1.0, explain: float = 0.0) -> None:
        """A stage in a running application.

        Args:
            app: the application.
            generosity: multiplies every limit, for machines that do other things as well; blocks then count in
                processor time only.
            explain: prints what longer blocks (milliseconds) were made of; 0 for none.
        """
        self.app = app
        self.rows: list[Measured] = []
        self.probe = Probe()
        self._generosity = generosity
        self._explain = explain
        # The blocks up to this one belong to a row of the table.
        self._told = 0
        self._witness = Witness() if explain else None

    def until(self, reached: Callable[[], object]) -> None:
        """Lets the event loop run until something is so."""
        begun = time.perf_counter()
        while not reached():
            self.app.processEvents(QEventLoop.ProcessEventsFlag.WaitForMoreEvents)
            if time.perf_counter() - begun > _PATIENCE:
                raise TimeoutError(f"after “{self.rows[-1].what if self.rows else ''}”")

    def rest(self) -> None:
        """Lets what was begun come to its end."""
        self.until(lambda: not running_tasks())
        self.app.processEvents()

    def step(
        self,
        what: str,
        act: Callable[[], object],
        limit: float = 0.0,
        done: Callable[[], object] = lambda: True,
        *,
        rests: bool = True,
    ) -> None:
        """Does something and waits until it is done and shown; then, outside the time that counts, for what follows.

        Args:
            what: for people.
            act: what a person would do.
            limit: milliseconds; 0 for none but that of a block.
            done: when the person sees it.
            rests: whether the next step waits for the tasks that this one began.
        """
        self.until(lambda: True)
        self.app.processEvents()
        self._say_between(what)
        first, begun = len(self.probe.blocks), time.perf_counter()
        act()
        self.app.processEvents()
        self.until(done)
        self.app.processEvents()
        took = time.perf_counter() - begun
        if rests:
            self.rest()
        # The probe's own tick sees what came after the last one.
        seen = len(self.probe.blocks)
        self.until(lambda: len(self.probe.blocks) > seen)
        self._say(what, took, limit, self.probe.longest(first), begun)
        self._told = len(self.probe.blocks)

    def note(self, what: str, value: float, limit: float, unit: str) -> None:
        """Enters a measurement made elsewhere."""
        self.rows.append(Measured(what, value, limit * self._generosity, unit))
        print(table_line(self.rows[-1]), flush=True)

    def close(self) -> None:
        """Enters the longest block of the whole session and the memory."""
        longest = self.probe.longest()
        alone = self._generosity == 1.0
        self.note("longest block of the event loop", 1000 * longest.wall, _LONGEST if alone else 0.0, "ms")
        self.note("longest in processor time", 1000 * longest.worked, _LONGEST, "ms")
        self.note("memory (anonymous)", anonymous_megabytes(), 0.0, "MB")

    def _say_between(self, what: str) -> None:
        """Blocks between two steps are none of a row, but count as well."""
        block = self.probe.longest(self._told)
        if 1000 * max(block.wall, block.worked) > _LONGEST / 2:
            print(f"    before “{what.strip()}”{_blocked(block)}", flush=True)

    def _say(self, what: str, took: float, limit: float, block: Block, begun: float) -> None:
        self.rows.append(Measured(what, 1000 * took, limit * self._generosity, "ms"))
        print(table_line(self.rows[-1]) + _blocked(block), flush=True)
        if self._witness is not None and 1000 * block.wall > self._explain:
            for line in self._witness.explain(begun, time.perf_counter()):
                print(f"      {line}", flush=True)


def _blocked(block: Block) -> str:
    return f"   blocked {1000 * block.wall:6.1f} ms, {1000 * block.worked:6.1f} of processor time"


def table_line(row: Measured) -> str:
    """The row as text: measured, limit, and how much of it."""
    text = f"{row.what:42s}{row.value:10.2f} {row.unit:3s}"
    if not row.limit:
        return f"{text}{'':34s}"
    return f"{text} limit {row.limit:8.2f} {row.value / row.limit:6.2f} of it {'MISSED' if row.is_missed else '':6s}"
