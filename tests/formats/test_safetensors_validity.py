"""The published safetensors library is the judge of what is valid: made headers, accepted and refused alike."""

from __future__ import annotations

import json
import struct
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ckpt_studio.errors import ExportError, StudioError
from ckpt_studio.formats.export import ExportOptions, export, plan_export
from ckpt_studio.formats.opening import open_checkpoint

safetensors = pytest.importorskip("safetensors")
pytest.importorskip("numpy")


def theirs(path: Path) -> bool:
    """Whether the library opens the file."""
    try:
        with safetensors.safe_open(path, "np") as file:
            list(file.keys())
    except (safetensors.SafetensorError, OSError):
        return False
    return True


def ours(path: Path) -> bool:
    """Whether we open it, as what it is."""
    try:
        opened = open_checkpoint(path)
    except StudioError:
        return False
    assert opened.source.format == "safetensors"
    return True


def written(path: Path, header: str | bytes, data: bytes = b"") -> Path:
    raw = header if isinstance(header, bytes) else header.encode("utf-8", "surrogatepass")
    path.write_bytes(struct.pack("<Q", len(raw)) + raw + data)
    return path


ENTRY = '"dtype":"F32","shape":[1],"data_offsets":[0,4]'
EMPTY = '"a":{"dtype":"F32","shape":[0],"data_offsets":[0,0]},"b":{"dtype":"F32","shape":[2,0],"data_offsets":[0,0]}'
CASES = {
    "plain": ('{"a":{' + ENTRY + "}}", 4),
    "empty": ("{}", 0),
    "padding": ('{"a":{' + ENTRY + "}}     ", 4),
    "leading space": (' {"a":{' + ENTRY + "}}", 4),
    "null metadata": ('{"__metadata__":null,"a":{' + ENTRY + "}}", 4),
    "metadata": ('{"__metadata__":{"format":"pt","x":""},"a":{' + ENTRY + "}}", 4),
    "metadata of numbers": ('{"__metadata__":{"x":1},"a":{' + ENTRY + "}}", 4),
    "metadata twice": ('{"__metadata__":{"x":"1"},"__metadata__":{"x":"2"},"a":{' + ENTRY + "}}", 4),
    "metadata key twice": ('{"__metadata__":{"x":"1","x":"2"},"a":{' + ENTRY + "}}", 4),
    "unknown field": ('{"a":{"more":[1],' + ENTRY + "}}", 4),
    "field twice": ('{"a":{"dtype":"F32",' + ENTRY + "}}", 4),
    "name twice": ('{"a":{' + ENTRY + '},"a":{' + ENTRY + "}}", 4),
    "name twice, other bytes": ('{"a":{' + ENTRY + '},"a":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}}', 8),
    "name twice, covering": ('{"a":{"dtype":"F32","shape":[1],"data_offsets":[4,8]},"a":{' + ENTRY + "}}", 4),
    "missing field": ('{"a":{"dtype":"F32","shape":[1]}}', 4),
    "as a list": ('{"a":["F32",[1],[0,4]]}', 4),
    "negative": ('{"a":{"dtype":"F32","shape":[-1],"data_offsets":[0,4]}}', 4),
    "float": ('{"a":{"dtype":"F32","shape":[1.0],"data_offsets":[0,4]}}', 4),
    "bool": ('{"a":{"dtype":"F32","shape":[true],"data_offsets":[0,4]}}', 4),
    "three offsets": ('{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4,5]}}', 4),
    "unknown dtype": ('{"a":{"dtype":"F33","shape":[1],"data_offsets":[0,4]}}', 4),
    "gap": ('{"a":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}}', 8),
    "overlap": ('{"a":{' + ENTRY + '},"b":{"dtype":"F32","shape":[1],"data_offsets":[2,6]}}', 6),
    "same bytes": ('{"a":{' + ENTRY + '},"b":{' + ENTRY + "}}", 4),
    "trailing": ('{"a":{' + ENTRY + "}}", 5),
    "short": ('{"a":{' + ENTRY + "}}", 3),
    "wrong size": ('{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,4]}}', 4),
    "reversed": ('{"a":{"dtype":"F32","shape":[0],"data_offsets":[4,0]}}', 4),
    "empty tensors": ("{" + EMPTY + "}", 0),
    "scalar": ('{"a":{"dtype":"F32","shape":[],"data_offsets":[0,4]}}', 4),
    "overflow": ('{"a":{"dtype":"F32","shape":[4294967296,4294967296],"data_offsets":[0,0]}}', 0),
    "overflow by zero": ('{"a":{"dtype":"F32","shape":[4294967296,4294967296,0],"data_offsets":[0,0]}}', 0),
    "huge number": ('{"a":{"dtype":"F32","shape":[99999999999999999999],"data_offsets":[0,4]}}', 4),
    "nan": ('{"a":NaN}', 0),
    "array": ("[]", 0),
    "after": ('{"a":{' + ENTRY + "}}x", 4),
    "control character": ('{"a\n":{' + ENTRY + "}}", 4),
    "lone surrogate": ('{"\\ud800":{' + ENTRY + "}}", 4),
    "escaped name": ('{"\\u00e9\\"":{' + ENTRY + "}}", 4),
    "four bits": ('{"a":{"dtype":"F4","shape":[2,4],"data_offsets":[0,4]}}', 4),
    "four bits, odd": ('{"a":{"dtype":"F4","shape":[3],"data_offsets":[0,2]}}', 2),
    "six bits": ('{"a":{"dtype":"F6_E2M3","shape":[4],"data_offsets":[0,3]}}', 3),
    "complex": ('{"a":{"dtype":"C64","shape":[1],"data_offsets":[0,8]}}', 8),
}  # fmt: skip


@pytest.mark.parametrize("name", sorted(CASES))
def test_same_verdict(tmp_path: Path, name: str) -> None:
    header, nbytes = CASES[name]
    path = written(tmp_path / "file.safetensors", header, bytes(nbytes))
    assert ours(path) == theirs(path)


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-2, 9) | st.sampled_from(["F32", "I8", "x", "dtype", "shape"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(
        st.sampled_from(["dtype", "shape", "data_offsets", "a", "__metadata__"]), inner, max_size=3),
    max_leaves=6,
)  # fmt: skip
TENSORS = st.fixed_dictionaries(
    {
        "dtype": st.sampled_from(["F32", "I8", "F16", "BOOL", "F8_E4M3", "F64"]),
        "shape": st.lists(st.integers(0, 3), max_size=3),
        "data_offsets": st.lists(st.sampled_from([0, 1, 2, 4, 8, 12]), min_size=2, max_size=2),
    }
)


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    header=st.dictionaries(st.sampled_from(["a", "b", "", "__metadata__"]), TENSORS | VALUES, max_size=3),
    nbytes=st.integers(0, 16),
)
def test_same_verdict_on_any_header(tmp_path: Path, header: object, nbytes: int) -> None:
    path = written(tmp_path / "file.safetensors", json.dumps(header), bytes(nbytes))
    assert ours(path) == theirs(path)


def test_half_a_character_in_metadata_is_never_written(tmp_path: Path) -> None:
    source = tmp_path / "in.safetensors"
    header = b'{"a":{"dtype":"U8","shape":[1],"data_offsets":[0,1]}}'
    source.write_bytes(len(header).to_bytes(8, "little") + header + b"\7")
    for metadata in ({"note": "\udcff"}, {"\ud800": "x"}):
        with pytest.raises(ExportError) as caught:
            plan_export(open_checkpoint(source), tmp_path / "out.safetensors", ExportOptions(metadata=metadata))
        assert caught.value.code == "metadata-surrogate"
    export(
        plan_export(open_checkpoint(source), tmp_path / "out.safetensors", ExportOptions(metadata={"n": "\U0001f600"}))
    )
    assert open_checkpoint(tmp_path / "out.safetensors").metadata["n"] == "\U0001f600"


def test_a_large_header_is_read_as_in_one_go(tmp_path: Path) -> None:
    # Names that look like the end of an entry, where the reader may cut.
    header: dict[str, object] = {"__metadata__": {"},": '},"', "note": '{"a": {}},"b"'}}
    for number in range(9000):
        name = f'{number}}},"}}' if number % 3 == 0 else f"layer.{number}.{'x' * 20}"
        header[name] = {"dtype": "U8", "shape": [1], "data_offsets": [number, number + 1]}
    for separators in ((",", ":"), (", ", ": "), (" ,\n", ":")):
        text = json.dumps(header, separators=separators)
        assert len(text) > 2 * (1 << 18)
        path = written(tmp_path / "large.safetensors", text, bytes(9000))
        assert theirs(path)
        opened = open_checkpoint(path)
        assert list(opened.active_state_dict.entries) == list(header)[1:]
        assert opened.metadata == header["__metadata__"]
        for broken in (
            text[:-1],
            text + "}",
            text + "x",
            text.replace("]}", "]", 1),
            text.replace('"dtype', "dtype", 1),
        ):
            path = written(tmp_path / "broken.safetensors", broken, bytes(9000))
            assert not ours(path)
            assert not theirs(path)
    again = text.rstrip("}") + '}, "9":{"dtype":"U8","shape":[1],"data_offsets":[9000,9001]}}'
    twice = again.replace('"9"', json.dumps("layer.8999." + "x" * 20))
    assert ours(written(tmp_path / "one.safetensors", again, bytes(9001)))
    path = written(tmp_path / "twice.safetensors", twice, bytes(9001))
    assert ours(path) == theirs(path)
