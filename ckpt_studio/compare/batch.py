"""The same changes and the same conversion for many files, each told about; one that fails stops no other."""

from __future__ import annotations

import hashlib
import os
import tempfile
from collections.abc import Callable, Iterable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass

from ckpt_studio.compare.filling import FreshValues
from ckpt_studio.core.checkpoint import Checkpoint
from ckpt_studio.core.edits import Cast, Edit, FillMissing, Recipe
from ckpt_studio.core.edits.overflow import cast_overflow
from ckpt_studio.core.jobs import SILENT, Progress
from ckpt_studio.errors import EditError, ExportError, Message, StudioError, message
from ckpt_studio.formats.export import ExportOptions, Format, SaveOutcome, export, plan_export
from ckpt_studio.formats.opening import open_checkpoint
from ckpt_studio.models.resolve import AllowCode

_ENDINGS = (
    ".safetensors.index.json", ".bin.index.json", ".pth.tar", ".pt.tar", ".safetensors", ".pth", ".pt", ".ckpt",
    ".bin", ".tar", ".th", ".pkl", ".pickle", ".pt2", ".model",
)  # fmt: skip
# What `torch.load` does not read, or does not expect, under its ending.
_NOT_TORCH = ("", ".safetensors", ".safetensors.index.json", ".pt2")
_INDEX = ".index.json"


@dataclass(frozen=True)
class BatchOptions:
    """What to do with each file.

    Attributes:
        folder: where the results go; it is made when it is not there.
        recipe: edits, in order; None for none.
        format: of the results; None: safetensors stays safetensors, everything else is written as `torch.save` does,
            under the ending that the file has when it is one of PyTorch's.
        dtype: convert the weights to this number type after the recipe; "" leaves them.
        whole: the whole content instead of the weights alone (not for safetensors, which holds weights only).
        overwrite: files that are there already may be replaced.
        lenient: an edit that does not fit a file is left out, and told, instead of failing the file.
    """

    folder: str
    recipe: Recipe | None = None
    format: Format | None = None
    dtype: str = ""
    whole: bool = False
    overwrite: bool = False
    lenient: bool = False


@dataclass(frozen=True)
class BatchResult:
    """What became of one file.

    Attributes:
        path: of the file.
        target: what was, or would have been, written; "" when the file could not even be read.
        outcome: of the export; None when there was none.
        error: why not.
        notices: edits left out, values that overflow, what the export says.
    """

    path: str
    target: str
    outcome: SaveOutcome | None = None
    error: StudioError | None = None
    notices: tuple[Message, ...] = ()


class _Share(Progress):
    """One file's part of the whole: reports thousandths of it, and stops when the whole is stopped."""

    def __init__(self, whole: Progress, position: int, count: int, label: Message) -> None:
        super().__init__()
        self._whole = whole
        self._start = position * 1000
        self._all = count * 1000
        self._label = label

    def report(self, done: int, total: int, label: Message | None = None) -> None:
        share = 1000 * min(done, total) // total if total > 0 else 0
        self._whole.report(self._start + share, self._all, self._label)

    def check(self) -> None:
        self._whole.check()


def target_of(path: str, options: BatchOptions, format_read: str) -> str:
    """Where the result of a file goes: its name with the suffix of the format, or its own one, in the target folder."""
    name = os.path.basename(os.path.normpath(path))
    lowered = name.lower()
    ending = next((end for end in _ENDINGS if lowered.endswith(end) and len(name) > len(end)), "")
    stem = name[: len(name) - len(ending)]
    if options.format is None:
        is_safetensors = format_read == "safetensors" or lowered.endswith(".safetensors.index.json")
        is_torch = ending not in _NOT_TORCH
        suffix = ".safetensors" if is_safetensors else name[len(stem) :].partition(_INDEX)[0] if is_torch else ".pth"
    else:
        suffix = ".safetensors" if options.format == "safetensors" else ".pth"
    return os.path.join(options.folder, stem + suffix)


def run_batch(
    paths: Sequence[str],
    options: BatchOptions,
    progress: Progress = SILENT,
    on_result: Callable[[BatchResult], None] | None = None,
    allow_code: AllowCode | None = None,
) -> list[BatchResult]:
    """Opens, edits, converts and exports each file in turn.

    Args:
        paths: the files.
        options: what to do with them.
        progress: reports thousandths of files; cancelling ends the batch with the file that is being
            written undone and those before it done.
        on_result: called after each file, in this thread.
        allow_code: asked before the code of a model runs whose fresh values the recipe wants; None: nobody is asked.

    Returns:
        One result for each file, in order.

    Raises:
        StudioError: the target folder cannot be made.
        Cancelled: through `progress`.
    """
    try:
        os.makedirs(options.folder, exist_ok=True)
    except OSError as error:
        reason = error.strerror or str(error)
        raise StudioError("batch-folder", path=options.folder, reason=reason) from None
    results: list[BatchResult] = []
    written: dict[str, str] = {}
    with tempfile.TemporaryDirectory(prefix="ckpt-studio-") as folder:
        fresh = FreshValues(lambda edit: _values_path(folder, edit), allow_code=allow_code)
        for position, path in enumerate(paths):
            label = message("batch-step", name=os.path.basename(path), number=position + 1, count=len(paths))
            progress.report(position * 1000, len(paths) * 1000, label)
            result = _converted(path, options, written, fresh, _Share(progress, position, len(paths), label))
            results.append(result)
            if on_result is not None:
                on_result(result)
    progress.report(len(paths) * 1000, len(paths) * 1000)
    return results


def _converted(
    path: str, options: BatchOptions, written: dict[str, str], fresh: FreshValues, progress: Progress
) -> BatchResult:
    notices: list[Message] = []
    target = ""
    with ExitStack() as stack:
        try:
            checkpoint = open_checkpoint(path, progress)
            stack.callback(_close, checkpoint)
            target = target_of(path, options, checkpoint.source.format)
            other = written.get(os.path.normcase(target))
            if other is not None:
                raise ExportError("batch-same-target", first=os.path.basename(other), target=os.path.basename(target))
            edits = options.recipe.edits if options.recipe is not None else ()
            checkpoint = _edited(checkpoint, edits, options.lenient, notices, fresh, progress)
            if options.dtype:
                checkpoint = _cast(checkpoint, options.dtype, notices, progress)
            is_safetensors = target.endswith(".safetensors")
            plan = plan_export(
                checkpoint,
                target,
                ExportOptions(
                    format="safetensors" if is_safetensors else options.format or "pth",
                    whole=options.whole and not is_safetensors,
                    overwrite=options.overwrite,
                ),
            )
            outcome = export(plan, progress)
            written[os.path.normcase(target)] = path
        except StudioError as error:
            return BatchResult(path, target, None, error, tuple(notices))
    return BatchResult(path, target, outcome, None, (*notices, *outcome.notices))


def _edited(
    checkpoint: Checkpoint,
    edits: Iterable[Edit],
    lenient: bool,
    notices: list[Message],
    fresh: FreshValues,
    progress: Progress,
) -> Checkpoint:
    for edit in edits:
        try:
            fitting = fresh.present(edit, progress)
            if isinstance(fitting, Cast):
                notices += [item.message for item in cast_overflow(checkpoint, fitting, progress)]
            idle = fitting.remarks(checkpoint)
            checkpoint = fitting.apply(checkpoint)
            notices += idle
        except EditError as error:
            if not lenient:
                raise EditError("batch-edit-fails", edit=edit.describe(), reason=error.message) from error
            notices.append(message("batch-edit-left-out", edit=edit.describe(), reason=error.message))
    return checkpoint


def _cast(checkpoint: Checkpoint, dtype: str, notices: list[Message], progress: Progress) -> Checkpoint:
    edit = Cast(dtype)
    try:
        notices += [item.message for item in cast_overflow(checkpoint, edit, progress)]
        return edit.apply(checkpoint)
    except EditError as error:
        if error.code != "cast-changes-nothing":
            raise
        return checkpoint


def _values_path(folder: str, edit: FillMissing) -> str:
    key = hashlib.sha256("\n".join((edit.reference, str(edit.seed), *edit.names)).encode()).hexdigest()
    return os.path.join(folder, f"{key}.safetensors")


def _close(checkpoint: Checkpoint) -> None:
    for source in checkpoint.source.files:
        source.close()
