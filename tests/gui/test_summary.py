"""The facts above the tree, as numbers."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import QLocale, QPoint, Qt
from PySide6.QtWidgets import QApplication

from ckpt_studio.core.checkpoint import Checkpoint, Source, StateDict
from ckpt_studio.core.edits import Pop, PopEntry, SetMetadata, StripPrefix
from ckpt_studio.core.jobs import SILENT
from ckpt_studio.core.tree import Dict
from ckpt_studio.formats.opening import open_checkpoint
from ckpt_studio.gui.document import Document
from ckpt_studio.gui.file_summary import architecture_parts, summarize
from ckpt_studio.gui.findings_dialog import FindingsDialog
from ckpt_studio.gui.languages import install_language
from ckpt_studio.gui.summary_header import SummaryHeader
from ckpt_studio.models.reference import TorchvisionReference
from ckpt_studio.models.resolve import ResolvedModel
from ckpt_studio.resources import resource_path
from tests.gui import samples
from tests.gui.checkpoints import wrapped_document


def test_what_is_not_weights_stays_the_same_whatever_becomes_of_the_weights() -> None:
    checkpoint = open_checkpoint(resource_path("sample.pth"))

    def others() -> int:
        return summarize(checkpoint, checkpoint.active_state_dict, SILENT).other_nbytes

    optimizer = others()
    assert 300_000 < optimizer < checkpoint.source.nbytes
    for edit in (StripPrefix("module."), Pop(("fc.weight", "fc.bias"))):
        checkpoint = edit.apply(checkpoint)
        assert others() == optimizer
    checkpoint = PopEntry(("optimizer",)).apply(checkpoint)
    assert others() == 0


def test_the_largest_things_beside_the_weights_come_first() -> None:
    checkpoint = open_checkpoint(resource_path("sample.pth"))
    summary = summarize(checkpoint, checkpoint.active_state_dict, SILENT)
    assert [beside.name for beside in summary.beside] == ["optimizer", "epoch", "arch", "best_acc1", "args"]
    assert summary.beside[0].nbytes == summary.other_nbytes
    assert [beside.text for beside in summary.beside] == ["", "90", "small_resnet", "71.35", ""]
    assert summary.architecture == "small_resnet"
    assert sum(summary.parts) == summary.nbytes


def test_the_parts_of_a_reference() -> None:
    assert architecture_parts("torchvision:resnet34(num_classes=100)") == ("resnet34", "torchvision", "100")
    assert architecture_parts("torchvision:vit_b_16(image_size=384, num_classes=10)") == (
        "vit_b_16(image_size=384)",
        "torchvision",
        "10",
    )
    assert architecture_parts("torchvision:googlenet(num_classes=5, aux_logits=False)") == (
        "googlenet(aux_logits=False)",
        "torchvision",
        "5",
    )
    assert architecture_parts("torchvision:vgg16") == ("vgg16", "torchvision", "")
    assert architecture_parts("net.py") == ("net.py", "", "")


def test_metadata_is_said_and_shared_bytes_have_no_share(qtbot: Any) -> None:
    document = wrapped_document()
    header = SummaryHeader(document)
    qtbot.addWidget(header)
    qtbot.waitUntil(lambda: header.summary is not None)
    assert header.summary is not None
    # The file says 10,000 bytes, and what is in it more: EMA weights and the optimizer.
    assert "%" not in header.inside.text()
    assert "ema" in header.inside.text()
    document.apply(SetMetadata("author", "Ada"))
    qtbot.waitUntil(lambda: "1 note (metadata)" in header.inside.text())


def test_a_file_without_weights_says_what_to_do(qtbot: Any) -> None:
    root = Dict([("labels", ["cat", "dog"]), ("epoch", 3)])
    document = Document(Checkpoint(Source("/files/labels.pkl", "pickle", 100), root, (), None))
    header = SummaryHeader(document)
    qtbot.addWidget(header)
    qtbot.waitUntil(lambda: header.summary is not None)
    assert "No weights found" in header.facts.text()
    assert header.inside.text() == "Also inside: epoch = 3  ·  labels"
    assert "open its groups" in header.advice.text()
    assert not header.compare_button.isVisibleTo(header)


def test_a_file_of_one_thing_is_not_said_to_have_groups(qtbot: Any) -> None:
    document = Document(Checkpoint(Source("/files/values.pkl", "pickle", 100), 3, (), None))
    header = SummaryHeader(document)
    qtbot.addWidget(header)
    qtbot.waitUntil(lambda: header.summary is not None)
    assert header.inside.text() == ""
    assert "groups" not in header.advice.text()


def test_a_call_at_the_root_is_no_model(qtbot: Any, tmp_path: Path) -> None:
    file = tmp_path / "evil.pkl"
    file.write_bytes(b"c__builtin__\nexec\n(S'1'\ntR.")
    document = Document(open_checkpoint(str(file)))
    header = SummaryHeader(document)
    document.setParent(header)
    qtbot.addWidget(header)
    qtbot.waitUntil(lambda: header.summary is not None)
    assert "exec" not in header.facts.text()
    dialog = FindingsDialog(document.checkpoint)
    qtbot.addWidget(dialog)
    said = dialog.found.toPlainText().rstrip()
    assert said.endswith("exec('1').")


def test_what_loads_but_is_not_sound_is_not_called_fine(qtbot: Any) -> None:
    document = samples.document({"fc.weight": (2, 3)})
    header = SummaryHeader(document)
    qtbot.addWidget(header)
    document.set_model(ResolvedModel(TorchvisionReference("tiny"), samples.skeleton({"fc.weight": (2, 3)})))
    qtbot.waitUntil(lambda: document.report is not None)
    assert header.advice.text() == "Everything matches: PyTorch loads this file into the model."
    header.show_health("caution", "1 tensor with NaN")
    assert header.advice.text().endswith("But some values are not sound: see Checks.")
    header.show_health("good", "Values look healthy")
    assert "not sound" not in header.advice.text()


def several(**sets: dict[str, tuple[int, ...]]) -> Document:
    """A file with these state dicts; the first is the active one."""
    entries = {key: {name: samples.tensor(*shape) for name, shape in shapes.items()} for key, shapes in sets.items()}
    nodes = {key: Dict(list(found.items())) for key, found in entries.items()}
    found = tuple(StateDict((key,), entries[key], nodes[key]) for key in sets)
    source = Source("/files/several.pth", "torch-zip", 1000)
    return Document(Checkpoint(source, Dict(list(nodes.items())), found, found[0].path))


def summarized(document: Document, qtbot: Any) -> SummaryHeader:
    header = SummaryHeader(document)
    document.setParent(header)
    qtbot.addWidget(header)
    header.resize(1200, 120)
    header.show()
    qtbot.waitUntil(lambda: header.summary is not None)
    return header


def pick(header: SummaryHeader, qtbot: Any, words: str) -> None:
    """Opens the menu of the sets by mouse and clicks the entry that begins with the words."""
    menu = header.sets_menu
    # InstantPopup would wait in a loop of its own until the menu is closed.
    menu.popup(header.sets.mapToGlobal(QPoint(0, header.sets.height())))
    action = next(action for action in menu.actions() if action.text().startswith(words))
    qtbot.mouseClick(menu, Qt.MouseButton.LeftButton, pos=menu.actionGeometry(action).center())


def test_averaged_weights_beside_the_weights_are_said_and_shown(qtbot: Any) -> None:
    header = summarized(wrapped_document(), qtbot)
    document = header.document
    assert header.facts.text().startswith("state_dict   ·   ")
    assert header.sets.isVisible()
    assert header.sets.accessibleName() == "Averaged weights (EMA) inside"
    assert "running average over the training" in header.sets.toolTip()
    assert "ema (averaged weights)" in header.inside.text()
    words = [action.text() for action in header.sets_menu.actions() if action.text()]
    assert words[0].startswith("state_dict  ·  10 tensors")
    assert words[1].startswith("ema  ·  averaged weights (EMA)  ·  10 tensors")
    assert words[2] == "Use the averaged weights (EMA) of “ema”  ·  10 tensors"
    pick(header, qtbot, "ema")
    assert document.checkpoint.active == ("ema",)
    assert not document.is_dirty
    qtbot.waitUntil(lambda: header.sets.accessibleName() == "You see averaged weights (EMA)")
    assert "state_dict" in header.inside.text()
    pick(header, qtbot, "state_dict")
    assert document.checkpoint.active == ("state_dict",)


def test_averages_are_taken_over_from_the_header(qtbot: Any) -> None:
    header = summarized(wrapped_document(), qtbot)
    document = header.document
    average = document.checkpoint.state_dict("ema").tensors
    pick(header, qtbot, "Use the averaged")
    assert document.is_dirty
    assert document.state_dict is not None
    assert all(tensor is average[name] for name, tensor in document.state_dict.tensors.items())
    qtbot.waitUntil(lambda: len(header.sets_menu.actions()) == 2)
    document.undo()
    qtbot.waitUntil(lambda: len(header.sets_menu.actions()) == 4)


def test_averages_among_the_names_are_said(qtbot: Any) -> None:
    names = {"model.a.weight": (2, 2), "model_ema.aweight": (2, 2), "model.b.weight": (2,), "model_ema.bweight": (2,)}
    header = summarized(samples.document(names), qtbot)
    assert header.sets.accessibleName() == "Averaged weights (EMA) inside"
    assert "“sample.pth”" in header.sets.toolTip()
    (action,) = header.sets_menu.actions()
    assert action.text() == "Use the averaged weights (EMA) under “model_ema.”  ·  2 tensors"
    assert action.toolTip() == "The running average of the weights usually gives the better model."


def test_several_models_in_one_file_are_counted_and_listed(qtbot: Any) -> None:
    document = several(G={"a.weight": (40, 40)}, D={"b.weight": (30, 30)}, inputs={"mean": (1,)})
    header = summarized(document, qtbot)
    assert header.sets.accessibleName() == "2 sets of weights"
    assert "are about “G”" in header.sets.toolTip()
    assert header.facts.text().startswith("G   ·   ")
    assert [action.data().label for action in header.sets_menu.actions()] == ["G", "D"]
    # By keyboard, as every other thing of the header.
    assert header.sets.focusPolicy() & Qt.FocusPolicy.TabFocus
    pick(header, qtbot, "D")
    assert document.checkpoint.active == ("D",)
    qtbot.waitUntil(lambda: header.facts.text().startswith("D   ·   "))


def test_one_set_of_weights_is_not_counted(qtbot: Any) -> None:
    header = summarized(samples.document(samples.FILE), qtbot)
    assert not header.sets.isVisible()
    assert "sample" not in header.facts.text()


def test_averages_are_said_in_chinese(qtbot: Any, qapp: QApplication) -> None:
    installed = install_language(qapp, QLocale("zh_CN"))
    try:
        header = summarized(wrapped_document(), qtbot)
        assert header.sets.accessibleName() == "内有平均权重（EMA）"
        assert "ema（平均权重）" in header.inside.text()
        assert not any("averaged" in action.text() for action in header.sets_menu.actions())
    finally:
        for translator in installed:
            qapp.removeTranslator(translator)


def said(qtbot: Any, path: Path, value: Any) -> tuple[str, str]:
    """What the header says a saved object is, and of the code in it."""
    torch = pytest.importorskip("torch")
    if isinstance(value, torch.jit.ScriptModule):
        value.save(path)
    else:
        torch.save(value, path)
    header = SummaryHeader(Document(open_checkpoint(path)))
    qtbot.addWidget(header)
    qtbot.waitUntil(lambda: header.summary is not None)
    return header.facts.text().replace("\xa0", " "), header.safety.text()


def test_files_that_no_catalog_has_are_named(qtbot: Any, tmp_path: Path) -> None:
    torch = pytest.importorskip("torch")
    encoder = torch.nn.TransformerEncoder(torch.nn.TransformerEncoderLayer(16, 2, batch_first=True), 3)
    assert said(qtbot, tmp_path / "a.pth", encoder.state_dict())[0].startswith(
        "nn.TransformerEncoder (PyTorch), 3 layers, width 16"
    )
    small = {f"layers.{i}.q_proj.lora_{x}.weight": torch.zeros(8, 8) for i in range(6) for x in "AB"}
    assert said(qtbot, tmp_path / "b.pth", small)[0].startswith("LoRA adapter of rank 8")
    layer = torch.nn.Linear(3, 2)
    assert (
        "What an optimizer saved, without weights"
        in said(qtbot, tmp_path / "c.pth", torch.optim.Adam(layer.parameters()).state_dict())[0]
    )


@pytest.mark.filterwarnings("ignore:.*torch.ao.quantization", "ignore:torch.quantize", "ignore:.*TypedStorage")
def test_packed_weights_of_quantised_layers_are_counted(qtbot: Any, tmp_path: Path) -> None:
    torch = pytest.importorskip("torch")
    model = torch.ao.quantization.quantize_dynamic(torch.nn.Sequential(torch.nn.Linear(4, 3)), dtype=torch.qint8)
    text, _ = said(qtbot, tmp_path / "q.pth", model.state_dict())
    # scale, zero point, 3×4 weights, 3 biases.
    assert text.startswith("17 parameters")
    assert "qint8" in text


@pytest.mark.filterwarnings("ignore:.*torch.jit")
def test_torchscript_is_a_program(qtbot: Any, tmp_path: Path) -> None:
    torch = pytest.importorskip("torch")
    _, code = said(qtbot, tmp_path / "s.pt", torch.jit.script(torch.nn.Sequential(torch.nn.Linear(3, 2))))
    assert code == "A program of PyTorch, with its weights"
