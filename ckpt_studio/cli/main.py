"""The program's entry: the window, or one verb of the command line with its outcome and exit status."""

from __future__ import annotations

import gc
import os
import sys
import warnings
from collections.abc import Sequence
from typing import TYPE_CHECKING

from ckpt_studio.errors import Cancelled, Message, StudioError, message

if TYPE_CHECKING:
    from ckpt_studio.cli.output import Outcome

DONE, ANSWER_IS_NO, BAD_INPUT, CANCELLED = 0, 1, 2, 130

_DISPLAYS = ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM")

VERBS = ("inspect", "compare", "identify", "align", "export", "diff", "check")


def main(argv: Sequence[str] | None = None) -> int:
    """Runs one command (words without the program's name; None: the process's own); returns the exit status.

    Never raises for what a user can cause: errors are one line on stderr (and JSON on stdout with `--json`).
    """
    words = list(sys.argv[1:] if argv is None else argv)
    if words == ["--regex-worker"]:
        # An installed bundle has no interpreter of its own to run a pattern in (core.edits.regex).
        from ckpt_studio.core.edits import regex_worker

        return regex_worker.main()
    if words[:1] == ["--safetensors-judge"] and len(words) == 2:
        # As above (formats.verify).
        from ckpt_studio.formats import library_judge

        return library_judge.main(words[1])
    if not words or (words[0] not in VERBS and words[0] not in ("--help", "-h", "--version")):
        return _open_window(words)
    as_json = "--json" in words
    if argv is None and not sys.warnoptions:
        # Warnings of libraries are for us, who see them in the tests; a user gets our own words or none.
        warnings.simplefilter("ignore")
    collecting = gc.isenabled()
    # A command is short, and what it makes lives to its end: the cyclic collector would only walk it again and again.
    gc.disable()
    try:
        return _answer(words, as_json)
    finally:
        if collecting:
            gc.enable()


def _answer(words: list[str], as_json: bool) -> int:
    try:
        outcome = _run(words)
        outcome.show(as_json)
    except (KeyboardInterrupt, Cancelled):
        return CANCELLED
    except StudioError as error:
        return _fail(error.code, _one_line(error), as_json)
    except Exception as error:
        code, said = _unexpected(error)
        return _fail(code, str(said), as_json)
    return outcome.status


def _run(words: list[str]) -> Outcome:
    from ckpt_studio.cli import arguments
    from ckpt_studio.cli.output import Outcome
    from ckpt_studio.cli.progress import watching

    if words[0] == "--version":
        from ckpt_studio import __version__

        return Outcome(DONE, {"version": __version__}, [f"ckpt-studio {__version__}"])
    if words[0] not in VERBS:
        return Outcome(DONE, {}, [arguments.overview()])
    options = arguments.parse(words[0], words[1:])
    if options is None:
        return Outcome(DONE, {}, [arguments.help_text(words[0])])
    import importlib

    verb = importlib.import_module(f"ckpt_studio.cli.{words[0]}")
    with watching(quiet=options.quiet) as progress:
        result: Outcome = verb.run(options, progress)
    return result


def _open_window(words: list[str]) -> int:
    new_window = "--new-window" in words
    words = [word for word in words if word != "--new-window"]
    for word in words:
        if word.startswith("-") and word != "-":
            return _fail("unknown-option", str(message("unknown-option", option=word)), "--json" in words)
    if words and words[0].isalpha() and not os.path.exists(words[0]):
        # A mistyped verb; opening a window about it would help nobody, least of all a script.
        verbs = ", ".join(VERBS)
        return _fail("unknown-verb", str(message("unknown-verb", verb=words[0], verbs=verbs)), False)
    if sys.platform == "linux" and not any(os.environ.get(name) for name in _DISPLAYS):
        # Qt would abort the process.
        return _fail("no-window", str(message("no-window", reason=str(message("no-display")))), False)
    try:
        from ckpt_studio.gui.main import main as open_window
    except ImportError as error:
        return _fail("no-window", str(message("no-window", reason=str(error))), False)
    return open_window(words, new_window=new_window)


def _one_line(error: StudioError) -> str:
    """The message, with every problem where there are several (up to 20)."""
    if error.code == "target-exists":
        # What the window offers as a box to tick is an option here.
        return str(message("target-exists-force", **error.message.fields))
    if len(error.problems) < 2:
        return str(error)
    shown = [str(problem) for problem in error.problems[:20]]
    if len(error.problems) > len(shown):
        shown.append(str(message("more-problems", count=len(error.problems) - len(shown))))
    problems = " ".join(shown)
    if error.code == "several-problems":
        return str(message("all-problems", count=len(error.problems), problems=problems))
    return f"{error} {problems}"


def _fail(code: str, text: str, as_json: bool) -> int:
    from ckpt_studio.cli.output import printable, write_error, write_json

    line = printable(" ".join(text.split()))
    write_error(f"ckpt-studio: error: {line}")
    if as_json:
        write_json({"error": {"code": code, "message": line}})
    return BAD_INPUT


def _unexpected(error: Exception) -> tuple[str, Message]:
    """The words for a failure nobody foresaw; its traceback goes into a file, never onto the screen."""
    if isinstance(error, MemoryError):
        return "out-of-memory", message("out-of-memory")
    if isinstance(error, OSError) and error.errno is not None:
        place = error.filename if isinstance(error.filename, str) else ""
        return "system-error", message("system-error", reason=error.strerror or str(error), path=place)
    import tempfile
    import traceback

    from ckpt_studio import __version__

    try:
        handle, path = tempfile.mkstemp(prefix="ckpt-studio-", suffix=".log")
        with os.fdopen(handle, "w", encoding="utf-8", errors="backslashreplace") as log:
            log.write(f"ckpt-studio {__version__}, Python {sys.version}\n")
            traceback.print_exception(error, file=log)
    except OSError:
        path = "-"
    return "internal-error", message("internal-error", kind=type(error).__name__, log=path)
