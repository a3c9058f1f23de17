"""The window stays fluent with many tensors and with large ones; the benchmark says how fluent, this that it works."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


def played(folder: Path, scene: str, *options: str) -> subprocess.CompletedProcess[str]:
    """A scene of the benchmark with these options."""
    command = [sys.executable, "-m", "tests.benchmarks.window", scene, "--folder", str(folder), *options]
    environment = {**os.environ, "PYTHONUTF8": "1"}
    return subprocess.run(
        command, cwd=ROOT, env=environment, capture_output=True, text=True, encoding="utf-8", check=False
    )


@pytest.mark.slow
def test_the_scene_of_100_000_tensors_keeps_generous_limits(tmp_path: Path) -> None:
    scene = played(tmp_path, "many", "--generosity", "3")
    assert scene.returncode == 0, scene.stdout + scene.stderr


@pytest.mark.slow
def test_the_scene_of_a_pth_of_large_tensors_keeps_generous_limits(tmp_path: Path) -> None:
    pytest.importorskip("torch")
    scene = played(tmp_path, "big-pth", "--gigabytes", "1", "--generosity", "3")
    assert scene.returncode == 0, scene.stdout + scene.stderr


@pytest.mark.slow
def test_the_benchmark_can_fail(tmp_path: Path) -> None:
    scene = played(tmp_path, "many", "--tensors", "500", "--generosity", "0.001")
    assert scene.returncode == 1
    assert "MISSED" in scene.stdout
