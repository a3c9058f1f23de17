"""The line at the bottom: where one is in the file, what was not exported, how many tensors there are."""

from __future__ import annotations

import os

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QLabel, QStatusBar

from ckpt_studio.core.tensor import Tensor
from ckpt_studio.gui.dialogs.ask_dialog import counted
from ckpt_studio.gui.document_page import DocumentPage
from ckpt_studio.gui.elided_label import ElidedLabel
from ckpt_studio.gui.figures import shape_text, size_text, values_text
from ckpt_studio.gui.pending import pending_words

_MOST_ADDED_UP = 20_000


class StatusLine(QObject):
    """Fills a status bar, which owns it."""

    def __init__(self, bar: QStatusBar) -> None:
        super().__init__(bar)
        bar.setSizeGripEnabled(False)
        bar.setAccessibleName(self.tr("Where you are"))
        self.place = ElidedLabel()
        self.pending = QLabel()
        self.totals = QLabel()
        bar.addWidget(self.place, 1)
        bar.addPermanentWidget(self.pending)
        bar.addPermanentWidget(self.totals)

    def show_page(self, page: DocumentPage | None) -> None:
        """Shows the state of a document; nothing without one."""
        if page is None:
            self.place.say("")
            self.pending.setText("")
            self.totals.setText("")
            return
        self.place.say(self._place_text(page))
        self.pending.setText(pending_words(page.document))
        state_dict = page.document.state_dict
        count = len(state_dict.entries) if state_dict is not None else 0
        self.totals.setText(counted(count, self.tr("1 tensor"), self.tr("{count} tensors")))

    def _place_text(self, page: DocumentPage) -> str:
        node = page.tree.current_node
        if node is None or (page.tree.tensors.filter and not page.tree.selected_nodes):
            # A filter has hidden what was selected: nobody has chosen the row that has the focus.
            return ""
        label = ".".join(map(str, node.path)) if node.is_named else ""
        name = ".".join(part for part in (label, node.name) if part) or os.path.basename(page.document.path)
        nodes = page.tree.selected_nodes
        named = [other for other in nodes if other.is_named]
        # The focus may be on a row inside the only selected one.
        if named and (len(nodes) > 1 or named[0] is not node):
            total = sum(len(other.indices) for other in named)
            size = size_text(sum(other.nbytes for other in named))
            words = counted(total, self.tr("1 tensor selected"), self.tr("{count} tensors selected"))
            return f"{words}  ·  {size}"
        if node.kind == "tensor" and isinstance(node.value, Tensor):
            shape = [shape_text(node.value.shape), *([values_text(node.value.numel)] if node.value.shape else [])]
            return "  ·  ".join([name, *shape, size_text(node.nbytes)])
        if node.is_named:
            assert node.table is not None
            few = len(node.indices) < _MOST_ADDED_UP
            values = sum(map(node.table.numel.__getitem__, node.indices)) if few else 0
            parts = [name, counted(len(node.indices), self.tr("1 tensor"), self.tr("{count} tensors"))]
            if values:
                parts.append(values_text(values, short=True))
            return "  ·  ".join([*parts, size_text(node.nbytes)])
        return self.tr("{name}  ·  not part of the weights").format(name=name)
