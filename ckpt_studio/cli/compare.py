"""`ckpt-studio compare`: torch's strict verdict, and the edits that would repair it."""

from __future__ import annotations

from argparse import Namespace
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any

from ckpt_studio.cli.loading import opened, resolved_model
from ckpt_studio.cli.main import ANSWER_IS_NO, DONE
from ckpt_studio.cli.output import Outcome, count, grouped, printable, shape_text, table
from ckpt_studio.compare.report import LoadReport, Row
from ckpt_studio.compare.suggest import Suggestion, suggest
from ckpt_studio.compare.verdict import compare
from ckpt_studio.core.checkpoint import Checkpoint
from ckpt_studio.core.edits import edit_to_json
from ckpt_studio.core.jobs import Progress

_MOST_PAIRS = 12


def run(options: Namespace, progress: Progress) -> Outcome:
    """Compares FILE with the model; the answer is "no" when strict loading would fail.

    Raises:
        StudioError: bad input.
    """
    checkpoint = opened(options, progress)
    with resolved_model(options, progress) as model:
        report = compare(checkpoint.active_state_dict, model, progress)
        suggestions = [] if report.loads_strict else suggest(checkpoint, model, report)
        title = model.skeleton.title
    status = DONE if report.loads_strict else ANSWER_IS_NO
    return Outcome(status, _body(report, suggestions), _lines(checkpoint, title, report, suggestions, options.quiet))


def _body(report: LoadReport, suggestions: Sequence[Suggestion]) -> dict[str, Any]:
    return {
        "loads_strict": report.loads_strict,
        "matched": [row.name for row in report.matched],
        "missing": [
            {"name": row.name, "shape": _shape(row.model_shape), "dtype": row.model_dtype}
            for row in report.with_status("missing")
        ],
        "unexpected": [
            {"name": row.name, "shape": _shape(row.checkpoint_shape), "dtype": row.checkpoint_dtype}
            for row in report.with_status("unexpected")
        ],
        "mismatched": [
            {
                "name": row.name,
                "checkpoint_shape": _shape(row.checkpoint_shape),
                "model_shape": _shape(row.model_shape),
            }
            for row in report.with_status("mismatched")
        ],
        "suggestions": [
            {"title": str(item.title), "edit": edit_to_json(item.edit), "matched_after": item.matched_after}
            for item in suggestions
        ],
    }


def _shape(shape: tuple[int, ...] | None) -> list[int] | None:
    return None if shape is None else list(shape)


def _lines(
    checkpoint: Checkpoint, title: str, report: LoadReport, suggestions: Sequence[Suggestion], quiet: bool
) -> Iterator[str]:
    label = checkpoint.active_state_dict.label
    place = f" · {label}" if label else ""
    yield printable(f"{checkpoint.source.path}{place}")
    yield printable(f"against {title}")
    yield ""
    verdict = "loads strictly" if report.loads_strict else "does not load strictly"
    counts = Counter(row.status for row in report.rows)
    yield (
        f"{verdict}: {count(len(report.matched))} matched, {count(counts['mismatched'])} of another size, "
        f"{count(counts['missing'])} missing, {count(counts['unexpected'])} unexpected"
    )
    mismatched = report.with_status("mismatched")
    if mismatched:
        yield ""
        yield "another size (checkpoint → model)"
        rows = [(row.name, shape_text(row.checkpoint_shape), "→", shape_text(row.model_shape)) for row in mismatched]
        yield from table(rows, ("<", ">", "<", "<"))
    for rows_of, words in (
        (report.with_status("missing"), "missing (the model has them, the file has not)"),
        (report.with_status("unexpected"), "unexpected (the file has them, the model has not)"),
    ):
        if rows_of:
            yield ""
            yield words
            yield from _groups(rows_of)
    alike = likely_pairs(report)
    if alike:
        yield ""
        yield "probably the same under other names (longest common ending first)"
        yield from table([(old, "→", new, f"({count(number)})") for old, new, number in alike[:_MOST_PAIRS]])
    for error in report.errors:
        yield printable(f"torch says: {error}")
    if quiet:
        return
    if report.notes:
        yield ""
        yield from (printable(f"note: {note}") for note in report.notes)
    if suggestions:
        yield ""
        yield "what would help"
        yield from (printable(f"  {item.title}") for item in suggestions)


def likely_pairs(report: LoadReport) -> list[tuple[str, str, int]]:
    """Unexpected and missing names of one shape with a common dotted ending, folded by what comes before it.

    Returns:
        (pattern in the file, pattern in the model, how many), those with the longest endings first.
    """
    by_ending: dict[tuple[object, ...], list[str]] = {}
    for row in report.with_status("missing"):
        parts = row.name.split(".")
        for start in range(len(parts)):
            by_ending.setdefault((row.model_shape, *parts[start:]), []).append(row.name)
    taken: set[str] = set()
    folds: dict[tuple[str, str], list[int]] = {}
    for row in report.with_status("unexpected"):
        parts = row.name.split(".")
        # A last component alone ("weight") says nothing.
        for start in range(len(parts) - 1):
            free = [name for name in by_ending.get((row.checkpoint_shape, *parts[start:]), ()) if name not in taken]
            if len(free) != 1:
                continue
            taken.add(free[0])
            ending = ".".join(parts[start:])
            key = (f"{row.name[: -len(ending)]}*", f"{free[0][: -len(ending)]}*")
            folds.setdefault(key, []).append(len(parts) - start)
            break
    order = sorted(folds.items(), key=lambda item: (-max(item[1]), -len(item[1])))
    return [(old, new, len(endings)) for (old, new), endings in order]


def _groups(rows: Sequence[Row]) -> list[str]:
    """Names folded (`layer1.0.{conv1,conv2}.weight`), with the shape where all of a group share it."""
    place = {row.name: k for k, row in enumerate(rows)}
    by_shape: dict[str, list[str]] = {}
    for row in rows:
        by_shape.setdefault(shape_text(row.model_shape or row.checkpoint_shape), []).append(row.name)
    lines = [
        (min(place[name] for name in names), text, shape, f"({count(len(names))})" if len(names) > 1 else "")
        for shape, of_shape in by_shape.items()
        for text, names in grouped(of_shape)
    ]
    return table([line[1:] for line in sorted(lines)])
