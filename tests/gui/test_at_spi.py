"""What a screen reader is told: the tree of controls as it comes over the accessibility bus, from a real X window."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
# What somebody operates; fillers, panels and labels are in between.
CONTROLS = {
    "push button", "toggle button", "check box", "radio button", "combo box", "text", "entry", "password text",
    "spin button", "slider", "tree", "tree table", "table", "list", "list box", "page tab", "page tab list", "menu",
    "menu bar", "menu item", "check menu item", "radio menu item", "tool bar", "progress bar", "status bar", "dialog",
    "frame", "link",
}  # fmt: skip
PROGRAMS = {"dbus-run-session": "dbus-daemon", "xvfb-run": "xvfb", "xauth": "xauth"}
BINDINGS = "import gi; gi.require_version('Atspi', '2.0'); from gi.repository import Atspi"


def absent() -> str:
    """Which Debian packages the test lacks; "" when it can run."""
    lacking = [package for program, package in PROGRAMS.items() if shutil.which(program) is None]
    if not Path("/usr/share/dbus-1/services/org.a11y.Bus.service").is_file():
        lacking.append("at-spi2-core")
    python = Path("/usr/bin/python3")
    asked = python.is_file() and subprocess.run([python, "-c", BINDINGS], capture_output=True, check=False)
    if not asked or asked.returncode:
        lacking += ["python3-gi", "gir1.2-atspi-2.0"]
    return " ".join(lacking)


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="AT-SPI is the accessibility bus of Linux desktops")
def test_a_screen_reader_finds_a_name_on_every_control(tmp_path: Path) -> None:
    lacking = absent()
    if lacking:
        pytest.skip(f"this system lacks: {lacking}")
    runtime = tmp_path / "run"
    runtime.mkdir(mode=0o700)
    environment = {
        **os.environ,
        "XDG_RUNTIME_DIR": str(runtime),
        "QT_QPA_PLATFORM": "xcb",
        "QT_LINUX_ACCESSIBILITY_ALWAYS_ON": "1",
    }
    environment.pop("DBUS_SESSION_BUS_ADDRESS", None)
    command = ["xvfb-run", "-a", "dbus-run-session", "--", "sh", "tests/gui/at_spi/session.sh"]
    done = subprocess.run(
        [*command, sys.executable, "/usr/bin/python3", str(tmp_path / "ready")],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    if done.returncode and "Could not load the Qt platform plugin" in done.stderr:
        pytest.skip("this system lacks libraries for windows: libxcb-cursor0 and its like")
    assert done.returncode == 0, done.stderr[-3000:]
    told = [json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")]
    controls = [item for item in told if item["role"] in CONTROLS or item["focus"]]
    assert len(controls) > 250
    assert {"frame", "dialog", "tree", "table", "push button", "text", "page tab"} <= {c["role"] for c in controls}
    nameless = [f"{item['role']} in{item['in']}" for item in controls if not item["name"].strip()]
    assert not nameless, "\n".join(nameless)
