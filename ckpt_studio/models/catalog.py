"""The baked catalog of torchvision: any of its models' skeletons, for any number of classes, without torch.

The file `resources/torchvision.catalog` is a zip written by `packaging/build_catalog.py`:

- `index.json`: torchvision's version and the models' names;
- `names.json`: every tensor name of every model and which models have it, for identification;
- `MODEL.json`: what the model's arguments do, and one variant per choice of its flags. A variant keeps columns
  (names, shape numbers, dtype numbers, owner numbers) over tables. A size that depends on arguments is
  `{"base": size, "of": d, ARGUMENT: [c1, c2]}`, meaning base + Σ (c1·(x - x0) + c2·(x² - x0²)) / d, where x0 is
  the argument's default.
"""

from __future__ import annotations

import json
import zipfile
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any

from ckpt_studio.models.skeleton import Entry, Module, Skeleton
from ckpt_studio.resources import resource_path

FILE_NAME = "torchvision.catalog"
# What never changes names or shapes of the model that is to be loaded: its own weights are not wanted.
_ABOUT_WEIGHTS = ("weights", "weights_backbone")


@dataclass(frozen=True)
class Variant:
    """A model for one choice of its flags, sizes still open.

    Attributes:
        flags: flag -> chosen value.
        names: in `state_dict()` order.
        shapes: per name; a size is a number, or a dict as the module's docstring describes.
    """

    flags: Mapping[str, bool]
    names: tuple[str, ...]
    shapes: tuple[tuple[Any, ...], ...]
    data: Mapping[str, Any]

    @cached_property
    def positions(self) -> Mapping[str, int]:
        """Name -> place in `names`."""
        return {name: place for place, name in enumerate(self.names)}

    @cached_property
    def fixed_shapes(self) -> tuple[Counter[tuple[int, ...]], int]:
        """How often each shape occurs that no number of classes changes, and the number of tensors.

        BatchNorm's counters and axes of size 1 are left out; other arguments have their defaults.
        """
        weights = [shape for name, shape in zip(self.names, self.shapes, strict=True) if not name.endswith("_tracked")]
        fixed: Counter[tuple[int, ...]] = Counter()
        for shape in weights:
            if not any(isinstance(size, dict) and any(key.startswith("num_") for key in size) for size in shape):
                plain = (size if isinstance(size, int) else size["base"] for size in shape)
                fixed[tuple(size for size in plain if size != 1)] += 1
        return fixed, len(weights)


@dataclass(frozen=True)
class CatalogModel:
    """One model of the catalog.

    Attributes:
        name: torchvision's builder name ("resnet34").
        defaults: every argument with a plain default.
        neutral: arguments that change neither names nor shapes.
        sizes: integer arguments that only change sizes -> the number their default stands for.
        flags: boolean arguments that change names -> default.
        variants: one per choice of flags, the default choice first.
    """

    name: str
    defaults: Mapping[str, Any]
    neutral: frozenset[str]
    sizes: Mapping[str, int]
    flags: Mapping[str, bool]
    variants: tuple[Variant, ...]

    def arguments(self, kwargs: Mapping[str, Any]) -> tuple[dict[str, bool], dict[str, int]] | None:
        """The flags and sizes these keyword arguments choose; None when the catalog does not know what they do."""
        flags = dict(self.flags)
        sizes = dict(self.sizes)
        for key, value in kwargs.items():
            if key in _ABOUT_WEIGHTS:
                if value is not None:
                    return None
            elif key == "progress" or (key in self.defaults and _same(value, self.defaults[key])):
                continue
            elif key in self.flags and isinstance(value, bool):
                flags[key] = value
            elif key in self.sizes and isinstance(value, int) and not isinstance(value, bool) and value > 0:
                sizes[key] = value
            elif key not in self.neutral or not isinstance(value, bool | int | float):
                return None
        return flags, sizes

    def variant(self, flags: Mapping[str, bool]) -> Variant | None:
        """The variant of a choice of flags."""
        return next((variant for variant in self.variants if dict(variant.flags) == dict(flags)), None)

    def resolved_shapes(self, variant: Variant, sizes: Mapping[str, int]) -> list[tuple[int, ...]] | None:
        """All shapes for these sizes; None when a size would be no whole number."""
        cache: dict[int, tuple[int, ...] | None] = {}
        shapes: list[tuple[int, ...]] = []
        for shape in variant.shapes:
            key = id(shape)
            if key not in cache:
                cache[key] = self.resolved_shape(shape, sizes)
            found = cache[key]
            if found is None:
                return None
            shapes.append(found)
        return shapes

    def resolved_shape(self, shape: Sequence[Any], sizes: Mapping[str, int]) -> tuple[int, ...] | None:
        """One shape for these sizes."""
        result: list[int] = []
        for size in shape:
            value = size if isinstance(size, int) else self._size(size, sizes)
            if value is None:
                return None
            result.append(value)
        return tuple(result)

    def _size(self, size: Mapping[str, Any], sizes: Mapping[str, int]) -> int | None:
        terms = _terms(size)
        if sum(sizes[argument] != self.sizes[argument] for argument, _ in terms) > 1:
            # Two arguments of one size may multiply (groups and width_per_group of ResNet); only the model knows.
            return None
        delta = 0
        for argument, (linear, square) in terms:
            x, x0 = sizes[argument], self.sizes[argument]
            delta += linear * (x - x0) + square * (x * x - x0 * x0)
        quotient, rest = divmod(delta, size["of"])
        value = int(size["base"] + quotient)
        return value if rest == 0 and value >= 0 else None

    def inferred(self, size: Mapping[str, Any], observed: int) -> tuple[str, int] | None:
        """The argument and its value that give this size, when it depends on a single argument linearly."""
        terms = _terms(size)
        if len(terms) != 1 or terms[0][1][1] or not terms[0][1][0]:
            return None
        argument, (linear, _) = terms[0]
        steps, rest = divmod((observed - size["base"]) * size["of"], linear)
        value = self.sizes[argument] + int(steps)
        return (argument, value) if rest == 0 and value > 0 else None


def _terms(size: Mapping[str, Any]) -> list[tuple[str, list[int]]]:
    return [(key, value) for key, value in size.items() if key not in ("base", "of")]


def _same(value: Any, default: Any) -> bool:
    # True == 1 in Python; an argument of another type is another question.
    return type(value) is type(default) and bool(value == default)


class Catalog:
    """The torchvision models; models are parsed when first asked for. Safe to share between threads."""

    def __init__(self, path: Path) -> None:
        self._archive = zipfile.ZipFile(path)
        self._models: dict[str, CatalogModel] = {}
        index = self._read("index.json")
        self.torchvision: str = index["torchvision"]
        self._names: tuple[str, ...] = tuple(index["models"])

    @staticmethod
    @lru_cache(maxsize=1)
    def load() -> Catalog:
        """The catalog that came with the program."""
        return Catalog(resource_path(FILE_NAME))

    def _read(self, member: str) -> Any:
        return json.loads(self._archive.read(member))

    def names(self) -> tuple[str, ...]:
        """All models, as torchvision lists them."""
        return self._names

    def __contains__(self, name: object) -> bool:
        return name in self._names

    def model(self, name: str) -> CatalogModel:
        """What the catalog knows about one model. Raises KeyError for a name torchvision does not have."""
        if name not in self._models:
            if name not in self._names:
                raise KeyError(name)
            data = self._read(f"{name}.json")
            self._models[name] = CatalogModel(
                name,
                data["defaults"],
                frozenset(data["neutral"]),
                data["sizes"],
                data["flags"],
                tuple(_variant(variant) for variant in data["variants"]),
            )
        return self._models[name]

    def signature(self, name: str) -> str:
        """The arguments the catalog can answer for, as Python writes them ("(num_classes=1000, aux_logits=True)")."""
        model = self.model(name)
        arguments = {**{key: model.sizes[key] for key in sorted(model.sizes, key=_importance)}, **model.flags}
        return "(" + ", ".join(f"{key}={value!r}" for key, value in arguments.items()) + ")"

    def skeleton(self, name: str, args: Sequence[Any] = (), kwargs: Mapping[str, Any] | None = None) -> Skeleton | None:
        """The model's skeleton without any weights, or None when only live torchvision can tell.

        None means: no such model, positional arguments (torchvision's builders refuse them), weights asked for,
        or arguments the catalog does not know.
        """
        kwargs = kwargs or {}
        if name not in self._names or args:
            return None
        model = self.model(name)
        chosen = model.arguments(kwargs)
        if chosen is None:
            return None
        flags, sizes = chosen
        variant = model.variant(flags)
        shapes = model.resolved_shapes(variant, sizes) if variant is not None else None
        if variant is None or shapes is None:
            return None
        data = variant.data
        dtypes, owners, tied = data["dtypes"], data["owners"], data["tied"]
        entries = tuple(
            Entry(entry, shape, dtypes[dtype], "buffer" if buffer else "parameter", owners[owner], tied.get(entry))
            for entry, shape, dtype, buffer, owner in zip(
                variant.names, shapes, data["dtype"], data["buffer"], data["owner"], strict=True
            )
        )
        facts = data["facts"]
        modules = tuple(
            Module(prefix, *facts[cls]) for prefix, cls in zip(data["prefixes"], data["classes"], strict=True)
        )
        call = f"{name}({', '.join(f'{key}={value!r}' for key, value in kwargs.items())})"
        return Skeleton(f"torchvision {call}", f"torchvision:{call}", entries, modules)

    @cached_property
    def sizes(self) -> tuple[int, ...]:
        """Per model (as in `names()`), how many tensor names it has, all variants together."""
        counts = [0] * len(self._names)
        for models in self.postings.values():
            for number in models:
                counts[number] += 1
        return tuple(counts)

    @cached_property
    def postings(self) -> Mapping[str, tuple[int, ...]]:
        """Tensor name -> numbers (places in `names()`) of the models that have it."""
        data = self._read("names.json")
        lists = [tuple(places) for places in data["lists"]]
        return {name: lists[number] for name, number in zip(data["names"], data["list"], strict=True)}


def _importance(argument: str) -> tuple[bool, str]:
    return (argument != "num_classes", argument)


def _variant(data: Mapping[str, Any]) -> Variant:
    # One tuple object per distinct shape: `resolved_shapes` works each out once.
    table = [tuple(shape) for shape in data["shapes"]]
    return Variant(data["flags"], tuple(data["names"]), tuple(table[number] for number in data["shape"]), data)
