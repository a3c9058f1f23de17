"""Pairs in which one side fuses what the other keeps apart: q, k and v, k and v, gate and up; and transposed ones."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import align_networks_fused as fused
import torch
from align_pairs import BERT, LLAMA, Pair, eps, hf, ids, image, tm, tm_vit, tv_swin, tv_vit
from torch import Tensor

HF_VIT = {
    "hidden_size": 64, "num_hidden_layers": 6, "num_attention_heads": 4, "intermediate_size": 128, "image_size": 32,
    "patch_size": 8, "num_labels": 10, "layer_norm_eps": 1e-6,
}  # fmt: skip
GPT = {"vocab_size": 99, "n_embd": 64, "n_layer": 6, "n_head": 4, "n_positions": 64}
SWIN = {"embed_dim": 32, "depths": [2, 2, 4, 2], "num_heads": [2, 4, 8, 8], "window_size": 7, "num_labels": 10}
MOBILEVIT = {
    "hidden_sizes": [64, 80, 96], "neck_hidden_sizes": [16, 16, 24, 48, 64, 80, 320], "expand_ratio": 2.0,
    "num_labels": 1000,
}  # fmt: skip
CLIP_VISION = {
    "hidden_size": 64, "intermediate_size": 128, "num_hidden_layers": 5, "num_attention_heads": 4, "image_size": 32,
    "patch_size": 8, "projection_dim": 48, "hidden_act": "quick_gelu",
}  # fmt: skip
DINO = {
    "hidden_size": 64, "num_hidden_layers": 5, "num_attention_heads": 4, "mlp_ratio": 2, "image_size": 32,
    "patch_size": 8, "layerscale_value": 0.5,
}  # fmt: skip


def vit(cls: str, **more: Any) -> Callable[[], Any]:
    def make() -> Any:
        import timm.models.vision_transformer as module

        return getattr(module, cls)(
            **{
                "img_size": 32,
                "patch_size": 8,
                "depth": 6,
                "num_heads": 4,
                "embed_dim": 64,
                "mlp_ratio": 2.0,
                "num_classes": 10,
                **more,
            }
        )

    return make


def siglip() -> Any:
    import transformers

    config = transformers.SiglipVisionConfig(
        hidden_size=64, intermediate_size=128, num_hidden_layers=5, num_attention_heads=4, image_size=32, patch_size=8,
        vision_use_head=False, hidden_act="gelu", layer_norm_eps=1e-6,
    )  # fmt: skip
    config._attn_implementation = "eager"
    return fused.Mean(transformers.SiglipVisionModel(config))


def swish_free(model: Any) -> None:
    """Plain sizes of the stem for an input of 224 pixels."""


def floats(*shape: int) -> Callable[[], tuple[Tensor, ...]]:
    return lambda: (torch.randn(*shape, generator=torch.Generator().manual_seed(7)),)


def pixels_224() -> tuple[Tensor, ...]:
    return image(224, batch=1)()


hf_vit = hf("ViTForImageClassification", "ViTConfig", **HF_VIT)
hf_bert = hf("BertModel", "BertConfig", **BERT)
llama = hf("LlamaForCausalLM", "LlamaConfig", **LLAMA, num_key_value_heads=2)
phi3 = hf("Phi3ForCausalLM", "Phi3Config", **LLAMA, num_key_value_heads=2, pad_token_id=0)
gpt2 = hf("GPT2LMHeadModel", "GPT2Config", **GPT)
pvt = hf("PvtV2ForImageClassification", "PvtV2Config", num_labels=1000)
mobilevit = hf("MobileViTForImageClassification", "MobileViTConfig", **MOBILEVIT)
hf_swin = hf("SwinForImageClassification", "SwinConfig", **SWIN)
hf_dino = hf("Dinov2Model", "Dinov2Config", **DINO)
clip_vision = hf("CLIPVisionModelWithProjection", "CLIPVisionConfig", **CLIP_VISION)
opt = hf(
    "BartModel",
    "BartConfig",
    vocab_size=99,
    d_model=32,
    encoder_layers=4,
    decoder_layers=4,
    encoder_ffn_dim=64,
    decoder_ffn_dim=64,
    encoder_attention_heads=4,
    decoder_attention_heads=4,
    max_position_embeddings=40,
)

FUSED: list[Pair] = [
    Pair("tv vit -> hf", tv_vit, hf_vit, image(32), True),
    Pair("hf vit -> tv", hf_vit, tv_vit, image(32), True),
    Pair("timm vit -> hf", tm_vit, hf_vit, image(32), True),
    Pair("hf vit -> timm", hf_vit, tm_vit, image(32), True),
    Pair("tv swin -> hf", eps(tv_swin, 1e-5), hf_swin, image(224, batch=1), True, ("relative_position_index",)),
    Pair("hf swin -> tv", hf_swin, eps(tv_swin, 1e-5), image(224, batch=1), True, ("relative_position_index",)),
    Pair("timm deit distilled -> hf", fused.deit(), hf("DeiTForImageClassificationWithTeacher", "DeiTConfig", **HF_VIT), image(32), True),
    Pair("timm dinov2 -> hf", fused.dino_timm(False), hf_dino, image(32), True, ("mask_token",)),
    Pair("hf dinov2 -> timm", hf_dino, fused.dino_timm(False), image(32), True),
    Pair("timm beit -> hf", fused.beit_timm, fused.beit_hf, image(32), True, ("relative_position_index",)),
    Pair("hf beit -> timm", fused.beit_hf, fused.beit_timm, image(32), True, ("relative_position_index", "k_bias")),
    Pair("timm pvt_v2 -> hf", tm("pvt_v2_b0"), pvt, image(64), True),
    Pair("hf pvt_v2 -> timm", pvt, tm("pvt_v2_b0"), image(64), True),
    Pair("timm mobilevit -> hf", tm("mobilevit_xxs"), mobilevit, image(64), True),
    Pair("hf mobilevit -> timm", mobilevit, tm("mobilevit_xxs"), image(64), True),
    Pair("openai clip -> hf", fused.OpenClipVision, clip_vision, image(32), True, ("position_ids",)),
    Pair("hf clip -> openai", clip_vision, fused.OpenClipVision, image(32), True),
    Pair("timm siglip -> hf", fused.siglip_timm, siglip, image(32), True, ("position_ids",)),
    Pair("hf bert -> torch", hf_bert, fused.TorchBert, ids(99), True),
    Pair("torch -> hf bert", fused.TorchBert, hf_bert, ids(99), True, ("pooler.dense.weight", "pooler.dense.bias")),
    Pair("hf gpt2 -> mingpt", gpt2, fused.MinGpt, ids(99), True),
    Pair("mingpt -> hf gpt2", fused.MinGpt, gpt2, ids(99), True),
    Pair("hf gpt2 -> nanogpt", gpt2, fused.NanoGpt, ids(99), True),
    Pair("nanogpt -> hf gpt2", fused.NanoGpt, gpt2, ids(99), True),
    Pair("nanogpt -> mingpt", fused.NanoGpt, fused.MinGpt, ids(99), True),
    Pair("phi3 -> llama", phi3, llama, ids(99), True),
    Pair("llama -> phi3", llama, phi3, ids(99), True),
    Pair("bart -> torch decoder", fused.SeparateDecoder, fused.TorchDecoder, floats(2, 7, 32), True),
    Pair("torch decoder -> bart", fused.TorchDecoder, fused.SeparateDecoder, floats(2, 7, 32), True),
    Pair("tf bert -> hf", fused.TfBert, hf_bert, ids(99), True),
]  # fmt: skip
