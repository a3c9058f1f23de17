"""What an edit is, and how edits become JSON and come back."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, TypeVar

from ckpt_studio.core.checkpoint import Checkpoint
from ckpt_studio.errors import EditError, Message, message

RECIPE_VERSION = 1
STEP_OFF = "off"
"""The key of a recipe's step that is true where the step is left out."""


@dataclass(frozen=True)
class Edit:
    """One change, as a frozen value whose fields are JSON values (tuples and string-keyed dicts included).

    Attributes:
        kind: the edit's name in recipes ("strip-prefix"); one per class.
    """

    kind: ClassVar[str]

    def apply(self, checkpoint: Checkpoint) -> Checkpoint:
        """The checkpoint after this edit. Validates everything first; costs O(keys), never O(bytes).

        Raises:
            EditError: it does not fit; `problems` lists every reason, and nothing was changed.
        """
        raise NotImplementedError

    def describe(self) -> Message:
        """The edit in words, for the history ("Strip the prefix “module.”")."""
        raise NotImplementedError

    def remarks(self, checkpoint: Checkpoint) -> tuple[Message, ...]:
        """What of the edit finds nothing in a checkpoint that it fits as a whole: rules that are idle there."""
        return ()


def _texts(value: Any) -> bool:
    return isinstance(value, tuple) and all(isinstance(item, str) for item in value)


def _sizes(value: Any) -> bool:
    return isinstance(value, tuple) and all(type(size) is int for size in value)


def _path(value: Any) -> bool:
    return isinstance(value, tuple) and all(type(key) in (int, str) for key in value)


# Edits inside edits (those of another file) go no deeper than people would make them.
_DEEPEST = 20

# What a field of each annotation may hold once JSON's lists have become tuples.
_FIELD_TYPES: dict[str, Callable[[Any], bool]] = {
    "str": lambda value: isinstance(value, str),
    "str | None": lambda value: value is None or isinstance(value, str),
    "bool": lambda value: isinstance(value, bool),
    "int": lambda value: type(value) is int,
    "int | float": lambda value: type(value) in (int, float),
    "int | None": lambda value: value is None or type(value) is int,
    "tuple[str, ...]": _texts,
    "tuple[str, ...] | None": lambda value: value is None or _texts(value),
    "tuple[tuple[str, str], ...]": lambda value: (
        isinstance(value, tuple) and all(_texts(pair) and len(pair) == 2 for pair in value)
    ),
    "tuple[tuple[str, tuple[int, ...]], ...]": lambda value: (
        isinstance(value, tuple)
        and all(
            isinstance(item, tuple) and len(item) == 2 and isinstance(item[0], str) and _sizes(item[1])
            for item in value
        )
    ),
    "tuple[int, ...]": lambda value: _sizes(value),
    "tuple[NameRule, ...]": lambda value: (
        isinstance(value, tuple) and all(_texts(rule) and len(rule) == 3 for rule in value)
    ),
    "Path": _path,
    "tuple[Path, ...]": lambda value: isinstance(value, tuple) and all(map(_path, value)),
    "str | int | float | bool | None": lambda value: value is None or isinstance(value, str | int | float),
    "tuple[tuple[str, tuple[Piece, ...], int], ...]": lambda value: (
        isinstance(value, tuple)
        and all(
            isinstance(part, tuple)
            and len(part) == 3
            and isinstance(part[0], str)
            and isinstance(part[1], tuple)
            and type(part[2]) is int
            and all(
                isinstance(piece, tuple) and len(piece) == 3 and isinstance(piece[0], str) and _sizes(piece[1:])
                for piece in part[1]
            )
            for part in value
        )
    ),
    "tuple[Edit, ...]": lambda value: isinstance(value, tuple) and all(isinstance(item, Edit) for item in value),
}

_KINDS: dict[str, type[Edit]] = {}
E_ = TypeVar("E_", bound=type[Edit])


def register(cls: E_) -> E_:
    """Class decorator: makes an edit known to recipes under its `kind`."""
    assert cls.kind not in _KINDS, cls.kind
    assert all(field.type in _FIELD_TYPES for field in dataclasses.fields(cls)), cls
    _KINDS[cls.kind] = cls
    return cls


def edit_types() -> Mapping[str, type[Edit]]:
    """Every kind of edit that recipes know, by name."""
    return _KINDS


def edit_to_json(edit: Edit) -> dict[str, Any]:
    """The edit as a JSON object: its `kind` under "edit", and its fields (those equal to their default left out)."""
    result: dict[str, Any] = {"edit": edit.kind}
    for field in dataclasses.fields(edit):
        value = getattr(edit, field.name)
        if field.default is dataclasses.MISSING or value != field.default:
            result[field.name] = list(map(edit_to_json, value)) if field.type == "tuple[Edit, ...]" else value
    plain: dict[str, Any] = json.loads(json.dumps(result))
    return plain


def edit_from_json(data: Any, depth: int = 0) -> Edit:
    """The edit that `edit_to_json` wrote.

    Raises:
        EditError: "bad-recipe": no such edit, or fields that are missing, unknown or of the wrong type.
    """
    if not isinstance(data, dict) or not isinstance(data.get("edit"), str):
        raise EditError("bad-recipe", reason=message("recipe-no-edit", text=str(data)[:80]))
    cls = _KINDS.get(data["edit"])
    if cls is None:
        raise EditError("bad-recipe", reason=message("recipe-unknown-edit", kind=data["edit"][:80]))
    nested = {field.name for field in dataclasses.fields(cls) if field.type == "tuple[Edit, ...]"}
    fields = {key: _frozen(value) for key, value in data.items() if key != "edit" and key not in nested}
    for key in nested & data.keys():
        if depth == _DEEPEST or not isinstance(data[key], list):
            raise EditError("bad-recipe", reason=message("recipe-foreign"))
        fields[key] = tuple(edit_from_json(item, depth + 1) for item in data[key])
    try:
        edit = cls(**fields)
    except (TypeError, ValueError) as error:
        raise EditError("bad-recipe", reason=f"{data['edit']}: {error}") from None
    for field in dataclasses.fields(cls):
        if not _FIELD_TYPES[str(field.type)](getattr(edit, field.name)):
            raise EditError("bad-recipe", reason=f"{data['edit']}: “{field.name}” is not {field.type}")
    return edit


def _frozen(value: Any) -> Any:
    # JSON has no tuples; frozen edits hold nothing mutable but (string-keyed) dicts they own.
    if isinstance(value, list):
        return tuple(_frozen(item) for item in value)
    if isinstance(value, dict):
        return {key: _frozen(item) for key, item in value.items()}
    return value


@dataclass(frozen=True)
class Recipe:
    """A list of edits that can be kept in a file and applied to another checkpoint."""

    edits: tuple[Edit, ...]

    def apply(self, checkpoint: Checkpoint) -> Checkpoint:
        """All edits in order; raises EditError at the first that does not fit."""
        for edit in self.edits:
            checkpoint = edit.apply(checkpoint)
        return checkpoint

    def to_json(self) -> str:
        """JSON text: `{"ckpt-studio-recipe": 1, "edits": [...]}`."""
        body = {"ckpt-studio-recipe": RECIPE_VERSION, "edits": [edit_to_json(edit) for edit in self.edits]}
        return json.dumps(body, indent=2, ensure_ascii=False) + "\n"

    @classmethod
    def from_json(cls, text: str) -> Recipe:
        """Reads `to_json`'s text; steps that are switched off are left out.

        Raises:
            EditError: "bad-recipe": it is something else.
        """
        edits = recipe_body(text)["edits"]
        on = [item for item in edits if not (isinstance(item, dict) and item.get(STEP_OFF) is True)]
        return cls(
            tuple(
                edit_from_json({k: v for k, v in item.items() if k != STEP_OFF})
                if isinstance(item, dict)
                else edit_from_json(item)
                for item in on
            )
        )

    @classmethod
    def of(cls, edits: Iterable[Edit]) -> Recipe:
        """A recipe of these edits."""
        return cls(tuple(edits))


def recipe_body(text: str) -> dict[str, Any]:
    """What a recipe's text holds, its "edits" a list of nobody knows what yet.

    Raises:
        EditError: "bad-recipe": it is something else.
    """
    try:
        data = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise EditError("bad-recipe", reason=str(error)) from None
    if (
        not isinstance(data, dict)
        or data.get("ckpt-studio-recipe") != RECIPE_VERSION
        or not isinstance(data.get("edits"), list)
    ):
        raise EditError("bad-recipe", reason=message("recipe-foreign"))
    return data
