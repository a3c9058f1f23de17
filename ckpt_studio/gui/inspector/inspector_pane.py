"""What the selected tensors are: facts and statistics at the left, a view of the values at the right."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import QPoint, Qt, QTimer, Signal
from PySide6.QtGui import QAction, QActionGroup, QGuiApplication, QImage, QResizeEvent, QShowEvent
from PySide6.QtWidgets import (
    QComboBox,
    QHBoxLayout,
    QLabel,
    QMenu,
    QPlainTextEdit,
    QProgressBar,
    QPushButton,
    QSizePolicy,
    QSplitter,
    QStackedWidget,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from ckpt_studio.compare.difference import Difference, difference
from ckpt_studio.core.checkpoint import StateDict
from ckpt_studio.core.jobs import Progress, Step, gradually
from ckpt_studio.core.nonfinite import index_at, next_nonfinite
from ckpt_studio.core.numbers import delta
from ckpt_studio.core.statistics import Statistics
from ckpt_studio.core.storage import AbsentBytes
from ckpt_studio.core.tensor import Tensor
from ckpt_studio.errors import StudioError
from ckpt_studio.gui.dialogs.ask_dialog import Banner, muted
from ckpt_studio.gui.document import Document
from ckpt_studio.gui.elided_label import ElidedLabel
from ckpt_studio.gui.figures import exact_text
from ckpt_studio.gui.inspector.contents import Content, Described, described
from ckpt_studio.gui.inspector.facts import (
    Fact,
    FactsModel,
    arranged,
    difference_facts,
    pair_facts,
    short_names,
    statistics_facts,
    summed_facts,
    tensor_facts,
)
from ckpt_studio.gui.inspector.facts_view import FactsView
from ckpt_studio.gui.inspector.flow_layout import FlowLayout
from ckpt_studio.gui.inspector.measuring import (
    NONE_CHOSEN,
    Chosen,
    Measurements,
    Subject,
    Ties,
    measured,
    ties_of,
)
from ckpt_studio.gui.inspector.reading import readable
from ckpt_studio.gui.inspector.value_saver import ValueSaver, WorkRow
from ckpt_studio.gui.inspector.viewers import (
    VIEWERS,
    Viewer,
    integers,
    part_names,
    shown_part,
    stored_part,
    viewers_for,
)
from ckpt_studio.gui.inspector.views import CurvePage, HistogramPage, TablePage, ValueView
from ckpt_studio.gui.tasks import Task, run_task
from ckpt_studio.gui.text_size import embolden, fixed_font
from ckpt_studio.gui.tree_nodes import natural_key
from ckpt_studio.gui.wording import worded_error

# More tensors than this are listed and added up in a task.
_MANY = 300
# In larger state dicts what concerns all names is worked out in a task.
_LARGE = 20_000
# A selection that moves on sooner is only passed by: nothing is read for it.
_REST_MS = 120
# A text this short says as much among the facts.
_SHORT_TEXT = 60


@dataclass(frozen=True)
class Offer:
    """One button above the values: `id` is unique among those offered."""

    id: str
    title: str
    tip: str
    viewer: Viewer
    is_difference: bool = False


class InspectorPane(QWidget):
    """Follows the selection of one document.

    Args:
        document: whose selection is shown.
        elsewhere: the selected tensors that are not in the active state dict (optimizer, other state dicts).
        content: the selected row when it is no tensor (epoch, settings, optimizer, metadata).
        heading: what the selection is called when it is one group; "" otherwise.

    Signals:
        several_wanted(): the selected tensors are to be saved together.
        view_chosen(): somebody picked how the values are shown.
    """

    several_wanted = Signal()
    view_chosen = Signal()

    def __init__(
        self,
        document: Document,
        elsewhere: Callable[[], Chosen] = lambda: NONE_CHOSEN,
        content: Callable[[], Content | None] = lambda: None,
        heading: Callable[[], str] = lambda: "",
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.document = document
        self.subjects: list[Subject] = []
        # Two tensors are compared; a group that happens to hold two has its sums, as any group.
        self.is_pair = False
        self.chosen = NONE_CHOSEN
        self._elsewhere, self._content, self._heading = elsewhere, content, heading
        self._measurements = Measurements()
        self._difference: Difference | None = None
        self._delta: Tensor | None = None
        self._place: tuple[int, ...] | None = None
        self._ties: tuple[StateDict | None, Ties] = (None, {})
        self._task: Task | None = None
        # Looks for the next value that is no number.
        self._search: Task | None = None
        self._views: dict[str, ValueView] = {}
        self._offers: list[Offer] = []
        self._shown: Offer | None = None
        # What was chosen by hand for one tensor, and for two; "" for nothing.
        self.preferred = {1: "", 2: ""}
        self._key: object = None
        self._kept_alive: object = None
        # The splitter's sizes for one tensor, for two, and for what is no tensor (0), and which of them holds.
        self._room = {0: [320, 310], 1: [215, 405], 2: [340, 290]}
        self._room_of = 1
        self._rest = QTimer(self)
        self._rest.setSingleShot(True)
        self._rest.setInterval(_REST_MS)
        self._rest.timeout.connect(self._on_rested)
        self._build()
        document.selection.names_changed.connect(self.refresh)
        document.changed.connect(self.refresh)
        self._show_nothing()

    def _build(self) -> None:
        self.title = ElidedLabel(Qt.TextElideMode.ElideMiddle)
        embolden(self.title)
        self.parts = QComboBox()
        self.parts.setAccessibleName(self.tr("Part of the tensor"))
        self.parts.setToolTip(self.tr("The tensor is made of several blocks of numbers; choose which one to look at"))
        self.parts.activated.connect(self._on_part_chosen)
        self.save_button = QPushButton(self.tr("Copy or save"))
        self.save_button.setToolTip(self.tr("Copies or writes the values of this tensor"))
        self.save_button.setMenu(self._menu())
        top = QHBoxLayout()
        top.setContentsMargins(10, 6, 10, 4)
        top.addWidget(self.title, 1)
        top.addWidget(self.parts)
        top.addWidget(self.save_button)
        self.explanation = muted(QLabel())
        self.explanation.setTextFormat(Qt.TextFormat.PlainText)
        self.explanation.setContentsMargins(10, 0, 10, 6)
        self.explanation.hide()
        self.message = Banner()
        self.message.hide()
        self.model = FactsModel(self)
        self.facts = FactsView(self.model)
        self.bar = QProgressBar()
        self.bar.setTextVisible(False)
        self.bar.setAccessibleName(self.tr("Progress of reading the values"))
        self.bar.hide()
        left = QWidget()
        column = QVBoxLayout(left)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.facts, 1)
        column.addWidget(self.bar)
        self.tools = _Bar()
        self.tools.setObjectName("viewBar")
        self.tools.setAccessibleName(self.tr("Show the values as"))
        self._buttons = FlowLayout(self.tools, gap=3)
        self._buttons.setContentsMargins(8, 5, 8, 5)
        self._choices = QActionGroup(self)
        self._choices.triggered.connect(self._on_chosen)
        self.stack = QStackedWidget()
        # In a low pane it is cut, rather than the buttons above it.
        self.stack.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Ignored)
        self.text_page = QPlainTextEdit()
        self.text_page.setReadOnly(True)
        self.text_page.setLineWrapMode(QPlainTextEdit.LineWrapMode.NoWrap)
        self.text_page.setFont(fixed_font())
        self.text_page.setAccessibleName(self.tr("Content"))
        self.stack.addWidget(self.text_page)
        self.right = QWidget()
        column = QVBoxLayout(self.right)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.tools)
        column.addWidget(self.stack, 1)
        self.splitter = QSplitter(Qt.Orientation.Horizontal)
        self.splitter.setHandleWidth(1)
        self.splitter.setChildrenCollapsible(False)
        self.splitter.addWidget(left)
        self.splitter.addWidget(self.right)
        self.splitter.setStretchFactor(0, 2)
        self.splitter.setStretchFactor(1, 3)
        self.splitter.setSizes(self._room[1])
        self.empty = QLabel(
            self.tr(
                "Select a tensor in the tree to see its numbers.\nSelect two to compare them, or a group for its sums."
            )
        )
        self.empty.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.empty.setWordWrap(True)
        self.empty.setProperty("muted", True)
        self.empty.setMargin(20)
        self.work = WorkRow()
        self.saver = ValueSaver(self.work, self)
        self.saver.said.connect(self.message.say)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addLayout(top)
        layout.addWidget(self.explanation)
        told = QHBoxLayout()
        told.setContentsMargins(10, 0, 10, 6)
        told.addWidget(self.message)
        layout.addLayout(told)
        layout.addWidget(self.splitter, 1)
        layout.addWidget(self.empty, 1)
        layout.addWidget(self.work)

    def _menu(self) -> QMenu:
        menu = QMenu(self)

        def action(text: str, does: Callable[[], object]) -> QAction:
            made = QAction(text, self)
            made.triggered.connect(lambda: does())
            menu.addAction(made)
            return made

        self.copy_facts_action = action(self.tr("Copy &facts"), self._copy_facts)
        self.copy_values_action = action(self.tr("&Copy values"), self.copy_values)
        self.copy_picture_action = action(self.tr("Copy &picture"), lambda: self.saver.copy_picture(self._picture()))
        menu.addSeparator()
        self.npy_action = action(self.tr("Save values as .&npy…"), lambda: self._ask_target("npy"))
        self.csv_action = action(self.tr("Save values as .c&sv…"), lambda: self._ask_target("csv"))
        self.png_action = action(self.tr("Save picture as .pn&g…"), lambda: self._ask_target("png"))
        menu.addSeparator()
        self.several_action = action(self.tr("Save &tensors together…"), self.several_wanted.emit)
        # The same by a right click on the facts or the view.
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.customContextMenuRequested.connect(self._on_menu_wanted)
        return menu

    def _on_menu_wanted(self, place: QPoint) -> None:
        if self.save_button.isVisible():
            self.save_button.menu().popup(self.mapToGlobal(place))

    @property
    def view(self) -> ValueView | None:
        """The view that is shown."""
        return self._views.get(self._shown.viewer.id) if self._shown is not None else None

    @property
    def is_measuring(self) -> bool:
        """Whether numbers are still to come."""
        return self._task is not None or self._rest.isActive()

    def refresh(self, *_: object) -> None:
        """Looks at the selection again; while the pane is hidden it does nothing."""
        if not self.isVisible():
            return
        names, state_dict = self.document.selection.names, self.document.state_dict
        others = self._elsewhere()

        def listed() -> list[Subject]:
            return [*_listed(names, state_dict), *others.listed()]

        # The set of names is the same object as long as nothing else is selected.
        is_pair = len(names) + others.count == 2 and not self._heading()
        chosen = Chosen(len(names) + others.count, (id(names), id(state_dict), others.key, is_pair), listed)
        content = self._content()
        key = content.identity if content is not None else chosen.key
        if key == self._key:
            # A renamed group is the same selection under another name.
            if content is None and chosen.count > 1:
                self.title.say(self._title_of(len(self.subjects) or chosen.count))
            return
        self.chosen = chosen
        self._key, self._kept_alive = key, (names, state_dict, content)
        if content is not None:
            self._show_content(content)
            return
        if chosen.count > _MANY:
            self._show_many(chosen)
            return
        subjects = listed()
        before = ([(subject.name, id(subject.tensor)) for subject in self.subjects], self.is_pair)
        if ([(subject.name, id(subject.tensor)) for subject in subjects], is_pair) != before or not subjects:
            self.is_pair = is_pair
            self._show(subjects)

    def stop(self) -> None:
        """Drops what is being read for the present selection."""
        self._rest.stop()
        for task in (self._task, self._search):
            if task is not None:
                task.cancel()
        self._task = self._search = None
        for view in self._views.values():
            view.stop()
        self.bar.hide()

    def show_value(self, index: Sequence[int]) -> None:
        """Shows one value of the tensor in the table, with the cursor on it; the next tensor is shown as before."""
        if any(offer.id == "table" for offer in self._offers):
            self._place = tuple(index)
            self._show_offer_of("table")
            if isinstance(self.view, TablePage):
                self.view.table.setFocus()

    def show_odd_value(self, step: int) -> None:
        """Shows the next value (step 1) that is NaN or infinite in the table, or the one before (-1), going round."""
        tensor = self._shown_tensor()
        if tensor is None:
            words = self.tr("Select one tensor to look for NaN and infinite values, or check all values first.")
            self.message.say(words, "calm")
            return
        known = self._measured(self.subjects[0])
        if known is not None and known.finite == known.count:
            self._say_all_finite()
            return
        view, is_back = self.view, step < 0
        here = view.place if isinstance(view, TablePage) and not view.is_difference else None
        start = here if here is not None else tensor.numel if is_back else -1
        task = run_task(
            self,
            readable(lambda progress: next_nonfinite(tensor, start, progress, backwards=is_back)),
            label=self.tr("Looking for values"),
        )
        if self._search is not None:
            self._search.cancel()
        self._search = task

        def show(place: int | None) -> None:
            if task is self._search and place is None:
                self._say_all_finite()
            elif task is self._search and place is not None:
                self.message.hide()
                self.show_value(index_at(place, tensor.shape))

        task.succeeded.connect(show)
        task.failed.connect(lambda error: self._on_failed(error) if task is self._search else None)

    def _say_all_finite(self) -> None:
        self.message.say(self.tr("All values of this tensor are finite: there is no NaN and nothing infinite."), "good")

    def choose_view(self, view: str) -> None:
        """Shows the values by the offer of this id from now on, where it is made."""
        self.preferred[2 if self.is_pair else 1] = view
        self._place = None
        self._show_offer_of(view)

    def _show_offer_of(self, view: str) -> None:
        for action in self._choices.actions():
            if action.data() == view:
                action.setChecked(True)
                self._show_offer(next(offer for offer in self._offers if offer.id == view))

    # Showing

    def _show_nothing(self) -> None:
        self.title.say("")
        self.save_button.hide()
        self.parts.hide()
        self.splitter.hide()
        self.explanation.hide()
        self.empty.show()

    def _begin(self, title: str, subjects: list[Subject], *, has_values: bool) -> None:
        """Clears away what another selection left."""
        self.stop()
        self.subjects = subjects
        self._difference = self._delta = self._place = None
        self.message.hide()
        self.explanation.hide()
        self.parts.hide()
        self.empty.hide()
        self.splitter.show()
        self.save_button.show()
        self.title.say(title)
        for action in (self.copy_values_action, self.npy_action, self.csv_action):
            action.setEnabled(has_values)
        self.several_action.setEnabled(self.chosen.count > 0 or self._content() is not None)

    def _show(self, subjects: list[Subject]) -> None:
        if not subjects:
            self.stop()
            self.subjects = []
            self.message.hide()
            self._show_nothing()
            return
        single = subjects[0] if len(subjects) == 1 else None
        title = single.name if single is not None else self._title_of(len(subjects))
        self._begin(title, subjects, has_values=single is not None and shown_part(single.tensor) is not None)
        if single is not None:
            self._show_parts(single.tensor)
            self._explain_values(single.tensor)
        self._offer_views(self._found_offers())
        self._share_room(2 if self.is_pair else 1)
        self._show_facts()
        self._rest.start()

    def _title_of(self, count: int) -> str:
        """What several tensors are called."""
        heading = self._heading()
        if count == 2 and not heading:
            return self.tr("Two tensors")
        text = self.tr("{count} tensors").format(count=exact_text(count))
        return self.tr("{name}: {count}").format(name=heading, count=text) if heading else text

    def _show_many(self, chosen: Chosen) -> None:
        self.is_pair = False
        self._begin(self._title_of(chosen.count), [], has_values=False)
        self._offer_views([])
        self.model.show_facts([], (self.tr("Value"),))
        self._run(
            lambda progress: summed_facts(chosen.listed()),
            lambda facts: self.model.show_facts(facts, (self.tr("Value"),)),
        )

    def _show_content(self, content: Content) -> None:
        self.is_pair = False
        self._begin(content.name or self.tr("Content of the file"), [], has_values=False)
        self._offer_views([])
        self._share_room(0)
        self.text_page.clear()
        self.model.show_facts([], (self.tr("Value"),))
        nbytes = self.document.checkpoint.source.nbytes
        self._run(lambda progress: described(content, nbytes, progress), self._on_described)

    def _on_described(self, found: Described) -> None:
        self.explanation.setText(found.explanation)
        self.explanation.setVisible(bool(found.explanation))
        self.model.show_facts(found.facts, (self.tr("Value"),))
        self.text_page.setPlainText(found.text)
        self.stack.setCurrentWidget(self.text_page)
        self.right.setVisible(len(found.text) > _SHORT_TEXT or "\n" in found.text)

    def _show_parts(self, tensor: Tensor) -> None:
        names = part_names(tensor)
        self.parts.clear()
        self.parts.addItems(names)
        if "values" in names:
            self.parts.setCurrentIndex(names.index("values"))
        self.parts.setVisible(len(names) > 1)

    @property
    def _part(self) -> str:
        return self.parts.currentText() if len(self.subjects) == 1 and self.parts.count() else ""

    def _on_part_chosen(self, *_: object) -> None:
        self.stop()
        self._offer_views(self._found_offers())
        self._show_facts()
        self._rest.start()

    def _explain_values(self, tensor: Tensor) -> None:
        """Says why there is nothing to look at, or what is looked at instead."""
        source = tensor.storage.source
        form = tensor.form
        if isinstance(source, AbsentBytes):
            self.message.say(worded_error(StudioError(source.code, **source.fields)), "calm")
        elif form is not None and form.layout.startswith("sparse"):
            self.explanation.setText(
                self.tr(
                    "A sparse tensor: the file holds only some of its values and where they belong; all others are 0."
                )
            )
        elif form is not None and form.parts:
            self.explanation.setText(
                self.tr("This tensor is made of several blocks of numbers; they are shown one at a time.")
            )
        elif not tensor.numel:
            self.explanation.setText(self.tr("This tensor is empty: one of its axes has the size 0."))
        elif form is not None and form.quantizer is not None:
            self.explanation.setText(
                self.tr("A quantised tensor: integers that stand for real numbers. Shown is what they stand for.")
            )
        elif tensor.dtype.kind == "complex":
            self.explanation.setText(
                self.tr("Complex numbers: pictures and statistics show their magnitudes, the table both parts.")
            )
        else:
            return
        self.explanation.setVisible(not isinstance(source, AbsentBytes))

    def _found_offers(self) -> list[Offer]:
        if len(self.subjects) == 1:
            part = shown_part(self.subjects[0].tensor, self._part)
            return [] if part is None else [Offer(v.id, v.title, v.tip, v) for v in viewers_for(part)]
        if not self.is_pair:
            return []
        parts = [shown_part(subject.tensor) for subject in self.subjects]
        if any(part is None for part in parts):
            return []
        histogram = next(viewer for viewer in VIEWERS if viewer.id == "histogram")
        offers = [Offer("both", self.tr("Both"), self.tr("How often which values occur in each of them"), histogram)]
        self._delta = self._subtracted()
        if self._delta is None:
            return offers
        tip = self.tr("The first minus the second, value by value: {how}")
        return offers + [
            Offer(f"difference-{v.id}", v.title, tip.format(how=v.tip), v, True)
            for v in viewers_for(self._delta)
            if v.id != "bytes"
        ]

    def _subtracted(self) -> Tensor | None:
        try:
            return delta(self.subjects[0].tensor, self.subjects[1].tensor)
        except StudioError:
            return None

    def _offer_views(self, offers: list[Offer]) -> None:
        self.right.setVisible(bool(offers))
        self.tools.setVisible(len(offers) > 1)
        if [offer.id for offer in self._offers] != [offer.id for offer in offers]:
            self._make_buttons(offers)
        self._offers = offers
        self._shown = None
        if offers:
            preferred = self.preferred[2 if self.is_pair else 1]
            chosen = next((offer for offer in offers if offer.id == preferred), offers[0])
            self._choices.actions()[offers.index(chosen)].setChecked(True)
            self._shown = chosen
            self.stack.setCurrentWidget(self._view_of(chosen.viewer))
        self.png_action.setEnabled(bool(offers))
        self.copy_picture_action.setEnabled(bool(offers))

    def _make_buttons(self, offers: list[Offer]) -> None:
        while (item := self._buttons.takeAt(0)) is not None:
            widget = item.widget()
            if widget is not None:
                widget.hide()
                widget.deleteLater()
        for action in self._choices.actions():
            self._choices.removeAction(action)
            action.deleteLater()
        is_difference = False
        for offer in offers:
            if offer.is_difference and not is_difference:
                is_difference = True
                label = QLabel(self.tr("Difference:"))
                label.setProperty("muted", True)
                label.setContentsMargins(5, 0, 2, 0)
                self._buttons.addWidget(label)
            action = QAction(offer.title, self)
            action.setData(offer.id)
            action.setCheckable(True)
            action.setToolTip(offer.tip)
            self._choices.addAction(action)
            button = QToolButton()
            button.setDefaultAction(action)
            button.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
            button.setProperty("flat", True)
            self._buttons.addWidget(button)
        self.tools.fit()

    def _view_of(self, viewer: Viewer) -> ValueView:
        view = self._views.get(viewer.id)
        if view is None:
            view = viewer.build()
            self._views[viewer.id] = view
            self.stack.addWidget(view)
            if isinstance(view, CurvePage):
                view.plot.place_wanted.connect(self._on_place_wanted)
            if isinstance(view, TablePage):
                view.odd_wanted.connect(self.show_odd_value)
        return view

    def _show_offer(self, offer: Offer) -> None:
        view = self.view
        if view is not None:
            view.stop()
        self._shown = offer
        self.stack.setCurrentWidget(self._view_of(offer.viewer))
        self._fill_view()

    def _fill_view(self) -> None:
        view, offer = self.view, self._shown
        if view is None or offer is None:
            return
        view.is_difference = offer.is_difference
        if isinstance(view, HistogramPage):
            view.show_tensor(None)
            if offer.is_difference and self._delta is not None:
                view.show_difference(self._delta, self._measurements)
            else:
                self._show_histogram(view)
            return
        if isinstance(view, TablePage):
            view.offer_integers(None if offer.is_difference else integers(self.subjects[0].tensor, self._part))
        view.show_tensor(self._seen(offer))
        self._tell_odd()
        if isinstance(view, TablePage) and self._place is not None:
            view.show_index(self._place)

    def _tell_odd(self) -> None:
        """Offers in the table to go from one value that is no number to the next, where there are any."""
        view = self.view
        if isinstance(view, TablePage):
            known = self._measured(self.subjects[0]) if len(self.subjects) == 1 else None
            view.tell_odd(known.count - known.finite if known is not None else 0)

    def _seen(self, offer: Offer) -> Tensor | None:
        """What an offer's view reads."""
        if offer.is_difference:
            return self._delta
        tensor = self.subjects[0].tensor
        return stored_part(tensor, self._part) if offer.viewer.id == "bytes" else shown_part(tensor, self._part)

    def _show_histogram(self, view: HistogramPage) -> None:
        names = short_names([subject.name for subject in self.subjects[:2]])
        known = [(name, self._measured(subject)) for name, subject in zip(names, self.subjects, strict=False)]
        view.plot.show_series([(name, values) for name, values in known if values is not None])

    def _measured(self, subject: Subject) -> Statistics | None:
        part = stored_part(subject.tensor, self._part)
        return self._measurements.get(part) if part is not None else None

    def _share_room(self, wanted: int) -> None:
        # Two columns of values need more room than one; what the user chose for either stays.
        if wanted != self._room_of:
            present = self.splitter.sizes()
            # A side that was hidden has no width of its own.
            if min(present) > 0:
                self._room[self._room_of] = present
            self._room_of = wanted
            self.splitter.setSizes(self._room[wanted])

    def _show_facts(self) -> None:
        subjects = self.subjects
        if len(subjects) > 1 and not self.is_pair:
            self.model.show_facts(summed_facts(subjects), (self.tr("Value"),))
            return
        ties = self._known_ties()
        numbers: list[Fact] = []
        if self.is_pair:
            told = pair_facts(subjects[0], subjects[1], ties)
            numbers = difference_facts(self._difference)
            titles = short_names([subject.name for subject in subjects])
        else:
            told = tensor_facts(subjects[0], ties)
            titles = (self.tr("Value"),)
        if all(shown_part(subject.tensor, self._part) is not None for subject in subjects):
            numbers += statistics_facts([self._measured(subject) for subject in subjects])
        self.model.show_facts(arranged(told, numbers), titles)

    def _known_ties(self) -> Ties:
        """Which tensors share their bytes; of a large state dict only when the task has found it out."""
        state_dict = self.document.state_dict
        if self._ties[0] is not state_dict:
            if state_dict is not None and len(state_dict.entries) > _LARGE:
                return {}
            self._ties = (state_dict, ties_of(state_dict))
        return self._ties[1]

    # Reading

    def _on_rested(self) -> None:
        self._fill_view()
        subjects, state_dict = self.subjects, self.document.state_dict
        if len(subjects) > 1 and not self.is_pair:
            return
        parts = [stored_part(subject.tensor, self._part) for subject in subjects]
        shown = [shown_part(subject.tensor, self._part) for subject in subjects]
        has_values = all(part is not None for part in shown)
        missing = [
            (part, seen)
            for part, seen in zip(parts, shown, strict=True)
            if has_values and part is not None and seen is not None and self._measurements.get(part) is None
        ]
        wants_difference = self.is_pair and has_values
        wants_ties = self._ties[0] is not state_dict
        if not missing and not wants_difference and not wants_ties:
            return

        def measure(progress: Progress) -> _Found:
            ties = ties_of(state_dict) if wants_ties else None
            found = [(part, measured(seen, progress)) for part, seen in missing]
            if not wants_difference:
                return _Found(found, None, state_dict, ties)
            first, second = (StateDict((), {"": _comparable(subject.tensor)}) for subject in subjects)
            return _Found(found, difference(first, second, progress), state_dict, ties)

        self._run(measure, self._on_measured)

    def _run(self, job: Callable[[Progress], Any], arrived: Callable[[Any], None]) -> None:
        task = run_task(self, readable(job), label=self.tr("Reading values"))
        self._task = task
        self.bar.setRange(0, 0)

        def on_succeeded(result: Any) -> None:
            if task is self._task:
                arrived(result)

        def on_failed(error: StudioError) -> None:
            if task is self._task:
                self._on_failed(error)

        task.succeeded.connect(on_succeeded)
        task.failed.connect(on_failed)
        task.progressed.connect(self._on_progressed)
        task.finished.connect(lambda: self._on_finished(task))

    def _on_progressed(self, step: Step) -> None:
        if self._task is not None:
            self.bar.show()
            self.bar.setRange(0, 1000 if step.total else 0)
            if step.total:
                self.bar.setValue(int(1000 * step.done / step.total))

    def _on_measured(self, found: _Found) -> None:
        self._difference = found.difference
        for tensor, values in found.measured:
            self._measurements.keep(tensor, values)
        if found.ties is not None:
            self._ties = (found.state_dict, found.ties)
        self._show_facts()
        view = self.view
        if isinstance(view, HistogramPage) and not view.is_difference:
            self._show_histogram(view)
        self._tell_odd()

    def _on_failed(self, error: StudioError) -> None:
        if error.code != "no-dense-values":
            self.message.say(worded_error(error), "bad")
        self.model.show_facts([fact for fact in self.model.facts if "…" not in fact.values], self.model.titles)

    def _on_finished(self, task: Task) -> None:
        if task is self._task:
            self._task = None
            self.bar.hide()

    def _on_chosen(self, action: QAction) -> None:
        self.choose_view(str(action.data()))
        self.view_chosen.emit()

    def _on_place_wanted(self, place: int) -> None:
        self.choose_view("difference-table" if self._shown is not None and self._shown.is_difference else "table")
        view = self.view
        if isinstance(view, TablePage):
            view.go_to(place)

    # Copying and saving

    def _copy_facts(self) -> None:
        QGuiApplication.clipboard().setText(self.model.text())

    def _shown_tensor(self) -> Tensor | None:
        return shown_part(self.subjects[0].tensor, self._part) if len(self.subjects) == 1 else None

    def copy_values(self) -> None:
        """Puts the values on the clipboard, as spreadsheets take them; too many are refused."""
        tensor = self._shown_tensor()
        if tensor is not None:
            self.saver.copy_values(tensor)

    def _picture(self) -> QImage:
        return self.view.picture() if self.view is not None else QImage()

    def _ask_target(self, suffix: str) -> None:
        folder = self.document.export_folder or os.path.dirname(self.document.path)
        name = self.subjects[0].name
        if self.is_pair and self._shown is not None and self._shown.is_difference:
            name = f"{self.subjects[0].name}-{self.subjects[1].name}"
        self.saver.ask_target(suffix, name, folder, self.save_to)

    def save_to(self, path: str) -> None:
        """Writes the values (.npy, .csv) or the picture of the view (.png)."""
        if os.path.splitext(path)[1].lower() == ".png":
            self.saver.save_picture(self._picture(), path)
            return
        tensor = self._shown_tensor()
        if tensor is not None:
            self.saver.save_values(tensor, path)

    # Qt's side

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.refresh()

    def hideEvent(self, event: Any) -> None:
        super().hideEvent(event)
        self.stop()
        # Shown again it begins anew; what was measured is kept.
        self.subjects = []
        self._key = None


class _Bar(QWidget):
    """Room for buttons in lines, of which a low pane cuts none."""

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.fit()

    def fit(self) -> None:
        """Asks for the height of all lines."""
        self.setMinimumHeight(self.heightForWidth(self.width()))


@dataclass(frozen=True)
class _Found:
    """What a reading of one or two tensors brought."""

    measured: list[tuple[Tensor, Statistics]]
    difference: Difference | None
    state_dict: StateDict | None
    ties: Ties | None


def _comparable(tensor: Tensor) -> Tensor:
    """What two tensors are compared by: of packed and quantised ones the numbers they stand for."""
    if tensor.dtype.kind in ("quantized", "bits"):
        return shown_part(tensor) or tensor
    return tensor


def _listed(names: frozenset[str], state_dict: StateDict | None) -> list[Subject]:
    """The selected tensors in the order of the file; of a few among very many in the order of their names."""
    if state_dict is None or not names:
        return []
    tensors = state_dict.tensors
    if len(names) == 1 or len(names) <= _MANY < _LARGE < len(tensors):
        return [Subject(name, tensors[name]) for name in sorted(names, key=natural_key) if name in tensors]
    return [Subject(name, tensor) for name, tensor in gradually(tensors.items()) if name in names]
