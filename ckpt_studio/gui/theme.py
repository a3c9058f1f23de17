"""How the window looks: the light and the dark palette, the style sheet made from them, and the icons."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Literal, get_args

from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QGuiApplication, QIcon, QPalette, QPixmap
from PySide6.QtWidgets import QApplication, QStyleFactory

from ckpt_studio.gui.settings import text_setting
from ckpt_studio.gui.text_size import text_size
from ckpt_studio.resources import resource_path

ThemeName = Literal["system", "light", "dark"]


@dataclass(frozen=True)
class Colors:
    """The colours of one theme. Text on any of the surfaces has a contrast of at least 4.5 : 1 (a test computes it)."""

    window: str
    base: str
    raised: str
    text: str
    muted: str
    line: str
    accent: str
    on_accent: str
    selection: str
    on_selection: str
    hover: str
    tip: str
    danger: str
    faded: str


LIGHT = Colors(
    window="#f4f5f7", base="#ffffff", raised="#ffffff", text="#1c2128", muted="#59626e", line="#dcdfe4",
    accent="#1d5fbf", on_accent="#ffffff", selection="#dbe8fd", on_selection="#12294a", hover="#e8ebf0",
    tip="#ffffff", danger="#b42318", faded="#a9b0b9",
)  # fmt: skip
DARK = Colors(
    window="#1f2227", base="#17191d", raised="#282c33", text="#e7e9ec", muted="#a3abb6", line="#353a42",
    accent="#7db0ff", on_accent="#0b1c36", selection="#274569", on_selection="#f2f7ff", hover="#2e333b",
    tip="#2b3038", danger="#ff8f85", faded="#646c77",
)  # fmt: skip


def colors() -> Colors:
    """The colours in use."""
    return DARK if QGuiApplication.palette().color(QPalette.ColorRole.Base).lightness() < 128 else LIGHT


def muted_color() -> QColor:
    """For text of second rank."""
    return QGuiApplication.palette().color(QPalette.ColorRole.PlaceholderText)


def palette_of(theme: Colors) -> QPalette:
    """The whole Qt palette of a theme."""
    palette = QPalette()
    role = QPalette.ColorRole
    for group in (QPalette.ColorGroup.Active, QPalette.ColorGroup.Inactive, QPalette.ColorGroup.Disabled):
        text = theme.muted if group == QPalette.ColorGroup.Disabled else theme.text
        table = {
            role.Window: theme.window, role.Base: theme.base, role.AlternateBase: theme.window,
            role.Button: theme.raised, role.ToolTipBase: theme.tip, role.ToolTipText: theme.text,
            role.Text: text, role.WindowText: text, role.ButtonText: text, role.BrightText: theme.danger,
            role.PlaceholderText: theme.muted, role.Highlight: theme.selection,
            role.HighlightedText: theme.on_selection, role.Link: theme.accent, role.LinkVisited: theme.accent,
            role.Accent: theme.accent, role.Light: theme.raised, role.Midlight: theme.hover,
            role.Mid: theme.line, role.Dark: theme.line, role.Shadow: theme.line,
        }  # fmt: skip
        for key, value in table.items():
            palette.setColor(group, key, QColor(value))
    return palette


def theme_name() -> ThemeName:
    """The theme that was chosen."""
    chosen = text_setting("view/theme", "system")
    return next((name for name in get_args(ThemeName) if name == chosen), "system")


def apply_theme(app: QApplication, name: ThemeName) -> None:
    """Puts the theme on, for "system" the one that the desktop asks for."""
    if app.style().name() != "fusion":
        app.setStyle(QStyleFactory.create("Fusion"))
    dark = name == "dark" or (name == "system" and app.styleHints().colorScheme() == Qt.ColorScheme.Dark)
    theme = DARK if dark else LIGHT
    _pixmap.cache_clear()
    icon.cache_clear()
    app.setPalette(palette_of(theme))
    app.setStyleSheet(style_sheet(theme))


def style_sheet(theme: Colors) -> str:
    """Spacing and lines that a palette cannot say. Item views' rows stay unstyled: that would slow them down."""
    closed, opened = _drawn("branch-closed", theme), _drawn("branch-open", theme)
    back = _drawn("branch-back", theme)
    close, check = _drawn("close", theme), _drawn("check", theme, theme.on_accent)
    scale = text_size() / 100
    return f"""
QMainWindow, QDialog {{ background: {theme.window}; }}
QToolTip {{ color: {theme.text}; background: {theme.tip}; border: 1px solid {theme.line}; padding: 5px 7px; }}
QMenuBar {{ background: {theme.window}; padding: 2px 4px; }}
QMenuBar::item {{ padding: 5px 9px; border-radius: 5px; background: transparent; }}
QMenuBar::item:selected {{ background: {theme.hover}; }}
QMenu {{ background: {theme.raised}; border: 1px solid {theme.line}; padding: 5px; }}
QMenu::item {{ padding: 6px 26px 6px 10px; border-radius: 5px; }}
QMenu::item:selected {{ background: {theme.selection}; color: {theme.on_selection}; }}
QMenu::item:disabled {{ color: {theme.muted}; }}
QMenu::separator {{ height: 1px; background: {theme.line}; margin: 5px 8px; }}
QMenu::icon {{ padding-left: 6px; }}
QMenu::icon:checked {{ background: {theme.selection}; border: 1px solid {theme.accent}; border-radius: 4px;
    padding-left: 0; margin-left: 6px; }}
QToolBar {{ background: {theme.window}; border: 0; padding: 5px 8px; spacing: 3px; }}
QToolBar::separator {{ width: 1px; background: {theme.line}; margin: 5px 7px; }}
QToolBar QToolButton {{ padding: 5px 5px; border: 1px solid transparent; border-radius: 6px; }}
QToolBar QToolButton:hover:enabled {{ background: {theme.hover}; }}
QToolBar QToolButton:focus {{ border-color: {theme.accent}; }}
QToolBar QToolButton:pressed:enabled, QToolBar QToolButton:checked {{ background: {theme.selection}; }}
QToolBar QToolButton:disabled {{ color: {theme.muted}; }}
QToolBar QToolButton[popupMode="1"] {{ padding-right: 22px; }}
QToolButton[flat="true"] {{ padding: 5px 7px; border: 1px solid transparent; border-radius: 6px; }}
QToolButton[flat="true"]:hover:enabled {{ background: {theme.hover}; }}
QToolButton[flat="true"]:focus {{ border-color: {theme.accent}; }}
QToolButton[flat="true"]:pressed:enabled, QToolButton[flat="true"]:checked {{ background: {theme.selection}; }}
QToolButton[flat="line"] {{ padding: 0 5px; border: 1px solid transparent; border-radius: 5px; }}
QToolButton[flat="line"]:hover:enabled {{ background: {theme.hover}; }}
QToolButton[flat="line"]:focus {{ border-color: {theme.accent}; }}
#qt_toolbar_ext_button {{ padding: 0; min-width: 22px; }}
QToolButton::menu-indicator {{ image: none; width: 0; }}
QToolBar QToolButton::menu-button {{ border: 0; width: 18px; border-radius: 6px; }}
QTabBar {{ background: transparent; qproperty-drawBase: 0; }}
QTabBar::tab {{ padding: 7px 12px; margin: 0 2px 0 0; border: 0; border-bottom: 2px solid transparent;
    color: {theme.muted}; min-width: 40px; }}
QTabBar::tab:selected {{ color: {theme.text}; border-bottom-color: {theme.accent}; }}
QTabBar::tab:hover:!selected {{ background: {theme.hover}; border-top-left-radius: 6px; border-top-right-radius: 6px; }}
QTabBar::tab:focus {{ color: {theme.accent}; }}
QTabBar::close-button {{ image: url({close}); width: 14px; height: 14px; border-radius: 4px; padding: 1px; }}
QTabBar::close-button:hover {{ background: {theme.line}; }}
QTabBar::scroller {{ width: {round(52 * scale)}px; }}
QTabBar::tear {{ width: 0; image: none; }}
QTabBar QToolButton {{ background: {theme.window}; border: 0; }}
QTabBar QToolButton:hover:enabled {{ background: {theme.hover}; }}
QTabBar QToolButton::left-arrow {{ image: url({back}); width: 18px; height: 18px; }}
QTabBar QToolButton::right-arrow {{ image: url({closed}); width: 18px; height: 18px; }}
QTabBar QToolButton::left-arrow:disabled, QTabBar QToolButton::right-arrow:disabled {{ image: none; }}
QTabWidget::pane {{ border: 0; border-top: 1px solid {theme.line}; }}
QHeaderView {{ background: {theme.base}; border: 0; }}
QHeaderView::section {{ background: {theme.base}; color: {theme.muted}; border: 0; padding: 6px 8px;
    border-bottom: 1px solid {theme.line}; }}
QTreeView, QTableView, QListView {{ border: 0; outline: 0; background: {theme.base}; }}
QTreeView, QTableView, QListView {{ show-decoration-selected: 1; }}
QTreeView::item:selected, QTableView::item:selected, QListView::item:selected, QTreeView::branch:selected
    {{ background: {theme.selection}; }}
QTreeView::item:hover:!selected, QListView::item:hover:!selected {{ background: {theme.hover}; }}
QTreeView::branch:has-children:!has-siblings:closed, QTreeView::branch:closed:has-children:has-siblings
    {{ image: url({closed}); }}
QTreeView::branch:open:has-children:!has-siblings, QTreeView::branch:open:has-children:has-siblings
    {{ image: url({opened}); }}
QSplitter::handle {{ background: {theme.line}; }}
QStatusBar {{ background: {theme.window}; border-top: 1px solid {theme.line}; }}
QStatusBar::item {{ border: 0; }}
QStatusBar QLabel {{ padding: 3px 8px; color: {theme.muted}; }}
QLineEdit {{ background: {theme.base}; border: 1px solid {theme.line}; border-radius: 6px; padding: 4px 7px;
    selection-background-color: {theme.accent}; selection-color: {theme.on_accent}; }}
QComboBox QLineEdit {{ border: none; border-radius: 0; padding: 0; min-height: 0; }}
QLineEdit:focus {{ border-color: {theme.accent}; }}
QLineEdit[wrong="true"] {{ border-color: {theme.danger}; }}
QPushButton {{ background: {theme.raised}; border: 1px solid {theme.line}; border-radius: 6px; padding: 5px 13px; }}
QPushButton:hover:enabled {{ background: {theme.hover}; }}
QPushButton:focus {{ border-color: {theme.accent}; }}
QPushButton:default, QPushButton[primary="true"] {{ background: {theme.accent}; color: {theme.on_accent};
    border-color: {theme.accent}; }}
QPushButton:default:hover, QPushButton[primary="true"]:hover {{ background: {theme.accent}; }}
QPushButton:default:focus, QPushButton[primary="true"]:focus {{ border: 2px solid {theme.text}; padding: 4px 12px; }}
QPushButton:disabled, QPushButton:default:disabled {{ background: {theme.window}; color: {theme.muted};
    border-color: {theme.line}; }}
QPushButton[flat="true"] {{ border-color: transparent; background: transparent; }}
QPushButton[flat="true"]:hover {{ background: {theme.hover}; }}
QPushButton[flat="true"]:focus {{ border-color: {theme.accent}; }}
QCheckBox::indicator, QGroupBox::indicator {{ width: 14px; height: 14px; border: 1px solid {theme.muted};
    border-radius: 4px; background: {theme.base}; }}
QCheckBox::indicator:checked, QGroupBox::indicator:checked {{ background: {theme.accent};
    border-color: {theme.accent}; image: url({check}); }}
QCheckBox::indicator:focus {{ border-color: {theme.accent}; }}
QCheckBox::indicator:disabled {{ border-color: {theme.line}; background: {theme.window}; }}
QRadioButton::indicator {{ width: 14px; height: 14px; border: 1px solid {theme.muted}; border-radius: 8px;
    background: {theme.base}; }}
QRadioButton::indicator:checked {{ width: 6px; height: 6px; border: 5px solid {theme.accent}; }}
QRadioButton::indicator:focus {{ border-color: {theme.accent}; }}
QRadioButton::indicator:disabled {{ border-color: {theme.line}; background: {theme.window}; }}
QAbstractItemView::indicator {{ width: 14px; height: 14px; border: 1px solid {theme.muted}; border-radius: 4px;
    background: {theme.base}; }}
QAbstractItemView::indicator:checked {{ background: {theme.accent}; border-color: {theme.accent};
    image: url({check}); }}
QAbstractItemView::indicator:indeterminate {{ background: {theme.muted}; border: 4px solid {theme.base}; }}
#mappingRules::item, #recipeSteps::item {{ padding: 3px 4px; }}
QListWidget::item {{ padding: 3px 4px; }}
QProgressBar {{ border: 0; background: {theme.line}; border-radius: 3px; max-height: 6px; }}
QProgressBar::chunk {{ background: {theme.accent}; border-radius: 3px; }}
QScrollBar:vertical {{ background: transparent; width: 12px; margin: 0; }}
QScrollBar:horizontal {{ background: transparent; height: 12px; margin: 0; }}
QScrollBar::handle {{ background: {theme.faded}; border-radius: 4px; margin: 2px; }}
QScrollBar::handle:hover {{ background: {theme.muted}; }}
QScrollBar::handle:vertical {{ min-height: 32px; }}
QScrollBar::handle:horizontal {{ min-width: 32px; }}
QScrollBar::add-line, QScrollBar::sub-line {{ width: 0; height: 0; }}
QScrollBar::add-page, QScrollBar::sub-page {{ background: transparent; }}
#summaryHeader {{ background: {theme.base}; border-bottom: 1px solid {theme.line}; }}
#safety[tone="danger"] {{ color: {theme.danger}; font-weight: 600; }}
#dropHint {{ background: {theme.raised}; color: {theme.text}; border: 1px solid {theme.accent}; border-radius: 6px;
    padding: 6px 10px; }}
#dropHint[refused="true"] {{ border-color: {theme.danger}; color: {theme.danger}; }}
#callout {{ background: {theme.raised}; border: 2px solid {theme.accent}; border-radius: 12px; }}
#dropArea {{ border: 2px dashed {theme.line}; border-radius: 12px; background: {theme.base}; }}
#dropArea[over="true"] {{ border-color: {theme.accent}; background: {theme.selection}; }}
QLabel[muted="true"] {{ color: {theme.muted}; }}
QLabel[role="title"] {{ font-size: {20 * scale:g}pt; font-weight: 600; }}
QLabel[role="heading"] {{ font-size: {12 * scale:g}pt; font-weight: 600; }}
"""


@cache
def _svg(name: str) -> bytes:
    return resource_path(f"icons/{name}.svg").read_bytes()


@cache
def _pixmap(name: str, color: str, size: int) -> QPixmap:
    text = _svg(name).replace(b"currentColor", color.encode())
    text = text.replace(b'width="24" height="24"', f'width="{size}" height="{size}"'.encode(), 1)
    pixmap = QPixmap()
    pixmap.loadFromData(text, "SVG")
    return pixmap


@cache
def icon(name: str) -> QIcon:
    """An icon of our family in the theme's colour, sharp at every scale up to four times 24 pixels."""
    theme = colors()
    result = QIcon()
    normal = theme.muted if name in ("group", "tensor", "box", "value") else theme.text
    for size in (16, 20, 24, 32, 40, 48, 72, 96):
        result.addPixmap(_pixmap(name, normal, size), QIcon.Mode.Normal)
        result.addPixmap(_pixmap(name, normal, size), QIcon.Mode.Selected)
        result.addPixmap(_pixmap(name, theme.faded, size), QIcon.Mode.Disabled)
    return result


def app_icon() -> QIcon:
    """The program's icon."""
    return QIcon(str(resource_path("icons/ckpt-studio.svg")))


def _drawn(name: str, theme: Colors, color: str = "") -> str:
    # Style sheets take pictures from files only; they lie in the user's cache, one per colour.
    from ckpt_studio.gui.settings import cache_folder

    color = color or theme.muted
    file = cache_folder() / f"{name}-{color.lstrip('#')}.svg"
    wanted = _svg(name).replace(b"currentColor", color.encode())
    if not file.is_file() or file.read_bytes() != wanted:
        file.write_bytes(wanted)
    return file.as_posix()
