"""Which well-known kind of network names belong to, where no catalog has the model: BERT, LLaMA, ViT, an adapter …

A family is known by a few names that nothing else has, its size is read from one of its tensors. The names are those
of the libraries' own modules (transformers `models/*/modeling_*.py`, timm `models/*.py`, diffusers `models/`, and the
repositories the networks come from).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from ckpt_studio.core.jobs import gradually

_NUMBER = re.compile(r"(?<![^.])\d+(?![^.])")


@dataclass(frozen=True)
class Family:
    """What a state dict is a kind of.

    Attributes:
        name: as people call it ("BERT").
        source: whose names these are ("transformers", "timm"); "" when they are everybody's.
        layers: how many blocks are stacked (0: not counted).
        width: size of the vectors between them (0: not known).
        rank: of an adapter's small matrices (0: it is no adapter).
    """

    name: str
    source: str = ""
    layers: int = 0
    width: int = 0
    rank: int = 0


@dataclass(frozen=True)
class _Sign:
    """Names, with # for numbers, that all have to be there as they stand or below something.

    The first one's # counts the layers; `axis` is where its shape has the width (-1: nowhere).
    """

    name: str
    source: str
    names: Sequence[str]
    axis: int = -1


# The special before the general: the first that fits is said.
_SIGNS = (
    _Sign(
        "Stable Diffusion", "CompVis",
        ("model.diffusion_model.input_blocks.#.#.in_layers.#.weight",
         "first_stage_model.decoder.conv_in.weight"),
    ),
    _Sign(
        "Diffusion UNet", "CompVis",
        ("input_blocks.#.#.in_layers.#.weight", "middle_block.#.in_layers.#.weight"),
    ),
    _Sign(
        "Diffusion UNet", "diffusers",
        ("down_blocks.#.resnets.#.conv1.weight", "time_embedding.linear_1.weight"),
    ),
    _Sign("VAE", "diffusers", ("encoder.down_blocks.#.resnets.#.conv1.weight", "decoder.conv_in.weight")),
    _Sign("VAE", "CompVis", ("encoder.down.#.block.#.conv1.weight", "decoder.conv_in.weight")),
    _Sign(
        "Segment Anything (SAM)", "Meta",
        ("image_encoder.blocks.#.attn.qkv.weight", "mask_decoder.iou_token.weight"), 1,
    ),
    _Sign(
        "Segment Anything (SAM)", "transformers",
        ("vision_encoder.layers.#.attn.qkv.weight", "mask_decoder.iou_token.weight"), 1,
    ),
    _Sign("Whisper", "OpenAI", ("encoder.blocks.#.attn.query.weight", "decoder.blocks.#.cross_attn.query.weight"), 1),
    _Sign(
        "Whisper", "transformers",
        ("encoder.layers.#.self_attn.q_proj.weight", "decoder.layers.#.encoder_attn.q_proj.weight",
         "encoder.conv1.weight"), 1,
    ),
    _Sign("DETR", "transformers", ("encoder.layers.#.self_attn.q_proj.weight", "query_position_embeddings.weight"), 1),
    _Sign(
        "BART / Marian", "transformers",
        ("encoder.layers.#.self_attn.q_proj.weight", "decoder.layers.#.encoder_attn.q_proj.weight"), 1,
    ),
    _Sign("DETR", "Meta", ("transformer.encoder.layers.#.self_attn.in_proj_weight", "query_embed.weight"), 1),
    _Sign("CLIP", "OpenAI", ("visual.transformer.resblocks.#.attn.in_proj_weight", "text_projection"), 1),
    _Sign(
        "SigLIP", "transformers",
        ("vision_model.encoder.layers.#.self_attn.q_proj.weight",
         "text_model.encoder.layers.#.self_attn.q_proj.weight", "logit_bias"), 1,
    ),
    _Sign(
        "CLIP", "transformers",
        ("vision_model.encoder.layers.#.self_attn.q_proj.weight",
         "text_model.encoder.layers.#.self_attn.q_proj.weight"), 1,
    ),
    _Sign(
        "CLIP vision", "transformers",
        ("encoder.layers.#.self_attn.q_proj.weight", "embeddings.patch_embedding.weight"), 1,
    ),
    _Sign(
        "CLIP text", "transformers",
        ("encoder.layers.#.self_attn.q_proj.weight", "embeddings.token_embedding.weight"), 1,
    ),
    _Sign(
        "wav2vec 2.0 / HuBERT", "transformers",
        ("encoder.layers.#.attention.q_proj.weight", "feature_extractor.conv_layers.#.conv.weight"), 1,
    ),
    _Sign(
        "wav2vec 2.0 / HuBERT", "fairseq",
        ("encoder.layers.#.self_attn.q_proj.weight", "feature_extractor.conv_layers.#.#.weight"), 1,
    ),
    _Sign("T5", "transformers", ("encoder.block.#.layer.#.SelfAttention.q.weight",), 1),
    _Sign(
        "DINOv2", "transformers",
        ("encoder.layer.#.attention.attention.query.weight", "encoder.layer.#.layer_scale1.lambda1"), 1,
    ),
    _Sign(
        "DINOv2", "transformers",
        ("encoder.layer.#.attention.q_proj.weight", "encoder.layer.#.layer_scale1.lambda1"), 1,
    ),
    _Sign(
        "ViT", "transformers",
        ("encoder.layer.#.attention.attention.query.weight", "embeddings.patch_embeddings.projection.weight"), 1,
    ),
    _Sign("BEiT", "transformers", ("layers.#.attention.q_proj.weight", "layers.#.lambda_1"), 1),
    _Sign(
        "ViT", "transformers",
        ("layers.#.attention.q_proj.weight", "embeddings.patch_embeddings.projection.weight",
         "layers.#.layernorm_before.weight"), 1,
    ),
    _Sign("Swin Transformer", "transformers", ("encoder.layers.#.blocks.#.attention.self.query.weight",)),
    _Sign("Swin Transformer", "transformers", ("encoder.layers.#.blocks.#.attention.q_proj.weight",)),
    _Sign("SegFormer", "transformers", ("encoder.block.#.#.attention.self.query.weight",)),
    _Sign(
        "SegFormer", "transformers",
        ("stages.#.blocks.#.attention.q_proj.weight", "stages.#.patch_embeddings.proj.weight"),
    ),
    _Sign("ALBERT", "transformers", ("albert_layer_groups.#.albert_layers.#.attention.query.weight",)),
    _Sign("ELECTRA", "transformers", ("electra.encoder.layer.#.attention.self.query.weight",), 1),
    _Sign("RoBERTa", "transformers", ("roberta.encoder.layer.#.attention.self.query.weight",), 1),
    _Sign("DeBERTa", "transformers", ("encoder.layer.#.attention.self.query_proj.weight",), 1),
    _Sign("BERT", "transformers", ("bert.encoder.layer.#.attention.self.query.weight",), 1),
    _Sign(
        "BERT / RoBERTa", "transformers",
        ("encoder.layer.#.attention.self.query.weight", "embeddings.word_embeddings.weight"), 1,
    ),
    _Sign("DistilBERT", "transformers", ("transformer.layer.#.attention.q_lin.weight",), 1),
    _Sign("GPT-2", "transformers", ("h.#.attn.c_attn.weight", "wpe.weight"), 0),
    _Sign("GPT-J", "transformers", ("h.#.attn.q_proj.weight", "h.#.mlp.fc_in.weight"), 1),
    _Sign("GPT-NeoX", "transformers", ("layers.#.attention.query_key_value.weight", "embed_in.weight"), 1),
    _Sign("BLOOM", "transformers", ("h.#.self_attention.query_key_value.weight",), 1),
    _Sign("OPT", "transformers", ("decoder.layers.#.self_attn.q_proj.weight", "decoder.embed_positions.weight"), 1),
    _Sign("Mixtral", "transformers", ("layers.#.self_attn.q_proj.weight", "layers.#.block_sparse_moe.gate.weight"), 1),
    _Sign("MoE", "transformers", ("layers.#.self_attn.q_proj.weight", "layers.#.mlp.gate.weight"), 1),
    _Sign(
        "Gemma", "transformers",
        ("layers.#.self_attn.q_proj.weight", "layers.#.pre_feedforward_layernorm.weight"), 1,
    ),
    _Sign(
        "Qwen 3", "transformers",
        ("layers.#.self_attn.q_proj.weight", "layers.#.self_attn.q_norm.weight",
         "layers.#.mlp.gate_proj.weight"), 1,
    ),
    _Sign(
        "Qwen 2", "transformers",
        ("layers.#.self_attn.q_proj.weight", "layers.#.self_attn.q_proj.bias", "layers.#.mlp.gate_proj.weight"), 1,
    ),
    _Sign("Phi-3", "transformers", ("layers.#.self_attn.qkv_proj.weight", "layers.#.mlp.gate_up_proj.weight"), 1),
    _Sign("LLaMA / Mistral", "transformers", ("layers.#.self_attn.q_proj.weight", "layers.#.mlp.gate_proj.weight"), 1),
    _Sign("LLaMA / Mistral", "Meta", ("layers.#.attention.wq.weight", "layers.#.feed_forward.w1.weight"), 1),
    _Sign("Mamba", "", ("layers.#.mixer.A_log", "layers.#.mixer.in_proj.weight")),
    _Sign("RWKV", "", ("blocks.#.att.receptance.weight", "blocks.#.ffn.receptance.weight"), 1),
    _Sign(
        "RWKV", "transformers",
        ("blocks.#.attention.receptance.weight", "blocks.#.feed_forward.receptance.weight"), 1,
    ),
    _Sign("DINOv2", "Meta", ("blocks.#.attn.qkv.weight", "blocks.#.ls1.gamma", "mask_token"), 1),
    _Sign("MAE", "Meta", ("blocks.#.attn.qkv.weight", "decoder_blocks.#.attn.qkv.weight"), 1),
    _Sign("BEiT", "timm", ("blocks.#.attn.qkv.weight", "blocks.#.attn.q_bias"), 1),
    _Sign("ViT", "timm", ("blocks.#.attn.qkv.weight", "patch_embed.proj.weight", "pos_embed"), 1),
    _Sign("EVA", "timm", ("blocks.#.attn.q_proj.weight", "patch_embed.proj.weight", "pos_embed"), 1),
    _Sign("MLP-Mixer", "timm", ("blocks.#.mlp_tokens.fc1.weight", "stem.proj.weight")),
    _Sign(
        "Swin Transformer", "timm",
        ("layers.#.blocks.#.attn.relative_position_bias_table", "patch_embed.proj.weight"),
    ),
    _Sign("ConvNeXt", "timm", ("stages.#.blocks.#.conv_dw.weight", "stages.#.blocks.#.mlp.fc1.weight")),
    _Sign(
        "ConvNeXt", "transformers",
        ("encoder.stages.#.layers.#.dwconv.weight", "encoder.stages.#.layers.#.pwconv1.weight"),
    ),
    _Sign("ConvNeXt", "Meta", ("stages.#.#.dwconv.weight", "stages.#.#.pwconv1.weight")),
    _Sign("EfficientNet / MobileNetV3", "timm", ("blocks.#.#.conv_pw.weight", "conv_stem.weight")),
    _Sign("RegNet", "timm", ("s1.b1.conv1.conv.weight", "s4.b1.conv1.conv.weight")),
    _Sign(
        "ResNet", "transformers",
        ("encoder.stages.#.layers.#.layer.#.convolution.weight", "embedder.embedder.convolution.weight"),
    ),
    _Sign("ResNet", "detectron2", ("res2.#.conv1.weight", "stem.conv1.weight")),
    _Sign("YOLO", "Ultralytics", ("model.#.conv.weight", "model.#.cv1.conv.weight")),
    _Sign("nnU-Net", "", ("encoder.stages.#.#.convs.#.conv.weight", "decoder.stages.#.convs.#.conv.weight")),
    _Sign("U-Net", "", ("inc.double_conv.#.weight", "down1.maxpool_conv.#.double_conv.#.weight")),
    _Sign(
        "nn.Transformer", "PyTorch",
        ("encoder.layers.#.self_attn.in_proj_weight", "decoder.layers.#.multihead_attn.in_proj_weight"), 1,
    ),
    _Sign("nn.TransformerEncoder", "PyTorch", ("layers.#.self_attn.in_proj_weight", "layers.#.linear1.weight"), 1),
)  # fmt: skip
# The small matrices of adapters (peft `tuners/lora/layer.py`, diffusers and kohya-ss's scripts): rank × inputs.
_LOW_RANK = re.compile(r"(^|[._])lora_(A|down|A\.[^.]+)(\.(weight|default\.weight))?$")


def family(shapes: Mapping[str, Sequence[int]]) -> Family | None:
    """The kind of network that these names are of; None when they are of none that is known here.

    Args:
        shapes: of every tensor by its name, in any order.
    """
    if not shapes:
        return None
    numbered: dict[str, str] = {}
    for name in gradually(shapes):
        numbered.setdefault(_NUMBER.sub("#", name), name)
    found = _adapter(shapes, numbered)
    if found is not None:
        return found
    endings = _endings(numbered)
    for sign in _SIGNS:
        if not all(name in endings for name in sign.names):
            continue
        first = endings[sign.names[0]]
        # A network that has such a thing as one of its parts is another network.
        parts = numbered[first].split(".")
        above = "".join(f"{part}." for part in parts[: len(parts) - len(sign.names[0].split("."))])
        if 2 * sum(name.startswith(above) for name in gradually(shapes)) < len(shapes):
            continue
        shape = shapes[numbered[first]]
        width = shape[sign.axis] if 0 <= sign.axis < len(shape) else 0
        # Where stages are counted as well, the number of layers says little.
        layers = _counted(shapes, first, sign.names[0]) if sign.names[0].count("#") == 1 else 0
        return Family(sign.name, sign.source, layers, width)
    return None


def _endings(names: Iterable[str]) -> dict[str, str]:
    """Every end of the names, from a part on, and the name (the first) that has it."""
    wanted = {name for sign in _SIGNS for name in sign.names}
    found: dict[str, str] = {}
    for name in names:
        place = -1
        while True:
            ending = name[place + 1 :]
            if ending in wanted:
                found.setdefault(ending, name)
            place = name.find(".", place + 1)
            if place < 0:
                break
    return found


def _counted(names: Iterable[str], pattern: str, ending: str) -> int:
    """How many numbers the # of the ending has among the names."""
    before = pattern[: len(pattern) - len(ending)].count("#")
    form = re.compile(re.escape(pattern).replace("\\#", "#").replace("#", r"(\d+)"))
    return len({match[before + 1] for match in map(form.fullmatch, names) if match})


def _adapter(shapes: Mapping[str, Sequence[int]], numbered: Mapping[str, str]) -> Family | None:
    small = {pattern: name for pattern, name in numbered.items() if _LOW_RANK.search(pattern)}
    if not small:
        return None
    name = next(iter(small.values()))
    number = _NUMBER.search(name)
    layers = len({match[0] for other in shapes if (match := _NUMBER.search(other))}) if number else 0
    shape = shapes[name]
    return Family("LoRA adapter", "", layers, rank=shape[0] if shape else 0)
