"""The facts above the tree, as numbers."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from ckpt_studio.core.checkpoint import Checkpoint, Source
from ckpt_studio.core.edits import Pop, PopEntry, SetMetadata, StripPrefix
from ckpt_studio.core.jobs import SILENT
from ckpt_studio.core.tree import Dict
from ckpt_studio.formats.opening import open_checkpoint
from ckpt_studio.gui.document import Document
from ckpt_studio.gui.file_summary import architecture_parts, summarize
from ckpt_studio.gui.findings_dialog import FindingsDialog
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
