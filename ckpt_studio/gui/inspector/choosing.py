"""Which tensors lie in rows of the tree."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from ckpt_studio.core.jobs import SILENT, Progress, gradually
from ckpt_studio.core.tensor import Tensor
from ckpt_studio.gui.inspector.contents import Content, tensors_of
from ckpt_studio.gui.inspector.measuring import Subject

if TYPE_CHECKING:
    from ckpt_studio.core.checkpoint import Checkpoint
    from ckpt_studio.gui.tree_nodes import Node


def subjects_of(checkpoint: Checkpoint, nodes: Sequence[Node], progress: Progress = SILENT) -> list[Subject]:
    """The tensors in these rows, in the rows' order; below other contents as well. For a task: there may be a million.

    Those of the active state dict have their names alone, others the names above them, too.
    """
    subjects: list[Subject] = []
    known = {state_dict.path: state_dict for state_dict in checkpoint}
    for node in nodes:
        state_dict = known.get(node.path)
        if not node.is_named:
            if type(node.value) is Tensor:
                subjects.append(Subject(node.name, node.value, False))
            elif node.kind == "box":
                subjects += tensors_of(Content(node.kind, node.name, node.path, node.value), progress)
        elif state_dict is not None:
            is_active = node.path == checkpoint.active
            before = "" if is_active or not state_dict.label else f"{state_dict.label}."
            tensors = state_dict.tensors
            subjects += [
                Subject(before + name, tensors[name], is_active) for name in gradually(node.names) if name in tensors
            ]
    return subjects
