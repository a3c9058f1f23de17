"""What the window remembers between starts: geometry, choices, recent files."""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Literal

from PySide6.QtCore import QSettings, QStandardPaths

MOST_RECENT, _USUAL_RECENT = 50, 12


def settings() -> QSettings:
    """The user's settings: an INI file in the place for configurations, the same form on every system."""
    return QSettings(QSettings.Format.IniFormat, QSettings.Scope.UserScope, "ckpt-studio", "ckpt-studio")


def cache_folder() -> Path:
    """A folder for files that can be made again; it exists."""
    folder = Path(QStandardPaths.writableLocation(QStandardPaths.StandardLocation.GenericCacheLocation)) / "ckpt-studio"
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def text_setting(key: str, default: str) -> str:
    """A remembered choice."""
    value = settings().value(key, default)
    return value if isinstance(value, str) else default


RecentState = Literal["same", "changed", "missing"]


def recent_files() -> list[str]:
    """The files opened last, the newest first; also those that are gone."""
    return _paths("recent/files")[: recent_kept()]


def recent_kept() -> int:
    """How many recent files are remembered, at most MOST_RECENT."""
    try:
        return max(0, min(MOST_RECENT, int(text_setting("recent/kept", str(_USUAL_RECENT)))))
    except ValueError:
        return _USUAL_RECENT


def set_recent_kept(count: int) -> None:
    """Chooses it. Files beyond are only forgotten by `trim_recent` or when another file is opened."""
    settings().setValue("recent/kept", str(count))


def trim_recent() -> None:
    """Forgets the files beyond those that are to be remembered."""
    if len(_paths("recent/files")) > recent_kept():
        _keep_recent(recent_files(), _recent_stamps())


def recent_state(path: str) -> RecentState:
    """What became of a recent file since it was opened last."""
    try:
        status = os.stat(path)
    except OSError:
        return "missing"
    known = _recent_stamps().get(path)
    return "changed" if known is not None and known != _stamp(status) else "same"


def remember_recent(path: str) -> None:
    """Puts a file at the top of the recent ones."""
    path = os.path.abspath(path)
    files = [path, *(other for other in recent_files() if other != path)][: recent_kept()]
    stamps = _recent_stamps()
    try:
        stamps[path] = _stamp(os.stat(path))
    except OSError:
        stamps.pop(path, None)
    _keep_recent(files, stamps)


def forget_recent() -> None:
    """Empties the list of recent files."""
    settings().remove("recent/files")
    settings().remove("recent/stamps")
    settings().remove("recent/facts")


def reopens_files() -> bool:
    """Whether the files that were open at the end are opened again at the next start."""
    return text_setting("session/reopen", "no") == "yes"


def set_reopens_files(wanted: bool) -> None:
    """Chooses it."""
    settings().setValue("session/reopen", "yes" if wanted else "no")


def session_files() -> list[str]:
    """The files that were open at the end and are still there, from the first tab to the last."""
    return [path for path in _paths("session/files") if os.path.exists(path)]


def remember_session(paths: Sequence[str]) -> None:
    """Remembers which files are open at the end."""
    settings().setValue("session/files", list(paths))


def _keep_recent(files: list[str], stamps: dict[str, list[int]]) -> None:
    settings().setValue("recent/files", files)
    settings().setValue("recent/stamps", json.dumps({file: stamps[file] for file in files if file in stamps}))


def _paths(key: str) -> list[str]:
    value = settings().value(key, [])
    paths = [value] if isinstance(value, str) else list(value) if isinstance(value, list | tuple) else []
    return [path for path in paths if isinstance(path, str) and path]


def _stamp(status: os.stat_result) -> list[int]:
    return [status.st_size, status.st_mtime_ns]


def _recent_stamps() -> dict[str, list[int]]:
    try:
        stamps = json.loads(text_setting("recent/stamps", "{}"))
    except ValueError:
        return {}
    return stamps if isinstance(stamps, dict) else {}
