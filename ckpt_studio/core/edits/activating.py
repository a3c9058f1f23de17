"""The choice of the state dict that the edits after it act on: part of recipes, for names alone do not say it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from ckpt_studio.core.checkpoint import Checkpoint
from ckpt_studio.core.edits.base import Edit, register
from ckpt_studio.core.tree import Path, dotted
from ckpt_studio.errors import EditError, Message, message


@register
@dataclass(frozen=True)
class Activate(Edit):
    """Another state dict becomes the one that edits act on; nothing in the file changes.

    Attributes:
        path: where that state dict is in the file; () for the root.
    """

    kind: ClassVar[str] = "activate-state-dict"
    path: Path

    def apply(self, checkpoint: Checkpoint) -> Checkpoint:
        if checkpoint.active == self.path:
            return checkpoint
        if all(state_dict.path != self.path for state_dict in checkpoint.state_dicts):
            known = ", ".join(state_dict.label or "." for state_dict in checkpoint.state_dicts) or "-"
            raise EditError("unknown-state-dict", label=dotted(self.path) or ".", known=known)
        return checkpoint.activate(self.path)

    def describe(self) -> Message:
        return message("activate-state-dict", path=dotted(self.path) or ".")
