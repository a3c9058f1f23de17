"""Jumps to a name: type a few letters, choose among what fits."""

from __future__ import annotations

from collections.abc import Sequence
from heapq import nsmallest

from PySide6.QtCore import QStringListModel, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QLineEdit, QListView, QWidget

from ckpt_studio.gui.dialogs.ask_dialog import AskDialog, roomy
from ckpt_studio.gui.fields import make_clearable
from ckpt_studio.gui.figures import exact_text

MOST_SHOWN = 200
# Putting 100,000 names in order at every key would be felt; so many are found only by very short words.
_MOST_RANKED = 4000


def best_names(
    names: Sequence[str], lowered: Sequence[str], typed: str, most: int = MOST_SHOWN
) -> tuple[list[str], int]:
    """The names that hold all typed words, the closest first (at most `most`), and how many there are."""
    words = typed.lower().split()
    if not words:
        return list(names[:most]), len(names)
    found = [i for i, name in enumerate(lowered) if words[0] in name]
    for word in words[1:]:
        found = [i for i in found if word in lowered[i]]

    def distance(i: int) -> tuple[bool, bool, int, int]:
        name = lowered[i]
        # Whole parts between dots before pieces of words, short names before long ones.
        whole = all(f".{word}." in f".{name}." for word in words)
        return not whole, not name.startswith(words[0]), len(name), i

    return [names[i] for i in nsmallest(most, found[:_MOST_RANKED], key=distance)], len(found)


class JumpDialog(AskDialog):
    """Lists names while one types.

    Signals:
        chosen(str): the name to go to.
    """

    chosen = Signal(str)

    def __init__(self, names: Sequence[str], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._names = names
        self._lowered = [name.lower() for name in names]
        self.ask(self.tr("Go to name"), self.tr("Which tensor?"))
        self.field = QLineEdit()
        self.field.setPlaceholderText(self.tr("A few letters, for example layer2 conv1"))
        self.field.setAccessibleName(self.tr("Name"))
        make_clearable(self.field)
        self._found = QStringListModel(self)
        self.list = QListView()
        self.list.setModel(self._found)
        roomy(self.list)
        self.list.setEditTriggers(QListView.EditTrigger.NoEditTriggers)
        self.list.setTextElideMode(Qt.TextElideMode.ElideMiddle)
        self.list.setAccessibleName(self.tr("Names found"))
        self.list.activated.connect(self.accept)
        self.body.addWidget(self.field)
        self.body.addWidget(self.list, 1)
        self.field.textChanged.connect(self._on_typed)
        self.resize(620, 480)
        self._on_typed("")
        self.field.setFocus()

    @property
    def current(self) -> str:
        """The name that would be chosen."""
        return str(self.list.currentIndex().data() or "")

    def _on_typed(self, typed: str) -> None:
        shown, count = best_names(self._names, self._lowered, typed)
        self._found.setStringList(shown)
        self.list.setCurrentIndex(self._found.index(0, 0))
        self.set_primary(self.tr("Go"), bool(shown))
        more = self.tr("{shown} of {count} names; type more to see the others.")
        self.message.say(
            self.tr("No name holds this.")
            if not shown
            else more.format(shown=exact_text(len(shown)), count=exact_text(count))
            if count > len(shown)
            else "",
            "calm",
        )

    def accept(self) -> None:
        name = self.current
        if name:
            super().accept()
            self.chosen.emit(name)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        rows = {Qt.Key.Key_Down: 1, Qt.Key.Key_Up: -1, Qt.Key.Key_PageDown: 10, Qt.Key.Key_PageUp: -10}
        step = rows.get(Qt.Key(event.key()))
        if step is None or not self._found.rowCount():
            super().keyPressEvent(event)
            return
        row = min(max(self.list.currentIndex().row() + step, 0), self._found.rowCount() - 1)
        self.list.setCurrentIndex(self._found.index(row, 0))
