"""One program for each user: later starts hand their files over; dead sockets and strangers do no harm."""

from __future__ import annotations

import os
import shutil
import socket
import stat
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import QCoreApplication, QUrl
from PySide6.QtGui import QFileOpenEvent
from PySide6.QtNetwork import QLocalSocket

from ckpt_studio.gui.main import Application
from ckpt_studio.gui.main_window import MainWindow
from ckpt_studio.gui.single_instance import Receiver, hand_over, server_name
from ckpt_studio.resources import resource_path

SAMPLE = resource_path("sample.pth")

GIVE = (
    "import sys\nfrom ckpt_studio.gui.single_instance import hand_over\nsys.exit(0 if hand_over(sys.argv[1:]) else 7)"
)


@pytest.fixture
def receiver(qapp: Any) -> Iterator[Receiver]:
    receiver = Receiver()
    yield receiver
    receiver.close()


def ended(qtbot: Any, child: subprocess.Popen[bytes]) -> int:
    qtbot.waitUntil(lambda: child.poll() is not None, timeout=20_000)
    return child.returncode


def test_second_start_hands_its_files_over(qtbot: Any, receiver: Receiver, tmp_path: Path) -> None:
    assert receiver.listen()
    names = ["a.pth", "名 é.pth"]
    with qtbot.waitSignal(receiver.files_received, timeout=20_000) as received:
        child = subprocess.Popen([sys.executable, "-c", GIVE, *names], cwd=tmp_path)
    assert received.args == [[str(tmp_path / name) for name in names]]
    assert ended(qtbot, child) == 0


def test_program_itself_ends_at_once_when_another_runs(
    qtbot: Any, receiver: Receiver, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert receiver.listen()
    with qtbot.waitSignal(receiver.files_received, timeout=20_000) as received:
        child = subprocess.Popen([sys.executable, "-m", "ckpt_studio", str(tmp_path / "x.pth")])
    assert received.args == [[str(tmp_path / "x.pth")]]
    assert ended(qtbot, child) == 0


def test_nobody_listens(qapp: Any) -> None:
    assert not hand_over(["x.pth"])


def test_two_do_not_listen_at_once(receiver: Receiver) -> None:
    assert receiver.listen()
    other = Receiver()
    assert not other.listen()
    receiver.close()
    assert other.listen()
    other.close()


@pytest.mark.skipif(sys.platform == "win32", reason="pipes leave nothing behind")
def test_socket_of_a_killed_program_is_replaced(receiver: Receiver) -> None:
    with socket.socket(socket.AF_UNIX) as dead:
        dead.bind(server_name())
    assert os.path.exists(server_name())
    assert not hand_over([])
    assert receiver.listen()


@pytest.mark.skipif(sys.platform == "win32", reason="file permissions")
def test_only_the_user_may_connect(receiver: Receiver) -> None:
    assert receiver.listen()
    assert stat.S_IMODE(os.stat(server_name()).st_mode) & 0o077 == 0


@pytest.mark.parametrize(
    "line", [b"hello\n", b"[]\n", b'{"open": ["relative"]}\n', b'{"open": [3]}\n', b"x" * 5_000_000]
)
def test_nonsense_is_hung_up_on(qtbot: Any, receiver: Receiver, line: bytes) -> None:
    assert receiver.listen()
    client = QLocalSocket()
    client.connectToServer(server_name())
    assert client.waitForConnected(1000)
    with qtbot.assertNotEmitted(receiver.files_received), qtbot.waitSignal(client.disconnected):
        client.write(line)
        client.flush()


@pytest.mark.skipif(not SAMPLE.is_file(), reason="the sample is not built")
def test_received_files_are_opened_in_front(qtbot: Any, receiver: Receiver, tmp_path: Path) -> None:
    file = Path(shutil.copy(SAMPLE, tmp_path / "given.pth"))
    window = MainWindow()
    qtbot.addWidget(window)
    window.showMinimized()
    receiver.files_received.connect(window.open_received)
    receiver.files_received.emit([str(file)])
    assert not window.isMinimized()
    qtbot.waitUntil(lambda: window.current_page is not None)
    assert window.tabs.tabText(0) == "given.pth"
    receiver.files_received.emit([])
    assert window.tabs.count() == 1


def test_file_opened_by_the_system_is_told(qtbot: Any, tmp_path: Path) -> None:
    # The running application of the tests is not ours: its handler is asked directly.
    told: list[str] = []

    class Stub:
        file_open_wanted = type("Signal", (), {"emit": staticmethod(told.append)})

    event = QFileOpenEvent(QUrl.fromLocalFile(str(tmp_path / "x.pth")))
    assert Application.event(Stub(), event)  # type: ignore[arg-type]
    assert told == [str(tmp_path / "x.pth")]
    assert QCoreApplication.instance() is not None
