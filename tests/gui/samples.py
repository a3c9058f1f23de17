"""Small documents, models and reports made in memory, for the tests of panes and dialogs."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from ckpt_studio.compare.report import LoadReport, Row
from ckpt_studio.core.checkpoint import Checkpoint, Source, StateDict
from ckpt_studio.core.dtypes import FLOAT32
from ckpt_studio.core.storage import MemoryBytes, Storage
from ckpt_studio.core.tensor import Tensor, contiguous
from ckpt_studio.gui.document import Document
from ckpt_studio.models.skeleton import Entry, Skeleton


def tensor(*shape: int, fill: bytes = b"\0\0\0\0") -> Tensor:
    """A float32 tensor of this shape."""
    count = 1
    for size in shape:
        count *= size
    return contiguous(FLOAT32, shape, Storage(MemoryBytes(fill * count)))


def document(shapes: Mapping[str, tuple[int, ...]], path: str = "sample.pth") -> Document:
    """A document of one state dict at the root."""
    entries = {name: tensor(*shape) for name, shape in shapes.items()}
    state_dict = StateDict((), entries)
    return Document(Checkpoint(Source(path, "torch-zip", 1000), None, (state_dict,), ()))


def skeleton(shapes: Mapping[str, tuple[int, ...]], title: str = "torchvision tiny(num_classes=10)") -> Skeleton:
    """A model that expects these tensors."""
    return Skeleton(title, "torchvision:tiny(num_classes=10)", tuple(Entry(n, s, "float32") for n, s in shapes.items()))


@dataclass
class Resolved:
    """What `models.resolve` gives, without a host."""

    skeleton: Skeleton
    reference: Any = None
    host_model: Any = None

    def close(self) -> None:
        """Nothing to end."""


def report_of(shapes: Mapping[str, tuple[int, ...]], expected: Mapping[str, tuple[int, ...]]) -> LoadReport:
    """The plain verdict by names and shapes."""
    rows = []
    for name, shape in expected.items():
        here = shapes.get(name)
        status = "missing" if here is None else "matched" if here == shape else "mismatched"
        rows.append(Row(status, name, name if here is not None else None, here, shape, here and "float32", "float32"))
    rows += [
        Row("unexpected", name, name, shape, None, "float32", None)
        for name, shape in shapes.items()
        if name not in expected
    ]
    return LoadReport(all(row.status == "matched" for row in rows), tuple(rows))


FILE: dict[str, tuple[int, ...]] = {
    "conv1.weight": (8, 3, 3, 3),
    "bn1.weight": (8,),
    "bn1.bias": (8,),
    "old.layer1.0.conv.weight": (8, 8, 3, 3),
    "old.layer1.0.conv.bias": (8,),
    "fc.weight": (100, 8),
    "fc.bias": (100,),
}
MODEL: dict[str, tuple[int, ...]] = {
    "conv1.weight": (8, 3, 3, 3),
    "bn1.weight": (8,),
    "bn1.bias": (8,),
    "layer1.0.conv.weight": (8, 8, 3, 3),
    "layer1.0.conv.bias": (8,),
    "fc.weight": (10, 8),
    "fc.bias": (10,),
}
WRAPPED = {f"module.{name}": shape for name, shape in MODEL.items()}
"""What the model expects, as training on several cards writes it."""


def many(count: int, prefix: str = "") -> dict[str, tuple[int, ...]]:
    """As many names as asked for, grouped like a big model's."""
    return {f"{prefix}blocks.{i // 4}.part{i % 4}.weight": (4,) for i in range(count)}


def names(rows: Iterable[Row]) -> list[str]:
    """The rows' names."""
    return [row.name for row in rows]
