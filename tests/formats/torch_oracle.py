"""What real torch says about a tree, in the same words as our own tree, so that the two can be compared."""

from __future__ import annotations

from typing import Any

import torch

from ckpt_studio.core.data import chunks
from ckpt_studio.core.discovery import walk
from ckpt_studio.core.tensor import Tensor
from ckpt_studio.core.tree import Path, Value


def torch_leaves(root: Any) -> dict[Path, torch.Tensor]:
    """Every tensor of an object torch loaded, by its path through mappings and lists."""
    found: dict[Path, torch.Tensor] = {}
    pending: list[tuple[Path, Any]] = [((), root)]
    while pending:
        path, value = pending.pop()
        if isinstance(value, torch.Tensor):
            found[path] = value
        elif isinstance(value, dict):
            pending.extend(((*path, key if type(key) in (str, int) else str(key)), item) for key, item in value.items())
        elif isinstance(value, (list, tuple)):
            pending.extend(((*path, index), item) for index, item in enumerate(value))
    return found


def our_leaves(root: Value) -> dict[Path, Tensor]:
    """Every tensor of our tree by its path."""
    return {path: value for path, value in walk(root) if type(value) is Tensor}


def raw(tensor: torch.Tensor) -> bytes:
    """The values as bytes, row-major."""
    plain = tensor.detach()
    if plain.is_quantized:
        plain = plain.int_repr()
    plain = plain.resolve_conj().resolve_neg().cpu().contiguous().reshape(-1)
    return plain.clone().view(torch.uint8).numpy().tobytes() if plain.numel() else b""


def require_same(ours: Tensor, theirs: torch.Tensor, where: object = "") -> None:
    """Fails unless dtype, shape, strides, offset, kind and (dense tensors) values are torch's."""
    assert ours.dtype.name == str(theirs.dtype).removeprefix("torch."), where
    assert ours.requires_grad == theirs.requires_grad, where
    assert (ours.kind == "parameter") == isinstance(theirs, torch.nn.Parameter), where
    if theirs.is_nested:
        return
    assert ours.shape == tuple(theirs.shape), where
    if theirs.layout is not torch.strided:
        require_same_parts(ours, theirs, where)
        return
    assert ours.stride == tuple(theirs.stride()), where
    if theirs.device.type == "meta":
        assert ours.form is not None
        assert ours.form.is_meta
        return
    assert ours.offset == theirs.storage_offset(), where
    assert b"".join(bytes(piece) for piece in chunks(ours)) == raw(theirs), where


def require_same_parts(ours: Tensor, theirs: torch.Tensor, where: object) -> None:
    """Compares the components of a sparse tensor."""
    assert ours.form is not None
    assert f"torch.{ours.form.layout}" == str(theirs.layout), where
    for name, part in ours.form.parts:
        getter = f"_{name}" if theirs.layout is torch.sparse_coo else name
        require_same(part, getattr(theirs, getter)(), (where, name))
