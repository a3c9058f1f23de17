"""What the command line prints: JSON for scripts, aligned text for people, on any terminal."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, TextIO


@dataclass(frozen=True)
class Outcome:
    """A command's answer.

    Attributes:
        status: exit status.
        body: what `--json` prints.
        lines: what people read otherwise; made only when printed.
    """

    status: int
    body: Mapping[str, Any]
    lines: Iterable[str]

    def show(self, as_json: bool) -> None:
        """Prints it. A reader that went away (`| head`) is no error."""
        if as_json:
            write_json(self.body)
        else:
            _write(sys.stdout, self.lines)


def write_json(body: Mapping[str, Any]) -> None:
    """Prints one JSON object in plain ASCII, which every encoding of stdout can carry."""
    _write(sys.stdout, [json.dumps(body, allow_nan=False)])


def write_error(line: str) -> None:
    """Prints a line on stderr."""
    _write(sys.stderr, [line])


def _write(stream: TextIO | None, lines: Iterable[str]) -> None:
    if stream is None:
        # The caller closed it (`>&-`): nobody wants to read this.
        return
    encoding = stream.encoding or "ascii"
    try:
        for line in lines:
            stream.write(line.encode(encoding, "backslashreplace").decode(encoding) + "\n")
        stream.flush()
    except BrokenPipeError:
        _silence(stream)
    except OSError:
        _silence(stream)
        if stream is not sys.stderr:
            raise


def _silence(stream: TextIO) -> None:
    """Sends the rest nowhere; otherwise the interpreter's own flush at the end complains once more."""
    try:
        os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())
    except (OSError, ValueError):
        return


def printable(text: str) -> str:
    """The text without anything that a terminal would act on: control characters are shown as escapes."""
    if text.isprintable():
        return text
    return "".join(char if char.isprintable() else ascii(char)[1:-1] for char in text)


def count(number: int) -> str:
    """A number for people: "218", "21,797,672"."""
    return f"{number:,}"


def counted_tensors(number: int) -> str:
    """How many tensors, in words that fit the number: "1 tensor", "1,200 tensors"."""
    return f"{count(number)} {'tensor' if number == 1 else 'tensors'}"


def shape_text(shape: Sequence[int] | None) -> str:
    """A shape as people write it: "64×3×7×7"; "scalar" for no axes, "-" for none known."""
    if shape is None:
        return "-"
    return "×".join(map(str, shape)) if shape else "scalar"


def width(text: str) -> int:
    """Columns a text takes on a terminal (wide characters two, combining ones none)."""
    if text.isascii():
        return len(text)
    import unicodedata

    return sum(
        0 if unicodedata.combining(char) else 2 if unicodedata.east_asian_width(char) in "WF" else 1 for char in text
    )


Align = Literal["<", ">"]


def table(rows: Sequence[Sequence[str]], align: Sequence[Align] = (), indent: str = "  ") -> list[str]:
    """Rows as aligned columns, each cell made printable; the last column is not padded."""
    cells = [[printable(cell) for cell in row] for row in rows]
    columns = max((len(row) for row in cells), default=0)
    widths = [max((width(row[k]) for row in cells if k < len(row)), default=0) for k in range(columns)]
    lines = []
    for row in cells:
        parts = []
        for k, cell in enumerate(row):
            pad = " " * (widths[k] - width(cell))
            if k < len(align) and align[k] == ">":
                parts.append(pad + cell)
            else:
                parts.append(cell + pad if k + 1 < len(row) else cell)
        lines.append((indent + "  ".join(parts)).rstrip())
    return lines


def grouped(names: Sequence[str], most: int = 6) -> list[tuple[str, list[str]]]:
    """Names folded where they differ in one place: `layer1.0.{conv1,conv2}.weight`, with those each stands for.

    First the last component is folded (`bn1.{weight,bias}`), then the one before it, where all else is
    equal; runs of numbers become ranges (`{0-5}`).

    Args:
        names: in order; the order of first appearance is kept.
        most: alternatives written out; more are "…".
    """
    folds = [_Fold([(part,) for part in name.split(".")], [name]) for name in names]
    longest = max((len(fold.parts) for fold in folds), default=0)
    for place in range(1, longest + 1):
        merged: dict[tuple[object, ...], _Fold] = {}
        for fold in folds:
            at = len(fold.parts) - place
            if at < 0:
                merged[(*fold.parts, None)] = fold
                continue
            first = merged.setdefault((len(fold.parts), *fold.parts[:at], None, *fold.parts[at + 1 :]), fold)
            if first is not fold:
                first.parts[at] = tuple(dict.fromkeys((*first.parts[at], *fold.parts[at])))
                first.names += fold.names
        folds = list(merged.values())
    return [(".".join(_alternatives(part, most) for part in fold.parts), fold.names) for fold in folds]


@dataclass
class _Fold:
    """Names that differ only in the alternatives of some components."""

    parts: list[tuple[str, ...]]
    names: list[str]


def _alternatives(options: tuple[str, ...], most: int) -> str:
    if len(options) == 1:
        return options[0]
    runs: list[str] = []
    start = previous = None
    for option in options:
        number = int(option) if option.isascii() and option.isdigit() and str(int(option)) == option else None
        if number is not None and previous is not None and number == previous + 1:
            previous = number
            runs[-1] = f"{start}-{number}"
            continue
        start = previous = number
        runs.append(option)
    if len(runs) > most:
        runs = [*runs[: most - 1], "…", runs[-1]]
    return "{" + ",".join(runs) + "}"
