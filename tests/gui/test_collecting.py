"""Garbage is collected between jobs, and what a closed file leaves is found again."""

from __future__ import annotations

import gc
import weakref
from collections.abc import Iterator

import pytest

from ckpt_studio.gui import collecting
from ckpt_studio.gui.collecting import Collector


class Ring:
    """An object that only the collector can end."""

    def __init__(self) -> None:
        self.me = self


@pytest.fixture
def files() -> list[str]:
    """What is open."""
    return ["one", "other"]


@pytest.fixture
def collector(qapp: object, files: list[str]) -> Iterator[Collector]:
    """A collector that is asked by hand."""
    gc.collect()
    found = Collector(lambda: len(files))
    found._timer.stop()
    yield found
    found.stop()
    assert gc.isenabled()


def test_the_interpreter_does_not_collect_meanwhile(collector: Collector) -> None:
    assert not gc.isenabled()
    ring = weakref.ref(Ring())
    rings = [[] for _ in range(100_000)]  # type: ignore[var-annotated]
    assert rings
    assert ring() is not None


def test_garbage_of_everyday_work_goes_between_jobs(collector: Collector) -> None:
    made = [weakref.ref(Ring()) for _ in range(3_000)]
    collector.collect()
    assert all(ring() is None for ring in made)


def test_little_garbage_goes_when_nobody_works(collector: Collector) -> None:
    ring = weakref.ref(Ring())
    collector.collect()
    assert ring() is not None
    for _ in range(10):
        collector.collect()
    assert ring() is None


def test_what_a_big_job_left_is_looked_through_when_a_file_closes(
    collector: Collector, files: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(collecting, "_is_in_front", lambda: True)
    collector.collect()
    big = [Ring() for _ in range(200_000)]
    some = weakref.ref(big[0])
    collector.collect()
    del big
    for _ in range(10):
        collector.collect()
    assert some() is not None
    files.pop()
    collector.collect()
    assert some() is None


def test_few_objects_that_refer_to_very_many_are_put_aside(
    collector: Collector, files: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(collecting, "_is_in_front", lambda: True)
    collector.collect()
    big = Ring()
    big.names = [None] * 200_000  # type: ignore[attr-defined]
    some = weakref.ref(big)
    others = [Ring() for _ in range(3_000)]
    del big, others
    collector.collect()
    assert some() is not None
    files.pop()
    collector.collect()
    assert some() is None


def test_and_when_another_program_is_in_front(collector: Collector, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(collecting, "_is_in_front", lambda: False)
    big = [Ring() for _ in range(200_000)]
    some = weakref.ref(big[0])
    collector.collect()
    del big
    collector.collect()
    assert some() is not None
    for _ in range(10):
        collector.collect()
    assert some() is None
