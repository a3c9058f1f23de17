"""What is no checkpoint is named; what is cut short says so; at every byte only our own errors come out."""

from __future__ import annotations

import gzip
import io
import json
import lzma
import os
import pickle
import tarfile
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path

import pytest

from ckpt_studio.errors import FormatError, StudioError
from ckpt_studio.formats.opening import open_checkpoint


def zipped(members: dict[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return buffer.getvalue()


def tarred(members: dict[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as archive:
        for name, data in members.items():
            entry = tarfile.TarInfo(name)
            entry.size = len(data)
            archive.addfile(entry, io.BytesIO(data))
    return buffer.getvalue()


JOBLIB = b"\x80\x04cjoblib.numpy_pickle\nNumpyArrayWrapper\n)\x81}X\x05\0\0\0shape)sb\x10" + bytes(40)
NAMED: dict[str, tuple[bytes, str]] = {
    "empty": (b"", "empty-file"),
    "three letters": (b"abc", "few-bytes-file"),
    "two bytes": (b"\xff\x01", "few-bytes-file"),
    "text": (b"hello, this is a readme\nof several lines\n", "text-file"),
    "one word": (b"hello", "text-file"),
    "html": (b"\n<!DOCTYPE html>\n<html><body>404</body></html>", "html-page"),
    "html without doctype": (b"<html><head></head></html>", "html-page"),
    "xml": (b'<?xml version="1.0"?><Error><Code>AccessDenied</Code></Error>', "xml-file"),
    "json": (b'{"architectures": ["Bert"]}', "json-file"),
    "list": (b"[1, 2, 3]", "json-file"),
    "lfs": (b"version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 1\n", "git-lfs-pointer"),
    "gzip": (gzip.compress(b"x"), "gzip-file"),
    "7z": (b"7z\xbc\xaf\x27\x1c" + bytes(30), "7z-file"),
    "hdf5": (b"\x89HDF\r\n\x1a\n" + bytes(100), "hdf5-file"),
    "gguf": (b"GGUF\x03\0\0\0" + bytes(100), "gguf-file"),
    "onnx": (b"\x08\x08\x12\x07pytorch\x1a\x052.1.0:\xff\x01", "onnx-file"),
    "npy": (b"\x93NUMPY\x01\0v\0{'descr': '<f4', 'fortran_order': False, 'shape': (1,), }\n" + bytes(4), "numpy-file"),
    "npz": (zipped({"a.npy": b"\x93NUMPY"}), "numpy-archive"),
    "zip of files": (zipped({"weights/model.pth": b"x", "readme.txt": b"y"}), "archive-of-files"),
    "other zip": (zipped({"word/document.xml": b"x"}), "zip-without-checkpoint"),
    "empty zip": (zipped({}), "empty-zip"),
    "keras": (zipped({"config.json": b"{}", "model.weights.h5": b"x"}), "keras-file"),
    "mar": (zipped({"MAR-INF/MANIFEST.json": b"{}", "model.pt": b"x"}), "mar-file"),
    "tar of files": (tarred({"checkpoint/model.pth": b"x"}), "archive-of-files"),
    "zeros": (bytes(4096), "zeros-file"),
    "noise": (bytes(range(1, 256)) * 4, "not-a-checkpoint"),
    "saved model": (b"\x08\x01\x12\xcb\x01" + b"saved_model_schema_version" + bytes(20), "tensorflow-file"),
    "tflite": (b"\x1c\0\0\0TFL3" + bytes(40), "tflite-file"),
    "joblib": (JOBLIB, "joblib-file"),
    "joblib zlib": (zlib.compress(JOBLIB), "joblib-file"),
    "joblib gzip": (gzip.compress(JOBLIB), "joblib-file"),
    "joblib xz": (lzma.compress(JOBLIB), "joblib-file"),
    "joblib lzma": (lzma.compress(JOBLIB, format=lzma.FORMAT_ALONE), "joblib-file"),
    "joblib cut": (zlib.compress(JOBLIB + os.urandom(5000))[:3000], "joblib-file"),
    "joblib of old": (b"ZF0x1f4              " + zlib.compress(JOBLIB), "joblib-file"),
    "zlib": (zlib.compress(b"anything at all" * 9), "zlib-file"),
    "zlib bomb": (zlib.compress(bytes(10_000_000), 9), "zlib-file"),
    "lzma": (lzma.compress(b"anything at all", format=lzma.FORMAT_ALONE), "lzma-file"),
    "xz": (lzma.compress(b"anything at all"), "xz-file"),
    "damaged gzip": (b"\x1f\x8b\x08" + bytes(40), "gzip-file"),
    "lz4": (b"\x04\x22\x4d\x18\x64\x40\xa7" + bytes(40), "lz4-file"),
    "no zlib": (b"\x78\x9c\xff\xfe" * 20, "not-a-checkpoint"),
}


@pytest.mark.parametrize("name", sorted(NAMED))
def test_what_is_no_checkpoint_is_named(tmp_path: Path, name: str) -> None:
    data, code = NAMED[name]
    path = tmp_path / "model.pth"
    path.write_bytes(data)
    with pytest.raises(FormatError) as failure:
        open_checkpoint(path)
    assert failure.value.code == code
    assert str(path) in str(failure.value)


def test_paths(tmp_path: Path) -> None:
    for path, code in ((tmp_path / "none.pth", "file-not-found"), (tmp_path, "is-a-directory")):
        with pytest.raises(StudioError) as failure:
            open_checkpoint(path)
        assert failure.value.code == code
    secret = tmp_path / "secret.pth"
    secret.write_bytes(b"x")
    secret.chmod(0)
    if not os.access(secret, os.R_OK):
        with pytest.raises(StudioError) as failure:
            open_checkpoint(secret)
        assert failure.value.code == "unreadable"


def test_a_pickle_that_begins_as_text_opens(tmp_path: Path) -> None:
    path = tmp_path / "old.pkl"
    path.write_bytes(pickle.dumps({"a": [1, 2]}, 0))
    assert open_checkpoint(path).source.format == "pickle"


def small_files() -> dict[str, Callable[[Path], Path]]:
    def of_corpus(*parts: str) -> Callable[[Path], Path]:
        return lambda corpus: corpus.joinpath(*parts)

    return {
        "zip": of_corpus("generated-gaps", "bf16_tied.pt"),
        "legacy": of_corpus("generated-gaps", "tied_legacy.pt"),
        "safetensors": of_corpus("generated-gaps", "dtypes.safetensors"),
        "script": of_corpus("tch-rs", "foo.pt"),
        "pickle": of_corpus("3ddfa_v2", "param_mean_std_62d_120x120.pkl"),
    }


@pytest.mark.parametrize("kind", sorted(small_files()))
def test_cut_short_at_every_byte(tmp_path: Path, corpus: Path, kind: str) -> None:
    data = small_files()[kind](corpus).read_bytes()
    path = tmp_path / "cut.pt"
    for length in range(len(data)):
        path.write_bytes(data[:length])
        with pytest.raises(StudioError) as failure:
            open_checkpoint(path)
        assert str(failure.value), length


def test_how_much_is_missing(tmp_path: Path, corpus: Path) -> None:
    for parts in (("generated-gaps", "tied_legacy.pt"), ("candle", "jfk-codes.safetensors")):
        data = corpus.joinpath(*parts).read_bytes()
        path = tmp_path / "cut.pt"
        path.write_bytes(data[:-10])
        with pytest.raises(FormatError) as failure:
            open_checkpoint(path)
        assert failure.value.code == "truncated"
        assert failure.value.message.fields["missing"] == 10
    data = (corpus / "taesd" / "taesana_encoder.pth").read_bytes()
    path.write_bytes(data[: len(data) // 2])
    with pytest.raises(FormatError) as failure:
        open_checkpoint(path)
    assert failure.value.code == "zip-cut-short-by"
    assert 0 < failure.value.message.fields["missing"] <= len(data) - len(data) // 2


def test_an_index_cannot_reach_outside_its_folder(tmp_path: Path) -> None:
    (tmp_path / "outside.safetensors").write_bytes(b"x")
    inner = tmp_path / "set"
    inner.mkdir()
    index = inner / "model.safetensors.index.json"
    index.write_text(json.dumps({"weight_map": {"a": "../outside.safetensors", "b": "/etc/passwd"}}))
    opened = open_checkpoint(index)
    assert {finding.code for finding in opened.warnings} == {"missing-shard"}
    assert list(opened.active_state_dict.tensors) == ["a", "b"]


def test_records_and_headers_that_disagree(tmp_path: Path, corpus: Path) -> None:
    data = bytearray((corpus / "candle" / "test.pt").read_bytes())
    at = data.index(b"PK\3\4")
    data[at + 22 : at + 26] = b"\1\2\3\4"
    path = tmp_path / "forged.pt"
    path.write_bytes(bytes(data))
    with pytest.raises(FormatError) as failure:
        open_checkpoint(path)
    assert failure.value.code == "zip-headers-disagree"


def test_shadowed_and_trailing_records(tmp_path: Path) -> None:
    path = tmp_path / "double.pt"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("a/data.pkl", pickle.dumps({"x": 1}))
        with pytest.warns(UserWarning, match="Duplicate name"):
            archive.writestr("a/data.pkl", pickle.dumps({"x": 2}))
    with path.open("ab") as file:
        file.write(b"more")
    found = {finding.message.code for finding in open_checkpoint(path).warnings}
    assert found == {"finding-shadowed-record", "finding-trailing-zip"}


def test_missing_and_short_storages(tmp_path: Path, corpus: Path) -> None:
    source = corpus / "candle" / "test.pt"
    with zipfile.ZipFile(source) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    (storage,) = [name for name in members if "/data/" in name]
    for change, code in ((members[storage][:-1], "finding-record-short"), (None, "finding-record-missing")):
        broken = {name: data for name, data in members.items() if name != storage}
        if change is not None:
            broken[storage] = change
        path = tmp_path / "broken.pt"
        path.write_bytes(zipped(broken))
        opened = open_checkpoint(path)
        assert {finding.message.code for finding in opened.warnings} == {code}
        (tensor,) = opened.active_state_dict.tensors.values()
        with pytest.raises(StudioError):
            tensor.storage.source.read(0, 1)
