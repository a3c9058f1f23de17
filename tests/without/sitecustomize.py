"""Makes PySide6 and torch unimportable in this process and its children, when this folder is on PYTHONPATH.

CI runs the tests of core, formats, compare and cli once like this: what they need is proven not to need either.
"""

from __future__ import annotations

import sys
from importlib.machinery import ModuleSpec, PathFinder
from typing import Any

ABSENT = frozenset({"PySide6", "shiboken6", "torch", "torchvision", "timm", "transformers"})


class _WithoutAbsent:
    """The finder it wraps, to which some packages are simply not there."""

    def __init__(self, finder: Any) -> None:
        self._finder = finder

    def __getattr__(self, name: str) -> Any:
        return getattr(self._finder, name)

    def find_spec(self, fullname: str, *places: Any) -> ModuleSpec | None:
        if fullname.partition(".")[0] in ABSENT:
            return None
        found: ModuleSpec | None = self._finder.find_spec(fullname, *places)
        return found


sys.meta_path[:] = [_WithoutAbsent(finder) if finder is PathFinder else finder for finder in sys.meta_path]
