"""The words of a filter that ask for more than names: `dtype:float16 shape:[*,3,7,7] size:>10MB health:nan`."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from functools import lru_cache
from operator import ge, gt, le, lt
from typing import Any

from ckpt_studio.compare.report import Status
from ckpt_studio.core.tensor import Tensor
from ckpt_studio.gui.health import Health
from ckpt_studio.gui.tree_nodes import NameTable

TERMS = ("dtype", "shape", "device", "size", "status", "health")

EXAMPLES: Mapping[str, tuple[str, ...]] = {
    "dtype": ("float32", "float16", "bfloat16", "float64", "int64", "int8", "uint8", "bool"),
    "shape": ("[*,3,*,*]", "[*,*,3,3]", "[*,*,1,1]", "[...,768]", "[*]", "[]"),
    "device": ("cpu", "cuda", "cuda:0", "mps", "meta"),
    "size": (">1MB", ">10MB", ">100MB", "<1kB"),
    "status": ("matched", "mismatched", "unexpected", "missing"),
    "health": ("bad", "good", "nan", "inf", "all-zero", "constant", "exploding", "float16-overflow", "duplicate"),
}
"""What is offered behind each word while one types."""

_TERM = re.compile(rf"(?:^|(?<=\s))({'|'.join(TERMS)}):(\[[^\]]*\]?|\S*)", re.IGNORECASE)
_SIZE = re.compile(r"(>=|<=|>|<|=)?(\d+(?:\.\d+)?)([kmgt]?)i?b?", re.IGNORECASE)
# With brackets any shape; without them two sizes at least, for a number alone is looked for in the names.
_BARE_SHAPE = re.compile(r"\[[^\]]*\]|[\d*.…]+(?:[x×,][\d*.…]+)+")
_UNITS = {"": 1, "k": 10**3, "m": 10**6, "g": 10**9, "t": 10**12}
_DTYPE_NICKNAMES = {"fp16": "float16", "half": "float16", "fp32": "float32", "fp64": "float64", "bf16": "bfloat16"}


@dataclass(frozen=True)
class Term:
    """One condition.

    Attributes:
        word: one of TERMS.
        value: as typed, in lower case; "" while it is being typed.
    """

    word: str
    value: str

    def is_complete(self) -> bool:
        """Whether the value makes sense."""
        if self.word == "size":
            return _SIZE.fullmatch(self.value) is not None
        if self.word == "shape":
            return shape_test(self.value) is not None
        return True

    def keep(
        self, table: NameTable, among: Iterable[int], statuses: Mapping[str, Status], health: Health | None
    ) -> Sequence[int]:
        """Those of some positions of the table that the condition holds for."""
        if self.word == "health":
            values = table.values
            return [i for i in among if health.fits(values[i], self.value)] if health is not None else []
        if self.word == "dtype":
            return _with_word(among, table.dtypes, table.facts.one_dtype, self._fits_dtype)
        if self.word == "device":
            return _with_word(among, table.devices, table.facts.one_device, lambda device: self.value in device.lower())
        if self.word == "size":
            return self._with_size(among, table.nbytes)
        if self.word == "status":
            known = table.verdicts(statuses)
            wanted = {status for status in set(known) if status is not None and status.startswith(self.value)}
            return [i for i in among if known[i] in wanted]
        return self._with_shape(among, table.values)

    def _fits_dtype(self, dtype: str) -> bool:
        value = _DTYPE_NICKNAMES.get(self.value, self.value)
        return fnmatchcase(dtype, value) if "*" in value else dtype.startswith(value)

    def _with_size(self, among: Iterable[int], nbytes: Sequence[int]) -> list[int]:
        found = _SIZE.fullmatch(self.value)
        if found is None:
            return []
        limit = float(found.group(2)) * _UNITS[found.group(3).lower()]
        if found.group(1) == "=":
            return [i for i in among if nbytes[i] == limit]
        test = {">": gt, ">=": ge, "<": lt, "<=": le}[found.group(1) or ">="]
        return [i for i in among if test(nbytes[i], limit)]

    def _with_shape(self, among: Iterable[int], values: Sequence[Any]) -> list[int]:
        test = shape_test(self.value)
        if test is None:
            return []
        known: dict[tuple[int, ...], bool] = {}
        found: list[int] = []
        for i in among:
            value = values[i]
            if type(value) is not Tensor:
                continue
            fits = known.get(value.shape)
            if fits is None:
                fits = known[value.shape] = test(value.shape)
            if fits:
                found.append(i)
        return found


@lru_cache(maxsize=64)
def split_terms(text: str) -> tuple[str, tuple[Term, ...]]:
    """The text without its terms, and the terms; those still without a value are left out."""
    terms = tuple(Term(word.lower(), value.lower()) for word, value in _TERM.findall(text) if value)
    return (_TERM.sub("", text).strip() if ":" in text else text), terms


def offers(text: str) -> list[str]:
    """How the last word of a filter could go on: the whole text with each."""
    head, space, word = text.rpartition(" ")
    name, colon, value = word.partition(":")
    if colon:
        values = EXAMPLES.get(name.lower(), ())
        return [f"{head}{space}{name}:{item}" for item in values if item.startswith(value) and item != value]
    if len(word) < 2:
        return []
    return [f"{head}{space}{term}:" for term in TERMS if term.startswith(word.lower())]


@lru_cache(maxsize=64)
def shape_test(text: str) -> Callable[[tuple[int, ...]], bool] | None:
    """A test for shapes from `[*,3,7,7]`, `*x3x7x7` or `64`; None while the text is not complete.

    `*` is any size of one axis, `...` any number of axes (once).
    """
    if text.startswith("[") != text.endswith("]"):
        return None
    parts = [part.strip() for part in re.split(r"[,x×]", text.strip("[]"))] if text.strip("[] ") else []
    if any(part not in ("*", "...", "…") and not part.isdecimal() for part in parts):
        return None
    sizes = [None if part == "*" else ... if part in ("...", "…") else int(part) for part in parts]
    if sizes.count(...) > 1:
        return None
    if ... not in sizes:
        return lambda shape: len(shape) == len(sizes) and _fits(shape, sizes)
    place = sizes.index(...)
    first, last = sizes[:place], sizes[place + 1 :]
    return lambda shape: (
        len(shape) >= len(first) + len(last)
        and _fits(shape[: len(first)], first)
        and _fits(shape[len(shape) - len(last) :], last)
    )


def bare_shape(text: str) -> str:
    """The value for `shape:` in a text that is one without saying so: `512×512`, `512x512x3x3`, `[512, *, 3, 3]`.

    "" for any other text.
    """
    value = re.sub(r"\s", "", text).lower()
    if value.startswith("(") and value.endswith(")"):
        value = f"[{value[1:-1].rstrip(',')}]"
    return value if _BARE_SHAPE.fullmatch(value) and shape_test(value) is not None else ""


def _fits(shape: Sequence[int], sizes: Sequence[Any]) -> bool:
    return all(size is None or size == axis for axis, size in zip(shape, sizes, strict=True))


def _with_word(
    among: Iterable[int], words: Sequence[str], all_alike: bool, test: Callable[[str], bool]
) -> Sequence[int]:
    if all_alike and words:
        return list(among) if test(words[0]) else []
    wanted = {word for word in set(words) if word and test(word)}
    return [i for i in among if words[i] in wanted]
