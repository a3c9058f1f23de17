"""The troubles this product began with, made with real torch: files that labs have, and the models they are for."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

SE_RESNET = '''
"""A ResNet-34 with a squeeze-and-excitation block before the head, as somebody's net.py."""
import torch
from torch import nn
from torchvision.models import resnet34


class SEBlock(nn.Module):
    def __init__(self, channels, reduction=16):
        super().__init__()
        hidden = channels // reduction
        self.fc = nn.Sequential(nn.Linear(channels, hidden), nn.ReLU(), nn.Linear(hidden, channels), nn.Sigmoid())

    def forward(self, x):
        return x * self.fc(x.mean((2, 3)))[:, :, None, None]


class SEResNet34(nn.Module):
    def __init__(self, num_classes=100):
        super().__init__()
        base = resnet34(weights=None, num_classes=num_classes)
        for name, child in base.named_children():
            setattr(self, name, child)
        self.se = SEBlock(512)
'''


def old_data_parallel_resnet34(path: Path, classes: int = 100) -> dict[str, Any]:
    """ResNet-34 as torch 0.3 with DataParallel saved it: wrapped, legacy, no num_batches_tracked, no `_metadata`."""
    import torch
    from torchvision.models import resnet34

    torch.manual_seed(0)
    weights = resnet34(weights=None, num_classes=classes).state_dict()
    plain = {name: value for name, value in weights.items() if not name.endswith("num_batches_tracked")}
    torch.save(
        {
            "epoch": 90,
            "arch": "resnet34",
            "state_dict": {f"module.{name}": value for name, value in plain.items()},
            "best_acc1": 73.3,
            "optimizer": {"state": {}, "param_groups": [{"lr": 0.1, "params": list(range(110))}]},
            "args": argparse.Namespace(arch="resnet34", lr=0.1),
        },
        path,
        _use_new_zipfile_serialization=False,
    )
    return plain


def densenet_of_2017(path: Path) -> dict[str, Any]:
    """DenseNet-121 with the names of 2017 (`norm.1`, `conv.2`), which today's class no longer has."""
    import re

    import torch
    from torchvision.models import densenet121

    torch.manual_seed(0)
    weights = densenet121(weights=None, num_classes=10).state_dict()
    old = {re.sub(r"(denselayer\d+\.(?:norm|conv))(\d)\.", r"\1.\2.", name): value for name, value in weights.items()}
    assert set(old) != set(weights)
    torch.save(dict(old), path)
    return dict(weights)
