"""A part of a tensor as a tensor of its own: no byte is read, only offset and strides change."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from ckpt_studio.core.data import require_dense
from ckpt_studio.core.tensor import Tensor


def sliced(tensor: Tensor, where: Sequence[int | range]) -> Tensor:
    """The part that these indices name, one per axis: a number drops its axis, a range keeps every step-th element.

    Of quantised tensors the integers as stored: a part has no scales of its own.

    Raises:
        IndexError: not one index per axis, or one outside its axis.
        StudioError: "no-dense-values" for tensors that are made of parts.
    """
    require_dense(tensor)
    if len(where) != len(tensor.shape):
        raise IndexError(f"{len(where)} indices for {len(tensor.shape)} axes")
    shape: list[int] = []
    stride: list[int] = []
    offset = tensor.offset
    for size, step, part in zip(tensor.shape, tensor.stride, where, strict=True):
        if isinstance(part, range):
            if len(part) and not (0 <= part[0] < size and 0 <= part[-1] < size and part.step > 0):
                raise IndexError(f"{part} of {size}")
            offset += (part.start if len(part) else 0) * step
            shape.append(len(part))
            stride.append(step * part.step)
        else:
            if not 0 <= part < size:
                raise IndexError(f"{part} of {size}")
            offset += part * step
    form = tensor.form
    if form is not None and form.quantizer is not None:
        form = replace(form, quantizer=None)
    return tensor.with_changes(shape=tuple(shape), stride=tuple(stride), offset=offset, form=form)
