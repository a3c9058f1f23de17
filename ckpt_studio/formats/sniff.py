"""What a file is by its first bytes; suffixes lie."""

from __future__ import annotations

from ckpt_studio.formats.blob import Blob
from ckpt_studio.formats.safetensors_reader import is_safetensors
from ckpt_studio.formats.torch_legacy import is_legacy

HEAD = 1024
# Nothing that is read is shorter, save a pickle of a number; what is has too few bytes to be called anything.
_LEAST = 4
# How much is inflated to see what is in it, and how much memory that may take.
_PEEKED = 64 << 10
_MOST_MEMORY = 128 << 20

# Kinds that are read; all others are codes of the error that names them.
READABLE = frozenset({"zip", "torch-legacy", "torch-tar", "safetensors", "pickle", "index"})

_MAGIC: tuple[tuple[bytes, str], ...] = (
    (b"PK\x03\x04", "zip"),
    (b"PK\x05\x06", "empty-zip"),
    (b"version https://git-lfs", "git-lfs-pointer"),
    (b"\x1f\x8b", "gzip-file"),
    (b"BZh", "bzip2-file"),
    (b"\xfd7zXZ\x00", "xz-file"),
    (b"\x28\xb5\x2f\xfd", "zstd-file"),
    (b"\x04\x22\x4d\x18", "lz4-file"),
    (b"7z\xbc\xaf\x27\x1c", "7z-file"),
    (b"Rar!\x1a\x07", "rar-file"),
    (b"GGUF", "gguf-file"),
    (b"lmgg", "gguf-file"),
    (b"ggjt", "gguf-file"),
    (b"tjgg", "gguf-file"),
    (b"fmgg", "gguf-file"),
    (b"\x89HDF\r\n\x1a\n", "hdf5-file"),
    (b"\x93NUMPY", "numpy-file"),
    (b"%PDF-", "pdf-file"),
    (b"\x89PNG\r\n", "image-file"),
    (b"\xff\xd8\xff", "image-file"),
    (b"\x7fELF", "program-file"),
    (b"MZ\x90\x00", "program-file"),
    (b"7767517\n", "ncnn-file"),
)  # fmt: skip

# Opcodes that a pickle of protocol 0 or 1 begins with.
_OLD_PICKLE_STARTS = b"(]})cSVIFLNi.UTXKMJG"


def sniff(blob: Blob) -> str:
    """The kind of a file: one of READABLE, or the code of the error that says what it is instead."""
    if blob.nbytes == 0:
        return "empty-file"
    head = blob.read(0, HEAD)
    for magic, kind in _MAGIC:
        if head.startswith(magic):
            return "joblib-file" if kind in ("gzip-file", "xz-file") and _is_joblib(_inflated(blob, kind)) else kind
    if is_legacy(head):
        return "torch-legacy"
    if (len(head) >= 512 and head[257:262] == b"ustar") or _is_old_tar(head):
        return "torch-tar"
    if is_safetensors(head, blob.nbytes):
        return "safetensors"
    if head[4:8] == b"TFL3":
        return "tflite-file"
    if head[4:8] in (b"ET12", b"ET11"):
        return "executorch-file"
    text = _text_kind(head, blob.nbytes)
    if text:
        return "few-bytes-file" if text == "text-file" and blob.nbytes < _LEAST else text
    if head[:1] == b"\x80" and head[1:2] in b"\x00\x01\x02\x03\x04\x05":
        return "pickle"
    if _is_saved_model(head):
        return "tensorflow-file"
    if _is_onnx(head):
        return "onnx-file"
    for kind in ("zlib-file", "lzma-file"):
        inflated = _inflated(blob, kind)
        if inflated:
            return "joblib-file" if _is_joblib(inflated) else kind
    if head[:1] in _OLD_PICKLE_STARTS and len(head) > 1:
        return "pickle"
    if head.startswith(b"ZF0x"):
        return "joblib-file"  # joblib < 0.10
    if blob.nbytes < _LEAST:
        return "few-bytes-file"
    if not any(head[:64]):
        return "zeros-file"
    return "not-a-checkpoint"


def _inflated(blob: Blob, kind: str) -> bytes:
    """The first bytes of what is compressed in a file; b"" when it is not compressed in that way."""
    head = blob.read(0, _PEEKED)
    if kind == "zlib-file" and (head[:1] != b"\x78" or int.from_bytes(head[:2], "big") % 31):
        return b""
    if kind == "lzma-file" and head[:3] != b"\x5d\0\0":
        return b""
    import lzma
    import zlib

    try:
        if kind in ("xz-file", "lzma-file"):
            return lzma.LZMADecompressor(memlimit=_MOST_MEMORY).decompress(head, _PEEKED)
        return zlib.decompressobj(31 if kind == "gzip-file" else 15).decompress(head, _PEEKED)
    except (lzma.LZMAError, EOFError, zlib.error):
        return b""


def _is_joblib(inflated: bytes) -> bool:
    """Whether this is the beginning of a pickle with joblib's arrays."""
    return inflated[:1] == b"\x80" and b"joblib.numpy_pickle" in inflated


def _is_old_tar(head: bytes) -> bool:
    """A tar header of before POSIX: its checksum fits."""
    if len(head) < 512 or not head[0]:
        return False
    try:
        recorded = int(head[148:156].strip(b" \0") or b"x", 8)
    except ValueError:
        return False
    return recorded == sum(head[:148]) + 8 * 32 + sum(head[156:512])


def _text_kind(head: bytes, nbytes: int) -> str:
    """The error for a text file; "" when the bytes are no text, or are a pickle in text opcodes."""
    stripped = head.removeprefix(b"\xef\xbb\xbf").lstrip()
    lowered = stripped[:64].lower()
    if lowered.startswith((b"<!doctype html", b"<html", b"<head")):
        return "html-page"
    if lowered.startswith((b"<?xml", b"<error")):
        return "xml-file"
    if any(byte < 9 or 13 < byte < 32 for byte in head) or b"\x7f" in head:
        return ""
    try:
        head.decode("utf-8")
    except UnicodeDecodeError as error:
        if error.start < len(head) - 4:
            return ""
    if stripped[:1] in (b"{", b"["):
        return "index" if b'"weight_map"' in head or stripped[:1] == b"{" else "json-file"
    if _is_text_pickle(head):
        return ""
    return "text-file"


def _is_text_pickle(head: bytes) -> bool:
    """Whether text is a protocol 0 pickle: lines that begin with its opcodes and a dot at the end."""
    lines = head.split(b"\n")
    if len(head) < HEAD and not head.rstrip().endswith(b"."):
        return len(lines) > 1 and lines[0][:1] in b"ci(" and bool(lines[0][1:2])
    return head[:1] in _OLD_PICKLE_STARTS


def _is_onnx(head: bytes) -> bool:
    """ONNX's ModelProto: field 1 (ir_version) as a small varint, then field 2 (producer) or 7 (graph)."""
    return head[:1] == b"\x08" and 0 < head[1] < 32 and len(head) > 2 and head[2] in (0x12, 0x3A, 0x42)


def _is_saved_model(head: bytes) -> bool:
    """TensorFlow's SavedModel protobuf: saved_model_schema_version 1, then a MetaGraphDef."""
    return (head[:3] == b"\x08\x01\x12" and b"saved_model" in head) or (head[:2] == b"\x0a" and b"Placeholder" in head)
