"""Saving where files that are open can be neither replaced nor removed: Windows, played on Linux (`windows_files`)."""

from __future__ import annotations

import mmap
import os
from pathlib import Path

import pytest

from ckpt_studio.core.checkpoint import Checkpoint, Source, StateDict
from ckpt_studio.core.data import chunks
from ckpt_studio.core.dtypes import BY_NAME
from ckpt_studio.core.journal import Session, claim_leftovers
from ckpt_studio.core.storage import MemoryBytes, SourceFile, Storage
from ckpt_studio.core.tensor import contiguous
from ckpt_studio.errors import ExportError, StudioError
from ckpt_studio.formats import atomic
from ckpt_studio.formats.export import ExportOptions, export, plan_export
from ckpt_studio.formats.opening import open_checkpoint

pytestmark = pytest.mark.usefixtures("windows_files")

BYTES = 700_000
FORMATS = {
    "zip": ("out.pth", ExportOptions(overwrite=True)),
    "legacy": ("out.pth", ExportOptions(overwrite=True, format="pth-legacy")),
    "safetensors": ("out.safetensors", ExportOptions(overwrite=True)),
    "shards": ("out.safetensors", ExportOptions(overwrite=True, max_shard_size=BYTES)),
}


def made(value: int) -> Checkpoint:
    """Two tensors full of `value`, in no file."""
    tensors = {
        name: contiguous(BY_NAME["uint8"], (BYTES,), Storage(MemoryBytes(bytes((value,)) * BYTES))) for name in "ab"
    }
    return Checkpoint(Source("nowhere", "torch-zip", 0, ()), None, (StateDict((), tensors),), ())


def written(folder: Path, form: str, value: int) -> Path:
    """The file to open of an export."""
    name, options = FORMATS[form]
    return Path(export(plan_export(made(value), folder / name, options)).path)


def values(checkpoint: Checkpoint) -> set[int]:
    """What all its tensors are full of."""
    return {
        byte
        for tensor in checkpoint.active_state_dict.tensors.values()
        for piece in chunks(tensor)
        for byte in set(bytes(piece))
    }


@pytest.mark.parametrize("form", FORMATS)
def test_a_file_is_written_and_replaced(form: str, tmp_path: Path) -> None:
    for value in (1, 2):
        assert values(open_checkpoint(written(tmp_path, form, value))) == {value}
    assert not [name for name in os.listdir(tmp_path) if name.startswith(".")]


@pytest.mark.parametrize("form", FORMATS)
def test_the_open_file_is_replaced(form: str, tmp_path: Path) -> None:
    path = written(tmp_path, form, 1)
    opened, again = open_checkpoint(path), open_checkpoint(path)
    assert values(opened) == values(again) == {1}  # both now hold it open
    name, options = FORMATS[form]
    outcome = export(plan_export(opened, tmp_path / name, options))
    assert "source-replaced" in {notice.code for notice in outcome.notices}
    assert values(open_checkpoint(path)) == {1}
    for stale in (opened, again):
        with pytest.raises(StudioError) as caught:
            values(stale)
        assert caught.value.code == "source-changed"
    assert not [name for name in os.listdir(tmp_path) if name.startswith(".")]


def test_another_document_has_the_target_open(tmp_path: Path) -> None:
    path = written(tmp_path, "zip", 1)
    other = open_checkpoint(path)
    assert values(other) == {1}
    export(plan_export(made(2), path, ExportOptions(overwrite=True)))
    assert values(open_checkpoint(path)) == {2}
    with pytest.raises(StudioError, match="changed"):
        values(other)


def test_a_map_of_somebody_else_is_waited_for_and_then_told(tmp_path: Path) -> None:
    path = written(tmp_path, "zip", 1)
    before = path.read_bytes()
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ):
        with pytest.raises(ExportError) as caught:
            export(plan_export(made(2), path, ExportOptions(overwrite=True)))
        assert caught.value.code == "file-in-use"
    assert path.read_bytes() == before
    assert not [name for name in os.listdir(tmp_path) if name.startswith(".")]


def test_a_source_goes_on_after_it_was_closed(tmp_path: Path) -> None:
    path = tmp_path / "raw"
    path.write_bytes(bytes(range(200)))
    source = SourceFile(path)
    assert source.read(10, 3) == bytes((10, 11, 12))
    source.close()
    assert source.read(20, 2) == bytes((20, 21))
    buffer = bytearray(4)
    source.read_into(100, buffer)
    assert bytes(buffer) == bytes(range(100, 104))
    source.close()


@pytest.mark.parametrize("form", ["zip", "shards"])
def test_a_sweep_leaves_what_is_being_written(form: str, tmp_path: Path) -> None:
    if form == "zip":
        with atomic.replacing(tmp_path / "out.pth") as draft:
            os.write(draft.fd, b"half")
            assert atomic.sweep(tmp_path) == 0
            assert os.path.exists(draft.path)
        assert (tmp_path / "out.pth").read_bytes() == b"half"
    else:
        with atomic.replacing_all(str(tmp_path), "out") as drafts:
            draft = drafts.draft(str(tmp_path / "out-1"))
            os.write(draft.fd, b"half")
            draft.sync()
            drafts.finished(draft)
            assert atomic.sweep(tmp_path) == 0
            assert os.path.exists(draft.path)
        assert (tmp_path / "out-1").read_bytes() == b"half"
    assert [name for name in os.listdir(tmp_path) if name.startswith(".")] == []


def test_a_sweep_removes_what_a_dead_run_left(tmp_path: Path) -> None:
    (tmp_path / ".out.pth.0123456789ab.ckpt-studio-part").write_bytes(b"half")
    assert atomic.sweep(tmp_path) == 1
    assert os.listdir(tmp_path) == []


def test_a_journal_leaves_no_session_behind(tmp_path: Path) -> None:
    session = Session(str(tmp_path))
    session.close()
    assert os.listdir(tmp_path) == []
    (tmp_path / "1-abc.session").touch()
    assert claim_leftovers(str(tmp_path)) == ()
    assert os.listdir(tmp_path) == []
