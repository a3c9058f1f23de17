"""Where an export goes when nobody says anything else: which folder, which name."""

from __future__ import annotations

import os
from pathlib import Path

from PySide6.QtCore import QStandardPaths

from ckpt_studio.gui.document import Document
from ckpt_studio.gui.settings import settings, text_setting
from ckpt_studio.resources import resource_path

RECIPE_FOLDER = "recipe/folder"
_LAST_FOLDER = "export/folder"
_DOUBLE_SUFFIXES = (".pth.tar", ".pt.tar", ".safetensors.index.json", ".bin.index.json", ".index.json")


def _is_own(path: str) -> bool:
    """Whether the path lies among the program's own files, where an update would take it away."""
    return Path(path).resolve().is_relative_to(resource_path("").resolve())


def suggested_folder(document: Document) -> str:
    """Where to write: where this document went last, else beside the opened file.

    For the program's own sample: where anything went last, else the documents or the home folder.
    """
    if os.path.isdir(document.export_folder):
        return document.export_folder
    beside = os.path.dirname(os.path.abspath(document.path))
    if not _is_own(beside):
        return beside
    documents = QStandardPaths.writableLocation(QStandardPaths.StandardLocation.DocumentsLocation)
    for folder in (text_setting(_LAST_FOLDER, ""), documents):
        if folder and os.path.isdir(folder) and not _is_own(folder):
            return folder
    return os.path.expanduser("~")


def stem_of(path: str) -> str:
    """The file's name without what tells its format: "model.safetensors.index.json" gives "model"."""
    name = os.path.basename(path)
    for ending in (*_DOUBLE_SUFFIXES, os.path.splitext(name)[1]):
        if ending and name.lower().endswith(ending):
            return name[: -len(ending)]
    return name


def suggested_recipe(document: Document | None) -> str:
    """Where a recipe of this document's changes would be saved: where one was saved or opened last, else beside it."""
    beside = os.path.dirname(os.path.abspath(document.path)) if document is not None else ""
    folder = text_setting(RECIPE_FOLDER, beside)
    stem = stem_of(document.path) + "-recipe" if document is not None else "recipe"
    return os.path.join(folder if os.path.isdir(folder) else beside, f"{stem}.json")


def suggested_target(path: str, suffix: str, folder: str = "") -> str:
    """A name that is not taken, beside the opened file or in the folder: "r34.pth.tar" gives "r34-edited.pth"."""
    folder = folder or os.path.dirname(os.path.abspath(path))
    stem = stem_of(path)
    target = os.path.join(folder, f"{stem}-edited{suffix}")
    number = 2
    while os.path.exists(target):
        target = os.path.join(folder, f"{stem}-edited-{number}{suffix}")
        number += 1
    return target


def remember_folder(document: Document, path: str) -> None:
    """Proposes the folder of this file from now on."""
    document.export_folder = os.path.dirname(os.path.abspath(path))
    settings().setValue(_LAST_FOLDER, document.export_folder)
