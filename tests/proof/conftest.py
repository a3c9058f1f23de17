"""The proof through the window needs what the window's own tests need."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest


@pytest.fixture
def own_settings(qapp: object, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Settings and caches of this test alone, English numbers, and no task left running."""
    from PySide6.QtCore import QLocale, QSettings

    from ckpt_studio.gui.tasks import stop_all

    QSettings.setPath(QSettings.Format.IniFormat, QSettings.Scope.UserScope, str(tmp_path / "settings"))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    QLocale.setDefault(QLocale("en_US"))
    yield
    assert stop_all(), "a task went on running after it was cancelled"
