"""Numbers for people: shapes, counts and sizes, short on the screen and exact in tooltips."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from PySide6.QtCore import QCoreApplication, QLocale

from ckpt_studio.wording.sizes import BYTES, scaled


def shape_text(shape: Sequence[int]) -> str:
    """ "64×3×7×7"; a tensor without axes is one number."""
    if not shape:
        return QCoreApplication.translate("Figures", "one number")
    return "×".join(map(str, shape))


def listed(words: Iterable[str]) -> str:
    """The words one after the other, separated as the language does."""
    return QCoreApplication.translate("Figures", ", ").join(words)


def in_a_row(sentences: Iterable[str]) -> str:
    """The sentences one after the other; empty ones are left out, and no space follows a Chinese full stop."""
    return " ".join(filter(None, sentences)).replace("。 ", "。")


def exact_text(number: int) -> str:
    """All digits, grouped as the language does; of any size, for a hostile file may claim any."""
    if abs(number) < 1 << 62:
        return QLocale().toString(number)
    return f"{number:,}".replace(",", QLocale().groupSeparator())


def count_text(number: int) -> str:
    """ "21.3 M": at most three digits and a thousand's letter; up to 9,999 exactly."""
    if number < 10_000:
        return exact_text(number)
    return _scaled(number, ("", "k", "M", "G", "T", "P"))


def values_text(number: int, short: bool = False) -> str:
    """ "36,864 values", "1 value"; `short`: as `count_text` writes the number."""
    if number == 1:
        return QCoreApplication.translate("Figures", "1 value")
    count = count_text(number) if short else exact_text(number)
    return QCoreApplication.translate("Figures", "{count} values").format(count=count)


def size_text(nbytes: int) -> str:
    """ "85.2 MB": decimal units, as file managers show them."""
    return _scaled(nbytes, BYTES)


def _scaled(number: int, units: Sequence[str]) -> str:
    value, unit, digits = scaled(number, units)
    text = QLocale().toString(value, "f", digits)
    point = QLocale().decimalPoint()
    if digits and text.endswith(point + "0"):
        text = text[: -len(point) - 1]
    return f"{text} {unit}".rstrip()
