"""The code-free unpickler: executes a pickle's opcodes over inert values, importing and calling nothing.

Every opcode of protocols 0 to 5 is known (source: CPython's `pickletools` and `pickle._Unpickler`). The
machine is iterative, its memo is a dict (a C unpickler's memo is an array that a 5-byte opcode can make
huge), claimed lengths are compared with the bytes that remain, and containers are shared, never copied,
so that neither depth nor expansion costs more than the bytes that describe them.

What a reduce means is decided by a `Builder`; what persistent ids mean, by the container's reader.
"""

from __future__ import annotations

import re
import struct
from bisect import bisect_right
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Protocol

from ckpt_studio.core.dtypes import DType
from ckpt_studio.core.tree import ABSENT, BareStorage, Dict, Global, Object, Tensor, Value

# No published checkpoint holds a tenth of this many containers; each costs some hundred bytes, so this
# bounds memory where a file of a few megabytes is nothing but EMPTY_DICT opcodes.
MAX_CONTAINERS = 2_000_000
_OBJECT_WEIGHT = 4


class PickleDamage(Exception):
    """The pickle cannot be followed any further.

    Attributes:
        code: "pickle-cut-short" or "pickle-damaged", to be raised with the file's name by the reader.
        position: of the opcode, in bytes from the start of the data.
        reason: technical, in English, for the details button.
    """

    def __init__(self, code: str, position: int, reason: str) -> None:
        super().__init__(reason)
        self.code = code
        self.position = position
        self.reason = reason


class Builder(Protocol):
    """What turns calls into values. Implementations import and call nothing that a file names."""

    def call(self, function: Value, arguments: Value) -> Value:
        """The value of `function(*arguments)`: a Tensor, a Dict …, or an inert Object."""

    def set_state(self, target: Value, state: Value) -> Value:
        """The value of `target` after BUILD gave it `state`; usually `target` itself."""


@dataclass
class Trace:
    """What a stock unpickler would have imported and called, in the order of the file.

    Attributes:
        imported: every global named -> position of the opcode that first names it.
        called: globals that REDUCE, NEWOBJ, INST or OBJ call -> position of the first call.
        computed_calls: positions of calls of something that itself came out of a call.
        built_globals: globals whose attributes BUILD would set (a class or module changed for the whole process).
        first_arguments: arguments of the first call of each global, to be shown to people.
    """

    imported: dict[Global, int] = field(default_factory=dict)
    called: dict[Global, int] = field(default_factory=dict)
    computed_calls: list[int] = field(default_factory=list)
    built_globals: dict[Global, int] = field(default_factory=dict)
    first_arguments: dict[Global, Value] = field(default_factory=dict)


_INT = rb"(?:K.|M..|J.{4}|\x8a\x05.{5}|\x8a\x06.{6})"
_REF = rb"(?:h.|j.{4})"
_PUT = rb"r(.{4})"
_SIZES = rb"(" + _INT + rb"\x85|" + _INT + rb"{2}\x86|" + _INT + rb"{3}\x87|\(" + _INT + rb"{4,}?t)" + _PUT
# One tensor as torch.save writes it with protocol 2 once the memo is past its first 256 entries, from the
# reference to `_rebuild_tensor_v2` to the memo entry of the result (source: torch/_tensor.py `_reduce_ex_internal`,
# torch/serialization.py `persistent_id`, whose sixth item in the legacy container is None, and CPython's
# `Pickler.save_tuple`).
_TENSOR = re.compile(
    rb"(" + _REF + rb"\(\(" + _REF + _REF + rb")X(.)\0\0\0([0-9]{1,20})" + _PUT
    + rb"(" + _REF + rb")(" + _INT + rb")N?t" + _PUT + rb"Q(" + _INT + rb")"
    + rb"(?:\)\)|" + _SIZES + _SIZES + rb")([\x88\x89])(" + _REF + rb")\)R" + _PUT + rb"t" + _PUT + rb"R" + _PUT,
    re.DOTALL,
)  # fmt: skip
_PREFIX_REFS = re.compile(_REF, re.DOTALL)
_UNPACK_7 = struct.Struct("<7I").unpack
_UNPACK_5 = struct.Struct("<5I").unpack
_UNPACK_U32 = struct.Struct("<I").unpack_from
_UNPACK_I32 = struct.Struct("<i").unpack_from
_UNPACK_F64 = struct.Struct(">d").unpack_from

_REBUILD_V2 = Global("torch._utils", "_rebuild_tensor_v2")
_ORDERED_DICT = Global("collections", "OrderedDict")

StorageFor = Callable[["DType | None", str, str, int], BareStorage]


class PickleMachine:
    """Runs one or several pickles that lie in `data`.

    Attributes:
        data: the bytes.
        position: where the next pickle would begin (after the STOP of the last one).
        trace: what a stock unpickler would have done.
        protocol: the highest PROTO seen, -1 for none.
    """

    def __init__(
        self,
        data: bytes,
        builder: Builder,
        persistent: Callable[[Value], Value] | None = None,
        storage_for: StorageFor | None = None,
        dtype_of: Callable[[Global], DType | None] | None = None,
    ) -> None:
        """Args:
        data: the whole record or file.
        builder: what calls mean.
        persistent: what a persistent id means; None keeps it as a `Persistent`.
        storage_for: the storage of (dtype, key, location, numel) as `persistent` would give it for torch's
            `('storage', class, key, location, numel)`; enables reading common tensors in one step.
        dtype_of: the dtype of a typed storage class; needed with `storage_for`.
        """
        self.data = data
        self.position = 0
        self.trace = Trace()
        self.protocol = -1
        self._builder = builder
        self._persistent = persistent
        self._storage_for = storage_for if dtype_of is not None else None
        self._dtype_of = dtype_of
        self._globals: dict[tuple[str, str], Global] = {}
        self._containers = 0
        self._dicts: list[Dict] = []
        self._reset()

    def _reset(self) -> None:
        self._memo: dict[int, Value] = {}
        self._stack: list[Any] = []
        self._marks: list[list[Any]] = []
        # Tensors read in one step: first memo index of each and where its opcodes lie, for the rare
        # reference to one of its inner values; and what references (h., j....) mean, by their bytes.
        self._step_bases: list[int] = []
        self._step_positions: list[int] = []
        self._step_ends: list[int] = []
        self._hidden = 0
        self._top = -1
        self._refs: dict[bytes, Value] = {}
        self._prefixes: dict[bytes, DType] = {}
        self._views: dict[bytes, tuple[tuple[int, ...], tuple[int, ...], int]] = {}
        self._counts: dict[bytes, int] = {}

    def load(self, start: int | None = None) -> Value:
        """The value of the pickle that begins at `start` (default: after the last one).

        Raises:
            PickleDamage: the opcodes cannot be followed, or end before STOP.
        """
        self._reset()
        begin = self.position if start is None else start
        self.position = begin
        try:
            value = self._run(begin, len(self.data))
        except PickleDamage:
            raise
        except (IndexError, struct.error, KeyError, ValueError, TypeError, OverflowError) as error:
            if self.position >= len(self.data) and isinstance(error, (IndexError, struct.error)):
                raise PickleDamage("pickle-cut-short", len(self.data), "the data end before the STOP opcode") from None
            reason = f"{type(error).__name__}: {error}"
            raise PickleDamage("pickle-damaged", self.position, reason[:200]) from None
        finally:
            for mapping in self._dicts:
                _drop_overwritten(mapping)
            self._dicts.clear()
        return value

    def _damage(self, reason: str) -> PickleDamage:
        return PickleDamage("pickle-damaged", self.position, reason)

    def _take(self, pos: int, length: int) -> bytes:
        """`length` bytes from `pos`, which a length field claims to be there."""
        if length < 0:
            raise self._damage("a negative length")
        piece = self.data[pos : pos + length]
        if len(piece) < length:
            raise PickleDamage("pickle-cut-short", pos, f"an opcode claims {length} bytes and {len(piece)} remain")
        return piece

    def _length(self, pos: int, width: int) -> int:
        return int.from_bytes(self._take(pos, width), "little")

    def _line(self, pos: int) -> tuple[bytes, int]:
        """The text up to the next newline, and the position after it."""
        end = self.data.find(b"\n", pos)
        if end < 0:
            raise PickleDamage("pickle-cut-short", pos, "a text argument has no end")
        return self.data[pos:end], end + 1

    def _count(self, weight: int = 1) -> None:
        self._containers += weight
        if self._containers > MAX_CONTAINERS:
            raise self._damage(f"more than {MAX_CONTAINERS} containers")

    def _run(self, pos: int, end: int) -> Value:
        """Executes opcodes from `pos`; the value at STOP, or None on reaching `end` (used to redo a step)."""
        data = self.data
        memo = self._memo
        stack = self._stack
        operations = _OPERATIONS
        whole = end == len(data)
        fast = whole and self._storage_for is not None
        size = len(data)
        while whole or pos < end:
            op = data[pos] if pos < size else -1
            self.position = pos
            pos += 1
            if op == 0x58:  # BINUNICODE
                (length,) = _UNPACK_U32(data, pos)
                pos += 4
                if pos + length > size:
                    self._take(pos, length)
                stack.append(data[pos : pos + length].decode("utf-8", "surrogatepass"))
                pos += length
            elif op == 0x6A or op == 0x68:  # LONG_BINGET, BINGET
                if fast:
                    after = pos + 4 if op == 0x6A else pos + 1
                    if data[after : after + 2] == b"((":
                        after = self._tensor_step(pos - 1)
                        if after:
                            pos = after
                            continue
                if op == 0x6A:
                    (index,) = _UNPACK_U32(data, pos)
                    pos += 4
                else:
                    index = data[pos]
                    pos += 1
                stack.append(memo[index] if index in memo else self._recall(index))
            elif op == 0x72 or op == 0x71:  # LONG_BINPUT, BINPUT
                if op == 0x72:
                    (index,) = _UNPACK_U32(data, pos)
                    pos += 4
                else:
                    index = data[pos]
                    pos += 1
                if index <= self._top:
                    self._before_overwriting(index)
                else:
                    self._top = index
                memo[index] = stack[-1]
            elif op == 0x4B:  # BININT1
                stack.append(data[pos])
                pos += 1
            elif op == 0x28:  # MARK
                self._marks.append(stack)
                stack = self._stack = []
            elif op == 0x4D:  # BININT2
                stack.append(data[pos] | data[pos + 1] << 8)
                pos += 2
            elif op == 0x4A:  # BININT
                stack.append(_UNPACK_I32(data, pos)[0])
                pos += 4
            elif op == 0x94:  # MEMOIZE
                index = len(memo) + self._hidden
                self._top = max(self._top, index)
                memo[index] = stack[-1]
            elif op == 0x47:  # BINFLOAT
                stack.append(_UNPACK_F64(data, pos)[0])
                pos += 8
            elif op == 0x8C:  # SHORT_BINUNICODE
                length = data[pos]
                stack.append(self._take(pos + 1, length).decode("utf-8", "surrogatepass"))
                pos += 1 + length
            elif op == 0x2E:  # STOP
                self.position = pos
                return stack.pop()
            elif op == -1:
                raise PickleDamage("pickle-cut-short", size, "the data end before the STOP opcode")
            else:
                operation = operations[op]
                if operation is None:
                    raise self._damage(f"unknown opcode 0x{op:02x}")
                pos = operation(self, pos)
                stack = self._stack
        return None

    # A whole tensor in one step ---------------------------------------------------------------

    def _tensor_step(self, start: int) -> int:
        """Does what the opcodes of one ordinary tensor do, in one go; the position after them.

        0 when the opcodes at `start` are anything else; then nothing was done.
        """
        match = _TENSOR.match(self.data, start)
        if match is None:
            return 0
        (prefix, key_length, key, put_key, location_ref, numel_bytes, put_id, offset_bytes, shape_bytes, put_shape,
         stride_bytes, put_stride, grad, hooks_ref, put_hooks, put_arguments, put_result) = match.groups()  # fmt: skip
        if shape_bytes is None:
            indices = _UNPACK_5(put_key + put_id + put_hooks + put_arguments + put_result)
        else:
            indices = _UNPACK_7(put_key + put_id + put_shape + put_stride + put_hooks + put_arguments + put_result)
        base = indices[0]
        result = indices[-1]
        # Only consecutive new entries, which is what a pickler writes, can be stood in for by their first index.
        if base <= self._top or indices != tuple(range(base, result + 1)) or key_length[0] != len(key):
            return 0
        dtype = self._prefixes.get(prefix)
        if dtype is None:
            dtype = self._prefix_dtype(prefix)
            if dtype is None:
                return 0
        location = self._refs.get(location_ref)
        if location is None:
            location = self._reference(location_ref)
        if type(location) is not str:
            return 0
        hooks = self._refs.get(hooks_ref)
        if hooks is None:
            hooks = self._reference(hooks_ref)
        if type(hooks) is not Global or hooks != _ORDERED_DICT:
            return 0
        if shape_bytes is None:
            shape: tuple[int, ...] = ()
            stride: tuple[int, ...] = ()
            extent = 1
        else:
            view = shape_bytes + stride_bytes
            found = self._views.get(view)
            if found is None:
                shape, stride = _decode_sizes(shape_bytes), _decode_sizes(stride_bytes)
                found = self._views[view] = (shape, stride, view_extent(shape, stride))
            shape, stride, extent = found
        numel = self._counts.get(numel_bytes)
        if numel is None:
            numel = self._counts[numel_bytes] = _decode_int(numel_bytes)
        offset = 0 if offset_bytes == b"K\0" else _decode_int(offset_bytes)
        if extent < 0 or offset < 0 or (extent and offset + extent > numel):
            return 0
        bare = self._storage_for(dtype, key.decode("ascii"), location, numel)  # type: ignore[misc]
        if bare.numel != numel:
            return 0
        self._stack.append(Tensor(dtype, shape, stride, offset, bare.storage, bare.device, "tensor", grad == b"\x88"))
        self._memo[result] = self._stack[-1]
        self._top = result
        self._hidden += result - base
        self._step_bases.append(base)
        self._step_positions.append(start)
        self._step_ends.append(result)
        return match.end()

    def _prefix_dtype(self, prefix: bytes) -> DType | None:
        """The dtype that `ref ( ( ref ref` means, when they are _rebuild_tensor_v2, 'storage' and a storage class."""
        refs = _PREFIX_REFS.findall(prefix)
        function, word, cls = (self._reference(ref) for ref in refs)
        if type(function) is not Global or function != _REBUILD_V2 or type(word) is not str or word != "storage":
            return None
        if type(cls) is not Global or self._dtype_of is None:
            return None
        dtype = self._dtype_of(cls)
        if dtype is not None:
            self._prefixes[prefix] = dtype
            self.trace.called.setdefault(_REBUILD_V2, self.position)
            self.trace.called.setdefault(_ORDERED_DICT, self.position)
        return dtype

    def _reference(self, ref: bytes) -> Value:
        """What a BINGET or LONG_BINGET, given as bytes, would push; ABSENT when it is not plainly in the memo."""
        index = ref[1] if ref[:1] == b"h" else int.from_bytes(ref[1:], "little")
        value = self._memo.get(index, ABSENT)
        if value is not ABSENT:
            self._refs[ref] = value
        return value

    def _recall(self, index: int) -> Value:
        """A memo entry that is not there: an inner value of a tensor read in one step, or damage."""
        at = bisect_right(self._step_bases, index) - 1
        if at < 0 or index > self._step_ends[at]:
            raise self._damage(f"memo entry {index} was never made")
        match = _TENSOR.match(self.data, self._step_positions[at])
        assert match is not None
        memo = self._memo
        result = int.from_bytes(match.groups()[-1], "little")
        kept = {i: memo[i] for i in range(self._step_bases[at], result + 1) if i in memo}
        known = len(memo)
        stack, position, top = self._stack, self.position, self._top
        self._stack = []
        self._top = 1 << 40
        try:
            self._run(match.start(), match.end())
        finally:
            self._stack, self.position, self._top = stack, position, top
            memo.update(kept)
            self._hidden -= len(memo) - known
        if index not in memo:
            raise self._damage(f"memo entry {index} was never made")
        return memo[index]

    def _before_overwriting(self, index: int) -> None:
        """Forgets what was concluded from memo entry `index`, which is about to change."""
        self._refs.clear()
        self._prefixes.clear()
        if index not in self._memo and self._step_bases and self._top < 1 << 40:
            at = bisect_right(self._step_bases, index) - 1
            if at >= 0 and index < self._step_ends[at]:
                self._recall(index)

    # Pieces that several opcodes share ------------------------------------------------------------

    def _pop_mark(self) -> list[Any]:
        """The items above the last mark; the stack below it becomes current."""
        items = self._stack
        if not self._marks:
            raise self._damage("no mark on the stack")
        self._stack = self._marks.pop()
        return items

    def _global(self, module: str, name: str) -> Global:
        key = (module, name)
        found = self._globals.get(key)
        if found is None:
            self._count()
            found = self._globals[key] = Global(module, name)
            self.trace.imported[found] = self.position
        return found

    def _new_dict(self) -> Dict:
        self._count()
        return Dict([])

    def _note_call(self, function: Value, arguments: Value) -> None:
        if type(function) is Global:
            if function not in self.trace.called:
                self.trace.called[function] = self.position
                self.trace.first_arguments[function] = arguments
        elif len(self.trace.computed_calls) < 1000:
            self.trace.computed_calls.append(self.position)

    def _arguments(self, value: Value) -> tuple[Value, ...]:
        if type(value) is tuple:
            return value
        if type(value) is list and len(value) < 1000:
            return tuple(value)
        raise self._damage("a call without a tuple of arguments")

    # Opcodes: each takes the position after its byte and gives the position after its argument -----

    def _op_reduce(self, pos: int) -> int:
        stack = self._stack
        arguments = stack.pop()
        function = stack[-1]
        if type(arguments) is not tuple:
            arguments = self._arguments(arguments)
        self._note_call(function, arguments)
        value = self._builder.call(function, arguments)
        if type(value) is Object:
            self._count(_OBJECT_WEIGHT)
        elif type(value) is Dict:
            self._count()
            if value.items:
                self._dicts.append(value)
        stack[-1] = value
        return pos

    def _op_persid(self, pos: int) -> int:
        line, pos = self._line(pos)
        self._stack.append(self._persist(line.decode("ascii", "replace")))
        return pos

    def _op_binpersid(self, pos: int) -> int:
        self._stack[-1] = self._persist(self._stack[-1])
        return pos

    def _persist(self, pid: Value) -> Value:
        from ckpt_studio.core.tree import Persistent

        self._count()
        return Persistent(pid) if self._persistent is None else self._persistent(pid)

    def _op_proto(self, pos: int) -> int:
        if self.data[pos] > 5:
            raise self._damage(f"pickle protocol {self.data[pos]} is not known")
        self.protocol = max(self.protocol, self.data[pos])
        return pos + 1

    def _op_frame(self, pos: int) -> int:
        length = self._length(pos, 8)
        if length > len(self.data) - pos - 8:
            raise PickleDamage("pickle-cut-short", pos, f"a frame claims {length} bytes")
        return pos + 8

    def _op_global(self, pos: int) -> int:
        module, pos = self._line(pos)
        name, pos = self._line(pos)
        self._stack.append(self._global(module.decode("utf-8"), name.decode("utf-8")))
        return pos

    def _op_stack_global(self, pos: int) -> int:
        name = self._stack.pop()
        module = self._stack.pop()
        if type(name) is not str or type(module) is not str:
            raise self._damage("STACK_GLOBAL without two strings")
        self._stack.append(self._global(module, name))
        return pos

    def _extension(self, code: int, pos: int) -> int:
        # copyreg's extension registry is a process's own; a file cannot say what the number means.
        self._stack.append(self._global("copyreg", f"extension_{code}"))
        return pos

    def _op_ext1(self, pos: int) -> int:
        return self._extension(self.data[pos], pos + 1)

    def _op_ext2(self, pos: int) -> int:
        return self._extension(int.from_bytes(self._take(pos, 2), "little"), pos + 2)

    def _op_ext4(self, pos: int) -> int:
        return self._extension(int.from_bytes(self._take(pos, 4), "little"), pos + 4)

    def _instantiate(self, cls: Value, arguments: tuple[Value, ...], how: Any, keywords: Dict | None = None) -> None:
        self._note_call(cls, arguments)
        self._count(_OBJECT_WEIGHT)
        self._stack.append(Object(cls, how, arguments, keywords))

    def _op_inst(self, pos: int) -> int:
        module, pos = self._line(pos)
        name, pos = self._line(pos)
        arguments = tuple(self._pop_mark())
        self._instantiate(self._global(module.decode("utf-8"), name.decode("utf-8")), arguments, "inst")
        return pos

    def _op_obj(self, pos: int) -> int:
        items = self._pop_mark()
        self._instantiate(items[0], tuple(items[1:]), "inst")
        return pos

    def _op_newobj(self, pos: int) -> int:
        arguments = self._arguments(self._stack.pop())
        cls = self._stack.pop()
        if type(cls) is Global and cls.name == "OrderedDict" and not arguments and cls == _ORDERED_DICT:
            mapping = self._new_dict()
            mapping.cls = cls
            self._note_call(cls, arguments)
            self._stack.append(mapping)
        else:
            self._instantiate(cls, arguments, "newobj")
        return pos

    def _op_newobj_ex(self, pos: int) -> int:
        keywords = self._stack.pop()
        arguments = self._arguments(self._stack.pop())
        cls = self._stack.pop()
        if type(keywords) is not Dict:
            raise self._damage("NEWOBJ_EX without keyword arguments")
        self._instantiate(cls, arguments, "newobj_ex", keywords)
        return pos

    def _op_build(self, pos: int) -> int:
        state = self._stack.pop()
        target = self._stack[-1]
        if type(target) is Global:
            self.trace.built_globals.setdefault(target, self.position)
        self._stack[-1] = self._builder.set_state(target, state)
        return pos

    def _op_pop(self, pos: int) -> int:
        if self._stack:
            self._stack.pop()
        else:
            self._pop_mark()
        return pos

    def _op_dup(self, pos: int) -> int:
        self._stack.append(self._stack[-1])
        return pos

    def _op_pop_mark(self, pos: int) -> int:
        self._pop_mark()
        return pos

    def _op_empty_list(self, pos: int) -> int:
        self._count()
        self._stack.append([])
        return pos

    def _op_list(self, pos: int) -> int:
        items = self._pop_mark()
        self._stack.append(items)
        return pos

    def _extend(self, items: list[Value]) -> None:
        target = self._stack[-1]
        if type(target) is list:
            target.extend(items)
        elif type(target) is Object:
            target.appended.extend(items)
        else:
            raise self._damage("APPEND to something that is no list")

    def _op_append(self, pos: int) -> int:
        item = self._stack.pop()
        self._extend([item])
        return pos

    def _op_appends(self, pos: int) -> int:
        self._extend(self._pop_mark())
        return pos

    def _op_empty_dict(self, pos: int) -> int:
        self._stack.append(self._new_dict())
        return pos

    def _op_dict(self, pos: int) -> int:
        items = self._pop_mark()
        self._stack.append(self._new_dict())
        self._put_items(items)
        return pos

    def _put_items(self, flat: list[Value]) -> None:
        if len(flat) % 2:
            raise self._damage("a key without a value")
        target = self._stack[-1]
        if type(target) is not Dict and type(target) is not Object:
            raise self._damage("SETITEM on something that is no mapping")
        if not target.items and type(target) is Dict:
            self._dicts.append(target)
        target.items.extend(zip(flat[::2], flat[1::2], strict=True))

    def _op_setitem(self, pos: int) -> int:
        value = self._stack.pop()
        key = self._stack.pop()
        self._put_items([key, value])
        return pos

    def _op_setitems(self, pos: int) -> int:
        self._put_items(self._pop_mark())
        return pos

    def _op_empty_set(self, pos: int) -> int:
        self._count()
        self._stack.append(set())
        return pos

    def _op_additems(self, pos: int) -> int:
        items = self._pop_mark()
        target = self._stack[-1]
        if type(target) is not set or not all(is_hashable(item) for item in items):
            raise self._damage("ADDITEMS on something that is no set, or of what no set can hold")
        target.update(items)
        return pos

    def _op_frozenset(self, pos: int) -> int:
        items = self._pop_mark()
        if not all(is_hashable(item) for item in items):
            raise self._damage("a frozenset of what no set can hold")
        self._count()
        self._stack.append(frozenset(items))
        return pos

    def _op_tuple(self, pos: int) -> int:
        items = self._pop_mark()
        self._stack.append(tuple(items))
        return pos

    def _op_empty_tuple(self, pos: int) -> int:
        self._stack.append(())
        return pos

    def _last(self, count: int) -> None:
        stack = self._stack
        if len(stack) < count:
            raise self._damage("the stack is empty")
        stack[-count:] = [tuple(stack[-count:])]

    def _op_tuple1(self, pos: int) -> int:
        self._last(1)
        return pos

    def _op_tuple2(self, pos: int) -> int:
        self._last(2)
        return pos

    def _op_tuple3(self, pos: int) -> int:
        self._last(3)
        return pos

    def _op_none(self, pos: int) -> int:
        self._stack.append(None)
        return pos

    def _op_true(self, pos: int) -> int:
        self._stack.append(True)
        return pos

    def _op_false(self, pos: int) -> int:
        self._stack.append(False)
        return pos

    def _op_int(self, pos: int) -> int:
        line, pos = self._line(pos)
        self._stack.append({b"00": False, b"01": True}[line] if line in (b"00", b"01") else int(line, 0))
        return pos

    def _op_long(self, pos: int) -> int:
        line, pos = self._line(pos)
        self._stack.append(int(line.removesuffix(b"L"), 0))
        return pos

    def _op_long1(self, pos: int) -> int:
        length = self.data[pos]
        self._stack.append(int.from_bytes(self._take(pos + 1, length), "little", signed=True))
        return pos + 1 + length

    def _op_long4(self, pos: int) -> int:
        length: int = _UNPACK_I32(self.data, pos)[0]
        self._stack.append(int.from_bytes(self._take(pos + 4, length), "little", signed=True))
        return pos + 4 + length

    def _op_float(self, pos: int) -> int:
        line, pos = self._line(pos)
        self._stack.append(float(line))
        return pos

    def _op_unicode(self, pos: int) -> int:
        line, pos = self._line(pos)
        self._stack.append(str(line, "raw-unicode-escape"))
        return pos

    def _op_binunicode8(self, pos: int) -> int:
        length = self._length(pos, 8)
        self._stack.append(self._take(pos + 8, length).decode("utf-8", "surrogatepass"))
        return pos + 8 + length

    def _push_python2_string(self, raw: bytes) -> None:
        # torch.load reads Python 2's strings as UTF-8; what is no UTF-8 (raw array data) stays bytes.
        try:
            self._stack.append(raw.decode("utf-8"))
        except UnicodeDecodeError:
            self._stack.append(raw)

    def _op_string(self, pos: int) -> int:
        import codecs

        line, pos = self._line(pos)
        line = line.strip()
        if len(line) < 2 or line[:1] != line[-1:] or line[:1] not in (b'"', b"'"):
            raise self._damage("a string without quotes")
        self._push_python2_string(codecs.escape_decode(line[1:-1])[0])
        return pos

    def _op_binstring(self, pos: int) -> int:
        length: int = _UNPACK_I32(self.data, pos)[0]
        self._push_python2_string(self._take(pos + 4, length))
        return pos + 4 + length

    def _op_short_binstring(self, pos: int) -> int:
        length = self.data[pos]
        self._push_python2_string(self._take(pos + 1, length))
        return pos + 1 + length

    def _op_binbytes(self, pos: int) -> int:
        length = self._length(pos, 4)
        self._stack.append(self._take(pos + 4, length))
        return pos + 4 + length

    def _op_short_binbytes(self, pos: int) -> int:
        length = self.data[pos]
        self._stack.append(self._take(pos + 1, length))
        return pos + 1 + length

    def _op_binbytes8(self, pos: int) -> int:
        length = self._length(pos, 8)
        self._stack.append(self._take(pos + 8, length))
        return pos + 8 + length

    def _op_bytearray8(self, pos: int) -> int:
        length = self._length(pos, 8)
        self._stack.append(bytearray(self._take(pos + 8, length)))
        return pos + 8 + length

    def _op_get(self, pos: int) -> int:
        line, pos = self._line(pos)
        index = int(line)
        self._stack.append(self._memo[index] if index in self._memo else self._recall(index))
        return pos

    def _op_put(self, pos: int) -> int:
        line, pos = self._line(pos)
        index = int(line)
        if index < 0:
            raise self._damage("a negative memo index")
        if index <= self._top:
            self._before_overwriting(index)
        self._top = max(self._top, index)
        self._memo[index] = self._stack[-1]
        return pos

    def _op_buffer(self, pos: int) -> int:
        raise self._damage("the pickle needs buffers that were kept outside of it")


_Operation = Callable[[PickleMachine, int], int]
_OPERATIONS: list[_Operation | None] = [None] * 256
for _byte, _operation in {
    "R": PickleMachine._op_reduce, "P": PickleMachine._op_persid, "Q": PickleMachine._op_binpersid,
    "\x80": PickleMachine._op_proto, "\x95": PickleMachine._op_frame, "c": PickleMachine._op_global,
    "\x93": PickleMachine._op_stack_global, "\x82": PickleMachine._op_ext1, "\x83": PickleMachine._op_ext2,
    "\x84": PickleMachine._op_ext4, "i": PickleMachine._op_inst, "o": PickleMachine._op_obj,
    "\x81": PickleMachine._op_newobj, "\x92": PickleMachine._op_newobj_ex, "b": PickleMachine._op_build,
    "0": PickleMachine._op_pop, "2": PickleMachine._op_dup, "1": PickleMachine._op_pop_mark,
    "]": PickleMachine._op_empty_list, "l": PickleMachine._op_list, "a": PickleMachine._op_append,
    "e": PickleMachine._op_appends, "}": PickleMachine._op_empty_dict, "d": PickleMachine._op_dict,
    "s": PickleMachine._op_setitem, "u": PickleMachine._op_setitems, "\x8f": PickleMachine._op_empty_set,
    "\x90": PickleMachine._op_additems, "\x91": PickleMachine._op_frozenset, "t": PickleMachine._op_tuple,
    ")": PickleMachine._op_empty_tuple, "\x85": PickleMachine._op_tuple1, "\x86": PickleMachine._op_tuple2,
    "\x87": PickleMachine._op_tuple3, "N": PickleMachine._op_none, "\x88": PickleMachine._op_true,
    "\x89": PickleMachine._op_false, "I": PickleMachine._op_int, "L": PickleMachine._op_long,
    "\x8a": PickleMachine._op_long1, "\x8b": PickleMachine._op_long4, "F": PickleMachine._op_float,
    "V": PickleMachine._op_unicode, "\x8d": PickleMachine._op_binunicode8, "S": PickleMachine._op_string,
    "T": PickleMachine._op_binstring, "U": PickleMachine._op_short_binstring, "B": PickleMachine._op_binbytes,
    "C": PickleMachine._op_short_binbytes, "\x8e": PickleMachine._op_binbytes8, "\x96": PickleMachine._op_bytearray8,
    "g": PickleMachine._op_get, "p": PickleMachine._op_put, "\x97": PickleMachine._op_buffer,
    "\x98": PickleMachine._op_buffer,
}.items():  # fmt: skip
    _OPERATIONS[ord(_byte)] = _operation

_SCALARS = frozenset({str, int, float, bool, bytes, complex, type(None), Global})


def is_hashable(value: Value) -> bool:
    """Whether hashing `value` is possible and cheap: scalars, identities, and small tuples of such.

    A tuple does not keep its hash, so that hashing 30 tuples nested in pairs takes 2**30 steps.
    """
    kind = type(value)
    if kind in _SCALARS or kind in (Tensor, Object, Dict, BareStorage):
        return True
    if kind is not tuple and kind is not frozenset:
        return False
    if kind is frozenset:
        return True  # a frozenset keeps its hash, and was checked when it was made
    pending = list(value)
    steps = 0
    while pending:
        item = pending.pop()
        steps += 1
        if steps > 1000:
            return False
        if type(item) is tuple:
            pending.extend(item[:1001])
        elif not is_hashable(item):
            return False
    return True


def _drop_overwritten(mapping: Dict) -> None:
    """Leaves one item per key, as a dict would: the first one's place, the last one's value."""
    items = mapping.items
    if len(items) < 2:
        return
    try:
        if len({key for key, _ in items if type(key) is str}) == len(items):
            return
    except TypeError:
        pass
    last: dict[Any, tuple[Value, Value]] = {}
    for key, value in items:
        token = key if is_hashable(key) else _Unhashable(key)
        last[token] = (last[token][0], value) if token in last else (key, value)
    if len(last) != len(items):
        items[:] = last.values()


class _Unhashable:
    """Stands for a key that no dict could hold, so that it equals nothing else."""

    def __init__(self, key: Value) -> None:
        self.key = key


def _decode_int(raw: bytes) -> int:
    if len(raw) == 2:
        return raw[1]
    if len(raw) == 3:
        return raw[1] | raw[2] << 8
    if raw[:1] == b"J":
        return int(_UNPACK_I32(raw, 1)[0])
    return int.from_bytes(raw[2:], "little", signed=True)


_INT_PATTERN = re.compile(_INT, re.DOTALL)


def _decode_sizes(raw: bytes) -> tuple[int, ...]:
    body = raw[1:-1] if raw[:1] == b"(" else raw[:-1]
    return tuple(_decode_int(piece) for piece in _INT_PATTERN.findall(body))


def view_extent(shape: tuple[int, ...], stride: tuple[int, ...]) -> int:
    """How many elements of a storage a view needs from its offset on; 0 when it is empty, -1 when it is impossible."""
    if len(shape) != len(stride):
        return -1
    last = 0
    empty = False
    for length, step in zip(shape, stride, strict=True):
        if length < 0 or step < 0:
            return -1
        empty = empty or length == 0
        last += (length - 1) * step
    return 0 if empty else last + 1


def fits(shape: tuple[int, ...], stride: tuple[int, ...], offset: int, numel: int) -> bool:
    """Whether a view stays inside `numel` elements (the rule of torch's `set_`)."""
    extent = view_extent(shape, stride)
    return extent >= 0 and offset >= 0 and (extent == 0 or offset + extent <= numel)
