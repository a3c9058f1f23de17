"""What the packages tell the desktop, the shells and the manual is valid and says what the program does."""

from __future__ import annotations

import configparser
import gzip
import plistlib
import re
import shutil
import struct
import subprocess
import xml.etree.ElementTree as ElementTree
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]
LINUX = ROOT / "packaging" / "linux"
TYPES = {"application/x-pytorch-checkpoint", "application/x-safetensors"}


def validator(name: str) -> str:
    """The path of a validator; the test is skipped where it is not installed."""
    found = shutil.which(name)
    if found is None:
        pytest.skip(f"{name} is not installed")
    return found


@pytest.fixture
def share(script: Callable[[str], Any], tmp_path: Path) -> Path:
    """A filled share folder."""
    script("building").share_tree(tmp_path)
    return tmp_path


def test_the_menu_entry(share: Path) -> None:
    parser = configparser.RawConfigParser()
    parser.optionxform = str  # type: ignore[assignment,method-assign]
    parser.read(share / "applications" / "ckpt-studio.desktop", encoding="utf-8")
    entry = parser["Desktop Entry"]
    assert entry["Exec"] == "ckpt-studio %F"
    assert set(entry["MimeType"].strip(";").split(";")) == TYPES
    assert (share / f"icons/hicolor/48x48/apps/{entry['Icon']}.png").exists()


def test_the_menu_entry_is_named_as_the_window_names_itself() -> None:
    told = re.search(r'setDesktopFileName\("(.+?)"\)', (ROOT / "ckpt_studio/gui/main.py").read_text(encoding="utf-8"))
    assert told is not None
    assert (LINUX / f"{told[1]}.desktop").exists()


def test_desktop_file_validate(share: Path) -> None:
    program = validator("desktop-file-validate")
    entry = share / "applications" / "ckpt-studio.desktop"
    done = subprocess.run([program, entry], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (0, "")


def test_appstream_validate(share: Path, script: Callable[[str], Any]) -> None:
    program = validator("appstreamcli")
    target = share / "metainfo" / "org.ckptstudio.CkptStudio.metainfo.xml"
    done = subprocess.run([program, "validate", "--no-net", target], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout
    told = ElementTree.parse(target).getroot()
    release = told.find("releases/release")
    assert release is not None
    assert release.get("version") == script("building").version()
    assert {kind.text for kind in told.iter("mediatype")} == TYPES


def test_file_types(share: Path) -> None:
    program = validator("update-mime-database")
    subprocess.run([program, share / "mime"], check=True, capture_output=True)
    globs = (share / "mime" / "globs2").read_text().split()
    assert "50:application/x-pytorch-checkpoint:*.pth" in globs
    assert "50:application/x-pytorch-checkpoint:*.pt" in globs
    assert "50:application/x-pytorch-checkpoint:*.ckpt" in globs
    assert "50:application/x-safetensors:*.safetensors" in globs
    assert not [line for line in globs if line.endswith(":*.bin")]


def test_the_manual_page(share: Path) -> None:
    page = share / "man" / "man1" / "ckpt-studio.1.gz"
    text = gzip.decompress(page.read_bytes()).decode("utf-8")
    assert "@" not in text
    if shutil.which("man"):
        done = subprocess.run(
            ["man", "--warnings", "-E", "UTF-8", "-l", page], capture_output=True, text=True, check=False,
            env={"MANROFFSEQ": "", "MANWIDTH": "100", "LC_ALL": "C.UTF-8", "PATH": "/usr/bin:/bin"},
        )  # fmt: skip
        assert done.stderr == ""


def test_the_mac_is_told_of_document_types(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(ROOT / "packaging" / "macos")
    import info_plist

    told = plistlib.loads(plistlib.dumps(info_plist.info_plist("1.2.3")))
    assert told["CFBundleShortVersionString"] == "1.2.3"
    # A program for the terminal too is no agent: it has a window and a place in the Dock.
    assert told["LSBackgroundOnly"] is False
    extensions = {
        extension
        for kind in told["UTExportedTypeDeclarations"]
        for extension in kind["UTTypeTagSpecification"]["public.filename-extension"]
    }
    assert extensions == {"pth", "pt", "ckpt", "safetensors"}
    ranks = {kind["LSHandlerRank"] for kind in told["CFBundleDocumentTypes"] if "CFBundleTypeExtensions" in kind}
    assert ranks == {"Alternate"}


def test_what_the_mac_lets_the_program_do() -> None:
    allowed = plistlib.loads((ROOT / "packaging" / "macos" / "entitlements.plist").read_bytes())
    assert all(name.startswith("com.apple.security.cs.") and value is True for name, value in allowed.items())


def test_document_types_are_the_same_on_every_system(share: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(ROOT / "packaging" / "macos")
    import info_plist

    mac = {
        extension
        for kind in info_plist.info_plist("1")["UTExportedTypeDeclarations"]
        for extension in kind["UTTypeTagSpecification"]["public.filename-extension"]
    }
    windows = set(
        re.findall(
            r"!insertmacro DoubleClick (\w+) ",
            (ROOT / "packaging" / "windows" / "installer.nsi").read_text(encoding="utf-8"),
        )
    )
    types = ElementTree.parse(share / "mime" / "packages" / "ckpt-studio.xml").getroot()
    globs = {str(entry.get("pattern")) for entry in types.findall(".//{*}glob")}
    assert mac == windows == {glob[2:] for glob in globs if glob.startswith("*.") and glob.count(".") == 1}


@pytest.mark.parametrize("size", [16, 22, 24, 32, 48, 64, 128, 256, 512])
def test_icons_have_their_sizes(size: int) -> None:
    data = (ROOT / "resources" / "icons" / "app" / f"ckpt-studio-{size}.png").read_bytes()
    assert data[:8] == b"\x89PNG\r\n\x1a\n"
    assert struct.unpack(">II", data[16:24]) == (size, size)


def test_the_version_is_in_one_place(script: Callable[[str], Any]) -> None:
    from ckpt_studio import __version__

    building = script("building")
    assert building.version() == __version__
    assert f'"{__version__}"' not in (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    assert building.changelog_section().startswith(f"## [{__version__}]")


@pytest.mark.slow
def test_the_windows_installer_under_wine() -> None:
    validator("makensis")
    validator("wineserver")
    done = subprocess.run(
        ["sh", ROOT / "packaging" / "windows" / "prove.sh"], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
