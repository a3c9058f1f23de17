"""The automatic mapping, side by side, before it is applied: few rules, their pairs, and a tick for each."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QBrush, QIcon
from PySide6.QtWidgets import (
    QCheckBox,
    QHBoxLayout,
    QLabel,
    QProgressBar,
    QPushButton,
    QTreeWidgetItem,
    QWidget,
)

from ckpt_studio.compare.align import Alignment, MappingRule, Pair, align, alignment_edit
from ckpt_studio.compare.leftovers import leftovers
from ckpt_studio.core.edits import ApplyMapping, Edit
from ckpt_studio.core.jobs import Progress
from ckpt_studio.errors import StudioError
from ckpt_studio.gui.dialogs.ask_dialog import Banner, counted
from ckpt_studio.gui.dialogs.choose_partner_dialog import ChoosePartnerDialog
from ckpt_studio.gui.dialogs.edit_dialog import EditDialog
from ckpt_studio.gui.dialogs.mapping_tree import TARGET_ROLE, MappingTree, Swap, row_of, show_pair
from ckpt_studio.gui.document import ChangeSet, Document, Trial
from ckpt_studio.gui.figures import exact_text, shape_text
from ckpt_studio.gui.fitting import resize_within_screen
from ckpt_studio.gui.statuses import is_dark, status_color, status_icon
from ckpt_studio.gui.tasks import Task, run_task
from ckpt_studio.gui.wording import worded, worded_error

_TICKED = Qt.CheckState.Checked
_UNTICKED = Qt.CheckState.Unchecked


def _dense(shape: tuple[int, ...]) -> tuple[int, ...]:
    return tuple(size for size in shape if size != 1)


class AlignDialog(EditDialog):
    """Finds which tensor of the file is which of the model, and maps the ticked ones as one edit.

    Doubtful rules are asked about. A tensor dropped on another name of the model, or chosen for it from a
    list, takes that place; the two that stood there swap where their shapes allow it.
    """

    shows_preview = False

    def __init__(self, document: Document, parent: QWidget | None = None) -> None:
        super().__init__(document, parent)
        self._aligning: Task | None = None
        self.alignment: Alignment | None = None
        resolved = document.resolved
        assert resolved is not None
        self._resolved = resolved
        # The present mapping by the model's names, those included that change nothing.
        self._pairs: dict[str, Pair] = {}
        self._rows: dict[str, QTreeWidgetItem] = {}
        self._questions: list[QTreeWidgetItem] = []
        self._free_targets: QTreeWidgetItem | None = None
        self._free_sources: QTreeWidgetItem | None = None
        self.ask(
            self.tr("Match names automatically"),
            self.tr("Give the tensors the names of {model}?").format(model=resolved.skeleton.title),
            self.tr(
                "The layers of both sides were matched by their shapes, their order and their names. Each line is a"
                " rule; open it to see its tensors. What has no tick keeps its name. To correct a pair, drop the right"
                " tensor on its row, or press Return there and choose."
            ),
        )
        self.found = QLabel(self.tr("Matching…"))
        self.found.setWordWrap(True)
        self.bar = QProgressBar()
        self.bar.setRange(0, 0)
        self.bar.setTextVisible(False)
        self.bar.setAccessibleName(self.tr("Matching"))
        self.asked = Banner()
        self.asked.label.setAccessibleName(self.tr("Doubtful rules"))
        self.confirm = QPushButton(self.tr("They are &right"))
        self.confirm.setAutoDefault(False)
        self.confirm.clicked.connect(lambda: self._answer(True))
        self.leave_out = QPushButton(self.tr("&Leave them out"))
        self.leave_out.setAutoDefault(False)
        self.leave_out.clicked.connect(lambda: self._answer(False))
        self.asked.row.addWidget(self.confirm)
        self.asked.row.addWidget(self.leave_out)
        # What to do with the other pairs of a rule when one of them was corrected: (source, name) each.
        self._alike: list[tuple[str, str]] = []
        self.swap_all = QPushButton(self.tr("&Exchange them all"))
        self.swap_all.clicked.connect(self._on_swap_all)
        self.only_one = QPushButton(self.tr("&Only this one"))
        self.only_one.clicked.connect(self._on_only_one)
        for button in (self.swap_all, self.only_one):
            button.setAutoDefault(False)
            self.asked.row.addWidget(button)
        self.asked.hide()
        self.rules = MappingTree(document.id, self.swap)
        self.rules.itemChanged.connect(self._on_ticked)
        self.rules.placed.connect(self.assign)
        self.rules.choice_wanted.connect(self.choose)
        self.rules.currentItemChanged.connect(self._on_current)
        self.rules.itemDoubleClicked.connect(self._on_double_clicked)
        self.other_button = QPushButton(self.tr("&Choose another tensor…"))
        self.other_button.setToolTip(self.tr("For the chosen row: another tensor of the file (Return)"))
        self.other_button.setAutoDefault(False)
        self.other_button.setEnabled(False)
        self.other_button.clicked.connect(lambda: self.choose(self._current_target()))
        self.only_unsure = QCheckBox(self.tr("Show only the &doubtful rules"))
        self.only_unsure.setEnabled(False)
        self.only_unsure.toggled.connect(self._on_only_unsure)
        self.body.addWidget(self.found)
        self.body.addWidget(self.bar)
        self.body.addWidget(self.asked)
        self.body.addWidget(self.rules, 1)
        below = QHBoxLayout()
        below.addWidget(self.only_unsure)
        below.addStretch()
        below.addWidget(self.other_button)
        self.body.addLayout(below)
        resize_within_screen(self, QSize(1240, 660))
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
        self._pairs = {pair.target: pair for pair in alignment.pairs}
        self.rules.blockSignals(True)
        for rule in alignment.rules:
            self._add_rule(rule)
        if alignment.unmatched_target:
            self._free_targets = self._add_group(self.tr("Names of the model without a partner"))
            for name in alignment.unmatched_target:
                self._show_target(name)
        self._show_free_sources()
        self.rules.blockSignals(False)
        self._show_found()
        self._show_asked()
        self.rules.fit_columns()
        self.refresh()

    def _show_found(self) -> None:
        pairs = self._pairs.values()
        self.found.setText(
            self.tr("{paired} of {expected} names of the model have a partner; {changed} change.").format(
                paired=exact_text(len(pairs)),
                expected=exact_text(len(self._resolved.skeleton.entries)),
                changed=exact_text(sum(pair.changes for pair in pairs)),
            )
        )

    def _show_asked(self) -> None:
        count, alike = len(self._questions), len(self._alike)
        self.only_unsure.setText(self.tr("Show only the &doubtful rules ({count})").format(count=exact_text(count)))
        self.only_unsure.setEnabled(count > 0)
        if not count:
            self.only_unsure.setChecked(False)
        for button in (self.confirm, self.leave_out):
            button.setVisible(not alike)
        for button in (self.swap_all, self.only_one):
            button.setVisible(bool(alike))
        if alike:
            self.asked.say(
                counted(
                    alike,
                    self.tr("You corrected a pair. 1 other pair of the same two rules could be exchanged likewise."),
                    self.tr(
                        "You corrected a pair. {count} other pairs of the same two rules could be exchanged likewise."
                    ),
                ),
                "caution",
            )
            return
        self.asked.say(
            counted(
                count,
                self.tr("1 rule is doubtful: other tensors would fit as well. Look at it: is it right?"),
                self.tr("{count} rules are doubtful: other tensors would fit as well. Look at them: are they right?"),
            )
            if count
            else "",
            "caution",
        )

    def _answer(self, right: bool) -> None:
        """All rules that are still asked about are right, or are left out."""
        self.rules.blockSignals(True)
        for item in self._questions:
            item.setCheckState(0, _TICKED if right else _UNTICKED)
            _settle(item, self.tr("looked at and found right") if right else "")
        self.rules.blockSignals(False)
        self._questions = []
        self._show_asked()
        self.refresh()

    def _on_ticked(self, item: QTreeWidgetItem, column: int) -> None:
        self._tick_together(item)
        self._answered(item.parent() or item)
        self.refresh()

    def _tick_together(self, item: QTreeWidgetItem) -> None:
        """The parts of one fused tensor are all taken, or none."""
        pair = self._pairs.get(item.data(0, TARGET_ROLE) or "")
        if pair is None or not pair.pieces:
            return
        self.rules.blockSignals(True)
        for target in self._torn(set(pair.sources)):
            self._rows[target].setCheckState(0, item.checkState(0))
        self.rules.blockSignals(False)

    def _answered(self, rule: QTreeWidgetItem, how: str = "") -> None:
        if rule in self._questions:
            self._questions.remove(rule)
            self.rules.blockSignals(True)
            _settle(rule, how)
            self.rules.blockSignals(False)
            self._show_asked()

    def _add_rule(self, rule: MappingRule) -> None:
        pairs = [pair for pair in rule.pairs if pair.changes]
        if not pairs:
            return
        item = QTreeWidgetItem([rule.source, rule.target, worded(rule.evidence)])
        item.setFlags(item.flags() | Qt.ItemFlag.ItemIsUserCheckable | Qt.ItemFlag.ItemIsAutoTristate)
        item.setToolTip(2, worded(rule.evidence))
        first = pairs[0]
        example = self.tr("For example: {old} becomes {new}").format(
            old=first.source_text or first.source, new=first.target
        )
        if "{" in rule.source or "{" in rule.target or "*" in rule.source:
            signs = self.tr("{n} and other letters in braces stand for numbers, * for the end of the name.")
            example = f"{signs}\n{example}"
        for column in (0, 1):
            item.setToolTip(column, example)
        if rule.is_unsure:
            item.setIcon(2, status_icon("mismatched", is_dark()))
            item.setForeground(2, status_color("mismatched", is_dark()))
            self._questions.append(item)
        for pair in pairs:
            child = row_of(pair.source, pair.target, self._note(pair), pair.source_text)
            child.setCheckState(0, _TICKED)
            self._rows[pair.target] = child
            item.addChild(child)
        self.rules.addTopLevelItem(item)
        item.setExpanded(rule.is_unsure)

    def _note(self, pair: Pair) -> str:
        notes = []
        if len(pair.pieces) == 1:
            piece = pair.pieces[0]
            rows, columns = self.tr("split: rows {first} to {last}"), self.tr("split: columns {first} to {last}")
            words = columns if pair.axis else rows
            notes.append(words.format(first=exact_text(piece.start + 1), last=exact_text(piece.start + piece.size)))
        elif pair.pieces:
            notes.append(self.tr("{count} joined").format(count=len(pair.pieces)))
        if pair.transposed:
            notes.append(self.tr("transposed"))
        if pair.shape:
            notes.append(self.tr("reshaped to {shape}").format(shape=shape_text(pair.shape)))
        return ", ".join(notes)

    def _add_group(self, title: str) -> QTreeWidgetItem:
        group = QTreeWidgetItem([title])
        self.rules.addTopLevelItem(group)
        group.setFirstColumnSpanned(True)
        group.setExpanded(True)
        return group

    def _show_target(self, target: str) -> None:
        """Brings the row of a name of the model up to date; makes one where there is none."""
        pair, item = self._pairs.get(target), self._rows.get(target)
        if item is None:
            if self._free_targets is None:
                self._free_targets = self._add_group(self.tr("Names of the model without a partner"))
            item = self._rows[target] = row_of("", target, "")
            self._free_targets.addChild(item)
        if pair is None:
            show_pair(item, "", target, shape_text(self._resolved.skeleton.by_name[target].shape))
            item.setData(0, Qt.ItemDataRole.CheckStateRole, None)
            return
        show_pair(item, pair.source, target, self._note(pair), pair.source_text)
        item.setCheckState(0, _TICKED)

    def _show_free_sources(self) -> None:
        names, state_dict = self._unused(), self.document.state_dict
        assert state_dict is not None
        if self._free_sources is None:
            if not names:
                return
            self._free_sources = self._add_group(self.tr("Tensors of the file without a partner"))
        self._free_sources.takeChildren()
        self._free_sources.addChildren([row_of(name, "", shape_text(state_dict.tensors[name].shape)) for name in names])
        self._free_sources.setHidden(not names)

    def _unused(self) -> tuple[str, ...]:
        used = {name for pair in self._pairs.values() for name in pair.sources}
        state_dict = self.document.state_dict
        return tuple(name for name in state_dict.tensors if name not in used) if state_dict is not None else ()

    # Correcting pairs.

    def _pair(self, source: str, target: str) -> Pair | None:
        """The pair of two names, or None when their shapes do not agree."""
        state_dict = self.document.state_dict
        assert state_dict is not None
        here, wanted = state_dict.tensors[source].shape, self._resolved.skeleton.by_name[target].shape
        if here == wanted:
            return Pair(source, target, 1.0)
        return Pair(source, target, 1.0, "reshape", wanted) if _dense(here) == _dense(wanted) else None

    def swap(self, source: str, target: str) -> Swap:
        """What `assign` would do, in words."""
        now = self._pairs.get(target)
        if now is not None and now.source == source:
            return Swap(self.tr("They are a pair already."), False)
        if self._pair(source, target) is None:
            state_dict = self.document.state_dict
            assert state_dict is not None
            return Swap(
                self.tr("“{source}” has the shape {here}; “{target}” needs {wanted}.").format(
                    source=source,
                    here=shape_text(state_dict.tensors[source].shape),
                    target=target,
                    wanted=shape_text(self._resolved.skeleton.by_name[target].shape),
                ),
                False,
            )
        return Swap(self.tr("{source} → {target}").format(source=source, target=target), True)

    def assign(self, source: str, target: str) -> None:
        """Gives a tensor a name of the model; the one that had it gets the tensor's former place if it fits there."""
        pair = self._pair(source, target)
        if pair is None or not self.swap(source, target).fits:
            return
        self._alike = self._exchanges(source, target)
        self._place(source, target, pair)
        self.rules.setCurrentItem(self._rows[target])
        rule = self._rows[target].parent()
        # Where the others are likely wrong as well, the rule stays in doubt.
        if rule is not None and rule.childCount() == 1:
            self._answered(rule, self.tr("corrected by you"))
        self._show_asked()
        self._show_found()
        self.refresh()

    def _exchanges(self, source: str, target: str) -> list[tuple[str, str]]:
        """What remains to be exchanged between two rules when a pair of one takes the tensor of the other's."""
        before = next((pair.target for pair in self._pairs.values() if pair.source == source), None)
        now = self._rows.get(target)
        other = self._rows.get(before) if before is not None else None
        rule, its = now.parent() if now is not None else None, other.parent() if other is not None else None
        if rule is None or its is None or rule is its or {rule, its} & {self._free_targets, self._free_sources}:
            return []
        # The pairs of two rules correspond where their numbers and their last words do.
        there = {_numbers_and_end(name): name for name in self._targets_of(its) if name != before}
        found: list[tuple[str, str]] = []
        for name in self._targets_of(rule):
            counterpart = there.get(_numbers_and_end(name))
            if name == target or counterpart is None:
                continue
            mine, theirs = self._pairs[name], self._pairs[counterpart]
            plain = not mine.pieces and not theirs.pieces
            if plain and self._pair(theirs.source, name) and self._pair(mine.source, counterpart):
                found.append((theirs.source, name))
        return found

    def _targets_of(self, rule: QTreeWidgetItem) -> list[str]:
        return [name for name, item in self._rows.items() if item.parent() is rule and name in self._pairs]

    def _on_swap_all(self) -> None:
        alike, self._alike = self._alike, []
        touched: list[QTreeWidgetItem | None] = []
        for source, target in alike:
            pair = self._pair(source, target)
            before = next((other.target for other in self._pairs.values() if other.source == source), target)
            if pair is not None:
                self._place(source, target, pair)
                touched = [self._rows[name].parent() for name in (target, before)]
        one, two = touched or (None, None)
        if one is not None and two is not None:
            self.rules.blockSignals(True)
            first, second = one.text(0), two.text(0)
            one.setText(0, second)
            two.setText(0, first)
            for rule in (one, two):
                _settle(rule, self.tr("corrected by you"))
            self.rules.blockSignals(False)
            self._questions = [rule for rule in self._questions if rule not in (one, two)]
        self._show_asked()
        self._show_found()
        self.refresh()

    def _on_only_one(self) -> None:
        self._alike = []
        self._show_asked()
        self.refresh()

    def _place(self, source: str, target: str, pair: Pair) -> None:
        """Puts a pair in its place and shows what moved by it."""
        torn = self._torn({source, *(self._pairs[target].sources if target in self._pairs else ())})
        for gone in torn:
            del self._pairs[gone]
        before = next((other.target for other in self._pairs.values() if other.source == source), None)
        displaced = self._pairs.get(target)
        self._pairs[target] = pair
        if before is not None:
            moved = self._pair(displaced.source, before) if displaced is not None else None
            if moved is not None:
                self._pairs[before] = moved
            else:
                del self._pairs[before]
        self.rules.blockSignals(True)
        for place in (target, before, *torn):
            if place is not None:
                self._show_target(place)
        self._show_free_sources()
        self.rules.blockSignals(False)

    def _torn(self, sources: set[str]) -> list[str]:
        """The names of the model that are made of pieces of these tensors: they go together, or not at all."""
        return [target for target, pair in self._pairs.items() if pair.pieces and not sources.isdisjoint(pair.sources)]

    def choose(self, target: str) -> None:
        """Shows the tensors that could stand for a name of the model."""
        state_dict = self.document.state_dict
        if not target or state_dict is None:
            return
        places = {name: pair.target for pair in self._pairs.values() for name in pair.sources}
        fitting = [name for name in state_dict.tensors if self._pair(name, target) is not None]
        fitting.sort(key=lambda name: name in places)
        now = self.tr("(now for “{name}”)")
        dialog = ChoosePartnerDialog(
            target,
            shape_text(self._resolved.skeleton.by_name[target].shape),
            [(name, now.format(name=places[name]) if name in places else "") for name in fitting],
            self,
        )
        dialog.chosen.connect(lambda source: self.assign(source, target))
        dialog.open()

    def _current_target(self) -> str:
        item = self.rules.currentItem()
        return item.data(0, TARGET_ROLE) or "" if item is not None else ""

    def _on_current(self, *_: object) -> None:
        self.other_button.setEnabled(bool(self._current_target()))

    def _on_double_clicked(self, item: QTreeWidgetItem) -> None:
        self.choose(item.data(0, TARGET_ROLE) or "")

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
        """The ticked pairs that change something."""
        return tuple(
            pair
            for target, item in self._rows.items()
            if item.checkState(0) == _TICKED and (pair := self._pairs.get(target)) is not None and pair.changes
        )

    def edit(self) -> Edit | str:
        if self._aligning is not None:
            return self.tr("Matching the names…")
        if self.alignment is None:
            return self.tr("No mapping was found.")
        if self._questions:
            # The banner above the rules asks.
            return ""
        mapping = self._mapping(self.alignment)
        if not mapping.pairs:
            return self.tr("No name would change.")
        edit = alignment_edit(mapping, {}, self._leftovers(mapping), ruled=False)
        return edit or self.tr("No name would change.")

    def _mapping(self, alignment: Alignment) -> Alignment:
        return replace(alignment, pairs=self.chosen(), unmatched_source=self._unused())

    def in_full(self) -> Callable[[Edit], Edit]:
        state_dict = self.document.state_dict
        assert state_dict is not None
        assert self.alignment is not None
        mapping = self._mapping(self.alignment)
        more, tensors = self._leftovers(mapping), state_dict.tensors

        def with_rules(edit: Edit) -> Edit:
            shapes = {name: tensor.shape for name, tensor in tensors.items()}
            return alignment_edit(mapping, shapes, more) or edit

        return with_rules

    def _leftovers(self, mapping: Alignment) -> tuple[tuple[str, str], ...]:
        """The tensors without a partner that are renamed along with the mapped ones."""
        unchanged = tuple(pair for pair in self._pairs.values() if not pair.changes)
        targets = tuple(entry.name for entry in self._resolved.skeleton.entries if entry.name not in self._pairs)
        whole = replace(mapping, pairs=mapping.pairs + unchanged, unmatched_target=targets)
        tensors = self.document.state_dict.tensors if self.document.state_dict is not None else {}
        wanted = {entry.name: entry.shape for entry in self._resolved.skeleton.entries}
        found = leftovers(whole, {name: tensor.shape for name, tensor in tensors.items()}, wanted)
        # What has no tick keeps its name.
        taken = {name for pair in mapping.pairs for name in pair.sources}
        kept = {name for pair in self._pairs.values() for name in pair.sources} - taken
        return tuple((source, target) for source, target in found if target not in kept)

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


def _numbers_and_end(name: str) -> tuple[tuple[str, ...], str]:
    return tuple(re.findall(r"\d+", name)), name.rpartition(".")[2]


def _settle(rule: QTreeWidgetItem, how: str = "") -> None:
    """Takes the mark of doubt off a rule, and its request to look; `how` it was settled."""
    if how:
        rule.setText(2, how)
        rule.setToolTip(2, how)
    rule.setIcon(2, QIcon())
    rule.setData(2, Qt.ItemDataRole.ForegroundRole, QBrush())


def _some(names: tuple[str, ...]) -> str:
    return ", ".join(names[:5]) + (f" … ({len(names):,})" if len(names) > 5 else "")
