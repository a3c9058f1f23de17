"""Which prefixes a state dict's names carry that wrappers left behind, and what stripping them would do."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from weakref import WeakKeyDictionary

from ckpt_studio.core.checkpoint import StateDict
from ckpt_studio.core.jobs import gradually

# DataParallel and DistributedDataParallel, torch.compile, SWA/EMA wrappers (AveragedModel), FSDP and
# activation checkpointing, Lightning modules and the usual attribute names that training code wraps a net in.
WRAPPERS = (
    "module", "_orig_mod", "model", "net", "network", "n_averaged", "_fsdp_wrapped_module", "_forward_module",
    "_checkpoint_wrapped_module", "backbone", "encoder", "student", "teacher", "base_model", "ema", "ema_model",
)  # fmt: skip

# These stand anywhere in a name without belonging to the model: each wraps one module transparently.
_TRANSPARENT = ("module", "_orig_mod", "_fsdp_wrapped_module", "_checkpoint_wrapped_module")

_MOST = 12


@dataclass(frozen=True)
class PrefixCount:
    """One prefix that could be stripped.

    Attributes:
        prefix: with its trailing dot ("module.").
        matching: how many names carry it.
        total: how many names there are.
        collisions: names that two entries would then have, in order; empty when it can be stripped.
        anywhere: it stands inside names too ("features.module.0"); `matching` then counts every name that
            holds it as a component, and stripping means everywhere.
    """

    prefix: str
    matching: int
    total: int
    collisions: tuple[str, ...] = ()
    anywhere: bool = False

    @property
    def is_transparent(self) -> bool:
        """Whether it consists of wrappers that no model has itself."""
        return all(component in _TRANSPARENT for component in self.prefix.rstrip(".").split("."))


# The window asks about one state dict more than once; it never changes.
_known: WeakKeyDictionary[StateDict, tuple[PrefixCount, ...]] = WeakKeyDictionary()


def detected_prefixes(state_dict: StateDict) -> list[PrefixCount]:
    """The prefixes worth offering, the most telling first.

    Found are: known wrappers at the start (`module.`, `_orig_mod.`, `model.` …), stacks of them
    (`_orig_mod.module.`), transparent wrappers in the middle of names, and any first component (or
    chain of them) that all names share.
    """
    known = _known.get(state_dict)
    if known is None:
        known = _known[state_dict] = tuple(_detected(list(state_dict.entries)))
    return list(known)


def _detected(names: list[str]) -> list[PrefixCount]:
    total = len(names)
    if not total:
        return []
    found: list[PrefixCount] = []
    heads = _count(name.partition(".")[0] for name in gradually(names) if "." in name)
    for head, count in heads.items():
        if head not in WRAPPERS and count < total:
            continue
        for prefix, matching in _stack(head + ".", count, names):
            found.append(PrefixCount(prefix, matching, total, _collisions(prefix, matching, names)))
    for wrapper in _TRANSPARENT:
        inside = f".{wrapper}."
        matching = sum(1 for name in gradually(names) if inside in name)
        if matching:
            component = wrapper + "."
            at_start = sum(1 for name in gradually(names) if name.startswith(component) and inside not in name)
            collisions = _anywhere_collisions(component, names)
            found.append(PrefixCount(component, matching + at_start, total, collisions, anywhere=True))
    found.sort(key=lambda item: (_rank(item), -item.matching, -len(item.prefix)))
    return found[:_MOST]


def _rank(item: PrefixCount) -> int:
    """Known wrappers that every name carries come first, common first components of a model last."""
    components = item.prefix.rstrip(".").split(".")
    known = all(component in WRAPPERS for component in components)
    transparent = item.is_transparent
    if transparent and item.matching == item.total:
        return 0
    if transparent:
        return 1
    return 2 if known and item.matching == item.total else 3


def _stack(prefix: str, count: int, names: list[str]) -> list[tuple[str, int]]:
    """The prefix, and the longer ones it is always followed by while they are wrappers or common to all."""
    result = [(prefix, count)]
    members = [name for name in gradually(names) if name.startswith(prefix)]
    while True:
        head = _common_head(members, len(prefix))
        if head not in WRAPPERS:
            return result
        prefix += head + "."
        result.append((prefix, len(members)))


def _common_head(names: list[str], offset: int) -> str:
    """The component that follows in every name, with more behind it; "" when they differ."""
    first = names[0][offset:].partition(".")[0] + "."
    return first[:-1] if all(name.startswith(first, offset) for name in gradually(names)) else ""


def _count(items: Iterable[str]) -> dict[str, int]:
    return Counter(items)


def _collisions(prefix: str, matching: int, names: list[str]) -> tuple[str, ...]:
    if matching == len(names):
        # Taken off all of them, it leaves them as different as they were.
        return ()
    length = len(prefix)
    return _twice(name[length:] if name.startswith(prefix) else name for name in gradually(names))


def _anywhere_collisions(component: str, names: list[str]) -> tuple[str, ...]:
    from ckpt_studio.core.edits import StripPrefix

    return _twice(StripPrefix(component, anywhere=True).new_names(names))


def _twice(names: Iterable[str]) -> tuple[str, ...]:
    names = list(names)
    if len(set(names)) == len(names):
        return ()
    return tuple(name for name, count in _count(names).items() if count > 1)
