"""Finds the state dicts in a file's tree, walks the tree, and says what its leaves are.

The tree is a graph that a file describes: shared nodes, cycles and depth are bounded here, and nothing recurses.
"""

from __future__ import annotations

import re
import struct
from collections.abc import Iterator, Mapping
from typing import Any, TypeAlias

from ckpt_studio.core.checkpoint import StateDict
from ckpt_studio.core.jobs import gradually
from ckpt_studio.core.tensor import Tensor
from ckpt_studio.core.tree import ABSENT, BareStorage, Dict, Global, Object, Path, PathKey, Persistent, Value

# Nodes shown a second time because they are shared; beyond that a shared node is a leaf.
_MAX_REPEATED = 20_000
_MAX_LEAVES = 3_000_000
_MAX_ENTRIES = 3_000_000
_MAX_MODULES = 100_000
_MAX_TEXT = 200

# What people call the weights, the likeliest first.
_USUAL_NAMES = (
    "state_dict", "model_state_dict", "model", "module", "net", "network", "state_dicts", "params", "params_ema",
    "weights", "model_state", "net_state_dict", "generator", "teacher", "student", "backbone", "encoder",
)  # fmt: skip
_AVERAGED = re.compile(r"(^|[_.])(ema|swa|averaged?|shadow)([_.]|$)", re.IGNORECASE)
# What `nn.Module.state_dict()` itself puts among the tensors: `get_extra_state`, and the weights of quantised layers as
# (tensor, bias) with their dtype (torch/ao/nn/quantized/modules/linear.py, LinearPackedParams._save_to_state_dict), or
# as objects of TorchScript (torch/ao/nn/quantized/dynamic/modules/rnn.py, PackedParameter._save_to_state_dict).
_BELONGS = re.compile(
    r"_extra_state$|(^|\.)_packed_params(\.(dtype|_packed_params))?$|(^|\.)_all_weight_values\.\d+\.param$"
)
ARCHITECTURE_KEYS = ("arch", "architecture", "model_name", "model_type", "model_class", "model_arch")
"""What training scripts call the architecture that they write down."""
_TRAINING_STATE = re.compile(r"optim|scheduler|^lr_sched|grad_scaler|^scaler$|rng_state", re.IGNORECASE)


def class_of(value: Object) -> Value:
    """The class a stand-in is of: copyreg's reconstructors name it in their arguments."""
    cls = value.cls
    if type(cls) is Global and cls.name in ("_reconstructor", "__newobj__") and value.arguments:
        return value.arguments[0]
    return cls


def attributes(value: Value) -> Dict | None:
    """The attributes a stand-in was given: its state when that is a mapping (or the first of a (dict, slots) pair)."""
    if type(value) is not Object:
        return None
    state = value.state
    if type(state) is tuple and len(state) == 2 and type(state[0]) is Dict:
        state = state[0]
    return state if type(state) is Dict else None


def children(value: Value) -> list[tuple[PathKey, Value]]:
    """What a node holds, each under its path key; [] for a leaf.

    Mappings: their keys (keys that are neither str nor int by their text). Lists and tuples: positions. Stand-ins:
    their attributes by name; then, where there are any, "args" (a tuple), list items by position and mapping items
    by key. `_metadata` of a state dict is no child; it is `StateDict.versions`.
    """
    kind = type(value)
    if kind is Dict:
        found = [(_path_key(key), item) for key, item in value.items]
        if type(value.state) is Dict:
            found.extend((_path_key(key), item) for key, item in value.state.items if key != "_metadata")
        return found
    if kind is list or kind is tuple:
        return list(enumerate(value))
    if kind is not Object or _is_leaf_object(value):
        return []
    found = []
    own = attributes(value)
    if own is not None:
        found.extend((_path_key(key), item) for key, item in own.items)
        if type(value.state) is tuple and type(value.state[1]) is Dict:
            found.extend((_path_key(key), item) for key, item in value.state[1].items)
    elif value.state is not ABSENT and value.state is not None:
        found.append(("state", value.state))
    if value.arguments and class_of(value) is value.cls:
        found.append(("args", value.arguments))
    if value.keywords is not None and value.keywords.items:
        found.append(("kwargs", value.keywords))
    found.extend(enumerate(value.appended))
    found.extend((_path_key(key), item) for key, item in value.items)
    return found


def _size(value: Value) -> int:
    """About how many children a node has, at no cost."""
    if type(value) is Dict:
        return len(value.items) + 1
    if type(value) is Object:
        return len(value.items) + len(value.appended) + 8
    return len(value) + 1


def _path_key(key: Value) -> PathKey:
    if type(key) is str or type(key) is int:
        return key
    return describe_value(key)


def _is_leaf_object(value: Object) -> bool:
    """Stand-ins that are shown as one value: numpy scalars and dtypes, torch.Size, torch.device, enums …"""
    if value.state is ABSENT and not value.appended and not value.items:
        arguments = value.arguments
        return not arguments or all(_is_plain(item) for item in arguments) or scalar_of(value) is not ABSENT
    return scalar_of(value) is not ABSENT


def _is_plain(value: Value) -> bool:
    kind = type(value)
    if kind is tuple:
        return len(value) < 16 and all(type(item) in _PLAIN for item in value)
    return kind in _PLAIN


_PLAIN = frozenset({type(None), bool, int, float, complex, str, bytes, Global})


def walk(root: Value) -> Iterator[tuple[Path, Value]]:
    """Every leaf of the tree with its path, in file order; empty containers are leaves.

    Bounded: a container that was shown before is shown again only while that stays small, and is a leaf itself
    otherwise (as inside a cycle).
    """
    seen: set[int] = set()
    repeated = 0
    leaves = 0
    # Each level: an iterator over its children, and the path so far; the open containers guard against cycles.
    stack: list[tuple[Path, Iterator[tuple[PathKey, Value]], int]] = []
    opened: set[int] = set()

    def enter(path: Path, value: Value) -> bool:
        nonlocal repeated
        if type(value) in _LEAF_TYPES:
            return False
        identity = id(value)
        if identity in opened or len(path) > 200:
            return False
        if identity in seen:
            repeated += _size(value)
            if repeated > _MAX_REPEATED:
                return False
        inner = children(value)
        if not inner:
            return False
        seen.add(identity)
        opened.add(identity)
        stack.append((path, iter(inner), identity))
        return True

    if not enter((), root):
        yield (), root
        return
    while stack:
        path, inner, identity = stack[-1]
        for key, value in inner:
            below = (*path, key)
            if enter(below, value):
                break
            leaves += 1
            if leaves > _MAX_LEAVES:
                return
            yield below, value
        else:
            stack.pop()
            opened.discard(identity)


_LEAF_TYPES = frozenset({*_PLAIN, Tensor, BareStorage, Persistent, bytearray, set, frozenset})


# State dicts -----------------------------------------------------------------------------------


def find_state_dicts(root: Value, script_members: Mapping[str, tuple[str, ...]] | None = None) -> tuple[StateDict, ...]:
    """Every state dict of the tree, in file order.

    `script_members`: TorchScript class -> its parameters and buffers, where the reader knows them.

    A state dict is a mapping whose string keys lead to tensors, or the stand-in of a whole module. Values that are
    no tensors may stand among them as long as the tensors are the majority, or no state dict lies below and they are
    more than single numbers beside other weights. What belongs to an optimizer, a scheduler or a random number
    generator is not weights.
    """
    found: list[StateDict] = []
    mixed: list[tuple[int, StateDict]] = []
    seen: set[int] = set()
    repeated = 0
    stack: list[tuple[Path, Value, _Above]] = [((), root, None)]
    while stack:
        path, value, above = stack.pop()
        kind = type(value)
        if kind in _LEAF_TYPES or len(path) > 200:
            continue
        if kind is Object:
            module = module_state_dict(path, value, script_members)
            if module is not None:
                if module.entries:
                    found.append(module)
                continue
        if id(value) in seen:
            repeated += _size(value)
            if repeated > _MAX_REPEATED or _holds_itself(value, above):
                continue
        seen.add(id(value))
        plain = _tensors_by_name(value)
        if plain is not None:
            # As most files are: of a million names each is looked at once.
            if not (_is_training_part(path) or ("state" in plain and "param_groups" in plain)):
                found.append(StateDict(path, plain, value, "mapping", _versions(value)))
            continue
        inner = children(value)
        if not inner or _is_training_state(value, path):
            continue
        items = _string_items(value)
        if items is not None:
            tensors = sum(1 for _, item in items if type(item) is Tensor)
            if tensors:
                entries = {key: item for key, item in items if _is_entry(key, item)}
                made = StateDict(path, entries, value, "mapping", _versions(value))
                if len(entries) == len(items) or 2 * tensors > len(items):
                    found.append(made)
                else:
                    mixed.append((len(found), made))
                if len(entries) == len(items):
                    continue
        here = (value, above)
        stack.extend(((*path, key), item, here) for key, item in reversed(inner) if type(item) not in _LEAF_TYPES)
    for position, made in reversed(mixed):
        depth = len(made.path)
        if found and not any(tensor.shape for tensor in made.tensors.values()):
            # A best score among settings, as callbacks of training keep it.
            continue
        if not any(other.path[:depth] == made.path for other in found):
            found.insert(position, made)
    return tuple(found)


def beside_tensors(state_dict: StateDict) -> list[PathKey]:
    """The path keys of what shares a state dict's mapping in the file, but is no part of the weights."""
    node = state_dict.node
    if state_dict.kind == "module" or not (type(node) is Dict or type(node) is Object):
        return []
    return [_path_key(key) for key, item in node.items if not _is_entry(key, item)]


def _is_entry(key: Value, item: Value) -> bool:
    return type(key) is str and (type(item) is Tensor or _BELONGS.search(key) is not None)


# The containers a node lies in, the innermost first.
_Above: TypeAlias = "tuple[Value, _Above] | None"


def _holds_itself(value: Value, above: _Above) -> bool:
    while above is not None:
        if above[0] is value:
            return True
        above = above[1]
    return False


def _string_items(value: Value) -> list[tuple[str, Value]] | None:
    """A mapping's items when every tensor in it has a string key; None when it is no such mapping."""
    if type(value) is Dict or (type(value) is Object and value.items):
        items = value.items
    else:
        return None
    if any(type(key) is not str and type(item) is Tensor for key, item in items):
        return None
    return [(key, item) for key, item in items if type(key) is str]


def _tensors_by_name(value: Value) -> dict[str, Tensor | Value] | None:
    """The items of a mapping of nothing but tensors under string keys; None when it is no such mapping."""
    if type(value) is not Dict or not value.items or type(value.items[0][1]) is not Tensor:
        return None
    found: dict[str, Tensor | Value] = {
        key: item for key, item in gradually(value.items) if type(item) is Tensor and type(key) is str
    }
    return found if len(found) == len(value.items) else None


def _is_training_part(path: Path) -> bool:
    return bool(path) and type(path[-1]) is str and "." not in path[-1] and bool(_TRAINING_STATE.search(path[-1]))


def _is_training_state(value: Value, path: Path) -> bool:
    if _is_training_part(path):
        return True
    mapping = value if type(value) is Dict else attributes(value)
    return mapping is not None and "state" in mapping and "param_groups" in mapping


def _versions(value: Value) -> Mapping[str, Mapping[str, Any]] | None:
    """torch's `_metadata` of a state dict: module prefix -> {"version": n, …}."""
    state = value.state if type(value) is Dict else ABSENT
    metadata = state.get("_metadata") if type(state) is Dict else None
    if type(metadata) is not Dict:
        return None
    return {
        prefix: {name: item for name, item in entry.items if type(name) is str}
        for prefix, entry in metadata.items
        if type(prefix) is str and type(entry) is Dict
    }


def module_state_dict(
    path: Path, value: Object, script_members: Mapping[str, tuple[str, ...]] | None = None
) -> StateDict | None:
    """The state dict of a whole module's stand-in, by its `_parameters`, `_buffers` and `_modules`; None for others.

    The order and the names are those of `nn.Module.state_dict`; non-persistent buffers are left out. Modules of
    TorchScript archives keep their tensors and submodules as plain attributes.
    """
    if module_attributes(value) is None and not _is_script_module(value):
        return None
    entries: dict[str, Tensor | Value] = {}
    stack: list[tuple[str, Object, tuple[int, ...]]] = [("", value, ())]
    visits = 0
    while stack and len(entries) < _MAX_ENTRIES and visits < _MAX_MODULES:
        visits += 1
        prefix, module, above = stack.pop()
        own = module_attributes(module)
        submodules: list[tuple[str, Object]] = []
        if own is not None:
            hidden = own.get("_non_persistent_buffers_set")
            hidden_names = hidden if type(hidden) is set else frozenset()
            for group in ("_parameters", "_buffers"):
                for name, item in _pairs(own.get(group)):
                    tensor = _data_of(item)
                    if tensor is not None and not (group == "_buffers" and name in hidden_names):
                        entries[prefix + name] = tensor
            submodules.extend((name, item) for name, item in _pairs(own.get("_modules")) if type(item) is Object)
        else:
            named = dict(_pairs(attributes(module)))
            members = (script_members or {}).get(str(module.cls))
            for name in named if members is None else members:
                if type(named.get(name)) is Tensor:
                    entries[prefix + name] = named[name]
            submodules.extend(
                (n, item) for n, item in named.items() if type(item) is Object and _is_script_module(item)
            )
        above = (*above, id(module))
        if len(above) < 200 and len(stack) < _MAX_ENTRIES:
            stack.extend(
                (f"{prefix}{name}.", item, above) for name, item in reversed(submodules) if id(item) not in above
            )
    return StateDict(path, entries, value, "module")


def module_attributes(value: Value) -> Dict | None:
    """The attributes of a whole module's stand-in, with `_parameters`, `_buffers` and `_modules`; None for others.

    Modules of torch.fx are made anew from their code and these (`reduce_graph_module` in torch/fx/graph_module.py).
    """
    own = attributes(value)
    if own is None and type(value) is Object and type(value.cls) is Global and value.arguments:
        cls, first = value.cls, value.arguments[0]
        if cls.module == "torch.fx.graph_module" and cls.name.startswith("reduce_") and type(first) is Dict:
            own = first
    return own if own is not None and "_modules" in own and "_parameters" in own else None


def _pairs(mapping: Value) -> list[tuple[str, Value]]:
    if type(mapping) is not Dict:
        return []
    return [(key, item) for key, item in mapping.items if type(key) is str]


def _data_of(item: Value) -> Tensor | None:
    """The tensor of a parameter or buffer; torch 0.1 pickled parameters as objects around their data."""
    if type(item) is Tensor:
        return item
    if type(item) is Object and type(item.state) is tuple and item.state and type(item.state[0]) is Tensor:
        cls = class_of(item)
        if type(cls) is Global and cls.name in ("Parameter", "Variable"):
            return item.state[0]
    return None


def _is_script_module(value: Object) -> bool:
    cls = value.cls
    return type(cls) is Global and cls.module.startswith("__torch__") and type(value.state) is Dict


def is_averaged(path: Path) -> bool:
    """Whether what lies here is called a running average of weights (EMA, SWA): "model_ema", "ema_state_dict" …"""
    return any(_AVERAGED.search(str(key)) for key in path)


def likeliest(state_dicts: tuple[StateDict, ...]) -> Path | None:
    """The path of the state dict that people mean by "the weights"; None when there is none.

    Among those with at least half as many elements as the largest: not an average before an average, usual names
    first, then the shallower, then the first in the file.
    """
    if len(state_dicts) < 2:
        return state_dicts[0].path if state_dicts else None
    largest = max(state_dict.parameters for state_dict in state_dicts)
    big = [state_dict for state_dict in state_dicts if 2 * state_dict.parameters >= largest]

    def rank(state_dict: StateDict) -> tuple[bool, int, int]:
        names = [str(key) for key in state_dict.path]
        usual = min((_USUAL_NAMES.index(name) for name in names if name in _USUAL_NAMES), default=len(_USUAL_NAMES))
        return (is_averaged(state_dict.path), usual, len(names))

    return min(big, key=rank).path


# Words for leaves ----------------------------------------------------------------------------------


def value_type(value: Value) -> str:
    """The type of a value as people know it: "int", "dict", "argparse.Namespace", "numpy.float64"."""
    kind = type(value)
    if kind is Dict:
        return value.cls.name if value.cls is not None else "dict"
    if kind is Object:
        scalar = _numpy_scalar(value)
        if scalar is not None:
            return scalar[0]
        cls = class_of(value)
        return str(cls) if type(cls) is Global else "object"
    if kind is Global:
        return "class or function" if value.module != "torch" else "torch"
    if kind is Tensor:
        return "tensor"
    if kind is BareStorage:
        return "storage"
    if kind is Persistent:
        return "reference"
    return "None" if value is None else kind.__name__


def describe_value(value: Value) -> str:
    """A short text of a leaf or a stand-in, at most some 200 characters, whatever the value is."""
    return _describe(value, 3)


def _describe(value: Value, depth: int) -> str:
    kind = type(value)
    if kind is str:
        return _short(value if depth == 3 else repr(value[: _MAX_TEXT + 1]))
    if kind is int:
        # Python refuses to write out integers of thousands of digits.
        return str(value) if value.bit_length() < 512 else f"{value.bit_length()}-bit integer"
    if kind in (bytes, bytearray):
        return _short(repr(bytes(value[:64]))) if len(value) <= 64 else f"{len(value)} bytes"
    if kind is Global:
        return str(value)
    if kind is Tensor:
        return f"{value.dtype.name} {list(value.shape)}"
    if kind is BareStorage:
        return f"{value.dtype.name if value.dtype else 'untyped'} storage of {value.numel}"
    if kind is Persistent:
        return f"reference {_describe(value.pid, depth - 1)}"
    if kind in (list, tuple, set, frozenset):
        return _describe_items(value, depth)
    if kind is Dict:
        if depth <= 0 or len(value.items) > 8:
            return f"{{{len(value.items)} entries}}"
        inner = ", ".join(f"{_describe(key, 1)}: {_describe(item, depth - 1)}" for key, item in value.items)
        return _short(f"{{{inner}}}")
    if kind is Object:
        scalar = scalar_of(value)
        if scalar is not ABSENT:
            return _describe(scalar, depth)
        name = value_type(value)
        if depth <= 0:
            return f"{name}(…)"
        shown = [_describe(item, depth - 1) for item in value.arguments[:8]] if class_of(value) is value.cls else []
        return _short(f"{name}({', '.join(shown)})")
    return _short(str(value))


def _describe_items(value: Any, depth: int) -> str:
    opening, closing = "[]" if type(value) is list else "()" if type(value) is tuple else "{}"
    if depth <= 0 or len(value) > 16:
        return f"{opening}{len(value)} items{closing}"
    inner = ", ".join(_describe(item, depth - 1) for item in value)
    return _short(opening + inner + ("," if type(value) is tuple and len(value) == 1 else "") + closing)


def _short(text: str) -> str:
    return text if len(text) <= _MAX_TEXT else text[: _MAX_TEXT - 1] + "…"


def scalar_of(value: Object) -> Value:
    """The plain value that a stand-in holds (a numpy scalar, torch.Size, torch.device); ABSENT for others."""
    cls = value.cls
    if type(cls) is not Global or cls.name not in ("scalar", "Size", "device"):
        return ABSENT
    found = _numpy_scalar(value)
    if found is not None:
        return found[1]
    if cls.module != "torch":
        return ABSENT
    if cls.name == "Size" and len(value.arguments) == 1 and value.state is ABSENT:
        return value.arguments[0]
    if cls.name == "device" and all(type(part) in (str, int) for part in value.arguments):
        return ":".join(str(part) for part in value.arguments)
    return ABSENT


_SCALAR_FORMATS = {
    "f2": ("e", "float16"), "f4": ("f", "float32"), "f8": ("d", "float64"), "i1": ("b", "int8"), "i2": ("h", "int16"),
    "i4": ("i", "int32"), "i8": ("q", "int64"), "u1": ("B", "uint8"), "u2": ("H", "uint16"), "u4": ("I", "uint32"),
    "u8": ("Q", "uint64"), "b1": ("?", "bool_"),
}  # fmt: skip


def _numpy_scalar(value: Object) -> tuple[str, Value] | None:
    """(type name, value) of `numpy.core.multiarray.scalar(dtype, bytes)`."""
    cls = value.cls
    if type(cls) is not Global or cls.name != "scalar" or not cls.module.endswith("core.multiarray"):
        return None
    if len(value.arguments) != 2 or type(value.arguments[0]) is not Object:
        return None
    dtype, data = value.arguments
    if type(data) is str:
        data = data.encode("utf-8", "surrogatepass")
    if type(data) is not bytes or not dtype.arguments or type(dtype.arguments[0]) is not str:
        return None
    code = dtype.arguments[0]
    order = dtype.state[1] if type(dtype.state) is tuple and len(dtype.state) > 1 else "<"
    if code.startswith("U"):
        return ("numpy.str_", data.decode("utf-32-be" if order == ">" else "utf-32-le", "replace").rstrip("\0"))
    if code.startswith("S"):
        return ("numpy.bytes_", data)
    found = _SCALAR_FORMATS.get(code)
    if found is None or struct.calcsize(found[0]) != len(data):
        return None
    return (f"numpy.{found[1]}", struct.unpack((">" if order == ">" else "<") + found[0], data)[0])
