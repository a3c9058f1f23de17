"""One program for each user: a second start hands its files to the first and ends."""

from __future__ import annotations

import hashlib
import json
import os
import sys
from collections.abc import Sequence

from PySide6.QtCore import QObject, QStandardPaths, Signal
from PySide6.QtNetwork import QLocalServer, QLocalSocket

# A busy machine answers in this time; a program that hangs does not, and must not keep files from being opened.
_CONNECT_MS = 500
_ANSWER_MS = 3000
# The paths of a whole folder fit; nobody can make the program keep more in memory.
_MOST_BYTES = 1 << 22
_OPENED = b"opened\n"


def server_name() -> str:
    """Where this user's program listens: a socket in the user's own runtime folder, on Windows a named pipe."""
    # A window on another screen is of no use to who sits before this one.
    screen = os.environ.get("WAYLAND_DISPLAY") or os.environ.get("DISPLAY") or ""
    told = f"{os.path.expanduser('~')}\n{screen}".encode("utf-8", "surrogateescape")
    user = hashlib.sha256(told).hexdigest()[:12]
    if sys.platform == "win32":
        return f"ckpt-studio-{user}"
    folder = QStandardPaths.writableLocation(QStandardPaths.StandardLocation.RuntimeLocation)
    # The names of sockets are short: a home deep in the tree would make too long a one.
    path = os.path.join(folder, f"ckpt-studio-{user}")
    return path if folder and len(os.fsencode(path)) < 100 else f"ckpt-studio-{user}"


def hand_over(paths: Sequence[str], name: str | None = None) -> bool:
    """Gives files to this user's running program, which shows its window; False when there is none that answers.

    Blocks for at most some seconds; called before there is a window.
    """
    socket = QLocalSocket()
    socket.connectToServer(name or server_name())
    if not socket.waitForConnected(_CONNECT_MS):
        return False
    body = json.dumps({"open": [os.path.abspath(path) for path in paths]}) + "\n"
    socket.write(body.encode("ascii"))
    answer = b""
    while not answer.endswith(b"\n"):
        if not socket.waitForReadyRead(_ANSWER_MS):
            return False
        answer += bytes(socket.readAll().data())
    socket.disconnectFromServer()
    return answer == _OPENED


class Receiver(QObject):
    """Listens for the files that later starts hand over. Only this user may connect.

    Signals:
        files_received(list): absolute paths to open; also empty: the window is to be shown.
    """

    files_received = Signal(list)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._server = QLocalServer(self)
        self._server.setSocketOptions(QLocalServer.SocketOption.UserAccessOption)
        self._server.newConnection.connect(self._on_connected)

    def listen(self, name: str | None = None) -> bool:
        """Begins to listen; a socket that a killed program left is replaced. False when another program listens."""
        name = name or server_name()
        # Qt puts a new socket in the place of another without asking whether somebody listens there.
        if _answers(name):
            return False
        QLocalServer.removeServer(name)
        return self._server.listen(name)

    def close(self) -> None:
        """Listens no more; the next start becomes the one that listens."""
        self._server.close()

    def _on_connected(self) -> None:
        while (socket := self._server.nextPendingConnection()) is not None:
            socket.readyRead.connect(lambda socket=socket: self._on_ready(socket))
            socket.disconnected.connect(socket.deleteLater)
            if socket.bytesAvailable():
                self._on_ready(socket)

    def _on_ready(self, socket: QLocalSocket) -> None:
        if not socket.canReadLine():
            if socket.bytesAvailable() > _MOST_BYTES:
                socket.abort()
            return
        paths = _paths(bytes(socket.readLine().data()))
        if paths is None:
            socket.abort()
            return
        socket.write(_OPENED)
        socket.flush()
        self.files_received.emit(paths)


def _answers(name: str) -> bool:
    socket = QLocalSocket()
    socket.connectToServer(name)
    answers = socket.waitForConnected(_CONNECT_MS)
    socket.abort()
    return answers


def _paths(line: bytes) -> list[str] | None:
    try:
        paths = json.loads(line)["open"]
    except (ValueError, TypeError, KeyError, RecursionError):
        return None
    if not isinstance(paths, list) or not all(isinstance(path, str) and os.path.isabs(path) for path in paths):
        return None
    return paths
