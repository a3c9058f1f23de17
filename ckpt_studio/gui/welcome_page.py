"""What the window shows without a file: open, drop here, recent files, the sample."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QKeySequence
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLabel,
    QListWidgetItem,
    QPushButton,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from ckpt_studio.gui.actions import Actions
from ckpt_studio.gui.recent_list import PATH_ROLE, RecentList
from ckpt_studio.gui.theme import app_icon
from ckpt_studio.gui.themed import ThemedPicture

_BELOW_HEADING = 6


class WelcomePage(QWidget):
    """Signals: open_wanted(str) with the path of a recent file."""

    open_wanted = Signal(str)

    def __init__(self, actions: Actions, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._actions = actions
        self._pending: Mapping[str, int] = {}
        column = QVBoxLayout()
        column.setSpacing(22)
        column.addStretch(1)
        head = QHBoxLayout()
        head.setSpacing(16)
        picture = QLabel()
        picture.setPixmap(app_icon().pixmap(QSize(56, 56), self.devicePixelRatioF()))
        head.addWidget(picture)
        words = QVBoxLayout()
        words.setSpacing(2)
        title = QLabel(self.tr("Ckpt Studio"))
        title.setProperty("role", "title")
        subtitle = QLabel(self.tr("Look into PyTorch checkpoints, repair their names and shapes, save the result."))
        subtitle.setProperty("muted", True)
        subtitle.setWordWrap(True)
        words.addStretch(1)
        words.addWidget(title)
        words.addWidget(subtitle)
        words.addStretch(1)
        head.addLayout(words, 1)
        column.addLayout(head)
        column.addWidget(self._build_drop_area())
        # What its lines need comes before empty room.
        column.addWidget(self._build_recent(), 50)
        note = QLabel(self.tr("Opening a file never runs code from it. Nothing is written until you export or save."))
        note.setProperty("muted", True)
        note.setWordWrap(True)
        shield = ThemedPicture("shield", 18)
        foot = QHBoxLayout()
        foot.addWidget(shield)
        foot.addWidget(note, 1)
        column.addLayout(foot)
        column.addStretch(2)
        middle = QWidget()
        middle.setMaximumWidth(680)
        middle.setLayout(column)
        outer = QHBoxLayout(self)
        outer.setContentsMargins(32, 28, 32, 24)
        outer.addStretch(1)
        outer.addWidget(middle, 8)
        outer.addStretch(1)
        self.refresh()

    def _build_drop_area(self) -> QWidget:
        area = QFrame()
        area.setObjectName("dropArea")
        self.drop_area = area
        layout = QVBoxLayout(area)
        layout.setContentsMargins(24, 30, 24, 30)
        layout.setSpacing(12)
        area.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        text = QLabel(self.tr("Drop a checkpoint here"))
        text.setProperty("role", "heading")
        text.setAlignment(Qt.AlignmentFlag.AlignCenter)
        kinds = QLabel(self.tr(".pth  ·  .pt  ·  .ckpt  ·  .bin  ·  .safetensors  ·  .tar  ·  and most others"))
        kinds.setProperty("muted", True)
        kinds.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.open_button = QPushButton(self.tr("Open a file…"))
        self.open_button.setProperty("primary", True)
        shown = QKeySequence(QKeySequence.StandardKey.Open).toString(QKeySequence.SequenceFormat.NativeText)
        self.open_button.setToolTip(shown)
        self.open_button.clicked.connect(self._actions["open"].trigger)
        self.sample_button = QPushButton(self.tr("Try the sample"))
        self.sample_button.setToolTip(self._actions["open-sample"].toolTip())
        self.sample_button.clicked.connect(self._actions["open-sample"].trigger)
        self.tour_button = QPushButton(self.tr("Take the tour"))
        self.tour_button.setToolTip(self._actions["tour"].toolTip())
        self.tour_button.clicked.connect(self._actions["tour"].trigger)
        buttons = QHBoxLayout()
        buttons.addStretch(1)
        buttons.addWidget(self.open_button)
        buttons.addWidget(self.sample_button)
        buttons.addWidget(self.tour_button)
        buttons.addStretch(1)
        layout.addWidget(text)
        layout.addWidget(kinds)
        layout.addLayout(buttons)
        return area

    def _build_recent(self) -> QWidget:
        box = QWidget()
        layout = QVBoxLayout(box)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(_BELOW_HEADING)
        self._recent_heading = heading = QLabel(self.tr("Recent files"))
        heading.setProperty("role", "heading")
        self.recent = RecentList()
        self.recent.itemActivated.connect(self._on_chosen)
        self.recent.itemClicked.connect(self._on_chosen)
        heading.setBuddy(self.recent)
        layout.addWidget(heading)
        layout.addWidget(self.recent, 1)
        self._recent_box = box
        return box

    def refresh(self, pending: Mapping[str, int] | None = None) -> None:
        """Shows the recent files as they are now; `pending`: the changes that wait to be restored, by path."""
        self._pending = self._pending if pending is None else pending
        self.recent.fill(self._pending)
        self._recent_box.setMaximumHeight(
            self._recent_heading.sizeHint().height() + _BELOW_HEADING + self.recent.whole_height
        )
        self._recent_box.setVisible(self.recent.count() > 0)
        for button, name in ((self.sample_button, "open-sample"), (self.tour_button, "tour")):
            button.setVisible(self._actions[name].isVisible())

    def show_drop(self, over: bool) -> None:
        """Whether a file is held over the window."""
        self.drop_area.setProperty("over", over)
        self.drop_area.style().unpolish(self.drop_area)
        self.drop_area.style().polish(self.drop_area)

    def _on_chosen(self, item: QListWidgetItem) -> None:
        # Qt tells clicks on rows that are disabled, too.
        if not item.flags() & Qt.ItemFlag.ItemIsEnabled:
            return
        self.open_wanted.emit(item.data(PATH_ROLE))
