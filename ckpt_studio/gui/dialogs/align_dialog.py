"""The automatic mapping, side by side, before it is applied: every pair can be left out."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt, Signal
from PySide6.QtWidgets import QAbstractItemView, QCheckBox, QHeaderView, QLabel, QProgressBar, QTableView, QWidget

from ckpt_studio.compare.align import Alignment, Pair, align
from ckpt_studio.core.edits import ApplyMapping, Edit
from ckpt_studio.core.jobs import Progress
from ckpt_studio.errors import StudioError
from ckpt_studio.gui.dialogs.ask_dialog import counted, muted
from ckpt_studio.gui.dialogs.edit_dialog import EditDialog, Trial
from ckpt_studio.gui.document import ChangeSet, Document
from ckpt_studio.gui.figures import exact_text
from ckpt_studio.gui.statuses import is_dark, status_color
from ckpt_studio.gui.tasks import Task, run_task
from ckpt_studio.gui.wording import worded_error

Index = QModelIndex | QPersistentModelIndex

# Below this the two best partners of a layer were hard to tell apart.
UNSURE = 0.5


class PairsModel(QAbstractTableModel):
    """The pairs whose names differ, each with a tick; unticked ones keep their name."""

    edited = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._pairs: tuple[Pair, ...] = ()
        self._visible: list[int] = []
        self._chosen: set[int] = set()
        self._only_unsure = False

    def set_pairs(self, pairs: tuple[Pair, ...]) -> None:
        """Shows these pairs, all ticked."""
        self._pairs = pairs
        self._chosen = set(range(len(pairs)))
        self._refilter()

    def show_only_unsure(self, only: bool) -> None:
        """Hides the pairs that leave no doubt."""
        self._only_unsure = only
        self._refilter()

    def _refilter(self) -> None:
        self.beginResetModel()
        self._visible = [i for i, p in enumerate(self._pairs) if not self._only_unsure or p.confidence < UNSURE]
        self.endResetModel()

    @property
    def chosen(self) -> tuple[Pair, ...]:
        """The ticked pairs."""
        return tuple(pair for i, pair in enumerate(self._pairs) if i in self._chosen)

    @property
    def unsure(self) -> int:
        """How many pairs are worth a look."""
        return sum(pair.confidence < UNSURE for pair in self._pairs)

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() else len(self._visible)

    def columnCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() else 3

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = 0) -> Any:
        if orientation == Qt.Orientation.Horizontal and role == Qt.ItemDataRole.DisplayRole:
            return (self.tr("Name in the file"), self.tr("Name in the model"), self.tr("How sure"))[section]
        if orientation == Qt.Orientation.Horizontal and role == Qt.ItemDataRole.TextAlignmentRole:
            return int(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        return None

    def flags(self, index: Index) -> Qt.ItemFlag:
        flags = super().flags(index)
        return flags | Qt.ItemFlag.ItemIsUserCheckable if index.column() == 0 else flags

    def data(self, index: Index, role: int = 0) -> Any:
        if not index.isValid():
            return None
        number = self._visible[index.row()]
        pair, column = self._pairs[number], index.column()
        if role == Qt.ItemDataRole.DisplayRole:
            if column == 2:
                return self.tr("sure") if pair.confidence >= UNSURE else self.tr("look at it")
            return pair.target if column else pair.source
        if role == Qt.ItemDataRole.CheckStateRole and column == 0:
            return Qt.CheckState.Checked if number in self._chosen else Qt.CheckState.Unchecked
        if role == Qt.ItemDataRole.ForegroundRole and column == 2 and pair.confidence < UNSURE:
            return status_color("mismatched", is_dark())
        if role == Qt.ItemDataRole.ToolTipRole:
            lines = [f"{pair.source} → {pair.target}", f"{pair.confidence:.0%}"]
            if pair.transform is not None:
                lines.append(self.tr("The same numbers under another shape; they are reshaped too."))
            return "\n".join(lines)
        return None

    def setData(self, index: Index, value: Any, role: int = 0) -> bool:
        if role != Qt.ItemDataRole.CheckStateRole or not index.isValid():
            return False
        number = self._visible[index.row()]
        if Qt.CheckState(value) == Qt.CheckState.Checked:
            self._chosen.add(number)
        else:
            self._chosen.discard(number)
        self.dataChanged.emit(index, index)
        self.edited.emit()
        return True


class AlignDialog(EditDialog):
    """Finds which tensor of the file is which of the model, and renames the ticked ones as one edit."""

    shows_preview = False

    def __init__(self, document: Document, parent: QWidget | None = None) -> None:
        super().__init__(document, parent)
        self._aligning: Task | None = None
        self.alignment: Alignment | None = None
        resolved = document.resolved
        assert resolved is not None
        self._resolved = resolved
        self.ask(
            self.tr("Match names automatically"),
            self.tr("Give the tensors the names of {model}?").format(model=resolved.skeleton.title),
            self.tr(
                "The layers of both sides were matched by their shapes, their order and their names."
                " Look through the pairs; a pair without its tick keeps its name."
            ),
        )
        self.found = QLabel(self.tr("Matching…"))
        self.found.setWordWrap(True)
        self.bar = QProgressBar()
        self.bar.setRange(0, 0)
        self.bar.setTextVisible(False)
        self.bar.setAccessibleName(self.tr("Matching"))
        self.pairs_model = PairsModel(self)
        self.pairs_model.edited.connect(self.refresh)
        self.table = QTableView()
        self.table.setAccessibleName(self.tr("Pairs of names"))
        self.table.setModel(self.pairs_model)
        self.table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.table.setShowGrid(False)
        self.table.setAlternatingRowColors(True)
        self.table.setTabKeyNavigation(False)
        self.table.setTextElideMode(Qt.TextElideMode.ElideLeft)
        self.table.verticalHeader().hide()
        self.table.verticalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        self.table.verticalHeader().setDefaultSectionSize(self.fontMetrics().height() + 9)
        header = self.table.horizontalHeader()
        header.setHighlightSections(False)
        header.setSectionResizeMode(QHeaderView.ResizeMode.Stretch)
        header.setSectionResizeMode(2, QHeaderView.ResizeMode.ResizeToContents)
        self.only_unsure = QCheckBox(self.tr("Show only the &doubtful pairs"))
        self.only_unsure.toggled.connect(self.pairs_model.show_only_unsure)
        self.rest = muted(QLabel())
        self.body.addWidget(self.found)
        self.body.addWidget(self.bar)
        self.body.addWidget(self.table, 1)
        self.body.addWidget(self.only_unsure)
        self.body.addWidget(self.rest)
        self.resize(860, 620)
        self.finish_layout()
        self._align()

    def _align(self) -> None:
        state_dict, skeleton = self.document.state_dict, self._resolved.skeleton
        assert state_dict is not None

        def find(progress: Progress) -> Alignment:
            return align(state_dict, skeleton, progress)

        task = run_task(self, find, label=self.tr("Matching names"))
        self._aligning = task
        task.succeeded.connect(self._on_aligned)
        task.failed.connect(self._on_align_failed)

    def _on_aligned(self, alignment: Alignment) -> None:
        self._aligning = None
        self.alignment = alignment
        self.bar.hide()
        renamed = tuple(pair for pair in alignment.pairs if pair.source != pair.target or pair.transform is not None)
        self.pairs_model.set_pairs(renamed)
        self.found.setText(
            self.tr("{paired} of {expected} names of the model have a partner; {renamed} change.").format(
                paired=exact_text(len(alignment.pairs)),
                expected=exact_text(len(self._resolved.skeleton.entries)),
                renamed=exact_text(len(renamed)),
            )
        )
        self.only_unsure.setText(
            self.tr("Show only the &doubtful pairs ({count})").format(count=exact_text(self.pairs_model.unsure))
        )
        self.only_unsure.setEnabled(self.pairs_model.unsure > 0)
        rest = []
        if alignment.unmatched_target:
            rest.append(
                self.tr("Names of the model without a partner: {names}").format(names=_some(alignment.unmatched_target))
            )
        if alignment.unmatched_source:
            rest.append(
                self.tr("Tensors of the file without a partner: {names}").format(
                    names=_some(alignment.unmatched_source)
                )
            )
        self.rest.setText("\n".join(rest))
        self.rest.setVisible(bool(rest))
        self.refresh()

    def _on_align_failed(self, error: StudioError) -> None:
        self._aligning = None
        self.bar.hide()
        self.found.setText(worded_error(error))

    def edit(self) -> Edit | str:
        if self._aligning is not None:
            return self.tr("Matching the names…")
        if self.alignment is None:
            return self.tr("No mapping was found.")
        chosen = self.pairs_model.chosen
        if not chosen:
            return self.tr("No name would change.")
        by_name = self._resolved.skeleton.by_name
        needed = {pair.target for pair in chosen}
        return ApplyMapping(
            tuple((pair.source, pair.target) for pair in chosen),
            tuple((pair.target, by_name[pair.target].shape) for pair in chosen if pair.transform is not None),
            tuple(name for name in self.alignment.unmatched_source if name in needed),
        )

    def button_text(self, change: ChangeSet | None) -> str:
        if change is None:
            return self.tr("Map")
        count = len(self.pairs_model.chosen)
        return counted(count, self.tr("Map 1 tensor"), self.tr("Map {count} tensors"))

    def offer(self, trial: Trial) -> None:
        super().offer(trial)
        assert isinstance(trial.edit, ApplyMapping)
        if trial.edit.drop:
            self.message.say(
                self.tr("Popped, because other tensors need their names: {names}").format(names=_some(trial.edit.drop)),
                "caution",
            )

    def stop(self) -> None:
        if self._aligning is not None:
            self._aligning.cancel()
            self._aligning = None
        super().stop()


def _some(names: tuple[str, ...]) -> str:
    return ", ".join(names[:5]) + (f" … ({len(names):,})" if len(names) > 5 else "")
