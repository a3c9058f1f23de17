"""The table of every torch dtype: its name, width, and what other formats call it.

Facts: torch's names and storage classes from `torch/storage.py` (`_dtype_to_storage_type_map`) and
`torch/_utils.py`; safetensors tags from the safetensors crate (`Dtype`). numpy and ml_dtypes are
imported only when values are looked at: listing a file must not pay for them.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    import numpy as np

Kind = Literal["float", "complex", "int", "bool", "quantized", "bits"]


@dataclass(frozen=True, slots=True)
class DType:
    """One element type.

    Attributes:
        name: torch's name without the `torch.` ("float32", "float8_e4m3fn", "quint8").
        itemsize: bytes an element occupies in a storage (packed types: bytes per packed unit).
        kind: what family it belongs to.
        numpy_name: the numpy or ml_dtypes name of the same bits, or None where there is none.
        safetensors: its tag in a safetensors header, or None where the format cannot hold it.
        storage_class: the name of torch's typed storage class in pickles ("FloatStorage"), or None
            for the dtypes that torch saves through `_rebuild_tensor_v3` and an untyped storage.
    """

    name: str
    itemsize: int
    kind: Kind
    numpy_name: str | None = None
    safetensors: str | None = None
    storage_class: str | None = None

    def __str__(self) -> str:
        return self.name

    @property
    def is_float(self) -> bool:
        """Real floating point of any width."""
        return self.kind == "float"

    @property
    def numpy(self) -> np.dtype:
        """The little-endian numpy dtype of the same bits (via ml_dtypes where numpy has none).

        Raises:
            TypeError: no numpy type has these bits (quantised and packed types).
        """
        return _numpy_dtype(self.name)


_ROWS: tuple[DType, ...] = (
    DType("float32", 4, "float", "float32", "F32", "FloatStorage"),
    DType("float64", 8, "float", "float64", "F64", "DoubleStorage"),
    DType("float16", 2, "float", "float16", "F16", "HalfStorage"),
    DType("bfloat16", 2, "float", "bfloat16", "BF16", "BFloat16Storage"),
    DType("float8_e4m3fn", 1, "float", "float8_e4m3fn", "F8_E4M3"),
    DType("float8_e4m3fnuz", 1, "float", "float8_e4m3fnuz", "F8_E4M3FNUZ"),
    DType("float8_e5m2", 1, "float", "float8_e5m2", "F8_E5M2"),
    DType("float8_e5m2fnuz", 1, "float", "float8_e5m2fnuz", "F8_E5M2FNUZ"),
    DType("float8_e8m0fnu", 1, "float", "float8_e8m0fnu", "F8_E8M0"),
    DType("float4_e2m1fn_x2", 1, "bits", "uint8", "F4"),
    DType("int64", 8, "int", "int64", "I64", "LongStorage"),
    DType("int32", 4, "int", "int32", "I32", "IntStorage"),
    DType("int16", 2, "int", "int16", "I16", "ShortStorage"),
    DType("int8", 1, "int", "int8", "I8", "CharStorage"),
    DType("uint8", 1, "int", "uint8", "U8", "ByteStorage"),
    DType("uint16", 2, "int", "uint16", "U16"),
    DType("uint32", 4, "int", "uint32", "U32"),
    DType("uint64", 8, "int", "uint64", "U64"),
    DType("bool", 1, "bool", "bool", "BOOL", "BoolStorage"),
    DType("complex32", 4, "complex"),
    DType("complex64", 8, "complex", "complex64", "C64", "ComplexFloatStorage"),
    DType("complex128", 16, "complex", "complex128", None, "ComplexDoubleStorage"),
    DType("quint8", 1, "quantized", "uint8", None, "QUInt8Storage"),
    DType("qint8", 1, "quantized", "int8", None, "QInt8Storage"),
    DType("qint32", 4, "quantized", "int32", None, "QInt32Storage"),
    DType("quint4x2", 1, "quantized", "uint8", None, "QUInt4x2Storage"),
    DType("quint2x4", 1, "quantized", "uint8", None, "QUInt2x4Storage"),
    *(DType(f"int{n}", 1, "bits", "uint8") for n in range(1, 8)),
    *(DType(f"uint{n}", 1, "bits", "uint8") for n in range(1, 8)),
    DType("bits8", 1, "bits", "uint8"),
    DType("bits16", 2, "bits", "uint16"),
    DType("bits1x8", 1, "bits", "uint8"),
    DType("bits2x4", 1, "bits", "uint8"),
    DType("bits4x2", 1, "bits", "uint8"),
)

BY_NAME: dict[str, DType] = {row.name: row for row in _ROWS}
BY_STORAGE_CLASS: dict[str, DType] = {row.storage_class: row for row in _ROWS if row.storage_class}
BY_SAFETENSORS: dict[str, DType] = {row.safetensors: row for row in _ROWS if row.safetensors}

# torch's aliases: `torch.half` is pickled as "half" by nobody, but users type it.
_ALIASES = {
    "float": "float32", "double": "float64", "half": "float16", "fp32": "float32", "fp16": "float16",
    "fp64": "float64", "bf16": "bfloat16", "long": "int64", "int": "int32", "short": "int16",
    "chalf": "complex32", "cfloat": "complex64", "cdouble": "complex128",
}  # fmt: skip

FLOAT32 = BY_NAME["float32"]
INT64 = BY_NAME["int64"]
UINT8 = BY_NAME["uint8"]


def dtype(name: str) -> DType:
    """The dtype torch calls `name` (with or without `torch.`; the usual short names work too).

    Raises:
        KeyError: torch has no such dtype.
    """
    name = name.removeprefix("torch.")
    return BY_NAME[_ALIASES.get(name, name)]


@cache
def _numpy_dtype(name: str) -> np.dtype:
    import numpy as np

    numpy_name = BY_NAME[name].numpy_name
    if numpy_name is None:
        raise TypeError(f"numpy has no {name}")
    try:
        return np.dtype(numpy_name).newbyteorder("<")
    except TypeError:
        import ml_dtypes

        result: np.dtype = np.dtype(getattr(ml_dtypes, numpy_name))
        return result
