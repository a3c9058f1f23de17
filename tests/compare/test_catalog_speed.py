"""Comparing with any torchvision model answers at once, from the reference's text to the report."""

from __future__ import annotations

import pytest

from ckpt_studio.compare.report import LoadReport
from ckpt_studio.compare.verdict import compare
from ckpt_studio.core.checkpoint import StateDict
from ckpt_studio.models.catalog import Catalog
from ckpt_studio.models.reference import parse_reference
from ckpt_studio.models.resolve import resolve
from tests.clock import quick
from tests.compare.making import state_dict_of

SECONDS = 0.1


@pytest.mark.parametrize("cold", [True, False], ids=["cold", "warm"])
def test_every_model_is_compared_at_once(cold: bool) -> None:
    for name in Catalog.load().names():
        skeleton = Catalog.load().skeleton(name)
        assert skeleton is not None
        # Every second name is another one, so that the report has rows of every kind.
        shapes = {
            f"old.{entry.name}" if place % 2 else entry.name: entry.shape
            for place, entry in enumerate(skeleton.entries)
        }
        state_dict = state_dict_of(shapes)

        def compared(name: str = name, state_dict: StateDict = state_dict) -> LoadReport:
            if cold:
                Catalog.load.cache_clear()
            return compare(state_dict, resolve(parse_reference(f"torchvision:{name}")))

        assert not quick(SECONDS, compared, name).loads_strict
