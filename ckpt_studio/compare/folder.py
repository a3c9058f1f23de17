"""What the checkpoints of a folder are, one line each: for tables and batches."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from ckpt_studio.compare.identify import identify
from ckpt_studio.core.checkpoint import Checkpoint
from ckpt_studio.core.discovery import ARCHITECTURE_KEYS, attributes, scalar_of
from ckpt_studio.core.jobs import SILENT, Progress
from ckpt_studio.core.tree import Dict, Object
from ckpt_studio.errors import StudioError
from ckpt_studio.formats.opening import open_checkpoint

SUFFIXES = (
    ".pth", ".pt", ".ckpt", ".bin", ".safetensors", ".pth.tar", ".tar", ".th", ".pkl", ".pickle", ".pt2", ".model",
    ".jit", ".ptl",
    ".safetensors.index.json", ".bin.index.json",
)  # fmt: skip
"""How the names of checkpoints end."""

_EPOCHS = ("epoch", "epochs", "current_epoch", "last_epoch", "global_step", "step", "iteration", "iter")
# As the window's header judges: below, the architecture is a guess.
_LIKELY = 0.75
_MOST_IDENTIFIED = 20_000


@dataclass(frozen=True)
class FileFacts:
    """One file of a folder.

    Attributes:
        path: of the file.
        nbytes: its size, all shards together.
        modified: seconds since 1970.
        format: CLI's word, "" when it could not be read.
        architecture: the model it fits, as the command line writes it without "torchvision:", or else what the file
            itself calls its model; "" when unknown.
        tensors, parameters: of the likeliest state dict.
        dtype: the commonest number type; "" without tensors.
        epoch: where training was ("90", or "step 12000"), "" when the file does not say.
        error: why it could not be read.
    """

    path: str
    nbytes: int
    modified: float
    format: str = ""
    architecture: str = ""
    tensors: int = 0
    parameters: int = 0
    dtype: str = ""
    epoch: str = ""
    error: StudioError | None = None


def checkpoint_files(folder: str, *, below: bool = False, progress: Progress = SILENT) -> Iterator[str]:
    """The files of a folder whose names end as checkpoints' do, folder by folder, sorted by name.

    Parts of a sharded set are left out where its index is there.

    Args:
        folder: where to look.
        below: also in the folders inside it (links to folders are not followed).
        progress: polled once a folder.

    Raises:
        StudioError: "unreadable": the folder itself cannot be listed.
    """

    def refused(error: OSError) -> None:
        if error.filename == folder:
            raise StudioError("unreadable", path=folder, reason=error.strerror or str(error)) from None

    for where, folders, files in os.walk(folder, onerror=refused):
        progress.check()
        folders[:] = sorted(folders, key=str.lower) if below else []
        bases = {name[: -len(".index.json")].rpartition(".")[0] for name in files if name.endswith(".index.json")}
        for name in sorted(files, key=str.lower):
            is_part = "-of-" in name and name.rpartition("-of-")[0].rpartition("-")[0] in bases
            if name.lower().endswith(SUFFIXES) and not name.startswith(".") and not is_part:
                yield os.path.join(where, name)


def facts_of(path: str, progress: Progress = SILENT) -> FileFacts:
    """What a file is; one that cannot be read tells why. Reads no tensor; leaves no file open.

    Raises:
        Cancelled: through `progress`.
    """
    try:
        about = os.stat(path)
        nbytes, modified = about.st_size, about.st_mtime
    except OSError as error:
        reason = error.strerror or str(error)
        return FileFacts(path, 0, 0.0, error=StudioError("unreadable", path=path, reason=reason))
    try:
        checkpoint = open_checkpoint(path, progress)
    except StudioError as error:
        return FileFacts(path, nbytes, modified, error=error)
    try:
        return _facts(checkpoint, path, modified, progress)
    finally:
        for source in checkpoint.source.files:
            source.close()


def _facts(checkpoint: Checkpoint, path: str, modified: float, progress: Progress) -> FileFacts:
    state_dict = next((sd for sd in checkpoint.state_dicts if sd.path == checkpoint.active), None)
    source = checkpoint.source
    epoch = _epoch(checkpoint)
    if state_dict is None:
        return FileFacts(path, source.nbytes, modified, source.format, epoch=epoch)
    tensors = state_dict.tensors
    dtypes = Counter(tensor.dtype.name for tensor in tensors.values())
    architecture = ""
    if 0 < len(tensors) <= _MOST_IDENTIFIED:
        progress.check()
        candidates = identify(state_dict, top=1)
        if candidates and candidates[0].score >= _LIKELY:
            architecture = candidates[0].reference.removeprefix("torchvision:")
    return FileFacts(
        path=path,
        nbytes=source.nbytes,
        modified=modified,
        format=source.format,
        architecture=architecture or _said_architecture(checkpoint),
        tensors=len(tensors),
        parameters=state_dict.parameters,
        dtype=dtypes.most_common(1)[0][0] if dtypes else "",
        epoch=epoch,
    )


def _said_architecture(checkpoint: Checkpoint) -> str:
    root = checkpoint.root if type(checkpoint.root) is Dict else attributes(checkpoint.root)
    found = (root.get(key) if root is not None else None for key in ARCHITECTURE_KEYS)
    return next((value for value in found if type(value) is str and value), "")


def _epoch(checkpoint: Checkpoint) -> str:
    root = checkpoint.root if type(checkpoint.root) is Dict else attributes(checkpoint.root)
    for key in _EPOCHS:
        value = root.get(key) if root is not None else None
        if type(value) is Object:
            value = scalar_of(value)
        if type(value) is int:
            return str(value) if "epoch" in key else f"{key} {value}"
        if key in checkpoint.metadata:
            return checkpoint.metadata[key]
    return ""
