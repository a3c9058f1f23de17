"""Walks the tree of controls as a screen reader does, and prints each control with its name as a line of JSON.

Run by the system's Python, which has the bindings (`python3-gi`, `gir1.2-atspi-2.0`); knows nothing of the program.
"""

from __future__ import annotations

import json
import sys
import time

import gi

gi.require_version("Atspi", "2.0")
from gi.repository import Atspi  # noqa: E402

# Rows of tables and trees are texts that the models give; they have tests of their own.
INSIDES = {"tree table", "table", "tree", "list", "list box"}
MOST = 20_000


def application(seconds: float):  # type: ignore[no-untyped-def]
    """The program on the bus, when it is there in time."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        desktop = Atspi.get_desktop(0)
        for index in range(desktop.get_child_count()):
            found = desktop.get_child_at_index(index)
            if found is not None and found.get_child_count():
                return found
        time.sleep(0.2)
    raise SystemExit("no program came to the bus")


def walk(top) -> None:  # type: ignore[no-untyped-def]
    """Prints what is shown below an accessible."""
    pending = [(top, "")]
    for _ in range(MOST):
        if not pending:
            return
        item, place = pending.pop()
        role, name = item.get_role_name(), item.get_name() or ""
        states = item.get_state_set()
        if item is not top and not states.contains(Atspi.StateType.SHOWING):
            continue
        focusable = bool(states.contains(Atspi.StateType.FOCUSABLE))
        described = item.get_description() or ""
        print(json.dumps({"role": role, "name": name, "tip": described, "focus": focusable, "in": place}))
        if role in INSIDES:
            continue
        here = f"{place} > {role} {name!r}"[-300:]
        for index in reversed(range(item.get_child_count())):
            child = item.get_child_at_index(index)
            if child is not None:
                pending.append((child, here))
    raise SystemExit("the tree has no end")


if __name__ == "__main__":
    Atspi.init()
    walk(application(float(sys.argv[1])))
