"""What a cast would lose: values too large for the new dtype, counted before the edit is made."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ckpt_studio.core.checkpoint import Checkpoint
from ckpt_studio.core.data import value_chunks
from ckpt_studio.core.derived import convert
from ckpt_studio.core.dtypes import DType
from ckpt_studio.core.edits.values import Cast
from ckpt_studio.core.jobs import SILENT, Progress
from ckpt_studio.core.tensor import Tensor
from ckpt_studio.errors import Message, message

if TYPE_CHECKING:
    import numpy as np

    Array = np.ndarray[Any, Any]

# Largest finite value of each narrow dtype (ml_dtypes.finfo); float8_e4m3fn has no infinity: torch cuts to it.
_LARGEST = {
    "float32": 3.4028234663852886e38,
    "float16": 65504.0,
    "bfloat16": 3.3895313892515355e38,
    "float8_e4m3fn": 448.0,
    "float8_e5m2": 57344.0,
    "float8_e4m3fnuz": 240.0,
    "float8_e5m2fnuz": 57344.0,
    "float8_e8m0fnu": 2.0**127,
}


@dataclass(frozen=True)
class Overflow:
    """A tensor some of whose finite values the new dtype cannot hold.

    Attributes:
        name: the tensor.
        count: how many values.
        largest: the largest magnitude among them.
        message: the warning in words.
    """

    name: str
    count: int
    largest: float
    message: Message


def cast_overflow(checkpoint: Checkpoint, edit: Cast, progress: Progress = SILENT) -> tuple[Overflow, ...]:
    """The tensors whose finite values would become infinite (or be cut, or wrap) if the cast were made.

    Streams every tensor that the cast narrows, once for tied ones; reports bytes.

    Raises:
        EditError: the cast does not fit.
        StudioError: the values cannot be read.
        Cancelled: through `progress`.
    """
    target, touched = edit.targets(checkpoint.active_state_dict)
    narrowing = {name: _dense(tensor) for name, tensor in touched.items() if _narrows(tensor.dtype, target)}
    total, done = sum(tensor.nbytes for tensor in narrowing.values()), 0
    seen: dict[tuple[int, int, tuple[int, ...], tuple[int, ...]], tuple[int, float]] = {}
    found: list[Overflow] = []
    code = "cast-saturates" if target.name == "float8_e4m3fn" or target.kind != "float" else "cast-overflows"
    for name, tensor in narrowing.items():
        key = (id(tensor.storage), tensor.offset, tensor.shape, tensor.stride)
        if key not in seen:
            count, largest = 0, 0.0
            for values in value_chunks(tensor):
                progress.report(done, total)
                lost, highest = _lost(values, tensor.dtype, target)
                count, largest = count + lost, max(largest, highest)
                done += values.nbytes
            seen[key] = (count, largest)
        else:
            done += tensor.nbytes
        count, largest = seen[key]
        if count:
            words = message(code, name=name, count=count, dtype=target.name, largest=f"{largest:g}")
            found.append(Overflow(name, count, largest, words))
    return tuple(found)


def _dense(tensor: Tensor) -> Tensor:
    if tensor.form is not None and tensor.form.parts:
        return dict(tensor.form.parts)["values"]
    return tensor


def _narrows(source: DType, target: DType) -> bool:
    if target.name == "bool" or target.kind == "complex":
        return False
    if target.is_float:
        return _LARGEST.get(source.name, float("inf")) > _LARGEST.get(target.name, float("inf"))
    return source.kind == "int" or source.is_float


def _lost(values: Array, source: DType, target: DType) -> tuple[int, float]:
    """How many finite values of a chunk are out of the target's range, and the largest magnitude of them."""
    import numpy as np

    with np.errstate(all="ignore"):
        if target.is_float:
            wide = values if values.dtype.kind in "iu" or values.dtype.itemsize >= 4 else values.astype(np.float32)
            limit = _LARGEST[target.name]
            if wide.size == 0 or not max(np.fmax.reduce(wide), -np.fmin.reduce(wide)) > limit:
                return 0, 0.0
            finite = np.isfinite(wide) & (np.abs(wide) > limit)
            suspects = wide[finite]
            if target.name == "float8_e4m3fn":
                # Up to 464 values round to the limit, which is ordinary rounding.
                lost = np.abs(suspects) > 464
            else:
                raw = convert(values[finite].view(np.uint8), source, target)
                lost = ~np.isfinite(raw.view(target.numpy).astype(np.float32))
        else:
            limits = np.iinfo(target.numpy)
            wide = values.astype(np.float32) if values.dtype.itemsize < 4 and source.is_float else values
            suspects = wide[np.isfinite(wide)]
            lost = (suspects < limits.min) | (suspects > limits.max)
        count = int(np.count_nonzero(lost))
        return count, float(np.abs(suspects[lost].astype(np.float64)).max()) if count else 0.0
