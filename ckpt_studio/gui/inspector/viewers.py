"""Which views can show a tensor, the best first. A view is built when it is first looked at."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from PySide6.QtCore import QCoreApplication

from ckpt_studio.core.numbers import dequantized, unpacked
from ckpt_studio.core.storage import AbsentBytes
from ckpt_studio.core.tensor import Tensor
from ckpt_studio.errors import StudioError
from ckpt_studio.gui.inspector.views import (
    BytesPage,
    CurvePage,
    HeatMapPage,
    HistogramPage,
    KernelPage,
    TablePage,
    ValueView,
)

_MOST_KERNEL = 64


@dataclass(frozen=True)
class Viewer:
    """One way to look at values.

    Attributes:
        id: what settings call it.
        rank: how well it shows a (dense) tensor; 0: not at all.
        build: makes the view.
    """

    id: str
    rank: Callable[[Tensor], int]
    build: Callable[[], ValueView]

    @property
    def title(self) -> str:
        """Its name for people."""
        titles = {
            "kernels": QCoreApplication.translate("Viewers", "Kernels"),
            "heat-map": QCoreApplication.translate("Viewers", "Heat map"),
            "curve": QCoreApplication.translate("Viewers", "Curve"),
            "histogram": QCoreApplication.translate("Viewers", "Histogram"),
            "table": QCoreApplication.translate("Viewers", "Table"),
            "bytes": QCoreApplication.translate("Viewers", "Bytes"),
        }
        return titles[self.id]

    @property
    def tip(self) -> str:
        """What it shows."""
        tips = {
            "kernels": QCoreApplication.translate("Viewers", "The kernels of a convolution as pictures"),
            "heat-map": QCoreApplication.translate("Viewers", "The values as colours, row by row"),
            "curve": QCoreApplication.translate("Viewers", "The values one after the other"),
            "histogram": QCoreApplication.translate("Viewers", "How often which values occur"),
            "table": QCoreApplication.translate("Viewers", "The numbers themselves"),
            "bytes": QCoreApplication.translate("Viewers", "The bytes as the file stores them"),
        }
        return tips[self.id]


def _axes(tensor: Tensor) -> int:
    return sum(size > 1 for size in tensor.shape)


def _has_numbers(tensor: Tensor) -> bool:
    return tensor.numel > 0


def _kernels(tensor: Tensor) -> int:
    shape = tensor.shape
    fits = len(shape) == 4 and min(shape[2:]) > 1 and max(shape[2:]) <= _MOST_KERNEL
    return 90 if fits and _has_numbers(tensor) else 0


def _heat_map(tensor: Tensor) -> int:
    if not _has_numbers(tensor) or _axes(tensor) < 2:
        return 0
    return 80 if _axes(tensor) == 2 else 60


def _curve(tensor: Tensor) -> int:
    return 85 if _has_numbers(tensor) and _axes(tensor) == 1 else 0


def _histogram(tensor: Tensor) -> int:
    return 50 if _has_numbers(tensor) and tensor.numel > 1 else 0


def _table(tensor: Tensor) -> int:
    return (40 if tensor.numel > 1 else 95) if _has_numbers(tensor) else 0


def _bytes(tensor: Tensor) -> int:
    return 10 if tensor.span()[1] else 0


VIEWERS: tuple[Viewer, ...] = (
    Viewer("kernels", _kernels, KernelPage),
    Viewer("heat-map", _heat_map, HeatMapPage),
    Viewer("curve", _curve, CurvePage),
    Viewer("histogram", _histogram, HistogramPage),
    Viewer("table", _table, TablePage),
    Viewer("bytes", _bytes, BytesPage),
)


def part_names(tensor: Tensor) -> tuple[str, ...]:
    """The parts that a sparse, nested or wrapped tensor is made of and that hold numbers; () for others."""
    form = tensor.form
    if form is None or not form.parts:
        return ()
    return tuple(name for name, part in form.parts if part.form is None or not part.form.parts)


def stored_part(tensor: Tensor, part: str = "") -> Tensor | None:
    """The tensor itself, or of one made of parts the named one (its values by default); None where bytes are missing.

    Nothing is read.
    """
    names = part_names(tensor)
    if tensor.form is not None and tensor.form.parts:
        if not names:
            return None
        wanted = part or ("values" if "values" in names else names[0])
        tensor = dict(tensor.form.parts)[wanted]
    return None if isinstance(tensor.storage.source, AbsentBytes) else tensor


def shown_part(tensor: Tensor, part: str = "") -> Tensor | None:
    """What is looked at: `stored_part` unpacked and, where the file says how, dequantised."""
    found = stored_part(tensor, part)
    if found is None:
        return None
    try:
        return dequantized(found)
    except StudioError:
        return _integers(found)


def integers(tensor: Tensor, part: str = "") -> Tensor | None:
    """The integers of a quantised tensor, one an element; None for others."""
    found = stored_part(tensor, part)
    return _integers(found) if found is not None and found.dtype.kind == "quantized" else None


def _integers(tensor: Tensor) -> Tensor | None:
    try:
        return unpacked(tensor).with_changes(form=None)
    except StudioError:
        return None


def viewers_for(tensor: Tensor) -> list[Viewer]:
    """The views that can show a dense tensor of plain numbers (`shown_part`), the best first."""
    ranked = [(viewer.rank(tensor), viewer) for viewer in VIEWERS]
    return [viewer for rank, viewer in sorted(ranked, key=lambda item: -item[0]) if rank > 0]
