"""From a reference to what can be compared with: the baked catalog, another file, or the host."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable
from dataclasses import dataclass, replace

from ckpt_studio.core.jobs import SILENT, Progress
from ckpt_studio.errors import Cancelled, ModelError
from ckpt_studio.models.catalog import Catalog
from ckpt_studio.models.host.client import HostClient, HostModel
from ckpt_studio.models.interpreters import default_interpreter
from ckpt_studio.models.reference import (
    CheckpointReference,
    FileReference,
    ImportReference,
    Reference,
    TorchvisionReference,
)
from ckpt_studio.models.skeleton import Skeleton, skeleton_of
from ckpt_studio.models.trust import CodeRequest

AllowCode = Callable[[CodeRequest], bool]


@dataclass(frozen=True)
class ResolvedModel:
    """A model that a checkpoint can be compared with.

    Attributes:
        reference: what was asked for.
        skeleton: what it expects.
        host_model: the same in a host, which can ask torch itself; None for catalog and checkpoint references.
    """

    reference: Reference
    skeleton: Skeleton
    host_model: HostModel | None = None

    def close(self) -> None:
        """Ends the host it lives in, if it has one of its own; the skeleton stays usable."""
        if self.host_model is not None:
            self.host_model.client.close()


class Hosts:
    """One host per interpreter, shared by everything that asks; owned by the window or by a command."""

    def __init__(self) -> None:
        self._clients: dict[str, HostClient] = {}
        self._lock = threading.Lock()

    def client(self, interpreter: str | None = None) -> HostClient:
        """The host of an interpreter; None: the first Python that has torch, the program's own before others.

        Raises:
            ModelError: "no-interpreter".
        """
        interpreter = interpreter or default_interpreter()
        with self._lock:
            return self._clients.setdefault(interpreter, HostClient(interpreter))

    def close(self) -> None:
        """Ends all of them."""
        with self._lock:
            clients = list(self._clients.values())
            self._clients.clear()
        for client in clients:
            client.close()

    def __enter__(self) -> Hosts:
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()


def resolve(
    reference: Reference,
    *,
    interpreter: str | None = None,
    progress: Progress = SILENT,
    allow_code: AllowCode | None = None,
    hosts: Hosts | None = None,
) -> ResolvedModel:
    """The model a reference names.

    torchvision comes from the catalog where it can answer, unless an interpreter is asked for; user code runs in
    the host after `allow_code` said yes (None: whoever calls has asked already).

    Args:
        reference: what to find.
        interpreter: the Python to run code in; None chooses (`default_interpreter`).
        progress: polled.
        allow_code: asked once before a file's code is run; False cancels.
        hosts: where the host lives on; None makes one that belongs to the answer (`ResolvedModel.close`).

    Raises:
        Cancelled: by `progress`, or the code was not allowed.
        ModelError: it cannot be found or built.
        StudioError: another checkpoint cannot be opened.
    """
    if isinstance(reference, CheckpointReference):
        return ResolvedModel(reference, _checkpoint_skeleton(reference, progress))
    if isinstance(reference, TorchvisionReference) and interpreter is None:
        skeleton = Catalog.load().skeleton(reference.name, reference.args, reference.kwargs)
        if skeleton is not None:
            return ResolvedModel(reference, replace(skeleton, reference=str(reference)))
    if isinstance(reference, FileReference) and not os.path.isfile(reference.path):
        raise ModelError("model-file-missing", path=reference.path)
    client = HostClient(interpreter or default_interpreter()) if hosts is None else hosts.client(interpreter)
    try:
        if allow_code is not None and not isinstance(reference, TorchvisionReference):
            _ask(reference, client, allow_code, progress)
        model = client.build(reference, progress)
    except BaseException:
        if hosts is None:
            client.close()
        raise
    return ResolvedModel(reference, model.skeleton, model)


def _ask(
    reference: FileReference | ImportReference, client: HostClient, allow_code: AllowCode, progress: Progress
) -> None:
    path = reference.path if isinstance(reference, FileReference) else client.locate(reference, progress)
    try:
        request = CodeRequest.of(path, client.interpreter, str(reference))
    except OSError as error:
        raise ModelError("model-file-unreadable", path=path, reason=error.strerror or str(error)) from None
    if not allow_code(request):
        raise Cancelled


def _checkpoint_skeleton(reference: CheckpointReference, progress: Progress) -> Skeleton:
    from ckpt_studio.formats.opening import open_checkpoint

    typed = os.path.basename(reference.path)
    if not os.path.exists(reference.path) and typed.partition("(")[0] in Catalog.load().names():
        raise ModelError("reference-torchvision", path=reference.path, reference=f"torchvision:{typed}")
    checkpoint = open_checkpoint(reference.path, progress)
    if reference.state_dict is None:
        state_dict = checkpoint.active_state_dict
    else:
        state_dict = checkpoint.state_dict(reference.state_dict)
    title = os.path.basename(reference.path) + (f" · {state_dict.label}" if state_dict.label else "")
    return skeleton_of(state_dict, title, str(reference))
