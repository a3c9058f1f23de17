"""Judges `align` by function: map the weights of one implementation to another, load strictly, compare outputs.

    python -m tests.benchmarks.align_function [-k PART] [--set first|more|fused|blind|blind2|…] [--no-baselines]

prints a table, and beside it what equal names and Keras' way (order and shape) solve. Weights and statistics are
random; each pair is tried in file order and with names sorted alphabetically. Exits with 1 when fewer than 95 % are
right or one takes longer than it may. Needs torch, torchvision, timm and transformers (development dependencies);
nothing is downloaded.
"""

from __future__ import annotations

import argparse
import math
import sys
import time
import warnings
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))
sys.path.insert(0, str(Path(__file__).resolve().parent))

import align_networks as own
from align_pairs import PAIRS, Pair
from align_pairs_blind import BLIND
from align_pairs_blind2 import BLIND2
from align_pairs_blind3 import BLIND3
from align_pairs_blind4 import BLIND4
from align_pairs_blind5 import BLIND5
from align_pairs_blind6 import BLIND6
from align_pairs_blind7 import BLIND7
from align_pairs_fused import FUSED
from align_pairs_more import MORE

from ckpt_studio.compare.align import align, alignment_edit
from ckpt_studio.core.edits import ApplyMapping
from ckpt_studio.models.skeleton import Entry, Skeleton

TOLERANCE = 1e-3
# What `main` asks for: this share of the pairs, and so long for 1,000 tensors.
WANTED = 0.95
LIMIT_SECONDS = 2.0


def tensors_of(output: Any) -> Tensor:
    """The tensor that counts in what a model returns."""
    if isinstance(output, Tensor):
        return output
    for key in ("logits", "image_embeds", "last_hidden_state"):
        value = getattr(output, key, None)
        if isinstance(value, Tensor):
            return value
    return next(value for value in (output.values() if isinstance(output, Mapping) else output))


def skeleton_of(model: nn.Module, title: str) -> Skeleton:
    """What the host would say about a live model."""
    modules = dict(model.named_modules())
    entries = []
    first: dict[int, str] = {}
    state = model.state_dict(keep_vars=True) if type(model).state_dict is nn.Module.state_dict else model.state_dict()
    for name, tensor in state.items():
        owner = modules.get(name.rpartition(".")[0])
        cls = f"{type(owner).__module__}.{type(owner).__qualname__}" if owner is not None else ""
        tied = first.setdefault(id(tensor), name)
        role = "parameter" if isinstance(tensor, nn.Parameter) else "buffer"
        dtype = str(tensor.dtype).removeprefix("torch.")
        entries.append(Entry(name, tuple(tensor.shape), dtype, role, cls, None if tied == name else tied))
    return Skeleton(title, title, tuple(entries))


def load(target: nn.Module, state: dict[str, Tensor], own_buffers: tuple[str, ...]) -> str:
    """Loads strictly; the words of the failure, or "".

    What a model holds under two names gets its value under both, as filling does it.
    """
    inner = target
    expected = target.state_dict()
    held: dict[int, str] = {}
    for key, tensor in expected.items():
        if key in state and tensor.numel():
            held.setdefault(tensor.data_ptr(), key)
    for key, tensor in expected.items():
        if key not in state and tensor.data_ptr() in held and tensor.shape == expected[held[tensor.data_ptr()]].shape:
            state[key] = state[held[tensor.data_ptr()]]
    for key in expected:
        if key not in state and key.endswith(own_buffers or ("\0",)):
            state[key] = expected[key]
        if key not in state and key.endswith("num_batches_tracked"):
            state[key] = expected[key]
    # What the model has no place for is popped.
    state = {key: value for key, value in state.items() if key in expected}
    missing = [key for key in expected if key not in state]
    if missing:
        return f"{len(missing)} missing: {missing[0]}"
    try:
        inner.load_state_dict(state, strict=True)
    except RuntimeError as error:
        return str(error)[:80]
    return ""


@dataclass
class Outcome:
    name: str
    ok: bool
    reason: str
    seconds: float
    tensors: int


def mapped(source: dict[str, Tensor], target: Skeleton, method: str) -> tuple[dict[str, Tensor], float]:
    """The renamed state dict, and the seconds it took to find the names."""
    # Of the processor: what else the machine does is no fault of the mapping.
    start = time.process_time()
    if method == "align":
        shapes = {name: tuple(tensor.shape) for name, tensor in source.items()}
        edit = alignment_edit(align(shapes, target), shapes)
    elif method == "names":
        pairs = [(name, name) for name in source if name in target.by_name]
    else:
        pairs = by_order(source, target)
    seconds = time.process_time() - start
    if method == "align":
        return (applied(edit, source) if edit is not None else dict(source)), seconds
    result = {}
    for old, new in pairs:
        tensor = source[old]
        wanted = target.by_name[new].shape
        # An equal name may mean another tensor altogether: loading says so.
        result[new] = tensor.reshape(wanted) if tensor.numel() == math.prod(wanted) else tensor
    return result, seconds


def applied(edit: ApplyMapping, source: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """What the edit makes of tensors, in plain torch."""
    edit = edit.settled({name: tuple(tensor.shape) for name, tensor in source.items()})
    names = dict(edit.pairs)
    gone = {piece[0] for _, pieces, _ in edit.parts for piece in pieces} | set(edit.drop)
    result = {names.get(name, name): tensor for name, tensor in source.items() if name not in gone}
    for name, pieces, axis in edit.parts:
        result[name] = torch.cat([source[old].narrow(axis, start, size) for old, start, size in pieces], axis)
    for name in edit.transposed:
        result[name] = result[name].permute(*range(result[name].dim())[::-1])
    for name, shape in edit.shapes:
        result[name] = result[name].reshape(shape)
    return result


def by_order(source: dict[str, Tensor], target: Skeleton) -> list[tuple[str, str]]:
    """Keras-like topological loading: the next tensor of the same shape in file order."""
    queues: dict[tuple[int, ...], list[str]] = {}
    for name, tensor in source.items():
        queues.setdefault(tuple(tensor.shape), []).append(name)
    pairs = []
    for entry in target.entries:
        queue = queues.get(entry.shape)
        if queue:
            pairs.append((queue.pop(0), entry.name))
    return pairs


def judge(pair: Pair, methods: Sequence[str]) -> Iterator[tuple[str, Outcome]]:
    """Both orders of one pair, by each method."""
    torch.manual_seed(0)
    source, target = pair.source().eval(), pair.target().eval()
    own.sinusoid_free_init(source, 1)
    skeleton = skeleton_of(target, pair.name)
    inputs = pair.inputs()
    with torch.no_grad():
        expected = tensors_of(call(source, inputs))
    state = dict(source.state_dict())
    for label, ordered in (("", state), (" (sorted)", dict(sorted(state.items())))):
        for method in methods:
            own.sinusoid_free_init(target, 2)
            renamed_state, seconds = mapped(ordered, skeleton, method)
            reason = load(target, renamed_state, pair.own_buffers)
            if not reason:
                with torch.no_grad():
                    got = tensors_of(call(target, inputs))
                same = got.shape == expected.shape
                difference = (got - expected).abs().max().item() if same else float("inf")
                scale = max(1.0, expected.abs().max().item())
                if not difference <= TOLERANCE * scale:
                    reason = f"outputs differ by {difference:.2g}"
            yield method, Outcome(pair.name + label, not reason, reason, seconds, len(state))


def tried(pair: Pair, methods: Sequence[str]) -> Iterator[tuple[str, Outcome]]:
    """As `judge`; a pair that cannot even be made or run is an outcome, too."""
    try:
        yield from judge(pair, methods)
    except Exception as error:  # whatever a library raises
        yield "align", Outcome(pair.name, False, f"cannot run: {type(error).__name__}: {error}"[:200], 0.0, 0)


def call(model: nn.Module, inputs: tuple[Any, ...]) -> Any:
    """The forward pass, with the names that libraries give their inputs."""
    if type(model).__name__ == "WhisperModel":
        return model(input_features=inputs[0], decoder_input_ids=inputs[1])
    return model(*inputs)


SETS = {
    "first": PAIRS,
    "more": MORE,
    "fused": FUSED,
    "blind": BLIND,
    "blind2": BLIND2,
    "blind3": BLIND3,
    "blind4": BLIND4,
    "blind5": BLIND5,
    "blind6": BLIND6,
    "blind7": BLIND7,
}
BASELINES = {"names": "equal names", "order": "order and shape"}


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("-k", default="", help="only pairs whose names contain this")
    parser.add_argument("--set", choices=SETS, action="append", help="only these pairs")
    parser.add_argument("--no-baselines", action="store_true")
    options = parser.parse_args()
    warnings.simplefilter("ignore")
    methods = ("align",) if options.no_baselines else ("align", *BASELINES)
    totals: Counter[str] = Counter()
    slow: list[str] = []
    for name in options.set or SETS:
        counts: Counter[str] = Counter()
        for pair in SETS[name]:
            if options.k not in pair.name:
                continue
            for method, outcome in tried(pair, methods):
                counts[method] += outcome.ok
                if method != "align":
                    continue
                counts["all"] += 1
                limit = LIMIT_SECONDS * max(1.0, outcome.tensors / 1000)
                if outcome.seconds > limit:
                    slow.append(outcome.name)
                mark = "ok  " if outcome.ok else "FAIL"
                told = outcome.reason if outcome.seconds <= limit else f"slower than {limit:.1f} s  {outcome.reason}"
                print(f"{mark} {outcome.name:<42} {outcome.tensors:5} {outcome.seconds:6.2f} s  {told}", flush=True)
        print(said(name, counts, methods), flush=True)
        totals += counts
    print(said("all", totals, methods))
    if slow:
        print(f"too slow: {', '.join(slow)}")
    return 0 if totals["align"] >= WANTED * totals["all"] and not slow else 1


def said(name: str, counts: Counter[str], methods: Sequence[str]) -> str:
    """One set's result beside the baselines."""
    every = counts["all"]
    rest = [f"{BASELINES[method]} {counts[method]}" for method in methods if method != "align"]
    share = counts["align"] / max(every, 1)
    return f"== {name}: {counts['align']} of {every} ({share:.1%})" + "".join(f"; {text}" for text in rest)


if __name__ == "__main__":
    raise SystemExit(main())
