"""safetensors files as the published library reads them.

The header lists the tensors in the state dict's order, and so does the data wherever every tensor then begins at
a multiple of its element size (loaders view the bytes in place); otherwise the data goes widest elements first,
as the library does it. The header is padded with spaces to 8 bytes.
"""

from __future__ import annotations

import json
import struct
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import islice

from ckpt_studio.core.data import chunks, value_nbytes
from ckpt_studio.core.storage import Extent
from ckpt_studio.core.tensor import Tensor
from ckpt_studio.errors import Message, message
from ckpt_studio.formats.copying import LARGE, STREAM_BYTES, Sink, Streamed
from ckpt_studio.formats.sharing import PAGE
from ckpt_studio.formats.storage_plan import plain_extent

# The library refuses larger headers (`MAX_HEADER_SIZE` of the safetensors crate).
MAX_HEADER = 100_000_000
RESERVED = "__metadata__"
# Entries of the header made at a time: a few milliseconds.
_RUN = 2048


@dataclass(frozen=True, slots=True)
class Placed:
    """One tensor in the data section.

    Attributes:
        name, tensor: what is written.
        start, nbytes: where, relative to the beginning of the data section.
    """

    name: str
    tensor: Tensor
    start: int
    nbytes: int


@dataclass(frozen=True, slots=True)
class Layout:
    """A complete plan of one file: header bytes and the tensors in the order of their data."""

    header: bytes
    metadata: Mapping[str, str]
    placed: tuple[Placed, ...]

    @property
    def nbytes(self) -> int:
        """Size of the whole file."""
        return len(self.header) + sum(item.nbytes for item in self.placed)


def problems(tensors: Mapping[str, Tensor]) -> list[Message]:
    """Every reason why these tensors cannot be held, each naming its tensor; empty when they can."""
    found: list[Message] = []
    for name, tensor in tensors.items():
        form = tensor.form
        if name == RESERVED:
            found.append(message("safetensors-reserved-name", name=name))
        elif has_surrogate(name):
            found.append(message("safetensors-surrogate-name", name=name))
        elif form is not None and form.is_meta:
            found.append(message("safetensors-meta", name=name))
        elif form is not None and (form.layout != "strided" or form.quantizer is not None):
            what = "quantized" if form.quantizer is not None else form.layout.replace("_", " ")
            found.append(message("safetensors-cannot-hold", name=name, what=what))
        elif tensor.dtype.safetensors is None:
            found.append(message("safetensors-cannot-hold", name=name, what=tensor.dtype.name))
    return found


def has_surrogate(text: str) -> bool:
    """Whether a text holds half a character, which is no text in UTF-8: the library refuses such a file."""
    return any("\ud800" <= character <= "\udfff" for character in text)


def lay_out(tensors: Mapping[str, Tensor], metadata: Mapping[str, str]) -> Layout:
    """The header and the order of the data; reads nothing.

    `metadata` values are strings of any content; {"format": "pt"} is added when absent, because
    loaders refuse files without it.
    """
    placed: dict[str, Placed] = {}
    position = 0
    for name in _data_order(tensors):
        tensor = tensors[name]
        nbytes = value_nbytes(tensor)
        placed[name] = Placed(name, tensor, position, nbytes)
        position += nbytes
    merged = dict(metadata)
    merged.setdefault("format", "pt")
    entries: dict[str, object] = {RESERVED: merged}
    for name, tensor in tensors.items():
        item = placed[name]
        entries[name] = {
            "dtype": tensor.dtype.safetensors,
            "shape": header_shape(tensor),
            "data_offsets": [item.start, item.start + item.nbytes],
        }
    text = _as_json(entries).encode("utf-8", "surrogatepass")
    text += b" " * (_data_start(8 + len(text), placed.values()) - 8 - len(text))
    return Layout(struct.pack("<Q", len(text)) + text, merged, tuple(placed.values()))


def _as_json(entries: Mapping[str, object]) -> str:
    """One object, made a run of entries at a time: no other thread of the window can run while `json` works."""
    left = iter(entries.items())
    encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode
    runs: list[str] = []
    while run := dict(islice(left, _RUN)):
        runs.append(encode(run)[1:-1])
    return "{" + ",".join(runs) + "}"


def _data_start(at_least: int, placed: Iterable[Placed]) -> int:
    """Where the data begins: at a multiple of 8 bytes, and so that most of it lies within pages as in its source.

    That lets the file system share it, or at least copy whole pages.
    """
    weights: dict[int, int] = {}
    for item in placed:
        extent = plain_extent(item.tensor) if item.nbytes >= LARGE else None
        if extent is not None:
            shift = (extent.offset - item.start) % PAGE
            weights[shift] = weights.get(shift, 0) + item.nbytes
    best = max(weights, key=lambda shift: weights[shift], default=0)
    if best % 8 or not weights:
        return at_least + -at_least % 8
    return at_least + (best - at_least) % PAGE


def header_shape(tensor: Tensor) -> list[int]:
    """The shape as the header counts it: elements, where torch counts pairs of 4-bit floats."""
    shape = list(tensor.shape)
    if tensor.dtype.safetensors == "F4" and shape:
        shape[-1] *= 2
    return shape


def write_safetensors(sink: Sink, layout: Layout) -> dict[str, Streamed]:
    """Writes the file; runs of tensors that lie side by side in one source file are copied in one go.

    Returns:
        Where they lie and their sums, by name, of the tensors that had to be computed.

    Raises:
        StudioError: the source cannot be read.
        OSError: the target's own failure.
    """
    sink.write(layout.header)
    computed: dict[str, Streamed] = {}
    run: Extent | None = None
    for item in layout.placed:
        extent = plain_extent(item.tensor) if item.nbytes else None
        if run is not None and extent is not None and extent.file is run.file and _follows(run, extent):
            run = Extent(run.file, run.offset, run.length + extent.length)
            continue
        if run is not None and item.nbytes:
            sink.copy(run)
            run = None
        if extent is not None:
            run = extent
        elif item.nbytes:
            computed[item.name] = sink.stream(chunks(item.tensor, STREAM_BYTES), item.nbytes, item.name)
    if run is not None:
        sink.copy(run)
    return computed


def _follows(first: Extent, second: Extent) -> bool:
    return first.offset + first.length == second.offset


def _data_order(tensors: Mapping[str, Tensor]) -> Iterable[str]:
    """Names in their own order if that aligns every tensor, else widest elements first."""
    position = 0
    for tensor in tensors.values():
        if position % tensor.dtype.itemsize:
            return sorted(tensors, key=lambda name: -tensors[name].dtype.itemsize)
        position += value_nbytes(tensor)
    return tensors
