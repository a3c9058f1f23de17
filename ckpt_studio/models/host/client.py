"""Asks the host: a worker started when first needed, restarted when it died, shared by all threads."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from ckpt_studio.core.checkpoint import StateDict
from ckpt_studio.core.jobs import SILENT, Progress
from ckpt_studio.core.tensor import Tensor
from ckpt_studio.core.tree import Global
from ckpt_studio.errors import ModelError, message
from ckpt_studio.models.host.process import HostProcess
from ckpt_studio.models.interpreters import default_interpreter, own_interpreter, preferred_interpreter
from ckpt_studio.models.reference import (
    CheckpointReference,
    FileReference,
    ImportReference,
    Reference,
    TorchvisionReference,
    call_text,
    literal_text,
)
from ckpt_studio.models.skeleton import Entry, Module, Skeleton

# Real models take minutes to build on a slow disk; whoever waits can cancel at any moment.
BUILD_SECONDS = 600.0
VERDICT_SECONDS = 300.0
QUESTION_SECONDS = 120.0


@dataclass(frozen=True)
class HostModel:
    """A model that lives in a host, and the way to ask about it again. Survives the worker's death.

    Attributes:
        client: whose it is.
        reference: what it was built from.
        skeleton: what it expects.
    """

    client: HostClient
    reference: Reference
    skeleton: Skeleton

    def verdict(self, state_dict: StateDict, progress: Progress = SILENT) -> dict[str, Any]:
        """torch's own words about loading `state_dict` strictly; see `HostClient.verdict`."""
        return self.client.verdict(self, state_dict, progress)


class HostClient:
    """The line to a host process in one interpreter. Thread-safe; one request at a time; Qt-free.

    Args:
        interpreter: the Python that has torch; None: the one this program runs in, or the first that a packaged
            program finds.
        memory_limit: most bytes the worker may take; None: most of the machine.
        build_seconds: time limit for building a model.
    """

    def __init__(
        self,
        interpreter: str | None = None,
        *,
        memory_limit: int | None = None,
        build_seconds: float = BUILD_SECONDS,
    ) -> None:
        self.interpreter = interpreter or preferred_interpreter() or own_interpreter() or default_interpreter()
        self.memory_limit = memory_limit
        self.build_seconds = build_seconds
        self._lock = threading.Lock()
        self._process: HostProcess | None = None

    def __enter__(self) -> HostClient:
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()

    def close(self) -> None:
        """Ends the worker; the next question starts a new one. A question under way fails as crashed."""
        process = self._process
        if process is not None:
            process.close()
        self._process = None

    @property
    def pid(self) -> int | None:
        """The worker's process id while it runs."""
        process = self._process
        return process.pid if process is not None and process.alive else None

    def ask(self, do: str, progress: Progress, limit: float, **arguments: Any) -> dict[str, Any]:
        """The worker's answer to one request; for this file's and tests' use.

        Raises:
            Cancelled, ModelError: see `HostProcess.ask`.
        """
        while not self._lock.acquire(timeout=0.05):
            progress.check()
        try:
            if self._process is None or not self._process.alive:
                self.close()
                self._process = HostProcess(self.interpreter, self.memory_limit)
            process = self._process
            answer = process.ask({"do": do, **arguments}, progress, limit)
        finally:
            self._lock.release()
        if "error" in answer:
            error = answer["error"]
            fields = {"interpreter": self.interpreter, **error["fields"]}
            details = error.get("details") or ""
            noise = process.tail().strip()
            if noise:
                details = f"{details}\n\n{noise}".strip()
            raise ModelError(error["code"], details=details, **fields)
        result: dict[str, Any] = answer["ok"]
        result["noise"] = process.tail()
        return result

    def build(self, reference: Reference, progress: Progress = SILENT) -> HostModel:
        """The model of a reference, built without weights where torch allows it.

        Raises:
            Cancelled: by `progress`.
            ModelError: it cannot be found or built; `details` hold the user's traceback and what was printed.
        """
        label = message("host-building", name=_title(reference))
        progress.report(0, 0, label)
        answer = self.ask("build", progress, self.build_seconds, reference=_request(reference))
        return HostModel(self, reference, _skeleton(reference, answer, self.interpreter))

    def verdict(self, model: HostModel, state_dict: StateDict, progress: Progress = SILENT) -> dict[str, Any]:
        """What torch's `load_state_dict(strict=True)` says: meta tensors of the file's shapes, its `_metadata`.

        Returns:
            "ok"; "missing" names; "unexpected" (torch's name, checkpoint's name) pairs; "mismatched" model names;
            "renamed" model name -> checkpoint name; "made" model names whose value the model's own code made;
            "errors" torch's further complaints; "text" all of torch's words; "completed" whether torch got through.

        Raises:
            Cancelled, ModelError: as `build`.
        """
        progress.report(0, 0, message("host-loading", name=model.skeleton.title))
        return self.ask(
            "verdict",
            progress,
            self.build_seconds + VERDICT_SECONDS,
            reference=_request(model.reference),
            **_contents(state_dict),
        )

    def torchvision_models(self, progress: Progress = SILENT) -> list[tuple[str, str]]:
        """(name, signature text without the weights' arguments) of every model torchvision registers there."""
        answer = self.ask("torchvision", progress, QUESTION_SECONDS)
        return [(name, signature) for name, signature in answer["models"]]

    def versions(self, progress: Progress = SILENT) -> dict[str, str]:
        """Installed version of "python", "torch", "torchvision", "timm" … there; absent ones are left out."""
        answer = self.ask("versions", progress, QUESTION_SECONDS)
        return {"python": answer["python"], **answer["packages"]}

    def locate(self, reference: ImportReference, progress: Progress = SILENT) -> str:
        """The file that importing the module would run, found without running anything; "" when it is not found."""
        answer = self.ask("locate", progress, QUESTION_SECONDS, module=reference.module, base=_base(reference))
        return str(answer["path"])

    def initial_values(
        self, model: HostModel, names: Iterable[str], seed: int, path: str, progress: Progress = SILENT
    ) -> int:
        """Writes the model's own fresh values of `names` to `path` as safetensors; returns bytes of values.

        The whole model is allocated and initialised on the CPU after `torch.manual_seed(seed)`.

        Raises:
            Cancelled, ModelError: as `build`.
        """
        progress.report(0, 0, message("host-initialising", name=model.skeleton.title))
        answer = self.ask(
            "initial", progress, self.build_seconds,
            reference=_request(model.reference), names=list(names), seed=seed, path=os.path.abspath(path),
        )  # fmt: skip
        return int(answer["bytes"])

    def load_test(
        self,
        path: str,
        reference: Reference | None = None,
        *,
        inner: tuple[str, ...] = (),
        forward: bool = False,
        inputs: list[list[int]] | None = None,
        progress: Progress = SILENT,
    ) -> LoadTest:
        """What stock torch says about a written file: reading it, and with a reference loading it strictly.

        Args:
            path: a `.pth` or `.safetensors` file. It is read with `weights_only=True`.
            reference: the model; None only reads.
            inner: keys down to the state dict inside the file.
            forward: run the model once on random input afterwards.
            inputs: shapes of that input; None tries likely ones.

        Raises:
            Cancelled, ModelError: as `build`.
        """
        progress.report(0, 0, message("host-testing"))
        answer = self.ask(
            "load_test", progress, self.build_seconds + VERDICT_SECONDS,
            path=os.path.abspath(path), reference=None if reference is None else _request(reference),
            inner=list(inner), forward=forward, inputs=inputs,
        )  # fmt: skip
        outcome = answer["forward"]
        return LoadTest(
            read=answer["loaded"],
            loads_strict=answer["strict"],
            how=answer["how"],
            text=answer["text"],
            details=answer.get("details", ""),
            torch=answer["torch"],
            forward=None if outcome is None else MappingProxyType(outcome),
        )


@dataclass(frozen=True)
class LoadTest:
    """What stock torch said about a file.

    Attributes:
        read: it could be read.
        loads_strict: `load_state_dict(strict=True)` succeeded (False when no model was given).
        how: the function that read it.
        text: torch's own words.
        details: traceback, or "".
        torch: torch's version there.
        forward: None when not asked for; "ok" with "input" and "output" shapes, or "error".
    """

    read: bool
    loads_strict: bool
    how: str
    text: str
    details: str
    torch: str
    forward: Mapping[str, Any] | None = None


def _title(reference: Reference) -> str:
    if isinstance(reference, TorchvisionReference):
        return f"torchvision {reference.name}{call_text(reference.args, reference.kwargs)}"
    if isinstance(reference, (FileReference, ImportReference)):
        return f"{reference.qualname}{call_text(reference.args, reference.kwargs)}"
    return os.path.basename(reference.path)


def _base(reference: ImportReference) -> str:
    return os.path.abspath(reference.base or os.getcwd())


def _request(reference: Reference) -> dict[str, Any]:
    """The reference as the worker reads it; arguments travel as Python literals, so that tuples stay tuples."""
    if isinstance(reference, CheckpointReference):
        raise ModelError("host-no-model", path=reference.path)
    call = "f" + (call_text(reference.args, reference.kwargs) or "()")
    common = {"call": call, "title": _title(reference)}
    if isinstance(reference, TorchvisionReference):
        return {"kind": "torchvision", "name": reference.name, **common}
    if isinstance(reference, FileReference):
        path = os.path.abspath(reference.path)
        if not os.path.isfile(path):
            raise ModelError("model-file-missing", path=reference.path)
        return {"kind": "file", "path": path, "name": reference.qualname, **common}
    return {
        "kind": "import", "module": reference.module, "name": reference.qualname, "base": _base(reference), **common
    }  # fmt: skip


def _contents(state_dict: StateDict) -> dict[str, Any]:
    tensors: list[list[Any]] = []
    values: dict[str, str] = {}
    sketches: dict[str, Any] = {}
    for name, value in state_dict.entries.items():
        if type(value) is Tensor:
            tensors.append([name, value.shape, value.dtype.name])
        else:
            tensors.append([name, None, ""])
            if _is_plain(value):
                values[name] = literal_text(value)
            else:
                sketches[name] = _sketch(value)
    versions = None
    if state_dict.versions is not None:
        versions = {
            prefix: {key: fact for key, fact in facts.items() if isinstance(fact, (int, float, str, bool))}
            for prefix, facts in state_dict.versions.items()
            if isinstance(facts, Mapping)
        }
    return {"tensors": tensors, "values": values, "sketches": sketches, "versions": versions}


def _sketch(value: Any) -> Any:
    """What the packed weights of a quantised layer are made of, without values; None for what cannot be told."""
    if type(value) is Tensor:
        return {"shape": value.shape, "dtype": value.dtype.name}
    if type(value) is Global and value.module == "torch":
        return {"torch": value.name}
    if isinstance(value, (list, tuple)) and len(value) < 100 and not any(isinstance(v, (list, tuple)) for v in value):
        return {"items": [_sketch(part) for part in value]}
    return None


def _is_plain(value: Any) -> bool:
    if isinstance(value, (list, tuple)):
        return all(map(_is_plain, value))
    if type(value) is dict:
        return all(_is_plain(key) and _is_plain(part) for key, part in value.items())
    return value is None or isinstance(value, (bool, int, float, str, bytes, complex))


def _skeleton(reference: Reference, answer: Mapping[str, Any], interpreter: str) -> Skeleton:
    notes = [line.strip() for line in answer["noise"].splitlines() if line.strip()][-20:]
    return Skeleton(
        title=_title(reference),
        reference=str(reference),
        entries=tuple(
            Entry(name, tuple(shape), dtype, role, owner, tied)
            for name, shape, dtype, role, owner, tied in answer["entries"]
        ),
        modules=tuple(Module(*row) for row in answer["modules"]),
        notes=tuple(line[:500] for line in notes),
        details=MappingProxyType(
            {
                "interpreter": interpreter,
                "built": answer["how"],
                "class": answer["cls"],
                "python": answer["python"],
                **answer["versions"],
            }
        ),
    )
