"""The guided tour: ten stations on the sample, each beside the part of the window that it is about.

Nothing is blocked: what a station suggests is done with the real buttons, by mouse or by keys, or not at all.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QKeySequence
from PySide6.QtWidgets import QAbstractItemView, QApplication, QLineEdit, QWidget

from ckpt_studio.gui.callout import Callout
from ckpt_studio.resources import resource_path

if TYPE_CHECKING:
    from ckpt_studio.gui.document_page import DocumentPage
    from ckpt_studio.gui.main_window import MainWindow

_PREFIX = "module."
_TENSOR = "layer1.0.conv1.weight"
_SEARCHED = "conv2"


def _nothing() -> None:
    """What a station does that needs no preparing and leaves nothing behind."""


@dataclass(frozen=True)
class Station:
    """One stop.

    Attributes:
        title, text: what the bubble says.
        target: the part of the window it is about; None for the end.
        task, praise: what to try, and what is said once it was done; "" for a station to read.
        is_done: whether it was done.
        show: does it for the user.
        enter, leave: before and after the station.
        first, is_ready: what to do before that, and whether it was done: whoever only reads on has skipped it.
    """

    title: str
    text: str
    target: Callable[[], QWidget | None]
    task: str = ""
    praise: str = ""
    is_done: Callable[[], bool] = lambda: False
    show: Callable[[], None] | None = None
    enter: Callable[[], None] = _nothing
    leave: Callable[[], None] = _nothing
    first: str = ""
    is_ready: Callable[[], bool] = lambda: True


class Tour(QObject):
    """Leads through one document's page; belongs to the window.

    Signals:
        ended(): it was finished or given up; the tour deletes itself.
    """

    ended = Signal()

    def __init__(self, window: MainWindow, page: DocumentPage) -> None:
        super().__init__(window)
        self._window = window
        self.page = page
        self.place = -1
        self.callout = Callout(window)
        self.callout.next_wanted.connect(self.go_on)
        self.callout.back_wanted.connect(lambda: self.go_to(self.place - 1))
        self.callout.end_wanted.connect(self.end)
        self.stations = self._stations()
        self._praised = False
        # For what comes before the station's task.
        self._waits = False
        self._changes = 0
        page.situation_changed.connect(self._look)
        page.filtered.connect(self._look)
        page.document.report_changed.connect(self._look)

    @property
    def station(self) -> Station:
        """Where the tour is."""
        return self.stations[self.place]

    def start(self) -> None:
        """Shows the first station."""
        self.go_to(0)

    def go_on(self) -> None:
        """To the next station; after the last one the tour ends."""
        if self.place == len(self.stations) - 1:
            self.end()
        else:
            self.go_to(self.place + 1)

    def go_to(self, place: int) -> None:
        """Shows a station."""
        if self.place >= 0:
            self.station.leave()
        self.place = place
        self._praised = False
        station, last = self.station, len(self.stations) - 1
        # What the station points at may be folded away.
        self.page.room.give_comparison()
        station.enter()
        self._waits = not station.is_ready()
        self.callout.set_task(station.first if self._waits else station.task, False)
        extra: list[tuple[str, Callable[[], None]]] = []
        if station.show is not None:
            extra.append((self.tr("&Show me"), station.show))
        elif place == last:
            extra += [
                (self.tr("&Open a file…"), lambda: self._finish_with("open")),
                (self.tr("User &guide"), lambda: self._finish_with("guide")),
            ]
        where = self.tr("{number} of {count}").format(number=place + 1, count=last + 1)
        self.callout.back_button.setVisible(place > 0)
        self.callout.next_button.setText(self.tr("Fi&nish") if place == last else self.tr("&Next"))
        self.callout.say(station.title, station.text, where, station.target(), extra)
        self.callout.next_button.setFocus()
        self._look()

    def show_for(self, page: DocumentPage | None) -> None:
        """Shows the tour while its file is in front, and hides it behind another one."""
        visible = page is self.page
        self.callout.setVisible(visible)
        self.callout.settle()

    def end(self) -> None:
        """Ends the tour; what was done to the sample stays until it is closed."""
        if self.place >= 0:
            self.station.leave()
            self.place = -1
        self.callout.hide()
        self.callout.spotlight.hide()
        self.callout.spotlight.deleteLater()
        self.callout.deleteLater()
        self.page.tree.setFocus()
        self.ended.emit()
        self.deleteLater()

    def _finish_with(self, action: str) -> None:
        self.end()
        self._window.actions_[action].trigger()

    def _look(self, *_: object) -> None:
        if self.place < 0 or self._praised or not self.station.task:
            return
        if self._waits and self.station.is_ready():
            self._waits = False
            self.callout.set_task(self.station.task, False)
        if not self.station.is_done():
            return
        self._praised = True
        # What one pressed may be gone now.
        self.callout.point_at(self.station.target())
        self.callout.set_task(self.station.praise, True)
        # What was pressed took the focus, and Enter goes on. Who types or walks through rows goes on with that.
        if not isinstance(QApplication.focusWidget(), (QLineEdit, QAbstractItemView)):
            self.callout.next_button.setFocus()

    # What the stations do

    def _select_tensor(self) -> None:
        names = self.page.document.state_dict.entries if self.page.document.state_dict is not None else ()
        self.page.tree.go_to(next((name for name in names if name.endswith(_TENSOR)), ""))

    def _has_tensor(self) -> bool:
        node = self.page.tree.current_node
        return node is not None and node.kind == "tensor"

    def _show_inspector(self) -> None:
        if not self._has_tensor():
            self._select_tensor()
        self.page.panels.setCurrentWidget(self.page.panels.inspector)

    def _search(self) -> None:
        self._window.filter_box.search(_SEARCHED)

    def _search_nothing(self) -> None:
        self._window.filter_box.search("")

    def _is_stripped(self) -> bool:
        state_dict = self.page.document.state_dict
        return state_dict is not None and not any(name.startswith(_PREFIX) for name in state_dict.entries)

    def _has_verdict(self) -> bool:
        # Compared with a model that hardly fits, it is not done yet: the pane says so and offers the right one.
        document = self.page.document
        report = document.report
        if document.resolved is None or report is None or document.is_comparing:
            return False
        return 2 * len(report.matched) >= len(document.resolved.skeleton.entries)

    def _is_green(self) -> bool:
        document = self.page.document
        return not document.is_comparing and document.report is not None and document.report.loads_strict

    def _repair_next(self) -> None:
        """Presses what the comparison offers first; what asks something is answered by the user."""
        compare = self.page.compare
        if self.page.document.resolved is None:
            compare.choose_from(str(resource_path("sample_model.py")))
        elif compare.suggestions.buttons and not self.page.document.is_comparing:
            compare.suggestions.buttons[0].click()

    def _show_history(self) -> None:
        if not self.page.document.history.index and self.page.header.strip_button.isVisible():
            # Whoever only reads on has made no change yet that could be taken back.
            self.page.header.strip_button.click()
        self._changes = self.page.document.history.index
        self.page.panels.setCurrentWidget(self.page.history)

    def _redo(self) -> None:
        # Whoever tried undo goes on with the names put right.
        if self.page.document.history.index < self._changes:
            self.page.document.go_to(self._changes)

    def _stations(self) -> tuple[Station, ...]:
        page, window = self.page, self._window
        undo, redo = (_keys(QKeySequence.StandardKey.Undo), _keys(QKeySequence.StandardKey.Redo))
        return (
            Station(
                self.tr("What this file is"),
                self.tr(
                    "A checkpoint is what training leaves behind: the numbers that a network has learnt. These lines"
                    " say how many there are and of what kind, what else is in the file, and whether it is safe and"
                    " healthy. No code in it was run to find that out."
                ),
                lambda: page.header,
            ),
            Station(
                self.tr("What is inside"),
                self.tr(
                    "Each array of learnt numbers is a tensor and has a name. Names are grouped at their dots, like"
                    " folders. The grey lines below, such as epoch, are notes of the training."
                ),
                lambda: page.tree,
                self.tr("Try it: open “layer1” and select a tensor. → and ← open and close groups."),
                self.tr("That is a tensor. Its shape says how many numbers it has along each axis."),
                self._has_tensor,
                self._select_tensor,
            ),
            Station(
                self.tr("A look into a tensor"),
                self.tr(
                    "Here is what the selected tensor holds: its facts, how its values are spread, a picture of them"
                    " and the numbers themselves. The tabs beside it show changes, checks and sizes."
                ),
                lambda: page.panels,
                enter=self._show_inspector,
            ),
            Station(
                self.tr("Find any name"),
                self.tr(
                    "Type a part of a name, and only what fits stays in the tree. You can ask for shapes and sizes"
                    " too: shape:[*,3,3,3] or size:>100kB."
                ),
                lambda: window.filter_box,
                self.tr("Try it: type “{text}” here.").format(text=_SEARCHED),
                self.tr("Only the names with that text are left. Esc in the field shows all again."),
                lambda: bool(page.filter),
                self._search,
                leave=self._search_nothing,
            ),
            Station(
                self.tr("Put the names right"),
                self.tr(
                    "This network was trained on several graphics cards, which put “{prefix}” before every name. A"
                    " model would not know a single one of them."
                ).format(prefix=_PREFIX),
                lambda: page.header.strip_button if page.header.strip_button.isVisible() else page.header,
                self.tr("Try it: press the blue button, or Strip prefix in the tools above."),
                self.tr("Done: all names begin where the model's begin."),
                self._is_stripped,
                page.header.strip_button.click,
            ),
            Station(
                self.tr("Nothing can go wrong"),
                self.tr(
                    "Every change is listed here and can be taken back, one by one. The file on the disk stays as it"
                    " is: changes go into a new file when you export."
                ),
                lambda: page.panels,
                self.tr("Try it: {undo} takes the change back, {redo} makes it again.").format(undo=undo, redo=redo),
                self.tr("It is taken back. A click on a line of the list goes to any state."),
                lambda: page.document.history.index != self._changes,
                page.document.undo,
                self._show_history,
                self._redo,
            ),
            Station(
                self.tr("Will it load?"),
                self.tr(
                    "Choose the model that is to load the file. Then each name says whether it is matched, missing,"
                    " unexpected or of another size, and offers what would help."
                ),
                lambda: page.compare,
                self.tr("Try it: choose any model. The sample's own is sample_model.py, which lies beside it."),
                self.tr("There is the verdict, with a suggestion for what does not fit yet."),
                self._has_verdict,
                lambda: page.compare.choose_from(str(resource_path("sample_model.py"))),
            ),
            Station(
                self.tr("Make it fit"),
                self.tr(
                    "What does not fit can be repaired here: names are matched, a head of another size is cut or grown,"
                    " what is missing is filled. Each change is in the history."
                ),
                lambda: page.compare,
                self.tr("Try it: press what is offered, one after the other, until the verdict is green."),
                self.tr("Green: PyTorch would load it, every name and every shape matches."),
                self._is_green,
                self._repair_next,
                first=self.tr("First a model is to be chosen, as in the step before: “Show me” does it."),
                is_ready=lambda: page.document.report is not None,
            ),
            Station(
                self.tr("Hand it on"),
                self.tr(
                    "Export writes the result to a new file, reads it back to be sure, and only then puts it in its"
                    " place. Half the size, weights only, .safetensors: the dialog asks for all that."
                ),
                lambda: window.tool_bar.widgetForAction(window.actions_["export"]),
            ),
            Station(
                self.tr("That was the tour"),
                self.tr(
                    "What next? Open a file of your own, or drop it onto this window. F1 opens the guide, Shift+F1"
                    " shows all keys, and every button tells what it does when the pointer rests on it."
                ),
                lambda: None,
            ),
        )


def _keys(key: QKeySequence.StandardKey) -> str:
    return QKeySequence(key).toString(QKeySequence.SequenceFormat.NativeText)
