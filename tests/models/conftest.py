"""A host that the tests of a module share; it is started before them and ended after them."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from ckpt_studio.models.host.client import HostClient


@pytest.fixture(scope="module")
def host() -> Iterator[HostClient]:
    """A running host in this Python; tests that kill theirs make their own."""
    pytest.importorskip("torch")
    with HostClient() as client:
        client.versions()
        yield client
