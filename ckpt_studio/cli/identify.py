"""`ckpt-studio identify`: which known architecture a checkpoint is of."""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Iterator, Sequence

from ckpt_studio.cli.loading import opened
from ckpt_studio.cli.main import ANSWER_IS_NO, DONE
from ckpt_studio.cli.output import Outcome, count, printable, table
from ckpt_studio.compare.identify import Candidate, identify
from ckpt_studio.core.edits import edit_to_json
from ckpt_studio.core.jobs import Progress


def run(options: Namespace, progress: Progress) -> Outcome:
    """Names the architectures FILE may be of; the answer is "no" when none comes into question.

    Raises:
        StudioError: bad input.
    """
    state_dict = opened(options, progress).active_state_dict
    candidates = identify(state_dict, top=options.top)
    body = {
        "candidates": [
            {
                "model": candidate.reference,
                "score": candidate.score,
                "matched": candidate.matched,
                "missing": candidate.missing,
                "unexpected": candidate.unexpected,
                "mismatched": candidate.mismatched,
                "after": [edit_to_json(edit) for edit in candidate.after],
            }
            for candidate in candidates
        ]
    }
    return Outcome(DONE if candidates else ANSWER_IS_NO, body, _lines(options, candidates))


def _lines(options: Namespace, candidates: Sequence[Candidate]) -> Iterator[str]:
    yield printable(options.file)
    if not candidates:
        yield "  no known architecture"
        return
    head = ("model", "score", "matched", "missing", "unexpected", "other size")
    rows = [head]
    for item in candidates:
        numbers = (item.matched, item.missing, item.unexpected, item.mismatched)
        rows.append((item.reference, f"{item.score:.0%}", *(count(number) for number in numbers)))  # type: ignore[arg-type]
    yield from table(rows, ("<", ">", ">", ">", ">", ">"))
    if not options.quiet:
        yield printable(f"  {candidates[0].reason}")
        for edit in candidates[0].after:
            yield printable(f"  after: {edit.describe()}")
