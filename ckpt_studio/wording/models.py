"""Sentences of: models."""

from __future__ import annotations

from ckpt_studio.wording.marking import QT_TRANSLATE_NOOP

TEMPLATES: dict[str, str] = {
    # Naming a model.
    "reference-empty": QT_TRANSLATE_NOOP(
        "messages", "No model is named. Name one like “torchvision:resnet34(num_classes=10)” or “net.py:Net()”."
    ),
    "reference-syntax": QT_TRANSLATE_NOOP(
        "messages", "“{text}” does not name a model: {reason}. Write it as Python would call it, like “net.py:Net(3)”."
    ),
    "reference-not-literal": QT_TRANSLATE_NOOP(
        "messages",
        "In “{text}” the argument “{argument}” is not a plain value. "
        "Numbers, text, True, False, None, lists, tuples and dicts of those can be given.",
    ),
    "reference-needs-class": QT_TRANSLATE_NOOP(
        "messages", "“{path}” is a Python file: add the class or function to build, like “{path}:Net()”."
    ),
}
