"""Which event loop Qt runs on Linux: its own, which tells when it is at work, rather than GLib's."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from PySide6.QtCore import QLibraryInfo

_WITHOUT_GLIB = "QT_NO_GLIB"
# Where Qt takes the theme of GTK, if it is there; the dialogs of GTK run in GLib's loop alone.
_GTK_DESKTOPS = frozenset({"gnome", "unity", "x-cinnamon", "cinnamon", "mate", "xfce", "lxde", "pantheon", "budgie"})


@contextmanager
def telling_event_loop() -> Iterator[None]:
    """The application made inside gets Qt's own event loop, where nothing needs GLib's.

    WORKAROUND(Qt 6): on GLib's, `QAbstractEventDispatcher.awake` comes after what it was woken for was done, and
    `aboutToBlock` before (qeventdispatcher_glib.cpp, `processEvents`), so that nobody can tell when it is at work.
    """
    if not sys.platform.startswith("linux") or _WITHOUT_GLIB in os.environ or _needs_glib():
        yield
        return
    os.environ[_WITHOUT_GLIB] = "1"
    try:
        yield
    finally:
        # Not for the programs that are started from here.
        del os.environ[_WITHOUT_GLIB]


def _needs_glib() -> bool:
    desktops = os.environ.get("XDG_CURRENT_DESKTOP", "").lower().split(":")
    asked = os.environ.get("QT_QPA_PLATFORMTHEME", "").lower()
    if not (_GTK_DESKTOPS & set(desktops) or asked.startswith("gtk")):
        return False
    plugins = Path(QLibraryInfo.path(QLibraryInfo.LibraryPath.PluginsPath)) / "platformthemes"
    return any(plugins.glob("libqgtk*"))
