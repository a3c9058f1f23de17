"""Every code that the program can raise or say has words, and the words get the fields they mention."""

from __future__ import annotations

import ast
import string
from collections.abc import Iterator
from pathlib import Path

import pytest

import ckpt_studio
from ckpt_studio import errors
from ckpt_studio.wording import templates

PACKAGE = Path(ckpt_studio.__file__).parent
ERROR_CLASSES = {
    name for name, value in vars(errors).items() if isinstance(value, type) and issubclass(value, errors.StudioError)
}


def calls() -> Iterator[tuple[str, str, set[str] | None]]:
    """(place, code, field names; None when they are passed as **fields) of every literal message or error."""
    for path in sorted(PACKAGE.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if not isinstance(node, ast.Call) or not node.args:
                continue
            name = node.func.id if isinstance(node.func, ast.Name) else getattr(node.func, "attr", "")
            # AbsentBytes(nbytes, code, **fields) keeps an error for whoever reads it.
            code = node.args[1] if name == "AbsentBytes" and len(node.args) > 1 else node.args[0]
            if name not in ERROR_CLASSES | {"message", "AbsentBytes"}:
                continue
            if not (isinstance(code, ast.Constant) and isinstance(code.value, str)):
                continue
            names = {keyword.arg for keyword in node.keywords}
            own = {"problems", "details"} if name in ERROR_CLASSES else set()
            fields = None if None in names else {str(n) for n in names} - own
            yield f"{path.relative_to(PACKAGE)}:{node.lineno}", code.value, fields


def mentioned(template: str) -> set[str]:
    """The fields a template fills in."""
    return {name.split(".")[0].split("[")[0] for _, name, _, _ in string.Formatter().parse(template) if name}


@pytest.mark.parametrize(
    ("place", "code", "fields"), [pytest.param(*call, id=f"{call[0]}-{call[1]}") for call in calls()]
)
def test_every_message_can_be_worded(place: str, code: str, fields: set[str] | None) -> None:
    assert code in templates(), f"{place} says {code!r}, which wording/ does not know"
    if fields is not None:
        assert mentioned(templates()[code]) <= fields, f"{place}: {code!r} mentions fields it does not get"


def test_no_words_are_dead() -> None:
    used = "\n".join(
        path.read_text(encoding="utf-8")
        for path in PACKAGE.rglob("*.py")
        if path.parent.name != "wording" and "wording" not in path.parts
    )
    dead = [code for code in templates() if f'"{code.removesuffix("=1")}"' not in used]
    assert dead == []


def test_one_of_something_is_not_said_in_the_plural() -> None:
    table = templates()
    for code in table:
        if code.endswith("=1"):
            assert mentioned(table[code]) <= mentioned(table[code.removesuffix("=1")]), code
    assert str(errors.message("rename-tensors", count=1)) == "Rename 1 tensor"
    assert str(errors.message("rename-tensors", count=2)) == "Rename 2 tensors"


def test_bytes_are_said_as_sizes() -> None:
    from ckpt_studio.errors import message
    from ckpt_studio.wording import english

    said = english(message("disk-too-small", path="x.pth", needed=102_441_032, free=999))
    assert "needs 102 MB (102,441,032 bytes)" in said
    assert "only 999 bytes are free" in said
