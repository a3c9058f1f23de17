"""Tensors with a model's start values are known as such, whatever is done to them afterwards."""

from __future__ import annotations

from pathlib import Path

import pytest

torch = pytest.importorskip("torch")

from ckpt_studio.core import edits  # noqa: E402
from ckpt_studio.core.edits import Edit  # noqa: E402
from ckpt_studio.core.edits.untrained import untrained_names  # noqa: E402
from ckpt_studio.formats.opening import open_checkpoint  # noqa: E402


def test_they_are_followed_through_later_edits(tmp_path: Path) -> None:
    opened, fresh, trained = (tmp_path / f"{name}.pth" for name in ("opened", "fresh", "trained"))
    torch.save({"a.weight": torch.ones(2)}, opened)
    torch.save({"b.weight": torch.zeros(2), "b.bias": torch.zeros(2)}, fresh)
    torch.save({"c.bias": torch.ones(2)}, trained)
    checkpoint = open_checkpoint(opened)
    steps = []

    def after(edit: Edit) -> frozenset[str]:
        nonlocal checkpoint
        checkpoint = edit.apply(checkpoint)
        steps.append((edit, checkpoint))
        return untrained_names(steps)

    assert after(edits.AddConstant(("a.num_batches_tracked",))) == frozenset()
    assert after(edits.FillMissing(str(fresh), ("b.weight", "b.bias"))) == {"b.weight", "b.bias"}
    assert after(edits.RenameGroup("b", "c")) == {"c.weight", "c.bias"}
    assert after(edits.Cast("float16")) == {"c.weight", "c.bias"}
    assert after(edits.UpdateFrom(str(trained))) == {"c.weight"}
    assert after(edits.Pop(("c.weight",))) == frozenset()
