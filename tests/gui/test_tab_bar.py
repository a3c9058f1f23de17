"""Many tabs: their titles stay readable, and the others are scrolled to."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QTabWidget, QToolButton
from pytestqt.qtbot import QtBot

from ckpt_studio.gui.tab_bar import TabBar

NAMES = [
    "best_model.pth", "optimizer_only.pt", "with_ema.pth", "pytorch_model.bin", "llama.safetensors",
    "adapter_model.safetensors", "model.safetensors.index.json", "lightning-epoch=3.ckpt", "script_model.pt",
    "unet_dataparallel_whole.pth", "whole_resnet.pth", "a.pt",
]  # fmt: skip


def test_titles_stay_readable_and_the_others_are_scrolled_to(qtbot: QtBot) -> None:
    tabs = QTabWidget()
    qtbot.addWidget(tabs)
    bar = TabBar()
    tabs.setTabBar(bar)
    tabs.setTabsClosable(True)
    tabs.setElideMode(Qt.TextElideMode.ElideMiddle)
    for name in NAMES[:3]:
        tabs.addTab(QLabel(name), name)
    tabs.resize(900, 300)
    tabs.show()
    arrows = [arrow for arrow in bar.findChildren(QToolButton) if arrow.arrowType() != Qt.ArrowType.NoArrow]
    assert len(arrows) == 2
    assert not any(arrow.isVisible() for arrow in arrows)
    for name in NAMES[3:]:
        tabs.addTab(QLabel(name), name)
    letter = bar.fontMetrics().horizontalAdvance("0")
    for index, name in enumerate(NAMES):
        assert bar.tabRect(index).width() >= min(len(name), 13) * letter * 0.8
    assert all(arrow.isVisible() for arrow in arrows)
    # What is chosen is seen.
    tabs.setCurrentIndex(len(NAMES) - 1)
    qtbot.waitUntil(lambda: bar.rect().contains(bar.tabRect(len(NAMES) - 1).center()))
    back = arrows[0]
    while back.isEnabled():
        qtbot.mouseClick(back, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: bar.rect().contains(bar.tabRect(0).center()))
