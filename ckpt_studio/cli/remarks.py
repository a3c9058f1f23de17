"""What an edit did besides what was asked, or left undone: said to people, never in the way of scripts."""

from __future__ import annotations

from collections.abc import Iterator

from ckpt_studio.core.checkpoint import StateDict
from ckpt_studio.core.edits import Cast, Edit
from ckpt_studio.core.tensor import Tensor
from ckpt_studio.errors import Message, message


def remarks(edit: Edit, before: StateDict, after: StateDict) -> list[Message]:
    """What is worth a word about an edit, given the active state dict before and after it; reads no tensor."""
    found: list[Message] = []
    if isinstance(edit, Cast):
        target, _ = edit.targets(before)
        left = [
            name
            for name, tensor in after.tensors.items()
            if tensor.dtype is not target and tensor.dtype.is_float and target.is_float and _keeps_dtype(tensor)
        ]
        if left:
            found.append(message("cast-left", count=len(left), first=left[0], dtype=target.name))
    cut = list(_cut_ties(before, after))
    if cut:
        found.append(message("ties-cut", count=len(cut), first=cut[0][0], second=cut[0][1]))
    return found


def _keeps_dtype(tensor: Tensor) -> bool:
    """Whether a tensor is made of parts that no cast reaches."""
    return tensor.form is not None and tensor.form.layout in ("wrapper", "nested")


def _cut_ties(before: StateDict, after: StateDict) -> Iterator[tuple[str, str]]:
    """Pairs of names that had one storage, and have two now."""
    first: dict[int, str] = {}
    old, new = before.tensors, after.tensors
    for name, tensor in old.items():
        if name not in new or not tensor.numel:
            continue
        other = first.setdefault(id(tensor.storage), name)
        if other != name and new[other].storage is not new[name].storage:
            yield other, name
