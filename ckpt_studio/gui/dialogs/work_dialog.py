"""A dialog that asks, then works for a while, and can be stopped meanwhile."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from PySide6.QtWidgets import QProgressBar, QPushButton, QWidget

from ckpt_studio.core.jobs import Progress, Step
from ckpt_studio.errors import StudioError
from ckpt_studio.gui.dialogs.ask_dialog import AskDialog
from ckpt_studio.gui.tasks import Task, run_task
from ckpt_studio.gui.wording import worded


class WorkDialog(AskDialog):
    """Runs one job at a time: its steps stand in the message and on the bar, closing stops it first.

    A subclass puts `bar` into its body, and says in `ended` what is to be as before when a job is over.
    """

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._task: Task | None = None
        self.bar = QProgressBar()
        self.bar.setRange(0, 0)
        self.bar.setTextVisible(False)
        self.bar.hide()
        # Its place is kept free, so that nothing moves when it comes and goes.
        policy = self.bar.sizePolicy()
        policy.setRetainSizeWhenHidden(True)
        self.bar.setSizePolicy(policy)
        self.finished.connect(self._stop)

    @property
    def is_working(self) -> bool:
        """Whether the job runs."""
        return self._task is not None

    def work(
        self,
        job: Callable[[Progress], Any],
        label: str,
        done: Callable[[Any], None],
        failed: Callable[[StudioError], None],
    ) -> None:
        """Starts a job; `done` or `failed` is called when it is over, unless it was stopped."""
        self.hide_details()
        self.bar.setRange(0, 0)
        self.bar.show()
        task = run_task(self, job, label=label)
        self._task = task
        task.progressed.connect(lambda step: self._on_progress(task, step))
        task.succeeded.connect(lambda result: self._over(task, lambda: done(result)))
        task.failed.connect(lambda error: self._over(task, lambda: failed(error)))
        task.finished.connect(lambda: self._over(task, None))

    def ended(self) -> None:
        """Called when a job is over, whatever came of it."""

    def _on_progress(self, task: Task, step: Step) -> None:
        if task is not self._task:
            return
        if step.label is not None:
            self.message.say(worded(step.label), "calm")
        self.bar.setRange(0, 1000 if step.total else 0)
        if step.total:
            self.bar.setValue(min(1000 * step.done // step.total, 1000))

    def _over(self, task: Task, then: Callable[[], None] | None) -> None:
        if task is not self._task:
            return
        self._task = None
        self.bar.hide()
        self.message.say("", "calm")
        self.ended()
        if then is not None:
            then()

    def reject(self) -> None:
        if self._task is not None:
            self._task.cancel()
            return
        super().reject()

    def _stop(self) -> None:
        if self._task is not None:
            task, self._task = self._task, None
            task.cancel()


def keep_width(button: QPushButton, *texts: str) -> None:
    """Gives a button the width of the widest of its texts, so that it stays when they change."""
    now, widest = button.text(), 0
    for text in texts:
        button.setText(text)
        widest = max(widest, button.sizeHint().width())
    button.setText(now)
    button.setMinimumWidth(widest)
