"""One child process that answers JSON lines: started in a clean environment, watched, and always ended."""

from __future__ import annotations

import contextlib
import json
import os
import queue
import signal
import subprocess
import sys
import threading
import time
import weakref
from collections import deque
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NoReturn

from ckpt_studio.core.jobs import Progress
from ckpt_studio.errors import Cancelled, ModelError

WORKER = Path(__file__).with_name("worker.py")
TAIL_BYTES = 64 << 10
_POLL_SECONDS = 0.05


def clean_environment(environment: Mapping[str, str] | None = None, *, frozen: bool | None = None) -> dict[str, str]:
    """The environment for a foreign Python: the user's own, without what a frozen program leaks to its children.

    PyInstaller keeps the user's library path as LD_LIBRARY_PATH_ORIG; its own, Qt's and its `_PYI_*` go.
    """
    result = dict(os.environ if environment is None else environment)
    if getattr(sys, "frozen", False) if frozen is None else frozen:
        for name in ("LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH", "LIBPATH"):
            original = result.pop(f"{name}_ORIG", None)
            result.pop(name, None)
            if original:
                result[name] = original
        for name in list(result):
            if name.startswith(("_PYI_", "QT_", "QML")) or name in ("_MEIPASS2", "PYTHONHOME", "PYTHONPATH"):
                del result[name]
    # A host is asked about files of other people's: no bytecode beside them, nothing fetched, no windows.
    result.update(
        PYTHONDONTWRITEBYTECODE="1",
        PYTHONUNBUFFERED="1",
        HF_HUB_OFFLINE="1",
        TRANSFORMERS_OFFLINE="1",
        HF_DATASETS_OFFLINE="1",
        WANDB_MODE="offline",
        MPLBACKEND="Agg",
    )
    result.pop("__PYVENV_LAUNCHER__", None)
    return result


def end_process(process: subprocess.Popen[bytes]) -> None:
    """Kills the process and everything it started; does nothing to one that has ended and been waited for."""
    if process.poll() is None:
        if os.name == "nt":
            subprocess.run(["taskkill", "/T", "/F", "/PID", str(process.pid)], capture_output=True, check=False)
        else:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(process.pid, signal.SIGKILL)
        with contextlib.suppress(OSError):
            process.kill()
        process.wait()
    elif os.name != "nt":
        # Its children may outlive it; their group still carries its number.
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, signal.SIGKILL)
    # The threads that read close their own pipes: a stray grandchild may hold one open for long.
    if process.stdin is not None:
        with contextlib.suppress(OSError):
            process.stdin.close()


class HostProcess:
    """A running worker. One request at a time; not for several threads at once (`HostClient` sees to that).

    Args:
        interpreter: the Python to run it in.
        memory_limit: most bytes of memory it may take; None leaves the worker's own choice.

    Raises:
        ModelError: "host-not-started".
    """

    def __init__(self, interpreter: str, memory_limit: int | None = None) -> None:
        self.interpreter = interpreter
        environment = clean_environment()
        if memory_limit is not None:
            environment["CKPT_STUDIO_HOST_MEMORY"] = str(memory_limit)
        flags: dict[str, Any] = {"start_new_session": True}
        if os.name == "nt":
            flags = {"creationflags": getattr(subprocess, "CREATE_NO_WINDOW", 0)}
        try:
            self._process = subprocess.Popen(
                [interpreter, "-u", str(WORKER)],
                stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment, **flags,
            )  # fmt: skip
        except OSError as error:
            raise ModelError("host-not-started", interpreter=interpreter, reason=error.strerror or str(error)) from None
        self._finalizer = weakref.finalize(self, end_process, self._process)
        self._replies: queue.SimpleQueue[bytes | None] = queue.SimpleQueue()
        self._tail: deque[bytes] = deque()
        self._tail_size = 0
        self._tail_lock = threading.Lock()
        self._next_id = 0
        self._closed = False
        # The threads hold the pipes and queues, not this object: dropping it ends the process.
        self._threads = [
            threading.Thread(
                target=_pump, args=(self._process.stdout, self._replies), daemon=True, name="host-replies"
            ),
            threading.Thread(
                target=_drain, args=(self._process.stderr, weakref.ref(self)), daemon=True, name="host-noise"
            ),
        ]
        for thread in self._threads:
            thread.start()

    @property
    def alive(self) -> bool:
        """Whether it can be asked."""
        return self._finalizer.alive and self._process.poll() is None

    @property
    def pid(self) -> int:
        """Its process id."""
        return self._process.pid

    def tail(self) -> str:
        """The last of what the worker and the user's code printed since the request began."""
        with self._tail_lock:
            return b"".join(self._tail).decode("utf-8", "replace")

    def add_noise(self, data: bytes) -> None:
        """Keeps printed bytes, the last 64 kB of them."""
        with self._tail_lock:
            self._tail.append(data)
            self._tail_size += len(data)
            while self._tail_size > TAIL_BYTES and len(self._tail) > 1:
                self._tail_size -= len(self._tail.popleft())

    def close(self) -> None:
        """Ends the worker and everything it started; safe to call twice. Whoever still waits gets Cancelled."""
        self._closed = True
        self._finalizer()
        for thread in self._threads:
            if thread is not threading.current_thread():
                thread.join(timeout=1)

    def ask(self, request: dict[str, Any], progress: Progress, limit: float) -> dict[str, Any]:
        """The worker's answer.

        Args:
            request: "do" and its arguments, JSON values.
            progress: polled; cancelling kills the worker.
            limit: seconds.

        Raises:
            Cancelled: by `progress`, or by `close` in another thread; the worker is gone then.
            ModelError: what the worker refused with, "host-timeout", "host-crashed", "host-exited", "host-garbled".
        """
        progress.check()
        with self._tail_lock:
            self._tail.clear()
            self._tail_size = 0
        self._next_id += 1
        line = json.dumps({**request, "id": self._next_id}).encode() + b"\n"
        # A worker that hangs in C code reads nothing: a thread may wait for it, the caller must not.
        threading.Thread(target=_write, args=(self._process.stdin, line), daemon=True, name="host-request").start()
        started = time.monotonic()
        while True:
            try:
                progress.report(int(time.monotonic() - started), 0)
            except BaseException:
                self.close()
                raise
            try:
                reply = self._replies.get(timeout=_POLL_SECONDS)
            except queue.Empty:
                if time.monotonic() - started > limit:
                    self.close()
                    raise ModelError("host-timeout", seconds=round(limit), details=self.tail()) from None
                continue
            if reply is None:
                self._raise_ended()
            try:
                answer: dict[str, Any] = json.loads(reply)
            except ValueError:
                self.close()
                raise ModelError("host-garbled", interpreter=self.interpreter, details=self.tail()) from None
            if answer.get("id") == self._next_id:
                return answer

    def _raise_ended(self) -> NoReturn:
        if self._closed:
            raise Cancelled
        try:
            status = self._process.wait(timeout=5)
        except subprocess.TimeoutExpired:
            status = -signal.SIGTERM
        self.close()
        details = self.tail()
        if status < 0:
            try:
                name = signal.Signals(-status).name
            except ValueError:
                name = str(-status)
            code = "host-killed" if name == "SIGKILL" else "host-crashed"
            if code == "host-killed":
                raise ModelError("host-killed", details=details)
            raise ModelError("host-crashed", signal=name, details=details)
        raise ModelError("host-exited", status=status, interpreter=self.interpreter, details=details)


def _pump(pipe: Any, replies: queue.SimpleQueue[bytes | None]) -> None:
    with pipe, contextlib.suppress(OSError, ValueError):
        for line in pipe:
            replies.put(line)
    replies.put(None)


def _drain(pipe: Any, owner: weakref.ref[HostProcess]) -> None:
    with pipe, contextlib.suppress(OSError, ValueError):
        while data := pipe.read1(1 << 16):
            process = owner()
            if process is not None:
                process.add_noise(data)
            del process


def _write(pipe: Any, line: bytes) -> None:
    # A worker that dies meanwhile is noticed by the reader.
    with contextlib.suppress(OSError, ValueError):
        pipe.write(line)
        pipe.flush()
