"""What every verb begins with: the file opened, the state dict chosen, the model resolved."""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from ckpt_studio.core.checkpoint import Checkpoint
from ckpt_studio.core.jobs import Progress

if TYPE_CHECKING:
    from ckpt_studio.models.resolve import ResolvedModel


def opened(options: Namespace, progress: Progress) -> Checkpoint:
    """The checkpoint FILE names, with the asked-for state dict active.

    Raises:
        StudioError: it cannot be opened, or has no such state dict.
    """
    from ckpt_studio.formats.opening import open_checkpoint

    checkpoint = open_checkpoint(options.file, progress)
    if options.state_dict is None:
        return checkpoint
    return checkpoint.activate(checkpoint.state_dict(options.state_dict).path)


@contextmanager
def resolved_model(options: Namespace, progress: Progress) -> Iterator[ResolvedModel]:
    """The model that `--with` names; its process, if it needed one, ends with the block.

    Whoever types a reference to code wants it run: nothing is asked.

    Raises:
        StudioError: it cannot be found, built or opened.
    """
    import os

    from ckpt_studio.models.reference import parse_reference
    from ckpt_studio.models.resolve import resolve

    model = resolve(parse_reference(options.model, os.getcwd()), interpreter=options.python, progress=progress)
    try:
        yield model
    finally:
        model.close()
