"""The tabs at the lower right: inspector, history, checks, sizes. What is not looked at is not built."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QPaintEvent
from PySide6.QtWidgets import QTabWidget, QToolButton, QVBoxLayout, QWidget

from ckpt_studio.core.jobs import SILENT
from ckpt_studio.core.tensor import Tensor
from ckpt_studio.core.tree import Path, dotted
from ckpt_studio.gui.document import Document
from ckpt_studio.gui.history_pane import HistoryPane
from ckpt_studio.gui.tensor_tree_view import TensorTreeView
from ckpt_studio.gui.text_size import scale_icons
from ckpt_studio.gui.theme import icon
from ckpt_studio.gui.turns import Turns

if TYPE_CHECKING:
    from ckpt_studio.gui.checks_pane import Outcome
    from ckpt_studio.gui.health import Health
    from ckpt_studio.gui.inspector.contents import Content
    from ckpt_studio.gui.inspector.measuring import Chosen, Subject
    from ckpt_studio.gui.tree_nodes import Node
    from ckpt_studio.gui.treemap import Mark, Module

# The treemap asks each of its rectangles about as many rows.
_MOST_MARKED = 20


class LazyPane(QWidget):
    """Room for a pane that is built when it is first seen, after everything else was painted."""

    def __init__(self, build: Callable[[], QWidget], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.pane: QWidget | None = None
        self._build = build
        self._room = QVBoxLayout(self)
        self._room.setContentsMargins(0, 0, 0, 0)
        self._turns = Turns(self)

    def built(self) -> QWidget:
        """The pane itself."""
        if self.pane is None:
            self.pane = self._build()
            self._room.addWidget(self.pane)
            # Otherwise in a later turn, and what is said to it before is said to something hidden.
            self.pane.show()
        return self.pane

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        if self.pane is None and not self._turns.is_waiting:
            # The first turn may be this one still.
            self._turns.add(lambda: None, self.built)


class Panels(QTabWidget):
    """The tabs of one document; what they point at is shown in its tree.

    Signals:
        judged(str, str), health_known(object): as ChecksPane tells it.
        tensors_saved(str): the file or folder that several tensors were written to.
        room_wanted(): what is shown now needs more height than a comparison leaves.
    """

    judged = Signal(str, str)
    health_known = Signal(object)
    tensors_saved = Signal(str)
    room_wanted = Signal()

    def __init__(
        self, document: Document, tree: TensorTreeView, history: HistoryPane, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._document = document
        self._tree = tree
        self._history = history
        self._is_large = False
        self.setDocumentMode(True)
        self.setAccessibleName(self.tr("Inspector, history and more"))
        self.tabBar().setAccessibleName(self.accessibleName())
        self.inspector = LazyPane(self._build_inspector)
        self.checks = LazyPane(self._build_checks)
        self.sizes = LazyPane(self._build_sizes)
        self.addTab(self.inspector, self.tr("Inspector"))
        self.addTab(history, self.tr("History"))
        self.addTab(self.checks, self.tr("Checks"))
        self.addTab(self.sizes, self.tr("Sizes"))
        self.setTabToolTip(0, self.tr("What is in the selected tensors"))
        self.setTabToolTip(1, self.tr("The changes made so far"))
        self.setTabToolTip(2, self.tr("Is everything in this file healthy?"))
        self.setTabToolTip(3, self.tr("Which parts of the file take how many bytes"))
        self.room_button = QToolButton()
        self.room_button.setProperty("flat", True)
        scale_icons(self.room_button, 16)
        self.room_button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setCornerWidget(self.room_button)

    def restyle(self) -> None:
        """Takes the icons of the present theme."""
        self.show_room(self._is_large)

    def show_room(self, is_large: bool) -> None:
        """Says on the button at the right what it does: give the tabs room, or give the comparison its room back."""
        self._is_large = is_large
        words = (
            self.tr("Give the comparison its room back") if is_large else self.tr("More room for what is shown here")
        )
        self.room_button.setIcon(icon("expand" if is_large else "collapse"))
        self.room_button.setToolTip(words)
        self.room_button.setAccessibleName(words)

    def show_pending(self, count: int) -> None:
        """Says in the history's title how many changes there are."""
        title = self.tr("History ({count})").format(count=count) if count else self.tr("History")
        self.setTabText(self.indexOf(self._history), title)

    def show_checks(self) -> None:
        """Shows the checks; the values are read unless that was done."""
        from ckpt_studio.gui.checks_pane import ChecksPane

        self.setCurrentWidget(self.checks)
        pane = self.checks.built()
        if isinstance(pane, ChecksPane) and not pane.is_checking and not pane.is_current:
            pane.start()

    @property
    def checked(self) -> tuple[Outcome | None, bool]:
        """What the last check of the values found, and whether one is under way."""
        from ckpt_studio.gui.checks_pane import ChecksPane

        pane = self.checks.pane
        return (pane.outcome, pane.is_checking) if isinstance(pane, ChecksPane) else (None, False)

    @property
    def views(self) -> Mapping[int, str]:
        """Which view of the values was chosen, for one tensor and for two."""
        from ckpt_studio.gui.inspector.inspector_pane import InspectorPane

        pane = self.inspector.pane
        return dict(pane.preferred) if isinstance(pane, InspectorPane) else {}

    @views.setter
    def views(self, chosen: Mapping[int, str]) -> None:
        from ckpt_studio.gui.inspector.inspector_pane import InspectorPane

        pane = self.inspector.built() if any(chosen.values()) else None
        if isinstance(pane, InspectorPane):
            pane.preferred.update(chosen)

    def take_checked(self, outcome: Outcome | None, is_checking: bool) -> None:
        """Shows what other panels of the document had found; a check that was under way begins anew."""
        from ckpt_studio.gui.checks_pane import ChecksPane

        pane = self.checks.built() if outcome is not None or is_checking else None
        if isinstance(pane, ChecksPane):
            if outcome is not None:
                pane.show_outcome(outcome)
            if is_checking:
                pane.start()

    def show_odd_value(self, step: int) -> None:
        """Shows the next (step 1) or previous (-1) value of the selected tensor that is NaN or infinite.

        Where none of them can be in what is selected, it goes to a tensor in which the last check found one.
        """
        from ckpt_studio.gui.checks_pane import ChecksPane
        from ckpt_studio.gui.inspector.inspector_pane import InspectorPane

        self.setCurrentWidget(self.inspector)
        pane = self.inspector.built()
        if not isinstance(pane, InspectorPane):
            return
        pane.refresh()
        checks = self.checks.pane
        health = checks.health if isinstance(checks, ChecksPane) else None
        one = pane.subjects[0].tensor if len(pane.subjects) == 1 else None
        if health is not None and (health.is_odd(one) is False if one is not None else True):
            found = self._odd_tensor(health, one, step) if health.finds_odd else None
            if found is not None:
                self._select(*found)
                pane.refresh()
            elif one is None and isinstance(checks, ChecksPane) and checks.is_current:
                pane.message.say(self.tr("The check of all values found no NaN and nothing infinite."), "good")
                return
        if len(pane.subjects) == 1:
            self.room_wanted.emit()
        pane.show_odd_value(step)

    def _odd_tensor(self, health: Health, here: Tensor | None, step: int) -> tuple[Path, str] | None:
        """The path and name of a tensor that holds NaN or infinite values: of those selected, or the next after one."""
        checkpoint = self._document.checkpoint
        found: list[tuple[Path, str]] = []
        place = 0
        for state_dict in checkpoint.state_dicts:
            for name, tensor in state_dict.tensors.items():
                if tensor is here:
                    place = len(found)
                elif health.is_odd(tensor):
                    found.append((state_dict.path, name))
        if here is None:
            names = self._document.selection.names
            found = [one for one in found if one[0] == checkpoint.active and one[1] in names] or found
        return found[(place if step > 0 else place - 1) % len(found)] if found else None

    def go_to(self, where: str) -> bool:
        """Selects in the tree what a finding names: a tensor, a dotted path, or a storage; False when nothing is."""
        checkpoint = self._document.checkpoint
        for state_dict in sorted(checkpoint.state_dicts, key=lambda sd: sd.path != checkpoint.active):
            prefix = f"{state_dict.label}." if state_dict.label else ""
            for name in (where, where.removeprefix(prefix)):
                if name in state_dict.tensors:
                    return self._select(state_dict.path, name)
        for state_dict in checkpoint.state_dicts:
            for name, tensor in state_dict.tensors.items():
                if tensor.storage.key == where:
                    return self._select(state_dict.path, name)
        from ckpt_studio.core.discovery import walk

        found = next((path for path, _ in walk(checkpoint.root) if dotted(path) == where), None)
        return found is not None and self._select_other(found)

    def _show_finding(self, where: str, index: tuple[int, ...] | None) -> None:
        if not self.go_to(where):
            return
        self.setCurrentWidget(self.inspector)
        self.room_wanted.emit()
        self._tree.setFocus()
        if index is not None:
            from ckpt_studio.gui.inspector.inspector_pane import InspectorPane

            pane = self.inspector.built()
            if isinstance(pane, InspectorPane):
                pane.refresh()
                pane.show_value(index)

    def _select(self, path: Path, name: str) -> bool:
        index = self._tree.tensors.find(("tensor", path, name))
        if index.isValid():
            self._tree.setCurrentIndex(index)
            self._tree.scrollTo(index)
        return index.isValid()

    def _select_other(self, path: Path) -> bool:
        for length in range(len(path), 0, -1):
            index = self._tree.tensors.find(("leaf", path[:length], ""))
            if index.isValid():
                self._tree.setCurrentIndex(index)
                self._tree.scrollTo(index)
                return True
        return False

    def _choose_module(self, module: Module) -> None:
        if module.path is None:
            self._select_other(module.beside)
            return
        if module.is_tensor:
            self._select(module.path, module.name)
            return
        kind = "group" if module.name else "weights"
        index = self._tree.tensors.find((kind, module.path, module.name))
        if index.isValid():
            self._tree.setCurrentIndex(index)
            self._tree.scrollTo(index)

    def _looked_at(self) -> list[Node]:
        """The selected rows; where nothing is selected, as after a pop, the one with the focus.

        Where a filter has hidden what was selected, nobody has chosen another yet.
        """
        nodes, current = self._tree.selected_nodes, self._tree.current_node
        if nodes or current is None or self._document.selection.names or self._tree.tensors.filter:
            return nodes
        return [current]

    def _chosen_elsewhere(self) -> Chosen:
        from ckpt_studio.gui.inspector.choosing import subjects_of
        from ckpt_studio.gui.inspector.measuring import NONE_CHOSEN, Chosen

        checkpoint, nodes = self._document.checkpoint, []
        is_selected = bool(self._tree.selected_nodes)
        for node in self._looked_at():
            # Those inside the active state dict are the document's own selection.
            inside = is_selected and node.is_named and node.kind != "weights" and self._tree.tensors.is_active(node)
            if not inside and (node.is_named or type(node.value) is Tensor):
                nodes.append(node)
        if not nodes:
            return NONE_CHOSEN
        count = sum(len(node.indices) if node.is_named else 1 for node in nodes)
        # A filter leaves the same row with fewer tensors below.
        wanted = self._tree.tensors.shown_filter
        key = (id(checkpoint), wanted.text, wanted.mode, tuple((node.kind, node.path, node.name) for node in nodes))
        return Chosen(count, key, lambda: subjects_of(checkpoint, nodes))

    def _chosen_content(self) -> Content | None:
        """The selected row when it is the only one and no tensor lies in it by a name of its own."""
        from ckpt_studio.gui.inspector.contents import Content

        nodes = self._looked_at()
        if len(nodes) != 1 or type(nodes[0].value) is Tensor or (nodes[0].is_named and nodes[0].has_children):
            return None
        node, checkpoint = nodes[0], self._document.checkpoint
        if node.kind == "metadata":
            return Content("metadata", node.name, (), dict(checkpoint.metadata))
        return Content(node.kind, node.name, () if node.is_named else node.path, node.value)

    def _chosen_heading(self) -> str:
        """What the selection is called when it is one group or state dict."""
        nodes = self._looked_at()
        if len(nodes) != 1 or not nodes[0].has_children:
            return ""
        node = nodes[0]
        return node.key if node.kind == "weights" else node.name

    def save_tensors(self) -> None:
        """Asks in which form the selected tensors are to be saved together."""
        from ckpt_studio.gui.dialogs.save_tensors_dialog import SaveTensorsDialog
        from ckpt_studio.gui.inspector.contents import tensors_of
        from ckpt_studio.gui.inspector.measuring import Subject

        names, state_dict, others = self._document.selection.names, self._document.state_dict, self._chosen_elsewhere()
        content = self._chosen_content()

        def listed() -> list[Subject]:
            if content is not None:
                return list(tensors_of(content, SILENT))
            tensors = state_dict.tensors if state_dict is not None else {}
            return [*(Subject(name, tensor) for name, tensor in tensors.items() if name in names), *others.listed()]

        name = self._chosen_heading() or (next(iter(names)) if len(names) == 1 else "tensors")
        dialog = SaveTensorsDialog(self._document, listed, name, self.window())
        dialog.saved.connect(self.tensors_saved)
        dialog.open()

    def _build_inspector(self) -> QWidget:
        from ckpt_studio.gui.inspector.inspector_pane import InspectorPane

        pane = InspectorPane(self._document, self._chosen_elsewhere, self._chosen_content, self._chosen_heading)
        pane.several_wanted.connect(self.save_tensors)
        pane.view_chosen.connect(self.room_wanted)
        self._tree.selectionModel().selectionChanged.connect(pane.refresh)
        self._tree.selectionModel().currentChanged.connect(pane.refresh)
        return pane

    def _build_checks(self) -> QWidget:
        from ckpt_studio.gui.checks_pane import ChecksPane

        pane = ChecksPane(self._document)
        pane.place_wanted.connect(self._show_finding)
        pane.judged.connect(self.judged)
        pane.health_known.connect(self.health_known)
        return pane

    def _build_sizes(self) -> QWidget:
        from ckpt_studio.gui.treemap import SizesPane

        pane = SizesPane(self._document, self._chosen_marks)
        pane.module_wanted.connect(self._choose_module)
        self._tree.selectionModel().selectionChanged.connect(pane.show_selection)
        return pane

    def _chosen_marks(self) -> list[Mark]:
        from ckpt_studio.gui.treemap import Mark

        nodes = [node for node in self._tree.selected_nodes[:_MOST_MARKED] if not self._tree.tensors.is_active(node)]
        return [Mark(node.path, node.name) if node.is_named else Mark(None, "", node.path) for node in nodes]
