"""How long `align` takes: ordinary, one-sided and hostile names.

    python -m tests.benchmarks.align_time [--rounds 1]

Limits: 2 s for 1,000 tensors, 10 s for 10,000, of the processor: what else the machine does is left out.
"""

from __future__ import annotations

import argparse
import random
import sys
import time
from collections.abc import Callable
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from ckpt_studio.compare.align import align
from ckpt_studio.models.skeleton import Entry, Skeleton

Shapes = dict[str, tuple[int, ...]]
LIMITS = {1_000: 2.0, 10_000: 10.0}

META = ("attention.wq", "attention.wk", "attention.wv", "attention.wo", "feed_forward.w1", "feed_forward.w2",
        "feed_forward.w3", "attention_norm", "ffn_norm")  # fmt: skip
HF = ("self_attn.q_proj", "self_attn.k_proj", "self_attn.v_proj", "self_attn.o_proj", "mlp.gate_proj",
      "mlp.down_proj", "mlp.up_proj", "input_layernorm", "post_attention_layernorm")  # fmt: skip
SIZES = ((64, 64), (64, 64), (64, 64), (64, 64), (160, 64), (64, 160), (160, 64), (64,), (64,))


def stacked(count: int, names: tuple[str, ...], prefix: str) -> Shapes:
    """A decoder in one convention."""
    return {
        f"{prefix}.{layer}.{name}.weight": shape
        for layer in range(-(-count // len(names)))
        for name, shape in zip(names, SIZES, strict=True)
    }


def unrolled(count: int) -> Shapes:
    """The same without any stack: every layer has a name of its own."""
    rng = random.Random(1)
    result: Shapes = {}
    for layer in range(-(-count // len(META))):
        word = "".join(rng.choice("bcdfghjklmnprstvwz") + rng.choice("aeiou") for _ in range(4))
        for name, shape in zip(META, SIZES, strict=True):
            result[f"{word}{layer}_{name}.weight"] = shape
    return result


def words(count: int, seed: int) -> Shapes:
    """Tensors of one shape with names that say nothing."""
    rng = random.Random(seed)
    letters = "abcdefghijklmnopqrstuvwxyz"
    return {"".join(rng.choice(letters) for _ in range(10)) + f".{k}": (16, 16) for k in range(count)}


def convolutions(count: int, head: str) -> Shapes:
    """A deep, narrow network: convolutions of one shape with their BatchNorms, in blocks of two."""
    result: Shapes = {}
    for block in range(-(-count // 12)):
        for place in (1, 2):
            stem = f"{head}.{block // 50}.{block % 50}"
            result[f"{stem}.conv{place}.weight"] = (32, 32, 3, 3)
            for leaf in ("weight", "bias", "running_mean", "running_var"):
                result[f"{stem}.bn{place}.{leaf}"] = (32,)
            result[f"{stem}.bn{place}.num_batches_tracked"] = ()
    return result


CASES: tuple[tuple[str, Callable[[int], tuple[Shapes, Shapes]]], ...] = (
    ("decoder, both in stacks", lambda n: (stacked(n, META, "layers"), stacked(n, HF, "model.layers"))),
    ("the same, names sorted", lambda n: (dict(sorted(stacked(n, META, "layers").items())), stacked(n, HF, "model.layers"))),
    ("stacks on one side only", lambda n: (unrolled(n), stacked(n, HF, "model.layers"))),
    ("one block more", lambda n: (stacked(n + 9, META, "layers"), stacked(n, HF, "model.layers"))),
    ("equal convolutions", lambda n: (convolutions(n, "stage"), convolutions(n, "net.layer"))),
    ("one shape, unrelated words", lambda n: (words(n, 1), words(n, 2))),
    ("equal names", lambda n: (words(n, 1), words(n, 1))),
)  # fmt: skip


def skeleton_of(shapes: Shapes) -> Skeleton:
    """What a model of these tensors expects."""
    return Skeleton("x", "x", tuple(Entry(name, shape, "float32") for name, shape in shapes.items()))


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--rounds", type=int, default=1)
    parser.add_argument("-k", default="")
    options = parser.parse_args()
    missed = 0
    for title, make in CASES:
        if options.k not in title:
            continue
        for count, limit in LIMITS.items():
            source, target = make(count)
            skeleton = skeleton_of(target)
            seconds = []
            for _ in range(options.rounds):
                start = time.process_time()
                align(source, skeleton)
                seconds.append(time.process_time() - start)
            best = min(seconds)
            missed += best > limit
            mark = "ok  " if best <= limit else "SLOW"
            print(f"{mark} {title:<30} {len(source):6,} → {len(target):6,}  {best:6.2f} s of {limit:.0f} s", flush=True)
    return 1 if missed else 0


if __name__ == "__main__":
    raise SystemExit(main())
