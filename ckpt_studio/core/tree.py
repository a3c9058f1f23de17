"""The object tree of a file: plain Python values, tensors, and inert stand-ins for everything else.

Nodes are built once by a reader and never changed afterwards; edits live in `StateDict` and
`Checkpoint`, which the writers lay over the tree. The tree may be a graph: shared nodes and cycles
are kept as they came, so walkers must bound themselves and must not recurse (see `discovery`).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal, TypeAlias

from ckpt_studio.core.dtypes import DType
from ckpt_studio.core.storage import Storage
from ckpt_studio.core.tensor import Tensor


@dataclass(frozen=True, slots=True)
class Global:
    """A class or function that a pickle names; never imported, never called."""

    module: str
    name: str

    def __str__(self) -> str:
        return f"{self.module}.{self.name}"


class Absent:
    """The type of ABSENT: "no such part", where None is a value."""

    def __repr__(self) -> str:
        return "ABSENT"


ABSENT = Absent()


@dataclass(eq=False, slots=True)
class Dict:
    """A mapping: dict, OrderedDict, defaultdict. Keys of any kind, in file order, the last of equal ones.

    Attributes:
        items: (key, value) pairs.
        cls: the class, when it is not a plain dict ("collections.OrderedDict", "collections.defaultdict").
        arguments: what the class was called with before the items came (defaultdict's factory).
        state: attributes set on the mapping (`_metadata` of a state dict arrives here), or ABSENT.
    """

    items: list[tuple[Value, Value]]
    cls: Global | None = None
    arguments: tuple[Value, ...] = ()
    state: Value = ABSENT

    def get(self, key: str, default: Value = None) -> Value:
        """The value under a string key."""
        for k, v in self.items:
            if type(k) is str and k == key:
                return v
        return default

    def __contains__(self, key: object) -> bool:
        return any(type(k) is str and k == key for k, _ in self.items)


@dataclass(eq=False, slots=True)
class Object:
    """An inert stand-in for an object of a class that is never imported; it can be written back as it came.

    Attributes:
        cls: the class or function the pickle called.
        how: "reduce" (called), "newobj" / "newobj_ex" (`cls.__new__`), "inst" (old-style INST/OBJ).
        arguments, keywords: of that call.
        state: what BUILD gave it, or ABSENT.
        appended: list items added after it was built.
        items: key/value pairs set after it was built.
    """

    cls: Global | Value
    how: Literal["reduce", "newobj", "newobj_ex", "inst"]
    arguments: tuple[Value, ...] = ()
    keywords: Dict | None = None
    state: Value = ABSENT
    appended: list[Value] = field(default_factory=list)
    items: list[tuple[Value, Value]] = field(default_factory=list)

    @property
    def class_name(self) -> str:
        """Dotted name for people ("argparse.Namespace")."""
        return str(self.cls) if isinstance(self.cls, Global) else "?"


@dataclass(eq=False, slots=True)
class BareStorage:
    """A storage saved by itself (`torch.FloatStorage` as a value); `dtype` None means untyped."""

    storage: Storage
    dtype: DType | None
    numel: int
    device: str = "cpu"


@dataclass(eq=False, slots=True)
class Persistent:
    """A persistent reference of a kind we do not know: its id, kept so that it can be shown."""

    pid: Value


# None, bool, int, float, complex, str, bytes, bytearray, list, tuple, set and frozenset are themselves.
Value: TypeAlias = Any

PathKey: TypeAlias = str | int
Path: TypeAlias = tuple[PathKey, ...]


def dotted(path: Path) -> str:
    """The path as people and CLI write it: "checkpoint.state_dict", "" for the root."""
    return ".".join(str(key) for key in path)


__all__ = [
    "ABSENT", "Absent", "BareStorage", "Dict", "Global", "Object", "Path", "PathKey", "Persistent", "Tensor", "Value",
    "dotted",
]  # fmt: skip
