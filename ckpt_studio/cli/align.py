"""`ckpt-studio align`: which tensor of a checkpoint is which of a model whose names differ."""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Iterator

from ckpt_studio.cli.loading import opened, resolved_model
from ckpt_studio.cli.main import DONE
from ckpt_studio.cli.output import Outcome, count, counted_tensors, grouped, printable, shape_text, table
from ckpt_studio.compare.align import Alignment, align
from ckpt_studio.core.jobs import Progress

_MOST = 40


def run(options: Namespace, progress: Progress) -> Outcome:
    """Maps FILE's names to the model's.

    Raises:
        StudioError: bad input.
    """
    checkpoint = opened(options, progress)
    with resolved_model(options, progress) as model:
        found = align(checkpoint.active_state_dict, model.skeleton, progress)
    # The contract knows names and reshapes only; what is split, joined or transposed stands with what is left over
    # there, in words in the text, and exactly in the recipe of `export --align --save-recipe`.
    told = [pair for pair in found.pairs if pair.transform in (None, "reshape")]
    made = [pair for pair in found.pairs if pair.transform not in (None, "reshape")]
    used = {pair.source for pair in told}
    sources = dict.fromkeys(name for pair in made for name in pair.sources if name not in used)
    body = {
        "mapping": [
            {
                "source": pair.source,
                "target": pair.target,
                "confidence": pair.confidence,
                "transform": pair.transform,
            }
            for pair in told
        ],
        "unmatched_source": [*found.unmatched_source, *sources],
        "unmatched_target": [*found.unmatched_target, *(pair.target for pair in made)],
    }
    return Outcome(DONE, body, _lines(options, found))


def _lines(options: Namespace, found: Alignment) -> Iterator[str]:
    yield printable(f"{options.file} to {options.model}: {counted_tensors(len(found.pairs))} mapped")
    changed = [rule for rule in found.rules if any(pair.source != pair.target or pair.transform for pair in rule.pairs)]
    if changed:
        yield ""
        rows = [
            (rule.source, "→", rule.target, f"({count(len(rule.pairs))})", f"{rule.confidence:.0%}", str(rule.evidence))
            for rule in changed
        ]
        yield from table(rows, ("<", "<", "<", ">", ">"))
    reshaped = [pair for pair in found.pairs if pair.shape is not None]
    if reshaped:
        yield ""
        yield "reshaped"
        yield from table([(pair.source_text, "→", shape_text(pair.shape)) for pair in reshaped])
    if found.unsure and not options.quiet:
        yield ""
        yield f"look at these before you use them ({count(len(found.unsure))} are unsure)"
        yield from table(
            [(pair.source_text, "→", pair.target, f"{pair.confidence:.0%}") for pair in found.unsure[:_MOST]]
        )
        if len(found.unsure) > _MOST:
            yield f"  … and {count(len(found.unsure) - _MOST)} more (--json lists all)"
    for title, names in (
        ("left over in the file", found.unmatched_source),
        ("left over in the model", found.unmatched_target),
    ):
        if names:
            yield ""
            yield title
            yield from table(
                [(text, f"({count(len(some))})" if len(some) > 1 else "") for text, some in grouped(names)]
            )
