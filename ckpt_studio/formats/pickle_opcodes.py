"""The opcodes of the code-free unpickler, one method each, and what they have in common.

Source: CPython's `pickletools` and `pickle._Unpickler`, protocols 0 to 5.
"""

from __future__ import annotations

import struct
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Protocol

from ckpt_studio.core.tree import BareStorage, Dict, Global, Object, Persistent, Tensor, Value

# Each container costs some hundred bytes, so this bounds memory where a file of a few megabytes is nothing but
# EMPTY_DICT opcodes. Tensors by the million take three containers each and at least twenty bytes for each of those:
# from here on a file must be as long as what it describes.
MAX_CONTAINERS = 2_000_000
LEAST_BYTES = 16
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
        lookups: arguments of the calls of what looks attributes up by name, the first thousand; then None.
    """

    imported: dict[Global, int] = field(default_factory=dict)
    called: dict[Global, int] = field(default_factory=dict)
    computed_calls: list[int] = field(default_factory=list)
    built_globals: dict[Global, int] = field(default_factory=dict)
    first_arguments: dict[Global, Value] = field(default_factory=dict)
    lookups: list[Value] = field(default_factory=list)


UNPACK_U32 = struct.Struct("<I").unpack_from
UNPACK_I32 = struct.Struct("<i").unpack_from
ORDERED_DICT = Global("collections", "OrderedDict")
GETTER_NAMES = frozenset({"getattr", "attrgetter", "itemgetter"})


class Opcodes:
    """The state of a run and what each opcode does to it; `PickleMachine` runs them.

    Attributes:
        data: the bytes.
        position: of the opcode that is executed; after a pickle, where the next one would begin.
        trace: what a stock unpickler would have done.
        protocol: the highest PROTO seen, -1 for none.
    """

    def __init__(self, data: bytes, builder: Builder, persistent: Callable[[Value], Value] | None) -> None:
        self.data = data
        self.position = 0
        self.trace = Trace()
        self.protocol = -1
        self._builder = builder
        self._persistent = persistent
        self._globals: dict[tuple[str, str], Global] = {}
        self._containers = 0
        self._dicts: list[Dict] = []
        self._memo: dict[int, Value] = {}
        self._stack: list[Any] = []
        self._marks: list[list[Any]] = []
        self._top = -1

    def _recall(self, index: int) -> Value:
        """A memo entry that is not in the memo itself."""
        raise self._damage(f"memo entry {index} was never made")

    def _before_overwriting(self, index: int) -> None:
        """Called before memo entry `index`, which may exist, is set again."""

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
        if self._containers > MAX_CONTAINERS and self._containers * LEAST_BYTES > self.position:
            raise self._damage(f"{self._containers} containers in {self.position} bytes")

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
            if function.name in GETTER_NAMES and len(self.trace.lookups) < 1001:
                self.trace.lookups.append(arguments if len(self.trace.lookups) < 1000 else None)
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
        if type(cls) is Global and cls.name == "OrderedDict" and not arguments and cls == ORDERED_DICT:
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
        length: int = UNPACK_I32(self.data, pos)[0]
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
        length: int = UNPACK_I32(self.data, pos)[0]
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


_Operation = Callable[[Opcodes, int], int]
OPERATIONS: list[_Operation | None] = [None] * 256
for _byte, _operation in {
    "R": Opcodes._op_reduce, "P": Opcodes._op_persid, "Q": Opcodes._op_binpersid,
    "\x80": Opcodes._op_proto, "\x95": Opcodes._op_frame, "c": Opcodes._op_global,
    "\x93": Opcodes._op_stack_global, "\x82": Opcodes._op_ext1, "\x83": Opcodes._op_ext2,
    "\x84": Opcodes._op_ext4, "i": Opcodes._op_inst, "o": Opcodes._op_obj,
    "\x81": Opcodes._op_newobj, "\x92": Opcodes._op_newobj_ex, "b": Opcodes._op_build,
    "0": Opcodes._op_pop, "2": Opcodes._op_dup, "1": Opcodes._op_pop_mark,
    "]": Opcodes._op_empty_list, "l": Opcodes._op_list, "a": Opcodes._op_append,
    "e": Opcodes._op_appends, "}": Opcodes._op_empty_dict, "d": Opcodes._op_dict,
    "s": Opcodes._op_setitem, "u": Opcodes._op_setitems, "\x8f": Opcodes._op_empty_set,
    "\x90": Opcodes._op_additems, "\x91": Opcodes._op_frozenset, "t": Opcodes._op_tuple,
    ")": Opcodes._op_empty_tuple, "\x85": Opcodes._op_tuple1, "\x86": Opcodes._op_tuple2,
    "\x87": Opcodes._op_tuple3, "N": Opcodes._op_none, "\x88": Opcodes._op_true,
    "\x89": Opcodes._op_false, "I": Opcodes._op_int, "L": Opcodes._op_long,
    "\x8a": Opcodes._op_long1, "\x8b": Opcodes._op_long4, "F": Opcodes._op_float,
    "V": Opcodes._op_unicode, "\x8d": Opcodes._op_binunicode8, "S": Opcodes._op_string,
    "T": Opcodes._op_binstring, "U": Opcodes._op_short_binstring, "B": Opcodes._op_binbytes,
    "C": Opcodes._op_short_binbytes, "\x8e": Opcodes._op_binbytes8, "\x96": Opcodes._op_bytearray8,
    "g": Opcodes._op_get, "p": Opcodes._op_put, "\x97": Opcodes._op_buffer,
    "\x98": Opcodes._op_buffer,
}.items():  # fmt: skip
    OPERATIONS[ord(_byte)] = _operation

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


def drop_overwritten(mapping: Dict) -> None:
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
