"""What stands beside the weights (epoch, settings, optimizer, metadata), explained for people, and written out."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from PySide6.QtCore import QCoreApplication

from ckpt_studio.core.discovery import attributes, children, describe_value, scalar_of
from ckpt_studio.core.jobs import Progress
from ckpt_studio.core.tensor import Tensor
from ckpt_studio.core.tree import ABSENT, BareStorage, Dict, Global, Object, Path, Persistent, Value
from ckpt_studio.gui.dialogs.ask_dialog import counted
from ckpt_studio.gui.figures import exact_text, shape_text, size_text, values_text
from ckpt_studio.gui.inspector.facts import Fact, summed_facts
from ckpt_studio.gui.inspector.measuring import Subject

# What is written out of a content; the rest is only counted.
_MOST_LINES = 3000
_MOST_DEPTH = 12
_MOST_LETTERS = 200_000
_MOST_LOOKED_AT = 200_000


@dataclass(frozen=True, eq=False)
class Content:
    """One row of the tree that is no tensor: `kind` as the tree's rows have it ("leaf", "box", "metadata", "meta").

    Attributes:
        name: how it is called, with the names above it.
        path: where it is in the file's tree; () for the metadata.
        value: the plain value, or a node of the tree; a dict of texts for the metadata.
    """

    kind: str
    name: str
    path: Path
    value: Value

    @property
    def key(self) -> str:
        """The last part of its name."""
        return str(self.path[-1]) if self.path else self.name

    @property
    def identity(self) -> object:
        """Equal for the same content only; hold on to the content while it is compared."""
        return (self.kind, self.path, self.name, id(self.value))


@dataclass(frozen=True)
class Described:
    """What the inspector says about a content: a sentence or two, facts, and the content as text."""

    explanation: str
    facts: list[Fact]
    text: str


def described(content: Content, file_nbytes: int, progress: Progress) -> Described:
    """Explains a content; polls `progress`. `file_nbytes` is the size of the file it is a part of."""
    value = content.value
    facts = [
        Fact(
            QCoreApplication.translate("Contents", "Type"),
            QCoreApplication.translate("Contents", "What kind of value Python would make of it."),
            (type_text(value),),
        )
    ]
    if not children(value) and not isinstance(value, dict):
        text = describe_value(value)
        facts.append(
            Fact(
                QCoreApplication.translate("Contents", "Value"),
                QCoreApplication.translate("Contents", "As the file stores it."),
                (" ".join(text.split()),),
            )
        )
    facts += _optimizer_facts(value)
    subjects = list(tensors_of(content, progress))
    if subjects:
        facts.append(Fact(QCoreApplication.translate("Contents", "Tensors in it")))
        facts += summed_facts(subjects)
        nbytes = sum({id(s.tensor.storage): s.tensor.storage.nbytes for s in subjects}.values())
        if file_nbytes:
            facts.append(
                Fact(
                    QCoreApplication.translate("Contents", "Share of the file"),
                    QCoreApplication.translate("Contents", "How much smaller the file would be without it, about."),
                    (f"{min(100 * nbytes / file_nbytes, 100):.3g} %",),
                    (size_text(nbytes),),
                )
            )
    return Described(explanation(content), facts, written(value, progress))


def type_text(value: Value) -> str:
    """The kind of a value in plain words, with Python's name for it."""
    kind = type(value)
    plain = {
        bool: QCoreApplication.translate("Contents", "yes or no (bool)"),
        int: QCoreApplication.translate("Contents", "whole number (int)"),
        float: QCoreApplication.translate("Contents", "number (float)"),
        complex: QCoreApplication.translate("Contents", "complex number (complex)"),
        type(None): QCoreApplication.translate("Contents", "nothing (None)"),
    }
    if kind in plain:
        return plain[kind]
    if kind is str:
        return QCoreApplication.translate("Contents", "text of {count} characters (str)").format(
            count=exact_text(len(value))
        )
    if kind in (bytes, bytearray):
        return QCoreApplication.translate("Contents", "{count} bytes (bytes)").format(count=exact_text(len(value)))
    if kind in (list, tuple, set, frozenset):
        return f"{values_text(len(value))} ({kind.__name__})"
    if kind is Dict or kind is dict:
        count = len(value.items) if kind is Dict else len(value)
        named = value.cls.name if kind is Dict and value.cls is not None else "dict"
        return counted(
            count,
            QCoreApplication.translate("Contents", "1 entry ({type})"),
            QCoreApplication.translate("Contents", "{count} entries ({type})"),
            type=named,
        )
    if kind is Global:
        return QCoreApplication.translate("Contents", "name of a class or function")
    if kind is BareStorage:
        return QCoreApplication.translate("Contents", "block of numbers without a shape (storage)")
    if kind is Persistent:
        return QCoreApplication.translate("Contents", "reference to something outside the file")
    if kind is Object:
        from ckpt_studio.core.discovery import value_type

        return value_type(value)
    return kind.__name__


def _optimizer_facts(value: Value) -> list[Fact]:
    """What an optimizer's state tells: which kind, how many parameters, at which learning rate."""
    mapping = value if type(value) is Dict else attributes(value)
    if mapping is None or "state" not in mapping or "param_groups" not in mapping:
        return []
    state, groups = mapping.get("state"), mapping.get("param_groups")
    keys: set[str] = set()
    count = len(state.items) if type(state) is Dict else 0
    if type(state) is Dict:
        for _, entry in state.items[:50]:
            if type(entry) is Dict:
                keys.update(key for key, _ in entry.items if type(key) is str)
    facts = []
    kind = _optimizer_kind(keys)
    if kind:
        facts.append(
            Fact(
                QCoreApplication.translate("Contents", "Optimizer"),
                QCoreApplication.translate("Contents", "Told by the names of what it keeps: {names}.").format(
                    names=", ".join(sorted(keys))
                ),
                (kind,),
            )
        )
    facts.append(
        Fact(
            QCoreApplication.translate("Contents", "Parameters in it"),
            QCoreApplication.translate("Contents", "For how many tensors of the model it keeps something."),
            (exact_text(count),),
        )
    )
    if type(groups) is list:
        rates = [describe_value(group.get("lr")) for group in groups if type(group) is Dict and "lr" in group]
        facts.append(
            Fact(
                QCoreApplication.translate("Contents", "Learning rate"),
                QCoreApplication.translate(
                    "Contents", "How large the steps were when the file was saved; one for each group of parameters."
                ),
                (", ".join(dict.fromkeys(rates)) or "–",),
            )
        )
    return facts


def _optimizer_kind(keys: set[str]) -> str:
    if {"exp_avg", "exp_avg_sq"} <= keys:
        return "Adam, AdamW"
    if {"exp_avg", "exp_inf"} <= keys:
        return "Adamax"
    if "exp_avg" in keys:
        return "Lion"
    if "momentum_buffer" in keys and "square_avg" not in keys:
        return QCoreApplication.translate("Contents", "SGD with momentum")
    if "square_avg" in keys:
        return "Adadelta" if "acc_delta" in keys else "RMSprop"
    return "Adagrad" if "sum" in keys else ""


def tensors_of(content: Content, progress: Progress) -> Iterator[Subject]:
    """The tensors below a content, each once; bounded, safe on cycles."""
    seen: set[int] = set()
    pending: list[tuple[str, Value]] = [(content.name, content.value)]
    while pending and len(seen) < _MOST_LOOKED_AT:
        name, item = pending.pop()
        if id(item) in seen:
            continue
        if type(item) is Tensor:
            seen.add(id(item))
            yield Subject(name, item, False)
        elif isinstance(item, Dict | Object | list | tuple):
            progress.check()
            seen.add(id(item))
            pending.extend((f"{name}.{key}", part) for key, part in reversed(children(item)))


def written(value: Value, progress: Progress) -> str:
    """A content as indented lines, a name and a value each; bounded, with a last line that says what is left out."""
    if isinstance(value, str):
        return value if len(value) <= _MOST_LETTERS else value[:_MOST_LETTERS] + "…"
    if type(value) in (bytes, bytearray):
        return bytes(value[: _MOST_LETTERS // 4]).hex(" ", 1)
    lines: list[str] = []
    letters = 0
    # Each level: what is still to be written of it; the open containers guard against cycles.
    stack: list[tuple[Iterator[tuple[object, Value]], int]] = [(_entries(value), id(value))]
    opened = {id(value)}
    if not children(value) and not isinstance(value, dict):
        return describe_value(value)
    while stack:
        entry = next(stack[-1][0], None)
        if entry is None:
            opened.discard(stack.pop()[1])
            continue
        key, item = entry
        if len(lines) % 256 == 0:
            progress.check()
        if len(lines) >= _MOST_LINES or letters > _MOST_LETTERS:
            lines.append(QCoreApplication.translate("Contents", "… and more, which is not written out here"))
            break
        below = bool(children(item)) and type(item) is not Tensor
        indent = "    " * (len(stack) - 1)
        if not below:
            lines.append(f"{indent}{key}: {_short(item)}")
        elif id(item) in opened or len(stack) >= _MOST_DEPTH:
            lines.append(f"{indent}{key}: …")
        elif _is_flat(item):
            lines.append(f"{indent}{key}: {describe_value(item)}")
        else:
            lines.append(f"{indent}{key}:")
            opened.add(id(item))
            stack.append((_entries(item), id(item)))
        letters += len(lines[-1])
    return "\n".join(lines)


def _entries(value: Value) -> Iterator[tuple[object, Value]]:
    yield from value.items() if isinstance(value, dict) else children(value)


def _is_flat(value: Value) -> bool:
    # Short lists of numbers are read best in one line: (0.9, 0.999).
    if type(value) not in (list, tuple) or len(value) > 16:
        return False
    return all(type(item) in (bool, int, float, str, type(None)) for item in value)


def _short(value: Value) -> str:
    if type(value) is Tensor:
        return f"{value.dtype.name} {shape_text(value.shape)}"
    if type(value) is Object and scalar_of(value) is ABSENT and not children(value):
        return describe_value(value)
    return repr(value) if isinstance(value, str) and len(value) < 2000 else describe_value(value)


def explanation(content: Content) -> str:
    """What people should know about an entry of this name and kind; "" when nothing is known."""
    if content.kind in ("metadata", "meta"):
        if content.key == "format":
            return QCoreApplication.translate(
                "Contents",
                "Which framework the file was written for; “pt” is PyTorch. Some libraries refuse files without it.",
            )
        return QCoreApplication.translate(
            "Contents",
            "Texts in the header of the safetensors file. They tell about the weights and do not change them.",
        )
    mapping = content.value if type(content.value) is Dict else attributes(content.value)
    if mapping is not None and "state" in mapping and "param_groups" in mapping:
        return _known()["optimizer"]
    key = content.key.lower()
    for pattern, known in _KNOWN:
        if re.search(pattern, key):
            return _known()[known]
    if type(content.value) is Object and children(content.value):
        return QCoreApplication.translate(
            "Contents",
            "An object of a class that is not part of PyTorch. Its code was not run: shown is what the file stores"
            " of it.",
        )
    return ""


# What people call things, the more special first.
_KNOWN: tuple[tuple[str, str], ...] = (
    (r"lr_sched|scheduler|^sched", "scheduler"),
    (r"optim", "optimizer"),
    (r"scaler|^amp$|loss_scale", "scaler"),
    (r"rng|random_state|seed", "random"),
    (r"^(current_)?epochs?$|_epoch$|^epoch_", "epoch"),
    (r"^(global_|num_|total_)?(steps?|iter(ation)?s?|it|updates?)$|_step$|_iter$", "step"),
    (
        r"^(args|arguments|opts?|options|hparams|hyper_?param.*|config|cfg|conf|params?_?cfg|kwargs|.*_config)$",
        "settings",
    ),
    (r"lightning|^callbacks$|^loops$|^datamodule", "lightning"),
    (r"best|acc(uracy)?\d*$|^loss|_loss$|metric|score|^m?ap\d*$|^prec|psnr|ssim|fid", "score"),
    (r"^(arch|architecture|model_name|model_type|backbone)$", "architecture"),
    (r"class|label|categor|^names$", "classes"),
    (r"_extra_state$", "extra"),
    (r"version|commit|git|date|time|author|license|^docs$", "origin"),
    (r"ema|swa|averag|decay", "average"),
    (r"vocab|tokenizer|^stoi$|^itos$", "vocabulary"),
)


def _known() -> dict[str, str]:
    return {
        "scheduler": QCoreApplication.translate(
            "Contents", "How the learning rate was to go on. Needed only to continue the training."
        ),
        "optimizer": QCoreApplication.translate(
            "Contents",
            "What the optimizer remembers to continue the training, often two more numbers for every weight. The"
            " model works without it, and the file is much smaller then.",
        ),
        "scaler": QCoreApplication.translate(
            "Contents", "State of training with half precision (mixed precision). Needed only to continue it."
        ),
        "random": QCoreApplication.translate(
            "Contents", "State of the random numbers, so that training can go on exactly as it would have."
        ),
        "epoch": QCoreApplication.translate(
            "Contents", "How many times the training had gone through its data when the file was saved."
        ),
        "step": QCoreApplication.translate(
            "Contents", "How many updates of the weights the training had made when the file was saved."
        ),
        "settings": QCoreApplication.translate(
            "Contents", "The settings the training was started with. Useful to build the model again, not to load it."
        ),
        "lightning": QCoreApplication.translate(
            "Contents", "Written by Lightning to continue the training with it. The weights do not need it."
        ),
        "score": QCoreApplication.translate(
            "Contents", "A result of the training that was noted when the file was saved."
        ),
        "architecture": QCoreApplication.translate("Contents", "The name of the network that the weights belong to."),
        "classes": QCoreApplication.translate(
            "Contents", "What the outputs of the model stand for. Worth keeping beside the weights."
        ),
        "extra": QCoreApplication.translate(
            "Contents", "What a module saves in its state dict beside tensors; only the module itself can read it."
        ),
        "origin": QCoreApplication.translate("Contents", "Where the file comes from. The weights do not need it."),
        "average": QCoreApplication.translate(
            "Contents",
            "Belongs to an average of the weights over the training (EMA), which often works better than the last"
            " ones.",
        ),
        "vocabulary": QCoreApplication.translate(
            "Contents", "Which words or pieces of text the numbers of the model stand for. Worth keeping."
        ),
    }
