"""Reading tensors in one step has exactly the effect of reading them opcode by opcode."""

from __future__ import annotations

import pickle
import random
import struct
import zipfile
from pathlib import Path
from typing import Any

import pytest

from ckpt_studio.core.dtypes import DType
from ckpt_studio.core.storage import MemoryBytes, Storage
from ckpt_studio.core.tensor import Tensor
from ckpt_studio.core.tree import BareStorage, Dict, Object, Value
from ckpt_studio.formats.export import export, plan_export
from ckpt_studio.formats.opening import open_checkpoint
from ckpt_studio.formats.pickle_machine import PickleMachine
from ckpt_studio.formats.pickle_opcodes import PickleDamage
from ckpt_studio.formats.rebuild import TorchBuilder, storage_dtype


class Storages:
    """Storages of any key, as a container would make them."""

    def __init__(self) -> None:
        self.by_key: dict[str, BareStorage] = {}

    def storage_for(self, dtype: DType | None, key: str, location: str, numel: int) -> BareStorage:
        if key not in self.by_key:
            storage = Storage(MemoryBytes(bytes(numel * 4)), key)
            self.by_key[key] = BareStorage(storage, dtype, numel, location)
        return self.by_key[key]

    def persistent(self, pid: Value) -> Value:
        return self.storage_for(storage_dtype(pid[1]), pid[2], pid[3], pid[4])


def put(index: int) -> bytes:
    return b"r" + struct.pack("<I", index)


def get(index: int) -> bytes:
    return b"j" + struct.pack("<I", index)


def tensor(
    base: int,
    key: int,
    *,
    scalar: bool = False,
    gap: int = 0,
    key_ref: int = 0,
    parameter: bytes = b"",
    puts: bool = True,
) -> bytes:
    """A tensor's opcodes; memo entries 300 to 305 are what it refers to (`PREAMBLE`).

    Args:
        base: first memo index.
        gap: left out before the hooks' index.
        key_ref: memo index of the storage's key, which then is no text.
        parameter: NEWTRUE or NEWFALSE of the Parameter around it.
        puts: all values are remembered, as torch does; else the key and the result alone, as we do.
    """
    index = base - 1

    def remembered(wanted: bool = True) -> bytes:
        nonlocal index
        if not wanted:
            return b""
        index += 1
        return put(index)

    name = str(key).encode()
    parts = [get(305) if parameter else b"", get(300) + b"((" + get(301) + get(302)]
    parts.append(get(key_ref) if key_ref else b"X" + struct.pack("<I", len(name)) + name + remembered())
    parts.append(get(303) + b"K\x06t" + remembered(puts) + b"QK\x00")
    parts.append(b"))" if scalar else b"K\x02K\x03\x86" + remembered(puts) + b"K\x03K\x01\x86" + remembered(puts))
    index += gap
    parts.append(b"\x89" + get(304) + b")R" + remembered(puts) + b"t" + remembered(puts) + b"R")
    parts.append(remembered(puts or not parameter))
    if parameter:
        parts.append(parameter + get(304) + b")R" + remembered(puts) + b"\x87" + remembered(puts) + b"R" + remembered())
    return b"".join(parts)


PREAMBLE = (
    b"\x80\x02ctorch._utils\n_rebuild_tensor_v2\n" + put(300) + b"0X\x07\0\0\0storage" + put(301)
    + b"0ctorch\nFloatStorage\n" + put(302) + b"0X\x03\0\0\0cpu" + put(303) + b"0ccollections\nOrderedDict\n" + put(304)
    + b"0ctorch._utils\n_rebuild_parameter\n" + put(305) + b"0X\x01\0\0\x007" + put(306) + b"0"
)  # fmt: skip


def plain(value: Value) -> Any:
    """A tree as plain tuples, to be compared."""
    if type(value) is Tensor:
        facts = (value.dtype.name, value.shape, value.stride, value.offset, value.storage.key, value.device)
        return ("tensor", value.kind, value.requires_grad, facts)
    if type(value) is Dict:
        return ("dict", str(value.cls), [(plain(k), plain(v)) for k, v in value.items])
    if type(value) is BareStorage:
        return ("storage", value.storage.key)
    if type(value) is Object:
        return ("object", plain(value.cls), plain(value.arguments), plain(value.state))
    if type(value) in (list, tuple):
        return (type(value).__name__, [plain(item) for item in value])
    return value if type(value) in (str, int, bool, type(None)) else str(value)


def outcome(data: bytes, *, steps: bool) -> Any:
    storages = Storages()
    machine = PickleMachine(
        data, TorchBuilder(1000), storages.persistent, storages.storage_for if steps else None, storage_dtype
    )
    try:
        return plain(machine.load(0))
    except PickleDamage as damage:
        return damage.code


def body(chance: random.Random) -> bytes:
    """Tensors in a list, mixed with references to any memo entry, overwritten entries and other opcodes."""
    parts = [PREAMBLE, b"]("]
    index = 310
    for number in range(chance.randrange(1, 12)):
        kind = chance.randrange(10)
        if kind < 6:
            scalar = chance.random() < 0.3
            if chance.random() < 0.5:
                parts.append(b"X\x02\0\0\0ab" + put(index))
                index += 1
            parts.append(
                tensor(
                    index,
                    number,
                    scalar=scalar,
                    gap=chance.choice((0, 0, 0, 1)),
                    key_ref=chance.choice((0, 0, 306, 305, index - 1)),
                    parameter=chance.choice((b"", b"\x88", b"\x89")),
                    puts=chance.random() < 0.7,
                )
            )
            index += 12
        elif kind == 6:
            parts.append(get(chance.randrange(300, index + 2)))
        elif kind == 7:
            parts.append(b"K" + bytes([number]) + put(chance.randrange(299, index + 2)))
        elif kind == 8:
            parts.append(b"N\x94")
        else:
            parts.append(b"X\x01\0\0\0x" + put(index))
            index += 1
    parts.append(b"e.")
    return b"".join(parts)


@pytest.mark.parametrize("seed", range(20))
def test_one_step_equals_many(seed: int) -> None:
    chance = random.Random(seed)
    for _ in range(100):
        data = body(chance)
        assert outcome(data, steps=True) == outcome(data, steps=False), data


def test_inner_values_can_be_referred_to() -> None:
    data = PREAMBLE + b"](" + tensor(310, 7) + tensor(320, 8) + get(312) + get(311) + get(316) + b"e."
    value = outcome(data, steps=True)
    assert value == outcome(data, steps=False)
    assert value[1][2] == ("tuple", [2, 3])
    assert value[1][0] == value[1][4]


def test_inner_values_of_a_parameter_can_be_referred_to() -> None:
    data = PREAMBLE + b"](" + tensor(310, 7, parameter=b"\x89") + b"".join(map(get, range(310, 320))) + b"e."
    value = outcome(data, steps=True)
    assert value == outcome(data, steps=False)
    assert value[1][0][1:3] == ("parameter", False)
    assert value[1][7][1:3] == ("tensor", False)


FORMS: list[dict[str, Any]] = [
    {}, {"scalar": True}, {"puts": False}, {"key_ref": 306}, {"parameter": b"\x88"},
    {"parameter": b"\x88", "puts": False},
    {"parameter": b"\x89", "key_ref": 306}, {"scalar": True, "parameter": b"\x88", "key_ref": 306, "puts": False},
]  # fmt: skip


@pytest.mark.parametrize("form", FORMS)
def test_steps_are_taken(form: dict[str, Any]) -> None:
    storages = Storages()
    data = PREAMBLE + b"](" + tensor(310, 7, **form) + tensor(330, 8, scalar=True) + b"e."
    machine = PickleMachine(data, TorchBuilder(1000), storages.persistent, storages.storage_for, storage_dtype)
    first, second = machine.load(0)
    assert (first.shape, second.shape) == (() if form.get("scalar") else (2, 3), ())
    assert (first.kind, first.requires_grad) == (
        ("parameter", form["parameter"] == b"\x88") if "parameter" in form else ("tensor", False)
    )
    assert first.storage.key == "7"
    assert len(machine._step_bases) == 2


def test_what_torch_and_we_write_is_read_in_steps(tmp_path: Path) -> None:
    torch = pytest.importorskip("torch")
    shared = torch.zeros(600)
    state = {f"plain{i}": torch.zeros(2, 3) for i in range(100)}
    state |= {f"view{i}": shared[6 * i : 6 * i + 6] for i in range(100)}
    state |= {f"parameter{i}": torch.nn.Parameter(torch.zeros(2, 3)) for i in range(100)}
    state |= {f"both{i}": torch.nn.Parameter(shared[6 * i : 6 * i + 6]) for i in range(100)}
    torch.save(state, tmp_path / "theirs.pth")
    export(plan_export(open_checkpoint(tmp_path / "theirs.pth"), tmp_path / "ours.pth"))
    for name in ("theirs.pth", "ours.pth"):
        with zipfile.ZipFile(tmp_path / name) as archive:
            data = archive.read(next(entry for entry in archive.namelist() if entry.endswith("data.pkl")))
        storages = Storages()
        machine = PickleMachine(data, TorchBuilder(1 << 20), storages.persistent, storages.storage_for, storage_dtype)
        found = machine.load(0)
        # All but the first ones, whose memo entries take one byte.
        assert len(machine._step_bases) > 280, name
        assert plain(found) == outcome(data, steps=False)


@pytest.mark.parametrize("protocol", [2, 4])
def test_wherever_a_pickle_is_cut_it_is_called_cut(tmp_path: Path, protocol: int) -> None:
    value = {f"layer.{i}": [i * 1000, 1.5, b"bytes", ("a", None, True), 1 << 70] for i in range(20)}
    data = pickle.dumps(value, protocol)
    for length in range(60, len(data)):
        with pytest.raises(PickleDamage) as caught:
            storages = Storages()
            machine = PickleMachine(
                data[:length], TorchBuilder(1 << 20), storages.persistent, storages.storage_for, storage_dtype
            )
            machine.load()
        assert caught.value.code == "pickle-cut-short", length
