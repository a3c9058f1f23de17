"""What every dialog here looks like: one question, a body, a message in place, one button that says what it does."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QRect, QRectF, QSize, Qt
from PySide6.QtGui import (
    QColor,
    QIcon,
    QKeySequence,
    QPainter,
    QPaintEvent,
    QPalette,
    QResizeEvent,
    QShortcut,
    QShowEvent,
    QTextDocumentFragment,
)
from PySide6.QtWidgets import (
    QAbstractSpinBox,
    QComboBox,
    QDialog,
    QDialogButtonBox,
    QFrame,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QListView,
    QPlainTextEdit,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from ckpt_studio.gui.fitting import resize_within_screen
from ckpt_studio.gui.help import show_guide
from ckpt_studio.gui.statuses import is_dark
from ckpt_studio.gui.tab_order import put_in_order
from ckpt_studio.gui.text_size import embolden, enlarge, fixed_font

# What one types or chooses an answer in.
_TYPED = (QLineEdit, QComboBox, QAbstractSpinBox)

# Light and dark, each with a contrast of at least 4.5 : 1 on its tinted background.
TONES: dict[str, tuple[str, str]] = {
    "good": ("#166f2f", "#4ac26b"),
    "caution": ("#8a5d00", "#e3b341"),
    "bad": ("#b3202a", "#ff8a8b"),
    "calm": ("#0a5ec2", "#79b8ff"),
}


def tone_color(tone: str) -> QColor:
    """The colour of a tone on the current background."""
    return QColor(TONES[tone][1 if is_dark() else 0])


def counted(count: int, one: str, many: str, **fields: str) -> str:
    """`one` for a count of 1, else `many`, its {count} and other places filled in; both arrive translated."""
    return (one if count == 1 else many).format(count=f"{count:,}", **fields)


def roomy(view: QListView) -> None:
    """Gives a short list's rows the height that a finger or an unsteady hand needs."""
    view.setSpacing(2)
    view.setUniformItemSizes(True)


def muted(label: QLabel) -> QLabel:
    """The label, wrapped and in the quieter text colour."""
    label.setWordWrap(True)
    label.setProperty("muted", True)
    return label


class Banner(QFrame):
    """A tinted strip with a sentence: good, caution, bad or calm; the shape beside it says it without colour."""

    _SIGNS = {"good": "✓", "caution": "!", "bad": "✕", "calm": "i"}  # noqa: RUF012

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._tone = "calm"
        self._words = ""
        self._sign = QLabel("i")
        self._sign.setFixedWidth(self.fontMetrics().height())
        embolden(self._sign)
        self.label = QLabel()
        self.label.setWordWrap(True)
        self.label.setAlignment(Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft)
        self.label.setTextInteractionFlags(
            Qt.TextInteractionFlag.TextSelectableByMouse | Qt.TextInteractionFlag.LinksAccessibleByMouse
        )
        self.row = QHBoxLayout(self)
        self.row.setContentsMargins(10, 7, 10, 7)
        self.row.setSpacing(8)
        self.row.addWidget(self._sign)
        self.row.addWidget(self.label, 1)

    @property
    def tone(self) -> str:
        """Which of the tones is shown."""
        return self._tone

    def say(self, text: str, tone: str, rich: bool = False) -> None:
        """Shows the sentence in a tone; an empty one hides the banner."""
        self._tone = tone
        self._sign.setText(self._SIGNS[tone])
        self.label.setTextFormat(Qt.TextFormat.RichText if rich else Qt.TextFormat.PlainText)
        self.label.setText(text)
        self._words = QTextDocumentFragment.fromHtml(text).toPlainText() if rich else text
        self.setVisible(bool(text))
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        # Beside the first of several lines; beside a single one, wherever taller buttons put it.
        # (The label's own `heightForWidth` would lay it out anew and have all of this painted again, for ever.)
        room = QRect(0, 0, max(self.label.width(), 1), 0)
        words = self.label.fontMetrics().boundingRect(room, Qt.TextFlag.TextWordWrap, self._words)
        is_one_line = words.height() < 1.5 * self.fontMetrics().lineSpacing()
        place = Qt.AlignmentFlag.AlignVCenter if is_one_line else Qt.AlignmentFlag.AlignTop
        if self._sign.alignment() != place | Qt.AlignmentFlag.AlignHCenter:
            self._sign.setAlignment(place | Qt.AlignmentFlag.AlignHCenter)
        color = tone_color(self._tone)
        palette = self._sign.palette()
        if palette.color(QPalette.ColorRole.WindowText) != color:
            palette.setColor(QPalette.ColorRole.WindowText, color)
            self._sign.setPalette(palette)
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        fill = QColor(color)
        fill.setAlphaF(0.16 if is_dark() else 0.10)
        edge = QColor(color)
        edge.setAlphaF(0.45)
        painter.setBrush(fill)
        painter.setPen(edge)
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), 6, 6)
        painter.end()


class AskDialog(QDialog):
    """A dialog with a heading that asks, a body to fill, a message in place and one named button beside Cancel."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self._is_sized_by_hand = False
        self._outer = outer = QVBoxLayout(self)
        outer.setContentsMargins(20, 18, 20, 16)
        outer.setSpacing(12)
        self.heading = QLabel()
        self.heading.setTextFormat(Qt.TextFormat.PlainText)
        self.heading.setWordWrap(True)
        embolden(self.heading)
        enlarge(self.heading, 1.2)
        outer.addWidget(self.heading)
        self.explanation = muted(QLabel())
        self.explanation.hide()
        outer.addWidget(self.explanation)
        self.body = QVBoxLayout()
        self.body.setSpacing(10)
        outer.addLayout(self.body, 1)
        self.message = Banner()
        self.message.label.setAccessibleName(self.tr("Message"))
        self.message.hide()
        outer.addWidget(self.message)
        self.details = QPlainTextEdit()
        self.details.setReadOnly(True)
        self.details.setAccessibleName(self.tr("Details"))
        self.details.setLineWrapMode(QPlainTextEdit.LineWrapMode.NoWrap)
        self.details.setFont(fixed_font())
        self.details.setMinimumHeight(self.fontMetrics().height() * 8)
        self.details.hide()
        outer.addWidget(self.details, 1)
        self.buttons = QDialogButtonBox()
        self.cancel_button = self.buttons.addButton(QDialogButtonBox.StandardButton.Cancel)
        self.cancel_button.setText(self.tr("Cancel"))
        self.cancel_button.setIcon(QIcon())
        self.cancel_button.setAutoDefault(False)
        self.primary: QPushButton = self.buttons.addButton("", QDialogButtonBox.ButtonRole.AcceptRole)
        self.primary.setDefault(True)
        self.primary.setProperty("primary", True)
        self.details_button: QPushButton = self.buttons.addButton(
            self.tr("&Details"), QDialogButtonBox.ButtonRole.HelpRole
        )
        self.details_button.setCheckable(True)
        self.details_button.setAutoDefault(False)
        self.details_button.toggled.connect(self.details.setVisible)
        self.details_button.hide()
        QShortcut(QKeySequence("F1"), self, lambda: show_guide(self, self))
        self.buttons.accepted.connect(self.accept)
        self.buttons.rejected.connect(self.reject)
        outer.addWidget(self.buttons)

    def showEvent(self, event: QShowEvent) -> None:
        self._fit_words()
        self._put_in_order()
        super().showEvent(event)

    def _put_in_order(self) -> None:
        """Tab goes from top to bottom; typing begins in the first field while there is something to fill in."""
        fields = put_in_order(self.body)
        if self.focusWidget() in (None, self.cancel_button) and not self.primary.isEnabled():
            first = next((w for w in fields if isinstance(w, _TYPED) and w.isEnabled() and w.isVisibleTo(self)), None)
            if first is not None:
                first.setFocus()

    def resizeEvent(self, event: QResizeEvent) -> None:
        self._is_sized_by_hand = self._is_sized_by_hand or event.spontaneous()
        super().resizeEvent(event)

    def event(self, event: QEvent) -> bool:
        handled = super().event(event)
        if event.type() == QEvent.Type.LayoutRequest and self.isVisible():
            self._fit_words()
        return handled

    def fit_anew(self, *_: object) -> None:
        """Gives up the height that other answers needed, unless somebody chose the size by hand."""
        if not self.isVisible() or self._is_sized_by_hand:
            return
        for widget in reversed(self.findChildren(QWidget)):
            if (layout := widget.layout()) is not None:
                layout.activate()
        self._outer.activate()
        self.resize(self.width(), 0)
        self._fit_words()

    def _fit_words(self) -> None:
        # Qt's own minimum does not know how many lines sentences take at this width, in this language.
        need = self._outer.totalHeightForWidth(self.width())
        resize_within_screen(self, self.size().expandedTo(QSize(0, need)))

    def ask(self, title: str, question: str, explanation: str = "") -> None:
        """Sets the words at the top: window title, the question, and one or two sentences that help to answer it."""
        self.setWindowTitle(title)
        self.heading.setText(question)
        self.explanation.setText(explanation)
        self.explanation.setVisible(bool(explanation))

    @property
    def is_writing(self) -> bool:
        """Whether files are being written now: the program is not quit in the middle of that."""
        return False

    def warn_of_quitting(self) -> None:
        """Says that the program cannot be closed in the middle of the writing."""
        self.message.say(
            self.tr("Something is still being written here. Wait for it, or stop it, then quit."), "caution"
        )
        self.raise_()
        self.activateWindow()

    def show_details(self, text: str) -> None:
        """Offers the text behind a "Details" button: the traceback of somebody's code, torch's own words."""
        self.details.setPlainText(text)
        self.details_button.setVisible(bool(text))

    def hide_details(self) -> None:
        """Takes the details away."""
        self.details_button.setChecked(False)
        self.show_details("")

    def set_primary(self, text: str, enabled: bool, reason: str = "") -> None:
        """Names the button; a reason why it is disabled goes into its tooltip."""
        self.primary.setText(text)
        self.primary.setEnabled(enabled)
        self.primary.setToolTip(reason)
        self.primary.setAccessibleName(text)
        self.primary.setAccessibleDescription(reason)
