"""What the published safetensors library finds in a file, as one sum that can be compared.

The library reads a header in one go with the interpreter's lock held: 100,000 tensors stop every other thread of
the program, the window's included, for a tenth of a second. So it looks at large headers in a process of its own.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence

# Not 1, which an interpreter ends with that did not come so far.
ACCEPTED, REFUSED = 0, 3


class Refused(Exception):
    """The library does not open the file; its own words."""


def look(path: str) -> str:
    """The sum of names, dtypes and shapes as the library tells them.

    Raises:
        Refused: the library does not open the file.
        ImportError: there is no such library, or no numpy, which it asks for.
    """
    from safetensors import SafetensorError, safe_open

    try:
        with safe_open(path, framework="numpy") as opened:
            slices = ((name, opened.get_slice(name)) for name in opened.keys())  # noqa: SIM118 - no mapping
            return summed((name, view.get_dtype(), view.get_shape()) for name, view in slices)
    except SafetensorError as error:
        raise Refused(str(error)) from None


def summed(tensors: Iterable[tuple[str, str | None, Sequence[int]]]) -> str:
    """One sum of (name, dtype as the header calls it, shape as the header counts it), in any order."""
    whole = hashlib.sha256()
    lines = [f"{dtype} {list(shape)} {name}" for name, dtype, shape in tensors]
    lines.sort()
    for line in lines:
        # Names may hold line ends.
        encoded = line.encode("utf-8", "surrogatepass")
        whole.update(b"%d " % len(encoded) + encoded)
    return whole.hexdigest()


def main(path: str) -> int:
    """Prints the sum, or why the library refuses the file; the process's exit status."""
    try:
        print(look(path))
    except Refused as refused:
        print(refused)
        return REFUSED
    return ACCEPTED
