"""Several tensors saved at once: the dialog, each form, progress and stopping; what is written reads back."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from ckpt_studio.core.dtypes import BY_NAME
from ckpt_studio.core.jobs import Progress
from ckpt_studio.core.storage import AbsentBytes, Storage
from ckpt_studio.core.tensor import contiguous
from ckpt_studio.errors import Cancelled, ExportError, StudioError
from ckpt_studio.formats.opening import open_checkpoint
from ckpt_studio.gui.dialogs.save_tensors_dialog import SaveTensorsDialog
from ckpt_studio.gui.inspector import saving
from ckpt_studio.gui.inspector.measuring import Subject
from ckpt_studio.gui.inspector.saving import file_names, save_tensors
from tests.gui.inspecting import document_of, tensor_of

np = pytest.importorskip("numpy")

RANDOM = np.random.default_rng(5)
WEIGHT = RANDOM.normal(size=(3, 4)).astype(np.float32)
TENSORS = {
    "layer.weight": tensor_of(WEIGHT),
    "layer.Weight": tensor_of(WEIGHT, "bfloat16"),
    "con": tensor_of([1, 2, 3], "int64"),
    "größe/重量": tensor_of(WEIGHT[0]),
    "lost": contiguous(BY_NAME["float32"], (4,), Storage(AbsentBytes(16, "shard-missing", file="two.bin"))),
}
SUBJECTS = [Subject(name, tensor) for name, tensor in TENSORS.items()]
WHOLE = SUBJECTS[:-1]


@pytest.fixture
def dialog(qtbot: QtBot, tmp_path: Path) -> SaveTensorsDialog:
    document = document_of(TENSORS)
    document.export_folder = str(tmp_path)
    made = SaveTensorsDialog(document, lambda: list(SUBJECTS), "layer")
    # The dialog deletes itself when it is closed.
    made.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose, False)
    qtbot.addWidget(made)
    made.show()
    qtbot.waitUntil(lambda: "5 tensors" in made.summary.text())
    return made


def test_it_says_what_will_be_written(dialog: SaveTensorsDialog, tmp_path: Path) -> None:
    assert dialog.target.text() == str(tmp_path / "layer.npz")
    assert "1 of them has no values" in dialog.summary.text()
    assert dialog.primary.text() == "Save 5 tensors"
    dialog.formats.setCurrentIndex(3)
    assert dialog.target.text() == str(tmp_path / "layer.safetensors")
    dialog.formats.setCurrentIndex(1)
    assert dialog.target.text() == str(tmp_path / "layer")


def test_one_archive_by_keys(qtbot: QtBot, dialog: SaveTensorsDialog, tmp_path: Path) -> None:
    with qtbot.waitSignal(dialog.saved) as told:
        qtbot.keyClick(dialog, Qt.Key.Key_Return)
    assert told.args == [str(tmp_path / "layer.npz")]
    with np.load(tmp_path / "layer.npz") as found:
        assert set(found.files) == set(TENSORS) - {"lost"}
        assert np.array_equal(found["layer.weight"], WEIGHT)
        assert found["layer.Weight"].dtype == np.float32
        assert found["con"].tolist() == [1, 2, 3]
    assert not dialog.isVisible()


def test_an_existing_file_is_replaced_only_when_told(qtbot: QtBot, dialog: SaveTensorsDialog, tmp_path: Path) -> None:
    (tmp_path / "layer.npz").write_bytes(b"mine")
    dialog.target.setText(str(tmp_path / "layer.npz "))
    assert dialog.replace.isVisible()
    assert not dialog.primary.isEnabled()
    dialog.replace.click()
    with qtbot.waitSignal(dialog.saved):
        qtbot.mouseClick(dialog.primary, Qt.MouseButton.LeftButton)
    assert zip_magic(tmp_path / "layer.npz")


def zip_magic(path: Path) -> bool:
    return path.read_bytes()[:2] == b"PK"


def test_stopping_leaves_nothing(
    qtbot: QtBot, dialog: SaveTensorsDialog, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    original = saving._write_npy
    begun = threading.Event()

    def slow(tensor: object, file: object, progress: Progress) -> None:
        original(tensor, file, progress)  # type: ignore[arg-type]
        begun.set()
        while True:
            progress.check()
            threading.Event().wait(0.005)

    monkeypatch.setattr(saving, "_write_npy", slow)
    qtbot.mouseClick(dialog.primary, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(begun.is_set)
    qtbot.mouseClick(dialog.cancel_button, Qt.MouseButton.LeftButton)
    assert "nothing was saved" in dialog.message.label.text()
    assert dialog.isVisible()
    qtbot.waitUntil(lambda: list(tmp_path.iterdir()) == [])
    assert dialog.primary.isEnabled()


def test_a_failure_stays_readable(qtbot: QtBot, dialog: SaveTensorsDialog, tmp_path: Path) -> None:
    dialog.formats.setCurrentIndex(3)
    qtbot.mouseClick(dialog.primary, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(dialog.message.isVisible)
    assert dialog.message.tone == "bad"
    assert list(tmp_path.iterdir()) == []


def test_a_folder_of_arrays_and_of_tables(tmp_path: Path) -> None:
    document = document_of(TENSORS)
    save_tensors(document.checkpoint, SUBJECTS, "npy-folder", str(tmp_path / "arrays"), Progress())
    assert sorted(p.name for p in (tmp_path / "arrays").iterdir()) == sorted(
        ["layer.weight.npy", "layer.Weight-2.npy", "_con.npy", "größe_重量.npy"]
    )
    assert np.array_equal(np.load(tmp_path / "arrays" / "layer.weight.npy"), WEIGHT)
    save_tensors(document.checkpoint, WHOLE, "csv-folder", str(tmp_path / "tables"), Progress())
    assert np.allclose(np.loadtxt(tmp_path / "tables" / "layer.weight.csv", delimiter=","), WEIGHT)
    with pytest.raises(ExportError) as caught:
        save_tensors(document.checkpoint, WHOLE, "npy-folder", str(tmp_path / "arrays"), Progress())
    assert caught.value.code == "target-exists"


def test_a_stopped_folder_is_gone(tmp_path: Path) -> None:
    class Stopping(Progress):
        def report(self, done: int, total: int, label: object = None) -> None:
            if done > WHOLE[0].tensor.nbytes:
                raise Cancelled

    with pytest.raises(Cancelled):
        save_tensors(document_of(TENSORS).checkpoint, WHOLE, "npy-folder", str(tmp_path / "new"), Stopping())
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("format", ["safetensors", "pth"])
def test_a_checkpoint_of_a_few_is_bit_by_bit_the_same(tmp_path: Path, format: saving.SaveFormat) -> None:
    path = tmp_path / f"few.{format}"
    save_tensors(document_of(TENSORS).checkpoint, WHOLE, format, str(path), Progress())
    found = open_checkpoint(str(path)).active_state_dict.tensors
    assert set(found) == {subject.name for subject in WHOLE}
    for subject in WHOLE:
        again = found[subject.name]
        assert (again.dtype, again.shape) == (subject.tensor.dtype, subject.tensor.shape)
        start, length = again.span()
        assert again.storage.source.read(start, length) == subject.tensor.storage.source.read(0, length)


def test_torch_loads_the_few(tmp_path: Path) -> None:
    torch = pytest.importorskip("torch")
    path = tmp_path / "few.pth"
    save_tensors(document_of(TENSORS).checkpoint, WHOLE, "pth", str(path), Progress())
    assert torch.equal(torch.load(path, weights_only=True)["layer.weight"], torch.from_numpy(WEIGHT))


def test_nothing_but_absent_values_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(StudioError) as caught:
        save_tensors(document_of(TENSORS).checkpoint, SUBJECTS[-1:], "npz", str(tmp_path / "no.npz"), Progress())
    assert caught.value.code == "nothing-to-save"
    assert list(tmp_path.iterdir()) == []


def test_names_of_files_are_names_everywhere() -> None:
    assert file_names(["a.b", "A.B", "nul", "x/y", "..", "é" * 500]) == [
        "a.b", "A.B-2", "_nul", "x_y", "tensor", "é" * 120,
    ]  # fmt: skip
