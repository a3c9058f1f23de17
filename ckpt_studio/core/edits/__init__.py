"""Edits: frozen values that turn a checkpoint into the next one, and their JSON (recipes)."""

from ckpt_studio.core.edits.activating import Activate
from ckpt_studio.core.edits.base import Edit, Recipe, edit_from_json, edit_to_json, register
from ckpt_studio.core.edits.cleaning import PopEntries, RenameLastParts, UseAverages, UseStateDict
from ckpt_studio.core.edits.completing import AddConstant, FillMissing, TieTensors, UpdateFrom
from ckpt_studio.core.edits.contents import PopEntry, SetMetadata, SetValue
from ckpt_studio.core.edits.mapping import ApplyMapping
from ckpt_studio.core.edits.names import (
    AddPrefix,
    NameEdit,
    RegexRename,
    RenameGroup,
    RenameTensor,
    RenameTensors,
    StripPrefix,
    preview_renames,
)
from ckpt_studio.core.edits.pattern import PatternRename
from ckpt_studio.core.edits.removing import Keep, KeepNames, Pop, PopMatching
from ckpt_studio.core.edits.rules import NameRule, Piece
from ckpt_studio.core.edits.shaping import AdaptChannels, InterpolatePositions, Join, Reshape, SelectRows, Split
from ckpt_studio.core.edits.values import CAST_TARGETS, Cast, SetDevice

__all__ = [
    "CAST_TARGETS",
    "Activate",
    "AdaptChannels",
    "AddConstant",
    "AddPrefix",
    "ApplyMapping",
    "Cast",
    "Edit",
    "FillMissing",
    "InterpolatePositions",
    "Join",
    "Keep",
    "KeepNames",
    "NameEdit",
    "NameRule",
    "PatternRename",
    "Piece",
    "Pop",
    "PopEntries",
    "PopEntry",
    "PopMatching",
    "Recipe",
    "RegexRename",
    "RenameGroup",
    "RenameLastParts",
    "RenameTensor",
    "RenameTensors",
    "Reshape",
    "SelectRows",
    "SetDevice",
    "SetMetadata",
    "SetValue",
    "Split",
    "StripPrefix",
    "TieTensors",
    "UpdateFrom",
    "UseAverages",
    "UseStateDict",
    "edit_from_json",
    "edit_to_json",
    "preview_renames",
    "register",
]
