"""Names that come from another open file: what taking their tensors over would do."""

from __future__ import annotations

import os
from dataclasses import dataclass, replace

from PySide6.QtCore import QCoreApplication

from ckpt_studio.core.edits import Recipe, UpdateFrom
from ckpt_studio.gui.document import Document
from ckpt_studio.gui.drag import DraggedNames


@dataclass(frozen=True)
class Taking:
    """The outcome in words, and the edit; None: the words say why not."""

    text: str
    edit: UpdateFrom | None = None


def with_origin(carried: DraggedNames, document: Document) -> DraggedNames:
    """The names together with where their tensors lie on disk, and the edits that made them since."""
    now, active = document.state_dict, document.checkpoint.active
    if now is None:
        return carried
    before = next((sd for sd in document.history.opened.state_dicts if sd.path == active), None)
    kept = before is not None and all(before.entries.get(name) is now.entries.get(name) for name in carried.names)
    edits = "" if kept else document.history.recipe().to_json()
    return replace(carried, path=document.path, state_dict=now.label, edits=edits)


def is_foreign(carried: DraggedNames, document: Document) -> bool:
    """Whether the names belong to another document, or to another window's."""
    return carried.document != document.id or carried.path not in ("", document.path)


def taking(carried: DraggedNames, document: Document) -> Taking:
    """What taking the tensors of another file over does to this document; looks at names only."""
    here = document.state_dict
    if here is None:
        return Taking(QCoreApplication.translate("Taking", "There are no weights here to add them to."))
    if not carried.path or carried.state_dict is None:
        return Taking(QCoreApplication.translate("Taking", "These names belong to another file."))
    name = os.path.basename(carried.path)
    replaced = sum(tensor in here.entries for tensor in carried.names)
    added = len(carried.names) - replaced
    text = QCoreApplication.translate("Taking", "Take over from “{name}”: {added} added, {replaced} replaced")
    words = text.format(name=name, added=f"{added:,}", replaced=f"{replaced:,}")
    edits = Recipe.from_json(carried.edits).edits if carried.edits else ()
    return Taking(words, UpdateFrom(carried.path, carried.state_dict, carried.names, edits=edits))
