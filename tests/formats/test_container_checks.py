"""Archives that are one thing to a reader of the directory and another to a reader of the members' headers."""

from __future__ import annotations

import struct
import zipfile
from pathlib import Path

import pytest

torch = pytest.importorskip("torch")

from ckpt_studio.core.edits import StripPrefix  # noqa: E402
from ckpt_studio.core.jobs import Progress  # noqa: E402
from ckpt_studio.errors import Cancelled  # noqa: E402
from ckpt_studio.formats.container_checks import check_container  # noqa: E402
from ckpt_studio.formats.export import export, plan_export  # noqa: E402
from ckpt_studio.formats.opening import open_checkpoint  # noqa: E402


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "model.pth"
    torch.save({"m.a": torch.arange(40.0), "m.b": torch.ones(3, 5)}, path)
    return path


def codes(path: Path) -> list[tuple[str, str]]:
    return [(finding.message.code, finding.where) for finding in check_container(open_checkpoint(path))]


def patched(path: Path, name: str, offset: int, data: bytes) -> None:
    """Changes the local header of a member, `offset` bytes from its beginning."""
    with zipfile.ZipFile(path) as archive:
        start = archive.getinfo(name).header_offset
    content = bytearray(path.read_bytes())
    content[start + offset : start + offset + len(data)] = data
    path.write_bytes(content)


def test_honest_archives(file: Path, tmp_path: Path, corpus: Path) -> None:
    assert codes(file) == []
    export(plan_export(StripPrefix("m.").apply(open_checkpoint(file)), tmp_path / "out.pth"))
    assert codes(tmp_path / "out.pth") == []
    with zipfile.ZipFile(file) as old, zipfile.ZipFile(tmp_path / "new.pth", "w", zipfile.ZIP_DEFLATED) as new:
        for info in old.infolist():
            new.writestr(info.filename, old.read(info))
    assert codes(tmp_path / "new.pth") == []
    for path in sorted(corpus.rglob("*")):
        if path.is_file() and "hostile" not in path.parts and zipfile.is_zipfile(path):
            try:
                opened = open_checkpoint(path)
            except Exception:
                continue
            assert check_container(opened) == [], path


@pytest.mark.parametrize(
    ("offset", "data"),
    [(30, b"other"), (14, b"\1\2\3\4"), (22, struct.pack("<I", 7)), (8, struct.pack("<H", 8))],
    ids=["name", "sum", "size", "method"],
)
def test_headers_that_disagree_with_the_directory(file: Path, offset: int, data: bytes) -> None:
    patched(file, "model/data/1", offset, data)
    assert codes(file) == [("finding-zip-headers", "model/data/1")]
    # What torch makes of it: it goes by the directory and reads on.
    assert torch.load(file, weights_only=True).keys() == {"m.a", "m.b"}


def test_members_over_one_another(file: Path) -> None:
    with zipfile.ZipFile(file) as archive:
        place = archive.getinfo("model/data/0").header_offset
    content = bytearray(file.read_bytes())
    # The second storage's entry in the directory now points at the first one's header.
    at = content.rfind(b"model/data/1") - 46
    content[at + 42 : at + 46] = struct.pack("<I", place)
    file.write_bytes(content)
    found = codes(file)
    assert ("finding-zip-overlap", "model/data/1") in found or ("finding-zip-overlap", "model/data/0") in found
    assert ("finding-zip-headers", "model/data/1") in found


def test_members_that_the_directory_does_not_name(file: Path) -> None:
    with zipfile.ZipFile(file, "a") as archive:
        archive.writestr("model/hidden.pkl", b"cos\nsystem\n(S'true'\ntR." * 10)
    content = bytearray(file.read_bytes())
    entry = content.rfind(b"PK\1\2")
    end = content.rfind(b"PK\5\6")
    count, size, offset = struct.unpack_from("<HII", content, end + 10)
    record = bytearray(content[end:])
    struct.pack_into("<HHII", record, 8, count - 1, count - 1, size - (end - entry), offset)
    file.write_bytes(bytes(content[:entry]) + bytes(record))
    assert [code for code, _ in codes(file)] == ["finding-zip-hidden"]


def test_cancelling(file: Path) -> None:
    progress = Progress()
    progress.cancel()
    with pytest.raises(Cancelled):
        check_container(open_checkpoint(file), progress)


def test_other_formats_have_no_directory(tmp_path: Path) -> None:
    torch.save({"a": torch.ones(2)}, tmp_path / "old.pth", _use_new_zipfile_serialization=False)
    assert codes(tmp_path / "old.pth") == []
