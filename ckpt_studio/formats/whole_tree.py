"""The whole object tree with the edits laid over it, without changing a node: what replaces which node."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from itertools import islice

from ckpt_studio.core.checkpoint import Checkpoint, StateDict
from ckpt_studio.core.discovery import children, find_state_dicts, module_attributes
from ckpt_studio.core.tensor import Tensor
from ckpt_studio.core.tree import ABSENT, Dict, Object, Path, PathKey, Value, dotted
from ckpt_studio.errors import ExportError
from ckpt_studio.formats.pickle_writer import ORDERED_DICT
from ckpt_studio.formats.rebuild import NDARRAY

_MISSING = object()

NEEDS_CODE = frozenset({"torchscript", "torch-package", "pt2"})
"""Formats whose objects are of classes that the file itself defines: a `.pth` of them would load nowhere."""


def whole_replacements(checkpoint: Checkpoint) -> dict[int, Value]:
    """id of a node of the tree -> what is written in its stead; nodes without edits are not mentioned.

    The ids are those of nodes of `checkpoint.root`, which the checkpoint keeps alive.

    Raises:
        ExportError: an edit has no place in the tree (names inside a whole module come from its code).
    """
    if checkpoint.source.format in NEEDS_CODE:
        raise ExportError("whole-needs-code", path=checkpoint.source.path, format=checkpoint.source.format)
    overlay = _Overlay(checkpoint)
    originals = {(id(sd.node), sd.path): sd for sd in find_state_dicts(checkpoint.root)}
    for state_dict in checkpoint.state_dicts:
        original = originals.get((id(state_dict.node), state_dict.path))
        if original is None or _unchanged(original, state_dict):
            continue
        if state_dict.kind == "module":
            overlay.lay_module(original, state_dict)
        else:
            overlay.lay_mapping(original, state_dict)
    for path, value in sorted(checkpoint.patches.items(), key=lambda item: _turn(*item)):
        overlay.patch(path, value)
    return overlay.replacements


def _turn(path: Path, value: Value) -> tuple[bool, int, list[int]]:
    """New values first, the outer before the inner; then removals from the inside out, the last items first."""
    if value is not ABSENT:
        return (False, len(path), [])
    return (True, -len(path), [-key if type(key) is int else 0 for key in path])


def _unchanged(original: StateDict, edited: StateDict) -> bool:
    if original.versions != edited.versions or len(original.entries) != len(edited.entries):
        return False
    pairs = zip(original.entries.items(), edited.entries.items(), strict=True)
    return all(old[0] == new[0] and old[1] is new[1] for old, new in pairs)


class _Overlay:
    def __init__(self, checkpoint: Checkpoint) -> None:
        self._root = checkpoint.root
        self.replacements: dict[int, Value] = {}

    def now(self, node: Value) -> Value:
        """The node as it is going to be written."""
        return self.replacements.get(id(node), node)

    def lay_mapping(self, original: StateDict, edited: StateDict) -> None:
        """Puts the edited entries into the mapping; what else it holds stays where it is."""
        node = edited.node
        current: Dict | Object = self.now(node)
        names = set(original.entries)
        incoming: Iterator[tuple[Value, Value]] = iter(
            [(name, _plain_if_edited(value, original)) for name, value in edited.entries.items()]
        )
        slots = sum(type(key) is str and key in names for key, _ in current.items)
        items: list[tuple[Value, Value]] = []
        for key, value in current.items:
            if not (type(key) is str and key in names):
                items.append((key, value))
                continue
            slots -= 1
            # One out, one in, so that neighbours keep their places; the last place takes what is left over.
            items.extend(islice(incoming, 1) if slots else incoming)
        items.extend(incoming)
        state = current.state
        if original.versions != edited.versions:
            state = _with_versions(state, edited.versions)
        self.replacements[id(node)] = replace(current, items=items, state=state)

    def lay_module(self, original: StateDict, edited: StateDict) -> None:
        """Puts changed tensors into a module's own dictionaries, and takes popped ones out."""
        added = [name for name in edited.entries if name not in original.entries]
        if added:
            raise ExportError("whole-module-renamed", label=edited.label or ".", first=added[0])
        decided: dict[tuple[int, str], tuple[str, Value]] = {}
        holders: dict[int, Dict] = {}
        for name, holder, key in module_entries(edited.node):
            if name not in original.entries:
                continue
            value = edited.entries.get(name, ABSENT)
            if value is not ABSENT:
                value = _plain_if_edited(value, original)
            place = (id(holder), key)
            known = decided.setdefault(place, (name, value))
            if known[1] is not value:
                raise ExportError("whole-module-conflict", label=edited.label or ".", first=known[0], second=name)
            holders[id(holder)] = holder
        for identity, holder in holders.items():
            current: Dict = self.now(holder)
            items: list[tuple[Value, Value]] = []
            for key, value in current.items:
                new = decided.get((identity, key), (key, value))[1] if type(key) is str else value
                if new is not ABSENT:
                    items.append((key, new))
            self.replacements[identity] = replace(current, items=items)

    def patch(self, path: Path, value: Value) -> None:
        """Lays a value (ABSENT: none) over the place at `path`.

        Raises:
            ExportError: "whole-patch-unplaced": there is no such place.
        """
        if not path:
            if value is ABSENT:
                raise ExportError("whole-patch-unplaced", path=dotted(path))
            self.replacements[id(self._root)] = value
            return
        node = self._root
        for key in path[:-1]:
            node = _child(self.now(node), key)
            if node is _MISSING:
                raise ExportError("whole-patch-unplaced", path=dotted(path))
        changed = _with_child(self.now(node), path[-1], value)
        if changed is _MISSING:
            raise ExportError("whole-patch-unplaced", path=dotted(path))
        self.replacements[id(node)] = changed


def _plain_if_edited(value: Value, original: StateDict) -> Value:
    """An array of numpy that an edit changed is written as a tensor: its own pickle is the old content."""
    form = value.form if type(value) is Tensor else None
    if form is None or form.subclass != NDARRAY or any(value is old for old in original.entries.values()):
        return value
    return value.with_changes(form=None)


def _with_versions(state: Value, versions: Mapping[str, Mapping[str, Value]] | None) -> Value:
    """The attributes of a mapping with another `_metadata`."""
    items = [] if type(state) is not Dict else [item for item in state.items if item[0] != "_metadata"]
    if versions is not None:
        items.append(("_metadata", Dict(list(versions.items()), ORDERED_DICT)))
    return Dict(items) if items else ABSENT


def module_entries(module: Value) -> Iterator[tuple[str, Dict, str]]:
    """What a whole module's `state_dict()` takes from where: (name, the mapping that holds it, its key there).

    A child that is shared comes once under each of its names; cycles are cut.
    """
    pending: list[tuple[str, Value, tuple[int, ...]]] = [("", module, ())]
    while pending:
        prefix, node, above = pending.pop()
        own = module_attributes(node)
        if own is None or id(node) in above:
            continue
        for attribute in ("_parameters", "_buffers"):
            holder = own.get(attribute)
            if type(holder) is Dict:
                for key, value in holder.items:
                    if type(key) is str and type(value) is Tensor:
                        yield prefix + key, holder, key
        below = own.get("_modules")
        if type(below) is Dict:
            pending.extend((f"{prefix}{key}.", child, (*above, id(node))) for key, child in below.items)


def _child(node: Value, key: PathKey) -> Value:
    """What is at `key` in a node, as paths name it; _MISSING if nothing is."""
    return next((value for name, value in children(node) if name == key and type(name) is type(key)), _MISSING)


def _with_child(node: Value, key: PathKey, value: Value) -> Value:
    """A copy of the node with another value at `key`, or none; _MISSING if it has no such place."""
    if isinstance(node, list | tuple):
        if type(key) is not int or not 0 <= key < len(node):
            return _MISSING
        middle = [] if value is ABSENT else [value]
        return type(node)([*node[:key], *middle, *node[key + 1 :]])
    if type(node) is Dict or type(node) is Object:
        if any(_path_key_is(name, key) for name, _ in node.items):
            return replace(node, items=_with_item(node.items, key, value))
        if type(node.state) is Dict and any(_path_key_is(name, key) for name, _ in node.state.items):
            return replace(node, state=replace(node.state, items=_with_item(node.state.items, key, value)))
    if type(node) is Object:
        if type(node.state) is tuple:
            for place, part in enumerate(node.state):
                if type(part) is Dict and any(_path_key_is(name, key) for name, _ in part.items):
                    changed = replace(part, items=_with_item(part.items, key, value))
                    return replace(node, state=(*node.state[:place], changed, *node.state[place + 1 :]))
        if type(key) is int and 0 <= key < len(node.appended):
            return replace(node, appended=_with_child(node.appended, key, value))
    return _MISSING


def _path_key_is(name: Value, key: PathKey) -> bool:
    return type(name) is type(key) and bool(name == key)


def _with_item(items: list[tuple[Value, Value]], key: PathKey, value: Value) -> list[tuple[Value, Value]]:
    """The pairs with another value under `key`, or without it."""
    changed = []
    for name, old in items:
        if not _path_key_is(name, key):
            changed.append((name, old))
        elif value is not ABSENT:
            changed.append((name, value))
    return changed
