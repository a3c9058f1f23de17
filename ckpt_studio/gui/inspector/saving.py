"""The jobs that write or copy the values of tensors, streamed: memory stays bounded whatever their size."""

from __future__ import annotations

import os
import re
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from typing import IO, TYPE_CHECKING, Any, Literal, TypeAlias

from ckpt_studio.core.checkpoint import Checkpoint
from ckpt_studio.core.data import value_chunks
from ckpt_studio.core.jobs import Progress
from ckpt_studio.core.tensor import Tensor
from ckpt_studio.errors import ExportError, StudioError, message
from ckpt_studio.formats.atomic import replacing
from ckpt_studio.gui.inspector.measuring import Subject

if TYPE_CHECKING:
    import numpy as np

    Array = np.ndarray[Any, Any]

SaveFormat: TypeAlias = Literal["npz", "npy-folder", "csv-folder", "safetensors", "pth"]
"""One archive for NumPy, a folder with a file for each tensor, or a checkpoint of their own."""

MOST_COPIED = 100_000
_CHUNK_BYTES = 1 << 20
# Names that Windows keeps for devices, whatever their suffix.
_DEVICES = re.compile(r"^(con|prn|aux|nul|com\d|lpt\d)(\.|$)", re.IGNORECASE)
_LONGEST_NAME = 120


class _Share(Progress):
    """The part of a progress that one of several tensors takes."""

    def __init__(self, outer: Progress, before: int, total: int, name: str) -> None:
        super().__init__()
        self._outer, self._before, self._total = outer, before, total
        self._label = message("step-writing", name=name)

    def report(self, done: int, total: int, label: object = None) -> None:
        self._outer.report(self._before + done, self._total, self._label)

    def check(self) -> None:
        self._outer.check()

    @property
    def cancelled(self) -> bool:
        return self._outer.cancelled


def file_name(name: str) -> str:
    """A tensor's name as the name of a file, on every system."""
    text = "".join(c if c.isalnum() or c in "._-" else "_" for c in name)[:_LONGEST_NAME].strip(".") or "tensor"
    return f"_{text}" if _DEVICES.match(text) else text


def file_names(names: Iterable[str]) -> list[str]:
    """A name of a file for each, no two the same, also where upper and lower case are."""
    found: list[str] = []
    taken: set[str] = set()
    for name in names:
        base = text = file_name(name)
        number = 1
        while text.casefold() in taken:
            number += 1
            text = f"{base}-{number}"
        taken.add(text.casefold())
        found.append(text)
    return found


def save_npy(tensor: Tensor, path: str, progress: Progress) -> None:
    """Writes numpy's own format; numbers that numpy lacks (bfloat16, 8-bit floats) become float32.

    Raises:
        StudioError: the values cannot be read or the file not written; nothing is left of it then.
    """
    with replacing(path, progress) as draft, open(draft.fd, "wb", closefd=False) as file:
        _write_npy(tensor, file, progress)


def _write_npy(tensor: Tensor, file: IO[bytes], progress: Progress) -> None:
    import numpy as np

    total, done = tensor.nbytes, 0
    begun = False
    for values in _portable(tensor, progress):
        if not begun:
            _write_header(file, tensor.shape, values.dtype)
            begun = True
        progress.report(min(done, total), total)
        file.write(values.data)
        done += _CHUNK_BYTES
    if not begun:
        _write_header(file, tensor.shape, _portable_dtype(tensor, np.dtype(np.float32)))


def _portable_dtype(tensor: Tensor, otherwise: np.dtype[Any]) -> np.dtype[Any]:
    """What numpy calls the dtype of an empty tensor."""
    try:
        found = tensor.dtype.numpy
    except TypeError:
        return otherwise
    return found if found.isbuiltin == 1 else otherwise


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
            progress.report(done * tensor.dtype.itemsize, total * tensor.dtype.itemsize)
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


def without_values(subjects: Sequence[Subject]) -> list[Subject]:
    """Those that have no plain block of values to write as an array: nested ones, missing shards, device "meta"."""
    from ckpt_studio.gui.inspector.viewers import shown_part

    return [subject for subject in subjects if shown_part(subject.tensor) is None]


def save_npz(subjects: Sequence[Subject], path: str, progress: Progress) -> None:
    """Writes one NumPy archive; `numpy.load(path)[name]` gives each tensor. Those without values are left out.

    Raises:
        StudioError: as `save_npy`.
    """
    with (
        replacing(path, progress) as draft,
        open(draft.fd, "w+b", closefd=False) as file,
        zipfile.ZipFile(file, "w", zipfile.ZIP_STORED, allowZip64=True) as archive,
    ):
        for subject, tensor, share in _each(subjects, progress):
            with archive.open(f"{subject.name}.npy", "w", force_zip64=True) as member:
                _write_npy(tensor, member, share)


def save_folder(subjects: Sequence[Subject], folder: str, suffix: Literal["npy", "csv"], progress: Progress) -> None:
    """Writes a file for each tensor into a folder, which is made where there is none; others in it are left alone.

    When it fails or is stopped, the files of this call are removed again.

    Raises:
        ExportError: "target-exists" when one of the files is there already; nothing was written.
        StudioError: as `save_npy`.
    """
    from ckpt_studio.formats.atomic import os_failure

    write = save_csv if suffix == "csv" else save_npy
    names = file_names(subject.name for subject in subjects)
    paths = {id(s): os.path.join(folder, f"{name}.{suffix}") for s, name in zip(subjects, names, strict=True)}
    for path in paths.values():
        if os.path.lexists(path):
            raise ExportError("target-exists", path=path)
    is_new = not os.path.isdir(folder)
    written: list[str] = []
    try:
        os.makedirs(folder, exist_ok=True)
        for subject, tensor, share in _each(subjects, progress):
            write(tensor, paths[id(subject)], share)
            written.append(paths[id(subject)])
    except BaseException as error:
        for path in written:
            os.unlink(path)
        if is_new and os.path.isdir(folder) and not os.listdir(folder):
            os.rmdir(folder)
        if isinstance(error, OSError):
            raise os_failure(error, folder) from error
        raise


def _each(subjects: Sequence[Subject], progress: Progress) -> Iterator[tuple[Subject, Tensor, Progress]]:
    """What is written of each, with the part of the progress it takes."""
    from ckpt_studio.gui.inspector.viewers import shown_part

    total = sum(subject.tensor.nbytes for subject in subjects)
    before = 0
    for subject in subjects:
        tensor = shown_part(subject.tensor)
        if tensor is not None:
            share = _Share(progress, before, total, subject.name)
            share.report(0, 0)
            yield subject, tensor, share
        before += subject.tensor.nbytes


def save_checkpoint(checkpoint: Checkpoint, subjects: Sequence[Subject], path: str, progress: Progress) -> None:
    """Writes a small checkpoint of these tensors, verified like every export; an existing file is replaced.

    Raises:
        ExportError: the format cannot hold one of them, or the file cannot be written.
        StudioError: the values cannot be read.
    """
    from ckpt_studio.formats.export import ExportOptions, export, plan_export
    from ckpt_studio.formats.subset import subset

    plan = plan_export(
        subset(checkpoint, {subject.name: subject.tensor for subject in subjects}), path, ExportOptions(overwrite=True)
    )
    export(plan, progress)


def save_tensors(
    checkpoint: Checkpoint, subjects: Sequence[Subject], format: SaveFormat, target: str, progress: Progress
) -> None:
    """Writes several tensors in one of the formats; `target` is a file, or the folder that is to hold them.

    Raises:
        StudioError: as `save_npz`, `save_folder`, `save_checkpoint`; "nothing-to-save" when none has values.
    """
    if format in ("safetensors", "pth"):
        save_checkpoint(checkpoint, subjects, target, progress)
        return
    if len(without_values(subjects)) == len(subjects):
        raise StudioError("nothing-to-save")
    if format == "npz":
        save_npz(subjects, target, progress)
    else:
        save_folder(subjects, target, "csv" if format == "csv-folder" else "npy", progress)
