"""What happens when names from the tree are put onto a row of the compare pane: they take the model's names."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from PySide6.QtCore import QCoreApplication

from ckpt_studio.compare.report import Row
from ckpt_studio.core.edits import Edit, RenameGroup, RenameTensor
from ckpt_studio.gui.drag import DraggedNames
from ckpt_studio.gui.figures import shape_text


@dataclass(frozen=True)
class Placement:
    """The outcome of putting names onto a row: an edit, or the reason why not.

    Attributes:
        text: one sentence for the person: what will happen, or why it cannot.
        edit: what to apply; None when it is refused.
    """

    text: str
    edit: Edit | None = None


def placement(
    dragged: DraggedNames, row: Row, document_id: str, entries: Mapping[str, object], model_names: Collection[str]
) -> Placement:
    """What dropping `dragged` onto `row` does, in time proportional to the dragged names.

    Args:
        dragged: names of the tree; one tensor, or one whole group.
        row: the row under the pointer.
        document_id: of the document the pane shows.
        entries: the active state dict's entries by name.
        model_names: every name the model expects.
    """
    if dragged.document != document_id:
        return Placement(QCoreApplication.translate("ComparePane", "These tensors belong to another file."))
    if row.status == "unexpected":
        return Placement(
            QCoreApplication.translate("ComparePane", "“{name}” is not a name of the model.").format(name=row.name)
        )
    if dragged.group is not None:
        return _place_group(dragged.group, row, entries, model_names)
    if len(dragged.names) != 1:
        return Placement(QCoreApplication.translate("ComparePane", "Drop one tensor, or one whole group."))
    return _place_tensor(dragged.names[0], row, entries)


def _place_tensor(name: str, row: Row, entries: Mapping[str, object]) -> Placement:
    if name == row.name:
        return Placement(QCoreApplication.translate("ComparePane", "It already has this name."))
    if row.name in entries:
        return Placement(
            QCoreApplication.translate(
                "ComparePane", "The file already has a tensor named “{name}”: pop or rename that one first."
            ).format(name=row.name)
        )
    text = QCoreApplication.translate("ComparePane", "1 tensor: {old} → {new}").format(old=name, new=row.name)
    shape = getattr(entries.get(name), "shape", None)
    if shape is not None and row.model_shape is not None and tuple(shape) != tuple(row.model_shape):
        text += "\n" + QCoreApplication.translate(
            "ComparePane", "The shapes differ: {file} in the file, {model} in the model."
        ).format(file=shape_text(shape), model=shape_text(row.model_shape))
    return Placement(text, RenameTensor(name, row.name))


def target_group(group: str, members: Collection[str], row_name: str, model_names: Collection[str]) -> str:
    """The model's group, among those that hold `row_name`, under which most members find a name of the model.

    Of equally good ones, that with the same last word as the group, then the innermost.
    """
    start = len(group) + 1 if group else 0
    suffixes = [name[start:] for name in members]
    parts = row_name.split(".")
    last_word = group.rpartition(".")[2]
    candidates = [".".join(parts[:depth]) for depth in range(len(parts))]

    def worth(candidate: str) -> tuple[int, bool, int]:
        prefix = f"{candidate}." if candidate else ""
        hits = sum(prefix + suffix in model_names for suffix in suffixes)
        return (hits, candidate.rpartition(".")[2] == last_word, len(candidate))

    return max(candidates, key=worth)


def _place_group(group: str, row: Row, entries: Mapping[str, object], model_names: Collection[str]) -> Placement:
    prefix = f"{group}." if group else ""
    members = [name for name in entries if name.startswith(prefix)]
    if not members:
        return Placement(QCoreApplication.translate("ComparePane", "This group holds no tensors."))
    target = target_group(group, members, row.name, model_names)
    if target == group:
        return Placement(QCoreApplication.translate("ComparePane", "It already has this name."))
    new_prefix = f"{target}." if target else ""
    moving = set(members)
    renamed = [new_prefix + name[len(prefix) :] for name in members]
    matching = sum(name in model_names for name in renamed)
    if not matching:
        return Placement(
            QCoreApplication.translate(
                "ComparePane", "As “{target}”, none of these {count} names would be a name of the model."
            ).format(target=f"{new_prefix}…", count=len(members))
        )
    taken = [name for name in renamed if name in entries and name not in moving]
    if taken:
        return Placement(
            QCoreApplication.translate(
                "ComparePane", "The file already has “{name}” (names in the way: {count})."
            ).format(name=taken[0], count=len(taken))
        )
    text = QCoreApplication.translate("ComparePane", "{count} tensors: {old} → {new}").format(
        count=len(members), old=f"{prefix}…", new=f"{new_prefix}…"
    )
    text += "\n" + QCoreApplication.translate("ComparePane", "{count} of them are names of the model.").format(
        count=matching
    )
    return Placement(text, RenameGroup(group, target))
