"""The next value that is not finite, from anywhere and in both directions, against a plain search."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ckpt_studio.core import nonfinite
from ckpt_studio.core.jobs import Cancelled, Progress
from ckpt_studio.core.nonfinite import index_at, next_nonfinite, place_of
from tests.core.test_statistics import tensor_of

np = pytest.importorskip("numpy")


def plain_search(values: list[float], place: int, backwards: bool) -> int | None:
    """What is wanted, looked for one by one."""
    count = len(values)
    step = -1 if backwards else 1
    order = [(place + step * number) % count for number in range(1, count + 1)] if 0 <= place < count else []
    order = order or (list(range(count))[::step])
    return next((at for at in order if not np.isfinite(values[at])), None)


@given(
    st.lists(st.sampled_from([0.0, 1.0, float("nan"), float("inf"), float("-inf")]), min_size=12, max_size=12),
    st.integers(-1, 12),
    st.booleans(),
    st.sampled_from([(12,), (3, 4), (4, 3), (1, 12), (12, 1), (2, 3, 2)]),
    st.integers(1, 64),
)
def test_found_is_what_a_plain_search_finds(
    values: list[float], place: int, backwards: bool, shape: tuple[int, ...], piece: int
) -> None:
    before, nonfinite.READ_BYTES = nonfinite.READ_BYTES, piece
    try:
        found = next_nonfinite(tensor_of(np.array(values).reshape(shape), "float32"), place, backwards=backwards)
    finally:
        nonfinite.READ_BYTES = before
    assert found == plain_search(values, place, backwards)


def test_places_and_indices() -> None:
    assert index_at(23, (2, 3, 4)) == (1, 2, 3)
    assert place_of((1, 2, 3), (2, 3, 4)) == 23
    assert (index_at(0, ()), place_of((), ())) == ((), 0)


@pytest.mark.parametrize("dtype", ["float16", "bfloat16", "float8_e5m2", "float64", "complex64"])
def test_every_kind_of_number(dtype: str) -> None:
    values = np.zeros((4, 5), np.complex64 if dtype.startswith("complex") else np.float32)
    values[2, 3] = np.nan
    assert next_nonfinite(tensor_of(values, dtype), -1) == 13
    assert next_nonfinite(tensor_of(values, dtype), 13) == 13


def test_nothing_to_find_and_stopping() -> None:
    assert next_nonfinite(tensor_of(np.zeros((0, 3)), "float32"), -1) is None
    assert next_nonfinite(tensor_of(np.ones(5), "int64"), -1) is None
    assert next_nonfinite(tensor_of(np.float32("nan"), "float32"), -1) == 0
    progress = Progress()
    progress.cancel()
    with pytest.raises(Cancelled):
        next_nonfinite(tensor_of(np.ones(5), "float32"), -1, progress)
