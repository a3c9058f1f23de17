"""`ckpt-studio export`: the edits applied in the order given, the result written and verified."""

from __future__ import annotations

import os
import tempfile
from argparse import Namespace
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from ckpt_studio.cli.loading import opened, resolved_model
from ckpt_studio.cli.main import DONE
from ckpt_studio.cli.output import Outcome, counted_tensors, printable
from ckpt_studio.cli.remarks import remarks as after_edit
from ckpt_studio.core import edits
from ckpt_studio.core.checkpoint import Checkpoint
from ckpt_studio.core.discovery import likeliest
from ckpt_studio.core.edits import Edit, Recipe
from ckpt_studio.core.edits.overflow import cast_overflow
from ckpt_studio.core.history import History
from ckpt_studio.core.jobs import Progress
from ckpt_studio.errors import ExportError, Message, StudioError, UsageError, message
from ckpt_studio.formats import atomic
from ckpt_studio.formats.export import ExportOptions, SaveOutcome, export, plan_export
from ckpt_studio.wording.sizes import size

if TYPE_CHECKING:
    from ckpt_studio.models.resolve import ResolvedModel
    from ckpt_studio.models.trust import CodeRequest


def run(options: Namespace, progress: Progress) -> Outcome:
    """Exports FILE to OUT.

    Raises:
        StudioError: bad input, an edit that does not fit, or a target that cannot be written.
    """
    checkpoint = opened(options, progress)
    remarks: list[Message] = []
    with ExitStack() as stack:
        repairs = _Repairs(options, progress, stack)
        history = History(checkpoint)
        for word, value in options.edits:
            for edit in _edits(word, value, history, repairs):
                if isinstance(edit, edits.Cast) and not options.quiet:
                    remarks += [item.message for item in cast_overflow(history.current, edit, progress)]
                before = history.current.active_state_dict
                remarks += edit.remarks(history.current)
                history.apply(edit)
                remarks += after_edit(edit, before, history.current.active_state_dict)
        plan = plan_export(
            history.current,
            options.output,
            ExportOptions(
                format=options.format,
                whole=options.whole,
                metadata=dict(options.metadata) or None,
                overwrite=options.force,
                max_shard_size=options.max_shard_size,
            ),
        )
        if options.metadata and plan.format != "safetensors":
            raise UsageError("metadata-needs-safetensors")
        if options.save_recipe is not None:
            # Before OUT is touched: a place that cannot be written is found out now.
            stack.enter_context(_saved_recipe(options.save_recipe, history))
        outcome = export(plan, progress)
    body = {
        "output": outcome.path,
        "tensors": outcome.tensors,
        "bytes": outcome.nbytes,
        "edits": history.index,
        "verified": outcome.verified,
        "seconds": round(outcome.seconds, 3),
    }
    return Outcome(
        DONE, body, () if options.quiet else _lines(outcome, history, [*remarks, *repairs.remarks, *outcome.notices])
    )


class _Repairs:
    """The edits that need a model; it is resolved when the first of them comes.

    Fresh values lie in a temporary folder until the export is done; a saved recipe makes them again.
    """

    def __init__(self, options: Namespace, progress: Progress, stack: ExitStack) -> None:
        self._options = options
        self._progress = progress
        self._stack = stack
        self._model: ResolvedModel | None = None
        self.remarks: list[Message] = []

    def edits(self, word: str, checkpoint: Checkpoint) -> list[Edit]:
        """What `--drop-unexpected` and the like come to for a checkpoint; [] when there is nothing to do."""
        if self._options.model is None:
            raise UsageError("needs-model", option=f"--{word}")
        if self._model is None:
            self._model = self._stack.enter_context(resolved_model(self._options, self._progress))
        if word == "align":
            from ckpt_studio.compare.align import align, alignment_edit
            from ckpt_studio.compare.leftovers import leftovers

            found = align(checkpoint.active_state_dict, self._model.skeleton, self._progress)
            if found.unsure:
                self.remarks.append(message("align-unsure", count=len(found.unsure), total=len(found.pairs)))
            shapes = {name: tensor.shape for name, tensor in checkpoint.active_state_dict.tensors.items()}
            wanted = {entry.name: entry.shape for entry in self._model.skeleton.entries}
            mapping = alignment_edit(found, shapes, leftovers(found, shapes, wanted))
            return [mapping] if mapping is not None else []
        from ckpt_studio.compare.verdict import compare

        report = compare(checkpoint.active_state_dict, self._model, self._progress)
        if word == "fill-missing":
            from ckpt_studio.compare.filling import fill_missing

            return fill_missing(
                report, self._model, self._new_file(),
                seed=self._options.seed, interpreter=self._options.python, progress=self._progress,
            )  # fmt: skip
        if word == "resize-mismatched":
            from ckpt_studio.compare.resizing import resize_mismatched

            resized, left = resize_mismatched(report)
            self.remarks += [message("resize-left", name=name) for name in left]
            return resized
        status = "unexpected" if word == "drop-unexpected" else "mismatched"
        names = tuple(row.checkpoint_name for row in report.rows if row.status == status and row.checkpoint_name)
        return [edits.Pop(names)] if names else []

    def from_recipe(self, edit: Edit) -> Edit:
        """A recipe's edit, with fresh values made again where their file is gone."""
        if not isinstance(edit, edits.FillMissing | edits.UpdateFrom):
            return edit
        from ckpt_studio.compare.filling import FreshValues

        fresh = FreshValues(
            lambda _: self._new_file(), interpreter=self._options.python, allow_code=self._is_named
        )  # fmt: skip
        return fresh.present(edit, self._progress)

    def _is_named(self, request: CodeRequest) -> bool:
        """Code that only a recipe names is not run: whoever wants it names it as well.

        Raises:
            UsageError: it is not.
        """
        from ckpt_studio.models.reference import parse_reference

        named = self._options.model and str(parse_reference(self._options.model, os.getcwd()))
        if named != request.reference:
            raise UsageError("recipe-needs-code", reference=request.reference)
        return True

    def _new_file(self) -> str:
        folder = self._stack.enter_context(tempfile.TemporaryDirectory(prefix="ckpt-studio-"))
        return os.path.join(folder, "fresh.safetensors")


def _edits(word: str, value: str | None, history: History, repairs: _Repairs) -> list[Edit]:
    checkpoint = history.current
    if value is None:
        return repairs.edits(word, checkpoint)
    if word == "recipe":
        return [repairs.from_recipe(edit) for edit in _recipe(value).edits]
    if word == "rename":
        return [_rename(value, checkpoint)]
    if word == "regex":
        pattern, separator, replacement = value.rpartition("=>")
        if not separator:
            raise UsageError("bad-regex-option", value=value)
        return [edits.RegexRename(pattern, replacement)]
    if word == "cast":
        dtype, _, glob = value.partition(":")
        return [edits.Cast(dtype, glob or None)]
    return [_SIMPLE[word](value)]


_SIMPLE: dict[str, Callable[[str], Edit]] = {
    "strip-prefix": edits.StripPrefix,
    "add-prefix": edits.AddPrefix,
    "pop": edits.PopMatching,
    "keep": edits.Keep,
    "device": edits.SetDevice,
}


def _rename(value: str, checkpoint: Checkpoint) -> Edit:
    """`OLD=NEW`: a tensor where OLD names one, a group otherwise. Names may hold "=": the first fitting one splits."""
    names = checkpoint.active_state_dict.entries
    if "=" not in value:
        raise UsageError("bad-rename-option", value=value)
    places = [k for k, char in enumerate(value) if char == "="]
    for place in places:
        old, new = value[:place], value[place + 1 :]
        if old in names:
            return edits.RenameTensor(old, new)
        group = old.rstrip(".") + "."
        if any(name.startswith(group) for name in names):
            return edits.RenameGroup(old, new)
    old, _, new = value.partition("=")
    return edits.RenameTensor(old, new)


def _recipe(path: str) -> Recipe:
    try:
        text = Path(path).read_text(encoding="utf-8")
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise StudioError("recipe-unreadable", path=path, reason=reason) from None
    return Recipe.from_json(text)


@contextmanager
def _saved_recipe(path: str, history: History) -> Iterator[None]:
    """Writes the edits beside `path`, and puts them in its place when the body is done.

    Raises:
        StudioError: "recipe-unwritable", before the body runs.
    """
    text = history.recipe(likeliest(history.opened.state_dicts)).to_json()
    with ExitStack() as stack:
        try:
            draft = stack.enter_context(atomic.replacing(path))
            Path(draft.path).write_text(text, encoding="utf-8", errors="backslashreplace")
        except (ExportError, OSError) as error:
            reason = str(error) if isinstance(error, ExportError) else error.strerror or str(error)
            raise StudioError("recipe-unwritable", path=path, reason=reason.rstrip(".")) from None
        yield


def _lines(outcome: SaveOutcome, history: History, remarks: list[Message]) -> Iterator[str]:
    for edit in history.applied:
        yield printable(f"  {edit.describe()}")
    yield from (printable(f"note: {remark}") for remark in remarks)
    verified = ", read back and verified" if outcome.verified else ""
    yield printable(
        f"wrote {outcome.path}: {counted_tensors(outcome.tensors)}, {size(outcome.nbytes)} "
        f"in {outcome.seconds:.1f} s{verified}"
    )
