"""The facts above the tree, as numbers."""

from __future__ import annotations

from ckpt_studio.core.edits import Pop, PopEntry, StripPrefix
from ckpt_studio.core.jobs import SILENT
from ckpt_studio.formats.opening import open_checkpoint
from ckpt_studio.gui.file_summary import summarize
from ckpt_studio.resources import resource_path


def test_what_is_not_weights_stays_the_same_whatever_becomes_of_the_weights() -> None:
    checkpoint = open_checkpoint(resource_path("sample.pth"))

    def others() -> int:
        return summarize(checkpoint, checkpoint.active_state_dict, SILENT).other_nbytes

    optimizer = others()
    assert 300_000 < optimizer < checkpoint.source.nbytes
    for edit in (StripPrefix("module."), Pop(("fc.weight", "fc.bias"))):
        checkpoint = edit.apply(checkpoint)
        assert others() == optimizer
    checkpoint = PopEntry(("optimizer",)).apply(checkpoint)
    assert others() == 0
