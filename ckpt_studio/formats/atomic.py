"""Never in place: a sibling temporary file that replaces its target only when it is whole and on the disk.

A `Draft` is that temporary file. It is locked while its writer lives, so that what a killed process left
behind can be told from work in progress: `sweep` removes the first and spares the second. The folders with
drafts in them are noted in a small journal, so that the next start can find them (`sweep_noted`).
"""

from __future__ import annotations

import contextlib
import errno
import json
import os
import secrets
import stat
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from ckpt_studio.core.jobs import SILENT, Progress
from ckpt_studio.core.storage import close_everywhere
from ckpt_studio.errors import ExportError, Message, message

_MARK = ".ckpt-studio-part"
_SET_MARK = ".ckpt-studio-set"
_POLL_SECONDS = 0.05
REPLACES_OPEN_FILES = os.name != "nt"
"""Whether a file can be renamed, replaced and removed while it is open; Windows refuses."""
# What scans every new file (virus scanners, indexers) lets go of it soon.
_PATIENCE_SECONDS = 3.0


class Draft:
    """A file being written beside its target. Owned by one thread; `path` may be read by others.

    Attributes:
        target: the file it will replace (symbolic links already followed).
        path: where it is until then.
        fd: descriptor open for reading and writing; it belongs to this object.
        synced: whether its bytes were sent to the disk since the last write.
    """

    def __init__(self, target: str, existing: os.stat_result | None, token: str = "", mark: str = _MARK) -> None:
        folder, name = os.path.split(target)
        # File systems allow 255 bytes a name; the mark and the random part need 40 of them.
        stem = os.fsencode(name)[:200].decode("utf-8", "ignore")
        flags = os.O_RDWR | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0) | getattr(os, "O_NOINHERIT", 0)
        self.target = target
        self._existing = existing
        self.synced = False
        self.fd = -1
        while True:
            self.path = os.path.join(folder, f".{stem}.{token or secrets.token_hex(6)}{mark}")
            # An existing target may be private: its bytes must not be readable meanwhile through the draft.
            self.fd = os.open(self.path, flags, 0o666 if existing is None else 0o600)
            _lock(self.fd)
            # Between making and locking it, another run's sweep may have taken it for a dead one's.
            if os.path.exists(self.path):
                return
            self.close()

    def sync(self, progress: Progress = SILENT) -> None:
        """Returns when every byte is on the disk; cancelling answers at once although the disk goes on.

        Raises:
            Cancelled: the job is to stop.
            OSError: the disk's own failure.
        """
        with self.syncing(progress):
            pass

    @contextmanager
    def syncing(self, progress: Progress = SILENT) -> Iterator[None]:
        """Sends the bytes to the disk while the body runs (reading only), and waits for both."""
        self.synced = True
        failures: list[OSError] = []
        descriptor = os.dup(self.fd)

        def work() -> None:
            try:
                os.fsync(descriptor)
            except OSError as error:
                failures.append(error)
            finally:
                os.close(descriptor)

        # A daemon: a cancelled export must not keep the program from ending until the disk is done.
        thread = threading.Thread(target=work, name="fsync", daemon=True)
        thread.start()
        yield
        while thread.is_alive():
            progress.check()
            thread.join(_POLL_SECONDS)
        if failures:
            raise failures[0]

    def commit(self) -> None:
        """Puts the file in the target's place; after this line the target is the whole new file."""
        if not self.synced:
            self.sync()
        self.settle()
        if not REPLACES_OPEN_FILES:
            # Elsewhere the lock is held until the name is gone.
            self.close()
        _put(self.path, self.target)
        self.close()
        _sync_folder(os.path.dirname(self.target))

    def settle(self) -> None:
        """Gives the finished file the owner and permissions of the one it will replace."""
        if self._existing is not None and os.name != "nt":
            # Only the superuser may give files away; for everybody else the owner is right already.
            with contextlib.suppress(OSError):
                os.fchown(self.fd, self._existing.st_uid, self._existing.st_gid)
            os.fchmod(self.fd, stat.S_IMODE(self._existing.st_mode))

    def discard(self) -> None:
        """Removes the temporary file; safe to call at any time, also after `commit`."""
        self.close()
        with contextlib.suppress(OSError):
            os.unlink(self.path)

    def close(self) -> None:
        """Gives the descriptor back."""
        if self.fd >= 0:
            os.close(self.fd)
            self.fd = -1


class DraftSet:
    """Several files of one folder that appear together.

    While it lives, a locked set file beside the drafts keeps them from being swept. `commit` first writes into
    it which draft becomes which file; a run that is killed while renaming is finished by the next sweep.
    """

    def __init__(self, folder: str, name: str) -> None:
        self._token = secrets.token_hex(6)
        self._folder = folder
        self._drafts: list[Draft] = []
        self._set = Draft(os.path.join(folder, name), None, self._token, _SET_MARK)

    def draft(self, target: str) -> Draft:
        """A draft of one more file of the set. Raises ExportError where `target` cannot be written."""
        made = Draft(target, _require_writable(target), self._token)
        self._drafts.append(made)
        return made

    def finished(self, draft: Draft) -> None:
        """Says that a draft is written and synced; its descriptor is given back."""
        draft.settle()
        draft.close()

    def commit(self) -> None:
        """Puts all files in their places."""
        names = [[os.path.basename(draft.path), os.path.basename(draft.target)] for draft in self._drafts]
        os.write(self._set.fd, json.dumps(names).encode("ascii"))
        os.fsync(self._set.fd)
        _sync_folder(self._folder)
        for draft in self._drafts:
            _put(draft.path, draft.target)
        _sync_folder(self._folder)
        self._set.discard()

    def discard(self) -> None:
        """Removes what is left of the set; safe to call at any time, also after `commit`."""
        for draft in self._drafts:
            draft.discard()
        self._set.discard()


@contextmanager
def replacing_all(folder: str, name: str) -> Iterator[DraftSet]:
    """A set of drafts that replace their targets together when the body ends, and are gone when it raises.

    Args:
        folder: where all of them lie.
        name: of the set, for its temporary files.

    Raises:
        ExportError: as `replacing`.
    """
    note = None
    with _worded(os.path.join(folder, name)):
        if not os.path.isdir(folder):
            raise ExportError("folder-missing", folder=folder, path=name)
        sweep(folder)
        note = _note(folder)
        try:
            drafts = DraftSet(folder, name)
            try:
                yield drafts
                drafts.commit()
            finally:
                drafts.discard()
        finally:
            _forget(note)


@contextmanager
def replacing(target: str | os.PathLike[str], progress: Progress = SILENT) -> Iterator[Draft]:
    """A draft that replaces `target` when the body ends, and is gone without a trace when it raises.

    A symbolic link is followed (the file it points to is replaced), an existing file's permissions are
    kept, a new file gets those of the user's umask. The folder is swept of what killed runs left.

    Raises:
        ExportError: the place cannot be written ("folder-missing", "target-is-directory", "not-permitted",
            "disk-full", "write-failed"); the target is as it was.
    """
    path = resolved(target)
    folder = os.path.dirname(path)
    with _worded(path):
        existing = _require_writable(path)
        sweep(folder)
        note = _note(folder)
        try:
            draft = Draft(path, existing)
        except BaseException:
            _forget(note)
            raise
    try:
        with _worded(path):
            yield draft
            if not draft.synced:
                draft.sync(progress)
            progress.check()
            draft.commit()
    finally:
        draft.discard()
        _forget(note)


def resolved(target: str | os.PathLike[str]) -> str:
    """The absolute path that will be replaced: symbolic links followed, even dangling ones."""
    path = os.path.abspath(os.fspath(target))
    return os.path.realpath(path) if os.path.islink(path) else path


def shares_hard_link(target: str | os.PathLike[str]) -> bool:
    """Whether the existing target has other names, which will go on showing the old content."""
    try:
        status = os.stat(resolved(target))
    except OSError:
        return False
    return stat.S_ISREG(status.st_mode) and status.st_nlink > 1


def is_leftover(name: str) -> bool:
    """Whether a file name is one of our temporary files."""
    return name.startswith(".") and name.endswith((_MARK, _SET_MARK))


def sweep(folder: str | os.PathLike[str]) -> int:
    """Removes the temporary files that killed runs left in `folder`; the number removed.

    Files whose writer lives (in this process or another) stay. Never raises: a folder that cannot be
    read has nothing to sweep.
    """
    try:
        names = [name for name in os.listdir(folder) if is_leftover(name)]
    except OSError:
        return 0
    removed = 0
    alive: set[str] = set()
    for name in names:
        if name.endswith(_SET_MARK):
            if _finish_if_dead(os.fspath(folder), name):
                removed += 1
            else:
                alive.add(_token(name))
    for name in names:
        if name.endswith(_MARK) and _token(name) not in alive:
            removed += _if_dead(os.path.join(folder, name), os.unlink)
    return removed


def _token(name: str) -> str:
    return name.rsplit(".", 2)[1]


def _finish_if_dead(folder: str, name: str) -> bool:
    """Ends what a killed run began to rename, if it had come so far, and removes its set file."""

    def finish(path: str) -> None:
        try:
            pairs = json.loads(Path(path).read_bytes() or b"[]")
        except ValueError:
            pairs = []
        for draft, target in pairs:
            with contextlib.suppress(FileNotFoundError):
                os.replace(os.path.join(folder, draft), os.path.join(folder, target))
        os.unlink(path)

    return _if_dead(os.path.join(folder, name), finish)


def sweep_noted() -> int:
    """Sweeps every folder in which some run was writing when it ended; call it at the program's start.

    Returns the number of files removed. Never raises.
    """
    removed = 0
    journal = _journal()
    with contextlib.suppress(OSError), os.scandir(journal) as entries:
        for entry in entries:
            with contextlib.suppress(OSError):
                text = Path(entry.path).read_text("utf-8", "surrogateescape")
                removed += sweep(text)
                if not any(is_leftover(name) for name in os.listdir(text)):
                    os.unlink(entry.path)
    return removed


def state_folder() -> str:
    """Where the program keeps what outlives a run (the platform's own place; `CKPT_STUDIO_STATE` overrides it)."""
    override = os.environ.get("CKPT_STUDIO_STATE")
    if override:
        return override
    if sys.platform == "win32":
        base = os.environ.get("LOCALAPPDATA") or os.path.expanduser("~\\AppData\\Local")
    elif sys.platform == "darwin":
        base = os.path.expanduser("~/Library/Application Support")
    else:
        base = os.environ.get("XDG_STATE_HOME") or os.path.expanduser("~/.local/state")
    return os.path.join(base, "ckpt-studio")


def _journal() -> str:
    return os.path.join(state_folder(), "writing")


def _note(folder: str) -> str | None:
    """Notes that a draft will be in `folder`; None where no note can be kept (a read-only home)."""
    path = os.path.join(_journal(), f"{os.getpid()}-{secrets.token_hex(4)}")
    try:
        os.makedirs(_journal(), exist_ok=True)
        Path(path).write_text(folder, "utf-8", "surrogateescape")
    except OSError:
        return None
    return path


def _forget(note: str | None) -> None:
    if note is not None:
        with contextlib.suppress(OSError):
            os.unlink(note)


def _require_writable(path: str) -> os.stat_result | None:
    """The status of an existing target, None for a new one; raises where no file can come to be."""
    folder = os.path.dirname(path)
    if not os.path.isdir(folder):
        raise ExportError("folder-missing", folder=folder, path=path)
    try:
        status = os.stat(path)
    except FileNotFoundError:
        return None
    if stat.S_ISDIR(status.st_mode):
        raise ExportError("target-is-directory", path=path)
    if not stat.S_ISREG(status.st_mode):
        raise ExportError("target-not-a-file", path=path)
    return status


@contextmanager
def _worded(path: str) -> Iterator[None]:
    """Turns the system's errors into ours."""
    try:
        yield
    except OSError as error:
        raise os_failure(error, path) from error


def os_failure(error: OSError, path: str) -> ExportError:
    """The ExportError that says in plain words why `path` could not be written."""
    if error.errno in (errno.ENOSPC, getattr(errno, "EDQUOT", errno.ENOSPC)):
        return ExportError("disk-full", path=path, details=str(error))
    if error.errno in (errno.EACCES, errno.EPERM, errno.EROFS):
        return ExportError("not-permitted", path=path, folder=os.path.dirname(path), details=str(error))
    if error.errno == errno.ENAMETOOLONG:
        return ExportError("name-too-long", path=path, details=str(error))
    if error.errno == errno.EFBIG:
        return ExportError("file-too-big", path=path, details=str(error))
    return ExportError("write-failed", path=path, reason=os.strerror(error.errno or 0), details=str(error))


def hard_link_notice(target: str | os.PathLike[str]) -> Message | None:
    """The notice that other names of the target keep the old content, or None."""
    return message("hard-link-target", path=resolved(target)) if shares_hard_link(target) else None


def _put(path: str, target: str) -> None:
    """Puts a finished file in the target's place, once nothing of this process has the target open."""
    if REPLACES_OPEN_FILES:
        os.replace(path, target)
        return
    deadline = time.monotonic() + _PATIENCE_SECONDS
    while True:
        close_everywhere(target)
        try:
            os.replace(path, target)
            return
        except PermissionError as error:
            if time.monotonic() > deadline:
                if os.path.exists(target) and os.access(target, os.W_OK):
                    raise ExportError("file-in-use", path=target, details=str(error)) from None
                raise
        time.sleep(_POLL_SECONDS)


def _sync_folder(folder: str) -> None:
    # Windows cannot open a folder; its file systems journal the rename themselves.
    if os.name == "nt":
        return
    with contextlib.suppress(OSError):
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def _lock(descriptor: int) -> None:
    """Marks a draft as alive until its descriptor closes, however the process ends."""
    if sys.platform != "win32":
        import fcntl

        # Some network file systems know no locks: there a sweep cannot tell and leaves everything.
        with contextlib.suppress(OSError):
            fcntl.flock(descriptor, fcntl.LOCK_EX)


def _if_dead(path: str, action: Callable[[str], None]) -> bool:
    """Does something with a leftover whose writer is gone; whether it was done."""
    if not REPLACES_OPEN_FILES:
        # A file that its writer holds open can be neither removed nor renamed, not even to its own name.
        try:
            os.rename(path, path)
            action(path)
        except OSError:
            return False
        return True
    import fcntl

    try:
        descriptor = os.open(path, os.O_RDONLY)
    except OSError:
        return False
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        action(path)
    except OSError:
        return False
    finally:
        os.close(descriptor)
    return True
