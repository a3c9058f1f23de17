"""The load report: what `load_state_dict(strict=True)` would say, name by name."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from types import MappingProxyType
from typing import Literal, NamedTuple

from ckpt_studio.core.jobs import gradually
from ckpt_studio.errors import Message

Status = Literal["matched", "mismatched", "missing", "unexpected"]


class Row(NamedTuple):
    """One line of the report; a tuple, because a report of 100,000 names is made anew after every edit.

    Attributes:
        status: the verdict for this name.
        name: the model's name (for unexpected: the checkpoint's).
        checkpoint_name: the name in the checkpoint, when it has one. It differs from `name` only where
            the model's own loading code renames old keys (a hook).
        checkpoint_shape, model_shape: sizes per axis, None on the side that lacks the tensor.
        checkpoint_dtype, model_dtype: torch names; a difference is a note, not a failure.
        note: why a row is better than it looks ("filled by BatchNorm itself"), or None.
    """

    status: Status
    name: str
    checkpoint_name: str | None = None
    checkpoint_shape: tuple[int, ...] | None = None
    model_shape: tuple[int, ...] | None = None
    checkpoint_dtype: str | None = None
    model_dtype: str | None = None
    note: Message | None = None


@dataclass(frozen=True)
class LoadReport:
    """The verdict and its reasons.

    Attributes:
        loads_strict: whether `load_state_dict(strict=True)` succeeds.
        rows: the model's names in the model's order, then the unexpected ones in the checkpoint's order.
        judge: "torch" when the host ran the real `load_state_dict`, "rules" when our rules decided
            (they give the same verdict where the skeleton says no custom loading code is involved).
        notes: what was forgiven or is worth knowing (dtype differences, BatchNorm, hooks).
        errors: torch's own further complaints (extra state, hook errors), word for word.
    """

    loads_strict: bool
    rows: tuple[Row, ...]
    judge: Literal["torch", "rules"] = "rules"
    notes: tuple[Message, ...] = ()
    errors: tuple[str, ...] = ()
    details: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))

    @cached_property
    def statuses(self) -> Mapping[str, Status]:
        """Name in the checkpoint -> its verdict; the missing ones have none there."""
        return {row.checkpoint_name: row.status for row in gradually(self.rows) if row.checkpoint_name is not None}

    @cached_property
    def matched(self) -> tuple[Row, ...]:
        """The rows that the file's tensors match; without those that BatchNorm fills itself ("row-filled")."""
        return tuple(
            row
            for row in gradually(self.rows)
            if row.status == "matched" and (row.note is None or row.note.code != "row-filled")
        )

    def with_status(self, status: Status) -> tuple[Row, ...]:
        """The rows of one status, in order."""
        return tuple(row for row in gradually(self.rows) if row.status == status)
