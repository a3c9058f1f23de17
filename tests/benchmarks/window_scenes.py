"""What is played in the window to see how fluent it is: 100,000 tensors, a file of 10 GB, a million tensors."""

from __future__ import annotations

import io
import json
import os
import pickle
import random
import struct
import time
import zipfile
import zlib
from collections import OrderedDict
from collections.abc import Callable, Sequence
from pathlib import Path

from PySide6.QtCore import Qt, QTimer
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLineEdit, QWidget
from shiboken6 import isValid

import ckpt_studio.gui  # noqa: F401  (before Qt)
from ckpt_studio.core.jobs import Progress
from ckpt_studio.gui.collecting import Collector
from ckpt_studio.gui.document_page import DocumentPage
from ckpt_studio.gui.main import set_up
from ckpt_studio.gui.main_window import MainWindow
from ckpt_studio.gui.tasks import run_task, running_tasks
from ckpt_studio.gui.warming import Warmer
from tests.benchmarks.event_loop import Stage

KEYSTROKES = "block1"
_SPARSE_SHAPE = (4096, 4096)
_SPARSE_BYTES = 4 * 4096 * 4096


# Files


def write_many(path: Path, count: int) -> None:
    """A safetensors file of `count` tiny tensors, grouped like a big model's."""
    names = many_names(count)
    # A million entries must fit into the 100 MB that a header may have: the shortest form of each.
    header = {name: {"dtype": "F32", "shape": [2], "data_offsets": [8 * i, 8 * i + 8]} for i, name in enumerate(names)}
    text = json.dumps(header, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)
    with path.open("wb") as file:
        file.write(struct.pack("<Q", len(text)) + text)
        file.truncate(8 + len(text) + 8 * count)


def write_many_pth(path: Path, count: int) -> None:
    """A .pth of `count` tiny tensors over one storage (a zip cannot hold a million records in sensible time)."""
    import torch

    base = torch.zeros(2 * count)
    torch.save({"state_dict": {name: base[2 * i : 2 * i + 2] for i, name in enumerate(many_names(count))}}, path)


def many_names(count: int) -> list[str]:
    """Names like a big model's behind DataParallel."""
    return [f"module.layers.{i // 20}.block{i % 20 // 4}.{'abcd'[i % 4]}.weight" for i in range(count)]


def write_big(path: Path, gigabytes: float) -> None:
    """A safetensors file of this size: most tensors are holes full of zeros, the first of each block has real values."""
    names = _big_names(gigabytes)
    header = {
        name: {"dtype": "F32", "shape": _SPARSE_SHAPE, "data_offsets": [_SPARSE_BYTES * i, _SPARSE_BYTES * (i + 1)]}
        for i, name in enumerate(names)
    }
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    row = _values_of_a_row()
    with path.open("wb") as file:
        file.write(struct.pack("<Q", len(text)) + text)
        for i in _valued(names):
            file.seek(8 + len(text) + _SPARSE_BYTES * i)
            file.write(row * _SPARSE_SHAPE[0])
        file.truncate(8 + len(text) + _SPARSE_BYTES * len(names))


def write_big_pth(path: Path, gigabytes: float) -> None:
    """The same tensors as `torch.save` writes them: a zip of stored records, most of them holes; and an epoch."""
    import torch

    class Storage:
        def __init__(self, number: int) -> None:
            self.number = number

    class Saved:
        def __init__(self, number: int) -> None:
            self.number = number

        def __reduce__(self) -> tuple[object, ...]:
            across = (_SPARSE_SHAPE[1], 1)
            return torch._utils._rebuild_tensor_v2, (
                Storage(self.number), 0, _SPARSE_SHAPE, across, False, OrderedDict(),
            )  # fmt: skip

    class Pickler(pickle.Pickler):
        def persistent_id(self, found: object) -> tuple[object, ...] | None:
            if type(found) is not Storage:
                return None
            return ("storage", torch.FloatStorage, str(found.number), "cpu", _SPARSE_BYTES // 4)

    names = _big_names(gigabytes)
    text = io.BytesIO()
    Pickler(text, 2).dump(
        {"state_dict": OrderedDict((name, Saved(number)) for number, name in enumerate(names)), "epoch": 7}
    )
    row, valued = _values_of_a_row(), frozenset(_valued(names))
    sums = [_sum_of_rows(bytes(len(row))), _sum_of_rows(row)]
    with zipfile.ZipFile(path, "w", zipfile.ZIP_STORED) as archive:
        archive.writestr("big/data.pkl", text.getvalue())
        archive.writestr("big/byteorder", "little")
        for number in range(len(names)):
            record = zipfile.ZipInfo(f"big/data/{number}")
            record.file_size = record.compress_size = _SPARSE_BYTES
            record.CRC = sums[number in valued]
            file = archive.fp
            assert file is not None
            record.header_offset = file.tell()
            # Torch lets values begin at multiples of 64 bytes, by an extra field that says nothing.
            padding = -(record.header_offset + 30 + len(record.filename) + 4) % 64
            record.extra = struct.pack("<2sH", b"FB", padding) + b"Z" * padding
            file.write(record.FileHeader(zip64=False))
            if number in valued:
                file.write(row * _SPARSE_SHAPE[0])
            else:
                file.seek(_SPARSE_BYTES, os.SEEK_CUR)
            archive.filelist.append(record)
            archive.NameToInfo[record.filename] = record
            archive.start_dir = file.tell()
        archive.writestr("big/version", "3\n")


def _big_names(gigabytes: float) -> list[str]:
    count = max(int(gigabytes * 1e9 / _SPARSE_BYTES), 4)
    parts = ("attn.qkv", "attn.proj", "mlp.up", "mlp.down")
    return [f"module.blocks.{i // 4}.{parts[i % 4]}.weight" for i in range(count)]


def _valued(names: Sequence[str]) -> range:
    """Numbers of the tensors that are no holes."""
    return range(0, min(len(names), 24), 4)


def _values_of_a_row() -> bytes:
    values = random.Random(0)
    return struct.pack("<4096f", *(values.gauss(0, 0.02) for _ in range(4096)))


def _sum_of_rows(row: bytes) -> int:
    total = 0
    for _ in range(_SPARSE_SHAPE[0]):
        total = zlib.crc32(row, total)
    return total


# The session


class Session:
    """A person at the window: opens a file and does with it what people do."""

    def __init__(self, path: str, *, generosity: float = 1.0, explain: float = 0.0) -> None:
        """Opens the file and waits until its rows are visible; `SCENE_BEGUN` tells when the process began."""
        begun = float(os.environ.get("SCENE_BEGUN") or time.time())
        self.app = set_up(["window"])
        self.window = MainWindow()
        self.collector = Collector(lambda: len(self.window.file_pages))
        self.warmer = Warmer(lambda: self.window.current_page is not None)
        self.window.show()
        self.app.processEvents()
        # From now on there is a window that could stand still.
        self.stage = Stage(self.app, generosity=generosity, explain=explain)
        self.path = path
        file = self.window.open_path(path)
        self.stage.until(lambda: file.page is not None)
        self.app.processEvents()
        # On a busy machine the time of the others is not counted.
        self.seconds_to_rows = time.time() - begun if generosity == 1.0 else time.process_time()
        assert file.page is not None
        self.page: DocumentPage = file.page
        self.stage.rest()

    # Parts of it

    def look_around(self) -> None:
        """Opens levels, scrolls to the end and back."""
        stage, tree = self.stage, self.page.tree
        stage.step("expand", lambda: tree.expand_below(tree.currentIndex()))
        bar = tree.verticalScrollBar()

        def scroll() -> None:
            for place in (bar.maximum() // 2, bar.maximum(), 0):
                bar.setValue(place)
                self.app.processEvents()

        stage.step("scroll to the end and back", scroll)

    def filter_names(self, limit: float) -> None:
        """Types into the filter, letter by letter; each counts from the key to the rows."""
        stage, page, box = self.stage, self.page, self.window.filter_box
        texts = [KEYSTROKES[:length] for length in range(1, len(KEYSTROKES) + 1)]
        for text in texts:
            stage.step(
                f"filter “{text}”",
                lambda text=text: (QTest.keyClicks(box.field, text[-1]), box._tell()),
                limit,
                lambda text=text: page.tree.tensors.shown_filter.text == text,
            )
        stage.step("filter cleared", box.field.clear, limit, lambda: not page.tree.tensors.shown_filter)

    def select(self) -> None:
        """Chooses a group, then tensors, until the inspector shows them."""
        page, stage = self.page, self.stage
        inspector = page.panels.inspector.built()

        def settled() -> bool:
            return not inspector.is_measuring  # type: ignore[attr-defined]

        stage.step("select all of the weights' groups", page.tree.selectAll, 0, settled)
        names = list(page.document.checkpoint.active_state_dict.entries)
        for name in (names[0], names[len(names) // 2]):
            stage.step("inspect a tensor", lambda name=name: page.tree.go_to(name), 0, settled)
        for view in ("table", "image", "histogram"):
            stage.step(f"  as {view}", lambda view=view: inspector.choose_view(view), 0, settled)  # type: ignore[attr-defined]

    def edit(self, strip: float, undo: float) -> None:
        """Strips the prefix, goes back and forward."""
        page, stage, document = self.page, self.stage, self.page.document
        count = len(page.tree._open)
        stage.step("strip prefix", page.header.strip_button.click, strip, lambda: document.is_dirty)
        assert len(page.tree._open) >= count - 1, "what was open is closed"
        stage.step("undo", self.window.actions_["undo"].trigger, undo, lambda: not document.is_dirty)
        stage.step("redo", self.window.actions_["redo"].trigger, undo, lambda: document.is_dirty)
        stage.step("undo again", self.window.actions_["undo"].trigger, undo, lambda: not document.is_dirty)

    def rename_by_keyboard(self) -> None:
        """F2 on a tensor, a new name, Return; then on the group with everything in it."""
        page, stage, document = self.page, self.stage, self.page.document

        def rename(text: str) -> None:
            page.run("rename-here")
            field = page.tree.findChild(QLineEdit, "renameField")
            assert field is not None
            field.setText(text)
            QTest.keyClick(field, Qt.Key.Key_Return)

        page.tree.go_to(next(iter(document.checkpoint.active_state_dict.entries)))
        stage.step("rename a tensor", lambda: rename("renamed"), 0, lambda: document.history.index == 1)
        stage.step("undo the rename", document.undo, 0, lambda: document.history.index == 0)
        active = document.checkpoint.active
        assert active is not None
        everything = ("group", active, "module")
        stage.step("select the group of all", lambda: page.tree.show_row(everything))
        stage.step("rename the group of all", lambda: rename("wrapped"), 0, lambda: document.history.index == 1)
        stage.step("undo the rename", document.undo, 0, lambda: document.history.index == 0)

    def ask(self) -> None:
        """Types into the edit dialogs, whose previews follow; accepts one."""
        page, stage, document = self.page, self.stage, self.page.document
        page.tree.clearSelection()
        first = next(iter(document.checkpoint.active_state_dict.entries))
        typed: tuple[tuple[str, tuple[tuple[str, str], ...]], ...] = (
            ("regex-rename", (("pattern", r"layers\.(\d+)"), ("replacement", r"l\1"))),
            ("pattern-rename", (("pattern", "module.*"), ("replacement", "*"))),
            ("pop-matching", (("field", "*.weight"),)),
            ("add-prefix", (("field", "net."),)),
            ("strip-prefix", (("field", "module."),)),
            ("go-to-name", (("field", first),)),
        )
        for action, fields in typed:
            dialog = self._open_dialog(action)
            for field, text in fields:
                line = getattr(dialog, field)
                line.clear()
                stage.step(f"  type into {action}", lambda line=line, text=text: self._type(line, text))
            stage.step(f"  preview of {action}", lambda: None, 0, lambda dialog=dialog: _is_quiet(dialog))
            stage.step(f"  close {action}", dialog.reject)  # type: ignore[attr-defined]
        for action in ("cast", "device", "metadata"):
            dialog = self._open_dialog(action)
            stage.step(f"  close {action}", dialog.reject)  # type: ignore[attr-defined]
        dialog = self._open_dialog("regex-rename")
        dialog.pattern.setText(r"^module\.")  # type: ignore[attr-defined]
        stage.until(lambda: dialog.primary.isEnabled())  # type: ignore[attr-defined]
        stage.step("accept regex-rename", dialog.accept, 0, lambda: document.is_dirty)  # type: ignore[attr-defined]
        stage.step("undo it", document.undo, 0, lambda: not document.is_dirty)

    def _type(self, line: QLineEdit, text: str) -> None:
        for letter in text:
            QTest.keyClicks(line, letter)
            # A little slower than the pause after which dialogs try what was typed: each letter starts a try.
            until = time.perf_counter() + 0.1
            self.stage.until(lambda until=until: time.perf_counter() > until)

    def _open_dialog(self, action: str) -> QWidget:
        # The widgets themselves: the `id` of one that nobody holds may be that of the dialog later on.
        before = QApplication.topLevelWidgets()

        def shown() -> list[QWidget]:
            return [w for w in QApplication.topLevelWidgets() if w not in before and w.isVisible() and w.isModal()]

        self.stage.step(f"open {action}", lambda: self.page.run(action), 0, shown)
        return shown()[0]

    def compare(self, limit: float) -> None:
        """Compares with a model that expects the same names, edits with the comparison shown, and filters by it."""
        from ckpt_studio.models.reference import parse_reference
        from ckpt_studio.models.resolve import ResolvedModel
        from ckpt_studio.models.skeleton import Entry, Skeleton

        document, stage = self.page.document, self.stage
        entries = document.checkpoint.active_state_dict.tensors

        def resolve(_: Progress) -> ResolvedModel:
            expected = tuple(Entry(name, tensor.shape, "float32") for name, tensor in entries.items())
            skeleton = Skeleton("same", "same", expected)
            _ = skeleton.by_name
            return ResolvedModel(parse_reference("torchvision:resnet18"), skeleton)

        models: list[ResolvedModel] = []
        run_task(self.window, resolve).succeeded.connect(models.append)
        stage.until(lambda: models)
        model = models[0]
        done = lambda: document.report is not None and not document.is_comparing  # noqa: E731
        stage.step("compare", lambda: document.set_model(model), limit, done)
        tree, active = self.page.tree, document.checkpoint.active
        assert active is not None
        stage.step("select all that is compared", lambda: tree.show_row(("group", active, "module")))
        stage.step("select one", lambda: tree.go_to(next(iter(entries))))
        stage.step("refresh of the comparison", document.compare_again, limit, done)
        stage.step("strip while comparing", lambda: self._strip(), 0, lambda: document.is_dirty and done())
        stage.step("undo while comparing", document.undo, 0, lambda: not document.is_dirty and done())
        stage.step("compare with nothing", lambda: document.set_model(None))

    def _strip(self) -> None:
        from ckpt_studio.core.edits import StripPrefix

        self.page.apply(StripPrefix("module."))

    def see_sizes_and_health(self) -> None:
        """The treemap; the check of all values, begun and stopped."""
        panels, stage = self.page.panels, self.stage
        stage.step("treemap", lambda: panels.setCurrentWidget(panels.sizes), 0, lambda: self._sizes_shown())
        panels.setCurrentWidget(panels.checks)
        checks = panels.checks.built()
        stage.step("health check begun", checks.start, rests=False)  # type: ignore[attr-defined]
        until = time.perf_counter() + 1.5
        stage.step("  working", lambda: None, 0, lambda: time.perf_counter() > until, rests=False)
        stage.step("  stopped", checks.cancel)  # type: ignore[attr-defined]
        panels.setCurrentWidget(panels.inspector)

    def _sizes_shown(self) -> bool:
        pane = self.page.panels.sizes.built()
        return not pane.is_measuring  # type: ignore[attr-defined]

    def export(self) -> None:
        """Begins to export and cancels in the middle."""
        stage = self.stage
        dialog = self._open_dialog("export")
        stage.until(lambda: dialog.plan is not None)  # type: ignore[attr-defined]
        dialog.form.target.setText(str(Path(self.path).with_name("exported.safetensors")))  # type: ignore[attr-defined]
        stage.until(lambda: dialog.plan is not None and dialog.primary.isEnabled())  # type: ignore[attr-defined]
        stage.step("export begun", dialog.accept, rests=False)  # type: ignore[attr-defined]
        until = time.perf_counter() + 0.7
        stage.step("  writing", lambda: None, 0, lambda: time.perf_counter() > until, rests=False)
        stage.step("  cancelled", dialog.reject)  # type: ignore[attr-defined]
        # A small file may be whole by then, and its dialog closed.
        if isValid(dialog):
            dialog.reject()  # type: ignore[attr-defined]

    def sort(self) -> None:
        """By name, and back to the order of the file."""
        self.stage.step("by name", lambda: self.page.run("name-order"))
        self.stage.step("in the order of the file", lambda: self.page.run("file-order"))

    def close(self) -> None:
        """Closes the file."""
        page = self.page
        page.document.go_to(page.document.history.index)
        self.stage.step("close the file", lambda: self.window.close_tab(0), 0, lambda: self.window.tabs.count() == 0)
        self.stage.close()


def _is_quiet(dialog: QWidget) -> bool:
    """Whether a dialog has tried what was typed."""
    return not any(timer.isActive() for timer in dialog.findChildren(QTimer)) and not running_tasks()


def many(session: Session) -> None:
    """100,000 tensors: every limit of the window."""
    session.stage.note("rows visible, from process start", session.seconds_to_rows, 1.5, "s")
    session.look_around()
    session.filter_names(50)
    session.edit(300, 100)
    session.select()
    session.rename_by_keyboard()
    session.ask()
    session.sort()
    session.compare(500)
    session.see_sizes_and_health()
    session.export()
    session.close()


def big(session: Session) -> None:
    """10 GB: no byte of it is read unless somebody looks at it."""
    session.stage.note("rows visible, from process start", session.seconds_to_rows, 1.5, "s")
    session.look_around()
    session.filter_names(50)
    session.select()
    session.edit(300, 100)
    session.rename_by_keyboard()
    session.ask()
    session.compare(500)
    session.see_sizes_and_health()
    session.export()
    session.close()


def million(session: Session) -> None:
    """1,000,000 tensors: opens, scrolls, and is edited by jobs that take their time without holding up the window."""
    session.stage.note("rows visible, from process start", session.seconds_to_rows, 0, "s")
    session.look_around()
    session.filter_names(0)
    session.edit(0, 0)
    session.rename_by_keyboard()
    session.compare(0)
    session.see_sizes_and_health()
    session.close()


SCENES: dict[str, Callable[[Session], None]] = {"many": many, "big": big, "million": million}
