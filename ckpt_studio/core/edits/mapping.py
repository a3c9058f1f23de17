"""The edit that applies an automatic mapping: renames and reshapes as one step."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from ckpt_studio.core.checkpoint import Checkpoint
from ckpt_studio.core.edits.base import Edit, register
from ckpt_studio.core.edits.names import RenameTensors
from ckpt_studio.core.edits.removing import Pop
from ckpt_studio.core.edits.shaping import Reshape
from ckpt_studio.errors import EditError, Message, message


@register
@dataclass(frozen=True)
class ApplyMapping(Edit):
    """Tensors get the names (and, where axes of size 1 differ, the shapes) of a model.

    Attributes:
        pairs: (old name, new name); equal ones are allowed.
        shapes: (new name, shape in elements) of those whose axes change.
        drop: tensors without a partner whose names are needed for others.
    """

    kind: ClassVar[str] = "apply-mapping"
    pairs: tuple[tuple[str, str], ...]
    shapes: tuple[tuple[str, tuple[int, ...]], ...] = ()
    drop: tuple[str, ...] = ()

    def apply(self, checkpoint: Checkpoint) -> Checkpoint:
        changed = tuple((old, new) for old, new in self.pairs if old != new)
        if not changed and not self.shapes:
            raise EditError("renames-nothing")
        if self.drop:
            checkpoint = Pop(self.drop).apply(checkpoint)
        if changed:
            checkpoint = RenameTensors(changed).apply(checkpoint)
        for name, shape in self.shapes:
            checkpoint = Reshape(name, shape).apply(checkpoint)
        return checkpoint

    def describe(self) -> Message:
        changed = sum(old != new for old, new in self.pairs)
        if self.drop:
            return message("apply-mapping-drop", count=changed, reshaped=len(self.shapes), dropped=len(self.drop))
        if self.shapes:
            return message("apply-mapping-reshape", count=changed, reshaped=len(self.shapes))
        return message("apply-mapping", count=changed)
