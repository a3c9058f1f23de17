"""Large numbers in few digits, and numbers of bytes for people."""

from __future__ import annotations

from collections.abc import Sequence

BYTES = ("B", "kB", "MB", "GB", "TB", "PB")
"""Decimal units, as file managers show them."""


def scaled(number: int, units: Sequence[str]) -> tuple[float, str, int]:
    """A number in the unit (each a thousand of the one before) that leaves at most three digits before the point.

    Returns:
        The number in that unit, the unit, and how many digits to write behind the point.
    """
    value, place = float(number), 0
    while value >= 999.5 and place < len(units) - 1:
        value /= 1000
        place += 1
    return value, units[place], 0 if place == 0 or value >= 99.95 else 1


def size(nbytes: int) -> str:
    """Bytes for people: "512 B", "83.2 MB"."""
    value, unit, digits = scaled(nbytes, BYTES)
    return f"{value:.{digits}f} {unit}"


def size_and_bytes(nbytes: int) -> str:
    """The same, and exactly: "14.9 MB (14,908,524 bytes)"."""
    return f"{nbytes} bytes" if nbytes < 1000 else f"{size(nbytes)} ({nbytes:,} bytes)"
