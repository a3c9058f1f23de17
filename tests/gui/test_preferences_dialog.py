"""The preferences: each takes effect at once, is remembered, and is the same thing as in the menus."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QAbstractSpinBox, QApplication, QComboBox, QLabel, QWidget
from pytestqt.qtbot import QtBot

from ckpt_studio.core.jobs import Progress
from ckpt_studio.gui.dialogs.preferences_dialog import PreferencesDialog
from ckpt_studio.gui.main_window import MainWindow
from ckpt_studio.gui.model_resolving import trust
from ckpt_studio.gui.python_preference import apply_preferred_python, preferred_python, set_preferred_python
from ckpt_studio.gui.settings import recent_files, remember_recent, reopens_files, settings, text_setting, trim_recent
from ckpt_studio.gui.text_size import set_text_size, text_size
from ckpt_studio.gui.theme import apply_theme
from ckpt_studio.models.interpreters import PREFERENCE, Interpreter, Interpreters, default_interpreter
from ckpt_studio.models.trust import CodeRequest
from tests.gui.desks import dialog_of, shown_window

LEFT = Qt.MouseButton.LeftButton


@pytest.fixture(autouse=True)
def pythons(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Two Pythons, one without torch; no preference from outside. Counts how often they were looked for."""
    monkeypatch.setenv(PREFERENCE, "")
    monkeypatch.delenv(PREFERENCE)
    looked: list[int] = []
    found = (
        Interpreter(sys.executable, "venv", (3, 11, 4), {"torch": "2.1.0", "timm": "1.0"}),
        Interpreter("/usr/bin/python3.8", "system", (3, 8, 1)),
    )

    def find(self: Interpreters, near: object = (), progress: Progress | None = None) -> tuple[Interpreter, ...]:
        looked.append(1)
        return found

    monkeypatch.setattr(Interpreters, "find", find)
    return looked


@pytest.fixture
def window(qtbot: QtBot, qapp: QApplication, language_put_back: None) -> Iterator[MainWindow]:
    settings().setValue("view/theme", "light")
    yield from shown_window(qtbot)
    set_text_size(qapp, 100)
    apply_theme(qapp, "light")


def opened(qtbot: QtBot) -> PreferencesDialog:
    dialog = PreferencesDialog()
    qtbot.addWidget(dialog)
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose, False)
    dialog.open()
    dialog.tabs.setCurrentWidget(dialog.pythons)
    qtbot.waitUntil(lambda: dialog.pythons.list.topLevelItemCount() == 3)
    return dialog


def of(window: MainWindow) -> PreferencesDialog:
    """The preferences of a window, opened by the key that opens them in other programs."""
    QTest.keyClick(window, Qt.Key.Key_Comma, Qt.KeyboardModifier.ControlModifier)
    dialog = dialog_of(window, "PreferencesDialog")
    assert isinstance(dialog, PreferencesDialog)
    assert not any(key.isEmpty() for action in window.actions_ for key in action.shortcuts())
    return dialog


def pick(qtbot: QtBot, box: QComboBox, row: int) -> None:
    """Chooses a row of a drop-down list by mouse."""
    box.showPopup()
    view = box.view()
    qtbot.mouseClick(view.viewport(), LEFT, pos=view.visualRect(box.model().index(row, 0)).center())


def click_row(qtbot: QtBot, dialog: PreferencesDialog, row: int) -> None:
    listed = dialog.pythons.list
    item = listed.topLevelItem(row)
    assert item is not None
    qtbot.mouseClick(listed.viewport(), LEFT, pos=listed.visualItemRect(item).center())


def in_use(dialog: PreferencesDialog) -> list[bool]:
    """Of which rows a screen reader says that it is in use."""
    listed = dialog.pythons.list
    items = [listed.topLevelItem(row) for row in range(listed.topLevelItemCount())]
    role = Qt.ItemDataRole.AccessibleTextRole
    return [item is not None and str(item.data(0, role)).endswith("in use") for item in items]


# Which Python


def test_the_chosen_python_is_remembered_and_used(qtbot: QtBot) -> None:
    dialog = opened(qtbot)
    assert in_use(dialog) == [True, False, False]
    dialog.pythons.list.setFocus()
    qtbot.keyClick(dialog.pythons.list, Qt.Key.Key_Down)
    item = dialog.pythons.list.currentItem()
    assert item is not None
    assert [item.text(column) for column in range(5)] == ["3.11.4", "2.1.0", "—", "1.0", "—"]
    assert preferred_python() == sys.executable
    assert default_interpreter() == sys.executable
    assert in_use(dialog) == [False, True, False]
    qtbot.mouseClick(dialog.primary, LEFT)
    assert not dialog.isVisible()
    assert os.environ.pop(PREFERENCE) == sys.executable
    apply_preferred_python()
    assert os.environ[PREFERENCE] == sys.executable
    dialog = opened(qtbot)
    qtbot.waitUntil(lambda: dialog.pythons.list.currentIndex().row() == 1)
    # To be shown is not to be chosen.
    assert preferred_python() == sys.executable
    click_row(qtbot, dialog, 0)
    assert preferred_python() == ""
    assert PREFERENCE not in os.environ
    dialog.accept()


def test_a_python_without_torch_cannot_be_chosen(qtbot: QtBot) -> None:
    dialog = opened(qtbot)
    click_row(qtbot, dialog, 1)
    click_row(qtbot, dialog, 2)
    assert "cannot build models" in dialog.message.label.text()
    assert preferred_python() == sys.executable
    assert in_use(dialog) == [False, True, False]
    click_row(qtbot, dialog, 1)
    assert not dialog.message.isVisible()
    dialog.pythons.choose("/nonexistent/python")
    qtbot.waitUntil(dialog.message.isVisible)
    assert "did not answer" in dialog.message.label.text()
    dialog.reject()


def test_a_chosen_python_that_is_gone_is_told(qtbot: QtBot) -> None:
    set_preferred_python("/gone/bin/python")
    dialog = opened(qtbot)
    qtbot.waitUntil(dialog.message.isVisible)
    assert dialog.message.label.text().endswith("not there any more: /gone/bin/python")
    assert in_use(dialog) == [False, False, False]
    click_row(qtbot, dialog, 0)
    assert preferred_python() == ""
    assert not dialog.message.isVisible()
    dialog.accept()


def test_a_python_from_elsewhere_is_added_and_used(qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> None:
    other = Interpreter("/env/bin/python", "venv", (3, 12, 1), {"torch": "2.5.0"})
    monkeypatch.setattr(Interpreters, "ask", lambda self, path: other)
    dialog = opened(qtbot)
    dialog.pythons.choose("/env/bin/python")
    qtbot.waitUntil(lambda: preferred_python() == "/env/bin/python")
    assert in_use(dialog) == [False, False, False, True]
    dialog.accept()


def test_code_that_was_allowed_is_asked_about_again(qtbot: QtBot, tmp_path: Path) -> None:
    code = tmp_path / "net.py"
    code.write_text("class Net: ...")
    request = CodeRequest.of(str(code), sys.executable, f"{code}:Net")
    dialog = opened(qtbot)
    assert dialog.pythons.allowed.text() == "You are asked before the code of any model runs."
    assert not dialog.pythons.ask_again.isVisible()
    dialog.reject()
    trust().remember(request)
    dialog = opened(qtbot)
    assert dialog.pythons.allowed.text() == "The code of 1 file may run without asking."
    assert dialog.pythons.allowed.toolTip() == str(code)
    qtbot.mouseClick(dialog.pythons.ask_again, LEFT)
    assert not trust().allows(request)
    assert not dialog.pythons.ask_again.isVisible()
    dialog.reject()


# What a desktop program has


def test_colours_change_at_once_and_in_the_menu(window: MainWindow, qtbot: QtBot, qapp: QApplication) -> None:
    dialog = of(window)
    before = qapp.styleSheet()
    pick(qtbot, dialog.general.theme, 2)
    assert text_setting("view/theme", "") == "dark"
    assert qapp.styleSheet() != before
    shown = {action.data(): action.isChecked() for action in window.menus._below["theme"].actions()}
    assert shown == {"system": False, "light": False, "dark": True}
    assert dialog.isVisible()
    window.set_theme("light")
    dialog.reject()
    assert of(window).general.theme.currentData() == "light"


def test_text_grows_at_once(window: MainWindow, qtbot: QtBot, qapp: QApplication) -> None:
    dialog = of(window)
    before = qapp.font().pointSizeF()
    dialog.general.text_size.setFocus()
    qtbot.keyClick(dialog.general.text_size, Qt.Key.Key_Up)
    assert text_size() == 110
    assert qapp.font().pointSizeF() == pytest.approx(before * 1.1)
    qtbot.keyClick(dialog.general.text_size, Qt.Key.Key_Down)
    dialog.reject()
    window.actions_["larger-text"].trigger()
    assert of(window).general.text_size.value() == 110


def test_files_are_opened_again_at_the_start(window: MainWindow, qtbot: QtBot) -> None:
    dialog = of(window)
    box = dialog.general.reopen
    qtbot.mouseClick(box, LEFT, pos=QPoint(8, box.height() // 2))
    assert reopens_files()
    assert window.actions_["reopen-files"].isChecked()
    dialog.reject()
    window.actions_["reopen-files"].trigger()
    assert not of(window).general.reopen.isChecked()


def test_recent_files_are_fewer_or_forgotten(window: MainWindow, qtbot: QtBot, tmp_path: Path) -> None:
    paths = [tmp_path / f"{number}.pth" for number in range(5)]
    for path in paths:
        path.write_bytes(b"x")
        remember_recent(str(path))
    window.welcome.refresh()
    dialog = of(window)
    assert dialog.general.forget.text() == "&Forget 5 files"
    dialog.general.kept.selectAll()
    dialog.general.kept.setFocus()
    qtbot.keyClicks(dialog.general.kept, "2")
    assert recent_files() == [str(paths[4]), str(paths[3])]
    assert window.welcome.recent.count() == 2
    # As long as the dialog is open, a slip costs nothing.
    dialog.general.kept.setValue(4)
    assert len(recent_files()) == 4
    dialog.reject()
    settings().setValue("recent/kept", "12")
    assert len(recent_files()) == 4
    dialog = of(window)
    qtbot.mouseClick(dialog.general.forget, LEFT)
    assert recent_files() == []
    assert window.welcome.recent.count() == 0
    assert not dialog.general.forget.isEnabled()
    dialog.general.kept.setValue(0)
    assert dialog.general.kept.text() == "none"
    remember_recent(str(paths[0]))
    assert recent_files() == []
    dialog.reject()


def test_a_number_that_is_none_is_the_usual_one() -> None:
    for number in range(14):
        settings().setValue("recent/kept", "nonsense")
        remember_recent(f"/files/{number}.pth")
    assert len(recent_files()) == 12
    trim_recent()
    assert len(recent_files()) == 12


def test_another_language_is_spoken_by_the_open_dialog_too(
    window: MainWindow, qtbot: QtBot, pythons: list[int]
) -> None:
    dialog = of(window)
    dialog.tabs.setCurrentWidget(dialog.pythons)
    qtbot.waitUntil(lambda: dialog.pythons.list.topLevelItemCount() == 3)
    dialog.tabs.setCurrentWidget(dialog.general)
    dialog.general.language.setFocus()
    actions = window.actions_
    # By keys: the second row after the present one.
    qtbot.keyClick(dialog.general.language, Qt.Key.Key_Down)
    qtbot.waitUntil(lambda: window.actions_ is not actions and dialog.windowTitle() == "首选项")
    assert text_setting("view/language", "") == "zh_CN"
    assert dialog.isVisible()
    assert dialog.general.language.currentData() == "zh_CN"
    assert dialog.primary.text() == "关闭"
    assert dialog.tabs.count() == 2
    assert dialog.pythons.list.topLevelItemCount() == 3
    assert len(pythons) == 1
    # What is chosen from here on still reaches the window.
    pick(qtbot, dialog.general.theme, 2)
    assert text_setting("view/theme", "") == "dark"
    actions = window.actions_
    pick(qtbot, dialog.general.language, 1)
    qtbot.waitUntil(lambda: window.actions_ is not actions and dialog.windowTitle() == "Preferences")
    assert dialog.primary.text() == "Close"


def test_every_field_has_a_name_for_screen_readers(qtbot: QtBot) -> None:
    dialog = opened(qtbot)
    buddies = {label.buddy() for label in dialog.findChildren(QLabel)}
    for page in (dialog.general, dialog.pythons):
        dialog.tabs.setCurrentWidget(page)
        fields: list[QWidget] = [
            field
            for field in page.findChildren(QWidget)
            if isinstance(field, QComboBox | QAbstractSpinBox | QAbstractButton) and field.focusPolicy()
        ]
        for field in fields:
            words = field.text() if isinstance(field, QAbstractButton) else ""
            assert words or field.accessibleName() or field in buddies
    assert dialog.pythons.list.accessibleName()
    dialog.reject()


def test_it_fits_on_a_small_screen_with_large_text(window: MainWindow, qtbot: QtBot) -> None:
    window.set_text_size(150)
    dialog = of(window)
    for page in (dialog.general, dialog.pythons):
        dialog.tabs.setCurrentWidget(page)
        qtbot.waitUntil(lambda page=page: page.isVisible())  # type: ignore[misc]
        assert dialog.minimumSizeHint().width() <= 1366
        assert dialog.minimumSizeHint().height() <= 732
        dialog.resize(1300, 732)
        qtbot.waitUntil(lambda: dialog.primary.visibleRegion().boundingRect().size() == dialog.primary.size())
        assert dialog.height() <= 732
    dialog.reject()
