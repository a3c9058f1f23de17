"""What every test of the window needs: settings of its own, and no task left running."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

pytest.importorskip("PySide6")

if TYPE_CHECKING:
    from ckpt_studio.gui.document import Document
    from ckpt_studio.gui.main_window import MainWindow


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


@pytest.fixture
def window(qtbot: Any) -> Iterator[MainWindow]:
    """A window on the screen; without questions it is gone afterwards."""
    from tests.gui.desks import shown_window

    yield from shown_window(qtbot)


@pytest.fixture
def on_a_laptop(window: MainWindow) -> None:
    """The window as large as on a screen of 1366×768, of which title and task bar take some."""
    window.resize(1366, 732)


@pytest.fixture
def document() -> Document:
    """What the model of `samples` expects, all of it under "module."."""
    from tests.gui import samples

    return samples.document(samples.WRAPPED)


@pytest.fixture
def language_put_back(qapp: Any) -> Iterator[None]:
    """Begins in English; whatever language the test speaks, the next one hears English again."""
    from PySide6.QtCore import QLocale, QTranslator

    from ckpt_studio.gui.settings import settings

    settings().setValue("view/language", "en")
    yield
    for translator in qapp.findChildren(QTranslator):
        qapp.removeTranslator(translator)
        translator.setParent(None)
    QLocale.setDefault(QLocale("en_US"))
