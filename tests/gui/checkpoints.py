"""A wrapped checkpoint made in memory, and the plain tree it should be shown as, for the tests of the tree."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from PySide6.QtCore import QModelIndex

from ckpt_studio.core.checkpoint import Checkpoint, Source, StateDict
from ckpt_studio.core.tree import Dict
from ckpt_studio.gui.document import Document
from ckpt_studio.gui.tensor_tree_model import KEY_ROLE, NAME, TensorTreeModel
from tests.gui.samples import tensor

SHAPES: dict[str, tuple[int, ...]] = {
    "module.conv1.weight": (8, 3, 3, 3),
    "module.bn1.weight": (8,),
    "module.bn1.bias": (8,),
    "module.layer1.0.conv.weight": (8, 8, 3, 3),
    "module.layer1.0.conv.bias": (8,),
    "module.layer1.1.conv.weight": (8, 8, 3, 3),
    "module.layer1.1.conv.bias": (8,),
    "module.layer2.0.conv.weight": (8, 8, 3, 3),
    "module.fc.weight": (100, 8),
    "module.fc.bias": (100,),
}


def wrapped(shapes: Mapping[str, tuple[int, ...]] = SHAPES, path: str = "/files/r34.pth.tar") -> Checkpoint:
    """A training checkpoint: state_dict, EMA weights, epoch, optimizer."""
    weights = {name: tensor(*shape) for name, shape in shapes.items()}
    averaged = {name: tensor(*shape) for name, shape in shapes.items()}
    optimizer = Dict([("state", Dict([(0, Dict([("exp_avg", tensor(8, 3))]))])), ("lr", 0.1)])
    inner, ema = Dict(list(weights.items())), Dict(list(averaged.items()))
    root = Dict([("epoch", 90), ("state_dict", inner), ("ema", ema), ("optimizer", optimizer), ("args", ["a", "b"])])
    found = (StateDict(("state_dict",), weights, inner), StateDict(("ema",), averaged, ema))
    return Checkpoint(Source(path, "torch-zip", 10_000), root, found, ("state_dict",))


def wrapped_document() -> Document:
    """A document of `wrapped()`."""
    return Document(wrapped())


def plain_rows(names: Iterable[str]) -> list[Any]:
    """What the tree must show for these names: [key] for a tensor, [key, children] for a group; independent of it."""
    groups: dict[str, list[str]] = {}
    for name in names:
        head, dot, _ = name.partition(".")
        groups.setdefault(head + dot, []).append(name)
    rows: list[Any] = []
    for head, members in groups.items():
        if len(members) == 1:
            rows.append([members[0]])
        else:
            rows.append([head[:-1], plain_rows(name[len(head) :] for name in members)])
    if all(row[0].partition(".")[0].isdecimal() for row in rows):
        rows.sort(key=lambda row: int(row[0].partition(".")[0]))
    return rows


def qt_rows(model: TensorTreeModel, parent: QModelIndex | None = None) -> list[Any]:
    """The model's rows in the same form, asked for through Qt's interface."""
    parent = parent or QModelIndex()
    rows: list[Any] = []
    for row in range(model.rowCount(parent)):
        index = model.index(row, NAME, parent)
        assert model.parent(index) == parent
        key = index.data(KEY_ROLE)
        rows.append([key, qt_rows(model, index)] if model.hasChildren(index) else [key])
    return rows


def active_rows(model: TensorTreeModel) -> list[Any]:
    """The rows below the active state dict."""
    active = model.document.checkpoint.active
    assert active is not None
    return qt_rows(model, model.find(("weights", active, "")))
