"""Edits that would bring a checkpoint closer to a model, each tried out before it is offered."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ckpt_studio.compare.prefix_change import tails
from ckpt_studio.compare.report import LoadReport
from ckpt_studio.compare.rules import can_decide, outcome_by_rules
from ckpt_studio.compare.verdict import compare
from ckpt_studio.core.checkpoint import Checkpoint
from ckpt_studio.core.edits import (
    AddPrefix,
    Edit,
    Pop,
    RegexRename,
    RenameGroup,
    RenameTensor,
    RenameTensors,
    StripPrefix,
)
from ckpt_studio.core.jobs import SILENT, Progress, gradually
from ckpt_studio.core.prefixes import detected_prefixes
from ckpt_studio.errors import EditError, Message, message
from ckpt_studio.models.resolve import ResolvedModel

MOST = 6
# Evidence is gathered from so many names at most: prefixes and patterns show in any few hundred.
_SAMPLE = 2000
_MOST_ASKED = 20
# A renaming that puts less than this part of what is left in place does so by accident.
_LEAST_GAIN = 20

# Last components of names that other libraries and older versions write, and PyTorch's.
_ENDS: Mapping[str, tuple[str, ...]] = {
    "gamma": ("weight",),
    "beta": ("bias",),
    "kernel": ("weight",),
    "moving_mean": ("running_mean",),
    "moving_var": ("running_var",),
    "moving_variance": ("running_var",),
    "w": ("weight",),
    "b": ("bias",),
    "embeddings": ("weight",),
    "scale": ("weight",),
}
_SEPARATORS = ((r"\.", "."), ("", ""), ("_", "_"))


@dataclass(frozen=True)
class Suggestion:
    """One edit worth offering.

    Attributes:
        title: what it does and what it brings, in words.
        edit: the edit itself.
        matched_after: how many tensors of the file match (`LoadReport.matched`) once it is applied.
    """

    title: Message
    edit: Edit
    matched_after: int


_Title = Callable[[int], Message]


def suggest(
    checkpoint: Checkpoint, resolved: ResolvedModel, report: LoadReport, progress: Progress = SILENT
) -> list[Suggestion]:
    """Edits of the active state dict that help, best first; empty when it loads strictly already.

    Each was applied and compared: renaming ones are offered only when more tensors match afterwards, popping
    ones when most of the model matches already. What takes two steps shows step by step.

    Args:
        checkpoint: as edited so far.
        resolved: the model.
        report: of comparing both (`compare.verdict.compare`).
        progress: polled.

    Raises:
        Cancelled: by `progress`.
        ModelError: the host could not answer.
    """
    if report.loads_strict:
        return []
    now = len(report.matched)
    skeleton = resolved.skeleton
    total = len(skeleton.entries)
    exact = can_decide(checkpoint.active_state_dict, skeleton)
    ranked: list[tuple[int, int, int, Edit, _Title]] = []
    seen: set[tuple[str, ...]] = {tuple(checkpoint.active_state_dict.entries)}
    for order, (edit, title) in enumerate(_renames(checkpoint, resolved, report)):
        progress.check()
        try:
            state_dict = edit.apply(checkpoint).active_state_dict
        except EditError:
            continue
        names = tuple(state_dict.entries)
        if names in seen:
            continue
        seen.add(names)
        matched, failing = outcome_by_rules(state_dict, skeleton)
        if not exact and len(ranked) < _MOST_ASKED:
            # Only torch knows what such a model accepts; with a host an answer takes milliseconds.
            verdict = compare(state_dict, resolved, progress)
            matched = len(verdict.matched)
            failing = len(verdict.rows) - len(verdict.with_status("matched"))
        if matched > now and (matched - now) * _LEAST_GAIN >= min(len(report.rows) - now, len(names)):
            ranked.append((-matched, failing, order, edit, title))
    ranked.sort(key=lambda item: item[:3])
    if ranked:
        # What brings far less than the best is mostly a part of it; if not, it is offered after that was applied.
        best = -ranked[0][0]
        ranked = [item for item in ranked if 2 * (-item[0] - now) >= best - now]
    suggestions = [Suggestion(title(-negative), edit, -negative) for negative, _, _, edit, title in ranked]
    return [*suggestions[: MOST - 1], *_pops(report, now, total)][:MOST]


def is_another_model(report: LoadReport, suggestions: Sequence[Suggestion]) -> bool:
    """Whether file and model have so little in common that the model is likely the wrong one.

    Few names fit, with any single suggestion too, and few of the model's matrices and kernels occur in the file at
    all, by their shapes: then mapping the names would not help either.
    """
    wanted = Counter(row.model_shape for row in gradually(report.rows) if row.model_shape is not None)
    held = Counter(row.checkpoint_shape for row in gradually(report.rows) if row.checkpoint_shape is not None)
    best = max([len(report.matched), *(suggestion.matched_after for suggestion in suggestions)])
    few = 5 * best < wanted.total() and 2 * best < held.total()
    # Vectors are too much alike to tell models apart.
    wanted, held = (Counter({s: n for s, n in side.items() if len(s) > 1}) for side in (wanted, held))
    return few and 2 * (wanted & held).total() < min(wanted.total(), held.total())


def _pops(report: LoadReport, now: int, total: int) -> Iterator[Suggestion]:
    """Popping what cannot be loaded; only where the rest of the file clearly belongs to the model.

    What has the shape of a missing tensor may be just that under another name: it is not offered to be popped.
    """
    mismatched = [row.checkpoint_name for row in gradually(report.with_status("mismatched")) if row.checkpoint_name]
    wanted = {row.model_shape for row in gradually(report.with_status("missing"))} - {None}
    unexpected = [row.name for row in gradually(report.with_status("unexpected")) if row.checkpoint_shape not in wanted]
    for names, code in ((unexpected, "suggest-pop-unexpected"), (mismatched, "suggest-pop-mismatched")):
        if names and now >= len(names):
            title = message(code, count=len(names), example=names[0], matched=now, total=total)
            yield Suggestion(title, Pop(tuple(dict.fromkeys(names))), now)


def _renames(checkpoint: Checkpoint, resolved: ResolvedModel, report: LoadReport) -> Iterator[tuple[Edit, _Title]]:
    state_dict = checkpoint.active_state_dict
    model_names = resolved.skeleton.by_name
    total = len(model_names)
    missing = [row.name for row in gradually(report.with_status("missing")) if row.name in model_names]
    unexpected = [row.name for row in gradually(report.with_status("unexpected"))]
    if not unexpected:
        return
    names = state_dict.entries

    def said(code: str, **fields: Any) -> _Title:
        return lambda matched: message(code, matched=matched, total=total, **fields)

    for found in detected_prefixes(state_dict):
        if not found.collisions:
            code = "suggest-strip-anywhere" if found.anywhere else "suggest-strip"
            yield StripPrefix(found.prefix, anywhere=found.anywhere), said(code, prefix=found.prefix)
    for prefix in _extra_heads(unexpected, model_names):
        yield StripPrefix(prefix), said("suggest-strip", prefix=prefix)
    for prefix in _extra_heads(missing, names):
        yield AddPrefix(prefix), said("suggest-add", prefix=prefix)
        some = tuple(
            name for name in gradually(unexpected) if prefix + name in model_names and prefix + name not in names
        )
        if some and len(some) < len(names):
            yield AddPrefix(prefix, some), said("suggest-add-some", prefix=prefix, count=len(some))
    for old, new in _moves(unexpected, missing):
        yield RenameGroup(old, new), said("suggest-move", old=old, new=new)
    for pattern, replacement, before, after in _patterns(unexpected, set(missing)):
        yield RegexRename(pattern, replacement), said("suggest-regex", old=before, new=after)
    pairs, words = _ends(unexpected, set(missing))
    if pairs:
        yield RenameTensors(pairs), said("suggest-ends", words=words)
    pairs = _only_ones(report)
    if len(pairs) == 1:
        yield RenameTensor(*pairs[0]), said("suggest-pair", old=pairs[0][0], new=pairs[0][1])
    elif pairs:
        yield RenameTensors(pairs), said("suggest-pairs", count=len(pairs), old=pairs[0][0], new=pairs[0][1])


def _only_ones(report: LoadReport) -> tuple[tuple[str, str], ...]:
    """(unexpected, missing) names that can only be meant for each other.

    They are the only ones of their shape and last component, such as "weight", and in as far as shapes tell
    ("bias" against "beta") the only ones of their shape.
    """
    pairs: list[tuple[str, str]] = []
    rows = [row for row in gradually(report.rows) if row.status in ("missing", "unexpected")]
    for by_end in (True, False):
        sides: dict[tuple[object, ...], tuple[list[str], list[str]]] = {}
        for row in gradually(rows):
            shape = row.model_shape if row.status == "missing" else row.checkpoint_shape
            # A single number, such as a count of batches, is like any other.
            if shape:
                end = row.name.rpartition(".")[2] if by_end else ""
                sides.setdefault((shape, end), ([], []))[row.status == "missing"].append(row.name)
        found = [(old[0], new[0]) for old, new in sides.values() if len(old) == len(new) == 1]
        taken = {name for pair in found for name in pair}
        rows = [row for row in gradually(rows) if row.name not in taken]
        pairs += found
    return tuple(pairs)


def _extra_heads(longer: list[str], shorter: Mapping[str, Any]) -> list[str]:
    """The heads that names of one side carry before names of the other, the most common three."""
    counts: Counter[str] = Counter()
    for name in longer[:_SAMPLE]:
        for head, tail in tails(name):
            if tail in shorter:
                counts[head] += 1
                break
    return [head for head, count in counts.most_common(3) if count > 1 or len(longer) < 4]


def _moves(unexpected: list[str], missing: list[str]) -> list[tuple[str, str]]:
    """(old group, new group) pairs without trailing dots under which the same names lie, the most common three."""
    by_tail: dict[str, list[str]] = {}
    for name in missing[:_SAMPLE]:
        for head, tail in tails(name):
            heads = by_tail.setdefault(tail, [])
            if len(heads) <= 8:
                heads.append(head)
    counts: Counter[tuple[str, str]] = Counter()
    for name in unexpected[:_SAMPLE]:
        for head, tail in tails(name):
            for other in by_tail.get(tail, ())[:8]:
                counts[head[:-1], other[:-1]] += 1
    # A group inside another that moves the same way adds nothing: the outermost of equal counts wins.
    best = sorted(counts.items(), key=lambda item: (-item[1], len(item[0][0])))
    return [pair for pair, count in best[:3] if count > 1]


def _patterns(unexpected: list[str], missing: set[str]) -> list[tuple[str, str, str, str]]:
    """(pattern, replacement, example before, after) for numbers joined differently: `norm.1.` against `norm1.`."""
    found: list[tuple[int, tuple[str, str, str, str]]] = []
    for separator, written in _SEPARATORS:
        # A word and its number; the number may end the component or the name.
        numbered = re.compile(rf"(?<![^.])([A-Za-z_]*[A-Za-z]){separator}(\d+)(?=\.|$)")
        for _, wanted in _SEPARATORS:
            if wanted == written:
                continue
            words: Counter[str] = Counter()
            examples: dict[str, tuple[str, str]] = {}
            for name in unexpected[:_SAMPLE]:
                matches = list(numbered.finditer(name))
                for chosen in _choices(name, matches, wanted):
                    if chosen[0] in missing:
                        words.update(chosen[1])
                        for word in chosen[1]:
                            examples.setdefault(word, (name, chosen[0]))
                        break
            if words:
                inside = "|".join(sorted(map(re.escape, words), key=lambda word: (-len(word), word)))
                pattern = rf"(?<![^.])({inside}){separator}(\d+)(?=\.|$)"
                example = examples[words.most_common(1)[0][0]]
                found.append((sum(words.values()), (pattern, rf"\1{wanted}\2", *example)))
    return [rule for _, rule in sorted(found, key=lambda item: -item[0])[:3]]


def _choices(name: str, matches: list[re.Match[str]], wanted: str) -> Iterator[tuple[str, list[str]]]:
    """(new name, words whose number was joined anew): one place at a time, then all of them."""
    for match in matches:
        yield name[: match.start()] + match[1] + wanted + match[2] + name[match.end() :], [match[1]]
    if len(matches) > 1:
        pieces, last = [], 0
        for match in matches:
            pieces += [name[last : match.start()], match[1], wanted, match[2]]
            last = match.end()
        yield "".join(pieces) + name[last:], [match[1] for match in matches]


def _ends(unexpected: Iterable[str], missing: set[str]) -> tuple[tuple[tuple[str, str], ...], str]:
    """Renames of last components to PyTorch's words, and those words."""
    pairs: list[tuple[str, str]] = []
    words: dict[str, str] = {}
    for name in gradually(unexpected):
        head, dot, end = name.rpartition(".")
        for new in _ENDS.get(end, ()):
            if head + dot + new in missing:
                pairs.append((name, head + dot + new))
                words[end] = new
    return tuple(pairs), ", ".join(f"{old} → {new}" for old, new in words.items())
