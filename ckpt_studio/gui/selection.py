"""Which tensor names are selected in one document, shared by the tree and the panes beside it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from PySide6.QtCore import QObject, Signal


class SelectionModel(QObject):
    """The selected names of the active state dict, whoever selected them.

    A view calls `select(names, origin=self)`; on `names_changed` every view follows except the one
    that is `origin`. A selected group counts as all the names in it.
    """

    names_changed = Signal(object)
    current_changed = Signal(str)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.names: frozenset[str] = frozenset()
        self.current = ""
        self.origin: object = None

    def select(self, names: Iterable[str], origin: object = None, current: str | None = None) -> None:
        """Selects exactly these names; `current` is the one with the focus ("" for none)."""
        wanted = frozenset(names)
        if current is None:
            current = next(iter(wanted)) if len(wanted) == 1 else ""
        self.origin = origin
        try:
            if wanted != self.names:
                self.names = wanted
                self.names_changed.emit(wanted)
            if current != self.current:
                self.current = current
                self.current_changed.emit(current)
        finally:
            self.origin = None

    def follow(self, renamed: Mapping[str, str], removed: frozenset[str] = frozenset()) -> None:
        """Keeps the selection on the same tensors after an edit; `origin` is this object then."""
        if not self.names and not self.current:
            return
        # Whole calls, no loop: all of 100,000 names may be selected.
        kept = self.names - removed if removed else self.names
        self.select(
            map(renamed.get, kept, kept) if renamed else kept,
            origin=self,
            current="" if self.current in removed else renamed.get(self.current, self.current),
        )
