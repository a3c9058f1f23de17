"""Where the frozen program starts. A bundle has no interpreter beside it, so it also plays its own child processes."""

from __future__ import annotations

import importlib.util
import multiprocessing
import os
import runpy
import sys


def main() -> int:
    """The exit status of the program, or of the child process that it was started as."""
    words = sys.argv[1:]
    if words[:1] == ["--regex-worker"]:
        # Its time is limited, so it is run as the lone file that it is, without the package around it.
        runpy.run_path(os.path.join(sys._MEIPASS, "ckpt_studio", "core", "edits", "regex_worker.py"))["main"]()  # type: ignore[attr-defined]
        return 0
    if words[:1] == ["-u"] and len(words) > 1:
        # The host, asked for as of any interpreter: `program -u …/models/host/worker.py`. No other file is run.
        from ckpt_studio.models.host.process import WORKER

        if os.path.realpath(words[1]) != os.path.realpath(WORKER):
            return 2
        sys.argv = [words[1], *words[2:]]
        runpy.run_path(str(WORKER), run_name="__main__")
        return 0
    if words[:1] == ["-c"] and len(words) == 2 and importlib.util.find_spec("torch") is not None:
        # With torch inside this is one of the Pythons that may be asked for their packages.
        exec(words[1], {"__name__": "__main__"})
        return 0
    from ckpt_studio.cli.main import main as program

    return program()


if __name__ == "__main__":
    multiprocessing.freeze_support()
    sys.exit(main())
