"""Parts of tensors without reading them: numpy's indexing is the oracle."""

from __future__ import annotations

from dataclasses import replace

import pytest

from ckpt_studio.core.data import to_numpy
from ckpt_studio.core.dtypes import BY_NAME
from ckpt_studio.core.storage import MemoryBytes, Storage
from ckpt_studio.core.tensor import Form, Tensor, contiguous
from ckpt_studio.core.windows import sliced
from ckpt_studio.errors import StudioError

np = pytest.importorskip("numpy")

VALUES = np.arange(5 * 6 * 7, dtype=np.int32).reshape(5, 6, 7)


@pytest.fixture
def tensor() -> Tensor:
    return contiguous(BY_NAME["int32"], VALUES.shape, Storage(MemoryBytes(VALUES.tobytes())))


def test_a_part_holds_what_numpy_says(tensor: Tensor) -> None:
    part = sliced(tensor, [range(1, 5, 2), 3, range(0, 7, 3)])
    assert part.shape == (2, 3)
    assert np.array_equal(to_numpy(part), VALUES[1:5:2, 3, 0:7:3])
    assert np.array_equal(to_numpy(sliced(part, [range(1, 2), 1])), VALUES[3:4, 3, 3])
    assert int(to_numpy(sliced(tensor, [4, 5, 6]))) == 209


def test_parts_of_transposed_tensors(tensor: Tensor) -> None:
    turned = tensor.with_changes(shape=(7, 6, 5), stride=tensor.stride[::-1])
    part = sliced(turned, [range(2, 6), range(6), 4])
    assert np.array_equal(to_numpy(part), VALUES.transpose(2, 1, 0)[2:6, :, 4])


def test_an_empty_range_is_an_empty_tensor(tensor: Tensor) -> None:
    assert to_numpy(sliced(tensor, [range(0), 0, range(7)])).shape == (0, 7)


@pytest.mark.parametrize("where", [[0, 0], [5, 0, 0], [-1, 0, 0], [range(4, 7), 0, 0], [range(4, 0, -1), 0, 0]])
def test_places_outside_are_refused(tensor: Tensor, where: list[int | range]) -> None:
    with pytest.raises(IndexError):
        sliced(tensor, where)


def test_quantised_parts_are_their_integers_and_sparse_ones_are_refused(tensor: Tensor) -> None:
    part = sliced(tensor.with_changes(form=Form(quantizer=("per_tensor", 0.5, 1))), [0, 0, range(7)])
    assert part.form is not None
    assert part.form.quantizer is None
    with pytest.raises(StudioError) as raised:
        sliced(tensor.with_changes(form=replace(Form(), layout="sparse_coo")), [0, 0, 0])
    assert raised.value.code == "no-dense-values"
