"""torch's `_metadata` (module prefix -> {"version": n}) moved along when names change.

`load_state_dict` looks a module's version up under the module's prefix: BatchNorm forgives a missing
`num_batches_tracked` only below version 2 (torch/nn/modules/batchnorm.py). A rename that left the
prefixes behind would therefore change the verdict.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, TypeAlias

Versions: TypeAlias = Mapping[str, Mapping[str, Any]]


def moved_versions(versions: Versions, old_names: Sequence[str], new_names: Sequence[str]) -> Versions:
    """The versions after a renaming.

    The common dotted end of an old and a new name tells which module became which: of
    `module.layer1.0.bn1.weight` and `layer1.0.bn1.weight`, `module.layer1.0.bn1` became `layer1.0.bn1`,
    and so on up to `module`, which became the root. Modules without tensors follow their parent.
    A module that was split keeps its version on both sides; where two became one, the one that stayed
    in place wins, then the first.

    Args:
        versions: module prefix -> what `_metadata` records.
        old_names, new_names: all names in order, the n-th old one becoming the n-th new one.
    """
    heads = _single_substitution(old_names, new_names)
    if heads is not None:
        return _with_other_head(versions, *heads)
    changed = [(old, new) for old, new in zip(old_names, new_names, strict=True) if old != new]
    targets = _module_targets(changed)
    staying = _with_ancestors(
        {old.rpartition(".")[0] for old, new in zip(old_names, new_names, strict=True) if old == new}
    )
    for prefix, moved in targets.items():
        if prefix in staying and prefix not in moved:
            moved.insert(0, prefix)
    emptied = _with_ancestors({old.rpartition(".")[0] for old, _ in changed}) - staying - targets.keys()
    sources: dict[str, str] = {}
    for prefix in versions:
        if prefix in emptied:
            continue
        if prefix in targets:
            for new in targets[prefix]:
                if new not in sources or new == prefix:
                    sources[new] = prefix
        elif prefix in staying:
            sources[prefix] = prefix
        else:
            sources.setdefault(_following_parent(prefix, targets, staying), prefix)
    if "" in emptied and "" in versions and "" not in sources:
        # Everything moved away from the root, which goes on existing.
        sources = {"": "", **sources}
    return {new: versions[old] for new, old in sources.items()}


def remaining_versions(versions: Versions, removed: Iterable[str], kept: Iterable[str]) -> Versions:
    """The versions after some tensors were taken out: without the modules all of whose tensors are gone."""
    gone = _with_ancestors({name.rpartition(".")[0] for name in removed})
    gone.discard("")
    for name in kept:
        prefix = name.rpartition(".")[0]
        while prefix in gone:
            gone.discard(prefix)
            prefix = prefix.rpartition(".")[0]
    if not gone:
        return versions
    return {prefix: version for prefix, version in versions.items() if not _is_below(prefix, gone)}


def _single_substitution(old_names: Sequence[str], new_names: Sequence[str]) -> tuple[str, str, bool] | None:
    """The usual case, found quickly: every name under one head (and no other) got another head.

    Returns:
        Old and new head (ending in a dot, or empty) and whether all names have it; None when it is not so.
    """
    changed = next(((old, new) for old, new in zip(old_names, new_names, strict=True) if old != new), None)
    if changed is None:
        return None
    old_parts, new_parts = changed[0].split("."), changed[1].split(".")
    if old_parts[-1] != new_parts[-1]:
        return None
    while old_parts and new_parts and old_parts[-1] == new_parts[-1]:
        old_parts.pop()
        new_parts.pop()
    old_head = ".".join([*old_parts, ""])
    new_head = ".".join([*new_parts, ""])
    length = len(old_head)
    everywhere = True
    for old, new in zip(old_names, new_names, strict=True):
        if old.startswith(old_head):
            if new != new_head + old[length:]:
                return None
        elif old != new:
            return None
        else:
            everywhere = False
    return old_head, new_head, everywhere


def _with_other_head(versions: Versions, old_head: str, new_head: str, everywhere: bool) -> Versions:
    length, old_module, new_module = len(old_head), old_head[:-1], new_head[:-1]
    emptied = _with_ancestors({old_module.rpartition(".")[0]}) if everywhere and old_module else set()
    result: dict[str, Mapping[str, Any]] = {}
    for prefix, version in versions.items():
        if prefix == old_module:
            result.setdefault(new_module, version)
        elif prefix.startswith(old_head):
            result.setdefault(new_head + prefix[length:], version)
        elif prefix not in emptied:
            result[prefix] = version
    if "" in emptied and "" in versions and "" not in result:
        return {"": versions[""], **result}
    return result


def _module_targets(changed: Iterable[tuple[str, str]]) -> dict[str, list[str]]:
    """Old module prefix -> the new ones it became, in order, by the names that changed."""
    targets: dict[str, list[str]] = {}
    seen: set[tuple[str, str]] = set()
    for old, new in changed:
        old_module, _, old_leaf = old.rpartition(".")
        new_module, _, new_leaf = new.rpartition(".")
        pair = (old_module, new_module)
        if pair in seen:
            continue
        if old_leaf != new_leaf:
            # `bn.gamma` -> `bn.weight`: the owner is known, but nothing about the modules around it.
            if old_module and new_module:
                seen.add(pair)
                targets.setdefault(old_module, []).append(new_module)
            continue
        while pair not in seen:
            seen.add(pair)
            old_module, new_module = pair
            targets.setdefault(old_module, []).append(new_module)
            old_parent, _, old_child = old_module.rpartition(".")
            new_parent, _, new_child = new_module.rpartition(".")
            if old_child != new_child or not old_child:
                break
            pair = (old_parent, new_parent)
    return targets


def _following_parent(prefix: str, targets: Mapping[str, list[str]], staying: set[str]) -> str:
    """Where a module without tensors goes: with its nearest ancestor that has some."""
    parent = prefix
    while parent:
        parent = parent.rpartition(".")[0]
        if parent in targets:
            rest = prefix[len(parent) :].removeprefix(".")
            return ".".join(part for part in (targets[parent][0], rest) if part)
        if parent in staying:
            return prefix
    return prefix


def _with_ancestors(modules: set[str]) -> set[str]:
    result: set[str] = set()
    for module in modules:
        while module not in result:
            result.add(module)
            module = module.rpartition(".")[0]
    return result


def _is_below(prefix: str, modules: set[str]) -> bool:
    while prefix:
        if prefix in modules:
            return True
        prefix = prefix.rpartition(".")[0]
    return False
