"""What one can say of tensors without reading them, and their statistics, in rows for people."""

from __future__ import annotations

import heapq
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import (
    QAbstractTableModel,
    QCoreApplication,
    QLocale,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    Qt,
)
from PySide6.QtGui import QFont

from ckpt_studio.compare.difference import Difference
from ckpt_studio.core.jobs import gradually
from ckpt_studio.core.statistics import Statistics
from ckpt_studio.core.tensor import Tensor
from ckpt_studio.gui.figures import count_text, exact_text, shape_text, size_text, values_text
from ckpt_studio.gui.inspector.measuring import Subject, Ties
from ckpt_studio.gui.theme import muted_color

Index = QModelIndex | QPersistentModelIndex

WAITING = "…"
# What the column of values has room for in a small window.
_MOST_LETTERS = 18


@dataclass(frozen=True)
class Fact:
    """One row: what it is about, what the term means, a value for each tensor (none: a heading)."""

    label: str
    meaning: str = ""
    values: tuple[str, ...] = ()
    exact: tuple[str, ...] = ()


def number_text(value: float | None, digits: int = 5) -> str:
    """A measured number with few digits; a dash for none."""
    if value is None:
        return "–"
    if float(value).is_integer() and abs(value) < 10**digits:
        return exact_text(int(value))
    return QLocale().toString(float(value), "g", digits)


def tensor_facts(subject: Subject, ties: Ties) -> list[Fact]:
    """What the file says about one tensor. `ties` are those of the active state dict."""
    return [Fact(label, meaning, (value,), (exact,)) for label, meaning, value, exact in _told(subject, ties) if value]


def pair_facts(first: Subject, second: Subject, ties: Ties) -> list[Fact]:
    """What the file says about two tensors, side by side."""
    rows = zip(_told(first, ties, short=True), _told(second, ties, short=True), strict=True)
    return [Fact(a[0], a[1], (a[2] or "–", b[2] or "–"), (a[3], b[3])) for a, b in rows if a[2] or b[2]]


def short_names(names: Sequence[str]) -> tuple[str, ...]:
    """The names without the groups that all of them begin with."""
    parts = [name.split(".") for name in names]
    same = 0
    while all(len(part) > same + 1 and part[same] == parts[0][same] for part in parts):
        same += 1
    return tuple(".".join(part[same:]) for part in parts)


def _told(subject: Subject, ties: Ties, short: bool = False) -> list[tuple[str, str, str, str]]:
    tensor = subject.tensor
    shape = QCoreApplication.translate("Facts", "{shape} ({values})").format(
        shape=shape_text(tensor.shape), values=values_text(tensor.numel, short=True)
    )
    if short or len(tensor.shape) < 2 or len(shape) > _MOST_LETTERS:
        # Of one axis it would say the same twice; and rather the whole shape than parts of both. The tooltip counts.
        shape = shape_text(tensor.shape)
    kinds = {
        "parameter": QCoreApplication.translate("Facts", "parameter"),
        "buffer": QCoreApplication.translate("Facts", "buffer"),
        "tensor": QCoreApplication.translate("Facts", "plain tensor"),
    }
    tied = (
        [name for name in ties.get(id(tensor.storage), ()) if name != subject.name]
        if subject.is_active and tensor.numel
        else []
    )
    wasted = tensor.storage.nbytes > 2 * tensor.nbytes and not (tensor.form is not None and tensor.form.parts)
    return [
        (
            QCoreApplication.translate("Facts", "Shape"),
            QCoreApplication.translate(
                "Facts", "The sizes of the axes, outermost first. A layer's shape must equal the model's to be loaded."
            ),
            shape,
            values_text(tensor.numel),
        ),
        (
            QCoreApplication.translate("Facts", "Dtype"),
            QCoreApplication.translate("Facts", "How each number is stored: its kind and how many bits it has."),
            str(tensor.dtype),
            QCoreApplication.translate("Facts", "{count} bytes each").format(count=tensor.dtype.itemsize),
        ),
        (
            QCoreApplication.translate("Facts", "Size"),
            QCoreApplication.translate(
                "Facts", "The bytes of the values: how many there are, times the bytes of each."
            ),
            size_text(tensor.nbytes),
            QCoreApplication.translate("Facts", "{count} bytes").format(count=exact_text(tensor.nbytes)),
        ),
        (
            QCoreApplication.translate("Facts", "Device"),
            QCoreApplication.translate(
                "Facts", "Where it was when the file was saved. PyTorch puts it there again unless told otherwise."
            ),
            tensor.device,
            "",
        ),
        (
            QCoreApplication.translate("Facts", "Kind"),
            QCoreApplication.translate(
                "Facts", "A parameter is trained; a buffer is kept along with it. Most files do not say which is which."
            ),
            kinds[tensor.kind],
            QCoreApplication.translate("Facts", "recorded as trainable") if tensor.requires_grad else "",
        ),
        (
            QCoreApplication.translate("Facts", "Form"),
            QCoreApplication.translate("Facts", "What makes this tensor more than a block of numbers."),
            _form(tensor),
            "",
        ),
        (
            QCoreApplication.translate("Facts", "Layout"),
            QCoreApplication.translate(
                "Facts", "Strides say how many values lie between neighbours along each axis of the stored block."
            ),
            _layout(tensor),
            QCoreApplication.translate("Facts", "strides {strides}, beginning at value {offset}").format(
                strides=", ".join(map(str, tensor.stride)) or "–", offset=exact_text(tensor.offset)
            ),
        ),
        (
            QCoreApplication.translate("Facts", "Storage"),
            QCoreApplication.translate(
                "Facts", "The block of bytes this tensor looks into. PyTorch saves all of it, even for a small part."
            ),
            QCoreApplication.translate("Facts", "a part of {size}").format(size=size_text(tensor.storage.nbytes))
            if wasted
            else "",
            QCoreApplication.translate("Facts", "{count} bytes").format(count=exact_text(tensor.storage.nbytes)),
        ),
        (
            QCoreApplication.translate("Facts", "Tied with"),
            QCoreApplication.translate("Facts", "Tensors that share their bytes: a change of one is a change of all."),
            ", ".join(tied[:3]) + (", …" if len(tied) > 3 else ""),
            "\n".join(tied[:30]),
        ),
    ]


def _form(tensor: Tensor) -> str:
    form = tensor.form
    if form is None:
        return ""
    words = []
    if form.layout not in ("strided", "wrapper", "nested"):
        stored = next((part.numel for name, part in form.parts if name == "values"), 0)
        words.append(
            QCoreApplication.translate("Facts", "sparse ({layout}), {count} values stored").format(
                layout=form.layout.removeprefix("sparse_").upper(), count=exact_text(stored)
            )
        )
    elif form.layout == "nested":
        words.append(QCoreApplication.translate("Facts", "nested: a list of tensors of different lengths"))
    if form.quantizer is not None:
        words.append(QCoreApplication.translate("Facts", "quantised: integers that stand for real numbers"))
    if form.conj or form.neg:
        words.append(QCoreApplication.translate("Facts", "negated or conjugated when read"))
    if form.subclass is not None:
        words.append(str(form.subclass))
    if form.is_meta:
        words.append(QCoreApplication.translate("Facts", "without values (device “meta”)"))
    return ", ".join(words)


def _layout(tensor: Tensor) -> str:
    if tensor.form is not None and tensor.form.parts:
        return ""
    if tensor.is_contiguous:
        return QCoreApplication.translate("Facts", "row by row, no gaps")
    if 0 in tensor.stride and tensor.numel > 1:
        return QCoreApplication.translate("Facts", "repeats the same values along an axis")
    if _is_dense(tensor):
        return QCoreApplication.translate("Facts", "no gaps, axes in another order")
    return QCoreApplication.translate("Facts", "with gaps: a slice of something larger")


def _is_dense(tensor: Tensor) -> bool:
    expected = 1
    for step, size in sorted(zip(tensor.stride, tensor.shape, strict=True)):
        if size != 1:
            if step != expected:
                return False
            expected *= size
    return True


def arranged(told: list[Fact], measured: list[Fact]) -> list[Fact]:
    """What everybody wants to know first: shape, dtype, size, then the values; how they are stored comes last."""
    stored = [Fact(QCoreApplication.translate("Facts", "As stored")), *told[3:]] if told[3:] else []
    return [*told[:3], *measured, *stored]


def statistics_facts(measured: Sequence[Statistics | None]) -> list[Fact]:
    """Rows of the values' statistics, one value for each tensor; `None`s are still being computed."""

    def row(label: str, meaning: str, attribute: str) -> Fact:
        values = [getattr(found, attribute) if found is not None else None for found in measured]
        texts = tuple(
            WAITING if found is None else number_text(value) for found, value in zip(measured, values, strict=True)
        )
        return Fact(label, meaning, texts, tuple("" if value is None else repr(value) for value in values))

    def count(label: str, meaning: str, numbers: list[int | None]) -> Fact:
        texts = []
        for found, number in zip(measured, numbers, strict=True):
            text = WAITING if number is None else exact_text(number)
            if number and found is not None:
                text = QCoreApplication.translate("Facts", "{count} ({percent} %)").format(
                    count=text, percent=QLocale().toString(100 * number / found.count, "g", 3)
                )
            texts.append(text)
        return Fact(label, meaning, tuple(texts), ("",) * len(texts))

    infinite = [None if m is None else m.positive_inf + m.negative_inf for m in measured]
    return [
        Fact(QCoreApplication.translate("Facts", "Values")),
        row(
            QCoreApplication.translate("Facts", "Smallest"),
            QCoreApplication.translate("Facts", "The smallest value (NaN and infinities aside)."),
            "minimum",
        ),
        row(
            QCoreApplication.translate("Facts", "Largest"),
            QCoreApplication.translate("Facts", "The largest value (NaN and infinities aside)."),
            "maximum",
        ),
        row(
            QCoreApplication.translate("Facts", "Mean"),
            QCoreApplication.translate("Facts", "The average of the values."),
            "mean",
        ),
        row(
            QCoreApplication.translate("Facts", "Std"),
            QCoreApplication.translate(
                "Facts", "Standard deviation: how far the values typically lie from their mean."
            ),
            "std",
        ),
        row(
            QCoreApplication.translate("Facts", "Norm"),
            QCoreApplication.translate("Facts", "Length of the tensor as a vector: the root of the sum of squares."),
            "norm",
        ),
        count(
            QCoreApplication.translate("Facts", "Zeros"),
            QCoreApplication.translate("Facts", "Values that are exactly 0. Many of them: pruned, or never trained."),
            [None if m is None else m.zeros for m in measured],
        ),
        count(
            QCoreApplication.translate("Facts", "NaN"),
            QCoreApplication.translate(
                "Facts", "“Not a number”: the result of a failed computation. A network with one of them is broken."
            ),
            [None if m is None else m.nan for m in measured],
        ),
        count(
            QCoreApplication.translate("Facts", "Infinite"),
            QCoreApplication.translate(
                "Facts", "Values that outgrew their dtype; training diverged or a conversion overflowed."
            ),
            infinite,
        ),
    ]


def difference_facts(found: Difference | None) -> list[Fact]:
    """How two tensors differ; `None` is still being computed."""
    change = found.changed[0] if found is not None and found.changed else None
    if found is None:
        texts = (WAITING,) * 3
    elif change is None:
        texts = ("0", "0", "1")
    else:
        texts = (number_text(change.max_abs), number_text(change.rel_l2), number_text(change.cosine, 6))
    verdict = WAITING
    if found is not None:
        verdict = (
            QCoreApplication.translate("Facts", "the same values")
            if found.identical
            else QCoreApplication.translate("Facts", "they differ")
        )
        if change is not None and change.first.shape != change.second.shape:
            verdict = QCoreApplication.translate("Facts", "other shapes: not comparable")
    return [
        Fact(QCoreApplication.translate("Facts", "Difference")),
        Fact(
            QCoreApplication.translate("Facts", "Verdict"),
            QCoreApplication.translate("Facts", "Whether every value is the same in both."),
            (verdict, ""),
        ),
        Fact(
            QCoreApplication.translate("Facts", "Max. difference"),
            QCoreApplication.translate("Facts", "The largest difference between two values at the same place."),
            (texts[0], ""),
        ),
        Fact(
            QCoreApplication.translate("Facts", "Relative (L2)"),
            QCoreApplication.translate(
                "Facts",
                "Length of the difference divided by that of the first tensor: 0 is equal, 1 as large as itself.",
            ),
            (texts[1], ""),
        ),
        Fact(
            QCoreApplication.translate("Facts", "Cosine"),
            QCoreApplication.translate(
                "Facts", "Of the angle between the two as vectors: 1 is the same direction, 0 unrelated."
            ),
            (texts[2], ""),
        ),
    ]


def summed_facts(subjects: Sequence[Subject]) -> list[Fact]:
    """What several tensors are together."""
    distinct = {
        (id(s.tensor.storage), s.tensor.offset, s.tensor.shape, s.tensor.stride): s.tensor for s in gradually(subjects)
    }
    total = sum(subject.tensor.nbytes for subject in gradually(subjects))
    unique = sum(tensor.nbytes for tensor in gradually(distinct.values()))
    values = sum(tensor.numel for tensor in gradually(distinct.values()))
    dtypes = Counter(subject.tensor.dtype.name for subject in gradually(subjects))
    devices = Counter(subject.tensor.device for subject in gradually(subjects) if subject.tensor.device)
    shapes = Counter(subject.tensor.shape for subject in gradually(subjects))
    facts = [
        Fact(
            QCoreApplication.translate("Facts", "Tensors"),
            QCoreApplication.translate("Facts", "How many are selected."),
            (exact_text(len(subjects)),),
        ),
        Fact(
            QCoreApplication.translate("Facts", "Values"),
            QCoreApplication.translate("Facts", "All values together; those of tied tensors count once."),
            (count_text(values),),
            (exact_text(values),),
        ),
        Fact(
            QCoreApplication.translate("Facts", "Size"),
            QCoreApplication.translate("Facts", "The bytes of the values."),
            (size_text(total),),
            (QCoreApplication.translate("Facts", "{count} bytes").format(count=exact_text(total)),),
        ),
    ]
    if unique != total:
        facts.append(
            Fact(
                QCoreApplication.translate("Facts", "Without ties"),
                QCoreApplication.translate("Facts", "Tensors that share their bytes need them only once."),
                (size_text(unique),),
            )
        )
    facts += [
        Fact(
            QCoreApplication.translate("Facts", "Dtypes"),
            QCoreApplication.translate("Facts", "How the numbers are stored."),
            (_listed(dtypes),),
        ),
        Fact(
            QCoreApplication.translate("Facts", "Devices"),
            QCoreApplication.translate("Facts", "Where they were when the file was saved."),
            (_listed(devices) or "–",),
        ),
    ]
    if len(subjects) > 1:
        facts += _largest(subjects)
        facts += _frequent(shapes)
    return facts


def _largest(subjects: Sequence[Subject], most: int = 8) -> list[Fact]:
    """A row for each of the tensors with the most bytes."""
    found = heapq.nlargest(most, subjects, key=lambda subject: subject.tensor.nbytes)
    rows = [Fact(QCoreApplication.translate("Facts", "Largest tensors"))]
    for subject in found:
        value = f"{size_text(subject.tensor.nbytes)} · {shape_text(subject.tensor.shape)}"
        rows.append(Fact(subject.name, subject.name, (value,), (exact_text(subject.tensor.nbytes),)))
    return rows


def _frequent(shapes: Counter[tuple[int, ...]], most: int = 6) -> list[Fact]:
    """A row for each of the most frequent shapes."""
    rows = [Fact(QCoreApplication.translate("Facts", "Most frequent shapes"))]
    meaning = QCoreApplication.translate("Facts", "How many tensors have this shape.")
    rows += [Fact(shape_text(shape), meaning, (exact_text(number),)) for shape, number in shapes.most_common(most)]
    if len(shapes) > most:
        rest = QCoreApplication.translate("Facts", "{count} other shapes").format(count=exact_text(len(shapes) - most))
        rows.append(Fact(rest, meaning, (exact_text(shapes.total() - sum(n for _, n in shapes.most_common(most))),)))
    return rows


def _listed(found: Counter[str], most: int = 4) -> str:
    common = found.most_common(most)
    text = ", ".join(f"{name} ({exact_text(number)})" if len(found) > 1 else name for name, number in common)
    return text + (", …" if len(found) > most else "")


class FactsModel(QAbstractTableModel):
    """Facts as rows: the term, then a value for each tensor."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.facts: list[Fact] = []
        self.titles: tuple[str, ...] = ()

    def show_facts(self, facts: list[Fact], titles: tuple[str, ...]) -> None:
        """Shows these; when only values changed, nothing moves."""
        if [fact.label for fact in facts] == [fact.label for fact in self.facts] and len(titles) == len(self.titles):
            self.facts, self.titles = facts, titles
            if facts:
                self.dataChanged.emit(self.index(0, 0), self.index(len(facts) - 1, len(titles)))
                self.headerDataChanged.emit(Qt.Orientation.Horizontal, 0, len(titles))
            return
        self.beginResetModel()
        self.facts, self.titles = facts, titles
        self.endResetModel()

    def text(self) -> str:
        """Everything as lines of tab-separated text."""
        return "\n".join("\t".join((fact.label, *fact.values)) for fact in self.facts)

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() else len(self.facts)

    def columnCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() else 1 + len(self.titles)

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = 0) -> Any:
        if orientation != Qt.Orientation.Horizontal:
            return None
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.ToolTipRole):
            return self.tr("Fact") if section == 0 else self.titles[section - 1]
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return int(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        return None

    def data(self, index: Index, role: int = 0) -> Any:
        if not index.isValid():
            return None
        fact, column = self.facts[index.row()], index.column()
        value = fact.values[column - 1] if 0 < column <= len(fact.values) else ""
        if role == Qt.ItemDataRole.DisplayRole:
            return fact.label if column == 0 else value
        if role == Qt.ItemDataRole.ToolTipRole:
            exact = fact.exact[column - 1] if 0 < column <= len(fact.exact) else ""
            whole = value if column and len(value) > 16 else ""
            return "\n".join(part for part in (whole, exact if exact != whole else "", fact.meaning) if part)
        if role == Qt.ItemDataRole.ForegroundRole and column == 0 and fact.values:
            return muted_color()
        if role == Qt.ItemDataRole.FontRole and not fact.values:
            font = QFont()
            font.setBold(True)
            return font
        return None
