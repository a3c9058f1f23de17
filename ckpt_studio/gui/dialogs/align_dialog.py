"""The automatic mapping, side by side, before it is applied: few rules, their pairs, and a tick for each."""

from __future__ import annotations

from dataclasses import replace

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QAbstractItemView,
    QCheckBox,
    QHeaderView,
    QLabel,
    QProgressBar,
    QTreeWidget,
    QTreeWidgetItem,
    QWidget,
)

from ckpt_studio.compare.align import Alignment, MappingRule, Pair, align, alignment_edit
from ckpt_studio.core.edits import ApplyMapping, Edit
from ckpt_studio.core.jobs import Progress
from ckpt_studio.errors import StudioError
from ckpt_studio.gui.dialogs.ask_dialog import counted, muted
from ckpt_studio.gui.dialogs.edit_dialog import EditDialog, Trial
from ckpt_studio.gui.document import ChangeSet, Document
from ckpt_studio.gui.figures import exact_text
from ckpt_studio.gui.statuses import is_dark, status_color, status_icon
from ckpt_studio.gui.tasks import Task, run_task
from ckpt_studio.gui.wording import worded, worded_error

_PAIR_ROLE = int(Qt.ItemDataRole.UserRole)


def changes(pair: Pair) -> bool:
    """Whether applying the pair would do anything."""
    return pair.source != pair.target or pair.transform is not None


class AlignDialog(EditDialog):
    """Finds which tensor of the file is which of the model, and maps the ticked ones as one edit."""

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
                "The layers of both sides were matched by their shapes, their order and their names. Each line is a"
                " rule; open it to see its tensors. What has no tick keeps its name."
            ),
        )
        self.found = QLabel(self.tr("Matching…"))
        self.found.setWordWrap(True)
        self.bar = QProgressBar()
        self.bar.setRange(0, 0)
        self.bar.setTextVisible(False)
        self.bar.setAccessibleName(self.tr("Matching"))
        self.rules = QTreeWidget()
        self.rules.setObjectName("mappingRules")
        self.rules.setAccessibleName(self.tr("Rules and their pairs of names"))
        self.rules.setHeaderLabels([self.tr("Name in the file"), self.tr("Name in the model"), self.tr("Why")])
        self.rules.setUniformRowHeights(True)
        self.rules.setAlternatingRowColors(True)
        self.rules.setTextElideMode(Qt.TextElideMode.ElideMiddle)
        self.rules.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.rules.header().setSectionResizeMode(QHeaderView.ResizeMode.Stretch)
        self.rules.header().setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        self.rules.itemChanged.connect(self.refresh)
        self.only_unsure = QCheckBox(self.tr("Show only the &doubtful rules"))
        self.only_unsure.setEnabled(False)
        self.only_unsure.toggled.connect(self._on_only_unsure)
        self.rest = muted(QLabel())
        self.rest.hide()
        self.body.addWidget(self.found)
        self.body.addWidget(self.bar)
        self.body.addWidget(self.rules, 1)
        self.body.addWidget(self.only_unsure)
        self.body.addWidget(self.rest)
        self.resize(920, 640)
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
        self.rules.blockSignals(True)
        for rule in alignment.rules:
            self._add_rule(rule)
        self.rules.blockSignals(False)
        unsure = sum(rule.is_unsure and any(map(changes, rule.pairs)) for rule in alignment.rules)
        self.only_unsure.setText(self.tr("Show only the &doubtful rules ({count})").format(count=exact_text(unsure)))
        self.only_unsure.setEnabled(unsure > 0)
        self.found.setText(
            self.tr("{paired} of {expected} names of the model have a partner; {changed} change.").format(
                paired=exact_text(len(alignment.pairs)),
                expected=exact_text(len(self._resolved.skeleton.entries)),
                changed=exact_text(sum(map(changes, alignment.pairs))),
            )
        )
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

    def _add_rule(self, rule: MappingRule) -> None:
        pairs = [pair for pair in rule.pairs if changes(pair)]
        if not pairs:
            return
        item = QTreeWidgetItem([rule.source, rule.target, worded(rule.evidence)])
        item.setFlags(item.flags() | Qt.ItemFlag.ItemIsUserCheckable | Qt.ItemFlag.ItemIsAutoTristate)
        item.setToolTip(2, worded(rule.evidence))
        if rule.is_unsure:
            item.setIcon(2, status_icon("mismatched", is_dark()))
            item.setForeground(2, status_color("mismatched", is_dark()))
        for pair in pairs:
            note = self.tr("reshaped to {shape}").format(shape="×".join(map(str, pair.shape))) if pair.shape else ""
            child = QTreeWidgetItem([pair.source, pair.target, note])
            child.setFlags(child.flags() | Qt.ItemFlag.ItemIsUserCheckable)
            child.setData(0, _PAIR_ROLE, pair)
            child.setCheckState(0, Qt.CheckState.Checked)
            for column, name in enumerate((pair.source, pair.target)):
                child.setToolTip(column, name)
            item.addChild(child)
        self.rules.addTopLevelItem(item)
        item.setExpanded(rule.is_unsure)

    def _on_only_unsure(self, only: bool) -> None:
        for place in range(self.rules.topLevelItemCount()):
            item = self.rules.topLevelItem(place)
            if item is not None:
                item.setHidden(only and item.icon(2).isNull())

    def _on_align_failed(self, error: StudioError) -> None:
        self._aligning = None
        self.bar.hide()
        self.found.setText(worded_error(error))
        self.refresh()

    def chosen(self) -> tuple[Pair, ...]:
        """The ticked pairs."""
        rules = [self.rules.topLevelItem(place) for place in range(self.rules.topLevelItemCount())]
        items = [rule.child(row) for rule in rules if rule is not None for row in range(rule.childCount())]
        ticked = Qt.CheckState.Checked
        return tuple(item.data(0, _PAIR_ROLE) for item in items if item is not None and item.checkState(0) == ticked)

    def edit(self) -> Edit | str:
        if self._aligning is not None:
            return self.tr("Matching the names…")
        if self.alignment is None:
            return self.tr("No mapping was found.")
        return alignment_edit(replace(self.alignment, pairs=self.chosen())) or self.tr("No name would change.")

    def button_text(self, change: ChangeSet | None) -> str:
        if change is None:
            return self.tr("Map")
        return counted(len(self.chosen()), self.tr("Map 1 tensor"), self.tr("Map {count} tensors"))

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
