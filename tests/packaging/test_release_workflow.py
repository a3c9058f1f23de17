"""The release workflow: what it runs exists, and its steps that need no other system are run here."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

yaml = pytest.importorskip("yaml")

ROOT = Path(__file__).resolve().parents[2]
WORKFLOW = ROOT / ".github" / "workflows" / "release.yml"
pytestmark = pytest.mark.skipif(not WORKFLOW.exists(), reason="not part of the source package")


@pytest.fixture(scope="module")
def workflow() -> Any:
    return yaml.safe_load(WORKFLOW.read_text(encoding="utf-8"))


def steps(workflow: Any) -> list[Any]:
    """All steps of all jobs."""
    return [step for job in workflow["jobs"].values() for step in job["steps"]]


def test_three_systems_are_built(workflow: Any) -> None:
    runners = {entry["runner"].split("-")[0] for entry in workflow["jobs"]["build"]["strategy"]["matrix"]["include"]}
    assert runners == {"ubuntu", "windows", "macos"}


def test_jobs_wait_for_each_other(workflow: Any) -> None:
    jobs = workflow["jobs"]
    assert (jobs["build"]["needs"], jobs["publish"]["needs"]) == ("check", "build")
    assert jobs["publish"]["if"] == "github.ref_type == 'tag'"
    assert workflow["permissions"] == {"contents": "read"}
    assert all("timeout-minutes" in job for job in jobs.values())


def test_every_script_and_command_exists(workflow: Any, script: Callable[[str], Any]) -> None:
    dev = script("dev")
    found = []
    for step in steps(workflow):
        run = step.get("run", "")
        for path in re.findall(r"packaging/[\w./-]+", run):
            assert (ROOT / path).exists(), path
        found += re.findall(r"packaging/dev\.py ([\w-]+)", run)
    assert set(found) == {"test", "installers"}
    assert set(found) <= set(dev.COMMANDS)


def test_what_is_uploaded_is_what_is_made(workflow: Any, script: Callable[[str], Any]) -> None:
    """Every kind of download that `building.py` names is taken along by one of the uploads."""
    uploads = [step["with"]["path"] for step in steps(workflow) if "upload-artifact" in step.get("uses", "")]
    taken = {Path(line).suffix for text in uploads for line in text.split()}
    text = (ROOT / "packaging" / "building.py").read_text(encoding="utf-8")
    made = {Path(name).suffix for name in re.findall(r'[-_}]([\w{}().-]*\.(?:deb|rpm|xz|exe|dmg|json))"', text)}
    assert made <= taken
    assert {".whl", ".gz"} <= taken


@pytest.mark.skipif(os.name == "nt", reason="a step of a Linux runner")
def test_the_publishing_step(workflow: Any, tmp_path: Path, script: Callable[[str], Any]) -> None:
    """Gathers the downloads of all systems, none of them over another, with checksums and notes."""
    building = script("building")
    version = building.version()
    files = {
        "linux": [f"ckpt-studio_{version}_amd64.deb", f"ckpt-studio-{version}.cdx.json"],
        "windows": [f"ckpt-studio-{version}-windows-x86_64.exe", f"ckpt-studio-{version}.cdx.json"],
        "python": [f"ckpt_studio-{version}-py3-none-any.whl"],
    }
    for folder, names in files.items():
        for name in names:
            path = tmp_path / "downloads" / folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(folder)
    shutil.copytree(ROOT / "packaging", tmp_path / "packaging", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "CHANGELOG.md", tmp_path)
    run = next(step["run"] for step in workflow["jobs"]["publish"]["steps"] if "SHA256SUMS" in step.get("run", ""))
    subprocess.run(["bash", "-e", "-c", run], cwd=tmp_path, check=True)
    made = {path.name for path in (tmp_path / "dist").iterdir()}
    assert made == {
        "SHA256SUMS",
        f"ckpt-studio_{version}_amd64.deb",
        f"ckpt-studio-{version}-windows-x86_64.exe",
        f"ckpt_studio-{version}-py3-none-any.whl",
        f"ckpt-studio-{version}-linux.cdx.json",
        f"ckpt-studio-{version}-windows.cdx.json",
    }
    assert (tmp_path / "notes.md").read_text(encoding="utf-8").startswith(f"## [{version}]")
    checked = subprocess.run(["sha256sum", "-c", "SHA256SUMS"], cwd=tmp_path / "dist", capture_output=True, check=False)
    assert checked.returncode == 0


@pytest.mark.skipif(os.name == "nt", reason="a step of a Linux runner")
def test_the_tag_is_held_to_the_version(workflow: Any, script: Callable[[str], Any]) -> None:
    run = next(
        step["run"] for step in workflow["jobs"]["check"]["steps"] if step.get("name") == "The tag is the version"
    )
    for tag, status in ((f"v{script('building').version()}", 0), ("v9.9.9", 1)):
        done = subprocess.run(
            ["bash", "-e", "-c", run], cwd=ROOT, env={**os.environ, "GITHUB_REF_NAME": tag}, check=False
        )
        assert done.returncode == status
