"""Whatever is selected, the inspector leaves the window's thread alone: measured in that thread's processor time."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from pytestqt.qtbot import QtBot

from ckpt_studio.core.dtypes import BY_NAME
from ckpt_studio.core.storage import ByteSource, Storage
from ckpt_studio.core.tensor import Tensor, contiguous
from ckpt_studio.gui.inspector.views import BytesPage, TablePage
from tests.benchmarks.event_loop import Probe
from tests.clock import patience
from tests.gui.inspecting import document_of, settle, shown

np = pytest.importorskip("numpy")

# Seconds that one turn of the event loop may work.
LONGEST = 0.05
MANY = tuple(f"layers.{i}.weight" for i in range(650))


class Pattern(ByteSource):
    """Bytes of any length that cost nothing to keep: the same page over and over."""

    def __init__(self, nbytes: int) -> None:
        self.nbytes = nbytes
        self._page = np.random.default_rng(1).standard_normal(1 << 18).astype("<f4").tobytes()

    def read(self, start: int, length: int) -> bytes:
        page = len(self._page)
        first = start % page
        times = -(-(first + length) // page)
        return (self._page * times)[first : first + length]


def large(*shape: int, dtype: str = "float32") -> Tensor:
    """A tensor of this shape with values from nowhere."""
    kind = BY_NAME[dtype]
    return contiguous(kind, shape, Storage(Pattern(int(np.prod(shape, dtype=np.int64)) * kind.itemsize)))


TENSORS: dict[str, Tensor] = {
    "kernels": large(512, 512, 3, 3),
    "matrix": large(100_000, 768),
    "half": large(4096, 4096, dtype="float16"),
    "float8": large(4096, 4096, dtype="float8_e4m3fn"),
    "complex": large(2000, 1000, dtype="complex64"),
    "integers": large(50_000, 40, dtype="int64"),
    "vector": large(5_000_000),
    "five axes": large(20, 30, 16, 5, 7),
    "first": large(3000, 768),
    "second": large(3000, 768),
    "scalar": large(),
    "empty": large(0, 3),
    **{name: large(64) for name in MANY},
}


@pytest.fixture
def looked_at(qtbot: QtBot) -> Iterator[Any]:
    """A pane on the screen that has built what it builds only once, and a probe of its event loop."""
    pane = shown(qtbot, document_of({**TENSORS, "embedding": large(1_000_000, 1024)}))
    for name in ("kernels", "vector"):
        pane.document.selection.select((name,))
        for view in ("kernels", "heat-map", "curve", "histogram", "table", "bytes", ""):
            pane.choose_view(view)
            settle(qtbot, pane)
    probe = Probe()
    yield pane, probe
    probe.stop()


def worst_of(probe: Probe, first: int) -> float:
    """Processor seconds of the longest turn from the `first` on."""
    return probe.longest(first).worked


@pytest.mark.slow
def test_no_selection_and_no_view_holds_up_the_window(qtbot: QtBot, looked_at: Any) -> None:
    pane, probe = looked_at
    selections = [(name,) for name in TENSORS if name not in MANY] + [("first", "second"), MANY]
    slow: dict[str, float] = {}

    def seen(what: str, first: int) -> None:
        qtbot.waitUntil(lambda: len(probe.blocks) > first + 1)
        slow[what] = worst_of(probe, first)

    for names in selections:
        what, first = names[0] if len(names) < 3 else "many", len(probe.blocks)
        pane.document.selection.select(names)
        settle(qtbot, pane)
        seen(what, first)
        for action in list(pane._choices.actions()):
            first = len(probe.blocks)
            pane.choose_view(action.data())
            settle(qtbot, pane)
            view = pane.view
            if isinstance(view, TablePage | BytesPage):
                bar = view.table.verticalScrollBar()
                bar.setValue(bar.maximum() // 2)
                view.table.grab()
                qtbot.waitUntil(lambda view=view: not view.model._wanted and view.model._task is None)
            seen(f"{what} as {action.text()}", first)
        pane.choose_view("")
    limit = LONGEST * patience()
    assert {what: took for what, took in slow.items() if took > limit} == {}


@pytest.mark.slow
def test_an_embedding_of_four_gigabytes_is_scrolled_at_once(qtbot: QtBot, looked_at: Any) -> None:
    pane, probe = looked_at
    first = len(probe.blocks)
    pane.choose_view("table")
    pane.document.selection.select(("embedding",))
    qtbot.waitUntil(lambda: isinstance(pane.view, TablePage) and pane.view.model.rows == 1_000_000)
    page = pane.view
    assert isinstance(page, TablePage)
    qtbot.waitUntil(lambda: page.model.cell(0, 0) is not None)
    bar = page.table.verticalScrollBar()
    for place in (bar.maximum() // 3, bar.maximum()):
        bar.setValue(place)
        page.table.grab()
        row = page.table.rowAt(2)
        qtbot.waitUntil(lambda row=row: page.model.cell(row, 0) is not None)
    assert page.table.rowAt(page.table.viewport().height() - 2) == 999_999
    # The statistics of all of it are still being added up; another selection ends that at once.
    assert pane.is_measuring
    pane.document.selection.select(("scalar",))
    settle(qtbot, pane)
    assert worst_of(probe, first) < LONGEST * patience()
