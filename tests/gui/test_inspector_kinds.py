"""The inspector on every kind of tensor there is: it shows the values, or says in words why it cannot."""

from __future__ import annotations

import errno
import os
from pathlib import Path
from typing import Any

import pytest
from pytestqt.qtbot import QtBot

from ckpt_studio.core.dtypes import BY_NAME
from ckpt_studio.core.edits import AddConstant, Cast, Edit, InterpolatePositions, Join, SelectRows, Split, TieTensors
from ckpt_studio.core.storage import AbsentBytes, ByteSource, MemoryBytes, Storage
from ckpt_studio.core.tensor import Form, Tensor, contiguous
from ckpt_studio.gui.document import Document
from ckpt_studio.gui.inspector.inspector_pane import InspectorPane
from ckpt_studio.gui.inspector.views import CurvePage, HeatMapPage, TablePage
from tests.gui.inspecting import buttons, choose, click, document_of, fact, settle, shown, tensor_of

np = pytest.importorskip("numpy")

RANDOM = np.random.default_rng(8)
MATRIX = RANDOM.normal(size=(6, 8))


def cells(qtbot: QtBot, pane: InspectorPane) -> list[list[str]]:
    """The texts of the table."""
    click(qtbot, pane, "Table")
    page = pane.view
    assert isinstance(page, TablePage)
    rows, columns = page.model.rowCount(), page.model.columnCount()
    qtbot.waitUntil(lambda: page.model.cell(rows - 1, columns - 1) is not None)
    return [[page.model.cell(row, column) or "" for column in range(columns)] for row in range(rows)]


def look_at_everything(qtbot: QtBot, pane: InspectorPane) -> None:
    """Every view that is offered, painted."""
    for words in buttons(pane):
        click(qtbot, pane, words)
        assert not pane.grab().isNull()


@pytest.fixture(scope="module")
def real_file(tmp_path_factory: pytest.TempPathFactory) -> str:
    """A file of torch's with a tensor of every kind that it can save."""
    torch: Any = pytest.importorskip("torch")
    generator = torch.Generator().manual_seed(1)

    def normal(*shape: int) -> Any:
        return torch.randn(*shape, generator=generator)

    tensors = {
        "bfloat16": normal(6, 8).bfloat16(),
        "half": normal(6, 8).half(),
        "float8": normal(6, 8).to(torch.float8_e4m3fn),
        "float8-exponents": torch.tensor([1.0, 2.0, 0.25]).to(torch.float8_e8m0fnu),
        "float4": torch.arange(24, dtype=torch.uint8).view(4, 6).view(torch.float4_e2m1fn_x2),
        "complex": torch.randn(4, 5, dtype=torch.complex64, generator=generator),
        "complex-half": torch.randn(4, 5, dtype=torch.complex32),
        "conjugated": torch.randn(4, 5, dtype=torch.complex128).conj(),
        "quantised": torch.quantize_per_tensor(normal(4, 5), 0.05, 3, torch.quint8),
        "by-channel": torch.quantize_per_channel(
            normal(4, 5), torch.tensor([0.1, 0.2, 0.3, 0.4]).double(), torch.zeros(4).long(), 0, torch.qint8
        ),
        "four-bits": torch.quantize_per_channel(normal(4, 5), torch.ones(4), torch.zeros(4), 0, torch.quint4x2),
        "coo": normal(6, 8).relu().to_sparse(),
        "csr": normal(6, 8).relu().to_sparse_csr(),
        "nested": torch.nested.nested_tensor([normal(3, 4), normal(5, 4)]),
        "flags": normal(6, 8) > 0,
        "meta": torch.empty(3, 4, device="meta"),
        "number": torch.tensor(2**53 + 1),
        "unsigned": torch.tensor([2**63 + 5, 7], dtype=torch.uint64),
        "empty": torch.empty(0, 5),
        "odd": torch.tensor([[1.0, float("nan")], [float("inf"), -2.0]]),
        "extreme": torch.tensor([1.7e308, -1.7e308, 0.0], dtype=torch.float64),
        "tiny": torch.tensor([5e-324, 0.0], dtype=torch.float64),
        "transposed": normal(8, 6).t(),
        "repeated": normal(1, 5).expand(100, 5),
        "conv3d": normal(4, 3, 2, 3, 3),
        "conv1d": normal(8, 4, 3),
        "positions": normal(1, 17, 12),
    }
    path = tmp_path_factory.mktemp("kinds") / "kinds.pth"
    torch.save(tensors, path)
    return str(path)


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")
def test_every_kind_that_torch_saves(qtbot: QtBot, real_file: str) -> None:
    from ckpt_studio.formats.opening import open_checkpoint

    document = Document(open_checkpoint(real_file))
    pane = shown(qtbot, document)
    for name in document.checkpoint.active_state_dict.tensors:
        choose(qtbot, pane, name)
        assert pane.title.text() == name
        assert not pane.message.isVisible() or pane.message.tone == "calm", pane.message.label.text()
        assert pane.right.isVisible() or pane.message.isVisible() or pane.explanation.isVisible(), name
        assert "…" not in [value for row in pane.model.facts for value in row.values], name
        look_at_everything(qtbot, pane)
    document.close()


@pytest.mark.filterwarnings("ignore")
def test_the_numbers_are_those_of_torch(qtbot: QtBot, real_file: str) -> None:
    torch: Any = pytest.importorskip("torch")
    from ckpt_studio.formats.opening import open_checkpoint

    document = Document(open_checkpoint(real_file))
    read = torch.load(real_file, weights_only=False)
    pane = shown(qtbot, document)
    for name, numbers in {
        "bfloat16": read["bfloat16"].float(),
        "float8": read["float8"].float(),
        "quantised": read["quantised"].dequantize(),
        "by-channel": read["by-channel"].dequantize(),
        "four-bits": read["four-bits"].dequantize(),
        "transposed": read["transposed"],
        "unsigned": read["unsigned"].view(-1, 1),
    }.items():
        choose(qtbot, pane, name)
        found = cells(qtbot, pane)
        for row, values in zip(found, numbers.tolist(), strict=True):
            assert [float(text) for text in row] == pytest.approx([float(value) for value in values], rel=1e-5)
    choose(qtbot, pane, "flags")
    assert cells(qtbot, pane) == [[str(value) for value in row] for row in read["flags"].tolist()]
    choose(qtbot, pane, "number")
    assert cells(qtbot, pane) == [["9007199254740993"]]
    page = pane.view
    assert isinstance(page, TablePage)
    choose(qtbot, pane, "quantised")
    page.stored.click()
    assert cells(qtbot, pane)[0] == [str(value) for value in read["quantised"].int_repr()[0].tolist()]
    document.close()


@pytest.mark.filterwarnings("ignore")
def test_parts_of_a_sparse_tensor_are_looked_at_one_by_one(qtbot: QtBot, real_file: str) -> None:
    from ckpt_studio.formats.opening import open_checkpoint

    document = Document(open_checkpoint(real_file))
    pane = shown(qtbot, document)
    choose(qtbot, pane, "coo")
    assert pane.parts.isVisible()
    assert pane.parts.currentText() == "values"
    assert "only some of its values" in pane.explanation.text()
    pane.parts.setCurrentText("indices")
    pane.parts.activated.emit(pane.parts.currentIndex())
    settle(qtbot, pane)
    assert fact(pane, "Largest") in ("5", "7")
    assert len(cells(qtbot, pane)) == 2
    choose(qtbot, pane, "half")
    assert not pane.parts.isVisible()
    document.close()


class _Failing(ByteSource):
    """Bytes on a medium that was pulled out."""

    nbytes = 4096

    def __init__(self, error: Exception) -> None:
        self._error = error

    def read(self, start: int, length: int) -> bytes:
        raise self._error


FLOAT32 = BY_NAME["float32"]
BROKEN: dict[str, tuple[Tensor, str]] = {
    "beyond its storage": (contiguous(FLOAT32, (100,), Storage(MemoryBytes(bytes(40)), "7")), "damaged"),
    "backwards": (Tensor(FLOAT32, (4, 3), (-3, 1), 9, Storage(MemoryBytes(bytes(48)), "7")), "damaged"),
    "before its storage": (Tensor(FLOAT32, (4, 2), (1, 4), -2, Storage(MemoryBytes(bytes(48)), "7")), "damaged"),
    "shard missing": (contiguous(FLOAT32, (4,), Storage(AbsentBytes(16, "shard-missing", file="two.bin"))), "two.bin"),
    "disk failure": (contiguous(FLOAT32, (9, 9), Storage(_Failing(OSError(errno.EIO, "I/O error")))), "cannot be read"),
    "memory": (contiguous(FLOAT32, (32, 32), Storage(_Failing(MemoryError()))), "not enough memory"),
}  # fmt: skip


@pytest.mark.parametrize("kind", BROKEN)
def test_a_broken_tensor_is_explained_in_words(qtbot: QtBot, kind: str) -> None:
    tensor, words = BROKEN[kind]
    pane = shown(qtbot, document_of({"broken": tensor, "sound": tensor_of(MATRIX)}))
    choose(qtbot, pane, "broken")
    assert words in pane.message.label.text()
    look_at_everything(qtbot, pane)
    for name in ("broken.npy", "broken.csv"):
        pane.save_to(name)
        qtbot.waitUntil(lambda: not pane.saver.is_busy)
        assert not os.path.exists(name)
    choose(qtbot, pane, "broken", "sound")
    choose(qtbot, pane, "sound")
    assert not pane.message.isVisible()


def test_absurd_shapes_of_a_hostile_file(qtbot: QtBot) -> None:
    little = Storage(MemoryBytes(bytes(64)))
    pane = shown(
        qtbot,
        document_of(
            {
                "wide": Tensor(FLOAT32, (2**40, 2**40), (0, 0), 0, little),
                "long": Tensor(FLOAT32, (2**62,), (0,), 0, little),
                "deep": Tensor(FLOAT32, (1,) * 60, (0,) * 60, 0, little),
                "scaleless": contiguous(BY_NAME["qint8"], (8,), little).with_changes(form=Form(quantizer=(None, "x"))),
            }
        ),
    )
    for name in ("wide", "long", "deep", "scaleless"):
        pane.document.selection.select([name])
        assert pane.title.text() == name
        for words in buttons(pane):
            pane.choose_view(next(offer.id for offer in pane._offers if offer.title == words))
            assert not pane.grab().isNull()
    pane.document.selection.select(["wide", "long"])
    pane.document.selection.select(["wide", "long", "deep"])
    assert not pane.grab().isNull()
    pane.document.selection.select([])


EDITS: dict[str, tuple[Edit, str, Any]] = {
    "cast": (Cast("float16", names=("weight",)), "weight", MATRIX.astype(np.float16)),
    "rows": (SelectRows(("weight",), (4, 0, -1), "zero"), "weight", np.stack([MATRIX[4], MATRIX[0], 0 * MATRIX[0]])),
    "joined": (Join(("weight", "other"), "both", 0), "both", np.concatenate([MATRIX, 2 * MATRIX])),
    "split": (Split("weight", ("q", "k", "v"), 0), "k", MATRIX[2:4]),
    "constant": (AddConstant(("ones",), "float32", (3, 2), 1), "ones", np.ones((3, 2))),
    "tied": (TieTensors((("weight", "twin"),)), "twin", MATRIX),
}


@pytest.mark.parametrize("kind", EDITS)
def test_the_result_of_an_edit_is_shown(qtbot: QtBot, kind: str) -> None:
    edit, name, expected = EDITS[kind]
    document = document_of({"weight": tensor_of(MATRIX), "other": tensor_of(2 * MATRIX)})
    pane = shown(qtbot, document)
    choose(qtbot, pane, "weight")
    before = fact(pane, "Largest")
    document.apply(edit)
    choose(qtbot, pane, name)
    found = cells(qtbot, pane)
    assert len(found) == len(expected)
    for row, values in zip(found, expected.tolist(), strict=True):
        assert [float(text) for text in row] == pytest.approx(values, rel=1e-5)
    assert float(fact(pane, "Largest")) == pytest.approx(float(expected.max()), rel=1e-4)
    assert fact(pane, "Shape").startswith("×".join(map(str, expected.shape)))
    look_at_everything(qtbot, pane)
    document.undo()
    choose(qtbot, pane, "weight")
    assert fact(pane, "Largest") == before


def test_resampled_positions_are_shown(qtbot: QtBot) -> None:
    positions = RANDOM.normal(size=(1, 17, 12))
    document = document_of({"pos_embed": tensor_of(positions)})
    pane = shown(qtbot, document)
    choose(qtbot, pane, "pos_embed")
    assert isinstance(pane.view, HeatMapPage)
    document.apply(InterpolatePositions("pos_embed", (4, 4), (8, 8), extra=1))
    settle(qtbot, pane)
    assert fact(pane, "Shape").startswith("1×65×12")
    assert isinstance(pane.view, HeatMapPage)
    assert pane.view.canvas.map is not None
    assert pane.view.canvas.map.values.shape == (65, 12)


@pytest.mark.slow
def test_an_embedding_of_four_gigabytes_scrolls_at_once(qtbot: QtBot, tmp_path: Path) -> None:
    from ckpt_studio.formats.opening import open_checkpoint

    rows, columns = 262_144, 4096
    header = b'{"embed.weight":{"dtype":"F32","shape":[262144,4096],"data_offsets":[0,4294967296]}}'
    header += b" " * (-len(header) % 8)
    path = tmp_path / "large.safetensors"
    with open(path, "wb") as file:
        file.write(len(header).to_bytes(8, "little") + header)
        file.truncate(8 + len(header) + 4 * rows * columns)
        file.seek(-4, os.SEEK_END)
        file.write(np.array([1.5], "<f4").tobytes())
    document = Document(open_checkpoint(str(path)))
    pane = shown(qtbot, document)
    pane.choose_view("table")
    document.selection.select(["embed.weight"])
    page = pane.view
    assert isinstance(page, TablePage)
    qtbot.waitUntil(lambda: page.model.cell(0, 0) == "0")
    assert page.model.rowCount() == rows
    bar = page.table.verticalScrollBar()
    for share in (0.3, 0.9, 0.1, 1.0):
        bar.setValue(int(bar.maximum() * share))
        row = page.table.rowAt(5)
        qtbot.waitUntil(lambda row=row: page.model.cell(row, 0) == "0")
    page.table.horizontalScrollBar().setValue(page.table.horizontalScrollBar().maximum())
    qtbot.waitUntil(lambda: page.model.cell(rows - 1, columns - 1) == "1.5")
    pane.stop()
    document.close()


def test_a_long_vector_is_a_curve_of_all_its_values(qtbot: QtBot) -> None:
    values = np.zeros(3_000_001, np.float32)
    values[1_234_567], values[-1] = 7, -3
    pane = shown(qtbot, document_of({"bias": tensor_of(values)}))
    choose(qtbot, pane, "bias")
    assert isinstance(pane.view, CurvePage)
    plot = pane.view.plot
    assert (max(plot.highs), min(plot.lows), plot.lows[-1]) == (7, -3, -3)
    assert sum(high > 0 for high in plot.highs) == 1
