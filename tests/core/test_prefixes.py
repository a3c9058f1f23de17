"""The prefixes offered for stripping."""

from __future__ import annotations

import pytest

from ckpt_studio.core.edits import StripPrefix
from ckpt_studio.core.prefixes import PrefixCount, detected_prefixes
from tests.core.conftest import checkpoint_of


def found(*names: str) -> list[PrefixCount]:
    return detected_prefixes(checkpoint_of(names).active_state_dict)


def test_data_parallel() -> None:
    assert found("module.a.w", "module.b") == [PrefixCount("module.", 2, 2)]


def test_stacked_wrappers_are_offered_whole_first() -> None:
    offers = found("_orig_mod.module.a.w", "_orig_mod.module.b.w")
    assert [offer.prefix for offer in offers if not offer.anywhere] == ["_orig_mod.module.", "_orig_mod."]
    assert offers[0].matching == offers[0].total == 2


def test_some_names_only_and_what_collides() -> None:
    (offer,) = found("module.a", "a", "b")
    assert offer == PrefixCount("module.", 1, 3, ("a",))


def test_in_the_middle() -> None:
    (offer,) = found("features.module.0.weight", "classifier.weight")
    assert offer == PrefixCount("module.", 1, 2, (), anywhere=True)


def test_any_first_component_that_all_share() -> None:
    assert [offer.prefix for offer in found("bert.x.w", "bert.y.w")] == ["bert."]
    assert found("bert.x.w", "cls.y.w") == []
    assert found("weight", "bias") == []


def test_nothing_without_names() -> None:
    assert found() == []


@pytest.mark.parametrize(
    "names", [("module.a.b", "module.c"), ("model.net.w", "model.x"), ("a._orig_mod.w", "_orig_mod.b._orig_mod.c")]
)
def test_every_offer_without_collisions_applies(names: tuple[str, ...]) -> None:
    for offer in found(*names):
        after = StripPrefix(offer.prefix, offer.anywhere).apply(checkpoint_of(names)).active_state_dict
        changed = sum(1 for old, new in zip(names, after.entries, strict=True) if old != new)
        assert changed == offer.matching
