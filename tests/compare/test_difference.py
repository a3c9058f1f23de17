"""The numbers of a diff are numpy's, and memory stays bounded."""

from __future__ import annotations

import math
import threading
import tracemalloc

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ckpt_studio.compare.difference import Change, Difference, difference
from ckpt_studio.core.checkpoint import StateDict
from ckpt_studio.core.derived import ConstantBytes
from ckpt_studio.core.dtypes import dtype
from ckpt_studio.core.jobs import Progress
from ckpt_studio.core.storage import MemoryBytes, Storage
from ckpt_studio.core.tensor import Form, Tensor, contiguous
from ckpt_studio.errors import Cancelled, StudioError


def tensor_of(values: np.ndarray, kind: str = "float32") -> Tensor:
    stored = np.ascontiguousarray(np.asarray(values).astype(dtype(kind).numpy))
    return contiguous(dtype(kind), stored.shape, Storage(MemoryBytes(stored.tobytes())))


def values_of(tensor: Tensor) -> np.ndarray:
    return np.frombuffer(tensor.storage.source.read(0, tensor.nbytes), "f4")


def between(first: Tensor, second: Tensor) -> Difference:
    return difference(StateDict((), {"w": first}), StateDict((), {"w": second}))


def change(first: Tensor, second: Tensor) -> Change:
    (only,) = between(first, second).changed
    return only


@pytest.mark.parametrize("kind", ["float32", "float16", "bfloat16", "float64", "float8_e5m2", "int32", "uint8"])
def test_measures(kind: str) -> None:
    rng = np.random.default_rng(2)
    a, b = (np.abs(rng.standard_normal(200_000)) * 50 for _ in range(2))
    x, y = (values.astype(dtype(kind).numpy).astype("f8") for values in (a, b))
    found = change(tensor_of(a, kind), tensor_of(b, kind))
    assert found.max_abs == np.abs(x - y).max()
    assert found.rel_l2 == pytest.approx(np.linalg.norm(x - y) / np.linalg.norm(x), rel=1e-10)
    assert found.cosine == pytest.approx(x @ y / np.linalg.norm(x) / np.linalg.norm(y), rel=1e-10)


def test_a_change_in_one_place_of_many() -> None:
    a = np.random.default_rng(0).standard_normal(3_000_000).astype("f4")
    b = a.copy()
    b[2_500_000] += 1
    found = change(tensor_of(a), tensor_of(b))
    step = abs(float(b[2_500_000]) - float(a[2_500_000]))
    assert found.max_abs == step
    assert found.rel_l2 == pytest.approx(step / np.linalg.norm(a.astype("f8")))


def test_what_is_alike_before_the_change_counts_once_in_the_norms() -> None:
    a = np.random.default_rng(0).standard_normal(5 << 20).astype("f4")
    a[1_500_000] = 0.0
    b = a.copy()
    # Other bytes and the same number: the pieces around it are the same as well.
    b[1_500_000] = -0.0
    b[4_700_000] += 1
    found = change(tensor_of(a), tensor_of(b))
    assert found.rel_l2 == pytest.approx(np.linalg.norm((a - b).astype("f8")) / np.linalg.norm(a.astype("f8")))
    assert between(tensor_of(a), tensor_of(a)).identical


def test_large_and_small_tensors_keep_their_order_on_threads() -> None:
    rng = np.random.default_rng(1)
    sizes = [3, 700_000, 5, 1_200_000, 2, 900_000, 600_000, 4, 800_000]
    first = {f"t{i}": tensor_of(rng.standard_normal(size)) for i, size in enumerate(sizes)}
    # The first of them changes most.
    second = {
        name: tensor_of(values_of(tensor) * (1 + 1 / (i + 1))) if i % 3 else tensor
        for i, (name, tensor) in enumerate(first.items())
    }
    found = difference(StateDict((), first), StateDict((), second))
    assert [item.name for item in found.changed] == [f"t{i}" for i in range(9) if i % 3]
    assert found.equal == 3


class Unreadable(MemoryBytes):
    def read(self, start: int, length: int) -> bytes:
        raise StudioError("truncated", path="w.pth", missing=7)


def test_what_cannot_be_read_ends_all_threads() -> None:
    tensors = {f"t{i}": tensor_of(np.arange(900_000) % (i + 2)) for i in range(8)}
    broken = contiguous(dtype("float32"), (900_000,), Storage(Unreadable(bytes(3_600_000))))
    with pytest.raises(StudioError, match="cut short"):
        difference(StateDict((), tensors), StateDict((), {**tensors, "t3": broken}))
    assert not [thread for thread in threading.enumerate() if thread.name.startswith("difference")]


def test_complex_and_strided_tensors() -> None:
    a, b = np.array([1 + 1j, 2]), np.array([1 + 1j, 2 + 3j])
    found = change(tensor_of(a, "complex64"), tensor_of(b, "complex64"))
    assert (found.max_abs, found.rel_l2) == (3, pytest.approx(3 / math.sqrt(6)))
    values = np.arange(12.0).reshape(3, 4)
    turned = tensor_of(values.T).with_changes(shape=(3, 4), stride=(1, 3))
    assert between(tensor_of(values), turned).identical


def test_shapes_dtypes_and_names() -> None:
    a = tensor_of(np.ones((2, 3)))
    assert change(a, tensor_of(np.ones(6))).max_abs is None
    other_kind = change(a, tensor_of(np.ones((2, 3)), "float16"))
    assert (other_kind.max_abs, other_kind.rel_l2, other_kind.cosine) == (0, 0, 1)
    zero = change(tensor_of(np.zeros(3)), tensor_of(np.ones(3)))
    assert (zero.rel_l2, zero.cosine) == (math.inf, None)
    left = StateDict((), {"a": a, "x": a, "moved": tensor_of(np.ones(4)), "far": tensor_of(np.ones(4))})
    right = StateDict((), {"y": a, "far": tensor_of(np.full(4, 9.0)), "moved": tensor_of(np.full(4, 1.1)), "a": a})
    found = difference(left, right)
    assert (found.only_in_first, found.only_in_second, found.equal) == (("x",), ("y",), 1)
    assert [item.name for item in found.changed] == ["far", "moved"]
    assert not found.identical


@given(st.lists(st.tuples(st.floats(width=32), st.floats(width=32)), min_size=1, max_size=12))
@settings(max_examples=300, deadline=None)
def test_nothing_but_finite_numbers_enters_the_sums(pairs: list[tuple[float, float]]) -> None:
    a, b = np.array(pairs, np.float32).T
    found = between(tensor_of(a), tensor_of(b))
    same = (a == b) | (np.isnan(a) & np.isnan(b))
    assert found.identical == bool(same.all())
    for item in found.changed:
        finite = np.isfinite(a) & np.isfinite(b)
        if finite.any():
            assert item.max_abs == np.abs(a[finite].astype("f8") - b[finite]).max()
        else:
            assert item.max_abs is item.cosine is None


def test_sparse_and_quantised_tensors() -> None:
    def sparse(values: list[float]) -> Tensor:
        parts = (("indices", tensor_of(np.array([[0, 4]]), "int64")), ("values", tensor_of(np.array(values))))
        return contiguous(dtype("float32"), (9,), Storage(MemoryBytes(b""))).with_changes(
            form=Form("sparse_coo", parts)
        )

    assert between(sparse([1, 2]), sparse([1, 2])).identical
    assert change(sparse([1, 2]), sparse([1, 5])).max_abs == 3

    def quantised(scale: float) -> Tensor:
        form = Form(quantizer=(None, scale, 0))
        return tensor_of(np.array([1, 2]), "int8").with_changes(dtype=dtype("qint8"), form=form)

    assert between(quantised(0.5), quantised(0.5)).identical
    assert change(quantised(0.5), quantised(1.0)).max_abs == 1


def test_memory_is_bounded_and_cancelling_works() -> None:
    count = 50 << 20
    first = contiguous(dtype("float32"), (count,), Storage(ConstantBytes(b"\0\0\x80?", count)))
    second = contiguous(dtype("float32"), (count,), Storage(ConstantBytes(b"\0\0\0@", count)))
    tracemalloc.start()
    found = between(first, second)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert found.changed[0].max_abs == 1
    assert peak < 64 << 20
    progress = Progress()
    progress.cancel()
    with pytest.raises(Cancelled):
        difference(StateDict((), {"w": first}), StateDict((), {"w": second}), progress)
