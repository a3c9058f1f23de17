"""Warming: what is loaded ahead exists, and is loaded only while nothing else is to be done."""

from __future__ import annotations

import importlib
import sys

import pytest
from PySide6.QtTest import QSignalSpy
from pytestqt.qtbot import QtBot

from ckpt_studio.core.jobs import Progress
from ckpt_studio.gui import warming
from ckpt_studio.gui.tasks import run_task
from ckpt_studio.gui.warming import Warmer


def test_everything_that_is_named_can_be_loaded() -> None:
    for name in (*warming._BELOW, *(f"ckpt_studio.gui.{name}" for name in warming._WINDOW)):
        assert importlib.import_module(name)


def test_it_begins_with_the_first_file_and_stops_when_all_is_loaded(
    qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(warming, "_INTERVAL_MS", 1)
    monkeypatch.setattr(warming, "_BELOW", ("ckpt_studio.wording.edits",))
    monkeypatch.setattr(warming, "_WINDOW", ("dialogs.details_dialog", "dialogs.device_dialog"))
    loaded: list[str] = []
    monkeypatch.setattr(importlib, "import_module", lambda name: loaded.append(name) or sys)
    opened = []
    warmer = Warmer(lambda: bool(opened))
    spy = QSignalSpy(warmer._timer.timeout)
    qtbot.waitUntil(lambda: spy.count() > 2)
    assert loaded == []
    opened.append(1)
    # While a job is at work nothing is loaded.
    with qtbot.waitSignal(run_task(None, lambda progress: None).finished):
        assert loaded == []
    qtbot.waitUntil(lambda: not warmer._timer.isActive())
    assert loaded == [
        "ckpt_studio.wording.edits",
        "ckpt_studio.gui.dialogs.details_dialog",
        "ckpt_studio.gui.dialogs.device_dialog",
    ]


def test_loading_gives_way_at_every_module(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = []
    monkeypatch.setattr(warming, "give_way", lambda: asked.append(1))
    before = list(sys.meta_path)
    for name in ("wave", "ckpt_studio.wording.edits"):
        monkeypatch.delitem(sys.modules, name, raising=False)
    warming._load(("wave", "ckpt_studio.wording.edits"), Progress())
    assert len(asked) >= 2
    assert sys.meta_path == before
