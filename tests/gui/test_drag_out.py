"""Tensors dragged to other programs: a file when they ask for it, nothing written within the program."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QEvent, QLockFile, QPoint, QPointF, Qt, QTimer
from PySide6.QtGui import QDrag, QDragEnterEvent, QDragLeaveEvent, QDropEvent
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from ckpt_studio.core.checkpoint import Checkpoint, Source, StateDict
from ckpt_studio.core.dtypes import BY_NAME
from ckpt_studio.core.jobs import Progress
from ckpt_studio.core.storage import AbsentBytes, MemoryBytes, Storage
from ckpt_studio.core.tensor import Form, Tensor, contiguous
from ckpt_studio.core.tree import Dict
from ckpt_studio.errors import StudioError
from ckpt_studio.formats.opening import open_checkpoint
from ckpt_studio.gui import drag_out
from ckpt_studio.gui.document import Document
from ckpt_studio.gui.drag import DraggedNames, is_outgoing
from ckpt_studio.gui.drag_out import SESSION, Outgoing, OutgoingData, dragged_folder, sweep_dragged
from ckpt_studio.gui.main_window import MainWindow
from ckpt_studio.gui.tensor_tree_view import TensorTreeView
from tests.gui.inspecting import tensor_of

np = pytest.importorskip("numpy")

# Qt has no other way for a test to make the events of a drag.
pytestmark = pytest.mark.filterwarnings("ignore:Function. 'QDrag:DeprecationWarning")

WEIGHT = np.random.default_rng(2).normal(size=(5, 6)).astype(np.float32)
BOTH = Qt.DropAction.CopyAction | Qt.DropAction.MoveAction
LEFT, NO_KEYS = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier


def document() -> Document:
    quantised = Tensor(
        BY_NAME["qint8"], (4,), (1,), 0, Storage(MemoryBytes(b"\1\2\3\4")), form=Form(quantizer=(None, 0.5, 1))
    )
    weights = {
        "layer.weight": tensor_of(WEIGHT),
        "layer.bias": tensor_of(WEIGHT[0], "bfloat16"),
        "head.weight": tensor_of(WEIGHT),
        "head.scale": quantised,
        "lost": contiguous(BY_NAME["float32"], (4,), Storage(AbsentBytes(16, "shard-missing", file="two.bin"))),
    }
    optimizer = Dict(
        [("state", Dict([(0, Dict([("exp_avg", tensor_of(WEIGHT)), ("exp_avg_sq", tensor_of(WEIGHT))]))]))]
    )
    inner = Dict(list(weights.items()))
    root = Dict([("epoch", 90), ("state_dict", inner), ("optimizer", optimizer)])
    found = (StateDict(("state_dict",), weights, inner),)
    return Document(Checkpoint(Source("/files/x.pth", "torch-zip", 1000), root, found, ("state_dict",)))


@pytest.fixture(autouse=True)
def own_session() -> Iterator[None]:
    yield
    SESSION.remove()


@pytest.fixture
def view(qtbot: QtBot) -> TensorTreeView:
    made = TensorTreeView(document())
    qtbot.addWidget(made)
    made.resize(600, 400)
    made.show()
    return made


def dragged(view: TensorTreeView, kind: str, path: tuple[str, ...], name: str) -> tuple[QDrag, OutgoingData]:
    """The drag of one row."""
    view.setCurrentIndex(view.tensors.find((kind, path, name)))
    drag = view.make_drag()
    assert drag is not None
    data = drag.mimeData()
    assert isinstance(data, OutgoingData)
    return drag, data


def enter(view: TensorTreeView, data: OutgoingData) -> None:
    event = QDragEnterEvent(QPoint(20, 20), BOTH, data, LEFT, NO_KEYS)
    QApplication.sendEvent(view.viewport(), event)


SD = ("state_dict",)


def test_one_tensor_is_an_array(view: TensorTreeView) -> None:
    drag, data = dragged(view, "tensor", SD, "layer.weight")
    assert data.hasUrls()
    assert not os.path.exists(dragged_folder())
    (url,) = data.urls()
    assert os.path.basename(url.toLocalFile()) == "layer.weight.npy"
    assert np.array_equal(np.load(url.toLocalFile()), WEIGHT)
    assert bytes(data.data("text/uri-list").data()).startswith(b"file:///")
    assert [again.toLocalFile() for again in data.urls()] == [url.toLocalFile()]
    names = DraggedNames.from_mime(data)
    assert names is not None
    assert names.names == ("layer.weight",)
    assert is_outgoing(data)
    drag.deleteLater()


@pytest.mark.parametrize(
    ("row", "file", "names"),
    [
        (("group", SD, "layer"), "layer.safetensors", ["layer.weight", "layer.bias"]),
        (
            ("box", ("optimizer",), ""),
            "optimizer.safetensors",
            ["optimizer.state.0.exp_avg", "optimizer.state.0.exp_avg_sq"],
        ),
        (("group", SD, "head"), "head.pth", ["head.weight", "head.scale"]),
    ],
)
def test_several_are_a_checkpoint(
    view: TensorTreeView, row: tuple[str, tuple[str, ...], str], file: str, names: list[str]
) -> None:
    drag, data = dragged(view, *row)
    (url,) = data.urls()
    assert os.path.basename(url.toLocalFile()) == file
    assert sorted(open_checkpoint(url.toLocalFile()).active_state_dict.tensors) == sorted(names)
    drag.deleteLater()


def test_a_quantised_tensor_alone_is_an_array_of_numbers(view: TensorTreeView) -> None:
    drag, data = dragged(view, "tensor", SD, "head.scale")
    assert np.load(data.urls()[0].toLocalFile()).tolist() == [0.0, 0.5, 1.0, 1.5]
    drag.deleteLater()


def test_rows_that_hold_no_tensor_are_not_dragged(view: TensorTreeView) -> None:
    view.setCurrentIndex(view.tensors.find(("leaf", ("epoch",), "")))
    assert view.make_drag() is None
    index = view.tensors.find(("box", ("optimizer",), ""))
    assert index.flags() & Qt.ItemFlag.ItemIsDragEnabled


def test_within_the_program_nothing_is_written(qtbot: QtBot, view: TensorTreeView) -> None:
    drag, data = dragged(view, "group", SD, "layer")
    data.outgoing.watch()
    enter(view, data)
    assert data.outgoing.is_inside
    assert data.hasUrls()
    assert data.urls() == []
    window = MainWindow()
    qtbot.addWidget(window)
    window.show()
    event = QDragEnterEvent(QPoint(300, 300), BOTH, data, LEFT, NO_KEYS)
    event.ignore()
    window.dragEnterEvent(event)
    assert not event.isAccepted()
    window.dropEvent(QDropEvent(QPointF(300, 300), BOTH, data, LEFT, NO_KEYS))
    assert window.tabs.count() == 0
    data.outgoing.end()
    assert not os.path.exists(dragged_folder())
    drag.deleteLater()


def test_leaving_the_window_begins_to_write(qtbot: QtBot, view: TensorTreeView) -> None:
    drag, data = dragged(view, "group", SD, "layer")
    data.outgoing.watch()
    enter(view, data)
    QApplication.sendEvent(view.viewport(), QDragLeaveEvent())
    assert data.outgoing.path == ""
    qtbot.waitUntil(lambda: data.outgoing.path.endswith("layer.safetensors"))
    data.outgoing.end()
    assert data.urls()[0].toLocalFile() == data.outgoing.path
    drag.deleteLater()


def test_coming_back_at_once_writes_nothing(qtbot: QtBot, view: TensorTreeView) -> None:
    drag, data = dragged(view, "group", SD, "layer")
    data.outgoing.watch()
    enter(view, data)
    QApplication.sendEvent(view.viewport(), QDragLeaveEvent())
    enter(view, data)
    assert not data.outgoing._away.isActive()
    data.outgoing.end()
    assert not os.path.exists(dragged_folder())
    drag.deleteLater()


def test_too_much_is_refused_in_words(qtbot: QtBot, view: TensorTreeView, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(drag_out, "MOST_DRAGGED", 100)
    drag, data = dragged(view, "group", SD, "layer")
    assert not data.hasUrls()
    data.outgoing.watch()
    enter(view, data)
    with qtbot.waitSignal(view.refused) as told:
        QApplication.sendEvent(view.viewport(), QDragLeaveEvent())
    assert "Save selected tensors" in told.args[0]
    data.outgoing.end()
    assert DraggedNames.from_mime(data) is not None
    drag.deleteLater()


def test_values_that_are_not_there_are_refused_in_words(qtbot: QtBot, view: TensorTreeView) -> None:
    drag, data = dragged(view, "tensor", SD, "lost")
    with qtbot.waitSignal(view.refused):
        assert data.urls() == []
    assert data.urls() == []
    drag.deleteLater()


def test_the_window_lives_while_a_program_waits(qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> None:
    ticks: list[int] = []

    def slowly(*arguments: object) -> str:
        threading.Event().wait(0.4)
        return "/tmp/x.npy"

    monkeypatch.setattr(drag_out, "write_dragged", slowly)
    outgoing = Outgoing(document().checkpoint, lambda _: [], "x", 10)
    timer = QTimer()
    timer.timeout.connect(lambda: ticks.append(1))
    timer.start(20)
    assert outgoing.addresses()[0].toLocalFile().endswith("x.npy")
    timer.stop()
    assert len(ticks) >= 5


def test_a_drag_that_ends_stops_the_writing(qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> None:
    stopped = threading.Event()

    def endless(checkpoint: object, subjects: object, name: str, folder: str, progress: Progress) -> str:
        try:
            while True:
                progress.check()
                threading.Event().wait(0.005)
        finally:
            stopped.set()

    monkeypatch.setattr(drag_out, "write_dragged", endless)
    outgoing = Outgoing(document().checkpoint, lambda _: [], "x", 10)
    outgoing.start()
    outgoing.end()
    qtbot.waitUntil(stopped.is_set)


def test_a_full_disk_is_said(qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[StudioError] = []

    def failing(*arguments: object) -> str:
        raise OSError(28, "No space left on device", "/somewhere")

    monkeypatch.setattr(drag_out, "write_dragged", failing)
    outgoing = Outgoing(document().checkpoint, lambda _: [], "x", 10)
    outgoing.refused.connect(told.append)
    assert outgoing.addresses() == []
    assert len(told) == 1


def test_the_folder_of_a_session_goes_with_it_and_others_stay() -> None:
    mine = SESSION.new_folder()
    Path(mine, "a.npy").write_bytes(b"1")
    stale = Path(dragged_folder(), "123-stale")
    stale.mkdir()
    (stale / "b.npy").write_bytes(b"2")
    assert sweep_dragged() == 1
    assert not stale.exists()
    assert os.path.exists(mine)
    SESSION.remove()
    assert os.listdir(dragged_folder()) == []


def test_another_session_that_runs_is_left_alone() -> None:
    folder = Path(dragged_folder(), "456-running")
    folder.mkdir(parents=True)
    lock = QLockFile(str(folder / "in-use.lock"))
    assert lock.tryLock(0)
    try:
        assert sweep_dragged() == 0
        assert folder.exists()
    finally:
        lock.unlock()


CRASH = """
import os, sys
from PySide6.QtCore import QCoreApplication
app = QCoreApplication([])
from ckpt_studio.gui.drag_out import SESSION
folder = SESSION.new_folder()
open(os.path.join(folder, "a.npy"), "wb").close()
os._exit(9)
"""


def test_what_a_crash_left_is_swept_at_the_next_start() -> None:
    ended = subprocess.run([sys.executable, "-c", "import ckpt_studio.gui\n" + CRASH], check=False, timeout=60)
    assert ended.returncode == 9
    assert len(os.listdir(dragged_folder())) == 1
    assert sweep_dragged() == 1
    assert os.listdir(dragged_folder()) == []


def test_events_of_other_kinds_pass(view: TensorTreeView) -> None:
    _, data = dragged(view, "tensor", SD, "layer.weight")
    assert not data.outgoing.eventFilter(view, QEvent(QEvent.Type.Paint))
