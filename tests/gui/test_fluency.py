"""The window stays fluent at 100,000 tensors; the benchmark says how fluent, this test only that nothing broke it."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


def played(folder: Path, *options: str) -> subprocess.CompletedProcess[str]:
    """The benchmark's scene with these options."""
    command = [sys.executable, "-m", "tests.benchmarks.window", "many", "--folder", str(folder), *options]
    environment = {**os.environ, "PYTHONUTF8": "1"}
    return subprocess.run(
        command, cwd=ROOT, env=environment, capture_output=True, text=True, encoding="utf-8", check=False
    )


@pytest.mark.slow
def test_the_scene_of_100_000_tensors_keeps_generous_limits(tmp_path: Path) -> None:
    scene = played(tmp_path, "--generosity", "3")
    assert scene.returncode == 0, scene.stdout + scene.stderr


@pytest.mark.slow
def test_the_benchmark_can_fail(tmp_path: Path) -> None:
    scene = played(tmp_path, "--tensors", "500", "--generosity", "0.001")
    assert scene.returncode == 1
    assert "MISSED" in scene.stdout
