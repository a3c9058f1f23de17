#!/usr/bin/env python3
"""The one script of this project: run it, test it, build it. Needs nothing but Python 3.10 or later.

    python3 packaging/dev.py run [FILE…]       open the window
    python3 packaging/dev.py test [pytest …]   every check; with arguments only pytest with them
    python3 packaging/dev.py --help            the rest

It keeps a virtual environment in `.venv`, installs what is missing, and remembers what it installed, so
that the second time it starts at once. On Debian and its relatives it also installs the system's own
libraries when it may; elsewhere it says which are missing.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Iterable
from pathlib import Path

import building
from compile_translations import TRANSLATIONS, entries, extraction
from compile_translations import compile_all as compile_translations

ROOT = Path(__file__).resolve().parents[1]
WINDOWS = os.name == "nt"
OLDEST, NEWEST = (3, 10), (3, 14)
# What a bundle without torch, and a package of it, may weigh (10⁶ bytes).
BUNDLE_MEGABYTES, PACKAGE_MEGABYTES = 230, 65

# Where PyTorch is built for the processor alone, a quarter of the size; another place can be named in the environment.
CPU_TORCH = os.environ.get("CKPT_STUDIO_TORCH_INDEX") or "https://download.pytorch.org/whl/cpu"
# What the torch of an environment was built for, in one word; ends with an error where it does not work.
TORCH_KIND = "import torch, torchvision; print(torch.version.cuda or getattr(torch.version, 'hip', None) or 'cpu')"

# What a Debian machine lacks, by the shared library Qt loads: found by its name, so that any system can be asked.
OFFSCREEN_LIBRARIES = {
    "libglib-2.0.so.0": "libglib2.0-0",
    "libGL.so.1": "libgl1",
    "libEGL.so.1": "libegl1",
    "libfontconfig.so.1": "libfontconfig1",
    "libxkbcommon.so.0": "libxkbcommon0",
    "libdbus-1.so.3": "libdbus-1-3",
}
WINDOW_LIBRARIES = {
    "libxcb-cursor.so.0": "libxcb-cursor0",
    "libxkbcommon-x11.so.0": "libxkbcommon-x11-0",
    "libxcb-icccm.so.4": "libxcb-icccm4",
    "libxcb-keysyms.so.1": "libxcb-keysyms1",
    "libxcb-shape.so.0": "libxcb-shape0",
}
SCREEN_PROGRAMS = {"Xvfb": "xvfb", "xauth": "xauth"}


class Stop(Exception):
    """The script cannot go on; the text says why and what to do."""


def say(text: str) -> None:
    """Prints one line at once, also into a pipe."""
    print(f"[dev] {text}", flush=True)


# --- the machine -------------------------------------------------------------------------------------------------


def _is_root() -> bool:
    return not WINDOWS and os.geteuid() == 0


def _apt_install(packages: list[str], reason: str) -> bool:
    """Installs Debian packages when this may be done here; otherwise says the command and returns False."""
    command = "apt-get install -y --no-install-recommends " + " ".join(packages)
    if shutil.which("apt-get") is None:
        say(f"missing on this system ({reason}): what Debian calls {', '.join(packages)}")
        return False
    if not _is_root():
        say(f"missing on this system ({reason}). An administrator can install it with:\n      sudo {command}")
        return False
    say(f"installing {' '.join(packages)} ({reason})")
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    for words in (["apt-get", "update", "-qq"], [*command.split()[:2], "-qq", *command.split()[2:]]):
        done = subprocess.run(
            words, env=environment, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False
        )
        if done.returncode != 0 and "update" not in words:
            say("apt-get could not do it:\n      " + "\n      ".join((done.stdout + done.stderr).splitlines()[-8:]))
            return False
    return True


def _unloadable(libraries: Iterable[str]) -> list[str]:
    """Those of the shared libraries that a program of this machine cannot load, wherever they may lie."""
    probe = (
        "import ctypes, sys\nfor name in sys.argv[1:]:\n    try: ctypes.CDLL(name)\n    except OSError: print(name)\n"
    )
    done = subprocess.run([sys.executable, "-c", probe, *libraries], capture_output=True, text=True, check=False)
    return done.stdout.split()


def _ensure_libraries(*, window: bool, screen: bool = False) -> None:
    """Makes sure that Qt's system libraries are there (Linux only).

    Args:
        window: also what a window on a real screen needs.
        screen: also a virtual screen, for tests; they do without where it cannot be had.

    Raises:
        Stop: some are missing and cannot be installed from here; the text says which, and how.
    """
    if not sys.platform.startswith("linux"):
        return
    wanted = {**OFFSCREEN_LIBRARIES, **(WINDOW_LIBRARIES if window else {})}
    missing = [wanted[library] for library in _unloadable(wanted)]
    if screen:
        missing += [package for program, package in SCREEN_PROGRAMS.items() if shutil.which(program) is None]
    if not missing or _apt_install(missing, "Qt needs it to show windows" if window else "Qt needs it"):
        return
    # On Wayland, and for tests without a screen, X11's own are not needed.
    required = {**OFFSCREEN_LIBRARIES}
    if window and not screen and not os.environ.get("WAYLAND_DISPLAY"):
        required.update(WINDOW_LIBRARIES)
    if left := _unloadable(required):
        raise Stop(f"Qt cannot start here without {', '.join(left)}. Install that and start me again.")


def _interpreter() -> str:
    """A Python this project supports: the running one, else another one on the PATH."""
    if OLDEST <= sys.version_info[:2] <= NEWEST:
        return sys.executable
    for minor in range(NEWEST[1], OLDEST[1] - 1, -1):
        found = shutil.which(f"python3.{minor}")
        if found:
            return found
    raise Stop(f"Ckpt Studio needs Python 3.{OLDEST[1]} to 3.{NEWEST[1]}; this is {sys.version.split()[0]}.")


# --- the environment ---------------------------------------------------------------------------------------------


def _wish() -> str:
    """A digest of what pyproject.toml asks to install; other tables (lint settings …) do not count."""
    text = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    tables = re.split(r"^(?=\[)", text, flags=re.MULTILINE)
    asked = "".join(table for table in tables if table.startswith(("[build-system", "[project")))
    return hashlib.sha256(asked.encode()).hexdigest()


class Environment:
    """A virtual environment with the program in it, that knows what it was given last."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._stamp = folder / "ckpt-studio-installed.json"

    def program(self, name: str) -> Path:
        """The path of one of its programs."""
        return self.folder / "Scripts" / f"{name}.exe" if WINDOWS else self.folder / "bin" / name

    @property
    def python(self) -> Path:
        """Its interpreter."""
        return self.program("python")

    def _remembered(self) -> tuple[str, set[str], set[str]]:
        """What was asked last: the digest of the wish, the extras installed, the extras that failed today."""
        try:
            stamp = json.loads(self._stamp.read_text(encoding="utf-8"))
            today = time.time() - float(stamp["when"]) < 24 * 3600
            return str(stamp["wish"]), set(stamp["extras"]), set(stamp["failed"]) if today else set()
        except (OSError, ValueError, KeyError, TypeError):
            return "", set(), set()

    def ensure(self, extras: set[str], optional: set[str] | None = None) -> None:
        """Makes it hold the program with these extras; `optional` ones may fail, and are tried again tomorrow.

        Raises:
            Stop: it could not be made.
        """
        optional = optional or set()
        wish, (known_wish, before, failed) = _wish(), self._remembered()
        if wish == known_wish and extras | (optional - failed) <= before and self.python.exists():
            return
        if not self.python.exists() or _fails([str(self.python), "-m", "pip", "--version"]):
            self._make()  # absent, or left half made by an interrupted start
            before = set()
        sure = extras | (before - optional)
        wanted, failed = sure | optional, set()
        size = " (with PyTorch: several GB, some minutes)" if "torch" in wanted - before else ""
        say(f"installing what pyproject.toml asks for: {', '.join(['the program', *sorted(wanted)])}{size}")
        started = time.monotonic()
        # The program first: it is usable even where the big optional part fails.
        if optional and not self._install(sure):
            raise Stop("The program's own packages could not be installed.")
        if not self._install(wanted):
            if not optional:
                raise Stop("The packages could not be installed.")
            say("going on without PyTorch: user classes and load tests will need another Python that has it")
            wanted, failed = sure, optional
        stamp = {"wish": wish, "extras": sorted(wanted), "failed": sorted(failed), "when": time.time()}
        self._stamp.write_text(json.dumps(stamp), encoding="utf-8")
        say(f"installed in {time.monotonic() - started:.0f} s")

    def _make(self) -> None:
        python = _interpreter()
        if _fails([python, "-c", "import ensurepip, venv"]):
            ask = "import sys; print('%d.%d' % sys.version_info[:2])"
            version = subprocess.run([python, "-c", ask], capture_output=True, text=True, check=True).stdout.strip()
            if not _apt_install([f"python{version}-venv"], "Python's venv module"):
                raise Stop("Python's venv module is missing. Install it and start me again.")
        say(f"making the virtual environment {self.folder.relative_to(ROOT)} with {python}")
        done = subprocess.run(
            [python, "-m", "venv", "--clear", str(self.folder)], capture_output=True, text=True, check=False
        )
        if done.returncode != 0:
            raise Stop("The virtual environment could not be made:\n" + (done.stdout + done.stderr).strip())

    def _install(self, extras: set[str]) -> bool:
        """Runs pip, which shows its progress on a terminal; elsewhere only the end of what it said, on failure."""
        wanted = f".[{','.join(sorted(extras))}]" if extras else "."
        command = [str(self.python), "-m", "pip", "install", "--disable-pip-version-check", "--no-input", "-e", wanted]
        if sys.stdout.isatty():
            return subprocess.run(command, cwd=ROOT, stdin=subprocess.DEVNULL, check=False).returncode == 0
        done = subprocess.run(
            [*command, "--quiet"], cwd=ROOT, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False
        )
        if done.returncode == 0:
            return True
        output = (done.stdout + done.stderr).strip()
        say("pip failed:\n      " + "\n      ".join(output.splitlines()[-12:]))
        if re.search(r"NewConnectionError|Name or service|Failed to establish|ConnectTimeout|No matching dist", output):
            say("this looks like a missing network: the first start downloads Python packages (once)")
        if "No space left" in output:
            say("the disk is full: the environment with PyTorch takes about 6 GB")
        return False


def _fails(command: list[str]) -> bool:
    """Whether a command ends with an error; it prints nothing."""
    return subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, check=False).returncode != 0


MAIN = Environment(ROOT / ".venv")


# --- commands ----------------------------------------------------------------------------------------------------


def run(files: list[str]) -> int:
    """Opens the window with the files."""
    # What only an administrator or another terminal can mend comes before the long installation.
    if sys.platform.startswith("linux") and not (
        os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY") or os.environ.get("QT_QPA_PLATFORM")
    ):
        raise Stop("There is no screen here: neither DISPLAY nor WAYLAND_DISPLAY is set.")
    _ensure_libraries(window=os.environ.get("QT_QPA_PLATFORM", "") not in ("offscreen", "minimal"))
    MAIN.ensure(set(), optional={"torch"})
    compile_translations()
    command = [str(MAIN.program("python")), "-m", "ckpt_studio", *files]
    if not WINDOWS:
        os.execv(command[0], command)  # signals and the exit status are the program's own
    return subprocess.run(command, check=False).returncode


class Checks:
    """Runs named checks one after another and remembers how they ended."""

    def __init__(self) -> None:
        self.failed: list[str] = []
        self.passed: list[str] = []

    def run(self, name: str, words: list[str], **variables: str) -> None:
        """Runs one program of the environment; its output goes to ours."""
        say(f"{name} …")
        started = time.monotonic()
        command = [str(MAIN.program(words[0])), *words[1:]]
        environment = {**os.environ, **variables}
        done = subprocess.run(command, cwd=ROOT, stdin=subprocess.DEVNULL, env=environment, check=False)
        ended = "passed" if done.returncode == 0 else f"FAILED (exit status {done.returncode})"
        (self.passed if done.returncode == 0 else self.failed).append(name)
        say(f"{name}: {ended} in {time.monotonic() - started:.0f} s")

    def close(self) -> int:
        """Prints the closing lines and returns the exit status."""
        if self.failed:
            say("failed: " + ", ".join(self.failed))
        print(f"checks: {len(self.passed)} passed, {len(self.failed)} failed", flush=True)
        return 1 if self.failed else 0


def test(words: list[str]) -> int:
    """Every check of the project, or only pytest when it is given arguments.

    `--coverage` alone: every check, and how much of the program the tests run; a third slower.
    """
    # What only an administrator can mend comes before the long installation.
    _ensure_libraries(window=True, screen=True)
    MAIN.ensure({"torch", "dev"})
    compile_translations()
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    checks = Checks()
    measure = words == ["--coverage"]
    if words and not measure:
        checks.run("pytest", ["python", "-m", "pytest", *words])
        return checks.close()
    checks.run("ruff check", ["ruff", "check", "."])
    checks.run("ruff format", ["ruff", "format", "--check", "."])
    checks.run("mypy", ["mypy"])
    checks.run("import contracts", ["lint-imports"])
    coverage = ["--cov", "--cov-report=term"] if measure else []
    checks.run("tests", ["python", "-m", "pytest", "-n", "2", "--dist", "loadfile", "-q", *coverage])
    # Once more without what those rooms must not need; the slow tests have shown what they show.
    bare = ["-p", "no:pytest-qt", "-p", "no:cacheprovider", "-m", "not slow", *without_qt_and_torch()]
    checks.run(
        "tests without PySide6 and torch",
        ["python", "-m", "pytest", "-n", "2", "--dist", "loadfile", "-q", *bare],
        PYTHONPATH=str(ROOT / "tests" / "without"),
    )
    return checks.close()


def bench(words: list[str]) -> int:
    """Every benchmark, or those named: both sides in one run, a table each."""
    MAIN.ensure({"torch", "dev"})
    scripts = sorted((ROOT / "tests" / "benchmarks").glob("*.py"))
    names = [path.stem for path in scripts if "__main__" in path.read_text(encoding="utf-8")]
    if unknown := set(words) - set(names):
        raise Stop(f"There is no benchmark {', '.join(sorted(unknown))}; there are {', '.join(names)}.")
    checks = Checks()
    for name in words or names:
        checks.run(name, ["python", "-m", f"tests.benchmarks.{name}"])
    return checks.close()


def translations(words: list[str]) -> int:
    """Collects the window's texts into the .ts files and says what is left to translate."""
    del words
    MAIN.ensure({"dev"})
    status, left = 0, 0
    for target in sorted(TRANSLATIONS.glob("*.ts")):
        command = extraction(MAIN.program("pyside6-lupdate"), target)
        status = subprocess.run(command, cwd=ROOT, check=False).returncode or status
        for entry in entries(target):
            if not entry.finished:
                say(f"not translated: {target.stem}: {entry.context}: {entry.source}")
                left += 1
    say(f"{left} texts are left to translate" if left else "every text is translated")
    compile_translations()
    return status or bool(left)


def screenshots(words: list[str]) -> int:
    """Takes the pictures of the README and the guide anew, or looks whether they are still true (`--check`)."""
    MAIN.ensure({"torch"})
    compile_translations()
    _ensure_libraries(window=False)
    command = [str(MAIN.python), str(ROOT / "packaging" / "make_screenshots.py"), *words]
    return subprocess.run(command, cwd=ROOT, check=False).returncode


def without_qt_and_torch() -> list[str]:
    """The test folders that must pass where neither PySide6 nor torch can be imported."""
    rooms = ("core", "formats", "compare", "cli")
    return [str(Path("tests") / room) for room in rooms if (ROOT / "tests" / room).is_dir()]


def _build_environment(*, with_torch: bool) -> building.Environment:
    """The environment a bundle is collected from; separate, so that nothing of the developer's gets in."""
    place = Environment(ROOT / "build" / ("venv-torch" if with_torch else "venv"))
    place.folder.parent.mkdir(exist_ok=True)
    place.ensure({"release"})
    if with_torch:
        _ensure_cpu_torch(place)
    _ensure_libraries(window=True, screen=True)
    compile_translations()
    return building.Environment(place.python)


def _ensure_cpu_torch(place: Environment) -> None:
    """Makes an environment hold torch and torchvision for the processor; what it has of them already stays."""
    ask = [str(place.python), "-c", TORCH_KIND]
    if _fails(ask):
        say(f"installing PyTorch for the processor from {CPU_TORCH}")
        words = ["-m", "pip", "install", "--disable-pip-version-check", "--no-input", "--index-url", CPU_TORCH]
        command = [str(place.python), *words, "torch", "torchvision"]
        done = subprocess.run(command, cwd=ROOT, stdin=subprocess.DEVNULL, check=False)
        if done.returncode != 0 or _fails(ask):
            raise Stop(
                f"PyTorch for the processor could not be had from {CPU_TORCH}.\n      Name another place in"
                f" CKPT_STUDIO_TORCH_INDEX, or put torch and torchvision into {place.folder} yourself."
            )
    kind = subprocess.run(ask, capture_output=True, text=True, check=True).stdout.strip()
    if kind != "cpu":
        raise Stop(
            f"The PyTorch in {place.folder.relative_to(ROOT)} is built for a graphics card ({kind}); the bundle would"
            " weigh 5 GB. Remove that folder and start me again."
        )


def _require_clean_tree(otherwise: str = "") -> None:
    """What users get is made from commits only, so that it can be made again."""
    if shutil.which("git") is None:
        raise Stop(f"This is made from a git checkout, and git is not installed.{otherwise}")
    done = subprocess.run(["git", "status", "--porcelain"], cwd=ROOT, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise Stop(f"This is made from a git checkout.{otherwise}")
    if done.stdout.strip():
        raise Stop(f"The tree is dirty; this is made from commits only.{otherwise}\n{done.stdout.rstrip()}")


def _smoke(program: Path, *words: str) -> None:
    """Tries a built program; the interpreter with torch is the developer's, when it is there."""
    say(f"trying {program.relative_to(ROOT)}")
    command = [sys.executable, str(ROOT / "packaging" / "smoke.py"), str(program), "--version", building.version()]
    if MAIN.python.exists() and not _fails([str(MAIN.python), "-c", "import torch, safetensors"]):
        command += ["--torch-python", str(MAIN.python)]
    if subprocess.run([*command, *words], cwd=ROOT, check=False).returncode != 0:
        raise Stop("The bundle does not work.")


def _flavour(command: str, words: list[str]) -> bool:
    """Reads the options of `bundle` and `installers`, and looks at the tree; whether torch goes inside."""
    parser = argparse.ArgumentParser(prog=f"packaging/dev.py {command}")
    parser.add_argument("--with-torch", action="store_true", help="put torch and torchvision for the processor inside")
    parser.add_argument("--allow-dirty", action="store_true", help="also from a tree with changes, or without git")
    options = parser.parse_args(words)
    if not options.allow_dirty:
        _require_clean_tree(" To try it anyway: --allow-dirty")
    with_torch: bool = options.with_torch
    return with_torch


def bundle(words: list[str]) -> int:
    """Builds the folder that runs without Python, and tries it."""
    _bundle(with_torch=_flavour("bundle", words))
    return 0


def _bundle(*, with_torch: bool) -> tuple[building.Environment, Path]:
    """The environment it was collected from, and the folder."""
    environment = _build_environment(with_torch=with_torch)
    say("collecting the bundle (a minute or two) …")
    folder = building.bundle(environment, with_torch=with_torch)
    say(f"built {folder.relative_to(ROOT)}: {building.folder_bytes(folder) / 1e6:.0f} MB")
    screenshot = ["--screenshot", str(ROOT / "build" / "bundle.png")]
    limits = ["--with-torch", "--max-seconds", "5"] if with_torch else ["--max-megabytes", str(BUNDLE_MEGABYTES)]
    program = "ckpt-studio.exe" if WINDOWS else "ckpt-studio"
    _smoke(folder / program, *limits, *screenshot)
    return environment, folder


def installers(words: list[str]) -> int:
    """Builds everything users download on this system: bundle, packages, archive, wheel, sdist, bill of materials."""
    with_torch = _flavour("installers", words)
    environment, folder = _bundle(with_torch=with_torch)
    made = building.wheel_and_sdist(environment)
    made.append(building.bill_of_materials(environment, with_torch=with_torch))
    if sys.platform.startswith("linux"):
        say("packing .deb, .rpm and the archive …")
        packages = building.linux_packages(environment, folder)
        for package in packages:
            megabytes = package.stat().st_size / 1e6
            if not with_torch and megabytes > PACKAGE_MEGABYTES:
                raise Stop(f"{package.name} has {megabytes:.0f} MB, more than {PACKAGE_MEGABYTES}.")
        made += [*packages, building.archive(folder)]
    elif WINDOWS:
        made.append(building.windows_installer(folder))
    elif sys.platform == "darwin":
        made.append(building.disk_image(folder))
    made.append(building.checksums())
    for path in made:
        say(f"{path.relative_to(ROOT)}: {path.stat().st_size / 1e6:.1f} MB")
    return 0


def release_check(words: list[str]) -> int:
    """Everything a release needs, from a clean tree: the version told everywhere, all checks, all packages, tried."""
    del words
    _require_clean_tree()
    if f"## [{building.version()}]" not in building.changelog_section():
        raise Stop(f"The newest section of CHANGELOG.md is not [{building.version()}]. Name it so, with its date.")
    if test(["--coverage"]) != 0:
        return 1
    if screenshots(["--check"]) != 0:
        raise Stop(
            "The pictures of the guide are older than the window. Take them anew (screenshots), and look at them."
        )
    installers([])
    if sys.platform.startswith("linux"):
        command = ["sh", str(ROOT / "packaging" / "linux" / "prove.sh"), str(ROOT / "dist")]
        if subprocess.run(command, cwd=ROOT, check=False).returncode != 0:
            raise Stop("The packages do not install and remove cleanly.")
    say(f"{building.version()} is ready: tag it v{building.version()} and publish what is in dist/.")
    return 0


COMMANDS = {
    "run": run,
    "test": test,
    "bench": bench,
    "bundle": bundle,
    "installers": installers,
    "release-check": release_check,
    "translations": translations,
    "screenshots": screenshots,
}


def main() -> int:
    """Does what the command line says; returns the exit status."""
    parser = argparse.ArgumentParser(
        prog="packaging/dev.py", description="Run, test and build Ckpt Studio. Makes its own environment in .venv."
    )
    commands = parser.add_subparsers(dest="command", metavar="COMMAND", required=True)
    commands.add_parser("run", help="open the window [FILE …]", add_help=False)
    commands.add_parser("test", help="every check, or --coverage, or only pytest with these arguments", add_help=False)
    commands.add_parser("bench", help="the benchmarks [NAME …], each with its limits", add_help=False)
    commands.add_parser("bundle", help="build the folder that runs without Python, and try it", add_help=False)
    commands.add_parser("installers", help="build what users download, on this system", add_help=False)
    commands.add_parser("release-check", help="everything a release needs, from a clean tree")
    commands.add_parser("screenshots", help="take the guide's pictures anew, or --check them", add_help=False)
    commands.add_parser("translations", help="collect the texts to translate, and say what is left")
    known, rest = parser.parse_known_args()
    try:
        return COMMANDS[known.command](rest)
    except (Stop, building.BuildError) as stop:
        print(f"[dev] {stop}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        return 130


if __name__ == "__main__":
    sys.exit(main())
