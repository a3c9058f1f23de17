"""The room at the right: the comparison above and the tabs below lend it to each other; the one in use gets it."""

from __future__ import annotations

from typing import Literal, TypeAlias

from PySide6.QtCore import QEvent, QObject, QTimer
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QAbstractScrollArea, QApplication, QPushButton, QSplitter, QWidget

from ckpt_studio.gui.compare_pane import ComparePane
from ckpt_studio.gui.panels import Panels

Side: TypeAlias = Literal["comparison", "tabs"]

# Lines of text that the tabs keep when a comparison takes its room.
_LEAST_LINES = 9
# A heading, the buttons and a few rows of a table, or a picture.
_LINES_OF_ROOM = 21
# Until a pressed mouse button is let go: what it is on must not slip away below it.
_HELD_MS = 40


class SharedRoom(QObject):
    """Moves the splitter between the comparison and the tabs when somebody clicks into one of them.

    The tabs take room at a click into them, and give it back at a click into the comparison. Where there is too little
    for both, the comparison is folded meanwhile: to its model and the verdict. A click on a row of the comparison moves
    nothing: it is how one tensor after the other is looked at below.
    """

    def __init__(self, splitter: QSplitter, compare: ComparePane, panels: Panels) -> None:
        super().__init__(splitter)
        self._splitter, self._compare, self._panels = splitter, compare, panels
        # Before the tabs took their room.
        self._before: list[int] | None = None
        self._wanted: Side | None = None
        self._held = QTimer(self)
        self._held.setInterval(_HELD_MS)
        self._held.timeout.connect(self._on_held)
        self._keep_least()
        panels.room_wanted.connect(self.give_tabs)
        panels.tabBarClicked.connect(lambda _: self._give_soon("tabs"))
        panels.room_button.clicked.connect(self.toggle)
        panels.installEventFilter(self)
        compare.room_wanted.connect(self._on_compared)
        compare.document.model_changed.connect(self.give_comparison)
        compare.installEventFilter(self)
        splitter.splitterMoved.connect(self._on_dragged)
        # Buttons that a click does not focus.
        for button in (*compare.chips.chips.values(), compare.notes_button):
            button.clicked.connect(lambda: self._give_soon("comparison"))
        app = QApplication.instance()
        if isinstance(app, QApplication):
            app.focusChanged.connect(self._on_focus_changed)
        self._show()

    @property
    def tabs_are_large(self) -> bool:
        """Whether the tabs have room that the comparison gets back."""
        return self._before is not None

    @property
    def least_panel(self) -> int:
        """Pixels that the tabs keep when a comparison takes its room."""
        return _LEAST_LINES * self._panels.fontMetrics().lineSpacing()

    def _keep_least(self) -> None:
        self._panels.setMinimumHeight(self.least_panel)

    def give_tabs(self) -> None:
        """Gives the tabs what a few rows of a table need, if they have less."""
        wanted = _LINES_OF_ROOM * self._panels.fontMetrics().lineSpacing()
        sizes = self._splitter.sizes()
        if sizes[1] >= wanted:
            return
        if self._before is None:
            self._before = sizes
        room = sum(sizes)
        if room - wanted < self._compare.height_of_all:
            self._compare.fold(True)
            wanted = max(wanted, room - self._compare.minimumSizeHint().height())
        self._splitter.setSizes([max(room - wanted, 0), wanted])
        self._show()

    def give_comparison(self) -> None:
        """Gives the comparison back what the tabs took."""
        before, self._before = self._before, None
        if self._compare.is_folded:
            self._compare.fold(False)
        if before is not None:
            self._splitter.setSizes(before)
        self._show()

    def toggle(self) -> None:
        """Gives the room to the one that has it not."""
        if self.tabs_are_large:
            self.give_comparison()
        else:
            self.give_tabs()

    def _give_soon(self, side: Side) -> None:
        self._wanted = side
        self._held.start()

    def _on_held(self) -> None:
        if QGuiApplication.mouseButtons() or QApplication.activePopupWidget() is not None:
            return
        self._held.stop()
        if self._wanted == "tabs":
            self.give_tabs()
        else:
            self.give_comparison()

    def _on_focus_changed(self, before: QWidget | None, now: QWidget | None) -> None:
        side = self._side_of(now) if now is not None else None
        if now is None or side is None or now is self._compare.table:
            return
        if isinstance(now, QPushButton) and now.menu() is not None:
            return
        # A second click there moves no focus.
        now.installEventFilter(self)
        if isinstance(now, QAbstractScrollArea):
            now.viewport().installEventFilter(self)
        # Keys, and Qt itself where what had the focus is hidden, move the focus too: nothing jumps for that.
        if QGuiApplication.mouseButtons():
            self._give_soon(side)

    def _side_of(self, widget: QWidget) -> Side | None:
        if widget is self._panels or self._panels.isAncestorOf(widget):
            return "tabs"
        if widget is self._compare or self._compare.isAncestorOf(widget):
            return "comparison"
        return None

    def _on_compared(self, height: int) -> None:
        """Gives the report about another model its height, as far as the tabs can spare it."""
        above, below = self._splitter.sizes()
        more = min(height - above, max(below - self.least_panel, 0))
        if more > 0:
            self._splitter.setSizes([above + more, below - more])
        self._show()

    def _on_dragged(self) -> None:
        # Dragged down, a folded comparison would be an empty box.
        self._compare.fold(False)
        self._before = None
        self._show()

    def _show(self) -> None:
        self._panels.show_room(self.tabs_are_large)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if watched is self._panels and event.type() == QEvent.Type.FontChange:
            self._keep_least()
        # Presses that nothing in there takes arrive here, too.
        if event.type() == QEvent.Type.MouseButtonPress and isinstance(watched, QWidget):
            side = self._side_of(watched)
            if side is not None:
                self._give_soon(side)
        return super().eventFilter(watched, event)
