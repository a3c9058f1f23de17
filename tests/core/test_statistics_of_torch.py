"""Statistics against torch itself: every dtype, any values, NaN and infinities left out as documented."""

from __future__ import annotations

import math
from typing import Any

import pytest

np = pytest.importorskip("numpy")
torch = pytest.importorskip("torch")
pytest.importorskip("ml_dtypes")

from hypothesis import given, settings  # noqa: E402
from hypothesis import strategies as st  # noqa: E402

from ckpt_studio.core.dtypes import BY_NAME  # noqa: E402
from ckpt_studio.core.statistics import Statistics, statistics  # noqa: E402
from ckpt_studio.core.storage import MemoryBytes, Storage  # noqa: E402
from ckpt_studio.core.tensor import contiguous  # noqa: E402

FLOATS = ("float64", "float32", "float16", "bfloat16", "float8_e4m3fn", "float8_e5m2", "float8_e4m3fnuz")
INTEGERS = ("int64", "int32", "int16", "int8", "uint8", "bool")


def measured(tensor: Any, bins: int = 0) -> Statistics:
    """Our statistics of a torch tensor's bytes."""
    kind = str(tensor.dtype).removeprefix("torch.")
    data = tensor.contiguous().view(torch.uint8).numpy().tobytes() if tensor.numel() else b""
    return statistics(contiguous(BY_NAME[kind], tuple(tensor.shape), Storage(MemoryBytes(data))), bins=bins)


def judged(found: Statistics, tensor: Any) -> None:
    """Compares with what torch computes in float64 of the finite values."""
    wide = tensor.to(torch.float64).reshape(-1)
    finite = wide[torch.isfinite(wide)]
    assert found.count == wide.numel()
    assert found.nan == int(torch.isnan(wide).sum())
    assert found.positive_inf == int(torch.isposinf(wide).sum())
    assert found.negative_inf == int(torch.isneginf(wide).sum())
    assert found.zeros == int((wide == 0).sum())
    if not finite.numel():
        assert (found.minimum, found.maximum, found.mean) == (None, None, None)
        return
    assert (found.minimum, found.maximum) == (float(finite.min()), float(finite.max()))
    scale = float(finite.abs().max()) or 1.0
    assert found.mean == pytest.approx(float(finite.mean()), rel=1e-12, abs=1e-12 * scale)
    if finite.numel() > 1 and math.isfinite(found.std or 0.0):
        assert found.std == pytest.approx(float(finite.std()), rel=1e-9, abs=1e-12 * scale)
    if math.isfinite(found.norm):
        assert found.norm == pytest.approx(float(torch.linalg.vector_norm(finite)), rel=1e-12)


@pytest.mark.parametrize("kind", FLOATS)
@given(values=st.lists(st.floats(width=32) | st.sampled_from([0.0, -0.0, math.nan, math.inf, -math.inf]), max_size=200))
@settings(deadline=None, max_examples=40)
def test_floats_as_torch_has_them(kind: str, values: list[float]) -> None:
    tensor = torch.tensor(values, dtype=torch.float32).to(getattr(torch, kind))
    judged(measured(tensor), tensor)


@pytest.mark.parametrize("kind", INTEGERS)
@given(values=st.lists(st.integers(-(2**52), 2**52), min_size=1, max_size=200))
@settings(deadline=None, max_examples=25)
def test_integers_as_torch_has_them(kind: str, values: list[int]) -> None:
    tensor = torch.tensor(values, dtype=torch.int64).to(getattr(torch, kind))
    judged(measured(tensor), tensor)


@given(values=st.lists(st.floats(allow_nan=False, allow_infinity=False), min_size=1, max_size=100))
@settings(deadline=None, max_examples=150)
def test_every_finite_value_is_in_a_bin(values: list[float]) -> None:
    found = measured(torch.tensor(values, dtype=torch.float64), bins=16)
    assert sum(found.histogram) == len(values)
    if found.minimum != found.maximum:
        span = found.maximum / 2 - found.minimum / 2
        assert span == 0 or found.histogram[0] > 0
        assert span == 0 or found.histogram[-1] > 0


def test_neighbours_among_large_integers_have_a_histogram() -> None:
    found = measured(torch.tensor([2**62, 2**62 + 1], dtype=torch.int64), bins=8)
    assert sum(found.histogram) == 2
    assert (found.minimum, found.maximum) == (2**62, 2**62 + 1)


def test_many_blocks_are_one_tensor() -> None:
    generator = torch.Generator().manual_seed(4)
    tensor = torch.randn(700_001, generator=generator) * 3 + 1000
    judged(measured(tensor), tensor)
