"""How edits reach into other checkpoints, without core knowing the formats: the opener is given from above."""

from __future__ import annotations

from collections.abc import Callable

from ckpt_studio.core.checkpoint import Checkpoint
from ckpt_studio.core.jobs import Progress

_openers: list[Callable[[str, Progress], Checkpoint]] = []


def opens_with(opener: Callable[[str, Progress], Checkpoint]) -> None:
    """Says how a checkpoint is opened; `formats.opening` calls this when it is imported."""
    _openers[:] = [opener]


def open_other(path: str) -> Checkpoint:
    """The checkpoint at a path, opened as any other (headers only).

    Raises:
        StudioError: it cannot be opened.
    """
    return _openers[0](path, Progress())
