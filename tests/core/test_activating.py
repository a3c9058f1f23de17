"""Recipes say on which state dict their edits act."""

from __future__ import annotations

import pytest

from ckpt_studio.core.checkpoint import Checkpoint, Source, StateDict
from ckpt_studio.core.edits import Activate, AddPrefix, Recipe, RenameTensor, StripPrefix
from ckpt_studio.core.history import History
from ckpt_studio.core.tree import Dict
from ckpt_studio.errors import EditError
from tests.core.conftest import checkpoint_of


def two() -> Checkpoint:
    """A checkpoint whose state dicts “model” and “ema” hold the same names."""
    names = ("module.a", "module.b")
    entries = [checkpoint_of(names).active_state_dict.entries for _ in range(2)]
    inner = [Dict(list(entry.items())) for entry in entries]
    root = Dict([("model", inner[0]), ("ema", inner[1])])
    found = (StateDict(("model",), entries[0], inner[0]), StateDict(("ema",), entries[1], inner[1]))
    return Checkpoint(Source("made.pth", "pickle", 0), root, found, ("model",))


def names_of(checkpoint: Checkpoint) -> list[list[str]]:
    return [list(state_dict.entries) for state_dict in checkpoint.state_dicts]


def edited() -> History:
    history = History(two())
    history.apply(StripPrefix("module."))
    for path, edit in ((("ema",), AddPrefix("x.")), (("model",), RenameTensor("a", "c"))):
        history.record(edit, edit.apply(history.current.activate(path)))
    return history


def test_recipe_of_edits_on_two_state_dicts_gives_the_same_file() -> None:
    history = edited()
    recipe = Recipe.from_json(history.recipe().to_json())
    assert [edit.kind for edit in recipe.edits] == [
        "strip-prefix", "activate-state-dict", "add-prefix", "activate-state-dict", "rename-tensor",
    ]  # fmt: skip
    assert names_of(recipe.apply(two())) == names_of(history.current) == [["c", "b"], ["x.module.a", "x.module.b"]]


def test_recipe_on_the_default_alone_names_no_state_dict() -> None:
    history = History(two())
    history.apply(StripPrefix("module."))
    assert [edit.kind for edit in history.recipe().edits] == ["strip-prefix"]


def test_recipe_of_a_chosen_state_dict_says_which_when_asked_from_the_default() -> None:
    history = History(two().activate(("ema",)))
    history.apply(StripPrefix("module."))
    recipe = history.recipe(("model",))
    assert recipe.edits[0] == Activate(("ema",))
    assert names_of(recipe.apply(two())) == [["module.a", "module.b"], ["a", "b"]]


def test_applied_activation_is_not_repeated() -> None:
    history = History(two())
    history.apply(Activate(("ema",)))
    history.apply(StripPrefix("module."))
    assert [edit.kind for edit in history.recipe().edits] == ["activate-state-dict", "strip-prefix"]


def test_state_dict_that_is_not_there_is_named() -> None:
    with pytest.raises(EditError) as raised:
        Activate(("averages",)).apply(two())
    assert "averages" in str(raised.value)
    assert "model, ema" in str(raised.value)
