"""Sets one entry of the metadata that safetensors files carry."""

from __future__ import annotations

from PySide6.QtWidgets import QComboBox, QFormLayout, QLineEdit, QPlainTextEdit, QSizePolicy, QWidget

from ckpt_studio.core.edits import Edit, SetMetadata
from ckpt_studio.gui.dialogs.edit_dialog import EditDialog
from ckpt_studio.gui.document import ChangeSet, Document


class MetadataDialog(EditDialog):
    """Asks for a key and its text; a key that is there already shows its present text."""

    shows_preview = False

    def __init__(self, document: Document, key: str = "", parent: QWidget | None = None) -> None:
        super().__init__(document, parent)
        self.ask(
            self.tr("Metadata"),
            self.tr("Which note shall the file carry?"),
            self.tr("Safetensors files hold notes as pairs of a key and a text, for example “format” and “pt”."),
        )
        self.key = QComboBox()
        field = QLineEdit()
        field.setPlaceholderText("author")
        field.setAccessibleName(self.tr("Key"))
        self.key.setLineEdit(field)
        self.key.setAccessibleName(self.tr("Key"))
        # The style's room inside a field does not fit into a box of the usual height.
        self.key.setMinimumHeight(self.fontMetrics().height() + 16)
        self.key.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.key.addItems(list(document.checkpoint.metadata))
        self.key.setCurrentText(key)
        self.value = QPlainTextEdit()
        self.value.setAccessibleName(self.tr("Text"))
        self.value.setTabChangesFocus(True)
        self.value.setMinimumHeight(self.fontMetrics().height() * 5)
        self._on_key_changed(key)
        self.key.currentTextChanged.connect(self._on_key_changed)
        self.value.textChanged.connect(self.refresh)
        form = QFormLayout()
        form.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.AllNonFixedFieldsGrow)
        form.addRow(self.tr("&Key"), self.key)
        form.addRow(self.tr("&Text"), self.value)
        self.body.addLayout(form)
        self.resize(520, 340)
        self.finish_layout()
        (self.value if key else self.key).setFocus()

    def _on_key_changed(self, key: str) -> None:
        known = self.document.checkpoint.metadata
        if key in known:
            self.value.setPlainText(known[key])
        self.refresh()

    def edit(self) -> Edit | str:
        key, value = self.key.currentText().strip(), self.value.toPlainText()
        if not key:
            return self.tr("Type or choose the key.")
        if self.document.checkpoint.metadata.get(key) == value:
            return self.tr("Change the text.")
        return SetMetadata(key, value)

    def button_text(self, change: ChangeSet | None) -> str:
        return (
            self.tr("Change") if self.key.currentText().strip() in self.document.checkpoint.metadata else self.tr("Add")
        )
