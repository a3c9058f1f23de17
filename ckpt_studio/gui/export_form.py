"""The form of the export dialog: which file, which format, which contents, which numbers, which metadata."""

from __future__ import annotations

import os
from dataclasses import dataclass
from itertools import islice

from PySide6.QtCore import QDateTime, QLocale, Qt, Signal
from PySide6.QtWidgets import (
    QButtonGroup,
    QCheckBox,
    QComboBox,
    QDoubleSpinBox,
    QFileDialog,
    QFormLayout,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPushButton,
    QRadioButton,
    QVBoxLayout,
    QWidget,
)

from ckpt_studio.core.checkpoint import Checkpoint
from ckpt_studio.core.tree import Dict
from ckpt_studio.formats.export import SUFFIXES, ExportOptions, ExportPlan
from ckpt_studio.gui.dialogs.ask_dialog import counted, muted
from ckpt_studio.gui.dialogs.metadata_table import MetadataTable
from ckpt_studio.gui.document import Document
from ckpt_studio.gui.export_target import suggested_folder, suggested_target
from ckpt_studio.gui.figures import size_text

_GIGABYTE = 1_000_000_000
# What Hugging Face's libraries write.
_USUAL_PART = 5.0
# So many of the other contents are named.
_MOST_KEYS = 6
# Of more tensors no one is asked where it was; they all come from one place.
_MOST_ASKED = 200_000


@dataclass(frozen=True)
class Request:
    """The answers of the form, as a job needs them."""

    checkpoint: Checkpoint
    target: str
    options: ExportOptions
    dtype: str
    metadata: dict[str, str] | None
    device: str = ""


class _Gigabytes(QDoubleSpinBox):
    """A size from a megabyte on, shown without zeros at the end."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setDecimals(3)
        self.setRange(0.001, 100_000)
        self.setStepType(QDoubleSpinBox.StepType.AdaptiveDecimalStepType)
        self.setSuffix(self.tr(" GB"))
        self.setValue(_USUAL_PART)

    def textFromValue(self, value: float) -> str:
        return QLocale().toString(value, "g", 9)


class ExportForm(QWidget):
    """Asks everything that an export needs to know; begins with the likeliest answers for the document.

    Signals:
        changed(): something is answered differently.
        replace_ticked(): whether what is there may be replaced was answered.
    """

    changed = Signal()
    replace_ticked = Signal()

    def __init__(self, document: Document, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.document = document
        self._has_others = False
        self._other_words = ""
        self._elsewhere = False
        # Nobody has said yet what the file is to hold.
        self._content_open = True
        self._build()
        self._fill()
        self._tell()

    def _build(self) -> None:
        self.target = QLineEdit()
        self.target.setAccessibleName(self.tr("File to write"))
        self.target.textChanged.connect(self._on_target_changed)
        self.browse = QPushButton(self.tr("&Browse…"))
        self.browse.setAutoDefault(False)
        self.browse.clicked.connect(self._on_browse)
        where = QHBoxLayout()
        where.setSpacing(8)
        where.addWidget(self.target, 1)
        where.addWidget(self.browse)
        self.replace = QCheckBox()
        self.replace.toggled.connect(self.replace_ticked)
        self.replace.hide()

        self.as_pth = QRadioButton(self.tr("&PyTorch file (.pth)"))
        self.as_pth.setToolTip(self.tr("What torch.load reads, from version 1.6 on."))
        self.as_safetensors = QRadioButton(self.tr("&safetensors"))
        self.as_safetensors.setToolTip(
            self.tr("Holds tensors only, can never run code, loads fast; Hugging Face and many others read it.")
        )
        formats = QButtonGroup(self)
        formats.addButton(self.as_pth)
        formats.addButton(self.as_safetensors)
        self.as_safetensors.toggled.connect(self._on_format_chosen)
        format_row = QHBoxLayout()
        format_row.addWidget(self.as_pth)
        format_row.addSpacing(18)
        format_row.addWidget(self.as_safetensors)
        format_row.addStretch()

        self.legacy = QCheckBox(self.tr("For PyTorch before 1.&6 (the older container)"))
        self.legacy.setToolTip(
            self.tr("PyTorch 1.5 and older cannot read today's container. Every version reads the older one.")
        )
        self.legacy.toggled.connect(self._tell)
        self.split = QCheckBox(self.tr("Spli&t into parts of at most"))
        self.split.setToolTip(
            self.tr(
                "Writes several files and an index, as Hugging Face's libraries do with large models."
                " Open the index to load them all."
            )
        )
        self.part_size = _Gigabytes()
        self.part_size.setAccessibleName(self.tr("Largest size of a part, in gigabytes"))
        self.part_size.setEnabled(False)
        self.split.toggled.connect(self.part_size.setEnabled)
        self.split.toggled.connect(self._on_parts_changed)
        self.part_size.valueChanged.connect(self._on_parts_changed)
        self.split_row = QWidget()
        split_layout = QHBoxLayout(self.split_row)
        split_layout.setContentsMargins(0, 0, 0, 0)
        split_layout.addWidget(self.split)
        split_layout.addWidget(self.part_size)
        split_layout.addStretch()

        self.weights_only = QRadioButton()
        self.whole = QRadioButton(self.tr("The &whole checkpoint"))
        contents = QButtonGroup(self)
        contents.addButton(self.weights_only)
        contents.addButton(self.whole)
        self.weights_only.setChecked(True)
        self.weights_only.toggled.connect(self._tell)
        for choice in (self.weights_only, self.whole):
            choice.clicked.connect(self._on_content_chosen)
        self.others = muted(QLabel())
        self.others.setContentsMargins(24, 0, 0, 0)
        # Close to what it belongs to, however many lines the form keeps free for it.
        self.others.setAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignTop)

        self.dtype = QComboBox()
        self.dtype.setAccessibleName(self.tr("Number type"))
        self.dtype.addItem(self.tr("Keep as they are"), "")
        self.dtype.addItem(self.tr("float16: half the size, for running on graphics cards"), "float16")
        self.dtype.addItem(self.tr("bfloat16: half the size, the range of float32"), "bfloat16")
        self.dtype.addItem(self.tr("float32: full precision"), "float32")
        self.dtype.currentIndexChanged.connect(self._tell)

        self.on_cpu = QCheckBox()
        self.on_cpu.setToolTip(
            self.tr(
                "PyTorch puts each tensor back where it was when it was saved, and fails on a computer that has no such"
                " graphics card, unless it is told map_location."
            )
        )
        self.on_cpu.toggled.connect(self._tell)

        self.metadata_label = QLabel(self.tr("&Metadata"))
        self.metadata = MetadataTable()
        self.metadata_label.setBuddy(self.metadata.table)
        self.metadata.edited.connect(self._tell)

        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        form = QFormLayout()
        outer.addLayout(form)
        form.setContentsMargins(0, 0, 0, 0)
        form.setVerticalSpacing(10)
        form.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.AllNonFixedFieldsGrow)
        file_label = QLabel(self.tr("F&ile"))
        file_label.setBuddy(self.target)
        form.addRow(file_label, where)
        form.addRow("", self.replace)
        form.addRow(self.tr("Format"), format_row)
        form.addRow("", self.legacy)
        form.addRow("", self.split_row)
        form.addRow(self.tr("Content"), self.weights_only)
        form.addRow("", self.whole)
        form.addRow("", self.others)
        numbers = QLabel(self.tr("&Numbers"))
        numbers.setBuddy(self.dtype)
        form.addRow(numbers, self.dtype)
        form.addRow("", self.on_cpu)
        form.addRow(self.metadata_label, self.metadata)
        self._rows = form

    def _fill(self) -> None:
        """The likeliest answers for this document."""
        checkpoint = self.document.checkpoint
        state_dict = self.document.state_dict
        count = len(state_dict.tensors) if state_dict is not None else 0
        label = state_dict.label if state_dict is not None else ""
        self.weights_only.setText(
            counted(count, self.tr("&Only the weights: 1 tensor"), self.tr("&Only the weights: {count} tensors"))
            + (self.tr(" of “{label}”").format(label=label) if label else "")
        )
        tensors = state_dict.tensors.values() if state_dict is not None else ()
        devices = sorted({tensor.device for tensor in islice(tensors, _MOST_ASKED)} - {"cpu", "meta"})
        self._elsewhere = bool(devices)
        self.on_cpu.setText(
            self.tr("For computers without {devices} too: record the tensors as saved on the &CPU").format(
                devices=", ".join(devices[:3]) + (" …" if len(devices) > 3 else "")
            )
        )
        others = self._other_contents()
        self._has_others = bool(others)
        self._other_words = others
        if state_dict is None:
            self.whole.setChecked(True)
            self.weights_only.setEnabled(False)
            self.as_safetensors.setEnabled(False)
        self.metadata.set_entries(dict(checkpoint.metadata) or {"format": "pt"})
        source = checkpoint.source
        # A set of several files is written in the format of its parts.
        files = [source.path, *(file.path for file in source.files)]
        parts = source.format == "sharded" and any(path.lower().endswith(".safetensors") for path in files)
        suffix = ".safetensors" if source.format == "safetensors" or parts else ".pth"
        self.target.setText(suggested_target(self.document.path, suffix, suggested_folder(self.document)))

    def _notes_words(self, safetensors: bool) -> str:
        """What is said where the file holds nothing beside the weights, or only the notes of safetensors."""
        notes = len(self.document.checkpoint.metadata)
        if not notes:
            return self.tr("This file holds nothing but the weights.")
        if safetensors:
            return counted(
                notes,
                self.tr("This file holds the weights and 1 note, which is below (metadata)."),
                self.tr("This file holds the weights and {count} notes, which are below (metadata)."),
            )
        return counted(
            notes,
            self.tr("This file holds the weights and 1 note (metadata), which only safetensors keeps."),
            self.tr("This file holds the weights and {count} notes (metadata), which only safetensors keeps."),
        )

    def _other_contents(self) -> str:
        """What the whole checkpoint holds beside the weights, in one line; "" when it is nothing."""
        opened = self.document.history.opened
        root, active = opened.root, self.document.state_dict
        if active is None:
            return self.tr("This file holds no weights, but other things.")
        if active.kind == "module":
            return self.tr("Also inside: the module object itself, with the names of its classes.")
        if not isinstance(root, Dict):
            return "" if active.path == () else self.tr("Also inside: what surrounds these weights.")
        if active.path:
            keys = list(islice((str(key) for key, _ in root.items if key != active.path[0]), _MOST_KEYS + 1))
        else:
            weights = opened.state_dict("").entries
            others = (str(key) for key, _ in root.items if key not in weights)
            # Of a hundred thousand names none is asked where all are weights.
            keys = list(islice(others, _MOST_KEYS + 1)) if len(root.items) > len(weights) else []
        if not keys:
            return "" if len(active.path) < 2 else self.tr("Also inside: what surrounds these weights.")
        more = self.tr("Also inside: {keys}").format(
            keys=", ".join(keys[:_MOST_KEYS]) + (" …" if len(keys) > _MOST_KEYS else "")
        )
        count = len(opened.state_dicts)
        return more if count < 2 else more + self.tr(" ({count} sets of weights)").format(count=count)

    @property
    def path(self) -> str:
        """The file to write; "" when none is named. Unless said, beside the opened one and with the format's ending."""
        typed = os.path.expanduser(self.target.text().strip())
        if not os.path.basename(typed):
            return ""
        if not os.path.splitext(typed)[1]:
            typed += ".safetensors" if self.as_safetensors.isChecked() else ".pth"
        return os.path.join(suggested_folder(self.document), typed)

    @property
    def replaces_opened(self) -> bool:
        """Whether the target is the very file that is open."""
        path = self.path
        return bool(path) and os.path.realpath(path) == os.path.realpath(self.document.path)

    @property
    def leaves_out(self) -> str:
        """What the file holds beside the weights and would not be written; "" when nothing is left out."""
        return self._other_contents() if self._has_others and not self.whole.isChecked() else ""

    def _on_content_chosen(self, *_: object) -> None:
        self._content_open = False

    def _propose_content(self) -> None:
        """Over the open file nothing of it goes lost unless that is wanted."""
        if self._content_open and self.weights_only.isEnabled():
            keep = self.replaces_opened and self._has_others and self.as_pth.isChecked()
            (self.whole if keep else self.weights_only).setChecked(True)

    def _on_target_changed(self, text: str) -> None:
        suffix = os.path.splitext(text)[1].lower()
        known = SUFFIXES.get(suffix)
        if known is not None:
            wanted = self.as_safetensors if known == "safetensors" else self.as_pth
            self.as_safetensors.blockSignals(True)
            wanted.setChecked(True)
            self.as_safetensors.blockSignals(False)
        self.replace.setChecked(False)
        self._propose_content()
        self._tell()

    def _on_format_chosen(self, safetensors: bool) -> None:
        path = self.target.text()
        stem, suffix = os.path.splitext(path)
        if stem.lower().endswith((".pth", ".pt")) and suffix.lower() == ".tar":
            stem = os.path.splitext(stem)[0]
        self.target.setText(stem + (".safetensors" if safetensors else ".pth"))

    def _on_browse(self) -> None:
        dialog = QFileDialog(self, self.tr("Export to"), self.target.text())
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        # The form itself asks about replacing, with what stands there now.
        dialog.setOption(QFileDialog.Option.DontConfirmOverwrite)
        dialog.setNameFilters(
            [
                self.tr("PyTorch file (*.pth *.pt *.bin *.ckpt)"),
                self.tr("safetensors (*.safetensors)"),
                self.tr("All files (*)"),
            ]
        )
        dialog.selectFile(self.target.text())
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.fileSelected.connect(self.target.setText)
        dialog.open()

    def _tell(self, *_: object) -> None:
        safetensors = self.as_safetensors.isChecked()
        if safetensors and self.whole.isChecked():
            self.weights_only.setChecked(True)
        self.others.setText(self._other_words or self._notes_words(safetensors))
        self.whole.setEnabled(self._has_others and not safetensors)
        self.whole.setToolTip(self.tr("safetensors holds tensors only.") if safetensors else "")
        self._rows.setRowVisible(self.metadata, safetensors)
        self._rows.setRowVisible(self.legacy, not safetensors)
        self._rows.setRowVisible(self.split_row, safetensors)
        # Of the other contents of a file nothing is changed, so that they would still ask for the device.
        self._rows.setRowVisible(self.on_cpu, self._elsewhere and not safetensors and not self.whole.isChecked())
        self.changed.emit()

    def _on_parts_changed(self, *_: object) -> None:
        self.replace.setChecked(False)
        self._tell()

    @property
    def must_tick_replace(self) -> bool:
        """Whether there is a file in the way that nobody allowed to replace."""
        return self.replace.isVisibleTo(self) and not self.replace.isChecked()

    def show_replace(self, plan: ExportPlan | None) -> None:
        """Asks about the files that are in the way; those of several parts are known from the plan only."""
        path = self.path
        in_parts = self.as_safetensors.isChecked() and self.split.isChecked()
        if in_parts and plan is None:
            # Which files there will be is not known before the plan.
            return
        files = plan.files if in_parts and plan is not None else (path,)
        present = [file for file in files if file and os.path.isfile(file)]
        exists = bool(present)
        if len(present) > 1:
            self.replace.setText(
                self.tr("&Replace {count} existing files, among them “{name}”").format(
                    count=len(present), name=os.path.basename(present[0])
                )
            )
        elif exists:
            path = present[0]
            stamp = os.stat(path)
            day = QDateTime.fromSecsSinceEpoch(int(stamp.st_mtime)).date().toString(Qt.DateFormat.ISODate)
            words = (
                self.tr("&Replace the file that is open now ({size}, of {day})")
                if self.replaces_opened
                else self.tr("&Replace the existing file ({size}, of {day})")
            )
            self.replace.setText(words.format(size=size_text(stamp.st_size), day=day))
        self._rows.setRowVisible(self.replace, exists)
        self.replace.setVisible(exists)

    def answers(self) -> Request | str:
        """The form as a request, or what is wrong with it."""
        path = self.path
        if not path:
            return self.tr("Say which file to write.")
        safetensors = self.as_safetensors.isChecked()
        metadata: dict[str, str] | None = None
        if safetensors:
            entries = self.metadata.entries()
            if entries is None:
                return self.tr("Two lines of the metadata have the same key.")
            metadata = entries
        return Request(
            self.document.checkpoint,
            path,
            ExportOptions(
                format="safetensors" if safetensors else "pth-legacy" if self.legacy.isChecked() else "pth",
                whole=self.whole.isChecked(),
                metadata=metadata,
                overwrite=True,
                max_shard_size=round(self.part_size.value() * _GIGABYTE)
                if safetensors and self.split.isChecked()
                else None,
            ),
            self.dtype.currentData(),
            metadata,
            "cpu" if self.on_cpu.isVisibleTo(self) and self.on_cpu.isChecked() else "",
        )
