"""Health findings: each is found where it is, and nowhere else."""

from __future__ import annotations

import zlib

import numpy as np
import pytest

from ckpt_studio.core.checkpoint import Checkpoint, Finding
from ckpt_studio.core.checks import check_health
from ckpt_studio.core.dtypes import dtype
from ckpt_studio.core.jobs import Progress
from ckpt_studio.core.storage import AbsentBytes, ByteSource, MemoryBytes, Storage
from ckpt_studio.core.tensor import Form, Tensor, contiguous
from ckpt_studio.errors import Cancelled, StudioError
from tests.core.conftest import checkpoint_of

RNG = np.random.default_rng(0)


def tensor_of(values: np.ndarray, crc32: int | None = None) -> Tensor:
    stored = np.ascontiguousarray(values, np.float32)
    return contiguous(dtype("float32"), stored.shape, Storage(MemoryBytes(stored.tobytes()), "7", crc32=crc32))


def healthy() -> np.ndarray:
    return RNG.standard_normal((8, 16)).astype(np.float32)


def found(**tensors: Tensor) -> list[tuple[str, str, str]]:
    return [(f.code, f.severity, f.where) for f in findings(checkpoint_of([], tensors=tensors))]


def findings(checkpoint: Checkpoint) -> list[Finding]:
    result = check_health(checkpoint)
    assert all(str(finding.message) for finding in result)
    return result


def test_healthy_weights_have_no_findings() -> None:
    assert found(a=tensor_of(healthy()), b=tensor_of(healthy()), bias=tensor_of(np.ones(4))) == []


def test_values() -> None:
    nan, inf, big, large = healthy(), healthy(), healthy(), healthy()
    nan[0, 0], inf[1, 1], big[0, 1], large[2, 2] = np.nan, -np.inf, 1e9, 1e5
    assert found(
        nan=tensor_of(nan), inf=tensor_of(inf), big=tensor_of(big), large=tensor_of(large),
        dead=tensor_of(np.zeros((4, 4))), bias=tensor_of(np.zeros(4)), flat=tensor_of(np.full((4, 4), 2.5)),
    ) == [
        ("nan", "warning", "nan"),
        ("inf", "warning", "inf"),
        ("exploding", "warning", "big"),
        ("float16-overflow", "note", "large"),
        ("all-zero", "warning", "dead"),
        ("all-zero", "note", "bias"),
        ("constant", "note", "flat"),
    ]  # fmt: skip


def test_storages() -> None:
    same = healthy()
    shared = tensor_of(healthy())
    whole = Storage(MemoryBytes(RNG.standard_normal(1 << 20).astype("f4").tobytes()))
    slice_ = contiguous(dtype("float32"), (3, 3), whole)
    assert found(
        one=tensor_of(same), two=tensor_of(same), tied=shared, tied_too=shared.with_changes(shape=(128,), stride=(1,)),
        slice=slice_,
    ) == [
        ("duplicate-content", "note", "one"),
        ("shared-storage", "note", "tied"),
        ("oversized-storage", "note", "slice"),
    ]  # fmt: skip


def test_damage() -> None:
    class Broken(ByteSource):
        nbytes = 16

        def read(self, start: int, length: int) -> bytes:
            raise StudioError("truncated", path="x", missing=3)

    good = healthy()
    broken = contiguous(dtype("float32"), (4,), Storage(Broken()))
    meta = contiguous(dtype("float32"), (4,), Storage(AbsentBytes(16, "meta-tensor"))).with_changes(
        form=Form(is_meta=True)
    )
    assert found(
        summed=tensor_of(good, zlib.crc32(good.tobytes())), wrong=tensor_of(healthy(), 5), broken=broken, meta=meta
    ) == [("corrupt", "warning", "7"), ("truncated", "warning", "broken")]


def test_it_can_be_cancelled() -> None:
    progress = Progress()
    progress.cancel()
    with pytest.raises(Cancelled):
        check_health(checkpoint_of(["a"]), progress)
