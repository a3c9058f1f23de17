"""The values of a tensor as bytes or numpy arrays: row-major, little-endian, streamed, memory bounded.

Everything that looks at values (writers, statistics, diff, views) comes through here. A contiguous
tensor is read as it lies; any other is gathered block by block with plain positioned reads. Files are
never mapped into memory: a file that shrinks under a mapping kills the process.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any, TypeVar

from ckpt_studio.core.dtypes import DType
from ckpt_studio.core.tensor import Tensor
from ckpt_studio.errors import StudioError

if TYPE_CHECKING:
    import numpy as np

    Array = np.ndarray[Any, Any]

_Piece = TypeVar("_Piece")
CHUNK_BYTES = 8 << 20

# One gathered block and one span read at a time: what a non-contiguous tensor may hold in memory.
_BLOCK_BYTES = 32 << 20
_SPAN_BYTES = 32 << 20
# A span may be read in one go although only every eighth element of it is wanted: fewer reads win.
_WASTE = 8
_SMALL_SPAN = 1 << 20

# Elements that share a byte, by dtype: `numel` counts elements, the storage holds bytes.
_PER_BYTE = {"quint4x2": 2, "quint2x4": 4}


def value_nbytes(tensor: Tensor) -> int:
    """Bytes that `chunks` yields for a strided tensor (packed quantised types: several elements a byte)."""
    per_byte = _PER_BYTE.get(tensor.dtype.name)
    if per_byte is not None:
        return -(-tensor.numel // per_byte)
    return tensor.numel * tensor.dtype.itemsize


def chunks(tensor: Tensor, chunk_bytes: int = CHUNK_BYTES) -> Iterator[bytes | memoryview]:
    """The tensor's values, row-major and little-endian, piece by piece.

    Lazy conjugate and negative bits are resolved (a writer that keeps the bits asks for the tensor
    without its form). Quantised tensors give their integers.

    Args:
        tensor: strided, of any dtype; its storage may be deflated, big-endian or derived.
        chunk_bytes: most bytes of one piece (at least one element).

    Raises:
        StudioError: "no-dense-values" for sparse, nested and wrapper tensors, "beyond-storage" when the file
            claims more than the storage holds, and whatever the source's `read` raises.
    """
    require_dense(tensor)
    itemsize = tensor.dtype.itemsize
    total = value_nbytes(tensor)
    piece = max(chunk_bytes // itemsize, 1) * itemsize
    if tensor.is_contiguous or tensor.dtype.name in _PER_BYTE:
        start = _first_byte(tensor, total)
        for done in range(0, total, piece):
            raw = tensor.storage.source.read(start + done, min(piece, total - done))
            yield _resolved(tensor, raw)
        return
    count, numel = max(piece, _BLOCK_BYTES) // itemsize, tensor.numel
    for first in range(0, numel, count):
        block = _gathered(tensor, first, min(count, numel - first)).data
        for done in range(0, len(block), piece):
            yield _resolved(tensor, block[done : done + piece])


def ahead(pieces: Iterable[_Piece]) -> Iterator[_Piece]:
    """The pieces, made on a thread (at most three of them) while earlier ones are used."""
    from concurrent.futures import ThreadPoolExecutor

    following = iter(pieces)
    with ThreadPoolExecutor(1, thread_name_prefix="ahead") as pool:
        coming = deque(pool.submit(next, following, None) for _ in range(3))
        try:
            while (piece := coming.popleft().result()) is not None:
                coming.append(pool.submit(next, following, None))
                yield piece
        finally:
            for future in coming:
                future.cancel()


def read_elements(tensor: Tensor, start: int, count: int) -> bytes:
    """The bytes of `count` elements from element `start`, in logical (row-major) order, little-endian.

    Raises:
        IndexError: the range is not inside the tensor.
        StudioError: as `chunks`; also for packed quantised types, whose elements have no bytes of their own.
    """
    require_dense(tensor)
    if start < 0 or count < 0 or start + count > tensor.numel:
        raise IndexError(f"elements {start}..{start + count} of {tensor.numel}")
    if tensor.dtype.name in _PER_BYTE:
        raise StudioError("no-dense-values", name=tensor.storage.key, what=tensor.dtype.name)
    itemsize = tensor.dtype.itemsize
    if count == 0:
        return b""
    if tensor.is_contiguous:
        base = _first_byte(tensor, tensor.numel * itemsize)
        raw: bytes | Array = tensor.storage.source.read(base + start * itemsize, count * itemsize)
    else:
        raw = _gathered(tensor, start, count)
    return bytes(_resolved(tensor, raw))


def to_numpy(tensor: Tensor) -> Array:
    """The whole tensor as an array of its shape, writable, of the dtype's numpy type.

    complex32 (which numpy lacks) comes as complex64, quantised tensors as their integers, packed types
    as one dimension of bytes.

    Raises:
        StudioError: as `chunks`.
        MemoryError: it is larger than memory; callers that cannot bound the size use `value_chunks`.
    """
    import numpy as np

    total = value_nbytes(tensor)
    buffer = np.empty(total, np.uint8)
    done = 0
    for piece in chunks(tensor):
        buffer[done : done + len(piece)] = np.frombuffer(piece, np.uint8)
        done += len(piece)
    if tensor.dtype.name in _PER_BYTE:
        return buffer
    return as_values(tensor.dtype, buffer).reshape(tensor.shape)


def value_chunks(tensor: Tensor, chunk_bytes: int = CHUNK_BYTES) -> Iterator[Array]:
    """The values as one-dimensional arrays, row-major, piece by piece (dtypes as in `to_numpy`).

    Raises:
        StudioError: as `chunks`.
    """
    for piece in chunks(tensor, chunk_bytes):
        yield as_values(tensor.dtype, piece)


def as_values(dtype: DType, raw: bytes | memoryview | Array) -> Array:
    """Little-endian bytes as an array of values (dtypes as in `to_numpy`); shares the memory where it can."""
    import numpy as np

    data = np.frombuffer(raw, np.uint8)
    if dtype.name == "complex32":
        with np.errstate(invalid="ignore"):
            return data.view("<f2").astype(np.float32).view(np.complex64)
    if dtype.name in _PER_BYTE:
        return data
    return data.view(dtype.numpy)


def require_dense(tensor: Tensor) -> None:
    """Raises StudioError("no-dense-values") for tensors that are made of parts."""
    form = tensor.form
    if form is not None and (form.layout != "strided" or form.parts):
        raise StudioError("no-dense-values", name=tensor.storage.key, what=form.layout)


def _first_byte(tensor: Tensor, nbytes: int) -> int:
    start = tensor.offset * tensor.dtype.itemsize
    if tensor.offset < 0 or (nbytes and start + nbytes > tensor.storage.nbytes):
        raise StudioError("beyond-storage", name=tensor.storage.key, held=tensor.storage.nbytes, wanted=start + nbytes)
    return start


def _gathered(tensor: Tensor, first: int, count: int) -> Array:
    """The raw bytes (uint8) of a run of logical elements of a strided tensor, in the storage's byte order."""
    import numpy as np

    itemsize = tensor.dtype.itemsize
    lowest, touched = tensor.span()
    if any(step < 0 for step in tensor.stride) or lowest < 0 or lowest + touched > tensor.storage.nbytes:
        raise StudioError(
            "beyond-storage", name=tensor.storage.key, held=tensor.storage.nbytes, wanted=lowest + touched
        )
    out = np.empty((count, itemsize), np.uint8)
    _gather_run(tensor, out, first, tensor.shape, tensor.stride, tensor.offset)
    return out.reshape(-1)


def _gather_run(
    tensor: Tensor, out: Array, first: int, shape: tuple[int, ...], stride: tuple[int, ...], offset: int
) -> None:
    """Fills `out` (n × itemsize) with n elements from flat position `first`: partial row, full rows, partial row."""
    count = len(out)
    if count == 0:
        return
    if len(shape) <= 1:
        step = stride[0] if stride else 1
        _gather_box(tensor, out, (count,), (step,), offset + first * step)
        return
    inner = 1
    for size in shape[1:]:
        inner *= size
    row, skip = divmod(first, inner)
    done = 0
    if skip:
        done = min(inner - skip, count)
        _gather_run(tensor, out[:done], skip, shape[1:], stride[1:], offset + row * stride[0])
        row += 1
    rows = (count - done) // inner
    if rows:
        box = out[done : done + rows * inner].reshape(rows, *shape[1:], -1)
        _gather_box(tensor, box, (rows, *shape[1:]), stride, offset + row * stride[0])
        done += rows * inner
        row += rows
    if done < count:
        _gather_run(tensor, out[done:], 0, shape[1:], stride[1:], offset + row * stride[0])


def _gather_box(tensor: Tensor, out: Array, shape: tuple[int, ...], stride: tuple[int, ...], offset: int) -> None:
    """Fills `out` (shape × itemsize) with a whole box, in as few bounded reads as its spread allows."""
    import numpy as np

    itemsize = tensor.dtype.itemsize
    span, wanted = 1, 1
    for size, step in zip(shape, stride, strict=True):
        span += (size - 1) * step
        wanted *= size
    if span == 1 or (span * itemsize <= _SPAN_BYTES and (span <= _WASTE * wanted or span * itemsize <= _SMALL_SPAN)):
        raw = np.frombuffer(tensor.storage.source.read(offset * itemsize, span * itemsize), np.uint8)
        steps = (*(step * itemsize for step in stride), 1)
        out[...] = np.lib.stride_tricks.as_strided(raw, (*shape, itemsize), steps, writeable=False)
        return
    axis = max(range(len(shape)), key=lambda k: stride[k] if shape[k] > 1 else -1)
    half = shape[axis] // 2
    for begin, end in ((0, half), (half, shape[axis])):
        part = tuple(end - begin if k == axis else size for k, size in enumerate(shape))
        where = tuple(slice(begin, end) if k == axis else slice(None) for k in range(len(shape)))
        _gather_box(tensor, out[where], part, stride, offset + begin * stride[axis])


def _resolved(tensor: Tensor, raw: bytes | memoryview | Array) -> bytes | memoryview:
    """The bytes in little-endian order with the lazy bits applied."""
    form = tensor.form
    swap = tensor.storage.byteorder == "big" and tensor.dtype.itemsize > 1 and tensor.dtype.name != "bits16"
    if not swap and (form is None or not (form.conj or form.neg)):
        return raw if isinstance(raw, bytes | memoryview) else raw.data
    import numpy as np

    data = np.frombuffer(raw, np.uint8)
    complex_ = tensor.dtype.kind == "complex"
    width = tensor.dtype.itemsize // (2 if complex_ else 1)
    unit = np.dtype(f"<u{width}")
    words = data.view(unit.newbyteorder(">")).astype(unit) if swap else data.view(unit).copy()
    if form is not None and (form.conj or form.neg):
        sign = unit.type(1 << (8 * width - 1))
        if form.neg and tensor.dtype.kind == "int":
            words = (~words + unit.type(1)).astype(unit)
        elif form.neg:
            words ^= sign
        if form.conj and complex_:
            words[1::2] ^= sign
    return words.view(np.uint8).data


def real_chunks(tensor: Tensor, chunk_bytes: int = CHUNK_BYTES) -> Iterator[Array]:
    """The values as numbers to calculate with, piece by piece: as `value_chunks`, but quantised tensors dequantised.

    Raises:
        StudioError: as `chunks`; also "no-dense-values" for packed types that hold no plain numbers.
    """
    kind = tensor.dtype.kind
    if tensor.dtype.name in _PER_BYTE or (kind == "bits" and not tensor.dtype.name.startswith("bits")):
        raise StudioError("no-dense-values", name=tensor.storage.key, what=tensor.dtype.name)
    quantizer = tensor.form.quantizer if tensor.form is not None else None
    if kind != "quantized" or quantizer is None:
        yield from value_chunks(tensor, chunk_bytes)
        return
    import numpy as np

    # What a file says, which may be anything.
    scale, zero, axis = (*quantizer[1:4], None, None, None)[:3]
    per_channel = isinstance(scale, Tensor) and isinstance(zero, Tensor) and type(axis) is int
    if per_channel:
        per_channel = 0 <= axis < len(tensor.shape) and scale.numel == zero.numel == tensor.shape[axis]
    if not per_channel and not (isinstance(scale, int | float) and isinstance(zero, int | float)):
        raise StudioError("no-dense-values", name=tensor.storage.key, what=tensor.dtype.name)
    if not per_channel:
        for values in value_chunks(tensor, chunk_bytes):
            with np.errstate(all="ignore"):
                dense = (values.astype(np.float64) - zero) * scale
            yield dense
        return
    # Per channel: one scale and zero point for each index along the axis.
    scales, zeros = to_numpy(scale).astype(np.float64), to_numpy(zero).astype(np.float64)
    inner = 1
    for size in tensor.shape[axis + 1 :]:
        inner *= size
    first = 0
    for values in value_chunks(tensor, chunk_bytes):
        channel = (np.arange(first, first + len(values)) // inner) % len(scales)
        with np.errstate(all="ignore"):
            dense = (values.astype(np.float64) - zeros[channel]) * scales[channel]
        yield dense
        first += len(values)


def dense_part(tensor: Tensor) -> Tensor:
    """The part of a sparse tensor that holds its values; a strided tensor itself.

    Raises:
        StudioError: "no-dense-values" when no single part does.
    """
    form = tensor.form
    if form is None or (form.layout == "strided" and not form.parts):
        return tensor
    values = dict(form.parts).get("values")
    if values is None:
        raise StudioError("no-dense-values", name=tensor.storage.key, what=form.layout)
    return values
