"""The guided tour, done as it asks: by mouse and keys on the real window, and by its own buttons."""

from __future__ import annotations

from typing import Any

import pytest
from PySide6.QtCore import QPoint, QRect, QSize, Qt
from PySide6.QtWidgets import QApplication, QWidget

from ckpt_studio.gui.dialogs.align_dialog import AlignDialog
from ckpt_studio.gui.dialogs.ask_dialog import AskDialog
from ckpt_studio.gui.main_window import MainWindow
from ckpt_studio.gui.model_resolving import remember_model
from ckpt_studio.gui.themed import ThemedPicture
from ckpt_studio.gui.tour import Tour
from ckpt_studio.models.reference import TorchvisionReference, parse_reference
from ckpt_studio.models.resolve import ResolvedModel, resolve
from ckpt_studio.resources import resource_path
from tests.gui import samples
from tests.gui.desks import SAMPLE, dialog_of

pytestmark = pytest.mark.skipif(not SAMPLE.is_file(), reason="the sample is not built")


@pytest.fixture
def tour(window: MainWindow, qtbot: Any) -> Tour:
    window.actions_["tour"].trigger()
    qtbot.waitUntil(lambda: window._tour is not None, timeout=10_000)
    assert window._tour is not None
    page = window._tour.page
    qtbot.waitUntil(lambda: page.header.summary is not None)
    return window._tour


def in_window(widget: QWidget, window: MainWindow) -> QRect:
    return QRect(widget.mapTo(window, QPoint(0, 0)), widget.size())


def test_welcome_page_offers_the_tour(window: MainWindow, qtbot: Any) -> None:
    qtbot.mouseClick(window.welcome.tour_button, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: window._tour is not None, timeout=10_000)


def test_every_station_is_beside_what_it_is_about(tour: Tour, window: MainWindow, qtbot: Any) -> None:
    callout = tour.callout
    for place, station in enumerate(tour.stations):
        assert tour.place == place
        assert callout.title.text() == callout.accessibleName() == station.title
        assert station.text in callout.next_button.accessibleDescription()
        assert window.rect().contains(callout.geometry())
        needed = callout._column.totalHeightForWidth(callout.width())
        assert callout.height() >= min(needed, window.height() - 20)
        target = station.target()
        assert callout.spotlight.isVisible() == (target is not None)
        if target is not None:
            assert callout.spotlight.geometry().contains(in_window(target, window).intersected(window.rect()))
        qtbot.keyClick(callout.next_button, Qt.Key.Key_Return)
    assert window._tour is None


def test_the_tour_is_done_with_the_real_buttons(tour: Tour, window: MainWindow, qtbot: Any) -> None:
    page, callout = tour.page, tour.callout
    tour.go_on()
    assert callout.task.tone == "calm"
    page.tree.go_to("module.fc.weight")
    assert callout.task.tone == "good"
    tour.go_on()
    assert page.panels.currentWidget() is page.panels.inspector
    tour.go_on()
    qtbot.keyClicks(window.filter_box.field, "conv2")
    qtbot.waitUntil(lambda: callout.task.tone == "good")
    tour.go_on()
    assert not page.filter
    qtbot.mouseClick(page.header.strip_button, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: callout.task.tone == "good")
    tour.go_on()
    assert page.panels.currentWidget() is page.history
    window.actions_["undo"].trigger()
    assert callout.task.tone == "good"
    tour.go_on()
    assert page.document.history.index == 1
    tour.callout.back_button.click()
    assert tour.station.title == "Nothing can go wrong"


def test_enter_goes_on_after_the_task(tour: Tour, window: MainWindow, qtbot: Any) -> None:
    page, callout = tour.page, tour.callout
    while tour.station.title != "Put the names right":
        tour.go_on()
    window.activateWindow()
    page.header.strip_button.setFocus()
    qtbot.waitUntil(page.header.strip_button.hasFocus)
    assert callout.keys.text() == "Alt+N: next."
    qtbot.mouseClick(page.header.strip_button, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: callout.task.tone == "good")
    qtbot.waitUntil(callout.next_button.hasFocus)
    assert callout.keys.text().startswith("Enter")
    qtbot.keyClick(callout.next_button, Qt.Key.Key_Return)
    assert tour.station.title == "Nothing can go wrong"


@pytest.mark.slow
def test_the_tour_ends_on_a_green_verdict(tour: Tour, window: MainWindow, qtbot: Any) -> None:
    pytest.importorskip("torch")
    document = tour.page.document
    while tour.station.title != "Make it fit":
        tour.go_on()
    model = resource_path("sample_model.py")
    document.set_model(resolve(parse_reference(f"{model}:SmallResNet(num_classes=10)")))
    for _ in range(12):
        qtbot.waitUntil(lambda: document.report is not None and not document.is_comparing, timeout=60_000)
        qtbot.waitUntil(lambda: tour.page.compare._suggesting is None, timeout=60_000)
        if tour.callout.task.tone == "good":
            break
        tour.callout._extra[0].click()
        dialog: Any = next((one for one in window.findChildren(AskDialog) if one.isVisible()), None)
        if dialog is not None:
            if isinstance(dialog, AlignDialog):
                qtbot.waitUntil(lambda dialog=dialog: dialog.alignment is not None)
                if dialog.asked.isVisible():
                    dialog.confirm.click()
            qtbot.waitUntil(dialog.primary.isEnabled, timeout=60_000)
            index = document.history.index
            dialog.primary.click()
            qtbot.waitUntil(lambda index=index: document.history.index > index, timeout=60_000)
    assert document.report is not None
    assert document.report.loads_strict
    assert tour.callout.task.tone == "good"


def test_the_tour_does_it_when_asked(tour: Tour, window: MainWindow, qtbot: Any) -> None:
    remember_model(ResolvedModel(TorchvisionReference("resnet50"), samples.skeleton(samples.MODEL)))
    for station in tour.stations:
        if station.show is not None:
            assert [button.text() for button in tour.callout._extra] == ["&Show me"]
            tour.callout._extra[0].click()
            dialog = dialog_of(window, "ChooseModelDialog")
            if dialog is not None:
                # The sample's own model, whatever was used last.
                assert "SmallResNet" in dialog.primary.text()
                dialog.reject()
            else:
                qtbot.waitUntil(lambda: tour.callout.task.tone == "good")
        if station is not tour.stations[-1]:
            tour.go_on()
    tour.callout._extra[1].click()
    assert window._tour is None
    guide = dialog_of(window, "GuideDialog")
    assert guide is not None
    guide.close()


def test_its_pictures_follow_the_theme(tour: Tour, window: MainWindow, qapp: QApplication) -> None:
    def ink() -> int:
        picture = tour.callout.end_button.icon().pixmap(QSize(16, 16)).toImage()
        points = (picture.pixelColor(x, y) for x in range(16) for y in range(16))
        return max((point for point in points if point.alpha() > 200), key=lambda point: point.alpha()).lightness()

    try:
        window.set_theme("light")
        assert ink() < 100
        window.set_theme("dark")
        assert ink() > 150
        assert not window.welcome.findChildren(ThemedPicture)[0].pixmap().isNull()
    finally:
        window.set_theme("light")


def test_who_only_reads_on_finds_a_change_to_take_back(tour: Tour, window: MainWindow, qtbot: Any) -> None:
    while tour.station.title != "Nothing can go wrong":
        tour.go_on()
    assert tour.page.document.history.index == 1
    assert window.actions_["undo"].isEnabled()


def test_who_has_chosen_no_model_is_told_to(tour: Tour, window: MainWindow, qtbot: Any) -> None:
    while tour.station.title != "Make it fit":
        qtbot.keyClick(tour.callout.next_button, Qt.Key.Key_Return)
    assert tour.callout.task.label.text().startswith("First a model is to be chosen")
    document = tour.page.document
    document.set_model(samples.Resolved(samples.skeleton(samples.MODEL)))  # type: ignore[arg-type]
    qtbot.waitUntil(lambda: tour.callout.task.label.text().startswith("Try it: press what is offered"))


def test_escape_ends_the_tour_and_the_window_stays(tour: Tour, window: MainWindow, qtbot: Any) -> None:
    qtbot.keyClick(tour.callout.next_button, Qt.Key.Key_Escape)
    assert window._tour is None
    assert window.current_page is not None
    window.start_tour()
    assert window._tour is not None
    window._tour.callout.end_button.click()
    assert window._tour is None


def test_the_tour_waits_behind_other_files_and_goes_with_its_own(
    tour: Tour, window: MainWindow, qtbot: Any, tmp_path: Any
) -> None:
    other = window.open_path(str(tmp_path / "absent.pth"))
    qtbot.waitUntil(lambda: other.error is not None)
    assert not tour.callout.isVisible()
    assert not tour.callout.spotlight.isVisible()
    window.tabs.setCurrentIndex(0)
    assert tour.callout.isVisible()
    window.close_tab(0)
    assert window._tour is None


def test_the_tour_fits_a_small_window_with_large_text(tour: Tour, window: MainWindow, qtbot: Any) -> None:
    window.resize(window.minimumSize())
    try:
        window.change_text_size(5)
        for _ in tour.stations[:-1]:
            assert window.rect().contains(tour.callout.geometry())
            needed = tour.callout._column.totalHeightForWidth(tour.callout.width())
            assert tour.callout.height() >= needed
            tour.go_on()
    finally:
        window.change_text_size(0)
