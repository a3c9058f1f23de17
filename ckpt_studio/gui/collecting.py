"""Collects Python's cyclic garbage when nobody notices, in place of the interpreter, which does it at any time."""

from __future__ import annotations

import gc
from collections.abc import Callable

from PySide6.QtCore import QObject, Qt, QTimer
from PySide6.QtGui import QGuiApplication

from ckpt_studio.gui.tasks import running_tasks

_INTERVAL_MS = 500
# Objects made since the last time. With fewer it is not worth the while; more are walked for longer than one may see,
# and so are those that refer to very many others, as the names of a big file.
_FEW, _MOST = 2_000, 15_000
_MOST_REFERENCES = 100_000
# So many pauses without work are a rest.
_RESTED = 8


class Collector(QObject):
    """Lives on the window's thread, as long as the program.

    The interpreter walks through all objects whenever some thread has made many, and stops the window's thread
    meanwhile: 0.3 s for the treemap of 100,000 tensors. Here that is done between jobs; what a big job has left is set
    aside as it is (`gc.freeze`), and looked through only after a file was closed, when it may be garbage, and while
    another program is in front.
    """

    def __init__(self, open_files: Callable[[], int], parent: QObject | None = None) -> None:
        """Takes over from the interpreter; `open_files` tells how many there are."""
        super().__init__(parent)
        self._open_files = open_files
        self._known_files = 0
        self._closed = self._set_aside = False
        self._pauses = 0
        gc.disable()
        gc.freeze()
        self._timer = QTimer(self)
        self._timer.setInterval(_INTERVAL_MS)
        self._timer.timeout.connect(self.collect)
        self._timer.start()

    def collect(self) -> None:
        """Does what is due."""
        files = self._open_files()
        self._closed = self._closed or files < self._known_files
        self._known_files = files
        if running_tasks():
            self._pauses = 0
            return
        made = gc.get_count()[0]
        if made >= _FEW:
            self._pauses = 0
            if made > _MOST or _are_many(0):
                self._put_aside()
            else:
                gc.collect(1)
            return
        self._pauses += 1
        rested = self._pauses == _RESTED
        if self._closed or (rested and self._set_aside and not _is_in_front()):
            self._closed = self._set_aside = False
            gc.unfreeze()
            gc.collect()
            gc.freeze()
        elif rested:
            if _are_many(2):
                self._put_aside()
            else:
                gc.collect()

    def _put_aside(self) -> None:
        self._set_aside = True
        gc.freeze()

    def stop(self) -> None:
        """Gives the work back to the interpreter."""
        self._timer.stop()
        gc.unfreeze()
        gc.enable()


def _are_many(generation: int) -> bool:
    """Whether it takes long to walk through the objects of a generation and what they refer to."""
    objects = gc.get_objects(generation)
    containers = (dict, list, tuple, set, frozenset)
    return len(objects) > _MOST or sum(len(one) for one in objects if type(one) in containers) > _MOST_REFERENCES


def _is_in_front() -> bool:
    return QGuiApplication.applicationState() == Qt.ApplicationState.ApplicationActive
