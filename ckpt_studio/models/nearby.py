"""Models defined in Python files beside a checkpoint: found by reading those files, never by running them."""

from __future__ import annotations

import ast
import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from ckpt_studio.core.jobs import SILENT, Progress, gradually
from ckpt_studio.errors import ModelError
from ckpt_studio.models.source_scan import Candidate, scan

_MOST_FILES = 40
_LARGEST_FILE = 1 << 20
# A class that holds fewer of the names than this share is not worth offering.
_LEAST = 0.6


@dataclass(frozen=True)
class NearbyModel:
    """A class that seems to be the model of a checkpoint.

    Attributes:
        path: of the Python file.
        candidate: the class in it.
        share: how many of the checkpoint's outermost names it assigns (0 to 1).
    """

    path: str
    candidate: Candidate
    share: float


def models_beside(path: str, names: Iterable[str], progress: Progress = SILENT) -> list[NearbyModel]:
    """The classes in the checkpoint's folder that assign most of its outermost names, the best first.

    Args:
        path: of the checkpoint.
        names: of its tensors.
        progress: polled before each file.
    """
    folder = os.path.dirname(os.path.abspath(path))
    heads = _heads(names)
    found: list[NearbyModel] = []
    try:
        files = sorted(entry.path for entry in os.scandir(folder) if entry.name.endswith(".py") and entry.is_file())
    except OSError:
        return []
    for file in files[:_MOST_FILES]:
        progress.check()
        try:
            if os.path.getsize(file) > _LARGEST_FILE:
                continue
            candidates = scan(file)
        except (OSError, ModelError):
            continue
        share, best = _likeliest(file, candidates, heads)
        if best is not None and share >= _LEAST:
            found.append(NearbyModel(file, best, share))
    return sorted(found, key=lambda model: -model.share)


def likeliest_class(path: str, candidates: Sequence[Candidate], names: Iterable[str]) -> tuple[float, Candidate | None]:
    """The class of a file that assigns most of the outermost names of tensors, and what share of them (0 to 1).

    A common first part of all names ("module.") is left out.
    """
    return _likeliest(path, candidates, _heads(names))


def _likeliest(path: str, candidates: Sequence[Candidate], heads: set[str]) -> tuple[float, Candidate | None]:
    classes = {candidate.qualname: candidate for candidate in candidates if candidate.kind == "class"}
    if not heads or not classes:
        return 0.0, None
    try:
        tree = ast.parse(Path(path).read_bytes())
    except (OSError, ValueError, SyntaxError, RecursionError, MemoryError):
        return 0.0, None
    best: Candidate | None = None
    most = 0.0
    for node in tree.body:
        if isinstance(node, ast.ClassDef) and node.name in classes:
            share = len(heads & _assigned(node)) / len(heads)
            if share > most:
                most, best = share, classes[node.name]
    return most, best


def _heads(names: Iterable[str]) -> set[str]:
    rest = [name for name in gradually(names) if name]
    while rest:
        heads = {name.partition(".")[0] for name in gradually(rest)}
        if len(heads) > 1 or any("." not in name for name in gradually(rest)):
            return heads
        length = len(heads.pop()) + 1
        rest = [name[length:] for name in gradually(rest)]
    return set()


def _assigned(cls: ast.ClassDef) -> set[str]:
    """What the class stores in `self`."""
    return {
        node.attr
        for node in ast.walk(cls)
        if isinstance(node, ast.Attribute)
        and isinstance(node.ctx, ast.Store)
        and isinstance(node.value, ast.Name)
        and node.value.id == "self"
    }
