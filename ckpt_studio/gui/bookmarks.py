"""The bookmarks of a file: names one comes back to, through renames and undo, and again at the next start."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from ckpt_studio.core.tree import Path
from ckpt_studio.gui.settings import settings, text_setting
from ckpt_studio.gui.tasks import run_task

if TYPE_CHECKING:
    from ckpt_studio.core.checkpoint import Checkpoint, StateDict
    from ckpt_studio.gui.document import ChangeSet, Document

_SETTING = "bookmarks/files"
_MOST_FILES = 200


@dataclass(frozen=True)
class Mark:
    """One bookmark.

    Attributes:
        path: of the state dict.
        name: of a tensor, or of a group without its last dot.
        anchor: a tensor that lies in the group, by which it is found again after a rename; the tensor itself.
    """

    path: Path
    name: str
    anchor: str

    @property
    def is_group(self) -> bool:
        """Whether it marks a group of names."""
        return self.name != self.anchor


class Bookmarks(QObject):
    """The marks of one document. Owned by the window's thread.

    Signals:
        changed(): other names are marked now.
    """

    changed = Signal()

    def __init__(self, document: Document) -> None:
        super().__init__(document)
        self._document = document
        self._shown = document.checkpoint
        self._marks = {(mark.path, mark.name): mark for mark in _stored(document)}
        # What was taken out of the file comes back with its marks.
        self._gone: dict[tuple[Path, str], Mark] = {}
        self._stored_last = 0
        document.changed.connect(self._on_changed)

    def __len__(self) -> int:
        return len(self._marks)

    def is_marked(self, path: Path, name: str) -> bool:
        """Whether a tensor or group is marked."""
        return (path, name) in self._marks

    def toggle(self, path: Path, name: str) -> bool:
        """Marks a tensor or group of a state dict, or takes its mark away; whether it is marked now."""
        if self._marks.pop((path, name), None) is None:
            state_dict = _state_dict(self._document.checkpoint, path)
            anchor = _anchor(state_dict, name) if state_dict is not None else None
            if anchor is None:
                return False
            self._marks[path, name] = Mark(path, name, anchor)
        self._remember()
        self.changed.emit()
        return (path, name) in self._marks

    def clear(self) -> None:
        """Takes all marks away."""
        self._marks.clear()
        self._gone.clear()
        self._remember()
        self.changed.emit()

    def in_order(self) -> list[Mark]:
        """The marks as the file lists their names. O(names)."""
        wanted: dict[Path, dict[str, list[Mark]]] = {}
        for mark in self._marks.values():
            wanted.setdefault(mark.path, {}).setdefault(mark.anchor, []).append(mark)
        found: list[Mark] = []
        for state_dict in self._document.checkpoint.state_dicts:
            anchors = wanted.get(state_dict.path, {})
            for name in state_dict.entries if anchors else ():
                # A group stands before what lies in it.
                found += sorted(anchors.get(name, ()), key=lambda mark: len(mark.name))
        return found

    def remember_for(self, path: str) -> None:
        """Keeps the marks, under the names of now, for the file that the result was exported to."""
        if self._marks:
            _store(path, self._marks.values())

    def _on_changed(self, change: ChangeSet) -> None:
        before, self._shown = self._shown, self._document.checkpoint
        if not self._marks and not self._gone:
            return
        for path in {path for path, _ in (*self._marks, *self._gone)}:
            self._follow(path, before, change)
        self.changed.emit()

    def _follow(self, path: Path, before: Checkpoint, change: ChangeSet) -> None:
        after = self._shown
        old, new = _state_dict(before, path), _state_dict(after, path)
        if old is None or new is None or old.entries is new.entries:
            return
        if not before.active == after.active == path:
            from ckpt_studio.gui.document import change_between

            change = change_between(before.activate(path), after.activate(path), change.kind)
        marks = {**self._gone, **self._marks}
        for key in [key for key in marks if key[0] == path]:
            self._marks.pop(key, None)
            self._gone.pop(key, None)
            followed = _followed(marks[key], new, change.renamed)
            if followed is None:
                self._gone[key] = marks[key]
            else:
                self._marks[path, followed.name] = followed

    def _remember(self) -> None:
        """Stores the marks under the names that the file on disk has."""
        document = self._document
        opened, now = document.history.opened, document.checkpoint
        marks = tuple(self._marks.values())
        self._stored_last += 1
        number = self._stored_last
        if not document.history.index or not marks:
            _store(document.path, marks)
            return

        def named_as_opened() -> list[Mark]:
            from ckpt_studio.gui.document import change_between

            found: list[Mark] = []
            for path in {mark.path for mark in marks}:
                state_dict = _state_dict(opened, path)
                if state_dict is not None:
                    renamed = change_between(now.activate(path), opened.activate(path), "goto").renamed
                    followed = (_followed(mark, state_dict, renamed) for mark in marks if mark.path == path)
                    found += [mark for mark in followed if mark is not None]
            return found

        def store(found: list[Mark]) -> None:
            # Marks that were set meanwhile come with a task of their own.
            if number == self._stored_last:
                _store(document.path, found)

        run_task(self, lambda _: named_as_opened()).succeeded.connect(store)


def _followed(mark: Mark, now: StateDict, renamed: Mapping[str, str]) -> Mark | None:
    """The mark under the names of `now`; None when what it marks is not there."""
    anchor = renamed.get(mark.anchor, mark.anchor)
    if anchor == mark.anchor and anchor in now.entries:
        return mark
    if mark.is_group:
        # Only what it was found by has another name, or none: the group may still be there.
        left = _anchor(now, mark.name)
        if left is not None:
            return replace(mark, anchor=left)
    rest = mark.anchor[len(mark.name) :]
    if anchor not in now.entries or not anchor.endswith(rest):
        return None
    return replace(mark, name=anchor[: len(anchor) - len(rest)], anchor=anchor)


def _anchor(state_dict: StateDict, name: str) -> str | None:
    if name in state_dict.entries:
        return name
    start = f"{name}."
    return next((other for other in state_dict.entries if other.startswith(start)), None)


def _state_dict(checkpoint: Checkpoint, path: Path) -> StateDict | None:
    return next((state_dict for state_dict in checkpoint.state_dicts if state_dict.path == path), None)


def _all_stored() -> dict[str, list[list[object]]]:
    try:
        files = json.loads(text_setting(_SETTING, "{}"))
    except ValueError:
        return {}
    return files if isinstance(files, dict) else {}


def _stored(document: Document) -> list[Mark]:
    marks: list[Mark] = []
    entries = _all_stored().get(os.path.abspath(document.path), [])
    for entry in entries if isinstance(entries, list) else ():
        match entry:
            case [list(parts), str(name)]:
                state_dict = _state_dict(document.checkpoint, tuple(parts))
                anchor = _anchor(state_dict, name) if state_dict is not None else None
                if anchor is not None:
                    marks.append(Mark(tuple(parts), name, anchor))
    return marks


def _store(file: str, marks: Iterable[Mark]) -> None:
    files = _all_stored()
    file = os.path.abspath(file)
    files.pop(file, None)
    entries: list[list[object]] = [[list(mark.path), mark.name] for mark in marks]
    if entries:
        files[file] = entries
    kept = dict(list(files.items())[-_MOST_FILES:])
    settings().setValue(_SETTING, json.dumps(kept, ensure_ascii=False))
