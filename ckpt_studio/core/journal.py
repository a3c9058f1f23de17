"""Pending edits kept on disk while the program runs, so that a killed program's edits can be offered again.

A run of the program holds the lock of one session file for as long as it lives; beside it lie the entries, one
JSON file for each document with pending edits. A session whose lock is free belongs to a program that ended
without closing: its entries are offered to the next one that claims it, and to no other at the same time.
"""

from __future__ import annotations

import contextlib
import json
import os
import secrets
import sys
import threading
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any

from ckpt_studio.core.checkpoint import Checkpoint, Source
from ckpt_studio.core.edits import Edit, edit_from_json, edit_to_json
from ckpt_studio.core.history import History
from ckpt_studio.core.jobs import SILENT, Progress
from ckpt_studio.core.tree import Path
from ckpt_studio.errors import EditError, StudioError

_VERSION = 1
_SESSION = ".session"
_ENTRY = ".edits"
# A rename for each of a million tensors is smaller; something larger was not written here.
_MOST_BYTES = 1 << 28

Stamp = Mapping[str, tuple[int, int]]


@dataclass(frozen=True)
class Step:
    """One edit and the state dict that it acts on (None: the file has none)."""

    edit: Edit
    acts_on: Path | None


@dataclass(frozen=True)
class Compared:
    """The model that a document was compared with.

    Attributes:
        reference: REF as CLI.md describes it.
        base: the folder that a relative path in it starts from, and that importing looks in; "" for none.
        interpreter: the Python that built it; "" where none did.
    """

    reference: str
    base: str = ""
    interpreter: str = ""


@dataclass(frozen=True)
class Pending:
    """The edits of one document that were not exported.

    Attributes:
        path: of the file they belong to.
        stamp: size in bytes and modification time in ns of every file behind it, by path.
        steps: all edits, also those that redo would bring back.
        index: how many of them are applied.
        active: the state dict that was active.
        compared: what it was compared with; None for nothing.
        exported: how many of the edits, from the first on, are in the state that was exported last.
    """

    path: str
    stamp: Stamp
    steps: tuple[Step, ...]
    index: int
    active: Path | None
    compared: Compared | None = None
    exported: int = 0

    @property
    def unsaved(self) -> int:
        """How many changes are not in what was exported last, or are no longer made."""
        return abs(self.index - self.exported) or 1

    @classmethod
    def of(cls, history: History, active: Path | None, compared: Compared | None = None) -> Pending:
        """What is pending in a history; O(edits)."""
        return cls(
            history.opened.source.path,
            stamp_of(history.opened.source),
            tuple(Step(revision.edit, revision.checkpoint.active) for revision in history.revisions),
            history.index,
            active,
            compared,
            history.shared_index,
        )

    def after(self, count: int, whole: bool) -> Pending:
        """What is pending when the file was replaced by the state after `count` edits.

        Args:
            count: of the edits, from the first on; no more than are applied.
            whole: the new file holds everything; otherwise the weights alone, at its root.
        """
        steps = self.steps[count:]
        if not whole:
            steps = tuple(replace(step, acts_on=None) for step in steps)
        stamp = {}
        for path in self.stamp:
            # Parts of a set that was replaced may be gone.
            with contextlib.suppress(OSError):
                stamp[path] = _facts(os.stat(path))
        return replace(
            self,
            stamp=stamp,
            steps=steps,
            index=self.index - count,
            active=self.active if whole else None,
            exported=max(self.exported - count, 0),
        )

    def to_json(self) -> str:
        """One JSON object."""
        body = {
            "ckpt-studio-journal": _VERSION,
            "path": self.path,
            "stamp": {path: list(facts) for path, facts in self.stamp.items()},
            "steps": [{**edit_to_json(step.edit), "acts on": step.acts_on} for step in self.steps],
            "index": self.index,
            "active": self.active,
        }
        if self.exported:
            body["exported"] = self.exported
        if self.compared is not None:
            body["compared"] = asdict(self.compared)
        # Names of files may be any bytes: ASCII carries their surrogates.
        return json.dumps(body)

    @classmethod
    def from_json(cls, text: str) -> Pending:
        """Reads `to_json`'s text. Raises EditError ("bad-recipe") for anything else."""
        try:
            data = json.loads(text)
            if data["ckpt-studio-journal"] != _VERSION:
                raise EditError("bad-recipe", reason="written by another version")
            steps = tuple(_step(item) for item in data["steps"])
            index = data["index"]
            stamp = {str(path): (int(facts[0]), int(facts[1])) for path, facts in data["stamp"].items()}
            exported = data.get("exported", 0)
            places = all(type(place) is int and 0 <= place <= len(steps) for place in (index, exported))
            if not isinstance(data["path"], str) or not places:
                raise EditError("bad-recipe", reason="not a journal of edits")
            compared = _compared(data.get("compared"))
            return cls(data["path"], stamp, steps, index, _path(data["active"]), compared, exported)
        except (ValueError, TypeError, KeyError, IndexError, AttributeError, RecursionError) as error:
            raise EditError("bad-recipe", reason=f"not a journal of edits ({error})") from None

    def is_for(self, source: Source) -> bool:
        """Whether the files are those that the edits were made on: none of them was changed since."""
        return dict(self.stamp) == dict(stamp_of(source))

    def file_state(self) -> str:
        """ "same", "changed" or "missing": the files now, against those that the edits were made on."""
        try:
            facts = {path: _facts(os.stat(path)) for path in self.stamp}
            os.stat(self.path)
        except (OSError, ValueError):
            return "missing"
        return "same" if facts == dict(self.stamp) else "changed"


@dataclass(frozen=True)
class Replayed:
    """What came of pending edits made anew.

    Attributes:
        results: each edit that fitted and the checkpoint that it gave, in order.
        error: why the next one did not fit; None when all did.
    """

    results: tuple[tuple[Edit, Checkpoint], ...]
    error: StudioError | None


def replay(pending: Pending, checkpoint: Checkpoint, progress: Progress = SILENT) -> Replayed:
    """Makes pending edits anew on a checkpoint, up to the first that does not fit. Raises Cancelled."""
    results: list[tuple[Edit, Checkpoint]] = []
    for step in pending.steps:
        progress.check()
        try:
            if step.acts_on is not None and step.acts_on != checkpoint.active:
                checkpoint = checkpoint.activate(step.acts_on)
            checkpoint = step.edit.apply(checkpoint)
        except StudioError as error:
            return Replayed(tuple(results), error)
        results.append((step.edit, checkpoint))
    return Replayed(tuple(results), None)


def stamp_of(source: Source) -> Stamp:
    """Size in bytes and modification time in ns, when it was opened, of every file behind a checkpoint."""
    return {file.path: (file.stamp[0], file.stamp[1]) for file in source.files}


class Session:
    """This run's part of the journal. `write` and `remove` may be called from any thread.

    Raises:
        OSError: the folder cannot be written.
    """

    def __init__(self, folder: str) -> None:
        os.makedirs(folder, mode=0o700, exist_ok=True)
        self._folder = folder
        self._guard = threading.Lock()
        self._closed = False
        while True:
            self.id = f"{os.getpid()}-{secrets.token_hex(4)}"
            self._path = os.path.join(folder, self.id + _SESSION)
            descriptor = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600)
            # Between making and locking it, another run may have taken it for a dead one's.
            if _lock(descriptor) and os.path.exists(self._path):
                self._descriptor = descriptor
                return
            os.close(descriptor)

    def write(self, key: str, pending: Pending) -> bool:
        """Puts a document's pending edits on disk, whole or not at all; False once the session is closed.

        Raises:
            OSError: the disk's own failure; what was written before is still there.
        """
        text = pending.to_json()
        path = self._entry(key)
        with self._guard:
            if self._closed:
                return False
            with open(os.open(path + "~", os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="ascii") as file:
                file.write(text)
                file.flush()
                os.fsync(file.fileno())
            os.replace(path + "~", path)
        return True

    def remove(self, key: str) -> None:
        """A document has nothing pending any more."""
        with self._guard, contextlib.suppress(OSError):
            os.unlink(self._entry(key))

    def close(self) -> None:
        """Removes all entries and ends the session; safe to call twice."""
        with self._guard:
            if self._closed:
                return
            self._closed = True
            _clear(self._folder, self.id)
            os.close(self._descriptor)
            _remove_closed(self._path)

    def _entry(self, key: str) -> str:
        return os.path.join(self._folder, f"{self.id}.{key}{_ENTRY}")


class Leftover:
    """The entries of a program that ended without closing, held by this run until `release`."""

    def __init__(self, folder: str, session: str, descriptor: int, entries: Mapping[str, Pending]) -> None:
        self._folder = folder
        self._session = session
        self._descriptor = descriptor
        self.entries = dict(entries)

    def forget(self, name: str) -> None:
        """Removes an entry: it was restored and journalled anew, or is not wanted."""
        self.entries.pop(name, None)
        with contextlib.suppress(OSError):
            os.unlink(os.path.join(self._folder, name))

    def release(self) -> None:
        """Gives the session back; what was not forgotten is offered at the next start."""
        if self._descriptor < 0:
            return
        if not self.entries:
            _clear(self._folder, self._session)
        os.close(self._descriptor)
        self._descriptor = -1
        if not self.entries:
            _remove_closed(os.path.join(self._folder, self._session + _SESSION))


def claim_leftovers(folder: str) -> tuple[Leftover, ...]:
    """What programs left that ended without closing, and that no other running program has claimed.

    Entries that cannot be read are removed. Never raises.
    """
    try:
        sessions = sorted(name.removesuffix(_SESSION) for name in os.listdir(folder) if name.endswith(_SESSION))
    except OSError:
        return ()
    return tuple(found for session in sessions if (found := _claimed(folder, session)) is not None)


def _claimed(folder: str, session: str) -> Leftover | None:
    try:
        descriptor = os.open(os.path.join(folder, session + _SESSION), os.O_RDWR)
    except OSError:
        return None
    if not _lock(descriptor):
        os.close(descriptor)
        return None
    entries: dict[str, Pending] = {}
    for name in _names(folder, session):
        path = os.path.join(folder, name)
        try:
            if os.path.getsize(path) > _MOST_BYTES:
                raise EditError("bad-recipe", reason="too large")
            with open(path, encoding="ascii") as file:
                entries[name] = Pending.from_json(file.read())
        except (OSError, ValueError, EditError):
            with contextlib.suppress(OSError):
                os.unlink(path)
    found = Leftover(folder, session, descriptor, entries)
    if not entries:
        found.release()
        return None
    return found


def _names(folder: str, session: str) -> Iterator[str]:
    for name in sorted(os.listdir(folder)):
        if name.startswith(session + ".") and name.endswith(_ENTRY):
            yield name


def _clear(folder: str, session: str) -> None:
    with contextlib.suppress(OSError):
        for name in os.listdir(folder):
            if name.startswith(session + "."):
                with contextlib.suppress(OSError):
                    os.unlink(os.path.join(folder, name))


def _remove_closed(path: str) -> None:
    """Removes a session's own file, which Windows keeps until its descriptor is closed; elsewhere it is gone."""
    with contextlib.suppress(OSError):
        os.unlink(path)


def _step(data: Any) -> Step:
    fields = dict(data)
    acts_on = _path(fields.pop("acts on"))
    return Step(edit_from_json(fields), acts_on)


def _compared(data: Any) -> Compared | None:
    if data is None:
        return None
    found = Compared(**data)
    if not all(isinstance(text, str) for text in (found.reference, found.base, found.interpreter)):
        raise ValueError("not a model")
    return found


def _path(data: Iterable[Any] | None) -> Path | None:
    if data is None:
        return None
    path = tuple(data)
    if not all(type(key) in (int, str) for key in path):
        raise ValueError("not a path")
    return path


def _facts(status: os.stat_result) -> tuple[int, int]:
    return (status.st_size, status.st_mtime_ns)


def _lock(descriptor: int) -> bool:
    """Takes the lock of a session until its descriptor closes, however the process ends; False: another has it."""
    try:
        if sys.platform == "win32":
            import msvcrt

            msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
        else:
            import fcntl

            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True
