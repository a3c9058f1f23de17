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

from ckpt_studio.core.dtypes import DType
from ckpt_studio.core.tensor import Kind
from ckpt_studio.core.tree import ABSENT, BareStorage, Global, Tensor, Value
from ckpt_studio.formats.pickle_opcodes import (
    OPERATIONS,
    ORDERED_DICT,
    UNPACK_I32,
    UNPACK_U32,
    Builder,
    Opcodes,
    PickleDamage,
    drop_overwritten,
)

_INT = rb"(?:K.|M..|J.{4}|\x8a\x05.{5}|\x8a\x06.{6})"
_REF = rb"(?:h.|j.{4})"
_PUT = rb"r(.{4})"
_MAYBE_PUT = rb"(?:r(.{4}))?"
_SIZES = rb"(" + _INT + rb"\x85|" + _INT + rb"{2}\x86|" + _INT + rb"{3}\x87|\(" + _INT + rb"{4,}?t)" + _MAYBE_PUT
_HOOKS = rb"([\x88\x89])(" + _REF + rb")\)R" + _MAYBE_PUT
# One tensor or Parameter as torch.save writes it with protocol 2 once the memo is past its first 256 entries, from the
# reference to `_rebuild_parameter` or `_rebuild_tensor_v2` to the memo entry of the result (source: torch/_tensor.py
# `_reduce_ex_internal`, torch/nn/parameter.py, torch/serialization.py `persistent_id`, whose sixth item in the legacy
# container is None, and CPython's `Pickler.save_tuple`). The key of a storage that was met before is a reference. Our
# own writer remembers keys and results only.
_TENSOR = re.compile(
    rb"(?:(" + _REF + rb")(?=[hj]))?"
    + rb"(" + _REF + rb"\(\(" + _REF + _REF + rb")(?:X(.)\0\0\0([0-9]{1,20})" + _PUT + rb"|(" + _REF + rb"))"
    + rb"(" + _REF + rb")(" + _INT + rb")N?t" + _MAYBE_PUT + rb"Q(" + _INT + rb")"
    + rb"(?:\)\)|" + _SIZES + _SIZES + rb")" + _HOOKS + rb"t" + _MAYBE_PUT + rb"R" + _MAYBE_PUT
    + rb"(?(1)" + _HOOKS + rb"\x87" + _MAYBE_PUT + rb"R" + _PUT + rb"|)",
    re.DOTALL,
)  # fmt: skip
_PREFIX_REFS = re.compile(_REF, re.DOTALL)
_UNPACK_F64 = struct.Struct(">d").unpack_from
# Little-endian numbers of 32 bits that follow one another from `base` on are one number: `base * _ONES[n] + _STEPS[n]`.
_ONES = [sum(1 << 32 * k for k in range(n)) for n in range(12)]
_STEPS = [sum(k << 32 * k for k in range(n)) for n in range(12)]

_REBUILD_V2 = Global("torch._utils", "_rebuild_tensor_v2")
_REBUILD_PARAMETER = Global("torch._utils", "_rebuild_parameter")

StorageFor = Callable[["DType | None", str, str, int], BareStorage]


class PickleMachine(Opcodes):
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
        super().__init__(data, builder, persistent)
        self._storage_for = storage_for if dtype_of is not None else None
        self._dtype_of = dtype_of
        self._reset()

    def _reset(self) -> None:
        self._memo = {}
        self._stack = []
        self._marks = []
        # Tensors read in one step: first memo index of each and where its opcodes lie, for the rare
        # reference to one of its inner values; and what references (h., j....) mean, by their bytes.
        self._step_bases: list[int] = []
        self._step_positions: list[int] = []
        self._hidden = 0
        self._top = -1
        self._refs: dict[bytes, Value] = {}
        self._prefixes: dict[bytes, DType] = {}
        self._hooks_refs: set[bytes] = set()
        self._parameter_refs: set[bytes] = set()
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
            # An operand that reaches beyond the data ("index out of range" is of bytes; lists say it otherwise).
            beyond = isinstance(error, struct.error) or str(error) == "index out of range"
            if beyond or (self.position >= len(self.data) and isinstance(error, IndexError)):
                raise PickleDamage("pickle-cut-short", len(self.data), "the data end before the STOP opcode") from None
            reason = f"{type(error).__name__}: {error}"
            raise PickleDamage("pickle-damaged", self.position, reason[:200]) from None
        finally:
            for mapping in self._dicts:
                drop_overwritten(mapping)
            self._dicts.clear()
        return value

    def _run(self, pos: int, end: int) -> Value:
        """Executes opcodes from `pos`; the value at STOP, or None on reaching `end` (used to redo a step)."""
        data = self.data
        memo = self._memo
        stack = self._stack
        operations = OPERATIONS
        whole = end == len(data)
        fast = whole and self._storage_for is not None
        size = len(data)
        while whole or pos < end:
            op = data[pos] if pos < size else -1
            self.position = pos
            pos += 1
            if op == 0x58:  # BINUNICODE
                (length,) = UNPACK_U32(data, pos)
                pos += 4
                if pos + length > size:
                    self._take(pos, length)
                stack.append(data[pos : pos + length].decode("utf-8", "surrogatepass"))
                pos += length
            elif op == 0x6A or op == 0x68:  # LONG_BINGET, BINGET
                if fast:
                    after = pos + 4 if op == 0x6A else pos + 1
                    kind = data[after] if after < size else 0
                    if kind == 0x6A or kind == 0x68:
                        after += 5 if kind == 0x6A else 2
                    if data[after : after + 2] == b"((":
                        after = self._tensor_run(pos - 1)
                        if after:
                            pos = after
                            continue
                if op == 0x6A:
                    (index,) = UNPACK_U32(data, pos)
                    pos += 4
                else:
                    index = data[pos]
                    pos += 1
                stack.append(memo[index] if index in memo else self._recall(index))
            elif op == 0x72 or op == 0x71:  # LONG_BINPUT, BINPUT
                if op == 0x72:
                    (index,) = UNPACK_U32(data, pos)
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
                stack.append(UNPACK_I32(data, pos)[0])
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

    def _tensor_run(self, start: int) -> int:
        """Does what the opcodes of one ordinary tensor and of the named ones after it do; the position after them.

        0 when the opcodes at `start` are anything else; then nothing was done.
        """
        pos = self._tensor_step(start)
        if pos == 0:
            return 0
        data = self.data
        size = len(data)
        # The next key: BINUNICODE of under 256 bytes, LONG_BINPUT, and a reference.
        while data[pos : pos + 1] == b"X" and data[pos + 2 : pos + 5] == b"\0\0\0":
            put = pos + 5 + data[pos + 1]
            after = put + 5
            if after >= size or data[put] != 0x72 or data[after] not in b"jh":
                break
            (index,) = UNPACK_U32(data, put + 1)
            if index <= self._top:
                break
            self.position = pos
            name = data[pos + 5 : put].decode("utf-8", "surrogatepass")
            self._stack.append(name)
            self._memo[index] = name
            self._top = index
            pos = self._tensor_step(after)
            if pos == 0:
                return after
        return pos

    def _tensor_step(self, start: int) -> int:
        """Does what the opcodes of one ordinary tensor do, in one go; the position after them.

        0 when the opcodes at `start` are anything else; then nothing was done.
        """
        match = _TENSOR.match(self.data, start)
        if match is None:
            return 0
        (parameter_ref, prefix, key_length, key, put_key, key_ref, location_ref, numel_bytes, put_id, offset_bytes,
         shape_bytes, put_shape, stride_bytes, put_stride, grad, hooks_ref, put_hooks, put_arguments, put_result,
         outer_grad, outer_ref, put_outer_hooks, put_outer_arguments, put_outer) = match.groups(b"")  # fmt: skip
        puts = (
            put_key + put_id + put_shape + put_stride + put_hooks + put_arguments + put_result
            + put_outer_hooks + put_outer_arguments + put_outer
        )  # fmt: skip
        count = len(puts) >> 2
        base = int.from_bytes(puts[:4], "little")
        result = base + count - 1
        # Only consecutive new entries, which is what a pickler writes, can be stood in for by their first index.
        if (
            base <= self._top
            or not (put_outer if parameter_ref else put_result)
            or int.from_bytes(puts, "little") != base * _ONES[count] + _STEPS[count]
            or result >= 1 << 32
        ):
            return 0
        if key_ref:
            key_text = self._refs.get(key_ref)
            if key_text is None:
                key_text = self._storage_key(key_ref)
            if type(key_text) is not str or not (key_text.isdecimal() and key_text.isascii()):
                return 0
        elif key_length[0] != len(key):
            return 0
        else:
            key_text = key.decode("ascii")
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
        if hooks_ref not in self._hooks_refs:
            hooks = self._reference(hooks_ref)
            if type(hooks) is not Global or hooks != ORDERED_DICT:
                return 0
            self._hooks_refs.add(hooks_ref)
        if parameter_ref and not self._is_parameter(parameter_ref, outer_ref):
            return 0
        if not shape_bytes:
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
        bare = self._storage_for(dtype, key_text, location, numel)  # type: ignore[misc]
        if bare.numel != numel:
            return 0
        kind: Kind = "tensor"
        if parameter_ref:
            kind, grad = "parameter", outer_grad
        made = Tensor(dtype, shape, stride, offset, bare.storage, bare.device, kind, grad == b"\x88")
        self._stack.append(made)
        self._memo[result] = made
        self._top = result
        self._hidden += result - base
        self._step_bases.append(base)
        self._step_positions.append(start)
        return match.end()

    def _is_parameter(self, function_ref: bytes, hooks_ref: bytes) -> bool:
        """Whether these references mean `_rebuild_parameter` and the class of its empty hooks."""
        if function_ref not in self._parameter_refs:
            function = self._reference(function_ref)
            if type(function) is not Global or function != _REBUILD_PARAMETER:
                return False
            self._parameter_refs.add(function_ref)
            self.trace.called.setdefault(_REBUILD_PARAMETER, self.position)
        if hooks_ref not in self._hooks_refs:
            hooks = self._reference(hooks_ref)
            if type(hooks) is not Global or hooks != ORDERED_DICT:
                return False
            self._hooks_refs.add(hooks_ref)
        return True

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
            self.trace.called.setdefault(ORDERED_DICT, self.position)
        return dtype

    def _storage_key(self, ref: bytes) -> Value:
        """As `_reference`; also of a key that was met in a tensor read in one step."""
        value = self._reference(ref)
        if value is ABSENT:
            match = self._step_with(_index(ref))
            if match is not None and match[5] == ref[1:]:
                return match[4].decode("ascii")
        return value

    def _reference(self, ref: bytes) -> Value:
        """What a BINGET or LONG_BINGET, given as bytes, would push; ABSENT when it is not plainly in the memo."""
        index = _index(ref)
        value = self._memo.get(index, ABSENT)
        if value is not ABSENT:
            self._refs[ref] = value
        return value

    def _recall(self, index: int) -> Value:
        """A memo entry that is not there: an inner value of a tensor read in one step, or damage."""
        match = self._step_with(index)
        if match is None:
            raise self._damage(f"memo entry {index} was never made")
        memo = self._memo
        first, last = _entries(match)
        kept = {i: memo[i] for i in range(first, last + 1) if i in memo}
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
        self._hooks_refs.clear()
        self._parameter_refs.clear()
        if index not in self._memo and self._top < 1 << 40 and self._step_with(index) is not None:
            self._recall(index)

    def _step_with(self, index: int) -> re.Match[bytes] | None:
        """The opcodes of the tensor read in one step that make memo entry `index`, if any."""
        at = bisect_right(self._step_bases, index) - 1
        if at < 0:
            return None
        match = _TENSOR.match(self.data, self._step_positions[at])
        return match if match is not None and index <= _entries(match)[1] else None


def _index(ref: bytes) -> int:
    """The memo entry that a BINGET or LONG_BINGET means."""
    return ref[1] if ref[:1] == b"h" else int.from_bytes(ref[1:], "little")


# The groups of `_TENSOR` that are memo indices.
_PUTS = (5, 9, 12, 14, 17, 18, 19, 22, 23, 24)


def _entries(match: re.Match[bytes]) -> tuple[int, int]:
    """First and last memo index that one tensor's opcodes make."""
    puts = [put for put in match.group(*_PUTS) if put is not None]
    return int.from_bytes(puts[0], "little"), int.from_bytes(puts[-1], "little")


def _decode_int(raw: bytes) -> int:
    if len(raw) == 2:
        return raw[1]
    if len(raw) == 3:
        return raw[1] | raw[2] << 8
    if raw[:1] == b"J":
        return int(UNPACK_I32(raw, 1)[0])
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
