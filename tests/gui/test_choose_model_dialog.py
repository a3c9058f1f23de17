"""Choosing the model: torchvision by name, code from a file with consent, another checkpoint."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QCheckBox, QFileDialog, QLabel, QLineEdit, QSpinBox
from pytestqt.qtbot import QtBot

from ckpt_studio.errors import ModelError
from ckpt_studio.gui import model_resolving
from ckpt_studio.gui.dialogs.arguments_form import ArgumentsForm, parameters_of
from ckpt_studio.gui.dialogs.choose_model_dialog import ChooseModelDialog, RecentPage
from ckpt_studio.gui.dialogs.consent_dialog import ConsentDialog
from ckpt_studio.gui.dialogs.model_pages import CheckpointPage, FilePage, InstalledPage, TorchvisionPage, head_outputs
from ckpt_studio.gui.document import Document
from ckpt_studio.gui.model_resolving import recent_models, remember_model
from ckpt_studio.models.interpreters import Interpreter, Interpreters
from ckpt_studio.models.reference import (
    CheckpointReference,
    FileReference,
    ImportReference,
    TorchvisionReference,
    parse_reference,
)
from ckpt_studio.models.resolve import ResolvedModel
from ckpt_studio.models.trust import CodeRequest, Trust
from ckpt_studio.resources import resource_path
from tests.gui import samples

LEFT = Qt.MouseButton.LeftButton


PYTHONS = (
    Interpreter("/env/bin/python", "venv", (3, 11, 2), {"torch": "2.5.1", "timm": "1.0.9"}),
    Interpreter("/usr/bin/python3", "system", (3, 12, 1)),
)


@pytest.fixture(autouse=True)
def two_pythons(monkeypatch: pytest.MonkeyPatch) -> None:
    """Looking for real ones takes seconds and is tested in models."""
    monkeypatch.setattr(Interpreters, "find", lambda self, near=(), progress=None: PYTHONS)


@pytest.fixture
def document() -> Document:
    return samples.document(samples.FILE)


def opened(qtbot: QtBot, document: Document, page: str = "", trusted: Trust | None = None) -> ChooseModelDialog:
    dialog = ChooseModelDialog(document, page, trusted=trusted or Trust())
    qtbot.addWidget(dialog)
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose, False)
    dialog.open()
    return dialog


def test_a_torchvision_model_is_found_by_typing(qtbot: QtBot, document: Document) -> None:
    dialog = opened(qtbot, document)
    page = dialog.page
    assert isinstance(page, TorchvisionPage)
    assert not dialog.primary.isEnabled()
    qtbot.keyClicks(page.search, "resnet34")
    assert page.models.count() == 1
    # The head's 100 outputs are filled in.
    field = page.arguments.fields["num_classes"]
    assert isinstance(field, QSpinBox)
    assert field.value() == 100
    assert dialog.primary.text() == "Compare with resnet34(num_classes=100)"
    field.setValue(10)
    with qtbot.waitSignal(dialog.chosen):
        qtbot.keyClick(page.search, Qt.Key.Key_Return)
    assert not dialog.isVisible()
    assert document.resolved is not None
    assert document.resolved.reference == TorchvisionReference("resnet34", (), {"num_classes": 10})
    assert document.resolved.skeleton.by_name["fc.weight"].shape == (10, 512)
    qtbot.waitUntil(lambda: document.report is not None)
    assert recent_models() == ["torchvision:resnet34(num_classes=10)"]


def test_arrow_keys_walk_the_list_while_typing(qtbot: QtBot, document: Document) -> None:
    page = opened(qtbot, document, "torchvision").page
    assert isinstance(page, TorchvisionPage)
    qtbot.keyClicks(page.search, "densenet")
    names = [page.models.item(row).text() for row in range(page.models.count())]
    assert names == ["densenet121", "densenet161", "densenet169", "densenet201"]
    qtbot.keyClick(page.search, Qt.Key.Key_Down)
    qtbot.keyClick(page.search, Qt.Key.Key_Down)
    assert page.models.currentItem().text() == "densenet169"
    qtbot.keyClick(page.search, Qt.Key.Key_Up)
    assert page.models.currentItem().text() == "densenet161"


def resolved_of(name: str, shapes: dict[str, tuple[int, ...]]) -> ResolvedModel:
    return ResolvedModel(parse_reference(name), samples.skeleton(shapes))  # type: ignore[arg-type]


def test_models_used_last_are_readable_and_none_is_chosen_unless_it_fits(qtbot: QtBot, document: Document) -> None:
    remember_model(resolved_of("/models/other.pth::.", {"other": (1,)}))
    remember_model(resolved_of("/code/net.py:Net(depth=3)", {"other": (1,)}))
    remember_model(resolved_of("torchvision:resnet18", {"other": (1,)}))
    dialog = opened(qtbot, document)
    page = dialog.page
    assert isinstance(page, RecentPage)
    words = [page.models.item(row).text() for row in range(page.models.count())]
    assert words == ["resnet18  ·  torchvision", "Net(depth=3)  ·  net.py", "other.pth"]
    assert not dialog.primary.isEnabled()
    place = page.models.visualItemRect(page.models.item(0)).center()
    qtbot.mouseClick(page.models.viewport(), Qt.MouseButton.LeftButton, pos=place)
    assert dialog.primary.text() == "Compare with resnet18"
    assert dialog.primary.isEnabled()


def test_a_model_used_last_with_the_same_names_is_chosen(qtbot: QtBot, document: Document) -> None:
    remember_model(resolved_of("/code/net.py:Net()", dict(samples.FILE)))
    remember_model(resolved_of("torchvision:resnet18", {"other": (1,)}))
    dialog = opened(qtbot, document)
    assert isinstance(dialog.page, RecentPage)
    assert dialog.page.reference() == parse_reference("/code/net.py:Net()")


def test_the_recognised_architecture_is_chosen(qtbot: QtBot, document: Document) -> None:
    remember_model(resolved_of("/models/llama.pth::.", {"other": (1,)}))
    for page in ("", "torchvision"):
        dialog = ChooseModelDialog(document, page, trusted=Trust(), recognised="torchvision:resnet18(num_classes=7)")
        qtbot.addWidget(dialog)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose, False)
        dialog.open()
        assert isinstance(dialog.page, TorchvisionPage)
        assert str(dialog.page.reference()) == "torchvision:resnet18(num_classes=7)"
        assert dialog.primary.isEnabled()
        dialog.reject()


def test_recent_models_come_the_newest_first(qtbot: QtBot) -> None:
    for name in ("torchvision:resnet18", "torchvision:vgg11", "torchvision:resnet18"):
        remember_model(resolved_of(name, {"other": (1,)}))
    assert recent_models() == ["torchvision:resnet18", "torchvision:vgg11"]


def test_a_python_file_is_read_not_run(qtbot: QtBot, document: Document, tmp_path: Path) -> None:
    source = tmp_path / "net.py"
    source.write_text(
        "import torch.nn as nn\n"
        "open('ran', 'w')\n"
        "class Net(nn.Module):\n"
        "    '''A small net.'''\n"
        "    def __init__(self, width, num_classes=10, bias=True, act='relu'):\n"
        "        super().__init__()\n"
    )
    dialog = opened(qtbot, document, "file")
    page = dialog.page
    assert isinstance(page, FilePage)
    page.path.setText(str(source))
    assert page.candidates.item(0).text().startswith("Net(")
    assert "A small net." in page.candidates.item(0).toolTip()
    assert "“width” must be given." in dialog.message.label.text()
    # By Tab the questions come right after the list, although they were made last.
    qtbot.waitUntil(page.arguments.more.isVisible)
    reached = [page.candidates.nextInFocusChain()]
    while reached[-1] is not page.arguments.more:
        reached.append(reached[-1].nextInFocusChain())
    stops = [one for one in reached if one.focusPolicy() & Qt.FocusPolicy.TabFocus and one.isVisibleTo(dialog)]
    stops = [one for one in stops if not isinstance(one.parent(), QSpinBox)]
    assert stops == [*page.arguments.fields.values(), page.arguments.more]
    width, bias = page.arguments.fields["width"], page.arguments.fields["bias"]
    assert isinstance(width, QLineEdit)
    assert isinstance(bias, QCheckBox)
    qtbot.keyClicks(width, "16")
    bias.click()
    reference = page.reference()
    assert reference == FileReference(str(source), "Net", (), {"width": 16, "num_classes": 100, "bias": False})
    assert dialog.primary.text().startswith("Compare with Net(width=16")
    assert not Path("ran").exists()


@pytest.mark.parametrize(
    ("text", "part"), [("x = 1\n", "No class or function"), ("class Net(:\n", "net.py"), (None, "There is no file")]
)
def test_a_file_without_a_model_is_told(
    qtbot: QtBot, document: Document, tmp_path: Path, text: str | None, part: str
) -> None:
    source = tmp_path / "net.py"
    if text is not None:
        source.write_text(text)
    dialog = opened(qtbot, document, "file")
    assert isinstance(dialog.page, FilePage)
    dialog.page.path.setText(str(source))
    assert part in dialog.message.label.text()
    assert not dialog.primary.isEnabled()


def test_code_runs_only_after_consent(qtbot: QtBot, document: Document, monkeypatch: pytest.MonkeyPatch) -> None:
    source = str(resource_path("sample_model.py"))
    ran: list[object] = []

    def build(reference: object, *, allow_code: object, **_: object) -> ResolvedModel:
        assert callable(allow_code)
        if not allow_code(CodeRequest.of(source, "/usr/bin/python3", str(reference))):
            from ckpt_studio.errors import Cancelled

            raise Cancelled
        ran.append(reference)
        return ResolvedModel(reference, samples.skeleton(samples.MODEL))  # type: ignore[arg-type]

    monkeypatch.setattr(model_resolving, "resolve", build)
    trusted = Trust()
    dialog = opened(qtbot, document, "file", trusted)
    assert isinstance(dialog.page, FilePage)
    dialog.page.path.setText(source)

    def consent() -> ConsentDialog:
        qtbot.waitUntil(lambda: any(d.isVisible() for d in dialog.findChildren(ConsentDialog)))
        return next(d for d in dialog.findChildren(ConsentDialog) if d.isVisible())

    qtbot.mouseClick(dialog.primary, LEFT)
    asked = consent()
    words = [label.text() for label in asked.findChildren(QLabel)]
    assert source in words
    assert "/usr/bin/python3" in words
    qtbot.keyClick(asked, Qt.Key.Key_Escape)
    qtbot.waitUntil(dialog.primary.isEnabled)
    assert ran == []
    assert dialog.isVisible()

    qtbot.mouseClick(dialog.primary, LEFT)
    asked = consent()
    asked.remember.click()
    with qtbot.waitSignal(dialog.chosen):
        qtbot.mouseClick(asked.primary, LEFT)
    assert len(ran) == 1
    assert trusted.remembered == (source,)

    again = opened(qtbot, document, "file", trusted)
    assert isinstance(again.page, FilePage)
    again.page.path.setText(source)
    with qtbot.waitSignal(again.chosen):
        qtbot.mouseClick(again.primary, LEFT)
    assert len(ran) == 2


def test_a_failure_is_told_with_details(qtbot: QtBot, document: Document, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(reference: object, **_: object) -> ResolvedModel:
        raise ModelError("reference-empty", details="Traceback: ValueError in line 3")

    monkeypatch.setattr(model_resolving, "resolve", fail)
    dialog = opened(qtbot, document, "torchvision")
    assert isinstance(dialog.page, TorchvisionPage)
    dialog.page.search.setText("resnet18")
    qtbot.mouseClick(dialog.primary, LEFT)
    qtbot.waitUntil(lambda: dialog.message.tone == "bad")
    assert dialog.primary.isEnabled()
    qtbot.mouseClick(dialog.details_button, LEFT)
    assert dialog.details.isVisible()
    assert "line 3" in dialog.details.toPlainText()
    assert document.resolved is None


def test_building_can_be_cancelled(qtbot: QtBot, document: Document, monkeypatch: pytest.MonkeyPatch) -> None:
    def endless(reference: object, *, progress: object, **_: object) -> ResolvedModel:
        import threading

        while True:
            progress.check()  # type: ignore[attr-defined]
            threading.Event().wait(0.01)

    monkeypatch.setattr(model_resolving, "resolve", endless)
    dialog = opened(qtbot, document, "torchvision")
    assert isinstance(dialog.page, TorchvisionPage)
    dialog.page.search.setText("resnet18")
    qtbot.mouseClick(dialog.primary, LEFT)
    assert dialog.bar.isVisible()
    assert not dialog.stack.isEnabled()
    qtbot.keyClick(dialog, Qt.Key.Key_Escape)
    assert dialog.isVisible()
    assert dialog.primary.isEnabled()
    assert not dialog.bar.isVisible()
    qtbot.keyClick(dialog, Qt.Key.Key_Escape)
    assert not dialog.isVisible()


def test_an_installed_module(qtbot: QtBot, document: Document) -> None:
    dialog = opened(qtbot, document, "module")
    page = dialog.page
    assert isinstance(page, InstalledPage)
    qtbot.keyClicks(page.call, "timm:create_model('resnet34', num_classes=10)")
    reference = page.reference()
    assert reference == ImportReference("timm", "create_model", ("resnet34",), {"num_classes": 10})
    page.call.setText("timm:create_model(open('x'))")
    assert not dialog.primary.isEnabled()
    page.call.setText("just words")
    assert "package:Class" in dialog.message.label.text()


def test_the_python_that_runs_the_code_can_be_chosen(qtbot: QtBot, document: Document) -> None:
    page = opened(qtbot, document, "module").page
    assert isinstance(page, InstalledPage)
    assert page.interpreter() is None
    qtbot.waitUntil(lambda: page.python.box.count() == 3)
    assert page.python.box.itemText(1) == "Python 3.11.2 with torch 2.5.1, timm 1.0.9"
    assert page.python.box.itemText(2) == "Python 3.12.1, without PyTorch"
    page.python.box.setCurrentIndex(1)
    assert page.interpreter() == "/env/bin/python"
    page.python.choose("/opt/python")
    assert page.interpreter() == "/opt/python"


def test_another_checkpoint_with_a_choice(qtbot: QtBot, document: Document) -> None:
    dialog = opened(qtbot, document, "checkpoint")
    page = dialog.page
    assert isinstance(page, CheckpointPage)
    path = str(resource_path("sample.pth"))
    page.path.setText(path)
    qtbot.waitUntil(dialog.primary.isEnabled)
    assert page.reference() == CheckpointReference(path, "state_dict")
    assert dialog.primary.text() == "Compare with sample.pth"
    with qtbot.waitSignal(dialog.chosen):
        qtbot.mouseClick(dialog.primary, LEFT)
    assert document.resolved is not None
    assert len(document.resolved.skeleton.entries) == 68


def test_a_checkpoint_that_is_none_is_told(qtbot: QtBot, document: Document, tmp_path: Path) -> None:
    wrong = tmp_path / "notes.txt"
    wrong.write_text("hello")
    dialog = opened(qtbot, document, "checkpoint")
    assert isinstance(dialog.page, CheckpointPage)
    dialog.page.path.setText(str(wrong))
    qtbot.waitUntil(lambda: "notes.txt" in dialog.message.label.text())
    assert not dialog.primary.isEnabled()


def test_arguments_left_alone_are_not_passed(qtbot: QtBot) -> None:
    form = ArgumentsForm()
    qtbot.addWidget(form)
    form.set_parameters(parameters_of("(num_classes=1000, aux=None, *, flag=False, scale=0.5)"))
    assert form.arguments() == ((), {})
    assert form.fields["flag"].accessibleName() == "flag"
    line = form.fields["aux"]
    assert isinstance(line, QLineEdit)
    line.setText("(1, 2)")
    form.more.setText("width=2")
    assert form.arguments() == ((), {"aux": (1, 2), "width": 2})
    line.setText("print()")
    assert "print()" in str(form.arguments())


def test_head_outputs() -> None:
    assert head_outputs(samples.document(samples.FILE).state_dict) == 100
    assert head_outputs(samples.document({"conv.weight": (3, 3)}).state_dict) is None
    assert head_outputs(None) is None


@pytest.mark.slow
def test_the_users_own_class_is_built_by_real_torch(qtbot: QtBot, document: Document) -> None:
    pytest.importorskip("torch")
    dialog = opened(qtbot, document, "file")
    assert isinstance(dialog.page, FilePage)
    dialog.page.path.setText(str(resource_path("sample_model.py")))
    field = dialog.page.arguments.fields["num_classes"]
    assert isinstance(field, QSpinBox)
    field.setValue(10)
    qtbot.mouseClick(dialog.primary, LEFT)
    qtbot.waitUntil(lambda: bool(dialog.findChildren(ConsentDialog)), timeout=60_000)
    with qtbot.waitSignal(dialog.chosen, timeout=120_000):
        dialog.findChildren(ConsentDialog)[0].primary.click()
    assert document.resolved is not None
    assert len(document.resolved.skeleton.entries) == 72
    qtbot.waitUntil(lambda: document.report is not None, timeout=60_000)
    document.close()


def test_changing_begins_at_the_present_model(qtbot: QtBot, document: Document) -> None:
    first = opened(qtbot, document)
    assert isinstance(first.page, TorchvisionPage)
    qtbot.keyClicks(first.page.search, "resnet34")
    field = first.page.arguments.fields["num_classes"]
    assert isinstance(field, QSpinBox)
    field.setValue(10)
    with qtbot.waitSignal(first.chosen):
        qtbot.keyClick(first.page.search, Qt.Key.Key_Return)
    remember_model(resolved_of("torchvision:resnet18", {"other": (1,)}))
    again = opened(qtbot, document)
    assert isinstance(again.page, TorchvisionPage)
    assert again.primary.text() == "Compare with resnet34(num_classes=10)"


def test_a_class_is_shown_again_with_its_arguments(qtbot: QtBot, document: Document, tmp_path: Path) -> None:
    code = tmp_path / "nets.py"
    code.write_text(
        "from torch import nn\n\nclass Small(nn.Module):\n    def __init__(self, depth=2, **more):\n        pass\n\n"
        "class Large(nn.Module):\n    def __init__(self, depth=9, act='relu', **more):\n        pass\n"
    )
    reference = FileReference(str(code), "Large", (4,), {"act": "gelu", "width": 2})
    document.set_model(ResolvedModel(reference, samples.skeleton(samples.MODEL)))
    dialog = opened(qtbot, document)
    assert isinstance(dialog.page, FilePage)
    found = dialog.page.reference()
    assert isinstance(found, FileReference)
    assert (found.qualname, found.kwargs) == ("Large", {"depth": 4, "act": "gelu", "width": 2})


def test_files_are_looked_for_beside_the_checkpoint(qtbot: QtBot, tmp_path: Path) -> None:
    beside = samples.document(samples.FILE, str(tmp_path / "net.pth"))
    dialog = opened(qtbot, beside, "file")
    assert isinstance(dialog.page, FilePage)
    qtbot.mouseClick(dialog.page.browse, Qt.MouseButton.LeftButton)
    (chooser,) = dialog.page.findChildren(QFileDialog)
    assert Path(chooser.directory().absolutePath()) == tmp_path
    chooser.reject()


def test_the_list_of_sources_is_gone_through_by_keys(qtbot: QtBot, document: Document) -> None:
    dialog = opened(qtbot, document)
    dialog.activateWindow()
    dialog.kinds.setFocus()
    qtbot.waitUntil(dialog.kinds.hasFocus)
    first = dialog.kinds.currentRow()
    for step in (1, 2):
        qtbot.keyClick(dialog.kinds, Qt.Key.Key_Down)
        assert dialog.kinds.currentRow() == first + step
        assert dialog.kinds.hasFocus()
