"""A recipe that is being written: its steps as they stand in the file, whatever they hold, and whether each is on."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from ckpt_studio.core.edits.base import (
    RECIPE_VERSION,
    STEP_OFF,
    Edit,
    Recipe,
    edit_from_json,
    edit_to_json,
    edit_types,
    recipe_body,
)
from ckpt_studio.errors import EditError, message

Step = Mapping[str, Any]
"""One step as JSON: "edit" names its kind, the other keys are its fields; `"off": true` leaves it out."""


@dataclass(frozen=True)
class Draft:
    """The text of a recipe, taken apart no further than needed: what is not understood is kept.

    Attributes:
        steps: in order, those switched off included.
        rest: everything else that the file holds beside the steps (a name, a note).
    """

    steps: tuple[Step, ...] = ()
    rest: Mapping[str, Any] = field(default_factory=lambda: {"ckpt-studio-recipe": RECIPE_VERSION})

    @classmethod
    def of(cls, edits: Iterable[Edit]) -> Draft:
        """A draft of these edits."""
        return cls(tuple(map(edit_to_json, edits)))

    @classmethod
    def from_json(cls, text: str) -> Draft:
        """Reads a recipe's text, steps of kinds that this version does not know included.

        Raises:
            EditError: "bad-recipe": it is no recipe.
        """
        data = recipe_body(text)
        steps = data["edits"]
        if not all(isinstance(step, dict) for step in steps):
            raise EditError("bad-recipe", reason=message("recipe-foreign"))
        return cls(tuple(steps), {key: value for key, value in data.items() if key != "edits"})

    def to_json(self) -> str:
        """The recipe's text, as `from_json` reads it."""
        return json.dumps({**self.rest, "edits": list(self.steps)}, indent=2, ensure_ascii=False) + "\n"

    def recipe(self) -> Recipe:
        """What is to be applied: the steps that are on.

        Raises:
            EditError: one of them is not understood.
        """
        return Recipe.from_json(self.to_json())


def is_on(step: Step) -> bool:
    """Whether the step is applied."""
    return step.get(STEP_OFF) is not True


def switched(step: Step, on: bool) -> dict[str, Any]:
    """The step, applied or left out."""
    rest = {key: value for key, value in step.items() if key != STEP_OFF}
    return rest if on else {**rest, STEP_OFF: True}


def edit_of(step: Step) -> Edit:
    """The edit that a step is, on or off. Raises EditError when it is not understood."""
    return edit_from_json(switched(step, True))


@dataclass(frozen=True)
class FieldSpec:
    """A field of an edit: its name, its annotation as text, and what it is when the recipe does not say."""

    name: str
    kind: str
    default: Any


def fields_of(kind: str) -> tuple[FieldSpec, ...]:
    """The fields of a kind of edit; () for one that is not known."""
    cls = edit_types().get(kind)
    if cls is None:
        return ()
    return tuple(
        FieldSpec(item.name, str(item.type), None if item.default is dataclasses.MISSING else item.default)
        for item in dataclasses.fields(cls)
    )


def unknown_fields(step: Step) -> tuple[str, ...]:
    """The keys of a step that its kind does not have: somebody else's, or a newer version's."""
    known = {spec.name for spec in fields_of(str(step.get("edit")))} | {"edit", STEP_OFF}
    return tuple(key for key in step if key not in known)
