"""Renames one tensor, or everything under one group."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QCompleter, QFormLayout, QLineEdit, QWidget

from ckpt_studio.core.edits import Edit, RenameGroup, RenameTensor
from ckpt_studio.gui.dialogs.ask_dialog import counted
from ckpt_studio.gui.dialogs.edit_dialog import EditDialog
from ckpt_studio.gui.document import ChangeSet, Document
from ckpt_studio.gui.fields import make_clearable
from ckpt_studio.gui.figures import exact_text
from ckpt_studio.gui.tensor_tree_model import shown_renamed


class RenameDialog(EditDialog):
    """Asks for the new name of a tensor or group; completes from the names the model still misses.

    Args:
        document: to change.
        name: of the tensor or group.
        is_group: which of them it is.
        parent: the window.
        shown: the tensors of the group that a filter shows, which alone are renamed; None for all.
    """

    def __init__(
        self,
        document: Document,
        name: str,
        is_group: bool = False,
        parent: QWidget | None = None,
        shown: Sequence[str] | None = None,
    ) -> None:
        self.old = name
        self.is_group = is_group
        self.shown = shown
        count = 1
        if is_group and document.state_dict is not None:
            count = sum(other.startswith(f"{name}.") for other in document.state_dict.entries)
        super().__init__(document, parent)
        self.ask(
            self.tr("Rename"),
            self.tr("What should the group “{name}” be called?").format(name=name)
            if is_group
            else self.tr("What should “{name}” be called?").format(name=name),
            self.tr(
                "A filter is set: {shown} of the {count} tensors in it are shown, and only they get the new name."
                " Leave it empty to move them to the top."
            ).format(shown=exact_text(len(shown)), count=exact_text(count))
            if shown is not None
            else counted(
                count,
                self.tr("The one tensor in it keeps the rest of its name. Leave it empty to move it to the top."),
                self.tr(
                    "All {count} tensors in it keep the rest of their names. Leave it empty to move them to the top."
                ),
            )
            if is_group
            else self.tr("Dots make groups: “layer1.conv.weight” is the tensor “weight” in “conv” in “layer1”."),
        )
        self.field = QLineEdit(name)
        self.field.setAccessibleName(self.tr("New name"))
        make_clearable(self.field)
        self.field.selectAll()
        self.field.textChanged.connect(self.refresh)
        wanted = [] if is_group or document.report is None else [r.name for r in document.report.with_status("missing")]
        if wanted:
            completer = QCompleter(wanted, self)
            completer.setFilterMode(Qt.MatchFlag.MatchContains)
            self.field.setCompleter(completer)
        form = QFormLayout()
        form.addRow(self.tr("&New name"), self.field)
        self.body.addLayout(form)
        self.finish_layout()

    def edit(self) -> Edit | str:
        new = self.field.text().strip()
        if new == self.old:
            return self.tr("Type another name.")
        if self.is_group and self.shown is not None:
            return shown_renamed(self.shown, self.old, new.rstrip("."))
        if self.is_group:
            return RenameGroup(self.old, new.rstrip("."))
        if not new:
            return self.tr("A tensor needs a name.")
        return RenameTensor(self.old, new)

    def button_text(self, change: ChangeSet | None) -> str:
        return self.renamed_words(change)
