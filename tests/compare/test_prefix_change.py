"""The prefix between two files is found whichever of them has it."""

from __future__ import annotations

import pytest

from ckpt_studio.compare.prefix_change import prefix_change
from ckpt_studio.core.edits import AddPrefix, StripPrefix

NAMES = dict.fromkeys(("conv1.weight", "layer1.0.conv1.weight", "layer1.0.bn1.bias", "fc.weight"), 0)


@pytest.mark.parametrize("prefix", ["module.", "net.backbone."])
def test_either_way(prefix: str) -> None:
    wrapped = {prefix + name: 0 for name in NAMES}
    assert prefix_change(wrapped, NAMES) == StripPrefix(prefix)
    assert prefix_change(NAMES, wrapped) == AddPrefix(prefix)


def test_most_names_decide() -> None:
    assert prefix_change({f"module.{name}": 0 for name in NAMES} | {"ema.w": 0}, NAMES) == StripPrefix("module.")
    assert prefix_change({f"{name}": 0 for name in NAMES} | {"module.fc.weight": 0}, NAMES) is None


def test_what_has_nothing_in_common_stays() -> None:
    assert prefix_change({"a.b": 0, "c.d": 0}, NAMES) is None
    assert prefix_change({}, NAMES) is None
    assert prefix_change(NAMES, {}) is None
