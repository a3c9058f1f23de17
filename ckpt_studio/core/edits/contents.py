"""Edits of what a file holds beside the weights: metadata and other values."""

from __future__ import annotations

from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import ClassVar

from ckpt_studio.core.checkpoint import Checkpoint
from ckpt_studio.core.discovery import children
from ckpt_studio.core.edits.base import Edit, register
from ckpt_studio.core.tensor import Tensor
from ckpt_studio.core.tree import ABSENT, Path, Value, dotted
from ckpt_studio.errors import EditError, Message, message


@register
@dataclass(frozen=True)
class SetMetadata(Edit):
    """A safetensors metadata entry gets a value, or goes away.

    Attributes:
        key: its name.
        value: text; None removes the entry.
    """

    kind: ClassVar[str] = "set-metadata"
    key: str
    value: str | None

    def apply(self, checkpoint: Checkpoint) -> Checkpoint:
        metadata = dict(checkpoint.metadata)
        if self.value is None:
            if self.key not in metadata:
                raise EditError("no-such-metadata", key=self.key)
            del metadata[self.key]
        elif metadata.get(self.key) == self.value:
            raise EditError("metadata-unchanged", key=self.key)
        else:
            metadata[self.key] = self.value
        return replace(checkpoint, metadata=MappingProxyType(metadata))

    def describe(self) -> Message:
        if self.value is None:
            return message("pop-metadata", key=self.key)
        return message("set-metadata", key=self.key, value=_shortened(self.value))


@register
@dataclass(frozen=True)
class PopEntry(Edit):
    """A value beside the weights (an optimizer, an epoch, another state dict) is left out.

    Attributes:
        path: where it is in the file, outside the active state dict.
    """

    kind: ClassVar[str] = "pop-entry"
    path: Path

    def apply(self, checkpoint: Checkpoint) -> Checkpoint:
        _require_outside_weights(checkpoint, self.path)
        kept = tuple(sd for sd in checkpoint.state_dicts if sd.path[: len(self.path)] != self.path)
        return replace(checkpoint.with_patch(self.path, ABSENT), state_dicts=kept)

    def describe(self) -> Message:
        return message("pop-entry", path=dotted(self.path))


@register
@dataclass(frozen=True)
class SetValue(Edit):
    """A plain value beside the weights (an epoch, a name) is replaced.

    Attributes:
        path: where it is in the file.
        value: None, bool, int, float or str.
    """

    kind: ClassVar[str] = "set-value"
    path: Path
    value: str | int | float | bool | None

    def apply(self, checkpoint: Checkpoint) -> Checkpoint:
        _require_outside_weights(checkpoint, self.path)
        return checkpoint.with_patch(self.path, self.value)

    def describe(self) -> Message:
        return message("set-value", path=dotted(self.path), value=_shortened(repr(self.value)))


def _require_outside_weights(checkpoint: Checkpoint, path: Path) -> None:
    active = checkpoint.active
    if active is not None:
        if active[: len(path)] == path:
            raise EditError("entry-holds-weights", path=dotted(path), active=dotted(active))
        if path[: len(active)] == active and _is_weight(checkpoint, path[: len(active) + 1]):
            raise EditError("entry-is-weights", path=dotted(path))
    removed = any(checkpoint.patches.get(path[:depth]) is ABSENT for depth in range(1, len(path) + 1))
    if removed or (path not in checkpoint.patches and value_at(checkpoint.root, path) is ABSENT):
        raise EditError("no-such-entry", path=dotted(path))


def _is_weight(checkpoint: Checkpoint, path: Path) -> bool:
    state_dict = checkpoint.active_state_dict
    return (
        state_dict.kind == "module" or path[-1] in state_dict.entries or type(value_at(checkpoint.root, path)) is Tensor
    )


def value_at(root: Value, path: Path) -> Value:
    """What lies at a path of the tree (`discovery.children` says how paths are made), or ABSENT."""
    value = root
    for key in path:
        for name, item in children(value):
            if name == key and type(name) is type(key):
                value = item
                break
        else:
            return ABSENT
    return value


def _shortened(text: str) -> str:
    return text if len(text) <= 60 else text[:59] + "…"
