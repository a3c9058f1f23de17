"""What a model expects of a state dict: names, shapes and dtypes, and who owns them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from types import MappingProxyType
from typing import Literal

from ckpt_studio.core.checkpoint import StateDict


@dataclass(frozen=True, slots=True)
class Entry:
    """One tensor a model's `state_dict()` holds.

    Attributes:
        name: its key.
        shape: sizes per axis (elements).
        dtype: torch's name without `torch.`.
        role: parameter or (persistent) buffer.
        owner: qualified class name of the module that holds it ("torch.nn.modules.conv.Conv2d").
        tied_to: name of the earlier entry that is the same tensor, or None.
    """

    name: str
    shape: tuple[int, ...]
    dtype: str
    role: Literal["parameter", "buffer"] = "parameter"
    owner: str = ""
    tied_to: str | None = None


@dataclass(frozen=True, slots=True)
class Module:
    """One module of the model: its class and what its loading code knows.

    Attributes:
        prefix: dotted name without a trailing dot; "" for the model itself.
        cls: qualified class name.
        version: the class's `_version` (torch's `_metadata` records it), or None.
        custom_loading: it overrides `_load_from_state_dict` in a way this program does not know, or has
            load-state-dict hooks or `set_extra_state`: only torch itself can give the verdict.
        loads_like: qualified name of the class whose `_load_from_state_dict` it runs, where that is not
            `torch.nn.Module`'s own ("torch.nn.modules.batchnorm._NormBase"); "" otherwise or when not known.
            A child registered as None has the class "builtins.NoneType" and ignores every name under it.
    """

    prefix: str
    cls: str
    version: int | None = None
    custom_loading: bool = False
    loads_like: str = ""


@dataclass(frozen=True)
class Skeleton:
    """What a model expects, in the model's own order.

    Attributes:
        title: for people: "torchvision resnet34(num_classes=10)".
        reference: the REF that made it, as CLI writes it.
        entries: in `state_dict()` order.
        modules: all modules, in `named_modules()` order; empty when the skeleton came from a checkpoint.
        notes: what building it printed or warned, shortened.
    """

    title: str
    reference: str
    entries: tuple[Entry, ...]
    modules: tuple[Module, ...] = ()
    notes: tuple[str, ...] = ()
    details: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))

    @cached_property
    def by_name(self) -> Mapping[str, Entry]:
        """Name -> entry."""
        return {entry.name: entry for entry in self.entries}

    @property
    def needs_torch_verdict(self) -> bool:
        """Whether some module has loading code of its own that only the host can run."""
        return any(module.custom_loading for module in self.modules)


def skeleton_of(state_dict: StateDict, title: str = "", reference: str = "") -> Skeleton:
    """What another checkpoint's state dict would expect, were it a model: the same names, shapes and dtypes.

    A file does not say which tensors are parameters, so every entry counts as one; tensors over the
    same slice of one storage are tied. Modules are unknown and stay empty.
    """
    entries: list[Entry] = []
    first: dict[tuple[int, int, tuple[int, ...], tuple[int, ...]], str] = {}
    for name, tensor in state_dict.tensors.items():
        key = (id(tensor.storage), tensor.offset, tensor.shape, tensor.stride)
        tied_to = first.setdefault(key, name) if tensor.numel else name
        entries.append(Entry(name, tensor.shape, tensor.dtype.name, tied_to=None if tied_to == name else tied_to))
    return Skeleton(title, reference, tuple(entries))
