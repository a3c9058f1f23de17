"""Edits that would bring the file closer to the model, each with its outcome and one button."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QGridLayout, QLabel, QPushButton, QSizePolicy, QWidget

from ckpt_studio.gui.wording import worded

if TYPE_CHECKING:
    from ckpt_studio.compare.suggest import Suggestion

_MOST_SHOWN = 3


class SuggestionsBar(QFrame):
    """At most three suggestions, best first; hidden when there are none.

    Signals:
        apply_requested(Suggestion): its button was pressed.
    """

    apply_requested = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("suggestions")
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setHorizontalSpacing(10)
        self._grid.setVerticalSpacing(4)
        self._grid.setColumnStretch(0, 1)
        self.buttons: list[QPushButton] = []
        self.hide()

    def show_suggestions(self, suggestions: Sequence[Suggestion]) -> None:
        """Replaces what is shown; the titles say how many names match afterwards."""
        while (item := self._grid.takeAt(0)) is not None:
            widget = item.widget()
            if widget is not None:
                widget.hide()
                widget.deleteLater()
        self.buttons = []
        for position, suggestion in enumerate(suggestions[:_MOST_SHOWN]):
            words = worded(suggestion.title)
            title = QLabel(words)
            title.setTextFormat(Qt.TextFormat.PlainText)
            title.setWordWrap(True)
            title.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
            button = QPushButton(self.tr("Apply"))
            button.setAccessibleName(self.tr("Apply: {title}").format(title=words))
            button.setToolTip(self.tr("Does it now. Undo takes it back."))
            button.clicked.connect(lambda _=False, chosen=suggestion: self.apply_requested.emit(chosen))
            self._grid.addWidget(title, position, 0)
            self._grid.addWidget(button, position, 1)
            self.buttons.append(button)
        self.setVisible(bool(self.buttons))
