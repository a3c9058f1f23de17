"""Opens a file, whatever it is: decides by its first bytes, reads its tree, finds its state dicts."""

from __future__ import annotations

import gc
import os
from collections.abc import Iterator
from contextlib import contextmanager
from types import MappingProxyType

from ckpt_studio.core.checkpoint import Checkpoint, Source
from ckpt_studio.core.discovery import find_state_dicts, likeliest
from ckpt_studio.core.jobs import SILENT, Progress
from ckpt_studio.core.storage import SourceFile
from ckpt_studio.errors import FormatError, StudioError
from ckpt_studio.formats.blob import Blob
from ckpt_studio.formats.reading import Reading
from ckpt_studio.formats.sniff import READABLE, sniff


def open_checkpoint(path: str | os.PathLike[str], progress: Progress = SILENT) -> Checkpoint:
    """Everything a file holds, without reading a tensor's bytes and without running anything it names.

    Raises:
        StudioError: "file-not-found", "unreadable" …: the file cannot be read at all.
        FormatError: it is no checkpoint (the code says what it is), damaged, or cut short.
    """
    progress.check()
    file = open_source(path)
    blob = Blob.of_file(file)
    with _without_collector():
        try:
            reading = read_archive(blob)
        except OSError as error:
            raise StudioError("unreadable", path=file.path, reason=error.strerror or str(error)) from None
        return _checkpoint(file, reading)


def open_source(path: str | os.PathLike[str]) -> SourceFile:
    """The file, ready to be read. Raises StudioError for what the file system says."""
    shown = os.fspath(path)
    try:
        if os.path.isdir(shown):
            raise StudioError("is-a-directory", path=shown)
        return SourceFile(shown)
    except FileNotFoundError:
        raise StudioError("file-not-found", path=shown) from None
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise StudioError("unreadable", path=shown, reason=reason) from None


@contextmanager
def _without_collector() -> Iterator[None]:
    """Keeps the cyclic collector from walking a million new objects again and again while they are made."""
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()


def read_archive(blob: Blob, depth: int = 0) -> Reading:
    """The tree of whatever lies in `blob`.

    Raises:
        FormatError: see `open_checkpoint`.
    """
    kind = sniff(blob)
    if kind not in READABLE:
        raise FormatError(kind, path=blob.name)
    if kind == "zip":
        from ckpt_studio.formats.zip_kinds import read_zip

        return read_zip(blob, depth)
    if kind == "torch-legacy":
        from ckpt_studio.formats.torch_legacy import read_torch_legacy

        reading = read_torch_legacy(blob, depth)
        reading.format = "torch-legacy"
        return reading
    if kind == "safetensors":
        from ckpt_studio.formats.safetensors_reader import read_safetensors

        return read_safetensors(blob)
    from ckpt_studio.formats.plain_pickle import read_plain_pickle

    return read_plain_pickle(blob, depth)


def _checkpoint(file: SourceFile, reading: Reading) -> Checkpoint:
    state_dicts = find_state_dicts(reading.root)
    source = Source(file.path, reading.format, file.nbytes, (file,), MappingProxyType(reading.details))
    return Checkpoint(
        source,
        reading.root,
        state_dicts,
        likeliest(state_dicts),
        MappingProxyType(reading.metadata),
        tuple(reading.findings),
    )
