"""The published library looks at large headers in a process of its own; its word counts all the same."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from ckpt_studio.cli.main import main
from ckpt_studio.core.checkpoint import Checkpoint, Source, StateDict
from ckpt_studio.core.dtypes import BY_NAME
from ckpt_studio.core.jobs import Progress
from ckpt_studio.core.storage import MemoryBytes, Storage
from ckpt_studio.core.tensor import contiguous
from ckpt_studio.errors import Cancelled, ExportError
from ckpt_studio.formats import library_judge, verify
from ckpt_studio.formats.export import ExportOptions, export, plan_export
from ckpt_studio.formats.opening import open_checkpoint

pytest.importorskip("safetensors")
pytest.importorskip("numpy")

NAMES = ("b", "a", "a b\nc", "日本語", '"quoted"\\', "")


@pytest.fixture
def checkpoint() -> Checkpoint:
    """Tensors of several dtypes under unusual names."""
    tensors = {
        name: contiguous(BY_NAME[dtype], (2, index), Storage(MemoryBytes(bytes(2 * index * BY_NAME[dtype].itemsize))))
        for index, (name, dtype) in enumerate(
            zip(NAMES, ("float32", "int64", "bool", "bfloat16", "float8_e5m2", "uint16"), strict=True)
        )
    }
    return Checkpoint(Source("made", "torch-zip", 0, ()), None, (StateDict((), tensors),), ())


@pytest.fixture
def started(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Every header counts as large; what was looked at in a process of its own."""
    files: list[str] = []
    real = verify._judge

    def judge(path: str) -> subprocess.Popen[bytes]:
        files.append(path)
        return real(path)

    monkeypatch.setattr(verify, "LARGE_HEADER", 0)
    monkeypatch.setattr(verify, "_judge", judge)
    return files


def test_the_sum_is_that_of_names_dtypes_and_shapes(checkpoint: Checkpoint, tmp_path: Path) -> None:
    target = tmp_path / "out.safetensors"
    export(plan_export(checkpoint, target))
    tensors = [(name, t.dtype.safetensors, t.shape) for name, t in checkpoint.active_state_dict.tensors.items()]
    assert library_judge.look(str(target)) == library_judge.summed(tensors)
    assert library_judge.summed(tensors[1:]) != library_judge.summed(tensors)
    assert library_judge.summed([("a", "F32", (1,))]) != library_judge.summed([("a", "F32", (1, 1))])


def test_a_process_of_its_own_looks(checkpoint: Checkpoint, started: list[str], tmp_path: Path) -> None:
    target = tmp_path / "out.safetensors"
    assert export(plan_export(checkpoint, target)).verified
    assert len(started) == 1
    assert list(open_checkpoint(target).active_state_dict.tensors) == list(NAMES)
    set_of = export(plan_export(checkpoint, tmp_path / "set.safetensors", ExportOptions(max_shard_size=16)))
    assert set_of.verified
    assert len(started) > 2


@pytest.mark.parametrize("content", [b"\0", b"\x02\0\0\0\0\0\0\0{}", b"other"])
def test_its_no_is_the_exports_failure(
    checkpoint: Checkpoint, started: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, content: bytes
) -> None:
    other = tmp_path / "other"
    other.write_bytes(content)
    real = verify._judge
    monkeypatch.setattr(verify, "_judge", lambda path: real(str(other)))
    with pytest.raises(ExportError) as caught:
        export(plan_export(checkpoint, tmp_path / "out.safetensors"))
    assert caught.value.code == "verification-failed"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["other"]


@pytest.mark.parametrize("command", [["/no such program"], [sys.executable, "-c", "raise SystemExit(1)"]])
def test_without_that_process_the_library_is_asked_here(
    checkpoint: Checkpoint, started: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, command: list[str]
) -> None:
    asked: list[str] = []
    real = library_judge.look

    def look(path: str) -> str:
        asked.append(path)
        return real(path)

    monkeypatch.setattr(verify, "_judge", lambda path: subprocess.Popen(command, stdout=subprocess.PIPE))
    monkeypatch.setattr(library_judge, "look", look)
    assert export(plan_export(checkpoint, tmp_path / "out.safetensors")).verified
    assert len(asked) == 1


def test_cancelling_ends_it(
    checkpoint: Checkpoint, started: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    progress = Progress()
    processes: list[subprocess.Popen[bytes]] = []

    def endless(path: str) -> subprocess.Popen[bytes]:
        processes.append(subprocess.Popen([sys.executable, "-c", "import sys; sys.stdin.read()"], stdin=-1, stdout=-1))
        progress.cancel()
        return processes[0]

    monkeypatch.setattr(verify, "_judge", endless)
    with pytest.raises(Cancelled):
        export(plan_export(checkpoint, tmp_path / "out.safetensors"), progress)
    assert processes[0].poll() is not None
    assert not list(tmp_path.iterdir())


def test_a_bundle_plays_it_itself(checkpoint: Checkpoint, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    target = tmp_path / "out.safetensors"
    export(plan_export(checkpoint, target))
    assert main(["--safetensors-judge", str(target)]) == library_judge.ACCEPTED
    assert capsys.readouterr().out.strip() == library_judge.look(str(target))
    target.write_bytes(b"no")
    assert main(["--safetensors-judge", str(target)]) == library_judge.REFUSED
    assert capsys.readouterr().out
