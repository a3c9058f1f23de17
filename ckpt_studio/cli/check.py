"""`ckpt-studio check`: is a file safe, whole and healthy."""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Iterator, Sequence

from ckpt_studio.cli.inspect import finding_body
from ckpt_studio.cli.loading import opened
from ckpt_studio.cli.main import ANSWER_IS_NO, DONE
from ckpt_studio.cli.output import Outcome, count, counted_tensors, printable
from ckpt_studio.core.checkpoint import Finding, code_inside
from ckpt_studio.core.checks import check_health
from ckpt_studio.core.jobs import Progress
from ckpt_studio.errors import FormatError
from ckpt_studio.formats.container_checks import check_container

_ORDER = {"danger": 0, "warning": 1, "note": 2}
_MOST = 12

# What torch.load would run, in a line.
_SAFETY = {
    "none": "safe: no code in this file",
    "known": "safe: torch.load would run code of well-known libraries, and no other",
    "program": "a program: PyTorch runs what is in this file when the model is used; nothing else in it is code",
    "unknown": "not known to be safe: torch.load would run code that cannot be judged here",
    "harmful": "NOT SAFE: do not open this file with torch.load",
}


def run(options: Namespace, progress: Progress) -> Outcome:
    """Checks FILE; the answer is "no" when there is more to say than notes.

    Raises:
        StudioError: bad input.
    """
    try:
        checkpoint = opened(options, progress)
    except FormatError as error:
        code = _damage(error)
        if code is None:
            raise
        # Nobody can tell what a file would run that cannot be read to its end.
        return _outcome([Finding(code, "warning", error.message)], False, 0, options)
    values = check_health(checkpoint, progress)
    findings = [*checkpoint.warnings, *check_container(checkpoint, progress), *values]
    safe = all(finding.severity != "danger" for finding in findings)
    tensors = sum(len(state_dict.tensors) for state_dict in checkpoint)
    return _outcome(findings, safe, tensors, options)


def _damage(error: FormatError) -> str | None:
    """The finding's code for a file that is a damaged checkpoint, not bad input: the very thing that is asked about."""
    code = error.code
    if code == "truncated" or "cut-short" in code:
        return "truncated"
    if code.endswith("damaged") or code.startswith(("legacy-", "safetensors-", "record-", "zip-headers")):
        return "corrupt"
    return None


def _outcome(findings: Sequence[Finding], safe: bool, tensors: int, options: Namespace) -> Outcome:
    body = {
        "safe": safe,
        "findings": [{**finding_body(finding), "severity": finding.severity} for finding in findings],
        "tensors": tensors,
    }
    serious = any(finding.severity != "note" for finding in findings)
    return Outcome(ANSWER_IS_NO if serious else DONE, body, _lines(findings, safe, tensors, options))


def _lines(findings: Sequence[Finding], safe: bool, tensors: int, options: Namespace) -> Iterator[str]:
    yield printable(options.file)
    inside = code_inside(findings)
    if safe or inside == "harmful":
        yield f"  {_SAFETY[inside]}"
        yield f"  {counted_tensors(tensors)} in state dicts"
    else:
        yield "  damaged: what torch.load would run cannot be told from what is left of the file"
    shown: dict[tuple[str, str], int] = {}
    for finding in sorted(findings, key=lambda item: _ORDER[item.severity]):
        if options.quiet and finding.severity == "note":
            continue
        kind = (finding.severity, finding.code)
        shown[kind] = shown.get(kind, 0) + 1
        if shown[kind] <= _MOST:
            yield printable(f"{finding.severity}: {finding.message}")
    for (severity, code), number in shown.items():
        if number > _MOST:
            yield f"{severity}: {code}: {count(number - _MOST)} more (--json lists all)"
    if not findings:
        yield "  nothing to report"
