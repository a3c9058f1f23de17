"""Windows no larger than the screen they are on."""

from __future__ import annotations

from PySide6.QtCore import QSize
from PySide6.QtWidgets import QWidget

# What the system draws around a window, before it is there to be measured: title bar and edges, in pixels.
_FRAME = QSize(4, 36)


def room_on_screen(window: QWidget) -> QSize:
    """The largest size, in pixels, with which the whole window and its frame fit on its screen."""
    frame = window.frameGeometry().size() - window.geometry().size()
    return window.screen().availableGeometry().size() - frame.expandedTo(_FRAME)


def resize_within_screen(window: QWidget, wished: QSize) -> None:
    """Gives a window the wished size, or as much of it as its screen has room for."""
    window.resize(wished.boundedTo(room_on_screen(window)))
