"""Tensor names taken apart: words and numbers, and the units (layers) that tensors belong to."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

Token = str | int
Shape = tuple[int, ...]

# A letter that counts on: the c of "inception4c", the b of "res2a_branch2b".
_COUNTING = re.compile(r"(?<=\d)([a-z])(?![A-Za-z\d])")
_PIECE = re.compile(r"\d+x\d+(?:x\d+)?|[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+|[^\W\d_]+")
# A hump of two letters at the end is a part and its step: the P and the a of "convPa".
_HUMP = re.compile(r"(?<=[a-z])([A-Z])([a-z])(?![A-Za-z])")
# Dimension suffixes say nothing about which layer is meant: conv2d, batchnorm1d.
_DIMENSION = re.compile(r"(?<=[a-z])([123])d(?![a-z])", re.IGNORECASE)

# What a layer's own tensors are called, over libraries.
LEAVES: Mapping[str, str] = {
    "weight": "weight", "kernel": "weight", "w": "weight", "gamma": "weight", "g": "weight", "scale": "weight",
    "embedding": "weight", "embeddings": "weight", "weights": "weight",
    "bias": "bias", "beta": "bias", "b": "bias", "offset": "bias", "biases": "bias",
    "running_mean": "mean", "moving_mean": "mean", "running_var": "var", "moving_variance": "var", "moving_var": "var",
    "_mean": "mean", "_variance": "var", "mean": "mean", "variance": "var", "var": "var",
    "num_batches_tracked": "count",
    "weight_g": "weight_g", "weight_v": "weight_v",
}  # fmt: skip
# torch.nn.utils.parametrize keeps a layer's tensors below it: what weight norm calls its two, and what others add.
_PARAMETRIZED = {"original": "weight", "original0": "weight_g", "original1": "weight_v"}
_BELOW = re.compile(r"(.*?)\.?\bparametrizations\.(weight|bias)\.(?:\d+\.)?_?(\w+)")
# Before torch had that, spectral norm and pruning kept the layer's own tensor under this name, theirs beside it.
_ORIGINAL = "weight_orig"
# These are a layer's tensors only beside their partner; alone they name a parameter of their own.
_PARTNERS: Mapping[str, tuple[str, ...]] = {
    "gamma": ("beta", "running_mean", "moving_mean"), "g": ("b",), "w": ("b",), "b": ("g", "w"),
    "beta": ("gamma", "running_mean", "moving_mean"), "offset": ("scale",),
    "embedding": (), "embeddings": (), "_mean": ("_variance",), "_variance": ("_mean",),
    "mean": ("variance", "var"), "variance": ("mean",), "var": ("mean",),
}  # fmt: skip
# What may stand behind the layer's name in the tensor's ("bn1_running_mean"); the others only beside each other.
_WRITTEN_IN = ("weight", "bias", "running_mean", "running_var", "num_batches_tracked", "moving_mean", "moving_variance")
_PAIRED = {"gamma": "beta", "beta": "gamma", "w": "b", "b": "w"}


def tokens(name: str) -> tuple[Token, ...]:
    """Words (lower case) and numbers of a name: "layer1.0.conv2" -> ("layer", 1, 0, "conv", 2), "5b" -> (5, 1)."""
    text = _COUNTING.sub(lambda letter: f".{ord(letter[1]) - ord('a')}", _DIMENSION.sub("", name))
    text = _HUMP.sub(r".\1.\2", text)
    found = _PIECE.findall(text)
    return tuple(int(piece) if piece.isdigit() else piece.lower() for piece in found)


def spelled(layer: str) -> frozenset[str]:
    """The parts of a layer's name, without what writers differ in; a number at the end belongs to its word."""
    parts: list[str] = []
    for part in re.split(r"[./]", layer):
        if part.isdigit() and parts and not parts[-1][-1:].isdigit():
            parts[-1] += part
        elif part:
            parts.append(re.sub(r"[_-]", "", part).lower())
    # Numbers within the name are those of blocks, and say where a layer is, not what it is.
    return frozenset(part for place, part in enumerate(parts) if place == len(parts) - 1 or not part[-1:].isdigit())


def phrase(tokens: Iterable[Token]) -> tuple[str, ...]:
    """The words of a name; what stands behind "post" is over, and says nothing ("post_attention_layernorm")."""
    words = [token for token in tokens if isinstance(token, str)]
    return tuple(word for k, word in enumerate(words) if k in (0, len(words) - 1) or words[k - 1] != "post")


def without_vowels(word: str) -> str:
    """How a word is often abbreviated: "slf" for "self", "nrm" for "norm"."""
    return word[:1] + re.sub("[aeiou]", "", word[1:])


def full_forms(words: Iterable[str]) -> dict[str, str]:
    """Abbreviation without vowels -> the one word it stands for."""
    forms: dict[str, set[str]] = {}
    for word in words:
        forms.setdefault(without_vowels(word), set()).add(word)
    return {short: found.pop() for short, found in forms.items() if len(short) >= 3 and len(found) == 1}


@dataclass
class Unit:
    """One layer: the tensors that share everything but the last part of their names.

    Attributes:
        tokens: of the layer's name.
        leaves: canonical leaf ("weight", "bias", "mean", "var", "count"; "" for a parameter that is a layer of
            its own) -> tensor name.
        shapes: leaf -> shape (elements).
        position: place of its first tensor in the file.
        layer: the layer's name as it is written.
    """

    tokens: tuple[Token, ...]
    leaves: dict[str, str] = field(default_factory=dict)
    shapes: dict[str, Shape] = field(default_factory=dict)
    position: int = 0
    layer: str = ""

    @property
    def main(self) -> str:
        """The leaf that decides what can be compared."""
        for leaf in ("weight", "", "weight_v"):
            if leaf in self.leaves:
                return leaf
        return next(iter(self.leaves))


def split_leaf(name: str, siblings: frozenset[str]) -> tuple[str, str]:
    """The layer's name and the canonical leaf; `siblings` are the last parts of the names beside it."""
    parent, _, last = name.rpartition(".")
    if "/" in last:
        parent, _, last = name.replace("/", ".").rpartition(".")
    lower = last.lower()
    if below := _BELOW.fullmatch(name):
        leaf = _PARAMETRIZED.get(below[3], below[3])
        return below[1], leaf if below[2] == "weight" else f"bias_{leaf}".replace("bias_weight", "bias")
    if _ORIGINAL in siblings and lower.startswith("weight_"):
        return parent, "weight" if lower == _ORIGINAL else lower.removeprefix("weight_")
    if lower in LEAVES:
        partners = _PARTNERS.get(lower)
        if partners is None or any(partner in siblings for partner in partners):
            return parent, LEAVES[lower]
        return name, ""
    # in_proj_weight, weight_ih_l0, q_bias: a layer whose name is written into the tensor's.
    for leaf in ("weight", "bias"):
        if lower.startswith(leaf + "_"):
            return f"{parent}.{last[len(leaf) + 1 :]}", leaf
    for leaf in _WRITTEN_IN:
        if lower.endswith("_" + leaf):
            return f"{parent}.{last[: -len(leaf) - 1]}", LEAVES[leaf]
    for leaf, other in _PAIRED.items():
        if lower.endswith("_" + leaf) and lower.removesuffix(leaf) + other in siblings:
            return f"{parent}.{last[: -len(leaf) - 1]}", LEAVES[leaf]
    return name, ""


def units_of(named: Iterable[tuple[str, Shape]]) -> list[Unit]:
    """The layers of a state dict, in the order of their first tensors."""
    items = list(named)
    beside: dict[str, set[str]] = {}
    for name, _ in items:
        parent, _, last = name.replace("/", ".").rpartition(".")
        beside.setdefault(parent, set()).add(last.lower())
    frozen = {parent: frozenset(lasts) for parent, lasts in beside.items()}
    units: dict[str, Unit] = {}
    for position, (name, shape) in enumerate(items):
        layer, leaf = split_leaf(name, frozen[name.replace("/", ".").rpartition(".")[0]])
        # By their names, not by tokens: "norm.1" and "norm1" read the same and are two layers.
        unit = units.get(layer)
        if unit is None:
            unit = units[layer] = Unit(tokens(layer), position=position, layer=layer)
        if leaf in unit.leaves:
            # Two tensors of one layer that read the same ("gamma", "weight"): keep both apart.
            unit = units[f"{layer}.{name}"] = Unit(tokens(layer), position=position, layer=layer)
        unit.leaves[leaf] = name
        unit.shapes[leaf] = shape
    return list(units.values())


def order_tells(names: list[str], units: list[Unit]) -> bool:
    """Whether the file's order is the order of registration, and not merely the alphabet's.

    Modules register their weight before their bias; sorted names have it the other way round.
    """
    if all(a <= b for a, b in zip(names, names[1:], strict=False)):
        return False
    place = {name: index for index, name in enumerate(names)}
    both = [unit for unit in units if "weight" in unit.leaves and "bias" in unit.leaves]
    backwards = sum(place[unit.leaves["bias"]] < place[unit.leaves["weight"]] for unit in both)
    return 2 * backwards <= len(both)


def squeezed(shape: Shape) -> Shape:
    """The shape without axes of size 1: what a reshape may drop or add."""
    return tuple(size for size in shape if size != 1)
