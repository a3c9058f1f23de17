"""How large the window's text is: a percentage of the system's size, from the keys Ctrl++, Ctrl+- and Ctrl+0."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtWidgets import QApplication, QSplitter, QTableView, QTreeView

from ckpt_studio.gui.settings import settings, text_setting

SMALLEST, LARGEST, STEP = 80, 200, 10
# Qt's QFont::SizeResolved, which PySide6 does not name.
_SIZE_RESOLVED = 0x0002
_BASE = "point size of the system"


def text_size() -> int:
    """The size in percent that was chosen last."""
    try:
        return max(SMALLEST, min(LARGEST, int(text_setting("view/text-size", "100"))))
    except ValueError:
        return 100


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


def _follow(app: QApplication, before: float) -> None:
    """Lets what does not follow the application's font by itself grow or shrink like it."""
    factor = app.font().pointSizeF() / before
    for widget in app.allWidgets():
        own = widget.font()
        # Headings ("role") have theirs from the style sheet.
        if own.resolveMask() & _SIZE_RESOLVED and own.pointSizeF() > 0 and not widget.property("role"):
            own.setPointSizeF(own.pointSizeF() * factor)
            widget.setFont(own)
        if isinstance(widget, QTableView):
            rows = widget.verticalHeader()
            rows.setDefaultSectionSize(round(rows.defaultSectionSize() * factor))
        elif isinstance(widget, QTreeView):
            widget.scheduleDelayedItemsLayout()
        elif isinstance(widget, QSplitter):
            widget.setSizes(widget.sizes())


def change_text_size(app: QApplication, steps: int, restyle: Callable[[], None] = lambda: None) -> int:
    """Makes the text larger or smaller by steps (0: the system's size) and remembers it; the percentage now.

    `restyle` puts the style sheet on again.
    """
    wanted = 100 if steps == 0 else text_size() + steps * STEP
    settings().setValue("view/text-size", str(max(SMALLEST, min(LARGEST, wanted))))
    before = app.font().pointSizeF()
    apply_text_size(app)
    # The style sheet gives widgets the fonts back that it found: it comes before those with sizes of their own.
    restyle()
    if before > 0:
        _follow(app, before)
    return text_size()
