"""What every test of the window needs: settings of its own, and no task left running."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

pytest.importorskip("PySide6")


@pytest.fixture(autouse=True)
def own_settings(qapp: object, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Settings, caches and trusted code of this test alone."""
    from PySide6.QtCore import QSettings

    QSettings.setPath(QSettings.Format.IniFormat, QSettings.Scope.UserScope, str(tmp_path / "settings"))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))


@pytest.fixture(autouse=True)
def no_leftover_tasks() -> Iterator[None]:
    """Cancels what still runs when the test ends and fails it when a thread does not stop."""
    yield
    from ckpt_studio.gui.tasks import stop_all

    assert stop_all(), "a task went on running after it was cancelled"


@pytest.fixture(autouse=True)
def clean_clipboard(qapp: object) -> Iterator[None]:
    """Nothing that Python made stays on the clipboard: Qt would destroy it after Python is gone."""
    yield
    from PySide6.QtGui import QGuiApplication

    QGuiApplication.clipboard().clear()


@pytest.fixture(autouse=True)
def english(qapp: object) -> None:
    """Numbers as English writes them, whatever this machine speaks."""
    from PySide6.QtCore import QLocale

    QLocale.setDefault(QLocale("en_US"))
