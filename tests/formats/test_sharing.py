"""Exports by reference: the blocks of the source become those of the target where the file system can do that."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from ckpt_studio.core.checkpoint import Checkpoint, Source, StateDict
from ckpt_studio.core.data import chunks
from ckpt_studio.core.dtypes import BY_NAME
from ckpt_studio.core.edits import StripPrefix
from ckpt_studio.core.storage import Extent, FileBytes, SourceFile, Storage
from ckpt_studio.core.tensor import contiguous
from ckpt_studio.errors import ExportError
from ckpt_studio.formats import copying
from ckpt_studio.formats.export import ExportOptions, export, plan_export
from ckpt_studio.formats.opening import open_checkpoint
from ckpt_studio.formats.sharing import PAGE, same_blocks, share

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="blocks are shared on Linux only")

UINT8 = BY_NAME["uint8"]
SIZE = 6 << 20
MAKE = {"btrfs": ["mkfs.btrfs", "-q"], "xfs": ["mkfs.xfs", "-q", "-m", "reflink=1"]}


@pytest.fixture(scope="module", params=sorted(MAKE))
def disk(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A small file system that can share blocks, mounted from a file."""
    tool = MAKE[request.param]
    if os.geteuid() != 0 or shutil.which(tool[0]) is None:
        pytest.skip(f"needs the superuser and {tool[0]}")
    folder = tmp_path_factory.mktemp(request.param)
    image, place = folder / "image", folder / "disk"
    place.mkdir()
    with image.open("wb") as file:
        file.truncate(512 << 20)
    subprocess.run([*tool, str(image)], check=True, stdout=subprocess.DEVNULL)
    if subprocess.run(["mount", "-o", "loop", str(image), str(place)], capture_output=True).returncode:
        pytest.skip(f"cannot mount {request.param} here")
    yield place
    # Lazily: what a failed test holds open must not keep the next one from its disk.
    subprocess.run(["umount", "--lazy", str(place)], check=True)


def checkpoint(folder: Path) -> Checkpoint:
    """Two big tensors that begin inside blocks, and a small one."""
    raw = folder / "raw"
    if not raw.exists():
        raw.write_bytes(os.urandom(3 * SIZE))
    file = SourceFile(raw)
    starts = {"module.a": 64, "module.b": SIZE + PAGE + 192}
    tensors = {name: contiguous(UINT8, (SIZE,), Storage(FileBytes(file, at, SIZE))) for name, at in starts.items()}
    tensors["module.small"] = contiguous(UINT8, (100,), Storage(FileBytes(file, 5, 100)))
    return Checkpoint(Source(str(raw), "torch-zip", 3 * SIZE, (file,)), None, (StateDict((), tensors),), ())


def values(found: Checkpoint) -> dict[str, bytes]:
    return {
        name: b"".join(bytes(piece) for piece in chunks(tensor))
        for name, tensor in found.active_state_dict.tensors.items()
    }


def used(place: Path) -> int:
    os.sync()
    return shutil.disk_usage(place).used


@pytest.mark.slow
@pytest.mark.parametrize("suffix", [".pth", ".safetensors"])
def test_renaming_costs_no_room(disk: Path, suffix: str) -> None:
    source = disk / f"in{suffix}"
    export(plan_export(checkpoint(disk), source, ExportOptions(overwrite=True)))
    before = used(disk)
    renamed = StripPrefix("module.").apply(open_checkpoint(source))
    target = disk / f"out{suffix}"
    outcome = export(plan_export(renamed, target, ExportOptions(overwrite=True)))
    assert outcome.verified
    assert used(disk) - before < 1 << 20
    assert values(open_checkpoint(target)) == values(renamed)
    # A change of one file is none of the other's.
    old = values(renamed)
    target.write_bytes(bytes(target.stat().st_size))
    assert values(open_checkpoint(source)) == {f"module.{name}": data for name, data in old.items()}


@pytest.mark.slow
def test_a_full_disk_has_room_for_what_is_shared(disk: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    source = disk / "in.safetensors"
    export(plan_export(checkpoint(disk), source, ExportOptions(overwrite=True)))
    renamed = StripPrefix("module.").apply(open_checkpoint(source))
    real = shutil.disk_usage
    monkeypatch.setattr(shutil, "disk_usage", lambda path: real(path)._replace(free=SIZE))
    assert export(plan_export(renamed, disk / "out.safetensors", ExportOptions(overwrite=True))).verified
    with pytest.raises(ExportError) as caught:
        export(plan_export(renamed, tmp_path / "out.safetensors"))
    assert caught.value.code == "disk-too-small"


@pytest.mark.slow
def test_the_map_of_the_files_tells_shared_blocks_from_copied_ones(disk: Path) -> None:
    first, second = disk / "first", disk / "second"
    data = os.urandom(1 << 20)
    first.write_bytes(data)
    second.write_bytes(data)
    whole = Extent(SourceFile(first), 0, 1 << 20)
    assert not same_blocks(Extent(SourceFile(second), 0, 1 << 20), whole)
    descriptor = os.open(second, os.O_RDWR)
    try:
        assert share(descriptor, 0, whole)
        assert same_blocks(Extent(SourceFile(second), PAGE, PAGE), Extent(whole.file, PAGE, PAGE))
        assert not same_blocks(Extent(SourceFile(second), PAGE, PAGE), Extent(whole.file, 2 * PAGE, PAGE))
        os.pwrite(descriptor, b"x", 5 * PAGE)
        assert not same_blocks(Extent(SourceFile(second), 0, 1 << 20), whole)
        assert same_blocks(Extent(SourceFile(second), 0, PAGE), Extent(whole.file, 0, PAGE))
    finally:
        os.close(descriptor)


def test_file_systems_that_share_nothing(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(bytes(PAGE))
    other = Path("/dev/shm") / f"ckpt-studio-{os.getpid()}"
    if not other.parent.is_dir():
        pytest.skip("no other file system")
    descriptor = os.open(other, os.O_RDWR | os.O_CREAT)
    try:
        assert not share(descriptor, 0, Extent(SourceFile(path), 0, PAGE))
        assert not same_blocks(Extent(SourceFile(other), 0, PAGE), Extent(SourceFile(path), 0, PAGE))
    finally:
        os.close(descriptor)
        other.unlink()


def played(right: bool) -> Callable[[int, int, Extent], bool]:
    """A file system that says it shares: what then lies there are the source's bytes, or others."""

    def share_played(fd: int, position: int, source: Extent) -> bool:
        data = source.file.read(source.offset, source.length)
        os.pwrite(fd, data if right else data[:-1] + bytes((data[-1] ^ 1,)), position)
        return True

    return share_played


@pytest.mark.parametrize("name", ["out.pth", "out.safetensors"])
@pytest.mark.parametrize("right", [True, False])
def test_what_the_file_system_does_not_say_is_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, right: bool, name: str
) -> None:
    source = checkpoint(tmp_path)
    monkeypatch.setattr(copying, "share", played(right))
    plan = plan_export(source, tmp_path / name)
    if right:
        export(plan)
        assert values(open_checkpoint(tmp_path / name)) == values(source)
        return
    with pytest.raises(ExportError) as caught:
        export(plan)
    assert caught.value.code == "verification-failed"
    assert not (tmp_path / name).exists()
