"""Testing with PyTorch from the compare pane: what is loaded, and what is told of the answer."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from ckpt_studio.core.edits import StripPrefix
from ckpt_studio.core.jobs import Progress
from ckpt_studio.errors import ModelError
from ckpt_studio.formats.opening import open_checkpoint
from ckpt_studio.gui.compare_pane import ComparePane
from ckpt_studio.gui.dialogs import load_test_dialog
from ckpt_studio.gui.dialogs.load_test_dialog import LoadTestDialog
from ckpt_studio.gui.document import Document
from ckpt_studio.models.host.client import LoadTest
from ckpt_studio.models.reference import CheckpointReference, TorchvisionReference
from ckpt_studio.models.resolve import ResolvedModel
from tests.gui import samples

LEFT = Qt.MouseButton.LeftButton


@pytest.fixture
def document(qtbot: QtBot) -> Document:
    document = samples.document(samples.WRAPPED)
    document.set_model(ResolvedModel(TorchvisionReference("tiny"), samples.skeleton(samples.MODEL)))
    qtbot.waitUntil(lambda: document.report is not None)
    return document


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """What torch is asked; the answer is the last item's."""
    calls: list[Any] = []

    def answer(path: str, resolved: object, inner: tuple[str, ...], progress: Progress, forward: bool) -> LoadTest:
        calls.append((list(open_checkpoint(path).active_state_dict.entries), forward, path))
        given = calls[0]
        if isinstance(given, ModelError):
            raise given
        assert isinstance(given, LoadTest)
        return given

    monkeypatch.setattr(load_test_dialog, "load_test", answer)
    return calls


def opened(qtbot: QtBot, document: Document) -> LoadTestDialog:
    dialog = LoadTestDialog(document)
    qtbot.addWidget(dialog)
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose, False)
    dialog.open()
    return dialog


def test_the_weights_as_they_are_now_are_loaded(qtbot: QtBot, document: Document, asked: list[Any]) -> None:
    passed = {"ok": True, "input": "1×3×8×8", "output": "1×10"}
    asked.append(LoadTest(True, True, "torch.load", "<All keys matched successfully>", "", "2.0", passed))
    document.apply(StripPrefix("module."))
    dialog = opened(qtbot, document)
    assert "tiny" in dialog.heading.text()
    qtbot.keyClick(dialog, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: dialog.test is not None)
    names, forward, path = asked[1]
    assert names == list(samples.MODEL)
    assert forward
    assert not Path(path).exists()
    assert "PyTorch 2.0 loads it into torchvision tiny" in dialog.verdict.label.text()
    assert dialog.ran.label.text() == "It runs: input 1×3×8×8, output 1×10."
    assert "All keys matched" in dialog.details.toPlainText()
    # Nothing is left to do but to close.
    assert dialog.cancel_button.isDefault()
    assert dialog.cancel_button.property("primary")
    assert not dialog.primary.property("primary")


def test_what_torch_refuses_is_told_in_its_words(qtbot: QtBot, document: Document, asked: list[Any]) -> None:
    words = 'Error(s) in loading state_dict for Tiny:\n\tMissing key(s) in state_dict: "fc.weight".'
    asked.append(LoadTest(True, False, "torch.load", words, "Traceback …", "2.0"))
    dialog = opened(qtbot, document)
    qtbot.mouseClick(dialog.forward, LEFT, pos=dialog.forward.rect().center() / 6)
    dialog.forward.setChecked(False)
    qtbot.mouseClick(dialog.primary, LEFT)
    qtbot.waitUntil(lambda: dialog.test is not None)
    assert not asked[1][1]
    assert dialog.verdict.tone == "bad"
    assert "Missing key(s)" in dialog.verdict.label.text()
    assert not dialog.ran.isVisible()
    assert "Traceback" in dialog.details.toPlainText()
    assert dialog.primary.text() == "Test again"
    assert dialog.primary.isDefault()


def test_a_host_that_fails_is_told(qtbot: QtBot, document: Document, asked: list[Any]) -> None:
    asked.append(ModelError("no-interpreter"))
    dialog = opened(qtbot, document)
    qtbot.mouseClick(dialog.primary, LEFT)
    qtbot.waitUntil(dialog.verdict.isVisible)
    assert dialog.verdict.tone == "caution"
    assert dialog.primary.isEnabled()


def test_the_pane_opens_it_for_models_only(qtbot: QtBot, document: Document) -> None:
    pane = ComparePane(document)
    qtbot.addWidget(pane)
    pane.show()
    assert pane.test_button.isVisible()
    qtbot.mouseClick(pane.test_button, LEFT)
    dialog = pane.window().findChild(LoadTestDialog)
    assert dialog is not None
    dialog.reject()
    document.set_model(ResolvedModel(CheckpointReference("x.pth"), samples.skeleton(samples.MODEL)))
    assert not pane.test_button.isVisible()
    qtbot.waitUntil(lambda: not document.is_comparing)
