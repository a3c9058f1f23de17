"""A document says once what changed; tasks tell exactly one outcome; the selection follows."""

from __future__ import annotations

import threading
from typing import Any

import pytest

from ckpt_studio.core.edits import Cast, Pop, RenameTensors, StripPrefix
from ckpt_studio.core.jobs import Progress
from ckpt_studio.errors import Cancelled, EditError, StudioError, message
from ckpt_studio.gui.document import ChangeSet, Document
from ckpt_studio.gui.drag import NAMES_MIME, DraggedNames
from ckpt_studio.gui.figures import count_text, shape_text, size_text
from ckpt_studio.gui.selection import SelectionModel
from ckpt_studio.gui.tasks import run_task, running_tasks, stop_all
from ckpt_studio.gui.wording import worded, worded_error
from tests.gui.checkpoints import wrapped_document
from tests.gui.samples import document

pytestmark = pytest.mark.usefixtures("qapp")


def changes_of(opened: Document) -> list[ChangeSet]:
    seen: list[ChangeSet] = []
    opened.changed.connect(seen.append)
    return seen


def test_change_names_what_was_renamed_removed_revised() -> None:
    opened = document({"a.x": (1,), "a.y": (2,), "b": (3,)})
    seen = changes_of(opened)
    opened.apply(StripPrefix("a."))
    assert dict(seen[-1].renamed) == {"a.x": "x", "a.y": "y"}
    assert seen[-1].touches_names
    opened.apply(RenameTensors((("x", "y"), ("y", "x"))))
    assert dict(seen[-1].renamed) == {"x": "y", "y": "x"}
    opened.apply(Pop(("b",)))
    assert seen[-1].removed == {"b"}
    assert not seen[-1].renamed
    opened.apply(Cast("float16"))
    assert seen[-1].revised == {"x", "y"}
    assert not seen[-1].touches_names
    opened.go_to(0)
    assert seen[-1].kind == "goto"
    assert seen[-1].added == {"b"} or "b" in seen[-1].added | seen[-1].revised


def test_edit_that_does_not_fit_changes_nothing() -> None:
    opened = document({"a": (1,), "b": (1,)})
    seen, before = changes_of(opened), opened.checkpoint
    with pytest.raises(EditError):
        opened.apply(StripPrefix("nobody."))
    assert opened.checkpoint is before
    assert not seen
    assert not opened.is_dirty


def test_dirty_follows_edits_undo_and_export(qtbot: Any) -> None:
    opened = document({"m.a": (1,)})
    told: list[bool] = []
    opened.dirty_changed.connect(told.append)
    opened.apply(StripPrefix("m."))
    opened.undo()
    opened.redo()
    opened.mark_saved()
    opened.undo()
    assert told == [True, False, True, False, True]


def test_undo_brings_the_state_dict_to_the_front_that_it_changes() -> None:
    opened = wrapped_document()
    opened.apply(StripPrefix("module."))
    opened.activate(("ema",))
    opened.apply(Pop(("module.fc.bias",)))
    opened.activate(("state_dict",))
    opened.undo()
    assert opened.checkpoint.active == ("ema",)
    assert "module.fc.bias" in opened.state_dict.entries
    opened.undo()
    assert opened.checkpoint.active == ("state_dict",)
    assert "module.fc.bias" in opened.state_dict.entries


def test_selection_follows_renames() -> None:
    opened = document({"m.a": (1,), "m.b": (1,)})
    opened.selection.select(["m.a"])
    opened.apply(StripPrefix("m."))
    assert opened.selection.names == {"a"}
    assert opened.selection.current == "a"
    opened.apply(Pop(("a",)))
    assert opened.selection.names == frozenset()


def test_selection_tells_once_and_knows_who_selected() -> None:
    selection = SelectionModel()
    told: list[object] = []
    selection.names_changed.connect(lambda names: told.append((names, selection.origin)))
    selection.select(["a"], origin="tree")
    selection.select(["a"], origin="pane")
    assert told == [(frozenset({"a"}), "tree")]


def test_task_tells_success(qtbot: Any) -> None:
    task = run_task(None, lambda progress: 42)
    told: list[object] = []
    task.succeeded.connect(told.append)
    with qtbot.waitSignal(task.finished):
        pass
    assert told == [42]
    assert task not in running_tasks()


def test_task_tells_a_studio_error(qtbot: Any) -> None:
    def fail(progress: Progress) -> None:
        raise StudioError("file-not-found", path="x")

    task = run_task(None, fail)
    with qtbot.waitSignal(task.failed) as failed:
        pass
    assert failed.args[0].code == "file-not-found"


def test_task_gives_other_exceptions_to_the_hook(qtbot: Any) -> None:
    def fail(progress: Progress) -> None:
        raise ZeroDivisionError

    with qtbot.capture_exceptions() as caught:
        task = run_task(None, fail)
        with qtbot.waitSignal(task.finished):
            pass
    assert caught[0][0] is ZeroDivisionError


def test_cancel_is_told_at_once_and_nothing_after_it(qtbot: Any) -> None:
    started, stopped = threading.Event(), threading.Event()

    def work(progress: Progress) -> str:
        started.set()
        try:
            while True:
                progress.check()
        except Cancelled:
            stopped.set()
            return "late"

    task = run_task(None, work)
    told: list[str] = []
    task.cancelled.connect(lambda: told.append("cancelled"))
    task.succeeded.connect(lambda _: told.append("succeeded"))
    task.finished.connect(lambda: told.append("finished"))
    assert started.wait(5)
    task.cancel()
    assert told == ["cancelled", "finished"]
    assert stopped.wait(5)
    assert stop_all()
    assert told == ["cancelled", "finished"]


def test_progress_is_told_about_ten_times_a_second(qtbot: Any) -> None:
    go = threading.Event()

    def work(progress: Progress) -> None:
        progress.report(3, 10)
        go.wait(5)

    task = run_task(None, work)
    with qtbot.waitSignal(task.progressed) as told:
        pass
    assert (told.args[0].done, told.args[0].total) == (3, 10)
    with qtbot.waitSignal(task.finished):
        go.set()


def test_names_being_dragged_survive_their_mime_form() -> None:
    carried = DraggedNames("document-1", ("a.b", "a.c"), "a")
    data = carried.to_mime()
    assert DraggedNames.from_mime(data) == carried
    assert data.text() == "a.b\na.c"
    data.setData(NAMES_MIME, b"{nonsense")
    assert DraggedNames.from_mime(data) is None
    assert DraggedNames.from_mime(None) is None


@pytest.mark.parametrize(
    ("number", "count", "size"),
    [
        (0, "0", "0 B"),
        (999, "999", "999 B"),
        (9999, "9,999", "10 kB"),
        (21_300_000, "21.3 M", "21.3 MB"),
        (85_200_000, "85.2 M", "85.2 MB"),
        (146_000, "146 k", "146 kB"),
        (999_960_000, "1 G", "1 GB"),
        (1_500_000_000, "1.5 G", "1.5 GB"),
    ],
)
def test_figures_are_short(number: int, count: str, size: str) -> None:
    assert count_text(number) == count
    assert size_text(number) == size


def test_shapes_are_written_with_crosses() -> None:
    assert shape_text((64, 3, 7, 7)) == "64×3×7×7"
    assert shape_text(()) == "one number"


def test_errors_are_worded_with_their_problems() -> None:
    problems = [message("file-not-found", path=f"p{i}") for i in range(20)]
    text = worded_error(StudioError("file-not-found", problems=problems, path="x"))
    assert text.splitlines()[0] == worded(message("file-not-found", path="x"))
    assert text.count("•") == 12
    assert "8 more" in text
