"""Takes the pictures of the README and the user guide: a scripted session on the sample, in a window nobody sees.

    packaging/dev.py screenshots            writes resources/screenshots/*.png

Needs torch for the model of the compare pane, and fonts with Chinese letters for the Chinese pictures.
"""

from __future__ import annotations

import argparse
import os
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

os.environ["QT_QPA_PLATFORM"] = "offscreen"
os.environ.setdefault("QT_SCALE_FACTOR", "1.5")

from PySide6.QtCore import QEventLoop, QLocale, QSettings, QTranslator
from PySide6.QtWidgets import QApplication, QDialog, QWidget

RESOURCES = Path(__file__).resolve().parents[1] / "resources"
SCREENSHOTS = RESOURCES / "screenshots"
SIZE = (1360, 850)
# The guide shows every station, in these languages; the README one picture more, in the dark.
GUIDE = ("", "-zh_CN")


def wait_until(condition: Callable[[], object], seconds: float = 60.0) -> None:
    """Lets the window work until the condition holds.

    Raises:
        TimeoutError: it does not come true.
    """
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            raise TimeoutError("the window did not get there")
        QApplication.processEvents(QEventLoop.ProcessEventsFlag.AllEvents, 50)


def settle(milliseconds: int = 400) -> None:
    """Lets the window finish what it is drawing."""
    end = time.monotonic() + milliseconds / 1000
    wait_until(lambda: time.monotonic() > end)


def take(widget: QWidget, name: str) -> None:
    """Writes one picture."""
    settle()
    target = SCREENSHOTS / f"{name}.png"
    if not widget.grab().save(str(target)):
        raise OSError(f"{target} cannot be written")
    print(f"{target.name}: {target.stat().st_size / 1000:.0f} kB", flush=True)


@contextmanager
def language(app: QApplication, code: str) -> Iterator[None]:
    """Everything drawn inside is in this language."""
    from ckpt_studio.gui.languages import install_language

    installed: list[QTranslator] = install_language(app, QLocale(code))
    yield
    for translator in installed:
        app.removeTranslator(translator)


def session(folder: Path, suffix: str, theme: str) -> None:
    """The main job on the sample, a picture at each station; names get `suffix`."""
    from ckpt_studio.core.edits import RegexRename, StripPrefix
    from ckpt_studio.gui.export_dialog import ExportDialog
    from ckpt_studio.gui.main_window import MainWindow
    from ckpt_studio.models.reference import parse_reference
    from ckpt_studio.models.resolve import Hosts, resolve

    window = MainWindow()
    window.set_theme(theme)  # type: ignore[arg-type]
    window.resize(*SIZE)
    window.show()
    window.open_path(str(folder / "sample.pth"))
    wait_until(lambda: window.current_page is not None)
    page = window.current_page
    assert page is not None

    with Hosts() as hosts:
        reference = parse_reference(f"{folder / 'sample_model.py'}:SmallResNet(num_classes=10)")
        page.document.set_model(resolve(reference, hosts=hosts))
        wait_until(lambda: page.document.report is not None and not page.document.is_comparing)
        settle(1500)  # the suggestions are thought of after the verdict
        if suffix in GUIDE:
            take(window, f"compared{suffix}")
        page.apply(StripPrefix("module."))
        page.apply(RegexRename(r"\bdownsample\b", "shortcut"))
        wait_until(lambda: not page.document.is_comparing)
        page.tree.go_to("fc.weight")  # the trouble that is left, in the tree, the comparison and the inspector
        settle(2500)
        take(window, f"main{suffix}")
        if suffix in GUIDE:
            dialog: QDialog = ExportDialog(page.document, window)
            dialog.open()
            take(dialog, f"export{suffix}")
            dialog.reject()
        page.document.mark_saved()
        window.close()
        wait_until(lambda: not window.isVisible())
        window.deleteLater()
        settle(50)


def main() -> None:
    """Takes all pictures, or those of one language."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--language", choices=["en", "zh_CN"], action="append")
    languages = parser.parse_args().language or ["en", "zh_CN"]
    SCREENSHOTS.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="ckpt-pictures-") as place:
        QSettings.setPath(QSettings.Format.IniFormat, QSettings.Scope.UserScope, place)
        os.environ["XDG_CACHE_HOME"] = place
        folder = Path(place) / "lab"
        folder.mkdir()
        for name in ("sample.pth", "sample_model.py"):
            shutil.copy(RESOURCES / name, folder / name)
        from ckpt_studio.gui.main import set_up

        app = set_up(["ckpt-studio"])
        for code in languages:
            suffix = "" if code == "en" else f"-{code}"
            with language(app, code):
                session(folder, suffix, "light")
        if "en" in languages:
            with language(app, "en"):
                session(folder, "-dark", "dark")


if __name__ == "__main__":
    main()
