"""What every reader of pickles gives back, and the one way they run the machine."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from ckpt_studio.core.checkpoint import Finding, Severity
from ckpt_studio.core.tree import Value
from ckpt_studio.errors import FormatError, message
from ckpt_studio.formats.blob import Blob
from ckpt_studio.formats.pickle_machine import PickleMachine, StorageFor
from ckpt_studio.formats.pickle_opcodes import PickleDamage
from ckpt_studio.formats.rebuild import TorchBuilder, storage_dtype

# torch.save bytes inside torch.save bytes inside …: nobody nests them more than once.
MAX_NESTING = 4
_MAX_SCANNED_PICKLES = 100
_MAX_INNER_FINDINGS = 100


@dataclass
class Reading:
    """One archive or pickle as read: the tree, what was noticed, and facts for the curious.

    Attributes:
        record: name of the pickle for findings ("archive/data.pkl").
        root: the tree.
        findings: safety and damage.
        details: facts, see `Source.details`.
        format: CLI's word for what it was.
        metadata: safetensors' metadata.
        script_members: TorchScript class -> names of its parameters and buffers, in order.
    """

    record: str
    root: Value = None
    findings: list[Finding] = field(default_factory=list)
    details: dict[str, str] = field(default_factory=dict)
    format: str = ""
    metadata: dict[str, str] = field(default_factory=dict)
    script_members: dict[str, tuple[str, ...]] = field(default_factory=dict)

    def find(self, finding: str, severity: Severity, code: str, *, where: str = "", **fields: Any) -> None:
        """Adds a finding: its code, and the code and fields of its sentence."""
        self.findings.append(Finding(finding, severity, message(code, **fields), where))


def run_pickle(
    reading: Reading,
    data: bytes,
    blob: Blob,
    persistent: Callable[[Value], Value] | None,
    storage_for: StorageFor | None,
    depth: int,
    start: int = 0,
    trailing_is_wrong: bool = True,
) -> PickleMachine:
    """Reads the pickle at `start` of `data` into `reading` and adds its findings; the machine that did it.

    Raises:
        FormatError: "pickle-cut-short" or "pickle-damaged". A damaged pickle that a stock loader would have run
            dangerous code from before it met the damage is given back instead, without a tree, so that it is said.
    """
    from ckpt_studio.formats.safety import inspect_trace

    def nested(inner: bytes) -> Value:
        return read_nested(reading, inner, blob, depth + 1)

    builder = TorchBuilder(2 * len(data) + (1 << 16), nested, persistent)
    machine = PickleMachine(data, builder, persistent, storage_for, storage_dtype)
    damage: PickleDamage | None = None
    try:
        reading.root = machine.load(start)
    except PickleDamage as error:
        damage = error
    found = inspect_trace(machine.trace, reading.record)
    if damage is not None:
        if not any(finding.severity == "danger" for finding in found):
            raise FormatError(
                damage.code, path=blob.name, record=reading.record, position=damage.position, details=damage.reason
            )
        reading.findings.extend(found)
        reading.find("corrupt", "warning", "finding-damaged-pickle", where=reading.record, position=damage.position)
        return machine
    reading.findings.extend(found)
    for problem in builder.problems:
        reading.findings.append(Finding("corrupt", "warning", problem, reading.record))
    if trailing_is_wrong and machine.position < len(data):
        extra = len(data) - machine.position
        reading.find("trailing-data", "warning", "finding-trailing-pickle", where=reading.record, nbytes=extra)
        scan_pickle(reading, data, reading.record, machine.position)
    if machine.protocol >= 0:
        reading.details.setdefault("protocol", str(machine.protocol))
    return machine


def scan_pickle(reading: Reading, data: bytes, record: str, start: int = 0) -> None:
    """Adds what the pickles from `start` on would run (nobody asked to read them), as far as they can be followed."""
    from ckpt_studio.formats.safety import inspect_trace

    if data.startswith(b"\x93NUMPY"):
        start = data.find(b"\n") + 1
    machine = PickleMachine(data, TorchBuilder(len(data)))
    machine.position = start
    for _ in range(_MAX_SCANNED_PICKLES):
        try:
            machine.load()
        except PickleDamage:
            break
        if machine.position >= len(data):
            break
    known = {(finding.message.code, finding.where) for finding in reading.findings}
    for finding in inspect_trace(machine.trace, record):
        if finding.severity != "note" and (finding.message.code, finding.where) not in known:
            reading.findings.append(finding)


def absorb(outer: Reading, inner: Reading) -> None:
    """Adds what was noticed in a part to the whole."""
    outer.findings.extend(inner.findings[:_MAX_INNER_FINDINGS])
    outer.script_members.update(inner.script_members)


def read_nested(outer: Reading, data: bytes, blob: Blob, depth: int) -> Value:
    """The value of `torch.save` bytes inside a pickle (`torch.storage._load_from_bytes`)."""
    from ckpt_studio.formats.opening import read_archive

    if depth > MAX_NESTING:
        raise FormatError("nested-too-deep", path=blob.name)
    inner = read_archive(Blob.of_bytes(data, blob.name), depth)
    absorb(outer, inner)
    return inner.root
