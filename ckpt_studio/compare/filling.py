"""The edits that give a checkpoint what a model misses: counters at once, the rest from the model's own start."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from dataclasses import replace

from ckpt_studio.compare.report import LoadReport
from ckpt_studio.core.edits import AddConstant, Edit, FillMissing, TieTensors, UpdateFrom
from ckpt_studio.core.edits.completing import missing_counters
from ckpt_studio.core.jobs import SILENT, Progress
from ckpt_studio.models.host.client import HostModel
from ckpt_studio.models.interpreters import default_interpreter
from ckpt_studio.models.reference import CheckpointReference, Reference, parse_reference
from ckpt_studio.models.resolve import AllowCode, ResolvedModel, resolve
from ckpt_studio.models.skeleton import Skeleton


def fill_missing(
    report: LoadReport,
    model: ResolvedModel,
    values_path: str,
    *,
    seed: int = 0,
    names: Sequence[str] | None = None,
    interpreter: str | None = None,
    progress: Progress = SILENT,
) -> list[Edit]:
    """The edits that add what the report says is missing; [] when nothing is.

    BatchNorm's counters are zeros and need no model; a tensor that the model ties to one that is there becomes its
    second name (a fresh value would overwrite the trained one when it is loaded); another checkpoint as the model
    gives its own tensors; everything else is the model's initialisation after `torch.manual_seed(seed)`, computed in
    the host.

    Args:
        report: of the checkpoint against the model.
        values_path: where the host writes the values (safetensors); it must stay until the export is done.
        names: only these of the missing ones.
        interpreter: the Python to ask when the model has no host yet; None chooses.

    Raises:
        Cancelled, ModelError: as `models.resolve.resolve`.
    """
    missing = [row.name for row in report.with_status("missing")]
    if names is not None:
        wanted = set(names)
        missing = [name for name in missing if name in wanted]
    counters = missing_counters(missing)
    edits: list[Edit] = [AddConstant(counters)] if counters else []
    ties = _ties(report, model.skeleton, missing)
    if ties:
        edits.append(TieTensors(tuple((old, name) for name, old in ties.items())))
    rest = tuple(name for name in missing if name not in counters and name not in ties)
    if not rest:
        return edits
    reference = model.reference
    if isinstance(reference, CheckpointReference):
        return [*edits, UpdateFrom(reference.path, reference.state_dict, rest, replace=False)]
    _initialise(reference, model.host_model, rest, seed, values_path, interpreter, progress)
    return [*edits, FillMissing(values_path, rest, str(reference), seed)]


def _ties(report: LoadReport, skeleton: Skeleton, missing: Sequence[str]) -> dict[str, str]:
    """Missing name -> name in the checkpoint of the tensor that the model ties it to."""
    there = {row.name: row.checkpoint_name or row.name for row in report.matched}
    leaders = {entry.name: entry.tied_to or entry.name for entry in skeleton.entries}
    groups: dict[str, str] = {}
    for name, leader in leaders.items():
        if name in there:
            groups.setdefault(leader, there[name])
    pairs = [(groups.get(leaders.get(name, name)), name) for name in missing]
    return {name: old for old, name in pairs if old is not None}


class FreshValues:
    """Makes a model's fresh values again where the file that held them is gone: a recipe outlives that file.

    Each of them once, with the model and the seed that the recipe names.

    Args:
        place: where the values of an edit go (safetensors); what is there already is taken as it is.
        interpreter: the Python to build the models in; None chooses.
        allow_code: asked before a model's code is run (`models.resolve.resolve`); None: whoever calls has asked.
    """

    def __init__(
        self,
        place: Callable[[FillMissing], str],
        *,
        interpreter: str | None = None,
        allow_code: AllowCode | None = None,
    ) -> None:
        self._place = place
        self._interpreter = interpreter
        self._allow_code = allow_code
        self._made: dict[FillMissing, FillMissing] = {}

    def present(self, edit: Edit, progress: Progress = SILENT) -> Edit:
        """The edit, with values that exist; also where it is done to a file that another edit takes from.

        Raises:
            Cancelled, ModelError: as `models.resolve.resolve`.
        """
        if isinstance(edit, UpdateFrom) and edit.edits:
            return replace(edit, edits=tuple(self.present(inner, progress) for inner in edit.edits))
        if not isinstance(edit, FillMissing) or not edit.reference or os.path.exists(edit.path):
            return edit
        if edit not in self._made:
            path = self._place(edit)
            if not os.path.exists(path):
                reference = parse_reference(edit.reference)
                _initialise(reference, None, edit.names, edit.seed, path, self._interpreter, progress, self._allow_code)
            self._made[edit] = replace(edit, path=path)
        return self._made[edit]


def _initialise(
    reference: Reference,
    host_model: HostModel | None,
    names: Sequence[str],
    seed: int,
    path: str,
    interpreter: str | None,
    progress: Progress,
    allow_code: AllowCode | None = None,
) -> None:
    if host_model is not None:
        host_model.client.initial_values(host_model, names, seed, path, progress)
        return
    # The catalog knows shapes, not values: naming an interpreter makes `resolve` build the model.
    python = interpreter or default_interpreter()
    built = resolve(reference, interpreter=python, progress=progress, allow_code=allow_code)
    try:
        assert built.host_model is not None
        built.host_model.client.initial_values(built.host_model, names, seed, path, progress)
    finally:
        built.close()
