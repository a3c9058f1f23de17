"""The rows of a load report as a table shows them: arranged once by the job that compares, then only looked up."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Collection, Iterable, Mapping, Sequence
from functools import cached_property

from ckpt_studio.compare.report import LoadReport, Row, Status
from ckpt_studio.core.jobs import gradually


class ArrangedRows:
    """A report's rows: what needs something first, then what matches, both in the model's order. Immutable.

    Attributes:
        report: whose rows they are; None for none.
        rows: in the order of the table.
        counts: rows of each status; "matched" without those that no tensor of the file matches.
    """

    def __init__(self, report: LoadReport | None) -> None:
        self.report = report
        all_rows = report.rows if report is not None else ()
        wanting = [row for row in gradually(all_rows) if row.status != "matched"]
        self.rows: Sequence[Row] = all_rows
        if wanting and len(wanting) < len(all_rows):
            self.rows = [*wanting, *(row for row in gradually(all_rows) if row.status == "matched")]
        self._first_matched = len(wanting)
        self.counts: Mapping[Status, int] = {
            "matched": len(report.matched) if report is not None else 0,
            "mismatched": sum(row.status == "mismatched" for row in wanting),
            "missing": sum(row.status == "missing" for row in wanting),
            "unexpected": sum(row.status == "unexpected" for row in wanting),
        }
        self._places = {row.name: place for place, row in gradually(enumerate(self.rows))}
        # Tensors that the model's own loading code renames; of some it may make several.
        self._renamed: dict[str, list[int]] = {}
        for place, row in gradually(enumerate(self.rows)):
            if row.checkpoint_name is not None and row.checkpoint_name != row.name:
                self._renamed.setdefault(row.checkpoint_name, []).append(place)

    @cached_property
    def _lowered(self) -> list[str]:
        lowered = [row.name.lower() for row in self.rows]
        for name, places in self._renamed.items():
            for place in places:
                lowered[place] += f"\n{name.lower()}"
        return lowered

    def visible(self, statuses: Collection[Status], needle: str) -> Sequence[int]:
        """Places of the rows of these statuses (none: all) whose names contain the text in lower case, in order."""
        found: Sequence[int] = range(len(self.rows))
        if statuses:
            wanted = [place for place in found[: self._first_matched] if self.rows[place].status in statuses]
            found = [*wanted, *found[self._first_matched :]] if "matched" in statuses else wanted
        if needle:
            lowered = self._lowered
            found = [place for place in found if needle in lowered[place]]
        return found

    def place_of(self, name: str) -> int:
        """Where the row of this name is; -1 for nowhere."""
        return self._places.get(name, -1)

    def of_checkpoint(self, names: Iterable[str]) -> Sequence[int]:
        """Places of the rows that show these tensors of the checkpoint, in order; a `range` where they adjoin."""
        places, renamed, rows = self._places, self._renamed, self.rows
        marks = bytearray(len(rows))
        for name in gradually(names):
            place = places.get(name, -1)
            if place >= 0 and rows[place].checkpoint_name == name:
                marks[place] = 1
            if name in renamed:
                for place in renamed[name]:
                    marks[place] = 1
        first, stop = marks.find(1), marks.rfind(1) + 1
        if first < 0:
            return []
        if marks.find(0, first, stop) < 0:
            return range(first, stop)
        return [place for place in range(first, stop) if marks[place]]


def seen_at(places: Sequence[int], visible: Sequence[int]) -> Sequence[int]:
    """The table rows of some places, where only the `visible` ones are shown; both are in order."""
    if type(visible) is range and not visible.start:
        return places if not places or places[-1] < len(visible) else [p for p in places if p < len(visible)]
    positions = ((bisect_left(visible, place), place) for place in places)
    return [at for at, place in positions if at < len(visible) and visible[at] == place]
