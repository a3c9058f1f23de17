"""A fifth blind set, written by somebody who had not seen how names are found: 49 of 52 at first sight.

What failed: RexNet from timm (sorted), asked about; and a TCN that holds its layers under two names, of which only one
could be had from a checkpoint with one: filling completes such twins, and the benchmark now does as filling does.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import align_networks_blind5 as five
import torch
from align_networks_blind5 import stored
from align_pairs import Maker, Pair, called, eps, fix, hf, image, renamed, tm, tv
from align_pairs_blind import floats
from align_pairs_blind2 import Rule, registered
from align_pairs_blind3 import both_ways
from torch import Tensor, nn


def features(make: Maker) -> Maker:
    """What a model of timm answers before its head."""

    def change(model: Any) -> None:
        model.forward = model.forward_features

    return fix(make, change)


def maps(make: Maker) -> Maker:
    """All feature maps of a backbone, in one row."""

    def change(model: Any) -> None:
        plain = model.forward

        def forward(x: Tensor) -> Tensor:
            told = plain(x)
            return torch.cat([value.flatten() for value in getattr(told, "feature_maps", told)])

        model.forward = forward

    return fix(make, change)


def watched(make: Maker, pattern: str) -> Maker:
    """What these parts answer too, each in its own scale: deep in a random network the first layers hardly count."""

    def change(model: Any) -> None:
        plain = model.forward
        told: list[Tensor] = []

        def keep(_module: nn.Module, _inputs: Any, output: Any) -> None:
            value = output if isinstance(output, Tensor) else output[0]
            told.append((value / value.abs().max()).flatten(2).mean(2).flatten())

        for name, module in model.named_modules():
            if re.search(pattern, name):
                module.register_forward_hook(keep)

        def forward(*inputs: Any) -> Tensor:
            told.clear()
            output = plain(*inputs)
            return torch.cat([getattr(output, "logits", output).flatten(), *told])

        model.forward = forward

    return fix(make, change)


def tokens(count: int, length: int) -> Callable[[], tuple[Tensor, ...]]:
    return lambda: (torch.randint(1, count, (2, length), generator=torch.Generator().manual_seed(5)),)


timm_aimv2 = features(
    tm("aimv2_large_patch14_224", img_size=28, embed_dim=48, depth=5, num_heads=3, mlp_ratio=2.0, num_classes=0)
)  # fmt: skip
hf_aimv2 = hf(
    "Aimv2VisionModel", "Aimv2VisionConfig", hidden_size=48, num_hidden_layers=5, num_attention_heads=3,
    intermediate_size=96, image_size=28, patch_size=14, use_head=False,
)  # fmt: skip
HGNET = r"stem\w+$|layers\.\d$|aggregation\.\d$"
timm_hgnet = watched(maps(tm("hgnetv2_b0", features_only=True, out_indices=(0, 1, 2, 3))), HGNET)
hf_hgnet = maps(
    hf(
        "HGNetV2Backbone", "HGNetV2Config", stem_channels=[3, 16, 16], stage_in_channels=[16, 64, 256, 512],
        stage_mid_channels=[16, 32, 64, 128], stage_out_channels=[64, 256, 512, 1024], stage_num_blocks=[1, 1, 2, 1],
        stage_numb_of_layers=[3, 3, 3, 3], use_learnable_affine_block=True, hidden_sizes=[64, 256, 512, 1024],
        depths=[1, 1, 2, 1], out_features=["stage1", "stage2", "stage3", "stage4"],
    )
)  # fmt: skip
hf_hgnet = watched(hf_hgnet, HGNET)
timm_efficientnet = watched(eps(tm("tf_efficientnet_b0"), 1e-3), r"^blocks\.\d\.\d$")
hf_efficientnet = eps(
    hf(
        "EfficientNetForImageClassification", "EfficientNetConfig", width_coefficient=1.0, depth_coefficient=1.0,
        hidden_dim=1280, num_labels=1000, image_size=224,
    ),
    1e-3,
)  # fmt: skip
hf_efficientnet = watched(hf_efficientnet, r"encoder\.blocks\.\d+$")
timm_dino = features(tm("vit_small_patch16_dinov3", img_size=48, embed_dim=48, depth=6, num_heads=3, num_classes=0))
hf_dino = hf(
    "DINOv3ViTModel", "DINOv3ViTConfig", hidden_size=48, num_hidden_layers=6, num_attention_heads=3,
    intermediate_size=192, image_size=48, num_register_tokens=4, query_bias=False, value_bias=False,
)  # fmt: skip

timm_rexnet = watched(tm("rexnet_100", width_mult=0.5, num_classes=10), r"^features\.\d+$")


def clovaai_name(name: str) -> str:
    """ReXNet's first names: everything in one row of features, and every block one row of layers."""
    name = re.sub(r"^stem\.conv", "features.0", re.sub(r"^stem\.bn", "features.1", name))
    name = re.sub(r"^features\.16\.conv", "features.19", re.sub(r"^features\.16\.bn", "features.20", name))
    name = name.replace("head.fc", "output.1")
    found = re.match(r"features\.(\d+)\.(conv_exp|conv_dw|se|conv_pwl)\.(\w+)\.(\w+)$", name)
    if found is None:
        return name
    block, part, what, last = int(found[1]), found[2], found[3], found[4]
    start = 0 if block == 0 else 3
    if part == "se":
        return f"features.{block + 3}.out.5.fc.{ {'fc1': 0, 'bn': 1, 'fc2': 3}[what] }.{last}"
    place = {"conv_exp": 0, "conv_dw": start, "conv_pwl": start + (4 if block > 2 else 3)}[part] + (what == "bn")
    return f"features.{block + 3}.out.{place}.{last}"


clovaai = stored(called(timm_rexnet, clovaai_name), shapes=((r"^output\.1\.weight", "conv2"),))


def averaged(model: Any) -> None:
    """Any size of picture, any number of frames."""
    model.avgpool = nn.AdaptiveAvgPool3d(1)


tv_s3d = watched(fix(tv("s3d", num_classes=20), averaged), r"^features\.\d+$")
KYLEMIN: tuple[Rule, ...] = (
    (r"^features\.([03])\.0\.0", r"base.\1.conv_s"), (r"^features\.([03])\.0\.1", r"base.\1.bn_s"),
    (r"^features\.([03])\.1\.0", r"base.\1.conv_t"), (r"^features\.([03])\.1\.1", r"base.\1.bn_t"),
    (r"^features\.2\.0", "base.2.conv"), (r"^features\.2\.1", "base.2.bn"), (r"^features", "base"),
    (r"branch0\.0", "branch0.0.conv"), (r"branch0\.1", "branch0.0.bn"),
    (r"branch3\.1\.0", "branch3.1.conv"), (r"branch3\.1\.1", "branch3.1.bn"),
    (r"branch([12])\.0\.0", r"branch\1.0.conv"), (r"branch([12])\.0\.1", r"branch\1.0.bn"),
    (r"branch([12])\.1\.0\.0", r"branch\1.1.conv_s"), (r"branch([12])\.1\.0\.1", r"branch\1.1.bn_s"),
    (r"branch([12])\.1\.1\.0", r"branch\1.1.conv_t"), (r"branch([12])\.1\.1\.1", r"branch\1.1.bn_t"),
    (r"^classifier\.1", "fc.0"), (r"^", "module."),
)  # fmt: skip
kylemin = renamed(tv_s3d, *KYLEMIN)


def sounded(model: Any) -> None:
    """Sound through all parts of a codec, without the choice of codes; weights normed as in training."""
    model.apply_weight_norm()

    def forward(x: Tensor) -> Tensor:
        x = model.encoder(x)
        for k, quantizer in enumerate(model.quantizer.quantizers, 1):
            x = x + quantizer.out_proj(quantizer.in_proj(x) * k + quantizer.codebook.weight.std(0)[:, None]) / k
        return model.decoder(x)

    model.forward = forward


hf_dac = fix(
    hf(
        "DacModel", "DacConfig", encoder_hidden_size=8, downsampling_ratios=[2, 4, 4], decoder_hidden_size=64,
        n_codebooks=3, codebook_size=16, codebook_dim=4, upsampling_ratios=[4, 4, 2], hidden_size=16,
    ),
    sounded,
)  # fmt: skip
DESCRIPT: tuple[Rule, ...] = (
    (r"parametrizations\.weight\.original0", "weight_g"), (r"parametrizations\.weight\.original1", "weight_v"),
    (r"snake1", "0"), (r"snake2", "2"),
    (r"^encoder\.block\.(\d)\.res_unit(\d)\.conv(\d)", lambda m: f"encoder.block.{int(m[1]) + 1}.block.{int(m[2]) - 1}.block.{2 * int(m[3]) - 1}"),
    (r"^encoder\.block\.(\d)\.res_unit(\d)\.(\d)", lambda m: f"encoder.block.{int(m[1]) + 1}.block.{int(m[2]) - 1}.block.{m[3]}"),
    (r"^encoder\.block\.(\d)\.0\.", lambda m: f"encoder.block.{int(m[1]) + 1}.block.3."),
    (r"^encoder\.block\.(\d)\.conv1", lambda m: f"encoder.block.{int(m[1]) + 1}.block.4"),
    (r"^encoder\.conv1", "encoder.block.0"), (r"^encoder\.0", "encoder.block.4"), (r"^encoder\.conv2", "encoder.block.5"),
    (r"^decoder\.block\.(\d)\.res_unit(\d)\.conv(\d)", lambda m: f"decoder.model.{int(m[1]) + 1}.block.{int(m[2]) + 1}.block.{2 * int(m[3]) - 1}"),
    (r"^decoder\.block\.(\d)\.res_unit(\d)\.(\d)", lambda m: f"decoder.model.{int(m[1]) + 1}.block.{int(m[2]) + 1}.block.{m[3]}"),
    (r"^decoder\.block\.(\d)\.0\.", lambda m: f"decoder.model.{int(m[1]) + 1}.block.0."),
    (r"^decoder\.block\.(\d)\.conv_t1", lambda m: f"decoder.model.{int(m[1]) + 1}.block.1"),
    (r"^decoder\.conv1", "decoder.model.0"), (r"^decoder\.0", "decoder.model.4"), (r"^decoder\.conv2", "decoder.model.5"),
)  # fmt: skip
descript = registered(renamed(hf_dac, *DESCRIPT), "encoder", "quantizer", "decoder")

hf_ast = hf(
    "ASTForAudioClassification", "ASTConfig", hidden_size=48, num_hidden_layers=6, num_attention_heads=3,
    intermediate_size=96, max_length=64, num_mel_bins=32, num_labels=7,
)  # fmt: skip
AST: tuple[Rule, ...] = (
    (r"^audio_spectrogram_transformer\.", "module.v."), (r"embeddings\.cls_token", "cls_token"),
    (r"embeddings\.distillation_token", "dist_token"), (r"embeddings\.position_embeddings", "pos_embed"),
    (r"embeddings\.patch_embeddings\.projection", "patch_embed.proj"), (r"v\.layers\.", "v.blocks."),
    (r"attention\.o_proj", "attn.proj"), (r"attention", "attn"), (r"layernorm_before", "norm1"), (r"layernorm_after", "norm2"),
    (r"v\.layernorm", "v.norm"), (r"^classifier\.layernorm", "module.mlp_head.0"), (r"^classifier\.dense", "module.mlp_head.1"),
)  # fmt: skip
AST_JOINTS = ((r"attention\.q_proj\.", ("attention.k_proj.", "attention.v_proj."), "attention.qkv."),)
yuan_gong = registered(
    renamed(stored(hf_ast, AST_JOINTS), *AST), "cls_token", "pos_embed", "dist_token", "patch_embed", "blocks", "norm1",
    "attn", "norm2", "mlp",
)  # fmt: skip

hf_patchtst = hf(
    "PatchTSTForPrediction", "PatchTSTConfig", num_input_channels=3, context_length=64, patch_length=16, patch_stride=8,
    num_hidden_layers=4, d_model=32, num_attention_heads=4, ffn_dim=64, prediction_length=16, pooling_type=None,
)  # fmt: skip
YUQINIE: tuple[Rule, ...] = (
    (r"^model\.encoder\.embedder\.input_embedding", "model.backbone.W_P"),
    (r"^model\.encoder\.positional_encoder\.position_enc", "model.backbone.W_pos"),
    (r"^model\.encoder\.layers", "model.backbone.encoder.layers"), (r"(q|k|v)_proj", lambda m: f"W_{m[1].upper()}"),
    (r"out_proj", "to_out.0"), (r"norm_sublayer1\.batchnorm", "norm_attn.1"), (r"norm_sublayer3\.batchnorm", "norm_ffn.1"),
    (r"^head\.projection", "model.head.linear"),
)  # fmt: skip
yuqinie = registered(renamed(hf_patchtst, *YUQINIE), "W_pos", "W_P", "W_Q", "W_K", "W_V", "to_out")

BLIND5: list[Pair] = [
    *both_ways("timm aimv2 <-> hf", timm_aimv2, hf_aimv2, image(28)),
    *both_ways("timm hgnetv2 features <-> hf", timm_hgnet, hf_hgnet, image(64)),
    Pair("hf efficientnet -> timm", hf_efficientnet, timm_efficientnet, image(64)),
    *both_ways("timm dinov3 <-> hf", timm_dino, hf_dino, image(48), ("mask_token",)),
    *both_ways("clovaai rexnet <-> timm", clovaai, timm_rexnet, image(64)),
    *both_ways("kylemin s3d <-> tv", kylemin, tv_s3d, floats(1, 3, 8, 32, 32)),
    Pair("descript dac -> hf", descript, hf_dac, floats(1, 1, 320)),
    *both_ways("yuan gong ast <-> hf", yuan_gong, hf_ast, floats(2, 64, 32)),
    *both_ways("yuqinie patchtst <-> hf", yuqinie, hf_patchtst, floats(2, 64, 3)),
    *both_ways("junyanz pix2pix <-> aladdin", five.JunyanzPix2pix, five.AladdinPix2pix, image(128, batch=1)),
    *both_ways("pmixer sasrec <-> recbole names", five.PmixerSasRec, five.BoleSasRec, tokens(80, 12)),
    *both_ways("weiaicunzai resnet34 <-> one row", five.CifarResNet, five.StudentResNet, image(32)),
    *both_ways("locuslab tcn <-> own", five.LocusTcn, five.OwnTcn, floats(3, 10, 40)),
    *both_ways("stable-baselines3 sac <-> cleanrl", five.StableSac, five.CleanSac, floats(5, 17), ("action_scale", "action_bias")),
]  # fmt: skip
