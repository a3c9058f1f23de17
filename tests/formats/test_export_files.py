"""Where exports go: links, permissions, the open file itself, sets of shards, the legacy container."""

from __future__ import annotations

import json
import os
import stat
import sys
from collections import OrderedDict
from pathlib import Path
from typing import Any

import pytest

from ckpt_studio.core.checkpoint import Checkpoint, Source, StateDict
from ckpt_studio.core.data import chunks, to_numpy
from ckpt_studio.core.dtypes import BY_NAME
from ckpt_studio.core.edits import Keep
from ckpt_studio.core.storage import FileBytes, MemoryBytes, SourceFile, Storage
from ckpt_studio.core.tensor import Tensor, contiguous
from ckpt_studio.errors import ExportError, StudioError
from ckpt_studio.formats import atomic
from ckpt_studio.formats.export import ExportOptions, export, plan_export
from ckpt_studio.formats.opening import open_checkpoint

posix = pytest.mark.skipif(os.name == "nt", reason="POSIX only")
OVERWRITE = ExportOptions(overwrite=True)
FLOAT32 = BY_NAME["float32"]


def of(tensors: dict[str, Tensor], *files: SourceFile) -> Checkpoint:
    """A checkpoint of one state dict, made by hand."""
    source = Source("made by hand", "torch-zip", 0, files)
    return Checkpoint(source, None, (StateDict((), tensors),), ())


def numbers(count: int, first: int = 0) -> Tensor:
    """float32 first, first + 1, …"""
    import struct

    return contiguous(FLOAT32, (count,), Storage(MemoryBytes(struct.pack(f"<{count}f", *range(first, first + count)))))


def values(path: Path, name: str = "a") -> list[float]:
    found: list[float] = to_numpy(open_checkpoint(path).active_state_dict.tensors[name]).reshape(-1).tolist()
    return found


def write(target: Path, count: int = 3, first: int = 0) -> None:
    export(plan_export(of({"a": numbers(count, first)}), target, OVERWRITE))


# ---- targets


@posix
def test_a_new_file_gets_the_umask_and_an_old_one_keeps_its_permissions(tmp_path: Path) -> None:
    previous = os.umask(0o027)
    try:
        write(tmp_path / "new.pth")
    finally:
        os.umask(previous)
    assert stat.S_IMODE((tmp_path / "new.pth").stat().st_mode) == 0o640
    (tmp_path / "new.pth").chmod(0o604)
    write(tmp_path / "new.pth", first=7)
    assert stat.S_IMODE((tmp_path / "new.pth").stat().st_mode) == 0o604
    assert values(tmp_path / "new.pth") == [7, 8, 9]


@posix
def test_a_symbolic_link_is_followed(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "link.pth").symlink_to(tmp_path / "real" / "file.pth")
    write(tmp_path / "link.pth")
    assert (tmp_path / "link.pth").is_symlink()
    assert values(tmp_path / "real" / "file.pth") == [0, 1, 2]
    write(tmp_path / "link.pth", first=5)
    assert (tmp_path / "link.pth").is_symlink()
    assert values(tmp_path / "link.pth") == [5, 6, 7]


@posix
def test_a_hard_link_is_said_and_keeps_the_old_content(tmp_path: Path) -> None:
    write(tmp_path / "one.pth")
    os.link(tmp_path / "one.pth", tmp_path / "two.pth")
    plan = plan_export(of({"a": numbers(3, 5)}), tmp_path / "one.pth", OVERWRITE)
    assert [notice.code for notice in plan.notices] == ["hard-link-target"]
    export(plan)
    assert values(tmp_path / "one.pth") == [5, 6, 7]
    assert values(tmp_path / "two.pth") == [0, 1, 2]


@posix
@pytest.mark.skipif(sys.platform != "linux", reason="needs /proc")
def test_no_descriptor_leaks(tmp_path: Path) -> None:
    write(tmp_path / "out.pth")
    before = len(os.listdir("/proc/self/fd"))
    for _ in range(5):
        write(tmp_path / "out.pth")
        write(tmp_path / "out.safetensors")
    assert len(os.listdir("/proc/self/fd")) <= before


@pytest.mark.parametrize("suffix", [".pth", ".safetensors"])
def test_export_over_the_open_file(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"file{suffix}"
    write(path, 1000)
    first = open_checkpoint(path)
    state_dict = first.active_state_dict
    renamed = first.with_state_dict(state_dict.with_entries({"b": state_dict.tensors["a"], "c": numbers(2)}))
    outcome = export(plan_export(renamed, path, OVERWRITE))
    assert [notice.code for notice in outcome.notices] == ["source-replaced"]
    assert values(path, "b")[:3] == [0, 1, 2]
    if os.name != "nt":
        # The open document still shows its own bytes, and can be exported again, even over itself.
        assert to_numpy(state_dict.tensors["a"])[999] == 999
        assert not any(file.changed() for file in first.source.files)
        export(plan_export(first, path, OVERWRITE))
        assert values(path)[:3] == [0, 1, 2]
    # Somebody else's change is noticed all the same.
    path.write_bytes(b"other")
    assert all(file.changed() for file in first.source.files)


def test_a_source_that_was_changed_is_not_mixed(tmp_path: Path) -> None:
    write(tmp_path / "in.pth")
    checkpoint = open_checkpoint(tmp_path / "in.pth")
    write(tmp_path / "in.pth", first=50)
    with pytest.raises(StudioError) as caught:
        export(plan_export(checkpoint, tmp_path / "out.pth"))
    assert caught.value.code == "source-changed"
    assert os.listdir(tmp_path) == ["in.pth"]


def test_a_source_that_is_written_in_place_is_not_mixed(tmp_path: Path) -> None:
    write(tmp_path / "in.pth")
    checkpoint = open_checkpoint(tmp_path / "in.pth")
    tensor = checkpoint.active_state_dict.tensors["a"]
    assert to_numpy(tensor).size
    write(tmp_path / "other.pth", first=50)
    # As `cp` does: the file that is open has other bytes now.
    with open(tmp_path / "in.pth", "r+b") as file:
        file.write((tmp_path / "other.pth").read_bytes())
    for read in (lambda: to_numpy(tensor), lambda: checkpoint.source.files[0].read_into(0, bytearray(100))):
        with pytest.raises(StudioError) as caught:
            read()
        assert caught.value.code == "source-changed"


@posix
@pytest.mark.skipif(hasattr(os, "geteuid") and os.geteuid() == 0, reason="the superuser may write everywhere")
def test_a_read_only_folder(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    try:
        with pytest.raises(ExportError) as caught:
            write(tmp_path / "out.pth")
    finally:
        tmp_path.chmod(0o700)
    assert caught.value.code == "not-permitted"


def test_a_folder_that_denies_writing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    real = os.open

    def denied(path: Any, flags: int, *rest: Any, **more: Any) -> int:
        if flags & os.O_CREAT and "ckpt-studio-part" in os.fspath(path):
            raise PermissionError(13, "Permission denied")
        return real(path, flags, *rest, **more)

    monkeypatch.setattr(os, "open", denied)
    with pytest.raises(ExportError) as caught:
        write(tmp_path / "out.pth")
    assert caught.value.code == "not-permitted"


def test_long_names(tmp_path: Path) -> None:
    write(tmp_path / ("n" * 251 + ".pth"))
    with pytest.raises(ExportError) as caught:
        write(tmp_path / ("n" * 300 + ".pth"))
    assert caught.value.code == "name-too-long"
    assert len(os.listdir(tmp_path)) == 1


# ---- leftovers


@posix
def test_leftovers_of_the_dead_are_swept_and_the_living_spared(tmp_path: Path) -> None:
    dead = tmp_path / ".x.pth.0123456789ab.ckpt-studio-part"
    dead.write_bytes(b"partial")
    other = tmp_path / ".hidden"
    other.write_bytes(b"mine")
    with atomic.replacing(tmp_path / "y.pth") as draft:
        assert not dead.exists()
        assert atomic.sweep(tmp_path) == 0
        os.write(draft.fd, b"whole")
    assert (tmp_path / "y.pth").read_bytes() == b"whole"
    assert sorted(os.listdir(tmp_path)) == [".hidden", "y.pth"]


@posix
def test_the_next_start_finds_the_folders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CKPT_STUDIO_STATE", str(tmp_path / "state"))
    folder = tmp_path / "out"
    folder.mkdir()
    child = os.fork()
    if child == 0:
        with atomic.replacing(folder / "x.pth"):
            os._exit(0)
    os.waitpid(child, 0)
    assert len(os.listdir(folder)) == 1
    assert atomic.sweep_noted() == 1
    assert os.listdir(folder) == []
    assert os.listdir(tmp_path / "state" / "writing") == []


def test_an_exception_leaves_the_old_file(tmp_path: Path) -> None:
    write(tmp_path / "x.pth")
    with pytest.raises(RuntimeError), atomic.replacing(tmp_path / "x.pth") as draft:
        os.write(draft.fd, b"half")
        raise RuntimeError
    assert values(tmp_path / "x.pth") == [0, 1, 2]
    assert os.listdir(tmp_path) == ["x.pth"]


@posix
def test_a_set_is_finished_by_the_next_sweep(tmp_path: Path) -> None:
    child = os.fork()
    if child == 0:
        with atomic.replacing_all(str(tmp_path), "set") as drafts:
            for name in ("a", "b", "c"):
                draft = drafts.draft(str(tmp_path / name))
                os.write(draft.fd, name.encode())
                draft.sync()
                drafts.finished(draft)
            renames = 0
            real = os.replace

            def replace(*paths: str) -> None:
                nonlocal renames
                renames += 1
                if renames == 2:
                    os._exit(0)
                real(*paths)

            os.replace = replace  # type: ignore[assignment]
            drafts.commit()
        os._exit(1)
    assert os.waitpid(child, 0)[1] == 0
    assert len(os.listdir(tmp_path)) == 4
    atomic.sweep(tmp_path)
    assert sorted(os.listdir(tmp_path)) == ["a", "b", "c"]
    assert (tmp_path / "c").read_text() == "c"


# ---- shards


def test_shards_with_an_index(tmp_path: Path) -> None:
    safetensors = pytest.importorskip("safetensors")
    tensors = {f"layer{i}": numbers(100, i) for i in range(10)}
    options = ExportOptions(max_shard_size=1000, metadata={"note": "x"})
    outcome = export(plan_export(of(tensors), tmp_path / "model.safetensors", options))
    assert outcome.path == str(tmp_path / "model.safetensors.index.json")
    assert outcome.tensors == 10
    names = [f"model-0000{i}-of-00005.safetensors" for i in range(1, 6)]
    assert sorted(os.listdir(tmp_path)) == [*names, "model.safetensors.index.json"]
    index = json.loads((tmp_path / "model.safetensors.index.json").read_text("utf-8"))
    assert index["metadata"]["total_size"] == 4000
    assert list(index["weight_map"]) == list(tensors)
    assert outcome.nbytes == sum((tmp_path / name).stat().st_size for name in os.listdir(tmp_path))
    for name, file in index["weight_map"].items():
        with safetensors.safe_open(tmp_path / file, "numpy") as opened:
            assert opened.get_tensor(name)[0] == float(name.removeprefix("layer"))
            assert opened.metadata() == {"note": "x", "format": "pt"}
    with pytest.raises(ExportError) as caught:
        plan_export(of(tensors), tmp_path / "model.safetensors", options)
    assert caught.value.code == "target-exists"


def test_a_smaller_set_leaves_no_shards_of_the_old_one(tmp_path: Path) -> None:
    target = tmp_path / "m.safetensors"
    state = {name: numbers(200) for name in "abcde"}
    export(plan_export(of(state), target, ExportOptions(max_shard_size=1000)))
    foreign = ["m-00009-of-00009.safetensors", "other-00001-of-00002.safetensors", "notes.safetensors"]
    for name in foreign:
        (tmp_path / name).write_bytes(b"mine")
    index = tmp_path / "m.safetensors.index.json"
    # An index can name anything; only shards of this very set are the program's to remove.
    named = json.loads(index.read_text())
    named["weight_map"].update(x="notes.safetensors", y="other-00001-of-00002.safetensors", z="../in.safetensors")
    index.write_text(json.dumps(named))
    (tmp_path.parent / "in.safetensors").write_bytes(b"mine")
    opened = open_checkpoint(index)
    smaller = Keep("[ab]").apply(opened)
    outcome = export(plan_export(smaller, index, ExportOptions(max_shard_size=1000, overwrite=True)))
    shards = sorted(name for name in os.listdir(tmp_path) if name.endswith(".safetensors"))
    assert shards == sorted(["m-00001-of-00002.safetensors", "m-00002-of-00002.safetensors", *foreign])
    assert any(notice.code == "old-shards-removed" and notice.fields["count"] == 5 for notice in outcome.notices)
    assert (tmp_path.parent / "in.safetensors").exists()
    # The document that is open goes on reading what was removed.
    assert len(b"".join(bytes(piece) for piece in chunks(opened.active_state_dict.tensors["e"]))) == 800


def test_one_shard_is_a_plain_file(tmp_path: Path) -> None:
    options = ExportOptions(max_shard_size=10**9)
    outcome = export(plan_export(of({"a": numbers(3)}), tmp_path / "m.safetensors", options))
    assert outcome.path == str(tmp_path / "m.safetensors")
    assert os.listdir(tmp_path) == ["m.safetensors"]
    for target, size, code in [
        ("m.pth", 1000, "shards-need-safetensors"),
        ("n.safetensors", 0, "shard-size-too-small"),
    ]:
        with pytest.raises(ExportError) as caught:
            plan_export(of({"a": numbers(3)}), tmp_path / target, ExportOptions(max_shard_size=size))
        assert caught.value.code == code


# ---- containers


@pytest.mark.parametrize("whole", [False, True])
def test_the_legacy_container(tmp_path: Path, whole: bool) -> None:
    torch = pytest.importorskip("torch")
    base = torch.arange(100.0)
    value = OrderedDict(
        w=torch.nn.Parameter(torch.randn(3, 4)), t=base[:20].reshape(4, 5).t(), u=base[10:30], n=torch.tensor(3),
        h=torch.ones(3, dtype=torch.bfloat16), e=torch.empty(0, 2), b=torch.tensor([True, False]),
    )  # fmt: skip
    value._metadata = OrderedDict({"": {"version": 1}})
    torch.save(value, tmp_path / "in.pth")
    plan = plan_export(
        open_checkpoint(tmp_path / "in.pth"), tmp_path / "out.pth", ExportOptions(format="pth-legacy", whole=whole)
    )
    export(plan)
    assert open_checkpoint(tmp_path / "out.pth").source.format == "torch-legacy"
    result = torch.load(tmp_path / "out.pth", weights_only=True)
    assert list(result) == list(value)
    assert result._metadata == value._metadata
    for name, tensor in value.items():
        assert torch.equal(result[name], tensor)
        assert result[name].stride() == tensor.stride()
    assert result["t"].untyped_storage()._cdata == result["u"].untyped_storage()._cdata
    # And back, and once more through itself.
    export(plan_export(open_checkpoint(tmp_path / "out.pth"), tmp_path / "back.pth"))
    assert torch.equal(torch.load(tmp_path / "back.pth", weights_only=True, mmap=True)["t"], value["t"])


@pytest.mark.filterwarnings("ignore:ComplexHalf support", "ignore:TypedStorage is deprecated")
def test_the_legacy_container_refuses_what_torch_cannot_load(tmp_path: Path) -> None:
    torch = pytest.importorskip("torch")
    for dtype in BY_NAME.values():
        # Integers of 1 to 7 bits torch saves in no format.
        sub_byte = dtype.name.lstrip("uint") in tuple("1234567")
        if sub_byte or dtype.kind == "quantized" or not hasattr(torch, dtype.name):
            continue
        value = torch.zeros(16, dtype=torch.uint8).view(getattr(torch, dtype.name))
        torch.save({"w": torch.zeros(2), "odd": value}, tmp_path / "in.pth")
        try:
            torch.save({"odd": value}, tmp_path / "torch.pth", _use_new_zipfile_serialization=False)
            torch.load(tmp_path / "torch.pth", weights_only=True)
            holds = True
        except (AttributeError, KeyError):
            holds = False
        for whole in (False, True):
            options = ExportOptions(format="pth-legacy", whole=whole, overwrite=True)
            checkpoint = open_checkpoint(tmp_path / "in.pth")
            if holds:
                export(plan_export(checkpoint, tmp_path / "out.pth", options))
                assert torch.load(tmp_path / "out.pth", weights_only=True)["odd"].dtype == value.dtype
                continue
            with pytest.raises(ExportError) as caught:
                plan_export(checkpoint, tmp_path / "out.pth", options)
            assert caught.value.code == "legacy-cannot-hold"
            assert [problem.fields for problem in caught.value.problems] == [{"name": "odd", "dtype": dtype.name}]


def test_the_legacy_container_refuses_storages_without_a_dtype(tmp_path: Path) -> None:
    both = numbers(4)
    halves = contiguous(BY_NAME["int16"], (8,), both.storage)
    with pytest.raises(ExportError) as caught:
        plan_export(of({"a": both, "b": halves}), tmp_path / "out.pth", ExportOptions(format="pth-legacy"))
    assert [(p.code, p.fields["name"]) for p in caught.value.problems] == [
        ("legacy-untyped", "a"),
        ("legacy-untyped", "b"),
    ]


@pytest.mark.parametrize("target", ["out.pth", "out.safetensors", "legacy.pth"])
def test_big_endian_sources_are_turned_round(tmp_path: Path, target: str) -> None:
    np = pytest.importorskip("numpy")
    raw = np.arange(12, dtype=">f4").tobytes() + np.array([1 + 2j, 3 - 4j], dtype=">c8").tobytes()
    (tmp_path / "raw").write_bytes(raw)
    file = SourceFile(tmp_path / "raw")
    floats = Storage(FileBytes(file, 0, 48), byteorder="big")
    tensors = {
        "a": contiguous(FLOAT32, (3, 4), floats),
        "t": Tensor(FLOAT32, (4, 2), (1, 4), 4, floats),
        "c": contiguous(BY_NAME["complex64"], (2,), Storage(FileBytes(file, 48, 16), byteorder="big")),
    }
    plan = plan_export(
        of(tensors, file), tmp_path / target, ExportOptions(format="pth-legacy" if target == "legacy.pth" else None)
    )
    assert "byteorder-turned" in [notice.code for notice in plan.notices]
    export(plan)
    found = open_checkpoint(tmp_path / target).active_state_dict.tensors
    assert to_numpy(found["a"]).tolist() == np.arange(12.0).reshape(3, 4).tolist()
    assert to_numpy(found["t"]).tolist() == np.arange(4, 12.0).reshape(2, 4).T.tolist()
    assert to_numpy(found["c"]).tolist() == [1 + 2j, 3 - 4j]


@pytest.mark.skipif(sys.platform != "linux", reason="sparse files")
@pytest.mark.slow
def test_beyond_four_gigabytes(tmp_path: Path) -> None:
    torch = pytest.importorskip("torch")
    size = (1 << 32) + 4096
    with open(tmp_path / "raw", "wb") as out:
        out.truncate(size)
        out.seek(size - 4)
        out.write(b"\1\2\3\4")
    file = SourceFile(tmp_path / "raw")
    big = contiguous(BY_NAME["uint8"], (size,), Storage(FileBytes(file, 0, size), crc32=None))
    export(plan_export(of({"big": big, "a": numbers(3)}, file), tmp_path / "out.pth"))
    (tmp_path / "raw").unlink()
    result = torch.load(tmp_path / "out.pth", weights_only=True, mmap=True)
    assert result["big"][-4:].tolist() == [1, 2, 3, 4]
    assert result["a"].tolist() == [0, 1, 2]
    assert values(tmp_path / "out.pth") == [0, 1, 2]
    # pytest keeps its folders for a while; not this one's gigabytes.
    del result
    (tmp_path / "out.pth").unlink()


def test_half_a_character_in_a_name_is_refused_before_writing(tmp_path: Path) -> None:
    checkpoint = of({"a": numbers(2), "b\ud800": numbers(3), "\U0001f600": numbers(1)})
    with pytest.raises(ExportError) as caught:
        plan_export(checkpoint, tmp_path / "out.safetensors")
    (problem,) = caught.value.problems
    assert (problem.code, problem.fields["name"]) == ("safetensors-surrogate-name", "b\ud800")
    # A pickle has a form for it.
    export(plan_export(checkpoint, tmp_path / "out.pth"))
    assert list(open_checkpoint(tmp_path / "out.pth").active_state_dict.tensors) == list(
        checkpoint.state_dicts[0].tensors
    )
