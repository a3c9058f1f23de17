"""The verdict about a checkpoint and a model: by our rules where they are exact, by torch itself where not."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Any

from ckpt_studio.compare.report import LoadReport, Row
from ckpt_studio.compare.rules import can_decide, report_by_rules, summary_notes
from ckpt_studio.core.checkpoint import StateDict
from ckpt_studio.core.jobs import SILENT, Progress
from ckpt_studio.core.tensor import Tensor
from ckpt_studio.errors import Message, message
from ckpt_studio.models.resolve import ResolvedModel
from ckpt_studio.models.skeleton import Skeleton


def compare(state_dict: StateDict, resolved: ResolvedModel, progress: Progress = SILENT) -> LoadReport:
    """What torch's `load_state_dict(strict=True)` says about `state_dict` and the model. Reads no tensor bytes.

    Where the model has loading code of its own, the host calls the real one. A catalog's model without a host,
    for which our rules do not suffice, is judged by them anyway and the report says so in its notes.

    Raises:
        Cancelled: by `progress`.
        ModelError: the host could not answer.
    """
    if can_decide(state_dict, resolved.skeleton):
        return report_by_rules(state_dict, resolved.skeleton)
    if resolved.host_model is not None:
        verdict = resolved.host_model.verdict(state_dict, progress)
        return report_of(verdict, state_dict, resolved.skeleton)
    report = report_by_rules(state_dict, resolved.skeleton)
    notes = (*report.notes, message("note-not-torch", classes=", ".join(_custom_classes(resolved.skeleton))))
    return LoadReport(report.loads_strict, report.rows, "rules", notes, report.errors)


def _custom_classes(skeleton: Skeleton) -> Iterable[str]:
    return dict.fromkeys(module.cls.rpartition(".")[2] for module in skeleton.modules if module.custom_loading)


def report_of(verdict: Mapping[str, Any], state_dict: StateDict, skeleton: Skeleton) -> LoadReport:
    """The report of what the host's torch said (`HostClient.verdict`)."""
    entries = state_dict.entries
    missing, mismatched = set(verdict["missing"]), set(verdict["mismatched"])
    renamed: Mapping[str, str] = verdict["renamed"]
    made = set(verdict["made"])
    owners = {entry.name: entry.owner for entry in skeleton.entries}
    rows: list[Row] = []
    used: set[str] = set()
    casts: dict[tuple[str, str], int] = {}
    filled = 0
    for entry in skeleton.entries:
        name = entry.name
        origin: str | None = renamed.get(name, name)
        tensor = entries.get(origin) if origin is not None else None
        note: Message | None = message("row-renamed") if name in renamed else None
        if origin not in entries or (name in made and name not in renamed):
            origin = None
        if origin is not None:
            used.add(origin)
        shape = tensor.shape if origin is not None and type(tensor) is Tensor else None
        dtype = tensor.dtype.name if origin is not None and type(tensor) is Tensor else None
        if name in mismatched:
            # A value that the model's own code made has no counterpart in the file to show.
            rows.append(Row("mismatched", name, origin, shape, entry.shape, dtype, entry.dtype, note))
        elif name in missing:
            if verdict["ok"]:
                note = message("row-forgiven")
            rows.append(Row("missing", name, None, None, entry.shape, None, entry.dtype, note))
        elif origin is None:
            if not verdict["completed"] and name not in made:
                rows.append(Row("missing", name, None, None, entry.shape, None, entry.dtype))
                continue
            is_norm = name.endswith("num_batches_tracked") and "Norm" in owners[name]
            filled += is_norm
            note = message("row-filled") if is_norm else message("row-made")
            rows.append(Row("matched", name, None, None, entry.shape, None, entry.dtype, note))
        else:
            if dtype is not None and dtype != entry.dtype:
                casts[dtype, entry.dtype] = casts.get((dtype, entry.dtype), 0) + 1
            rows.append(Row("matched", name, origin, shape, entry.shape, dtype, entry.dtype, note))
    unexpected = {origin: name for name, origin in verdict["unexpected"]}
    missing_odd = [name for name in verdict["missing"] if name not in owners]
    swallowed = 0
    for name, value in entries.items():
        if name in unexpected or (not verdict["completed"] and name not in used):
            note = message("row-forgiven") if verdict["ok"] else None
            is_tensor = type(value) is Tensor
            rows.append(
                Row(
                    "unexpected", name, name,
                    value.shape if is_tensor else None, None, value.dtype.name if is_tensor else None, None, note,
                )
            )  # fmt: skip
        elif name not in used:
            swallowed += 1
    # What torch misses but no tensor stands for: extra state, packed parameters.
    rows.extend(Row("missing", name) for name in missing_odd)
    notes = list(summary_notes(casts, filled, len(renamed), 0, 0))
    if swallowed:
        notes.append(message("note-swallowed", count=swallowed))
    details = {key: str(verdict[key]) for key in ("text", "details") if verdict.get(key)}
    return LoadReport(
        bool(verdict["ok"]), tuple(rows), "torch", tuple(notes), tuple(verdict["errors"]), MappingProxyType(details)
    )
