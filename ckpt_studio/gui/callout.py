"""A speech bubble beside a part of the window, and the frame around that part. Neither keeps anybody from working."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import QEvent, QObject, QPoint, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QKeyEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QApplication, QFrame, QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from ckpt_studio.gui.dialogs.ask_dialog import Banner, muted
from ckpt_studio.gui.text_size import embolden, enlarge
from ckpt_studio.gui.theme import colors
from ckpt_studio.gui.themed import ThemedButton

_GAP = 10
_LETTERS = 52


class Spotlight(QWidget):
    """A coloured frame around a part of the window; clicks go through it."""

    def __init__(self, window: QWidget) -> None:
        super().__init__(window)
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.hide()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(QColor(colors().accent), 3))
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(2, 2, -2, -2), 8, 8)
        painter.end()


class Callout(QFrame):
    """The bubble: a title, a few sentences, what to try, and buttons. Return goes on, Escape ends.

    Signals:
        next_wanted(), back_wanted(), end_wanted(): the buttons, and the keys that are their twins.
    """

    next_wanted = Signal()
    back_wanted = Signal()
    end_wanted = Signal()

    def __init__(self, window: QWidget) -> None:
        super().__init__(window)
        self._window = window
        self._target: QWidget | None = None
        self._extra: list[QPushButton] = []
        self.spotlight = Spotlight(window)
        self.setObjectName("callout")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.title = QLabel()
        self.title.setWordWrap(True)
        embolden(self.title)
        enlarge(self.title, 1.15)
        self.place = QLabel()
        self.place.setProperty("muted", True)
        self.end_button = ThemedButton("close", self.tr("End the tour (Esc)"))
        self.end_button.clicked.connect(self.end_wanted)
        self.text = QLabel()
        self.text.setWordWrap(True)
        self.task = Banner()
        self.back_button = QPushButton(self.tr("&Back"))
        self.back_button.clicked.connect(self.back_wanted)
        self.next_button = QPushButton(self.tr("&Next"))
        self.next_button.setProperty("primary", True)
        self.next_button.clicked.connect(self.next_wanted)
        self.keys = muted(QLabel())
        head = QHBoxLayout()
        head.addWidget(self.title, 1)
        head.addWidget(self.place, 0, Qt.AlignmentFlag.AlignTop)
        head.addWidget(self.end_button, 0, Qt.AlignmentFlag.AlignTop)
        self._buttons = QHBoxLayout()
        self._buttons.addWidget(self.back_button)
        self._buttons.addStretch(1)
        self._buttons.addWidget(self.next_button)
        self._column = column = QVBoxLayout(self)
        column.setContentsMargins(16, 14, 16, 12)
        column.setSpacing(9)
        column.addLayout(head)
        column.addWidget(self.text)
        column.addWidget(self.task)
        column.addLayout(self._buttons)
        column.addWidget(self.keys)
        self.hide()
        window.installEventFilter(self)
        application = QApplication.instance()
        assert isinstance(application, QApplication)
        application.focusChanged.connect(self._show_keys)
        self._show_keys(None, None)

    def say(
        self, title: str, text: str, place: str, target: QWidget | None, extra: Sequence[tuple[str, Callable[[], None]]]
    ) -> None:
        """Shows a station beside `target` (None: in the middle); `extra` are further buttons."""
        self.title.setText(title)
        self.text.setText(text)
        self.place.setText(place)
        for button in self._extra:
            self._buttons.removeWidget(button)
            button.hide()
            button.deleteLater()
        self._extra = []
        for words, slot in extra:
            button = QPushButton(words)
            button.clicked.connect(lambda _=False, slot=slot: slot())
            self._buttons.insertWidget(self._buttons.count() - 1, button)
            self._extra.append(button)
        QWidget.setTabOrder(self.next_button, self.back_button)
        self.point_at(target)
        # A screen reader says the whole station when the focus comes to its button.
        self.setAccessibleName(title)
        self.setAccessibleDescription(text)
        self.next_button.setAccessibleDescription(f"{place}. {title}. {text} {self.task.label.text()}")
        self.show()
        self.settle()
        self.spotlight.raise_()
        self.raise_()

    def set_task(self, text: str, done: bool) -> None:
        """Says what to try, or that it was done; "" for nothing."""
        self.task.say(text, "good" if done else "calm")
        self.settle()

    def _show_keys(self, _before: QWidget | None, now: QWidget | None) -> None:
        """Says which keys go on from where the focus is."""
        here = now is not None and self.isAncestorOf(now)
        self.keys.setText(self.tr("Enter or Alt+N: next.   Esc: end the tour.") if here else self.tr("Alt+N: next."))

    def settle(self) -> None:
        """Finds the place: beside the target where there is room, else over its lower corner."""
        margins = self.contentsMargins()
        width = self.fontMetrics().horizontalAdvance("x" * _LETTERS) + margins.left() + margins.right() + 32
        room = self._window.rect().adjusted(8, 8, -8, -8)
        width = min(max(width, self._column.totalMinimumSize().width()), room.width())
        # A tinted banner is only as high as its own words at this width.
        size = QSize(width, min(self._column.totalHeightForWidth(width), room.height()))
        target = self._target_rect()
        self.spotlight.setVisible(target is not None and self.isVisible())
        if target is None:
            place = room.center() - QPoint(size.width() // 2, size.height() // 2)
        else:
            self.spotlight.setGeometry(target.adjusted(-4, -4, 4, 4).intersected(self._window.rect()))
            place = _beside(target, size, room)
        self.setGeometry(QRect(place, size))

    def point_at(self, target: QWidget | None) -> None:
        """Which part of the window it is about, when that has changed."""
        if self._target is not None:
            self._target.removeEventFilter(self)
        self._target = target
        if target is not None:
            target.installEventFilter(self)

    def _target_rect(self) -> QRect | None:
        target = self._target
        if target is None or not target.isVisible():
            return None
        return QRect(target.mapTo(self._window, QPoint(0, 0)), target.size())

    # Qt's side

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if self.isVisible() and event.type() in (
            QEvent.Type.Resize, QEvent.Type.Move, QEvent.Type.Show, QEvent.Type.Hide, QEvent.Type.LayoutRequest,
        ):  # fmt: skip
            self.settle()
        return False

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() in (QEvent.Type.FontChange, QEvent.Type.StyleChange) and self.isVisible():
            self.settle()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.end_wanted.emit()
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            focused = self.focusWidget()
            button = focused if isinstance(focused, QPushButton) else self.next_button
            button.click()
        else:
            super().keyPressEvent(event)


def _beside(target: QRect, size: QSize, room: QRect) -> QPoint:
    """The upper left corner of a bubble of this size, inside `room`."""
    left = max(room.left(), min(target.left(), room.right() - size.width()))
    top = max(room.top(), min(target.top(), room.bottom() - size.height()))
    below, above = target.bottom() + _GAP, target.top() - _GAP - size.height()
    right, before = target.right() + _GAP, target.left() - _GAP - size.width()
    if below + size.height() <= room.bottom():
        return QPoint(left, below)
    if right + size.width() <= room.right():
        return QPoint(right, top)
    if before >= room.left():
        return QPoint(before, top)
    if above >= room.top():
        return QPoint(left, above)
    corner = target.intersected(room).bottomRight() - QPoint(size.width() + _GAP, size.height() + _GAP)
    return QPoint(max(room.left(), corner.x()), max(room.top(), corner.y()))
