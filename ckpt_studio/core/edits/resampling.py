"""The arithmetic of channel and position edits: exactly what torch computes, in numpy."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from ckpt_studio.core.data import to_numpy
from ckpt_studio.core.derived import convert
from ckpt_studio.core.dtypes import dtype
from ckpt_studio.core.tensor import Tensor

if TYPE_CHECKING:
    import numpy as np

    Array = np.ndarray[Any, Any]

# torch's bicubic kernel (ATen/native/UpSample.h).
_CUBIC_A = -0.75


def adapted_channels(tensor: Tensor, channels: int, how: str) -> bytes:
    """A weight [out, in, …] for another number of input channels (`AdaptChannels` says how)."""
    import numpy as np

    weight = to_numpy(tensor).astype(np.float64)
    old = weight.shape[1]
    if how == "sum":
        result = weight.sum(1, keepdims=True)
    elif how == "average":
        result = weight.mean(1, keepdims=True)
    elif how == "repeat":
        result = weight[:, np.arange(channels) % old] * (old / channels)
    else:
        shape = (weight.shape[0], channels - old, *weight.shape[2:])
        added = np.broadcast_to(weight.mean(1, keepdims=True), shape) if how == "add-average" else np.zeros(shape)
        result = np.concatenate([weight, added], axis=1)
    return _rounded(result, tensor)


def interpolated_positions(tensor: Tensor, old: tuple[int, int], new: tuple[int, int], extra: int, mode: str) -> bytes:
    """Position embeddings […, extra + rows × columns, dim] on another grid.

    As `interpolate(grid, size=new, mode=mode, align_corners=False)` of torch, on channels first; both
    modes are separable: one matrix per axis.
    """
    import numpy as np

    values = to_numpy(tensor).astype(np.float64)
    tokens = values.reshape(-1, values.shape[-1])
    grid = tokens[extra:].reshape(*old, -1)
    weights = _cubic if mode == "bicubic" else _linear
    resampled = np.einsum("ri,cj,ijd->rcd", weights(old[0], new[0]), weights(old[1], new[1]), grid, optimize=True)
    return _rounded(np.concatenate([tokens[:extra], resampled.reshape(math.prod(new), -1)]), tensor)


def _cubic(old: int, new: int) -> Array:
    """The matrix [new, old] of bicubic weights along one axis; positions outside take the border's value."""
    import numpy as np

    matrix = np.zeros((new, old))
    for target in range(new):
        place = (target + 0.5) * old / new - 0.5
        base = math.floor(place)
        for step in range(-1, 3):
            matrix[target, min(max(base + step, 0), old - 1)] += _cubic_weight(abs(place - base - step))
    return matrix


def _cubic_weight(distance: float) -> float:
    a = _CUBIC_A
    if distance <= 1:
        return ((a + 2) * distance - (a + 3)) * distance * distance + 1
    if distance < 2:
        return ((a * distance - 5 * a) * distance + 8 * a) * distance - 4 * a
    return 0.0


def _linear(old: int, new: int) -> Array:
    """The matrix [new, old] of bilinear weights along one axis."""
    import numpy as np

    matrix = np.zeros((new, old))
    for target in range(new):
        place = max((target + 0.5) * old / new - 0.5, 0.0)
        base = min(math.floor(place), old - 1)
        after = min(base + 1, old - 1)
        matrix[target, base] += 1 - (place - base)
        matrix[target, after] += place - base
    return matrix


def _rounded(values: Array, tensor: Tensor) -> bytes:
    import numpy as np

    wide = dtype("float64")
    raw = np.ascontiguousarray(values).reshape(-1).view(np.uint8)
    return (raw if tensor.dtype is wide else convert(raw, wide, tensor.dtype)).tobytes()
