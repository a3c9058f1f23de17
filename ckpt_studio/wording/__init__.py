"""Every sentence that core, formats, models and compare can say, as English templates by code.

The lower rooms raise and return `ckpt_studio.errors.Message` values (a code and fields). Here is the
one table that words them: the command line prints the English, the window translates the same
template (context "messages") before it fills in the fields. `QT_TRANSLATE_NOOP` marks the literals
for `pyside6-lupdate` and returns them unchanged, so that no Qt is needed here.
"""

from __future__ import annotations

import importlib
from functools import cache

from ckpt_studio.errors import Message
from ckpt_studio.wording.sizes import size_and_bytes

# One table per room keeps each sentence beside the code that says it.
TABLES = ("reading", "findings", "edits", "exporting", "models", "comparing", "commands")


@cache
def templates() -> dict[str, str]:
    """Code -> English template with `{field}` places, over all rooms."""
    merged: dict[str, str] = {}
    for name in TABLES:
        table: dict[str, str] = importlib.import_module(f"{__name__}.{name}").TEMPLATES
        for code, text in table.items():
            if code in merged:
                raise AssertionError(f"the wording of {code!r} is written twice")
            merged[code] = text
    return merged


def template_of(message: Message) -> str:
    """The English template of a message: the one of `code=1` where there is one and its {count} is 1.

    Raises:
        KeyError: an unknown code, a programmer's error.
    """
    table = templates()
    if message.fields.get("count") in (1, "1"):
        return table.get(f"{message.code}=1", table[message.code])
    return table[message.code]


def english(message: Message) -> str:
    """The message in English. An unknown code is a programmer's error and raises KeyError."""
    fields = {key: _Number(value) if type(value) is int else value for key, value in message.fields.items()}
    return template_of(message).format(**fields)


class _Number(int):
    """A number of bytes is written as `{field:size}`: "14.9 MB (14,908,524 bytes)"."""

    def __format__(self, spec: str) -> str:
        if spec != "size":
            return format(int(self), spec)
        return size_and_bytes(int(self))
