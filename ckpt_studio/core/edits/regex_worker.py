"""Runs one substitution in a process of its own, which can be killed: Python's `re` cannot be interrupted.

Self-contained, so that a bare interpreter starts it in a few milliseconds. Reads
`{"pattern", "replacement", "names"}` as JSON from stdin and writes `{"names"}` or `{"error"}` to stdout.
"""

from __future__ import annotations

import json
import re
import sys
import warnings


def main() -> int:
    """Answers one request; returns the process's exit status."""
    warnings.simplefilter("ignore")
    request = json.load(sys.stdin)
    answer: dict[str, object]
    try:
        pattern = re.compile(request["pattern"])
        answer = {"names": [pattern.sub(request["replacement"], name) for name in request["names"]]}
    except (re.error, IndexError, OverflowError, RecursionError, MemoryError) as error:
        answer = {"error": str(error) or type(error).__name__}
    json.dump(answer, sys.stdout)
    return 0


if __name__ == "__main__":
    sys.exit(main())
