"""Opens the files named on standard input and says for each what came of it; run in a process of its own with limits.

Prints one JSON object a line: path, seconds of processor time, outcome ("opened" or an error's code; "crash" for
anything that is not our own error), dangers found. The last line is the peak of the process's memory.
"""

from __future__ import annotations

import gc
import json
import resource
import sys
import time


def refuse(event: str, arguments: tuple[object, ...]) -> None:
    if event in ("os.system", "subprocess.Popen", "socket.connect", "socket.getaddrinfo", "os.exec", "exec-of-file"):
        raise AssertionError(event)
    if event == "open" and isinstance(arguments[1], str) and set(arguments[1]) & set("wax+"):
        raise AssertionError(f"writing {arguments[0]}")


def examine(path: str) -> dict[str, object]:
    from ckpt_studio.core.discovery import describe_value, value_type, walk
    from ckpt_studio.errors import StudioError
    from ckpt_studio.formats.opening import open_checkpoint

    try:
        checkpoint = open_checkpoint(path)
        for number, (_, value) in enumerate(walk(checkpoint.root)):
            if number < 100_000:
                describe_value(value)
                value_type(value)
        for state_dict in checkpoint.state_dicts:
            for tensor in list(state_dict.tensors.values())[:20]:
                source = tensor.storage.source
                try:
                    source.read(0, min(source.nbytes, 64))
                except StudioError as error:
                    str(error)
        dangers = [str(f.message) for f in checkpoint.warnings if f.severity == "danger"]
        return {"outcome": "opened", "dangers": dangers}
    except StudioError as error:
        return {"outcome": error.code, "message": str(error), "dangers": []}
    except BaseException as error:
        return {"outcome": "crash", "message": f"{type(error).__name__}: {error}", "dangers": []}


def peak_memory() -> int:
    """Bytes. Linux's ru_maxrss remembers the parent's size from before exec, which may be a test run with torch."""
    try:
        with open("/proc/self/status", encoding="ascii", errors="replace") as file:
            return next(int(line.split()[1]) for line in file if line.startswith("VmHWM")) * 1024
    except (OSError, StopIteration):
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


def main() -> None:
    resource.setrlimit(resource.RLIMIT_AS, (2 << 30, 2 << 30))
    import ckpt_studio.core.discovery
    import ckpt_studio.formats.opening
    import ckpt_studio.wording

    assert ckpt_studio
    sys.addaudithook(refuse)
    for line in sys.stdin:
        path = line.rstrip("\n")
        before = time.process_time()
        result = examine(path)
        result["path"] = path
        result["seconds"] = time.process_time() - before
        print(json.dumps(result), flush=True)
        gc.collect()
    imported = sorted(name for name in ("torch", "numpy", "pickle", "ctypes", "runpy") if name in sys.modules)
    print(json.dumps({"peak": peak_memory(), "imported": imported}))


main()
