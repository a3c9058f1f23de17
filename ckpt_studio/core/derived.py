"""Byte sources that compute their bytes from others when they are read: what lazy edits leave behind.

Each is random access, holds no data of its own beyond what an edit says, and yields little-endian bytes.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from ckpt_studio.core.dtypes import DType, dtype
from ckpt_studio.core.storage import ByteSource, Storage

if TYPE_CHECKING:
    import numpy as np

    Array = np.ndarray[Any, Any]

# Elements converted at a time: bounds the temporary arrays whatever length is asked for.
_BLOCK = 1 << 18


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
        pieces = [self._converted(begin, min(_BLOCK, end - begin)).tobytes() for begin in range(first, end, _BLOCK)]
        whole = pieces[0] if len(pieces) == 1 else b"".join(pieces)
        skip = start - first * size
        return whole if skip == 0 and len(whole) == length else whole[skip : skip + length]

    def _converted(self, first: int, count: int) -> Array:
        import numpy as np

        size = self.source_dtype.itemsize
        raw = np.frombuffer(self.base.source.read(first * size, count * size), np.uint8)
        if self.base.byteorder == "big" and size > 1:
            width = size // 2 if self.source_dtype.kind == "complex" else size
            raw = raw.view(f">u{width}").astype(f"<u{width}").view(np.uint8)
        return convert(raw, self.source_dtype, self.target_dtype)


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
    nan = np.isnan(values)
    if nan.any():
        result[nan] = 0x7FC0
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
