"""What can be done about a tensor whose shape is not the model's."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

from ckpt_studio.compare.report import LoadReport
from ckpt_studio.core.edits import AdaptChannels, Edit, InterpolatePositions, Reshape, SelectRows
from ckpt_studio.errors import Message, message

Shape = tuple[int, ...]

# Class, distillation and register tokens that stand before the grid of position embeddings.
_EXTRA_TOKENS = (1, 0, 2, 5, 4, 8)


@dataclass(frozen=True)
class Resizing:
    """One way to give a tensor the model's shape.

    Attributes:
        edit: does it.
        meaning: what it means for the network, in words.
    """

    edit: Edit
    meaning: Message


def resizings(name: str, here: Shape, wanted: Shape) -> list[Resizing]:
    """The ways from one shape to the other, the most sensible first; [] when there is none.

    Args:
        name: in the checkpoint; position tables are told from heads by it.
        here: the checkpoint's shape.
        wanted: the model's.
    """
    if here == wanted or 0 in here or 0 in wanted:
        return []
    return list(_ways(name, here, wanted))


def resize_mismatched(report: LoadReport) -> tuple[list[Edit], list[str]]:
    """For every mismatched tensor of a report its best resizing, and the names that none fits."""
    edits: list[Edit] = []
    left: list[str] = []
    heads: dict[tuple[tuple[int, ...], str], list[str]] = {}
    for row in report.with_status("mismatched"):
        name = row.checkpoint_name
        if name is None or row.checkpoint_shape is None or row.model_shape is None:
            left.append(row.name)
            continue
        ways = resizings(name, row.checkpoint_shape, row.model_shape)
        if not ways:
            left.append(name)
            continue
        edit = ways[0].edit
        if isinstance(edit, SelectRows):
            # Weight and bias of a head are one decision.
            heads.setdefault((edit.rows, edit.fresh), []).append(name)
        else:
            edits.append(edit)
    edits += [SelectRows(tuple(names), rows, fresh) for (rows, fresh), names in heads.items()]
    return edits, left


def _ways(name: str, here: Shape, wanted: Shape) -> Iterator[Resizing]:
    if math.prod(here) == math.prod(wanted) and _squeezed(here) == _squeezed(wanted):
        yield Resizing(Reshape(name, wanted), message("resize-reshape"))
        return
    yield from _positions(name, here, wanted)
    if len(here) != len(wanted):
        return
    different = [axis for axis, (a, b) in enumerate(zip(here, wanted, strict=True)) if a != b]
    if different == [0]:
        old, new = here[0], wanted[0]
        if new < old:
            yield Resizing(SelectRows((name,), tuple(range(new))), message("resize-first-rows", count=new))
        else:
            rows = (*range(old), *(-1 for _ in range(new - old)))
            yield Resizing(SelectRows((name,), rows), message("resize-more-rows", count=new - old))
            yield Resizing(SelectRows((name,), rows, "zero"), message("resize-zero-rows", count=new - old))
    elif different == [1] and len(here) >= 3:
        old, new = here[1], wanted[1]
        if new == 1:
            yield Resizing(AdaptChannels(name, 1, "sum"), message("resize-sum-channels", old=old))
            yield Resizing(AdaptChannels(name, 1, "average"), message("resize-average-channels", old=old))
            return
        yield Resizing(AdaptChannels(name, new, "repeat"), message("resize-repeat-channels", old=old, new=new))
        if new > old:
            yield Resizing(AdaptChannels(name, new, "add-average"), message("resize-add-average", count=new - old))
            yield Resizing(AdaptChannels(name, new, "add-zero"), message("resize-add-zero", count=new - old))


def _positions(name: str, here: Shape, wanted: Shape) -> Iterator[Resizing]:
    """Grids of position embeddings: the name says so, and both counts of tokens are squares."""
    if "pos" not in name.lower() or len(here) != len(wanted) or len(here) < 2 or here[-1] != wanted[-1]:
        return
    if math.prod(here[:-2]) != 1 or here[:-2] != wanted[:-2]:
        return
    for extra in _EXTRA_TOKENS:
        old, new = math.isqrt(max(here[-2] - extra, 0)), math.isqrt(max(wanted[-2] - extra, 0))
        if old and new and old * old + extra == here[-2] and new * new + extra == wanted[-2]:
            for mode in ("bicubic", "bilinear"):
                edit = InterpolatePositions(name, (old, old), (new, new), extra, mode)
                yield Resizing(edit, message("resize-positions", old=old, new=new, mode=mode))
            return


def _squeezed(shape: Shape) -> Shape:
    return tuple(size for size in shape if size != 1)
