"""Edits: frozen values that turn a checkpoint into the next one, and their JSON (recipes)."""

from ckpt_studio.core.edits.base import Edit, Recipe, edit_from_json, edit_to_json, register

__all__ = ["Edit", "Recipe", "edit_from_json", "edit_to_json", "register"]
