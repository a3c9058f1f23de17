"""Statistics equal numpy's in float64, whatever the dtype and however large the numbers."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ckpt_studio.core.derived import ConstantBytes
from ckpt_studio.core.dtypes import dtype
from ckpt_studio.core.jobs import Progress
from ckpt_studio.core.statistics import Statistics, statistics
from ckpt_studio.core.storage import MemoryBytes, Storage
from ckpt_studio.core.tensor import Form, Tensor, contiguous
from ckpt_studio.core.tree import Global
from ckpt_studio.errors import Cancelled, StudioError


def tensor_of(values: np.ndarray, kind: str) -> Tensor:
    stored = np.ascontiguousarray(values.astype(dtype(kind).numpy))
    return contiguous(dtype(kind), stored.shape, Storage(MemoryBytes(stored.tobytes())))


@pytest.mark.parametrize(
    "kind",
    ["float32", "float16", "bfloat16", "float64", "float8_e4m3fn", "float8_e5m2", "int64", "int8", "uint16", "bool"],
)
def test_every_real_dtype(kind: str) -> None:
    values = np.abs(np.random.default_rng(1).standard_normal((300, 700)) * 3)
    tensor = tensor_of(values, kind)
    stored = values.astype(dtype(kind).numpy).astype(np.float64)
    found = statistics(tensor, bins=10)
    assert (found.count, found.minimum, found.maximum) == (stored.size, stored.min(), stored.max())
    assert found.mean == pytest.approx(stored.mean(), rel=1e-12)
    assert found.std == pytest.approx(stored.std(ddof=1), rel=1e-12)
    assert found.norm == pytest.approx(math.sqrt((stored**2).sum()), rel=1e-12)
    assert found.zeros == np.count_nonzero(stored == 0)
    assert sum(found.histogram) == found.finite == stored.size
    assert list(found.histogram) == list(np.histogram(stored, 10)[0])


@given(st.lists(st.floats(width=32), max_size=40))
@settings(max_examples=200, deadline=None)
def test_what_is_not_finite_is_counted_and_left_out(numbers: list[float]) -> None:
    values = np.array(numbers, np.float32)
    found = statistics(tensor_of(values, "float32"))
    finite = values[np.isfinite(values)].astype(np.float64)
    assert (found.nan, found.positive_inf, found.negative_inf) == (
        int(np.isnan(values).sum()),
        int((values == np.inf).sum()),
        int((values == -np.inf).sum()),
    )
    if finite.size:
        assert (found.minimum, found.maximum) == (finite.min(), finite.max())
        assert found.mean == pytest.approx(finite.mean(), rel=1e-9, abs=1e-30)
    else:
        assert found.minimum is found.maximum is found.mean is None
    assert (found.std is None) == (finite.size < 2)
    assert all(value is None or math.isfinite(value) for value in found.to_json().values())
    assert len(found.cells()) == 5


def test_a_large_mean_costs_no_digits() -> None:
    values = 1e8 + np.random.default_rng(0).standard_normal(500_000)
    found = statistics(tensor_of(values, "float64"))
    assert found.std == pytest.approx(values.std(ddof=1), rel=1e-7)


def test_big_integers_stay_exact() -> None:
    values = np.array([2**62 + 1, -(2**62) - 3], np.int64)
    found = statistics(tensor_of(values, "int64"))
    assert (found.minimum, found.maximum) == (-(2**62) - 3, 2**62 + 1)


def test_complex_magnitudes_and_dequantised_values() -> None:
    found = statistics(tensor_of(np.array([3 + 4j, 0]), "complex64"))
    assert (found.maximum, found.zeros) == (5, 1)
    raw = tensor_of(np.array([[10, 20], [30, 40]]), "uint8").with_changes(dtype=dtype("quint8"))
    scheme = Global("torch", "per_tensor_affine")
    found = statistics(raw.with_changes(form=Form(quantizer=(scheme, 0.5, 10))))
    assert (found.minimum, found.maximum) == (0, 15)
    scales, zeros = tensor_of(np.array([1.0, 0.1]), "float64"), tensor_of(np.array([0, 30]), "int64")
    channels = Form(quantizer=(Global("torch", "per_channel_affine"), scales, zeros, 0))
    found = statistics(raw.with_changes(form=channels))
    assert (found.minimum, found.maximum) == (0, 20)


@pytest.mark.parametrize("quantizer", [(), (1,), (1, "x", 0), (1, 2.0, None), (1, None, None, "axis")])
def test_a_nonsensical_quantizer_is_an_error_of_ours(quantizer: tuple[object, ...]) -> None:
    raw = tensor_of(np.zeros(3), "uint8").with_changes(dtype=dtype("quint8"), form=Form(quantizer=quantizer))
    with pytest.raises(StudioError):
        statistics(raw)


def test_sparse_values_count() -> None:
    values = tensor_of(np.array([1.0, -2.0]), "float32")
    form = Form("sparse_coo", (("indices", tensor_of(np.zeros((1, 2)), "int64")), ("values", values)))
    sparse = contiguous(dtype("float32"), (9,), Storage(MemoryBytes(b""))).with_changes(form=form)
    assert statistics(sparse).minimum == -2


def test_empty_and_cancelled() -> None:
    assert statistics(tensor_of(np.zeros((0, 3)), "float32"), bins=4) == Statistics(
        0, None, None, None, None, 0.0, 0, 0, 0, 0
    )
    progress = Progress()
    progress.cancel()
    with pytest.raises(Cancelled):
        statistics(contiguous(dtype("float32"), (8,), Storage(ConstantBytes(bytes(4), 8))), progress)


@pytest.mark.parametrize("kind", ["float16", "bfloat16", "float32", "float64", "complex32", "complex64", "complex128"])
def test_every_bit_pattern_is_a_value(kind: str) -> None:
    # Signalling NaNs among them, about which numpy warns (and warnings are errors here).
    raw = np.arange(1 << 16, dtype="<u2").view(np.uint8).tobytes()
    raw += np.array([0x7F800001, 0xFF800001], "<u4").tobytes() + np.array([0x7FF0000000000001], "<u8").tobytes()
    count = len(raw) // dtype(kind).itemsize
    found = statistics(contiguous(dtype(kind), (count,), Storage(MemoryBytes(raw))))
    assert found.finite < found.count == count
    assert found.nan > 0


def test_the_first_nan_and_infinity_are_found_across_pieces() -> None:
    values = np.ones(200_000, np.float32)
    values[[150_001, 199_999]] = np.nan
    values[[170_000, 3_000]] = [np.inf, -np.inf]
    found = statistics(tensor_of(values, "float32"))
    assert (found.first_nan, found.first_inf) == (150_001, 3_000)
    assert statistics(tensor_of(np.ones(4), "float32")).first_nan is None
