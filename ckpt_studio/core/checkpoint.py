"""The Checkpoint: one immutable value for everything a file holds, with the state dicts found in it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from types import MappingProxyType
from typing import Any, Literal

from ckpt_studio.core.jobs import gradually
from ckpt_studio.core.storage import SourceFile
from ckpt_studio.core.tensor import Tensor
from ckpt_studio.core.tree import ABSENT, Absent, Path, Value, dotted
from ckpt_studio.errors import Message, StudioError

Severity = Literal["danger", "warning", "note"]
CodeInside = Literal["none", "known", "program", "unknown", "harmful"]


@dataclass(frozen=True)
class Finding:
    """Something worth saying about a file, found while reading or checking it.

    `code` is the stable name CLI lists ("unsafe-global", "trailing-data", "nan" …); `message` is a
    code of `wording.findings` with its fields; `where` is a tensor name, a dotted path or a record name;
    `index` is where in that tensor's (stored) values the first of what was found stands, if that is known.
    """

    code: str
    severity: Severity
    message: Message
    where: str = ""
    index: tuple[int, ...] | None = None


def code_inside(findings: Iterable[Finding]) -> CodeInside:
    """What a stock `torch.load` of the file would run, in one word, from what was found in it.

    "known": code of well-known libraries alone; "program": what torch itself runs in its own language when the model
    is used (TorchScript, exported programs); "unknown": code of classes that nobody here can judge, as in many
    models that were saved whole; "harmful": what no checkpoint needs.
    """
    findings = list(findings)
    severities = {finding.severity for finding in findings if finding.code == "unsafe-global"}
    if "danger" in severities:
        return "harmful"
    if "warning" in severities:
        return "unknown"
    if any(finding.code == "own-program" for finding in findings):
        return "program"
    return "known" if severities else "none"


@dataclass(frozen=True)
class Source:
    """Which file a checkpoint came from.

    Attributes:
        path: of the file (or of the index file, or the directory).
        format: CLI's word: "torch-zip", "torch-legacy", "torch-tar", "torchscript", "torch-package",
            "pt2", "pickle", "safetensors", "sharded", "dcp".
        nbytes: size in bytes, all shards together.
        files: every file that tensors may lie in.
        details: facts for the curious (root folder name, byte order, protocol, producer), plain strings.
    """

    path: str
    format: str
    nbytes: int
    files: tuple[SourceFile, ...] = ()
    details: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))


@dataclass(frozen=True, eq=False)
class StateDict:
    """A mapping from names to tensors inside a file, as edited so far. Compared by identity.

    Attributes:
        path: where it sits in the tree; () for the root.
        entries: name -> Tensor in order. `_extra_state` entries (any value) are kept too; everything else
            that shared the mapping stays in the tree and is not part of the weights.
        node: the tree node it was read from (a `Dict`, or the `Object` of a whole module).
        kind: "mapping", or "module" when it was derived by walking an nn.Module's
            `_parameters`, `_buffers` and `_modules`.
        versions: torch's `_metadata`: module prefix -> {"version": n, …}; None when the file has none.
            A rename moves the prefixes along with the names.
    """

    path: Path
    entries: Mapping[str, Tensor | Value]
    node: Value = None
    kind: Literal["mapping", "module"] = "mapping"
    versions: Mapping[str, Mapping[str, Any]] | None = None

    @cached_property
    def tensors(self) -> dict[str, Tensor]:
        """Only the tensors, in order."""
        if type(self.entries) is dict and set(map(type, gradually(self.entries.values()))) == {Tensor}:
            return self.entries
        return {name: value for name, value in gradually(self.entries.items()) if type(value) is Tensor}

    @cached_property
    def parameters(self) -> int:
        """Number of elements over all tensors, tied ones counted once.

        The field's "number of parameters" of a file: a file does not say which tensors are buffers.
        """
        seen: set[tuple[int, int, tuple[int, ...], tuple[int, ...]]] = set()
        total = 0
        for tensor in gradually(self.tensors.values()):
            key = (id(tensor.storage), tensor.offset, tensor.shape, tensor.stride)
            if key not in seen:
                seen.add(key)
                total += tensor.numel
        return total

    @cached_property
    def nbytes(self) -> int:
        """Bytes of all tensors' values."""
        return sum(tensor.nbytes for tensor in gradually(self.tensors.values()))

    @property
    def label(self) -> str:
        """The dotted path; "" for the root."""
        return dotted(self.path)

    def with_entries(
        self,
        entries: Mapping[str, Tensor | Value],
        versions: Mapping[str, Mapping[str, Any]] | Absent | None = ABSENT,
    ) -> StateDict:
        """The same state dict with other entries (and, when given, other versions)."""
        if isinstance(versions, Absent):
            return replace(self, entries=entries)
        return replace(self, entries=entries, versions=versions)


@dataclass(frozen=True, eq=False)
class Checkpoint:
    """Everything a file holds, immutable. Edits return a new one; compared by identity.

    Attributes:
        source: the file.
        root: the object tree as read; never changed by edits.
        state_dicts: every state dict found, in file order, as edited so far.
        active: path of the one that rename, strip, pop and compare act on; None when there is none.
        metadata: safetensors' `__metadata__`, in order; empty for other formats.
        warnings: what the reader noticed.
        patches: edits to the other contents: path -> new value, or ABSENT for "removed".
    """

    source: Source
    root: Value
    state_dicts: tuple[StateDict, ...] = ()
    active: Path | None = None
    metadata: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    warnings: tuple[Finding, ...] = ()
    patches: Mapping[Path, Value] = field(default_factory=lambda: MappingProxyType({}))

    @property
    def active_state_dict(self) -> StateDict:
        """The state dict that edits act on.

        Raises:
            StudioError: "no-state-dict" when the file holds none.
        """
        for state_dict in self.state_dicts:
            if state_dict.path == self.active:
                return state_dict
        raise StudioError("no-state-dict", path=self.source.path)

    def state_dict(self, label: str) -> StateDict:
        """The state dict with that dotted path ("" or "." for the root).

        Raises:
            StudioError: "unknown-state-dict", naming those there are.
        """
        wanted = "" if label == "." else label
        for state_dict in self.state_dicts:
            if state_dict.label == wanted:
                return state_dict
        known = ", ".join(sd.label or "." for sd in self.state_dicts) or "-"
        raise StudioError("unknown-state-dict", label=label, known=known)

    def activate(self, path: Path) -> Checkpoint:
        """The same checkpoint with another active state dict."""
        if all(sd.path != path for sd in self.state_dicts):
            raise StudioError("unknown-state-dict", label=dotted(path), known="-")
        return replace(self, active=path)

    def with_state_dict(self, changed: StateDict) -> Checkpoint:
        """The same checkpoint with the state dict at `changed.path` replaced."""
        return replace(self, state_dicts=tuple(changed if sd.path == changed.path else sd for sd in self.state_dicts))

    def with_patch(self, path: Path, value: Value) -> Checkpoint:
        """The same checkpoint with another value (ABSENT: none) at `path` outside the state dicts."""
        return replace(self, patches=MappingProxyType({**self.patches, path: value}))

    def __iter__(self) -> Iterator[StateDict]:
        return iter(self.state_dicts)
