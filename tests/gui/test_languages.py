"""Every dialog and the window in every language: nothing is clipped, no English is left, every access key is alone."""

from __future__ import annotations

import importlib
import pkgutil
import re
import sys
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree

import pytest
from PySide6.QtCore import QCoreApplication, QLocale, Qt
from PySide6.QtGui import QFont, QFontDatabase, QTextLayout
from PySide6.QtWidgets import (
    QAbstractButton,
    QApplication,
    QComboBox,
    QDialog,
    QLabel,
    QLineEdit,
    QStyle,
    QStyleOptionComboBox,
    QTableWidget,
    QTabWidget,
    QToolButton,
    QWidget,
)
from pytestqt.qtbot import QtBot

import ckpt_studio.gui
from ckpt_studio.compare.report import Row
from ckpt_studio.core.checkpoint import Checkpoint, Finding
from ckpt_studio.core.edits import StripPrefix
from ckpt_studio.errors import message
from ckpt_studio.gui import languages
from ckpt_studio.gui.about_dialogs import AboutDialog, ShortcutsDialog
from ckpt_studio.gui.crash_dialog import CrashDialog
from ckpt_studio.gui.dialogs.add_prefix_dialog import AddPrefixDialog
from ckpt_studio.gui.dialogs.align_dialog import AlignDialog
from ckpt_studio.gui.dialogs.batch_dialog import BatchDialog
from ckpt_studio.gui.dialogs.cast_dialog import CastDialog
from ckpt_studio.gui.dialogs.choose_model_dialog import ChooseModelDialog
from ckpt_studio.gui.dialogs.choose_partner_dialog import ChoosePartnerDialog
from ckpt_studio.gui.dialogs.close_prompt import ClosePrompt
from ckpt_studio.gui.dialogs.consent_dialog import ConsentDialog
from ckpt_studio.gui.dialogs.details_dialog import DetailsDialog
from ckpt_studio.gui.dialogs.device_dialog import DeviceDialog
from ckpt_studio.gui.dialogs.difference_dialog import DifferenceDialog
from ckpt_studio.gui.dialogs.fill_dialog import FillDialog
from ckpt_studio.gui.dialogs.jump_dialog import JumpDialog
from ckpt_studio.gui.dialogs.load_test_dialog import LoadTestDialog
from ckpt_studio.gui.dialogs.metadata_dialog import MetadataDialog
from ckpt_studio.gui.dialogs.pattern_rename_dialog import PatternRenameDialog
from ckpt_studio.gui.dialogs.pop_dialog import PopMatchingDialog
from ckpt_studio.gui.dialogs.preferences_dialog import PreferencesDialog
from ckpt_studio.gui.dialogs.recipe_dialog import RecipeDialog
from ckpt_studio.gui.dialogs.regex_rename_dialog import RegexRenameDialog
from ckpt_studio.gui.dialogs.rename_dialog import RenameDialog
from ckpt_studio.gui.dialogs.resize_dialog import ResizeDialog
from ckpt_studio.gui.dialogs.save_tensors_dialog import SaveTensorsDialog
from ckpt_studio.gui.dialogs.split_dialog import JoinDialog, SplitDialog
from ckpt_studio.gui.dialogs.strip_prefix_dialog import StripPrefixDialog
from ckpt_studio.gui.dialogs.take_name_dialog import TakeNameDialog
from ckpt_studio.gui.dialogs.update_dialog import UpdateDialog
from ckpt_studio.gui.document import Document
from ckpt_studio.gui.export_dialog import ExportDialog
from ckpt_studio.gui.figures import count_text, exact_text, size_text
from ckpt_studio.gui.findings_dialog import FindingsDialog
from ckpt_studio.gui.folder_window import FolderWindow
from ckpt_studio.gui.guide_dialog import GuideDialog
from ckpt_studio.gui.main_window import MainWindow
from ckpt_studio.models.interpreters import Interpreter, Interpreters
from ckpt_studio.models.reference import TorchvisionReference
from ckpt_studio.models.resolve import ResolvedModel
from ckpt_studio.models.trust import CodeRequest, Trust
from ckpt_studio.resources import resource_path
from tests.gui import samples
from tests.gui.checkpoints import wrapped_document

ROOT = Path(__file__).resolve().parents[2]
PYTHONS = (Interpreter("/env/bin/python", "venv", (3, 11, 2), {"torch": "2.5.1", "timm": "1.0.9"}),)
Make = Callable[["Desk"], QDialog]


class Desk:
    """What dialogs are opened on: a training checkpoint with changes, and a file compared with a model."""

    def __init__(self, qtbot: QtBot) -> None:
        self.wrapped = wrapped_document()
        self.compared = samples.document(samples.FILE)
        skeleton = samples.skeleton(samples.MODEL)
        self.compared.set_model(ResolvedModel(TorchvisionReference("tiny"), skeleton))
        qtbot.waitUntil(lambda: self.compared.report is not None)

    def row(self, status: str) -> Row:
        """A row of the comparison."""
        assert self.compared.report is not None
        return next(row for row in self.compared.report.rows if row.status == status)

    def dirty(self) -> Document:
        """The training checkpoint after a change."""
        if not self.wrapped.is_dirty:
            self.wrapped.apply(StripPrefix("module."))
        return self.wrapped

    def findings(self) -> Checkpoint:
        """A checkpoint that is dangerous to load elsewhere."""
        call = message("unsafe-command", call="os.system('true')")
        part = message("finding-part-of-set", index="model.index.json")
        found = (Finding("unsafe-global", "danger", call), Finding("part-of-set", "note", part))
        return replace(self.wrapped.checkpoint, warnings=found)


def second_tab(dialog: PreferencesDialog) -> PreferencesDialog:
    """The dialog with its other page in front."""
    dialog.tabs.setCurrentIndex(1)
    return dialog


DIALOGS: dict[str, Make] = {
    "about": lambda desk: AboutDialog(),
    "shortcuts": lambda desk: ShortcutsDialog(list(MainWindow().actions_)),
    "crash": lambda desk: CrashDialog("Traceback (most recent call last):"),
    "add-prefix": lambda desk: AddPrefixDialog(desk.wrapped),
    "align": lambda desk: AlignDialog(desk.compared),
    "cast": lambda desk: CastDialog(desk.wrapped, dtype="float16"),
    "model-torchvision": lambda desk: ChooseModelDialog(desk.wrapped, "torchvision", trusted=Trust()),
    "model-python": lambda desk: ChooseModelDialog(desk.wrapped, "file", trusted=Trust()),
    "model-installed": lambda desk: ChooseModelDialog(desk.wrapped, "module", trusted=Trust()),
    "model-checkpoint": lambda desk: ChooseModelDialog(desk.wrapped, "checkpoint", trusted=Trust()),
    "batch": lambda desk: BatchDialog(["/lab/a.pth", "/lab/b.pth"], "/lab"),
    "folder": lambda desk: FolderWindow(str(resource_path("translations"))),
    "partner": lambda desk: ChoosePartnerDialog("fc.weight", "10×8", [("head.weight", ""), ("fc.bias", "")]),
    "difference": lambda desk: DifferenceDialog(desk.wrapped, [desk.compared]),
    "split": lambda desk: SplitDialog(desk.wrapped, ("module.fc.weight",)),
    "join": lambda desk: JoinDialog(desk.wrapped, ("module.layer1.0.conv.weight", "module.layer1.1.conv.weight")),
    "preferences": lambda desk: PreferencesDialog(),
    "preferences-models": lambda desk: second_tab(PreferencesDialog()),
    "close": lambda desk: ClosePrompt([desk.dirty()]),
    "consent": lambda desk: ConsentDialog(CodeRequest("/lab/net.py", "/usr/bin/python3", "/lab/net.py:Net()", "00")),
    "details": lambda desk: DetailsDialog("“net.py”", "Traceback (most recent call last):"),
    "device": lambda desk: DeviceDialog(desk.wrapped),
    "fill": lambda desk: FillDialog(desk.compared),
    "jump": lambda desk: JumpDialog(list(samples.FILE)),
    "load-test": lambda desk: LoadTestDialog(desk.compared),
    "metadata": lambda desk: MetadataDialog(desk.wrapped),
    "pattern": lambda desk: PatternRenameDialog(desk.wrapped),
    "pop": lambda desk: PopMatchingDialog(desk.wrapped),
    "regex": lambda desk: RegexRenameDialog(desk.wrapped),
    "save-tensors": lambda desk: SaveTensorsDialog(desk.wrapped, list, "layer1"),
    "recipe": lambda desk: RecipeDialog(desk.dirty()),
    "rename": lambda desk: RenameDialog(desk.wrapped, "module.layer1", True),
    "resize": lambda desk: ResizeDialog(desk.compared, desk.row("mismatched")),
    "strip": lambda desk: StripPrefixDialog(desk.wrapped, "module."),
    "take-name": lambda desk: TakeNameDialog(desk.compared, desk.row("missing")),
    "update": lambda desk: UpdateDialog(desk.wrapped, [desk.compared]),
    "export": lambda desk: ExportDialog(desk.wrapped),
    "findings": lambda desk: FindingsDialog(desk.findings()),
    "guide": lambda desk: GuideDialog(),
}


@pytest.fixture(scope="module")
def compiled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the translations, compiled from what is in the source."""
    folder = tmp_path_factory.mktemp("translations")
    sys.path.insert(0, str(ROOT / "packaging"))
    try:
        compiler = importlib.import_module("compile_translations")
    finally:
        sys.path.remove(str(ROOT / "packaging"))
    for source in (ROOT / "resources" / "translations").glob("*.ts"):
        (folder / f"{source.stem}.qm").write_bytes(compiler.compiled(source))
    return folder


@pytest.fixture(params=list(languages.LANGUAGES))
def language(
    request: pytest.FixtureRequest, qapp: QApplication, compiled: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[str]:
    """The window speaks this language, and numbers are written its way."""
    code: str = request.param
    monkeypatch.setattr(Interpreters, "find", lambda self, near=(), progress=None: PYTHONS)
    monkeypatch.setattr(languages, "resource_path", lambda *parts: compiled)
    font = qapp.font()
    installed = languages.install_language(qapp, QLocale(code))
    yield code
    qapp.setFont(font)
    for translator in installed:
        QCoreApplication.removeTranslator(translator)


def shown(root: QWidget) -> Iterator[QWidget]:
    """The widgets of a window that can be seen."""
    for widget in root.findChildren(QWidget):
        if widget.isVisible() and widget.width() > 1 and widget.height() > 1:
            yield widget


def said(widget: QWidget) -> list[str]:
    """The words a widget shows or tells."""
    words = [widget.toolTip(), widget.windowTitle(), widget.accessibleName()]
    if isinstance(widget, QLabel | QAbstractButton):
        words.append(widget.text())
    if isinstance(widget, QComboBox):
        words += [widget.itemText(index) for index in range(widget.count())]
    if isinstance(widget, QTabWidget):
        words += [widget.tabText(index) for index in range(widget.count())]
    if isinstance(widget, QLineEdit):
        words.append(widget.placeholderText())
    if isinstance(widget, QTableWidget):
        headers = [widget.horizontalHeaderItem(column) for column in range(widget.columnCount())]
        words += [header.text() for header in headers if header is not None]
    return [text for text in words if text]


def clipped(widget: QWidget) -> str:
    """What of the widget's words does not fit into it, or ""."""
    need = widget.minimumSizeHint()
    if isinstance(widget, QLabel) and widget.text() and widget.pixmap().isNull():
        if widget.wordWrap():
            height = widget.heightForWidth(widget.width())
            return f"{widget.text()!r} needs {height} px of height" if height > widget.height() + 1 else ""
        need = widget.sizeHint()
        return f"{widget.text()!r} needs {need.width()} px" if need.width() > widget.width() + 1 else ""
    if isinstance(widget, QToolButton) and widget.toolButtonStyle() is Qt.ToolButtonStyle.ToolButtonIconOnly:
        return ""
    if isinstance(widget, QAbstractButton) and widget.text():
        return f"{widget.text()!r} needs {need.width()} px" if need.width() > widget.width() + 1 else ""
    if isinstance(widget, QComboBox) and widget.currentText() and not widget.isEditable():
        option = QStyleOptionComboBox()
        widget.initStyleOption(option)
        part = QStyle.SubControl.SC_ComboBoxEditField
        room = widget.style().subControlRect(QStyle.ComplexControl.CC_ComboBox, option, part, widget).width()
        width = widget.fontMetrics().horizontalAdvance(widget.currentText())
        return f"{widget.currentText()!r} needs {width} px" if width > room + 1 else ""
    if isinstance(widget, QLineEdit) and widget.placeholderText() and not widget.text():
        width = widget.fontMetrics().horizontalAdvance(widget.placeholderText())
        return f"{widget.placeholderText()!r} needs {width} px" if width > widget.width() else ""
    return ""


def left_in_english(text: str) -> bool:
    """Whether these are English words rather than Chinese, a name or code."""
    if re.search(r"[\u4e00-\u9fff]", text):
        return False
    return bool(re.search(r"\b[A-Za-z]{2,} [a-z]{2,}\b", re.sub(r"<[^>]+>|\S*[/.(]\S*", "", text)))


def access_keys(root: QWidget) -> Counter[str]:
    """How often each letter is an access key of what can be seen."""
    found: Counter[str] = Counter()
    for widget in shown(root):
        text = widget.text() if isinstance(widget, QLabel | QAbstractButton) else ""
        if isinstance(widget, QLabel) and widget.buddy() is None:
            continue
        found.update(letter.upper() for letter in re.findall(r"&(\w)", text.replace("&&", "")))
    return found


def check(root: QWidget, language: str) -> None:
    """Fails on words that are clipped, English in another language, or an access key that stands twice."""
    assert [problem for widget in shown(root) if (problem := clipped(widget))] == []
    assert [key for key, count in access_keys(root).items() if count > 1] == []
    if language != "en":
        words = [*said(root), *(text for widget in shown(root) for text in said(widget))]
        assert [text for text in words if left_in_english(text)] == []


@pytest.fixture
def big_enough(qapp: QApplication) -> Iterator[None]:
    """A font with Chinese letters where there is one, so that widths are those of real text."""
    before = qapp.font()
    families = [family for family in QFontDatabase.families() if "CJK SC" in family]
    if families:
        qapp.setFont(QFont(families[0], before.pointSize()))
    yield
    qapp.setFont(before)


@pytest.mark.usefixtures("big_enough")
@pytest.mark.parametrize("name", list(DIALOGS))
def test_dialogs_are_whole(qtbot: QtBot, language: str, name: str) -> None:
    dialog = DIALOGS[name](Desk(qtbot))
    qtbot.addWidget(dialog)
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose, False)
    dialog.show()
    qtbot.wait(1)
    for _ in range(20):
        QApplication.processEvents()
    check(dialog, language)
    dialog.close()


def test_no_dialog_is_forgotten() -> None:
    for module in pkgutil.walk_packages(ckpt_studio.gui.__path__, "ckpt_studio.gui."):
        importlib.import_module(module.name)
    known = {cell for make in DIALOGS.values() for cell in make.__code__.co_names}
    dialogs, todo = set(), [QDialog]
    while todo:
        for kind in todo.pop().__subclasses__():
            todo.append(kind)
            if kind.__module__.startswith("ckpt_studio.gui") and not kind.__subclasses__():
                dialogs.add(kind.__name__)
    assert dialogs - known == set()


@pytest.mark.usefixtures("big_enough")
def test_the_window_is_whole(qtbot: QtBot, language: str) -> None:
    window = MainWindow()
    qtbot.addWidget(window)
    window.resize(1360, 850)
    window.show()
    QApplication.processEvents()
    check(window, language)
    window.open_path(str(resource_path("sample.pth")))
    qtbot.waitUntil(lambda: window.current_page is not None)
    QApplication.processEvents()
    check(window, language)
    titles = [action.text() for action in window.menuBar().actions()]
    assert len({re.findall(r"&(\w)", title)[0].upper() for title in titles}) == len(titles)
    for menu in window.menuBar().actions():
        inside = [action.text() for action in menu.menu().actions() if not action.isSeparator()]  # type: ignore[attr-defined]
        if language != "en":
            assert [text for text in inside if left_in_english(text)] == []
        # With more words than letters, Qt goes from one to the next that shares a key.
        if len(inside) > 20:
            continue
        keys = Counter(key.upper() for text in inside for key in re.findall(r"&(\w)", text.replace("&&", "")))
        assert [key for key, count in keys.items() if count > 1] == [], menu.text()
    window.close()


@pytest.mark.usefixtures("big_enough")
@pytest.mark.parametrize("percent", [100, 200])
def test_the_tour_is_whole(qtbot: QtBot, qapp: QApplication, language: str, percent: int) -> None:
    window = MainWindow()
    qtbot.addWidget(window)
    window.resize(1360, 850)
    window.show()
    if percent != 100:
        font = qapp.font()
        font.setPointSizeF(font.pointSizeF() * percent / 100)
        qapp.setFont(font)
    window.start_tour()
    # The tour changes its sample: nobody is asked about that when the test ends.
    window._closing = True
    qtbot.waitUntil(lambda: window._tour is not None, timeout=10_000)
    tour = window._tour
    assert tour is not None
    said_before: set[str] = set()
    for place, station in enumerate(tour.stations):
        assert tour.place == place
        for text, done in ((station.task, False), (station.praise, True)):
            tour.callout.set_task(text, done)
            for _ in range(20):
                qapp.processEvents()
            check(tour.callout, language)
        words = tour.callout.text.text()
        assert words not in said_before
        said_before.add(words)
        tour.go_on()
    window.close()


def test_chinese_is_written_in_chinese_letters(
    qapp: QApplication, compiled: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Not in the Japanese shapes of the same letters, whatever language the system speaks."""
    if "Noto Sans CJK SC" not in QFontDatabase.families():
        pytest.skip("no such font here")
    monkeypatch.setattr(languages, "resource_path", lambda *parts: compiled)
    before = qapp.font()
    installed = languages.install_language(qapp, QLocale("zh_CN"))
    layout = QTextLayout("直 open", qapp.font())
    layout.beginLayout()
    layout.createLine()
    layout.endLayout()
    used = {run.rawFont().familyName() for run in layout.glyphRuns()}
    assert "Noto Sans CJK SC" in used
    assert not any(name.endswith("JP") for name in used)
    for translator in installed:
        QCoreApplication.removeTranslator(translator)
    qapp.setFont(before)


@pytest.mark.parametrize("name", ["C", "en_US", "de_DE", "zh_CN"])
def test_digits_are_grouped_in_every_locale(qapp: QApplication, name: str) -> None:
    """Also in the plain locale, which has no language: 21797672 would be counted by its digits."""
    before = QLocale()
    installed = languages.install_language(qapp, QLocale.c() if name == "C" else QLocale(name))
    try:
        mark = "." if name == "de_DE" else ","
        assert exact_text(21_797_672) == f"21{mark}797{mark}672"
        assert exact_text(10**20) == "100" + f"{mark}000" * 6
        assert size_text(87_190_688) == "87.2 MB".replace(".", "," if name == "de_DE" else ".")
        assert count_text(9_999) == f"9{mark}999"
    finally:
        for translator in installed:
            QCoreApplication.removeTranslator(translator)
        QLocale.setDefault(before)


# What stands in the main window beside its menu bar; dialogs have their letters for themselves.
IN_THE_WINDOW = (
    "BytesPage", "Callout", "ChecksPane", "ComparePane", "CurvePage", "DocumentPage", "FilePage", "FilterBox",
    "HeatMapPage", "HistoryPane", "KernelPage", "MainWindow", "NoticeBar", "Panels", "RecentList", "RestoreBar",
    "SizesPane", "SuggestionsBar", "SummaryHeader", "TablePage", "Tour", "Treemap", "WelcomePage", "WorkRow",
)  # fmt: skip


def test_no_button_of_the_window_has_the_letter_of_a_menu() -> None:
    source = Path(__file__).resolve().parents[2] / "resources" / "translations" / "ckpt_studio_zh_CN.ts"
    contexts = {
        context.findtext("name"): [
            (m.findtext("source") or "", m.findtext("translation") or "") for m in context.iter("message")
        ]
        for context in ElementTree.parse(source).iter("context")
    }

    def letters(texts: Iterable[str]) -> dict[str, str]:
        found = ((re.search(r"(?<!&)&([^&\s])", text), text) for text in texts)
        return {match[1].upper(): text for match, text in found if match}

    for language in (0, 1):
        bar = letters(
            text[language] for text in contexts["Menus"] if text[0] in ("&File", "&Edit", "&Model", "&View", "&Help")
        )
        assert len(bar) == 5
        for name in IN_THE_WINDOW:
            clashes = letters(text[language] for text in contexts[name]).keys() & bar.keys()
            assert not clashes, (name, clashes)
