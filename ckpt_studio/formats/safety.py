"""What a stock `torch.load` would have executed, from the globals a pickle names; in words, by severity.

Three answers about a global: nothing (torch's own rebuilding and plain Python data), a note (classes of a well-known
library: their code runs, as intended), a warning (code that nobody here knows), danger (what attacks use). A file that
names something dangerous and never calls it is called dangerous all the same: importing already runs code.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from ckpt_studio.core.checkpoint import Finding, Severity
from ckpt_studio.core.discovery import describe_value
from ckpt_studio.core.dtypes import BY_NAME
from ckpt_studio.core.tree import Global
from ckpt_studio.errors import message
from ckpt_studio.formats.known_globals import (
    ALIASES,
    DANGEROUS_MODULES,
    DANGEROUS_NAMES,
    HARMLESS,
    HARMLESS_LOOKUPS,
    LIBRARIES,
    PLAIN,
    TORCH_VALUES,
    WEIGHTS_ONLY,
    WEIGHTS_ONLY_VALUES,
)
from ckpt_studio.formats.pickle_opcodes import GETTER_NAMES, Trace
from ckpt_studio.formats.rebuild import is_storage_class

_FUNCTION_HOMES = re.compile(
    r"^torch\.(nn\.(functional|init)|_C(\._nn|\._VariableFunctions)?|functional|nn\.modules\..*)$"
)
_GETTERS = frozenset({("__builtin__", "getattr"), ("operator", "attrgetter"), ("operator", "itemgetter")})
assert {name for _, name in _GETTERS} == GETTER_NAMES
_MAX_FINDINGS = 200
_WORDS = {
    "command": "unsafe-command",
    "code": "unsafe-code",
    "network": "unsafe-network",
    "file": "unsafe-file",
    "pickle": "unsafe-pickle",
}


def _top_level_names() -> frozenset[str]:
    names = (name for modules in DANGEROUS_MODULES.values() for name in modules)
    # Words that are also usual attribute and method names of harmless classes.
    return frozenset(name for name in names if "." not in name) - {
        "test",
        "code",
        "profile",
        "trace",
        "platform",
        "models",
    }


_MODULE_KINDS = {module: kind for kind, modules in DANGEROUS_MODULES.items() for module in modules}
_TOP_LEVEL = _top_level_names()


def danger_of(name: Global) -> str | None:
    """What kind of harm a global stands for ("command", "code", "network", "file", "pickle"), or None."""
    module = ALIASES.get(name.module, name.module)
    if name.name in PLAIN.get(module, ()) or name.name in HARMLESS.get(module, ()):
        return None
    parts = module.split(".")
    for end in range(len(parts), 0, -1):
        kind = _MODULE_KINDS.get(".".join(parts[:end]))
        if kind is not None:
            return kind
    for kind, table in DANGEROUS_NAMES.items():
        if name.name in table.get(module, ()):
            return kind
    # "torch.serialization" "os.system" reaches another module through an attribute of a harmless one.
    for part in name.name.split("."):
        if part in _TOP_LEVEL:
            return _MODULE_KINDS[part]
        if part in ("__globals__", "__subclasses__", "__builtins__", "__code__", "__import__", "__getattribute__"):
            return "code"
    if "." in name.name and name.name.rsplit(".", 1)[1] in ("eval", "exec", "system", "popen", "open", "load", "loads"):
        return "code"
    return None


def is_plain(name: Global) -> bool:
    """Whether unpickling the global does nothing but make an object."""
    module = ALIASES.get(name.module, name.module)
    if name.name in PLAIN.get(module, ()):
        return True
    if is_storage_class(name):
        return True
    if module == "torch" and (name.name in BY_NAME or name.name in TORCH_VALUES):
        return True
    # Memory formats are pickled as the name "torch.channels_last" of whatever module has torch.
    if module.startswith("torch.") and name.name.removeprefix("torch.") in TORCH_VALUES and "." in name.name:
        return True
    if module in ("numpy", "numpy.dtypes") and name.name.endswith("DType"):
        return True
    # TorchScript's own classes are compiled from the archive's code and never Python.
    return module.startswith("__torch__")


def is_weights_only(name: Global) -> bool:
    """Whether `torch.load(weights_only=True)` accepts the global (torch/_weights_only_unpickler.py)."""
    module = ALIASES.get(name.module, name.module)
    if name.name in WEIGHTS_ONLY.get(module, ()):
        return True
    return is_storage_class(name) or (module == "torch" and (name.name in BY_NAME or name.name in WEIGHTS_ONLY_VALUES))


def inspect_trace(trace: Trace, record: str) -> list[Finding]:
    """The findings of one pickle: each dangerous or unknown global, one note per well-known library.

    Args:
        trace: what the pickle named and called.
        record: where it lies, for `Finding.where`.
    """
    return list(_findings(trace, record))[:_MAX_FINDINGS]


def _findings(trace: Trace, record: str) -> Iterator[Finding]:
    libraries: dict[str, list[Global]] = {}
    getters: list[Global] = []
    unknown: list[Global] = []
    for name in trace.imported:
        kind = danger_of(name)
        if kind is not None:
            yield _finding("danger", _WORDS[kind], record, name=_text(name), call=_call(trace, name))
        elif (ALIASES.get(name.module, name.module), name.name) in _GETTERS:
            getters.append(name)
        elif is_plain(name):
            continue
        elif _is_library(name):
            libraries.setdefault(name.module.split(".")[0], []).append(name)
        else:
            unknown.append(name)
    for name in trace.built_globals:
        yield _finding("danger", "unsafe-built-class", record, name=_text(name))
    # An attribute that is looked up and then called can be any function at all.
    # … unless nothing else is there that could look something else up on its behalf.
    harmless = bool(trace.lookups) and not unknown and not libraries
    harmless = harmless and all(_is_harmless_lookup(arguments) for arguments in trace.lookups)
    # Python 3.11 and later pickle some members of enums so; a value of a known class that nobody calls is only a value.
    if trace.lookups and not trace.computed_calls and all(map(_is_known_member, trace.lookups)):
        getters = []
    for name in getters:
        severity: Severity = "danger" if trace.computed_calls and not harmless else "warning"
        yield _finding(severity, "unsafe-getter", record, name=_text(name), call=_call(trace, name))
    if trace.computed_calls and not getters:
        yield _finding("warning", "unsafe-computed-call", record, count=len(trace.computed_calls))
    for name in unknown:
        yield _finding("warning", "unsafe-unknown", record, name=_text(name))
    for library, names in libraries.items():
        code = "needs-torch-classes" if library == "torch" else "needs-library"
        yield _finding("note", code, record, library=library, count=len(names), name=_text(names[0]))


def _is_harmless_lookup(arguments: object) -> bool:
    if type(arguments) is not tuple or len(arguments) != 2 or type(arguments[0]) is not Global:
        return False
    owner, attribute = arguments
    return ((owner.module, owner.name), attribute) in HARMLESS_LOOKUPS


def _is_known_member(arguments: object) -> bool:
    """Whether `getattr` was asked for a public name of a class that a known library has."""
    if type(arguments) is not tuple or len(arguments) != 2 or type(arguments[0]) is not Global:
        return False
    owner, attribute = arguments
    return type(attribute) is str and attribute.isidentifier() and attribute[0] != "_" and _is_library(owner)


def _finding(severity: Severity, code: str, record: str, **fields: object) -> Finding:
    return Finding("unsafe-global", severity, message(code, **fields), record)


def _is_library(name: Global) -> bool:
    """Whether the global is a class of a library people know (or one of torch's plain functions)."""
    if name.module.split(".")[0] not in LIBRARIES:
        return False
    if ALIASES.get(name.module, name.module) == "functools" and name.name == "partial":
        return False
    if _FUNCTION_HOMES.match(name.module):
        return True
    last = name.name.rsplit(".", 1)[-1].lstrip("_")
    return last[:1].isupper() or name.module.startswith(("torch.nn.", "torch.optim."))


def _text(name: Global) -> str:
    return str(name) if len(str(name)) <= 120 else str(name)[:119] + "…"


def _call(trace: Trace, name: Global) -> str:
    """The first call as a person would write it, shortened; the bare name when it is only imported."""
    if name not in trace.called:
        return _text(name)
    arguments = trace.first_arguments.get(name, ())
    if type(arguments) is not tuple:
        arguments = ()
    inner = ", ".join(_argument(argument) for argument in arguments[:4])
    return f"{_text(name)}({inner})"


def _argument(value: object) -> str:
    text = describe_value(value)
    if len(text) > 80:
        text = text[:79] + "…"
    return repr(text) if type(value) is str else text
