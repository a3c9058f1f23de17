"""Chooses the tensor of the file that is to get a name the model misses."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLineEdit, QListWidget, QListWidgetItem, QWidget

from ckpt_studio.compare.report import Row
from ckpt_studio.core.edits import Edit, RenameTensor
from ckpt_studio.gui.compare_model import side_text
from ckpt_studio.gui.dialogs.ask_dialog import roomy
from ckpt_studio.gui.dialogs.edit_dialog import EditDialog
from ckpt_studio.gui.document import ChangeSet, Document
from ckpt_studio.gui.fields import make_clearable

_NAME_ROLE = int(Qt.ItemDataRole.UserRole)
_MOST_SHOWN = 500


class TakeNameDialog(EditDialog):
    """Lists the tensors that could be the missing one: those of its shape that nothing else claims come first."""

    shows_preview = False

    def __init__(self, document: Document, row: Row, parent: QWidget | None = None) -> None:
        super().__init__(document, parent)
        self.row = row
        self.ask(
            self.tr("Use a name of the model"),
            self.tr("Which tensor is “{name}”?").format(name=row.name),
            self._words().format(shape=side_text(row.model_shape)),
        )
        self.filter = QLineEdit()
        self.filter.setPlaceholderText(self.tr("Filter names"))
        self.filter.setAccessibleName(self.tr("Filter the tensors"))
        make_clearable(self.filter)
        self.filter.textChanged.connect(self._list_tensors)
        self.tensors = QListWidget()
        roomy(self.tensors)
        self.tensors.setAccessibleName(self.tr("Tensors of the file"))
        self.tensors.setTextElideMode(Qt.TextElideMode.ElideMiddle)
        self.tensors.currentItemChanged.connect(self.refresh)
        self.tensors.itemDoubleClicked.connect(lambda _: self.accept())
        self.body.addWidget(self.filter)
        self.body.addWidget(self.tensors, 1)
        self._ranked = self._rank()
        self._list_tensors()
        self.resize(560, 420)
        self.finish_layout()
        self.filter.setFocus()

    def _words(self) -> str:
        state_dict, wanted = self.document.state_dict, self.row.model_shape
        tensors = state_dict.tensors.values() if state_dict is not None else ()
        if wanted is not None and not any(tuple(tensor.shape) == tuple(wanted) for tensor in tensors):
            return self.tr(
                "The model expects the shape {shape}, which no tensor of this file has. Those that the model does not"
                " know under their present name stand first."
            )
        return self.tr(
            "The model expects the shape {shape}. Tensors with this shape that the model does not know"
            " under their present name stand first."
        )

    def _rank(self) -> list[tuple[str, str]]:
        """(name, shape text) of the candidates, likeliest first: free and of the shape, of the shape, free, others."""
        state_dict, report = self.document.state_dict, self.document.report
        if state_dict is None:
            return []
        free = {row.checkpoint_name for row in report.with_status("unexpected")} if report is not None else set()
        words = set(self.row.name.split("."))

        def rank(item: tuple[int, str]) -> tuple[bool, bool, int, int]:
            place, name = item
            shape = tuple(state_dict.tensors[name].shape)
            other_shape = self.row.model_shape is not None and shape != tuple(self.row.model_shape)
            return (name not in free, other_shape, -len(words.intersection(name.split("."))), place)

        names = [name for _, name in sorted(enumerate(state_dict.tensors), key=rank)]
        return [(name, side_text(state_dict.tensors[name].shape)) for name in names]

    def _list_tensors(self, *_: object) -> None:
        needle = self.filter.text().strip().lower()
        self.tensors.clear()
        shown = 0
        for name, shape in self._ranked:
            if needle and needle not in name.lower():
                continue
            item = QListWidgetItem(f"{name}    {shape}")
            item.setData(_NAME_ROLE, name)
            item.setToolTip(name)
            self.tensors.addItem(item)
            shown += 1
            if shown == _MOST_SHOWN:
                break
        if shown:
            self.tensors.setCurrentRow(0)

    def edit(self) -> Edit | str:
        item = self.tensors.currentItem()
        if item is None:
            return self.tr("Choose a tensor.")
        return RenameTensor(item.data(_NAME_ROLE), self.row.name)

    def button_text(self, change: ChangeSet | None) -> str:
        return self.tr("Use this tensor")
