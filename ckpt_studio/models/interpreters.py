"""The Pythons of this machine that could build a model: found, asked for their packages in parallel, cached."""

from __future__ import annotations

import importlib.util
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Literal

from ckpt_studio.core.jobs import SILENT, Progress
from ckpt_studio.errors import ModelError
from ckpt_studio.models.host.process import clean_environment

Kind = Literal["own", "venv", "conda", "pyenv", "system"]
OLDEST = (3, 9)
PREFERENCE = "CKPT_STUDIO_PYTHON"
"""The environment variable that names the Python for models; the window sets it from its preferences."""
_PROBE_SECONDS = 15.0
_MOST_CANDIDATES = 60

# Understood by every Python since 2.7, so that an old one is named with its version instead of failing oddly.
_PROBE = """
import json, sys
found = {}
try:
    from importlib.metadata import version
    for name in ("torch", "torchvision", "timm", "transformers", "safetensors"):
        try:
            found[name] = version(name)
        except Exception:
            pass
except ImportError:
    pass
print(json.dumps([sys.executable, sys.prefix, list(sys.version_info[:3]), found]))
"""


@dataclass(frozen=True)
class Interpreter:
    """One Python.

    Attributes:
        path: of its executable.
        kind: where it was found.
        version: (major, minor, patch).
        packages: torch, torchvision, timm, transformers, safetensors -> version, those that are installed.
        prefix: its environment's folder.
    """

    path: str
    kind: Kind
    version: tuple[int, ...]
    packages: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    prefix: str = ""

    @property
    def can_host(self) -> bool:
        """Whether the host runs in it: new enough, and torch is installed."""
        return self.version[:2] >= OLDEST and "torch" in self.packages


def own_interpreter() -> str | None:
    """The Python this program runs in; None in a packaged program without torch, which contains no Python to start."""
    if getattr(sys, "frozen", False) and importlib.util.find_spec("torch") is None:
        return None
    return sys.executable  # a package with torch inside plays the host itself (packaging/bundle/entry.py)


def preferred_interpreter() -> str | None:
    """The Python that the user chose for models (`PREFERENCE` in the environment); None when it is not there."""
    path = os.environ.get(PREFERENCE)
    return path if path and os.path.isfile(path) else None


def default_interpreter() -> str:
    """The preferred Python; without one the program's own if it has torch, otherwise the first found that has.

    Raises:
        ModelError: "no-interpreter".
    """
    return preferred_interpreter() or _automatic_interpreter()


@cache
def _automatic_interpreter() -> str:
    own = own_interpreter()
    if own is not None and _has_torch():
        return own
    for interpreter in Interpreters().find():
        if interpreter.can_host:
            return interpreter.path
    raise ModelError("no-interpreter")


def _has_torch() -> bool:
    try:
        return importlib.util.find_spec("torch") is not None
    except (ImportError, ValueError):
        return False


class Interpreters:
    """Finds Pythons and remembers what each answered until its environment changes."""

    def __init__(self) -> None:
        self._answers: dict[str, tuple[float, Interpreter | None]] = {}

    def find(self, near: Iterable[str] = (), progress: Progress = SILENT) -> tuple[Interpreter, ...]:
        """All that answer, the program's own first, then those near the files, environments before system ones.

        Args:
            near: files or folders whose surroundings may hold environments (the user's model file).
            progress: polled; Cancelled stops the search.
        """
        candidates: dict[str, Kind] = {}
        for kind, path in _candidates(near):
            if len(candidates) < _MOST_CANDIDATES:
                candidates.setdefault(
                    os.path.join(os.path.realpath(os.path.dirname(path)), os.path.basename(path)), kind
                )
        found: dict[str, Interpreter] = {}
        with ThreadPoolExecutor(max_workers=8, thread_name_prefix="interpreters") as pool:
            answers = [pool.submit(self.ask, path, kind) for path, kind in candidates.items()]
            try:
                for done, answer in enumerate(answers):
                    progress.report(done, len(answers))
                    interpreter = answer.result()
                    if interpreter is not None:
                        found.setdefault(interpreter.prefix or interpreter.path, interpreter)
            except BaseException:
                pool.shutdown(wait=False, cancel_futures=True)
                raise
        return tuple(found.values())

    def ask(self, path: str, kind: Kind = "system") -> Interpreter | None:
        """What the Python at `path` says about itself; None when it does not run."""
        stamp = _stamp(path)
        known = self._answers.get(path)
        if known is None or known[0] != stamp:
            known = self._answers[path] = (stamp, _probe(path, kind))
        return known[1]


def _stamp(path: str) -> float:
    """Changes when a package is installed or removed beside the executable."""
    times = [_time(path)]
    prefix = Path(path).parent.parent
    for folder in (*prefix.glob("lib/python3*/site-packages"), prefix / "Lib" / "site-packages"):
        times.append(_time(folder))
    return sum(times)


def _time(path: str | Path) -> float:
    try:
        return os.stat(path).st_mtime
    except OSError:
        return 0.0


def _probe(path: str, kind: Kind) -> Interpreter | None:
    try:
        done = subprocess.run(
            [path, "-c", _PROBE],
            capture_output=True, stdin=subprocess.DEVNULL, timeout=_PROBE_SECONDS, env=clean_environment(), check=False,
        )  # fmt: skip
        executable, prefix, version, packages = json.loads(done.stdout.splitlines()[-1])
    except (OSError, subprocess.SubprocessError, ValueError, IndexError):
        return None
    return Interpreter(executable or path, kind, tuple(version), MappingProxyType(packages), prefix)


def _candidates(near: Iterable[str]) -> Iterator[tuple[Kind, str]]:
    own = own_interpreter()
    if own is not None:
        yield "own", own
    for kind, folder in _environments(near):
        yield from ((kind, path) for path in _pythons_of(folder))
    # Newest first: a plain "python3" may be any of them.
    names = ["python3", *(f"python3.{minor}" for minor in range(20, OLDEST[1] - 1, -1)), "python"]
    for place in [*(os.environ.get("PATH") or "").split(os.pathsep), "/opt/homebrew/bin", "/usr/local/bin"]:
        for name in names:
            found = shutil.which(name, path=place) if place else None
            if found:
                yield "system", found


def _pythons_of(environment: Path) -> Iterator[str]:
    """The executable of an environment's folder."""
    for inside in ("bin/python", "bin/python3", "Scripts/python.exe", "python.exe"):
        path = environment / inside
        if path.is_file():
            yield str(path)
            return


def _environments(near: Iterable[str]) -> Iterator[tuple[Kind, Path]]:
    home = Path.home()
    for name, kind in (("VIRTUAL_ENV", "venv"), ("CONDA_PREFIX", "conda")):
        if os.environ.get(name):
            yield kind, Path(os.environ[name])  # type: ignore[misc] # the pairs above are Kinds
    for place in near:
        folder = Path(place).absolute()
        folder = folder if folder.is_dir() else folder.parent
        for level in [folder, *folder.parents][:4]:
            for inside in _folders(level):
                if (inside / "pyvenv.cfg").is_file():
                    yield "venv", inside
    for place in (".virtualenvs", "venvs", ".venvs", "envs", ".local/share/virtualenvs", ".cache/pypoetry/virtualenvs"):
        for inside in _folders(home / place):
            yield "venv", inside
    conda_roots = [home / name for name in ("miniconda3", "anaconda3", "miniforge3", "mambaforge", "micromamba")]
    conda_roots += [Path("/opt/conda"), Path("/opt/miniconda3"), Path("/opt/homebrew/Caskroom/miniforge/base")]
    for root in conda_roots:
        if root.is_dir():
            yield "conda", root
            for inside in _folders(root / "envs"):
                yield "conda", inside
    try:
        listed = (home / ".conda" / "environments.txt").read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError):
        listed = []
    for line in listed:
        if line.strip():
            yield "conda", Path(line.strip())
    for root in (Path(os.environ.get("PYENV_ROOT") or home / ".pyenv") / "versions", home / ".local/share/uv/python"):
        for inside in sorted(_folders(root), key=lambda path: path.name, reverse=True):
            yield "pyenv", inside
    local = os.environ.get("LOCALAPPDATA")
    if local:
        for inside in _folders(Path(local) / "Programs" / "Python"):
            yield "system", inside


def _folders(place: Path) -> list[Path]:
    try:
        with os.scandir(place) as entries:
            return sorted(Path(entry.path) for _, entry in zip(range(300), entries, strict=False) if entry.is_dir())
    except OSError:
        return []
