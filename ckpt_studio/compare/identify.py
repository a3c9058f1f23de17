"""Which architecture a checkpoint holds: the torchvision models whose names and shapes it has, with the arguments."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from ckpt_studio.compare.align import align, alignment_edit
from ckpt_studio.compare.alignment.names import Unit, squeezed, units_of
from ckpt_studio.core.checkpoint import StateDict
from ckpt_studio.core.edits import Edit, KeepNames, StripPrefix
from ckpt_studio.errors import Message, message
from ckpt_studio.models.catalog import Catalog, CatalogModel, Variant
from ckpt_studio.models.skeleton import Skeleton

# Wrappers that may stand anywhere in a name without belonging to the model.
_TRANSPARENT = ("_orig_mod", "_fsdp_wrapped_module", "_checkpoint_wrapped_module", "module")
_DEEPEST_PREFIX = 6
_CLOSE = 20
_COUNTER = "num_batches_tracked"
# Below this a model is not worth naming.
_LEAST = 0.25
# Below this, other names for a known network are considered.
_GOOD = 0.6
# What share of the shapes must be a model's for that, and what the score loses for the renaming.
_SAME_SHAPES = 0.93
_RENAMED = 0.95

Shape = tuple[int, ...]


@dataclass(frozen=True)
class Candidate:
    """A model the checkpoint may belong to.

    Attributes:
        reference: as CLI writes it ("torchvision:resnet34(num_classes=100)").
        score: 1.0 when every tensor fits; falls with what is missing, unexpected or of another shape.
        matched, missing, unexpected, mismatched: tensors, after the edits in `after`; BatchNorm's missing
            counters, which it fills itself, are in none of them.
        edits: what brings the names into the model's form, but for a mapping.
        reason: the same in words, with the names that miss.
        twins: other models that fit exactly as well, by reference.
        mapping: how the names of another implementation become the model's; None where the names are its own.
    """

    reference: str
    score: float
    matched: int
    missing: int
    unexpected: int
    mismatched: int
    edits: tuple[Edit, ...]
    reason: Message
    twins: tuple[str, ...] = ()
    mapping: Mapped | None = None

    @property
    def is_renamed(self) -> bool:
        """Whether the names are of another implementation of the network."""
        return self.mapping is not None

    @cached_property
    def after(self) -> tuple[Edit, ...]:
        """The edits that bring the names into the model's form; a mapping is worked out when first asked for."""
        return self.edits if self.mapping is None else (*self.edits, *self.mapping.edits())


@dataclass(frozen=True)
class Mapped:
    """A known network under other names.

    Attributes:
        shapes: the checkpoint's name -> shape (elements).
        skeleton: what the network expects.
    """

    shapes: Mapping[str, Shape] = field(repr=False)
    skeleton: Skeleton = field(repr=False)

    def edits(self) -> tuple[Edit, ...]:
        """The edit that renames; takes about half a second for 1,000 tensors."""
        edit = alignment_edit(align(self.shapes, self.skeleton), self.shapes)
        return (edit,) if edit is not None else ()


@dataclass(frozen=True)
class _View:
    """The checkpoint's names after stripping, with their shapes.

    Attributes:
        shapes: stripped name -> shape.
        outside: names that do not carry the prefix.
        edits: what makes the checkpoint look like this.
    """

    shapes: Mapping[str, Shape]
    outside: int
    edits: tuple[Edit, ...]


def identify(state_dict: StateDict | Mapping[str, Shape], top: int = 5) -> list[Candidate]:
    """The likeliest models, best first; empty when nothing in the catalog comes near.

    Takes some ten milliseconds once the catalog is loaded, also when only the shapes are a known network's (its
    names are mapped when the candidate is asked for the edits); reads no tensor bytes.
    """
    shapes: Mapping[str, Shape]
    if isinstance(state_dict, StateDict):
        shapes = {name: tensor.shape for name, tensor in state_dict.tensors.items()}
    else:
        shapes = state_dict
    catalog = Catalog.load()
    found: dict[str, Candidate] = {}
    for prefix, anywhere, numbers in _likely(shapes, catalog):
        view = _view(shapes, prefix, anywhere)
        for number in numbers:
            model = catalog.model(catalog.names()[number])
            for variant in model.variants:
                candidate = _judged(view, model, variant)
                known = found.get(candidate.reference)
                if candidate.score >= _LEAST and (known is None or candidate.score > known.score):
                    found[candidate.reference] = candidate
    ranked = sorted(found.values(), key=_rank)
    if not ranked or ranked[0].score < _GOOD:
        mapped = _by_shapes(shapes, catalog)
        if mapped is not None and all(mapped.score > other.score for other in ranked):
            ranked.insert(0, mapped)
    return _with_twins(ranked)[:top]


def _rank(candidate: Candidate) -> tuple[float, int, bool, int, str]:
    reference = candidate.reference
    # Of equal ones the plainest is meant: few arguments, the unquantised form, the shorter name.
    return (
        -candidate.score,
        reference.count("=") - ("num_classes" in reference),
        "quantized" in reference,
        len(reference),
        reference,
    )


def _with_twins(ranked: Sequence[Candidate]) -> list[Candidate]:
    """The candidates, each knowing those of the very same verdict."""
    alike: dict[tuple[float, int, int, int, int], list[str]] = {}
    for one in ranked:
        key = (one.score, one.matched, one.missing, one.unexpected, one.mismatched)
        alike.setdefault(key, []).append(one.reference)
    result = []
    for one in ranked:
        key = (one.score, one.matched, one.missing, one.unexpected, one.mismatched)
        twins = tuple(reference for reference in alike[key] if reference != one.reference)
        result.append(
            Candidate(
                one.reference, one.score, one.matched, one.missing, one.unexpected, one.mismatched, one.edits,
                one.reason, twins, one.mapping,
            )
        )  # fmt: skip
    return result


def _likely(shapes: Mapping[str, Shape], catalog: Catalog) -> list[tuple[str, tuple[str, ...], list[int]]]:
    """(prefix, wrappers to strip anywhere, model numbers) worth a closer look."""
    wrappers = tuple(wrapper for wrapper in _TRANSPARENT if any(f".{wrapper}." in f".{name}" for name in shapes))
    postings = catalog.postings
    sizes = catalog.sizes
    votes: Counter[tuple[str, tuple[int, ...]]] = Counter()
    for original in shapes:
        name = _without(original, wrappers)
        start = 0
        for _ in range(_DEEPEST_PREFIX):
            models = postings.get(name[start:])
            if models is not None:
                votes[name[:start], models] += 1
            start = name.find(".", start) + 1
            if not start:
                break
    having: dict[str, Counter[int]] = {}
    for (prefix, models), count in votes.items():
        tally = having.setdefault(prefix, Counter())
        for number in models:
            tally[number] += count
    total = len(shapes)
    closeness = [
        (count / (sizes[number] + 0.3 * max(total - count, 0)), prefix, number)
        for prefix, tally in having.items()
        for number, count in tally.items()
    ]
    closeness.sort(key=lambda item: (-item[0], item[2]))
    chosen: dict[str, list[int]] = {}
    for _, prefix, number in closeness[:_CLOSE]:
        chosen.setdefault(prefix, []).append(number)
    return [(prefix, wrappers, numbers) for prefix, numbers in chosen.items()]


def _without(name: str, wrappers: Iterable[str]) -> str:
    for wrapper in wrappers:
        name = f".{name}".replace(f".{wrapper}.", ".")[1:]
    return name


def _view(shapes: Mapping[str, Shape], prefix: str, wrappers: tuple[str, ...]) -> _View:
    edits: list[Edit] = []
    inside = {name: _without(name, wrappers) for name in shapes}
    kept = {old: new[len(prefix) :] for old, new in inside.items() if new.startswith(prefix)}
    if prefix and len(kept) < len(shapes):
        edits.append(KeepNames(tuple(kept)))
    edits += [
        StripPrefix(f"{wrapper}.", anywhere=True)
        for wrapper in wrappers
        if any(f".{wrapper}." in f".{name}" for name in kept)
    ]
    if prefix:
        edits.append(StripPrefix(prefix))
    return _View({new: shapes[old] for old, new in kept.items()}, len(shapes) - len(kept), tuple(edits))


def _judged(view: _View, model: CatalogModel, variant: Variant) -> Candidate:
    """How well one variant fits, with the arguments that fit best."""
    sizes = _inferred(view.shapes, model, variant)
    expected = model.resolved_shapes(variant, sizes)
    if expected is None:
        sizes = dict(model.sizes)
        expected = model.resolved_shapes(variant, sizes) or []
    matched, missing, mismatched = 0, [], []
    for name, shape in zip(variant.names, expected, strict=False):
        has = view.shapes.get(name)
        if has is None:
            if not name.endswith(_COUNTER):
                missing.append(name)
        elif has == shape:
            matched += 1
        else:
            mismatched.append(name)
    unexpected = [name for name in view.shapes if name not in variant.positions]
    arguments: dict[str, object] = {key: value for key, value in sizes.items() if value != model.sizes[key]}
    arguments |= {key: value for key, value in variant.flags.items() if value != model.flags[key]}
    reference = f"torchvision:{model.name}({', '.join(f'{key}={value!r}' for key, value in arguments.items())})"
    # What lies outside the prefix (an EMA copy, a loss) says little about the model itself.
    total = matched + len(missing) + len(mismatched) + len(unexpected)
    score = matched / total if total else 0.0
    if view.outside:
        score *= 1 - 0.1 * view.outside / (view.outside + total)
    example = (missing or mismatched or unexpected or [""])[0]
    whole = matched + len(missing) + len(mismatched)
    if not missing and not mismatched and not unexpected:
        reason = message("identified-whole", matched=matched)
    elif missing:
        reason = message("identified-missing", matched=matched, total=whole, count=len(missing), example=example)
    elif mismatched:
        reason = message("identified-mismatched", matched=matched, total=whole, count=len(mismatched), example=example)
    else:
        reason = message("identified-unexpected", matched=matched, total=whole, count=len(unexpected), example=example)
    return Candidate(
        reference, round(score, 4), matched, len(missing), len(unexpected) + view.outside, len(mismatched),
        view.edits, reason,
    )  # fmt: skip


def _inferred(shapes: Mapping[str, Shape], model: CatalogModel, variant: Variant) -> dict[str, int]:
    """The integer arguments that most tensors speak for."""
    votes: dict[str, Counter[int]] = {}
    for name, shape in zip(variant.names, variant.shapes, strict=True):
        has = shapes.get(name)
        if has is None or len(has) != len(shape):
            continue
        for size, observed in zip(shape, has, strict=True):
            if isinstance(size, int):
                continue
            told = model.inferred(size, observed)
            if told is not None:
                votes.setdefault(told[0], Counter())[told[1]] += 1
    result = dict(model.sizes)
    for argument, counter in votes.items():
        value, count = counter.most_common(1)[0]
        # An argument other than the number of classes changes many sizes: all of them must agree.
        if argument.startswith("num_") or count == sum(counter.values()):
            result[argument] = value
    if "image_size" in result:
        result["image_size"] = _image_size(shapes, model, variant)
    return result


def _image_size(shapes: Mapping[str, Shape], model: CatalogModel, variant: Variant) -> int:
    """The image size that the number of position embeddings tells (it goes with the square)."""
    for name, shape in zip(variant.names, variant.shapes, strict=True):
        for axis, size in enumerate(shape):
            if isinstance(size, dict) and "image_size" in size and name in shapes and axis < len(shapes[name]):
                square = size["image_size"][1]
                default = model.sizes["image_size"]
                wanted = (shapes[name][axis] - size["base"]) * size["of"] // square + default * default
                root = math.isqrt(max(wanted, 0))
                return root if root and root * root == wanted else default
    return model.sizes["image_size"]


def _by_shapes(shapes: Mapping[str, Shape], catalog: Catalog) -> Candidate | None:
    """A model of other names whose tensors have these shapes; its names are mapped when that is asked for."""
    having = Counter(squeezed(shape) for name, shape in shapes.items() if not name.endswith(_COUNTER))
    best: tuple[float, CatalogModel, Variant] | None = None
    for name in sorted(_of_like_size(having.total(), catalog), key=lambda name: "quantized" in name):
        model = catalog.model(name)
        for variant in model.variants:
            fixed, total = variant.fixed_shapes
            if not 0.8 * total <= having.total() <= 1.25 * total:
                continue
            share = (having & fixed).total() / max(having.total(), total, 1)
            if share >= _SAME_SHAPES - (total - fixed.total()) / max(total, 1) and (best is None or share > best[0]):
                best = (share, model, variant)
    if best is None:
        return None
    _, model, variant = best
    sizes = _guessed(having - variant.fixed_shapes[0], model, variant)
    arguments: dict[str, object] = {key: value for key, value in sizes.items() if value != model.sizes[key]}
    arguments |= {key: value for key, value in variant.flags.items() if value != model.flags[key]}
    skeleton = catalog.skeleton(model.name, (), arguments)
    if skeleton is None:
        return None
    matched, missing, unexpected = _pairable(shapes, {entry.name: entry.shape for entry in skeleton.entries})
    total = matched + missing + unexpected
    if matched / total < _SAME_SHAPES:
        return None
    reason = message("identified-mapped", matched=matched, total=matched + missing)
    return Candidate(
        skeleton.reference, round(_RENAMED * matched / total, 4), matched, missing, unexpected, 0, (), reason,
        mapping=Mapped(shapes, skeleton),
    )  # fmt: skip


def _of_like_size(total: int, catalog: Catalog) -> list[str]:
    """The models that may have so many tensors, BatchNorm's counters left out."""
    # The catalog's sizes are of all variants together, which differ by a few names, and with counters (one in six).
    return [
        name for name, size in zip(catalog.names(), catalog.sizes, strict=True) if 0.8 * total <= size <= 1.7 * total
    ]


def _pairable(ours: Mapping[str, Shape], theirs: Mapping[str, Shape]) -> tuple[int, int, int]:
    """How many tensors two sides can have in common by the layers' shapes, and how many each has alone.

    (common, of theirs without BatchNorm's counters, of ours)
    """
    left, right = Counter(map(_kind, units_of(ours.items()))), Counter(map(_kind, units_of(theirs.items())))
    common = sum(count * len(kind) for kind, count in (left & right).items())
    plain = [(leaf, shape) for kind, count in (right - left).items() for leaf, shape in kind for _ in range(count)]
    missing = sum(leaf != "count" for leaf, _ in plain)
    return common, missing, len(ours) - common


def _kind(unit: Unit) -> tuple[tuple[str, Shape], ...]:
    """A layer's tensors and their shapes; a parameter of its own counts as a weight."""
    return tuple(sorted((leaf or "weight", squeezed(shape)) for leaf, shape in unit.shapes.items()))


def _guessed(left: Counter[Shape], model: CatalogModel, variant: Variant) -> dict[str, int]:
    """The integer arguments for which a model's open sizes are among the shapes that are `left` unexplained."""
    result = dict(model.sizes)
    votes: dict[str, Counter[int]] = {}
    for shape in set(map(_hashable, variant.shapes)):
        opened = [place for place, size in enumerate(shape) if not isinstance(size, int)]
        if len(opened) != 1 or len(shape) < 2:
            continue
        (axis,) = opened
        for other in left:
            wanted = tuple(size for place, size in enumerate(shape) if place != axis and size != 1)
            if len(other) == len(wanted) + 1 and other[:axis] + other[axis + 1 :] == wanted:
                told = model.inferred(dict(shape[axis]), other[axis])
                if told is not None and told[0].startswith("num_"):
                    votes.setdefault(told[0], Counter())[told[1]] += 1
    for argument, counter in votes.items():
        result[argument] = counter.most_common(1)[0][0]
    return result


def _hashable(shape: Sequence[Any]) -> tuple[Any, ...]:
    return tuple(
        size if isinstance(size, int) else tuple((k, tuple(v) if isinstance(v, list) else v) for k, v in size.items())
        for size in shape
    )
