"""The view of a load report's rows: buttons in the rows, drops from the tree, and its keys."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import islice

from PySide6.QtCore import (
    QEvent,
    QItemSelection,
    QItemSelectionModel,
    QModelIndex,
    QPoint,
    QRect,
    QSize,
    Qt,
    Signal,
)
from PySide6.QtGui import (
    QColor,
    QContextMenuEvent,
    QDragEnterEvent,
    QDragLeaveEvent,
    QDragMoveEvent,
    QDropEvent,
    QGuiApplication,
    QHelpEvent,
    QKeyEvent,
    QKeySequence,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPalette,
    QPen,
    QResizeEvent,
)
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHeaderView,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QWidget,
)

from ckpt_studio.compare.report import Row
from ckpt_studio.gui.compare_drop import Placement
from ckpt_studio.gui.compare_model import (
    ACTION,
    FILE_SHAPE,
    MODEL_SHAPE,
    NAME,
    ROW_ROLE,
    STATUS,
    CompareModel,
    Index,
    side_text,
)
from ckpt_studio.gui.drag import DraggedNames, DropHint
from ckpt_studio.gui.elided_names import NameDelegate
from ckpt_studio.gui.statuses import is_dark
from ckpt_studio.gui.steady_table import SteadyTable

# The names keep at least this much room, in digits, and so much before shapes of matched rows are shown whole.
_NAME_DIGITS = 26
_GOOD_NAME_DIGITS = 44
# Rows whose shapes are measured for the widths of columns; the first are what one sees.
_MOST_MEASURED = 2000
# Of the longest names.
_MEASURED_NAMES = 20
# Qt takes seconds to select some thousand rows that do not adjoin.
_MOST_RUNS = 1000


class ActionDelegate(QStyledItemDelegate):
    """Paints a small two-part button in rows that need something: the first remedy, and ▾ for all of them."""

    def text(self, row: Row) -> str:
        """What the button's first part does; "" where nothing is to be done."""
        return {
            "matched": "",
            "mismatched": self.tr("Pop"),
            "missing": self.tr("Choose…"),
            "unexpected": self.tr("Pop"),
        }[row.status]

    def button(self, rect: QRect) -> QRect:
        """Where in the cell the button is."""
        return rect.adjusted(4, 3, -6, -3)

    def is_menu_part(self, rect: QRect, x: int) -> bool:
        """Whether `x` is on the ▾."""
        return x > self.button(rect).right() - 22

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        super().paint(painter, option, index)
        text = self.text(index.data(ROW_ROLE))
        if not text:
            return
        palette = option.palette
        view = option.widget
        hovered = isinstance(view, CompareTable) and view.hovered == (index.row(), index.column())
        rect = self.button(option.rect)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        ink = QColor(palette.color(QPalette.ColorRole.Text))
        edge = QColor(ink)
        edge.setAlphaF(0.35)
        fill = QColor(palette.color(QPalette.ColorRole.Base))
        if hovered:
            accent = palette.color(QPalette.ColorRole.Highlight)
            mix = 0.35 if is_dark() else 0.2
            fill = QColor.fromRgbF(
                fill.redF() * (1 - mix) + accent.redF() * mix,
                fill.greenF() * (1 - mix) + accent.greenF() * mix,
                fill.blueF() * (1 - mix) + accent.blueF() * mix,
            )
        painter.setBrush(fill)
        painter.setPen(QPen(edge, 1))
        painter.drawRoundedRect(rect, 4, 4)
        divider = rect.right() - 20
        painter.drawLine(divider, rect.top() + 4, divider, rect.bottom() - 4)
        painter.setPen(ink)
        painter.drawText(
            rect.adjusted(6, 0, -22, 0),
            int(Qt.AlignmentFlag.AlignCenter),
            option.fontMetrics.elidedText(text, Qt.TextElideMode.ElideRight, rect.width() - 28),
        )
        middle = QPoint((divider + rect.right()) // 2 + 1, rect.center().y())
        painter.setPen(QPen(ink, 1.4))
        painter.drawLine(middle + QPoint(-3, -1), middle + QPoint(0, 2))
        painter.drawLine(middle + QPoint(0, 2), middle + QPoint(3, -1))
        painter.restore()


class CompareTable(SteadyTable):
    """The rows of a `CompareModel`. What a drop or a key means is decided by the pane through the signals.

    Signals:
        remedy_requested(object): the first remedy of this row (button, Return).
        menu_requested(object, QPoint): all remedies of this row, at a global position.
        placed(object): names were dropped or pasted onto a row; the edit that gives them the model's names.
        place_refused(str): a drop or paste that cannot be, and why.
        pop_requested(): Delete was pressed.
    """

    remedy_requested = Signal(object)
    menu_requested = Signal(object, QPoint)
    placed = Signal(object)
    place_refused = Signal(str)
    pop_requested = Signal()

    def __init__(self, rows: CompareModel, place: Callable[[DraggedNames, Row], Placement], parent: QWidget) -> None:
        super().__init__(parent)
        self.rows = rows
        self.hovered: tuple[int, int] | None = None
        self.nothing = ""
        # How wide the columns of shapes would be.
        self._needs: dict[int, tuple[int, int]] = {}
        self._names_need = 0
        self._place = place
        self._target: tuple[int, Placement] | None = None
        self._hint: DropHint | None = None
        self._actions = ActionDelegate(self)
        self.setModel(rows)
        self.setItemDelegateForColumn(ACTION, self._actions)
        self.setItemDelegateForColumn(NAME, NameDelegate(self))
        self.setAccessibleName(self.tr("Names of the model and of the file, compared"))
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        # Names differ at their ends.
        self.setTextElideMode(Qt.TextElideMode.ElideLeft)
        self.setShowGrid(False)
        self.setWordWrap(False)
        self.setTabKeyNavigation(False)
        self.setMouseTracking(True)
        self.setAcceptDrops(True)
        self.setDragDropMode(QAbstractItemView.DragDropMode.DropOnly)
        rows_header = self.verticalHeader()
        rows_header.hide()
        rows_header.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        header = self.horizontalHeader()
        header.setHighlightSections(False)
        # A selection of its own, always empty: Qt's header asks at every painting whether each of its columns is
        # selected as a whole, and with 100,000 rows selected it takes two seconds to find that out.
        header.setSelectionModel(QItemSelectionModel(rows, header))
        header.setSectionsMovable(False)
        header.setMinimumSectionSize(40)
        header.setSectionResizeMode(QHeaderView.ResizeMode.Interactive)
        header.setSectionResizeMode(NAME, QHeaderView.ResizeMode.Stretch)
        self._fit_font()

    def _fit_font(self) -> None:
        metrics = self.fontMetrics()
        self.verticalHeader().setDefaultSectionSize(metrics.height() + 12)
        self.setColumnWidth(STATUS, metrics.horizontalAdvance(self.tr("Size mismatch")) + 36)
        self.fit_shapes(True)

    def fit_shapes(self, anew: bool) -> None:
        """Makes the columns of shapes as wide as what they show, so that names get the rest.

        They only grow, so that nothing moves while one works; `anew` forgets what was shown before.
        """
        width = self.fontMetrics().horizontalAdvance
        counts = self.rows.counts
        # Where nothing is to be done, the names get the buttons' room.
        busy = not counts["matched"] or any(count for status, count in counts.items() if status != "matched")
        self.setColumnWidth(ACTION, width(self.tr("Choose…")) + 52 if busy else 0)
        rows = list(islice(self.rows.rows_between(0, self.rows.rowCount()), _MOST_MEASURED))
        longest = sorted((row.name for row in rows), key=len)[-_MEASURED_NAMES:]
        self._names_need = max(map(width, longest), default=0) + 24
        for column in (FILE_SHAPE, MODEL_SHAPE):
            header = str(self.rows.headerData(column, Qt.Orientation.Horizontal, Qt.ItemDataRole.DisplayRole))
            widths = {True: width(header) + 12, False: 0}
            for to_do, shape in {
                (row.status != "matched", row.checkpoint_shape if column == FILE_SHAPE else row.model_shape)
                for row in rows
            }:
                # A mismatch is bold.
                widths[to_do] = max(widths[to_do], width(side_text(shape)) * 11 // 10)
            must, wish = (min(need + 14, width("512×512×3×3") + 40) for need in (widths[True], max(widths.values())))
            before = (0, 0) if anew else self._needs.get(column, (0, 0))
            self._needs[column] = (max(must, before[0]), max(wish, before[1]))
        self._share_width()

    def _share_width(self) -> None:
        """Where a narrow table has hardly room for names, long shapes are cut before them: of what is well at first."""
        width = self.fontMetrics().horizontalAdvance
        room = self.viewport().width() - self.columnWidth(STATUS) - self.columnWidth(ACTION)
        fair = max((room - width("0" * _NAME_DIGITS)) // 2, width("64×64×3×3") + 18)
        spare = (room - min(self._names_need, width("0" * _GOOD_NAME_DIGITS))) // 2
        for column, (must, wish) in self._needs.items():
            self.setColumnWidth(column, min(wish, max(spare, min(must, fair))))

    def say_nothing(self, text: str) -> None:
        """Sets the sentence that stands in the table while it has no rows."""
        self.nothing = text
        self.setAccessibleDescription("" if self.rows.rowCount() else text)
        self.viewport().update()

    def selected_rows(self) -> list[Row]:
        """The report rows that are selected, in order."""
        selection = self.selectionModel().selection()
        blocks = sorted({(selection.at(i).top(), selection.at(i).bottom()) for i in range(selection.count())})
        result: list[Row] = []
        after = 0
        for top, bottom in blocks:
            result.extend(self.rows.rows_between(max(top, after), bottom + 1))
            after = max(after, bottom + 1)
        return result

    def current_row(self) -> Row | None:
        """The report row with the focus."""
        index = self.currentIndex()
        return self.rows.row_at(index.row()) if index.isValid() else None

    def select_positions(self, positions: Sequence[int], scrolls: bool = True) -> None:
        """Selects exactly these table rows, given in order; `scrolls`: brings the first into view."""
        selection = QItemSelection()
        last = self.rows.columnCount() - 1
        for begin, end in islice(_runs(positions), _MOST_RUNS):
            selection.select(self.rows.index(begin, 0), self.rows.index(end - 1, last))
        chooser = self.selectionModel()
        place = self.verticalScrollBar().value()
        chooser.select(selection, QItemSelectionModel.SelectionFlag.ClearAndSelect)
        if positions:
            first = self.rows.index(positions[0], 0)
            chooser.setCurrentIndex(first, QItemSelectionModel.SelectionFlag.NoUpdate)
            if not scrolls:
                # Qt follows the current row.
                self.verticalScrollBar().setValue(place)
                return
            several = len(positions) > 1 and not self.viewport().rect().contains(
                self.visualRect(self.rows.index(positions[-1], 0))
            )
            # The first of many alone at the lower edge would look as if it were the only one.
            hint = QAbstractItemView.ScrollHint
            self.scrollTo(first, hint.PositionAtTop if several else hint.EnsureVisible)

    @property
    def shows_missing(self) -> bool:
        """Whether a row is in view on which something may be dropped to fill it."""
        first, last = self.rowAt(0), self.rowAt(self.viewport().height() - 1)
        last = last if last >= 0 else self.rows.rowCount() - 1
        return first >= 0 and any(self.rows.row_at(place).status == "missing" for place in range(first, last + 1))

    def paste_names(self) -> None:
        """Gives the names on the clipboard the name of the current row, as a drop onto it would."""
        row = self.current_row()
        dragged = DraggedNames.from_mime(QGuiApplication.clipboard().mimeData())
        if dragged is None:
            self.place_refused.emit(self.tr("Copy or cut a tensor or group in the tree first, then paste it here."))
        elif row is None:
            self.place_refused.emit(self.tr("Choose the row whose name it is to take first."))
        else:
            self._settle(self._place(dragged, row))

    def _settle(self, placement: Placement) -> None:
        if placement.edit is None:
            self.place_refused.emit(placement.text)
        else:
            self.placed.emit(placement.edit)

    def open_menu(self, index: QModelIndex) -> None:
        """Asks for the remedies of this row, below its button."""
        place = self.visualRect(index.siblingAtColumn(ACTION)).bottomLeft()
        self.menu_requested.emit(index.data(ROW_ROLE), self.viewport().mapToGlobal(place))

    def _set_hovered(self, cell: tuple[int, int] | None) -> None:
        if cell != self.hovered:
            self.hovered = cell
            self.viewport().update()

    def _end_drag(self) -> None:
        self._target = None
        if self._hint is not None:
            self._hint.hide()
        self.viewport().update()

    def _drag_over(self, event: QDragMoveEvent | QDragEnterEvent) -> None:
        dragged = DraggedNames.from_mime(event.mimeData())
        if dragged is None:
            event.ignore()
            return
        place = event.position().toPoint()
        index = self.indexAt(place)
        if not index.isValid():
            self._end_drag()
            event.ignore()
            return
        if self._target is None or self._target[0] != index.row():
            self._target = (index.row(), self._place(dragged, index.data(ROW_ROLE)))
            self.viewport().update()
        placement = self._target[1]
        if self._hint is None:
            self._hint = DropHint(self)
        self._hint.say(placement.text, self.viewport().mapToGlobal(place), placement.edit is not None)
        if placement.edit is None:
            event.ignore()
        else:
            event.setDropAction(Qt.DropAction.MoveAction)
            event.accept()

    # Overrides of Qt.

    def sizeHint(self) -> QSize:
        # What is above it comes first; all the room that is left is the table's anyway.
        return QSize(super().sizeHint().width(), self.minimumHeight())

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        self._target = None
        if DraggedNames.from_mime(event.mimeData()) is None:
            event.ignore()
        else:
            # Accepted as a whole: Qt sends no moves to a view that refuses the entry.
            event.acceptProposedAction()

    def dragMoveEvent(self, event: QDragMoveEvent) -> None:
        self._drag_over(event)

    def dragLeaveEvent(self, event: QDragLeaveEvent) -> None:
        self._end_drag()

    def dropEvent(self, event: QDropEvent) -> None:
        dragged = DraggedNames.from_mime(event.mimeData())
        index = self.indexAt(event.position().toPoint())
        self._end_drag()
        if dragged is None or not index.isValid():
            event.ignore()
            return
        placement = self._place(dragged, index.data(ROW_ROLE))
        # The tree renames through the edit; a MoveAction would make the source delete its rows.
        event.setDropAction(Qt.DropAction.CopyAction)
        event.accept()
        self._settle(placement)

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        if self.nothing and not self.rows.rowCount():
            painter = QPainter(self.viewport())
            painter.setPen(self.palette().color(QPalette.ColorRole.PlaceholderText))
            place = self.viewport().rect().adjusted(12, 12, -12, -12)
            painter.drawText(place, int(Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap), self.nothing)
            painter.end()
        if self._target is None:
            return
        position, placement = self._target
        left = self.visualRect(self.rows.index(position, STATUS))
        right = self.visualRect(self.rows.index(position, ACTION))
        painter = QPainter(self.viewport())
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        color = self.palette().color(
            QPalette.ColorRole.Highlight if placement.edit is not None else QPalette.ColorRole.PlaceholderText
        )
        pen = QPen(color, 2)
        if placement.edit is None:
            pen.setStyle(Qt.PenStyle.DashLine)
        painter.setPen(pen)
        painter.drawRoundedRect(left.united(right).adjusted(1, 1, -1, -1), 4, 4)
        painter.end()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._share_width()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.FontChange and self.model() is not None:
            self._fit_font()
            self.scrollTo(self.currentIndex())

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        index = self.indexAt(event.position().toPoint())
        self._set_hovered((index.row(), index.column()) if index.isValid() else None)
        super().mouseMoveEvent(event)

    def leaveEvent(self, event: QEvent) -> None:
        self._set_hovered(None)
        super().leaveEvent(event)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        super().mouseReleaseEvent(event)
        place = event.position().toPoint()
        index = self.indexAt(place)
        if event.button() != Qt.MouseButton.LeftButton or not index.isValid() or index.column() != ACTION:
            return
        row: Row = index.data(ROW_ROLE)
        rect = self.visualRect(index)
        if not self._actions.text(row) or not self._actions.button(rect).contains(place):
            return
        if self._actions.is_menu_part(rect, place.x()):
            self.open_menu(index)
        else:
            self.remedy_requested.emit(row)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        index = self.currentIndex()
        if event.matches(QKeySequence.StandardKey.Paste):
            self.paste_names()
        elif event.key() in (Qt.Key.Key_Delete, Qt.Key.Key_Backspace):
            self.pop_requested.emit()
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and index.isValid():
            self.remedy_requested.emit(index.data(ROW_ROLE))
        else:
            super().keyPressEvent(event)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        if event.reason() == QContextMenuEvent.Reason.Keyboard:
            if self.currentIndex().isValid():
                self.scrollTo(self.currentIndex())
                self.open_menu(self.currentIndex())
            return
        index = self.indexAt(event.pos())
        if index.isValid():
            self.menu_requested.emit(index.data(ROW_ROLE), event.globalPos())

    def viewportEvent(self, event: QEvent) -> bool:
        if isinstance(event, QHelpEvent) and not self.indexAt(event.pos()).isValid():
            return True
        return super().viewportEvent(event)


def _runs(positions: Sequence[int]) -> Iterator[tuple[int, int]]:
    """Begin and end of each series of adjoining positions."""
    if type(positions) is range:
        if positions:
            yield positions.start, positions.stop
        return
    begin = 0
    for end in range(1, len(positions) + 1):
        if end == len(positions) or positions[end] != positions[end - 1] + 1:
            yield positions[begin], positions[end - 1] + 1
            begin = end
