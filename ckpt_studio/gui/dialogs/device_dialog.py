"""Changes the device that the file records for its tensors."""

from __future__ import annotations

import re
from collections import Counter
from operator import attrgetter

from PySide6.QtWidgets import QComboBox, QFormLayout, QWidget

from ckpt_studio.core.edits import Edit, SetDevice
from ckpt_studio.gui.dialogs.ask_dialog import counted
from ckpt_studio.gui.dialogs.edit_dialog import EditDialog
from ckpt_studio.gui.document import ChangeSet, Document

_DEVICE = re.compile(r"[a-z_]+(:\d+)?")


class DeviceDialog(EditDialog):
    """Asks for the device; “cpu” is what loads everywhere."""

    shows_preview = False

    def __init__(self, document: Document, names: tuple[str, ...] | None = None, parent: QWidget | None = None) -> None:
        self.names = tuple(names) if names else None
        super().__init__(document, parent)
        tensors = document.state_dict.tensors if document.state_dict is not None else {}
        chosen = tensors if self.names is None else {name: tensors[name] for name in self.names if name in tensors}
        devices = Counter(map(attrgetter("device"), chosen.values()))
        none = self.tr("none")
        now = ", ".join(f"{device or none} ({count:,})" for device, count in devices.most_common(4))
        self.ask(
            self.tr("Recorded device"),
            self.tr("On which device should the tensors say they were saved?"),
            self.tr(
                "A file remembers where each tensor lay, and torch.load puts it there again: “cuda:0” fails on a"
                " computer without an NVIDIA card, “cpu” loads everywhere. The values do not change.\nNow: {devices}"
            ).format(devices=now),
        )
        self.field = QComboBox()
        self.field.setEditable(True)
        self.field.addItems(["cpu", "cuda:0", "mps"])
        self.field.setAccessibleName(self.tr("Device"))
        edit = self.field.lineEdit()
        if edit is not None:
            edit.setAccessibleName(self.tr("Device"))
        self.field.editTextChanged.connect(self.refresh)
        form = QFormLayout()
        form.addRow(self.tr("&Device"), self.field)
        self.body.addLayout(form)
        self.resize(520, self.sizeHint().height())
        self.finish_layout()

    def edit(self) -> Edit | str:
        device = self.field.currentText().strip()
        if not _DEVICE.fullmatch(device):
            return self.tr("Type a device as PyTorch writes it: cpu, cuda:0, mps.")
        return SetDevice(device, self.names)

    def button_text(self, change: ChangeSet | None) -> str:
        device = self.field.currentText().strip()
        if change is None or not change.revised:
            return self.tr("Change device")
        return counted(
            len(change.revised),
            self.tr("Set 1 tensor to {device}"),
            self.tr("Set {count} tensors to {device}"),
            device=device,
        )
