"""Builds what users install: the bundle, Linux packages, the archive, wheel and sdist, checksums, bill of materials.

Called by `packaging/dev.py`; everything lands in `dist/`, scratch in `build/`.
"""

from __future__ import annotations

import gzip
import hashlib
import json
import os
import platform
import re
import shutil
import subprocess
import sys
import tarfile
import time
from dataclasses import dataclass
from datetime import datetime, timezone
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
BUILD, DIST = ROOT / "build", ROOT / "dist"
STAGE = BUILD / "stage"
LINUX = ROOT / "packaging" / "linux"
ICONS = ROOT / "resources" / "icons"
APP_ID = "org.ckptstudio.CkptStudio"
ICON_SIZES = (16, 22, 24, 32, 48, 64, 128, 256, 512)


class BuildError(Exception):
    """A build that must not go on; the text says why."""


def version() -> str:
    """The program's version, from the one place that has it."""
    found = re.search(r'__version__ = "(.+?)"', (ROOT / "ckpt_studio" / "__init__.py").read_text(encoding="utf-8"))
    assert found is not None
    return found[1]


def release_date() -> str:
    """The date of the last commit, so that the same commit builds the same texts; today where git cannot tell."""
    stamp = os.environ.get("SOURCE_DATE_EPOCH", "")
    if not stamp and shutil.which("git") is not None:
        command = ["git", "log", "-1", "--format=%ct"]
        stamp = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False).stdout.strip()
    stamp = stamp or str(int(time.time()))
    return datetime.fromtimestamp(int(stamp), timezone.utc).strftime("%Y-%m-%d")


def machine() -> str:
    """The processor's name as Linux archives spell it."""
    return {"AMD64": "x86_64", "arm64": "aarch64"}.get(platform.machine(), platform.machine())


def folder_bytes(folder: Path) -> int:
    """The size of all files below a folder, links not followed."""
    return sum(path.lstat().st_size for path in folder.rglob("*") if not path.is_dir())


@dataclass(frozen=True)
class Environment:
    """The virtual environment that a bundle is collected from: the program, PyInstaller, and nothing else."""

    python: Path

    def program(self, name: str) -> str:
        """The path of one of its programs."""
        return str(self.python.with_name(name + (".exe" if os.name == "nt" else "")))

    def run(self, *words: str, **variables: str) -> None:
        """Runs a program of it from the project's folder; what it says is shown when it fails."""
        done = subprocess.run(
            [self.program(words[0]), *words[1:]], cwd=ROOT, env={**os.environ, **variables},
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False,
        )  # fmt: skip
        if done.returncode != 0:
            raise BuildError(f"{words[0]} failed with exit status {done.returncode}:\n{done.stdout[-3000:]}")


def bundle(environment: Environment, *, with_torch: bool) -> Path:
    """Builds the folder that runs without Python; returns it. Fails where PyInstaller only warns.

    Raises:
        BuildError: a library that the window needs was not found on this machine.
    """
    name = "ckpt-studio-torch" if with_torch else "ckpt-studio"
    work, out = BUILD / f"pyinstaller-{name}", DIST / name
    shutil.rmtree(out, ignore_errors=True)
    log = BUILD / f"{name}.log"
    BUILD.mkdir(exist_ok=True)
    with log.open("w", encoding="utf-8") as stream:
        done = subprocess.run(
            [environment.program("pyinstaller"), "--noconfirm", "--clean", "--log-level", "WARN",
             "--distpath", str(work / "dist"), "--workpath", str(work / "work"),
             str(ROOT / "packaging" / "bundle" / "ckpt-studio.spec")],
            cwd=ROOT, env={**os.environ, "CKPT_STUDIO_BUNDLE_TORCH": "1" if with_torch else "0"},
            stdout=stream, stderr=subprocess.STDOUT, check=False,
        )  # fmt: skip
    told = log.read_text(encoding="utf-8", errors="replace")
    if done.returncode != 0:
        raise BuildError("PyInstaller failed:\n" + told[-3000:])
    missing = sorted(set(re.findall(r"Library not found: .*?(libxcb[^ ,'\"]*)", told)))
    if missing:
        raise BuildError(f"the bundle would die under X11, these are missing here: {', '.join(missing)}")
    if sys.platform == "darwin":
        application = DIST / "Ckpt Studio.app"
        shutil.rmtree(application, ignore_errors=True)
        shutil.copytree(work / "dist" / application.name, application, symlinks=True)
    shutil.copytree(work / "dist" / "ckpt-studio", out, symlinks=True)
    shutil.copy(ROOT / "LICENSE", out / "LICENSE")
    if sys.platform.startswith("linux") and shutil.which("strip"):
        # Python's own libraries alone: numpy's do not survive it, and Qt's are stripped.
        own = [*out.glob("_internal/libpython*.so*"), *out.glob("_internal/python3*/lib-dynload/*.so")]
        subprocess.run(["strip", "--strip-unneeded", *map(str, own)], check=True)
    if sys.platform.startswith("linux"):
        forget_build_machine(environment, out)
    shutil.rmtree(work, ignore_errors=True)
    return out


def forget_build_machine(environment: Environment, folder: Path) -> None:
    """Takes the build machine's own folders out of the search paths of libraries.

    On another machine such a folder may belong to anybody, who could put a library there.
    """
    patchelf = environment.program("patchelf")
    for path in sorted(folder.rglob("*.so*")):
        if path.is_symlink():
            continue
        done = subprocess.run([patchelf, "--print-rpath", str(path)], capture_output=True, text=True, check=False)
        places = [place for place in done.stdout.strip().split(":") if place]
        kept = [place for place in places if place.startswith("$ORIGIN")]
        if kept != places:
            how = ["--set-rpath", ":".join(kept)] if kept else ["--remove-rpath"]
            subprocess.run([patchelf, *how, str(path)], check=True)


def share_tree(target: Path) -> None:
    """Fills `target` with what goes below a `share` folder: menu entry, types, icons, manual, completions."""

    def put(source: Path, place: str, *, fill: bool = False) -> None:
        path = target / place
        path.parent.mkdir(parents=True, exist_ok=True)
        data = source.read_bytes()
        if fill:
            data = data.replace(b"@VERSION@", version().encode()).replace(b"@DATE@", release_date().encode())
        path.write_bytes(gzip.compress(data, mtime=0) if path.suffix == ".gz" else data)
        path.chmod(0o644)

    put(LINUX / "ckpt-studio.desktop", "applications/ckpt-studio.desktop")
    put(LINUX / "ckpt-studio.xml", "mime/packages/ckpt-studio.xml")
    put(LINUX / f"{APP_ID}.metainfo.xml", f"metainfo/{APP_ID}.metainfo.xml", fill=True)
    put(LINUX / "ckpt-studio.1", "man/man1/ckpt-studio.1.gz", fill=True)
    put(LINUX / "completion.bash", "bash-completion/completions/ckpt-studio")
    put(LINUX / "completion.fish", "fish/vendor_completions.d/ckpt-studio.fish")
    put(LINUX / "completion.zsh", "zsh/site-functions/_ckpt-studio")
    put(ICONS / "ckpt-studio.svg", "icons/hicolor/scalable/apps/ckpt-studio.svg")
    for size in ICON_SIZES:
        put(ICONS / "app" / f"ckpt-studio-{size}.png", f"icons/hicolor/{size}x{size}/apps/ckpt-studio.png")


def archive(bundle_folder: Path) -> Path:
    """The relocatable archive: unpack it anywhere, start `ckpt-studio`; `integrate.sh` adds the menu entry."""
    name = f"{bundle_folder.name}-{version()}-linux-{machine()}"
    top = BUILD / name
    shutil.rmtree(top, ignore_errors=True)
    shutil.copytree(bundle_folder, top, symlinks=True)
    share_tree(top / "share")
    shutil.copy(LINUX / "integrate.sh", top / "integrate.sh")
    target = DIST / f"{name}.tar.xz"

    def owned_by_nobody(entry: tarfile.TarInfo) -> tarfile.TarInfo:
        entry.uid = entry.gid = 0
        entry.uname = entry.gname = "root"
        return entry

    with tarfile.open(target, "w:xz", preset=6) as out:
        out.add(top, arcname=name, filter=owned_by_nobody)
    shutil.rmtree(top)
    return target


def linux_packages(environment: Environment, bundle_folder: Path) -> list[Path]:
    """The .deb and the .rpm of a bundle."""
    shutil.rmtree(STAGE, ignore_errors=True)
    library = STAGE / "usr" / "lib" / "ckpt-studio"
    shutil.copytree(bundle_folder, library, symlinks=True)
    (STAGE / "usr" / "bin").mkdir()
    (STAGE / "usr" / "bin" / "ckpt-studio").symlink_to("../lib/ckpt-studio/ckpt-studio")
    share_tree(STAGE / "usr" / "share")
    documents = STAGE / "usr" / "share" / "doc" / "ckpt-studio"
    documents.mkdir(parents=True)
    shutil.copy(ROOT / "LICENSE", documents / "copyright")
    (documents / "changelog.gz").write_bytes(gzip.compress((ROOT / "CHANGELOG.md").read_bytes(), mtime=0))
    arch = {"x86_64": "amd64", "aarch64": "arm64"}[machine()]
    suffix = "-torch" if bundle_folder.name.endswith("-torch") else ""
    made = []
    for packager, name in (
        ("deb", f"ckpt-studio{suffix}_{version()}_{arch}.deb"),
        ("rpm", f"ckpt-studio{suffix}-{version()}-1.{machine()}.rpm"),
    ):
        environment.run(
            "nfpm", "package", "--config", str(LINUX / "nfpm.yaml"), "--packager", packager,
            "--target", str(DIST / name),
            PACKAGE_VERSION=version(), PACKAGE_ARCH=arch, PACKAGE_GLIBC=platform.libc_ver()[1],
        )  # fmt: skip
        made.append(DIST / name)
    shutil.rmtree(STAGE)
    recompress_deb(made[0])
    return made


def recompress_deb(package: Path) -> None:
    """Compresses the files of a .deb that nfpm left plain, with the real xz: a fifth smaller than nfpm's own."""
    import lzma  # not every Python has it, and setup.py needs this module everywhere

    data = package.read_bytes()
    magic, place, members = b"!<arch>\n", 8, []
    assert data.startswith(magic)
    while place < len(data):
        header, size = data[place : place + 60], int(data[place + 48 : place + 58])
        members.append((header, data[place + 60 : place + 60 + size]))
        place += 60 + size + size % 2
    draft = package.with_suffix(".part")
    with draft.open("wb") as out:
        out.write(magic)
        for header, body in members:
            name = header[:16].rstrip(b" /")
            if name == b"data.tar":
                name, body = b"data.tar.xz", lzma.compress(body, preset=6)
            out.write(name.ljust(16) + header[16:48] + str(len(body)).encode().ljust(10) + header[58:60] + body)
            out.write(b"\n" * (len(body) % 2))
    draft.replace(package)


def wheel_and_sdist(environment: Environment) -> list[Path]:
    """The Python packages: the sdist, and the wheel built from it."""
    environment.run("python", "-m", "build", "--outdir", str(DIST), str(ROOT))
    return sorted(DIST.glob(f"ckpt_studio-{version()}*"))


def bill_of_materials(environment: Environment, *, with_torch: bool = False) -> Path:
    """The CycloneDX list of what the bundle contains: the program, what it needs, and PyInstaller's starter."""
    target = DIST / f"ckpt-studio{'-torch' if with_torch else ''}-{version()}.cdx.json"
    environment.run(
        "cyclonedx-py", "environment", "--output-reproducible", "--of", "JSON", "-o", str(target),
        str(environment.python),
    )  # fmt: skip
    told = json.loads(target.read_text(encoding="utf-8"))
    needs = {entry["ref"]: entry.get("dependsOn", []) for entry in told["dependencies"]}
    known = {component["name"].lower().replace("_", "-"): component for component in told["components"]}
    program = known["ckpt-studio"]
    program.pop("externalReferences", None)  # where it was built is nobody's business
    program["type"] = "application"
    # The environment also holds build tools, and the program "depends" on them by an extra.
    needs[program["bom-ref"]] = [known[name]["bom-ref"] for name in requirements(with_torch=with_torch)]
    kept = {program["bom-ref"], known["pyinstaller"]["bom-ref"]}
    fresh = {program["bom-ref"]}
    while fresh:
        fresh = {need for ref in fresh for need in needs[ref]} - kept
        kept |= fresh
    told["components"] = [component for component in told["components"] if component["bom-ref"] in kept]
    told["dependencies"] = [
        {"ref": ref, "dependsOn": [need for need in needs[ref] if need in kept]} for ref in sorted(kept)
    ]
    target.write_text(json.dumps(told, indent=2, sort_keys=True) + "\n", encoding="utf-8")
    return target


def requirements(*, with_torch: bool = False) -> list[str]:
    """The names in pyproject.toml of what the program needs, in pip's spelling."""
    text = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    names: list[str] = []
    for table in ("dependencies", "torch") if with_torch else ("dependencies",):
        listed = re.search(rf"^{table} = \[\n(.*?)^\]", text, flags=re.MULTILINE | re.DOTALL)
        assert listed is not None
        names += re.findall(r'^\s*"([A-Za-z0-9_-]+)', listed[1], flags=re.MULTILINE)
    return [name.lower().replace("_", "-") for name in names]


def changelog_section() -> str:
    """The newest section of CHANGELOG.md: the notes of the release."""
    text = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    sections = re.split(r"^## ", text, flags=re.MULTILINE)[1:]
    if not sections:
        raise BuildError("CHANGELOG.md has no section")
    return "## " + sections[0].strip() + "\n"


def checksums() -> Path:
    """SHA256SUMS over every download of this version, of both flavours, in the form `sha256sum -c` reads."""
    target = DIST / "SHA256SUMS"
    files = sorted(path for path in DIST.iterdir() if path.is_file() and version() in path.name)
    lines = [f"{hashlib.sha256(path.read_bytes()).hexdigest()}  {path.name}\n" for path in files]
    target.write_text("".join(lines), encoding="utf-8")
    return target


def windows_installer(bundle_folder: Path) -> Path:
    """The NSIS installer of a bundle; `makensis` must be on the PATH. Any warning is an error."""
    target = DIST / f"{bundle_folder.name}-{version()}-windows-x86_64.exe"
    numbers = ".".join((re.findall(r"\d+", version()) + ["0"] * 4)[:4])
    prefix = "/" if os.name == "nt" else "-"
    done = subprocess.run(
        ["makensis", f"{prefix}WX", f"{prefix}V2", f"{prefix}INPUTCHARSET", "UTF8",
         f"{prefix}DVERSION={version()}", f"{prefix}DNUMBERS={numbers}", f"{prefix}DPAYLOAD={bundle_folder}",
         f"{prefix}DOUTPUT={target}", f"{prefix}DICON={ICONS / 'app' / 'ckpt-studio.ico'}",
         str(ROOT / "packaging" / "windows" / "installer.nsi")],
        cwd=ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    if done.returncode != 0:
        raise BuildError("makensis failed:\n" + (done.stdout + done.stderr)[-3000:])
    return target


def disk_image(bundle_folder: Path) -> Path:
    """The .dmg of the macOS application, signed and notarised when the script finds an identity."""
    target = DIST / f"{bundle_folder.name}-{version()}-macos-{platform.machine()}.dmg"
    subprocess.run(
        ["sh", str(ROOT / "packaging" / "macos" / "make-dmg.sh"), str(DIST / "Ckpt Studio.app"), str(target)],
        cwd=ROOT, check=True,
    )  # fmt: skip
    return target
