"""A tensor as metadata over a slice of a storage; making one reads nothing."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from typing import TYPE_CHECKING, Any, Literal

from ckpt_studio.core.dtypes import DType
from ckpt_studio.core.storage import Storage

if TYPE_CHECKING:
    from ckpt_studio.core.tree import Global, Value

Kind = Literal["tensor", "parameter", "buffer"]
Layout = Literal["strided", "sparse_coo", "sparse_csr", "sparse_csc", "sparse_bsr", "sparse_bsc", "nested", "wrapper"]


@dataclass(frozen=True, slots=True, eq=False)
class Form:
    """What makes a tensor more than dtype, shape and strides; None on a Tensor means nothing does.

    Attributes:
        layout: sparse, nested and wrapper (subclass) tensors have `parts` and no meaningful strides.
        parts: named components of such a tensor (`indices`, `values`, `crow_indices`, …), in torch's order.
        arguments: further plain arguments that torch's rebuild function needs (is_coalesced, …).
        conj, neg: torch's lazy conjugate and negative bits.
        quantizer: the plain tuple torch's `_rebuild_qtensor` takes (scheme Global, scale, zero point, axis).
        subclass: the class of a tensor subclass or Parameter subclass, never imported.
        state: attributes set on the tensor object (`_rebuild_parameter_with_state`, subclasses), or None.
        is_meta: no bytes exist anywhere (device "meta").
    """

    layout: Layout = "strided"
    parts: tuple[tuple[str, Tensor], ...] = ()
    arguments: tuple[Any, ...] = ()
    conj: bool = False
    neg: bool = False
    quantizer: tuple[Any, ...] | None = None
    subclass: Global | None = None
    state: Value = None
    is_meta: bool = False


@dataclass(frozen=True, slots=True, eq=False, init=False)
class Tensor:
    """One tensor of a checkpoint.

    Attributes:
        dtype: element type.
        shape: sizes per axis (elements).
        stride: step per axis (elements), as torch defines it.
        offset: first element's position in the storage (elements).
        storage: the bytes; tensors with the same storage object are tied.
        device: what the file records ("cuda:0", "cpu", "mps"); "" where a format records none.
        kind: how the pickle built it.
        requires_grad: what the file records.
        form: everything unusual, or None.
    """

    dtype: DType
    shape: tuple[int, ...]
    stride: tuple[int, ...]
    offset: int
    storage: Storage
    device: str = "cpu"
    kind: Kind = "tensor"
    requires_grad: bool = False
    form: Form | None = None

    def __init__(
        self,
        dtype: DType,
        shape: tuple[int, ...],
        stride: tuple[int, ...],
        offset: int,
        storage: Storage,
        device: str = "cpu",
        kind: Kind = "tensor",
        requires_grad: bool = False,
        form: Form | None = None,
    ) -> None:
        # In half the time of what the decorator makes: a file may hold a million.
        _set_dtype(self, dtype)
        _set_shape(self, shape)
        _set_stride(self, stride)
        _set_offset(self, offset)
        _set_storage(self, storage)
        _set_device(self, device)
        _set_kind(self, kind)
        _set_requires_grad(self, requires_grad)
        _set_form(self, form)

    @property
    def numel(self) -> int:
        """Number of elements."""
        count = 1
        for size in self.shape:
            count *= size
        return count

    @property
    def nbytes(self) -> int:
        """Bytes of the values themselves (not of the storage): numel × itemsize, or the sum of the parts."""
        if self.form is not None and self.form.parts:
            return sum(part.nbytes for _, part in self.form.parts)
        return self.numel * self.dtype.itemsize

    @property
    def is_plain(self) -> bool:
        """Strided, not quantised, no lazy bits: any format can hold it as bytes."""
        form = self.form
        return form is None or (
            form.layout == "strided" and form.quantizer is None and not form.conj and not form.neg and not form.is_meta
        )

    @property
    def is_contiguous(self) -> bool:
        """Row-major without gaps, so that its bytes are one run of the storage."""
        expected = 1
        for size, step in zip(reversed(self.shape), reversed(self.stride), strict=True):
            if size == 0:
                return True
            if size != 1:
                if step != expected:
                    return False
                expected *= size
        return True

    def span(self) -> tuple[int, int]:
        """First byte and byte count of the storage range that the elements touch (0 bytes when empty)."""
        last = 0
        for size, step in zip(self.shape, self.stride, strict=True):
            if size == 0:
                return (self.offset * self.dtype.itemsize, 0)
            last += (size - 1) * step
        return (self.offset * self.dtype.itemsize, (last + 1) * self.dtype.itemsize)

    def with_changes(self, **changes: Any) -> Tensor:
        """The same tensor with some attributes replaced."""
        return replace(self, **changes)


(
    _set_dtype, _set_shape, _set_stride, _set_offset, _set_storage, _set_device, _set_kind, _set_requires_grad,
    _set_form,
) = (getattr(Tensor, field.name).__set__ for field in fields(Tensor))  # fmt: skip


def contiguous_strides(shape: tuple[int, ...]) -> tuple[int, ...]:
    """Row-major strides in elements, as torch computes them (a size of 0 counts as 1)."""
    strides = [1] * len(shape)
    for axis in range(len(shape) - 2, -1, -1):
        strides[axis] = strides[axis + 1] * max(shape[axis + 1], 1)
    return tuple(strides)


def contiguous(dtype: DType, shape: tuple[int, ...], storage: Storage, device: str = "cpu", offset: int = 0) -> Tensor:
    """A row-major tensor over `storage`, beginning at element `offset`."""
    return Tensor(dtype, shape, contiguous_strides(shape), offset, storage, device)
