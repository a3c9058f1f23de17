"""`ckpt-studio align`: which tensor of a checkpoint is which of a model whose names differ."""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Iterator

from ckpt_studio.cli.loading import opened, resolved_model
from ckpt_studio.cli.main import DONE
from ckpt_studio.cli.output import Outcome, count, grouped, printable, table
from ckpt_studio.compare.align import Alignment, align
from ckpt_studio.core.edits import Edit, RenameTensors, Reshape
from ckpt_studio.core.jobs import Progress
from ckpt_studio.models.skeleton import Skeleton


def run(options: Namespace, progress: Progress) -> Outcome:
    """Maps FILE's names to the model's.

    Raises:
        StudioError: bad input.
    """
    checkpoint = opened(options, progress)
    with resolved_model(options, progress) as model:
        found = align(checkpoint.active_state_dict, model.skeleton, progress)
    body = {
        "mapping": [
            {"source": pair.source, "target": pair.target, "confidence": pair.confidence, "transform": pair.transform}
            for pair in found.pairs
        ],
        "unmatched_source": list(found.unmatched_source),
        "unmatched_target": list(found.unmatched_target),
    }
    return Outcome(DONE, body, _lines(options, found))


def alignment_edits(found: Alignment, skeleton: Skeleton) -> list[Edit]:
    """The edits that an alignment comes to: one renaming, then the reshapes; [] when all names fit already."""
    pairs = tuple((pair.source, pair.target) for pair in found.pairs if pair.source != pair.target)
    result: list[Edit] = [RenameTensors(pairs)] if pairs else []
    result += [
        Reshape(pair.target, skeleton.by_name[pair.target].shape) for pair in found.pairs if pair.transform == "reshape"
    ]
    return result


def _lines(options: Namespace, found: Alignment) -> Iterator[str]:
    yield printable(f"{options.file} to {options.model}: {count(len(found.pairs))} tensors mapped")
    changed = [pair for pair in found.pairs if pair.source != pair.target or pair.transform]
    if changed:
        yield ""
        rows = [(pair.source, "→", pair.target, f"{pair.confidence:.0%}", pair.transform or "") for pair in changed]
        yield from table(rows, ("<", "<", "<", ">"))
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
