"""Which Pythons are found, and what they say about themselves."""

from __future__ import annotations

import os
import sys
import venv
from pathlib import Path

import pytest

from ckpt_studio.core.jobs import Progress
from ckpt_studio.errors import Cancelled
from ckpt_studio.models.host.process import clean_environment
from ckpt_studio.models.interpreters import Interpreters, default_interpreter


@pytest.fixture
def alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """No Python on the path, in conda or in pyenv."""
    for name in ("VIRTUAL_ENV", "CONDA_PREFIX", "PYENV_ROOT"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("PATH", "")


@pytest.mark.usefixtures("alone")
def test_own_and_a_venv_near_the_file(tmp_path: Path) -> None:
    project = tmp_path / "my project"
    (project / "src" / "nets").mkdir(parents=True)
    venv.create(project / ".venv", with_pip=False)
    own, near, *_ = Interpreters().find([str(project / "src" / "nets" / "net.py")])
    assert (own.kind, own.version) == ("own", sys.version_info[:3])
    assert os.path.samefile(own.path, sys.executable)
    assert (near.kind, Path(near.prefix)) == ("venv", project / ".venv")
    assert not near.can_host
    assert near.packages == {}


@pytest.mark.usefixtures("alone")
@pytest.mark.skipif(sys.platform == "win32", reason="the home folder is told otherwise there")
def test_conda_environments(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    home, elsewhere = tmp_path / "home", tmp_path / "elsewhere"
    inside = home / "miniforge3" / "envs" / "vision"
    for folder in (inside, elsewhere):
        venv.create(folder, with_pip=False)
    (home / ".conda").mkdir()
    (home / ".conda" / "environments.txt").write_text(f"{elsewhere}\n{tmp_path / 'gone'}\n")
    monkeypatch.setenv("HOME", str(home))
    found = {Path(python.prefix): python.kind for python in Interpreters().find()}
    assert found[inside] == found[elsewhere] == "conda"


@pytest.mark.usefixtures("alone")
def test_broken_and_slow_ones_are_left_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, text in (("python3", "#!/bin/sh\nexit 1\n"), ("python", "#!/bin/sh\necho not json\n")):
        (tmp_path / name).write_text(text)
        (tmp_path / name).chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert all(not found.path.startswith(str(tmp_path)) for found in Interpreters().find())


def test_answers_are_kept_until_packages_change(tmp_path: Path) -> None:
    environment = tmp_path / "env"
    venv.create(environment, with_pip=False, symlinks=os.name != "nt")
    python = environment / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    pythons = Interpreters()
    first = pythons.ask(str(python), "venv")
    assert first is not None
    assert pythons.ask(str(python), "venv") is first
    (site,) = [*environment.glob("lib/python3*/site-packages"), *environment.glob("Lib/site-packages")][:1]
    (site / "torch-9.9.dist-info").mkdir()
    (site / "torch-9.9.dist-info" / "METADATA").write_text("Metadata-Version: 2.1\nName: torch\nVersion: 9.9\n")
    os.utime(site, (1, 1))
    again = pythons.ask(str(python), "venv")
    assert again is not None
    assert again.packages == {"torch": "9.9"}
    assert again.can_host is (again.version >= (3, 9))


def test_searching_can_be_cancelled() -> None:
    progress = Progress()
    progress.cancel()
    with pytest.raises(Cancelled):
        Interpreters().find(progress=progress)


def test_the_default_has_torch() -> None:
    pytest.importorskip("torch")
    assert default_interpreter() == sys.executable


def test_a_frozen_program_leaks_nothing_to_its_children() -> None:
    environment = {
        "LD_LIBRARY_PATH": "/opt/app/_internal",
        "LD_LIBRARY_PATH_ORIG": "/usr/local/lib",
        "DYLD_LIBRARY_PATH": "/opt/app",
        "QT_PLUGIN_PATH": "/opt/app/plugins",
        "_PYI_ARCHIVE_FILE": "/opt/app/app",
        "PYTHONHOME": "/opt/app",
        "HOME": "/home/somebody",
    }
    cleaned = clean_environment(environment, frozen=True)
    assert cleaned["LD_LIBRARY_PATH"] == "/usr/local/lib"
    assert cleaned["HOME"] == "/home/somebody"
    assert not cleaned.keys() & {
        "LD_LIBRARY_PATH_ORIG", "DYLD_LIBRARY_PATH", "QT_PLUGIN_PATH", "_PYI_ARCHIVE_FILE", "PYTHONHOME"
    }  # fmt: skip
    assert clean_environment(environment, frozen=False)["LD_LIBRARY_PATH"] == "/opt/app/_internal"
