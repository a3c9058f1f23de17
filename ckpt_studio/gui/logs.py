"""The program's own notes of what it did, in the platform's place: no contents, no names from files, short paths."""

from __future__ import annotations

import logging
import os
import sys
import traceback
from logging.handlers import RotatingFileHandler
from types import TracebackType

from ckpt_studio.formats.atomic import state_folder

_MOST_BYTES = 256 << 10
_OLDER_FILES = 2
_NAME = "ckpt-studio.log"
_log = logging.getLogger("ckpt_studio")


def log_folder() -> str:
    """Where the system expects logs of a program."""
    if sys.platform == "darwin":
        return os.path.expanduser("~/Library/Logs/ckpt-studio")
    return os.path.join(state_folder(), "log")


class _Owned(RotatingFileHandler):
    """Readable by the user alone; a log that cannot be written is no reason to stop or to say anything."""

    def _open(self):  # type: ignore[no-untyped-def]
        stream = super()._open()
        os.chmod(self.baseFilename, 0o600)
        return stream

    def handleError(self, record: logging.LogRecord) -> None:
        pass


def start_logging(folder: str | None = None) -> logging.Handler | None:
    """Writes from now on what the program logs; None where no file can be written."""
    folder = folder or log_folder()
    try:
        os.makedirs(folder, mode=0o700, exist_ok=True)
        handler = _Owned(
            os.path.join(folder, _NAME), maxBytes=_MOST_BYTES, backupCount=_OLDER_FILES, encoding="utf-8",
            errors="backslashreplace",
        )  # fmt: skip
    except OSError:
        return None
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(process)d %(name)s: %(message)s"))
    _log.addHandler(handler)
    _log.setLevel(logging.INFO)
    return handler


def stop_logging(handler: logging.Handler | None) -> None:
    """Closes the log."""
    if handler is not None:
        _log.removeHandler(handler)
        handler.close()


def last_lines(count: int, folder: str | None = None) -> list[str]:
    """The newest lines of the log, the oldest of them first; [] when there is none."""
    try:
        with open(os.path.join(folder or log_folder(), _NAME), encoding="utf-8", errors="replace") as file:
            return file.read().splitlines()[-count:]
    except OSError:
        return []


def log_fault(kind: type[BaseException], trace: TracebackType | None) -> None:
    """Notes an unexpected exception: where, not its words, for they may quote a file."""
    places = [
        f"{os.path.basename(frame.filename)}:{frame.lineno} {frame.name}" for frame in traceback.extract_tb(trace)
    ]
    _log.info("unexpected %s at %s", kind.__name__, " < ".join(reversed(places)))
