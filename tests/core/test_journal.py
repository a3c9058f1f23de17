"""The journal of pending edits: what a killed run leaves is found once, whole, and can be made anew."""

from __future__ import annotations

import json
import os
from dataclasses import replace
from pathlib import Path

import pytest

from ckpt_studio.core.checkpoint import Checkpoint, Source
from ckpt_studio.core.edits import AddPrefix, Edit, Pop, RenameTensor, StripPrefix
from ckpt_studio.core.history import History
from ckpt_studio.core.journal import Compared, Pending, Session, claim_leftovers, replay
from ckpt_studio.core.storage import SourceFile
from ckpt_studio.errors import EditError
from tests.core.conftest import checkpoint_of


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "weights.pth"
    path.write_bytes(b"weights")
    return path


def opened(path: Path, names: tuple[str, ...] = ("module.a", "module.b")) -> Checkpoint:
    made = checkpoint_of(names)
    source = Source(str(path), "pickle", 7, (SourceFile(path),))
    return Checkpoint(source, None, made.state_dicts, made.active)


def pending(path: Path, *edits: Edit, index: int | None = None) -> Pending:
    history = History(opened(path))
    for edit in edits or (StripPrefix("module."), RenameTensor("a", "c")):
        history.apply(edit)
    history.go_to(len(history.revisions) if index is None else index)
    return Pending.of(history, history.current.active)


def died(session: Session) -> None:
    """What the system does for a killed process: its descriptors close, its files stay."""
    os.close(session._descriptor)


def test_pending_edits_survive_json(file: Path) -> None:
    wanted = pending(file, index=1)
    assert Pending.from_json(wanted.to_json()) == wanted
    assert wanted.index == 1
    assert len(wanted.steps) == 2
    compared = replace(wanted, compared=Compared("net.py:Net(depth=3)", "/lab", "/usr/bin/python3"))
    assert Pending.from_json(compared.to_json()) == compared


@pytest.mark.parametrize("text", ["", "[]", "{}", "[" * 99999, '{"ckpt-studio-journal": 2}', "null", '"x"'])
def test_anything_else_is_refused(text: str) -> None:
    with pytest.raises(EditError):
        Pending.from_json(text)


@pytest.mark.parametrize(
    "change",
    [
        {"index": 3},
        {"index": True},
        {"path": 1},
        {"steps": [{"edit": "?"}]},
        {"active": [1.5]},
        {"stamp": {"a": "x"}},
        {"compared": {"reference": 3}},
        {"compared": {"model": "x"}},
        {"compared": "x"},
    ],
)
def test_damaged_entries_are_refused(file: Path, change: dict[str, object]) -> None:
    with pytest.raises(EditError):
        Pending.from_json(json.dumps({**json.loads(pending(file).to_json()), **change}))


def test_replayed_edits_give_the_same_names(file: Path) -> None:
    found = replay(pending(file), opened(file))
    assert found.error is None
    assert [list(result.active_state_dict.entries) for _, result in found.results] == [["a", "b"], ["c", "b"]]


def test_edits_that_do_not_fit_any_more_are_told(file: Path) -> None:
    wanted = pending(file, StripPrefix("module."), Pop(("b",)), AddPrefix("x."))
    found = replay(wanted, opened(file, ("module.a", "module.other")))
    assert [edit.kind for edit, _ in found.results] == ["strip-prefix"]
    assert isinstance(found.error, EditError)


def test_file_state(file: Path) -> None:
    wanted = pending(file)
    assert wanted.is_for(opened(file).source)
    assert wanted.file_state() == "same"
    file.write_bytes(b"others!!")
    assert wanted.file_state() == "changed"
    assert not wanted.is_for(opened(file).source)
    file.unlink()
    assert wanted.file_state() == "missing"


def test_running_session_is_not_taken(file: Path, tmp_path: Path) -> None:
    folder = str(tmp_path / "journal")
    session = Session(folder)
    assert session.write("1", pending(file))
    assert claim_leftovers(folder) == ()
    session.close()
    assert os.listdir(folder) == []


def test_dead_session_is_taken_by_one_alone(file: Path, tmp_path: Path) -> None:
    folder = str(tmp_path / "journal")
    session = Session(folder)
    session.write("1", pending(file))
    session.write("2", pending(file))
    session.remove("2")
    died(session)
    (left,) = claim_leftovers(folder)
    assert claim_leftovers(folder) == ()
    ((name, found),) = left.entries.items()
    assert found == pending(file)
    left.release()
    (again,) = claim_leftovers(folder)
    again.forget(name)
    again.release()
    assert os.listdir(folder) == []


def test_latest_write_counts_and_none_comes_after_the_end(file: Path, tmp_path: Path) -> None:
    folder = str(tmp_path / "journal")
    session = Session(folder)
    session.write("1", pending(file, index=1))
    session.write("1", pending(file, index=2))
    died(session)
    (left,) = claim_leftovers(folder)
    assert [entry.index for entry in left.entries.values()] == [2]
    left.release()
    other = Session(folder)
    other.close()
    other.close()
    assert not other.write("1", pending(file))


def test_half_written_and_damaged_entries_are_cleared(file: Path, tmp_path: Path) -> None:
    folder = tmp_path / "journal"
    session = Session(str(folder))
    (folder / f"{session.id}.1.edits~").write_text("{")
    (folder / f"{session.id}.2.edits").write_bytes(b"\xff\0")
    died(session)
    assert claim_leftovers(str(folder)) == ()
    assert os.listdir(folder) == []


def test_missing_folder_holds_nothing(tmp_path: Path) -> None:
    assert claim_leftovers(str(tmp_path / "none")) == ()


def test_what_is_pending_after_the_file_was_replaced(file: Path) -> None:
    before = pending(file)
    file.write_bytes(b"weights without module.")
    after = before.after(1, True)
    assert [step.edit for step in after.steps] == [RenameTensor("a", "c")]
    assert after.index == 1
    assert after.file_state() == "same"
    alone = before.after(1, False)
    assert (alone.active, alone.steps[0].acts_on) == (None, None)
    assert replay(alone, opened(file, ("a", "b"))).error is None
