"""Opens a file, whatever it is: decides by its first bytes, reads its tree, finds its state dicts."""

from __future__ import annotations

import gc
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from types import MappingProxyType

from ckpt_studio.core.checkpoint import Checkpoint, Source
from ckpt_studio.core.discovery import find_state_dicts, likeliest
from ckpt_studio.core.jobs import SILENT, Progress
from ckpt_studio.core.other_files import opens_with
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
    shown = os.fspath(path)
    if os.path.isdir(shown):
        return _open_folder(shown, progress)
    folder, name = os.path.split(os.path.abspath(shown))
    if name == ".metadata" or (name.endswith(".distcp") and os.path.isfile(os.path.join(folder, ".metadata"))):
        return _open_distributed(folder, progress)
    file = open_source(shown)
    blob = Blob.of_file(file)
    with without_collector():
        try:
            if sniff(blob) == "index":
                return _open_index(file, progress)
            reading = read_archive(blob)
        except OSError as error:
            raise StudioError("unreadable", path=file.path, reason=error.strerror or str(error)) from None
        index = _index_beside(file.path) if "-of-" in name else None
        if index is not None:
            reading.details["index"] = index
            reading.find("part-of-set", "note", "finding-part-of-set", where=name, index=os.path.basename(index))
        return _checkpoint(file.path, (file,), reading)


def _index_beside(path: str) -> str | None:
    from ckpt_studio.formats.sharded import index_of

    return index_of(path)


def _open_index(file: SourceFile, progress: Progress) -> Checkpoint:
    from ckpt_studio.formats.sharded import read_index

    reading, shards = read_index(Blob.of_file(file), progress)
    return _checkpoint(file.path, (*shards, file), reading)


def _open_distributed(folder: str, progress: Progress) -> Checkpoint:
    from ckpt_studio.formats.distributed import read_distributed

    with without_collector():
        reading, files = read_distributed(folder, progress)
        return _checkpoint(folder, tuple(files), reading)


_MAX_NUMPY_SCAN = 256 << 20
# What a folder's one checkpoint is called when it is no set.
_USUAL_FILES = (
    "model.safetensors", "pytorch_model.bin", "adapter_model.safetensors", "adapter_model.bin",
    "diffusion_pytorch_model.safetensors", "diffusion_pytorch_model.bin", "consolidated.safetensors",
)  # fmt: skip


def _open_folder(folder: str, progress: Progress) -> Checkpoint:
    """A folder that is one checkpoint: torch.distributed.checkpoint's, a sharded set, or a model folder's usual file.

    Raises:
        StudioError: "is-a-directory" when it is none, "unreadable".
    """
    from ckpt_studio.formats.sharded import read_set, set_in_folder

    try:
        names = sorted(os.listdir(folder))
    except OSError as error:
        raise StudioError("unreadable", path=folder, reason=error.strerror or str(error)) from None
    if ".metadata" in names:
        return _open_distributed(folder, progress)
    indices = [name for name in names if name.endswith(".index.json")]
    for usual in ("model.safetensors.index.json", *indices):
        if usual in indices and (len(indices) == 1 or usual == "model.safetensors.index.json"):
            return open_checkpoint(os.path.join(folder, usual), progress)
    sets = set_in_folder(folder, names)
    if len(sets) == 1 and not indices:
        with without_collector():
            reading, files = read_set(folder, {}, {}, progress, next(iter(sets.values())))
            return _checkpoint(folder, tuple(files), reading)
    for usual in _USUAL_FILES:
        if usual in names:
            return open_checkpoint(os.path.join(folder, usual), progress)
    raise StudioError("is-a-directory", path=folder)


def open_source(path: str | os.PathLike[str]) -> SourceFile:
    """The file, ready to be read. Raises StudioError for what the file system says."""
    shown = os.fspath(path)
    if not shown:
        # The absolute path of nothing would be the current folder.
        raise StudioError("file-not-found", path=shown)
    try:
        mode = os.stat(shown).st_mode
        if stat.S_ISDIR(mode):
            raise StudioError("is-a-directory", path=shown)
        if not stat.S_ISREG(mode):
            # Pipes and devices have no size, cannot be read twice, and may never end.
            raise StudioError("not-a-regular-file", path=shown)
        return SourceFile(shown)
    except FileNotFoundError:
        raise StudioError("file-not-found", path=shown) from None
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise StudioError("unreadable", path=shown, reason=reason) from None


@contextmanager
def without_collector() -> Iterator[None]:
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
    if kind == "index":
        from ckpt_studio.formats.sharded import parse_index

        parse_index(blob)
        raise FormatError("index-inside", path=blob.name)
    if kind == "numpy-file":
        return _refuse_numpy(blob)
    if kind not in READABLE:
        if kind == "few-bytes-file":
            raise FormatError("few-bytes-file", path=blob.name, nbytes=blob.nbytes)
        raise FormatError(kind, path=blob.name)
    if kind == "zip":
        from ckpt_studio.formats.zip_kinds import read_zip

        return read_zip(blob, depth)
    if kind == "torch-legacy":
        from ckpt_studio.formats.torch_legacy import read_torch_legacy

        reading = read_torch_legacy(blob, depth)
        reading.format = "torch-legacy"
        return reading
    if kind == "torch-tar":
        from ckpt_studio.formats.torch_tar import read_torch_tar

        return read_torch_tar(blob, depth)
    if kind == "safetensors":
        from ckpt_studio.formats.safetensors_reader import read_safetensors

        return read_safetensors(blob)
    from ckpt_studio.formats.plain_pickle import read_plain_pickle

    return read_plain_pickle(blob, depth)


def _refuse_numpy(blob: Blob) -> Reading:
    """The error for a .npy file; one with a dangerous pickle inside (arrays of objects) is given back to say so."""
    from ckpt_studio.formats.reading import scan_pickle

    reading = Reading(record="array", format="npy")
    if b"O" in blob.read(0, 256) and blob.nbytes <= _MAX_NUMPY_SCAN:
        scan_pickle(reading, blob.read(0, blob.nbytes), "array")
    if not any(finding.severity == "danger" for finding in reading.findings):
        raise FormatError("numpy-file", path=blob.name)
    return reading


def _checkpoint(path: str, files: tuple[SourceFile, ...], reading: Reading) -> Checkpoint:
    state_dicts = find_state_dicts(reading.root, reading.script_members)
    nbytes = sum(file.nbytes for file in files)
    source = Source(path, reading.format, nbytes, files, MappingProxyType(reading.details))
    return Checkpoint(
        source,
        reading.root,
        state_dicts,
        likeliest(state_dicts),
        MappingProxyType(reading.metadata),
        tuple(reading.findings),
    )


# Edits that take tensors from another file open it with this.
opens_with(open_checkpoint)
