"""How edits say what is wrong with them: everything at once."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence

from ckpt_studio.errors import EditError, Message, message


def fail(problems: Sequence[Message]) -> None:
    """Raises EditError with all problems; a single one is the error's own message. Does nothing without any."""
    if len(problems) == 1:
        raise EditError(problems[0].code, problems=problems, **problems[0].fields)
    if problems:
        raise EditError("several-problems", problems=problems, count=len(problems), first=problems[0])


def no_such_tensors(wanted: Iterable[str], names: Collection[str]) -> list[Message]:
    """One problem for every wanted name that is not among the names."""
    known = set(names)
    return [message("no-such-tensor", name=name) for name in wanted if name not in known]
