"""Which tensor names are selected in one document, shared by the tree and the panes beside it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from PySide6.QtCore import QObject, Signal

from ckpt_studio.core.jobs import give_way

# One call for all of a million names would hold up the window's thread, which waits for its turn.
_AT_ONCE = 4096


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
        self._prepared: tuple[frozenset[str], Mapping[str, str], frozenset[str]] | None = None

    def select(self, names: Iterable[str], origin: object = None, current: str | None = None) -> None:
        """Selects exactly these names; `current` is the one with the focus ("" for none)."""
        wanted = frozenset(names)
        if current is None:
            current = next(iter(wanted)) if len(wanted) == 1 else ""
        self.origin = origin
        try:
            if wanted is not self.names and wanted != self.names:
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
        prepared = self._prepared
        self._prepared = None
        if prepared is not None and prepared[0] is self.names and prepared[1] is renamed:
            names = prepared[2]
        else:
            names = followed(self.names, renamed, removed)
        self.select(
            names, origin=self, current="" if self.current in removed else renamed.get(self.current, self.current)
        )

    def preparation(self) -> Callable[[Mapping[str, str], frozenset[str]], None]:
        """A function for jobs: works out what `follow` will select, where that are very many names."""
        names = self.names

        def prepare(renamed: Mapping[str, str], removed: frozenset[str]) -> None:
            self._prepared = (names, renamed, followed(names, renamed, removed))

        return prepare


def followed(names: frozenset[str], renamed: Mapping[str, str], removed: frozenset[str]) -> frozenset[str]:
    """What names are called after an edit, without those that it removed."""
    kept = list(names - removed if removed else names)
    if not renamed:
        return frozenset(kept)
    result: set[str] = set()
    for start in range(0, len(kept), _AT_ONCE):
        some = kept[start : start + _AT_ONCE]
        result.update(map(renamed.get, some, some))
        give_way()
    return frozenset(result)
