"""Contrast of every pair of colours, icons in every size, languages, and the report of a crash."""

from __future__ import annotations

import re
import sys
from collections import Counter
from typing import Any

import pytest
from PySide6.QtCore import QLocale, QRectF, QSize
from PySide6.QtGui import QColor, QGuiApplication, QIcon
from PySide6.QtWidgets import QApplication

from ckpt_studio.compare.report import Status
from ckpt_studio.gui.actions import SPECS
from ckpt_studio.gui.crash_dialog import CrashHandler, report_of
from ckpt_studio.gui.dialogs.ask_dialog import TONES
from ckpt_studio.gui.inspector.plots import series_color
from ckpt_studio.gui.languages import LANGUAGES, install_language
from ckpt_studio.gui.statuses import STATUSES, status_color
from ckpt_studio.gui.theme import DARK, LIGHT, Colors, ThemeName, app_icon, apply_theme, colors, icon
from ckpt_studio.gui.treemap import Module, Tile, fill_of
from ckpt_studio.resources import resource_path

pytestmark = pytest.mark.usefixtures("qapp")

# The second way to the same outcome.
SAME_THING = ("rename-here", "pop-matching", "regex-rename", "metadata", "diagnostics")


def luminance(color: str | QColor) -> float:
    """Relative luminance as WCAG 2 defines it."""
    parts = []
    for part in QColor(color).getRgbF()[:3]:
        parts.append(part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4)
    return 0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2]


def contrast(one: str | QColor, other: str | QColor) -> float:
    """WCAG's contrast ratio."""
    high, low = sorted((luminance(one), luminance(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("theme", [LIGHT, DARK], ids=["light", "dark"])
def test_text_is_readable_on_every_surface(theme: Colors) -> None:
    surfaces = (theme.window, theme.base, theme.raised, theme.hover, theme.tip)
    for surface in surfaces:
        assert contrast(theme.text, surface) >= 7, surface
        assert contrast(theme.muted, surface) >= 4.5, surface
    assert contrast(theme.on_selection, theme.selection) >= 7
    assert contrast(theme.on_accent, theme.accent) >= 4.5
    assert contrast(theme.danger, theme.base) >= 4.5
    assert contrast(theme.accent, theme.base) >= 3


@pytest.mark.parametrize("status", STATUSES)
def test_statuses_are_readable(status: Status) -> None:
    for dark, theme in ((False, LIGHT), (True, DARK)):
        for surface in (theme.base, theme.window):
            assert contrast(status_color(status, dark), surface) >= 4.5


def laid_over(color: QColor, strength: float, ground: str) -> QColor:
    """What a transparent colour looks like on a ground."""
    under = QColor(ground)
    over, below = color.getRgbF()[:3], under.getRgbF()[:3]
    return QColor.fromRgbF(*(strength * one + (1 - strength) * other for one, other in zip(over, below, strict=True)))


@pytest.mark.parametrize("theme", [LIGHT, DARK], ids=["light", "dark"])
def test_tinted_grounds_are_readable(theme: Colors) -> None:
    dark = theme is DARK
    for surface in (theme.window, theme.base, theme.raised):
        for tone, pair in TONES.items():
            ground = laid_over(QColor(pair[dark]), 0.16 if dark else 0.10, surface)
            assert contrast(theme.text, ground) >= 7, tone
            assert contrast(pair[dark], ground) >= 4.5, tone
            # The differing part of names, before and after.
            assert contrast(pair[dark], surface) >= 4.5, tone
    for status in STATUSES:
        color = status_color(status, dark)
        for strength in (0.0, 0.12, 0.24):
            ground = laid_over(color, strength, theme.window)
            assert contrast(theme.text, ground) >= 7, status
            assert contrast(theme.muted, laid_over(color, 0.0, theme.window)) >= 4.5
            assert contrast(color, ground) >= 3, status
        for surface in (theme.selection, theme.hover):
            # In such rows the word has the colour of text; the shape beside it keeps its own.
            assert contrast(color, surface) >= 3, status
    assert contrast(theme.text, theme.selection) >= 7


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_plots_and_maps_are_readable(qapp: QApplication, theme: ThemeName) -> None:
    apply_theme(qapp, theme)
    now = colors()
    try:
        for place in (0, 1):
            assert contrast(series_color(place), now.base) >= 3
        # Numbers at the axes.
        assert contrast(now.muted, now.base) >= 4.5
        module = Module("layer", "layer", ())
        for color in range(12):
            for depth in range(6):
                for leaf in (False, True):
                    for rest in (0, 3):
                        fill = fill_of(Tile(QRectF(), module, depth, color, leaf, rest), theme == "dark")
                        assert contrast(now.text, fill) >= 4.5, (color, depth, leaf, rest)
    finally:
        apply_theme(qapp, "light")


def test_icons_are_drawn_in_every_size(qapp: QApplication) -> None:
    for theme in ("light", "dark"):
        apply_theme(qapp, theme)
        for file in sorted(resource_path("icons").glob("*.svg")):
            if file.stem.startswith("ckpt-studio"):
                continue
            drawn = icon(file.stem)
            for size in (16, 24, 48):
                picture = drawn.pixmap(QSize(size, size)).toImage()
                assert any(
                    picture.pixelColor(x, y).alpha() > 60
                    for x in range(picture.width())
                    for y in range(picture.height())
                ), (file.stem, size)
            assert not drawn.pixmap(QSize(16, 16), QIcon.Mode.Disabled).isNull()
    apply_theme(qapp, "light")
    assert not app_icon().isNull()


def test_system_theme_follows_the_desktop(qapp: QApplication) -> None:
    apply_theme(qapp, "system")
    assert QGuiApplication.palette().window().color().name() in (LIGHT.window, DARK.window)
    apply_theme(qapp, "light")


def test_languages_load(qapp: QApplication) -> None:
    assert install_language(qapp, QLocale("en")) == []
    for code in LANGUAGES:
        translators = install_language(qapp, QLocale(code))
        for translator in translators:
            qapp.removeTranslator(translator)
    QLocale.setDefault(QLocale("en_US"))


def test_crash_opens_a_report_and_leaves_everything_open(
    qtbot: Any, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    crashes = CrashHandler()
    monkeypatch.setattr(sys, "excepthook", crashes.handle)
    for _ in range(2):
        try:
            raise ValueError("a fault of ours")
        except ValueError as error:
            sys.excepthook(type(error), error, error.__traceback__)
    dialog = crashes.dialog
    assert dialog is not None
    assert dialog.isVisible()
    assert not dialog.isModal()
    assert dialog.report.toPlainText().count("Traceback") == 2
    dialog.primary.click()
    assert "a fault of ours" in QGuiApplication.clipboard().text()
    dialog.reject()
    assert crashes.dialog is None
    assert "a fault of ours" in capsys.readouterr().err


def test_report_leaves_the_home_folder_out(monkeypatch: pytest.MonkeyPatch) -> None:
    from pathlib import Path

    home = str(Path.home())
    error = RuntimeError(f"cannot read {home}/secret.pth")
    assert home not in report_of(RuntimeError, error, None)


def test_every_action_has_an_icon_of_the_one_family() -> None:
    family = None
    for file in sorted(resource_path("icons").glob("*.svg")):
        if file.stem.startswith("ckpt-studio"):
            continue
        head, _, body = file.read_text(encoding="utf-8").partition(">")
        family = family or head
        assert head == family, file.name
        assert set(re.findall(r"#[0-9a-fA-F]{3,6}|(?<=fill=\")\w+", body)) <= {"none", "currentColor"}, file.name
    for spec in SPECS:
        assert resource_path(f"icons/{spec.icon}.svg").is_file(), spec.id
    # Two actions that stand in one menu are told apart by their pictures.
    alike = Counter(spec.icon for spec in SPECS if spec.id not in SAME_THING)
    assert [name for name, count in alike.items() if count > 1] == []
