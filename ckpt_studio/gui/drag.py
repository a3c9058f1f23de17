"""Names being dragged: their MIME form, and the label beside the cursor that says what a drop would do."""

from __future__ import annotations

import json
from dataclasses import dataclass

from PySide6.QtCore import QMimeData, QPoint, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QLabel, QWidget

NAMES_MIME = "application/x-ckpt-studio-names"
OUTGOING_MIME = "application/x-ckpt-studio-file"
"""Says that a dragged file is one of this program's own making: its windows do not open it."""


class NamesData(QMimeData):
    """The data of a drag or copy of this very process."""


@dataclass(frozen=True)
class DraggedNames:
    """What a drag carries.

    Attributes:
        document: `Document.id` the names belong to.
        names: full names of the tensors, in file order.
        group: the group's dotted name when one whole group is dragged, else None.
        path: the file that holds their tensors; "" when nobody said.
        state_dict: dotted path of the weights inside; None when nobody said.
        edits: a recipe (JSON) of what has to be done to that file first; "" when the tensors are as on disk.
    """

    document: str
    names: tuple[str, ...]
    group: str | None = None
    path: str = ""
    state_dict: str | None = None
    edits: str = ""

    def to_mime(self) -> QMimeData:
        """The drag's data; other programs get the names as text, one a line."""
        data = NamesData()
        body = {
            "document": self.document,
            "names": list(self.names),
            "group": self.group,
            "path": self.path,
            "state_dict": self.state_dict,
            "edits": self.edits,
        }
        data.setData(NAMES_MIME, json.dumps(body).encode())
        data.setText("\n".join(self.names))
        return data

    @classmethod
    def from_mime(cls, data: QMimeData | None) -> DraggedNames | None:
        """What `to_mime` wrote, or None when the data is something else."""
        if data is None or not data.hasFormat(NAMES_MIME):
            return None
        try:
            body = json.loads(bytes(data.data(NAMES_MIME).data()))
            group, inside = body["group"], body.get("state_dict")
            return cls(
                str(body["document"]),
                tuple(map(str, body["names"])),
                None if group is None else str(group),
                str(body.get("path", "")),
                None if inside is None else str(inside),
                str(body.get("edits", "")),
            )
        except (ValueError, KeyError, TypeError):
            return None


def is_outgoing(data: QMimeData) -> bool:
    """Whether a drag comes from this program (this window or another) and its file is not to be opened here."""
    return data.hasFormat(OUTGOING_MIME)


def leave_clipboard_as_text() -> None:
    """Replaces names that this program put on the clipboard by their text; for the program's end.

    WORKAROUND(PySide6 6.12.0): Qt destroys what the clipboard holds after Python is gone, and data that Python made
    then crashes the process.
    """
    clipboard = QGuiApplication.clipboard()
    if isinstance(clipboard.mimeData(), NamesData):
        clipboard.setText(clipboard.text())


class DropHint(QLabel):
    """The label beside the cursor during a drag: the outcome of a drop here, or why it is refused."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent, Qt.WindowType.ToolTip | Qt.WindowType.FramelessWindowHint)
        self.setObjectName("dropHint")
        self.setAttribute(Qt.WidgetAttribute.WA_ShowWithoutActivating)
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setAccessibleName(self.tr("What dropping here does"))
        self.hide()

    def say(self, text: str, place: QPoint, allowed: bool) -> None:
        """Shows `text` near the global position `place`; a refusal begins with a crossed sign."""
        self.setText(text if allowed else f"⊘ {text}")
        self.setProperty("refused", not allowed)
        self.style().unpolish(self)
        self.style().polish(self)
        self.adjustSize()
        # Below the picture of what is dragged.
        self.move(place + QPoint(10, 42))
        if not self.isVisible():
            self.show()
