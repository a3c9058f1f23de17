"""Which prefix is offered to strip: never one that belongs to the model."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from ckpt_studio.core.edits import StripPrefix
from ckpt_studio.core.jobs import SILENT
from ckpt_studio.gui.document import Document
from ckpt_studio.gui.prefix_offer import helpful_prefix
from ckpt_studio.gui.summary_header import SummaryHeader
from ckpt_studio.models.catalog import Catalog
from ckpt_studio.models.reference import TorchvisionReference
from ckpt_studio.models.resolve import ResolvedModel
from tests.gui import samples

Shapes = Mapping[str, tuple[int, ...]]


def catalog_shapes(name: str) -> dict[str, tuple[int, ...]]:
    skeleton = Catalog.load().skeleton(name, (), {})
    assert skeleton is not None
    return {entry.name: entry.shape for entry in skeleton.entries}


def header_of(qtbot: QtBot, document: Document) -> SummaryHeader:
    header = SummaryHeader(document)
    document.setParent(header)
    qtbot.addWidget(header)
    header.strip_wanted.connect(lambda prefix, anywhere: document.apply(StripPrefix(prefix, anywhere)))
    header.show()
    qtbot.waitUntil(lambda: header.summary is not None and header._was_identified)
    return header


def is_primary(header: SummaryHeader) -> bool:
    return header.strip_button.isVisible() and bool(header.strip_button.property("primary"))


def compare(qtbot: QtBot, header: SummaryHeader, model: Shapes) -> None:
    document = header.document
    document.set_model(ResolvedModel(TorchvisionReference("tiny"), samples.skeleton(model)))
    qtbot.waitUntil(lambda: document.report is not None and not document.is_comparing)
    qtbot.waitUntil(lambda: header._helpful is not None and header._helpful[0] is document.report)


def test_names_of_a_recognised_architecture_are_left_alone(qtbot: QtBot) -> None:
    header = header_of(qtbot, samples.document(catalog_shapes("vit_b_16")))
    assert header.candidate is not None
    assert not header.strip_button.isVisible()
    assert header.compare_button.property("primary")
    assert "encoder." not in header.advice.text()


def test_what_a_wrapper_left_before_a_recognised_architecture_is_offered(qtbot: QtBot) -> None:
    shapes = {f"model.{name}": shape for name, shape in catalog_shapes("vit_b_16").items()}
    header = header_of(qtbot, samples.document(shapes))
    assert is_primary(header)
    assert header.strip_button.text() == "Strip “model.”"
    qtbot.mouseClick(header.strip_button, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: not header.strip_button.isVisible())
    assert "class_token" in header.document.checkpoint.active_state_dict.entries


def test_a_file_that_loads_is_not_to_be_stripped(qtbot: QtBot) -> None:
    model = {"encoder.a": (2,), "encoder.b": (3,), "head": (4,)}
    header = header_of(qtbot, samples.document(model))
    compare(qtbot, header, model)
    assert header.document.report is not None
    assert header.document.report.loads_strict
    assert not header.strip_button.isVisible()
    assert "Everything matches" in header.advice.text()


def test_what_makes_more_names_match_is_offered(qtbot: QtBot) -> None:
    model = {"encoder.a": (2,), "encoder.b": (3,), "head": (4,)}
    header = header_of(qtbot, samples.document({f"net.{name}": shape for name, shape in model.items()}))
    compare(qtbot, header, model)
    assert is_primary(header)
    assert header.strip_button.text() == "Strip “net.”"
    qtbot.mouseClick(header.strip_button, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: header.document.report is not None and header.document.report.loads_strict)
    assert not header.strip_button.isVisible()


def test_a_prefix_of_some_names_is_not_offered_to_an_unknown_file(qtbot: QtBot) -> None:
    shapes = {f"encoder.encoder.{key}": (2, 3) for key in "abcde"} | {f"readout.{key}": (4,) for key in "abcd"}
    header = header_of(qtbot, samples.document(shapes))
    assert not header.strip_button.isVisible()
    assert header.compare_button.property("primary")


def test_a_prefix_that_may_be_the_models_own_is_not_the_next_step(qtbot: QtBot) -> None:
    header = header_of(qtbot, samples.document({f"model.layers.{key}.weight": (2, 3) for key in range(5)}))
    assert header.strip_button.isVisible()
    assert not is_primary(header)
    assert header.compare_button.property("primary")


def test_no_prefix_helps_where_none_makes_more_names_fit() -> None:
    model = {"encoder.a": (2,), "encoder.b": (3,)}
    file = {**model, "encoder.c": (4,)}
    document = samples.document(file)
    report = samples.report_of(file, model)
    assert document.state_dict is not None
    assert not report.loads_strict
    assert helpful_prefix(document.state_dict, report, SILENT) is None
