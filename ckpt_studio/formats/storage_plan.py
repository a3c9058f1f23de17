"""Which bytes a file of tensors needs: the ranges of storages that its tensors touch, shared ones once."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from ckpt_studio.core.dtypes import UINT8, DType
from ckpt_studio.core.storage import Extent, Storage
from ckpt_studio.core.tensor import Tensor, contiguous
from ckpt_studio.core.tree import BareStorage

# A range that serves views of several dtypes begins where an element of each may begin.
_WIDEST = 16


@dataclass(frozen=True, slots=True, eq=False)
class Slot:
    """One storage of the file to be written: a range of a storage of the source.

    Attributes:
        key: its name in the new container.
        data: the range as a one-dimensional row-major tensor (what `core.data.chunks` streams).
        dtype: element type that the pickle states; None for an untyped storage (views of several dtypes,
            and dtypes without a storage class of their own).
        device: location tag ("cpu" where the source records none).
        start: first byte of the range in the source's storage.
        crc32: of the bytes to be written where it is known without reading them, else None.
    """

    key: str
    data: Tensor
    dtype: DType | None
    device: str
    start: int
    crc32: int | None

    @property
    def nbytes(self) -> int:
        """Size in bytes."""
        return self.data.numel * self.data.dtype.itemsize

    @property
    def numel(self) -> int:
        """What the pickle states as the storage's size: elements, or bytes when untyped."""
        return self.nbytes if self.dtype is None else self.nbytes // self.dtype.itemsize

    @property
    def label(self) -> str:
        """What people may know it by: its name in the source, or here."""
        return self.data.storage.key or self.key

    def extent(self) -> Extent | None:
        """Where exactly these bytes lie in a file, or None when they must be computed."""
        return plain_extent(self.data)


@dataclass(slots=True)
class _Range:
    """A run of one storage under construction, with the views that need it."""

    storage: Storage
    device: str
    start: int
    end: int
    dtypes: set[DType]
    slot: Slot | None = None


class StoragePlan:
    """The slots that a set of tensors and bare storages needs, in the order in which they are first met.

    Tensors whose ranges overlap in one storage share a slot and so stay tied; disjoint slices of a big
    storage become slots of their own, so that a slice saves only the slice. Views of one storage that
    were given different devices are no longer tied: a storage lies on one device.
    """

    def __init__(self, leaves: Iterable[Tensor | BareStorage]) -> None:
        self.slots: list[Slot] = []
        self._ranges: dict[int, _Range] = {}
        views: dict[tuple[int, str], list[tuple[int, int, int]]] = {}
        kept = list(leaves)
        for index, leaf in enumerate(kept):
            start, end = used_range(leaf)
            views.setdefault((id(leaf.storage), leaf.device or "cpu"), []).append((start, end, index))
        for group in views.values():
            self._merge(group, kept)
        for leaf in kept:
            found = self._ranges[id(leaf)]
            if found.slot is None:
                found.slot = self._slot(found)
                self.slots.append(found.slot)
        # The ids above are those of these objects: they must live as long as the plan.
        self._leaves = kept

    def slot(self, leaf: Tensor | BareStorage) -> Slot:
        """The slot that holds the tensor's bytes."""
        slot = self._ranges[id(leaf)].slot
        assert slot is not None
        return slot

    def offset(self, tensor: Tensor) -> int:
        """The tensor's first element in its slot (elements of the tensor)."""
        itemsize = tensor.dtype.itemsize
        return (tensor.offset * itemsize - self.slot(tensor).start) // itemsize

    @property
    def nbytes(self) -> int:
        """Bytes of all slots."""
        return sum(slot.nbytes for slot in self.slots)

    def _merge(self, views: list[tuple[int, int, int]], leaves: list[Tensor | BareStorage]) -> None:
        """Joins overlapping ranges of one storage."""
        current: _Range | None = None
        for start, end, index in sorted(views):
            leaf = leaves[index]
            # An empty tensor touches nothing and is tied to nothing.
            if current is None or start >= current.end or start == end:
                fresh = _Range(leaf.storage, leaf.device or "cpu", start, end, set())
                if start == end:
                    self._ranges[id(leaf)] = fresh
                    fresh.dtypes.add(leaf.dtype or UINT8)
                    continue
                current = fresh
            current.end = max(current.end, end)
            current.dtypes.add(leaf.dtype or UINT8)
            self._ranges[id(leaf)] = current

    def _slot(self, found: _Range) -> Slot:
        typed = next(iter(found.dtypes))
        start = found.start
        dtype: DType | None = typed if len(found.dtypes) == 1 and typed.storage_class else None
        unit = typed
        if len(found.dtypes) > 1:
            unit = UINT8
            # Big-endian bytes can only be turned round as elements of one size.
            start -= start % _WIDEST
        count = -(-(found.end - start) // unit.itemsize)
        data = contiguous(unit, (count,), found.storage, found.device, start // unit.itemsize)
        whole = start == 0 and count * unit.itemsize == found.storage.nbytes
        little = found.storage.byteorder == "little" or unit.itemsize == 1
        crc = found.storage.crc32 if whole and little else None
        return Slot(str(len(self.slots)), data, dtype, found.device, start, crc)


def used_range(leaf: Tensor | BareStorage) -> tuple[int, int]:
    """First byte and end of the storage range that a tensor touches, or that a bare storage is.

    Packed quantised types (several elements a byte) take their whole storage.
    """
    if isinstance(leaf, BareStorage) or (
        leaf.dtype.kind == "quantized" and leaf.dtype.name in ("quint4x2", "quint2x4")
    ):
        return (0, leaf.storage.nbytes)
    start, length = leaf.span()
    return (start, start + length)


def plain_extent(tensor: Tensor) -> Extent | None:
    """Where a tensor's values lie in a file exactly as they are to be written, or None.

    That is: row-major, little-endian, uncompressed, without lazy bits.
    """
    form = tensor.form
    if not tensor.is_contiguous or (form is not None and (form.conj or form.neg)):
        return None
    if tensor.storage.byteorder == "big" and tensor.dtype.itemsize > 1:
        return None
    whole = tensor.storage.source.extent()
    if whole is None:
        return None
    start = tensor.offset * tensor.dtype.itemsize
    length = tensor.numel * tensor.dtype.itemsize
    if start + length > whole.length:
        return None
    return Extent(whole.file, whole.offset + start, length)
