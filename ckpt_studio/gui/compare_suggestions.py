"""Edits that would bring the file closer to the model, each with its outcome and one button."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QGridLayout, QLabel, QPushButton, QSizePolicy, QWidget

from ckpt_studio.gui.wording import worded

if TYPE_CHECKING:
    from ckpt_studio.compare.suggest import Suggestion

_MOST_SHOWN = 3


@dataclass(frozen=True)
class Offer:
    """A remedy that asks something first: a sentence, a button that ends in "…", and what the button opens."""

    words: str
    button: str
    tip: str
    chosen: Callable[[], object]


class SuggestionsBar(QFrame):
    """At most three remedies, best first; hidden when there are none. Few, so that the rows keep their room.

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

    def show_suggestions(
        self, suggestions: Sequence[Suggestion], offers: Sequence[Offer] = (), *, offers_first: bool = False
    ) -> None:
        """Replaces what is shown: edits (their titles say how many names match afterwards), then dialogs."""
        while (item := self._grid.takeAt(0)) is not None:
            widget = item.widget()
            if widget is not None:
                widget.hide()
                widget.deleteLater()
        self.buttons = []
        if offers_first:
            self._add_offers(offers)
        for suggestion in suggestions[: _MOST_SHOWN - len(offers)]:
            words = worded(suggestion.title)
            button = self._add(words, self.tr("Apply"), self.tr("Does it now. Undo takes it back."))
            button.clicked.connect(lambda _=False, chosen=suggestion: self.apply_requested.emit(chosen))
        if not offers_first:
            self._add_offers(offers)
        self.setVisible(bool(self.buttons))

    def _add_offers(self, offers: Sequence[Offer]) -> None:
        for offer in offers:
            self._add(offer.words, offer.button, offer.tip).clicked.connect(lambda _=False, offer=offer: offer.chosen())

    def _add(self, words: str, text: str, tip: str) -> QPushButton:
        title = QLabel(words)
        title.setTextFormat(Qt.TextFormat.PlainText)
        title.setWordWrap(True)
        title.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        button = QPushButton(text)
        button.setAccessibleName(f"{text} {words}")
        button.setToolTip(tip)
        position = len(self.buttons)
        self._grid.addWidget(title, position, 0)
        self._grid.addWidget(button, position, 1)
        self.buttons.append(button)
        return button
