"""Choosing the Python for models, which is remembered and used."""

from __future__ import annotations

import os
import sys

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from ckpt_studio.core.jobs import Progress
from ckpt_studio.gui.dialogs.preferences_dialog import PreferencesDialog
from ckpt_studio.gui.python_preference import apply_preferred_python, preferred_python
from ckpt_studio.models.interpreters import PREFERENCE, Interpreter, Interpreters, default_interpreter

LEFT = Qt.MouseButton.LeftButton


@pytest.fixture(autouse=True)
def pythons(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two Pythons, one without torch; no preference from outside."""
    monkeypatch.setenv(PREFERENCE, "")
    monkeypatch.delenv(PREFERENCE)
    found = (
        Interpreter(sys.executable, "venv", (3, 11, 4), {"torch": "2.1.0", "timm": "1.0"}),
        Interpreter("/usr/bin/python3.8", "system", (3, 8, 1)),
    )

    def find(self: Interpreters, near: object = (), progress: Progress | None = None) -> tuple[Interpreter, ...]:
        return found

    monkeypatch.setattr(Interpreters, "find", find)


def opened(qtbot: QtBot) -> PreferencesDialog:
    dialog = PreferencesDialog()
    qtbot.addWidget(dialog)
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose, False)
    dialog.open()
    qtbot.waitUntil(lambda: dialog.list.topLevelItemCount() == 3)
    return dialog


def test_the_chosen_python_is_remembered_and_used(qtbot: QtBot) -> None:
    dialog = opened(qtbot)
    assert dialog.primary.isEnabled()
    qtbot.keyClick(dialog.list, Qt.Key.Key_Down)
    item = dialog.list.currentItem()
    assert item is not None
    assert [item.text(column) for column in range(5)] == ["3.11.4", "2.1.0", "—", "1.0", "—"]
    qtbot.mouseClick(dialog.primary, LEFT)
    assert not dialog.isVisible()
    assert preferred_python() == sys.executable
    assert default_interpreter() == sys.executable
    assert os.environ.pop(PREFERENCE) == sys.executable
    apply_preferred_python()
    assert os.environ[PREFERENCE] == sys.executable
    dialog = opened(qtbot)
    qtbot.waitUntil(lambda: dialog.list.currentIndex().row() == 1)
    dialog.list.setCurrentItem(dialog.list.topLevelItem(0))
    qtbot.mouseClick(dialog.primary, LEFT)
    assert preferred_python() == ""
    assert PREFERENCE not in os.environ


def test_a_python_without_torch_cannot_be_chosen(qtbot: QtBot) -> None:
    dialog = opened(qtbot)
    dialog.list.setCurrentItem(dialog.list.topLevelItem(2))
    assert not dialog.primary.isEnabled()
    dialog.choose("/nonexistent/python")
    qtbot.waitUntil(dialog.message.isVisible)
    assert "did not answer" in dialog.message.label.text()
    dialog.reject()
