"""The four words of the compare report: one shape, one colour, one sentence each, the same everywhere."""

from __future__ import annotations

from functools import cache

from PySide6.QtCore import QCoreApplication, QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QGuiApplication, QIcon, QPainter, QPalette, QPen, QPixmap, QPolygonF

from ckpt_studio.compare.report import Status
from ckpt_studio.gui.figures import exact_text

STATUSES: tuple[Status, ...] = ("matched", "mismatched", "missing", "unexpected")

# Contrast of at least 4.5 : 1 on the light and the dark base colour (WCAG AA); tests compute it.
_COLORS: dict[Status, tuple[str, str]] = {
    "matched": ("#1a7f37", "#4ac26b"),
    "mismatched": ("#8a5d00", "#e3b341"),
    "missing": ("#cf222e", "#ff8182"),
    "unexpected": ("#8250df", "#c297ff"),
}


def status_word(status: Status) -> str:
    """The status in one or two words."""
    words = {
        "matched": QCoreApplication.translate("Statuses", "Matched"),
        "mismatched": QCoreApplication.translate("Statuses", "Size mismatch"),
        "missing": QCoreApplication.translate("Statuses", "Missing"),
        "unexpected": QCoreApplication.translate("Statuses", "Unexpected"),
    }
    return words[status]


def status_count(status: Status, count: int) -> str:
    """How many have the status, for the middle of a sentence."""
    if status == "mismatched":
        one = QCoreApplication.translate("Statuses", "1 size mismatch")
        many = QCoreApplication.translate("Statuses", "{count} size mismatches")
        return (one if count == 1 else many).format(count=exact_text(count))
    words = {
        "matched": QCoreApplication.translate("Statuses", "{count} matched"),
        "missing": QCoreApplication.translate("Statuses", "{count} missing"),
        "unexpected": QCoreApplication.translate("Statuses", "{count} unexpected"),
    }
    return words[status].format(count=exact_text(count))


def status_explained(status: Status) -> str:
    """The word and what it means, as one line."""
    pattern = QCoreApplication.translate("Statuses", "{word}: {meaning}")
    return pattern.format(word=status_word(status), meaning=status_meaning(status))


def status_meaning(status: Status) -> str:
    """What the status means when PyTorch loads the file, as a sentence."""
    sentences = {
        "matched": QCoreApplication.translate(
            "Statuses", "The file and the model both have this name with the same shape: PyTorch copies the values."
        ),
        "mismatched": QCoreApplication.translate(
            "Statuses",
            "Both have this name, but with different shapes: PyTorch refuses to load the file, even with strict=False.",
        ),
        "missing": QCoreApplication.translate(
            "Statuses",
            "The model expects this name and the file does not have it: PyTorch refuses to load the file,"
            " or with strict=False leaves this part of the model at its random start.",
        ),
        "unexpected": QCoreApplication.translate(
            "Statuses",
            "The file has this name and the model does not: PyTorch refuses to load the file,"
            " or with strict=False ignores these values.",
        ),
    }
    return sentences[status]


def is_dark(palette: QPalette | None = None) -> bool:
    """Whether the palette (default: the application's) is a dark one."""
    palette = palette or QGuiApplication.palette()
    return palette.color(QPalette.ColorRole.Base).lightness() < 128


def status_color(status: Status, dark: bool) -> QColor:
    """The colour of the status on a light or dark background."""
    return QColor(_COLORS[status][1 if dark else 0])


def paint_status(painter: QPainter, rect: QRectF, status: Status, color: QColor) -> None:
    """Draws the shape of the status into the square: disc, triangle, ring, cross."""
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    side = min(rect.width(), rect.height())
    center = rect.center()
    half = side / 2
    if status == "matched":
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(color)
        painter.drawEllipse(center, half * 0.82, half * 0.82)
    elif status == "mismatched":
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(color)
        top, low, wide = center.y() - half * 0.85, center.y() + half * 0.75, half * 0.95
        painter.drawPolygon(
            QPolygonF([QPointF(center.x(), top), QPointF(center.x() + wide, low), QPointF(center.x() - wide, low)])
        )
    else:
        pen = QPen(color, max(side * 0.18, 1.4))
        pen.setCapStyle(Qt.PenCapStyle.RoundCap)
        painter.setPen(pen)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        if status == "missing":
            painter.drawEllipse(center, half * 0.72, half * 0.72)
        else:
            arm = half * 0.62
            painter.drawLine(center + QPointF(-arm, -arm), center + QPointF(arm, arm))
            painter.drawLine(center + QPointF(-arm, arm), center + QPointF(arm, -arm))
    painter.restore()


@cache
def status_icon(status: Status, dark: bool, size: int = 12) -> QIcon:
    """The status's shape as an icon, sharp up to three times the size."""
    icon = QIcon()
    for scale in (1, 2, 3):
        pixmap = QPixmap(size * scale, size * scale)
        pixmap.fill(Qt.GlobalColor.transparent)
        painter = QPainter(pixmap)
        paint_status(painter, QRectF(0, 0, size * scale, size * scale), status, status_color(status, dark))
        painter.end()
        pixmap.setDevicePixelRatio(scale)
        icon.addPixmap(pixmap)
        # Qt would tint the picture of a selected row.
        icon.addPixmap(pixmap, QIcon.Mode.Selected)
    return icon
