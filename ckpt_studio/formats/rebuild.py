"""What the calls in a pickle stand for: torch's rebuild functions become Tensors, mappings Dicts, all else stand-ins.

Source of the argument lists: `torch/_utils.py`, `torch/_tensor.py`, `torch/nn/parameter.py` (torch 0.1 to 2.14)
and numpy's `multiarray._reconstruct`, `scalar` and `numeric._frombuffer`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any, cast

from ckpt_studio.core.dtypes import BY_NAME, BY_STORAGE_CLASS, UINT8, DType
from ckpt_studio.core.storage import AbsentBytes, ByteSource, MemoryBytes, Storage
from ckpt_studio.core.tensor import Form, Layout, Tensor, contiguous_strides
from ckpt_studio.core.tree import ABSENT, BareStorage, Dict, Global, Object, Value
from ckpt_studio.errors import Message, message
from ckpt_studio.formats.pickle_machine import fits
from ckpt_studio.formats.pickle_opcodes import is_hashable

NDARRAY = Global("numpy", "ndarray")
JAGGED = Global("torch.nested._internal.nested_tensor", "NestedTensor")
_REBUILD_JAGGED = Global("torch.nested._internal.nested_tensor", "_rebuild_njt")
_JAGGED_PARTS = ("values", "offsets", "lengths")
MAX_PROBLEMS = 200
# 2**63 elements: torch counts them in a signed 64-bit integer.
_MAX_NUMEL = 1 << 63
# Packed quantised types: shapes count elements, of which a byte of the storage holds several.
_PER_BYTE = {"quint4x2": 2, "quint2x4": 4}
_UNTYPED = frozenset({"UntypedStorage", "_UntypedStorage", "TypedStorage", "_TypedStorage"})


def is_storage_class(cls: Value) -> bool:
    """Whether a global is one of torch's storage classes, typed or untyped."""
    return storage_dtype(cls) is not None or (
        type(cls) is Global and cls.module in ("torch", "torch.storage") and cls.name in _UNTYPED
    )


def storage_dtype(cls: Value) -> DType | None:
    """The dtype of a typed storage class (`torch.FloatStorage`, `torch.cuda.FloatStorage`); None for all else."""
    if type(cls) is not Global or cls.module not in ("torch", "torch.cuda", "torch.storage"):
        return None
    return BY_STORAGE_CLASS.get(cls.name)


class TorchBuilder:
    """Gives calls and states their meaning; see `pickle_machine.Builder`.

    Attributes:
        problems: what does not fit (a tensor larger than its storage …), to become findings of the file.
    """

    def __init__(
        self,
        budget: int,
        nested: Callable[[bytes], Value] | None = None,
        persistent: Callable[[Value], Value] | None = None,
    ) -> None:
        """Args:
        budget: how many items or bytes may be copied over all calls; more stays a stand-in (a call of few
            bytes can ask for a copy of a shared list of millions).
        nested: reads the bytes of a `torch.save` inside the pickle; may raise StudioError.
        persistent: the storage of an id that stands in a call as a plain tuple (some tar files).
        """
        self.problems: list[Message] = []
        self._budget = budget
        self._nested = nested
        self._persistent = persistent
        self._function = NDARRAY

    def call(self, function: Value, arguments: Value) -> Value:
        if type(function) is Global:
            meaning = _MEANINGS.get((function.module, function.name))
            if meaning is not None:
                self._function = function
                try:
                    value = meaning(self, *arguments)
                except (TypeError, ValueError, IndexError, AttributeError, KeyError):
                    # Arguments of another shape than the function takes: torch would refuse them.
                    value = ABSENT
                    self.problem("call-does-not-fit", name=str(function))
                if value is not ABSENT:
                    return value
        return Object(function, "reduce", arguments)

    def set_state(self, target: Value, state: Value) -> Value:
        kind = type(target)
        if kind is Object:
            if target.state is ABSENT:
                target.state = state
            elif type(target.state) is Dict and type(state) is Dict:
                target.state.items.extend(state.items)
            else:
                target.state = state
        elif kind is Dict:
            target.state = state
        elif kind is Tensor:
            return self._tensor_state(target, state)
        return target

    def problem(self, code: str, **fields: Any) -> None:
        """Notes something that does not fit; only the first ones are kept."""
        if len(self.problems) < MAX_PROBLEMS:
            self.problems.append(message(code, **fields))

    def _spend(self, amount: int) -> bool:
        """Whether so much may still be copied."""
        self._budget -= amount
        return self._budget >= 0

    # Tensors ---------------------------------------------------------------------------------

    def strided(
        self,
        bare: BareStorage,
        offset: Value,
        size: Value,
        stride: Value,
        dtype: DType | None = None,
        grad: Value = False,
    ) -> Tensor:
        """A view of a storage; one that does not fit into it gets bytes that say so when they are read."""
        if self._persistent is not None and isinstance(bare, tuple):
            bare = self._persistent(bare)
        if type(bare) is not BareStorage:
            raise TypeError("not a storage")
        element = dtype or bare.dtype or UINT8
        shape, steps = int_tuple(size), int_tuple(stride)
        if type(offset) is not int or len(shape) != len(steps) or min((0, *shape)) < 0:
            raise ValueError("sizes and strides do not fit together")
        _count(shape)
        storage = bare.storage
        there = storage.nbytes // element.itemsize * _PER_BYTE.get(element.name, 1)
        if not fits(shape, steps, offset, there):
            if min((0, offset, *steps)) < 0:
                raise ValueError("negative strides")
            last = offset + 1 + sum((length - 1) * step for length, step in zip(shape, steps, strict=True))
            needed = last * element.itemsize
            self.problem("tensor-outside-storage", key=storage.key, needed=needed, there=storage.nbytes)
            source = AbsentBytes(
                needed, "tensor-outside-storage-read", key=storage.key, needed=needed, there=storage.nbytes
            )
            storage = Storage(source, storage.key, storage.byteorder)
        return Tensor(element, shape, steps, offset, storage, bare.device, "tensor", grad is True)

    def _tensor(self, storage: Value, offset: Value, size: Value, stride: Value) -> Value:
        return self.strided(storage, offset, size, stride)

    def _tensor_v2(
        self, storage: Value, offset: Value, size: Value, stride: Value, grad: Value, hooks: Value, bits: Value = None
    ) -> Value:
        return _with_bits(self.strided(storage, offset, size, stride, None, grad), bits)

    def _tensor_v3(
        self, storage: Value, offset: Value, size: Value, stride: Value, grad: Value, hooks: Value, dtype: Value,
        bits: Value = None,
    ) -> Value:  # fmt: skip
        return _with_bits(self.strided(storage, offset, size, stride, named_dtype(dtype), grad), bits)

    def _parameter(self, data: Value, grad: Value = True, hooks: Value = None) -> Value:
        if type(data) is not Tensor:
            return ABSENT
        return data.with_changes(kind="parameter", requires_grad=grad is True)

    def _parameter_with_state(self, data: Value, grad: Value, hooks: Value, state: Value) -> Value:
        parameter = self._parameter(data, grad)
        if parameter is ABSENT or state is None:
            return parameter
        return with_form(parameter, state=state)

    def _qtensor(
        self, storage: Value, offset: Value, size: Value, stride: Value, quantizer: Value, grad: Value, hooks: Value
    ) -> Value:
        if type(quantizer) is not tuple or not quantizer:
            return ABSENT
        return with_form(self.strided(storage, offset, size, stride, None, grad), quantizer=quantizer)

    def _sparse(self, layout: Value, data: Value) -> Value:
        name = _layout_name(layout)
        parts = _SPARSE_PARTS.get(name)
        if parts is None or type(data) is not tuple or len(data) <= len(parts):
            return ABSENT
        tensors = data[: len(parts)]
        if any(type(part) is not Tensor for part in tensors):
            return ABSENT
        values = tensors[-1]
        shape = int_tuple(data[len(parts)])
        _count(shape)
        form = Form(
            layout=cast(Layout, name), parts=tuple(zip(parts, tensors, strict=True)), arguments=data[len(parts) + 1 :]
        )
        empty = Storage(MemoryBytes(b""))
        return Tensor(
            values.dtype,
            shape,
            contiguous_strides(shape),
            0,
            empty,
            values.device,
            "tensor",
            values.requires_grad,
            form,
        )

    def _nested_tensor(self, buffer: Value, *layout: Value) -> Value:
        if type(buffer) is not Tensor or len(layout) > 3 or any(type(part) is not Tensor for part in layout):
            return ABSENT
        names = ("sizes", "strides", "offsets")
        parts = (("values", buffer), *zip(names, layout, strict=False))
        form = Form(layout="nested", parts=parts)
        return Tensor(
            buffer.dtype, buffer.shape, buffer.stride, 0, Storage(MemoryBytes(b"")), buffer.device, "tensor",
            buffer.requires_grad, form,
        )  # fmt: skip

    def _meta_tensor(self, dtype: Value, size: Value, stride: Value, grad: Value) -> Value:
        element = named_dtype(dtype)
        shape, steps = int_tuple(size), int_tuple(stride)
        if len(shape) != len(steps) or min((0, *shape, *steps)) < 0:
            raise ValueError("sizes and strides do not fit together")
        _count(shape)
        nbytes = 0
        if 0 not in shape:
            last = sum((length - 1) * step for length, step in zip(shape, steps, strict=True))
            nbytes = (last + 1) * element.itemsize
        storage = Storage(AbsentBytes(nbytes, "meta-tensor"))
        return Tensor(element, shape, steps, 0, storage, "meta", "tensor", grad is True, Form(is_meta=True))

    def _device_tensor(self, data: Value, dtype: Value, device: Value, grad: Value) -> Value:
        if type(data) is not Tensor:
            return ABSENT
        if data.dtype != named_dtype(dtype):
            return ABSENT
        return data.with_changes(device=_device_name(device), requires_grad=grad is True, form=None)

    def _wrapper(
        self, cls: Value, dtype: Value, size: Value, stride: Value, offset: Value, layout: Value, device: Value,
        grad: Value,
    ) -> Value:  # fmt: skip
        shape, steps = int_tuple(size), int_tuple(stride)
        _count(shape)
        form = Form(layout="wrapper", subclass=cls if type(cls) is Global else None)
        empty = Storage(MemoryBytes(b""))
        return Tensor(
            named_dtype(dtype), shape, steps, int(offset), empty, _device_name(device), "tensor", grad is True, form
        )

    def _from_type(self, function: Value, cls: Value, arguments: Value, state: Value) -> Value:
        if type(arguments) is not tuple or type(function) is not Global:
            return ABSENT
        if _MEANINGS.get((function.module, function.name)) is TorchBuilder._from_type:
            return ABSENT
        if function == _REBUILD_JAGGED and cls == JAGGED:
            return _jagged(Object(self._function, "reduce", (function, cls, arguments, state)))
        tensor = self.call(function, arguments)
        if type(tensor) is not Tensor or type(cls) is not Global:
            return ABSENT
        changes: dict[str, Any] = {}
        if cls.name not in ("Tensor", "Parameter") or not cls.module.startswith("torch"):
            changes["subclass"] = cls
        if state is not None and state != ():
            changes["state"] = state
        if tensor.form is not None and tensor.form.layout == "wrapper":
            changes["parts"] = _parts_in(state)
        if cls.module == "torch.nn.parameter":
            kind = {"Parameter": "parameter", "Buffer": "buffer"}.get(cls.name, tensor.kind)
            tensor = tensor.with_changes(kind=kind)
        return with_form(tensor, **changes) if changes else tensor

    def _tensor_state(self, tensor: Tensor, state: Value) -> Tensor:
        """BUILD on a tensor: numpy's array contents, or attributes of the tensor object."""
        form = tensor.form
        if form is not None and form.subclass == NDARRAY and type(form.state) is Object:
            array = form.state
            array.state = state
            filled = self._array_of(array, state)
            if filled is None:
                return cast(Tensor, array)
            _become(tensor, filled)
        else:
            _become(tensor, with_form(tensor, state=state))
        return tensor

    # numpy -------------------------------------------------------------------------------------

    def _reconstruct(self, cls: Value, *arguments: Value) -> Value:
        if type(cls) is not Global or cls != NDARRAY:
            return ABSENT
        # The object is what the file holds and what is written back; the tensor around it is how it is shown.
        array = Object(self._function, "reduce", (cls, *arguments))
        return Tensor(UINT8, (0,), (1,), 0, Storage(MemoryBytes(b"")), form=Form(subclass=NDARRAY, state=array))

    def _array_of(self, array: Object, state: Value) -> Tensor | None:
        """The array of numpy's state (version, shape, dtype, is_fortran, data); None when torch has no such dtype."""
        if type(state) is not tuple or len(state) not in (4, 5):
            return None
        shape, dtype, fortran, data = state[-4:]
        if type(data) is str:
            data = data.encode("utf-8", "surrogatepass")
        return self._array(array, data, dtype, shape, bool(fortran))

    def _array(self, array: Object, data: Value, dtype: Value, shape: Value, fortran: bool) -> Tensor | None:
        element = array_dtype(dtype)
        if element is None or type(data) not in (bytes, bytearray):
            return None
        try:
            sizes = int_tuple(shape)
            count = _count(sizes)
        except (TypeError, ValueError):
            return None
        if min((0, *sizes)) < 0 or count * element[0].itemsize != len(data):
            return None
        source: ByteSource = MemoryBytes(bytes(data) if type(data) is bytearray else data)
        storage = Storage(source, "", "big" if element[1] else "little")
        strides = contiguous_strides(tuple(reversed(sizes)))[::-1] if fortran else contiguous_strides(sizes)
        return Tensor(element[0], sizes, strides, 0, storage, "cpu", form=Form(subclass=NDARRAY, state=array))

    def _frombuffer(self, data: Value, dtype: Value, shape: Value, order: Value = "C", *rest: Value) -> Value:
        arguments = (data, dtype, shape, order, *rest)
        array = Object(self._function, "reduce", arguments)
        return self._array(array, data, dtype, shape, order == "F") or ABSENT

    # Plain Python ------------------------------------------------------------------------------

    def _ordered_dict(self, items: Value = None) -> Value:
        mapping = Dict([], Global("collections", "OrderedDict"))
        if items is None:
            return mapping
        if type(items) is Dict:
            if not self._spend(len(items.items)):
                return ABSENT
            mapping.items.extend(items.items)
            return mapping
        if type(items) not in (list, tuple) or not self._spend(len(items)):
            return ABSENT
        for pair in items:
            if type(pair) not in (tuple, list) or len(pair) != 2:
                return ABSENT
            mapping.items.append((pair[0], pair[1]))
        return mapping

    def _default_dict(self, *arguments: Value) -> Value:
        if len(arguments) > 1:
            return ABSENT
        return Dict([], Global("collections", "defaultdict"), arguments)

    def _set(self, items: Value = ()) -> Value:
        return set(items) if self._settable(items) else ABSENT

    def _frozenset(self, items: Value = ()) -> Value:
        return frozenset(items) if self._settable(items) else ABSENT

    def _settable(self, items: Value) -> bool:
        return type(items) in (list, tuple) and self._spend(len(items)) and all(is_hashable(item) for item in items)

    def _encode(self, text: Value, encoding: Value = "utf-8") -> Value:
        # How protocol 2 writes bytes: _codecs.encode("…", "latin1").
        if type(text) is not str or encoding not in ("latin1", "latin-1", "utf-8") or not self._spend(len(text)):
            return ABSENT
        return text.encode(encoding, "surrogatepass" if encoding == "utf-8" else "strict")

    def _bytes(self, *arguments: Value) -> Value:
        return b"" if not arguments else ABSENT

    def _bytearray(self, data: Value = b"", encoding: Value = None) -> Value:
        if type(data) is str and encoding in ("latin1", "latin-1"):
            data = data.encode("latin-1")
        return bytearray(data) if type(data) is bytes and self._spend(len(data)) else ABSENT

    def _complex(self, real: Value = 0.0, imaginary: Value = 0.0) -> Value:
        return complex(real, imaginary) if type(real) is float and type(imaginary) is float else ABSENT

    def _unwrapped(self, value: Value, *tag: Value) -> Value:
        # torch.jit._pickle: build_intlist([…]) and restore_type_tag(value, "List[int]") only type their argument.
        return value

    def _load_nested(self, data: Value) -> Value:
        if type(data) is str:
            data = data.encode("utf-8", "surrogatepass")
        if type(data) is not bytes or self._nested is None or not self._spend(len(data)):
            return ABSENT
        return self._nested(data)


def with_form(tensor: Tensor, **changes: Any) -> Tensor:
    """The tensor with other fields of its form."""
    from dataclasses import replace

    return tensor.with_changes(form=replace(tensor.form or Form(), **changes))


def _jagged(call: Object) -> Value:
    """A nested tensor of layout jagged (`torch/nested/_internal/nested_tensor.py`); ABSENT if the call is no such.

    Its shape is that of its values, one row after the other: torch's own has a symbol for the ragged axis. The call
    is what the file holds and what is written back (`jagged_call`).
    """
    arguments, state = call.arguments[2], call.arguments[3]
    if len(arguments) != 1 or type(arguments[0]) is not Dict:
        return ABSENT
    given = {key: value for key, value in arguments[0].items if type(key) is str}
    parts = tuple((name, given[name]) for name in _JAGGED_PARTS if type(given.get(name)) is Tensor)
    if [name for name, _ in parts[:2]] != ["values", "offsets"]:
        return ABSENT
    values = parts[0][1]
    is_parameter = type(state) is Dict and ("_is_param", True) in state.items
    return Tensor(
        values.dtype, values.shape, values.stride, 0, Storage(MemoryBytes(b"")), values.device,
        "parameter" if is_parameter else "tensor", given.get("requires_grad") is True,
        Form(layout="nested", parts=parts, subclass=JAGGED, state=call),
    )  # fmt: skip


def is_jagged(tensor: Tensor) -> bool:
    """Whether it is a nested tensor of layout jagged, which is written back by `jagged_call`."""
    form = tensor.form
    return form is not None and form.subclass == JAGGED and form.layout == "nested"


def jagged_call(tensor: Tensor) -> Object:
    """The call that makes a jagged tensor of the parts it has now, which edits may have changed since it was read."""
    form = tensor.form
    assert form is not None
    call: Object = form.state
    function, cls, (given,), state = call.arguments
    now: dict[Value, Value] = dict(form.parts)
    now["requires_grad"] = tensor.requires_grad
    given = replace(given, items=[(key, now.get(key, value)) for key, value in given.items])
    if type(state) is Dict:
        parts = {f"_{name}": part for name, part in form.parts}
        state = replace(
            state, items=[(key, parts.get(key, value) if type(key) is str else value) for key, value in state.items]
        )
    return replace(call, arguments=(function, cls, (given,), state))


def _become(tensor: Tensor, other: Tensor) -> None:
    # A pickle names the object before its contents come, and other places may already refer to it.
    for name in Tensor.__slots__:
        object.__setattr__(tensor, name, getattr(other, name))


def _with_bits(tensor: Tensor, bits: Value) -> Tensor:
    if type(bits) is not Dict or not bits.items:
        return tensor
    return with_form(tensor, conj=bits.get("conj") is True, neg=bits.get("neg") is True)


def _parts_in(state: Value) -> tuple[tuple[str, Tensor], ...]:
    if type(state) is tuple and state:
        state = state[0]
    if type(state) is not Dict:
        return ()
    return tuple((key, value) for key, value in state.items if type(key) is str and type(value) is Tensor)


def int_tuple(value: Value) -> tuple[int, ...]:
    """Sizes or strides: a tuple or list of ints, or `torch.Size`. Raises TypeError for anything else."""
    if type(value) is Object and isinstance(value.cls, Global) and value.cls.name == "Size" and value.arguments:
        value = value.arguments[0]
    if type(value) not in (tuple, list) or len(value) > 1000 or any(type(size) is not int for size in value):
        raise TypeError("not a list of sizes")
    return tuple(value)


def _count(shape: tuple[int, ...]) -> int:
    """Number of elements; ValueError when torch could not count them."""
    count = 1
    for size in shape:
        count *= size
        if count >= _MAX_NUMEL:
            raise ValueError("more elements than torch can count")
    return count


def named_dtype(value: Value) -> DType:
    """The dtype of a pickled `torch.float32`. Raises KeyError or TypeError when it is none."""
    if type(value) is not Global or value.module != "torch":
        raise TypeError("not a dtype")
    return BY_NAME[value.name]


def _layout_name(layout: Value) -> str:
    """ "sparse_coo" of a pickled layout: `torch.serialization._get_layout("torch.sparse_coo")` or a global."""
    if type(layout) is Object and layout.arguments and type(layout.arguments[0]) is str:
        return layout.arguments[0].removeprefix("torch.")
    if type(layout) is Global:
        return layout.name
    return layout.removeprefix("torch.") if type(layout) is str else ""


def _device_name(device: Value) -> str:
    if type(device) is str:
        return device
    if type(device) is Object and device.arguments:
        return ":".join(str(part) for part in device.arguments if type(part) in (str, int))
    return "cpu"


# numpy's type codes to torch's names (numpy `dtype.str` without the byte order).
_ARRAY_DTYPES = {
    "f2": "float16", "f4": "float32", "f8": "float64", "i1": "int8", "i2": "int16", "i4": "int32", "i8": "int64",
    "u1": "uint8", "u2": "uint16", "u4": "uint32", "u8": "uint64", "b1": "bool", "c8": "complex64", "c16": "complex128",
}  # fmt: skip


def array_dtype(value: Value) -> tuple[DType, bool] | None:
    """(dtype, is big-endian) of a pickled `numpy.dtype`; None when torch has no such type."""
    if type(value) is not Object or not isinstance(value.cls, Global) or value.cls.name != "dtype":
        return None
    if not value.arguments or type(value.arguments[0]) is not str:
        return None
    code = value.arguments[0]
    order = value.state[1] if type(value.state) is tuple and len(value.state) > 1 else "<"
    if code[:1] in "<>|=":
        order, code = code[0], code[1:]
    name = _ARRAY_DTYPES.get(code)
    return None if name is None else (BY_NAME[name], order == ">")


_SPARSE_PARTS: dict[str, tuple[str, ...]] = {
    "sparse_coo": ("indices", "values"),
    "sparse_csr": ("crow_indices", "col_indices", "values"),
    "sparse_bsr": ("crow_indices", "col_indices", "values"),
    "sparse_csc": ("ccol_indices", "row_indices", "values"),
    "sparse_bsc": ("ccol_indices", "row_indices", "values"),
}

_Meaning = Callable[..., Value]
_MEANINGS: dict[tuple[str, str], _Meaning] = {
    ("torch._utils", "_rebuild_tensor"): TorchBuilder._tensor,
    ("torch._utils", "_rebuild_tensor_v2"): TorchBuilder._tensor_v2,
    ("torch._utils", "_rebuild_tensor_v3"): TorchBuilder._tensor_v3,
    ("torch._utils", "_rebuild_parameter"): TorchBuilder._parameter,
    ("torch._utils", "_rebuild_parameter_with_state"): TorchBuilder._parameter_with_state,
    ("torch.nn.parameter", "Parameter"): TorchBuilder._parameter,
    ("torch._utils", "_rebuild_qtensor"): TorchBuilder._qtensor,
    ("torch._utils", "_rebuild_sparse_tensor"): TorchBuilder._sparse,
    ("torch._utils", "_rebuild_sparse_csr_tensor"): TorchBuilder._sparse,
    ("torch._utils", "_rebuild_nested_tensor"): TorchBuilder._nested_tensor,
    ("torch._utils", "_rebuild_meta_tensor_no_storage"): TorchBuilder._meta_tensor,
    ("torch._utils", "_rebuild_device_tensor_from_numpy"): TorchBuilder._device_tensor,
    ("torch._utils", "_rebuild_device_tensor_from_cpu_tensor"): TorchBuilder._device_tensor,
    ("torch._utils", "_rebuild_xla_tensor"): TorchBuilder._device_tensor,
    ("torch._utils", "_rebuild_wrapper_subclass"): TorchBuilder._wrapper,
    ("torch._tensor", "_rebuild_from_type_v2"): TorchBuilder._from_type,
    ("torch.storage", "_load_from_bytes"): TorchBuilder._load_nested,
    ("torch.jit._pickle", "build_intlist"): TorchBuilder._unwrapped,
    ("torch.jit._pickle", "build_doublelist"): TorchBuilder._unwrapped,
    ("torch.jit._pickle", "build_boollist"): TorchBuilder._unwrapped,
    ("torch.jit._pickle", "build_tensorlist"): TorchBuilder._unwrapped,
    ("torch.jit._pickle", "restore_type_tag"): TorchBuilder._unwrapped,
    ("collections", "OrderedDict"): TorchBuilder._ordered_dict,
    ("collections", "defaultdict"): TorchBuilder._default_dict,
    ("_codecs", "encode"): TorchBuilder._encode,
    ("codecs", "encode"): TorchBuilder._encode,
}
for _builtins in ("builtins", "__builtin__"):
    _MEANINGS[(_builtins, "set")] = TorchBuilder._set
    _MEANINGS[(_builtins, "frozenset")] = TorchBuilder._frozenset
    _MEANINGS[(_builtins, "bytes")] = TorchBuilder._bytes
    _MEANINGS[(_builtins, "bytearray")] = TorchBuilder._bytearray
    _MEANINGS[(_builtins, "complex")] = TorchBuilder._complex
for _package in ("numpy.core", "numpy._core"):
    _MEANINGS[(f"{_package}.multiarray", "_reconstruct")] = TorchBuilder._reconstruct
    _MEANINGS[(f"{_package}.numeric", "_frombuffer")] = TorchBuilder._frombuffer
