"""Builds the model to compare with in a task, asking the user before anybody's code runs."""

from __future__ import annotations

import hashlib
import json
import threading
from collections.abc import Callable, Iterable
from pathlib import Path

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtWidgets import QWidget

from ckpt_studio.core.jobs import Progress
from ckpt_studio.gui.dialogs.consent_dialog import ConsentDialog
from ckpt_studio.gui.settings import settings, text_setting
from ckpt_studio.gui.tasks import Task, run_task
from ckpt_studio.models.reference import Reference
from ckpt_studio.models.resolve import AllowCode, Hosts, ResolvedModel, resolve
from ckpt_studio.models.trust import CodeRequest, Trust

_POLL_SECONDS = 0.05
_MOST_RECENT = 10


def trust() -> Trust:
    """What the user allowed to run, beside the settings."""
    return Trust(Path(settings().fileName()).with_name("trusted-code.json"))


def recent_models() -> list[str]:
    """The references compared with last, the newest first."""
    value = settings().value("recent/models", [])
    texts = [value] if isinstance(value, str) else list(value) if isinstance(value, list | tuple) else []
    return [text for text in texts if isinstance(text, str)]


def remember_model(resolved: ResolvedModel) -> None:
    """Puts a model at the top of the recent ones, with what tells for which files it is."""
    text = str(resolved.reference)
    recent = [text, *(old for old in recent_models() if old != text)][:_MOST_RECENT]
    known = {**_known_names(), text: _signature(entry.name for entry in resolved.skeleton.entries)}
    settings().setValue("recent/models", recent)
    settings().setValue("recent/model-names", json.dumps({text: known[text] for text in recent if text in known}))


def fitting_model(names: Iterable[str]) -> str:
    """The reference compared with last that has exactly these names; "" for none."""
    wanted, known = _signature(names), _known_names()
    return next((text for text in recent_models() if known.get(text) == wanted), "")


def _known_names() -> dict[str, str]:
    try:
        known = json.loads(text_setting("recent/model-names", "{}"))
    except ValueError:
        return {}
    return known if isinstance(known, dict) else {}


def _signature(names: Iterable[str]) -> str:
    """The same for the same names in whatever order; of very many names it takes some milliseconds."""
    return hashlib.sha256("\n".join(sorted(names)).encode("utf-8", "surrogatepass")).hexdigest()


class Consent(QObject):
    """Carries the question whether code may run from a job's thread to the window, and the answer back.

    Signals:
        waiting(bool): the question is on the screen, or no longer.

    Args:
        window: the dialog's parent.
        trusted: what was allowed before; None: the user's own list.
    """

    asked = Signal(object)
    waiting = Signal(bool)

    def __init__(self, window: QWidget, trusted: Trust | None = None) -> None:
        super().__init__(window)
        self._window = window
        self._trusted = trusted or trust()
        self._answer = False
        self._answered = threading.Event()
        self.dialog: ConsentDialog | None = None
        self.asked.connect(self._on_asked, Qt.ConnectionType.QueuedConnection)

    def asking(self, progress: Progress) -> AllowCode:
        """What a job asks with; it goes on once the user has answered."""
        return lambda request: self.wait(request, progress)

    def ends_with(self, task: Task) -> None:
        """Takes the question back when the job is over."""
        task.finished.connect(self.withdraw)
        task.finished.connect(self.deleteLater)

    def wait(self, request: CodeRequest, progress: Progress) -> bool:
        """In the job's thread: whether the code may run; Cancelled when the job is to stop meanwhile."""
        if self._trusted.allows(request):
            return True
        self._answered.clear()
        self.asked.emit(request)
        while not self._answered.wait(_POLL_SECONDS):
            progress.check()
        return self._answer

    def _on_asked(self, request: CodeRequest) -> None:
        dialog = ConsentDialog(request, self._window)
        dialog.answered.connect(lambda allowed, remember: self._on_answered(request, allowed, remember))
        self.dialog = dialog
        self.waiting.emit(True)
        dialog.open()

    def _on_answered(self, request: CodeRequest, allowed: bool, remember: bool) -> None:
        self.dialog = None
        self.waiting.emit(False)
        if allowed and remember:
            self._trusted.remember(request)
        self._answer = allowed
        self._answered.set()

    def withdraw(self, *_: object) -> None:
        """The job ended: nobody waits for an answer any more."""
        if self.dialog is not None:
            self.dialog.reject()


def resolve_in_task(
    window: QWidget,
    reference: Reference,
    interpreter: str | None = None,
    *,
    hosts: Hosts | None = None,
    trusted: Trust | None = None,
    label: str = "",
    waiting: Callable[[bool], object] | None = None,
) -> Task:
    """A started task whose result is a `ResolvedModel`; refusing to run the code cancels it.

    Args:
        window: the consent dialog's parent.
        reference: the model.
        interpreter: the Python for its code; None chooses.
        hosts: where worker processes live on.
        trusted: what was allowed before; None: the user's own list.
        label: for people.
        waiting: told when the question stands on the screen, and when it is answered.
    """
    question = Consent(window, trusted)
    if waiting is not None:
        question.waiting.connect(waiting)

    def build(progress: Progress) -> ResolvedModel:
        allow = question.asking(progress)
        return resolve(reference, interpreter=interpreter, progress=progress, allow_code=allow, hosts=hosts)

    task = run_task(window, build, label=label)
    question.ends_with(task)
    return task
