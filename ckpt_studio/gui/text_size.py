"""How large the window's text is: a percentage of the system's size, from the keys Ctrl++, Ctrl+- and Ctrl+0."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QEvent, QObject, QSize
from PySide6.QtGui import QFont, QFontDatabase
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractItemView,
    QApplication,
    QSplitter,
    QTableView,
    QToolBar,
    QTreeView,
    QWidget,
)

from ckpt_studio.gui.settings import settings, text_setting

SMALLEST, LARGEST, STEP = 80, 200, 10
_BASE = "point size of the system"
_EXTENT = "icon's width at the usual text size"


def text_size() -> int:
    """The size in percent that was chosen last."""
    try:
        return max(SMALLEST, min(LARGEST, int(text_setting("view/text-size", "100"))))
    except ValueError:
        return 100


def scale_icons(widget: QAbstractButton | QToolBar | QAbstractItemView, extent: int) -> None:
    """Gives icons beside text the width `extent` at the usual text size, and lets them grow with the text."""
    widget.setProperty(_EXTENT, extent)
    scaled = round(extent * text_size() / 100)
    widget.setIconSize(QSize(scaled, scaled))


def apply_text_size(app: QApplication) -> None:
    """Gives the application's font the chosen size; for the style sheet's headings `apply_theme` comes after it."""
    base = app.property(_BASE)
    if not isinstance(base, float):
        base = app.font().pointSizeF()
        app.setProperty(_BASE, base)
    wanted = base * text_size() / 100
    before = app.font().pointSizeF()
    # A font measured in pixels has no size in points; there the system's own settings are what is left.
    if base <= 0 or abs(wanted - before) < 0.01:
        return
    font = app.font()
    font.setPointSizeF(wanted)
    app.setFont(font)


class _SizeFollower(QObject):
    """Keeps a widget's text at a multiple of the application's size, whatever the style sheet restores."""

    def __init__(self, widget: QWidget, factor: float) -> None:
        super().__init__(widget)
        self._widget, self._factor = widget, factor
        self.follow()
        widget.installEventFilter(self)

    def follow(self) -> None:
        """Sets the size that belongs to the application's present one."""
        size = QApplication.font().pointSizeF()
        if size <= 0 or abs(self._widget.font().pointSizeF() - size * self._factor) < 0.01:
            return
        font = _partial_font(self._widget)
        font.setPointSizeF(size * self._factor)
        self._widget.setFont(font)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() in (
            QEvent.Type.ApplicationFontChange,
            QEvent.Type.FontChange,
            QEvent.Type.StyleChange,
            QEvent.Type.Polish,
        ):
            self.follow()
        return super().eventFilter(watched, event)


def _partial_font(widget: QWidget) -> QFont:
    """A font that says only what the widget's own says besides the size; the rest is the application's."""
    font = QFont()
    if widget.font().bold():
        font.setBold(True)
    return font


def enlarge(widget: QWidget, factor: float) -> None:
    """Shows the widget's text larger than the application's by a factor, also after that has changed."""
    _SizeFollower(widget, factor)


def embolden(widget: QWidget) -> None:
    """Shows the widget's text bold; its size stays the application's."""
    # Not from widget.font(): that names a size too, which then no longer follows.
    font = QFont()
    font.setBold(True)
    widget.setFont(font)


def fixed_font() -> QFont:
    """The system's font with letters of one width; its size stays the application's."""
    font = QFont()
    font.setFamilies(QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont).families())
    font.setStyleHint(QFont.StyleHint.Monospace)
    font.setFixedPitch(True)
    return font


def _follow(app: QApplication, before: float) -> None:
    """Lets what does not follow the application's font by itself grow or shrink like it."""
    factor = app.font().pointSizeF() / before
    for widget in app.allWidgets():
        extent = widget.property(_EXTENT)
        if isinstance(widget, QAbstractButton | QToolBar | QAbstractItemView) and isinstance(extent, int):
            scale_icons(widget, extent)
        if isinstance(widget, QTableView):
            rows = widget.verticalHeader()
            rows.setDefaultSectionSize(round(rows.defaultSectionSize() * factor))
        elif isinstance(widget, QTreeView):
            widget.scheduleDelayedItemsLayout()
        elif isinstance(widget, QSplitter):
            widget.setSizes(widget.sizes())


def stepped(steps: int) -> int:
    """The size in percent that is so many steps larger, or smaller, than the present one (0: the system's size)."""
    return 100 if steps == 0 else text_size() + steps * STEP


def set_text_size(app: QApplication, wanted: int, restyle: Callable[[], None] = lambda: None) -> None:
    """Gives the text a percentage of the system's size and remembers it; `restyle` puts the style sheet on again."""
    settings().setValue("view/text-size", str(max(SMALLEST, min(LARGEST, wanted))))
    before = app.font().pointSizeF()
    apply_text_size(app)
    restyle()
    if before > 0:
        _follow(app, before)
