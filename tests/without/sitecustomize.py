"""Makes PySide6 and torch unimportable in this process and its children, when this folder is on PYTHONPATH.

CI runs the tests of core, formats, compare and cli once like this: what they need is proven not to need either.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec
from types import ModuleType

ABSENT = frozenset({"PySide6", "shiboken6", "torch", "torchvision", "timm", "transformers"})


class _Absent(MetaPathFinder):
    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        if fullname.partition(".")[0] in ABSENT:
            raise ModuleNotFoundError(f"No module named {fullname!r} (hidden for this test run)", name=fullname)
        return None


sys.meta_path.insert(0, _Absent())
