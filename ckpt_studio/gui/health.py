"""What a check of the values said of each tensor, for the filter's `health:`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from ckpt_studio.core.checkpoint import Checkpoint, Finding
from ckpt_studio.core.tensor import Tensor
from ckpt_studio.core.tree import Path

_ODD = frozenset(("nan", "inf"))
_NICKNAMES = {"fp16": "float16", "zeros": "all-zero"}


@dataclass(frozen=True, eq=False)
class Health:
    """The outcome of one check; an edited tensor is another one, which nobody checked.

    Attributes:
        checkpoint: what was checked; it keeps the tensors, so that no other gets their identity.
        checked: the `id`s of the tensors whose values were read.
        codes: `id` -> codes of `core.checks.check_health` that were found, and "bad" where one is a warning.
    """

    checkpoint: Checkpoint
    checked: frozenset[int]
    codes: Mapping[int, frozenset[str]]

    def is_odd(self, tensor: object) -> bool | None:
        """Whether a value is a tensor that holds NaN or infinite values; None where nobody looked."""
        key = id(tensor)
        return not _ODD.isdisjoint(self.codes.get(key, ())) if key in self.checked else None

    @property
    def finds_odd(self) -> bool:
        """Whether any tensor holds NaN or infinite values."""
        return any(not _ODD.isdisjoint(codes) for codes in self.codes.values())

    def warned(self, checkpoint: Checkpoint) -> frozenset[tuple[Path, str]]:
        """The tensors whose values are bad, and the groups they lie in, by state dict and name. O(tensors)."""
        bad = {key for key, codes in self.codes.items() if "bad" in codes}
        found: set[tuple[Path, str]] = set()
        for state_dict in checkpoint.state_dicts if bad else ():
            for name, tensor in state_dict.tensors.items():
                while id(tensor) in bad and name and (state_dict.path, name) not in found:
                    found.add((state_dict.path, name))
                    name = name.rpartition(".")[0]
        return frozenset(found)

    def fits(self, tensor: object, wanted: str) -> bool:
        """Whether a value is a checked tensor with this word: "good", "bad", or (a part of) a code."""
        key = id(tensor)
        if key not in self.checked:
            return False
        codes = self.codes.get(key, frozenset())
        if wanted == "good":
            return "bad" not in codes
        return any(_NICKNAMES.get(wanted, wanted) in code for code in codes)


def health_of(checkpoint: Checkpoint, findings: Iterable[Finding]) -> Health:
    """Sorts findings by the tensors they are about. O(tensors); for jobs."""
    wanted: dict[str, list[Finding]] = {}
    for finding in findings:
        wanted.setdefault(finding.where, []).append(finding)
    checked: set[int] = set()
    codes: dict[int, set[str]] = {}
    for state_dict in checkpoint.state_dicts:
        is_active = state_dict.path == checkpoint.active
        before = "" if is_active or not state_dict.label else f"{state_dict.label}."
        for name, tensor in state_dict.tensors.items():
            checked.add(id(tensor))
            for where in (before + name, _storage_key(tensor)):
                for finding in wanted.get(where, ()):
                    found = codes.setdefault(id(tensor), set())
                    found.add(finding.code)
                    if finding.severity != "note":
                        found.add("bad")
    return Health(checkpoint, frozenset(checked), {key: frozenset(found) for key, found in codes.items()})


def _storage_key(tensor: Tensor) -> str:
    return tensor.storage.key
