"""What PyTorch would say when it loads this file into a model, and the ways to repair what does not fit."""

from __future__ import annotations

import os
from collections.abc import Callable, Collection, Iterable, Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import QPoint, Qt, QTimer, Signal
from PySide6.QtGui import QAction, QGuiApplication, QResizeEvent
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QListWidget,
    QMenu,
    QPushButton,
    QScrollArea,
    QSizePolicy,
    QStackedWidget,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from ckpt_studio.compare.report import LoadReport, Row, Status
from ckpt_studio.core.checkpoint import StateDict
from ckpt_studio.core.edits import Edit, Pop, RenameTensor
from ckpt_studio.core.edits.untrained import untrained_names
from ckpt_studio.core.history import Revision
from ckpt_studio.core.jobs import Progress
from ckpt_studio.gui.compare_chips import StatusChips
from ckpt_studio.gui.compare_drop import Placement, placement
from ckpt_studio.gui.compare_model import CHECKPOINT_NAME_OF, NAME_OF, CompareModel, side_text
from ckpt_studio.gui.compare_rows import ArrangedRows
from ckpt_studio.gui.compare_suggestions import Offer, SuggestionsBar
from ckpt_studio.gui.compare_table import CompareTable
from ckpt_studio.gui.dialogs.ask_dialog import Banner, counted, muted
from ckpt_studio.gui.document import Document
from ckpt_studio.gui.drag import DraggedNames
from ckpt_studio.gui.elided_label import ElidedLabel
from ckpt_studio.gui.fields import make_clearable
from ckpt_studio.gui.figures import in_a_row, listed
from ckpt_studio.gui.selection import SelectionModel
from ckpt_studio.gui.statuses import status_count, status_explained
from ckpt_studio.gui.tab_order import put_in_order
from ckpt_studio.gui.tasks import Task, run_task
from ckpt_studio.gui.text_size import embolden, enlarge
from ckpt_studio.gui.wording import worded, worded_error
from ckpt_studio.models.nearby import NearbyModel, models_beside
from ckpt_studio.models.reference import CheckpointReference

if TYPE_CHECKING:
    from ckpt_studio.compare.identify import Candidate
    from ckpt_studio.compare.suggest import Suggestion

# An answer usually comes sooner; saying "comparing" for a blink would only flicker.
_PATIENCE_MS = 300
# As long as no single edit gets this far, matching all names at once is the better first step.
_NEARLY_ALL = 0.9
# A pane of fewer lines of text has no room for the explanation of a row.
_FEW_LINES = 28
# With more names, which rows are to be selected is found out by a job.
_MOST_LOOKED_UP = 10_000


class ComparePane(QWidget):
    """The report of one document against its model, live after every edit; without a model, how to choose one.

    It follows the document: whoever calls `Document.set_model` or applies an edit is shown here.

    Signals:
        candidate_wanted(Candidate): the model that the file was recognised as is to be compared with.
        room_wanted(int): another model was compared with; its report shows well in so many pixels of height.
    """

    candidate_wanted = Signal(object)
    room_wanted = Signal(int)

    def __init__(
        self, document: Document, selection: SelectionModel | None = None, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.document = document
        self.selection = selection or document.selection
        self.rows = CompareModel(self)
        # Made by the job that compares, for the report that it is about to tell.
        self._arranged: list[ArrangedRows] = []
        self._selecting: Task | None = None
        self._suggesting: Task | None = None
        self._shown: LoadReport | None = None
        self._following = False
        # Whether the next report is the first about its model.
        self._anew = True
        # Whether the model's first report is still to be given its room.
        self._asks_room = False
        self._candidate: Candidate | None = None
        # Whether the model shown is likely the wrong one.
        self._is_other = False
        self._nearby: NearbyModel | None = None
        self._looking: Task | None = None
        self._busy = QTimer(self)
        self._busy.setSingleShot(True)
        self._busy.setInterval(_PATIENCE_MS)
        self._busy.timeout.connect(self._on_waiting_long)
        self.pages = QStackedWidget()
        self._pages = self._build_empty_page(), self._build_report_page()
        for page in self._pages:
            self.pages.addWidget(page)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.pages)
        document.readers.append(_arranging(self._arranged))
        document.model_changed.connect(self._on_model_changed)
        document.report_changed.connect(self._on_report_changed)
        document.changed.connect(self._on_document_changed)
        self.selection.names_changed.connect(self._on_names_selected)
        self.table.selectionModel().selectionChanged.connect(self._on_rows_selected)
        self.table.selectionModel().currentRowChanged.connect(self._explain)
        self._on_model_changed()
        self._on_report_changed()

    # Building.

    def _build_empty_page(self) -> QWidget:
        page = QWidget()
        self.empty_title = title = QLabel()
        title.setAlignment(Qt.AlignmentFlag.AlignCenter)
        title.setWordWrap(True)
        embolden(title)
        enlarge(title, 1.3)
        # Stands for all of them while they are folded away.
        self.choose_button = QPushButton(self.tr("Choose a model…"))
        self.choose_button.clicked.connect(lambda: self.choose_model(""))
        self.choose_button.hide()
        self.empty_text = text = muted(QLabel())
        text.setAlignment(Qt.AlignmentFlag.AlignHCenter)
        # Not the average width: in a Chinese font that is the width of a Chinese letter.
        text.setFixedWidth(self.fontMetrics().horizontalAdvance("x" * 54))
        self.empty_buttons: dict[str, QPushButton] = {}
        column = QVBoxLayout()
        column.setSpacing(8)
        self.nearby_button = QPushButton()
        self.nearby_button.setProperty("primary", True)
        self.nearby_button.clicked.connect(self._choose_nearby)
        self.nearby_button.hide()
        column.addWidget(self.nearby_button)
        for key, words, tip in (
            ("torchvision", self.tr("A &torchvision model…"), self.tr("ResNet, DenseNet, ViT and the like, by name")),
            (
                "file",
                self.tr("A class in a &Python file…"),
                self.tr("Your own model; you are asked before its code runs"),
            ),
            ("module", self.tr("An &installed module…"), self.tr("A model of timm, transformers or your own package")),
            ("checkpoint", self.tr("&Another checkpoint…"), self.tr("A file that is known to have the right names")),
        ):
            button = QPushButton(words)
            button.setToolTip(tip)
            button.setMinimumWidth(240)
            button.clicked.connect(lambda _=False, key=key: self.choose_model(key))
            self.empty_buttons[key] = button
            column.addWidget(button)
        centered = QHBoxLayout()
        centered.addStretch()
        centered.addLayout(column)
        centered.addStretch()
        middle = QHBoxLayout()
        middle.addStretch()
        middle.addWidget(text)
        middle.addStretch()
        self._offered = QWidget()
        inner = QVBoxLayout(self._offered)
        inner.setContentsMargins(0, 0, 0, 0)
        inner.setSpacing(14)
        inner.addLayout(middle)
        inner.addSpacing(6)
        inner.addLayout(centered)
        outer = QVBoxLayout(page)
        outer.setContentsMargins(24, 16, 24, 16)
        outer.setSpacing(14)
        outer.addStretch(2)
        head = QHBoxLayout()
        head.addWidget(title, 1)
        head.addWidget(self.choose_button)
        outer.addLayout(head)
        outer.addWidget(self._offered)
        outer.addStretch(3)
        # In a low window the buttons are scrolled to, not squeezed.
        scroll = QScrollArea()
        scroll.setWidgetResizable(True)
        scroll.setFrameShape(QFrame.Shape.NoFrame)
        # Its buttons are what takes the focus; it follows them.
        scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        scroll.setWidget(page)
        return scroll

    def _build_report_page(self) -> QWidget:
        self._report_page = page = QWidget()
        caption = muted(QLabel(self.tr("Model:")))
        caption.setWordWrap(False)
        # Its arguments, at the end, tell one from another.
        self.model_label = ElidedLabel(Qt.TextElideMode.ElideMiddle)
        embolden(self.model_label)
        self.change_button = QPushButton(self.tr("Chan&ge…"))
        self.change_button.setToolTip(self.tr("Choose another model to compare with"))
        self.change_button.clicked.connect(lambda: self.choose_model(""))
        self.test_button = QPushButton(self.tr("Test with P&yTorch…"))
        self.test_button.setToolTip(self.tr("Lets PyTorch itself load these weights into the real model"))
        self.test_button.clicked.connect(self.test_with_torch)
        self.stop_button = QToolButton()
        self.stop_button.setText("✕")
        self.stop_button.setAutoRaise(True)
        self.stop_button.setToolTip(self.tr("Stop comparing"))
        self.stop_button.setAccessibleName(self.tr("Stop comparing"))
        self.stop_button.clicked.connect(lambda: self.document.set_model(None))
        head = QHBoxLayout()
        head.setSpacing(8)
        head.addWidget(caption)
        head.addWidget(self.model_label, 1)
        head.addWidget(self.test_button)
        head.addWidget(self.change_button)
        head.addWidget(self.stop_button)

        self.verdict = Banner()
        self.verdict.label.setAccessibleName(self.tr("Verdict"))
        self.suggestions = SuggestionsBar()
        self.suggestions.apply_requested.connect(lambda suggestion: self.apply(suggestion.edit))
        self.message = Banner()
        self.message.label.setAccessibleName(self.tr("Message"))
        self.message.hide()
        self.chips = StatusChips()
        for chip in self.chips.chips.values():
            chip.toggled.connect(self._on_filter_changed)
        self.filter = QLineEdit()
        self.filter.setPlaceholderText(self.tr("Filter"))
        self.filter.setAccessibleName(self.tr("Filter the compared names"))
        make_clearable(self.filter)
        self.filter.setMinimumWidth(self.fontMetrics().horizontalAdvance("x" * 10))
        self.filter.textChanged.connect(self._on_filter_changed)
        self.table = CompareTable(self.rows, self._placement, page)
        self.table.remedy_requested.connect(self.remedy)
        self.table.menu_requested.connect(self._open_menu)
        self.table.placed.connect(self.apply)
        self.table.place_refused.connect(lambda reason: self.message.say(reason, "caution"))
        self.table.pop_requested.connect(self.pop_selected)
        self.table.setMinimumHeight(self.table.horizontalHeader().sizeHint().height() * 4)
        self.explained = muted(QLabel())
        self.explained.setTextFormat(Qt.TextFormat.PlainText)
        self.explained.setAlignment(Qt.AlignmentFlag.AlignTop)
        # Two lines are always kept free, so that nothing moves when another row is chosen.
        self.explained.setMinimumHeight(self.fontMetrics().lineSpacing() * 2 + 2)
        self.notes_button = QToolButton()
        self.notes_button.setCheckable(True)
        # No taller than the verdict's line of words.
        self.notes_button.setProperty("flat", "line")
        self.notes_button.setArrowType(Qt.ArrowType.RightArrow)
        self.notes_button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self.notes_button.toggled.connect(self._on_notes_toggled)
        self.verdict.row.addWidget(self.notes_button, 0, Qt.AlignmentFlag.AlignVCenter)
        self.details_button = QPushButton(self.tr("&Details…"))
        self.details_button.clicked.connect(self._show_details)
        self.details_button.hide()
        self.verdict.row.addWidget(self.details_button, 0, Qt.AlignmentFlag.AlignTop)
        self.notes = QListWidget()
        self.notes.setAccessibleName(self.tr("Notes"))
        self.notes.setWordWrap(True)
        self.notes.setMaximumHeight(self.fontMetrics().height() * 7)
        self.notes.hide()
        self._body = QWidget()
        below = QVBoxLayout(self._body)
        below.setContentsMargins(0, 0, 0, 0)
        below.setSpacing(8)
        below.addWidget(self.notes)
        self.suggestions.heir = self.table
        below.addWidget(self.suggestions)
        below.addWidget(self.message)
        filters = QHBoxLayout()
        filters.setSpacing(8)
        filters.addWidget(self.chips)
        filters.addWidget(self.filter, 1)
        below.addLayout(filters)
        below.addWidget(self.table, 1)
        below.addWidget(self.explained)
        layout = QVBoxLayout(page)
        layout.setContentsMargins(10, 8, 10, 8)
        layout.setSpacing(8)
        layout.addLayout(head)
        layout.addWidget(self.verdict)
        layout.addWidget(self._body, 1)
        self._order_tabs()
        return page

    # What the user can do here.

    @property
    def is_folded(self) -> bool:
        """Whether only the model and the verdict are shown, or the question that stands for them."""
        return self._body.isHidden()

    @property
    def height_of_all(self) -> int:
        """Pixels that everything needs: in fewer, folding shows more of what counts."""
        shown = self.pages.currentWidget()
        inner = shown.widget() if isinstance(shown, QScrollArea) else None
        return (inner or self).minimumSizeHint().height()

    def fold(self, folded: bool) -> None:
        """Shows only the model and the verdict, or everything again; `minimumSizeHint` is that of now at once."""
        self._body.setHidden(folded)
        self._offered.setHidden(folded)
        self.choose_button.setVisible(folded and self.document.state_dict is not None)
        self.verdict.setToolTip(self.tr("Click to see the compared names again") if folded else "")
        self._lay_out()

    def _lay_out(self) -> None:
        """Lets the heights that are asked for now be those of what is shown now."""
        for page in self._pages:
            # A page that is hidden behind the other asks for nothing.
            policy = page.sizePolicy()
            shown = QSizePolicy.Policy.Preferred if page is self.pages.currentWidget() else QSizePolicy.Policy.Ignored
            policy.setVerticalPolicy(shown)
            page.setSizePolicy(policy)
        for widget in (self._body, self._report_page, self.pages, self):
            layout = widget.layout()
            if layout is not None:
                layout.activate()

    def choose_model(self, page: str = "") -> None:
        """Opens the dialog that chooses the model; `page` is "torchvision", "file", "module" or "checkpoint".

        Without one it begins at the present model, or else at the class that was found beside the file.
        """
        if not page and self.document.resolved is None and self._nearby is not None:
            self._choose_nearby()
            return
        from ckpt_studio.gui.dialogs.choose_model_dialog import ChooseModelDialog

        recognised = self._candidate.reference if self._candidate is not None else ""
        ChooseModelDialog(self.document, page, self.window(), recognised=recognised).open()

    def choose_from(self, path: str) -> None:
        """Opens the dialog that chooses the model, with the classes of a Python file."""
        from ckpt_studio.gui.dialogs.choose_model_dialog import ChooseModelDialog

        dialog = ChooseModelDialog(self.document, "file", self.window())
        dialog.look_at(path)
        dialog.open()

    def recognise(self, candidate: Candidate | None) -> None:
        """What the file was recognised as: offered when another model does not fit."""
        self._candidate = candidate
        if self._is_other and self._shown is not None:
            self.suggestions.show_suggestions((), self._other_models(self._shown), offers_first=True)

    def _choose_nearby(self) -> None:
        """Opens the dialog with the class that was found beside the file."""
        if self._nearby is not None:
            self.choose_from(self._nearby.path)

    def apply(self, edit: Edit) -> None:
        """Applies an edit; if it does not fit, the reasons are shown above the rows."""
        self.message.hide()
        self.document.request(edit, lambda error: self.message.say(worded_error(error), "caution"))

    def remedy(self, row: Row) -> None:
        """Does the first remedy of a row: pops what does not fit, asks for the tensor of what is missing."""
        if row.status == "missing":
            self.take_name(row)
        elif row.status != "matched" and row.checkpoint_name is not None:
            self.apply(Pop((row.checkpoint_name,)))

    def fill(self, names: tuple[str, ...] | None = None) -> None:
        """Asks whether to fill in missing tensors (None: all) with the model's own starting values."""
        from ckpt_studio.gui.dialogs.fill_dialog import FillDialog

        FillDialog(self.document, names, self.window()).open()

    def resize_tensor(self, row: Row) -> None:
        """Asks how a tensor is to get the model's shape."""
        from ckpt_studio.gui.dialogs.resize_dialog import ResizeDialog

        ResizeDialog(self.document, row, self.window()).open()

    def align(self) -> None:
        """Shows the automatic mapping of names."""
        from ckpt_studio.gui.dialogs.align_dialog import AlignDialog

        AlignDialog(self.document, self.window()).open()

    def test_with_torch(self) -> None:
        """Asks whether PyTorch is to load the weights as they are now."""
        from ckpt_studio.gui.dialogs.load_test_dialog import LoadTestDialog

        LoadTestDialog(self.document, self.window()).open()

    def _offers(self) -> list[Offer]:
        """The remedies that open a dialog, as far as the report calls for them."""
        counts = self.rows.counts
        offers = []
        if counts["missing"] and counts["unexpected"]:
            offers.append(
                Offer(
                    self.tr("Match the names of both sides automatically"),
                    self.tr("Ma&tch…"),
                    self.tr("By shapes, order and names; you see every pair before anything is renamed."),
                    self.align,
                )
            )
        elif counts["missing"]:
            offers.append(
                Offer(
                    counted(
                        counts["missing"],
                        self.tr("Fill the missing tensor with the model's own starting values"),
                        self.tr("Fill the {count} missing tensors with the model's own starting values"),
                    ),
                    self.tr("Fi&ll…"),
                    self.tr("Then the file loads, and these layers begin untrained."),
                    lambda: self.fill(),
                )
            )
        return offers

    def _other_models(self, report: LoadReport) -> list[Offer]:
        """What to do when hardly anything fits: another model."""
        fits, total = len(report.matched), sum(row.model_shape is not None for row in report.rows)
        offers = [
            Offer(
                (
                    self.tr("This looks like another model: only {count} of {total} names fit.")
                    if fits
                    else self.tr("This looks like another model: none of its {total} names fits.")
                ).format(count=f"{fits:,}", total=f"{total:,}"),
                self.tr("&Choose…"),
                self.tr("Choose another model to compare with"),
                self.choose_model,
            )
        ]
        candidate, nearby, resolved = self._candidate, self._nearby, self.document.resolved
        if candidate is not None and resolved is not None and candidate.reference != str(resolved.reference):
            name = candidate.reference.partition(":")[2] or candidate.reference
            offers.append(
                Offer(
                    self.tr("The file was recognised as {model}.").format(model=name),
                    self.tr("Com&pare"),
                    self.tr("Compares with that model instead."),
                    lambda: self.candidate_wanted.emit(candidate),
                )
            )
        elif nearby is not None:
            name = os.path.basename(nearby.path)
            offers.append(
                Offer(
                    self.tr("“{model}” of {file} lies beside this file.").format(
                        model=nearby.candidate.qualname, file=name
                    ),
                    self.tr("Com&pare…"),
                    nearby.path,
                    self._choose_nearby,
                )
            )
        return offers

    def show_only(self, statuses: Iterable[Status]) -> None:
        """Lists the rows of these statuses; of none: all."""
        wanted = frozenset(statuses)
        for status, chip in self.chips.chips.items():
            chip.setChecked(status in wanted)

    def take_name(self, row: Row) -> None:
        """Asks which tensor of the file is to get the missing name."""
        from ckpt_studio.gui.dialogs.take_name_dialog import TakeNameDialog

        TakeNameDialog(self.document, row, self.window()).open()

    def pop_selected(self) -> None:
        """Pops the tensors of the selected rows."""
        names = tuple(row.checkpoint_name for row in self.table.selected_rows() if row.checkpoint_name is not None)
        if names:
            self.apply(Pop(names))

    def pop_status(self, status: Status) -> None:
        """Pops every tensor of one status."""
        if self._shown is not None:
            names = [row.checkpoint_name for row in self._shown.with_status(status)]
            self.apply(Pop(tuple(name for name in names if name is not None)))

    def remedies(self, row: Row) -> QMenu:
        """The menu of everything that can be done about a row."""
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.setToolTipsVisible(True)

        def add(text: str, slot: object, tip: str = "") -> QAction:
            action = menu.addAction(text)
            action.triggered.connect(slot)
            action.setToolTip(tip)
            return action

        name = row.checkpoint_name
        if row.status == "missing":
            add(
                self.tr("Use this name for a tensor of the file…"),
                lambda: self.take_name(row),
                self.tr("Shows the tensors that fit this shape, and renames the one you choose."),
            )
            chosen = sorted(self.selection.names)
            if len(chosen) == 1:
                add(
                    self.tr("Use this name for “{name}”").format(name=chosen[0]),
                    lambda: self.apply(RenameTensor(chosen[0], row.name)),
                    self.tr("Renames the tensor that is selected in the tree."),
                )
            add(
                self.tr("Fill with the model's own starting value…"),
                lambda: self.fill((row.name,)),
                self.tr("Then this layer loads, and begins untrained."),
            )
            if self.rows.counts["missing"] > 1:
                add(
                    self.tr("Fill all {count} missing tensors…").format(count=f"{self.rows.counts['missing']:,}"),
                    lambda: self.fill(),
                )
            paste = add(self.tr("Paste here"), self.table.paste_names)
            paste.setEnabled(DraggedNames.from_mime(QGuiApplication.clipboard().mimeData()) is not None)
        from ckpt_studio.gui.dialogs.resize_dialog import ways_of

        if ways_of(row):
            add(
                self.tr("Resize to {shape}…").format(shape=side_text(row.model_shape)),
                lambda: self.resize_tensor(row),
                self.tr("Shows the ways to give it the model's shape, and what each means."),
            )
        if name is not None and row.status in ("unexpected", "mismatched"):
            add(
                self.tr("Pop “{name}”").format(name=name),
                lambda: self.apply(Pop((name,))),
                self.tr("Takes it out of the weights. The file on disk stays as it is until you export."),
            )
            count = self.rows.counts[row.status]
            if count > 1:
                status: Status = row.status
                words = (
                    self.tr("Pop all {count} unexpected tensors")
                    if status == "unexpected"
                    else self.tr("Pop all {count} tensors of another size")
                )
                add(words.format(count=f"{count:,}"), lambda: self.pop_status(status))
        if name is not None:
            add(self.tr("Rename “{name}”…").format(name=name), lambda: self._rename(name))
        menu.addSeparator()
        add(self.tr("Copy name"), lambda: QGuiApplication.clipboard().setText(row.name))
        return menu

    def _rename(self, name: str) -> None:
        from ckpt_studio.gui.dialogs.rename_dialog import RenameDialog

        RenameDialog(self.document, name, False, self.window()).open()

    # What changes what is shown.

    def _placement(self, dragged: DraggedNames, row: Row) -> Placement:
        resolved, state_dict = self.document.resolved, self.document.state_dict
        if resolved is None or state_dict is None:
            return Placement(self.tr("Choose a model first."))
        return placement(dragged, row, self.document.id, state_dict.entries, resolved.skeleton.by_name)

    def _on_model_changed(self) -> None:
        resolved = self.document.resolved
        self._anew = self._asks_room = True
        self.message.hide()
        self._show_choice()
        self.pages.setCurrentIndex(0 if resolved is None else 1)
        self._lay_out()
        if resolved is not None:
            title = resolved.skeleton.title
            self.model_label.say(title, f"{title}\n{resolved.skeleton.reference}", title.removeprefix("torchvision "))
            self.verdict.say("", "calm")
            # Another checkpoint has no code that could load anything.
            self.test_button.setHidden(isinstance(resolved.reference, CheckpointReference))
        else:
            self._show_report(None)

    def _on_document_changed(self, *_: object) -> None:
        self.message.hide()
        self._show_choice()

    def _show_choice(self) -> None:
        """The page without a model: how to choose one, or that there is nothing to compare."""
        comparable = self.document.state_dict is not None
        self.empty_title.setText(
            self.tr("Will this file load into your model?")
            if comparable
            else self.tr("This file holds no weights to compare.")
        )
        self.empty_text.setText(
            self.tr(
                "Choose the model it is meant for. Here you then see, name by name, what fits, what is missing,"
                " what has another size and what is left over, and you can repair it."
            )
            if comparable
            else self.tr("Nothing in it maps names to tensors, as a model needs it. What it does hold is in the tree.")
        )
        for button in self.empty_buttons.values():
            button.setVisible(comparable)
        self.nearby_button.setVisible(comparable and self._nearby is not None)
        if comparable and self.document.resolved is None and self._looking is None:
            self._look_beside()

    def _look_beside(self) -> None:
        """Looks once for a model in the Python files of the checkpoint's folder."""
        path, state_dict = self.document.path, self.document.state_dict
        assert state_dict is not None

        def look(progress: Progress) -> list[NearbyModel]:
            return models_beside(path, tuple(state_dict.tensors), progress)

        self._looking = run_task(self, look, label=self.tr("Looking for a model beside the file"))
        self._looking.succeeded.connect(self._on_looked)

    def _on_looked(self, found: list[NearbyModel]) -> None:
        if found:
            self._nearby = found[0]
            name = os.path.basename(found[0].path)
            self.nearby_button.setText(
                self.tr("“{model}” of {file}, beside this file…").format(model=found[0].candidate.qualname, file=name)
            )
            self.nearby_button.setToolTip(
                self.tr("{path}\nIt seems to be the model of this file. You are asked before its code runs.").format(
                    path=found[0].path
                )
            )
            self.nearby_button.setVisible(self.document.state_dict is not None)

    def _on_report_changed(self) -> None:
        document = self.document
        if document.is_comparing:
            self._busy.start()
            return
        self._busy.stop()
        if document.report_error is not None and document.resolved is not None:
            self._show_report(None)
            self.verdict.say(worded_error(document.report_error), "bad")
            self.verdict.setToolTip("")
            self.details_button.setVisible(bool(document.report_error.details))
        elif document.resolved is not None and document.state_dict is None:
            self._show_report(None)
            self.verdict.say(self.tr("This file holds no weights that could be compared."), "caution")
        else:
            self._show_report(document.report)

    def _on_waiting_long(self) -> None:
        if self.document.is_comparing:
            self.verdict.say(self.tr("Comparing…"), "calm")

    def _show_details(self) -> None:
        error = self.document.report_error
        if error is not None:
            from ckpt_studio.gui.dialogs.details_dialog import DetailsDialog

            DetailsDialog(worded_error(error), error.details, self.window()).open()

    def _show_report(self, report: LoadReport | None) -> None:
        self.details_button.hide()
        if report is self._shown and report is not None:
            return
        was_done = self._shown is not None and self._shown.loads_strict
        self._shown = report
        self._is_other = False
        if self._suggesting is not None:
            self._suggesting.cancel()
            self._suggesting = None
        kept = self._kept_names()
        # A list at its beginning stays there: what is left to do comes first.
        top = self.rows.row_at(self.table.rowAt(0)).name if self.table.rowAt(0) > 0 else ""
        scrolled = self.table.verticalScrollBar().value()
        if was_done and report is not None and not report.loads_strict:
            # Wherever one was among what is well: what has come to be wrong is seen.
            top, scrolled = "", 0
        self._following = True
        self.rows.set_report(report, self._arranged[0] if self._arranged else None)
        self._following = False
        self.table.fit_shapes(self._anew)
        self._anew = report is None
        for status, count in self.rows.counts.items():
            self.chips.chips[status].set_count(count)
        self._restore(kept, top, scrolled)
        self._say_nothing()
        self._explain()
        self._show_verdict(report)
        self._show_notes(report)
        if report is None or report.loads_strict:
            self.suggestions.show_suggestions(())
            if report is not None:
                self._ask_for_room()
        else:
            self._suggest(report)

    def _ask_for_room(self) -> None:
        layout = self._report_page.layout()
        if self._asks_room and layout is not None:
            self._asks_room = False
            self._lay_out()
            # Where all is well the values are worth more than a long list.
            is_done = self._shown is not None and self._shown.loads_strict
            rows = 0 if is_done else 2 * self.table.verticalHeader().defaultSectionSize()
            self.room_wanted.emit(layout.totalHeightForWidth(self.width()) + rows)

    def _order_tabs(self) -> None:
        layout = self._report_page.layout()
        if layout is not None:
            put_in_order(layout)

    def _kept_names(self) -> set[str]:
        """The names of the selected rows; of very many the tree's selection tells."""
        rows = self.table.selected_rows() if len(self.selection.names) <= _MOST_LOOKED_UP else ()
        return set(map(NAME_OF, rows))

    def _restore(self, kept: set[str], top: str, scrolled: int) -> None:
        """Selects what was selected; the row that was on top is there again, or what has taken its place."""
        place = self.rows.position_of(top) if top else -1
        bar = self.table.verticalScrollBar()
        bar.setValue(place * self.table.verticalHeader().defaultSectionSize() if place >= 0 else scrolled)
        self._select_names(self.selection.names, kept, scrolls=False)

    def _show_verdict(self, report: LoadReport | None) -> None:
        if report is None:
            self.verdict.say("", "calm")
            return
        counts = self.rows.counts
        if report.loads_strict:
            changes = self.document.history.index
            if changes:
                text = counted(
                    changes,
                    self.tr("With your 1 change, this file loads into the model."),
                    self.tr("With your {count} changes, this file loads into the model."),
                )
            else:
                text = self.tr("This file loads into the model.")
            untrained = len(untrained_names((step.edit, step.checkpoint) for step in self._steps()))
            if untrained:
                told = counted(
                    untrained,
                    self.tr("1 tensor in it is untrained: it was filled in with start values."),
                    self.tr("{count} tensors in it are untrained: they were filled in with start values."),
                )
                text = in_a_row([text, told])
            self.verdict.say(text, "good")
        else:
            faults: tuple[Status, ...] = ("missing", "mismatched", "unexpected")
            parts = [status_count(status, counts[status]) for status in faults if counts[status]]
            if report.errors:
                parts.append(counted(len(report.errors), self.tr("1 further error"), self.tr("{count} further errors")))
            self.verdict.say(self.tr("PyTorch would refuse: {reasons}.").format(reasons=listed(parts)), "bad")
        self.verdict.setToolTip(
            self.tr(
                "PyTorch itself gave this verdict: load_state_dict(strict=True) was run on an empty copy of the model."
            )
            if report.judge == "torch"
            else self.tr(
                "Judged by the rules of load_state_dict(strict=True). This model has no loading code of its own,"
                " so PyTorch says the same."
            )
        )

    def _steps(self) -> Sequence[Revision]:
        history = self.document.history
        return history.revisions[: history.index]

    def _show_notes(self, report: LoadReport | None) -> None:
        lines = [] if report is None else [*report.errors, *(worded(note) for note in report.notes)]
        self.notes.clear()
        self.notes.addItems(lines)
        self.notes_button.setText(counted(len(lines), self.tr("1 note"), self.tr("{count} notes")))
        self.notes_button.setVisible(bool(lines))
        if report is not None and report.errors:
            self.notes_button.setChecked(True)
        self.notes.setVisible(bool(lines) and self.notes_button.isChecked())

    def _on_notes_toggled(self, shown: bool) -> None:
        self.notes_button.setArrowType(Qt.ArrowType.DownArrow if shown else Qt.ArrowType.RightArrow)
        self.notes.setVisible(shown and self.notes.count() > 0)

    def _suggest(self, report: LoadReport) -> None:
        # What was offered for the state before this one must not be applied to it.
        self.suggestions.pause()
        checkpoint, resolved = self.document.checkpoint, self.document.resolved
        assert resolved is not None
        from ckpt_studio.compare.suggest import is_another_model, suggest

        def think(progress: Progress) -> tuple[list[Suggestion], bool]:
            suggestions = suggest(checkpoint, resolved, report, progress)
            progress.check()
            return suggestions, is_another_model(report, suggestions)

        task = run_task(self, think, label=self.tr("Looking for remedies"))
        self._suggesting = task

        def show(found: tuple[list[Suggestion], bool]) -> None:
            if task is self._suggesting:
                self._suggesting = None
                suggestions, self._is_other = found
                best = suggestions[0].matched_after if suggestions else 0
                far = best < _NEARLY_ALL * len(resolved.skeleton.entries)
                offers = self._offers()
                if self._is_other:
                    far, offers, suggestions = True, self._other_models(report), []
                self.suggestions.show_suggestions(suggestions, offers, offers_first=far)
                self.suggestions.setEnabled(True)
                self._order_tabs()
                self._ask_for_room()

        task.succeeded.connect(show)
        task.failed.connect(lambda error: self.message.say(worded_error(error), "caution"))

    def _on_filter_changed(self, *_: object) -> None:
        kept = self._kept_names()
        self._following = True
        self.rows.set_filter(self.chips.chosen(), self.filter.text())
        self._following = False
        self.table.scrollToTop()
        self._select_names(self.selection.names, kept)
        self._say_nothing()

    def _say_nothing(self) -> None:
        """Tells the table what to say in place of rows, when the filter leaves none."""
        chosen, text = self.chips.chosen(), self.filter.text().strip()
        if self._shown is None:
            words = ""
        elif text:
            words = self.tr("No name here contains “{text}”.").format(text=text)
        elif len(chosen) == 1:
            words = {
                "matched": self.tr("Nothing matches."),
                "mismatched": self.tr("Nothing has another size."),
                "missing": self.tr("Nothing is missing."),
                "unexpected": self.tr("Nothing is unexpected."),
            }[next(iter(chosen))]
        else:
            words = self.tr("Nothing to show.")
        self.table.say_nothing(words)

    def _select_names(self, names: frozenset[str], kept: Collection[str] = (), scrolls: bool = True) -> None:
        """Selects the rows that show these tensors, very many of them soon; where none does, the `kept` ones."""
        if self._selecting is not None:
            self._selecting.cancel()
            self._selecting = None
        arranged = self.rows.arranged
        if len(names) <= _MOST_LOOKED_UP:
            places = self.rows.positions_at(arranged.of_checkpoint(names)) or self.rows.positions_of(kept)
            self._select(places, scrolls)
            return
        task = self._selecting = run_task(self, lambda _: arranged.of_checkpoint(names))

        def show(places: Sequence[int]) -> None:
            if task is self._selecting:
                self._selecting = None
                self._select(self.rows.positions_at(places), scrolls)

        task.succeeded.connect(show)

    def _select(self, positions: Sequence[int], scrolls: bool) -> None:
        self._following = True
        self.table.select_positions(positions, scrolls)
        self._following = False

    def _on_names_selected(self, names: frozenset[str]) -> None:
        if self.selection.origin is not self:
            # What is selected in the tree may be dragged to the missing name that is in view.
            self._select_names(names, scrolls=not self.table.shows_missing)

    def _explain(self, *_: object) -> None:
        row = self.table.current_row()
        if row is None:
            self.explained.setText(
                self.tr("Choose a row to read what it means. Drop a tensor or group from the tree on one.")
            )
        else:
            self.explained.setText(status_explained(row.status))

    def _on_rows_selected(self, *_: object) -> None:
        if self._following:
            return
        names = [name for name in map(CHECKPOINT_NAME_OF, self.table.selected_rows()) if name is not None]
        # A missing row has no tensor; the tree keeps its selection, which may be what is to take the name.
        if names:
            current = self.table.current_row()
            self.selection.select(names, self, current.checkpoint_name if current is not None else None)

    def _open_menu(self, row: Row, place: QPoint) -> None:
        self.remedies(row).popup(place)

    # Overrides of Qt.

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.explained.setVisible(self.height() >= self.fontMetrics().lineSpacing() * _FEW_LINES)


def _arranging(place: list[ArrangedRows]) -> Callable[[StateDict, LoadReport], None]:
    """A reader of reports, for the job that compares; without the pane, which threads must not hold."""

    def arrange(_: StateDict, report: LoadReport) -> None:
        place[:] = [ArrangedRows(report)]

    return arrange
