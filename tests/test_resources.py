"""Data files are found beside a checkout and inside an installed package."""

from __future__ import annotations

from pathlib import Path

import pytest

from ckpt_studio import resources


def test_a_checkout_keeps_them_at_its_top() -> None:
    assert resources.resource_path("torchvision.catalog").is_file()


def test_an_installed_copy_keeps_them_inside(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "_resources").mkdir()
    monkeypatch.setattr(resources, "_PACKAGE", tmp_path)
    assert resources.resource_path("sample.pth") == tmp_path / "_resources" / "sample.pth"
