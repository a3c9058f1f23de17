"""Which prefix the summary offers to strip, and whether that is the next thing to do; computed without Qt."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from ckpt_studio.core.edits import StripPrefix
from ckpt_studio.core.jobs import Progress, gradually
from ckpt_studio.core.prefixes import PrefixCount, detected_prefixes

if TYPE_CHECKING:
    from ckpt_studio.compare.identify import Candidate
    from ckpt_studio.compare.report import LoadReport
    from ckpt_studio.core.checkpoint import StateDict
    from ckpt_studio.gui.file_summary import Summary

# What Lightning writes beside the weights, which are those of a module that holds the model.
_LIGHTNING = "pytorch-lightning_version"
_MOST_LOOKED_AT = 5000


class PrefixOffer(NamedTuple):
    """A prefix to strip; `is_next` says whether the file is better without it, as far as anyone can tell."""

    prefix: PrefixCount
    is_next: bool


def offered_without_model(summary: Summary, candidate: Candidate | None) -> PrefixOffer | None:
    """The offer while the file is compared with nothing.

    Args:
        summary: of the present state.
        candidate: the architecture that the file was recognised as.

    Returns:
        For a recognised architecture, what makes the names its own, and nothing where they are. Otherwise what a
        wrapper left behind, as the next step; of other prefixes those that all names carry, for whoever wants it.
    """
    prefixes = summary.prefixes
    # Where the names are of another implementation, what precedes them is nobody's prefix.
    if candidate is not None and not candidate.is_renamed:
        prefix_edits = [edit for edit in candidate.after if isinstance(edit, StripPrefix)]
        stripped = {part for edit in prefix_edits for part in edit.prefix.rstrip(".").split(".")}
        found = (p for p in prefixes if stripped.issuperset(p.prefix.rstrip(".").split(".")))
        best = max(found, key=lambda p: (p.matching, len(p.prefix)), default=None)
        return PrefixOffer(best, True) if best is not None else None
    for prefix in prefixes:
        if prefix.is_transparent:
            return PrefixOffer(prefix, True)
    in_lightning = any(beside.name == _LIGHTNING for beside in summary.beside)
    common = next((prefix for prefix in prefixes if prefix.matching == prefix.total), None)
    return PrefixOffer(common, in_lightning) if common is not None else None


def helpful_prefix(state_dict: StateDict, report: LoadReport, progress: Progress) -> PrefixCount | None:
    """The prefix without which more names are the compared model's; None when there is none, or nothing to mend.

    Of very many names it looks at some. Polls `progress`.
    """
    if report.loads_strict:
        return None
    wanted = {row.name for row in gradually(report.rows) if row.status != "unexpected"}
    names = list(state_dict.entries)
    names = names[:: len(names) // _MOST_LOOKED_AT + 1]
    best, most = None, sum(map(wanted.__contains__, names))
    for prefix in detected_prefixes(state_dict):
        progress.check()
        stripped = StripPrefix(prefix.prefix, prefix.anywhere).new_names(names)
        if not prefix.collisions and (count := sum(map(wanted.__contains__, stripped))) > most:
            best, most = prefix, count
    return best
