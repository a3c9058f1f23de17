"""Which matrices are kept as [in, out] instead of torch's [out, in]: GPT-2's Conv1D, TensorFlow's and JAX' kernels."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

from ckpt_studio.compare.alignment.names import Shape, Token, Unit, units_of


def lying(shapes: Mapping[str, Shape]) -> frozenset[str]:
    """The names of the matrices [in, out].

    A bias is as long as its matrix has outputs. Square matrices tell nothing, and follow most others of their stack.
    """
    units = units_of(shapes.items())
    votes: dict[tuple[Token, ...], Counter[bool]] = {}
    square: list[Unit] = []
    result: set[str] = set()
    for unit in units:
        weight, bias = unit.shapes.get("weight", ()), unit.shapes.get("bias", ())
        if len(weight) != 2:
            continue
        name = unit.leaves["weight"]
        if name.replace("/", ".").rpartition(".")[2] == "kernel":
            result.add(name)
        elif len(bias) == 1 and weight[0] != weight[1] and bias[0] in weight:
            lies = bias[0] == weight[1]
            votes.setdefault(_stack(unit), Counter())[lies] += 1
            if lies:
                result.add(name)
        elif len(bias) == 1 and weight[0] == weight[1] == bias[0]:
            square.append(unit)
    for unit in square:
        counts = votes.get(_stack(unit), Counter())
        if counts[True] > counts[False]:
            result.add(unit.leaves["weight"])
    return frozenset(result)


def _stack(unit: Unit) -> tuple[Token, ...]:
    """The path up to the first number: what blocks of one row share."""
    first = next((place for place, token in enumerate(unit.tokens) if isinstance(token, int)), 0)
    return unit.tokens[:first]
