"""The seeds of the product through the window, by mouse and keyboard, judged by real torch."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any, TypeVar

import pytest

torch = pytest.importorskip("torch")
pytest.importorskip("torchvision")
pytest.importorskip("PySide6")

from PySide6.QtCore import QPoint, QPointF, Qt  # noqa: E402
from PySide6.QtGui import QDragEnterEvent, QDragMoveEvent, QDropEvent  # noqa: E402
from PySide6.QtWidgets import QApplication, QLineEdit, QSpinBox, QWidget  # noqa: E402
from pytestqt.qtbot import QtBot  # noqa: E402

from ckpt_studio.gui.dialogs.choose_model_dialog import ChooseModelDialog  # noqa: E402
from ckpt_studio.gui.dialogs.consent_dialog import ConsentDialog  # noqa: E402
from ckpt_studio.gui.dialogs.model_pages import FilePage, TorchvisionPage  # noqa: E402
from ckpt_studio.gui.dialogs.regex_rename_dialog import RegexRenameDialog  # noqa: E402
from ckpt_studio.gui.document_page import DocumentPage  # noqa: E402
from ckpt_studio.gui.export_dialog import ExportDialog  # noqa: E402
from ckpt_studio.gui.main_window import MainWindow  # noqa: E402
from tests.proof import seeds  # noqa: E402

pytestmark = pytest.mark.usefixtures("own_settings")
LEFT = Qt.MouseButton.LeftButton
D = TypeVar("D", bound=QWidget)
HOST_MS = 60_000


class Person:
    """Somebody at the window: opens, clicks, types, drags."""

    def __init__(self, qtbot: QtBot) -> None:
        self.qtbot = qtbot
        self.window = MainWindow()
        qtbot.addWidget(self.window)
        self.window.resize(1300, 800)
        self.window.show()
        qtbot.waitExposed(self.window)

    @property
    def page(self) -> DocumentPage:
        page = self.window.current_page
        assert page is not None
        return page

    @property
    def names(self) -> list[str]:
        state_dict = self.page.document.state_dict
        assert state_dict is not None
        return list(state_dict.tensors)

    def open(self, path: Path) -> None:
        self.window.open_paths([str(path)])
        self.qtbot.waitUntil(lambda: self.window.current_page is not None)

    def click(self, button: Any) -> None:
        self.qtbot.waitUntil(lambda: button.isVisible() and button.isEnabled())
        self.qtbot.mouseClick(button, LEFT)

    def dialog(self, kind: type[D]) -> D:
        """The dialog of this kind that is open now."""
        found: list[D] = []

        def is_open() -> bool:
            found[:] = [w for w in QApplication.topLevelWidgets() if isinstance(w, kind) and w.isVisible()]
            return bool(found)

        self.qtbot.waitUntil(is_open)
        return found[0]

    def row_of(self, name: str) -> QPoint:
        """The middle of the row of a tensor or group, scrolled to."""
        tree = self.page.tree
        state_dict = self.page.document.state_dict
        assert state_dict is not None
        if not tree.go_to(name):
            index = tree.tensors.find(("group", state_dict.path, name))
            assert index.isValid(), name
            tree.scrollTo(index)
            return tree.visualRect(index).center()
        return tree.visualRect(tree.currentIndex()).center()

    def select(self, name: str) -> None:
        """Clicks the row of a tensor or group."""
        place = self.row_of(name)
        self.qtbot.mouseClick(self.page.tree.viewport(), LEFT, pos=place)
        # The offscreen platform has no window manager that would give the focus back after a dialog.
        self.window.activateWindow()
        self.page.tree.setFocus()
        self.qtbot.waitUntil(self.page.tree.hasFocus)

    def compared(self, verdict: bool) -> None:
        """Waits until the pane has this verdict."""

        def is_so() -> bool:
            report = self.page.document.report
            return report is not None and report.loads_strict is verdict and not self.page.document.is_comparing

        self.qtbot.waitUntil(is_so, timeout=HOST_MS)

    def choose_torchvision(self, name: str, classes: int) -> None:
        self.click(self.page.compare.empty_buttons["torchvision"])
        dialog = self.dialog(ChooseModelDialog)
        page = dialog.page
        assert isinstance(page, TorchvisionPage)
        self.qtbot.keyClicks(page.search, name)
        field = page.arguments.fields["num_classes"]
        assert isinstance(field, QSpinBox)
        field.setFocus()
        field.selectAll()
        self.qtbot.keyClicks(field, str(classes))
        self.click(dialog.primary)
        self.qtbot.waitUntil(lambda: self.page.document.resolved is not None, timeout=HOST_MS)

    def export(self, target: Path) -> None:
        self.window.actions_["export"].trigger()
        dialog = self.dialog(ExportDialog)
        dialog.form.target.selectAll()
        self.qtbot.keyClicks(dialog.form.target, str(target))
        self.qtbot.waitUntil(dialog.primary.isEnabled)
        with self.qtbot.waitSignal(dialog.exported, timeout=30_000):
            self.click(dialog.primary)
        self.qtbot.waitUntil(lambda: "Verified" in dialog.outcome_page.verified.label.text())
        self.click(dialog.primary)
        assert not self.page.document.is_dirty

    def drag(self, onto: QWidget, place: QPoint) -> None:
        """Drags the selected rows onto a place of a view."""
        drag = self.page.tree.make_drag()
        assert drag is not None
        data, at = drag.mimeData(), QPointF(place)
        action, keys = Qt.DropAction.MoveAction, Qt.KeyboardModifier.NoModifier
        for event in (
            QDragEnterEvent(at, action, data, LEFT, keys),
            QDragMoveEvent(at, action, data, LEFT, keys),
            QDropEvent(at, action, data, LEFT, keys),
        ):
            QApplication.sendEvent(onto, event)
            assert event.isAccepted()


@pytest.fixture
def person(qtbot: QtBot) -> Iterator[Person]:
    someone = Person(qtbot)
    yield someone
    for document in someone.window.documents:
        document.mark_saved()
    someone.window.close()


def test_resnet34_of_old_torch_until_the_pane_is_green(person: Person, tmp_path: Path) -> None:
    file, net, out = tmp_path / "r34.pth.tar", tmp_path / "net.py", tmp_path / "fixed.pth"
    plain = seeds.old_data_parallel_resnet34(file)
    net.write_text(seeds.SE_RESNET)
    person.open(file)
    assert len(person.names) == len(plain)

    # The model: a class from a Python file, whose code runs only after consent.
    person.click(person.page.compare.empty_buttons["file"])
    dialog = person.dialog(ChooseModelDialog)
    page = dialog.page
    assert isinstance(page, FilePage)
    person.qtbot.keyClicks(page.path, str(net))
    page.candidates.setCurrentItem(page.candidates.findItems("SEResNet34", Qt.MatchFlag.MatchStartsWith)[0])
    field = page.arguments.fields["num_classes"]
    assert isinstance(field, QSpinBox)
    field.setValue(10)
    person.click(dialog.primary)
    consent = person.dialog(ConsentDialog)
    assert consent.request.path == str(net)
    person.click(consent.primary)
    person.compared(False)
    report = person.page.document.report
    assert report is not None
    assert len(report.with_status("unexpected")) == len(plain)

    # Strip the prefix by the header's button, pop the head by the Delete key.
    person.click(person.page.header.strip_button)
    assert person.names == list(plain)
    person.select("fc")
    person.qtbot.keyClick(person.page.tree, Qt.Key.Key_Delete)
    assert "fc.weight" not in person.names
    person.qtbot.waitUntil(
        lambda: (
            (now := person.page.document.report) is not None
            and not person.page.document.is_comparing
            and {row.status for row in now.rows} == {"matched", "missing"}
        ),
        timeout=HOST_MS,
    )
    missing = {row.name for row in person.page.document.report.with_status("missing")}  # type: ignore[union-attr]
    assert {name.split(".")[0] for name in missing} == {"se", "fc"}

    person.export(out)
    loaded = torch.load(out, weights_only=True)
    assert list(loaded) == [name for name in plain if not name.startswith("fc.")]
    namespace: dict[str, Any] = {"__name__": "net"}
    exec(compile(net.read_text(), str(net), "exec"), namespace)
    answer = namespace["SEResNet34"](num_classes=10).load_state_dict(loaded, strict=False)
    assert set(answer.missing_keys) == missing
    assert answer.unexpected_keys == []


def test_resnet50_pops_the_head_with_the_rows_own_button(person: Person, tmp_path: Path) -> None:
    from torchvision.models import resnet50

    file, out = tmp_path / "r50.pth", tmp_path / "r50-headless.safetensors"
    torch.save(resnet50(weights=None, num_classes=100).state_dict(), file)
    person.open(file)
    person.choose_torchvision("resnet50", 10)
    person.compared(False)
    report = person.page.document.report
    assert report is not None
    assert [row.name for row in report.with_status("mismatched")] == ["fc.weight", "fc.bias"]
    bar = person.page.compare.suggestions
    person.qtbot.waitUntil(lambda: any("fc" in button.accessibleName() for button in bar.buttons), timeout=HOST_MS)
    person.click(next(button for button in bar.buttons if "fc" in button.accessibleName()))
    assert "fc.weight" not in person.names
    assert "fc.bias" not in person.names
    person.export(out)
    from safetensors.torch import load_file

    answer = resnet50(weights=None, num_classes=10).load_state_dict(load_file(out), strict=False)
    assert sorted(answer.missing_keys) == ["fc.bias", "fc.weight"]
    assert answer.unexpected_keys == []


def test_densenet_of_2017_turns_green_by_a_regular_expression(person: Person, tmp_path: Path) -> None:
    from torchvision.models import densenet121

    file, out = tmp_path / "densenet.pth", tmp_path / "densenet-today.pth"
    seeds.densenet_of_2017(file)
    person.open(file)
    person.choose_torchvision("densenet121", 10)
    person.compared(False)
    person.window.actions_["regex-rename"].trigger()
    dialog = person.dialog(RegexRenameDialog)
    person.qtbot.keyClicks(dialog.pattern, r"(denselayer\d+\.(?:norm|conv))\.(\d)\.")
    person.qtbot.keyClicks(dialog.replacement, r"\1\2.")
    person.qtbot.waitUntil(dialog.primary.isEnabled)
    assert "Rename" in dialog.primary.text()
    person.click(dialog.primary)
    person.compared(True)
    assert "loads" in person.page.compare.verdict.label.text()
    person.export(out)
    densenet121(weights=None, num_classes=10).load_state_dict(torch.load(out, weights_only=True), strict=True)


def test_dragging_three_ways_and_typing_end_in_a_strict_load(person: Person, tmp_path: Path) -> None:
    file, net, out = tmp_path / "parts.pth", tmp_path / "model.pth", tmp_path / "joined.pth"
    model = {
        "backbone.stem.weight": torch.zeros(4, 3), "backbone.norm.weight": torch.zeros(3),
        "backbone.layer4.a.weight": torch.zeros(4, 4),
        "backbone.layer4.b.weight": torch.zeros(4, 5), "neck.p3.weight": torch.zeros(2, 2),
        "neck.p4.weight": torch.zeros(2, 3), "head.weight": torch.zeros(5, 4), "head.bias": torch.zeros(5),
    }  # fmt: skip
    found = {
        "backbone.stem.weight": torch.ones(4, 3), "backbone.norm.weight": torch.ones(3),
        "layer4.a.weight": torch.ones(4, 4),
        "layer4.b.weight": torch.ones(4, 5), "fpn.p3.weight": torch.ones(2, 2), "fpn.p4.weight": torch.ones(2, 3),
        "classifier.w": torch.ones(5, 4), "head.bia": torch.ones(5),
    }  # fmt: skip
    torch.save(model, net)
    torch.save(found, file)
    person.open(file)
    person.click(person.page.compare.empty_buttons["checkpoint"])
    dialog = person.dialog(ChooseModelDialog)
    path = next(field for field in dialog.page.findChildren(QLineEdit) if field.isVisible())
    person.qtbot.keyClicks(path, str(net))
    person.qtbot.waitUntil(dialog.primary.isEnabled)
    person.click(dialog.primary)
    person.compared(False)

    # A group onto a group of the tree.
    tree = person.page.tree
    person.select("layer4")
    person.drag(tree.viewport(), person.row_of("backbone"))
    assert "backbone.layer4.b.weight" in person.names

    # A group, and a tensor, onto rows of the compare pane.
    table = person.page.compare.table
    for source, target in (("fpn", "neck.p3.weight"), ("classifier.w", "head.weight")):
        person.compared(False)
        rows = person.page.compare.rows
        index = rows.index(rows.position_of(target), 0)
        table.scrollTo(index)
        person.select(source)
        person.drag(table.viewport(), table.visualRect(index).center())
    assert {"neck.p3.weight", "neck.p4.weight", "head.weight"} <= set(person.names)

    # The last one by typing.
    person.select("head.bia")
    person.qtbot.keyClick(tree, Qt.Key.Key_F2)
    editor = tree.findChild(QLineEdit, "renameField")
    person.qtbot.keyClicks(editor, "bias")
    person.qtbot.keyClick(editor, Qt.Key.Key_Return)
    person.compared(True)
    assert list(person.names) == [
        "backbone.stem.weight", "backbone.norm.weight",
        "backbone.layer4.a.weight", "backbone.layer4.b.weight", "neck.p3.weight",
        "neck.p4.weight", "head.weight", "head.bias",
    ]  # fmt: skip
    # All of it can be undone and done again.
    steps = person.page.document.history.index
    for _ in range(steps):
        person.window.actions_["undo"].trigger()
    assert person.names == list(found)
    for _ in range(steps):
        person.window.actions_["redo"].trigger()
    person.export(out)
    loaded = torch.load(out, weights_only=True)
    assert {name: tuple(value.shape) for name, value in loaded.items()} == {n: tuple(v.shape) for n, v in model.items()}
    assert all(bool((value == 1).all()) for value in loaded.values())


def test_a_whole_model_and_another_gpu(person: Person, corpus: Path, tmp_path: Path) -> None:
    out = tmp_path / "vdsr.pth"
    person.open(corpus / "pytorch-vdsr" / "vdsr_model_epoch_50.pth")
    assert len(person.names) == 20
    state_dict = person.page.document.state_dict
    assert state_dict is not None
    assert {tensor.device for tensor in state_dict.tensors.values()} == {"cuda:0"}
    person.export(out)
    loaded = torch.load(out, weights_only=True, map_location="cpu")
    assert list(loaded) == person.names


def test_safetensors_metadata_is_kept_through_the_window(person: Person, tmp_path: Path) -> None:
    from safetensors import safe_open
    from safetensors.torch import save_file

    file, out = tmp_path / "a.safetensors", tmp_path / "b.safetensors"
    metadata = {"format": "pt", "title": "ünï 中文", "json": '{"a": [1, 2]}'}
    save_file({"module.w": torch.arange(6.0), "module.v": torch.ones(2)}, file, metadata=metadata)
    person.open(file)
    person.click(person.page.header.strip_button)
    person.export(out)
    with safe_open(out, "pt") as opened:
        assert opened.metadata() == metadata
        assert sorted(opened.keys()) == ["v", "w"]


def test_bad_files_are_said_where_they_are_and_harm_nothing(person: Person, tmp_path: Path) -> None:
    good = tmp_path / "good.pth"
    torch.save({"w": torch.ones(3)}, good)
    for name, content in (("empty.pth", b""), ("text.pth", b"a note\n"), ("cut.pth", good.read_bytes()[:300])):
        (tmp_path / name).write_bytes(content)
    person.open(good)
    for name in ("empty.pth", "text.pth", "cut.pth", "missing.pth"):
        file = person.window.open_path(str(tmp_path / name))
        person.qtbot.waitUntil(lambda file=file: file.error is not None)
        assert name in file.failure_title.text()
        assert file.failure_text.text()
        assert "Traceback" not in file.failure_text.text()
    assert len(person.window.documents) == 1
    assert person.window.documents[0].state_dict is not None
