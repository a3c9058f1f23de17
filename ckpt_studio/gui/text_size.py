"""How large the window's text is: a percentage of the system's size, from the keys Ctrl++, Ctrl+- and Ctrl+0."""

from __future__ import annotations

from PySide6.QtWidgets import QApplication, QTableView, QTreeView

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
    for widget in app.allWidgets():
        own = widget.font()
        # A widget with a size of its own does not follow the application.
        if own.resolveMask() & _SIZE_RESOLVED and own.pointSizeF() > 0 and abs(own.pointSizeF() - wanted) > 0.01:
            own.setPointSizeF(own.pointSizeF() * wanted / before)
            widget.setFont(own)
        if isinstance(widget, QTableView):
            rows = widget.verticalHeader()
            rows.setDefaultSectionSize(round(rows.defaultSectionSize() * wanted / before))
        elif isinstance(widget, QTreeView):
            widget.scheduleDelayedItemsLayout()


def change_text_size(app: QApplication, steps: int) -> int:
    """Makes the text larger or smaller by steps (0: the system's size) and remembers it; the percentage now."""
    wanted = 100 if steps == 0 else text_size() + steps * STEP
    settings().setValue("view/text-size", str(max(SMALLEST, min(LARGEST, wanted))))
    apply_text_size(app)
    return text_size()
