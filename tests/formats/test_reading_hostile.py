"""No file can run code, hang the program or eat the machine: real hostile files and made ones, under limits."""

from __future__ import annotations

import json
import os
import pickle
import struct
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="resource limits are POSIX")

SECONDS = 5.0
MEMORY = 500 << 20
CHILD = Path(__file__).with_name("hostile_child.py")


def examine(paths: list[Path]) -> list[dict[str, Any]]:
    """What came of opening each file in one process with limits."""
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).resolve().parents[2])}
    done = subprocess.run(
        [sys.executable, str(CHILD)], input="\n".join(map(str, paths)), capture_output=True, text=True, timeout=400,
        env=environment, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-2000:]
    *results, summary = [json.loads(line) for line in done.stdout.splitlines()]
    assert len(results) == len(paths)
    assert summary["imported"] == []
    assert summary["peak"] < MEMORY
    for result in results:
        assert result["outcome"] != "crash", result
        assert result["seconds"] < SECONDS, result
    return results


def test_the_hostile_corpus(corpus: Path) -> None:
    paths = [path for path in sorted((corpus / "hostile").rglob("*")) if path.is_file()]
    results = examine(paths)
    outcomes = {Path(result["path"]).name: result["outcome"] for result in results}
    assert outcomes["lfs_last.ckpt"] == "git-lfs-pointer"
    assert outcomes["malicious1.7z"] == "7z-file"
    assert outcomes["password_protected.zip"] == "zip-encrypted"
    assert outcomes["noop.mar"] == "mar-file"
    assert outcomes["int_arrays.npz"] == "numpy-archive"
    assert outcomes["test_header_too_small.safetensors"] == "empty-file"
    assert outcomes["torch_dos_2GB.pt"] == "opened"
    assert outcomes["pytorch_model.bin"] == "opened"
    assert outcomes["deep_nesting_100k.pkl"] == "opened"
    assert outcomes["huge_binunicode8.pkl"] == "pickle-cut-short"


def doubled(start: bytes, step: bytes, count: int) -> bytes:
    """A pickle that nests a value in pairs of itself `count` times."""
    body = start + b"q\x00"
    for index in range(count):
        body += step.replace(b"@", b"h" + bytes([index])) + b"q" + bytes([index + 1])
    return body


def modules(depth: int) -> bytes:
    """A module whose submodules are shared so that its state dict would have 2**depth entries."""
    module = b"ctorch.nn\nModule\n)\x81q\x00}(X\x0b\0\0\0_parametersX\x01\0\0\0xX\x08\0\0\0_modules}ub"
    for index in range(depth):
        ref = b"h" + bytes([index])
        module += (
            b"0ctorch.nn\nModule\n)\x81q" + bytes([index + 1])
            + b"}(X\x0b\0\0\0_parameters}X\x08\0\0\0_modules}(X\x01\0\0\0a" + ref + b"X\x01\0\0\0b" + ref + b"uub"
        )  # fmt: skip
    return b"\x80\x02" + module + b"."


HOSTILE: dict[str, Callable[[], bytes]] = {
    "deep lists": lambda: b"\x80\x02" + b"]" * 100_000 + b"a" * 99_999 + b".",
    "deep tuples": lambda: b"\x80\x02)" + b"\x85" * 300_000 + b".",
    "deep tuple as a key": lambda: b"\x80\x02})" + b"\x85" * 300_000 + b"K\x01s.",
    "deep tuple in a set": lambda: b"\x80\x04\x8f()" + b"\x85" * 300_000 + b"\x90.",
    "deep dicts": lambda: b"\x80\x02" + b"}K\x01" * 100_000 + b"N" + b"s" * 100_000 + b".",
    "deep states": lambda: b"\x80\x02" + b"cx\ny\n)\x81" * 100_000 + b"b" * 99_999 + b".",
    "deep calls": lambda: b"\x80\x02" + b"ccollections\nOrderedDict\n(" * 50_000 + b"tR" * 50_000 + b".",
    "deep marks": lambda: b"\x80\x02" + b"(" * 500_000 + b".",
    "a billion leaves": lambda: b"\x80\x02" + doubled(b"]", b"](@@@@@@@@@@e", 10) + b".",
    "a billion tuples": lambda: b"\x80\x02" + doubled(b")", b"@@\x86", 60) + b".",
    "a billion tuples as a key": lambda: b"\x80\x02}" + doubled(b")", b"@@\x86", 60) + b"Ns.",
    "a billion tuples in a set": lambda: b"\x80\x04c__builtin__\nset\n(](" + doubled(b")", b"@@\x86", 60) + b"etR.",
    "a billion modules": lambda: modules(60),
    "a list in itself": lambda: b"\x80\x02]q\x00h\x00a.",
    "a dict in itself": lambda: b"\x80\x02}q\x00X\x01\0\0\0xh\x00s.",
    "a state in itself": lambda: b"\x80\x02cx\ny\n)\x81q\x00h\x00b.",
    "huge memo index": lambda: b"\x80\x02Nr\xff\xff\xff\xffj\xff\xff\xff\xff.",
    "huge text memo index": lambda: b"(p9999999999999999999\ng9999999999999999999\n.",
    "huge LONG4": lambda: b"\x80\x02\x8b\xff\xff\xff\x7f.",
    "negative LONG4": lambda: b"\x80\x02\x8b\xff\xff\xff\xff.",
    "huge BINUNICODE8": lambda: b"\x80\x04\x8d" + b"\xff" * 8 + b".",
    "huge BINBYTES8": lambda: b"\x80\x04\x8e" + b"\xff" * 7 + b"\x3f.",
    "huge BYTEARRAY8": lambda: b"\x80\x05\x96" + b"\xff" * 7 + b"\x3f.",
    "huge frame": lambda: b"\x80\x04\x95" + b"\xff" * 8 + b"N.",
    "huge integer text": lambda: b"(I" + b"9" * 1_000_000 + b"\n.",
    "huge integer": lambda: b"\x80\x02}X\x01\0\0\0x\x8b" + struct.pack("<i", 1 << 20) + b"\x7f" * (1 << 20) + b"s.",
    "many copies of a list": lambda: (
        b"\x80\x02](" + b"K\x01K\x02\x86" * 20_000 + b"eq\x00("
        + b"ccollections\nOrderedDict\nh\x00\x85R" * 20_000 + b"l."
    ),
    "many copies of a text": lambda: (
        b"\x80\x02X" + struct.pack("<I", 200_000) + b"a" * 200_000 + b"q\x00("
        + b"c_codecs\nencode\nh\x00\x85R" * 20_000 + b"l."
    ),
    "many sets of a list": lambda: (
        b"\x80\x02](" + b"".join(b"J" + struct.pack("<i", i) for i in range(50_000)) + b"eq\x00("
        + b"c__builtin__\nset\nh\x00\x85R" * 20_000 + b"l."
    ),
    "nothing but dicts": lambda: b"\x80\x02(" + b"}" * 3_000_000 + b"l.",
    "nothing but objects": lambda: b"\x80\x02cx\ny\nq\x00(" + b"h\x00)\x81" * 1_000_000 + b"l.",
    "nothing but globals": lambda: b"\x80\x02(" + b"".join(b"cos\nf%d\n" % i for i in range(200_000)) + b"l.",
    "many pickles": lambda: b"\x80\x02N." * 300_000,
    "not a tuple": lambda: b"\x80\x02cos\nsystem\nX\x02\0\0\0lsR.",
    "state of a list": lambda: b"\x80\x02]}b.",
    "items of a text": lambda: b"\x80\x02X\x01\0\0\0xK\x01K\x02s.",
    "no value": lambda: b"\x80\x02.",
    "huge tensor": lambda: tensor_pickle(shape=(1 << 62, 1 << 62), stride=(1, 1)),
    "negative sizes": lambda: tensor_pickle(shape=(-1, 5), stride=(1, 1)),
    "negative strides": lambda: tensor_pickle(shape=(5, 5), stride=(-1, 1)),
    "outside its storage": lambda: tensor_pickle(shape=(5, 5), stride=(5, 1)),
    "other ranks": lambda: tensor_pickle(shape=(5, 5), stride=(1,)),
    "one element, everywhere": lambda: tensor_pickle(shape=(1 << 40, 1 << 20), stride=(0, 0)),
}  # fmt: skip


def tensor_pickle(shape: tuple[int, ...], stride: tuple[int, ...]) -> bytes:
    """The pickle of a tensor that claims a shape, over bytes of a nested legacy file of one float."""
    storage = legacy_storage()
    sizes = b"".join(pickle.dumps(part, 2)[2:-1].split(b"q")[0] for part in (shape, stride))
    return (
        b"\x80\x03ctorch._utils\n_rebuild_tensor\n(ctorch.storage\n_load_from_bytes\nB"
        + struct.pack("<I", len(storage)) + storage + b"\x85RK\x00" + sizes + b"tR."
    )  # fmt: skip


def legacy_storage() -> bytes:
    """What `torch.save` of a FloatStorage of one element gives in the legacy container."""
    magic = pickle.dumps(0x1950A86A20F9469CFC6C, 2) + pickle.dumps(1001, 2) + pickle.dumps({"little_endian": True}, 2)
    value = b"\x80\x02(X\x07\0\0\0storagectorch\nFloatStorage\nX\x01\0\0\0aX\x03\0\0\0cpuK\x01NtQ."
    return magic + value + pickle.dumps(["a"], 2) + struct.pack("<qf", 1, 1.5)


@pytest.mark.slow
def test_made_pickles(tmp_path: Path) -> None:
    paths = []
    for number, make in enumerate(HOSTILE.values()):
        path = tmp_path / f"{number}.pkl"
        path.write_bytes(make())
        paths.append(path)
        # The same bytes as the pickle of a zip archive.
        packed = tmp_path / f"{number}.pt"
        with zipfile.ZipFile(packed, "w") as archive:
            archive.writestr("archive/data.pkl", make())
            archive.writestr("archive/version", b"3\n")
        paths.append(packed)
    examine(paths)


def bomb(path: Path, name: str, size: int) -> Path:
    """An archive with a member of `size` zero bytes, deflated."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        with archive.open(name, "w", force_zip64=True) as member:
            block = bytes(1 << 20)
            for _ in range(size >> 20):
                member.write(block)
        archive.writestr("archive/version", b"3\n")
    return path


@pytest.mark.slow
def test_made_archives(tmp_path: Path) -> None:
    paths = [
        bomb(tmp_path / "bomb.pt", "archive/data.pkl", 1 << 30),
        bomb(tmp_path / "other.pt", "archive/x.pkl", 1 << 28),
    ]
    header = b'{"a":' + b"[" * 3_000_000
    paths.append(tmp_path / "brackets.safetensors")
    paths[-1].write_bytes(struct.pack("<Q", len(header)) + header)
    for number, unit in enumerate((b"[],", b'"a":{},', b'"k":"v",', b"1,")):
        opening, closing = (b"{", b'"z":0}') if b":" in unit else (b'{"a":[', b"0]}")
        header = opening + unit * (60_000_000 // len(unit)) + closing
        paths.append(tmp_path / f"dense{number}.safetensors")
        paths[-1].write_bytes(struct.pack("<Q", len(header)) + header)
    paths.append(tmp_path / "claims.safetensors")
    paths[-1].write_bytes(struct.pack("<Q", 1 << 39) + b"{")
    record = struct.pack("<4sQ2H2I4Q", b"PK\6\6", 44, 45, 45, 0, 0, 1 << 60, 1 << 60, 46, 0)
    locator = struct.pack("<4sIQI", b"PK\6\7", 0, 50, 1)
    end = struct.pack("<4s4H2IH", b"PK\5\6", 0, 0, 0xFFFF, 0xFFFF, 0xFFFFFFFF, 0xFFFFFFFF, 0)
    paths.append(tmp_path / "counts.pt")
    paths[-1].write_bytes(b"PK\3\4" + bytes(46) + record + locator + end)
    outcomes = {Path(result["path"]).name: result["outcome"] for result in examine(paths)}
    assert outcomes["bomb.pt"] == "record-too-large"
    assert outcomes["claims.safetensors"] == "safetensors-header-too-large"
