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
    "reference-name-expected": QT_TRANSLATE_NOOP("messages", "a name is expected before the parentheses"),
    "reference-not-literal": QT_TRANSLATE_NOOP(
        "messages",
        "In “{text}” the argument “{argument}” is not a plain value. "
        "Numbers, text, True, False, None, lists, tuples and dicts of those can be given.",
    ),
    "reference-needs-class": QT_TRANSLATE_NOOP(
        "messages", "“{path}” is a Python file: add the class or function to build, like “{path}:Net()”."
    ),
    "host-no-model": QT_TRANSLATE_NOOP(
        "messages", "“{path}” is a checkpoint, not a model: it can be compared with, but not built or run."
    ),
    # Finding a Python.
    "no-interpreter": QT_TRANSLATE_NOOP(
        "messages",
        "No Python with PyTorch was found on this computer. Install PyTorch in one, "
        "or choose a Python that has it in the preferences (command line: --python).",
    ),
    "no-torch": QT_TRANSLATE_NOOP(
        "messages",
        "The Python {interpreter} has no torch. Install PyTorch there, or choose another Python "
        "(preferences, or --python on the command line).",
    ),
    "package-broken": QT_TRANSLATE_NOOP(
        "messages", "“{package}” is installed in the Python {interpreter} but cannot be imported: {error}"
    ),
    "torch-too-old": QT_TRANSLATE_NOOP(
        "messages",
        "PyTorch {version} cannot read a file without running code from it; the load test needs 1.13 or later.",
    ),
    "missing-package": QT_TRANSLATE_NOOP(
        "messages",
        "The Python {interpreter} has no package “{package}”, which the model needs. "
        "Install it there, or choose another Python.",
    ),
    # The host process.
    "host-building": QT_TRANSLATE_NOOP("messages", "Building {name}"),
    "host-loading": QT_TRANSLATE_NOOP("messages", "Asking PyTorch to load the names into {name}"),
    "host-initialising": QT_TRANSLATE_NOOP("messages", "Initialising {name}"),
    "host-testing": QT_TRANSLATE_NOOP("messages", "Loading the weights with PyTorch"),
    "host-not-started": QT_TRANSLATE_NOOP(
        "messages", "The Python “{interpreter}” cannot be started: {reason}. Choose another Python."
    ),
    "host-timeout": QT_TRANSLATE_NOOP(
        "messages", "The model's code did not finish within {seconds} seconds and was stopped."
    ),
    "host-garbled": QT_TRANSLATE_NOOP(
        "messages", "The Python {interpreter} gave an answer that is not understood, and was stopped. Try again."
    ),
    "host-killed": QT_TRANSLATE_NOOP(
        "messages",
        "The process that ran the model's code was killed by the system, most likely because memory ran out. "
        "The open documents are untouched.",
    ),
    "host-crashed": QT_TRANSLATE_NOOP(
        "messages",
        "The model's code crashed its Python ({signal}). The open documents are untouched. "
        "The details say where, as far as it could be told.",
    ),
    "host-exited": QT_TRANSLATE_NOOP(
        "messages", "The model's code ended its Python {interpreter} with status {status} instead of giving a model."
    ),
    # The user's model.
    "model-file-missing": QT_TRANSLATE_NOOP("messages", "There is no Python file “{path}”. Check the path."),
    "model-file-unreadable": QT_TRANSLATE_NOOP("messages", "The Python file “{path}” cannot be read: {reason}."),
    "model-syntax": QT_TRANSLATE_NOOP(
        "messages", "The Python file has an error that keeps it from being read: {reason} ({place})."
    ),
    "model-import-failed": QT_TRANSLATE_NOOP(
        "messages", "Importing “{name}” failed: {error}. The details show where in the code."
    ),
    "model-name-missing": QT_TRANSLATE_NOOP("messages", "“{where}” has no “{name}”. It has: {known}."),
    "reference-torchvision": QT_TRANSLATE_NOOP(
        "messages", "There is no file “{path}”. The model of torchvision is written “{reference}”."
    ),
    "unknown-torchvision-model": QT_TRANSLATE_NOOP(
        "messages", "torchvision has no model “{name}”. Similar names: {known}."
    ),
    "model-arguments": QT_TRANSLATE_NOOP(
        "messages", "The arguments do not fit {name}: {reason}. It takes {signature}."
    ),
    "model-failed": QT_TRANSLATE_NOOP(
        "messages", "Building {name} failed: {error}. The details show where in the code."
    ),
    "model-not-a-model": QT_TRANSLATE_NOOP(
        "messages", "{name} gives a “{type}”, not a PyTorch module. Name the class or function that makes the module."
    ),
    "model-exited": QT_TRANSLATE_NOOP(
        "messages", "The code of {name} called sys.exit({status}) instead of giving a model."
    ),
    "model-memory": QT_TRANSLATE_NOOP("messages", "{name} needs more memory than there is."),
    "model-downloads": QT_TRANSLATE_NOOP(
        "messages",
        "{name} wants to download something (from {host}), which is never allowed here. "
        "Build it without pretrained weights, for example with pretrained=False or weights=None.",
    ),
    "model-recursive": QT_TRANSLATE_NOOP("messages", "{name} contains itself: its modules have no end."),
    "model-load-failed": QT_TRANSLATE_NOOP("messages", "The loading code of {name} failed: {error}."),
    "model-lacks-names": QT_TRANSLATE_NOOP("messages", "The model has no tensors of these names: {names}."),
    "model-odd-dtype": QT_TRANSLATE_NOOP(
        "messages", "The model's “{name}” is {dtype}, which cannot be written as plain values."
    ),
}
