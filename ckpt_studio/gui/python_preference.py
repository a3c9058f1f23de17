"""The Python that the user prefers for models: remembered, and told to everything that starts one."""

from __future__ import annotations

import os

from ckpt_studio.gui.settings import settings, text_setting

_KEY = "python/preferred"
# `models.interpreters.PREFERENCE`, which would take its time to import while the window starts.
_VARIABLE = "CKPT_STUDIO_PYTHON"


def preferred_python() -> str:
    """The path of the chosen Python; "" for an automatic choice."""
    return text_setting(_KEY, "")


def set_preferred_python(path: str) -> None:
    """Remembers a choice and uses it from now on."""
    settings().setValue(_KEY, path)
    if path:
        os.environ[_VARIABLE] = path
    else:
        os.environ.pop(_VARIABLE, None)


def apply_preferred_python() -> None:
    """Uses the remembered choice, unless the environment already says which one."""
    path = preferred_python()
    if path:
        os.environ.setdefault(_VARIABLE, path)
