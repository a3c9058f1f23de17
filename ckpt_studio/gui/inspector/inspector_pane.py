"""What the selected tensors are: facts and statistics at the left, a view of the values at the right."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any

from PySide6.QtCore import QPoint, QSize, Qt, QTimer
from PySide6.QtGui import QAction, QActionGroup, QGuiApplication, QShowEvent
from PySide6.QtWidgets import (
    QFileDialog,
    QHBoxLayout,
    QLabel,
    QMenu,
    QProgressBar,
    QPushButton,
    QSplitter,
    QStackedWidget,
    QToolBar,
    QVBoxLayout,
    QWidget,
)

from ckpt_studio.compare.difference import Difference, difference
from ckpt_studio.core.checkpoint import StateDict
from ckpt_studio.core.jobs import Progress, Step
from ckpt_studio.core.statistics import Statistics
from ckpt_studio.core.storage import AbsentBytes
from ckpt_studio.core.tensor import Tensor
from ckpt_studio.errors import StudioError
from ckpt_studio.gui.dialogs.ask_dialog import Banner
from ckpt_studio.gui.document import Document
from ckpt_studio.gui.figures import exact_text
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
from ckpt_studio.gui.inspector.measuring import NONE_CHOSEN, Chosen, Measurements, Subject, measured
from ckpt_studio.gui.inspector.saving import MOST_COPIED, save_csv, save_npy, text_of
from ckpt_studio.gui.inspector.viewers import VIEWERS, Viewer, shown_part, viewers_for
from ckpt_studio.gui.inspector.views import CurvePage, HistogramPage, TablePage, ValueView
from ckpt_studio.gui.tasks import Task, run_task
from ckpt_studio.gui.text_size import embolden
from ckpt_studio.gui.wording import worded_error

# More tensors than this are listed and added up in a task.
_MANY = 300
# A selection that moves on sooner is only passed by: nothing is read for it.
_REST_MS = 120


class InspectorPane(QWidget):
    """Follows the selection of one document.

    Args:
        document: whose selection is shown.
        elsewhere: the selected tensors that are not in the active state dict (optimizer, other state dicts).
    """

    def __init__(
        self,
        document: Document,
        elsewhere: Callable[[], Chosen] = lambda: NONE_CHOSEN,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.document = document
        self.subjects: list[Subject] = []
        self._elsewhere = elsewhere
        self._measurements = Measurements()
        self._difference: Difference | None = None
        self._task: Task | None = None
        self._saving: Task | None = None
        self._views: dict[str, ValueView] = {}
        self._shown: Viewer | None = None
        self._preferred = ""
        self._key: object = None
        self._kept_alive: object = None
        self._is_pair = False
        self._other_sizes = [340, 290]
        self._rest = QTimer(self)
        self._rest.setSingleShot(True)
        self._rest.setInterval(_REST_MS)
        self._rest.timeout.connect(self._on_rested)
        self._build()
        document.selection.names_changed.connect(self.refresh)
        document.changed.connect(self.refresh)
        self._show_nothing()

    def _build(self) -> None:
        self.title = QLabel()
        self.title.setTextFormat(Qt.TextFormat.PlainText)
        embolden(self.title)
        self.title.setMinimumWidth(60)
        self.title.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.save_button = QPushButton(self.tr("Copy or save"))
        self.save_button.setToolTip(self.tr("Copies or writes the values of this tensor"))
        self.save_button.setMenu(self._menu())
        top = QHBoxLayout()
        top.setContentsMargins(10, 6, 10, 4)
        top.addWidget(self.title, 1)
        top.addWidget(self.save_button)
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
        self.tools = QToolBar()
        self.tools.setAccessibleName(self.tr("Show the values as"))
        self._choices = QActionGroup(self)
        self._choices.triggered.connect(self._on_chosen)
        self.stack = QStackedWidget()
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
        self.splitter.setSizes([250, 370])
        self.empty = QLabel(
            self.tr(
                "Select a tensor in the tree to see its numbers.\nSelect two to compare them, or a group for its sums."
            )
        )
        self.empty.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.empty.setWordWrap(True)
        self.empty.setProperty("muted", True)
        self.empty.setMargin(20)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addLayout(top)
        layout.addWidget(self.message)
        layout.addWidget(self.splitter, 1)
        layout.addWidget(self.empty, 1)

    def _menu(self) -> QMenu:
        menu = QMenu(self)
        self.copy_facts_action = QAction(self.tr("Copy &facts"), self)
        self.copy_facts_action.triggered.connect(self._copy_facts)
        self.copy_values_action = QAction(self.tr("&Copy values"), self)
        self.copy_values_action.triggered.connect(self.copy_values)
        self.npy_action = QAction(self.tr("Save values as .&npy…"), self)
        self.npy_action.triggered.connect(lambda: self._ask_target("npy"))
        self.csv_action = QAction(self.tr("Save values as .c&sv…"), self)
        self.csv_action.triggered.connect(lambda: self._ask_target("csv"))
        self.png_action = QAction(self.tr("Save picture as .&png…"), self)
        self.png_action.triggered.connect(lambda: self._ask_target("png"))
        menu.addActions([self.copy_facts_action, self.copy_values_action])
        menu.addSeparator()
        menu.addActions([self.npy_action, self.csv_action, self.png_action])
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
        return self._views.get(self._shown.id) if self._shown is not None else None

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
        chosen = Chosen(len(names) + others.count, (id(names), id(state_dict), others.key), listed)
        if chosen.key == self._key:
            return
        self._key, self._kept_alive = chosen.key, (names, state_dict)
        if chosen.count > _MANY:
            self._show_many(chosen)
            return
        subjects = listed()
        before = [(subject.name, id(subject.tensor)) for subject in self.subjects]
        if [(subject.name, id(subject.tensor)) for subject in subjects] != before or not subjects:
            self._show(subjects)

    def stop(self) -> None:
        """Drops what is being read for the present selection."""
        self._rest.stop()
        task, self._task = self._task, None
        if task is not None:
            task.cancel()
        for view in self._views.values():
            view.stop()
        self.bar.hide()

    def choose_view(self, view: str) -> None:
        """Shows the values by the viewer of this id from now on, where it can."""
        self._preferred = view
        for action in self._choices.actions():
            if action.data() == view:
                action.setChecked(True)
                self._show_view(next(viewer for viewer in VIEWERS if viewer.id == view))

    # Showing

    def _show_nothing(self) -> None:
        self.title.clear()
        self.save_button.hide()
        self.splitter.hide()
        self.empty.show()

    def _show(self, subjects: list[Subject]) -> None:
        self.stop()
        self.subjects = subjects
        self._difference = None
        self.message.hide()
        if not subjects:
            self._show_nothing()
            return
        self.empty.hide()
        self.splitter.show()
        self.save_button.show()
        single = subjects[0] if len(subjects) == 1 else None
        part = shown_part(single.tensor) if single is not None else None
        for action in (self.copy_values_action, self.npy_action, self.csv_action):
            action.setEnabled(part is not None)
        if single is not None:
            self.title.setText(single.name)
            source = single.tensor.storage.source
            if isinstance(source, AbsentBytes):
                self.message.say(worded_error(StudioError(source.code, **source.fields)), "calm")
        elif len(subjects) == 2:
            self.title.setText(self.tr("Two tensors"))
        else:
            self.title.setText(self.tr("{count} tensors").format(count=exact_text(len(subjects))))
        self.title.setToolTip(self.title.text())
        self._offer_views(viewers_for(part) if part is not None else [], len(subjects))
        self._share_room(len(subjects))
        self._show_facts()
        self._rest.start()

    def _show_many(self, chosen: Chosen) -> None:
        self.stop()
        self.subjects = []
        self.message.hide()
        self.empty.hide()
        self.splitter.show()
        self.save_button.show()
        for action in (self.copy_values_action, self.npy_action, self.csv_action):
            action.setEnabled(False)
        self.title.setText(self.tr("{count} tensors").format(count=exact_text(chosen.count)))
        self._offer_views([], chosen.count)
        self.model.show_facts([], (self.tr("Value"),))
        self._run(
            lambda progress: summed_facts(chosen.listed()),
            lambda facts: self.model.show_facts(facts, (self.tr("Value"),)),
        )

    def _offer_views(self, offered: list[Viewer], count: int) -> None:
        if count == 2:
            offered = [viewer for viewer in VIEWERS if viewer.id == "histogram"]
        self.right.setVisible(bool(offered))
        self.tools.setVisible(len(offered) > 1)
        ids = [viewer.id for viewer in offered]
        if [action.data() for action in self._choices.actions()] != ids:
            for action in self._choices.actions():
                self._choices.removeAction(action)
                self.tools.removeAction(action)
                action.deleteLater()
            for viewer in offered:
                action = QAction(viewer.title, self)
                action.setData(viewer.id)
                action.setCheckable(True)
                action.setToolTip(viewer.tip)
                self._choices.addAction(action)
                self.tools.addAction(action)
        self._shown = None
        if offered:
            chosen = next((viewer for viewer in offered if viewer.id == self._preferred), offered[0])
            self._choices.actions()[ids.index(chosen.id)].setChecked(True)
            self._shown = chosen
            self.stack.setCurrentWidget(self._view_of(chosen))
        self.png_action.setEnabled(bool(offered))

    def _view_of(self, viewer: Viewer) -> ValueView:
        view = self._views.get(viewer.id)
        if view is None:
            view = viewer.build()
            self._views[viewer.id] = view
            self.stack.addWidget(view)
            if isinstance(view, CurvePage):
                view.plot.place_wanted.connect(self._on_place_wanted)
        return view

    def _show_view(self, viewer: Viewer) -> None:
        view = self.view
        if view is not None:
            view.stop()
        self._shown = viewer
        self.stack.setCurrentWidget(self._view_of(viewer))
        self._fill_view()

    def _fill_view(self) -> None:
        view = self.view
        if view is None:
            return
        if isinstance(view, HistogramPage):
            view.show_tensor(None)
            self._show_histogram(view)
        elif len(self.subjects) == 1:
            view.show_tensor(shown_part(self.subjects[0].tensor))

    def _show_histogram(self, view: HistogramPage) -> None:
        known = [(subject.name, self._measurements.get(subject.tensor)) for subject in self.subjects[:2]]
        view.plot.show_series([(name, values) for name, values in known if values is not None])

    def _share_room(self, count: int) -> None:
        # Two columns of values need more room than one; what the user chose for either stays.
        if (count == 2) != self._is_pair:
            self._is_pair = count == 2
            sizes, self._other_sizes = self._other_sizes, self.splitter.sizes()
            self.splitter.setSizes(sizes)

    def _show_facts(self) -> None:
        subjects, state_dict = self.subjects, self.document.state_dict
        if len(subjects) > 2:
            self.model.show_facts(summed_facts(subjects), (self.tr("Value"),))
            return
        known = [self._measurements.get(subject.tensor) for subject in subjects]
        numbers: list[Fact] = []
        if len(subjects) == 2:
            told = pair_facts(subjects[0], subjects[1], state_dict)
            numbers = difference_facts(self._difference)
            titles = short_names([subject.name for subject in subjects])
        else:
            told = tensor_facts(subjects[0], state_dict)
            titles = (self.tr("Value"),)
        if all(shown_part(subject.tensor) is not None for subject in subjects):
            numbers += statistics_facts(known)
        self.model.show_facts(arranged(told, numbers), titles)

    # Reading

    def _on_rested(self) -> None:
        self._fill_view()
        subjects = self.subjects
        if len(subjects) > 2 or any(shown_part(subject.tensor) is None for subject in subjects):
            return
        missing = [s.tensor for s in subjects if self._measurements.get(s.tensor) is None]
        wants_difference = len(subjects) == 2
        if not missing and not wants_difference:
            return

        def measure(progress: Progress) -> tuple[list[tuple[Tensor, Statistics]], Difference | None]:
            found = [(tensor, measured(tensor, progress)) for tensor in missing]
            if not wants_difference:
                return found, None
            first, second = (StateDict((), {"": subject.tensor}) for subject in subjects)
            return found, difference(first, second, progress)

        self._run(measure, self._on_measured)

    def _run(self, job: Callable[[Progress], Any], arrived: Callable[[Any], None]) -> None:
        task = run_task(self, job, label=self.tr("Reading values"))
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

    def _on_measured(self, outcome: tuple[list[tuple[Tensor, Statistics]], Difference | None]) -> None:
        found, self._difference = outcome
        for tensor, values in found:
            self._measurements.keep(tensor, values)
        self._show_facts()
        view = self.view
        if isinstance(view, HistogramPage):
            self._show_histogram(view)

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

    def _on_place_wanted(self, place: int) -> None:
        self.choose_view("table")
        view = self.view
        if isinstance(view, TablePage):
            view.go_to(place)

    # Copying and saving

    def _copy_facts(self) -> None:
        QGuiApplication.clipboard().setText(self.model.text())

    def copy_values(self) -> None:
        """Puts the values on the clipboard, as spreadsheets take them; too many are refused."""
        tensor = shown_part(self.subjects[0].tensor)
        if tensor is None:
            return
        if tensor.numel > MOST_COPIED:
            self.message.say(
                self.tr(
                    "These are too many values for the clipboard (more than {count}). Save them as a file instead."
                ).format(count=exact_text(MOST_COPIED)),
                "caution",
            )
            return
        self._start_saving(lambda progress: text_of(tensor, progress), self._on_copied)

    def _on_copied(self, text: str) -> None:
        QGuiApplication.clipboard().setText(text)
        self.message.say(self.tr("The values are on the clipboard."), "good")

    def _ask_target(self, suffix: str) -> None:
        filters = {
            "npy": self.tr("NumPy arrays (*.npy)"),
            "csv": self.tr("Tables of text (*.csv)"),
            "png": self.tr("Pictures (*.png)"),
        }
        folder = os.path.dirname(self.document.path)
        dialog = QFileDialog(self, self.tr("Save"), folder, filters[suffix])
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.setDefaultSuffix(suffix)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.selectFile(
            "".join(c if c.isalnum() or c in "._-" else "_" for c in self.subjects[0].name) + f".{suffix}"
        )
        dialog.fileSelected.connect(self.save_to)
        dialog.open()

    def save_to(self, path: str) -> None:
        """Writes the values (.npy, .csv) or the picture of the view (.png)."""
        suffix = os.path.splitext(path)[1].lower()
        if suffix == ".png":
            self._save_picture(path)
            return
        tensor = shown_part(self.subjects[0].tensor)
        if tensor is None:
            return
        write = save_csv if suffix == ".csv" else save_npy
        self._start_saving(lambda progress: write(tensor, path, progress), lambda _: self._say_saved(path))

    def _save_picture(self, path: str) -> None:
        from PySide6.QtCore import QBuffer, QByteArray

        from ckpt_studio.formats.atomic import replacing

        view = self.view
        image = view.picture() if view is not None else None
        if image is None or image.isNull():
            self.message.say(self.tr("There is no picture yet."), "caution")
            return
        least = 512
        if max(image.width(), image.height()) < least:
            # One pixel a value is too small to look at.
            factor = -(-least // max(image.width(), image.height()))
            image = image.scaled(QSize(image.width() * factor, image.height() * factor))
        raw = QByteArray()
        buffer = QBuffer(raw)
        buffer.open(QBuffer.OpenModeFlag.WriteOnly)
        image.save(buffer, "PNG")  # type: ignore[call-overload]
        data = bytes(raw.data())

        def write(progress: Progress) -> None:
            with replacing(path, progress) as draft, open(draft.fd, "wb", closefd=False) as file:
                file.write(data)

        self._start_saving(write, lambda _: self._say_saved(path))

    def _start_saving(self, job: Callable[[Progress], Any], arrived: Callable[[Any], None]) -> None:
        if self._saving is not None:
            self._saving.cancel()
        task = run_task(self, job, label=self.tr("Saving values"))
        self._saving = task
        task.succeeded.connect(arrived)
        task.failed.connect(lambda error: self.message.say(worded_error(error), "bad"))
        task.finished.connect(lambda: self._on_saved(task))

    def _say_saved(self, path: str) -> None:
        self.message.say(self.tr("Saved: {path}").format(path=path), "good")

    def _on_saved(self, task: Task) -> None:
        if task is self._saving:
            self._saving = None

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


def _listed(names: frozenset[str], state_dict: StateDict | None) -> list[Subject]:
    """The selected tensors in the order of the file."""
    if state_dict is None or not names:
        return []
    tensors = state_dict.tensors
    if len(names) == 1:
        return [Subject(name, tensors[name]) for name in names if name in tensors]
    return [Subject(name, tensor) for name, tensor in tensors.items() if name in names]
