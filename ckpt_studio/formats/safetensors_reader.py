"""safetensors: a u64 header length, a JSON header, and the tensors' bytes without gaps.

The published library is the judge of what is valid (safetensors `tensor.rs`: `read_metadata`, `Metadata::validate`);
each rule below is one of its errors.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import partial
from typing import Any, TypeAlias

from ckpt_studio.core.dtypes import BY_SAFETENSORS, DType
from ckpt_studio.core.jobs import give_way
from ckpt_studio.core.storage import Storage
from ckpt_studio.core.tensor import Tensor, contiguous_strides
from ckpt_studio.core.tree import Dict
from ckpt_studio.errors import FormatError, message
from ckpt_studio.formats.blob import Blob
from ckpt_studio.formats.reading import Reading

MAX_HEADER = 100_000_000
_AT_ONCE = 4096
_LIMIT = 1 << 64
_SPACE = b" \t\r\n"
# Elements narrower than a byte: bits per element (safetensors `Dtype::bitsize`).
_BITS = {"F4": 4, "F6_E2M3": 6, "F6_E3M2": 6}


def is_safetensors(head: bytes, nbytes: int) -> bool:
    """Whether a file of `nbytes` bytes that begins with `head` (at least 9 bytes) looks like safetensors."""
    if len(head) < 9:
        return False
    length = int.from_bytes(head[:8], "little")
    return head[8:].lstrip(_SPACE)[:1] == b"{" and 0 < length <= max(nbytes, 1 << 40)


class _Pairs(list[tuple[str, Any]]):
    """A JSON object with its repetitions."""


def read_safetensors(blob: Blob) -> Reading:
    """The tensors of a safetensors file as one mapping, in the order of their bytes in the file.

    Raises:
        FormatError: the published library would refuse it too; the code says why.
    """
    if blob.nbytes < 8:
        raise FormatError("safetensors-header", path=blob.name, reason=message("header-short"))
    length = int.from_bytes(blob.read(0, 8), "little")
    if length > MAX_HEADER:
        raise FormatError("safetensors-header-too-large", path=blob.name, nbytes=length)
    if 8 + length > blob.nbytes:
        raise FormatError("truncated", path=blob.name, missing=8 + length - blob.nbytes)
    text = blob.read(8, length)
    pairs = _parse(blob.name, text)
    reading = Reading(record="", format="safetensors")
    if len({name for name, _ in pairs}) != len(pairs):
        return _read_repeated(blob, reading, pairs, 8 + length)
    _read_entries(blob, reading, pairs, 8 + length)
    return reading


def _read_repeated(blob: Blob, reading: Reading, pairs: list[tuple[str, Any]], begin: int) -> Reading:
    """A header with a name twice: the library takes the last of each, and refuses the file when bytes are left over."""
    seen: set[str] = set()
    name = ""
    for name, _ in pairs:
        if name in seen:
            break
        seen.add(name)
    try:
        if sum(1 for name, _ in pairs if name == "__metadata__") > 1:
            raise FormatError("safetensors-duplicate", path=blob.name, name="__metadata__")
        _read_entries(blob, reading, list(dict(pairs).items()), begin)
    except FormatError as error:
        raise FormatError("safetensors-duplicate", path=blob.name, name=name, details=str(error)) from None
    reading.find("corrupt", "warning", "finding-duplicate-name", where=name, name=name)
    return reading


def _read_entries(blob: Blob, reading: Reading, pairs: list[tuple[str, Any]], begin: int) -> None:
    """Reads the members of a header; takes them out of `pairs`.

    To let go of a million entries at once would hold up every other thread.
    """
    # With their numbers: of empty tensors at one place the order of the header counts.
    tensors: list[tuple[int, int, int, str, str, tuple[int, ...]]] = []
    pairs.reverse()
    in_order, before = True, (0, 0)
    for number in range(len(pairs)):
        name, entry = pairs.pop()
        if number % _AT_ONCE == 0:
            give_way()
        if name == "__metadata__":
            reading.metadata = _metadata(blob.name, entry)
        else:
            start, stop, tag, shape = _entry(blob.name, name, entry)
            tensors.append((start, stop, number, name, tag, shape))
            in_order, before = in_order and before <= (start, stop), (start, stop)
    if not in_order:
        tensors.sort()
    root = Dict([])
    position = 0
    there = blob.nbytes - begin
    known: dict[tuple[str, tuple[int, ...]], _Sort] = {}
    tensors.reverse()
    for number in range(len(tensors)):
        start, stop, _, name, tag, shape = tensors.pop()
        if number % _AT_ONCE == 0:
            give_way()
        if start != position or stop < start:
            raise FormatError("safetensors-offsets", path=blob.name, name=name)
        position = stop
        sort = known.get((tag, shape))
        if sort is None:
            sort = known[tag, shape] = _sort(blob.name, name, tag, shape)
        dtype, shape, steps, nbytes = sort
        if nbytes != stop - start:
            raise FormatError("safetensors-size", path=blob.name, name=name, needed=nbytes, there=stop - start)
        if stop > there:
            continue
        storage = Storage(blob.source(begin + start, stop - start), name)
        root.items.append((name, Tensor(dtype, shape, steps, 0, storage, "")))
    if position > there:
        raise FormatError("truncated", path=blob.name, missing=position - there)
    if position < there:
        raise FormatError("safetensors-trailing", path=blob.name, nbytes=there - position)
    reading.root = root


_STRING = re.compile(rb'"(?:[^"\\]|\\.)*"')
# An entry needs some 50 bytes; a header of nothing but brackets would grow to many times its size in memory.
_LARGE_HEADER = 4 << 20
_HUGE_HEADER = 16 << 20
_ENTRY_BYTES = 45
_METADATA_ENTRIES = 200_000


def _require_usual_density(path: str, text: bytes) -> None:
    """Refuses a large header whose structure cannot be that of tensors, before it is parsed."""
    if len(text) < _HUGE_HEADER:
        # Characters inside strings are counted too, which can only make a header look denser than it is.
        counts = (text.count(b"{"), text.count(b"["), text.count(b":"), text.count(b","))
        if len(text) < _LARGE_HEADER or _is_usual(len(text), *counts):
            return
    braces = brackets = colons = commas = 0
    before = 0
    for number, match in enumerate(_STRING.finditer(text)):
        between = text[before : match.start()]
        before = match.end()
        braces += between.count(b"{")
        brackets += between.count(b"[")
        colons += between.count(b":")
        commas += between.count(b",")
        if number % 4096 == 0 and not _is_usual(before, braces, brackets, colons, commas):
            break
    else:
        rest = text[before:]
        brackets += rest.count(b"[")
        commas += rest.count(b",")
        braces += rest.count(b"{")
        colons += rest.count(b":")
    if not _is_usual(before, braces, brackets, colons, commas):
        raise FormatError("safetensors-header", path=path, reason=message("header-no-list"))


def _is_usual(nbytes: int, braces: int, brackets: int, colons: int, commas: int) -> bool:
    return (
        braces * _ENTRY_BYTES <= nbytes + _LARGE_HEADER
        and brackets <= 2 * braces
        and colons <= 4 * braces + _METADATA_ENTRIES
        and commas <= 80 * braces + _METADATA_ENTRIES
    )


def _parse(path: str, text: bytes) -> list[tuple[str, Any]]:
    """The header's members. JSON as serde reads it: UTF-8, no NaN, no repeated members inside a tensor's entry."""
    try:
        decoded = text.decode("utf-8")
    except UnicodeDecodeError:
        raise FormatError("safetensors-header", path=path, reason=message("header-not-utf8")) from None
    import json  # only safetensors files need it, and every file's first bytes are looked at here

    _require_usual_density(path, text)
    loads = partial(json.loads, object_pairs_hook=_Pairs, parse_constant=_no_constant)
    try:
        header = _in_pieces(decoded, loads) if len(decoded) > _PIECE else None
        if header is None:
            header = loads(decoded)
    except (ValueError, RecursionError) as error:
        raise FormatError("safetensors-header", path=path, reason=str(error)[:120]) from None
    if type(header) is not _Pairs:
        raise FormatError("safetensors-header", path=path, reason=message("header-no-json"))
    if "\\u" in decoded and any(_has_surrogate(name) for name, _ in header):
        raise FormatError("safetensors-header", path=path, reason=message("header-name"))
    return header


# Characters parsed in one go: a few milliseconds, during which no other thread of the window can run.
_PIECE = 1 << 18
_BETWEEN_ENTRIES = re.compile(r'\}\s*,\s*(?=")')


def _in_pieces(text: str, loads: Callable[[str], Any]) -> _Pairs | None:
    """The members of a large object, parsed a run of entries at a time; None when that cannot be done.

    A cut at what is not the end of an entry leaves a string or a bracket open, so that the piece is no JSON.
    """
    members = _Pairs()
    begin, opening = 0, ""
    try:
        while (match := _BETWEEN_ENTRIES.search(text, begin + _PIECE)) is not None:
            members += loads(f"{opening}{text[begin : match.start() + 1]}}}")
            begin, opening = match.end(), "{"
        members += loads(opening + text[begin:])
    except (TypeError, ValueError, RecursionError):
        return None
    return members


def _has_surrogate(text: str) -> bool:
    return any("\ud800" <= character <= "\udfff" for character in text)


_Sort: TypeAlias = tuple[DType, tuple[int, ...], tuple[int, ...], int]
"""Dtype, shape, strides and bytes: a file has many tensors, but few sorts of them."""


def _sort(path: str, name: str, tag: str, shape: tuple[int, ...]) -> _Sort:
    dtype = _dtype(path, name, tag)
    count = 1
    for size in shape:
        count *= size
        if count >= _LIMIT:
            raise FormatError("safetensors-overflow", path=path, name=name)
    bits = count * _BITS.get(tag, dtype.itemsize * 8)
    if bits >= _LIMIT:
        raise FormatError("safetensors-overflow", path=path, name=name)
    if bits % 8:
        raise FormatError("safetensors-unaligned", path=path, name=name)
    if tag == "F4":
        # Two elements share a byte; torch's dtype counts bytes along the last axis.
        shape = (*shape[:-1], shape[-1] // 2) if shape and shape[-1] % 2 == 0 else (bits // 8,)
    elif tag in _BITS:
        shape = (bits // 8,)
    return dtype, shape, contiguous_strides(shape), bits // 8


def _no_constant(text: str) -> Any:
    raise ValueError(f"{text} is no JSON")


def _metadata(path: str, entry: Any) -> dict[str, str]:
    if entry is None:
        return {}
    if type(entry) is not _Pairs or any(type(value) is not str or _has_surrogate(key + value) for key, value in entry):
        raise FormatError("safetensors-header", path=path, reason=message("header-metadata"))
    return dict(entry)


def _entry(path: str, name: str, entry: Any) -> tuple[int, int, str, tuple[int, ...]]:
    """(first byte, byte after the last, dtype tag, shape) of a tensor's entry."""
    if type(entry) is _Pairs and len(entry) == 3:
        # As the library writes it, and all others: the rest is for the odd ones.
        (first, tag), (second, shape), (third, offsets) = entry
        if first == "dtype" and second == "shape" and third == "data_offsets":
            if type(tag) is str and type(shape) is list and type(offsets) is list and len(offsets) == 2:
                start, stop = offsets
                if type(start) is int and type(stop) is int and 0 <= start < _LIMIT and 0 <= stop < _LIMIT:
                    for size in shape:
                        if type(size) is not int or not 0 <= size < _LIMIT:
                            break
                    else:
                        return start, stop, tag, tuple(shape)
            raise FormatError("safetensors-entry", path=path, name=name)
    if type(entry) is list and len(entry) == 3:
        # serde reads a structure from a list of its fields as well.
        fields = dict(zip(("dtype", "shape", "data_offsets"), entry, strict=True))
    else:
        fields = dict(entry) if type(entry) is _Pairs else {}
        if type(entry) is _Pairs and len(fields) != len(entry):
            repeated = [key for key, _ in entry]
            if any(repeated.count(key) > 1 for key in ("dtype", "shape", "data_offsets")):
                fields = {}
    if "dtype" in fields and "shape" in fields and "data_offsets" in fields:
        tag, shape, offsets = fields["dtype"], fields["shape"], fields["data_offsets"]
        if type(tag) is str and type(shape) is list and type(offsets) is list and len(offsets) == 2:
            for number in (*shape, *offsets):
                if type(number) is not int or not 0 <= number < _LIMIT:
                    break
            else:
                return offsets[0], offsets[1], tag, tuple(shape)
    raise FormatError("safetensors-entry", path=path, name=name)


def _dtype(path: str, name: str, tag: str) -> DType:
    dtype = BY_SAFETENSORS.get(tag)
    if dtype is None:
        if tag in _BITS:
            return BY_SAFETENSORS["U8"]
        raise FormatError("safetensors-dtype", path=path, name=name, dtype=tag)
    return dtype
