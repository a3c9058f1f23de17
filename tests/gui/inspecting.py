"""What tests of the inspector share: tensors made in memory, a pane over them, and what it shows."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QToolButton, QWidget
from pytestqt.qtbot import QtBot

from ckpt_studio.core.checkpoint import Checkpoint, Source, StateDict
from ckpt_studio.core.dtypes import BY_NAME
from ckpt_studio.core.storage import MemoryBytes, Storage
from ckpt_studio.core.tensor import Tensor, contiguous
from ckpt_studio.gui.document import Document
from ckpt_studio.gui.history_pane import HistoryPane
from ckpt_studio.gui.inspector.inspector_pane import InspectorPane
from ckpt_studio.gui.panels import Panels
from ckpt_studio.gui.tensor_tree_view import TensorTreeView
from ckpt_studio.gui.tree_nodes import Tables

np = pytest.importorskip("numpy")

Array = Any


def tensor_of(values: Array, dtype: str = "float32") -> Tensor:
    """A contiguous tensor that holds these values."""
    kind = BY_NAME[dtype]
    array = np.asarray(values).astype(kind.numpy)
    return contiguous(kind, array.shape, Storage(MemoryBytes(np.ascontiguousarray(array).tobytes())))


def document_of(tensors: Mapping[str, Tensor]) -> Document:
    """A document of one state dict at the root."""
    state_dict = StateDict((), dict(tensors))
    return Document(Checkpoint(Source("/files/sample.pth", "torch-zip", 1000), None, (state_dict,), ()))


def shown(qtbot: QtBot, document: Document) -> InspectorPane:
    """The pane of a document, on the screen."""
    pane = InspectorPane(document)
    qtbot.addWidget(pane)
    pane.resize(760, 360)
    pane.show()
    return pane


def settle(qtbot: QtBot, pane: InspectorPane) -> None:
    """Waits until everything is read."""
    qtbot.waitUntil(lambda: not pane.is_measuring)
    view = pane.view
    if view is not None:
        qtbot.waitUntil(lambda: not view.is_reading)


def choose(qtbot: QtBot, pane: InspectorPane, *names: str) -> None:
    """Selects tensors and waits."""
    pane.document.selection.select(names)
    settle(qtbot, pane)


def fact(pane: InspectorPane, label: str, column: int = 0) -> str:
    """The value of a row."""
    return next(fact.values[column] for fact in pane.model.facts if fact.label == label and fact.values)


def buttons(pane: InspectorPane) -> list[str]:
    """The words above the values."""
    return [button.text() for button in pane.tools.findChildren(QToolButton) if not button.isHidden()]


def click(qtbot: QtBot, pane: InspectorPane, text: str) -> None:
    """Clicks one of the buttons above the values, and waits."""
    found = next(b for b in pane.tools.findChildren(QToolButton) if b.text() == text and not b.isHidden())
    qtbot.mouseClick(found, Qt.MouseButton.LeftButton)
    settle(qtbot, pane)


def beside_tree(
    qtbot: QtBot, document: Document, width: int = 900, height: int = 400
) -> tuple[QWidget, Panels, TensorTreeView]:
    """A window on the screen, to be held as long as what is in it: the tabs of a document, and its tree."""
    window = QWidget()
    qtbot.addWidget(window)
    window.resize(width, height)
    tree = TensorTreeView(document, window, Tables())
    panels = Panels(document, tree, HistoryPane(document))
    panels.setParent(window)
    panels.resize(width, height)
    window.show()
    return window, panels, tree
