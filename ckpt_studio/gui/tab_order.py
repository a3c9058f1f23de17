"""Tab goes from the first widget of a layout to the last, whenever they were made."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QAbstractScrollArea, QLayout, QScrollArea, QWidget


def put_in_order(layout: QLayout) -> list[QWidget]:
    """Lets Tab follow the layout, and those inside it; returns what can have the focus, in order."""
    fields = [widget for widget in _in_order(layout) if widget.focusPolicy() & Qt.FocusPolicy.TabFocus]
    for before, after in pairwise(fields):
        QWidget.setTabOrder(before, after)
    return fields


def _in_order(layout: QLayout) -> Iterator[QWidget]:
    for place in range(layout.count()):
        item = layout.itemAt(place)
        assert item is not None
        widget, inner = item.widget(), item.layout()
        if isinstance(widget, QScrollArea):
            inside = widget.widget()
            inner = inside.layout() if inside is not None else None
        elif widget is not None and not isinstance(widget, QAbstractScrollArea):
            inner = widget.layout()
        if inner is not None:
            yield from _in_order(inner)
        elif widget is not None:
            yield widget
