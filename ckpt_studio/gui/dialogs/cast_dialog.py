"""Converts tensors to another number type, after looking for values that would not survive it."""

from __future__ import annotations

from collections import Counter

from PySide6.QtWidgets import QComboBox, QFormLayout, QHBoxLayout, QLabel, QProgressBar, QPushButton, QWidget

from ckpt_studio.core.edits import CAST_TARGETS, Cast, Edit
from ckpt_studio.core.edits.overflow import Overflow, cast_overflow
from ckpt_studio.core.jobs import Progress, Step
from ckpt_studio.errors import StudioError
from ckpt_studio.gui.dialogs.ask_dialog import counted, muted
from ckpt_studio.gui.dialogs.edit_dialog import EditDialog
from ckpt_studio.gui.document import ChangeSet, Document, Trial
from ckpt_studio.gui.figures import size_text
from ckpt_studio.gui.tasks import Task, run_task
from ckpt_studio.gui.wording import worded, worded_error

_MOST_NAMED = 3


class CastDialog(EditDialog):
    """Asks for the dtype; says how big the result is and counts the values that would become infinite."""

    shows_preview = False

    def __init__(
        self,
        document: Document,
        names: tuple[str, ...] | None = None,
        dtype: str = "",
        parent: QWidget | None = None,
    ) -> None:
        self.names = tuple(names) if names else None
        self._looking: Task | None = None
        super().__init__(document, parent)
        tensors = document.state_dict.tensors if document.state_dict is not None else {}
        chosen = tensors if self.names is None else {name: tensors[name] for name in self.names if name in tensors}
        now = Counter(tensor.dtype.name for tensor in chosen.values())
        self.ask(
            self.tr("Convert numbers"),
            self.tr("Which type should the numbers have?")
            if self.names is None
            else counted(
                len(self.names),
                self.tr("Which type should the numbers of the selected tensor have?"),
                self.tr("Which type should the numbers of the {count} selected tensors have?"),
            ),
            self.tr("Now: {types}. Whole-number counters keep their type when a floating-point type is chosen.").format(
                types=", ".join(f"{name} ({count:,})" for name, count in now.most_common(4))
            ),
        )
        self.types = QComboBox()
        self.types.setAccessibleName(self.tr("Number type"))
        for name in CAST_TARGETS:
            self.types.addItem(name, name)
        self.types.setMaxVisibleItems(len(CAST_TARGETS))
        present = now.most_common(1)[0][0] if now else ""
        self.types.setCurrentText(dtype or ("float16" if present != "float16" else "float32"))
        self.types.currentIndexChanged.connect(self._on_type_chosen)
        self.meaning = muted(QLabel())
        self.meaning.setMinimumHeight(self.fontMetrics().lineSpacing() * 2 + 2)
        self.new_size = QLabel()
        self.new_size.setWordWrap(True)
        self.bar = QProgressBar()
        self.bar.setTextVisible(False)
        self.bar.setAccessibleName(self.tr("Looking for values that are too large"))
        self.skip = QPushButton(self.tr("&Skip"))
        self.skip.setToolTip(self.tr("Does not look through the values."))
        self.skip.clicked.connect(self._on_skip)
        looking = QHBoxLayout()
        looking.addWidget(self.bar, 1)
        looking.addWidget(self.skip)
        form = QFormLayout()
        form.addRow(self.tr("&Type"), self.types)
        form.addRow("", self.meaning)
        self.body.addLayout(form)
        self.body.addWidget(self.new_size)
        self.body.addLayout(looking)
        self.bar.hide()
        self.skip.hide()
        self.resize(540, 300)
        self._on_type_chosen()
        self.finish_layout()

    def explained(self, dtype: str) -> str:
        """What the dtype is good for, in one or two sentences."""
        known = {
            "float32": self.tr("4 bytes a number, 7 digits: what models are usually trained in."),
            "float16": self.tr(
                "2 bytes a number, 3 digits, nothing above 65,504: half the size, for running models on graphics cards."
            ),
            "bfloat16": self.tr(
                "2 bytes a number, 2 to 3 digits, the range of float32: half the size, safe from overflow, less exact."
            ),
            "float64": self.tr("8 bytes a number, 16 digits: twice the size; conversion adds no exactness."),
            "int64": self.tr("8-byte whole numbers: what follows the decimal point is cut off."),
            "bool": self.tr("True or false: everything but zero becomes true."),
        }
        if dtype in known:
            return known[dtype]
        if dtype.startswith("float8"):
            return self.tr(
                "1 byte a number, about 1 digit: for inference that is made for it. Most programs cannot use it."
            )
        if dtype.startswith("complex"):
            return self.tr("Complex numbers: the imaginary part of real values becomes zero.")
        return self.tr("Whole numbers: what follows the decimal point is cut off, and only a small range fits.")

    def edit(self) -> Edit | str:
        return Cast(self.types.currentData(), names=self.names)

    def button_text(self, change: ChangeSet | None) -> str:
        dtype = self.types.currentData()
        if change is None or not change.revised:
            return self.tr("Convert")
        return counted(
            len(change.revised),
            self.tr("Convert 1 tensor to {dtype}"),
            self.tr("Convert {count} tensors to {dtype}"),
            dtype=dtype,
        )

    def offer(self, trial: Trial) -> None:
        before, after = trial.tried_on.active_state_dict.nbytes, trial.result.active_state_dict.nbytes
        self.new_size.setText(
            self.tr("The weights then take {after} instead of {before}.").format(
                after=size_text(after), before=size_text(before)
            )
            if after != before
            else self.tr("The weights take as much room as before: {size}.").format(size=size_text(before))
        )
        assert isinstance(trial.edit, Cast)
        edit = trial.edit

        def look(progress: Progress) -> tuple[Overflow, ...]:
            return cast_overflow(trial.tried_on, edit, progress)

        task = run_task(self, look, label=self.tr("Looking for values that are too large"))
        self._looking = task
        self.set_primary(self.button_text(trial.change), False, self.tr("Looking for values that are too large…"))
        self.trial = trial
        self.bar.setRange(0, 0)
        task.progressed.connect(self._on_looked_further)
        task.succeeded.connect(lambda found: self._on_looked(task, found))
        task.failed.connect(lambda error: self._on_look_failed(task, error))

    def refresh(self, *_: object) -> None:
        self._end_looking()
        super().refresh()

    def stop(self) -> None:
        self._end_looking()
        super().stop()

    def accept(self) -> None:
        if self._looking is None:
            super().accept()

    def _on_type_chosen(self, *_: object) -> None:
        self.meaning.setText(self.explained(self.types.currentData()))
        self.new_size.setText("")
        self.refresh()

    def _on_looked_further(self, step: Step) -> None:
        # Only a look that lasts shows its bar: the progress comes ten times a second.
        if self._looking is not None:
            self.bar.setRange(0, 1000)
            self.bar.setValue(1000 * step.done // max(step.total, 1))
            self.bar.show()
            self.skip.show()
            self.message.say(self.tr("Looking for values that are too large for this type…"), "calm")

    def _end_looking(self) -> None:
        if self._looking is not None:
            self._looking.cancel()
            self._looking = None
        self.bar.hide()
        self.skip.hide()

    def _ready(self) -> None:
        self._end_looking()
        if self.trial is not None:
            self.set_primary(self.button_text(self.trial.change), True)

    def _on_looked(self, task: Task, found: tuple[Overflow, ...]) -> None:
        if task is not self._looking:
            return
        self._looking = None
        if found:
            lines = [worded(item.message) for item in found[:_MOST_NAMED]]
            if len(found) > _MOST_NAMED:
                lines.append(
                    counted(
                        len(found) - _MOST_NAMED,
                        self.tr("… and 1 more tensor with such values"),
                        self.tr("… and {count} more tensors with such values"),
                    )
                )
            self.message.say("\n".join(lines), "caution")
        else:
            self.message.say(self.tr("Every value fits into this type."), "good")
        self._ready()

    def _on_look_failed(self, task: Task, error: StudioError) -> None:
        if task is self._looking:
            self._looking = None
            self.message.say(worded_error(error), "caution")
            self._ready()

    def _on_skip(self) -> None:
        self._end_looking()
        self.message.say(self.tr("The values were not looked through."), "calm")
        self._ready()
