"""Progress and courtesy: what a job says, when it stops, and whom it lets go first."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from ckpt_studio.core.jobs import Progress, Step, be_courteous, gradually
from ckpt_studio.errors import Cancelled


@pytest.fixture
def waits() -> Iterator[list[None]]:
    counted: list[None] = []
    be_courteous(lambda: counted.append(None))
    yield counted
    be_courteous(None)


def test_a_cancelled_job_stops_where_it_asks() -> None:
    progress = Progress()
    progress.report(1, 3)
    assert progress.current == Step(1, 3)
    progress.cancel()
    with pytest.raises(Cancelled):
        progress.check()


def test_long_loops_give_way_between_portions(waits: list[None]) -> None:
    items = list(range(10_000))
    assert list(gradually(items)) == items
    assert list(gradually(dict.fromkeys("ab"))) == ["a", "b"]
    assert list(gradually(())) == []
    assert 3 <= len(waits) <= 20
    del waits[:]
    Progress().check()
    assert len(waits) == 1
