"""The lines that say what this file is and whether it is in order, and the buttons for what to do next."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QToolButton, QVBoxLayout, QWidget

from ckpt_studio.core.checkpoint import Finding, code_inside
from ckpt_studio.gui.dialogs.ask_dialog import counted
from ckpt_studio.gui.document import ChangeSet, Document
from ckpt_studio.gui.elided_label import ElidedLabel
from ckpt_studio.gui.figures import count_text, exact_text, size_text
from ckpt_studio.gui.file_summary import CERTAIN, Beside, Summary, architecture_parts, identified, summarize
from ckpt_studio.gui.pending import pending_words
from ckpt_studio.gui.prefix_offer import PrefixOffer, helpful_prefix, offered_without_model
from ckpt_studio.gui.tasks import Task, run_task
from ckpt_studio.gui.text_size import enlarge, scale_icons
from ckpt_studio.gui.theme import icon
from ckpt_studio.gui.weights_menu import WeightsMenu

if TYPE_CHECKING:
    from ckpt_studio.compare.families import Family
    from ckpt_studio.compare.identify import Candidate
    from ckpt_studio.compare.report import LoadReport
    from ckpt_studio.core.prefixes import PrefixCount

_PAUSE_MS = 60
# No architecture of the catalog has nearly as many tensors.
_MOST_IDENTIFIED = 20_000
# So many things beside the weights are named in the line; the tooltip names more.
_MOST_NAMED, _MOST_IN_TIP = 6, 40


class SummaryHeader(QWidget):
    """What the file is, what else is in it, whether it holds code and is healthy, and the next steps.

    Signals:
        strip_wanted(str, bool): strip this prefix (also inside names).
        compare_wanted(object): choose a model; the Candidate that fits, or None.
        export_wanted(): export the result.
        findings_wanted(): show what the reader found.
        check_wanted(): show what the values are like, and read them if nobody did.
        summarized(): `summary` or `candidate` says more than before.
    """

    strip_wanted = Signal(str, bool)
    compare_wanted = Signal(object)
    export_wanted = Signal()
    findings_wanted = Signal()
    check_wanted = Signal()
    summarized = Signal()

    def __init__(self, document: Document, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.document = document
        self.summary: Summary | None = None
        self.candidate: Candidate | None = None
        self._task: Task | None = None
        self._identifying: Task | None = None
        self._was_identified = False
        self._offer: PrefixOffer | None = None
        self._helping: Task | None = None
        # What helps against the faults of a report.
        self._helpful: tuple[LoadReport, PrefixCount | None] | None = None
        self._pause = QTimer(self)
        self._pause.setSingleShot(True)
        self._pause.setInterval(_PAUSE_MS)
        self._pause.timeout.connect(self._compute)
        self.setObjectName("summaryHeader")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.facts = ElidedLabel()
        enlarge(self.facts, 1.08)
        self.safety = _verdict_button("safety")
        self.safety.clicked.connect(self.findings_wanted)
        self.inside = ElidedLabel()
        self.inside.setProperty("muted", True)
        self.sets = _verdict_button("sets")
        self.sets_menu = WeightsMenu(document, self.sets)
        self.sets.setMenu(self.sets_menu)
        self.sets.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self.health = _verdict_button("health")
        self.health.clicked.connect(self.check_wanted)
        self._health: tuple[str, str] = ("", "")
        self.advice = ElidedLabel()
        self.advice.setProperty("muted", True)
        self.strip_button = QPushButton()
        self.strip_button.clicked.connect(self._on_strip)
        self.compare_button = QPushButton(self.tr("Compare with a model…"))
        self.compare_button.setToolTip(self.tr("See which names and shapes a model expects that differ from this file"))
        self.compare_button.clicked.connect(lambda: self.compare_wanted.emit(self.candidate))
        self.weights_button = QPushButton(self.tr("Export weights only…"))
        self.weights_button.clicked.connect(self.export_wanted)
        self.export_button = QPushButton(self.tr("Export…"))
        self.export_button.clicked.connect(self.export_wanted)
        first = QHBoxLayout()
        first.setSpacing(12)
        first.addWidget(self.facts, 1)
        first.addWidget(self.safety)
        second = QHBoxLayout()
        second.setSpacing(12)
        second.addWidget(self.inside, 1)
        second.addWidget(self.sets)
        second.addWidget(self.health)
        third = QHBoxLayout()
        third.setSpacing(8)
        third.addWidget(self.advice, 1)
        for button in (self.strip_button, self.compare_button, self.weights_button, self.export_button):
            third.addWidget(button)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(14, 7, 14, 8)
        layout.setSpacing(2)
        layout.addLayout(first)
        layout.addLayout(second)
        layout.addSpacing(3)
        layout.addLayout(third)
        document.changed.connect(self._on_changed)
        document.model_changed.connect(self._show)
        document.report_changed.connect(self._on_report_changed)
        document.dirty_changed.connect(self._show)
        self._show()
        # Not before the rows are on the screen: the sums would take their time from them.
        self._pause.start()

    def stop(self) -> None:
        """The document is being closed."""
        for task in (self._task, self._identifying, self._helping):
            if task is not None:
                task.cancel()

    def restyle(self) -> None:
        """Takes the icons of the present theme."""
        self._show_safety()
        self._show_sets()
        self.show_health(*self._health)

    def show_health(self, tone: str, verdict: str) -> None:
        """Says what reading the values showed; `tone` is Banner's, "" while nobody read them."""
        changed = (tone, verdict) != self._health
        self._health = (tone, verdict)
        if changed:
            self._show_steps()
        text = verdict or self.tr("Values not checked yet")
        tip = self.tr("Click to read every value: damage, NaN, infinite values and layers of zeros.")
        if verdict:
            tip = self.tr("Click to see what the check of the values found.")
        _say(self.health, text, tip, "warning" if tone == "caution" else "health")

    def _on_changed(self, change: ChangeSet) -> None:
        self._show()
        self._pause.start()

    def _compute(self) -> None:
        self.stop()
        checkpoint, state_dict = self.document.checkpoint, self.document.state_dict
        self._task = run_task(self, lambda progress: summarize(checkpoint, state_dict, progress), label="summary")
        self._task.succeeded.connect(self._on_summary)
        if state_dict is not None and len(state_dict.entries) <= _MOST_IDENTIFIED:
            self._identifying = run_task(self, lambda progress: identified(state_dict, progress), label="identify")
            self._identifying.succeeded.connect(self._on_identified)
        else:
            self._was_identified = True

    def _on_summary(self, summary: Summary) -> None:
        self.summary = summary
        self._show()
        self.summarized.emit()

    def _on_identified(self, candidate: Candidate | None) -> None:
        self.candidate = candidate
        self._was_identified = True
        self._show()
        self.summarized.emit()

    def _on_report_changed(self) -> None:
        self._show()
        report, state_dict = self.document.report, self.document.state_dict
        known = self._helpful is not None and self._helpful[0] is report
        if self.document.is_comparing or report is None or state_dict is None or known:
            return
        if self._helping is not None:
            self._helping.cancel()
        self._helping = run_task(self, lambda progress: helpful_prefix(state_dict, report, progress), label="prefixes")
        self._helping.succeeded.connect(lambda prefix: self._on_helped(report, prefix))

    def _on_helped(self, report: LoadReport, prefix: PrefixCount | None) -> None:
        self._helpful = (report, prefix)
        self._show_steps()

    def _offered(self) -> PrefixOffer | None:
        if self.document.resolved is not None:
            if self._helpful is None or self._helpful[0] is not self.document.report or self._helpful[1] is None:
                return None
            return PrefixOffer(self._helpful[1], True)
        if self.summary is None:
            return None
        offer = offered_without_model(self.summary, self.candidate)
        # Before anybody knows what the file is, only what no model has is called superfluous.
        if (
            not self._was_identified
            and offer is not None
            and not (offer.prefix.is_transparent and offer.prefix.matching == offer.prefix.total)
        ):
            return None
        return offer

    def _show(self) -> None:
        self._show_facts()
        self._show_inside()
        self._show_sets()
        self._show_safety()
        self.show_health(*self._health)
        self._show_steps()

    def _show_facts(self) -> None:
        summary, document = self.summary, self.document
        if summary is None:
            self.facts.say(self.tr("Looking at the file…"))
            return
        parts: list[str] = []
        if summary.sets and document.state_dict is not None:
            parts.append(document.state_dict.label)
        candidate, kind = self.candidate, summary.family
        if candidate is not None and (candidate.score >= CERTAIN or kind is None):
            parts.append(self._architecture(candidate))
        elif kind is not None:
            parts.append(self._family(kind))
        elif summary.whole_model and document.state_dict is not None:
            parts.append(self.tr("A whole model: {name}").format(name=summary.whole_model))
        elif summary.architecture:
            parts.append(self.tr("{name}, says the file").format(name=summary.architecture))
        if document.state_dict is None:
            parts.append(
                self.tr("What an optimizer saved, without weights")
                if summary.is_optimizer
                else self.tr("No weights found: nothing in this file maps names to tensors")
            )
            if summary.other_nbytes:
                parts.append(size_text(summary.other_nbytes))
        else:
            parts.append(self.tr("{count} parameters").format(count=count_text(summary.parameters)))
            parts.append(size_text(summary.nbytes))
            parts.append(_some(summary.dtypes))
            if summary.devices:
                parts.append(self.tr("saved on {device}").format(device=_some(summary.devices)))
        tip = self.tr("{parameters} parameters, {bytes} bytes\n{dtypes}\n{devices}").format(
            parameters=exact_text(summary.parameters),
            bytes=exact_text(summary.nbytes),
            dtypes=", ".join(summary.dtypes),
            devices=", ".join(summary.devices),
        )
        self.facts.say("   ·   ".join(part for part in parts if part), tip)

    def _architecture(self, candidate: Candidate) -> str:
        name, source, classes = architecture_parts(candidate.reference)
        # Empty parentheses would read as the usual number of classes, which a file without a head does not say.
        name = name.removesuffix("()")
        text = f"{name} ({source})" if source else name
        if candidate.score < CERTAIN:
            text = self.tr("nearly {architecture}").format(architecture=text)
        if not classes:
            return text
        return counted(
            int(classes),
            self.tr("{architecture}, 1 class"),
            self.tr("{architecture}, {count} classes"),
            architecture=text,
        )

    def _family(self, kind: Family) -> str:
        text = f"{kind.name} ({kind.source})" if kind.source else kind.name
        if kind.rank:
            text = self.tr("{family} of rank {rank}, to be used with its base model").format(
                family=text, rank=exact_text(kind.rank)
            )
        if kind.layers:
            text = counted(kind.layers, self.tr("{family}, 1 layer"), self.tr("{family}, {count} layers"), family=text)
        if kind.width:
            text = self.tr("{family}, width {width}").format(family=text, width=kind.width)
        return text

    def _show_inside(self) -> None:
        summary = self.summary
        if summary is None:
            self.inside.say("")
            return
        named = [self._beside_text(beside, summary) for beside in summary.beside]
        if not named and summary.other_nbytes:
            named.append(size_text(summary.other_nbytes))
        notes = len(self.document.checkpoint.metadata)
        if notes:
            named.append(counted(notes, self.tr("1 note (metadata)"), self.tr("{count} notes (metadata)")))
        if not named:
            # Nothing beside what? There are no weights.
            self.inside.say(self.tr("Nothing else is in this file") if self.document.state_dict is not None else "")
            return
        text = "  ·  ".join(named[:_MOST_NAMED])
        if len(named) > _MOST_NAMED:
            text += "  ·  " + self.tr("and {count} more").format(count=exact_text(len(named) - _MOST_NAMED))
        tip = self.tr("What else the file holds. A model does not load it; exporting can leave it out.")
        more = ["…"] if len(named) > _MOST_IN_TIP else []
        self.inside.say(
            self.tr("Also inside: {list}").format(list=text), "\n".join([tip, *named[:_MOST_IN_TIP], *more])
        )

    def _beside_text(self, beside: Beside, summary: Summary) -> str:
        if beside.text:
            return f"{beside.name} = {beside.text}"
        name = beside.name
        if beside.is_averaged:
            name = self.tr("{name} (averaged weights)").format(name=name)
        if not beside.nbytes:
            return name
        whole = self.document.checkpoint.source.nbytes
        share = round(100 * beside.nbytes / whole) if whole else 0
        # Parts that share their bytes with others have no share of their own.
        shared = summary.nbytes + sum(other.nbytes for other in summary.beside) > whole
        if not share or shared:
            return f"{name} {size_text(beside.nbytes)}"
        return self.tr("{name} {size} ({percent} % of the file)").format(
            name=name, size=size_text(beside.nbytes), percent=share
        )

    def _show_sets(self) -> None:
        """Says when the file holds other weights than those that are looked at, above all their averages."""
        summary = self.summary
        sets = summary.sets if summary is not None else ()
        active = next((found for found in sets if found.is_active), None)
        averaged = [found for found in sets if found.is_averaged and not found.is_active]
        self.sets.setVisible(summary is not None and bool(sets or summary.averages))
        if summary is None or self.sets.isHidden():
            return
        self.sets_menu.show_sets(summary)
        state_dict = self.document.state_dict
        name = (state_dict.label if state_dict is not None else "") or os.path.basename(self.document.path)
        if active is not None and active.is_averaged:
            text = self.tr("You see averaged weights (EMA)")
            tip = self.tr(
                "“{name}” holds the running average of the weights over the training (EMA), which usually works better"
                " than the last step's. Click to look at the other weights in this file."
            ).format(name=name)
        elif averaged or summary.averages:
            text = self.tr("Averaged weights (EMA) inside")
            tip = self.tr(
                "Beside the weights of the last step, “{name}”, the file holds their running average over the training"
                " (EMA). The average usually works better. Click to look at it, or to use its values as the weights."
            ).format(name=name)
        else:
            text = counted(len(sets), "", self.tr("{count} sets of weights"))
            tip = self.tr(
                "The file holds the weights of several models, or of parts of one. The summary, the comparison and"
                " edits are about “{name}”. Click to look at other weights."
            ).format(name=name)
        _say(self.sets, text, tip, "weights")
        # The style sheet hides Qt's own arrow.
        self.sets.setText(f"{text}  ▾")

    def _show_safety(self) -> None:
        worst = _worst(self.document.checkpoint.warnings)
        count = len(self.document.checkpoint.warnings)
        code = code_inside(self.document.checkpoint.warnings)
        if worst == "danger":
            text, picture = self.tr("Contains code that PyTorch would run"), "warning"
            tip = self.tr("Nothing was run by opening it here. Click to see what the file would do elsewhere.")
        elif code == "unknown":
            text, picture = self.tr("PyTorch would run unknown code"), "info"
            tip = self.tr(
                "Usual for a model that was saved whole: its classes come along. Load it elsewhere only if you trust"
                " its origin; opening it here ran nothing. Click to see more."
            )
        elif code == "program":
            text, picture = self.tr("A program of PyTorch, with its weights"), "info"
            tip = self.tr(
                "PyTorch runs the program in this file when the model is used. Opening it here ran nothing; only the"
                " weights are read and exported. Click to see more."
            )
        elif worst == "warning":
            text = counted(count, self.tr("1 thing to know"), self.tr("{count} things to know"))
            picture, tip = "info", self.tr("Click to see what was noticed while reading the file.")
        else:
            text, picture = self.tr("No code in this file"), "shield"
            tip = self.tr("Nothing in this file would be run by loading it.")
            if code == "known":
                text = self.tr("Code of known libraries only")
                tip = self.tr("To load this file, PyTorch runs code of well-known libraries, and no other.")
            if count:
                tip += "\n" + counted(
                    count, self.tr("1 note; click to see it."), self.tr("{count} notes; click to see.")
                )
        if self.safety.property("tone") != worst:
            self.safety.setProperty("tone", worst)
            self.safety.style().unpolish(self.safety)
            self.safety.style().polish(self.safety)
        _say(self.safety, text, tip, picture)

    def _show_steps(self) -> None:
        document, summary = self.document, self.summary
        self._offer = self._offered()
        prefix = self._offer.prefix if self._offer is not None else None
        advice = ""
        strips = self._offer is not None and self._offer.is_next
        if prefix is not None and (strips or not document.is_dirty):
            if prefix.matching == prefix.total:
                advice = self.tr("All names start with “{prefix}”.").format(prefix=prefix.prefix)
            elif prefix.anywhere:
                advice = counted(
                    prefix.matching,
                    self.tr("“{prefix}” stands inside 1 name."),
                    self.tr("“{prefix}” stands inside {count} names."),
                    prefix=prefix.prefix,
                )
            else:
                advice = self.tr("{count} of {total} names start with “{prefix}”.").format(
                    count=exact_text(prefix.matching), total=exact_text(prefix.total), prefix=prefix.prefix
                )
        elif document.is_dirty:
            advice = pending_words(document)
        elif document.state_dict is None and (summary is None or summary.beside):
            advice = self.tr("The tree shows what there is. To find weights inside, open its groups.")
        elif document.resolved is None:
            advice = self.tr("Next: compare with the model that shall load these weights.")
        elif document.report is not None and document.report.loads_strict:
            saved = document.saved_as
            advice = (
                self.tr("Everything matches: PyTorch loads “{name}” into the model.").format(name=saved)
                if saved
                else self.tr("Everything matches: PyTorch loads this file into the model.")
            )
            if self._health[0] == "caution":
                advice += " " + self.tr("But some values are not sound: see Checks.")
        self.advice.say(advice)
        if prefix is not None:
            self.strip_button.setText(self.tr("Strip “{prefix}”").format(prefix=prefix.prefix))
        self.strip_button.setVisible(prefix is not None)
        if self.candidate is None:
            self.compare_button.setText(self.tr("Compare with a model…"))
        else:
            name = architecture_parts(self.candidate.reference)[0].partition("(")[0]
            self.compare_button.setText(self.tr("Compare with {name}").format(name=name))
        self.compare_button.setVisible(document.resolved is None and document.state_dict is not None)
        heavy = summary is not None and summary.other_nbytes > 0 and not document.is_dirty
        self.weights_button.setVisible(heavy and document.state_dict is not None)
        if heavy and summary is not None:
            self.weights_button.setToolTip(
                self.tr("Leaves out {size} that a model does not load, such as the optimizer's state").format(
                    size=size_text(summary.other_nbytes)
                )
            )
        self.export_button.setVisible(document.is_dirty)
        loads = document.report is not None and document.report.loads_strict
        compares = not strips and document.resolved is None and not document.is_dirty
        for button, is_next in (
            (self.strip_button, strips),
            (self.compare_button, compares and document.state_dict is not None),
            (self.export_button, not strips and document.is_dirty and (loads or document.resolved is None)),
        ):
            if button.property("primary") != is_next:
                button.setProperty("primary", is_next)
                button.style().unpolish(button)
                button.style().polish(button)

    def _on_strip(self) -> None:
        if self._offer is not None:
            prefix = self._offer.prefix
            self.strip_wanted.emit(prefix.prefix, prefix.anywhere)


def _verdict_button(name: str) -> QToolButton:
    button = QToolButton()
    button.setObjectName(name)
    button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
    button.setProperty("flat", "line")
    scale_icons(button, 16)
    button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
    return button


def _say(button: QToolButton, text: str, tip: str, picture: str) -> None:
    button.setText(text)
    button.setIcon(icon(picture))
    button.setToolTip(tip)
    button.setAccessibleName(text)
    button.setAccessibleDescription(tip)


def _some(names: tuple[str, ...], most: int = 3) -> str:
    return ", ".join(names[:most]) + (", …" if len(names) > most else "")


def _worst(findings: tuple[Finding, ...]) -> str:
    severities = {finding.severity for finding in findings}
    return next((severity for severity in ("danger", "warning") if severity in severities), "")
