"""Where a model's fresh values lie until what needs them is exported."""

from __future__ import annotations

import hashlib
import time
from pathlib import Path

from ckpt_studio.compare.filling import FreshValues
from ckpt_studio.gui.settings import cache_folder
from ckpt_studio.models.resolve import AllowCode

# A file that is open for a month with values not yet exported is rarer than a disk that fills up.
_KEPT_SECONDS = 30 * 24 * 3600


def values_file(reference: str, names: tuple[str, ...], seed: int) -> Path:
    """Where the fresh values of these names lie: the same question has the same file."""
    key = hashlib.sha256("\n".join((reference, str(seed), *names)).encode()).hexdigest()[:20]
    folder = cache_folder() / "fresh-values"
    folder.mkdir(exist_ok=True)
    for old in folder.glob("*.safetensors"):
        if time.time() - old.stat().st_mtime > _KEPT_SECONDS:
            old.unlink(missing_ok=True)
    return folder / f"{key}.safetensors"


def kept_values(allow_code: AllowCode) -> FreshValues:
    """Makes the values that a recipe wants again, in the files in which the window would have kept them."""
    return FreshValues(lambda edit: str(values_file(edit.reference, edit.names, edit.seed)), allow_code=allow_code)
