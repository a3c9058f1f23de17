"""The model classes and factories of a Python file, found by parsing it; nothing of it is run."""

from __future__ import annotations

import ast
import tokenize
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from ckpt_studio.errors import ModelError

_LARGEST = 20 << 20
# Base classes from elsewhere whose name alone says that they are modules.
_MODULE_BASES = frozenset(
    {
        "Module", "LightningModule", "Sequential", "ModuleList", "ModuleDict", "PreTrainedModel", "BaseModel",
        "BaseModule", "ScriptModule", "GraphModule", "DataParallel",
    }
)  # fmt: skip


@dataclass(frozen=True)
class Parameter:
    """One argument of a class or factory.

    Attributes:
        name: with its stars for `*args` and `**kwargs`.
        default: its source text, or None when it must be given.
        annotation: its source text, "" when there is none.
        required: it must be given.
    """

    name: str
    default: str | None = None
    annotation: str = ""
    required: bool = False


@dataclass(frozen=True)
class Candidate:
    """A class or factory that a reference may name.

    Attributes:
        qualname: "Net", "Outer.Inner", "build_model".
        kind: a class or a function.
        signature: "(depth=3, *, width)" as text, without self.
        parameters: the same, one by one.
        line: where it is defined (1-based).
        summary: first line of its docstring, or "".
        certain: it surely gives a module; otherwise only its look says so (an unknown base class, a name).
    """

    qualname: str
    kind: Literal["class", "function"]
    signature: str
    parameters: tuple[Parameter, ...]
    line: int
    summary: str = ""
    certain: bool = True


def scan(path: str | Path) -> list[Candidate]:
    """The classes and factories of the file at `path` that give a module.

    Order: sure ones before likely ones, the outermost model (used by no other class of the file) first.

    Raises:
        ModelError: "model-file-missing", "model-file-unreadable", "model-syntax".
    """
    tree = _parsed(Path(path))
    names = _imported(tree)
    classes = dict(_classes(tree.body, ""))
    certain, likely = _module_classes(classes, names)
    used = {
        node.id
        for cls in classes.values()
        for node in ast.walk(cls)
        if isinstance(node, ast.Name) and node.id in classes
    }
    found: list[tuple[tuple[int, int], Candidate]] = []
    for qualname, cls in classes.items():
        if qualname in certain or qualname in likely:
            rank = (0 if qualname in certain else 2, int(qualname in used))
            found.append((rank, _class_candidate(qualname, cls, classes, qualname in certain)))
    for function in tree.body:
        if isinstance(function, ast.FunctionDef) and not function.name.startswith("_"):
            sure = _returns_module(function, certain | likely, names)
            if sure is not None:
                found.append(((0 if sure else 2, 0), _function_candidate(function, sure)))
    return [candidate for _, candidate in sorted(found, key=lambda pair: pair[0])]


def _parsed(path: Path) -> ast.Module:
    try:
        with tokenize.open(path) as file:  # honours the coding line and a byte order mark, as Python does
            text = file.read(_LARGEST)
        return ast.parse(text, str(path))
    except FileNotFoundError:
        raise ModelError("model-file-missing", path=str(path)) from None
    except UnicodeDecodeError as error:
        raise ModelError(
            "model-syntax", reason=f"not {error.encoding} text (byte {error.start})", place=path.name
        ) from None
    except SyntaxError as error:
        place = path.name if error.lineno is None else f"{path.name}, line {error.lineno}"
        raise ModelError("model-syntax", reason=error.msg, place=place) from None
    except (ValueError, RecursionError, MemoryError) as error:
        raise ModelError("model-syntax", reason=str(error), place=path.name) from None
    except OSError as error:
        raise ModelError("model-file-unreadable", path=str(path), reason=error.strerror or str(error)) from None


def _imported(tree: ast.Module) -> dict[str, str]:
    """Local name -> dotted origin of everything imported at module level."""
    names: dict[str, str] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                names[alias.asname or alias.name.partition(".")[0]] = (
                    alias.name if alias.asname else (alias.name.partition(".")[0])
                )
        elif isinstance(node, ast.ImportFrom):
            for alias in node.names:
                names[alias.asname or alias.name] = f"{node.module or ''}.{alias.name}"
    return names


def _classes(body: list[ast.stmt], prefix: str) -> Iterator[tuple[str, ast.ClassDef]]:
    for node in body:
        if isinstance(node, ast.ClassDef):
            yield prefix + node.name, node
            yield from _classes(node.body, f"{prefix}{node.name}.")
        elif isinstance(node, (ast.If, ast.Try, ast.With)):
            yield from _classes(node.body, prefix)
            yield from _classes(getattr(node, "orelse", []), prefix)
            for handler in getattr(node, "handlers", []):
                yield from _classes(handler.body, prefix)


def _dotted(node: ast.expr, names: dict[str, str]) -> str:
    """The dotted origin of a name or attribute; "" for anything else."""
    parts: list[str] = []
    while isinstance(node, ast.Attribute):
        parts.append(node.attr)
        node = node.value
    if isinstance(node, ast.Subscript):
        return _dotted(node.value, names)
    if not isinstance(node, ast.Name):
        return ""
    parts.append(names.get(node.id, node.id))
    return ".".join(reversed(parts))


def _module_classes(classes: dict[str, ast.ClassDef], names: dict[str, str]) -> tuple[set[str], set[str]]:
    """(surely modules, likely modules), also through classes of the same file."""
    certain: set[str] = set()
    likely: set[str] = set()
    for qualname, cls in classes.items():
        bases = [_dotted(base, names) for base in cls.bases]
        if any(_is_torch_module(base) for base in bases):
            certain.add(qualname)
        elif any(base.rpartition(".")[2] in _MODULE_BASES for base in bases):
            likely.add(qualname)
    growing = True
    while growing:
        growing = False
        for qualname, cls in classes.items():
            inside = {_dotted(base, names) for base in cls.bases}
            for known in (certain, likely):
                if qualname not in certain | likely and inside & known:
                    known.add(qualname)
                    growing = True
    for qualname, cls in classes.items():
        # A base class from elsewhere may be a module: one that defines forward looks like it.
        methods = {node.name for node in cls.body if isinstance(node, ast.FunctionDef)}
        outside = any(_dotted(base, names).partition(".")[0] not in classes for base in cls.bases)
        if qualname not in certain | likely and "forward" in methods and cls.bases and outside:
            likely.add(qualname)
    return certain, likely


def _is_torch_module(base: str) -> bool:
    return base.startswith(("torch.nn.", "torchvision.models.", "torch.jit.ScriptModule")) or base in (
        "nn.Module",
        "torch.nn.Module",
    )


def _returns_module(function: ast.FunctionDef, modules: set[str], names: dict[str, str]) -> bool | None:
    """True: returns a module; False: looks like a factory; None: neither."""
    annotation = _dotted(function.returns, names) if function.returns is not None else ""
    if annotation in modules or _is_torch_module(annotation):
        return True
    made: set[str] = set()
    sure = False
    for node in ast.walk(function):
        if isinstance(node, ast.Assign) and _makes_module(node.value, modules, names):
            made.update(target.id for target in node.targets if isinstance(target, ast.Name))
    for node in ast.walk(function):
        if isinstance(node, ast.Return) and node.value is not None:
            values = node.value.elts if isinstance(node.value, ast.Tuple) else [node.value]
            for value in values:
                if _makes_module(value, modules, names) or (isinstance(value, ast.Name) and value.id in made):
                    sure = True
    if sure:
        return True
    returns = any(isinstance(node, ast.Return) and node.value is not None for node in ast.walk(function))
    named = function.name.startswith(("build_model", "create_model", "get_model", "make_model", "build_net", "get_net"))
    return False if returns and named else None


def _makes_module(node: ast.expr, modules: set[str], names: dict[str, str]) -> bool:
    if not isinstance(node, ast.Call):
        return False
    callee = _dotted(node.func, names)
    if callee in modules or _is_torch_module(callee):
        return True
    return callee in ("timm.create_model", "torchvision.models.get_model")


def _class_candidate(qualname: str, cls: ast.ClassDef, classes: dict[str, ast.ClassDef], certain: bool) -> Candidate:
    init = _constructor(cls, classes, set())
    parameters = _parameters(init.args, skip_first=True) if init is not None else ()
    return Candidate(qualname, "class", _signature(parameters), parameters, cls.lineno, _summary(cls), certain)


def _constructor(cls: ast.ClassDef, classes: dict[str, ast.ClassDef], seen: set[str]) -> ast.FunctionDef | None:
    """The `__init__` of the class or of its ancestors in the file."""
    for node in cls.body:
        if isinstance(node, ast.FunctionDef) and node.name == "__init__":
            return node
    seen.add(cls.name)
    for base in cls.bases:
        if isinstance(base, ast.Name) and base.id in classes and base.id not in seen:
            found = _constructor(classes[base.id], classes, seen)
            if found is not None:
                return found
    return None


def _function_candidate(function: ast.FunctionDef, certain: bool) -> Candidate:
    parameters = _parameters(function.args, skip_first=False)
    return Candidate(
        function.name, "function", _signature(parameters), parameters, function.lineno, _summary(function), certain
    )


def _parameters(arguments: ast.arguments, *, skip_first: bool) -> tuple[Parameter, ...]:
    positional = [*arguments.posonlyargs, *arguments.args]
    defaults: list[ast.expr | None] = [None] * (len(positional) - len(arguments.defaults))
    defaults += arguments.defaults
    result = [_parameter(arg, default) for arg, default in zip(positional, defaults, strict=True)]
    if skip_first:
        result = result[1:]
    if arguments.vararg is not None:
        result.append(Parameter("*" + arguments.vararg.arg))
    elif arguments.kwonlyargs:
        result.append(Parameter("*"))
    for arg, keyword_default in zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True):
        result.append(_parameter(arg, keyword_default))
    if arguments.kwarg is not None:
        result.append(Parameter("**" + arguments.kwarg.arg))
    return tuple(result)


def _parameter(arg: ast.arg, default: ast.expr | None) -> Parameter:
    annotation = ast.unparse(arg.annotation) if arg.annotation is not None else ""
    return Parameter(arg.arg, None if default is None else ast.unparse(default), annotation, default is None)


def _signature(parameters: tuple[Parameter, ...]) -> str:
    texts = [p.name if p.default is None else f"{p.name}={p.default}" for p in parameters]
    return f"({', '.join(texts)})"


def _summary(node: ast.ClassDef | ast.FunctionDef) -> str:
    text = ast.get_docstring(node) or ""
    return text.strip().splitlines()[0] if text.strip() else ""
