"""Puts `resources/` inside the built package, and what a desktop is told beside it; all else is in pyproject.toml."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

from setuptools import setup
from setuptools.command.build_py import build_py

sys.path.insert(0, str(Path(__file__).resolve().parent / "packaging"))

from building import share_tree
from compile_translations import compile_all

ROOT = Path(__file__).resolve().parent
RESOURCES = ROOT / "resources"
SHIPPED_AS = "ckpt_studio/_resources"
SHARE = ROOT / "build" / "share"


class BuildWithResources(build_py):
    """The package's modules, and the resources that the source tree keeps beside them."""

    def run(self) -> None:
        """Builds the modules, then copies the resources (an editable install reads them in place)."""
        compile_all()
        super().run()
        if not self.editable_mode:
            target = Path(self.build_lib) / SHIPPED_AS
            shutil.rmtree(target, ignore_errors=True)
            shutil.copytree(RESOURCES, target, ignore=shutil.ignore_patterns("__pycache__", "*-dark.png"))


def share_files() -> list[tuple[str, list[str]]]:
    """Menu entry, file types, icons, manual, completions: what pip puts below `share` of a user or an environment."""
    shutil.rmtree(SHARE, ignore_errors=True)
    share_tree(SHARE)
    folders: dict[str, list[str]] = {}
    for path in sorted(SHARE.rglob("*")):
        if path.is_file():
            folder = Path("share") / path.parent.relative_to(SHARE)
            folders.setdefault(folder.as_posix(), []).append(path.relative_to(ROOT).as_posix())
    return list(folders.items())


setup(data_files=share_files(), cmdclass={"build_py": BuildWithResources})
