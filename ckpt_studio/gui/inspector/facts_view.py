"""The table that shows facts."""

from __future__ import annotations

from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QGuiApplication, QKeyEvent, QKeySequence, QResizeEvent
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QTableView, QWidget

from ckpt_studio.gui.inspector.facts import FactsModel


class FactsView(QTableView):
    """The facts; copies its selected lines."""

    def __init__(self, model: FactsModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._widest = 0
        self.setModel(model)
        self.setShowGrid(False)
        self.setWordWrap(False)
        self.setTextElideMode(Qt.TextElideMode.ElideMiddle)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.horizontalHeader().setTextElideMode(Qt.TextElideMode.ElideMiddle)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setTabKeyNavigation(False)
        self.setAccessibleName(self.tr("Facts about the selected tensors"))
        rows = self.verticalHeader()
        rows.hide()
        rows.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        rows.setDefaultSectionSize(self.fontMetrics().height() + 5)
        self._keep_width()
        self._facts = model
        model.modelReset.connect(self._fit)
        model.dataChanged.connect(self._span)
        self._fit()

    def _span(self, *_: object) -> None:
        """A heading, and what is said of both tensors at once, has the room of the columns beside it."""
        columns = self._facts.columnCount()
        self.clearSpans()
        for row, fact in enumerate(self._facts.facts):
            if not fact.values:
                self.setSpan(row, 0, 1, columns)
            elif columns > 2 and not any(fact.values[1:]):
                self.setSpan(row, 1, 1, columns - 1)

    def _fit(self) -> None:
        model, header = self._facts, self.horizontalHeader()
        self._span()
        columns = model.columnCount()
        header.setVisible(columns > 2)
        if columns:
            metrics = self.fontMetrics()
            labels = [fact.label for fact in model.facts if fact.values]
            header.setSectionResizeMode(QHeaderView.ResizeMode.Stretch)
            header.setSectionResizeMode(0, QHeaderView.ResizeMode.Fixed)
            self._widest = max((metrics.horizontalAdvance(text) for text in labels), default=0) + 18
            self._share()

    def _share(self) -> None:
        # Names of tensors are rows of a sum: they must leave room for the values. Tooltips tell what is elided.
        share = 0.55 if self.model().columnCount() == 2 else 0.4
        self.setColumnWidth(0, min(self._widest, int(self.viewport().width() * share)))

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if self.model().columnCount():
            self._share()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.FontChange:
            self._keep_width()
            self._fit()

    def _keep_width(self) -> None:
        self.setMinimumWidth(22 * self.fontMetrics().horizontalAdvance("0"))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.matches(QKeySequence.StandardKey.Copy):
            rows = sorted({index.row() for index in self.selectedIndexes()})
            model = self.model()
            lines = ["\t".join(str(model.index(r, c).data()) for c in range(model.columnCount())) for r in rows]
            QGuiApplication.clipboard().setText("\n".join(lines))
            return
        super().keyPressEvent(event)
