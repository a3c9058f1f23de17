"""Whatever happens on the way, the target is the whole old file or the whole new one."""

from __future__ import annotations

import errno
import os
import random
import select
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from ckpt_studio.core.checkpoint import Checkpoint, Source, StateDict
from ckpt_studio.core.data import chunks
from ckpt_studio.core.dtypes import BY_NAME
from ckpt_studio.core.jobs import Progress
from ckpt_studio.core.storage import ByteSource, FileBytes, MemoryBytes, SourceFile, Storage
from ckpt_studio.core.tensor import contiguous
from ckpt_studio.errors import Cancelled, ExportError, StudioError
from ckpt_studio.formats import atomic, copying
from ckpt_studio.formats.export import ExportOptions, export, plan_export
from ckpt_studio.formats.opening import open_checkpoint

UINT8 = BY_NAME["uint8"]
PIECE = 600_000
FORMATS: dict[str, tuple[str, ExportOptions]] = {
    "zip": ("out.pth", ExportOptions(overwrite=True)),
    "legacy": ("out.pth", ExportOptions(overwrite=True, format="pth-legacy")),
    "safetensors": ("out.safetensors", ExportOptions(overwrite=True)),
    "shards": ("out.safetensors", ExportOptions(overwrite=True, max_shard_size=PIECE)),
}


class Computed(ByteSource):
    """Bytes of one value that are computed when they are read; fails when it is told to."""

    def __init__(self, value: int, nbytes: int, failure: Callable[[], None] = lambda: None) -> None:
        self.value = value
        self.nbytes = nbytes
        self.failure = failure

    def read(self, start: int, length: int) -> bytes:
        self.failure()
        return bytes((self.value,)) * length


def checkpoint(folder: Path, value: int, failure: Callable[[], None] = lambda: None) -> Checkpoint:
    """Three tensors full of `value`: one lies in a file, one is computed, one is small."""
    raw = folder / f"raw{value}"
    if not raw.exists():
        raw.write_bytes(bytes((value,)) * PIECE)
    file = SourceFile(raw)
    tensors = {
        "file": contiguous(UINT8, (PIECE,), Storage(FileBytes(file, 0, PIECE))),
        "computed": contiguous(UINT8, (PIECE,), Storage(Computed(value, PIECE, failure))),
        "small": contiguous(UINT8, (100,), Storage(MemoryBytes(bytes((value,)) * 100))),
    }
    return Checkpoint(Source(str(raw), "torch-zip", PIECE, (file,)), None, (StateDict((), tensors),), ())


def content(folder: Path, name: str) -> set[int]:
    """The values in the exported files; more than one would mean that two versions are mixed."""
    paths = [folder / name]
    if not paths[0].exists():
        paths = sorted(folder.glob("out-*.safetensors"))
    found: set[int] = set()
    names: set[str] = set()
    for path in paths:
        for key, tensor in open_checkpoint(path).active_state_dict.tensors.items():
            names.add(key)
            for piece in chunks(tensor):
                found.update(bytes(piece))
    assert names == {"file", "computed", "small"}
    return found


@pytest.fixture(params=sorted(FORMATS))
def target(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[tuple[Path, str, ExportOptions]]:
    """A folder in which version 1 is exported already."""
    name, options = FORMATS[request.param]
    folder = tmp_path / "out"
    folder.mkdir()
    export(plan_export(checkpoint(tmp_path, 1), folder / name, options))
    before = sorted(os.listdir(folder))
    yield folder, name, options
    assert sorted(os.listdir(folder)) == before


class CancelledAfter(Progress):
    """Is cancelled the n-th time somebody asks."""

    def __init__(self, left: int) -> None:
        super().__init__()
        self.left = left

    def check(self) -> None:
        self.left -= 1
        if self.left < 0:
            raise Cancelled


def test_cancelling_at_any_moment(target: tuple[Path, str, ExportOptions], tmp_path: Path) -> None:
    folder, name, options = target
    plan = plan_export(checkpoint(tmp_path, 2), folder / name, options)
    moments = 0
    while True:
        try:
            export(plan, CancelledAfter(moments))
        except Cancelled:
            assert content(folder, name) == {1}
            moments += 1
        else:
            break
    assert moments >= 8
    assert content(folder, name) == {2}


@pytest.mark.parametrize("error", [OSError(errno.EIO, "bad sector"), StudioError("truncated", path="x", missing=1)])
def test_a_failing_read(target: tuple[Path, str, ExportOptions], tmp_path: Path, error: Exception) -> None:
    folder, name, options = target

    def failure() -> None:
        raise error

    with pytest.raises(StudioError) as caught:
        export(plan_export(checkpoint(tmp_path, 2, failure), folder / name, options))
    assert caught.value.code == ("source-unreadable" if isinstance(error, OSError) else "truncated")
    assert content(folder, name) == {1}


@pytest.mark.skipif(not hasattr(os, "pwrite"), reason="POSIX only")
def test_a_disk_that_fails_in_the_middle(
    target: tuple[Path, str, ExportOptions], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder, name, options = target
    plan = plan_export(checkpoint(tmp_path, 2), folder / name, options)
    real_write, real_copy = os.pwrite, getattr(os, "copy_file_range", None)
    written = limit = 0
    number = errno.ENOSPC

    def count(nbytes: int) -> int:
        nonlocal written
        written += nbytes
        if written > limit:
            raise OSError(number, "injected")
        return nbytes

    monkeypatch.setattr(os, "pwrite", lambda fd, data, offset: count(real_write(fd, data, offset)))
    if real_copy is not None:
        monkeypatch.setattr(os, "copy_file_range", lambda *arguments: count(real_copy(*arguments)))
    generator = random.Random(1)
    for failure, code in [(errno.ENOSPC, "disk-full"), (errno.EIO, "write-failed"), (errno.EDQUOT, "disk-full")]:
        number = failure
        for _ in range(10):
            written, limit = 0, generator.randrange(2 * PIECE)
            with pytest.raises(ExportError) as caught:
                export(plan)
            assert caught.value.code == code
            assert str(caught.value)
            assert content(folder, name) == {1}


def test_a_failing_sync(
    target: tuple[Path, str, ExportOptions], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder, name, options = target
    plan = plan_export(checkpoint(tmp_path, 2), folder / name, options)

    def failing(fd: int) -> None:
        raise OSError(errno.EIO, "injected")

    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", failing)
        with pytest.raises(ExportError) as caught:
            export(plan)
    assert caught.value.code == "write-failed"
    assert content(folder, name) == {1}


def test_bytes_that_did_not_arrive_are_noticed(
    target: tuple[Path, str, ExportOptions], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder, name, options = target
    plan = plan_export(checkpoint(tmp_path, 2), folder / name, options)
    real = copying._write_at
    generator = random.Random(2)
    total = 2 * PIECE + 100
    at = seen = 0

    def flipped(fd: int, data: Any, offset: int) -> None:
        nonlocal seen
        data = bytearray(data)
        if seen <= at < seen + len(data) and data[at - seen] == 2:
            data[at - seen] ^= 0x40
        seen += len(data)
        real(fd, bytes(data), offset)

    monkeypatch.setattr(copying, "_SMALL", 1 << 40)
    for _ in range(20):
        at, seen = generator.randrange(total), 0
        code = ""
        with monkeypatch.context() as patch:
            patch.setattr(copying, "_write_at", flipped)
            try:
                export(plan)
            except ExportError as error:
                code = error.code
        # Unless the flip fell on a byte that is no tensor's, it must have been seen.
        assert (code, content(folder, name)) in [("verification-failed", {1}), ("", {2})]
        export(plan_export(checkpoint(tmp_path, 1), folder / name, options))


@pytest.mark.skipif(sys.platform != "linux", reason="copies inside the kernel")
@pytest.mark.parametrize("number", [errno.EXDEV, errno.EINVAL, errno.EOPNOTSUPP])
def test_file_systems_without_copies_inside_the_kernel(
    target: tuple[Path, str, ExportOptions], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    folder, name, options = target

    def refused(*arguments: object) -> int:
        raise OSError(number, "injected")

    monkeypatch.setattr(os, "copy_file_range", refused)
    export(plan_export(checkpoint(tmp_path, 2), folder / name, options))
    assert content(folder, name) == {2}


@pytest.mark.skipif(sys.platform != "linux" or os.geteuid() != 0, reason="mounts a small disk")
@pytest.mark.parametrize("kind", sorted(FORMATS))
def test_a_disk_that_is_really_full(tmp_path: Path, kind: str) -> None:
    name, options = FORMATS[kind]
    disk = tmp_path / "disk"
    disk.mkdir()
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=2m", "tmpfs", str(disk)], capture_output=True)
    if mounted.returncode:
        pytest.skip("mounting is not permitted here")
    try:
        export(plan_export(checkpoint(tmp_path, 1), disk / name, options))
        before = sorted(os.listdir(disk))
        with pytest.raises(ExportError) as caught:
            export(plan_export(checkpoint(tmp_path, 2), disk / name, options))
        assert caught.value.code in ("disk-full", "disk-too-small")
        assert sorted(os.listdir(disk)) == before
        assert content(disk, name) == {1}
    finally:
        subprocess.run(["umount", str(disk)], check=True)


NURSERY = """
import importlib.util, os, random, sys
from pathlib import Path
sys.path.insert(0, sys.argv[1])
spec = importlib.util.spec_from_file_location("faults", sys.argv[2])
faults = importlib.util.module_from_spec(spec)
sys.modules["faults"] = faults
spec.loader.exec_module(faults)
import numpy, safetensors
folder, kind = Path(sys.argv[3]), sys.argv[4]
name, options = faults.FORMATS[kind]
def plans():
    return [faults.plan_export(faults.checkpoint(folder.parent, v), folder / name, options) for v in range(1, 6)]
faults.export(plans()[0])
for line in sys.stdin:
    child = os.fork()
    if child == 0:
        made = plans()
        random.shuffle(made)
        print(os.getpid(), flush=True)
        while True:
            for plan in made:
                faults.export(plan)
    os.waitpid(child, 0)
    print("dead", flush=True)
"""


@pytest.mark.slow
@pytest.mark.skipif(os.name == "nt", reason="kill -9")
@pytest.mark.parametrize("kind", sorted(FORMATS))
def test_kill_at_200_random_moments(tmp_path: Path, kind: str) -> None:
    name, _ = FORMATS[kind]
    folder = tmp_path / "out"
    folder.mkdir()
    generator = random.Random(kind)
    root = Path(atomic.__file__).parents[2]
    command = [sys.executable, "-c", NURSERY, str(root), __file__, str(folder), kind]
    seen: set[int] = set()
    leftovers = 0
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as nursery:
        assert nursery.stdin is not None
        assert nursery.stdout is not None
        for _ in range(200):
            print("go", file=nursery.stdin, flush=True)
            child = int(nursery.stdout.readline())
            # Waiting for input that does not come: a pause that ends early only when the nursery dies.
            select.select([nursery.stdout], [], [], generator.uniform(0, 0.1))
            os.kill(child, signal.SIGKILL)
            assert nursery.stdout.readline() == "dead\n"
            if kind != "shards":
                # A single file is whole at once; a set may need the next start to be finished.
                assert len(content(folder, name)) == 1
            leftovers += any(atomic.is_leftover(entry) for entry in os.listdir(folder))
            atomic.sweep(folder)
            found = content(folder, name)
            assert len(found) == 1
            seen |= found
            assert not any(atomic.is_leftover(entry) for entry in os.listdir(folder))
        nursery.stdin.close()
    # Otherwise the moments were not spread over the work.
    assert leftovers > 20
    assert len(seen) > 1
