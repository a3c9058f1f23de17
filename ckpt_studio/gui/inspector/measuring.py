"""The jobs behind the inspector's numbers, and what was measured already."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from ckpt_studio.core.checkpoint import StateDict
from ckpt_studio.core.jobs import Progress, gradually
from ckpt_studio.core.statistics import Statistics, statistics
from ckpt_studio.core.tensor import Tensor

_MOST_BINS = 96

# `statistics` polls its progress once for this many bytes, in each of its two passes.
_POLLED_BYTES = 8 << 20
_MOST_KEPT = 500


@dataclass(frozen=True)
class Subject:
    """One tensor to look at: `name` as people see it, and whether it belongs to the active state dict."""

    name: str
    tensor: Tensor
    is_active: bool = True


@dataclass(frozen=True)
class Chosen:
    """Selected tensors: how many, and a way to list them that may be called in a task (there may be a million).

    `key` is equal for equal selections only.
    """

    count: int
    key: object
    listed: Callable[[], list[Subject]]


NONE_CHOSEN = Chosen(0, (), list)


Ties: TypeAlias = Mapping[int, Sequence[str]]
"""`id` of a storage that several tensors of a state dict share -> their names, in order."""


def ties_of(state_dict: StateDict | None) -> Ties:
    """Which tensors of a state dict share their bytes; costs O(tensors)."""
    if state_dict is None:
        return {}
    found: dict[int, list[str]] = {}
    for name, tensor in gradually(state_dict.tensors.items()):
        found.setdefault(id(tensor.storage), []).append(name)
    return {key: names for key, names in gradually(found.items()) if len(names) > 1}


class _Counted(Progress):
    """Turns the polls of a job that only polls into steps of another progress."""

    def __init__(self, outer: Progress, nbytes: int) -> None:
        super().__init__()
        self._outer = outer
        self._total = 2 * nbytes
        self._done = 0

    def check(self) -> None:
        self._outer.report(min(self._done, self._total), self._total)
        self._done += _POLLED_BYTES


def measured(tensor: Tensor, progress: Progress) -> Statistics:
    """The statistics with a histogram; reports bytes. Raises StudioError and Cancelled."""
    # Rice's rule: few values in many bins are a comb.
    bins = min(8 + int(2 * tensor.numel ** (1 / 3)), _MOST_BINS)
    return statistics(tensor, _Counted(progress, tensor.nbytes), bins)


class Measurements:
    """What was measured, by tensor object: tensors never change, an edited one is another object."""

    def __init__(self) -> None:
        self._kept: OrderedDict[int, tuple[Tensor, Statistics]] = OrderedDict()

    def get(self, tensor: Tensor) -> Statistics | None:
        """What is known of this tensor."""
        found = self._kept.get(id(tensor))
        return found[1] if found is not None else None

    def keep(self, tensor: Tensor, values: Statistics) -> None:
        """Remembers it; the oldest are forgotten. The tensor is held, so that its id stays its own."""
        self._kept[id(tensor)] = (tensor, values)
        while len(self._kept) > _MOST_KEPT:
            self._kept.popitem(last=False)
