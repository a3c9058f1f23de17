"""Puts `resources/` inside the built package, as `ckpt_studio/_resources`; all else is in pyproject.toml."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

from setuptools import setup
from setuptools.command.build_py import build_py

sys.path.insert(0, str(Path(__file__).resolve().parent / "packaging"))

from compile_translations import compile_all

RESOURCES = Path(__file__).resolve().parent / "resources"
SHIPPED_AS = "ckpt_studio/_resources"


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


setup(cmdclass={"build_py": BuildWithResources})
