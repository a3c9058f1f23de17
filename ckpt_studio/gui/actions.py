"""Every action once: its name, words, icon, keys, and when it can be used; menus and toolbars only refer to it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from PySide6.QtCore import QCoreApplication, QObject, QTimer
from PySide6.QtGui import QAction, QKeySequence

from ckpt_studio.gui.tasks import running_tasks
from ckpt_studio.gui.theme import icon
from ckpt_studio.wording.marking import QT_TRANSLATE_NOOP

Keys = QKeySequence.StandardKey


@dataclass(frozen=True)
class Situation:
    """What the window is at, as far as actions depend on it.

    Attributes:
        document: a file is open in the current tab.
        weights: it has an active state dict.
        names: tensors or groups of it are selected.
        one_name: exactly one of them.
        inactive: an inactive state dict is the current row.
        rows: any row is selected.
        undo, redo: there is something to undo or redo.
        model: a model to compare with is chosen.
        tabs: any tab is open.
        editable: the current row's name or value can be typed anew.
        removable: something is selected that can be left out.
        markable: the current row is a name that can be bookmarked.
        marks: there are bookmarks.
    """

    document: bool = False
    weights: bool = False
    names: bool = False
    one_name: bool = False
    inactive: bool = False
    rows: bool = False
    undo: bool = False
    redo: bool = False
    model: bool = False
    tabs: bool = False
    editable: bool = False
    removable: bool = False
    markable: bool = False
    marks: bool = False


@dataclass(frozen=True)
class ActionSpec:
    """One action.

    Attributes:
        id: what code calls it.
        text: for menus, with the access key marked by "&".
        short: for the toolbar, where the menu's words are too long.
        tip: one sentence on what it does.
        icon: file name in resources/icons.
        keys: the shortcuts.
        enabled: when it can be used.
        checkable: it is a choice that stays.
    """

    id: str
    text: str
    tip: str
    icon: str
    keys: tuple[QKeySequence.StandardKey | str, ...] = ()
    enabled: Callable[[Situation], bool] = lambda now: True
    short: str = ""
    checkable: bool = False


def _document(now: Situation) -> bool:
    return now.document


def _weights(now: Situation) -> bool:
    return now.weights


def _names(now: Situation) -> bool:
    return now.names


SPECS: tuple[ActionSpec, ...] = (
    ActionSpec(
        "open",
        QT_TRANSLATE_NOOP("Actions", "&Open…"),
        QT_TRANSLATE_NOOP("Actions", "Open a checkpoint; no code in it is run"),
        "open",
        (Keys.Open,),
        short=QT_TRANSLATE_NOOP("Actions", "Open"),
    ),
    ActionSpec(
        "open-folder",
        QT_TRANSLATE_NOOP("Actions", "Open &folder…"),
        QT_TRANSLATE_NOOP("Actions", "See what the checkpoints of a folder are, and convert many at once"),
        "folder",
        ("Ctrl+Shift+O",),
    ),
    ActionSpec(
        "open-sample",
        QT_TRANSLATE_NOOP("Actions", "Open the &sample"),
        QT_TRANSLATE_NOOP("Actions", "A small checkpoint to try everything on"),
        "sample",
    ),
    ActionSpec(
        "export",
        QT_TRANSLATE_NOOP("Actions", "&Export…"),
        QT_TRANSLATE_NOOP("Actions", "Write the result to a new file; the opened file stays as it is"),
        "export",
        (Keys.Save, "Ctrl+E"),
        _document,
    ),
    ActionSpec(
        "save-tensors",
        QT_TRANSLATE_NOOP("Actions", "Save selected te&nsors…"),
        QT_TRANSLATE_NOOP("Actions", "Write the selected tensors alone: as arrays, as tables or as a small checkpoint"),
        "tensor",
        ("Ctrl+Shift+S",),
        lambda now: now.rows,
    ),
    ActionSpec(
        "reload",
        QT_TRANSLATE_NOOP("Actions", "Re&load from disk"),
        QT_TRANSLATE_NOOP("Actions", "Read the file again; pending changes are dropped"),
        "reload",
        ("F5",),
        lambda now: now.tabs,
    ),
    ActionSpec(
        "close",
        QT_TRANSLATE_NOOP("Actions", "&Close"),
        QT_TRANSLATE_NOOP("Actions", "Close this file"),
        "close",
        ("Ctrl+W", Keys.Close),
        lambda now: now.tabs,
    ),
    ActionSpec(
        "quit",
        QT_TRANSLATE_NOOP("Actions", "&Quit"),
        QT_TRANSLATE_NOOP("Actions", "Close all files and leave"),
        "quit",
        ("Ctrl+Q",),
    ),
    ActionSpec(
        "reopen-files",
        QT_TRANSLATE_NOOP("Actions", "Reopen files at s&tart"),
        QT_TRANSLATE_NOOP("Actions", "Open the files again at the next start that are open when you quit"),
        "session",
        checkable=True,
    ),
    ActionSpec(
        "undo",
        QT_TRANSLATE_NOOP("Actions", "&Undo"),
        QT_TRANSLATE_NOOP("Actions", "Take the last change back"),
        "undo",
        (Keys.Undo,),
        lambda now: now.undo,
    ),
    ActionSpec(
        "redo",
        QT_TRANSLATE_NOOP("Actions", "&Redo"),
        QT_TRANSLATE_NOOP("Actions", "Make the change again that was taken back"),
        "redo",
        (Keys.Redo, "Ctrl+Shift+Z", "Ctrl+Y"),
        lambda now: now.redo,
    ),
    ActionSpec(
        "copy-as-python",
        QT_TRANSLATE_NOOP("Actions", "Copy changes as Pyt&hon"),
        QT_TRANSLATE_NOOP("Actions", "Copy a script of plain PyTorch that makes the same changes"),
        "code",
        (),
        lambda now: now.undo,
    ),
    ActionSpec(
        "edit-recipe",
        QT_TRANSLATE_NOOP("Actions", "Reci&pe…"),
        QT_TRANSLATE_NOOP("Actions", "Write changes down as steps, change them, apply them to this file or to many"),
        "recipe",
        ("Ctrl+Shift+E",),
    ),
    ActionSpec(
        "rename-here",
        QT_TRANSLATE_NOOP("Actions", "Rename in p&lace"),
        QT_TRANSLATE_NOOP("Actions", "Type the new name of a tensor or group, or another value, in the tree"),
        "rename",
        ("F2",),
        lambda now: now.editable,
    ),
    ActionSpec(
        "rename",
        QT_TRANSLATE_NOOP("Actions", "Re&name…"),
        QT_TRANSLATE_NOOP("Actions", "Give the selected tensor or group another name, wherever it shall be"),
        "rename",
        ("Shift+F2",),
        lambda now: now.one_name,
    ),
    ActionSpec(
        "strip-prefix",
        QT_TRANSLATE_NOOP("Actions", "&Strip prefix…"),
        QT_TRANSLATE_NOOP("Actions", "Take “module.” or another beginning off all names"),
        "strip",
        ("Ctrl+Shift+P",),
        _weights,
        QT_TRANSLATE_NOOP("Actions", "Strip prefix"),
    ),
    ActionSpec(
        "add-prefix",
        QT_TRANSLATE_NOOP("Actions", "&Add prefix…"),
        QT_TRANSLATE_NOOP("Actions", "Put a beginning before the selected names, or before all"),
        "add-prefix",
        (),
        _weights,
    ),
    ActionSpec(
        "pattern-rename",
        QT_TRANSLATE_NOOP("Actions", "Rename by &pattern…"),
        QT_TRANSLATE_NOOP("Actions", "One line for every layer: “layers.{n}” becomes “blocks.{n}”, with a preview"),
        "pattern",
        ("Ctrl+R",),
        _weights,
    ),
    ActionSpec(
        "regex-rename",
        QT_TRANSLATE_NOOP("Actions", "Rename by regular e&xpression…"),
        QT_TRANSLATE_NOOP("Actions", "Replace a part of many names by Python's patterns, with a preview"),
        "pattern",
        ("Ctrl+Shift+R",),
        _weights,
    ),
    ActionSpec(
        "split",
        QT_TRANSLATE_NOOP("Actions", "Spl&it…"),
        QT_TRANSLATE_NOOP("Actions", "Make several tensors of one, for example q, k and v of a fused qkv"),
        "split",
        (),
        lambda now: now.names,
    ),
    ActionSpec(
        "join",
        QT_TRANSLATE_NOOP("Actions", "&Join…"),
        QT_TRANSLATE_NOOP("Actions", "Make one tensor of the selected ones, for example a fused qkv of q, k and v"),
        "join",
        (),
        _names,
    ),
    ActionSpec(
        "differences",
        QT_TRANSLATE_NOOP("Actions", "&Differences to another checkpoint…"),
        QT_TRANSLATE_NOOP("Actions", "Compare two files value by value: what moved, and how far"),
        "differences",
        (),
        _weights,
    ),
    ActionSpec(
        "update-from",
        QT_TRANSLATE_NOOP("Actions", "Update &from…"),
        QT_TRANSLATE_NOOP("Actions", "Take tensors from another checkpoint: add what is missing, replace the rest"),
        "update-from",
        (),
        _weights,
    ),
    ActionSpec(
        "pop",
        QT_TRANSLATE_NOOP("Actions", "P&op"),
        QT_TRANSLATE_NOOP("Actions", "Leave out the selected tensors and other contents"),
        "pop",
        (Keys.Delete,),
        lambda now: now.removable,
    ),
    ActionSpec(
        "pop-matching",
        QT_TRANSLATE_NOOP("Actions", "Pop or &keep by pattern…"),
        QT_TRANSLATE_NOOP("Actions", "Remove, or keep only, the names that fit “*.num_batches_tracked” or the like"),
        "keep",
        (),
        _weights,
    ),
    ActionSpec(
        "keep-only",
        QT_TRANSLATE_NOOP("Actions", "Keep only &what is selected"),
        QT_TRANSLATE_NOOP("Actions", "Remove every tensor that is not selected"),
        "keep",
        (),
        _names,
    ),
    ActionSpec(
        "cast",
        QT_TRANSLATE_NOOP("Actions", "&Cast…"),
        QT_TRANSLATE_NOOP("Actions", "Convert to another number format, for example float16 at half the size"),
        "cast",
        (),
        _weights,
        QT_TRANSLATE_NOOP("Actions", "Cast"),
    ),
    ActionSpec(
        "device",
        QT_TRANSLATE_NOOP("Actions", "Recorded &device…"),
        QT_TRANSLATE_NOOP("Actions", "Change where the file says its tensors were, for example “cuda:0” to “cpu”"),
        "device",
        (),
        _weights,
    ),
    ActionSpec(
        "metadata",
        QT_TRANSLATE_NOOP("Actions", "&Metadata…"),
        QT_TRANSLATE_NOOP("Actions", "Add or change a note that safetensors files carry"),
        "info",
        (),
        _document,
    ),
    ActionSpec(
        "cut",
        QT_TRANSLATE_NOOP("Actions", "Cu&t names"),
        QT_TRANSLATE_NOOP("Actions", "Take these names, to move them under another group by pasting"),
        "cut",
        (Keys.Cut,),
        _names,
    ),
    ActionSpec(
        "copy",
        QT_TRANSLATE_NOOP("Actions", "Cop&y names"),
        QT_TRANSLATE_NOOP("Actions", "Copy the selected names as text"),
        "copy",
        (Keys.Copy,),
        lambda now: now.rows,
    ),
    ActionSpec(
        "paste",
        QT_TRANSLATE_NOOP("Actions", "Paste &below this group"),
        QT_TRANSLATE_NOOP("Actions", "Move the names that were cut under the current group"),
        "paste",
        (Keys.Paste,),
        _weights,
    ),
    ActionSpec(
        "activate",
        QT_TRANSLATE_NOOP("Actions", "&Make active"),
        QT_TRANSLATE_NOOP("Actions", "Work on this state dict from now on"),
        "activate",
        (),
        lambda now: now.inactive,
    ),
    ActionSpec(
        "expand-below",
        QT_TRANSLATE_NOOP("Actions", "E&xpand below"),
        QT_TRANSLATE_NOOP("Actions", "Open the groups below the current row"),
        "expand",
        (),
        _document,
    ),
    ActionSpec(
        "collapse-all",
        QT_TRANSLATE_NOOP("Actions", "Collapse &all"),
        QT_TRANSLATE_NOOP("Actions", "Close all groups"),
        "collapse",
        (),
        _document,
    ),
    ActionSpec(
        "find",
        QT_TRANSLATE_NOOP("Actions", "F&ilter names"),
        QT_TRANSLATE_NOOP("Actions", "Show only the names that contain a text, or a dtype, shape, device or size"),
        "search",
        (Keys.Find,),
        _document,
    ),
    ActionSpec(
        "go-to-name",
        QT_TRANSLATE_NOOP("Actions", "&Go to name…"),
        QT_TRANSLATE_NOOP("Actions", "Type a few letters of a name and jump to it"),
        "go-to",
        ("Ctrl+G",),
        _weights,
    ),
    ActionSpec(
        "bookmark",
        QT_TRANSLATE_NOOP("Actions", "Book&mark"),
        QT_TRANSLATE_NOOP("Actions", "Mark this name to come back to it; once more takes the mark away"),
        "bookmark",
        ("Ctrl+D",),
        lambda now: now.markable,
    ),
    ActionSpec(
        "next-bookmark",
        QT_TRANSLATE_NOOP("Actions", "&Next bookmark"),
        QT_TRANSLATE_NOOP("Actions", "Go to the next name that is marked"),
        "bookmark-next",
        ("F8",),
        lambda now: now.marks,
    ),
    ActionSpec(
        "previous-bookmark",
        QT_TRANSLATE_NOOP("Actions", "&Previous bookmark"),
        QT_TRANSLATE_NOOP("Actions", "Go back to the marked name before this one"),
        "bookmark-previous",
        ("Shift+F8",),
        lambda now: now.marks,
    ),
    ActionSpec(
        "next-odd",
        QT_TRANSLATE_NOOP("Actions", "Next NaN or &infinite value"),
        QT_TRANSLATE_NOOP("Actions", "Show the next NaN or infinite value of the selected tensor in the table"),
        "odd-next",
        ("F3",),
        _document,
    ),
    ActionSpec(
        "previous-odd",
        QT_TRANSLATE_NOOP("Actions", "Pre&vious NaN or infinite value"),
        QT_TRANSLATE_NOOP("Actions", "Show the NaN or infinite value before this one"),
        "odd-previous",
        ("Shift+F3",),
        _document,
    ),
    ActionSpec(
        "compare",
        QT_TRANSLATE_NOOP("Actions", "&Compare with…"),
        QT_TRANSLATE_NOOP("Actions", "Choose the model that shall load these weights"),
        "compare",
        ("Ctrl+M",),
        _weights,
        QT_TRANSLATE_NOOP("Actions", "Compare with…"),
    ),
    ActionSpec(
        "compare-torchvision",
        QT_TRANSLATE_NOOP("Actions", "A &torchvision model…"),
        QT_TRANSLATE_NOOP("Actions", "Choose one of torchvision's models by name"),
        "model",
        (),
        _weights,
    ),
    ActionSpec(
        "compare-python",
        QT_TRANSLATE_NOOP("Actions", "A class in a &Python file…"),
        QT_TRANSLATE_NOOP("Actions", "Choose your own model class or function"),
        "code-file",
        (),
        _weights,
    ),
    ActionSpec(
        "compare-module",
        QT_TRANSLATE_NOOP("Actions", "An &installed module…"),
        QT_TRANSLATE_NOOP("Actions", "Choose a model of timm, transformers or your own package"),
        "box",
        (),
        _weights,
    ),
    ActionSpec(
        "compare-checkpoint",
        QT_TRANSLATE_NOOP("Actions", "&Another checkpoint…"),
        QT_TRANSLATE_NOOP("Actions", "Compare names and shapes with another file"),
        "weights-file",
        (),
        _weights,
    ),
    ActionSpec(
        "compare-nothing",
        QT_TRANSLATE_NOOP("Actions", "&Stop comparing"),
        QT_TRANSLATE_NOOP("Actions", "Show the file without a model beside it"),
        "stop",
        (),
        lambda now: now.model,
    ),
    ActionSpec(
        "file-order",
        QT_TRANSLATE_NOOP("Actions", "&Order of the file"),
        QT_TRANSLATE_NOOP("Actions", "Show the names as the file lists them"),
        "file-order",
        (),
        _document,
        checkable=True,
    ),
    ActionSpec(
        "name-order",
        QT_TRANSLATE_NOOP("Actions", "&Sorted by name"),
        QT_TRANSLATE_NOOP("Actions", "Sort the names, numbers by their value"),
        "name-order",
        (),
        _document,
        checkable=True,
    ),
    ActionSpec(
        "larger-text",
        QT_TRANSLATE_NOOP("Actions", "&Larger text"),
        QT_TRANSLATE_NOOP("Actions", "Make all text of the window larger"),
        "text-larger",
        (Keys.ZoomIn, "Ctrl+="),
    ),
    ActionSpec(
        "smaller-text",
        QT_TRANSLATE_NOOP("Actions", "S&maller text"),
        QT_TRANSLATE_NOOP("Actions", "Make all text of the window smaller"),
        "text-smaller",
        (Keys.ZoomOut,),
    ),
    ActionSpec(
        "normal-text",
        QT_TRANSLATE_NOOP("Actions", "&Usual text size"),
        QT_TRANSLATE_NOOP("Actions", "Show text in the size that the system asks for"),
        "text-normal",
        ("Ctrl+0",),
    ),
    ActionSpec(
        "diagnostics",
        QT_TRANSLATE_NOOP("Actions", "Copy &diagnostic report"),
        QT_TRANSLATE_NOOP(
            "Actions", "Versions, system and the program's last notes, to send to the makers; nothing from your files"
        ),
        "copy",
    ),
    ActionSpec(
        "preferences",
        QT_TRANSLATE_NOOP("Actions", "Prefere&nces…"),
        QT_TRANSLATE_NOOP(
            "Actions", "Language, colours, text size, recent files, and the Python that builds your models"
        ),
        "preferences",
        (Keys.Preferences, "Ctrl+,"),
    ),
    ActionSpec(
        "about",
        QT_TRANSLATE_NOOP("Actions", "&About Ckpt Studio"),
        QT_TRANSLATE_NOOP("Actions", "Version and licence"),
        "info",
    ),
    ActionSpec(
        "guide",
        QT_TRANSLATE_NOOP("Actions", "User &guide"),
        QT_TRANSLATE_NOOP("Actions", "How to look, repair, compare and export"),
        "guide",
        ("F1",),
    ),
    ActionSpec(
        "tour",
        QT_TRANSLATE_NOOP("Actions", "Guided &tour"),
        QT_TRANSLATE_NOOP("Actions", "Three minutes on the sample: what everything is for, step by step"),
        "tour",
    ),
    ActionSpec(
        "shortcuts",
        QT_TRANSLATE_NOOP("Actions", "&Keyboard shortcuts"),
        QT_TRANSLATE_NOOP("Actions", "All keys on one page"),
        "keyboard",
        ("Shift+F1",),
    ),
)


# Of the toolbar, in order; "" is a line between two groups.
TOOLBAR = ("open", "export", "", "undo", "redo", "", "strip-prefix", "rename", "pop", "cast", "", "compare")
_ICONS = {spec.id: spec.icon for spec in SPECS}
_DRAWN_AT_ONCE, _REST_MS = 6, 100


def plain_words(action: QAction) -> str:
    """The action's words without access key, which some languages write as "(&O)" behind the words, and dots."""
    return re.sub(r"\(&.\)|&", "", action.text()).rstrip("…")


class Actions(QObject):
    """The window's `QAction`s by id."""

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._actions: dict[str, QAction] = {}
        self._soon = QTimer(self)
        self._soon.setInterval(_REST_MS)
        self._soon.timeout.connect(self._on_soon)
        for spec in SPECS:
            action = QAction(parent)
            action.setObjectName(spec.id)
            action.setText(QCoreApplication.translate("Actions", spec.text))
            # Qt's own shortening leaves the access key of "打开(&O)…" in the toolbar.
            action.setIconText(QCoreApplication.translate("Actions", spec.short) if spec.short else plain_words(action))
            tip = QCoreApplication.translate("Actions", spec.tip)
            # What is standard on one system stands beside it for the others; a key given twice does nothing at all.
            # Some systems have no standard key for what others have one for.
            found = [key for key in (QKeySequence(words) for words in spec.keys) if not key.isEmpty()]
            keys = list({key.toString(): key for key in found}.values())
            action.setShortcuts(keys)
            # After a pop the next row is selected: a key held down would take one after the other.
            action.setAutoRepeat(spec.id != "pop")
            action.setStatusTip(tip)
            shown = keys[0].toString(QKeySequence.SequenceFormat.NativeText) if keys else ""
            action.setToolTip(f"{tip}  ({shown})" if shown else tip)
            action.setCheckable(spec.checkable)
            action.setIconVisibleInMenu(True)
            self._actions[spec.id] = action
        self.restyle()

    def __getitem__(self, name: str) -> QAction:
        return self._actions[name]

    def __iter__(self) -> Iterator[QAction]:
        return iter(self._actions.values())

    def restyle(self) -> None:
        """Takes the icons of the present theme; those of the menus as far as they were drawn."""
        drawn = [name for name, action in self._actions.items() if not action.icon().isNull()]
        for name in {*TOOLBAR, *drawn} - {""}:
            self._actions[name].setIcon(icon(_ICONS[name]))

    def draw(self, names: Iterable[str]) -> None:
        """Gives actions their icons that have none yet: those of a menu that is about to be shown."""
        for name in names:
            if name in self._actions and self._actions[name].icon().isNull():
                self._actions[name].setIcon(icon(_ICONS[name]))

    def draw_soon(self) -> None:
        """Draws all icons while nothing else is to be done: it takes as long as the rest of the window's start."""
        self._soon.start()

    def _on_soon(self) -> None:
        rest = [name for name, action in self._actions.items() if action.icon().isNull() and _ICONS[name]]
        if not running_tasks():
            self.draw(rest[:_DRAWN_AT_ONCE])
        if not rest:
            self._soon.stop()

    def update(self, now: Situation) -> None:
        """Enables what can be used in this situation."""
        for spec in SPECS:
            self._actions[spec.id].setEnabled(spec.enabled(now))
