"""What stays between starts and what helps around the files: recent files, session, text size, log, report."""

from __future__ import annotations

import logging
import os
import shutil
import stat
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QApplication, QLabel, QToolButton, QWidget

from ckpt_studio.formats.opening import open_checkpoint
from ckpt_studio.gui import tasks
from ckpt_studio.gui.compare_pane import ComparePane
from ckpt_studio.gui.crash_dialog import CrashHandler
from ckpt_studio.gui.diagnostics import diagnostic_report
from ckpt_studio.gui.findings_dialog import FindingsDialog
from ckpt_studio.gui.logs import last_lines, start_logging, stop_logging
from ckpt_studio.gui.main_window import MainWindow
from ckpt_studio.gui.recent_menu import RecentMenu
from ckpt_studio.gui.settings import (
    recent_files,
    recent_state,
    remember_recent,
    remember_session,
    session_files,
    settings,
)
from ckpt_studio.gui.summary_header import SummaryHeader
from ckpt_studio.gui.tensor_tree_model import SHAPE, SIZE, STATUS
from ckpt_studio.gui.text_size import LARGEST, SMALLEST, apply_text_size, set_text_size, stepped, text_size
from ckpt_studio.gui.theme import LIGHT, style_sheet
from ckpt_studio.gui.wording import worded
from ckpt_studio.resources import resource_path

SAMPLE = resource_path("sample.pth")


@pytest.fixture
def window(qtbot: Any) -> Iterator[MainWindow]:
    window = MainWindow()
    window.show()
    qtbot.waitExposed(window)
    yield window
    window._closing = True
    window.close()
    window.deleteLater()


@pytest.fixture(autouse=True)
def usual_text(qapp: QApplication) -> Iterator[None]:
    yield
    set_text_size(qapp, 100)


def test_recent_files_say_what_became_of_them(qtbot: Any, tmp_path: Path) -> None:
    paths = [tmp_path / name for name in ("same.pth", "changed.pth", "gone.pth")]
    for path in paths:
        path.write_bytes(b"1234")
        remember_recent(str(path))
    paths[1].write_bytes(b"12345")
    paths[2].unlink()
    assert [recent_state(str(path)) for path in paths] == ["same", "changed", "missing"]
    menu = RecentMenu()
    qtbot.addWidget(menu)
    menu.fill()
    gone, changed, same = menu.actions()[:3]
    assert not gone.isEnabled()
    assert "not there any more" in gone.toolTip()
    assert "changed since" in changed.toolTip()
    assert same.toolTip() == str(paths[0])
    with qtbot.waitSignal(menu.open_wanted) as wanted:
        changed.trigger()
    assert wanted.args == [str(paths[1])]
    remember_recent(str(paths[1]))
    assert recent_state(str(paths[1])) == "same"
    menu.actions()[-1].trigger()
    assert recent_files() == []


def test_welcome_page_shows_missing_files_without_opening_them(window: MainWindow, qtbot: Any, tmp_path: Path) -> None:
    path = tmp_path / "gone.pth"
    path.touch()
    remember_recent(str(path))
    path.unlink()
    window.welcome.refresh()
    item = window.welcome.recent.item(0)
    assert "not there any more" in item.text()
    with qtbot.assertNotEmitted(window.welcome.open_wanted):
        window.welcome.recent.itemClicked.emit(item)


@pytest.mark.skipif(not SAMPLE.is_file(), reason="the sample is not built")
def test_open_files_are_remembered_in_their_order(window: MainWindow, qtbot: Any, tmp_path: Path) -> None:
    paths = [str(shutil.copy(SAMPLE, tmp_path / name)) for name in ("b.pth", "a.pth", "gone.pth")]
    window.open_paths([*paths, str(tmp_path / "never.pth")])
    qtbot.waitUntil(lambda: all(page.page is not None or page.error is not None for page in window.file_pages))
    assert not window.actions_["reopen-files"].isChecked()
    window.actions_["reopen-files"].trigger()
    window.close()
    os.unlink(paths[2])
    assert session_files() == paths[:2]
    assert MainWindow().actions_["reopen-files"].isChecked()


def test_session_of_one_file_survives_the_settings_file(tmp_path: Path) -> None:
    (tmp_path / "a.pth").touch()
    remember_session([str(tmp_path / "a.pth")])
    settings().sync()
    assert session_files() == [str(tmp_path / "a.pth")]
    remember_session([])
    assert session_files() == []


def test_text_grows_and_shrinks_with_its_rows(window: MainWindow, qapp: QApplication, qtbot: Any) -> None:
    usual = qapp.font().pointSizeF()
    height = window.welcome.open_button.fontMetrics().height()
    window.actions_["larger-text"].trigger()
    window.actions_["larger-text"].trigger()
    assert text_size() == 120
    assert qapp.font().pointSizeF() == pytest.approx(usual * 1.2)
    qtbot.waitUntil(lambda: window.welcome.open_button.fontMetrics().height() > height)
    assert "font-size: 24pt" in style_sheet(LIGHT)
    window.actions_["smaller-text"].trigger()
    assert text_size() == 110
    window.actions_["normal-text"].trigger()
    assert qapp.font().pointSizeF() == pytest.approx(usual)
    qtbot.waitUntil(lambda: window.welcome.open_button.fontMetrics().height() == height)


def _sizes(*widgets: QWidget) -> list[float]:
    """The point sizes of these widgets and of everything inside, in one order."""
    return [one.font().pointSizeF() for widget in widgets for one in (widget, *widget.findChildren(QWidget))]


def test_every_text_follows_the_size_and_comes_back_exactly(
    window: MainWindow, qapp: QApplication, qtbot: Any, tmp_path: Path
) -> None:
    path = tmp_path / "file.pth"
    shutil.copy(SAMPLE, path)
    window.change_text_size(0)
    window.open_path(str(path))
    qtbot.waitUntil(lambda: bool(window.findChildren(SummaryHeader)), timeout=10_000)
    header, pane = window.findChildren(SummaryHeader)[0], window.findChildren(ComparePane)[0]
    dialog = FindingsDialog(header.document.checkpoint, window)
    dialog.show()
    qtbot.waitExposed(dialog)
    usual = qapp.font().pointSizeF()
    title = next(label for label in pane.findChildren(QLabel) if "load into your model" in label.text())
    large = {header.facts: 1.08, dialog.heading: 1.2, title: 1.3, dialog.details: 1.0, header.advice: 1.0}
    at_start = _sizes(header, pane, dialog)
    for label, factor in large.items():
        assert label.font().pointSizeF() == pytest.approx(usual * factor, abs=0.02)
    for _ in range(4):
        window.actions_["larger-text"].trigger()
    for label, factor in large.items():
        assert label.font().pointSizeF() == pytest.approx(usual * 1.4 * factor, abs=0.02)
    for _ in range(6):
        window.actions_["smaller-text"].trigger()
    for label, factor in large.items():
        assert label.font().pointSizeF() == pytest.approx(usual * 0.8 * factor, abs=0.02)
    window.actions_["normal-text"].trigger()
    assert _sizes(header, pane, dialog) == pytest.approx(at_start, abs=0.001)
    assert dialog.heading.font().bold()
    assert title.font().bold()
    dialog.close()


def test_whole_sentences_of_findings_are_shown(window: MainWindow, qtbot: Any, corpus: Path) -> None:
    checkpoint = open_checkpoint(str(corpus / "hostile/picklescan/data/malicious1_v4.pkl"))
    window.change_text_size(0)
    dialog = FindingsDialog(checkpoint, window)
    dialog.show()
    qtbot.waitExposed(dialog)
    for _ in range(6):
        found = dialog.found
        assert worded(checkpoint.warnings[0].message) in found.toPlainText()
        assert found.document().idealWidth() <= found.viewport().width() + 1
        assert found.horizontalScrollBar().maximum() == 0
        assert found.verticalScrollBar().maximum() == 0
        window.actions_["larger-text"].trigger()
    dialog.close()


def test_text_size_has_limits_and_is_remembered(qapp: QApplication) -> None:
    set_text_size(qapp, stepped(99))
    assert text_size() == LARGEST
    set_text_size(qapp, stepped(-99))
    assert text_size() == SMALLEST
    settings().setValue("view/text-size", "nonsense")
    assert text_size() == 100
    apply_text_size(qapp)


def test_log_is_private_rotates_and_quotes_no_words(tmp_path: Path, qtbot: Any, capsys: Any) -> None:
    folder = str(tmp_path / "log")
    handler = start_logging(folder)
    assert handler is not None
    if sys.platform != "win32":
        assert stat.S_IMODE(os.stat(tmp_path / "log" / "ckpt-studio.log").st_mode) == 0o600
    crashes = CrashHandler()
    try:
        raise ValueError("secret.layer.weight")
    except ValueError as error:
        crashes.handle(type(error), error, error.__traceback__)
    assert crashes.dialog is not None
    crashes.dialog.close()
    (line,) = last_lines(5, folder)
    assert "unexpected ValueError at test_comfort_of_start.py" in line
    assert "secret" not in line
    for number in range(6000):
        logging.getLogger("ckpt_studio.gui.tests").info("note %d %s", number, "x" * 100)
    stop_logging(handler)
    assert len(list((tmp_path / "log").iterdir())) == 3
    assert sum(path.stat().st_size for path in (tmp_path / "log").iterdir()) < 1 << 20
    assert last_lines(1, folder)[0].endswith("x" * 100)


def test_log_that_cannot_be_written_is_done_without(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    assert start_logging(str(tmp_path / "file" / "log")) is None
    assert last_lines(3, str(tmp_path / "none")) == []


@pytest.mark.skipif(not SAMPLE.is_file(), reason="the sample is not built")
def test_report_says_the_versions_and_nothing_of_the_files(window: MainWindow, qtbot: Any, tmp_path: Path) -> None:
    handler = start_logging()
    path = shutil.copy(SAMPLE, tmp_path / "very-private.pth")
    file = window.open_path(path)
    qtbot.waitUntil(lambda: file.page is not None)
    settings().setValue("view/theme", "dark")
    window.actions_["diagnostics"].trigger()
    stop_logging(handler)
    text = QGuiApplication.clipboard().text()
    assert text == text.replace(os.path.expanduser("~"), "~")
    for expected in ("Ckpt Studio", "Qt 6", "view/theme = dark", "opened: torch-"):
        assert expected in text
    for private in ("very-private", "conv1", str(tmp_path)):
        assert private not in text
    assert diagnostic_report().startswith("Ckpt Studio")


def test_long_job_calls_for_its_window(qtbot: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    called: list[QWidget] = []
    monkeypatch.setattr(QApplication, "alert", lambda widget, *_: called.append(widget))
    widget = QWidget()
    qtbot.addWidget(widget)
    for seconds, expected in ((60.0, []), (-1.0, [widget])):
        monkeypatch.setattr(tasks, "_LONG_SECONDS", seconds)
        task = tasks.run_task(widget, lambda _: 1)
        with qtbot.waitSignal(task.succeeded):
            pass
        assert called == expected


@pytest.mark.skipif(not SAMPLE.is_file(), reason="the sample is not built")
def test_icons_grow_with_the_text_and_come_back(window: MainWindow, qtbot: Any, tmp_path: Path) -> None:
    file = window.open_path(str(shutil.copy(SAMPLE, tmp_path / "r34.pth")))
    qtbot.waitUntil(lambda: file.page is not None)
    page = file.page
    assert page is not None
    shown = {window.tool_bar: 18, page.tree: 16, page.header.safety: 16}
    for _ in range(4):
        window.change_text_size(1)
    assert {widget: widget.iconSize().height() for widget in shown} == {
        widget: round(size * 1.4) for widget, size in shown.items()
    }
    # What is built at this size has it from the beginning.
    assert MainWindow().tool_bar.iconSize().height() == round(18 * 1.4)
    for _ in range(3):
        window.change_text_size(-1)
    window.change_text_size(-1)
    assert {widget: widget.iconSize().height() for widget in shown} == shown
    overflow = window.tool_bar.findChild(QToolButton, "qt_toolbar_ext_button")
    assert overflow is not None
    assert overflow.accessibleName() == "More tools"
    assert not overflow.icon().isNull()


def test_the_columns_of_the_tree_grow_with_the_text_and_fit_when_they_are_remembered(
    window: MainWindow, qapp: QApplication, qtbot: Any, tmp_path: Path
) -> None:
    path = tmp_path / "file.pth"
    shutil.copy(SAMPLE, path)
    window.change_text_size(0)
    window.resize(1366, 768)
    file = window.open_path(str(path))
    qtbot.waitUntil(lambda: file.page is not None, timeout=10_000)
    assert file.page is not None
    tree = file.page.tree
    digit, width = tree.digit_width, tree.columnWidth(SIZE)
    for _ in range(5):
        window.actions_["larger-text"].trigger()
    qtbot.waitUntil(lambda: tree.digit_width > digit)
    metrics = tree.fontMetrics()
    assert tree.columnWidth(SIZE) == pytest.approx(width * tree.digit_width / digit, abs=2)
    for column in range(SHAPE, STATUS):
        if not tree.isColumnHidden(column):
            title = str(tree.tensors.headerData(column, Qt.Orientation.Horizontal))
            assert tree.columnWidth(column) >= metrics.horizontalAdvance(title) + 10
    assert tree.columnWidth(SIZE) >= metrics.horizontalAdvance("44.8 MB") + 6
    large = tree.columnWidth(SIZE)
    file.page.save_layout()
    window.actions_["normal-text"].trigger()
    qtbot.waitUntil(lambda: tree.digit_width == digit)
    assert tree.columnWidth(SIZE) == pytest.approx(width, abs=2)
    # Another document opens with the widths that were remembered at the larger size.
    second = tmp_path / "second.pth"
    shutil.copy(SAMPLE, second)
    other = window.open_path(str(second))
    qtbot.waitUntil(lambda: other.page is not None, timeout=10_000)
    assert other.page is not None
    assert other.page.tree.columnWidth(SIZE) == pytest.approx(width, abs=3)
    assert other.page.tree.columnWidth(SIZE) < large
