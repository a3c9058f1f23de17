"""When the event loop is at work: Qt's own tells; GLib's, which GTK's dialogs need, is asked around its waiting."""

from __future__ import annotations

import atexit
import ctypes
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from PySide6.QtCore import QAbstractEventDispatcher, QLibraryInfo

_WITHOUT_GLIB = "QT_NO_GLIB"
# Where Qt takes the theme of GTK, if it is there; the dialogs of GTK run in GLib's loop alone.
_GTK_DESKTOPS = frozenset({"gnome", "unity", "x-cinnamon", "cinnamon", "mate", "xfce", "lxde", "pantheon", "budgie"})


@contextmanager
def telling_event_loop() -> Iterator[None]:
    """The application made inside gets Qt's own event loop, where nothing needs GLib's.

    What it tells is exact, and costs nothing; GLib's is there for the dialogs of GTK.
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


def tell_of_work(begin: Callable[[], None], end: Callable[[], None]) -> bool:
    """Has `begin` called when this thread's event loop has something to do, and `end` when it waits for events.

    Returns whether anybody will call them. Once for a program: the calls go on as long as it runs.
    """
    dispatcher = QAbstractEventDispatcher.instance()
    if dispatcher is None:
        return False
    if "glib" in dispatcher.metaObject().className().lower():
        return _tell_of_glib(begin, end)
    dispatcher.awake.connect(begin)
    dispatcher.aboutToBlock.connect(end)
    return True


def _tell_of_glib(begin: Callable[[], None], end: Callable[[], None]) -> bool:
    """The same for GLib's loop, by the function with which it waits.

    WORKAROUND(Qt 6): there `QAbstractEventDispatcher.awake` comes after what it was woken for was done, and
    `aboutToBlock` before (qeventdispatcher_glib.cpp, `processEvents`).
    """
    try:
        # The one that Qt has loaded.
        glib = ctypes.CDLL("libglib-2.0.so.0")
    except OSError:
        return False
    # GPollFunc: int (*)(GPollFD *fds, guint count, gint milliseconds).
    function = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_void_p, ctypes.c_uint, ctypes.c_int)
    glib.g_main_context_get_poll_func.restype = function
    glib.g_main_context_get_poll_func.argtypes = [ctypes.c_void_p]
    glib.g_main_context_set_poll_func.argtypes = [ctypes.c_void_p, function]
    poll = glib.g_main_context_get_poll_func(None)

    def wait(places: int, count: int, milliseconds: int) -> int:
        if not milliseconds:
            return int(poll(places, count, 0))
        end()
        told = int(poll(places, count, milliseconds))
        begin()
        return told

    telling = function(wait)
    glib.g_main_context_set_poll_func(None, telling)
    # Whoever turns GLib's loop after the interpreter has ended must not come here; until then, keep what it calls.
    atexit.register(lambda kept: glib.g_main_context_set_poll_func(None, poll), telling)
    return True


def _needs_glib() -> bool:
    desktops = os.environ.get("XDG_CURRENT_DESKTOP", "").lower().split(":")
    asked = os.environ.get("QT_QPA_PLATFORMTHEME", "").lower()
    if not (_GTK_DESKTOPS & set(desktops) or asked.startswith("gtk")):
        return False
    plugins = Path(QLibraryInfo.path(QLibraryInfo.LibraryPath.PluginsPath)) / "platformthemes"
    return any(plugins.glob("libqgtk*"))
