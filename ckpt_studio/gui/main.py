"""Opens the window: what `ckpt-studio [FILE…]` does."""

from __future__ import annotations

import logging
import os
import platform
import sys
from collections.abc import Sequence

from PySide6.QtCore import QCoreApplication, QEvent, QTimer, Signal, qVersion
from PySide6.QtGui import QFileOpenEvent
from PySide6.QtWidgets import QApplication

from ckpt_studio import __version__
from ckpt_studio.gui.collecting import Collector
from ckpt_studio.gui.crash_dialog import CrashHandler
from ckpt_studio.gui.drag import leave_clipboard_as_text
from ckpt_studio.gui.drag_out import SESSION, sweep_dragged
from ckpt_studio.gui.event_loop import telling_event_loop
from ckpt_studio.gui.languages import install_language
from ckpt_studio.gui.logs import start_logging, stop_logging
from ckpt_studio.gui.python_preference import apply_preferred_python
from ckpt_studio.gui.settings import reopens_files, session_files
from ckpt_studio.gui.tasks import let_the_window_go_first, run_task, stop_all
from ckpt_studio.gui.text_size import apply_text_size
from ckpt_studio.gui.theme import app_icon, apply_theme, theme_name
from ckpt_studio.gui.warming import Warmer

_log = logging.getLogger(__name__)

_TURN_SECONDS = 0.0001


class Application(QApplication):
    """Signals: file_open_wanted(str): macOS asks to open a file that was double-clicked."""

    file_open_wanted = Signal(str)

    def event(self, event: QEvent) -> bool:
        if isinstance(event, QFileOpenEvent) and event.file():
            self.file_open_wanted.emit(event.file())
            return True
        return super().event(event)


def main(paths: Sequence[str] = (), *, new_window: bool = False) -> int:
    """Runs the window with these files open until it is closed; returns the exit status.

    Where this user's program runs already, it gets the files and this one ends at once, unless `new_window`.
    """
    app = set_up([sys.argv[0] if sys.argv else "ckpt-studio"])
    receiver = None
    if not new_window:
        from ckpt_studio.gui.single_instance import Receiver, hand_over

        if hand_over(paths):
            return 0
        receiver = Receiver()
        # False where one listens that does not answer: this window then stands for itself.
        receiver.listen()
    app.aboutToQuit.connect(leave_clipboard_as_text)
    app.aboutToQuit.connect(SESSION.remove)
    log = start_logging()
    _log.info("started: %s, Python %s, Qt %s", __version__, platform.python_version(), qVersion())
    crashes = CrashHandler()
    crashes.install()
    from ckpt_studio.formats.atomic import state_folder, sweep_noted
    from ckpt_studio.gui.crash_journal import CrashJournal
    from ckpt_studio.gui.main_window import MainWindow

    journal = CrashJournal(os.path.join(state_folder(), "journal"))
    window = MainWindow(journal)
    collector = Collector(lambda: len(window.file_pages))
    warmer = Warmer(lambda: window.current_page is not None)
    if receiver is not None:
        receiver.files_received.connect(window.open_received)
    if isinstance(app, Application):
        app.file_open_wanted.connect(lambda path: window.open_received([path]))
    window.show()

    def begin() -> None:
        # The window is there before the first file is read.
        if receiver is not None and reopens_files():
            window.open_paths(session_files())
        window.open_paths(paths)
        journal.look_back()
        run_task(window, lambda _: (sweep_noted(), sweep_dragged()))

    QTimer.singleShot(0, begin)
    status = app.exec()
    if receiver is not None:
        receiver.close()
    warmer.stop()
    # In this order: garbage must not be collected on a thread that is still at work.
    stop_all()
    collector.stop()
    _log.info("ended")
    stop_logging(log)
    return status


def set_up(arguments: Sequence[str]) -> QApplication:
    """The application with its name, language and looks; one per process."""
    # A thread that works gives way to the window's at once. By default that takes 5 ms, each time that the window has
    # let go of the interpreter for a moment, as it does in most calls of Qt: some seconds in a busy minute.
    sys.setswitchinterval(_TURN_SECONDS)
    running = QApplication.instance()
    with telling_event_loop():
        app = running if isinstance(running, QApplication) else Application(list(arguments))
    let_the_window_go_first()
    app.setApplicationName("ckpt-studio")
    app.setApplicationVersion(__version__)
    app.setDesktopFileName("ckpt-studio")
    install_language(app)
    app.setApplicationDisplayName(QCoreApplication.translate("MainWindow", "Ckpt Studio"))
    app.setWindowIcon(app_icon())
    apply_preferred_python()
    apply_text_size(app)
    apply_theme(app, theme_name())
    return app
