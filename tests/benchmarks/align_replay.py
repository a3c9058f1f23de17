"""A mapping made for one model, replayed on another of its family: deeper, shallower, wider. Judged by function.

    python -m tests.benchmarks.align_replay [-k PART]

Each mapping is found on the first pair of implementations and kept as a recipe; its rules then have to map the second
pair, which has another depth or width, so that strict loading succeeds and both give the same output.
"""

from __future__ import annotations

import argparse
import sys
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))
sys.path.insert(0, str(Path(__file__).resolve().parent))

import align_networks as own
import align_networks_fused as fused
from align_function import TOLERANCE, applied, call, load, skeleton_of, tensors_of
from align_pairs import BERT, LLAMA, Maker, called, hf, ids, image, resnet_hf, tm, tv
from align_pairs_fused import GPT, HF_VIT
from align_pairs_more import luke_efficientnet

from ckpt_studio.compare.align import align, alignment_edit
from ckpt_studio.core.edits import ApplyMapping, Recipe


@dataclass(frozen=True)
class Family:
    """Two implementations of a family of models, as functions of what tells its members apart.

    Attributes:
        name: for the table.
        source, target: an implementation for each member.
        first: the member the mapping is found on.
        others: those it is replayed on.
        inputs: what both are given.
    """

    name: str
    source: Callable[[Any], Maker]
    target: Callable[[Any], Maker]
    first: Any
    others: tuple[Any, ...]
    inputs: Callable[[], tuple[Any, ...]]
    own_buffers: tuple[str, ...] = ()


def timm_vit(size: tuple[int, int]) -> Maker:
    def make() -> Any:
        from timm.models.vision_transformer import VisionTransformer

        depth, dim = size
        return VisionTransformer(
            img_size=32, patch_size=8, depth=depth, num_heads=4, embed_dim=dim, mlp_ratio=2.0, num_classes=10
        )

    return make


def tv_vit(size: tuple[int, int]) -> Maker:
    def make() -> Any:
        from torchvision.models.vision_transformer import VisionTransformer

        depth, dim = size
        return VisionTransformer(32, 8, depth, 4, dim, 2 * dim, num_classes=10)

    return make


def hf_vit(size: tuple[int, int]) -> Maker:
    depth, dim = size
    config = {**HF_VIT, "num_hidden_layers": depth, "hidden_size": dim, "intermediate_size": 2 * dim}
    return hf("ViTForImageClassification", "ViTConfig", **config)


def meta_llama(layers: int) -> Maker:
    return lambda: own.MetaLlama(layers=layers)


def hf_llama(layers: int, **more: Any) -> Maker:
    return hf("LlamaForCausalLM", "LlamaConfig", **{**LLAMA, "num_hidden_layers": layers}, **more)


def grouped(size: tuple[int, int, int]) -> dict[str, Any]:
    """Layers, hidden size and heads; a quarter of the heads have keys and values."""
    layers, hidden, heads = size
    return {
        "num_hidden_layers": layers, "hidden_size": hidden, "num_attention_heads": heads, "vocab_size": 99,
        "num_key_value_heads": heads // 4, "intermediate_size": 2 * hidden, "rms_norm_eps": 1e-6, "pad_token_id": 0,
    }  # fmt: skip


def bert(layers: int) -> Maker:
    return hf("BertModel", "BertConfig", **{**BERT, "num_hidden_layers": layers})


def gpt(layers: int) -> Maker:
    return hf("GPT2LMHeadModel", "GPT2Config", **{**GPT, "n_layer": layers})


def mini_gpt(layers: int) -> Maker:
    return lambda: fused.MinGpt(layers=layers)


RESNETS = {50: (3, 4, 6, 3), 101: (3, 4, 23, 3), 152: (3, 8, 36, 3)}


def resnet(depth: int) -> Maker:
    return tv(f"resnet{depth}")


def resnet_of_transformers(depth: int) -> Maker:
    return resnet_hf(RESNETS[depth])


def resnet_of_detectron(depth: int) -> Maker:
    """Its names: stem.conv1.norm, res2.0.shortcut, linear."""

    def name_of(name: str) -> str:
        import re

        name = re.sub(r"^conv1\.", "stem.conv1.", re.sub(r"^bn1\.", "stem.conv1.norm.", name))
        name = re.sub(r"layer(\d)", lambda found: f"res{int(found[1]) + 1}", name)
        name = re.sub(r"bn(\d)\.", r"conv\1.norm.", name)
        return (
            name.replace("downsample.0", "shortcut").replace("downsample.1", "shortcut.norm").replace("fc.", "linear.")
        )

    return called(resnet(depth), name_of)


def efficientnet(number: int) -> Maker:
    return tm(f"efficientnet_b{number}")


DEPTHS = {0: (1, 2, 2, 3, 3, 4, 1), 1: (2, 3, 3, 4, 4, 5, 2), 3: (2, 3, 3, 5, 5, 6, 2)}
FAMILIES = [
    Family("timm vit -> hf", timm_vit, hf_vit, (6, 64), ((12, 64), (2, 64), (12, 128)), image(32)),
    Family("hf vit -> timm", hf_vit, timm_vit, (6, 64), ((12, 64), (12, 128)), image(32)),
    Family("tv vit -> timm", tv_vit, timm_vit, (6, 64), ((12, 128),), image(32)),
    Family("llama meta -> hf", meta_llama, hf_llama, 2, (8, 1), ids(99)),
    Family("llama hf -> meta", hf_llama, meta_llama, 2, (8,), ids(99)),
    Family(
        "phi3 -> llama, grouped heads",
        lambda size: hf("Phi3ForCausalLM", "Phi3Config", **grouped(size)),
        lambda size: hf("LlamaForCausalLM", "LlamaConfig", **grouped(size)),
        (3, 64, 8), ((8, 64, 8), (4, 128, 16)), ids(99),
    ),
    Family("hf bert -> torch", bert, lambda n: lambda: fused.TorchBert(layers=n), 4, (12,), ids(99)),
    Family(
        "torch -> hf bert", lambda n: lambda: fused.TorchBert(layers=n), bert, 4, (12,), ids(99),
        ("pooler.dense.weight", "pooler.dense.bias"),
    ),
    Family("hf gpt2 -> mingpt", gpt, mini_gpt, 3, (9,), ids(99)),
    Family("mingpt -> hf gpt2", mini_gpt, gpt, 3, (9,), ids(99)),
    Family("tv resnet50 -> hf", resnet, resnet_of_transformers, 50, (101, 152), image()),
    Family("hf -> tv resnet50", resnet_of_transformers, resnet, 50, (101,), image()),
    Family("detectron2 -> tv resnet50", resnet_of_detectron, resnet, 50, (101, 152), image()),
    Family(
        "timm efficientnet -> luke", efficientnet, lambda n: luke_efficientnet(efficientnet(n), DEPTHS[n]), 0, (1, 3),
        image(),
    ),
]  # fmt: skip


def judge(family: Family) -> list[tuple[str, str]]:
    """(what was tried, "" or why it failed) for the first member, the others, and the recipe's text."""
    source, target = family.source(family.first)().eval(), family.target(family.first)().eval()
    shapes = {name: tuple(tensor.shape) for name, tensor in source.state_dict().items()}
    edit = alignment_edit(align(shapes, skeleton_of(target, family.name)), shapes)
    assert edit is not None
    edit = Recipe.from_json(Recipe((edit,)).to_json()).edits[0]
    assert isinstance(edit, ApplyMapping)
    told = [(f"{family.first}: {len(edit.rules)} rules, {len(edit.pairs) + len(edit.parts)} names", "")]
    for member in (family.first, *family.others):
        told.append((str(member), tried(family, edit, member)))
    return told


def tried(family: Family, edit: ApplyMapping, member: Any) -> str:
    """Why the mapping does not serve this member; "" when it does."""
    torch.manual_seed(0)
    source, target = family.source(member)().eval(), family.target(member)().eval()
    own.sinusoid_free_init(source, 1)
    own.sinusoid_free_init(target, 2)
    inputs = family.inputs()
    with torch.no_grad():
        expected: Tensor = tensors_of(call(source, inputs))
        reason = load(target, applied(edit, dict(source.state_dict())), family.own_buffers)
        if reason:
            return reason
        difference = (tensors_of(call(target, inputs)) - expected).abs().max().item()
    return "" if difference <= TOLERANCE * max(1.0, expected.abs().max().item()) else f"differs by {difference:.2g}"


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("-k", default="", help="only families whose names contain this")
    options = parser.parse_args()
    warnings.simplefilter("ignore")
    failed = 0
    for family in FAMILIES:
        if options.k in family.name:
            for what, reason in judge(family):
                failed += bool(reason)
                print(f"{'FAIL' if reason else 'ok  '} {family.name:<30} {what:<36} {reason}", flush=True)
    return 1 if failed else 0


if __name__ == "__main__":
    raise SystemExit(main())
