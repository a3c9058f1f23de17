"""Numbers about a tensor's values: streamed, cancelable, accumulated in float64."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ckpt_studio.core.data import dense_part, real_chunks
from ckpt_studio.core.jobs import SILENT, Progress
from ckpt_studio.core.tensor import Tensor

if TYPE_CHECKING:
    import numpy as np

    Array = np.ndarray[Any, Any]

# Small enough that a block and its float64 copy stay in the processor's cache.
_BLOCK_BYTES = 1 << 18
READ_BYTES = 1 << 20
"""Bytes that are read at a time."""


@dataclass(frozen=True)
class Statistics:
    """What a tensor's values are like. Of complex tensors: their magnitudes; of quantised ones: what they stand for.

    Attributes:
        count: elements, all of them.
        minimum, maximum, mean: over the finite ones; None when there are none.
        std: over the finite ones with n - 1 as `torch.std`; None for fewer than two.
        norm: Euclidean norm of the finite ones.
        zeros, nan, positive_inf, negative_inf: how many.
        histogram: counts in bins of equal width from minimum to maximum; empty unless asked for.
        first_nan, first_inf: at which place, row-major from 0, the first NaN and the first infinity of either sign
            stands; None when there is none.
    """

    count: int
    minimum: float | None
    maximum: float | None
    mean: float | None
    std: float | None
    norm: float
    zeros: int
    nan: int
    positive_inf: int
    negative_inf: int
    histogram: tuple[int, ...] = ()
    first_nan: int | None = None
    first_inf: int | None = None

    @property
    def finite(self) -> int:
        """How many values are neither NaN nor infinite."""
        return self.count - self.nan - self.positive_inf - self.negative_inf

    def to_json(self) -> dict[str, Any]:
        """Plain JSON values; what is not finite becomes null."""
        plain = {
            "min": self.minimum, "max": self.maximum, "mean": self.mean, "std": self.std, "norm": self.norm,
            "zeros": self.zeros, "nan": self.nan, "inf": self.positive_inf + self.negative_inf,
        }  # fmt: skip
        return {
            key: None if isinstance(value, float) and not math.isfinite(value) else value
            for key, value in plain.items()
        }

    def cells(self) -> list[str]:
        """Short texts for a table: min, max, mean, std, and what is odd."""
        odd = [
            f"{number:,} {word}"
            for number, word in (
                (self.nan, "NaN"),
                (self.positive_inf, "Inf"),
                (self.negative_inf, "-Inf"),
                (self.zeros if self.zeros == self.count and self.count else 0, "zeros"),
            )
            if number
        ]
        numbers = (self.minimum, self.maximum, self.mean, self.std)
        return [*("-" if number is None else f"{number:.4g}" for number in numbers), ", ".join(odd)]


def statistics(tensor: Tensor, progress: Progress = SILENT, bins: int = 0) -> Statistics:
    """The statistics of a tensor, in one pass (two with a histogram); memory bounded whatever its size.

    Args:
        tensor: strided, quantised, or sparse (its stored values count).
        bins: how many for the histogram; 0 leaves it out.
        progress: polled, not reported to.

    Raises:
        StudioError: the values cannot be read.
        Cancelled: through `progress`.
    """
    import numpy as np

    tensor = dense_part(tensor)
    total = _Sums()
    for values in _blocks(tensor, progress):
        total.add(values)
    histogram: tuple[int, ...] = ()
    if bins and total.finite:
        counts = np.zeros(bins, np.int64)
        for values in _blocks(tensor, progress):
            wide = _wide(values)
            counts += _counted(wide[np.isfinite(wide)], bins, float(total.minimum), float(total.maximum))
        histogram = tuple(int(number) for number in counts)
    return total.result(tensor.numel, histogram)


def _counted(values: Array, bins: int, low: float, high: float) -> Array:
    """How many values are in each bin; numpy's own refuses ranges that float64 cannot divide, or not even subtract."""
    import numpy as np

    # Halves, for the difference of the ends may be beyond float64.
    span = high / 2 - low / 2
    if span <= 0:
        places = np.full(len(values), bins // 2)
    else:
        with np.errstate(all="ignore"):
            places = np.clip(np.nan_to_num((values / 2 - low / 2) / span * bins), 0, bins - 1).astype(np.int64)
    return np.bincount(places, minlength=bins)


def _blocks(tensor: Tensor, progress: Progress) -> Iterator[Array]:
    for chunk in real_chunks(tensor, READ_BYTES):
        progress.check()
        step = max(_BLOCK_BYTES // chunk.itemsize, 1)
        for start in range(0, len(chunk), step):
            yield chunk[start : start + step]


def _wide(values: Array) -> Array:
    import numpy as np

    # A signalling NaN is a value of the file like any other, and no reason for numpy to warn.
    with np.errstate(all="ignore"):
        if values.dtype.kind == "c":
            return np.abs(values.astype(np.complex128))
        return values.astype(np.float64)


class _Sums:
    """Running sums; blocks are merged by Chan's formula, so that neither many blocks nor a large mean cost digits.

    einsum instead of the dot product of BLAS, which starts threads for every block of more than 10,000 elements.
    """

    def __init__(self) -> None:
        self.finite = 0
        self.minimum: float = math.inf
        self.maximum: float = -math.inf
        self.mean = 0.0
        self.squares = 0.0
        self.deviations = 0.0
        self.zeros = self.nan = self.positive = self.negative = 0
        self.seen = 0
        self.first_nan: int | None = None
        self.first_inf: int | None = None

    def add(self, values: Array) -> None:
        import numpy as np

        wide = narrow = _wide(values)
        self.seen += wide.size
        with np.errstate(all="ignore"):
            total = float(wide.sum())
        if values.dtype.kind in "iub":
            # float64 cannot tell neighbouring 64-bit integers apart.
            low: float = int(values.min())
            high: float = int(values.max())
        else:
            # float32 is looked through as it is, in half the time; narrower types only numpy's own loops know.
            narrow = values if values.dtype.str in ("<f4", "<f8") else wide
            if not math.isfinite(total):
                finite = np.isfinite(wide)
                self._find_first(np.isnan(wide), np.isinf(wide))
                self.nan += int(np.count_nonzero(np.isnan(wide)))
                self.positive += int(np.count_nonzero(np.isposinf(wide)))
                self.negative += int(np.count_nonzero(np.isneginf(wide)))
                wide, narrow = wide[finite], narrow[finite]
                with np.errstate(all="ignore"):
                    total = float(wide.sum())
            if wide.size == 0:
                return
            low, high = float(narrow.min()), float(narrow.max())
        self.minimum, self.maximum = min(self.minimum, low), max(self.maximum, high)
        self.zeros += int(np.count_nonzero(narrow == 0))
        with np.errstate(all="ignore"):
            mean = total / wide.size
            beyond = float(np.einsum("i,i", wide, wide)) if not math.isfinite(mean) else 0.0
            wide -= mean
            deviations = float(np.einsum("i,i", wide, wide))
            # The norm follows from the mean and the deviations, unless the mean is beyond float64.
            self.squares += beyond if not math.isfinite(mean) else deviations + mean * mean * wide.size
        both = self.finite + wide.size
        shift = mean - self.mean
        self.deviations += deviations + shift * shift * self.finite * wide.size / both
        self.mean += shift * wide.size / both
        self.finite = both

    def _find_first(self, nan: Array, infinite: Array) -> None:
        before = self.seen - nan.size
        if self.first_nan is None and nan.any():
            self.first_nan = before + int(nan.argmax())
        if self.first_inf is None and infinite.any():
            self.first_inf = before + int(infinite.argmax())

    def result(self, count: int, histogram: tuple[int, ...]) -> Statistics:
        some = self.finite > 0
        return Statistics(
            count,
            self.minimum if some else None,
            self.maximum if some else None,
            self.mean if some else None,
            math.sqrt(self.deviations / (self.finite - 1)) if self.finite > 1 else None,
            math.sqrt(self.squares),
            self.zeros,
            self.nan,
            self.positive,
            self.negative,
            histogram,
            self.first_nan,
            self.first_inf,
        )
