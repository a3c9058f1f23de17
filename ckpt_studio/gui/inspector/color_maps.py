"""Colours for numbers that every kind of eye can tell apart, and the pictures made with them."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

from PySide6.QtGui import QColor, QImage, qRgba

if TYPE_CHECKING:
    import numpy as np

    Array = np.ndarray[Any, Any]

# Blue, white, red with zero in the middle (ColorBrewer "RdBu"): safe for colour-blind eyes, readable in grey print.
_DIVERGING = ("#053061", "#2166ac", "#4393c3", "#92c5de", "#d1e5f0", "#f7f7f7", "#fddbc7", "#f4a582", "#d6604d", "#b2182b", "#67001f")  # fmt: skip # noqa: E501
# "viridis" of matplotlib: even steps of lightness.
_RISING = ("#440154", "#472d7b", "#3b528b", "#2c728e", "#21918c", "#28ae80", "#5ec962", "#addc30", "#fde725")

# Levels 0 … LEVELS - 1 are values; then nothing (transparent) and what is not finite (black).
LEVELS = 254
NOTHING = 254
NOT_FINITE = 255


@dataclass(frozen=True)
class Scale:
    """Which values the first and the last colour stand for; around zero when both signs occur."""

    low: float
    high: float
    diverging: bool

    def levels(self, values: Array) -> Array:
        """The colour's number (uint8) of each value; values beyond the ends get the end's colour."""
        import numpy as np

        with np.errstate(all="ignore"):
            place = (values - self.low) / ((self.high - self.low) or 1.0) * (LEVELS - 1)
            numbers: Array = np.clip(np.nan_to_num(np.rint(place)), 0, LEVELS - 1).astype(np.uint8)
        numbers[~np.isfinite(values)] = NOT_FINITE
        return numbers


def scale_of(values: Array, centered: bool = False) -> Scale:
    """The scale that shows these values best: the most extreme one in a thousand may lie beyond it.

    `centered` puts zero in the middle whatever the values are, as differences want it.
    """
    import numpy as np

    finite = values[np.isfinite(values)]
    if not finite.size:
        return Scale(-1.0, 1.0, True) if centered else Scale(0.0, 1.0, False)
    # Values that occur: the least and the greatest, unless there are thousands.
    low = float(np.quantile(finite, 0.0005, method="lower"))
    high = float(np.quantile(finite, 0.9995, method="higher"))
    if centered and low == high == 0:
        # The few that differ are all there is to see.
        low, high = float(finite.min()), float(finite.max())
    if centered:
        far = max(-low, high, 0.0) or 1.0
        return Scale(-far, far, True)
    if low < 0 < high:
        far = max(-low, high)
        return Scale(-far, far, True)
    return Scale(low, high, False)


def as_real(values: Array) -> Array:
    """Real numbers to show, as float64 where float32 would lose digits; of complex ones the magnitude."""
    import numpy as np

    if values.dtype.kind == "c":
        values = np.abs(values)
    wide = values.dtype.kind in "iu" and values.dtype.itemsize > 2
    with np.errstate(all="ignore"):
        return values.astype(np.float64 if wide or values.dtype == np.float64 else np.float32)


@cache
def color_table(diverging: bool) -> list[int]:
    """The 256 colours of a picture's levels."""
    stops = [QColor(name) for name in (_DIVERGING if diverging else _RISING)]
    table = []
    for level in range(LEVELS):
        place = level / (LEVELS - 1) * (len(stops) - 1)
        first = min(int(place), len(stops) - 2)
        part = place - first
        a, b = stops[first], stops[first + 1]
        mixed = (round(x + (y - x) * part) for x, y in zip(_rgb(a), _rgb(b), strict=True))
        red, green, blue = mixed
        table.append(qRgba(red, green, blue, 255))
    return [*table, qRgba(0, 0, 0, 0), qRgba(0, 0, 0, 255)]


def _rgb(color: QColor) -> tuple[int, int, int]:
    return color.red(), color.green(), color.blue()


def picture(levels: bytes, width: int, height: int, diverging: bool) -> QImage:
    """A picture of height × width levels, row by row."""
    image = QImage(levels, width, height, width, QImage.Format.Format_Indexed8).copy()
    image.setColorTable(color_table(diverging))
    return image


def colored(pixels: bytes, width: int, height: int) -> QImage:
    """A picture of height × width × 3 bytes of red, green, blue."""
    return QImage(pixels, width, height, width * 3, QImage.Format.Format_RGB888).copy()
