"""The rows of the compare pane: right, filtered, and quick with 100,000 of them."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Qt
from pytestqt.modeltest import ModelTester

from ckpt_studio.compare.report import LoadReport, Row
from ckpt_studio.gui.compare_model import ACTION, FILE_SHAPE, MODEL_SHAPE, NAME, ROW_ROLE, STATUS, CompareModel
from ckpt_studio.gui.compare_rows import ArrangedRows
from tests.clock import quick
from tests.gui import samples

DISPLAY = Qt.ItemDataRole.DisplayRole


def shown(model: CompareModel) -> list[str]:
    return [model.row_at(position).name for position in range(model.rowCount())]


def text(model: CompareModel, row: int, column: int) -> str:
    return str(model.index(row, column).data(DISPLAY))


def test_rows_show_both_sides(qtmodeltester: ModelTester) -> None:
    model = CompareModel()
    qtmodeltester.check(model)
    model.set_report(samples.report_of(samples.FILE, samples.MODEL))
    report = samples.report_of(samples.FILE, samples.MODEL)
    matched = [row.name for row in report.matched]
    # What needs something comes first; both in the model's order.
    assert shown(model) == [row.name for row in report.rows if row.status != "matched"] + matched
    row = model.position_of("fc.weight")
    assert [text(model, row, c) for c in (STATUS, NAME, FILE_SHAPE, MODEL_SHAPE)] == [
        "Size mismatch",
        "fc.weight",
        "100×8",
        "10×8",
    ]
    assert model.index(row, ACTION).data(ROW_ROLE).status == "mismatched"
    assert text(model, model.position_of("layer1.0.conv.bias"), FILE_SHAPE) == "—"
    tip = model.index(row, NAME).data(Qt.ItemDataRole.ToolTipRole)
    assert "100×8" in tip
    assert "PyTorch refuses" in tip


def test_counts_and_filters(qtmodeltester: ModelTester) -> None:
    model = CompareModel()
    qtmodeltester.check(model)
    model.set_report(samples.report_of(samples.FILE, samples.MODEL))
    assert model.counts == {"matched": 3, "mismatched": 2, "missing": 2, "unexpected": 2}
    model.set_filter(("missing",))
    assert shown(model) == ["layer1.0.conv.weight", "layer1.0.conv.bias"]
    model.set_filter(("missing", "unexpected"), "BIAS")
    assert shown(model) == ["layer1.0.conv.bias", "old.layer1.0.conv.bias"]
    assert model.position_of("fc.weight") == -1
    model.set_filter()
    assert model.rowCount() == 9
    model.set_report(None)
    assert model.rowCount() == 0


def test_finds_rows_by_the_name_in_the_file() -> None:
    model = CompareModel()
    model.set_report(samples.report_of(samples.FILE, samples.MODEL))
    places = model.positions_of_checkpoint({"fc.bias", "old.layer1.0.conv.bias", "not there"})
    assert [model.row_at(place).checkpoint_name for place in places] == ["fc.bias", "old.layer1.0.conv.bias"]


def test_a_hundred_thousand_rows_are_quick() -> None:
    report: LoadReport = samples.report_of(samples.many(100_000, "module."), samples.many(100_000))
    # By the job that compares.
    _, arranged = report.matched, ArrangedRows(report)
    model = CompareModel()
    steps: dict[str, Callable[[], object]] = {
        "show": lambda: model.set_report(report, arranged),
        "one kind": lambda: model.set_filter(("missing",)),
        "by name": lambda: model.set_filter((), "part3"),
        "find": lambda: model.positions_of_checkpoint({"module.blocks.7.part1.weight"}),
        "all": lambda: model.set_filter(),
    }
    for what, step in steps.items():
        quick(0.15, step, what)
    assert model.rowCount() == 200_000


def test_what_the_model_makes_itself_is_said_in_words() -> None:
    model = CompareModel()
    model.set_report(LoadReport(True, (Row("matched", "bn.num_batches_tracked", None, None, (), None, "int64"),)))
    cell = model.index(0, FILE_SHAPE)
    assert cell.data() == "made by the model"
    assert "BatchNorm" in cell.data(Qt.ItemDataRole.ToolTipRole)
    assert "0.4.1" in cell.data(Qt.ItemDataRole.ToolTipRole)
