"""What a stock `torch.load` would have executed, from the globals a pickle names; in words, by severity."""

from __future__ import annotations

from ckpt_studio.core.checkpoint import Finding
from ckpt_studio.formats.pickle_machine import Trace


def inspect_trace(trace: Trace, record: str) -> list[Finding]:
    """The findings of one pickle."""
    return []
