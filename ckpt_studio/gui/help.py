"""F1: the user guide, at the chapter about what one is at."""

from __future__ import annotations

from PySide6.QtWidgets import QWidget

# What a widget, or a dialog, is about: the nearest one around the focus counts.
CHAPTER_OF = {
    "WelcomePage": "first-steps",
    "SummaryHeader": "looking",
    "TensorTreeView": "looking",
    "InspectorPane": "looking",
    "ChecksPane": "looking",
    "SizesPane": "looking",
    "SaveTensorsDialog": "looking",
    "FilterBox": "finding",
    "JumpDialog": "finding",
    "EditDialog": "repairing",
    "MetadataDialog": "repairing",
    "ResizeDialog": "repairing",
    "TakeNameDialog": "repairing",
    "UpdateDialog": "repairing",
    "ChoosePartnerDialog": "repairing",
    "HistoryPane": "recipes",
    "RecipeDialog": "recipes",
    "FolderWindow": "many-files",
    "BatchDialog": "many-files",
    "ComparePane": "comparing",
    "ChooseModelDialog": "comparing",
    "AlignDialog": "comparing",
    "FillDialog": "comparing",
    "LoadTestDialog": "comparing",
    "DifferenceDialog": "comparing",
    "ExportDialog": "exporting",
    "ClosePrompt": "exporting",
    "ConsentDialog": "safety",
    "FindingsDialog": "safety",
    "PreferencesDialog": "comfort",
    "ShortcutsDialog": "comfort",
    "CrashDialog": "trouble",
}


def chapter_about(widget: QWidget | None) -> str:
    """The chapter about the pane or dialog that a widget is in; "" for none of its own."""
    while widget is not None:
        for kind in type(widget).__mro__:
            if kind.__name__ in CHAPTER_OF:
                return CHAPTER_OF[kind.__name__]
        widget = widget.parentWidget()
    return ""


def show_guide(window: QWidget, about: QWidget | None) -> None:
    """Opens the guide beside `window`, or brings the open one to the front, at the chapter about a widget."""
    from ckpt_studio.gui.guide_dialog import GuideDialog

    guide = next((found for found in window.findChildren(GuideDialog) if found.isVisible()), None)
    if guide is None:
        guide = GuideDialog(window)
    guide.turn_to(chapter_about(about))
    guide.show()
    guide.raise_()
    guide.activateWindow()
