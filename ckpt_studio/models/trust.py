"""Whether the user allowed a file's code to run: remembered for that very content, never for a name."""

from __future__ import annotations

import hashlib
import json
import os
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class CodeRequest:
    """What the user is asked before somebody's code is run.

    Attributes:
        path: the file that would run first; "" when an import's file cannot be told beforehand.
        interpreter: the Python it would run in.
        reference: what it is run for, as CLI writes it.
        digest: SHA-256 of the file's content (hexadecimal), "" without a file.
    """

    path: str
    interpreter: str
    reference: str
    digest: str

    @classmethod
    def of(cls, path: str, interpreter: str, reference: str) -> CodeRequest:
        """The request about the file at `path` as it is now.

        Raises:
            OSError: it cannot be read.
        """
        return cls(path, interpreter, reference, content_digest(path) if path else "")


def content_digest(path: str | os.PathLike[str]) -> str:
    """SHA-256 of a file's content, hexadecimal."""
    return hashlib.sha256(Path(path).read_bytes()).hexdigest()


class Trust:
    """The contents whose code may run without asking, kept in a small JSON file.

    Args:
        path: of that file; None keeps them only in memory.
    """

    def __init__(self, path: str | os.PathLike[str] | None = None) -> None:
        self._path = None if path is None else Path(path)
        self._memory: dict[str, str] = {}

    def allows(self, request: CodeRequest) -> bool:
        """Whether the user said yes to this content, at this place, before."""
        return bool(request.digest) and self._load().get(request.digest) == os.path.abspath(request.path)

    def remember(self, request: CodeRequest) -> None:
        """Keeps the user's yes for this very content; a request without a file is never remembered.

        Raises:
            OSError: the file cannot be written.
        """
        if request.digest:
            self._save({**self._load(), request.digest: os.path.abspath(request.path)})

    def forget_all(self) -> None:
        """Asks again for every file from now on."""
        self._save({})

    @property
    def remembered(self) -> tuple[str, ...]:
        """The files whose content at the time was allowed."""
        return tuple(sorted(self._load().values()))

    def _load(self) -> dict[str, str]:
        if self._path is None:
            return dict(self._memory)
        try:
            data = json.loads(self._path.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return {}
        allowed = data.get("allowed") if isinstance(data, dict) else None
        if not isinstance(allowed, dict):
            return {}
        return {str(digest): str(path) for digest, path in allowed.items()}

    def _save(self, allowed: dict[str, str]) -> None:
        if self._path is None:
            self._memory = allowed
            return
        self._path.parent.mkdir(parents=True, exist_ok=True)
        temporary = self._path.with_name(self._path.name + ".new")
        temporary.write_text(json.dumps({"allowed": allowed}, indent=1) + "\n", encoding="utf-8")
        os.replace(temporary, self._path)
