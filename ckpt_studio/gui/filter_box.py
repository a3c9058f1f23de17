"""The field that filters names, with its small menu of ways to read the text."""

from __future__ import annotations

from typing import get_args

from PySide6.QtCore import QSize, QStringListModel, Qt, QTimer, Signal
from PySide6.QtGui import QAction, QActionGroup, QFocusEvent, QKeyEvent
from PySide6.QtWidgets import QCompleter, QHBoxLayout, QLabel, QLineEdit, QMenu, QToolButton, QWidget

from ckpt_studio.gui.fields import make_clearable
from ckpt_studio.gui.figures import exact_text
from ckpt_studio.gui.filter_terms import offers
from ckpt_studio.gui.name_filter import FilterMode, NameFilter
from ckpt_studio.gui.settings import settings, text_setting
from ckpt_studio.gui.theme import icon

# Shorter than a pause between two keys of a quick typist, long enough to leave out what was typed through.
_PAUSE_MS = 25
_MOST_BEFORE = 20
# The list of completions takes the focus only for a moment.
_COMPLETING = Qt.FocusReason.PopupFocusReason


def searches() -> list[str]:
    """What was searched for, the latest first."""
    value = settings().value("filter/history", [])
    texts = [value] if isinstance(value, str) else list(value) if isinstance(value, list | tuple) else []
    return [text for text in texts if isinstance(text, str) and text]


class FilterBox(QWidget):
    """Filters while one types.

    Signals:
        filter_changed(NameFilter): another text or way to read it.
        left(): Return or the down arrow: the focus is to go to the tree.
    """

    filter_changed = Signal(object)
    left = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.field = QLineEdit()
        self.field.setObjectName("filterField")
        self.field.setAccessibleName(self.tr("Filter names"))
        make_clearable(self.field)
        self.field.setMinimumWidth(170)
        # A file dropped here is to be opened, not to be typed.
        self.field.setAcceptDrops(False)
        self.field.installEventFilter(self)
        self._search = QAction(self.tr("Filter names"), self)
        self.field.addAction(self._search, QLineEdit.ActionPosition.LeadingPosition)
        self.mode_button = QToolButton()
        self.mode_button.setAutoRaise(True)
        self.mode_button.setAccessibleName(self.tr("How the filter reads the text"))
        self.mode_button.setToolTip(self.tr("How the text is read"))
        self.mode_button.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self.mode_button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.count = QLabel()
        self.count.setProperty("muted", True)
        self.count.setAccessibleName(self.tr("Names found"))
        menu = QMenu(self.mode_button)
        group = QActionGroup(menu)
        self._modes: dict[FilterMode, QAction] = {}
        modes: tuple[tuple[FilterMode, str, str], ...] = (
            (
                "text",
                self.tr("Contains the text"),
                self.tr("“conv” finds every name with “conv” in it; “layer1 conv” those with both"),
            ),
            ("glob", self.tr("Wildcards  * ?"), self.tr("“layer*.weight”: * stands for any letters, ? for one")),
            ("regex", self.tr("Regular expression"), self.tr("Python's patterns, for example “layer[12]\\.”")),
        )
        for mode, text, tip in modes:
            action = menu.addAction(text)
            action.setToolTip(tip)
            action.setCheckable(True)
            action.setData(mode)
            group.addAction(action)
            self._modes[mode] = action
        menu.setToolTipsVisible(True)
        group.triggered.connect(self._on_mode_chosen)
        self._before = menu.addSeparator()
        self._before.setText(self.tr("Searched before"))
        self._before_actions: list[QAction] = []
        menu.aboutToShow.connect(self._fill_before)
        self.mode_button.setMenu(menu)
        self._pause = QTimer(self)
        self._pause.setSingleShot(True)
        self._pause.setInterval(_PAUSE_MS)
        self._pause.timeout.connect(self._tell)
        self._offers = QStringListModel(self)
        self.completer = QCompleter(self._offers, self)
        self.completer.setCaseSensitivity(Qt.CaseSensitivity.CaseInsensitive)
        self.completer.activated.connect(self._pause.start)
        self.field.setCompleter(self.completer)
        self.field.textEdited.connect(self._on_text_edited)
        self.field.textChanged.connect(self._on_text_changed)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(4)
        layout.addWidget(self.count)
        layout.addWidget(self.field, 1)
        layout.addWidget(self.mode_button)
        remembered = text_setting("filter/mode", "text")
        self._mode: FilterMode = next((mode for mode in get_args(FilterMode) if mode == remembered), "text")
        self._told = NameFilter()
        self._place = -1
        self.field.setToolTip(self._tip())
        self._show_mode()
        self.restyle()

    @property
    def filter(self) -> NameFilter:
        """What the field says now."""
        return NameFilter(self.field.text(), self._mode)

    def show_filter(self, shown: NameFilter) -> None:
        """Shows the filter of another tab, without telling it back."""
        self._pause.stop()
        self._told = shown
        self._mode = shown.mode if shown else self._mode
        self.field.setText(shown.text)
        self.say_found(None)
        self._show_mode()

    def say_found(self, found: int | None, total: int = 0) -> None:
        """How many names the filter found; None for nothing to say."""
        self.count.setText(
            self.tr("{found} of {total}").format(found=exact_text(found), total=exact_text(total))
            if found is not None and self.field.text()
            else ""
        )

    def restyle(self) -> None:
        """Takes the icon of the present theme."""
        self._search.setIcon(icon("search"))

    def _show_mode(self) -> None:
        self._modes[self._mode].setChecked(True)
        signs: dict[FilterMode, str] = {"text": "abc ▾", "glob": "* ? ▾", "regex": ".* ▾"}
        self.mode_button.setText(signs[self._mode])
        hints: dict[FilterMode, str] = {
            "text": self.tr("Filter names"),
            "glob": self.tr("Filter, for example layer*.weight"),
            "regex": self.tr("Filter by regular expression"),
        }
        self.field.setPlaceholderText(hints[self._mode])

    def _on_mode_chosen(self, action: QAction) -> None:
        self._mode = action.data()
        settings().setValue("filter/mode", self._mode)
        self._show_mode()
        self._tell()
        self.field.setFocus()

    def _on_text_changed(self, text: str) -> None:
        if not text:
            self._pause.stop()
            self._tell()

    def _tell(self) -> None:
        wanted = self.filter
        problem = wanted.problem() if wanted else ""
        tips = {
            "": self._tip(),
            "invalid": self.tr("This is no complete regular expression (yet)."),
            "slow": self.tr("This expression might run without end; make it simpler."),
            "term": self.tr("Shapes look like [*,3,7,7], sizes like >10MB."),
        }
        self.field.setProperty("wrong", bool(problem))
        self.field.setToolTip(tips[problem])
        self.field.style().unpolish(self.field)
        self.field.style().polish(self.field)
        if problem:
            self.count.setText(self.tr("too complicated") if problem == "slow" else self.tr("incomplete"))
            return
        if wanted != self._told:
            self._told = wanted
            if not wanted:
                self.say_found(None)
            self.filter_changed.emit(wanted)

    def _tip(self) -> str:
        return self.tr(
            "<p>Words are looked for in the names. These find more:</p>"
            "<p><b>dtype:float16</b> &nbsp; the number type<br>"
            "<b>shape:[*,3,7,7]</b> &nbsp; * is any size, ... any number of axes<br>"
            "<b>device:cuda</b> &nbsp; where the tensor was when it was saved<br>"
            "<b>size:&gt;10MB</b> &nbsp; larger or smaller (&lt;) than<br>"
            "<b>status:unexpected</b> &nbsp; how it compares with the model<br>"
            "<b>health:nan</b> &nbsp; what a check of the values found; bad and good, too</p>"
            "<p>Several together must all hold. The up arrow brings back what was searched before.</p>"
        )

    def _on_text_edited(self, text: str) -> None:
        self._place = -1
        self._offers.setStringList(offers(text))
        self._pause.start()

    def _remember(self) -> None:
        text = self.field.text().strip()
        if text and not self.filter.problem():
            before = [text, *(other for other in searches() if other != text)]
            settings().setValue("filter/history", before[:_MOST_BEFORE])
        self._place = -1

    def _recall(self, step: int) -> bool:
        """Shows an earlier search (step 1) or a later one (-1); False when there is none."""
        before = searches()
        place = self._place + step
        if not -1 <= place < len(before):
            return False
        self._place = place
        self.field.setText(before[place] if place >= 0 else "")
        self._tell()
        return True

    def _fill_before(self) -> None:
        menu = self.mode_button.menu()
        for action in self._before_actions:
            menu.removeAction(action)
        self._before_actions = [menu.addAction(text.replace("&", "&&")) for text in searches()[:8]]
        self._before.setVisible(bool(self._before_actions))
        for action, text in zip(self._before_actions, searches(), strict=False):
            action.triggered.connect(lambda _=False, text=text: self._search_again(text))

    def search(self, text: str) -> None:
        """Filters by a text; "" shows everything again."""
        self.field.setText(text)
        self._tell()

    def _search_again(self, text: str) -> None:
        self.search(text)
        self.field.setFocus()

    def eventFilter(self, watched: object, event: object) -> bool:
        if isinstance(event, QKeyEvent) and event.type() == QKeyEvent.Type.KeyPress:
            if event.key() == Qt.Key.Key_Escape and self.field.text():
                self.field.clear()
                return True
            if event.key() == Qt.Key.Key_Up:
                return self._recall(1)
            if event.key() == Qt.Key.Key_Down and self._place >= 0:
                return self._recall(-1)
            if event.key() in (Qt.Key.Key_Down, Qt.Key.Key_Return, Qt.Key.Key_Enter):
                self._remember()
                self._pause.stop()
                self._tell()
                self.left.emit()
                return True
        if isinstance(event, QFocusEvent) and event.lostFocus() and event.reason() != _COMPLETING:
            self._remember()
        return False

    def sizeHint(self) -> QSize:
        return QSize(330, super().sizeHint().height())
