"""The four statuses: readable on both backgrounds, and different without colour."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QImage, QPainter
from pytestqt.qtbot import QtBot

from ckpt_studio.gui.dialogs.ask_dialog import TONES
from ckpt_studio.gui.statuses import STATUSES, paint_status, status_color, status_meaning, status_word
from ckpt_studio.gui.theme import DARK, LIGHT
from tests.gui.test_looks import contrast


@pytest.mark.parametrize("dark", [False, True])
def test_colors_can_be_read(qapp: object, dark: bool) -> None:
    theme = DARK if dark else LIGHT
    for surface in (QColor(theme.base), QColor(theme.window)):
        for status in STATUSES:
            assert contrast(status_color(status, dark), surface) >= 4.5, status
        for tone, pair in TONES.items():
            assert contrast(QColor(pair[dark]), surface) >= 4.5, tone


def test_shapes_differ_without_color(qapp: object) -> None:
    pictures = []
    for status in STATUSES:
        image = QImage(24, 24, QImage.Format.Format_ARGB32)
        image.fill(Qt.GlobalColor.white)
        painter = QPainter(image)
        paint_status(painter, QRectF(0, 0, 24, 24), status, QColor("black"))
        painter.end()
        pictures.append(image)
    assert all(pictures[i] != pictures[j] for i in range(4) for j in range(i))


def test_every_status_has_a_word_and_a_sentence(qtbot: QtBot) -> None:
    assert len({status_word(status) for status in STATUSES}) == 4
    assert all("PyTorch" in status_meaning(status) for status in STATUSES)
