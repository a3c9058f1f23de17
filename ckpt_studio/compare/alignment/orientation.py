"""Which matrices are kept as [in, out] instead of torch's [out, in]: GPT-2's Conv1D, TensorFlow's and JAX' kernels."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping

from ckpt_studio.compare.alignment.names import Shape, Token, Unit, units_of


def lying(shapes: Mapping[str, Shape], others: Mapping[str, Shape]) -> tuple[frozenset[str], frozenset[str]]:
    """The names of the matrices [in, out], and those among them that only custom says so.

    A bias is as long as its matrix has outputs. What that cannot tell (square ones, and those that are called kernel)
    follows most others of its stack; where there are none, kernels lie unless the other side (`others`) has more
    matrices of their shapes as they are.
    """
    votes: dict[tuple[Token, ...], Counter[bool]] = {}
    untold: list[tuple[Unit, bool]] = []
    result: set[str] = set()
    for unit in units_of(shapes.items()):
        weight, bias = unit.shapes.get("weight", ()), unit.shapes.get("bias", ())
        if len(weight) == 3 and weight[0] == 1:
            # A convolution over positions with a kernel of one, as the first GPT-2 keeps its matrices.
            weight = weight[1:]
        if len(weight) != 2:
            continue
        name = unit.leaves["weight"]
        is_kernel = name.replace("/", ".").rpartition(".")[2] == "kernel"
        has_bias = len(bias) == 1 and bias[0] in weight
        if has_bias and weight[0] != weight[1]:
            lies = bias[0] == weight[1]
            votes.setdefault(_stack(unit), Counter())[lies] += 1
            if lies:
                result.add(name)
        elif has_bias or is_kernel:
            untold.append((unit, is_kernel))
    everywhere = sum(votes.values(), Counter[bool]())
    guessed: set[str] = set()
    for unit, is_kernel in untold:
        counts = votes.get(_stack(unit)) or (everywhere if is_kernel else Counter())
        if counts[True] > counts[False]:
            result.add(unit.leaves["weight"])
        elif is_kernel and not counts:
            guessed.add(unit.leaves["weight"])
    upright = _common((shapes[name] for name in guessed), others)
    turned = _common((shapes[name][::-1] for name in guessed), others)
    if upright > turned:
        guessed = set()
    return frozenset(result | guessed), frozenset(guessed if upright == turned else ())


def _common(ours: Iterable[Shape], theirs: Mapping[str, Shape]) -> int:
    """How many matrices that are not square both sides have."""
    counts: Counter[Shape] = Counter(shape for shape in theirs.values() if len(shape) == 2 and shape[0] != shape[1])
    return (counts & Counter(shape for shape in ours if shape[0] != shape[1])).total()


def lying_pairs(
    ours: Mapping[str, Shape], theirs: Mapping[str, Shape], partner: Mapping[str, str]
) -> list[tuple[str, str]]:
    """(ours, theirs) of matrices left without a partner that are each other's transpose; only where none is a rival.

    A projection that is a parameter of its own (`x @ proj`) is one that a linear layer keeps the other way round.
    """
    used = set(partner.values())
    left: dict[Shape, list[str]] = {}
    for name, shape in ours.items():
        if len(shape) == 2 and shape[0] != shape[1] and name not in used:
            left.setdefault(shape, []).append(name)
    right: dict[Shape, list[str]] = {}
    for name, shape in theirs.items():
        if len(shape) == 2 and name not in partner:
            right.setdefault(shape[::-1], []).append(name)
    pairs = ((left[shape], names) for shape, names in right.items() if shape in left)
    return [(some[0], names[0]) for some, names in pairs if len(some) == len(names) == 1]


def _stack(unit: Unit) -> tuple[Token, ...]:
    """The path up to the first number: what blocks of one row share."""
    first = next((place for place, token in enumerate(unit.tokens) if isinstance(token, int)), 0)
    return unit.tokens[:first]
