"""What can go wrong for a user, as codes and fields; the sentences are in `ckpt_studio.wording`.

Three kinds of failure exist (ARCHITECTURE, "Failure"): `Cancelled` (say nothing), `StudioError`
(one plain message), and anything else (a programmer's error: the crash dialog).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any


@dataclass(frozen=True)
class Message:
    """One sentence to be worded later: a code of `ckpt_studio.wording` and the values it mentions."""

    code: str
    fields: Mapping[str, Any] = field(default_factory=lambda: MappingProxyType({}))

    def __str__(self) -> str:
        # The English words: logs, the command line and tests read a message without a window.
        from ckpt_studio.wording import english

        return english(self)


def message(code: str, **fields: Any) -> Message:
    """The message `code` with its fields."""
    return Message(code, MappingProxyType(fields))


class Cancelled(Exception):
    """The user stopped the work; nothing is to be said about it. Not an error."""


class StudioError(Exception):
    """A failure the user can understand: what happened, to what, and what to do.

    Attributes:
        message: code and fields of the sentence.
        problems: every single problem found, when there are several (an edit lists them all).
        details: text for the "details" button (a traceback of the user's own code, torch's words), or "".
    """

    def __init__(self, code: str, *, problems: Iterable[Message] = (), details: str = "", **fields: Any) -> None:
        self.message = message(code, **fields)
        self.problems: tuple[Message, ...] = tuple(problems)
        self.details = details
        super().__init__(code)

    @property
    def code(self) -> str:
        """The error's stable name, as `--json` prints it."""
        return self.message.code

    def __str__(self) -> str:
        return str(self.message)


class FormatError(StudioError):
    """The file cannot be read as a checkpoint: it is something else, damaged, or cut short."""


class EditError(StudioError):
    """An edit does not fit the checkpoint; `problems` lists every reason and nothing was changed."""


class ExportError(StudioError):
    """The result could not be written; the target is as it was."""


class ModelError(StudioError):
    """The model to compare with could not be found, built or asked."""


class UsageError(StudioError):
    """The command line's words do not fit together."""
