"""The few lines of Python that load an exported file into a model, to be copied."""

from __future__ import annotations

import keyword
import os

from ckpt_studio.core.tree import Path
from ckpt_studio.models.reference import FileReference, ImportReference, Reference, TorchvisionReference, call_text


def loading_code(
    path: str, format: str, inner: Path | None = None, model: Reference | None = None, *, weights_only: bool = True
) -> str:
    """Python that loads the file at `path` strictly.

    Args:
        path: the exported file.
        format: "pth", "pth-legacy" or "safetensors".
        inner: where in a whole checkpoint the state dict lies; None when the file holds nothing else.
        model: the model it was compared with; without one, a line says where the user's own belongs.
        weights_only: whether torch opens the file without running code that it names.
    """
    imports = ["import torch"]
    if format == "safetensors":
        imports = ["from safetensors.torch import load_file"]
        reading = [f"state_dict = load_file({path!r})"]
    elif inner is None:
        reading = [f'state_dict = torch.load({path!r}, map_location="cpu", weights_only=True)']
    else:
        keys = "".join(f"[{key!r}]" for key in inner)
        reading = [
            f'checkpoint = torch.load({path!r}, map_location="cpu", weights_only={weights_only})',
            f"state_dict = checkpoint{keys}",
        ]
        if not weights_only:
            reading.insert(0, "# weights_only=False runs code that the file names: only for files you trust.")
    building = ["model = ...  # your model"]
    if isinstance(model, TorchvisionReference):
        imports.append("from torchvision.models import get_model")
        call = call_text((), model.kwargs)[1:-1]
        building = [f"model = get_model({model.name!r}{', ' + call if call else ''})"]
    elif isinstance(model, ImportReference):
        imports.append(f"from {model.module} import {model.qualname.partition('.')[0]}")
        building = [f"model = {model.qualname}{call_text(model.args, model.kwargs) or '()'}"]
    elif isinstance(model, FileReference):
        folder, name = os.path.split(os.path.abspath(model.path))
        module = os.path.splitext(name)[0]
        building = [f"model = {model.qualname}{call_text(model.args, model.kwargs) or '()'}"]
        if module.isidentifier() and not keyword.iskeyword(module):
            imports = ["import sys", "", *imports, "", f"sys.path.insert(0, {folder!r})"]
            imports.append(f"from {module} import {model.qualname.partition('.')[0]}")
        else:
            building.insert(0, f"# {model.qualname} is defined in {model.path}")
    return "\n".join([*imports, "", *reading, "", *building, "model.load_state_dict(state_dict)", "model.eval()", ""])
