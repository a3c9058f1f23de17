"""Fixtures that every room's tests share."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

CORPUS = Path(__file__).resolve().parents[2] / "shared" / "corpus"


@pytest.fixture(scope="session")
def corpus() -> Path:
    """The folder of real files; tests that need it skip where it is absent."""
    if not CORPUS.is_dir():
        pytest.skip("the corpus of real files is not beside the project")
    return CORPUS
