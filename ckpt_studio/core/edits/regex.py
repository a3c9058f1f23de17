"""Regular-expression substitution over many names, with a time limit.

`re` holds the interpreter while it matches, so that a pattern which runs away would freeze the whole
program, threads included. Patterns that cannot run away on names as long as the given ones (judged from
`re`'s own parse tree) are matched here; all others in a child process that is killed after the limit.
Both use `re` itself: what the user gets is exactly `re.sub`.
"""

from __future__ import annotations

import json
import math
import os
import re
import subprocess
import sys
import time
import warnings
from collections.abc import Sequence
from typing import Any

from ckpt_studio.core.edits import regex_worker
from ckpt_studio.core.jobs import give_way
from ckpt_studio.errors import EditError

TIME_LIMIT = 2.0
"""Seconds a substitution may take over all names."""

# What `re` does in a hundredth of a second or two: so long may one name hold the interpreter.
_MOST_STEPS = 10_000_000
# Names between two looks at the clock.
_AT_ONCE = 16

# A bundle's program starts slowly on a busy machine or under a virus scanner, which is not the pattern's fault.
_BUNDLE_START = 4.0


def substituted(pattern: str, replacement: str, names: Sequence[str], limit: float = TIME_LIMIT) -> list[str]:
    """`re.sub(pattern, replacement, name)` for every name.

    Args:
        limit: seconds for all of them together.

    Raises:
        EditError: "bad-pattern" with `re`'s reason, or "pattern-too-slow".
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            compiled = re.compile(pattern)
            compiled.sub(replacement, "")
    except (re.error, IndexError, OverflowError, RecursionError) as error:
        raise EditError("bad-pattern", pattern=pattern, reason=str(error) or type(error).__name__) from None
    if max(map(len, names), default=0) <= longest_safe(pattern):
        return _here(compiled, pattern, replacement, names, limit)
    return _in_child(pattern, replacement, names, limit)


def _here(compiled: re.Pattern[str], pattern: str, replacement: str, names: Sequence[str], limit: float) -> list[str]:
    end = time.monotonic() + limit
    result: list[str] = []
    for start in range(0, len(names), _AT_ONCE):
        result += [compiled.sub(replacement, name) for name in names[start : start + _AT_ONCE]]
        give_way()
        if time.monotonic() > end:
            raise EditError("pattern-too-slow", pattern=pattern, seconds=f"{limit:g}")
    return result


def _in_child(pattern: str, replacement: str, names: Sequence[str], limit: float) -> list[str]:
    starting = 0.0
    if getattr(sys, "frozen", False):
        # An installed bundle has no interpreter beside it: its own program answers to this word.
        command = [sys.executable, "--regex-worker"]
        starting = _BUNDLE_START
    else:
        command = [sys.executable, "-I", "-S", os.path.abspath(regex_worker.__file__)]
    request = json.dumps({"pattern": pattern, "replacement": replacement, "names": list(names)})
    try:
        done = subprocess.run(
            command,
            input=request.encode("ascii"),
            capture_output=True,
            timeout=limit + starting,
            check=True,
            creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
        )
        answer = json.loads(done.stdout)
    except subprocess.TimeoutExpired:
        raise EditError("pattern-too-slow", pattern=pattern, seconds=f"{limit:g}") from None
    except (subprocess.CalledProcessError, ValueError) as error:
        raise EditError("bad-pattern", pattern=pattern, reason=str(error)) from None
    if "error" in answer:
        raise EditError("bad-pattern", pattern=pattern, reason=answer["error"])
    return [str(name) for name in answer["names"]]


def longest_safe(pattern: str) -> int:
    """The longest name that the pattern is done with at once, whatever its letters; 0 when none is safe.

    A repeat of one character may end at every letter, a search begin at every one: `r` repeats take at most
    length^(r+1) / (r+1)! steps, and each optional part twice as many. Repeats of more than a character, which
    may be nested, are never safe.
    """
    try:
        if sys.version_info >= (3, 11):
            from re import _parser as parser  # type: ignore[attr-defined]
        else:
            import sre_parse as parser
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            tree = parser.parse(pattern)
        counts = {"repeats": 0, "choices": 0}
        if not _is_simple(tree, counts):
            return 0
    except (ImportError, AttributeError, TypeError, ValueError, RecursionError, re.error):
        # The parse tree is private to `re`: where it is not as expected, the child process decides.
        return 0
    power = counts["repeats"] + 1
    if power > 20 or counts["choices"] > 20:
        return 0
    return int((_MOST_STEPS * math.factorial(power) / 2 ** counts["choices"]) ** (1 / power))


def _is_simple(tree: Any, counts: dict[str, int]) -> bool:
    for operation, argument in tree:
        word = str(operation)
        if word in ("MAX_REPEAT", "MIN_REPEAT", "POSSESSIVE_REPEAT"):
            _, most, body = argument
            if int(most) <= 1:
                counts["choices"] += 1
                if not _is_simple(body, counts):
                    return False
            else:
                counts["repeats"] += 1
                if [str(part[0]) for part in body] not in (["LITERAL"], ["NOT_LITERAL"], ["ANY"], ["IN"]):
                    return False
        elif word == "BRANCH":
            counts["choices"] += len(argument[1]) - 1
            if not all(_is_simple(branch, counts) for branch in argument[1]):
                return False
        elif word == "SUBPATTERN":
            if not _is_simple(argument[-1], counts):
                return False
        elif word in ("ASSERT", "ASSERT_NOT"):
            if not _is_simple(argument[1], counts):
                return False
        elif word not in ("LITERAL", "NOT_LITERAL", "ANY", "IN", "AT", "GROUPREF"):
            return False
    return True
