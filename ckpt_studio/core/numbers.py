"""Tensors whose values are computed from others when they are read: unpacked, dequantised, the difference of two.

Each is a plain row-major tensor over a source of its own, so that everything that shows, measures or writes a
tensor shows these as well, in pieces of any size.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ckpt_studio.core.data import as_values, read_elements, require_dense, to_numpy
from ckpt_studio.core.dtypes import BY_NAME, DType
from ckpt_studio.core.storage import ByteSource, Storage
from ckpt_studio.core.tensor import Tensor, contiguous
from ckpt_studio.errors import StudioError

if TYPE_CHECKING:
    import numpy as np

    Array = np.ndarray[Any, Any]

# Elements calculated at a time: bounds the temporary arrays whatever length is asked for.
_PIECE = 1 << 18

# Bits of each element of the types that put several into a byte, the first into the lowest bits
# (aten/src/ATen/native/quantized/cpu/kernels/QuantizedOpKernels.cpp, c10/util/Float4_e2m1fn_x2.h).
_BITS = {"quint4x2": 4, "quint2x4": 2, "float4_e2m1fn_x2": 4}
# The values of four bits: sign, two bits of exponent, one of mantissa (OCP Microscaling Formats, E2M1).
_FLOAT4 = (0.0, 0.5, 1.0, 1.5, 2.0, 3.0, 4.0, 6.0)


class _ElementSource(ByteSource):
    """Elements of one dtype that are computed; a range of bytes is cut out of whole elements."""

    __slots__ = ("dtype", "nbytes")

    def __init__(self, dtype: DType, count: int) -> None:
        self.dtype = dtype
        self.nbytes = count * dtype.itemsize

    def elements(self, first: int, count: int) -> Array:
        """The values of `count` elements from `first`. Raises StudioError."""
        raise NotImplementedError

    def read(self, start: int, length: int) -> bytes:
        size = self.dtype.itemsize
        first, end = start // size, -(-(start + length) // size)
        pieces = []
        for begin in range(first, end, _PIECE):
            values = self.elements(begin, min(_PIECE, end - begin))
            pieces.append(values.astype(self.dtype.numpy_name or "uint8").tobytes())
        skip = start - first * size
        return b"".join(pieces)[skip : skip + length]


class _Unpacked(_ElementSource):
    __slots__ = ("_bits", "_start", "base")

    def __init__(self, tensor: Tensor, dtype: DType, count: int) -> None:
        super().__init__(dtype, count)
        self.base = tensor.storage
        self._bits = _BITS[tensor.dtype.name]
        self._start = tensor.offset

    def elements(self, first: int, count: int) -> Array:
        import numpy as np

        each = 8 // self._bits
        begin, end = first // each, -(-(first + count) // each)
        raw = np.frombuffer(self.base.source.read(self._start + begin, end - begin), np.uint8)
        shifts = np.arange(0, 8, self._bits, dtype=np.uint8)
        codes: Array = (raw[:, None] >> shifts & np.uint8((1 << self._bits) - 1)).reshape(-1)
        codes = codes[first - begin * each :][:count]
        if self.dtype.is_float:
            return np.array((*_FLOAT4, *(-value for value in _FLOAT4)), np.float32)[codes]
        return codes


class _Dequantized(_ElementSource):
    __slots__ = ("_inner", "_read", "scale", "tensor", "zero")

    def __init__(self, tensor: Tensor, scale: Tensor | float, zero: Tensor | float, inner: int) -> None:
        super().__init__(BY_NAME["float32"], tensor.numel)
        self.tensor = tensor
        self.scale, self.zero = scale, zero
        self._inner = inner
        self._read: tuple[Array, Array] | None = None

    def elements(self, first: int, count: int) -> Array:
        import numpy as np

        if self._read is None:
            self._read = _as_array(self.scale), _as_array(self.zero)
        scales, zeros = self._read
        whole = as_values(self.tensor.dtype, read_elements(self.tensor, first, count)).astype(np.float64)
        channel = np.arange(first, first + count) // self._inner % len(scales)
        with np.errstate(all="ignore"):
            values: Array = ((whole - zeros[channel]) * scales[channel]).astype(np.float32)
        return values


def _as_array(part: Tensor | float) -> Array:
    import numpy as np

    values = to_numpy(part) if isinstance(part, Tensor) else np.array([part])
    return values.astype(np.float64).reshape(-1)


class _Delta(_ElementSource):
    __slots__ = ("first", "second")

    def __init__(self, first: Tensor, second: Tensor, dtype: DType) -> None:
        super().__init__(dtype, first.numel)
        self.first, self.second = first, second

    def elements(self, first: int, count: int) -> Array:
        import numpy as np

        here, there = (as_values(t.dtype, read_elements(t, first, count)) for t in (self.first, self.second))
        if here.dtype.kind in "iub" and there.dtype.kind in "iub":
            return _integer_delta(here, there)
        wide = np.complex128 if self.dtype.kind == "complex" else np.float64
        with np.errstate(all="ignore"):
            values: Array = here.astype(wide) - there.astype(wide)
        return values


def _integer_delta(here: Array, there: Array) -> Array:
    """The difference of integers, rounded once: neighbours among 64-bit integers are one apart, not equal."""
    import numpy as np

    if max(here.dtype.itemsize, there.dtype.itemsize) < 8:
        return (here.astype(np.int64) - there.astype(np.int64)).astype(np.float64)
    # The halves apart, for the difference of two 64-bit integers has 65 bits.
    (high, low), (other_high, other_low) = _halves(here), _halves(there)
    values: Array = (high - other_high) * 2.0**32 + (low - other_low)
    return values


def _halves(values: Array) -> tuple[Array, Array]:
    import numpy as np

    wide = values if values.dtype == np.uint64 else values.astype(np.int64)
    low = (wide & wide.dtype.type(0xFFFFFFFF)).astype(np.float64)
    return (wide >> wide.dtype.type(32)).astype(np.float64), low


def unpacked(tensor: Tensor) -> Tensor:
    """The same values with one element for each: quantised 4 and 2 bits as quint8, pairs of 4-bit floats as float32.

    torch's shell types of 1 to 7 bits (`uint4`, `int3` …), which it stores a byte each, come as uint8 and int8.
    Every other tensor is given back as it is. Nothing is read.

    Raises:
        StudioError: "no-dense-values" for tensors that are made of parts.
    """
    require_dense(tensor)
    dtype, shape = tensor.dtype, tensor.shape
    if dtype.name in _BITS:
        if dtype.name.startswith("float4"):
            shape = (*shape[:-1], 2 * shape[-1]) if shape else (2,)
            tensor = _row_major(tensor)
        each = BY_NAME["float32" if dtype.name.startswith("float4") else "quint8"]
        count = 1
        for size in shape:
            count *= size
        made = contiguous(each, shape, Storage(_Unpacked(tensor, each, count), tensor.storage.key), tensor.device)
        return made.with_changes(kind=tensor.kind, form=tensor.form)
    if dtype.kind == "bits" and not dtype.name.startswith("bits"):
        return tensor.with_changes(dtype=BY_NAME["uint8" if dtype.name.startswith("u") else "int8"])
    return tensor


def _row_major(tensor: Tensor) -> Tensor:
    """A tensor of whole bytes in logical order, whatever its strides."""
    if tensor.is_contiguous:
        return tensor
    from ckpt_studio.core.derived import JoinedBytes

    source = JoinedBytes((tensor,), 0)
    return contiguous(tensor.dtype, tensor.shape, Storage(source, tensor.storage.key), tensor.device)


def dequantized(tensor: Tensor) -> Tensor:
    """What quantised integers stand for, as float32 like `tensor.dequantize()`; every other tensor as `unpacked`.

    Nothing is read; scales that lie in tensors are read with the first value.

    Raises:
        StudioError: "no-dense-values" for tensors made of parts, and where the file's scales make no sense.
    """
    tensor = unpacked(tensor)
    quantizer = tensor.form.quantizer if tensor.form is not None else None
    if tensor.dtype.kind != "quantized" or quantizer is None:
        return tensor
    # What a file says, which may be anything.
    scale, zero, axis = (*quantizer[1:4], None, None, None)[:3]
    inner = 1
    if isinstance(scale, Tensor) and isinstance(zero, Tensor) and type(axis) is int:
        if not 0 <= axis < len(tensor.shape) or not scale.numel == zero.numel == tensor.shape[axis]:
            raise StudioError("no-dense-values", name=tensor.storage.key, what=tensor.dtype.name)
        for size in tensor.shape[axis + 1 :]:
            inner *= size
    elif not (isinstance(scale, int | float) and isinstance(zero, int | float)):
        raise StudioError("no-dense-values", name=tensor.storage.key, what=tensor.dtype.name)
    source = _Dequantized(tensor, scale, zero, inner)
    made = contiguous(source.dtype, tensor.shape, Storage(source, tensor.storage.key), tensor.device)
    return made.with_changes(kind=tensor.kind)


def delta(first: Tensor, second: Tensor) -> Tensor | None:
    """The first minus the second, value by value, as float64 (complex128 when either is complex).

    Of quantised tensors what they stand for. None where there is nothing to subtract: other shapes, or tensors made
    of parts (sparse, nested), whose places differ.

    Raises:
        StudioError: as `dequantized`.
    """
    if any(tensor.form is not None and tensor.form.parts for tensor in (first, second)):
        return None
    first, second = dequantized(first), dequantized(second)
    if first.shape != second.shape:
        return None
    is_complex = "complex" in (first.dtype.kind, second.dtype.kind)
    dtype = BY_NAME["complex128" if is_complex else "float64"]
    return contiguous(dtype, first.shape, Storage(_Delta(first, second, dtype)))
