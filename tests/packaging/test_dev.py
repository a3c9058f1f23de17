"""The one script: what it says on a machine that lacks something, and what it refuses to build from."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

linux = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="system libraries are installed on Linux only")


@pytest.fixture
def dev(script: Callable[[str], Any]) -> Any:
    return script("dev")


# --- the machine ---------------------------------------------------------------------------------------------------


@pytest.fixture
def bare(dev: Any, monkeypatch: pytest.MonkeyPatch) -> list[list[str]]:
    """A machine without Qt's libraries, on which a person without rights works; the commands that are run."""
    commands: list[list[str]] = []
    monkeypatch.setattr(dev, "_unloadable", lambda libraries: list(libraries))
    monkeypatch.setattr(dev, "_is_root", lambda: False)
    monkeypatch.setattr(dev.shutil, "which", lambda name: f"/usr/bin/{name}" if name == "apt-get" else None)

    def run(words: list[str], **options: Any) -> Any:
        commands.append(words)
        return subprocess.CompletedProcess(words, 0, "", "")

    monkeypatch.setattr(dev.subprocess, "run", run)
    for name in ("DISPLAY", "WAYLAND_DISPLAY"):
        monkeypatch.delenv(name, raising=False)
    return commands


@linux
def test_without_rights_the_command_for_an_administrator_is_told(
    dev: Any, bare: list[list[str]], capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(dev.Stop, match=r"libGL\.so\.1.*libxcb-cursor\.so\.0"):
        dev._ensure_libraries(window=True)
    told = capsys.readouterr().out
    assert "sudo apt-get install -y --no-install-recommends libglib2.0-0 libgl1" in told
    assert bare == []


@linux
def test_tests_go_on_without_a_screen_but_not_without_qts_own(
    dev: Any, bare: list[list[str]], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(dev.Stop) as caught:
        dev._ensure_libraries(window=True, screen=True)
    assert "xcb" not in str(caught.value)
    monkeypatch.setattr(dev, "_unloadable", lambda libraries: [name for name in libraries if "xcb" in name])
    dev._ensure_libraries(window=True, screen=True)
    assert "xvfb xauth" in capsys.readouterr().out


@linux
def test_wayland_needs_nothing_of_x11(dev: Any, bare: list[list[str]], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dev, "_unloadable", lambda libraries: [name for name in libraries if "xcb" in name])
    monkeypatch.setenv("WAYLAND_DISPLAY", "wayland-0")
    dev._ensure_libraries(window=True)


@linux
def test_the_superuser_gets_what_is_missing(dev: Any, bare: list[list[str]], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dev, "_is_root", lambda: True)
    dev._ensure_libraries(window=False)
    assert [words[1] for words in bare] == ["update", "install"]
    assert set(bare[1]) >= set(dev.OFFSCREEN_LIBRARIES.values())
    assert not set(bare[1]) & set(dev.WINDOW_LIBRARIES.values())


@linux
def test_other_distributions_are_told_the_names(
    dev: Any, bare: list[list[str]], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(dev.shutil, "which", lambda name: None)
    with pytest.raises(dev.Stop, match=r"libEGL\.so\.1"):
        dev._ensure_libraries(window=False)
    assert "what Debian calls" in capsys.readouterr().out


@linux
def test_libraries_are_found_by_loading_them(dev: Any) -> None:
    assert dev._unloadable(["libc.so.6", "libno-such-thing.so.1"]) == ["libno-such-thing.so.1"]


def test_no_screen_is_told_before_anything_is_installed(dev: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    if not sys.platform.startswith("linux"):
        pytest.skip("elsewhere there always is one")
    for name in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM"):
        monkeypatch.delenv(name, raising=False)
    with pytest.raises(dev.Stop, match="no screen"):
        dev.run([])


# --- what a release is made from -----------------------------------------------------------------------------------


@pytest.fixture
def tree(dev: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A git checkout of one file that `dev` takes for the project."""
    if shutil.which("git") is None:
        pytest.skip("git is not installed")
    for words in (["init", "-q"], ["add", "file"], ["commit", "-q", "-m", "One file"]):
        (tmp_path / "file").write_text("as committed")
        named = ["-c", "user.name=a", "-c", "user.email=a@b.invalid", "-c", "commit.gpgsign=false"]
        subprocess.run(["git", *named, *words], cwd=tmp_path, check=True)
    monkeypatch.setattr(dev, "ROOT", tmp_path)
    return tmp_path


@pytest.mark.parametrize("command", ["bundle", "installers", "release-check"])
def test_a_dirty_tree_is_refused(command: str, dev: Any, tree: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tree / "new").touch()
    monkeypatch.setattr(dev, "_bundle", lambda **_: pytest.fail("it was built all the same"))
    with pytest.raises(dev.Stop, match="dirty"):
        dev.COMMANDS[command]([])


def test_a_clean_tree_is_taken_and_a_dirty_one_on_request(dev: Any, tree: Path) -> None:
    assert dev._flavour("bundle", []) is False
    (tree / "file").write_text("changed")
    assert dev._flavour("bundle", ["--with-torch", "--allow-dirty"]) is True


def test_a_folder_without_git_is_refused(dev: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dev, "ROOT", tmp_path)
    with pytest.raises(dev.Stop, match="git"):
        dev._flavour("bundle", [])


# --- PyTorch inside ------------------------------------------------------------------------------------------------


def environment(dev: Any, folder: Path, says: str) -> Any:
    """A virtual environment whose Python only says which torch it has, and fails to install any."""
    place = dev.Environment(folder)
    place.python.parent.mkdir(parents=True)
    ends = f"echo {says}" if says else "exit 1"
    place.python.write_text(f'#!/bin/sh\n[ "$1" = -c ] || exit 1\n{ends}\n')
    place.python.chmod(0o755)
    return place


@pytest.mark.skipif(os.name == "nt", reason="a shell script plays the interpreter")
@pytest.mark.parametrize(
    ("says", "refused"), [("cpu", None), ("13.0", "graphics card"), ("", "CKPT_STUDIO_TORCH_INDEX")]
)
def test_only_the_small_pytorch_goes_inside(
    says: str, refused: str | None, dev: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(dev, "ROOT", tmp_path)
    place = environment(dev, tmp_path / "venv", says)
    if refused is None:
        dev._ensure_cpu_torch(place)
    else:
        with pytest.raises(dev.Stop, match=refused):
            dev._ensure_cpu_torch(place)
