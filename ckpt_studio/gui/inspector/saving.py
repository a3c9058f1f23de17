"""The jobs that write or copy the values of one tensor, streamed."""

from __future__ import annotations

from collections.abc import Iterator
from typing import IO, TYPE_CHECKING, Any

from ckpt_studio.core.data import value_chunks
from ckpt_studio.core.jobs import Progress
from ckpt_studio.core.tensor import Tensor
from ckpt_studio.formats.atomic import replacing

if TYPE_CHECKING:
    import numpy as np

    Array = np.ndarray[Any, Any]

MOST_COPIED = 100_000
_CHUNK_BYTES = 1 << 20


def save_npy(tensor: Tensor, path: str, progress: Progress) -> None:
    """Writes numpy's own format; numbers that numpy lacks (bfloat16, 8-bit floats) become float32.

    Raises:
        StudioError: the values cannot be read or the file not written; nothing is left of it then.
    """
    import numpy as np

    total, done = tensor.nbytes, 0
    with replacing(path, progress) as draft, open(draft.fd, "wb", closefd=False) as file:
        begun = False
        for values in _portable(tensor, progress):
            if not begun:
                _write_header(file, tensor.shape, values.dtype)
                begun = True
            progress.report(done, total)
            file.write(values.tobytes())
            done += _CHUNK_BYTES
        if not begun:
            _write_header(file, tensor.shape, np.dtype(np.float32))


def _write_header(file: IO[bytes], shape: tuple[int, ...], dtype: np.dtype[Any]) -> None:
    from numpy.lib import format as npy

    npy.write_array_header_2_0(file, {"descr": npy.dtype_to_descr(dtype), "fortran_order": False, "shape": shape})


def _portable(tensor: Tensor, progress: Progress) -> Iterator[Array]:
    import numpy as np

    for values in value_chunks(tensor, _CHUNK_BYTES):
        progress.check()
        yield values if values.dtype.isbuiltin == 1 else values.astype(np.float32)


def save_csv(tensor: Tensor, path: str, progress: Progress) -> None:
    """Writes the values as text: a line for each row (the last axis), of vectors one value a line.

    Raises:
        StudioError: as `save_npy`.
    """
    total, done = tensor.numel, 0
    with replacing(path, progress) as draft, open(draft.fd, "wb", closefd=False) as file:
        for lines, count in _lines(tensor, ",", progress):
            progress.report(done, total)
            file.write(lines.encode())
            done += count


def text_of(tensor: Tensor, progress: Progress) -> str:
    """The values as tab-separated text, as spreadsheets take them. Raises StudioError."""
    return "".join(lines for lines, _ in _lines(tensor, "\t", progress))


def _lines(tensor: Tensor, separator: str, progress: Progress) -> Iterator[tuple[str, int]]:
    width = tensor.shape[-1] if len(tensor.shape) > 1 else 1
    place = 0
    for values in value_chunks(tensor, _CHUNK_BYTES):
        progress.check()
        parts: list[str] = []
        for value in values:
            place += 1
            parts.append(f"{value!s}")
            parts.append("\n" if place % width == 0 else separator)
        yield "".join(parts), len(values)
