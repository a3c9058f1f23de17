"""Edits behind the ready-made cleanings: other last words, averaged weights, entries left out together."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar

from ckpt_studio.core.checkpoint import Checkpoint, StateDict
from ckpt_studio.core.edits.base import Edit, register
from ckpt_studio.core.edits.contents import PopEntry
from ckpt_studio.core.edits.names import NameEdit
from ckpt_studio.core.edits.removing import Pop
from ckpt_studio.core.jobs import gradually
from ckpt_studio.core.prefixes import WRAPPERS
from ckpt_studio.core.tensor import Tensor
from ckpt_studio.core.tree import Path, dotted
from ckpt_studio.errors import EditError, Message, message


@register
@dataclass(frozen=True)
class RenameLastParts(NameEdit):
    """The last part of names is exchanged where it is one of some words ("gamma" -> "weight").

    Attributes:
        pairs: (word, what is written instead).
    """

    kind: ClassVar[str] = "rename-last-parts"
    pairs: tuple[tuple[str, str], ...]

    def new_names(self, names: Sequence[str]) -> list[str]:
        words = dict(self.pairs)
        result: list[str] = []
        for name in names:
            head, dot, last = name.rpartition(".")
            result.append(head + dot + words.get(last, last))
        if result == list(names):
            raise EditError("renames-nothing")
        return result

    def describe(self) -> Message:
        return message("rename-last-parts", words=", ".join(f"{old} → {new}" for old, new in self.pairs))


@register
@dataclass(frozen=True)
class UseStateDict(Edit):
    """The weights take the values of another state dict in the file, such as their running average (EMA).

    Names are matched without the wrappers before them (`module.` …); a tensor without a partner of the
    same shape keeps its values. The other state dict stays where it is.

    Attributes:
        path: of the other state dict.
    """

    kind: ClassVar[str] = "use-state-dict"
    path: Path

    def partners(self, checkpoint: Checkpoint) -> dict[str, str]:
        """Which of the weights takes the values of which tensor of the other state dict.

        Raises:
            EditError: "no-such-state-dict".
        """
        return partners_among(checkpoint.active_state_dict.tensors, self._other(checkpoint).tensors)

    def apply(self, checkpoint: Checkpoint) -> Checkpoint:
        state_dict = checkpoint.active_state_dict
        tensors = self._other(checkpoint).tensors
        partners = self.partners(checkpoint)
        if not partners:
            raise EditError("nothing-added")
        entries = {
            name: tensors[partners[name]] if name in partners else value for name, value in state_dict.entries.items()
        }
        return checkpoint.with_state_dict(state_dict.with_entries(entries))

    def describe(self) -> Message:
        return message("use-state-dict", path=dotted(self.path))

    def _other(self, checkpoint: Checkpoint) -> StateDict:
        for state_dict in checkpoint.state_dicts:
            if state_dict.path == self.path and self.path != checkpoint.active:
                return state_dict
        raise EditError("no-such-state-dict", path=dotted(self.path))


@register
@dataclass(frozen=True)
class UseAverages(Edit):
    """The weights take the values of averages that stand beside them under a prefix, which then go away.

    Found are `model_ema.conv.weight` for `conv.weight` or `model.conv.weight`, and the form without dots
    that latent diffusion writes (`model_ema.convweight`).

    Attributes:
        prefix: of the averages, without a trailing dot.
    """

    kind: ClassVar[str] = "use-averages"
    prefix: str

    def partners(self, tensors: Mapping[str, Tensor]) -> dict[str, str]:
        """Which tensor takes the values of which average."""
        head = self.prefix.rstrip(".") + "."
        found: dict[str, str] = {}
        for name, tensor in tensors.items():
            if name.startswith(head):
                continue
            tail = name.partition(".")[2]
            for form in (name, tail, name.replace(".", ""), tail.replace(".", "")):
                average = tensors.get(head + form) if form else None
                if average is not None and average.shape == tensor.shape:
                    found[name] = head + form
                    break
        return found

    def averages(self, tensors: Mapping[str, Tensor]) -> tuple[str, ...]:
        """The names under the prefix."""
        head = self.prefix.rstrip(".") + "."
        return tuple(name for name in tensors if name.startswith(head))

    def apply(self, checkpoint: Checkpoint) -> Checkpoint:
        state_dict = checkpoint.active_state_dict
        tensors = state_dict.tensors
        partners = self.partners(tensors)
        if not partners:
            raise EditError("nothing-added")
        entries = {
            name: tensors[partners[name]] if name in partners else value for name, value in state_dict.entries.items()
        }
        return Pop(self.averages(tensors)).apply(checkpoint.with_state_dict(state_dict.with_entries(entries)))

    def describe(self) -> Message:
        return message("use-averages", prefix=self.prefix.rstrip("."))


@register
@dataclass(frozen=True)
class PopEntries(Edit):
    """Several values beside the weights are left out at once.

    Attributes:
        paths: where they are in the file.
    """

    kind: ClassVar[str] = "pop-entries"
    paths: tuple[Path, ...]

    def apply(self, checkpoint: Checkpoint) -> Checkpoint:
        if not self.paths:
            raise EditError("nothing-removed")
        for path in self.paths:
            checkpoint = PopEntry(path).apply(checkpoint)
        return checkpoint

    def describe(self) -> Message:
        return message("pop-entries", paths=", ".join(map(dotted, self.paths)))


def partners_among(tensors: Mapping[str, Tensor], others: Mapping[str, Tensor]) -> dict[str, str]:
    """Which tensor has which partner of the same shape, by the names without the wrappers before them."""
    bare: dict[str, str] = {}
    for name in gradually(others):
        bare.setdefault(_unwrapped(name), name)
    found: dict[str, str] = {}
    for name, tensor in gradually(tensors.items()):
        partner = name if name in others else bare.get(_unwrapped(name))
        if partner is not None and others[partner].shape == tensor.shape:
            found[name] = partner
    return found


def _unwrapped(name: str) -> str:
    while True:
        head, dot, tail = name.partition(".")
        if not dot or head not in WRAPPERS:
            return name
        name = tail
