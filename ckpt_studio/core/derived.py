"""Byte sources that compute their bytes from others when they are read: what lazy edits leave behind.

Each is random access, holds no data of its own beyond what an edit says, and yields little-endian bytes.
"""

from __future__ import annotations

import bisect
import math
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from ckpt_studio.core.dtypes import DType, dtype
from ckpt_studio.core.storage import ByteSource, Storage
from ckpt_studio.core.tensor import Tensor

if TYPE_CHECKING:
    import numpy as np

    Array = np.ndarray[Any, Any]

# Elements read and converted at a time: bounds the temporary arrays whatever length is asked for, and lets those
# of the conversion stay in the processor's cache.
_READ = 1 << 20
_BLOCK = 1 << 16


class CastBytes(ByteSource):
    """A storage's elements converted from one dtype to another, exactly as torch's `.to(dtype)` converts them.

    The whole storage is covered, element for element, so that offsets and strides of the tensors that
    view it (and their ties) hold unchanged.
    """

    __slots__ = ("base", "nbytes", "source_dtype", "target_dtype")

    def __init__(self, base: Storage, source_dtype: DType, target_dtype: DType) -> None:
        self.base = base
        self.source_dtype = source_dtype
        self.target_dtype = target_dtype
        self.nbytes = base.nbytes // source_dtype.itemsize * target_dtype.itemsize

    def read(self, start: int, length: int) -> bytes:
        if length <= 0:
            return b""
        size = self.target_dtype.itemsize
        first, end = start // size, -(-(start + length) // size)
        width = self.source_dtype.itemsize
        pieces: list[memoryview] = []
        for begin in range(first, end, _READ):
            count = min(_READ, end - begin)
            raw = self._raw(begin, count)
            for place in range(0, count, _BLOCK):
                some = raw[place * width : min(place + _BLOCK, count) * width]
                pieces.append(convert(some, self.source_dtype, self.target_dtype).data)
        skip = start - first * size
        result = b"".join(pieces)
        return result if skip == 0 and len(result) == length else result[skip : skip + length]

    def _raw(self, first: int, count: int) -> Array:
        import numpy as np

        size = self.source_dtype.itemsize
        raw = np.frombuffer(self.base.source.read(first * size, count * size), np.uint8)
        if self.base.byteorder == "big" and size > 1:
            width = size // 2 if self.source_dtype.kind == "complex" else size
            raw = raw.view(f">u{width}").astype(f"<u{width}").view(np.uint8)
        return raw


def convert(raw: Array, source: DType, target: DType) -> Array:
    """Little-endian bytes of one dtype as an array of bytes of another, by torch's rules.

    torch converts to and from its 16-bit and 8-bit floats through float32 (c10/util/Half.h, BFloat16.h,
    Float8_*.h), which rounds a float64 twice; so does this.

    Raises:
        TypeError: there is no such conversion (quantised and packed types; complex to real).
    """
    import numpy as np

    from ckpt_studio.core.data import as_values

    if not convertible(source, target):
        raise TypeError(f"{source} to {target}")
    values = as_values(source, raw)
    with np.errstate(all="ignore"):
        if target.kind == "complex":
            return _to_complex(values, target)
        if target.name == "bool":
            nonzero: Array = (values != 0).view(np.uint8)
            return nonzero
        if target.is_float:
            if target.itemsize < 4 and values.dtype != np.float32:
                values = values.astype(np.float32)
            if target.name in _NARROWING:
                return _NARROWING[target.name](values)
            return values.astype(target.numpy).view(np.uint8)
        if source.is_float and source.itemsize < 4:
            values = values.astype(np.float32)
        if source.is_float:
            # torch leaves out-of-range values to the processor; through int64 the low bits are kept, as x86 does.
            wide = np.uint64 if target.name == "uint64" else np.int64
            values = values.astype(wide)
        return values.astype(target.numpy).view(np.uint8)


def convertible(source: DType, target: DType) -> bool:
    """Whether `convert` knows the way: real to real or complex, complex to complex; nothing packed or quantised."""
    real = ("float", "int", "bool")
    if source.kind == "complex":
        return target.kind == "complex"
    return source.kind in real and target.kind in (*real, "complex")


def _to_complex(values: Array, target: DType) -> Array:
    import numpy as np

    if target.name == "complex32":
        wide = values if values.dtype.kind == "c" else values.astype(np.float32)
        return wide.astype(np.complex64).view(np.float32).astype("<f2").view(np.uint8)
    if values.dtype.kind not in "fciub":
        values = values.astype(np.float32)
    return values.astype(target.numpy).view(np.uint8)


def _to_bfloat16(values: Array) -> Array:
    """float32 to bfloat16, rounding to nearest even; every NaN becomes torch's 0x7FC0."""
    import numpy as np

    bits = values.view(np.uint32)
    rounded = bits >> np.uint32(16)
    rounded &= np.uint32(1)
    rounded += np.uint32(0x7FFF)
    rounded += bits
    rounded >>= np.uint32(16)
    result = rounded.astype("<u2")
    if values.size and np.isnan(values.max()):
        result[np.isnan(values)] = 0x7FC0
    return result.view(np.uint8)


def _to_float8_e4m3fn(values: Array) -> Array:
    """float32 to float8_e4m3fn; what is too large becomes ±448, as torch 2.14 does (older ones made it NaN)."""
    import numpy as np

    # 448 and -448 are 0x7E and 0xFE; np.clip leaves NaN as it is.
    return np.clip(values, np.float32(-448), np.float32(448)).astype(dtype("float8_e4m3fn").numpy).view(np.uint8)


def _to_float8_e8m0fnu(values: Array) -> Array:
    """float32 to float8_e8m0fnu, a bare exponent: c10/util/Float8_e8m0fnu.h (the sign is lost, ties round up)."""
    import numpy as np

    bits = values.view(np.uint32)
    exponent = (bits >> np.uint32(23)) & np.uint32(0xFF)
    guard = (bits & np.uint32(0x400000)) != 0
    rest = (bits & np.uint32(0x3FFFFF)) != 0
    up = guard & (rest | (exponent > 0)) & (exponent != 0xFF)
    result: Array = (exponent + up).astype(np.uint8)
    return result


_NARROWING: dict[str, Callable[[Array], Array]] = {
    "bfloat16": _to_bfloat16,
    "float8_e4m3fn": _to_float8_e4m3fn,
    "float8_e8m0fnu": _to_float8_e8m0fnu,
}


class ConstantBytes(ByteSource):
    """One element over and over (zeros, a counter)."""

    __slots__ = ("element", "nbytes")

    def __init__(self, element: bytes, count: int) -> None:
        self.element = element
        self.nbytes = len(element) * count

    def read(self, start: int, length: int) -> bytes:
        size = len(self.element)
        skip = start % size
        return (self.element * (-(-(skip + length) // size)))[skip : skip + length]


class JoinedBytes(ByteSource):
    """The elements of several tensors put together along an axis, row-major; of one tensor: made contiguous.

    Attributes:
        tensors: of one dtype, and of shapes that differ only along the axis.
        axis: along which they follow one another.
    """

    __slots__ = ("_rows", "_starts", "base", "nbytes", "tensors")

    def __init__(self, tensors: Sequence[Tensor], axis: int) -> None:
        self.tensors = tuple(tensors)
        self.base = tensors[0].storage
        itemsize = tensors[0].dtype.itemsize
        # For each tensor: bytes of its stretch in every output row, and where the stretch begins.
        self._rows = [math.prod(tensor.shape[axis:]) * itemsize for tensor in tensors]
        self._starts = [sum(self._rows[:k]) for k in range(len(tensors) + 1)]
        self.nbytes = self._starts[-1] * math.prod(tensors[0].shape[:axis])

    def read(self, start: int, length: int) -> bytes:
        pieces: list[bytes] = []
        row_bytes = self._starts[-1]
        while length > 0:
            row, within = divmod(start, row_bytes)
            index = bisect.bisect_right(self._starts, within, 0, len(self.tensors)) - 1
            offset = within - self._starts[index]
            count = min(self._rows[index] - offset, length)
            if len(self.tensors) == 1:
                # Whole rows follow one another without a break.
                offset, count = start, length
                row = 0
            pieces.append(_element_bytes(self.tensors[index], row * self._rows[index] + offset, count))
            start += count
            length -= count
        return pieces[0] if len(pieces) == 1 else b"".join(pieces)


class RowBytes(ByteSource):
    """Rows (first axis) of a tensor chosen by index; -1 stands for a row made by `fresh`, computed once when needed.

    Attributes:
        tensor: where rows come from.
        rows: index of each output row.
        fresh: "average" of all rows (as `tensor.float().mean(0)` rounds it), or "zero".
    """

    __slots__ = ("_average", "_row", "base", "fresh", "nbytes", "rows", "tensor")

    def __init__(self, tensor: Tensor, rows: Sequence[int], fresh: str) -> None:
        self.tensor = tensor
        self.base = tensor.storage
        self.rows = rows
        self.fresh = fresh
        self._row = math.prod(tensor.shape[1:]) * tensor.dtype.itemsize
        self._average: bytes | None = None
        self.nbytes = self._row * len(rows)

    def read(self, start: int, length: int) -> bytes:
        pieces: list[bytes] = []
        while length > 0:
            place, within = divmod(start, self._row)
            count = min(self._row - within, length)
            source = self.rows[place]
            if source >= 0:
                # Rows that follow one another in the source as well are read together.
                last = place
                while count < length and last + 1 < len(self.rows) and self.rows[last + 1] == self.rows[last] + 1:
                    last += 1
                    count = min(count + self._row, length)
                pieces.append(_element_bytes(self.tensor, source * self._row + within, count))
            else:
                pieces.append(self._made()[within : within + count])
            start += count
            length -= count
        return pieces[0] if len(pieces) == 1 else b"".join(pieces)

    def _made(self) -> bytes:
        if self.fresh == "zero":
            return bytes(self._row)
        if self._average is None:
            import numpy as np

            from ckpt_studio.core.data import value_chunks

            width = math.prod(self.tensor.shape[1:])
            total = np.zeros(width, np.complex128 if self.tensor.dtype.kind == "complex" else np.float64)
            row_bytes = max(self._row, 1)
            for values in value_chunks(self.tensor, max(_BLOCK * 4 // row_bytes, 1) * row_bytes):
                total += values.reshape(-1, width).sum(0, dtype=total.dtype)
            mean = total / self.tensor.shape[0]
            wide = dtype("complex128") if total.dtype.kind == "c" else dtype("float64")
            raw = mean.view(np.uint8)
            self._average = (
                raw.tobytes() if wide is self.tensor.dtype else convert(raw, wide, self.tensor.dtype).tobytes()
            )
        return self._average


class ComputedBytes(ByteSource):
    """The result of a function of one tensor, computed whole when first read: for small tensors only.

    Attributes:
        tensor: what it is computed from.
        compute: gives the bytes (little-endian, row-major).
    """

    __slots__ = ("_compute", "_result", "base", "nbytes", "tensor")

    def __init__(self, tensor: Tensor, nbytes: int, compute: Callable[[Tensor], bytes]) -> None:
        self.tensor = tensor
        self.base = tensor.storage
        self.nbytes = nbytes
        self._compute = compute
        self._result: bytes | None = None

    def read(self, start: int, length: int) -> bytes:
        result = self._result
        if result is None:
            result = self._result = self._compute(self.tensor)
            assert len(result) == self.nbytes
        return result[start : start + length]


def _element_bytes(tensor: Tensor, start: int, length: int) -> bytes:
    """Bytes `start` to `start + length` of the tensor's values in logical order."""
    from ckpt_studio.core.data import read_elements

    size = tensor.dtype.itemsize
    first, end = start // size, -(-(start + length) // size)
    raw = read_elements(tensor, first, end - first)
    skip = start - first * size
    return raw if len(raw) == length else raw[skip : skip + length]
