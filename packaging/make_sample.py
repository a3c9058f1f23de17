"""Makes `resources/sample.pth`: the checkpoint of the welcome page, on which the main job can be tried.

It is what a lab has: `SmallResNet` of an earlier version of `resources/sample_model.py`, trained under
DataParallel with an old torch's container, saved whole by the training script. The values are the same
each time; the bytes are not quite, since the old container names storages by their address.
"""

from __future__ import annotations

import argparse
import importlib.util
import re
from collections import OrderedDict
from pathlib import Path
from typing import Any

import torch
from torch import nn

RESOURCES = Path(__file__).resolve().parents[1] / "resources"
CLASSES = 100


def model_class() -> Any:
    """The class of `resources/sample_model.py`."""
    spec = importlib.util.spec_from_file_location("sample_model", RESOURCES / "sample_model.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.SmallResNet


def trained() -> tuple[nn.Module, torch.optim.Optimizer]:
    """The network and its optimizer after a few steps on made-up pictures: stripes of 100 directions."""
    torch.manual_seed(7)
    model = model_class()(num_classes=CLASSES)
    model.attention = nn.Identity()  # the class had none yet
    optimizer = torch.optim.SGD(model.parameters(), lr=0.05, momentum=0.9, weight_decay=1e-4)
    line = torch.linspace(-3, 3, 32)
    for _ in range(40):
        target = torch.randint(0, CLASSES, (32,))
        angle = (target / CLASSES * torch.pi)[:, None, None]
        wave = torch.sin(4 * (line[None, :, None] * angle.cos() + line[None, None, :] * angle.sin()))
        pictures = wave[:, None] * torch.tensor([1.0, 0.6, -0.4])[None, :, None, None]
        loss = nn.functional.cross_entropy(model(pictures + 0.3 * torch.randn(32, 3, 32, 32)), target)
        optimizer.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        optimizer.step()
    return model, optimizer


def old_name(name: str) -> str:
    """A name of today's class as the earlier version had it, under DataParallel."""
    return "module." + re.sub(r"\bshortcut\b", "downsample", name)


def checkpoint() -> dict[str, Any]:
    """What the training script saved."""
    model, optimizer = trained()
    weights = model.state_dict()
    state_dict = OrderedDict((old_name(name), tensor) for name, tensor in weights.items())
    metadata = weights._metadata  # type: ignore[attr-defined]
    renamed = {old_name(path) if path else "module": entry for path, entry in metadata.items()}
    state_dict._metadata = OrderedDict({"": {"version": 1}, **renamed})  # type: ignore[attr-defined]
    return {
        "epoch": 90,
        "arch": "small_resnet",
        "state_dict": state_dict,
        "best_acc1": 71.35,
        "optimizer": optimizer.state_dict(),
        "args": argparse.Namespace(arch="small_resnet", batch_size=256, epochs=90, lr=0.05, num_classes=CLASSES),
    }


if __name__ == "__main__":
    target = RESOURCES / "sample.pth"
    torch.save(checkpoint(), target, _use_new_zipfile_serialization=False)
    print(f"{target.name}: {target.stat().st_size:,} bytes")
