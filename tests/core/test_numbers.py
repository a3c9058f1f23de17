"""Unpacked, dequantised and subtracted tensors: what they read as is what torch says of the same tensors."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

np = pytest.importorskip("numpy")
pytest.importorskip("ml_dtypes")

from hypothesis import given, settings  # noqa: E402
from hypothesis import strategies as st  # noqa: E402

from ckpt_studio.core.data import to_numpy  # noqa: E402
from ckpt_studio.core.dtypes import BY_NAME  # noqa: E402
from ckpt_studio.core.numbers import delta, dequantized, unpacked  # noqa: E402
from ckpt_studio.core.storage import MemoryBytes, Storage  # noqa: E402
from ckpt_studio.core.tensor import Form, Tensor, contiguous  # noqa: E402
from ckpt_studio.core.windows import sliced  # noqa: E402
from ckpt_studio.errors import StudioError  # noqa: E402


def tensor_of(values: Any, dtype: str = "float32") -> Tensor:
    """A contiguous tensor that holds these values."""
    array = np.ascontiguousarray(np.asarray(values).astype(BY_NAME[dtype].numpy))
    return contiguous(BY_NAME[dtype], array.shape, Storage(MemoryBytes(array.tobytes())))


def raw(data: bytes, dtype: str, *shape: int) -> Tensor:
    """A contiguous tensor over these bytes."""
    return contiguous(BY_NAME[dtype], shape, Storage(MemoryBytes(data)))


def test_four_and_two_bits_begin_with_the_lowest() -> None:
    assert to_numpy(unpacked(raw(b"\x21\x43\x05", "quint4x2", 5))).tolist() == [1, 2, 3, 4, 5]
    assert to_numpy(unpacked(raw(b"\xe4\x01", "quint2x4", 5))).tolist() == [0, 1, 2, 3, 1]


def test_pairs_of_four_bit_floats() -> None:
    codes = bytes(low | high << 4 for low, high in zip(range(0, 16, 2), range(1, 16, 2), strict=True))
    expected = [0, 0.5, 1, 1.5, 2, 3, 4, 6]
    found = to_numpy(unpacked(raw(codes, "float4_e2m1fn_x2", 2, 4)))
    assert found.shape == (2, 8)
    assert found.tolist() == [expected, [-value for value in expected]]


def test_every_window_of_packed_values_is_that_of_the_whole() -> None:
    packed = unpacked(raw(bytes(range(30)), "quint4x2", 12, 5))
    whole = to_numpy(packed)
    for row in range(12):
        assert to_numpy(sliced(packed, [row, range(1, 5, 2)])).tolist() == whole[row, 1:5:2].tolist()


def test_shell_types_are_their_bytes() -> None:
    assert to_numpy(unpacked(raw(b"\x0f\x01", "uint4", 2))).tolist() == [15, 1]
    assert to_numpy(unpacked(raw(b"\xff\x01", "int4", 2))).tolist() == [-1, 1]


def test_scales_that_make_no_sense_are_an_error_of_ours() -> None:
    for quantizer in ((None, "x", 0), (None, None), (None, tensor_of([1.0]), tensor_of([0.0]), 7)):
        tensor = raw(b"\0" * 4, "qint8", 4).with_changes(form=Form(quantizer=quantizer))
        with pytest.raises(StudioError) as caught:
            dequantized(tensor)
        assert caught.value.code == "no-dense-values"


def test_what_is_neither_packed_nor_quantised_is_given_back() -> None:
    plain = tensor_of([1.0, 2.0])
    assert dequantized(plain) is plain


@pytest.mark.filterwarnings("ignore")
def test_torch_dequantises_the_same(tmp_path: Path) -> None:
    torch = pytest.importorskip("torch")
    from ckpt_studio.formats.opening import open_checkpoint

    values, scales = torch.randn(4, 9), torch.rand(4) + 0.1
    tensors = {
        "per-tensor": torch.quantize_per_tensor(values, 0.1, 3, torch.quint8),
        "wide": torch.quantize_per_tensor(values, 0.001, -7, torch.qint32),
        "rows": torch.quantize_per_channel(values, scales.double(), torch.tensor([1, 2, 3, 4]), 0, torch.qint8),
        "columns": torch.quantize_per_channel(values.t(), scales.double(), torch.tensor([1, 2, 3, 4]), 1, torch.qint8),
        "four": torch.quantize_per_channel(values, scales, torch.rand(4) * 3, 0, torch.quint4x2),
        "two": torch.quantize_per_channel(values, scales, torch.rand(4) * 3, 0, torch.quint2x4),
    }
    torch.save(tensors, tmp_path / "quantised.pth")
    read = open_checkpoint(str(tmp_path / "quantised.pth")).active_state_dict.tensors
    for name, tensor in tensors.items():
        assert np.allclose(to_numpy(dequantized(read[name])), tensor.dequantize().numpy(), rtol=1e-6, atol=1e-6), name


def test_a_difference_is_read_in_any_pieces() -> None:
    random = np.random.default_rng(1)
    first, second = random.normal(size=(70, 40)), random.normal(size=(70, 40))
    found = delta(tensor_of(first, "float64"), tensor_of(second.astype(np.float16), "float16"))
    assert found is not None
    expected = first - second.astype(np.float16).astype(np.float64)
    assert np.array_equal(to_numpy(found), expected)
    assert np.array_equal(to_numpy(sliced(found, [range(3, 60, 7), range(1, 40, 3)])), expected[3:60:7, 1:40:3])


def test_other_shapes_and_parts_have_no_difference() -> None:
    form = Form("sparse_coo", (("values", tensor_of([1.0])),))
    sparse = Tensor(BY_NAME["float32"], (3,), (0,), 0, Storage(MemoryBytes(b"")), form=form)
    assert delta(tensor_of([1.0, 2.0]), tensor_of([1.0])) is None
    assert delta(sparse, sparse) is None


def test_complex_differences_keep_both_parts() -> None:
    found = delta(tensor_of([1 + 2j], "complex64"), tensor_of([1.5]))
    assert found is not None
    assert to_numpy(found).tolist() == [-0.5 + 2j]


WORDS = st.integers(-(2**63), 2**63 - 1)


@given(st.lists(st.tuples(WORDS, WORDS), min_size=1, max_size=20))
@settings(deadline=None, max_examples=60)
def test_large_integers_are_subtracted_before_they_are_rounded(pairs: list[tuple[int, int]]) -> None:
    found = delta(tensor_of([a for a, _ in pairs], "int64"), tensor_of([b for _, b in pairs], "int64"))
    assert found is not None
    for value, (a, b) in zip(to_numpy(found).tolist(), pairs, strict=True):
        assert value == pytest.approx(a - b, rel=1e-15, abs=0)
        assert (value == 0) == (a == b)


def test_unsigned_neighbours_beyond_float64_differ_by_one() -> None:
    found = delta(tensor_of(np.array([2**64 - 1], np.uint64), "uint64"), tensor_of(np.array([2**64 - 2], np.uint64), "uint64"))  # fmt: skip # noqa: E501
    assert found is not None
    assert to_numpy(found).tolist() == [1.0]
