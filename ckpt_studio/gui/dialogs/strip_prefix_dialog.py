"""Takes a prefix off the names: one of those found in the file, or any other."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QCheckBox, QFormLayout, QLineEdit, QListWidget, QListWidgetItem, QWidget

from ckpt_studio.core.edits import Edit, StripPrefix
from ckpt_studio.core.prefixes import detected_prefixes
from ckpt_studio.gui.dialogs.ask_dialog import counted, roomy
from ckpt_studio.gui.dialogs.edit_dialog import EditDialog
from ckpt_studio.gui.document import ChangeSet, Document

_PREFIX_ROLE = int(Qt.ItemDataRole.UserRole)
_ANYWHERE_ROLE = _PREFIX_ROLE + 1


class StripPrefixDialog(EditDialog):
    """Asks which prefix to remove; lists the usual ones that the file has, with their counts."""

    def __init__(self, document: Document, prefix: str = "", parent: QWidget | None = None) -> None:
        super().__init__(document, parent)
        self.ask(
            self.tr("Strip prefix"),
            self.tr("Which prefix should go?"),
            self.tr(
                "Wrappers used for training put a word before every name: DataParallel “module.”, torch.compile"
                " “_orig_mod.”, Lightning “model.”. The plain model does not have it."
            ),
        )
        self.found = QListWidget()
        roomy(self.found)
        self.found.setAccessibleName(self.tr("Prefixes found in this file"))
        prefixes = detected_prefixes(document.state_dict) if document.state_dict is not None else []
        for item in prefixes:
            row = QListWidgetItem(
                (
                    self.tr("{prefix}    {matching} of {total} names, also in the middle")
                    if item.anywhere
                    else self.tr("{prefix}    {matching} of {total} names")
                ).format(prefix=item.prefix, matching=f"{item.matching:,}", total=f"{item.total:,}")
            )
            row.setData(_PREFIX_ROLE, item.prefix)
            row.setData(_ANYWHERE_ROLE, item.anywhere)
            self.found.addItem(row)
        self.found.setVisible(bool(prefixes))
        self.found.setMaximumHeight((self.fontMetrics().height() + 8) * min(max(len(prefixes), 1), 4) + 6)
        self.found.currentItemChanged.connect(self._on_found_chosen)
        self.field = QLineEdit(prefix)
        self.field.setPlaceholderText("module.")
        self.field.setAccessibleName(self.tr("Prefix"))
        self.field.textChanged.connect(self.refresh)
        self.anywhere = QCheckBox(self.tr("Also in the &middle of names (“features.module.0” becomes “features.0”)"))
        self.anywhere.toggled.connect(self.refresh)
        form = QFormLayout()
        if prefixes:
            form.addRow(self.tr("&Found"), self.found)
        form.addRow(self.tr("&Prefix"), self.field)
        form.addRow("", self.anywhere)
        self.body.addLayout(form)
        if prefixes and not prefix:
            self.found.setCurrentRow(0)
        self.finish_layout()
        self.field.setFocus()

    def _on_found_chosen(self, item: QListWidgetItem | None) -> None:
        if item is not None:
            self.anywhere.setChecked(item.data(_ANYWHERE_ROLE))
            self.field.setText(item.data(_PREFIX_ROLE))

    def edit(self) -> Edit | str:
        prefix = self.field.text().strip()
        if not prefix:
            return self.tr("Type the prefix, with its dot.")
        return StripPrefix(prefix, self.anywhere.isChecked())

    def button_text(self, change: ChangeSet | None) -> str:
        if change is None or not change.renamed:
            return self.tr("Strip prefix")
        return counted(
            len(change.renamed),
            self.tr("Strip “{prefix}” from 1 name"),
            self.tr("Strip “{prefix}” from {count} names"),
            prefix=self.field.text().strip(),
        )
