"""What helps to find a fault, as text to send: versions, system, settings, the last notes; nothing from files."""

from __future__ import annotations

import locale
import os
import platform
import sys
from importlib import metadata

from PySide6.QtCore import qVersion
from PySide6.QtGui import QGuiApplication

from ckpt_studio import __version__
from ckpt_studio.gui.logs import last_lines
from ckpt_studio.gui.settings import settings

_PACKAGES = ("PySide6-Essentials", "numpy", "safetensors", "ml_dtypes", "torch")
_LINES = 120
# Others name the user's files and models.
_SETTINGS = ("view/", "tree/", "session/reopen")


def diagnostic_report() -> str:
    """The report; paths are shortened, and no name or value from a file is in it."""
    screens = ", ".join(
        f"{screen.size().width()}×{screen.size().height()} at {screen.devicePixelRatio():g}"
        for screen in QGuiApplication.screens()
    )
    lines = [
        f"Ckpt Studio {__version__}{' (bundle)' if getattr(sys, 'frozen', False) else ''}",
        f"Python {platform.python_version()}, Qt {qVersion()}, {QGuiApplication.platformName()}",
        f"{platform.platform()}, {os.cpu_count()} processors, {locale.getlocale()[0]}",
        f"Screens: {screens}",
        "Packages: " + ", ".join(f"{name} {_version(name)}" for name in _PACKAGES),
        "",
        "Settings:",
        *_settings(),
        "",
        "Last notes:",
        *last_lines(_LINES),
    ]
    return "\n".join(lines).replace(os.path.expanduser("~"), "~") + "\n"


def _version(package: str) -> str:
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return "-"


def _settings() -> list[str]:
    store = settings()
    return [f"  {key} = {str(store.value(key))[:80]}" for key in sorted(store.allKeys()) if key.startswith(_SETTINGS)]
