"""Takes the pictures of the README and the user guide: a scripted session on the sample, in a window nobody sees.

    packaging/dev.py screenshots            writes resources/screenshots/*.png
    packaging/dev.py screenshots --check    takes them elsewhere, and says which of those there are no longer true

Needs torch for the model of the compare pane, and fonts with Chinese letters for the Chinese pictures.
"""

from __future__ import annotations

import argparse
import os
import shutil
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

os.environ["QT_QPA_PLATFORM"] = "offscreen"
os.environ.setdefault("QT_SCALE_FACTOR", "1.5")

from PySide6.QtCore import QEventLoop, QLocale, QSettings, QTranslator
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QApplication, QWidget

RESOURCES = Path(__file__).resolve().parents[1] / "resources"
SCREENSHOTS = RESOURCES / "screenshots"
SIZE = (1360, 850)
# The guide shows every station, in these languages; the README one picture more, in the dark.
GUIDE = ("", "-zh_CN")
# Pictures are compared in squares of this many pixels, so that another version of a font makes little difference;
# a square counts when its mean brightness differs by so much of 255, a picture when so many of a hundred count.
SQUARE, BRIGHTNESS, PERCENT = 24, 8.0, 1.5


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


def take(widget: QWidget, target: Path) -> None:
    """Writes one picture."""
    settle()
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


def session(folder: Path, pictures: Path, suffix: str, theme: str) -> None:
    """The main job on the sample in `folder`, a picture at each station into `pictures`; names get `suffix`."""
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
            take(window, pictures / f"compared{suffix}.png")
        page.apply(StripPrefix("module."))
        page.apply(RegexRename(r"\bdownsample\b", "shortcut"))
        wait_until(lambda: not page.document.is_comparing)
        page.tree.go_to("fc.weight")  # the trouble that is left, in the tree, the comparison and the inspector
        settle(2500)
        take(window, pictures / f"main{suffix}.png")
        if suffix in GUIDE:
            dialog = ExportDialog(page.document, window)
            dialog.open()
            wait_until(lambda: dialog.plan is not None)
            # The folder of this run has a name by chance.
            dialog.form.target.blockSignals(True)
            dialog.form.target.setText("~/lab/sample-edited.pth")
            take(dialog, pictures / f"export{suffix}.png")
            dialog.reject()
        page.document.mark_saved()
        window.close()
        wait_until(lambda: not window.isVisible())
        window.deleteLater()
        settle(50)


def difference(old: Path, new: Path) -> float:
    """How many squares of a hundred look different in two pictures; 100 where one is missing or of another size."""
    import numpy as np

    images = [QImage(str(path)).convertToFormat(QImage.Format.Format_Grayscale8) for path in (old, new)]
    if images[0].isNull() or images[0].size() != images[1].size():
        return 100.0
    means = []
    for image in images:
        rows, columns = image.height() // SQUARE, image.width() // SQUARE
        lines = np.frombuffer(image.constBits(), np.uint8).reshape(image.height(), image.bytesPerLine())
        squares = lines[: rows * SQUARE, : columns * SQUARE].reshape(rows, SQUARE, columns, SQUARE)
        means.append(squares.mean(axis=(1, 3)))
    return float((np.abs(means[0] - means[1]) > BRIGHTNESS).mean() * 100)


def stale(pictures: Path, fresh: Path) -> list[str]:
    """Says of each picture whether it still shows the window; the names of those that do not."""
    names = sorted({path.name for folder in (pictures, fresh) for path in folder.glob("*.png")})
    found = []
    for name in names:
        percent = difference(pictures / name, fresh / name)
        print(f"{name}: {percent:.1f} % different", flush=True)
        if percent > PERCENT:
            found.append(name)
    return found


def main() -> int:
    """Takes all pictures, or those of one language; with `--check` 1 when those there are no longer true."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--language", choices=["en", "zh_CN"], action="append")
    parser.add_argument("--check", action="store_true", help="change nothing; compare with the pictures that are there")
    arguments = parser.parse_args()
    languages = arguments.language or ["en", "zh_CN"]
    with tempfile.TemporaryDirectory(prefix="ckpt-pictures-") as place:
        QSettings.setPath(QSettings.Format.IniFormat, QSettings.Scope.UserScope, place)
        os.environ["XDG_CACHE_HOME"] = place
        folder = Path(place) / "lab"
        folder.mkdir()
        for name in ("sample.pth", "sample_model.py"):
            shutil.copy(RESOURCES / name, folder / name)
        pictures = Path(place) / "pictures" if arguments.check else SCREENSHOTS
        pictures.mkdir(exist_ok=True)
        from ckpt_studio.gui.main import set_up

        app = set_up(["ckpt-studio"])
        for code in languages:
            suffix = "" if code == "en" else f"-{code}"
            with language(app, code):
                session(folder, pictures, suffix, "light")
        if "en" in languages:
            with language(app, "en"):
                session(folder, pictures, "-dark", "dark")
        if arguments.check and (names := stale(SCREENSHOTS, pictures)):
            print(f"no longer true: {', '.join(names)}", flush=True)
            return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
