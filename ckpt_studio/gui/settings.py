"""What the window remembers between starts: geometry, choices, recent files."""

from __future__ import annotations

import os
from pathlib import Path

from PySide6.QtCore import QSettings, QStandardPaths

_MOST_RECENT = 12


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


def recent_files() -> list[str]:
    """The files opened last, the newest first; those that are gone are left out."""
    value = settings().value("recent/files", [])
    paths = [value] if isinstance(value, str) else list(value) if isinstance(value, list | tuple) else []
    return [path for path in paths if isinstance(path, str) and os.path.exists(path)]


def remember_recent(path: str) -> None:
    """Puts a file at the top of the recent ones."""
    path = os.path.abspath(path)
    files = [path, *(other for other in recent_files() if other != path)]
    settings().setValue("recent/files", files[:_MOST_RECENT])


def forget_recent() -> None:
    """Empties the list of recent files."""
    settings().remove("recent/files")
