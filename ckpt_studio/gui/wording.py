"""What core says, in the window's language."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QCoreApplication

from ckpt_studio.errors import Message, StudioError
from ckpt_studio.gui.figures import exact_text, size_text
from ckpt_studio.wording import template_of

# Fields that count something; other numbers are places, versions, seeds.
_COUNTS = frozenset(("count", "total", "matched", "others"))


def worded(message: Message) -> str:
    """The message in the window's language, its fields filled in (nested messages are worded too)."""
    template = QCoreApplication.translate("messages", template_of(message))
    return template.format(**{key: _field(key, value) for key, value in message.fields.items()})


def worded_error(error: StudioError, most: int = 12) -> str:
    """The error's sentence, followed by its single problems, one a line (at most `most` of them)."""
    lines = [worded(error.message)]
    # A single problem is the message itself.
    problems = error.problems if error.problems != (error.message,) else ()
    lines += [f"• {worded(problem)}" for problem in problems[:most]]
    if len(problems) > most:
        rest = QCoreApplication.translate("messages", "… and {count} more")
        lines.append(rest.format(count=len(problems) - most))
    return "\n".join(lines)


def _field(key: str, value: Any) -> Any:
    if isinstance(value, Message):
        return worded(value)
    if key in _COUNTS and type(value) is int:
        return exact_text(value)
    return _Number(value) if type(value) is int else value


class _Number(int):
    """A number of bytes, `{field:size}` in the templates: the size as elsewhere, and exactly."""

    def __format__(self, spec: str) -> str:
        if spec != "size":
            return format(int(self), spec)
        exact = QCoreApplication.translate("Figures", "{count} bytes").format(count=exact_text(self))
        return exact if self < 1000 else f"{size_text(self)} ({exact})"
