"""The shell scripts of the packages: they parse, and those of other systems are run with stand-ins for its programs."""

from __future__ import annotations

import base64
import os
import shutil
import subprocess
from pathlib import Path

import pytest

PACKAGING = Path(__file__).resolve().parents[2] / "packaging"
SCRIPTS = sorted(PACKAGING.rglob("*.sh"))

pytestmark = pytest.mark.skipif(os.name == "nt", reason="scripts of other systems")


@pytest.mark.parametrize("path", SCRIPTS, ids=lambda path: path.relative_to(PACKAGING).as_posix())
def test_it_parses(path: Path) -> None:
    subprocess.run(["sh", "-n", path], check=True)
    checker = shutil.which("shellcheck")
    if checker is not None:
        done = subprocess.run([checker, "--severity=warning", path], capture_output=True, text=True, check=False)
        assert done.stdout == ""
    assert os.access(path, os.X_OK)


@pytest.fixture
def mac(tmp_path: Path) -> tuple[dict[str, str], Path]:
    """The environment of a machine whose programs only note how they are called, and the file they note it in."""
    log = tmp_path / "log"
    log.touch()
    programs = tmp_path / "bin"
    programs.mkdir()
    for name in ("codesign", "hdiutil", "xcrun", "security"):
        (programs / name).write_text(f'#!/bin/sh\necho "{name} $*" >>"{log}"\n')
        (programs / name).chmod(0o755)
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("MACOS_", "CKPT_STUDIO_"))}
    return {**kept, "PATH": f"{programs}:{os.environ['PATH']}", "RUNNER_TEMP": str(tmp_path)}, log


def image(tmp_path: Path, environment: dict[str, str]) -> None:
    """Makes the disk image of an application that is an empty folder."""
    app = tmp_path / "Ckpt Studio.app"
    app.mkdir()
    script = PACKAGING / "macos" / "make-dmg.sh"
    subprocess.run(["sh", script, app, tmp_path / "out.dmg"], env=environment, check=True)


def test_a_disk_image_without_an_identity(mac: tuple[dict[str, str], Path], tmp_path: Path) -> None:
    environment, log = mac
    image(tmp_path, environment)
    (line,) = log.read_text().splitlines()
    assert line.startswith("hdiutil create -volname Ckpt Studio ")
    assert line.endswith(str(tmp_path / "out.dmg"))


def test_a_disk_image_is_signed_and_notarised_in_order(mac: tuple[dict[str, str], Path], tmp_path: Path) -> None:
    environment, log = mac
    named = {"CKPT_STUDIO_SIGN_IDENTITY": "Developer ID Application: X", "CKPT_STUDIO_NOTARY_PROFILE": "profile"}
    image(tmp_path, {**environment, **named})
    lines = log.read_text().splitlines()
    called = ["codesign", "codesign", "hdiutil", "codesign", "xcrun", "xcrun"]
    assert [line.split()[0] for line in lines] == called
    assert "--options runtime" in lines[0]
    assert "entitlements.plist" in lines[0]
    assert lines[1].startswith("codesign --verify")
    assert "notarytool submit" in lines[4]
    assert "stapler staple" in lines[5]


def test_no_certificate_is_no_trouble(mac: tuple[dict[str, str], Path]) -> None:
    environment, log = mac
    script = PACKAGING / "macos" / "import-certificate.sh"
    done = subprocess.run(["sh", script], env=environment, capture_output=True, text=True, check=True)
    assert "not signed" in done.stdout
    assert log.read_text() == ""


def test_a_certificate_goes_into_a_keychain_of_its_own(mac: tuple[dict[str, str], Path], tmp_path: Path) -> None:
    if shutil.which("openssl") is None:
        pytest.skip("openssl is not installed")
    environment, log = mac
    script = PACKAGING / "macos" / "import-certificate.sh"
    given = {
        "MACOS_CERTIFICATE": base64.b64encode(b"certificate").decode(),
        "MACOS_CERTIFICATE_PASSWORD": "secret",
        "CKPT_STUDIO_NOTARY_PROFILE": "profile",
        "MACOS_NOTARY_USER": "user",
        "MACOS_NOTARY_PASSWORD": "password",
        "MACOS_NOTARY_TEAM": "team",
    }
    subprocess.run(["sh", script], env={**environment, **given}, capture_output=True, check=True)
    lines = log.read_text().splitlines()
    assert [line.split()[1] for line in lines[:4]] == [
        "create-keychain", "set-keychain-settings", "unlock-keychain", "import",
    ]  # fmt: skip
    assert all(str(tmp_path / "ckpt-studio.keychain-db") in line for line in lines)
    assert "notarytool store-credentials profile" in lines[-1]


def test_an_archive_is_put_into_the_menu_and_taken_out(tmp_path: Path) -> None:
    folder, home = tmp_path / "an archive & more", tmp_path / "home"
    (folder / "share" / "applications").mkdir(parents=True)
    home.mkdir()
    shutil.copy(PACKAGING / "linux" / "integrate.sh", folder)
    shutil.copy(PACKAGING / "linux" / "ckpt-studio.desktop", folder / "share" / "applications")
    (folder / "ckpt-studio").write_text("#!/bin/sh\n")
    kept = {name: value for name, value in os.environ.items() if not name.startswith("XDG_")}
    environment = {**kept, "HOME": str(home)}

    def integrate(word: str) -> None:
        subprocess.run(["sh", folder / "integrate.sh", word], env=environment, capture_output=True, check=True)

    integrate("install")
    entry = home / ".local/share/applications/ckpt-studio.desktop"
    assert f'Exec="{folder}/ckpt-studio" %F' in entry.read_text(encoding="utf-8")
    assert (home / ".local/bin/ckpt-studio").resolve() == folder / "ckpt-studio"
    for place in (".config", ".cache", ".local/state"):
        (home / place / "ckpt-studio").mkdir(parents=True)
    integrate("remove")
    assert not entry.exists()
    assert not (home / ".local/bin/ckpt-studio").is_symlink()
    assert (home / ".config/ckpt-studio").exists()
    integrate("purge")
    assert list(home.rglob("ckpt-studio*")) == []
