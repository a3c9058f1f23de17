"""The object tree as a protocol 2 pickle, the way `torch.save` writes it.

Only opcodes and globals that every torch since 1.6 and its `weights_only` unpickler accept are used for
state dicts; stand-ins are written with the calls they came with, so that the original classes load again.
Iterative: depth costs memory, not stack. Sharing and cycles survive through the memo.
"""

from __future__ import annotations

import pickle
import struct
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from ckpt_studio.core.tensor import Form, Tensor
from ckpt_studio.core.tree import ABSENT, BareStorage, Dict, Global, Object, Persistent, Value
from ckpt_studio.errors import ExportError
from ckpt_studio.formats.rebuild import NDARRAY, is_jagged, jagged_call
from ckpt_studio.formats.storage_plan import Slot, StoragePlan

ORDERED_DICT = Global("collections", "OrderedDict")
_CODECS_ENCODE = Global("_codecs", "encode")
_REBUILD_V2 = Global("torch._utils", "_rebuild_tensor_v2")
_REBUILD_V3 = Global("torch._utils", "_rebuild_tensor_v3")
_REBUILD_Q = Global("torch._utils", "_rebuild_qtensor")
_REBUILD_META = Global("torch._utils", "_rebuild_meta_tensor_no_storage")
_REBUILD_SPARSE = Global("torch._utils", "_rebuild_sparse_tensor")
_REBUILD_NESTED = Global("torch._utils", "_rebuild_nested_tensor")
_REBUILD_WRAPPER = Global("torch._utils", "_rebuild_wrapper_subclass")
_REBUILD_PARAMETER = Global("torch._utils", "_rebuild_parameter")
_REBUILD_PARAMETER_STATE = Global("torch._utils", "_rebuild_parameter_with_state")
_REBUILD_FROM_TYPE = Global("torch._tensor", "_rebuild_from_type_v2")
_TENSOR = Global("torch", "Tensor")
_BUFFER = Global("torch.nn.parameter", "Buffer")
_DEVICE = Global("torch", "device")
_GET_LAYOUT = Global("torch.serialization", "_get_layout")
_UNTYPED_STORAGE = Global("torch.storage", "UntypedStorage")
# Stock unpicklers keep everything since a MARK on a stack: pickle itself writes containers in such batches.
_BATCH = 1000
_MAX_UNICODE = (1 << 32) - 1

Body = Iterator[Value]


def dumps(
    root: Value,
    storages: StoragePlan,
    *,
    replacements: Mapping[int, Value] | None = None,
    view_metadata: bool = False,
) -> bytes:
    """The pickle of `root`, whose tensors refer to the slots of `storages`.

    Args:
        root: any value of the tree.
        storages: made from `leaves(root, replacements)`.
        replacements: id of a node -> what is written in its stead.
        view_metadata: the legacy container's persistent ids have a sixth member, None.

    Raises:
        ExportError: "cannot-write-value" for what a pickle of protocol 2 has no form for.
    """
    return _Writer(storages, replacements or {}, view_metadata).dump(root)


def leaves(
    root: Value, replacements: Mapping[int, Value] | None = None, classes: set[Global] | None = None
) -> list[Tensor | BareStorage]:
    """Every tensor with bytes and every bare storage that a pickle of `root` refers to, in its order, each once.

    Args:
        classes: takes the globals that the values themselves name, besides what every tensor needs.
    """
    replaced = replacements or {}
    found: list[Tensor | BareStorage] = []
    seen: set[int] = set()
    # What is made on the way lives as long as its id is in `seen`.
    made: list[Object] = []
    pending: list[Iterator[Value]] = [iter((root,))]
    while pending:
        for child in pending[-1]:
            kind = type(child)
            if kind in _ATOMS:
                if kind is Global and classes is not None:
                    classes.add(child)
                continue
            child = replaced.get(id(child), child)
            if id(child) in seen:
                continue
            seen.add(id(child))
            if type(child) is BareStorage or (type(child) is Tensor and has_storage(child)):
                found.append(child)
            if type(child) is Tensor and is_jagged(child):
                made.append(jagged_call(child))
                child = made[-1]
            if classes is not None and (named := _class_of(child)) is not None:
                classes.add(named)
            below = _children(child)
            if below is not None:
                pending.append(below)
                break
        else:
            pending.pop()
    return found


def _class_of(value: Value) -> Global | None:
    """The class of a mapping or tensor that is none of the plain ones."""
    if type(value) is Dict:
        return value.cls
    return value.form.subclass if type(value) is Tensor and value.form is not None else None


def has_storage(tensor: Tensor) -> bool:
    """Whether the tensor itself (not its parts) refers to bytes."""
    form = tensor.form
    return form is None or (not form.is_meta and form.layout == "strided" and form.subclass != NDARRAY)


_ATOMS = frozenset((type(None), bool, int, float, complex, str, bytes, bytearray, Global))


def _children(value: Value) -> Iterator[Value] | None:
    """The values a node is made of, in the order the pickle writes them; None for what has none."""
    kind = type(value)
    if kind is Tensor:
        form = value.form
        return None if form is None else _form_children(form)
    if kind is Dict:
        return _dict_children(value)
    if kind is Object:
        return _object_children(value)
    if isinstance(value, list | tuple | set | frozenset):
        return iter(value)
    if kind is Persistent:
        return iter((value.pid,))
    if isinstance(value, Mapping):
        return (part for pair in value.items() for part in pair)
    return None


def _form_children(form: Form) -> Iterator[Value]:
    if form.subclass == NDARRAY:
        yield form.state
        return
    for _, part in form.parts:
        yield part
    yield form.arguments
    yield form.quantizer
    yield form.state


def _dict_children(node: Dict) -> Iterator[Value]:
    yield from node.arguments
    for key, value in node.items:
        yield key
        yield value
    if node.state is not ABSENT:
        yield node.state


def _object_children(node: Object) -> Iterator[Value]:
    yield node.cls
    yield from node.arguments
    if node.keywords is not None:
        yield node.keywords
    yield from node.appended
    for key, value in node.items:
        yield key
        yield value
    if node.state is not ABSENT:
        yield node.state


class _Writer:
    """One run of the pickler: output, memo, and the stack of containers being written."""

    def __init__(self, storages: StoragePlan, replacements: Mapping[int, Value], view_metadata: bool) -> None:
        self._storages = storages
        self._replacements = replacements
        self._view_metadata = view_metadata
        self._out = bytearray()
        self._write = self._out.extend
        self._memo: dict[int, bytes] = {}
        self._texts: dict[str, bytes] = {}
        self._globals: dict[Global, bytes] = {}
        self._count = 0
        # Ids in the memo are those of these objects: they must live as long as it does.
        self._kept: list[Value] = []
        # The calls that make jagged tensors, by the tensors' ids.
        self._calls: dict[int, Object] = {}
        # Values that can only be referred to once they are complete: meeting one again inside itself is a cycle.
        self._open: set[int] = set()
        self._emitters: dict[type, Callable[[Any], Body | None]] = {
            type(None): lambda _: self._write(b"N"),
            bool: lambda value: self._write(b"\x88" if value else b"\x89"),
            int: lambda value: self._write(integer(value)),
            float: lambda value: self._write(b"G" + struct.pack(">d", value)),
            str: self._text,
            Global: self._global,
            complex: self._complex,
            bytes: self._bytes,
            bytearray: self._bytearray,
            tuple: self._tuple,
            list: self._list,
            set: self._set,
            frozenset: self._set,
            Dict: self._dict,
            Object: self._object,
            Tensor: self._tensor,
            BareStorage: self._bare_storage,
            Persistent: self._persistent,
        }

    def dump(self, root: Value) -> bytes:
        self._write(b"\x80\x02")
        pending: list[Body] = [iter((root,))]
        while pending:
            for child in pending[-1]:
                body = self._emit(child)
                if body is not None:
                    pending.append(body)
                    break
            else:
                pending.pop()
        self._write(b".")
        return bytes(self._out)

    def _emit(self, value: Value) -> Body | None:
        """Writes an atom, or returns the body of a container, which writes itself while it is iterated."""
        kind = type(value)
        if self._replacements and kind not in _ATOMS:
            value = self._replacements.get(id(value), value)
            kind = type(value)
        known = self._memo.get(id(value))
        if known is not None and kind not in _ATOMS:
            self._write(known)
            return None
        emitter = self._emitters.get(kind)
        if emitter is not None:
            return emitter(value)
        if isinstance(value, Mapping):
            return self._dict(Dict(list(value.items())), memo_of=value)
        raise ExportError("cannot-write-value", type=kind.__name__)

    def _put(self, value: Value | None = None) -> bytes:
        """Memoises the top of the stack (for `value`, if given); the opcode that gets it back."""
        index = self._count
        self._count += 1
        if index < 256:
            self._write(b"q" + bytes((index,)))
            get = b"h" + bytes((index,))
        else:
            packed = struct.pack("<I", index)
            self._write(b"r" + packed)
            get = b"j" + packed
        if value is not None:
            self._memo[id(value)] = get
            self._kept.append(value)
        return get

    def _enter(self, value: Value) -> None:
        if id(value) in self._open:
            raise ExportError("cannot-write-value", type=f"cyclic {type(value).__name__}")
        self._open.add(id(value))

    # ---- atoms

    def _text(self, value: str) -> None:
        known = self._texts.get(value)
        if known is not None:
            self._write(known)
            return
        data = value.encode("utf-8", "surrogatepass")
        if len(data) > _MAX_UNICODE:
            raise ExportError("cannot-write-value", type="str > 4 GB")
        self._write(b"X" + struct.pack("<I", len(data)) + data)
        self._texts[value] = self._put()

    def _global(self, value: Global) -> None:
        known = self._globals.get(value)
        if known is not None:
            self._write(known)
            return
        if "\n" in value.module or "\n" in value.name:
            raise ExportError("cannot-write-value", type=repr(str(value)))
        parent, dot, last = value.name.rpartition(".")
        if dot and parent:
            # Protocol 2 names only what is at the top of a module; pickle itself goes this way for nested classes.
            depth: list[str] = [last]
            while "." in parent:
                parent, _, last = parent.rpartition(".")
                depth.append(last)
            for _ in depth:
                self._global(Global("__builtin__", "getattr"))
            self._global(Global(value.module, parent))
            for name in reversed(depth):
                self._text(name)
                self._write(b"\x86R")
        else:
            self._write(b"c" + f"{value.module}\n{value.name}\n".encode("utf-8", "surrogatepass"))
        self._globals[value] = self._put()

    def _complex(self, value: complex) -> None:
        self._global(Global("__builtin__", "complex"))
        self._write(struct.pack(">cdcd", b"G", value.real, b"G", value.imag) + b"\x86R")

    def _bytes(self, value: bytes) -> None:
        known = self._memo.get(id(value))
        if known is not None:
            self._write(known)
            return
        # Protocol 2 has no bytes; this is pickle's own way, and the one `weights_only` accepts.
        self._global(_CODECS_ENCODE)
        data = value.decode("latin-1").encode("utf-8")
        if len(data) > _MAX_UNICODE:
            raise ExportError("cannot-write-value", type="bytes > 4 GB")
        self._write(b"X" + struct.pack("<I", len(data)))
        self._write(data)
        self._text("latin1")
        self._write(b"\x86R")
        self._put(value)

    def _bytearray(self, value: bytearray) -> None:
        known = self._memo.get(id(value))
        if known is not None:
            self._write(known)
            return
        self._global(Global("__builtin__", "bytearray"))
        self._bytes(bytes(value))
        self._write(b"\x85R")
        self._put(value)

    # ---- containers

    def _tuple(self, value: tuple[Value, ...]) -> Body | None:
        if not value:
            self._write(b")")
            return None
        return self._tuple_body(value)

    def _tuple_body(self, value: tuple[Value, ...]) -> Body:
        if len(value) > 3:
            self._write(b"(")
        yield from value
        known = self._memo.get(id(value))
        if known is not None:
            # The tuple contains itself through a mutable member, which has written it meanwhile.
            self._write((b"1" if len(value) > 3 else b"0" * len(value)) + known)
            return
        self._write(_TUPLE_OPS[len(value)] if len(value) <= 3 else b"t")
        self._put(value)

    def _arguments(self, values: tuple[Value, ...]) -> Body:
        """A tuple that nobody refers to again."""
        members = self._replacements.get(id(values), values)
        if len(members) > 3:
            self._write(b"(")
        yield from members
        self._write(_TUPLE_OPS[len(members)] if len(members) <= 3 else b"t")

    def _list(self, value: list[Value]) -> Body:
        self._write(b"]")
        self._put(value)
        return self._appends(value)

    def _appends(self, values: list[Value]) -> Body:
        for first in range(0, len(values), _BATCH):
            batch = values[first : first + _BATCH]
            if len(batch) == 1:
                yield batch[0]
                self._write(b"a")
                continue
            self._write(b"(")
            yield from batch
            self._write(b"e")

    def _set_items(self, items: list[tuple[Value, Value]]) -> Body:
        for first in range(0, len(items), _BATCH):
            batch = items[first : first + _BATCH]
            if len(batch) == 1:
                yield from batch[0]
                self._write(b"s")
                continue
            self._write(b"(")
            for key, value in batch:
                yield key
                yield value
            self._write(b"u")

    def _set(self, value: set[Value] | frozenset[Value]) -> Body:
        self._enter(value)
        self._global(Global("__builtin__", type(value).__name__))
        self._write(b"]")
        yield from self._appends(list(value))
        self._write(b"\x85R")
        self._put(value)

    def _dict(self, node: Dict, memo_of: Value = None) -> Body:
        if node.cls is None:
            self._write(b"}")
        else:
            self._enter(node)
            yield node.cls
            yield from self._arguments(node.arguments)
            self._write(b"R")
        self._put(node if memo_of is None else memo_of)
        yield from self._set_items(node.items)
        if node.state is not ABSENT:
            yield node.state
            self._write(b"b")

    def _object(self, node: Object) -> Body:
        self._enter(node)
        if node.how == "inst":
            self._write(b"(")
            yield node.cls
            yield from node.arguments
            self._write(b"o")
        elif node.how == "newobj_ex":
            yield Global("copy_reg", "__newobj_ex__")
            yield node.cls
            yield from self._arguments(node.arguments)
            yield node.keywords if node.keywords is not None else Dict([])
            self._write(b"\x87R")
        else:
            yield node.cls
            yield from self._arguments(node.arguments)
            self._write(b"\x81" if node.how == "newobj" else b"R")
        self._put(node)
        yield from self._appends(node.appended)
        yield from self._set_items(node.items)
        if node.state is not ABSENT:
            yield node.state
            self._write(b"b")

    def _persistent(self, node: Persistent) -> Body:
        yield node.pid
        self._write(b"Q")

    # ---- tensors

    def _bare_storage(self, bare: BareStorage) -> None:
        self._storage(self._storages.slot(bare), untyped=bare.dtype is None)

    def _storage(self, slot: Slot, untyped: bool = False) -> None:
        self._write(b"(")
        self._text("storage")
        if slot.dtype is None or untyped:
            self._global(_UNTYPED_STORAGE)
        else:
            self._global(Global("torch", slot.dtype.storage_class or ""))
        self._text(slot.key)
        self._text(slot.device)
        self._write(integer(slot.nbytes if untyped else slot.numel))
        self._write(b"NtQ" if self._view_metadata else b"tQ")

    def _tensor(self, tensor: Tensor) -> Body | None:
        form = tensor.form
        if form is None and tensor.kind != "buffer":
            if tensor.kind == "tensor":
                self._plain(tensor, tensor.requires_grad)
            else:
                self._global(_REBUILD_PARAMETER)
                self._plain(tensor, requires_grad=False)
                self._parameter_end(tensor)
                self._write(b"\x87R")
            self._put(tensor)
            return None
        if form is not None and form.subclass == NDARRAY:
            # The array's own calls, as they came.
            return iter((form.state,))
        if is_jagged(tensor):
            call = self._calls.setdefault(id(tensor), jagged_call(tensor))
            self._kept.append(tensor)
            return iter((call,))
        return self._formed(tensor, form or _NO_FORM)

    def _plain(self, tensor: Tensor, requires_grad: bool) -> None:
        """An ordinary tensor: its rebuild call, complete."""
        slot = self._storages.slot(tensor)
        self._global(_REBUILD_V2 if slot.dtype is not None else _REBUILD_V3)
        self._write(b"(")
        self._view(tensor, slot, requires_grad)
        if slot.dtype is None:
            self._global(Global("torch", tensor.dtype.name))
        self._write(b"tR")

    def _view(self, tensor: Tensor, slot: Slot, requires_grad: bool) -> None:
        """Storage, offset, size, stride, requires_grad, hooks: what all the rebuild functions begin with."""
        self._storage(slot)
        self._write(
            integer(self._storages.offset(tensor))
            + integers(tensor.shape)
            + integers(tensor.stride)
            + (b"\x88" if requires_grad else b"\x89")
        )
        self._empty_ordered_dict()

    def _empty_ordered_dict(self) -> None:
        self._global(ORDERED_DICT)
        self._write(b")R")

    def _parameter_end(self, tensor: Tensor) -> None:
        """What a Parameter's rebuild function is given after the tensor."""
        self._write(b"\x88" if tensor.requires_grad else b"\x89")
        self._empty_ordered_dict()

    def _formed(self, tensor: Tensor, form: Form) -> Body:
        self._enter(tensor)
        if tensor.kind == "parameter":
            has_state = form.state is not None and form.subclass is None
            self._global(_REBUILD_PARAMETER_STATE if has_state else _REBUILD_PARAMETER)
            self._write(b"(")
            yield from self._typed(tensor, form, requires_grad=False, with_state=not has_state)
            self._parameter_end(tensor)
            if has_state:
                yield form.state
            self._write(b"tR")
        else:
            yield from self._typed(tensor, form, tensor.requires_grad, with_state=True)
        self._put(tensor)

    def _typed(self, tensor: Tensor, form: Form, requires_grad: bool, with_state: bool) -> Body:
        """The tensor inside a Parameter, or the tensor itself: with its subclass and attributes, if any."""
        state = form.state if with_state else None
        bare = form.subclass is None or form.layout == "wrapper"
        if bare and state is None and tensor.kind != "buffer":
            function, body = self._rebuild(tensor, form, requires_grad)
            self._global(function)
            self._write(b"(")
            yield from body
            self._write(b"tR")
            return
        function, body = self._rebuild(tensor, form, requires_grad)
        self._global(_REBUILD_FROM_TYPE)
        self._write(b"(")
        self._global(function)
        self._global(form.subclass or (_BUFFER if tensor.kind == "buffer" else _TENSOR))
        self._write(b"(")
        yield from body
        self._write(b"t")
        yield state if state is not None else Dict([])
        self._write(b"tR")

    def _rebuild(self, tensor: Tensor, form: Form, requires_grad: bool) -> tuple[Global, Body]:
        """torch's rebuild function for this form, and the body that writes its arguments."""
        if form.is_meta:
            return _REBUILD_META, self._meta(tensor, requires_grad)
        if form.layout == "strided":
            if form.quantizer is not None:
                return _REBUILD_Q, self._quantized(tensor, form.quantizer, requires_grad)
            typed = self._storages.slot(tensor).dtype is not None
            return (_REBUILD_V2 if typed else _REBUILD_V3), self._strided(tensor, form, requires_grad)
        if form.layout == "nested":
            return _REBUILD_NESTED, iter([part for _, part in form.parts])
        if form.layout == "wrapper":
            return _REBUILD_WRAPPER, self._wrapper(tensor, form, requires_grad)
        return _REBUILD_SPARSE, self._sparse(tensor, form)

    def _meta(self, tensor: Tensor, requires_grad: bool) -> Body:
        yield Global("torch", tensor.dtype.name)
        self._write(integers(tensor.shape) + integers(tensor.stride))
        yield requires_grad

    def _strided(self, tensor: Tensor, form: Form, requires_grad: bool) -> Body:
        slot = self._storages.slot(tensor)
        self._view(tensor, slot, requires_grad)
        if slot.dtype is None:
            yield Global("torch", tensor.dtype.name)
        bits = [(name, True) for name, on in (("conj", form.conj), ("neg", form.neg)) if on]
        if bits:
            yield Dict(list(bits))

    def _quantized(self, tensor: Tensor, quantizer: tuple[Value, ...], requires_grad: bool) -> Body:
        self._storage(self._storages.slot(tensor))
        self._write(
            integer(self._storages.offset(tensor)) + integers(tensor.shape) + integers(tensor.stride),
        )
        yield quantizer
        yield requires_grad
        self._empty_ordered_dict()

    def _layout(self, name: str) -> None:
        self._global(_GET_LAYOUT)
        self._text(f"torch.{name}")
        self._write(b"\x85R")

    def _wrapper(self, tensor: Tensor, form: Form, requires_grad: bool) -> Body:
        yield form.subclass
        yield Global("torch", tensor.dtype.name)
        self._write(integers(tensor.shape) + integers(tensor.stride) + integer(tensor.offset))
        self._layout("strided")
        kind, _, number = tensor.device.partition(":")
        self._global(_DEVICE)
        self._text(kind)
        self._write(integer(int(number)) + b"\x86R" if number.isdecimal() else b"\x85R")
        yield requires_grad

    def _sparse(self, tensor: Tensor, form: Form) -> Body:
        self._layout(form.layout)
        self._write(b"(")
        for _, part in form.parts:
            yield part
        self._write(integers(tensor.shape))
        yield from form.arguments
        self._write(b"t")


_NO_FORM = Form()
_TUPLE_OPS = (b")", b"\x85", b"\x86", b"\x87")
_SMALL_INTS = tuple(b"K" + bytes((number,)) for number in range(256))


def integer(value: int) -> bytes:
    """The opcode for an integer of any size."""
    if 0 <= value < 256:
        return _SMALL_INTS[value]
    if 0 <= value < 65536:
        return b"M" + struct.pack("<H", value)
    if -0x80000000 <= value <= 0x7FFFFFFF:
        return b"J" + struct.pack("<i", value)
    data = pickle.encode_long(value)
    if len(data) < 256:
        return b"\x8a" + bytes((len(data),)) + data
    return b"\x8b" + struct.pack("<i", len(data)) + data


def integers(values: tuple[int, ...]) -> bytes:
    """A tuple of integers."""
    body = b"".join(map(integer, values))
    if len(values) <= 3:
        return body + _TUPLE_OPS[len(values)]
    return b"(" + body + b"t"
