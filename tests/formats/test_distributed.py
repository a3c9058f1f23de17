"""Folders of `torch.distributed.checkpoint` whose `.metadata` is not what torch writes."""

from __future__ import annotations

from pathlib import Path

import pytest

from ckpt_studio.errors import FormatError
from ckpt_studio.formats.opening import open_checkpoint

MODULE = b"torch.distributed.checkpoint.metadata"


def text(value: bytes) -> bytes:
    return b"X" + len(value).to_bytes(4, "little") + value


def made(cls: bytes, state: bytes) -> bytes:
    """The opcodes of an instance of torch's class with a state."""
    return b"c" + MODULE + b"\n" + cls + b"\n)\x81" + state + b"b"


@pytest.mark.parametrize("state", [b"K\x01", b"N", b"](K\x01e", b"}", text(b"size")])
def test_an_entry_without_its_attributes_is_named_not_a_crash(tmp_path: Path, state: bytes) -> None:
    entries = b"}" + text(b"weight") + made(b"TensorStorageMetadata", state) + b"s"
    metadata = b"}(" + text(b"state_dict_metadata") + entries + text(b"storage_data") + b"}u"
    (tmp_path / ".metadata").write_bytes(b"\x80\x02" + made(b"Metadata", metadata) + b".")
    with pytest.raises(FormatError) as caught:
        open_checkpoint(tmp_path)
    assert caught.value.code == "dcp-metadata"
