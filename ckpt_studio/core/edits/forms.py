"""How a tensor's axes change, in words: `a b 1 1 -> a b` drops two axes of size 1, `a b -> b a` transposes."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from functools import lru_cache

from ckpt_studio.errors import EditError

_TOKEN = re.compile(r"\(([^()]*)\)|[a-z]|\d+|\S")
_LETTERS = "abcdefghijkl"

Shape = tuple[int, ...]
Axis = tuple[str | int, ...]


@dataclass(frozen=True)
class Form:
    """A change of axes: each of `left` and `right` is an axis, as the letters and sizes whose product it is."""

    left: tuple[Axis, ...]
    right: tuple[Axis, ...]

    @property
    def transposes(self) -> bool:
        """Whether the two axes of a matrix change places first."""
        order = [[name for axis in side for name in axis if isinstance(name, str)] for side in (self.left, self.right)]
        return order[0] != order[1]

    def shape_of(self, shape: Shape) -> Shape | None:
        """The shape afterwards, or None where it does not fit (sizes that are given differ)."""
        if len(shape) != len(self.left):
            return None
        sizes: dict[str, int] = {}
        for size, axis in zip(shape, self.left, strict=True):
            given = math.prod(item if isinstance(item, int) else sizes.get(item, 1) for item in axis)
            free = [item for item in axis if isinstance(item, str) and item not in sizes]
            if given == 0 or size % given or len(free) > 1 or (not free and size != given):
                return None
            if free:
                sizes[free[0]] = size // given
        right = (math.prod(item if isinstance(item, int) else sizes[item] for item in axis) for axis in self.right)
        result = tuple(right)
        return result if math.prod(result) == math.prod(shape) else None


@lru_cache(maxsize=512)
def parsed(text: str) -> Form:
    """The form a text stands for. Raises EditError ("bad-form") for anything else."""
    left, arrow, right = text.partition("->")
    if not arrow:
        raise EditError("bad-form", text=text)
    form = Form(_axes(left, text), _axes(right, text))
    known = [item for axis in form.left for item in axis if isinstance(item, str)]
    wanted = [item for axis in form.right for item in axis if isinstance(item, str)]
    simple = all(sum(isinstance(item, str) for item in axis) <= 1 for axis in form.left)
    swap = len(known) == 2 and wanted == known[::-1]
    if len(set(known)) < len(known) or not simple or not (wanted == known or swap):
        raise EditError("bad-form", text=text)
    return form


def _axes(side: str, text: str) -> tuple[Axis, ...]:
    axes: list[Axis] = []
    for found in _TOKEN.finditer(side):
        items = found[1].split() if found[1] is not None else [found[0]]
        if not items or any(not re.fullmatch(r"[a-z]|[1-9]\d*", item) for item in items):
            raise EditError("bad-form", text=text)
        axes.append(tuple(item if item.isalpha() else int(item) for item in items))
    return tuple(axes)


def form_between(shape: Shape, result: Shape, transposed: bool) -> str:
    """The form that turns one shape into another (the axes of a matrix swapped first); "" when nothing changes.

    Says no more about sizes than it must, so that it serves wider layers as well.
    """
    if not transposed and shape == result:
        return ""
    names: list[str | int] = []
    for size in shape:
        names.append(1 if size == 1 else _LETTERS[len(names)])
    order = names[::-1] if transposed else names
    sizes = shape[::-1] if transposed else shape
    right = _regrouped(list(zip(order, sizes, strict=True)), result)
    if right is None:
        left = [[name] for name in names]
        cut = _cut(sizes, result) if not transposed else None
        if cut is None:
            return f"{' '.join(map(str, shape))} -> {' '.join(map(str, result))}"
        place, tail = cut
        left[place] = [names[place], *tail]
        words = [*names[: place + 1], *tail, *names[place + 1 :]]
        return f"{_told(left)} -> {' '.join(map(str, words))}"
    return f"{_told([[name] for name in names])} -> {_told(right)}"


def _regrouped(axes: list[tuple[str | int, int]], result: Shape) -> list[list[str | int]] | None:
    """The axes of the result as products of whole axes; None where one would have to be cut."""
    pending = [(name, size) for name, size in axes if name != 1]
    right: list[list[str | int]] = []
    for wanted in result:
        group: list[str | int] = []
        product = 1
        while product < wanted and pending:
            name, size = pending.pop(0)
            group.append(name)
            product *= size
        if product != wanted:
            return None
        right.append(group or [1])
    for name, size in pending:
        if size != 1:
            return None
        right[-1].append(name)
    return right


def _cut(shape: Shape, result: Shape) -> tuple[int, list[str | int]] | None:
    """The axis that is cut into several (all but the first of a given size), and those sizes; the others stay."""
    more = len(result) - len(shape)
    for place in range(len(shape)):
        same = shape[:place] == result[:place] and shape[place + 1 :] == result[place + more + 1 :]
        if more > 0 and same and 1 not in shape:
            return place, list(result[place + 1 : place + more + 1])
    return None


def _told(side: list[list[str | int]]) -> str:
    return " ".join(str(axis[0]) if len(axis) == 1 else f"({' '.join(map(str, axis))})" for axis in side)
