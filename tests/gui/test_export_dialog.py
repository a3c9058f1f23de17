"""The export dialog from the form to the verified file, on the sample checkpoint."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QLocale, QPoint, Qt
from PySide6.QtGui import QDesktopServices, QGuiApplication
from PySide6.QtWidgets import QTableWidgetItem
from pytestqt.qtbot import QtBot

from ckpt_studio.core.checkpoint import Checkpoint, Source
from ckpt_studio.core.edits import Pop, SetDevice, StripPrefix
from ckpt_studio.core.jobs import Progress
from ckpt_studio.core.tree import Dict
from ckpt_studio.errors import ExportError
from ckpt_studio.formats.export import ExportPlan, SaveOutcome
from ckpt_studio.formats.opening import open_checkpoint
from ckpt_studio.gui import export_dialog, export_outcome
from ckpt_studio.gui.document import Document
from ckpt_studio.gui.export_dialog import ExportDialog, expected_nbytes
from ckpt_studio.gui.export_target import suggested_folder, suggested_target
from ckpt_studio.gui.figures import size_text
from ckpt_studio.gui.loading_code import loading_code
from ckpt_studio.models.host.client import LoadTest
from ckpt_studio.models.reference import FileReference, ImportReference, TorchvisionReference
from ckpt_studio.models.resolve import ResolvedModel
from ckpt_studio.resources import resource_path
from tests.gui import samples

LEFT = Qt.MouseButton.LeftButton


@pytest.fixture
def document(tmp_path: Path) -> Iterator[Document]:
    """The sample, copied so that "beside the opened file" is a folder of this test."""
    source = tmp_path / "sample.pth.tar"
    source.write_bytes(resource_path("sample.pth").read_bytes())
    document = Document(open_checkpoint(str(source)))
    yield document
    document.close()


def opened(qtbot: QtBot, document: Document) -> ExportDialog:
    dialog = ExportDialog(document)
    qtbot.addWidget(dialog)
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose, False)
    dialog.open()
    return dialog


def ready(qtbot: QtBot, dialog: ExportDialog) -> str:
    qtbot.waitUntil(dialog.primary.isEnabled)
    return dialog.primary.text()


def refused(qtbot: QtBot, dialog: ExportDialog, part: str) -> None:
    qtbot.waitUntil(lambda: part in dialog.summary.label.text())
    assert not dialog.primary.isEnabled()


def written(qtbot: QtBot, dialog: ExportDialog) -> Path:
    ready(qtbot, dialog)
    with qtbot.waitSignal(dialog.exported) as signal:
        qtbot.mouseClick(dialog.primary, LEFT)
    return Path(signal.args[0])


def test_the_weights_go_to_a_file_that_torch_loads(qtbot: QtBot, document: Document, tmp_path: Path) -> None:
    document.apply(StripPrefix("module."))
    document.apply(Pop(("fc.weight", "fc.bias")))
    dialog = opened(qtbot, document)
    assert dialog.form.target.text() == str(tmp_path / "sample-edited.pth")
    assert ready(qtbot, dialog) == "Export 66 tensors"
    assert "66 tensors will be written as .pth" in dialog.summary.label.text()
    assert "optimizer" in dialog.form.others.text()
    path = written(qtbot, dialog)
    assert not document.is_dirty
    assert "Verified: 66 tensors" in dialog.outcome_page.verified.label.text()
    assert dialog.primary.text() == "Close"
    qtbot.mouseClick(dialog.primary, LEFT)
    assert not dialog.isVisible()
    torch = pytest.importorskip("torch")
    loaded = torch.load(path, weights_only=True)
    assert list(loaded) == list(document.checkpoint.active_state_dict.tensors)


def test_a_file_of_a_graphics_card_can_be_written_for_any_computer(qtbot: QtBot, document: Document) -> None:
    assert not opened(qtbot, document).form.on_cpu.isVisible()
    document.apply(SetDevice("cuda:7"))
    dialog = opened(qtbot, document)
    box = dialog.form.on_cpu
    assert "cuda:7" in box.text()
    ready(qtbot, dialog)
    dialog.form.whole.click()
    assert not box.isVisible()
    dialog.form.weights_only.click()
    box.setFocus()
    qtbot.keyClick(box, Qt.Key.Key_Space)
    path = written(qtbot, dialog)
    assert {tensor.device for tensor in open_checkpoint(path).active_state_dict.tensors.values()} == {"cpu"}
    torch = pytest.importorskip("torch")
    assert len(torch.load(path, weights_only=True)) == 68


@pytest.mark.parametrize("choice", ["as_pth", "legacy", "whole", "as_safetensors"])
def test_the_size_said_before_is_the_size_of_the_file(qtbot: QtBot, document: Document, choice: str) -> None:
    dialog = opened(qtbot, document)
    getattr(dialog.form, choice).click()
    ready(qtbot, dialog)
    assert dialog.plan is not None
    expected = expected_nbytes(dialog.plan)
    assert size_text(expected) in dialog.summary.label.text()
    path = written(qtbot, dialog)
    assert abs(path.stat().st_size - expected) < expected * 0.01


def test_the_format_follows_the_name_and_the_name_the_format(qtbot: QtBot, document: Document) -> None:
    dialog = opened(qtbot, document)
    qtbot.mouseClick(dialog.form.as_safetensors, LEFT, pos=dialog.form.as_safetensors.rect().center() / 4)
    dialog.form.as_safetensors.click()
    assert dialog.form.target.text().endswith("sample-edited.safetensors")
    assert dialog.form.metadata.isVisible()
    assert not dialog.form.whole.isEnabled()
    stem = dialog.form.target.text().removesuffix(".safetensors")
    dialog.form.target.setText(stem + ".pt")
    assert dialog.form.as_pth.isChecked()
    assert dialog.form.whole.isEnabled()
    assert not dialog.form.metadata.isVisible()


def test_safetensors_with_metadata_and_half_precision(qtbot: QtBot, document: Document) -> None:
    safetensors = pytest.importorskip("safetensors")
    dialog = opened(qtbot, document)
    dialog.form.as_safetensors.click()
    assert dialog.form.metadata.entries() == {"format": "pt"}
    qtbot.mouseClick(dialog.form.metadata.add_button, LEFT)
    dialog.form.metadata.table.setItem(1, 0, QTableWidgetItem("format"))
    refused(qtbot, dialog, "same key")
    dialog.form.metadata.table.setItem(1, 0, QTableWidgetItem("author"))
    dialog.form.metadata.table.setItem(1, 1, QTableWidgetItem("Ada"))
    dialog.form.dtype.setCurrentIndex(dialog.form.dtype.findData("float16"))
    path = written(qtbot, dialog)
    with safetensors.safe_open(path, "numpy") as file:
        assert file.metadata() == {"format": "pt", "author": "Ada"}
        assert {str(file.get_tensor(name).dtype) for name in file.keys()} == {"float16", "int64"}  # noqa: SIM118
    assert document.checkpoint.active_state_dict.tensors["module.fc.weight"].dtype.name == "float32"


def test_the_whole_checkpoint(qtbot: QtBot, document: Document) -> None:
    document.apply(StripPrefix("module."))
    dialog = opened(qtbot, document)
    dialog.form.whole.click()
    path = written(qtbot, dialog)
    again = open_checkpoint(str(path))
    assert list(again.active_state_dict.tensors) == list(document.checkpoint.active_state_dict.tensors)
    assert again.root.get("epoch") == document.checkpoint.root.get("epoch")
    dialog.outcome_page.copy_loading_code()
    # It has an argparse.Namespace.
    assert "checkpoint = torch.load" in QGuiApplication.clipboard().text()
    assert "weights_only=False" in QGuiApplication.clipboard().text()
    assert "checkpoint['state_dict']" in QGuiApplication.clipboard().text()


def test_what_else_a_file_holds(qtbot: QtBot, document: Document) -> None:
    dialog = opened(qtbot, document)
    assert dialog.form.others.text() == "Also inside: epoch, arch, best_acc1, optimizer, args"
    assert dialog.form.whole.isEnabled()
    plain = opened(qtbot, samples.document(samples.FILE))
    assert "nothing but the weights" in plain.form.others.text()
    assert not plain.form.whole.isEnabled()
    no_weights = Document(Checkpoint(Source("values.pth", "torch-zip", 1), Dict([("epoch", 3)])))
    values = opened(qtbot, no_weights)
    assert values.form.whole.isChecked()
    assert not values.form.weights_only.isEnabled()
    assert ready(qtbot, values) == "Export"


def test_replacing_is_asked_in_place(qtbot: QtBot, document: Document, tmp_path: Path) -> None:
    target = tmp_path / "there.pth"
    target.write_bytes(b"old")
    dialog = opened(qtbot, document)
    dialog.form.target.setText(str(target))
    qtbot.waitUntil(lambda: dialog.plan is not None)
    assert dialog.form.replace.isVisible()
    assert "3 B" in dialog.form.replace.text()
    assert not dialog.primary.isEnabled()
    assert "Replace" in dialog.primary.toolTip()
    dialog.form.replace.click()
    assert written(qtbot, dialog) == target
    assert target.stat().st_size > 1000


@pytest.mark.parametrize("locale", ["en_US", "de_DE", "zh_CN"])
def test_the_day_of_what_is_replaced_is_written_year_first(
    qtbot: QtBot, document: Document, tmp_path: Path, locale: str
) -> None:
    target = tmp_path / "there.pth"
    target.write_bytes(b"old")
    # Noon in Greenwich: the same day nearly everywhere.
    os.utime(target, (1_772_625_600, 1_772_625_600))
    QLocale.setDefault(QLocale(locale))
    dialog = opened(qtbot, document)
    dialog.form.target.setText(str(target))
    qtbot.waitUntil(lambda: dialog.plan is not None)
    assert "2026-03-04" in dialog.form.replace.text()


def test_writing_over_the_open_file_is_named_as_that(qtbot: QtBot, document: Document, tmp_path: Path) -> None:
    document.apply(StripPrefix("module."))
    dialog = opened(qtbot, document)
    dialog.form.target.setText(document.path)
    qtbot.waitUntil(lambda: dialog.plan is not None)
    assert "file that is open now" in dialog.form.replace.text()
    assert dialog.form.whole.isChecked()
    dialog.form.target.setText(str(tmp_path / "other.pth"))
    assert dialog.form.weights_only.isChecked()
    dialog.form.target.setText(document.path)
    dialog.form.weights_only.click()
    dialog.form.replace.click()
    ready(qtbot, dialog)
    assert "all else in it goes. Also inside: epoch" in dialog.summary.label.text()
    assert dialog.summary.tone == "caution"
    path = written(qtbot, dialog)
    assert "conv1.weight" in open_checkpoint(str(path)).active_state_dict.tensors
    assert document.replaced == (1, False)


@pytest.mark.parametrize(
    ("name", "part"), [("", "Say which file"), ("missing/folder/x.pth", "folder"), ("name.png", "")]
)
def test_a_target_that_cannot_be_is_told_in_place(
    qtbot: QtBot, document: Document, tmp_path: Path, name: str, part: str
) -> None:
    dialog = opened(qtbot, document)
    dialog.form.target.setText(str(tmp_path / name) if name else "")
    if part == "folder":
        ready(qtbot, dialog)
        qtbot.mouseClick(dialog.primary, LEFT)
        qtbot.waitUntil(dialog.message.isVisible)
        assert "folder" in dialog.message.label.text()
        assert dialog.pages.currentIndex() == 0
        assert list(tmp_path.iterdir()) == [Path(document.path)]
    elif part:
        refused(qtbot, dialog, part)
    else:
        # The format is chosen in the form, so that any suffix can be written.
        assert ready(qtbot, dialog).startswith("Export")


def test_converting_to_what_it_is_already_is_told(qtbot: QtBot, document: Document) -> None:
    dialog = opened(qtbot, document)
    dialog.form.dtype.setCurrentIndex(dialog.form.dtype.findData("float32"))
    refused(qtbot, dialog, "already float32")


def test_cancelling_leaves_nothing_behind(
    qtbot: QtBot, document: Document, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def endless(plan: ExportPlan, progress: Progress) -> SaveOutcome:
        import threading

        while True:
            progress.report(1, 2)
            threading.Event().wait(0.01)

    monkeypatch.setattr(export_dialog, "export", endless)
    document.apply(StripPrefix("module."))
    dialog = opened(qtbot, document)
    ready(qtbot, dialog)
    qtbot.mouseClick(dialog.primary, LEFT)
    qtbot.waitUntil(lambda: dialog.bar.value() == 500)
    qtbot.keyClick(dialog, Qt.Key.Key_Escape)
    assert dialog.isVisible()
    assert "nothing was written" in dialog.message.label.text()
    assert document.is_dirty
    ready(qtbot, dialog)
    qtbot.keyClick(dialog, Qt.Key.Key_Escape)
    assert not dialog.isVisible()
    assert os.listdir(tmp_path) == ["sample.pth.tar"]


def test_a_failure_leads_back_to_the_form(qtbot: QtBot, document: Document, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(plan: ExportPlan, progress: Progress) -> SaveOutcome:
        raise ExportError("disk-full", path=plan.target)

    monkeypatch.setattr(export_dialog, "export", fail)
    dialog = opened(qtbot, document)
    ready(qtbot, dialog)
    qtbot.mouseClick(dialog.primary, LEFT)
    qtbot.waitUntil(dialog.message.isVisible)
    assert "The disk is full" in dialog.message.label.text()
    assert dialog.pages.currentIndex() == 0
    ready(qtbot, dialog)


def test_afterwards(qtbot: QtBot, document: Document, monkeypatch: pytest.MonkeyPatch) -> None:
    shown: list[str] = []
    monkeypatch.setattr(QDesktopServices, "openUrl", lambda url: shown.append(url.toLocalFile()))
    dialog = opened(qtbot, document)
    path = written(qtbot, dialog)
    qtbot.mouseClick(dialog.outcome_page.show_button, LEFT)
    assert shown == [str(path.parent)]
    qtbot.mouseClick(dialog.outcome_page.copy_button, LEFT)
    assert repr(str(path)) in QGuiApplication.clipboard().text()
    assert dialog.outcome_page.copied.text() == "✓ Copied"


def compare(qtbot: QtBot, document: Document, model: dict[str, tuple[int, ...]]) -> None:
    document.set_model(ResolvedModel(TorchvisionReference("tiny"), samples.skeleton(model)))
    qtbot.waitUntil(lambda: document.report is not None and not document.is_comparing)


def test_a_file_that_pytorch_would_refuse_is_exported_but_said_to_be_refused(qtbot: QtBot, document: Document) -> None:
    shapes = {name: tensor.shape for name, tensor in document.checkpoint.active_state_dict.tensors.items()}
    compare(qtbot, document, {**shapes, "more.weight": (2,)})
    words = "PyTorch would refuse this file for torchvision tiny(num_classes=10): 1 missing."
    dialog = opened(qtbot, document)
    ready(qtbot, dialog)
    assert words in dialog.summary.label.text()
    assert dialog.summary.tone == "calm"
    path = written(qtbot, dialog)
    assert dialog.outcome_page.refused.isVisible()
    assert dialog.outcome_page.refused.label.text() == words
    assert dialog.outcome_page.code.toPlainText().startswith(f"# {words}\n")
    compile(dialog.outcome_page.code.toPlainText(), str(path), "exec")


def test_a_file_that_loads_is_not_said_to_be_refused(qtbot: QtBot, document: Document) -> None:
    shapes = {name: tensor.shape for name, tensor in document.checkpoint.active_state_dict.tensors.items()}
    compare(qtbot, document, shapes)
    dialog = opened(qtbot, document)
    ready(qtbot, dialog)
    assert "refuse" not in dialog.summary.label.text()
    written(qtbot, dialog)
    assert not dialog.outcome_page.refused.isVisible()
    assert "refuse" not in dialog.outcome_page.code.toPlainText()


@pytest.mark.slow
def test_torch_itself_loads_the_written_file(qtbot: QtBot, document: Document) -> None:
    pytest.importorskip("torch")
    dialog = opened(qtbot, document)
    written(qtbot, dialog)
    qtbot.mouseClick(dialog.outcome_page.test_button, LEFT)
    assert not dialog.outcome_page.test_button.isEnabled()
    qtbot.waitUntil(dialog.outcome_page.test_button.isEnabled, timeout=120_000)
    assert "reads it" in dialog.outcome_page.tested.label.text()
    assert dialog.outcome_page.tested.tone == "good"


def test_what_torch_refuses_is_told(qtbot: QtBot, document: Document, monkeypatch: pytest.MonkeyPatch) -> None:
    answer = LoadTest(
        True, False, "torch.load", "Error(s) in loading:\n\tMissing key(s): a\nmore", "Traceback …", "2.5.1"
    )
    monkeypatch.setattr(export_outcome, "load_test", lambda *_: answer)
    document.resolved = ResolvedModel(TorchvisionReference("tiny"), samples.skeleton(samples.MODEL))
    dialog = opened(qtbot, document)
    written(qtbot, dialog)
    qtbot.mouseClick(dialog.outcome_page.test_button, LEFT)
    qtbot.waitUntil(lambda: dialog.outcome_page.tested.tone == "bad")
    assert "Missing key(s): a" in dialog.outcome_page.tested.label.text()
    assert "Traceback" in dialog.details.toPlainText()


def test_suggested_names(tmp_path: Path) -> None:
    assert suggested_target(str(tmp_path / "a.pth.tar"), ".pth") == str(tmp_path / "a-edited.pth")
    (tmp_path / "a-edited.pth").touch()
    assert suggested_target(str(tmp_path / "a.ckpt"), ".pth") == str(tmp_path / "a-edited-2.pth")
    index = str(tmp_path / "model.safetensors.index.json")
    assert suggested_target(index, ".safetensors") == str(tmp_path / "model-edited.safetensors")
    assert suggested_target(str(tmp_path / "plain"), ".safetensors") == str(tmp_path / "plain-edited.safetensors")


@pytest.mark.parametrize(
    ("format", "inner", "model"),
    [
        ("pth", None, TorchvisionReference("resnet18", (), {"num_classes": 10})),
        ("pth", ("state_dict",), FileReference("net.py", "Net", (3,), {"act": "gelu"})),
        ("safetensors", None, ImportReference("timm", "create_model", ("resnet18",))),
        ("safetensors", None, None),
    ],
)
def test_loading_code_is_python(format: str, inner: tuple[str, ...] | None, model: object) -> None:
    code = loading_code("C:\\files\\it's.pth", format, inner, model)  # type: ignore[arg-type]
    compile(code, "loading", "exec")
    assert "load_state_dict(state_dict)" in code


def test_loading_code_of_the_users_own_class_runs(tmp_path: Path) -> None:
    torch = pytest.importorskip("torch")
    (tmp_path / "code of mine").mkdir()
    net = tmp_path / "code of mine" / "my_small_net.py"
    net.write_text("import torch\nclass Net(torch.nn.Linear):\n    pass\n")
    torch.save({"model": torch.nn.Linear(2, 3).state_dict(), "epoch": 3}, tmp_path / "w.pth")
    code = loading_code(str(tmp_path / "w.pth"), "pth", ("model",), FileReference(str(net), "Net", (2, 3), {}))
    assert "weights_only=True" in code
    done = subprocess.run([sys.executable, "-c", code + "print(model.out_features)"], capture_output=True, text=True)
    assert done.stdout == "3\n", done.stderr
    assert "is defined in" in loading_code("w.pth", "pth", None, FileReference("my-net.py", "Net", (), {}))


def test_loading_code_runs(qtbot: QtBot, tmp_path: Path) -> None:
    torch = pytest.importorskip("torch")
    torchvision = pytest.importorskip("torchvision")
    path = tmp_path / "w.pth"
    torch.save(torchvision.models.resnet18(num_classes=3).state_dict(), path)
    code = loading_code(str(path), "pth", None, TorchvisionReference("resnet18", (), {"num_classes": 3}))
    names: dict[str, object] = {}
    exec(code, names)
    assert names["model"].fc.out_features == 3  # type: ignore[attr-defined]


def test_a_split_export_shows_its_files_beforehand(qtbot: QtBot, tmp_path: Path) -> None:
    document = samples.document({f"layer{n}.weight": (300_000,) for n in range(5)}, str(tmp_path / "big.safetensors"))
    dialog = opened(qtbot, document)
    dialog.form.target.setText(str(tmp_path / "model.safetensors"))
    assert dialog.form.part_size.text() == "5 GB"
    dialog.form.split.click()
    ready(qtbot, dialog)
    assert "Everything fits into one file: model.safetensors" in dialog.summary.label.text()
    dialog.form.part_size.setValue(0.003)
    assert dialog.form.part_size.text() == "0.003 GB"
    ready(qtbot, dialog)
    assert "3 parts: model-00001-of-00003.safetensors … model-00003-of-00003" in dialog.summary.label.text()
    assert "the file to open: model.safetensors.index.json" in dialog.summary.label.text()
    path = written(qtbot, dialog)
    assert path.name == "model.safetensors.index.json"
    assert len(list(tmp_path.glob("model-0000*.safetensors"))) == 3
    assert list(open_checkpoint(str(path)).active_state_dict.entries) == list(document.state_dict.entries)  # type: ignore[union-attr]


def test_existing_parts_are_asked_about(qtbot: QtBot, tmp_path: Path) -> None:
    document = samples.document({f"layer{n}.weight": (300_000,) for n in range(4)}, str(tmp_path / "big.safetensors"))
    (tmp_path / "model.safetensors.index.json").write_text("old", encoding="utf-8")
    (tmp_path / "model-00002-of-00002.safetensors").write_text("old", encoding="utf-8")
    dialog = opened(qtbot, document)
    dialog.form.target.setText(str(tmp_path / "model.safetensors"))
    ready(qtbot, dialog)
    assert not dialog.form.replace.isVisible()
    dialog.form.part_size.setValue(0.003)
    dialog.form.split.click()
    qtbot.waitUntil(dialog.form.replace.isVisible)
    assert "2 existing files" in dialog.form.replace.text()
    assert not dialog.primary.isEnabled()
    dialog.form.replace.click()
    assert written(qtbot, dialog).read_text(encoding="utf-8") != "old"


def test_the_container_for_old_pytorch(qtbot: QtBot, document: Document) -> None:
    dialog = opened(qtbot, document)
    dialog.form.as_safetensors.click()
    assert not dialog.form.legacy.isVisible()
    assert dialog.form.split.isVisible()
    dialog.form.as_pth.click()
    assert dialog.form.legacy.isVisible()
    assert not dialog.form.split.isVisible()
    dialog.form.legacy.click()
    path = written(qtbot, dialog)
    assert not path.read_bytes().startswith(b"PK")
    assert open_checkpoint(str(path)).source.format == "torch-legacy"


def test_the_programs_own_folder_is_never_proposed(
    qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        "ckpt_studio.gui.export_target.QStandardPaths.writableLocation", lambda _: str(tmp_path / "Documents")
    )
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("USERPROFILE", str(tmp_path))
    sample = Document(open_checkpoint(str(resource_path("sample.pth"))))
    assert suggested_folder(sample) == str(tmp_path)
    (tmp_path / "Documents").mkdir()
    assert suggested_folder(sample) == str(tmp_path / "Documents")
    chosen = tmp_path / "chosen"
    chosen.mkdir()
    dialog = opened(qtbot, sample)
    dialog.form.target.setText(str(chosen / "out.pth"))
    written(qtbot, dialog)
    assert opened(qtbot, sample).form.target.text() == str(chosen / "sample-edited.pth")
    again = Document(open_checkpoint(str(resource_path("sample.pth"))))
    assert suggested_folder(again) == str(chosen)


def test_the_dialog_is_as_high_as_its_questions(qtbot: QtBot, document: Document) -> None:
    dialog = opened(qtbot, document)
    ready(qtbot, dialog)
    qtbot.waitUntil(lambda: 0 <= dialog.summary.y() - dialog.form.geometry().bottom() < 40)
    low, top = dialog.height(), dialog.form.target.y()
    qtbot.mouseClick(dialog.form.as_safetensors, LEFT)
    qtbot.waitUntil(lambda: dialog.height() > low)
    qtbot.mouseClick(dialog.form.as_pth, LEFT)
    qtbot.waitUntil(lambda: dialog.height() == low)
    assert dialog.form.target.y() == top


def settled(dialog: ExportDialog) -> list[int]:
    """Where the parts of the last page stand, once all of it is laid out."""
    for _ in range(20):
        QGuiApplication.processEvents()
    page = dialog.outcome_page
    return [page.code.y(), page.test_button.y(), dialog.primary.mapTo(dialog, QPoint()).y()]


def test_the_loading_code_is_seen_and_an_answer_moves_nothing(
    qtbot: QtBot, document: Document, monkeypatch: pytest.MonkeyPatch
) -> None:
    dialog = opened(qtbot, document)
    written(qtbot, dialog)
    page = dialog.outcome_page
    assert "weights_only=True" in page.code.toPlainText()
    places = settled(dialog)
    answer = LoadTest(True, False, "torch.load", "", "", "2.4.0")
    monkeypatch.setattr(export_outcome, "load_test", lambda *_: answer)
    qtbot.mouseClick(page.test_button, LEFT)
    qtbot.waitUntil(lambda: "2.4.0" in page.tested.label.text())
    assert settled(dialog) == places


def test_a_set_of_safetensors_goes_to_safetensors(qtbot: QtBot, tmp_path: Path) -> None:
    document = samples.document({f"layer{n}.weight": (300_000,) for n in range(4)}, str(tmp_path / "big.safetensors"))
    dialog = opened(qtbot, document)
    dialog.form.target.setText(str(tmp_path / "model.safetensors"))
    dialog.form.part_size.setValue(0.003)
    dialog.form.split.click()
    index = written(qtbot, dialog)
    again = Document(open_checkpoint(str(index)))
    form = opened(qtbot, again).form
    assert form.as_safetensors.isChecked()
    assert form.target.text() == str(tmp_path / "model-edited.safetensors")
    assert again.checkpoint.metadata
    assert form.others.text() == "This file holds the weights and 1 note, which is below (metadata)."
    form.as_pth.click()
    assert form.others.text().endswith("which only safetensors keeps.")
    again.close()


def test_a_name_alone_is_beside_the_opened_file_and_gets_the_ending(qtbot: QtBot, document: Document) -> None:
    dialog = opened(qtbot, document)
    for typed, name in (("zzz", "zzz.pth"), ("sub/zzz.bin", "sub/zzz.bin"), ("", "")):
        dialog.form.target.setText(typed)
        assert dialog.form.path == (os.path.join(os.path.dirname(document.path), name) if name else "")
    dialog.form.target.setText("zzz")
    dialog.form.as_safetensors.click()
    assert dialog.form.path.endswith("zzz.safetensors")
    dialog.message.say("could not be written", "bad")
    dialog.form.target.setText("yyy")
    assert dialog.message.isHidden()
    path = written(qtbot, dialog)
    assert path == Path(document.path).with_name("yyy.safetensors")
