"""A program with everything open at once: the window with the sample and each dialog. Says "ready" and stays."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import ckpt_studio.gui  # noqa: F401
from ckpt_studio.gui.main import set_up
from ckpt_studio.gui.main_window import MainWindow
from ckpt_studio.resources import resource_path


def main() -> None:
    """Opens everything and waits to be killed."""
    app = set_up(["ckpt-studio"])

    def until(condition: Callable[[], object], seconds: float = 60) -> None:
        end = time.monotonic() + seconds
        while not condition() and time.monotonic() < end:
            app.processEvents()
            time.sleep(0.01)

    from tests.gui.test_languages import DIALOGS, Desk

    window = MainWindow()
    window.show()
    file = window.open_path(str(resource_path("sample.pth")))
    until(lambda: file.page is not None)
    assert file.page is not None
    page = file.page
    page.tree.go_to("module.layer1.0.conv1.weight")
    desk = Desk(SimpleNamespace(waitUntil=until))  # type: ignore[arg-type]
    shown = []
    for make in DIALOGS.values():
        dialog = make(desk)
        dialog.setModal(False)
        dialog.show()
        shown.append(dialog)
    # Every tab once, so that each pane is built; the page that is in front stays.
    for index in reversed(range(page.panels.count())):
        page.panels.setCurrentIndex(index)
        until(lambda: False, 0.3)
    until(lambda: False, 2)
    Path(sys.argv[1]).write_text("ready", encoding="utf-8")
    app.exec()


if __name__ == "__main__":
    main()
