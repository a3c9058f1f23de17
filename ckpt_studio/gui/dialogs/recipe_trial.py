"""What each step of a recipe does to the open file: counts, names before and after, or why it does not fit."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass

from ckpt_studio.core.checkpoint import Checkpoint
from ckpt_studio.core.edits import ApplyMapping, FillMissing
from ckpt_studio.core.edits.draft import Step, edit_of, is_on
from ckpt_studio.core.jobs import Progress
from ckpt_studio.errors import Message, StudioError
from ckpt_studio.gui.dialogs.change_preview import Pair
from ckpt_studio.gui.document import ChangeSet, change_between


@dataclass(frozen=True)
class Tried:
    """One step, tried on what the steps before it gave.

    Attributes:
        change: what it does; None where it was not tried or does not fit.
        pairs: names before and after.
        error: why it does not fit.
        remarks: what of it finds nothing here.
        waits: how many tensors a model's code makes when the step is applied.
        is_off: it is switched off.
    """

    change: ChangeSet | None = None
    pairs: tuple[Pair, ...] = ()
    error: StudioError | None = None
    remarks: tuple[Message, ...] = ()
    waits: int = 0
    is_off: bool = False


def tried(steps: Sequence[Step], checkpoint: Checkpoint | None, progress: Progress) -> list[Tried]:
    """Each step tried in turn; one that does not fit is passed over by those after it. Runs no code of a model.

    Args:
        steps: of a recipe.
        checkpoint: the open file; None: steps are only read.
        progress: polled between steps.
    """
    result: list[Tried] = []
    for step in steps:
        progress.check()
        if not is_on(step):
            result.append(Tried(is_off=True))
            continue
        try:
            edit = edit_of(step)
            if checkpoint is None:
                result.append(Tried())
                continue
            if isinstance(edit, FillMissing) and not os.path.exists(edit.path):
                result.append(Tried(waits=len(edit.names)))
                continue
            remarks = edit.remarks(checkpoint)
            after = edit.apply(checkpoint)
        except StudioError as error:
            result.append(Tried(error=error))
            continue
        change = change_between(checkpoint, after, "edit")
        before = () if checkpoint.active is None else checkpoint.active_state_dict.entries
        gone: list[Pair] = [(name, None) for name in before if name in change.removed]
        pairs = _mapped(edit, checkpoint) if isinstance(edit, ApplyMapping) else (*gone, *change.renamed.items())
        result.append(Tried(change, pairs, remarks=remarks))
        checkpoint = after
    return result


def _mapped(edit: ApplyMapping, checkpoint: Checkpoint) -> tuple[Pair, ...]:
    """The names of a mapping before and after; several that are put together as one."""
    shapes = {name: tensor.shape for name, tensor in checkpoint.active_state_dict.tensors.items()}
    settled = edit.settled(shapes)
    dropped: list[Pair] = [(name, None) for name in settled.drop]
    made = [(" + ".join(piece.name for piece in pieces), new) for new, pieces, _ in settled.parts]
    return (*dropped, *settled.pairs, *made)
