"""The few lines of Python that load an exported file into a model, to be copied."""

from __future__ import annotations

from ckpt_studio.core.tree import Path
from ckpt_studio.models.reference import FileReference, ImportReference, Reference, TorchvisionReference, call_text


def loading_code(path: str, format: str, inner: Path | None = None, model: Reference | None = None) -> str:
    """Python that loads the file at `path` strictly.

    Args:
        path: the exported file.
        format: "pth", "pth-legacy" or "safetensors".
        inner: where in a whole checkpoint the state dict lies; None when the file holds nothing else.
        model: the model it was compared with; without one, a line says where the user's own belongs.
    """
    lines: list[str] = []
    if format == "safetensors":
        lines += ["from safetensors.torch import load_file", ""]
        reading = [f"state_dict = load_file({path!r})"]
    elif inner is None:
        lines += ["import torch", ""]
        reading = [f'state_dict = torch.load({path!r}, map_location="cpu", weights_only=True)']
    else:
        lines += ["import torch", ""]
        keys = "".join(f"[{key!r}]" for key in inner)
        reading = [
            "# weights_only=False runs code that the file names: only for files you trust.",
            f'checkpoint = torch.load({path!r}, map_location="cpu", weights_only=False)',
            f"state_dict = checkpoint{keys}",
        ]
    building = ["model = ...  # your model"]
    if isinstance(model, TorchvisionReference):
        lines.insert(0, f"from torchvision.models import get_model\n\nmodel_name = {model.name!r}")
        call = call_text((), model.kwargs)[1:-1]
        building = [f"model = get_model(model_name{', ' + call if call else ''})"]
    elif isinstance(model, ImportReference):
        lines.insert(0, f"from {model.module} import {model.qualname.partition('.')[0]}")
        building = [f"model = {model.qualname}{call_text(model.args, model.kwargs) or '()'}"]
    elif isinstance(model, FileReference):
        building = [
            f"# {model.qualname} is defined in {model.path}",
            f"model = {model.qualname}{call_text(model.args, model.kwargs) or '()'}",
        ]
    return "\n".join([*lines, *reading, "", *building, "model.load_state_dict(state_dict)", "model.eval()", ""])
