"""The container of torch before 1.6, which every torch reads.

Five pickles (magic number, protocol, sys_info, object, list of storage keys), then for each key an int64 count
of elements and the raw bytes (`torch/serialization.py`, `_legacy_save` and `_legacy_load`).
"""

from __future__ import annotations

import pickle
import struct

from ckpt_studio.core.data import chunks
from ckpt_studio.formats.copying import STREAM_BYTES, Sink, Streamed
from ckpt_studio.formats.storage_plan import StoragePlan

_MAGIC = 0x1950A86A20F9469CFC6C
_PROTOCOL = 1001
_SYS_INFO = {
    "protocol_version": _PROTOCOL,
    "little_endian": True,
    "type_sizes": {"short": 2, "int": 4, "long": 4},
}


def write_legacy(sink: Sink, pickled: bytes, storages: StoragePlan) -> dict[str, Streamed]:
    """Writes a whole file; `pickled` must have been made with `view_metadata`.

    Returns:
        Where they lie and their sums, by slot key, of the slots that were computed on the way.

    Raises:
        StudioError: the source cannot be read.
        OSError: the target's own failure.
    """
    for part in (_MAGIC, _PROTOCOL, _SYS_INFO):
        sink.write(pickle.dumps(part, protocol=2))
    sink.write(pickled)
    sink.write(pickle.dumps([slot.key for slot in storages.slots], protocol=2))
    computed: dict[str, Streamed] = {}
    for slot in storages.slots:
        sink.write(struct.pack("<q", slot.numel))
        extent = slot.extent()
        if extent is not None:
            sink.copy(extent)
        else:
            computed[slot.key] = sink.stream(chunks(slot.data, STREAM_BYTES), slot.nbytes, slot.label)
    return computed
