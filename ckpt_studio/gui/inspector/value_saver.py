"""Copying and saving what the inspector shows: values, pictures, several tensors at once."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any

from PySide6.QtCore import QBuffer, QByteArray, QObject, QSize, Qt, Signal
from PySide6.QtGui import QGuiApplication, QImage
from PySide6.QtWidgets import QFileDialog, QHBoxLayout, QLabel, QProgressBar, QPushButton, QWidget

from ckpt_studio.core.jobs import Progress, Step
from ckpt_studio.core.tensor import Tensor
from ckpt_studio.errors import StudioError
from ckpt_studio.formats.atomic import replacing
from ckpt_studio.gui.figures import exact_text
from ckpt_studio.gui.inspector.reading import readable
from ckpt_studio.gui.inspector.saving import MOST_COPIED, file_name, save_csv, save_npy, text_of
from ckpt_studio.gui.tasks import Task, run_task
from ckpt_studio.gui.wording import worded_error

# A picture with one pixel for a value is enlarged to at least this many.
_LEAST_PICTURE = 512


class WorkRow(QWidget):
    """What is being written, how far it is, and a button that stops it; hidden while nothing is."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.label = QLabel()
        self.bar = QProgressBar()
        self.bar.setTextVisible(False)
        self.bar.setAccessibleName(self.tr("Progress of saving"))
        self.stop_button = QPushButton(self.tr("Stop"))
        row = QHBoxLayout(self)
        row.setContentsMargins(10, 4, 10, 6)
        row.addWidget(self.label)
        row.addWidget(self.bar, 1)
        row.addWidget(self.stop_button)
        self.hide()

    def show_step(self, step: Step) -> None:
        """How far it is."""
        self.bar.setRange(0, 1000 if step.total else 0)
        if step.total:
            self.bar.setValue(int(1000 * step.done / step.total))


class ValueSaver(QObject):
    """Writes and copies in a task of its own, which goes on when the selection moves.

    Signals:
        said(str, str): the outcome in a sentence, and its tone.
    """

    said = Signal(str, str)

    def __init__(self, row: WorkRow, parent: QWidget) -> None:
        super().__init__(parent)
        self._window = parent
        self._row = row
        self._task: Task | None = None
        row.stop_button.clicked.connect(self.stop)

    @property
    def is_busy(self) -> bool:
        """Whether something is being written or copied."""
        return self._task is not None

    def stop(self) -> None:
        """Drops what is being written; nothing is left of it."""
        task, self._task = self._task, None
        self._row.hide()
        if task is not None:
            task.cancel()

    def copy_values(self, tensor: Tensor) -> None:
        """Puts the values on the clipboard, as spreadsheets take them; too many are refused."""
        if tensor.numel > MOST_COPIED:
            self.said.emit(
                self.tr(
                    "These are too many values for the clipboard (more than {count}). Save them as a file instead."
                ).format(count=exact_text(MOST_COPIED)),
                "caution",
            )
            return

        def copied(text: str) -> None:
            QGuiApplication.clipboard().setText(text)
            self.said.emit(self.tr("The values are on the clipboard."), "good")

        self._start(lambda progress: text_of(tensor, progress), copied, self.tr("Copying values"))

    def copy_picture(self, image: QImage) -> None:
        """Puts a picture on the clipboard."""
        if image.isNull():
            self.said.emit(self.tr("There is no picture yet."), "caution")
            return
        QGuiApplication.clipboard().setImage(_enlarged(image))
        self.said.emit(self.tr("The picture is on the clipboard."), "good")

    def ask_target(self, suffix: str, name: str, folder: str, chosen: Callable[[str], None]) -> None:
        """Asks where to write, the name of the tensor proposed."""
        filters = {
            "npy": self.tr("NumPy arrays (*.npy)"),
            "csv": self.tr("Tables of text (*.csv)"),
            "png": self.tr("Pictures (*.png)"),
        }
        dialog = QFileDialog(self._window, self.tr("Save"), folder, filters[suffix])
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.setDefaultSuffix(suffix)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.selectFile(f"{file_name(name)}.{suffix}")
        dialog.fileSelected.connect(chosen)
        dialog.open()

    def save_values(self, tensor: Tensor, path: str) -> None:
        """Writes the values as `.csv`, or else as `.npy`."""
        write = save_csv if os.path.splitext(path)[1].lower() == ".csv" else save_npy
        self._start(
            lambda progress: write(tensor, path, progress),
            lambda _: self.say_saved(path),
            self.tr("Saving “{name}”").format(name=os.path.basename(path)),
        )

    def save_picture(self, image: QImage, path: str) -> None:
        """Writes a picture as `.png`."""
        if image.isNull():
            self.said.emit(self.tr("There is no picture yet."), "caution")
            return
        raw = QByteArray()
        buffer = QBuffer(raw)
        buffer.open(QBuffer.OpenModeFlag.WriteOnly)
        _enlarged(image).save(buffer, "PNG")  # type: ignore[call-overload]
        data = bytes(raw.data())

        def write(progress: Progress) -> None:
            with replacing(path, progress) as draft, open(draft.fd, "wb", closefd=False) as file:
                file.write(data)

        name = self.tr("Saving “{name}”").format(name=os.path.basename(path))
        self._start(write, lambda _: self.say_saved(path), name)

    def say_saved(self, path: str) -> None:
        """Tells that something was written."""
        self.said.emit(self.tr("Saved: {path}").format(path=path), "good")

    def _start(self, job: Callable[[Progress], Any], arrived: Callable[[Any], None], label: str) -> None:
        self.stop()
        task = run_task(self, readable(job), label=label)
        self._task = task
        self._row.label.setText(label)
        self._row.bar.setRange(0, 0)
        task.progressed.connect(lambda step: self._on_progressed(task, step))
        task.succeeded.connect(arrived)
        task.failed.connect(self._on_failed)
        task.finished.connect(lambda: self._on_finished(task))

    def _on_progressed(self, task: Task, step: Step) -> None:
        # Only what lasts shows the row: nothing jumps for a small tensor.
        if task is self._task:
            self._row.show_step(step)
            self._row.show()

    def _on_failed(self, error: StudioError) -> None:
        self.said.emit(worded_error(error), "bad")

    def _on_finished(self, task: Task) -> None:
        if task is self._task:
            self._task = None
            self._row.hide()


def _enlarged(image: QImage) -> QImage:
    longest = max(image.width(), image.height())
    if longest >= _LEAST_PICTURE:
        return image
    factor = -(-_LEAST_PICTURE // longest)
    return image.scaled(QSize(image.width() * factor, image.height() * factor))
