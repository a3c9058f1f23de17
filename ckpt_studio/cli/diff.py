"""`ckpt-studio diff`: two checkpoints, value by value."""

from __future__ import annotations

import math
from argparse import Namespace
from collections.abc import Iterator
from typing import Any

from ckpt_studio.cli.loading import opened
from ckpt_studio.cli.main import ANSWER_IS_NO, DONE
from ckpt_studio.cli.output import Outcome, count, grouped, printable, shape_text, table
from ckpt_studio.compare.difference import Change, Difference, difference
from ckpt_studio.core.jobs import Progress
from ckpt_studio.errors import StudioError

_MOST = 40


def run(options: Namespace, progress: Progress) -> Outcome:
    """Compares FILE with OTHER; the answer is "no" when anything differs.

    Raises:
        StudioError: bad input.
    """
    first = opened(options, progress).active_state_dict
    other = Namespace(**{**vars(options), "file": options.other})
    try:
        second = opened(other, progress).active_state_dict
    except StudioError as error:
        if options.state_dict is None or error.code != "unknown-state-dict":
            raise
        # The path names one of FILE's; OTHER may hold the weights somewhere else.
        second = opened(Namespace(**{**vars(other), "state_dict": None}), progress).active_state_dict
    found = difference(first, second, progress)
    body = {
        "identical": found.identical,
        "only_in_first": list(found.only_in_first),
        "only_in_second": list(found.only_in_second),
        "changed": [_change_body(change) for change in found.changed],
        "equal": found.equal,
    }
    return Outcome(DONE if found.identical else ANSWER_IS_NO, body, _lines(options, found))


def _change_body(change: Change) -> dict[str, Any]:
    return {
        "name": change.name,
        "max_abs": _finite(change.max_abs),
        "rel_l2": _finite(change.rel_l2),
        "cosine": _finite(change.cosine),
        "shape_first": list(change.first.shape),
        "shape_second": list(change.second.shape),
        "dtype_first": change.first.dtype.name,
        "dtype_second": change.second.dtype.name,
    }


def _finite(number: float | None) -> float | None:
    return number if number is not None and math.isfinite(number) else None


def _lines(options: Namespace, found: Difference) -> Iterator[str]:
    yield printable(f"{options.file} and {options.other}")
    verdict = "identical" if found.identical else "different"
    yield (
        f"{verdict}: {count(found.equal)} equal, {count(len(found.changed))} changed, "
        f"{count(len(found.only_in_first))} only in the first, {count(len(found.only_in_second))} only in the second"
    )
    if found.changed:
        yield ""
        rows = [("changed, the most first", "rel. L2", "max abs", "cosine", "")]
        for change in found.changed[:_MOST]:
            what = []
            if change.first.shape != change.second.shape:
                what.append(f"{shape_text(change.first.shape)} → {shape_text(change.second.shape)}")
            if change.first.dtype is not change.second.dtype:
                what.append(f"{change.first.dtype} → {change.second.dtype}")
            numbers = [_number(change.rel_l2), _number(change.max_abs), _number(change.cosine)]
            rows.append((change.name, numbers[0], numbers[1], numbers[2], ", ".join(what)))
        yield from table(rows, ("<", ">", ">", ">"))
        if len(found.changed) > _MOST:
            yield f"  … and {count(len(found.changed) - _MOST)} more (--json lists all)"
    for title, names in (("only in the first", found.only_in_first), ("only in the second", found.only_in_second)):
        if names:
            yield ""
            yield title
            yield from table(
                [(text, f"({count(len(some))})" if len(some) > 1 else "") for text, some in grouped(names)]
            )


def _number(value: float | None) -> str:
    return "-" if value is None else f"{value:.4g}"
