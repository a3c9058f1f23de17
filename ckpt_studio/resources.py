"""Where the program's own data files are: icons, translations, the catalog, the sample."""

from __future__ import annotations

from pathlib import Path

_PACKAGE = Path(__file__).resolve().parent


def resource_path(name: str) -> Path:
    """The path of a resource, also when it does not exist ("torchvision.catalog", "translations/…").

    Installed and frozen copies carry the files inside the package (`_resources`); a checkout keeps them
    at its top level (`resources`).
    """
    inside = _PACKAGE / "_resources"
    root = inside if inside.is_dir() else _PACKAGE.parent / "resources"
    return root / name
