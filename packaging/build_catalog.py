"""Builds resources/torchvision.catalog from the live torchvision: every model's skeleton, parametric in its arguments.

Run with torch and torchvision installed: `python packaging/build_catalog.py`. No weights are downloaded and
none are allocated (meta device). The format is described in `ckpt_studio.models.catalog`.

How arguments are found: each integer argument of a builder and of its class is given several values; where names
stay and sizes follow a polynomial of degree at most two (fitted exactly, checked on values left out of the fit
and on joint builds), the argument is baked as that polynomial. Arguments that change nothing are recorded as
neutral; booleans that change names are baked as variants. Everything else is left to live torchvision.
"""

from __future__ import annotations

import inspect
import itertools
import json
import math
import sys
import warnings
import zipfile
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path
from typing import Any

import torch
import torchvision
from torch import nn
from torch.overrides import TorchFunctionMode
from torchvision import models

ROOT = Path(__file__).resolve().parents[1]
TARGET = ROOT / "resources" / "torchvision.catalog"
# Builders take these by popping them from **kwargs, so no signature shows a default.
HIDDEN_DEFAULTS = {"image_size": 224}
# `quantize=True` gives packed parameters, which are no tensors: only live torchvision can answer.
# Weights never change what this program asks (the names and shapes of a model that is still to be loaded).
LEFT_OUT = {"quantize", "weights", "weights_backbone", "progress"}
DEFAULT_CLASSES = ("num_classes", "num_keypoints")

Fact = tuple[str, str, int | None, bool, str]  # prefix, class, version, hooks, whose loading code
Row = tuple[str, tuple[int, ...], str, str, str, str | None]  # name, shape, dtype, role, owner, tied to


@dataclass
class Built:
    """One live build: its tensors and modules."""

    rows: list[Row]
    modules: list[Fact]

    @property
    def names(self) -> list[str]:
        return [row[0] for row in self.rows]

    @property
    def shapes(self) -> list[tuple[int, ...]]:
        return [row[1] for row in self.rows]


@dataclass
class Arguments:
    """What is known about one builder's arguments."""

    defaults: dict[str, Any] = field(default_factory=dict)
    neutral: set[str] = field(default_factory=set)
    sizes: dict[str, int] = field(default_factory=dict)  # argument -> the value its default stands for
    flags: dict[str, bool] = field(default_factory=dict)  # argument -> default


def build(name: str, **kwargs: Any) -> Built | None:
    """The live model, or None when torchvision refuses these arguments."""
    for mode in (torch.device("meta"), EmptyOnMeta()):
        try:
            with warnings.catch_warnings(), mode:
                warnings.simplefilter("ignore")
                return describe_model(create(name, **kwargs))
        except NotImplementedError:
            continue  # RegNet computes its widths with tensors: they need values.
        except (TypeError, ValueError, RuntimeError, AttributeError, ZeroDivisionError, AssertionError):
            return None
    return None


class EmptyOnMeta(TorchFunctionMode):
    """Only uninitialised tensors (parameters) go to the meta device; computed ones keep their values."""

    def __torch_function__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        kwargs = dict(kwargs or {})
        if func is torch.empty:
            kwargs["device"] = "meta"
        return func(*args, **kwargs)


def describe_model(model: nn.Module) -> Built:
    """Tensors in `state_dict()` order and modules in `named_modules()` order."""
    modules = dict(model.named_modules(remove_duplicate=False))
    parameters = dict(model.named_parameters(remove_duplicate=False))
    first: dict[int, str] = {}
    rows: list[Row] = []
    for name, tensor in model.state_dict(keep_vars=True).items():
        owner = type(modules[name.rpartition(".")[0]])
        tied = first.setdefault(id(tensor), name)
        role = "parameter" if name in parameters else "buffer"
        dtype = str(tensor.dtype).removeprefix("torch.")
        rows.append((name, tuple(tensor.shape), dtype, role, qualified(owner), None if tied == name else tied))
    facts: list[Fact] = []
    for prefix, module in model.named_modules():
        like = loads_like(module)
        facts.append((prefix, qualified(type(module)), getattr(module, "_version", None), has_hooks(module), like))
        for child, value in module._modules.items():
            if value is None:
                # Names under a child registered as None are ignored by strict loading.
                facts.append((f"{prefix}.{child}" if prefix else child, qualified(type(None)), None, False, ""))
    return Built(rows, facts)


def qualified(cls: type) -> str:
    """Module and name of a class."""
    return f"{cls.__module__}.{cls.__qualname__}"


def loads_like(module: nn.Module) -> str:
    """The class whose loading code the module runs, or "" for the plain one."""
    definer = next(c for c in type(module).__mro__ if "_load_from_state_dict" in c.__dict__)
    return "" if definer is nn.Module else qualified(definer)


def has_hooks(module: nn.Module) -> bool:
    """Whether loading does more than a class's `_load_from_state_dict`: hooks or extra state."""
    cls = type(module)
    extra = cls.set_extra_state is not nn.Module.set_extra_state or cls.get_extra_state is not nn.Module.get_extra_state
    return extra or bool(module._load_state_dict_pre_hooks or module._load_state_dict_post_hooks)


def create(name: str, **kwargs: Any) -> nn.Module:
    """The model without any weights."""
    builder = models.get_model_builder(name)
    parameters = inspect.signature(builder).parameters
    nothing = {key: None for key in ("weights", "weights_backbone") if key in parameters}
    model: nn.Module = builder(**nothing, **kwargs)
    return model


def candidates(name: str) -> dict[str, Any]:
    """Arguments that may be given, with their defaults, from the builder's and the classes' signatures."""
    builder = models.get_model_builder(name)
    signature = inspect.signature(builder)
    found: dict[str, Any] = {}
    for parameter in signature.parameters.values():
        if parameter.default is not parameter.empty:
            found[parameter.name] = parameter.default
    for cls in signature.return_annotation.__mro__:
        if cls is nn.Module:
            break
        if "__init__" not in cls.__dict__:
            continue
        for parameter in inspect.signature(cls.__init__).parameters.values():
            default = HIDDEN_DEFAULTS.get(parameter.name, parameter.default)
            if default is not parameter.empty:
                found.setdefault(parameter.name, default)
    return {key: value for key, value in found.items() if key not in LEFT_OUT}


def trial_values(argument: str, default: Any) -> list[Any]:
    """Values to try an argument with."""
    if isinstance(default, bool):
        return [not default]
    if isinstance(default, float):
        return [default * 0.5 + 0.1, 0.25]
    if argument in DEFAULT_CLASSES:
        return [2, 3, 7, 10, 91, 100, 1000]
    if isinstance(default, int):
        steps = {default + step for step in (1, 2, 3, 14, 16, 28, 32, 48, 64)}
        return sorted(steps | {2 * default, 3 * default, max(default // 2, 1)})
    if default is None:
        return [True, 2, 3, 5, 8, 0.5]
    return []


def same(a: Built, b: Built) -> bool:
    """Whether nothing that the catalog keeps differs."""
    return a.rows == b.rows and a.modules == b.modules


def study(name: str, base: Built, known: Mapping[str, str]) -> tuple[Arguments, dict[str, str]]:
    """What each argument does; `known` is the answer for other models of the same class (a shortcut)."""
    arguments = Arguments()
    kinds: dict[str, str] = {}
    for argument, default in candidates(name).items():
        if default is None or isinstance(default, bool | int | float | str):
            arguments.defaults[argument] = default
        if isinstance(default, str):
            continue
        kind = known.get(argument)
        if kind is None:
            kind = find_kind(name, argument, default, base)
        kinds[argument] = kind
        if kind == "neutral":
            arguments.neutral.add(argument)
        elif kind == "size":
            arguments.sizes[argument] = default if default is not None else implied_default(name, argument, base)
        elif kind == "flag":
            arguments.flags[argument] = bool(default)
    return arguments, kinds


def find_kind(name: str, argument: str, default: Any, base: Built) -> str:
    """ "neutral", "size", "flag", or "unknown" (live torchvision must answer)."""
    values = trial_values(argument, default)
    built = [(value, made) for value in values if (made := build(name, **{argument: value})) is not None]
    if not built:
        return "unknown"
    if all(same(made, base) for _, made in built):
        return "neutral" if default is not None or len(built) >= 2 else "unknown"
    if all(isinstance(value, bool) for value, _ in built):
        return "flag"
    if default is None and argument not in DEFAULT_CLASSES:
        booleans = [made for value, made in built if isinstance(value, bool)]
        if argument.startswith("aux") and booleans:
            return "flag"
        return "unknown"
    integers = [(value, made) for value, made in built if isinstance(value, int) and not isinstance(value, bool)]
    if len(integers) >= 4 and all(made.names == base.names for _, made in integers):
        return "size"
    return "unknown"


def implied_default(name: str, argument: str, base: Built) -> int:
    """The number that `None` stands for: the one value that gives the same model."""
    for value in (1000, 91, 21, 400, 17, 2):
        made = build(name, **{argument: value})
        if made is not None and same(made, base):
            return value
    raise SystemExit(f"{name}: what does {argument}=None stand for?")


def fit(points: Sequence[tuple[int, int]]) -> list[Fraction] | None:
    """Coefficients c0, c1, c2 of the polynomial through all points, or None when there is none of degree two."""
    (x0, y0), (x1, y1), (x2, y2) = points[0], points[len(points) // 2], points[-1]
    d01 = Fraction(y1 - y0, x1 - x0)
    d12 = Fraction(y2 - y1, x2 - x1)
    c2 = (d12 - d01) / (x2 - x0)
    c1 = d01 - c2 * (x0 + x1)
    c0 = y0 - c1 * x0 - c2 * x0 * x0
    coefficients = [c0, c1, c2]
    return coefficients if all(evaluate(coefficients, x) == y for x, y in points) else None


def evaluate(coefficients: Sequence[Fraction], x: int) -> Fraction:
    return sum((c * x**power for power, c in enumerate(coefficients)), Fraction(0))


Term = tuple[str, list[Fraction]]


def sizes_of(
    name: str, flags: Mapping[str, bool], arguments: Arguments, base: Built
) -> dict[tuple[int, int], list[Term]]:
    """(row, axis) -> the polynomials its size follows. Arguments that follow none are dropped from `arguments`."""
    found: dict[tuple[int, int], list[Term]] = {}
    for argument, default in list(arguments.sizes.items()):
        values = sorted({*trial_values(argument, default), default})
        built = [(v, made) for v in values if (made := build(name, **flags, **{argument: v})) is not None]
        terms = fit_argument(argument, built, base)
        if terms is None:
            del arguments.sizes[argument]
            continue
        for place, term in terms.items():
            found.setdefault(place, []).append(term)
    return found


def fit_argument(argument: str, built: list[tuple[int, Built]], base: Built) -> dict[tuple[int, int], Term] | None:
    """The polynomial of every size that moves with one argument; None when some size follows no polynomial."""
    if len(built) < 4 or any(made.names != base.names for _, made in built):
        return None
    terms: dict[tuple[int, int], Term] = {}
    for index, shape in enumerate(base.shapes):
        if any(len(made.shapes[index]) != len(shape) for _, made in built):
            return None
        for axis in range(len(shape)):
            points = [(value, made.shapes[index][axis]) for value, made in built]
            if len({y for _, y in points}) == 1:
                continue
            coefficients = fit(points)
            if coefficients is None:
                return None
            terms[index, axis] = (argument, coefficients)
    return terms


def check_joint(
    name: str, flags: Mapping[str, bool], arguments: Arguments, base: Built, sizes: dict[tuple[int, int], list[Term]]
) -> None:
    """Drops arguments (never num_classes) whose effects do not simply add up with the others'."""
    while True:
        chosen = {
            key: next(v for v in trial_values(key, default) if v != default) for key, default in arguments.sizes.items()
        }
        for key, default in arguments.sizes.items():
            if key not in DEFAULT_CLASSES:
                chosen[key] = next((v for v in trial_values(key, default) if build(name, **flags, **{key: v})), default)
        if len(chosen) < 2:
            return
        made = build(name, **flags, **chosen)
        if made is not None and made.names == base.names and made.shapes == predicted(base, sizes, arguments, chosen):
            return
        dropped = next(key for key in reversed(list(arguments.sizes)) if key not in DEFAULT_CLASSES)
        del arguments.sizes[dropped]
        for place in list(sizes):
            sizes[place] = [term for term in sizes[place] if term[0] != dropped]
            if not sizes[place]:
                del sizes[place]


def predicted(
    base: Built, sizes: Mapping[tuple[int, int], list[Term]], arguments: Arguments, values: Mapping[str, int]
) -> list[tuple[int, ...]]:
    """The shapes that the polynomials give."""
    shapes = [list(shape) for shape in base.shapes]
    for (index, axis), terms in sizes.items():
        total = Fraction(shapes[index][axis])
        for argument, coefficients in terms:
            total += evaluate(coefficients, values[argument]) - evaluate(coefficients, arguments.sizes[argument])
        shapes[index][axis] = int(total) if total.denominator == 1 else -1
    return [tuple(shape) for shape in shapes]


def variant_json(
    flags: Mapping[str, bool], built: Built, sizes: Mapping[tuple[int, int], list[Term]]
) -> dict[str, Any]:
    """One variant as the catalog keeps it: columns, with tables for what repeats."""
    shapes: list[Any] = []
    shape_table: dict[str, int] = {}
    owners: dict[str, int] = {}
    dtypes: dict[str, int] = {}
    columns: dict[str, list[Any]] = {"shape": [], "dtype": [], "buffer": [], "owner": []}
    tied: dict[str, str] = {}
    for index, (name, shape, dtype, role, owner, tied_to) in enumerate(built.rows):
        packed: list[Any] = list(shape)
        for axis in range(len(shape)):
            if (index, axis) in sizes:
                packed[axis] = dimension_json(sizes[index, axis])
        key = json.dumps(packed)
        if key not in shape_table:
            shape_table[key] = len(shapes)
            shapes.append(packed)
        columns["shape"].append(shape_table[key])
        columns["dtype"].append(dtypes.setdefault(dtype, len(dtypes)))
        columns["buffer"].append(int(role == "buffer"))
        columns["owner"].append(owners.setdefault(owner, len(owners)))
        if tied_to is not None:
            tied[name] = tied_to
    classes: dict[str, int] = {}
    modules: list[list[Any]] = []
    facts: list[list[Any]] = []
    for prefix, cls, version, custom, like in built.modules:
        if cls not in classes:
            classes[cls] = len(classes)
            facts.append([cls, version, custom, like])
        modules.append([prefix, classes[cls]])
    return {
        "flags": dict(flags), "names": built.names, "shapes": shapes, **columns, "tied": tied,
        "owners": list(owners), "dtypes": list(dtypes),
        "prefixes": [prefix for prefix, _ in modules], "classes": [cls for _, cls in modules], "facts": facts,
    }  # fmt: skip


def dimension_json(terms: Sequence[Term]) -> dict[str, Any]:
    """A size as the catalog keeps it ("base", the default's size, is put in by `bases`)."""
    denominator = math.lcm(*(c.denominator for _, coefficients in terms for c in coefficients))
    packed: dict[str, Any] = {"of": denominator}
    for argument, coefficients in terms:
        packed[argument] = [int(c * denominator) for c in coefficients[1:]]
    return packed


def bases(variant: dict[str, Any], built: Built, sizes: Mapping[tuple[int, int], list[Term]]) -> None:
    """Puts the default's size into each parametric dimension."""
    for index, axis in sizes:
        variant["shapes"][variant["shape"][index]][axis]["base"] = built.shapes[index][axis]


def bake(name: str, known: dict[str, dict[str, str]]) -> dict[str, Any]:
    """Everything about one model."""
    base = build(name)
    if base is None:
        raise SystemExit(f"{name} cannot be built")
    builder = models.get_model_builder(name)
    family = (
        f"{builder.__module__}:{base.modules[0][1]}:{'bottleneck' if 'layer1.0.conv3.weight' in base.names else ''}"
    )
    arguments, kinds = study(name, base, known.get(family, {}))
    known.setdefault(family, kinds)
    variants = []
    for choice in itertools.product(*([default, not default] for default in arguments.flags.values())):
        flags = dict(zip(arguments.flags, choice, strict=True))
        made = build(name, **flags)
        if made is None:
            continue
        sizes = sizes_of(name, flags, arguments, made)
        check_joint(name, flags, arguments, made, sizes)
        variants.append((flags, made, sizes))
    packed = []
    for flags, made, sizes in variants:
        kept = {place: [t for t in terms if t[0] in arguments.sizes] for place, terms in sizes.items()}
        kept = {place: terms for place, terms in kept.items() if terms}
        variant = variant_json(flags, made, kept)
        bases(variant, made, kept)
        packed.append(variant)
    return {
        "name": name,
        "defaults": arguments.defaults,
        "neutral": sorted(arguments.neutral),
        "sizes": arguments.sizes,
        "flags": arguments.flags,
        "variants": packed,
    }


def write(target: Path, baked: Iterable[dict[str, Any]]) -> None:
    """Writes the zip (see `ckpt_studio.models.catalog`); the same bytes each time."""
    members = {f"{model['name']}.json": model for model in baked}
    index = {
        "torchvision": torchvision.__version__.split("+")[0],
        "models": [model["name"] for model in members.values()],
    }
    postings: dict[str, list[int]] = {}
    for position, model in enumerate(members.values()):
        for name in dict.fromkeys(itertools.chain.from_iterable(variant["names"] for variant in model["variants"])):
            postings.setdefault(name, []).append(position)
    lists: dict[str, int] = {}
    where: list[int] = []
    for places in postings.values():
        where.append(lists.setdefault(json.dumps(places), len(lists)))
    names = {"names": list(postings), "list": where, "lists": [json.loads(text) for text in lists]}
    target.parent.mkdir(exist_ok=True)
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        for member, value in {"index.json": index, "names.json": names, **members}.items():
            info = zipfile.ZipInfo(member, date_time=(1980, 1, 1, 0, 0, 0))
            info.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(info, json.dumps(value, separators=(",", ":")), compresslevel=9)


def main(argv: Sequence[str] | None = None) -> int:
    """Bakes all models (or those named) and says what was found."""
    wanted = list(argv if argv is not None else sys.argv[1:]) or models.list_models()
    known: dict[str, dict[str, str]] = {}
    baked = []
    for name in wanted:
        model = bake(name, known)
        print(name, "sizes", model["sizes"], "flags", model["flags"], len(model["variants"][0]["names"]), flush=True)
        baked.append(model)
    write(TARGET, baked)
    print(f"{TARGET.relative_to(ROOT)}: {TARGET.stat().st_size:,} bytes")
    return 0


if __name__ == "__main__":
    sys.exit(main())
