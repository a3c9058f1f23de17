"""Pending edits survive a kill of the program: journalled while it runs, offered at the next start, made anew."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QPushButton

from ckpt_studio.core.edits import AddPrefix, Pop, StripPrefix
from ckpt_studio.core.journal import Compared, Pending, Session
from ckpt_studio.formats.opening import open_checkpoint
from ckpt_studio.gui.crash_journal import CrashJournal
from ckpt_studio.gui.document import Document
from ckpt_studio.gui.main_window import MainWindow
from ckpt_studio.models.reference import parse_reference
from ckpt_studio.models.resolve import resolve
from ckpt_studio.resources import resource_path
from tests.gui.checkpoints import wrapped_document
from tests.gui.desks import dialog_of

SAMPLE = resource_path("sample.pth")
pytestmark = pytest.mark.skipif(not SAMPLE.is_file(), reason="the sample is not built")

Start = Callable[[], MainWindow]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "journal"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return Path(shutil.copy(SAMPLE, tmp_path / "r34.pth"))


@pytest.fixture
def start(qtbot: Any, folder: Path) -> Iterator[Start]:
    """Starts the window as the program does, with the journal in `folder`."""
    windows: list[MainWindow] = []

    def start() -> MainWindow:
        journal = CrashJournal(str(folder))
        window = MainWindow(journal)
        journal.setParent(window)
        windows.append(window)
        window.show()
        journal.look_back()
        qtbot.waitExposed(window)
        return window

    yield start
    for window in windows:
        window._closing = True
        window.close()
        window.deleteLater()


def entries(folder: Path) -> list[Path]:
    return sorted(folder.glob("*.edits"))


def button(window: MainWindow, text: str) -> QPushButton:
    return next(b for b in window.restore_bar.findChildren(QPushButton) if b.text() == text and b.isVisible())


def leave_behind(folder: Path, path: Path, *edits: Any, compared: Compared | None = None, exported: int = 0) -> None:
    """What a killed program leaves that had made these edits, after some of which it had exported."""
    document = Document(open_checkpoint(str(path)))
    for number, edit in enumerate(edits, 1):
        document.apply(edit)
        if number == exported:
            document.mark_saved(str(folder / "elsewhere.pth"))
    session = Session(str(folder))
    session.write("document-1", Pending.of(document.history, document.checkpoint.active, compared))
    os.close(session._descriptor)
    document.close()


def test_changes_are_written_and_removed_with_the_last_undo(qtbot: Any, folder: Path) -> None:
    journal = CrashJournal(str(folder))
    document = wrapped_document()
    journal.watch(document)
    with qtbot.waitSignal(journal.written):
        document.apply(StripPrefix("module."))
        document.apply(AddPrefix("x."))
    (entry,) = entries(folder)
    found = Pending.from_json(entry.read_text())
    assert found.index == 2
    with qtbot.waitSignal(journal.written):
        document.undo()
    assert Pending.from_json(entry.read_text()).index == 1
    document.undo()
    qtbot.waitUntil(lambda: not entries(folder))
    document.redo()
    qtbot.waitUntil(lambda: len(entries(folder)) == 1)
    document.mark_saved()
    qtbot.waitUntil(lambda: not entries(folder))
    journal.close()
    assert os.listdir(folder) == []


def test_closed_document_is_forgotten(qtbot: Any, folder: Path) -> None:
    journal = CrashJournal(str(folder))
    document = wrapped_document()
    journal.watch(document)
    document.apply(StripPrefix("module."))
    qtbot.waitUntil(lambda: len(entries(folder)) == 1)
    journal.forget(document)
    assert not entries(folder)
    document.apply(AddPrefix("y."))
    journal.close()
    assert os.listdir(folder) == []


def test_folder_that_cannot_be_written_does_no_harm(qtbot: Any, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    journal = CrashJournal(str(tmp_path / "file" / "journal"))
    document = wrapped_document()
    journal.watch(document)
    document.apply(StripPrefix("module."))
    journal.forget(document)
    journal.close()


CHILD = """
import sys
from PySide6.QtCore import QTimer
from ckpt_studio.core.edits import AddPrefix, StripPrefix
from ckpt_studio.gui import main_window
original = main_window.MainWindow._on_opened
def edit(self, page):
    original(self, page)
    page.document.apply(StripPrefix("module."))
    page.document.activate(page.document.checkpoint.state_dicts[-1].path)
    page.document.apply(AddPrefix("x."))
main_window.MainWindow._on_opened = edit
from ckpt_studio.gui.main import main
main([sys.argv[1]])
"""


def test_killed_program_leaves_its_changes_to_the_next(
    start: Start, qtbot: Any, file: Path, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CKPT_STUDIO_STATE", str(folder.parent))
    child = subprocess.Popen([sys.executable, "-c", CHILD, str(file)])
    try:
        qtbot.waitUntil(lambda: bool(entries(folder)), timeout=30_000)
        other = CrashJournal(str(folder))
        with qtbot.waitSignal(other.found, raising=False, timeout=300):
            other.look_back()
        assert other.leftovers == (), "the edits of a running program were taken"
        other.close()
    finally:
        child.send_signal(signal.SIGKILL if hasattr(signal, "SIGKILL") else signal.SIGTERM)
        child.wait()
    (entry,) = entries(folder)
    wanted = Pending.from_json(entry.read_text())
    assert wanted.index == 2

    window = start()
    qtbot.waitUntil(window.restore_bar.isVisible)
    assert "2 changes to “r34.pth” were not exported" in window.restore_bar.banner.label.text()
    qtbot.mouseClick(button(window, "Restore"), Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: window.current_page is not None and window.current_page.document.history.index == 2)
    page = window.current_page
    assert page is not None
    assert [edit.kind for edit in page.document.history.applied] == ["strip-prefix", "add-prefix"]
    assert page.document.checkpoint.active == wanted.active
    assert page.document.is_dirty
    qtbot.waitUntil(lambda: len(entries(folder)) == 1 and entries(folder) != [entry])
    assert Pending.from_json(entries(folder)[0].read_text()) == wanted


def test_what_was_exported_before_is_not_offered_as_unsaved(start: Start, qtbot: Any, file: Path, folder: Path) -> None:
    leave_behind(folder, file, StripPrefix("module."), AddPrefix("x."), exported=1)
    window = start()
    qtbot.waitUntil(window.restore_bar.isVisible)
    assert "1 change to “r34.pth” was not exported" in window.restore_bar.banner.label.text()
    qtbot.mouseClick(button(window, "Restore"), Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: window.current_page is not None and window.current_page.document.history.index == 2)
    page = window.current_page
    assert page is not None
    assert page.document.pending == 1
    page.document.undo()
    assert not page.document.is_dirty
    page.document.undo()
    assert page.document.is_dirty


def test_discarded_changes_are_not_offered_again(start: Start, qtbot: Any, file: Path, folder: Path) -> None:
    leave_behind(folder, file, StripPrefix("module."))
    window = start()
    qtbot.waitUntil(window.restore_bar.isVisible)
    assert "1 change to “r34.pth” was not exported" in window.restore_bar.banner.label.text()
    qtbot.mouseClick(button(window, "Discard…"), Qt.MouseButton.LeftButton)
    assert window.restore_bar.banner.label.text().startswith("Discard 1 change for good?")
    assert len(entries(folder)) == 1
    qtbot.mouseClick(button(window, "Keep them"), Qt.MouseButton.LeftButton)
    assert "was not exported" in window.restore_bar.banner.label.text()
    qtbot.mouseClick(button(window, "Discard…"), Qt.MouseButton.LeftButton)
    qtbot.mouseClick(button(window, "Discard for good"), Qt.MouseButton.LeftButton)
    assert not entries(folder)
    assert window.tabs.count() == 0


def test_unanswered_offer_comes_again(start: Start, qtbot: Any, file: Path, folder: Path) -> None:
    leave_behind(folder, file, StripPrefix("module."))
    window = start()
    qtbot.waitUntil(window.restore_bar.isVisible)
    window.close()
    again = start()
    qtbot.waitUntil(again.restore_bar.isVisible)


def test_changed_file_is_said_and_edits_that_fit_are_made(start: Start, qtbot: Any, file: Path, folder: Path) -> None:
    leave_behind(folder, file, StripPrefix("module."))
    os.utime(file, (1_000_000_000, 1_000_000_000))
    window = start()
    qtbot.waitUntil(window.restore_bar.isVisible)
    assert "was changed since then" in window.restore_bar.banner.label.text()
    qtbot.mouseClick(button(window, "Restore"), Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: window.current_page is not None and window.current_page.document.history.index == 1)
    assert window.current_page is not None
    assert "was changed after you had made" in window.current_page.notice.banner.label.text()


def test_changes_that_do_not_fit_are_named_and_kept(
    start: Start, qtbot: Any, file: Path, folder: Path, tmp_path: Path
) -> None:
    longer = tmp_path / "longer.pth"
    shutil.copy(file, longer)
    leave_behind(folder, longer, StripPrefix("module."), AddPrefix("x."), Pop(("x.conv1.weight",)))
    (entry,) = entries(folder)
    text = entry.read_text().replace("x.conv1.weight", "x.conv9.weight").replace("longer.pth", "r34.pth")
    entry.write_text(text)
    window = start()
    qtbot.waitUntil(window.restore_bar.isVisible)
    qtbot.mouseClick(button(window, "Restore"), Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: window.current_page is not None and window.current_page.document.history.index == 2)
    assert window.current_page is not None
    assert "2 of 3 changes were made again" in window.current_page.notice.banner.label.text()
    assert entry.exists()


def test_several_files_and_missing_ones_are_said(
    start: Start, qtbot: Any, file: Path, folder: Path, tmp_path: Path
) -> None:
    gone = Path(shutil.copy(file, tmp_path / "gone.pth"))
    leave_behind(folder, file, StripPrefix("module."))
    leave_behind(folder, gone, StripPrefix("module."), AddPrefix("x."))
    gone.unlink()
    window = start()
    qtbot.waitUntil(window.restore_bar.isVisible)
    text = window.restore_bar.banner.label.text()
    assert "3 changes to 2 files were not exported" in text
    assert "Not where they were: gone.pth." in text
    qtbot.mouseClick(button(window, "Restore"), Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: any(document.history.index == 1 for document in window.documents))
    qtbot.waitUntil(lambda: any(page.error is not None for page in window.file_pages))


def restored(start: Start, qtbot: Any) -> MainWindow:
    window = start()
    qtbot.waitUntil(window.restore_bar.isVisible)
    qtbot.mouseClick(button(window, "Restore"), Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: window.current_page is not None and window.current_page.document.history.index == 1)
    return window


def test_what_a_document_is_compared_with_is_journalled(qtbot: Any, folder: Path) -> None:
    journal = CrashJournal(str(folder))
    document = wrapped_document()
    journal.watch(document)
    with qtbot.waitSignal(journal.written):
        document.apply(StripPrefix("module."))
    (entry,) = entries(folder)
    assert Pending.from_json(entry.read_text()).compared is None
    with qtbot.waitSignal(journal.written):
        document.set_model(resolve(parse_reference("torchvision:resnet18(num_classes=10)")))
    found = Pending.from_json(entry.read_text()).compared
    assert found is not None
    assert (found.reference, found.interpreter) == ("torchvision:resnet18(num_classes=10)", "")
    with qtbot.waitSignal(journal.written):
        document.set_model(None)
    assert Pending.from_json(entry.read_text()).compared is None
    journal.close()


def test_the_comparison_is_there_again(start: Start, qtbot: Any, file: Path, folder: Path) -> None:
    wanted = Compared("torchvision:resnet18(num_classes=10)", str(file.parent))
    leave_behind(folder, file, StripPrefix("module."), compared=wanted)
    page = restored(start, qtbot).current_page
    assert page is not None
    document = page.document
    qtbot.waitUntil(lambda: document.resolved is not None and document.report is not None)
    assert document.resolved is not None
    assert str(document.resolved.reference) == wanted.reference
    # And it survives the next kill, too.
    qtbot.waitUntil(lambda: any(Pending.from_json(e.read_text()).compared is not None for e in entries(folder)))


def test_another_checkpoint_is_found_from_where_the_program_stood(
    start: Start, qtbot: Any, file: Path, folder: Path
) -> None:
    shutil.copy(SAMPLE, file.with_name("other.pth"))
    leave_behind(folder, file, StripPrefix("module."), compared=Compared("other.pth", str(file.parent)))
    page = restored(start, qtbot).current_page
    assert page is not None
    qtbot.waitUntil(lambda: page.document.report is not None)
    assert len(page.document.report.rows) >= 68


def test_code_of_the_comparison_is_asked_about_anew(start: Start, qtbot: Any, file: Path, folder: Path) -> None:
    pytest.importorskip("torch")
    code = file.with_name("net.py")
    code.write_text("raise SystemExit('it ran')\n")
    leave_behind(folder, file, StripPrefix("module."), compared=Compared(f"{code}:Net", str(file.parent)))
    window = restored(start, qtbot)
    qtbot.waitUntil(lambda: dialog_of(window, "ConsentDialog") is not None, timeout=60_000)
    dialog_of(window, "ConsentDialog").reject()
    page = window.current_page
    assert page is not None
    qtbot.waitUntil(lambda: dialog_of(window, "ConsentDialog") is None)
    assert page.document.resolved is None
    assert page.document.history.index == 1


@pytest.mark.parametrize("reference", ["gone.pth", "torchvision:no_such_net", "net.py:Net(depth=f())", ""])
def test_a_comparison_that_is_not_possible_any_more_is_told(
    start: Start, qtbot: Any, file: Path, folder: Path, reference: str
) -> None:
    leave_behind(folder, file, StripPrefix("module."), compared=Compared(reference, str(file.parent)))
    page = restored(start, qtbot).current_page
    assert page is not None
    qtbot.waitUntil(lambda: "The comparison is not restored" in page.notice.banner.label.text(), timeout=60_000)
