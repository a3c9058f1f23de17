"""Chooses the tensor of the file that belongs to a name of the model, from a list."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QLineEdit, QListWidget, QListWidgetItem, QWidget

from ckpt_studio.gui.dialogs.ask_dialog import AskDialog, roomy
from ckpt_studio.gui.fields import make_clearable

_NAME_ROLE = int(Qt.ItemDataRole.UserRole)
_MOST_SHOWN = 500


class ChoosePartnerDialog(AskDialog):
    """Signals:
    chosen(str): the name in the file.
    """

    chosen = Signal(str)

    def __init__(
        self, target: str, shape: str, candidates: Sequence[tuple[str, str]], parent: QWidget | None = None
    ) -> None:
        """`candidates`: names that fit, likeliest first, each with a word on where it goes now."""
        super().__init__(parent)
        self._candidates = candidates
        self.ask(
            self.tr("Choose another tensor"),
            self.tr("Which tensor is “{name}”?").format(name=target),
            self.tr("These have the shape that the model wants: {shape}.").format(shape=shape)
            if candidates
            else self.tr("No tensor of the file has the shape that the model wants: {shape}.").format(shape=shape),
        )
        self.filter = QLineEdit()
        self.filter.setPlaceholderText(self.tr("Filter names"))
        self.filter.setAccessibleName(self.tr("Filter the tensors"))
        make_clearable(self.filter)
        self.filter.textChanged.connect(self._list)
        self.tensors = QListWidget()
        roomy(self.tensors)
        self.tensors.setAccessibleName(self.tr("Tensors of the file"))
        self.tensors.setTextElideMode(Qt.TextElideMode.ElideMiddle)
        self.tensors.itemDoubleClicked.connect(lambda _: self.accept())
        self.body.addWidget(self.filter)
        self.body.addWidget(self.tensors, 1)
        self._list()
        self.resize(620, 420)
        self.filter.setFocus()

    def _list(self, *_: object) -> None:
        needle = self.filter.text().strip().lower()
        found = [(name, note) for name, note in self._candidates if needle in name.lower()]
        self.tensors.clear()
        for name, note in found[:_MOST_SHOWN]:
            item = QListWidgetItem(f"{name}    {note}" if note else name)
            item.setData(_NAME_ROLE, name)
            item.setToolTip(name)
            self.tensors.addItem(item)
        if found:
            self.tensors.setCurrentRow(0)
        self.set_primary(self.tr("Use this tensor"), bool(found))

    def accept(self) -> None:
        item = self.tensors.currentItem()
        if item is not None:
            self.chosen.emit(item.data(_NAME_ROLE))
            super().accept()
