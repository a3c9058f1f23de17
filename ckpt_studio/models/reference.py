"""The words that name a model on the command line and in the window ("REF" in CLI.md), parsed and written back."""

from __future__ import annotations

import ast
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, TypeAlias

from ckpt_studio.errors import ModelError, message

_NO_KEYWORDS: Mapping[str, Any] = MappingProxyType({})
_IDENTIFIER = r"[^\W\d]\w*"
_CALLABLE = re.compile(rf"\s*{_IDENTIFIER}(\s*\.\s*{_IDENTIFIER})*\s*(\(|$)")
_MODULE = re.compile(rf"{_IDENTIFIER}(\.{_IDENTIFIER})*")
_TORCHVISION = "torchvision:"


@dataclass(frozen=True)
class TorchvisionReference:
    """`torchvision:resnet34(num_classes=10)`: a builder torchvision registers, with literal arguments."""

    name: str
    args: tuple[Any, ...] = ()
    kwargs: Mapping[str, Any] = field(default_factory=lambda: _NO_KEYWORDS)

    def __str__(self) -> str:
        return f"{_TORCHVISION}{self.name}{call_text(self.args, self.kwargs)}"

    def __hash__(self) -> int:
        return hash(str(self))


@dataclass(frozen=True)
class FileReference:
    """`path/to/net.py:Net(depth=3)`: a class or factory of a Python file, with literal arguments."""

    path: str
    qualname: str
    args: tuple[Any, ...] = ()
    kwargs: Mapping[str, Any] = field(default_factory=lambda: _NO_KEYWORDS)

    def __str__(self) -> str:
        return f"{self.path}:{self.qualname}{call_text(self.args, self.kwargs)}"

    def __hash__(self) -> int:
        return hash(str(self))


@dataclass(frozen=True)
class ImportReference:
    """`package.module:factory('name')`: a class or factory of an importable module, with literal arguments.

    `base` is the folder that importing also looks in, as `python -m` would (the current one when empty).
    """

    module: str
    qualname: str
    args: tuple[Any, ...] = ()
    kwargs: Mapping[str, Any] = field(default_factory=lambda: _NO_KEYWORDS)
    base: str = field(default="", compare=False)

    def __str__(self) -> str:
        return f"{self.module}:{self.qualname}{call_text(self.args, self.kwargs)}"

    def __hash__(self) -> int:
        return hash(str(self))


@dataclass(frozen=True)
class CheckpointReference:
    """`path/to/other.pth` or `path::state.dict.path`; `state_dict` None means the likeliest inside."""

    path: str
    state_dict: str | None = None

    def __str__(self) -> str:
        return self.path if self.state_dict is None else f"{self.path}::{self.state_dict or '.'}"


Reference: TypeAlias = TorchvisionReference | FileReference | ImportReference | CheckpointReference


def parse_reference(text: str, base: str | os.PathLike[str] | None = None) -> Reference:
    """The model that `text` names; nothing is opened, imported or run.

    Args:
        text: REF as CLI.md describes it.
        base: folder that relative paths start from; None leaves them as they are.

    Raises:
        ModelError: "reference-empty", "reference-syntax", "reference-not-literal", "reference-needs-class".
    """
    text = text.strip()
    if not text:
        raise ModelError("reference-empty")
    if text.startswith(_TORCHVISION):
        name, args, kwargs = _parse_call(text, text[len(_TORCHVISION) :])
        return TorchvisionReference(name, args, kwargs)
    whole = _located(text, base)
    for colon in _colons(text):
        left, right = text[:colon], text[colon + 1 :]
        if not _CALLABLE.match(right):
            continue
        if left.lower().endswith((".py", ".pyw")):
            name, args, kwargs = _parse_call(text, right)
            return FileReference(_located(left, base), name, args, kwargs)
        if _MODULE.fullmatch(left) and not _is_drive(left) and not os.path.exists(whole):
            name, args, kwargs = _parse_call(text, right)
            return ImportReference(left, name, args, kwargs, base=os.fspath(base) if base is not None else "")
    if text.lower().endswith((".py", ".pyw")):
        raise ModelError("reference-needs-class", path=text)
    path, separator, inner = text.rpartition("::")
    if separator and path and not os.path.exists(whole):
        return CheckpointReference(_located(path, base), "" if inner in ("", ".") else inner)
    return CheckpointReference(whole)


def parse_arguments(text: str) -> tuple[tuple[Any, ...], Mapping[str, Any]]:
    """Positional and keyword arguments of `text`, the inside of a call's parentheses; literals only.

    Raises:
        ModelError: "reference-syntax" or "reference-not-literal".
    """
    _, args, kwargs = _parse_call(text, f"f({text}\n)")
    return args, kwargs


def call_text(args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> str:
    """`(10, depth=3)` as Python writes the call; "" when there are no arguments."""
    parts = [literal_text(value) for value in args]
    parts += [f"{name}={literal_text(value)}" for name, value in kwargs.items()]
    return f"({', '.join(parts)})" if parts else ""


def literal_text(value: Any) -> str:
    """A Python literal that evaluates to `value` (which is made of literals)."""
    if isinstance(value, float) and value in (float("inf"), float("-inf")):
        return "1e999" if value > 0 else "-1e999"  # repr gives "inf", which is a name
    if isinstance(value, dict):
        return "{" + ", ".join(f"{literal_text(k)}: {literal_text(v)}" for k, v in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(literal_text, value)) + "]"
    if isinstance(value, tuple):
        return "(" + ", ".join(map(literal_text, value)) + ("," if len(value) == 1 else "") + ")"
    return repr(value)


def _colons(text: str) -> list[int]:
    return [index for index, char in enumerate(text) if char == ":"]


def _is_drive(left: str) -> bool:
    return os.name == "nt" and len(left) == 1


def _located(path: str, base: str | os.PathLike[str] | None) -> str:
    path = os.path.expanduser(path)
    return path if base is None else os.path.join(os.fspath(base), path)


def _parse_call(whole: str, text: str) -> tuple[str, tuple[Any, ...], Mapping[str, Any]]:
    try:
        node: ast.expr = ast.parse(text.strip(), mode="eval").body
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        reason = error.msg if isinstance(error, SyntaxError) else str(error)
        raise ModelError("reference-syntax", text=whole, reason=reason) from None
    args: list[Any] = []
    kwargs: dict[str, Any] = {}
    if isinstance(node, ast.Call):
        for argument in node.args:
            args.append(_literal(whole, argument))
        for keyword in node.keywords:
            if keyword.arg is None:
                raise ModelError("reference-not-literal", text=whole, argument=f"**{ast.unparse(keyword.value)}")
            kwargs[keyword.arg] = _literal(whole, keyword.value)
        node = node.func
    names: list[str] = []
    while isinstance(node, ast.Attribute):
        names.append(node.attr)
        node = node.value
    if not isinstance(node, ast.Name):
        raise ModelError("reference-syntax", text=whole, reason=message("reference-name-expected"))
    names.append(node.id)
    return ".".join(reversed(names)), tuple(args), MappingProxyType(kwargs)


def _literal(whole: str, node: ast.expr) -> Any:
    try:
        return ast.literal_eval(node)
    except (ValueError, TypeError, SyntaxError, RecursionError, MemoryError):
        raise ModelError("reference-not-literal", text=whole, argument=ast.unparse(node)) from None
