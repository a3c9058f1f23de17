"""Values come out row-major and little-endian, however the tensor lies in its storage."""

from __future__ import annotations

import itertools
import tracemalloc
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ckpt_studio.core import data
from ckpt_studio.core.derived import CastBytes, convert, convertible
from ckpt_studio.core.dtypes import BY_NAME, DType, dtype
from ckpt_studio.core.storage import ByteSource, FileBytes, MemoryBytes, SourceFile, Storage
from ckpt_studio.core.tensor import Form, Tensor, contiguous
from ckpt_studio.errors import StudioError

F32 = dtype("float32")


def strided(values: np.ndarray, view: np.ndarray, kind: DType = F32, **changes: object) -> Tensor:
    """A tensor over `values`' memory with the strides of `view` (a view of it)."""
    offset = (view.__array_interface__["data"][0] - values.__array_interface__["data"][0]) // values.itemsize
    stride = tuple(step // values.itemsize for step in view.strides)
    return Tensor(kind, view.shape, stride, offset, Storage(MemoryBytes(values.tobytes()))).with_changes(**changes)


class Counting(ByteSource):
    """Zeros without memory; remembers the largest read."""

    def __init__(self, nbytes: int) -> None:
        self.nbytes = nbytes
        self.largest = 0

    def read(self, start: int, length: int) -> bytes:
        assert 0 <= start <= start + length <= self.nbytes
        self.largest = max(self.largest, length)
        return bytes(length)


@st.composite
def views(draw: st.DrawFn) -> tuple[np.ndarray, np.ndarray]:
    shape = draw(st.lists(st.integers(0, 5), max_size=4))
    values = np.arange(int(np.prod(shape, dtype=int)) + 3, dtype=np.float32)
    view = values[2 : 2 + int(np.prod(shape, dtype=int))].reshape(shape)
    view = view.transpose(draw(st.permutations(range(len(shape)))))
    for axis in range(view.ndim):
        start, step = draw(st.integers(0, 2)), draw(st.integers(1, 3))
        view = view[(slice(None),) * axis + (slice(start, None, step),)]
    if view.ndim and draw(st.booleans()):
        view = np.broadcast_to(view, (draw(st.integers(1, 3)), *view.shape))
    return values, view


@given(views(), st.integers(1, 200))
@settings(max_examples=300, deadline=None)
def test_any_strides_give_numpys_order(pair: tuple[np.ndarray, np.ndarray], chunk: int) -> None:
    values, view = pair
    tensor = strided(values, view)
    assert b"".join(data.chunks(tensor, chunk)) == view.tobytes()
    np.testing.assert_array_equal(data.to_numpy(tensor), view)


@given(views(), st.data())
@settings(max_examples=200, deadline=None)
def test_a_run_of_elements(pair: tuple[np.ndarray, np.ndarray], choice: st.DataObject) -> None:
    values, view = pair
    start = choice.draw(st.integers(0, view.size))
    count = choice.draw(st.integers(0, view.size - start))
    expected = view.reshape(-1)[start : start + count].tobytes()
    assert data.read_elements(strided(values, view), start, count) == expected


def test_a_run_outside_the_tensor_is_refused() -> None:
    tensor = contiguous(F32, (3,), Storage(MemoryBytes(bytes(12))))
    for start, count in ((-1, 1), (0, 4), (3, 1)):
        with pytest.raises(IndexError):
            data.read_elements(tensor, start, count)


@pytest.mark.parametrize("name", ["float32", "int16", "complex64", "complex32", "bool", "bfloat16", "uint64"])
def test_big_endian_comes_out_little(name: str) -> None:
    kind = dtype(name)
    width = kind.itemsize // 2 if kind.kind == "complex" else kind.itemsize
    little = bytes(range(2 * kind.itemsize))
    big = b"".join(little[k : k + width][::-1] for k in range(0, len(little), width))
    tensor = contiguous(kind, (2,), Storage(MemoryBytes(big), byteorder="big"))
    assert b"".join(bytes(piece) for piece in data.chunks(tensor)) == little
    assert data.read_elements(tensor, 1, 1) == little[kind.itemsize :]


def test_lazy_bits_are_resolved() -> None:
    values = np.array([1 + 2j, -3 - 0j], np.complex64)
    tensor = strided(values, values, dtype("complex64"), form=Form(conj=True))
    np.testing.assert_array_equal(data.to_numpy(tensor), values.conj())
    tensor = tensor.with_changes(form=Form(conj=True, neg=True))
    np.testing.assert_array_equal(data.to_numpy(tensor), -values.conj())
    ints = np.array([1, -2, 0], np.int32)
    np.testing.assert_array_equal(data.to_numpy(strided(ints, ints, dtype("int32"), form=Form(neg=True))), -ints)


def test_packed_quantised_types_count_their_bytes() -> None:
    tensor = contiguous(dtype("quint4x2"), (5,), Storage(MemoryBytes(b"\x21\x43\x05")))
    assert data.value_nbytes(tensor) == 3
    assert b"".join(data.chunks(tensor)) == b"\x21\x43\x05"


def test_tensors_made_of_parts_have_no_dense_values() -> None:
    tensor = contiguous(F32, (2, 2), Storage(MemoryBytes(b"")), offset=0).with_changes(form=Form(layout="sparse_coo"))
    with pytest.raises(StudioError, match="sparse_coo"):
        next(data.chunks(tensor))


@pytest.mark.parametrize(
    ("shape", "stride", "offset"), [((4,), (1,), 0), ((3,), (1,), 1), ((2, 2), (1, 2), 0), ((2,), (-1,), 1)]
)
def test_a_tensor_outside_its_storage_is_named(shape: tuple[int, ...], stride: tuple[int, ...], offset: int) -> None:
    tensor = Tensor(F32, shape, stride, offset, Storage(MemoryBytes(bytes(12)), "7"))
    with pytest.raises(StudioError, match="“7”"):
        list(data.chunks(tensor))


@pytest.mark.parametrize("permuted", [False, True])
def test_memory_stays_bounded(permuted: bool) -> None:
    source = Counting(400 << 20)
    side = 10240
    stride = (1, side) if permuted else (side, 1)
    tensor = Tensor(F32, (side, side), stride, 0, Storage(source))
    tracemalloc.start()
    pieces = data.chunks(tensor)
    total = sum(len(piece) for piece in (itertools.islice(pieces, 6) if permuted else pieces))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert total == (48 << 20 if permuted else 400 << 20)
    assert source.largest <= 32 << 20
    assert peak < 120 << 20


def test_values_come_from_files(tmp_path: Path) -> None:
    values = np.arange(24, dtype=np.float64).reshape(2, 3, 4)
    path = tmp_path / "bytes"
    path.write_bytes(b"junk" + values.tobytes())
    storage = Storage(FileBytes(SourceFile(path), 4, values.nbytes))
    tensor = Tensor(dtype("float64"), (4, 2), (1, 12), 4, storage)
    np.testing.assert_array_equal(data.to_numpy(tensor), values[:, 1, :].T)


def test_complex32_values_are_readable() -> None:
    halves = np.array([1.5, -2, 0.25, 3], "<f2")
    tensor = contiguous(dtype("complex32"), (2,), Storage(MemoryBytes(halves.tobytes())))
    np.testing.assert_array_equal(data.to_numpy(tensor), np.array([1.5 - 2j, 0.25 + 3j], np.complex64))


def test_a_cast_storage_reads_at_any_byte() -> None:
    values = np.linspace(-5, 5, 1000, dtype=">f4")
    source = CastBytes(Storage(MemoryBytes(values.tobytes()), byteorder="big"), F32, dtype("float16"))
    whole = values.astype("<f2").tobytes()
    assert source.nbytes == len(whole)
    for start, length in ((0, 2000), (1, 3), (7, 0), (998, 1002), (1999, 1)):
        assert source.read(start, length) == whole[start : start + length]


def _torch_cases() -> list[tuple[str, str]]:
    names = [name for name, kind in BY_NAME.items() if kind.kind in ("float", "int", "bool", "complex")]
    return [(a, b) for a in names for b in names if a != b and convertible(BY_NAME[a], BY_NAME[b])]


@pytest.mark.filterwarnings("ignore:ComplexHalf", "ignore:Casting complex", "ignore:overflow")
def test_every_conversion_is_torchs() -> None:
    torch = pytest.importorskip("torch")
    rng = np.random.default_rng(0)
    special = [0, -0.0, np.inf, -np.inf, np.nan, 65504, 65519, 65520, 448, 464, 465, 480, 57344, 61440, 1e-8, 2**-149]
    floats = np.concatenate([rng.standard_normal(2000) * 10.0 ** rng.integers(-12, 12, 2000), special])
    integers = rng.integers(-(2**62), 2**62, 2000)

    def bytes_of(tensor: object) -> np.ndarray:
        return tensor.contiguous().view(torch.uint8).numpy()  # type: ignore[attr-defined]

    for source, target in _torch_cases():
        kind, other = BY_NAME[source], BY_NAME[target]
        origin = torch.from_numpy(integers if kind.kind == "int" else floats)
        tensor = origin.to(getattr(torch, source))
        if other.kind == "int" and kind.kind != "int":
            # Out-of-range values are the processor's business in torch.
            limit = 100 if other.itemsize == 1 else 1000
            low = 0 if target.startswith("u") else -limit
            tensor = tensor.float().nan_to_num(0, 0, 0).clamp(low, limit).to(getattr(torch, source))
        expected = bytes_of(tensor.to(getattr(torch, target)))
        got = convert(bytes_of(tensor), kind, other)
        if other.kind in ("float", "complex"):
            # NaN's sign and payload differ inside torch itself, between its vector and scalar code.
            wide = torch.complex128 if other.kind == "complex" else torch.float64
            a, b = (
                torch.from_numpy(x.copy()).view(getattr(torch, target)).to(wide).numpy().view(np.float64)
                for x in (expected, got)
            )
            np.testing.assert_array_equal(a, b, err_msg=f"{source} to {target}")
            np.testing.assert_array_equal(
                np.signbit(a)[~np.isnan(a)], np.signbit(b)[~np.isnan(b)], err_msg=f"{source} to {target}"
            )
        else:
            np.testing.assert_array_equal(expected, got, err_msg=f"{source} to {target}")
