"""The sample of the welcome page is what the main job needs: every trouble once, small, and solvable."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

torch = pytest.importorskip("torch")

ROOT = Path(__file__).resolve().parents[2]
SAMPLE = ROOT / "resources" / "sample.pth"


@pytest.fixture
def make_sample(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    monkeypatch.syspath_prepend(ROOT / "packaging")
    import make_sample

    yield make_sample
    del sys.modules["make_sample"]


@pytest.fixture(scope="module")
def saved() -> dict[str, Any]:
    checkpoint: dict[str, Any] = torch.load(SAMPLE, weights_only=False)
    return checkpoint


def test_is_small_and_in_the_old_container() -> None:
    assert SAMPLE.stat().st_size < 1_500_000
    assert SAMPLE.read_bytes()[:2] == b"\x80\x02"


def test_is_wrapped_with_epoch_and_optimizer(saved: dict[str, Any]) -> None:
    assert saved["epoch"] == 90
    assert saved["optimizer"]["state"][0]["momentum_buffer"].shape == (16, 3, 3, 3)
    assert all(name.startswith("module.") for name in saved["state_dict"])
    assert saved["state_dict"]["module.fc.weight"].shape[0] == 100


def test_the_main_job_makes_it_load(saved: dict[str, Any], make_sample: Any) -> None:
    model = make_sample.model_class()()
    with pytest.raises(RuntimeError, match="Missing key"):
        model.load_state_dict(saved["state_dict"])
    repaired = {
        re.sub(r"\bdownsample\b", "shortcut", name.removeprefix("module.")): tensor
        for name, tensor in saved["state_dict"].items()
        if ".fc." not in name
    }
    answer = model.load_state_dict(repaired, strict=False)
    assert answer.unexpected_keys == []
    assert {name.split(".")[0] for name in answer.missing_keys} == {"attention", "fc"}


@pytest.mark.slow
def test_the_script_makes_the_same_values_again(saved: dict[str, Any], make_sample: Any) -> None:
    again = make_sample.checkpoint()
    assert list(again["state_dict"]) == list(saved["state_dict"])
    for name, tensor in again["state_dict"].items():
        # Other processors sum in another order, and forty steps of training amplify it.
        assert tensor.shape == saved["state_dict"][name].shape
        assert torch.allclose(tensor.float(), saved["state_dict"][name].float(), rtol=0.05, atol=0.05), name
