"""Edits that would bring the file closer to the model, each with its outcome and one button."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QSize, Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QFrame, QGridLayout, QLabel, QPushButton, QScrollArea, QSizePolicy, QWidget

from ckpt_studio.gui.wording import worded

if TYPE_CHECKING:
    from ckpt_studio.compare.suggest import Suggestion

_MOST_SHOWN = 3
# Lines of text: more of a long list is scrolled to.
_MOST_LINES = 8


@dataclass(frozen=True)
class Offer:
    """A remedy that asks something first: a sentence, a button that ends in "…", and what the button opens."""

    words: str
    button: str
    tip: str
    chosen: Callable[[], object]


class SuggestionsBar(QScrollArea):
    """At most three remedies, best first; hidden when there are none. Few, so that the rows keep their room.

    It is as high as its words need at its width, up to a limit; in a low window it can be scrolled, never squeezed.

    Signals:
        apply_requested(Suggestion): its button was pressed.
    """

    apply_requested = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("suggestions")
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setWidgetResizable(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        # Its buttons are what takes the focus; it follows them.
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Maximum)
        self._list = QWidget()
        self._list.setAutoFillBackground(False)
        self.viewport().setAutoFillBackground(False)
        self._grid = QGridLayout(self._list)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setHorizontalSpacing(10)
        self._grid.setVerticalSpacing(4)
        self._grid.setColumnStretch(0, 1)
        self.setWidget(self._list)
        self._list.setAutoFillBackground(False)
        self.buttons: list[QPushButton] = []
        # Gets the focus when the button that has it goes; without one it would go anywhere in the window.
        self.heir: QWidget | None = None
        self.hide()

    def show_suggestions(
        self, suggestions: Sequence[Suggestion], offers: Sequence[Offer] = (), *, offers_first: bool = False
    ) -> None:
        """Replaces what is shown: edits (their titles say how many names match afterwards), then dialogs."""
        self._hand_focus_on()
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
        self.verticalScrollBar().setValue(0)
        self._fit()

    def pause(self) -> None:
        """What is offered cannot be pressed until something else is shown and this is enabled again."""
        self._hand_focus_on()
        self.setEnabled(False)

    def _hand_focus_on(self) -> None:
        if self.heir is not None and self.window().focusWidget() in self.buttons:
            self.heir.setFocus()

    def _fit(self) -> None:
        """Takes the height that the words need at this width; the rows are never lower than that."""
        self._grid.activate()
        need = max(self._grid.totalHeightForWidth(max(self.viewport().width(), 1)), 0)
        if need != self._list.minimumHeight():
            self._list.setMinimumHeight(need)
            self.updateGeometry()

    def _add_offers(self, offers: Sequence[Offer]) -> None:
        for offer in offers:
            self._add(offer.words, offer.button, offer.tip).clicked.connect(lambda _=False, offer=offer: offer.chosen())

    def _add(self, words: str, text: str, tip: str) -> QPushButton:
        title = QLabel(words)
        title.setTextFormat(Qt.TextFormat.PlainText)
        title.setWordWrap(True)
        # A new policy forgets that wrapped words are higher where it is narrow.
        policy = QSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        policy.setHeightForWidth(True)
        title.setSizePolicy(policy)
        button = QPushButton(text)
        button.setAccessibleName(f"{text.replace('&', '')} {words}")
        button.setToolTip(tip)
        position = len(self.buttons)
        self._grid.addWidget(title, position, 0)
        self._grid.addWidget(button, position, 1)
        # At once: the layout counts nothing that is hidden.
        title.show()
        button.show()
        self.buttons.append(button)
        return button

    # Overrides of Qt.

    def sizeHint(self) -> QSize:
        most = self.fontMetrics().lineSpacing() * _MOST_LINES
        return QSize(super().sizeHint().width(), min(self._list.minimumHeight(), most))

    def minimumSizeHint(self) -> QSize:
        """One remedy can always be seen and pressed."""
        first = self.buttons[0].sizeHint().height() if self.buttons else 0
        return QSize(0, min(self._list.minimumHeight(), first))

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() in (QEvent.Type.FontChange, QEvent.Type.StyleChange):
            self._fit()
