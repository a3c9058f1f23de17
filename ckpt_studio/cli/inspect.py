"""`ckpt-studio inspect`: everything a file holds, without reading a tensor."""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from ckpt_studio.cli.loading import opened
from ckpt_studio.cli.main import DONE
from ckpt_studio.cli.output import Outcome, count, counted_tensors, printable, shape_text, table
from ckpt_studio.core.checkpoint import Checkpoint, Finding, StateDict
from ckpt_studio.core.discovery import describe_value, value_type, walk
from ckpt_studio.core.jobs import Progress
from ckpt_studio.core.tensor import Tensor
from ckpt_studio.core.tree import Path, Value, dotted
from ckpt_studio.wording.sizes import size

if TYPE_CHECKING:
    from ckpt_studio.core.statistics import Statistics

# Lists of names that share a storage are written out up to this size; in larger groups only for true twins.
_MOST_SHARED = 1000

_MOST_VALUES = 40

_NONE: list[str] = []


class _Row:
    """One tensor of the listing; slots, because there may be 100,000 of them."""

    __slots__ = ("holder", "name", "shared_with", "statistics", "tensor")

    def __init__(self, holder: StateDict | None, name: str, tensor: Tensor) -> None:
        self.holder = holder
        self.name = name
        self.tensor = tensor
        self.shared_with: list[str] = _NONE
        self.statistics: Statistics | None = None


def run(options: Namespace, progress: Progress) -> Outcome:
    """Lists FILE.

    Raises:
        StudioError: bad input.
    """
    checkpoint = opened(options, progress)
    rows, values = _contents(checkpoint)
    _find_shared(rows)
    if options.stats:
        _add_statistics(rows, progress)
    return Outcome(
        DONE,
        _body(options.file, checkpoint, rows, values) if options.json else {},
        _lines(checkpoint, rows, values, options.stats, options.quiet),
    )


def finding_body(finding: Finding) -> dict[str, Any]:
    """A finding as JSON."""
    return {"code": finding.code, "message": str(finding.message), "where": finding.where}


def _contents(checkpoint: Checkpoint) -> tuple[list[_Row], list[tuple[Path, Value]]]:
    """Every tensor of the file with the state dict that holds it, and every other leaf, in file order."""
    mappings = {sd.path: sd for sd in checkpoint if sd.kind == "mapping"}
    modules: dict[int, list[tuple[StateDict, str]]] = {}
    roots = [sd for sd in checkpoint if sd.kind == "module"]
    for state_dict in roots:
        for name, tensor in state_dict.tensors.items():
            modules.setdefault(id(tensor), []).append((state_dict, name))
    rows: list[_Row] = []
    values: list[tuple[Path, Value]] = []
    for path, value in walk(checkpoint.root):
        if type(value) is not Tensor:
            values.append((path, value))
            continue
        holder = mappings.get(path[:-1]) if path else None
        if holder is not None and holder.entries.get(str(path[-1])) is value:
            rows.append(_Row(holder, str(path[-1]), value))
        elif any(path[: len(sd.path)] == sd.path for sd in roots):
            # A whole module reaches its tensors by several ways; each name is listed once.
            rows.extend(_Row(sd, name, value) for sd, name in modules.pop(id(value), ()))
        else:
            rows.append(_Row(None, dotted(path), value))
    return rows, values


def _find_shared(rows: list[_Row]) -> None:
    by_storage: dict[int, list[_Row]] = {}
    for row in rows:
        by_storage.setdefault(id(row.tensor.storage), []).append(row)
    for group in by_storage.values():
        if len(group) < 2:
            continue
        parts = [group]
        if len(group) > _MOST_SHARED:
            twins: dict[tuple[int, int], list[_Row]] = {}
            for row in group:
                twins.setdefault(row.tensor.span(), []).append(row)
            parts = [part[:_MOST_SHARED] for part in twins.values()]
        for part in parts:
            for row in part:
                row.shared_with = [_name_for(other, row) for other in part if other is not row]


def _name_for(other: _Row, row: _Row) -> str:
    """The other's name, with its state dict's path where that is another one."""
    if other.holder is row.holder or other.holder is None:
        return other.name
    return dotted((*other.holder.path, other.name))


def _add_statistics(rows: list[_Row], progress: Progress) -> None:
    from ckpt_studio.core.statistics import statistics
    from ckpt_studio.errors import StudioError

    total, done = sum(row.tensor.nbytes for row in rows), 0
    for row in rows:
        progress.report(done, total)
        try:
            row.statistics = statistics(row.tensor, progress)
        except StudioError:
            row.statistics = None
        done += row.tensor.nbytes


def _body(file: str, checkpoint: Checkpoint, rows: list[_Row], values: list[tuple[Path, Value]]) -> dict[str, Any]:
    labels = {id(sd): sd.label for sd in checkpoint}
    return {
        "file": file,
        "format": checkpoint.source.format,
        "bytes": checkpoint.source.nbytes,
        "state_dicts": [
            {
                "path": sd.label,
                "tensors": len(sd.tensors),
                "parameters": sd.parameters,
                "bytes": sd.nbytes,
                "active": sd.path == checkpoint.active,
            }
            for sd in checkpoint
        ],
        "tensors": [_row_body(row, labels) for row in rows],
        "values": [
            {"path": dotted(path), "type": value_type(value), "value": describe_value(value)} for path, value in values
        ],
        "metadata": dict(checkpoint.metadata),
        "warnings": [finding_body(finding) for finding in checkpoint.warnings],
    }


def _row_body(row: _Row, labels: dict[int, str]) -> dict[str, Any]:
    tensor = row.tensor
    body: dict[str, Any] = {
        "state_dict": labels[id(row.holder)] if row.holder is not None else None,
        "name": row.name,
        "shape": list(tensor.shape),
        "dtype": tensor.dtype.name,
        "device": tensor.device,
        "bytes": tensor.nbytes,
        "shared_with": row.shared_with,
    }
    if row.statistics is not None:
        body["stats"] = row.statistics.to_json()
    return body


def _lines(
    checkpoint: Checkpoint, rows: list[_Row], values: list[tuple[Path, Value]], stats: bool, quiet: bool
) -> Iterator[str]:
    source = checkpoint.source
    yield printable(f"{source.path}  ({source.format}, {size(source.nbytes)})")
    for state_dict in checkpoint:
        active = state_dict.path == checkpoint.active
        mark = "*" if active and len(checkpoint.state_dicts) > 1 else " "
        total = f"{counted_tensors(len(state_dict.tensors))}, {count(state_dict.parameters)} elements"
        yield printable(f"{mark} {state_dict.label or 'state dict'}: {total}, {size(state_dict.nbytes)}")
    if not checkpoint.state_dicts:
        yield "  no state dict found"
    listed = [row for row in rows if row.holder is not None and row.holder.path == checkpoint.active]
    others = [row for row in rows if row.holder is None]
    if listed:
        yield ""
        yield from _tensor_table(listed, stats)
    if others:
        yield ""
        yield f"tensors outside state dicts: {count(len(others))}"
        yield from _tensor_table(others[:_MOST_VALUES], stats)
        if len(others) > _MOST_VALUES:
            yield f"  … and {count(len(others) - _MOST_VALUES)} more (--json lists all)"
    if values:
        yield ""
        yield "other contents"
        shown = [(dotted(path), value_type(value), _shortened(describe_value(value))) for path, value in values]
        yield from table(shown[:_MOST_VALUES])
        if len(shown) > _MOST_VALUES:
            yield f"  … and {count(len(shown) - _MOST_VALUES)} more (--json lists all)"
    if checkpoint.metadata:
        yield ""
        yield "metadata"
        yield from table([(key, _shortened(value)) for key, value in checkpoint.metadata.items()])
    if checkpoint.warnings and not quiet:
        yield ""
        for finding in checkpoint.warnings:
            yield printable(f"{finding.severity}: {finding.message}")


def _tensor_table(rows: list[_Row], stats: bool) -> list[str]:
    head = ["name", "shape", "dtype", "device", "size", *(("min", "max", "mean", "std", "notes") if stats else ())]
    cells = [head]
    for row in rows:
        tensor = row.tensor
        line = [row.name, shape_text(tensor.shape), tensor.dtype.name, tensor.device or "-", size(tensor.nbytes)]
        if stats and row.statistics is not None:
            line += row.statistics.cells()
        cells.append(line)
    return table(cells, ("<", ">", "<", "<", ">", ">", ">", ">", ">"))


def _shortened(text: str) -> str:
    return text if len(text) <= 100 else text[:99] + "…"
