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
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))

from compile_translations import compile_all as compile_translations
from compile_translations import entries

ROOT = Path(__file__).resolve().parents[1]
VENV = ROOT / ".venv"
STAMP = VENV / "ckpt-studio-installed.json"
WINDOWS = os.name == "nt"
OLDEST, NEWEST = (3, 10), (3, 13)

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
        say(f"missing on this system ({reason}): the libraries that Debian calls {', '.join(packages)}")
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


def _ensure_libraries(*, window: bool, screen: bool = False) -> None:
    """Makes sure that Qt's system libraries are there (Linux only)."""
    if not sys.platform.startswith("linux"):
        return
    wanted = {**OFFSCREEN_LIBRARIES, **(WINDOW_LIBRARIES if window else {})}
    ldconfig = shutil.which("ldconfig") or "/sbin/ldconfig"
    try:
        known = subprocess.run([ldconfig, "-p"], capture_output=True, text=True, check=False).stdout
    except OSError:
        return  # no glibc (musl, Nix …): Qt itself will say what it misses
    missing = [package for library, package in wanted.items() if library not in known]
    if screen:
        missing += [package for program, package in SCREEN_PROGRAMS.items() if shutil.which(program) is None]
    if missing:
        _apt_install(missing, "Qt needs it to show windows" if window else "Qt needs it")


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


def venv_program(name: str) -> Path:
    """The path of a program of the virtual environment."""
    return VENV / "Scripts" / f"{name}.exe" if WINDOWS else VENV / "bin" / name


def _wish() -> str:
    """A digest of what pyproject.toml asks to install; other tables (lint settings …) do not count."""
    text = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    tables = re.split(r"^(?=\[)", text, flags=re.MULTILINE)
    asked = "".join(table for table in tables if table.startswith(("[build-system", "[project")))
    return hashlib.sha256(asked.encode()).hexdigest()


def _read_stamp() -> dict[str, object]:
    try:
        stamp = json.loads(STAMP.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return stamp if isinstance(stamp, dict) else {}


def _make_venv() -> None:
    python = _interpreter()
    have = subprocess.run([python, "-c", "import ensurepip, venv"], capture_output=True, check=False)
    if have.returncode != 0:
        version = subprocess.run(
            [python, "-c", "import sys; print('%d.%d' % sys.version_info[:2])"],
            capture_output=True, text=True, check=True,
        ).stdout.strip()  # fmt: skip
        if not _apt_install([f"python{version}-venv"], "Python's venv module"):
            raise Stop("Python's venv module is missing (on Debian: the package above). Install it and start me again.")
    say(f"making the virtual environment {VENV.name} with {python}")
    done = subprocess.run([python, "-m", "venv", "--clear", str(VENV)], capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise Stop("The virtual environment could not be made:\n" + (done.stdout + done.stderr).strip())


def _pip_install(words: list[str]) -> bool:
    """Runs pip quietly; on failure prints the end of what it said and returns False."""
    command = [str(venv_program("python")), "-m", "pip", "install", "--quiet", "--disable-pip-version-check",
               "--no-input", *words]  # fmt: skip
    done = subprocess.run(command, cwd=ROOT, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)
    if done.returncode == 0:
        return True
    output = (done.stdout + done.stderr).strip()
    say("pip failed:\n      " + "\n      ".join(output.splitlines()[-12:]))
    if re.search(r"NewConnectionError|Name or service|Failed to establish|ConnectTimeout|No matching dist", output):
        say("this looks like a missing network: the first start downloads Python packages (once)")
    if "No space left" in output:
        say("the disk is full: the environment with PyTorch takes about 6 GB")
    return False


def ensure_environment(extras: frozenset[str], optional: frozenset[str] = frozenset()) -> None:
    """Makes `.venv` hold the package with these extras; `optional` ones may fail with a warning."""
    wish, stamp = _wish(), _read_stamp()
    listed = stamp.get("extras") if stamp.get("wish") == wish else []
    installed = frozenset(str(name) for name in listed) if isinstance(listed, list) else frozenset()
    wanted = extras | optional
    if stamp.get("wish") == wish and wanted <= installed and venv_program("python").exists():
        return
    if not venv_program("python").exists():
        _make_venv()
    python = str(venv_program("python"))
    if subprocess.run([python, "-m", "pip", "--version"], capture_output=True, check=False).returncode != 0:
        _make_venv()  # left half made by an interrupted start
    before = frozenset(str(name) for name in old) if isinstance(old := stamp.get("extras"), list) else frozenset()
    wanted, sure = wanted | before, extras | (before - optional)
    size = " (with PyTorch: several GB, some minutes)" if "torch" in wanted and "torch" not in before else ""
    say(f"installing what pyproject.toml asks for: {', '.join(sorted(wanted)) or 'the program'}{size}")
    started = time.monotonic()
    # The program first: it is usable even where the big optional part fails.
    if optional and not _pip_install(["-e", f".[{','.join(sorted(sure))}]" if sure else "."]):
        raise Stop("The program's own packages could not be installed.")
    if not _pip_install(["-e", f".[{','.join(sorted(wanted))}]" if wanted else "."]):
        if not optional:
            raise Stop("The packages could not be installed.")
        say("going on without PyTorch: user classes and load tests will need another Python that has it")
        wanted = sure
    STAMP.write_text(json.dumps({"wish": wish, "extras": sorted(wanted)}), encoding="utf-8")
    say(f"installed in {time.monotonic() - started:.0f} s")


# --- commands ----------------------------------------------------------------------------------------------------


def run(files: list[str]) -> int:
    """Opens the window with the files."""
    ensure_environment(frozenset(), optional=frozenset({"torch"}))
    compile_translations()
    offscreen = os.environ.get("QT_QPA_PLATFORM", "") in ("offscreen", "minimal")
    _ensure_libraries(window=not offscreen)
    if sys.platform.startswith("linux") and not (
        os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY") or os.environ.get("QT_QPA_PLATFORM")
    ):
        raise Stop("There is no screen here: neither DISPLAY nor WAYLAND_DISPLAY is set.")
    command = [str(venv_program("python")), "-m", "ckpt_studio", *files]
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
        command = [str(venv_program(words[0])), *words[1:]]
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
    """Every check of the project, or only pytest when it is given arguments."""
    ensure_environment(frozenset({"torch", "dev"}))
    compile_translations()
    _ensure_libraries(window=True, screen=True)
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    checks = Checks()
    if words:
        checks.run("pytest", ["python", "-m", "pytest", *words])
        return checks.close()
    checks.run("ruff check", ["ruff", "check", "."])
    checks.run("ruff format", ["ruff", "format", "--check", "."])
    checks.run("mypy", ["mypy"])
    checks.run("import contracts", ["lint-imports"])
    checks.run("tests", ["python", "-m", "pytest", "-n", "2", "--dist", "loadfile", "-q"])
    checks.run(
        "tests without PySide6 and torch",
        ["python", "-m", "pytest", "-q", "-p", "no:pytest-qt", "-p", "no:cacheprovider", *without_qt_and_torch()],
        PYTHONPATH=str(ROOT / "tests" / "without"),
    )
    return checks.close()


def translations(words: list[str]) -> int:
    """Collects the window's texts into the .ts files and says what is left to translate."""
    del words
    ensure_environment(frozenset({"dev"}))
    modules = [str(path) for room in ("gui", "wording") for path in sorted((ROOT / "ckpt_studio" / room).rglob("*.py"))]
    target = ROOT / "resources" / "translations" / "ckpt_studio_zh_CN.ts"
    command = [str(venv_program("pyside6-lupdate")), "-no-obsolete", "-locations", "none", *modules, "-ts", str(target)]
    status = subprocess.run(command, cwd=ROOT, check=False).returncode
    left = [entry for entry in entries(target) if not entry.finished]
    for entry in left:
        say(f"not translated: {entry.context}: {entry.source}")
    compile_translations()
    return status or bool(left)


def without_qt_and_torch() -> list[str]:
    """The test folders that must pass where neither PySide6 nor torch can be imported."""
    rooms = ("core", "formats", "compare", "cli")
    return [str(Path("tests") / room) for room in rooms if (ROOT / "tests" / room).is_dir()]


def main() -> int:
    """Does what the command line says; returns the exit status."""
    parser = argparse.ArgumentParser(
        prog="packaging/dev.py", description="Run, test and build Ckpt Studio. Makes its own environment in .venv."
    )
    commands = parser.add_subparsers(dest="command", metavar="COMMAND", required=True)
    commands.add_parser("run", help="open the window [FILE …]", add_help=False)
    commands.add_parser("test", help="every check; with arguments: only pytest with them", add_help=False)
    commands.add_parser("translations", help="collect the texts to translate, and say what is left")
    known, rest = parser.parse_known_args()
    actions = {"run": run, "test": test, "translations": translations}
    try:
        return actions[known.command](rest)
    except Stop as stop:
        print(f"[dev] {stop}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        return 130


if __name__ == "__main__":
    sys.exit(main())
