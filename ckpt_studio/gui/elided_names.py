"""Names of tensors in too little room: the block's number and the end stay, for by those they differ."""

from __future__ import annotations

import re

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, Qt
from PySide6.QtGui import QFontMetrics
from PySide6.QtWidgets import QStyledItemDelegate, QStyleOptionViewItem

_MARGINS = 8


def elided_name(name: str, metrics: QFontMetrics, width: int) -> str:
    """The name as it fits into `width` pixels: "…1.denselayer2.norm1.bias" tells more than the last letters."""
    if metrics.horizontalAdvance(name) <= width:
        return name
    parts = name.split(".")
    first = next((place for place, part in enumerate(parts[:-1]) if part[-1:].isdigit()), -1)
    if first >= 0:
        number = re.sub(r".*?(\d+)$", r"\1", parts[first])
        shorter = ["…" + ".".join(parts[first:]), "…" + ".".join([number, *parts[first + 1 :]])]
        shorter += [f"…{parts[first]}…{'.'.join(parts[place:])}" for place in range(first + 2, len(parts))]
        for text in shorter:
            if metrics.horizontalAdvance(text) <= width:
                return text
    return metrics.elidedText(name, Qt.TextElideMode.ElideLeft, width)


class NameDelegate(QStyledItemDelegate):
    """Draws a column of names."""

    def initStyleOption(self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex) -> None:
        super().initStyleOption(option, index)
        option.text = elided_name(option.text, option.fontMetrics, option.rect.width() - _MARGINS)
