"""Room that is asked for in advance: the size stays true, nothing is kept, and without it all goes on."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from ckpt_studio.core.jobs import SILENT
from ckpt_studio.core.storage import Extent, SourceFile
from ckpt_studio.formats import copying, disk
from ckpt_studio.formats.copying import Sink

SIZE = 3 << 20


def written(path: Path, source: Path, reserved: int) -> os.stat_result:
    """A copy of the source through a sink that asked for room; its status."""
    with path.open("w+b") as file:
        sink = Sink(file.fileno(), SILENT, SIZE)
        sink.reserve(reserved)
        assert os.fstat(file.fileno()).st_size == 0
        sink.copy(Extent(SourceFile(source), 0, SIZE))
        sink.write(b"end")
        assert sink.finish() == SIZE + 3
    assert path.read_bytes() == source.read_bytes() + b"end"
    return path.stat()


@pytest.fixture
def source(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A file to copy, so large that room is asked for and the disk told to begin."""
    monkeypatch.setattr(copying, "_BEHIND", 1 << 20)
    path = tmp_path / "source"
    path.write_bytes(os.urandom(SIZE))
    return path


@pytest.mark.parametrize("reserved", [0, SIZE, SIZE + 3, 64 << 20])
def test_the_file_keeps_no_more_room_than_it_needs(tmp_path: Path, source: Path, reserved: int) -> None:
    status = written(tmp_path / "target", source, reserved)
    if hasattr(status, "st_blocks"):
        assert status.st_blocks * 512 <= SIZE + (256 << 10)


def test_room_that_is_not_there_is_no_failure(tmp_path: Path, source: Path) -> None:
    written(tmp_path / "target", source, 1 << 60)


def test_systems_that_know_no_such_calls(tmp_path: Path, source: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(disk, "_function", lambda name: None)
    assert not disk.write_soon(0, 0, 1)
    written(tmp_path / "target", source, SIZE)


@pytest.mark.skipif(sys.platform != "linux", reason="Linux's calls")
def test_linux_knows_them(tmp_path: Path) -> None:
    with (tmp_path / "file").open("wb") as file:
        disk.reserve(file.fileno(), SIZE)
        assert os.fstat(file.fileno()).st_size == 0
        file.write(b"x" * 10)
        file.flush()
        assert disk.write_soon(file.fileno(), 0, 10)
        assert not disk.write_soon(-1, 0, 10)
