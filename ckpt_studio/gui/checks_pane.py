"""The health of the whole file: what opening it showed, and on request what its values show."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, TypeAlias

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt, Signal
from PySide6.QtGui import QBrush, QGuiApplication, QKeyEvent, QKeySequence
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHBoxLayout,
    QHeaderView,
    QLabel,
    QProgressBar,
    QPushButton,
    QTableView,
    QVBoxLayout,
    QWidget,
)

from ckpt_studio.core.checkpoint import Checkpoint, Finding, Severity
from ckpt_studio.core.jobs import Progress, Step
from ckpt_studio.errors import StudioError
from ckpt_studio.gui.dialogs.ask_dialog import Banner, counted, muted, tone_color
from ckpt_studio.gui.document import ChangeSet, Document
from ckpt_studio.gui.figures import exact_text, size_text
from ckpt_studio.gui.health import Health, health_of
from ckpt_studio.gui.tasks import Task, run_task
from ckpt_studio.gui.text_size import embolden
from ckpt_studio.gui.theme import icon
from ckpt_studio.gui.wording import worded, worded_error

Index = QModelIndex | QPersistentModelIndex

_ORDER: tuple[Severity, ...] = ("danger", "warning", "note")
_MOST_WRAPPED = 200
# So many notes of one kind are one line, until somebody opens it.
_LEAST_GROUP = 4
# Warnings are what one came for: only so many of one kind stand behind one line.
_LEAST_WARNINGS = 9
_GROUPED_WARNINGS = ("nan", "inf", "all-zero", "exploding")
_GROUP_KEYS = (Qt.Key.Key_Right, Qt.Key.Key_Left, Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space)
_TONES = {"danger": "bad", "warning": "caution", "note": "calm"}
# What a check found, and the same by tensors.
Outcome: TypeAlias = tuple[list[Finding], Health]


@dataclass(frozen=True)
class Row:
    """One line of the list: a finding, or so many alike.

    Attributes:
        findings: the one, or all of a group.
        is_member: whether it is shown below its group.
    """

    findings: tuple[Finding, ...]
    is_member: bool = False

    @property
    def kind(self) -> tuple[Severity, str]:
        """What all of them are."""
        return self.findings[0].severity, self.findings[0].code

    @property
    def is_group(self) -> bool:
        """Whether it stands for several."""
        return len(self.findings) > 1


def _is_group(severity: Severity, code: str, count: int) -> bool:
    """Whether so many findings of a kind stand behind one line."""
    if severity == "note":
        return count >= _LEAST_GROUP
    return severity == "warning" and code in _GROUPED_WARNINGS and count >= _LEAST_WARNINGS


class FindingsModel(QAbstractTableModel):
    """Findings, the gravest first: how grave, and the sentence; many notes of one kind are a line that opens."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.findings: list[Finding] = []
        self.rows: list[Row] = []
        self._given: list[Finding] = []
        self._open: set[tuple[Severity, str]] = set()

    def show_findings(self, findings: list[Finding]) -> bool:
        """Shows these, sorted; False when they are shown already."""
        if findings == self._given:
            return False
        self.beginResetModel()
        self._given = findings
        self.findings = sorted(findings, key=lambda finding: _ORDER.index(finding.severity))
        self._open.clear()
        self.rows = self._arranged()
        self.endResetModel()
        return True

    def is_open(self, row: int) -> bool:
        """Whether the line is a group whose findings are listed below it."""
        return self.rows[row].is_group and self.rows[row].kind in self._open

    def set_open(self, row: int, is_open: bool) -> None:
        """Lists the findings of a group below its line, or no longer."""
        group = self.rows[row]
        if not group.is_group or self.is_open(row) == is_open:
            return
        count, kind = len(group.findings), group.kind
        if is_open:
            self.beginInsertRows(QModelIndex(), row + 1, row + count)
            self._open.add(kind)
            self.rows[row + 1 : row + 1] = [Row((finding,), True) for finding in group.findings]
            self.endInsertRows()
        else:
            self.beginRemoveRows(QModelIndex(), row + 1, row + count)
            self._open.discard(kind)
            del self.rows[row + 1 : row + 1 + count]
            self.endRemoveRows()
        self.dataChanged.emit(self.index(row, 0), self.index(row, 1))

    def word(self, severity: Severity) -> str:
        """The severity for people."""
        words = {"danger": self.tr("Danger"), "warning": self.tr("Warning"), "note": self.tr("Note")}
        return words[severity]

    def _arranged(self) -> list[Row]:
        alike: dict[tuple[Severity, str], list[Finding]] = {}
        for finding in self.findings:
            alike.setdefault((finding.severity, finding.code), []).append(finding)
        rows: list[Row] = []
        for severity in _ORDER:
            kinds = [(code, tuple(found)) for (grave, code), found in alike.items() if grave == severity]
            grouped = {code for code, found in kinds if _is_group(severity, code, len(found))}
            rows += [Row((f,)) for f in self.findings if f.severity == severity and f.code not in grouped]
            rows += [Row(found) for code, found in kinds if code in grouped]
        return rows

    def _group_text(self, findings: tuple[Finding, ...]) -> str:
        texts = {
            "nan": self.tr("{count} tensors hold NaN values. A network with them computes nothing but NaN."),
            "inf": self.tr("{count} tensors hold infinite values"),
            "exploding": self.tr("{count} tensors hold very large values"),
            "all-zero": self.tr("{count} tensors are all zeros"),
            "constant": self.tr("{count} tensors hold one value each"),
            "float16-overflow": self.tr("{count} tensors hold values that float16 cannot"),
            "duplicate-content": self.tr("{count} tensors have copies, stored again"),
            "shared-storage": self.tr("{count} tensors share their storage with others"),
            "oversized-storage": self.tr("{count} tensors use a small part of their storage"),
        }
        text = texts.get(findings[0].code, self.tr("{count} notes of one kind"))
        return text.format(count=exact_text(len(findings)))

    def _text(self, row: Row) -> str:
        return self._group_text(row.findings) if row.is_group else worded(row.findings[0].message)

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() else len(self.rows)

    def columnCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() else 2

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = 0) -> Any:
        if orientation == Qt.Orientation.Horizontal and role == Qt.ItemDataRole.DisplayRole:
            return self.tr("Severity") if section == 0 else self.tr("Finding")
        return None

    def data(self, index: Index, role: int = 0) -> Any:
        if not index.isValid():
            return None
        row, column = self.rows[index.row()], index.column()
        severity = row.findings[0].severity
        if role == Qt.ItemDataRole.DisplayRole:
            if column == 0:
                return "" if row.is_member else self.word(severity)
            sign = ("▾  " if self.is_open(index.row()) else "▸  ") if row.is_group else "•  " if row.is_member else ""
            return sign + self._text(row)
        if role == Qt.ItemDataRole.ToolTipRole:
            return self.tr("Click or press Enter to list them") if row.is_group else self._text(row)
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return self.word(severity) if column == 0 else self._text(row)
        if role == Qt.ItemDataRole.DecorationRole and column == 0 and not row.is_member:
            return icon("info" if severity == "note" else "warning")
        if role == Qt.ItemDataRole.ForegroundRole and column == 0:
            return QBrush(tone_color(_TONES[severity]))
        return None


class _FindingsView(QTableView):
    def __init__(self, model: FindingsModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.findings = model
        self.setModel(model)
        self.setShowGrid(False)
        self.setTabKeyNavigation(False)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setAccessibleName(self.tr("Findings"))
        self.verticalHeader().hide()
        self.verticalHeader().setDefaultSectionSize(self.fontMetrics().height() + 9)
        self.horizontalHeader().hide()
        self.horizontalHeader().setStretchLastSection(True)
        words: list[Severity] = list(_ORDER)
        widest = max(self.fontMetrics().horizontalAdvance(model.word(word)) for word in words)
        self.setColumnWidth(0, widest + 42)

        self.clicked.connect(self._on_clicked)

    def _on_clicked(self, index: QModelIndex) -> None:
        if self.findings.rows[index.row()].is_group:
            self._set_open(index.row(), not self.findings.is_open(index.row()))

    def _set_open(self, row: int, is_open: bool) -> None:
        self.findings.set_open(row, is_open)
        self.fit_rows()

    def fit_rows(self) -> None:
        """Shows whole sentences, as long as there are not too many to measure."""
        few = self.model().rowCount() <= _MOST_WRAPPED
        self.setWordWrap(few)
        mode = QHeaderView.ResizeMode.ResizeToContents if few else QHeaderView.ResizeMode.Fixed
        self.verticalHeader().setSectionResizeMode(mode)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.matches(QKeySequence.StandardKey.Copy):
            rows = sorted({index.row() for index in self.selectedIndexes()})
            model = self.model()
            QGuiApplication.clipboard().setText(
                "\n".join(": ".join(str(model.index(row, column).data()) for column in range(2)) for row in rows)
            )
            return
        row = self.currentIndex().row()
        if row >= 0 and self.findings.rows[row].is_group and event.key() in _GROUP_KEYS:
            wanted = {Qt.Key.Key_Right: True, Qt.Key.Key_Left: False}
            self._set_open(row, wanted.get(Qt.Key(event.key()), not self.findings.is_open(row)))
            return
        super().keyPressEvent(event)


class ChecksPane(QWidget):
    """Lists what is wrong or remarkable about one file.

    Signals:
        place_wanted(str, object): show what a finding is about: a tensor's name, or a dotted path; and the index
            of the value in it, or None.
        health_known(object): a `Health`: the values were read.
        judged(str, str): what the values are like in a few words, and Banner's tone for it.
    """

    place_wanted = Signal(str, object)
    health_known = Signal(object)
    judged = Signal(str, str)

    def __init__(self, document: Document, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.document = document
        self._found: list[Finding] | None = None
        self._checked: Checkpoint | None = None
        self._health: Health | None = None
        self._task: Task | None = None
        self.title = QLabel()
        embolden(self.title)
        self.title.setWordWrap(True)
        self.hint = muted(QLabel())
        self.check_button = QPushButton(self.tr("Check all values"))
        self.check_button.setToolTip(
            self.tr("Reads the whole file: damaged bytes, NaN and infinite values, dead layers, copies, wasted space")
        )
        self.check_button.clicked.connect(self.start)
        self.cancel_button = QPushButton(self.tr("Stop"))
        self.cancel_button.clicked.connect(self.cancel)
        self.cancel_button.hide()
        self.bar = QProgressBar()
        self.bar.setTextVisible(False)
        self.bar.setAccessibleName(self.tr("Progress of the check"))
        self.bar.hide()
        self.message = Banner()
        self.message.hide()
        self.model = FindingsModel(self)
        self.list = _FindingsView(self.model)
        self.list.activated.connect(self._on_activated)
        self.list.doubleClicked.connect(self._on_activated)
        top = QHBoxLayout()
        top.addWidget(self.title, 1)
        top.addWidget(self.bar, 1)
        top.addWidget(self.check_button)
        top.addWidget(self.cancel_button)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(10, 8, 10, 10)
        layout.setSpacing(6)
        layout.addLayout(top)
        layout.addWidget(self.hint)
        layout.addWidget(self.message)
        layout.addWidget(self.list, 1)
        document.changed.connect(self._on_changed)
        self._show()

    @property
    def is_current(self) -> bool:
        """Whether the values were read as they are now."""
        return self._found is not None and self._checked is self.document.checkpoint

    @property
    def is_checking(self) -> bool:
        """Whether the values are being read."""
        return self._task is not None

    @property
    def health(self) -> Health | None:
        """What the last check said of each tensor."""
        return self._health

    @property
    def outcome(self) -> Outcome | None:
        """What the last check found, for another pane about the same document."""
        return (self._found, self._health) if self._found is not None and self._health is not None else None

    def show_outcome(self, outcome: Outcome) -> None:
        """Shows what a check found in another pane."""
        self._take(*outcome)
        self._show()

    def _take(self, found: list[Finding], health: Health) -> None:
        self._found, self._checked, self._health = found, health.checkpoint, health
        self.health_known.emit(health)

    def start(self) -> None:
        """Reads all values of the file as edited so far."""
        self.cancel()
        checkpoint = self.document.checkpoint
        self.message.hide()

        def check(progress: Progress) -> tuple[list[Finding], Health]:
            from ckpt_studio.core.checks import check_health
            from ckpt_studio.formats.container_checks import check_container

            found = [*check_container(checkpoint, progress), *check_health(checkpoint, progress)]
            return found, health_of(checkpoint, found)

        task = run_task(self, check, label=self.tr("Checking all values"))
        self._task = task
        task.succeeded.connect(lambda found: self._on_checked(task, *found))
        task.failed.connect(lambda error: self._on_failed(task, error))
        task.progressed.connect(self._on_progressed)
        task.finished.connect(lambda: self._on_finished(task))
        self.bar.setRange(0, 0)
        self._show()
        self.cancel_button.setFocus()

    def cancel(self) -> None:
        """Stops the reading; what an earlier check found stays."""
        task, self._task = self._task, None
        if task is not None:
            task.cancel()
            self._show()

    def _on_progressed(self, step: Step) -> None:
        self.bar.setRange(0, 1000 if step.total else 0)
        if step.total:
            self.bar.setValue(int(1000 * step.done / step.total))

    def _on_checked(self, task: Task, found: list[Finding], health: Health) -> None:
        if task is self._task:
            self._take(found, health)

    def _on_failed(self, task: Task, error: StudioError) -> None:
        if task is self._task:
            self.message.say(worded_error(error), "bad")

    def _on_finished(self, task: Task) -> None:
        if task is self._task:
            self._task = None
            # Asked before the button is hidden, for then the focus goes somewhere else.
            is_here = self.cancel_button.hasFocus()
            self._show()
            if is_here:
                (self.list if self.list.isVisibleTo(self) else self.check_button).setFocus()

    def _on_changed(self, change: ChangeSet) -> None:
        self._show()

    def _on_activated(self, index: QModelIndex) -> None:
        row = self.model.rows[index.row()]
        finding = row.findings[0]
        # A group opens by a click, and by keys of the list's own.
        if not row.is_group and finding.where:
            self.place_wanted.emit(finding.where, finding.index)

    def _show(self) -> None:
        checking = self.is_checking
        checkpoint = self.document.checkpoint
        self.title.setVisible(not checking)
        self.bar.setVisible(checking)
        self.check_button.setVisible(not checking)
        self.check_button.setText(self.tr("Check all values") if self._found is None else self.tr("Check again"))
        self.cancel_button.setVisible(checking)
        findings = [*checkpoint.warnings, *(self._found or [])]
        if self.model.show_findings(findings):
            self.list.fit_rows()
        self.list.setVisible(bool(findings))
        graver = sum(finding.severity != "note" for finding in findings)
        if graver:
            self.title.setText(counted(graver, self.tr("1 warning"), self.tr("{count} warnings")))
        elif self._found is None:
            self.title.setText(self.tr("The values were not checked yet"))
        else:
            self.title.setText(self.tr("All values look healthy"))
        advice = self._advice(checking)
        self.hint.setText(advice)
        self.hint.setVisible(bool(advice))
        self.judged.emit(*self._verdict(checking))

    def _verdict(self, checking: bool) -> tuple[str, str]:
        if checking:
            return "calm", self.tr("Checking the values…")
        if self._found is None:
            return "", ""
        if not self.is_current:
            return "calm", self.tr("Changed since the check")
        graver = sum(finding.severity != "note" for finding in self._found)
        if not graver:
            return "good", self.tr("All values look healthy")
        return "caution", counted(graver, self.tr("1 warning in the values"), self.tr("{count} warnings in the values"))

    def _advice(self, checking: bool) -> str:
        if checking:
            return self.tr("Reading every value of the file. You can go on working meanwhile.")
        if self._found is None:
            return self.tr(
                "Reads all {size} and looks for damaged bytes, NaN and infinite values, layers of zeros, doubled"
                " tensors and wasted space."
            ).format(size=size_text(self.document.checkpoint.source.nbytes))
        if not self.is_current:
            return self.tr("The file was changed since this check. Check again to see what holds now.")
        if not self.model.rows:
            return ""
        return self.tr("Press Enter or double-click a line to see the tensor it is about.")
